#include "crypto/crypto.h"

#include "test_hex.h"

/* RFC 8439 2.8.2. */
TEST(aead__gives_rfc_8439)
{
    static const char *const text = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for "
                                    "the future, "
                                    "sunscreen would be it.";
    uint8_t out[114 + TW_AEAD_TAG];
    uint8_t back[114];
    tw_bytes key = hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    tw_bytes nonce = hex("070000004041424344454647");
    tw_bytes aad = hex("50515253c0c1c2c3c4c5c6c7");
    tw_bytes plain = tw_bytes_of(tw_str_of(text));
    assert_int_equal(114, plain.n);
    assert_ok(tw_aead_seal(cx, out, key.p, nonce.p, aad, plain));
    assert_hex("d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0"
               "a9e06"
               "0b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de57"
               "6d265"
               "86cec64b61161ae10b594f09e26a7e902ecbd0600691",
               out, sizeof out);
    assert_ok(tw_aead_open(cx, back, key.p, nonce.p, aad, TW_BYTES(out)));
    assert_memory_equal(text, back, sizeof back);
}

static bool all_zero(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i])
            return false;
    }
    return true;
}

/* Lengths on both sides of the switch from one library to the other; 3,000 bytes by the one, cut in two by the other,
 * must agree: the first 1,000 bytes of a stream cipher do not depend on what follows. */
TEST(aead__is_one_cipher_in_both_libraries)
{
    static uint8_t plain[5000];
    static uint8_t whole[5000 + TW_AEAD_TAG];
    static uint8_t part[5000 + TW_AEAD_TAG];
    static uint8_t back[5000];
    uint8_t key[32];
    uint8_t nonce[12];
    tw_random(cx, plain, sizeof plain);
    tw_random(cx, key, sizeof key);
    tw_random(cx, nonce, sizeof nonce);
    const tw_bytes aad = tw_bytes_of(TW_STR("additional"));
    assert_ok(tw_aead_seal(cx, whole, key, nonce, aad, TW_BYTES(plain)));
    for (size_t n = 0; n <= sizeof plain; n += n < 2000 ? 199 : 13) {
        assert_ok(tw_aead_seal(cx, part, key, nonce, aad, (tw_bytes){ plain, n }));
        assert_memory_equal(whole, part, n);
        assert_ok(tw_aead_open(cx, back, key, nonce, aad, (tw_bytes){ part, n + TW_AEAD_TAG }));
        assert_memory_equal(plain, back, n);
        part[tw_test_below(n + TW_AEAD_TAG)] ^= 0x10;
        memset(back, 1, sizeof back);
        assert_status(TW_ECRYPTO, tw_aead_open(cx, back, key, nonce, aad, (tw_bytes){ part, n + TW_AEAD_TAG }));
        assert_true(all_zero(back, n));
    }
}

TEST(aead__refuses_other_aad_nonce_key_and_short_input)
{
    uint8_t key[32] = { 1 };
    uint8_t nonce[12] = { 2 };
    uint8_t out[5 + TW_AEAD_TAG];
    uint8_t back[5];
    const tw_bytes aad = tw_bytes_of(TW_STR("a"));
    assert_ok(tw_aead_seal(cx, out, key, nonce, aad, tw_bytes_of(TW_STR("hello"))));
    assert_ok(tw_aead_open(cx, back, key, nonce, aad, TW_BYTES(out)));
    assert_status(TW_ECRYPTO, tw_aead_open(cx, back, key, nonce, tw_bytes_of(TW_STR("b")), TW_BYTES(out)));
    assert_status(TW_ECRYPTO, tw_aead_open(cx, back, key, nonce, aad, (tw_bytes){ out, sizeof out - 1 }));
    assert_status(TW_ECRYPTO, tw_aead_open(cx, back, key, nonce, aad, (tw_bytes){ out, 15 }));
    nonce[11] ^= 1;
    assert_status(TW_ECRYPTO, tw_aead_open(cx, back, key, nonce, aad, TW_BYTES(out)));
    nonce[11] ^= 1;
    key[31] ^= 1;
    assert_status(TW_ECRYPTO, tw_aead_open(cx, back, key, nonce, aad, TW_BYTES(out)));
}
