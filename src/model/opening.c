/* Opening trees: every compartment of a source in one sorted list, padded with random ids to a power of two, so that
 * neither size nor order says anything. A power of two makes a Merkle tree of RFC 6962 perfect: kept as a heap. */
#include "model/model.h"

#include <stdlib.h>

#include "model/model_internal.h"

static bool padded_size(uint32_t n)
{
    return n >= TW_OPENING_MIN && n <= TW_OPENING_MAX && (n & (n - 1)) == 0;
}

static int by_bytes(const void *a, const void *b)
{
    return tw_id_cmp((const tw_id *)a, (const tw_id *)b);
}

tw_status tw_opening_pad(tw_ctx *cx, tw_id **out, uint32_t *n, const tw_id *ids, size_t count)
{
    if (count > TW_OPENING_MAX)
        return tw_fail(cx, TW_ELIMIT, "opening: more than %u compartments", TW_OPENING_MAX);
    uint32_t size = TW_OPENING_MIN;
    while (size < count)
        size *= 2;
    tw_id *all = tw_try_array(cx->arena, tw_id, size);
    if (!all)
        return tw_fail(cx, TW_ELIMIT, "opening of %u leaves", (unsigned)size);
    if (count)
        memcpy(all, ids, count * sizeof *ids);
    for (size_t i = count; i < size; i++)
        tw_random(cx, all[i].b, sizeof all[i].b);
    qsort(all, size, sizeof *all, by_bytes);
    for (uint32_t i = 1; i < size; i++)
        if (tw_id_eq(&all[i - 1], &all[i]))
            return tw_fail(cx, TW_ECONFLICT, "opening: an id stands twice");
    *out = all;
    *n = size;
    return TW_OK;
}

tw_status tw_opening_check(tw_ctx *cx, const tw_id *ids, uint32_t n)
{
    if (!padded_size(n))
        return tw_fail(cx, TW_EPARSE, "opening: %u is not a padded number of leaves", (unsigned)n);
    for (uint32_t i = 1; i < n; i++)
        if (tw_id_cmp(&ids[i - 1], &ids[i]) >= 0)
            return tw_fail(cx, TW_EPARSE, "opening: leaf %u does not ascend", (unsigned)i);
    return TW_OK;
}

void tw_opening_root(TW_UNUSED tw_ctx *cx, uint8_t out[32], const tw_id *ids, uint32_t n)
{
    tw_merkle_range range = { 0 };
    for (uint32_t i = 0; i < n; i++) {
        uint8_t leaf[TW_HASH];
        tw_merkle_leaf(leaf, tw_id_bytes(&ids[i]));
        tw_merkle_range_add(&range, leaf);
    }
    tw_merkle_range_root(out, &range);
}

tw_status tw_opening_tree_make(tw_ctx *cx, tw_opening_tree *out, const tw_id *ids, uint32_t n)
{
    if (!padded_size(n))
        return tw_fail(cx, TW_EPARSE, "opening: %u is not a padded number of leaves", (unsigned)n);
    out->n = n;
    out->node = tw_arena_try(cx->arena, tw_array_size(2 * (size_t)n, TW_HASH));
    if (!out->node)
        return tw_fail(cx, TW_ELIMIT, "tree of %u leaves", (unsigned)n);
    for (uint32_t i = 0; i < n; i++)
        tw_merkle_leaf(out->node[n + i], tw_id_bytes(&ids[i]));
    for (uint32_t i = n - 1; i >= 1; i--)
        tw_merkle_node(out->node[i], out->node[2 * i], out->node[2 * i + 1]);
    return TW_OK;
}

void tw_opening_tree_prove(tw_opening_proof *out, const tw_opening_tree *t, uint32_t pos, uint64_t idx)
{
    TW_ASSERT(pos < t->n);
    *out = (tw_opening_proof){ .idx = idx, .pos = pos, .n = t->n };
    for (uint32_t i = t->n + pos; i > 1; i /= 2)
        memcpy(out->path[out->path_count++], t->node[i ^ 1], TW_HASH);
}

tw_status tw_opening_prove(tw_ctx *cx, tw_opening_proof *out, const tw_id *ids, uint32_t n, uint32_t pos, uint64_t idx)
{
    if (pos >= n)
        return tw_fail(cx, TW_EPARSE, "opening: position %u of %u", (unsigned)pos, (unsigned)n);
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_opening_tree tree;
    TW_TRY(tw_opening_tree_make(cx, &tree, ids, n));
    tw_opening_tree_prove(out, &tree, pos, idx);
    tw_arena_back(cx->arena, mark);
    return TW_OK;
}

bool tw_opening_ok(uint8_t root[32], const tw_opening_proof *p, const tw_id *comp)
{
    memset(root, 0, 32);
    if (!padded_size(p->n) || p->pos >= p->n || p->path_count > 32 || p->n != (uint64_t)1 << p->path_count)
        return false;
    uint8_t node[TW_HASH];
    tw_merkle_leaf(node, tw_id_bytes(comp));
    for (unsigned k = 0; k < p->path_count; k++) {
        uint8_t up[TW_HASH];
        if (p->pos >> k & 1)
            tw_merkle_node(up, p->path[k], node);
        else
            tw_merkle_node(up, node, p->path[k]);
        memcpy(node, up, sizeof node);
    }
    memcpy(root, node, sizeof node);
    return true;
}
