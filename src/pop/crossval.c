/* Rolling origin within cross-validation by person, and the scores of what comes out. */
#include "pop/pop_internal.h"

#include <math.h>

#define FOLDS 5
#define DRAWS 400
#define BOOTSTRAPS 1000

const char *tw_pop_method_name(tw_pop_method m)
{
    static const char *const name[TW_POP_NMETHOD] = { "twin", "population", "persistence" };
    return m < TW_POP_NMETHOD ? name[m] : "?";
}

/* ---------------------------------------------------------------- scores */

typedef struct {
    double sum, base, count;
} person_sum;

static tw_status bootstrap(tw_ctx *cx, tw_pop_score *out, const person_sum *s, size_t n, uint32_t bootstraps,
                           uint64_t seed)
{
    double *skill = NULL;
    tw_rng rng = tw_rng_of(seed, 7);
    TW_TRY(tw_stat_array(cx, &skill, bootstraps));
    for (uint32_t b = 0; b < bootstraps; b++) {
        double sum = 0.0, base = 0.0;
        for (size_t i = 0; i < n; i++) {
            const person_sum *p = &s[tw_rng_below(&rng, n)];
            sum += p->sum;
            base += p->base;
        }
        skill[b] = 1.0 - sum / base;
    }
    tw_score_interval(&out->skill_lo, &out->skill_hi, skill, bootstraps);
    return TW_OK;
}

static void add_point(tw_pop_score *s, double *pit, const tw_pop_point *p, tw_pop_method m)
{
    pit[s->n++] = p->pit[m];
    s->crps += p->crps[m];
    s->rmse += p->rms[m] * p->rms[m];
    s->log_score += p->log_score[m];
}

static tw_status score(tw_ctx *cx, tw_pop_score *out, const tw_pop_point *point, size_t n, uint32_t output,
                       tw_pop_method m, uint32_t bootstraps, uint64_t seed)
{
    person_sum *s = tw_try_array(cx->arena, person_sum, n + 1);
    double *pit = NULL, base = 0.0;
    size_t people = 0;
    uint32_t last = 0;
    if (!s)
        return tw_fail(cx, TW_ELIMIT, "no room for %zu scores", n);
    TW_TRY(tw_stat_array(cx, &pit, n));
    for (size_t i = 0; i < n; i++) {
        if (point[i].output != output)
            continue;
        add_point(out, pit, &point[i], m);
        base += point[i].crps[TW_POP_POPULATION];
        if (people == 0 || point[i].person != last)
            people++;
        last = point[i].person;
        s[people - 1].sum += point[i].crps[m];
        s[people - 1].base += point[i].crps[TW_POP_POPULATION];
    }
    if (out->n == 0)
        return TW_OK;
    double count = (double)out->n;
    out->skill = 1.0 - out->crps / base;
    out->crps /= count;
    out->rmse = sqrt(out->rmse / count);
    out->log_score /= count;
    tw_calibration c = tw_score_calibration(pit, out->n);
    out->cover50 = c.cover50;
    out->cover90 = c.cover90;
    out->pit_ks = c.ks;
    memcpy(out->pit, c.histogram, sizeof out->pit);
    return bootstrap(cx, out, s, people, bootstraps, seed);
}

tw_status tw_pop_score_of(tw_ctx *cx, tw_pop_score *out, const tw_pop_point *point, size_t n, uint32_t output,
                          tw_pop_method method, uint32_t bootstraps, uint64_t seed)
{
    tw_mark mark = tw_arena_mark(cx->arena);
    *out = (tw_pop_score){ .n = 0 };
    tw_status s = score(cx, out, point, n, output, method, bootstraps ? bootstraps : BOOTSTRAPS, seed);
    tw_arena_back(cx->arena, mark);
    return s;
}

/* ---------------------------------------------------------------- cross-validation */

typedef struct {
    const tw_pop_crossval_opts *opts;
    const tw_pop_model *model;
    const tw_pop_person *people;
    size_t n;
    uint32_t folds;
    size_t draws;
    tw_pop_point *point;
    size_t n_point;
} job;

typedef struct {
    tw_pop_population plain, wide;
    double stay_sd[TW_POP_OUT_MAX]; /* of the last value as a forecast */
} fold_info;

static size_t seen_of(const tw_pop_person *p, double origin)
{
    size_t n = 0;
    while (n < p->n_obs && p->obs[n].time <= origin)
        n++;
    return n;
}

/** Position of the last plain value of this output among the first `seen`; SIZE_MAX: none. */
static size_t last_value(const tw_pop_person *p, size_t seen, uint32_t output)
{
    while (seen-- > 0)
        if (p->obs[seen].output == output && p->obs[seen].kind == TW_POP_MEASURED)
            return seen;
    return SIZE_MAX;
}

static void stay_sds(double *sd, const job *j, uint32_t fold)
{
    double sum[TW_POP_OUT_MAX] = { 0.0 }, count[TW_POP_OUT_MAX] = { 0.0 };
    for (size_t i = 0; i < j->n; i++) {
        const tw_pop_person *p = &j->people[i];
        if (j->folds > 1 && i % j->folds == fold)
            continue;
        for (size_t k = 0; k < j->opts->n_origin; k++) {
            size_t seen = seen_of(p, j->opts->origin[k]);
            for (size_t o = seen; o < p->n_obs; o++) {
                size_t last = last_value(p, seen, p->obs[o].output);
                if (last == SIZE_MAX)
                    continue;
                double e = p->obs[o].y - p->obs[last].y;
                sum[p->obs[o].output] += e * e;
                count[p->obs[o].output] += 1.0;
            }
        }
    }
    for (size_t o = 0; o < TW_POP_OUT_MAX; o++)
        sd[o] = sqrt(sum[o] / TW_MAX(count[o], 1.0)) + 1e-9;
}

static void score_draws(tw_pop_point *p, tw_pop_method m, tw_pop_forecast *f, size_t row)
{
    size_t n = f->n_draw;
    double mean = 0.0;
    for (size_t d = 0; d < n; d++)
        mean += f->mean[row * n + d] / (double)n;
    p->rms[m] = fabs(mean - p->y);
    p->log_score[m] = tw_log_density_mixture(p->y, f->mean + row * n, f->var + row * n, n);
    p->pit[m] = tw_score_pit(f->x + row * n, n, p->y);
    p->crps[m] = tw_score_crps(f->x + row * n, n, p->y);
}

static void score_stay(tw_pop_point *p, const tw_pop_person *who, size_t seen, double sd)
{
    const tw_pop_method m = TW_POP_PERSISTENCE;
    size_t last = last_value(who, seen, p->output);
    if (last == SIZE_MAX) {
        p->rms[m] = p->rms[TW_POP_POPULATION];
        p->log_score[m] = p->log_score[TW_POP_POPULATION];
        p->pit[m] = p->pit[TW_POP_POPULATION];
        p->crps[m] = p->crps[TW_POP_POPULATION];
        return;
    }
    double z = (p->y - who->obs[last].y) / sd;
    p->rms[m] = fabs(z * sd);
    p->log_score[m] = -0.5 * (TW_LN_2PI + z * z) - log(sd);
    p->pit[m] = tw_normal_cdf(z);
    p->crps[m] = tw_score_crps_normal(who->obs[last].y, sd, p->y);
}

static tw_status run_origin(tw_ctx *cx, job *j, const fold_info *f, size_t who, size_t k)
{
    const tw_pop_person *p = &j->people[who];
    size_t seen = seen_of(p, j->opts->origin[k]);
    tw_pop_person past = *p, future = *p, nothing = *p;
    tw_pop_posterior post, none;
    tw_pop_forecast twin, pop;
    uint64_t seed = tw_rng_of(j->opts->seed, who * 1000 + k).s[0];
    past.n_obs = seen;
    nothing.n_obs = 0;
    future.obs += seen;
    future.n_obs -= seen;
    if (future.n_obs == 0)
        return TW_OK;
    TW_TRY(tw_pop_fit_person(cx, &post, j->model, &f->wide, &past, j->draws, seed));
    TW_TRY(tw_pop_fit_person(cx, &none, j->model, &f->plain, &nothing, j->draws, seed + 1));
    TW_TRY(tw_pop_forecast_make(cx, &twin, &post, &future, &j->opts->calibration, seed + 2));
    TW_TRY(tw_pop_forecast_make(cx, &pop, &none, &future, NULL, seed + 3));
    for (size_t i = 0; i < future.n_obs; i++) {
        tw_pop_point *pt = &j->point[j->n_point++];
        *pt = (tw_pop_point){ .person = (uint32_t)who,
                              .origin = (uint32_t)k,
                              .output = future.obs[i].output,
                              .time = future.obs[i].time,
                              .y = future.obs[i].y };
        score_draws(pt, TW_POP_TWIN, &twin, i);
        score_draws(pt, TW_POP_POPULATION, &pop, i);
        score_stay(pt, p, seen, f->stay_sd[pt->output]);
    }
    return TW_OK;
}

static tw_status fit_fold(tw_ctx *cx, fold_info *f, const job *j, uint32_t fold)
{
    const tw_pop_crossval_opts *o = j->opts;
    size_t n = 0;
    f->plain = o->start;
    stay_sds(f->stay_sd, j, fold);
    if (j->folds > 1) {
        tw_pop_person *train = tw_try_array(cx->arena, tw_pop_person, j->n);
        if (!train)
            return tw_fail(cx, TW_ELIMIT, "no room for a fold of %zu people", j->n);
        for (size_t i = 0; i < j->n; i++)
            if (i % j->folds != fold)
                train[n++] = j->people[i];
        TW_TRY((o->focei ? tw_pop_focei : tw_pop_em)(cx, &f->plain, j->model, train, n, &o->fit));
    }
    f->wide = f->plain;
    double wide = o->calibration.cov > 0.0 ? o->calibration.cov : 1.0;
    for (size_t i = 0; i < j->model->n_par * j->model->n_par; i++)
        f->wide.cov[i] *= wide;
    return TW_OK;
}

static tw_status run_person(tw_ctx *cx, job *j, const fold_info *f, size_t who)
{
    for (size_t k = 0; k < j->opts->n_origin; k++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_status s = run_origin(cx, j, f, who, k);
        tw_arena_back(cx->arena, mark);
        if (s != TW_OK)
            return tw_wrap(cx, "person %zu, origin %zu", who + 1, k + 1);
    }
    return TW_OK;
}

/** Folds interleave the people; back into their order, stable. */
static tw_status order(tw_ctx *cx, job *j)
{
    tw_pop_point *sorted = tw_try_array(cx->arena, tw_pop_point, j->n_point);
    size_t *at = tw_try_array(cx->arena, size_t, j->n + 1);
    if (!sorted || !at)
        return tw_fail(cx, TW_ELIMIT, "no room for %zu scores", j->n_point);
    for (size_t i = 0; i < j->n_point; i++)
        at[j->point[i].person + 1]++;
    for (size_t i = 0; i < j->n; i++)
        at[i + 1] += at[i];
    for (size_t i = 0; i < j->n_point; i++)
        sorted[at[j->point[i].person]++] = j->point[i];
    memcpy(j->point, sorted, j->n_point * sizeof *sorted);
    return TW_OK;
}

static tw_status run(tw_ctx *cx, job *j)
{
    for (uint32_t fold = 0; fold < j->folds; fold++) {
        fold_info f;
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_status s = fit_fold(cx, &f, j, fold);
        for (size_t i = fold; i < j->n && s == TW_OK; i += j->folds)
            s = run_person(cx, j, &f, i);
        tw_arena_back(cx->arena, mark);
        TW_TRY(s);
    }
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = j->n_point ? order(cx, j) : tw_fail(cx, TW_EPARSE, "nothing to forecast after the origins");
    tw_arena_back(cx->arena, mark);
    return s;
}

tw_status tw_pop_crossval(tw_ctx *cx, tw_pop_crossval_result *out, const tw_pop_model *m, const tw_pop_person *people,
                          size_t n, const tw_pop_crossval_opts *opts)
{
    job j = { .opts = opts, .model = m, .people = people, .n = n };
    size_t total = 0;
    j.folds = opts->folds ? opts->folds : FOLDS;
    j.draws = opts->draws ? opts->draws : DRAWS;
    if (j.folds > 1 && n < 2 * (size_t)j.folds)
        return tw_fail(cx, TW_EPARSE, "%zu people for %u folds, at least two a fold", n, j.folds);
    TW_TRY(tw_pop_check(cx, m, &opts->start, people, n));
    for (size_t i = 0; i < n; i++)
        total += people[i].n_obs * opts->n_origin;
    *out = (tw_pop_crossval_result){ .point = tw_try_array(cx->arena, tw_pop_point, total) };
    if (!out->point)
        return tw_fail(cx, TW_ELIMIT, "no room for %zu scores", total);
    j.point = out->point;
    TW_TRY(run(cx, &j));
    out->n_point = j.n_point;
    for (uint32_t o = 0; o < m->n_output; o++)
        for (int k = 0; k < TW_POP_NMETHOD; k++)
            TW_TRY(tw_pop_score_of(cx, &out->score[o][k], out->point, out->n_point, o, (tw_pop_method)k,
                                   opts->bootstraps, opts->seed));
    return TW_OK;
}

/* ---------------------------------------------------------------- calibration */

tw_status tw_pop_calibrate(tw_ctx *cx, tw_pop_calibration *out, const tw_pop_model *m, const tw_pop_person *people,
                           size_t n, const tw_pop_crossval_opts *opts)
{
    double miss[TW_POP_OUT_MAX];
    tw_pop_crossval_opts o = *opts;
    *out = opts->calibration;
    o.bootstraps = 1;
    for (int step = 0; step <= 5; step++) {
        tw_pop_crossval_result r;
        double factor = 1.0 + 0.2 * step;
        for (size_t k = 0; k < m->n_output; k++)
            o.calibration.noise[k] = factor;
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_status s = tw_pop_crossval(cx, &r, m, people, n, &o);
        tw_arena_back(cx->arena, mark);
        TW_TRY(s);
        for (size_t k = 0; k < m->n_output; k++) {
            double off = fabs(r.score[k][TW_POP_TWIN].cover90 - 0.9);
            if (step > 0 && off >= miss[k])
                continue;
            miss[k] = off;
            out->noise[k] = factor;
        }
    }
    return TW_OK;
}
