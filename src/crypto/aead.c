/* Authenticated encryption. Short messages go to libsodium (no allocation), long ones to OpenSSL, which is twice as
 * fast there. Both give the same bytes. */
#include "crypto/crypto.h"

#include <limits.h>
#include <pthread.h>

#include <openssl/evp.h>
#include <sodium.h>

#include "crypto/crypto_internal.h"

#define BULK_MIN 2048              /* bytes from which OpenSSL's set-up pays */
#define STEP_MAX ((size_t)1 << 30) /* EVP counts in int */

/* A fetched algorithm is a constant of the process: asking for it by name costs a microsecond and a lock a time. */
static EVP_CIPHER *chacha; /* check: allow global: a constant, fetched once and never changed */
static pthread_once_t chacha_once = PTHREAD_ONCE_INIT; /* check: allow global: guards the constant above */

static void fetch_chacha(void)
{
    chacha = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
}

tw_status tw_bulk_new(tw_ctx *cx, tw_bulk **out, const uint8_t key[32], bool seal)
{
    *out = NULL;
    pthread_once(&chacha_once, fetch_chacha);
    tw_bulk *b = chacha ? EVP_CIPHER_CTX_new() : NULL;
    if (b && EVP_CipherInit_ex2(b, chacha, key, NULL, seal, NULL) == 1) {
        *out = b;
        return TW_OK;
    }
    EVP_CIPHER_CTX_free(b);
    return tw_fail(cx, TW_EFOREIGN, "OpenSSL has no ChaCha20-Poly1305");
}

void tw_bulk_free(tw_bulk *b)
{
    EVP_CIPHER_CTX_free(b);
}

/* out NULL: additional data. */
static bool update(tw_bulk *b, uint8_t *out, tw_bytes in)
{
    for (size_t at = 0; at < in.n;) {
        size_t step = TW_MIN(in.n - at, STEP_MAX);
        int got;
        if (EVP_CipherUpdate(b, out ? out + at : NULL, &got, in.p + at, (int)step) != 1 || got != (int)step)
            return false;
        at += step;
    }
    return true;
}

static bool finish(tw_bulk *b)
{
    uint8_t none[16];
    int got;
    return EVP_CipherFinal_ex(b, none, &got) == 1 && got == 0;
}

bool tw_bulk_seal(tw_bulk *b, uint8_t *out, const uint8_t nonce[12], tw_bytes aad, tw_bytes plain)
{
    return EVP_CipherInit_ex2(b, NULL, NULL, nonce, 1, NULL) == 1 && update(b, NULL, aad) && update(b, out, plain) &&
           finish(b) && EVP_CIPHER_CTX_ctrl(b, EVP_CTRL_AEAD_GET_TAG, TW_AEAD_TAG, out + plain.n) == 1;
}

bool tw_bulk_open(tw_bulk *b, uint8_t *out, const uint8_t nonce[12], tw_bytes aad, tw_bytes cipher)
{
    TW_ASSERT(cipher.n >= TW_AEAD_TAG);
    size_t n = cipher.n - TW_AEAD_TAG;
    uint8_t tag[TW_AEAD_TAG];
    memcpy(tag, cipher.p + n, sizeof tag);
    bool ok = EVP_CipherInit_ex2(b, NULL, NULL, nonce, 0, NULL) == 1 &&
              EVP_CIPHER_CTX_ctrl(b, EVP_CTRL_AEAD_SET_TAG, TW_AEAD_TAG, tag) == 1 && update(b, NULL, aad) &&
              update(b, out, (tw_bytes){ cipher.p, n }) && finish(b);
    if (!ok)
        tw_wipe(out, n);
    return ok;
}

tw_status tw_aead_seal(tw_ctx *cx, uint8_t *out, const uint8_t key[32], const uint8_t nonce[12], tw_bytes aad,
                       tw_bytes plain)
{
    if (plain.n < BULK_MIN) {
        crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, plain.p, plain.n, aad.p, aad.n, NULL, nonce, key);
        return TW_OK;
    }
    tw_bulk *b;
    TW_TRY(tw_bulk_new(cx, &b, key, true));
    bool ok = tw_bulk_seal(b, out, nonce, aad, plain);
    tw_bulk_free(b);
    return ok ? TW_OK : tw_fail(cx, TW_EFOREIGN, "encryption of %zu bytes failed", plain.n);
}

tw_status tw_aead_open(tw_ctx *cx, uint8_t *out, const uint8_t key[32], const uint8_t nonce[12], tw_bytes aad,
                       tw_bytes cipher)
{
    if (cipher.n < TW_AEAD_TAG)
        return tw_fail(cx, TW_ECRYPTO, "ciphertext of %zu bytes is shorter than its tag", cipher.n);
    bool ok;
    if (cipher.n < BULK_MIN) {
        ok = crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, cipher.p, cipher.n, aad.p, aad.n, nonce, key) ==
             0;
        if (!ok)
            tw_wipe(out, cipher.n - TW_AEAD_TAG);
    } else {
        tw_bulk *b;
        TW_TRY(tw_bulk_new(cx, &b, key, false));
        ok = tw_bulk_open(b, out, nonce, aad, cipher);
        tw_bulk_free(b);
    }
    return ok ? TW_OK : tw_fail(cx, TW_ECRYPTO, "ciphertext does not authenticate");
}

void tw_xaead_seal(uint8_t *out, const uint8_t key[32], const uint8_t nonce[24], tw_bytes aad, tw_bytes plain)
{
    crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, plain.p, plain.n, aad.p, aad.n, NULL, nonce, key);
}

tw_status tw_xaead_open(tw_ctx *cx, uint8_t *out, const uint8_t key[32], const uint8_t nonce[24], tw_bytes aad,
                        tw_bytes cipher)
{
    if (cipher.n < TW_AEAD_TAG)
        return tw_fail(cx, TW_ECRYPTO, "ciphertext of %zu bytes is shorter than its tag", cipher.n);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, cipher.p, cipher.n, aad.p, aad.n, nonce, key) == 0)
        return TW_OK;
    tw_wipe(out, cipher.n - TW_AEAD_TAG);
    return tw_fail(cx, TW_ECRYPTO, "ciphertext does not authenticate");
}
