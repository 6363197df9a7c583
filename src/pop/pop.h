/** Pop: populations of patients under one structural model, and one patient within them. Pharmacokinetics first, but
 *  anything that predicts a record from a handful of individual parameters fits.
 *
 *  psi = mean + sum beta ln(covariate / centre) + eta, eta ~ N(0, cov): a person's parameters on the scale where they
 *  are normal; phi = exp(psi), lo + (hi - lo) / (1 + exp(-psi)) or psi: the same in their units, what a structural
 *  model sees. Measured: y = f + N(0, add^2 + (prop f)^2 + what the release added).
 *
 *  What a release did to the values enters the likelihood: added noise as variance, rounding as the probability of the
 *  interval, coarse or jittered times as variance through the slope of the curve over one sd of time. Values told as
 *  "below" or "above" count with their probability (M3 method, Beal 2001).
 *
 *  Pure: no clock, no files, no randomness but through a seed; the same seed gives the same bits. Memory comes from
 *  cx->arena; work space goes back before a function returns, results stay. Parameters of a person are personal data.
 *
 *  Sources: FOCE with interaction, Wang, J Pharmacokinet Pharmacodyn 34 (2007) 575; SAEM, Kuhn and Lavielle, Comput
 *  Stat Data Anal 49 (2005) 1020; scores, Gneiting and Raftery, JASA 102 (2007) 359; Gaussian mechanism, Balle and
 *  Wang, ICML 2018. */
#ifndef TW_POP_H
#define TW_POP_H

#include "base/base.h"
#include "model/model.h"
#include "stat/stat.h"

/* ---------------------------------------------------------------- models and people */

#define TW_POP_PAR_MAX 12
#define TW_POP_OUT_MAX 4
#define TW_POP_EFFECT_MAX 8
#define TW_POP_COVARIATE_MAX 8
#define TW_POP_PEOPLE_MAX 100000
#define TW_POP_OBS_MAX 10000 /* of a person */
#define TW_POP_DRAWS_MAX 20000

typedef enum { TW_POP_LOG, TW_POP_NORMAL, TW_POP_LOGIT } tw_pop_law;

typedef struct {
    const char *name;
    const char *unit;
    tw_pop_law law;
    double lo, hi; /* TW_POP_LOGIT */
} tw_pop_par;

/** psi of a parameter gains beta ln(covariate / centre). */
typedef struct {
    size_t par, covariate;
    double centre;
    bool estimate; /* else beta stays what the population says: allometry */
} tw_pop_effect;

typedef struct {
    double time;     /* in the model's unit; ascending */
    double amount;   /* > 0 */
    double duration; /* 0: at once; else into the central compartment at a constant rate */
} tw_pop_dose;

typedef enum { TW_POP_MEASURED, TW_POP_BELOW, TW_POP_ABOVE } tw_pop_kind;

typedef struct {
    double time; /* ascending */
    double y;    /* value; the limit where it was told as below or above one */
    uint32_t output;
    tw_pop_kind kind;
} tw_pop_obs;

/** Borrowed. */
typedef struct {
    const tw_pop_dose *dose;
    size_t n_dose;
    const tw_pop_obs *obs;
    size_t n_obs;
    const double *covariate; /* as many as the model names; > 0 where an effect uses them */
    const tw_noise *noise;   /* one law per output, as the release told; NULL: as measured */
} tw_pop_person;

/** Predicts a record: f[j] at obs[j].time of obs[j].output (y and kind are not read), and d f[j] / d phi[k] into
 *  jac[j * n_par + k] when jac is not NULL and the model has it. Returns whether it filled jac; when it did not, finite
 *  differences are taken. Must be pure and defined for every phi that the laws allow. */
typedef bool (*tw_pop_predict)(const void *self, double *f, double *jac, const double *phi, const tw_pop_person *p);

typedef struct {
    const char *id;
    const tw_pop_par *par;
    size_t n_par;
    const char *const *output; /* names */
    size_t n_output;
    const char *const *covariate; /* names */
    size_t n_covariate;
    const tw_pop_effect *effect;
    size_t n_effect;
    double time_unit_days; /* 1.0 / 24 for hours */
    tw_pop_predict predict;
    const void *self;
} tw_pop_model;

/** Law of the people. */
typedef struct {
    double mean[TW_POP_PAR_MAX];
    double beta[TW_POP_EFFECT_MAX];
    double cov[TW_POP_PAR_MAX * TW_POP_PAR_MAX]; /* n_par * n_par, row-major; row and column of zeroes: does not vary */
    double add[TW_POP_OUT_MAX];                  /* sd; a fit leaves a zero zero */
    double prop[TW_POP_OUT_MAX];
    uint32_t people, obs; /* on how much it rests */
    double ofv;           /* -2 ln likelihood by FOCEI without n ln(2 pi); 0: unknown */
} tw_pop_population;

/** phi from psi, and back. */
void tw_pop_natural(double *phi, const tw_pop_model *m, const double *psi);
void tw_pop_transformed(double *psi, const tw_pop_model *m, const double *phi);
/** Mean of psi for a person's covariates. */
void tw_pop_typical(double *psi, const tw_pop_model *m, const tw_pop_population *pop, const tw_pop_person *p);
/** Refuses what the functions below cannot take: counts, order, signs, numbers that are none.
 *  fails TW_EPARSE, TW_ELIMIT: the position, never the value */
TW_NODISCARD tw_status tw_pop_check(tw_ctx *cx, const tw_pop_model *m, const tw_pop_population *pop,
                                    const tw_pop_person *people, size_t n);

/* ---------------------------------------------------------------- structural models that come with it */

/** One compartment, repeated doses by superposition. Time since the dose counts from its lag.
 *  first-order absorption (ka > 0) or straight into the compartment (ka = 0); duration > 0: infusion. */
typedef struct {
    double ka, cl, v, lag;
} tw_pk1;
/** Amount per volume; grad (4): by ka, cl, v, lag; NULL: not wanted. Stable where ka = cl / v. */
double tw_pk1_at(double *grad, const tw_pk1 *k, const tw_pop_dose *dose, size_t n_dose, double time);

/** "theophylline": ka (1/h), CL (L/h), V (L); mg, h, mg/L. */
const tw_pop_model *tw_pop_theophylline(void);
/** "warfarin": lag (h), ka (1/h), CL (L/h, allometric on weight 70 kg, 3/4), V (L, allometric, 1), E0 (%), IC50 (mg/L),
 *  kout (1/h); outputs cp (mg/L) and pca (prothrombin complex activity, %); wt (kg), age, sex (0 female, 1 male).
 *  pca' = kout (E0 (1 - C / (IC50 + C)) - pca), pca(0) = E0. The quadrature is within 1e-6 of the curve (test). */
const tw_pop_model *tw_pop_warfarin(void);
/** "phenobarbital": CL (L/h), V (L), both proportional to weight (1 kg); intravenous at once; mg, h, mg/L; wt, apgr. */
const tw_pop_model *tw_pop_phenobarbital(void);
/** By id; NULL: none. */
const tw_pop_model *tw_pop_model_by_id(tw_str id);
/** Round values set by hand, where a fit starts. */
tw_pop_population tw_pop_start(const tw_pop_model *m);

/** A table in the layout that NONMEM made common: columns id, time, amt, dv and, where there, evid, dvid (an output by
 *  name or by number from 1), cens (1: below dv, -1: above), and the model's covariates by name (sex also as male or
 *  female), read from a person's first row. Rows with amt > 0 are doses; rows with evid 0 (or without evid: amt 0) are
 *  values. Rows of a person stand together, times ascending.
 *  out   people, count   in the arena
 *  fails TW_EPARSE with the line, TW_ELIMIT */
TW_NODISCARD tw_status tw_pop_read(tw_ctx *cx, tw_pop_person **people, size_t *count, const tw_pop_model *m,
                                   tw_str table);

/* ---------------------------------------------------------------- fits of a population */

typedef struct {
    bool full_cov;           /* else the covariance stays diagonal */
    uint32_t iterations_max; /* FOCEI: of BFGS, 0: 200; EM: 0: 60 */
    double prior_weight;     /* EM: the start counts as this many people in cov and in the errors */
} tw_pop_fit_opts;

/** What -2 ln L is by FOCEI at `pop`. */
TW_NODISCARD tw_status tw_pop_ofv(tw_ctx *cx, double *ofv, const tw_pop_model *m, const tw_pop_population *pop,
                                  const tw_pop_person *people, size_t n);
/** The same by importance sampling, no approximation but chance: n_draw draws a person of a t law at the mode. */
TW_NODISCARD tw_status tw_pop_exact(tw_ctx *cx, double *ofv, const tw_pop_model *m, const tw_pop_population *pop,
                                    const tw_pop_person *people, size_t n, size_t n_draw, uint64_t seed);
/** EM with a Laplace E-step: quick and sure, close to FOCEI; FOCEI starts from it.
 *  inout pop   the start: what is zero in cov, add and prop stays zero
 *  in    people  n >= 3
 *  fails TW_EPARSE, TW_EFAILED no mode for a person */
TW_NODISCARD tw_status tw_pop_em(tw_ctx *cx, tw_pop_population *pop, const tw_pop_model *m, const tw_pop_person *people,
                                 size_t n, const tw_pop_fit_opts *opts);
/** First-order conditional estimation with interaction: minimises tw_pop_ofv by BFGS, after ten steps of EM. */
TW_NODISCARD tw_status tw_pop_focei(tw_ctx *cx, tw_pop_population *pop, const tw_pop_model *m,
                                    const tw_pop_person *people, size_t n, const tw_pop_fit_opts *opts);

typedef struct {
    bool full_cov;
    uint32_t explore; /* iterations of step 1; 0: 300 */
    uint32_t smooth;  /* iterations of step 1/k; 0: 500 */
    uint32_t chains;  /* per person; 0: enough for 400 in all */
    uint64_t seed;
} tw_pop_saem_opts;
/** Stochastic approximation EM: tends to the maximum of the exact likelihood. pop->ofv is by FOCEI at the result.
 *  fails TW_EPARSE, also for a parameter without variability: give it some */
TW_NODISCARD tw_status tw_pop_saem(tw_ctx *cx, tw_pop_population *pop, const tw_pop_model *m,
                                   const tw_pop_person *people, size_t n, const tw_pop_saem_opts *opts);

/** Uncertainty of a fit: curvature of the objective at `pop`. Unknowns in the order mean, estimated beta, ln sd of
 *  each variable parameter, ln of each error above zero. */
typedef struct {
    size_t n;
    double se[2 * TW_POP_PAR_MAX + TW_POP_EFFECT_MAX + 2 * TW_POP_OUT_MAX];
    double eigen[2 * TW_POP_PAR_MAX + TW_POP_EFFECT_MAX + 2 * TW_POP_OUT_MAX]; /* of the scaled curvature, descending */
    double condition; /* largest over smallest; over 1,000: do not trust the numbers one by one; inf: not identified */
    bool identified;  /* a minimum, and no sd known worse than by a factor of e^3 */
} tw_pop_precision;
TW_NODISCARD tw_status tw_pop_precision_of(tw_ctx *cx, tw_pop_precision *out, const tw_pop_model *m,
                                           const tw_pop_population *pop, const tw_pop_person *people, size_t n);

/** Lines of `name TAB value`: model, people, obs, ofv, mean.PAR, beta.PAR.COVARIATE, cov.PAR.PAR (lower triangle,
 *  zeroes left out), add.OUTPUT, prop.OUTPUT. Reads back to the same bits (17 digits). Lines that begin with # are
 *  comments. */
void tw_pop_population_write(tw_buf *out, const tw_pop_model *m, const tw_pop_population *pop);
/** fails TW_EPARSE another model, an unknown, doubled or missing name, a bad number, a covariance that is none */
TW_NODISCARD tw_status tw_pop_population_read(tw_ctx *cx, tw_pop_population *out, const tw_pop_model *m, tw_str text);

/* ---------------------------------------------------------------- one person */

/** What is known of a person after his data. */
typedef struct {
    const tw_pop_model *model;
    tw_pop_population pop;
    size_t n_par;
    double map[TW_POP_PAR_MAX]; /* psi at the mode */
    double cov[TW_POP_PAR_MAX * TW_POP_PAR_MAX];
    double *draw; /* n_draw * n_par, psi, equal weights */
    size_t n_draw;
    double log_marginal; /* Laplace */
    double ess;          /* of 3 n_draw importance draws; 0: draws of the population */
    size_t n_obs;
} tw_pop_posterior;

/** Mode by Levenberg and Marquardt, Laplace covariance, 3 n_draw draws of a t law with 6 degrees there, weights
 *  truncated at mean sqrt(3 n_draw), resampled. No observations: draws of the population.
 *  fails TW_EPARSE, TW_EFAILED no mode, TW_ELIMIT n_draw */
TW_NODISCARD tw_status tw_pop_fit_person(tw_ctx *cx, tw_pop_posterior *out, const tw_pop_model *m,
                                         const tw_pop_population *pop, const tw_pop_person *person, size_t n_draw,
                                         uint64_t seed);

/** How far a person's data speak: in the directions that the population calls unit sd, the information of the data.
 *  A direction with less than 1 is more prior than data. */
typedef struct {
    size_t n; /* variable parameters */
    double eigen[TW_POP_PAR_MAX];     /* descending; share told by data = eigen / (1 + eigen) */
    double shrinkage[TW_POP_PAR_MAX]; /* per parameter, 1 - posterior variance / prior variance; 0: data say nothing */
    size_t told;                      /* directions with eigen >= 1 */
} tw_pop_identity;
TW_NODISCARD tw_status tw_pop_identify(tw_ctx *cx, tw_pop_identity *out, const tw_pop_model *m,
                                       const tw_pop_population *pop, const tw_pop_person *person);
/** Profile: least -2 ln posterior with psi[par] held at each of n_grid values, less that at the mode. Flat (all under
 *  3.84): not identified by prior and data together. */
TW_NODISCARD tw_status tw_pop_profile(tw_ctx *cx, double *rise, const tw_pop_model *m, const tw_pop_population *pop,
                                      const tw_pop_person *person, size_t par, const double *grid, size_t n_grid);

/** ln posterior of psi up to a constant, for the samplers of stat: wrap with tw_pop_target_make. */
typedef struct tw_pop_target tw_pop_target;
TW_NODISCARD tw_status tw_pop_target_make(tw_ctx *cx, tw_pop_target **out, const tw_pop_model *m,
                                          const tw_pop_population *pop, const tw_pop_person *person);
double tw_pop_log_prior(void *target, const double *psi);
double tw_pop_log_likelihood(void *target, const double *psi);
double tw_pop_log_posterior(void *target, const double *psi);
/** n draws of psi from the population for this person (n * n_par). */
void tw_pop_prior_draws(double *psi, tw_pop_target *target, size_t n, uint64_t seed);

typedef enum { TW_POP_PARTICLES, TW_POP_ENSEMBLE } tw_pop_filter_kind;
/** Takes the values in one by one, in the order of time: particle filter with Liu and West's jitter (delta .98, when
 *  the effective size falls under half) or ensemble Kalman filter on the parameters. Values that are not plain
 *  measurements: particle filter only.
 *  out   log_evidence  sum of ln of the predictive density of each value (particles; NaN for the ensemble)
 *  inout p             draws of the population in, posterior draws out */
TW_NODISCARD tw_status tw_pop_filter(tw_ctx *cx, double *log_evidence, tw_particles *p, const tw_pop_model *m,
                                     const tw_pop_population *pop, const tw_pop_person *person, tw_pop_filter_kind kind,
                                     uint64_t seed);

/* ---------------------------------------------------------------- forecast and its quality */

/** Found on data, to be told with every forecast: cov of the population times `cov` before a person is fitted, sd of
 *  the predictive error times `noise`. All zero: 1. */
typedef struct {
    double cov;
    double noise[TW_POP_OUT_MAX];
} tw_pop_calibration;

typedef struct {
    size_t n_draw, n_obs;
    double *x;    /* n_obs * n_draw, row = value: as it would be measured */
    double *mean; /* n_obs * n_draw: f of the draw */
    double *var;  /* n_obs * n_draw: of the error; the predictive law is the mixture of N(mean, var) */
} tw_pop_forecast;
/** At the times and outputs of `at` (its obs; its doses are those given until then and planned). `at->noise`: the law
 *  that the values to be compared went through. calibration->cov is not used here. */
TW_NODISCARD tw_status tw_pop_forecast_make(tw_ctx *cx, tw_pop_forecast *out, const tw_pop_posterior *post,
                                            const tw_pop_person *at, const tw_pop_calibration *calibration,
                                            uint64_t seed);

typedef enum {
    TW_POP_TWIN,        /* personal data up to the origin */
    TW_POP_POPULATION,  /* none, as fitted: no calibration */
    TW_POP_PERSISTENCE, /* his last value of that output; sd pooled over the other people; else POPULATION */
    TW_POP_NMETHOD
} tw_pop_method;
const char *tw_pop_method_name(tw_pop_method m);

typedef struct {
    uint32_t person, origin, output; /* positions */
    double time, y;
    double rms[TW_POP_NMETHOD]; /* error of the mean */
    double crps[TW_POP_NMETHOD];
    double pit[TW_POP_NMETHOD];
    double log_score[TW_POP_NMETHOD];
} tw_pop_point;

typedef struct {
    size_t n;
    double rmse, crps;
    double cover50, cover90;
    double log_score;
    double pit_ks;
    uint32_t pit[10];
    double skill, skill_lo, skill_hi; /* 1 - crps / crps of POPULATION; 95 % bootstrap over people */
} tw_pop_score;

/** Score of the points of one output by one method. */
TW_NODISCARD tw_status tw_pop_score_of(tw_ctx *cx, tw_pop_score *out, const tw_pop_point *point, size_t n,
                                       uint32_t output, tw_pop_method method, uint32_t bootstraps, uint64_t seed);

typedef struct {
    const double *origin; /* times; a person's values up to one are known, those after it are forecast */
    size_t n_origin;
    uint32_t folds;      /* 0: 5, by position modulo folds; 1: `start` is everybody's population, nothing is fitted */
    uint32_t draws;      /* 0: 400 */
    uint32_t bootstraps; /* 0: 1000 */
    uint64_t seed;
    tw_pop_population start;
    bool focei; /* else EM */
    tw_pop_fit_opts fit;
    tw_pop_calibration calibration;
} tw_pop_crossval_opts;
typedef struct {
    tw_pop_score score[TW_POP_OUT_MAX][TW_POP_NMETHOD];
    tw_pop_point *point; /* in the order of the people */
    size_t n_point;
} tw_pop_crossval_result;
/** A person's data are never in his own prior.
 *  fails as the fits; TW_EPARSE nothing to forecast, people < 2 folds */
TW_NODISCARD tw_status tw_pop_crossval(tw_ctx *cx, tw_pop_crossval_result *out, const tw_pop_model *m,
                                       const tw_pop_person *people, size_t n, const tw_pop_crossval_opts *opts);

/** Noise factors, each of 1, 1.2, ... 2, whose 90 % intervals hold nearest to 90 % in cross-validation;
 *  opts->calibration.cov is kept. Coverage on the same people is then a fit; measure it on others. */
TW_NODISCARD tw_status tw_pop_calibrate(tw_ctx *cx, tw_pop_calibration *out, const tw_pop_model *m,
                                        const tw_pop_person *people, size_t n, const tw_pop_crossval_opts *opts);

/* ---------------------------------------------------------------- synthetic people, privacy */

/** psi (n_par) and values (obs[].y of `p`, written through `y`, n_obs) of a person drawn from the population. */
TW_NODISCARD tw_status tw_pop_simulate(tw_ctx *cx, double *psi, double *y, const tw_pop_model *m,
                                       const tw_pop_population *pop, const tw_pop_person *p, uint64_t seed);

/** A population that may be published: mean and second moment of parameters, whitened by a public reference and
 *  clipped, with Gaussian noise. One query: sensitivity (replace one person) of (R mean, second moment) is
 *  sqrt(4.5) R^2 / n, R = clip sqrt(dim) the largest length of a whitened vector. What comes out is pulled to the
 *  reference as far as the noise, whose sd is public, asks for: few people and a small epsilon give the reference. */
typedef struct {
    double epsilon, delta; /* of this release */
    double clip;           /* sds per dimension; 0: 3 */
    uint64_t seed;         /* secret, from real entropy in a real release */
} tw_pop_dp_opts;
typedef struct {
    double epsilon, delta; /* spent */
    double epsilon_max, delta_max;
} tw_pop_budget;
/** in    psi  n * dim; ref_mean, ref_cov  public, not from these people
 *  inout budget  spent grows (sequential composition)
 *  out   mean, cov  of psi; cov positive definite
 *  fails TW_EBUDGET nothing is computed then; TW_EPARSE options, n < 2, the reference */
TW_NODISCARD tw_status tw_pop_dp_release(tw_ctx *cx, double *mean, double *cov, tw_pop_budget *budget,
                                         const double *psi, size_t n, size_t dim, const double *ref_mean,
                                         const double *ref_cov, const tw_pop_dp_opts *opts);
/** Least noise sd of a query with L2 sensitivity 1 that is (epsilon, delta)-private; exact, not the classical bound. */
double tw_pop_gaussian_sigma(double epsilon, double delta);

/** Somebody who sees a person's parameters guesses a yes-or-no attribute, with everybody else's parameters and answers
 *  in hand: linear discriminant, leave one out.
 *  out  auc       0.5: nothing learned
 *       accuracy, majority  share of right guesses; that of always guessing the commoner answer */
typedef struct {
    double auc, accuracy, majority;
} tw_pop_attack;
TW_NODISCARD tw_status tw_pop_attack_attribute(tw_ctx *cx, tw_pop_attack *out, const double *psi, size_t n, size_t dim,
                                               const bool *attribute);
/** Was this person among those whose mean was published? Score of a target: (x - ref)' S^-1 (published - ref), greater
 *  for members. Source: Homer and others, PLoS Genet 4 (2008) e1000167, with a covariance.
 *  out  score  n */
TW_NODISCARD tw_status tw_pop_attack_member(tw_ctx *cx, double *score, const double *target, size_t n, size_t dim,
                                            const double *published_mean, const double *ref_mean,
                                            const double *ref_cov);
/** Share of people whose own parameters, found again from other data, are nearest (Mahalanobis) to their published
 *  ones; chance is 1 / n. */
TW_NODISCARD tw_status tw_pop_attack_link(tw_ctx *cx, double *share, const double *published, const double *again,
                                          size_t n, size_t dim, const double *cov);

#endif
