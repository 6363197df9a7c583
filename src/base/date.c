/* Civil calendar arithmetic (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013). */
#include "base/base.h"

int64_t tw_days_from_civil(int64_t y, unsigned m, unsigned d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * ((int64_t)m + (m > 2 ? -3 : 9)) + 2) / 5 + (int64_t)d - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

void tw_civil_from_days(int64_t days, int64_t *y, unsigned *m, unsigned *d)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *d = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    *m = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    *y = yoe + era * 400 + (*m <= 2);
}

bool tw_civil_valid(int64_t y, unsigned m, unsigned d)
{
    if (y < 0 || y > 9999 || m < 1 || m > 12 || d < 1 || d > 31)
        return false;
    int64_t y2;
    unsigned m2;
    unsigned d2;
    tw_civil_from_days(tw_days_from_civil(y, m, d), &y2, &m2, &d2);
    return y2 == y && m2 == m && d2 == d;
}

tw_str tw_date_text(tw_arena *a, int64_t days)
{
    int64_t y;
    unsigned m;
    unsigned d;
    tw_civil_from_days(days, &y, &m, &d);
    return tw_strf(a, "%04lld-%02u-%02u", (long long)y, m, d);
}

tw_str tw_time_text(tw_arena *a, uint64_t utc_s)
{
    tw_str date = tw_date_text(a, (int64_t)(utc_s / 86400));
    unsigned s = (unsigned)(utc_s % 86400);
    return tw_strf(a, TW_FMT "T%02u:%02u:%02uZ", TW_ARG(date), s / 3600, s / 60 % 60, s % 60);
}

static bool digits(tw_str s, size_t off, size_t n, unsigned *out)
{
    uint64_t v;
    if (s.n < off + n || !tw_parse_u64(&v, (tw_str){ s.p + off, n }))
        return false;
    *out = (unsigned)v;
    return true;
}

/* "Z" or "+hh:mm" / "-hh:mm" at the end. */
static bool parse_zone(int64_t *offset_s, tw_str s)
{
    *offset_s = 0;
    if (tw_str_is(s, "Z"))
        return true;
    unsigned h;
    unsigned m;
    if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-') || s.p[3] != ':')
        return false;
    if (!digits(s, 1, 2, &h) || !digits(s, 4, 2, &m) || h > 14 || m > 59)
        return false;
    *offset_s = (int64_t)(h * 3600 + m * 60) * (s.p[0] == '-' ? -1 : 1);
    return true;
}

bool tw_time_parse(uint64_t *utc_s, tw_str s)
{
    unsigned y;
    unsigned mo;
    unsigned d;
    if (s.n < 10 || s.p[4] != '-' || s.p[7] != '-')
        return false;
    if (!digits(s, 0, 4, &y) || !digits(s, 5, 2, &mo) || !digits(s, 8, 2, &d) || !tw_civil_valid(y, mo, d))
        return false;
    int64_t t = tw_days_from_civil(y, mo, d) * 86400;
    if (s.n > 10) {
        unsigned h;
        unsigned mi;
        unsigned sec;
        int64_t zone;
        if (s.n < 20 || s.p[10] != 'T' || s.p[13] != ':' || s.p[16] != ':')
            return false;
        if (!digits(s, 11, 2, &h) || !digits(s, 14, 2, &mi) || !digits(s, 17, 2, &sec))
            return false;
        if (h > 23 || mi > 59 || sec > 60)
            return false;
        size_t at = 19;
        if (s.p[at] == '.')
            for (at++; at < s.n && s.p[at] >= '0' && s.p[at] <= '9';)
                at++;
        if (!parse_zone(&zone, (tw_str){ s.p + at, s.n - at }))
            return false;
        t += (int64_t)(h * 3600 + mi * 60 + sec) - zone;
    }
    if (t < 0)
        return false;
    *utc_s = (uint64_t)t;
    return true;
}
