/* What de-identification costs a twin, and what a twin's parameters give away; the tables of docs/twin-privacy.md.
 * Usage: bench_privacy_utility DIR [SVG]
 *
 * DIR holds theophylline.csv, warfarin.csv, psa_ias_bruchovsky.csv (layouts: pop.h, bench_psa.c). A person's past goes
 * through a transform, the twin is fitted to it, told the law of the noise or not, and forecasts the person's true
 * values after it. SVG: where to write the curve of differentially private populations. */
#include <math.h>

#include "format/format.h"
#include "input.h"
#include "io/io.h"
#include "pop/pop.h"
#include "twin/twin.h"

#define DRAWS 400
#define FOLDS 5
#define PEOPLE_MAX 128

static tw_ctx cx;

/** sd and widths are in units of one output each. */
typedef struct {
    const char *name;
    double value_sd[2], laplace[2], round_width[2];
    double dose_width;
    double shift_h, jitter_h, round_h; /* jitter: uniform on both sides */
    bool doses;                        /* jitter moves the times of doses too */
    bool told, none;                   /* none: no personal data at all */
    int repeats;
} transform;

typedef struct {
    double n, square, crps, inside;
} tally;

static double uniform(tw_rng *rng, double half)
{
    return half * (2.0 * tw_rng_uniform(rng) - 1.0);
}

static double laplace(tw_rng *rng, double scale)
{
    double u = tw_rng_uniform(rng) - 0.5;
    return -scale * (u < 0.0 ? -1.0 : 1.0) * log(1.0 - 2.0 * fabs(u));
}

static double rounded(double x, double width)
{
    return width > 0.0 ? width * floor(x / width + 0.5) : x;
}

static double new_time(double t, const transform *z, tw_rng *rng)
{
    double moved = rounded(t + (z->jitter_h > 0.0 ? uniform(rng, z->jitter_h) : 0.0), z->round_h);
    return TW_MAX(moved, 0.0) + z->shift_h;
}

static double new_value(double y, const transform *z, size_t o, tw_rng *rng)
{
    if (z->value_sd[o] > 0.0)
        y += z->value_sd[o] * tw_rng_normal(rng);
    if (z->laplace[o] > 0.0)
        y += laplace(rng, z->laplace[o]);
    return rounded(y, z->round_width[o]);
}

static tw_noise law(const transform *z, size_t o)
{
    tw_noise n = { .time_shift_constant = z->shift_h > 0.0 };
    if (!z->told)
        return n;
    n.value_sd = sqrt(z->value_sd[o] * z->value_sd[o] + 2.0 * z->laplace[o] * z->laplace[o]);
    n.value_round_width = z->round_width[o];
    n.time_jitter_days = z->jitter_h / sqrt(z->doses ? 1.5 : 3.0) / 24.0;
    n.time_round_days = z->round_h / 24.0;
    return n;
}

static void add(tally *t, double *x, size_t n, double point, double y)
{
    double pit = tw_score_pit(x, n, y);
    t->n += 1.0;
    t->square += (point - y) * (point - y);
    t->crps += tw_score_crps(x, n, y);
    t->inside += pit >= 0.05 && pit <= 0.95 ? 1.0 : 0.0;
}

static void row(const transform *z, const tally *t)
{
    printf("| %s | %s | %.3f | %.3f | %.3f |\n", z->name, z->told ? "told" : "", sqrt(t->square / t->n),
           t->inside / t->n, t->crps / t->n);
    fflush(stdout);
}

static void heading(const char *title)
{
    printf("\n%s\n\n| transform of the past | law | RMSE | in 90 %% | CRPS |\n|---|---|---|---|---|\n", title);
}

/* ---------------------------------------------------------------- models of pop */

/** Past as released: times in order again. */
static tw_pop_person released(const tw_pop_person *past, const transform *z, tw_rng *rng, tw_noise *noise)
{
    tw_pop_obs *o = tw_try_array(cx.arena, tw_pop_obs, past->n_obs + 1);
    tw_pop_dose *d = tw_try_array(cx.arena, tw_pop_dose, past->n_dose + 1);
    tw_pop_person p = *past;
    for (size_t j = 0; j < past->n_dose; j++) {
        d[j] = past->dose[j];
        d[j].time += z->shift_h + (z->doses ? uniform(rng, z->jitter_h) : 0.0);
        d[j].amount = rounded(d[j].amount, z->dose_width);
    }
    for (size_t j = 0; j < past->n_obs; j++) {
        tw_pop_obs v = past->obs[j];
        size_t k = j;
        v.time = new_time(v.time, z, rng);
        v.y = new_value(v.y, z, v.output, rng);
        for (; k > 0 && o[k - 1].time > v.time; k--)
            o[k] = o[k - 1];
        o[k] = v;
    }
    noise[0] = law(z, 0);
    noise[1] = law(z, 1);
    p.obs = o;
    p.dose = d;
    p.noise = noise;
    if (z->none)
        p.n_obs = 0;
    return p;
}

typedef struct {
    const tw_pop_model *model;
    const tw_pop_population *pop;
    const tw_pop_calibration *calibration;
} with;

static void forecast(tally *t, const with *w, const tw_pop_person *past, const tw_pop_person *future,
                     const transform *z, uint64_t seed)
{
    tw_mark mark = tw_arena_mark(cx.arena);
    tw_rng rng = tw_rng_of(seed, 1);
    tw_noise noise[TW_POP_OUT_MAX] = { { 0 } };
    tw_pop_person p = released(past, z, &rng, noise), f = *future;
    tw_pop_obs *at = tw_try_array(cx.arena, tw_pop_obs, future->n_obs + 1);
    tw_pop_posterior post;
    tw_pop_forecast fc;
    double phi[TW_POP_PAR_MAX], *point = NULL;
    for (size_t j = 0; j < future->n_obs; j++) {
        at[j] = future->obs[j];
        at[j].time += z->shift_h;
    }
    f.obs = at;
    f.dose = p.dose;
    must(&cx, tw_pop_fit_person(&cx, &post, w->model, w->pop, &p, DRAWS, seed));
    must(&cx, tw_pop_forecast_make(&cx, &fc, &post, &f, w->calibration, seed + 1));
    must(&cx, tw_stat_array(&cx, &point, f.n_obs));
    tw_pop_natural(phi, w->model, post.map);
    (void)w->model->predict(w->model->self, point, NULL, phi, &f);
    for (size_t j = 0; j < f.n_obs; j++)
        add(&t[f.obs[j].output], fc.x + j * DRAWS, DRAWS, point[j], f.obs[j].y);
    tw_arena_back(cx.arena, mark);
}

static size_t read_people(tw_pop_person **p, const tw_pop_model *m, const char *dir, const char *name)
{
    size_t n = 0;
    tw_str text = read_file(cx.arena, tw_path(&cx, dir, name));
    must(&cx, tw_pop_read(&cx, p, &n, m, text));
    if (n > PEOPLE_MAX)
        must(&cx, tw_fail(&cx, TW_ELIMIT, "more than %d people", PEOPLE_MAX));
    return n;
}

/** Four samples a person (2nd, 4th, 6th, 8th after the dose) known, six to forecast. */
static void split_theophylline(const tw_pop_person *p, tw_pop_person *past, tw_pop_person *future)
{
    tw_pop_obs *a = tw_try_array(cx.arena, tw_pop_obs, p->n_obs), *b = tw_try_array(cx.arena, tw_pop_obs, p->n_obs);
    size_t na = 0, nb = 0;
    for (size_t j = 1; j < p->n_obs; j++) {
        if (j % 2 == 0 && j <= 8)
            a[na++] = p->obs[j];
        else
            b[nb++] = p->obs[j];
    }
    *past = *future = *p;
    past->obs = a;
    past->n_obs = na;
    future->obs = b;
    future->n_obs = nb;
}

static void theophylline(const char *dir)
{
    static const transform all[] = {
        { .name = "none", .repeats = 10 },
        { .name = "constant shift of 1,000 h", .shift_h = 1000.0, .repeats = 10 },
        { .name = "no personal data", .none = true, .repeats = 10 },
        { .name = "times of samples, jitter of 1 h each way", .jitter_h = 1.0, .repeats = 40 },
        { .name = "times of samples, jitter of 1 h each way", .jitter_h = 1.0, .told = true, .repeats = 40 },
        { .name = "every time, the dose's too, jitter of 1 h each way", .jitter_h = 1.0, .doses = true, .repeats = 40 },
        { .name = "every time, the dose's too, jitter of 1 h each way",
          .jitter_h = 1.0,
          .doses = true,
          .told = true,
          .repeats = 40 },
        { .name = "times rounded to 1 h", .round_h = 1.0, .repeats = 10 },
        { .name = "times rounded to 1 h", .round_h = 1.0, .told = true, .repeats = 10 },
        { .name = "times rounded to 4 h", .round_h = 4.0, .repeats = 10 },
        { .name = "times rounded to 4 h", .round_h = 4.0, .told = true, .repeats = 10 },
        { .name = "dose rounded to 50 mg", .dose_width = 50.0, .repeats = 10 },
        { .name = "values rounded to 2 mg/L", .round_width = { 2.0, 0.0 }, .repeats = 10 },
        { .name = "values rounded to 2 mg/L", .round_width = { 2.0, 0.0 }, .told = true, .repeats = 10 },
        { .name = "noise of sd 0.5 mg/L", .value_sd = { 0.5, 0.0 }, .repeats = 40 },
        { .name = "noise of sd 1 mg/L", .value_sd = { 1.0, 0.0 }, .repeats = 40 },
        { .name = "noise of sd 1 mg/L", .value_sd = { 1.0, 0.0 }, .told = true, .repeats = 40 },
        { .name = "noise of sd 2 mg/L", .value_sd = { 2.0, 0.0 }, .repeats = 40 },
        { .name = "noise of sd 2 mg/L", .value_sd = { 2.0, 0.0 }, .told = true, .repeats = 40 },
        { .name = "Laplace, epsilon 4 a value, range 12", .laplace = { 3.0, 0.0 }, .repeats = 40 },
        { .name = "Laplace, epsilon 4 a value, range 12", .laplace = { 3.0, 0.0 }, .told = true, .repeats = 40 },
    };
    const tw_pop_model *m = tw_pop_theophylline();
    tw_pop_person *p = NULL, past[PEOPLE_MAX], future[PEOPLE_MAX];
    size_t n = read_people(&p, m, dir, "theophylline.csv");
    tw_pop_population pop = tw_pop_start(m);
    must(&cx, tw_pop_focei(&cx, &pop, m, p, n, NULL));
    for (size_t i = 0; i < n; i++)
        split_theophylline(&p[i], &past[i], &future[i]);
    heading("Theophylline, mg/L: four samples known, six forecast");
    for (size_t k = 0; k < TW_COUNT(all); k++) {
        tally t[TW_POP_OUT_MAX] = { { 0 } };
        for (int r = 0; r < all[k].repeats; r++)
            for (size_t i = 0; i < n; i++)
                forecast(t, &(with){ m, &pop, NULL }, &past[i], &future[i], &all[k], (uint64_t)r * 1000 + i);
        row(&all[k], t);
    }
}

static void warfarin(const char *dir)
{
    static const transform all[] = {
        { .name = "none", .repeats = 2 },
        { .name = "constant shift of 1,000 h", .shift_h = 1000.0, .repeats = 2 },
        { .name = "no personal data", .none = true, .repeats = 2 },
        { .name = "times, jitter of 12 h each way", .jitter_h = 12.0, .repeats = 10 },
        { .name = "times, jitter of 12 h each way", .jitter_h = 12.0, .told = true, .repeats = 10 },
        { .name = "times rounded to 24 h", .round_h = 24.0, .repeats = 2 },
        { .name = "times rounded to 24 h", .round_h = 24.0, .told = true, .repeats = 2 },
        { .name = "values rounded to 4 mg/L, 20 %", .round_width = { 4.0, 20.0 }, .repeats = 2 },
        { .name = "values rounded to 4 mg/L, 20 %", .round_width = { 4.0, 20.0 }, .told = true, .repeats = 2 },
        { .name = "noise of sd 2 mg/L, 10 %", .value_sd = { 2.0, 10.0 }, .repeats = 10 },
        { .name = "noise of sd 2 mg/L, 10 %", .value_sd = { 2.0, 10.0 }, .told = true, .repeats = 10 },
        { .name = "Laplace, epsilon 4 a value, range 20 mg/L, 100 %", .laplace = { 5.0, 25.0 }, .repeats = 10 },
        { .name = "Laplace, epsilon 4 a value, range 20 mg/L, 100 %",
          .laplace = { 5.0, 25.0 },
          .told = true,
          .repeats = 10 },
    };
    static const tw_pop_calibration calibration = { .cov = 1.5, .noise = { 1.2, 1.6 } };
    static tally t[TW_COUNT(all)][TW_POP_OUT_MAX];
    const tw_pop_model *m = tw_pop_warfarin();
    tw_pop_person *p = NULL, train[PEOPLE_MAX];
    size_t n = read_people(&p, m, dir, "warfarin.csv");
    for (size_t fold = 0; fold < FOLDS; fold++) {
        tw_pop_population pop = tw_pop_start(m);
        size_t k = 0;
        for (size_t i = 0; i < n; i++)
            if (i % FOLDS != fold)
                train[k++] = p[i];
        must(&cx, tw_pop_em(&cx, &pop, m, train, k, NULL));
        for (size_t i = 0; i < m->n_par * m->n_par; i++)
            pop.cov[i] *= calibration.cov;
        for (size_t i = fold; i < n; i += FOLDS) {
            tw_pop_person past = p[i], future = p[i];
            for (past.n_obs = 0; past.n_obs < p[i].n_obs && p[i].obs[past.n_obs].time <= 72.0;)
                past.n_obs++;
            future.obs += past.n_obs;
            future.n_obs -= past.n_obs;
            for (size_t a = 0; a < TW_COUNT(all); a++)
                for (int r = 0; r < all[a].repeats && future.n_obs > 0; r++)
                    forecast(t[a], &(with){ m, &pop, &calibration }, &past, &future, &all[a],
                             (uint64_t)r * 1000 + i);
        }
    }
    heading("Warfarin, concentration in mg/L: known to 72 h, the rest forecast; five-fold by person");
    for (size_t a = 0; a < TW_COUNT(all); a++)
        row(&all[a], &t[a][0]);
    heading("Warfarin, prothrombin complex activity in %: the same");
    for (size_t a = 0; a < TW_COUNT(all); a++)
        row(&all[a], &t[a][1]);
}

/* ---------------------------------------------------------------- PSA */

typedef struct {
    tw_psa_visit visit[TW_PSA_VISITS_MAX];
    size_t n;
} man;

static size_t read_men(man *men, tw_str table)
{
    tw_str line, who = { NULL, 0 }, f[8];
    size_t n = 0;
    (void)tw_str_split(&line, &table, '\n');
    while (tw_str_split(&line, &table, '\n')) {
        for (size_t i = 0; i < TW_COUNT(f); i++)
            if (!tw_str_split(&f[i], &line, ','))
                f[i] = (tw_str){ NULL, 0 };
        if (f[0].n == 0)
            continue;
        if (n == 0 || !tw_str_eq(f[0], who))
            n++;
        who = f[0];
        if (n > PEOPLE_MAX || men[n - 1].n == TW_PSA_VISITS_MAX)
            must(&cx, tw_fail(&cx, TW_ELIMIT, "too many men or visits"));
        tw_psa_visit *v = &men[n - 1].visit[men[n - 1].n++];
        *v = (tw_psa_visit){ .psa_ug_l = (double)NAN, .on = tw_str_is(tw_str_trim(f[7]), "1") };
        if (!tw_parse_f64(&v->day, f[1]) || (f[4].n > 0 && !tw_parse_f64(&v->psa_ug_l, f[4])))
            must(&cx, tw_fail(&cx, TW_EPARSE, "a row without day or with a bad PSA"));
    }
    return n;
}

static tw_psa_series series_of(const man *m, const transform *z, tw_rng *rng)
{
    tw_psa_visit *v = tw_try_array(cx.arena, tw_psa_visit, m->n);
    tw_psa_series s;
    for (size_t i = 0; i < m->n; i++) {
        v[i] = m->visit[i];
        v[i].day = new_time(v[i].day * 24.0, z, rng) / 24.0;
        if (i > 0)
            v[i].day = TW_MAX(v[i].day, v[i - 1].day);
        if (!isnan(v[i].psa_ug_l)) {
            double value = new_value(v[i].psa_ug_l, z, 0, rng);
            v[i].psa_ug_l = TW_MAX(value, 0.0);
        }
    }
    must(&cx, tw_psa_series_make(&cx, &s, v, m->n, TW_PSA_RESTART_FIRST_ON));
    return s;
}

/** Every cycle after the first, from the end of the one before. True values at the released times: the twin knows no
 *  others. */
static void psa_man(tally *t, const tw_psa_population *pop, const man *m, const transform *z, uint64_t seed)
{
    static const transform plain = { .name = "none" };
    tw_mark mark = tw_arena_mark(cx.arena);
    tw_rng rng = tw_rng_of(seed, 2);
    tw_psa_series told = series_of(m, z, &rng), truth = series_of(m, &plain, &rng);
    tw_noise noise = law(z, 0);
    for (size_t cycle = 1; cycle < told.n_cycle && told.n_obs == truth.n_obs; cycle++) {
        size_t seen_runs = tw_psa_cycle_run(&told, cycle), end_runs = tw_psa_cycle_run(&told, cycle + 1);
        size_t seen = 0, end;
        while (seen < told.n_obs && told.at[seen].run < seen_runs)
            seen++;
        for (end = seen; end < told.n_obs && told.at[end].run < end_runs;)
            end++;
        if (seen == 0 || end == seen || end_runs == told.n_run + 1)
            continue;
        tw_psa_series past = tw_psa_series_cut(&told, seen_runs);
        tw_psa_posterior post;
        tw_psa_forecast f;
        if (z->none)
            must(&cx, tw_psa_fit_none(&cx, &post, pop, DRAWS, seed));
        else
            must(&cx, tw_psa_fit(&cx, &post, &past, pop, &noise, DRAWS, seed));
        must(&cx, tw_psa_forecast_make(&cx, &f, &post, told.run, end_runs, told.at + seen, end - seen, NULL, seed + 1));
        for (size_t j = seen; j < end; j++) {
            double *x = f.x + (j - seen) * DRAWS, middle = 0.0;
            for (size_t d = 0; d < DRAWS; d++)
                middle += f.mean[(j - seen) * DRAWS + d] / DRAWS;
            add(t, x, DRAWS, middle, truth.y[j]);
        }
    }
    tw_arena_back(cx.arena, mark);
}

static void psa(const char *dir)
{
    static const transform all[] = {
        { .name = "none", .repeats = 1 },
        { .name = "constant shift of 1,000 days", .shift_h = 24000.0, .repeats = 1 },
        { .name = "no personal data", .none = true, .repeats = 1 },
        { .name = "days, jitter of 14 each way", .jitter_h = 336.0, .repeats = 2 },
        { .name = "days, jitter of 14 each way", .jitter_h = 336.0, .told = true, .repeats = 2 },
        { .name = "days rounded to 30", .round_h = 720.0, .repeats = 1 },
        { .name = "days rounded to 30", .round_h = 720.0, .told = true, .repeats = 1 },
        { .name = "values rounded to 2 ug/L", .round_width = { 2.0, 0.0 }, .repeats = 1 },
        { .name = "values rounded to 2 ug/L", .round_width = { 2.0, 0.0 }, .told = true, .repeats = 1 },
        { .name = "noise of sd 1 ug/L", .value_sd = { 1.0, 0.0 }, .repeats = 2 },
        { .name = "noise of sd 1 ug/L", .value_sd = { 1.0, 0.0 }, .told = true, .repeats = 2 },
        { .name = "Laplace, epsilon 4 a value, range 20 ug/L", .laplace = { 5.0, 0.0 }, .repeats = 2 },
        { .name = "Laplace, epsilon 4 a value, range 20 ug/L", .laplace = { 5.0, 0.0 }, .told = true, .repeats = 2 },
    };
    static man men[PEOPLE_MAX];
    static tally t[TW_COUNT(all)];
    static const transform plain = { .name = "none" };
    size_t n = read_men(men, read_file(cx.arena, tw_path(&cx, dir, "psa_ias_bruchovsky.csv")));
    for (size_t fold = 0; fold < FOLDS; fold++) {
        tw_mark mark = tw_arena_mark(cx.arena);
        tw_psa_series train[PEOPLE_MAX];
        tw_psa_population pop;
        size_t k = 0;
        for (size_t i = 0; i < n; i++)
            if (i % FOLDS != fold)
                train[k++] = series_of(&men[i], &plain, &(tw_rng){ .has_spare = false });
        must(&cx, tw_psa_population_fit(&cx, &pop, train, NULL, k, &(tw_psa_population_opts){ .iterations_max = 0 }));
        for (size_t i = fold; i < n; i += FOLDS)
            for (size_t a = 0; a < TW_COUNT(all); a++)
                for (int r = 0; r < all[a].repeats; r++)
                    psa_man(&t[a], &pop, &men[i], &all[a], (uint64_t)r * 1000 + i);
        tw_arena_back(cx.arena, mark);
    }
    heading("PSA, ln(ug/L + 0.1): the next cycle from the end of the one before; five-fold by man");
    for (size_t a = 0; a < TW_COUNT(all); a++)
        row(&all[a], &t[a]);
}

/* ---------------------------------------------------------------- populations with noise, attacks */

#define CURVES 300
#define HOURS 7
#define REPEATS 20
static const double epsilon_of[] = { 0.5, 1.0, 2.0, 4.0, 8.0 };
static const size_t people_of[] = { 12, 24, 50, 100, 200, 500, 1000 };

/** Curves of people drawn from N(mean, cov): CURVES * HOURS. */
static void curves(double *out, const tw_pop_model *m, const tw_pop_population *pop, uint64_t seed)
{
    static const double hour[HOURS] = { 0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 24.0 };
    static const tw_pop_dose dose = { 0.0, 320.0, 0.0 };
    static const double wt = 70.0;
    tw_pop_obs obs[HOURS] = { { 0 } };
    tw_pop_person p = { .dose = &dose, .n_dose = 1, .obs = obs, .n_obs = HOURS, .covariate = &wt };
    tw_pop_target *t = NULL;
    double *psi = NULL, phi[TW_POP_PAR_MAX];
    for (size_t j = 0; j < HOURS; j++)
        obs[j].time = hour[j];
    tw_mark mark = tw_arena_mark(cx.arena);
    must(&cx, tw_pop_target_make(&cx, &t, m, pop, &p));
    must(&cx, tw_stat_array(&cx, &psi, CURVES * m->n_par));
    tw_pop_prior_draws(psi, t, CURVES, seed);
    for (size_t i = 0; i < CURVES; i++) {
        tw_pop_natural(phi, m, psi + i * m->n_par);
        (void)m->predict(m->self, out + i * HOURS, NULL, phi, &p);
    }
    tw_arena_back(cx.arena, mark);
}

/** Members drawn from the truth, whose noisy moments are published. epsilon 0: the reference alone; HUGE_VAL: no
 *  noise. */
static void publish(tw_pop_population *out, double *members, const tw_pop_model *m, const tw_pop_population *truth,
                    const tw_pop_population *ref, size_t n, double epsilon, double clip, uint64_t seed)
{
    static const double wt = 70.0;
    tw_pop_person p = { .covariate = &wt };
    tw_pop_target *t = NULL;
    tw_mark mark = tw_arena_mark(cx.arena);
    must(&cx, tw_pop_target_make(&cx, &t, m, truth, &p));
    tw_pop_prior_draws(members, t, n, seed);
    tw_arena_back(cx.arena, mark);
    *out = *ref;
    if (epsilon <= 0.0)
        return;
    double e = TW_MIN(epsilon, 1e6);
    tw_pop_budget budget = { .epsilon_max = e, .delta_max = 1e-5 };
    must(&cx, tw_pop_dp_release(&cx, out->mean, out->cov, &budget, members, n, m->n_par, ref->mean, ref->cov,
                                &(tw_pop_dp_opts){ .epsilon = e, .delta = 1e-5, .clip = clip, .seed = seed + 7 }));
}

/** Mean energy distance to the truth, and how well members are told from others. */
static void dp_cell(double *distance, double *auc, const tw_pop_model *m, const tw_pop_population *truth,
                    const tw_pop_population *ref, size_t n, double epsilon, double clip)
{
    static double members[1000 * TW_POP_PAR_MAX], others[1000 * TW_POP_PAR_MAX], a[1000], b[1000];
    static double x[CURVES * HOURS], y[CURVES * HOURS];
    *distance = *auc = 0.0;
    for (uint64_t r = 0; r < REPEATS; r++) {
        tw_pop_population out, unused;
        publish(&out, members, m, truth, ref, n, epsilon, clip, 100 * r + 1);
        publish(&unused, others, m, truth, ref, n, 0.0, clip, 100 * r + 2);
        curves(x, m, truth, 100 * r + 3);
        curves(y, m, &out, 100 * r + 4);
        *distance += tw_energy_distance(x, CURVES, y, CURVES, HOURS) / REPEATS;
        must(&cx, tw_pop_attack_member(&cx, a, members, n, m->n_par, out.mean, truth->mean, truth->cov));
        must(&cx, tw_pop_attack_member(&cx, b, others, n, m->n_par, out.mean, truth->mean, truth->cov));
        *auc += tw_score_auc(a, n, b, n) / REPEATS;
    }
}

static void draw(const char *path, double d[][TW_COUNT(people_of)], double floor_, double ref)
{
    static const tw_svg_key key[] = { { "epsilon 0.5", TW_SVG_A, TW_SVG_LINE }, { "1", TW_SVG_B, TW_SVG_LINE },
                                      { "2", TW_SVG_C, TW_SVG_LINE },           { "4", TW_SVG_D, TW_SVG_LINE },
                                      { "8", TW_SVG_E, TW_SVG_LINE },           { "no noise", TW_SVG_INK, TW_SVG_LINE },
                                      { "reference alone; chance", TW_SVG_GREY, TW_SVG_DASHES } };
    tw_svg_opts o = { .title = "Energy distance of a published population from the true one", .width = 640,
                      .height = 320, .standalone = true };
    double x[TW_COUNT(people_of)], ends[2] = { 10.0, 1200.0 };
    tw_buf b;
    tw_svg s;
    for (size_t k = 0; k < TW_COUNT(people_of); k++)
        x[k] = (double)people_of[k];
    o.x = (tw_svg_axis){ .min = 10.0, .max = 1200.0, .log = true, .label = "people" };
    o.y = (tw_svg_axis){ .min = 0.0, .max = 1.8, .label = "energy distance, sqrt(mg/L)" };
    tw_buf_init(&b, TW_MIB);
    tw_svg_begin(&s, &b, &o);
    for (size_t e = 0; e <= TW_COUNT(epsilon_of); e++) {
        tw_svg_line(&s, x, d[e], TW_COUNT(people_of), key[e].colour, false);
        tw_svg_points(&s, x, d[e], TW_COUNT(people_of), key[e].colour, false);
    }
    tw_svg_line(&s, ends, (double[]){ ref, ref }, 2, TW_SVG_GREY, true);
    tw_svg_line(&s, ends, (double[]){ floor_, floor_ }, 2, TW_SVG_GREY, true);
    tw_svg_legend(&s, key, TW_COUNT(key));
    tw_svg_end(&s);
    must(&cx, tw_buf_check(&cx, &b, "chart"));
    must(&cx, tw_file_write(&cx, path, tw_buf_view(&b)));
    tw_buf_done(&b);
}

static void dp(const char *dir, double clip, const char *svg)
{
    const tw_pop_model *m = tw_pop_theophylline();
    tw_pop_person *p = NULL;
    size_t n = read_people(&p, m, dir, "theophylline.csv");
    tw_pop_population truth = tw_pop_start(m), ref = truth;
    double d[TW_COUNT(epsilon_of) + 1][TW_COUNT(people_of)], auc[TW_COUNT(epsilon_of) + 1][TW_COUNT(people_of)];
    double floor_ = 0.0, far = 0.0, unused;
    must(&cx, tw_pop_focei(&cx, &truth, m, p, n, NULL));
    for (size_t i = 0; i < m->n_par; i++)
        ref.cov[i * (m->n_par + 1)] = 0.36;
    dp_cell(&far, &unused, m, &truth, &ref, 12, 0.0, clip);
    dp_cell(&floor_, &unused, m, &truth, &truth, 12, 0.0, clip);
    for (size_t e = 0; e <= TW_COUNT(epsilon_of); e++)
        for (size_t k = 0; k < TW_COUNT(people_of); k++)
            dp_cell(&d[e][k], &auc[e][k], m, &truth, &ref, people_of[k],
                    e < TW_COUNT(epsilon_of) ? epsilon_of[e] : HUGE_VAL, clip);
    printf("\nPublished population, theophylline, delta 1e-5, clipped at %g sd: energy distance of %d curves "
           "(membership AUC); the public reference alone %.3f, chance alone %.3f\n\n| epsilon |",
           clip, CURVES, far, floor_);
    for (size_t k = 0; k < TW_COUNT(people_of); k++)
        printf(" n = %zu |", people_of[k]);
    printf("\n|---|---|---|---|---|---|---|---|\n");
    for (size_t e = 0; e <= TW_COUNT(epsilon_of); e++) {
        if (e < TW_COUNT(epsilon_of))
            printf("| %g |", epsilon_of[e]);
        else
            printf("| no noise |");
        for (size_t k = 0; k < TW_COUNT(people_of); k++)
            printf(" %.3f (%.2f) |", d[e][k], auc[e][k]);
        printf("\n");
    }
    if (svg)
        draw(svg, d, floor_, far);
}

/** Modes of everybody from every second value, beginning with `from`; step 1: from all. */
static void modes(double *psi, double *eta, const tw_pop_model *m, const tw_pop_population *pop,
                  const tw_pop_person *p, size_t n, size_t from, size_t step)
{
    for (size_t i = 0; i < n; i++) {
        tw_mark mark = tw_arena_mark(cx.arena);
        tw_pop_obs *o = tw_try_array(cx.arena, tw_pop_obs, p[i].n_obs);
        tw_pop_person part = p[i];
        tw_pop_posterior post;
        double typical[TW_POP_PAR_MAX];
        part.obs = o;
        part.n_obs = 0;
        for (size_t j = from; j < p[i].n_obs; j += step)
            o[part.n_obs++] = p[i].obs[j];
        must(&cx, tw_pop_fit_person(&cx, &post, m, pop, &part, 1, 1));
        tw_pop_typical(typical, m, pop, &part);
        for (size_t k = 0; k < m->n_par; k++) {
            psi[i * m->n_par + k] = post.map[k];
            if (eta)
                eta[i * m->n_par + k] = post.map[k] - typical[k];
        }
        tw_arena_back(cx.arena, mark);
    }
}

static void attack_rows(const char *name, const tw_pop_model *m, const tw_pop_person *p, size_t n)
{
    static double psi[PEOPLE_MAX * TW_POP_PAR_MAX], eta[PEOPLE_MAX * TW_POP_PAR_MAX], odd[PEOPLE_MAX * TW_POP_PAR_MAX];
    tw_pop_population pop = tw_pop_start(m);
    double share;
    must(&cx, tw_pop_em(&cx, &pop, m, p, n, NULL));
    modes(psi, NULL, m, &pop, p, n, 0, 2);
    modes(odd, NULL, m, &pop, p, n, 1, 2);
    must(&cx, tw_pop_attack_link(&cx, &share, psi, odd, n, m->n_par, pop.cov));
    printf("| %s | linked to the published parameters by the other half of the values | %.2f (chance %.2f) |\n", name,
           share, 1.0 / (double)n);
    if (m != tw_pop_warfarin())
        return;
    bool male[PEOPLE_MAX];
    tw_pop_attack a, b;
    for (size_t i = 0; i < n; i++)
        male[i] = p[i].covariate[2] > 0.5;
    modes(psi, eta, m, &pop, p, n, 0, 1);
    must(&cx, tw_pop_attack_attribute(&cx, &a, psi, n, m->n_par, male));
    must(&cx, tw_pop_attack_attribute(&cx, &b, eta, n, m->n_par, male));
    printf("| %s | sex from parameters | AUC %.2f, right %.2f (always the commoner: %.2f) |\n", name, a.auc, a.accuracy,
           a.majority);
    printf("| %s | sex from parameters less weight's part | AUC %.2f, right %.2f (%.2f) |\n", name, b.auc, b.accuracy,
           b.majority);
    for (size_t i = 0; i < n; i++)
        male[i] = p[i].covariate[0] > 70.0;
    must(&cx, tw_pop_attack_attribute(&cx, &a, psi, n, m->n_par, male));
    printf("| %s | weight over 70 kg from parameters | AUC %.2f, right %.2f (%.2f) |\n", name, a.auc, a.accuracy,
           a.majority);
}

static void attacks(const char *dir)
{
    tw_pop_person *p = NULL;
    printf("\n| data | attack | result |\n|---|---|---|\n");
    size_t n = read_people(&p, tw_pop_theophylline(), dir, "theophylline.csv");
    attack_rows("theophylline", tw_pop_theophylline(), p, n);
    n = read_people(&p, tw_pop_warfarin(), dir, "warfarin.csv");
    attack_rows("warfarin", tw_pop_warfarin(), p, n);
}

int main(int argc, char **argv)
{
    tw_env env = tw_io_env();
    tw_base_start();
    tw_ctx_init(&cx, 1024 * TW_MIB, &env);
    if (argc < 2) {
        fprintf(stderr, "usage: bench_privacy_utility DIR [SVG]\n");
        return 2;
    }
    theophylline(argv[1]);
    attacks(argv[1]);
    dp(argv[1], 3.0, NULL);
    dp(argv[1], 1.5, argc > 2 ? argv[2] : NULL);
    warfarin(argv[1]);
    psa(argv[1]);
    tw_ctx_done(&cx);
    return 0;
}
