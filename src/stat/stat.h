/** Stat: what every model of patients needs and none owns: forecast scores, small dense linear algebra, seeded random
 *  numbers, a search for a minimum, weighted draws and samplers. Pure; the same seed gives the same bits.
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
/** 95 % interval of draws, n >= 1: their quantiles 0.025 and 0.975. Sorts x in place. */
void tw_score_interval(double *lo, double *hi, double *x, size_t n);

/** How well forecasts are calibrated, from their PIT values. */
typedef struct {
    double cover50, cover90; /* share of truths within the central intervals */
    double ks;               /* distance of the PIT values from the uniform law */
    uint32_t histogram[10];  /* of the PIT values */
} tw_calibration;
/** n >= 1. Sorts pit in place. */
tw_calibration tw_score_calibration(double *pit, size_t n);

/** ln density of N(mean, var), and ln of the mean density of n of them. */
double tw_log_density_normal(double y, double mean, double var);
double tw_log_density_mixture(double y, const double *mean, const double *var, size_t n);

/* ---------------------------------------------------------------- dense linear algebra: row-major, lower triangles */

/** a (n x n, lower triangle read) becomes its Cholesky factor L (upper triangle zeroed). false: not positive definite.
 */
bool tw_la_chol(double *a, size_t n);
/** x := L^-1 x */
void tw_la_solve_lower(const double *l, double *x, size_t n);
/** x := L^-T x */
void tw_la_solve_upper(const double *l, double *x, size_t n);
/** x := (L L^T)^-1 x */
void tw_la_solve(const double *l, double *x, size_t n);
/** x := x + L z */
void tw_la_add_lower(double *x, const double *l, const double *z, size_t n);
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

/* ---------------------------------------------------------------- eigenvalues, distances (eigen.c, distance.c) */

/** Eigenvalues (descending) and vectors (row k belongs to value k) of a symmetric matrix by Jacobi rotations; a is used
 *  up. vector may be NULL. */
void tw_la_eigen(double *value, double *vector, double *a, size_t n);
/** Standard normal distribution function; its ln, also far in the tail. */
double tw_normal_cdf(double z);
double tw_log_normal_cdf(double z);
/** Energy distance of two samples of points in dim dimensions, sqrt(2 E|X-Y| - E|X-X'| - E|Y-Y'|), V-statistic.
 *  in  x  n_x * dim, row = point; y  n_y * dim
 *  Source: Szekely and Rizzo, J Stat Plan Inference 143 (2013) 1249. */
double tw_energy_distance(const double *x, size_t n_x, const double *y, size_t n_y, size_t dim);
/** Area under the ROC curve: P(a > b) + P(a = b) / 2 over all pairs. n_a, n_b >= 1. */
double tw_score_auc(const double *a, size_t n_a, const double *b, size_t n_b);

/* ---------------------------------------------------------------- a minimum (minimise.c) */

/** A function of n numbers; +inf or NaN where it is not defined. */
typedef double (*tw_objective)(void *self, const double *x);
typedef struct {
    uint32_t iterations_max; /* 0: 200 */
    double tolerance;        /* stop when a step gains less; 0: 1e-7 */
    double step;             /* of central differences; 0: 1e-3 */
} tw_minimise_opts;
typedef struct {
    double value;
    uint32_t iterations, calls;
    bool converged;
} tw_minimise_result;
/** BFGS with gradients by central differences and backtracking; x is the start and becomes the minimum.
 *  Source: Nocedal and Wright, Numerical Optimization (2006), chapter 6.
 *  fails TW_EFAILED the function is not defined at the start */
TW_NODISCARD tw_status tw_minimise(tw_ctx *cx, tw_minimise_result *out, double *x, size_t n, tw_objective f, void *self,
                                   const tw_minimise_opts *opts);

/* ---------------------------------------------------------------- weighted draws (weights.c) */

/** n ln weights become weights, the largest 1. Returns ln of what they were divided by; not finite: no draw is
 *  possible, and w holds no weights then. */
double tw_weights_of_logs(double *w, size_t n);
/** Weights above mean sqrt(n) are cut to that. Source: Ionides, J Comput Graph Stat 17 (2008) 295. */
void tw_weights_truncate(double *w, size_t n);
/** (sum w)^2 / sum w^2; 0: all are 0. */
double tw_weights_ess(const double *w, size_t n);

/** Systematic resampling, draw by draw. Borrows w, n weights of any sum above 0. */
typedef struct {
    const double *w;
    size_t n, draws, drawn, at;
    double u, total, passed;
} tw_resampling;
tw_resampling tw_resampling_of(const double *w, size_t n, size_t draws, tw_rng *rng);
/** Position of the next of the `draws`; never falls. */
size_t tw_resampling_next(tw_resampling *r);

/** Multivariate t law with 6 degrees of freedom, what importance samples are drawn from: normals times
 *  sqrt(TW_T6 / tw_rng_chi2_6). Its ln density up to a constant, from the squared whitened distance to the centre, or
 *  from the distance x and the factor l of the precision (n * n); and the constant. */
#define TW_T6 6.0
double tw_t6_log_kernel(double square, size_t n);
double tw_t6_log_density(const double *l, const double *x, size_t n);
double tw_t6_log_constant(const double *l, size_t n);

/* ---------------------------------------------------------------- samplers (mcmc.c, smc.c, enkf.c) */

typedef struct {
    uint32_t chains; /* 0: 4 */
    uint32_t warmup; /* per chain, not kept; 0: 2000 */
    uint32_t kept;   /* per chain; 0: 2000 */
    uint64_t seed;
} tw_mcmc_opts;
typedef struct {
    double *draw; /* chains * kept * n */
    uint32_t chains, kept;
    double *rhat; /* n: split R-hat, rank-normalised draws */
    double *ess;  /* n: bulk effective size, Geyer's initial monotone sequence over all chains */
    double rhat_max, ess_min;
    double accepted; /* share */
} tw_mcmc_result;
/** Adaptive random-walk Metropolis: covariance learned in warm-up and then frozen, scale tuned to 0.234.
 *  in  start  chains * n: one start a chain, spread more widely than the target
 *      f      log density, up to a constant; -inf or NaN: impossible
 *  fails TW_EFAILED a start is impossible
 *  Sources: Haario, Saksman, Tamminen, Bernoulli 7 (2001) 223; Vehtari and others, Bayesian Anal 16 (2021) 667. */
TW_NODISCARD tw_status tw_mcmc(tw_ctx *cx, tw_mcmc_result *out, const double *start, size_t n, tw_objective f,
                               void *self, const tw_mcmc_opts *opts);
/** Split R-hat and effective size of one quantity. in  x  chains * kept. Work memory of the arena goes back. */
TW_NODISCARD tw_status tw_mcmc_diagnose(tw_ctx *cx, double *rhat, double *ess, const double *x, size_t chains,
                                        size_t kept);

/** Weighted particles, row = particle. */
typedef struct {
    double *x;      /* n_particle * n */
    double *weight; /* sum 1 */
    size_t n_particle, n;
} tw_particles;
/** 1 / sum of squared weights. */
double tw_particles_ess(const tw_particles *p);
/** weight *= exp(log_weight), normalised. Returns ln of the mean factor (the evidence of this step); -inf and weights
 *  unchanged when all are impossible. */
double tw_particles_reweigh(tw_particles *p, const double *log_weight);
/** Systematic resampling: weights become equal. */
TW_NODISCARD tw_status tw_particles_resample(tw_ctx *cx, tw_particles *p, tw_rng *rng);
/** Resampling with Liu and West's kernel: particles shrink to the mean by a = (3 delta - 1) / (2 delta) and are
 *  jittered with (1 - a^2) of the covariance, so that mean and covariance stay. delta in (0.5, 1), often 0.95 to 0.99.
 *  Source: Liu and West, in Sequential Monte Carlo Methods in Practice (2001) 197. */
TW_NODISCARD tw_status tw_particles_liu_west(tw_ctx *cx, tw_particles *p, double delta, tw_rng *rng);
/** Mean and covariance (n * n) under the weights. */
void tw_particles_moments(double *mean, double *cov, const tw_particles *p);

typedef struct {
    double ess_share; /* of a tempering step; 0: 0.5 */
    uint32_t moves;   /* Metropolis moves after each; 0: 5 */
    uint64_t seed;
} tw_smc_opts;
typedef struct {
    double log_evidence;
    uint32_t steps; /* tempering steps */
    double accepted;
} tw_smc_result;
/** Tempered sequential Monte Carlo: p holds draws of the prior with equal weights, and becomes draws of prior times
 *  likelihood. Source: Del Moral, Doucet, Jasra, J R Stat Soc B 68 (2006) 411.
 *  fails TW_EFAILED no particle is possible */
TW_NODISCARD tw_status tw_smc(tw_ctx *cx, tw_smc_result *out, tw_particles *p, tw_objective log_prior,
                              tw_objective log_likelihood, void *self, const tw_smc_opts *opts);

/** One ensemble Kalman update with perturbed observations; weights are not used.
 *  in  predicted  n_particle * n_obs, without noise; y, var  n_obs: measured, and variance of the noise
 *  fails TW_EFAILED the covariance of what is predicted is not positive definite
 *  Source: Burgers, van Leeuwen, Evensen, Mon Weather Rev 126 (1998) 1719. */
TW_NODISCARD tw_status tw_enkf(tw_ctx *cx, tw_particles *p, const double *predicted, const double *y, const double *var,
                               size_t n_obs, tw_rng *rng);

/* ---------------------------------------------------------------- local linear trend (kalman.c) */

/** level' = level + slope dt + noise, slope' = slope + noise; measured = level + noise. Noise of slope and level grow
 *  with time (continuous white noise), so that times may be irregular. See models/kalman-trend/card.md.
 *  Source: Durbin and Koopman, Time Series Analysis by State Space Methods (2012), section 3.2. */
typedef struct {
    double level_sd;  /* per square root of time */
    double slope_sd;  /* per time to the power 3/2 */
    double noise_sd;  /* of a measurement */
} tw_trend_law;
typedef struct {
    double level, slope;
    double var_level, cov, var_slope;
    double time;
    uint64_t n; /* measured so far; 0: nothing is known */
    double log_likelihood; /* of all but the first two */
} tw_trend;
/** Take in a value; the first two start level and slope. extra_var: noise that a release added and told; 0: none. A
 *  NaN moves time alone. Time does not run back (TW_ASSERT). */
void tw_trend_update(tw_trend *t, const tw_trend_law *law, double time, double value, double extra_var);
/** Mean and variance of what will be measured at a later time. t->n >= 2. */
void tw_trend_forecast(double *mean, double *var, const tw_trend *t, const tw_trend_law *law, double time);
/** Law of greatest likelihood. in  time ascending, value  n >= 8
 *  fails TW_EPARSE too few values, TW_EFAILED a series without noise */
TW_NODISCARD tw_status tw_trend_fit(tw_ctx *cx, tw_trend_law *law, const double *time, const double *value, size_t n);

#endif
