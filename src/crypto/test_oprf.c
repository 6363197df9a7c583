#include "crypto/crypto.h"

#include "test_hex.h"

static void run_vector(tw_bytes key, tw_bytes blind, tw_bytes input, tw_bytes blinded, tw_bytes evaluated,
                       tw_bytes output)
{
    uint8_t b[TW_POINT];
    uint8_t e[TW_POINT];
    uint8_t out[64];
    assert_ok(tw_oprf_blind(cx, b, blind.p, input));
    assert_bytes(blinded, b);
    assert_ok(tw_oprf_evaluate(cx, e, key.p, b));
    assert_bytes(evaluated, e);
    assert_ok(tw_oprf_finalize(cx, out, blind.p, e, input));
    assert_bytes(output, out);
}

/* RFC 9497 A.1.1.1, retyped. */
TEST(oprf__gives_the_first_vector_of_rfc_9497)
{
    run_vector(hex("5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e"),
               hex("64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706"), hex("00"),
               hex("609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c"),
               hex("7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e"),
               hex("527759c3d9366f277d8c6020418d96bb393ba2afb20ff90df23fb7708264e2f3ab9135e3bd69955851de4b1f9fe8a097339"
                   "6719b"
                   "7912ba9ee8aa7d0b5e24bcf6"));
}

/* Whatever the blind, the answer is the function of key and input; and a key shared among keepers answers the same. */
TEST(oprf__does_not_depend_on_the_blind_or_on_sharing_the_key)
{
    uint8_t key[TW_SCALAR];
    uint8_t shares[3 * TW_SCALAR];
    uint8_t commits[2 * TW_POINT];
    uint8_t outs[2][64];
    const uint8_t xs[2] = { 3, 1 };
    const tw_bytes input = tw_bytes_of(TW_STR("input"));
    tw_scalar_random(cx, key);
    assert_ok(tw_share_deal(cx, shares, commits, key, 2, 3, NULL));
    for (size_t i = 0; i < 2; i++) {
        uint8_t blind[TW_SCALAR];
        uint8_t b[TW_POINT];
        uint8_t e[TW_POINT];
        tw_scalar_random(cx, blind);
        assert_ok(tw_oprf_blind(cx, b, blind, input));
        if (i == 0) {
            assert_ok(tw_oprf_evaluate(cx, e, key, b));
        } else {
            uint8_t parts[2][TW_POINT];
            for (size_t k = 0; k < 2; k++) {
                uint8_t lambda[TW_SCALAR];
                assert_ok(tw_oprf_evaluate(cx, parts[k], shares + (xs[k] - 1) * TW_SCALAR, b));
                assert_ok(tw_share_lambda(cx, lambda, xs, 2, k));
                assert_ok(tw_point_mul(cx, parts[k], lambda, parts[k]));
            }
            assert_ok(tw_point_add(cx, e, parts[0], parts[1]));
        }
        assert_ok(tw_oprf_finalize(cx, outs[i], blind, e, input));
    }
    assert_memory_equal(outs[0], outs[1], 64);
}

TEST(oprf__refuses_the_identity_and_a_zero_blind)
{
    uint8_t out[64];
    const uint8_t zero[32] = { 0 };
    const uint8_t one[32] = { 1 };
    assert_status(TW_ECRYPTO, tw_oprf_blind(cx, out, zero, tw_bytes_of(TW_STR("x"))));
    assert_status(TW_ECRYPTO, tw_oprf_evaluate(cx, out, one, zero));
    assert_status(TW_ECRYPTO, tw_oprf_finalize(cx, out, one, zero, tw_bytes_of(TW_STR("x"))));
    assert_status(TW_ECRYPTO, tw_oprf_finalize(cx, out, zero, tw_tpre_u(), tw_bytes_of(TW_STR("x"))));
    uint8_t *large = tw_arena_get(cx->arena, 65536);
    assert_status(TW_ELIMIT, tw_oprf_finalize(cx, out, one, tw_tpre_u(), (tw_bytes){ large, 65536 }));
}
