/* One person: mode, curvature, truncated importance draws (Ionides, J Comput Graph Stat 17 (2008) 295); how far the
 * data speak; the target that samplers see. */
#include "pop/pop_internal.h"

#include <math.h>

#define OVERSAMPLE 3

struct tw_pop_target {
    tw_pop_map map;
    tw_pop_prior prior;
    tw_pop_population pop;
};

tw_status tw_pop_target_make(tw_ctx *cx, tw_pop_target **out, const tw_pop_model *m, const tw_pop_population *pop,
                             const tw_pop_person *person)
{
    TW_TRY(tw_pop_check(cx, m, pop, person, 1));
    tw_pop_target *t = tw_new(cx->arena, tw_pop_target);
    TW_TRY(tw_pop_map_new(cx, &t->map, m, person));
    t->pop = *pop;
    bool good = tw_pop_prior_set(&t->prior, m, &t->pop);
    TW_ASSERT(good); /* checked above */
    tw_pop_typical(t->map.typical, m, pop, person);
    memcpy(t->map.psi, t->map.typical, sizeof t->map.psi);
    *out = t;
    return TW_OK;
}

double tw_pop_log_prior(void *target, const double *psi)
{
    tw_pop_target *t = target;
    for (size_t i = 0; i < t->map.model->n_par; i++) /* what does not vary has one value only */
        if (!(t->pop.cov[i * (t->map.model->n_par + 1)] > 0.0) && psi[i] != t->map.typical[i])
            return -HUGE_VAL;
    return -0.5 * tw_pop_prior_misfit(&t->prior, t->map.typical, psi);
}

double tw_pop_log_likelihood(void *target, const double *psi)
{
    tw_pop_target *t = target;
    tw_pop_map *w = &t->map;
    if (!tw_pop_map_predict(w, w->trial_f, w->trial_v, &t->pop, psi))
        return -HUGE_VAL;
    return -0.5 * tw_pop_map_misfit(w, w->trial_f, w->trial_v);
}

double tw_pop_log_posterior(void *target, const double *psi)
{
    return tw_pop_log_prior(target, psi) + tw_pop_log_likelihood(target, psi);
}

/** psi = centre + factor L^-T z or L z, on the variable parameters. */
static void draw(double *psi, const tw_pop_prior *prior, const double *centre, const double *l, bool inverse,
                 double factor, tw_rng *rng)
{
    size_t k = prior->n_eta;
    double z[TW_POP_PAR_MAX], e[TW_POP_PAR_MAX] = { 0.0 };
    for (size_t i = 0; i < k; i++)
        z[i] = tw_rng_normal(rng);
    if (inverse)
        tw_la_solve_upper(l, z, k);
    else
        tw_la_add_lower(e, l, z, k);
    memcpy(psi, centre, prior->model->n_par * sizeof(double));
    for (size_t i = 0; i < k; i++)
        psi[prior->at[i]] += factor * (inverse ? z[i] : e[i]);
}

void tw_pop_prior_draws(double *psi, tw_pop_target *t, size_t n, uint64_t seed)
{
    tw_rng rng = tw_rng_of(seed, 1);
    for (size_t d = 0; d < n; d++)
        draw(psi + d * t->map.model->n_par, &t->prior, t->map.typical, t->prior.chol, false, 1.0, &rng);
}

/** ln density of the t law with covariance factor L^-T, up to a constant. */
static double log_t(const tw_pop_map *w, const tw_pop_prior *prior, const double *psi)
{
    double e[TW_POP_PAR_MAX];
    for (size_t i = 0; i < prior->n_eta; i++)
        e[i] = psi[prior->at[i]] - w->psi[prior->at[i]];
    return tw_t6_log_density(w->chol, e, prior->n_eta);
}

static tw_status importance(tw_ctx *cx, tw_pop_posterior *out, tw_pop_target *t, uint64_t seed)
{
    size_t m = OVERSAMPLE * out->n_draw, np = out->n_par;
    tw_rng rng = tw_rng_of(seed, 2);
    double *row = NULL, *w = NULL;
    TW_TRY(tw_stat_array(cx, &row, m * np));
    TW_TRY(tw_stat_array(cx, &w, m));
    for (size_t i = 0; i < m; i++) {
        double factor = sqrt(TW_T6 / tw_rng_chi2_6(&rng));
        draw(row + i * np, &t->prior, t->map.psi, t->map.chol, true, factor, &rng);
        w[i] = tw_pop_log_posterior(t, row + i * np) - log_t(&t->map, &t->prior, row + i * np);
    }
    (void)tw_weights_of_logs(w, m);
    out->ess = tw_weights_ess(w, m);
    tw_weights_truncate(w, m);
    tw_resampling r = tw_resampling_of(w, m, out->n_draw, &rng);
    for (size_t d = 0; d < out->n_draw; d++)
        memcpy(out->draw + d * np, row + tw_resampling_next(&r) * np, np * sizeof(double));
    return TW_OK;
}

static void copy_mode(tw_pop_posterior *out, const tw_pop_target *t)
{
    size_t k = t->prior.n_eta, np = out->n_par;
    double inv[TW_POP_PAR_MAX * TW_POP_PAR_MAX];
    tw_la_inverse(inv, t->map.chol, k);
    memcpy(out->map, t->map.psi, np * sizeof(double));
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            out->cov[t->prior.at[i] * np + t->prior.at[j]] = inv[i * k + j];
}

tw_status tw_pop_fit_person(tw_ctx *cx, tw_pop_posterior *out, const tw_pop_model *m, const tw_pop_population *pop,
                            const tw_pop_person *person, size_t n_draw, uint64_t seed)
{
    tw_pop_target *t = NULL;
    if (n_draw < 1 || n_draw > TW_POP_DRAWS_MAX)
        return tw_fail(cx, TW_ELIMIT, "from 1 to %d draws", TW_POP_DRAWS_MAX);
    *out = (tw_pop_posterior){ .model = m, .pop = *pop, .n_par = m->n_par, .n_draw = n_draw, .n_obs = person->n_obs };
    TW_TRY(tw_stat_array(cx, &out->draw, n_draw * m->n_par));
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_pop_target_make(cx, &t, m, pop, person));
    tw_status s = TW_OK;
    if (!tw_pop_map_find(&t->map, &t->prior)) {
        s = tw_fail(cx, TW_EFAILED, "%s: the search did not end in a mode", m->id);
    } else {
        copy_mode(out, t);
        out->log_marginal = -0.5 * (tw_pop_map_marginal(&t->map, &t->prior) + (double)person->n_obs * TW_LN_2PI);
        if (person->n_obs == 0)
            tw_pop_prior_draws(out->draw, t, n_draw, seed);
        else
            s = importance(cx, out, t, seed);
    }
    tw_arena_back(cx->arena, mark);
    return s;
}

/* ---------------------------------------------------------------- the likelihood without approximation */

/** -2 ln of the mean of prior times likelihood over the density that drew. Normalised: the t law's constant counts. */
static double exact_one(tw_pop_target *t, size_t n_draw, tw_rng *rng)
{
    size_t k = t->prior.n_eta;
    double top = -HUGE_VAL, sum = 0.0, d = (double)k;
    for (size_t i = 0; i < n_draw; i++) { /* running maximum: one pass */
        double psi[TW_POP_PAR_MAX], factor = sqrt(TW_T6 / tw_rng_chi2_6(rng));
        draw(psi, &t->prior, t->map.psi, t->map.chol, true, factor, rng);
        double w = tw_pop_log_posterior(t, psi) - log_t(&t->map, &t->prior, psi);
        if (w > top) {
            sum = sum * exp(top - w) + 1.0;
            top = w;
        } else {
            sum += exp(w - top);
        }
    }
    double log_prior_constant = -0.5 * d * TW_LN_2PI - 0.5 * t->prior.log_det;
    return -2.0 * (top + log(sum / (double)n_draw) - tw_t6_log_constant(t->map.chol, k) + log_prior_constant);
}

tw_status tw_pop_exact(tw_ctx *cx, double *ofv, const tw_pop_model *m, const tw_pop_population *pop,
                       const tw_pop_person *people, size_t n, size_t n_draw, uint64_t seed)
{
    *ofv = 0.0;
    TW_ASSERT(n_draw > 0);
    for (size_t i = 0; i < n; i++) {
        tw_pop_target *t = NULL;
        tw_rng rng = tw_rng_of(seed, i + 1);
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_status s = tw_pop_target_make(cx, &t, m, pop, &people[i]);
        bool found = s == TW_OK && tw_pop_map_find(&t->map, &t->prior);
        if (found)
            *ofv += exact_one(t, n_draw, &rng);
        tw_arena_back(cx->arena, mark);
        if (!found)
            return s != TW_OK ? tw_wrap(cx, "person %zu", i + 1) :
                                tw_fail(cx, TW_EFAILED, "person %zu: no mode", i + 1);
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- how far the data speak */

static void identity_numbers(tw_pop_identity *out, const tw_pop_target *t)
{
    size_t k = t->prior.n_eta;
    const double *l = t->prior.chol;
    double a[TW_POP_PAR_MAX * TW_POP_PAR_MAX], data[TW_POP_PAR_MAX * TW_POP_PAR_MAX];
    for (size_t i = 0; i < k * k; i++)
        data[i] = t->map.hess[i] - t->prior.prec[i];
    for (size_t i = 0; i < k; i++) { /* L' data L */
        for (size_t j = 0; j < k; j++) {
            double s = 0.0;
            for (size_t p = i; p < k; p++)
                for (size_t q = j; q < k; q++)
                    s += l[p * k + i] * data[p * k + q] * l[q * k + j];
            a[i * k + j] = s;
        }
    }
    out->n = k;
    tw_la_eigen(out->eigen, NULL, a, k);
    tw_la_inverse(a, t->map.chol, k);
    for (size_t i = 0; i < k; i++) {
        out->told += out->eigen[i] >= 1.0;
        out->shrinkage[i] = 1.0 - a[i * k + i] / t->pop.cov[t->prior.at[i] * (t->map.model->n_par + 1)];
    }
}

tw_status tw_pop_identify(tw_ctx *cx, tw_pop_identity *out, const tw_pop_model *m, const tw_pop_population *pop,
                          const tw_pop_person *person)
{
    tw_pop_target *t = NULL;
    tw_mark mark = tw_arena_mark(cx->arena);
    *out = (tw_pop_identity){ .n = 0 };
    TW_TRY(tw_pop_target_make(cx, &t, m, pop, person));
    bool found = tw_pop_map_find(&t->map, &t->prior);
    if (found)
        identity_numbers(out, t);
    tw_arena_back(cx->arena, mark);
    return found ? TW_OK : tw_fail(cx, TW_EFAILED, "%s: the search did not end in a mode", m->id);
}

tw_status tw_pop_profile(tw_ctx *cx, double *rise, const tw_pop_model *m, const tw_pop_population *pop,
                         const tw_pop_person *person, size_t par, const double *grid, size_t n_grid)
{
    tw_pop_target *t = NULL;
    if (par >= m->n_par || !(pop->cov[par * (m->n_par + 1)] > 0.0))
        return tw_fail(cx, TW_EUSAGE, "%s: no variable parameter %zu", m->id, par + 1);
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_pop_target_make(cx, &t, m, pop, person));
    bool found = tw_pop_map_find(&t->map, &t->prior);
    double best = t->map.objective;
    t->map.held_par = par;
    for (size_t i = 0; i < n_grid && found; i++) {
        t->map.held = grid[i];
        rise[i] = tw_pop_map_find(&t->map, &t->prior) ? t->map.objective - best : HUGE_VAL;
    }
    tw_arena_back(cx->arena, mark);
    return found ? TW_OK : tw_fail(cx, TW_EFAILED, "%s: the search did not end in a mode", m->id);
}
