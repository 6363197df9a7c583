/** SBML: a model as plain data. libSBML reads Levels 2 Version 4 to 3 Version 2 core; what comes out here has nothing
 * of the library in it: one table of symbols, formulas as small graphs, functions inlined, local parameters made into
 * symbols of their own. The same graphs come from infix formulas (PEtab math), so that one compiler serves both.
 *
 *  Source: SBML Level 3 Version 2 Core, Release 2 (Hucka et al., J Integr Bioinform 16 (2019) 20190021); PEtab math,
 * PEtab v2 specification. */
#ifndef TW_SBML_H
#define TW_SBML_H

#include "base/base.h"

/* ---------------------------------------------------------------- formulas */

#define TW_NO_SYMBOL UINT32_MAX

/** What a node computes. Truth values are numbers 0 and 1; a number other than 0 is true (L3V2 §3.4.9). */
typedef enum {
    TW_MATH_NUMBER, /* .number */
    TW_MATH_SYMBOL, /* .symbol: index into the table of symbols */
    TW_MATH_TIME,
    TW_MATH_RATE_OF, /* .symbol */
    TW_MATH_DELAY,   /* arg[0] as it was arg[1] time units ago */
    /* one argument */
    TW_MATH_NEG,
    TW_MATH_NOT,
    TW_MATH_ABS,
    TW_MATH_FLOOR,
    TW_MATH_CEIL,
    TW_MATH_SQRT,
    TW_MATH_EXP,
    TW_MATH_LN,
    TW_MATH_FACTORIAL,
    TW_MATH_SIN,
    TW_MATH_COS,
    TW_MATH_TAN,
    TW_MATH_SEC,
    TW_MATH_CSC,
    TW_MATH_COT,
    TW_MATH_SINH,
    TW_MATH_COSH,
    TW_MATH_TANH,
    TW_MATH_SECH,
    TW_MATH_CSCH,
    TW_MATH_COTH,
    TW_MATH_ASIN,
    TW_MATH_ACOS,
    TW_MATH_ATAN,
    TW_MATH_ASEC,
    TW_MATH_ACSC,
    TW_MATH_ACOT,
    TW_MATH_ASINH,
    TW_MATH_ACOSH,
    TW_MATH_ATANH,
    TW_MATH_ASECH,
    TW_MATH_ACSCH,
    TW_MATH_ACOTH,
    /* two arguments: n-ary sums, products, logic, chains of relations are given as left-deep trees of these */
    TW_MATH_ADD,
    TW_MATH_SUB,
    TW_MATH_MUL,
    TW_MATH_DIV,
    TW_MATH_POW,
    TW_MATH_LOG, /* arg[0] = base, arg[1] = x */
    TW_MATH_MIN,
    TW_MATH_MAX,
    TW_MATH_REM,
    TW_MATH_QUOTIENT,
    TW_MATH_EQ,
    TW_MATH_NE,
    TW_MATH_LT,
    TW_MATH_LE,
    TW_MATH_GT,
    TW_MATH_GE,
    TW_MATH_AND,
    TW_MATH_OR,
    TW_MATH_XOR,
    /* three: condition, then, else; a piecewise without otherwise ends in NaN */
    TW_MATH_IF,
} tw_math_op;

/** The longest way from a formula down to a leaf: a recursion over a graph goes no deeper. Children are shared, so a
 * walk without memory of where it was can still take exponential time. */
#define TW_MATH_DEPTH_MAX 8192

/** A node; children may be shared (the graph has no cycle). Lives in the arena of the model or parse. */
typedef struct tw_math {
    tw_math_op op;
    uint32_t symbol;
    double number;
    const struct tw_math *arg[3];
} tw_math;

/** Arguments of an operation, 0 to 3. */
unsigned tw_math_arity(tw_math_op op);
/** Name for messages: "ln", "+". */
const char *tw_math_name(tw_math_op op);
/** The operation alone on numbers (no TIME, SYMBOL, RATE_OF, DELAY): the one place that says what each means in
 * doubles. */
double tw_math_apply(tw_math_op op, double a, double b, double c);

/** An evaluation of formulas, arguments first (of TW_MATH_IF all three): what gives the leaves a value, and how far it
 * may go. */
typedef struct tw_math_walk {
    /** The value of a SYMBOL, TIME, RATE_OF or DELAY (whose arguments are not looked at); false: it has none here. May
     * evaluate other formulas in the same walk. */
    bool (*leaf)(struct tw_math_walk *w, double *out, const tw_math *m);
    const void *user;     /* the caller's, for `leaf` */
    uint32_t steps_left;  /* nodes that may still be met; shared ones are met again and again */
    uint32_t levels_left; /* of recursion; TW_MATH_DEPTH_MAX is enough for one formula */
} tw_math_walk;
/** false: a leaf without a value, or too far; *out means nothing then. */
bool tw_math_eval(double *out, tw_math_walk *w, const tw_math *m);

/* ---------------------------------------------------------------- model */

typedef enum {
    TW_SBML_COMPARTMENT,
    TW_SBML_SPECIES,
    TW_SBML_PARAMETER,
    TW_SBML_REFERENCE,
    TW_SBML_REACTION
} tw_sbml_kind;
/** "compartment", "species", "parameter", "stoichiometry", "reaction". */
const char *tw_sbml_kind_name(tw_sbml_kind kind);

/** Everything that a formula can name. */
typedef struct {
    tw_sbml_kind kind;
    const char *id; /* of a local parameter: "reaction.parameter" */
    const char *name;
    const char *unit; /* printable ("mmol/L"), "" when the model says none */
    double value;     /* size, value, stoichiometry; of a species see tw_sbml_species; NaN where the model says none */
    bool constant;
    uint32_t item; /* species, reaction: index in its table */
} tw_sbml_symbol;

typedef struct {
    uint32_t symbol;
    uint32_t compartment;
    uint32_t conversion; /* symbol of the conversion factor that holds (its own or the model's), TW_NO_SYMBOL: 1 */
    double initial;      /* NaN where the model says none */
    bool initial_is_amount;
    bool only_substance; /* formulas mean amount, else concentration: hasOnlySubstanceUnits, or 0-D and no size */
    bool boundary;
    bool constant;
} tw_sbml_species;

typedef struct {
    uint32_t species;     /* symbol of the species */
    uint32_t symbol;      /* its own id, TW_NO_SYMBOL when it has none */
    double stoichiometry; /* > 0 as written; NaN where not set (L3) */
    const tw_math *math;  /* L2 stoichiometryMath, or NULL */
} tw_sbml_reference;

typedef struct {
    uint32_t symbol;
    bool fast;
    const tw_sbml_reference *reactant;
    uint32_t n_reactant;
    const tw_sbml_reference *product;
    uint32_t n_product;
    const tw_math *rate; /* NULL: no kinetic law, or no math */
} tw_sbml_reaction;

typedef enum { TW_SBML_ALGEBRAIC, TW_SBML_ASSIGNMENT, TW_SBML_RATE } tw_sbml_rule_kind;

typedef struct {
    tw_sbml_rule_kind kind;
    uint32_t symbol;     /* TW_NO_SYMBOL for algebraic */
    const tw_math *math; /* rules without math are left out */
} tw_sbml_rule;

typedef struct {
    uint32_t symbol;
    const tw_math *math; /* assignments without math are left out */
} tw_sbml_assignment;

typedef struct {
    const char *id; /* "" when it has none */
    const tw_math *trigger;
    bool trigger_initial; /* value of the trigger before the start */
    bool persistent;
    bool values_from_trigger_time;
    const tw_math *delay;    /* NULL: none */
    const tw_math *priority; /* NULL: none */
    const tw_sbml_assignment *assignment;
    uint32_t n_assignment;
} tw_sbml_event;

typedef struct {
    unsigned level, version;
    const char *id, *name;
    const char *unit_time, *unit_substance, *unit_extent, *unit_volume; /* printable, "" when not said */
    const tw_sbml_symbol *symbol;
    uint32_t n_symbol;
    const uint32_t *by_id; /* symbols in the order of their ids, for tw_sbml_find */
    const tw_sbml_species *species;
    uint32_t n_species;
    const tw_sbml_reaction *reaction;
    uint32_t n_reaction;
    const tw_sbml_rule *rule; /* document order */
    uint32_t n_rule;
    const tw_sbml_assignment *initial; /* initial assignments */
    uint32_t n_initial;
    const tw_sbml_event *event; /* document order */
    uint32_t n_event;
    const tw_math **constraint; /* true while the model is meant to hold; only warned about */
    uint32_t n_constraint;
    const char **warning; /* what a modeller should know: unread packages, constraints, triggers that never fire */
    uint32_t n_warning;
} tw_sbml_model;

typedef struct {
    size_t bytes_max;   /* of the text; elements at most a 128th of it; 0: 256 MiB */
    uint32_t depth_max; /* of XML and of calls of functions in functions; 0: 256, which is also the most */
    uint32_t nodes_max; /* of formulas in all, functions inlined; 0: 4,000,000 */
} tw_sbml_limits;

/** Reads a model.
 *  out    *out in cx->arena
 *  fails  TW_EPARSE with line and libSBML's own rule number; TW_ELIMIT; TW_EREFUSED names what is not supported (a
 * required package such as comp or fbc), never a value */
TW_NODISCARD tw_status tw_sbml_read(tw_ctx *cx, const tw_sbml_model **out, tw_str text, const tw_sbml_limits *limits);
/** Index of an id, TW_NO_SYMBOL when there is none. */
uint32_t tw_sbml_find(const tw_sbml_model *m, tw_str id);

/* ---------------------------------------------------------------- infix formulas */

/** Turns a name into a formula, which may be shared; NULL when the name is unknown. `user` is the caller's. */
typedef const tw_math *(*tw_math_resolve)(tw_ctx *cx, void *user, tw_str name);

/** Parses a PEtab formula: + - * / ^, comparison, && || (one precedence) and !, the functions of the specification,
 * "true", "false", "inf", "time"; every other name is asked of `resolve` (NULL: there are none).
 *  out    *out in cx->arena
 *  fails  TW_EPARSE with the column and what was expected; TW_ELIMIT
 *  source PEtab data format specification 2.0.0, "Math expressions syntax" */
TW_NODISCARD tw_status tw_math_parse(tw_ctx *cx, const tw_math **out, tw_str text, tw_math_resolve resolve, void *user);

#endif
