#include <math.h>

#include "stat/stat.h"
#include "test_near.h"

static double rosenbrock(TW_UNUSED void *self, const double *x)
{
    double a = 1.0 - x[0], b = x[1] - x[0] * x[0];
    return a * a + 100.0 * b * b;
}

static double half_plane(TW_UNUSED void *self, const double *x)
{
    return x[0] > 0.0 ? x[0] - log(x[0]) : (double)NAN;
}

TEST(minimise__finds_the_end_of_rosenbrocks_valley)
{
    double x[2] = { -1.2, 1.0 };
    tw_minimise_result r;
    assert_ok(tw_minimise(cx, &r, x, 2, rosenbrock, NULL, &(tw_minimise_opts){ .step = 1e-5, .tolerance = 1e-14 }));
    assert_near(x[0], 1.0, 1e-4);
    assert_near(x[1], 1.0, 2e-4);
    assert_true(r.converged);
}

TEST(minimise__stays_where_the_function_is_defined)
{
    double x[1] = { 0.01 };
    tw_minimise_result r;
    assert_ok(tw_minimise(cx, &r, x, 1, half_plane, NULL, NULL));
    assert_near(x[0], 1.0, 2e-3);
    x[0] = -1.0;
    assert_status(TW_EFAILED, tw_minimise(cx, &r, x, 1, half_plane, NULL, NULL));
}

TEST(eigen__rebuilds_the_matrix_in_descending_order)
{
    enum { N = 5 };
    double a[N * N], keep[N * N], value[N], vector[N * N];
    tw_rng rng = tw_rng_of(tw_test_seed(), 1);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j <= i; j++)
            a[i * N + j] = a[j * N + i] = tw_rng_normal(&rng);
    memcpy(keep, a, sizeof a);
    tw_la_eigen(value, vector, a, N);
    for (size_t i = 0; i < N; i++) {
        assert_true(i == 0 || value[i - 1] >= value[i]);
        for (size_t j = 0; j < N; j++) {
            double s = 0.0;
            for (size_t k = 0; k < N; k++)
                s += value[k] * vector[k * N + i] * vector[k * N + j];
            assert_near(s, keep[i * N + j], 1e-10);
        }
    }
}

TEST(log_normal_cdf__joins_its_two_branches)
{
    assert_near(tw_log_normal_cdf(0.0), log(0.5), 1e-14);
    assert_near(tw_log_normal_cdf(-10.0 - 1e-9), tw_log_normal_cdf(-10.0 + 1e-9), 1e-6);
    /* ln Phi(-40), from mpmath's table: -804.608442013754 */
    assert_near(tw_log_normal_cdf(-40.0), -804.608442013754, 1e-6);
}

TEST(energy_distance__of_two_points_is_the_root_of_twice_their_distance)
{
    const double x[2] = { 0.0, 0.0 }, y[2] = { 3.0, 4.0 };
    assert_near(tw_energy_distance(x, 1, y, 1, 2), sqrt(10.0), 1e-12);
    assert_near(tw_energy_distance(x, 1, x, 1, 2), 0.0, 1e-12);
}

TEST(auc__counts_pairs_and_half_of_ties)
{
    const double a[] = { 2.0, 3.0 }, b[] = { 1.0, 2.0 };
    assert_near(tw_score_auc(a, 2, b, 2), 0.875, 1e-15);
}
