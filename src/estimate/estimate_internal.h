/** Private to estimate: a problem asked on the scale of u. */
#ifndef TW_ESTIMATE_INTERNAL_H
#define TW_ESTIMATE_INTERNAL_H

#include <math.h>
#include <stdlib.h>

#include "estimate/estimate.h"

/** -ln posterior at n points u [n][dim], inside the bounds; NaN becomes +inf. */
TW_NODISCARD tw_status tw_estimate_posterior(tw_ctx *cx, double *value, const tw_estimate_problem *p, const double *u,
                                             size_t n);
/** The same without the prior. */
TW_NODISCARD tw_status tw_estimate_likelihood(tw_ctx *cx, double *value, const tw_estimate_problem *p, const double *u,
                                              size_t n);
/** Step of differences at u: opts->step as the header says. */
double tw_estimate_step(const tw_estimate_par *p, double u, double step);
double tw_estimate_lower(const tw_estimate_par *p);
double tw_estimate_upper(const tw_estimate_par *p);
/** u, moved between the bounds. */
double tw_estimate_inside(const tw_estimate_par *p, double u);

/** One descent from u (becomes where it ended), parameters in `held` (bits) fixed. */
typedef struct {
    double value;
    bool converged;
    tw_estimate_method method;
    uint64_t evaluations;
} tw_estimate_descent;
TW_NODISCARD tw_status tw_estimate_descend(tw_ctx *cx, tw_estimate_descent *out, double *u,
                                           const tw_estimate_problem *p, uint32_t held,
                                           const tw_estimate_map_opts *opts);

/** One run of b->n instances at x [n][dim]: fills in what the model says and makes room for the results. Times,
 *  actions, out, from and to are the caller's. */
TW_NODISCARD tw_status tw_estimate_run(tw_ctx *cx, tw_sim_batch *b, const tw_estimate_model *m, const double *x);
/** Bands, as tw_estimate_forecast gives them, of f [n][n_time][n_observable]. */
TW_NODISCARD tw_status tw_estimate_bands(tw_ctx *cx, double *band, const tw_estimate_model *m, const double *f,
                                         const double *weight, size_t n, size_t n_time, bool measured, uint64_t seed);

#endif
