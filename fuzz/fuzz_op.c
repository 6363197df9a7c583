/* Operations of the ledger. First byte: what the rest is.
 *  0..14  the body of a kind      15  the genesis body      16  an entry of the log
 *  17     a signed operation      18  the fields of an owner operation, signed here
 * Must hold: what decodes encodes to the same bytes; a body that decodes, signed by a party, is logged or refused by
 * one of the ledger's codes, and its entry replays to the same roots on another ledger. */
#include "world.h"

/* Reads, encodes again, compares. */
#define BODY(number, name)                                                                                             \
    case number: {                                                                                                     \
        tw_##name##_body b;                                                                                            \
        if (tw_body_##name##_read(cx, &b, in) != TW_OK)                                                                \
            return false;                                                                                              \
        FUZZ_CHECK(tw_bytes_eq(in, tw_body_##name(cx, &b)));                                                           \
        return true;                                                                                                   \
    }

static bool body(tw_ctx *cx, unsigned which, tw_bytes in)
{
    switch (which) {
        BODY(0, party_add)
        BODY(1, party_rotate)
        BODY(2, party_suspend)
        BODY(3, keeper_set)
        BODY(4, import_key)
        BODY(5, opening)
        BODY(6, batch)
        BODY(7, project_open)
        BODY(8, project_approve)
        BODY(9, project_close)
        BODY(10, erased)
        BODY(11, release_open)
        BODY(12, release_close)
        BODY(13, budget)
        BODY(14, twin_publish)
    }
    return false;
}

static void genesis(tw_ctx *cx, tw_bytes in)
{
    tw_genesis g;
    tw_bytes again;
    if (tw_genesis_decode(cx, &g, in) == TW_OK)
        FUZZ_CHECK(tw_genesis_encode(cx, &again, &g) == TW_OK && tw_bytes_eq(in, again));
}

static void entry(tw_ctx *cx, tw_bytes in)
{
    tw_entry e;
    tw_buf b;
    if (tw_entry_decode(cx, &e, in) != TW_OK)
        return;
    tw_buf_init(&b, TW_MIB);
    tw_entry_encode(&b, &e);
    FUZZ_CHECK(tw_bytes_eq(in, fuzz_taken(cx, &b)));
}

/* All but the signature comes back. */
static void operation(tw_ctx *cx, tw_bytes in)
{
    tw_op op;
    tw_bytes again;
    if (tw_op_decode(cx, &op, in) != TW_OK)
        return;
    FUZZ_CHECK(tw_op_sign(cx, &again, &op, fuzz_world()->source.secret) == TW_OK && again.n == in.n);
    FUZZ_CHECK(memcmp(in.p, again.p, in.n - TW_SIG) == 0);
}

static void same_roots(const tw_ledger *a, const tw_ledger *b)
{
    uint8_t x[32], y[32];
    tw_ledger_app_hash(x, a);
    tw_ledger_app_hash(y, b);
    FUZZ_CHECK(memcmp(x, y, sizeof x) == 0);
}

/* On a ledger that has nothing but its genesis. */
static void submit(tw_ctx *cx, tw_actor *by, tw_entry_kind kind, tw_bytes body_bytes)
{
    tw_ledger *l, *other;
    tw_applied a;
    tw_world *w = tw_new(cx->arena, tw_world);
    *w = *fuzz_world();
    FUZZ_CHECK(tw_ledger_new(cx, &l, NULL, w->genesis_body) == TW_OK);
    FUZZ_CHECK(tw_ledger_new(cx, &other, NULL, w->genesis_body) == TW_OK);
    if (tw_ledger_submit(cx, &a, l, tw_world_op(cx, w, by, kind, body_bytes)) == TW_OK) {
        FUZZ_CHECK(strcmp(tw_code_text(a.code), "unknown code") != 0);
        FUZZ_CHECK(tw_ledger_replay(cx, other, a.entry) == TW_OK);
    }
    same_roots(l, other);
    tw_ledger_free(l);
    tw_ledger_free(other);
}

/* The party that may most likely do it. */
static void submit_body(tw_ctx *cx, unsigned which, tw_bytes in)
{
    static const tw_entry_kind kind[] = { TW_ENTRY_PARTY_ADD,     TW_ENTRY_PARTY_ROTATE, TW_ENTRY_PARTY_SUSPEND,
                                          TW_ENTRY_KEEPER_SET,    TW_ENTRY_IMPORT_KEY,   TW_ENTRY_OPENING,
                                          TW_ENTRY_BATCH,         TW_ENTRY_PROJECT_OPEN, TW_ENTRY_PROJECT_APPROVE,
                                          TW_ENTRY_PROJECT_CLOSE, TW_ENTRY_ERASED,       TW_ENTRY_RELEASE_OPEN,
                                          TW_ENTRY_RELEASE_CLOSE, TW_ENTRY_BUDGET,       TW_ENTRY_TWIN_PUBLISH };
    tw_world *w = tw_new(cx->arena, tw_world);
    *w = *fuzz_world();
    tw_actor *by = which <= 3 || which == 8 ? &w->steward[0] : which == 4 || which == 12 ? &w->keeper[0] : &w->grantee;
    if (which == 5 || which == 6)
        by = &w->source;
    if (in.n + 256 < TW_OP_BYTES_MAX)
        submit(cx, by, kind[which], in);
}

static void owner(tw_ctx *cx, tw_bytes in)
{
    tw_owner_op op = { .ledger = fuzz_world()->ledger }, back;
    tw_world_comp c;
    tw_bytes bytes, again;
    tw_world_comp_make(&c, "fuzz");
    op.comp = c.id;
    memcpy(op.a, c.a.public_key, TW_KEY);
    memcpy(op.k, c.k.public_key, TW_KEY);
    memcpy(op.rest, c.rest, sizeof c.rest);
    op.kind = fuzz_take(&in);
    op.signer = fuzz_take(&in);
    op.version = fuzz_take(&in);
    fuzz_fill(op.c, sizeof op.c, &in);
    fuzz_fill(op.env, sizeof op.env, &in);
    const uint8_t *secret = op.signer == TW_BY_K ? c.k.secret : c.a.secret;
    if (tw_owner_op_sign(cx, &bytes, &op, secret) != TW_OK)
        return;
    if (tw_owner_op_open(cx, &back, bytes) == TW_OK) {
        FUZZ_CHECK(tw_owner_op_sign(cx, &again, &back, secret) == TW_OK && tw_bytes_eq(bytes, again));
        tw_world *w = tw_new(cx->arena, tw_world);
        *w = *fuzz_world();
        submit(cx, &w->relay, TW_ENTRY_OWNER, bytes);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_bytes in = { data, size };
    fuzz_begin(&cx, 64 * TW_MIB);
    unsigned which = fuzz_take(&in) % 19;
    if (which < 15) {
        if (body(&cx, which, in))
            submit_body(&cx, which, in);
    } else if (which == 15) {
        genesis(&cx, in);
    } else if (which == 16) {
        entry(&cx, in);
    } else if (which == 17) {
        operation(&cx, in);
    } else {
        owner(&cx, in);
    }
    tw_ctx_done(&cx);
    return 0;
}
