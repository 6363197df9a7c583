/* Times as columns write them: by ISO 8601, by HL7, or by a pattern that a mapping declares. */
#include "sources/csv_internal.h"

static bool by_pattern(tw_when *out, const tw_date_format *f, int pivot, tw_str s)
{
    tw_date_parts p;
    if (!tw_date_read(&p, f, pivot, s))
        return false;
    *out = (tw_when){ .precision = TW_WHEN_YEAR,
                      .year = (int16_t)p.year,
                      .month = (uint8_t)p.month,
                      .day = (uint8_t)p.day,
                      .hour = (uint8_t)p.hour,
                      .minute = (uint8_t)p.minute,
                      .second = (uint8_t)p.second };
    if (tw_date_format_has(f, "S"))
        out->precision = TW_WHEN_SECOND;
    else if (tw_date_format_has(f, "Hh"))
        out->precision = TW_WHEN_MINUTE;
    else if (tw_date_format_has(f, "Dd"))
        out->precision = TW_WHEN_DAY;
    else if (tw_date_format_has(f, "OMm"))
        out->precision = TW_WHEN_MONTH;
    return true;
}

static bool by_format(tw_when *out, const tw_date_format *f, int pivot, tw_str s)
{
    if (f->kind == TW_DATE_ISO)
        return tw_when_iso(out, s);
    return f->kind == TW_DATE_HL7 ? tw_when_hl7(out, s) : by_pattern(out, f, pivot, s);
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

static void write_as(tw_buf *out, const tw_date_format *f, const tw_when *t)
{
    const tw_date_parts day = {
        .year = t->year, .month = t->month, .day = t->day, .hour = t->hour, .minute = t->minute
    };
    tw_buf_clear(out);
    if (f->kind == TW_DATE_PATTERN)
        tw_date_write(out, f, (tw_str){ "", 0 }, &day);
    else
        tw_buf_fmt(out, f->kind == TW_DATE_ISO ? "%04d-%02d-%02d" : "%04d%02d%02d", t->year, t->month, t->day);
}

static bool same_time(const tw_when *a, const tw_when *b)
{
    return a->year == b->year && a->month == b->month && a->day == b->day && a->hour == b->hour &&
           a->minute == b->minute;
}

/* Some texts of one format, read by both. */
static bool pair_clashes(tw_buf *text, const tw_date_format *a, const tw_date_format *b, int pivot)
{
    static const int16_t year[] = { 2003, 1912, 2011, 2020 };
    static const uint8_t month[] = { 4, 12, 10 };
    static const uint8_t day[] = { 5, 11, 20 };
    for (size_t i = 0; i < TW_COUNT(year) * TW_COUNT(month) * TW_COUNT(day); i++) {
        tw_when t = { .year = year[i % 4], .month = month[i / 4 % 3], .day = day[i / 12], .hour = 7, .minute = 8 };
        tw_when by_a;
        tw_when by_b;
        write_as(text, a, &t);
        tw_str s = tw_str_of_bytes(tw_buf_view(text));
        if (by_format(&by_a, a, pivot, s) && by_format(&by_b, b, pivot, s) && !same_time(&by_a, &by_b))
            return true;
    }
    return false;
}

bool tw_cm_dates_clash(const tw_cm_dates *d)
{
    tw_buf text;
    bool clash = false;
    tw_buf_init(&text, TW_KIB);
    for (size_t i = 0; i < d->n; i++)
        for (size_t k = 0; k < d->n; k++)
            clash |= i != k && pair_clashes(&text, &d->format[i], &d->format[k], d->pivot);
    tw_buf_done(&text);
    return clash;
}
