#include "radio/radio.h"
#include "test_near.h"

/* Weekday fractions of six weeks. */
static size_t weekdays(tw_fraction *f)
{
    for (size_t i = 0; i < 30; i++)
        f[i] = (tw_fraction){ (double)(i / 5 * 7 + i % 5), 2.0 };
    return 30;
}

TEST(growth__closed_forms_agree_with_small_steps)
{
    double e = 3, l = 3, g = 3, h = 1e-4;
    for (int i = 0; i < 100000; i++) { /* midpoint rule over 10 days */
        double m = e + 0.5 * h * 0.1 * e;
        e += h * 0.1 * m;
        m = l + 0.5 * h * 0.1 * l * (1 - l / 20);
        l += h * 0.1 * m * (1 - m / 20);
        m = g + 0.5 * h * 0.1 * g * log(20 / g);
        g += h * 0.1 * m * log(20 / m);
    }
    assert_near(tw_grow_exponential(3, 0.1, 10), e, 1e-8);
    assert_near(tw_grow_logistic(3, 0.1, 20, 10), l, 1e-8);
    assert_near(tw_grow_gompertz(3, 0.1, 20, 10), g, 1e-8);
    assert_near(tw_grow_logistic(l, 0.1, 20, -10), 3, 1e-8);
    assert_near(tw_grow_logistic(30, 0.1, 20, 1e4), 20, 1e-9);
}

/* Golden: volume right after Friday's fraction, V0 = 100, gamma = 0.25 at 2 Gy, rate 0.1 a day. */
TEST(growth__psi_weeks_to_every_digit)
{
    static const double psi[4] = { 0.6, 0.7, 0.8, 0.9 };
    static const double want[4][6] = { { 65.183, 43.667, 26.316, 14.499, 7.500, 3.735 },
                                       { 72.586, 53.211, 35.121, 20.878, 11.384, 5.850 },
                                       { 80.842, 65.430, 48.514, 32.422, 19.496, 10.723 },
                                       { 89.979, 80.887, 69.090, 54.967, 39.893, 26.047 } };
    double v[4], k[4], rate[4], alpha[4];
    for (size_t i = 0; i < 4; i++) {
        v[i] = 100;
        k[i] = 100 / psi[i];
        rate[i] = 0.1;
        alpha[i] = -log(0.75) / 2.4; /* alpha/beta 10: 0.11987 */
    }
    assert_near(alpha[0], 0.11987, 5e-6);
    tw_lanes l = { .n = 4, .v = v, .k = k, .rate = rate, .alpha = alpha, .ab_gy = 10, .kill = TW_KILL_PSI };
    for (size_t w = 0; w < 6; w++) {
        for (size_t d = 0; d < 5; d++) {
            tw_lanes_grow(&l, w + d == 0 ? 0 : d > 0 ? 1 : 3);
            tw_lanes_fraction(&l, 2);
        }
        for (size_t i = 0; i < 4; i++)
            assert_near(v[i], want[i][w], 5e-4);
        for (size_t i = 1; i < 4; i++)
            assert_true(v[i] > v[i - 1]); /* the lower PSI, the larger the reduction */
    }
}

/* Golden: volume on Monday before its fraction; a lane each for delta .05 and .10. */
TEST(growth__ccr_weeks_to_every_digit)
{
    static const double want[2][6] = { { 101.156, 86.557, 69.260, 54.167, 42.054, 32.574 },
                                       { 88.281, 59.081, 36.029, 21.441, 12.685, 7.493 } };
    double v[2] = { 100, 100 }, k[2] = { 125, 125 }, rate[2] = { 0.13, 0.13 };
    double alpha[2] = { -log(0.95) / 2.4, -log(0.90) / 2.4 };
    double time[6], out[12];
    for (size_t w = 0; w < 6; w++)
        time[w] = 7.0 * (double)(w + 1);
    tw_fraction f[30];
    size_t n = weekdays(f);
    tw_lanes l = { .n = 2, .v = v, .k = k, .rate = rate, .alpha = alpha, .ab_gy = 10, .kill = TW_KILL_CCR };
    tw_lanes_walk(&l, out, 0, time, 6, f, n);
    for (size_t w = 0; w < 6; w++)
        for (size_t i = 0; i < 2; i++)
            assert_near(out[w * 2 + i], want[i][w], 5e-4);
}

TEST(growth__dvr_is_survival_times_growth)
{
    double v = 1, k = 1e12, rate = 0.02, alpha = 0.09, out[1], time[1] = { 100 };
    tw_fraction f[30];
    size_t n = weekdays(f);
    tw_lanes l = { .n = 1, .v = &v, .k = &k, .rate = &rate, .alpha = &alpha, .ab_gy = 10, .kill = TW_KILL_DVR };
    tw_lanes_walk(&l, out, 0, time, 1, f, n);
    assert_near(log(out[0]), 0.02 * 100 - 30 * 0.09 * 2.4, 1e-8);
}

TEST(growth__lanes_do_not_know_each_other)
{
    enum { N = 37 };
    double v[N], k[N], rate[N], alpha[N], all[2 * N], one[2], time[2] = { 20, 60 };
    tw_fraction f[30];
    size_t n = weekdays(f);
    for (size_t i = 0; i < N; i++) {
        rate[i] = 0.01 + 0.001 * (double)i;
        alpha[i] = 0.05 + 0.004 * (double)i;
        v[i] = 5.0 + (double)i;
        k[i] = 2 * v[i];
    }
    tw_lanes l = { .n = N, .v = v, .k = k, .rate = rate, .alpha = alpha, .ab_gy = 10, .kill = TW_KILL_PSI };
    tw_lanes_walk(&l, all, 0, time, 2, f, n);
    for (size_t i = 0; i < N; i++) {
        double v1 = 5.0 + (double)i, k1 = 2 * v1;
        tw_lanes s = { .n = 1, .v = &v1, .k = &k1, .rate = &rate[i], .alpha = &alpha[i], .ab_gy = 10,
                       .kill = TW_KILL_PSI };
        tw_lanes_walk(&s, one, 0, time, 2, f, n);
        assert_memory_equal(&one[0], &all[i], sizeof(double));
        assert_memory_equal(&one[1], &all[N + i], sizeof(double));
    }
}

TEST(growth__a_volume_is_measured_before_the_fraction_of_its_day)
{
    double v = 1, k = 4, rate = 0.1, alpha = 0.1, out[3];
    const double time[3] = { 0, 1, 1.5 };
    const tw_fraction f[2] = { { 0, 2 }, { 1, 2 } };
    tw_lanes l = { .n = 1, .v = &v, .k = &k, .rate = &rate, .alpha = &alpha, .ab_gy = 10, .kill = TW_KILL_DVR };
    tw_lanes_walk(&l, out, 0, time, 3, f, 2);
    double one = tw_grow_logistic(exp(-0.24), 0.1, 4, 1);
    assert_near(out[0], 1, 0);
    assert_near(out[1], one, 1e-14);
    assert_near(out[2], tw_grow_logistic(one * exp(-0.24), 0.1, 4, 0.5), 1e-14);
}
