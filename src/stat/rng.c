/* Seeded random numbers. Normals by Box and Muller: exact in law, and one log and one sine or cosine each. */
#include "stat/stat.h"

#include <math.h>

static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = *x += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

tw_rng tw_rng_of(uint64_t seed, uint64_t tag)
{
    tw_rng r = { .has_spare = false };
    uint64_t x = seed;
    uint64_t y = splitmix(&x) ^ (tag * 0xd6e8feb86659fd93u);
    for (size_t i = 0; i < 4; i++)
        r.s[i] = splitmix(&y);
    return r;
}

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t tw_rng_u64(tw_rng *r)
{
    uint64_t *s = r->s;
    uint64_t out = rotl(s[0] + s[3], 23) + s[0];
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return out;
}

double tw_rng_uniform(tw_rng *r)
{
    return ((double)(tw_rng_u64(r) >> 12) + 0.5) * 0x1p-52;
}

double tw_rng_normal(tw_rng *r)
{
    if (r->has_spare) {
        r->has_spare = false;
        return r->spare;
    }
    double radius = sqrt(-2.0 * log(tw_rng_uniform(r)));
    double angle = 6.283185307179586 * tw_rng_uniform(r);
    r->spare = radius * sin(angle);
    r->has_spare = true;
    return radius * cos(angle);
}

double tw_rng_chi2_6(tw_rng *r)
{
    double a = tw_rng_uniform(r), b = tw_rng_uniform(r), c = tw_rng_uniform(r);
    return -2.0 * log(a * b * c);
}

size_t tw_rng_below(tw_rng *r, size_t n)
{
    size_t i = (size_t)(tw_rng_uniform(r) * (double)n);
    return i < n ? i : n - 1;
}
