/** What the files of this room share and nobody else sees. */
#ifndef TW_CRYPTO_INTERNAL_H
#define TW_CRYPTO_INTERNAL_H

#include "crypto/crypto.h"

/** HMAC-SHA256 in pieces. */
typedef struct {
    tw_sha256 inner;
    tw_sha256 outer;
} tw_hmac256;
void tw_hmac256_init(tw_hmac256 *h, tw_bytes key);
void tw_hmac256_add(tw_hmac256 *h, const void *p, size_t n);
void tw_hmac256_end(tw_hmac256 *h, uint8_t out[TW_HASH]); /* wipes h */

/** One ChaCha20-Poly1305 key for many blocks (OpenSSL; twice as fast as libsodium from a few KiB on). */
typedef struct evp_cipher_ctx_st tw_bulk;
TW_NODISCARD tw_status tw_bulk_new(tw_ctx *cx, tw_bulk **out, const uint8_t key[32], bool seal);
void tw_bulk_free(tw_bulk *b); /* NULL is fine */
/** out: n + 16 bytes. false: the library failed. */
bool tw_bulk_seal(tw_bulk *b, uint8_t *out, const uint8_t nonce[12], tw_bytes aad, tw_bytes plain);
/** out: n - 16 bytes, zeroed when the tag does not fit (false). */
bool tw_bulk_open(tw_bulk *b, uint8_t *out, const uint8_t nonce[12], tw_bytes aad, tw_bytes cipher);

/** Key schedule of HPKE base mode (RFC 9180 5.1) from the KEM's shared secret. */
typedef struct {
    uint8_t key[32];
    uint8_t base_nonce[12];
    uint8_t exporter[32];
} tw_hpke_keys;
void tw_hpke_schedule(tw_hpke_keys *out, const uint8_t shared[32], tw_bytes info);
/** Shared secret of DHKEM(X25519, HKDF-SHA256) from the Diffie-Hellman value, enc and the receiver's key (4.1). */
void tw_hpke_shared(uint8_t out[32], const uint8_t dh[32], const uint8_t enc[32], const uint8_t receiver[32]);

/** out = the sum of s * p over all terms. Scalars are PUBLIC: the time depends on them, not on the points. The identity
 *  may come out and go in. false: some scalar or point is not canonical. count <= TW_SUM_MAX. */
#define TW_SUM_MAX (TW_SHARES_MAX + 2)
typedef struct {
    const uint8_t *s;
    const uint8_t *p;
} tw_point_term;
bool tw_point_sum_public(uint8_t out[TW_POINT], const tw_point_term *term, size_t count);
bool tw_is_zero(const uint8_t *p, size_t n); /* constant time */

/** Lagrange coefficients at 0 for all of xs, with one inversion. out: count * 32 bytes, count <= TW_SHARES_MAX. */
TW_NODISCARD tw_status tw_share_lambdas(tw_ctx *cx, uint8_t *out, const uint8_t *xs, size_t count);

/** bcrypt_pbkdf of OpenBSD and OpenSSH, 32 bytes of key. fails TW_EPARSE (empty input, too many rounds). */
TW_NODISCARD tw_status tw_bcrypt_pbkdf(tw_ctx *cx, uint8_t out[32], tw_bytes pass, tw_bytes salt, uint32_t rounds);

#endif
