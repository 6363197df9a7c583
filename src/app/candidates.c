/* Candidates: what keepers offer a project, merged by compartment; and leaves made of them. */
#include "release_internal.h"

#include <stdlib.h>

#define CANDIDATES_MAX 10000000
#define PAGES_MAX 100000

typedef struct {
    tw_map *by_comp; /* compartment -> tw_leaf_item */
    tw_release_body *body;
} merged;

static void read_opening(tw_opening_proof *o, tw_rd *in)
{
    o->idx = tw_rd_u64(in);
    o->pos = tw_rd_u32(in);
    o->n = tw_rd_u32(in);
    o->path_count = tw_rd_u8(in);
    for (size_t i = 0; i < o->path_count && i < TW_COUNT(o->path); i++)
        tw_rd_copy(in, o->path[i], TW_HASH);
    in->bad |= o->path_count > TW_COUNT(o->path);
}

/* The body without capsules; these come from the vault. */
static tw_status read_candidate(tw_ctx *cx, tw_leaf_item *item, tw_release_body *b, tw_rd *in)
{
    *b = (tw_release_body){ .version = 0 };
    tw_rd_copy(in, item->tag, 32);
    TW_TRY(tw_comp_record_read(cx, &b->record, in));
    b->version = tw_rd_u32(in);
    b->policy = tw_bytes_dup(cx->arena, tw_rd_var(in, 65536));
    tw_rd_copy(in, b->salt, 32);
    read_opening(&b->opening, in);
    b->policy_idx = tw_rd_u64(in);
    uint8_t kind = tw_rd_u8(in);
    item->kind = kind == TW_ANSWER_DIRECTED ? TW_ANSWER_DIRECTED : TW_ANSWER_CLASS;
    tw_rd_copy(in, item->x, TW_POINT);
    if (in->bad || kind > TW_ANSWER_DIRECTED)
        return tw_fail(cx, TW_EPARSE, "a keeper's candidate is malformed");
    tw_comp_record_id(&b->comp, &b->record);
    item->comp = b->comp;
    return TW_OK;
}

static int by_day(const void *a, const void *b)
{
    const tw_body_capsule *x = a;
    const tw_body_capsule *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return memcmp(x->capsule_hash, y->capsule_hash, 32);
}

static tw_status finish_item(tw_ctx *cx, tw_leaf_item *item, tw_release_body *b, const tw_capsules *capsules)
{
    tw_buf buf;
    item->capsule_count = tw_capsules_of(capsules, &item->capsule, &item->comp);
    if (item->capsule_count > TW_BODY_CAPSULES_MAX)
        return tw_fail(cx, TW_ELIMIT, "a compartment of %zu capsules", item->capsule_count);
    tw_body_capsule *c = tw_arena_get(cx->arena, (item->capsule_count + 1) * sizeof *c);
    for (size_t i = 0; i < item->capsule_count; i++) {
        c[i].day = item->capsule[i].day;
        memcpy(c[i].capsule_hash, item->capsule[i].hash, 32);
    }
    qsort(c, item->capsule_count, sizeof *c, by_day);
    b->capsules = c;
    b->capsule_count = item->capsule_count;
    tw_buf_init(&buf, 4 * TW_MIB);
    tw_release_body_encode(&buf, b);
    tw_status s = tw_buf_check(cx, &buf, "release body");
    item->body = tw_bytes_dup(cx->arena, tw_buf_view(&buf));
    tw_buf_done(&buf);
    tw_release_leaf(item->leaf, item->tag, item->body);
    return s;
}

static tw_status take_page(tw_ctx *cx, merged *m, const tw_capsules *capsules, uint64_t *seen, bool *more,
                           tw_id *cursor, tw_bytes reply)
{
    tw_rd in = tw_rd_of(reply);
    tw_rd_view(&in, 32);
    tw_rd_u64(&in);
    *more = tw_rd_u8(&in) == 1;
    tw_rd_copy(&in, cursor->b, 32);
    uint32_t count = tw_rd_u32(&in);
    for (uint32_t i = 0; i < count; i++) {
        tw_leaf_item *item = tw_new(cx->arena, tw_leaf_item);
        tw_release_body *b = tw_new(cx->arena, tw_release_body);
        TW_TRY(read_candidate(cx, item, b, &in));
        if (tw_map_get(m->by_comp, tw_id_bytes(&item->comp)))
            continue;
        (*seen)++;
        TW_TRY(finish_item(cx, item, b, capsules));
        if (!tw_map_put(m->by_comp, tw_id_bytes(&item->comp), item))
            return tw_fail(cx, TW_ELIMIT, "more than %d candidates", CANDIDATES_MAX);
    }
    return tw_rd_end(cx, &in, "candidates");
}

static tw_status ask_keeper(tw_ctx *cx, merged *m, uint64_t *seen, tw_site *s, uint8_t index, const tw_party *grantee,
                            const tw_leaf_list *l, const tw_capsules *capsules)
{
    tw_id cursor = { { 0 } };
    bool more = true;
    for (size_t page = 0; more && page < PAGES_MAX; page++) {
        uint8_t fields[96];
        tw_bytes reply;
        memcpy(fields, l->project.b, 32);
        memcpy(fields + 32, l->id.b, 32);
        memcpy(fields + 64, cursor.b, 32);
        TW_TRY(
            tw_keeper_call(cx, &reply, s, index, tw_keeper_ask(cx, TW_KEEPER_CANDIDATES, grantee, TW_BYTES(fields))));
        TW_TRY(take_page(cx, m, capsules, seen, &more, &cursor, reply));
    }
    return TW_OK;
}

static int by_tag(const void *a, const void *b)
{
    return memcmp(((const tw_leaf_item *)a)->tag, ((const tw_leaf_item *)b)->tag, 32);
}

/* A leaf for a compartment that nobody offers: tag and body hash can only be guessed. */
static tw_status add_guess(tw_ctx *cx, tw_leaf_list *l, const tw_id *comp, const tw_capsules *capsules)
{
    tw_leaf_item *item = &l->item[l->count++];
    *item = (tw_leaf_item){ .comp = *comp, .kind = TW_ANSWER_CLASS };
    tw_random(cx, item->leaf, TW_RELEASE_LEAF);
    memcpy(item->tag, item->leaf, 32);
    item->capsule_count = tw_capsules_of(capsules, &item->capsule, comp);
    return TW_OK;
}

tw_status tw_candidates(tw_ctx *cx, tw_leaf_list *l, uint64_t *candidates, tw_site *s, const tw_party *grantee,
                        const tw_capsules *capsules, const tw_release_opts *o)
{
    merged m = { .by_comp = tw_map_new(CANDIDATES_MAX) };
    const tw_keeper_set *set = tw_ledger_keeper_set(tw_site_state(s));
    tw_status st = TW_OK;
    unsigned reached = 0;
    *candidates = 0;
    for (uint8_t i = 1; i <= set->n && reached < 2; i++) {
        st = ask_keeper(cx, &m, candidates, s, i, grantee, l, capsules);
        if (st == TW_OK)
            reached++;
        else if (st != TW_ENET)
            break;
    }
    size_t n = tw_map_count(m.by_comp);
    if (reached)
        st = TW_OK;
    l->item = tw_try_array(cx->arena, tw_leaf_item, n + o->also_count + 2);
    if (st == TW_OK && !l->item)
        st = tw_fail(cx, TW_ELIMIT, "no memory left for %zu leaves", n);
    for (size_t i = 0; i < n && st == TW_OK; i++) {
        const tw_leaf_item *item = tw_map_at(m.by_comp, i, NULL);
        if (item->capsule_count) /* nothing sealed, nothing to release */
            l->item[l->count++] = *item;
    }
    for (size_t i = 0; i < o->also_count && st == TW_OK; i++)
        if (!tw_map_get(m.by_comp, tw_id_bytes(&o->also[i])))
            st = add_guess(cx, l, &o->also[i], capsules);
    if (st == TW_OK)
        qsort(l->item, l->count, sizeof *l->item, by_tag);
    tw_map_free(m.by_comp);
    return st;
}
