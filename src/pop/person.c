/* One person's likelihood, and its mode by Levenberg and Marquardt with expected information (as FOCE with interaction
 * has it). Objectives are -2 ln p without n ln(2 pi); gradients and Hessians are of half of that. */
#include "pop/pop_internal.h"

#include <math.h>

#define ITERATIONS_MAX 200
#define DECREMENT 1e-13
#define FD_STEP 1e-5

static double logistic(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

void tw_pop_natural(double *phi, const tw_pop_model *m, const double *psi)
{
    for (size_t i = 0; i < m->n_par; i++) {
        const tw_pop_par *p = &m->par[i];
        switch (p->law) {
        case TW_POP_LOG:
            phi[i] = exp(psi[i]);
            break;
        case TW_POP_NORMAL:
            phi[i] = psi[i];
            break;
        case TW_POP_LOGIT:
            phi[i] = p->lo + (p->hi - p->lo) * logistic(psi[i]);
            break;
        }
    }
}

void tw_pop_transformed(double *psi, const tw_pop_model *m, const double *phi)
{
    for (size_t i = 0; i < m->n_par; i++) {
        const tw_pop_par *p = &m->par[i];
        switch (p->law) {
        case TW_POP_LOG:
            psi[i] = log(phi[i]);
            break;
        case TW_POP_NORMAL:
            psi[i] = phi[i];
            break;
        case TW_POP_LOGIT:
            psi[i] = log((phi[i] - p->lo) / (p->hi - phi[i]));
            break;
        }
    }
}

/** d phi / d psi */
static double stretch(const tw_pop_par *p, double phi)
{
    switch (p->law) {
    case TW_POP_LOG:
        return phi;
    case TW_POP_NORMAL:
        return 1.0;
    case TW_POP_LOGIT:
        return (phi - p->lo) * (p->hi - phi) / (p->hi - p->lo);
    }
    return 1.0;
}

void tw_pop_typical(double *psi, const tw_pop_model *m, const tw_pop_population *pop, const tw_pop_person *p)
{
    memcpy(psi, pop->mean, m->n_par * sizeof(double));
    for (size_t i = 0; i < m->n_effect; i++) {
        const tw_pop_effect *e = &m->effect[i];
        psi[e->par] += pop->beta[i] * log(p->covariate[e->covariate] / e->centre);
    }
}

bool tw_pop_prior_set(tw_pop_prior *out, const tw_pop_model *m, const tw_pop_population *pop)
{
    size_t n = 0;
    *out = (tw_pop_prior){ .model = m, .pop = pop };
    for (size_t i = 0; i < m->n_par; i++)
        if (pop->cov[i * m->n_par + i] > 0.0)
            out->at[n++] = i;
    out->n_eta = n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            out->chol[i * n + j] = pop->cov[out->at[i] * m->n_par + out->at[j]];
    if (!tw_la_chol(out->chol, n))
        return false;
    tw_la_inverse(out->prec, out->chol, n);
    out->log_det = tw_la_logdet(out->chol, n);
    return true;
}

tw_status tw_pop_map_new(tw_ctx *cx, tw_pop_map *w, const tw_pop_model *m, const tw_pop_person *p)
{
    size_t n = p->n_obs, k = m->n_par;
    *w = (tw_pop_map){ .model = m, .person = p, .held = (double)NAN };
    TW_TRY(tw_stat_array(cx, &w->f, 5 * n + 3 * n * k));
    w->v = w->f + n;
    w->trial_f = w->v + n;
    w->trial_v = w->trial_f + n;
    w->shift_f = w->trial_v + n;
    w->jf = w->shift_f + n;
    w->jv = w->jf + n * k;
    w->jac = w->jv + n * k;
    for (size_t o = 0; p->noise && o < m->n_output; o++)
        w->time_noise = w->time_noise || p->noise[o].time_jitter_days > 0.0 || p->noise[o].time_round_days > 0.0;
    if (!w->time_noise)
        return TW_OK;
    w->shifted = tw_try_array(cx->arena, tw_pop_obs, n ? n : 1);
    return w->shifted ? TW_OK : tw_fail(cx, TW_ELIMIT, "no room for %zu values", n);
}

/** sd of the time of a value, in the model's unit. */
static double time_sd(const tw_pop_map *w, uint32_t output)
{
    const tw_noise *z = &w->person->noise[output];
    double days = z->time_jitter_days * z->time_jitter_days + z->time_round_days * z->time_round_days / 12.0;
    return sqrt(days) / w->model->time_unit_days;
}

/** Half the change of the curve from one sd of time before to one after, squared, onto v. The values keep their order:
 *  one law shifts all of an output alike. */
static void add_time_variance(tw_pop_map *w, double *v, const double *phi)
{
    size_t n = w->person->n_obs;
    tw_pop_person p = *w->person;
    double *before = w->jac; /* free at this moment */
    p.obs = w->shifted;
    for (int side = 0; side < 2; side++) {
        for (size_t j = 0; j < n; j++) {
            w->shifted[j] = w->person->obs[j];
            double sd = time_sd(w, w->shifted[j].output);
            w->shifted[j].time = side ? w->shifted[j].time + sd : TW_MAX(w->shifted[j].time - sd, 0.0);
        }
        (void)w->model->predict(w->model->self, side ? w->shift_f : before, NULL, phi, &p);
    }
    for (size_t j = 0; j < n; j++) {
        double half = 0.5 * (w->shift_f[j] - before[j]);
        v[j] += half * half;
    }
}

double tw_pop_error_variance(const tw_pop_population *pop, const tw_pop_person *p, uint32_t o, double f)
{
    double extra = p->noise ? p->noise[o].value_sd : 0.0;
    return pop->add[o] * pop->add[o] + pop->prop[o] * pop->prop[o] * f * f + extra * extra;
}

/** Returns whether w->jac holds the model's Jacobian (only looked for when `jac`). */
static bool predict(tw_pop_map *w, double *f, double *v, const tw_pop_population *pop, const double *psi, bool jac,
                    bool *finite)
{
    double phi[TW_POP_PAR_MAX];
    const tw_pop_person *p = w->person;
    tw_pop_natural(phi, w->model, psi);
    if (w->time_noise)
        jac = false;
    bool filled = w->model->predict(w->model->self, f, jac ? w->jac : NULL, phi, p) && jac;
    *finite = true;
    for (size_t j = 0; j < p->n_obs; j++) {
        v[j] = tw_pop_error_variance(pop, p, p->obs[j].output, f[j]);
        *finite = *finite && isfinite(f[j]) && v[j] > 0.0;
    }
    if (w->time_noise && *finite)
        add_time_variance(w, v, phi);
    return filled;
}

bool tw_pop_map_predict(tw_pop_map *w, double *f, double *v, const tw_pop_population *pop, const double *psi)
{
    bool finite;
    (void)predict(w, f, v, pop, psi, false, &finite);
    return finite;
}

/** Value outside a limit: P = Phi(z), z = side (y - f) / sqrt(v). */
static tw_pop_term limit_term(double y, double f, double v, double side)
{
    double sd = sqrt(v), z = side * (y - f) / sd, logp = tw_log_normal_cdf(z);
    double hazard = exp(-0.5 * z * z - 0.5 * TW_LN_2PI - logp);
    return (tw_pop_term){ .value = -2.0 * logp,
                          .by_f = 2.0 * hazard * side / sd,
                          .by_v = hazard * z / v,
                          .info_f = TW_MAX(hazard * (hazard + z), 0.0) / v };
}

/** P(y - width/2 < Y < y + width/2), as a density: over the width and times sqrt(2 pi), so that it tends to the plain
 *  term as the width goes to 0. */
static tw_pop_term interval_term(double y, double f, double v, double width)
{
    double sd = sqrt(v), a = (y - 0.5 * width - f) / sd, b = (y + 0.5 * width - f) / sd;
    if (a > 0.0) { /* the smaller tail, for its digits */
        double keep = a;
        a = -b;
        b = -keep;
    }
    double lb = tw_log_normal_cdf(b), la = tw_log_normal_cdf(a);
    double logp = lb + log1p(-exp(TW_MIN(la - lb, -1e-15)));
    double da = exp(-0.5 * a * a - 0.5 * TW_LN_2PI - logp), db = exp(-0.5 * b * b - 0.5 * TW_LN_2PI - logp);
    double side = y - f - 0.5 * width > 0.0 ? -1.0 : 1.0; /* mirrored above */
    double whole = v + width * width / 12.0;
    return (tw_pop_term){ .value = -2.0 * (logp - log(width) + 0.5 * TW_LN_2PI),
                          .by_f = 2.0 * side * (db - da) / sd,
                          .by_v = (db * b - da * a) / v,
                          .info_f = 1.0 / whole,
                          .info_v = 0.5 / (whole * whole) };
}

tw_pop_term tw_pop_term_of(double y, double f, double v, double round_width, tw_pop_kind kind)
{
    if (kind == TW_POP_BELOW)
        return limit_term(y, f, v, 1.0);
    if (kind == TW_POP_ABOVE)
        return limit_term(y, f, v, -1.0);
    /* a narrow interval is its middle's density to the second order; the difference of two tails would lose digits */
    if (round_width * round_width > 1e-4 * v)
        return interval_term(y, f, v, round_width);
    double r = y - f;
    return (tw_pop_term){ .value = r * r / v + log(v),
                          .by_f = -2.0 * r / v,
                          .by_v = (1.0 - r * r / v) / v,
                          .info_f = 1.0 / v,
                          .info_v = 0.5 / (v * v) };
}

tw_pop_term tw_pop_term_at(const tw_pop_person *p, size_t j, double f, double v)
{
    const tw_pop_obs *o = &p->obs[j];
    return tw_pop_term_of(o->y, f, v, p->noise ? p->noise[o->output].value_round_width : 0.0, o->kind);
}

double tw_pop_map_misfit(const tw_pop_map *w, const double *f, const double *v)
{
    double sum = 0.0;
    for (size_t j = 0; j < w->person->n_obs; j++)
        sum += tw_pop_term_at(w->person, j, f[j], v[j]).value;
    return sum;
}

double tw_pop_prior_misfit(const tw_pop_prior *prior, const double *typical, const double *psi)
{
    double e[TW_POP_PAR_MAX];
    for (size_t i = 0; i < prior->n_eta; i++)
        e[i] = psi[prior->at[i]] - typical[prior->at[i]];
    tw_la_solve_lower(prior->chol, e, prior->n_eta);
    return tw_la_square(e, prior->n_eta);
}

static double objective(tw_pop_map *w, const tw_pop_prior *prior, const double *psi)
{
    if (!tw_pop_map_predict(w, w->trial_f, w->trial_v, prior->pop, psi))
        return HUGE_VAL;
    return tw_pop_map_misfit(w, w->trial_f, w->trial_v) + tw_pop_prior_misfit(prior, w->typical, psi);
}

/** f, v, jf, jv at psi: by the model's Jacobian where it has one, else by central differences. */
static bool linearise(tw_pop_map *w, const tw_pop_prior *prior)
{
    size_t n = w->person->n_obs, k = prior->n_eta, n_par = w->model->n_par;
    double phi[TW_POP_PAR_MAX], psi[TW_POP_PAR_MAX];
    bool finite;
    bool have = predict(w, w->f, w->v, prior->pop, w->psi, true, &finite);
    if (!finite)
        return false;
    tw_pop_natural(phi, w->model, w->psi);
    for (size_t j = 0; have && j < n; j++) {
        double prop = prior->pop->prop[w->person->obs[j].output];
        for (size_t i = 0; i < k; i++) {
            size_t at = prior->at[i];
            w->jf[j * k + i] = w->jac[j * n_par + at] * stretch(&w->model->par[at], phi[at]);
            w->jv[j * k + i] = 2.0 * prop * prop * w->f[j] * w->jf[j * k + i];
        }
    }
    memcpy(psi, w->psi, n_par * sizeof(double));
    for (size_t i = 0; !have && i < k; i++) {
        for (int side = 1; side >= -1; side -= 2) {
            psi[prior->at[i]] = w->psi[prior->at[i]] + side * FD_STEP;
            if (!tw_pop_map_predict(w, w->trial_f, w->trial_v, prior->pop, psi))
                return false;
            for (size_t j = 0; j < n; j++) {
                double df = side * w->trial_f[j] / (2.0 * FD_STEP), dv = side * w->trial_v[j] / (2.0 * FD_STEP);
                w->jf[j * k + i] = side > 0 ? df : w->jf[j * k + i] + df;
                w->jv[j * k + i] = side > 0 ? dv : w->jv[j * k + i] + dv;
            }
        }
        psi[prior->at[i]] = w->psi[prior->at[i]];
    }
    return true;
}

/** hess and grad at psi. */
static void curvature(tw_pop_map *w, const tw_pop_prior *prior, double *grad)
{
    size_t k = prior->n_eta;
    memcpy(w->hess, prior->prec, k * k * sizeof(double));
    for (size_t a = 0; a < k; a++) {
        grad[a] = 0.0;
        for (size_t b = 0; b < k; b++)
            grad[a] += prior->prec[a * k + b] * (w->psi[prior->at[b]] - w->typical[prior->at[b]]);
    }
    for (size_t j = 0; j < w->person->n_obs; j++) {
        tw_pop_term t = tw_pop_term_at(w->person, j, w->f[j], w->v[j]);
        const double *jf = w->jf + j * k, *jv = w->jv + j * k;
        for (size_t a = 0; a < k; a++) {
            grad[a] += 0.5 * (t.by_f * jf[a] + t.by_v * jv[a]);
            for (size_t b = 0; b <= a; b++)
                w->hess[a * k + b] += t.info_f * jf[a] * jf[b] + t.info_v * jv[a] * jv[b];
        }
    }
    for (size_t a = 0; a < k; a++)
        for (size_t b = a + 1; b < k; b++)
            w->hess[a * k + b] = w->hess[b * k + a];
}

/** A held parameter has no gradient and no step. */
static void hold(const tw_pop_map *w, const tw_pop_prior *prior, double *grad, double *damped)
{
    size_t k = prior->n_eta;
    for (size_t i = 0; !isnan(w->held) && i < k; i++) {
        if (prior->at[i] != w->held_par)
            continue;
        grad[i] = 0.0;
        for (size_t b = 0; b < k; b++)
            damped[i * k + b] = damped[b * k + i] = b == i ? 1.0 : 0.0;
    }
}

/** One step that gains, damped as much as it needs. Returns the decrement; negative: none found. */
static double step(tw_pop_map *w, const tw_pop_prior *prior, double *damping)
{
    size_t k = prior->n_eta;
    double grad[TW_POP_PAR_MAX], dir[TW_POP_PAR_MAX], psi[TW_POP_PAR_MAX];
    curvature(w, prior, grad);
    for (; *damping < 1e12; *damping = TW_MAX(*damping * 8.0, 1e-4)) {
        memcpy(w->chol, w->hess, k * k * sizeof(double));
        for (size_t i = 0; i < k; i++)
            w->chol[i * k + i] *= 1.0 + *damping;
        hold(w, prior, grad, w->chol);
        memcpy(dir, grad, k * sizeof(double));
        if (!tw_la_chol(w->chol, k))
            continue;
        tw_la_solve_lower(w->chol, dir, k);
        double decrement = tw_la_square(dir, k);
        if (decrement < DECREMENT)
            return decrement;
        tw_la_solve_upper(w->chol, dir, k);
        memcpy(psi, w->psi, w->model->n_par * sizeof(double));
        for (size_t i = 0; i < k; i++)
            psi[prior->at[i]] -= dir[i];
        double next = objective(w, prior, psi);
        if (next <= w->objective) {
            memcpy(w->psi, psi, w->model->n_par * sizeof(double));
            w->objective = next;
            *damping = *damping < 1e-3 ? 0.0 : *damping * 0.1;
            return decrement;
        }
        if (decrement < 1e-9)
            return 0.0; /* at the floor of the objective's digits */
    }
    return -1.0;
}

static bool search(tw_pop_map *w, const tw_pop_prior *prior)
{
    size_t k = prior->n_eta;
    double grad[TW_POP_PAR_MAX], damping = 0.0, decrement = 1.0;
    w->objective = objective(w, prior, w->psi);
    if (!isfinite(w->objective))
        return false;
    for (int i = 0; i < ITERATIONS_MAX && decrement >= DECREMENT; i++) {
        if (!linearise(w, prior))
            return false;
        decrement = step(w, prior, &damping);
    }
    if (decrement < 0.0 || !linearise(w, prior))
        return false;
    curvature(w, prior, grad);
    memcpy(w->chol, w->hess, k * k * sizeof(double));
    return tw_la_chol(w->chol, k);
}

/** From the typical person, and from one sd to both sides of him in every parameter: a lag or a flip-flop makes hollows
 *  of their own. The deepest one counts. */
static bool search_widely(tw_pop_map *w, const tw_pop_prior *prior)
{
    size_t n = w->model->n_par;
    double best[TW_POP_PAR_MAX], least = HUGE_VAL;
    for (size_t k = 0; k <= 2 * prior->n_eta; k++) {
        memcpy(w->psi, w->typical, n * sizeof(double));
        if (k > 0) {
            size_t at = prior->at[(k - 1) / 2];
            w->psi[at] += (k % 2 ? 1.0 : -1.0) * sqrt(prior->pop->cov[at * (n + 1)]);
        }
        if (!isnan(w->held))
            w->psi[w->held_par] = w->held;
        if (!search(w, prior) || !(w->objective < least - 1e-7))
            continue;
        least = w->objective;
        memcpy(best, w->psi, n * sizeof(double));
    }
    if (!isfinite(least))
        return false;
    memcpy(w->psi, best, n * sizeof(double));
    return search(w, prior);
}

bool tw_pop_map_find(tw_pop_map *w, const tw_pop_prior *prior)
{
    size_t n_par = w->model->n_par;
    bool found = false;
    tw_pop_typical(w->typical, w->model, prior->pop, w->person);
    if (w->searched && isnan(w->held)) { /* where it was; what does not vary follows the population */
        for (size_t i = 0; i < n_par; i++)
            if (!(prior->pop->cov[i * n_par + i] > 0.0))
                w->psi[i] = w->typical[i];
        found = search(w, prior);
    }
    if (!found)
        found = search_widely(w, prior);
    w->searched = found;
    return found;
}

double tw_pop_map_marginal(const tw_pop_map *w, const tw_pop_prior *prior)
{
    return w->objective + prior->log_det + tw_la_logdet(w->chol, prior->n_eta);
}
