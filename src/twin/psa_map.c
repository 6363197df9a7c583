/* Mode of one man's posterior by Levenberg-Marquardt on whitened residuals, and its Gauss-Newton curvature. */
#include "twin/twin_internal.h"

#include <math.h>

#define ITERATIONS_MAX 200
#define DAMPING_MAX 1e12
#define DECREASE_MIN 1e-8 /* of the objective, in nats: far below what a draw can tell */

tw_status tw_psa_prior_make(tw_ctx *cx, tw_psa_prior *out, const tw_psa_population *pop)
{
    bool positive = pop->ou_sd > 0.0 && pop->ou_tau_day > 0.0 && pop->white_sd > 0.0;
    for (size_t k = 0; k < TW_PSA_NDEV; k++)
        positive = positive && pop->dev_sd[k] > 0.0;
    out->pop = pop;
    memcpy(out->chol, pop->cov, sizeof out->chol);
    if (!positive || !tw_la_chol(out->chol, TW_PSA_NPAR))
        return tw_fail(cx, TW_EPARSE, "population of the PSA twin: a scale or the covariance is not positive");
    tw_la_inverse(out->prec, out->chol, TW_PSA_NPAR);
    out->log_det = tw_la_logdet(out->chol, TW_PSA_NPAR);
    return TW_OK;
}

/** A constant shift of the days changes no interval, hence nothing here. */
static bool blurs(const tw_noise *z)
{
    return z &&
           (z->value_sd > 0.0 || z->value_round_width > 0.0 || z->time_round_days > 0.0 || z->time_jitter_days > 0.0);
}

tw_status tw_psa_map_new(tw_ctx *cx, tw_psa_map *m, const tw_psa_series *man, const tw_noise *noise,
                         const tw_psa_population *pop)
{
    size_t d = tw_psa_dim(man->n_cycle), n = man->n_obs;
    if (n == 0)
        return tw_fail(cx, TW_EPARSE, "PSA twin: no observation to learn from");
    if (noise && noise->time_dropped)
        return tw_fail(cx, TW_EPARSE, "PSA twin: the release dropped the times");
    *m = (tw_psa_map){ .man = man, .noise = blurs(noise) ? noise : NULL, .dim = d };
    double **const sized_d[] = { &m->theta, &m->grad, &m->step, &m->trial };
    double **const sized_n[] = { &m->lnf, &m->extra, &m->white_res, &m->slope };
    for (size_t i = 0; i < TW_COUNT(sized_d); i++)
        TW_TRY(tw_stat_array(cx, sized_d[i], d));
    for (size_t i = 0; i < TW_COUNT(sized_n); i++)
        TW_TRY(tw_stat_array(cx, sized_n[i], n));
    TW_TRY(tw_stat_array(cx, &m->hess, d * d));
    TW_TRY(tw_stat_array(cx, &m->chol, d * d));
    TW_TRY(tw_stat_array(cx, &m->jac, n * d));
    TW_TRY(tw_stat_array(cx, &m->white_jac, n * d));
    TW_TRY(tw_psa_filter_new(cx, &m->filter, n));
    memcpy(m->theta, pop->mean, sizeof pop->mean);
    return TW_OK;
}

/** Half the squared distance of theta from the population; adds to grad when given. */
static double prior_term(double *grad, const tw_psa_prior *prior, const double *theta, size_t dim)
{
    double dev[TW_PSA_NPAR], sum = 0.0;
    for (size_t i = 0; i < TW_PSA_NPAR; i++)
        dev[i] = theta[i] - prior->pop->mean[i];
    for (size_t i = 0; i < TW_PSA_NPAR; i++) {
        double row = 0.0;
        for (size_t j = 0; j < TW_PSA_NPAR; j++)
            row += prior->prec[i * TW_PSA_NPAR + j] * dev[j];
        sum += row * dev[i];
        if (grad)
            grad[i] += row;
    }
    for (size_t i = TW_PSA_NPAR; i < dim; i++) {
        double sd = prior->pop->dev_sd[tw_psa_dev_kind(i)];
        double z = theta[i] / (sd * sd);
        sum += z * theta[i];
        if (grad)
            grad[i] += z;
    }
    return 0.5 * sum;
}

static double data_term(tw_psa_map *m)
{
    const tw_psa_series *s = m->man;
    for (size_t i = 0; i < s->n_obs; i++)
        m->white_res[i] = s->y[i] - m->lnf[i];
    m->level = tw_psa_filter_apply(&m->filter, m->white_res, 1);
    return 0.5 * tw_la_square(m->white_res, s->n_obs);
}

double tw_psa_map_objective(tw_psa_map *m, const tw_psa_prior *prior, const double *theta)
{
    const tw_psa_series *s = m->man;
    tw_psa_walk(m->lnf, NULL, NULL, s->run, s->n_run, s->at, s->n_obs, theta, m->dim);
    double f = data_term(m) + prior_term(NULL, prior, theta, m->dim);
    return isfinite(f) ? f : HUGE_VAL;
}

/** Gradient and Gauss-Newton matrix at m->theta. */
static void linearise(tw_psa_map *m, const tw_psa_prior *prior)
{
    const tw_psa_series *s = m->man;
    size_t d = m->dim;
    tw_psa_walk(m->lnf, m->jac, NULL, s->run, s->n_run, s->at, s->n_obs, m->theta, d);
    m->objective = data_term(m);
    memcpy(m->white_jac, m->jac, s->n_obs * d * sizeof(double));
    tw_psa_filter_apply_rows(&m->filter, m->white_jac, d);
    memset(m->grad, 0, d * sizeof(double));
    memset(m->hess, 0, d * d * sizeof(double));
    for (size_t k = 0; k < s->n_obs; k++) {
        const double *row = m->white_jac + k * d;
        for (size_t i = 0; i < d; i++) {
            m->grad[i] -= row[i] * m->white_res[k];
            for (size_t j = 0; j <= i; j++)
                m->hess[i * d + j] += row[i] * row[j];
        }
    }
    m->objective += prior_term(m->grad, prior, m->theta, d);
    for (size_t i = 0; i < d; i++) {
        double sd = i < TW_PSA_NPAR ? 1.0 : prior->pop->dev_sd[tw_psa_dev_kind(i)];
        for (size_t j = 0; j <= i && i < TW_PSA_NPAR; j++)
            m->hess[i * d + j] += prior->prec[i * TW_PSA_NPAR + j];
        if (i >= TW_PSA_NPAR)
            m->hess[i * d + i] += 1.0 / (sd * sd);
        for (size_t j = 0; j < i; j++)
            m->hess[j * d + i] = m->hess[i * d + j];
    }
}

/** Solve (H + damping diag H) step = -grad; the predicted decrease of the objective, < 0 when H is not usable. */
static double damped_step(tw_psa_map *m, double damping)
{
    size_t d = m->dim;
    memcpy(m->chol, m->hess, d * d * sizeof(double));
    for (size_t i = 0; i < d; i++)
        m->chol[i * d + i] *= 1.0 + damping;
    if (!tw_la_chol(m->chol, d))
        return -1.0;
    for (size_t i = 0; i < d; i++)
        m->step[i] = -m->grad[i];
    tw_la_solve(m->chol, m->step, d);
    double decrease = 0.0;
    for (size_t i = 0; i < d; i++)
        decrease += 0.5 * m->step[i] * (damping * m->hess[i * d + i] * m->step[i] - m->grad[i]);
    return decrease;
}

static void descend(tw_psa_map *m, const tw_psa_prior *prior)
{
    double damping = 1e-3;
    linearise(m, prior);
    for (int it = 0; it < ITERATIONS_MAX && damping < DAMPING_MAX; it++) {
        double expected = damped_step(m, damping);
        if (expected >= 0.0 && expected < DECREASE_MIN)
            return;
        for (size_t i = 0; i < m->dim; i++)
            m->trial[i] = m->theta[i] + m->step[i];
        if (expected < 0.0 || tw_psa_map_objective(m, prior, m->trial) > m->objective) {
            damping *= 6.0;
            continue;
        }
        memcpy(m->theta, m->trial, m->dim * sizeof(double));
        damping *= 0.15;
        linearise(m, prior);
    }
}

static void set_filter(tw_psa_map *m, const tw_psa_population *pop)
{
    tw_psa_filter_set(&m->filter, m->man->at, m->noise ? m->extra : NULL, pop->ou_sd, pop->ou_tau_day, pop->white_sd);
}

tw_status tw_psa_map_find(tw_ctx *cx, tw_psa_map *m, const tw_psa_prior *prior)
{
    const tw_psa_series *s = m->man;
    /* The release's noise acts at the model's values and slopes, so it is set once from the data and once at the mode.
     */
    for (int pass = 0; pass < (m->noise ? 2 : 1); pass++) {
        if (pass > 0)
            tw_psa_walk(m->lnf, NULL, m->slope, s->run, s->n_run, s->at, s->n_obs, m->theta, m->dim);
        if (m->noise)
            tw_psa_noise_extra(m->extra, m->noise, pass > 0 ? m->lnf : s->y, m->slope, s->n_obs);
        set_filter(m, prior->pop);
        descend(m, prior);
    }
    memcpy(m->chol, m->hess, m->dim * m->dim * sizeof(double));
    if (!isfinite(m->objective) || !tw_la_chol(m->chol, m->dim))
        return tw_fail(cx, TW_EFAILED, "PSA twin: the search for the mode did not end in a maximum");
    double dev = 0.0;
    for (size_t i = TW_PSA_NPAR; i < m->dim; i++)
        dev += log(prior->pop->dev_sd[tw_psa_dev_kind(i)]);
    m->log_marginal = -m->objective - 0.5 * (m->filter.log_det + (double)s->n_obs * TW_LN_2PI) - 0.5 * prior->log_det -
                      dev - 0.5 * tw_la_logdet(m->chol, m->dim);
    return TW_OK;
}
