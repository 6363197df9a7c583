/* Sums of public multiples against libsodium, one multiplication and one addition at a time. */
#include <sodium.h>

#include "test.h"

#include "crypto/crypto_internal.h"
#include "crypto/field.h"

static const uint8_t order_minus_1[TW_SCALAR] = { 0xec, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                                  0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                                  0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10 };

static void random_point(uint8_t out[TW_POINT])
{
    uint8_t wide[64];
    tw_random(cx, wide, sizeof wide);
    tw_point_from_hash(out, wide);
}

/* The sum by libsodium. */
static void slow_sum(uint8_t out[TW_POINT], const tw_point_term *term, size_t count)
{
    memset(out, 0, TW_POINT);
    for (size_t i = 0; i < count; i++) {
        uint8_t one[TW_POINT];
        if (crypto_scalarmult_ristretto255(one, term[i].s, term[i].p) != 0)
            memset(one, 0, sizeof one);
        assert_int_equal(0, crypto_core_ristretto255_add(out, out, one));
    }
}

static void check(const tw_point_term *term, size_t count)
{
    uint8_t want[TW_POINT];
    uint8_t got[TW_POINT];
    slow_sum(want, term, count);
    assert_true(tw_point_sum_public(got, term, count));
    assert_memory_equal(want, got, TW_POINT);
}

TEST(sum__of_random_terms_is_that_of_libsodium)
{
    uint8_t s[TW_SUM_MAX][TW_SCALAR];
    uint8_t p[TW_SUM_MAX][TW_POINT];
    tw_point_term term[TW_SUM_MAX];
    for (int round = 0; round < 200; round++) {
        size_t count = round ? 1 + tw_test_below(6) : TW_SUM_MAX;
        for (size_t i = 0; i < count; i++) {
            tw_scalar_random(cx, s[i]);
            random_point(p[i]);
            term[i] = (tw_point_term){ s[i], p[i] };
        }
        check(term, count);
    }
}

/* Scalars at the ends, of one bit, and of long runs of ones, where carries run. */
TEST(sum__takes_every_kind_of_scalar)
{
    uint8_t p[TW_POINT];
    uint8_t s[TW_SCALAR];
    const tw_point_term term = { s, p };
    random_point(p);
    for (unsigned bit = 0; bit < 252; bit++) {
        memset(s, 0, sizeof s);
        s[bit / 8] = (uint8_t)(1u << (bit % 8));
        check(&term, 1);
        for (unsigned below = 0; below < bit; below++)
            s[below / 8] |= (uint8_t)(1u << (below % 8));
        check(&term, 1);
    }
    for (unsigned n = 0; n < 300; n++) {
        memset(s, 0, sizeof s);
        tw_put_be16(s, (uint16_t)n);
        check(&term, 1);
        memcpy(s, order_minus_1, sizeof s);
        s[0] = (uint8_t)(s[0] - n % 200);
        check(&term, 1);
    }
}

TEST(sum__of_nothing_or_of_what_cancels_is_the_identity)
{
    uint8_t p[TW_POINT];
    uint8_t out[TW_POINT];
    const uint8_t zero[TW_POINT] = { 0 };
    const uint8_t one[TW_SCALAR] = { 1 };
    random_point(p);
    assert_true(tw_point_sum_public(out, NULL, 0));
    assert_memory_equal(zero, out, TW_POINT);
    const tw_point_term cancel[] = { { one, p }, { order_minus_1, p } };
    assert_true(tw_point_sum_public(out, cancel, 2));
    assert_memory_equal(zero, out, TW_POINT);
    const tw_point_term of_zero[] = { { order_minus_1, zero }, { zero, p } };
    assert_true(tw_point_sum_public(out, of_zero, 2));
    assert_memory_equal(zero, out, TW_POINT);
    const tw_point_term same[] = { { one, p }, { one, p } };
    check(same, 2);
}

/* Whatever bytes: a point for both, or for neither; and then the same one. */
TEST(sum__refuses_the_bytes_that_libsodium_refuses)
{
    const uint8_t one[TW_SCALAR] = { 1 };
    uint8_t p[TW_POINT];
    uint8_t out[TW_POINT];
    const tw_point_term term = { one, p };
    unsigned good = 0;
    for (int round = 0; round < 4000; round++) {
        tw_random(cx, p, sizeof p);
        p[31] &= 0x7f; /* libsodium drops the top bit */
        p[0] &= round % 4 ? 0xfe : 0xff;
        if (round % 16 == 0)
            memset(p + 1, 0xff, 30); /* around the prime */
        bool valid = crypto_core_ristretto255_is_valid_point(p) == 1;
        assert_int_equal(valid, tw_point_sum_public(out, &term, 1));
        good += valid;
        if (valid)
            assert_memory_equal(p, out, sizeof p);
    }
    assert_true(good > 200);
    random_point(p);
    p[31] |= 0x80;
    assert_false(tw_point_sum_public(out, &term, 1));
}

TEST(sum__refuses_scalars_from_the_order_up)
{
    uint8_t p[TW_POINT];
    uint8_t s[TW_SCALAR];
    uint8_t out[TW_POINT];
    const tw_point_term term = { s, p };
    random_point(p);
    memcpy(s, order_minus_1, sizeof s);
    s[0]++;
    assert_false(tw_point_sum_public(out, &term, 1));
    memset(s, 0xff, sizeof s);
    assert_false(tw_point_sum_public(out, &term, 1));
}

/* Elements written as value + k p come back as the value. */
TEST(field__numbers_have_one_spelling)
{
    uint8_t got[32];
    const uint8_t eighteen[32] = { 18 };
    fe a = { { FE_LOW51, FE_LOW51, FE_LOW51, FE_LOW51, FE_LOW51 } }; /* 2^255 - 1 = p + 18 */
    fe_to(got, a);
    assert_memory_equal(eighteen, got, 32);
    a = fe_sub(fe_add(a, fe_small(1)), fe_small(19)); /* p */
    fe_to(got, a);
    assert_true(tw_is_zero(got, 32));
    fe_to(got, fe_sub(fe_small(0), fe_small(1)));
    assert_int_equal(0xec, got[0]);
    assert_int_equal(0x7f, got[31]);
}
