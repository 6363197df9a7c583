#include "test.h"

#include "deid/deid_internal.h"

static void codes(code_form form, bool want, const char *list)
{
    tw_str rest = tw_str_of(list), code;
    while (tw_str_split(&code, &rest, ' '))
        if (form_code(form, code) != want)
            fail_msg("form %d says %d of " TW_FMT, (int)form, !want, TW_ARG(code));
}

TEST(forms__check_digits_of_loinc_and_snomed)
{
    codes(FORM_LOINC, true, "2857-1 8302-2 33914-3 72166-2 LA32-8 LA33-6 LA13863-8 LA27722-0 LP7786-9 1-8");
    codes(FORM_LOINC, false, "2857-2 28571 2857- -1 X9999-0 LA32-7 123-45-6789 000-1 QALY 123456789-0 LA-5");
    codes(FORM_SNOMED, true, "399068003 363346000 1217123003 22298006 5251000175109");
    codes(FORM_SNOMED, false, "399068004 12345 123456789 0399068003 1234567890123456789 abc");
}

TEST(forms__of_other_code_systems)
{
    codes(FORM_RXNORM, true, "1790099 84857 3002");
    codes(FORM_RXNORM, false, "12345678 12a 1-2");
    codes(FORM_CVX, true, "113 140 08");
    codes(FORM_CVX, false, "1234 a");
    codes(FORM_ICD10, true, "C61 I50.32 E11.9 S72.001A Z3A");
    codes(FORM_ICD10, false, "c61 C6 C61. 161 C61.12345 SMITH C61-2");
    codes(FORM_ICD9, true, "185 250.00 V10.46 E880.9");
    codes(FORM_ICD9, false, "1 185. 185.123 12345");
    codes(FORM_ICDO3, true, "C61.9 8140/3 80463/3");
    codes(FORM_ICDO3, false, "8140 8140/ 814/3 814a/3");
    codes(FORM_NCIT, true, "C7875 C139007");
    codes(FORM_NCIT, false, "7875 C1 C12345678");
    codes(FORM_ATC, true, "L L02 L02A L02AE L02AE02");
    codes(FORM_ATC, false, "L0 l02AE02 L02AE02X SMITH");
    codes(FORM_HGNC, true, "HGNC:1100 644");
    codes(FORM_HGNC, false, "HGNC: BRCA1 12345678");
    codes(FORM_NUCC, true, "208D00000X 2084N0400X");
    codes(FORM_NUCC, false, "2084N0400 2084N0400Y 1234567890 20xD00000X");
    codes(FORM_DICOM_SOP, true, "urn:oid:1.2.840.10008.5.1.4.1.1.1.3 1.2.840.10008.5.1.4.1.1.481.5");
    codes(FORM_DICOM_SOP, false, "1.2.840.10008.5.1.4.1.1. 1.2.840.113619.2.55.3 1.2.840.10008.5.1.4.1.1.19570317");
    codes(FORM_NEVER, false, "1 a");
}

TEST(forms__numbers_stop_at_nine_digits)
{
    assert_true(form_number(TW_PRIM_DECIMAL, TW_STR("-123456789.00000000000001")));
    assert_true(form_number(TW_PRIM_DECIMAL, TW_STR("1.5e-3")));
    assert_false(form_number(TW_PRIM_DECIMAL, TW_STR("1234567890")));
    assert_false(form_number(TW_PRIM_DECIMAL, TW_STR("0.1234567890123456789012345678901")));
    assert_true(form_number(TW_PRIM_INTEGER, TW_STR("-7")));
    assert_false(form_number(TW_PRIM_INTEGER, TW_STR("7.0")));
    assert_true(form_number(TW_PRIM_UNSIGNED, TW_STR("0")));
    assert_false(form_number(TW_PRIM_UNSIGNED, TW_STR("-1")));
    assert_false(form_number(TW_PRIM_POSITIVE, TW_STR("0")));
    assert_true(form_number(TW_PRIM_POSITIVE, TW_STR("12")));
}

TEST(forms__times_samples_and_ids)
{
    assert_true(form_time_of_day(TW_STR("23:59:59")));
    assert_true(form_time_of_day(TW_STR("08:00:00.125")));
    assert_false(form_time_of_day(TW_STR("24:00:00")));
    assert_false(form_time_of_day(TW_STR("08:00")));
    assert_false(form_time_of_day(TW_STR("08:00:0x")));
    assert_true(form_samples(TW_STR("1 -2.5 E L U 1e3")));
    assert_false(form_samples(TW_STR("1 Ada 2")));
    assert_false(form_samples(TW_STR("1  2")));
    assert_false(form_samples(TW_STR("5551234567 1")));
    assert_true(form_id(TW_STR("a-B.9")));
    assert_false(form_id(TW_STR("a b")));
    assert_false(form_id(TW_STR("")));
}

TEST(ucum__knows_clinical_units)
{
    tw_str list = TW_STR(
        "mg/dL mmol/L {score} mm[Hg] /min fL % g/dL {#} cm kg kg/m2 /a 10*3/uL U/L {presence} pg [pH] mL/min s /[HPF] "
        "{INR} m[IU]/L Cel Gy cGy kV MV 1 ng/mL ug/(kg.h) mg/kg/d mL/min/{1.73_m2} [in_i] [lb_av] 10*-6 [iU]/mL mo a");
    tw_str unit;
    while (tw_str_split(&unit, &list, ' ')) {
        if (!ucum_valid(unit))
            fail_msg("unit " TW_FMT, TW_ARG(unit));
    }
}

TEST(ucum__refuses_what_is_no_unit)
{
    static const char *const list[] = {
        "",         "Smith",       "mg/Smith", "{Ada Specimen}", "mg//dL", "mg/",   "(mg", "mg)",    "((((((m))))))",
        "12345/mL", "078-05-1120", "5550147",  "mg dL",          "kkg",    "[Ada]", "{",   "m99999", "pounds",
        "years"
    };
    for (size_t i = 0; i < TW_COUNT(list); i++)
        if (ucum_valid(tw_str_of(list[i])))
            fail_msg("unit %s", list[i]);
}

static tw_str shifted(const char *text, int weeks)
{
    when w;
    char *out = tw_arena_get(cx->arena, WHEN_TEXT);
    if (!when_parse(&w, tw_str_of(text)))
        return TW_STR("refused");
    return (tw_str){ out, when_shift(out, &w, weeks) };
}

TEST(when__shifts_whole_weeks_in_utc)
{
    assert_str("2025-04-15", shifted("2025-05-06", -3));
    assert_str("2024-02-29", shifted("2024-02-29", 0));
    assert_str("2025-04-15T07:41:07Z", shifted("2025-05-06T09:41:07.250+02:00", -3));
    assert_str("2025-05-05T22:30:00Z", shifted("2025-05-06T00:30:00+02:00", 0));
    assert_str("2025-01-01T03:59:59Z", shifted("2024-12-31T23:59:60-04:00", 0));
    assert_str("1969-12-30T23:00:00Z", shifted("1969-12-30T23:00:00Z", 0));
    assert_str("1965-06-28", shifted("1970-01-05", -236));
}

TEST(when__keeps_only_the_year_of_a_value_without_a_day)
{
    assert_str("2024", shifted("2025", -3));
    assert_str("2025", shifted("2025", 3));
    assert_str("2025", shifted("2025-02", -3));
    assert_str("2024", shifted("2025-01", -3));
}

TEST(when__refuses_what_is_no_date)
{
    static const char *const list[] = { "",
                                        "25",
                                        "2025-13",
                                        "2025-02-30",
                                        "2025-2-3",
                                        "2025-05-06T09:41",
                                        "2025-05-06T09:41:07",
                                        "2025-05-06 09:41:07Z",
                                        "2025-05-06T24:00:00Z",
                                        "1799",
                                        "2300",
                                        "20250506",
                                        "2025-05-06T09:41:07.Z",
                                        "2025-05-06x",
                                        "2025-05-06T09:41:07+15:00" };
    for (size_t i = 0; i < TW_COUNT(list); i++)
        assert_str("refused", shifted(list[i], 0));
}

/* Property: a shift changes no interval and no day of the week. */
TEST(when__keeps_every_interval)
{
    for (int round = 0; round < 2000; round++) {
        int weeks = (int)tw_test_below(400) - 200;
        uint64_t a = tw_test_below(4000000000u), b = tw_test_below(4000000000u), sa = 0, sb = 0;
        tw_str ta = shifted(tw_cstr(cx->arena, tw_time_text(cx->arena, a)), weeks);
        tw_str tb = shifted(tw_cstr(cx->arena, tw_time_text(cx->arena, b)), weeks);
        if (!tw_time_parse(&sa, ta) || !tw_time_parse(&sb, tb))
            continue; /* before 1970 */
        assert_int_equal((int64_t)(a - b), (int64_t)(sa - sb));
        assert_int_equal(0, (int64_t)(sa - a) % (7 * 86400));
    }
}

TEST(when__ages_are_complete_years)
{
    when w;
    int64_t day = tw_days_from_civil(2026, 1, 1);
    assert_true(when_parse(&w, TW_STR("1936-01-01")));
    assert_int_equal(90, when_age(&w, day));
    assert_true(when_parse(&w, TW_STR("1936-01-02")));
    assert_int_equal(89, when_age(&w, day));
    assert_true(when_parse(&w, TW_STR("1936")));
    assert_int_equal(90, when_age(&w, day));
}
