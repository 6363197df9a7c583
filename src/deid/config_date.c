/* dateShift, and redaction of dates down to the year.
 *
 * Theirs: days = H(prefix || key) - 50 with h = (131 h + byte) mod 101 over the bytes. H is linear in the prefix, so
 * that prefixes of one length have offsets whose difference does not depend on the key: two known patients give the
 * rest. Ours: a whole number of weeks from HMAC-SHA256 under a secret key. Both keep the zone and write the time as
 * zeros. */
#include "deid/config_internal.h"

#define AGE_MAX 89
#define WEEKS_MAX 52

typedef struct {
    unsigned y, m, d; /* 0: not given */
    size_t time;      /* where the time begins ("T"), 0: none */
    size_t zone;      /* where the zone begins */
} parts;

static bool digits(unsigned *out, tw_str s, size_t at, size_t n)
{
    unsigned v = 0;
    if (s.n < at + n)
        return false;
    for (size_t i = at; i < at + n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v * 10 + (unsigned)(s.p[i] - '0');
    }
    *out = v;
    return true;
}

/* "Thh:mm[:ss[.f]]" and a zone, or none. */
static bool clock_time(parts *p, tw_str s)
{
    unsigned v;
    size_t i = p->time = 10;
    if (s.p[i] != 'T' || !digits(&v, s, i + 1, 2))
        return false;
    for (i++; i < s.n && ((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == ':' || s.p[i] == '.'); i++)
        ;
    p->zone = i;
    if (i == s.n || (s.p[i] == 'Z' && i + 1 == s.n))
        return true;
    return (s.p[i] == '+' || s.p[i] == '-') && s.n == i + 6 && digits(&v, s, i + 1, 2) && s.p[i + 3] == ':' &&
           digits(&v, s, i + 4, 2);
}

static bool split(parts *p, tw_str s)
{
    *p = (parts){ 0 };
    if (s.n > 64 || !digits(&p->y, s, 0, 4))
        return false;
    if (s.n == 4)
        return true;
    if (s.p[4] != '-' || !digits(&p->m, s, 5, 2))
        return false;
    if (s.n == 7)
        return p->m >= 1 && p->m <= 12;
    if (s.p[7] != '-' || !digits(&p->d, s, 8, 2) || !tw_civil_valid(p->y, p->m, p->d))
        return false;
    return s.n == 10 || clock_time(p, s);
}

static int64_t day_of(const parts *p)
{
    return tw_days_from_civil(p->y, p->m ? p->m : 1, p->d ? p->d : 1);
}

/* Their count of years: those between the years, one less before the day of the year. */
static bool over_age(const pass *p, const parts *d)
{
    int64_t y = 0;
    unsigned m, day;
    tw_civil_from_days(p->opts->reference_day, &y, &m, &day);
    int64_t now = p->opts->reference_day - tw_days_from_civil(y, 1, 1);
    int64_t then = day_of(d) - tw_days_from_civil(d->y, 1, 1);
    return y - (int64_t)d->y - (now < then) > AGE_MAX;
}

bool config_is_date(const pass *p, uint32_t i)
{
    uint16_t type = p->t->e[i].type;
    return type == p->c->is.t_date || type == p->c->is.t_datetime || type == p->c->is.t_instant;
}

static void clear(pass *p, uint32_t i)
{
    tw_fhir_set(p->t, i, (tw_str){ NULL, 0 }, TW_JSON_NULL);
}

tw_status method_redact_date(pass *p, uint32_t i)
{
    parts d;
    tw_str s = tw_fhir_text(p->t, i);
    if (!p->c->partial_dates) {
        clear(p, i);
        p->did |= DID_REDACT;
        return TW_OK;
    }
    p->did |= DID_ABSTRACT;
    if (!split(&d, s) || over_age(p, &d))
        clear(p, i);
    else if (p->t->e[i].type == p->c->is.t_instant) /* a year is no instant */
        tw_fhir_set(p->t, i, pass_text(p, "%04u-01-01T00:00:00+00:00", d.y), TW_JSON_STRING);
    else
        tw_fhir_set(p->t, i, pass_text(p, "%04u", d.y), TW_JSON_STRING);
    return TW_OK;
}

/* ---------------------------------------------------------------- by how much */

int config_linear_offset(tw_str prefix, tw_str key)
{
    unsigned h = 0;
    for (size_t i = 0; i < prefix.n; i++)
        h = (h * 131 + (unsigned char)prefix.p[i]) % 101;
    for (size_t i = 0; i < key.n; i++)
        h = (h * 131 + (unsigned char)key.p[i]) % 101;
    return (int)h - 50;
}

/* The root's id as it stands now: a rule may have hashed it. */
static tw_str prefix_of(pass *p)
{
    if (p->c->scope == SCOPE_FILE)
        return p->opts->file;
    if (p->c->scope == SCOPE_FOLDER)
        return p->opts->folder;
    uint32_t id = tw_fhir_child(p->t, 0, p->c->is.n_id);
    return id == TW_FHIR_NONE ? TW_STR("") : tw_fhir_text(p->t, id);
}

/* Weeks in [-52, 52], never 0. */
static int64_t weeks_of(const pass *p, tw_str who)
{
    uint8_t mac[TW_HASH];
    tw_hmac_sha256(mac, TW_BYTES(p->shift_secret), "tw/config/weeks/1", tw_bytes_of(who));
    int64_t v = (int64_t)(tw_be64(mac) % (2 * WEEKS_MAX));
    return v < WEEKS_MAX ? v - WEEKS_MAX : v - WEEKS_MAX + 1;
}

static int64_t offset_days(pass *p)
{
    if (!p->c->compat)
        return 7 * weeks_of(p, p->patient[p->resource]);
    return p->c->has_fixed ? p->c->fixed_days : config_linear_offset(prefix_of(p), p->c->shift_key);
}

static void put_digits(char *out, unsigned v, unsigned n)
{
    for (; n > 0; v /= 10)
        out[--n] = (char)('0' + v % 10);
}

/* The day, then of `s` "T00:00:00.000" and the zone as it was. */
static tw_str date_text(pass *p, unsigned y, unsigned m, unsigned day, const parts *d, tw_str s)
{
    char *out = tw_arena_try(p->cx->arena, s.n);
    p->full |= !out;
    if (!out)
        return TW_STR("");
    memcpy(out, s.p, s.n); /* has a day: ten bytes at least */
    put_digits(out, y, 4);
    put_digits(out + 5, m, 2);
    put_digits(out + 8, day, 2);
    for (size_t k = d->time; d->time && k < d->zone; k++)
        out[k] = out[k] >= '0' && out[k] <= '9' ? '0' : out[k];
    return (tw_str){ out, s.n };
}

tw_status method_shift(pass *p, uint32_t i)
{
    parts d;
    int64_t y;
    unsigned m, day;
    if (!config_is_date(p, i) || !pass_has_value(p, i))
        return TW_OK;
    tw_str s = tw_fhir_text(p->t, i);
    if (!split(&d, s) || d.d == 0 || over_age(p, &d))
        return method_redact_date(p, i);
    tw_civil_from_days(day_of(&d) + offset_days(p), &y, &m, &day);
    if (y < 1 || y > 9999)
        return method_redact_date(p, i);
    tw_fhir_set(p->t, i, date_text(p, (unsigned)y, m, day, &d, s), TW_JSON_STRING);
    p->did |= DID_PERTURB;
    return TW_OK;
}
