/** Estimate: one patient's parameters from what was measured. A problem is a function of a few parameters, asked at
 *  many points at once, with bounds and priors; a problem of a simulated model and its data is made here too.
 *
 *  A parameter has a natural value x, which a model sees, and a value u on the scale where it is sought and where its
 *  prior is normal: u = ln x or u = x. What functions take and give is x unless they say u.
 *
 *  Pure: no clock, no files, no randomness but through a seed; the same seed gives the same bits. Memory comes from
 *  cx->arena; work space goes back before a function returns, results stay. Parameters of a patient are personal data.
 *
 *  Sources: L-BFGS, Liu and Nocedal, Math Program 45 (1989) 503; BOBYQA, Powell, DAMTP 2009/NA06 (both as NLopt has
 *  them); profile likelihood, Raue and others, Bioinformatics 25 (2009) 1923; Liu and West, in Sequential Monte Carlo
 *  Methods in Practice (2001) 197; ensemble Kalman filter, Evensen, Ocean Dyn 53 (2003) 343. */
#ifndef TW_ESTIMATE_H
#define TW_ESTIMATE_H

#include "sim/sim.h"
#include "stat/stat.h"

#define TW_ESTIMATE_PAR_MAX 32
#define TW_ESTIMATE_STARTS_MAX 10000
#define TW_ESTIMATE_PARTICLES_MAX 1000000

/* ---------------------------------------------------------------- problems */

typedef struct {
    const char *name;
    bool log;            /* sought as ln x; lower > 0 then */
    double lower, upper; /* lower < upper, both finite */
    double prior_mean;   /* NaN: no prior; of a log parameter the median */
    double prior_sd;     /* > 0, of u */
} tw_estimate_par;

/** value[i] = -ln likelihood at x[i], i < n; +inf or NaN where it is not defined. x [n][dim], inside the bounds. A
 *  point's value depends on that point alone. */
typedef tw_status (*tw_estimate_batch)(void *self, tw_ctx *cx, double *value, const double *x, size_t n);

typedef struct {
    const tw_estimate_par *par;
    size_t dim; /* 1 to TW_ESTIMATE_PAR_MAX */
    tw_estimate_batch f;
    void *self;
} tw_estimate_problem;

/** Refuses what the functions below cannot take.
 *  fails TW_EPARSE names the parameter */
TW_NODISCARD tw_status tw_estimate_check(tw_ctx *cx, const tw_estimate_par *par, size_t dim);
/** To the scale where it is sought, and back, inside the bounds. */
double tw_estimate_scaled(const tw_estimate_par *p, double x);
double tw_estimate_natural(const tw_estimate_par *p, double u);
/** The sd of u that stands for knowing nothing: the prior's, else that of a uniform law between the bounds. */
double tw_estimate_reference_sd(const tw_estimate_par *p);
/** -ln density of the priors at u; 0 without priors. */
double tw_estimate_prior(const tw_estimate_par *par, const double *u, size_t dim);
/** n draws of u from the priors, cut to the bounds; without one uniform between them. u [n][dim] */
void tw_estimate_prior_draws(double *u, const tw_estimate_par *par, size_t dim, size_t n, uint64_t seed);

/* ---------------------------------------------------------------- the mode (map.c) */

typedef enum { TW_ESTIMATE_LBFGS, TW_ESTIMATE_NO_GRADIENT } tw_estimate_method;

typedef struct {
    uint32_t starts;          /* 0: 8 */
    uint32_t evaluations_max; /* gradients, or points, of a start; 0: 500 */
    double tolerance;         /* stop when a step gains less of -ln posterior; 0: 1e-8 */
    double step;              /* of differences of u; without log times max(|u|, range / 100); 0: 1e-4 */
    uint64_t seed;
} tw_estimate_map_opts;

typedef struct {
    double first, value; /* -ln posterior where it started, and where it ended; +inf: not defined */
    double *x;           /* [dim] where it ended */
    bool converged;
    tw_estimate_method method; /* that gave the value */
} tw_estimate_start;

typedef struct {
    double *x;    /* [dim] */
    double value; /* -ln posterior */
    bool converged;
    tw_estimate_start *start; /* best first */
    uint32_t n_start;
    uint32_t agree; /* starts that ended within 0.1 of the best value */
    uint64_t evaluations; /* points asked */
} tw_estimate_mode;

/** Least -ln posterior between the bounds: a Latin hypercube of starts (the first is the middle of what is known
 *  before), from each L-BFGS with gradients by central differences, all points of a gradient as one batch; where that
 *  fails, a method without gradients (BOBYQA, of one parameter Nelder and Mead).
 *  fails TW_EFAILED not defined at any start, TW_EPARSE, TW_ELIMIT, what f says */
TW_NODISCARD tw_status tw_estimate_map(tw_ctx *cx, tw_estimate_mode *out, const tw_estimate_problem *p,
                                       const tw_estimate_map_opts *opts);

/* ---------------------------------------------------------------- around it (laplace.c) */

typedef struct {
    size_t dim;
    double *cov;  /* dim * dim, of u */
    double *sd;   /* [dim] of u */
    double *told; /* [dim] share of what was unknown of u that is known now, 1 - sd^2 / reference sd^2 */
    /* Information of the data alone (curvature of -ln likelihood) in units of the reference sd: descending; row k of
     * direction belongs to value k. Below 1 the data say less than the prior or the bounds. */
    double *eigen;
    double *direction;
    size_t n_told; /* directions with eigen >= 1 */
    bool *at_bound; /* [dim] the mode lies at a bound: cov there is that of a half law */
    double log_evidence;
} tw_estimate_normal;

/** Normal law around the mode: curvature by central differences in one batch, with steps that raise -ln posterior
 *  enough to be seen over the noise of the solver, found in another. In no direction wider than the reference.
 *  fails TW_EFAILED not defined around the mode */
TW_NODISCARD tw_status tw_estimate_laplace(tw_ctx *cx, tw_estimate_normal *out, const tw_estimate_problem *p,
                                           const tw_estimate_mode *mode);
/** What the data do not tell, for people: a direction a part, "k1 (0.71), k2 (-0.70); V (1.00)"; "" when they tell
 *  everything. Numbers are the weights of ln or value in units of the reference. */
tw_str tw_estimate_untold(tw_ctx *cx, const tw_estimate_problem *p, const tw_estimate_normal *l);

/** Draws of the posterior: 3 n of a t law with 6 degrees of freedom around the mode, weighed with the posterior in one
 *  batch, weights cut at mean sqrt(3 n), resampled.
 *  out  x    [n][dim] in the arena, equal weights
 *       ess  effective size of the 3 n draws: under n / 10 the normal law is a bad guide */
TW_NODISCARD tw_status tw_estimate_draws(tw_ctx *cx, double **x, double *ess, const tw_estimate_problem *p,
                                         const tw_estimate_mode *mode, const tw_estimate_normal *l, size_t n,
                                         uint64_t seed);

/** Profile: 2 (least -ln posterior with parameter `par` held at grid[i]) - 2 (the least), others sought anew from where
 *  their neighbours ended. Under 3.84 everywhere: not identified.
 *  in  grid  ascending, natural values inside the bounds */
TW_NODISCARD tw_status tw_estimate_profile(tw_ctx *cx, double *rise, const tw_estimate_problem *p,
                                           const tw_estimate_mode *mode, size_t par, const double *grid, size_t n_grid);

/* ---------------------------------------------------------------- a simulated model and its data (curve.c) */

typedef enum { TW_ESTIMATE_ADDITIVE, TW_ESTIMATE_PROPORTIONAL, TW_ESTIMATE_LOGNORMAL } tw_estimate_law;

typedef struct {
    const char *name;
    tw_estimate_law law; /* y ~ N(f, sd^2), N(f, (sd f)^2), ln y ~ N(ln f, sd^2) */
    double sd;           /* > 0 */
} tw_estimate_observable;

typedef enum { TW_ESTIMATE_MEASURED, TW_ESTIMATE_BELOW, TW_ESTIMATE_ABOVE } tw_estimate_kind;

/** A value, with what a release did to it. */
typedef struct {
    double time;
    uint32_t observable;
    double value; /* or the limit that it is below or above */
    tw_estimate_kind kind;
    double width;    /* rounded to multiples of it: it lay within half of it; 0: not rounded */
    double extra_sd; /* of noise that was added and told; 0: none */
} tw_estimate_datum;

/** ln density (of a rounded or censored value: ln probability) given what the model says. */
double tw_estimate_log_density(const tw_estimate_observable *o, const tw_estimate_datum *d, double f);

typedef struct {
    const tw_sim_program *program; /* its outputs are the observables; par and fixed are among its inputs */
    const tw_estimate_par *par;
    const uint32_t *symbol; /* [dim] of the parameters */
    size_t dim;
    const tw_estimate_observable *observable;
    uint32_t n_observable;
    const uint32_t *fixed; /* symbols with a value of this patient's, before initial assignments */
    const double *fixed_value;
    uint32_t n_fixed;
    const tw_sim_action *action; /* what was done, and is planned; ascending */
    size_t n_action;
    double start;
    tw_sim_run_opts run; /* rtol, atol 0: 1e-8, 1e-10 */
} tw_estimate_model;

/** out [n][n_time][n_observable] at x [n][dim]; NaN after a run failed. One batch; out and x are the caller's. */
TW_NODISCARD tw_status tw_estimate_simulate(tw_ctx *cx, double *out, const tw_estimate_model *m, const double *x,
                                            size_t n, const double *time, size_t n_time);
/** -ln likelihood of data under a model as a problem; in the arena, the model and the data are borrowed.
 *  in    datum  ascending in time, none before the start
 *  fails TW_EPARSE */
TW_NODISCARD tw_status tw_estimate_of_data(tw_ctx *cx, tw_estimate_problem *out, const tw_estimate_model *m,
                                           const tw_estimate_datum *datum, size_t n);

#define TW_ESTIMATE_BANDS 5
/** 0.05, 0.25, 0.5, 0.75, 0.95 */
extern const double tw_estimate_band[TW_ESTIMATE_BANDS];
/** Bands at times: of what would be measured (noise of the observable added), or of the curve.
 *  out  band  [n_time][n_observable][TW_ESTIMATE_BANDS]; NaN when no draw could be run to there
 *  in   x     [n][dim], weight [n] with sum 1, NULL: equal; at least one */
TW_NODISCARD tw_status tw_estimate_forecast(tw_ctx *cx, double *band, const tw_estimate_model *m, const double *x,
                                            const double *weight, size_t n, const double *time, size_t n_time,
                                            bool measured, uint64_t seed);

/* ---------------------------------------------------------------- values that stream in (filter.c) */

/** Noise of the process: a symbol of the state wanders by N(0, sd^2 dt). A species: its amount. */
typedef struct {
    uint32_t symbol;
    double sd; /* > 0 */
} tw_estimate_drift;

typedef struct {
    size_t particles; /* 0: 4096 */
    double delta;     /* Liu and West, in (0.5, 1); 0: 0.98 */
    double ess_share; /* resample below; 0: 0.5 */
    bool ensemble;    /* Kalman update of the ensemble instead of weights */
    const tw_estimate_drift *drift;
    size_t n_drift;
    const double *x; /* [particles][dim] where they begin; NULL: drawn from the priors */
    uint64_t seed;
} tw_estimate_filter_opts;

/** Particles: parameters, weights, and where each one's model stands. Without drift the state is a function of the
 *  parameters: after parameters move, models run again from the start, so that both fit. With drift states stay, and a
 *  parameter that acts through initial values alone has no say after the start. */
typedef struct tw_estimate_filter tw_estimate_filter;

/** In the arena; the model is borrowed. dim may be 0 with drift.
 *  fails TW_EREFUSED drift of a model whose state does not hold everything (`delay`), or of a symbol it determines;
 *        TW_ELIMIT, TW_EPARSE */
TW_NODISCARD tw_status tw_estimate_filter_new(tw_ctx *cx, tw_estimate_filter **out, const tw_estimate_model *m,
                                              const tw_estimate_filter_opts *opts);
/** Takes in values of one time, not before the last. An ensemble takes measured values alone.
 *  out   log_density  ln of the predictive density of the values: the evidence of this step; NaN of an ensemble; may be
 *                     NULL
 *  fails TW_EFAILED no particle can have made them; nothing is changed but the time then */
TW_NODISCARD tw_status tw_estimate_filter_take(tw_ctx *cx, double *log_density, tw_estimate_filter *f,
                                               const tw_estimate_datum *datum, size_t n);
typedef struct {
    double time;
    double log_evidence; /* sum over all values; NaN of an ensemble */
    double ess;          /* now */
    double ess_least;    /* right after a value was weighed */
    uint32_t resampled;
    size_t particles;
} tw_estimate_filter_state;
tw_estimate_filter_state tw_estimate_filter_now(const tw_estimate_filter *f);
/** Views of the particles' parameters, u [particles][dim], and weights; until the next take. */
tw_particles tw_estimate_filter_particles(const tw_estimate_filter *f);
/** Weighted mean and variance of a symbol of the state; false: the state does not hold it. */
bool tw_estimate_filter_moments(double *mean, double *var, const tw_estimate_filter *f, uint32_t symbol);
/** Bands as tw_estimate_forecast gives them, from where the particles stand. The filter is not changed.
 *  in  time  ascending, none before the filter's time */
TW_NODISCARD tw_status tw_estimate_filter_forecast(tw_ctx *cx, double *band, const tw_estimate_filter *f,
                                                   const double *time, size_t n_time, bool measured, uint64_t seed);

#endif
