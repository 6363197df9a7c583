/* AES-CBC of OpenSSL, for values that another tool has to open. */
#include "crypto/crypto.h"

#include <openssl/evp.h>

#define BYTES_MAX ((size_t)1 << 30) /* EVP counts in int */

static tw_status run(tw_ctx *cx, uint8_t *out, size_t *out_n, tw_bytes key, const uint8_t iv[16], tw_bytes in,
                     bool seal)
{
    const EVP_CIPHER *cipher = key.n == 16   ? EVP_aes_128_cbc()
                               : key.n == 24 ? EVP_aes_192_cbc()
                               : key.n == 32 ? EVP_aes_256_cbc()
                                             : NULL;
    int head = 0, tail = 0;
    *out_n = 0;
    if (!cipher || in.n > BYTES_MAX)
        return tw_fail(cx, TW_ECRYPTO, "AES takes keys of 16, 24 or 32 bytes and 1 GiB at most");
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool ok = c && EVP_CipherInit_ex2(c, cipher, key.p, iv, seal, NULL) == 1 &&
              EVP_CipherUpdate(c, out, &head, in.n ? in.p : iv, (int)in.n) == 1 &&
              EVP_CipherFinal_ex(c, out + head, &tail) == 1;
    EVP_CIPHER_CTX_free(c);
    if (!ok)
        return tw_fail(cx, TW_ECRYPTO, seal ? "AES-CBC failed" : "AES-CBC: the text does not open");
    *out_n = (size_t)head + (size_t)tail;
    return TW_OK;
}

tw_status tw_aes_cbc_seal(tw_ctx *cx, uint8_t *out, size_t *out_n, tw_bytes key, const uint8_t iv[16], tw_bytes plain)
{
    return run(cx, out, out_n, key, iv, plain, true);
}

tw_status tw_aes_cbc_open(tw_ctx *cx, uint8_t *out, size_t *out_n, tw_bytes key, const uint8_t iv[16], tw_bytes cipher)
{
    return run(cx, out, out_n, key, iv, cipher, false);
}
