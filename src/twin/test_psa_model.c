#include "test_psa_data.h"

/* An independent solver: both equations as they stand in the header, on ln P, step 0.01 d, switches hit exactly. */
typedef struct {
    double lnp, e;
} point;

static point slope_of(point s, const double th[TW_PSA_NPAR], const double dev[3], bool on, double day)
{
    double r = exp(th[0]), b = exp(th[1] + dev[0] + th[6] * day / 365.25), g = exp(th[2] + dev[1]);
    double ke = exp(th[4]), p = exp(s.lnp);
    return (point){
        .lnp = -r * s.e * (p - b) / p + g * (1.0 - s.e) * (th[3] + dev[2] - s.lnp),
        .e = on ? 0.2 * (1.0 - s.e) : -ke * s.e,
    };
}

static point moved(point s, point k, double h)
{
    return (point){ s.lnp + h * k.lnp, s.e + h * k.e };
}

static point reference(point s, const double *th, const double *dev, bool on, double from, double to)
{
    size_t n = (size_t)ceil((to - from) / 0.01);
    double h = (to - from) / (double)n;
    for (size_t i = 0; i < n; i++) {
        double t = from + (double)i * h;
        point a = slope_of(s, th, dev, on, t);
        point b = slope_of(moved(s, a, h / 2), th, dev, on, t + h / 2);
        point c = slope_of(moved(s, b, h / 2), th, dev, on, t + h / 2);
        point d = slope_of(moved(s, c, h), th, dev, on, t + h);
        s.lnp += h / 6 * (a.lnp + 2 * b.lnp + 2 * c.lnp + d.lnp);
        s.e += h / 6 * (a.e + 2 * b.e + 2 * c.e + d.e);
    }
    return s;
}

static const tw_psa_run runs[] = {
    { 0.0, 250.0, 0, true }, { 250.0, 600.0, 0, false }, { 600.0, 861.0, 1, true }, { 861.0, 1100.0, 1, false }
};
static const tw_psa_at points[] = { { 0, 0 },   { 7, 0 },   { 31, 0 },  { 250, 0 }, { 250, 1 },  { 300, 1 }, { 599, 1 },
                                    { 600, 2 }, { 640, 2 }, { 861, 3 }, { 900, 3 }, { 1000, 3 }, { 1100, 3 } };
#define POINTS TW_COUNT(points)

/* ln r, ln B, ln g, ln K, ln ke, ln P0, b | dB, dg, dK, j_off | dB, dg, dK, j_off, j_on */
static const double theta[16] = { -2.8, -0.7, -3.9, 2.6,  -4.1, 2.5,  0.3,  0.2,
                                  -0.3, 0.1,  0.4,  -0.5, 0.6,  -0.2, -0.3, 0.25 };

static void reference_values(double out[POINTS], const double th[16])
{
    point s = { th[TW_PSA_LN_P0], 0.0 };
    double day = 0.0;
    size_t k = 0;
    for (size_t r = 0; r < TW_COUNT(runs); r++) {
        const double *dev = th + (r < 2 ? 7 : 11);
        if (r > 0)
            s.lnp += r == 1 ? th[10] : r == 2 ? th[15] : th[14];
        for (; k < POINTS && points[k].run == r; k++) {
            if (points[k].day > day)
                s = reference(s, th, dev, runs[r].on, day, points[k].day);
            day = points[k].day;
            out[k] = log(exp(s.lnp) + 0.1);
        }
        if (runs[r].end_day > day)
            s = reference(s, th, dev, runs[r].on, day, runs[r].end_day);
        day = runs[r].end_day;
    }
}

TEST(ode__agrees_with_an_independent_fine_solver)
{
    double want[POINTS], got[POINTS];
    reference_values(want, theta);
    tw_psa_walk(got, NULL, NULL, runs, TW_COUNT(runs), points, POINTS, theta, 16);
    for (size_t i = 0; i < POINTS; i++)
        assert_near(got[i], want[i], 2e-4); /* steps of 4 d; the measurement noise is 0.1 */
}

TEST(ode__stays_close_for_a_fast_man)
{
    double fast[16], want[POINTS], got[POINTS];
    memcpy(fast, theta, sizeof fast);
    fast[TW_PSA_LN_R] = -1.5; /* 0.22 a day: two and a half sds from the mean of the men */
    fast[TW_PSA_LN_G] = -2.8;
    reference_values(want, fast);
    tw_psa_walk(got, NULL, NULL, runs, TW_COUNT(runs), points, POINTS, fast, 16);
    for (size_t i = 0; i < POINTS; i++)
        assert_near(got[i], want[i], 2e-2);
}

TEST(ode__golden_values)
{
    /* ln(P + 0.1) at days 31, 250 (before the stop), 599 and 1100 by a third solver, written in another language, steps
     * of 0.01 d. */
    double got[POINTS];
    static const struct {
        size_t at;
        double value;
    } golden[] = { { 2, 1.150315460 }, { 3, -0.180488528 }, { 6, 2.604562803 }, { 12, 2.349445797 } };
    tw_psa_walk(got, NULL, NULL, runs, TW_COUNT(runs), points, POINTS, theta, 16);
    for (size_t i = 0; i < TW_COUNT(golden); i++)
        assert_near(got[golden[i].at], golden[i].value, 2e-4);
}

TEST(ode__a_cohort_without_growth_or_treatment_stays_where_it_is)
{
    double still[11] = { -3.0, -1.0, -18.0, 2.0, -4.0, 2.0, 0.0 };
    const tw_psa_run off[] = { { 0.0, 900.0, 0, false } };
    const tw_psa_at at[] = { { 0, 0 }, { 900, 0 } };
    double got[2];
    tw_psa_walk(got, NULL, NULL, off, 1, at, 2, still, 11);
    assert_near(got[0], got[1], 1e-6);
}

TEST(sensitivities__agree_with_central_differences)
{
    double jac[POINTS * 16], lnf[POINTS], up[POINTS], down[POINTS], th[16];
    tw_psa_walk(lnf, jac, NULL, runs, TW_COUNT(runs), points, POINTS, theta, 16);
    for (size_t j = 0; j < 16; j++) {
        memcpy(th, theta, sizeof th);
        th[j] = theta[j] + 1e-5;
        tw_psa_walk(up, NULL, NULL, runs, TW_COUNT(runs), points, POINTS, th, 16);
        th[j] = theta[j] - 1e-5;
        tw_psa_walk(down, NULL, NULL, runs, TW_COUNT(runs), points, POINTS, th, 16);
        for (size_t i = 0; i < POINTS; i++)
            assert_near(jac[i * 16 + j], (up[i] - down[i]) / 2e-5, 1e-7);
    }
}

TEST(sensitivities__do_not_change_the_value)
{
    double jac[POINTS * 16], a[POINTS], b[POINTS];
    tw_psa_walk(a, jac, NULL, runs, TW_COUNT(runs), points, POINTS, theta, 16);
    tw_psa_walk(b, NULL, NULL, runs, TW_COUNT(runs), points, POINTS, theta, 16);
    assert_memory_equal(a, b, sizeof a);
}

TEST(slope__is_the_derivative_in_time)
{
    const tw_psa_at at[] = { { 99.99, 0 }, { 100.0, 0 }, { 100.01, 0 } };
    double lnf[3], slope[3];
    tw_psa_walk(lnf, NULL, slope, runs, TW_COUNT(runs), at, 3, theta, 16);
    assert_near(slope[1], (lnf[2] - lnf[0]) / 0.02, 1e-6);
}

TEST(layout__offsets_and_kinds_agree)
{
    assert_int_equal(tw_psa_dim(1), 11);
    assert_int_equal(tw_psa_dim(2), 16);
    assert_int_equal(tw_psa_dev_kind(7), TW_PSA_D_B);
    assert_int_equal(tw_psa_dev_kind(10), TW_PSA_J_OFF);
    assert_int_equal(tw_psa_dev_kind(11), TW_PSA_D_B);
    assert_int_equal(tw_psa_dev_kind(14), TW_PSA_J_OFF);
    assert_int_equal(tw_psa_dev_kind(15), TW_PSA_J_ON);
    assert_int_equal(tw_psa_dev_kind(16), TW_PSA_D_B);
    assert_int_equal(tw_psa_dev_kind(20), TW_PSA_J_ON);
}
