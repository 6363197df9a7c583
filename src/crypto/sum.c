/* Sums of multiples of ristretto255 points whose scalars are public: proofs to be checked, Lagrange coefficients.
 * Points may be secret, scalars may not: which additions are made depends on them. All multiples of a sum share their
 * doublings (Straus), each with a signed window of five bits, and there is one decoding a point and one encoding in
 * all: a sum of four costs what libsodium takes for one and a half multiplications.
 *
 * Curve and formulas: Hisil, Wong, Carter, Dawson, "Twisted Edwards curves revisited", ASIACRYPT 2008; encoding: RFC
 * 9496 section 4.3. */
#include "crypto/crypto.h"

#include "crypto/crypto_internal.h"
#include "crypto/field.h"

#define DIGITS 256
#define TABLE 8 /* odd multiples 1, 3 .. 15 */

static const fe curve_d = { { 0x34dca135978a3, 0x1a8283b156ebd, 0x5e7a26001c029, 0x739c663a03cbb, 0x52036cee2b6ff } };
static const fe curve_2d = { { 0x69b9426b2f159, 0x35050762add7a, 0x3cf44c0038052, 0x6738cc7407977, 0x2406d9dc56dff } };
static const fe sqrt_m1 = { { 0x61b274a0ea0b0, 0x0d5a5fc8f189d, 0x7ef5e9cbd0c60, 0x78595a6804c9e, 0x2b8324804fc1d } };
static const fe invsqrt_a_minus_d = {
    { 0x0fdaa805d40ea, 0x2eb482e57d339, 0x007610274bc58, 0x6510b613dc8ff, 0x786c8905cfaff }
};

/* x = X/Z, y = Y/Z, xy = T/Z */
typedef struct {
    fe x, y, z, t;
} point;

/* What an addition takes: Y+X, Y-X, 2Z, 2dT. */
typedef struct {
    fe sum, diff, z2, t2d;
} addend;

/* Before the last products: x = X/Z, y = Y/T. */
typedef struct {
    fe x, y, z, t;
} unfinished;

static point finish(const unfinished *u)
{
    return (point){ fe_mul(u->x, u->t), fe_mul(u->y, u->z), fe_mul(u->z, u->t), fe_mul(u->x, u->y) };
}

/* T is left out: a doubling does not ask for it. */
static void finish_xyz(point *p, const unfinished *u)
{
    p->x = fe_mul(u->x, u->t);
    p->y = fe_mul(u->y, u->z);
    p->z = fe_mul(u->z, u->t);
}

static unfinished twice(const point *p)
{
    const fe xx = fe_sq(p->x), yy = fe_sq(p->y), zz = fe_sq(p->z);
    const fe both = fe_add(yy, xx), apart = fe_sub(yy, xx);
    return (unfinished){ fe_sub(fe_sq(fe_add(p->x, p->y)), both), both, apart, fe_sub(fe_add(zz, zz), apart) };
}

static addend addend_of(const point *p)
{
    return (addend){ fe_add(p->y, p->x), fe_sub(p->y, p->x), fe_add(p->z, p->z), fe_mul(p->t, curve_2d) };
}

static unfinished plus(const point *p, const addend *q)
{
    const fe pp = fe_mul(fe_add(p->y, p->x), q->sum), mm = fe_mul(fe_sub(p->y, p->x), q->diff);
    const fe t = fe_mul(p->t, q->t2d), z = fe_mul(p->z, q->z2);
    return (unfinished){ fe_sub(pp, mm), fe_add(pp, mm), fe_add(z, t), fe_sub(z, t) };
}

static unfinished minus(const point *p, const addend *q)
{
    const fe pm = fe_mul(fe_add(p->y, p->x), q->diff), mp = fe_mul(fe_sub(p->y, p->x), q->sum);
    const fe t = fe_mul(p->t, q->t2d), z = fe_mul(p->z, q->z2);
    return (unfinished){ fe_sub(pm, mp), fe_add(pm, mp), fe_sub(z, t), fe_add(z, t) };
}

/* ---------------------------------------------------------------- encoding */

/* v^((p - 5) / 8) = v^(2^252 - 3) */
static fe pow_252_3(fe v)
{
    const fe v2 = fe_sq(v);
    const fe v9 = fe_mul(fe_sq_times(v2, 2), v);
    const fe v11 = fe_mul(v9, v2);
    const fe e5 = fe_mul(fe_sq(v11), v9); /* v^(2^5 - 1), and so on */
    const fe e10 = fe_mul(fe_sq_times(e5, 5), e5);
    const fe e20 = fe_mul(fe_sq_times(e10, 10), e10);
    const fe e40 = fe_mul(fe_sq_times(e20, 20), e20);
    const fe e50 = fe_mul(fe_sq_times(e40, 10), e10);
    const fe e100 = fe_mul(fe_sq_times(e50, 50), e50);
    const fe e200 = fe_mul(fe_sq_times(e100, 100), e100);
    const fe e250 = fe_mul(fe_sq_times(e200, 50), e50);
    return fe_mul(fe_sq_times(e250, 2), v);
}

/* SQRT_RATIO_M1(1, v) of RFC 9496 4.2; 1 when v is a square. */
static uint64_t invsqrt(fe *out, fe v)
{
    const fe v3 = fe_mul(fe_sq(v), v);
    const fe v7 = fe_mul(fe_sq(v3), v);
    fe r = fe_mul(v3, pow_252_3(v7));
    const fe check = fe_mul(v, fe_sq(r));
    const fe minus_one = fe_neg(fe_small(1));
    const uint64_t right = fe_is(check, fe_small(1));
    const uint64_t flipped = fe_is(check, minus_one);
    const uint64_t flipped_i = fe_is(check, fe_mul(minus_one, sqrt_m1));
    r = fe_pick(r, fe_mul(r, sqrt_m1), flipped | flipped_i);
    *out = fe_abs(r);
    return right | flipped;
}

/* RFC 9496 4.3.1 */
static bool decode(point *out, const uint8_t in[TW_POINT])
{
    uint8_t again[TW_POINT];
    const fe s = fe_from(in), one = fe_small(1);
    fe_to(again, s);
    if (memcmp(again, in, TW_POINT) != 0 || (in[0] & 1))
        return false;
    const fe ss = fe_sq(s), u1 = fe_sub(one, ss), u2 = fe_add(one, ss), u2_sq = fe_sq(u2);
    const fe v = fe_sub(fe_neg(fe_mul(curve_d, fe_sq(u1))), u2_sq);
    fe root;
    const uint64_t square = invsqrt(&root, fe_mul(v, u2_sq));
    const fe den_x = fe_mul(root, u2), den_y = fe_mul(fe_mul(root, den_x), v);
    out->x = fe_abs(fe_mul(fe_add(s, s), den_x));
    out->y = fe_mul(u1, den_y);
    out->z = one;
    out->t = fe_mul(out->x, out->y);
    return square && !fe_negative(out->t) && !fe_is(out->y, fe_small(0));
}

/* RFC 9496 4.3.2 */
static void encode(uint8_t out[TW_POINT], const point *p)
{
    const fe u1 = fe_mul(fe_add(p->z, p->y), fe_sub(p->z, p->y)), u2 = fe_mul(p->x, p->y);
    fe root;
    invsqrt(&root, fe_mul(u1, fe_sq(u2)));
    const fe den1 = fe_mul(root, u1), den2 = fe_mul(root, u2);
    const fe z_inv = fe_mul(fe_mul(den1, den2), p->t);
    const uint64_t rotate = fe_negative(fe_mul(p->t, z_inv));
    const fe x = fe_pick(p->x, fe_mul(p->y, sqrt_m1), rotate);
    fe y = fe_pick(p->y, fe_mul(p->x, sqrt_m1), rotate);
    const fe den_inv = fe_pick(den2, fe_mul(den1, invsqrt_a_minus_d), rotate);
    y = fe_pick(y, fe_neg(y), fe_negative(fe_mul(x, z_inv)));
    fe_to(out, fe_abs(fe_mul(den_inv, fe_sub(p->z, y))));
}

/* ---------------------------------------------------------------- sums */

typedef struct {
    int8_t digit[DIGITS]; /* zero or odd, -15 to 15; of five in a row one at most is not zero */
    addend odd[TABLE];
} multiple;

/* The scalar is below 2^253, so that no carry leaves the top. */
static void signed_windows(int8_t digit[DIGITS], const uint8_t s[TW_SCALAR])
{
    for (unsigned i = 0; i < DIGITS; i++)
        digit[i] = (int8_t)(s[i / 8] >> (i % 8) & 1);
    for (unsigned i = 0; i < DIGITS; i++) {
        if (!digit[i])
            continue;
        for (unsigned b = 1; b <= 5 && i + b < DIGITS; b++) {
            const int more = digit[i + b] * (1 << b);
            if (!more)
                continue;
            if (digit[i] + more <= 15) {
                digit[i] = (int8_t)(digit[i] + more);
                digit[i + b] = 0;
            } else if (digit[i] - more >= -15) {
                digit[i] = (int8_t)(digit[i] - more);
                unsigned k = i + b;
                for (; digit[k]; k++)
                    digit[k] = 0;
                digit[k] = 1;
            } else {
                break;
            }
        }
    }
}

static bool prepare(multiple *m, const tw_point_term *term)
{
    point p;
    if (!tw_scalar_ok(term->s) || !decode(&p, term->p))
        return false;
    signed_windows(m->digit, term->s);
    unfinished u = twice(&p);
    const point p2 = finish(&u);
    m->odd[0] = addend_of(&p);
    for (unsigned i = 1; i < TABLE; i++) {
        u = plus(&p2, &m->odd[i - 1]);
        const point next = finish(&u);
        m->odd[i] = addend_of(&next);
    }
    return true;
}

static void add_up(point *sum, const multiple *m, size_t count)
{
    *sum = (point){ fe_small(0), fe_small(1), fe_small(1), fe_small(0) };
    bool begun = false;
    for (unsigned bit = DIGITS; bit-- > 0;) {
        unfinished u = { 0 };
        if (begun)
            u = twice(sum);
        for (size_t i = 0; i < count; i++) {
            const int d = m[i].digit[bit];
            if (!d)
                continue;
            if (begun)
                *sum = finish(&u);
            begun = true;
            u = d > 0 ? plus(sum, &m[i].odd[d / 2]) : minus(sum, &m[i].odd[-d / 2]);
        }
        if (begun && bit)
            finish_xyz(sum, &u);
        else if (begun)
            *sum = finish(&u);
    }
}

bool tw_point_sum_public(uint8_t out[TW_POINT], const tw_point_term *term, size_t count)
{
    multiple m[TW_SUM_MAX];
    point sum;
    TW_ASSERT(count <= TW_SUM_MAX);
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++)
        ok = prepare(&m[i], &term[i]);
    if (ok) {
        add_up(&sum, m, count);
        encode(out, &sum);
        tw_wipe(&sum, sizeof sum);
    }
    tw_wipe(m, count * sizeof *m); /* of secret points, perhaps */
    return ok;
}
