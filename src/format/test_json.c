#include "test.h"

#include "format/format.h"
#include "format/json_internal.h"

static tw_json parse(const char *text)
{
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, tw_str_of(text), NULL));
    return d;
}

static void refused(tw_str text, tw_status want, const char *message)
{
    tw_json d;
    assert_status(want, tw_json_parse(cx, &d, text, NULL));
    assert_int_equal(d.n, 0);
    assert_string_equal(message, cx->err.msg);
}

#define REFUSED(text, message) refused(TW_STR(text), TW_EPARSE, message)

TEST(json__gives_tokens_with_spans_into_the_text)
{
    tw_json d = parse(" {\"a\": [1.00, -2e5, true,false , null], \"b\\u0041\":{}, \"c\":\"x\"} ");
    assert_int_equal(d.n, 12);
    assert_int_equal(d.tok[0].type, TW_JSON_OBJECT);
    assert_int_equal(d.tok[0].count, 3);
    assert_int_equal(d.tok[0].next, 12);
    uint32_t a = tw_json_get(&d, 0, "a");
    assert_str("[1.00, -2e5, true,false , null]", tw_json_raw(&d, a));
    assert_int_equal(d.tok[a].count, 5);
    assert_str("1.00", tw_json_raw(&d, tw_json_path(&d, 0, "a.0")));
    assert_str("-2e5", tw_json_raw(&d, tw_json_path(&d, 0, "a.1")));
    assert_int_equal(d.tok[tw_json_path(&d, 0, "a.4")].type, TW_JSON_NULL);
    assert_int_equal(TW_JSON_NONE, tw_json_path(&d, 0, "a.5"));
    assert_str("{}", tw_json_raw(&d, tw_json_get(&d, 0, "bA")));
    assert_true(d.tok[tw_json_get(&d, 0, "bA") - 1].escaped);
    assert_str("x", tw_json_member_text(cx, &d, 0, "c"));
    assert_str("", tw_json_member_text(cx, &d, 0, "absent"));
}

TEST(json__walks_children_by_next)
{
    tw_json d = parse("{\"a\":{\"x\":[1,2]},\"b\":3}");
    uint32_t k = tw_json_first(&d, 0);
    assert_true(tw_json_is(&d, k, "a"));
    k = tw_json_next(&d, 0, k);
    assert_true(tw_json_is(&d, k, "b"));
    assert_int_equal(TW_JSON_NONE, tw_json_next(&d, 0, k));
    uint32_t x = tw_json_path(&d, 0, "a.x");
    uint32_t i = tw_json_first(&d, x);
    uint64_t v = 0;
    assert_true(tw_json_u64(&d, i, &v));
    assert_int_equal(1, v);
    i = tw_json_next(&d, x, i);
    assert_true(tw_json_u64(&d, i, &v));
    assert_int_equal(2, v);
    assert_int_equal(TW_JSON_NONE, tw_json_next(&d, x, i));
}

TEST(json__decodes_escapes)
{
    tw_json d = parse("[\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\u20ac\\ud83d\\ude00z\"]");
    assert_str("a\"\\/\b\f\n\r\t\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z", tw_json_text(cx, &d, 1));
    assert_true(tw_json_is(&d, 1, "a\"\\/\b\f\n\r\t\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z"));
    assert_false(tw_json_is(&d, 1, "a\"\\/\b\f\n\r\t\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"));
}

TEST(json__refuses_names_that_occur_twice)
{
    REFUSED("{\"a\":1,\n \"b\":{\"c\":[0,{\"d\":1,\"e\":2,\"d\":3}]}}",
            "line 2, column 27, b.c.1.d: member name occurs twice");
    REFUSED("{\"a\":1,\"\\u0061\":2}", "line 1, column 8, (name): member name occurs twice");
    REFUSED("{\"Jane Doe\":1,\"Jane Doe\":2}", "line 1, column 15, (name): member name occurs twice");
}

TEST(json__finds_twice_among_many_members)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    tw_buf_cstr(&b, "{");
    for (int i = 0; i < 1000; i++)
        tw_buf_fmt(&b, "\"n%d\":%d,", i, i);
    size_t off = b.n;
    tw_buf_cstr(&b, "\"n500\":0}");
    tw_str text = tw_str_of_bytes(tw_buf_view(&b));
    tw_json d;
    assert_status(TW_EPARSE, tw_json_parse(cx, &d, text, NULL));
    assert_str(cx->err.msg, tw_strf(cx->arena, "line 1, column %zu, n500: member name occurs twice", off + 1));
    b.p[off + 2] = '_';
    assert_ok(tw_json_parse(cx, &d, text, NULL));
    assert_int_equal(1001, d.tok[0].count);
    tw_buf_done(&b);
}

TEST(json__refuses_lone_surrogates)
{
    REFUSED("[\"ok\",\"a\\ud800\"]", "line 1, column 9, 1: lone surrogate");
    REFUSED("[\"\\ud800\\u0041\"]", "line 1, column 3, 0: lone surrogate");
    REFUSED("{\"k\":\"\\udc00\"}", "line 1, column 7, k: lone surrogate");
    REFUSED("[\"\xED\xA0\x80\"]", "line 1, column 3, 0: not UTF-8");
}

TEST(json__refuses_what_is_not_utf8)
{
    REFUSED("{\"a\":\n\"xy\xFFz\"}", "line 2, column 4, a: not UTF-8");
    REFUSED("{\"a\xC0\x80\":1}", "line 1, column 4, (root): not UTF-8");
    REFUSED("\xEF\xBB\xBF{}", "line 1, column 1, (root): a value is missing here");
}

TEST(json__refuses_bad_grammar_with_its_place)
{
    REFUSED("", "line 1, column 1, (root): the text ends too early");
    REFUSED("{\"a\":1} x", "line 1, column 9, (root): bytes after the value");
    REFUSED("{\"a\":[1,]}", "line 1, column 9, a.1: a value is missing here");
    REFUSED("{\"a\":1,}", "line 1, column 8, (root): a member name is missing here");
    REFUSED("{\"a\" 1}", "line 1, column 6, a: ':' is missing here");
    REFUSED("[1 2]", "line 1, column 4, 1: ',' or ']' is missing here");
    REFUSED("[01]", "line 1, column 2, 0: malformed number");
    REFUSED("[1.]", "line 1, column 2, 0: malformed number");
    REFUSED("[-]", "line 1, column 2, 0: malformed number");
    REFUSED("[99999999999999999999]", "line 1, column 2, 0: number out of range");
    REFUSED("[1e999]", "line 1, column 2, 0: number out of range");
    REFUSED("[\"a\nb\"]", "line 1, column 4, 0: control character in a string");
    REFUSED("[\"\\x\"]", "line 1, column 3, 0: unknown escape");
    REFUSED("[\"abc", "line 1, column 6, 0: string without an end");
    REFUSED("[tru]", "line 1, column 2, 0: a value is missing here");
}

static tw_str nested(int depth)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    for (int i = 0; i < depth; i++)
        tw_buf_cstr(&b, "[");
    for (int i = 0; i < depth; i++)
        tw_buf_cstr(&b, "]");
    tw_str s = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return s;
}

TEST(json__stops_at_its_limits)
{
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, nested(64), NULL));
    assert_status(TW_ELIMIT, tw_json_parse(cx, &d, nested(65), NULL));
    assert_non_null(strstr(cx->err.msg, "column 65"));
    assert_status(TW_ELIMIT, tw_json_parse(cx, &d, nested(5000), NULL));
    assert_status(TW_ELIMIT, tw_json_parse(cx, &d, nested(4), &(tw_json_limits){ .depth_max = 3 }));
    assert_status(TW_ELIMIT, tw_json_parse(cx, &d, TW_STR("[1,2,3]"), &(tw_json_limits){ .bytes_max = 6 }));
    assert_ok(tw_json_parse(cx, &d, TW_STR("[1,2,3]"), &(tw_json_limits){ .bytes_max = 7 }));
}

static bool same_token(const tw_json_tok *a, const tw_json_tok *b)
{
    return a->type == b->type && a->is_key == b->is_key && a->escaped == b->escaped && a->off == b->off &&
           a->len == b->len && a->next == b->next && a->count == b->count;
}

/* Broken documents: simdjson with the fast walk, and the slow walk alone, must agree on what is JSON. */
TEST(json__two_readers_agree_on_mutated_documents)
{
    static const char seed[] =
        "{\"a\":[1,-2.5e3,\"x\\u00e4\\n\",true,null],\"b\":{\"c\":\"\xC3\xA4\",\"d\":[]},\"e\":0}";
    static const char pool[] = "{}[],:\"\\u0dtfn-+.eE19 \n\x80\xC3";
    int accepted = 0;
    for (int round = 0; round < 20000; round++) {
        char text[sizeof seed];
        memcpy(text, seed, sizeof seed);
        for (uint64_t k = tw_test_below(3) + 1; k > 0; k--)
            text[tw_test_below(sizeof seed - 1)] = pool[tw_test_below(sizeof pool - 1)];
        tw_str s = { text, sizeof seed - 1 - tw_test_below(2) * tw_test_below(10) };
        tw_mark m = tw_arena_mark(cx->arena);
        tw_json d1, d2;
        tw_status fast = tw_json_parse(cx, &d1, s, NULL);
        tw_status slow = tw_json_parse_checked(cx, &d2, s, NULL, true);
        if (fast != slow)
            fail_msg("readers differ in round %d: " TW_FMT, round, TW_ARG(s));
        if (fast == TW_OK) {
            accepted++;
            assert_int_equal(d1.n, d2.n);
            for (uint32_t i = 0; i < d1.n; i++)
                assert_true(same_token(&d1.tok[i], &d2.tok[i]));
        }
        tw_arena_back(cx->arena, m);
    }
    assert_in_range(accepted, 100, 19900);
}

TEST(json__reads_real_bundles)
{
    SKIP_WITHOUT_DATA();
    tw_str text = tw_test_read("sources/fhir/Brady_Ryan_7894d4f6-f716-a720-28f5-6dcb5ee78af1.json");
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, text, NULL));
    assert_str("Bundle", tw_json_member_text(cx, &d, 0, "resourceType"));
    assert_true(tw_json_path(&d, 0, "entry.0.resource.id") != TW_JSON_NONE);
}
