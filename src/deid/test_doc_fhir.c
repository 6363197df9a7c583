/* Whole FHIR documents: every record keeps an id of its own, every reference its target. */
#include "test.h"

#include "deid/doc_pass.h"

#define LOINC "{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"2857-1\"}]}"
#define U1 "7894d4f6-f716-a720-28f5-6dcb5ee78af1"
#define U2 "679850d9-258b-32e4-3704-5b05b63afe2a"

static const uint8_t key[32] = { 7 };
static tw_profile *rules;
static tw_doc_work *work;
static tw_doc_opts opts;

static void begin_with(tw_profile *p)
{
    rules = p;
    opts = (tw_doc_opts){ .profile = rules, .key = key, .reference_day = tw_days_from_civil(2026, 1, 1) };
    assert_ok(tw_doc_work_new(cx, &work, &opts));
}

static void begin(const char *profile)
{
    tw_profile *p = NULL;
    assert_ok(tw_profile_builtin(cx, &p, tw_str_of(profile)));
    begin_with(p);
}

static void begin_rules(const char *text)
{
    tw_profile *p = NULL;
    assert_ok(tw_profile_parse(cx, &p, tw_str_of(text)));
    begin_with(p);
}

static void end(void)
{
    tw_doc_work_free(work);
    tw_profile_free(rules);
    work = NULL;
}

static tw_str deid(const char *json)
{
    tw_buf out;
    tw_json back;
    tw_buf_init(&out, 4 * TW_MIB);
    tw_buf_cstr(&out, "before ");
    assert_ok(tw_deid_fhir(cx, &out, work, tw_str_of(json)));
    assert_memory_equal("before ", out.p, 7);
    tw_str text = tw_str_dup(cx->arena, (tw_str){ (const char *)out.p + 7, out.n - 7 });
    assert_ok(tw_json_parse(cx, &back, text, NULL));
    tw_buf_done(&out);
    return text;
}

static const char *id_of(const char *type, const char *id)
{
    char *out = tw_arena_get(cx->arena, TW_ID_HEX + 1);
    doc_id(out, work, tw_str_of(type), tw_str_of(id));
    return out;
}

static const char *ident_of(const char *value)
{
    char *out = tw_arena_get(cx->arena, TW_ID_HEX + 1);
    doc_ident(out, work, tw_str_of(value));
    return out;
}

static const char *uuid_of(const char *type, const char *id)
{
    const char *h = id_of(type, id);
    return tw_strf(cx->arena, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", h, h + 8, h + 12, h + 16, h + 20).p;
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

#define META                                                                                                           \
    "\"meta\":{\"security\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ObservationValue\",\"code\":"

TEST(fhir__a_resource_comes_out_as_one)
{
    begin("twin");
    tw_str out = deid("{\"resourceType\":\"Observation\",\"id\":\"o1\",\"status\":\"final\",\"code\":" LOINC
                      ",\"subject\":{\"reference\":\"Patient/p1\",\"display\":\"Ada\"},\"valueQuantity\":{\"value\":"
                      "1.50,\"unit\":\"ng/mL\"}}");
    const char *want = tw_strf(cx->arena,
                               "{\"resourceType\":\"Observation\",\"id\":\"%s\"," META
                               "\"PSEUDED\"}]},\"status\":\"final\",\"code\":" LOINC
                               ",\"subject\":{\"reference\":\"Patient/%s\"},\"valueQuantity\":{\"value\":1.50,\"unit\":"
                               "\"ng/mL\"}}",
                               id_of("Observation", "o1"), id_of("Patient", "p1"))
                           .p;
    assert_str(want, out);
    end();
    begin("hipaa-safe-harbor");
    has(deid("{\"resourceType\":\"Patient\",\"id\":\"p1\",\"meta\":{\"versionId\":\"3\"}}"), META "\"REDACTED\"}]}");
    end();
}

TEST(fhir__people_and_places_lose_their_names_and_keep_their_codes)
{
    begin("twin");
    tw_str out = deid("{\"resourceType\":\"Organization\",\"id\":\"h\",\"active\":true,\"name\":\"General\",\"alias\":["
                      "\"GH\"],\"type\":[{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/"
                      "organization-type\",\"code\":\"prov\",\"display\":\"Healthcare Provider\"}]}]}");
    has(out, "\"active\":true,\"type\":[{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/"
             "organization-type\",\"code\":\"prov\"}]}]");
    has_not(out, "G");
    out = deid("{\"resourceType\":\"Practitioner\",\"id\":\"d\",\"name\":[{\"family\":\"Lee\"}],\"gender\":\"female\","
               "\"identifier\":[{\"system\":\"http://hl7.org/fhir/sid/us-npi\",\"value\":\"9999\"}]}");
    has(out, "\"gender\":\"female\"");
    has(out,
        tw_strf(cx->arena, "\"identifier\":[{\"system\":\"urn:twinward:id\",\"value\":\"%s\"}]", ident_of("9999")).p);
    has_not(out, "Lee");
    end();
}

static void reference_is(const char *want, const char *reference)
{
    tw_str json = tw_strf(
        cx->arena, "{\"resourceType\":\"Procedure\",\"id\":\"x\",\"status\":\"completed\",\"asserter\":%s}", reference);
    tw_str out = deid(json.p);
    tw_str part = tw_strf(cx->arena, "\"asserter\":%s}", want);
    if (*want)
        has(out, part.p);
    else
        has_not(out, "asserter");
}

TEST(fhir__every_form_of_a_reference_keeps_its_target)
{
    begin("twin");
    const char *d = tw_strf(cx->arena, "{\"reference\":\"Practitioner/%s\"}", id_of("Practitioner", "d")).p;
    reference_is(d, "{\"reference\":\"Practitioner/d\"}");
    reference_is(d, "{\"reference\":\"http://host.example/fhir/Practitioner/d\",\"display\":\"Dr. Lee\"}");
    reference_is(d, "{\"reference\":\"Practitioner/d/_history/2\"}");
    reference_is(tw_strf(cx->arena, "{\"reference\":\"%s\"}", uuid_of("", U1)).p,
                 "{\"reference\":\"urn:uuid:" U1 "\"}");
    const char *typed =
        tw_strf(cx->arena, "{\"reference\":\"Practitioner/%s\",\"type\":\"Practitioner\"}", id_of("Practitioner", "d"))
            .p;
    reference_is(typed, "{\"reference\":\"Practitioner/d\",\"type\":\"Practitioner\"}");
    reference_is(d, "{\"reference\":\"Practitioner/d\",\"type\":\"Leak\"}");
    char uid[DOC_UID_TEXT];
    doc_uid(uid, work->id_key, TW_STR("1.2.3"));
    reference_is(tw_strf(cx->arena, "{\"reference\":\"urn:oid:%s\"}", uid).p, "{\"reference\":\"urn:oid:1.2.3\"}");
    const char *search =
        tw_strf(cx->arena, "{\"reference\":\"Practitioner?identifier=urn:twinward:id|%s\"}", ident_of("9999")).p;
    reference_is(search, "{\"reference\":\"Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|9999\"}");
    reference_is(search, "{\"reference\":\"http://host/Practitioner?identifier=9999\"}");
    const char *identified =
        tw_strf(cx->arena, "{\"identifier\":{\"system\":\"urn:twinward:id\",\"value\":\"%s\"}}", ident_of("9999")).p;
    reference_is(identified, "{\"identifier\":{\"system\":\"http://hl7.org/fhir/sid/us-npi\",\"value\":\"9999\"}}");
    end();
}

TEST(fhir__what_is_no_reference_goes)
{
    begin("twin");
    static const char *const gone[] = {
        "{\"reference\":\"Practitioner?name=Lee\"}",
        "{\"reference\":\"Practitioner?identifier=\"}",
        "{\"reference\":\"Practitioner?identifier=a&name=Lee\"}",
        "{\"reference\":\"Leak?identifier=a\"}",
        "{\"reference\":\"Leak/1\"}",
        "{\"reference\":\"Practitioner/\"}",
        "{\"reference\":\"Leak\"}",
        "{\"reference\":\"urn:uuid:\"}",
        "{\"reference\":\"\"}",
        "{\"identifier\":{\"system\":\"Leak\"}}",
        "{\"display\":\"Leak\",\"type\":\"Practitioner\"}",
        ("{\"reference\":\"Practitioner/"
         "1234567890123456789012345678901234567890123456789012345678901234567890\"}"),
        "{\"referenc\\u0065\":\"Practitioner/d\"}",
        "\"Practitioner/d\"",
    };
    for (size_t i = 0; i < TW_COUNT(gone); i++)
        reference_is("", gone[i]);
    end();
    begin("hipaa-safe-harbor"); /* which keeps no identifiers */
    reference_is("", "{\"reference\":\"Practitioner?identifier=a\"}");
    reference_is("", "{\"identifier\":{\"value\":\"a\"}}");
    end();
}

TEST(fhir__contained_resources_and_fragments_stay_together)
{
    begin("twin");
    tw_str out = deid("{\"resourceType\":\"Procedure\",\"id\":\"x\",\"status\":\"completed\",\"contained\":[{"
                      "\"resourceType\":\"Practitioner\",\"id\":\"dr\",\"name\":[{\"family\":\"Lee\"}],\"gender\":"
                      "\"male\"},{\"resourceType\":\"Leak\",\"id\":\"Leak\"}],\"asserter\":{\"reference\":\"#dr\"},"
                      "\"recorder\":{\"reference\":\"#\"}}");
    const char *inner = id_of("Procedure", "x#dr");
    has(out, tw_strf(cx->arena,
                     "\"contained\":[{\"resourceType\":\"Practitioner\",\"id\":\"%s\",\"gender\":\"male\"}],"
                     "\"asserter\":{\"reference\":\"#%s\"},\"recorder\":{\"reference\":\"#\"}",
                     inner, inner)
                 .p);
    has_not(out, "Le");
    end();
}

TEST(fhir__siblings_keep_listed_extensions)
{
    static const char absent[] = "{\"extension\":[{\"url\":\"http://hl7.org/fhir/StructureDefinition/"
                                 "data-absent-reason\",\"valueCode\":\"unknown\"}]}";
    begin("twin");
#define SIBLING(name, value) "{\"resourceType\":\"Patient\",\"id\":\"p\",\"" name "\":" value "}"
    has(deid(tw_strf(cx->arena, SIBLING("_birthDate", "%s"), absent).p), absent);
    has_not(deid(SIBLING("_birthDate", "{\"id\":\"Leak\"}")), "birthDate");
    has_not(deid(SIBLING("_birthDate", "[null]")), "birthDate");
    has_not(deid(SIBLING("_birthDate", "{\"extension\":[{\"url\":\"http://"
                                       "hl7.org/fhir/StructureDefinition/patient-birthTime\",\"valueDateTime\":\"1957-"
                                       "11-23T11:22:33Z\"}]}")),
            "1957");
    has_not(deid(tw_strf(cx->arena, SIBLING("_name", "%s"), absent).p), "_name"); /* no primitive */
    has_not(deid(tw_strf(cx->arena, SIBLING("_language", "%s"), absent).p), "XX");
    has_not(deid(tw_strf(cx->arena, SIBLING("_implicitRules", "%s"), absent).p), "_implicitRules"); /* removed */
    has_not(deid(tw_strf(cx->arena, SIBLING("_nobody", "%s"), absent).p), "nobody");
    has_not(deid(SIBLING("_", "1")), "\"_\"");
    /* beside a required value that goes, its mask stands alone */
    tw_str out = deid(tw_strf(cx->arena,
                              "{\"resourceType\":\"Observation\",\"id\":\"o\",\"_status\":%s,\"status\":\"Leak\","
                              "\"code\":" LOINC "}",
                              absent)
                          .p);
    has(out, "\"_status\":{\"extension\":[{\"url\":\"http://hl7.org/fhir/StructureDefinition/"
             "data-absent-reason\",\"valueCode\":\"masked\"}]}");
    has_not(out, "unknown");
    out = deid(tw_strf(cx->arena, "{\"resourceType\":\"Observation\",\"_status\":%s,\"code\":" LOINC "}", absent).p);
    has(out, "\"_status\":{\"extension\":[{\"url\":\"http://hl7.org/fhir/StructureDefinition/"
             "data-absent-reason\",\"valueCode\":\"unknown\"}]}");
    end();
}

TEST(fhir__a_version_tells_two_snapshots_apart)
{
    begin("twin");
    has(deid("{\"resourceType\":\"Patient\",\"id\":\"p\",\"meta\":{\"versionId\":\"12\",\"source\":\"#x\"}}"),
        "\"meta\":{\"versionId\":\"12\",\"security\"");
    has_not(deid("{\"resourceType\":\"Patient\",\"id\":\"p\",\"meta\":{\"versionId\":\"1234567\"}}"), "versionId");
    has_not(deid("{\"resourceType\":\"Patient\",\"id\":\"p\",\"meta\":{\"versionId\":\"Leak\"}}"), "versionId");
    end();
}

/* ---------------------------------------------------------------- Bundles */

static tw_str entry_of(tw_str bundle, uint32_t index, const char *member)
{
    tw_json d;
    char path[64];
    assert_ok(tw_json_parse(cx, &d, bundle, NULL));
    snprintf(path, sizeof path, "entry.%u.%s", index, member);
    uint32_t at = tw_json_path(&d, 0, path);
    return at == TW_JSON_NONE ? TW_STR("") : tw_json_text(cx, &d, at);
}

TEST(fhir__a_bundle_keeps_its_links)
{
    begin("twin");
    tw_str out =
        deid("{\"resourceType\":\"Bundle\",\"id\":\"b\",\"type\":\"transaction\",\"link\":[{\"relation\":\"self\","
             "\"url\":\"http://Leak\"}],\"entry\":["
             "{\"fullUrl\":\"urn:uuid:" U1 "\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p1\",\"birthDate\":"
             "\"1970-02-03\"},\"request\":{\"method\":\"POST\",\"url\":\"Patient\",\"ifNoneExist\":\"identifier=http://"
             "h|12\"}},"
             "{\"fullUrl\":\"http://host.example/fhir/Observation/o1\",\"resource\":{\"resourceType\":\"Observation\","
             "\"id\":\"o1\",\"status\":\"final\",\"code\":" LOINC ",\"subject\":{\"reference\":\"urn:uuid:" U1
             "\"},\"effectiveDateTime\":\"2020-03-04\"},\"request\":{\"method\":\"PUT\",\"url\":\"Observation/o1\"},"
             "\"response\":{\"status\":\"201 Created\",\"location\":\"Observation/o1/_history/1\",\"etag\":\"Leak\"}},"
             "{\"fullUrl\":\"urn:uuid:" U2 "\",\"resource\":{\"resourceType\":\"Condition\",\"subject\":{\"reference\":"
             "\"Patient/p1\"}},\"request\":{\"method\":\"PUT\",\"url\":\"Condition?identifier=7\",\"ifNoneExist\":"
             "\"name=Leak\"},\"response\":{\"status\":\"Leak\",\"location\":\"Leak\"}},"
             "{\"fullUrl\":\"urn:oid:1.2.3\",\"search\":{\"mode\":\"match\",\"score\":1}},"
             "{\"fullUrl\":\"http://host.example/Leak/Leak\",\"request\":{\"method\":\"GET\",\"url\":\"Leak\"}}]}");
    const char *p1 = id_of("Patient", "p1"), *o1 = id_of("Observation", "o1");
    has_not(out, "Leak");
    has_not(out, "host.example");
    assert_str(uuid_of("Patient", "p1"), entry_of(out, 0, "fullUrl"));
    assert_str(p1, entry_of(out, 0, "resource.id"));
    assert_str("Patient", entry_of(out, 0, "request.url"));
    assert_str(tw_strf(cx->arena, "identifier=urn:twinward:id|%s", ident_of("12")).p,
               entry_of(out, 0, "request.ifNoneExist"));
    assert_str(tw_strf(cx->arena, "http://deid.invalid/fhir/Observation/%s", o1).p, entry_of(out, 1, "fullUrl"));
    assert_str(uuid_of("Patient", "p1"), entry_of(out, 1, "resource.subject.reference"));
    assert_str(tw_strf(cx->arena, "Observation/%s", o1).p, entry_of(out, 1, "request.url"));
    assert_str("201", entry_of(out, 1, "response.status"));
    assert_str(tw_strf(cx->arena, "Observation/%s", o1).p, entry_of(out, 1, "response.location"));
    assert_str(uuid_of("Condition", U2), entry_of(out, 2, "fullUrl"));
    assert_str("", entry_of(out, 2, "resource.id")); /* it had none */
    assert_str(tw_strf(cx->arena, "Patient/%s", p1).p, entry_of(out, 2, "resource.subject.reference"));
    has(out, "\"fullUrl\":\"urn:oid:2.25.");
    assert_str("match", entry_of(out, 3, "search.mode"));
    end();
}

/* One shift a person, however the person is named. */
TEST(fhir__times_move_with_their_patient)
{
    begin("twin");
    static const char body[] = ",\"status\":\"final\",\"code\":" LOINC ",\"effectiveDateTime\":\"2020-03-04\"}";
    doc_person a, b;
    doc_person_of(&a, work, TW_STR("p1"));
    doc_person_of(&b, work, TW_STR(U1));
    assert_int_not_equal(a.shift_weeks, b.shift_weeks);
    int64_t day = tw_days_from_civil(2020, 3, 4);
    const char *at_a = tw_date_text(cx->arena, day + 7 * a.shift_weeks).p;
    const char *at_b = tw_date_text(cx->arena, day + 7 * b.shift_weeks).p;
#define OBS_OF(reference) "{\"resourceType\":\"Observation\",\"subject\":{\"reference\":\"" reference "\"}%s"
    has(deid(tw_strf(cx->arena, OBS_OF("Patient/p1"), body).p), at_a);
    has(deid(tw_strf(cx->arena, OBS_OF("urn:uuid:" U1), body).p), at_b);
    has(deid(tw_strf(cx->arena, OBS_OF("http://h/Patient/p1/_history/3"), body).p), at_a);
    has(deid("{\"resourceType\":\"Patient\",\"id\":\"p1\",\"deceasedDateTime\":\"2020-03-04\"}"), at_a);
    /* a Bundle of one patient: what is about nobody is about that one */
    tw_str bundle =
        TW_STR("{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":{"
               "\"resourceType\":\"Patient\",\"id\":\"p1\"}},{\"resource\":{\"resourceType\":\"Provenance\","
               "\"occurredDateTime\":\"2020-03-04\"}},{\"request\":{\"method\":\"GET\",\"url\":\"Patient\"}}]}");
    has(deid(bundle.p), at_a);
    /* of two patients: of nobody */
    doc_person_of(&a, work, TW_STR(""));
    at_a = tw_date_text(cx->arena, day + 7 * a.shift_weeks).p;
    bundle = TW_STR("{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":{\"resourceType\":"
                    "\"Patient\",\"id\":\"p1\"}},{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p2\"}},{"
                    "\"resource\":{\"resourceType\":\"Provenance\",\"occurredDateTime\":\"2020-03-04\"}}]}");
    has(deid(bundle.p), at_a);
    has(deid(tw_strf(cx->arena, OBS_OF("Group/g"), body).p), at_a);
    /* a Patient without an id in a transaction */
    at_b = tw_date_text(cx->arena, day + 7 * b.shift_weeks).p;
    bundle = tw_strf(cx->arena,
                     "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{\"fullUrl\":\"urn:uuid:" U1
                     "\",\"resource\":{\"resourceType\":\"Patient\"}},{\"resource\":" OBS_OF("urn:uuid:" U1) "}]}",
                     body);
    has(deid(bundle.p), at_b);
    end();
}

TEST(fhir__old_ages_are_capped_in_documents_too)
{
    begin("twin");
    has(deid("{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"coding\":[{\"system\":\"http://"
             "loinc.org\",\"code\":\"30525-0\"}]},\"valueInteger\":94}"),
        "\"valueInteger\":90");
    end();
}

/* ---------------------------------------------------------------- errors */

static void refused(tw_status want, const char *json, const char *message)
{
    tw_buf out;
    tw_buf_init(&out, TW_MIB);
    tw_buf_cstr(&out, "before");
    assert_status(want, tw_deid_fhir(cx, &out, work, tw_str_of(json)));
    assert_int_equal(6, out.n);
    if (message)
        assert_string_equal(message, cx->err.msg);
    tw_buf_done(&out);
}

TEST(fhir__what_is_no_resource_is_refused)
{
    begin("twin");
    refused(TW_EPARSE, "[]", "not a resource of FHIR R4");
    refused(TW_EPARSE, "{\"resourceType\":\"Leak\"}", "not a resource of FHIR R4");
    refused(TW_EPARSE, "{\"resourceType\":7}", "not a resource of FHIR R4");
    refused(TW_EPARSE, "{", NULL);
    refused(TW_EREFUSED,
            "{\"resourceType\":\"Patient\",\"id\":\"p\",\"modifierExtension\":[{\"url\":\"http://Leak\",\"valueCode\":"
            "\"Leak\"}]}",
            "Patient: a modifier extension that the profile does not allow");
    /* in a Bundle it takes its resource along, not the others */
    tw_str out = deid("{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"fullUrl\":\"urn:uuid:" U1
                      "\",\"resource\":{\"resourceType\":\"Patient\",\"modifierExtension\":[{\"url\":\"http://Leak\"}]}"
                      "},{\"resource\":{\"resourceType\":\"Patient\",\"gender\":\"male\"}}]}");
    has(out, "\"entry\":[{\"fullUrl\":");
    has(out, "\"gender\":\"male\"");
    has_not(out, "modifierExtension");
    end();
}

TEST(fhir__bundles_inside_bundles_have_an_end)
{
    begin("twin");
    tw_buf in;
    enum { LEVELS = 12 };
    tw_buf_init(&in, TW_MIB);
    for (int i = 0; i < LEVELS; i++)
        tw_buf_cstr(&in, "{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[{\"resource\":");
    tw_buf_cstr(&in, "{\"resourceType\":\"Patient\",\"gender\":\"male\"}");
    for (int i = 0; i < LEVELS; i++)
        tw_buf_cstr(&in, "}]}");
    tw_buf_u8(&in, 0);
    tw_str out = deid((const char *)in.p);
    has_not(out, "male");
    has(out, "{\"resourceType\":\"Bundle\"," META);
    tw_buf_done(&in);
    end();
}

TEST(fhir__a_document_that_outgrows_its_buffer_is_refused)
{
    begin("twin");
    tw_buf out;
    tw_buf_init(&out, 64);
    assert_status(TW_ELIMIT, tw_deid_fhir(cx, &out, work, TW_STR("{\"resourceType\":\"Patient\",\"id\":\"p\"}")));
    tw_buf_done(&out);
    tw_buf_init(&out, 190);
    assert_status(TW_ELIMIT,
                  tw_deid_fhir(cx, &out, work, TW_STR("{\n\"resourceType\":\"Patient\",\"gender\":\"male\"}")));
    tw_buf_done(&out);
    end();
}

TEST(fhir__what_came_with_lines_goes_with_lines)
{
    begin("twin");
    tw_str out = deid("\n{\n  \"resourceType\": \"Patient\",\n  \"gender\": \"male\",\n  \"deceasedBoolean\": true,\n"
                      "  \"maritalStatus\": {\"coding\": []}}\n");
    has(out, "{\n  \"resourceType\": \"Patient\",\n  \"meta\": {\n    \"security\": [\n      {\n");
    has(out, ",\n  \"gender\": \"male\",\n  \"deceasedBoolean\": true\n}");
    out = deid("{ \"resourceType\": \"Patient\", \"gender\": \"male\"}");
    has_not(out, "\n");
    end();
}

/* ---------------------------------------------------------------- the listener */

static tw_buf told;

static void write_act(void *self, const tw_doc_act *a)
{
    assert_ptr_equal(&told, self);
    tw_buf_fmt(&told, TW_FMT " " TW_FMT " %d " TW_FMT " -> " TW_FMT "\n", TW_ARG(a->path), TW_ARG(a->rule), a->what,
               TW_ARG(a->before), TW_ARG(a->after));
}

TEST(fhir__a_listener_hears_of_every_element)
{
    begin("twin");
    tw_doc_listener l = { write_act, &told };
    tw_buf_init(&told, TW_MIB);
    tw_doc_listen(work, &l);
    (void)deid("{\"resourceType\":\"Patient\",\"id\":\"p\",\"gender\":\"male\",\"name\":[{\"family\":\"Lee\"}],"
               "\"birthDate\":\"1970-02-03\",\"not a name\":1,\"_gender\":7,\"nobody\":2,\"communication\":[{"
               "\"language\":{\"coding\":[{\"system\":\"urn:ietf:bcp:47\",\"code\":\"de\"},{\"code\":\"x\"}]}}]}");
    doc_person p;
    int64_t y;
    unsigned m, d;
    doc_person_of(&p, work, TW_STR("p"));
    tw_civil_from_days(tw_days_from_civil(1970, 2, 3) + 7 * p.shift_weeks, &y, &m, &d);
    char id[TW_ID_HEX + 1];
    doc_id(id, work, TW_STR("Patient"), TW_STR("p"));
    const char *want = tw_strf(cx->arena,
                               "Patient.id identifiers 1 p -> %s\n"
                               "Patient.gender codes 0 male -> male\n"
                               "Patient.name names 2 [{\"family\":\"Lee\"}] -> \n"
                               "Patient.birthDate birth 1 1970-02-03 -> %d\n"
                               "Patient.(name) unknown-member 2 1 -> \n"
                               "Patient.nobody unknown-member 2 2 -> \n"
                               "Patient.communication[0].language.coding[0] codes 0 "
                               "{\"system\":\"urn:ietf:bcp:47\",\"code\":\"de\"} -> "
                               "{\"system\":\"urn:ietf:bcp:47\",\"code\":\"de\"}\n"
                               "Patient.communication[0].language.coding[1] codes 2 {\"code\":\"x\"} -> \n",
                               id, (int)y)
                           .p;
    assert_str(want, tw_str_of_bytes(tw_buf_view(&told)));
    tw_buf_clear(&told);
    tw_doc_listen(work, NULL);
    (void)deid("{\"resourceType\":\"Patient\",\"gender\":\"male\",\"nobody\":1}");
    assert_int_equal(0, told.n);
    tw_buf_done(&told);
    end();
}

/* ---------------------------------------------------------------- radiotherapy */

TEST(fhir__uids_stay_uids_and_name_the_same_object)
{
    begin("twin");
    char uid[DOC_UID_TEXT];
    doc_uid(uid, work->id_key, TW_STR("1.2.246.352.71.8"));
    tw_str out =
        deid("{\"resourceType\":\"BodyStructure\",\"identifier\":[{\"use\":\"official\",\"system\":\"urn:dicom:"
             "uid\",\"value\":\"urn:oid:1.2.246.352.71.8\"},{\"use\":\"Leak\",\"system\":\"http://Leak\","
             "\"value\":\"PTV64\"},{\"system\":\"Leak\"}]}");
    has(out, tw_strf(cx->arena,
                     "\"identifier\":[{\"use\":\"official\",\"system\":\"urn:dicom:uid\",\"value\":\"urn:oid:%s\"},{"
                     "\"system\":\"urn:twinward:id\",\"value\":\"%s\"}]",
                     uid, ident_of("ptv64"))
                 .p);
    out = deid("{\"resourceType\":\"ImagingStudy\",\"series\":[{\"uid\":\"1.2.246.352.71.8\"},{\"uid\":\"\"}]}");
    has(out, tw_strf(cx->arena, "\"uid\":\"%s\"", uid).p);
    out = deid("{\"resourceType\":\"Procedure\",\"extension\":[{\"url\":\"http://hl7.org/fhir/us/"
               "codex-radiation-therapy/StructureDefinition/codexrt-dicom-reference\",\"extension\":[{\"url\":"
               "\"instanceUid\",\"valueId\":\"1.2.246.352.71.8\"}]}]}");
    has(out, tw_strf(cx->arena, "\"valueId\":\"%s\"", uid).p);
    end();
}

static void rules_refused(const char *text, const char *message)
{
    tw_profile *p = NULL;
    assert_status(TW_EPARSE, tw_profile_parse(cx, &p, tw_str_of(text)));
    assert_string_equal(message, cx->err.msg);
}

TEST(fhir__actions_of_documents_fit_their_types_alone)
{
    rules_refused("profile x\npath Patient.gender scrub t\n",
                  "profile: the action for Patient.gender does not fit its type code");
    rules_refused("profile x\npath Patient.gender attach t\n",
                  "profile: the action for Patient.gender does not fit its type code");
    rules_refused("profile x\npath Patient.gender ident t\n",
                  "profile: the action for Patient.gender does not fit its type code");
    rules_refused("profile x\npath Patient.birthDate uid t\n",
                  "profile: the action for Patient.birthDate does not fit its type date");
    rules_refused("profile x\npath Patient.implicitRules link t\n",
                  "profile: the action for Patient.implicitRules does not fit its type uri");
    begin_rules("profile none\n");
    assert_str(tw_strf(cx->arena, "{\"resourceType\":\"Patient\",\"id\":\"%s\"," META "\"REDACTED\"}]}}",
                       id_of("Patient", "p"))
                   .p,
               deid("{\"resourceType\":\"Patient\",\"id\":\"p\",\"gender\":\"male\"}"));
    end();
}
