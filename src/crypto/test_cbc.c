#include "crypto/crypto.h"

#include "test.h"

TEST(AES_CBC_has_known_answers)
{
    /* NIST SP 800-38A, F.2.1, first block */
    tw_bytes key = tw_test_unhex(TW_STR("2b7e151628aed2a6abf7158809cf4f3c"));
    tw_bytes iv = tw_test_unhex(TW_STR("000102030405060708090a0b0c0d0e0f"));
    tw_bytes plain = tw_test_unhex(TW_STR("6bc1bee22e409f96e93d7e117393172a"));
    uint8_t out[32], back[32];
    size_t n = 0;
    assert_ok(tw_aes_cbc_seal(cx, out, &n, key, iv.p, plain));
    assert_int_equal(32, n);
    assert_hex("7649abac8119b246cee98e9b12e9197d", out, 16);
    assert_ok(tw_aes_cbc_open(cx, back, &n, key, iv.p, TW_BYTES(out)));
    assert_int_equal(16, n);
    assert_memory_equal(plain.p, back, 16);
    out[31] ^= 1;
    tw_status s = tw_aes_cbc_open(cx, back, &n, key, iv.p, TW_BYTES(out));
    assert_true(s == TW_ECRYPTO || n != 16);
    assert_status(TW_ECRYPTO, tw_aes_cbc_seal(cx, out, &n, (tw_bytes){ key.p, 5 }, iv.p, plain));
}
