/* Chance, times and decimals: integers only, so that digits do not depend on a machine. */
#include "sources/synth_internal.h"

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

tw_chance tw_chance_of(uint64_t seed, uint64_t person, uint64_t hospital, tw_chance_matter matter)
{
    uint64_t s = mix(seed + 0x9e3779b97f4a7c15u);
    s = mix(s ^ (person + 1) * 0xd1342543de82ef95u);
    s = mix(s ^ (hospital + 1) * 0xaf251af3b0f025b5u);
    return (tw_chance){ mix(s ^ (uint64_t)matter * 0xb564ef22ec7aece5u) };
}

uint64_t tw_chance_next(tw_chance *c)
{
    return mix(c->state += 0x9e3779b97f4a7c15u);
}

uint32_t tw_chance_below(tw_chance *c, uint32_t n)
{
    TW_ASSERT(n > 0);
    return (uint32_t)((tw_chance_next(c) >> 32) * n >> 32);
}

bool tw_chance_one_in(tw_chance *c, uint32_t n)
{
    return tw_chance_below(c, n) == 0;
}

tw_str tw_chance_tenths(tw_arena *a, tw_chance *c, uint32_t from, uint32_t n)
{
    uint32_t tenths = from + tw_chance_below(c, n);
    return tw_strf(a, "%u.%u", tenths / 10, tenths % 10);
}

tw_str tw_chance_digits(tw_arena *a, tw_chance *c, unsigned digits)
{
    static const uint32_t powers[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000 };
    TW_ASSERT(digits < TW_COUNT(powers));
    return tw_strf(a, "%0*u", (int)digits, tw_chance_below(c, powers[digits]));
}

/* ---------------------------------------------------------------- times */

/* 1970-01-01 was a Thursday; 0 = Sunday. */
static unsigned weekday(int64_t day)
{
    return (unsigned)((day % 7 + 7 + 4) % 7);
}

static int64_t nth_sunday(int64_t year, unsigned month, unsigned n)
{
    int64_t first = tw_days_from_civil(year, month, 1);
    return first + (7 - weekday(first)) % 7 + 7 * (int64_t)(n - 1);
}

static int64_t year_of(int64_t day)
{
    int64_t y;
    unsigned m;
    unsigned d;
    tw_civil_from_days(day, &y, &m, &d);
    return y;
}

int64_t tw_synth_clock_night(int64_t day)
{
    return nth_sunday(year_of(day), 11, 1);
}

/* 15 U.S.C. 260a, since 2007: second Sunday of March to first Sunday of November, at two o'clock. */
static int offset_hours(int64_t day, int minute, bool second_pass)
{
    int64_t spring = nth_sunday(year_of(day), 3, 2);
    int64_t autumn = nth_sunday(year_of(day), 11, 1);
    bool after_spring = day > spring || (day == spring && minute >= 120);
    bool before_autumn = day < autumn || (day == autumn && minute < 120 && !(second_pass && minute >= 60));
    return after_spring && before_autumn ? -4 : -5;
}

tw_str tw_synth_time(tw_arena *a, int64_t day, int minute, bool utc, bool second_pass)
{
    int hours = offset_hours(day, minute, second_pass);
    if (utc) {
        minute -= hours * 60;
        day += minute / (24 * 60);
        minute %= 24 * 60;
    }
    tw_str date = tw_date_text(a, day);
    if (utc)
        return tw_strf(a, TW_FMT "T%02d:%02d:00Z", TW_ARG(date), minute / 60, minute % 60);
    return tw_strf(a, TW_FMT "T%02d:%02d:00-%02d:00", TW_ARG(date), minute / 60, minute % 60, -hours);
}

tw_str tw_synth_decimal(tw_arena *a, double v, unsigned decimals)
{
    static const int64_t scales[] = { 1, 10, 100, 1000 };
    TW_ASSERT(decimals < TW_COUNT(scales) && v >= 0 && v < 1e9);
    int64_t scale = scales[decimals];
    int64_t n = (int64_t)(v * (double)scale + 0.5);
    for (; decimals > 0 && n % 10 == 0; decimals--) {
        n /= 10;
        scale /= 10;
    }
    if (decimals == 0)
        return tw_strf(a, "%lld", (long long)n);
    return tw_strf(a, "%lld.%0*lld", (long long)(n / scale), (int)decimals, (long long)(n % scale));
}
