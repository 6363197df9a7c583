/* Values of FHIRPath: exact decimals, dates by precision, equality and order of what is no element.
 *
 * Decimals are whole numbers of 128 bits over a power of ten, 28 digits, as FHIR's decimals need at most and as the
 * tools whose expressions are taken here have. Sections 6.1 and 6.2 of FHIRPath N1 say what compares. */
#include "fhir/fhirpath_internal.h"

#define DIGITS_MAX 28

/* ---------------------------------------------------------------- decimals */

static i128 ten_to(int n)
{
    i128 v = 1;
    while (n-- > 0)
        v *= 10;
    return v;
}

static bool fits(i128 m)
{
    i128 top = ten_to(DIGITS_MAX);
    return m < top && m > -top;
}

static void no_end_zeros(decimal *d)
{
    while (d->scale > 0 && d->m % 10 == 0) {
        d->m /= 10;
        d->scale--;
    }
}

static bool exponent(decimal *d, tw_str s)
{
    int64_t e = 0;
    if (s.n && s.p[0] == '+')
        s = (tw_str){ s.p + 1, s.n - 1 };
    if (!tw_parse_i64(&e, s) || e < -DIGITS_MAX || e > DIGITS_MAX)
        return false;
    d->scale -= (int)e;
    for (; d->scale < 0; d->scale++) {
        d->m *= 10;
        if (!fits(d->m))
            return false;
    }
    return true;
}

bool decimal_parse(decimal *out, tw_str s)
{
    size_t i = 0, digits = 0;
    bool minus = s.n && s.p[0] == '-', point = false;
    *out = (decimal){ 0, 0 };
    for (i = minus || (s.n && s.p[0] == '+'); i < s.n; i++) {
        char c = s.p[i];
        if (c == '.' && !point && digits) {
            point = true;
        } else if (c >= '0' && c <= '9') {
            out->m = out->m * 10 + (c - '0');
            out->scale += point;
            digits++;
            if (!fits(out->m))
                return false;
        } else {
            break;
        }
    }
    if (digits == 0 || s.p[i - 1] == '.')
        return false;
    out->m = minus ? -out->m : out->m;
    if (i < s.n && ((s.p[i] != 'e' && s.p[i] != 'E') || !exponent(out, (tw_str){ s.p + i + 1, s.n - i - 1 })))
        return false;
    if (out->scale > DIGITS_MAX)
        no_end_zeros(out);
    return out->scale <= DIGITS_MAX;
}

tw_str decimal_text(char out[DECIMAL_TEXT], decimal d)
{
    size_t at = DECIMAL_TEXT;
    bool minus = d.m < 0;
    i128 m = minus ? -d.m : d.m;
    for (int i = 0; m > 0 || i <= d.scale; i++) {
        if (i == d.scale && i > 0)
            out[--at] = '.';
        out[--at] = (char)('0' + (int)(m % 10));
        m /= 10;
    }
    if (minus)
        out[--at] = '-';
    return (tw_str){ out + at, DECIMAL_TEXT - at };
}

/* To one scale. false: more digits than there is room for. */
static bool level(decimal *a, decimal *b)
{
    decimal *low = a->scale < b->scale ? a : b;
    int by = a->scale < b->scale ? b->scale - a->scale : a->scale - b->scale;
    for (; by > 0; by--) {
        if (!fits(low->m))
            return false;
        low->m *= 10;
        low->scale++;
    }
    return true;
}

int decimal_cmp(decimal a, decimal b)
{
    if ((a.m < 0) != (b.m < 0))
        return a.m < 0 ? -1 : 1;
    no_end_zeros(&a);
    no_end_zeros(&b);
    bool a_low = a.scale < b.scale;
    if (level(&a, &b))
        return (a.m > b.m) - (a.m < b.m);
    /* The one of fewer decimals outgrew 28 digits on the way: it is the one further from zero. */
    bool a_far = a_low, negative = a.m < 0;
    return a_far != negative ? 1 : -1;
}

static bool divide(decimal *out, decimal a, decimal b)
{
    if (b.m == 0)
        return false;
    /* As many digits after the point as fit: a.m * 10^k / b.m with scale a.scale + k - b.scale. */
    int scale = a.scale - b.scale;
    i128 whole = a.m / b.m, rest = a.m % b.m;
    while ((scale < DIGITS_MAX && rest != 0) || scale < 0) {
        rest *= 10;
        i128 next = whole * 10 + rest / b.m;
        if (!fits(next)) {
            if (scale < 0)
                return false;
            break;
        }
        whole = next;
        rest %= b.m;
        scale++;
    }
    *out = (decimal){ whole, scale };
    no_end_zeros(out);
    return true;
}

static bool multiply(decimal *out, decimal a, decimal b)
{
    no_end_zeros(&a);
    no_end_zeros(&b);
    i128 x = a.m < 0 ? -a.m : a.m, y = b.m < 0 ? -b.m : b.m;
    if (y != 0 && x > ten_to(DIGITS_MAX) / y)
        return false;
    *out = (decimal){ a.m * b.m, a.scale + b.scale };
    no_end_zeros(out);
    return out->scale <= DIGITS_MAX;
}

static bool whole_part(decimal *out, decimal a, decimal b)
{
    if (b.m == 0 || !level(&a, &b))
        return false;
    *out = (decimal){ a.m / b.m, 0 };
    return true;
}

static bool remainder_of(decimal *out, decimal a, decimal b)
{
    if (b.m == 0 || !level(&a, &b))
        return false;
    *out = (decimal){ a.m % b.m, a.scale };
    return true;
}

bool decimal_calc(decimal *out, op_code op, decimal a, decimal b)
{
    if (op == OP_MUL)
        return multiply(out, a, b);
    if (op == OP_DIV)
        return divide(out, a, b);
    if (op == OP_IDIV)
        return whole_part(out, a, b);
    if (op == OP_MOD)
        return remainder_of(out, a, b);
    if (!level(&a, &b))
        return false;
    *out = (decimal){ op == OP_ADD ? a.m + b.m : a.m - b.m, a.scale };
    return fits(out->m);
}

/* ---------------------------------------------------------------- dates */

/* Parts from the year on; how many are known is `parts` (3 day, 5 minute, 6 second). */
typedef struct {
    int64_t part[6];
    unsigned parts;
    int64_t nanos; /* of the second */
    bool zone;
    int offset_min;
} moment;

static bool number(int64_t *out, tw_str *s, size_t n)
{
    uint64_t v = 0;
    if (s->n < n || !tw_parse_u64(&v, (tw_str){ s->p, n }))
        return false;
    *s = (tw_str){ s->p + n, s->n - n };
    *out = (int64_t)v;
    return true;
}

static bool eat(tw_str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = (tw_str){ s->p + 1, s->n - 1 };
    return true;
}

static bool zone(moment *m, tw_str *s)
{
    int64_t h = 0, mi = 0;
    if (s->n == 0)
        return true;
    m->zone = true;
    if (eat(s, 'Z'))
        return s->n == 0;
    bool minus = s->p[0] == '-';
    if ((!minus && s->p[0] != '+') || s->n != 6)
        return false;
    *s = (tw_str){ s->p + 1, s->n - 1 };
    if (!number(&h, s, 2) || !eat(s, ':') || !number(&mi, s, 2) || h > 14 || mi > 59)
        return false;
    m->offset_min = (int)(h * 60 + mi) * (minus ? -1 : 1);
    return true;
}

static bool fraction(moment *m, tw_str *s)
{
    int64_t unit = 100000000;
    size_t n = 0;
    while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9') {
        m->nanos += (s->p[n++] - '0') * unit;
        unit /= 10;
    }
    *s = (tw_str){ s->p + n, s->n - n };
    return n > 0;
}

static bool clock_time(moment *m, tw_str *s)
{
    if (!number(&m->part[3], s, 2) || m->part[3] > 23)
        return false;
    m->parts = 4;
    if (!eat(s, ':'))
        return zone(m, s);
    if (!number(&m->part[4], s, 2) || m->part[4] > 59)
        return false;
    m->parts = 5;
    if (eat(s, ':')) {
        if (!number(&m->part[5], s, 2) || m->part[5] > 60)
            return false;
        m->parts = 6;
        if (eat(s, '.') && !fraction(m, s))
            return false;
    }
    return zone(m, s);
}

static bool moment_parse(moment *m, tw_str s, bool time_alone)
{
    *m = (moment){ .part = { 1, 1, 1 } };
    if (s.n > 40)
        return false;
    if (time_alone)
        return clock_time(m, &s) && s.n == 0 && !m->zone;
    m->parts = 1;
    if (!number(&m->part[0], &s, 4))
        return false;
    if (eat(&s, '-')) {
        if (!number(&m->part[1], &s, 2))
            return false;
        m->parts = 2;
        if (eat(&s, '-')) {
            if (!number(&m->part[2], &s, 2))
                return false;
            m->parts = 3;
        }
    }
    if (!tw_civil_valid(m->part[0], (unsigned)m->part[1], (unsigned)m->part[2]))
        return false;
    if (eat(&s, 'T') && s.n && !clock_time(m, &s)) /* a literal may end in T */
        return false;
    return s.n == 0;
}

bool date_valid(tw_str s, bool time_alone)
{
    moment m;
    return moment_parse(&m, s, time_alone);
}

/* Seconds of the first moment that it can mean, its zone taken off. */
static int64_t first_second(const moment *m)
{
    int64_t days = tw_days_from_civil(m->part[0], (unsigned)m->part[1], (unsigned)m->part[2]);
    return days * 86400 + m->part[3] * 3600 + m->part[4] * 60 + m->part[5] - 60 * (int64_t)m->offset_min;
}

/* The first second after all that it can mean. */
static int64_t end_second(const moment *m)
{
    moment next = *m;
    static const int64_t width[] = { 0, 0, 0, 86400, 3600, 60, 1 };
    bool december = m->parts == 2 && m->part[1] == 12;
    if (m->parts == 1 || december)
        next.part[0]++;
    if (m->parts == 2)
        next.part[1] = december ? 1 : m->part[1] + 1;
    return first_second(&next) + width[m->parts];
}

static order by_parts(const moment *a, const moment *b)
{
    unsigned n = TW_MIN(a->parts, b->parts);
    for (unsigned i = 0; i < n; i++)
        if (a->part[i] != b->part[i])
            return a->part[i] < b->part[i] ? ORDER_LESS : ORDER_MORE;
    if (a->parts != b->parts)
        return ORDER_UNKNOWN;
    if (a->nanos != b->nanos)
        return a->nanos < b->nanos ? ORDER_LESS : ORDER_MORE;
    return ORDER_SAME;
}

static void to_utc(moment *m)
{
    int64_t s = first_second(m), day = s / 86400 - (s % 86400 < 0), y = 0;
    unsigned mo = 0, d = 0;
    if (m->parts <= 3 || !m->zone)
        return;
    tw_civil_from_days(day, &y, &mo, &d);
    s -= day * 86400;
    int64_t part[6] = { y, mo, d, s / 3600, s / 60 % 60, s % 60 };
    memcpy(m->part, part, sizeof part);
    m->offset_min = 0;
}

static order date_order(tw_str x, tw_str y, bool time_alone)
{
    moment a, b;
    if (!moment_parse(&a, x, time_alone) || !moment_parse(&b, y, time_alone))
        return ORDER_UNKNOWN;
    if (a.zone == b.zone && a.offset_min == b.offset_min)
        return by_parts(&a, &b);
    if (a.parts <= 3 || b.parts <= 3) { /* a day has no zone */
        to_utc(&a);
        to_utc(&b);
        return by_parts(&a, &b);
    }
    /* A time without a zone may lie 14 hours either way. */
    int64_t slack = a.zone == b.zone ? 0 : (int64_t)14 * 3600;
    if (end_second(&a) + slack <= first_second(&b))
        return ORDER_LESS;
    if (end_second(&b) + slack <= first_second(&a))
        return ORDER_MORE;
    if (slack || a.parts != 6 || b.parts != 6)
        return a.zone && b.zone && a.parts == b.parts && first_second(&a) == first_second(&b) ? ORDER_SAME
                                                                                              : ORDER_UNKNOWN;
    return a.nanos == b.nanos ? ORDER_SAME : a.nanos < b.nanos ? ORDER_LESS : ORDER_MORE;
}

/* ---------------------------------------------------------------- order and equality */

static bool is_number(const tw_fhirpath_item *i)
{
    return i->kind == TW_FHIRPATH_INTEGER || i->kind == TW_FHIRPATH_DECIMAL;
}

static order of_cmp(int c)
{
    return c < 0 ? ORDER_LESS : c > 0 ? ORDER_MORE : ORDER_SAME;
}

/* A string beside a date is read as one when it is one: FHIR's dates are strings in JSON. */
static bool as_dates(const tw_fhirpath_item *a, const tw_fhirpath_item *b, bool *time_alone)
{
    *time_alone = a->kind == TW_FHIRPATH_TIME || b->kind == TW_FHIRPATH_TIME;
    tw_fhirpath_kind want = *time_alone ? TW_FHIRPATH_TIME : TW_FHIRPATH_DATE;
    bool one = a->kind == want || b->kind == want;
    bool fit_a = a->kind == want || a->kind == TW_FHIRPATH_STRING;
    bool fit_b = b->kind == want || b->kind == TW_FHIRPATH_STRING;
    return one && fit_a && fit_b && date_valid(a->text, *time_alone) && date_valid(b->text, *time_alone);
}

order value_order(const tw_fhirpath_item *a, const tw_fhirpath_item *b)
{
    decimal x, y;
    bool time_alone;
    if (is_number(a) && is_number(b))
        return decimal_parse(&x, a->text) && decimal_parse(&y, b->text) ? of_cmp(decimal_cmp(x, y)) : ORDER_UNKNOWN;
    if (a->kind == TW_FHIRPATH_STRING && b->kind == TW_FHIRPATH_STRING)
        return of_cmp(tw_str_cmp(a->text, b->text));
    if (as_dates(a, b, &time_alone))
        return date_order(a->text, b->text, time_alone);
    if (a->kind == b->kind && (a->kind == TW_FHIRPATH_DATE || a->kind == TW_FHIRPATH_TIME))
        return ORDER_UNKNOWN; /* of the kind, but no date */
    return ORDER_NEVER;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Without regard to case (ASCII) and kind and number of blanks. */
static bool strings_like(tw_str a, tw_str b)
{
    a = tw_str_trim(a);
    b = tw_str_trim(b);
    size_t i = 0, k = 0;
    while (i < a.n && k < b.n) {
        bool blank = is_blank(a.p[i]);
        if (blank != is_blank(b.p[k]) || (!blank && lower(a.p[i]) != lower(b.p[k])))
            return false;
        if (!blank) {
            i++;
            k++;
            continue;
        }
        while (i < a.n && is_blank(a.p[i]))
            i++;
        while (k < b.n && is_blank(b.p[k]))
            k++;
    }
    return i == a.n && k == b.n;
}

static decimal cut(decimal d, int scale)
{
    for (; d.scale > scale; d.scale--) {
        int digit = (int)(d.m % 10);
        d.m /= 10;
        if (d.scale == scale + 1 && (digit >= 5 || digit <= -5))
            d.m += digit > 0 ? 1 : -1;
    }
    return d;
}

static order same(bool yes)
{
    return yes ? ORDER_SAME : ORDER_LESS;
}

static order numbers_equal(tw_str a, tw_str b, bool like)
{
    decimal x, y;
    if (!decimal_parse(&x, a) || !decimal_parse(&y, b))
        return same(tw_str_eq(a, b));
    int scale = TW_MIN(x.scale, y.scale);
    return same(decimal_cmp(like ? cut(x, scale) : x, like ? cut(y, scale) : y) == 0);
}

order value_equal(const tw_fhirpath_item *a, const tw_fhirpath_item *b, bool like)
{
    bool time_alone;
    if (is_number(a) && is_number(b))
        return numbers_equal(a->text, b->text, like);
    if (as_dates(a, b, &time_alone)) {
        order o = date_order(a->text, b->text, time_alone);
        return o == ORDER_UNKNOWN && !like ? o : same(o == ORDER_SAME);
    }
    if (a->kind == TW_FHIRPATH_STRING && b->kind == TW_FHIRPATH_STRING && like)
        return same(strings_like(a->text, b->text));
    return same(a->kind == b->kind && tw_str_eq(a->text, b->text));
}
