#include "crypto/crypto.h"

#include "crypto/crypto_internal.h"
#include "test_hex.h"

#define BLOCK_CIPHER (TW_C4GH_BLOCK + 28)

/* The secret key 01 02 .. 20, written by the reference implementation (crypt4gh 1.8.6 for Python) under the pass phrase
 * "correct horse", with fixed salts and nonces. */
#define SECRET "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
#define PUBLIC "07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c"
#define WRAP_KEY(base64) \
    TW_STR("-----BEGIN CRYPT4GH PRIVATE KEY-----\n" base64 "\n-----END CRYPT4GH PRIVATE KEY-----\n")
#define KEY_SCRYPT \
    WRAP_KEY("YzRnaC12MQAGc2NyeXB0ABQAAAAAEBESExQVFhcYGRobHB0eHwARY2hhY2hhMjBfcG9seTEzMDUAPCAhIiMkJSYnKCkqK+" \
             "pZV1VEaQ1E" \
             "CbJmh9WXe1gImPHzfO5DzbaZirg5cyh0GnRYNuOHlMpICeEZjPZhCgAEdGVzdA==")
#define KEY_BCRYPT \
    WRAP_KEY("YzRnaC12MQAGYmNyeXB0ABQAAABkMDEyMzQ1Njc4OTo7PD0+PwARY2hhY2hhMjBfcG9seTEzMDUAPEBBQkNERUZHSElKS+Aj+" \
             "c8HooDD" \
             "uTXMXL5XAgstD5SNWfThk28KO/2WA0GQ8j1HHgb0Aobkgk7j7ZqxNQ==")
#define KEY_NONE WRAP_KEY("YzRnaC12MQAEbm9uZQAEbm9uZQAgAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=")

TEST(body__of_every_shape_opens_again)
{
    static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 131072, 200000 };
    uint8_t key[32];
    tw_random(cx, key, sizeof key);
    for (size_t i = 0; i < TW_COUNT(sizes); i++) {
        size_t n = sizes[i];
        size_t blocks = (n + 65535) / 65536;
        uint8_t *plain = tw_arena_get(cx->arena, n);
        uint8_t *body = tw_arena_get(cx->arena, n + blocks * 28);
        uint8_t root[TW_HASH];
        uint8_t again[TW_HASH];
        tw_bytes opened;
        tw_random(cx, plain, n);
        assert_int_equal(n + blocks * 28, tw_c4gh_body_size(n));
        assert_ok(tw_c4gh_body_seal(cx, body, root, key, (tw_bytes){ plain, n }));
        tw_bytes cipher = { body, (size_t)tw_c4gh_body_size(n) };
        tw_c4gh_block_root(again, cipher);
        assert_memory_equal(root, again, TW_HASH);
        assert_ok(tw_c4gh_body_open(cx, &opened, key, cipher, root));
        assert_int_equal(n, opened.n);
        if (n)
            assert_memory_equal(plain, opened.p, n);
    }
}

/* Crypt4GH alone accepts a body cut at a block and one with two blocks swapped; the block root does not. */
TEST(body__cut_swapped_or_changed_has_another_root)
{
    enum { N = 150000 };
    uint8_t *plain = tw_arena_get(cx->arena, N);
    uint8_t *body = tw_arena_get(cx->arena, N + 3 * 28);
    uint8_t *bad = tw_arena_get(cx->arena, N + 3 * 28);
    uint8_t key[32] = { 3 };
    uint8_t root[TW_HASH];
    tw_bytes opened;
    size_t n = (size_t)tw_c4gh_body_size(N);
    assert_ok(tw_c4gh_body_seal(cx, body, root, key, (tw_bytes){ plain, N }));
    tw_bytes cut = { body, 2 * BLOCK_CIPHER };
    assert_status(TW_ECRYPTO, tw_c4gh_body_open(cx, &opened, key, cut, root));
    assert_ok(tw_c4gh_body_open(cx, &opened, key, cut, NULL));
    memcpy(bad, body + BLOCK_CIPHER, BLOCK_CIPHER);
    memcpy(bad + BLOCK_CIPHER, body, BLOCK_CIPHER);
    memcpy(bad + 2 * BLOCK_CIPHER, body + 2 * BLOCK_CIPHER, n - 2 * BLOCK_CIPHER);
    assert_status(TW_ECRYPTO, tw_c4gh_body_open(cx, &opened, key, (tw_bytes){ bad, n }, root));
    assert_ok(tw_c4gh_body_open(cx, &opened, key, (tw_bytes){ bad, n }, NULL));
    memcpy(bad, body, n);
    for (int i = 0; i < 20; i++) {
        size_t at = tw_test_below(n);
        bad[at] ^= 0x20;
        assert_status(TW_ECRYPTO, tw_c4gh_body_open(cx, &opened, key, (tw_bytes){ bad, n }, root));
        assert_status(TW_ECRYPTO, tw_c4gh_body_open(cx, &opened, key, (tw_bytes){ bad, n }, NULL));
        assert_null(opened.p);
        bad[at] ^= 0x20;
    }
    assert_status(TW_EPARSE, tw_c4gh_body_open(cx, &opened, key, (tw_bytes){ body, BLOCK_CIPHER + 28 }, NULL));
    assert_status(TW_EPARSE, tw_c4gh_body_open(cx, &opened, key, (tw_bytes){ body, 5 }, NULL));
}

TEST(header__opens_for_its_reader_alone)
{
    uint8_t secret[2][32];
    uint8_t public_key[32];
    uint8_t data_key[32];
    uint8_t got[32];
    size_t used;
    tw_bytes header;
    tw_random(cx, data_key, 32);
    tw_random(cx, secret[0], 32);
    tw_random(cx, secret[1], 32);
    tw_box_keys(public_key, secret[0]);
    assert_ok(tw_c4gh_header_make(cx, &header, public_key, data_key));
    assert_int_equal(124, header.n);
    assert_ok(tw_c4gh_header_open(cx, got, &used, header, secret[0]));
    assert_int_equal(124, used);
    assert_memory_equal(data_key, got, 32);
    assert_status(TW_ECRYPTO, tw_c4gh_header_open(cx, got, &used, header, secret[1]));
    assert_int_equal(0, used);
    for (size_t i = 0; i < header.n; i++) {
        uint8_t *bad = tw_arena_get(cx->arena, header.n);
        memcpy(bad, header.p, header.n);
        bad[i] ^= (uint8_t)(1u << tw_test_below(8));
        assert_true(tw_c4gh_header_open(cx, got, &used, (tw_bytes){ bad, header.n }, secret[0]) != TW_OK);
    }
    for (size_t n = 0; n < header.n; n++)
        assert_status(TW_EPARSE, tw_c4gh_header_open(cx, got, &used, (tw_bytes){ header.p, n }, secret[0]));
    const uint8_t zero[32] = { 0 };
    assert_status(TW_ECRYPTO, tw_c4gh_header_make(cx, &header, zero, data_key));
}

TEST(header__with_packets_for_several_readers_opens_for_each)
{
    uint8_t secret[3][32];
    uint8_t data_key[32] = { 5 };
    uint8_t got[32];
    size_t used;
    uint8_t file[16 + 3 * 108];
    for (size_t i = 0; i < 3; i++) {
        uint8_t public_key[32];
        tw_bytes header;
        tw_random(cx, secret[i], 32);
        tw_box_keys(public_key, secret[i]);
        assert_ok(tw_c4gh_header_make(cx, &header, public_key, data_key));
        memcpy(file, header.p, 16);
        memcpy(file + 16 + i * 108, header.p + 16, 108);
    }
    file[12] = 3;
    for (size_t i = 0; i < 3; i++) {
        assert_ok(tw_c4gh_header_open(cx, got, &used, TW_BYTES(file), secret[i]));
        assert_int_equal(sizeof file, used);
        assert_memory_equal(data_key, got, 32);
    }
    file[15] = 1; /* 16 million packets */
    assert_status(TW_ELIMIT, tw_c4gh_header_open(cx, got, &used, TW_BYTES(file), secret[0]));
}

TEST(keys__written_under_each_derivation_open)
{
    uint8_t secret[32];
    uint8_t public_key[32];
    const tw_str pass = TW_STR("correct horse");
    assert_ok(tw_c4gh_secret_key(cx, secret, KEY_SCRYPT, pass));
    assert_hex(SECRET, secret, 32);
    assert_ok(tw_c4gh_secret_key(cx, secret, KEY_BCRYPT, pass));
    assert_hex(SECRET, secret, 32);
    assert_ok(tw_c4gh_secret_key(cx, secret, KEY_NONE, TW_STR("")));
    assert_hex(SECRET, secret, 32);
    tw_box_keys(public_key, secret);
    assert_hex(PUBLIC, public_key, 32);
    assert_ok(tw_c4gh_public_key(cx, public_key,
                                 TW_STR("-----BEGIN CRYPT4GH PUBLIC KEY-----\r\n"
                                        "B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHw=\r\n"
                                        "-----END CRYPT4GH PUBLIC KEY-----")));
    assert_hex(PUBLIC, public_key, 32);
    assert_status(TW_ECRYPTO, tw_c4gh_secret_key(cx, secret, KEY_SCRYPT, TW_STR("correct horsf")));
    assert_status(TW_EPARSE, tw_c4gh_secret_key(cx, secret, KEY_BCRYPT, TW_STR("")));
}

TEST(keys__malformed_are_refused)
{
    static const char *const files[] = {
        "",
        "-----BEGIN CRYPT4GH PUBLIC KEY-----\nB6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHw=\n",
        "-----BEGIN CRYPT4GH PUBLIC KEY-----\nB6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHw=\n-----END PUBLIC KEY-----\n",
        "-----BEGIN CRYPT4GH PUBLIC KEY-----\nB6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHH==\n-----END CRYPT4GH PUBLIC "
        "KEY-----",
        "-----BEGIN CRYPT4GH PUBLIC KEY-----\nB6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHw=\n-----END CRYPT4GH PUBLIC "
        "KEY-----\nx",
        "-----BEGIN PUBLIC KEY-----\nB6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHw=\n-----END PUBLIC KEY-----\n",
    };
    uint8_t key[32];
    for (size_t i = 0; i < TW_COUNT(files); i++)
        assert_status(TW_EPARSE, tw_c4gh_public_key(cx, key, tw_str_of(files[i])));
    assert_status(TW_EPARSE, tw_c4gh_public_key(cx, key, KEY_NONE));
    assert_status(TW_EPARSE, tw_c4gh_secret_key(cx, key, tw_str_of(files[1]), TW_STR("")));
}

/* Any truncation of the decoded key file is refused. */
TEST(keys__cut_anywhere_are_refused)
{
    tw_bytes whole;
    tw_str rest = KEY_NONE;
    tw_str line;
    assert_true(tw_str_split(&line, &rest, '\n') && tw_str_split(&line, &rest, '\n'));
    assert_true(tw_unbase64(cx->arena, &whole, line));
    for (size_t n = 0; n < whole.n; n++) {
        uint8_t key[32];
        tw_str base64 = tw_base64(cx->arena, (tw_bytes){ whole.p, n });
        tw_str file = tw_strf(
            cx->arena, "-----BEGIN CRYPT4GH PRIVATE KEY-----\n%s\n-----END CRYPT4GH PRIVATE KEY-----\n", base64.p);
        assert_status(TW_EPARSE, tw_c4gh_secret_key(cx, key, file, TW_STR("")));
    }
}

/* Python's bcrypt 5.0: bcrypt.kdf(password, salt, 32, rounds). */
TEST(bcrypt__agrees_with_another_implementation)
{
    uint8_t out[32];
    assert_ok(
        tw_bcrypt_pbkdf(cx, out, tw_bytes_of(TW_STR("correct horse")), hex("000102030405060708090a0b0c0d0e0f"), 3));
    assert_hex("9aaf9fde0441b184396a9274d1e78ace1c607574ad24564efdccc92dfc37bf57", out, 32);
    assert_ok(tw_bcrypt_pbkdf(cx, out, tw_bytes_of(TW_STR("x")), tw_bytes_of(TW_STR("salt")), 1));
    assert_hex("e58c5902da41c679811fa1a33d8c92fe8862ef644eecc25f2a39d6adc6e01218", out, 32);
    assert_status(TW_EPARSE, tw_bcrypt_pbkdf(cx, out, tw_bytes_of(TW_STR("x")), tw_bytes_of(TW_STR("salt")), 0));
    assert_status(TW_EPARSE, tw_bcrypt_pbkdf(cx, out, tw_bytes_of(TW_STR("x")), (tw_bytes){ 0 }, 1));
}
