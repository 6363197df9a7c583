#include <stdlib.h>

#include "radio/radio.h"
#include "stat/stat.h"
#include "test_near.h"

static tw_radio_posterior prior_sample(size_t n)
{
    tw_radio_posterior p;
    assert_ok(tw_radio_prior_draws(cx, &p, &tw_radio_prior_glioma, n, 3));
    return p;
}

TEST(superquantile__of_a_known_sample)
{
    double q[] = { 3, 1, 2, 5, 4 };
    assert_near(tw_superquantile(q, 5, 0), 3, 1e-15);
    assert_near(tw_superquantile(q, 5, 0.8), 5, 1e-12);
    assert_near(tw_superquantile(q, 5, 0.6), 4.5, 1e-12);
    assert_near(tw_superquantile(q, 5, 0.5), (5 + 4 + 0.5 * 3) / 2.5, 1e-12);
    assert_near(tw_superquantile(q, 5, 0.9), 5, 1e-12);
}

TEST(superquantile__is_its_variational_form)
{
    enum { N = 201 };
    tw_rng r = tw_rng_of(tw_test_seed(), 1);
    for (int turn = 0; turn < 200; turn++) {
        double q[N], a = 0.99 * tw_rng_uniform(&r), best = (double)INFINITY;
        for (size_t i = 0; i < N; i++)
            q[i] = turn % 2 ? tw_rng_normal(&r) : (double)tw_rng_below(&r, 4); /* ties too */
        for (size_t k = 0; k < N; k++) { /* the minimum is at a value */
            double e = 0;
            for (size_t i = 0; i < N; i++)
                e += TW_MAX(0.0, q[i] - q[k]) / N;
            best = TW_MIN(best, q[k] + e / (1 - a));
        }
        assert_near(tw_superquantile(q, N, a), best, 1e-10);
    }
}

TEST(plan__standard_has_its_known_doses)
{
    tw_fraction f[TW_FRACTIONS_MAX];
    size_t n;
    tw_plan_fractions(f, &n, &tw_plan_standard);
    assert_int_equal(n, 30);
    assert_near(f[29].day, 39, 0);
    assert_near(tw_plan_dose(&tw_plan_standard), 60, 1e-12);
    assert_near(tw_plan_bed(&tw_plan_standard, 3), 100, 1e-12);
    assert_near(tw_plan_bed(&tw_plan_standard, 10), 72, 1e-12);
    assert_str("5x2 5x2 5x2 5x2 5x2 5x2", tw_plan_text(cx, &tw_plan_standard));
    /* whole organ at EQD2 = TD50: one half */
    tw_tissue whole = { .relative = { (double[]){ 1 }, (double[]){ 1 }, 1 }, .lkb = { 0.25, 0.15, 60 }, .ab_gy = 3 };
    assert_near(tw_plan_ntcp(&tw_plan_standard, &whole), 0.5, 1e-12);
    assert_true(tw_plan_ntcp(&tw_plan_standard, &tw_tissue_brain) < 0.05);
}

static double risk_by_hand(const tw_plan *p, const tw_radio_prior *law, const tw_radio_posterior *s, double tail)
{
    tw_fraction f[TW_FRACTIONS_MAX];
    size_t n;
    double q[300];
    assert_int_equal(s->draws, 300);
    tw_plan_fractions(f, &n, p);
    assert_ok(tw_radio_progression(cx, q, law, s->theta, 300, f, n));
    for (size_t i = 0; i < 300; i++)
        q[i] = TW_MAX(0.0, 365 - q[i]) / 365;
    return tw_superquantile(q, 300, tail);
}

TEST(front__risks_are_those_of_a_plain_walk)
{
    tw_radio_posterior s = prior_sample(300);
    for (int k = 0; k < 2; k++) {
        tw_radio_prior law = tw_radio_prior_glioma;
        law.kill = k ? TW_KILL_PSI : TW_KILL_DVR;
        s.by_law[TW_KILL_DVR] = k ? 0 : 300;
        s.by_law[TW_KILL_PSI] = k ? 300 : 0;
        tw_plan_opts o = tw_plan_opts_usual();
        tw_front f;
        assert_ok(tw_plan_front(cx, &f, &s, &law, &o));
        assert_near(f.standard.risk, risk_by_hand(&tw_plan_standard, &law, &s, 0.8), 1e-9);
        for (size_t i = 0; i < f.n; i += 37)
            assert_near(f.choice[i].risk, risk_by_hand(&f.choice[i].plan, &law, &s, 0.8), 1e-9);
    }
}

TEST(front__draws_of_two_laws_are_pooled)
{
    tw_radio_posterior s = prior_sample(300);
    tw_plan_opts o = tw_plan_opts_usual();
    tw_front f;
    tw_fraction fr[TW_FRACTIONS_MAX];
    size_t n;
    double q[300];
    s.by_law[TW_KILL_DVR] = 100;
    s.by_law[TW_KILL_PSI] = 200;
    assert_ok(tw_plan_front(cx, &f, &s, &tw_radio_prior_glioma, &o));
    tw_plan_fractions(fr, &n, &f.choice[9].plan);
    assert_ok(tw_radio_posterior_progression(cx, q, &tw_radio_prior_glioma, &s, fr, n));
    for (size_t i = 0; i < 300; i++)
        q[i] = TW_MAX(0.0, 365 - q[i]) / 365;
    assert_near(f.choice[9].risk, tw_superquantile(q, 300, o.tail), 1e-9);
}

TEST(front__keeps_the_bounds_and_is_not_dominated)
{
    tw_radio_posterior s = prior_sample(300);
    tw_plan_opts o = tw_plan_opts_usual();
    tw_front f;
    size_t on = 0;
    assert_ok(tw_plan_front(cx, &f, &s, &tw_radio_prior_glioma, &o));
    assert_true(f.n > 100);
    for (size_t i = 0; i < f.n; i++) {
        const tw_choice *c = &f.choice[i];
        assert_true(c->bed3 <= 120 + 1e-6 && c->ntcp <= 0.05 + 1e-6);
        assert_true(tw_plan_dose(&c->plan) >= 40 - 1e-6 && tw_plan_dose(&c->plan) <= 76 + 1e-6);
        for (size_t w = 0; w < 3; w++)
            assert_near(c->plan.week[w].dose_gy, 2, 0);
        for (size_t k = 0; k < f.n && c->on_front; k++)
            assert_false(f.choice[k].risk < c->risk && f.choice[k].bed3 <= c->bed3);
        on += c->on_front ? 1 : 0;
    }
    assert_true(on > 5);
    /* price: dear toxicity, little dose */
    assert_true(tw_front_choose(&f, 1)->bed3 < tw_front_choose(&f, 1e-6)->bed3);
    assert_true(tw_front_choose(&f, 0.003)->on_front);
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    tw_front_svg(&b, &f, tw_front_choose(&f, 0.003), true);
    assert_false(b.failed);
    assert_non_null(strstr(tw_cstr(cx->arena, (tw_str){ (const char *)b.p, b.n }), "30 x 2 Gy"));
    tw_buf_done(&b);
}

TEST(front__refuses_what_it_cannot_do)
{
    tw_radio_posterior s = prior_sample(300);
    tw_plan_opts o = tw_plan_opts_usual();
    tw_radio_posterior ccr = s;
    tw_front f;
    ccr.by_law[TW_KILL_CCR] = 300;
    ccr.by_law[TW_KILL_DVR] = 0;
    assert_status(TW_EREFUSED, tw_plan_front(cx, &f, &ccr, &tw_radio_prior_glioma, &o));
    o.bed3_max = 10;
    assert_status(TW_ENOTFOUND, tw_plan_front(cx, &f, &s, &tw_radio_prior_glioma, &o));
    o = tw_plan_opts_usual();
    o.given.weeks = 0;
    o.weeks = 8;
    assert_status(TW_ELIMIT, tw_plan_front(cx, &f, &s, &tw_radio_prior_glioma, &o));
    o = tw_plan_opts_usual();
    o.tail = 1;
    assert_status(TW_EUSAGE, tw_plan_front(cx, &f, &s, &tw_radio_prior_glioma, &o));
}

TEST(explain__the_volume_that_moved_the_decision)
{
    /* a tumour that melts: without its last volume the twin would not know */
    tw_radio_obs obs[5] = { { .day = -21, .cm3 = 22 }, { .day = 0, .cm3 = 30 }, { .day = 7, .cm3 = 26 },
                            { .day = 14, .cm3 = 20 }, { .day = 21, .cm3 = 1.2 } };
    tw_fraction f[TW_FRACTIONS_MAX];
    size_t n;
    tw_plan_fractions(f, &n, &tw_plan_standard);
    tw_plan_opts o = tw_plan_opts_usual();
    tw_influence out[5];
    assert_ok(tw_plan_explain(cx, out, &tw_radio_prior_glioma, obs, 5, f, 15, &o, 0.003, 300, 7));
    tw_radio_posterior p;
    tw_front all;
    assert_ok(tw_radio_fit(cx, &p, &tw_radio_prior_glioma, obs, 5, f, 15, 300, 7));
    assert_ok(tw_plan_front(cx, &all, &p, &tw_radio_prior_glioma, &o));
    const tw_choice *mine = tw_front_choose(&all, 0.003);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(out[i].obs, i);
        assert_near(out[i].dose_change_gy, tw_plan_dose(&mine->plan) - tw_plan_dose(&out[i].plan), 1e-12);
        /* with all data, what was chosen with all data is best */
        assert_true(out[i].risk_change + 0.003 * (tw_plan_bed(&out[i].plan, 3) - mine->bed3) >= -1e-12);
    }
    for (size_t i = 0; i < 4; i++)
        assert_true(fabs(out[4].shift_sd[TW_RP_ALPHA]) > fabs(out[i].shift_sd[TW_RP_ALPHA]));
    assert_true(out[4].shift_sd[TW_RP_ALPHA] > 1); /* it says: sensitive */
}
