#include "test.h"

#include "deid/deid_internal.h"

static void refused(const char *text, const char *message)
{
    tw_profile *p = NULL;
    assert_status(TW_EPARSE, tw_profile_parse(cx, &p, tw_str_of(text)));
    assert_null(p);
    assert_string_equal(message, cx->err.msg);
}

TEST(table__has_all_elements_of_r4)
{
    tw_r4 t;
    tw_r4_init(&t);
    uint32_t resources = 0;
    for (uint32_t i = 0; i < t.node_count; i++)
        resources += t.node[i].resource;
    assert_int_equal(149, resources); /* 147 and the abstract Resource and DomainResource */
    const tw_r4_node *obs = &t.node[tw_r4_node_of(&t, TW_STR("Observation"))];
    const tw_r4_member *m = tw_r4_find(&t, obs, TW_STR("valueCodeableConcept"));
    assert_non_null(m);
    assert_str("Observation.valueCodeableConcept", m->path);
    assert_str("CodeableConcept", t.node[m->node].path);
    assert_true(tw_r4_find(&t, obs, TW_STR("status"))->required);
    assert_true(tw_r4_find(&t, obs, TW_STR("category"))->many);
    assert_true(tw_r4_find(&t, obs, TW_STR("subject"))->subject);
    assert_false(tw_r4_find(&t, obs, TW_STR("focus"))->subject);
    assert_null(tw_r4_find(&t, obs, TW_STR("value")));
    assert_null(tw_r4_find(&t, obs, TW_STR("")));
    const tw_r4_member *status = tw_r4_find(&t, obs, TW_STR("status"));
    assert_true(tw_r4_has_code(&t.codes[status->codes], TW_STR("final")));
    assert_false(tw_r4_has_code(&t.codes[status->codes], TW_STR("Ada")));
    /* contentReference: items of a questionnaire response hold items */
    const tw_r4_member *item =
        tw_r4_find(&t, &t.node[tw_r4_node_of(&t, TW_STR("QuestionnaireResponse.item"))], TW_STR("item"));
    assert_str("QuestionnaireResponse.item", t.node[item->node].path);
    tw_r4_done(&t);
}

TEST(profile__builtins_load_and_have_hashes_of_their_own)
{
    uint8_t hash[8][32];
    size_t n = 0;
    for (; tw_profile_builtin_name(n); n++) {
        tw_profile *p = NULL;
        assert_ok(tw_profile_builtin(cx, &p, tw_str_of(tw_profile_builtin_name(n))));
        assert_str(tw_profile_builtin_name(n), tw_profile_name(p));
        tw_profile_hash(hash[n], p);
        tw_profile_free(p);
    }
    assert_int_equal(4, n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(hash[i], hash[k], 32);
    tw_profile *p = NULL;
    assert_status(TW_ENOTFOUND, tw_profile_builtin(cx, &p, TW_STR("common")));
}

/* Without rules nothing is kept but what the gate itself writes. */
TEST(profile__default_is_to_remove)
{
    tw_profile *p = NULL;
    assert_ok(tw_profile_parse(cx, &p, TW_STR("# nothing\nprofile bare\n")));
    for (uint32_t i = 0; i < p->table.member_count; i++) {
        assert_int_equal(ACT_REMOVE, p->table.member[i].action);
        assert_int_equal(0, p->table.member[i].rule);
    }
    tw_profile_free(p);
}

TEST(profile__later_line_and_path_win)
{
    tw_profile *p = NULL;
    assert_ok(tw_profile_parse(
        cx, &p, TW_STR("profile x\ntype code remove a\ntype code code b\npath Patient.gender remove c\n")));
    const tw_r4 *t = &p->table;
    const tw_r4_member *status = tw_r4_find(t, &t->node[tw_r4_node_of(t, TW_STR("Observation"))], TW_STR("status"));
    const tw_r4_member *gender = tw_r4_find(t, &t->node[tw_r4_node_of(t, TW_STR("Patient"))], TW_STR("gender"));
    assert_int_equal(ACT_CODE, status->action);
    assert_str("b", p->rule[status->rule]);
    assert_int_equal(ACT_REMOVE, gender->action);
    assert_str("c", p->rule[gender->rule]);
    tw_profile_free(p);
}

TEST(profile__errors_name_the_line)
{
    refused("type code code codes\n", "profile: the line `profile NAME` is missing");
    refused("profile x\n\ntype code\n", "profile line 3: a name, an action and a label are needed");
    refused("profile x\ntype code pass codes\n", "profile line 2: unknown action");
    refused("profile x\nsystem http://x fancy codes\n", "profile line 2: unknown form");
    refused("profile x\nextension http://x valu y\n",
            "profile line 2: the value is in value[x], a valueType, or extension; or none");
    refused("profile x\ntimes maybe\n", "profile line 2: times are shift, year or remove");
    refused("profile x\nextension http://\"a valueCode e\n",
            "profile line 2: a quote, a backslash, a control character, or no UTF-8");
    refused("profile x\nwords Address.state \\\\\n",
            "profile line 2: a quote, a backslash, a control character, or no UTF-8");
    refused("profile x\nwords Address.state a\tb\n",
            "profile line 2: a quote, a backslash, a control character, or no UTF-8");
    refused("profile x\nwords Address.state \xff\n",
            "profile line 2: a quote, a backslash, a control character, or no UTF-8");
    refused("profile x\ninclude other\n", "profile line 2: `include common` or `include linked` is meant");
    refused("profile x\nkeep everything\n", "profile line 2: unknown line");
    refused("profile x\npath Patient.nome remove names\n", "profile: R4 has no element Patient.nome");
}

/* An action may not be put on a type whose form it does not check. */
TEST(profile__refuses_actions_that_do_not_fit)
{
    refused("profile x\ntype string keep text\n",
            "profile: the action for Account.description does not fit its type string");
    refused("profile x\npath Patient.birthDate keep dates\n",
            "profile: the action for Patient.birthDate does not fit its type date");
    refused("profile x\npath Patient.name coding names\n",
            "profile: the action for Patient.name does not fit its type HumanName");
    refused("profile x\npath Patient.gender word w\npath Patient.active code w\n",
            "profile: the action for Patient.active does not fit its type boolean");
}

static tw_category category(const char *json)
{
    tw_json d;
    tw_category c;
    assert_ok(tw_json_parse(cx, &d, tw_str_of(json), NULL));
    return tw_category_of(&c, &d, 0) ? c : (tw_category)0;
}

#define OBS_OF(c) "{\"resourceType\":\"Observation\",\"category\":[{\"coding\":[{\"code\":\"" c "\"}]}]}"

TEST(category__follows_type_and_content)
{
    assert_int_equal(TW_CAT_DEMOGRAPHICS, category("{\"resourceType\":\"Patient\"}"));
    assert_int_equal(TW_CAT_ADMINISTRATIVE, category("{\"resourceType\":\"ExplanationOfBenefit\"}"));
    assert_int_equal(0, category("{\"resourceType\":\"Practitioner\"}"));
    assert_int_equal(0, category("{\"resourceType\":\"Zebra\"}"));
    assert_int_equal(0, category("{}"));
    assert_int_equal(TW_CAT_LABS, category(OBS_OF("laboratory")));
    assert_int_equal(TW_CAT_VITALS, category(OBS_OF("vital-signs")));
    assert_int_equal(TW_CAT_IMAGING, category(OBS_OF("imaging")));
    assert_int_equal(TW_CAT_CONDITIONS, category(OBS_OF("social-history")));
    assert_int_equal(TW_CAT_PROCEDURES, category(OBS_OF("procedure")));
    assert_int_equal(TW_CAT_LABS, category("{\"resourceType\":\"Observation\"}"));
    assert_int_equal(TW_CAT_GENOMICS,
                     category("{\"resourceType\":\"Observation\",\"code\":{\"coding\":[{\"code\":\"69548-6\"}]}}"));
    assert_int_equal(TW_CAT_PROCEDURES, category("{\"resourceType\":\"Procedure\"}"));
    assert_int_equal(TW_CAT_RADIOTHERAPY,
                     category("{\"resourceType\":\"Procedure\",\"code\":{\"coding\":[{\"code\":\"1217123003\"}]}}"));
    assert_int_equal(
        TW_CAT_RADIOTHERAPY,
        category(
            "{\"resourceType\":\"BodyStructure\",\"meta\":{\"profile\":[\"http://x/mcode-radiotherapy-volume\"]}}"));
    assert_int_equal(
        TW_CAT_NOTES,
        category("{\"resourceType\":\"DiagnosticReport\",\"category\":[{\"coding\":[{\"code\":\"34117-2\"}]}]}"));
    assert_int_equal(TW_CAT_LABS, category("{\"resourceType\":\"DiagnosticReport\"}"));
}

static const tw_r4_member *member_of(const tw_profile *p, const char *type, const char *name)
{
    return tw_r4_find(&p->table, &p->table.node[tw_r4_node_of(&p->table, tw_str_of(type))], tw_str_of(name));
}

/* What the profiles are for: who sees days, places, identifiers and origin. */
TEST(profile__builtins_differ_where_their_clauses_do)
{
    static const struct {
        const char *name;
        times_law times;
        r4_action address, identifier, zip, marital;
        bool race;
    } want[] = {
        { "twin", TIMES_SHIFT, ACT_REMOVE, ACT_LINK, ACT_REMOVE, ACT_DESCEND, true },
        { "hipaa-safe-harbor", TIMES_YEAR, ACT_DESCEND, ACT_REMOVE, ACT_ZIP3, ACT_DESCEND, true },
        { "hipaa-expert", TIMES_SHIFT, ACT_DESCEND, ACT_LINK, ACT_ZIP3, ACT_DESCEND, true },
        { "gdpr-research", TIMES_SHIFT, ACT_DESCEND, ACT_LINK, ACT_REMOVE, ACT_REMOVE, false },
    };
    for (size_t i = 0; i < TW_COUNT(want); i++) {
        tw_profile *p = NULL;
        assert_ok(tw_profile_builtin(cx, &p, tw_str_of(want[i].name)));
        assert_int_equal(want[i].times, p->times);
        assert_int_equal(want[i].address, member_of(p, "Patient", "address")->action);
        assert_int_equal(want[i].identifier, member_of(p, "Patient", "identifier")->action);
        assert_int_equal(want[i].zip, member_of(p, "Address", "postalCode")->action);
        assert_int_equal(want[i].marital, member_of(p, "Patient", "maritalStatus")->action);
        assert_int_equal(ACT_REMOVE, member_of(p, "Patient", "name")->action);
        assert_int_equal(ACT_SCRUB, member_of(p, "Annotation", "text")->action);
        const extension_rule *race = frozen_get(
            &p->extensions, TW_STR("http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"));
        assert_int_equal(want[i].race, tw_str_is(race->value, "extension"));
        assert_null(frozen_get(&p->extensions, TW_STR("http://nobody")));
        assert_null(frozen_get(&p->systems, TW_STR("")));
        tw_profile_free(p);
    }
}
