/* Policies after sealing, and stops that bind on receipt. */
#include "keeper_internal.h"

#define MAIL_MAX 65536
#define IMPORT_SECRETS_MAX 8

static tw_status share_of(tw_ctx *cx, tw_keeper_share *out, uint64_t *slot, tw_keeper *k, const tw_id *comp)
{
    tw_bytes row;
    tw_bytes plain;
    tw_status s = tw_row_get(cx, &row, k, tw_row_of(TW_ROW_SHARE, comp->b, (tw_bytes){ NULL, 0 }));
    if (s == TW_ENOTFOUND)
        return tw_fail(cx, TW_ENOTFOUND, "this keeper has no such compartment");
    TW_TRY(s);
    TW_TRY(tw_slots_unseal(cx, &plain, slot, &k->slots, tw_id_bytes(comp), row));
    return tw_keeper_share_decode(cx, out, plain);
}

static tw_status put_policy(tw_ctx *cx, tw_keeper *k, const tw_id *comp, const tw_mail *m)
{
    uint8_t ver[4];
    tw_buf b;
    tw_put_be32(ver, m->version);
    tw_buf_init(&b, 2 * MAIL_MAX);
    tw_buf_add(&b, m->salt, 32);
    tw_buf_var(&b, m->policy);
    tw_status s = tw_buf_check(cx, &b, "policy");
    if (s == TW_OK)
        s = tw_row_put(cx, k, tw_row_of(TW_ROW_POLICY, comp->b, TW_BYTES(ver)), tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}

static tw_status put_directed(tw_ctx *cx, tw_keeper *k, const tw_id *comp, uint64_t slot, const tw_mail *m)
{
    tw_bytes row;
    tw_buf b;
    tw_buf_init(&b, 4 * TW_KIB);
    tw_buf_add(&b, m->x, TW_POINT);
    tw_buf_add(&b, m->share, TW_SCALAR);
    tw_buf_add(&b, m->commits, (size_t)m->t * TW_POINT);
    tw_status s = tw_slots_seal(cx, &row, &k->slots, &slot, tw_id_bytes(comp), tw_buf_view(&b));
    tw_buf_done(&b);
    TW_TRY(s);
    return tw_row_put(cx, k, tw_row_of(TW_ROW_DIRECTED, comp->b, TW_BYTES(m->b)), row);
}

/* Class shares that came anew replace the old ones, under the same slot. */
static tw_status put_class(tw_ctx *cx, tw_keeper *k, tw_keeper_share *share, uint64_t slot, const tw_mail *m)
{
    tw_bytes plain;
    tw_bytes row;
    memcpy(share->a, m->a, TW_SCALAR);
    TW_TRY(tw_keeper_share_encode(cx, &plain, share));
    TW_TRY(tw_slots_seal(cx, &row, &k->slots, &slot, tw_id_bytes(&share->comp), plain));
    return tw_row_put(cx, k, tw_row_of(TW_ROW_SHARE, share->comp.b, (tw_bytes){ NULL, 0 }), row);
}

static tw_status open_mail(tw_ctx *cx, tw_mail *m, tw_keeper *k, tw_bytes sealed, const tw_keeper_share *share)
{
    uint8_t secret[IMPORT_SECRETS_MAX][32];
    size_t secrets;
    TW_TRY(tw_keeper_import_secrets(cx, secret, &secrets, IMPORT_SECRETS_MAX, k));
    tw_status s = tw_fail(cx, TW_ECRYPTO, "no import key here opens this mail");
    for (size_t i = 0; i < secrets && s != TW_OK; i++)
        s = tw_mail_open(cx, m, sealed, secret[i], &share->record, k->index);
    tw_wipe(secret, sizeof secret);
    return s;
}

/* Version, commitment and env must be those in state. */
static tw_status check_mail(tw_ctx *cx, const tw_mail *m, tw_bytes sealed, tw_bytes hashes, tw_keeper *k,
                            const tw_id *comp)
{
    uint8_t own[32];
    uint8_t env[32];
    const tw_comp_state *state = tw_ledger_comp(tw_keeper_state(k), comp);
    tw_sha256_of(own, sealed);
    tw_sha256_of(env, hashes);
    if (hashes.n != 32u * tw_ledger_keeper_set(tw_keeper_state(k))->n ||
        memcmp(hashes.p + 32 * (k->index - 1u), own, 32) != 0)
        return tw_fail(cx, TW_EREFUSED, "the mail is not the one named for this keeper");
    if (!state || memcmp(state->env, env, 32) != 0 || tw_mail_check(cx, m, state->version, state->c) != TW_OK)
        return tw_fail(cx, TW_EREFUSED, "the mail does not fit the policy entry in force");
    return TW_OK;
}

static tw_status take_mail(tw_ctx *cx, tw_keeper *k, const tw_id *comp, tw_bytes hashes, tw_bytes sealed)
{
    tw_keeper_share share;
    uint64_t slot;
    tw_mail m;
    TW_TRY(share_of(cx, &share, &slot, k, comp));
    TW_TRY(open_mail(cx, &m, k, sealed, &share));
    tw_status s = check_mail(cx, &m, sealed, hashes, k, comp);
    if (s == TW_OK)
        s = put_policy(cx, k, comp, &m);
    if (s == TW_OK && m.kind == TW_MAIL_DIRECTED)
        s = put_directed(cx, k, comp, slot, &m);
    else if (s == TW_OK && m.kind == TW_MAIL_CLASS)
        s = put_class(cx, k, &share, slot, &m);
    tw_wipe(&share, sizeof share);
    tw_wipe(&m, sizeof m);
    return s;
}

static tw_status finish(tw_ctx *cx, tw_keeper *k, tw_status s)
{
    if (s == TW_OK)
        s = tw_slots_sync(cx, &k->slots);
    if (s != TW_OK) {
        k->kv.abort(k->kv.self);
        return s;
    }
    return k->kv.commit(k->kv.self) == TW_OK ? TW_OK : tw_fail(cx, TW_EIO, "the keeper's store cannot be written");
}

/* comp 32, hashes of all mails (var), sealed (var). */
tw_status tw_keeper_mail(tw_ctx *cx, tw_buf *reply, tw_keeper *k, tw_rd *in)
{
    tw_id comp;
    tw_rd_copy(in, comp.b, 32);
    tw_bytes hashes = tw_rd_var(in, 32 * TW_SHARES_MAX);
    tw_bytes sealed = tw_rd_var(in, MAIL_MAX);
    TW_TRY(tw_rd_end(cx, in, "mail"));
    if (k->kv.begin(k->kv.self, true) != TW_OK)
        return tw_fail(cx, TW_EIO, "the keeper's store cannot be opened");
    TW_TRY(finish(cx, k, take_mail(cx, k, &comp, hashes, sealed)));
    tw_buf_u8(reply, 1);
    return TW_OK;
}

/* The version that a stop takes is the next one; a replayed older one binds nothing. */
static tw_status take_stop(tw_ctx *cx, tw_keeper *k, const tw_owner_op *op)
{
    uint8_t mark[4];
    const tw_comp_state *state = tw_ledger_comp(tw_keeper_state(k), &op->comp);
    uint32_t version = state ? state->version : 1;
    if (state && state->status >= TW_COMP_ERASING)
        return tw_fail(cx, TW_EREFUSED, "the compartment is erased already");
    if (op->signer == TW_BY_A && op->version != version + 1)
        return tw_fail(cx, TW_EREFUSED, "a stop of version %u does not follow version %u", op->version, version);
    tw_put_be32(mark, op->signer == TW_BY_K ? UINT32_MAX : op->version);
    return tw_row_put(cx, k, tw_row_of(TW_ROW_STOP, op->comp.b, (tw_bytes){ NULL, 0 }), TW_BYTES(mark));
}

tw_status tw_keeper_stop(tw_ctx *cx, tw_buf *reply, tw_keeper *k, tw_rd *in)
{
    tw_owner_op op;
    tw_stop_receipt r = { .keeper = k->me.id, .log_size = tw_keeper_log_size(k) };
    tw_bytes bytes = tw_rd_var(in, 4 * TW_KIB);
    TW_TRY(tw_rd_end(cx, in, "stop"));
    TW_TRY(tw_owner_op_open(cx, &op, bytes));
    if (op.kind != TW_OWN_STOP || !tw_id_eq(&op.ledger, tw_ledger_id(tw_keeper_state(k))))
        return tw_fail(cx, TW_EREFUSED, "not a stop for this ledger");
    if (k->kv.begin(k->kv.self, true) != TW_OK)
        return tw_fail(cx, TW_EIO, "the keeper's store cannot be opened");
    TW_TRY(finish(cx, k, take_stop(cx, k, &op)));
    tw_sha256_of(r.op_hash, bytes);
    tw_stop_receipt_sign(cx, &r, k->me.sign_secret);
    tw_stop_receipt_encode(reply, &r);
    return TW_OK;
}
