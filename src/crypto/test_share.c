#include "crypto/crypto.h"

#include "crypto/crypto_internal.h"
#include "test_hex.h"

static void random_subset(uint8_t *xs, unsigned t, unsigned n)
{
    uint8_t all[TW_SHARES_MAX];
    for (unsigned i = 0; i < n; i++)
        all[i] = (uint8_t)(i + 1);
    for (unsigned i = 0; i < t; i++) {
        unsigned k = i + (unsigned)tw_test_below(n - i);
        uint8_t x = all[k];
        all[k] = all[i];
        all[i] = x;
        xs[i] = x;
    }
}

static void interpolate(uint8_t out[TW_SCALAR], const uint8_t *shares, const uint8_t *xs, size_t count)
{
    memset(out, 0, TW_SCALAR);
    for (size_t i = 0; i < count; i++) {
        uint8_t lambda[TW_SCALAR];
        assert_ok(tw_share_lambda(cx, lambda, xs, count, i));
        tw_scalar_mul(lambda, lambda, shares + (size_t)(xs[i] - 1) * TW_SCALAR);
        tw_scalar_add(out, out, lambda);
    }
}

TEST(shares__any_t_give_the_secret_and_fewer_do_not)
{
    static const unsigned sizes[][2] = { { 1, 1 }, { 1, 5 }, { 2, 3 }, { 3, 4 }, { 5, 9 }, { 32, 32 } };
    for (size_t k = 0; k < TW_COUNT(sizes); k++) {
        unsigned t = sizes[k][0];
        unsigned n = sizes[k][1];
        uint8_t secret[TW_SCALAR];
        uint8_t got[TW_SCALAR];
        uint8_t shares[TW_SHARES_MAX * TW_SCALAR];
        uint8_t commits[TW_SHARES_MAX * TW_POINT];
        uint8_t xs[TW_SHARES_MAX];
        tw_scalar_random(cx, secret);
        assert_ok(tw_share_deal(cx, shares, commits, secret, t, n, NULL));
        random_subset(xs, t, n);
        interpolate(got, shares, xs, t);
        assert_memory_equal(secret, got, TW_SCALAR);
        if (t > 1) {
            interpolate(got, shares, xs, t - 1);
            assert_memory_not_equal(secret, got, TW_SCALAR);
        }
    }
}

TEST(shares__fit_their_commitments_and_no_others)
{
    uint8_t secret[TW_SCALAR];
    uint8_t shares[7 * TW_SCALAR];
    uint8_t commits[4 * TW_POINT];
    tw_scalar_random(cx, secret);
    assert_ok(tw_share_deal(cx, shares, commits, secret, 4, 7, NULL));
    for (unsigned i = 1; i <= 7; i++) {
        uint8_t *share = shares + (i - 1) * TW_SCALAR;
        assert_true(tw_share_ok(cx, share, i, commits, 4));
        assert_false(tw_share_ok(cx, share, i % 7 + 1, commits, 4));
        assert_false(tw_share_ok(cx, share, i, commits, 3));
        share[0] ^= 1;
        assert_false(tw_share_ok(cx, share, i, commits, 4));
        share[0] ^= 1;
    }
    for (size_t j = 0; j < 4; j++) {
        uint8_t kept[TW_POINT];
        memcpy(kept, commits + j * TW_POINT, TW_POINT);
        memset(commits + j * TW_POINT, 0, TW_POINT); /* the identity */
        assert_false(tw_share_ok(cx, shares, 1, commits, 4));
        memcpy(commits + j * TW_POINT, tw_tpre_u(), TW_POINT);
        assert_false(tw_share_ok(cx, shares, 1, commits, 4));
        memcpy(commits + j * TW_POINT, kept, TW_POINT);
    }
    assert_true(tw_share_ok(cx, shares, 1, commits, 4));
}

/* Every public index from 1 to 255 takes either the addition chain or the multiplication; both must be i^j C_j. */
TEST(commit_at__equals_the_polynomial_in_the_exponent_for_every_index)
{
    uint8_t f[3 * TW_SCALAR];
    uint8_t shares[3 * TW_SCALAR];
    uint8_t commits[3 * TW_POINT];
    for (size_t j = 0; j < 3; j++)
        tw_scalar_random(cx, f + j * TW_SCALAR);
    assert_ok(tw_share_deal(cx, shares, commits, f, 3, 3, f + TW_SCALAR));
    for (unsigned i = 1; i <= 255; i++) {
        const uint8_t x[TW_SCALAR] = { (uint8_t)i };
        uint8_t y[TW_SCALAR];
        uint8_t want[TW_POINT];
        uint8_t got[TW_POINT];
        tw_scalar_mul(y, f + 2 * TW_SCALAR, x);
        tw_scalar_add(y, y, f + TW_SCALAR);
        tw_scalar_mul(y, y, x);
        tw_scalar_add(y, y, f);
        assert_ok(tw_point_mul(cx, want, y, tw_tpre_u()));
        assert_ok(tw_share_commit_at(cx, got, i, commits, 3));
        assert_memory_equal(want, got, TW_POINT);
        if (i <= 3)
            assert_memory_equal(y, shares + (i - 1) * TW_SCALAR, TW_SCALAR);
    }
    uint8_t out[TW_POINT];
    assert_status(TW_ECRYPTO, tw_share_commit_at(cx, out, 0, commits, 3));
    assert_status(TW_ECRYPTO, tw_share_commit_at(cx, out, 256, commits, 3));
    assert_status(TW_ECRYPTO, tw_share_commit_at(cx, out, 1, commits, 0));
    assert_status(TW_ECRYPTO, tw_share_commit_at(cx, out, 1, commits, TW_SHARES_MAX + 1));
}

TEST(commit_at__refuses_what_is_no_point_wherever_it_stands)
{
    static const uint8_t bad[][TW_POINT] = {
        { 0 },                                                   /* the identity */
        { 1 },                                                   /* a negative square root */
        { 0x02 },                                                /* no square */
        { 2, [31] = 0x80 },                                      /* a top bit that libsodium drops */
    };
    uint8_t secret[TW_SCALAR], shares[4 * TW_SCALAR], commits[3 * TW_POINT], out[TW_POINT];
    tw_scalar_random(cx, secret);
    for (unsigned t = 1; t <= 3; t++) {
        assert_ok(tw_share_deal(cx, shares, commits, secret, t, 4, NULL));
        for (unsigned j = 0; j < t; j++) {
            for (size_t b = 0; b < TW_COUNT(bad); b++) {
                uint8_t with[3 * TW_POINT];
                memcpy(with, commits, sizeof with);
                memcpy(with + (size_t)j * TW_POINT, bad[b], TW_POINT);
                for (unsigned i = 1; i <= 5; i++)
                    assert_status(TW_ECRYPTO, tw_share_commit_at(cx, out, i, with, t));
            }
        }
    }
}

TEST(lambda__one_by_one_and_together_agree)
{
    const uint8_t xs[] = { 7, 255, 1, 30, 4 };
    uint8_t all[sizeof xs * TW_SCALAR];
    uint8_t sum[TW_SCALAR] = { 0 };
    const uint8_t one[TW_SCALAR] = { 1 };
    assert_ok(tw_share_lambdas(cx, all, xs, sizeof xs));
    for (size_t i = 0; i < sizeof xs; i++) {
        uint8_t l[TW_SCALAR];
        assert_ok(tw_share_lambda(cx, l, xs, sizeof xs, i));
        assert_memory_equal(l, all + i * TW_SCALAR, TW_SCALAR);
        tw_scalar_add(sum, sum, l);
    }
    assert_memory_equal(one, sum, TW_SCALAR); /* they interpolate the constant 1 */
}

TEST(lambda__refuses_zero_twice_none_and_too_many)
{
    uint8_t out[64 * TW_SCALAR];
    uint8_t many[TW_SHARES_MAX + 1];
    const uint8_t zero[] = { 1, 0 };
    const uint8_t twice[] = { 2, 3, 2 };
    for (size_t i = 0; i < sizeof many; i++)
        many[i] = (uint8_t)(i + 1);
    assert_status(TW_ECRYPTO, tw_share_lambda(cx, out, zero, 2, 0));
    assert_status(TW_ECRYPTO, tw_share_lambda(cx, out, twice, 3, 1));
    assert_status(TW_ECRYPTO, tw_share_lambdas(cx, out, twice, 3));
    assert_status(TW_ECRYPTO, tw_share_lambdas(cx, out, twice, 0));
    assert_status(TW_ECRYPTO, tw_share_lambda(cx, out, many, sizeof many, 0));
}

TEST(deal__refuses_a_wrong_threshold_and_bad_scalars)
{
    uint8_t secret[TW_SCALAR] = { 5 };
    uint8_t shares[TW_SHARES_MAX * TW_SCALAR];
    uint8_t commits[TW_SHARES_MAX * TW_POINT];
    const uint8_t zero[TW_SCALAR] = { 0 };
    assert_status(TW_EUSAGE, tw_share_deal(cx, shares, commits, secret, 0, 3, NULL));
    assert_status(TW_EUSAGE, tw_share_deal(cx, shares, commits, secret, 4, 3, NULL));
    assert_status(TW_EUSAGE, tw_share_deal(cx, shares, commits, secret, 1, TW_SHARES_MAX + 1, NULL));
    assert_status(TW_ECRYPTO, tw_share_deal(cx, shares, commits, zero, 2, 3, NULL));
    assert_status(TW_ECRYPTO, tw_share_deal(cx, shares, commits, secret, 2, 3, zero));
    memset(secret, 0xff, sizeof secret);
    assert_status(TW_ECRYPTO, tw_share_deal(cx, shares, commits, secret, 2, 3, NULL));
    for (size_t i = 0; i < 3 * TW_SCALAR; i++)
        assert_int_equal(0, shares[i]);
}
