#include "crypto/crypto.h"

#include "test_hex.h"

static tw_bytes ascii(const char *s)
{
    return tw_bytes_of(tw_str_of(s));
}

/* FIPS 180-2 appendix B. */
TEST(sha256__gives_the_published_digests_in_any_cut)
{
    static const char *const message = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    uint8_t out[TW_HASH];
    tw_sha256_of(out, ascii("abc"));
    assert_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", out, TW_HASH);
    tw_sha256_of(out, (tw_bytes){ 0 });
    assert_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", out, TW_HASH);
    for (size_t cut = 0; cut <= strlen(message); cut++) {
        tw_sha256 h;
        tw_sha256_init(&h);
        tw_sha256_add(&h, message, cut);
        tw_sha256_add(&h, message + cut, strlen(message) - cut);
        tw_sha256_end(&h, out);
        assert_hex("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", out, TW_HASH);
    }
}

TEST(hash_label__is_the_hash_of_label_and_fields)
{
    uint8_t out[TW_HASH];
    const tw_bytes fields[] = { ascii("b"), ascii(""), ascii("c") };
    tw_hash_label(out, "a", fields, TW_COUNT(fields));
    assert_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", out, TW_HASH);
}

/* RFC 4231, cases 1 and 2 (label and data joined), and 6 (key longer than a block). */
TEST(hmac__gives_the_published_tags)
{
    uint8_t out[TW_HASH];
    uint8_t key[131];
    memset(key, 0x0b, sizeof key);
    tw_hmac_sha256(out, (tw_bytes){ key, 20 }, "Hi ", ascii("There"));
    assert_hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", out, TW_HASH);
    tw_hmac_sha256(out, ascii("Jefe"), "", ascii("what do ya want for nothing?"));
    assert_hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", out, TW_HASH);
    memset(key, 0xaa, sizeof key);
    tw_hmac_sha256(out, TW_BYTES(key), "", ascii("Test Using Larger Than Block-Size Key - Hash Key First"));
    assert_hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", out, TW_HASH);
}

/* Python: hashlib.blake2b(b"abc", digest_size=32), and with key=bytes(range(32)). */
TEST(blake2b__is_256_bits_wide_and_keyed)
{
    uint8_t out[32];
    uint8_t key[32];
    for (uint8_t i = 0; i < sizeof key; i++)
        key[i] = i;
    tw_blake2b(out, (tw_bytes){ 0 }, "a", ascii("bc"));
    assert_hex("bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319", out, 32);
    tw_blake2b(out, TW_BYTES(key), "ab", ascii("c"));
    assert_hex("d63a32d3e44738d7907f964316c241adaba0abfeabc32349677578a15a203f7f", out, 32);
}

/* RFC 5869 appendix A. */
TEST(hkdf_sha256__gives_rfc_5869)
{
    uint8_t out[82];
    uint8_t long_input[3][80];
    for (uint8_t i = 0; i < 80; i++) {
        long_input[0][i] = i;
        long_input[1][i] = (uint8_t)(0x60 + i);
        long_input[2][i] = (uint8_t)(0xb0 + i);
    }
    tw_bytes ikm = hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
    tw_hkdf_sha256(out, 42, ikm, hex("000102030405060708090a0b0c"), hex("f0f1f2f3f4f5f6f7f8f9"));
    assert_hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865", out, 42);
    tw_hkdf_sha256(out, 82, TW_BYTES(long_input[0]), TW_BYTES(long_input[1]), TW_BYTES(long_input[2]));
    assert_hex("b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da32756"
               "00c2f09b8"
               "367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
               out, 82);
    tw_hkdf_sha256(out, 42, ikm, (tw_bytes){ 0 }, (tw_bytes){ 0 });
    assert_hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8", out, 42);
}

/* The inputs of RFC 5869 A.1 to A.3 with SHA-512; outputs by Python's hmac. */
TEST(hkdf_sha512__gives_computed_answers)
{
    uint8_t out[82];
    uint8_t long_input[3][80];
    for (uint8_t i = 0; i < 80; i++) {
        long_input[0][i] = i;
        long_input[1][i] = (uint8_t)(0x60 + i);
        long_input[2][i] = (uint8_t)(0xb0 + i);
    }
    tw_bytes ikm = hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
    tw_hkdf_sha512(out, 42, ikm, hex("000102030405060708090a0b0c"), hex("f0f1f2f3f4f5f6f7f8f9"));
    assert_hex("832390086cda71fb47625bb5ceb168e4c8e26a1a16ed34d9fc7fe92c1481579338da362cb8d9f925d7cb", out, 42);
    tw_hkdf_sha512(out, 82, TW_BYTES(long_input[0]), TW_BYTES(long_input[1]), TW_BYTES(long_input[2]));
    assert_hex("ce6c97192805b346e6161e821ed165673b84f400a2b514b2fe23d84cd189ddf1b695b48cbd1c8388441137b3ce28f16aa64ba33"
               "ba466b24d"
               "f6cfcb021ecff235f6a2056ce3af1de44d572097a8505d9e7a93",
               out, 82);
    tw_hkdf_sha512(out, 42, ikm, (tw_bytes){ 0 }, (tw_bytes){ 0 });
    assert_hex("f5fa02b18298a72a8c23898a8703472c6eb179dc204c03425c970e3b164bf90fff22d04836d0e2343bac", out, 42);
}
