/** Stat: what every model of patients needs and none owns: forecast scores, small dense linear algebra, seeded random
 *  numbers. Pure; the same seed gives the same bits.
 *
 *  Sources: CRPS and PIT, Gneiting and Raftery, JASA 102 (2007) 359. */
#ifndef TW_STAT_H
#define TW_STAT_H

#include "base/base.h"

#define TW_LN_2PI 1.8378770664093454836

/** n doubles of the arena, zeroed. */
TW_NODISCARD tw_status tw_stat_array(tw_ctx *cx, double **out, size_t n);

/* ---------------------------------------------------------------- scoring */

/** Ascending; no NaN. */
void tw_score_sort(double *x, size_t n);
/** Continuous ranked probability score of an ensemble, energy form: mean|x - y| - sum_i (2i - n - 1) x_(i) / n^2.
 *  in  x  n >= 1 draws, any order; sorted in place. */
double tw_score_crps(double *x, size_t n, double y);
/** CRPS of a Gaussian, closed form. sd > 0. */
double tw_score_crps_normal(double mean, double sd, double y);
/** Probability integral transform: share of draws below y, ties at one half. */
double tw_score_pit(const double *x, size_t n, double y);
/** Quantile p in [0, 1] of sorted draws, linear between order statistics (Hyndman and Fan type 7). */
double tw_score_quantile(const double *sorted, size_t n, double p);
/** Kolmogorov-Smirnov distance of values in [0, 1] from the uniform law. Sorts u in place. */
double tw_score_ks_uniform(double *u, size_t n);

/* ---------------------------------------------------------------- dense linear algebra: row-major, lower triangles */

/** a (n x n, lower triangle read) becomes its Cholesky factor L (upper triangle zeroed). false: not positive definite.
 */
bool tw_la_chol(double *a, size_t n);
/** x := L^-1 x */
void tw_la_solve_lower(const double *l, double *x, size_t n);
/** x := L^-T x */
void tw_la_solve_upper(const double *l, double *x, size_t n);
/** inv := (L L^T)^-1, full symmetric; inv must not be l. */
void tw_la_inverse(double *inv, const double *l, size_t n);
/** ln det(L L^T) */
double tw_la_logdet(const double *l, size_t n);
/** Sum of squares. */
double tw_la_square(const double *x, size_t n);

/* ---------------------------------------------------------------- seeded random numbers */

/** xoshiro256++ (Blackman and Vigna 2021), seeded by splitmix64. */
typedef struct {
    uint64_t s[4];
    double spare;
    bool has_spare;
} tw_rng;
/** Streams of one seed with different tags are independent. */
tw_rng tw_rng_of(uint64_t seed, uint64_t tag);
uint64_t tw_rng_u64(tw_rng *r);
/** Open interval (0, 1). */
double tw_rng_uniform(tw_rng *r);
double tw_rng_normal(tw_rng *r);
/** Chi square with 6 degrees of freedom. */
double tw_rng_chi2_6(tw_rng *r);
/** Below n, n >= 1. */
size_t tw_rng_below(tw_rng *r, size_t n);

#endif
