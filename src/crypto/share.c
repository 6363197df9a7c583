/* Shamir sharing over the scalars of ristretto255 with Feldman commitments in base U. Secrets: constant time by
 * libsodium's scalar arithmetic. Commitments and indices are public. */
#include "crypto/crypto.h"

#include "crypto/crypto_internal.h"

/* f(x) by Horner; coefficients f_0 .. f_{t-1}. */
static void poly_at(uint8_t out[TW_SCALAR], const uint8_t *f, unsigned t, unsigned x)
{
    const uint8_t at[TW_SCALAR] = { (uint8_t)x };
    uint8_t sum[TW_SCALAR] = { 0 };
    for (unsigned j = t; j-- > 0;) {
        tw_scalar_mul(sum, sum, at);
        tw_scalar_add(sum, sum, f + (size_t)j * TW_SCALAR);
    }
    memcpy(out, sum, TW_SCALAR);
    tw_wipe(sum, sizeof sum);
}

static tw_status commit_all(tw_ctx *cx, uint8_t *commits, const uint8_t *f, unsigned t)
{
    for (unsigned j = 0; j < t; j++)
        TW_TRY(tw_point_mul(cx, commits + (size_t)j * TW_POINT, f + (size_t)j * TW_SCALAR, tw_tpre_u()));
    return TW_OK;
}

tw_status tw_share_deal(tw_ctx *cx, uint8_t *shares, uint8_t *commits, const uint8_t secret[TW_SCALAR], unsigned t,
                        unsigned n, const uint8_t *coefs)
{
    if (t < 1 || t > n || n > TW_SHARES_MAX)
        return tw_fail(cx, TW_EUSAGE, "threshold %u of %u keepers (1 <= threshold <= keepers <= %d)", t, n,
                       TW_SHARES_MAX);
    uint8_t f[TW_SHARES_MAX * TW_SCALAR];
    memcpy(f, secret, TW_SCALAR);
    for (unsigned j = 1; j < t; j++) {
        uint8_t *fj = f + (size_t)j * TW_SCALAR;
        if (coefs)
            memcpy(fj, coefs + (size_t)(j - 1) * TW_SCALAR, TW_SCALAR);
        else
            tw_scalar_random(cx, fj);
    }
    tw_status s = commit_all(cx, commits, f, t);
    for (unsigned i = 0; i < n; i++) {
        if (s == TW_OK)
            poly_at(shares + (size_t)i * TW_SCALAR, f, t, i + 1);
        else
            memset(shares + (size_t)i * TW_SCALAR, 0, TW_SCALAR);
    }
    tw_wipe(f, sizeof f);
    if (s != TW_OK)
        memset(commits, 0, (size_t)t * TW_POINT);
    return s;
}

tw_status tw_share_commit_at(tw_ctx *cx, uint8_t out[TW_POINT], unsigned index, const uint8_t *commits, unsigned t)
{
    memset(out, 0, TW_POINT);
    if (index < 1 || index > 255 || t < 1 || t > TW_SHARES_MAX)
        return tw_fail(cx, TW_ECRYPTO, "keeper index %u, threshold %u", index, t);
    const uint8_t x[TW_SCALAR] = { (uint8_t)index };
    uint8_t power[TW_SHARES_MAX][TW_SCALAR] = { { 1 } };
    tw_point_term terms[TW_SHARES_MAX];
    for (unsigned j = 0; j < t; j++) {
        if (j)
            tw_scalar_mul(power[j], power[j - 1], x);
        terms[j] = (tw_point_term){ power[j], commits + (size_t)j * TW_POINT };
        if (tw_is_zero(terms[j].p, TW_POINT))
            return tw_fail(cx, TW_ECRYPTO, "commitment %u is the identity", j);
    }
    return tw_point_sum_public(out, terms, t) ? TW_OK : tw_fail(cx, TW_ECRYPTO, "a commitment is not a point");
}

bool tw_share_ok(tw_ctx *cx, const uint8_t share[TW_SCALAR], unsigned index, const uint8_t *commits, unsigned t)
{
    uint8_t left[TW_POINT];
    uint8_t right[TW_POINT];
    return tw_point_mul(cx, left, share, tw_tpre_u()) == TW_OK &&
           tw_share_commit_at(cx, right, index, commits, t) == TW_OK && memcmp(left, right, TW_POINT) == 0;
}

/* lambda_i = prod_{j != i} x_j / (x_j - x_i), as numerator and denominator. */
static void fraction(uint8_t num[TW_SCALAR], uint8_t den[TW_SCALAR], const uint8_t *xs, size_t count, size_t which)
{
    const uint8_t xi[TW_SCALAR] = { xs[which] };
    memset(num, 0, TW_SCALAR);
    memset(den, 0, TW_SCALAR);
    num[0] = den[0] = 1;
    for (size_t j = 0; j < count; j++) {
        if (j == which)
            continue;
        const uint8_t xj[TW_SCALAR] = { xs[j] };
        uint8_t d[TW_SCALAR];
        tw_scalar_sub(d, xj, xi);
        tw_scalar_mul(num, num, xj);
        tw_scalar_mul(den, den, d);
    }
}

static tw_status check_indices(tw_ctx *cx, const uint8_t *xs, size_t count)
{
    if (count < 1 || count > TW_SHARES_MAX)
        return tw_fail(cx, TW_ECRYPTO, "%zu shares (1 to %d)", count, TW_SHARES_MAX);
    bool seen[256] = { true };
    for (size_t i = 0; i < count; i++) {
        if (seen[xs[i]])
            return tw_fail(cx, TW_ECRYPTO, "keeper index %u is zero or given twice", xs[i]);
        seen[xs[i]] = true;
    }
    return TW_OK;
}

/* Montgomery's trick: one inversion of the product of all denominators, then peel them off from the end. */
tw_status tw_share_lambdas(tw_ctx *cx, uint8_t *out, const uint8_t *xs, size_t count)
{
    TW_TRY(check_indices(cx, xs, count));
    uint8_t den[TW_SHARES_MAX][TW_SCALAR];
    uint8_t before[TW_SHARES_MAX][TW_SCALAR]; /* product of the denominators before i */
    uint8_t product[TW_SCALAR] = { 1 };
    for (size_t i = 0; i < count; i++) {
        fraction(out + i * TW_SCALAR, den[i], xs, count, i);
        memcpy(before[i], product, TW_SCALAR);
        tw_scalar_mul(product, product, den[i]);
    }
    uint8_t inverse[TW_SCALAR];
    TW_TRY(tw_scalar_invert(cx, inverse, product));
    for (size_t i = count; i-- > 0;) {
        uint8_t den_inverse[TW_SCALAR];
        tw_scalar_mul(den_inverse, inverse, before[i]);
        tw_scalar_mul(out + i * TW_SCALAR, out + i * TW_SCALAR, den_inverse);
        tw_scalar_mul(inverse, inverse, den[i]);
    }
    return TW_OK;
}

tw_status tw_share_lambda(tw_ctx *cx, uint8_t out[TW_SCALAR], const uint8_t *xs, size_t count, size_t which)
{
    TW_ASSERT(which < count);
    memset(out, 0, TW_SCALAR);
    TW_TRY(check_indices(cx, xs, count));
    uint8_t num[TW_SCALAR];
    uint8_t den[TW_SCALAR];
    fraction(num, den, xs, count, which);
    TW_TRY(tw_scalar_invert(cx, den, den));
    tw_scalar_mul(out, num, den);
    return TW_OK;
}
