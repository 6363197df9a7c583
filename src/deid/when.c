/* Dates and times of FHIR R4, their keyed shift and their years.
 *
 * date "YYYY, YYYY-MM, or YYYY-MM-DD"; dateTime adds "YYYY-MM-DDThh:mm:ss+zz:zz"; instant needs all of it. A shifted
 * time is written in UTC with whole seconds: intervals stay exact, the zone (a place) goes. A shift of whole weeks
 * keeps the day of the week. A value without a day is shifted as its first day and keeps the year only, since a shift
 * has no finer meaning. */
#include "deid/deid_internal.h"

#define YEAR_MIN 1800
#define YEAR_MAX 2299
#define DAY_S 86400

/* n digits at s[*at]. */
static bool take(unsigned *out, tw_str s, size_t *at, size_t n)
{
    unsigned v = 0;
    if (s.n - *at < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = s.p[*at + i];
        if (c < '0' || c > '9')
            return false;
        v = v * 10 + (unsigned)(c - '0');
    }
    *at += n;
    *out = v;
    return true;
}

static bool sign(tw_str s, size_t *at, char c)
{
    if (*at >= s.n || s.p[*at] != c)
        return false;
    ++*at;
    return true;
}

static bool zone(when *w, tw_str s, size_t *at)
{
    unsigned h = 0, m = 0;
    if (sign(s, at, 'Z'))
        return true;
    bool minus = *at < s.n && s.p[*at] == '-';
    if (!minus && !(*at < s.n && s.p[*at] == '+'))
        return false;
    ++*at;
    if (!take(&h, s, at, 2) || !sign(s, at, ':') || !take(&m, s, at, 2) || h > 14 || m > 59)
        return false;
    w->offset_min = (int)(h * 60 + m) * (minus ? -1 : 1);
    return true;
}

static bool time_part(when *w, tw_str s, size_t *at)
{
    if (!take(&w->h, s, at, 2) || !sign(s, at, ':') || !take(&w->mi, s, at, 2))
        return false;
    if (sign(s, at, ':') && !take(&w->s, s, at, 2))
        return false;
    if (sign(s, at, '.')) {
        size_t from = *at;
        while (*at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9')
            ++*at;
        if (*at == from)
            return false;
    }
    w->time = true;
    return w->h < 24 && w->mi < 60 && w->s <= 60 && zone(w, s, at);
}

bool when_parse(when *out, tw_str s)
{
    size_t at = 0;
    unsigned y = 0;
    *out = (when){ .y = 0 };
    if (s.n > 40 || !take(&y, s, &at, 4) || y < YEAR_MIN || y > YEAR_MAX)
        return false;
    out->y = y;
    if (at < s.n && (!sign(s, &at, '-') || !take(&out->m, s, &at, 2) || out->m < 1 || out->m > 12))
        return false;
    if (at < s.n && (!sign(s, &at, '-') || !take(&out->d, s, &at, 2) || !tw_civil_valid(out->y, out->m, out->d)))
        return false;
    if (at < s.n && (!sign(s, &at, 'T') || !time_part(out, s, &at)))
        return false;
    return at == s.n;
}

static int64_t first_second(const when *w)
{
    int64_t day = tw_days_from_civil(w->y, w->m ? w->m : 1, w->d ? w->d : 1);
    int64_t s = day * DAY_S + w->h * 3600 + w->mi * 60 + TW_MIN(w->s, 59u);
    return s - (int64_t)w->offset_min * 60;
}

static int64_t floor_day(int64_t s)
{
    return s >= 0 ? s / DAY_S : -((-s + DAY_S - 1) / DAY_S);
}

int64_t when_day(const when *w)
{
    return floor_day(first_second(w));
}

size_t when_year(char out[WHEN_TEXT], const when *w, int weeks)
{
    int64_t y;
    unsigned m, d;
    tw_civil_from_days(when_day(w) + (int64_t)weeks * 7, &y, &m, &d);
    int n = snprintf(out, WHEN_TEXT, "%04d", (int)y);
    return n > 0 ? (size_t)n : 0;
}

static void two(char *p, unsigned v)
{
    p[0] = (char)('0' + v / 10 % 10);
    p[1] = (char)('0' + v % 10);
}

size_t when_shift(char out[WHEN_TEXT], const when *w, int weeks)
{
    if (!w->d)
        return when_year(out, w, weeks);
    int64_t s = first_second(w) + (int64_t)weeks * 7 * DAY_S, y;
    unsigned m, d;
    int64_t day = floor_day(s);
    unsigned of_day = (unsigned)(s - day * DAY_S);
    tw_civil_from_days(day, &y, &m, &d);
    two(out, (unsigned)y / 100);
    two(out + 2, (unsigned)y % 100);
    out[4] = '-';
    two(out + 5, m);
    out[7] = '-';
    two(out + 8, d);
    if (!w->time)
        return 10;
    out[10] = 'T';
    two(out + 11, of_day / 3600);
    out[13] = ':';
    two(out + 14, of_day / 60 % 60);
    out[16] = ':';
    two(out + 17, of_day % 60);
    out[19] = 'Z';
    return 20;
}

int64_t when_age(const when *birth, int64_t day)
{
    int64_t y;
    unsigned m, d, bm = birth->m ? birth->m : 1, bd = birth->d ? birth->d : 1;
    tw_civil_from_days(day, &y, &m, &d);
    return y - birth->y - (m < bm || (m == bm && d < bd));
}
