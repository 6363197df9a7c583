#include "test_psa_data.h"

TEST(crossval__beats_the_population_on_the_real_men)
{
    SKIP_WITHOUT_DATA();
    static tw_psa_series men[MEN_MAX];
    tw_psa_crossval_result r;
    const tw_psa_crossval_opts opts = { .seed = 1 };
    size_t n = real_men(men, TW_PSA_RESTART_FIRST_ON);
    assert_ok(tw_psa_crossval(cx, &r, men, NULL, n, &opts));
    const tw_psa_score *twin = &r.next_cycle.score[TW_PSA_TWIN], *pop = &r.next_cycle.score[TW_PSA_POPULATION];
    for (size_t m = 0; m < TW_PSA_NMETHOD; m++)
        print_message("%-22s CRPS %.3f (%.3f-%.3f), 50 %%: %.2f, 90 %%: %.2f, log %.2f; off phase %.3f\n",
                      tw_psa_method_name((tw_psa_method)m), r.next_cycle.score[m].crps, r.next_cycle.score[m].crps_lo,
                      r.next_cycle.score[m].crps_hi, r.next_cycle.score[m].cover50, r.next_cycle.score[m].cover90,
                      r.next_cycle.score[m].log_score, r.off_phase.score[m].crps);
    assert_int_equal(r.men, 37);
    assert_true(r.next_cycle.n_point > 900);
    assert_true(twin->crps <= 0.85 * pop->crps);
    assert_true(twin->cover90 >= 0.85 && twin->cover90 <= 0.95);
    assert_true(r.off_phase.score[TW_PSA_TWIN].crps <= 0.85 * r.off_phase.score[TW_PSA_POPULATION].crps);
    assert_true(r.next_cycle.score[TW_PSA_POOL].crps < r.next_cycle.score[TW_PSA_PREVIOUS].crps);
    assert_true(r.next_cycle.score[TW_PSA_PERSISTENCE].crps > 1.0);
    assert_true(twin->skill_lo > 0.0);
}

enum { MEN = 12 };
static tw_psa_series men[MEN];
static tw_psa_synthetic truth[MEN];

static tw_psa_crossval_result small(uint64_t seed)
{
    tw_psa_population pop = test_population();
    tw_psa_crossval_result r;
    const tw_psa_crossval_opts opts = {
        .seed = seed, .folds = 3, .draws = 100, .bootstraps = 100, .population = { .iterations_max = 3 }
    };
    synthetic_men(men, truth, MEN, &pop, 60);
    assert_ok(tw_psa_crossval(cx, &r, men, NULL, MEN, &opts));
    return r;
}

TEST(crossval__same_seed_same_table)
{
    tw_psa_crossval_result a = small(5), b = small(5), c = small(6);
    assert_int_equal(a.next_cycle.n_point, b.next_cycle.n_point);
    for (size_t m = 0; m < TW_PSA_NMETHOD; m++) {
        assert_memory_equal(&a.next_cycle.score[m].crps, &b.next_cycle.score[m].crps, sizeof(double));
        assert_memory_equal(&a.next_cycle.score[m].skill_lo, &b.next_cycle.score[m].skill_lo, sizeof(double));
    }
    assert_true(fabs(a.next_cycle.score[TW_PSA_TWIN].crps - c.next_cycle.score[TW_PSA_TWIN].crps) > 0.0);
}

TEST(crossval__points_are_all_later_cycles_in_order)
{
    tw_psa_crossval_result r = small(5);
    size_t want = 0;
    for (size_t i = 0; i < MEN; i++)
        for (size_t k = 0; k < men[i].n_obs; k++)
            want += men[i].run[men[i].at[k].run].cycle > 0 ? 1 : 0;
    assert_int_equal(r.next_cycle.n_point, want);
    for (size_t i = 1; i < want; i++) {
        const tw_psa_point *a = &r.next_cycle.point[i - 1], *b = &r.next_cycle.point[i];
        assert_true(a->man < b->man || (a->man == b->man && a->day <= b->day));
    }
}

TEST(crossval__a_man_does_not_change_his_own_prior)
{
    /* Altering the values of man 0 in his last cycle must leave the population forecast of his fold as it was. */
    tw_psa_crossval_result a = small(5), b;
    tw_psa_population pop = test_population();
    const tw_psa_crossval_opts opts = {
        .seed = 5, .folds = 3, .draws = 100, .bootstraps = 100, .population = { .iterations_max = 3 }
    };
    synthetic_men(men, truth, MEN, &pop, 60);
    size_t who = a.next_cycle.point[0].man, at = 0;
    for (size_t k = 0; k < men[who].n_obs; k++)
        if (men[who].run[men[who].at[k].run].cycle == 0)
            men[who].y[k] += 1.5;
    assert_ok(tw_psa_crossval(cx, &b, men, NULL, MEN, &opts));
    assert_memory_equal(&a.next_cycle.point[at].crps[TW_PSA_POPULATION],
                        &b.next_cycle.point[at].crps[TW_PSA_POPULATION], sizeof(double));
    assert_true(fabs(a.next_cycle.point[at].crps[TW_PSA_TWIN] - b.next_cycle.point[at].crps[TW_PSA_TWIN]) > 0.0);
    for (size_t i = 0; i < a.next_cycle.n_point; i++) /* but another fold's forecasts feel him */
        if (a.next_cycle.point[i].man % 3 != who % 3)
            at = i;
    assert_true(fabs(a.next_cycle.point[at].crps[TW_PSA_POPULATION] - b.next_cycle.point[at].crps[TW_PSA_POPULATION]) >
                0.0);
}

TEST(crossval__refuses_too_few_men)
{
    tw_psa_crossval_result r;
    const tw_psa_crossval_opts opts = { .seed = 1 };
    assert_status(TW_EPARSE, tw_psa_crossval(cx, &r, men, NULL, 9, &opts));
}

TEST(previous_cycle__is_read_at_the_same_day_of_the_same_phase)
{
    const tw_psa_visit v[] = { { 0, 8.0, true },    { 100, 1.0, true },   { 200, 0.1, true },  { 228, 0.5, false },
                               { 328, 4.0, false }, { 428, 11.0, false }, { 450, 12.0, true }, { 500, 1.0, true },
                               { 700, 0.2, true },  { 728, 3.0, false } };
    tw_psa_series s;
    tw_psa_task t[8];
    assert_ok(tw_psa_series_make(cx, &s, v, TW_COUNT(v), TW_PSA_RESTART_FIRST_ON));
    assert_int_equal(tw_psa_tasks(t, &s, false), 1);
    assert_int_equal(t[0].seen, 6);
    assert_int_equal(t[0].end, 10);
    /* day 50 of on: half way between 8.0 at day 0 and 1.0 at day 100, on the log scale */
    assert_near(tw_psa_previous(&s, &t[0], 7), 0.5 * (log(8.1) + log(1.1)), 1e-12);
    /* beyond the last value of that phase: it stays */
    assert_near(tw_psa_previous(&s, &t[0], 8), log(0.2), 1e-12);
    assert_int_equal(tw_psa_tasks(t, &s, true), 1);
    assert_int_equal(t[0].seen, 9);
}
