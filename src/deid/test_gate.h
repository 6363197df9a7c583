/** Helpers of the tests of the gate: one resource in, its record out. */
#ifndef TW_TEST_GATE_H
#define TW_TEST_GATE_H

#include "test.h"

#include "deid/gate_internal.h"

static tw_profile *twin, *harbor;
static tw_account *account;
static tw_refbook *book;
static tw_noise noise;
static tw_str known_as; /* how the source says the patient is referred to */
static tw_str known_id; /* and under which id its Patient resource is; empty: p1 */

static inline const tw_profile *profile(bool safe_harbor)
{
    tw_profile **p = safe_harbor ? &harbor : &twin;
    if (!*p)
        assert_ok(tw_profile_builtin(cx, p, safe_harbor ? TW_STR("hipaa-safe-harbor") : TW_STR("twin")));
    return *p;
}

static const uint8_t id_key[32] = { 7 };

static inline tw_status gate_with(tw_deid **out, const char *json, const tw_profile *p)
{
    tw_json *d = tw_new(cx->arena, tw_json);
    assert_ok(tw_json_parse(cx, d, tw_str_of(json), NULL));
    tw_phi_parts parts = { .doc = d, .patient = TW_STR("p1"), .business_id = TW_STR("x/1") };
    tw_gate_opts opts = { .profile = p, .refs = book, .id_key = id_key, .shift_weeks = -3, .handle = { 0xab } };
    opts.reference_day = tw_days_from_civil(2026, 1, 1);
    opts.self_reference = known_as;
    opts.self = known_id;
    return tw_deid_gate(cx, out, &noise, account, tw_phi_make(cx, &parts), &opts);
}

static inline tw_str line_of(const char *json, bool safe_harbor)
{
    tw_deid *d = NULL;
    tw_json read_back;
    assert_ok(gate_with(&d, json, profile(safe_harbor)));
    tw_str line = tw_str_of_bytes(tw_deid_line(d));
    assert_ok(tw_json_parse(cx, &read_back, line, NULL));
    return line;
}

/* The record between its id and its tags. */
static inline tw_str between(tw_str line)
{
    size_t from = tw_str_find(line, TW_STR("\"id\":\"")), to = tw_str_find(line, TW_STR(",\"meta\":{\"tag\":["));
    while (line.p[from] != ',' && from < to)
        from++;
    return from < to ? (tw_str){ line.p + from + 1, to - from - 1 } : (tw_str){ "", 0 };
}

static inline tw_str body_of(const char *json, bool safe_harbor)
{
    return between(line_of(json, safe_harbor));
}

/* The same under rules of this test's own. */
static inline tw_str body_under(const char *rules, const char *json)
{
    tw_profile *p = NULL;
    tw_deid *d = NULL;
    assert_ok(tw_profile_parse(cx, &p, tw_str_of(rules)));
    assert_ok(gate_with(&d, json, p));
    tw_profile_free(p);
    return between(tw_str_of_bytes(tw_deid_line(d)));
}

#define OBS                                                                                                            \
    "{\"resourceType\":\"Observation\",\"id\":\"o1\",\"status\":\"final\",\"code\":{\"coding\":[{\"system\":\"http://" \
    "loinc.org\",\"code\":\"2857-1\"}]},"
#define OBS_OUT "\"status\":\"final\",\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"2857-1\"}]}"
#define SELF "\"subject\":{\"reference\":\"Patient/p1\"}"
#define SELF_OUT "\"subject\":{\"reference\":\"Patient/self\"}"

static inline void observation(const char *want, const char *members)
{
    tw_str json = tw_strf(cx->arena, OBS "%s}", members);
    assert_str(tw_strf(cx->arena, OBS_OUT "%s%s", *want ? "," : "", want).p, body_of(json.p, false));
}

static inline void patient(const char *want, const char *members, bool safe_harbor)
{
    tw_str json = tw_strf(cx->arena, "{\"resourceType\":\"Patient\",\"id\":\"p1\",%s}", members);
    assert_str(want, body_of(json.p, safe_harbor));
}

static inline void refused(const char *json, tw_status want, const char *message)
{
    tw_deid *d = NULL;
    assert_status(want, gate_with(&d, json, profile(false)));
    assert_null(d);
    assert_string_equal(message, cx->err.msg);
}

static inline tw_str keyed(const char *type, const char *id)
{
    char out[TW_ID_HEX + 1];
    tw_deid_id(out, id_key, tw_str_of(type), tw_str_of(id));
    return tw_strf(cx->arena, "%s/%s", type, out);
}

static inline size_t times_in(tw_str s, tw_str needle)
{
    size_t n = 0;
    for (size_t at; (at = tw_str_find(s, needle)) != SIZE_MAX; n++)
        s = (tw_str){ s.p + at + needle.n, s.n - at - needle.n };
    return n;
}

#endif
