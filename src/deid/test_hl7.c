/* HL7 v2 through the rules: what stays byte for byte, what changes and how, what goes. */
#include "test_hl7.h"

/* ---------------------------------------------------------------- structure */

TEST(what_no_rule_touches_stays_byte_for_byte)
{
    static const char message[] = "MSH|^~\\&|||||20240301||ORU^R01^ORU_R01||P|2.5.1||||||UNICODE UTF-8|||\r\n"
                                  "PID|1||||\"\"|||F||||||||||||||||\n"
                                  "\r"
                                  "OBR|1|||718-7^^LN|||||||||||||||||||||F\r"
                                  "OBX|1|NM|718-7^^LN|1.2|13.50|g/dL|12.0-16.0|N~H|||F|||\r"
                                  "OBX|2|SN|2857-1^^LN||<^0.1|ng/mL|<4.00||||F\r"
                                  "TQ1|1|2|||||||S\r\n\r\n";
    begin("twin", false);
    tw_str out = through(message);
    const char *after_time = strstr(message, "||ORU^R01");
    size_t head = (size_t)(strstr(message, "20240301") - message);
    assert_int_equal(sizeof message - 1, out.n);
    assert_memory_equal(message, out.p, head);
    assert_memory_equal(after_time, out.p + head + 8, out.n - head - 8);
    assert_memory_not_equal("20240301", out.p + head, 8);
    end();
}

TEST(segments_without_rules_and_z_segments_are_dropped)
{
    begin("twin", false);
    tw_str out = through(MSH PID "ZPI|1|secret\rOBX|1|NM|718-7^^LN||13.5\rSFT|vendor\rNTE|1|L\r");
    assert_true(tw_str_find(out, TW_STR("ZPI")) == SIZE_MAX && tw_str_find(out, TW_STR("secret")) == SIZE_MAX);
    assert_true(tw_str_find(out, TW_STR("SFT")) == SIZE_MAX);
    assert_true(tw_str_find(out, TW_STR("\rOBX|1|NM|718-7^^LN||13.5\rNTE|1|L\r")) != SIZE_MAX);
    end();
}

TEST(other_delimiters_are_kept_and_separate)
{
    begin("twin", false);
    tw_str out =
        through("MSH*!@$%*A*B***20240301**ADT!A01*1*P*2.3\rPID*1**4711!!!H1!MR@999-12-1234!!!!SS**Quxley!Al***M\r"
                "OBX*1*NM*718-7!!LN**13.5*g/dL\r");
    assert_true(tw_str_find(out, TW_STR("OBX*1*NM*718-7!!LN**13.5*g/dL\r")) != SIZE_MAX);
    assert_true(tw_str_starts(out, "MSH*!@$%*"));
    assert_true(tw_str_find(out, TW_STR("Quxley")) == SIZE_MAX && tw_str_find(out, TW_STR("999-12")) == SIZE_MAX);
    assert_true(tw_str_find(out, TW_STR("!!!!MR@*****M\r")) != SIZE_MAX);
    end();
}

TEST(the_character_set_of_the_message_is_that_of_the_output)
{
    begin("twin", true);
    tw_str out = through("MSH|^~\\&|||||20240301||ORU^R01|1|P|2.5.1||||||8859/1\rPID|1||4711^^^^MR||Qu\xe9ley^Al\r"
                         "OBX|1|TX|718-7^^LN||caf\xe9 Qu\xe9ley\r");
    assert_true(tw_str_find(out, TW_STR("caf\xe9 ")) != SIZE_MAX);
    assert_true(tw_str_find(out, TW_STR("Qu\xe9ley")) == SIZE_MAX);
    end();
}

TEST(envelopes_lose_names_and_comments)
{
    begin("twin", false);
    tw_str out = through("FHS|^~\\&|APP|Hosp|X|Y|20240301||file of Quxley|comment|12|13\rBHS|^~\\&|A|B\r");
    assert_true(tw_str_starts(out, "FHS|^~\\&|"));
    assert_true(tw_str_find(out, TW_STR("Quxley")) == SIZE_MAX && tw_str_find(out, TW_STR("comment")) == SIZE_MAX);
    assert_true(tw_str_find(out, TW_STR("Hosp")) == SIZE_MAX);
    assert_str("BTS|12|\r", through("BTS|12|about Quxley\r"));
    assert_str("FTS*1*", through("FTS*1*about Quxley"));
    end();
}

TEST(a_bad_message_fails_alone_and_leaves_nothing)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    begin("twin", false);
    tw_buf_cstr(&b, "before");
    assert_status(TW_EPARSE, tw_deid_hl7(cx, &b, work, TW_STR(MSH "Quxley was here\r")));
    assert_non_null(strstr(cx->err.msg, "segment"));
    assert_null(strstr(cx->err.msg, "Quxley"));
    assert_int_equal(6, b.n);
    assert_status(TW_EPARSE, tw_deid_hl7(cx, &b, work, TW_STR("PID|1")));
    assert_ok(tw_deid_hl7(cx, &b, work, TW_STR(MSH PID)));
    tw_buf_done(&b);
    end();
}

/* ---------------------------------------------------------------- values */

TEST(coded_elements_keep_code_and_system_when_the_code_has_its_form)
{
    begin("twin", false);
    becomes("OBR|1|||718-7^^LN", "OBR|1|||718-7^Hemoglobin of Quxley^LN");
    becomes("OBR|1|||", "OBR|1|||718-8^wrong check digit^LN");
    becomes("OBR|1|||", "OBR|1|||Quxley^^L");
    becomes("OBR|1|||", "OBR|1|||718-7^^Quxley");
    becomes("OBR|1|||^^^44249-1^^LN", "OBR|1|||1111.2^PHQ^L^44249-1^PHQ of Quxley^LN");
    becomes("DG1|1||E11.9^^I10C^^^^^^", "DG1|1||E11.9^^I10C^^^^2024^v1^original");
    becomes("AL1|1|DA^^HL70127|372687004^^SCT|SV", "AL1|1|DA^^HL70127|372687004^^SCT|SV");
    becomes("AL1|1||372687004^^SCT|", "AL1|1|QX^^HL70127|372687004^^SCT|terrible");
    end();
}

TEST(units_numbers_ranges_and_positions_pass_in_their_form)
{
    begin("twin", false);
    becomes("OBX|1|NM|718-7^^LN||+13.50|g/dL|3.5 - 5.1", "OBX|1|NM|718-7^^LN||+13.50|g/dL|3.5 - 5.1");
    becomes("OBX|1|NM|718-7^^LN|||", "OBX|1|NM|718-7^^LN||1234567890|quxleys");
    becomes("OBX|1|NM|718-7^^LN||||", "OBX|1|NM|718-7^^LN||Quxley|Quxley|999-12-1234");
    becomes("OBX|1|NM|718-7^^LN|1.2.3|5", "OBX|1|NM|718-7^^LN|1.2.3|5");
    becomes("OBX||NM|718-7^^LN||5", "OBX|12345|NM|718-7^^LN|A1|5");
    becomes("OBX|1|SN|718-7^^LN||^1^:^128|mg/dL^^ISO+", "OBX|1|SN|718-7^^LN||^1^:^128|mg/dL^milligram^ISO+");
    end();
}

TEST(an_age_over_89_becomes_90)
{
    begin("twin", false);
    becomes("OBX|1|NM|30525-0^^LN||90|a", "OBX|1|NM|30525-0^^LN||97|a");
    becomes("OBX|1|NM|30525-0^^LN||89|a", "OBX|1|NM|30525-0^^LN||89|a");
    becomes("OBX|1|NM|718-7^^LN||97|a", "OBX|1|NM|718-7^^LN||97|a");
    end();
}

TEST(observations_are_what_their_type_says)
{
    begin("twin", false);
    becomes("OBX|1|ED|718-7^^LN||", "OBX|1|ED|718-7^^LN||^AP^PDF^Base64^UXV4bGV5");
    becomes("OBX|1|RP|718-7^^LN||", "OBX|1|RP|718-7^^LN||//server/Quxley");
    becomes("OBX|1||718-7^^LN||", "OBX|1||718-7^^LN||13.5");
    becomes("OBX|1||718-7^^LN||", "OBX|1|ZZ|718-7^^LN||13.5");
    becomes("OBX|1|CWE|718-7^^LN||260385009^^SCT", "OBX|1|CWE|718-7^^LN||260385009^Negative^SCT");
    becomes("OBX|1|FT|718-7^^LN||", "OBX|1|FT|718-7^^LN||seen by Quxley"); /* no engine */
    becomes("OBX|1|ST|718-7^^LN||>= 5", "OBX|1|ST|718-7^^LN||>= 5");
    end();
}

/* Days from one value to the other; both YYYYMMDD. */
static int64_t days(tw_str a, tw_str b)
{
    int64_t day[2];
    for (int i = 0; i < 2; i++) {
        tw_str s = i ? b : a;
        uint64_t y = 0, m = 0, d = 0;
        assert_true(s.n >= 8 && tw_parse_u64(&y, (tw_str){ s.p, 4 }) && tw_parse_u64(&m, (tw_str){ s.p + 4, 2 }) &&
                    tw_parse_u64(&d, (tw_str){ s.p + 6, 2 }));
        day[i] = tw_days_from_civil((int64_t)y, (unsigned)m, (unsigned)d);
    }
    return day[1] - day[0];
}

TEST(times_move_by_whole_weeks_of_the_person_and_keep_their_precision)
{
    static const char *const value[] = {
        "20240301", "2024030112", "202403011230", "20240301123059", "20240301123059.1234-0500", "202403011230+0100"
    };
    int64_t moved = 0;
    begin("twin", false);
    for (size_t i = 0; i < TW_COUNT(value); i++) {
        tw_str out = field_of(segment_out(tw_strf(cx->arena, "EVN||%s", value[i]).p), "EVN", 2);
        assert_int_equal(strlen(value[i]), out.n);
        assert_memory_equal(value[i] + 8, out.p + 8, out.n - 8);
        int64_t by = days(tw_str_of(value[i]), out);
        assert_true(by != 0 && by % 7 == 0 && (moved == 0 || by == moved));
        moved = by;
    }
    assert_int_equal(4, field_of(segment_out("EVN||202403"), "EVN", 2).n); /* a month is no day: its year */
    becomes("EVN||", "EVN||20241301");
    becomes("EVN||", "EVN||202403011260");
    becomes("EVN||", "EVN||Quxley");
    becomes("EVN||", "EVN||19200101"); /* over 89 years back */
    end();
    begin("hipaa-safe-harbor", false);
    becomes("EVN||2024", "EVN||20240301123059.1234-0500");
    becomes("TQ1|1|||", "TQ1|1|||1230");
    end();
}

TEST(a_birth_date_becomes_its_year_and_none_over_89)
{
    begin("hipaa-safe-harbor", false);
    assert_str("1961", field_of(through(MSH PID), "PID", 7));
    assert_str("", field_of(through(MSH "PID|1||1^^^^MR||||19301231\r"), "PID", 7));
    end();
}

TEST(the_shift_is_the_persons_in_every_message)
{
    begin("twin", false);
    tw_str a = through(MSH "PID|1||1^^^^MR\r"), b = through(MSH "PID|1||2^^^^MR\r");
    tw_str again = through("MSH|^~\\&|||||20240308||ADT^A01\rPID|1||9^^^^XX~1^^^^MR\r");
    assert_int_equal(7, days(field_of(a, "MSH", 6), field_of(again, "MSH", 6)));
    assert_false(tw_str_eq(field_of(a, "MSH", 6), field_of(b, "MSH", 6)));
    /* PI before MR */
    tw_str pi = through("MSH|^~\\&|||||20240301||ADT^A01\rPID|1||9^^^^MR~1^^^^PI\r");
    assert_int_equal(0, days(field_of(a, "MSH", 6), field_of(pi, "MSH", 6)));
    end();
}

/* ---------------------------------------------------------------- people and identifiers */

TEST(identifiers_are_keyed_and_the_same_everywhere)
{
    char want[TW_ID_HEX + 1];
    begin("twin", false);
    doc_ident(want, work, TW_STR("47-11"));
    tw_str out = through(MSH "PID|1||4711^^^H1&1.2.3&ISO^MR~999-12-1234^^^SSA^SS||Quxley^Al\rMRG|4711^^^H1^MR\r");
    assert_str(tw_strf(cx->arena, "%s^^^^MR~", want).p, field_of(out, "PID", 3));
    assert_str(tw_strf(cx->arena, "%s^^^^MR", want).p, field_of(out, "MRG", 1));
    end();
}

TEST(names_addresses_and_numbers_of_everybody_go)
{
    begin("twin", false);
    becomes("NK1|1||MTH^|||||||||||||",
            "NK1|1|Quxley^Ada|MTH^Mother|1 Long Rd^^Town^MA^02139|555-1234||||||||||19300101|");
    becomes("IN1|1||||||||||||||||SPO|||", "IN1|1|P|C|Payer||||||||||||Quxley^Bo|SPO|19300101|1 Long Rd|x");
    becomes("GT1|1|||||", "GT1|1|77|Quxley^Bo||1 Long Rd|555-1234");
    becomes("PD1||||", "PD1|||Clinic Quxley|");
    end();
}

TEST(clinicians_are_keyed_or_removed_as_the_profile_says)
{
    begin("twin", false);
    tw_str out = field_of(through(MSH PID "PV1|1|I|||||77^Quxley^Ann^^^DR\r"), "PV1", 7);
    assert_int_equal(TW_ID_HEX + 5, out.n);
    assert_true(tw_str_ends(out, "^^^^^") && out.p[0] != '7');
    end();
    begin("hipaa-safe-harbor", false);
    assert_str("", field_of(through(MSH PID "PV1|1|I|||||77^Quxley^Ann^^^DR\r"), "PV1", 7));
    end();
}

TEST(the_zip_code_and_state_pass_where_the_profile_lets_them)
{
    static const char pid[] = MSH "PID|1||1^^^^MR||||||||1 Long Rd^^Boston^MA^02139-1234^USA^H^^Suffolk\r";
    begin("hipaa-safe-harbor", false);
    assert_str("^^^MA^021^USA^^^", field_of(through(pid), "PID", 11));
    assert_str("^^^NH^000^^^", field_of(through(MSH "PID|1||1||||||||x^^y^NH^03601^^^\r"), "PID", 11));
    end();
    begin("twin", false);
    assert_str("", field_of(through(pid), "PID", 11));
    end();
}

/* ---------------------------------------------------------------- account and listener */

typedef struct {
    tw_str seen;
} heard;

static void on_act(void *self, const tw_doc_act *act)
{
    heard *h = self;
    static const char *const what[] = { "kept", "changed", "removed" };
    h->seen = tw_strf(cx->arena, TW_FMT TW_FMT " %s " TW_FMT " [" TW_FMT "] [" TW_FMT "]\n", TW_ARG(h->seen),
                      TW_ARG(act->path), what[act->what], TW_ARG(act->rule), TW_ARG(act->before),
                      TW_ARG(act->what == TW_DOC_CHANGED ? TW_STR("...") : act->after));
}

TEST(the_listener_is_told_of_every_component_with_its_position)
{
    heard h = { { "", 0 } };
    tw_doc_listener l = { on_act, &h };
    begin("twin", false);
    tw_doc_listen(work, &l);
    (void)through("MSH|^~\\&\rPID|1||1^^^H^MR~2^^^^SS||Quxley^Al||||||||||||||||||||||||||||||||||||||||x\rZZZ|1\r");
    assert_str("PID-1.1 kept structure [1] [1]\n"
               "PID-3.1 changed identifiers(H) [1] [...]\n"
               "PID-3.4 removed identifiers(H) [H] []\n"
               "PID-3.5 kept identifiers(H) [MR] [MR]\n"
               "PID-3[2].1 removed identifiers(H) [2] []\n"
               "PID-3[2].5 removed identifiers(H) [SS] []\n"
               "PID-5.1 removed names(A) [Quxley] []\n"
               "PID-5.2 removed names(A) [Al] []\n"
               "PID-45 removed default-deny [x] []\n"
               "ZZZ removed default-deny [ZZZ|1\r] []\n",
               h.seen);
    end();
}

TEST(the_account_counts_fields_by_path_and_rule)
{
    tw_doc_row row;
    size_t cursor = 0;
    tw_str seen = { "", 0 };
    begin("twin", false);
    for (int i = 0; i < 2; i++)
        (void)through("MSH|^~\\&\rPID|1||1^^^H^MR||Quxley^Al|||F|x\rZZZ|1\rOBX|1|NM\rOBX|2|NM\r");
    while (tw_doc_account_next(work, &cursor, &row))
        seen = tw_strf(cx->arena, TW_FMT TW_FMT " " TW_FMT " %d %d %d\n", TW_ARG(seen), TW_ARG(row.path),
                       TW_ARG(row.rule), (int)row.kept, (int)row.changed, (int)row.removed);
    assert_str("(segment) default-deny 0 0 2\n"
               "MSH-2 structure 2 0 0\n"
               "OBX-1 structure 4 0 0\n"
               "OBX-2 structure 4 0 0\n"
               "PID-1 structure 2 0 0\n"
               "PID-3 identifiers(H) 0 2 0\n"
               "PID-5 names(A) 0 0 2\n"
               "PID-8 values 2 0 0\n"
               "PID-9 names(A) 0 0 2\n",
               seen);
    end();
}

/* ---------------------------------------------------------------- text */

TEST(text_keeps_its_escapes_and_repetitions_around_what_is_replaced)
{
    begin("twin", true);
    tw_str out = through(MSH PID "OBX|1|FT|718-7^^LN||\\H\\Zaphra\\N\\ Quxley\\.br\\pain \\T\\ \\X48\\ho~was "
                                 "here~\\Zlocal\\Quxley\\.sp3\\pain||||||F\r");
    assert_str("\\H\\[NAME]\\N\\ [NAME]\\.br\\pain \\T\\ \\X48\\ho~was here~\\Zlocal\\[NAME]\\.sp3\\pain",
               field_of(out, "OBX", 5));
    end();
}

TEST(a_name_over_two_lines_or_cut_by_an_escape_is_found)
{
    begin("twin", true);
    tw_str out = through(MSH PID "OBX|1|TX|718-7^^LN||was here: Quxley,\rOBX|2|TX|718-7^^LN||Zaphra and pain\r"
                                 "NTE|1|L|Qux\\H\\ley \\X5A\\aphra\r");
    assert_true(tw_str_find(out, TW_STR("Quxley")) == SIZE_MAX && tw_str_find(out, TW_STR("Zaphra")) == SIZE_MAX);
    assert_true(tw_str_find(out, TW_STR(" and pain")) != SIZE_MAX && tw_str_find(out, TW_STR("ley")) == SIZE_MAX);
    end();
}

TEST(a_text_whose_escapes_are_no_text_is_removed)
{
    begin("twin", true);
    tw_str out = through(MSH PID "NTE|1|L|pain \\X00\\ was\rNTE|2|L|pain\r");
    assert_str("NTE|1|L|", segment_of(out, "NTE", 1));
    assert_str("NTE|2|L|pain", segment_of(out, "NTE", 2));
    end();
}

TEST(without_an_engine_text_is_removed)
{
    begin("twin", false);
    becomes("NTE|1|L|", "NTE|1|L|pain~was here");
    becomes("DG1|1||E11.9^^I10C|", "DG1|1||E11.9^diabetes^I10C|diabetes");
    end();
}

TEST(a_display_that_names_somebody_of_the_message_is_removed_in_that_message_alone)
{
    begin("twin", true);
    for (int i = 0; i < 2; i++) { /* the second time from memory */
        tw_str with = through(MSH PID "OBR|1|||718-7^pain of quxley^LN\r");
        tw_str without = through(MSH "PID|1||5^^^^MR||Zzyx\rOBR|1|||718-7^pain of quxley^LN\r");
        assert_str("718-7^^LN", field_of(with, "OBR", 4));
        assert_str("718-7^pain of quxley^LN", field_of(without, "OBR", 4));
    }
    end();
}

TEST(surrogates_and_shifted_dates_stand_in_the_place_of_what_is_found)
{
    begin("twin", true);
    opts.text_tags = false;
    tw_str out = field_of(through(MSH PID "NTE|1|L|Zaphra was here 2024-03-01\r"), "NTE", 3);
    assert_true(tw_str_find(out, TW_STR(" was here ")) != SIZE_MAX && tw_str_find(out, TW_STR("Zaphra")) == SIZE_MAX);
    assert_true(tw_str_find(out, TW_STR("2024-03-01")) == SIZE_MAX && tw_str_find(out, TW_STR("[")) == SIZE_MAX);
    end();
}

/* One patient in v2 and in FHIR: record number in header and text, the patient, the shift. */
TEST(a_record_number_is_the_same_thing_in_header_text_and_fhir)
{
    tw_buf b;
    char want[TW_ID_HEX + 1];
    begin("twin", true);
    opts.text_tags = false;
    tw_str out = through(MSH PID "NTE|1|L|MRN: 4711 was here, phone\r");
    doc_ident(want, work, TW_STR("4711"));
    assert_str(tw_strf(cx->arena, "%s^^^^MR", want).p, field_of(out, "PID", 3));
    assert_true(tw_str_find(field_of(out, "NTE", 3), tw_str_of(want)) != SIZE_MAX);
    tw_buf_init(&b, TW_MIB);
    assert_ok(
        tw_deid_fhir(cx, &b, work,
                     TW_STR("{\"resourceType\":\"Observation\",\"id\":\"o\",\"status\":\"final\",\"subject\":{"
                            "\"reference\":\"Patient/4711\"},\"code\":{\"coding\":[{\"system\":\"http://loinc.org\","
                            "\"code\":\"718-7\"}]},\"effectiveDateTime\":\"2024-03-01\"}")));
    tw_str fhir = tw_str_of_bytes(tw_buf_view(&b)), day = field_of(out, "MSH", 6);
    const char *date = tw_strf(cx->arena, "%.4s-%.2s-%.2s", day.p, day.p + 4, day.p + 6).p;
    assert_true(tw_str_find(fhir, tw_str_of(date)) != SIZE_MAX); /* the same shift */
    tw_buf_done(&b);
    end();
}

/* ---------------------------------------------------------------- a whole message */

TEST(a_specimen_comes_out_as_it_always_does)
{
    static const char message[] =
        "MSH|^~\\&|LAB|NORTH^1.2.3^ISO|HUB|X|20240301120000+0100||ORU^R01^ORU_R01|M-77|P|2.5.1|||AL|NE||UNICODE UTF-8\r"
        "EVN||20240301120000|||77^Doctorov^Ann^^^DR\r"
        "PID|1||4711^^^NORTH^MR~078-05-1120^^^USA^SS||Quxley^Zaphra^M^^Ms.||19610203|F||2106-3^White^HL70005|12 Zedrow "
        "Rd^^Quxford^MA^02139^USA^H||(617)555-0199^PRN^PH~^NET^Internet^z@example.org||en|M||A-9|078-05-1120||||"
        "Quxford\r"
        "NK1|1|Kinfolk^Ada|MTH^Mother^HL70063|12 Zedrow Rd^^Quxford|555-0100\r"
        "PV1|1|I|W1^R2^B3^NORTH||||77^Doctorov^Ann^^^DR|||MED|||||||||V-1|||||||||||||||||01||||||||20240228|20240302\r"
        "ZPI|1|secret\r"
        "ORC|RE|P-1^LAB|F-1^LAB||CM||1^BID^D5^20240301^^R\r"
        "OBR|1|P-1^LAB|F-1^LAB|24323-8^Panel^LN|||20240301094107|||||||20240301|SER|77^Doctorov^Ann||||||20240301|||F\r"
        "OBX|1|NM|718-7^Hemoglobin^LN||13.50|g/dL^^UCUM|12.0-16.0|N|||F|||20240301\r"
        "OBX|2|SN|2857-1^PSA^LN||<^0.1|ng/mL|||||F|||202403\r"
        "OBX|3|FT|8251-1^Note^LN||Zaphra Quxley seen\\.br\\by Ann||||||F\r"
        "OBX|4|ED|18842-5^Summary^LN||^TEXT^^Base64^UXV4||||||F\r";
    static const char want[] =
        "MSH|^~\\&|a3435c3a79490fda453a354d17fd8be5|56c04d465a0ffd2c5ea4a41eb668e183^^|d226c98ad064bd1c3e4f19"
        "7c1963d950|b88d2a4e59e138f30ec04f929e915e6e|20230324120000+0100||ORU^R01^ORU_R01|388c674f3575147d767"
        "e673dd94c04a3|P|2.5.1|||AL|NE||UNICODE UTF-8\r"
        "EVN||20230324120000|||9b7f7fa66c6b79fd63a6011b75bcee56^^^^^\r"
        "PID|1||4a3024da614bdaaed8c3f8c23e548e35^^^^MR~||||1960|F||2106-3^^HL70005|||||en|M||04034ee572bea983"
        "14c13a4167b4a7d9|||||\r"
        "NK1|1||MTH^^HL70063||\r"
        "PV1|1|I|||||9b7f7fa66c6b79fd63a6011b75bcee56^^^^^|||MED|||||||||29284e8e147d69801166ae27729bf7e0||||"
        "|||||||||||||01||||||||20230322|20230325\r"
        "ORC|RE|e215e299800c80b5918345d213cce599^|32601dbe39910648e726ffe61fe177ba^||CM||1^BID^^20230324^^R\r"
        "OBR|1|e215e299800c80b5918345d213cce599^|32601dbe39910648e726ffe61fe177ba^|24323-8^^LN|||202303240941"
        "07|||||||20230324|SER|9b7f7fa66c6b79fd63a6011b75bcee56^^||||||20230324|||F\r"
        "OBX|1|NM|718-7^^LN||13.50|g/dL^^UCUM|12.0-16.0|N|||F|||20230324\r"
        "OBX|2|SN|2857-1^^LN||<^0.1|ng/mL|||||F|||2023\r"
        "OBX|3|FT|8251-1^^LN||||||||F\r"
        "OBX|4|ED|18842-5^^LN||||||||F\r";
    begin("twin", false);
    assert_str(want, through(message));
    end();
}
