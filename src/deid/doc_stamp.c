/* Times and numbers as tables and C-CDA write them: 2024-03-31T02:30:00+02:00, 20240331023000+0200. */
#include "deid/doc_internal.h"

#define UNIT_MAX 64

static bool digits(int64_t *out, tw_str s, size_t at, size_t n)
{
    int64_t v = 0;
    if (at + n > s.n)
        return false;
    for (size_t i = at; i < at + n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v * 10 + (s.p[i] - '0');
    }
    *out = v;
    return true;
}

typedef struct {
    when w;
    bool dashes;  /* 2024-03-31, not 20240331 */
    size_t day_n; /* bytes of year, month and day; what follows is a time of day and its zone */
} stamp;

/* Two digits below `below`, and a colon before them where the day had dashes; *at goes past them. */
static bool pair(tw_str s, size_t *at, bool colon, int64_t below)
{
    int64_t v;
    size_t i = *at;
    if (colon) {
        if (i >= s.n || s.p[i] != ':')
            return false;
        i++;
    }
    if (!digits(&v, s, i, 2) || v >= below)
        return false;
    *at = i + 2;
    return true;
}

static void fraction(tw_str s, size_t *at)
{
    size_t i = *at;
    if (i >= s.n || s.p[i] != '.')
        return;
    for (i++; i < s.n && i < *at + 7 && s.p[i] >= '0' && s.p[i] <= '9'; i++)
        ;
    *at = i;
}

/* hh, hhmm, hhmmss[.f] and a zone, parted as the day's form has it. */
static bool time_tail(tw_str s, bool dashes)
{
    size_t at = 0;
    if (dashes) {
        if (s.p[0] != 'T' && s.p[0] != ' ')
            return false;
        at = 1;
    }
    if (!pair(s, &at, false, 24))
        return false;
    if (pair(s, &at, dashes, 60) && pair(s, &at, dashes, 61))
        fraction(s, &at);
    if (at < s.n && s.p[at] == 'Z')
        return at + 1 == s.n;
    if (at < s.n && (s.p[at] == '+' || s.p[at] == '-')) {
        at++;
        return pair(s, &at, false, 15) && (pair(s, &at, false, 60) || pair(s, &at, true, 60)) && at == s.n;
    }
    return at == s.n;
}

static bool read_time(stamp *out, tw_str s)
{
    int64_t y;
    int64_t m = 0;
    int64_t d = 0;
    *out = (stamp){ .dashes = s.n > 4 && s.p[4] == '-' };
    size_t gap = out->dashes;
    size_t at = 4;
    if (!digits(&y, s, 0, 4))
        return false;
    if (s.n >= at + gap + 2 && digits(&m, s, at + gap, 2)) {
        at += gap + 2;
        if (s.n >= at + gap + 2 && (!gap || s.p[at] == '-') && digits(&d, s, at + gap, 2))
            at += gap + 2;
    }
    out->w = (when){ .y = y, .m = (unsigned)m, .d = (unsigned)d, .time = at < s.n };
    out->day_n = at;
    tw_str tail = { s.p + at, s.n - at };
    bool whole_day = !tail.n || (d && time_tail(tail, out->dashes));
    return whole_day && y >= 1800 && y < 2300 && tw_civil_valid(y, m ? (unsigned)m : 1, d ? (unsigned)d : 1);
}

static tw_str shifted(tw_ctx *cx, const stamp *t, tw_str s, int weeks)
{
    int64_t y;
    unsigned m;
    unsigned d;
    tw_civil_from_days(tw_days_from_civil(t->w.y, t->w.m, t->w.d) + 7 * (int64_t)weeks, &y, &m, &d);
    return tw_strf(cx->arena, t->dashes ? "%04lld-%02u-%02u" TW_FMT : "%04lld%02u%02u" TW_FMT, (long long)y, m, d,
                   (int)(s.n - t->day_n), s.p + t->day_n);
}

static tw_str year_of(tw_ctx *cx, const when *w, int weeks)
{
    char year[WHEN_TEXT];
    size_t n = when_year(year, w, weeks);
    return tw_str_dup(cx->arena, (tw_str){ year, n });
}

tw_str doc_stamp(tw_ctx *cx, const tw_doc_work *w, const doc_person *person, tw_str s, bool birth)
{
    stamp t;
    int weeks = 0;
    if (!read_time(&t, s))
        return (tw_str){ "", 0 };
    switch (doc_time(&weeks, w, person, &t.w, birth)) {
    case DOC_TIME_SHIFT:
        if (t.w.d)
            return shifted(cx, &t, s, weeks);
        break;
    case DOC_TIME_YEAR:
        break;
    case DOC_TIME_REMOVE:
        return (tw_str){ "", 0 };
    }
    return year_of(cx, &t.w, weeks);
}

/* By a pattern: the year, or another day in the form in which this one stood. */
static tw_str by_pattern(tw_ctx *cx, const tw_doc_work *w, const doc_person *person, tw_str s, bool birth,
                         const tw_date_format *f, const tw_date_parts *p)
{
    int weeks = 0;
    int64_t y;
    unsigned m, d;
    bool day = tw_date_format_has(f, "Dd");
    when at = { .y = p->year, .m = (unsigned)p->month, .d = day ? (unsigned)p->day : 0 };
    if (p->year < 1800 || p->year >= 2300)
        return (tw_str){ "", 0 };
    doc_time_law law = doc_time(&weeks, w, person, &at, birth);
    if (law == DOC_TIME_REMOVE)
        return (tw_str){ "", 0 };
    if (law == DOC_TIME_YEAR || !day)
        return year_of(cx, &at, weeks);
    tw_buf out;
    tw_civil_from_days(tw_days_from_civil(at.y, at.m, at.d) + 7 * (int64_t)weeks, &y, &m, &d);
    tw_date_parts moved = { .year = (int)y, .month = (int)m, .day = (int)d };
    tw_buf_init(&out, TW_KIB);
    tw_date_write(&out, f, s, &moved);
    tw_str made = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&out)));
    tw_buf_done(&out);
    return made;
}

tw_str doc_stamp_as(tw_ctx *cx, const tw_doc_work *w, const doc_person *person, tw_str s, bool birth,
                    const tw_column *forms)
{
    tw_date_parts p;
    if (!forms->date_count)
        return doc_stamp(cx, w, person, s, birth);
    for (size_t i = 0; i < forms->date_count; i++) {
        const tw_date_format *f = &forms->dates[i];
        if (f->kind == TW_DATE_PATTERN && tw_date_read(&p, f, forms->pivot, s))
            return by_pattern(cx, w, person, s, birth, f, &p);
        tw_str out = f->kind == TW_DATE_PATTERN ? (tw_str){ "", 0 } : doc_stamp(cx, w, person, s, birth);
        if (out.n)
            return out;
    }
    return (tw_str){ "", 0 };
}

/* The unit as it may stand; "" when no unit of it passes. What UCUM has in braces has no meaning in UCUM: a unit
 * without its own words is the same unit. */
tw_str doc_unit(tw_ctx *cx, tw_str unit)
{
    char *p = tw_arena_get(cx->arena, unit.n + 1);
    size_t n = 0;
    if (ucum_valid(unit) || unit.n > UNIT_MAX)
        return unit.n > UNIT_MAX ? (tw_str){ "", 0 } : unit;
    for (size_t i = 0; i < unit.n; i++) {
        if (unit.p[i] != '{') {
            p[n++] = unit.p[i];
            continue;
        }
        if (n == 0 || p[n - 1] == '/' || p[n - 1] == '.' || p[n - 1] == '(')
            p[n++] = '1';
        while (i < unit.n && unit.p[i] != '}')
            i++;
        if (i == unit.n)
            return (tw_str){ "", 0 };
    }
    tw_str bare = { p, n };
    return ucum_valid(bare) ? bare : (tw_str){ "", 0 };
}

/* Comparator, digits, point or comma, exponent; at most nine digits before the point. */
bool doc_is_number(tw_str s)
{
    size_t i = 0;
    size_t whole = 0;
    size_t total = 0;
    while (i < s.n && (s.p[i] == '<' || s.p[i] == '>' || s.p[i] == '=' || s.p[i] == ' '))
        i++;
    if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
        i++;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
        whole++;
    if (i < s.n && (s.p[i] == '.' || s.p[i] == ','))
        for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
            total++;
    if (i + 1 < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        i += s.p[i + 1] == '-' || s.p[i + 1] == '+' ? 2 : 1;
        size_t from = i;
        while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
            i++;
        if (i == from || i - from > 2)
            return false;
    }
    return i == s.n && whole >= 1 && whole <= 9 && total <= 17;
}

bool doc_is_small_number(tw_str s)
{
    size_t whole = 0, after = 0;
    bool point = false;
    if (!doc_is_number(s))
        return false;
    for (size_t i = 0; i < s.n && s.p[i] != 'e' && s.p[i] != 'E'; i++) {
        bool digit = s.p[i] >= '0' && s.p[i] <= '9';
        whole += digit && !point;
        after += digit && point;
        point |= s.p[i] == '.' || s.p[i] == ',';
    }
    return whole <= (point && after ? 6u : 4u) && after <= 6;
}
