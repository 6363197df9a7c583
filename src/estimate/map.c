/* The mode: starts by a Latin hypercube, descents by NLopt on u over its reference sd, profiles. */
#include "estimate/estimate_internal.h"

#include <nlopt.h>

#define STARTS 8
#define EVALUATIONS 500
#define TOLERANCE 1e-8
#define STEP 1e-4
#define UNDEFINED 1e10 /* what a descent sees where nothing is defined */

/* ---------------------------------------------------------------- one descent */

typedef struct {
    tw_ctx *cx;
    const tw_estimate_problem *p;
    tw_status status;
    nlopt_opt opt;
    size_t n;                        /* free parameters */
    size_t at[TW_ESTIMATE_PAR_MAX];  /* which they are */
    double sd[TW_ESTIMATE_PAR_MAX];  /* of the free: unit of the descent */
    double u[TW_ESTIMATE_PAR_MAX];   /* held values stay */
    double best[TW_ESTIMATE_PAR_MAX];
    double value; /* at best */
    double step;
    uint64_t evaluations;
    double *points; /* [2 dim + 1][dim] */
    double *values;
} descent;

static double *point(descent *d, size_t i, const double *v)
{
    double *u = d->points + i * d->p->dim;
    memcpy(u, d->u, d->p->dim * sizeof(double));
    for (size_t k = 0; k < d->n; k++)
        u[d->at[k]] = v[k] * d->sd[k];
    return u;
}

static void remember(descent *d, size_t i)
{
    if (!(d->values[i] < d->value))
        return;
    d->value = d->values[i];
    memcpy(d->best, d->points + i * d->p->dim, d->p->dim * sizeof(double));
}

/* Central differences, one-sided at a bound; zero where a side is not defined. */
static double objective(unsigned n, const double *v, double *gradient, void *self)
{
    descent *d = self;
    size_t points = gradient ? 2 * (size_t)n + 1 : 1;
    double width[TW_ESTIMATE_PAR_MAX];
    point(d, 0, v);
    for (size_t k = 0; gradient && k < n; k++) {
        const tw_estimate_par *p = &d->p->par[d->at[k]];
        double *lo = point(d, 2 * k + 1, v) + d->at[k], *hi = point(d, 2 * k + 2, v) + d->at[k];
        double h = tw_estimate_step(p, *lo, d->step);
        *lo = TW_MAX(*lo - h, tw_estimate_lower(p));
        *hi = TW_MIN(*hi + h, tw_estimate_upper(p));
        width[k] = (*hi - *lo) / d->sd[k];
    }
    tw_status s = tw_estimate_posterior(d->cx, d->values, d->p, d->points, points);
    d->evaluations += points;
    if (s != TW_OK) {
        d->status = s;
        nlopt_force_stop(d->opt);
        return UNDEFINED;
    }
    for (size_t i = 0; i < points; i++)
        remember(d, i);
    for (size_t k = 0; gradient && k < n; k++) {
        double rise = d->values[2 * k + 2] - d->values[2 * k + 1];
        gradient[k] = isfinite(rise) ? rise / width[k] : 0.0;
    }
    return isfinite(d->values[0]) ? d->values[0] : UNDEFINED;
}

static bool descend_by(descent *d, nlopt_algorithm algorithm, const tw_estimate_map_opts *o)
{
    double lo[TW_ESTIMATE_PAR_MAX], hi[TW_ESTIMATE_PAR_MAX], v[TW_ESTIMATE_PAR_MAX], value;
    bool gradient = algorithm == NLOPT_LD_LBFGS;
    d->opt = nlopt_create(algorithm, (unsigned)d->n);
    if (!d->opt) {
        d->status = tw_fail(d->cx, TW_ELIMIT, "no memory for a descent");
        return false;
    }
    for (size_t k = 0; k < d->n; k++) {
        lo[k] = tw_estimate_lower(&d->p->par[d->at[k]]) / d->sd[k];
        hi[k] = tw_estimate_upper(&d->p->par[d->at[k]]) / d->sd[k];
        v[k] = TW_MIN(TW_MAX(d->best[d->at[k]] / d->sd[k], lo[k]), hi[k]);
    }
    nlopt_set_min_objective(d->opt, objective, d);
    nlopt_set_lower_bounds(d->opt, lo);
    nlopt_set_upper_bounds(d->opt, hi);
    nlopt_set_ftol_abs(d->opt, o->tolerance);
    if (!gradient)
        nlopt_set_xtol_rel(d->opt, 1e-7);
    if (!gradient)
        nlopt_set_initial_step1(d->opt, 0.1);
    nlopt_set_maxeval(d->opt, (int)(o->evaluations_max * (gradient ? 1 : 1 + d->n / 2)));
    nlopt_result r = nlopt_optimize(d->opt, v, &value);
    nlopt_destroy(d->opt);
    return d->status == TW_OK &&
           (r == NLOPT_SUCCESS || r == NLOPT_STOPVAL_REACHED || r == NLOPT_FTOL_REACHED || r == NLOPT_XTOL_REACHED);
}

/* A method has ended; has it ended at a minimum? Another few steps with a fresh memory gain nothing then. */
static bool settled(descent *d, const tw_estimate_map_opts *o)
{
    for (int again = 0; again < 5 && d->status == TW_OK; again++) {
        double before = d->value;
        bool ended = descend_by(d, NLOPT_LD_LBFGS, o);
        if (ended && before - d->value < 1e-4)
            return true;
        if (!ended && before - d->value < 1e-4)
            return false;
    }
    return false;
}

tw_status tw_estimate_descend(tw_ctx *cx, tw_estimate_descent *out, double *u, const tw_estimate_problem *p,
                              uint32_t held, const tw_estimate_map_opts *opts)
{
    descent d = { .cx = cx, .p = p, .status = TW_OK, .step = opts->step, .value = HUGE_VAL };
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_stat_array(cx, &d.points, (2 * p->dim + 1) * (p->dim + 1)));
    d.values = d.points + (2 * p->dim + 1) * p->dim;
    memcpy(d.u, u, p->dim * sizeof(double));
    memcpy(d.best, u, p->dim * sizeof(double));
    for (size_t k = 0; k < p->dim; k++)
        if (!(held >> k & 1)) {
            d.sd[d.n] = tw_estimate_reference_sd(&p->par[k]);
            d.at[d.n++] = k;
        }
    *out = (tw_estimate_descent){ .converged = true };
    if (d.n == 0)
        (void)objective(0, NULL, NULL, &d);
    else if (!settled(&d, opts) && d.status == TW_OK) {
        nlopt_algorithm other = d.n > 1 ? NLOPT_LN_BOBYQA : NLOPT_LN_NELDERMEAD;
        double before = d.value;
        out->converged = descend_by(&d, other, opts);
        out->method = d.value < before ? TW_ESTIMATE_NO_GRADIENT : TW_ESTIMATE_LBFGS;
    }
    out->value = d.value;
    out->converged = out->converged && isfinite(d.value);
    out->evaluations = d.evaluations;
    memcpy(u, d.best, p->dim * sizeof(double));
    tw_arena_back(cx->arena, mark);
    return d.status;
}

/* ---------------------------------------------------------------- starts */

/* Between the bounds, of a prior within 2 sd of its mean. The first start is the middle. */
static void hypercube(double *u, const tw_estimate_problem *p, size_t n, uint64_t seed)
{
    for (size_t k = 0; k < p->dim; k++) {
        const tw_estimate_par *a = &p->par[k];
        tw_rng rng = tw_rng_of(seed, 0x6c6873 + k);
        double lo = tw_estimate_lower(a), hi = tw_estimate_upper(a), middle = 0.5 * (lo + hi);
        if (!isnan(a->prior_mean)) {
            middle = tw_estimate_scaled(a, a->prior_mean);
            lo = TW_MAX(lo, middle - 2.0 * a->prior_sd);
            hi = TW_MIN(hi, middle + 2.0 * a->prior_sd);
        }
        u[k] = middle;
        for (size_t i = 1; i < n; i++)
            u[i * p->dim + k] = (double)(i - 1);
        for (size_t i = n - 1; i > 1; i--) {
            size_t j = 1 + tw_rng_below(&rng, i);
            double swap = u[i * p->dim + k];
            u[i * p->dim + k] = u[j * p->dim + k];
            u[j * p->dim + k] = swap;
        }
        for (size_t i = 1; i < n; i++)
            u[i * p->dim + k] = lo + (hi - lo) * (u[i * p->dim + k] + tw_rng_uniform(&rng)) / (double)(n - 1);
    }
}

static void defaults(tw_estimate_map_opts *o, const tw_estimate_map_opts *given)
{
    *o = given ? *given : (tw_estimate_map_opts){ 0 };
    o->starts = o->starts ? o->starts : STARTS;
    o->evaluations_max = o->evaluations_max ? o->evaluations_max : EVALUATIONS;
    o->tolerance = o->tolerance > 0.0 ? o->tolerance : TOLERANCE;
    o->step = o->step > 0.0 ? o->step : STEP;
}

static tw_status run_starts(tw_ctx *cx, tw_estimate_mode *out, const tw_estimate_problem *p,
                            const tw_estimate_map_opts *o)
{
    double *u, *value;
    TW_TRY(tw_stat_array(cx, &u, o->starts * (p->dim + 1)));
    value = u + o->starts * p->dim;
    hypercube(u, p, o->starts, o->seed);
    TW_TRY(tw_estimate_posterior(cx, value, p, u, o->starts));
    out->evaluations = o->starts;
    for (uint32_t i = 0; i < o->starts; i++) {
        tw_estimate_start *s = &out->start[i];
        tw_estimate_descent d = { .value = HUGE_VAL };
        double *at = u + i * p->dim;
        s->first = value[i];
        if (isfinite(s->first))
            TW_TRY(tw_estimate_descend(cx, &d, at, p, 0, o));
        s->value = d.value;
        s->converged = d.converged;
        s->method = d.method;
        out->evaluations += d.evaluations;
        for (size_t k = 0; k < p->dim; k++)
            s->x[k] = tw_estimate_natural(&p->par[k], at[k]);
    }
    return TW_OK;
}

static int by_value(const void *a, const void *b)
{
    double x = ((const tw_estimate_start *)a)->value, y = ((const tw_estimate_start *)b)->value;
    return (x > y) - (x < y);
}

tw_status tw_estimate_map(tw_ctx *cx, tw_estimate_mode *out, const tw_estimate_problem *p,
                          const tw_estimate_map_opts *opts)
{
    tw_estimate_map_opts o;
    double *x;
    defaults(&o, opts);
    *out = (tw_estimate_mode){ .n_start = o.starts };
    TW_TRY(tw_estimate_check(cx, p->par, p->dim));
    if (p->dim == 0)
        return tw_fail(cx, TW_EPARSE, "nothing is to be estimated");
    if (o.starts > TW_ESTIMATE_STARTS_MAX)
        return tw_fail(cx, TW_ELIMIT, "at most %d starts", TW_ESTIMATE_STARTS_MAX);
    out->start = tw_try_array(cx->arena, tw_estimate_start, o.starts);
    TW_TRY(tw_stat_array(cx, &x, o.starts * p->dim));
    if (!out->start)
        return tw_fail(cx, TW_ELIMIT, "no memory for %u starts", o.starts);
    for (uint32_t i = 0; i < o.starts; i++)
        out->start[i].x = x + i * p->dim;
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = run_starts(cx, out, p, &o);
    tw_arena_back(cx->arena, mark);
    if (s != TW_OK)
        return s;
    qsort(out->start, o.starts, sizeof *out->start, by_value);
    out->x = out->start[0].x;
    out->value = out->start[0].value;
    out->converged = out->start[0].converged;
    for (uint32_t i = 0; i < o.starts; i++)
        out->agree += out->start[i].value - out->value < 0.1;
    if (!isfinite(out->value))
        return tw_fail(cx, TW_EFAILED, "the model has no solution at any of %u starts", o.starts);
    return TW_OK;
}

/* ---------------------------------------------------------------- profile */

static tw_status walk(tw_ctx *cx, double *rise, const tw_estimate_problem *p, const tw_estimate_mode *mode, size_t par,
                      const double *grid, size_t from, size_t n, int way)
{
    tw_estimate_map_opts o;
    double u[TW_ESTIMATE_PAR_MAX];
    defaults(&o, NULL);
    for (size_t k = 0; k < p->dim; k++)
        u[k] = tw_estimate_scaled(&p->par[k], mode->x[k]);
    for (size_t step = 0; step < n; step++) {
        size_t i = way > 0 ? from + step : from - step;
        tw_estimate_descent d;
        u[par] = tw_estimate_scaled(&p->par[par], grid[i]);
        TW_TRY(tw_estimate_descend(cx, &d, u, p, UINT32_C(1) << par, &o));
        rise[i] = 2.0 * (d.value - mode->value);
    }
    return TW_OK;
}

tw_status tw_estimate_profile(tw_ctx *cx, double *rise, const tw_estimate_problem *p, const tw_estimate_mode *mode,
                              size_t par, const double *grid, size_t n_grid)
{
    size_t above = 0;
    TW_ASSERT(par < p->dim);
    for (size_t i = 0; i < n_grid; i++) {
        bool inside = grid[i] >= p->par[par].lower && grid[i] <= p->par[par].upper;
        if (!inside || (i && grid[i] < grid[i - 1]))
            return tw_fail(cx, TW_EPARSE, "the grid of a profile ascends inside the bounds");
        above += grid[i] < mode->x[par];
    }
    TW_TRY(walk(cx, rise, p, mode, par, grid, above, n_grid - above, 1));
    return above ? walk(cx, rise, p, mode, par, grid, above - 1, above, -1) : TW_OK;
}
