#include "radio/radio.h"
#include "test_near.h"

static tw_rt read_bundle(const char *file)
{
    tw_rt rt;
    tw_str text = tw_test_read(tw_path(cx, "mcode", file));
    assert_ok(tw_rt_read(cx, &rt, text, &(tw_rt_opts){ .ndjson = tw_str_ends(tw_str_of(file), ".ndjson") }));
    return rt;
}

static tw_str segments_of(const tw_rt_row *r)
{
    tw_str s = TW_STR("");
    for (size_t i = 0; i < r->segments; i++)
        s = tw_strf(cx->arena, TW_FMT "%s%ux%.10g", TW_ARG(s), i ? "+" : "", r->segment[i].fractions,
                    r->segment[i].total_cgy / r->segment[i].fractions);
    return s;
}

static tw_str line_of(const char *file, const tw_rt_row *r)
{
    double e10, e3;
    assert_ok(tw_rt_eqd2(cx, &e10, r, 10));
    assert_ok(tw_rt_eqd2(cx, &e3, r, 3));
    return tw_strf(cx->arena, "%s\t" TW_FMT "\t" TW_FMT "\t" TW_FMT "\t" TW_FMT "\t%.10g\t%u\t%.4f\t%.4f\t%s", file,
                   TW_ARG(r->course), TW_ARG(r->status), TW_ARG(r->volume), TW_ARG(segments_of(r)), r->total_cgy,
                   r->fractions, e10, e3, r->phases_agree ? "yes" : "no");
}

TEST(course__every_expected_row_and_no_other)
{
    SKIP_WITHOUT_DATA();
    tw_str line, rest = tw_test_read("mcode/course_expected.tsv"), file = TW_STR("");
    size_t rows = 0;
    tw_rt rt = { .rows = 0 };
    size_t at = 0;
    (void)tw_str_split(&line, &rest, '\n');
    while (tw_str_split(&line, &rest, '\n') && line.n > 0) {
        tw_str head, tail = line;
        (void)tw_str_split(&head, &tail, '\t');
        if (!tw_str_eq(head, file)) {
            assert_int_equal(at, rt.rows);
            rt = read_bundle(tw_cstr(cx->arena, head));
            file = head;
            at = 0;
        }
        assert_true(at < rt.rows);
        assert_str(tw_cstr(cx->arena, line), line_of(tw_cstr(cx->arena, head), &rt.row[at]));
        at++;
        rows++;
    }
    assert_int_equal(at, rt.rows);
    assert_int_equal(rows, 13);
    static const char *const none[] = { "codexrt-patient-5", "mcode-cancer-patient-adam-everyman",
                                        "mcode-cancer-patient-eve-anyperson", "mcode-cancer-patient-john-anyperson" };
    for (size_t i = 0; i < TW_COUNT(none); i++)
        assert_int_equal(read_bundle(tw_strf(cx->arena, "%s.bundle.json", none[i]).p).rows, 0);
}

static tw_str number(double v)
{
    return isnan(v) ? TW_STR("") : tw_strf(cx->arena, "%.10g", v);
}

TEST(course__every_dose_as_it_stands)
{
    SKIP_WITHOUT_DATA();
    tw_str line, rest = tw_test_read("mcode/dose_feed.tsv"), file = TW_STR("");
    size_t rows = 0, at = 0;
    tw_rt rt = { .rows = 0 };
    (void)tw_str_split(&line, &rest, '\n');
    for (; tw_str_split(&line, &rest, '\n') && line.n > 0; at++, rows++) {
        tw_str head, tail = line;
        (void)tw_str_split(&head, &tail, '\t');
        if (!tw_str_eq(head, file)) {
            assert_int_equal(at, rt.doses);
            rt = read_bundle(tw_cstr(cx->arena, head));
            file = head;
            at = 0;
        }
        assert_true(at < rt.doses);
        const tw_rt_dose *o = &rt.dose[at];
        tw_str got = tw_strf(cx->arena, TW_FMT "\t" TW_FMT "\t" TW_FMT "\t" TW_FMT "\t%s\t" TW_FMT "\t" TW_FMT
                             "\tcGy\t" TW_FMT "\t%s", TW_ARG(o->type), TW_ARG(o->id), TW_ARG(o->status),
                             TW_ARG(o->start), tw_rt_dose_kind_name(o->kind), TW_ARG(o->volume),
                             TW_ARG(number(o->total_cgy)), TW_ARG(number(o->fraction_cgy)),
                             o->fractions ? tw_strf(cx->arena, "%u", o->fractions).p : "");
        assert_str(tw_cstr(cx->arena, tail), got);
    }
    assert_int_equal(at, rt.doses);
    assert_int_equal(rows, 80);
}

TEST(course__bulk_export_says_the_same)
{
    SKIP_WITHOUT_DATA();
    tw_rt rt = read_bundle("all.ndjson");
    assert_int_equal(rt.rows, 13);
    assert_true(rt.superseded >= 8);
    assert_true(rt.passed_over >= 1); /* the revoked plan */
    size_t duplicates = 0;
    for (size_t i = 0; i < rt.rows; i++) {
        duplicates += rt.row[i].likely_duplicate ? 1 : 0;
        if (rt.row[i].likely_duplicate)
            assert_str("radiotherapy-treatment-summary-other-with-text", rt.row[i].course);
    }
    assert_int_equal(duplicates, 2);
}

#define RT "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-"
#define TECHNIQUE(code)                                                                                   \
    "{\"url\":\"" RT "modality-and-technique\",\"extension\":[{\"url\":\"" RT "modality\","               \
    "\"valueCodeableConcept\":{\"coding\":[{\"code\":\"" code "\"}]}}]}"
#define DOSE(volume, value, unit, fractions)                                                              \
    "{\"url\":\"" RT "dose-delivered-to-volume\",\"extension\":[{\"url\":\"volume\",\"valueReference\":"  \
    "{\"reference\":\"BodyStructure/" volume "\"}},{\"url\":\"totalDoseDelivered\",\"valueQuantity\":"    \
    "{\"value\":" value ",\"code\":\"" unit "\"}}" fractions "]}"
#define DELIVERED(n) ",{\"url\":\"fractionsDelivered\",\"valueUnsignedInt\":" n "}"
#define UNEQUAL ",{\"url\":\"http://x/codexrt-radiotherapy-uniform-fractionation\",\"valueBoolean\":false}"
#define PROCEDURE(id, more, profile, extensions)                                                          \
    "{\"resourceType\":\"Procedure\",\"id\":\"" id "\",\"status\":\"completed\",\"subject\":{\"reference\":" \
    "\"Patient/p\"}" more ",\"meta\":{\"profile\":[\"http://x/" profile "\"]},\"extension\":[" extensions "]}"
#define COURSE "mcode-radiotherapy-course-summary"
#define PHASE "codexrt-radiotherapy-treated-phase"
#define PART_OF ",\"partOf\":[{\"reference\":\"Procedure/c\"}]"

static tw_rt read_lines(const char *text)
{
    tw_rt rt;
    assert_ok(tw_rt_read(cx, &rt, tw_str_of(text), &(tw_rt_opts){ .ndjson = true }));
    return rt;
}

static void refused(const char *text, const char *why)
{
    double e;
    tw_rt rt = read_lines(text);
    assert_int_equal(rt.rows, 1);
    assert_status(TW_EREFUSED, tw_rt_eqd2(cx, &e, &rt.row[0], 10));
    assert_non_null(strstr(cx->err.msg, why));
    assert_near(e, 0, 0);
}

TEST(course__permanent_seeds_refuse_lq)
{
    refused(PROCEDURE("c", "", COURSE, TECHNIQUE("169359004") "," DOSE("v", "145", "Gy", DELIVERED("1"))), "seeds");
    /* the phase knows it, the course does not */
    refused(PROCEDURE("c", "", COURSE, DOSE("v", "145", "Gy", DELIVERED("1"))) "\n" PROCEDURE(
                "f", PART_OF, PHASE, TECHNIQUE("169359004") "," DOSE("v", "14500", "cGy", DELIVERED("1"))),
            "seeds");
    /* nobody says seeds, but no fraction is of 145 Gy */
    refused(PROCEDURE("c", "", COURSE, DOSE("v", "145", "Gy", DELIVERED("1"))), "does not describe");
    refused(PROCEDURE("c", "", COURSE, DOSE("v", "60", "Gy", "")), "not told");
    refused(PROCEDURE("c", "", COURSE, DOSE("v", "1340", "cGy", DELIVERED("7") UNEQUAL)), "differ");
}

TEST(course__gray_and_centigray_are_the_same_dose)
{
    double a, b;
    tw_rt gy = read_lines(PROCEDURE("c", "", COURSE, DOSE("v", "60", "Gy", DELIVERED("30"))));
    tw_rt cgy = read_lines(PROCEDURE("c", "", COURSE, DOSE("v", "6000", "cGy", DELIVERED("30"))));
    assert_ok(tw_rt_eqd2(cx, &a, &gy.row[0], 10));
    assert_ok(tw_rt_eqd2(cx, &b, &cgy.row[0], 10));
    assert_near(a, 60, 1e-9);
    assert_near(b, 60, 1e-9);
    tw_rt rt;
    assert_status(TW_EPARSE, tw_rt_read(cx, &rt, tw_str_of(PROCEDURE("c", "", COURSE, DOSE("v", "60", "rad", ""))),
                                        &(tw_rt_opts){ .ndjson = true }));
    assert_null(strstr(cx->err.msg, "60"));
}

TEST(course__phases_that_do_not_add_up_are_told)
{
    tw_rt rt = read_lines(PROCEDURE("c", "", COURSE, DOSE("v", "20", "Gy", DELIVERED("10"))) "\n" PROCEDURE(
        "f", PART_OF, PHASE, DOSE("v", "10", "Gy", DELIVERED("5"))));
    assert_int_equal(rt.rows, 1);
    assert_false(rt.row[0].phases_agree);
}

TEST(course__what_was_not_done_is_no_dose)
{
    const char *phase = PROCEDURE("f", PART_OF, PHASE, DOSE("v", "20", "Gy", DELIVERED("10")));
    const char *not_done = "{\"resourceType\":\"Procedure\",\"id\":\"g\",\"status\":\"not-done\",\"subject\":"
                           "{\"reference\":\"Patient/p\"}" PART_OF ",\"meta\":{\"profile\":[\"http://x/" PHASE
                           "\"]},\"extension\":[" DOSE("v", "6", "Gy", DELIVERED("3")) "]}";
    const char *course = PROCEDURE("c", "", COURSE, DOSE("v", "20", "Gy", DELIVERED("10")));
    tw_rt rt = read_lines(tw_strf(cx->arena, "%s\n%s\n%s\n", course, not_done, phase).p);
    assert_int_equal(rt.rows, 1);
    assert_str("10x200", segments_of(&rt.row[0]));
    assert_true(rt.row[0].phases_agree);
    assert_int_equal(rt.doses, 3); /* the feed leaves nothing out */
}

#define OFFICIAL ",\"identifier\":[{\"use\":\"official\",\"system\":\"s\",\"value\":\"1\"}]"

TEST(course__the_newest_snapshot_counts_whatever_the_order)
{
    const char *old = "{\"resourceType\":\"Procedure\",\"id\":\"c-1Fx\",\"status\":\"in-progress\",\"subject\":"
                      "{\"reference\":\"Patient/p\"}" OFFICIAL ",\"meta\":{\"versionId\":\"9\",\"profile\":[\"" COURSE
                      "\"]},\"extension\":[" DOSE("v", "2", "Gy", DELIVERED("1")) "]}";
    const char *new = "{\"resourceType\":\"Procedure\",\"id\":\"c\",\"status\":\"completed\",\"subject\":"
                      "{\"reference\":\"Patient/p\"}" OFFICIAL ",\"meta\":{\"versionId\":\"10\",\"profile\":[\"" COURSE
                      "\"]},\"extension\":[" DOSE("v", "20", "Gy", DELIVERED("10")) "]}";
    const char *phase = PROCEDURE("f", ",\"partOf\":[{\"reference\":\"Procedure/c-1Fx\"}]", PHASE,
                                  DOSE("v", "20", "Gy", DELIVERED("10")));
    for (int turn = 0; turn < 2; turn++) {
        tw_rt rt = read_lines(tw_strf(cx->arena, "%s\n%s\n%s\n", turn ? old : new, turn ? new : old, phase).p);
        assert_int_equal(rt.rows, 1);
        assert_int_equal(rt.superseded, 1);
        assert_str("c", rt.row[0].course);
        assert_str("10x200", segments_of(&rt.row[0]));
        assert_true(rt.row[0].phases_agree);
    }
}

TEST(course__broken_text_is_refused_or_read_never_worse)
{
    const char *whole = PROCEDURE("c", OFFICIAL, COURSE,
                                  TECHNIQUE("1156506007") "," DOSE("v", "2000", "cGy", DELIVERED("10")));
    size_t n = strlen(whole), read = 0;
    for (int turn = 0; turn < 4000; turn++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        char *text = tw_cstr(cx->arena, tw_str_of(whole));
        tw_rt rt;
        for (uint64_t k = 0; k <= tw_test_below(3); k++)
            text[tw_test_below(n)] = "\"{}[]:,09aG.-"[tw_test_below(13)];
        tw_str part = { text, turn % 4 ? n : (size_t)tw_test_below(n) };
        if (tw_rt_read(cx, &rt, part, &(tw_rt_opts){ .ndjson = true }) == TW_OK)
            read++;
        else
            assert_true(cx->err.msg[0] != '\0');
        for (size_t i = 0; i < rt.rows; i++)
            assert_true(rt.row[i].total_cgy >= 0 && rt.row[i].segments <= TW_RT_SEGMENTS_MAX);
        tw_arena_back(cx->arena, mark);
    }
    assert_true(read > 100 && read < 4000);
}

#define VOLUME(id, more, day, value, unit)                                                                \
    "{\"resourceType\":\"Observation\",\"id\":\"" id "\",\"status\":\"final\",\"subject\":{\"reference\":" \
    "\"Patient/p\"}" more ",\"code\":{\"coding\":[{\"system\":\"urn:x\",\"code\":\"tumour-volume\"}]},"   \
    "\"effectiveDateTime\":\"" day "\",\"valueQuantity\":{\"value\":" value ",\"code\":\"" unit "\"}}\n"

TEST(volume__by_configured_code_in_time_order)
{
    static const tw_str codes[] = { { "urn:x|tumour-volume", 19 } };
    tw_rt_opts opts = { .volume_code = codes, .volume_codes = 1, .ndjson = true };
    tw_rt rt;
    const char *text = VOLUME("b", "", "2024-01-08", "20", "mL") VOLUME("a", "", "2024-01-01", "30.5", "cm3")
        VOLUME("c", "", "2024-01-15T10:00:00Z", "15000", "mm3")
            VOLUME("c", ",\"meta\":{\"versionId\":\"2\"}", "2024-01-15T10:00:00Z", "14000", "mm3");
    assert_ok(tw_rt_read(cx, &rt, tw_str_of(text), &opts));
    assert_int_equal(rt.volumes, 3);
    assert_near(rt.volume[0].cm3, 30.5, 0);
    assert_near(rt.volume[1].cm3, 20, 0);
    assert_near(rt.volume[2].cm3, 14, 1e-12);
    assert_near(rt.volume[1].day_s - rt.volume[0].day_s, 7 * 86400.0, 0);
    static const tw_str other[] = { { "urn:y|tumour-volume", 19 } };
    opts.volume_code = other;
    assert_ok(tw_rt_read(cx, &rt, tw_str_of(text), &opts));
    assert_int_equal(rt.volumes, 0);
    opts.volume_code = codes;
    assert_status(TW_EPARSE, tw_rt_read(cx, &rt, tw_str_of(VOLUME("a", "", "2024-01-01", "3", "[in_i]")), &opts));
    assert_status(TW_EPARSE, tw_rt_read(cx, &rt, tw_str_of(VOLUME("a", "", "2024-01-01", "-3", "mL")), &opts));
    assert_status(TW_EPARSE, tw_rt_read(cx, &rt, tw_str_of(VOLUME("a", "", "", "3", "mL")), &opts));
}

#define STARTED(day) ",\"performedPeriod\":{\"start\":\"" day "\"}"

TEST(schedule__weekdays_from_each_phase_and_volumes_on_the_same_clock)
{
    static const tw_str codes[] = { { "urn:x|tumour-volume", 19 } };
    const char *text = PROCEDURE("c", STARTED("2024-01-04"), COURSE, DOSE("v", "16.4", "Gy", DELIVERED("7"))) "\n"
        PROCEDURE("f", PART_OF STARTED("2024-01-04"), PHASE, DOSE("v", "5.4", "Gy", DELIVERED("3"))) "\n"
        PROCEDURE("g", PART_OF STARTED("2024-01-13"), PHASE, DOSE("v", "11", "Gy", DELIVERED("4"))) "\n"
        VOLUME("a", "", "2024-01-02", "30", "mL") VOLUME("b", "", "2024-01-11T12:00:00Z", "20", "mL");
    static const double day[] = { 0, 1, 4, 11, 12, 13, 14 }; /* Thursday, Friday, Monday; Saturday waits for Monday */
    tw_rt rt;
    tw_fraction f[TW_FRACTIONS_MAX];
    tw_radio_obs obs[TW_RADIO_OBS_MAX];
    size_t n, volumes;
    uint64_t day0;
    assert_ok(tw_rt_read(cx, &rt, tw_str_of(text), &(tw_rt_opts){ codes, 1, true }));
    assert_ok(tw_rt_schedule(cx, f, &n, &day0, &rt.row[0]));
    assert_int_equal(n, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_near(f[i].day, day[i], 0);
        assert_near(f[i].dose_gy, i < 3 ? 1.8 : 2.75, 1e-12);
    }
    tw_noise noise = { .value_sd = 0.5, .value_round_width = 1 };
    assert_ok(tw_rt_observations(cx, obs, &volumes, &rt, rt.row[0].patient, day0, &noise));
    assert_int_equal(volumes, 2);
    assert_near(obs[0].day, -2, 0);
    assert_near(obs[1].day, 7.5, 1e-12);
    assert_near(obs[0].added_sd, 0.5, 0);
    assert_near(obs[1].rounded, 1, 0);
    /* all the way: volumes to a plan */
    tw_radio_posterior p;
    tw_front front;
    tw_plan_opts o = tw_plan_opts_usual();
    assert_ok(tw_radio_fit(cx, &p, &tw_radio_prior_glioma, obs, volumes, f, n, 200, 1));
    assert_ok(tw_plan_front(cx, &front, &p, &tw_radio_prior_glioma, &o));
    assert_true(front.n > 0);
    rt.row = &(tw_rt_row){ .no_lq = "seeds" };
    assert_status(TW_EREFUSED, tw_rt_schedule(cx, f, &n, &day0, rt.row));
    tw_rt none = read_lines(PROCEDURE("c", "", COURSE, DOSE("v", "16.4", "Gy", DELIVERED("7"))));
    assert_status(TW_ENOTFOUND, tw_rt_schedule(cx, f, &n, &day0, &none.row[0]));
}
