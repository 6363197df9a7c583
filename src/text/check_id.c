/* Numbers of records, accounts, licences, devices, cards; and what nets are written with. */
#include "pattern_internal.h"

/* ---------------------------------------------------------------- check digits */

/* The letters and digits of [start, end), marks left out; at most `max`, else 0. */
static unsigned plain_of(const text_scan *s, uint32_t start, uint32_t end, char *out, unsigned max)
{
    unsigned n = 0;
    for (uint32_t i = start; i < end; i++)
        if (ch_word(s->l[i])) {
            if (n == max)
                return 0;
            out[n++] = s->l[i];
        }
    return n;
}

/* ISO/IEC 7812-1 annex B */
static bool luhn(const char *d, unsigned n)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < n; i++) {
        unsigned v = (unsigned)(d[n - 1 - i] - '0');
        if (i & 1)
            v = v * 2 > 9 ? v * 2 - 9 : v * 2;
        sum += v;
    }
    return sum % 10 == 0;
}

/* ISO 13616: mod 97 */
static bool iban_ok(const char *d, unsigned n)
{
    unsigned rest = 0;
    for (unsigned i = 0; i < n; i++) {
        char c = d[(i + 4) % n];
        rest = tw_is_digit(c) ? rest * 10 + (unsigned)(c - '0') : rest * 100 + (unsigned)(c - 'a' + 10);
        rest %= 97;
    }
    return rest == 1;
}

/* NHS Data Dictionary, NHS NUMBER: weights 10 to 2, mod 11 */
static bool nhs_ok(const char *d)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < 9; i++)
        sum += (unsigned)(d[i] - '0') * (10 - i);
    unsigned check = 11 - sum % 11;
    return (check == 11 ? 0 : check) == (unsigned)(d[9] - '0') && check != 10;
}

/* 49 CFR 565.15: transliteration, weights, mod 11 */
static bool vin_ok(const char *d)
{
    static const unsigned weight[17] = { 8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2 };
    static const char letters[] = "abcdefgh_jklmn_p_r__stuvwxyz";
    unsigned sum = 0;
    for (unsigned i = 0; i < 17; i++) {
        const char *l = strchr(letters, d[i]);
        if (d[i] == '_' || (!tw_is_digit(d[i]) && !l))
            return false;
        unsigned at_letter = l ? (unsigned)(l - letters) : 0;
        unsigned v = tw_is_digit(d[i]) ? (unsigned)(d[i] - '0')
                     : at_letter < 20  ? at_letter % 9 + 1
                                       : at_letter - 20 + 2;
        sum += v * weight[i];
    }
    unsigned check = sum % 11;
    return d[8] == (check == 10 ? 'x' : (char)('0' + check));
}

/* ---------------------------------------------------------------- forms without a key */

/* Start of the token of letters, digits, hyphens and slashes around `digit`. */
static uint32_t token_start(const text_scan *s, uint32_t digit)
{
    uint32_t i = digit;
    while (i > 0 && (ch_word(s->l[i - 1]) || ((s->l[i - 1] == '-' || s->l[i - 1] == '/' || s->l[i - 1] == '_') &&
                                              i > 1 && ch_word(s->l[i - 2]))))
        if (digit - --i == REACH)
            return digit;
    return i;
}

static uint32_t token_end(const text_scan *s, uint32_t i)
{
    uint32_t from = i;
    while (i < s->n && i - from < 2 * REACH &&
           (ch_word(s->l[i]) || ((s->l[i] == '-' || s->l[i] == '/' || s->l[i] == '_') && ch_word(at(s, i + 1)))))
        i++;
    return character_at(s, i);
}

static void tally(const text_scan *s, uint32_t start, uint32_t end, unsigned *letters, unsigned *digits)
{
    *letters = *digits = 0;
    for (uint32_t i = start; i < end; i++) {
        *digits += tw_is_digit(s->l[i]);
        *letters += ch_alpha(s->l[i]);
    }
}

/* Card numbers: 13 to 19 digits in groups of four or none. */
static bool check_card(text_scan *s, uint32_t digit)
{
    char d[20];
    uint32_t end = digit, i = digit;
    for (unsigned group = 0; group < 5; group++) {
        uint32_t stop = digits_end(s, i);
        if (stop == i)
            break;
        end = stop;
        if (!(at(s, stop) == ' ' || at(s, stop) == '-') || !tw_is_digit(at(s, stop + 1)) || stop - i > 6)
            break;
        i = stop + 1;
    }
    unsigned n = plain_of(s, digit, end, d, 19);
    if (n < 12 || !bordered(s, digit, end) || !luhn(d, n))
        return false;
    hit_add(s, digit, end, HIT_ID_CHECKED, true);
    return true;
}

/* NNN-NN-NNNN, and the NHS number NNN NNN NNNN. */
static bool check_ssn(text_scan *s, uint32_t digit)
{
    uint32_t i = digit;
    static const uint8_t ssn[3] = { 3, 2, 4 };
    for (unsigned k = 0; k < 3; k++) {
        uint32_t end = digits_end(s, i);
        if (end - i != ssn[k])
            return false;
        i = end;
        if (k < 2) {
            if (at(s, i) != '-' && at(s, i) != ' ' && at(s, i) != '.')
                return false;
            i++;
        }
    }
    if (!bordered(s, digit, i) || (at(s, i) == '-' && tw_is_digit(at(s, i + 1))))
        return false;
    hit_add(s, digit, i, HIT_ID_CHECKED, true);
    return true;
}

/* "p.W557_K558del", "NM_007294": HGVS names a change of a protein or a gene. */
static bool variant_of_gene(const text_scan *s, uint32_t i)
{
    char kind = i > 1 && s->l[i - 1] == '.' ? s->l[i - 2] : '\0';
    return kind == 'p' || kind == 'c' || kind == 'g' ||
           (at(s, i + 2) == '_' && word_in((tw_str){ s->l + i, 2 }, "nm np nc ng nr"));
}

/* A token of letters and digits that no word, dose or code of medicine is. */
static bool check_code(text_scan *s, uint32_t digit)
{
    uint32_t start = token_start(s, digit), end = token_end(s, digit);
    unsigned letters, digits;
    char d[34];
    tally(s, start, end, &letters, &digits);
    if (start < s->number_end && start != digit)
        return false;
    unsigned n = plain_of(s, start, end, d, 34);
    if (n == 17 && letters && vin_ok(d)) {
        hit_add(s, start, end, HIT_ID_CHECKED, true);
        return true;
    }
    if (n >= 15 && n <= 34 && !tw_is_digit(d[0]) && !tw_is_digit(d[1]) && tw_is_digit(d[2]) && tw_is_digit(d[3]) &&
        iban_ok(d, n)) {
        hit_add(s, start, end, HIT_ID_CHECKED, true);
        return true;
    }
    if (letters == 0 || variant_of_gene(s, start))
        return false;
    uint32_t tail = end;
    while (tail > start && ch_alpha(s->l[tail - 1]))
        tail--;
    bool dose = tw_is_digit(s->l[start]) && end - tail == letters && unit_follows(s, tail);
    if (digits < 4 || dose || letters > 12 || at(s, end) == '@')
        return false;
    bool runs = false; /* three digits beside each other: "M1E0S0T1C0" has none */
    for (uint32_t i = start; i + 2 < end; i++)
        runs = runs || (tw_is_digit(s->l[i]) && tw_is_digit(s->l[i + 1]) && tw_is_digit(s->l[i + 2]));
    bool sure = digits >= 5 && runs && !code_system_near(s, digit) && !memchr(s->l + start, '/', end - start);
    hit_add(s, start, end, HIT_ID_CODE, sure);
    return sure;
}

/* Codes of medicine and of trade follow their system's name, several to a line. */
bool code_system_near(const text_scan *s, uint32_t i)
{
    uint32_t from = i > 90 ? i - 90 : 0;
    tw_str word;
    for (uint32_t p = i; p > from; p = (uint32_t)(word.p - s->l)) {
        while (p > from && !ch_alpha(s->l[p - 1]) && s->l[p - 1] != '\n')
            p--;
        word = word_before(s, p, "");
        if (word.n == 0)
            return false;
        if (word_in(word, "ndc snomed sct cpt rxcui drg gtin loinc hcpcs icd icd-10 read dm+d omim orpha dictionary "
                          "meddra lcd udi-di "
                          "isrctn nct din atc"))
            return true;
        if (p < i && word_in(word, "mrn phone tel fax id acct account"))
            return false;
    }
    return false;
}

/* Two times of day or two years: "0900-1000", "1951-1988". */
static bool span_of_times(const text_scan *s, uint32_t digit)
{
    uint32_t end = digits_end(s, digit), stop = digits_end(s, end + 1);
    if (end - digit != 4 || at(s, end) != '-' || stop - end != 5)
        return false;
    int32_t a = number_at(s, digit, end), b = number_at(s, end + 1, stop);
    bool times = a / 100 <= 24 && a % 100 < 60 && b / 100 <= 24 && b % 100 < 60;
    return times || (a >= 1850 && a <= 2100 && b >= 1850 && b <= 2100);
}

/* "xxx-xx-1234" */
static bool check_masked(text_scan *s, uint32_t digit)
{
    uint32_t end = digits_end(s, digit);
    if (end - digit != 4 || digit < 7 || ch_word(at(s, end)))
        return false;
    const char *p = s->l + digit - 7;
    if (memcmp(p, "xxx-xx-", 7) != 0 && memcmp(p, "***-**-", 7) != 0)
        return false;
    hit_add(s, digit - 7, end, HIT_ID_CHECKED, true);
    return true;
}

/* "KX19 WVB": a plate as in the United Kingdom. */
static bool check_plate(text_scan *s, uint32_t digit)
{
    uint32_t start = digit, end = digits_end(s, digit);
    while (start > 0 && ch_alpha(s->l[start - 1]))
        start--;
    uint32_t last = word_end(s, end + 1);
    if (digit - start != 2 || end - digit != 2 || at(s, end) != ' ' || last - end != 4 || ch_word(before(s, start)) ||
        ch_word(at(s, last)))
        return false;
    for (uint32_t i = start; i < last; i++)
        if (s->cased && ch_alpha(s->l[i]) && !ch_upper(s->t[i]))
            return false;
    bool key = word_in(word_before(s, start, ":(,"), "plate reg registration index car vehicle van tag");
    hit_add(s, start, last, HIT_ID_CHECKED, s->cased || key);
    return s->cased || key;
}

/* "by kpark7": a log-in. */
static bool check_bare_login(text_scan *s, uint32_t digit)
{
    uint32_t start = token_start(s, digit), end = token_end(s, digit);
    unsigned letters, digits;
    tally(s, start, end, &letters, &digits);
    if (letters < 4 || letters > 14 || digits > 4 || end - start != letters + digits || word_end(s, start) != digit)
        return false;
    bool sure =
        word_in(word_before(s, start, ":@"), "by user login as interpreter badge uuid") || before(s, start) == '@';
    hit_add(s, start, end, HIT_LOGIN, sure);
    return sure;
}

/* Digits alone, perhaps with hyphens, slashes, dots or blanks. */
static bool check_digits(text_scan *s, uint32_t digit)
{
    uint32_t end = digits_end(s, digit);
    if (ch_word(before(s, digit)) || ch_word(at(s, end)))
        return false;
    if (before(s, digit) == '.' || before(s, digit) == '$')
        return false;
    char d[10];
    uint32_t stop = digit;
    unsigned groups = 0, total = 0;
    for (uint32_t i = digit; groups < 6;) {
        uint32_t e = digits_end(s, i);
        if (e == i)
            break;
        total += e - i;
        stop = e;
        groups++;
        if ((at(s, e) != '-' && at(s, e) != '/') || !tw_is_digit(at(s, e + 1)))
            break;
        i = e + 1;
    }
    if (groups == 1 && total == 3 && plain_of(s, digit, TW_MIN(digit + 12, s->n), d, 10) == 10 && at(s, end) == ' ' &&
        digits_end(s, end + 1) == end + 4 && at(s, end + 4) == ' ' && digits_end(s, end + 5) == end + 9 && nhs_ok(d)) {
        hit_add(s, digit, end + 9, HIT_ID_CHECKED, true);
        return true;
    }
    if (ch_word(at(s, stop)) || (at(s, stop) == '.' && tw_is_digit(at(s, stop + 1))) || at(s, stop) == ',')
        if (!(at(s, stop) == ',' && !tw_is_digit(at(s, stop + 1))))
            return false;
    if (groups == 1 && total >= 7 && !unit_follows(s, stop)) {
        bool code = code_system_near(s, digit);
        hit_add(s, digit, stop, HIT_ID_DIGITS, !code);
        return !code;
    }
    if (groups >= 2 && total >= 7 && !span_of_times(s, digit)) {
        bool slashes = memchr(s->l + digit, '/', stop - digit) != NULL;
        bool sure = (total >= 9 || (!slashes && (total >= 8 || groups >= 3))) && !code_system_near(s, digit);
        hit_add(s, digit, stop, HIT_ID_DIGITS, sure);
        return sure;
    }
    if (groups == 1 && total == 6)
        hit_add(s, digit, stop, HIT_ID_DIGITS, false);
    return false;
}

/* 1.2.840.113619.2: an object identifier with four parts or more and ten digits in all. */
static bool check_oid(text_scan *s, uint32_t digit)
{
    uint32_t i = digit;
    unsigned parts = 0, digits = 0;
    for (;;) {
        uint32_t end = digits_end(s, i);
        if (end == i)
            return false;
        parts++;
        digits += end - i;
        i = end;
        if (at(s, i) != '.' || !tw_is_digit(at(s, i + 1)))
            break;
        i++;
    }
    if (parts < 5 || digits < 10 || !bordered(s, digit, i) || before(s, digit) == '.')
        return false;
    bool standard = tw_str_starts((tw_str){ s->l + digit, i - digit }, "1.2.840.10008.");
    hit_add(s, digit, i, HIT_ID_DIGITS, !standard);
    if (standard)
        s->number_end = TW_MAX(s->number_end, i);
    return true;
}

bool check_number_id(text_scan *s, uint32_t digit)
{
    if (ch_word(before(s, digit)) || (ch_blank(before(s, digit)) == false && token_start(s, digit) < digit))
        return check_masked(s, digit) || check_plate(s, digit) || check_code(s, digit) || check_bare_login(s, digit);
    return check_ssn(s, digit) || check_card(s, digit) || check_oid(s, digit) || check_code(s, digit) ||
           check_digits(s, digit);
}

/* ---------------------------------------------------------------- behind a key */

/* Blanks, marks and small words between a key and its value. */
static uint32_t value_start(const text_scan *s, uint32_t i)
{
    for (unsigned k = 0; k < 4; k++) {
        uint32_t from = i;
        while (at(s, i) != '\0' && strchr(" \t:#.=~>|*[(\"'_", at(s, i)) && i < from + 24)
            i++;
        if (at(s, i) == '-' && (at(s, i + 1) == ' ' || i == from))
            i = blanks_end(s, i + 1);
        uint32_t end = word_end(s, i);
        if (end == i || tw_is_digit(at(s, end)) || at(s, end) == '-' ||
            !word_in((tw_str){ s->l + i, end - i },
                     "no number num nr id is was of code ref record account card reads under "
                     "ending in n\xc2\xba n as to the # col colegiado historia"))
            return i;
        i = end;
    }
    return i;
}

static bool small_measure(const text_scan *s, uint32_t start, uint32_t end, unsigned digits)
{
    return digits <= 4 && end - start == digits && unit_follows(s, end);
}

/* More groups of the value behind one blank: "4417 0902 8816", "ZGP 884 21 0093-A". */
static uint32_t more_groups(const text_scan *s, uint32_t start, uint32_t end)
{
    for (unsigned k = 0; k < 6; k++) {
        if (at(s, end) != ' ' || !ch_word(at(s, end + 1)))
            return end;
        uint32_t next = end + 1, stop = token_end(s, next);
        unsigned letters, digits, all_letters, all_digits;
        tally(s, next, stop, &letters, &digits);
        tally(s, start, end, &all_letters, &all_digits);
        bool big =
            letters > 0 && letters <= 3 && digits > 0 && ch_upper(s->t[next + (tw_is_digit(s->l[next]) ? digits : 0)]);
        bool only = letters == 0 && digits >= 1 && digits <= 10 && (digits >= 2 || all_digits >= 4);
        bool plate = k == 0 && letters == 3 && digits == 0 && all_letters == 2 && all_digits == 2;
        bool single =
            letters == 1 && digits == 0 && ch_upper(s->t[next]) && all_digits >= 6 && !ch_word(at(s, next + 1));
        text_date d;
        if (!(big || only || single || plate) || all_digits >= 14 || unit_follows(s, stop) ||
            (all_digits >= 7 && all_letters == 0 && end - start == all_digits) || at(s, stop) == ':' ||
            (date_read(&d, (tw_str){ s->l, s->n }, next, s->day_first) && d.parts >= 2 && d.end >= stop))
            return end;
        end = stop;
    }
    return end;
}

void check_id_key(text_scan *s, uint32_t start, uint32_t end, unsigned value)
{
    if (start < s->number_end)
        return;
    uint32_t i = value_start(s, end);
    char b = before(s, i);
    if (i == end && s->l[end - 1] != '#' && s->l[end - 1] != ':')
        return;
    unsigned letters, digits;
    uint32_t stop = token_end(s, i);
    if (ch_alpha(at(s, i)) && stop - i <= 4 && at(s, stop) == ' ' && tw_is_digit(at(s, stop + 1)) &&
        (ch_upper(s->t[i]) || !s->cased) && (b == ':' || b == ' ' || b == '#') && word_end(s, i) == stop &&
        stop - i <= 3)
        stop = token_end(s, stop + 1); /* "QX 771204" */
    tally(s, i, stop, &letters, &digits);
    if (digits < value && digits > 0)
        tally(s, i, more_groups(s, i, stop), &letters, &digits);
    if (digits < value || digits == 0 || letters > 12 || small_measure(s, i, stop, digits))
        return;
    text_date d;
    if (date_read(&d, (tw_str){ s->l, s->n }, i, s->day_first) && d.parts >= 2 && !d.compact && d.end >= stop)
        return;
    if (word_in((tw_str){ s->l + i, word_end(s, i) - i }, "cpt hcpcs icd ndc loinc snomed page pages of") ||
        variant_of_gene(s, i))
        return;
    if (at(s, stop) == '.' && tw_is_digit(at(s, stop + 1))) {
        if (digits < 4)
            return;
        while (at(s, stop) == '.' && ch_word(at(s, stop + 1)))
            stop = token_end(s, stop + 1);
    }
    if (at(s, stop) == ':' || at(s, stop) == '%' || at(s, stop) == '@')
        return;
    hit_add(s, i, more_groups(s, i, stop), HIT_ID_KEYED, true);
}

void check_login(text_scan *s, uint32_t start, uint32_t end, unsigned value)
{
    if (start < s->number_end)
        return;
    uint32_t i = value_start(s, end), stop = i;
    while (stop - i < REACH && (ch_word(at(s, stop)) || ((at(s, stop) == '.' || at(s, stop) == '_' ||
                                                          at(s, stop) == '-' || at(s, stop) == '\\') &&
                                                         ch_word(at(s, stop + 1)))))
        stop++;
    unsigned letters, digits;
    tally(s, i, stop, &letters, &digits);
    if (i == end || stop - i < 3 || stop - i > 32)
        return;
    bool marked = memchr(s->l + end, ':', i - end) || memchr(s->l + end, '=', i - end);
    bool inner = memchr(s->l + i, '_', stop - i) || memchr(s->l + i, '.', stop - i);
    hit_add(s, i, stop, HIT_LOGIN, digits > 0 || inner || (marked && value == 1));
}

/* ---------------------------------------------------------------- nets */

static bool mail_char(char c)
{
    return ch_word(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '%';
}

void check_email(text_scan *s, uint32_t sign)
{
    uint32_t start = sign, end = sign + 1;
    while (start > 0 && sign - start < REACH && mail_char(s->l[start - 1]))
        start--;
    start = character_at(s, start);
    while (start < sign && !ch_word(s->l[start]))
        start++;
    while (end < s->n && (ch_word(s->l[end]) || ((s->l[end] == '.' || s->l[end] == '-') && ch_word(at(s, end + 1)))))
        end++;
    if (start == sign || end == sign + 1)
        return;
    bool dot = memchr(s->l + sign, '.', end - sign) != NULL;
    unsigned letters, digits;
    tally(s, sign, end, &letters, &digits);
    hit_add(s, start, end, HIT_EMAIL, dot && letters > 0);
}

void check_url(text_scan *s, uint32_t end)
{
    uint32_t start = end, least = end > s->net_end + REACH ? end - REACH : s->net_end;
    if (end <= s->net_end)
        return;
    while (start > least && !ch_blank(s->l[start - 1]) && s->l[start - 1] != '\n' &&
           !strchr("()<>[]\"',;|=", s->l[start - 1]))
        start--;
    while (end < s->n && (unsigned char)s->l[end] > ' ' && !strchr("<>\"'()[]|\\^`{}", s->l[end]))
        end++;
    while (end > start && strchr(".,;:!?", s->l[end - 1]))
        end--;
    s->net_end = end;
    start = character_at(s, start);
    if (end > start + 4)
        hit_add(s, start, end, HIT_URL, true);
}

void check_ip6(text_scan *s, uint32_t end)
{
    uint32_t start = end, least = end > REACH ? end - REACH : 0;
    while (start > least && (s->l[start - 1] == ':' || tw_is_digit(s->l[start - 1]) ||
                             (s->l[start - 1] >= 'a' && s->l[start - 1] <= 'f')))
        start--;
    while (end < s->n && end - start < REACH &&
           (s->l[end] == ':' || tw_is_digit(s->l[end]) || (s->l[end] >= 'a' && s->l[end] <= 'f')))
        end++;
    unsigned colons = 0, letters, digits;
    bool twice = false;
    for (uint32_t i = start; i < end; i++) {
        colons += s->l[i] == ':';
        twice = twice || (s->l[i] == ':' && at(s, i + 1) == ':');
    }
    tally(s, start, end, &letters, &digits);
    if (!bordered(s, start, end) || colons > 7 || start < s->net_end || !(twice || colons == 7 || colons == 5))
        return;
    if (letters + digits < 6 || (letters == 0 && !twice))
        return;
    s->net_end = end;
    hit_add(s, start, end, HIT_IP, true); /* six pairs: the address of a network card */
}

void check_uuid(text_scan *s, uint32_t end)
{
    if (end >= 36 && bordered(s, end - 36, end))
        hit_add(s, end - 36, end, HIT_ID_CHECKED, true);
}
