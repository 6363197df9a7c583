/* The structural models that come with the room: theophylline, warfarin, phenobarbital. Values and gradients. */
#include "pop/pop.h"

#include <math.h>

/* ---------------------------------------------------------------- theophylline */

enum { TH_KA, TH_CL, TH_V, TH_N };

static bool theophylline(TW_UNUSED const void *self, double *f, double *jac, const double *phi, const tw_pop_person *p)
{
    tw_pk1 k = { .ka = phi[TH_KA], .cl = phi[TH_CL], .v = phi[TH_V] };
    for (size_t j = 0; j < p->n_obs; j++) {
        double g[4];
        f[j] = tw_pk1_at(jac ? g : NULL, &k, p->dose, p->n_dose, p->obs[j].time);
        for (size_t i = 0; jac && i < TH_N; i++)
            jac[j * TH_N + i] = g[i];
    }
    return true;
}

const tw_pop_model *tw_pop_theophylline(void)
{
    static const tw_pop_par par[TH_N] = { { "ka", "1/h", TW_POP_LOG, 0.0, 0.0 },
                                          { "CL", "L/h", TW_POP_LOG, 0.0, 0.0 },
                                          { "V", "L", TW_POP_LOG, 0.0, 0.0 } };
    static const char *const output[] = { "cp" };
    static const char *const covariate[] = { "wt" };
    static const tw_pop_model m = { .id = "theophylline",
                                    .par = par,
                                    .n_par = TH_N,
                                    .output = output,
                                    .n_output = 1,
                                    .covariate = covariate,
                                    .n_covariate = 1,
                                    .time_unit_days = 1.0 / 24.0,
                                    .predict = theophylline };
    return &m;
}

/* ---------------------------------------------------------------- phenobarbital */

static bool phenobarbital(TW_UNUSED const void *self, double *f, double *jac, const double *phi,
                          const tw_pop_person *p)
{
    tw_pk1 k = { .cl = phi[0], .v = phi[1] };
    for (size_t j = 0; j < p->n_obs; j++) {
        double g[4];
        f[j] = tw_pk1_at(jac ? g : NULL, &k, p->dose, p->n_dose, p->obs[j].time);
        if (jac) {
            jac[j * 2] = g[1];
            jac[j * 2 + 1] = g[2];
        }
    }
    return true;
}

const tw_pop_model *tw_pop_phenobarbital(void)
{
    static const tw_pop_par par[] = { { "CL", "L/h", TW_POP_LOG, 0.0, 0.0 }, { "V", "L", TW_POP_LOG, 0.0, 0.0 } };
    static const char *const output[] = { "cp" };
    static const char *const covariate[] = { "wt", "apgr" };
    static const tw_pop_effect effect[] = { { 0, 0, 1.0, false }, { 1, 0, 1.0, false } };
    static const tw_pop_model m = { .id = "phenobarbital",
                                    .par = par,
                                    .n_par = 2,
                                    .output = output,
                                    .n_output = 1,
                                    .covariate = covariate,
                                    .n_covariate = 2,
                                    .effect = effect,
                                    .n_effect = 2,
                                    .time_unit_days = 1.0 / 24.0,
                                    .predict = phenobarbital };
    return &m;
}

/* ---------------------------------------------------------------- warfarin
 * pca / E0 = 1 - kout J, J(t) = integral of e^-kout(t - s) I(s) ds, I = C / (IC50 + C). J runs along with four
 * points of Gauss and Legendre a step; steps begin at 0.02 / ka after a dose's lag and grow by 1.6 to 8 h at most. */

enum { WA_LAG, WA_KA, WA_CL, WA_V, WA_E0, WA_IC50, WA_KOUT, WA_N };
#define STEP_MAX 8.0
#define STEP_GROWTH 1.6

typedef struct {
    const tw_pop_person *p;
    tw_pk1 pk;
    double ic50, kout;
    bool want_grad;
    double t, j;
    double grad[WA_N]; /* of J */
} effect_run;

static void effect_step(effect_run *r, double h)
{
    static const double x[4] = { 0.06943184420297371, 0.33000947820757187, 0.66999052179242813, 0.93056815579702629 };
    static const double w[4] = { 0.17392742256872693, 0.32607257743127307, 0.32607257743127307, 0.17392742256872693 };
    double decay = exp(-r->kout * h);
    r->grad[WA_KOUT] = decay * (r->grad[WA_KOUT] - h * r->j);
    r->j *= decay;
    for (size_t i = 0; i < WA_KOUT; i++)
        r->grad[i] *= decay;
    for (size_t i = 0; i < 4; i++) {
        double left = h * (1.0 - x[i]), g[4];
        double c = tw_pk1_at(r->want_grad ? g : NULL, &r->pk, r->p->dose, r->p->n_dose, r->t + h * x[i]);
        double weight = h * w[i] * exp(-r->kout * left), down = 1.0 / (r->ic50 + c);
        r->j += weight * c * down;
        if (!r->want_grad)
            continue;
        double by_c = weight * r->ic50 * down * down;
        r->grad[WA_KA] += by_c * g[0];
        r->grad[WA_CL] += by_c * g[1];
        r->grad[WA_V] += by_c * g[2];
        r->grad[WA_LAG] += by_c * g[3];
        r->grad[WA_IC50] -= weight * c * down * down;
        r->grad[WA_KOUT] -= left * weight * c * down;
    }
    r->t += h;
}

/** Starts of absorption after t, the next one; HUGE_VAL: none. */
static double next_start(const effect_run *r)
{
    double next = HUGE_VAL;
    for (size_t i = 0; i < r->p->n_dose; i++) {
        double at = r->p->dose[i].time + r->pk.lag;
        if (at > r->t && at < next)
            next = at;
    }
    return next;
}

static void effect_to(effect_run *r, double *h, double time)
{
    while (r->t < time) {
        double start = next_start(r), end = TW_MIN(time, start), step = TW_MIN(*h, end - r->t);
        if (r->t + step >= end || end - (r->t + step) < 1e-9) {
            effect_step(r, end - r->t);
            r->t = end;
        } else {
            effect_step(r, step);
        }
        *h = r->t >= start ? 0.02 / r->pk.ka : TW_MIN(*h * STEP_GROWTH, STEP_MAX);
        *h = TW_MIN(*h, STEP_MAX);
    }
}

static void effect_row(double *f, double *jac, const effect_run *r, double e0)
{
    *f = e0 * (1.0 - r->kout * r->j);
    if (!jac)
        return;
    for (size_t i = 0; i < WA_N; i++)
        jac[i] = -e0 * r->kout * r->grad[i];
    jac[WA_KOUT] -= e0 * r->j;
    jac[WA_E0] = 1.0 - r->kout * r->j;
}

static bool warfarin(TW_UNUSED const void *self, double *f, double *jac, const double *phi, const tw_pop_person *p)
{
    effect_run r = { .p = p,
                     .pk = { .ka = phi[WA_KA], .cl = phi[WA_CL], .v = phi[WA_V], .lag = phi[WA_LAG] },
                     .ic50 = phi[WA_IC50],
                     .kout = phi[WA_KOUT],
                     .want_grad = jac != NULL };
    double h = STEP_MAX;
    r.t = p->n_dose > 0 ? p->dose[0].time : 0.0;
    for (size_t j = 0; j < p->n_obs; j++) {
        double *row = jac ? jac + j * WA_N : NULL, g[4];
        if (p->obs[j].output == 1) {
            effect_to(&r, &h, p->obs[j].time);
            effect_row(&f[j], row, &r, phi[WA_E0]);
            continue;
        }
        f[j] = tw_pk1_at(row ? g : NULL, &r.pk, p->dose, p->n_dose, p->obs[j].time);
        if (!row)
            continue;
        memset(row, 0, WA_N * sizeof(double));
        row[WA_KA] = g[0];
        row[WA_CL] = g[1];
        row[WA_V] = g[2];
        row[WA_LAG] = g[3];
    }
    return true;
}

const tw_pop_model *tw_pop_warfarin(void)
{
    static const tw_pop_par par[WA_N] = {
        { "lag", "h", TW_POP_LOG, 0.0, 0.0 },  { "ka", "1/h", TW_POP_LOG, 0.0, 0.0 },
        { "CL", "L/h", TW_POP_LOG, 0.0, 0.0 }, { "V", "L", TW_POP_LOG, 0.0, 0.0 },
        { "E0", "%", TW_POP_LOG, 0.0, 0.0 },   { "IC50", "mg/L", TW_POP_LOG, 0.0, 0.0 },
        { "kout", "1/h", TW_POP_LOG, 0.0, 0.0 }
    };
    static const char *const output[] = { "cp", "pca" };
    static const char *const covariate[] = { "wt", "age", "sex" };
    static const tw_pop_effect effect[] = { { WA_CL, 0, 70.0, false }, { WA_V, 0, 70.0, false } };
    static const tw_pop_model m = { .id = "warfarin",
                                    .par = par,
                                    .n_par = WA_N,
                                    .output = output,
                                    .n_output = 2,
                                    .covariate = covariate,
                                    .n_covariate = 3,
                                    .effect = effect,
                                    .n_effect = 2,
                                    .time_unit_days = 1.0 / 24.0,
                                    .predict = warfarin };
    return &m;
}

/* ---------------------------------------------------------------- all of them */

const tw_pop_model *tw_pop_model_by_id(tw_str id)
{
    const tw_pop_model *all[] = { tw_pop_theophylline(), tw_pop_warfarin(), tw_pop_phenobarbital() };
    for (size_t i = 0; i < TW_COUNT(all); i++)
        if (tw_str_is(id, all[i]->id))
            return all[i];
    return NULL;
}

tw_pop_population tw_pop_start(const tw_pop_model *m)
{
    tw_pop_population p = { .people = 0 };
    double phi[TW_POP_PAR_MAX] = { 0.0 };
    if (m == tw_pop_theophylline()) {
        memcpy(phi, (const double[]){ 1.5, 3.0, 30.0 }, TH_N * sizeof(double));
        p.add[0] = 0.7;
    } else if (m == tw_pop_phenobarbital()) {
        memcpy(phi, (const double[]){ 0.005, 1.0 }, 2 * sizeof(double));
        p.beta[0] = p.beta[1] = 1.0;
        p.prop[0] = 0.1; /* an additive part is not identified beside it */
    } else if (m == tw_pop_warfarin()) {
        memcpy(phi, (const double[]){ 0.8, 1.0, 0.14, 8.0, 100.0, 1.0, 0.05 }, WA_N * sizeof(double));
        p.beta[0] = 0.75;
        p.beta[1] = 1.0;
        p.add[0] = 0.3;
        p.prop[0] = 0.1;
        p.add[1] = 2.0;
        p.prop[1] = 0.1;
    } else {
        p.add[0] = 1.0;
        for (size_t i = 0; i < m->n_par; i++)
            phi[i] = m->par[i].law == TW_POP_LOGIT ? 0.5 * (m->par[i].lo + m->par[i].hi) : 1.0;
    }
    tw_pop_transformed(p.mean, m, phi);
    for (size_t i = 0; i < m->n_par; i++)
        p.cov[i * m->n_par + i] = 0.15;
    return p;
}
