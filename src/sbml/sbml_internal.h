/** What the files of this room share: a maker of formulas with its limits, and the state of a reading. */
#ifndef TW_SBML_INTERNAL_H
#define TW_SBML_INTERNAL_H

#include <sbml/SBMLTypes.h>

#include "sbml/sbml.h"

/* ---------------------------------------------------------------- formulas */

/** A formula and the longest way down to a leaf. */
typedef struct {
    const tw_math *math;
    uint32_t depth;
} tw_term;

typedef struct {
    tw_ctx *cx;
    uint32_t nodes;
    uint32_t nodes_max;
} tw_maker;

TW_NODISCARD tw_status tw_term_number(tw_maker *k, tw_term *out, double value);
/** TIME, SYMBOL, RATE_OF: no children. */
TW_NODISCARD tw_status tw_term_leaf(tw_maker *k, tw_term *out, tw_math_op op, uint32_t symbol);
/** An operator over as many arguments as it has. */
TW_NODISCARD tw_status tw_term_make(tw_maker *k, tw_term *out, tw_math_op op, const tw_term *arg);
TW_NODISCARD tw_status tw_term_pair(tw_maker *k, tw_term *out, tw_math_op op, tw_term a, tw_term b);
/** Left-deep: ((a op b) op c) ...; at least one. */
TW_NODISCARD tw_status tw_term_fold(tw_maker *k, tw_term *out, tw_math_op op, const tw_term *arg, size_t n);
/** Pieces (value, condition) ..., and a last value when n is odd; without it NaN. */
TW_NODISCARD tw_status tw_term_piecewise(tw_maker *k, tw_term *out, const tw_term *arg, size_t n);

/* ---------------------------------------------------------------- reading */

/** Ids sorted, each with an index: what formulas and references are looked up in. */
typedef struct {
    const char *id;
    uint32_t index;
} tw_id;

/** Sorts; TW_EPARSE when an id stands twice. */
TW_NODISCARD tw_status tw_ids_sort(tw_ctx *cx, tw_id *ids, uint32_t n, const char *what);
uint32_t tw_ids_find(const tw_id *ids, uint32_t n, const char *id); /* TW_NO_SYMBOL when absent */

typedef struct tw_function {
    const FunctionDefinition_t *def;
    bool active; /* being inlined: a call of it now is a cycle */
} tw_function;

typedef struct {
    tw_ctx *cx;
    Model_t *from;
    tw_sbml_model *to;
    tw_maker maker;
    uint32_t depth_max;
    tw_id *ids; /* of symbols, local parameters left out */
    uint32_t n_ids;
    tw_function *function;
    tw_id *function_id;
    uint32_t n_function;
    uint32_t calls; /* functions being inlined */
    uint32_t local; /* local parameters of the reaction in hand: symbols local .. local + n_local - 1 */
    uint32_t n_local;
    size_t local_prefix; /* bytes of "reaction." before their names */
    bool full;           /* a text did not fit: the reading fails */
    tw_id *unit_id;
    const char **unit_text;
    uint32_t n_unit;
} tw_sbml_reading;

/** The names a body of a function sees, NULL outside of functions. */
typedef struct {
    const FunctionDefinition_t *def;
    const tw_term *arg;
    uint32_t n;
} tw_scope;

/** A formula of libSBML; NULL or empty gives *out = NULL. `where` names the element in messages. */
TW_NODISCARD tw_status tw_sbml_formula(tw_sbml_reading *r, const tw_math **out, const ASTNode_t *ast,
                                       const char *where);
/** Before libSBML sees it: depth, number of elements, no DOCTYPE, packages it needs. Adds their names to `packages` as
 * warnings, "name (namespace)". */
TW_NODISCARD tw_status tw_sbml_scan(tw_sbml_reading *r, tw_str text, const tw_sbml_limits *limits);

/** printf into the arena; "" and `full` when it does not fit. */
const char *tw_sbml_textf(tw_sbml_reading *r, const char *fmt, ...) TW_PRINTF(2, 3);
void tw_sbml_warn(tw_sbml_reading *r, const char *fmt, ...) TW_PRINTF(2, 3);
/** Triggers that are true at the start and do not count as having become true; constraints. */
void tw_sbml_warn_model(tw_sbml_reading *r);

/** Reads the definitions of units. */
TW_NODISCARD tw_status tw_sbml_units(tw_sbml_reading *r);
/** Printable units. `id` is a unit of the model or a base unit; "" gives "". */
const char *tw_sbml_unit(tw_sbml_reading *r, const char *id);
/** "a/b", or what there is of it. */
const char *tw_sbml_unit_over(tw_sbml_reading *r, const char *a, const char *b);

#endif
