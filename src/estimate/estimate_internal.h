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

/** Quantiles of weighted values: sorts x and its weights together. in  at  n_at in [0, 1] */
typedef struct {
    double value, weight;
} tw_weighted;
void tw_estimate_quantiles(double *q, tw_weighted *x, size_t n, const double *at, size_t n_at);
/** f as it would be measured: with a draw of its noise. */
double tw_estimate_measure(const tw_estimate_observable *o, double f, tw_rng *rng);
/** Bands of one row of results: f [n] every `stride`. */
void tw_estimate_bands_of(double *band, tw_weighted *work, const double *f, size_t stride, const double *weight,
                          size_t n, const tw_estimate_observable *measured, tw_rng *rng);

#endif
