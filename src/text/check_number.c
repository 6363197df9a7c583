/* What a run of digits may be: a date, a telephone number, a number of a record, a place, an age, or nothing. */
#include "pattern_internal.h"

/* ---------------------------------------------------------------- telephones */

#define GROUPS_MAX 8

/* Groups of digits with one or two marks between them. */
typedef struct {
    uint32_t start, end; /* of all, with "+" and brackets */
    uint32_t at[GROUPS_MAX];
    uint8_t len[GROUPS_MAX];
    char mark[GROUPS_MAX]; /* before the group; 0: the first */
    unsigned n, digits;
    bool plus, bracket;
} groups;

static char joint(const text_scan *s, uint32_t *i, bool bracket)
{
    char c = at(s, *i);
    if (c == ')' && bracket) {
        *i += 1;
        while (at(s, *i) == ' ' || at(s, *i) == '-')
            *i += 1;
        return ')';
    }
    if (c == ' ' && at(s, *i + 1) == '(' && tw_is_digit(at(s, *i + 2))) {
        *i += 2;
        return '(';
    }
    if (c == '\0' || !strchr(" -./", c))
        return '\0';
    *i += 1;
    if (c == ' ' && (at(s, *i) == '-' || at(s, *i) == ' ') && at(s, *i + 1) == ' ')
        *i += 2;
    else if (c == '-' && at(s, *i) == ' ')
        *i += 1;
    return c;
}

static void read_groups(const text_scan *s, groups *g, uint32_t digit)
{
    *g = (groups){ .start = digit };
    uint32_t i = digit;
    if (before(s, i) == '(') {
        g->bracket = true;
        g->start--;
    }
    if (before(s, g->start) == '+') {
        g->plus = true;
        g->start--;
    }
    bool open = g->bracket;
    char mark = '\0';
    while (g->n < GROUPS_MAX) {
        uint32_t end = digits_end(s, i);
        if (end == i || end - i > 15)
            break;
        g->at[g->n] = i;
        g->len[g->n] = (uint8_t)(end - i);
        g->mark[g->n++] = mark;
        g->digits += end - i;
        g->end = end;
        if (g->digits > 15)
            break;
        i = end;
        open = open || mark == '(';
        mark = joint(s, &i, open);
        if (mark == ')' || mark == '(')
            open = mark == '(';
        if (mark == '\0')
            break;
    }
}

static bool shape(const groups *g, unsigned from, const char *lens)
{
    unsigned n = (unsigned)strlen(lens);
    if (g->n < from + n)
        return false;
    for (unsigned i = 0; i < n; i++)
        if (g->len[from + i] != lens[i] - '0')
            return false;
    return true;
}

/* Groups from `from` up to `to` groups in all. */
static void cut(groups *g, unsigned to)
{
    g->digits = 0;
    g->n = to;
    for (unsigned i = 0; i < to; i++)
        g->digits += g->len[i];
    g->end = g->at[to - 1] + g->len[to - 1];
}

/* " ext. 12", " x123", " x 3" behind a telephone number. */
static uint32_t extension_end(const text_scan *s, uint32_t end)
{
    uint32_t i = blanks_end(s, end);
    if (at(s, i) == ',')
        i = blanks_end(s, i + 1);
    uint32_t word = word_end(s, i);
    if (!word_in((tw_str){ s->l + i, word - i }, "x ext extn extension xt"))
        return end;
    i = word;
    if (at(s, i) == '.' || at(s, i) == ':')
        i++;
    i = blanks_end(s, i);
    uint32_t stop = digits_end(s, i);
    return stop > i && stop - i <= 6 ? stop : end;
}

static bool same_marks(const groups *g, unsigned from, unsigned to)
{
    for (unsigned i = from + 1; i < to; i++)
        if (g->mark[i] != g->mark[from])
            return false;
    return true;
}

/* North America: [1] 3 3 4, or 3 4 with a hyphen. */
static bool phone_us(const text_scan *s, groups *g)
{
    unsigned from = g->n > 3 && g->len[0] == 1 && s->l[g->at[0]] == '1';
    if (shape(g, from, "334")) {
        cut(g, from + 3);
        return true;
    }
    if (from == 0 && shape(g, 0, "37") && s->l[g->at[0]] > '1') {
        cut(g, 2);
        return g->bracket || g->mark[1] == '-';
    }
    if (g->bracket && shape(g, 0, "342")) {
        cut(g, 3);
        return true;
    }
    if (shape(g, 0, "34") && g->mark[1] == '-' && s->l[g->at[0]] > '1') {
        cut(g, 2);
        int32_t a = number_at(s, g->at[0], g->at[0] + 3), b = number_at(s, g->at[1], g->at[1] + 4);
        return !(b % 50 == 0 && a % 50 == 0) && !unit_follows(s, g->end);
    }
    return false;
}

/* Beginning with 0, or with + and a country, as most of the world writes. */
static bool phone_abroad(const text_scan *s, groups *g)
{
    bool zero = s->l[g->at[0]] == '0', britain = g->n >= 2 && g->digits == 12 && memcmp(s->l + g->at[0], "44", 2) == 0;
    if (britain && g->len[0] == 2)
        return true;
    if (g->plus) {
        while (g->digits > 15)
            cut(g, g->n - 1);
        return g->digits >= 8;
    }
    if (!zero || g->n < 2 || (g->len[0] > 5 && g->n > 2))
        return g->n == 2 && g->len[0] == 5 && g->len[1] == 5 && s->l[g->at[0]] >= '6' && g->mark[1] == ' ';
    while (g->n > 2 && g->digits > 11)
        cut(g, g->n - 1);
    if (g->digits == 9)
        return g->n >= 3 && g->len[0] <= 3;
    return g->digits >= 9 && g->digits <= 11 && g->len[0] >= 2;
}

/* Nine digits from 6 to 9: Spain; five pairs or 0 and four pairs: France. */
static bool phone_spain(const text_scan *s, groups *g)
{
    static const char *const shapes[] = { "333", "2322", "3222", "36", "36", "26", "225", "234", "2223" };
    if (!s->day_first || s->l[g->at[0]] < '6' || s->l[g->at[0]] > '9')
        return false;
    if (g->n == 1)
        return false;
    for (unsigned i = 0; i < TW_COUNT(shapes); i++)
        if (shape(g, 0, shapes[i])) {
            cut(g, (unsigned)strlen(shapes[i]));
            return g->digits == 9 || g->digits == 8;
        }
    return false;
}

static bool number_bordered(const text_scan *s, const groups *g)
{
    char b = before(s, g->start), a = at(s, g->end);
    if (ch_word(b) || b == '$' || b == '#' || (b == '.' && tw_is_digit(before(s, g->start - 1))))
        return false;
    if ((b == '-' || b == '/') && ch_word(before(s, g->start - 1)))
        return false;
    if (ch_word(a))
        return extension_end(s, g->end) > g->end;
    return !((a == '-' || a == '.' || a == '/' || a == ',') && tw_is_digit(at(s, g->end + 1)));
}

bool check_number_phone(text_scan *s, uint32_t digit)
{
    groups g;
    read_groups(s, &g, digit);
    if (g.n == 0)
        return false;
    groups all = g;
    bool fits = phone_us(s, &g) && number_bordered(s, &g);
    if (!fits) {
        g = all;
        fits = phone_abroad(s, &g) && (g.plus || same_marks(&g, 1, g.n) || g.bracket) && number_bordered(s, &g);
    }
    if (!fits) {
        g = all;
        fits = phone_spain(s, &g) && number_bordered(s, &g);
    }
    if (!fits || (!g.bracket && !g.plus && code_system_near(s, digit)))
        return false;
    uint32_t end = extension_end(s, g.end), start = g.start;
    if (g.bracket && !memchr(s->l + g.at[0], ')', end - g.at[0]))
        start += 1 + g.plus; /* "(555-123-4567" : the bracket is none of the number's */
    hit_add(s, start, end, HIT_PHONE, true);
    return true;
}

/* Digits with marks between them behind "fax", "pager": [start, end), of `least` digits or more. */
static bool read_keyed_phone(const text_scan *s, uint32_t i, unsigned least, uint32_t *start, uint32_t *end)
{
    if (at(s, i) == '+' || at(s, i) == '(')
        i++;
    if (at(s, i) == '(')
        i++;
    if (!tw_is_digit(at(s, i)))
        return false;
    groups g;
    read_groups(s, &g, i);
    while (g.n > 1 &&
           (g.digits > 15 || (g.mark[g.n - 1] == ' ' && g.digits - g.len[g.n - 1] >= 9) || g.mark[g.n - 1] == '/'))
        cut(&g, g.n - 1);
    if (g.n == 2 && g.digits < 7 && g.mark[1] == ' ')
        cut(&g, 1);
    if (g.digits < least || g.digits > 15 || ch_word(before(s, g.start)))
        return false;
    char a = at(s, g.end);
    if (a == ':' || (a == '.' && tw_is_digit(at(s, g.end + 1))) || a == '%')
        return false;
    if (ch_word(a) && extension_end(s, g.end) == g.end)
        return false;
    *start = g.start;
    *end = extension_end(s, g.end);
    return true;
}

/* "0715", "2235": an hour and a minute. */
static bool clock_time(const text_scan *s, uint32_t from, uint32_t to)
{
    int32_t v = number_at(s, from, to);
    return to - from == 4 && digits_end(s, from) == to && v / 100 < 24 && v % 100 < 60;
}

/* "x4417", "ext4417", "p9328": letters and digits in one. */
static bool check_extension(text_scan *s, uint32_t digit)
{
    uint32_t start = digit, end = digits_end(s, digit);
    while (start > 0 && ch_alpha(s->l[start - 1]))
        start--;
    tw_str word = { s->l + start, digit - start };
    if (ch_word(before(s, start)) || ch_word(at(s, end)) || end - digit < 3 || end - digit > 6 ||
        !word_in(word, "x ext extn p pgr"))
        return false;
    bool sure = end - digit >= 4 || word.n > 1;
    hit_add(s, start, end, HIT_EXTENSION, sure);
    return sure;
}

void check_phone_key(text_scan *s, uint32_t start, uint32_t end, unsigned value)
{
    static const char number_words[] = "no number num is nr x";
    static const char all_words[] =
        "no number num is nr x at back on me him her them us or to the home cell work mobile line "
        "ext office";
    uint32_t i = end, from, to;
    tw_str key = { s->l + start, end - start };
    bool extension = word_in(key, "ext ext. extn extension xtn x");
    if (start < s->number_end)
        return;
    for (unsigned k = 0; k < 3; k++) {
        while (at(s, i) != '\0' && strchr(" \t:#.=@-", at(s, i)) && i < end + 16)
            i++;
        if (at(s, i) == '\n' && before(s, i) == ':')
            i++;
        uint32_t word = word_end(s, i);
        if (!word_in((tw_str){ s->l + i, word - i }, extension ? number_words : all_words))
            break;
        i = word;
    }
    if (i == end && s->l[end - 1] != '#' && !(end - start == 1))
        return;
    uint32_t digit = i;
    while (at(s, digit) == '+' || at(s, digit) == '(')
        digit++;
    if (tw_is_digit(at(s, digit)) && digit - i <= 2 && !ch_word(before(s, i)) && check_number_phone(s, digit))
        return;
    if (!read_keyed_phone(s, i, value, &from, &to))
        return;
    text_date d;
    if (date_read(&d, (tw_str){ s->l, s->n }, from, s->day_first) && d.form == DATE_FULL && !d.compact)
        return;
    bool pager = word_in(key, "pager pgr beeper bpr bleep blp dect");
    if (to - from < 7 && (unit_follows(s, to) || (!extension && !pager && clock_time(s, from, to))))
        return;
    hit_add(s, extension ? start : from, to, to - from < 7 ? HIT_EXTENSION : HIT_PHONE, true);
}

/* ---------------------------------------------------------------- addresses of the net */

static bool check_ip4(text_scan *s, uint32_t digit)
{
    uint32_t i = digit;
    for (unsigned part = 0; part < 4; part++) {
        uint32_t end = digits_end(s, i);
        int32_t v = number_at(s, i, end);
        if (end == i || end - i > 3 || v > 255)
            return false;
        i = end;
        if (part < 3 && at(s, i++) != '.')
            return false;
    }
    char b = before(s, digit);
    if (ch_word(at(s, i)) || (at(s, i) == '.' && tw_is_digit(at(s, i + 1))) || ch_word(b) || b == '.')
        return false;
    if (at(s, i) == ':' || (at(s, i) == '/' && tw_is_digit(at(s, i + 1)))) {
        uint32_t port = digits_end(s, i + 1);
        i = port > i + 1 ? port : i;
    }
    hit_add(s, digit, i, HIT_IP, true);
    return true;
}

/* ---------------------------------------------------------------- the run as a whole */

/* Digits that hang together by marks: nothing in them is looked at again. */
static uint32_t cluster_end(const text_scan *s, uint32_t i)
{
    for (;;) {
        i = digits_end(s, i);
        char c = at(s, i);
        if (c == '\0' || !strchr(".,:/-", c) || !tw_is_digit(at(s, i + 1)))
            return i;
        i++;
    }
}

void check_number(text_scan *s, uint32_t digit)
{
    if (digit < s->number_end)
        return;
    if (ch_alpha(before(s, digit)) && check_extension(s, digit))
        return;
    if (check_number_date(s, digit) || check_ip4(s, digit) || check_number_phone(s, digit) ||
        check_number_place(s, digit) || check_number_id(s, digit) || check_number_age(s, digit))
        return;
    s->number_end = TW_MAX(s->number_end, cluster_end(s, digit));
}

/* ---------------------------------------------------------------- ages over 89 */

static bool age_follows(const text_scan *s, uint32_t end)
{
    uint32_t i = end;
    while (ch_blank(at(s, i)) || (at(s, i) == '-' && i < end + 2))
        i++;
    uint32_t stop = i;
    while (ch_alpha(at(s, stop)) || ((at(s, stop) == '/' || at(s, stop) == '.') && ch_alpha(at(s, stop + 1))))
        stop++;
    tw_str word = { s->l + i, stop - i };
    if (word_in(word, "y/o yo y.o y.o.m y.o.f yom yof yr yrs year years y a\xc3\xb1os yo/m yo/f y/om y/of"))
        return true;
    if ((word_in(word, "m f") && (i == end || at(s, stop) == ',' || at(s, stop) == '\n')) ||
        word_in(word, "male female"))
        return true;
    return false;
}

bool check_number_age(text_scan *s, uint32_t digit)
{
    uint32_t end = digits_end(s, digit);
    int32_t v = number_at(s, digit, end);
    if (v < 90 || v > 125 || ch_word(before(s, digit)))
        return false;
    char b = before(s, digit);
    if (b == '.' || b == '/' || b == '$' || (b == '-' && ch_word(before(s, digit - 1))))
        return false;
    tw_str word = word_before(s, digit, ":=(,\n");
    bool place = word_in(word, "age aged turned turning turns edad ages");
    if (at(s, end) == '.' && tw_is_digit(at(s, end + 1)))
        return false;
    if (!place && tw_str_is(word, "of"))
        place = tw_str_is(word_before(s, (uint32_t)(word.p - s->l), ""), "age");
    if (!place && word_in(word, "is was be m turns") && !unit_follows(s, end) && at(s, end) != '/' && at(s, end) != '-')
        place = word_in(word_before(s, (uint32_t)(word.p - s->l), "'"),
                        "who she he i ll mother father grandmother grandfather");
    bool degrees = !place && word_in(word, "t temp temperature tmax of to febrile afebrile fever fevers at was");
    if (degrees || (!place && !age_follows(s, end))) {
        bool alone = (b == '(' && at(s, end) == ')') || (word_before(s, digit, "").n == 0 && at(s, end) == ',');
        if (alone || at(s, end) == ',')
            hit_add(s, digit, end, HIT_AGE, false);
        return false;
    }
    hit_add(s, digit, end, HIT_AGE, true);
    return true;
}

/* "ninety-four", "one hundred and two" */
void check_age_word(text_scan *s, uint32_t start, uint32_t end, unsigned value)
{
    static const char ones[] = "one two three four five six seven eight nine";
    uint32_t stop = end, next = end;
    if (value == 0)
        return;
    while (ch_blank(at(s, next)) || at(s, next) == '-')
        next++;
    tw_str word = { s->l + next, word_end(s, next) - next };
    if (value == 100 && tw_str_is(word, "and")) {
        next = blanks_end(s, next + 3);
        word = (tw_str){ s->l + next, word_end(s, next) - next };
    }
    bool more =
        word_in(word, ones) || (value == 90 && word_in(word, "y uno dos tres cuatro cinco seis siete ocho nueve"));
    if (more)
        stop = next + (uint32_t)word.n;
    tw_str first = word_before(s, start, "-\n");
    if (value == 100) {
        if (!word_in(first, "one a"))
            return;
        start = (uint32_t)(first.p - s->l);
        first = word_before(s, start, "\n");
    }
    next = stop;
    while (ch_blank(at(s, next)) || at(s, next) == '-')
        next++;
    word = (tw_str){ s->l + next, word_end(s, next) - next };
    bool years = word_in(word, "year years yr yrs yo y a\xc3\xb1os");
    bool place = word_in(first, "age aged turned turning turns is was be of she he she's he's at now nearly almost");
    bool sure = years || (place && !unit_follows(s, stop) && (more || !ch_alpha(at(s, next))));
    hit_add(s, start, stop, HIT_AGE, sure);
}
