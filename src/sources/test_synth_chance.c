#include "test.h"

#include "sources/synth_internal.h"

static void assert_time(const char *want, const char *date, int minute, bool utc, bool second_pass)
{
    uint64_t s;
    assert_true(tw_time_parse(&s, tw_str_of(date)));
    assert_str(want, tw_synth_time(cx->arena, (int64_t)(s / 86400), minute, utc, second_pass));
}

/* zdump -v America/New_York */
TEST(time__follows_the_clocks_of_the_east_coast)
{
    assert_time("2024-03-10T01:59:00-05:00", "2024-03-10", 119, false, false);
    assert_time("2024-03-10T03:00:00-04:00", "2024-03-10", 180, false, false);
    assert_time("2024-11-03T01:30:00-04:00", "2024-11-03", 90, false, false);
    assert_time("2024-11-03T01:30:00-05:00", "2024-11-03", 90, false, true);
    assert_time("2024-11-03T02:00:00-05:00", "2024-11-03", 120, false, false);
    assert_time("2024-11-03T05:30:00Z", "2024-11-03", 90, true, false);
    assert_time("2024-11-03T06:30:00Z", "2024-11-03", 90, true, true);
    assert_time("2025-01-01T04:30:00Z", "2024-12-31", 23 * 60 + 30, true, false);
    assert_time("2023-07-04T09:10:00-04:00", "2023-07-04", 550, false, false);
}

TEST(clock_night__is_the_first_sunday_of_november)
{
    assert_str("2024-11-03", tw_date_text(cx->arena, tw_synth_clock_night(tw_days_from_civil(2024, 1, 1))));
    assert_str("2025-11-02", tw_date_text(cx->arena, tw_synth_clock_night(tw_days_from_civil(2025, 12, 31))));
    assert_str("2020-11-01", tw_date_text(cx->arena, tw_synth_clock_night(tw_days_from_civil(2020, 6, 1))));
}

TEST(decimal__is_rounded_half_up_and_stripped)
{
    assert_str("0", tw_synth_decimal(cx->arena, 0, 3));
    assert_str("0.05", tw_synth_decimal(cx->arena, 0.05, 3));
    assert_str("7.7", tw_synth_decimal(cx->arena, 7.7, 3));
    assert_str("0.125", tw_synth_decimal(cx->arena, 0.125, 3));
    assert_str("0.13", tw_synth_decimal(cx->arena, 0.125, 2));
    assert_str("12", tw_synth_decimal(cx->arena, 11.9999, 3));
    assert_str("100", tw_synth_decimal(cx->arena, 100, 1));
    assert_str("346", tw_synth_decimal(cx->arena, 345.5, 0));
}

TEST(plain__spells_every_listed_name_in_capitals)
{
    assert_str("ZOE", tw_synth_plain(cx->arena, TW_STR("Zoë")));
    assert_str("ONEILL", tw_synth_plain(cx->arena, TW_STR("O'Neill")));
    assert_str("VAN DER BERG", tw_synth_plain(cx->arena, TW_STR("van der Berg")));
    for (size_t i = 0; i < tw_synth_families_count; i++)
        assert_true(tw_synth_plain(cx->arena, tw_str_of(tw_synth_families[i])).n > 0);
    for (size_t i = 0; i < tw_synth_men_count; i++)
        assert_true(tw_synth_plain(cx->arena, tw_str_of(tw_synth_men[i])).n > 0);
    for (size_t i = 0; i < tw_synth_women_count; i++)
        assert_true(tw_synth_plain(cx->arena, tw_str_of(tw_synth_women[i])).n > 0);
}

/* SplitMix64 from state 1234567: values printed by its authors' C code (prng.di.unimi.it/splitmix64.c). */
TEST(chance__is_splitmix64_and_even)
{
    tw_chance c = { 1234567 };
    assert_true(tw_chance_next(&c) == 6457827717110365317u);
    assert_true(tw_chance_next(&c) == 3203168211198807973u);
    c = tw_chance_of(1, 2, 3, TW_FOR_CARE);
    uint32_t count[7] = { 0 };
    for (int i = 0; i < 70000; i++)
        count[tw_chance_below(&c, 7)]++;
    for (int i = 0; i < 7; i++) /* 10,000 each, sd 93 */
        assert_in_range(count[i], 9500, 10500);
}
