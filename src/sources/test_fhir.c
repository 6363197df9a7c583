#include "test.h"

#include "sources/sources.h"

#define SEEN_MAX 64

typedef struct {
    tw_str type, patient, id, version, self_id, self_ref;
} seen_record;

typedef struct {
    seen_record record[SEEN_MAX];
    size_t records;
    tw_dead_letter letter[SEEN_MAX];
    size_t letters;
    tw_status answer; /* what the sink says */
} sink_state;

static sink_state got;
static tw_sources *reader;

static tw_str copy(tw_str s)
{
    return tw_str_dup(cx->arena, s);
}

static tw_status on_record(void *self, tw_ctx *c, const tw_phi *phi)
{
    sink_state *g = self;
    const tw_phi_parts *p = tw_phi_view(phi);
    assert_true(g->records < SEEN_MAX);
    tw_sources_self known = tw_sources_self_view(reader);
    g->record[g->records++] = (seen_record){ copy(p->type),    copy(p->patient),        copy(p->business_id),
                                             copy(p->version), copy(known.resource_id), copy(known.reference) };
    return g->answer == TW_OK ? TW_OK : tw_fail(c, g->answer, "the sink says so");
}

static tw_status on_dead(void *self, TW_UNUSED tw_ctx *c, const tw_dead_letter *l)
{
    sink_state *g = self;
    assert_true(g->letters < SEEN_MAX);
    tw_dead_letter *to = &g->letter[g->letters++];
    *to = *l;
    to->label = copy(l->label);
    to->path = copy(l->path);
    to->detail = copy(l->detail);
    return TW_OK;
}

static void start(const tw_sources_opts *opts)
{
    got = (sink_state){ .answer = TW_OK };
    const tw_sources_sink sink = { on_record, on_dead, &got };
    assert_ok(tw_sources_new(cx, &reader, opts, &sink));
}

/* Every test ends here: what came in has gone somewhere. */
static void finish(void)
{
    const tw_sources_tally *t = tw_sources_tally_view(reader);
    assert_int_equal(t->all.read, t->all.accepted + t->all.refused + t->all.dead);
    uint64_t reasons = 0;
    for (size_t i = 0; i < TW_DEAD_COUNT; i++)
        reasons += t->dead[i];
    assert_int_equal(t->all.dead, reasons);
    for (size_t i = 0; i < t->type_count; i++) {
        const tw_sources_count *c = &t->type[i].count;
        assert_int_equal(c->read, c->accepted + c->refused + c->dead);
    }
    tw_sources_free(reader);
    reader = NULL;
}

static void read_text(const char *text, tw_sources_form form)
{
    assert_ok(tw_sources_read(cx, reader, TW_STR("file 1"), tw_str_of(text), form));
}

#define MR "\"type\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/v2-0203\",\"code\":\"MR\"}]}"
#define PATIENT(id, mrn)                                                                                               \
    "{\"resourceType\":\"Patient\",\"id\":\"" id "\",\"identifier\":[{\"system\":\"urn:ssn\",\"value\":\"S-" mrn       \
    "\"},"                                                                                                             \
    "{" MR ",\"system\":\"urn:mrn\",\"value\":\"" mrn "\"}]}"
#define OBS(id, ref) "{\"resourceType\":\"Observation\",\"id\":\"" id "\",\"subject\":{\"reference\":\"" ref "\"}}"
#define BUNDLE(entries) "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[" entries "]}"
#define ENTRY(url, resource) "{\"fullUrl\":\"" url "\",\"resource\":" resource "}"

static void assert_record(size_t i, const char *patient, const char *id)
{
    assert_true(i < got.records);
    assert_str(patient, got.record[i].patient);
    assert_str(id, got.record[i].id);
}

static void assert_letter(size_t i, tw_dead_reason reason, const char *path)
{
    assert_true(i < got.letters);
    assert_string_equal(tw_dead_text(reason), tw_dead_text(got.letter[i].reason));
    assert_str(path, got.letter[i].path);
}

/* One Observation beside one Patient (id p1, MR number M-1) with the reference given. */
static void assert_resolves(const char *patient_url, const char *entry_url, const char *reference, const char *number)
{
    start(NULL);
    tw_str text = tw_strf(cx->arena,
                          "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":["
                          "{\"fullUrl\":\"%s\",\"resource\":{\"resourceType\":\"Observation\",\"id\":\"o\",\"subject\":"
                          "{\"reference\":\"%s\"}}},{\"fullUrl\":\"%s\",\"resource\":" PATIENT("p1", "M-1") "}]}",
                          entry_url, reference, patient_url);
    read_text(text.p, TW_FORM_DOCUMENT);
    if (number) {
        assert_int_equal(2, got.records);
        assert_record(0, number, "Observation/o");
    } else {
        assert_int_equal(1, got.records);
        assert_int_equal(1, got.letters);
    }
    finish();
}

TEST(reference__is_resolved_in_every_form)
{
    const char *uuid = "urn:uuid:0a0b0c0d-0000-4000-8000-000000000001";
    assert_resolves(uuid, "urn:uuid:x", uuid, "M-1");
    assert_resolves(uuid, "urn:uuid:x", "Patient/p1", "M-1");
    assert_resolves(uuid, "urn:uuid:x", "Patient/p1/_history/7", "M-1");
    assert_resolves("http://h/r4/Patient/p1", "http://h/r4/Observation/o", "Patient/p1", "M-1");
    assert_resolves("http://h/r4/Patient/p1", "http://h/r4/Observation/o", "http://h/r4/Patient/p1", "M-1");
    assert_resolves("http://h/r4/Patient/p1", "http://h/r4/Observation/o", "http://h/r4/Patient/p1/_history/2", "M-1");
    assert_resolves(uuid, "urn:uuid:x", "Patient?identifier=urn:mrn|M-1", "M-1");
    assert_resolves(uuid, "urn:uuid:x", "Patient?identifier=urn%3Amrn%7CM-1", "M-1");
    assert_resolves(uuid, "urn:uuid:x", "Patient?identifier=urn:ssn|S-M-1", "M-1");
}

TEST(reference__that_leads_nowhere_or_to_another_server_is_a_dead_letter)
{
    assert_resolves("http://h/r4/Patient/p1", "http://h/r4/Observation/o", "http://other/r4/Patient/p1", NULL);
    assert_resolves("urn:uuid:1", "urn:uuid:x", "urn:uuid:2", NULL);
    assert_resolves("urn:uuid:1", "urn:uuid:x", "Patient/p2", NULL);
    assert_resolves("urn:uuid:1", "urn:uuid:x", "Patient?identifier=urn:unheard|M-1", NULL);
    assert_resolves("urn:uuid:1", "urn:uuid:x", "Patient?name=x", NULL);
    assert_resolves("urn:uuid:1", "urn:uuid:x", "#p1", NULL);
    assert_resolves("urn:uuid:1", "urn:uuid:x", "Patient?identifier=urn:mrn%7", NULL);
    assert_resolves("urn:uuid:1", "urn:uuid:x", "no reference", NULL);
    assert_resolves("urn:uuid:1", "urn:uuid:x", "", NULL);
}

TEST(reference__conditional_on_an_unmet_number_is_believed_under_our_own_system)
{
    start(NULL);
    read_text(PATIENT("p1", "M-1"), TW_FORM_DOCUMENT);
    read_text(OBS("a", "Patient?identifier=urn:mrn|M-77"), TW_FORM_DOCUMENT);
    assert_record(1, "M-77", "Observation/a");
    read_text(OBS("b", "Patient?identifier=urn:ssn|M-77"), TW_FORM_DOCUMENT);
    assert_int_equal(2, got.records);
    assert_letter(0, TW_DEAD_UNKNOWN, "");
    finish();
}

TEST(reference__logical_and_contained_are_resolved)
{
    start(NULL);
    read_text(PATIENT("p1", "M-1"), TW_FORM_DOCUMENT);
    read_text("{\"resourceType\":\"Condition\",\"id\":\"c\",\"subject\":{\"identifier\":{\"system\":\"urn:mrn\","
              "\"value\":\"M-1\"}}}",
              TW_FORM_DOCUMENT);
    read_text("{\"resourceType\":\"Condition\",\"id\":\"d\",\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"x\","
              "\"identifier\":["
              "{" MR ",\"value\":\"M-9\"}]}],\"subject\":{\"reference\":\"#x\"}}",
              TW_FORM_DOCUMENT);
    read_text("{\"resourceType\":\"Condition\",\"id\":\"e\",\"contained\":[{\"resourceType\":\"Group\",\"id\":\"x\"}],"
              "\"subject\":{\"reference\":\"#x\"}}",
              TW_FORM_DOCUMENT);
    assert_record(1, "M-1", "Condition/c");
    assert_record(2, "M-9", "Condition/d");
    assert_letter(0, TW_DEAD_NOT_PATIENT, "");
    finish();
}

TEST(reference__to_a_patient_of_another_file_is_found_after_learning)
{
    start(NULL);
    const char *lines = OBS("o", "Patient/p1") "\n\n" PATIENT("p1", "M-1") "\r\n";
    read_text(OBS("o", "Patient/p1"), TW_FORM_NDJSON);
    assert_letter(0, TW_DEAD_UNKNOWN, "");
    assert_ok(tw_sources_learn(cx, reader, tw_str_of(lines), TW_FORM_NDJSON));
    assert_int_equal(1, tw_sources_tally_view(reader)->all.read);
    read_text(lines, TW_FORM_NDJSON);
    assert_int_equal(2, got.records);
    assert_record(0, "M-1", "Observation/o");
    finish();
}

/* What a gate has to know to tell its own patient. */
TEST(self__is_told_for_every_form_of_reference)
{
    start(NULL);
    read_text(PATIENT("p1", "M-1"), TW_FORM_DOCUMENT);
    read_text(OBS("a", "Patient/p1"), TW_FORM_DOCUMENT);
    read_text(OBS("b", "Patient?identifier=urn:mrn|M-1"), TW_FORM_DOCUMENT);
    read_text(OBS("c", "Patient?identifier=urn:mrn|M-2"), TW_FORM_DOCUMENT);
    read_text(BUNDLE(ENTRY("urn:uuid:9", PATIENT("p3", "M-3")) "," ENTRY("urn:uuid:8", OBS("d", "urn:uuid:9"))),
              TW_FORM_DOCUMENT);
    static const char *const want[][2] = {
        { "p1", "" },
        { "p1", "Patient/p1" },
        { "p1", "Patient?identifier=urn:mrn|M-1" },
        { "", "Patient?identifier=urn:mrn|M-2" },
        { "p3", "" },
        { "p3", "urn:uuid:9" },
    };
    assert_int_equal(TW_COUNT(want), got.records);
    for (size_t i = 0; i < TW_COUNT(want); i++) {
        assert_str(want[i][0], got.record[i].self_id);
        assert_str(want[i][1], got.record[i].self_ref);
    }
    finish();
}

TEST(number__prefers_the_configured_system_then_mr_then_the_id)
{
    const char *two =
        "{\"resourceType\":\"Patient\",\"id\":\"p\",\"identifier\":[{\"use\":\"old\"," MR ",\"value\":\"OLD\"},"
        "{" MR ",\"system\":\"urn:a\",\"value\":\"A\"},{\"system\":\"urn:b\",\"value\":\" B \"}]}";
    start(NULL);
    read_text(two, TW_FORM_DOCUMENT);
    assert_record(0, "A", "Patient/p");
    finish();
    start(&(tw_sources_opts){ .mrn_system = TW_STR("urn:b") });
    read_text(two, TW_FORM_DOCUMENT);
    read_text("{\"resourceType\":\"Patient\",\"id\":\"q\",\"identifier\":[{\"system\":\"urn:z\",\"value\":\"1\"}]}",
              TW_FORM_DOCUMENT);
    read_text("{\"resourceType\":\"Patient\"}", TW_FORM_DOCUMENT);
    assert_record(0, "B", "Patient/p");
    assert_record(1, "q", "Patient/q");
    assert_letter(0, TW_DEAD_NO_NUMBER, "");
    finish();
}

TEST(name__borne_by_two_patients_leads_to_neither)
{
    start(NULL);
    read_text(BUNDLE(ENTRY("urn:uuid:1", PATIENT("p1", "M-1")) "," ENTRY("urn:uuid:1", PATIENT("p2", "M-2")) "," ENTRY(
                  "urn:uuid:3", OBS("o", "urn:uuid:1")) "," ENTRY("urn:uuid:4", OBS("q", "Patient/p2"))),
              TW_FORM_DOCUMENT);
    assert_int_equal(3, got.records);
    assert_record(2, "M-2", "Observation/q");
    assert_letter(0, TW_DEAD_AMBIGUOUS, "entry.2.resource");
    finish();
}

TEST(version__is_versionid_then_lastupdated_then_a_hash)
{
    start(NULL);
    read_text("{\"resourceType\":\"Patient\",\"id\":\"a\",\"meta\":{\"versionId\":\"3\",\"lastUpdated\":\"2024-01-"
              "01T00:00:00Z\"}}\n"
              "{\"resourceType\":\"Patient\",\"id\":\"b\",\"meta\":{\"lastUpdated\":\"2024-01-01T00:00:00Z\"}}\n"
              "{\"resourceType\":\"Patient\",\"id\":\"c\"}\n{\"resourceType\":\"Patient\",\"id\":\"c\" }\n",
              TW_FORM_NDJSON);
    assert_str("3", got.record[0].version);
    assert_str("2024-01-01T00:00:00Z", got.record[1].version);
    /* printf '{"resourceType":"Patient","id":"c"}' | sha256sum */
    assert_str("b06db075dbb8cbc9", got.record[2].version);
    assert_int_equal(16, got.record[3].version.n);
    assert_false(tw_str_eq(got.record[2].version, got.record[3].version));
    finish();
}

TEST(record__without_id_is_named_by_fullurl_or_by_its_bytes)
{
    start(NULL);
    read_text(PATIENT("p1", "M-1"), TW_FORM_DOCUMENT);
    const char *bare = "{\"resourceType\":\"Condition\",\"subject\":{\"reference\":\"Patient/p1\"}}";
    read_text(
        tw_strf(cx->arena, BUNDLE("{\"fullUrl\":\"urn:uuid:7\",\"resource\":%s},{\"resource\":%s}"), bare, bare).p,
        TW_FORM_DOCUMENT);
    assert_str("Condition/urn:uuid:7", got.record[1].id);
    assert_true(tw_str_starts(got.record[2].id, "Condition/sha256:"));
    assert_int_equal(17 + 64, got.record[2].id.n);
    finish();
    start(&(tw_sources_opts){ .base_url = TW_STR("http://h/r4") });
    read_text(BUNDLE(ENTRY("http://h/r4/Patient/p1", PATIENT("p1", "M-1")) "," ENTRY("http://other/r4/Patient/p1",
                                                                                     PATIENT("p1", "M-2"))),
              TW_FORM_DOCUMENT);
    assert_record(0, "M-1", "Patient/p1");
    assert_record(1, "M-2", "Patient/http://other/r4/Patient/p1");
    finish();
}

TEST(type__of_no_patient_is_refused_and_counted)
{
    start(NULL);
    read_text("{\"resourceType\":\"Organization\",\"id\":\"1\"}\n{\"resourceType\":\"Practitioner\"}\n{"
              "\"resourceType\":\"Device\"}\n"
              "{\"resourceType\":\"Provenance\",\"target\":[{\"reference\":\"Organization/1\"}]}\n"
              "{\"resourceType\":\"Observation\"}\n{\"resourceType\":\"Observation\",\"subject\":{\"reference\":"
              "\"Location/1\"}}\n",
              TW_FORM_NDJSON);
    assert_int_equal(0, got.records);
    assert_int_equal(4, tw_sources_tally_view(reader)->all.refused);
    assert_letter(0, TW_DEAD_NO_PATIENT, "");
    assert_letter(1, TW_DEAD_NOT_PATIENT, "");
    assert_int_equal(5, got.letter[0].line);
    finish();
}

TEST(record__of_two_patients_is_a_dead_letter)
{
    start(NULL);
    read_text(BUNDLE(ENTRY("urn:uuid:1", PATIENT("p1", "M-1")) "," ENTRY("urn:uuid:2", PATIENT("p2", "M-2")) "," ENTRY(
                  "urn:uuid:3",
                  OBS("o", "Patient/p1")) ",{\"resource\":{\"resourceType\":\"Provenance\",\"id\":\"one\",\"target\":["
                                          "{\"reference\":\"urn:uuid:1\"},{\"reference\":\"urn:uuid:3\"}]}},"
                                          "{\"resource\":{\"resourceType\":\"Provenance\",\"id\":\"both\",\"target\":["
                                          "{\"reference\":\"urn:uuid:3\"},{\"reference\":\"urn:uuid:2\"}]}}"),
              TW_FORM_DOCUMENT);
    assert_record(3, "M-1", "Provenance/one");
    assert_int_equal(4, got.records);
    assert_letter(0, TW_DEAD_SEVERAL, "entry.4.resource");
    finish();
}

/* Many to many: looked up once each, or this would not end. */
TEST(references__of_many_to_many_cost_no_product)
{
    tw_buf b;
    tw_buf_init(&b, 64 * TW_MIB);
    tw_buf_cstr(&b,
                "{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[{\"resource\":" PATIENT("p1", "M-1") "}");
    for (int i = 0; i < 30; i++) {
        tw_buf_fmt(&b, ",{\"resource\":{\"resourceType\":\"Provenance\",\"id\":\"v%d\",\"target\":[", i);
        for (int k = 0; k < 3000; k++)
            tw_buf_fmt(&b, "%s{\"reference\":\"Provenance/v%d\"}", k ? "," : "", (i + k) % 30);
        tw_buf_cstr(&b, "]}}");
    }
    tw_buf_cstr(&b, "]}");
    start(NULL);
    assert_ok(tw_sources_read(cx, reader, TW_STR("f"), tw_str_of_bytes(tw_buf_view(&b)), TW_FORM_DOCUMENT));
    assert_int_equal(1, got.records);
    assert_int_equal(30, tw_sources_tally_view(reader)->all.refused);
    finish();
    tw_buf_done(&b);
}

TEST(sink__decides_between_accepted_refused_and_dead)
{
    start(NULL);
    read_text(PATIENT("p1", "M-1"), TW_FORM_DOCUMENT);
    got.answer = TW_EREFUSED;
    read_text(PATIENT("p1", "M-1"), TW_FORM_DOCUMENT);
    got.answer = TW_EPARSE;
    read_text(PATIENT("p1", "M-1"), TW_FORM_DOCUMENT);
    const tw_sources_tally *t = tw_sources_tally_view(reader);
    assert_int_equal(1, t->all.accepted);
    assert_int_equal(1, t->all.refused);
    assert_int_equal(1, t->all.dead);
    assert_letter(0, TW_DEAD_SINK, "");
    assert_str("the sink says so", got.letter[0].detail);
    got.answer = TW_EIO;
    assert_status(TW_EIO, tw_sources_read(cx, reader, TW_STR("f"), tw_str_of(PATIENT("p1", "M-1")), TW_FORM_DOCUMENT));
    tw_sources_free(reader);
}

/* Each of these is one read and one dead letter of the reason given. */
static const struct {
    const char *text;
    tw_dead_reason reason;
} hostile[] = {
    { "", TW_DEAD_JSON },
    { "{", TW_DEAD_JSON },
    { "{\"resourceType\":\"Patient\",\"id\":\"1\",\"id\":\"2\"}", TW_DEAD_JSON },
    { "{\"resourceType\":\"Patient\",\"id\":\"\xff\"}", TW_DEAD_JSON },
    { "{\"resourceType\":\"Patient\",\"id\":\"\\ud800\"}", TW_DEAD_JSON },
    { "{\"resourceType\":\"Patient\",\"id\":\"1\"}{}", TW_DEAD_JSON },
    { "null", TW_DEAD_SHAPE },
    { "[]", TW_DEAD_SHAPE },
    { "\"Patient\"", TW_DEAD_SHAPE },
    { "{}", TW_DEAD_SHAPE },
    { "{\"resourceType\":7}", TW_DEAD_SHAPE },
    { "{\"resourceType\":[\"Patient\"]}", TW_DEAD_SHAPE },
    { "{\"resourceType\":\"Pacient\"}", TW_DEAD_TYPE },
    { "{\"resourceType\":\"\"}", TW_DEAD_TYPE },
    { "{\"resourceType\":\"Patient\",\"id\":7}", TW_DEAD_ID },
    { "{\"resourceType\":\"Patient\",\"id\":\"a\\u0000b\"}", TW_DEAD_ID },
    { "{\"resourceType\":\"Patient\",\"identifier\":7}", TW_DEAD_NO_NUMBER },
    { "{\"resourceType\":\"Patient\",\"identifier\":[7,[],{}]}", TW_DEAD_NO_NUMBER },
    { "{\"resourceType\":\"Bundle\"}", TW_DEAD_BUNDLE },
    { "{\"resourceType\":\"Bundle\",\"type\":\"sack\",\"entry\":[]}", TW_DEAD_BUNDLE },
    { "{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":{}}", TW_DEAD_BUNDLE },
    { BUNDLE("7"), TW_DEAD_ENTRY },
    { BUNDLE("{}"), TW_DEAD_ENTRY },
    { BUNDLE("{\"resource\":null}"), TW_DEAD_SHAPE },
    { BUNDLE("{\"resource\":{\"resourceType\":\"Bundle\"}}"), TW_DEAD_BUNDLE },
    { "{\"resourceType\":\"Claim\",\"patient\":7}", TW_DEAD_REFERENCE },
    { "{\"resourceType\":\"Claim\",\"patient\":[]}", TW_DEAD_NO_PATIENT },
    { "{\"resourceType\":\"Claim\",\"patient\":{\"display\":\"x\"}}", TW_DEAD_NO_PATIENT },
    { "{\"resourceType\":\"Claim\",\"patient\":{\"reference\":7}}", TW_DEAD_REFERENCE },
    { "{\"resourceType\":\"Claim\",\"patient\":{\"reference\":\"/\"}}", TW_DEAD_REFERENCE },
    { "{\"resourceType\":\"Claim\",\"patient\":{\"reference\":\"a/b/c\"}}", TW_DEAD_REFERENCE },
    { "{\"resourceType\":\"Claim\",\"patient\":{\"reference\":\"Patient/\"}}", TW_DEAD_REFERENCE },
    { "{\"resourceType\":\"Claim\",\"patient\":{\"reference\":\"Sack/1\"}}", TW_DEAD_REFERENCE },
    { "{\"resourceType\":\"Claim\",\"patient\":{\"reference\":\"Sack?identifier=a|b\"}}", TW_DEAD_REFERENCE },
    { "{\"resourceType\":\"Claim\",\"patient\":{\"reference\":\"#\"}}", TW_DEAD_UNKNOWN },
};

TEST(hostile_text__is_one_dead_letter_each)
{
    for (size_t i = 0; i < TW_COUNT(hostile); i++) {
        start(NULL);
        read_text(hostile[i].text, TW_FORM_DOCUMENT);
        if (got.letters != 1 || got.letter[0].reason != hostile[i].reason)
            fail_msg("case %zu: %zu letters, %s", i, got.letters,
                     got.letters ? tw_dead_text(got.letter[0].reason) : "none");
        assert_int_equal(0, got.records);
        assert_int_equal(1, tw_sources_tally_view(reader)->all.read);
        finish();
    }
}

TEST(hostile_nesting__is_refused_without_recursion)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    tw_buf_cstr(&b, "{\"resourceType\":\"Patient\",\"extension\":");
    for (int i = 0; i < 100000; i++)
        tw_buf_u8(&b, '[');
    tw_buf_u8(&b, 0);
    start(NULL);
    read_text((const char *)b.p, TW_FORM_DOCUMENT);
    assert_letter(0, TW_DEAD_LIMIT, "");
    finish();
    tw_buf_done(&b);
}

TEST(bundle__that_is_empty_or_starts_with_a_mark_is_fine)
{
    start(NULL);
    read_text("{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"total\":0}", TW_FORM_DOCUMENT);
    read_text("\xEF\xBB\xBF" PATIENT("p1", "M-1"), TW_FORM_DOCUMENT);
    read_text("\xEF\xBB\xBF" PATIENT("p2", "M-2") "\n" BUNDLE(ENTRY("urn:uuid:1", PATIENT("p3", "M-3"))),
              TW_FORM_NDJSON);
    assert_int_equal(3, got.records);
    assert_int_equal(0, got.letters);
    finish();
}

TEST(dead_letter__tells_the_line_where_the_resource_begins)
{
    start(NULL);
    read_text(
        "{\"resourceType\":\"Bundle\",\n\"type\":\"batch\",\n\"entry\":[\n{\"resource\":{}},\n\n{\"resource\":\n{}}]}",
        TW_FORM_DOCUMENT);
    assert_letter(0, TW_DEAD_SHAPE, "entry.0.resource");
    assert_letter(1, TW_DEAD_SHAPE, "entry.1.resource");
    assert_int_equal(4, got.letter[0].line);
    assert_int_equal(7, got.letter[1].line);
    assert_str("file 1", got.letter[0].label);
    finish();
}

TEST(limits__give_dead_letters_not_errors)
{
    start(&(tw_sources_opts){ .document_bytes_max = 40, .line_bytes_max = 60 });
    read_text(PATIENT("p1", "M-1"), TW_FORM_DOCUMENT);
    read_text(PATIENT("p1", "M-1") "\n{\"resourceType\":\"Patient\",\"id\":\"1\"}\n", TW_FORM_NDJSON);
    assert_letter(0, TW_DEAD_LIMIT, "");
    assert_letter(1, TW_DEAD_LIMIT, "");
    assert_record(0, "1", "Patient/1");
    finish();
    start(&(tw_sources_opts){ .patients_max = 3 });
    assert_status(TW_ELIMIT,
                  tw_sources_read(cx, reader, TW_STR("f"), tw_str_of(PATIENT("p1", "M-1") "\n" PATIENT("p2", "M-2")),
                                  TW_FORM_NDJSON));
    tw_sources_free(reader);
}

/* A mutated Bundle must never break the count, whatever it turns into. */
TEST(random_damage__keeps_the_count)
{
    static const char text[] = BUNDLE(ENTRY("urn:uuid:1", PATIENT("p1", "M-1")) "," ENTRY(
        "http://h/Observation/o", OBS("o", "Patient/p1")) ","
                                                          "{\"resource\":{\"resourceType\":\"Provenance\",\"target\":[{"
                                                          "\"reference\":\"urn:uuid:1\"}]}}");
    for (int round = 0; round < 3000; round++) {
        char *damaged = tw_cstr(cx->arena, TW_STR(text));
        for (uint64_t n = 1 + tw_test_below(4); n > 0; n--)
            damaged[tw_test_below(sizeof text - 1)] = (char)(32 + tw_test_below(96));
        start(NULL);
        read_text(damaged, tw_test_below(2) ? TW_FORM_DOCUMENT : TW_FORM_NDJSON);
        finish();
    }
}
