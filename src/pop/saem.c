/* Stochastic approximation EM (Kuhn and Lavielle 2005) with Metropolis kernels as in Monolix: the population itself,
 * one parameter at a time, all at once; simulated annealing of cov and errors while exploring. */
#include "pop/pop_internal.h"

#include <math.h>

#define EXPLORE 300
#define SMOOTH 500
#define CHAINS_IN_ALL 400
#define ANNEAL 0.95

typedef struct {
    const tw_pop_model *model;
    const tw_pop_person *people;
    size_t n, chains, np;
    const tw_pop_saem_opts *opts;
    const tw_pop_population *start;
    tw_pop_prior prior;
    tw_pop_map *map;    /* n: work space */
    double *psi;        /* n * chains * np */
    double *misfit;     /* n * chains: -2 ln likelihood there */
    double *f;          /* of all values of all chains, chain by chain of a person */
    size_t *first;      /* n: where a person's values begin in f */
    double *s1;         /* n * np: mean of psi */
    double *s2;         /* np * np: sum over people of psi psi' */
    double scale[TW_POP_PAR_MAX];
    tw_rng rng;
    double gamma;
} run;

static double at_psi(run *r, const tw_pop_population *pop, size_t i, const double *psi)
{
    tw_pop_map *w = &r->map[i];
    if (!tw_pop_map_predict(w, w->trial_f, w->trial_v, pop, psi))
        return HUGE_VAL;
    return tw_pop_map_misfit(w, w->trial_f, w->trial_v);
}

static double *psi_of(run *r, size_t i, size_t c)
{
    return r->psi + (i * r->chains + c) * r->np;
}

/** Accept psi as chain c of person i when the likelihood (and prior, when `with_prior`) allow. */
static bool consider(run *r, const tw_pop_population *pop, size_t i, size_t c, const double *psi, bool with_prior)
{
    double *now = psi_of(r, i, c), *misfit = &r->misfit[i * r->chains + c];
    double next = at_psi(r, pop, i, psi), log_ratio = 0.5 * (*misfit - next);
    if (with_prior)
        log_ratio += 0.5 * (tw_pop_prior_misfit(&r->prior, r->map[i].typical, now) -
                            tw_pop_prior_misfit(&r->prior, r->map[i].typical, psi));
    if (!(log(tw_rng_uniform(&r->rng)) < log_ratio))
        return false;
    memcpy(now, psi, r->np * sizeof(double));
    memcpy(r->f + r->first[i] + c * r->people[i].n_obs, r->map[i].trial_f, r->people[i].n_obs * sizeof(double));
    *misfit = next;
    return true;
}

static void from_population(run *r, const tw_pop_population *pop, size_t i, size_t c)
{
    double psi[TW_POP_PAR_MAX], z[TW_POP_PAR_MAX];
    memcpy(psi, r->map[i].typical, r->np * sizeof(double));
    for (size_t a = 0; a < r->np; a++)
        z[a] = tw_rng_normal(&r->rng);
    tw_la_add_lower(psi, r->prior.chol, z, r->np); /* every parameter varies */
    (void)consider(r, pop, i, c, psi, false);
}

static void one_at_a_time(run *r, const tw_pop_population *pop, size_t i, size_t c, double *accepted)
{
    for (size_t a = 0; a < r->np; a++) {
        double psi[TW_POP_PAR_MAX];
        memcpy(psi, psi_of(r, i, c), r->np * sizeof(double));
        psi[a] += r->scale[a] * tw_rng_normal(&r->rng);
        accepted[a] += consider(r, pop, i, c, psi, true);
    }
}

static void all_at_once(run *r, const tw_pop_population *pop, size_t i, size_t c)
{
    double psi[TW_POP_PAR_MAX];
    memcpy(psi, psi_of(r, i, c), r->np * sizeof(double));
    for (size_t a = 0; a < r->np; a++)
        psi[a] += 0.5 * r->scale[a] * tw_rng_normal(&r->rng);
    (void)consider(r, pop, i, c, psi, true);
}

static void simulate(run *r, const tw_pop_population *pop)
{
    double accepted[TW_POP_PAR_MAX] = { 0.0 }, tries = (double)(r->n * r->chains * 2);
    for (size_t i = 0; i < r->n; i++) {
        tw_pop_typical(r->map[i].typical, r->model, pop, &r->people[i]);
        for (size_t c = 0; c < r->chains; c++) {
            r->misfit[i * r->chains + c] = at_psi(r, pop, i, psi_of(r, i, c)); /* the errors have changed */
            from_population(r, pop, i, c);
            for (int k = 0; k < 2; k++) {
                one_at_a_time(r, pop, i, c, accepted);
                all_at_once(r, pop, i, c);
            }
        }
    }
    for (size_t a = 0; a < r->np; a++)
        r->scale[a] *= 1.0 + 0.4 * (accepted[a] / tries - 0.4);
}

static void approximate(run *r)
{
    double s2[TW_POP_PAR_MAX * TW_POP_PAR_MAX] = { 0.0 }, share = 1.0 / (double)r->chains;
    for (size_t i = 0; i < r->n; i++) {
        double s1[TW_POP_PAR_MAX] = { 0.0 };
        for (size_t c = 0; c < r->chains; c++) {
            const double *psi = psi_of(r, i, c);
            for (size_t a = 0; a < r->np; a++) {
                s1[a] += share * psi[a];
                for (size_t b = 0; b < r->np; b++)
                    s2[a * r->np + b] += share * psi[a] * psi[b];
            }
        }
        for (size_t a = 0; a < r->np; a++)
            r->s1[i * r->np + a] += r->gamma * (s1[a] - r->s1[i * r->np + a]);
    }
    for (size_t a = 0; a < r->np * r->np; a++)
        r->s2[a] += r->gamma * (s2[a] - r->s2[a]);
}

static void maximise_cov(run *r, tw_pop_population *pop, bool anneal)
{
    size_t np = r->np;
    double sum[TW_POP_PAR_MAX * TW_POP_PAR_MAX];
    memcpy(sum, r->s2, np * np * sizeof(double));
    for (size_t i = 0; i < r->n; i++) {
        double t[TW_POP_PAR_MAX];
        const double *s1 = r->s1 + i * np;
        tw_pop_typical(t, r->model, pop, &r->people[i]);
        for (size_t a = 0; a < np; a++)
            for (size_t b = 0; b < np; b++)
                sum[a * np + b] += t[a] * t[b] - s1[a] * t[b] - t[a] * s1[b];
    }
    for (size_t a = 0; a < np; a++) {
        for (size_t b = 0; b < np; b++) {
            double v = sum[a * np + b] / (double)r->n, *now = &pop->cov[a * np + b];
            if (a == b)
                *now = anneal ? TW_MAX(v, ANNEAL * *now) : TW_MAX(v, 1e-10);
            else if (r->opts->full_cov)
                *now = v;
        }
    }
}

typedef struct {
    const run *r;
    tw_pop_population pop;
    uint32_t output;
} error_task;

static double error_objective(void *self, const double *x)
{
    error_task *t = self;
    const run *r = t->r;
    double sum = 0.0;
    tw_pop_set_errors(&t->pop, r->start, t->output, x);
    for (size_t i = 0; i < r->n; i++) {
        const tw_pop_person *p = &r->people[i];
        for (size_t c = 0; c < r->chains; c++) {
            const double *f = r->f + r->first[i] + c * p->n_obs;
            for (size_t j = 0; j < p->n_obs; j++) {
                if (p->obs[j].output == t->output)
                    sum += tw_pop_term_at(p, j, f[j], tw_pop_error_variance(&t->pop, p, t->output, f[j])).value;
            }
        }
    }
    return sum / (double)r->chains;
}

static tw_status maximise_errors(tw_ctx *cx, run *r, tw_pop_population *pop, bool anneal)
{
    for (uint32_t o = 0; o < r->model->n_output; o++) {
        error_task t = { .r = r, .pop = *pop, .output = o };
        double x[2], *sd[2];
        size_t n = 0;
        tw_minimise_result m;
        if (pop->add[o] > 0.0)
            sd[n++] = &pop->add[o];
        if (pop->prop[o] > 0.0)
            sd[n++] = &pop->prop[o];
        for (size_t k = 0; k < n; k++)
            x[k] = log(*sd[k]);
        TW_TRY(tw_minimise(cx, &m, x, n, error_objective, &t,
                           &(tw_minimise_opts){ .iterations_max = 12, .tolerance = 1e-4 }));
        tw_pop_set_errors(&t.pop, r->start, o, x);
        for (size_t k = 0; k < n; k++) /* above the floor */
            x[k] = log(sd[k] == &pop->add[o] ? t.pop.add[o] : t.pop.prop[o]);
        for (size_t k = 0; k < n; k++) { /* approximated on the squares, which for one error is the exact statistic */
            double v = exp(2.0 * x[k]), now = *sd[k] * *sd[k];
            v = now + r->gamma * (v - now);
            *sd[k] = sqrt(anneal ? TW_MAX(v, ANNEAL * now) : v);
        }
    }
    return TW_OK;
}

static tw_status prepare(tw_ctx *cx, run *r, const tw_pop_population *pop)
{
    size_t total = 0;
    r->map = tw_try_array(cx->arena, tw_pop_map, r->n);
    r->first = tw_try_array(cx->arena, size_t, r->n);
    if (!r->map || !r->first)
        return tw_fail(cx, TW_ELIMIT, "no room for %zu people", r->n);
    for (size_t i = 0; i < r->n; i++) {
        r->first[i] = total;
        total += r->people[i].n_obs * r->chains;
        TW_TRY(tw_pop_map_new(cx, &r->map[i], r->model, &r->people[i]));
    }
    TW_TRY(tw_stat_array(cx, &r->psi, r->n * r->chains * r->np));
    TW_TRY(tw_stat_array(cx, &r->misfit, r->n * r->chains));
    TW_TRY(tw_stat_array(cx, &r->f, total));
    TW_TRY(tw_stat_array(cx, &r->s1, r->n * r->np));
    TW_TRY(tw_stat_array(cx, &r->s2, r->np * r->np));
    for (size_t i = 0; i < r->n; i++) {
        for (size_t c = 0; c < r->chains; c++) {
            double *psi = psi_of(r, i, c);
            tw_pop_typical(psi, r->model, pop, &r->people[i]);
            if (!isfinite(at_psi(r, pop, i, psi)))
                return tw_fail(cx, TW_EFAILED, "person %zu: no prediction at the start", i + 1);
            memcpy(r->f + r->first[i] + c * r->people[i].n_obs, r->map[i].trial_f,
                   r->people[i].n_obs * sizeof(double));
        }
    }
    for (size_t a = 0; a < r->np; a++)
        r->scale[a] = sqrt(pop->cov[a * (r->np + 1)]);
    return TW_OK;
}

static tw_status iterate(tw_ctx *cx, run *r, tw_pop_population *pop)
{
    uint32_t explore = r->opts->explore ? r->opts->explore : EXPLORE;
    uint32_t smooth = r->opts->smooth ? r->opts->smooth : SMOOTH;
    for (uint32_t k = 0; k < explore + smooth; k++) {
        bool anneal = k < explore / 2;
        r->gamma = k < explore ? 1.0 : 1.0 / (double)(k - explore + 1);
        if (!tw_pop_prior_set(&r->prior, r->model, pop))
            return tw_fail(cx, TW_EFAILED, "%s: the covariance collapsed", r->model->id);
        simulate(r, pop);
        approximate(r);
        if (!tw_pop_regress(pop, r->model, &r->prior, r->people, r->s1, r->n))
            return tw_fail(cx, TW_EFAILED, "%s: a covariate is the same in everybody", r->model->id);
        maximise_cov(r, pop, anneal);
        TW_TRY(maximise_errors(cx, r, pop, anneal));
    }
    return TW_OK;
}

tw_status tw_pop_saem(tw_ctx *cx, tw_pop_population *pop, const tw_pop_model *m, const tw_pop_person *people, size_t n,
                      const tw_pop_saem_opts *opts)
{
    static const tw_pop_saem_opts plain = { .seed = 1 };
    run r = { .model = m, .people = people, .n = n, .np = m->n_par, .opts = opts ? opts : &plain };
    TW_TRY(tw_pop_check(cx, m, pop, people, n));
    if (n < TW_POP_PEOPLE_MIN)
        return tw_fail(cx, TW_EPARSE, "a population of %zu people; at least %d", n, TW_POP_PEOPLE_MIN);
    for (size_t i = 0; i < m->n_par; i++)
        if (!(pop->cov[i * (m->n_par + 1)] > 0.0))
            return tw_fail(cx, TW_EPARSE, "SAEM needs some variability of %s", m->par[i].name);
    r.chains = r.opts->chains ? r.opts->chains : (CHAINS_IN_ALL + n - 1) / n;
    tw_pop_population start = *pop;
    r.start = &start;
    r.rng = tw_rng_of(r.opts->seed, 11);
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = prepare(cx, &r, pop);
    if (s == TW_OK)
        s = iterate(cx, &r, pop);
    tw_arena_back(cx->arena, mark);
    TW_TRY(s);
    tw_pop_count(pop, people, n);
    return tw_pop_ofv(cx, &pop->ofv, m, pop, people, n);
}
