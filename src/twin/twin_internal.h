/** Private to src/twin: the pieces of the PSA twin. */
#ifndef TW_TWIN_INTERNAL_H
#define TW_TWIN_INTERNAL_H

#include "twin/twin.h"

#define TW_PSA_DIM_MAX (TW_PSA_NPAR + TW_PSA_NDEV * TW_PSA_CYCLES_MAX)
#define TW_DAYS_PER_YEAR 365.25

/* ---------------------------------------------------------------- psa_model.c */

/** Where the deviations of a cycle start in a parameter vector; the last cycle's end is tw_psa_dim. */
size_t tw_psa_cycle_offset(size_t cycle);
/** Model values at the points (ascending runs and days) of a schedule.
 *  out  lnf   n_at: ln(P + 0.1)
 *       jac   n_at * dim: d lnf / d theta, row = point; NULL: not wanted
 *       slope n_at: d lnf / d day; NULL: not wanted
 *  in   theta dim = tw_psa_dim(cycles in run) */
void tw_psa_walk(double *lnf, double *jac, double *slope, const tw_psa_run *run, size_t n_run, const tw_psa_at *at,
                 size_t n_at, const double *theta, size_t dim);

/* ---------------------------------------------------------------- psa_noise.c */

/** Kalman filter of OU + white noise at given days, as a linear map that whitens residuals. */
typedef struct {
    size_t n;
    double *phi;    /* decay since the point before; 0 at the first */
    double *gain;   /* share of the innovation that goes to the level */
    double *rsd;    /* 1 / sd of the innovation */
    double log_det; /* ln det of the covariance */
    double end_var; /* of the level after the last point */
} tw_psa_filter;

TW_NODISCARD tw_status tw_psa_filter_new(tw_ctx *cx, tw_psa_filter *f, size_t n);
/** in  extra  n: added variance per point from the release's noise; NULL: none */
void tw_psa_filter_set(tw_psa_filter *f, const tw_psa_at *at, const double *extra, double ou_sd, double ou_tau_day,
                       double white_sd);
/** Column `col` of z (n rows of length `stride`) becomes whitened. Returns the level after the last point. */
double tw_psa_filter_apply(const tw_psa_filter *f, double *z, size_t stride);
/** All `cols` columns at once. */
void tw_psa_filter_apply_rows(const tw_psa_filter *f, double *z, size_t cols);

/** Variance that the release's noise adds to ln(PSA + 0.1), first order at the model's values. */
void tw_psa_noise_extra(double *extra, const tw_noise *noise, const double *lnf, const double *slope, size_t n);

/* ---------------------------------------------------------------- psa_map.c */

/** Population as the fit needs it. */
typedef struct {
    const tw_psa_population *pop;
    double chol[TW_PSA_NPAR * TW_PSA_NPAR];
    double prec[TW_PSA_NPAR * TW_PSA_NPAR];
    double log_det; /* of cov */
} tw_psa_prior;
TW_NODISCARD tw_status tw_psa_prior_make(tw_ctx *cx, tw_psa_prior *out, const tw_psa_population *pop);

/** Mode and curvature of one man's posterior; memory made once per man and used again by EM. */
typedef struct {
    const tw_psa_series *man;
    const tw_noise *noise;
    size_t dim;
    double *theta;    /* mode; the start of the next search */
    double *hess;     /* Gauss-Newton, at the mode */
    double *chol;     /* of hess */
    double *lnf;      /* n_obs, at the mode */
    double *jac;      /* n_obs * dim, at the mode, not whitened */
    double *extra;    /* n_obs */
    double objective; /* minus log posterior at the mode, up to constants in theta */
    double log_marginal;
    double level; /* of the OU process after the last observation, at the theta looked at last */
    tw_psa_filter filter;
    double *white_res; /* work */
    double *white_jac;
    double *grad;
    double *step;
    double *trial;
    double *slope;
} tw_psa_map;
TW_NODISCARD tw_status tw_psa_map_new(tw_ctx *cx, tw_psa_map *m, const tw_psa_series *man, const tw_noise *noise,
                                      const tw_psa_population *pop);
TW_NODISCARD tw_status tw_psa_map_find(tw_ctx *cx, tw_psa_map *m, const tw_psa_prior *prior);
/** Minus log posterior, up to constants; lnf and white_res are overwritten. */
double tw_psa_map_objective(tw_psa_map *m, const tw_psa_prior *prior, const double *theta);
/** Prior sd of element i of a parameter vector of deviations (i >= TW_PSA_NPAR); `kind` tells which one. */
size_t tw_psa_dev_kind(size_t i);

/** theta (dim) drawn from the population. */
void tw_psa_prior_draw(double *theta, size_t dim, const tw_psa_prior *prior, tw_rng *rng);
/** Elements from .. dim - 1 (deviations) drawn from the population. */
void tw_psa_dev_draw(double *theta, size_t from, size_t dim, const tw_psa_population *pop, tw_rng *rng);

/* ---------------------------------------------------------------- psa_baseline.c */

/** A forecast task: from the first `seen` observations (in `seen_runs` runs) to the observations [seen, end). */
typedef struct {
    size_t seen, end, seen_runs, runs;
    size_t cycle;
} tw_psa_task;

/** Tasks of a man, at most 2 * TW_PSA_CYCLES_MAX; off: only the off phase, from the end of on. */
size_t tw_psa_tasks(tw_psa_task *out, const tw_psa_series *man, bool off);
/** His previous cycle at the same phase and day in phase; his last value when there is none. */
double tw_psa_previous(const tw_psa_series *man, const tw_psa_task *t, size_t obs);
/** Men without fold `fold` of `folds` by position; folds = 0: all. */
typedef struct {
    const tw_psa_series *men;
    size_t n;
    uint32_t fold, folds;
} tw_psa_others;
static inline bool tw_psa_is_other(const tw_psa_others *o, size_t man)
{
    return o->folds == 0 || man % o->folds != o->fold;
}
/** Root mean square error of the two Gaussian baselines over other men's tasks of the same kind. */
void tw_psa_baseline_sd(double *previous_sd, double *persistence_sd, const tw_psa_others *o, bool off);
/** Other men's curves at this phase and day in phase, one a run; at most `max`. Returns the count. */
size_t tw_psa_climatology(double *x, size_t max, const tw_psa_others *o, const tw_psa_series *man, size_t obs);

/* ---------------------------------------------------------------- psa_table.c */

/** Score draws x (sorted in place) against the point's y into the point's columns of method m. */
void tw_psa_point_score(tw_psa_point *p, tw_psa_method m, double *x, size_t n, double log_score);
/** Fill t->score from t->point. Points are grouped by man. work comes from the arena and goes back. */
TW_NODISCARD tw_status tw_psa_table_finish(tw_ctx *cx, tw_psa_table *t, uint32_t bootstraps, uint64_t seed);

#endif
