/* Times as other formats write them, and the clocks of sources. */
#include "sources/decode.h"

#include <stdlib.h>

/* ---------------------------------------------------------------- digits */

/* Exactly n digits at the front of *s. */
static bool digits(int *out, tw_str *s, size_t n)
{
    int v = 0;
    if (s->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        v = v * 10 + (s->p[i] - '0');
    }
    *out = v;
    *s = (tw_str){ s->p + n, s->n - n };
    return true;
}

static bool take(tw_str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = (tw_str){ s->p + 1, s->n - 1 };
    return true;
}

/* ".S" to ".SSSSSSSSS": read and dropped, records are kept to the second. */
static bool pass_fraction(tw_str *s)
{
    size_t n = 0;
    if (!take(s, '.'))
        return true;
    while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
        n++;
    *s = (tw_str){ s->p + n, s->n - n };
    return n > 0 && n <= 9;
}

/* The rest: nothing, Z, or +hh[:]mm. */
static bool take_offset(tw_when *t, tw_str s)
{
    int h;
    int m;
    if (s.n == 0)
        return true;
    t->has_offset = true;
    if (take(&s, 'Z'))
        return s.n == 0;
    int sign = s.p[0] == '-' ? -1 : 1;
    if (!take(&s, '+') && !take(&s, '-'))
        return false;
    if (!digits(&h, &s, 2))
        return false;
    take(&s, ':');
    if (!digits(&m, &s, 2) || s.n > 0 || h > 14 || m > 59)
        return false;
    t->offset_min = (int16_t)(sign * (h * 60 + m));
    return true;
}

static bool sound(const tw_when *t)
{
    unsigned month = t->precision >= TW_WHEN_MONTH ? t->month : 1;
    unsigned day = t->precision >= TW_WHEN_DAY ? t->day : 1;
    return t->year >= 1 && tw_civil_valid(t->year, month, day) && t->hour <= 23 && t->minute <= 59 && t->second <= 59;
}

static void set(tw_when *t, tw_when_precision p, int v)
{
    t->precision = p;
    if (p == TW_WHEN_YEAR)
        t->year = (int16_t)v;
    else if (p == TW_WHEN_MONTH)
        t->month = (uint8_t)v;
    else if (p == TW_WHEN_DAY)
        t->day = (uint8_t)v;
    else if (p == TW_WHEN_SECOND)
        t->second = (uint8_t)(v == 60 ? 59 : v); /* a leap second */
}

static bool next_is_digit(tw_str s)
{
    return s.n > 0 && s.p[0] >= '0' && s.p[0] <= '9';
}

bool tw_when_hl7(tw_when *out, tw_str s)
{
    static const tw_when_precision part[] = { TW_WHEN_YEAR, TW_WHEN_MONTH, TW_WHEN_DAY };
    int v;
    *out = (tw_when){ .precision = TW_WHEN_NONE };
    if (s.n == 0)
        return true;
    for (size_t i = 0; i < TW_COUNT(part) && (i == 0 || next_is_digit(s)); i++) {
        if (!digits(&v, &s, i == 0 ? 4 : 2))
            return false;
        set(out, part[i], v);
    }
    if (out->precision == TW_WHEN_DAY && next_is_digit(s)) {
        if (!digits(&v, &s, 2))
            return false;
        out->hour = (uint8_t)v;
        out->precision = TW_WHEN_MINUTE;
        if (next_is_digit(s)) {
            if (!digits(&v, &s, 2))
                return false;
            out->minute = (uint8_t)v;
        }
        if (next_is_digit(s)) {
            if (!digits(&v, &s, 2) || v > 60)
                return false;
            set(out, TW_WHEN_SECOND, v);
        }
    }
    return pass_fraction(&s) && take_offset(out, s) && sound(out);
}

bool tw_when_iso(tw_when *out, tw_str s)
{
    int v;
    *out = (tw_when){ .precision = TW_WHEN_NONE };
    if (s.n == 0)
        return true;
    if (!digits(&v, &s, 4))
        return false;
    set(out, TW_WHEN_YEAR, v);
    if (!take(&s, '-'))
        return s.n == 0 && sound(out);
    if (!digits(&v, &s, 2))
        return false;
    set(out, TW_WHEN_MONTH, v);
    if (!take(&s, '-'))
        return s.n == 0 && sound(out);
    if (!digits(&v, &s, 2))
        return false;
    set(out, TW_WHEN_DAY, v);
    if (!take(&s, 'T') && !take(&s, ' '))
        return s.n == 0 && sound(out);
    int minute;
    if (!digits(&v, &s, 2) || !take(&s, ':') || !digits(&minute, &s, 2))
        return false;
    out->hour = (uint8_t)v;
    out->minute = (uint8_t)minute;
    out->precision = TW_WHEN_MINUTE;
    if (take(&s, ':')) {
        if (!digits(&v, &s, 2) || v > 60)
            return false;
        set(out, TW_WHEN_SECOND, v);
    }
    return pass_fraction(&s) && take_offset(out, s) && sound(out);
}

tw_str tw_when_date_text(char *buf, const tw_when *t)
{
    int n = 0;
    if (t->precision == TW_WHEN_YEAR)
        n = snprintf(buf, TW_WHEN_TEXT, "%04d", t->year);
    else if (t->precision == TW_WHEN_MONTH)
        n = snprintf(buf, TW_WHEN_TEXT, "%04d-%02d", t->year, t->month);
    else if (t->precision >= TW_WHEN_DAY)
        n = snprintf(buf, TW_WHEN_TEXT, "%04d-%02d-%02d", t->year, t->month, t->day);
    return (tw_str){ buf, n > 0 ? (size_t)n : 0 };
}

tw_str tw_when_text(char *buf, const tw_when *t, const tw_zone *z)
{
    tw_str date = tw_when_date_text(buf, t);
    if (t->precision < TW_WHEN_MINUTE)
        return date;
    int32_t local = t->hour * 3600 + t->minute * 60 + t->second;
    int32_t offset = t->has_offset ? t->offset_min * 60
                                   : tw_zone_offset(z, tw_days_from_civil(t->year, t->month, t->day), local);
    int32_t minutes = abs(offset) / 60;
    int n = snprintf(buf + date.n, TW_WHEN_TEXT - date.n, "T%02d:%02d:%02d", t->hour, t->minute, t->second);
    size_t at = date.n + (size_t)n;
    if (offset == 0)
        n = snprintf(buf + at, TW_WHEN_TEXT - at, "Z");
    else
        n = snprintf(buf + at, TW_WHEN_TEXT - at, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return (tw_str){ buf, at + (size_t)n };
}

/* ---------------------------------------------------------------- clocks */

/* Up to three digits. */
static bool number(int *out, tw_str *s, int min, int max)
{
    int v = 0;
    size_t n = 0;
    for (; n < s->n && n < 3 && s->p[n] >= '0' && s->p[n] <= '9'; n++)
        v = v * 10 + (s->p[n] - '0');
    if (n == 0 || v < min || v > max)
        return false;
    *s = (tw_str){ s->p + n, s->n - n };
    *out = v;
    return true;
}

/* "CET", or "<+03>". */
static bool zone_name(tw_str *s)
{
    size_t n = 0;
    if (take(s, '<')) {
        size_t end = tw_str_find(*s, TW_STR(">"));
        if (end == SIZE_MAX || end < 3)
            return false;
        *s = (tw_str){ s->p + end + 1, s->n - end - 1 };
        return true;
    }
    while (n < s->n && ((s->p[n] >= 'A' && s->p[n] <= 'Z') || (s->p[n] >= 'a' && s->p[n] <= 'z')))
        n++;
    *s = (tw_str){ s->p + n, s->n - n };
    return n >= 3;
}

/* [+-]h[h[h]][:mm[:ss]] */
static bool clock_text(int32_t *out, tw_str *s, int hours_max)
{
    int part[3] = { 0 };
    bool minus = take(s, '-');
    if (!minus)
        take(s, '+');
    if (!number(&part[0], s, 0, hours_max))
        return false;
    for (size_t i = 1; i < 3 && take(s, ':'); i++)
        if (!number(&part[i], s, 0, 59))
            return false;
    *out = part[0] * 3600 + part[1] * 60 + part[2];
    *out = minus ? -*out : *out;
    return true;
}

static bool zone_rule(uint8_t *kind, uint16_t field[3], int32_t *at_s, tw_str *s)
{
    int v[3] = { 0 };
    if (!take(s, ','))
        return false;
    if (take(s, 'M')) {
        *kind = 'M';
        if (!number(&v[0], s, 1, 12) || !take(s, '.') || !number(&v[1], s, 1, 5) || !take(s, '.') ||
            !number(&v[2], s, 0, 6))
            return false;
    } else if (take(s, 'J')) {
        *kind = 'J';
        if (!number(&v[2], s, 1, 365))
            return false;
    } else {
        *kind = 'D';
        if (!number(&v[2], s, 0, 365))
            return false;
    }
    for (size_t i = 0; i < 3; i++)
        field[i] = (uint16_t)v[i];
    *at_s = 7200;
    return !take(s, '/') || clock_text(at_s, s, 167);
}

static bool read_zone(tw_zone *z, tw_str s)
{
    int32_t west;
    uint16_t b[3];
    uint16_t e[3];
    if (!zone_name(&s) || !clock_text(&west, &s, 24))
        return false;
    z->standard_s = -west;
    if (s.n == 0)
        return true;
    z->has_summer = true;
    z->summer_s = z->standard_s + 3600;
    if (!zone_name(&s))
        return false;
    if (s.n > 0 && s.p[0] != ',') {
        if (!clock_text(&west, &s, 24))
            return false;
        z->summer_s = -west;
    }
    if (!zone_rule(&z->begin.kind, b, &z->begin.at_s, &s) || !zone_rule(&z->end.kind, e, &z->end.at_s, &s))
        return false;
    z->begin.month = b[0];
    z->begin.week = b[1];
    z->begin.day = b[2];
    z->end.month = e[0];
    z->end.week = e[1];
    z->end.day = e[2];
    return s.n == 0;
}

tw_status tw_zone_parse(tw_ctx *cx, tw_zone *out, tw_str text)
{
    *out = (tw_zone){ .standard_s = 0 };
    if (text.n == 0 || read_zone(out, text))
        return TW_OK;
    return tw_fail(cx, TW_EPARSE, "the zone is no POSIX TZ text, such as CET-1CEST,M3.5.0,M10.5.0/3");
}

/* Day of a change in a year, counted from 1970. */
static int64_t change_day(int64_t year, uint8_t kind, uint16_t month, uint16_t week, uint16_t day)
{
    int64_t first = tw_days_from_civil(year, 1, 1);
    bool leap = tw_civil_valid(year, 2, 29);
    if (kind == 'D')
        return first + day;
    if (kind == 'J')
        return first + day - 1 + (leap && day >= 60);
    int64_t month_first = tw_days_from_civil(year, month, 1);
    int64_t next = month == 12 ? tw_days_from_civil(year + 1, 1, 1) : tw_days_from_civil(year, month + 1u, 1);
    int64_t weekday = ((month_first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday; Sunday is 0 */
    int64_t at = month_first + (day - weekday + 7) % 7 + 7 * (week - 1);
    return at >= next ? at - 7 : at;
}

int32_t tw_zone_offset(const tw_zone *z, int64_t day, int32_t second)
{
    int64_t y;
    unsigned m;
    unsigned d;
    if (!z->has_summer)
        return z->standard_s;
    tw_civil_from_days(day, &y, &m, &d);
    /* Both changes are given in the clock that they end. */
    int64_t begin = change_day(y, z->begin.kind, z->begin.month, z->begin.week, z->begin.day) * 86400 + z->begin.at_s;
    int64_t end = change_day(y, z->end.kind, z->end.month, z->end.week, z->end.day) * 86400 + z->end.at_s;
    int64_t now = day * 86400 + second;
    begin += TW_MAX(z->summer_s - z->standard_s, 0); /* the hour that is left out still counts as before */
    bool summer = begin < end ? now >= begin && now < end : now >= begin || now < end;
    return summer ? z->summer_s : z->standard_s;
}
