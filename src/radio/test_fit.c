#include "radio/radio.h"
#include "radio/radio_internal.h"
#include "stat/stat.h"
#include "test_near.h"

#define D TW_RADIO_DIM
static const double days[] = { -21, 0, 7, 14, 21 };

static size_t standard(tw_fraction *f)
{
    size_t n;
    tw_plan_fractions(f, &n, &tw_plan_standard);
    return n;
}

/** Volumes of a patient drawn from the prior, measured with the prior's noise. */
static void patient(tw_radio_obs *obs, double *theta, const tw_radio_prior *law, uint64_t seed)
{
    tw_fraction f[TW_FRACTIONS_MAX];
    size_t n = standard(f);
    double logv[5];
    tw_rng r = tw_rng_of(seed, 7);
    for (size_t k = 0; k < D; k++)
        theta[k] = law->mean[k] + law->sd[k] * tw_rng_normal(&r);
    for (size_t i = 0; i < 5; i++)
        obs[i] = (tw_radio_obs){ .day = days[i], .cm3 = 1 };
    tw_radio_data d;
    assert_ok(tw_radio_data_new(cx, &d, law, obs, 5, f, n, 1));
    tw_radio_predict(&d, logv, theta, 1);
    for (size_t i = 0; i < 5; i++)
        obs[i].cm3 = exp(logv[i] + law->log_sd * tw_rng_normal(&r));
}

static tw_radio_posterior fit(const tw_radio_prior *law, const tw_radio_obs *obs, size_t n, size_t draws, uint64_t seed)
{
    tw_fraction f[TW_FRACTIONS_MAX];
    size_t k = standard(f);
    tw_radio_posterior p;
    assert_ok(tw_radio_fit(cx, &p, law, obs, n, f, k, draws, seed));
    return p;
}

TEST(fit__same_seed_same_bits)
{
    tw_radio_obs obs[5];
    double theta[D];
    patient(obs, theta, &tw_radio_prior_glioma, 1);
    tw_radio_posterior a = fit(&tw_radio_prior_glioma, obs, 5, 300, 5), b = fit(&tw_radio_prior_glioma, obs, 5, 300, 5);
    tw_radio_posterior c = fit(&tw_radio_prior_glioma, obs, 5, 300, 6);
    assert_memory_equal(a.theta, b.theta, 300 * D * sizeof(double));
    assert_true(memcmp(a.theta, c.theta, 300 * D * sizeof(double)) != 0);
}

TEST(fit__no_volumes_give_the_prior)
{
    tw_radio_posterior p = fit(&tw_radio_prior_glioma, NULL, 0, 20000, 5);
    for (size_t k = 0; k < D; k++)
        assert_near(p.sd[k], tw_radio_prior_glioma.sd[k], 0.02);
}

TEST(fit__sample_agrees_with_brute_force_of_the_prior)
{
    enum { N = 400000 };
    tw_radio_prior law = tw_radio_prior_glioma;
    law.log_sd = 0.4; /* wide enough for a sample of the prior to reach */
    tw_radio_obs obs[5];
    double theta[D], mean[D] = { 0 }, want[D] = { 0 }, *w, sum = 0;
    patient(obs, theta, &law, 3);
    tw_fraction f[TW_FRACTIONS_MAX];
    size_t n = standard(f);
    tw_radio_posterior prior;
    tw_radio_data d;
    assert_ok(tw_radio_prior_draws(cx, &prior, &law, N, 9));
    assert_ok(tw_radio_data_new(cx, &d, &law, obs, 5, f, n, N));
    assert_ok(tw_stat_array(cx, &w, N));
    tw_radio_loglik(&d, w, prior.theta, N);
    for (size_t i = 0; i < N; i++) {
        w[i] = exp(w[i]);
        sum += w[i];
        for (size_t k = 0; k < D; k++)
            want[k] += w[i] * prior.theta[i * D + k];
    }
    assert_true(tw_weights_ess(w, N) > 2000);
    tw_radio_posterior p = fit(&law, obs, 5, 8000, 4);
    assert_int_equal(p.tempered, 0);
    assert_near(p.log_evidence, log(sum / N), 0.05);
    for (size_t i = 0; i < p.draws * D; i++)
        mean[i % D] += p.theta[i] / (double)p.draws;
    for (size_t k = 0; k < D; k++)
        assert_near(mean[k], want[k] / sum, 0.08 * law.sd[k]);
}

TEST(fit__intervals_hold_the_truth_as_often_as_they_say)
{
    enum { N = 150, DRAWS = 200 };
    double in90 = 0, u[N];
    for (size_t i = 0; i < N; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_radio_obs obs[5];
        double theta[D], ttp[DRAWS], truth;
        tw_fraction f[TW_FRACTIONS_MAX];
        size_t n = standard(f);
        patient(obs, theta, &tw_radio_prior_glioma, 100 + i);
        tw_radio_posterior p = fit(&tw_radio_prior_glioma, obs, 5, DRAWS, i);
        assert_ok(tw_radio_progression(cx, ttp, &tw_radio_prior_glioma, p.theta, DRAWS, f, n));
        assert_ok(tw_radio_progression(cx, &truth, &tw_radio_prior_glioma, theta, 1, f, n));
        u[i] = tw_score_pit(ttp, DRAWS, truth);
        in90 += u[i] >= 0.05 && u[i] <= 0.95 ? 1.0 / N : 0.0;
        tw_arena_back(cx->arena, mark);
    }
    assert_true(in90 > 0.80 && in90 < 0.98);
    assert_true(tw_score_ks_uniform(u, N) < 1.95 / sqrt(N)); /* p = 0.001 */
}

TEST(fit__tempers_when_the_mode_says_little)
{
    tw_radio_prior law = tw_radio_prior_glioma;
    for (size_t k = 0; k < D; k++)
        law.sd[k] = 4;
    law.log_sd = 0.005;
    tw_radio_obs obs[5];
    double theta[D];
    patient(obs, theta, &tw_radio_prior_glioma, 8);
    tw_radio_obs two[2] = { obs[1], obs[4] };
    tw_radio_posterior p = fit(&law, two, 2, 500, 2);
    assert_true(p.tempered > 0);
    /* the two volumes still bind the draws */
    tw_fraction f[TW_FRACTIONS_MAX];
    size_t n = standard(f);
    tw_radio_data d;
    double *logv;
    assert_ok(tw_radio_data_new(cx, &d, &law, two, 2, f, n, 500));
    assert_ok(tw_stat_array(cx, &logv, 1000));
    tw_radio_predict(&d, logv, p.theta, 500);
    for (size_t i = 0; i < 500; i++) {
        assert_near(logv[i], log(two[0].cm3), 0.03);
        assert_near(logv[500 + i], log(two[1].cm3), 0.03);
    }
}

TEST(fit__the_law_of_the_data_gains_weight)
{
    static const tw_kill laws[] = { TW_KILL_DVR, TW_KILL_PSI };
    tw_fraction f[TW_FRACTIONS_MAX];
    size_t n = standard(f);
    double weight[2] = { 0, 0 };
    for (int k = 0; k < 2; k++) {
        tw_radio_prior law = tw_radio_prior_glioma;
        law.kill = laws[k];
        for (uint64_t i = 0; i < 40; i++) {
            tw_radio_obs obs[5];
            double theta[D];
            tw_radio_posterior p;
            patient(obs, theta, &law, 900 + i);
            assert_ok(tw_radio_fit_laws(cx, &p, &law, laws, 2, obs, 5, f, n, 200, i));
            assert_int_equal(p.by_law[TW_KILL_DVR] + p.by_law[TW_KILL_PSI], 200);
            assert_near(p.weight[TW_KILL_DVR] + p.weight[TW_KILL_PSI], 1, 1e-12);
            weight[k] += p.weight[laws[k]] / 40;
        }
    }
    assert_true(weight[0] + weight[1] > 1); /* a proper scoring: better than a coin on both together */
}

TEST(fit__told_noise_widens)
{
    tw_radio_obs obs[5];
    double theta[D];
    patient(obs, theta, &tw_radio_prior_glioma, 11);
    tw_radio_posterior p = fit(&tw_radio_prior_glioma, obs, 5, 2000, 2);
    for (size_t i = 0; i < 5; i++)
        obs[i].added_sd = 0.5 * obs[i].cm3;
    tw_radio_posterior added = fit(&tw_radio_prior_glioma, obs, 5, 2000, 2);
    for (size_t i = 0; i < 5; i++) {
        obs[i].added_sd = 0;
        obs[i].rounded = 1.5 * obs[i].cm3;
    }
    tw_radio_posterior rounded = fit(&tw_radio_prior_glioma, obs, 5, 2000, 2);
    assert_true(added.sd[TW_RP_V0] > 2 * p.sd[TW_RP_V0]);
    assert_true(rounded.sd[TW_RP_V0] > 2 * p.sd[TW_RP_V0]);
}

TEST(fit__refuses_what_is_no_series)
{
    tw_radio_obs bad[2] = { { .day = 0, .cm3 = 3 }, { .day = -1, .cm3 = 3 } };
    tw_radio_posterior p;
    assert_status(TW_EPARSE, tw_radio_fit(cx, &p, &tw_radio_prior_glioma, bad, 2, NULL, 0, 10, 1));
    bad[1] = (tw_radio_obs){ .day = 1, .cm3 = 0 };
    assert_status(TW_EPARSE, tw_radio_fit(cx, &p, &tw_radio_prior_glioma, bad, 2, NULL, 0, 10, 1));
    assert_status(TW_ELIMIT, tw_radio_fit(cx, &p, &tw_radio_prior_glioma, bad, 65, NULL, 0, 10, 1));
    tw_radio_prior ccr = tw_radio_prior_glioma;
    ccr.kill = TW_KILL_CCR;
    double t;
    assert_status(TW_EREFUSED, tw_radio_progression(cx, &t, &ccr, ccr.mean, 1, NULL, 0));
}

TEST(progression__is_where_the_volume_is_back)
{
    tw_fraction f[TW_FRACTIONS_MAX];
    size_t n = standard(f);
    for (int k = 0; k < 2; k++) {
        tw_radio_prior law = tw_radio_prior_glioma;
        law.kill = k ? TW_KILL_PSI : TW_KILL_DVR;
        double t, logv;
        assert_ok(tw_radio_progression(cx, &t, &law, law.mean, 1, f, n));
        assert_true(t > 39);
        tw_radio_obs at = { .day = t, .cm3 = 1 };
        tw_radio_data d;
        assert_ok(tw_radio_data_new(cx, &d, &law, &at, 1, f, n, 1));
        tw_radio_predict(&d, &logv, law.mean, 1);
        assert_near(logv, law.mean[TW_RP_V0], 1e-9);
    }
}
