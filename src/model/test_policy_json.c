/* Policies and purposes as JSON. */
#include "test_model.h"

static tw_status read_policy(tw_policy *out, tw_str text)
{
    tw_json d;
    TW_TRY(tw_json_parse(cx, &d, text, NULL));
    return tw_policy_from_json(cx, out, &d, 0);
}

static tw_status read_purpose(tw_purpose *out, tw_str text)
{
    tw_json d;
    TW_TRY(tw_json_parse(cx, &d, text, NULL));
    return tw_purpose_from_json(cx, out, &d, 0);
}

static tw_str policy_text(const tw_policy *p)
{
    tw_buf b;
    tw_jw w;
    tw_buf_init(&b, 64 * TW_KIB);
    tw_jw_init(&w, &b, 0);
    tw_policy_to_json(cx, &w, p);
    return tw_str_of_bytes(taken(&b));
}

static tw_str purpose_text(const tw_purpose *p)
{
    tw_buf b;
    tw_jw w;
    tw_buf_init(&b, 64 * TW_KIB);
    tw_jw_init(&w, &b, 0);
    tw_purpose_to_json(cx, &w, p);
    return tw_str_of_bytes(taken(&b));
}

TEST(policy_json__page_example_has_the_page_bytes)
{
    tw_policy p;
    tw_bytes bytes;
    tw_str page = page_block("policy.md", "json", 0);
    assert_ok(read_policy(&p, page));
    assert_ok(tw_policy_encode(cx, &bytes, &p));
    assert_same(page_hex("policy.md", 0), bytes);
    assert_str(tw_cstr(cx->arena, page), policy_text(&p));
}

/* What the writer writes, the reader reads as the same, and writes the same. */
TEST(policy_json__goes_both_ways)
{
    static const char *const texts[] = {
        "{'status':'active','permission':'NRES','modifiers':{},'categories':[]}",
        "{'status':'inactive','permission':null,'modifiers':{'NPU':true},'categories':['labs','genomics']}",
        "{'status':'active','permission':'DS','modifiers':{'RS':'paediatric','NMDS':true,'GSO':true,"
        "'NPUNCU':true,'PUB':true,'COL':true,'IRB':true,'GS':['DE','FR'],'MOR':'2027-01-01','TS':6,"
        "'US':['u'],'PS':['p'],'IS':['i'],'RTN':true,'CC':true,'NPOA':true,'NPU':true,'NCU':true},"
        "'categories':['vitals'],'diseases':['DOID:162'],'from':'2026-01-01','until':'2026-06-01T12:00:00Z',"
        "'yes':['a'],'no':['b','CC']}",
        "{'status':'active','permission':'HMB','modifiers':{'TS':'2027-06-01'},'categories':['notes']}",
        "{'status':'active','permission':'POA','modifiers':{'TS':{'months':3,'until':'2027-06-01'}},'categories':[]}",
    };
    for (size_t i = 0; i < TW_COUNT(texts); i++) {
        tw_policy p;
        assert_ok(read_policy(&p, json(texts[i])));
        assert_str(json(texts[i]).p, policy_text(&p));
    }
}

TEST(policy_json__reads_other_forms_of_the_same)
{
    tw_policy p;
    assert_ok(read_policy(&p, json("{'categories':'all','permission':'GRU','status':'proposed','modifiers':"
                                     "{'RS':['one','two'],'NPU':false,'GS':false,'MOR':'2027-01-01T00:00:00Z'}}")));
    assert_int_equal(TW_CAT_ALL, p.categories);
    assert_int_equal(TW_CONSENT_INACTIVE, p.status);
    assert_str("one; two", p.research_type);
    assert_int_equal(1u << TW_MOD_RS | 1u << TW_MOD_MOR, p.modifiers);
    assert_true(p.publish_after_s == 1798761600u && p.from_s == 0 && p.until_s == UINT64_MAX);
}

TEST(policy_json__refuses)
{
    /* each is the good one with one thing wrong; %s stands for members */
    static const char *const members[] = {
        "'status':1", "'status':''", "'permission':'ALL'", "'permission':5", "'modifiers':[]",
        "'modifiers':{'npu':true}", "'modifiers':{'NPU':'yes'}", "'modifiers':{'NPU':null}",
        "'modifiers':{'GS':true}", "'modifiers':{'GS':[]}", "'modifiers':{'GS':[1]}",
        "'modifiers':{'GS':['']}", "'modifiers':{'US':'u'}", "'modifiers':{'RS':true}",
        "'modifiers':{'RS':[]}", "'modifiers':{'MOR':true}", "'modifiers':{'MOR':'soon'}",
        "'modifiers':{'TS':true}", "'modifiers':{'TS':1.5}", "'modifiers':{'TS':-1}", "'modifiers':{'TS':0}",
        "'modifiers':{'TS':{'months':3}}", "'modifiers':{'TS':{'until':'2027-01-01'}}",
        "'modifiers':{'TS':{'months':'3','until':'2027-01-01'}}",
        "'modifiers':{'TS':{'months':3,'until':'x'}}",
        "'modifiers':{'TS':{'months':3,'until':'2027-01-01','x':1}}", "'categories':['laboratory']",
        "'categories':['labs',7]", "'categories':'labs'", "'diseases':['DOID:4']", "'from':20260101",
        "'until':'2026-02-30'", "'yes':{}", "'no':'CC'", "'form':'2026-01-01'", "'until':null",
    };
    static const char *const others[] = { "status", "permission", "categories" };
    static const char *const given[] = { "'status':'active'", "'permission':'GRU'", "'categories':['labs']" };
    for (size_t i = 0; i < TW_COUNT(members); i++) {
        tw_str text = tw_strf(cx->arena, "{%s", members[i]);
        for (size_t k = 0; k < TW_COUNT(others); k++)
            if (tw_str_find(tw_str_of(members[i]), tw_str_of(others[k])) != 1)
                text = tw_strf(cx->arena, TW_FMT ",%s", TW_ARG(text), given[k]);
        tw_policy p;
        tw_status s = read_policy(&p, json(tw_strf(cx->arena, TW_FMT "}", TW_ARG(text)).p));
        if (s != TW_EPARSE)
            fail_msg("%s: %s", members[i], tw_status_name(s));
    }
}

TEST(policy_json__wants_its_three_members_and_an_object)
{
    static const char *const texts[] = { "[]", "{}", "{'status':'active','permission':'GRU'}",
                                         "{'status':'active','categories':[]}", "{'permission':null,'categories':[]}" };
    for (size_t i = 0; i < TW_COUNT(texts); i++) {
        tw_policy p;
        assert_status(TW_EPARSE, read_policy(&p, json(texts[i])));
    }
}

TEST(policy_json__lists_have_their_limit)
{
    for (int count = TW_LIST_MAX; count <= TW_LIST_MAX + 1; count++) {
        tw_str list = TW_STR("'x'");
        for (int i = 1; i < count; i++)
            list = tw_strf(cx->arena, TW_FMT ",'x'", TW_ARG(list));
        tw_policy p;
        tw_str text = tw_strf(cx->arena, "{'status':'active','permission':'GRU','categories':[],'no':[" TW_FMT "]}",
                              TW_ARG(list));
        assert_status(count <= TW_LIST_MAX ? TW_OK : TW_EPARSE, read_policy(&p, json(text.p)));
        if (count > TW_LIST_MAX)
            assert_string_equal("json: no: too many items", cx->err.msg);
    }
}

TEST(policy_json__errors_name_no_value)
{
    tw_policy p;
    assert_status(TW_EPARSE, read_policy(&p, json("{'status':'active','permission':'Mustermann','categories':[]}")));
    assert_null(strstr(cx->err.msg, "Mustermann"));
    assert_non_null(strstr(cx->err.msg, "permission"));
}

TEST(purpose_json__goes_both_ways)
{
    static const char *const texts[] = {
        "{'type':'GRU'}",
        "{'type':'DS','diseases':['DOID:162'],'organisation':'forprofit','commercial':true,'genetic':false,"
        "'ethics_approval':true,'will_publish':true,'returns_results':true,'collaborates':true,'methods':true,"
        "'ancestry':true,'vulnerable_population':true,'stigmatising':false,'law_enforcement':false,"
        "'insurance_or_employment':false,'country':'DE','institution':'i','user':'u','project':'p',"
        "'publish_from':'2027-01-01','use_until':'2027-06-01T06:00:00Z'}",
        "{'type':'CC','organisation':'nonprofit'}",
    };
    for (size_t i = 0; i < TW_COUNT(texts); i++) {
        tw_purpose p;
        assert_ok(read_purpose(&p, json(texts[i])));
        assert_str(json(texts[i]).p, purpose_text(&p));
    }
    tw_purpose none = { .commercial = -1 };
    assert_true(tw_str_starts(purpose_text(&none), json("{'genetic':false").p));
}

TEST(purpose_json__what_is_absent_is_not_said)
{
    tw_purpose p;
    assert_ok(read_purpose(&p, json("{'type':'MDS'}")));
    assert_int_equal(TW_ORG_UNKNOWN, p.organisation);
    assert_true(p.commercial == -1 && p.methods == -1 && p.insurance_or_employment == -1);
    assert_true(p.use_until_s == 0 && p.country.n == 0);
}

TEST(purpose_json__refuses)
{
    static const char *const texts[] = {
        "[]", "{}", "{'type':'NONE'}", "{'type':1}", "{'type':'GRU','commercial':1}",
        "{'type':'GRU','commercial':null}", "{'type':'GRU','organisation':'unknown'}",
        "{'type':'GRU','category':'labs'}", "{'type':'GRU','date':'2026-01-01'}",
        "{'type':'GRU','country':7}", "{'type':'GRU','diseases':'DOID:4'}", "{'type':'GRU','user':''}",
        "{'type':'GRU','publish_from':'never'}", "{'type':'GRU','use_until':5}", "{'type':'GRU','foo':true}",
    };
    for (size_t i = 0; i < TW_COUNT(texts); i++) {
        tw_purpose p;
        tw_status s = read_purpose(&p, json(texts[i]));
        if (s != TW_EPARSE)
            fail_msg("%s: %s", texts[i], tw_status_name(s));
    }
    tw_purpose p;
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, TW_STR("{}"), NULL));
    assert_status(TW_EPARSE, tw_purpose_from_json(cx, &p, &d, TW_JSON_NONE));
}
