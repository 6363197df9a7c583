/* Posterior of one man: mode and curvature, then an importance sample of a t law with 6 degrees at the mode, weights
 * cut at mean * sqrt(M) (Ionides 2008), resampled systematically. */
#include "twin/twin_internal.h"

#include <math.h>

#define PROPOSALS 3 /* per draw */

typedef struct {
    double *theta; /* m * dim */
    double *level; /* m */
    double *w;     /* m: ln weights, then weights */
    size_t m;
} sample;

void tw_psa_dev_draw(double *theta, size_t from, size_t dim, const tw_psa_population *pop, tw_rng *rng)
{
    for (size_t i = from; i < dim; i++)
        theta[i] = pop->dev_sd[tw_psa_dev_kind(i)] * tw_rng_normal(rng);
}

void tw_psa_prior_draw(double *theta, size_t dim, const tw_psa_prior *prior, tw_rng *rng)
{
    double z[TW_PSA_NPAR];
    for (size_t i = 0; i < TW_PSA_NPAR; i++)
        z[i] = tw_rng_normal(rng);
    memcpy(theta, prior->pop->mean, sizeof prior->pop->mean);
    tw_la_add_lower(theta, prior->chol, z, TW_PSA_NPAR);
    tw_psa_dev_draw(theta, TW_PSA_NPAR, dim, prior->pop, rng);
}

static void propose(sample *s, tw_psa_map *m, const tw_psa_prior *prior, tw_rng *rng)
{
    size_t d = m->dim;
    for (size_t k = 0; k < s->m; k++) {
        double *theta = s->theta + k * d;
        for (size_t i = 0; i < d; i++)
            theta[i] = tw_rng_normal(rng);
        double stretch = TW_T6 / tw_rng_chi2_6(rng);
        double q = tw_la_square(theta, d) * stretch;
        tw_la_solve_upper(m->chol, theta, d);
        for (size_t i = 0; i < d; i++)
            theta[i] = m->theta[i] + sqrt(stretch) * theta[i];
        s->w[k] = -tw_t6_log_kernel(q, d) - tw_psa_map_objective(m, prior, theta);
        s->level[k] = m->level;
    }
}

static void resample(tw_psa_posterior *out, const sample *s, tw_rng *rng)
{
    tw_resampling r = tw_resampling_of(s->w, s->m, out->n_draw, rng);
    for (size_t i = 0; i < out->n_draw; i++) {
        size_t k = tw_resampling_next(&r);
        memcpy(out->draw + i * out->dim, s->theta + k * out->dim, out->dim * sizeof(double));
        out->ou_mean[i] = s->level[k];
    }
}

static tw_status posterior_new(tw_ctx *cx, tw_psa_posterior *out, const tw_psa_population *pop, size_t dim,
                               size_t n_draw)
{
    if (n_draw == 0 || n_draw > TW_PSA_DRAWS_MAX)
        return tw_fail(cx, TW_ELIMIT, "PSA twin: 1 to %d draws", TW_PSA_DRAWS_MAX);
    *out = (tw_psa_posterior){ .prior = *pop, .dim = dim, .n_draw = n_draw };
    TW_TRY(tw_stat_array(cx, &out->map, dim));
    TW_TRY(tw_stat_array(cx, &out->cov, dim * dim));
    TW_TRY(tw_stat_array(cx, &out->draw, n_draw * dim));
    return tw_stat_array(cx, &out->ou_mean, n_draw);
}

static tw_status learn(tw_ctx *cx, tw_psa_posterior *out, const tw_psa_series *man, const tw_noise *noise,
                       uint64_t seed)
{
    tw_psa_prior prior;
    tw_psa_map m;
    sample s = { .m = PROPOSALS * out->n_draw };
    tw_rng rng = tw_rng_of(seed, 1);
    TW_TRY(tw_psa_prior_make(cx, &prior, &out->prior));
    TW_TRY(tw_psa_map_new(cx, &m, man, noise, &out->prior));
    TW_TRY(tw_psa_map_find(cx, &m, &prior));
    TW_TRY(tw_stat_array(cx, &s.theta, s.m * out->dim));
    TW_TRY(tw_stat_array(cx, &s.level, s.m));
    TW_TRY(tw_stat_array(cx, &s.w, s.m));
    memcpy(out->map, m.theta, out->dim * sizeof(double));
    tw_la_inverse(out->cov, m.chol, out->dim);
    out->log_marginal = m.log_marginal;
    out->ou_var = m.filter.end_var;
    propose(&s, &m, &prior, &rng);
    (void)tw_weights_of_logs(s.w, s.m);
    out->ess = tw_weights_ess(s.w, s.m);
    tw_weights_truncate(s.w, s.m);
    resample(out, &s, &rng);
    return TW_OK;
}

tw_status tw_psa_fit(tw_ctx *cx, tw_psa_posterior *out, const tw_psa_series *man, const tw_psa_population *pop,
                     const tw_noise *noise, size_t n_draw, uint64_t seed)
{
    if (man->n_obs == 0)
        return tw_fail(cx, TW_EPARSE, "PSA twin: no observation to learn from");
    TW_TRY(posterior_new(cx, out, pop, tw_psa_dim(man->n_cycle), n_draw));
    out->run = tw_try_array(cx->arena, tw_psa_run, man->n_run);
    if (!out->run)
        return tw_fail(cx, TW_ELIMIT, "no room for a PSA twin");
    memcpy(out->run, man->run, man->n_run * sizeof *man->run);
    out->n_run = man->n_run;
    out->n_cycle = man->n_cycle;
    out->n_obs = man->n_obs;
    out->last_day = man->at[man->n_obs - 1].day;
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = learn(cx, out, man, noise, seed);
    tw_arena_back(cx->arena, mark);
    return s;
}

tw_status tw_psa_fit_none(tw_ctx *cx, tw_psa_posterior *out, const tw_psa_population *pop, size_t n_draw, uint64_t seed)
{
    tw_psa_prior prior;
    tw_rng rng = tw_rng_of(seed, 2);
    TW_TRY(tw_psa_prior_make(cx, &prior, pop));
    TW_TRY(posterior_new(cx, out, pop, TW_PSA_NPAR, n_draw));
    memcpy(out->map, pop->mean, sizeof pop->mean);
    memcpy(out->cov, pop->cov, sizeof pop->cov);
    for (size_t i = 0; i < n_draw; i++)
        tw_psa_prior_draw(out->draw + i * TW_PSA_NPAR, TW_PSA_NPAR, &prior, &rng);
    out->ou_var = pop->ou_sd * pop->ou_sd;
    return TW_OK;
}
