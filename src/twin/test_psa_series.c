#include "test_psa_data.h"

static const tw_psa_visit visits[] = {
    { 100, 12.0, true }, { 128, (double)NAN, true }, { 156, 0.8, true },  { 340, 0.1, true }, { 382, 0.1, false },
    { 400, 0.2, false }, { 500, 10.5, false },       { 520, 11.0, true }, { 560, 2.0, true }, { 566, 1.9, false },
};
#define VISITS TW_COUNT(visits)

TEST(series__counts_days_from_the_first_visit_and_leaves_out_missing_values)
{
    tw_psa_series s;
    assert_ok(tw_psa_series_make(cx, &s, visits, VISITS, TW_PSA_RESTART_FIRST_ON));
    assert_int_equal(s.n_obs, 9);
    assert_near(s.origin_day, 100.0, 0.0);
    assert_near(s.at[1].day, 56.0, 0.0);
    assert_near(s.y[0], log(12.1), 1e-15);
}

TEST(series__treatment_stops_two_weeks_after_the_last_visit_on_it_or_at_the_first_off)
{
    tw_psa_series s;
    assert_ok(tw_psa_series_make(cx, &s, visits, VISITS, TW_PSA_RESTART_FIRST_ON));
    assert_int_equal(s.n_run, 4);
    assert_near(s.run[1].start_day, 254.0, 0.0); /* 340 + 14 - 100 */
    assert_near(s.run[3].start_day, 466.0, 0.0); /* first off visit, 6 days after the last on */
    assert_near(s.run[0].end_day, s.run[1].start_day, 0.0);
}

TEST(series__treatment_starts_again_where_the_rule_says)
{
    tw_psa_series a, b;
    assert_ok(tw_psa_series_make(cx, &a, visits, VISITS, TW_PSA_RESTART_FIRST_ON));
    assert_ok(tw_psa_series_make(cx, &b, visits, VISITS, TW_PSA_RESTART_LAST_OFF));
    assert_near(a.run[2].start_day, 420.0, 0.0);
    assert_near(b.run[2].start_day, 400.0, 0.0);
}

TEST(series__the_last_off_visit_belongs_to_off_also_at_the_switch)
{
    tw_psa_series s;
    assert_ok(tw_psa_series_make(cx, &s, visits, VISITS, TW_PSA_RESTART_LAST_OFF));
    assert_near(s.at[5].day, s.run[2].start_day, 0.0);
    assert_int_equal(s.at[5].run, 1);
    assert_int_equal(s.at[6].run, 2);
}

TEST(series__cycles_are_on_then_off)
{
    tw_psa_series s;
    assert_ok(tw_psa_series_make(cx, &s, visits, VISITS, TW_PSA_RESTART_FIRST_ON));
    assert_int_equal(s.n_cycle, 2);
    assert_int_equal(tw_psa_cycle_run(&s, 0), 0);
    assert_int_equal(tw_psa_cycle_run(&s, 1), 2);
    assert_int_equal(tw_psa_cycle_run(&s, 2), 4);
}

TEST(series__that_begins_off_treatment_has_its_first_cycle_without_on)
{
    tw_psa_series s;
    assert_ok(tw_psa_series_make(cx, &s, visits + 4, VISITS - 4, TW_PSA_RESTART_FIRST_ON));
    assert_int_equal(s.n_run, 3);
    assert_int_equal(s.run[0].cycle, 0);
    assert_int_equal(s.run[1].cycle, 1);
    assert_int_equal(s.n_cycle, 2);
}

TEST(series__cut_keeps_the_runs_asked_and_their_observations)
{
    tw_psa_series s, c;
    assert_ok(tw_psa_series_make(cx, &s, visits, VISITS, TW_PSA_RESTART_FIRST_ON));
    c = tw_psa_series_cut(&s, 2);
    assert_int_equal(c.n_obs, 6);
    assert_int_equal(c.n_cycle, 1);
    assert_int_equal(tw_psa_series_cut(&s, 4).n_obs, s.n_obs);
}

TEST(series__refuses_disorder_negative_values_and_emptiness)
{
    tw_psa_series s;
    tw_psa_visit v[2] = { { 10, 1.0, true }, { 9, 1.0, true } };
    assert_status(TW_EPARSE, tw_psa_series_make(cx, &s, v, 2, TW_PSA_RESTART_FIRST_ON));
    v[1] = (tw_psa_visit){ 11, -0.1, true };
    assert_status(TW_EPARSE, tw_psa_series_make(cx, &s, v, 2, TW_PSA_RESTART_FIRST_ON));
    v[1] = (tw_psa_visit){ (double)NAN, 1.0, true };
    assert_status(TW_EPARSE, tw_psa_series_make(cx, &s, v, 2, TW_PSA_RESTART_FIRST_ON));
    v[0].psa_ug_l = (double)NAN;
    assert_status(TW_EPARSE, tw_psa_series_make(cx, &s, v, 1, TW_PSA_RESTART_FIRST_ON));
    assert_status(TW_EPARSE, tw_psa_series_make(cx, &s, v, 0, TW_PSA_RESTART_FIRST_ON));
}

TEST(series__refuses_more_cycles_than_the_limit)
{
    tw_psa_visit v[60];
    tw_psa_series s;
    for (size_t i = 0; i < 60; i++)
        v[i] = (tw_psa_visit){ 30.0 * (double)i, 1.0, i % 2 == 0 };
    assert_status(TW_ELIMIT, tw_psa_series_make(cx, &s, v, 60, TW_PSA_RESTART_FIRST_ON));
    assert_ok(tw_psa_series_make(cx, &s, v, 2 * TW_PSA_CYCLES_MAX, TW_PSA_RESTART_FIRST_ON));
}

TEST(series__the_real_men_have_the_cycles_of_the_trial)
{
    SKIP_WITHOUT_DATA();
    static tw_psa_series men[MEN_MAX];
    size_t n = real_men(men, TW_PSA_RESTART_FIRST_ON), obs = 0, cycles = 0;
    assert_int_equal(n, 37);
    for (size_t i = 0; i < n; i++) {
        obs += men[i].n_obs;
        cycles += men[i].n_cycle;
    }
    assert_int_equal(obs, 1798);   /* as the data's README says */
    assert_int_equal(cycles, 120); /* by the column `cycle` of the file, counted by hand from it */
}

TEST(log_scale__goes_forth_and_back_and_stops_at_zero)
{
    assert_near(tw_psa_from_log(tw_psa_to_log(3.7)), 3.7, 1e-12);
    assert_near(tw_psa_from_log(-9.0), 0.0, 0.0);
}

TEST(grid__points_lie_in_their_runs)
{
    tw_psa_series s;
    tw_psa_at *at;
    size_t n;
    assert_ok(tw_psa_series_make(cx, &s, visits, VISITS, TW_PSA_RESTART_FIRST_ON));
    assert_ok(tw_psa_grid(cx, &at, &n, s.run, s.n_run, 240.0, 480.0, 10.0));
    assert_int_equal(n, 25);
    assert_int_equal(at[0].run, 0);
    assert_int_equal(at[2].run, 1);  /* day 260 */
    assert_int_equal(at[18].run, 2); /* day 420 */
    assert_int_equal(at[24].run, 3);
    assert_status(TW_ELIMIT, tw_psa_grid(cx, &at, &n, s.run, s.n_run, 0.0, 1e9, 1.0));
}
