/* Population of the PSA twin by EM with a Laplace E-step.
 *
 * E: each man's posterior is taken as N(mode, H^-1). M: mean and covariance of the men in closed form (plus a weak
 * conjugate prior), sds of the cycles likewise, and the three noise parameters by pattern search on the expected log
 * likelihood
 *     sum_men -1/2 log det C - 1/2 tr C^-1 (r r' + J V J')
 * evaluated with the filter on the residual and on the columns of J L^-T, V = (L L')^-1.
 *
 * g and ke are nearly exchangeable in the regrowth after treatment, as absorption and elimination are in
 * pharmacokinetics; with many steps EM drifts along that ridge, gains little likelihood and loses forecast skill. Hence
 * few steps from a round start. */
#include "twin/twin_internal.h"

#include <math.h>

#define ITERATIONS 8
#define TOLERANCE 0.02
#define NOISE_DIM 3
#define SHRINK_MEN 1.0 /* weight of the hand-made spread in the covariance and the sds, in men */

typedef struct {
    tw_psa_map *map;
    double **spread; /* per man: n_obs * (dim + 1), residual and J L^-T, row = observation */
    double *work;
    size_t n;
    tw_psa_population pop, prior;
    double prior_men; /* weight for the mean; the spread has at least SHRINK_MEN */
} em;

tw_psa_population tw_psa_population_start(void)
{
    static const double mean[TW_PSA_NPAR] = { -3.0, -1.0, -4.0, 2.7, -4.0, 2.7, 0.1 };
    static const double sd[TW_PSA_NPAR] = { 0.7, 1.0, 0.7, 0.7, 0.7, 0.7, 0.4 };
    tw_psa_population p = {
        .dev_sd = { 0.5, 0.5, 0.3, 0.5, 0.8 }, .ou_sd = 0.4, .ou_tau_day = 120.0, .white_sd = 0.12
    };
    for (size_t i = 0; i < TW_PSA_NPAR; i++) {
        p.mean[i] = mean[i];
        p.cov[i * TW_PSA_NPAR + i] = sd[i] * sd[i];
    }
    return p;
}

/** Rows of [residual | J L^-T] of one man. */
static void spread_of(double *out, const tw_psa_map *m)
{
    size_t d = m->dim;
    for (size_t k = 0; k < m->man->n_obs; k++) {
        double *row = out + k * (d + 1);
        row[0] = m->man->y[k] - m->lnf[k];
        memcpy(row + 1, m->jac + k * d, d * sizeof(double));
        tw_la_solve_lower(m->chol, row + 1, d); /* row of J L^-T = L^-1 (row of J) */
    }
}

static double noise_objective(em *e, const double logs[NOISE_DIM])
{
    double f = 0.0;
    for (size_t i = 0; i < e->n; i++) {
        tw_psa_map *m = &e->map[i];
        size_t size = m->man->n_obs * (m->dim + 1);
        tw_psa_filter_set(&m->filter, m->man->at, m->noise ? m->extra : NULL, exp(logs[0]), exp(logs[1]), exp(logs[2]));
        memcpy(e->work, e->spread[i], size * sizeof(double));
        tw_psa_filter_apply_rows(&m->filter, e->work, m->dim + 1);
        f += m->filter.log_det + tw_la_square(e->work, size);
    }
    /* Weak: sd and white within a factor of a few of their start, tau within a decade. */
    const tw_psa_population *p = &e->prior;
    double scale = 1.0 + e->prior_men;
    const double from[NOISE_DIM] = { log(p->ou_sd), log(p->ou_tau_day), log(p->white_sd) };
    for (size_t k = 0; k < NOISE_DIM; k++)
        f += scale * (logs[k] - from[k]) * (logs[k] - from[k]);
    return f;
}

static void update_noise(em *e)
{
    double x[NOISE_DIM] = { log(e->pop.ou_sd), log(e->pop.ou_tau_day), log(e->pop.white_sd) };
    for (size_t i = 0; i < e->n; i++)
        spread_of(e->spread[i], &e->map[i]);
    double best = noise_objective(e, x);
    for (double width = 0.2; width > 0.004; width *= 0.4) {
        for (size_t k = 0; k < NOISE_DIM; k++) {
            double old = x[k], sign = 1.0;
            for (int side = 0; side < 2; side++, sign = -1.0) {
                x[k] = old + sign * width;
                double f = noise_objective(e, x);
                if (f < best) {
                    best = f;
                    break;
                }
                x[k] = old;
            }
        }
    }
    e->pop.ou_sd = exp(x[0]);
    e->pop.ou_tau_day = exp(x[1]);
    e->pop.white_sd = exp(x[2]);
}

static void update_mean(em *e)
{
    double total = (double)e->n + e->prior_men;
    for (size_t k = 0; k < TW_PSA_NPAR; k++) {
        double s = e->prior_men * e->prior.mean[k];
        for (size_t i = 0; i < e->n; i++)
            s += e->map[i].theta[k];
        e->pop.mean[k] = s / total;
    }
}

/** Whether the data of a man's cycle can tell this deviation at all. */
static bool informed(const tw_psa_map *m, size_t i)
{
    if (tw_psa_dev_kind(i) != TW_PSA_J_OFF)
        return true;
    const tw_psa_run *last = &m->man->run[m->man->n_run - 1];
    return !(last->on && i == tw_psa_cycle_offset(last->cycle) + TW_PSA_J_OFF);
}

/** cov: variances of one man, dim * dim (work). */
static void update_spread(em *e, double *cov)
{
    const size_t p = TW_PSA_NPAR;
    double weight = SHRINK_MEN + e->prior_men, count[TW_PSA_NDEV], sum[TW_PSA_NDEV];
    for (size_t k = 0; k < TW_PSA_NDEV; k++) {
        count[k] = weight;
        sum[k] = weight * e->prior.dev_sd[k] * e->prior.dev_sd[k];
    }
    for (size_t k = 0; k < p * p; k++)
        e->pop.cov[k] = weight * e->prior.cov[k];
    for (size_t i = 0; i < e->n; i++) {
        const tw_psa_map *m = &e->map[i];
        tw_la_inverse(cov, m->chol, m->dim);
        for (size_t a = 0; a < p; a++)
            for (size_t b = 0; b < p; b++)
                e->pop.cov[a * p + b] +=
                    cov[a * m->dim + b] + (m->theta[a] - e->pop.mean[a]) * (m->theta[b] - e->pop.mean[b]);
        for (size_t a = p; a < m->dim; a++) {
            if (!informed(m, a))
                continue;
            count[tw_psa_dev_kind(a)] += 1.0;
            sum[tw_psa_dev_kind(a)] += cov[a * m->dim + a] + m->theta[a] * m->theta[a];
        }
    }
    for (size_t k = 0; k < p * p; k++)
        e->pop.cov[k] /= (double)e->n + weight;
    for (size_t k = 0; k < TW_PSA_NDEV; k++)
        e->pop.dev_sd[k] = sqrt(sum[k] / count[k]);
}

static tw_status e_step(tw_ctx *cx, em *e)
{
    tw_psa_prior prior;
    TW_TRY(tw_psa_prior_make(cx, &prior, &e->pop));
    e->pop.log_marginal = 0.0;
    for (size_t i = 0; i < e->n; i++) {
        if (tw_psa_map_find(cx, &e->map[i], &prior) != TW_OK)
            return tw_wrap(cx, "man %zu", i + 1);
        e->pop.log_marginal += e->map[i].log_marginal;
    }
    return TW_OK;
}

static tw_status em_new(tw_ctx *cx, em *e, const tw_psa_series *men, const tw_noise *noise, size_t n,
                        const tw_psa_population_opts *opts)
{
    size_t most = 0;
    *e = (em){ .n = n, .prior = opts->prior ? *opts->prior : tw_psa_population_start() };
    e->prior_men = opts->prior ? opts->prior_men : 0.0;
    e->pop = e->prior;
    e->pop.men = (uint32_t)n;
    e->pop.obs = 0;
    e->map = tw_try_array(cx->arena, tw_psa_map, n);
    e->spread = tw_try_array(cx->arena, double *, n);
    if (!e->map || !e->spread)
        return tw_fail(cx, TW_ELIMIT, "no room for a population of %zu men", n);
    for (size_t i = 0; i < n; i++) {
        if (tw_psa_map_new(cx, &e->map[i], &men[i], noise ? &noise[i] : NULL, &e->pop) != TW_OK)
            return tw_wrap(cx, "man %zu", i + 1);
        size_t size = men[i].n_obs * (e->map[i].dim + 1);
        TW_TRY(tw_stat_array(cx, &e->spread[i], size));
        most = TW_MAX(most, TW_MAX(size, e->map[i].dim * e->map[i].dim));
        e->pop.obs += (uint32_t)men[i].n_obs;
    }
    return tw_stat_array(cx, &e->work, most);
}

static tw_status iterate(tw_ctx *cx, em *e, const tw_psa_population_opts *opts)
{
    uint32_t most = opts->iterations_max ? opts->iterations_max : ITERATIONS;
    double tolerance = opts->tolerance > 0.0 ? opts->tolerance : TOLERANCE;
    double last = -HUGE_VAL;
    for (uint32_t it = 0;; it++) {
        TW_TRY(e_step(cx, e));
        if (it >= most || fabs(e->pop.log_marginal - last) < tolerance)
            return TW_OK;
        last = e->pop.log_marginal;
        update_mean(e);
        update_spread(e, e->work);
        update_noise(e);
    }
}

tw_status tw_psa_population_fit(tw_ctx *cx, tw_psa_population *out, const tw_psa_series *men, const tw_noise *noise,
                                size_t n, const tw_psa_population_opts *opts)
{
    static const tw_psa_population_opts none = { 0 };
    em e;
    if (n < 3)
        return tw_fail(cx, TW_EPARSE, "population of the PSA twin: %zu men, at least 3", n);
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = em_new(cx, &e, men, noise, n, opts ? opts : &none);
    if (s == TW_OK)
        s = iterate(cx, &e, opts ? opts : &none);
    if (s == TW_OK)
        *out = e.pop;
    tw_arena_back(cx->arena, mark);
    return s;
}
