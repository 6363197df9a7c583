/* What building a program keeps until it is done. */
#ifndef TW_SIM_BUILD_H
#define TW_SIM_BUILD_H

#include "sim/sim_internal.h"

enum { DELAYS_MAX = 1024, DEPTH_MAX = 16384 };

/* What determines a symbol while time runs. */
typedef enum { ROLE_HELD, ROLE_STATE, ROLE_ASSIGNED, ROLE_UNKNOWN, ROLE_REACTION } role;

/* Formulas mean one thing at the start, where initial assignments hold, and another while time runs. Before the start
 * they mean what they do at it, but nothing changes. */
typedef enum { AT_START, BEFORE, RUNNING } when;

typedef struct {
    const tw_math *key;
    uint32_t tag; /* when, or the number of an algebraic rule and more */
    uint32_t value;
} memo_entry;

typedef struct {
    uint32_t species; /* symbol */
    double n;         /* signed; NaN: not a plain number */
    bool product;
    const tw_sbml_reference *reference;
} share;

typedef struct {
    uint32_t reaction;
    uint32_t slot; /* extent */
    const share *share;
    uint32_t n_share;
    uint32_t of;   /* the column it is a multiple of, itself */
    double factor;
} fast_column;

typedef struct {
    tw_ctx *cx;
    const tw_sbml_model *m;
    const tw_sim_opts *o;
    graph g;
    tw_sim_program *p;
    role *role;
    const tw_math **rule;    /* of a symbol: assignment or rate */
    const tw_math **initial; /* of a symbol */
    uint8_t *in_event;
    uint32_t *slot;     /* of a symbol, NONE */
    uint32_t *value[3]; /* nodes by symbol, NONE: not yet; NONE - 1: being built */
    uint32_t *rate[3];
    const tw_math **algebraic;
    uint32_t *unknown; /* symbols */
    uint32_t n_algebraic;
    fast_column *fast;
    uint32_t n_fast, n_extent;
    uint32_t delay_expr[DELAYS_MAX], delay_tau[DELAYS_MAX], delay_before[DELAYS_MAX];
    uint8_t *slot_level;
    memo_entry *memo;
    uint32_t memo_cap, memo_n;
    uint32_t depth;
    uint32_t *reg; /* of a node, NONE */
    uint32_t reg_n; /* nodes it has room for */
    uint32_t *stamp, stamp_now;
    uint32_t *work;
    uint8_t *hoisted;
} builder;

/* roles.c */
TW_NODISCARD tw_status tw_sim_roles(builder *b);
/* meaning.c */
TW_NODISCARD tw_status tw_sim_import(builder *b, uint32_t *out, when w, const tw_math *f);
TW_NODISCARD tw_status tw_sim_value(builder *b, uint32_t *out, when w, uint32_t symbol);
TW_NODISCARD tw_status tw_sim_amount(builder *b, uint32_t *out, when w, uint32_t symbol);
TW_NODISCARD tw_status tw_sim_size(builder *b, uint32_t *out, when w, uint32_t symbol); /* NONE: amount is meant */
TW_NODISCARD tw_status tw_sim_slot_rate(builder *b, uint32_t *out, when w, uint32_t symbol);
TW_NODISCARD tw_status tw_sim_rate_of(builder *b, uint32_t *out, when w, uint32_t symbol);
TW_NODISCARD tw_status tw_sim_share(builder *b, uint32_t *out, const share *s); /* amount per extent */
bool tw_sim_memo(builder *b, uint32_t **value, const tw_math *key, uint32_t tag); /* false: new; *value NULL: full */
/* emit.c */
TW_NODISCARD tw_status tw_sim_emit_start(builder *b);
TW_NODISCARD tw_status tw_sim_emit(builder *b, code *out, const uint32_t *root, uint32_t n, bool held_too);
TW_NODISCARD tw_status tw_sim_emit_end(builder *b);

static inline const tw_sbml_species *species_of(const builder *b, uint32_t symbol)
{
    const tw_sbml_symbol *s = &b->m->symbol[symbol];
    return s->kind == TW_SBML_SPECIES ? &b->m->species[s->item] : NULL;
}

#endif
