#include <math.h>

#include "stat/stat.h"
#include "test_near.h"

TEST(crps__of_one_draw_is_the_absolute_error)
{
    double x[] = { 2.0 };
    assert_near(tw_score_crps(x, 1, -1.5), 3.5, 1e-15);
}

TEST(crps__agrees_with_the_double_sum)
{
    double x[7] = { 0.3, -1.2, 4.0, 0.3, 2.2, -0.7, 1.1 }, y = 0.9, dist = 0.0, pair = 0.0;
    for (size_t i = 0; i < 7; i++) {
        dist += fabs(x[i] - y) / 7.0;
        for (size_t j = 0; j < 7; j++)
            pair += fabs(x[i] - x[j]) / 49.0;
    }
    assert_near(tw_score_crps(x, 7, y), dist - 0.5 * pair, 1e-14);
}

TEST(crps__of_many_normal_draws_tends_to_the_closed_form)
{
    enum { N = 200000 };
    double *x = tw_try_array(cx->arena, double, N);
    tw_rng rng = tw_rng_of(5, 1);
    const double y[] = { 1.0, 2.5, -3.0, 9.0 };
    for (size_t k = 0; k < TW_COUNT(y); k++) {
        for (size_t i = 0; i < N; i++)
            x[i] = 1.0 + 2.0 * tw_rng_normal(&rng);
        /* sd of the mean of |x - y| is 2 / sqrt(N) at most: four of them */
        assert_near(tw_score_crps(x, N, y[k]), tw_score_crps_normal(1.0, 2.0, y[k]), 0.018);
    }
}

TEST(crps_normal__at_the_mean_is_the_published_value)
{
    /* Gneiting and Raftery 2007 at y = mu: sigma (2 / sqrt(2 pi) - 1 / sqrt(pi)) = 0.23369498 sigma */
    assert_near(tw_score_crps_normal(3.0, 2.0, 3.0), 2.0 * 0.23369497725510913, 1e-12);
}

TEST(pit__counts_draws_below_and_half_of_ties)
{
    const double x[] = { 1.0, 2.0, 2.0, 5.0 };
    assert_near(tw_score_pit(x, 4, 2.0), 0.5, 1e-15);
    assert_near(tw_score_pit(x, 4, 9.0), 1.0, 1e-15);
    assert_near(tw_score_pit(x, 4, 0.0), 0.0, 1e-15);
}

TEST(quantile__interpolates_between_order_statistics)
{
    const double x[] = { 0.0, 10.0, 20.0, 40.0 };
    assert_near(tw_score_quantile(x, 4, 0.0), 0.0, 1e-15);
    assert_near(tw_score_quantile(x, 4, 0.5), 15.0, 1e-12);
    assert_near(tw_score_quantile(x, 4, 1.0), 40.0, 1e-15);
    assert_near(tw_score_quantile(x, 1, 0.3), 0.0, 1e-15);
}

TEST(ks__is_small_for_a_grid_and_large_for_a_point)
{
    double grid[100], point[100];
    for (size_t i = 0; i < 100; i++) {
        grid[i] = ((double)((i * 37) % 100) + 0.5) / 100.0;
        point[i] = 0.2;
    }
    assert_near(tw_score_ks_uniform(grid, 100), 0.005, 1e-12);
    assert_near(tw_score_ks_uniform(point, 100), 0.8, 1e-12);
}

TEST(rng__moments_are_those_of_the_laws)
{
    enum { N = 100000 };
    tw_rng rng = tw_rng_of(11, 2);
    double mean = 0.0, square = 0.0, chi = 0.0, low = 1.0, high = 0.0;
    for (size_t i = 0; i < N; i++) {
        double z = tw_rng_normal(&rng), u = tw_rng_uniform(&rng);
        mean += z / N;
        square += z * z / N;
        chi += tw_rng_chi2_6(&rng) / N;
        low = TW_MIN(low, u);
        high = TW_MAX(high, u);
    }
    assert_near(mean, 0.0, 0.013); /* four sds each */
    assert_near(square, 1.0, 0.018);
    assert_near(chi, 6.0, 0.044);
    assert_true(low > 0.0 && low < 1e-3 && high < 1.0 && high > 0.999);
}

TEST(rng__streams_differ_by_seed_and_tag)
{
    tw_rng a = tw_rng_of(1, 1), b = tw_rng_of(1, 2), c = tw_rng_of(2, 1), d = tw_rng_of(1, 1);
    uint64_t x = tw_rng_u64(&a);
    assert_true(x != tw_rng_u64(&b) && x != tw_rng_u64(&c) && x == tw_rng_u64(&d));
}
