/* Forecasts from a posterior: each draw runs the model over the whole schedule, adds its own path of the OU process,
 * which starts at the level that the data left, and white noise. */
#include "twin/twin_internal.h"

#include <math.h>

typedef struct {
    double *theta, *lnf, *slope, *extra;
    size_t dim;
} scratch;

static tw_status scratch_new(tw_ctx *cx, scratch *s, size_t n_cycle, size_t n_at)
{
    s->dim = tw_psa_dim(n_cycle);
    TW_TRY(tw_stat_array(cx, &s->theta, s->dim));
    TW_TRY(tw_stat_array(cx, &s->lnf, n_at));
    TW_TRY(tw_stat_array(cx, &s->slope, n_at));
    return tw_stat_array(cx, &s->extra, n_at);
}

static bool points_in_order(const tw_psa_run *run, size_t n_run, const tw_psa_at *at, size_t n_at)
{
    for (size_t i = 0; i < n_at; i++) {
        if (at[i].run >= n_run || at[i].day < run[at[i].run].start_day)
            return false;
        if (i > 0 && (at[i].run < at[i - 1].run || at[i].day < at[i - 1].day))
            return false;
    }
    return true;
}

/** Run r of a schedule agrees with what the posterior saw; the last run seen may go on. */
static bool goes_on(const tw_psa_posterior *post, const tw_psa_run *run, size_t r)
{
    const tw_psa_run *seen = &post->run[r];
    if (seen->on != run->on || seen->cycle != run->cycle || fabs(seen->start_day - run->start_day) > 0.0)
        return false;
    return r + 1 == post->n_run ? run->end_day >= post->last_day : !(fabs(seen->end_day - run->end_day) > 0.0);
}

static tw_status check(tw_ctx *cx, const tw_psa_posterior *post, const tw_psa_run *run, size_t n_run,
                       const tw_psa_at *at, size_t n_at)
{
    if (n_run < post->n_run || n_run == 0 || n_at == 0)
        return tw_fail(cx, TW_EUSAGE, "forecast: the schedule is shorter than the past, or no day is asked");
    for (size_t r = 0; r < post->n_run; r++)
        if (!goes_on(post, &run[r], r))
            return tw_fail(cx, TW_EUSAGE, "forecast: run %zu of the schedule contradicts the past", r + 1);
    if (run[n_run - 1].cycle >= TW_PSA_CYCLES_MAX)
        return tw_fail(cx, TW_ELIMIT, "forecast: more than %d cycles", TW_PSA_CYCLES_MAX);
    if (!points_in_order(run, n_run, at, n_at))
        return tw_fail(cx, TW_EUSAGE, "forecast: the days are not in order or outside of their runs");
    if (post->n_run > 0 && at[0].day < post->last_day)
        return tw_fail(cx, TW_EUSAGE, "forecast: a day before the last observation");
    return TW_OK;
}

static void noisy_path(tw_psa_forecast *f, size_t draw, const scratch *s, const tw_psa_posterior *post,
                       const tw_psa_at *at, tw_rng *rng)
{
    const tw_psa_population *p = &post->prior;
    double stationary = p->ou_sd * p->ou_sd, white = p->white_sd * p->white_sd;
    double day = post->n_run > 0 ? post->last_day : at[0].day;
    double mean = post->ou_mean[draw], var = post->ou_var;
    double level = mean + sqrt(var) * tw_rng_normal(rng);
    for (size_t i = 0; i < f->n_at; i++) {
        double phi = exp(-(at[i].day - day) / p->ou_tau_day), fresh = stationary * (1.0 - phi * phi);
        double blur = white + s->extra[i];
        size_t k = i * f->n_draw + draw;
        day = at[i].day;
        mean *= phi;
        var = phi * phi * var + fresh;
        level = phi * level + sqrt(fresh) * tw_rng_normal(rng);
        f->mean[k] = s->lnf[i] + mean;
        f->var[k] = var + blur;
        f->x[k] = s->lnf[i] + level + sqrt(blur) * tw_rng_normal(rng);
    }
}

static tw_status draw_all(tw_ctx *cx, tw_psa_forecast *f, const tw_psa_posterior *post, const tw_psa_run *run,
                          size_t n_run, const tw_psa_at *at, const tw_noise *noise, uint64_t seed)
{
    scratch s;
    tw_rng rng = tw_rng_of(seed, 3);
    TW_TRY(scratch_new(cx, &s, run[n_run - 1].cycle + 1, f->n_at));
    for (size_t i = 0; i < f->n_draw; i++) {
        memcpy(s.theta, post->draw + i * post->dim, post->dim * sizeof(double));
        tw_psa_dev_draw(s.theta, post->dim, s.dim, &post->prior, &rng);
        tw_psa_walk(s.lnf, NULL, noise ? s.slope : NULL, run, n_run, at, f->n_at, s.theta, s.dim);
        if (noise)
            tw_psa_noise_extra(s.extra, noise, s.lnf, s.slope, f->n_at);
        noisy_path(f, i, &s, post, at, &rng);
    }
    return TW_OK;
}

tw_status tw_psa_forecast_make(tw_ctx *cx, tw_psa_forecast *out, const tw_psa_posterior *post, const tw_psa_run *run,
                               size_t n_run, const tw_psa_at *at, size_t n_at, const tw_noise *noise, uint64_t seed)
{
    TW_TRY(check(cx, post, run, n_run, at, n_at));
    if (n_at > TW_PSA_VISITS_MAX)
        return tw_fail(cx, TW_ELIMIT, "forecast: %zu days, at most %d", n_at, TW_PSA_VISITS_MAX);
    *out = (tw_psa_forecast){ .n_draw = post->n_draw, .n_at = n_at };
    TW_TRY(tw_stat_array(cx, &out->x, n_at * post->n_draw));
    TW_TRY(tw_stat_array(cx, &out->mean, n_at * post->n_draw));
    TW_TRY(tw_stat_array(cx, &out->var, n_at * post->n_draw));
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = draw_all(cx, out, post, run, n_run, at, noise, seed);
    tw_arena_back(cx->arena, mark);
    return s;
}

static tw_status curve(tw_ctx *cx, double *band, const tw_psa_posterior *post, const tw_psa_at *at, size_t n_at)
{
    static const double p[3] = { 0.05, 0.5, 0.95 };
    scratch s;
    double *x = NULL;
    TW_TRY(scratch_new(cx, &s, post->n_cycle, n_at));
    TW_TRY(tw_stat_array(cx, &x, n_at * post->n_draw));
    for (size_t i = 0; i < post->n_draw; i++) {
        tw_psa_walk(s.lnf, NULL, NULL, post->run, post->n_run, at, n_at, post->draw + i * post->dim, post->dim);
        for (size_t k = 0; k < n_at; k++)
            x[k * post->n_draw + i] = s.lnf[k];
    }
    for (size_t k = 0; k < n_at; k++) {
        tw_score_sort(x + k * post->n_draw, post->n_draw);
        for (size_t j = 0; j < 3; j++)
            band[k * 3 + j] = tw_score_quantile(x + k * post->n_draw, post->n_draw, p[j]);
    }
    return TW_OK;
}

tw_status tw_psa_curve(tw_ctx *cx, double *band, const tw_psa_posterior *post, const tw_psa_at *at, size_t n_at)
{
    if (post->n_run == 0 || n_at == 0 || !points_in_order(post->run, post->n_run, at, n_at))
        return tw_fail(cx, TW_EUSAGE, "curve: the days are not in order or outside of their runs");
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = curve(cx, band, post, at, n_at);
    tw_arena_back(cx->arena, mark);
    return s;
}

void tw_psa_forecast_bands(double *q, tw_psa_forecast *f)
{
    static const double p[TW_PSA_NQ] = { 0.05, 0.25, 0.50, 0.75, 0.95 };
    for (size_t i = 0; i < f->n_at; i++) {
        double *row = f->x + i * f->n_draw;
        tw_score_sort(row, f->n_draw);
        for (size_t k = 0; k < TW_PSA_NQ; k++)
            q[i * TW_PSA_NQ + k] = tw_score_quantile(row, f->n_draw, p[k]);
    }
}
