/* For the tests of this room: the real men, and synthetic ones. */
#ifndef TW_TEST_PSA_DATA_H
#define TW_TEST_PSA_DATA_H

#include "test_near.h"
#include "twin/twin_internal.h"

#define MEN_MAX 128

static inline tw_str csv_field(tw_str *line)
{
    tw_str f = { NULL, 0 };
    (void)tw_str_split(&f, line, ',');
    return tw_str_trim(f);
}

/** twin/psa_ias_bruchovsky.csv: patient,day,cpa,leu,psa,testosterone,cycle,on. Returns the number of men. */
static inline size_t real_men(tw_psa_series men[MEN_MAX], tw_psa_restart restart)
{
    tw_str rest = tw_test_read("twin/psa_ias_bruchovsky.csv"), line, who = { NULL, 0 };
    tw_psa_visit *v = tw_try_array(cx->arena, tw_psa_visit, TW_PSA_VISITS_MAX);
    size_t n = 0, count = 0;
    assert_non_null(v);
    assert_true(tw_str_split(&line, &rest, '\n'));
    for (;;) {
        bool more = tw_str_split(&line, &rest, '\n') && line.n > 0;
        tw_str id = more ? csv_field(&line) : (tw_str){ NULL, 0 };
        if (n > 0 && !tw_str_eq(id, who)) {
            assert_true(count < MEN_MAX);
            assert_ok(tw_psa_series_make(cx, &men[count++], v, n, restart));
            n = 0;
        }
        if (!more)
            return count;
        who = id;
        v[n] = (tw_psa_visit){ .psa_ug_l = (double)NAN };
        assert_true(tw_parse_f64(&v[n].day, csv_field(&line)));
        (void)csv_field(&line);
        (void)csv_field(&line);
        tw_str psa = csv_field(&line);
        if (psa.n > 0)
            assert_true(tw_parse_f64(&v[n].psa_ug_l, psa));
        (void)csv_field(&line);
        (void)csv_field(&line);
        v[n++].on = tw_str_is(csv_field(&line), "1");
    }
}

/** n synthetic men of a population. */
static inline void synthetic_men(tw_psa_series *men, tw_psa_synthetic *truth, size_t n, const tw_psa_population *pop,
                                 uint64_t seed)
{
    for (size_t i = 0; i < n; i++) {
        assert_ok(tw_psa_simulate(cx, &truth[i], pop, NULL, seed + i));
        assert_ok(tw_psa_series_make(cx, &men[i], truth[i].visit, truth[i].n_visit, TW_PSA_RESTART_FIRST_ON));
    }
}

/** A population like that of the published men, for tests. */
static inline tw_psa_population test_population(void)
{
    tw_psa_population p = tw_psa_population_start();
    for (size_t i = 0; i < TW_PSA_NPAR; i++)
        p.cov[i * TW_PSA_NPAR + i] *= 0.6;
    p.cov[TW_PSA_B_YEAR * TW_PSA_NPAR + TW_PSA_LN_K] = p.cov[TW_PSA_LN_K * TW_PSA_NPAR + TW_PSA_B_YEAR] = 0.05;
    return p;
}

#endif
