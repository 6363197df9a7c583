/* Particles: weights, resampling, Liu and West's kernel, tempering. */
#include "stat/stat.h"

#include <math.h>

#define ESS_SHARE 0.5
#define MOVES 5
#define STEPS_MAX 200

double tw_particles_ess(const tw_particles *p)
{
    return 1.0 / tw_la_square(p->weight, p->n_particle);
}

double tw_particles_reweigh(tw_particles *p, const double *log_weight)
{
    double top = -HUGE_VAL, sum = 0.0;
    for (size_t i = 0; i < p->n_particle; i++)
        if (p->weight[i] > 0.0 && log_weight[i] > top)
            top = log_weight[i];
    if (!isfinite(top))
        return -HUGE_VAL;
    for (size_t i = 0; i < p->n_particle; i++) {
        p->weight[i] *= isnan(log_weight[i]) ? 0.0 : exp(log_weight[i] - top);
        sum += p->weight[i];
    }
    for (size_t i = 0; i < p->n_particle; i++)
        p->weight[i] /= sum;
    return top + log(sum);
}

tw_status tw_particles_resample(tw_ctx *cx, tw_particles *p, tw_rng *rng)
{
    double *old = NULL;
    size_t m = p->n_particle;
    tw_resampling r = tw_resampling_of(p->weight, m, m, rng);
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_stat_array(cx, &old, m * p->n));
    memcpy(old, p->x, m * p->n * sizeof(double));
    for (size_t d = 0; d < m; d++)
        memcpy(p->x + d * p->n, old + tw_resampling_next(&r) * p->n, p->n * sizeof(double));
    for (size_t d = 0; d < m; d++)
        p->weight[d] = 1.0 / (double)m;
    tw_arena_back(cx->arena, mark);
    return TW_OK;
}

void tw_particles_moments(double *mean, double *cov, const tw_particles *p)
{
    size_t n = p->n;
    memset(mean, 0, n * sizeof(double));
    memset(cov, 0, n * n * sizeof(double));
    for (size_t d = 0; d < p->n_particle; d++)
        for (size_t i = 0; i < n; i++)
            mean[i] += p->weight[d] * p->x[d * n + i];
    for (size_t d = 0; d < p->n_particle; d++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                cov[i * n + j] +=
                    p->weight[d] * (p->x[d * n + i] - mean[i]) * (p->x[d * n + j] - mean[j]);
}

/** Directions without spread (a parameter that does not vary) get a zero row instead of failing the factor. */
static void factor(double *l, const double *cov, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        double d = cov[j * n + j];
        for (size_t k = 0; k < j; k++)
            d -= l[j * n + k] * l[j * n + k];
        bool flat = !(d > 1e-14 * cov[j * n + j]) || !(cov[j * n + j] > 1e-300);
        l[j * n + j] = flat ? 0.0 : sqrt(d);
        for (size_t i = 0; i < j; i++)
            l[i * n + j] = 0.0;
        for (size_t i = j + 1; i < n; i++) {
            double s = cov[i * n + j];
            for (size_t k = 0; k < j; k++)
                s -= l[i * n + k] * l[j * n + k];
            l[i * n + j] = flat ? 0.0 : s / l[j * n + j];
        }
    }
}

static void jitter(double *x, const double *l, size_t n, double scale, tw_rng *rng)
{
    for (size_t j = 0; j < n; j++) {
        double z = scale * tw_rng_normal(rng);
        for (size_t i = j; i < n; i++)
            x[i] += l[i * n + j] * z;
    }
}

tw_status tw_particles_liu_west(tw_ctx *cx, tw_particles *p, double delta, tw_rng *rng)
{
    size_t n = p->n;
    double a = (3.0 * delta - 1.0) / (2.0 * delta), *mean = NULL;
    TW_ASSERT(delta > 0.5 && delta < 1.0);
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_stat_array(cx, &mean, n + 2 * n * n));
    double *cov = mean + n, *l = cov + n * n;
    tw_particles_moments(mean, cov, p);
    factor(l, cov, n);
    tw_status s = tw_particles_resample(cx, p, rng);
    for (size_t d = 0; d < p->n_particle && s == TW_OK; d++) {
        double *x = p->x + d * n;
        for (size_t i = 0; i < n; i++)
            x[i] = a * x[i] + (1.0 - a) * mean[i];
        jitter(x, l, n, sqrt(1.0 - a * a), rng);
    }
    tw_arena_back(cx->arena, mark);
    return s;
}

/* ---------------------------------------------------------------- tempering */

typedef struct {
    tw_particles *p;
    tw_objective log_prior, log_likelihood;
    void *self;
    double *prior, *like, *work; /* n_particle */
    double *mean, *cov, *l, *trial;
    double power;
    tw_rng rng;
    double accepted, tried;
} tempering;

/** Effective size after raising the power by `step`, from equal weights. */
static double ess_after(const tempering *t, double step)
{
    double top = -HUGE_VAL;
    for (size_t i = 0; i < t->p->n_particle; i++)
        top = TW_MAX(top, t->like[i]);
    for (size_t i = 0; i < t->p->n_particle; i++)
        t->work[i] = exp(step * (t->like[i] - top));
    return tw_weights_ess(t->work, t->p->n_particle);
}

static double next_step(const tempering *t, double share)
{
    double lo = 0.0, hi = 1.0 - t->power, goal = share * (double)t->p->n_particle;
    if (ess_after(t, hi) >= goal)
        return hi;
    for (int k = 0; k < 60; k++) {
        double mid = 0.5 * (lo + hi);
        if (ess_after(t, mid) >= goal)
            lo = mid;
        else
            hi = mid;
    }
    return TW_MAX(lo, 1e-9);
}

static void move_all(tempering *t, uint32_t moves, double *log_scale)
{
    size_t n = t->p->n;
    for (uint32_t k = 0; k < moves; k++) {
        double accepted = 0.0;
        for (size_t d = 0; d < t->p->n_particle; d++) {
            double *x = t->p->x + d * n;
            memcpy(t->trial, x, n * sizeof(double));
            jitter(t->trial, t->l, n, exp(*log_scale), &t->rng);
            double prior = t->log_prior(t->self, t->trial);
            double like = isfinite(prior) ? t->log_likelihood(t->self, t->trial) : -HUGE_VAL;
            double ratio = prior - t->prior[d] + t->power * (like - t->like[d]);
            if (!isfinite(like) || !(log(tw_rng_uniform(&t->rng)) < ratio))
                continue;
            memcpy(x, t->trial, n * sizeof(double));
            t->prior[d] = prior;
            t->like[d] = like;
            accepted += 1.0;
        }
        t->accepted += accepted;
        t->tried += (double)t->p->n_particle;
        *log_scale += accepted / (double)t->p->n_particle - 0.3;
    }
}

static void evaluate(tempering *t)
{
    for (size_t d = 0; d < t->p->n_particle; d++) {
        t->prior[d] = t->log_prior(t->self, t->p->x + d * t->p->n);
        t->like[d] = t->log_likelihood(t->self, t->p->x + d * t->p->n);
        if (isnan(t->like[d]))
            t->like[d] = -HUGE_VAL;
    }
}

static tw_status temper(tw_ctx *cx, tw_smc_result *out, tempering *t, const tw_smc_opts *opts)
{
    double share = opts->ess_share > 0.0 ? opts->ess_share : ESS_SHARE;
    double log_scale = log(2.38 / sqrt((double)t->p->n));
    evaluate(t);
    while (t->power < 1.0) {
        double step = next_step(t, share);
        if (++out->steps > STEPS_MAX)
            return tw_fail(cx, TW_EFAILED, "SMC: more than %d tempering steps", STEPS_MAX);
        for (size_t d = 0; d < t->p->n_particle; d++)
            t->work[d] = step * t->like[d];
        double gain = tw_particles_reweigh(t->p, t->work);
        if (!isfinite(gain))
            return tw_fail(cx, TW_EFAILED, "SMC: no particle explains the data");
        out->log_evidence += gain;
        t->power = step >= 1.0 - t->power ? 1.0 : t->power + step;
        tw_particles_moments(t->mean, t->cov, t->p);
        factor(t->l, t->cov, t->p->n);
        TW_TRY(tw_particles_resample(cx, t->p, &t->rng));
        evaluate(t);
        move_all(t, opts->moves ? opts->moves : MOVES, &log_scale);
    }
    return TW_OK;
}

tw_status tw_smc(tw_ctx *cx, tw_smc_result *out, tw_particles *p, tw_objective log_prior, tw_objective log_likelihood,
                 void *self, const tw_smc_opts *opts)
{
    tempering t = { .p = p, .log_prior = log_prior, .log_likelihood = log_likelihood, .self = self };
    size_t n = p->n, m = p->n_particle;
    *out = (tw_smc_result){ .steps = 0 };
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_stat_array(cx, &t.prior, 3 * m + 2 * n + 2 * n * n));
    t.like = t.prior + m;
    t.work = t.like + m;
    t.mean = t.work + m;
    t.trial = t.mean + n;
    t.cov = t.trial + n;
    t.l = t.cov + n * n;
    t.rng = tw_rng_of(opts->seed, 21);
    tw_status s = temper(cx, out, &t, opts);
    out->accepted = t.accepted / TW_MAX(t.tried, 1.0);
    tw_arena_back(cx->arena, mark);
    return s;
}
