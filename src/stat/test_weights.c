#include <math.h>

#include "stat/stat.h"
#include "test_near.h"

TEST(weights__of_logs_are_relative_to_the_largest)
{
    double w[] = { -1001.0, -1000.0, -HUGE_VAL }, none[] = { -HUGE_VAL, -HUGE_VAL };
    assert_near(tw_weights_of_logs(w, 3), -1000.0, 0.0);
    assert_near(w[0], exp(-1.0), 1e-15);
    assert_near(w[1], 1.0, 0.0);
    assert_near(w[2], 0.0, 0.0);
    assert_true(tw_weights_of_logs(none, 2) < -1e300);
}

TEST(weights__are_cut_at_the_mean_times_the_root_of_their_number)
{
    double w[] = { 7.0, 1.0, 0.0, 0.0 }; /* mean 2, root 2 */
    tw_weights_truncate(w, 4);
    assert_near(w[0], 4.0, 1e-15);
    assert_near(w[1], 1.0, 0.0);
}

TEST(weights__effective_size_is_that_of_as_many_equal_ones)
{
    const double w[] = { 3.0, 0.0, 3.0, 3.0 }, none[] = { 0.0, 0.0 };
    assert_near(tw_weights_ess(w, 4), 3.0, 1e-15);
    assert_near(tw_weights_ess(none, 2), 0.0, 0.0);
}

TEST(resampling__draws_each_its_share_rounded_up_or_down_and_in_order)
{
    const double w[] = { 0.0, 2.5, 0.0, 5.0, 0.5 };
    for (uint64_t seed = 0; seed < 50; seed++) {
        double count[5] = { 0.0 };
        size_t last = 0;
        tw_rng rng = tw_rng_of(seed, 1);
        tw_resampling r = tw_resampling_of(w, 5, 30, &rng);
        for (size_t d = 0; d < 30; d++) {
            size_t k = tw_resampling_next(&r);
            assert_true(k >= last && k < 5);
            count[k] += 1.0;
            last = k;
        }
        for (size_t k = 0; k < 5; k++)
            assert_true(fabs(count[k] - w[k] / 8.0 * 30.0) < 1.0);
    }
}

TEST(t6__integrates_to_one_and_is_the_law_that_is_drawn)
{
    enum { N = 200000 };
    const double l = 2.0; /* precision 4 */
    double mass = 0.0, inner = 0.0, drawn = 0.0;
    for (int i = -40000; i < 40000; i++) {
        double x = 0.001 * ((double)i + 0.5), p = exp(tw_t6_log_density(&l, &x, 1) + tw_t6_log_constant(&l, 1));
        mass += 0.001 * p;
        inner += fabs(x) < 0.5 ? 0.001 * p : 0.0;
    }
    assert_near(mass, 1.0, 1e-6);
    tw_rng rng = tw_rng_of(4, 1);
    for (size_t i = 0; i < N; i++) {
        double z = tw_rng_normal(&rng);
        drawn += fabs(z * sqrt(TW_T6 / tw_rng_chi2_6(&rng)) / l) < 0.5 ? 1.0 / N : 0.0;
    }
    assert_near(drawn, inner, 0.005); /* four sds */
}

TEST(t6__of_a_distance_is_that_of_its_whitened_square)
{
    const double l[] = { 2.0, 0.0, 0.7, 1.5 }, x[] = { 0.3, -1.1 };
    double a = 2.0 * x[0] + 0.7 * x[1], b = 1.5 * x[1]; /* L' x */
    assert_near(tw_t6_log_density(l, x, 2), tw_t6_log_kernel(a * a + b * b, 2), 1e-14);
}

TEST(la__a_solution_and_a_product_are_inverse)
{
    const double l[] = { 2.0, 0.0, 0.0, 0.5, 1.0, 0.0, -1.0, 0.25, 3.0 }, want[] = { 1.0, -2.0, 0.5 };
    double up[3] = { 2.0 * 1.0 + 0.5 * -2.0 - 1.0 * 0.5, -2.0 + 0.25 * 0.5, 3.0 * 0.5 }; /* L' want */
    double x[3] = { 0.0 };
    tw_la_add_lower(x, l, up, 3);
    tw_la_solve(l, x, 3);
    for (size_t i = 0; i < 3; i++)
        assert_near(x[i], want[i], 1e-14);
}

TEST(calibration__counts_what_lies_within_and_fills_tenths)
{
    double pit[] = { 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0, 0.3 };
    tw_calibration c = tw_score_calibration(pit, 8);
    assert_near(c.cover50, 4.0 / 8.0, 1e-15);
    assert_near(c.cover90, 6.0 / 8.0, 1e-15);
    assert_int_equal(c.histogram[0], 2);
    assert_int_equal(c.histogram[9], 2);
    assert_near(c.ks, tw_score_ks_uniform(pit, 8), 0.0);
}

TEST(interval__leaves_a_fortieth_on_each_side)
{
    double x[41], lo, hi;
    for (size_t i = 0; i < 41; i++)
        x[i] = (double)((i * 7) % 41);
    tw_score_interval(&lo, &hi, x, 41);
    assert_near(lo, 1.0, 1e-12);
    assert_near(hi, 39.0, 1e-12);
}

TEST(mixture__of_far_values_keeps_its_digits)
{
    const double mean[] = { 0.0, 2.0 }, var[] = { 1.0, 4.0 };
    double plain = 0.5 * (exp(tw_log_density_normal(1.0, 0.0, 1.0)) + exp(tw_log_density_normal(1.0, 2.0, 4.0)));
    assert_near(tw_log_density_mixture(1.0, mean, var, 2), log(plain), 1e-14);
    assert_near(tw_log_density_mixture(200.0, mean, var, 2), log(0.5) + tw_log_density_normal(200.0, 2.0, 4.0), 1e-9);
}
