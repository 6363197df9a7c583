#include "crypto/crypto.h"

#include "test_hex.h"

/* RFC 8032 7.1: seed, public key, message, signature of tests 1 to 3 and "SHA(abc)". */
static const char *const rfc8032[][4] = {
    { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
      "6551"
      "41438e7a100b" },
    { "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
      "b00d"
      "291612bb0c00" },
    { "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
      "c027"
      "beceea1ec40a" },
    { "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
      "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e"
      "2a9a"
      "c94fa54ca49f",
      "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17a"
      "d9be"
      "f1177331a704" },
};

TEST(sign__gives_rfc_8032)
{
    for (size_t i = 0; i < TW_COUNT(rfc8032); i++) {
        uint8_t public_key[TW_KEY];
        uint8_t secret[64];
        uint8_t sig[TW_SIG];
        tw_bytes message = hex(rfc8032[i][2]);
        tw_sign_keys(public_key, secret, hex(rfc8032[i][0]).p);
        assert_hex(rfc8032[i][1], public_key, TW_KEY);
        tw_sign(cx, sig, secret, "", message);
        assert_hex(rfc8032[i][3], sig, TW_SIG);
        assert_true(tw_sign_ok(cx, sig, public_key, "", message));
        sig[i] ^= 1;
        assert_false(tw_sign_ok(cx, sig, public_key, "", message));
    }
}

TEST(sign__covers_the_label_short_and_long)
{
    static uint8_t message[2000];
    uint8_t public_key[TW_KEY];
    uint8_t secret[64];
    uint8_t sig[TW_SIG];
    uint8_t seed[32];
    tw_random(cx, seed, sizeof seed);
    tw_random(cx, message, sizeof message);
    tw_sign_keys(public_key, secret, seed);
    for (size_t n = 0; n < sizeof message; n += 97) {
        tw_bytes m = { message, n };
        tw_sign(cx, sig, secret, "tw/op/1", m);
        assert_true(tw_sign_ok(cx, sig, public_key, "tw/op/1", m));
        assert_false(tw_sign_ok(cx, sig, public_key, "tw/own/1", m));
        assert_false(tw_sign_ok(cx, sig, public_key, "tw/op/2", m));
        assert_false(tw_sign_ok(cx, sig, public_key, "", m));
        assert_false(tw_sign_ok(cx, sig, public_key, "tw/op/1", (tw_bytes){ message, n + 1 }));
    }
}

TEST(sign__leaves_the_arena_as_it_was)
{
    uint8_t public_key[TW_KEY];
    uint8_t secret[64];
    uint8_t sig[TW_SIG];
    const uint8_t seed[32] = { 1 };
    uint8_t *message = tw_arena_get(cx->arena, 100000);
    size_t used = tw_arena_used(cx->arena);
    tw_sign_keys(public_key, secret, seed);
    tw_sign(cx, sig, secret, "label", (tw_bytes){ message, 100000 });
    assert_true(tw_sign_ok(cx, sig, public_key, "label", (tw_bytes){ message, 100000 }));
    assert_int_equal(used, tw_arena_used(cx->arena));
}

/* Small-order public keys make a signature that fits every message; libsodium refuses them. */
TEST(sign__refuses_keys_of_small_order)
{
    uint8_t sig[TW_SIG] = { 1 };
    uint8_t public_key[TW_KEY] = { 1 }; /* the neutral element: R = A = 1, s = 0 would satisfy the equation */
    assert_false(tw_sign_ok(cx, sig, public_key, "", tw_bytes_of(TW_STR("any"))));
    memset(public_key, 0, sizeof public_key);
    assert_false(tw_sign_ok(cx, sig, public_key, "", tw_bytes_of(TW_STR("any"))));
}
