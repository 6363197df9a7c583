/** PEtab: problems of parameter estimation as the PEtab format writes them (versions 1 and 2): a model, what was done
 * to it, what was measured, how measuring errs, which parameters are sought. Here such a problem is read and evaluated
 * for given parameters: simulations, log-likelihood, chi2, log-prior; their sum is the objective of a MAP estimate.
 *
 *  Limits: SBML models; a measurement at infinity is of the steady state; a condition of version 2 whose values depend
 *  on the state is evaluated on the state just before it applies.
 *  Sources: PEtab data format specification 1.0.0 and 2.0.0 (petab.readthedocs.io); Schmiester et al., PLoS Comput Biol
 *  17 (2021) e1008646. */
#ifndef TW_PETAB_H
#define TW_PETAB_H

#include "sim/sim.h"

/** The scale on which a parameter is sought, or on which a measurement errs. */
typedef enum { TW_PETAB_LIN, TW_PETAB_LOG, TW_PETAB_LOG10 } tw_petab_scale;

typedef enum {
    TW_PETAB_FLAT, /* no prior: density 1 */
    TW_PETAB_UNIFORM,
    TW_PETAB_NORMAL,
    TW_PETAB_LAPLACE,
    TW_PETAB_LOG_NORMAL,
    TW_PETAB_LOG_LAPLACE,
    TW_PETAB_LOG_UNIFORM,
    TW_PETAB_CAUCHY,
    TW_PETAB_CHISQUARE,
    TW_PETAB_EXPONENTIAL,
    TW_PETAB_GAMMA,
    TW_PETAB_RAYLEIGH
} tw_petab_law;

typedef struct {
    tw_petab_law law;
    double a, b;      /* as the table gives them: mean and sd, location and scale, shape and scale, bounds ... */
    bool on_scale;    /* version 1, "parameterScale...": a law of the parameter on its own scale */
    bool truncated;   /* version 2: to the bounds, and normalised */
    double log_share; /* log of the probability between the bounds, 0 when not truncated */
} tw_petab_prior;

typedef struct {
    tw_str id, name;
    tw_petab_scale scale;
    double lower, upper, nominal; /* linear; NaN where the table says none */
    bool estimate;
    tw_petab_prior prior;
} tw_petab_parameter;

typedef struct {
    tw_str observable, experiment; /* version 1: of the simulation condition; "" when there is none */
    double time;                   /* INFINITY: the steady state */
    double value;
} tw_petab_measurement;

typedef struct tw_petab_part tw_petab_part;   /* a model with its experiments */
typedef struct tw_petab_noise tw_petab_noise; /* by what law a measurement errs */

typedef struct {
    unsigned version; /* 1 or 2 */
    const tw_petab_parameter *parameter;
    uint32_t n_parameter;
    const tw_petab_measurement *measurement; /* in the order of the tables */
    const tw_petab_noise *noise;             /* [n_measurement] */
    uint32_t n_measurement;
    tw_petab_part *part;
    uint32_t n_part;
} tw_petab;

/** Where the files of a problem come from; names as the YAML file writes them, relative to it. */
typedef struct {
    tw_status (*read)(tw_ctx *cx, void *self, tw_str *out, tw_str name);
    void *self;
} tw_petab_files;

/** Reads a problem and compiles its models.
 *  out    *out in cx->arena
 *  fails  TW_EPARSE with the file, row and column; TW_EREFUSED what is not supported, by name; TW_ELIMIT */
TW_NODISCARD tw_status tw_petab_read(tw_ctx *cx, tw_petab **out, tw_str yaml, const tw_petab_files *files);

typedef struct {
    double llh;         /* -inf when an experiment has no solution */
    double chi2;        /* of the residuals on the scale of the noise, in standard deviations */
    double log_prior;   /* of the estimated parameters */
    double *simulation; /* [n_measurement] of the observable, linear; NaN without a solution */
    double *noise;      /* [n_measurement] standard deviation, or the scale of a Laplace law */
    uint32_t n_run;     /* simulations that were run */
    uint32_t n_failed;  /* experiments without a solution, of n_experiment */
    uint32_t n_experiment;
    tw_sim_result failure; /* of the last of these */
    tw_sim_count count;
} tw_petab_result;

/** Evaluates a problem.
 *  out  arrays in cx->arena
 *  in   parameter [n_parameter], linear; NULL: the nominal values. opts NULL: tolerances 1e-8 and 1e-10 */
TW_NODISCARD tw_status tw_petab_evaluate(tw_ctx *cx, tw_petab_result *out, const tw_petab *p, const double *parameter,
                                         const tw_sim_run_opts *opts);
/** The same for n vectors of parameters, parameter[n][n_parameter], run together in lanes: out[i] is to the bit what
 * tw_petab_evaluate gives, but for `count`, which is of all and stands in out[0]. */
TW_NODISCARD tw_status tw_petab_evaluate_many(tw_ctx *cx, tw_petab_result *out, const tw_petab *p,
                                              const double *parameter, size_t n, const tw_sim_run_opts *opts);

/** Log density of a parameter's prior at a linear value, -inf outside of its support. */
double tw_petab_log_prior(const tw_petab_parameter *p, double value);
/** To the scale on which it is sought, and back. */
double tw_petab_scaled(tw_petab_scale scale, double value);
double tw_petab_unscaled(tw_petab_scale scale, double value);

#endif
