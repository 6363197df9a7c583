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

/* ---------------------------------------------------------------- pieces of FHIR resources (fhir_in.c) */

bool tw_rt_suffix(tw_ctx *cx, const tw_json *d, uint32_t i, const char *suffix);
tw_str tw_rt_local_id(tw_str reference);
/** Extension of `obj` whose URL ends so, after `after` (TW_JSON_NONE: the first); TW_JSON_NONE. */
uint32_t tw_rt_extension(tw_ctx *cx, const tw_json *d, uint32_t obj, const char *suffix, uint32_t after);
bool tw_rt_profiled(tw_ctx *cx, const tw_json *d, uint32_t obj, const char *suffix);
/** A coding of a CodeableConcept has the code; in `system` when it is not NULL. */
bool tw_rt_coded(tw_ctx *cx, const tw_json *d, uint32_t concept, const char *system, tw_str code);
/** Seconds; 0 when it is no time. */
uint64_t tw_rt_when(tw_ctx *cx, const tw_json *d, uint32_t i);
uint64_t tw_rt_version(tw_ctx *cx, const tw_json *d, uint32_t obj);
/** "system value" of the official identifier, "" when there is none. */
tw_str tw_rt_official(tw_ctx *cx, const tw_json *d, uint32_t obj);
tw_str tw_rt_reference(tw_ctx *cx, const tw_json *d, uint32_t obj, const char *member);
TW_NODISCARD tw_status tw_rt_centigray(tw_ctx *cx, double *out, const tw_json *d, uint32_t quantity, size_t position);
/** Whole number in an extension; 0 when there is none. */
uint32_t tw_rt_count(const tw_json *d, uint32_t ext);
/** Doses of one resource, behind the n of `out`. */
TW_NODISCARD tw_status tw_rt_feed(tw_ctx *cx, tw_rt_dose *out, size_t *n, size_t room, const tw_json *d, uint32_t obj,
                                  size_t position);

#endif
