/* Filters against exact answers, and a state gone on with against a run from the start. */
#include "test_data.h"

#define N 15

static const tw_estimate_observable seen = { "y", TW_ESTIMATE_ADDITIVE, 0.5 };

/* y wanders by N(0, .3^2 dt) after decaying by exp(-k dt); the values were made by hand. */
static const double value[N] = { 6.1, 4.2, 3.6, 2.2, 2.3, 1.2, 0.9, 1.1, 0.2, 0.7, 0.3, 0.6, -0.4, 0.1, 0.3 };

static tw_estimate_filter *drifting(tw_estimate_filter_opts *o)
{
    static tw_estimate_drift drift;
    tw_estimate_filter *f;
    tw_estimate_model *m = model_of(tw_str_of(DECAY), NULL, 0, &seen, 1);
    drift = (tw_estimate_drift){ symbol_of(tw_str_of(DECAY), "y"), 0.3 };
    o->drift = &drift;
    o->n_drift = 1;
    assert_ok(tw_estimate_filter_new(cx, &f, m, o));
    return f;
}

static void check_kalman(tw_estimate_filter *f, double tolerance, bool evidence)
{
    double mean = 8.0, var = 0.0, sum = 0.0, got, got_var;
    for (size_t i = 0; i < N; i++) {
        tw_estimate_datum d = { .time = (double)(i + 1), .value = value[i] };
        double k = exp(-0.3), s;
        mean *= k;
        var = var * k * k + 0.09;
        s = var + 0.25;
        sum += -0.5 * (TW_LN_2PI + log(s) + (value[i] - mean) * (value[i] - mean) / s);
        mean += var / s * (value[i] - mean);
        var *= 0.25 / s;
        assert_ok(tw_estimate_filter_take(cx, NULL, f, &d, 1));
        assert_true(tw_estimate_filter_moments(&got, &got_var, f, symbol_of(tw_str_of(DECAY), "y")));
        assert_near(got, mean, tolerance * sqrt(var));
        assert_near(got_var / var, 1.0, 4 * tolerance);
    }
    if (evidence)
        assert_near(tw_estimate_filter_now(f).log_evidence, sum, 0.15);
    double band[TW_ESTIMATE_BANDS], at = N + 1.0;
    double sd = sqrt(var * exp(-0.6) + 0.09 + 0.25);
    assert_ok(tw_estimate_filter_forecast(cx, band, f, &at, 1, true, 3));
    assert_near(band[2], mean * exp(-0.3), 0.08 * sd);
    assert_near(band[4], mean * exp(-0.3) + 1.645 * sd, 0.12 * sd);
    assert_near(band[0], mean * exp(-0.3) - 1.645 * sd, 0.12 * sd);
}

TEST(filter__particles_follow_the_kalman_filter)
{
    tw_estimate_filter *f = drifting(&(tw_estimate_filter_opts){ .particles = 16384, .seed = 1 });
    check_kalman(f, 0.05, true);
    assert_true(tw_estimate_filter_now(f).resampled > 0);
}

TEST(filter__an_ensemble_follows_the_kalman_filter)
{
    check_kalman(drifting(&(tw_estimate_filter_opts){ .particles = 16384, .seed = 1, .ensemble = true }), 0.05, false);
}

static const tw_estimate_par line_par[] = { { "a", false, -50, 50, 0.5, 2.0 }, { "b", false, -50, 50, 1.0, 1.5 } };

/* Mean and sd of a line's parameters after N values, exact. */
static void check_line(bool ensemble, double tolerance)
{
    tw_estimate_filter *f;
    double a = 1 / 4.0, b = 0, c = 1 / 2.25, ra = 0.5 / 4.0, rb = 1.0 / 2.25, mean[2], cov[4];
    tw_estimate_model *m = model_of(tw_str_of(LINE), line_par, 2, &seen, 1);
    assert_ok(tw_estimate_filter_new(cx, &f, m, &(tw_estimate_filter_opts){ .particles = 8192, .ensemble = ensemble }));
    for (size_t i = 0; i < N; i++) {
        double off = i % 3 ? 0.3 : -0.5;
        tw_estimate_datum d = { .time = (double)i, .value = 1.5 + 0.8 * (double)i + off };
        a += 4;
        b += 4 * d.time;
        c += 4 * d.time * d.time;
        ra += 4 * d.value;
        rb += 4 * d.time * d.value;
        assert_ok(tw_estimate_filter_take(cx, NULL, f, &d, 1));
    }
    double det = a * c - b * b;
    tw_particles p = tw_estimate_filter_particles(f);
    tw_particles_moments(mean, cov, &p);
    assert_near(mean[0], (c * ra - b * rb) / det, tolerance * sqrt(c / det));
    assert_near(mean[1], (a * rb - b * ra) / det, tolerance * sqrt(a / det));
    assert_near(sqrt(cov[0] / (c / det)), 1.0, tolerance);
    assert_near(sqrt(cov[3] / (a / det)), 1.0, tolerance);
}

TEST(filter__jittered_parameters_of_a_line_come_near_the_exact_law)
{
    check_line(false, 0.15);
}

TEST(filter__an_ensemble_of_lines_comes_to_the_exact_law)
{
    check_line(true, 0.06);
}

/* What streams in one by one gives what the whole gives: doses, events and assigned constants are in the state. */
TEST(filter__states_gone_on_with_are_those_of_a_run_from_the_start)
{
    static const tw_estimate_par par[] = { { "alpha", true, 0.01, 1, 0.1, 0.3 },
                                           { "PSI", false, 0.3, 0.95, 0.7, 0.1 } };
    static const tw_estimate_observable volume = { "V", TW_ESTIMATE_LOGNORMAL, 1e3 };
    double time[] = { 0, 3, 9.5, 20, 30 }, whole[5], band[TW_ESTIMATE_BANDS], x[2 * 2] = { .12, .8, .12, .8 };
    tw_estimate_filter *f;
    uint32_t v = symbol_of(tw_test_source("models/rt-psi/model.xml"), "V");
    tw_sim_action dose = { .time = 9.5, .symbol = v, .value = 7, .add = true };
    tw_estimate_model *m = model_of(tw_test_source("models/rt-psi/model.xml"), par, 2, &volume, 1);
    m->action = &dose;
    m->n_action = 1;
    assert_ok(tw_estimate_simulate(cx, whole, m, x, 1, time, 5));
    assert_ok(tw_estimate_filter_new(cx, &f, m, &(tw_estimate_filter_opts){ .particles = 2, .x = x }));
    for (size_t i = 0; i < 5; i++) {
        tw_estimate_datum d = { .time = time[i], .value = 50 };
        assert_ok(tw_estimate_filter_forecast(cx, band, f, &time[i], 1, false, 1));
        assert_near(band[2] / whole[i], 1.0, 1e-6);
        assert_ok(tw_estimate_filter_take(cx, NULL, f, &d, 1));
        assert_ok(tw_estimate_filter_forecast(cx, band, f, &time[i], 1, false, 1));
        assert_near(band[2] / whole[i], 1.0, 1e-6);
    }
}

TEST(filter__refuses_what_it_cannot_follow)
{
    tw_estimate_filter *f;
    tw_estimate_model *m = model_of(tw_str_of(LINE), line_par, 2, &seen, 1);
    tw_estimate_datum d = { .time = 2, .value = 1e6 }, early = { .time = 1, .value = 1 };
    assert_status(TW_ELIMIT, tw_estimate_filter_new(cx, &f, m, &(tw_estimate_filter_opts){ .particles = 1 }));
    tw_err_clear(cx);
    assert_ok(tw_estimate_filter_new(cx, &f, m, &(tw_estimate_filter_opts){ .particles = 16 }));
    d.kind = TW_ESTIMATE_ABOVE;
    d.value = 1e300;
    assert_status(TW_EFAILED, tw_estimate_filter_take(cx, NULL, f, &d, 1));
    tw_err_clear(cx);
    assert_status(TW_EPARSE, tw_estimate_filter_take(cx, NULL, f, &early, 1));
}
