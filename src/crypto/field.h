/** The field of 2^255 - 19 elements, five limbs of 51 bits, for sum.c. No branch and no index depends on a value. Limbs
 *  of a product are below 2^52, of a sum of two such below 2^53, of a difference below 2^52; a product takes limbs
 *  below 2^54. */
#ifndef TW_CRYPTO_FIELD_H
#define TW_CRYPTO_FIELD_H

#include "base/base.h"

typedef struct {
    uint64_t v[5];
} fe;

__extension__ typedef unsigned __int128 fe_wide;

#define FE_LOW51 (((uint64_t)1 << 51) - 1)

static inline fe fe_add(fe a, fe b)
{
    fe r;
    for (unsigned i = 0; i < 5; i++)
        r.v[i] = a.v[i] + b.v[i];
    return r;
}

/* Carries of all limbs at once: enough to come below 2^52. */
static inline fe fe_carry(fe a)
{
    uint64_t c[5];
    for (unsigned i = 0; i < 5; i++) {
        c[i] = a.v[i] >> 51;
        a.v[i] &= FE_LOW51;
    }
    a.v[0] += 19 * c[4];
    for (unsigned i = 1; i < 5; i++)
        a.v[i] += c[i - 1];
    return a;
}

/* 16 p is added, so that no limb runs under. */
static inline fe fe_sub(fe a, fe b)
{
    a.v[0] += 36028797018963664u - b.v[0];
    for (unsigned i = 1; i < 5; i++)
        a.v[i] += 36028797018963952u - b.v[i];
    return fe_carry(a);
}

static inline fe fe_small(uint64_t n)
{
    return (fe){ { n } };
}

static inline fe fe_neg(fe a)
{
    return fe_sub(fe_small(0), a);
}

static inline fe fe_reduce(fe_wide c0, fe_wide c1, fe_wide c2, fe_wide c3, fe_wide c4)
{
    fe r;
    c1 += (uint64_t)(c0 >> 51);
    c2 += (uint64_t)(c1 >> 51);
    c3 += (uint64_t)(c2 >> 51);
    c4 += (uint64_t)(c3 >> 51);
    r.v[0] = ((uint64_t)c0 & FE_LOW51) + 19 * (uint64_t)(c4 >> 51);
    r.v[1] = ((uint64_t)c1 & FE_LOW51) + (r.v[0] >> 51);
    r.v[0] &= FE_LOW51;
    r.v[2] = (uint64_t)c2 & FE_LOW51;
    r.v[3] = (uint64_t)c3 & FE_LOW51;
    r.v[4] = (uint64_t)c4 & FE_LOW51;
    return r;
}

static inline fe fe_mul(fe a, fe b)
{
    const uint64_t b1 = 19 * b.v[1], b2 = 19 * b.v[2], b3 = 19 * b.v[3], b4 = 19 * b.v[4];
    const fe_wide a0 = a.v[0], a1 = a.v[1], a2 = a.v[2], a3 = a.v[3], a4 = a.v[4];
    return fe_reduce(a0 * b.v[0] + a4 * b1 + a3 * b2 + a2 * b3 + a1 * b4,
                     a1 * b.v[0] + a0 * b.v[1] + a4 * b2 + a3 * b3 + a2 * b4,
                     a2 * b.v[0] + a1 * b.v[1] + a0 * b.v[2] + a4 * b3 + a3 * b4,
                     a3 * b.v[0] + a2 * b.v[1] + a1 * b.v[2] + a0 * b.v[3] + a4 * b4,
                     a4 * b.v[0] + a3 * b.v[1] + a2 * b.v[2] + a1 * b.v[3] + a0 * b.v[4]);
}

static inline fe fe_sq(fe a)
{
    const fe_wide a0 = a.v[0], a1 = a.v[1], a2 = a.v[2];
    const uint64_t d0 = 2 * a.v[0], d1 = 2 * a.v[1], d2 = 2 * a.v[2], a3 = 19 * a.v[3], a4 = 19 * a.v[4];
    return fe_reduce(a0 * a0 + (fe_wide)d1 * a4 + (fe_wide)d2 * a3,
                     (fe_wide)d0 * a.v[1] + (fe_wide)d2 * a4 + (fe_wide)a.v[3] * a3,
                     (fe_wide)d0 * a.v[2] + a1 * a1 + (fe_wide)(2 * a.v[3]) * a4,
                     (fe_wide)d0 * a.v[3] + (fe_wide)d1 * a.v[2] + (fe_wide)a.v[4] * a4,
                     (fe_wide)d0 * a.v[4] + (fe_wide)d1 * a.v[3] + a2 * a2);
}

static inline fe fe_sq_times(fe a, unsigned n)
{
    while (n--)
        a = fe_sq(a);
    return a;
}

/* a when bit is 0, b when it is 1. */
static inline fe fe_pick(fe a, fe b, uint64_t bit)
{
    for (unsigned i = 0; i < 5; i++)
        a.v[i] ^= (0 - bit) & (a.v[i] ^ b.v[i]);
    return a;
}

static inline fe fe_from(const uint8_t p[32])
{
    uint64_t w[4] = { 0 };
    for (unsigned i = 0; i < 32; i++)
        w[i / 8] |= (uint64_t)p[i] << (8 * (i % 8));
    return (fe){ { w[0] & FE_LOW51, (w[0] >> 51 | w[1] << 13) & FE_LOW51, (w[1] >> 38 | w[2] << 26) & FE_LOW51,
                   (w[2] >> 25 | w[3] << 39) & FE_LOW51, w[3] >> 12 & FE_LOW51 } };
}

/* The one number below p that is meant. */
static inline void fe_to(uint8_t out[32], fe a)
{
    a = fe_carry(fe_carry(a));
    uint64_t q = (a.v[0] + 19) >> 51; /* 1 when a >= p */
    for (unsigned i = 1; i < 5; i++)
        q = (a.v[i] + q) >> 51;
    a.v[0] += 19 * q;
    for (unsigned i = 0; i < 4; i++) {
        a.v[i + 1] += a.v[i] >> 51;
        a.v[i] &= FE_LOW51;
    }
    a.v[4] &= FE_LOW51;
    const uint64_t w[4] = { a.v[0] | a.v[1] << 51, a.v[1] >> 13 | a.v[2] << 38, a.v[2] >> 26 | a.v[3] << 25,
                            a.v[3] >> 39 | a.v[4] << 12 };
    for (unsigned i = 0; i < 32; i++)
        out[i] = (uint8_t)(w[i / 8] >> (8 * (i % 8)));
}

static inline uint64_t fe_is(fe a, fe b)
{
    uint8_t x[32], y[32];
    unsigned d = 0;
    fe_to(x, a);
    fe_to(y, b);
    for (unsigned i = 0; i < 32; i++)
        d |= x[i] ^ y[i];
    return (d - 1u) >> 31;
}

/* RFC 9496 4.1: negative means odd. */
static inline uint64_t fe_negative(fe a)
{
    uint8_t x[32];
    fe_to(x, a);
    return x[0] & 1;
}

static inline fe fe_abs(fe a)
{
    return fe_pick(a, fe_neg(a), fe_negative(a));
}

#endif
