/** Sim: a model of `sbml` becomes a program over registers that runs many instances at once, in lanes. Every lane has
 *  its own time, step and events; what comes out for an instance depends on nothing but that instance: neither on the
 *  width (1, 4 or 8 lanes) nor on its neighbours nor on the order of the queue, to the bit.
 *
 *  A program is immutable after tw_sim_compile and may be used by several threads at once, each with a context of its
 *  own: to use more cores, give each thread a part of the instances (results are the same bits).
 *
 *  What is supported: SBML L2V4 to L3V2 core: rules of all three kinds, reactions, events with delays, priorities,
 * persistence, values of trigger or assignment time; `delay`; fast reactions; rateOf; conversion factors; stoichiometry
 * that varies; compartments that change (the amount of a species stays, its concentration follows). What is not, is
 * refused by name (TW_EREFUSED): the rate of what an algebraic rule determines, a trigger that asks whether a quantity
 * that moves equals a value. Events of equal priority come in an order that looks random and is the same in every run,
 * as the specification asks; what a species is assigned as concentration takes the size of before the event.
 * Time is in the model's unit.
 *
 *  Sources: Tsitouras, Comput Math Appl 62 (2011) 770 (explicit 5(4) pair and its interpolant); Hairer and Wanner,
 * Solving ODEs II (1996), IV.7 (Rodas4), IV.2 (detection of stiffness); SBML Level 3 Version 2 Core section 4.11. */
#ifndef TW_SIM_H
#define TW_SIM_H

#include "sbml/sbml.h"

typedef struct tw_sim_program tw_sim_program;

typedef enum {
    TW_SIM_VALUE,         /* .symbol as formulas mean it; a reaction: its rate; assigned symbols too */
    TW_SIM_AMOUNT,        /* .symbol, a species */
    TW_SIM_CONCENTRATION, /* .symbol, a species; in a compartment without size its amount */
    TW_SIM_RATE_OF,       /* time derivative of .symbol */
    TW_SIM_FORMULA        /* .math over the model's symbols and time */
} tw_sim_output_kind;

typedef struct {
    tw_sim_output_kind kind;
    uint32_t symbol;
    const tw_math *math;
} tw_sim_output;

typedef enum { TW_SIM_AUTO, TW_SIM_EXPLICIT, TW_SIM_STIFF } tw_sim_method;

typedef struct {
    const tw_sim_output *output; /* what each row holds, in this order */
    uint32_t n_output;
    const uint32_t *input; /* symbols whose initial assignment is dropped, so that `set` of a batch decides */
    uint32_t n_input;
    uint32_t nodes_max; /* of the graph of expressions; 0: 8,000,000 */
} tw_sim_opts;

/** Makes the program. The model is not needed afterwards, its strings are copied where messages use them.
 *  out    *out in cx->arena
 *  fails  TW_EREFUSED what is not supported, by name; TW_EPARSE a model that contradicts itself (cycles, doubly
 *         determined or undetermined symbols); TW_ELIMIT */
TW_NODISCARD tw_status tw_sim_compile(tw_ctx *cx, const tw_sim_program **out, const tw_sbml_model *model,
                                      const tw_sim_opts *opts);

/** What became of an instance. Rows after the failure are NaN. */
typedef enum {
    TW_SIM_DONE,
    TW_SIM_STEP_TOO_SMALL, /* no step is small enough: a singularity */
    TW_SIM_NOT_FINITE,     /* a derivative is not a number at the start or after an event */
    TW_SIM_TOO_MANY_STEPS,
    TW_SIM_TOO_MANY_EVENTS, /* in all, or without time moving on: a loop of events */
    TW_SIM_NO_ROOT,         /* algebraic rules or fast reactions without a solution near the last one */
    TW_SIM_NOT_STEADY,      /* time = infinity, and no steady state was reached */
    TW_SIM_BAD_DELAY,       /* a delay that is negative or not a number */
    TW_SIM_NO_MEMORY        /* history of `delay`, pending events */
} tw_sim_result;
/** Text for people. */
const char *tw_sim_result_text(tw_sim_result r);

/** Something done to an instance from outside at a time: a dose, a new value. Values as formulas mean the symbol. Comes
 *  before events of the model at that time. Times before the start are ignored. */
typedef struct {
    double time;
    uint32_t symbol; /* not one that a rule determines */
    double value;
    bool add; /* to what is there; else in place of it */
} tw_sim_action;

typedef struct {
    size_t n; /* instances */
    double start;
    /* Values in place of the model's own, before initial assignments; of a species as formulas mean it. */
    const uint32_t *set;
    uint32_t n_set;
    const double *set_value; /* [n][n_set]; NaN: the model's own */
    /* The same, after initial assignments (and after `from`). A symbol that a rule determines is refused. */
    const uint32_t *reset;
    uint32_t n_reset;
    const double *reset_value; /* [n][n_reset]; NaN: as it is */
    /* Ascending times >= start (equal ones are fine); the last may be INFINITY: the steady state. */
    const double *time;
    const size_t *time_start; /* [n + 1] offsets into time when every instance has a grid of its own, else NULL */
    size_t n_time;            /* of the shared grid; unused with time_start */
    /* Ascending in time. */
    const tw_sim_action *action;
    const size_t *action_start; /* [n + 1], or NULL: n_action for every instance */
    size_t n_action;
    /* States to go on from, [n][tw_sim_state_size], NULL: from the start. `start` is unused then. */
    const double *from;
    /* Results; rows of instance i begin at row i * n_time, or time_start[i]. */
    double *out;           /* [rows][n_output] */
    double *to;            /* [n][tw_sim_state_size]: states at the last time; NULL: not wanted */
    tw_sim_result *result; /* [n] */
} tw_sim_batch;

typedef struct {
    double rtol, atol; /* 0: 1e-6, 1e-9 (amounts of species, values of all else) */
    tw_sim_method method;
    unsigned width;         /* lanes: 1, 4, 8; 0: what suits the machine */
    uint64_t steps_max;     /* per instance; 0: 10,000,000 */
    uint64_t events_max;    /* executions per instance; 0: 10,000,000; at one time at most 100,000 */
    double step_max;        /* 0: none */
    size_t history_max;     /* bytes per lane of the past that `delay` needs; 0: 64 MiB */
    double steady_rtol;     /* steady: |dy/dt| <= steady_rtol * |y| + steady_atol, and
                           * |dy/dt| times the time gone by <= 0.001 |y| + 1000 steady_atol; 0: 1e-8, 1e-10 */
    double steady_atol;
} tw_sim_run_opts;

typedef struct {
    uint64_t steps, rejected, events, evaluations;
    uint64_t stiff; /* instances that the stiff method did */
} tw_sim_count;

/** Runs all instances. Work memory is taken from cx->arena and given back.
 *  in   opts NULL: all defaults; count may be NULL
 *  fails  TW_EUSAGE a batch that contradicts itself; TW_ELIMIT. That an instance fails is not an error here: see
 *         batch->result */
TW_NODISCARD tw_status tw_sim_run(tw_ctx *cx, tw_sim_count *count, const tw_sim_program *p, const tw_sim_batch *batch,
                                  const tw_sim_run_opts *opts);

/* ---------------------------------------------------------------- the state of an instance */

/** Doubles of a state: time, values, memory of triggers. Plain data: copy it, write it down, go on from it. */
size_t tw_sim_state_size(const tw_sim_program *p);
/** Where the state holds a symbol, SIZE_MAX when a rule or a reaction determines it. A species is held as amount. */
size_t tw_sim_state_index(const tw_sim_program *p, uint32_t symbol);
/** false: a state does not hold everything (`delay`, events with delays): tw_sim_run refuses `from` and `to`. */
bool tw_sim_state_whole(const tw_sim_program *p);

typedef struct {
    uint32_t n_state, n_algebraic, n_fast, n_delay, n_event, n_output;
    uint32_t n_node;        /* of the graph */
    uint32_t n_rate_code;   /* instructions of one evaluation of the derivatives */
    uint32_t n_hoisted;     /* instructions that run once per instance and event */
    bool has_jacobian;      /* symbolic */
} tw_sim_info;
tw_sim_info tw_sim_describe(const tw_sim_program *p);

/** The program as C source, to be run by a runtime of the caller's: functions f_init, f_hoist, f_rate, f_out,
 *  f_atoms, f_trigger, f_volumes and those of events over one file of registers, with tables (src/fmi/source/twin.c is
 * such a runtime). Numbers are hexadecimal: the same bits. Appends to out.
 *  fails  TW_EREFUSED algebraic rules, fast reactions, `delay` */
TW_NODISCARD tw_status tw_sim_c_source(tw_ctx *cx, tw_buf *out, const tw_sim_program *p);

#endif
