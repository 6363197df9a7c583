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
    if (expected.n && compat && !same_json(out, tw_test_read(fixture(tw_cstr(cx->arena, expected)))))
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
        { "perturb-wrong-roundTo", false, "line 6: fhirPathRules[0] (Condition.onset as Age): roundTo is no number" },
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
