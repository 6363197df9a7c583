#include "test.h"

#include "sources/decode.h"

#define HEAD                                                                                                           \
    "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "              \
    "xmlns:sdtc=\"urn:hl7-org:sdtc\">"
#define WHO "<recordTarget><patientRole><id root=\"1.2.3\" extension=\"4711\"/></patientRole></recordTarget>"
#define BEFORE(code)                                                                                                   \
    HEAD WHO "<component><structuredBody><component><section><code code=\"" code                                       \
             "\" codeSystem=\"2.16.840.1.113883.6.1\"/>"
#define AFTER "</section></component></structuredBody></component></ClinicalDocument>"
#define BODY(code, entries) BEFORE(code) entries AFTER
#define T "<templateId root=\"2.16.840.1.113883.10.20.22.4."
#define LN "codeSystem=\"2.16.840.1.113883.6.1\""
#define SCT "codeSystem=\"2.16.840.1.113883.6.96\""
#define RX "codeSystem=\"2.16.840.1.113883.6.88\""
#define OBS(attrs, inside)                                                                                             \
    "<entry><observation classCode=\"OBS\" moodCode=\"EVN\" " attrs ">" inside "</observation></entry>"
#define PSA "<code code=\"2857-1\" " LN "/><statusCode code=\"completed\"/><effectiveTime value=\"20240102\"/>"
#define PROBLEM(act, attrs, inside)                                                                                    \
    "<entry><act classCode=\"ACT\" moodCode=\"EVN\" " act ">" T "3\"/><statusCode code=\"active\"/>"                   \
    "<entryRelationship typeCode=\"SUBJ\"><observation classCode=\"OBS\" moodCode=\"EVN\" " attrs ">" T "4\"/>" inside \
    "</observation></entryRelationship></act></entry>"
#define CANCER "<value xsi:type=\"CD\" code=\"399068003\" " SCT "/>"

static tw_place last_place;

static tw_status run(tw_buf *out, tw_str text, const tw_sources_opts *opts)
{
    void *file;
    size_t used;
    size_t skip;
    size_t size;
    assert_ok(tw_decoder_ccda.open(cx, &file, &used, opts, TW_STR("x.xml"), text));
    assert_int_equal(TW_FRAME_UNIT, tw_decoder_ccda.frame(file, &skip, &size, text, true));
    assert_int_equal(text.n, skip + size);
    tw_status st = tw_decoder_ccda.bundle(cx, out, &last_place, file, text);
    tw_decoder_ccda.close(file);
    return st;
}

static tw_json decode_with(tw_str text, const tw_sources_opts *opts)
{
    tw_buf b;
    tw_json d;
    tw_buf_init(&b, 64 * TW_MIB);
    assert_ok(run(&b, text, opts));
    assert_ok(tw_json_parse(cx, &d, tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b))), NULL));
    tw_buf_done(&b);
    return d;
}

static tw_json decode(const char *text)
{
    return decode_with(tw_str_of(text), NULL);
}

static void refused(const char *text, const char *path, const char *rule)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    assert_status(TW_EPARSE, run(&b, tw_str_of(text), NULL));
    assert_string_equal(rule, cx->err.msg);
    assert_str(path, last_place.path);
    tw_buf_done(&b);
}

/* The n-th resource of a type; TW_JSON_NONE when there are fewer. */
static uint32_t nth(const tw_json *d, const char *type, size_t n)
{
    uint32_t all = tw_json_path(d, 0, "entry");
    for (uint32_t e = tw_json_first(d, all); e != TW_JSON_NONE; e = tw_json_next(d, all, e)) {
        uint32_t r = tw_json_get(d, e, "resource");
        if (tw_json_is(d, tw_json_get(d, r, "resourceType"), type) && n-- == 0)
            return r;
    }
    return TW_JSON_NONE;
}

static size_t count(const tw_json *d, const char *type)
{
    size_t n = 0;
    while (nth(d, type, n) != TW_JSON_NONE)
        n++;
    return n;
}

/* Value at a path of the first resource of a type, as it stood in JSON but for the quotes; "-" when absent. */
static const char *at(const tw_json *d, const char *type, const char *path)
{
    uint32_t r = nth(d, type, 0);
    uint32_t v = r == TW_JSON_NONE ? TW_JSON_NONE : tw_json_path(d, r, path);
    if (v == TW_JSON_NONE)
        return "-";
    return tw_cstr(cx->arena, d->tok[v].type == TW_JSON_STRING ? tw_json_text(cx, d, v) : tw_json_raw(d, v));
}

#define AT(type, path, want) assert_string_equal(want, at(&d, type, path))

/* ---------------------------------------------------------------- the page */

static tw_str block(tw_str page, const char *fence)
{
    size_t from = tw_str_find(page, tw_str_of(fence));
    assert_true(from != SIZE_MAX);
    tw_str rest = { page.p + from + strlen(fence), page.n - from - strlen(fence) };
    size_t n = tw_str_find(rest, TW_STR("\n```"));
    assert_true(n != SIZE_MAX);
    return (tw_str){ rest.p, n };
}

static tw_str without_line_ends(tw_str s)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\n')
            tw_buf_u8(&b, (uint8_t)s.p[i]);
    tw_str out = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return out;
}

TEST(ccda__the_example_of_the_page_is_what_comes_out)
{
    tw_str page = tw_test_source("docs/formats/ccda.md");
    tw_sources_opts opts = { .zone = TW_STR("CET-1CEST,M3.5.0,M10.5.0/3") };
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    assert_ok(run(&b, block(page, "```xml\n"), &opts));
    assert_str(tw_cstr(cx->arena, without_line_ends(block(page, "```json\n"))), tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
}

/* ---------------------------------------------------------------- patients */

TEST(ccda__the_local_number_is_the_first_that_no_other_office_gave)
{
    const char *text =
        HEAD "<recordTarget><patientRole><id nullFlavor=\"NI\"/><id root=\"2.16.840.1.113883.4.1\" extension=\"111\"/>"
             "<id root=\"2.16.840.1.113883.4.3.25\" extension=\"222\"/><id root=\"1.2.3\" extension=\"333\"/>"
             "<id root=\"1.2.4\" extension=\"444\"/></patientRole></recordTarget></ClinicalDocument>";
    tw_json d = decode(text);
    AT("Patient", "identifier.0.type.coding.0.code", "SS");
    AT("Patient", "identifier.1.type.coding.0.code", "DL");
    AT("Patient", "identifier.2.type.coding.0.code", "MR");
    AT("Patient", "identifier.2.system", "urn:oid:1.2.3");
    AT("Patient", "identifier.2.value", "333");
    AT("Patient", "identifier.3.type", "-");
    tw_sources_opts opts = { .mrn_system = TW_STR("urn:oid:1.2.4") };
    d = decode_with(tw_str_of(text), &opts);
    AT("Patient", "identifier.2.type", "-");
    AT("Patient", "identifier.3.type.coding.0.code", "MR");
}

TEST(ccda__a_root_alone_is_a_number_too)
{
    tw_json d =
        decode(HEAD "<recordTarget><patientRole><id root=\"c72f64c2-b1db-444b-bbff-4d2e1d6bd659\"/></patientRole>"
                    "</recordTarget></ClinicalDocument>");
    AT("Patient", "identifier.0.value", "urn:uuid:c72f64c2-b1db-444b-bbff-4d2e1d6bd659");
    AT("Patient", "identifier.0.type.coding.0.code", "MR");
}

TEST(ccda__documents_without_one_patient_are_dead_letters_with_a_place)
{
    refused("<a/>", "a", "the root is no ClinicalDocument of urn:hl7-org:v3");
    refused("<ClinicalDocument/>", "ClinicalDocument", "the root is no ClinicalDocument of urn:hl7-org:v3");
    refused(HEAD "</ClinicalDocument>", "ClinicalDocument", "a document without a patient");
    refused(HEAD WHO WHO "</ClinicalDocument>", "ClinicalDocument/recordTarget[2]",
            "a document of more than one patient");
    refused(HEAD
            "\n<recordTarget><patientRole><id root=\"2.16.840.1.113883.4.1\" extension=\"111-22-3333\"/></patientRole>"
            "</recordTarget></ClinicalDocument>",
            "ClinicalDocument/recordTarget/patientRole", "no id that is the hospital's own number");
    assert_int_equal(1, last_place.line);
    assert_int_equal(15, last_place.column);
    refused(HEAD "<recordTarget><patientRole><id root=\"1.2\" extension=\"1\"/><patient><birthTime "
                 "value=\"1961-Apr\"/></patient>"
                 "</patientRole></recordTarget></ClinicalDocument>",
            "ClinicalDocument/recordTarget/patientRole/patient/birthTime", "malformed time");
    refused(HEAD "<x>", "", "line 1, column 129: no element found");
    refused("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "", "line 1, column 13: a DOCTYPE is not read");
}

/* ---------------------------------------------------------------- results */

TEST(ccda__values_are_read_by_their_type)
{
    static const struct {
        const char *value, *path, *want;
    } c[] = {
        { "<value xsi:type=\"PQ\" value=\"4.50\" unit=\"ng/mL\"/>", "valueQuantity.value", "4.50" },
        { "<value xsi:type=\"PQ\" value=\"4.50\" unit=\"ng/mL\"/>", "valueQuantity.code", "ng/mL" },
        { "<value xsi:type=\"PQ\" value=\"1.02\" unit=\"1\"/>", "valueQuantity.unit", "-" },
        { "<value xsi:type=\"REAL\" value=\"0.25\"/>", "valueQuantity.value", "0.25" },
        { "<value xsi:type=\"INT\" value=\"-3\"/>", "valueInteger", "-3" },
        { "<value xsi:type=\"BL\" value=\"false\"/>", "valueBoolean", "false" },
        { "<value xsi:type=\"ST\">trace</value>", "valueString", "trace" },
        { "<value xsi:type=\"TS\" value=\"20240102\"/>", "valueDateTime", "2024-01-02" },
        { "<value xsi:type=\"CD\" code=\"260385009\" " SCT "/>", "valueCodeableConcept.coding.0.system",
          "http://snomed.info/sct" },
        { "<value xsi:type=\"CD\" nullFlavor=\"OTH\"><translation code=\"A\" codeSystem=\"1.9.9\"/></value>",
          "valueCodeableConcept.coding.0.system", "urn:oid:1.9.9" },
        { "<value xsi:type=\"IVL_PQ\"><high value=\"0.01\" unit=\"ng/mL\" inclusive=\"false\"/></value>",
          "valueQuantity.comparator", "<" },
        { "<value xsi:type=\"IVL_PQ\"><low value=\"100\" unit=\"ng/mL\"/></value>", "valueQuantity.comparator", ">=" },
        { "<value xsi:type=\"IVL_PQ\"><low value=\"1\" unit=\"g\"/><high value=\"2\" unit=\"g\"/></value>",
          "valueRange.high.value", "2" },
        { "<value xsi:type=\"RTO_PQ_PQ\"><numerator value=\"1\"/><denominator value=\"128\"/></value>",
          "valueRatio.denominator.value", "128" },
        { "<value xsi:type=\"PQ\" nullFlavor=\"MSK\"/>", "dataAbsentReason.coding.0.code", "masked" },
        { "<value xsi:type=\"PQ\" nullFlavor=\"MSK\"/>", "valueQuantity", "-" },
        { "<value xsi:type=\"GLIST_PQ\"/>", "dataAbsentReason.coding.0.code", "unsupported" },
    };
    for (size_t i = 0; i < TW_COUNT(c); i++) {
        const char *text = tw_strf(cx->arena, "%s%s%s", BEFORE("30954-2") "<entry><observation>" PSA, c[i].value,
                                   "</observation></entry>" AFTER)
                               .p;
        tw_json d = decode(text);
        assert_int_equal(1, count(&d, "Observation"));
        AT("Observation", c[i].path, c[i].want);
    }
}

TEST(ccda__a_result_has_code_time_status_category_and_range)
{
    tw_sources_opts opts = { .zone = TW_STR("EST5EDT,M3.2.0,M11.1.0") };
    tw_json d = decode_with(
        TW_STR(BODY("30954-2",
                    "<entry><organizer classCode=\"BATTERY\" moodCode=\"EVN\">" T
                    "1\"/><id root=\"1.2.3\" extension=\"R1\"/>"
                    "<code code=\"24356-8\" " LN "/><statusCode code=\"completed\"/><component>"
                    "<observation classCode=\"OBS\" moodCode=\"EVN\">" T
                    "2\"/><id root=\"AAAAAAAA-0000-4000-8000-00000000000B\"/>"
                    "<code nullFlavor=\"UNK\"><translation code=\"2857-1\" " LN " displayName=\"PSA\"/></code>"
                    "<statusCode code=\"active\"/><effectiveTime value=\"20240701093000\"/>"
                    "<value xsi:type=\"PQ\" value=\"4.5\" unit=\"ng/mL\"/><interpretationCode code=\"H\" "
                    "codeSystem=\"2.16.840.1.113883.5.83\"/>"
                    "<referenceRange><observationRange><value xsi:type=\"IVL_PQ\"><low value=\"0\" unit=\"ng/mL\"/>"
                    "<high value=\"4.0\" unit=\"ng/mL\"/></value></observationRange></referenceRange>"
                    "</observation></component></organizer></entry>")),
        &opts);
    AT("Observation", "id", "aaaaaaaa-0000-4000-8000-00000000000b");
    AT("Observation", "status", "preliminary");
    AT("Observation", "category.0.coding.0.code", "laboratory");
    AT("Observation", "code.coding.0.code", "2857-1");
    AT("Observation", "effectiveDateTime", "2024-07-01T09:30:00-04:00");
    AT("Observation", "interpretation.0.coding.0.code", "H");
    AT("Observation", "referenceRange.0.high.value", "4.0");
    AT("DiagnosticReport", "code.coding.0.code", "24356-8");
    AT("DiagnosticReport", "status", "final");
    AT("DiagnosticReport", "result.0.reference", "Observation/aaaaaaaa-0000-4000-8000-00000000000b");
    assert_string_equal(at(&d, "Observation", "subject.reference"),
                        tw_strf(cx->arena, "Patient/%s", at(&d, "Patient", "id")).p);
}

/* A panel inside a panel, and how its specimen was taken: read or told of, never passed over without a word. */
TEST(ccda__nothing_inside_a_panel_is_lost_without_a_word)
{
#define PANEL(code, inside)                                                                                            \
    "<organizer classCode=\"BATTERY\" moodCode=\"EVN\">" T "1\"/><code code=\"" code "\" " LN                          \
    "/><statusCode code=\"completed\"/>" inside "</organizer>"
#define INNER                                                                                                          \
    "<component><observation classCode=\"OBS\" moodCode=\"EVN\">" T "2\"/>" PSA                                        \
    "<value xsi:type=\"PQ\" value=\"5\" unit=\"ng/mL\"/></observation></component>"
    tw_json d = decode(
        BODY("30954-2",
             "<entry>" PANEL(
                 "58410-2",
                 "<component>" PANEL(
                     "24356-8",
                     INNER) "</component>"
                            "<component><procedure classCode=\"PROC\" moodCode=\"EVN\"/></component>") "</entry>"));
    AT("Observation", "valueQuantity.value", "5");
    assert_int_equal(2, count(&d, "DiagnosticReport"));
    assert_int_equal(1, count(&d, "OperationOutcome"));
}

TEST(ccda__broken_statements_are_left_out_alone_and_told_of)
{
    static const struct {
        const char *text, *rule;
    } c[] = {
        { BODY("30954-2",
               OBS("", "<statusCode code=\"completed\"/><value xsi:type=\"INT\" value=\"1\"/>") OBS("", PSA)),
          "an observation without a code" },
        { BODY("30954-2", OBS("", PSA "<value xsi:type=\"PQ\" value=\"4,5\"/>") OBS("", PSA)),
          "a quantity that is no number" },
        { BODY("30954-2", OBS("", PSA "<value xsi:type=\"INT\" value=\"4.5\"/>") OBS("", PSA)),
          "an INT that is no integer" },
        { BODY("30954-2", OBS("", PSA "<value value=\"4\"/>") OBS("", PSA)), "a value without xsi:type" },
        { BODY("30954-2", OBS("", PSA CANCER CANCER) OBS("", PSA)), "more than one value" },
        { BODY("30954-2", OBS("", "<code code=\"1\" " LN "/><effectiveTime value=\"2024-01-02\"/>") OBS("", PSA)),
          "malformed time" },
        { BODY("30954-2", OBS("negationInd=\"maybe\"", PSA) OBS("", PSA)), "negationInd is neither true nor false" },
    };
    for (size_t i = 0; i < TW_COUNT(c); i++) {
        tw_json d = decode(c[i].text);
        assert_int_equal(1, count(&d, "Observation"));
        AT("Observation", "code.coding.0.code", "2857-1");
        AT("OperationOutcome", "issue.0.severity", "error");
        assert_true(tw_str_ends(tw_str_of(at(&d, "OperationOutcome", "issue.0.diagnostics")), c[i].rule));
        assert_non_null(strstr(at(&d, "OperationOutcome", "issue.0.expression.0"), "section/entry[1]/observation"));
    }
}

static tw_status take(void *self, TW_UNUSED tw_ctx *c, const tw_phi *phi)
{
    *(unsigned *)self += tw_str_is(tw_phi_view(phi)->type, "Observation");
    return TW_OK;
}

static tw_dead_letter last_dead;
static tw_status bury(TW_UNUSED void *self, TW_UNUSED tw_ctx *c, const tw_dead_letter *l)
{
    last_dead = *l;
    last_dead.path = tw_str_dup(cx->arena, l->path);
    last_dead.detail = tw_str_dup(cx->arena, l->detail);
    return TW_OK;
}

TEST(ccda__a_broken_statement_is_a_dead_letter_in_the_reader_and_the_rest_goes_on)
{
    tw_sources *s;
    unsigned observations = 0;
    const tw_sources_sink sink = { take, bury, &observations };
    const char *text = BODY("30954-2", OBS("", PSA "<value xsi:type=\"PQ\" value=\"4,5\"/>") OBS("", PSA));
    assert_ok(tw_sources_new(cx, &s, NULL, &sink));
    assert_ok(tw_sources_read(cx, s, TW_STR("file 1"), tw_str_of(text), TW_FORM_CCDA));
    const tw_sources_count *n = &tw_sources_tally_view(s)->all;
    assert_int_equal(1, observations);
    assert_int_equal(1, n->dead);
    assert_int_equal(n->read, n->accepted + n->refused + n->dead);
    assert_int_equal(TW_DEAD_DECODE, last_dead.reason);
    assert_true(tw_str_ends(last_dead.detail, "a quantity that is no number"));
    assert_true(tw_str_find(last_dead.path, TW_STR("section/entry[1]/observation")) != SIZE_MAX);
    assert_true(tw_str_find(last_dead.detail, TW_STR("4,5")) == SIZE_MAX);
    tw_sources_free(s);
}

/* ---------------------------------------------------------------- negation, moods, others */

TEST(ccda__a_negated_statement_never_becomes_a_positive_fact)
{
    tw_json d = decode(BODY("11450-4", PROBLEM("", "negationInd=\"true\"", CANCER)));
    AT("Condition", "verificationStatus.coding.0.code", "refuted");
    AT("Condition", "clinicalStatus", "-");
    d = decode(BODY("11450-4", PROBLEM("", "sdtc:valueNegationInd=\"1\"", CANCER)));
    AT("Condition", "verificationStatus.coding.0.code", "refuted");
    d = decode(BODY("11450-4", PROBLEM("negationInd=\"true\"", "", CANCER)));
    assert_int_equal(0, count(&d, "Condition"));
    d = decode(BODY("30954-2", OBS("negationInd=\"true\"", PSA CANCER)));
    assert_int_equal(0, count(&d, "Observation"));
    AT("OperationOutcome", "issue.0.severity", "information");
    d = decode(BODY("47519-4",
                    "<entry><procedure classCode=\"PROC\" moodCode=\"EVN\" negationInd=\"true\"><code code=\"1\" " SCT
                    "/><statusCode code=\"completed\"/></procedure></entry>"));
    AT("Procedure", "status", "not-done");
    d = decode(
        BODY("11369-6",
             "<entry><substanceAdministration classCode=\"SBADM\" moodCode=\"EVN\" negationInd=\"true\">" T
             "52\"/><statusCode code=\"completed\"/><consumable><manufacturedProduct><manufacturedMaterial>"
             "<code code=\"140\" codeSystem=\"2.16.840.1.113883.12.292\"/></manufacturedMaterial></manufacturedProduct>"
             "</consumable></substanceAdministration></entry>"));
    AT("Immunization", "status", "not-done");
    AT("Immunization", "occurrenceString", "unknown");
    d = decode(BODY("46240-8",
                    "<entry><encounter classCode=\"ENC\" moodCode=\"EVN\" negationInd=\"true\"><code code=\"1\" " SCT
                    "/></encounter></entry>"));
    assert_int_equal(0, count(&d, "Encounter"));
}

#define DRUG(attrs, inside)                                                                                            \
    BODY("10160-0", "<entry><substanceAdministration classCode=\"SBADM\" " attrs ">" T                                 \
                    "16\"/><statusCode code=\"active\"/>" inside                                                       \
                    "<consumable><manufacturedProduct><manufacturedMaterial><code code=\"905053\" " RX                 \
                    "/></manufacturedMaterial>"                                                                        \
                    "</manufacturedProduct></consumable></substanceAdministration></entry>")

TEST(ccda__medications_keep_their_mood_span_rhythm_and_dose)
{
    tw_json d = decode(
        DRUG("moodCode=\"EVN\"",
             "<effectiveTime xsi:type=\"IVL_TS\"><low value=\"20240102\"/><high value=\"20240630\"/></effectiveTime>"
             "<effectiveTime xsi:type=\"PIVL_TS\" operator=\"A\"><period value=\"12\" unit=\"h\"/></effectiveTime>"
             "<routeCode code=\"C38288\" codeSystem=\"2.16.840.1.113883.3.26.1.1\"/><doseQuantity value=\"50\" "
             "unit=\"mg\"/>"));
    AT("MedicationStatement", "status", "active");
    AT("MedicationStatement", "medicationCodeableConcept.coding.0.code", "905053");
    AT("MedicationStatement", "effectivePeriod.start", "2024-01-02");
    AT("MedicationStatement", "effectivePeriod.end", "2024-06-30");
    AT("MedicationStatement", "dosage.0.timing.repeat.period", "12");
    AT("MedicationStatement", "dosage.0.timing.repeat.periodUnit", "h");
    AT("MedicationStatement", "dosage.0.doseAndRate.0.doseQuantity.code", "mg");
    AT("MedicationStatement", "dosage.0.route.coding.0.code", "C38288");
    d = decode(
        DRUG("moodCode=\"INT\"", "<effectiveTime xsi:type=\"IVL_TS\"><low value=\"20240102\"/></effectiveTime>"));
    AT("MedicationRequest", "intent", "order");
    AT("MedicationRequest", "dosageInstruction.0.timing.repeat.boundsPeriod.start", "2024-01-02");
    AT("MedicationRequest", "doNotPerform", "-");
    d = decode(DRUG("moodCode=\"EVN\" negationInd=\"true\"", ""));
    AT("MedicationStatement", "status", "not-taken");
    AT("MedicationStatement", "dosage", "-");
    d = decode(DRUG("moodCode=\"INT\" negationInd=\"true\"", ""));
    AT("MedicationRequest", "doNotPerform", "true");
}

#define ALLERGY(attrs, value, substance, inside)                                                                       \
    BODY("48765-2",                                                                                                    \
         "<entry><act classCode=\"ACT\" moodCode=\"EVN\">" T "30\"/><statusCode code=\"active\"/>"                     \
         "<entryRelationship typeCode=\"SUBJ\"><observation classCode=\"OBS\" moodCode=\"EVN\" " attrs ">" T           \
         "7\"/><effectiveTime><low value=\"19980501\"/></effectiveTime><value xsi:type=\"CD\" code=\"" value "\" " SCT \
         "/><participant typeCode=\"CSM\"><participantRole><playingEntity>" substance                                  \
         "</playingEntity></participantRole></participant>" inside "</observation></entryRelationship></act></entry>")
#define REACTION                                                                                                       \
    "<entryRelationship typeCode=\"MFST\" inversionInd=\"true\"><observation classCode=\"OBS\" moodCode=\"EVN\">" T    \
    "9\"/>"                                                                                                            \
    "<code code=\"ASSERTION\"/><value xsi:type=\"CD\" code=\"247472004\" " SCT                                         \
    "/><entryRelationship typeCode=\"SUBJ\">"                                                                          \
    "<observation classCode=\"OBS\" moodCode=\"EVN\">" T                                                               \
    "8\"/><code code=\"SEV\"/><value xsi:type=\"CD\" code=\"24484000\" " SCT                                           \
    "/></observation></entryRelationship></observation></entryRelationship>"

TEST(ccda__allergies_have_substance_reaction_and_severity)
{
    tw_json d = decode(ALLERGY("", "416098002", "<code code=\"1191\" " RX "/>", REACTION));
    AT("AllergyIntolerance", "clinicalStatus.coding.0.code", "active");
    AT("AllergyIntolerance", "verificationStatus", "-");
    AT("AllergyIntolerance", "type", "allergy");
    AT("AllergyIntolerance", "category.0", "medication");
    AT("AllergyIntolerance", "code.coding.0.code", "1191");
    AT("AllergyIntolerance", "onsetDateTime", "1998-05-01");
    AT("AllergyIntolerance", "reaction.0.manifestation.0.coding.0.code", "247472004");
    AT("AllergyIntolerance", "reaction.0.severity", "severe");
    d = decode(ALLERGY("negationInd=\"true\"", "416098002", "<code nullFlavor=\"NA\"/>", ""));
    AT("AllergyIntolerance", "code.coding.0.code", "409137002"); /* no known drug allergy */
    AT("AllergyIntolerance", "verificationStatus", "-");
    d = decode(ALLERGY("negationInd=\"true\"", "416098002", "<code code=\"1191\" " RX "/>", REACTION));
    AT("AllergyIntolerance", "verificationStatus.coding.0.code", "refuted");
    AT("AllergyIntolerance", "clinicalStatus.coding.0.code", "inactive");
    AT("AllergyIntolerance", "reaction", "-");
    d = decode(ALLERGY("", "416098002", "<code nullFlavor=\"NA\"/>", ""));
    assert_int_equal(0, count(&d, "AllergyIntolerance"));
    AT("OperationOutcome", "issue.0.severity", "error");
}

TEST(ccda__plans_risks_and_other_peoples_facts_are_not_handed_on)
{
    static const char *const text[] = {
        BODY("18776-5",
             "<entry><observation classCode=\"OBS\" moodCode=\"GOL\">" T "2\"/>" PSA "</observation></entry>"),
        BODY("30954-2", "<entry><observation classCode=\"OBS\" moodCode=\"RQO\">" PSA "</observation></entry>"),
        BODY("30954-2", OBS("", "<subject><relatedSubject/></subject>" PSA)),
        BODY("30954-2", "<subject/>" OBS("", PSA)),
        BODY("30954-2", OBS("nullFlavor=\"NI\"", PSA)),
        BODY("75310-3",
             "<entry><act classCode=\"ACT\" moodCode=\"EVN\">" T "136\"/><entryRelationship typeCode=\"REFR\">"
             "<observation classCode=\"OBS\" moodCode=\"EVN\">" T "4\"/>" CANCER
             "</observation></entryRelationship></act></entry>"),
        BODY("10157-6", OBS("", PSA)),
    };
    for (size_t i = 0; i < TW_COUNT(text); i++) {
        tw_json d = decode(text[i]);
        assert_int_equal(0, count(&d, "Observation") + count(&d, "Condition"));
        assert_int_equal(1, count(&d, "OperationOutcome"));
        AT("OperationOutcome", "issue.0.severity", "information");
    }
}

/* ---------------------------------------------------------------- problems, procedures, encounters */

TEST(ccda__a_problem_has_status_onset_and_end)
{
    tw_json d =
        decode(BODY("11450-4", PROBLEM("", "", "<effectiveTime><low value=\"20190304\"/></effectiveTime>" CANCER)));
    AT("Condition", "clinicalStatus.coding.0.code", "active");
    AT("Condition", "category.0.coding.0.code", "problem-list-item");
    AT("Condition", "code.coding.0.code", "399068003");
    AT("Condition", "onsetDateTime", "2019-03-04");
    d = decode(
        BODY("11450-4",
             PROBLEM("", "", "<effectiveTime><low value=\"2019\"/><high value=\"202005\"/></effectiveTime>" CANCER)));
    AT("Condition", "clinicalStatus.coding.0.code", "resolved");
    AT("Condition", "abatementDateTime", "2020-05");
    d = decode(
        BODY("11450-4",
             PROBLEM("", "", "<effectiveTime><low value=\"2019\"/><high nullFlavor=\"UNK\"/></effectiveTime>" CANCER)));
    AT("Condition", "clinicalStatus.coding.0.code", "resolved");
    AT("Condition", "abatementDateTime", "-");
    d = decode(
        BODY("11450-4",
             PROBLEM("", "",
                     CANCER "<entryRelationship typeCode=\"REFR\"><observation classCode=\"OBS\" moodCode=\"EVN\">" T
                            "6\"/><code code=\"33999-4\"/><value xsi:type=\"CD\" code=\"277022003\" " SCT
                            "/></observation></entryRelationship>")));
    AT("Condition", "clinicalStatus.coding.0.code", "remission");
    d = decode(BODY("11450-4", PROBLEM("", "", "<statusCode code=\"nullified\"/>" CANCER)));
    AT("Condition", "verificationStatus.coding.0.code", "entered-in-error");
}

TEST(ccda__an_encounter_has_class_type_span_and_its_diagnoses)
{
    tw_json d = decode(
        BODY("46240-8",
             "<entry><encounter classCode=\"ENC\" moodCode=\"EVN\">" T "49\"/><id root=\"1.2.3\" extension=\"V1\"/>"
             "<code code=\"99213\" codeSystem=\"2.16.840.1.113883.6.12\"><translation code=\"AMB\" "
             "codeSystem=\"2.16.840.1.113883.5.4\"/></code>"
             "<effectiveTime><low value=\"202401020900+0100\"/><high value=\"202401020930+0100\"/></effectiveTime>"
             "<entryRelationship typeCode=\"COMP\"><act classCode=\"ACT\" moodCode=\"EVN\">" T
             "80\"/><entryRelationship typeCode=\"SUBJ\">"
             "<observation classCode=\"OBS\" moodCode=\"EVN\">" T "4\"/>" CANCER
             "</observation></entryRelationship></act></entryRelationship>"
             "</encounter></entry>"));
    AT("Encounter", "status", "finished");
    AT("Encounter", "class.code", "AMB");
    AT("Encounter", "type.0.coding.0.code", "99213");
    AT("Encounter", "period.start", "2024-01-02T09:00:00+01:00");
    AT("Encounter", "period.end", "2024-01-02T09:30:00+01:00");
    AT("Condition", "category.0.coding.0.code", "encounter-diagnosis");
    assert_string_equal(at(&d, "Condition", "encounter.reference"),
                        tw_strf(cx->arena, "Encounter/%s", at(&d, "Encounter", "id")).p);
}

TEST(ccda__an_id_is_one_record_and_a_second_meaning_gets_another_id)
{
#define WITH_ID(code) OBS("", "<id root=\"1.2.3\"/><code code=\"" code "\" " LN "/><effectiveTime value=\"20240102\"/>")
    tw_json d = decode(BODY("30954-2", WITH_ID("2857-1") WITH_ID("2857-1") WITH_ID("2986-8")));
    assert_int_equal(2, count(&d, "Observation"));
    assert_int_equal(1, count(&d, "OperationOutcome"));
    AT("Observation", "id", "1.2.3");
    tw_str again = tw_json_member_text(cx, &d, nth(&d, "Observation", 1), "id");
    assert_int_equal(40, again.n);
}

TEST(ccda__two_readings_of_one_minute_are_both_kept)
{
#define READING(v) OBS("", PSA "<value xsi:type=\"PQ\" value=\"" v "\" unit=\"ng/mL\"/>")
    tw_json d = decode(BODY("30954-2", READING("4.5") READING("4.7") READING("4.5")));
    assert_int_equal(2, count(&d, "Observation"));
    assert_int_equal(1, count(&d, "OperationOutcome"));
}

TEST(ccda__a_correction_bears_the_id_of_what_it_corrects)
{
#define VALUED(v) BODY("30954-2", OBS("", PSA "<value xsi:type=\"PQ\" value=\"" v "\" unit=\"ng/mL\"/>"))
    tw_json a = decode(VALUED("4.5"));
    tw_json b = decode(VALUED("5.4"));
    assert_string_equal(at(&a, "Observation", "id"), at(&b, "Observation", "id"));
    assert_int_equal(40, strlen(at(&a, "Observation", "id")));
}

/* ---------------------------------------------------------------- real documents */

static const char *const types[] = { "AllergyIntolerance", "Condition",        "MedicationStatement",
                                     "Observation",        "DiagnosticReport", "Procedure",
                                     "Immunization",       "Encounter",        "OperationOutcome" };

static void counted(const char *path, const tw_sources_opts *opts, const size_t want[TW_COUNT(types)])
{
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_json d = decode_with(tw_test_read(path), opts);
    assert_int_equal(1, count(&d, "Patient"));
    for (size_t i = 0; i < TW_COUNT(types); i++)
        if (count(&d, types[i]) != want[i])
            fail_msg("%s: %zu %s, not %zu", path, count(&d, types[i]), types[i], want[i]);
    tw_arena_back(cx->arena, mark);
}

TEST(ccda__the_documents_of_synthea_give_every_fact_they_hold)
{
    static const struct {
        const char *name;
        size_t want[TW_COUNT(types)];
    } c[] = {
        { "Brady_Ryan_7894d4f6-f716-a720-28f5-6dcb5ee78af1", { 1, 9, 6, 30, 7, 23, 2, 9, 6 } },
        { "Doug_Hessel_679850d9-258b-32e4-3704-5b05b63afe2a", { 0, 23, 25, 107, 21, 41, 2, 19, 8 } },
        { "Mack_Pagac_efac0983-426b-d2a7-c55c-cfd788fcf396", { 0, 10, 0, 28, 4, 8, 1, 8, 2 } },
        { "Margart_Dare_78a421b7-5329-d5c7-a56d-acb517ea3a66", { 0, 33, 41, 373, 49, 75, 3, 26, 22 } },
        { "Natalie_Latosha_Herman_76f3ff0a-d369-f389-239a-b56cae477449", { 0, 20, 4, 82, 13, 16, 2, 30, 6 } },
        { "Shaunda_Crysta_Weissnat_61373b61-2a9e-8c7d-5176-fd27cb5de830", { 0, 19, 12, 44, 7, 51, 3, 20, 4 } },
        { "Woodrow_Armstrong_15f632ab-863c-145f-e5ae-efd8648c5bfc", { 0, 14, 7, 53, 10, 30, 2, 13, 6 } },
        { "Zachery_Runolfsson_cebd9dbe-0c29-7fbf-6a8a-678c4841a6ac", { 0, 12, 10, 34, 7, 25, 2, 14, 5 } },
    };
    SKIP_WITHOUT_DATA();
    for (size_t i = 0; i < TW_COUNT(c); i++)
        counted(tw_strf(cx->arena, "sources/ccda/%s.xml", c[i].name).p, NULL, c[i].want);
}

TEST(ccda__the_documents_of_hl7_give_every_fact_they_hold)
{
    static const size_t imaging[] = { 0, 0, 0, 0, 0, 0, 0, 1, 5 };
    static const size_t progress[] = { 2, 3, 2, 14, 2, 0, 0, 1, 5 };
    static const size_t plan[] = { 0, 3, 0, 1, 0, 1, 0, 1, 11 };
    tw_sources_opts social = { .mrn_system = TW_STR("urn:oid:2.16.840.1.113883.4.1") };
    tw_buf b;
    SKIP_WITHOUT_DATA();
    counted("sources/ccda-hl7/Diagnostic_Imaging_Report.xml", NULL, imaging);
    counted("sources/ccda-hl7/Progress_Note.xml", NULL, progress);
    counted("sources/ccda-hl7/Care_Plan.xml", &social, plan);
    tw_buf_init(&b, TW_MIB); /* its only number is one of social security */
    assert_status(TW_EPARSE, run(&b, tw_test_read("sources/ccda-hl7/Care_Plan.xml"), NULL));
    assert_string_equal("no id that is the hospital's own number", cx->err.msg);
    tw_buf_done(&b);
}

TEST(ccda__a_document_cut_or_bent_anywhere_is_refused_or_decoded_but_never_worse)
{
    static const char whole[] = BODY("30954-2", OBS("", PSA CANCER));
    char bent[sizeof whole];
    size_t good = 0;
    for (size_t i = 0; i < 3 * (sizeof whole - 1); i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_buf b;
        tw_json d;
        size_t n = sizeof whole - 1;
        memcpy(bent, whole, sizeof whole);
        if (i < n)
            n = TW_MAX(i, 1u);
        else
            bent[tw_test_below(n)] = (char)tw_test_below(256);
        tw_err_clear(cx);
        tw_buf_init(&b, TW_MIB);
        tw_status st = run(&b, (tw_str){ bent, n }, NULL);
        assert_true(st == TW_OK || st == TW_EPARSE);
        if (st == TW_OK) {
            assert_ok(tw_json_parse(cx, &d, tw_str_of_bytes(tw_buf_view(&b)), NULL));
            good++;
        }
        tw_buf_done(&b);
        tw_arena_back(cx->arena, mark);
    }
    assert_true(good > 10);
}
