/* What all decoders share: times, clocks, code systems, resources. */
#include "test.h"

#include "sources/decode.h"

static const char *hl7(char *buf, const char *text, const tw_zone *z)
{
    tw_when t;
    if (!tw_when_hl7(&t, tw_str_of(text)))
        return "malformed";
    tw_str s = tw_when_text(buf, &t, z);
    buf[s.n] = 0;
    return buf;
}

static const char *iso(char *buf, const char *text, const tw_zone *z)
{
    tw_when t;
    if (!tw_when_iso(&t, tw_str_of(text)))
        return "malformed";
    tw_str s = tw_when_text(buf, &t, z);
    buf[s.n] = 0;
    return buf;
}

TEST(times_keep_their_precision_and_their_offset)
{
    char b[TW_WHEN_TEXT];
    tw_zone utc = { 0 };
    assert_string_equal(hl7(b, "2024", &utc), "2024");
    assert_string_equal(hl7(b, "202402", &utc), "2024-02");
    assert_string_equal(hl7(b, "20240229", &utc), "2024-02-29");
    assert_string_equal(hl7(b, "2024022917", &utc), "2024-02-29T17:00:00Z");
    assert_string_equal(hl7(b, "202402291705", &utc), "2024-02-29T17:05:00Z");
    assert_string_equal(hl7(b, "20240229170509.1234-0500", &utc), "2024-02-29T17:05:09-05:00");
    assert_string_equal(hl7(b, "20240229170560+0130", &utc), "2024-02-29T17:05:59+01:30");
    assert_string_equal(hl7(b, "", &utc), "");
    assert_string_equal(iso(b, "2024-03-31", &utc), "2024-03-31");
    assert_string_equal(iso(b, "2024-03-31 02:30", &utc), "2024-03-31T02:30:00Z");
    assert_string_equal(iso(b, "2024-03-31T02:30:01.5Z", &utc), "2024-03-31T02:30:01Z");
    assert_string_equal(iso(b, "2024-03-31T02:30:01+02:00", &utc), "2024-03-31T02:30:01+02:00");
}

TEST(malformed_times_are_told_apart)
{
    static const char *const bad[] = { "202",       "20230229",     "2024130",      "20240101T10", "2024010125",
                                       "202401011061", "20240101106", "202401011010.", "2024-01-01", "20240101+25" };
    static const char *const bad_iso[] = { "2024-1-1", "2024-02-30", "20240101", "2024-01-01T10", "2024-01-01X10:00",
                                           "2024-01-01T10:00:00+1", "01.02.2024" };
    char b[TW_WHEN_TEXT];
    tw_zone utc = { 0 };
    for (size_t i = 0; i < TW_COUNT(bad); i++)
        assert_string_equal(hl7(b, bad[i], &utc), "malformed");
    for (size_t i = 0; i < TW_COUNT(bad_iso); i++)
        assert_string_equal(iso(b, bad_iso[i], &utc), "malformed");
}

TEST(a_clock_knows_its_summer)
{
    char b[TW_WHEN_TEXT];
    tw_zone berlin;
    tw_zone sydney;
    tw_zone plain;
    assert_ok(tw_zone_parse(cx, &berlin, TW_STR("CET-1CEST,M3.5.0,M10.5.0/3")));
    assert_ok(tw_zone_parse(cx, &sydney, TW_STR("AEST-10AEDT,M10.1.0,M4.1.0/3")));
    assert_ok(tw_zone_parse(cx, &plain, TW_STR("<-03>3")));
    assert_string_equal(hl7(b, "20240331015959", &berlin), "2024-03-31T01:59:59+01:00");
    assert_string_equal(hl7(b, "20240331023000", &berlin), "2024-03-31T02:30:00+01:00"); /* never shown by a clock */
    assert_string_equal(hl7(b, "20240331030000", &berlin), "2024-03-31T03:00:00+02:00");
    assert_string_equal(hl7(b, "20241027023000", &berlin), "2024-10-27T02:30:00+02:00"); /* shown twice: the first */
    assert_string_equal(hl7(b, "20241027030000", &berlin), "2024-10-27T03:00:00+01:00");
    assert_string_equal(hl7(b, "20240115120000", &sydney), "2024-01-15T12:00:00+11:00");
    assert_string_equal(hl7(b, "20240715120000", &sydney), "2024-07-15T12:00:00+10:00");
    assert_string_equal(hl7(b, "20240715120000", &plain), "2024-07-15T12:00:00-03:00");
}

TEST(a_malformed_clock_is_refused)
{
    static const char *const bad[] = { "CE-1", "CET", "CET-1CEST", "CET-1CEST,M13.1.0,M10.5.0", "Europe/Berlin",
                                       "CET-1CEST,M3.5.0,M10.5.0/3 ", "CET-25", "CET-1CEST,M3.6.0,M10.5.0" };
    tw_zone z;
    for (size_t i = 0; i < TW_COUNT(bad); i++)
        assert_status(TW_EPARSE, tw_zone_parse(cx, &z, tw_str_of(bad[i])));
}

TEST(code_systems_have_one_uri_under_all_their_names)
{
    assert_str("http://loinc.org", tw_system_by_name(TW_STR("LN")));
    assert_str("http://loinc.org", tw_system_by_oid(TW_STR("2.16.840.1.113883.6.1")));
    assert_str("http://snomed.info/sct", tw_system_by_oid(TW_STR("urn:oid:2.16.840.1.113883.6.96")));
    assert_str("", tw_system_by_name(TW_STR("")));
    assert_str("", tw_system_by_oid(TW_STR("1.2.3")));
}

TEST(a_bundle_is_written_and_reads_back)
{
    tw_buf b;
    tw_fhir_out o;
    tw_json d;
    tw_coded code[2] = { { TW_STR("http://loinc.org"), TW_STR("2857-1"), TW_STR("PSA \"total\"") },
                         { TW_STR("x"), TW_STR(""), TW_STR("no code") } };
    tw_buf_init(&b, TW_MIB);
    tw_fo_begin(&o, &b);
    tw_fo_resource(&o, "Observation", TW_STR("o1"), TW_STR(""));
    tw_fo_concept(&o, "code", code, 2, TW_STR(""));
    tw_fo_text(&o, "status", TW_STR("final"));
    assert_true(tw_fo_quantity(&o, "valueQuantity", TW_STR("+04.50"), TW_STR("ng/mL"), TW_STR("<")));
    assert_false(tw_fo_quantity(&o, "valueQuantity", TW_STR("4,5"), TW_STR("ng/mL"), TW_STR("")));
    tw_fo_patient_number(&o, "subject", TW_STR("urn:oid:1.2"), TW_STR("4711"));
    tw_fo_resource_end(&o);
    tw_fo_end(&o);
    assert_ok(tw_json_parse(cx, &d, tw_str_of_bytes(tw_buf_view(&b)), NULL));
    static const char want[] =
        "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"fullUrl\":\"urn:twinward:local:Observation/"
        "o1\","
        "\"resource\":{\"resourceType\":\"Observation\",\"id\":\"o1\",\"code\":{\"coding\":[{\"system\":\"http://"
        "loinc.org\","
        "\"code\":\"2857-1\",\"display\":\"PSA "
        "\\\"total\\\"\"}]},\"status\":\"final\",\"valueQuantity\":{\"value\":4.50,"
        "\"comparator\":\"<\",\"unit\":\"ng/mL\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"ng/mL\"},"
        "\"subject\":{\"type\":\"Patient\",\"identifier\":{\"type\":{\"coding\":[{\"system\":"
        "\"http://terminology.hl7.org/CodeSystem/v2-0203\",\"code\":\"MR\"}]},\"system\":\"urn:oid:1.2\","
        "\"value\":\"4711\"}}}}]}";
    assert_str(want, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
}

TEST(numbers_become_json_numbers_or_nothing)
{
    static const struct {
        const char *in;
        const char *out;
    } c[] = { { "5", "5" },       { "-0.50", "-0.50" }, { ".5", "0.5" },   { "007", "7" },   { "5.", "5" },
              { "1e-5", "1e-5" }, { " 12 ", "12" },     { "1,5", NULL },   { "", NULL },     { "-", NULL },
              { "0x10", NULL },   { "1e", NULL },       { "1e99999", NULL }, { "NaN", NULL }, { ".", NULL } };
    for (size_t i = 0; i < TW_COUNT(c); i++) {
        tw_buf b;
        tw_fhir_out o;
        tw_buf_init(&b, TW_MIB);
        tw_fo_begin(&o, &b);
        tw_fo_resource(&o, "Observation", TW_STR("o"), TW_STR(""));
        size_t from = b.n;
        assert_int_equal(tw_fo_decimal(&o, "v", tw_str_of(c[i].in)), c[i].out != NULL);
        if (c[i].out) {
            tw_str got = { (const char *)b.p + from, b.n - from };
            char want[64];
            snprintf(want, sizeof want, ",\"v\":%s", c[i].out);
            assert_str(want, got);
        }
        tw_buf_done(&b);
    }
}

TEST(local_ids_depend_on_every_part_and_its_length)
{
    char a[TW_LOCAL_ID];
    char b[TW_LOCAL_ID];
    tw_local_id(a, "x", (const tw_str[]){ TW_STR("ab"), TW_STR("c") }, 2);
    tw_local_id(b, "x", (const tw_str[]){ TW_STR("a"), TW_STR("bc") }, 2);
    assert_int_equal(strlen(a), 40);
    assert_string_not_equal(a, b);
    tw_local_id(b, "x", (const tw_str[]){ TW_STR("ab"), TW_STR("c") }, 2);
    assert_string_equal(a, b);
}
