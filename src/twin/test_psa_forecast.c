#include "test_psa_data.h"

#define DRAWS 300

static size_t first_of_cycle(const tw_psa_series *s, size_t cycle)
{
    size_t k = 0;
    while (k < s->n_obs && s->run[s->at[k].run].cycle < cycle)
        k++;
    return k;
}

TEST(forecast__pit_is_uniform_under_the_truth)
{
    enum { MEN = 80 };
    static tw_psa_series men[MEN];
    static tw_psa_synthetic truth[MEN];
    tw_psa_population pop = test_population();
    double u[MEN];
    size_t n = 0;
    synthetic_men(men, truth, MEN, &pop, 900);
    for (size_t i = 0; i < MEN; i++) {
        const tw_psa_series *s = &men[i];
        size_t seen = first_of_cycle(s, 1), ask = seen + i % 8; /* one point a man: independent */
        if (s->n_cycle < 2 || ask >= s->n_obs)
            continue;
        tw_psa_series past = tw_psa_series_cut(s, tw_psa_cycle_run(s, 1));
        tw_psa_posterior p;
        tw_psa_forecast f;
        assert_ok(tw_psa_fit(cx, &p, &past, &pop, NULL, DRAWS, i));
        assert_ok(tw_psa_forecast_make(cx, &f, &p, s->run, s->n_run, &s->at[ask], 1, NULL, i));
        u[n++] = tw_score_pit(f.x, DRAWS, s->y[ask]);
    }
    assert_true(n >= 50);
    assert_true(tw_score_ks_uniform(u, n) < 1.95 / sqrt((double)n)); /* p = 0.001 */
}

TEST(forecast__draws_have_the_law_that_mean_and_var_tell)
{
    tw_psa_population pop = test_population();
    tw_psa_synthetic truth;
    tw_psa_series s;
    tw_psa_posterior p;
    tw_psa_forecast f;
    double z2 = 0.0;
    synthetic_men(&s, &truth, 1, &pop, 21);
    tw_psa_series past = tw_psa_series_cut(&s, 1);
    assert_ok(tw_psa_fit(cx, &p, &past, &pop, NULL, 4000, 1));
    assert_ok(tw_psa_forecast_make(cx, &f, &p, s.run, s.n_run, &s.at[past.n_obs], 1, NULL, 1));
    for (size_t i = 0; i < f.n_draw; i++)
        z2 += (f.x[i] - f.mean[i]) * (f.x[i] - f.mean[i]) / f.var[i] / (double)f.n_draw;
    assert_near(z2, 1.0, 0.09); /* four sds */
}

TEST(forecast__right_after_the_last_value_is_narrower_than_far_ahead)
{
    tw_psa_population pop = test_population();
    tw_psa_synthetic truth;
    tw_psa_series s;
    tw_psa_posterior p;
    tw_psa_forecast f;
    double q[2 * TW_PSA_NQ];
    synthetic_men(&s, &truth, 1, &pop, 22);
    tw_psa_run plan = s.run[0];
    tw_psa_series past = tw_psa_series_cut(&s, 1);
    plan.end_day += 400.0;
    assert_ok(tw_psa_fit(cx, &p, &past, &pop, NULL, DRAWS, 1));
    const tw_psa_at at[2] = { { p.last_day + 1.0, 0 }, { p.last_day + 300.0, 0 } };
    assert_ok(tw_psa_forecast_make(cx, &f, &p, &plan, 1, at, 2, NULL, 1));
    tw_psa_forecast_bands(q, &f);
    assert_true(q[TW_PSA_Q95] - q[TW_PSA_Q05] < q[TW_PSA_NQ + TW_PSA_Q95] - q[TW_PSA_NQ + TW_PSA_Q05]);
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 1; k < TW_PSA_NQ; k++)
            assert_true(q[i * TW_PSA_NQ + k] >= q[i * TW_PSA_NQ + k - 1]);
}

TEST(forecast__of_nobody_in_particular_is_the_population)
{
    tw_psa_population pop = test_population();
    tw_psa_posterior p;
    tw_psa_forecast f;
    const tw_psa_run run = { 0.0, 300.0, 0, true };
    const tw_psa_at at = { 0.0, 0 };
    double mean = 0.0;
    assert_ok(tw_psa_fit_none(cx, &p, &pop, 4000, 1));
    assert_ok(tw_psa_forecast_make(cx, &f, &p, &run, 1, &at, 1, NULL, 1));
    for (size_t i = 0; i < f.n_draw; i++)
        mean += f.x[i] / (double)f.n_draw;
    assert_near(mean, pop.mean[TW_PSA_LN_P0], 0.07); /* sd .68 / sqrt(4000), and ln(P + .1) - ln P */
}

TEST(forecast__refuses_a_schedule_that_contradicts_the_past)
{
    tw_psa_population pop = test_population();
    tw_psa_synthetic truth;
    tw_psa_series s;
    tw_psa_posterior p;
    tw_psa_forecast f;
    synthetic_men(&s, &truth, 1, &pop, 23);
    tw_psa_series past = tw_psa_series_cut(&s, 2);
    tw_psa_run plan[3] = { s.run[0], s.run[1], { s.run[1].end_day + 1.0, s.run[1].end_day + 200.0, 1, true } };
    plan[1].end_day += 1.0;
    tw_psa_at at = { plan[2].start_day + 10.0, 2 };
    assert_ok(tw_psa_fit(cx, &p, &past, &pop, NULL, DRAWS, 1));
    assert_ok(tw_psa_forecast_make(cx, &f, &p, plan, 3, &at, 1, NULL, 1)); /* the last run may go on */
    assert_status(TW_EUSAGE, tw_psa_forecast_make(cx, &f, &p, plan, 1, &at, 1, NULL, 1));
    plan[0].end_day += 1.0;
    assert_status(TW_EUSAGE, tw_psa_forecast_make(cx, &f, &p, plan, 3, &at, 1, NULL, 1));
    plan[0] = s.run[0];
    plan[1].on = true;
    assert_status(TW_EUSAGE, tw_psa_forecast_make(cx, &f, &p, plan, 3, &at, 1, NULL, 1));
    plan[1].on = false;
    at = (tw_psa_at){ 10.0, 0 };
    assert_status(TW_EUSAGE, tw_psa_forecast_make(cx, &f, &p, plan, 3, &at, 1, NULL, 1));
    at = (tw_psa_at){ plan[1].end_day, 3 };
    assert_status(TW_EUSAGE, tw_psa_forecast_make(cx, &f, &p, plan, 3, &at, 1, NULL, 1));
}

TEST(curve__follows_the_truth_of_a_synthetic_man)
{
    tw_psa_population pop = test_population();
    tw_psa_synthetic truth;
    tw_psa_series s;
    tw_psa_posterior p;
    double band[3];
    synthetic_men(&s, &truth, 1, &pop, 24);
    assert_ok(tw_psa_fit(cx, &p, &s, &pop, NULL, DRAWS, 1));
    assert_ok(tw_psa_curve(cx, band, &p, &s.at[4], 1));
    assert_true(band[0] < band[1] && band[1] < band[2]);
    assert_near(band[1], s.y[4], 4.0 * sqrt(pop.ou_sd * pop.ou_sd + pop.white_sd * pop.white_sd));
}
