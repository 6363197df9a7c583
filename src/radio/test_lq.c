#include "radio/radio.h"
#include "test_near.h"

TEST(lq__bed_and_eqd2_of_known_schedules)
{
    assert_near(tw_bed(30, 2, 10), 72.0, 1e-12);
    assert_near(tw_eqd2(tw_bed(30, 2, 10), 10), 60.0, 1e-12);
    assert_near(tw_bed(30, 2, 3), 100.0, 1e-12);
    assert_near(tw_eqd2(tw_bed(20, 3, 3), 3), 72.0, 1e-12);
    assert_near(tw_lq_survival(0.3, 0.03, 2), exp(-0.72), 1e-15);
}

TEST(lq__incomplete_repair_lies_between_none_and_full)
{
    assert_near(tw_lq_incomplete_repair(1, 6, 1.5), 0.0, 0.0);
    /* two doses: h_2 = q */
    assert_near(tw_lq_incomplete_repair(2, 6, 1.5), 0.0625, 1e-15);
    /* three: (2/3)(2 q + q^2) */
    assert_near(tw_lq_incomplete_repair(3, 6, 3), 2.0 / 3.0 * (2.0 * 0.25 + 0.0625), 1e-15);
    assert_near(tw_bed_incomplete(30, 2, 3, 0), 100.0, 1e-12);
    /* no gap: two doses of d at once are one of 2 d */
    assert_near(tw_bed_incomplete(2, 2, 3, tw_lq_incomplete_repair(2, 0, 1.5)), tw_bed(1, 4, 3), 1e-12);
}

TEST(lq__repopulation_starts_at_its_day)
{
    assert_near(tw_bed_repopulated(72, 0.3, 20, 21, 5), 72.0, 0.0);
    assert_near(tw_bed_repopulated(72, 0.3, 39, 21, 3), 72.0 - log(2.0) * 18.0 / 0.9, 1e-12);
}

TEST(tcp__poisson_and_logistic)
{
    double dose = 2, volume = 1;
    tw_dvh h = { &dose, &volume, 1 };
    tw_tcp p = { .clonogens = 1e7, .alpha = 0.3, .beta = 0.03, .fractions = 35 };
    assert_near(tw_tcp_poisson(&p, &h), 0.99988630, 5e-9);
    p.days = 47;
    p.kick_off_days = 21;
    p.doubling_days = 5;
    assert_near(tw_tcp_poisson(&p, &h), 0.99582912, 5e-9);
    assert_near(tw_tcp_logistic(66, 60, 2), 0.6818922383172626, 1e-15); /* 1 / (1 + (10/11)^8) */
    assert_near(tw_tcp_logistic(60, 60, 2), 0.5, 1e-15);
}

static const double fives_dose[] = { 10, 20, 30, 40, 50 };
static const double fives_volume[] = { 0.2, 0.3, 0.2, 0.2, 0.1 };
static const tw_dvh fives = { fives_dose, fives_volume, 5 };

TEST(ntcp__lyman_kutcher_burman)
{
    assert_near(tw_geud(&fives, 1 / 0.7), 28.274205521983045, 1e-12);
    assert_near(tw_ntcp_lkb(&(tw_lkb){ 0.7, 0.10, 45 }, &fives), 1.0086376906e-4, 1e-13);
    assert_near(tw_geud(&fives, 1), 27.0, 1e-12);
    assert_near(tw_ntcp_lkb(&(tw_lkb){ 1, 0.12, 50 }, &fives), 6.3209e-5, 5e-10);
    assert_near(tw_geud(&fives, 1 / 0.87), 27.45390, 5e-6);
    assert_near(tw_ntcp_lkb(&(tw_lkb){ 0.87, 0.18, 24.5 }, &fives), 0.748514, 5e-7);
}

TEST(dvh__metrics)
{
    assert_ok(tw_dvh_check(cx, &fives));
    assert_near(tw_dvh_mean(&fives), 27.0, 1e-12);
    assert_near(tw_dvh_dose_to(&fives, 10), 50.0, 0.0);
    assert_near(tw_dvh_dose_to(&fives, 11), 40.0, 0.0);
    assert_near(tw_dvh_dose_to(&fives, 100), 10.0, 0.0);
    assert_near(tw_dvh_volume_at(&fives, 30), 0.5, 1e-12);
    assert_near(tw_dvh_volume_at(&fives, 30.01), 0.3, 1e-12);
    assert_near(tw_dvh_volume_at(&fives, 51), 0.0, 0.0);
    double cm3[] = { 20, 30, 20, 1.5, 1.0 };
    tw_dvh h = { fives_dose, cm3, 5 };
    assert_near(tw_dvh_hottest(&h, 2), 40.0, 0.0);
    assert_near(tw_dvh_hottest(&h, 1), 50.0, 0.0);
    assert_true(isnan(tw_dvh_hottest(&h, 100)));
}

TEST(dvh__cumulative_and_back)
{
    double *c;
    size_t n;
    assert_ok(tw_dvh_cumulative(cx, &c, &n, &fives, 0.01));
    assert_int_equal(n, 5002);
    assert_near(c[0], 1.0, 1e-12);
    assert_near(c[1000], 1.0, 1e-12); /* at 10 Gy: at least */
    assert_near(c[1001], 0.8, 1e-12);
    assert_near(c[n - 1], 0.0, 0.0);
    tw_dvh back;
    assert_ok(tw_dvh_of_cumulative(cx, &back, c, n, 0.01));
    assert_near(tw_dvh_mean(&back), 27.0, 0.0051);
    assert_near(tw_geud(&back, 1 / 0.87), 27.45390, 0.01);
    c[7] = 2;
    assert_status(TW_EPARSE, tw_dvh_of_cumulative(cx, &back, c, n, 0.01));
}

TEST(dvh__eqd2_is_per_bin)
{
    tw_dvh e;
    assert_ok(tw_dvh_eqd2(cx, &e, &fives, 20, 3)); /* 50 Gy in 20: 2.5 Gy */
    assert_near(e.dose_gy[4], 50.0 * (2.5 + 3) / 5, 1e-12);
    assert_near(e.dose_gy[0], 10.0 * (0.5 + 3) / 5, 1e-12);
    assert_ok(tw_dvh_eqd2(cx, &e, &(tw_dvh){ (double[]){ 60 }, (double[]){ 1 }, 1 }, 30, 3));
    assert_near(e.dose_gy[0], 60.0, 1e-12);
    assert_status(TW_EPARSE, tw_dvh_eqd2(cx, &e, &fives, 0, 3));
}

TEST(dvh__refuses_what_is_no_histogram)
{
    double up[] = { 1, 1 }, v[] = { 1, 1 }, none[] = { 0, 0 }, down[] = { 1, -1 };
    assert_status(TW_EPARSE, tw_dvh_check(cx, &(tw_dvh){ up, v, 2 }));
    assert_status(TW_EPARSE, tw_dvh_check(cx, &(tw_dvh){ fives_dose, none, 2 }));
    assert_status(TW_EPARSE, tw_dvh_check(cx, &(tw_dvh){ fives_dose, down, 2 }));
    assert_status(TW_EPARSE, tw_dvh_check(cx, &(tw_dvh){ fives_dose, v, 0 }));
}
