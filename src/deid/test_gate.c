/* The gate: what passes of a record, in which form, and what is refused. */
#include "test_gate.h"

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

TEST(gate__takes_no_long_text_for_a_word)
{
    tw_str json =
        tw_strf(cx->arena,
                "{\"resourceType\":\"Patient\",\"id\":\"p1\",\"extension\":[{\"url\":\"http://hl7.org/fhir/us/"
                "core/StructureDefinition/us-core-birthsex\",\"valueCode\":\"F%*s\"}]}",
                300, "");
    assert_str("", body_of(json.p, false));
}

/* 512 bytes with its quotes. */
TEST(gate__does_not_read_a_text_over_its_limit)
{
    known_as = tw_strf(cx->arena, "%0510d", 7);
    static const char form[] = OBS "\"subject\":{\"reference\":\"%s\"}}";
    assert_str(OBS_OUT "," SELF_OUT, body_of(tw_strf(cx->arena, form, known_as.p).p, false));
    known_as = tw_strf(cx->arena, "%0511d", 7);
    refused(tw_strf(cx->arena, form, known_as.p).p, TW_EREFUSED, "Observation: whose record it is cannot be told");
    known_as = (tw_str){ "", 0 };
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

/* A list of primitives has its extensions beside it: "A JSON null ... fills the place". No patient record of R4 has a
 * required one, so the walk is asked alone. */
TEST(gate__masks_a_required_list_of_codes)
{
    tw_json d;
    tw_buf b;
    bool any = true;
    assert_ok(tw_json_parse(cx, &d, TW_STR("{\"purpose\":[\"Ada\"]}"), NULL));
    tw_gate_opts opts = { .profile = profile(false), .id_key = id_key };
    gate g = { .cx = cx, .opts = &opts, .p = opts.profile, .d = &d, .out = &b };
    const tw_r4 *t = &g.p->table;
    tw_buf_init(&b, TW_KIB);
    assert_true(gate_members(&g, &t->node[tw_r4_node_of(t, TW_STR("CoverageEligibilityRequest"))], 0, &any));
    assert_str(",\"purpose\":[null],\"_purpose\":[{\"extension\":[{\"url\":"
               "\"http://hl7.org/fhir/StructureDefinition/data-absent-reason\",\"valueCode\":\"masked\"}]}]",
               tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
}

/* The profile's reader refuses such an action; if one came through, it must not let anything pass. */
TEST(gate__an_action_that_is_none_of_ours_lets_nothing_pass)
{
    tw_json d;
    tw_buf b;
    assert_ok(tw_json_parse(cx, &d, TW_STR("true"), NULL));
    gate g = { .cx = cx, .p = profile(false), .d = &d, .out = &b };
    tw_r4_member m = { .prim = TW_PRIM_BOOLEAN, .action = 99 };
    tw_buf_init(&b, TW_KIB);
    assert_false(gate_value(&g, &m, 0));
    assert_false(gate_leaf(&g, &m, 0));
    assert_int_equal(0, b.n);
    m.action = ACT_KEEP;
    assert_true(gate_value(&g, &m, 0));
    assert_int_equal(4, b.n);
    tw_buf_done(&b);
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
    observation("\"valueBoolean\":true", "\"valueBoolean\":true");
    observation("\"valueBoolean\":false", "\"valueBoolean\":false");
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
    observation("", "\"valueQuantity\":{\"unit\":\"mg\"},\"valueInteger\":\"12\"");
    observation("", "\"valueQuantity\":{\"value\":180,\"comparator\":\"Ada\"}");
    observation("\"valueSampledData\":{\"period\":10}", "\"valueSampledData\":{\"period\":10,\"data\":12}");
    observation("\"valueSampledData\":{\"period\":10}", "\"valueSampledData\":{\"period\":10,\"data\":\"1\\u0020 2\"}");
}

/* Money has no comparator in R4. */
TEST(gate__an_amount_of_a_type_without_comparators_has_none)
{
    static const char rules[] = "profile x\ntype Money quantity values\ntype BackboneElement descend structure\n";
    static const char claim[] = "{\"resourceType\":\"Claim\",\"id\":\"c\",\"total\":{\"value\":5%s}}";
    assert_str("\"total\":{\"value\":5}", body_under(rules, tw_strf(cx->arena, claim, "").p));
    assert_str("", body_under(rules, tw_strf(cx->arena, claim, ",\"comparator\":\"<\"").p));
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

/* LOINC 30525-0 is an age, whatever its unit. */
TEST(gate__caps_the_value_of_an_observation_of_age)
{
    static const char form[] =
        "{\"resourceType\":\"Observation\",\"id\":\"o\",\"status\":\"final\",\"code\":{\"coding\":["
        "{\"system\":\"http://loinc.org\",\"code\":\"30525-0\"}]},%s}";
    static const struct {
        const char *in, *out;
    } rows[] = {
        { "\"valueQuantity\":{\"value\":1100,\"unit\":\"mo\"}",
          "\"valueQuantity\":{\"value\":90,\"comparator\":\">=\",\"system\":\"http://"
          "unitsofmeasure.org\",\"code\":\"a\"}" },
        { "\"valueQuantity\":{\"value\":1000,\"unit\":\"mo\"}", "\"valueQuantity\":{\"value\":1000,\"unit\":\"mo\"}" },
        { "\"valueQuantity\":{\"value\":1100,\"unit\":\"kg\"}", "\"valueQuantity\":{\"value\":1100,\"unit\":\"kg\"}" },
        { "\"valueInteger\":90", "\"valueInteger\":90" },
        { "\"valueInteger\":91", "\"valueInteger\":90" },
        { "\"valueInteger\":89", "\"valueInteger\":89" },
        { "\"valueSampledData\":{\"origin\":{\"value\":0},\"period\":91,\"dimensions\":1}",
          "\"valueSampledData\":{\"origin\":{\"value\":0},\"period\":91,\"dimensions\":1}" },
    };
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        tw_str body = body_of(tw_strf(cx->arena, form, rows[i].in).p, false);
        size_t at = tw_str_find(body, TW_STR("]},"));
        assert_str(rows[i].out, ((tw_str){ body.p + at + 3, body.n - at - 3 }));
    }
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

TEST(gate__a_profile_may_remove_all_times)
{
    static const char rules[] = "profile x\ntimes remove\ntype dateTime time dates\ntype boolean keep values\n";
    assert_str("\"deceasedBoolean\":true",
               body_under(rules, "{\"resourceType\":\"Patient\",\"id\":\"p1\",\"deceasedDateTime\":\"2025-05-06\","
                                 "\"deceasedBoolean\":true}"));
}

TEST(gate__a_profile_that_shifts_may_take_the_year_of_some)
{
    static const char rules[] = "profile x\ntimes shift\ntype dateTime year dates\n";
    assert_str("\"deceasedDateTime\":\"2024\"",
               body_under(rules, "{\"resourceType\":\"Patient\",\"id\":\"p1\",\"deceasedDateTime\":\"2025-01-06\"}"));
    assert_true(noise.time_round_days == 365.25 && !noise.time_shift_constant);
}

TEST(gate__birth_is_a_year_and_none_over_89)
{
    patient("", "\"birthDate\":\"1948-03-17T00:00:00Z\"", false); /* a date has no time */
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
    static const char *const no_zip[] = { "0213a", "0213a-1000", "02134 1000", "021341000x", "0213/", "021" };
    for (size_t i = 0; i < TW_COUNT(no_zip); i++) {
        tw_str one = tw_strf(cx->arena, "\"address\":[{\"state\":\"\",\"postalCode\":\"%s\"}]", no_zip[i]);
        patient("", one.p, true);
    }
    patient("\"address\":[{\"postalCode\":\"021\"}]", "\"address\":[{\"postalCode\":\"021341000\"}]", true);
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

/* It stops at the first thing that says so, whatever follows. */
TEST(gate__refuses_whole_records)
{
    refused(OBS "\"subject\":{\"reference\":\"Patient/p2\"},\"valueInteger\":1}", TW_EREFUSED,
            "Observation: the record of another patient, or of none");
    refused("{\"resourceType\":\"Account\",\"id\":\"a\",\"subject\":[{\"reference\":\"Patient/p2\"},"
            "{\"reference\":\"Patient/p1\"}]}",
            TW_EREFUSED, "Account: the record of another patient, or of none");
}

static tw_str nested_items(int levels)
{
    tw_buf b;
    tw_buf_init(&b, TW_KIB * 8);
    tw_buf_cstr(&b, "{\"resourceType\":\"QuestionnaireResponse\",\"id\":\"q\"," SELF);
    for (int i = 0; i < levels; i++)
        tw_buf_cstr(&b, ",\"item\":[{\"answer\":[{\"valueBoolean\":true}]");
    for (int i = 0; i < levels; i++)
        tw_buf_cstr(&b, "}]");
    tw_buf_cstr(&b, "}");
    tw_str json = tw_str_of(tw_cstr(cx->arena, tw_str_of_bytes(tw_buf_view(&b))));
    tw_buf_done(&b);
    return json;
}

TEST(gate__refuses_what_is_nested_too_deeply)
{
    enum { DEEPEST = 23 }; /* items, and an answer in the last */
    tw_str body = body_of(nested_items(DEEPEST).p, false);
    assert_int_equal(DEEPEST, times_in(body, TW_STR("\"valueBoolean\":true")));
    refused(nested_items(DEEPEST + 1).p, TW_EREFUSED, "QuestionnaireResponse: nested too deeply");
}

TEST(gate__refuses_a_place_outside_the_document)
{
    tw_json d;
    tw_deid *out = NULL;
    assert_ok(tw_json_parse(cx, &d, TW_STR("{}"), NULL));
    tw_phi_parts parts = { .doc = &d, .resource = d.n, .patient = TW_STR("p1") };
    tw_gate_opts opts = { .profile = profile(false), .id_key = id_key };
    assert_status(TW_EPARSE, tw_deid_gate(cx, &out, NULL, NULL, tw_phi_make(cx, &parts), &opts));
    assert_string_equal("a resource is a JSON object", cx->err.msg);
}

TEST(gate__takes_the_business_id_of_a_record_without_one)
{
    enum { LONGEST = 512 };
    char business[LONGEST + 1];
    memset(business, 'x', sizeof business);
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, TW_STR("{\"resourceType\":\"Observation\"}"), NULL));
    tw_phi_parts parts = { .doc = &d, .patient = TW_STR("p1"), .business_id = { business, LONGEST } };
    tw_gate_opts opts = { .profile = profile(false), .id_key = id_key };
    tw_deid *out = NULL;
    assert_ok(tw_deid_gate(cx, &out, NULL, NULL, tw_phi_make(cx, &parts), &opts));
    char id[TW_ID_HEX + 1];
    tw_deid_id(id, id_key, TW_STR("Observation"), parts.business_id);
    assert_true(tw_str_find(tw_str_of_bytes(tw_deid_line(out)), tw_str_of(id)) != SIZE_MAX);
    parts.business_id.n++;
    assert_status(TW_EREFUSED, tw_deid_gate(cx, &out, NULL, NULL, tw_phi_make(cx, &parts), &opts));
    assert_string_equal("Observation: its id is too long", cx->err.msg);
    /* but a patient is "self", with and without */
    assert_true(tw_str_starts(line_of("{\"resourceType\":\"Patient\",\"gender\":\"male\"}", false),
                              "{\"resourceType\":\"Patient\",\"id\":\"self\","));
}

TEST(gate__says_when_there_is_no_memory)
{
    tw_json d;
    tw_deid *out = NULL;
    assert_ok(tw_json_parse(cx, &d, TW_STR(OBS "\"surprise\":1,\"valueBoolean\":7}"), NULL));
    tw_phi_parts parts = { .doc = &d, .patient = TW_STR("p1") };
    tw_gate_opts opts = { .profile = profile(false), .id_key = id_key };
    tw_phi *phi = tw_phi_make(cx, &parts);
    tw_mem_fail_at(1);
    tw_status s = tw_deid_gate(cx, &out, NULL, NULL, phi, &opts);
    tw_mem_fail_at(0);
    assert_status(TW_ELIMIT, s);
    assert_null(out);
}

TEST(gate__takes_back_what_has_the_wrong_shape)
{
    account = tw_account_new(profile(false));
    observation("", "\"method\":\"Ada\",\"component\":[7]");
    assert_int_equal(2, tw_account_sum(account).removed);
    tw_account_free(account);
    account = NULL;
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
    tw_account_write(&w, other, NULL);
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

/* What a coding or a quantity does not write is counted member by member. */
TEST(account__counts_the_members_of_codings_and_quantities)
{
    static const struct {
        const char *path;
        uint64_t kept, removed;
    } rows[] = {
        { "Coding.system", 2, 0 },    { "Coding.code", 2, 0 },    { "Coding.display", 0, 1 },
        { "Coding.extension", 0, 2 }, { "Quantity.value", 1, 0 }, { "Quantity.unit", 0, 1 },
        { "Quantity.system", 1, 0 },  { "Quantity.code", 1, 0 },  { "Coding", 0, 1 },
    };
    account = tw_account_new(profile(false));
    line_of(OBS
            "\"method\":{\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"399068003\",\"display\":\"Ada\","
            "\"extension\":[{},{}],\"Ada\":1}]},\"valueQuantity\":{\"value\":1,\"unit\":\"Ada\",\"system\":\"http://"
            "unitsofmeasure.org\",\"code\":\"mg\"}}",
            false);
    size_t cursor = 0, found = 0;
    for (tw_account_row row; tw_account_next(account, &cursor, &row);) {
        for (size_t i = 0; i < TW_COUNT(rows); i++) {
            if (!tw_str_is(row.path, rows[i].path))
                continue;
            assert_int_equal(rows[i].kept, row.kept);
            assert_int_equal(0, row.changed);
            assert_int_equal(rows[i].removed, row.removed);
            found++;
        }
    }
    assert_int_equal(TW_COUNT(rows), found);
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

/* Names written with escapes are none of R4's: an object that has one is not read in part. */
TEST(codings__and_quantities_are_read_whole_or_go)
{
    observation("", "\"bodySite\":{\"coding\":[7,{\"system\":\"http://loinc.org\",\"cod\\u0065\":\"2857-1\"}]}");
    observation("", "\"valueQuantity\":{\"value\":1,\"cod\\u0065\":\"mg\"}");
    observation("", "\"valueQuantity\":7");
}

TEST(codings__a_long_system_is_none_of_an_age)
{
    char system[400];
    memset(system, 'x', sizeof system - 1);
    system[sizeof system - 1] = '\0';
    tw_str json = tw_strf(cx->arena,
                          "{\"resourceType\":\"Observation\",\"id\":\"o1\",\"status\":\"final\",\"code\":{\"coding\":[{"
                          "\"system\":\"%s\",\"code\":\"1\"},{\"system\":\"http://loinc.org\",\"code\":\"30525-0\"}]},"
                          "\"valueInteger\":94}",
                          system);
    assert_true(tw_str_find(body_of(json.p, false), TW_STR("\"valueInteger\":90")) != SIZE_MAX);
}
