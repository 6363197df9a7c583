/* What the files of the engine share: the graph of expressions, programs, lanes. */
#ifndef TW_SIM_INTERNAL_H
#define TW_SIM_INTERNAL_H

#include <math.h>

#include "sim/sim.h"

#define NONE UINT32_MAX
#define WIDTH_MAX 8
enum { DELAYS_NESTED_MAX = 16 };

/* ---------------------------------------------------------------- graph: equal expressions are one node, constants are
 * folded, arguments stand before what uses them */

static inline bool is_relation(tw_math_op op)
{
    return op >= TW_MATH_EQ && op <= TW_MATH_GE;
}

/* How often a value can change: never; with an instance or an event; with time or state. */
enum { LEVEL_CONST, LEVEL_HELD, LEVEL_MOVING };

typedef struct {
    tw_math_op op; /* TW_MATH_SYMBOL: the slot arg[0] */
    uint32_t arg[3];
    double number;
    uint32_t level;
} node;

typedef struct {
    tw_ctx *cx;
    node *node;
    uint32_t n, cap, max;
    uint32_t *hash; /* node + 1 */
    uint32_t hash_cap;
    bool failed; /* no memory, or over max: node 0 is given back */
    uint32_t zero, one;
    const uint8_t *slot_level;
} graph;

bool tw_sim_graph_init(graph *g, tw_ctx *cx, uint32_t max, const uint8_t *slot_level);
uint32_t tw_sim_number(graph *g, double v);
uint32_t tw_sim_slot(graph *g, uint32_t slot);
uint32_t tw_sim_time(graph *g);
uint32_t tw_sim_node(graph *g, tw_math_op op, uint32_t a, uint32_t b, uint32_t c);
/* A product that is 0 when a factor is the constant 0, whatever the other is. */
uint32_t tw_sim_times(graph *g, uint32_t a, uint32_t b);
/* Derivatives of nodes, given those of slots (d_slot[slot] a node, NONE: 0) and of time. NONE: an operation that has
 * none here. */
void tw_sim_diff(graph *g, uint32_t *out, const uint32_t *of, uint32_t n_of, const uint32_t *d_slot, uint32_t n_slot,
                 uint32_t d_time);
/* The node with time = 0. */
uint32_t tw_sim_at_zero(graph *g, uint32_t of);
/* Does it read a slot in [first, end)? */
bool tw_sim_reads(graph *g, uint32_t of, uint32_t first, uint32_t end);
/* Which of these it reads: read[slot - first] becomes 1. */
void tw_sim_slots_read(graph *g, uint8_t *read, uint32_t of, uint32_t first, uint32_t end);

/* ---------------------------------------------------------------- programs */

typedef struct {
    tw_math_op op;
    uint32_t dst, a, b, c;
} instr;

typedef struct {
    const instr *i;
    uint32_t n;
    const uint32_t *out; /* registers of the results */
    uint32_t n_out;
} code;

typedef struct {
    code body; /* values of the assignments; then delay, priority where there are */
    uint32_t delay, priority; /* registers, NONE */
    uint32_t n_assign;
    const uint32_t *slot;
    code volumes; /* what turns each value into an amount, 1 where it is none */
    bool trigger_initial, persistent, from_trigger_time;
} event_code;

/* A relation linear in time alone: it changes at -base / slope. */
typedef struct {
    uint32_t base, slope; /* registers */
    uint32_t at;          /* register of the time: -base / slope */
    tw_math_op op;
    code truth; /* of the relation */
} clock_code;

typedef struct {
    code expr, tau;
    code before; /* expr before the start, from base slots */
} delay_code;

struct tw_sim_program {
    uint32_t n_state, n_x, n_symbol, n_delay, n_slot, n_reg, time_reg, n_alg, alg_slot, n_fast, n_node;
    uint32_t base_slot, delay_slot;
    const uint32_t *const_reg;
    const double *const_value;
    uint32_t n_const;
    code init;  /* x slots, from base slots */
    code hoist;   /* values held; after init and what is done from outside */
    code rehoist; /* those of them that an event of the model may change */
    bool clocks_only; /* no trigger reads anything that events or the state change */
    code rate;  /* n_state derivatives */
    code out;
    code alg;     /* n_alg residuals, then n_alg * n_alg Jacobian, row = residual */
    code jac;     /* n_state * n_state, row = derivative; then n_state partial time derivatives; n_out == 0: none */
    code atoms;   /* truth of the relations that can change a trigger, other than clocks */
    const clock_code *clock;
    /* Of a clock: the event whose trigger it is, NONE. NULL: a trigger is more than time compared with a value that no
     * event changes. */
    const uint32_t *clock_event;
    uint32_t n_clock;
    code trigger;
    const event_code *event;
    uint32_t n_event;
    uint32_t assign_max;
    const delay_code *delay;
    /* Fast reactions: amount += share * extent of fast reaction. */
    const uint32_t *fast_slot, *fast_alg;
    code fast; /* shares */
    uint32_t n_share;
    /* Symbols. */
    const uint32_t *slot_of;   /* x slot, NONE */
    const double *base_value;  /* 2 * n_symbol: values; 1 where it is an amount though formulas mean concentration */
    const uint32_t *volume_of; /* of a size: output index in `volumes`, NONE */
    code volumes;
    const uint32_t **delay_reads; /* of delay i: the delays in its expression, NONE at the end */
};

/* Runs a program for one lane: register r at reg[r * stride]. */
void tw_sim_vm1(const code *c, double *reg, size_t stride);

/* ---------------------------------------------------------------- lanes */

/* An execution that waits; its values stand in queue_value. */
typedef struct {
    double time;
    double priority; /* when last looked at */
    uint32_t event;
    bool has_values;
} pending;

/* A piece of the past, [t, t + h]; its polynomial and the values held then stand in past_data. */
typedef struct {
    double t, h;
} past;

typedef struct {
    size_t instance;
    bool active;
    size_t row, row_end; /* next row, one past the last */
    size_t row_shift;    /* time of a row: at row - row_shift */
    double row_time;     /* of the next row; INFINITY: none */
    size_t action, action_end;
    double stop; /* no step passes it: clocks, pending events, actions, the end */
    double t_start, t_end, h_max;
    uint64_t steps, events;
    unsigned stiff_hits, stiff_misses;
    bool rejected, clipped;
    double err_old;
    bool *trig;    /* n_event: value at the last look */
    bool look_all; /* at every trigger, not only those whose time has come */
    uint32_t *order, next_clock; /* with clock_event: clocks by time; the first that is not past */
    bool *truth; /* of atoms: the same */
    pending *queue;
    double *queue_value; /* cap_queue * assign_max */
    uint32_t n_queue, cap_queue;
    past *past;
    double *past_data; /* cap_past * past_size */
    size_t n_past, cap_past;
} lane;

typedef struct {
    tw_ctx *cx;
    const tw_sim_program *p;
    const tw_sim_batch *b;
    tw_sim_run_opts o;
    unsigned width;
    bool stiff;
    double *reg;                     /* n_reg * width */
    double *y, *y_new, *k[7], *u[6]; /* n_state * width */
    double *poly[5], *y_out;
    double *jac, *lu, *f_t; /* of the stiff method: n * n of one lane; of all; time derivatives */
    uint32_t *pivot;
    double t[WIDTH_MAX], t_new[WIDTH_MAX], h[WIDTH_MAX], step[WIDTH_MAX];
    double norm[WIDTH_MAX], stiffness[WIDTH_MAX];
    bool jumped[WIDTH_MAX]; /* fast reactions are far from their equilibrium */
    bool run[WIDTH_MAX]; /* lanes that take part in an evaluation */
    bool failed_eval[WIDTH_MAX];
    lane lane[WIDTH_MAX];
    double *scratch; /* registers of one lane, for the past */
    double *alg_work;
    uint32_t *alg_pivot;
    double *work; /* n_state: a lane's column, in rows of width */
    double *value; /* assign_max */
    size_t past_size; /* 5 * n_state of the polynomial, n_x - n_state held */
    uint32_t *redo; /* instances for the stiff method */
    size_t n_redo;
    const uint32_t *todo; /* NULL: 0 .. n */
    size_t n_todo, next;
    tw_sim_count count;
} lanes;

/* Register r of lane l of s: both stand where this is used. */
#define REG(r) s->reg[(size_t)(r)*s->width + l]

/* The vector part, once per width and kind of machine. */
typedef struct {
    void (*vm)(const code *c, double *reg);
    void (*tsit5)(lanes *s);     /* a step of every lane: y_new, k[6], norm, stiffness */
    void (*poly)(lanes *s);      /* poly from the last step */
    void (*at)(lanes *s, double *y, const double *t); /* values of poly; of idle lanes anything */
    void (*commit)(lanes *s, const bool *take);
} kernels;
extern const kernels tw_sim_kernels_1, tw_sim_kernels_4, tw_sim_kernels_8, tw_sim_kernels_4_avx2, tw_sim_kernels_8_avx2,
    tw_sim_kernels_8_avx512;

/* lanes.c: everything that depends on time and state, ready for another program: slots, delays, algebraic values.
 * Held values must be up to date. The vector forms set failed_eval of lanes that run and have no solution. */
void tw_sim_settle(lanes *s, const double *y, const double *t);
bool tw_sim_settle1(lanes *s, unsigned l, const double *y, double t); /* y[i * width]: a lane's column */
void tw_sim_rates(lanes *s, const kernels *v, double *dy, const double *y, const double *t);
bool tw_sim_rates1(lanes *s, unsigned l, double *dy, const double *y, double t);
/* The interpolant of the last step. */
void tw_sim_at1(const lanes *s, unsigned l, double *y, double t);
/* A slot of a lane, and the state behind it. */
void tw_sim_put(lanes *s, unsigned l, uint32_t slot, double v);

/* algebra.c: algebraic rules and fast reactions, in registers of a given stride. */
bool tw_sim_algebra(lanes *s, double *reg, size_t stride);
/* The same after a jump: fast reactions go to the equilibrium that lies in the direction of their rates. */
bool tw_sim_relax(lanes *s, double *reg, size_t stride);
/* What fast reactions moved becomes part of the amounts. */
void tw_sim_fold_fast(lanes *s, unsigned l);
bool tw_sim_lu(double *a, uint32_t *pivot, uint32_t n);
void tw_sim_lu_solve(const double *a, const uint32_t *pivot, double *x, uint32_t n);

/* past.c */
bool tw_sim_delays(lanes *s, unsigned l, double t); /* false: a delay that is negative or NaN */
bool tw_sim_past_add(lanes *s, unsigned l, double t, double h, bool flat);
double tw_sim_tau_min(lanes *s, unsigned l);

/* event.c */
tw_sim_result tw_sim_actions(lanes *s, unsigned l); /* of now */
tw_sim_result tw_sim_events(lanes *s, unsigned l);  /* of now */
/* symbol[i] becomes value[i] (NaN: stays), or grows by it. */
bool tw_sim_assign(lanes *s, unsigned l, const uint32_t *symbol, const double *value, uint32_t n, bool add);
/* The first time in (t, t_new] at which a relation changes, INFINITY: none. */
double tw_sim_crossing(lanes *s, unsigned l);
/* Truth of relations now, with which the next step is compared. true: some are other than before. */
bool tw_sim_look(lanes *s, unsigned l);
double tw_sim_next_stop(lanes *s, unsigned l);

/* Stiff step of every lane. */
void tw_sim_rodas(lanes *s, const kernels *v);
void tw_sim_rodas_poly(lanes *s);
#endif
