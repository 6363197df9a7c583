/** Published vectors in JSON under TWINWARD_DATA, read by name. A missing member fails
 *  the test. */
#ifndef TW_CONFORM_VECTORS_H
#define TW_CONFORM_VECTORS_H

#include "format/format.h"
#include "test.h"

/** `at` = each child value of an array. */
#define EACH(at, doc, array) \
    for (uint32_t at = tw_json_first((doc), (array)); at != TW_JSON_NONE; at = tw_json_next((doc), (array), at))

TW_UNUSED static tw_json load_json(const char *path)
{
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, tw_test_read(path), NULL));
    return d;
}

TW_UNUSED static uint32_t member(const tw_json *d, uint32_t obj, const char *name)
{
    uint32_t i = tw_json_get(d, obj, name);
    if (i == TW_JSON_NONE)
        fail_msg("no member %s", name);
    return i;
}

TW_UNUSED static tw_str text_at(const tw_json *d, uint32_t obj, const char *name)
{
    return tw_json_text(cx, d, member(d, obj, name));
}

TW_UNUSED static tw_bytes hex_at(const tw_json *d, uint32_t obj, const char *name)
{
    return tw_test_unhex(text_at(d, obj, name));
}

TW_UNUSED static uint64_t number_at(const tw_json *d, uint32_t obj, const char *name)
{
    uint64_t v;
    assert_true(tw_json_u64(d, member(d, obj, name), &v));
    return v;
}

/** Hex strings of an array, joined. */
TW_UNUSED static tw_bytes joined_at(const tw_json *d, uint32_t obj, const char *name)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    uint32_t array = member(d, obj, name);
    EACH(i, d, array) {
        tw_bytes one = tw_test_unhex(tw_json_text(cx, d, i));
        tw_buf_add(&b, one.p, one.n);
    }
    tw_bytes all = tw_bytes_dup(cx->arena, tw_buf_view(&b));
    tw_buf_done(&b);
    return all;
}

TW_UNUSED static void assert_bytes(tw_bytes want, const uint8_t *got)
{
    assert_string_equal(tw_hex(cx->arena, want).p, tw_hex(cx->arena, (tw_bytes){ got, want.n }).p);
}

#endif
