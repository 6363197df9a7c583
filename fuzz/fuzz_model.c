/* Encodings that rooms share. First byte: what the rest is.
 *  0  a compartment's body   1  a compartment record   2  a keeper set    3  a policy       4  a project
 *  5  a sheet                6  a release body         7  a deletion      8  a stop receipt
 *  9  JSON of a policy      10  JSON of a purpose     11  JSON of noise  12  case files of decide
 * Must hold: what decodes encodes to the same bytes, or to JSON that decodes to the same; a policy that decodes gives
 * the same decision after a way through JSON; messages hold no value. */
#include "support.h"

#include "model/model.h"

static void comp(tw_ctx *cx, tw_bytes in)
{
    tw_comp c;
    tw_buf b;
    if (tw_comp_decode(cx, &c, in) != TW_OK)
        return;
    tw_buf_init(&b, TW_COMP_BYTES_MAX);
    tw_comp_encode(&b, &c);
    FUZZ_CHECK(tw_bytes_eq(in, fuzz_taken(cx, &b)));
}

static void record(tw_ctx *cx, tw_bytes in)
{
    tw_comp_record *r = tw_new(cx->arena, tw_comp_record);
    tw_buf b;
    tw_rd rd = tw_rd_of(in);
    if (tw_comp_record_read(cx, r, &rd) != TW_OK || rd.bad)
        return;
    tw_buf_init(&b, TW_MIB);
    tw_comp_record_encode(&b, r);
    FUZZ_CHECK(tw_bytes_eq((tw_bytes){ in.p, rd.off }, fuzz_taken(cx, &b)));
}

static void keeper_set(tw_ctx *cx, tw_bytes in)
{
    tw_keeper_set s;
    tw_buf b;
    tw_rd rd = tw_rd_of(in);
    if (tw_keeper_set_read(cx, &s, &rd) != TW_OK || rd.bad)
        return;
    tw_buf_init(&b, TW_MIB);
    tw_keeper_set_encode(&b, &s);
    FUZZ_CHECK(tw_bytes_eq((tw_bytes){ in.p, rd.off }, fuzz_taken(cx, &b)));
}

/* ---------------------------------------------------------------- policies */

static tw_bytes json_of_policy(tw_ctx *cx, const tw_policy *p)
{
    tw_buf b;
    tw_jw w;
    tw_buf_init(&b, TW_MIB);
    tw_jw_init(&w, &b, 0);
    tw_policy_to_json(cx, &w, p);
    return fuzz_taken(cx, &b);
}

static void same_decision(const tw_policy *a, const tw_policy *b)
{
    tw_decision x, y;
    tw_purpose use = { .type = TW_PURPOSE_HMB, .organisation = TW_ORG_NONPROFIT };
    tw_decide(&x, a, &use, TW_CAT_LABS, 1767225600, TW_STR("p"), TW_STR("g"), &tw_ontology_builtin);
    tw_decide(&y, b, &use, TW_CAT_LABS, 1767225600, TW_STR("p"), TW_STR("g"), &tw_ontology_builtin);
    FUZZ_CHECK(x.verdict == y.verdict && x.reason_count == y.reason_count);
    for (size_t i = 0; i < x.reason_count; i++)
        FUZZ_CHECK(strcmp(x.reason[i], y.reason[i]) == 0 && (i == 0 || strcmp(x.reason[i - 1], x.reason[i]) < 0));
}

/* Policy to JSON, to policy, to bytes: what it was. */
static void policy_ways(tw_ctx *cx, const tw_policy *p)
{
    tw_policy back;
    tw_json d;
    tw_bytes bytes, again;
    if (tw_policy_encode(cx, &bytes, p) != TW_OK)
        return;
    FUZZ_CHECK(tw_json_parse(cx, &d, tw_str_of_bytes(json_of_policy(cx, p)), NULL) == TW_OK);
    FUZZ_CHECK(tw_policy_from_json(cx, &back, &d, 0) == TW_OK);
    FUZZ_CHECK(tw_policy_encode(cx, &again, &back) == TW_OK && tw_bytes_eq(bytes, again));
    same_decision(p, &back);
    FUZZ_CHECK(tw_policy_decode(cx, &back, bytes) == TW_OK);
    same_decision(p, &back);
}

static void policy(tw_ctx *cx, tw_bytes in)
{
    tw_policy p;
    tw_bytes again;
    if (tw_policy_decode(cx, &p, in) != TW_OK)
        return;
    FUZZ_CHECK(tw_policy_encode(cx, &again, &p) == TW_OK && tw_bytes_eq(in, again));
    policy_ways(cx, &p);
}

static void purpose_ways(tw_ctx *cx, const tw_purpose *p)
{
    tw_purpose back;
    tw_json d;
    tw_buf a, b;
    tw_jw w;
    tw_buf_init(&a, TW_MIB);
    tw_jw_init(&w, &a, 0);
    tw_purpose_to_json(cx, &w, p);
    tw_bytes first = fuzz_taken(cx, &a);
    FUZZ_CHECK(tw_json_parse(cx, &d, tw_str_of_bytes(first), NULL) == TW_OK);
    FUZZ_CHECK(tw_purpose_from_json(cx, &back, &d, 0) == TW_OK);
    tw_buf_init(&b, TW_MIB);
    tw_jw_init(&w, &b, 0);
    tw_purpose_to_json(cx, &w, &back);
    FUZZ_CHECK(tw_bytes_eq(first, fuzz_taken(cx, &b)));
}

static void project(tw_ctx *cx, tw_bytes in)
{
    tw_project p;
    tw_bytes again;
    if (tw_project_decode(cx, &p, in) != TW_OK)
        return;
    FUZZ_CHECK(tw_project_encode(cx, &again, &p) == TW_OK && tw_bytes_eq(in, again));
    purpose_ways(cx, &p.purpose);
}

/* ---------------------------------------------------------------- sheets, bodies, words of keepers */

static void sheet(tw_ctx *cx, tw_bytes in)
{
    static const uint8_t seed[32] = { 1 };
    uint8_t key[TW_KEY], secret[64];
    tw_sheet s;
    tw_bytes again;
    if (tw_sheet_open(cx, &s, in, NULL) != TW_OK)
        return;
    tw_sign_keys(key, secret, seed);
    FUZZ_CHECK(tw_sheet_sign(cx, &again, &s, secret) == TW_OK && again.n == in.n);
    FUZZ_CHECK(memcmp(in.p, again.p, in.n - TW_SIG) == 0 && tw_sheet_open(cx, &s, again, key) == TW_OK);
}

static void release_body(tw_ctx *cx, tw_bytes in)
{
    tw_release_body *r = tw_new(cx->arena, tw_release_body);
    uint8_t root[32];
    tw_buf b;
    tw_bytes plain = in;
    /* The first 32 bytes are the id of the record: made here, or nothing would pass. */
    tw_comp_record *c = tw_new(cx->arena, tw_comp_record);
    tw_rd rd = tw_rd_of(in);
    uint8_t *p = tw_arena_get(cx->arena, 32 + in.n);
    tw_id id;
    if (tw_comp_record_read(cx, c, &rd) != TW_OK || rd.bad)
        return;
    tw_comp_record_id(&id, c);
    memcpy(p, id.b, 32);
    memcpy(p + 32, in.p, in.n);
    plain = (tw_bytes){ p, 32 + in.n };
    if (tw_release_body_decode(cx, r, plain) != TW_OK)
        return;
    tw_buf_init(&b, TW_MIB);
    tw_release_body_encode(&b, r);
    FUZZ_CHECK(tw_bytes_eq(plain, fuzz_taken(cx, &b)));
    (void)!tw_opening_ok(root, &r->opening, &r->comp);
}

static void words(tw_ctx *cx, tw_bytes in, bool deletion)
{
    tw_deletion d;
    tw_stop_receipt r;
    tw_buf b;
    tw_rd rd = tw_rd_of(in);
    if (deletion)
        tw_deletion_read(&d, &rd);
    else
        tw_stop_receipt_read(&r, &rd);
    if (rd.bad)
        return;
    tw_buf_init(&b, TW_MIB);
    if (deletion)
        tw_deletion_encode(&b, &d);
    else
        tw_stop_receipt_encode(&b, &r);
    FUZZ_CHECK(tw_bytes_eq((tw_bytes){ in.p, rd.off }, fuzz_taken(cx, &b)));
}

/* ---------------------------------------------------------------- JSON */

static void noise_ways(tw_ctx *cx, const tw_noise *n)
{
    tw_noise back;
    tw_json d;
    tw_buf b;
    tw_jw w;
    tw_buf_init(&b, TW_MIB);
    tw_jw_init(&w, &b, 0);
    tw_noise_write(&w, n);
    FUZZ_CHECK(tw_json_parse(cx, &d, tw_str_of_bytes(fuzz_taken(cx, &b)), NULL) == TW_OK);
    FUZZ_CHECK(tw_noise_read(cx, &back, &d, 0) == TW_OK);
    FUZZ_CHECK(back.time_dropped == n->time_dropped &&
               (back.time_shift_constant == n->time_shift_constant || n->time_dropped));
    FUZZ_CHECK(!(back.value_sd < n->value_sd) && !(back.value_sd > n->value_sd));
    FUZZ_CHECK(!(back.time_jitter_days < n->time_jitter_days) && !(back.time_jitter_days > n->time_jitter_days));
}

static void json(tw_ctx *cx, unsigned what, tw_bytes in)
{
    tw_json d;
    tw_policy p;
    tw_purpose u;
    tw_noise n;
    if (tw_json_parse(cx, &d, tw_str_of_bytes(in), NULL) != TW_OK)
        return;
    if (what == 9 && tw_policy_from_json(cx, &p, &d, 0) == TW_OK)
        policy_ways(cx, &p);
    else if (what == 10 && tw_purpose_from_json(cx, &u, &d, 0) == TW_OK)
        purpose_ways(cx, &u);
    else if (what == 11 && tw_noise_read(cx, &n, &d, 0) == TW_OK)
        noise_ways(cx, &n);
    fuzz_error_clean(cx, in);
}

static void cases(tw_ctx *cx, tw_bytes in)
{
    size_t agree, differ;
    tw_buf report;
    tw_buf_init(&report, TW_MIB);
    (void)!tw_decide_cases(cx, &agree, &differ, &report, tw_str_of_bytes(in));
    tw_buf_done(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const target[])(tw_ctx * cx, tw_bytes in) = { comp,    record, keeper_set,  policy,
                                                                project, sheet,  release_body };
    tw_ctx cx;
    tw_bytes in = { data, size };
    fuzz_begin(&cx, 64 * TW_MIB);
    unsigned what = fuzz_take(&in) % 13;
    if (what < TW_COUNT(target))
        target[what](&cx, in);
    else if (what < 9)
        words(&cx, in, what == 7);
    else if (what < 12)
        json(&cx, what, in);
    else
        cases(&cx, in);
    tw_ctx_done(&cx);
    return 0;
}
