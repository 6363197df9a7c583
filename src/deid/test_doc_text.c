/* Free text of FHIR documents and records: scrubbed, removed, never passed on unseen. The model is a small one of this
 * test; patterns, cues and known identifiers do the work. */
#include "test.h"

#include "deid/doc_pass.h"
#include "text_test.h"

static const uint8_t key[32] = { 7 };
static tw_profile *rules;
static tw_text_model *model;
static tw_doc_work *work;
static tw_doc_opts opts;

static void begin(bool tags)
{
    tw_bytes file = text_test_model(cx, 0.5, text_test_english, TW_COUNT(text_test_english), NULL, 0);
    assert_ok(tw_profile_builtin(cx, &rules, TW_STR("twin")));
    assert_ok(tw_text_model_parse(cx, &model, file));
    opts = (tw_doc_opts){ .profile = rules, .text = model, .key = key, .text_strict = true, .text_tags = tags };
    opts.reference_day = tw_days_from_civil(2026, 1, 1);
    assert_ok(tw_doc_work_new(cx, &work, &opts));
}

static void end(void)
{
    tw_doc_work_free(work);
    tw_text_model_free(model);
    tw_profile_free(rules);
}

static tw_str deid(const char *json)
{
    tw_buf out;
    tw_json back;
    tw_buf_init(&out, 16 * TW_MIB);
    assert_ok(tw_deid_fhir(cx, &out, work, tw_str_of(json)));
    tw_str text = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&out)));
    assert_ok(tw_json_parse(cx, &back, text, NULL));
    tw_buf_done(&out);
    return text;
}

static void has(tw_str text, const char *part)
{
    if (tw_str_find(text, tw_str_of(part)) == SIZE_MAX)
        fail_msg("%s is not in " TW_FMT, part, TW_ARG(text));
}

static void has_not(tw_str text, const char *part)
{
    if (tw_str_find(text, tw_str_of(part)) != SIZE_MAX)
        fail_msg("%s is in " TW_FMT, part, TW_ARG(text));
}

#define OBS "{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"coding\":[]},"

TEST(text__is_scrubbed_where_the_profile_says_so)
{
    begin(true);
    tw_str out =
        deid(OBS "\"valueString\":\"seen by Dr. Lee\\n\\\"pain\\\" today\",\"note\":[{\"text\":\"call 617-555-0199\","
                 "\"authorString\":\"Lee\"},{\"authorString\":\"Lee\"},{\"text\":\"the pain\"}]}");
    has(out, "\"valueString\":\"seen by Dr. [NAME]\\n\\\"pain\\\" today\"");
    has(out, "\"note\":[{\"text\":\"call [CONTACT]\"},{\"text\":\"the pain\"}]");
    end();
}

TEST(text__goes_where_no_rule_scrubs_it)
{
    begin(true);
    tw_str out = deid("{\"resourceType\":\"Organization\",\"name\":\"the pain\",\"text\":{\"status\":\"generated\","
                      "\"div\":\"<div>the pain</div>\"}}");
    has_not(out, "pain");
    out = deid(OBS "\"valueString\":7,\"note\":[{\"text\":\"\"}],\"bodySite\":{\"text\":[\"the pain\"]}}");
    has_not(out, "note");
    has_not(out, "pain");
    end();
}

TEST(text__without_a_model_goes_altogether)
{
    tw_doc_opts none;
    begin(true);
    none = opts;
    none.text = NULL;
    tw_doc_work *w = NULL;
    tw_buf out;
    assert_ok(tw_doc_work_new(cx, &w, &none));
    tw_buf_init(&out, TW_MIB);
    assert_ok(
        tw_deid_fhir(cx, &out, w,
                     TW_STR(OBS "\"valueString\":\"the pain\",\"note\":[{\"text\":\"the pain\",\"time\":\"2020-01-"
                                "01\"}],\"bodySite\":{\"text\":\"the pain\"}}")));
    has_not(tw_str_of_bytes(tw_buf_view(&out)), "pain");
    has_not(tw_str_of_bytes(tw_buf_view(&out)), "note");
    tw_str text;
    doc_person p = { .shift_weeks = 1 };
    assert_ok(doc_display(cx, &text, w, TW_STR("s"), TW_STR("c"), TW_STR("the pain"), NULL, &p));
    assert_int_equal(0, text.n);
    tw_buf_done(&out);
    tw_doc_work_free(w);
    end();
}

/* Names that no cue and no word list tells: the Bundle says them. */
#define PATIENT                                                                                                        \
    "{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p1\",\"name\":[{\"family\":\"Quistgaard\",\"given\":["       \
    "\"Zebedee\"]}],\"telecom\":[{\"system\":\"phone\",\"value\":\"617 5550 199\"},{\"system\":\"email\",\"value\":"   \
    "\"zq@example.org\"}],\"address\":[{\"line\":[\"12 Larch Close\"],\"city\":\"Ulverton\",\"postalCode\":\"02139\"}" \
    "],\"birthDate\":\"1970-02-03\",\"identifier\":[{\"system\":\"http://h\",\"value\":\"HX-00-4711\"}],\"contact\":[" \
    "{\"name\":{\"text\":\"Perpetua Quistgaard\"}}]}}"
#define BUNDLE(rest) "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[" PATIENT "," rest "]}"
#define ENTRY(rest) "{\"resource\":" OBS rest "}}"

TEST(text__what_the_document_knows_is_found)
{
    begin(true);
    tw_str out = deid(BUNDLE(
        ENTRY("\"subject\":{\"reference\":\"Patient/p1\"},\"performer\":[{\"reference\":\"Practitioner/d\",\"display\":"
              "\"Barnabas Ochterlony\"},{\"reference\":\"Organization/o\",\"display\":\"Wexcombe Infirmary\"}],"
              "\"valueString\":\"mr quistgaard sleeps in ulverton; ochterlony, perpetua; wexcombe infirmary; mrn "
              "hx004711\"") ",{\"resource\":{\"resourceType\":\"Location\",\"name\":\"Ward Seven\"}}"));
    static const char *const gone[] = { "uistgaard", "lverton", "chterlony", "erpetua", "excombe", "004711" };
    for (size_t i = 0; i < TW_COUNT(gone); i++)
        has_not(out, gone[i]);
    has(out, "sleeps in");
    end();
}

TEST(text__identifiers_in_text_are_those_of_the_header)
{
    char id[TW_ID_HEX + 1];
    begin(false);
    doc_ident(id, work, TW_STR("HX-00-4711"));
    tw_str out = deid(BUNDLE(ENTRY("\"valueString\":\"mrn HX-00-4711 the pain, mrn HX-00-4711\"")));
    has(out, tw_strf(cx->arena, "\"identifier\":[{\"system\":\"urn:twinward:id\",\"value\":\"%s\"}]", id).p);
    has(out, tw_strf(cx->arena, "\"valueString\":\"mrn %s the pain, mrn %s\"", id, id).p);
    end();
}

#define CODING(display)                                                                                                \
    "\"bodySite\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"2857-1\",\"display\":\"" display            \
    "\"}],\"text\":\"" display "\"}"

TEST(text__displays_are_scrubbed_and_remembered)
{
    begin(true);
    for (int i = 0; i < 3; i++) {
        tw_str out = deid(OBS CODING("the pain") "}");
        has(out, "\"code\":\"2857-1\",\"display\":\"the pain\"}],\"text\":\"the pain\"");
        out = deid(OBS CODING("Dr. Lee") "}");
        has(out, "\"code\":\"2857-1\",\"display\":\"Dr. [NAME]\"}],\"text\":\"Dr. [NAME]\"");
        /* what is harmless of one person is not of another */
        out = deid(OBS CODING("quistgaard pain") "}");
        has(out, "\"display\":\"quistgaard pain\"");
        out = deid(BUNDLE(ENTRY(CODING("quistgaard pain")) "," ENTRY(CODING("quistgaard pain"))));
        has_not(out, "quistgaard");
    }
    has_not(deid(OBS CODING("") "}"), "\"text\":");
    end();
}

TEST(text__the_memory_of_displays_has_a_ceiling)
{
    begin(true);
    doc_person p = { .shift_weeks = 1 };
    tw_str out;
    for (int i = 0; i < 21000; i++) {
        tw_mark m = tw_arena_mark(cx->arena);
        tw_str text = tw_strf(cx->arena, "pain %d", i % 20500);
        assert_ok(doc_display(cx, &out, work, TW_STR("s"), TW_STR("c"), text, NULL, &p));
        assert_int_equal(text.n, out.n);
        tw_arena_back(cx->arena, m);
    }
    char longer[1000];
    memset(longer, 'a', sizeof longer);
    assert_ok(doc_display(cx, &out, work, TW_STR("s"), TW_STR("c"), (tw_str){ longer, sizeof longer }, NULL, &p));
    assert_int_equal(sizeof longer, out.n);
    end();
}

/* ---------------------------------------------------------------- attachments */

static tw_str attached(const char *type, const char *data)
{
    tw_str base64 = tw_base64(cx->arena, tw_bytes_of(tw_str_of(data)));
    tw_str out = deid(tw_strf(cx->arena,
                              "{\"resourceType\":\"DiagnosticReport\",\"status\":\"final\",\"code\":{\"coding\":[]},"
                              "\"presentedForm\":[{\"contentType\":\"%s\",\"data\":\"" TW_FMT
                              "\",\"title\":\"Lee\",\"url\":\"http://Lee\"}]}",
                              type, TW_ARG(base64))
                          .p);
    has_not(out, "Lee");
    return out;
}

static tw_str plain(const char *text)
{
    return tw_strf(cx->arena, "\"presentedForm\":[{\"contentType\":\"text/plain\",\"data\":\"" TW_FMT "\"}]",
                   TW_ARG(tw_base64(cx->arena, tw_bytes_of(tw_str_of(text)))));
}

TEST(text__attachments_become_plain_text)
{
    begin(true);
    has(attached("text/plain; charset=utf-8", "seen by Dr. Lee"), plain("seen by Dr. [NAME]").p);
    tw_str out = attached("text/html", "<html><body><p>seen by Dr. Lee</p></body></html>");
    has(out, "\"contentType\":\"text/plain\"");
    has_not(attached("application/pdf", "%PDF-1.4"), "presentedForm");
    has_not(attached("image/png", "seen by Dr. Lee"), "presentedForm");
    has_not(attached("text/plain", "\xff\xfe"), "presentedForm");
    has_not(attached("text/plain", ""), "presentedForm");
    has_not(deid("{\"resourceType\":\"DiagnosticReport\",\"presentedForm\":[{\"contentType\":\"text/plain\",\"data\":"
                 "\"not base64\"},{\"contentType\":\"text/plain\"},{\"contentType\":\"text/plain\",\"data\":7},7]}"),
            "presentedForm");
    size_t cursor = 0;
    tw_doc_row r;
    uint64_t without = 0;
    while (tw_doc_account_next(work, &cursor, &r))
        if (tw_str_is(r.rule, "attachment-without-text")) {
            assert_str("DiagnosticReport.presentedForm", r.path);
            without += r.removed;
        }
    assert_int_equal(7, without);
    end();
}

/* ---------------------------------------------------------------- the gate */

static bool normal; /* a steward's word */

static tw_str record(const char *json, tw_doc_work *text, tw_people *people)
{
    tw_json d;
    tw_deid *out = NULL;
    assert_ok(tw_json_parse(cx, &d, tw_str_of(json), NULL));
    tw_phi_parts parts = { .doc = &d, .patient = TW_STR("p1") };
    tw_gate_opts o = { .profile = rules, .id_key = key, .shift_weeks = -3, .handle = { 0xab } };
    o.reference_day = opts.reference_day;
    o.text = text;
    o.text_normal = normal;
    o.people = people;
    assert_ok(tw_deid_gate(cx, &out, NULL, NULL, tw_phi_make(cx, &parts), &o));
    return tw_str_of_bytes(tw_deid_line(out));
}

static const char noted[] = OBS CODING("the pain") ",\"valueString\":\"zebedee: seen by Dr. Lee\"}";

TEST(text__enters_a_record_in_strict_mode_alone_unless_a_steward_says_otherwise)
{
    begin(true);
    tw_buf facts;
    tw_json who;
    tw_people *people = tw_people_new();
    tw_buf_init(&facts, TW_MIB);
    assert_ok(tw_json_parse(
        cx, &who, TW_STR("{\"resourceType\":\"Patient\",\"name\":[{\"given\":[\"Zebedee\"]}]}"), NULL));
    assert_ok(tw_people_facts(cx, &facts, &who, 0));
    assert_true(facts.n > 0);
    tw_people_set(people, NULL, tw_buf_view(&facts));
    tw_str line = record(noted, work, people);
    has(line, "\"valueString\":\"[NAME]: seen by Dr. [NAME]\"");
    has(line, "\"display\":\"the pain\"");
    has(line, "{\"system\":\"urn:twinward:text\",\"code\":\"strict\"}]}");
    has(record(noted, work, NULL), "zebedee");
    has_not(record(noted, NULL, people), "seen");
    has_not(record(noted, NULL, people), "urn:twinward:text");
    opts.text_strict = false;
    has_not(record(noted, work, people), "seen");
    has_not(record(noted, work, people), "urn:twinward:text");
    normal = true;
    has(record(noted, work, people), "[NAME]: seen by");
    has(record(noted, work, people), "{\"system\":\"urn:twinward:text\",\"code\":\"normal\"}]}");
    normal = false;
    tw_doc_opts none = opts;
    none.text = NULL;
    tw_doc_work *w = NULL;
    assert_ok(tw_doc_work_new(cx, &w, &none));
    has_not(record(noted, w, people), "seen");
    tw_doc_work_free(w);
    tw_people_free(people);
    tw_buf_done(&facts);
    end();
}

TEST(text__of_a_record_is_searched_for_the_persons_of_its_document_and_for_no_others)
{
    static const char *const who[] = {
        "{\"resourceType\":\"Patient\",\"name\":[{\"given\":[\"Zebedee\"]}]}",
        ("{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"resourceType\":\"RelatedPerson\","
         "\"name\":[{\"text\":\"zebedee\"}]}}]}"),
        "{\"resourceType\":\"Encounter\",\"participant\":[{\"individual\":{\"display\":\"Zebedee\"}}]}",
        "{\"resourceType\":\"Observation\",\"performer\":[{\"reference\":\"Practitioner/1\",\"display\":\"Zebedee\"}]}",
    };
    static const char other[] = "{\"resourceType\":\"Patient\",\"name\":[{\"given\":[\"Ermintrude\"]}]}";
    begin(true);
    tw_people *people = tw_people_new();
    for (size_t i = 0; i < TW_COUNT(who); i++) {
        tw_json d, stranger;
        assert_ok(tw_json_parse(cx, &d, tw_str_of(who[i]), NULL));
        assert_ok(tw_json_parse(cx, &stranger, tw_str_of(other), NULL));
        tw_people_set(people, &d, (tw_bytes){ NULL, 0 });
        has_not(record(noted, work, people), "zebedee");
        tw_people_set(people, &stranger, (tw_bytes){ NULL, 0 }); /* nothing of the one before is left */
        has(record(noted, work, people), "zebedee");
    }
    tw_people_free(people);
    end();
}

TEST(text__of_a_record_has_record_numbers_under_its_patients_own_key)
{
    static const char json[] =
        "{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"coding\":[]},\"identifier\":[{\"value\":"
        "\"MR-778899\"}],\"valueString\":\"the number MR-778899\"}";
    tw_json d;
    char id[TW_ID_HEX + 1];
    begin(false);
    tw_people *people = tw_people_new();
    assert_ok(tw_json_parse(cx, &d, tw_str_of(json), NULL));
    tw_people_set(people, &d, (tw_bytes){ NULL, 0 });
    tw_str line = record(json, work, people);
    doc_ident_with(id, key, TW_STR("MR778899"));
    has(line, tw_strf(cx->arena, "\"valueString\":\"the number %s\"", id).p);
    tw_people_free(people);
    end();
}
