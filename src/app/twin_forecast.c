/* Forecast of each man's last cycle with some values, from the cycles before it, on the true days of its switches,
 * against what came. The population is fitted to what was known then: of no man is any value used that lies in a
 * forecast. */
#include "twin_app_internal.h"

#include <math.h>

#define SEEN_MIN 3
#define LATER_MIN 4
#define PAST_STEP_DAY 10.0
#define STEP_DAY 7.0

typedef struct {
    const tw_twin_opts *opts;
    tw_twin_study study;
    size_t *who;              /* positions in study of the men with a cycle to forecast */
    tw_psa_series *seen;      /* their series before the cycle, */
    tw_psa_series *whole;     /* and with it */
    size_t n;
    tw_psa_population pop;
    tw_psa_posterior none;
    tw_twin_forecasts *out;
} forecaster;

/* ---------------------------------------------------------------- whom */

/* The last cycle, not the first, with at least LATER_MIN values, as a number of runs before and through it. false:
 * none. */
static bool cycle_to_forecast(const tw_psa_series *s, size_t *before, size_t *through)
{
    for (size_t c = s->n_cycle; c-- > 1;) {
        size_t values = 0;
        for (size_t i = 0; i < s->n_obs; i++)
            values += s->run[s->at[i].run].cycle == c;
        if (values < LATER_MIN)
            continue;
        *before = tw_psa_cycle_run(s, c);
        *through = c + 1 < s->n_cycle ? tw_psa_cycle_run(s, c + 1) : s->n_run;
        return true;
    }
    return false;
}

/* All men's known past is what the population is fitted to, also of those with one cycle only. */
static tw_status cut_men(tw_ctx *cx, forecaster *f, tw_psa_series *past)
{
    tw_twin_study *st = &f->study;
    f->who = tw_try_array(cx->arena, size_t, st->men + 1);
    f->seen = tw_try_array(cx->arena, tw_psa_series, st->men + 1);
    f->whole = tw_try_array(cx->arena, tw_psa_series, st->men + 1);
    if (!f->who || !f->seen || !f->whole)
        return tw_fail(cx, TW_ELIMIT, "no memory left for %zu men", st->men);
    for (size_t i = 0; i < st->men; i++) {
        size_t before;
        size_t through;
        past[i] = st->series[i];
        if (!cycle_to_forecast(&st->series[i], &before, &through))
            continue;
        tw_psa_series seen = tw_psa_series_cut(&st->series[i], before);
        if (seen.n_obs < SEEN_MIN)
            continue;
        past[i] = seen;
        f->seen[f->n] = seen;
        f->whole[f->n] = tw_psa_series_cut(&st->series[i], through);
        f->who[f->n++] = i;
    }
    return f->n > 0 ? TW_OK : tw_fail(cx, TW_ENOTFOUND, "nobody here has a second cycle to forecast");
}

/* ---------------------------------------------------------------- one man */

static tw_status numbers(tw_ctx *cx, double **out, size_t n)
{
    *out = tw_try_array(cx->arena, double, n + 1);
    return *out ? TW_OK : tw_fail(cx, TW_ELIMIT, "no memory left for %zu numbers", n);
}

static tw_status put_values(tw_ctx *cx, tw_twin_picture *p, const tw_psa_series *s, size_t seen)
{
    p->n_past = seen;
    p->n_later = s->n_obs - seen;
    TW_TRY(numbers(cx, &p->past_day, p->n_past));
    TW_TRY(numbers(cx, &p->past_psa, p->n_past));
    TW_TRY(numbers(cx, &p->later_day, p->n_later));
    TW_TRY(numbers(cx, &p->later_psa, p->n_later));
    for (size_t i = 0; i < s->n_obs; i++) {
        double *day = i < seen ? p->past_day + i : p->later_day + (i - seen);
        double *psa = i < seen ? p->past_psa + i : p->later_psa + (i - seen);
        *day = s->at[i].day;
        *psa = tw_psa_from_log(s->y[i]);
    }
    return TW_OK;
}

static tw_status put_past(tw_ctx *cx, tw_twin_picture *p, const tw_psa_posterior *post)
{
    tw_psa_at *at;
    double *band;
    TW_TRY(tw_psa_grid(cx, &at, &p->n_fit, post->run, post->n_run, 0.0, post->last_day, PAST_STEP_DAY));
    TW_TRY(numbers(cx, &band, 3 * p->n_fit));
    TW_TRY(numbers(cx, &p->fit_day, p->n_fit));
    TW_TRY(tw_psa_curve(cx, band, post, at, p->n_fit));
    for (size_t k = 0; k < 3; k++) {
        TW_TRY(numbers(cx, &p->fit[k], p->n_fit));
        for (size_t i = 0; i < p->n_fit; i++)
            p->fit[k][i] = tw_psa_from_log(band[3 * i + k]);
    }
    for (size_t i = 0; i < p->n_fit; i++)
        p->fit_day[i] = at[i].day;
    return TW_OK;
}

/* The grid from the cut on, with each switch taken in, so that the jumps show where they are. */
static tw_status put_forecast(tw_ctx *cx, tw_twin_picture *p, const tw_psa_posterior *post, const tw_psa_series *s,
                              const tw_noise *noise, uint64_t seed)
{
    tw_psa_at *at;
    tw_psa_forecast fc;
    double *q;
    double from = TW_MAX(p->cut_day, post->last_day);
    TW_TRY(tw_psa_grid(cx, &at, &p->n_day, s->run, s->n_run, from, p->end_day, STEP_DAY));
    TW_TRY(tw_psa_forecast_make(cx, &fc, post, s->run, s->n_run, at, p->n_day, noise, seed));
    TW_TRY(numbers(cx, &q, TW_PSA_NQ * p->n_day));
    TW_TRY(numbers(cx, &p->day, p->n_day));
    tw_psa_forecast_bands(q, &fc);
    for (size_t k = 0; k < TW_FORECAST_NQ; k++) {
        TW_TRY(numbers(cx, &p->q[k], p->n_day));
        for (size_t i = 0; i < p->n_day; i++)
            p->q[k][i] = tw_psa_from_log(q[TW_PSA_NQ * i + k]);
    }
    for (size_t i = 0; i < p->n_day; i++)
        p->day[i] = at[i].day;
    return TW_OK;
}

static double mean_crps(tw_psa_forecast *f, const double *y)
{
    double sum = 0.0;
    for (size_t i = 0; i < f->n_at; i++)
        sum += tw_score_crps(f->x + i * f->n_draw, f->n_draw, y[i]);
    return sum / (double)f->n_at;
}

/* At the days of the values that came. */
static tw_status put_scores(tw_ctx *cx, tw_twin_picture *p, const forecaster *f, const tw_psa_posterior *post,
                            const tw_psa_series *s, size_t seen, const tw_noise *noise, uint64_t seed)
{
    tw_psa_forecast twin;
    tw_psa_forecast none;
    double *q;
    size_t n = p->n_later;
    TW_TRY(tw_psa_forecast_make(cx, &twin, post, s->run, s->n_run, s->at + seen, n, noise, seed));
    TW_TRY(tw_psa_forecast_make(cx, &none, &f->none, s->run, s->n_run, s->at + seen, n, noise, seed));
    TW_TRY(numbers(cx, &q, TW_PSA_NQ * n));
    tw_psa_forecast_bands(q, &twin);
    for (size_t i = 0; i < n; i++) {
        const double *qi = q + TW_PSA_NQ * i;
        double y = s->y[seen + i];
        p->inside50 += y >= qi[TW_PSA_Q25] && y <= qi[TW_PSA_Q75];
        p->inside90 += y >= qi[TW_PSA_Q05] && y <= qi[TW_PSA_Q95];
    }
    p->crps = mean_crps(&twin, s->y + seen);
    p->crps_population = mean_crps(&none, s->y + seen);
    return TW_OK;
}

static tw_status forecast_man(tw_ctx *cx, tw_twin_picture *p, const forecaster *f, size_t k)
{
    size_t i = f->who[k];
    const tw_psa_series *s = &f->whole[k];
    const tw_psa_series *seen = &f->seen[k];
    const tw_noise *noise = &f->study.noise[i];
    uint64_t seed = tw_twin_seed(f->opts, f->study.man[i]);
    tw_psa_posterior post;
    p->person = tw_str_dup(cx->arena, tw_str_of(f->study.man[i]->id));
    p->cut_day = s->run[seen->n_run].start_day;
    p->end_day = s->run[s->n_run - 1].end_day;
    p->run = s->run;
    p->n_run = s->n_run;
    TW_TRY(tw_psa_fit(cx, &post, seen, &f->pop, noise, TW_TWIN_DRAWS, seed));
    TW_TRY(put_values(cx, p, s, seen->n_obs));
    TW_TRY(put_past(cx, p, &post));
    TW_TRY(put_forecast(cx, p, &post, s, noise, seed));
    return put_scores(cx, p, f, &post, s, seen->n_obs, noise, seed);
}

/* ---------------------------------------------------------------- all */

static tw_status write_svg(tw_ctx *cx, const char *dir, const tw_twin_picture *p)
{
    tw_buf b;
    tw_buf_init(&b, 4 * TW_MIB);
    tw_twin_draw(cx, &b, p, true);
    tw_status s = tw_buf_check(cx, &b, "chart");
    if (s == TW_OK)
        s = tw_file_write(cx, tw_path(cx, dir, tw_strf(cx->arena, TW_FMT ".svg", TW_ARG(p->person)).p),
                          tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}

static tw_status write_json(tw_ctx *cx, const char *dir, const tw_twin_forecasts *f)
{
    tw_buf b;
    tw_jw w;
    tw_buf_init(&b, 1024 * TW_MIB);
    tw_jw_init(&w, &b, 0);
    tw_twin_forecasts_write(&w, f);
    tw_status s = tw_buf_check(cx, &b, "forecasts");
    if (s == TW_OK)
        s = tw_file_write(cx, tw_path(cx, dir, "forecasts.json"), tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}

static void sum_up(tw_twin_forecasts *o)
{
    for (size_t k = 0; k < o->count; k++) {
        const tw_twin_picture *p = &o->picture[k];
        o->values += p->n_later;
        o->inside50 += p->inside50;
        o->inside90 += p->inside90;
        o->crps += p->crps * (double)p->n_later;
        o->crps_population += p->crps_population * (double)p->n_later;
    }
    o->crps /= (double)TW_MAX(o->values, (uint64_t)1);
    o->crps_population /= (double)TW_MAX(o->values, (uint64_t)1);
}

static tw_status run(tw_ctx *cx, forecaster *f, tw_twin_report *report, tw_site *s)
{
    const char *how;
    TW_TRY(tw_twin_study_open(cx, &f->study, s, f->opts));
    snprintf(report->dir, sizeof report->dir, "%s", f->study.dir);
    tw_psa_series *past = tw_try_array(cx->arena, tw_psa_series, f->study.men + 1);
    if (!past)
        return tw_fail(cx, TW_ELIMIT, "no memory left for %zu men", f->study.men);
    TW_TRY(cut_men(cx, f, past));
    report->persons = f->n;
    report->too_short = f->study.too_short + (f->study.men - f->n);
    TW_TRY(tw_twin_population(cx, &f->pop, &how, &f->study, past, f->opts));
    TW_TRY(tw_psa_fit_none(cx, &f->none, &f->pop, TW_TWIN_DRAWS, f->opts->seed));
    f->out->population = tw_str_of(how);
    f->out->count = f->n;
    f->out->picture = tw_try_array(cx->arena, tw_twin_picture, f->n);
    if (!f->out->picture)
        return tw_fail(cx, TW_ELIMIT, "no memory left for %zu forecasts", f->n);
    for (size_t k = 0; k < f->n; k++) {
        if (forecast_man(cx, &f->out->picture[k], f, k) != TW_OK)
            return tw_wrap(cx, "person %zu", f->who[k] + 1);
        TW_TRY(write_svg(cx, f->study.dir, &f->out->picture[k]));
        tw_step(&f->opts->progress, "forecasts", k + 1, f->n);
    }
    sum_up(f->out);
    return write_json(cx, f->study.dir, f->out);
}

tw_status tw_app_twin_forecast(tw_ctx *cx, tw_twin_report *out, tw_site *s, const tw_twin_opts *opts)
{
    tw_twin_forecasts all = { .count = 0 };
    forecaster f = { .opts = opts, .out = &all };
    *out = (tw_twin_report){ .persons = 0 };
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status st = run(cx, &f, out, s);
    tw_arena_back(cx->arena, mark);
    return st;
}
