/* Project ids. The gate leaves ids in known forms only: 32 hex digits, Type/<32 hex>, #<32 hex>, and "self"; nothing
 * else in a record has these forms. Each becomes the first 16 bytes of an HMAC under the project key. */
#include "open_internal.h"

#define HEX_ID 32

static bool is_hex_id(tw_str s)
{
    if (s.n != HEX_ID)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
            return false;
    return true;
}

static tw_str project_id(tw_ctx *cx, tw_str id, const uint8_t key[32])
{
    uint8_t mac[32];
    tw_hmac_sha256(mac, (tw_bytes){ key, 32 }, "tw/project-id/1", tw_bytes_of(id));
    return tw_hex(cx->arena, (tw_bytes){ mac, HEX_ID / 2 });
}

/* Handle of the record's person, from its tags. */
static tw_str handle_of(tw_ctx *cx, const tw_json *d)
{
    uint32_t tags = tw_json_path(d, 0, "meta.tag");
    if (tags == TW_JSON_NONE)
        return (tw_str){ NULL, 0 };
    for (uint32_t t = tw_json_first(d, tags); t != TW_JSON_NONE; t = tw_json_next(d, tags, t))
        if (tw_str_is(tw_json_member_text(cx, d, t, "system"), "urn:twinward:person"))
            return tw_json_member_text(cx, d, t, "code");
    return (tw_str){ NULL, 0 };
}

/* The new text of a string value, or {NULL, 0} to keep it. */
static tw_str replaced(tw_ctx *cx, tw_str s, tw_str person, const uint8_t key[32])
{
    size_t slash = tw_str_find(s, TW_STR("/"));
    if (is_hex_id(s))
        return project_id(cx, s, key);
    if (tw_str_is(s, "self"))
        return person;
    if (tw_str_is(s, "Patient/self"))
        return tw_strf(cx->arena, "Patient/" TW_FMT, TW_ARG(person));
    if (s.n == HEX_ID + 1 && s.p[0] == '#' && is_hex_id((tw_str){ s.p + 1, HEX_ID }))
        return tw_strf(cx->arena, "#" TW_FMT, TW_ARG(project_id(cx, (tw_str){ s.p + 1, HEX_ID }, key)));
    if (slash != SIZE_MAX && is_hex_id((tw_str){ s.p + slash + 1, s.n - slash - 1 }))
        return tw_strf(cx->arena, TW_FMT "/" TW_FMT, (int)slash, s.p,
                       TW_ARG(project_id(cx, (tw_str){ s.p + slash + 1, HEX_ID }, key)));
    return (tw_str){ NULL, 0 };
}

tw_status tw_pseudonymise(tw_ctx *cx, tw_buf *out, tw_str *person, tw_str line, const uint8_t project_key[32])
{
    tw_json d;
    uint32_t from = 0;
    TW_TRY(tw_json_parse(cx, &d, line, NULL));
    tw_str handle = handle_of(cx, &d);
    if (!is_hex_id(handle))
        return tw_fail(cx, TW_EPARSE, "a sealed record has no person handle");
    *person = project_id(cx, handle, project_key);
    for (uint32_t i = 0; i < d.n; i++) {
        const tw_json_tok *t = &d.tok[i];
        if (t->type != TW_JSON_STRING || t->is_key || t->escaped)
            continue;
        tw_str now = replaced(cx, (tw_str){ line.p + t->off + 1, t->len - 2 }, *person, project_key);
        if (!now.p)
            continue;
        tw_buf_add(out, line.p + from, t->off + 1 - from);
        tw_buf_str(out, now);
        from = t->off + t->len - 1;
    }
    tw_buf_add(out, line.p + from, line.n - from);
    return tw_buf_check(cx, out, "record");
}
