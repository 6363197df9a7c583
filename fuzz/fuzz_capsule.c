/* Capsules, wraps and the proofs about them. First byte: what the rest is.
 *  0  a capsule        1  a wrap                2  a proof of possession
 *  3  a fragment and its proof                  4  a leaf of a batch
 *  5  r, k, secret, place u8, xor u8: a capsule made here, then changed
 *  6  a share for keeper 1
 * 0 to 3 and 6 are differences (xor) from the genuine object: an empty rest is the genuine one.
 * Must hold: of points, scalars and proofs exactly the genuine ones are accepted; a capsule that was made opens, and
 * changed in one byte it does not; a leaf encodes to the same bytes. */
#include "support.h"

#include "model/model.h"

static const uint8_t z[TW_SCALAR] = { 5 };
static const uint8_t id[TW_HASH] = { 3 };
static const uint8_t context[TW_CAPSULE_CTX] = { 9 };

typedef struct {
    uint8_t p[TW_POINT];
    uint8_t capsule[TW_CAPSULE];
    uint8_t kek[32];
    uint8_t wrap[TW_WRAP];
    uint8_t pok[64];
    uint8_t fragment[TW_POINT];
    uint8_t commit[TW_POINT];
    uint8_t proof[64];
    uint8_t shares[3 * TW_SCALAR];
    uint8_t commits[2 * TW_POINT];
} objects;

static objects genuine;
static bool made;

static void make(tw_ctx *cx)
{
    static const uint8_t r[TW_SCALAR] = { 7 }, k[TW_SCALAR] = { 11 }, day[32] = { 13 }, coef[TW_SCALAR] = { 17 };
    objects *g = &genuine;
    made = true;
    FUZZ_CHECK(tw_point_base(cx, g->p, z) == TW_OK);
    FUZZ_CHECK(tw_tpre_encap_with(cx, g->capsule, g->kek, g->p, TW_BYTES(context), r, k) == TW_OK);
    tw_tpre_wrap(cx, g->wrap, g->kek, day, g->capsule);
    FUZZ_CHECK(tw_pok_make(cx, g->pok, z, g->p, id) == TW_OK);
    FUZZ_CHECK(tw_share_deal(cx, g->shares, g->commits, z, 2, 3, coef) == TW_OK);
    FUZZ_CHECK(tw_share_commit_at(cx, g->commit, 1, g->commits, 2) == TW_OK);
    FUZZ_CHECK(tw_tpre_fragment(cx, g->fragment, g->shares, g->capsule) == TW_OK);
    FUZZ_CHECK(tw_tpre_prove(cx, g->proof, g->shares, g->capsule, g->fragment, g->commit, TW_BYTES(id), NULL) == TW_OK);
}

static bool same(const uint8_t *a, const uint8_t *b, size_t n)
{
    return memcmp(a, b, n) == 0;
}

/* The genuine bytes, changed by what the input says. */
static void near(uint8_t *out, const uint8_t *from, size_t n, tw_bytes *in)
{
    fuzz_fill(out, n, in);
    for (size_t i = 0; i < n; i++)
        out[i] ^= from[i];
}

static void wrap(tw_ctx *cx, tw_bytes in)
{
    uint8_t bytes[TW_WRAP], day[32];
    near(bytes, genuine.wrap, sizeof bytes, &in);
    tw_status s = tw_tpre_unwrap(cx, day, bytes, genuine.kek, genuine.capsule);
    FUZZ_CHECK((s == TW_OK) == same(bytes, genuine.wrap, sizeof bytes));
}

/* Two different pairs could both be true; by chance none comes up. */
static void fragment(tw_ctx *cx, tw_bytes in)
{
    uint8_t f[TW_POINT], proof[64];
    near(f, genuine.fragment, sizeof f, &in);
    near(proof, genuine.proof, sizeof proof, &in);
    bool ok = tw_tpre_fragment_ok(cx, proof, genuine.capsule, f, genuine.commit, TW_BYTES(id));
    FUZZ_CHECK(ok == (same(f, genuine.fragment, sizeof f) && same(proof, genuine.proof, sizeof proof)));
}

static void leaf(tw_ctx *cx, tw_bytes in)
{
    tw_batch_leaf l;
    tw_buf b;
    if (tw_batch_leaf_decode(cx, &l, in) != TW_OK)
        return;
    tw_buf_init(&b, TW_SEGMENT_LEAF_BYTES);
    tw_batch_leaf_encode(&b, &l);
    FUZZ_CHECK(tw_bytes_eq(in, fuzz_taken(cx, &b)));
}

static void one_made(tw_ctx *cx, tw_bytes in)
{
    uint8_t r[TW_SCALAR], k[TW_SCALAR], wide[64] = { 0 }, day[32], back[32], capsule[TW_CAPSULE], kek[32], s[TW_POINT];
    uint8_t again[32], w[TW_WRAP];
    fuzz_fill(wide, 32, &in);
    tw_scalar_reduce(r, wide);
    fuzz_fill(wide, 32, &in);
    tw_scalar_reduce(k, wide);
    fuzz_fill(day, sizeof day, &in);
    if (tw_tpre_encap_with(cx, capsule, kek, genuine.p, TW_BYTES(context), r, k) != TW_OK)
        return; /* r or k is 0 */
    FUZZ_CHECK(tw_point_mul(cx, s, z, capsule) == TW_OK);
    tw_tpre_kek(again, s, capsule, genuine.p, TW_BYTES(context));
    FUZZ_CHECK(same(kek, again, sizeof kek));
    tw_tpre_wrap(cx, w, kek, day, capsule);
    FUZZ_CHECK(tw_tpre_unwrap(cx, back, w, kek, capsule) == TW_OK && same(day, back, sizeof day));
    size_t at = fuzz_take(&in) % TW_CAPSULE;
    uint8_t by = fuzz_take(&in);
    capsule[at] ^= by;
    FUZZ_CHECK(tw_tpre_capsule_ok(cx, capsule, genuine.p, TW_BYTES(context)) == (by == 0));
    FUZZ_CHECK((tw_tpre_unwrap(cx, back, w, kek, capsule) == TW_OK) == (by == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_bytes in = { data, size };
    uint8_t bytes[TW_CAPSULE];
    fuzz_begin(&cx, 16 * TW_MIB);
    if (!made)
        make(&cx);
    switch (fuzz_take(&in) % 7) {
    case 0:
        near(bytes, genuine.capsule, TW_CAPSULE, &in);
        FUZZ_CHECK(tw_tpre_capsule_ok(&cx, bytes, genuine.p, TW_BYTES(context)) ==
                   same(bytes, genuine.capsule, TW_CAPSULE));
        break;
    case 1:
        wrap(&cx, in);
        break;
    case 2:
        near(bytes, genuine.pok, 64, &in);
        FUZZ_CHECK(tw_pok_ok(&cx, bytes, genuine.p, id) == same(bytes, genuine.pok, 64));
        break;
    case 3:
        fragment(&cx, in);
        break;
    case 4:
        leaf(&cx, in);
        break;
    case 5:
        one_made(&cx, in);
        break;
    default:
        near(bytes, genuine.shares, TW_SCALAR, &in);
        FUZZ_CHECK(tw_share_ok(&cx, bytes, 1, genuine.commits, 2) == same(bytes, genuine.shares, TW_SCALAR));
        break;
    }
    tw_ctx_done(&cx);
    return 0;
}
