/** Private to radio: what calibration and the study share. */
#ifndef TW_RADIO_INTERNAL_H
#define TW_RADIO_INTERNAL_H

#include "radio/radio.h"

/** A set of observations under a law, ready for many parameter vectors at once. */
typedef struct {
    const tw_radio_prior *law;
    const tw_radio_obs *obs;
    size_t n;
    const tw_fraction *given;
    size_t fractions;
    double *work; /* for `lanes` vectors: see tw_radio_data_new */
    size_t lanes;
} tw_radio_data;
TW_NODISCARD tw_status tw_radio_data_new(tw_ctx *cx, tw_radio_data *out, const tw_radio_prior *law,
                                         const tw_radio_obs *obs, size_t n, const tw_fraction *given,
                                         size_t fractions, size_t lanes);
/** ln volume: out[obs * m + i] for theta[m x TW_RADIO_DIM], m <= lanes. */
void tw_radio_predict(tw_radio_data *d, double *out, const double *theta, size_t m);
/** Log likelihood, constants kept. */
void tw_radio_loglik(tw_radio_data *d, double *out, const double *theta, size_t m);
double tw_radio_logprior(const tw_radio_prior *p, const double *theta);
/** Systematic resampling: index[count] of n weights, which sum to anything above 0. */
void tw_radio_resample(size_t *index, size_t count, const double *weight, size_t n, double u);
/** (sum w)^2 / sum w^2 */
double tw_radio_ess(const double *weight, size_t n);

#endif
