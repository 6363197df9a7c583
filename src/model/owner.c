/* Owner operations, and the two words of a keeper that answer them: deletion and stop receipt. */
#include "model/model.h"

#include "model/model_internal.h"

#define OWNER_BYTES_MAX (32 + 1 + 32 + TW_KEY + TW_KEY + 32 + 4 + 1 + 64 + TW_SIG)

static const char owner_label[] = "tw/own/1";
static const char deletion_label[] = "tw/del/1";
static const char receipt_label[] = "tw/rcpt/1";

static tw_status check_shape(tw_ctx *cx, const tw_owner_op *op)
{
    if (op->kind < TW_OWN_POLICY || op->kind > TW_OWN_ERASE)
        return tw_fail(cx, TW_EPARSE, "owner operation: there is no kind %u", (unsigned)op->kind);
    if (op->signer != TW_BY_A && op->signer != TW_BY_K)
        return tw_fail(cx, TW_EPARSE, "owner operation: there is no signer %u", (unsigned)op->signer);
    if (op->kind == TW_OWN_POLICY && op->signer != TW_BY_A)
        return tw_fail(cx, TW_EPARSE, "owner operation: a policy is signed by A");
    return TW_OK;
}

static const uint8_t *signer_key(const tw_owner_op *op)
{
    return op->signer == TW_BY_A ? op->a : op->k;
}

tw_status tw_owner_op_sign(tw_ctx *cx, tw_bytes *out, const tw_owner_op *op, const uint8_t secret[64])
{
    TW_TRY(check_shape(cx, op));
    tw_buf b;
    tw_buf_init(&b, OWNER_BYTES_MAX);
    tw_model_id(&b, &op->ledger);
    tw_buf_u8(&b, op->kind);
    tw_model_id(&b, &op->comp);
    tw_buf_add(&b, op->a, sizeof op->a);
    tw_buf_add(&b, op->k, sizeof op->k);
    tw_buf_add(&b, op->rest, sizeof op->rest);
    tw_buf_u32(&b, op->version);
    tw_buf_u8(&b, op->signer);
    if (op->kind == TW_OWN_POLICY) {
        tw_buf_add(&b, op->c, sizeof op->c);
        tw_buf_add(&b, op->env, sizeof op->env);
    }
    uint8_t sig[TW_SIG];
    tw_sign(cx, sig, secret, owner_label, tw_buf_view(&b));
    tw_buf_add(&b, sig, sizeof sig);
    return tw_model_take(cx, out, &b, "owner operation");
}

static tw_status check_proofs(tw_ctx *cx, const tw_owner_op *op, tw_bytes message, const uint8_t sig[TW_SIG])
{
    tw_id id;
    tw_comp_id_of(&id, op->a, op->k, op->rest);
    if (!tw_id_eq(&id, &op->comp))
        return tw_fail(cx, TW_ECRYPTO, "owner operation: the compartment id is not that of its keys");
    if (!tw_sign_ok(cx, sig, signer_key(op), owner_label, message))
        return tw_fail(cx, TW_ECRYPTO, "owner operation: the signature does not verify");
    return TW_OK;
}

tw_status tw_owner_op_open(tw_ctx *cx, tw_owner_op *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    *out = (tw_owner_op){ 0 };
    tw_model_read_id(&out->ledger, &in);
    out->kind = tw_rd_u8(&in);
    tw_model_read_id(&out->comp, &in);
    tw_rd_copy(&in, out->a, sizeof out->a);
    tw_rd_copy(&in, out->k, sizeof out->k);
    tw_rd_copy(&in, out->rest, sizeof out->rest);
    out->version = tw_rd_u32(&in);
    out->signer = tw_rd_u8(&in);
    if (out->kind == TW_OWN_POLICY) {
        tw_rd_copy(&in, out->c, sizeof out->c);
        tw_rd_copy(&in, out->env, sizeof out->env);
    }
    tw_bytes message = { bytes.p, in.off };
    uint8_t sig[TW_SIG];
    tw_rd_copy(&in, sig, sizeof sig);
    TW_TRY(tw_rd_end(cx, &in, "owner operation"));
    TW_TRY(check_shape(cx, out));
    return check_proofs(cx, out, message, sig);
}

#define WORD_BYTES (32 + 32 + 8)

/* Both words sign an id, 32 more bytes and a log position. */
static void word(uint8_t out[WORD_BYTES], const tw_id *keeper, const uint8_t about[32], uint64_t at)
{
    memcpy(out, keeper->b, 32);
    memcpy(out + 32, about, 32);
    tw_put_be64(out + 64, at);
}

void tw_deletion_sign(tw_ctx *cx, tw_deletion *d, const uint8_t secret[64])
{
    uint8_t m[WORD_BYTES];
    word(m, &d->keeper, d->comp.b, d->idx);
    tw_sign(cx, d->sig, secret, deletion_label, TW_BYTES(m));
}

bool tw_deletion_ok(tw_ctx *cx, const tw_deletion *d, const uint8_t keeper_key[TW_KEY])
{
    uint8_t m[WORD_BYTES];
    word(m, &d->keeper, d->comp.b, d->idx);
    return tw_sign_ok(cx, d->sig, keeper_key, deletion_label, TW_BYTES(m));
}

void tw_deletion_encode(tw_buf *out, const tw_deletion *d)
{
    uint8_t m[WORD_BYTES];
    word(m, &d->keeper, d->comp.b, d->idx);
    tw_buf_add(out, m, sizeof m);
    tw_buf_add(out, d->sig, sizeof d->sig);
}

void tw_deletion_read(tw_deletion *out, tw_rd *in)
{
    tw_model_read_id(&out->keeper, in);
    tw_model_read_id(&out->comp, in);
    out->idx = tw_rd_u64(in);
    tw_rd_copy(in, out->sig, sizeof out->sig);
}

void tw_stop_receipt_sign(tw_ctx *cx, tw_stop_receipt *r, const uint8_t secret[64])
{
    uint8_t m[WORD_BYTES];
    word(m, &r->keeper, r->op_hash, r->log_size);
    tw_sign(cx, r->sig, secret, receipt_label, TW_BYTES(m));
}

bool tw_stop_receipt_ok(tw_ctx *cx, const tw_stop_receipt *r, const uint8_t keeper_key[TW_KEY])
{
    uint8_t m[WORD_BYTES];
    word(m, &r->keeper, r->op_hash, r->log_size);
    return tw_sign_ok(cx, r->sig, keeper_key, receipt_label, TW_BYTES(m));
}

void tw_stop_receipt_encode(tw_buf *out, const tw_stop_receipt *r)
{
    uint8_t m[WORD_BYTES];
    word(m, &r->keeper, r->op_hash, r->log_size);
    tw_buf_add(out, m, sizeof m);
    tw_buf_add(out, r->sig, sizeof r->sig);
}

void tw_stop_receipt_read(tw_stop_receipt *out, tw_rd *in)
{
    tw_model_read_id(&out->keeper, in);
    tw_rd_copy(in, out->op_hash, sizeof out->op_hash);
    out->log_size = tw_rd_u64(in);
    tw_rd_copy(in, out->sig, sizeof out->sig);
}
