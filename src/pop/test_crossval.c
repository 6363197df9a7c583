#include <math.h>

#include "test_data.h"

/* The calibration was set on the same cross-validation; see models/warfarin/card.md. */
static const tw_pop_calibration warfarin_calibration = { .cov = 1.5, .noise = { 1.2, 1.6 } };
static const double warfarin_origin[] = { 36.0, 48.0, 72.0, 96.0 };

TEST(warfarin__personal_forecasts_beat_the_population_and_cover)
{
    SKIP_WITHOUT_DATA();
    const tw_pop_model *m = tw_pop_warfarin();
    tw_pop_person *p = NULL;
    size_t n = real_people(&p, m);
    tw_pop_crossval_result r;
    const tw_pop_crossval_opts o = { .origin = warfarin_origin,
                                     .n_origin = 4,
                                     .seed = 1,
                                     .start = tw_pop_start(m),
                                     .calibration = warfarin_calibration };
    assert_ok(tw_pop_crossval(cx, &r, m, p, n, &o));
    for (size_t out = 0; out < 2; out++) {
        const tw_pop_score *s = &r.score[out][TW_POP_TWIN];
        assert_true(s->n > 150);
        assert_true(s->skill >= 0.25);
        assert_true(s->cover90 >= 0.85 && s->cover90 <= 0.95);
        assert_true(s->crps < r.score[out][TW_POP_PERSISTENCE].crps);
        assert_true(s->log_score > r.score[out][TW_POP_POPULATION].log_score);
    }
}

static void synthetic(tw_pop_person *p, size_t n, const tw_pop_population *pop)
{
    double psi[3];
    for (size_t i = 0; i < n; i++)
        p[i] = test_person(psi, pop, 300 + i);
}

TEST(crossval__of_people_from_the_model_is_calibrated)
{
    enum { N = 60 };
    tw_pop_population pop = test_population();
    tw_pop_person p[N];
    tw_pop_crossval_result r, again;
    const double origin[] = { 4.0 };
    const tw_pop_crossval_opts o = { .origin = origin, .n_origin = 1, .seed = 2, .start = pop };
    synthetic(p, N, &pop);
    assert_ok(tw_pop_crossval(cx, &r, tw_pop_theophylline(), p, N, &o));
    const tw_pop_score *s = &r.score[0][TW_POP_TWIN];
    assert_int_equal(r.n_point, 5 * N);
    assert_near(s->cover90, 0.9, 0.06);
    assert_near(s->cover50, 0.5, 0.1);
    assert_true(s->pit_ks < 0.1);
    assert_true(s->skill_lo > 0.1 && s->skill < s->skill_hi);
    assert_true(r.score[0][TW_POP_POPULATION].skill == 0.0);
    for (size_t i = 1; i < r.n_point; i++)
        assert_true(r.point[i].person >= r.point[i - 1].person);
    assert_ok(tw_pop_crossval(cx, &again, tw_pop_theophylline(), p, N, &o));
    assert_memory_equal(r.point, again.point, r.n_point * sizeof *r.point);
}

TEST(crossval__never_scores_what_was_fitted)
{
    enum { N = 10 };
    tw_pop_population pop = test_population();
    tw_pop_person p[N];
    tw_pop_crossval_result r;
    const double origin[] = { 5.0, 24.0 }; /* nothing lies behind the second */
    const tw_pop_crossval_opts o = { .origin = origin, .n_origin = 2, .folds = 1, .start = pop };
    synthetic(p, N, &pop);
    assert_ok(tw_pop_crossval(cx, &r, tw_pop_theophylline(), p, N, &o));
    for (size_t i = 0; i < r.n_point; i++) {
        assert_int_equal(r.point[i].origin, 0);
        assert_true(r.point[i].time > 5.0);
    }
    const tw_pop_crossval_opts late = { .origin = origin + 1, .n_origin = 1, .folds = 1, .start = pop };
    assert_status(TW_EPARSE, tw_pop_crossval(cx, &r, tw_pop_theophylline(), p, N, &late));
}

TEST(forecast__widens_as_the_calibration_says)
{
    tw_pop_population pop = test_population();
    double psi[3];
    tw_pop_person p = test_person(psi, &pop, 31);
    tw_pop_posterior post;
    tw_pop_forecast a, b;
    const tw_pop_calibration twice = { .noise = { 2.0 } };
    assert_ok(tw_pop_fit_person(cx, &post, tw_pop_theophylline(), &pop, &p, 100, 1));
    assert_ok(tw_pop_forecast_make(cx, &a, &post, &p, NULL, 2));
    assert_ok(tw_pop_forecast_make(cx, &b, &post, &p, &twice, 2));
    assert_near(b.var[0], 4.0 * a.var[0], 1e-12);
    assert_near(b.x[5] - b.mean[5], 2.0 * (a.x[5] - a.mean[5]), 1e-12);
}

TEST(calibrate__widens_what_is_too_narrow_and_leaves_the_rest)
{
    enum { N = 40 };
    tw_pop_population pop = test_population(), narrow = pop;
    tw_pop_person p[N];
    tw_pop_calibration c;
    const double origin[] = { 4.0 };
    tw_pop_crossval_opts o = { .origin = origin, .n_origin = 1, .folds = 1, .seed = 2, .start = pop };
    synthetic(p, N, &pop);
    assert_ok(tw_pop_calibrate(cx, &c, tw_pop_theophylline(), p, N, &o));
    assert_true(c.noise[0] <= 1.2);
    narrow.add[0] *= 0.5; /* trusts the values too much and says too little of what comes */
    o.start = narrow;
    assert_ok(tw_pop_calibrate(cx, &c, tw_pop_theophylline(), p, N, &o));
    assert_true(c.noise[0] >= 1.6);
}
