#include "test.h"

#include "deid/deid_internal.h"

static tw_profile *twin, *harbor;
static tw_account *account;
static tw_refbook *book;
static tw_noise noise;
static tw_str known_as; /* how the source says the patient is referred to */

static const tw_profile *profile(bool safe_harbor)
{
    tw_profile **p = safe_harbor ? &harbor : &twin;
    if (!*p)
        assert_ok(tw_profile_builtin(cx, p, safe_harbor ? TW_STR("hipaa-safe-harbor") : TW_STR("twin")));
    return *p;
}

static const uint8_t id_key[32] = { 7 };

static tw_status gate_with(tw_deid **out, const char *json, const tw_profile *p)
{
    tw_json *d = tw_new(cx->arena, tw_json);
    assert_ok(tw_json_parse(cx, d, tw_str_of(json), NULL));
    tw_phi_parts parts = { .doc = d, .patient = TW_STR("p1"), .business_id = TW_STR("x/1") };
    tw_gate_opts opts = { .profile = p, .refs = book, .id_key = id_key, .shift_weeks = -3, .handle = { 0xab } };
    opts.reference_day = tw_days_from_civil(2026, 1, 1);
    opts.self_reference = known_as;
    return tw_deid_gate(cx, out, &noise, account, tw_phi_make(cx, &parts), &opts);
}

static tw_str line_of(const char *json, bool safe_harbor)
{
    tw_deid *d = NULL;
    tw_json read_back;
    assert_ok(gate_with(&d, json, profile(safe_harbor)));
    tw_str line = tw_str_of_bytes(tw_deid_line(d));
    assert_ok(tw_json_parse(cx, &read_back, line, NULL));
    return line;
}

/* The record between its id and its tags. */
static tw_str body_of(const char *json, bool safe_harbor)
{
    tw_str line = line_of(json, safe_harbor);
    size_t from = tw_str_find(line, TW_STR("\"id\":\"")), to = tw_str_find(line, TW_STR(",\"meta\":{\"tag\":["));
    while (line.p[from] != ',' && from < to)
        from++;
    return from < to ? (tw_str){ line.p + from + 1, to - from - 1 } : (tw_str){ "", 0 };
}

#define OBS                                                                                                            \
    "{\"resourceType\":\"Observation\",\"id\":\"o1\",\"status\":\"final\",\"code\":{\"coding\":[{\"system\":\"http://" \
    "loinc.org\",\"code\":\"2857-1\"}]},"
#define OBS_OUT "\"status\":\"final\",\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"2857-1\"}]}"
#define SELF "\"subject\":{\"reference\":\"Patient/p1\"}"
#define SELF_OUT "\"subject\":{\"reference\":\"Patient/self\"}"

static void observation(const char *want, const char *members)
{
    tw_str json = tw_strf(cx->arena, OBS "%s}", members);
    assert_str(tw_strf(cx->arena, OBS_OUT "%s%s", *want ? "," : "", want).p, body_of(json.p, false));
}

static void patient(const char *want, const char *members, bool safe_harbor)
{
    tw_str json = tw_strf(cx->arena, "{\"resourceType\":\"Patient\",\"id\":\"p1\",%s}", members);
    assert_str(want, body_of(json.p, safe_harbor));
}

static void refused(const char *json, tw_status want, const char *message)
{
    tw_deid *d = NULL;
    assert_status(want, gate_with(&d, json, profile(false)));
    assert_null(d);
    assert_string_equal(message, cx->err.msg);
}

TEST(gate__writes_one_line_with_handle_and_keyed_id)
{
    char id[TW_ID_HEX + 1];
    tw_deid_id(id, id_key, TW_STR("Observation"), TW_STR("o1"));
    assert_str(
        tw_strf(
            cx->arena,
            "{\"resourceType\":\"Observation\",\"id\":\"%s\"," OBS_OUT "," SELF_OUT
            ",\"meta\":{\"tag\":[{\"system\":\"urn:twinward:person\",\"code\":\"ab000000000000000000000000000000\"}]}}",
            id)
            .p,
        line_of(OBS SELF "}", false));
}

TEST(gate__id_is_hmac_of_type_and_id)
{
    /* python: hmac.new(b'\x07'+bytes(31), b'tw/id/1'+b'Observation\0o1', 'sha256').hexdigest()[:32] */
    char id[TW_ID_HEX + 1];
    tw_deid_id(id, id_key, TW_STR("Observation"), TW_STR("o1"));
    assert_string_equal("5672bdd54810172336fea44b4c4d7823", id);
}

TEST(gate__category_and_type_travel_with_the_record)
{
    tw_deid *d = NULL;
    assert_ok(gate_with(&d, OBS SELF "}", profile(false)));
    assert_int_equal(TW_CAT_LABS, tw_deid_category(d));
    assert_str("Observation", tw_deid_type(d));
}

TEST(gate__drops_free_text_everywhere)
{
    observation("", "\"text\":{\"status\":\"generated\",\"div\":\"<div>Ada</"
                    "div>\"},\"note\":[{\"text\":\"Ada\"}],\"valueString\":\"Ada\"");
    observation("", "\"method\":{\"text\":\"as Ada said\"}");
    observation("\"method\":{\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"399068003\"}]}",
                "\"method\":{\"coding\":[{\"system\":\"http://snomed.info/"
                "sct\",\"version\":\"Ada\",\"code\":\"399068003\",\"display\":\"Ada\","
                "\"userSelected\":true}],\"text\":\"Ada\"}");
}

TEST(gate__drops_members_that_r4_does_not_have)
{
    observation("", "\"surprise\":\"Ada\",\"component\":[{\"secret\":{\"a\":[1,2]}}],\"st\\u0061ge\":\"amended\"");
    observation("", "\"_status\":{\"extension\":[{\"url\":\"http://x\",\"valueString\":\"Ada\"}]}");
}

TEST(gate__takes_codes_only_from_their_value_set)
{
    assert_str("\"gender\":\"female\"",
               body_of("{\"resourceType\":\"Patient\",\"id\":\"p1\",\"gender\":\"female\"}", false));
    assert_str("", body_of("{\"resourceType\":\"Patient\",\"id\":\"p1\",\"gender\":\"Ada\"}", false));
    assert_str("", body_of("{\"resourceType\":\"Patient\",\"id\":\"p1\",\"gender\":\"fem\\\"ale\",\"language\":\"en\"}",
                           false));
}

TEST(gate__takes_codings_only_of_listed_systems_and_fitting_form)
{
    observation(
        "",
        "\"method\":{\"coding\":[{\"system\":\"http://hospital.example.org\",\"code\":\"1\"},{\"code\":\"399068003\"},"
        "{\"system\":\"http://snomed.info/sct\",\"code\":\"399068004\"},{\"system\":\"http://snomed.info/sct\"}]}");
    observation("\"method\":{\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"399068003\"}]}",
                "\"method\":{\"coding\":[{\"system\":\"http:\\/\\/snomed.info\\/sct\",\"code\":\"399068003\"}]}");
    observation("", "\"method\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/"
                    "v3-TribalEntityUS\",\"code\":\"1\"}]}");
}

TEST(gate__masks_required_members_that_went)
{
    assert_str(
        "\"status\":\"final\",\"code\":{\"extension\":[{\"url\":\"http://hl7.org/fhir/StructureDefinition/"
        "data-absent-reason\","
        "\"valueCode\":\"masked\"}]}",
        body_of(
            "{\"resourceType\":\"Observation\",\"id\":\"o1\",\"status\":\"final\",\"code\":{\"text\":\"Ada's PSA\"}}",
            false));
    assert_str("\"code\":{\"coding\":[{\"system\":\"http://"
               "loinc.org\",\"code\":\"2857-1\"}]},\"_status\":{\"extension\":[{\"url\":"
               "\"http://hl7.org/fhir/StructureDefinition/data-absent-reason\",\"valueCode\":\"masked\"}]}",
               body_of("{\"resourceType\":\"Observation\",\"status\":\"Ada\",\"code\":{\"coding\":[{\"system\":\"http:/"
                       "/loinc.org\",\"code\":\"2857-1\"}]}}",
                       false));
}

TEST(gate__keeps_digits_of_numbers)
{
    observation("\"valueQuantity\":{\"value\":1.00,\"comparator\":\"<\",\"system\":\"http://"
                "unitsofmeasure.org\",\"code\":\"ng/mL\"}",
                "\"valueQuantity\":{\"value\":1.00,\"comparator\":\"<\",\"unit\":\"Ada\",\"system\":\"http://"
                "unitsofmeasure.org\",\"code\":\"ng/mL\"}");
    observation("\"valueQuantity\":{\"value\":-0.50}", "\"valueQuantity\":{\"value\":-0.50,\"id\":\"Ada\"}");
    observation("\"valueQuantity\":{\"value\":2,\"unit\":\"mg\"}", "\"valueQuantity\":{\"value\":2,\"unit\":\"mg\"}");
    observation("\"valueInteger\":12", "\"valueInteger\":12");
    observation("\"valueSampledData\":{\"origin\":{\"value\":0},\"period\":10,\"dimensions\":1,\"data\":\"1 2.5 E\"}",
                "\"valueSampledData\":{\"origin\":{\"value\":0},\"period\":10,\"dimensions\":1,\"data\":\"1 2.5 E\"}");
}

TEST(gate__removes_a_number_whose_unit_cannot_pass)
{
    observation("", "\"valueQuantity\":{\"value\":180,\"unit\":\"pounds as Ada said\"}");
    observation(
        "",
        "\"valueQuantity\":{\"value\":180,\"unit\":\"mg\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"Ada\"}");
    observation("", "\"valueQuantity\":{\"value\":180,\"system\":\"http://local\",\"code\":\"mg\"}");
    observation("", "\"valueQuantity\":{\"value\":5550147000}");
    observation("\"valueSampledData\":{\"period\":10}", "\"valueSampledData\":{\"period\":10,\"data\":\"1 Ada\"}");
    observation("", "\"valueQuantity\":{\"value\":\"Ada\"},\"valueInteger\":5550147000");
}

TEST(gate__caps_ages_over_89)
{
    const char *capped = "{\"value\":90,\"comparator\":\">=\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"a\"}";
    observation(tw_strf(cx->arena, "\"valueQuantity\":%s", capped).p,
                "\"valueQuantity\":{\"value\":91,\"system\":\"http://unitsofmeasure.org\",\"code\":\"a\"}");
    observation("\"valueQuantity\":{\"value\":89.9,\"system\":\"http://unitsofmeasure.org\",\"code\":\"a\"}",
                "\"valueQuantity\":{\"value\":89.9,\"system\":\"http://unitsofmeasure.org\",\"code\":\"a\"}");
    observation("\"valueQuantity\":{\"value\":1100,\"system\":\"http://unitsofmeasure.org\",\"code\":\"mo\"}",
                "\"valueQuantity\":{\"value\":1100,\"system\":\"http://unitsofmeasure.org\",\"code\":\"mo\"}");
    assert_str(tw_strf(cx->arena, "\"subject\":{\"reference\":\"Patient/self\"},\"onsetAge\":%s", capped).p,
               body_of("{\"resourceType\":\"Condition\",\"id\":\"c\"," SELF ",\"onsetAge\":{\"value\":1100,\"system\":"
                       "\"http://unitsofmeasure.org\",\"code\":\"mo\"}}",
                       false));
    assert_str(tw_strf(cx->arena, "\"status\":\"final\",\"code\":{\"coding\":[{\"system\":\"http://"
                                  "loinc.org\",\"code\":\"30525-0\"}]},\"valueInteger\":90")
                   .p,
               body_of("{\"resourceType\":\"Observation\",\"id\":\"o\",\"status\":\"final\",\"code\":{\"coding\":[{"
                       "\"system\":\"http://loinc.org\",\"code\":\"30525-0\"}]},"
                       "\"valueInteger\":97}",
                       false));
    tw_str line = line_of("{\"resourceType\":\"Condition\",\"id\":\"c\"," SELF
                          ",\"onsetRange\":{\"high\":{\"value\":95,\"unit\":\"a\"}}}",
                          false);
    assert_true(tw_str_find(line, TW_STR("\"code\":\"age-capped\"")) != SIZE_MAX);
}

TEST(gate__shifts_times_of_the_twin_profile)
{
    observation("\"effectiveDateTime\":\"2025-04-15T07:41:07Z\"",
                "\"effectiveDateTime\":\"2025-05-06T09:41:07.250+02:00\"");
    assert_true(noise.time_shift_constant);
    assert_true(noise.time_round_days == 0);
    observation("\"effectivePeriod\":{\"start\":\"2025-04-15\",\"end\":\"2025\"}",
                "\"effectivePeriod\":{\"start\":\"2025-05-06\",\"end\":\"2025-06\"}");
    assert_true(noise.time_round_days == 365.25);
    observation("\"effectiveTiming\":{\"event\":[\"2025-04-15\"]}",
                "\"effectiveTiming\":{\"event\":[\"2025-05-06\",\"Ada\",null]}");
    observation("", "\"issued\":\"2025-05-06\",\"effectiveDateTime\":\"6 May 2025\"");
    observation("", "\"effectiveDateTime\":\"1935-12-31\"");
    observation("\"effectiveDateTime\":\"1935-12-12\"", "\"effectiveDateTime\":\"1936-01-02\"");
}

TEST(gate__keeps_years_of_the_safe_harbor_profile)
{
    assert_str(OBS_OUT ",\"effectiveDateTime\":\"2025\"",
               body_of(OBS "\"effectiveDateTime\":\"2025-05-06T09:41:07Z\",\"issued\":\"2025-05-06T09:41:07Z\","
                           "\"valueTime\":\"09:41:07\"}",
                       true));
    assert_false(noise.time_shift_constant);
    assert_true(noise.time_round_days == 365.25);
}

TEST(gate__birth_is_a_year_and_none_over_89)
{
    patient("\"birthDate\":\"1948\"", "\"birthDate\":\"1948-03-17\"", false);
    patient("\"birthDate\":\"1947\"", "\"birthDate\":\"1948-01-05\"", false);
    patient("\"birthDate\":\"1948\"", "\"birthDate\":\"1948-01-05\"", true);
    patient("\"birthDate\":\"1936\"", "\"birthDate\":\"1936-02-01\"", true);
    patient("", "\"birthDate\":\"1936-01-01\"", true);
    patient("", "\"birthDate\":\"1936\"", true);
    patient("\"deceasedDateTime\":\"2024-12-11\"", "\"deceasedDateTime\":\"2025-01-01\"", false);
    patient("\"deceasedDateTime\":\"2025\"", "\"deceasedDateTime\":\"2025-01-01\"", true);
}

TEST(gate__addresses_shrink_to_state_and_zip3_under_safe_harbor_only)
{
    const char *a = "\"address\":[{\"use\":\"home\",\"text\":\"x\",\"line\":[\"1 Main "
                    "St\"],\"city\":\"Boston\",\"district\":\"y\",\"state\":\"MA\","
                    "\"postalCode\":\"02134-1000\",\"country\":\"US\"},{\"postalCode\":\"03601\",\"state\":\"Ada\"},{"
                    "\"postalCode\":\"10115\",\"country\":\"DE\"},"
                    "{\"postalCode\":\"SW1A1\"}]";
    patient("\"address\":[{\"use\":\"home\",\"state\":\"MA\",\"postalCode\":\"021\",\"country\":\"US\"},{"
            "\"postalCode\":\"000\"}]",
            a, true);
    patient("", a, false);
}

TEST(gate__drops_names_contacts_and_identifiers)
{
    const char *all = "\"identifier\":[{\"system\":\"http://"
                      "x\",\"value\":\"MRN1\"}],\"name\":[{\"family\":\"Specimen\"}],\"telecom\":[{\"value\":\"1\"}],"
                      "\"photo\":[{\"data\":\"QQ==\"}],\"contact\":[{\"gender\":\"male\"}],\"link\":[{\"other\":{"
                      "\"reference\":\"Patient/p1\"},\"type\":\"refer\"}],"
                      "\"managingOrganization\":{\"reference\":\"Organization/1\"},\"active\":true";
    patient("\"active\":true", all, false);
    patient("\"active\":true", all, true);
}

static tw_str keyed(const char *type, const char *id)
{
    char out[TW_ID_HEX + 1];
    tw_deid_id(out, id_key, tw_str_of(type), tw_str_of(id));
    return tw_strf(cx->arena, "%s/%s", type, out);
}

TEST(references__stay_inside_a_category)
{
    tw_str ref = keyed("Specimen", "s9");
    observation(tw_strf(cx->arena, "\"specimen\":{\"reference\":\"" TW_FMT "\"}", TW_ARG(ref)).p,
                "\"specimen\":{\"reference\":\"Specimen/"
                "s9\",\"display\":\"Ada\",\"type\":\"Specimen\",\"identifier\":{\"value\":\"1\"}}");
    observation(tw_strf(cx->arena, "\"specimen\":{\"reference\":\"" TW_FMT "\"}", TW_ARG(ref)).p,
                "\"specimen\":{\"reference\":\"Specimen/s9/_history/4\"}");
    observation("", "\"device\":{\"reference\":\"Device/d1\"},\"performer\":[{\"reference\":\"Practitioner/"
                    "7\"},{\"display\":\"Dr. Ada\"}]");
    observation("", "\"specimen\":{\"reference\":\"https://other.example.org/Specimen/"
                    "s9\"},\"focus\":[{\"reference\":\"Patient/p2\"}]");
    observation("", "\"hasMember\":[{\"reference\":\"Observation/unknown-category\"}]");
    observation("", "\"specimen\":{\"reference\":\"Specimen?identifier=1\"},\"focus\":[{\"reference\":\"urn:uuid:1\"},{"
                    "\"reference\":7}]");
}

TEST(references__encounters_of_other_categories_become_tags)
{
    tw_str line = line_of(OBS SELF ",\"encounter\":{\"reference\":\"Encounter/e1\"}}", false);
    assert_true(tw_str_find(line, TW_STR("\"encounter\":")) == SIZE_MAX);
    tw_str want = keyed("Encounter", "e1");
    want = tw_strf(cx->arena, "{\"system\":\"urn:twinward:encounter\",\"code\":\"" TW_FMT "\"}", (int)(want.n - 10),
                   want.p + 10);
    assert_true(tw_str_find(line, want) != SIZE_MAX);
    assert_str(
        tw_strf(cx->arena, "\"partOf\":{\"reference\":\"" TW_FMT "\"}", TW_ARG(keyed("Encounter", "e1"))).p,
        body_of("{\"resourceType\":\"Encounter\",\"id\":\"e2\",\"partOf\":{\"reference\":\"Encounter/e1\"}}", false));
}

TEST(references__a_book_resolves_urns_and_categories)
{
    static const char bundle[] = "{\"resourceType\":\"Bundle\",\"entry\":["
                                 "{\"fullUrl\":\"urn:uuid:aa\",\"resource\":{\"resourceType\":\"Observation\",\"id\":"
                                 "\"lab\",\"category\":[{\"coding\":[{\"code\":\"laboratory\"}]}]}},"
                                 "{\"fullUrl\":\"urn:uuid:bb\",\"resource\":{\"resourceType\":\"Observation\",\"id\":"
                                 "\"vit\",\"category\":[{\"coding\":[{\"code\":\"vital-signs\"}]}]}},"
                                 "{\"fullUrl\":\"https://ehr.example.org/Patient/"
                                 "p1\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p1\"}}]}";
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, tw_str_of(bundle), NULL));
    book = tw_refbook_new(10);
    assert_ok(tw_refbook_bundle(cx, book, &d));
    tw_str lab = keyed("Observation", "lab");
    observation(
        tw_strf(cx->arena, "\"hasMember\":[{\"reference\":\"" TW_FMT "\"},{\"reference\":\"" TW_FMT "\"}]," SELF_OUT,
                TW_ARG(lab), TW_ARG(lab))
            .p,
        "\"hasMember\":[{\"reference\":\"urn:uuid:aa\"},{\"reference\":\"urn:uuid:bb\"},{\"reference\":\"Observation/"
        "lab\"},"
        "{\"reference\":\"Observation/vit\"}],\"subject\":{\"reference\":\"https://ehr.example.org/Patient/p1\"}");
    tw_refbook_free(book);
    book = NULL;
}

TEST(references__the_source_may_know_the_patient_by_another_reference)
{
    static const char json[] = OBS "\"subject\":{\"reference\":\"Patient?identifier=http://x|7\"}}";
    refused(json, TW_EREFUSED, "Observation: whose record it is cannot be told");
    known_as = TW_STR("Patient?identifier=http://x|7");
    assert_str(OBS_OUT "," SELF_OUT, body_of(json, false));
    known_as = (tw_str){ "", 0 };
}

TEST(references__contained_records_of_the_same_category_stay)
{
    char id[TW_ID_HEX + 1];
    tw_deid_id(id, id_key, TW_STR("MedicationRequest"), TW_STR("m1#med"));
    tw_str want =
        tw_strf(cx->arena,
                "\"contained\":[{\"resourceType\":\"Medication\",\"id\":\"%s\",\"code\":{\"coding\":[{\"system\":"
                "\"http://www.nlm.nih.gov/research/umls/"
                "rxnorm\",\"code\":\"84857\"}]}}],\"status\":\"active\",\"intent\":\"order\","
                "\"medicationReference\":{\"reference\":\"#%s\"},\"subject\":{\"reference\":\"Patient/self\"}",
                id, id);
    assert_str(
        want.p,
        body_of(
            "{\"resourceType\":\"MedicationRequest\",\"id\":\"m1\",\"contained\":[{\"resourceType\":\"Medication\","
            "\"id\":\"med\",\"code\":{"
            "\"coding\":[{\"system\":\"http://www.nlm.nih.gov/research/umls/"
            "rxnorm\",\"code\":\"84857\"}],\"text\":\"for Ada\"}},"
            "{\"resourceType\":\"Practitioner\",\"id\":\"dr\",\"gender\":\"male\"},{\"resourceType\":\"Condition\","
            "\"id\":\"c\"}],"
            "\"status\":\"active\",\"intent\":\"order\",\"medicationReference\":{\"reference\":\"#med\"},\"subject\":{"
            "\"reference\":\"Patient/p1\"},"
            "\"requester\":{\"reference\":\"#dr\"},\"reasonReference\":[{\"reference\":\"#c\"},{\"reference\":\"#\"}]}",
            false));
}

TEST(extensions__pass_only_when_listed)
{
    patient(
        "\"extension\":[{\"url\":\"http://hl7.org/fhir/us/core/StructureDefinition/"
        "us-core-race\",\"extension\":[{\"url\":\"ombCategory\","
        "\"valueCoding\":{\"system\":\"urn:oid:2.16.840.1.113883.6.238\",\"code\":\"2106-3\"}}]},"
        "{\"url\":\"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex\",\"valueCode\":\"F\"}]",
        "\"extension\":[{\"url\":\"http://hl7.org/fhir/us/core/StructureDefinition/"
        "us-core-race\",\"extension\":[{\"url\":\"ombCategory\","
        "\"valueCoding\":{\"system\":\"urn:oid:2.16.840.1.113883.6.238\",\"code\":\"2106-3\",\"display\":\"White\"}},{"
        "\"url\":\"text\",\"valueString\":\"Ada\"},"
        "{\"url\":\"detailed\",\"valueCoding\":{\"system\":\"urn:oid:2.16.840.1.113883.6.238\",\"code\":\"2106-3\"}}]},"
        "{\"url\":\"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex\",\"valueCode\":\"F\"},"
        "{\"url\":\"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex\",\"valueString\":\"Ada\"},"
        "{\"url\":\"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex\",\"valueCode\":\"Ada\"},"
        "{\"url\":\"http://hl7.org/fhir/StructureDefinition/"
        "patient-mothersMaidenName\",\"valueString\":\"Ada\"},{\"url\":\"text\"},"
        "{\"valueCode\":\"F\"}]",
        false);
}

TEST(extensions__keep_radiotherapy_doses)
{
    static const char dose[] = "\"extension\":[{\"url\":\"http://hl7.org/fhir/us/mcode/StructureDefinition/"
                               "mcode-radiotherapy-dose-delivered-to-volume\",\"extension\":["
                               "{\"url\":\"totalDoseDelivered\",\"valueQuantity\":{\"value\":6000,\"system\":\"http://"
                               "unitsofmeasure.org\",\"code\":\"cGy\"}},"
                               "{\"url\":\"fractionsDelivered\",\"valueUnsignedInt\":30}]}],\"status\":\"completed\",";
    tw_str json = tw_strf(cx->arena, "{\"resourceType\":\"Procedure\",\"id\":\"p\",%s" SELF "}", dose);
    assert_str(tw_strf(cx->arena, "%s" SELF_OUT, dose).p, body_of(json.p, false));
}

TEST(extensions__an_unknown_modifier_takes_its_element_along)
{
    observation(
        "\"component\":[{\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"8302-2\"}]}}]",
        "\"component\":[{\"modifierExtension\":[{\"url\":\"http://"
        "x\",\"valueBoolean\":true}],\"code\":{\"coding\":[{\"system\":\"http://loinc.org\","
        "\"code\":\"2857-1\"}]}},{\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"8302-2\"}]}}]");
    refused(OBS "\"modifierExtension\":[{\"url\":\"http://x/Ada\",\"valueBoolean\":true}]}", TW_EREFUSED,
            "Observation: a modifier extension that the profile does not allow");
}

TEST(gate__refuses_what_is_no_record_of_this_patient)
{
    refused("{\"resourceType\":\"Organization\",\"id\":\"1\",\"name\":\"x\"}", TW_EREFUSED,
            "Organization: not a patient record");
    refused("{\"resourceType\":\"Ada\",\"id\":\"1\"}", TW_EPARSE, "not a resource of FHIR R4");
    refused("{\"resourceType\":\"HumanName\",\"family\":\"x\"}", TW_EPARSE, "not a resource of FHIR R4");
    refused("{\"id\":\"1\"}", TW_EPARSE, "not a resource of FHIR R4");
    refused("[]", TW_EPARSE, "a resource is a JSON object");
    refused("{\"resourceType\":\"Patient\",\"id\":\"p2\"}", TW_EREFUSED,
            "Patient: the record of another patient, or of none");
    refused(OBS "\"subject\":{\"reference\":\"Patient/p2\"}}", TW_EREFUSED,
            "Observation: the record of another patient, or of none");
    refused(OBS "\"subject\":{\"reference\":\"Group/p1\"}}", TW_EREFUSED,
            "Observation: the record of another patient, or of none");
    refused(OBS "\"subject\":{\"reference\":\"urn:uuid:other\"}}", TW_EREFUSED,
            "Observation: whose record it is cannot be told");
    refused(OBS "\"subject\":{\"display\":\"Ada\"}}", TW_EREFUSED, "Observation: whose record it is cannot be told");
}

TEST(references__contained_records_hold_no_further_ones)
{
    static const char json[] =
        "{\"resourceType\":\"MedicationRequest\",\"id\":\"m1\",\"contained\":[{\"resourceType\":\"Medication\",\"id\":"
        "\"a\",\"status\":\"active\","
        "\"contained\":[{\"resourceType\":\"Medication\",\"id\":\"b\",\"status\":\"inactive\"}]}]," SELF "}";
    tw_str body = body_of(json, false);
    assert_true(tw_str_find(body, TW_STR("\"active\"")) != SIZE_MAX);
    assert_true(tw_str_find(body, TW_STR("inactive")) == SIZE_MAX);
}

TEST(gate__takes_back_what_has_the_wrong_shape)
{
    observation("", "\"method\":[{\"coding\":[]}],\"component\":{\"code\":{\"text\":\"x\"}},\"valueBoolean\":\"true\","
                    "\"effectiveDateTime\":{\"a\":1},"
                    "\"hasMember\":[[{\"reference\":\"Patient/p1\"}]],\"interpretation\":[]");
}

TEST(account__counts_by_rule_and_holds_no_value)
{
    account = tw_account_new(profile(false));
    tw_account *other = tw_account_new(profile(false));
    tw_deid *d = NULL;
    patient("\"gender\":\"female\",\"birthDate\":\"1948\"",
            "\"name\":[{\"family\":\"Ada\"},{\"family\":\"Ada\"}],\"gender\":\"female\",\"birthDate\":\"1948-03-17\","
            "\"Ada\":1",
            false);
    assert_status(TW_EREFUSED, gate_with(&d, "{\"resourceType\":\"Organization\"}", profile(false)));
    tw_account_merge(other, account);
    tw_account_merge(other, account);
    tw_account_sums s = tw_account_sum(other);
    assert_int_equal(2, s.records);
    assert_int_equal(2, s.refused);
    assert_int_equal(2, s.kept);
    assert_int_equal(4, s.changed); /* id and birthDate */
    assert_int_equal(4, s.removed);
    assert_int_equal(2, s.unknown);
    tw_buf b;
    tw_jw w;
    tw_buf_init(&b, TW_MIB);
    tw_jw_init(&w, &b, 0);
    tw_account_write(&w, other);
    tw_str text = tw_str_of_bytes(tw_buf_view(&b));
    assert_true(
        tw_str_find(text,
                    TW_STR("{\"path\":\"Patient.name\",\"rule\":\"names\",\"kept\":0,\"changed\":0,\"removed\":4}")) !=
        SIZE_MAX);
    assert_true(
        tw_str_find(
            text,
            TW_STR("{\"path\":\"Patient.birthDate\",\"rule\":\"birth\",\"kept\":0,\"changed\":2,\"removed\":0}")) !=
        SIZE_MAX);
    assert_true(
        tw_str_find(
            text,
            TW_STR("{\"path\":\"Patient\",\"rule\":\"unknown-member\",\"kept\":0,\"changed\":0,\"removed\":2}")) !=
        SIZE_MAX);
    assert_true(tw_str_find(text, TW_STR("{\"type\":\"Organization\",\"count\":2}")) != SIZE_MAX);
    assert_true(tw_str_find(text, TW_STR("Ada")) == SIZE_MAX);
    tw_buf_done(&b);
    tw_account_free(other);
    tw_account_free(account);
    account = NULL;
}

TEST(noise__is_read_back_from_a_record)
{
    tw_json d;
    tw_noise n;
    assert_ok(tw_json_parse(cx, &d, line_of(OBS "\"effectiveDateTime\":\"2025-05-06\"}", false), NULL));
    tw_deid_noise(&n, &d, 0);
    assert_true(n.time_shift_constant && n.time_round_days == 0);
    assert_ok(tw_json_parse(cx, &d, line_of(OBS "\"effectiveDateTime\":\"2025-05-06\"}", true), NULL));
    tw_deid_noise(&n, &d, 0);
    assert_true(!n.time_shift_constant && n.time_round_days == 365.25);
    assert_ok(tw_json_parse(cx, &d, line_of(OBS "\"valueInteger\":3}", true), NULL));
    tw_deid_noise(&n, &d, 0);
    assert_true(!n.time_shift_constant && n.time_round_days == 0);
}

/* One identifier of the specimen must not be in any of its records, whatever the profile. */
TEST(specimen__loses_its_identifiers)
{
    static const char *const planted[] = { "Beispiel", "Arno",   "Prototype",   "4711",       "078-05",
                                           "555",      "1934",   "Anytown",     "10115",      "Erika",
                                           "daughter", "Muster", "example.org", "2025-05-06", "enc-9",
                                           "QXJu",     "iVBOR",  "+02:00",      "widow",      "91" };
    for (int harbor_too = 0; harbor_too < 2; harbor_too++) {
        for (size_t i = 0; tw_deid_specimen(i); i++) {
            tw_deid *d = NULL;
            assert_ok(tw_deid_specimen_gate(cx, &d, NULL, i, profile(harbor_too)));
            tw_str line = tw_str_of_bytes(tw_deid_line(d));
            tw_json back;
            assert_ok(tw_json_parse(cx, &back, line, NULL));
            for (size_t k = 0; k < TW_COUNT(planted); k++) {
                size_t at = tw_str_find(line, tw_str_of(planted[k]));
                bool in_hex = at != SIZE_MAX && strspn(planted[k], "0123456789") == strlen(planted[k]) && at > 0 &&
                              strchr("0123456789abcdef", line.p[at - 1]);
                if (at != SIZE_MAX && !in_hex)
                    fail_msg("%s in " TW_FMT, planted[k], TW_ARG(line));
            }
        }
    }
    tw_deid *d = NULL;
    assert_status(TW_ENOTFOUND, tw_deid_specimen_gate(cx, &d, NULL, 99, profile(false)));
}

TEST(specimen__before_and_after_stay_as_they_are)
{
    static const char *const after[] = {
        "{\"resourceType\":\"Patient\",\"id\":\"self\","
        "\"extension\":[{\"url\":\"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex\","
        "\"valueCode\":\"M\"}],\"gender\":\"male\","
        "\"maritalStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus\","
        "\"code\":\"W\"}]},\"meta\":{\"tag\":[{\"system\":\"urn:twinward:person\","
        "\"code\":\"11111111111111111111111111111111\"},{\"system\":\"urn:twinward:value\","
        "\"code\":\"age-capped\"}]}}",
        "{\"resourceType\":\"Encounter\",\"id\":\"1e6c6e9358aece3965b828d69c28b70d\",\"status\":\"finished\","
        "\"class\":{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ActCode\",\"code\":\"AMB\"},"
        "\"subject\":{\"reference\":\"Patient/self\"},\"period\":{\"start\":\"2025-04-15T07:30:00Z\","
        "\"end\":\"2025-04-15T08:05:00Z\"},\"meta\":{\"tag\":[{\"system\":\"urn:twinward:person\","
        "\"code\":\"11111111111111111111111111111111\"},{\"system\":\"urn:twinward:time\","
        "\"code\":\"constant-shift\"}]}}",
        "{\"resourceType\":\"Condition\",\"id\":\"f36f9a076c197d44aebe82601cdb3a4c\","
        "\"clinicalStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/condition-clinical\","
        "\"code\":\"active\"}]},\"code\":{\"coding\":[{\"system\":\"http://snomed.info/sct\","
        "\"code\":\"399068003\"},{\"system\":\"http://hl7.org/fhir/sid/icd-10-cm\",\"code\":\"C61\"}]},"
        "\"subject\":{\"reference\":\"Patient/self\"},\"onsetAge\":{\"value\":90,\"comparator\":\">=\","
        "\"system\":\"http://unitsofmeasure.org\",\"code\":\"a\"},\"recordedDate\":\"2025-04-15\","
        "\"meta\":{\"tag\":[{\"system\":\"urn:twinward:person\","
        "\"code\":\"11111111111111111111111111111111\"},{\"system\":\"urn:twinward:encounter\","
        "\"code\":\"1e6c6e9358aece3965b828d69c28b70d\"},{\"system\":\"urn:twinward:time\","
        "\"code\":\"constant-shift\"},{\"system\":\"urn:twinward:value\",\"code\":\"age-capped\"}]}}",
        "{\"resourceType\":\"Observation\",\"id\":\"19d21958e9f497e075c749a0a64f7a10\",\"status\":\"final\","
        "\"category\":[{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/observation-category\","
        "\"code\":\"laboratory\"}]}],\"code\":{\"coding\":[{\"system\":\"http://loinc.org\","
        "\"code\":\"2857-1\"}]},\"subject\":{\"reference\":\"Patient/self\"},"
        "\"effectiveDateTime\":\"2025-04-15T07:41:07Z\",\"valueQuantity\":{\"value\":4.30,"
        "\"system\":\"http://unitsofmeasure.org\",\"code\":\"ng/mL\"},"
        "\"specimen\":{\"reference\":\"Specimen/38d88e74df99a71fced7ebfb743572b9\"},"
        "\"meta\":{\"tag\":[{\"system\":\"urn:twinward:person\","
        "\"code\":\"11111111111111111111111111111111\"},{\"system\":\"urn:twinward:encounter\","
        "\"code\":\"1e6c6e9358aece3965b828d69c28b70d\"},{\"system\":\"urn:twinward:time\","
        "\"code\":\"constant-shift\"}]}}",
        "{\"resourceType\":\"DocumentReference\",\"id\":\"51d33abab089493a0e0df9bfe86909eb\","
        "\"status\":\"current\",\"type\":{\"coding\":[{\"system\":\"http://loinc.org\","
        "\"code\":\"34117-2\"}]},\"subject\":{\"reference\":\"Patient/self\"},"
        "\"date\":\"2025-04-15T10:00:00Z\","
        "\"content\":[{\"extension\":[{\"url\":\"http://hl7.org/fhir/StructureDefinition/data-absent-reason\","
        "\"valueCode\":\"masked\"}]}],\"meta\":{\"tag\":[{\"system\":\"urn:twinward:person\","
        "\"code\":\"11111111111111111111111111111111\"},{\"system\":\"urn:twinward:time\","
        "\"code\":\"constant-shift\"}]}}",
    };
    for (size_t i = 0; i < TW_COUNT(after); i++) {
        tw_deid *d = NULL;
        assert_ok(tw_deid_specimen_gate(cx, &d, NULL, i, profile(false)));
        assert_str(after[i], tw_str_of_bytes(tw_deid_line(d)));
    }
}

TEST(specimen__is_the_worked_example_of_the_format)
{
    tw_deid *d = NULL;
    tw_str page = tw_test_source("docs/formats/record.md");
    assert_ok(tw_deid_specimen_gate(cx, &d, NULL, 3, profile(false)));
    assert_true(tw_str_find(page, tw_str_of(tw_deid_specimen(3))) != SIZE_MAX);
    assert_true(tw_str_find(page, tw_str_of_bytes(tw_deid_line(d))) != SIZE_MAX);
}
