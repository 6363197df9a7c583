/* For the tests of this room: the published tables, read where TWINWARD_DATA is, and people without any. */
#ifndef TW_TEST_POP_DATA_H
#define TW_TEST_POP_DATA_H

#include "pop/pop_internal.h"
#include "test_near.h"

static inline TW_UNUSED size_t real_people(tw_pop_person **people, const tw_pop_model *m)
{
    size_t n = 0;
    assert_ok(tw_pop_read(cx, people, &n, m, tw_test_read(tw_strf(cx->arena, "twin/%s.csv", m->id).p)));
    return n;
}

/** Theophylline as fitted (card). */
static inline TW_UNUSED tw_pop_population test_population(void)
{
    tw_pop_population p = tw_pop_start(tw_pop_theophylline());
    const double mean[] = { 0.464, 1.012, 3.460 }, var[] = { 0.402, 0.069, 0.019 };
    for (size_t i = 0; i < 3; i++) {
        p.mean[i] = mean[i];
        p.cov[4 * i] = var[i];
    }
    p.add[0] = 0.694;
    return p;
}

/** One dose of 320 mg, ten samples, drawn from the population. */
static inline TW_UNUSED tw_pop_person test_person(double *psi, const tw_pop_population *pop, uint64_t seed)
{
    static const double hour[] = { 0.25, 0.5, 1.0, 2.0, 3.5, 5.0, 7.0, 9.0, 12.0, 24.0 };
    enum { N = sizeof hour / sizeof *hour };
    tw_pop_dose *d = tw_new(cx->arena, tw_pop_dose);
    tw_pop_obs *o = tw_try_array(cx->arena, tw_pop_obs, N);
    double *wt = tw_new(cx->arena, double), y[N];
    *wt = 70.0;
    *d = (tw_pop_dose){ .amount = 320.0 };
    for (size_t j = 0; j < N; j++)
        o[j].time = hour[j];
    tw_pop_person p = { .dose = d, .n_dose = 1, .obs = o, .n_obs = N, .covariate = wt };
    assert_ok(tw_pop_simulate(cx, psi, y, tw_pop_theophylline(), pop, &p, seed));
    for (size_t j = 0; j < N; j++)
        o[j].y = y[j];
    return p;
}

#endif
