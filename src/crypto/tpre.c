/* Threshold re-encryption, suite TWTPRE-R255-S512-v1. A capsule is a TDH2 ciphertext head (Shoup and Gennaro): E = rG
 * and E-bar = r Gbar with a proof of the same r, bound to P and a context. The shared point S = zE for P = zG comes
 * together from keepers' fragments f(i)E. Every hash is framed by H2S, so that no two inputs read the same. */
#include "crypto/crypto.h"

#include <sodium.h>

#include "crypto/crypto_internal.h"

#define DST "TWTPRE-R255-S512-v1"
#define DST_N (sizeof(DST) - 1)

#define CAPSULE_E 0
#define CAPSULE_EBAR 32
#define CAPSULE_H 64
#define CAPSULE_S 96

#define POINT(p) ((tw_bytes){ (p), TW_POINT })

/* H2G("U") and H2G("Gbar"), H2G(tag) = from_uniform(SHA-512(u8|DST| DST u8|tag| tag)); a test derives them again. */
static const uint8_t base_u[TW_POINT] = { 0x78, 0x5a, 0xac, 0x4d, 0x79, 0xd4, 0x03, 0x99, 0x54, 0x59, 0x6d,
                                          0x08, 0xb1, 0x76, 0x0a, 0xc3, 0x5c, 0x3b, 0xda, 0x22, 0x90, 0x9d,
                                          0x54, 0x67, 0x0e, 0x20, 0xd2, 0xeb, 0x34, 0x60, 0x30, 0x23 };
static const uint8_t base_gbar[TW_POINT] = { 0x3a, 0xf2, 0xc8, 0xd6, 0x0f, 0xd6, 0x28, 0x65, 0xa6, 0xb7, 0x17,
                                             0x75, 0x1b, 0x57, 0x6d, 0x56, 0xc2, 0x3b, 0x01, 0xaa, 0x4f, 0x3a,
                                             0x12, 0xa6, 0x47, 0x7e, 0xc4, 0xfb, 0x2a, 0x9f, 0x93, 0x34 };

/* G itself, RFC 9496 appendix A.1. */
static const uint8_t base_g[TW_POINT] = { 0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9,
                                          0x61, 0xc5, 0x00, 0x51, 0x5f, 0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82,
                                          0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76 };

const uint8_t *tw_tpre_u(void)
{
    return base_u;
}

const uint8_t *tw_tpre_gbar(void)
{
    return base_gbar;
}

static void put_le32(uint8_t out[4], size_t n)
{
    TW_ASSERT(n <= UINT32_MAX);
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(n >> (8 * i));
}

/* LE(SHA-512(u8|DST| DST u8|tag| tag, then u32|p| p for each part)) mod q, lengths little-endian. */
void tw_tpre_h2s(uint8_t out[TW_SCALAR], const char *tag, const tw_bytes *parts, size_t count)
{
    const size_t tag_n = strlen(tag);
    TW_ASSERT(tag_n <= UINT8_MAX);
    const uint8_t dst_length = DST_N;
    const uint8_t tag_length = (uint8_t)tag_n;
    uint8_t wide[64];
    crypto_hash_sha512_state h;
    crypto_hash_sha512_init(&h);
    crypto_hash_sha512_update(&h, &dst_length, 1);
    crypto_hash_sha512_update(&h, (const uint8_t *)DST, DST_N);
    crypto_hash_sha512_update(&h, &tag_length, 1);
    crypto_hash_sha512_update(&h, (const uint8_t *)tag, tag_n);
    for (size_t i = 0; i < count; i++) {
        uint8_t length[4];
        put_le32(length, parts[i].n);
        crypto_hash_sha512_update(&h, length, sizeof length);
        crypto_hash_sha512_update(&h, parts[i].p, parts[i].n);
    }
    crypto_hash_sha512_final(&h, wide);
    tw_scalar_reduce(out, wide);
    tw_wipe(wide, sizeof wide);
    tw_wipe(&h, sizeof h);
}

/* BLAKE2b-256(u8|DST| DST "kek" S E P u32|ctx| ctx) */
void tw_tpre_kek(uint8_t kek[32], const uint8_t s[TW_POINT], const uint8_t e[TW_POINT], const uint8_t p[TW_POINT],
                 tw_bytes ctx)
{
    const uint8_t dst_length = DST_N;
    uint8_t length[4];
    put_le32(length, ctx.n);
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, 32);
    crypto_generichash_update(&h, &dst_length, 1);
    crypto_generichash_update(&h, (const uint8_t *)DST "kek", DST_N + 3);
    crypto_generichash_update(&h, s, TW_POINT);
    crypto_generichash_update(&h, e, TW_POINT);
    crypto_generichash_update(&h, p, TW_POINT);
    crypto_generichash_update(&h, length, sizeof length);
    crypto_generichash_update(&h, ctx.p, ctx.n);
    crypto_generichash_final(&h, kek, 32);
    tw_wipe(&h, sizeof h);
}

/* ---------------------------------------------------------------- capsule */

/* h = H2S("capsule", P, E, E-bar, w, w-bar, ctx) */
static void capsule_challenge(uint8_t h[TW_SCALAR], const uint8_t capsule[TW_CAPSULE], const uint8_t p[TW_POINT],
                              const uint8_t w[TW_POINT], const uint8_t wbar[TW_POINT], tw_bytes ctx)
{
    const tw_bytes parts[] = {
        POINT(p), POINT(capsule + CAPSULE_E), POINT(capsule + CAPSULE_EBAR), POINT(w), POINT(wbar), ctx
    };
    tw_tpre_h2s(h, "capsule", parts, TW_COUNT(parts));
}

static tw_status encap(tw_ctx *cx, uint8_t capsule[TW_CAPSULE], uint8_t shared[TW_POINT], const uint8_t p[TW_POINT],
                       tw_bytes ctx, const uint8_t r[TW_SCALAR], const uint8_t k[TW_SCALAR])
{
    uint8_t w[TW_POINT];
    uint8_t wbar[TW_POINT];
    TW_TRY(tw_point_mul(cx, shared, r, p));
    TW_TRY(tw_point_base(cx, capsule + CAPSULE_E, r));
    TW_TRY(tw_point_mul(cx, capsule + CAPSULE_EBAR, r, base_gbar));
    TW_TRY(tw_point_base(cx, w, k));
    TW_TRY(tw_point_mul(cx, wbar, k, base_gbar));
    capsule_challenge(capsule + CAPSULE_H, capsule, p, w, wbar, ctx);
    uint8_t hr[TW_SCALAR];
    tw_scalar_mul(hr, capsule + CAPSULE_H, r);
    tw_scalar_add(capsule + CAPSULE_S, k, hr);
    tw_wipe(hr, sizeof hr);
    return TW_OK;
}

tw_status tw_tpre_encap_with(tw_ctx *cx, uint8_t capsule[TW_CAPSULE], uint8_t kek[32], const uint8_t p[TW_POINT],
                             tw_bytes ctx, const uint8_t r[TW_SCALAR], const uint8_t k[TW_SCALAR])
{
    uint8_t shared[TW_POINT];
    tw_status s = encap(cx, capsule, shared, p, ctx, r, k);
    if (s == TW_OK) {
        tw_tpre_kek(kek, shared, capsule + CAPSULE_E, p, ctx);
    } else {
        tw_wipe(capsule, TW_CAPSULE);
        tw_wipe(kek, 32);
    }
    tw_wipe(shared, sizeof shared);
    return s;
}

tw_status tw_tpre_encap(tw_ctx *cx, uint8_t capsule[TW_CAPSULE], uint8_t kek[32], const uint8_t p[TW_POINT],
                        tw_bytes ctx)
{
    uint8_t r[TW_SCALAR];
    uint8_t k[TW_SCALAR];
    tw_scalar_random(cx, r);
    tw_scalar_random(cx, k);
    tw_status s = tw_tpre_encap_with(cx, capsule, kek, p, ctx, r, k);
    tw_wipe(r, sizeof r);
    tw_wipe(k, sizeof k);
    return s;
}

/* out = z * base - c * q: the first move of a Schnorr proof, recomputed. All of it is public. */
static bool first_move(uint8_t out[TW_POINT], const uint8_t z[TW_SCALAR], const uint8_t base[TW_POINT],
                       const uint8_t c[TW_SCALAR], const uint8_t q[TW_POINT])
{
    static const uint8_t zero[TW_SCALAR];
    uint8_t minus_c[TW_SCALAR];
    if (!tw_scalar_ok(c))
        return false;
    tw_scalar_sub(minus_c, zero, c);
    const tw_point_term terms[] = { { z, base }, { minus_c, q } };
    return tw_point_sum_public(out, terms, 2);
}

bool tw_tpre_capsule_ok(tw_ctx *cx, const uint8_t capsule[TW_CAPSULE], const uint8_t p[TW_POINT], tw_bytes ctx)
{
    (void)cx;
    const uint8_t *e = capsule + CAPSULE_E;
    const uint8_t *ebar = capsule + CAPSULE_EBAR;
    const uint8_t *h = capsule + CAPSULE_H;
    const uint8_t *s = capsule + CAPSULE_S;
    uint8_t w[TW_POINT];
    uint8_t wbar[TW_POINT];
    uint8_t again[TW_SCALAR];
    if (!tw_point_ok(p) || tw_is_zero(e, TW_POINT) || tw_is_zero(ebar, TW_POINT))
        return false;
    if (!first_move(w, s, base_g, h, e) || !first_move(wbar, s, base_gbar, h, ebar))
        return false;
    capsule_challenge(again, capsule, p, w, wbar, ctx);
    return memcmp(again, h, TW_SCALAR) == 0;
}

/* ---------------------------------------------------------------- wrap */

#define WRAP_CIPHER 24
#define WRAP_COMMIT 72

static void commit_kek(uint8_t out[32], const uint8_t kek[32])
{
    tw_blake2b(out, (tw_bytes){ 0 }, "commit", (tw_bytes){ kek, 32 });
}

/* ChaCha20-Poly1305 does not commit to its key: one ciphertext can open under two. The KEK's hash beside it does. */
void tw_tpre_wrap(tw_ctx *cx, uint8_t wrap[TW_WRAP], const uint8_t kek[32], const uint8_t secret[32],
                  const uint8_t capsule[TW_CAPSULE])
{
    tw_random(cx, wrap, WRAP_CIPHER);
    tw_xaead_seal(wrap + WRAP_CIPHER, kek, wrap, (tw_bytes){ capsule, TW_CAPSULE }, (tw_bytes){ secret, 32 });
    commit_kek(wrap + WRAP_COMMIT, kek);
}

tw_status tw_tpre_unwrap(tw_ctx *cx, uint8_t secret[32], const uint8_t wrap[TW_WRAP], const uint8_t kek[32],
                         const uint8_t capsule[TW_CAPSULE])
{
    uint8_t commit[32];
    commit_kek(commit, kek);
    if (sodium_memcmp(commit, wrap + WRAP_COMMIT, sizeof commit) != 0) {
        tw_wipe(secret, 32);
        return tw_fail(cx, TW_ECRYPTO, "key differs from the commitment of the wrap");
    }
    return tw_xaead_open(cx, secret, kek, wrap, (tw_bytes){ capsule, TW_CAPSULE },
                         (tw_bytes){ wrap + WRAP_CIPHER, WRAP_COMMIT - WRAP_CIPHER });
}

/* ---------------------------------------------------------------- grant */

/* d = H2S("shared", X, B, D, gctx), D = xB = bX */
static void shared_scalar(uint8_t d[TW_SCALAR], const uint8_t x_point[TW_POINT], const uint8_t b_point[TW_POINT],
                          const uint8_t dh[TW_POINT], tw_bytes gctx)
{
    const tw_bytes parts[] = { POINT(x_point), POINT(b_point), POINT(dh), gctx };
    tw_tpre_h2s(d, "shared", parts, TW_COUNT(parts));
}

/* X and f_0 = a / d */
static tw_status blind_key(tw_ctx *cx, uint8_t x_point[TW_POINT], uint8_t f0[TW_SCALAR], const uint8_t a[TW_SCALAR],
                           const uint8_t b_point[TW_POINT], tw_bytes gctx, const uint8_t x[TW_SCALAR])
{
    uint8_t dh[TW_POINT];
    uint8_t d[TW_SCALAR];
    TW_TRY(tw_point_base(cx, x_point, x));
    TW_TRY(tw_point_mul(cx, dh, x, b_point));
    shared_scalar(d, x_point, b_point, dh, gctx);
    tw_status s = tw_scalar_invert(cx, d, d);
    if (s == TW_OK)
        tw_scalar_mul(f0, a, d);
    tw_wipe(dh, sizeof dh);
    tw_wipe(d, sizeof d);
    return s;
}

tw_status tw_tpre_grant(tw_ctx *cx, uint8_t x_point[TW_POINT], uint8_t *shares, uint8_t *commits,
                        const uint8_t a[TW_SCALAR], const uint8_t b_point[TW_POINT], tw_bytes gctx, unsigned t,
                        unsigned n, const uint8_t *x, const uint8_t *coefs)
{
    uint8_t own_x[TW_SCALAR];
    uint8_t f0[TW_SCALAR];
    if (x)
        memcpy(own_x, x, TW_SCALAR);
    else
        tw_scalar_random(cx, own_x);
    tw_status s = blind_key(cx, x_point, f0, a, b_point, gctx, own_x);
    if (s == TW_OK)
        s = tw_share_deal(cx, shares, commits, f0, t, n, coefs);
    if (s != TW_OK)
        tw_wipe(x_point, TW_POINT);
    tw_wipe(own_x, sizeof own_x);
    tw_wipe(f0, sizeof f0);
    return s;
}

tw_status tw_tpre_shared(tw_ctx *cx, uint8_t d[TW_SCALAR], const uint8_t b[TW_SCALAR], const uint8_t x_point[TW_POINT],
                         tw_bytes gctx)
{
    uint8_t b_point[TW_POINT];
    uint8_t dh[TW_POINT];
    memset(d, 0, TW_SCALAR);
    TW_TRY(tw_point_base(cx, b_point, b));
    TW_TRY(tw_point_mul(cx, dh, b, x_point));
    shared_scalar(d, x_point, b_point, dh, gctx);
    tw_wipe(dh, sizeof dh);
    return TW_OK;
}

/* ---------------------------------------------------------------- fragments */

tw_status tw_tpre_fragment(tw_ctx *cx, uint8_t out[TW_POINT], const uint8_t share[TW_SCALAR],
                           const uint8_t capsule[TW_CAPSULE])
{
    return tw_point_mul(cx, out, share, capsule + CAPSULE_E);
}

/* c = H2S("cfrag", E, E1, C(i), e2, u2, rctx). All of the statement is in it: a proof that left out C(i) or rctx could
 * be carried to another keeper or request. */
static void fragment_challenge(uint8_t c[TW_SCALAR], const uint8_t e[TW_POINT], const uint8_t fragment[TW_POINT],
                               const uint8_t commit_at[TW_POINT], const uint8_t e2[TW_POINT],
                               const uint8_t u2[TW_POINT], tw_bytes rctx)
{
    const tw_bytes parts[] = { POINT(e), POINT(fragment), POINT(commit_at), POINT(e2), POINT(u2), rctx };
    tw_tpre_h2s(c, "cfrag", parts, TW_COUNT(parts));
}

/* Hedged: random, and still different for different inputs should the entropy fail. Two proofs with one nonce give the
 * secret away. */
static void hedged_nonce(tw_ctx *cx, uint8_t out[TW_SCALAR], const char *tag, const uint8_t secret[TW_SCALAR],
                         const uint8_t point[TW_POINT], tw_bytes context)
{
    uint8_t fresh[32];
    tw_random(cx, fresh, sizeof fresh);
    const tw_bytes parts[] = { { secret, TW_SCALAR }, POINT(point), context, TW_BYTES(fresh) };
    tw_tpre_h2s(out, tag, parts, TW_COUNT(parts));
    tw_wipe(fresh, sizeof fresh);
}

/* proof = c, z with z = t + c * share */
static tw_status prove(tw_ctx *cx, uint8_t proof[64], const uint8_t share[TW_SCALAR], const uint8_t e[TW_POINT],
                       const uint8_t fragment[TW_POINT], const uint8_t commit_at[TW_POINT], tw_bytes rctx,
                       const uint8_t t[TW_SCALAR])
{
    uint8_t e2[TW_POINT];
    uint8_t u2[TW_POINT];
    TW_TRY(tw_point_mul(cx, e2, t, e));
    TW_TRY(tw_point_mul(cx, u2, t, base_u));
    fragment_challenge(proof, e, fragment, commit_at, e2, u2, rctx);
    uint8_t product[TW_SCALAR];
    tw_scalar_mul(product, proof, share);
    tw_scalar_add(proof + 32, t, product);
    tw_wipe(product, sizeof product);
    return TW_OK;
}

tw_status tw_tpre_prove(tw_ctx *cx, uint8_t proof[64], const uint8_t share[TW_SCALAR],
                        const uint8_t capsule[TW_CAPSULE], const uint8_t fragment[TW_POINT],
                        const uint8_t commit_at[TW_POINT], tw_bytes rctx, const uint8_t *nonce)
{
    uint8_t t[TW_SCALAR];
    memset(proof, 0, 64);
    if (!tw_scalar_ok(share) || !tw_point_ok(fragment) || !tw_point_ok(commit_at))
        return tw_fail(cx, TW_ECRYPTO, "nothing to prove: share, fragment or commitment is not canonical");
    if (nonce)
        memcpy(t, nonce, TW_SCALAR);
    else
        hedged_nonce(cx, t, "nonce", share, capsule + CAPSULE_E, rctx);
    tw_status s = prove(cx, proof, share, capsule + CAPSULE_E, fragment, commit_at, rctx, t);
    tw_wipe(t, sizeof t);
    return s;
}

bool tw_tpre_fragment_ok(tw_ctx *cx, const uint8_t proof[64], const uint8_t capsule[TW_CAPSULE],
                         const uint8_t fragment[TW_POINT], const uint8_t commit_at[TW_POINT], tw_bytes rctx)
{
    (void)cx;
    const uint8_t *e = capsule + CAPSULE_E;
    const uint8_t *c = proof;
    const uint8_t *z = proof + 32;
    uint8_t e2[TW_POINT];
    uint8_t u2[TW_POINT];
    uint8_t again[TW_SCALAR];
    if (tw_is_zero(e, TW_POINT) || tw_is_zero(fragment, TW_POINT) || tw_is_zero(commit_at, TW_POINT))
        return false;
    if (!first_move(e2, z, e, c, fragment) || !first_move(u2, z, base_u, c, commit_at))
        return false;
    fragment_challenge(again, e, fragment, commit_at, e2, u2, rctx);
    return memcmp(again, c, TW_SCALAR) == 0;
}

/* out = the sum of lambda_i f_i. The lambdas follow from the keepers' indices, which everyone knows. */
static tw_status sum_fragments(tw_ctx *cx, uint8_t out[TW_POINT], const uint8_t *lambdas, size_t count,
                               const uint8_t *f)
{
    tw_point_term terms[TW_SHARES_MAX];
    for (size_t i = 0; i < count; i++) {
        terms[i] = (tw_point_term){ lambdas + i * TW_SCALAR, f + i * TW_POINT };
        if (tw_is_zero(terms[i].p, TW_POINT))
            return tw_fail(cx, TW_ECRYPTO, "fragment %zu of %zu is the identity", i + 1, count);
    }
    return tw_point_sum_public(out, terms, count) ? TW_OK : tw_fail(cx, TW_ECRYPTO, "a fragment is not a point");
}

/* sum += k * p, k secret */
static tw_status add_multiple(tw_ctx *cx, uint8_t sum[TW_POINT], const uint8_t k[TW_SCALAR], const uint8_t p[TW_POINT])
{
    uint8_t term[TW_POINT];
    TW_TRY(tw_point_mul(cx, term, k, p));
    tw_status s = tw_point_add(cx, sum, sum, term);
    tw_wipe(term, sizeof term);
    return s;
}

static tw_status combine(tw_ctx *cx, uint8_t sum[TW_POINT], const uint8_t *xs, size_t count, const uint8_t *f1,
                         const uint8_t *f2, const uint8_t *d, const uint8_t *a, const uint8_t *e)
{
    uint8_t lambdas[TW_SHARES_MAX * TW_SCALAR];
    TW_TRY(tw_share_lambdas(cx, lambdas, xs, count));
    if (f1)
        TW_TRY(sum_fragments(cx, sum, lambdas, count, f1));
    if (f2) {
        uint8_t blinded[TW_POINT];
        TW_TRY(sum_fragments(cx, blinded, lambdas, count, f2));
        tw_status s = add_multiple(cx, sum, d, blinded);
        tw_wipe(blinded, sizeof blinded);
        TW_TRY(s);
    }
    if (a)
        TW_TRY(add_multiple(cx, sum, a, e));
    return tw_is_zero(sum, TW_POINT) ? tw_fail(cx, TW_ECRYPTO, "fragments cancel out") : TW_OK;
}

tw_status tw_tpre_combine(tw_ctx *cx, uint8_t s[TW_POINT], const uint8_t *xs, size_t count, const uint8_t *f1,
                          const uint8_t *f2, const uint8_t *d, const uint8_t *a, const uint8_t capsule[TW_CAPSULE])
{
    TW_ASSERT((f1 || f2) && !f2 == !d);
    uint8_t sum[TW_POINT] = { 0 };
    tw_status status = combine(cx, sum, xs, count, f1, f2, d, a, capsule + CAPSULE_E);
    if (status == TW_OK)
        memcpy(s, sum, TW_POINT);
    else
        memset(s, 0, TW_POINT);
    tw_wipe(sum, sizeof sum);
    return status;
}

/* ---------------------------------------------------------------- proof of possession */

/* c = H2S("pok", P, R, id) */
static void pok_challenge(uint8_t c[TW_SCALAR], const uint8_t p[TW_POINT], const uint8_t r[TW_POINT],
                          const uint8_t id[TW_HASH])
{
    const tw_bytes parts[] = { POINT(p), POINT(r), { id, TW_HASH } };
    tw_tpre_h2s(c, "pok", parts, TW_COUNT(parts));
}

tw_status tw_pok_make(tw_ctx *cx, uint8_t proof[64], const uint8_t z[TW_SCALAR], const uint8_t p[TW_POINT],
                      const uint8_t id[TW_HASH])
{
    uint8_t k[TW_SCALAR];
    uint8_t c[TW_SCALAR];
    memset(proof, 0, 64);
    if (!tw_scalar_ok(z) || !tw_point_ok(p))
        return tw_fail(cx, TW_ECRYPTO, "nothing to prove: key is not canonical");
    hedged_nonce(cx, k, "pok-nonce", z, p, (tw_bytes){ id, TW_HASH });
    tw_status s = tw_point_base(cx, proof, k);
    if (s == TW_OK) {
        pok_challenge(c, p, proof, id);
        tw_scalar_mul(c, c, z);
        tw_scalar_add(proof + 32, k, c);
    }
    tw_wipe(k, sizeof k);
    tw_wipe(c, sizeof c);
    return s;
}

/* sG == R + cP, as sG - cP == R */
bool tw_pok_ok(tw_ctx *cx, const uint8_t proof[64], const uint8_t p[TW_POINT], const uint8_t id[TW_HASH])
{
    (void)cx;
    uint8_t c[TW_SCALAR];
    uint8_t r[TW_POINT];
    if (tw_is_zero(p, TW_POINT) || tw_is_zero(proof, TW_POINT))
        return false;
    pok_challenge(c, p, proof, id);
    return first_move(r, proof + 32, base_g, c, p) && memcmp(r, proof, TW_POINT) == 0;
}
