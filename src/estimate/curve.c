/* A simulated model and its data: likelihood, forecasts. */
#include "estimate/estimate_internal.h"

#define LANES 4096 /* instances of one run: memory stays bounded */

const double tw_estimate_band[TW_ESTIMATE_BANDS] = { 0.05, 0.25, 0.5, 0.75, 0.95 };

/* ---------------------------------------------------------------- densities */

/* ln (P(z < b) - P(z < a)), a < b, also far in a tail. */
static double log_between(double a, double b)
{
    if (a > 0.0)
        return log_between(-b, -a);
    double top = tw_log_normal_cdf(b), low = tw_log_normal_cdf(a);
    return low - top > -1e-14 ? -HUGE_VAL : top + log1p(-exp(low - top));
}

double tw_estimate_log_density(const tw_estimate_observable *o, const tw_estimate_datum *d, double f)
{
    double half = 0.5 * d->width, y = d->value, lo = y - half, hi = y + half, var, jacobian = 0.0;
    var = o->law == TW_ESTIMATE_PROPORTIONAL ? o->sd * o->sd * f * f : o->sd * o->sd;
    if (o->law == TW_ESTIMATE_LOGNORMAL) {
        if (!(f > 0.0) || !(hi > 0.0) || (half == 0.0 && !(y > 0.0)))
            return -HUGE_VAL;
        jacobian = half > 0.0 ? 0.0 : -log(y);
        var += d->extra_sd * d->extra_sd / (f * f);
        f = log(f);
        lo = lo > 0.0 ? log(lo) : -HUGE_VAL;
        hi = log(hi);
        y = y > 0.0 ? log(y) : -HUGE_VAL;
    } else {
        var += d->extra_sd * d->extra_sd;
    }
    double s = sqrt(var);
    if (!(s > 0.0) || !isfinite(f))
        return -HUGE_VAL;
    if (d->kind == TW_ESTIMATE_BELOW)
        return tw_log_normal_cdf((y - f) / s);
    if (d->kind == TW_ESTIMATE_ABOVE)
        return tw_log_normal_cdf((f - y) / s);
    if (half > 0.0)
        return log_between((lo - f) / s, (hi - f) / s);
    double z = (y - f) / s;
    return -0.5 * (z * z + TW_LN_2PI) - log(s) + jacobian;
}

static double measure(const tw_estimate_observable *o, double f, tw_rng *rng)
{
    double z = tw_rng_normal(rng) * o->sd;
    if (o->law == TW_ESTIMATE_LOGNORMAL)
        return f * exp(z);
    return f + (o->law == TW_ESTIMATE_PROPORTIONAL ? z * f : z);
}

/* ---------------------------------------------------------------- runs */

tw_status tw_estimate_run(tw_ctx *cx, tw_sim_batch *b, const tw_estimate_model *m, const double *x)
{
    uint32_t n_set = (uint32_t)m->dim + m->n_fixed;
    uint32_t *set = tw_try_array(cx->arena, uint32_t, n_set + 1);
    double *value = tw_try_array(cx->arena, double, b->n *(n_set + 1));
    b->result = tw_try_array(cx->arena, tw_sim_result, b->n + 1);
    if (!set || !value || !b->result)
        return tw_fail(cx, TW_ELIMIT, "no memory for %zu runs", b->n);
    for (uint32_t k = 0; k < n_set; k++)
        set[k] = k < m->dim ? m->symbol[k] : m->fixed[k - m->dim];
    for (size_t i = 0; i < b->n * n_set; i++) {
        size_t k = i % n_set;
        value[i] = k < m->dim ? x[i / n_set * m->dim + k] : m->fixed_value[k - m->dim];
    }
    tw_sim_run_opts o = m->run;
    o.rtol = o.rtol > 0.0 ? o.rtol : 1e-8;
    o.atol = o.atol > 0.0 ? o.atol : 1e-10;
    b->start = m->start;
    b->set = set;
    b->n_set = n_set;
    b->set_value = value;
    return tw_sim_run(cx, NULL, m->program, b, &o);
}

tw_status tw_estimate_simulate(tw_ctx *cx, double *out, const tw_estimate_model *m, const double *x, size_t n,
                               const double *time, size_t n_time)
{
    for (size_t i = 0; i < n; i += LANES) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_sim_batch b = { .n = TW_MIN(n - i, (size_t)LANES),
                           .time = time,
                           .n_time = n_time,
                           .action = m->action,
                           .n_action = m->n_action,
                           .out = out + i * n_time * m->n_observable };
        tw_status s = tw_estimate_run(cx, &b, m, m->dim ? x + i * m->dim : NULL);
        tw_arena_back(cx->arena, mark);
        if (s != TW_OK)
            return s;
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- the problem of data */

typedef struct {
    const tw_estimate_model *m;
    const tw_estimate_datum *datum;
    size_t n;
    double *time; /* [n_time], each once */
    size_t n_time;
    size_t *row; /* [n] of each datum */
} data;

static tw_status likelihood(void *self, tw_ctx *cx, double *value, const double *x, size_t n)
{
    const data *d = self;
    double *f;
    size_t width = d->n_time * d->m->n_observable;
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_stat_array(cx, &f, n * width));
    tw_status s = tw_estimate_simulate(cx, f, d->m, x, n, d->time, d->n_time);
    for (size_t i = 0; i < n && s == TW_OK; i++) {
        value[i] = 0.0;
        for (size_t j = 0; j < d->n; j++) {
            uint32_t o = d->datum[j].observable;
            value[i] -= tw_estimate_log_density(&d->m->observable[o], &d->datum[j],
                                                f[i * width + d->row[j] * d->m->n_observable + o]);
        }
    }
    tw_arena_back(cx->arena, mark);
    return s;
}

tw_status tw_estimate_of_data(tw_ctx *cx, tw_estimate_problem *out, const tw_estimate_model *m,
                              const tw_estimate_datum *datum, size_t n)
{
    data *d = tw_new(cx->arena, data);
    *d = (data){ .m = m, .datum = datum, .n = n };
    d->row = tw_try_array(cx->arena, size_t, n + 1);
    TW_TRY(tw_stat_array(cx, &d->time, n + 1));
    if (!d->row)
        return tw_fail(cx, TW_ELIMIT, "no memory for %zu values", n);
    for (size_t i = 0; i < n; i++) {
        const tw_estimate_datum *v = &datum[i];
        double before = i ? datum[i - 1].time : m->start;
        if (!isfinite(v->time) || v->time < before)
            return tw_fail(cx, TW_EPARSE, "value %zu: times ascend from the start", i + 1);
        if (!isfinite(v->value) || !(v->width >= 0.0) || !(v->extra_sd >= 0.0) || v->observable >= m->n_observable)
            return tw_fail(cx, TW_EPARSE, "value %zu is none", i + 1);
        if (d->n_time == 0 || d->time[d->n_time - 1] < v->time)
            d->time[d->n_time++] = v->time;
        d->row[i] = d->n_time - 1;
    }
    *out = (tw_estimate_problem){ m->par, m->dim, likelihood, d };
    return TW_OK;
}

/* ---------------------------------------------------------------- bands */

typedef struct {
    double value, weight;
} weighted;

static int by_value(const void *a, const void *b)
{
    double x = ((const weighted *)a)->value, y = ((const weighted *)b)->value;
    return (x > y) - (x < y);
}

/* Of weighted values, which are sorted with their weights: linear between the middles of the weights. */
static void quantiles(double *q, weighted *x, size_t n, const double *at, size_t n_at)
{
    double sum = 0.0, before = 0.0;
    size_t i = 0;
    qsort(x, n, sizeof *x, by_value);
    for (size_t k = 0; k < n; k++)
        sum += x[k].weight;
    for (size_t k = 0; k < n_at; k++) {
        double goal = at[k] * sum;
        while (i < n && before + 0.5 * x[i].weight < goal)
            before += x[i++].weight;
        if (i == 0 || i == n) {
            q[k] = x[i ? n - 1 : 0].value;
            continue;
        }
        double hi = before + 0.5 * x[i].weight, lo = before - 0.5 * x[i - 1].weight;
        double part = hi > lo ? (goal - lo) / (hi - lo) : 1.0;
        q[k] = x[i - 1].value + part * (x[i].value - x[i - 1].value);
    }
}

/* Of one row of results: f [n] every `stride`. */
static void bands_of(double *band, weighted *work, const double *f, size_t stride, const double *weight, size_t n,
                     const tw_estimate_observable *measured, tw_rng *rng)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        double v = f[i * stride];
        if (measured)
            v = measure(measured, v, rng);
        if (isfinite(v) && (!weight || weight[i] > 0.0))
            work[m++] = (weighted){ v, weight ? weight[i] : 1.0 };
    }
    for (size_t k = 0; k < TW_ESTIMATE_BANDS && m == 0; k++)
        band[k] = (double)NAN;
    if (m)
        quantiles(band, work, m, tw_estimate_band, TW_ESTIMATE_BANDS);
}

tw_status tw_estimate_bands(tw_ctx *cx, double *band, const tw_estimate_model *m, const double *f,
                            const double *weight, size_t n, size_t n_time, bool measured, uint64_t seed)
{
    size_t width = n_time * m->n_observable;
    weighted *work = tw_try_array(cx->arena, weighted, n + 1);
    if (!work)
        return tw_fail(cx, TW_ELIMIT, "no memory for %zu draws", n);
    for (size_t j = 0; j < width; j++) {
        tw_rng rng = tw_rng_of(seed, j);
        bands_of(band + j * TW_ESTIMATE_BANDS, work, f + j, width, weight, n,
                 measured ? &m->observable[j % m->n_observable] : NULL, &rng);
    }
    return TW_OK;
}

tw_status tw_estimate_forecast(tw_ctx *cx, double *band, const tw_estimate_model *m, const double *x,
                               const double *weight, size_t n, const double *time, size_t n_time, bool measured,
                               uint64_t seed)
{
    double *f;
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_stat_array(cx, &f, n * n_time * m->n_observable));
    tw_status s = tw_estimate_simulate(cx, f, m, x, n, time, n_time);
    if (s == TW_OK)
        s = tw_estimate_bands(cx, band, m, f, weight, n, n_time, measured, seed);
    tw_arena_back(cx->arena, mark);
    return s;
}
