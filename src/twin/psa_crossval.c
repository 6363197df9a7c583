/* Cross-validation by man: the population that forecasts a man is fitted without his fold. */
#include "twin/twin_internal.h"

#include <math.h>

#define FOLDS 5
#define DRAWS 400
#define BOOTSTRAPS 1000
#define CURVES_MAX 4096

typedef struct {
    const tw_psa_crossval_opts *opts;
    const tw_psa_series *men;
    const tw_noise *noise;
    size_t n;
    uint32_t folds, draws;
    tw_psa_crossval_result *out;
    double nadir[2], nadir_count; /* twin, population */
    uint32_t done;
} job;

/** What one fold knows. */
typedef struct {
    tw_psa_others others;
    tw_psa_population pop;
    tw_psa_posterior none;
    double previous_sd[2], persistence_sd[2]; /* whole cycle, off phase */
} fold_info;

static void add_normal(double *x, size_t n, double mean, double sd, tw_rng *rng)
{
    for (size_t i = 0; i < n; i++)
        x[i] = mean + sd * tw_rng_normal(rng);
}

static double log_half_half(double a, double b)
{
    double top = TW_MAX(a, b);
    return top + log(0.5 * (exp(a - top) + exp(b - top)));
}

/** Row i of both forecasts and the baselines, against observation seen + i. x: CURVES_MAX numbers of work. */
static void score_point(tw_psa_point *p, const job *j, const fold_info *f, const tw_psa_task *t, size_t i, bool off,
                        const tw_psa_forecast *twin, const tw_psa_forecast *none, double *x, tw_rng *rng)
{
    const tw_psa_series *man = &j->men[p->man];
    size_t n = j->draws, obs = t->seen + i;
    double var = f->previous_sd[off] * f->previous_sd[off], stay = f->persistence_sd[off];
    double before = tw_psa_previous(man, t, obs), last = man->y[t->seen - 1];
    double log_twin = tw_log_density_mixture(p->y, twin->mean + i * n, twin->var + i * n, n);
    double log_none = tw_log_density_mixture(p->y, none->mean + i * n, none->var + i * n, n);
    double log_before = tw_log_density_normal(p->y, before, var);
    memcpy(x, none->x + i * n, n * sizeof(double));
    tw_psa_point_score(p, TW_PSA_POPULATION, x, n, log_none);
    memcpy(x, twin->x + i * n, n * sizeof(double));
    tw_psa_point_score(p, TW_PSA_TWIN, x, n, log_twin);
    memcpy(x, twin->x + i * n, n * sizeof(double));
    add_normal(x + n, n, before, f->previous_sd[off], rng);
    tw_psa_point_score(p, TW_PSA_POOL, x, 2 * n, log_half_half(log_twin, log_before));
    add_normal(x, n, before, f->previous_sd[off], rng);
    tw_psa_point_score(p, TW_PSA_PREVIOUS, x, n, log_before);
    add_normal(x, n, last, stay, rng);
    tw_psa_point_score(p, TW_PSA_PERSISTENCE, x, n, tw_log_density_normal(p->y, last, stay * stay));
    size_t curves = tw_psa_climatology(x, CURVES_MAX, &f->others, man, obs);
    if (curves == 0)
        x[curves++] = last;
    tw_psa_point_score(p, TW_PSA_CLIMATOLOGY, x, curves, (double)NAN);
}

/** CRPS of the lowest value of the cycle. */
static double nadir_crps(const tw_psa_forecast *f, const double *y, double *x)
{
    double low = y[0];
    for (size_t d = 0; d < f->n_draw; d++)
        x[d] = f->x[d];
    for (size_t i = 1; i < f->n_at; i++) {
        low = TW_MIN(low, y[i]);
        for (size_t d = 0; d < f->n_draw; d++)
            x[d] = TW_MIN(x[d], f->x[i * f->n_draw + d]);
    }
    return tw_score_crps(x, f->n_draw, low);
}

static tw_status run_task(tw_ctx *cx, job *j, const fold_info *f, size_t man, const tw_psa_task *t, bool off)
{
    const tw_psa_series *s = &j->men[man], seen = tw_psa_series_cut(s, t->seen_runs);
    const tw_noise *noise = j->noise ? &j->noise[man] : NULL;
    tw_psa_table *table = off ? &j->out->off_phase : &j->out->next_cycle;
    uint64_t seed = tw_rng_of(j->opts->seed, 1000 + man * 100 + t->cycle * 2 + off).s[0];
    tw_rng rng = tw_rng_of(seed, 5);
    tw_psa_posterior post;
    tw_psa_forecast twin, none;
    double *x = NULL;
    size_t n_at = t->end - t->seen;
    TW_TRY(tw_psa_fit(cx, &post, &seen, &f->pop, noise, j->draws, seed));
    TW_TRY(tw_psa_forecast_make(cx, &twin, &post, s->run, t->runs, s->at + t->seen, n_at, noise, seed));
    TW_TRY(tw_psa_forecast_make(cx, &none, &f->none, s->run, t->runs, s->at + t->seen, n_at, noise, seed));
    TW_TRY(tw_stat_array(cx, &x, TW_MAX(2 * (size_t)j->draws, (size_t)CURVES_MAX)));
    for (size_t i = 0; i < n_at; i++) {
        size_t k = t->seen + i;
        tw_psa_point *p = &table->point[table->n_point++];
        *p = (tw_psa_point){ .man = (uint32_t)man, .cycle = (uint32_t)t->cycle, .day = s->at[k].day, .y = s->y[k] };
        p->on = s->run[s->at[k].run].on;
        score_point(p, j, f, t, i, off, &twin, &none, x, &rng);
    }
    table->n_forecast++;
    if (!off) {
        j->nadir[0] += nadir_crps(&twin, s->y + t->seen, x);
        j->nadir[1] += nadir_crps(&none, s->y + t->seen, x);
        j->nadir_count += 1.0;
    }
    return TW_OK;
}

static tw_status run_man(tw_ctx *cx, job *j, const fold_info *f, size_t man)
{
    for (int off = 0; off < 2; off++) {
        tw_psa_task task[2 * TW_PSA_CYCLES_MAX];
        size_t n = tw_psa_tasks(task, &j->men[man], off == 1);
        for (size_t t = 0; t < n; t++) {
            tw_mark mark = tw_arena_mark(cx->arena);
            tw_status s = run_task(cx, j, f, man, &task[t], off == 1);
            tw_arena_back(cx->arena, mark);
            if (s != TW_OK)
                return tw_wrap(cx, "man %zu, cycle %zu", man + 1, task[t].cycle + 1);
        }
    }
    if (j->opts->progress)
        j->opts->progress(j->opts->progress_self, ++j->done, (uint32_t)j->n);
    return TW_OK;
}

static tw_status run_fold(tw_ctx *cx, job *j, uint32_t fold)
{
    fold_info f = { .others = { .men = j->men, .n = j->n, .fold = fold, .folds = j->folds } };
    tw_psa_series *train = tw_try_array(cx->arena, tw_psa_series, j->n);
    tw_noise *train_noise = tw_try_array(cx->arena, tw_noise, j->n);
    size_t n = 0;
    if (!train || !train_noise)
        return tw_fail(cx, TW_ELIMIT, "no room for a fold of %zu men", j->n);
    for (size_t i = 0; i < j->n; i++) {
        if (!tw_psa_is_other(&f.others, i))
            continue;
        if (j->noise)
            train_noise[n] = j->noise[i];
        train[n++] = j->men[i];
    }
    TW_TRY(tw_psa_population_fit(cx, &f.pop, train, j->noise ? train_noise : NULL, n, &j->opts->population));
    TW_TRY(tw_psa_fit_none(cx, &f.none, &f.pop, j->draws, tw_rng_of(j->opts->seed, fold).s[0]));
    for (int off = 0; off < 2; off++)
        tw_psa_baseline_sd(&f.previous_sd[off], &f.persistence_sd[off], &f.others, off == 1);
    for (size_t i = fold; i < j->n; i += j->folds)
        TW_TRY(run_man(cx, j, &f, i));
    return TW_OK;
}

static int by_man(const tw_psa_point *a, const tw_psa_point *b)
{
    return a->man != b->man ? (a->man < b->man ? -1 : 1) : a->cycle != b->cycle ? (a->cycle < b->cycle ? -1 : 1) : 0;
}

/** Folds interleave the men; put the points back in the order of the men. Insertion by runs: points come in runs of one
 *  man, so this is cheap at the sizes at hand. */
static void order_points(tw_psa_table *t)
{
    for (size_t i = 1; i < t->n_point; i++) {
        tw_psa_point p = t->point[i];
        size_t k = i;
        for (; k > 0 && by_man(&p, &t->point[k - 1]) < 0; k--)
            t->point[k] = t->point[k - 1];
        t->point[k] = p;
    }
}

static tw_status table_new(tw_ctx *cx, tw_psa_table *t, const job *j)
{
    size_t n = 0;
    for (size_t i = 0; i < j->n; i++)
        n += j->men[i].n_obs;
    t->point = tw_try_array(cx->arena, tw_psa_point, n);
    if (!t->point)
        return tw_fail(cx, TW_ELIMIT, "no room for %zu scores", n);
    return TW_OK;
}

tw_status tw_psa_crossval(tw_ctx *cx, tw_psa_crossval_result *out, const tw_psa_series *men, const tw_noise *noise,
                          size_t n, const tw_psa_crossval_opts *opts)
{
    job j = { .opts = opts, .men = men, .noise = noise, .n = n, .out = out };
    uint32_t bootstraps = opts->bootstraps ? opts->bootstraps : BOOTSTRAPS;
    j.folds = opts->folds ? opts->folds : FOLDS;
    j.draws = opts->draws ? opts->draws : DRAWS;
    if (j.folds < 2 || n < 2 * (size_t)j.folds)
        return tw_fail(cx, TW_EPARSE, "cross-validation: %zu men for %u folds, at least two a fold", n, j.folds);
    *out = (tw_psa_crossval_result){ .men = (uint32_t)n, .folds = j.folds, .draws = j.draws };
    TW_TRY(table_new(cx, &out->next_cycle, &j));
    TW_TRY(table_new(cx, &out->off_phase, &j));
    for (uint32_t fold = 0; fold < j.folds; fold++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_status s = run_fold(cx, &j, fold);
        tw_arena_back(cx->arena, mark);
        TW_TRY(s);
    }
    out->nadir_crps_twin = j.nadir[0] / TW_MAX(j.nadir_count, 1.0);
    out->nadir_crps_population = j.nadir[1] / TW_MAX(j.nadir_count, 1.0);
    order_points(&out->next_cycle);
    order_points(&out->off_phase);
    TW_TRY(tw_psa_table_finish(cx, &out->next_cycle, bootstraps, opts->seed));
    return tw_psa_table_finish(cx, &out->off_phase, bootstraps, opts->seed);
}
