/* Posterior of one man: mode and curvature, then an importance sample of a t law with 6 degrees at the mode, weights
 * cut at mean * sqrt(M) (Ionides 2008), resampled systematically. */
#include "twin/twin_internal.h"

#include <math.h>

#define PROPOSALS 3 /* per draw */
#define T_DEGREES 6.0

typedef struct {
    double *theta; /* m * dim */
    double *level; /* m */
    double *log_w; /* m; then weights */
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
    for (size_t i = 0; i < TW_PSA_NPAR; i++) {
        theta[i] = prior->pop->mean[i];
        for (size_t j = 0; j <= i; j++)
            theta[i] += prior->chol[i * TW_PSA_NPAR + j] * z[j];
    }
    tw_psa_dev_draw(theta, TW_PSA_NPAR, dim, prior->pop, rng);
}

static void propose(sample *s, tw_psa_map *m, const tw_psa_prior *prior, tw_rng *rng)
{
    size_t d = m->dim;
    for (size_t k = 0; k < s->m; k++) {
        double *theta = s->theta + k * d;
        for (size_t i = 0; i < d; i++)
            theta[i] = tw_rng_normal(rng);
        double stretch = T_DEGREES / tw_rng_chi2_6(rng);
        double q = tw_la_square(theta, d) * stretch;
        tw_la_solve_upper(m->chol, theta, d);
        for (size_t i = 0; i < d; i++)
            theta[i] = m->theta[i] + sqrt(stretch) * theta[i];
        s->log_w[k] = 0.5 * (T_DEGREES + (double)d) * log1p(q / T_DEGREES) - tw_psa_map_objective(m, prior, theta);
        s->level[k] = m->level;
    }
}

/** log_w becomes truncated weights that sum to 1. Returns the effective size before truncation. */
static double weigh(sample *s)
{
    double top = -HUGE_VAL, sum = 0.0, square = 0.0;
    for (size_t k = 0; k < s->m; k++)
        top = TW_MAX(top, s->log_w[k]);
    for (size_t k = 0; k < s->m; k++) {
        s->log_w[k] = exp(s->log_w[k] - top);
        sum += s->log_w[k];
        square += s->log_w[k] * s->log_w[k];
    }
    double ess = sum * sum / square, cap = sum / sqrt((double)s->m), total = 0.0;
    for (size_t k = 0; k < s->m; k++) {
        s->log_w[k] = TW_MIN(s->log_w[k], cap);
        total += s->log_w[k];
    }
    for (size_t k = 0; k < s->m; k++)
        s->log_w[k] /= total;
    return ess;
}

static void resample(tw_psa_posterior *out, const sample *s, tw_rng *rng)
{
    double mark = tw_rng_uniform(rng) / (double)out->n_draw, sum = s->log_w[0];
    size_t k = 0;
    for (size_t i = 0; i < out->n_draw; i++) {
        while (sum < mark && k + 1 < s->m)
            sum += s->log_w[++k];
        memcpy(out->draw + i * out->dim, s->theta + k * out->dim, out->dim * sizeof(double));
        out->ou_mean[i] = s->level[k];
        mark += 1.0 / (double)out->n_draw;
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
    TW_TRY(tw_stat_array(cx, &s.log_w, s.m));
    memcpy(out->map, m.theta, out->dim * sizeof(double));
    tw_la_inverse(out->cov, m.chol, out->dim);
    out->log_marginal = m.log_marginal;
    out->ou_var = m.filter.end_var;
    propose(&s, &m, &prior, &rng);
    out->ess = weigh(&s);
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
