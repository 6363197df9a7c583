#include "test_psa_data.h"

#define DRAWS 300

static tw_psa_series one_man(uint64_t seed, tw_psa_synthetic *truth)
{
    tw_psa_population pop = test_population();
    tw_psa_series s;
    synthetic_men(&s, truth, 1, &pop, seed);
    return s;
}

TEST(fit__same_seed_same_bits)
{
    tw_psa_synthetic truth;
    tw_psa_series s = one_man(3, &truth);
    tw_psa_population pop = test_population();
    tw_psa_posterior a, b, c;
    assert_ok(tw_psa_fit(cx, &a, &s, &pop, NULL, DRAWS, 1));
    assert_ok(tw_psa_fit(cx, &b, &s, &pop, NULL, DRAWS, 1));
    assert_ok(tw_psa_fit(cx, &c, &s, &pop, NULL, DRAWS, 2));
    assert_memory_equal(a.draw, b.draw, DRAWS * a.dim * sizeof(double));
    assert_memory_equal(a.ou_mean, b.ou_mean, DRAWS * sizeof(double));
    assert_memory_equal(a.map, c.map, a.dim * sizeof(double));
    assert_true(memcmp(a.draw, c.draw, DRAWS * a.dim * sizeof(double)) != 0);
}

TEST(fit__mode_is_a_minimum_of_the_objective)
{
    tw_psa_synthetic truth;
    tw_psa_series s = one_man(4, &truth);
    tw_psa_population pop = test_population();
    tw_psa_prior prior;
    tw_psa_map m;
    double th[TW_PSA_DIM_MAX];
    assert_ok(tw_psa_prior_make(cx, &prior, &pop));
    assert_ok(tw_psa_map_new(cx, &m, &s, NULL, &pop));
    assert_ok(tw_psa_map_find(cx, &m, &prior));
    double best = tw_psa_map_objective(&m, &prior, m.theta);
    assert_near(best, m.objective, 1e-9);
    for (size_t i = 0; i < m.dim; i++) {
        for (int side = -1; side <= 1; side += 2) {
            memcpy(th, m.theta, m.dim * sizeof(double));
            th[i] += 0.02 * side;
            assert_true(tw_psa_map_objective(&m, &prior, th) > best);
        }
    }
}

TEST(fit__intervals_hold_the_truth_as_often_as_they_say)
{
    enum { MEN = 60 };
    static tw_psa_series men[MEN];
    static tw_psa_synthetic truth[MEN];
    tw_psa_population pop = test_population();
    double u[TW_PSA_NPAR][MEN];
    synthetic_men(men, truth, MEN, &pop, 500);
    for (size_t i = 0; i < MEN; i++) {
        tw_psa_posterior p;
        assert_ok(tw_psa_fit(cx, &p, &men[i], &pop, NULL, DRAWS, i));
        for (size_t k = 0; k < TW_PSA_NPAR; k++) {
            double below = 0.0;
            for (size_t d = 0; d < DRAWS; d++)
                below += p.draw[d * p.dim + k] < truth[i].theta[k] ? 1.0 : 0.0;
            u[k][i] = below / DRAWS;
        }
    }
    for (size_t k = 0; k < TW_PSA_NPAR; k++) {
        double inside = 0.0;
        for (size_t i = 0; i < MEN; i++)
            inside += u[k][i] >= 0.05 && u[k][i] <= 0.95 ? 1.0 / MEN : 0.0;
        assert_true(inside >= 0.75 && inside < 1.0);                    /* 0.90 less four sds */
        assert_true(tw_score_ks_uniform(u[k], MEN) < 1.95 / sqrt(MEN)); /* p = 0.001 */
    }
}

TEST(fit__data_narrow_the_prior)
{
    tw_psa_synthetic truth;
    tw_psa_series s = one_man(6, &truth);
    tw_psa_population pop = test_population();
    tw_psa_posterior p;
    assert_ok(tw_psa_fit(cx, &p, &s, &pop, NULL, DRAWS, 1));
    assert_true(p.cov[TW_PSA_LN_P0 * p.dim + TW_PSA_LN_P0] < 0.9 * pop.cov[TW_PSA_LN_P0 * TW_PSA_NPAR + TW_PSA_LN_P0]);
    assert_true(p.ess > 10.0 && p.ess <= 3 * DRAWS);
}

TEST(fit__noise_of_the_release_widens_the_posterior)
{
    tw_psa_synthetic truth;
    tw_psa_series s = one_man(6, &truth);
    tw_psa_population pop = test_population();
    const tw_noise noise = { .value_sd = 2.0, .time_round_days = 28.0 };
    tw_psa_posterior clean, noisy;
    assert_ok(tw_psa_fit(cx, &clean, &s, &pop, NULL, DRAWS, 1));
    assert_ok(tw_psa_fit(cx, &noisy, &s, &pop, &noise, DRAWS, 1));
    for (size_t k = 0; k < TW_PSA_LN_KE; k++)
        assert_true(noisy.cov[k * noisy.dim + k] > clean.cov[k * clean.dim + k] * 0.99);
    assert_true(noisy.cov[0] > 1.2 * clean.cov[0]);
}

TEST(fit__a_constant_shift_of_the_days_changes_nothing)
{
    tw_psa_synthetic truth;
    tw_psa_series a = one_man(9, &truth), b;
    tw_psa_population pop = test_population();
    const tw_noise noise = { .time_shift_constant = true };
    tw_psa_posterior p, q;
    for (size_t i = 0; i < truth.n_visit; i++)
        truth.visit[i].day -= 7.0 * 52.0;
    assert_ok(tw_psa_series_make(cx, &b, truth.visit, truth.n_visit, TW_PSA_RESTART_FIRST_ON));
    assert_ok(tw_psa_fit(cx, &p, &a, &pop, NULL, DRAWS, 1));
    assert_ok(tw_psa_fit(cx, &q, &b, &pop, &noise, DRAWS, 1));
    assert_near(q.map[0], p.map[0], 1e-3);
}

TEST(fit__refuses_what_it_cannot_use)
{
    tw_psa_synthetic truth;
    tw_psa_series s = one_man(3, &truth);
    tw_psa_population pop = test_population();
    const tw_noise dropped = { .time_dropped = true };
    tw_psa_posterior p;
    assert_status(TW_ELIMIT, tw_psa_fit(cx, &p, &s, &pop, NULL, 0, 1));
    assert_status(TW_ELIMIT, tw_psa_fit(cx, &p, &s, &pop, NULL, TW_PSA_DRAWS_MAX + 1, 1));
    assert_status(TW_EPARSE, tw_psa_fit(cx, &p, &s, &pop, &dropped, DRAWS, 1));
    s.n_obs = 0;
    assert_status(TW_EPARSE, tw_psa_fit(cx, &p, &s, &pop, NULL, DRAWS, 1));
    pop.ou_sd = 0.0;
    s.n_obs = 3;
    assert_status(TW_EPARSE, tw_psa_fit(cx, &p, &s, &pop, NULL, DRAWS, 1));
}
