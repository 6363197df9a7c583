/* One patient's parameters from volumes. All model evaluations are batches of lanes; the sample is an importance sample
 * around the mode, and where that is poor, the same cloud tempered towards the posterior. */
#include "radio/radio.h"

#include <math.h>

#include "radio/radio_internal.h"
#include "stat/stat.h"

#define D TW_RADIO_DIM
#define MOVES 5
#define TEMPER_MAX 60

/* Stensjoen 2015 and Ellingson 2016 (growth), Pedicini 2014 (alpha); the other two are declared: see the example. */
const tw_radio_prior tw_radio_prior_glioma = {
    .mean = { -3.912023005428146 /* ln .02 */, -2.407945608651872 /* ln .09 */, 0.8472978603872037 /* logit .7 */,
              3.401197381662155 /* ln 30 */ },
    .sd = { 0.5, 0.35, 0.6, 0.7 },
    .ab_gy = 10.0,
    .log_sd = 0.10,
    .kill = TW_KILL_DVR,
};

/* ---------------------------------------------------------------- likelihood */

static tw_status check_obs(tw_ctx *cx, const tw_radio_prior *law, const tw_radio_obs *obs, size_t n)
{
    if (n > TW_RADIO_OBS_MAX)
        return tw_fail(cx, TW_ELIMIT, "more than %d volumes", TW_RADIO_OBS_MAX);
    for (size_t i = 0; i < D; i++)
        if (!(law->sd[i] > 0.0) || !isfinite(law->mean[i]))
            return tw_fail(cx, TW_EPARSE, "prior of parameter %zu: no mean, or sd not above 0", i + 1);
    if (!(law->log_sd > 0.0 && law->ab_gy > 0.0))
        return tw_fail(cx, TW_EPARSE, "noise and alpha/beta must be above 0");
    for (size_t i = 0; i < n; i++) {
        if (!(obs[i].cm3 > 0.0) || !isfinite(obs[i].cm3) || !(obs[i].added_sd >= 0.0) || !(obs[i].rounded >= 0.0))
            return tw_fail(cx, TW_EPARSE, "volume %zu: must be above 0, its noise not below 0", i + 1);
        if (!isfinite(obs[i].day) || (i > 0 && obs[i].day < obs[i - 1].day))
            return tw_fail(cx, TW_EPARSE, "volume %zu: days must not fall", i + 1);
    }
    return TW_OK;
}

tw_status tw_radio_data_new(tw_ctx *cx, tw_radio_data *out, const tw_radio_prior *law, const tw_radio_obs *obs,
                            size_t n, const tw_fraction *given, size_t fractions, size_t lanes)
{
    TW_TRY(check_obs(cx, law, obs, n));
    if (fractions > TW_FRACTIONS_MAX)
        return tw_fail(cx, TW_ELIMIT, "more than %d fractions", TW_FRACTIONS_MAX);
    *out = (tw_radio_data){ .law = law, .obs = obs, .n = n, .given = given, .fractions = fractions, .lanes = lanes };
    return tw_stat_array(cx, &out->work, (4 + n) * lanes);
}

/** Lanes at day 0. */
static tw_lanes lanes_of(const tw_radio_prior *law, double *v, double *k, double *rate, double *alpha,
                         const double *theta, size_t m)
{
    for (size_t i = 0; i < m; i++) {
        const double *t = theta + i * D;
        rate[i] = exp(t[TW_RP_RATE]);
        alpha[i] = exp(t[TW_RP_ALPHA]);
        v[i] = exp(t[TW_RP_V0]);
        k[i] = v[i] * (1.0 + exp(-t[TW_RP_PSI]));
    }
    return (tw_lanes){ .n = m, .v = v, .k = k, .rate = rate, .alpha = alpha, .ab_gy = law->ab_gy, .kill = law->kill };
}

void tw_radio_predict(tw_radio_data *d, double *out, const double *theta, size_t m)
{
    TW_ASSERT(m <= d->lanes);
    double *w = d->work, day[TW_RADIO_OBS_MAX] = { 0.0 };
    size_t before = 0;
    tw_lanes l = lanes_of(d->law, w, w + m, w + 2 * m, w + 3 * m, theta, m);
    for (; before < d->n && d->obs[before].day < 0.0; before++)
        for (size_t i = 0; i < m; i++)
            out[before * m + i] = tw_grow_logistic(l.v[i], l.rate[i], l.k[i], d->obs[before].day);
    for (size_t t = before; t < d->n; t++)
        day[t - before] = d->obs[t].day;
    tw_lanes_walk(&l, out + before * m, 0.0, day, d->n - before, d->given, d->fractions);
    for (size_t i = 0; i < d->n * m; i++)
        out[i] = log(out[i]);
}

static double obs_sd(const tw_radio_prior *law, const tw_radio_obs *o)
{
    double added = o->added_sd / o->cm3;
    return sqrt(law->log_sd * law->log_sd + added * added);
}

/** A rounded volume says that the measured one lay in an interval. */
static double obs_loglik(const tw_radio_prior *law, const tw_radio_obs *o, double log_v)
{
    double sd = obs_sd(law, o);
    if (o->rounded > 0.0) {
        double lo = o->cm3 - 0.5 * o->rounded;
        double high = tw_normal_cdf((log(o->cm3 + 0.5 * o->rounded) - log_v) / sd);
        double low = lo > 0.0 ? tw_normal_cdf((log(lo) - log_v) / sd) : 0.0;
        return log(TW_MAX(high - low, 1e-300));
    }
    double z = (log(o->cm3) - log_v) / sd;
    return -0.5 * (z * z + TW_LN_2PI) - log(sd * o->cm3);
}

void tw_radio_loglik(tw_radio_data *d, double *out, const double *theta, size_t m)
{
    double *logv = d->work + 4 * d->lanes;
    tw_radio_predict(d, logv, theta, m);
    for (size_t i = 0; i < m; i++) {
        out[i] = 0.0;
        for (size_t t = 0; t < d->n; t++)
            out[i] += obs_loglik(d->law, &d->obs[t], logv[t * m + i]);
    }
}

double tw_radio_logprior(const tw_radio_prior *p, const double *theta)
{
    double s = 0.0;
    for (size_t i = 0; i < D; i++) {
        double z = (theta[i] - p->mean[i]) / p->sd[i];
        s -= 0.5 * (z * z + TW_LN_2PI) + log(p->sd[i]);
    }
    return s;
}

/* ---------------------------------------------------------------- mode */

/** Half the sum of squares at theta, its gradient and the Gauss-Newton matrix. Rounding enters by its variance here and
 *  exactly in the weights. */
static double normal_equations(tw_radio_data *d, double *grad, double *h, const double *theta)
{
    enum { M = 2 * D + 1 };
    double batch[M * D], *logv = d->work + 4 * d->lanes, sum = 0.0;
    const double step = 1e-5;
    for (size_t i = 0; i < M; i++) {
        memcpy(batch + i * D, theta, D * sizeof *theta);
        if (i > 0)
            batch[i * D + (i - 1) / 2] += i % 2 ? step : -step;
    }
    tw_radio_predict(d, logv, batch, M);
    memset(h, 0, D * D * sizeof *h);
    for (size_t i = 0; i < D; i++) {
        double sd = d->law->sd[i], z = (theta[i] - d->law->mean[i]) / sd;
        grad[i] = z / sd;
        h[i * D + i] = 1.0 / (sd * sd);
        sum += 0.5 * z * z;
    }
    for (size_t t = 0; t < d->n; t++) {
        const tw_radio_obs *o = &d->obs[t];
        double sd = obs_sd(d->law, o), width = o->rounded / o->cm3, j[D];
        double var = sd * sd + width * width / 12.0;
        double r = logv[t * M] - log(o->cm3);
        for (size_t i = 0; i < D; i++)
            j[i] = (logv[t * M + 2 * i + 1] - logv[t * M + 2 * i + 2]) / (2.0 * step);
        sum += 0.5 * r * r / var;
        for (size_t i = 0; i < D; i++) {
            grad[i] += j[i] * r / var;
            for (size_t k = 0; k < D; k++)
                h[i * D + k] += j[i] * j[k] / var;
        }
    }
    return sum;
}

/** theta: in the start, out the mode. chol: factor of the Gauss-Newton matrix there. */
static tw_status find_mode(tw_ctx *cx, tw_radio_data *d, double *theta, double *chol)
{
    double grad[D], h[D * D], next_grad[D], next_h[D * D], damp = 1e-3;
    double best = normal_equations(d, grad, h, theta);
    for (int turn = 0; turn < 200 && damp < 1e12; turn++) {
        double l[D * D], x[D], next[D], moved = 0.0;
        memcpy(l, h, sizeof l);
        for (size_t i = 0; i < D; i++) {
            l[i * D + i] *= 1.0 + damp;
            x[i] = -grad[i];
        }
        if (!tw_la_chol(l, D))
            return tw_fail(cx, TW_EFAILED, "no mode: the curvature is not positive");
        tw_la_solve(l, x, D);
        for (size_t i = 0; i < D; i++) {
            x[i] = TW_MAX(-1.0, TW_MIN(1.0, x[i]));
            next[i] = theta[i] + x[i];
            moved = TW_MAX(moved, fabs(x[i]));
        }
        double f = normal_equations(d, next_grad, next_h, next);
        if (f <= best) {
            memcpy(theta, next, sizeof next);
            memcpy(grad, next_grad, sizeof grad);
            memcpy(h, next_h, sizeof h);
            best = f;
            damp *= 0.2;
        } else {
            damp *= 10.0;
        }
        if (moved < 1e-9)
            break;
    }
    memcpy(chol, h, D * D * sizeof *h);
    if (!tw_la_chol(chol, D) || !isfinite(best))
        return tw_fail(cx, TW_EFAILED, "no mode: the curvature is not positive");
    return TW_OK;
}

/* ---------------------------------------------------------------- sample */

typedef struct {
    tw_radio_data data;
    const double *mode, *chol;
    size_t m;
    double *x, *lp, *lq; /* cloud, ln posterior, ln proposal, constants dropped */
    double *w;
    double *y, *ylp, *ylq; /* of a move */
    double log_most;       /* ln of the largest weight */
    double log_evidence;   /* sum of the steps' ln mean weight */
    tw_rng rng;
} cloud;

/** ln of the t law, without its constant. */
static double log_proposal(const cloud *c, const double *x)
{
    double e[D];
    for (size_t k = 0; k < D; k++)
        e[k] = x[k] - c->mode[k];
    return tw_t6_log_density(c->chol, e, D);
}

static void log_posterior(cloud *c, double *out, const double *x)
{
    tw_radio_loglik(&c->data, out, x, c->m);
    for (size_t i = 0; i < c->m; i++)
        out[i] += tw_radio_logprior(c->data.law, x + i * D);
}

static tw_status cloud_new(tw_ctx *cx, cloud *c)
{
    size_t m = c->m;
    TW_TRY(tw_stat_array(cx, &c->x, m * D));
    TW_TRY(tw_stat_array(cx, &c->y, m * D));
    TW_TRY(tw_stat_array(cx, &c->lp, m));
    TW_TRY(tw_stat_array(cx, &c->lq, m));
    TW_TRY(tw_stat_array(cx, &c->ylp, m));
    TW_TRY(tw_stat_array(cx, &c->ylq, m));
    TW_TRY(tw_stat_array(cx, &c->w, m));
    for (size_t i = 0; i < m; i++) {
        double *x = c->x + i * D, scale = 1.0;
        for (size_t k = 0; k < D; k++)
            x[k] = tw_rng_normal(&c->rng);
        scale = sqrt(TW_T6 / tw_rng_chi2_6(&c->rng));
        tw_la_solve_upper(c->chol, x, D);
        for (size_t k = 0; k < D; k++)
            x[k] = c->mode[k] + scale * x[k];
        c->lq[i] = log_proposal(c, x);
    }
    log_posterior(c, c->lp, c->x);
    return TW_OK;
}

/** w = exp(power (lp - lq)), the largest one 1. */
static void weigh(cloud *c, double power)
{
    for (size_t i = 0; i < c->m; i++)
        c->w[i] = power * (c->lp[i] - c->lq[i]);
    c->log_most = tw_weights_of_logs(c->w, c->m);
}

static double log_mean_weight(const cloud *c)
{
    double sum = 0.0;
    for (size_t i = 0; i < c->m; i++)
        sum += c->w[i];
    return c->log_most + log(sum / (double)c->m);
}

static void take(cloud *c)
{
    tw_resampling r = tw_resampling_of(c->w, c->m, c->m, &c->rng);
    for (size_t i = 0; i < c->m; i++) {
        size_t k = tw_resampling_next(&r);
        memcpy(c->y + i * D, c->x + k * D, D * sizeof *c->x);
        c->ylp[i] = c->lp[k];
        c->ylq[i] = c->lq[k];
    }
    memcpy(c->x, c->y, c->m * D * sizeof *c->x);
    memcpy(c->lp, c->ylp, c->m * sizeof *c->lp);
    memcpy(c->lq, c->ylq, c->m * sizeof *c->lq);
}

static void covariance(double *cov, const double *x, size_t m)
{
    double mean[D] = { 0 };
    memset(cov, 0, D * D * sizeof *cov);
    for (size_t i = 0; i < m * D; i++)
        mean[i % D] += x[i] / (double)m;
    for (size_t i = 0; i < m; i++)
        for (size_t a = 0; a < D; a++)
            for (size_t b = 0; b < D; b++)
                cov[a * D + b] += (x[i * D + a] - mean[a]) * (x[i * D + b] - mean[b]) / (double)m;
}

/** A random walk that leaves lq^(1-b) lp^b as it is. */
static void move(cloud *c, double b)
{
    double l[D * D];
    covariance(l, c->x, c->m);
    for (size_t i = 0; i < D; i++)
        l[i * D + i] += 1e-10;
    if (!tw_la_chol(l, D))
        return;
    for (size_t i = 0; i < c->m; i++) {
        double z[D];
        for (size_t k = 0; k < D; k++)
            z[k] = tw_rng_normal(&c->rng) * (2.38 / sqrt((double)D));
        memcpy(c->y + i * D, c->x + i * D, D * sizeof *c->x);
        tw_la_add_lower(c->y + i * D, l, z, D);
        c->ylq[i] = log_proposal(c, c->y + i * D);
    }
    log_posterior(c, c->ylp, c->y);
    for (size_t i = 0; i < c->m; i++) {
        double up = (1.0 - b) * (c->ylq[i] - c->lq[i]) + b * (c->ylp[i] - c->lp[i]);
        if (log(tw_rng_uniform(&c->rng)) < up) {
            memcpy(c->x + i * D, c->y + i * D, D * sizeof *c->x);
            c->lp[i] = c->ylp[i];
            c->lq[i] = c->ylq[i];
        }
    }
}

/** From the proposal to the posterior in steps that keep half of the cloud effective. */
static unsigned temper(cloud *c)
{
    double b = 0.0;
    unsigned steps = 0;
    for (; b < 1.0 && steps < TEMPER_MAX; steps++) {
        double lo = 0.0, hi = 1.0 - b;
        weigh(c, hi);
        for (int i = 0; i < 40 && tw_weights_ess(c->w, c->m) < 0.5 * (double)c->m; i++) {
            double mid = 0.5 * (lo + hi);
            weigh(c, mid);
            if (tw_weights_ess(c->w, c->m) < 0.5 * (double)c->m)
                hi = mid;
            else
                lo = mid;
            if (hi - lo < 1e-4 * hi)
                hi = lo;
            weigh(c, hi);
        }
        b = 1.0 - b - hi < 1e-9 ? 1.0 : b + hi;
        c->log_evidence += log_mean_weight(c);
        take(c);
        for (int i = 0; i < MOVES; i++)
            move(c, b);
    }
    for (size_t i = 0; i < c->m; i++)
        c->w[i] = 1.0;
    return steps;
}

static void moments(tw_radio_posterior *p)
{
    double cov[D * D];
    covariance(cov, p->theta, p->draws);
    for (size_t k = 0; k < D; k++)
        p->sd[k] = sqrt(cov[k * D + k]);
}

static void one_law(tw_radio_posterior *p, tw_kill law)
{
    p->by_law[law] = p->draws;
    p->weight[law] = 1.0;
}

tw_status tw_radio_prior_draws(tw_ctx *cx, tw_radio_posterior *out, const tw_radio_prior *prior, size_t draws,
                               uint64_t seed)
{
    *out = (tw_radio_posterior){ .draws = draws, .ess = (double)draws, .proposals = draws };
    one_law(out, prior->kill);
    tw_rng rng = tw_rng_of(seed, 0x7072696f72u);
    TW_TRY(tw_stat_array(cx, &out->theta, draws * D));
    for (size_t i = 0; i < draws * D; i++)
        out->theta[i] = prior->mean[i % D] + prior->sd[i % D] * tw_rng_normal(&rng);
    memcpy(out->map, prior->mean, sizeof out->map);
    moments(out);
    return TW_OK;
}

tw_status tw_radio_fit(tw_ctx *cx, tw_radio_posterior *out, const tw_radio_prior *prior, const tw_radio_obs *obs,
                       size_t n, const tw_fraction *given, size_t fractions, size_t draws, uint64_t seed)
{
    double chol[D * D];
    cloud c = { .m = TW_MAX(4 * draws, (size_t)2000), .rng = tw_rng_of(seed, 0x726164696fu) };
    if (draws == 0 || draws > 1000000)
        return tw_fail(cx, TW_ELIMIT, "draws must be 1 to 1,000,000");
    TW_TRY(tw_radio_data_new(cx, &c.data, prior, obs, n, given, fractions, c.m));
    if (n == 0)
        return tw_radio_prior_draws(cx, out, prior, draws, seed);
    *out = (tw_radio_posterior){ .draws = draws, .proposals = c.m };
    one_law(out, prior->kill);
    memcpy(out->map, prior->mean, sizeof out->map);
    TW_TRY(find_mode(cx, &c.data, out->map, chol));
    TW_TRY(tw_stat_array(cx, &out->theta, draws * D));
    tw_mark mark = tw_arena_mark(cx->arena);
    c.mode = out->map;
    c.chol = chol;
    TW_TRY(cloud_new(cx, &c));
    weigh(&c, 1.0);
    tw_weights_truncate(c.w, c.m);
    out->ess = tw_weights_ess(c.w, c.m);
    if (out->ess < 0.1 * (double)c.m)
        out->tempered = temper(&c);
    else
        c.log_evidence = log_mean_weight(&c);
    out->log_evidence = c.log_evidence - tw_t6_log_constant(chol, D);
    tw_resampling r = tw_resampling_of(c.w, c.m, draws, &c.rng);
    for (size_t i = 0; i < draws; i++)
        memcpy(out->theta + i * D, c.x + tw_resampling_next(&r) * D, D * sizeof *c.x);
    tw_arena_back(cx->arena, mark);
    moments(out);
    return TW_OK;
}

/* ---------------------------------------------------------------- several laws */

/** Draws of each law by largest remainder, so that they add up. */
static void share_draws(size_t *count, const double *weight, size_t draws)
{
    size_t given = 0;
    double rest[TW_KILL_COUNT];
    for (size_t k = 0; k < TW_KILL_COUNT; k++) {
        count[k] = (size_t)(weight[k] * (double)draws);
        rest[k] = weight[k] * (double)draws - (double)count[k];
        given += count[k];
    }
    for (; given < draws; given++) {
        size_t most = 0;
        for (size_t k = 1; k < TW_KILL_COUNT; k++)
            most = rest[k] > rest[most] ? k : most;
        count[most]++;
        rest[most] = -1.0;
    }
}

static tw_status join_laws(tw_ctx *cx, tw_radio_posterior *out, const tw_radio_posterior *each, size_t draws,
                           uint64_t seed)
{
    double *theta;
    size_t at = 0;
    tw_rng rng = tw_rng_of(seed, 0x6c617773u);
    TW_TRY(tw_stat_array(cx, &theta, draws * D));
    share_draws(out->by_law, out->weight, draws);
    for (size_t k = 0; k < TW_KILL_COUNT; k++) {
        for (size_t i = 0; i < out->by_law[k]; i++, at++) {
            size_t pick = (size_t)(((double)i + tw_rng_uniform(&rng)) / (double)out->by_law[k] * (double)draws);
            memcpy(theta + at * D, each[k].theta + TW_MIN(pick, draws - 1) * D, D * sizeof *theta);
        }
    }
    out->theta = theta;
    return TW_OK;
}

tw_status tw_radio_fit_laws(tw_ctx *cx, tw_radio_posterior *out, const tw_radio_prior *prior, const tw_kill *law,
                            size_t laws, const tw_radio_obs *obs, size_t n, const tw_fraction *given,
                            size_t fractions, size_t draws, uint64_t seed)
{
    tw_radio_posterior each[TW_KILL_COUNT] = { { .draws = 0 } };
    tw_kill best = law[0];
    double sum = 0.0;
    TW_ASSERT(laws > 0 && laws <= TW_KILL_COUNT);
    for (size_t i = 0; i < laws; i++) {
        tw_radio_prior p = *prior;
        p.kill = law[i];
        TW_TRY(tw_radio_fit(cx, &each[law[i]], &p, obs, n, given, fractions, draws, seed));
        if (each[law[i]].log_evidence > each[best].log_evidence)
            best = law[i];
    }
    *out = each[best];
    for (size_t i = 0; i < laws; i++)
        sum += exp(each[law[i]].log_evidence - each[best].log_evidence);
    for (size_t k = 0; k < TW_KILL_COUNT; k++)
        out->weight[k] = each[k].draws > 0 ? exp(each[k].log_evidence - each[best].log_evidence) / sum : 0.0;
    return join_laws(cx, out, each, draws, seed);
}

/* ---------------------------------------------------------------- forecast */

tw_status tw_radio_progression(tw_ctx *cx, double *days, const tw_radio_prior *law, const double *theta, size_t draws,
                               const tw_fraction *given, size_t fractions)
{
    if (law->kill == TW_KILL_CCR)
        return tw_fail(cx, TW_EREFUSED, "under the CCR law capacity does not recover: there is no progression");
    if (fractions > TW_FRACTIONS_MAX)
        return tw_fail(cx, TW_ELIMIT, "more than %d fractions", TW_FRACTIONS_MAX);
    tw_mark mark = tw_arena_mark(cx->arena);
    double *w, end = fractions > 0 ? given[fractions - 1].day : 0.0;
    TW_TRY(tw_stat_array(cx, &w, 4 * draws));
    tw_lanes l = lanes_of(law, w, w + draws, w + 2 * draws, w + 3 * draws, theta, draws);
    tw_lanes_walk(&l, days, 0.0, &end, 1, given, fractions);
    for (size_t i = fractions; i > 0 && given[i - 1].day >= end; i--)
        tw_lanes_fraction(&l, given[i - 1].dose_gy);
    for (size_t i = 0; i < draws; i++) {
        double w0 = 1.0 + exp(-theta[i * D + TW_RP_PSI]), we = l.k[i] / l.v[i];
        days[i] = end + TW_MAX(0.0, log((we - 1.0) / (w0 - 1.0)) / l.rate[i]);
    }
    tw_arena_back(cx->arena, mark);
    return TW_OK;
}

tw_status tw_radio_posterior_progression(tw_ctx *cx, double *days, const tw_radio_prior *prior,
                                         const tw_radio_posterior *p, const tw_fraction *given, size_t fractions)
{
    size_t at = 0;
    for (size_t k = 0; k < TW_KILL_COUNT; at += p->by_law[k++]) {
        tw_radio_prior law = *prior;
        law.kill = (tw_kill)k;
        if (p->by_law[k] > 0)
            TW_TRY(tw_radio_progression(cx, days + at, &law, p->theta + at * D, p->by_law[k], given, fractions));
    }
    return TW_OK;
}
