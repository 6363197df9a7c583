/* Scales, priors, and a problem asked on the scale of u. */
#include "estimate/estimate_internal.h"

static bool has_prior(const tw_estimate_par *p)
{
    return !isnan(p->prior_mean);
}

static const char *fault(const tw_estimate_par *p)
{
    if (!isfinite(p->lower) || !isfinite(p->upper) || !(p->lower < p->upper))
        return "has no bounds, the lower below the upper";
    if (p->log && !(p->lower > 0.0))
        return "is sought as a logarithm: its lower bound is above 0";
    if (!has_prior(p))
        return NULL;
    if (!isfinite(p->prior_sd) || !(p->prior_sd > 0.0))
        return "has a prior without sd above 0";
    if (!(p->prior_mean >= p->lower && p->prior_mean <= p->upper))
        return "has a prior whose mean is not between its bounds";
    return NULL;
}

tw_status tw_estimate_check(tw_ctx *cx, const tw_estimate_par *par, size_t dim)
{
    if (dim > TW_ESTIMATE_PAR_MAX)
        return tw_fail(cx, TW_ELIMIT, "at most %d parameters", TW_ESTIMATE_PAR_MAX);
    for (size_t k = 0; k < dim; k++)
        if (fault(&par[k]))
            return tw_fail(cx, TW_EPARSE, "parameter %s %s", par[k].name, fault(&par[k]));
    return TW_OK;
}

double tw_estimate_scaled(const tw_estimate_par *p, double x)
{
    double in = TW_MIN(TW_MAX(x, p->lower), p->upper);
    return p->log ? log(in) : in;
}

double tw_estimate_natural(const tw_estimate_par *p, double u)
{
    double x = p->log ? exp(u) : u;
    return TW_MIN(TW_MAX(x, p->lower), p->upper);
}

double tw_estimate_lower(const tw_estimate_par *p)
{
    return tw_estimate_scaled(p, p->lower);
}

double tw_estimate_upper(const tw_estimate_par *p)
{
    return tw_estimate_scaled(p, p->upper);
}

double tw_estimate_inside(const tw_estimate_par *p, double u)
{
    return TW_MIN(TW_MAX(u, tw_estimate_lower(p)), tw_estimate_upper(p));
}

double tw_estimate_reference_sd(const tw_estimate_par *p)
{
    return has_prior(p) ? p->prior_sd : (tw_estimate_upper(p) - tw_estimate_lower(p)) / sqrt(12.0);
}

double tw_estimate_step(const tw_estimate_par *p, double u, double step)
{
    double range = tw_estimate_upper(p) - tw_estimate_lower(p);
    double h = p->log ? step : step * TW_MAX(fabs(u), 0.01 * range);
    return TW_MIN(h, 0.01 * range);
}

double tw_estimate_prior(const tw_estimate_par *par, const double *u, size_t dim)
{
    double sum = 0.0;
    for (size_t k = 0; k < dim; k++)
        if (has_prior(&par[k])) {
            double z = (u[k] - tw_estimate_scaled(&par[k], par[k].prior_mean)) / par[k].prior_sd;
            sum += 0.5 * (z * z + TW_LN_2PI) + log(par[k].prior_sd);
        }
    return sum;
}

static double prior_draw(const tw_estimate_par *p, tw_rng *rng)
{
    double lower = tw_estimate_lower(p), upper = tw_estimate_upper(p);
    if (!has_prior(p))
        return lower + (upper - lower) * tw_rng_uniform(rng);
    double u = 0.0;
    for (int tries = 0; tries < 1000; tries++) {
        u = tw_estimate_scaled(p, p->prior_mean) + p->prior_sd * tw_rng_normal(rng);
        if (u >= lower && u <= upper)
            return u;
    }
    return lower + (upper - lower) * tw_rng_uniform(rng);
}

void tw_estimate_prior_draws(double *u, const tw_estimate_par *par, size_t dim, size_t n, uint64_t seed)
{
    tw_rng rng = tw_rng_of(seed, 0x7072696f72);
    for (size_t i = 0; i < n * dim; i++)
        u[i] = prior_draw(&par[i % dim], &rng);
}

tw_status tw_estimate_likelihood(tw_ctx *cx, double *value, const tw_estimate_problem *p, const double *u, size_t n)
{
    double *x;
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_stat_array(cx, &x, n * p->dim));
    for (size_t i = 0; i < n * p->dim; i++)
        x[i] = tw_estimate_natural(&p->par[i % p->dim], u[i]);
    tw_status s = p->f(p->self, cx, value, x, n);
    for (size_t i = 0; i < n && s == TW_OK; i++)
        if (isnan(value[i]))
            value[i] = HUGE_VAL;
    tw_arena_back(cx->arena, mark);
    return s;
}

tw_status tw_estimate_posterior(tw_ctx *cx, double *value, const tw_estimate_problem *p, const double *u, size_t n)
{
    TW_TRY(tw_estimate_likelihood(cx, value, p, u, n));
    for (size_t i = 0; i < n; i++)
        value[i] += tw_estimate_prior(p->par, u + i * p->dim, p->dim);
    return TW_OK;
}
