/* ristretto255 on libsodium. What libsodium leaves open is closed here: scalars above the order are refused instead of
 * reduced, the identity is refused where a key or a product is expected, and so is a point with its top bit set. */
#include "crypto/crypto.h"

#include <sodium.h>

#include "crypto/crypto_internal.h"

/* q = 2^252 + 27742317777372353535851937790883648493, little-endian (RFC 9496 section 4). */
static const uint8_t order[TW_SCALAR] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                          0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                          0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10 };

bool tw_is_zero(const uint8_t *p, size_t n)
{
    return sodium_is_zero(p, n) == 1;
}

void tw_scalar_random(tw_ctx *cx, uint8_t out[TW_SCALAR])
{
    uint8_t wide[64];
    tw_random(cx, wide, sizeof wide);
    tw_scalar_reduce(out, wide);
    TW_ASSERT(!tw_is_zero(out, TW_SCALAR)); /* once in 2^252, or the entropy is broken */
    tw_wipe(wide, sizeof wide);
}

void tw_scalar_reduce(uint8_t out[TW_SCALAR], const uint8_t wide[64])
{
    crypto_core_ristretto255_scalar_reduce(out, wide);
}

/* s < q, from the top byte down and without a branch on s. */
bool tw_scalar_ok(const uint8_t s[TW_SCALAR])
{
    unsigned less = 0;
    unsigned equal = 1;
    for (size_t i = TW_SCALAR; i-- > 0;) {
        less |= (((unsigned)s[i] - order[i]) >> 8) & equal & 1;
        equal &= (((unsigned)(s[i] ^ order[i]) - 1) >> 8) & 1;
    }
    return less != 0;
}

void tw_scalar_add(uint8_t out[TW_SCALAR], const uint8_t a[TW_SCALAR], const uint8_t b[TW_SCALAR])
{
    crypto_core_ristretto255_scalar_add(out, a, b);
}

void tw_scalar_sub(uint8_t out[TW_SCALAR], const uint8_t a[TW_SCALAR], const uint8_t b[TW_SCALAR])
{
    crypto_core_ristretto255_scalar_sub(out, a, b);
}

void tw_scalar_mul(uint8_t out[TW_SCALAR], const uint8_t a[TW_SCALAR], const uint8_t b[TW_SCALAR])
{
    crypto_core_ristretto255_scalar_mul(out, a, b);
}

tw_status tw_scalar_invert(tw_ctx *cx, uint8_t out[TW_SCALAR], const uint8_t a[TW_SCALAR])
{
    if (tw_scalar_ok(a) && crypto_core_ristretto255_scalar_invert(out, a) == 0)
        return TW_OK;
    tw_wipe(out, TW_SCALAR);
    return tw_fail(cx, TW_ECRYPTO, "scalar without an inverse");
}

/* RFC 9496 4.3.1 refuses every value from the prime up. libsodium 1.0.18 drops bit 255 before it compares,
 * so that each point would have a second spelling. */
static bool top_bit_clear(const uint8_t p[TW_POINT])
{
    return p[TW_POINT - 1] < 0x80;
}

bool tw_point_ok(const uint8_t p[TW_POINT])
{
    return top_bit_clear(p) && !tw_is_zero(p, TW_POINT) && crypto_core_ristretto255_is_valid_point(p) == 1;
}

tw_status tw_point_base(tw_ctx *cx, uint8_t out[TW_POINT], const uint8_t s[TW_SCALAR])
{
    if (tw_scalar_ok(s) && crypto_scalarmult_ristretto255_base(out, s) == 0)
        return TW_OK;
    tw_wipe(out, TW_POINT);
    return tw_fail(cx, TW_ECRYPTO, "scalar is zero or not canonical");
}

tw_status tw_point_mul(tw_ctx *cx, uint8_t out[TW_POINT], const uint8_t s[TW_SCALAR], const uint8_t p[TW_POINT])
{
    if (tw_scalar_ok(s) && top_bit_clear(p) && crypto_scalarmult_ristretto255(out, s, p) == 0)
        return TW_OK;
    tw_wipe(out, TW_POINT);
    return tw_fail(cx, TW_ECRYPTO, "scalar or point is zero or not canonical");
}

tw_status tw_point_add(tw_ctx *cx, uint8_t out[TW_POINT], const uint8_t a[TW_POINT], const uint8_t b[TW_POINT])
{
    if (top_bit_clear(a) && top_bit_clear(b) && crypto_core_ristretto255_add(out, a, b) == 0)
        return TW_OK;
    tw_wipe(out, TW_POINT);
    return tw_fail(cx, TW_ECRYPTO, "point is not canonical");
}

void tw_point_from_hash(uint8_t out[TW_POINT], const uint8_t wide[64])
{
    crypto_core_ristretto255_from_hash(out, wide);
}
