#include <math.h>

#include "stat/stat.h"
#include "test_near.h"

/* Prior N(0, 1) on both; measured y = x0 + x1 with sd 0.5, y = 2: posterior in closed form. */
#define Y 2.0
#define VAR 0.25

static double log_prior(TW_UNUSED void *self, const double *x)
{
    return -0.5 * (x[0] * x[0] + x[1] * x[1]);
}

static double log_likelihood(TW_UNUSED void *self, const double *x)
{
    double r = Y - x[0] - x[1];
    return -0.5 * r * r / VAR - 0.5 * (TW_LN_2PI + log(VAR));
}

static double log_posterior(void *self, const double *x)
{
    return log_prior(self, x) + log_likelihood(self, x);
}

static const double want_mean = Y / (2.0 + VAR), want_var = 1.0 - 1.0 / (2.0 + VAR), want_cov = -1.0 / (2.0 + VAR);

static void assert_posterior(const double *x, size_t n, double tolerance)
{
    double mean[2] = { 0.0 }, var = 0.0, cov = 0.0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 2; k++)
            mean[k] += x[2 * i + k] / (double)n;
    for (size_t i = 0; i < n; i++) {
        var += (x[2 * i] - mean[0]) * (x[2 * i] - mean[0]) / (double)n;
        cov += (x[2 * i] - mean[0]) * (x[2 * i + 1] - mean[1]) / (double)n;
    }
    assert_near(mean[0], want_mean, tolerance);
    assert_near(mean[1], want_mean, tolerance);
    assert_near(var, want_var, tolerance);
    assert_near(cov, want_cov, tolerance);
}

static tw_particles prior_particles(size_t n, uint64_t seed)
{
    tw_particles p = { .n_particle = n, .n = 2 };
    tw_rng rng = tw_rng_of(seed, 9);
    assert_ok(tw_stat_array(cx, &p.x, 2 * n));
    assert_ok(tw_stat_array(cx, &p.weight, n));
    for (size_t i = 0; i < n; i++) {
        p.weight[i] = 1.0 / (double)n;
        p.x[2 * i] = tw_rng_normal(&rng);
        p.x[2 * i + 1] = tw_rng_normal(&rng);
    }
    return p;
}

TEST(mcmc__samples_a_normal_posterior_and_says_that_it_did)
{
    const double start[8] = { -3.0, 3.0, 3.0, -3.0, 3.0, 3.0, -3.0, -3.0 };
    tw_mcmc_result r;
    assert_ok(tw_mcmc(cx, &r, start, 2, log_posterior, NULL, &(tw_mcmc_opts){ .kept = 10000, .seed = 3 }));
    assert_posterior(r.draw, (size_t)r.chains * r.kept, 0.05);
    assert_true(r.rhat_max < 1.01);
    assert_true(r.ess_min > 2000.0);
    assert_true(r.accepted > 0.15 && r.accepted < 0.5);
}

TEST(mcmc__refuses_an_impossible_start)
{
    const double start[8] = { (double)NAN };
    tw_mcmc_result r;
    assert_status(TW_EFAILED, tw_mcmc(cx, &r, start, 2, log_posterior, NULL, &(tw_mcmc_opts){ .seed = 3 }));
}

TEST(diagnostics__see_chains_that_disagree_and_draws_that_cling)
{
    enum { N = 1000 };
    double *x = NULL, rhat, ess, last = 0.0;
    tw_rng rng = tw_rng_of(8, 1);
    assert_ok(tw_stat_array(cx, &x, 4 * N));
    for (size_t i = 0; i < 4 * N; i++)
        x[i] = tw_rng_normal(&rng);
    assert_ok(tw_mcmc_diagnose(cx, &rhat, &ess, x, 4, N));
    assert_true(rhat < 1.01);
    assert_true(ess > 3000.0 && ess < 5500.0);
    for (size_t i = 0; i < N; i++)
        x[i] += 2.0;
    assert_ok(tw_mcmc_diagnose(cx, &rhat, &ess, x, 4, N));
    assert_true(rhat > 1.1);
    for (size_t i = 0; i < 4 * N; i++) { /* autoregression .9: effective share (1 - .9) / (1 + .9) */
        last = 0.9 * last + tw_rng_normal(&rng);
        x[i] = last;
    }
    assert_ok(tw_mcmc_diagnose(cx, &rhat, &ess, x, 4, N));
    assert_near(ess, 4.0 * N * 0.1 / 1.9, 90.0);
}

TEST(smc__finds_the_posterior_and_the_evidence)
{
    tw_particles p = prior_particles(4000, 5);
    tw_smc_result r;
    double want = -0.5 * (TW_LN_2PI + log(2.0 + VAR) + Y * Y / (2.0 + VAR));
    assert_ok(tw_smc(cx, &r, &p, log_prior, log_likelihood, NULL, &(tw_smc_opts){ .seed = 5 }));
    assert_posterior(p.x, p.n_particle, 0.06);
    assert_near(r.log_evidence, want, 0.05);
    assert_true(r.steps >= 1);
}

TEST(particles__resample_in_proportion_to_weight)
{
    tw_particles p = prior_particles(1000, 6);
    tw_rng rng = tw_rng_of(6, 2);
    for (size_t i = 0; i < 1000; i++) {
        p.x[2 * i] = (double)i;
        p.weight[i] = i < 10 ? 0.1 : 0.0;
    }
    assert_near(tw_particles_ess(&p), 10.0, 1e-9);
    assert_ok(tw_particles_resample(cx, &p, &rng));
    for (size_t i = 0; i < 1000; i++)
        assert_near(p.x[2 * i], (double)(i / 100), 1.0); /* one lattice step at the edges */
    assert_near(tw_particles_ess(&p), 1000.0, 1e-6);
}

TEST(liu_west__keeps_mean_and_covariance)
{
    tw_particles p = prior_particles(20000, 7);
    double mean[2], cov[4], mean_after[2], cov_after[4];
    tw_rng rng = tw_rng_of(7, 2);
    for (size_t i = 0; i < p.n_particle; i++)
        p.x[2 * i + 1] += 0.5 * p.x[2 * i];
    tw_particles_moments(mean, cov, &p);
    assert_ok(tw_particles_liu_west(cx, &p, 0.8, &rng));
    tw_particles_moments(mean_after, cov_after, &p);
    for (size_t i = 0; i < 4; i++)
        assert_near(cov_after[i], cov[i], 0.04);
    assert_near(mean_after[0], mean[0], 0.03);
}

TEST(liu_west__shrinks_by_a_of_delta)
{
    tw_particles p = prior_particles(20000, 9);
    double right = 0.0, a = (3.0 * 0.99 - 1.0) / (2.0 * 0.99);
    tw_rng rng = tw_rng_of(9, 2);
    for (size_t i = 0; i < p.n_particle; i++)
        p.x[2 * i] = i % 2 ? 1.0 : -1.0;
    assert_ok(tw_particles_liu_west(cx, &p, 0.99, &rng));
    for (size_t i = 0; i < p.n_particle; i++)
        right += p.x[2 * i] > 0.0 ? p.x[2 * i] / 10000.0 : 0.0; /* the two heaps do not meet: sd 0.14 */
    assert_near(right, a, 0.005);
}

TEST(enkf__is_kalmans_update_for_a_linear_model)
{
    enum { N = 20000 };
    tw_particles p = prior_particles(N, 8);
    double *h = NULL, y = Y, var = VAR;
    tw_rng rng = tw_rng_of(8, 3);
    assert_ok(tw_stat_array(cx, &h, N));
    for (size_t i = 0; i < N; i++)
        h[i] = p.x[2 * i] + p.x[2 * i + 1];
    assert_ok(tw_enkf(cx, &p, h, &y, &var, 1, &rng));
    assert_posterior(p.x, N, 0.03);
}

/* ---------------------------------------------------------------- trend */

/** Covariance of level at two times from a diffuse start at time 0, as a dense matrix says it. */
static double trend_cov(const tw_trend_law *l, double s, double t)
{
    double a = TW_MIN(s, t), b = TW_MAX(s, t), wide = 1e7;
    double slope = l->slope_sd * l->slope_sd * a * a * (3.0 * b - a) / 6.0;
    return wide + wide * s * t + l->level_sd * l->level_sd * a + slope;
}

TEST(trend__forecasts_what_a_dense_gaussian_does)
{
    enum { N = 7 };
    const double time[N] = { 0.0, 0.7, 1.0, 2.5, 4.0, 4.2, 6.0 }, value[N] = { 1.0, 1.4, 0.9, 2.2, 2.0, 2.6, 3.1 };
    const tw_trend_law law = { .level_sd = 0.2, .slope_sd = 0.3, .noise_sd = 0.4 };
    const double at = 8.0;
    double k[N * N], c[N], w[N], mean, var, want = 0.0, spread = trend_cov(&law, at, at) + 0.16;
    tw_trend t = { .n = 0 };
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++)
            k[i * N + j] = trend_cov(&law, time[i], time[j]) + (i == j ? 0.16 : 0.0);
        c[i] = trend_cov(&law, time[i], at);
        w[i] = value[i];
        tw_trend_update(&t, &law, time[i], value[i], 0.0);
    }
    assert_true(tw_la_chol(k, N));
    tw_la_solve_lower(k, c, N);
    tw_la_solve_lower(k, w, N);
    for (size_t i = 0; i < N; i++) {
        want += c[i] * w[i];
        spread -= c[i] * c[i];
    }
    tw_trend_forecast(&mean, &var, &t, &law, at);
    assert_near(mean, want, 1e-3); /* the dense start is wide, not diffuse */
    assert_near(var, spread, 1e-2);
}

TEST(trend__learns_its_law_and_covers_what_comes)
{
    enum { N = 1000 };
    const tw_trend_law truth = { .level_sd = 0.5, .slope_sd = 0.05, .noise_sd = 1.0 };
    double time[N], value[N], level = 70.0, slope = 0.0, inside = 0.0;
    tw_rng rng = tw_rng_of(4, 4);
    tw_trend_law law;
    tw_trend t = { .n = 0 };
    for (size_t i = 0; i < N; i++) {
        time[i] = (double)i;
        value[i] = level + truth.noise_sd * tw_rng_normal(&rng);
        level += slope + truth.level_sd * tw_rng_normal(&rng);
        slope += truth.slope_sd * tw_rng_normal(&rng);
    }
    assert_ok(tw_trend_fit(cx, &law, time, value, N / 2));
    assert_near(law.noise_sd, truth.noise_sd, 0.25);
    for (size_t i = 0; i < N; i++) {
        double mean, var;
        if (i >= N / 2) {
            tw_trend_forecast(&mean, &var, &t, &law, time[i]);
            inside += fabs(value[i] - mean) < 1.645 * sqrt(var) ? 1.0 / (N / 2) : 0.0;
        }
        tw_trend_update(&t, &law, time[i], value[i], 0.0);
    }
    assert_near(inside, 0.9, 0.06);
}

TEST(trend__trusts_a_value_less_when_its_noise_was_told)
{
    const tw_trend_law law = { .level_sd = 0.5, .slope_sd = 0.1, .noise_sd = 1.0 };
    tw_trend a = { .n = 0 }, b;
    for (int i = 0; i < 5; i++)
        tw_trend_update(&a, &law, i, 70.0, 0.0);
    b = a;
    tw_trend_update(&a, &law, 5.0, 80.0, 0.0);
    tw_trend_update(&b, &law, 5.0, 80.0, 100.0);
    assert_true(a.level > b.level);
    tw_trend_update(&b, &law, 6.0, (double)NAN, 0.0);
    assert_near(b.time, 6.0, 0.0);
}
