/* All capsules of the vault that the log names, in one sorted list. */
#include "app_internal.h"

#include <stdlib.h>

#define CAPSULES_MAX 20000000

static int by_place(const void *a, const void *b)
{
    const tw_found_capsule *x = a;
    const tw_found_capsule *y = b;
    int c = tw_id_cmp(&x->comp, &y->comp);
    if (c)
        return c;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return memcmp(x->hash, y->hash, 32);
}

static tw_status push(tw_ctx *cx, tw_capsules *c, size_t *cap, const tw_found_capsule *item)
{
    if (c->count == *cap) {
        *cap = *cap ? 2 * *cap : 256;
        tw_found_capsule *more = *cap <= CAPSULES_MAX ? tw_mem_resize(c->item, *cap * sizeof *more) : NULL;
        if (!more)
            return tw_fail(cx, TW_ELIMIT, "no memory left for %zu capsules", *cap);
        c->item = more;
    }
    c->item[c->count++] = *item;
    return TW_OK;
}

static tw_status from_pack(tw_ctx *cx, tw_capsules *c, size_t *cap, const tw_pack *p)
{
    for (size_t i = 0; i < tw_pack_count(p); i++) {
        const tw_pack_item *item = tw_pack_at(p, i);
        tw_bytes object;
        if (item->leaf.kind != 1)
            continue;
        tw_status s = tw_pack_object(cx, &object, p, i);
        if (s == TW_ENOTFOUND)
            continue; /* erased */
        TW_TRY(s);
        tw_found_capsule f = { .comp = item->leaf.capsule.comp, .day = item->leaf.capsule.day };
        memcpy(f.hash, item->leaf.capsule.capsule_hash, 32);
        memcpy(f.capsule, object.p, TW_CAPSULE);
        memcpy(f.wrap, object.p + TW_CAPSULE, TW_WRAP);
        TW_TRY(push(cx, c, cap, &f));
    }
    return TW_OK;
}

static tw_status find_all(tw_ctx *cx, tw_capsules *c, const tw_site *s, const tw_batch_index *ix)
{
    tw_id *root;
    size_t count;
    size_t cap = 0;
    char *vault = tw_site_path(cx, s, TW_VAULT_DIR);
    TW_TRY(tw_vault_list(cx, &root, &count, vault));
    for (size_t i = 0; i < count; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_pack *p;
        if (!tw_batch_index_find(ix, root[i].b, NULL))
            continue; /* an orphan of a kill: its records were sealed again */
        TW_TRY(tw_pack_open(cx, &p, vault, root[i].b));
        TW_TRY(from_pack(cx, c, &cap, p));
        tw_arena_back(cx->arena, mark);
    }
    return TW_OK;
}

tw_status tw_capsules_find(tw_ctx *cx, tw_capsules *out, const tw_site *s, const tw_batch_index *ix)
{
    *out = (tw_capsules){ .count = 0 };
    tw_capsules c = { .count = 0 };
    tw_status st = find_all(cx, &c, s, ix);
    if (st == TW_OK) {
        out->item = tw_arena_try(cx->arena, (c.count + 1) * sizeof *c.item);
        if (!out->item)
            st = tw_fail(cx, TW_ELIMIT, "no memory left for %zu capsules", c.count);
    }
    if (st == TW_OK && c.count) {
        memcpy(out->item, c.item, c.count * sizeof *c.item);
        out->count = c.count;
        qsort(out->item, out->count, sizeof *out->item, by_place);
    }
    tw_mem_free(c.item);
    return st;
}

size_t tw_capsules_of(const tw_capsules *c, const tw_found_capsule **first, const tw_id *comp)
{
    size_t lo = 0;
    size_t hi = c->count;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (tw_id_cmp(&c->item[mid].comp, comp) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    size_t end = lo;
    while (end < c->count && tw_id_eq(&c->item[end].comp, comp))
        end++;
    *first = c->item ? c->item + lo : NULL;
    return end - lo;
}
