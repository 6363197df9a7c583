/* Protobuf through the arena. Nothing is freed piece by piece: the arena goes as a whole. */
#include "model/wire_internal.h"

#include "model/model_internal.h"

static void *wire_alloc(void *arena, size_t n)
{
    return tw_arena_try((tw_arena *)arena, n);
}

static void wire_release(TW_UNUSED void *arena, TW_UNUSED void *p)
{
}

char *tw_wire_text(tw_ctx *cx, tw_str s)
{
    return tw_cstr(cx->arena, s);
}

char **tw_wire_list(tw_ctx *cx, const tw_list *list)
{
    TW_ASSERT(list->count <= TW_LIST_MAX);
    char **items = tw_arena_get(cx->arena, TW_LIST_MAX * sizeof *items);
    for (size_t i = 0; i < list->count; i++)
        items[i] = tw_cstr(cx->arena, list->item[i]);
    return items;
}

tw_status tw_wire_read_list(tw_ctx *cx, tw_list *out, char *const *items, size_t count)
{
    *out = (tw_list){ 0 };
    if (count > TW_LIST_MAX)
        return tw_fail(cx, TW_EPARSE, "a list of %zu items, %d at most", count, TW_LIST_MAX);
    for (size_t i = 0; i < count; i++)
        out->item[out->count++] = tw_str_of(items[i]);
    return TW_OK;
}

tw_status tw_wire_pack(tw_ctx *cx, tw_bytes *out, const ProtobufCMessage *m, const char *what)
{
    size_t size = protobuf_c_message_get_packed_size(m);
    if (size > TW_POLICY_BYTES_MAX)
        return tw_fail(cx, TW_ELIMIT, "%s of %zu bytes, %zu at most", what, size, TW_POLICY_BYTES_MAX);
    uint8_t *p = tw_arena_get(cx->arena, size);
    size_t packed = protobuf_c_message_pack(m, p);
    TW_ASSERT(packed == size);
    *out = (tw_bytes){ p, size };
    return TW_OK;
}

tw_status tw_wire_unpack(tw_ctx *cx, ProtobufCMessage **out, const ProtobufCMessageDescriptor *type, tw_bytes in,
                         const char *what)
{
    if (in.n > TW_POLICY_BYTES_MAX)
        return tw_fail(cx, TW_EPARSE, "%s of %zu bytes, %zu at most", what, in.n, TW_POLICY_BYTES_MAX);
    ProtobufCAllocator allocator = { wire_alloc, wire_release, cx->arena };
    *out = protobuf_c_message_unpack(type, &allocator, in.n, in.p);
    if (!*out)
        return tw_fail(cx, TW_EPARSE, "%s: not the protobuf message", what);
    return TW_OK;
}
