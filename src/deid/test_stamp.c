/* Times, numbers and units as text. */
#include "test.h"

#include "doc_internal.h"

static const uint8_t key[32] = "a key of tests, known to anyone";

static const char *stamp(const char *profile, const char *in, bool birth)
{
    tw_profile *p;
    tw_doc_work *w;
    assert_ok(tw_profile_builtin(cx, &p, tw_str_of(profile)));
    tw_doc_opts o = { .profile = p, .key = key, .reference_day = tw_days_from_civil(2026, 1, 1) };
    assert_ok(tw_doc_work_new(cx, &w, &o));
    const doc_person person = { .shift_weeks = -1 };
    const char *out = tw_cstr(cx->arena, doc_stamp(cx, w, &person, tw_str_of(in), birth));
    tw_doc_work_free(w);
    tw_profile_free(p);
    return out;
}

TEST(stamp__a_time_moves_in_the_form_in_which_it_stood)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        { "2024-03-05", "2024-02-27" },
        { "20240305", "20240227" },
        { "2024-01-03T02:30:00+02:00", "2023-12-27T02:30:00+02:00" },
        { "20240103023000.123+0200", "20231227023000.123+0200" },
        { "2024-03-05 10:00", "2024-02-27 10:00" },
        { "2024", "2023" }, /* its first day moved */
        { "2024-03", "2024" },
        { "202403", "2024" },
        { "2024-03-05T10:00 Cresspahl", "" },
        { "2024-02-30", "" },
        { "2024-13-01", "" },
        { "2024-3-5", "" },
        { "1799-01-01", "" },
        { "2024-03-05T25:00", "" },
        { "next week", "" },
        { "", "" },
    };
    for (size_t i = 0; i < TW_COUNT(rows); i++)
        assert_string_equal(rows[i].out, stamp("twin", rows[i].in, false));
    assert_string_equal("1953", stamp("twin", "1953-03-03", true));
    assert_string_equal("2024", stamp("hipaa-safe-harbor", "20240305120000", false));
    assert_string_equal("", stamp("hipaa-safe-harbor", "19310305", false));
}

TEST(stamp__numbers)
{
    static const char *const fine[] = { "0", "-1.5", "<0.05", ">=7", "1,5", "1e-3", "999999999" };
    static const char *const wrong[] = { "", ".", "1234567890", "1.2.3", "12-3", "1e", "1e999", "4 mg", "+1-" };
    static const char *const big[] = { "12345", "123456789", "1234567.8", "1.1234567" };
    for (size_t i = 0; i < TW_COUNT(fine); i++)
        assert_true(doc_is_number(tw_str_of(fine[i])));
    for (size_t i = 0; i < TW_COUNT(wrong); i++)
        assert_false(doc_is_number(tw_str_of(wrong[i])));
    for (size_t i = 0; i < TW_COUNT(big); i++)
        assert_false(doc_is_small_number(tw_str_of(big[i])));
    assert_true(doc_is_small_number(TW_STR("1953")));
    assert_true(doc_is_small_number(TW_STR("123456.5")));
}

TEST(stamp__a_unit_loses_its_own_words)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        { "ng/mL", "ng/mL" },       { "ng/mL{Gesine}", "ng/mL" }, { "{Gesine}", "1" },  { "mg/{Gesine}", "mg/1" },
        { "Gesine", "" },           { "{Gesine", "" },            { "mg{a}{b}", "mg" }, { "", "" },
        { "{score}", "{score}" },   { "%", "%" },
        { "mL/min/{1.73_m2}", "mL/min/{1.73_m2}" },
    };
    for (size_t i = 0; i < TW_COUNT(rows); i++)
        assert_string_equal(rows[i].out, tw_cstr(cx->arena, doc_unit(cx, tw_str_of(rows[i].in))));
}
