#include "pattern_internal.h"

#include "crypto/crypto.h"

/* Names in common use, as unlike the words of medicine as names are; each may stand for any. */
static const char *const given_names[] = {
    "Adrian",  "Alma",    "Amelia", "Anton",  "Audrey", "Bianca", "Boris",  "Camila",  "Carla",  "Cedric", "Clara",
    "Corinne", "Damian",  "Daria",  "Edith",  "Elias",  "Elena",  "Emil",   "Estelle", "Fabian", "Felix",  "Fiona",
    "Gavin",   "Gloria",  "Hannah", "Hector", "Helena", "Hugo",   "Ingrid", "Irene",   "Isaac",  "Ivan",   "Jasper",
    "Joel",    "Julian",  "Karen",  "Klara",  "Laura",  "Leah",   "Lorena", "Lydia",   "Magda",  "Marcus", "Marina",
    "Milo",    "Mona",    "Nadia",  "Naomi",  "Neil",   "Nina",   "Norman", "Olga",    "Oscar",  "Owen",   "Paula",
    "Petra",   "Quentin", "Ramona", "Roland", "Rosa",   "Ruben",  "Selma",  "Simon",   "Sonia",  "Tamara", "Tobias",
    "Ursula",  "Vera",    "Viola",  "Wanda",  "Xavier", "Zelda",
};
static const char *const family_names[] = {
    "Abbott",   "Aldridge", "Archer",  "Ashford",  "Barlow",  "Baxter",   "Beckett",  "Benton",  "Bishop",
    "Blakely",  "Bradford", "Brewer",  "Calloway", "Carver",  "Chandler", "Coleman",  "Conrad",  "Corbin",
    "Dalton",   "Dawson",   "Delgado", "Draper",   "Duncan",  "Eastman",  "Ellison",  "Emerson", "Fairbanks",
    "Fletcher", "Foster",   "Garner",  "Gibson",   "Granger", "Hadley",   "Harmon",   "Hartley", "Hawkins",
    "Hensley",  "Holloway", "Hubbard", "Ingram",   "Jarvis",  "Jennings", "Keller",   "Kendall", "Kirby",
    "Lambert",  "Landry",   "Lawson",  "Lockwood", "Maddox",  "Marlow",   "Mercer",   "Merritt", "Newman",
    "Norton",   "Osborne",  "Palmer",  "Parrish",  "Perkins", "Prescott", "Quinlan",  "Ramsey",  "Redmond",
    "Rhodes",   "Sawyer",   "Shelton", "Sherman",  "Spencer", "Stafford", "Sutton",   "Talbot",  "Thatcher",
    "Thornton", "Tucker",   "Vaughn",  "Wallace",  "Warner",  "Webster",  "Whitaker", "Winslow",
};
static const char *const place_names[] = {
    "Alderton",   "Ashbrook",  "Beaumont",    "Bellmont",  "Brantley",  "Brookhaven", "Cedarville", "Claremont",
    "Cloverdale", "Crestview", "Dunmore",     "Eastbrook", "Elmwood",   "Fairmont",   "Glendale",   "Greenfield",
    "Hadleigh",   "Hartwell",  "Hazelton",    "Highbury",  "Kingsley",  "Lakewood",   "Langford",   "Linden",
    "Maplewood",  "Milford",   "Northgate",   "Oakdale",   "Pinehurst", "Ridgemont",  "Riverton",   "Rosedale",
    "Sheffield",  "Southgate", "Stonebridge", "Sunnyside", "Thornbury", "Waverly",    "Westbrook",  "Winfield",
};

/* ---------------------------------------------------------------- dice */

/* Bytes from the key and a value, without end. */
typedef struct {
    const uint8_t *key;
    const char *label;
    uint8_t data[FOLD_MAX + 8];
    size_t n;
    uint8_t block[TW_HASH];
    unsigned used;
} dice;

static void dice_turn(dice *d)
{
    tw_hmac_sha256(d->block, (tw_bytes){ d->key, TW_KEY }, d->label, (tw_bytes){ d->data, d->n });
    d->data[d->n - 1]++;
    d->used = 0;
}

/* `salt`: another throw for the same value. Values longer than FOLD_MAX differ by their beginning and their length. */
static void dice_start(dice *d, const tw_text_replace_opts *opts, const char *label, tw_str value, unsigned salt)
{
    *d = (dice){ .key = opts->key, .label = label, .n = TW_MIN(value.n, FOLD_MAX) };
    memcpy(d->data, value.p, d->n);
    d->data[d->n++] = (uint8_t)value.n;
    d->data[d->n++] = (uint8_t)salt;
    d->data[d->n++] = 0;
    dice_turn(d);
}

static unsigned dice_below(dice *d, unsigned n)
{
    if (d->used + 2 > sizeof d->block)
        dice_turn(d);
    unsigned v = tw_be16(d->block + d->used);
    d->used += 2;
    return v % n;
}

/* ---------------------------------------------------------------- words */

static char lower_char(char c)
{
    return ch_upper(c) ? (char)(c + 32) : c;
}

/* `word`, which is Capitalised, in the case of `like`. */
static void put_like(tw_buf *out, const char *word, tw_str like)
{
    bool first = like.n > 0 && (ch_upper(like.p[0]) || (uint8_t)like.p[0] >= 0x80), all = first && like.n > 1;
    for (size_t i = 0; i < like.n; i++)
        all = all && !(like.p[i] >= 'a' && like.p[i] <= 'z');
    for (size_t i = 0; word[i]; i++) {
        char c = word[i];
        if (all && c >= 'a' && c <= 'z')
            c = (char)(c - 32);
        else if (i == 0 && !first)
            c = lower_char(c);
        tw_buf_u8(out, (uint8_t)c);
    }
}

/* A name from the list that is not the word's own. */
static void put_name(tw_buf *out, const tw_text_replace_opts *opts, const char *label, const char *const *list,
                     unsigned count, tw_str word)
{
    char folded[FOLD_MAX];
    tw_str f = { folded, word_fold(folded, word) };
    dice d;
    dice_start(&d, opts, label, f, 0);
    unsigned pick = dice_below(&d, count);
    char own[FOLD_MAX];
    if (tw_str_eq((tw_str){ own, word_fold(own, tw_str_of(list[pick])) }, f))
        pick = (pick + 1) % count;
    put_like(out, list[pick], word);
}

/* Digits by digits, letters by letters, the rest as it stands; never the same. */
static void put_code(tw_buf *out, const tw_text_replace_opts *opts, const char *label, tw_str text)
{
    char plain[FOLD_MAX];
    size_t n = 0;
    for (size_t i = 0; i < text.n && n < FOLD_MAX; i++)
        if (ch_word(text.p[i]))
            plain[n++] = lower_char(text.p[i]);
    for (unsigned salt = 0;; salt++) {
        size_t from = out->n;
        bool same = true;
        dice d;
        dice_start(&d, opts, label, (tw_str){ plain, n }, salt);
        for (size_t i = 0; i < text.n; i++) {
            char c = text.p[i], now = c;
            if (tw_is_digit(c))
                now = (char)(c == '0' ? '0' + (int)dice_below(&d, 10) : '1' + (int)dice_below(&d, 9));
            else if (ch_upper(c))
                now = (char)('A' + (int)dice_below(&d, 26));
            else if (c >= 'a' && c <= 'z')
                now = (char)('a' + (int)dice_below(&d, 26));
            else if ((uint8_t)c >= 0x80)
                now = ((uint8_t)c & 0xc0) == 0xc0 ? 'x' : '\0'; /* a letter of several bytes: one */
            if (now)
                tw_buf_u8(out, (uint8_t)now);
            same = same && lower_char(now) == lower_char(c);
        }
        if (!same || n == 0 || out->failed)
            return;
        out->n = from;
    }
}

/* ---------------------------------------------------------------- kinds */

/* A run of letters, with apostrophes inside. */
static size_t run_end(tw_str text, size_t i)
{
    while (i < text.n && (ch_alpha(text.p[i]) ||
                          (text.p[i] == '\'' && i + 2 < text.n && ch_alpha(text.p[i + 1]) && ch_alpha(text.p[i + 2]))))
        i++;
    return i;
}

static bool given_word(const tw_text_model *m, tw_str folded)
{
    if (!m || !m->lexicon.slot)
        return false;
    uint32_t known = lexicon_get(&m->lexicon, text_hash(folded));
    unsigned given = LEX_GIVEN(known), family = LEX_FAMILY(known);
    return given != 0 && (family == 0 || given <= family);
}

static void put_person_word(tw_buf *out, const tw_text_model *m, tw_str word, const tw_text_replace_opts *opts,
                            bool alone)
{
    char folded[FOLD_MAX];
    tw_str f = { folded, word_fold(folded, word) };
    if (!alone && word.n > 1 && (word_title(f) || word_particle(f))) {
        tw_buf_str(out, word);
        return;
    }
    bool initials = word.n == 1 || (word.n == 2 && ch_upper(word.p[0]) && ch_upper(word.p[1]));
    if (initials) {
        put_code(out, opts, "tw/text/initials", word);
        return;
    }
    if (given_word(m, f))
        put_name(out, opts, "tw/text/name", given_names, TW_COUNT(given_names), word);
    else
        put_name(out, opts, "tw/text/name", family_names, TW_COUNT(family_names), word);
}

static void put_person(tw_buf *out, const tw_text_model *m, tw_str text, const tw_text_replace_opts *opts)
{
    unsigned words = 0;
    for (size_t i = 0; i < text.n;) {
        size_t end = run_end(text, i);
        words += end > i;
        i = end > i ? end : i + 1;
    }
    for (size_t i = 0; i < text.n;) {
        size_t end = run_end(text, i);
        if (end == i && tw_is_digit(text.p[i])) {
            put_code(out, opts, "tw/text/digit", (tw_str){ text.p + i, 1 });
            i++;
        } else if (end == i) {
            tw_buf_u8(out, (uint8_t)text.p[i++]);
        } else {
            put_person_word(out, m, (tw_str){ text.p + i, end - i }, opts, words == 1);
            i = end;
        }
    }
}

static const char kept_address[] =
    "street st road rd avenue ave av drive dr lane ln court ct place pl way boulevard blvd terrace circle square sq "
    "highway hwy "
    "parkway pkwy trail loop apt apartment suite ste unit flat room rm lot box po p o of the de la del los las el and "
    "n s e w ne "
    "nw se sw north south east west calle c avenida avda paseo plaza carretera km close crescent mews gardens row hill";
static const char kept_org[] =
    "hospital hosp clinic center centre medical health healthcare infirmary hospice university college school "
    "elementary high "
    "middle primary academy church cathedral chapel temple pharmacy nursing home care community general regional "
    "memorial of the "
    "and for at de la del st saint department institute foundation group associates inc llc ltd corp company system "
    "trust nhs "
    "surgery practice family medicine rehab rehabilitation cancer children's universitario universidad centro salud";

static void put_places(tw_buf *out, tw_str text, const tw_text_replace_opts *opts, const char *kept, bool force)
{
    for (size_t i = 0; i < text.n;) {
        size_t end = run_end(text, i);
        bool mixed = false;
        size_t stop = end;
        for (; stop < text.n && ch_word(text.p[stop]); stop++)
            mixed = mixed || tw_is_digit(text.p[stop]);
        tw_str word = { text.p + i, stop - i };
        char folded[FOLD_MAX];
        tw_str f = { folded, word_fold(folded, word) };
        if (stop == i) {
            tw_buf_u8(out, (uint8_t)text.p[i++]);
            continue;
        }
        if (mixed)
            put_code(out, opts, "tw/text/place-number", word);
        else if (!force && word_in(f, kept))
            tw_buf_str(out, word);
        else if (word.n <= 2 && (uint8_t)word.p[0] < 0x80)
            put_code(out, opts, "tw/text/place-letter", word);
        else
            put_name(out, opts, "tw/text/place", place_names, TW_COUNT(place_names), word);
        i = stop;
    }
}

/* Seven or more digits: the last seven are 555-01xx, which no subscriber has. */
static void put_phone(tw_buf *out, tw_str text, const tw_text_replace_opts *opts)
{
    size_t digits = 0, seen = 0, from = out->n;
    for (size_t i = 0; i < text.n; i++)
        digits += tw_is_digit(text.p[i]);
    size_t number = digits;
    for (size_t i = 0; i < text.n && number == digits; i++) { /* an extension is none of the number's */
        if (lower_char(text.p[i]) == 'x' || lower_char(text.p[i]) == 'e')
            number = seen;
        seen += tw_is_digit(text.p[i]);
    }
    put_code(out, opts, "tw/text/phone", text);
    if (out->failed)
        return;
    for (size_t i = 0; out->n - from == text.n && i < text.n;) { /* "ext" stays */
        size_t end = run_end(text, i);
        if (end > i && (end - i == 1 || lower_char(text.p[i]) == 'e'))
            memcpy(out->p + from + i, text.p + i, end - i);
        i = end > i ? end : i + 1;
    }
    if (number < 7)
        return;
    static const char fiction[] = "55501";
    size_t k = 0;
    bool same = true;
    for (size_t i = from, j = 0; i < out->n && j < text.n; i++, j++) {
        if (!tw_is_digit((char)out->p[i]))
            continue;
        if (k >= number - 7 && k < number - 2)
            out->p[i] = (uint8_t)fiction[k - (number - 7)];
        same = same && (char)out->p[i] == text.p[j];
        k++;
    }
    for (size_t i = out->n; same && i > from; i--)
        if (tw_is_digit((char)out->p[i - 1])) {
            out->p[i - 1] = (uint8_t)('0' + (out->p[i - 1] - '0' + 1) % 10);
            break;
        }
}

static bool has(tw_str text, const char *needle)
{
    return tw_str_find(text, tw_str_of(needle)) != SIZE_MAX;
}

static bool put_contact(tw_buf *out, tw_str text, const tw_text_replace_opts *opts)
{
    size_t digits = 0, letters = 0, dots = 0, colons = 0;
    for (size_t i = 0; i < text.n; i++) {
        digits += tw_is_digit(text.p[i]);
        letters += ch_alpha(text.p[i]);
        dots += text.p[i] == '.';
        colons += text.p[i] == ':';
    }
    dice d;
    dice_start(&d, opts, "tw/text/net", text, 0);
    if (has(text, "@")) {
        tw_buf_fmt(out, "%c%s%u@example.org", 'a' + (int)dice_below(&d, 26), "user", dice_below(&d, 10000));
    } else if (has(text, "://") || (dots >= 1 && letters >= 3 && digits < 7)) {
        size_t scheme = tw_str_find(text, TW_STR("://"));
        tw_buf_add(out, text.p, scheme == SIZE_MAX ? 0 : scheme + 3);
        tw_buf_fmt(out, "www.example.org/%04x%04x", dice_below(&d, 65536), dice_below(&d, 65536));
    } else if (dots == 3 && letters == 0 && digits <= 12 && !has(text, " ")) {
        tw_buf_fmt(out, "192.0.2.%u", 1 + dice_below(&d, 254)); /* RFC 5737 */
    } else if (colons >= 2) {
        tw_buf_fmt(out, "2001:db8::%x", 1 + dice_below(&d, 65535)); /* RFC 3849 */
    } else if (digits > 0) {
        put_phone(out, text, opts);
    } else {
        return false;
    }
    return true;
}

/* Times of day behind a date stay. */
static bool put_date(tw_buf *out, const tw_text_model *m, tw_str text, const tw_text_replace_opts *opts)
{
    char lower[128];
    text_date d;
    if (opts->shift_days == 0 || text.n > sizeof lower)
        return false;
    for (size_t i = 0; i < text.n; i++)
        lower[i] = lower_char(text.p[i]);
    bool day_first = m && strcmp(m->language, "es") == 0;
    if (!date_read(&d, (tw_str){ lower, text.n }, 0, day_first) || d.start != 0)
        return false;
    for (size_t i = d.end; i < text.n; i++)
        if (!tw_is_digit(lower[i]) && !strchr(" :.tz+amp", lower[i]))
            return false;
    size_t from = out->n;
    if (!date_write(out, &d, text, opts->shift_days)) {
        if (!out->failed)
            out->n = from;
        return false;
    }
    tw_buf_add(out, text.p + d.end, text.n - d.end);
    return true;
}

static bool same_text(const tw_buf *out, size_t from, tw_str text)
{
    if (out->failed || out->n - from != text.n)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (lower_char((char)out->p[from + i]) != lower_char(text.p[i]))
            return false;
    return true;
}

static bool put_kind(tw_buf *out, const tw_text_model *m, tw_str text, tw_text_kind kind,
                     const tw_text_replace_opts *opts)
{
    size_t from = out->n;
    switch (kind) {
    case TW_TEXT_NAME:
        put_person(out, m, text, opts);
        return true;
    case TW_TEXT_DATE:
        return put_date(out, m, text, opts);
    case TW_TEXT_ID:
        put_code(out, opts, "tw/text/id", text);
        return true;
    case TW_TEXT_CONTACT:
        return put_contact(out, text, opts);
    case TW_TEXT_ADDRESS:
    case TW_TEXT_ORG:
        put_places(out, text, opts, kind == TW_TEXT_ORG ? kept_org : kept_address, false);
        if (same_text(out, from, text)) {
            out->n = from;
            put_places(out, text, opts, "", true);
        }
        return true;
    case TW_TEXT_AGE:
        tw_buf_cstr(out, "90+");
        return true;
    case TW_TEXT_KINDS:
        break;
    }
    return false;
}

bool surrogate_write(tw_buf *out, const tw_text_model *m, tw_str text, tw_text_kind kind,
                     const tw_text_replace_opts *opts)
{
    size_t from = out->n;
    if (!opts->key || !put_kind(out, m, text, kind, opts))
        return false;
    if (!same_text(out, from, text))
        return true;
    out->n = from;
    return false;
}
