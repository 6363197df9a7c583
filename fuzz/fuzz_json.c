/* Any bytes as a JSON document. Must hold:
 *  - what simdjson and our walk take together, our walk alone takes too, with the same tokens;
 *  - written again and read again it has the same tokens, and written a third time the same bytes;
 *  - each member is found by its name; places of tokens lie in the text;
 *  - a refusal has a message without a value. */
#include "support.h"

#include "json_internal.h"

static void check_members(tw_ctx *cx, const tw_json *d)
{
    for (uint32_t i = 0; i < d->n; i++) {
        FUZZ_CHECK((uint64_t)d->tok[i].off + d->tok[i].len <= d->text.n && d->tok[i].next <= d->n);
        if (d->tok[i].type != TW_JSON_OBJECT || d->tok[i].count > 16)
            continue;
        for (uint32_t k = tw_json_first(d, i); k != TW_JSON_NONE; k = tw_json_next(d, i, k)) {
            tw_str name = tw_json_text(cx, d, k);
            if (!memchr(name.p, '\0', name.n))
                FUZZ_CHECK(tw_json_get(d, i, tw_cstr(cx->arena, name)) == k + 1);
        }
    }
}

static tw_bytes written(tw_ctx *cx, const tw_json *d)
{
    tw_buf b;
    tw_jw w;
    tw_buf_init(&b, 16 * TW_MIB);
    tw_jw_init(&w, &b, 0);
    fuzz_json_write(cx, &w, d, 0);
    return fuzz_taken(cx, &b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_json d, slow, again;
    tw_str text = { (const char *)data, size };
    fuzz_begin(&cx, 64 * TW_MIB);
    if (tw_json_parse(&cx, &d, text, NULL) == TW_OK) {
        FUZZ_CHECK(tw_json_parse_checked(&cx, &slow, text, NULL, true) == TW_OK && fuzz_json_same(&cx, &d, &slow));
        check_members(&cx, &d);
        tw_bytes bytes = written(&cx, &d);
        FUZZ_CHECK(tw_json_parse(&cx, &again, tw_str_of_bytes(bytes), NULL) == TW_OK);
        FUZZ_CHECK(fuzz_json_same(&cx, &d, &again));
        FUZZ_CHECK(tw_bytes_eq(bytes, written(&cx, &again)));
    } else {
        FUZZ_CHECK(cx.err.msg[0] != '\0');
        fuzz_error_clean(&cx, (tw_bytes){ data, size });
    }
    tw_ctx_done(&cx);
    return 0;
}
