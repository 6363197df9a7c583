/* Adaptive random-walk Metropolis and its diagnostics. Warm-up: the covariance is
 * learned in growing windows, the scale by Robbins and Monro; both are frozen before anything is kept. */
#include "stat/stat.h"

#include <math.h>

#define CHAINS 4
#define WARMUP 2000
#define KEPT 2000
#define TARGET 0.234
#define WINDOWS 6

typedef struct {
    tw_objective f;
    void *self;
    size_t n;
    double *x, *trial, *z;
    double *mean, *cov, *chol; /* of this window; chol of the last one */
    double count, log_scale, density;
    tw_rng rng;
} chain;

static bool move(chain *c)
{
    size_t n = c->n;
    double scale = exp(c->log_scale);
    for (size_t i = 0; i < n; i++)
        c->z[i] = tw_rng_normal(&c->rng);
    for (size_t i = 0; i < n; i++) {
        c->trial[i] = c->x[i];
        for (size_t j = 0; j <= i; j++)
            c->trial[i] += scale * c->chol[i * n + j] * c->z[j];
    }
    double next = c->f(c->self, c->trial);
    if (!(log(tw_rng_uniform(&c->rng)) < next - c->density))
        return false;
    memcpy(c->x, c->trial, n * sizeof(double));
    c->density = next;
    return true;
}

/** Welford's update of mean and lower triangle of the sum of squares. */
static void learn(chain *c)
{
    c->count += 1.0;
    for (size_t i = 0; i < c->n; i++) {
        c->z[i] = c->x[i] - c->mean[i];
        c->mean[i] += c->z[i] / c->count;
    }
    for (size_t i = 0; i < c->n; i++)
        for (size_t j = 0; j <= i; j++)
            c->cov[i * c->n + j] += c->z[i] * (c->x[j] - c->mean[j]);
}

/** The window's covariance, a little pulled to its diagonal, becomes the proposal; a window that did not move is not
 *  used. */
static void adopt(chain *c)
{
    size_t n = c->n;
    double pull = 5.0 / (5.0 + c->count);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++)
            c->cov[i * n + j] *= (i == j ? 1.0 : 1.0 - pull) / c->count;
        c->cov[i * n + i] += 1e-12;
    }
    if (tw_la_chol(c->cov, n)) {
        double *old = c->chol;
        c->chol = c->cov;
        c->cov = old;
        c->log_scale = log(2.38 / sqrt((double)n));
    }
    memset(c->cov, 0, n * n * sizeof(double));
    memset(c->mean, 0, n * sizeof(double));
    c->count = 0.0;
}

static void warm(chain *c, uint32_t warmup)
{
    uint32_t window = TW_MAX(warmup / (2 * WINDOWS), 20u), next = window;
    for (uint32_t t = 1; t <= warmup; t++) {
        double accepted = move(c) ? 1.0 : 0.0;
        c->log_scale += (accepted - TARGET) / pow(c->count + 1.0, 0.6);
        learn(c);
        if (t == next && next <= warmup * 3 / 4) { /* the last quarter tunes the scale alone */
            adopt(c);
            window = window * 3 / 2;
            next = t + window;
        }
    }
}

static tw_status chain_new(tw_ctx *cx, chain *c, size_t n)
{
    TW_TRY(tw_stat_array(cx, &c->x, 4 * n + 2 * n * n));
    c->trial = c->x + n;
    c->z = c->trial + n;
    c->mean = c->z + n;
    c->cov = c->mean + n;
    c->chol = c->cov + n * n;
    return TW_OK;
}

static tw_status run_chain(tw_ctx *cx, tw_mcmc_result *out, chain *c, const double *start, uint32_t warmup,
                           double *draw)
{
    memcpy(c->x, start, c->n * sizeof(double));
    for (size_t i = 0; i < c->n; i++) /* first guess: a tenth of the start's size */
        c->chol[i * (c->n + 1)] = 0.1 * (1.0 + fabs(start[i]));
    c->density = c->f(c->self, c->x);
    if (!isfinite(c->density))
        return tw_fail(cx, TW_EFAILED, "MCMC: a chain starts where the density is none");
    warm(c, warmup);
    for (uint32_t t = 0; t < out->kept; t++) {
        out->accepted += move(c) ? 1.0 : 0.0;
        memcpy(draw + t * c->n, c->x, c->n * sizeof(double));
    }
    return TW_OK;
}

static tw_status diagnose_all(tw_ctx *cx, tw_mcmc_result *out, size_t n)
{
    size_t total = (size_t)out->chains * out->kept;
    double *column = NULL;
    TW_TRY(tw_stat_array(cx, &column, total));
    out->ess_min = HUGE_VAL;
    for (size_t i = 0; i < n; i++) {
        for (size_t t = 0; t < total; t++)
            column[t] = out->draw[t * n + i];
        TW_TRY(tw_mcmc_diagnose(cx, &out->rhat[i], &out->ess[i], column, out->chains, out->kept));
        out->rhat_max = TW_MAX(out->rhat_max, out->rhat[i]);
        out->ess_min = TW_MIN(out->ess_min, out->ess[i]);
    }
    return TW_OK;
}

tw_status tw_mcmc(tw_ctx *cx, tw_mcmc_result *out, const double *start, size_t n, tw_objective f, void *self,
                  const tw_mcmc_opts *opts)
{
    *out = (tw_mcmc_result){ .chains = opts->chains ? opts->chains : CHAINS, .kept = opts->kept ? opts->kept : KEPT };
    TW_ASSERT(n > 0);
    TW_TRY(tw_stat_array(cx, &out->draw, (size_t)out->chains * out->kept * n));
    TW_TRY(tw_stat_array(cx, &out->rhat, 2 * n));
    out->ess = out->rhat + n;
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = TW_OK;
    for (uint32_t k = 0; k < out->chains && s == TW_OK; k++) {
        chain c = { .f = f, .self = self, .n = n, .rng = tw_rng_of(opts->seed, k + 1) };
        s = chain_new(cx, &c, n);
        if (s == TW_OK)
            s = run_chain(cx, out, &c, start + k * n, opts->warmup ? opts->warmup : WARMUP,
                          out->draw + (size_t)k * out->kept * n);
    }
    if (s == TW_OK)
        s = diagnose_all(cx, out, n);
    out->accepted /= (double)out->chains * (double)out->kept;
    tw_arena_back(cx->arena, mark);
    return s;
}

/* ---------------------------------------------------------------- diagnostics */

/** Quantile of the standard normal law (Acklam's rational approximation, 1e-9 relative; enough for ranks). */
static double normal_quantile(double p)
{
    static const double a[] = { -39.69683028665376, 220.9460984245205,  -275.9285104469687,
                                138.3577518672690,  -30.66479806614716, 2.506628277459239 };
    static const double b[] = { -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972,
                                -13.28068155288572 };
    static const double c[] = { -0.007784894002430293, -0.3223964580411365, -2.400758277161838,
                                -2.549732539343734,    4.374664141464968,   2.938163982698783 };
    static const double d[] = { 0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416 };
    if (p > 0.5)
        return -normal_quantile(1.0 - p);
    if (p < 0.02425) {
        double q = sqrt(-2.0 * log(p));
        return (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
               ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1.0);
    }
    double q = p - 0.5, r = q * q;
    return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
           (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1.0);
}

static size_t below(const double *sorted, size_t n, double x, bool or_equal)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (sorted[mid] < x || (or_equal && sorted[mid] <= x))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/** z := normal scores of the average ranks of x. */
static void rank_normalise(double *z, double *sorted, const double *x, size_t n)
{
    memcpy(sorted, x, n * sizeof(double));
    tw_score_sort(sorted, n);
    for (size_t i = 0; i < n; i++) {
        double rank = 0.5 * (double)(below(sorted, n, x[i], false) + below(sorted, n, x[i], true) + 1);
        z[i] = normal_quantile((rank - 0.375) / ((double)n + 0.25));
    }
}

typedef struct {
    const double *z; /* m * n: halves of chains */
    size_t m, n;
    double mean[256];
    double within, plus; /* W, and the pooled estimate of the variance */
} halves;

static void between(halves *h)
{
    double all = 0.0, b = 0.0, w = 0.0, n = (double)h->n, m = (double)h->m;
    for (size_t c = 0; c < h->m; c++) {
        h->mean[c] = 0.0;
        for (size_t t = 0; t < h->n; t++)
            h->mean[c] += h->z[c * h->n + t] / n;
        all += h->mean[c] / m;
        for (size_t t = 0; t < h->n; t++)
            w += (h->z[c * h->n + t] - h->mean[c]) * (h->z[c * h->n + t] - h->mean[c]) / ((n - 1.0) * m);
    }
    for (size_t c = 0; c < h->m; c++)
        b += (h->mean[c] - all) * (h->mean[c] - all) / (m - 1.0);
    h->within = w;
    h->plus = (n - 1.0) / n * w + b;
}

/** Autocorrelation at a lag over all halves. */
static double correlation(const halves *h, size_t lag)
{
    double s = 0.0;
    for (size_t c = 0; c < h->m; c++)
        for (size_t t = 0; t + lag < h->n; t++)
            s += (h->z[c * h->n + t] - h->mean[c]) * (h->z[c * h->n + t + lag] - h->mean[c]);
    s /= (double)h->n * (double)h->m;
    return 1.0 - (h->within - s) / h->plus;
}

static double effective(const halves *h)
{
    double sum = -1.0, last = HUGE_VAL, total = (double)h->n * (double)h->m;
    for (size_t lag = 0; lag + 1 < h->n; lag += 2) {
        double pair = (lag == 0 ? 1.0 : correlation(h, lag)) + correlation(h, lag + 1);
        if (pair <= 0.0)
            break;
        last = TW_MIN(last, pair);
        sum += 2.0 * last;
    }
    double ess = total / TW_MAX(sum, 1.0 / log10(total + 10.0));
    return TW_MIN(ess, total * log10(total));
}

tw_status tw_mcmc_diagnose(tw_ctx *cx, double *rhat, double *ess, const double *x, size_t chains, size_t kept)
{
    halves h = { .m = 2 * chains, .n = kept / 2 };
    double *z = NULL;
    tw_mark mark = tw_arena_mark(cx->arena);
    if (h.n < 4 || h.m > TW_COUNT(h.mean))
        return tw_fail(cx, TW_ELIMIT, "MCMC: at least 8 draws a chain, at most %zu chains", TW_COUNT(h.mean) / 2);
    TW_TRY(tw_stat_array(cx, &z, 3 * h.m * h.n));
    double *split = z + h.m * h.n;
    for (size_t c = 0; c < chains; c++)
        memcpy(split + 2 * c * h.n, x + c * kept, 2 * h.n * sizeof(double));
    rank_normalise(z, z + 2 * h.m * h.n, split, h.m * h.n);
    h.z = z;
    between(&h);
    bool stuck = !(h.within > 0.0);
    *rhat = stuck ? HUGE_VAL : sqrt(h.plus / h.within);
    *ess = stuck ? 1.0 : effective(&h);
    tw_arena_back(cx->arena, mark);
    return TW_OK;
}
