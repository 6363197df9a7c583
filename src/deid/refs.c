/* References: what a string in Reference.reference points at, and the keyed ids that replace it. */
#include "deid/deid_internal.h"

struct tw_refbook {
    tw_map *by_ref; /* "Type/id" and fullUrl -> ref_target */
    tw_arena *arena;
};

tw_refbook *tw_refbook_new(size_t count_max)
{
    tw_refbook *b = tw_mem_alloc(sizeof *b);
    TW_ASSERT(b != NULL);
    b->by_ref = tw_map_new(2 * count_max);
    b->arena = tw_arena_new((size_t)1 << 30);
    return b;
}

void tw_refbook_free(tw_refbook *b)
{
    if (!b)
        return;
    tw_map_free(b->by_ref);
    tw_arena_free(b->arena);
    tw_mem_free(b);
}

static bool learn(tw_refbook *b, tw_str ref, const ref_target *target)
{
    return tw_map_put(b->by_ref, tw_bytes_of(ref), (void *)(uintptr_t)target);
}

tw_status tw_refbook_add(tw_ctx *cx, tw_refbook *b, const tw_json *d, uint32_t resource, tw_str full_url)
{
    tw_str type = tw_json_member_text(cx, d, resource, "resourceType");
    tw_str id = tw_json_member_text(cx, d, resource, "id");
    if (!form_id(id) || type.n == 0 || type.n > 64)
        return TW_OK;
    ref_target *t = tw_arena_try(b->arena, sizeof *t + type.n + 1 + id.n);
    if (!t)
        return tw_fail(cx, TW_ELIMIT, "too many references");
    char *both = (char *)(t + 1);
    memcpy(both, type.p, type.n);
    both[type.n] = '/';
    memcpy(both + type.n + 1, id.p, id.n);
    tw_category category;
    t->type = (tw_str){ both, type.n };
    t->id = (tw_str){ both + type.n + 1, id.n };
    t->category = tw_category_of(&category, d, resource) ? (int)category : 0;
    if (!learn(b, (tw_str){ both, type.n + 1 + id.n }, t) ||
        (full_url.n > 0 && full_url.n < 2048 && !learn(b, full_url, t)))
        return tw_fail(cx, TW_ELIMIT, "too many references");
    return TW_OK;
}

tw_status tw_refbook_bundle(tw_ctx *cx, tw_refbook *b, const tw_json *bundle)
{
    if (!tw_json_is(bundle, tw_json_get(bundle, 0, "resourceType"), "Bundle"))
        return tw_fail(cx, TW_EPARSE, "not a Bundle");
    uint32_t entries = tw_json_get(bundle, 0, "entry");
    for (uint32_t e = tw_json_first(bundle, entries); e != TW_JSON_NONE; e = tw_json_next(bundle, entries, e)) {
        uint32_t resource = tw_json_get(bundle, e, "resource");
        if (resource != TW_JSON_NONE)
            TW_TRY(tw_refbook_add(cx, b, bundle, resource, tw_json_member_text(cx, bundle, e, "fullUrl")));
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- parsing */

static bool look_up(ref_target *out, const tw_refbook *book, tw_str ref)
{
    const ref_target *t = book ? tw_map_get(book->by_ref, tw_bytes_of(ref)) : NULL;
    if (t)
        *out = *t;
    return t != NULL;
}

/* Offset of the last '/' before `end`, SIZE_MAX when there is none. */
static size_t slash_before(tw_str s, size_t end)
{
    while (end > 0)
        if (s.p[--end] == '/')
            return end;
    return SIZE_MAX;
}

static bool type_like(tw_str s)
{
    if (s.n == 0 || s.n > 64 || s.p[0] < 'A' || s.p[0] > 'Z')
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z')))
            return false;
    return true;
}

/* Type/id. An absolute URL may be another server's record of the same number: only the book can tell. */
static bool literal(ref_target *out, tw_str ref)
{
    size_t slash = slash_before(ref, ref.n);
    if (slash == SIZE_MAX || slash_before(ref, slash) != SIZE_MAX)
        return false;
    out->id = (tw_str){ ref.p + slash + 1, ref.n - slash - 1 };
    out->type = (tw_str){ ref.p, slash };
    return form_id(out->id) && type_like(out->type);
}

ref_kind ref_parse(ref_target *out, const tw_refbook *book, tw_str ref)
{
    *out = (ref_target){ .category = 0 };
    if (ref.n == 0 || ref.n > 2048)
        return REF_UNKNOWN;
    if (ref.p[0] == '#') {
        out->id = (tw_str){ ref.p + 1, ref.n - 1 };
        return REF_CONTAINED;
    }
    size_t history = tw_str_find(ref, TW_STR("/_history/"));
    if (history != SIZE_MAX)
        ref.n = history;
    if (look_up(out, book, ref))
        return REF_RECORD;
    if (memchr(ref.p, '?', ref.n) || !literal(out, ref))
        return REF_UNKNOWN;
    out->category = category_of_type(out->type);
    return REF_RECORD;
}

/* ---------------------------------------------------------------- keyed ids */

void tw_deid_id(char out[TW_ID_HEX + 1], const uint8_t id_key[32], tw_str type, tw_str id)
{
    static const char hex[] = "0123456789abcdef";
    enum { TYPE_MAX = 64, ID_MAX = 1024 };
    char data[TYPE_MAX + 1 + ID_MAX];
    uint8_t mac[TW_HASH];
    TW_ASSERT(type.n <= TYPE_MAX && id.n <= ID_MAX); /* callers check forms */
    memcpy(data, type.p, type.n);
    data[type.n] = '\0';
    if (id.n)
        memcpy(data + type.n + 1, id.p, id.n);
    tw_hmac_sha256(mac, (tw_bytes){ id_key, 32 }, "tw/id/1", tw_bytes_of((tw_str){ data, type.n + 1 + id.n }));
    for (int i = 0; i < TW_ID_HEX / 2; i++) {
        out[2 * i] = hex[mac[i] >> 4];
        out[2 * i + 1] = hex[mac[i] & 15];
    }
    out[TW_ID_HEX] = '\0';
}
