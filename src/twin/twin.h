/** Twin: digital twins of patients, numbers in and numbers out. First twin: prostate specific antigen (PSA) of a man
 *  under intermittent androgen suppression, model "psa-ias" (see models/psa-ias/card.md).
 *
 *  Model, time in days, P in ug/L, e = effect of the treatment in [0, 1]:
 *      P' = -r e (P - B(t)) + g (1 - e) P ln(K / P)        B(t) = B exp(b years since the first record)
 *      e' = 0.2 (1 - e) on treatment, -ke e off treatment   e(0) = 0, P(0) = P0
 *  P is multiplied by exp(j_on) or exp(j_off) at each switch (not at the first start). B, g and K vary from cycle to
 *  cycle. Observation: ln(PSA + 0.1) = ln(P + 0.1) + OU(sd, tau) + N(0, white^2), OU = stationary Ornstein-Uhlenbeck
 *  process; it enters the likelihood and the forecast.
 *  Population: (ln r, ln B, ln g, ln K, ln ke, ln P0, b) ~ N(mean, cov).
 *
 *  Everything here is pure: no clock, no files, no randomness except through a seed. The same seed gives the same bits.
 *  All memory comes from cx->arena; work space is given back before a function returns, results stay.
 *  A forecast is decision support, conditional on the days of the treatment switches, never an order.
 *
 *  Sources: the trial, Bruchovsky et al., Cancer 107 (2006) 389; truncated importance weights,
 *  Ionides, J Comput Graph Stat 17 (2008) 295; CRPS and PIT, Gneiting and Raftery, JASA 102 (2007) 359. */
#ifndef TW_TWIN_H
#define TW_TWIN_H

#include "base/base.h"
#include "model/model.h"
#include "stat/stat.h"

/* ---------------------------------------------------------------- series */

#define TW_PSA_OFFSET 0.1 /* ug/L; scores and likelihood live on ln(PSA + offset) */
#define TW_PSA_CYCLES_MAX 12
#define TW_PSA_VISITS_MAX 4096
#define TW_PSA_DRAWS_MAX 20000
#define TW_PSA_MODEL_ID "psa-ias"
#define TW_PSA_MODEL_VERSION 1

typedef struct {
    double day; /* any origin; ascending */
    double
        psa_ug_l; /* >= 0 (0 where a release's noise went below); NaN: a visit without PSA, which tells the treatment */
    bool on;      /* on treatment at this visit */
} tw_psa_visit;

/** A run: time spent on or off treatment between two switches. */
typedef struct {
    double start_day; /* days since the first visit */
    double end_day;   /* = start of the next run; the last run ends at the last visit */
    size_t cycle;     /* from 0; a cycle is on, then off */
    bool on;
} tw_psa_run;

/** A point of time in a given run: at the day of a switch the run tells on which side of the jump the point lies. */
typedef struct {
    double day;
    size_t run;
} tw_psa_at;

typedef struct {
    tw_psa_run *run;
    size_t n_run;
    size_t n_cycle;
    tw_psa_at *at; /* where PSA was measured */
    double *y;     /* ln(PSA + 0.1), one per `at` */
    size_t n_obs;
    double origin_day; /* day of the first visit in the caller's count */
} tw_psa_series;

/** When treatment starts again, as visits tell it: at the first visit on treatment (drugs are given there; its PSA is
 *  still that before treatment) or at the last visit off. On the published men FIRST_ON has the higher likelihood and
 *  the better forecasts (card, validation). */
typedef enum { TW_PSA_RESTART_FIRST_ON, TW_PSA_RESTART_LAST_OFF } tw_psa_restart;

/** Switches and cycles from the visits' flags: treatment starts as `restart` says (at the first visit when the series
 *  begins on); it stops at the earlier of 14 days after the last visit on treatment and the first visit off. A visit
 *  belongs to its run by its flag, not by its day: at the day of a switch it may lie before the jump.
 *  in    visit  ascending days; PSA >= 0 or NaN
 *  fails TW_EPARSE order or sign (names the visit's position), no PSA at all; TW_ELIMIT visits, cycles */
TW_NODISCARD tw_status tw_psa_series_make(tw_ctx *cx, tw_psa_series *out, const tw_psa_visit *visit, size_t n,
                                          tw_psa_restart restart);
/** The first n_run runs with their observations; shares memory with `in`. 1 <= n_run <= in->n_run. */
tw_psa_series tw_psa_series_cut(const tw_psa_series *in, size_t n_run);
/** First run of a cycle, n_run when there is none. */
size_t tw_psa_cycle_run(const tw_psa_series *s, size_t cycle);

/* ---------------------------------------------------------------- population */

enum { TW_PSA_LN_R, TW_PSA_LN_B, TW_PSA_LN_G, TW_PSA_LN_K, TW_PSA_LN_KE, TW_PSA_LN_P0, TW_PSA_B_YEAR, TW_PSA_NPAR };
enum { TW_PSA_D_B, TW_PSA_D_G, TW_PSA_D_K, TW_PSA_J_OFF, TW_PSA_J_ON, TW_PSA_NDEV };

/** Law of the men. Rates per day, PSA in ug/L, b per year; all log except b. */
typedef struct {
    double mean[TW_PSA_NPAR];
    double cov[TW_PSA_NPAR * TW_PSA_NPAR]; /* row-major, symmetric */
    double dev_sd[TW_PSA_NDEV];            /* between the cycles of a man: ln B, ln g, ln K; jumps at stop and start */
    double ou_sd;
    double ou_tau_day;
    double white_sd;
    uint32_t men; /* on how much it rests */
    uint32_t obs;
    double log_marginal; /* Laplace approximation, of the fit; 0 when unknown */
} tw_psa_population;

/** Wide round values chosen by hand, not fitted: where a fit starts. */
tw_psa_population tw_psa_population_start(void);

typedef struct {
    uint32_t iterations_max;        /* 0: 8, early stopping: more steps lose forecast skill (card, validation) */
    double tolerance;               /* stop when the log marginal grows by less; 0: 0.02 */
    const tw_psa_population *prior; /* NULL: none */
    double prior_men;               /* the prior counts as this many men (conjugate weights); for small sets */
} tw_psa_population_opts;

/** EM with a Laplace E-step. The laws of release noise are one per man or NULL.
 *  in    men    n >= 3
 *  fails TW_EPARSE too few men, TW_ELIMIT */
TW_NODISCARD tw_status tw_psa_population_fit(tw_ctx *cx, tw_psa_population *out, const tw_psa_series *men,
                                             const tw_noise *noise, size_t n, const tw_psa_population_opts *opts);

/** Lines of `name TAB value` after the line `name TAB value`; the lower triangle of the covariance. Reads back to the
 *  same bits (17 digits). Lines that begin with # are comments. */
void tw_psa_population_write(tw_buf *out, const tw_psa_population *p);
/** fails TW_EPARSE unknown, missing or doubled name, bad number, covariance or a scale not positive */
TW_NODISCARD tw_status tw_psa_population_read(tw_ctx *cx, tw_psa_population *out, tw_str text);

/* ---------------------------------------------------------------- one man */

/** Length of a parameter vector: 7 of the man, then per cycle ln B, ln g, ln K deviations, j_off, and j_on from the
 *  second cycle on. */
size_t tw_psa_dim(size_t n_cycle);

/** What is known of a man after his data: mode, covariance (Laplace), draws. Borrowed from the arena. */
typedef struct {
    tw_psa_population prior;
    tw_psa_run *run; /* the runs that were seen */
    size_t n_run;
    size_t n_cycle;
    size_t dim;
    double *map;     /* dim */
    double *cov;     /* dim * dim, row-major */
    double *draw;    /* n_draw * dim, row = draw; equal weights */
    double *ou_mean; /* n_draw: level of the OU process at last_day */
    double ou_var;
    size_t n_draw;
    double last_day; /* of the last observation; ou_* hold there */
    size_t n_obs;
    double log_marginal;
    double ess; /* effective size of the importance sample before truncation, of 3 n_draw */
} tw_psa_posterior;

/** MAP by Levenberg-Marquardt, Laplace covariance, 3 n_draw draws of a t law with 6 degrees at the MAP, weights
 *  truncated at mean * sqrt(3 n_draw), resampled. `noise` NULL: values and times as measured.
 *  fails TW_EPARSE no observation, times dropped by the release, a population that is none; TW_ELIMIT n_draw;
 *        TW_EFAILED the search did not end in a maximum */
TW_NODISCARD tw_status tw_psa_fit(tw_ctx *cx, tw_psa_posterior *out, const tw_psa_series *man,
                                  const tw_psa_population *pop, const tw_noise *noise, size_t n_draw, uint64_t seed);
/** The same structure with no personal data: draws from the population. */
TW_NODISCARD tw_status tw_psa_fit_none(tw_ctx *cx, tw_psa_posterior *out, const tw_psa_population *pop, size_t n_draw,
                                       uint64_t seed);

/* ---------------------------------------------------------------- forecast */

/** Draws of ln(PSA + 0.1) as it would be measured: parameters, cycle to cycle variation, OU and white noise. */
typedef struct {
    size_t n_draw;
    size_t n_at;
    double *x;    /* n_at * n_draw, row = time */
    double *mean; /* n_at * n_draw: mean of x given the parameters of a draw, and */
    double *var;  /* n_at * n_draw: its variance; the predictive law is the mixture of N(mean, var) */
} tw_psa_forecast;

/** Forecast at the points `at` (ascending) of the schedule `run`, which begins with the runs of the posterior (the last
 *  of them may end later) and goes on with those to come. Points before posterior->last_day are refused. Cycles that
 *  were not seen draw their deviations from the population. `noise`: the law that the values to be compared went
 *  through; NULL: as measured in the clinic.
 *  fails TW_EUSAGE the schedule contradicts the posterior, TW_ELIMIT */
TW_NODISCARD tw_status tw_psa_forecast_make(tw_ctx *cx, tw_psa_forecast *out, const tw_psa_posterior *post,
                                            const tw_psa_run *run, size_t n_run, const tw_psa_at *at, size_t n_at,
                                            const tw_noise *noise, uint64_t seed);

/** Smooth curve of the fit at past days for plots: median and band of ln(P + 0.1) without noise.
 *  out  band  n_at * 3: 5 %, 50 %, 95 % */
TW_NODISCARD tw_status tw_psa_curve(tw_ctx *cx, double *band, const tw_psa_posterior *post, const tw_psa_at *at,
                                    size_t n_at);

enum { TW_PSA_Q05, TW_PSA_Q25, TW_PSA_Q50, TW_PSA_Q75, TW_PSA_Q95, TW_PSA_NQ };
/** Quantiles of each row. out  q  n_at * TW_PSA_NQ, on ln(PSA + 0.1); tw_psa_from_log gives ug/L. Sorts f->x. */
void tw_psa_forecast_bands(double *q, tw_psa_forecast *f);
double tw_psa_to_log(double psa_ug_l);
double tw_psa_from_log(double y); /* not below 0 */
/** Points every step_day from day `from` to `to` over a schedule; n_at is the count. */
TW_NODISCARD tw_status tw_psa_grid(tw_ctx *cx, tw_psa_at **at, size_t *n_at, const tw_psa_run *run, size_t n_run,
                                   double from, double to, double step_day);

/* ---------------------------------------------------------------- cross-validation */

typedef enum {
    TW_PSA_TWIN,        /* this model, personal data */
    TW_PSA_POPULATION,  /* this model, no personal data */
    TW_PSA_CLIMATOLOGY, /* other men's curves by phase and day in phase */
    TW_PSA_PREVIOUS,    /* the man's own previous cycle, same phase, same day in phase; sd pooled over other men */
    TW_PSA_PERSISTENCE, /* his last value; sd pooled over other men */
    TW_PSA_POOL,        /* half twin, half previous cycle */
    TW_PSA_NMETHOD
} tw_psa_method;
const char *tw_psa_method_name(tw_psa_method m);

typedef struct {
    double crps;             /* mean over observations, on ln(PSA + 0.1) */
    double crps_lo, crps_hi; /* 95 % bootstrap over men */
    double crps_raw;         /* ug/L */
    double cover50, cover90; /* share inside the central interval */
    double log_score;        /* mean log predictive density on ln(PSA + 0.1); NaN where none is defined */
    double pit_ks;           /* distance of the PIT from uniform */
    uint32_t pit[10];        /* its histogram */
    double skill;            /* 1 - crps / crps of POPULATION */
    double skill_lo, skill_hi;
} tw_psa_score;

typedef struct {
    uint32_t man, cycle; /* positions, from 0 */
    double day;          /* since the man's first visit */
    bool on;
    double y;
    double q[TW_PSA_NQ]; /* of the twin */
    double crps[TW_PSA_NMETHOD];
    double crps_raw[TW_PSA_NMETHOD];
    double pit[TW_PSA_NMETHOD];
    double log_score[TW_PSA_NMETHOD];
} tw_psa_point;

typedef struct {
    tw_psa_score score[TW_PSA_NMETHOD];
    tw_psa_point *point;
    size_t n_point;
    size_t n_forecast; /* (man, cycle) pairs */
} tw_psa_table;

typedef struct {
    tw_psa_table next_cycle; /* from the end of cycle k: the whole of cycle k + 1 */
    tw_psa_table off_phase;  /* from the end of on in cycle k + 1: its off phase */
    double nadir_crps_twin;  /* lowest ln(PSA + 0.1) of the next cycle, at its measured days */
    double nadir_crps_population;
    uint32_t men, folds, draws;
} tw_psa_crossval_result;

typedef struct {
    uint32_t folds;      /* 0: 5, by position modulo folds */
    uint32_t draws;      /* 0: 400 */
    uint32_t bootstraps; /* 0: 1000 */
    uint64_t seed;
    tw_psa_population_opts population;
    void (*progress)(void *self, uint32_t done, uint32_t total); /* men; NULL: none */
    void *progress_self;
} tw_psa_crossval_opts;

/** Every man is forecast with a population fitted without the men of his fold. Conditional on the true switch days.
 *  fails as the fits; TW_EPARSE fewer men than folds * 2 or nothing to forecast */
TW_NODISCARD tw_status tw_psa_crossval(tw_ctx *cx, tw_psa_crossval_result *out, const tw_psa_series *men,
                                       const tw_noise *noise, size_t n, const tw_psa_crossval_opts *opts);

/* ---------------------------------------------------------------- synthetic men */

typedef struct {
    uint32_t cycles_max; /* 0: 4 */
    double days_max;     /* 0: 2300 */
    double restart_ug_l; /* 0: 10 */
    bool regular;        /* visits every 28 days; else 28, now and then later, up to 90 */
} tw_psa_simulate_opts;

typedef struct {
    tw_psa_visit *visit;
    size_t n_visit;
    double *theta; /* true parameters, tw_psa_dim(n_cycle) */
    size_t dim;
    size_t n_cycle;
    double *true_psa_ug_l; /* per visit, without noise */
    tw_psa_run *run;       /* the true switches */
    size_t n_run;
} tw_psa_synthetic;

/** One man of the population as a trial of intermittent suppression would see him: on treatment for 32 to 36 weeks
 *  (longer, up to 52, while the measured PSA is over 4), off until the measured PSA is over the restart level;
 *  treatment starts again at the visit after. Same seed, same man.
 *  fails TW_EUSAGE an option out of range, TW_EPARSE the population */
TW_NODISCARD tw_status tw_psa_simulate(tw_ctx *cx, tw_psa_synthetic *out, const tw_psa_population *pop,
                                       const tw_psa_simulate_opts *opts, uint64_t seed);

/* ---------------------------------------------------------------- the twin as a document */

/** A fitted twin with what it rests on. Personal data: encrypt at rest, never on a ledger. */
typedef struct {
    tw_psa_posterior posterior;
    uint8_t data_hash[32];      /* of the manifest of the data */
    tw_noise noise;             /* law that the release told */
    uint64_t release_log_index; /* ledger entry of the release */
    uint64_t seed;              /* of the fit */
} tw_psa_twin;

/** JSON: model, version, evidence, noise law, population, runs, mode, covariance and draws (9 digits; days and
 *  population 17). Same twin, same bytes; what was read is written again to the same bytes. */
TW_NODISCARD tw_status tw_psa_twin_write(tw_ctx *cx, tw_buf *out, const tw_psa_twin *t);
/** fails TW_EPARSE with the path of the member */
TW_NODISCARD tw_status tw_psa_twin_read(tw_ctx *cx, tw_psa_twin *out, tw_str json);

#endif
