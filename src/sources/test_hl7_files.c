/* HL7 v2 files: how they are cut, what the reader makes of them, and real ones. */
#include "test_hl7.h"

/* ---------------------------------------------------------------- frames */

typedef struct {
    tw_str unit[16];
    size_t units;
} cut;

/* All units of a text of which `seen` bytes come into view at a time, at least. */
static cut cut_by(tw_str all, size_t seen)
{
    cut c = { .units = 0 };
    size_t skip, size, view = seen;
    opened("", "", all);
    if (tw_str_starts(all, "\xEF\xBB\xBF"))
        all = (tw_str){ all.p + 3, all.n - 3 };
    for (;;) {
        size_t n = TW_MIN(view, all.n);
        tw_frame f = hl7->frame(file, &skip, &size, (tw_str){ all.p, n }, n == all.n);
        if (f == TW_FRAME_END)
            return c;
        if (f == TW_FRAME_MORE) {
            assert_true(n < all.n);
            view++;
            continue;
        }
        if (f == TW_FRAME_UNIT) {
            assert_true(c.units < 16);
            c.unit[c.units++] = (tw_str){ all.p + skip, size };
        } else {
            size = 0;
        }
        all = (tw_str){ all.p + skip + size, all.n - skip - size };
        view = seen;
    }
}

TEST(files_are_cut_alike_however_much_is_in_view)
{
#define M1 MSH("ADT^A01") PID
#define M2 MSH("ORU^R01") PID "OBX|1\r"
    static const struct {
        const char *text;
        size_t units;
    } known[] = {
        { M1 M2, 2 },
        { M1 "\n" M2 "\n", 2 },
        { "\r\n\r\n" M1 "\r\n\n\r" M2 "\r\n\r\n", 2 },
        { "\xEF\xBB\xBF" M1 M2, 2 },
        { "\x0b" M1 "\x1c\r\x0b" M2 "\x1c\r", 2 },
        { "\x0b" M1 "\x1c\r\n\x0b" M2 "\x1c", 2 },
        { "\x0b" M1 "\x0b" M2 "\x1c\r", 2 },
        { "FHS|^~\\&|A\rBHS|^~\\&|B\r" M1 M2 "BTS|2\rFTS|1\r", 2 },
        { "FHS|^~\\&|A\nBHS|^~\\&|B\n" M1 M2 "BTS|3\nFTS|1\n", 3 },
        { "FHS|^~\\&|A\nBHS|^~\\&|B\n" M1 "BTS|1\nBHS|^~\\&|B\n" M2 "BTS|1\nFTS|1\n", 3 },
        { "BHS|^~\\&|B\r" M1 M2 "BTS\r\n", 2 },
        { "\x0b"
          "BHS|^~\\&|B\r" M1 M2 "BTS|2\r\x1c\r",
          2 },
        { "rubbish\rmore\r" M1, 2 },
        { "rubbish\nMSH no\n" M1, 2 },
        { M1 "MSHX|not\r", 1 },
        { "", 0 },
        { "\n\r ", 0 },
        { "x\nMSH|", 2 },
    };
    for (size_t i = 0; i < TW_COUNT(known); i++) {
        tw_str all = tw_str_of(known[i].text);
        if (tw_str_find(all, TW_STR("MSH|")) == SIZE_MAX && tw_str_trim(all).n > 0)
            continue;
        cut whole = cut_by(all, all.n);
        if (whole.units != known[i].units)
            fail_msg("case %zu: %zu units", i, whole.units);
        for (size_t seen = 1; seen < all.n; seen++) {
            cut c = cut_by(all, seen);
            assert_int_equal(whole.units, c.units);
            for (size_t k = 0; k < c.units; k++)
                assert_true(tw_str_eq(whole.unit[k], c.unit[k]));
        }
    }
    done();
}

TEST(a_file_that_is_none_is_told_at_once)
{
    static const char *const bad[] = { "hello\nworld\n", "{\"resourceType\":\"Patient\"}", "\xFF\xFEM\0S\0H\0",
                                       "MSHX|" };
    size_t consumed;
    tw_sources_opts opts = { .zone = { "", 0 } };
    for (size_t i = 0; i < TW_COUNT(bad); i++)
        assert_status(TW_EPARSE, hl7->open(cx, &file, &consumed, &opts, TW_STR("x"), tw_str_of(bad[i])));
    opts.zone = TW_STR("Nowhere");
    assert_int_not_equal(TW_OK, hl7->open(cx, &file, &consumed, &opts, TW_STR("x"), TW_STR("MSH|^~\\&|")));
    file = NULL;
    done();
}

/* ---------------------------------------------------------------- through the reader */

typedef struct {
    size_t records;
    tw_str patient[8];
} handed;

static tw_status on_record(void *self, TW_UNUSED tw_ctx *c, const tw_phi *phi)
{
    handed *h = self;
    if (h->records < TW_COUNT(h->patient))
        h->patient[h->records] = tw_str_dup(cx->arena, tw_phi_view(phi)->patient);
    h->records++;
    return TW_OK;
}

static tw_sources *start(handed *h)
{
    tw_sources *s;
    const tw_sources_sink sink = { on_record, NULL, h };
    *h = (handed){ .records = 0 };
    assert_ok(tw_sources_new(cx, &s, NULL, &sink));
    return s;
}

TEST(the_reader_finds_the_patient_of_each_record)
{
    handed h;
    tw_sources *s = start(&h);
    decoded(MSH("ORU^R01") PID "OBR|1||F1|1^^LN\rOBX|1|NM|1^^LN||1||||||F\r");
    assert_ok(tw_sources_read(cx, s, TW_STR("1"), tw_str_of_bytes(tw_buf_view(&json)), TW_FORM_DOCUMENT));
    assert_int_equal(4, h.records);
    for (size_t i = 0; i < h.records; i++)
        assert_str("77", h.patient[i]);
    decoded(MSH("ADT^A01") "PID|1||||Doe^Jane\rAL1|1||X\r"); /* no number: the reader says so */
    assert_ok(tw_sources_read(cx, s, TW_STR("1"), tw_str_of_bytes(tw_buf_view(&json)), TW_FORM_DOCUMENT));
    const tw_sources_tally *t = tw_sources_tally_view(s);
    assert_int_equal(4, t->all.accepted);
    assert_int_equal(1, t->dead[TW_DEAD_NO_NUMBER]);
    assert_int_equal(1, t->dead[TW_DEAD_NO_PATIENT]);
    tw_sources_free(s);
    done();
}

/* After a merge the old number leads to the survivor: in later messages of the same reader, whatever they are. */
TEST(records_under_a_merged_number_are_the_survivors)
{
#define RESULT(number, order)                                                                                          \
    MSH("ORU^R01") "PID|1||" number "^^^H^MR\rOBR|1||" order "|1^^LN\rOBX|1|NM|1^^LN||1||||||F\r"
    handed h;
    tw_sources *s = start(&h);
    assert_ok(tw_sources_read(cx, s, TW_STR("1"), TW_STR(MSH("ADT^A40") PID "MRG|66^^^H^MR\r" RESULT("66", "F1")),
                              TW_FORM_HL7V2));
    assert_int_equal(5, h.records);
    for (size_t i = 0; i < h.records; i++)
        assert_str("77", h.patient[i]);
    assert_int_equal(0, tw_sources_tally_view(s)->all.dead);
    tw_sources_free(s);
    done();
}

/* Where numbers are those of one authority, another one's 66 is not the 66 of here. */
TEST(a_merged_number_of_another_authority_is_nobody_here)
{
    static const char *const authority[] = { "H", "OTHER" };
    for (size_t i = 0; i < TW_COUNT(authority); i++) {
        handed h = { .records = 0 };
        tw_sources *s;
        const tw_sources_sink sink = { on_record, NULL, &h };
        const tw_sources_opts opts = { .mrn_system = TW_STR("urn:twinward:authority:H") };
        assert_ok(tw_sources_new(cx, &s, &opts, &sink));
        tw_str text = tw_strf(cx->arena, MSH("ADT^A40") PID "MRG|66^^^%s^MR\r" RESULT("66", "F1"), authority[i]);
        assert_ok(tw_sources_read(cx, s, TW_STR("1"), text, TW_FORM_HL7V2));
        assert_int_equal(5, h.records);
        assert_str("77", h.patient[0]);
        assert_str(i == 0 ? "77" : "66", h.patient[1]);
        tw_sources_free(s);
    }
    done();
}

/* PID-2 is somebody else's number, even of type MR. */
TEST(the_number_in_pid_3_is_the_local_one)
{
    handed h;
    tw_sources *s = start(&h);
    assert_ok(tw_sources_read(cx, s, TW_STR("1"), TW_STR(MSH("ADT^A08") "PID|1|5^^^X^MR|77^^^H^MR||Doe\rAL1|1||X\r"),
                              TW_FORM_HL7V2));
    assert_int_equal(2, h.records);
    assert_str("77", h.patient[0]);
    assert_str("77", h.patient[1]);
    tw_sources_free(s);
    done();
}

TEST(a_file_is_read_with_its_dead_letters)
{
    handed h;
    tw_sources *s = start(&h);
    assert_ok(tw_sources_read(
        cx, s, TW_STR("1"),
        TW_STR("FHS|^~\\&\rBHS|^~\\&\r" RESULT("77", "F1") MSH("SIU^S12") PID RESULT("78", "F2") "BTS|9\rFTS|1\r"),
        TW_FORM_HL7V2));
    assert_int_equal(8, h.records);
    assert_int_equal(2, tw_sources_tally_view(s)->all.dead); /* MSH-9, BTS-1 */
    tw_sources_free(s);
    done();
}

/* ---------------------------------------------------------------- real files */

/* Decodes every unit; the number of those that do not decode. */
static size_t decode_all(tw_str all, handed *h, tw_sources *s, size_t *units)
{
    size_t bad = 0, skip, size;
    *units = 0;
    opened("", "", all);
    for (tw_frame f; (f = hl7->frame(file, &skip, &size, all, true)) != TW_FRAME_END;) {
        if (f == TW_FRAME_UNIT) {
            tw_mark mark = tw_arena_mark(cx->arena);
            bool well = decode((tw_str){ all.p + skip, size }) == TW_OK;
            bad += !well;
            ++*units;
            if (well)
                assert_ok(tw_sources_read(cx, s, TW_STR("1"), tw_str_of_bytes(tw_buf_view(&json)), TW_FORM_DOCUMENT));
            h->records = TW_COUNT(h->patient); /* keep none: the arena goes back */
            tw_arena_back(cx->arena, mark);
        }
        size = f == TW_FRAME_UNIT ? size : 0;
        all = (tw_str){ all.p + skip + size, all.n - skip - size };
    }
    return bad;
}

TEST(every_real_message_decodes)
{
    static const struct {
        const char *name;
        size_t units;
    } files[] = {
        { "Armstrong_Woodrow_15f632ab.hl7", 18 },
        { "Dare_Margart_78a421b7.hl7", 23 },
        { "Herman_Natalie_76f3ff0a.hl7", 20 },
        { "Hessel_Doug_679850d9.hl7", 20 },
        { "Pagac_Mack_efac0983.hl7", 12 },
        { "Runolfsson_Zachery_cebd9dbe.hl7", 18 },
        { "Ryan_Brady_7894d4f6.hl7", 14 },
        { "Weissnat_Shaunda_61373b61.hl7", 17 },
        { "batch.hl7", 5 },
        { "latin1.hl7", 1 },
        { "stream.mllp", 41 },
        { "v2-to-fhir_MDM_T02.hl7", 1 },
    };
    SKIP_WITHOUT_DATA();
    handed h;
    tw_sources *s = start(&h);
    for (size_t i = 0; i < TW_COUNT(files); i++) {
        size_t units;
        tw_str all = tw_test_read(tw_strf(cx->arena, "sources/hl7v2/%s", files[i].name).p);
        assert_int_equal(0, decode_all(all, &h, s, &units));
        assert_int_equal(files[i].units, units);
    }
    assert_int_equal(0, tw_sources_tally_view(s)->all.dead);
    tw_sources_free(s);
    assert_ok(decode(tw_test_read("sources/hl7v2/latin1.hl7")));
    assert_non_null(strstr(members("RelatedPerson", 0), "\"given\":[\"Jos\xC3\xA9\"]"));
    done();
}

/* A fact as the table has it and as a resource has it: patient, code, value, unit, time. */
static bool in_csv(tw_str csv, const char *patient, tw_str date, tw_str code, tw_str value_text, tw_str unit)
{
    tw_str line, rest = csv;
    while (tw_ndjson_next(&line, &rest)) {
        tw_str column[9];
        size_t n = 0;
        while (n < 9 && tw_str_split(&column[n], &line, ','))
            n++;
        if (n == 9 && tw_str_is(column[1], patient) && tw_str_eq(column[0], date) && tw_str_eq(column[4], code) &&
            tw_str_eq(column[6], value_text) && tw_str_eq(column[7], unit))
            return true;
    }
    return false;
}

TEST(numbers_of_real_results_are_those_of_the_table)
{
    static const struct {
        const char *name;
        const char *patient;
    } files[] = {
        { "Pagac_Mack_efac0983.hl7", "efac0983-426b-d2a7-c55c-cfd788fcf396" },
        { "Hessel_Doug_679850d9.hl7", "679850d9-258b-32e4-3704-5b05b63afe2a" },
        { "Dare_Margart_78a421b7.hl7", "78a421b7-5329-d5c7-a56d-acb517ea3a66" },
        { "Herman_Natalie_76f3ff0a.hl7", "76f3ff0a-d369-f389-239a-b56cae477449" },
        { "Weissnat_Shaunda_61373b61.hl7", "61373b61-2a9e-8c7d-5176-fd27cb5de830" },
        { "Armstrong_Woodrow_15f632ab.hl7", "15f632ab-863c-145f-e5ae-efd8648c5bfc" },
        { "Runolfsson_Zachery_cebd9dbe.hl7", "cebd9dbe-0c29-7fbf-6a8a-678c4841a6ac" },
        { "Ryan_Brady_7894d4f6.hl7", "7894d4f6-f716-a720-28f5-6dcb5ee78af1" },
    };
    SKIP_WITHOUT_DATA();
    tw_str csv = tw_test_read("sources/csv/observations.csv");
    size_t facts = 0, distinct = 0;
    for (size_t i = 0; i < TW_COUNT(files); i++) {
        tw_str all = tw_test_read(tw_strf(cx->arena, "sources/hl7v2/%s", files[i].name).p);
        tw_map *ids = tw_map_new(10000);
        size_t skip, size;
        opened("", "", all);
        for (tw_frame f; (f = hl7->frame(file, &skip, &size, all, true)) != TW_FRAME_END;) {
            tw_mark mark = tw_arena_mark(cx->arena);
            if (f == TW_FRAME_UNIT) {
                tw_json d;
                assert_ok(decode((tw_str){ all.p + skip, size }));
                assert_ok(tw_json_parse(cx, &d, tw_str_of_bytes(tw_buf_view(&json)), NULL));
                uint32_t list = tw_json_get(&d, 0, "entry");
                for (uint32_t e = tw_json_first(&d, list); e != TW_JSON_NONE; e = tw_json_next(&d, list, e)) {
                    uint32_t r = tw_json_get(&d, e, "resource"), q = tw_json_get(&d, r, "valueQuantity");
                    if (q == TW_JSON_NONE)
                        continue;
                    facts++;
                    assert_true(tw_map_put(ids, tw_bytes_of(tw_json_member_text(cx, &d, r, "id")), ids));
                    assert_true(in_csv(csv, files[i].patient, tw_json_member_text(cx, &d, r, "effectiveDateTime"),
                                       tw_json_text(cx, &d, tw_json_path(&d, r, "code.coding.0.code")),
                                       tw_json_raw(&d, tw_json_get(&d, q, "value")),
                                       tw_json_member_text(cx, &d, q, "unit")));
                }
            }
            size = f == TW_FRAME_UNIT ? size : 0;
            tw_arena_back(cx->arena, mark);
            all = (tw_str){ all.p + skip + size, all.n - skip - size };
        }
        distinct += tw_map_count(ids);
        tw_map_free(ids);
    }
    assert_int_equal(facts, distinct); /* no result bears another one's id */
    assert_true(facts > 500);
    done();
}
