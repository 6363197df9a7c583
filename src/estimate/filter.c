/* Values that stream in: particles and their models' states go from value to value, each step as one batch of runs. */
#include "estimate/estimate_internal.h"

#define PARTICLES 4096
#define DELTA 0.98
#define ESS_SHARE 0.5

struct tw_estimate_filter {
    const tw_estimate_model *m;
    tw_estimate_filter_opts o;
    tw_particles p; /* u [n][dim] */
    double *state;  /* [n][size]; NULL: the model's state does not hold everything, runs begin at the start */
    size_t size;
    size_t *drift_at; /* places in a state */
    uint64_t step;
    tw_estimate_filter_state now;
};

/* ---------------------------------------------------------------- runs */

/* Runs all particles over times: from the start, or from their states; what was done until then is in
 * those. out [n][n_time][n_observable]; to NULL: states are not wanted. */
static tw_status advance(tw_ctx *cx, double *out, double *to, const tw_estimate_filter *f, const double *from,
                         const double *time, size_t n_time)
{
    const tw_estimate_model *m = f->m;
    size_t n = f->p.n_particle, skip = 0;
    double *x;
    TW_TRY(tw_stat_array(cx, &x, n * m->dim));
    for (size_t i = 0; i < n * m->dim; i++)
        x[i] = tw_estimate_natural(&m->par[i % m->dim], f->p.x[i]);
    while (from && skip < m->n_action && m->action[skip].time <= from[0])
        skip++;
    tw_sim_batch b = { .n = n,
                       .time = time,
                       .n_time = n_time,
                       .action = m->action ? m->action + skip : NULL,
                       .n_action = m->n_action - skip,
                       .from = from,
                       .out = out,
                       .to = to };
    TW_TRY(tw_estimate_run(cx, &b, m, x));
    for (size_t i = 0; to && i < n * f->size; i += f->size)
        to[i] = time[n_time - 1]; /* a run that failed leaves NaN behind, but stands at the same time */
    return TW_OK;
}

static void wander(double *state, const tw_estimate_filter *f, double span, tw_rng *rng)
{
    for (size_t i = 0; i < f->p.n_particle; i++)
        for (size_t k = 0; k < f->o.n_drift; k++)
            state[i * f->size + f->drift_at[k]] += f->o.drift[k].sd * sqrt(span) * tw_rng_normal(rng);
}

/* From where particles stand to a time; f [n][n_observable] there. state is written over. */
static tw_status to_time(tw_ctx *cx, double *out, double *state, const tw_estimate_filter *f, double from, double time,
                         tw_rng *rng)
{
    TW_TRY(advance(cx, out, state, f, state, &time, 1));
    if (f->o.n_drift == 0 || !(time > from))
        return TW_OK;
    wander(state, f, time - from, rng);
    return advance(cx, out, NULL, f, state, &time, 1);
}

/* ---------------------------------------------------------------- begin */

static tw_status places(tw_ctx *cx, tw_estimate_filter *f)
{
    f->drift_at = tw_try_array(cx->arena, size_t, f->o.n_drift + 1);
    if (!f->drift_at)
        return tw_fail(cx, TW_ELIMIT, "no memory for a filter");
    if (f->o.n_drift && !f->state)
        return tw_fail(cx, TW_EREFUSED, "drift of a model with delays");
    for (size_t k = 0; k < f->o.n_drift; k++) {
        f->drift_at[k] = tw_sim_state_index(f->m->program, f->o.drift[k].symbol);
        if (f->drift_at[k] == SIZE_MAX)
            return tw_fail(cx, TW_EREFUSED, "drift of a symbol that the state does not hold");
        if (!(f->o.drift[k].sd > 0.0))
            return tw_fail(cx, TW_EPARSE, "the sd of a drift is above 0");
    }
    return TW_OK;
}

static tw_status begin(tw_ctx *cx, tw_estimate_filter *f)
{
    const tw_estimate_model *m = f->m;
    size_t n = f->p.n_particle;
    double *out;
    if (f->o.x)
        for (size_t i = 0; i < n * m->dim; i++)
            f->p.x[i] = tw_estimate_scaled(&m->par[i % m->dim], f->o.x[i]);
    else
        tw_estimate_prior_draws(f->p.x, m->par, m->dim, n, f->o.seed);
    for (size_t i = 0; i < n; i++)
        f->p.weight[i] = 1.0 / (double)n;
    if (!f->state)
        return TW_OK;
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_stat_array(cx, &out, n * m->n_observable));
    tw_status s = advance(cx, out, f->state, f, NULL, &m->start, 1);
    tw_arena_back(cx->arena, mark);
    return s;
}

tw_status tw_estimate_filter_new(tw_ctx *cx, tw_estimate_filter **out, const tw_estimate_model *m,
                                 const tw_estimate_filter_opts *opts)
{
    tw_estimate_filter *f = tw_new(cx->arena, tw_estimate_filter);
    *f = (tw_estimate_filter){ .m = m, .o = *opts };
    size_t n = f->o.particles = f->o.particles ? f->o.particles : PARTICLES;
    f->o.delta = f->o.delta > 0.0 ? f->o.delta : DELTA;
    f->o.ess_share = f->o.ess_share > 0.0 ? f->o.ess_share : ESS_SHARE;
    TW_TRY(tw_estimate_check(cx, m->par, m->dim));
    if (n < 2 || n > TW_ESTIMATE_PARTICLES_MAX)
        return tw_fail(cx, TW_ELIMIT, "2 to %d particles", TW_ESTIMATE_PARTICLES_MAX);
    if (!(f->o.delta > 0.5 && f->o.delta < 1.0))
        return tw_fail(cx, TW_EPARSE, "delta lies between 0.5 and 1");
    f->p = (tw_particles){ .n_particle = n, .n = m->dim };
    TW_TRY(tw_stat_array(cx, &f->p.x, n * (m->dim + 1)));
    f->p.weight = f->p.x + n * m->dim;
    f->size = tw_sim_state_size(m->program);
    if (tw_sim_state_whole(m->program))
        TW_TRY(tw_stat_array(cx, &f->state, n * f->size));
    f->now = (tw_estimate_filter_state){ .time = m->start, .ess = (double)n, .ess_least = (double)n, .particles = n };
    TW_TRY(places(cx, f));
    TW_TRY(begin(cx, f));
    *out = f;
    return TW_OK;
}

/* ---------------------------------------------------------------- parameters move */

/* Without drift a state is a function of the parameters. */
static tw_status rejoin(tw_ctx *cx, tw_estimate_filter *f)
{
    double *out;
    for (size_t i = 0; i < f->p.n_particle * f->m->dim; i++)
        f->p.x[i] = tw_estimate_inside(&f->m->par[i % f->m->dim], f->p.x[i]);
    if (f->o.n_drift || !f->state)
        return TW_OK;
    TW_TRY(tw_stat_array(cx, &out, f->p.n_particle * f->m->n_observable));
    return advance(cx, out, f->state, f, NULL, &f->now.time, 1);
}

/* With drift: particles are drawn with their states, then parameters are jittered alone. */
static tw_status resample_states(tw_ctx *cx, tw_estimate_filter *f, tw_rng *rng)
{
    size_t d = f->m->dim, wide = d + f->size, n = f->p.n_particle;
    tw_particles all = { .weight = f->p.weight, .n_particle = n, .n = wide };
    TW_TRY(tw_stat_array(cx, &all.x, n * wide));
    for (size_t i = 0; i < n; i++) {
        memcpy(all.x + i * wide, f->p.x + i * d, d * sizeof(double));
        memcpy(all.x + i * wide + d, f->state + i * f->size, f->size * sizeof(double));
    }
    TW_TRY(tw_particles_resample(cx, &all, rng));
    for (size_t i = 0; i < n; i++) {
        memcpy(f->p.x + i * d, all.x + i * wide, d * sizeof(double));
        memcpy(f->state + i * f->size, all.x + i * wide + d, f->size * sizeof(double));
    }
    return TW_OK;
}

/* Mean and covariance of the parameters stay; what is gone are equal copies. */
static tw_status jitter(tw_ctx *cx, tw_estimate_filter *f, tw_rng *rng)
{
    if (f->o.n_drift == 0)
        return tw_particles_liu_west(cx, &f->p, f->o.delta, rng);
    TW_TRY(resample_states(cx, f, rng));
    if (f->m->dim == 0)
        return TW_OK;
    return tw_particles_liu_west(cx, &f->p, f->o.delta, rng); /* equal weights: each is drawn once, in order */
}

/* ---------------------------------------------------------------- a value */

static tw_status weigh(tw_ctx *cx, double *log_density, tw_estimate_filter *f, const double *out,
                       const tw_estimate_datum *datum, size_t n, tw_rng *rng)
{
    double *w;
    size_t stride = f->m->n_observable;
    TW_TRY(tw_stat_array(cx, &w, f->p.n_particle));
    for (size_t i = 0; i < f->p.n_particle; i++)
        for (size_t j = 0; j < n; j++)
            w[i] += tw_estimate_log_density(&f->m->observable[datum[j].observable], &datum[j],
                                            out[i * stride + datum[j].observable]);
    *log_density = tw_particles_reweigh(&f->p, w);
    if (!isfinite(*log_density))
        return tw_fail(cx, TW_EFAILED, "no particle can have made these values");
    f->now.log_evidence += *log_density;
    f->now.ess = tw_particles_ess(&f->p);
    f->now.ess_least = TW_MIN(f->now.ess_least, f->now.ess);
    if (f->now.ess >= f->o.ess_share * (double)f->p.n_particle)
        return TW_OK;
    TW_TRY(jitter(cx, f, rng));
    f->now.ess = (double)f->p.n_particle;
    f->now.resampled++;
    return rejoin(cx, f);
}

static tw_status seen(tw_ctx *cx, double *y, double *var, double *h, const tw_estimate_filter *f, const double *out,
                      const tw_estimate_datum *d, size_t j, size_t n)
{
    const tw_estimate_observable *o = &f->m->observable[d->observable];
    double mean = 0.0, extra = d->extra_sd * d->extra_sd + d->width * d->width / 12.0;
    bool log_law = o->law == TW_ESTIMATE_LOGNORMAL;
    if (d->kind != TW_ESTIMATE_MEASURED || (log_law && !(d->value > 0.0)))
        return tw_fail(cx, TW_EREFUSED, "an ensemble takes measured values alone");
    for (size_t i = 0; i < f->p.n_particle; i++) {
        double v = out[i * f->m->n_observable + d->observable];
        if (!isfinite(v) || (log_law && !(v > 0.0)))
            return tw_fail(cx, TW_EFAILED, "a member of the ensemble has no solution");
        mean += v / (double)f->p.n_particle;
        h[i * n + j] = log_law ? log(v) : v;
    }
    y[j] = log_law ? log(d->value) : d->value;
    var[j] = o->sd * o->sd;
    if (o->law == TW_ESTIMATE_PROPORTIONAL)
        var[j] *= mean * mean;
    var[j] += log_law ? extra / (d->value * d->value) : extra;
    return TW_OK;
}

/* The update moves parameters and what drifts. */
static tw_status update_ensemble(tw_ctx *cx, tw_estimate_filter *f, const double *out, const tw_estimate_datum *datum,
                                 size_t n, tw_rng *rng)
{
    size_t d = f->m->dim, wide = d + f->o.n_drift, m = f->p.n_particle;
    double *y;
    tw_particles all = { .weight = f->p.weight, .n_particle = m, .n = wide };
    TW_TRY(tw_stat_array(cx, &y, 2 * n + m * (n + wide)));
    double *var = y + n, *h = var + n;
    all.x = h + m * n;
    for (size_t j = 0; j < n; j++)
        TW_TRY(seen(cx, y, var, h, f, out, &datum[j], j, n));
    for (size_t i = 0; i < m; i++)
        for (size_t k = 0; k < wide; k++)
            all.x[i * wide + k] = k < d ? f->p.x[i * d + k] : f->state[i * f->size + f->drift_at[k - d]];
    TW_TRY(tw_enkf(cx, &all, h, y, var, n, rng));
    for (size_t i = 0; i < m; i++)
        for (size_t k = 0; k < wide; k++)
            *(k < d ? &f->p.x[i * d + k] : &f->state[i * f->size + f->drift_at[k - d]]) = all.x[i * wide + k];
    return rejoin(cx, f);
}

static tw_status take(tw_ctx *cx, double *log_density, tw_estimate_filter *f, const tw_estimate_datum *datum, size_t n)
{
    double *out, time = datum[0].time;
    tw_rng rng = tw_rng_of(f->o.seed, 0x66696c74 + f->step++);
    TW_TRY(tw_stat_array(cx, &out, f->p.n_particle * f->m->n_observable));
    if (f->state)
        TW_TRY(to_time(cx, out, f->state, f, f->now.time, time, &rng));
    else
        TW_TRY(advance(cx, out, NULL, f, NULL, &time, 1));
    f->now.time = time;
    if (!f->o.ensemble)
        return weigh(cx, log_density, f, out, datum, n, &rng);
    *log_density = f->now.log_evidence = (double)NAN;
    return update_ensemble(cx, f, out, datum, n, &rng);
}

tw_status tw_estimate_filter_take(tw_ctx *cx, double *log_density, tw_estimate_filter *f,
                                  const tw_estimate_datum *datum, size_t n)
{
    double unused;
    for (size_t j = 0; j < n; j++)
        if (!isfinite(datum[j].time) || datum[j].time != datum[0].time || datum[j].time < f->now.time ||
            datum[j].observable >= f->m->n_observable)
            return tw_fail(cx, TW_EPARSE, "values of one time, not before the last, of known observables");
    if (n == 0)
        return TW_OK;
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = take(cx, log_density ? log_density : &unused, f, datum, n);
    tw_arena_back(cx->arena, mark);
    return s;
}

/* ---------------------------------------------------------------- what it knows */

tw_estimate_filter_state tw_estimate_filter_now(const tw_estimate_filter *f)
{
    return f->now;
}

tw_particles tw_estimate_filter_particles(const tw_estimate_filter *f)
{
    return f->p;
}

bool tw_estimate_filter_moments(double *mean, double *var, const tw_estimate_filter *f, uint32_t symbol)
{
    size_t at = f->state ? tw_sim_state_index(f->m->program, symbol) : SIZE_MAX;
    *mean = *var = 0.0;
    if (at == SIZE_MAX)
        return false;
    for (size_t i = 0; i < f->p.n_particle; i++)
        *mean += f->p.weight[i] * f->state[i * f->size + at];
    for (size_t i = 0; i < f->p.n_particle; i++) {
        double e = f->state[i * f->size + at] - *mean;
        *var += f->p.weight[i] * e * e;
    }
    return true;
}

static tw_status run_on(tw_ctx *cx, double *out, const tw_estimate_filter *f, const double *time, size_t n_time,
                        uint64_t seed)
{
    size_t n = f->p.n_particle, wide = f->m->n_observable;
    double *state, *row;
    tw_estimate_filter go = *f;
    tw_rng rng = tw_rng_of(seed, 0x666f7265);
    if (f->o.n_drift == 0)
        return advance(cx, out, NULL, f, f->state, time, n_time);
    TW_TRY(tw_stat_array(cx, &state, n * (f->size + wide)));
    row = state + n * f->size;
    memcpy(state, f->state, n * f->size * sizeof(double));
    for (size_t t = 0; t < n_time; t++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        TW_TRY(to_time(cx, row, state, &go, go.now.time, time[t], &rng));
        tw_arena_back(cx->arena, mark);
        go.now.time = time[t];
        for (size_t i = 0; i < n; i++)
            memcpy(out + (i * n_time + t) * wide, row + i * wide, wide * sizeof(double));
    }
    return TW_OK;
}

tw_status tw_estimate_filter_forecast(tw_ctx *cx, double *band, const tw_estimate_filter *f, const double *time,
                                      size_t n_time, bool measured, uint64_t seed)
{
    size_t n = f->p.n_particle;
    double *out;
    for (size_t t = 0; t < n_time; t++)
        if (!(time[t] >= (t ? time[t - 1] : f->now.time)))
            return tw_fail(cx, TW_EPARSE, "times of a forecast ascend from the filter's");
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_stat_array(cx, &out, n * n_time * f->m->n_observable));
    tw_status s = run_on(cx, out, f, time, n_time, seed);
    if (s == TW_OK)
        s = tw_estimate_bands(cx, band, f->m, out, f->p.weight, n, n_time, measured, seed);
    tw_arena_back(cx->arena, mark);
    return s;
}
