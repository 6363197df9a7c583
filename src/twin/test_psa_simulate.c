#include "test_psa_data.h"

TEST(simulate__same_seed_same_man_other_seed_other_man)
{
    tw_psa_population pop = test_population();
    tw_psa_synthetic a, b, c;
    assert_ok(tw_psa_simulate(cx, &a, &pop, NULL, 7));
    assert_ok(tw_psa_simulate(cx, &b, &pop, NULL, 7));
    assert_ok(tw_psa_simulate(cx, &c, &pop, NULL, 8));
    assert_int_equal(a.n_visit, b.n_visit);
    assert_int_equal(a.dim, b.dim);
    assert_memory_equal(a.theta, b.theta, a.dim * sizeof(double));
    for (size_t i = 0; i < a.n_visit; i++)
        assert_memory_equal(&a.visit[i].psa_ug_l, &b.visit[i].psa_ug_l, sizeof(double));
    assert_true(fabs(a.theta[0] - c.theta[0]) > 0.0);
}

TEST(simulate__visits_tell_the_true_switches)
{
    tw_psa_population pop = test_population();
    for (uint64_t seed = 0; seed < 40; seed++) {
        tw_psa_synthetic m;
        tw_psa_series s;
        assert_ok(tw_psa_simulate(cx, &m, &pop, NULL, seed));
        assert_ok(tw_psa_series_make(cx, &s, m.visit, m.n_visit, TW_PSA_RESTART_FIRST_ON));
        assert_int_equal(s.n_run, m.n_run);
        assert_int_equal(s.n_cycle, m.n_cycle);
        for (size_t r = 0; r < s.n_run; r++) {
            assert_near(s.run[r].start_day, m.run[r].start_day, 0.0);
            assert_near(s.run[r].end_day, m.run[r].end_day, 0.0);
        }
    }
}

TEST(simulate__treats_as_the_trial_does)
{
    tw_psa_population pop = test_population();
    size_t restarts = 0, stops = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        tw_psa_synthetic m;
        assert_ok(tw_psa_simulate(cx, &m, &pop, NULL, seed));
        for (size_t i = 1; i < m.n_visit; i++) {
            const tw_psa_visit *now = &m.visit[i], *last = &m.visit[i - 1];
            double apart = now->day - last->day;
            assert_true(apart >= 25.0 && apart <= 90.0);
            if (now->on && !last->on) {
                restarts++;
                assert_true(last->psa_ug_l > 10.0);
            }
            stops += !now->on && last->on ? 1 : 0;
        }
        for (size_t r = 0; r + 1 < m.n_run; r++)
            if (m.run[r].on)
                assert_true(m.run[r].end_day - m.run[r].start_day >= 224.0 &&
                            m.run[r].end_day - m.run[r].start_day <= 364.0 + 90.0 + 90.0 + 14.0);
    }
    assert_true(restarts > 20 && stops > 40);
}

TEST(simulate__measures_the_truth_with_the_noise_of_the_population)
{
    tw_psa_population pop = test_population();
    tw_psa_simulate_opts opts = { .regular = true };
    double square = 0.0, n = 0.0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        tw_psa_synthetic m;
        tw_mark mark = tw_arena_mark(cx->arena);
        assert_ok(tw_psa_simulate(cx, &m, &pop, &opts, seed));
        double z = tw_psa_to_log(m.visit[0].psa_ug_l) - tw_psa_to_log(m.true_psa_ug_l[0]);
        square += z * z;
        n += 1.0;
        tw_arena_back(cx->arena, mark);
    }
    double want = pop.ou_sd * pop.ou_sd + pop.white_sd * pop.white_sd;
    assert_near(square / n / want, 1.0, 0.4); /* four sds of a chi square with 200 degrees */
}

TEST(simulate__refuses_options_out_of_range_and_a_broken_population)
{
    tw_psa_population pop = test_population();
    tw_psa_simulate_opts opts = { .cycles_max = TW_PSA_CYCLES_MAX + 1 };
    tw_psa_synthetic m;
    assert_status(TW_EUSAGE, tw_psa_simulate(cx, &m, &pop, &opts, 1));
    pop.cov[0] = -1.0;
    assert_status(TW_EPARSE, tw_psa_simulate(cx, &m, &pop, NULL, 1));
}
