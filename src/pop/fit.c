/* Fits of a population: EM with a Laplace E-step, and FOCE with interaction by BFGS from there. */
#include "pop/pop_internal.h"

#include <math.h>

#define EM_STEPS 60
#define EM_BEFORE_FOCEI 10
#define SCALE_SE_MAX 3.0
#define ERROR_FLOOR 0.01

/* ---------------------------------------------------------------- all people at once */

tw_status tw_pop_crew_new(tw_ctx *cx, tw_pop_crew *c, const tw_pop_model *m, const tw_pop_person *people, size_t n)
{
    *c = (tw_pop_crew){ .model = m, .people = people, .n = n };
    c->map = tw_try_array(cx->arena, tw_pop_map, n ? n : 1);
    if (!c->map)
        return tw_fail(cx, TW_ELIMIT, "no room for %zu people", n);
    for (size_t i = 0; i < n; i++)
        TW_TRY(tw_pop_map_new(cx, &c->map[i], m, &people[i]));
    return TW_OK;
}

double tw_pop_crew_ofv(tw_pop_crew *c, const tw_pop_population *pop)
{
    double sum = 0.0;
    if (!tw_pop_prior_set(&c->prior, c->model, pop))
        return HUGE_VAL;
    for (size_t i = 0; i < c->n; i++) {
        if (!tw_pop_map_find(&c->map[i], &c->prior))
            return HUGE_VAL;
        sum += tw_pop_map_marginal(&c->map[i], &c->prior);
    }
    return sum;
}

tw_status tw_pop_ofv(tw_ctx *cx, double *ofv, const tw_pop_model *m, const tw_pop_population *pop,
                     const tw_pop_person *people, size_t n)
{
    tw_pop_crew crew;
    TW_TRY(tw_pop_check(cx, m, pop, people, n));
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = tw_pop_crew_new(cx, &crew, m, people, n);
    if (s == TW_OK)
        *ofv = tw_pop_crew_ofv(&crew, pop);
    tw_arena_back(cx->arena, mark);
    TW_TRY(s);
    return isfinite(*ofv) ? TW_OK : tw_fail(cx, TW_EFAILED, "%s: a person has no mode", m->id);
}

/* ---------------------------------------------------------------- the vector of unknowns */

static size_t pack_cov(double *x, const tw_pop_model *m, const tw_pop_population *pop, bool full)
{
    tw_pop_prior p;
    size_t n = 0;
    bool good = tw_pop_prior_set(&p, m, pop);
    TW_ASSERT(good); /* checked before */
    for (size_t i = 0; i < p.n_eta; i++) {
        for (size_t j = 0; full && j < i; j++)
            x[n++] = p.chol[i * p.n_eta + j] / p.chol[i * p.n_eta + i];
        x[n++] = full ? log(p.chol[i * p.n_eta + i]) : 0.5 * log(pop->cov[p.at[i] * m->n_par + p.at[i]]);
    }
    return n;
}

size_t tw_pop_pack(double *x, const tw_pop_model *m, const tw_pop_population *pop, bool full_cov)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_par; i++)
        x[n++] = pop->mean[i];
    for (size_t i = 0; i < m->n_effect; i++)
        if (m->effect[i].estimate)
            x[n++] = pop->beta[i];
    n += pack_cov(x + n, m, pop, full_cov);
    for (size_t o = 0; o < m->n_output; o++) {
        if (pop->add[o] > 0.0)
            x[n++] = log(pop->add[o]);
        if (pop->prop[o] > 0.0)
            x[n++] = log(pop->prop[o]);
    }
    return n;
}

/** A diagonal fit changes the sds and keeps the correlations that the start had. */
static size_t unpack_diagonal(tw_pop_population *pop, const tw_pop_model *m, const double *x)
{
    size_t n = m->n_par, used = 0;
    double scale[TW_POP_PAR_MAX];
    for (size_t i = 0; i < n; i++)
        scale[i] = pop->cov[i * n + i] > 0.0 ? exp(x[used++]) / sqrt(pop->cov[i * n + i]) : 0.0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            pop->cov[i * n + j] *= scale[i] * scale[j];
    return used;
}

static size_t unpack_full(tw_pop_population *pop, const tw_pop_model *m, const double *x)
{
    size_t n = m->n_par, used = 0, k = 0, at[TW_POP_PAR_MAX];
    double l[TW_POP_PAR_MAX * TW_POP_PAR_MAX] = { 0.0 };
    for (size_t i = 0; i < n; i++)
        if (pop->cov[i * n + i] > 0.0)
            at[k++] = i;
    for (size_t i = 0; i < k; i++) {
        double diagonal = exp(x[used + i]);
        for (size_t j = 0; j < i; j++)
            l[i * k + j] = x[used + j] * diagonal;
        l[i * k + i] = diagonal;
        used += i + 1;
    }
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++) {
            double s = 0.0;
            for (size_t c = 0; c < k; c++)
                s += l[i * k + c] * l[j * k + c];
            pop->cov[at[i] * n + at[j]] = s;
        }
    }
    return used;
}

void tw_pop_unpack(tw_pop_population *pop, const tw_pop_model *m, const double *x, bool full_cov)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_par; i++)
        pop->mean[i] = x[n++];
    for (size_t i = 0; i < m->n_effect; i++)
        if (m->effect[i].estimate)
            pop->beta[i] = x[n++];
    n += full_cov ? unpack_full(pop, m, x + n) : unpack_diagonal(pop, m, x + n);
    for (size_t o = 0; o < m->n_output; o++) {
        if (pop->add[o] > 0.0)
            pop->add[o] = exp(x[n++]);
        if (pop->prop[o] > 0.0)
            pop->prop[o] = exp(x[n++]);
    }
}

/* ---------------------------------------------------------------- mean and beta from individual parameters */

/** Columns of a person's design: unknown c adds to parameter *par with this weight. */
static double design(size_t *par, const tw_pop_model *m, const tw_pop_person *p, size_t c)
{
    if (c < m->n_par) {
        *par = c;
        return 1.0;
    }
    size_t seen = m->n_par;
    for (size_t i = 0; i < m->n_effect; i++) {
        if (m->effect[i].estimate && seen++ == c) {
            *par = m->effect[i].par;
            return log(p->covariate[m->effect[i].covariate] / m->effect[i].centre);
        }
    }
    *par = 0;
    return 0.0;
}

/** What effects that are not estimated add to parameter `par`. */
static double fixed_part(const tw_pop_model *m, const tw_pop_population *pop, const tw_pop_person *p, size_t par)
{
    double s = 0.0;
    for (size_t i = 0; i < m->n_effect; i++)
        if (!m->effect[i].estimate && m->effect[i].par == par)
            s += pop->beta[i] * log(p->covariate[m->effect[i].covariate] / m->effect[i].centre);
    return s;
}

/** Weight of the pair of parameters: precision of the variable ones; what does not vary keeps its mean. */
static double weight(const tw_pop_prior *prior, size_t a, size_t b)
{
    for (size_t i = 0; i < prior->n_eta; i++)
        for (size_t j = 0; j < prior->n_eta; j++)
            if (prior->at[i] == a && prior->at[j] == b)
                return prior->prec[i * prior->n_eta + j];
    return 0.0;
}

bool tw_pop_regress(tw_pop_population *pop, const tw_pop_model *m, const tw_pop_prior *prior,
                    const tw_pop_person *people, const double *psi, size_t n)
{
    enum { MAX = TW_POP_PAR_MAX + TW_POP_EFFECT_MAX };
    double a[MAX * MAX] = { 0.0 }, rhs[MAX] = { 0.0 };
    size_t c = m->n_par, np = m->n_par;
    for (size_t i = 0; i < m->n_effect; i++)
        c += m->effect[i].estimate;
    for (size_t i = 0; i < n; i++) {
        for (size_t u = 0; u < c; u++) {
            size_t pu, pv;
            double xu = design(&pu, m, &people[i], u);
            for (size_t v = 0; v < c; v++) {
                double xv = design(&pv, m, &people[i], v);
                a[u * c + v] += xu * weight(prior, pu, pv) * xv;
            }
            for (size_t k = 0; k < np; k++)
                rhs[u] += xu * weight(prior, pu, k) * (psi[i * np + k] - fixed_part(m, pop, &people[i], k));
        }
    }
    for (size_t u = 0; u < np; u++) { /* not variable: held */
        if (a[u * c + u] > 0.0)
            continue;
        a[u * c + u] = 1.0;
        rhs[u] = pop->mean[u];
    }
    if (!tw_la_chol(a, c))
        return false;
    tw_la_solve(a, rhs, c);
    memcpy(pop->mean, rhs, np * sizeof(double));
    for (size_t i = 0, u = np; i < m->n_effect; i++)
        if (m->effect[i].estimate)
            pop->beta[i] = rhs[u++];
    return true;
}

/* ---------------------------------------------------------------- EM */

static void em_cov(tw_pop_population *pop, const tw_pop_crew *c, const tw_pop_population *start,
                   const tw_pop_fit_opts *opts)
{
    const tw_pop_prior *prior = &c->prior;
    size_t np = c->model->n_par, k = prior->n_eta;
    double sum[TW_POP_PAR_MAX * TW_POP_PAR_MAX] = { 0.0 }, inv[TW_POP_PAR_MAX * TW_POP_PAR_MAX];
    for (size_t i = 0; i < c->n; i++) {
        const tw_pop_map *w = &c->map[i];
        double typical[TW_POP_PAR_MAX];
        tw_pop_typical(typical, c->model, pop, w->person);
        tw_la_inverse(inv, w->chol, k);
        for (size_t a = 0; a < k; a++)
            for (size_t b = 0; b < k; b++)
                sum[a * k + b] += inv[a * k + b] + (w->psi[prior->at[a]] - typical[prior->at[a]]) *
                                                       (w->psi[prior->at[b]] - typical[prior->at[b]]);
    }
    double prior_n = opts->prior_weight, n = (double)c->n + prior_n;
    for (size_t a = 0; a < k; a++) {
        for (size_t b = 0; b < k; b++) {
            size_t at = prior->at[a] * np + prior->at[b];
            if (a == b || opts->full_cov)
                pop->cov[at] = (sum[a * k + b] + prior_n * start->cov[at]) / n;
        }
    }
}

/** Errors: one Newton-free step of EM on ln of both scales: E[r^2] = (y - f)^2 + jf C jf', matched to the variances by
 *  minimising the expected -2 ln p over a small search. */
typedef struct {
    const tw_pop_crew *crew;
    const double *extra; /* per value, in order of people: jf C jf' */
    uint32_t output;
    tw_pop_population pop;
    const tw_pop_population *start;
    double prior_weight;
} error_task;

void tw_pop_set_errors(tw_pop_population *pop, const tw_pop_population *start, uint32_t output, const double *x)
{
    size_t n = 0;
    double add = start->add[output], prop = start->prop[output];
    if (add > 0.0)
        pop->add[output] = TW_MAX(exp(x[n]), ERROR_FLOOR * add);
    n += add > 0.0;
    if (prop > 0.0)
        pop->prop[output] = TW_MAX(exp(x[n]), ERROR_FLOOR * prop);
}

static double error_objective(void *self, const double *x)
{
    error_task *t = self;
    size_t at = 0, k = 0;
    double sum = 0.0, extra_prior = 0.0;
    tw_pop_set_errors(&t->pop, t->start, t->output, x);
    for (size_t i = 0; i < t->crew->n; i++) {
        const tw_pop_map *w = &t->crew->map[i];
        for (size_t j = 0; j < w->person->n_obs; j++, at++) {
            if (w->person->obs[j].output != t->output)
                continue;
            double v = tw_pop_error_variance(&t->pop, w->person, t->output, w->f[j]);
            tw_pop_term e = tw_pop_term_at(w->person, j, w->f[j], v);
            sum += e.value + t->extra[at] * e.info_f;
            k++;
        }
    }
    for (size_t i = 0; i < 2; i++) { /* prior: as so many people's errors at the start's sds, a weak pull */
        double s0 = i ? t->start->prop[t->output] : t->start->add[t->output];
        double s = i ? t->pop.prop[t->output] : t->pop.add[t->output];
        if (s0 > 0.0)
            extra_prior += t->prior_weight * (s0 * s0 / (s * s) + 2.0 * log(s));
    }
    return k ? sum + extra_prior : 0.0;
}

static tw_status em_errors(tw_ctx *cx, tw_pop_population *pop, const tw_pop_crew *c, const tw_pop_population *start,
                           const tw_pop_fit_opts *opts)
{
    size_t total = 0, at = 0, k = c->prior.n_eta;
    for (size_t i = 0; i < c->n; i++)
        total += c->people[i].n_obs;
    double *extra = NULL;
    TW_TRY(tw_stat_array(cx, &extra, total));
    for (size_t i = 0; i < c->n; i++) {
        const tw_pop_map *w = &c->map[i];
        for (size_t j = 0; j < w->person->n_obs; j++) {
            double row[TW_POP_PAR_MAX];
            memcpy(row, w->jf + j * k, k * sizeof(double));
            tw_la_solve_lower(w->chol, row, k);
            extra[at++] = tw_la_square(row, k);
        }
    }
    for (uint32_t o = 0; o < c->model->n_output; o++) {
        error_task t = { .crew = c, .extra = extra, .output = o, .pop = *pop, .start = start };
        t.prior_weight = opts->prior_weight;
        double x[2];
        size_t n = 0;
        tw_minimise_result r;
        if (pop->add[o] > 0.0)
            x[n++] = log(pop->add[o]);
        if (pop->prop[o] > 0.0)
            x[n++] = log(pop->prop[o]);
        TW_TRY(tw_minimise(cx, &r, x, n, error_objective, &t, &(tw_minimise_opts){ .iterations_max = 30 }));
        tw_pop_set_errors(pop, start, o, x);
    }
    return TW_OK;
}

static tw_status em_step(tw_ctx *cx, tw_pop_population *pop, tw_pop_crew *c, const tw_pop_population *start,
                         const tw_pop_fit_opts *opts)
{
    size_t np = c->model->n_par;
    double *psi = NULL;
    pop->ofv = tw_pop_crew_ofv(c, pop);
    if (!isfinite(pop->ofv))
        return tw_fail(cx, TW_EFAILED, "%s: a person has no mode", c->model->id);
    TW_TRY(tw_stat_array(cx, &psi, c->n * np));
    for (size_t i = 0; i < c->n; i++)
        memcpy(psi + i * np, c->map[i].psi, np * sizeof(double));
    if (!tw_pop_regress(pop, c->model, &c->prior, c->people, psi, c->n))
        return tw_fail(cx, TW_EFAILED, "%s: a covariate is the same in everybody", c->model->id);
    em_cov(pop, c, start, opts);
    return em_errors(cx, pop, c, start, opts);
}

static tw_status em_run(tw_ctx *cx, tw_pop_population *pop, tw_pop_crew *c, const tw_pop_fit_opts *opts, uint32_t steps)
{
    tw_pop_population start = *pop;
    double last = HUGE_VAL;
    for (uint32_t i = 0; i < steps; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_status s = em_step(cx, pop, c, &start, opts);
        tw_arena_back(cx->arena, mark);
        TW_TRY(s);
        if (fabs(last - pop->ofv) < 1e-4)
            break;
        last = pop->ofv;
    }
    pop->ofv = tw_pop_crew_ofv(c, pop);
    return TW_OK;
}

void tw_pop_count(tw_pop_population *pop, const tw_pop_person *people, size_t n)
{
    pop->people = (uint32_t)n;
    pop->obs = 0;
    for (size_t i = 0; i < n; i++)
        pop->obs += (uint32_t)people[i].n_obs;
}

tw_status tw_pop_em(tw_ctx *cx, tw_pop_population *pop, const tw_pop_model *m, const tw_pop_person *people, size_t n,
                    const tw_pop_fit_opts *opts)
{
    static const tw_pop_fit_opts plain = { .full_cov = false };
    tw_pop_crew crew;
    if (n < TW_POP_PEOPLE_MIN)
        return tw_fail(cx, TW_EPARSE, "a population of %zu people; at least %d", n, TW_POP_PEOPLE_MIN);
    TW_TRY(tw_pop_check(cx, m, pop, people, n));
    opts = opts ? opts : &plain;
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = tw_pop_crew_new(cx, &crew, m, people, n);
    if (s == TW_OK)
        s = em_run(cx, pop, &crew, opts, opts->iterations_max ? opts->iterations_max : EM_STEPS);
    tw_arena_back(cx->arena, mark);
    tw_pop_count(pop, people, n);
    return s;
}

/* ---------------------------------------------------------------- FOCEI */

typedef struct {
    tw_pop_crew crew;
    tw_pop_population base;
    bool full_cov;
} focei_task;

static double focei_objective(void *self, const double *x)
{
    focei_task *t = self;
    tw_pop_population pop = t->base;
    tw_pop_unpack(&pop, t->crew.model, x, t->full_cov);
    for (size_t o = 0; o < t->crew.model->n_output; o++)
        if (pop.add[o] < ERROR_FLOOR * t->base.add[o] || pop.prop[o] < ERROR_FLOOR * t->base.prop[o])
            return HUGE_VAL;
    return tw_pop_crew_ofv(&t->crew, &pop);
}

static tw_status focei_run(tw_ctx *cx, tw_pop_population *pop, const tw_pop_model *m, const tw_pop_person *people,
                           size_t n, const tw_pop_fit_opts *opts)
{
    focei_task t = { .full_cov = opts->full_cov };
    double x[TW_POP_UNKNOWNS_MAX];
    tw_minimise_result r;
    TW_TRY(tw_pop_crew_new(cx, &t.crew, m, people, n));
    TW_TRY(em_run(cx, pop, &t.crew, opts, EM_BEFORE_FOCEI));
    t.base = *pop;
    size_t k = tw_pop_pack(x, m, pop, opts->full_cov);
    TW_TRY(tw_minimise(cx, &r, x, k, focei_objective, &t,
                       &(tw_minimise_opts){ .iterations_max = opts->iterations_max, .tolerance = 1e-6 }));
    tw_pop_unpack(pop, m, x, opts->full_cov);
    pop->ofv = r.value;
    return TW_OK;
}

tw_status tw_pop_focei(tw_ctx *cx, tw_pop_population *pop, const tw_pop_model *m, const tw_pop_person *people, size_t n,
                       const tw_pop_fit_opts *opts)
{
    static const tw_pop_fit_opts plain = { .full_cov = false };
    if (n < TW_POP_PEOPLE_MIN)
        return tw_fail(cx, TW_EPARSE, "a population of %zu people; at least %d", n, TW_POP_PEOPLE_MIN);
    TW_TRY(tw_pop_check(cx, m, pop, people, n));
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = focei_run(cx, pop, m, people, n, opts ? opts : &plain);
    tw_arena_back(cx->arena, mark);
    tw_pop_count(pop, people, n);
    return s;
}

/* ---------------------------------------------------------------- precision */

/** Second differences of the objective, half of it: the observed information. */
static void information(double *h, focei_task *t, double *x, size_t n)
{
    const double d = 2e-2; /* of ln scales and means of logs; the objective is good to 1e-9 */
    double here = focei_objective(t, x);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            double keep_i = x[i], keep_j = x[j], corner[4];
            for (int c = 0; c < 4; c++) {
                x[i] = keep_i;
                x[j] = keep_j;
                x[i] += c & 1 ? d : -d;
                x[j] += c & 2 ? d : -d; /* i = j: the two corners 0 and 3 lie 2 d away, 1 and 2 here */
                corner[c] = i == j && (c == 1 || c == 2) ? here : focei_objective(t, x);
            }
            x[i] = keep_i;
            x[j] = keep_j;
            h[i * n + j] = h[j * n + i] = 0.5 * (corner[0] + corner[3] - corner[1] - corner[2]) / (4.0 * d * d);
        }
    }
}

static void precision_numbers(tw_pop_precision *out, double *h, double *work, size_t scales)
{
    size_t n = out->n;
    memcpy(work, h, n * n * sizeof(double));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            work[i * n + j] /= sqrt(fabs(h[i * n + i] * h[j * n + j])) + 1e-300;
    tw_la_eigen(out->eigen, NULL, work, n);
    out->condition = out->eigen[n - 1] > 0.0 ? out->eigen[0] / out->eigen[n - 1] : HUGE_VAL;
    out->identified = tw_la_chol(h, n);
    for (size_t i = 0; i < n; i++)
        out->se[i] = (double)NAN;
    if (!out->identified)
        return;
    tw_la_inverse(work, h, n);
    for (size_t i = 0; i < n; i++) {
        out->se[i] = sqrt(work[i * n + i]);
        out->identified = out->identified && (i < scales || out->se[i] < SCALE_SE_MAX);
    }
}

tw_status tw_pop_precision_of(tw_ctx *cx, tw_pop_precision *out, const tw_pop_model *m, const tw_pop_population *pop,
                              const tw_pop_person *people, size_t n)
{
    focei_task t = { .base = *pop };
    double x[TW_POP_UNKNOWNS_MAX], *h = NULL;
    TW_TRY(tw_pop_check(cx, m, pop, people, n));
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_pop_crew_new(cx, &t.crew, m, people, n));
    *out = (tw_pop_precision){ .n = tw_pop_pack(x, m, pop, false) };
    TW_TRY(tw_stat_array(cx, &h, 2 * out->n * out->n));
    information(h, &t, x, out->n);
    size_t scales = m->n_par;
    for (size_t i = 0; i < m->n_effect; i++)
        scales += m->effect[i].estimate;
    precision_numbers(out, h, h + out->n * out->n, scales);
    tw_arena_back(cx->arena, mark);
    return TW_OK;
}
