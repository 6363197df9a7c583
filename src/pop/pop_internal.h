/** Private to src/pop: a person's likelihood, its mode and curvature. */
#ifndef TW_POP_INTERNAL_H
#define TW_POP_INTERNAL_H

#include "pop/pop.h"

/** Population as a person's fit needs it. Variable parameters are those with variance. */
typedef struct {
    const tw_pop_model *model;
    const tw_pop_population *pop;
    size_t n_eta;
    size_t at[TW_POP_PAR_MAX]; /* parameter of each eta */
    double chol[TW_POP_PAR_MAX * TW_POP_PAR_MAX]; /* n_eta * n_eta */
    double prec[TW_POP_PAR_MAX * TW_POP_PAR_MAX];
    double log_det;
} tw_pop_prior;
/** false: a covariance that is none. */
bool tw_pop_prior_set(tw_pop_prior *out, const tw_pop_model *m, const tw_pop_population *pop);

/** Work space of one person, used again and again. psi is the last mode found, and the next search's start. */
typedef struct {
    const tw_pop_model *model;
    const tw_pop_person *person;
    double psi[TW_POP_PAR_MAX];
    double typical[TW_POP_PAR_MAX];
    double hess[TW_POP_PAR_MAX * TW_POP_PAR_MAX]; /* n_eta * n_eta, of half of -2 ln posterior, expected information */
    double chol[TW_POP_PAR_MAX * TW_POP_PAR_MAX];
    double objective; /* -2 ln posterior at psi, without n ln(2 pi) and ln det cov */
    double *f, *v;    /* n_obs: prediction, variance */
    double *jf, *jv;  /* n_obs * n_eta */
    double *trial_f, *trial_v, *shift_f;
    double *jac; /* n_obs * n_par, of the model */
    tw_pop_obs *shifted;
    bool time_noise, searched;
    double held; /* NaN, or: psi[held_par] does not move */
    size_t held_par;
} tw_pop_map;
TW_NODISCARD tw_status tw_pop_map_new(tw_ctx *cx, tw_pop_map *w, const tw_pop_model *m, const tw_pop_person *p);
/** Prediction and variance at psi; false: not finite. */
bool tw_pop_map_predict(tw_pop_map *w, double *f, double *v, const tw_pop_population *pop, const double *psi);
/** -2 ln likelihood of the person's values given predictions, without n ln(2 pi). */
double tw_pop_map_misfit(const tw_pop_map *w, const double *f, const double *v);
/** -2 ln prior of psi without constants. */
double tw_pop_prior_misfit(const tw_pop_prior *prior, const double *typical, const double *psi);
/** Mode and curvature; false: none found. */
bool tw_pop_map_find(tw_pop_map *w, const tw_pop_prior *prior);
/** -2 ln of the Laplace (FOCEI) marginal likelihood at the mode found. */
double tw_pop_map_marginal(const tw_pop_map *w, const tw_pop_prior *prior);

/** One observation: -2 ln p, its derivatives by f and v, and expected curvatures of half of it. */
typedef struct {
    double value, by_f, by_v, info_f, info_v;
} tw_pop_term;
tw_pop_term tw_pop_term_of(double y, double f, double v, double round_width, tw_pop_kind kind);
/** Of a person's value j. */
tw_pop_term tw_pop_term_at(const tw_pop_person *p, size_t j, double f, double v);
/** add^2 + (prop f)^2 + what the release added to the values of an output. */
double tw_pop_error_variance(const tw_pop_population *pop, const tw_pop_person *p, uint32_t output, double f);

/* ---------------------------------------------------------------- fit.c: all people at once */

typedef struct {
    const tw_pop_model *model;
    const tw_pop_person *people;
    size_t n;
    tw_pop_map *map; /* n */
    tw_pop_prior prior;
} tw_pop_crew;
TW_NODISCARD tw_status tw_pop_crew_new(tw_ctx *cx, tw_pop_crew *c, const tw_pop_model *m, const tw_pop_person *people,
                                       size_t n);
/** Modes of all people; sum of their marginals, +inf: none found. */
double tw_pop_crew_ofv(tw_pop_crew *c, const tw_pop_population *pop);
/** mean and estimated beta by generalised least squares on psi (n * n_par), then nothing else of pop is touched. */
bool tw_pop_regress(tw_pop_population *pop, const tw_pop_model *m, const tw_pop_prior *prior,
                    const tw_pop_person *people, const double *psi, size_t n);
/** Errors of one output from their logs, held above a hundredth of the start's: a value of 0 that is predicted as 0
 *  would else draw the additive error, and the likelihood, to no end. */
void tw_pop_set_errors(tw_pop_population *pop, const tw_pop_population *start, uint32_t output, const double *x);
#define TW_POP_PEOPLE_MIN 3 /* of a fit */
/** On how many people and values pop rests. */
void tw_pop_count(tw_pop_population *pop, const tw_pop_person *people, size_t n);
/** Number of unknowns of a fit and their vector, as in tw_pop_precision; with full_cov the Cholesky factor instead. */
size_t tw_pop_pack(double *x, const tw_pop_model *m, const tw_pop_population *pop, bool full_cov);
void tw_pop_unpack(tw_pop_population *pop, const tw_pop_model *m, const double *x, bool full_cov);
#define TW_POP_UNKNOWNS_MAX                                                                        \
    (TW_POP_PAR_MAX + TW_POP_EFFECT_MAX + TW_POP_PAR_MAX * (TW_POP_PAR_MAX + 1) / 2 + 2 * TW_POP_OUT_MAX)

#endif
