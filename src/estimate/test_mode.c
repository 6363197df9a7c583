/* Known parameters are found again; the normal law has its closed form; what data do not tell is named. */
#include "test_data.h"

#define N 12
#define NONE (double)NAN

static const tw_estimate_par line_par[] = { { "a", false, -50, 50, 0.5, 2.0 }, { "b", false, -50, 50, 1.0, 1.5 } };
static const tw_estimate_observable line_seen = { "y", TW_ESTIMATE_ADDITIVE, 0.4 };

static void line_data(tw_estimate_datum *d)
{
    static const double e[N] = { .31, -.22, .05, .4, -.51, .12, -.33, .2, .61, -.1, -.27, .15 };
    for (size_t i = 0; i < N; i++)
        d[i] = (tw_estimate_datum){ .time = 0.5 * (double)i, .value = 1.2 + 0.7 * 0.5 * (double)i + e[i] };
}

/* Normal equations of the line with its priors. */
static void line_exact(double mean[2], double var[2], double *cov, const tw_estimate_datum *d, size_t n)
{
    double a = 1 / 4.0, b = 0, c = 1 / 2.25, ra = 0.5 / 4.0, rb = 1.0 / 2.25;
    for (size_t i = 0; i < n; i++) {
        double w = 1 / (0.4 * 0.4), t = d[i].time;
        a += w;
        b += w * t;
        c += w * t * t;
        ra += w * d[i].value;
        rb += w * t * d[i].value;
    }
    double det = a * c - b * b;
    mean[0] = (c * ra - b * rb) / det;
    mean[1] = (a * rb - b * ra) / det;
    var[0] = c / det;
    var[1] = a / det;
    *cov = -b / det;
}

TEST(mode__a_line_has_its_closed_form)
{
    tw_estimate_datum d[N];
    tw_estimate_problem p;
    tw_estimate_mode mode;
    tw_estimate_normal l;
    double mean[2], var[2], cov, *x, ess, sum[2] = { 0 };
    tw_estimate_model *m = model_of(tw_str_of(LINE), line_par, 2, &line_seen, 1);
    line_data(d);
    line_exact(mean, var, &cov, d, N);
    assert_ok(tw_estimate_of_data(cx, &p, m, d, N));
    assert_ok(tw_estimate_map(cx, &mode, &p, NULL));
    assert_true(mode.converged);
    assert_int_equal(8, mode.agree);
    assert_ok(tw_estimate_laplace(cx, &l, &p, &mode));
    for (size_t k = 0; k < 2; k++) {
        assert_near(mode.x[k], mean[k], 1e-4 * sqrt(var[k]));
        assert_near(l.sd[k] / sqrt(var[k]), 1.0, 1e-5);
        assert_near(l.told[k], 1.0 - var[k] / (line_par[k].prior_sd * line_par[k].prior_sd), 1e-5);
        assert_false(l.at_bound[k]);
    }
    assert_near(l.cov[1], cov, 1e-5 * sqrt(var[0] * var[1]));
    assert_int_equal(2, l.n_told);
    assert_str("", tw_estimate_untold(cx, &p, &l));
    assert_ok(tw_estimate_draws(cx, &x, &ess, &p, &mode, &l, 4000, 7));
    assert_true(ess > 9000);
    for (size_t i = 0; i < 8000; i++)
        sum[i % 2] += x[i] / 4000.0;
    assert_near(sum[0], mean[0], 0.1 * sqrt(var[0]));
    assert_near(sum[1], mean[1], 0.1 * sqrt(var[1]));
}

TEST(mode__a_profile_of_a_line_is_a_parabola)
{
    tw_estimate_datum d[N];
    tw_estimate_problem p;
    tw_estimate_mode mode;
    double mean[2], var[2], cov, grid[7], rise[7];
    tw_estimate_model *m = model_of(tw_str_of(LINE), line_par, 2, &line_seen, 1);
    line_data(d);
    line_exact(mean, var, &cov, d, N);
    assert_ok(tw_estimate_of_data(cx, &p, m, d, N));
    assert_ok(tw_estimate_map(cx, &mode, &p, NULL));
    for (size_t i = 0; i < 7; i++)
        grid[i] = mean[1] + ((double)i - 3.0) * sqrt(var[1]);
    assert_ok(tw_estimate_profile(cx, rise, &p, &mode, 1, grid, 7));
    for (size_t i = 0; i < 7; i++)
        assert_near(rise[i], ((double)i - 3.0) * ((double)i - 3.0), 1e-3);
}

TEST(mode__a_decay_is_found_from_any_start)
{
    static const tw_estimate_par par[] = { { "k", true, 1e-3, 10, NONE, 0 }, { "y0", true, 0.1, 1000, NONE, 0 } };
    static const tw_estimate_observable seen = { "y", TW_ESTIMATE_LOGNORMAL, 0.05 };
    tw_estimate_datum d[N];
    tw_estimate_problem p;
    tw_estimate_mode mode;
    tw_estimate_normal l;
    tw_estimate_model *m = model_of(tw_str_of(DECAY), par, 2, &seen, 1);
    for (size_t i = 0; i < N; i++)
        d[i] = (tw_estimate_datum){ .time = (double)i, .value = 8 * exp(-0.3 * (double)i) * (i % 2 ? 1.04 : 0.96) };
    assert_ok(tw_estimate_of_data(cx, &p, m, d, N));
    assert_ok(tw_estimate_map(cx, &mode, &p, &(tw_estimate_map_opts){ .starts = 16, .seed = tw_test_seed() }));
    assert_true(mode.converged);
    assert_true(mode.agree >= 12);
    assert_ok(tw_estimate_laplace(cx, &l, &p, &mode));
    assert_near(log(mode.x[0] / 0.3), 0, 3 * l.sd[0]);
    assert_near(log(mode.x[1] / 8), 0, 3 * l.sd[1]);
    assert_true(l.sd[0] < 0.05 && l.n_told == 2);
}

TEST(mode__a_product_leaves_a_direction_untold)
{
    static const tw_estimate_par par[] = { { "a", true, 0.1, 10, NONE, 0 }, { "b", true, 0.1, 10, NONE, 0 } };
    static const tw_estimate_observable seen = { "y", TW_ESTIMATE_ADDITIVE, 0.1 };
    tw_estimate_datum d[N];
    tw_estimate_problem p;
    tw_estimate_mode mode;
    tw_estimate_normal l;
    double rise[3];
    tw_estimate_model *m = model_of(tw_str_of(PRODUCT), par, 2, &seen, 1);
    for (size_t i = 0; i < N; i++)
        d[i] = (tw_estimate_datum){ .time = (double)i, .value = 2.0 * (double)i };
    assert_ok(tw_estimate_of_data(cx, &p, m, d, N));
    assert_ok(tw_estimate_map(cx, &mode, &p, NULL));
    assert_near(mode.x[0] * mode.x[1], 2.0, 0.01);
    assert_ok(tw_estimate_laplace(cx, &l, &p, &mode));
    assert_int_equal(1, l.n_told);
    assert_str("a (0.71), b (-0.71)", tw_estimate_untold(cx, &p, &l));
    assert_ok(tw_estimate_profile(cx, rise, &p, &mode, 0, (double[]){ 0.5, 1, 4 }, 3));
    for (size_t i = 0; i < 3; i++)
        assert_near(rise[i], 0, 1e-3);
}

TEST(mode__bergman_is_found_again_and_bands_hold_the_truth)
{
    static const tw_estimate_par par[] = { { "p1", true, 1e-3, 1, NONE, 0 }, { "p3", true, 1e-7, 1e-3, 1e-5, 1.0 } };
    static const tw_estimate_observable seen = { "G", TW_ESTIMATE_PROPORTIONAL, 0.02 };
    static const double truth[] = { 0.024, 1.8e-5 };
    double time[24], g[24], band[24][TW_ESTIMATE_BANDS], *x, ess;
    tw_estimate_datum d[12];
    tw_estimate_problem p;
    tw_estimate_mode mode;
    tw_estimate_normal l;
    tw_rng rng = tw_rng_of(5, 5);
    tw_estimate_model *m = model_of(tw_test_source("models/bergman/model.xml"), par, 2, &seen, 1);
    for (size_t i = 0; i < 24; i++)
        time[i] = 7.5 * (double)i;
    assert_ok(tw_estimate_simulate(cx, g, m, truth, 1, time, 24));
    for (size_t i = 0; i < 12; i++)
        d[i] = (tw_estimate_datum){ .time = time[i], .value = tw_rng_normal(&rng) * 0.02 * g[i] + g[i] };
    assert_ok(tw_estimate_of_data(cx, &p, m, d, 12));
    assert_ok(tw_estimate_map(cx, &mode, &p, NULL));
    assert_true(mode.converged);
    assert_ok(tw_estimate_laplace(cx, &l, &p, &mode));
    for (size_t k = 0; k < 2; k++)
        assert_near(log(mode.x[k] / truth[k]), 0, 3 * l.sd[k]);
    assert_true(l.sd[1] < 0.5);
    assert_ok(tw_estimate_draws(cx, &x, &ess, &p, &mode, &l, 1000, 1));
    assert_ok(tw_estimate_forecast(cx, band[0], m, x, NULL, 1000, time, 24, true, 1));
    for (size_t i = 0; i < 24; i++)
        assert_true(band[i][0] < g[i] && g[i] < band[i][4]);
}

TEST(density__of_what_a_release_did)
{
    tw_estimate_observable o = { "y", TW_ESTIMATE_ADDITIVE, 1.0 };
    tw_estimate_datum d = { .value = 2 };
    assert_near(tw_estimate_log_density(&o, &d, 1.0), -0.5 - 0.5 * TW_LN_2PI, 1e-12);
    d.extra_sd = sqrt(3.0);
    assert_near(tw_estimate_log_density(&o, &d, 1.0), -0.125 - log(2.0) - 0.5 * TW_LN_2PI, 1e-12);
    d = (tw_estimate_datum){ .value = 2, .width = 2 };
    assert_near(tw_estimate_log_density(&o, &d, 1.0), log(0.4772498680518208), 1e-9);
    d = (tw_estimate_datum){ .value = 1, .kind = TW_ESTIMATE_BELOW };
    assert_near(tw_estimate_log_density(&o, &d, 1.0), log(0.5), 1e-12);
    o.law = TW_ESTIMATE_LOGNORMAL;
    d = (tw_estimate_datum){ .value = 2 };
    assert_near(tw_estimate_log_density(&o, &d, 2.0), -log(2.0) - 0.5 * TW_LN_2PI, 1e-12);
    assert_true(isinf(tw_estimate_log_density(&o, &d, 0.0)));
}

TEST(mode__bad_parameters_are_refused_by_name)
{
    tw_estimate_par p = { "k", true, 0, 1, NONE, 0 };
    assert_status(TW_EPARSE, tw_estimate_check(cx, &p, 1));
    p = (tw_estimate_par){ "k", false, 2, 1, NONE, 0 };
    assert_status(TW_EPARSE, tw_estimate_check(cx, &p, 1));
    p = (tw_estimate_par){ "k", false, 0, 1, 0.5, 0 };
    assert_status(TW_EPARSE, tw_estimate_check(cx, &p, 1));
}
