/* Values one by one: particle filter with Liu and West's jitter, ensemble Kalman filter. What moves is psi; the curve
 * is its function, so that no state is propagated. */
#include "pop/pop_internal.h"

#include <math.h>

#define DELTA 0.98

typedef struct {
    tw_pop_map map; /* of one value */
    tw_pop_obs obs;
    tw_pop_person one;
    const tw_pop_population *pop;
    tw_particles *p;
    double *f, *v, *w;
    tw_rng rng;
} filter;

/** Predictions of the value at hand by every particle. */
static void predict(filter *t)
{
    for (size_t d = 0; d < t->p->n_particle; d++) {
        bool good = tw_pop_map_predict(&t->map, &t->f[d], &t->v[d], t->pop, t->p->x + d * t->p->n);
        if (!good)
            t->v[d] = (double)NAN;
    }
}

static tw_status particles(tw_ctx *cx, filter *t, double *evidence)
{
    for (size_t d = 0; d < t->p->n_particle; d++) {
        double misfit = isnan(t->v[d]) ? HUGE_VAL : tw_pop_map_misfit(&t->map, &t->f[d], &t->v[d]);
        t->w[d] = -0.5 * (misfit + (t->obs.kind == TW_POP_MEASURED ? TW_LN_2PI : 0.0));
    }
    double gain = tw_particles_reweigh(t->p, t->w);
    if (!isfinite(gain))
        return tw_fail(cx, TW_EFAILED, "particle filter: no particle explains a value");
    *evidence += gain;
    if (tw_particles_ess(t->p) < 0.5 * (double)t->p->n_particle)
        return tw_particles_liu_west(cx, t->p, DELTA, &t->rng);
    return TW_OK;
}

static tw_status ensemble(tw_ctx *cx, filter *t)
{
    double var = 0.0, width = t->one.noise ? t->one.noise[t->obs.output].value_round_width : 0.0;
    if (t->obs.kind != TW_POP_MEASURED)
        return tw_fail(cx, TW_EUSAGE, "the ensemble Kalman filter takes plain values only");
    for (size_t d = 0; d < t->p->n_particle; d++) {
        if (isnan(t->v[d]))
            return tw_fail(cx, TW_EFAILED, "ensemble Kalman filter: a member has no prediction");
        var += t->v[d] / (double)t->p->n_particle;
    }
    var += width * width / 12.0;
    return tw_enkf(cx, t->p, t->f, &t->obs.y, &var, 1, &t->rng);
}

static tw_status run(tw_ctx *cx, filter *t, double *evidence, const tw_pop_model *m, const tw_pop_person *person,
                     tw_pop_filter_kind kind)
{
    t->one = *person;
    t->one.obs = &t->obs;
    t->one.n_obs = 1;
    TW_TRY(tw_pop_map_new(cx, &t->map, m, &t->one));
    TW_TRY(tw_stat_array(cx, &t->f, 3 * t->p->n_particle));
    t->v = t->f + t->p->n_particle;
    t->w = t->v + t->p->n_particle;
    for (size_t j = 0; j < person->n_obs; j++) {
        t->obs = person->obs[j];
        predict(t);
        tw_status s = kind == TW_POP_PARTICLES ? particles(cx, t, evidence) : ensemble(cx, t);
        if (s != TW_OK)
            return tw_wrap(cx, "value %zu", j + 1);
    }
    return TW_OK;
}

tw_status tw_pop_filter(tw_ctx *cx, double *log_evidence, tw_particles *p, const tw_pop_model *m,
                        const tw_pop_population *pop, const tw_pop_person *person, tw_pop_filter_kind kind,
                        uint64_t seed)
{
    filter t = { .pop = pop, .p = p, .rng = tw_rng_of(seed, 5) };
    TW_TRY(tw_pop_check(cx, m, pop, person, 1));
    TW_ASSERT(p->n == m->n_par);
    *log_evidence = 0.0;
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = run(cx, &t, log_evidence, m, person, kind);
    tw_arena_back(cx->arena, mark);
    if (kind == TW_POP_ENSEMBLE)
        *log_evidence = (double)NAN;
    return s;
}
