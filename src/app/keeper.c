/* A keeper: opens from its folder alone, follows its own copy of the log, dispatches requests. */
#include "keeper_internal.h"

#define STORE_BYTES_MAX ((size_t)4 << 30)
#define REPLY_MAX (256 * TW_MIB)

const tw_ledger *tw_keeper_state(const tw_keeper *k)
{
    return tw_solo_ledger(k->log);
}

uint64_t tw_keeper_log_size(const tw_keeper *k)
{
    return tw_ledger_size(tw_keeper_state(k));
}

tw_row_key tw_row_of(tw_row kind, const uint8_t id[32], tw_bytes more)
{
    tw_row_key k = { .n = 0 };
    TW_ASSERT(more.n <= sizeof k.p - 33);
    k.p[k.n++] = (uint8_t)kind;
    if (id) {
        memcpy(k.p + 1, id, 32);
        k.n = 33;
    }
    if (more.n)
        memcpy(k.p + k.n, more.p, more.n);
    k.n += more.n;
    return k;
}

tw_status tw_row_get(tw_ctx *cx, tw_bytes *out, tw_keeper *k, tw_row_key key)
{
    tw_bytes v;
    tw_status s = k->kv.get(k->kv.self, tw_row_bytes(&key), &v);
    if (s == TW_OK)
        *out = tw_bytes_dup(cx->arena, v);
    else if (s != TW_ENOTFOUND)
        return tw_fail(cx, s, "the keeper's store cannot be read");
    return s;
}

tw_status tw_row_put(tw_ctx *cx, tw_keeper *k, tw_row_key key, tw_bytes value)
{
    tw_status s = k->kv.put(k->kv.self, tw_row_bytes(&key), value);
    return s == TW_OK ? TW_OK : tw_fail(cx, s, "the keeper's store cannot be written");
}

tw_status tw_keeper_follow(tw_ctx *cx, tw_keeper *k)
{
    if (!k->from_log[0] && k->log)
        return TW_OK;
    char *own = tw_path(cx, k->dir, "log");
    if (!k->from_log[0])
        return tw_solo_open(cx, &k->log, own, NULL);
    return tw_solo_follow(cx, &k->log, own, k->from_log, NULL);
}

static tw_status find_index(tw_ctx *cx, tw_keeper *k)
{
    const tw_keeper_set *set = tw_ledger_keeper_set(tw_keeper_state(k));
    for (uint8_t i = 0; i < set->n; i++)
        if (tw_id_eq(&set->party[i], &k->me.id))
            k->index = (uint8_t)(i + 1);
    return k->index ? TW_OK : tw_fail(cx, TW_ECONFIG, "the key in %s is not of the keeper set", k->dir);
}

static tw_status load_scanned(tw_ctx *cx, tw_keeper *k)
{
    tw_bytes v;
    if (k->kv.begin(k->kv.self, false) != TW_OK)
        return tw_fail(cx, TW_EIO, "the keeper's store cannot be opened");
    tw_status s = tw_row_get(cx, &v, k, tw_row_of(TW_ROW_SCANNED, NULL, (tw_bytes){ NULL, 0 }));
    k->kv.abort(k->kv.self);
    if (s == TW_OK && v.n == 8)
        k->scanned = tw_be64(v.p);
    return s == TW_ENOTFOUND ? TW_OK : s;
}

static tw_status open_parts(tw_ctx *cx, tw_keeper *k)
{
    TW_TRY(tw_party_read(cx, &k->me, tw_path(cx, k->dir, "key")));
    TW_TRY(tw_dir_make(cx, tw_path(cx, k->dir, "releases")));
    TW_TRY(tw_keeper_follow(cx, k));
    TW_TRY(find_index(cx, k));
    TW_TRY(tw_io_kv_open(cx, &k->kv, tw_path(cx, k->dir, "keeper.mdb"), STORE_BYTES_MAX));
    TW_TRY(tw_slots_open(cx, &k->slots, tw_path(cx, k->dir, "keeper.keys")));
    return load_scanned(cx, k);
}

tw_status tw_keeper_open(tw_ctx *cx, tw_keeper **out, const char *dir, const char *from_log)
{
    tw_keeper *k = tw_mem_alloc(sizeof *k);
    TW_ASSERT(k != NULL);
    snprintf(k->dir, sizeof k->dir, "%s", dir);
    snprintf(k->from_log, sizeof k->from_log, "%s", from_log ? from_log : "");
    tw_status s = open_parts(cx, k);
    if (s != TW_OK) {
        tw_wrap(cx, "keeper %s", dir);
        tw_keeper_close(k);
        return s;
    }
    *out = k;
    return TW_OK;
}

void tw_keeper_close(tw_keeper *k)
{
    if (!k)
        return;
    tw_slots_close(&k->slots);
    if (k->kv.close)
        k->kv.close(k->kv.self);
    if (k->log)
        tw_solo_close(k->log);
    tw_wipe(k, sizeof *k);
    tw_mem_free(k);
}

void tw_keeper_lie(tw_keeper *k, bool lie)
{
    k->lies = lie;
}

/* ---------------------------------------------------------------- requests */

tw_bytes tw_keeper_ask(tw_ctx *cx, uint8_t kind, const tw_party *signer, tw_bytes fields)
{
    size_t n = 1 + fields.n + (signer ? 32 + TW_SIG : 0);
    uint8_t *p = tw_arena_get(cx->arena, n);
    p[0] = kind;
    if (fields.n)
        memcpy(p + 1, fields.p, fields.n);
    if (signer) {
        memcpy(p + 1 + fields.n, signer->id.b, 32);
        tw_sign(cx, p + n - TW_SIG, signer->sign_secret, "tw/keeper/1", (tw_bytes){ p, n - TW_SIG });
    }
    return (tw_bytes){ p, n };
}

/* Who signed: last 96 bytes = party id, signature over everything before the signature. */
static tw_status authenticate(tw_ctx *cx, const tw_party_state **from, tw_bytes *fields, const tw_keeper *k,
                              tw_bytes request)
{
    if (request.n < 1 + 32 + TW_SIG)
        return tw_fail(cx, TW_EPARSE, "a signed request is too short");
    tw_id id;
    const uint8_t *sig = request.p + request.n - TW_SIG;
    memcpy(id.b, sig - 32, 32);
    const tw_party_state *p = tw_ledger_party(tw_keeper_state(k), &id);
    if (!p || p->suspended)
        return tw_fail(cx, TW_EREFUSED, "the request's party is not on the ledger, or suspended");
    if (!tw_sign_ok(cx, sig, p->spec.ed25519, "tw/keeper/1", (tw_bytes){ request.p, request.n - TW_SIG }))
        return tw_fail(cx, TW_ECRYPTO, "the request's signature does not verify");
    *from = p;
    *fields = (tw_bytes){ request.p + 1, request.n - 1 - 32 - TW_SIG };
    return TW_OK;
}

static tw_status dispatch_signed(tw_ctx *cx, tw_buf *reply, tw_keeper *k, tw_bytes request)
{
    const tw_party_state *from = NULL;
    tw_bytes fields;
    TW_TRY(authenticate(cx, &from, &fields, k, request));
    tw_rd in = tw_rd_of(fields);
    switch (request.p[0]) {
    case TW_KEEPER_IMPORT:
        return tw_keeper_import(cx, reply, k, from, &in);
    case TW_KEEPER_CANDIDATES:
        return tw_keeper_candidates(cx, reply, k, from, &in);
    case TW_KEEPER_LEAVES:
        return tw_keeper_leaves(cx, reply, k, from, &in);
    case TW_KEEPER_ANSWER:
        return tw_keeper_answer(cx, reply, k, from, &in);
    case TW_KEEPER_PROVE:
        return tw_keeper_prove_fragments(cx, reply, k, from, &in);
    }
    return tw_fail(cx, TW_EPARSE, "no request of kind %u", request.p[0]);
}

static tw_status dispatch(tw_ctx *cx, tw_buf *reply, tw_keeper *k, tw_bytes request)
{
    if (request.n < 1)
        return tw_fail(cx, TW_EPARSE, "an empty request");
    TW_TRY(tw_keeper_follow(cx, k));
    tw_rd in = tw_rd_of((tw_bytes){ request.p + 1, request.n - 1 });
    switch (request.p[0]) {
    case TW_KEEPER_OPENING:
        return tw_keeper_opening(cx, reply, k, &in);
    case TW_KEEPER_MAIL:
        return tw_keeper_mail(cx, reply, k, &in);
    case TW_KEEPER_STOP:
        return tw_keeper_stop(cx, reply, k, &in);
    case TW_KEEPER_DELETIONS:
        return tw_keeper_deletions(cx, reply, k, &in);
    }
    return dispatch_signed(cx, reply, k, request);
}

/* Reply: 1 and the body, or 0, status u8, message var. */
tw_status tw_keeper_handle(tw_ctx *cx, tw_bytes *reply, tw_keeper *k, tw_bytes request)
{
    tw_buf b;
    tw_buf_init(&b, REPLY_MAX);
    tw_buf_u8(&b, 1);
    tw_status s = dispatch(cx, &b, k, request);
    if (s == TW_OK)
        s = tw_buf_check(cx, &b, "reply");
    if (s != TW_OK) {
        tw_buf_clear(&b);
        tw_buf_u8(&b, 0);
        tw_buf_u8(&b, (uint8_t)s);
        tw_buf_var(&b, tw_bytes_of(tw_str_of(cx->err.msg)));
    }
    *reply = tw_bytes_dup(cx->arena, tw_buf_view(&b));
    tw_buf_done(&b);
    return TW_OK;
}
