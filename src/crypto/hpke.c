/* HPKE base mode (RFC 9180), one message a key: DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001,
 * ChaCha20Poly1305 0x0003. Sequence number 0, so the nonce is the base nonce. */
#include "crypto/crypto.h"

#include <sodium.h>

#include "crypto/crypto_internal.h"

#define ENC 32

static const uint8_t kem_suite[] = { 'K', 'E', 'M', 0x00, 0x20 };
static const uint8_t hpke_suite[] = { 'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, 0x03 };

void tw_box_keys(uint8_t public_key[TW_KEY], const uint8_t secret[32])
{
    crypto_scalarmult_curve25519_base(public_key, secret);
}

tw_status tw_x25519(tw_ctx *cx, uint8_t out[32], const uint8_t secret[32], const uint8_t public_key[TW_KEY])
{
    if (crypto_scalarmult_curve25519(out, secret, public_key) == 0 && !tw_is_zero(out, 32))
        return TW_OK;
    tw_wipe(out, 32);
    return tw_fail(cx, TW_ECRYPTO, "X25519 key of small order");
}

/* LabeledExtract(salt, label, ikm) = Extract(salt, "HPKE-v1" || suite_id || label || ikm) */
static void extract(uint8_t out[TW_HASH], tw_bytes suite, tw_bytes salt, const char *label, tw_bytes ikm)
{
    tw_hmac256 h;
    tw_hmac256_init(&h, salt);
    tw_hmac256_add(&h, "HPKE-v1", 7);
    tw_hmac256_add(&h, suite.p, suite.n);
    tw_hmac256_add(&h, label, strlen(label));
    tw_hmac256_add(&h, ikm.p, ikm.n);
    tw_hmac256_end(&h, out);
}

/* LabeledExpand(prk, label, info, L) = Expand(prk, I2OSP(L, 2) || "HPKE-v1" || suite_id || label || info, L), L <= 32:
 * one block of HKDF-Expand. */
static void expand(uint8_t *out, size_t n, tw_bytes suite, const uint8_t prk[TW_HASH], const char *label, tw_bytes info)
{
    TW_ASSERT(n <= TW_HASH);
    const uint8_t length[2] = { 0, (uint8_t)n };
    const uint8_t block_index = 1;
    uint8_t t[TW_HASH];
    tw_hmac256 h;
    tw_hmac256_init(&h, (tw_bytes){ prk, TW_HASH });
    tw_hmac256_add(&h, length, sizeof length);
    tw_hmac256_add(&h, "HPKE-v1", 7);
    tw_hmac256_add(&h, suite.p, suite.n);
    tw_hmac256_add(&h, label, strlen(label));
    tw_hmac256_add(&h, info.p, info.n);
    tw_hmac256_add(&h, &block_index, 1);
    tw_hmac256_end(&h, t);
    memcpy(out, t, n);
    tw_wipe(t, sizeof t);
}

/* RFC 9180 4.1: ExtractAndExpand(dh, kem_context = enc || pkR). */
void tw_hpke_shared(uint8_t out[32], const uint8_t dh[32], const uint8_t enc[32], const uint8_t receiver[32])
{
    uint8_t prk[TW_HASH];
    uint8_t kem_context[64];
    memcpy(kem_context, enc, 32);
    memcpy(kem_context + 32, receiver, 32);
    extract(prk, TW_BYTES(kem_suite), (tw_bytes){ 0 }, "eae_prk", (tw_bytes){ dh, 32 });
    expand(out, 32, TW_BYTES(kem_suite), prk, "shared_secret", TW_BYTES(kem_context));
    tw_wipe(prk, sizeof prk);
}

/* RFC 9180 5.1: KeySchedule(mode_base, shared_secret, info, psk = "", psk_id = ""). */
void tw_hpke_schedule(tw_hpke_keys *out, const uint8_t shared[32], tw_bytes info)
{
    const tw_bytes suite = TW_BYTES(hpke_suite);
    uint8_t context[1 + 2 * TW_HASH] = { 0 }; /* mode_base = 0, psk_id_hash, info_hash */
    uint8_t secret[TW_HASH];
    extract(context + 1, suite, (tw_bytes){ 0 }, "psk_id_hash", (tw_bytes){ 0 });
    extract(context + 1 + TW_HASH, suite, (tw_bytes){ 0 }, "info_hash", info);
    extract(secret, suite, (tw_bytes){ shared, 32 }, "secret", (tw_bytes){ 0 });
    expand(out->key, sizeof out->key, suite, secret, "key", TW_BYTES(context));
    expand(out->base_nonce, sizeof out->base_nonce, suite, secret, "base_nonce", TW_BYTES(context));
    expand(out->exporter, sizeof out->exporter, suite, secret, "exp", TW_BYTES(context));
    tw_wipe(secret, sizeof secret);
}

/* The keys of one message from own secret and the other's public key; enc and receiver as on the wire. */
static tw_status agree(tw_ctx *cx, tw_hpke_keys *keys, const uint8_t secret[32], const uint8_t other[32],
                       const uint8_t enc[32], const uint8_t receiver[32], tw_bytes info)
{
    uint8_t dh[32];
    uint8_t shared[32];
    TW_TRY(tw_x25519(cx, dh, secret, other));
    tw_hpke_shared(shared, dh, enc, receiver);
    tw_hpke_schedule(keys, shared, info);
    tw_wipe(dh, sizeof dh);
    tw_wipe(shared, sizeof shared);
    return TW_OK;
}

tw_status tw_hpke_seal_with(tw_ctx *cx, tw_bytes *out, const uint8_t public_key[TW_KEY],
                            const uint8_t ephemeral_secret[32], tw_bytes info, tw_bytes plain, tw_bytes aad)
{
    *out = (tw_bytes){ 0 };
    uint8_t *p = plain.n < SIZE_MAX / 2 ? tw_arena_try(cx->arena, ENC + plain.n + TW_AEAD_TAG) : NULL;
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "no room to seal %zu bytes", plain.n);
    tw_hpke_keys keys;
    tw_box_keys(p, ephemeral_secret);
    TW_TRY(agree(cx, &keys, ephemeral_secret, public_key, p, public_key, info));
    tw_status s = tw_aead_seal(cx, p + ENC, keys.key, keys.base_nonce, aad, plain);
    tw_wipe(&keys, sizeof keys);
    if (s == TW_OK)
        *out = (tw_bytes){ p, ENC + plain.n + TW_AEAD_TAG };
    return s;
}

tw_status tw_hpke_open(tw_ctx *cx, tw_bytes *out, const uint8_t secret[32], tw_bytes info, tw_bytes sealed,
                       tw_bytes aad)
{
    *out = (tw_bytes){ 0 };
    if (sealed.n < ENC + TW_AEAD_TAG)
        return tw_fail(cx, TW_ECRYPTO, "sealed message of %zu bytes is too short", sealed.n);
    const tw_bytes cipher = { sealed.p + ENC, sealed.n - ENC };
    uint8_t *p = tw_arena_try(cx->arena, cipher.n - TW_AEAD_TAG);
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "no room to open %zu bytes", cipher.n);
    uint8_t receiver[32];
    tw_hpke_keys keys;
    tw_box_keys(receiver, secret);
    TW_TRY(agree(cx, &keys, secret, sealed.p, sealed.p, receiver, info));
    tw_status s = tw_aead_open(cx, p, keys.key, keys.base_nonce, aad, cipher);
    tw_wipe(&keys, sizeof keys);
    if (s == TW_OK)
        *out = (tw_bytes){ p, cipher.n - TW_AEAD_TAG };
    return s;
}

static tw_bytes seal_info(void)
{
    return tw_bytes_of(TW_STR("tw/seal/1"));
}

tw_status tw_box_seal(tw_ctx *cx, tw_bytes *out, const uint8_t public_key[TW_KEY], tw_bytes plain, tw_bytes aad)
{
    uint8_t ephemeral[32];
    tw_random(cx, ephemeral, sizeof ephemeral);
    tw_status s = tw_hpke_seal_with(cx, out, public_key, ephemeral, seal_info(), plain, aad);
    tw_wipe(ephemeral, sizeof ephemeral);
    return s;
}

tw_status tw_box_open(tw_ctx *cx, tw_bytes *out, const uint8_t secret[32], tw_bytes sealed, tw_bytes aad)
{
    return tw_hpke_open(cx, out, secret, seal_info(), sealed, aad);
}
