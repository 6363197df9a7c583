#include "deid/config_internal.h"

#include "test.h"

static const uint8_t project_key[32] = { 7, 1, 2, 3 };

static tw_config_opts options(void)
{
    return (tw_config_opts){ .reference_day = tw_days_from_civil(2026, 1, 1),
                             .file = TW_STR("file.json"),
                             .folder = TW_STR("folder"),
                             .key = project_key };
}

/* Text in which ' stands for ". */
static tw_str quoted(const char *text)
{
    char *s = tw_cstr(cx->arena, tw_str_of(text));
    for (char *p = s; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    return tw_str_of(s);
}

/* ---------------------------------------------------------------- equal after canonical JSON */

static bool same(const tw_json *a, uint32_t i, const tw_json *b, uint32_t k)
{
    const tw_json_tok *x = &a->tok[i], *y = &b->tok[k];
    if (x->type != y->type || x->count != y->count)
        return false;
    if (x->type == TW_JSON_OBJECT) {
        for (uint32_t m = tw_json_first(a, i); m != TW_JSON_NONE; m = tw_json_next(a, i, m)) {
            uint32_t other = tw_json_get(b, k, tw_cstr(cx->arena, tw_json_text(cx, a, m)));
            if (other == TW_JSON_NONE || !same(a, m + 1, b, other))
                return false;
        }
        return true;
    }
    if (x->type == TW_JSON_ARRAY) {
        uint32_t m = tw_json_first(a, i), n = tw_json_first(b, k);
        for (; m != TW_JSON_NONE; m = tw_json_next(a, i, m), n = tw_json_next(b, k, n))
            if (!same(a, m, b, n))
                return false;
        return true;
    }
    return x->type == TW_JSON_STRING ? tw_str_eq(tw_json_text(cx, a, i), tw_json_text(cx, b, k))
                                     : tw_str_eq(tw_json_raw(a, i), tw_json_raw(b, k));
}

static bool same_json(tw_str x, tw_str y)
{
    tw_json a, b;
    if (tw_str_starts(y, "\xef\xbb\xbf"))
        y = (tw_str){ y.p + 3, y.n - 3 };
    assert_ok(tw_json_parse(cx, &a, x, NULL));
    assert_ok(tw_json_parse(cx, &b, y, NULL));
    return same(&a, 0, &b, 0);
}

/* ---------------------------------------------------------------- runs */

/* Output in the arena; *out is empty when it fails. */
static tw_status run_with(tw_str *out, const tw_config *c, tw_str document, const tw_config_opts *opts)
{
    tw_buf b;
    tw_config_work *w = tw_config_work_new(c);
    tw_buf_init(&b, 16 * TW_MIB);
    tw_status s = tw_config_apply(cx, &b, w, document, opts);
    *out = tw_str_dup(cx->arena, s == TW_OK ? tw_str_of_bytes(tw_buf_view(&b)) : TW_STR(""));
    tw_buf_done(&b);
    tw_config_work_free(w);
    return s;
}

static tw_status run(tw_str *out, const char *config, const char *document, bool compat)
{
    tw_config *c;
    tw_config_opts o = options();
    tw_status s = tw_config_parse(cx, &c, quoted(config), compat);
    if (s != TW_OK)
        return s;
    s = run_with(out, c, quoted(document), &o);
    tw_config_free(c);
    return s;
}

static tw_str member(tw_str document, const char *path)
{
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, document, NULL));
    uint32_t tok = tw_json_path(&d, 0, path);
    return tok == TW_JSON_NONE ? TW_STR("") : tw_json_text(cx, &d, tok);
}

static void expect_run(const char *config, const char *document, bool compat, const char *want)
{
    tw_str out;
    tw_status s = run(&out, config, document, compat);
    if (s != TW_OK)
        fail_msg("%s: %s", config, cx->err.msg);
    if (!same_json(out, quoted(want)))
        fail_msg("%s gives " TW_FMT, config, TW_ARG(out));
}

/* ---------------------------------------------------------------- fixtures */

static const char *fixture(const char *path)
{
    return tw_cstr(cx->arena, tw_strf(cx->arena, "fhir-deid/%s", path));
}

static void fixture_case(const tw_json *m, uint32_t i, bool compat)
{
    tw_config *c;
    tw_str out;
    tw_config_opts o = options();
    const char *name = tw_cstr(cx->arena, tw_json_member_text(cx, m, i, "name"));
    tw_str config = tw_test_read(fixture(tw_cstr(cx->arena, tw_json_member_text(cx, m, i, "config"))));
    tw_str input = tw_test_read(fixture(tw_cstr(cx->arena, tw_json_member_text(cx, m, i, "input"))));
    tw_str expected = tw_json_member_text(cx, m, i, "expected");
    if (tw_config_parse(cx, &c, config, compat) != TW_OK)
        fail_msg("%s: %s", name, cx->err.msg);
    tw_status s = run_with(&out, c, input, &o);
    if (expected.n == 0 && s != TW_EREFUSED)
        fail_msg("%s: passed", name);
    if (expected.n && s != TW_OK)
        fail_msg("%s: %s", name, cx->err.msg);
    bool equal = expected.n == 0 || same_json(out, tw_test_read(fixture(tw_cstr(cx->arena, expected))));
    bool shifts =
        tw_str_find(config, TW_STR("\"dateShift\"")) != SIZE_MAX && tw_str_is(tw_str_of(name), "patient-basic");
    if (equal != (compat || !shifts) && (compat || shifts))
        fail_msg("%s gives " TW_FMT, name, TW_ARG(out));
    tw_err_clear(cx);
    tw_config_free(c);
}

TEST(fixtures_of_the_other_tool_come_out_equal)
{
    SKIP_WITHOUT_DATA();
    tw_json m;
    uint32_t n = 0;
    assert_ok(tw_json_parse(cx, &m, tw_test_read("fhir-deid/manifest.json"), NULL));
    for (uint32_t i = tw_json_first(&m, 0); i != TW_JSON_NONE; i = tw_json_next(&m, 0, i), n++)
        fixture_case(&m, i, true);
    assert_int_equal(22, n);
}

TEST(fixtures_run_in_the_safe_form_too)
{
    SKIP_WITHOUT_DATA();
    tw_json m;
    assert_ok(tw_json_parse(cx, &m, tw_test_read("fhir-deid/manifest.json"), NULL));
    for (uint32_t i = tw_json_first(&m, 0); i != TW_JSON_NONE; i = tw_json_next(&m, 0, i))
        fixture_case(&m, i, false);
}

TEST(configurations_are_taken_or_refused_as_their_names_say)
{
    static const struct {
        const char *name;
        bool taken;
        const char *message;
    } all[] = {
        { "R4-version", true, NULL },
        { "custom-processor", true, NULL },
        { "empty-version", true, NULL },
        { "test-sample", true, NULL },
        { "generalize-fail-compiled-expression", false,
          "line 7: fhirPathRules[0] (Condition.onset as Age): condition of a case: column 11: " },
        { "generalize-miss-cases", false, "line 3: fhirPathRules[0] (Condition.onset as Age): cases is missing" },
        { "invalid-fhirpath", false, "line 5: fhirPathRules[0] (invalid()): column 1: no such function: 'invalid'" },
        { "invalid-version", false, "line 2: fhirVersion is not R4" },
        { "miss-replacement", false, "line 3: fhirPathRules[0] (Patient): replaceWith is missing" },
        { "perturb-exceed-28-roundTo", false, "line 3: fhirPathRules[0] (Condition.onset as Age): roundTo is " },
        { "perturb-negative-roundTo", false, "line 3: fhirPathRules[0] (Condition.onset as Age): roundTo is " },
        { "perturb-negative-span", false, "line 3: fhirPathRules[0] (Condition.onset as Age): span is negative" },
        { "perturb-wrong-roundTo", false, "line 7: fhirPathRules[0] (Condition.onset as Age): roundTo is no number" },
        { "unsupported-method", false, "line 4: fhirPathRules[0] (Patient): no such method" },
    };
    SKIP_WITHOUT_DATA();
    for (size_t i = 0; i < 2 * TW_COUNT(all); i++) {
        tw_config *c;
        bool compat = i >= TW_COUNT(all), taken = all[i % TW_COUNT(all)].taken;
        const char *message = all[i % TW_COUNT(all)].message, *name = all[i % TW_COUNT(all)].name;
        tw_err_clear(cx);
        tw_status s = tw_config_parse(
            cx, &c, tw_test_read(tw_strf(cx->arena, "fhir-deid/config-validation/configuration-%s.json", name).p),
            compat);
        if (taken ? s != TW_OK : s != TW_ECONFIG || !tw_str_starts(tw_str_of(cx->err.msg), message))
            fail_msg("%s: %s: %s", name, tw_status_name(s), cx->err.msg);
        tw_config_free(c);
    }
}

/* ---------------------------------------------------------------- whole Bundles of real shape */

static void bundle_case(const tw_config *all, const tw_config *none, tw_str input)
{
    tw_str out;
    tw_config_opts o = options();
    tw_buf b;
    tw_config_work *w = tw_config_work_new(none);
    tw_buf_init(&b, 64 * TW_MIB);
    assert_ok(tw_config_apply(cx, &b, w, input, &o));
    assert_int_equal(0, tw_config_sum(w).unknown);
    assert_true(same_json(tw_str_of_bytes(tw_buf_view(&b)), input));
    tw_buf_done(&b);
    tw_config_work_free(w);
    assert_ok(run_with(&out, all, input, &o));
    tw_str family = member(input, "entry.0.resource.name.0.family"),
           line = member(input, "entry.0.resource.address.0.line.0");
    assert_true(family.n > 3 && line.n > 3);
    assert_true(tw_str_find(out, family) == SIZE_MAX && tw_str_find(out, line) == SIZE_MAX);
    assert_true(tw_str_find(out, member(input, "entry.0.resource.id")) == SIZE_MAX);
}

TEST(bundles_pass_without_rules_as_they_were_and_with_rules_without_names)
{
    SKIP_WITHOUT_DATA();
    static const char *const files[] = { "Brady_Ryan_7894d4f6-f716-a720-28f5-6dcb5ee78af1",
                                         "Mack_Pagac_efac0983-426b-d2a7-c55c-cfd788fcf396",
                                         "Woodrow_Armstrong_15f632ab-863c-145f-e5ae-efd8648c5bfc" };
    tw_config *all, *none;
    assert_ok(tw_config_parse(cx, &all, tw_test_read("fhir-deid/configs/r4-configuration-sample.json"), false));
    assert_ok(tw_config_parse(cx, &none, quoted("{'fhirPathRules':[]}"), false));
    for (size_t i = 0; i < TW_COUNT(files); i++) {
        tw_mark m = tw_arena_mark(cx->arena);
        bundle_case(all, none, tw_test_read(tw_strf(cx->arena, "sources/fhir/%s.json", files[i]).p));
        tw_arena_back(cx->arena, m);
    }
    tw_config_free(all);
    tw_config_free(none);
}

/* ---------------------------------------------------------------- configurations as text */

TEST(a_configuration_may_have_comments_and_commas_before_brackets)
{
    tw_config *c;
    assert_ok(tw_config_parse(cx, &c,
                              quoted("\xef\xbb\xbf// head\n{'fhirVersion':'R4',/* a, ] */'fhirPathRules':[{'path':"
                                     "'Patient.name','method':'redact',},],\n'x':'//,}',}"),
                              false));
    assert_null(tw_config_warning(c, 0));
    tw_config_free(c);
    assert_status(TW_ECONFIG, tw_config_parse(cx, &c, quoted("{'fhirPathRules':[,,]}"), false));
    assert_ok(tw_config_parse(cx, &c, quoted("{'fhirPathRules':[]} /* open"), false));
    tw_config_free(c);
}

TEST(configurations_are_refused_with_line_rule_and_reason)
{
    static const struct {
        const char *text, *message;
    } all[] = {
        { "{}", "line 1: fhirPathRules is missing" },
        { "[]", "line 1: a configuration is an object" },
        { "{'fhirPathRules':[\n5]}", "line 2: fhirPathRules[0] (): a rule is no object" },
        { "{'fhirPathRules':[{'path':'Patient'}]}", "line 1: fhirPathRules[0] (Patient): method is missing" },
        { "{'fhirPathRules':[{'method':'keep'}]}", "line 1: fhirPathRules[0] (): path is missing" },
        { "{'fhirPathRules':[{'path':'Patient name','method':'keep'}]}",
          "line 1: fhirPathRules[0] (Patient name): column 8: a dot is missing" },
        { "{'fhirPathRules':[{'path':'name.where(','method':'keep'}]}",
          "line 1: fhirPathRules[0] (name.where(): column 12: the expression ends too early" },
        { "{'fhirVersion':'Stu3','fhirPathRules':[]}", "line 1: fhirVersion is not R4" },
        { "{'processingErrors':'no','fhirPathRules':[]}", "line 1: processingErrors is neither" },
        { "{'fhirPathRules':[],'parameters':{'dateShiftScope':'world'}}", "line 1: dateShiftScope is none of" },
        { "{'fhirPathRules':[],'parameters':{'encryptKey':'short'}}", "line 1: encryptKey has 5 bytes" },
        { "{'fhirPathRules':[],'parameters':{'cryptoHashKey':5}}", "line 1: cryptoHashKey is no string" },
        { "{'fhirPathRules':[],'parameters':{'enablePartialAgesForRedact':5}}",
          "line 1: enablePartialAgesForRedact is neither true nor false" },
        { "{'fhirPathRules':[],'parameters':{'dateShiftFixedOffsetInDays':1.5}}",
          "line 1: dateShiftFixedOffsetInDays is no whole number" },
        { "{'fhirPathRules':[],'parameters':{'restrictedZipCodeTabulationAreas':[1]}}",
          "line 1: an entry of restrictedZipCodeTabulationAreas is no string" },
        { "{'fhirPathRules':[{'path':'Age','method':'perturb'}]}", "line 1: fhirPathRules[0] (Age): span is missing" },
        { "{'fhirPathRules':[{'path':'Age','method':'perturb','span':1,'rangeType':'x'}]}",
          "line 1: fhirPathRules[0] (Age): rangeType is neither" },
        { "{'fhirPathRules':[{'path':'id','method':'generalize','cases':{'true':1}}]}",
          "line 1: fhirPathRules[0] (id): the value of a case is no string" },
        { "{'fhirPathRules':[{'path':'id','method':'generalize','cases':{},'otherValues':'x'}]}",
          "line 1: fhirPathRules[0] (id): otherValues is neither" },
    };
    for (size_t i = 0; i < TW_COUNT(all); i++) {
        tw_config *c;
        tw_err_clear(cx);
        tw_status s = tw_config_parse(cx, &c, quoted(all[i].text), false);
        if (s != TW_ECONFIG || !tw_str_starts(tw_str_of(cx->err.msg), all[i].message))
            fail_msg("%s: %s: %s", all[i].text, tw_status_name(s), cx->err.msg);
    }
}

static void expect_warning(const char *config, bool compat, const char *part)
{
    tw_config *c;
    bool found = false;
    assert_ok(tw_config_parse(cx, &c, quoted(config), compat));
    for (size_t i = 0; tw_config_warning(c, i); i++)
        found |= strstr(tw_config_warning(c, i), part) != NULL;
    if (!found)
        fail_msg("%s: no warning with %s", config, part);
    tw_config_free(c);
}

#define RULE(path, method) "{'fhirPathRules':[{'path':'" path "','method':'" method "'}]"

TEST(what_is_unsafe_or_never_acts_gives_a_warning)
{
    expect_warning(RULE("Patient.nmae", "redact") "}", false, "R4 has nothing named nmae");
    expect_warning(RULE("Patiemt.name", "redact") "}", false, "R4 has no resource Patiemt");
    expect_warning(RULE("nodesByName(\\u0027nmae\\u0027)", "redact") "}", false, "R4 has nothing named nmae");
    expect_warning(RULE("birthDate", "dateshift") "}", false, "two known dates");
    expect_warning(RULE("birthDate", "dateshift") "}", true, "two known dates");
    expect_warning(RULE("birthDate", "dateshift") ",'parameters':{'dateShiftFixedOffsetInDays':3}}", false,
                   "everybody alike");
    expect_warning(RULE("id", "encrypt") "}", false, "XChaCha20-Poly1305");
    expect_warning(RULE("id", "encrypt") ",'parameters':{'encryptKey':'0123456789abcdef'}}", true, "AES-CBC");
    expect_warning(RULE("id", "cryptoHash") "}", true, "has no key");
    expect_warning(RULE("id", "cryptoHash") ",'parameters':{'cryptoHashKey':'123'}}", false, "3 bytes");
    expect_warning(RULE("id", "mask") ",'parameters':{'customSettings':{}}}", false, "somebody's own");
    expect_warning("{'fhirPathRules':[]}", false, "no rules");
    expect_warning("{'fhirPathRules':[]}", false, "fhirVersion");
}

/* ---------------------------------------------------------------- methods */

#define OV "'system':'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',"
#define REDACTED "{" OV "'code':'REDACTED','display':'redacted'}"
#define ABSTRED "{" OV "'code':'ABSTRED','display':'abstracted'}"
#define HASHED "{" OV "'code':'CRYTOHASH','display':'cryptographic hash function'}"
#define PERTURBED "{'code':'PERTURBED','display':'exact value is replaced with another exact value'}"
#define GENERALIZED "{'code':'GENERALIZED','display':'exact value is replaced with a general value'}"
#define SECURITY(labels) "'meta':{'security':[" labels "]}"
#define PARTIAL                                                                                                        \
    ",'parameters':{'enablePartialAgesForRedact':true,'enablePartialDatesForRedact':true,"                             \
    "'enablePartialZipCodesForRedact':true,'restrictedZipCodeTabulationAreas':['036']}}"

TEST(redact_keeps_years_young_ages_and_three_digits_when_told_to)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        { "'birthDate':'1980-05-06'", "'birthDate':'1980'" },
        { "'birthDate':'1980'", "'birthDate':'1980'" },
        { "'birthDate':'1936-01-01'", NULL },
        { "'birthDate':'1936-01-02'", "'birthDate':'1936'" },
        { "'birthDate':'nonsense'", NULL },
        { "'deceasedDateTime':'2020-05-06T10:11:12.5+02:00'", "'deceasedDateTime':'2020'" },
        { "'address':[{'postalCode':'12345-6789'}]", "'address':[{'postalCode':'12300-0000'}]" },
        { "'address':[{'postalCode':'03612'}]", "'address':[{'postalCode':'00000'}]" },
        { "'address':[{'postalCode':'AB'}]", "'address':[{'postalCode':'AB'}]" },
        { "'extension':[{'url':'u','valueAge':{'value':89}}]", "'extension':[{'valueAge':{'value':89}}]" },
        { "'extension':[{'url':'u','valueAge':{'value':89.5}}]", NULL },
    };
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        tw_str out;
        tw_str in = tw_strf(cx->arena, "{'resourceType':'Patient',%s}", rows[i].in);
        assert_ok(run(&out, RULE("Resource", "redact") PARTIAL, in.p, i % 2));
        if (rows[i].out
                ? tw_str_find(out, quoted(rows[i].out)) == SIZE_MAX
                : tw_str_find(out, quoted("'birthDate'")) != SIZE_MAX || tw_str_find(out, quoted("89")) != SIZE_MAX)
            fail_msg("%s gives " TW_FMT, rows[i].in, TW_ARG(out));
    }
    expect_run(RULE("Patient.birthDate", "redact") "}", "{'resourceType':'Patient','birthDate':'1980-05-06'}", true,
               "{'resourceType':'Patient'," SECURITY(REDACTED) "}");
    expect_run(RULE("nodesByType(\\u0027instant\\u0027)", "redact") PARTIAL,
               "{'resourceType':'Patient','meta':{'lastUpdated':'2020-05-06T10:11:12Z'}}", true,
               "{'resourceType':'Patient','meta':{'lastUpdated':'2020-01-01T00:00:00+00:00','security':[" ABSTRED
               "]}}");
}

TEST(cryptoHash_of_references_hashes_the_id_alone)
{
    static const char *const same[] = { "#p", "Patient/p", "http://x.example/a/Patient/p", "Patient/p/_history/3",
                                        "https://x.example/Patient/p" };
    static const char *const whole[] = { "Nosuch/p", "Patient?identifier=p", "urn:uuid:p", "ftp://x/Patient/p",
                                         "Patient/p/_history/" };
    const char *config =
        RULE("nodesByType(\\u0027Reference\\u0027).reference", "cryptoHash") ",'parameters':{'cryptoHashKey':'key'}}";
    tw_str out, hash = TW_STR("");
    for (size_t i = 0; i < TW_COUNT(same) + TW_COUNT(whole); i++) {
        bool part = i < TW_COUNT(same);
        const char *ref = part ? same[i] : whole[i - TW_COUNT(same)];
        uint8_t mac[TW_HASH];
        tw_hmac_sha256(mac, tw_bytes_of(TW_STR("key")), "", tw_bytes_of(part ? TW_STR("p") : tw_str_of(ref)));
        hash = tw_hex(cx->arena, TW_BYTES(mac));
        tw_str want = hash;
        if (part) {
            size_t at = tw_str_find(tw_str_of(ref), i == 0 ? TW_STR("p") : TW_STR("/p")) + (i != 0);
            want = tw_strf(cx->arena, "%.*s" TW_FMT "%s", (int)at, ref, TW_ARG(hash), ref + at + 1);
        }
        tw_str in = tw_strf(cx->arena, "{'resourceType':'Observation','subject':{'reference':'%s'}}", ref);
        expect_run(config, in.p, false,
                   tw_strf(cx->arena,
                           "{'resourceType':'Observation'," SECURITY(HASHED) ",'subject':{'reference':'" TW_FMT "'}}",
                           TW_ARG(want))
                       .p);
    }
    assert_status(TW_EREFUSED, run(&out, RULE("Patient.active", "cryptoHash") ",'parameters':{'cryptoHashKey':'key'}}",
                                   "{'resourceType':'Patient','active':true}", true));
    assert_string_equal(
        "Patient.active: line 1, rule Patient.active, cryptoHash: an element of type boolean cannot hold "
        "what the rule puts there",
        cx->err.msg);
}

TEST(encrypt_is_sealed_in_the_safe_form_and_AES_CBC_in_compat)
{
    const char *config = RULE("Patient.id", "encrypt") ",'parameters':{'encryptKey':'0123456789abcdef'}}";
    const char *in = "{'resourceType':'Patient','id':'secret-1'}";
    tw_str out;
    tw_bytes b;
    uint8_t plain[64], key[32];
    size_t n = 0;
    assert_ok(run(&out, config, in, true));
    assert_true(tw_unbase64(cx->arena, &b, member(out, "id")));
    assert_int_equal(32, b.n);
    assert_ok(
        tw_aes_cbc_open(cx, plain, &n, tw_bytes_of(TW_STR("0123456789abcdef")), b.p, (tw_bytes){ b.p + 16, b.n - 16 }));
    assert_str("secret-1", ((tw_str){ (const char *)plain, n }));

    assert_ok(run(&out, config, in, false));
    assert_true(tw_unbase64(cx->arena, &b, member(out, "id")));
    assert_int_equal(24 + 8 + 16, b.n);
    tw_hkdf_sha256(key, 32, TW_BYTES(project_key), tw_bytes_of(TW_STR("0123456789abcdef")),
                   tw_bytes_of(TW_STR("tw/config/encrypt/1")));
    assert_ok(tw_xaead_open(cx, plain, key, b.p, (tw_bytes){ NULL, 0 }, (tw_bytes){ b.p + 24, b.n - 24 }));
    assert_memory_equal("secret-1", plain, 8);
}

TEST(perturb_moves_numbers_within_the_span)
{
    double low = 1e9, high = -1e9;
    for (int i = 0; i < 300; i++) {
        tw_str out;
        double v = 0;
        tw_json d;
        assert_ok(run(&out,
                      "{'fhirPathRules':[{'path':'nodesByType(\\u0027Quantity\\u0027)','method':'perturb','span':'4',"
                      "'roundTo':1}]}",
                      "{'resourceType':'Observation','valueQuantity':{'value':100.25,'unit':'x'}}", i % 2));
        assert_ok(tw_json_parse(cx, &d, out, NULL));
        assert_true(tw_json_f64(&d, tw_json_path(&d, 0, "valueQuantity.value"), &v));
        low = TW_MIN(low, v);
        high = TW_MAX(high, v);
        assert_str("x", member(out, "valueQuantity.unit"));
        assert_str("PERTURBED", member(out, "meta.security.0.code"));
    }
    assert_true(low >= 98.2 && low < 98.8 && high <= 102.3 && high > 101.7);
    expect_run("{'fhirPathRules':[{'path':'Patient.telecom.rank','method':'perturb','span':0}]}",
               "{'resourceType':'Patient','telecom':[{'rank':3}]}", false,
               "{'resourceType':'Patient'," SECURITY(PERTURBED) ",'telecom':[{'rank':3}]}");
    expect_run(
        "{'fhirPathRules':[{'path':'Observation.value.value','method':'perturb','span':0,'roundTo':0,'rangeType':"
        "'proportional'}]}",
        "{'resourceType':'Observation','valueQuantity':{'value':-0.4}}", false,
        "{'resourceType':'Observation'," SECURITY(PERTURBED) ",'valueQuantity':{'value':0}}");
}

TEST(the_first_rule_on_an_element_wins_with_all_below_it)
{
    expect_run("{'fhirPathRules':[{'path':'nodesByType(\\u0027HumanName\\u0027).use','method':'keep'},{'path':"
               "'Patient.contact','method':'keep'},{'path':'Resource','method':'redact'}]}",
               "{'resourceType':'Patient','id':'1','name':[{'use':'usual','family':'F','_use':{'id':'x'}}],'contact':["
               "{'name':{'family':'K'}}],'active':true}",
               false,
               "{'resourceType':'Patient'," SECURITY(REDACTED) ",'name':[{'use':'usual','_use':{'id':'x'}}],'contact':["
                                                               "{'name':{'family':'K'}}]}");
}

TEST(hash__without_a_key_of_its_own_uses_one_of_the_project)
{
    static const char config[] = RULE("Patient.id", "cryptoHash") "}";
    static const char in[] = "{'resourceType':'Patient','id':'example'}";
    static const uint8_t other[32] = { 9 };
    tw_str theirs;
    tw_str ours;
    tw_str again;
    tw_str elsewhere;
    tw_config *c;
    tw_config_opts o = options();
    assert_ok(run(&theirs, config, in, true));
    assert_ok(run(&ours, config, in, false));
    assert_ok(run(&again, config, in, false));
    assert_int_equal(64, member(ours, "id").n);
    assert_true(tw_str_eq(member(ours, "id"), member(again, "id")));
    assert_false(tw_str_eq(member(ours, "id"), member(theirs, "id")));
    assert_ok(tw_config_parse(cx, &c, quoted(config), false));
    o.key = other;
    assert_ok(run_with(&elsewhere, c, quoted(in), &o));
    assert_false(tw_str_eq(member(ours, "id"), member(elsewhere, "id")));
    o.key = NULL;
    assert_status(TW_EUSAGE, run_with(&elsewhere, c, quoted(in), &o));
    tw_config_free(c);
    expect_warning(config, false, "the project's key is used instead");
}

TEST(what_was_empty_before_is_cleaned_and_what_R4_lacks_is_left_out)
{
    expect_run(
        RULE("Patient.id", "keep") "}",
        "{'resourceType':'Patient','id':'1','name':[{},{'given':['a',null,'b'],'_given':[null,null,{'id':'x'}]}],"
        "'Qux':5,'contact':[{'name':{}}]}",
        false, "{'resourceType':'Patient','id':'1','name':[{'given':['a','b'],'_given':[null,{'id':'x'}]}]}");
}

TEST(labels_that_stand_there_are_not_added_again)
{
    expect_run(RULE("Patient.id", "redact") "}",
               "{'resourceType':'Patient','id':'1','meta':{'security':[{'code':'REDACTED'}]}}", false,
               "{'resourceType':'Patient','meta':{'security':[{'code':'REDACTED'}]}}");
}

TEST(substitute_and_generalize_respect_types)
{
    tw_str out;
    expect_run("{'fhirPathRules':[{'path':'Patient.active','method':'substitute','replaceWith':'false'},{'path':"
               "'Patient.gender','method':'generalize','cases':{'$this=\\u0027male\\u0027':'{}'}}]}",
               "{'resourceType':'Patient','active':true,'gender':'male'}", false,
               "{'resourceType':'Patient','meta':{'security':[{'code':'SUBSTITUTED','display':'exact value is replaced "
               "with a predefined value'}," GENERALIZED "]},'active':false}");
    assert_status(TW_EREFUSED, run(&out,
                                   "{'fhirPathRules':[{'path':'Patient.active','method':'substitute','replaceWith':"
                                   "'perhaps'}]}",
                                   "{'resourceType':'Patient','active':true}", false));
    assert_status(TW_EREFUSED, run(&out,
                                   "{'fhirPathRules':[{'path':'Patient.name','method':'substitute','replaceWith':"
                                   "'perhaps'}]}",
                                   "{'resourceType':'Patient','name':[{'family':'x'}]}", false));
    assert_status(TW_EREFUSED, run(&out,
                                   "{'fhirPathRules':[{'path':'Patient.multipleBirth','method':'generalize','cases':"
                                   "{'true':'\\u0027x\\u0027'}}]}",
                                   "{'resourceType':'Patient','multipleBirthInteger':3}", false));
    assert_non_null(strstr(cx->err.msg, "Patient.multipleBirth: line 1, rule Patient.multipleBirth, generalize"));
}

TEST(a_method_of_somebodys_own_program_fails_when_it_would_act)
{
    tw_str out;
    const char *config = RULE("Patient.name", "mask") ",'parameters':{'customSettings':{}}}";
    assert_ok(run(&out, config, "{'resourceType':'Patient','id':'1'}", true));
    assert_status(TW_EREFUSED, run(&out, config, "{'resourceType':'Patient','name':[{'family':'Qux'}]}", true));
    assert_null(strstr(cx->err.msg, "Qux"));
}

TEST(no_FHIR_R4_is_refused)
{
    tw_str out;
    assert_status(TW_EPARSE, run(&out, RULE("id", "keep") "}", "{'resourceType':'Nosuch'}", false));
    assert_status(TW_EPARSE, run(&out, RULE("id", "keep") "}", "{}", false));
    assert_status(TW_EPARSE, run(&out, RULE("id", "keep") "}", "5", false));
    assert_status(TW_EPARSE, run(&out, RULE("id", "keep") "}", "{'resourceType':", false));
}

TEST(work_counts_by_rule)
{
    tw_config *c;
    tw_config_row row;
    tw_buf b;
    tw_config_opts o = options();
    assert_ok(tw_config_parse(cx, &c, quoted(RULE("Patient.name", "redact") "}"), false));
    tw_config_work *w = tw_config_work_new(c), *sum = tw_config_work_new(c);
    tw_buf_init(&b, TW_MIB);
    for (int i = 0; i < 2; i++)
        assert_ok(
            tw_config_apply(cx, &b, w, quoted("{'resourceType':'Patient','name':[{'family':'x','nosuch':1}]}"), &o));
    tw_config_work_merge(sum, w);
    assert_true(tw_config_row_at(sum, 0, &row) && !tw_config_row_at(sum, 1, &row));
    assert_str("Patient.name", row.path);
    assert_int_equal(4, row.elements);
    assert_int_equal(2, tw_config_sum(sum).documents);
    assert_int_equal(2, tw_config_sum(sum).unknown);
    tw_buf_done(&b);
    tw_config_work_free(w);
    tw_config_work_free(sum);
    tw_config_work_free(NULL);
    tw_config_free(c);
    tw_config_free(NULL);
}

/* ---------------------------------------------------------------- dates and re-identification */

static int64_t day(tw_str s)
{
    uint64_t t = 0;
    assert_true(tw_time_parse(&t, s));
    return (int64_t)(t / 86400);
}

#define SHIFT                                                                                                          \
    "{'fhirPathRules':[{'path':'nodesByType(\\u0027date\\u0027)','method':'dateShift'},{'path':'nodesByType("          \
    "\\u0027dateTime\\u0027)','method':'dateShift'}],'parameters':{'dateShiftKey':'%s'}}"

/* Days by which a patient's dates are moved. */
static int64_t offset_of(const tw_config *c, const char *id)
{
    tw_str out;
    tw_config_opts o = options();
    tw_str in = tw_strf(cx->arena, "{'resourceType':'Patient','id':'%s','birthDate':'2000-03-01'}", id);
    assert_ok(run_with(&out, c, quoted(in.p), &o));
    return day(member(out, "birthDate")) - tw_days_from_civil(2000, 3, 1);
}

static int64_t mod101(int64_t v)
{
    return ((v % 101) + 101) % 101;
}

static int64_t inverse101(int64_t v)
{
    int64_t r = 1;
    for (int i = 0; i < 99; i++) /* Fermat */
        r = mod101(r * v);
    return r;
}

/* h = A H(id) + B modulo 101, A and B of the key: two known patients give both. How many of `n` others come out. */
static int attack(const tw_config *c, int n)
{
    const char *a = "patient-0001", *b = "patient-0044";
    int64_t ha = config_linear_offset(tw_str_of(a), TW_STR("")) + 50,
            hb = config_linear_offset(tw_str_of(b), TW_STR("")) + 50;
    int64_t oa = offset_of(c, a) + 50, ob = offset_of(c, b) + 50;
    assert_true(mod101(ha - hb) != 0);
    int64_t slope = mod101(mod101(oa - ob) * inverse101(mod101(ha - hb))), base = mod101(oa - slope * ha);
    int right = 0;
    for (int i = 0; i < n; i++) {
        tw_mark m = tw_arena_mark(cx->arena);
        tw_str id = tw_strf(cx->arena, "%s-%d", i % 2 ? "other" : "x", 1000 + 7 * i);
        int64_t guess = mod101(slope * (config_linear_offset(id, TW_STR("")) + 50) + base) - 50;
        right += guess == offset_of(c, id.p);
        tw_arena_back(cx->arena, m);
    }
    return right;
}

TEST(two_known_patients_give_all_others_away_in_compat_and_none_in_the_safe_form)
{
    for (int key = 0; key < 5; key++) {
        tw_config *c;
        tw_str text = tw_strf(cx->arena, SHIFT, tw_strf(cx->arena, "key-%llu", (unsigned long long)tw_test_random()).p);
        assert_ok(tw_config_parse(cx, &c, quoted(text.p), true));
        assert_int_equal(300, attack(c, 300));
        tw_config_free(c);
        assert_ok(tw_config_parse(cx, &c, quoted(text.p), false));
        int right = attack(c, 300); /* by chance 1 in 104 and fewer: 3 of 300 */
        if (right > 20)
            fail_msg("%d of 300 were given away", right);
        tw_config_free(c);
    }
}

TEST(the_safe_shift_is_whole_weeks_of_the_patient_everywhere)
{
    tw_config *c;
    tw_str out;
    tw_config_opts o = options();
    assert_ok(tw_config_parse(cx, &c, quoted(tw_strf(cx->arena, SHIFT, "k").p), false));
    int64_t by = offset_of(c, "p1"), weeks[105] = { 0 };
    for (int i = 0; i < 400; i++) {
        int64_t v = offset_of(c, tw_strf(cx->arena, "q%d", i).p);
        assert_true(v % 7 == 0 && v != 0 && v >= -364 && v <= 364);
        weeks[v / 7 + 52]++;
    }
    int used = 0;
    for (size_t i = 0; i < TW_COUNT(weeks); i++)
        used += weeks[i] > 0;
    assert_true(used > 80);
    static const char *const about[] = {
        "{'resourceType':'Observation','subject':{'reference':'Patient/p1'},'effectiveDateTime':'2001-02-03'}",
        "{'resourceType':'Observation','subject':{'reference':'http://h.example/Patient/p1/_history/2'},"
        "'effectiveDateTime':'2001-02-03T10:11:12.13-05:00'}",
        "{'resourceType':'Encounter','contained':[{'resourceType':'Observation','effectiveDateTime':'2001-02-03'}],"
        "'subject':{'reference':'Patient/p1'},'period':{'start':'2001-02-03'}}",
        "{'resourceType':'Appointment','created':'2001-02-03','participant':[{'actor':{'reference':'Patient/"
        "p1'}},{'actor':"
        "{'reference':'Practitioner/p2'}}]}",
    };
    static const char *const at[] = { "effectiveDateTime", "effectiveDateTime", "contained.0.effectiveDateTime",
                                      "created" };
    for (size_t i = 0; i < TW_COUNT(about); i++) {
        assert_ok(run_with(&out, c, quoted(about[i]), &o));
        tw_str date = member(out, at[i]);
        assert_int_equal(by, day((tw_str){ date.p, 10 }) - tw_days_from_civil(2001, 2, 3));
        assert_true(i != 1 || tw_str_ends(date, "T00:00:00.00-05:00"));
    }
    assert_ok(
        run_with(&out, c,
                 quoted("{'resourceType':'Bundle','type':'collection','entry':[{'fullUrl':'urn:uuid:1','resource':"
                        "{'resourceType':'Patient','id':'p1','birthDate':'2001-02-03'}},{'fullUrl':'urn:uuid:2',"
                        "'resource':{'resourceType':'Condition','subject':{'reference':'urn:uuid:1'},"
                        "'recordedDate':'2001-02-03'}},{'resource':{'resourceType':'Condition','subject':"
                        "{'reference':'Patient/p2'},'recordedDate':'2001-02-03'}}]}"),
                 &o));
    assert_int_equal(by, day(member(out, "entry.0.resource.birthDate")) - tw_days_from_civil(2001, 2, 3));
    assert_int_equal(by, day(member(out, "entry.1.resource.recordedDate")) - tw_days_from_civil(2001, 2, 3));
    assert_int_equal(offset_of(c, "p2"),
                     day(member(out, "entry.2.resource.recordedDate")) - tw_days_from_civil(2001, 2, 3));
    o.key = NULL; /* the configuration's own key */
    assert_ok(run_with(&out, c, quoted(about[0]), &o));
    tw_config_free(c);
    assert_ok(tw_config_parse(cx, &c, quoted(tw_strf(cx->arena, SHIFT, "").p), false));
    assert_status(TW_EUSAGE, run_with(&out, c, quoted(about[0]), &o));
    tw_config_free(c);
}

TEST(the_compat_shift_follows_scope_and_fixed_offset)
{
    static const struct {
        const char *parameters, *want;
    } rows[] = {
        { "'dateShiftFixedOffsetInDays':'-3'", "2000-02-27" },
        { "'dateShiftKey':'123'", "2000-04-11" }, /* id "example": +41 */
        { "'dateShiftKey':'123','dateShiftScope':'File'", NULL },
        { "'dateShiftKey':'123','dateShiftScope':'folder'", NULL },
    };
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        tw_str out;
        tw_str config =
            tw_strf(cx->arena, RULE("Patient.birthDate", "dateShift") ",'parameters':{%s}}", rows[i].parameters);
        assert_ok(run(&out, config.p, "{'resourceType':'Patient','id':'example','birthDate':'2000-03-01'}", true));
        tw_str scope = i == 2 ? TW_STR("file.json") : TW_STR("folder");
        const char *want = rows[i].want;
        if (!want)
            want =
                tw_date_text(cx->arena, tw_days_from_civil(2000, 3, 1) + config_linear_offset(scope, TW_STR("123"))).p;
        assert_str(want, member(out, "birthDate"));
    }
}

/* ---------------------------------------------------------------- what was done, told */

static void note(void *self, const tw_doc_act *act)
{
    static const char *const what[] = { "kept", "changed", "removed" };
    tw_str *all = self;
    *all = tw_strf(cx->arena, TW_FMT TW_FMT " (" TW_FMT ") %s " TW_FMT " > " TW_FMT "\n", TW_ARG(*all),
                   TW_ARG(act->path), TW_ARG(act->rule), what[act->what], TW_ARG(act->before), TW_ARG(act->after));
}

TEST(a_listener_is_told_of_every_value)
{
    tw_config *c;
    tw_buf b;
    tw_config_opts o = options();
    tw_str all = TW_STR("");
    assert_ok(
        tw_config_parse(cx, &c,
                        quoted("{'fhirPathRules':[{'path':'Patient.name.family','method':'redact'},{'path':"
                               "'Patient.birthDate','method':'redact'},{'path':'Patient.active','method':'keep'},"
                               "{'path':'Patient.maritalStatus','method':'substitute','replaceWith':{'text':'x'}}],"
                               "'parameters':{'enablePartialDatesForRedact':true}}"),
                        true));
    tw_config_work *w = tw_config_work_new(c);
    tw_config_listen(w, &(tw_doc_listener){ note, &all });
    tw_buf_init(&b, TW_MIB);
    assert_ok(
        tw_config_apply(cx, &b, w,
                        quoted("{'resourceType':'Patient','active':true,'birthDate':'1980-01-01','name':[{'family':"
                               "'F','given':['G']}],'maritalStatus':{'text':'y'}}"),
                        &o));
    assert_str("Patient.name[0].family (Patient.name.family) removed F > \n"
               "Patient.birthDate (Patient.birthDate) changed 1980-01-01 > 1980\n"
               "Patient.active (Patient.active) kept true > true\n"
               "Patient.maritalStatus (Patient.maritalStatus) changed  > \n"
               "Patient.name[0].given[0] () kept G > G\n",
               all);
    tw_buf_done(&b);
    tw_config_work_free(w);
    tw_config_free(c);
}

/* ---------------------------------------------------------------- memory */

TEST(a_call_with_little_memory_is_refused_and_does_not_die)
{
    tw_config *c;
    tw_config_opts o = options();
    size_t refused = 0, done = 0;
    assert_ok(tw_config_parse(
        cx, &c,
        quoted(
            "{'fhirPathRules':[{'path':'nodesByType(\\u0027HumanName\\u0027)','method':'substitute','replaceWith':{"
            "'family':'x','given':['a','b']}},{'path':'nodesByType(\\u0027date\\u0027)','method':'dateShift'},{'path':"
            "'Patient.address.postalCode','method':'redact'},{'path':'Patient.id','method':'cryptoHash'},{'path':"
            "'Patient.gender','method':'generalize','cases':{'$this.length() > 0':'$this.upper()'}},{'path':"
            "'Patient.telecom.value','method':'encrypt'},{'path':'Patient.telecom.rank','method':'perturb','span':3}],"
            "'parameters':{'cryptoHashKey':'k','enablePartialZipCodesForRedact':true}}"),
        false));
    tw_str in =
        quoted("{'resourceType':'Patient','id':'a\\n','gender':'male','birthDate':'1980-01-01','name':[{'family':"
               "'F\\u00e9'},{'given':['G']}],'address':[{'postalCode':'12345'}],'telecom':[{'value':'555','rank':5}]}");
    for (size_t max = 1024; max < 256 * TW_KIB; max += 256) {
        tw_ctx small;
        tw_buf b;
        tw_ctx_init(&small, max, tw_test_env());
        tw_config_work *w = tw_config_work_new(c);
        tw_buf_init(&b, TW_MIB);
        tw_status s = tw_config_apply(&small, &b, w, in, &o);
        assert_true(s == TW_OK || s == TW_ELIMIT);
        done += s == TW_OK;
        refused += s == TW_ELIMIT;
        tw_buf_done(&b);
        tw_config_work_free(w);
        tw_ctx_done(&small);
    }
    assert_true(done > 10 && refused > 10);
    tw_config_free(c);
}
