/* What a fit must be able to rely on. */
#include "pop/pop_internal.h"

#include <math.h>

static tw_status check_person(tw_ctx *cx, const tw_pop_model *m, const tw_pop_person *p)
{
    if (p->n_obs > TW_POP_OBS_MAX || p->n_dose > TW_POP_OBS_MAX)
        return tw_fail(cx, TW_ELIMIT, "more than %d values or doses", TW_POP_OBS_MAX);
    for (size_t j = 0; j < p->n_dose; j++) {
        const tw_pop_dose *d = &p->dose[j];
        if (!isfinite(d->time) || !isfinite(d->amount) || d->amount <= 0.0 || !isfinite(d->duration) ||
            d->duration < 0.0 || (j > 0 && d->time < p->dose[j - 1].time))
            return tw_fail(cx, TW_EPARSE, "dose %zu: time, amount or order", j + 1);
    }
    for (size_t j = 0; j < p->n_obs; j++) {
        const tw_pop_obs *o = &p->obs[j];
        if (!isfinite(o->time) || !isfinite(o->y) || o->output >= m->n_output ||
            (j > 0 && o->time < p->obs[j - 1].time))
            return tw_fail(cx, TW_EPARSE, "value %zu: time, value, output or order", j + 1);
    }
    for (size_t i = 0; i < m->n_effect; i++) {
        if (!p->covariate || !(p->covariate[m->effect[i].covariate] > 0.0))
            return tw_fail(cx, TW_EPARSE, "covariate %s is missing or not positive",
                           m->covariate[m->effect[i].covariate]);
    }
    for (size_t o = 0; p->noise && o < m->n_output; o++)
        if (p->noise[o].time_dropped)
            return tw_fail(cx, TW_EPARSE, "the release dropped the times of %s: no fit is possible", m->output[o]);
    return TW_OK;
}

tw_status tw_pop_check(tw_ctx *cx, const tw_pop_model *m, const tw_pop_population *pop, const tw_pop_person *people,
                       size_t n)
{
    tw_pop_prior prior;
    if (m->n_par == 0 || m->n_par > TW_POP_PAR_MAX || m->n_output == 0 || m->n_output > TW_POP_OUT_MAX ||
        m->n_effect > TW_POP_EFFECT_MAX || m->n_covariate > TW_POP_COVARIATE_MAX)
        return tw_fail(cx, TW_ELIMIT, "model %s: too many parameters, outputs or covariates", m->id);
    if (n > TW_POP_PEOPLE_MAX)
        return tw_fail(cx, TW_ELIMIT, "more than %d people", TW_POP_PEOPLE_MAX);
    if (!tw_pop_prior_set(&prior, m, pop))
        return tw_fail(cx, TW_EPARSE, "population of %s: its covariance is not positive definite", m->id);
    for (size_t o = 0; o < m->n_output; o++)
        if (!(pop->add[o] >= 0.0) || !(pop->prop[o] >= 0.0) || !(pop->add[o] + pop->prop[o] > 0.0))
            return tw_fail(cx, TW_EPARSE, "population of %s: output %s has no error", m->id, m->output[o]);
    for (size_t i = 0; i < n; i++)
        if (check_person(cx, m, &people[i]) != TW_OK)
            return tw_wrap(cx, "person %zu", i + 1);
    return TW_OK;
}
