/* Hashes and key derivation. SHA-256 goes through OpenSSL's low-level calls: on a 65-byte Merkle node they cost a fifth
 * of the one-shot calls (no fetch, no allocation) and use SHA instructions, which libsodium does not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/crypto.h"

#include <openssl/sha.h>
#include <sodium.h>

#include "crypto/crypto_internal.h"

_Static_assert(sizeof(SHA256_CTX) <= sizeof(tw_sha256), "the opaque state holds OpenSSL's");
_Static_assert(_Alignof(SHA256_CTX) <= _Alignof(tw_sha256), "and is aligned for it");

static SHA256_CTX *state_of(tw_sha256 *h)
{
    return (SHA256_CTX *)(void *)h->opaque;
}

void tw_sha256_init(tw_sha256 *h)
{
    TW_ASSERT(SHA256_Init(state_of(h)) == 1);
}

void tw_sha256_add(tw_sha256 *h, const void *p, size_t n)
{
    if (n)
        TW_ASSERT(SHA256_Update(state_of(h), p, n) == 1);
}

void tw_sha256_end(tw_sha256 *h, uint8_t out[TW_HASH])
{
    TW_ASSERT(SHA256_Final(out, state_of(h)) == 1);
}

void tw_sha256_of(uint8_t out[TW_HASH], tw_bytes data)
{
    tw_sha256 h;
    tw_sha256_init(&h);
    tw_sha256_add(&h, data.p, data.n);
    tw_sha256_end(&h, out);
}

void tw_hash_label(uint8_t out[TW_HASH], const char *label, const tw_bytes *fields, size_t count)
{
    tw_sha256 h;
    tw_sha256_init(&h);
    tw_sha256_add(&h, label, strlen(label));
    for (size_t i = 0; i < count; i++)
        tw_sha256_add(&h, fields[i].p, fields[i].n);
    tw_sha256_end(&h, out);
}

/* RFC 2104 over the SHA-256 above. */
void tw_hmac256_init(tw_hmac256 *h, tw_bytes key)
{
    uint8_t block[64] = { 0 };
    if (key.n > sizeof block)
        tw_sha256_of(block, key);
    else if (key.n)
        memcpy(block, key.p, key.n);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36;
    tw_sha256_init(&h->inner);
    tw_sha256_add(&h->inner, block, sizeof block);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36 ^ 0x5c;
    tw_sha256_init(&h->outer);
    tw_sha256_add(&h->outer, block, sizeof block);
    tw_wipe(block, sizeof block);
}

void tw_hmac256_add(tw_hmac256 *h, const void *p, size_t n)
{
    tw_sha256_add(&h->inner, p, n);
}

void tw_hmac256_end(tw_hmac256 *h, uint8_t out[TW_HASH])
{
    uint8_t inner[TW_HASH];
    tw_sha256_end(&h->inner, inner);
    tw_sha256_add(&h->outer, inner, sizeof inner);
    tw_sha256_end(&h->outer, out);
    tw_wipe(inner, sizeof inner);
    tw_wipe(h, sizeof *h);
}

void tw_hmac_sha256(uint8_t out[TW_HASH], tw_bytes key, const char *label, tw_bytes data)
{
    tw_hmac256 h;
    tw_hmac256_init(&h, key);
    tw_hmac256_add(&h, label, strlen(label));
    tw_hmac256_add(&h, data.p, data.n);
    tw_hmac256_end(&h, out);
}

void tw_blake2b(uint8_t out[32], tw_bytes key, const char *label, tw_bytes data)
{
    TW_ASSERT(key.n <= crypto_generichash_KEYBYTES_MAX);
    crypto_generichash_state h;
    crypto_generichash_init(&h, key.p, key.n, 32);
    crypto_generichash_update(&h, (const uint8_t *)label, strlen(label));
    crypto_generichash_update(&h, data.p, data.n);
    crypto_generichash_final(&h, out, 32);
    tw_wipe(&h, sizeof h);
}

/* libsodium declares its arguments non-null, empty or not. */
static const uint8_t *some(tw_bytes b)
{
    static const uint8_t nothing[1];
    return b.p ? b.p : nothing;
}

/* RFC 5869. T(i) = HMAC(PRK, T(i-1) || info || i), i from 1 in one byte: at most 255 blocks. */
void tw_hkdf_sha512(uint8_t *out, size_t n, tw_bytes ikm, tw_bytes salt, tw_bytes info)
{
    TW_ASSERT(n <= 255 * (size_t)64);
    uint8_t prk[64];
    uint8_t t[64];
    crypto_auth_hmacsha512_state h;
    crypto_auth_hmacsha512_init(&h, some(salt), salt.n);
    crypto_auth_hmacsha512_update(&h, some(ikm), ikm.n);
    crypto_auth_hmacsha512_final(&h, prk);
    uint8_t i = 1;
    for (size_t at = 0; at < n; at += sizeof t, i++) {
        crypto_auth_hmacsha512_init(&h, prk, sizeof prk);
        if (i > 1)
            crypto_auth_hmacsha512_update(&h, t, sizeof t);
        crypto_auth_hmacsha512_update(&h, some(info), info.n);
        crypto_auth_hmacsha512_update(&h, &i, 1);
        crypto_auth_hmacsha512_final(&h, t);
        memcpy(out + at, t, TW_MIN(sizeof t, n - at));
    }
    tw_wipe(prk, sizeof prk);
    tw_wipe(t, sizeof t);
    tw_wipe(&h, sizeof h);
}

void tw_hkdf_sha256(uint8_t *out, size_t n, tw_bytes ikm, tw_bytes salt, tw_bytes info)
{
    TW_ASSERT(n <= 255 * (size_t)TW_HASH);
    uint8_t prk[TW_HASH];
    uint8_t t[TW_HASH];
    tw_hmac_sha256(prk, salt, "", ikm);
    uint8_t i = 1;
    for (size_t at = 0; at < n; at += sizeof t, i++) {
        tw_hmac256 h;
        tw_hmac256_init(&h, TW_BYTES(prk));
        if (i > 1)
            tw_hmac256_add(&h, t, sizeof t);
        tw_hmac256_add(&h, info.p, info.n);
        tw_hmac256_add(&h, &i, 1);
        tw_hmac256_end(&h, t);
        memcpy(out + at, t, TW_MIN(sizeof t, n - at));
    }
    tw_wipe(prk, sizeof prk);
    tw_wipe(t, sizeof t);
}
