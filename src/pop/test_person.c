#include <math.h>

#include "test_data.h"

TEST(term__has_the_slopes_of_its_value)
{
    const tw_pop_kind kind[] = { TW_POP_MEASURED, TW_POP_MEASURED, TW_POP_BELOW, TW_POP_ABOVE };
    const double width[] = { 0.0, 2.0, 0.0, 0.0 }, f[] = { -9.0, 0.4, 1.0, 2.7, 12.0 }, v = 0.7, h = 1e-5;
    for (size_t k = 0; k < 4; k++) {
        for (size_t i = 0; i < TW_COUNT(f); i++) {
            tw_pop_term t = tw_pop_term_of(1.2, f[i], v, width[k], kind[k]);
            double df = (tw_pop_term_of(1.2, f[i] + h, v, width[k], kind[k]).value -
                         tw_pop_term_of(1.2, f[i] - h, v, width[k], kind[k]).value) / (2.0 * h);
            double dv = (tw_pop_term_of(1.2, f[i], v + h, width[k], kind[k]).value -
                         tw_pop_term_of(1.2, f[i], v - h, width[k], kind[k]).value) / (2.0 * h);
            assert_near(t.by_f, df, 1e-4 * (1.0 + fabs(df)));
            assert_near(t.by_v, dv, 1e-4 * (1.0 + fabs(dv)));
            assert_true(t.info_f >= 0.0 && t.info_v >= 0.0);
        }
    }
}

TEST(term__of_an_interval_is_its_probability_and_tends_to_the_density)
{
    /* P(0.2 < Y < 2.2), Y ~ N(1, 1): Phi(1.2) - Phi(-0.8) = 0.67307 */
    double p = 0.5 * erfc(-1.2 / sqrt(2.0)) - 0.5 * erfc(0.8 / sqrt(2.0));
    assert_near(tw_pop_term_of(1.2, 1.0, 1.0, 2.0, TW_POP_MEASURED).value,
                -2.0 * log(p / 2.0 * sqrt(2.0 * 3.14159265358979)), 1e-9);
    assert_near(tw_pop_term_of(1.2, 1.0, 1.0, 0.011, TW_POP_MEASURED).value,
                tw_pop_term_of(1.2, 1.0, 1.0, 0.0, TW_POP_MEASURED).value, 1e-4);
}

TEST(mode__is_a_minimum_of_the_objective)
{
    tw_pop_population pop = test_population();
    double psi[3], at[3];
    tw_pop_person p = test_person(psi, &pop, 11);
    tw_pop_posterior post;
    tw_pop_target *t = NULL;
    assert_ok(tw_pop_fit_person(cx, &post, tw_pop_theophylline(), &pop, &p, 400, 1));
    assert_ok(tw_pop_target_make(cx, &t, tw_pop_theophylline(), &pop, &p));
    double best = tw_pop_log_posterior(t, post.map);
    for (size_t k = 0; k < 3; k++) {
        for (int side = -1; side <= 1; side += 2) {
            memcpy(at, post.map, sizeof at);
            at[k] += side * 1e-3;
            assert_true(tw_pop_log_posterior(t, at) < best);
        }
    }
    assert_true(post.ess > 600.0); /* of 1,200 */
}

TEST(posterior__without_values_is_the_population)
{
    tw_pop_population pop = test_population();
    double psi[3], mean = 0.0, var = 0.0;
    tw_pop_person p = test_person(psi, &pop, 12);
    tw_pop_posterior post;
    p.n_obs = 0;
    assert_ok(tw_pop_fit_person(cx, &post, tw_pop_theophylline(), &pop, &p, 20000, 1));
    for (size_t d = 0; d < post.n_draw; d++)
        mean += post.draw[3 * d] / 20000.0;
    for (size_t d = 0; d < post.n_draw; d++)
        var += (post.draw[3 * d] - mean) * (post.draw[3 * d] - mean) / 20000.0;
    assert_near(mean, pop.mean[0], 0.02);
    assert_near(var, pop.cov[0], 0.015);
}

/** True parameters lie in central intervals as often as these say. */
TEST(posterior__covers_the_truth_also_when_noise_was_added_and_told)
{
    tw_pop_population pop = test_population();
    const tw_noise noise = { .value_sd = 1.5, .value_round_width = 1.0 };
    double inside = 0.0, total = 0.0;
    for (uint64_t i = 0; i < 120; i++) {
        double psi[3], y[10], *x = NULL;
        tw_pop_person p = test_person(psi, &pop, 2 * i);
        tw_pop_obs *o = tw_try_array(cx->arena, tw_pop_obs, p.n_obs);
        tw_pop_posterior post;
        p.noise = &noise;
        assert_ok(tw_pop_simulate(cx, psi, y, tw_pop_theophylline(), &pop, &p, 1000 + i));
        for (size_t j = 0; j < p.n_obs; j++) {
            o[j] = p.obs[j];
            o[j].y = y[j];
        }
        p.obs = o;
        assert_ok(tw_pop_fit_person(cx, &post, tw_pop_theophylline(), &pop, &p, 400, i));
        assert_ok(tw_stat_array(cx, &x, 400));
        for (size_t k = 0; k < 3; k++) {
            for (size_t d = 0; d < 400; d++)
                x[d] = post.draw[3 * d + k];
            double pit = tw_score_pit(x, 400, psi[k]);
            inside += pit > 0.05 && pit < 0.95;
            total += 1.0;
        }
    }
    assert_near(inside / total, 0.9, 0.05); /* 360 cases: sd .016 */
}

TEST(noise__told_widens_the_posterior)
{
    tw_pop_population pop = test_population();
    double psi[3];
    tw_pop_person p = test_person(psi, &pop, 13);
    const tw_noise value = { .value_sd = 2.0 }, time = { .time_jitter_days = 1.0 / 24.0 }, none = { 0 },
                   dropped = { .time_dropped = true };
    tw_pop_posterior plain, a, b;
    p.noise = &none;
    assert_ok(tw_pop_fit_person(cx, &plain, tw_pop_theophylline(), &pop, &p, 10, 1));
    p.noise = &value;
    assert_ok(tw_pop_fit_person(cx, &a, tw_pop_theophylline(), &pop, &p, 10, 1));
    p.noise = &time;
    assert_ok(tw_pop_fit_person(cx, &b, tw_pop_theophylline(), &pop, &p, 10, 1));
    assert_true(a.cov[4] > 1.5 * plain.cov[4]);
    assert_true(b.cov[0] > 1.2 * plain.cov[0]);
    p.noise = &dropped;
    assert_status(TW_EPARSE, tw_pop_fit_person(cx, &b, tw_pop_theophylline(), &pop, &p, 10, 1));
}

TEST(identity__counts_what_the_data_tell)
{
    tw_pop_population pop = test_population();
    double psi[3];
    tw_pop_person p = test_person(psi, &pop, 14);
    tw_pop_identity all, few;
    assert_ok(tw_pop_identify(cx, &all, tw_pop_theophylline(), &pop, &p));
    assert_int_equal(all.told, 3);
    p.obs += 9; /* the last sample alone: one direction */
    p.n_obs = 1;
    assert_ok(tw_pop_identify(cx, &few, tw_pop_theophylline(), &pop, &p));
    assert_int_equal(few.told, 1);
    assert_near(few.eigen[1], 0.0, 1e-9);
    assert_true(few.shrinkage[0] < 0.05);
    assert_true(all.shrinkage[0] > 0.8);
}

TEST(profile__rises_from_the_mode_and_is_flat_without_data)
{
    tw_pop_population pop = test_population();
    double psi[3], grid[3], rise[3];
    tw_pop_person p = test_person(psi, &pop, 15);
    tw_pop_posterior post;
    assert_ok(tw_pop_fit_person(cx, &post, tw_pop_theophylline(), &pop, &p, 10, 1));
    double sd = sqrt(post.cov[4]);
    for (size_t i = 0; i < 3; i++)
        grid[i] = post.map[1] + ((double)i - 1.0) * 2.0 * sd;
    assert_ok(tw_pop_profile(cx, rise, tw_pop_theophylline(), &pop, &p, 1, grid, 3));
    assert_near(rise[1], 0.0, 1e-7);
    assert_near(rise[0], 4.0, 1.0); /* (2 sd)^2, nearly a parabola */
    assert_near(rise[2], 4.0, 1.0);
    p.n_obs = 0;
    grid[0] = pop.mean[1] + sd;
    assert_ok(tw_pop_profile(cx, rise, tw_pop_theophylline(), &pop, &p, 1, grid, 1));
    assert_near(rise[0], sd * sd / pop.cov[4], 1e-6);
}

TEST(check__names_the_place_and_not_the_value)
{
    tw_pop_population pop = test_population();
    double psi[3];
    tw_pop_person p = test_person(psi, &pop, 16), q = p;
    tw_pop_obs bad[2] = { { .time = 5.0, .y = 77.7 }, { .time = 4.0, .y = 77.7 } };
    const tw_pop_model *w = tw_pop_warfarin();
    tw_pop_population wp = tw_pop_start(w);
    q.obs = bad;
    q.n_obs = 2;
    assert_status(TW_EPARSE, tw_pop_check(cx, tw_pop_theophylline(), &pop, &q, 1));
    assert_non_null(strstr(cx->err.msg, "person 1: value 2"));
    assert_null(strstr(cx->err.msg, "77"));
    p.covariate = NULL;
    assert_status(TW_EPARSE, tw_pop_check(cx, w, &wp, &p, 1));
    pop.cov[1] = pop.cov[3] = 1e9;
    assert_status(TW_EPARSE, tw_pop_check(cx, tw_pop_theophylline(), &pop, &q, 0));
}
