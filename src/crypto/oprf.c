/* RFC 9497, mode 0 (OPRF), suite ristretto255-SHA512: F(key, input) = SHA-512 over the input and key * H1(input),
 * without the key holder seeing the input. */
#include "crypto/crypto.h"

#include <sodium.h>

#include "crypto/crypto_internal.h"

/* "HashToGroup-" || contextString, contextString = "OPRFV1-" || I2OSP(0, 1) || "-" || identifier; then its length, as
 * expand_message_xmd wants it. */
#define DST "HashToGroup-OPRFV1-\0-ristretto255-SHA512"
static const uint8_t dst_prime[] = DST "\x28";
#define DST_PRIME_N (sizeof dst_prime - 1)
_Static_assert(sizeof(DST) - 1 == 0x28, "the length byte");

/* expand_message_xmd with SHA-512 (RFC 9380 5.3.1) for 64 bytes, which is one block b_1; then the group's map. */
static void hash_to_group(uint8_t out[TW_POINT], tw_bytes input)
{
    static const uint8_t z_pad[128];
    static const uint8_t length_and_zero[3] = { 0, 64, 0 };
    static const uint8_t one = 1;
    uint8_t b0[64];
    uint8_t b1[64];
    crypto_hash_sha512_state h;
    crypto_hash_sha512_init(&h);
    crypto_hash_sha512_update(&h, z_pad, sizeof z_pad);
    crypto_hash_sha512_update(&h, input.p, input.n);
    crypto_hash_sha512_update(&h, length_and_zero, sizeof length_and_zero);
    crypto_hash_sha512_update(&h, dst_prime, DST_PRIME_N);
    crypto_hash_sha512_final(&h, b0);
    crypto_hash_sha512_init(&h);
    crypto_hash_sha512_update(&h, b0, sizeof b0);
    crypto_hash_sha512_update(&h, &one, 1);
    crypto_hash_sha512_update(&h, dst_prime, DST_PRIME_N);
    crypto_hash_sha512_final(&h, b1);
    tw_point_from_hash(out, b1);
    tw_wipe(b0, sizeof b0);
    tw_wipe(b1, sizeof b1);
    tw_wipe(&h, sizeof h);
}

tw_status tw_oprf_blind(tw_ctx *cx, uint8_t blinded[TW_POINT], const uint8_t blind[TW_SCALAR], tw_bytes input)
{
    uint8_t p[TW_POINT];
    hash_to_group(p, input);
    tw_status s = tw_point_mul(cx, blinded, blind, p);
    tw_wipe(p, sizeof p);
    return s;
}

tw_status tw_oprf_evaluate(tw_ctx *cx, uint8_t out[TW_POINT], const uint8_t key[TW_SCALAR],
                           const uint8_t blinded[TW_POINT])
{
    return tw_point_mul(cx, out, key, blinded);
}

static void hash_framed(crypto_hash_sha512_state *h, tw_bytes b)
{
    uint8_t length[2];
    tw_put_be16(length, (uint16_t)b.n);
    crypto_hash_sha512_update(h, length, sizeof length);
    crypto_hash_sha512_update(h, b.p, b.n);
}

tw_status tw_oprf_finalize(tw_ctx *cx, uint8_t out[64], const uint8_t blind[TW_SCALAR],
                           const uint8_t evaluated[TW_POINT], tw_bytes input)
{
    memset(out, 0, 64);
    if (input.n > UINT16_MAX)
        return tw_fail(cx, TW_ELIMIT, "input of %zu bytes", input.n);
    uint8_t inverse[TW_SCALAR];
    uint8_t n[TW_POINT];
    TW_TRY(tw_scalar_invert(cx, inverse, blind));
    tw_status s = tw_point_mul(cx, n, inverse, evaluated);
    tw_wipe(inverse, sizeof inverse);
    if (s != TW_OK)
        return s;
    crypto_hash_sha512_state h;
    crypto_hash_sha512_init(&h);
    hash_framed(&h, input);
    hash_framed(&h, TW_BYTES(n));
    crypto_hash_sha512_update(&h, (const uint8_t *)"Finalize", 8);
    crypto_hash_sha512_final(&h, out);
    tw_wipe(n, sizeof n);
    tw_wipe(&h, sizeof h);
    return TW_OK;
}
