/* What comes in before any release: import batches, openings, grant mail, stops; and what must go: deletions. */
#include "keeper_internal.h"

#define IMPORT_SECRETS_MAX 8
#define OPENING_MAX (1u << 26)

/* ---------------------------------------------------------------- import batches */

static tw_status put_share(tw_ctx *cx, tw_keeper *k, const tw_keeper_share *s)
{
    tw_bytes plain;
    tw_bytes row;
    tw_buf b;
    uint8_t ver[4];
    TW_TRY(tw_keeper_share_encode(cx, &plain, s));
    TW_TRY(tw_slots_seal(cx, &row, &k->slots, NULL, tw_id_bytes(&s->comp), plain));
    tw_wipe((void *)(uintptr_t)plain.p, plain.n);
    TW_TRY(tw_row_put(cx, k, tw_row_of(TW_ROW_SHARE, s->comp.b, (tw_bytes){ NULL, 0 }), row));
    tw_put_be32(ver, 1);
    tw_buf_init(&b, 128 * TW_KIB);
    tw_buf_add(&b, s->salt, 32);
    tw_buf_var(&b, s->policy);
    tw_status st = tw_buf_check(cx, &b, "policy");
    if (st == TW_OK)
        st = tw_row_put(cx, k, tw_row_of(TW_ROW_POLICY, s->comp.b, TW_BYTES(ver)), tw_buf_view(&b));
    tw_buf_done(&b);
    return st;
}

/* First come stays; the same item again is acknowledged. */
static bool known(tw_ctx *cx, tw_keeper *k, const tw_id *comp)
{
    tw_bytes row;
    return tw_row_get(cx, &row, k, tw_row_of(TW_ROW_SHARE, comp->b, (tw_bytes){ NULL, 0 })) == TW_OK
           || tw_row_get(cx, &row, k, tw_row_of(TW_ROW_DELETION, comp->b, (tw_bytes){ NULL, 0 })) == TW_OK;
}

static tw_status accept_item(tw_ctx *cx, bool *taken, tw_keeper *k, const tw_party_state *from,
                             const tw_import_item *item, uint8_t (*secret)[32], size_t secrets)
{
    tw_keeper_share share;
    *taken = known(cx, k, &item->comp);
    for (size_t i = 0; i < secrets && !*taken; i++) {
        if (tw_import_accept(cx, &share, item, k->index, secret[i], tw_ledger_keeper_set(tw_keeper_state(k)),
                             &from->spec.id, tw_ledger_id(tw_keeper_state(k))) != TW_OK)
            continue;
        tw_status s = put_share(cx, k, &share);
        tw_wipe(share.w, sizeof share.w);
        tw_wipe(share.a, sizeof share.a);
        TW_TRY(s);
        *taken = true;
    }
    return TW_OK;
}

static tw_status import_items(tw_ctx *cx, tw_buf *refused, uint32_t *taken_count, tw_keeper *k,
                              const tw_party_state *from, const tw_import_item *item, size_t count)
{
    uint8_t secret[IMPORT_SECRETS_MAX][32];
    size_t secrets;
    TW_TRY(tw_keeper_import_secrets(cx, secret, &secrets, IMPORT_SECRETS_MAX, k));
    tw_status s = TW_OK;
    for (size_t i = 0; i < count && s == TW_OK; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        bool taken;
        s = accept_item(cx, &taken, k, from, &item[i], secret, secrets);
        if (s == TW_OK && taken)
            (*taken_count)++;
        else if (s == TW_OK)
            tw_buf_add(refused, item[i].comp.b, 32);
        tw_arena_back(cx->arena, mark);
    }
    tw_wipe(secret, sizeof secret);
    return s;
}

tw_status tw_keeper_import(tw_ctx *cx, tw_buf *reply, tw_keeper *k, const tw_party_state *from, tw_rd *in)
{
    tw_import_item *item;
    size_t count;
    uint8_t hash[32];
    uint32_t taken = 0;
    tw_buf refused;
    tw_bytes batch = tw_rd_var(in, REPLY_BATCH_MAX);
    TW_TRY(tw_rd_end(cx, in, "import request"));
    if (from->spec.role != TW_ROLE_SOURCE)
        return tw_fail(cx, TW_EREFUSED, "only a source imports");
    TW_TRY(tw_import_decode(cx, &item, &count, batch));
    if (k->kv.begin(k->kv.self, true) != TW_OK)
        return tw_fail(cx, TW_EIO, "the keeper's store cannot be opened");
    tw_buf_init(&refused, 256 * TW_MIB);
    tw_status s = import_items(cx, &refused, &taken, k, from, item, count);
    if (s == TW_OK)
        s = tw_slots_sync(cx, &k->slots);
    if (s != TW_OK)
        k->kv.abort(k->kv.self);
    else if (k->kv.commit(k->kv.self) != TW_OK)
        s = tw_fail(cx, TW_EIO, "the keeper's store cannot be written");
    tw_sha256_of(hash, batch);
    tw_buf_add(reply, hash, 32);
    tw_buf_u32(reply, taken);
    tw_buf_u32(reply, (uint32_t)(refused.n / 32));
    tw_buf_add(reply, refused.p, refused.n);
    tw_buf_done(&refused);
    return s;
}

/* ---------------------------------------------------------------- openings */

static tw_status put_opening(tw_ctx *cx, tw_keeper *k, const tw_id *id, const tw_opening_proof *o)
{
    tw_buf b;
    tw_buf_init(&b, 2 * TW_KIB);
    tw_buf_u64(&b, o->idx);
    tw_buf_u32(&b, o->pos);
    tw_buf_u32(&b, o->n);
    tw_buf_u8(&b, o->path_count);
    tw_buf_add(&b, o->path[0], (size_t)o->path_count * TW_HASH);
    tw_status s = tw_row_put(cx, k, tw_row_of(TW_ROW_OPENING, id->b, (tw_bytes){ NULL, 0 }), tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}

static tw_status put_openings(tw_ctx *cx, uint32_t *mine, tw_keeper *k, const tw_opening_state *state,
                              const uint8_t *ids, const tw_opening_tree *tree)
{
    for (uint32_t i = 0; i < tree->n; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_comp_view v;
        tw_id id;
        tw_bytes row;
        memcpy(id.b, ids + 32 * (size_t)i, 32);
        tw_status s = tw_row_get(cx, &row, k, tw_row_of(TW_ROW_SHARE, id.b, (tw_bytes){ NULL, 0 }));
        if (s == TW_OK) {
            tw_bytes plain;
            TW_TRY(tw_slots_unseal(cx, &plain, &v.slot, &k->slots, tw_id_bytes(&id), row));
            TW_TRY(tw_keeper_share_decode(cx, &v.share, plain));
            const tw_comp *c = &v.share.record.body;
            if (tw_id_eq(&c->source, &state->source) && c->epoch == state->epoch) {
                tw_opening_proof proof;
                tw_opening_tree_prove(&proof, tree, i, state->idx);
                TW_TRY(put_opening(cx, k, &id, &proof));
                (*mine)++;
            }
            tw_wipe(&v.share, sizeof v.share);
        } else if (s != TW_ENOTFOUND) {
            return s;
        }
        tw_arena_back(cx->arena, mark);
    }
    return TW_OK;
}

tw_status tw_keeper_opening(tw_ctx *cx, tw_buf *reply, tw_keeper *k, tw_rd *in)
{
    tw_opening_tree tree;
    uint32_t mine = 0;
    tw_bytes ids = tw_rd_var(in, (size_t)OPENING_MAX * 32);
    TW_TRY(tw_rd_end(cx, in, "opening"));
    uint32_t n = (uint32_t)(ids.n / 32);
    if (ids.n % 32 != 0)
        return tw_fail(cx, TW_EPARSE, "opening ids have 32 bytes each");
    const tw_id *leaf = (const tw_id *)(const void *)ids.p; /* 32 bytes each, no alignment */
    TW_TRY(tw_opening_check(cx, leaf, n));
    TW_TRY(tw_opening_tree_make(cx, &tree, leaf, n));
    const tw_opening_state *state = tw_ledger_opening(tw_keeper_state(k), tree.node[1]);
    if (!state)
        return tw_fail(cx, TW_ENOTFOUND, "no opening with this root on the ledger");
    if (k->kv.begin(k->kv.self, true) != TW_OK)
        return tw_fail(cx, TW_EIO, "the keeper's store cannot be opened");
    tw_status s = put_openings(cx, &mine, k, state, ids.p, &tree);
    if (s != TW_OK)
        k->kv.abort(k->kv.self);
    else if (k->kv.commit(k->kv.self) != TW_OK)
        s = tw_fail(cx, TW_EIO, "the keeper's store cannot be written");
    tw_buf_u32(reply, mine);
    return s;
}
