#include "test_psa_data.h"

static tw_str text_of(tw_buf *b, const tw_psa_population *p)
{
    tw_buf_init(b, 64 * TW_KIB);
    tw_psa_population_write(b, p);
    assert_ok(tw_buf_check(cx, b, "population"));
    return tw_str_of_bytes(tw_buf_view(b));
}

TEST(population__is_found_again_from_synthetic_men)
{
    enum { MEN = 80 };
    static tw_psa_series men[MEN];
    static tw_psa_synthetic truth[MEN];
    tw_psa_population pop = test_population(), fit;
    const tw_psa_population_opts opts = { .iterations_max = 30 };
    pop.mean[TW_PSA_LN_R] = -2.6; /* away from where the search starts */
    pop.mean[TW_PSA_LN_B] = -1.5;
    pop.ou_sd = 0.25;
    pop.ou_tau_day = 60.0;
    synthetic_men(men, truth, MEN, &pop, 100);
    assert_ok(tw_psa_population_fit(cx, &fit, men, NULL, MEN, &opts));
    for (size_t k = 0; k < TW_PSA_NPAR; k++) {
        double var = pop.cov[k * TW_PSA_NPAR + k];
        /* sd of a mean of 80 men, doubled for what each man's data leave open; three of them */
        if (k != TW_PSA_LN_G && k != TW_PSA_LN_KE)
            assert_near(fit.mean[k], pop.mean[k], 3.0 * 2.0 * sqrt(var / MEN));
        assert_true(fit.cov[k * TW_PSA_NPAR + k] > 0.4 * var && fit.cov[k * TW_PSA_NPAR + k] < 2.5 * var);
    }
    /* Rates of regrowth and of recovery may change places (flip-flop, as in pharmacokinetics); their product is what
     * the data tell. */
    assert_near(fit.mean[TW_PSA_LN_G] + fit.mean[TW_PSA_LN_KE], pop.mean[TW_PSA_LN_G] + pop.mean[TW_PSA_LN_KE], 0.35);
    assert_near(fit.mean[TW_PSA_LN_G], pop.mean[TW_PSA_LN_G], 0.7);
    assert_near(fit.mean[TW_PSA_LN_R], -2.6, 0.25); /* nearer than the start, -3.0 */
    assert_near(fit.ou_sd, pop.ou_sd, 0.06);
    assert_near(fit.white_sd, pop.white_sd, 0.03);
    assert_true(fit.ou_tau_day > 30.0 && fit.ou_tau_day < 120.0);
}

TEST(population__em_steps_raise_the_marginal_likelihood)
{
    enum { MEN = 20 };
    static tw_psa_series men[MEN];
    static tw_psa_synthetic truth[MEN];
    tw_psa_population pop = test_population(), fit;
    double last = -HUGE_VAL;
    pop.mean[TW_PSA_LN_B] = -2.0;
    synthetic_men(men, truth, MEN, &pop, 300);
    for (uint32_t it = 1; it <= 8; it *= 2) {
        const tw_psa_population_opts opts = { .iterations_max = it };
        assert_ok(tw_psa_population_fit(cx, &fit, men, NULL, MEN, &opts));
        assert_true(fit.log_marginal > last);
        last = fit.log_marginal;
    }
}

TEST(population__a_heavy_prior_keeps_the_fit_near_it)
{
    enum { MEN = 6 };
    static tw_psa_series men[MEN];
    static tw_psa_synthetic truth[MEN];
    tw_psa_population pop = test_population(), other = test_population(), near, far;
    const tw_psa_population_opts heavy = { .prior = &other, .prior_men = 1000.0 }, light = { .prior = &other };
    other.mean[TW_PSA_LN_P0] = 0.5;
    synthetic_men(men, truth, MEN, &pop, 40);
    assert_ok(tw_psa_population_fit(cx, &near, men, NULL, MEN, &heavy));
    assert_ok(tw_psa_population_fit(cx, &far, men, NULL, MEN, &light));
    assert_near(near.mean[TW_PSA_LN_P0], 0.5, 0.1);
    assert_near(far.mean[TW_PSA_LN_P0], pop.mean[TW_PSA_LN_P0], 0.8);
}

TEST(population__two_men_are_too_few)
{
    static tw_psa_series men[2];
    static tw_psa_synthetic truth[2];
    tw_psa_population pop = test_population(), fit;
    synthetic_men(men, truth, 2, &pop, 1);
    assert_status(TW_EPARSE, tw_psa_population_fit(cx, &fit, men, NULL, 2, NULL));
}

TEST(text__reads_back_to_the_same_bits)
{
    tw_psa_population p = test_population(), q;
    tw_buf b, c;
    p.ou_tau_day = 100.0 / 3.0;
    p.men = 37;
    tw_str text = text_of(&b, &p);
    assert_ok(tw_psa_population_read(cx, &q, text));
    tw_str again = text_of(&c, &q);
    assert_true(tw_str_eq(text, again));
    assert_memory_equal(p.cov, q.cov, sizeof p.cov);
    assert_int_equal(q.men, 37);
    tw_buf_done(&b);
    tw_buf_done(&c);
}

TEST(text__refuses_missing_doubled_unknown_and_bad_lines)
{
    tw_psa_population p = test_population(), q;
    tw_buf b;
    tw_str text = text_of(&b, &p);
    tw_str cut = { text.p, tw_str_find(text, TW_STR("observations")) };
    assert_status(TW_EPARSE, tw_psa_population_read(cx, &q, cut));
    assert_status(TW_EPARSE, tw_psa_population_read(cx, &q, tw_strf(cx->arena, TW_FMT "ou_sd\t0.4\n", TW_ARG(text))));
    assert_status(TW_EPARSE, tw_psa_population_read(cx, &q, tw_strf(cx->arena, TW_FMT "mood\t0.4\n", TW_ARG(text))));
    assert_status(TW_EPARSE, tw_psa_population_read(cx, &q, tw_strf(cx->arena, TW_FMT "men 3\n", TW_ARG(text))));
    assert_ok(tw_psa_population_read(cx, &q, tw_strf(cx->arena, TW_FMT "# a comment\n", TW_ARG(text))));
    tw_buf_done(&b);
}

TEST(text__refuses_a_covariance_that_is_none)
{
    tw_psa_population p = test_population(), q;
    tw_buf b;
    p.cov[1] = p.cov[TW_PSA_NPAR] = 10.0;
    assert_status(TW_EPARSE, tw_psa_population_read(cx, &q, text_of(&b, &p)));
    tw_buf_done(&b);
}

TEST(shipped_population__reads_and_is_that_of_the_published_men)
{
    tw_psa_population shipped, fit;
    static tw_psa_series men[MEN_MAX];
    assert_ok(tw_psa_population_read(cx, &shipped, tw_test_source("models/psa-ias/population.tsv")));
    assert_int_equal(shipped.men, 37);
    SKIP_WITHOUT_DATA();
    size_t n = real_men(men, TW_PSA_RESTART_FIRST_ON);
    assert_ok(tw_psa_population_fit(cx, &fit, men, NULL, n, NULL));
    for (size_t k = 0; k < TW_PSA_NPAR; k++)
        assert_near(fit.mean[k], shipped.mean[k], 1e-6);
    assert_near(fit.ou_sd, shipped.ou_sd, 1e-6);
    assert_near(fit.log_marginal, shipped.log_marginal, 1e-4);
}
