#include "crypto/crypto.h"

#include <sodium.h>

#include "test_hex.h"
#include "test_tpre_vectors.h"

TEST(bases__are_hashes_to_the_group)
{
    static const struct {
        const char *framed;
        size_t n;
        const uint8_t *(*get)(void);
    } bases[] = {
        { "\x13TWTPRE-R255-S512-v1\x01U", 22, tw_tpre_u },
        { "\x13TWTPRE-R255-S512-v1\x04Gbar", 25, tw_tpre_gbar },
    };
    for (size_t i = 0; i < TW_COUNT(bases); i++) {
        uint8_t wide[64];
        uint8_t p[TW_POINT];
        crypto_hash_sha512(wide, (const uint8_t *)bases[i].framed, bases[i].n);
        tw_point_from_hash(p, wide);
        assert_memory_equal(p, bases[i].get(), TW_POINT);
    }
}

/* H2S puts lengths before its parts: moving a byte from one part to the next changes the scalar. */
TEST(h2s__frames_its_parts)
{
    uint8_t a[TW_SCALAR];
    uint8_t b[TW_SCALAR];
    const tw_bytes left[] = { tw_bytes_of(TW_STR("ab")), tw_bytes_of(TW_STR("c")) };
    const tw_bytes right[] = { tw_bytes_of(TW_STR("a")), tw_bytes_of(TW_STR("bc")) };
    tw_tpre_h2s(a, "tag", left, 2);
    tw_tpre_h2s(b, "tag", right, 2);
    assert_memory_not_equal(a, b, TW_SCALAR);
    tw_tpre_h2s(b, "tah", left, 2);
    assert_memory_not_equal(a, b, TW_SCALAR);
    assert_true(tw_scalar_ok(a) && tw_scalar_ok(b));
}

/* ---------------------------------------------------------------- own vectors: P = (a + w) G */

typedef struct {
    const tpre_vector *v;
    tw_bytes ctx, xs, capsule;
} run;

static run run_of(const tpre_vector *v)
{
    return (run){ v, hex(v->ctx), hex(v->xs), hex(v->capsule) };
}

#define EACH_VECTOR(name) \
    for (size_t name##_i = 0; name##_i < TW_COUNT(tpre_vectors); name##_i++) \
        for (run name = run_of(&tpre_vectors[name##_i]), *name##_once = &name; name##_once; name##_once = NULL)

TEST(capsule__and_kek_are_as_computed_elsewhere)
{
    EACH_VECTOR(k) {
        uint8_t z[TW_SCALAR];
        uint8_t p[TW_POINT];
        uint8_t capsule[TW_CAPSULE];
        uint8_t kek[32];
        tw_scalar_add(z, hex(k.v->a).p, hex(k.v->w).p);
        assert_ok(tw_point_base(cx, p, z));
        assert_hex(k.v->p, p, TW_POINT);
        assert_ok(tw_tpre_encap_with(cx, capsule, kek, p, k.ctx, hex(k.v->r).p, hex(k.v->k).p));
        assert_hex(k.v->capsule, capsule, TW_CAPSULE);
        assert_hex(k.v->kek, kek, 32);
        assert_true(tw_tpre_capsule_ok(cx, capsule, p, k.ctx));
    }
}

static void check_deal(const char *secret, const char *coefs, const char *shares, const char *commits,
                       const tpre_vector *v)
{
    uint8_t got_shares[TW_SHARES_MAX * TW_SCALAR];
    uint8_t got_commits[TW_SHARES_MAX * TW_POINT];
    assert_ok(tw_share_deal(cx, got_shares, got_commits, hex(secret).p, v->t, v->n, hex(coefs).p));
    assert_hex(shares, got_shares, v->n * (size_t)TW_SCALAR);
    assert_hex(commits, got_commits, v->t * (size_t)TW_POINT);
}

TEST(shares__and_grant_are_as_computed_elsewhere)
{
    EACH_VECTOR(k) {
        const tpre_vector *v = k.v;
        uint8_t x_point[TW_POINT];
        uint8_t b_point[TW_POINT];
        uint8_t d[TW_SCALAR];
        uint8_t shares[TW_SHARES_MAX * TW_SCALAR];
        uint8_t commits[TW_SHARES_MAX * TW_POINT];
        check_deal(v->a, v->coefs_a, v->shares_a, v->commits_a, v);
        check_deal(v->w, v->coefs_w, v->shares_w, v->commits_w, v);
        assert_ok(tw_point_base(cx, b_point, hex(v->b).p));
        assert_ok(tw_tpre_grant(cx, x_point, shares, commits, hex(v->a).p, b_point, hex(v->gctx), v->t, v->n,
                                hex(v->x).p, hex(v->coefs_f).p));
        assert_hex(v->x_point, x_point, TW_POINT);
        assert_hex(v->shares_f, shares, v->n * (size_t)TW_SCALAR);
        assert_hex(v->commits_f, commits, v->t * (size_t)TW_POINT);
        assert_ok(tw_tpre_shared(cx, d, hex(v->b).p, x_point, hex(v->gctx)));
        assert_hex(v->d, d, TW_SCALAR);
    }
}

/* Keeper i's class share a_i + w_i. */
static void class_share(uint8_t out[TW_SCALAR], const tpre_vector *v, unsigned i)
{
    tw_scalar_add(out, hex(v->shares_a).p + (i - 1) * TW_SCALAR, hex(v->shares_w).p + (i - 1) * TW_SCALAR);
}

TEST(class_fragments__and_their_proofs_are_as_computed_elsewhere)
{
    EACH_VECTOR(k) {
        const tpre_vector *v = k.v;
        for (size_t j = 0; j < k.xs.n; j++) {
            uint8_t share[TW_SCALAR];
            uint8_t fragment[TW_POINT];
            uint8_t commit_a[TW_POINT];
            uint8_t commit[TW_POINT];
            uint8_t proof[64];
            class_share(share, v, k.xs.p[j]);
            assert_ok(tw_tpre_fragment(cx, fragment, share, k.capsule.p));
            assert_memory_equal(hex(v->class_f).p + j * TW_POINT, fragment, TW_POINT);
            assert_ok(tw_share_commit_at(cx, commit_a, k.xs.p[j], hex(v->commits_a).p, v->t));
            assert_ok(tw_share_commit_at(cx, commit, k.xs.p[j], hex(v->commits_w).p, v->t));
            assert_ok(tw_point_add(cx, commit, commit, commit_a));
            assert_memory_equal(hex(v->class_commit).p + j * TW_POINT, commit, TW_POINT);
            assert_ok(tw_tpre_prove(cx, proof, share, k.capsule.p, fragment, commit, hex(v->rctx),
                                    hex(v->nonces).p + j * TW_SCALAR));
            assert_memory_equal(hex(v->proofs).p + j * 64, proof, 64);
            assert_true(tw_tpre_fragment_ok(cx, proof, k.capsule.p, fragment, commit, hex(v->rctx)));
        }
    }
}

TEST(combine__reaches_the_shared_point_by_class_directed_and_own_answers)
{
    EACH_VECTOR(k) {
        const tpre_vector *v = k.v;
        uint8_t s[TW_POINT];
        uint8_t kek[32];
        assert_ok(tw_tpre_combine(cx, s, k.xs.p, k.xs.n, hex(v->class_f).p, NULL, NULL, NULL, k.capsule.p));
        assert_hex(v->shared, s, TW_POINT);
        assert_ok(tw_tpre_combine(cx, s, k.xs.p, k.xs.n, hex(v->w_f).p, hex(v->f_f).p, hex(v->d).p, NULL, k.capsule.p));
        assert_hex(v->shared, s, TW_POINT);
        assert_ok(tw_tpre_combine(cx, s, k.xs.p, k.xs.n, hex(v->w_f).p, NULL, NULL, hex(v->a).p, k.capsule.p));
        assert_hex(v->shared, s, TW_POINT);
        tw_tpre_kek(kek, s, k.capsule.p, hex(v->p).p, k.ctx);
        assert_hex(v->kek, kek, 32);
    }
}

/* Directed: without d, or with a's share alone, or w's alone, another point comes out. */
TEST(combine__needs_every_part)
{
    const run k = run_of(&tpre_vectors[TW_COUNT(tpre_vectors) - 1]);
    const tpre_vector *v = k.v;
    uint8_t s[TW_POINT];
    const uint8_t one[TW_SCALAR] = { 1 };
    const uint8_t wrong_xs[] = { 1, 2, 4 };
    assert_int_equal(3, k.xs.n);
    tw_bytes want = hex(v->shared);
    assert_ok(tw_tpre_combine(cx, s, k.xs.p, 3, hex(v->w_f).p, hex(v->f_f).p, one, NULL, k.capsule.p));
    assert_memory_not_equal(want.p, s, TW_POINT);
    assert_ok(tw_tpre_combine(cx, s, k.xs.p, 3, hex(v->w_f).p, NULL, NULL, NULL, k.capsule.p));
    assert_memory_not_equal(want.p, s, TW_POINT);
    assert_ok(tw_tpre_combine(cx, s, k.xs.p, 3, NULL, hex(v->f_f).p, hex(v->d).p, NULL, k.capsule.p));
    assert_memory_not_equal(want.p, s, TW_POINT);
    assert_ok(tw_tpre_combine(cx, s, k.xs.p, 2, hex(v->class_f).p, NULL, NULL, NULL, k.capsule.p)); /* t - 1 */
    assert_memory_not_equal(want.p, s, TW_POINT);
    assert_ok(tw_tpre_combine(cx, s, wrong_xs, 3, hex(v->class_f).p, NULL, NULL, NULL, k.capsule.p));
    assert_memory_not_equal(want.p, s, TW_POINT);
    const uint8_t twice[] = { 1, 3, 3 };
    assert_status(TW_ECRYPTO, tw_tpre_combine(cx, s, twice, 3, hex(v->class_f).p, NULL, NULL, NULL, k.capsule.p));
    uint8_t zeros[3 * TW_POINT] = { 0 };
    assert_status(TW_ECRYPTO, tw_tpre_combine(cx, s, k.xs.p, 3, zeros, NULL, NULL, NULL, k.capsule.p));
    for (size_t i = 0; i < TW_POINT; i++)
        assert_int_equal(0, s[i]);
}

TEST(possession__proof_made_elsewhere_verifies_and_binds_p_and_id)
{
    EACH_VECTOR(k) {
        uint8_t proof[64];
        uint8_t id[TW_HASH];
        uint8_t z[TW_SCALAR];
        memcpy(proof, hex(k.v->pok).p, 64);
        memcpy(id, hex(k.v->id).p, TW_HASH);
        tw_bytes p = hex(k.v->p);
        assert_true(tw_pok_ok(cx, proof, p.p, id));
        id[0] ^= 1;
        assert_false(tw_pok_ok(cx, proof, p.p, id));
        id[0] ^= 1;
        assert_false(tw_pok_ok(cx, proof, tw_tpre_u(), id));
        for (size_t i = 0; i < sizeof proof; i++) {
            proof[i] ^= (uint8_t)(1u << tw_test_below(8));
            assert_false(tw_pok_ok(cx, proof, p.p, id));
            memcpy(proof, hex(k.v->pok).p, 64);
        }
        tw_scalar_add(z, hex(k.v->a).p, hex(k.v->w).p);
        assert_ok(tw_pok_make(cx, proof, z, p.p, id));
        assert_true(tw_pok_ok(cx, proof, p.p, id));
        assert_ok(tw_pok_make(cx, proof, hex(k.v->a).p, p.p, id)); /* a without w */
        assert_false(tw_pok_ok(cx, proof, p.p, id));
    }
}

TEST(possession__refuses_the_identity)
{
    uint8_t proof[64] = { 0 }; /* R = identity, s = 0 fits P = identity whatever the challenge */
    const uint8_t zero[TW_POINT] = { 0 };
    const uint8_t id[TW_HASH] = { 0 };
    assert_false(tw_pok_ok(cx, proof, zero, id));
    assert_status(TW_ECRYPTO, tw_pok_make(cx, proof, zero, zero, id));
}

/* ---------------------------------------------------------------- negatives */

TEST(capsule__any_changed_byte_p_or_context_is_refused)
{
    const run k = run_of(&tpre_vectors[0]);
    tw_bytes p = hex(k.v->p);
    uint8_t capsule[TW_CAPSULE];
    memcpy(capsule, k.capsule.p, TW_CAPSULE);
    assert_true(tw_tpre_capsule_ok(cx, capsule, p.p, k.ctx));
    for (size_t i = 0; i < TW_CAPSULE; i++) {
        capsule[i] ^= (uint8_t)(1u << tw_test_below(8));
        assert_false(tw_tpre_capsule_ok(cx, capsule, p.p, k.ctx));
        capsule[i] = k.capsule.p[i];
    }
    assert_false(tw_tpre_capsule_ok(cx, capsule, tw_tpre_u(), k.ctx));
    assert_false(tw_tpre_capsule_ok(cx, capsule, p.p, (tw_bytes){ k.ctx.p, k.ctx.n - 1 }));
    const uint8_t zero[TW_POINT] = { 0 };
    assert_false(tw_tpre_capsule_ok(cx, capsule, zero, k.ctx));
}

/* The same scalar written as s + q: libsodium would reduce it and accept; two spellings of one capsule are refused. */
TEST(capsule__scalar_above_the_order_is_refused)
{
    static const uint8_t order[TW_SCALAR] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                              0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                              0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10 };
    const run k = run_of(&tpre_vectors[0]);
    for (size_t at = 64; at < TW_CAPSULE; at += TW_SCALAR) {
        uint8_t capsule[TW_CAPSULE];
        memcpy(capsule, k.capsule.p, TW_CAPSULE);
        sodium_add(capsule + at, order, TW_SCALAR);
        assert_false(tw_tpre_capsule_ok(cx, capsule, hex(k.v->p).p, k.ctx));
    }
}

TEST(capsule__of_the_identity_is_refused)
{
    uint8_t capsule[TW_CAPSULE] = { 0 };
    uint8_t kek[32];
    const uint8_t zero[TW_SCALAR] = { 0 };
    const uint8_t one[TW_SCALAR] = { 1 };
    const tw_bytes none = { 0 };
    assert_false(tw_tpre_capsule_ok(cx, capsule, tw_tpre_u(), none));
    assert_status(TW_ECRYPTO, tw_tpre_encap(cx, capsule, kek, zero, none));
    assert_status(TW_ECRYPTO, tw_tpre_encap_with(cx, capsule, kek, tw_tpre_u(), none, zero, one));
    assert_status(TW_ECRYPTO, tw_tpre_encap_with(cx, capsule, kek, tw_tpre_u(), none, one, zero));
    for (size_t i = 0; i < TW_CAPSULE; i++)
        assert_int_equal(0, capsule[i]);
}

TEST(fragment__proof_does_not_transplant)
{
    const run k = run_of(&tpre_vectors[1]);
    const tpre_vector *v = k.v;
    uint8_t proof[64];
    tw_bytes fragment = hex(v->class_f);
    tw_bytes commit = hex(v->class_commit);
    tw_bytes rctx = hex(v->rctx);
    memcpy(proof, hex(v->proofs).p, 64);
    assert_true(tw_tpre_fragment_ok(cx, proof, k.capsule.p, fragment.p, commit.p, rctx));
    for (size_t i = 0; i < 64; i++) {
        proof[i] ^= (uint8_t)(1u << tw_test_below(8));
        assert_false(tw_tpre_fragment_ok(cx, proof, k.capsule.p, fragment.p, commit.p, rctx));
        memcpy(proof, hex(v->proofs).p, 64);
    }
    assert_false(tw_tpre_fragment_ok(cx, proof, k.capsule.p, fragment.p + TW_POINT, commit.p, rctx));
    assert_false(tw_tpre_fragment_ok(cx, proof, k.capsule.p, fragment.p, commit.p + TW_POINT, rctx));
    assert_false(tw_tpre_fragment_ok(cx, proof, hex(tpre_vectors[2].capsule).p, fragment.p, commit.p, rctx));
    assert_false(tw_tpre_fragment_ok(cx, proof, k.capsule.p, fragment.p, commit.p, (tw_bytes){ rctx.p, rctx.n - 1 }));
    const uint8_t zero[TW_POINT] = { 0 };
    assert_false(tw_tpre_fragment_ok(cx, proof, k.capsule.p, zero, commit.p, rctx));
    assert_false(tw_tpre_fragment_ok(cx, proof, k.capsule.p, fragment.p, zero, rctx));
}

/* A keeper that answers with another share makes a wrong point; the wrap notices, and the proof names the keeper. */
TEST(lying_keeper__is_noticed_by_the_wrap_and_named_by_its_proof)
{
    const run k = run_of(&tpre_vectors[2]);
    const tpre_vector *v = k.v;
    const uint8_t secret[32] = "a day secret of thirty-two bytes";
    uint8_t wrap[TW_WRAP];
    uint8_t got[32];
    uint8_t s[TW_POINT];
    uint8_t kek[32];
    uint8_t fragments[3 * TW_POINT];
    tw_tpre_wrap(cx, wrap, hex(v->kek).p, secret, k.capsule.p);
    memcpy(fragments, hex(v->class_f).p, sizeof fragments);
    uint8_t lie[TW_SCALAR];
    tw_scalar_random(cx, lie);
    assert_ok(tw_tpre_fragment(cx, fragments + TW_POINT, lie, k.capsule.p));
    assert_ok(tw_tpre_combine(cx, s, k.xs.p, 3, fragments, NULL, NULL, NULL, k.capsule.p));
    tw_tpre_kek(kek, s, k.capsule.p, hex(v->p).p, k.ctx);
    assert_status(TW_ECRYPTO, tw_tpre_unwrap(cx, got, wrap, kek, k.capsule.p));
    for (size_t i = 0; i < 3; i++) {
        uint8_t proof[64];
        uint8_t share[TW_SCALAR];
        const uint8_t *commit = hex(v->class_commit).p + i * TW_POINT;
        const uint8_t *fragment = fragments + i * TW_POINT;
        class_share(share, v, k.xs.p[i]);
        assert_ok(tw_tpre_prove(cx, proof, i == 1 ? lie : share, k.capsule.p, fragment, commit, hex(v->rctx), NULL));
        assert_int_equal(i != 1, tw_tpre_fragment_ok(cx, proof, k.capsule.p, fragment, commit, hex(v->rctx)));
    }
    assert_ok(tw_tpre_unwrap(cx, got, wrap, hex(v->kek).p, k.capsule.p));
    assert_memory_equal(secret, got, 32);
}

TEST(wrap__any_changed_byte_or_another_capsule_is_refused)
{
    const run k = run_of(&tpre_vectors[0]);
    const uint8_t secret[32] = { 7 };
    uint8_t wrap[TW_WRAP];
    uint8_t got[32];
    tw_bytes kek = hex(k.v->kek);
    tw_tpre_wrap(cx, wrap, kek.p, secret, k.capsule.p);
    assert_ok(tw_tpre_unwrap(cx, got, wrap, kek.p, k.capsule.p));
    assert_memory_equal(secret, got, 32);
    for (size_t i = 0; i < TW_WRAP; i++) {
        wrap[i] ^= 1;
        memset(got, 1, sizeof got);
        assert_status(TW_ECRYPTO, tw_tpre_unwrap(cx, got, wrap, kek.p, k.capsule.p));
        for (size_t j = 0; j < sizeof got; j++)
            assert_int_equal(0, got[j]);
        wrap[i] ^= 1;
    }
    assert_status(TW_ECRYPTO, tw_tpre_unwrap(cx, got, wrap, kek.p, hex(tpre_vectors[1].capsule).p));
}

/* Entropy that always gives the same bytes must not give one nonce to two statements. */
static void stuck(TW_UNUSED void *self, uint8_t *out, size_t n)
{
    memset(out, 0x42, n);
}

TEST(nonces__differ_between_statements_even_with_stuck_entropy)
{
    const run k = run_of(&tpre_vectors[0]);
    uint8_t share[TW_SCALAR];
    uint8_t proofs[2][64];
    uint8_t t[2][TW_SCALAR];
    tw_test_env()->entropy.fill = stuck;
    class_share(share, k.v, 1);
    for (size_t i = 0; i < 2; i++) {
        uint8_t product[TW_SCALAR];
        tw_bytes rctx = i ? tw_bytes_of(TW_STR("one")) : tw_bytes_of(TW_STR("two"));
        assert_ok(tw_tpre_prove(cx, proofs[i], share, k.capsule.p, hex(k.v->class_f).p, hex(k.v->class_commit).p, rctx,
                                NULL));
        tw_scalar_mul(product, proofs[i], share);
        tw_scalar_sub(t[i], proofs[i] + 32, product);
    }
    assert_memory_not_equal(t[0], t[1], TW_SCALAR);
}

/* ---------------------------------------------------------------- whole way with random keys */

TEST(tpre__random_keys_open_by_class_and_by_grant)
{
    enum { T = 3, N = 5 };
    uint8_t a[32], w[32], z[32], b[32], p[32], b_point[32], x_point[32], d[32], kek[32], again[32], s[32];
    uint8_t capsule[TW_CAPSULE];
    uint8_t aw[2][N * TW_SCALAR], f[N * TW_SCALAR], commits[T * TW_POINT];
    uint8_t f1[T * TW_POINT], f2[T * TW_POINT];
    const uint8_t xs[T] = { 5, 2, 4 };
    const tw_bytes ctx = tw_bytes_of(TW_STR("context"));
    const tw_bytes gctx = tw_bytes_of(TW_STR("grant"));
    tw_scalar_random(cx, a);
    tw_scalar_random(cx, w);
    tw_scalar_random(cx, b);
    tw_scalar_add(z, a, w);
    assert_ok(tw_point_base(cx, p, z));
    assert_ok(tw_point_base(cx, b_point, b));
    assert_ok(tw_tpre_encap(cx, capsule, kek, p, ctx));
    assert_true(tw_tpre_capsule_ok(cx, capsule, p, ctx));
    assert_ok(tw_share_deal(cx, aw[0], commits, a, T, N, NULL));
    assert_ok(tw_share_deal(cx, aw[1], commits, w, T, N, NULL));
    assert_ok(tw_tpre_grant(cx, x_point, f, commits, a, b_point, gctx, T, N, NULL, NULL));
    for (unsigned i = 1; i <= N; i++)
        assert_true(tw_share_ok(cx, f + (i - 1) * 32, i, commits, T));
    assert_ok(tw_tpre_shared(cx, d, b, x_point, gctx));
    for (size_t i = 0; i < T; i++) {
        size_t at = (size_t)(xs[i] - 1) * 32;
        assert_ok(tw_tpre_fragment(cx, f1 + i * 32, aw[1] + at, capsule));
        assert_ok(tw_tpre_fragment(cx, f2 + i * 32, f + at, capsule));
    }
    assert_ok(tw_tpre_combine(cx, s, xs, T, f1, f2, d, NULL, capsule));
    tw_tpre_kek(again, s, capsule, p, ctx);
    assert_memory_equal(kek, again, 32);
    assert_ok(tw_tpre_combine(cx, s, xs, T, f1, NULL, NULL, a, capsule));
    tw_tpre_kek(again, s, capsule, p, ctx);
    assert_memory_equal(kek, again, 32);
}

TEST(grant__refuses_the_identity_as_grantee)
{
    uint8_t x_point[32], shares[96], commits[64], d[32];
    const uint8_t zero[32] = { 0 };
    const uint8_t one[32] = { 1 };
    const tw_bytes none = { 0 };
    assert_status(TW_ECRYPTO, tw_tpre_grant(cx, x_point, shares, commits, one, zero, none, 2, 3, NULL, NULL));
    assert_status(TW_ECRYPTO, tw_tpre_grant(cx, x_point, shares, commits, zero, tw_tpre_u(), none, 2, 3, NULL, NULL));
    assert_status(TW_ECRYPTO, tw_tpre_grant(cx, x_point, shares, commits, one, tw_tpre_u(), none, 2, 3, zero, NULL));
    assert_status(TW_ECRYPTO, tw_tpre_shared(cx, d, one, zero, none));
    assert_status(TW_ECRYPTO, tw_tpre_shared(cx, d, zero, tw_tpre_u(), none));
}
