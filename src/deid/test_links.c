/* The gate: references, contained records and extensions. */
#include "test_gate.h"

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

TEST(references__a_urn_of_the_patient_is_the_patient)
{
    observation(SELF_OUT, "\"subject\":{\"reference\":\"urn:uuid:p1\"}");
}

/* Another patient is no reference of a record, even where records of patients are in its category. */
TEST(references__of_another_patient_go)
{
    static const char rules[] = "profile x\ntype Extension extension e\ntype Reference reference r\n"
                                "extension http://r valueReference e\n";
    static const char form[] = "{\"resourceType\":\"Patient\",\"id\":\"p1\",\"extension\":[{\"url\":\"http://r\","
                               "\"valueReference\":{\"reference\":\"Patient/%s\"}}]}";
    assert_str("", body_under(rules, tw_strf(cx->arena, form, "p2").p));
    assert_str("\"extension\":[{\"url\":\"http://r\",\"valueReference\":{\"reference\":\"Patient/self\"}}]",
               body_under(rules, tw_strf(cx->arena, form, "p1").p));
}

/* The subject of what is contained in a record of this patient is not asked: it may be somebody's specimen. */
TEST(references__of_contained_records_to_other_patients_go)
{
    tw_str line =
        line_of(OBS SELF ",\"contained\":[{\"resourceType\":\"Specimen\",\"id\":\"s\",\"status\":\"available\","
                         "\"subject\":{\"reference\":\"Patient/p2\"}}]}",
                false);
    assert_true(tw_str_find(line, TW_STR("\"status\":\"available\"}")) != SIZE_MAX);
}

TEST(references__encounters_are_tagged_once_each_and_up_to_a_limit)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    tw_buf_cstr(&b, OBS SELF ",\"focus\":[{\"reference\":\"Encounter/e0\"}");
    for (unsigned i = 0; i <= ENCOUNTERS_MAX; i++)
        tw_buf_fmt(&b, ",{\"reference\":\"Encounter/e%u\"}", i);
    tw_buf_cstr(&b, "]}");
    tw_str line = line_of(tw_cstr(cx->arena, tw_str_of_bytes(tw_buf_view(&b))), false);
    tw_buf_done(&b);
    assert_int_equal(ENCOUNTERS_MAX, times_in(line, TW_STR("urn:twinward:encounter")));
    tw_str first = keyed("Encounter", "e0");
    assert_int_equal(1, times_in(line, (tw_str){ first.p + 10, first.n - 10 }));
    tw_str over = keyed("Encounter", tw_strf(cx->arena, "e%d", ENCOUNTERS_MAX).p);
    assert_int_equal(0, times_in(line, (tw_str){ over.p + 10, over.n - 10 }));
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
    refused(OBS "\"subject\":{\"reference\":\"Patient?identifier=http://x|8\"}}", TW_EREFUSED,
            "Observation: whose record it is cannot be told");
    known_as = (tw_str){ "", 0 };
}

TEST(references__the_source_may_know_the_patient_by_another_id)
{
    known_id = TW_STR("p2");
    assert_str(OBS_OUT "," SELF_OUT, body_of(OBS "\"subject\":{\"reference\":\"Patient/p2\"}}", false));
    refused(OBS SELF "}", TW_EREFUSED, "Observation: the record of another patient, or of none");
    known_id = (tw_str){ "", 0 };
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

TEST(extensions__of_any_value_pass_by_the_rule_of_the_value)
{
    static const char form[] =
        "{\"resourceType\":\"Procedure\",\"id\":\"p\",\"status\":\"completed\"," SELF
        ",\"extension\":[{\"url\":\"http://"
        "hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-energy-or-isotope\",%s}]}";
    static const char number[] = "\"valueQuantity\":{\"value\":6,\"unit\":\"MeV\"}";
    tw_str body = body_of(tw_strf(cx->arena, form, number).p, false);
    assert_true(tw_str_find(body, tw_str_of(number)) != SIZE_MAX);
    body = body_of(tw_strf(cx->arena, form, "\"valueString\":\"Ada\"").p, false);
    assert_true(tw_str_find(body, TW_STR("extension")) == SIZE_MAX);
}

/* Children are listed one level deep; what is below them goes. */
TEST(extensions__children_are_listed_one_level_deep)
{
    static const char rules[] = "profile x\ntype Extension extension e\ntype boolean keep v\n"
                                "extension http://a extension e\nextension http://a#b extension e\n"
                                "extension http://a#c valueBoolean e\nextension b#c valueBoolean e\n";
    static const char form[] = "{\"resourceType\":\"Patient\",\"id\":\"p1\",\"extension\":[{\"url\":\"http://a\"%s}]}";
    static const char *const nothing[] = {
        "",
        ",\"extension\":{}",
        ",\"extension\":[]",
        ",\"extension\":[{\"url\":\"b\",\"extension\":[{\"url\":\"c\",\"valueBoolean\":true}]}]",
    };
    for (size_t i = 0; i < TW_COUNT(nothing); i++)
        assert_str("", body_under(rules, tw_strf(cx->arena, form, nothing[i]).p));
    static const char children[] = ",\"extension\":[{\"url\":\"c\",\"valueBoolean\":true}]";
    assert_str(tw_strf(cx->arena, "\"extension\":[{\"url\":\"http://a\"%s}]", children).p,
               body_under(rules, tw_strf(cx->arena, form, children).p));
}

TEST(extensions__a_modifier_that_is_listed_passes)
{
    static const char rules[] = "profile x\ntype Extension extension e\ntype boolean keep v\n"
                                "extension http://m valueBoolean e\n";
    static const char modifier[] = "\"modifierExtension\":[{\"url\":\"http://m\",\"valueBoolean\":true}]";
    assert_str(modifier,
               body_under(rules, tw_strf(cx->arena, "{\"resourceType\":\"Patient\",\"id\":\"p1\",%s}", modifier).p));
}

TEST(extensions__a_modifier_of_no_shape_is_not_known)
{
    static const char *const shapes[] = { "{\"url\":\"http://x\"}", "{}", "true", "\"http://x\"", "null" };
    for (size_t i = 0; i < TW_COUNT(shapes); i++)
        refused(tw_strf(cx->arena, OBS "\"modifierExtension\":%s}", shapes[i]).p, TW_EREFUSED,
                "Observation: a modifier extension that the profile does not allow");
}

TEST(extensions__an_unknown_modifier_takes_a_contained_record_along)
{
    observation(SELF_OUT, SELF ",\"contained\":[{\"resourceType\":\"Specimen\",\"id\":\"s\",\"status\":\"available\","
                               "\"modifierExtension\":[{\"url\":\"http://x\"}]},{\"resourceType\":\"Specimen\"}]");
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
