/* Known answers of the suite TWTPRE-R255-S512-v1 as a published file: P = aG, directed grants. Skipped without
 * TWINWARD_DATA; P = (a + w)G is tested beside the unit. */
#include "crypto/crypto.h"
#include "vectors.h"

static void run_published_cfrags(const tw_json *d, uint32_t v, const uint8_t *shares, const uint8_t *commits,
                                 unsigned t)
{
    tw_bytes capsule = hex_at(d, v, "capsule");
    tw_bytes rctx = hex_at(d, v, "request_ctx");
    tw_bytes nonces = joined_at(d, v, "nonces");
    tw_bytes cfrags = joined_at(d, v, "cfrags"); /* index 1, E1 32, c 32, z 32 */
    for (size_t i = 0; i * 97 < cfrags.n; i++) {
        const uint8_t *cfrag = cfrags.p + i * 97;
        uint8_t fragment[TW_POINT];
        uint8_t commit[TW_POINT];
        uint8_t proof[64];
        const uint8_t *share = shares + (size_t)(cfrag[0] - 1) * TW_SCALAR;
        assert_ok(tw_tpre_fragment(cx, fragment, share, capsule.p));
        assert_memory_equal(cfrag + 1, fragment, TW_POINT);
        assert_ok(tw_share_commit_at(cx, commit, cfrag[0], commits, t));
        assert_ok(tw_tpre_prove(cx, proof, share, capsule.p, fragment, commit, rctx, nonces.p + i * TW_SCALAR));
        assert_memory_equal(cfrag + 33, proof, 64);
        assert_true(tw_tpre_fragment_ok(cx, proof, capsule.p, fragment, commit, rctx));
    }
}

/* Here P = aG and all answers are directed. */
static void run_published_combine(const tw_json *d, uint32_t v)
{
    tw_bytes capsule = hex_at(d, v, "capsule");
    tw_bytes cfrags = joined_at(d, v, "cfrags");
    uint8_t xs[TW_SHARES_MAX];
    uint8_t f[TW_SHARES_MAX * TW_POINT];
    uint8_t dd[TW_SCALAR];
    uint8_t s[TW_POINT];
    uint8_t kek[32];
    size_t count = 0;
    EACH(i, d, member(d, v, "combine_subset")) {
        uint64_t x;
        assert_true(tw_json_u64(d, i, &x));
        assert_int_equal(x, cfrags.p[(x - 1) * 97]);
        memcpy(f + count * TW_POINT, cfrags.p + (x - 1) * 97 + 1, TW_POINT);
        xs[count++] = (uint8_t)x;
    }
    assert_ok(tw_tpre_shared(cx, dd, hex_at(d, v, "b").p, hex_at(d, v, "X").p, hex_at(d, v, "grant_ctx")));
    assert_ok(tw_tpre_combine(cx, s, xs, count, NULL, f, dd, NULL, capsule.p));
    tw_tpre_kek(kek, s, capsule.p, hex_at(d, v, "P").p, hex_at(d, v, "ctx"));
    assert_bytes(hex_at(d, v, "kek"), kek);
}

static void run_published(const tw_json *d, uint32_t v)
{
    unsigned t = (unsigned)number_at(d, v, "t");
    unsigned n = (unsigned)number_at(d, v, "n");
    tw_bytes p = hex_at(d, v, "P");
    tw_bytes ctx = hex_at(d, v, "ctx");
    uint8_t point[TW_POINT];
    uint8_t x_point[TW_POINT];
    uint8_t capsule[TW_CAPSULE];
    uint8_t kek[32];
    uint8_t shares[TW_SHARES_MAX * TW_SCALAR];
    uint8_t commits[TW_SHARES_MAX * TW_POINT];
    assert_ok(tw_point_base(cx, point, hex_at(d, v, "a").p));
    assert_bytes(p, point);
    assert_ok(tw_point_base(cx, point, hex_at(d, v, "b").p));
    assert_bytes(hex_at(d, v, "B"), point);
    assert_ok(tw_tpre_encap_with(cx, capsule, kek, p.p, ctx, hex_at(d, v, "r").p, hex_at(d, v, "k").p));
    assert_bytes(hex_at(d, v, "capsule"), capsule);
    assert_bytes(hex_at(d, v, "kek"), kek);
    assert_true(tw_tpre_capsule_ok(cx, capsule, p.p, ctx));
    assert_ok(tw_tpre_grant(cx, x_point, shares, commits, hex_at(d, v, "a").p, point, hex_at(d, v, "grant_ctx"), t, n,
                            hex_at(d, v, "x").p, joined_at(d, v, "coefs").p));
    assert_bytes(hex_at(d, v, "X"), x_point);
    assert_bytes(joined_at(d, v, "C"), commits);
    assert_bytes(joined_at(d, v, "kfrags"), shares);
    run_published_cfrags(d, v, shares, commits, t);
    run_published_combine(d, v);
}

TEST(tpre__passes_the_published_known_answers)
{
    SKIP_WITHOUT_DATA();
    tw_json d = load_json("crypto/tpre_kat.json");
    size_t ran = 0;
    assert_bytes(hex_at(&d, 0, "U"), tw_tpre_u());
    assert_bytes(hex_at(&d, 0, "Gbar"), tw_tpre_gbar());
    EACH(v, &d, member(&d, 0, "vectors")) {
        run_published(&d, v);
        ran++;
    }
    assert_int_equal(5, ran);
}
