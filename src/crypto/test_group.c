#include "crypto/crypto.h"

#include <sodium.h>

#include "test_hex.h"

/* q and q - 1, little-endian. */
#define ORDER "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"
#define ORDER_LESS_1 "ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"
/* RFC 9496 A.1: G and 2G. */
#define BASE "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"
#define BASE_2 "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919"

TEST(scalar__is_canonical_below_the_order_only)
{
    uint8_t s[TW_SCALAR] = { 0 };
    assert_true(tw_scalar_ok(s));
    assert_true(tw_scalar_ok(hex(ORDER_LESS_1).p));
    assert_false(tw_scalar_ok(hex(ORDER).p));
    memcpy(s, hex(ORDER).p, sizeof s);
    for (size_t i = 0; i < TW_SCALAR; i++) { /* one byte more is too much, one byte less is not, wherever it is */
        if (s[i] < 255) {
            s[i]++;
            assert_false(tw_scalar_ok(s));
            s[i]--;
        }
        if (s[i] > 0) {
            s[i]--;
            assert_true(tw_scalar_ok(s));
            s[i]++;
        }
    }
    memset(s, 0xff, sizeof s);
    assert_false(tw_scalar_ok(s));
    memset(s, 0, sizeof s); /* the highest byte that differs decides, not a lower one */
    s[31] = 0x11;
    assert_false(tw_scalar_ok(s));
    memset(s, 0xff, sizeof s);
    s[31] = 0x0f;
    assert_true(tw_scalar_ok(s));
}

TEST(scalar__arithmetic_is_a_field)
{
    for (int i = 0; i < 50; i++) {
        uint8_t a[TW_SCALAR];
        uint8_t b[TW_SCALAR];
        uint8_t x[TW_SCALAR];
        uint8_t y[TW_SCALAR];
        tw_scalar_random(cx, a);
        tw_scalar_random(cx, b);
        assert_true(tw_scalar_ok(a) && tw_scalar_ok(b));
        tw_scalar_add(x, a, b);
        tw_scalar_sub(y, x, b);
        assert_memory_equal(a, y, TW_SCALAR); /* (a + b) - b = a */
        tw_scalar_mul(x, a, b);
        assert_ok(tw_scalar_invert(cx, y, b));
        tw_scalar_mul(x, x, y);
        assert_memory_equal(a, x, TW_SCALAR); /* a b / b = a */
        tw_scalar_sub(x, a, a);
        tw_scalar_sub(y, x, a);
        tw_scalar_add(y, y, a);
        assert_memory_equal(x, y, TW_SCALAR); /* -a + a = 0 */
    }
    uint8_t out[TW_SCALAR];
    const uint8_t zero[TW_SCALAR] = { 0 };
    const uint8_t one[TW_SCALAR] = { 1 };
    assert_status(TW_ECRYPTO, tw_scalar_invert(cx, out, zero));
    assert_status(TW_ECRYPTO, tw_scalar_invert(cx, out, hex(ORDER).p));
    tw_scalar_sub(out, zero, one);
    assert_hex(ORDER_LESS_1, out, TW_SCALAR);
    tw_scalar_add(out, out, one);
    assert_memory_equal(zero, out, TW_SCALAR);
}

TEST(point__agrees_between_sums_and_products)
{
    uint8_t a[TW_SCALAR];
    uint8_t b[TW_SCALAR];
    uint8_t sum[TW_SCALAR];
    uint8_t x[TW_POINT];
    uint8_t y[TW_POINT];
    uint8_t z[TW_POINT];
    tw_scalar_random(cx, a);
    tw_scalar_random(cx, b);
    tw_scalar_add(sum, a, b);
    assert_ok(tw_point_base(cx, x, a));
    assert_ok(tw_point_base(cx, y, b));
    assert_ok(tw_point_add(cx, z, x, y));
    assert_ok(tw_point_base(cx, x, sum));
    assert_memory_equal(x, z, TW_POINT);
    assert_ok(tw_point_mul(cx, x, sum, hex(BASE).p));
    assert_memory_equal(x, z, TW_POINT);
    const uint8_t two[TW_SCALAR] = { 2 };
    assert_ok(tw_point_base(cx, x, two));
    assert_hex(BASE_2, x, TW_POINT);
}

TEST(point__refuses_zero_and_what_is_not_canonical)
{
    uint8_t out[TW_POINT];
    uint8_t p[TW_POINT];
    const uint8_t zero[TW_SCALAR] = { 0 };
    const uint8_t one[TW_SCALAR] = { 1 };
    memcpy(p, hex(BASE).p, sizeof p);
    assert_true(tw_point_ok(p));
    assert_false(tw_point_ok(zero));
    assert_status(TW_ECRYPTO, tw_point_base(cx, out, zero));
    assert_status(TW_ECRYPTO, tw_point_mul(cx, out, zero, p));
    assert_status(TW_ECRYPTO, tw_point_mul(cx, out, one, zero));
    assert_status(TW_ECRYPTO, tw_point_mul(cx, out, hex(ORDER).p, p));
    assert_status(TW_ECRYPTO, tw_point_base(cx, out, hex(ORDER).p));
    assert_memory_equal(zero, out, TW_POINT);
    p[31] |= 0x80; /* s above the prime */
    assert_false(tw_point_ok(p));
    assert_status(TW_ECRYPTO, tw_point_mul(cx, out, one, p));
    assert_status(TW_ECRYPTO, tw_point_add(cx, out, hex(BASE).p, p));
}
