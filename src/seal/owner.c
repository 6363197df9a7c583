/* Owner operations of a wallet: stop, erase, and a new policy with its mails. */
#include "seal/seal.h"

#include "seal/seal_internal.h"

enum { LIVE = 1, STOPPED = 2, ERASED = 3 };

static tw_status find(tw_ctx *cx, tw_wallet_entry **out, tw_wallet *w, const tw_id *comp)
{
    *out = tw_wallet_find(w, comp);
    if (!*out)
        return tw_fail(cx, TW_ENOTFOUND, "no such compartment in this wallet");
    if ((*out)->status == ERASED)
        return tw_fail(cx, TW_ECONFLICT, "the compartment was erased");
    return TW_OK;
}

static tw_status keys_of(tw_ctx *cx, tw_comp_keys *out, const tw_wallet *w, const tw_wallet_entry *e)
{
    const tw_comp *c = &e->record.body;
    return tw_wallet_keys(cx, out, w, &c->source, (tw_category)c->category, c->epoch, c->generation);
}

static tw_owner_op op_of(const tw_wallet_entry *e, tw_owner_kind kind, uint32_t version, bool by_k)
{
    tw_owner_op op = { .ledger = e->record.body.ledger, .kind = (uint8_t)kind, .comp = e->comp, .version = version };
    op.signer = by_k ? TW_BY_K : TW_BY_A;
    memcpy(op.a, e->record.a, TW_KEY);
    memcpy(op.k, e->record.k, TW_KEY);
    tw_comp_rest(op.rest, &e->record.body);
    return op;
}

static tw_status sign(tw_ctx *cx, tw_bytes *out, const tw_wallet *w, const tw_wallet_entry *e, const tw_owner_op *op)
{
    tw_comp_keys keys;
    const bool by_k = op->signer == TW_BY_K;
    if (by_k && !w->has_stop)
        return tw_fail(cx, TW_ENOTFOUND, "the stop root is not in this wallet");
    if (!by_k && !w->has_root)
        return tw_fail(cx, TW_ENOTFOUND, "the root is not in this file: it can only stop and erase for good");
    TW_TRY(keys_of(cx, &keys, w, e));
    tw_status s = tw_owner_op_sign(cx, out, op, by_k ? keys.sign_k : keys.sign_a);
    tw_comp_keys_wipe(&keys);
    return s;
}

tw_status tw_wallet_stop(tw_ctx *cx, tw_bytes *op, tw_wallet *w, const tw_id *comp, bool by_k)
{
    tw_wallet_entry *e;
    TW_TRY(find(cx, &e, w, comp));
    const uint32_t version = by_k ? e->version : e->version + 1;
    const tw_owner_op o = op_of(e, TW_OWN_STOP, version, by_k);
    TW_TRY(sign(cx, op, w, e, &o));
    e->version = version;
    e->status = STOPPED;
    return TW_OK;
}

tw_status tw_wallet_erase(tw_ctx *cx, tw_bytes *op, tw_wallet *w, const tw_id *comp, bool by_k)
{
    tw_wallet_entry *e;
    TW_TRY(find(cx, &e, w, comp));
    const tw_owner_op o = op_of(e, TW_OWN_ERASE, e->version, by_k);
    TW_TRY(sign(cx, op, w, e, &o));
    e->status = ERASED;
    return TW_OK;
}

/* ---------------------------------------------------------------- a new policy */

/* What goes into the mails, one share a keeper. */
typedef struct {
    tw_mail mail; /* all but a and share */
    uint8_t shares[TW_SHARES_MAX * TW_SCALAR];
} posting;

static tw_status deal_grant(tw_ctx *cx, posting *p, const tw_wallet *w, const tw_wallet_entry *e,
                            const uint8_t *b_point,
                            unsigned n)
{
    if (p->mail.kind == TW_MAIL_POLICY)
        return TW_OK;
    const tw_comp *c = &e->record.body;
    tw_comp_keys keys;
    TW_TRY(keys_of(cx, &keys, w, e));
    p->mail.t = c->t;
    tw_status s;
    if (p->mail.kind == TW_MAIL_CLASS) {
        s = tw_wallet_deal_a(cx, p->shares, p->mail.commits[0], w, c, keys.a, n);
    } else {
        memcpy(p->mail.b, b_point, TW_POINT);
        s = tw_tpre_grant(cx, p->mail.x, p->shares, p->mail.commits[0], keys.a, b_point, tw_id_bytes(&e->comp), c->t, n,
                          NULL, NULL);
    }
    tw_comp_keys_wipe(&keys);
    return s;
}

static void put_mail(tw_buf *out, const tw_mail *m, const uint8_t share[TW_SCALAR])
{
    tw_buf_u32(out, m->version);
    tw_buf_add(out, m->salt, sizeof m->salt);
    tw_buf_var(out, m->policy);
    tw_buf_u8(out, m->kind);
    if (m->kind == TW_MAIL_POLICY)
        return;
    if (m->kind == TW_MAIL_DIRECTED) {
        tw_buf_add(out, m->b, sizeof m->b);
        tw_buf_add(out, m->x, sizeof m->x);
    }
    tw_buf_add(out, share, TW_SCALAR);
    tw_buf_u32(out, m->t);
    tw_buf_add(out, m->commits, (size_t)m->t * TW_POINT);
}

static tw_status post(tw_ctx *cx, tw_bytes *mail, const posting *p, const tw_id *comp, unsigned n,
                      const uint8_t (*import_key)[TW_KEY])
{
    for (unsigned i = 0; i < n; i++) {
        tw_buf plain;
        TW_TRY(tw_seal_room(cx, &plain, 4 + 32 + 4 + p->mail.policy.n + 1 + 96 + 4 + sizeof p->mail.commits));
        put_mail(&plain, &p->mail, p->shares + (size_t)i * TW_SCALAR);
        TW_TRY(tw_buf_check(cx, &plain, "mail"));
        tw_status s = tw_box_seal(cx, &mail[i], import_key[i], tw_buf_view(&plain), tw_id_bytes(comp));
        tw_wipe(plain.p, plain.n);
        TW_TRY(s);
    }
    return TW_OK;
}

void tw_mail_env(uint8_t out[32], const tw_bytes *mail, size_t n)
{
    tw_sha256 all;
    tw_sha256_init(&all);
    for (size_t i = 0; i < n; i++) {
        uint8_t one[TW_HASH];
        tw_sha256_of(one, mail[i]);
        tw_sha256_add(&all, one, sizeof one);
    }
    tw_sha256_end(&all, out);
}

static tw_status sign_policy(tw_ctx *cx, tw_bytes *op, const tw_wallet *w, const tw_wallet_entry *e, const posting *p,
                             const tw_bytes *mail, unsigned n)
{
    tw_owner_op o = op_of(e, TW_OWN_POLICY, p->mail.version, false);
    tw_policy_commit(o.c, p->mail.salt, p->mail.policy);
    tw_mail_env(o.env, mail, n);
    return sign(cx, op, w, e, &o);
}

static tw_status note(tw_ctx *cx, tw_wallet_entry *e, const tw_mail *m)
{
    TW_TRY(tw_wallet_set_policy(cx, e, m->policy));
    e->version = m->version;
    e->status = LIVE;
    memcpy(e->salt, m->salt, sizeof e->salt);
    if (m->kind == TW_MAIL_DIRECTED)
        memcpy(e->grant_x, m->x, sizeof e->grant_x);
    return TW_OK;
}

tw_status tw_wallet_policy(tw_ctx *cx, tw_bytes *op, tw_bytes *mail, tw_wallet *w, const tw_id *comp,
                           const tw_policy *policy, tw_mail_kind kind, const uint8_t *b_point, const tw_keeper_set *set,
                           const uint8_t (*import_key)[TW_KEY])
{
    TW_ASSERT((kind == TW_MAIL_DIRECTED) == (b_point != NULL));
    tw_wallet_entry *e;
    tw_id set_id;
    TW_TRY(find(cx, &e, w, comp));
    if (!w->has_root)
        return tw_fail(cx, TW_ENOTFOUND, "policy: the root is not in this file");
    tw_keeper_set_id(&set_id, set);
    if (!tw_id_eq(&set_id, &e->record.body.keeper_set))
        return tw_fail(cx, TW_EVERIFY, "policy: the compartment belongs to another keeper set");
    posting p = { .mail = { .version = e->version + 1, .kind = (uint8_t)kind } };
    tw_random(cx, p.mail.salt, sizeof p.mail.salt);
    TW_TRY(tw_policy_encode(cx, &p.mail.policy, policy));
    tw_status s = deal_grant(cx, &p, w, e, b_point, set->n);
    if (s == TW_OK)
        s = post(cx, mail, &p, comp, set->n, import_key);
    if (s == TW_OK)
        s = sign_policy(cx, op, w, e, &p, mail, set->n);
    if (s == TW_OK)
        s = note(cx, e, &p.mail);
    tw_wipe(p.shares, sizeof p.shares);
    return s;
}
