#include "test_psa_data.h"

enum { N = 9 };
static const tw_psa_at days[N] = { { 0, 0 },   { 28, 0 },  { 28, 0 },  { 60, 0 }, { 100, 0 },
                                   { 250, 0 }, { 251, 0 }, { 300, 0 }, { 900, 0 } };
static const double residual[N] = { 0.3, -0.2, 0.1, 0.5, 0.45, -0.3, -0.35, 0.2, 1.0 };
static const double extra[N] = { 0, 0.01, 0, 0.2, 0, 0, 0.05, 0, 0 };

static void dense(double c[N * N], double sd, double tau, double white)
{
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            c[i * N + j] =
                sd * sd * exp(-fabs(days[i].day - days[j].day) / tau) + (i == j ? white * white + extra[i] : 0);
}

TEST(filter__gives_the_density_of_the_dense_covariance)
{
    double c[N * N], z[N], w[N];
    tw_psa_filter f;
    dense(c, 0.5, 160.0, 0.09);
    assert_true(tw_la_chol(c, N));
    memcpy(z, residual, sizeof z);
    tw_la_solve_lower(c, z, N);
    assert_ok(tw_psa_filter_new(cx, &f, N));
    tw_psa_filter_set(&f, days, extra, 0.5, 160.0, 0.09);
    memcpy(w, residual, sizeof w);
    (void)tw_psa_filter_apply(&f, w, 1);
    for (size_t i = 0; i < N; i++)
        assert_near(w[i], z[i], 1e-12);
    assert_near(f.log_det, tw_la_logdet(c, N), 1e-12);
}

TEST(filter__level_at_the_end_is_the_conditional_mean)
{
    /* E[u(900) | residuals] = k' C^-1 z with k = cov(u(900), y) */
    double c[N * N], z[N], w[N], k[N], mean = 0.0, drop = 0.0;
    tw_psa_filter f;
    dense(c, 0.5, 160.0, 0.09);
    assert_true(tw_la_chol(c, N));
    memcpy(z, residual, sizeof z);
    for (size_t i = 0; i < N; i++)
        k[i] = 0.25 * exp(-(900.0 - days[i].day) / 160.0);
    tw_la_solve_lower(c, z, N);
    tw_la_solve_lower(c, k, N);
    for (size_t i = 0; i < N; i++) {
        mean += k[i] * z[i];
        drop += k[i] * k[i];
    }
    assert_ok(tw_psa_filter_new(cx, &f, N));
    tw_psa_filter_set(&f, days, extra, 0.5, 160.0, 0.09);
    memcpy(w, residual, sizeof w);
    assert_near(tw_psa_filter_apply(&f, w, 1), mean, 1e-12);
    assert_near(f.end_var, 0.25 - drop, 1e-12);
}

TEST(filter__treats_columns_together_as_one_by_one)
{
    double rows[N * 3], one[N * 3];
    tw_psa_filter f;
    for (size_t i = 0; i < N * 3; i++)
        rows[i] = one[i] = sin((double)i);
    assert_ok(tw_psa_filter_new(cx, &f, N));
    tw_psa_filter_set(&f, days, NULL, 0.4, 90.0, 0.1);
    tw_psa_filter_apply_rows(&f, rows, 3);
    for (size_t c = 0; c < 3; c++)
        (void)tw_psa_filter_apply(&f, one + c, 3);
    assert_memory_equal(rows, one, sizeof rows);
}

TEST(release_noise__variance_follows_value_and_slope)
{
    const tw_noise noise = {
        .value_sd = 0.3, .value_round_width = 0.1, .time_round_days = 28.0, .time_jitter_days = 2.0
    };
    const double lnf[2] = { log(2.0), log(0.2) }, slope[2] = { 0.0, -0.05 };
    double e[2];
    tw_psa_noise_extra(e, &noise, lnf, slope, 2);
    assert_near(e[0], (0.09 + 0.01 / 12.0) / 4.0, 1e-12);
    assert_near(e[1], (0.09 + 0.01 / 12.0) / 0.04 + 0.0025 * (784.0 / 12.0 + 4.0), 1e-12);
}

TEST(cholesky__solves_and_inverts)
{
    double a[9] = { 4, 2, -1, 2, 5, 0.5, -1, 0.5, 3 }, l[9], inv[9];
    memcpy(l, a, sizeof l);
    assert_true(tw_la_chol(l, 3));
    tw_la_inverse(inv, l, 3);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++) {
            double s = 0.0;
            for (size_t k = 0; k < 3; k++)
                s += a[i * 3 + k] * inv[k * 3 + j];
            assert_near(s, i == j ? 1.0 : 0.0, 1e-13);
        }
    double bad[4] = { 1, 2, 2, 1 };
    assert_false(tw_la_chol(bad, 2));
}
