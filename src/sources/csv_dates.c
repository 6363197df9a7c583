/* Times as columns write them: by ISO 8601, by HL7, or by a pattern that a mapping declares. */
#include "sources/csv_internal.h"

/* Token letters: Y year, y two digits of it, O month's name, M month, m month of one or two digits, D day, d day of one
 * or two digits, H hour, h hour of one or two digits, I minute, S second, F fraction, A AM or PM. */
static const struct {
    const char *text; /* longer ones first */
    char token;
} letters[] = {
    { "YYYY", 'Y' }, { "YY", 'y' }, { "MON", 'O' }, { "MM", 'M' }, { "M", 'm' }, { "DD", 'D' }, { "D", 'd' },
    { "hh", 'H' },   { "h", 'h' },  { "mm", 'I' },  { "ss", 'S' }, { "f", 'F' }, { "a", 'A' },
};

static const struct {
    const char *name;
    uint8_t month;
} months[] = {
    { "jan", 1 },  { "ene", 1 },  { "feb", 2 },  { "mar", 3 },  { "mrz", 3 },  { "apr", 4 },  { "abr", 4 },
    { "may", 5 },  { "mai", 5 },  { "jun", 6 },  { "jul", 7 },  { "aug", 8 },  { "ago", 8 },  { "sep", 9 },
    { "oct", 10 }, { "okt", 10 }, { "nov", 11 }, { "dec", 12 }, { "dez", 12 }, { "dic", 12 },
};

static bool has(const tw_cm_format *f, const char *tokens)
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

static const char *judge(const tw_cm_format *f)
{
    static const char *const once[] = { "Yy", "OMm", "Dd", "Hh", "I", "S", "F", "A" };
    if (!has(f, "Yy"))
        return "the format has no year";
    for (size_t k = 0; k < TW_COUNT(once); k++) {
        size_t n = 0;
        for (size_t i = 0; i < f->n; i++)
            n += f->token[i] != 0 && strchr(once[k], f->token[i]) != NULL;
        if (n > 1)
            return "a part of the time stands twice in the format";
        if (k > 0 && k < 6 && n == 1 && !has(f, once[k - 1]))
            return "a part of the time stands in the format without the greater part";
    }
    if (has(f, "F") && !has(f, "S"))
        return "a fraction stands in the format without the second";
    return has(f, "A") && !has(f, "Hh") ? "AM and PM stand in the format without the hour" : NULL;
}

const char *tw_cm_format_read(tw_cm_format *out, tw_str s)
{
    *out = (tw_cm_format){ .kind = TW_CM_PATTERN };
    if (tw_str_is(s, "iso") || tw_str_is(s, "hl7")) {
        out->kind = tw_str_is(s, "iso") ? TW_CM_ISO : TW_CM_HL7;
        return NULL;
    }
    while (s.n > 0) {
        size_t k = 0;
        if (out->n == TW_CM_DATE_TOKENS)
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

bool tw_cm_format_has_short_year(const tw_cm_format *f)
{
    return f->kind == TW_CM_PATTERN && has(f, "y");
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

static bool month_name(int *out, tw_str *s)
{
    for (size_t i = 0; i < TW_COUNT(months) && s->n >= 3; i++) {
        const char *m = months[i].name;
        if (low(s->p[0]) != m[0] || low(s->p[1]) != m[1] || low(s->p[2]) != m[2])
            continue;
        *out = months[i].month;
        *s = (tw_str){ s->p + 3, s->n - 3 };
        return true;
    }
    return false;
}

typedef struct {
    int year, month, day, hour, minute, second;
    int noon; /* 0: none, 1: AM, 2: PM */
} parts;

static bool half_of_day(parts *p, tw_str *s)
{
    if (s->n < 2 || low(s->p[1]) != 'm' || (low(s->p[0]) != 'a' && low(s->p[0]) != 'p'))
        return false;
    p->noon = low(s->p[0]) == 'a' ? 1 : 2;
    *s = (tw_str){ s->p + 2, s->n - 2 };
    return true;
}

static bool take_token(parts *p, tw_str *s, char token, char literal, int pivot)
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
        return month_name(&p->month, s);
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

static bool by_pattern(tw_when *out, const tw_cm_format *f, int pivot, tw_str s)
{
    parts p = { .month = 1, .day = 1 };
    for (size_t i = 0; i < f->n; i++)
        if (!take_token(&p, &s, f->token[i], f->literal[i], pivot))
            return false;
    if (p.noon && (p.hour < 1 || p.hour > 12))
        return false;
    if (p.noon)
        p.hour = p.hour % 12 + (p.noon == 2 ? 12 : 0);
    if (s.n > 0 || p.year < 1 || p.hour > 23 || p.minute > 59 || p.second > 59 ||
        !tw_civil_valid(p.year, (unsigned)p.month, (unsigned)p.day))
        return false;
    *out = (tw_when){ .precision = TW_WHEN_YEAR,
                      .year = (int16_t)p.year,
                      .month = (uint8_t)p.month,
                      .day = (uint8_t)p.day,
                      .hour = (uint8_t)p.hour,
                      .minute = (uint8_t)p.minute,
                      .second = (uint8_t)p.second };
    if (has(f, "S"))
        out->precision = TW_WHEN_SECOND;
    else if (has(f, "Hh"))
        out->precision = TW_WHEN_MINUTE;
    else if (has(f, "Dd"))
        out->precision = TW_WHEN_DAY;
    else if (has(f, "OMm"))
        out->precision = TW_WHEN_MONTH;
    return true;
}

static bool by_format(tw_when *out, const tw_cm_format *f, int pivot, tw_str s)
{
    if (f->kind == TW_CM_ISO)
        return tw_when_iso(out, s);
    return f->kind == TW_CM_HL7 ? tw_when_hl7(out, s) : by_pattern(out, f, pivot, s);
}

bool tw_cm_dates_take(tw_when *out, const tw_cm_dates *d, tw_str text)
{
    *out = (tw_when){ .precision = TW_WHEN_NONE };
    if (text.n == 0)
        return true;
    for (size_t i = 0; i < d->n; i++)
        if (by_format(out, &d->format[i], d->pivot, text))
            return true;
    return false;
}

/* ---------------------------------------------------------------- two formats, one text */

static tw_str write_token(char *room, size_t cap, const tw_cm_format *f, size_t i, const tw_when *t)
{
    int n = 0;
    switch (f->token[i]) {
    case 'Y':
        n = snprintf(room, cap, "%04d", t->year);
        break;
    case 'y':
        n = snprintf(room, cap, "%02d", t->year % 100);
        break;
    case 'O':
        n = snprintf(room, cap, "%s", t->month == 4 ? "apr" : t->month == 10 ? "oct" : "dec");
        break;
    case 'M':
        n = snprintf(room, cap, "%02d", t->month);
        break;
    case 'm':
        n = snprintf(room, cap, "%d", t->month);
        break;
    case 'D':
        n = snprintf(room, cap, "%02d", t->day);
        break;
    case 'd':
        n = snprintf(room, cap, "%d", t->day);
        break;
    case 'H':
        n = snprintf(room, cap, "%02d", t->hour);
        break;
    case 'h':
        n = snprintf(room, cap, "%d", t->hour);
        break;
    case 'I':
        n = snprintf(room, cap, "%02d", t->minute);
        break;
    case 'S':
        n = snprintf(room, cap, "%02d", t->second);
        break;
    case 'F':
        n = snprintf(room, cap, "0");
        break;
    case 'A':
        n = snprintf(room, cap, "AM");
        break;
    default:
        n = snprintf(room, cap, "%c", f->literal[i]);
        break;
    }
    return (tw_str){ room, n < 0 ? 0 : (size_t)n };
}

static tw_str write_as(char *room, size_t cap, const tw_cm_format *f, const tw_when *t)
{
    size_t used = 0;
    int n;
    if (f->kind == TW_CM_ISO || f->kind == TW_CM_HL7) {
        n = snprintf(room, cap, f->kind == TW_CM_ISO ? "%04d-%02d-%02d" : "%04d%02d%02d", t->year, t->month, t->day);
        return (tw_str){ room, (size_t)n };
    }
    for (size_t i = 0; i < f->n; i++)
        used += write_token(room + used, cap - used, f, i, t).n;
    return (tw_str){ room, used };
}

static bool same_time(const tw_when *a, const tw_when *b)
{
    return a->year == b->year && a->month == b->month && a->day == b->day && a->hour == b->hour &&
           a->minute == b->minute;
}

/* Some texts of one format, read by both. */
static bool pair_clashes(const tw_cm_format *a, const tw_cm_format *b, int pivot)
{
    static const int16_t year[] = { 2003, 1912, 2011, 2020 };
    static const uint8_t month[] = { 4, 12, 10 };
    static const uint8_t day[] = { 5, 11, 20 };
    for (size_t i = 0; i < TW_COUNT(year) * TW_COUNT(month) * TW_COUNT(day); i++) {
        char room[TW_CM_DATE_TOKENS * 8];
        tw_when t = { .year = year[i % 4], .month = month[i / 4 % 3], .day = day[i / 12], .hour = 7, .minute = 8 };
        tw_when by_a;
        tw_when by_b;
        tw_str text = write_as(room, sizeof room, a, &t);
        if (by_format(&by_a, a, pivot, text) && by_format(&by_b, b, pivot, text) && !same_time(&by_a, &by_b))
            return true;
    }
    return false;
}

bool tw_cm_dates_clash(const tw_cm_dates *d)
{
    for (size_t i = 0; i < d->n; i++)
        for (size_t k = 0; k < d->n; k++)
            if (i != k && pair_clashes(&d->format[i], &d->format[k], d->pivot))
                return true;
    return false;
}
