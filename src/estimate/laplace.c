/* The normal law around the mode, what the data tell, and draws of the posterior. */
#include "estimate/estimate_internal.h"

#define LADDER 12        /* steps tried per parameter, each 3 times the last */
#define STEP_FIRST 1e-5  /* of the reference sd */
#define RISE 0.05        /* of -ln posterior that a step shall make */
#define NAMED 0.1        /* share of a direction from which a parameter is named */

typedef struct {
    const tw_estimate_problem *p;
    size_t dim;
    double u[TW_ESTIMATE_PAR_MAX];    /* centre: the mode, moved off the bounds by a step */
    double h[TW_ESTIMATE_PAR_MAX];
    double ref[TW_ESTIMATE_PAR_MAX];
    double *point, *value;
    size_t n;
} stencil;

static double *add_point(stencil *s)
{
    double *u = s->point + s->n++ * s->dim;
    memcpy(u, s->u, s->dim * sizeof(double));
    return u;
}

/* The least step whose rise to both sides together is seen clearly; steps end at a quarter of the bounds' width. */
static tw_status find_steps(tw_ctx *cx, stencil *s)
{
    double size[LADDER];
    s->n = 0;
    add_point(s);
    for (size_t k = 0; k < s->dim; k++)
        for (size_t j = 0; j < LADDER; j++) {
            size[j] = s->ref[k] * STEP_FIRST * pow(3.0, (double)j);
            add_point(s)[k] = tw_estimate_inside(&s->p->par[k], s->u[k] - size[j]);
            add_point(s)[k] = tw_estimate_inside(&s->p->par[k], s->u[k] + size[j]);
        }
    TW_TRY(tw_estimate_posterior(cx, s->value, s->p, s->point, s->n));
    if (!isfinite(s->value[0]))
        return tw_fail(cx, TW_EFAILED, "the model has no solution at the mode");
    for (size_t k = 0; k < s->dim; k++) {
        const tw_estimate_par *p = &s->p->par[k];
        double most = 0.25 * (tw_estimate_upper(p) - tw_estimate_lower(p));
        s->h[k] = s->ref[k] * STEP_FIRST;
        for (size_t j = 0; j < LADDER; j++) {
            double lo = s->value[1 + 2 * (k * LADDER + j)], hi = s->value[2 + 2 * (k * LADDER + j)];
            double step = s->ref[k] * STEP_FIRST * pow(3.0, (double)j);
            if (!isfinite(lo) || !isfinite(hi) || step > most)
                break;
            s->h[k] = step;
            if (fabs(lo - s->value[0]) + fabs(hi - s->value[0]) > RISE)
                break;
        }
    }
    return TW_OK;
}

/* Curvature of -ln likelihood in units of the reference: a [dim][dim]. */
static tw_status curvature(tw_ctx *cx, double *a, stencil *s)
{
    size_t d = s->dim;
    for (size_t k = 0; k < d; k++) {
        const tw_estimate_par *p = &s->p->par[k];
        s->u[k] = TW_MIN(TW_MAX(s->u[k], tw_estimate_lower(p) + s->h[k]), tw_estimate_upper(p) - s->h[k]);
    }
    s->n = 0;
    add_point(s);
    for (size_t i = 0; i < d; i++) {
        add_point(s)[i] -= s->h[i];
        add_point(s)[i] += s->h[i];
    }
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < i; j++)
            for (int q = 0; q < 4; q++) {
                double *u = add_point(s);
                u[i] += q & 1 ? s->h[i] : -s->h[i];
                u[j] += q & 2 ? s->h[j] : -s->h[j];
            }
    TW_TRY(tw_estimate_likelihood(cx, s->value, s->p, s->point, s->n));
    for (size_t i = 0; i < s->n; i++)
        if (!isfinite(s->value[i]))
            return tw_fail(cx, TW_EFAILED, "the model has no solution around the mode");
    const double *v = s->value + 1 + 2 * d;
    for (size_t i = 0; i < d; i++) {
        double second = s->value[1 + 2 * i] - 2.0 * s->value[0] + s->value[2 + 2 * i];
        a[i * d + i] = second / (s->h[i] * s->h[i]) * s->ref[i] * s->ref[i];
        for (size_t j = 0; j < i; j++, v += 4) {
            double cross = (v[0] - v[1] - v[2] + v[3]) / (4.0 * s->h[i] * s->h[j]);
            a[i * d + j] = a[j * d + i] = cross * s->ref[i] * s->ref[j];
        }
    }
    return TW_OK;
}

static void mark_bounds(tw_estimate_normal *out, const stencil *s, const double *x)
{
    for (size_t k = 0; k < s->dim; k++) {
        const tw_estimate_par *p = &s->p->par[k];
        double u = tw_estimate_scaled(p, x[k]), near = 1e-6 * (tw_estimate_upper(p) - tw_estimate_lower(p));
        out->at_bound[k] = u - tw_estimate_lower(p) < near || tw_estimate_upper(p) - u < near;
    }
}

/* cov = S Q max(L, 1)^-1 Q' S of information and priors together: nowhere wider than the reference. */
static void covariance(tw_estimate_normal *out, const stencil *s, double *a, double *work, double at_mode)
{
    size_t d = s->dim;
    double *value = work, *vector = work + d, log_det = 0.0;
    for (size_t k = 0; k < d; k++)
        a[k * d + k] += isnan(s->p->par[k].prior_mean) ? 0.0 : 1.0;
    tw_la_eigen(value, vector, a, d);
    for (size_t q = 0; q < d; q++) {
        double l = TW_MAX(value[q], 1.0);
        log_det -= log(l);
        for (size_t i = 0; i < d; i++)
            for (size_t j = 0; j < d; j++)
                out->cov[i * d + j] += vector[q * d + i] * vector[q * d + j] / l * s->ref[i] * s->ref[j];
    }
    for (size_t k = 0; k < d; k++) {
        out->sd[k] = sqrt(out->cov[k * d + k]);
        out->told[k] = 1.0 - out->cov[k * d + k] / (s->ref[k] * s->ref[k]);
        log_det += 2.0 * log(s->ref[k]);
    }
    out->log_evidence = -at_mode + 0.5 * ((double)d * TW_LN_2PI + log_det);
}

/* A uniform prior between bounds has a density too. */
static double uniform_part(const tw_estimate_problem *p)
{
    double sum = 0.0;
    for (size_t k = 0; k < p->dim; k++)
        if (isnan(p->par[k].prior_mean))
            sum -= log(tw_estimate_upper(&p->par[k]) - tw_estimate_lower(&p->par[k]));
    return sum;
}

tw_status tw_estimate_laplace(tw_ctx *cx, tw_estimate_normal *out, const tw_estimate_problem *p,
                              const tw_estimate_mode *mode)
{
    size_t d = p->dim, most = TW_MAX(1 + 2 * LADDER * d, 1 + 2 * d * d);
    stencil s = { .p = p, .dim = d };
    double *keep, *a;
    *out = (tw_estimate_normal){ .dim = d };
    TW_TRY(tw_stat_array(cx, &keep, 2 * d * d + 3 * d));
    out->cov = keep;
    out->direction = keep + d * d;
    out->sd = keep + 2 * d * d;
    out->told = out->sd + d;
    out->eigen = out->told + d;
    out->at_bound = tw_try_array(cx->arena, bool, d);
    if (!out->at_bound)
        return tw_fail(cx, TW_ELIMIT, "no memory for %zu parameters", d);
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_stat_array(cx, &s.point, most * (d + 1) + 3 * d * d + d));
    s.value = s.point + most * d;
    a = s.value + most;
    for (size_t k = 0; k < d; k++) {
        s.u[k] = tw_estimate_scaled(&p->par[k], mode->x[k]);
        s.ref[k] = tw_estimate_reference_sd(&p->par[k]);
    }
    tw_status st = find_steps(cx, &s);
    if (st == TW_OK)
        st = curvature(cx, a, &s);
    if (st == TW_OK) {
        double *copy = a + d * d;
        memcpy(copy, a, d * d * sizeof(double));
        tw_la_eigen(out->eigen, out->direction, copy, d);
        for (size_t k = 0; k < d; k++)
            out->n_told += out->eigen[k] >= 1.0;
        mark_bounds(out, &s, mode->x);
        covariance(out, &s, a, copy, mode->value);
        out->log_evidence += uniform_part(p);
    }
    tw_arena_back(cx->arena, mark);
    return st;
}

tw_str tw_estimate_untold(tw_ctx *cx, const tw_estimate_problem *p, const tw_estimate_normal *l)
{
    tw_str all = { "", 0 };
    for (size_t q = l->n_told; q < l->dim; q++) {
        const double *v = l->direction + q * l->dim;
        tw_str part = { "", 0 };
        double sign = 0.0;
        for (size_t k = 0; k < l->dim; k++) {
            if (v[k] * v[k] < NAMED)
                continue;
            sign = sign != 0.0 ? sign : v[k] < 0.0 ? -1.0 : 1.0;
            part = tw_strf(cx->arena, TW_FMT "%s%s (%.2f)", TW_ARG(part), part.n ? ", " : "", p->par[k].name,
                           sign * v[k]);
        }
        all = tw_strf(cx->arena, TW_FMT "%s" TW_FMT, TW_ARG(all), all.n ? "; " : "", TW_ARG(part));
    }
    return all;
}

/* ---------------------------------------------------------------- draws */

/* u [m][dim] of a t law with 6 degrees of freedom; log_density up to a constant. */
static void t_draws(double *u, double *log_density, const double *mode, const double *chol, size_t d, size_t m,
                    uint64_t seed)
{
    tw_rng rng = tw_rng_of(seed, 0x74647261);
    double z[TW_ESTIMATE_PAR_MAX];
    for (size_t i = 0; i < m; i++) {
        double square = 0.0, e[TW_ESTIMATE_PAR_MAX] = { 0.0 };
        for (size_t k = 0; k < d; k++)
            z[k] = tw_rng_normal(&rng);
        double scale = sqrt(TW_T6 / tw_rng_chi2_6(&rng));
        tw_la_add_lower(e, chol, z, d);
        for (size_t k = 0; k < d; k++) {
            u[i * d + k] = mode[k] + scale * e[k];
            square += scale * scale * z[k] * z[k];
        }
        log_density[i] = tw_t6_log_kernel(square, d);
    }
}

static bool between_bounds(const tw_estimate_problem *p, const double *u)
{
    for (size_t k = 0; k < p->dim; k++)
        if (!(u[k] >= tw_estimate_lower(&p->par[k]) && u[k] <= tw_estimate_upper(&p->par[k])))
            return false;
    return true;
}

/* Weighs m proposals u (their own ln density in w) and resamples: of m in an even spread every third is kept. */
static tw_status weigh(tw_ctx *cx, double *x, double *ess, const tw_estimate_problem *p, const double *u, double *w,
                       size_t m, uint64_t seed)
{
    size_t d = p->dim;
    double *value;
    tw_rng rng = tw_rng_of(seed, 0x7265736d);
    TW_TRY(tw_stat_array(cx, &value, m));
    TW_TRY(tw_estimate_posterior(cx, value, p, u, m));
    for (size_t i = 0; i < m; i++)
        w[i] = between_bounds(p, u + i * d) ? -value[i] - w[i] : -HUGE_VAL;
    if (!isfinite(tw_weights_of_logs(w, m)))
        return tw_fail(cx, TW_EFAILED, "no draw around the mode is possible");
    tw_weights_truncate(w, m);
    *ess = tw_weights_ess(w, m);
    tw_resampling r = tw_resampling_of(w, m, m, &rng);
    for (size_t i = 0; i < m; i++) {
        const double *drawn = u + tw_resampling_next(&r) * d;
        for (size_t k = 0; i % 3 == 0 && k < d; k++)
            x[i / 3 * d + k] = tw_estimate_natural(&p->par[k], drawn[k]);
    }
    return TW_OK;
}

tw_status tw_estimate_draws(tw_ctx *cx, double **x, double *ess, const tw_estimate_problem *p,
                            const tw_estimate_mode *mode, const tw_estimate_normal *l, size_t n, uint64_t seed)
{
    size_t d = p->dim, m = 3 * n;
    double *u, centre[TW_ESTIMATE_PAR_MAX];
    if (n == 0 || n > TW_ESTIMATE_PARTICLES_MAX)
        return tw_fail(cx, TW_ELIMIT, "1 to %d draws", TW_ESTIMATE_PARTICLES_MAX);
    TW_TRY(tw_stat_array(cx, x, n * d));
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_stat_array(cx, &u, m * (d + 1) + d * d));
    double *w = u + m * d, *chol = w + m;
    memcpy(chol, l->cov, d * d * sizeof(double));
    for (size_t k = 0; k < d; k++)
        centre[k] = tw_estimate_scaled(&p->par[k], mode->x[k]);
    tw_status s = tw_la_chol(chol, d) ? TW_OK : tw_fail(cx, TW_EFAILED, "no normal law around the mode");
    if (s == TW_OK) {
        t_draws(u, w, centre, chol, d, m, seed);
        s = weigh(cx, *x, ess, p, u, w, m, seed);
    }
    tw_arena_back(cx->arena, mark);
    return s;
}
