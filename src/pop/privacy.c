/* What may leave: a population with noise. And what an onlooker learns from parameters: attribute, membership, link. */
#include "pop/pop_internal.h"

#include <math.h>

#define CLIP 3.0
#define VARIANCE_MIN 1e-3 /* of a whitened direction after the noise; 1 is the reference */

/* ---------------------------------------------------------------- Gaussian mechanism */

/** delta of noise sd `sigma` at sensitivity 1 (Balle and Wang 2018, theorem 8). */
static double delta_of(double epsilon, double sigma)
{
    double a = 0.5 / sigma, b = epsilon * sigma;
    return exp(tw_log_normal_cdf(a - b)) - exp(epsilon + tw_log_normal_cdf(-a - b));
}

double tw_pop_gaussian_sigma(double epsilon, double delta)
{
    double lo = 1e-6, hi = 1.0;
    while (delta_of(epsilon, hi) > delta && hi < 1e12)
        hi *= 2.0;
    for (int k = 0; k < 200; k++) {
        double mid = 0.5 * (lo + hi);
        if (delta_of(epsilon, mid) > delta)
            lo = mid;
        else
            hi = mid;
    }
    return hi;
}

typedef struct {
    size_t n, dim;
    double radius;
    double chol[TW_POP_PAR_MAX * TW_POP_PAR_MAX]; /* of the reference */
    double mean[TW_POP_PAR_MAX];                  /* whitened */
    double second[TW_POP_PAR_MAX * TW_POP_PAR_MAX];
} moments;

/** Whitened, clipped to the radius, summed. */
static void gather(moments *m, const double *psi, const double *ref_mean)
{
    size_t d = m->dim;
    for (size_t i = 0; i < m->n; i++) {
        double z[TW_POP_PAR_MAX];
        for (size_t k = 0; k < d; k++)
            z[k] = psi[i * d + k] - ref_mean[k];
        tw_la_solve_lower(m->chol, z, d);
        double length = sqrt(tw_la_square(z, d)), shrink = length > m->radius ? m->radius / length : 1.0;
        for (size_t k = 0; k < d; k++)
            z[k] *= shrink;
        for (size_t a = 0; a < d; a++) {
            m->mean[a] += z[a] / (double)m->n;
            for (size_t b = 0; b < d; b++)
                m->second[a * d + b] += z[a] * z[b] / (double)m->n;
        }
    }
}

/** x with noise of a known sd, pulled to the reference: mean under a N(reference, 1) prior; costs no privacy. */
static double noisy(double x, double reference, double sd, tw_rng *rng)
{
    double seen = x + sd * tw_rng_normal(rng);
    return reference + (seen - reference) / (1.0 + sd * sd);
}

/** The query is (R mean, diagonal, sqrt 2 of what is above it). A person z replaced by w changes n times it by the root
 *  of R^2 |z - w|^2 + |z|^4 + |w|^4 - 2 (z w)^2: greatest for |z| = |w| = R and cosine -1/2, where that is 4.5 R^4. */
static void add_noise(moments *m, double sigma, uint64_t seed)
{
    size_t d = m->dim;
    double r2 = m->radius * m->radius, sd = sigma * sqrt(4.5) * r2 / (double)m->n;
    tw_rng rng = tw_rng_of(seed, 31);
    for (size_t a = 0; a < d; a++) {
        m->mean[a] = noisy(m->mean[a], 0.0, sd / m->radius, &rng);
        for (size_t b = 0; b <= a; b++) {
            double *s = &m->second[a * d + b];
            *s = a == b ? noisy(*s, 1.0, sd, &rng) : noisy(*s, 0.0, sd / sqrt(2.0), &rng);
            m->second[b * d + a] = *s;
        }
    }
}

/** Covariance with its eigenvalues held in [VARIANCE_MIN, R^2], back in the units of psi. */
static void finish(double *mean, double *cov, moments *m, const double *ref_mean)
{
    size_t d = m->dim;
    double value[TW_POP_PAR_MAX], vector[TW_POP_PAR_MAX * TW_POP_PAR_MAX], half[TW_POP_PAR_MAX * TW_POP_PAR_MAX];
    for (size_t a = 0; a < d; a++) {
        m->mean[a] = TW_MAX(-m->radius, TW_MIN(m->radius, m->mean[a]));
        for (size_t b = 0; b < d; b++)
            m->second[a * d + b] -= m->mean[a] * m->mean[b];
    }
    tw_la_eigen(value, vector, m->second, d);
    for (size_t k = 0; k < d; k++)
        value[k] = TW_MAX(VARIANCE_MIN, TW_MIN(m->radius * m->radius, value[k]));
    for (size_t a = 0; a < d; a++) { /* half = L V sqrt(value), cov = half half' */
        mean[a] = ref_mean[a];
        for (size_t k = 0; k < d; k++) {
            double s = 0.0;
            for (size_t b = 0; b <= a; b++)
                s += m->chol[a * d + b] * vector[k * d + b];
            half[a * d + k] = s * sqrt(value[k]);
        }
    }
    tw_la_add_lower(mean, m->chol, m->mean, d);
    for (size_t a = 0; a < d; a++) {
        for (size_t b = 0; b < d; b++) {
            double s = 0.0;
            for (size_t k = 0; k < d; k++)
                s += half[a * d + k] * half[b * d + k];
            cov[a * d + b] = s;
        }
    }
}

tw_status tw_pop_dp_release(tw_ctx *cx, double *mean, double *cov, tw_pop_budget *budget, const double *psi, size_t n,
                            size_t dim, const double *ref_mean, const double *ref_cov, const tw_pop_dp_opts *opts)
{
    moments m = { .n = n, .dim = dim };
    if (n < 2 || dim < 1 || dim > TW_POP_PAR_MAX)
        return tw_fail(cx, TW_EPARSE, "a release of %zu people with %zu parameters", n, dim);
    if (!(opts->epsilon > 0.0) || !(opts->delta > 0.0) || !(opts->delta < 1.0))
        return tw_fail(cx, TW_EPARSE, "epsilon > 0 and 0 < delta < 1 are needed");
    if (budget->epsilon + opts->epsilon > budget->epsilon_max * (1.0 + 1e-12) ||
        budget->delta + opts->delta > budget->delta_max * (1.0 + 1e-12))
        return tw_fail(cx, TW_EBUDGET, "the privacy budget of this population does not allow the release");
    memcpy(m.chol, ref_cov, dim * dim * sizeof(double));
    if (!tw_la_chol(m.chol, dim))
        return tw_fail(cx, TW_EPARSE, "the public reference has no covariance");
    for (size_t i = 0; i < n * dim; i++)
        if (!isfinite(psi[i]))
            return tw_fail(cx, TW_EPARSE, "parameters of person %zu", i / dim + 1);
    budget->epsilon += opts->epsilon;
    budget->delta += opts->delta;
    m.radius = (opts->clip > 0.0 ? opts->clip : CLIP) * sqrt((double)dim);
    gather(&m, psi, ref_mean);
    add_noise(&m, tw_pop_gaussian_sigma(opts->epsilon, opts->delta), opts->seed);
    finish(mean, cov, &m, ref_mean);
    return TW_OK;
}

/* ---------------------------------------------------------------- attacks */

/** Class means and pooled covariance without person `out`, with a tenth of its diagonal for small numbers. */
static bool discriminant(double *direction, double *threshold, const double *psi, size_t n, size_t dim,
                         const bool *attribute, size_t out)
{
    double mean[2][TW_POP_PAR_MAX] = { { 0.0 } }, count[2] = { 0.0 }, cov[TW_POP_PAR_MAX * TW_POP_PAR_MAX] = { 0.0 };
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            const double *x = psi + i * dim;
            int c = attribute[i];
            if (i == out)
                continue;
            count[c] += pass == 0;
            for (size_t a = 0; a < dim; a++) {
                if (pass == 0)
                    mean[c][a] += x[a];
                for (size_t b = 0; pass == 1 && b < dim; b++)
                    cov[a * dim + b] += (x[a] - mean[c][a]) * (x[b] - mean[c][b]);
            }
        }
        for (size_t a = 0; pass == 0 && a < dim; a++)
            for (int c = 0; c < 2; c++)
                mean[c][a] /= TW_MAX(count[c], 1.0);
    }
    if (count[0] < 1.0 || count[1] < 1.0)
        return false;
    for (size_t a = 0; a < dim; a++)
        cov[a * dim + a] = cov[a * dim + a] * 1.1 + 1e-9;
    if (!tw_la_chol(cov, dim))
        return false;
    for (size_t a = 0; a < dim; a++)
        direction[a] = mean[1][a] - mean[0][a];
    tw_la_solve(cov, direction, dim);
    *threshold = -log(count[1] / count[0]) / (count[0] + count[1]);
    for (size_t a = 0; a < dim; a++)
        *threshold += 0.5 * direction[a] * (mean[0][a] + mean[1][a]);
    return true;
}

static tw_status attack_attribute(tw_ctx *cx, tw_pop_attack *out, const double *psi, size_t n, size_t dim,
                                  const bool *attribute)
{
    double *score = NULL, yes = 0.0;
    TW_TRY(tw_stat_array(cx, &score, 3 * n));
    size_t at[2] = { 0, 0 };
    for (size_t i = 0; i < n; i++) {
        double w[TW_POP_PAR_MAX], threshold;
        if (!discriminant(w, &threshold, psi, n, dim, attribute, i))
            return tw_fail(cx, TW_EPARSE, "an attack needs two people of each kind");
        for (size_t a = 0; a < dim; a++)
            score[i] += w[a] * psi[i * dim + a];
        score[i] -= threshold;
        out->accuracy += (score[i] > 0.0) == attribute[i] ? 1.0 / (double)n : 0.0;
        yes += attribute[i];
        score[(attribute[i] ? n : 2 * n) + at[attribute[i]]++] = score[i];
    }
    out->majority = TW_MAX(yes, (double)n - yes) / (double)n;
    out->auc = tw_score_auc(score + n, at[1], score + 2 * n, at[0]);
    return TW_OK;
}

tw_status tw_pop_attack_attribute(tw_ctx *cx, tw_pop_attack *out, const double *psi, size_t n, size_t dim,
                                  const bool *attribute)
{
    *out = (tw_pop_attack){ .auc = 0.0 };
    if (n < 4 || dim < 1 || dim > TW_POP_PAR_MAX)
        return tw_fail(cx, TW_EPARSE, "an attack on %zu people with %zu parameters", n, dim);
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = attack_attribute(cx, out, psi, n, dim, attribute);
    tw_arena_back(cx->arena, mark);
    return s;
}

tw_status tw_pop_attack_member(tw_ctx *cx, double *score, const double *target, size_t n, size_t dim,
                               const double *published_mean, const double *ref_mean, const double *ref_cov)
{
    double l[TW_POP_PAR_MAX * TW_POP_PAR_MAX], w[TW_POP_PAR_MAX];
    if (dim < 1 || dim > TW_POP_PAR_MAX)
        return tw_fail(cx, TW_EPARSE, "an attack with %zu parameters", dim);
    memcpy(l, ref_cov, dim * dim * sizeof(double));
    if (!tw_la_chol(l, dim))
        return tw_fail(cx, TW_EPARSE, "the reference has no covariance");
    for (size_t a = 0; a < dim; a++)
        w[a] = published_mean[a] - ref_mean[a];
    tw_la_solve(l, w, dim);
    for (size_t i = 0; i < n; i++) {
        score[i] = 0.0;
        for (size_t a = 0; a < dim; a++)
            score[i] += w[a] * (target[i * dim + a] - ref_mean[a]);
    }
    return TW_OK;
}

tw_status tw_pop_attack_link(tw_ctx *cx, double *share, const double *published, const double *again, size_t n,
                             size_t dim, const double *cov)
{
    double l[TW_POP_PAR_MAX * TW_POP_PAR_MAX];
    if (n < 2 || dim < 1 || dim > TW_POP_PAR_MAX)
        return tw_fail(cx, TW_EPARSE, "an attack on %zu people with %zu parameters", n, dim);
    memcpy(l, cov, dim * dim * sizeof(double));
    if (!tw_la_chol(l, dim))
        return tw_fail(cx, TW_EPARSE, "no covariance");
    *share = 0.0;
    for (size_t i = 0; i < n; i++) {
        double best = HUGE_VAL;
        size_t who = 0;
        for (size_t k = 0; k < n; k++) {
            double d[TW_POP_PAR_MAX];
            for (size_t a = 0; a < dim; a++)
                d[a] = published[k * dim + a] - again[i * dim + a];
            tw_la_solve_lower(l, d, dim);
            double q = tw_la_square(d, dim);
            if (q < best) {
                best = q;
                who = k;
            }
        }
        *share += who == i ? 1.0 / (double)n : 0.0;
    }
    return TW_OK;
}
