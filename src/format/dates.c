/* Dates by pattern: D/M/YYYY, DD-MON-YY hh:mm. */
#include "format/format.h"

/* Token letters: Y year, y two digits of it, O month's name, M month, m month of one or two digits, D day, d day of one
 * or two digits, H hour, h hour of one or two digits, I minute, S second, F fraction, A AM or PM. */
static const struct {
    const char *text; /* longer ones first */
    char token;
} letters[] = {
    { "YYYY", 'Y' }, { "YY", 'y' }, { "MON", 'O' }, { "MM", 'M' }, { "M", 'm' }, { "DD", 'D' }, { "D", 'd' },
    { "hh", 'H' },   { "h", 'h' },  { "mm", 'I' },  { "ss", 'S' }, { "f", 'F' }, { "a", 'A' },
};

/* English, Spanish, German. */
#define LANGUAGES 3
static const char months[LANGUAGES][12][4] = {
    { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec" },
    { "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic" },
    { "jan", "feb", "mrz", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez" },
};

bool tw_date_format_has(const tw_date_format *f, const char *tokens)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->token[i] != 0 && strchr(tokens, f->token[i]))
            return true;
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static const char *judge(const tw_date_format *f)
{
    static const char *const once[] = { "Yy", "OMm", "Dd", "Hh", "I", "S", "F", "A" };
    if (!tw_date_format_has(f, "Yy"))
        return "the format has no year";
    for (size_t k = 0; k < TW_COUNT(once); k++) {
        size_t n = 0;
        for (size_t i = 0; i < f->n; i++)
            n += f->token[i] != 0 && strchr(once[k], f->token[i]) != NULL;
        if (n > 1)
            return "a part of the time stands twice in the format";
        if (k > 0 && k < 6 && n == 1 && !tw_date_format_has(f, once[k - 1]))
            return "a part of the time stands in the format without the greater part";
    }
    if (tw_date_format_has(f, "F") && !tw_date_format_has(f, "S"))
        return "a fraction stands in the format without the second";
    if (tw_date_format_has(f, "A") && !tw_date_format_has(f, "Hh"))
        return "AM and PM stand in the format without the hour";
    return NULL;
}

const char *tw_date_format_read(tw_date_format *out, tw_str s)
{
    *out = (tw_date_format){ .kind = TW_DATE_PATTERN };
    if (tw_str_is(s, "iso") || tw_str_is(s, "hl7")) {
        out->kind = tw_str_is(s, "iso") ? TW_DATE_ISO : TW_DATE_HL7;
        return NULL;
    }
    while (s.n > 0) {
        size_t k = 0;
        if (out->n == TW_DATE_TOKENS)
            return "the format has too many parts";
        while (k < TW_COUNT(letters) && !tw_str_starts(s, letters[k].text))
            k++;
        size_t take = k < TW_COUNT(letters) ? strlen(letters[k].text) : 1;
        if (k == TW_COUNT(letters) && s.p[0] != 'T' && (is_letter(s.p[0]) || (s.p[0] >= '0' && s.p[0] <= '9')))
            return "the format has a letter of no meaning; known are YYYY YY MON MM M DD D hh h mm ss f a";
        out->token[out->n] = k < TW_COUNT(letters) ? letters[k].token : '\0';
        out->literal[out->n++] = s.p[0];
        s = (tw_str){ s.p + take, s.n - take };
    }
    return judge(out);
}

/* Between min and max digits. */
static bool number(int *out, tw_str *s, size_t min, size_t max)
{
    size_t n = 0;
    int v = 0;
    for (; n < max && n < s->n && s->p[n] >= '0' && s->p[n] <= '9'; n++)
        v = v * 10 + (s->p[n] - '0');
    *s = (tw_str){ s->p + n, s->n - n };
    *out = v;
    return n >= min;
}

static char low(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* The first language that has the name. */
static bool month_name(int *out, int *language, tw_str *s)
{
    for (int l = 0; l < LANGUAGES && s->n >= 3; l++)
        for (int i = 0; i < 12; i++) {
            const char *m = months[l][i];
            if (low(s->p[0]) != m[0] || low(s->p[1]) != m[1] || low(s->p[2]) != m[2])
                continue;
            *out = i + 1;
            *language = l;
            *s = (tw_str){ s->p + 3, s->n - 3 };
            return true;
        }
    return false;
}

static bool half_of_day(tw_date_parts *p, tw_str *s)
{
    if (s->n < 2 || low(s->p[1]) != 'm' || (low(s->p[0]) != 'a' && low(s->p[0]) != 'p'))
        return false;
    p->half = low(s->p[0]) == 'a' ? 1 : 2;
    *s = (tw_str){ s->p + 2, s->n - 2 };
    return true;
}

static bool take_token(tw_date_parts *p, tw_str *s, char token, char literal, int pivot)
{
    int v;
    switch (token) {
    case 'Y':
        return number(&p->year, s, 4, 4);
    case 'y':
        if (!number(&v, s, 2, 2))
            return false;
        p->year = v + (v <= pivot ? 2000 : 1900);
        return true;
    case 'O':
        return month_name(&p->month, &p->language, s);
    case 'M':
    case 'm':
        return number(&p->month, s, token == 'M' ? 2 : 1, 2);
    case 'D':
    case 'd':
        return number(&p->day, s, token == 'D' ? 2 : 1, 2);
    case 'H':
    case 'h':
        return number(&p->hour, s, token == 'H' ? 2 : 1, 2);
    case 'I':
        return number(&p->minute, s, 2, 2);
    case 'S':
        return number(&p->second, s, 2, 2);
    case 'F':
        return number(&v, s, 1, 9);
    case 'A':
        return half_of_day(p, s);
    default:
        if (s->n == 0 || s->p[0] != literal)
            return false;
        *s = (tw_str){ s->p + 1, s->n - 1 };
        return true;
    }
}

bool tw_date_read(tw_date_parts *out, const tw_date_format *f, int pivot, tw_str s)
{
    tw_date_parts p = { .month = 1, .day = 1 };
    for (size_t i = 0; i < f->n; i++)
        if (!take_token(&p, &s, f->token[i], f->literal[i], pivot))
            return false;
    if (p.half && (p.hour < 1 || p.hour > 12))
        return false;
    if (p.half)
        p.hour = p.hour % 12 + (p.half == 2 ? 12 : 0);
    *out = p;
    return s.n == 0 && p.year >= 1 && p.hour < 24 && p.minute < 60 && p.second < 60 &&
           tw_civil_valid(p.year, (unsigned)p.month, (unsigned)p.day);
}

/* ---------------------------------------------------------------- writing */

/* In the letters' case of the name that stood there. */
static void put_month(tw_buf *out, int month, int language, tw_str as)
{
    const char *m = months[language][month - 1];
    for (size_t i = 0; i < 3; i++) {
        bool upper = as.n == 3 && as.p[i] >= 'A' && as.p[i] <= 'Z';
        tw_buf_u8(out, (uint8_t)(upper ? m[i] - 32 : m[i]));
    }
}

/* A number of one or two digits has two where a nought stood before it. */
static void put_short(tw_buf *out, int v, tw_str as)
{
    tw_buf_fmt(out, as.n == 2 && as.p[0] == '0' ? "%02d" : "%d", v);
}

static void put_token(tw_buf *out, const tw_date_format *f, size_t i, tw_str as, const tw_date_parts *t)
{
    char token = f->token[i];
    if (token == 'Y')
        tw_buf_fmt(out, "%04d", t->year);
    else if (token == 'y')
        tw_buf_fmt(out, "%02d", t->year % 100);
    else if (token == 'O')
        put_month(out, t->month, t->language, as);
    else if (token == 'M' || token == 'D')
        tw_buf_fmt(out, "%02d", token == 'M' ? t->month : t->day);
    else if (token == 'm' || token == 'd')
        put_short(out, token == 'm' ? t->month : t->day, as);
    else if (as.n)
        tw_buf_str(out, as);
    else if (token == 'A')
        tw_buf_cstr(out, "AM");
    else if (token == 'h' || token == 'F')
        tw_buf_fmt(out, "%d", token == 'h' ? t->hour : 0);
    else if (token)
        tw_buf_fmt(out, "%02d", token == 'H' ? t->hour : token == 'I' ? t->minute : t->second);
    else
        tw_buf_u8(out, (uint8_t)f->literal[i]);
}

void tw_date_write(tw_buf *out, const tw_date_format *f, tw_str as, const tw_date_parts *day)
{
    tw_date_parts there = { .year = 0 }, d = *day;
    bool like = as.n > 0;
    for (size_t i = 0; i < f->n; i++) {
        tw_str rest = as, stood = { "", 0 };
        if (like && take_token(&there, &rest, f->token[i], f->literal[i], 0))
            stood = (tw_str){ as.p, as.n - rest.n };
        as = like ? rest : as;
        if (f->token[i] == 'O' && like)
            d.language = there.language;
        put_token(out, f, i, stood, &d);
    }
}
