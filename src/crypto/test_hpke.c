#include "crypto/crypto.h"

#include "crypto/crypto_internal.h"
#include "test_hex.h"

/* RFC 9180 A.2.1, retyped: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode. */
#define A2_INFO TW_STR("Ode on a Grecian Urn")
#define A2_PLAIN TW_STR("Beauty is truth, truth beauty")
#define A2_EPHEMERAL "f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600"
#define A2_SECRET "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"
#define A2_RECEIVER "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a"
#define A2_ENC "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a"

static const struct {
    uint64_t sequence;
    const char *nonce;
    const char *cipher;
} a2_messages[] = {
    { 0, "5c4d98150661b848853b547f",
      "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28" },
    { 1, "5c4d98150661b848853b547e",
      "6b53c051e4199c518de79594e1c4ab18b96f081549d45ce015be002090bb119e85285337cc95ba5f59992dc98c" },
    { 2, "5c4d98150661b848853b547d",
      "71146bd6795ccc9c49ce25dda112a48f202ad220559502cef1f34271e0cb4b02b4f10ecac6f48c32f878fae86b" },
    { 4, "5c4d98150661b848853b547b",
      "63357a2aa291f5a4e5f27db6baa2af8cf77427c7c1a909e0b37214dd47db122bb153495ff0b02e9e54a50dbe16" },
    { 255, "5c4d98150661b848853b5480",
      "18ab939d63ddec9f6ac2b60d61d36a7375d2070c9b683861110757062c52b8880a5f6b3936da9cd6c23ef2a95c" },
    { 256, "5c4d98150661b848853b557f",
      "7a4a13e9ef23978e2c520fd4d2e757514ae160cd0cd05e556ef692370ca53076214c0c40d4c728d6ed9e727a5b" },
};

static const char *const a2_exports[][2] = {
    /* context, value of 32 bytes */
    { "", "4bbd6243b8bb54cec311fac9df81841b6fd61f56538a775e7c80a9f40160606e" },
    { "00", "8c1df14732580e5501b00f82b10a1647b40713191b7c1240ac80e2b68808ba69" },
    { "54657374436f6e74657874", "5acb09211139c43b3090489a9da433e8a30ee7188ba8b0a9a1ccf0c229283e53" },
};

static void a2_schedule(tw_hpke_keys *keys)
{
    uint8_t dh[32];
    uint8_t shared[32];
    assert_ok(tw_x25519(cx, dh, hex(A2_EPHEMERAL).p, hex(A2_RECEIVER).p));
    tw_hpke_shared(shared, dh, hex(A2_ENC).p, hex(A2_RECEIVER).p);
    assert_hex("0bbe78490412b4bbea4812666f7916932b828bba79942424abb65244930d69a7", shared, 32);
    tw_hpke_schedule(keys, shared, tw_bytes_of(A2_INFO));
}

/* Nonce = base nonce xor sequence number (RFC 9180 5.2). */
TEST(schedule__gives_the_keys_and_messages_of_appendix_a_2)
{
    tw_hpke_keys keys;
    a2_schedule(&keys);
    assert_hex("ad2744de8e17f4ebba575b3f5f5a8fa1f69c2a07f6e7500bc60ca6e3e3ec1c91", keys.key, 32);
    assert_hex("5c4d98150661b848853b547f", keys.base_nonce, 12);
    assert_hex("a3b010d4994890e2c6968a36f64470d3c824c8f5029942feb11e7a74b2921922", keys.exporter, 32);
    for (size_t i = 0; i < TW_COUNT(a2_messages); i++) {
        uint8_t nonce[12];
        uint8_t low[8];
        uint8_t out[29 + TW_AEAD_TAG];
        tw_str aad = tw_strf(cx->arena, "Count-%u", (unsigned)a2_messages[i].sequence);
        tw_put_be64(low, a2_messages[i].sequence);
        memcpy(nonce, keys.base_nonce, sizeof nonce);
        for (size_t k = 0; k < 8; k++)
            nonce[4 + k] ^= low[k];
        assert_hex(a2_messages[i].nonce, nonce, sizeof nonce);
        assert_ok(tw_aead_seal(cx, out, keys.key, nonce, tw_bytes_of(aad), tw_bytes_of(A2_PLAIN)));
        assert_hex(a2_messages[i].cipher, out, sizeof out);
    }
}

/* LabeledExpand(exporter_secret, "sec", context, 32): one HMAC (RFC 9180 5.3). */
TEST(schedule__gives_the_exported_values_of_appendix_a_2)
{
    tw_hpke_keys keys;
    a2_schedule(&keys);
    for (size_t i = 0; i < TW_COUNT(a2_exports); i++) {
        uint8_t out[TW_HASH];
        tw_hmac256 h;
        tw_bytes context = hex(a2_exports[i][0]);
        tw_hmac256_init(&h, TW_BYTES(keys.exporter));
        tw_hmac256_add(&h, "\0\x20HPKE-v1HPKE\0\x20\0\x01\0\x03sec", 2 + 7 + 10 + 3);
        tw_hmac256_add(&h, context.p, context.n);
        tw_hmac256_add(&h, "\x01", 1);
        tw_hmac256_end(&h, out);
        assert_hex(a2_exports[i][1], out, sizeof out);
    }
}

TEST(hpke__gives_the_first_message_of_appendix_a_2)
{
    tw_bytes sealed;
    tw_bytes opened;
    tw_bytes info = tw_bytes_of(A2_INFO);
    tw_bytes aad = tw_bytes_of(TW_STR("Count-0"));
    assert_ok(
        tw_hpke_seal_with(cx, &sealed, hex(A2_RECEIVER).p, hex(A2_EPHEMERAL).p, info, tw_bytes_of(A2_PLAIN), aad));
    assert_hex(A2_ENC, sealed.p, 32);
    assert_hex(a2_messages[0].cipher, sealed.p + 32, sealed.n - 32);
    assert_ok(tw_hpke_open(cx, &opened, hex(A2_SECRET).p, info, sealed, aad));
    assert_str("Beauty is truth, truth beauty", tw_str_of_bytes(opened));
}

TEST(box__opens_with_its_key_and_aad_alone)
{
    uint8_t secret[2][32];
    uint8_t public_key[2][32];
    tw_bytes sealed;
    tw_bytes again;
    tw_bytes opened;
    tw_bytes aad = tw_bytes_of(TW_STR("compartment"));
    for (size_t i = 0; i < 2; i++) {
        tw_random(cx, secret[i], 32);
        tw_box_keys(public_key[i], secret[i]);
    }
    assert_ok(tw_box_seal(cx, &sealed, public_key[0], tw_bytes_of(TW_STR("share")), aad));
    assert_ok(tw_box_seal(cx, &again, public_key[0], tw_bytes_of(TW_STR("share")), aad));
    assert_int_equal(32 + 5 + TW_AEAD_TAG, sealed.n);
    assert_true(memcmp(sealed.p, again.p, sealed.n) != 0);
    assert_ok(tw_box_open(cx, &opened, secret[0], sealed, aad));
    assert_str("share", tw_str_of_bytes(opened));
    assert_status(TW_ECRYPTO, tw_box_open(cx, &opened, secret[1], sealed, aad));
    assert_status(TW_ECRYPTO, tw_box_open(cx, &opened, secret[0], sealed, tw_bytes_of(TW_STR("other"))));
    assert_status(TW_ECRYPTO, tw_box_open(cx, &opened, secret[0], (tw_bytes){ sealed.p, 47 }, aad));
    for (size_t i = 0; i < sealed.n; i++) {
        uint8_t *bad = tw_arena_get(cx->arena, sealed.n);
        memcpy(bad, sealed.p, sealed.n);
        bad[i] ^= (uint8_t)(1u << tw_test_below(7)); /* not the top bit of enc, which X25519 ignores: see below */
        assert_status(TW_ECRYPTO, tw_box_open(cx, &opened, secret[0], (tw_bytes){ bad, sealed.n }, aad));
        assert_null(opened.p);
    }
    /* The top bit of enc does not change the Diffie-Hellman value, but it is in the KEM context. */
    uint8_t *bad = tw_arena_get(cx->arena, sealed.n);
    memcpy(bad, sealed.p, sealed.n);
    bad[31] ^= 0x80;
    assert_status(TW_ECRYPTO, tw_box_open(cx, &opened, secret[0], (tw_bytes){ bad, sealed.n }, aad));
}

TEST(box__refuses_keys_of_small_order)
{
    tw_bytes sealed;
    const uint8_t zero[32] = { 0 };
    const uint8_t one[32] = { 1 };
    assert_status(TW_ECRYPTO, tw_box_seal(cx, &sealed, zero, tw_bytes_of(TW_STR("x")), (tw_bytes){ 0 }));
    assert_status(TW_ECRYPTO, tw_box_seal(cx, &sealed, one, tw_bytes_of(TW_STR("x")), (tw_bytes){ 0 }));
    assert_null(sealed.p);
}
