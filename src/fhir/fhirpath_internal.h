/** What the files of FHIRPath share: the schema, the program, values. */
#ifndef TW_FHIRPATH_INTERNAL_H
#define TW_FHIRPATH_INTERNAL_H

#include "fhir/fhir.h"

struct tw_fhir_schema {
    tw_r4 r4;
    tw_map *names, *types;        /* text -> number */
    tw_str *name_text, *type_text; /* by number, from 1 */
    uint16_t name_count, type_count;
    uint16_t *base;        /* by type: the one it stands under, 0 */
    uint16_t *member_name; /* by index of member */
    uint16_t *member_type;
    uint16_t *node_type; /* by index of node */
    uint32_t element_node;
};

/* ---------------------------------------------------------------- program */

/** Registers hold collections. A block belongs to the instruction before it and is run with another $this. */
#define OP_LIST(X)                                                                                                     \
    X(SELF)     /* dst = a, when its items are of type x; else their children of name y */                             \
    X(CHILD)    /* dst = children of a named x */                                                                      \
    X(CONST)    /* dst = constant x; none when x is UINT32_MAX */                                                      \
    X(MOVE)     /* dst = a */                                                                                          \
    X(JUMP)     /* to x */                                                                                             \
    X(UNLESS)   /* to x unless a is true */                                                                            \
    X(WHERE)    /* for each of a as register c: block up to x, result in b */                                          \
    X(SELECT)                                                                                                          \
    X(ALL)                                                                                                             \
    X(ANY)                                                                                                             \
    X(IS)       /* type x */                                                                                           \
    X(AS)       /* type x */                                                                                           \
    X(OF_TYPE)  /* type x */                                                                                           \
    X(BY_TYPE)  /* nodesByType: type x, exactly */                                                                     \
    X(BY_NAME)  /* nodesByName: name x */                                                                              \
    X(INDEX)    /* item b of a */                                                                                      \
    X(OR) X(AND) X(XOR) X(IMPLIES)                                                                                     \
    X(EQ) X(NE) X(SAME) X(UNLIKE) X(LT) X(LE) X(GT) X(GE)                                                              \
    X(IN) X(UNION)                                                                                                     \
    X(ADD) X(SUB) X(MUL) X(DIV) X(IDIV) X(MOD) X(JOIN_TEXT) X(NEG)                                                     \
    X(CALL)     /* function x of a with b, c */

typedef enum {
#define X(name) OP_##name,
    OP_LIST(X)
#undef X
} op_code;

/** Functions with a fixed number of values as arguments. */
#define FN_LIST(X)                                                                                                     \
    X(EXISTS, "exists", 0, 0) X(EMPTY, "empty", 0, 0) X(NOT, "not", 0, 0) X(COUNT, "count", 0, 0)                      \
    X(FIRST, "first", 0, 0) X(LAST, "last", 0, 0) X(TAIL, "tail", 0, 0) X(SINGLE, "single", 0, 0)                      \
    X(SKIP, "skip", 1, 1) X(TAKE, "take", 1, 1) X(DISTINCT, "distinct", 0, 0)                                          \
    X(CHILDREN, "children", 0, 0) X(DESCENDANTS, "descendants", 0, 0) X(EXTENSION, "extension", 1, 1)                  \
    X(HAS_VALUE, "hasValue", 0, 0)                                                                                     \
    X(STARTS, "startsWith", 1, 1) X(ENDS, "endsWith", 1, 1) X(CONTAINS, "contains", 1, 1)                              \
    X(INDEX_OF, "indexOf", 1, 1) X(SUBSTRING, "substring", 1, 2) X(REPLACE, "replace", 2, 2)                           \
    X(MATCHES, "matches", 1, 1) X(REPLACE_MATCHES, "replaceMatches", 2, 2) X(LENGTH, "length", 0, 0)                   \
    X(UPPER, "upper", 0, 0) X(LOWER, "lower", 0, 0) X(TRIM, "trim", 0, 0) X(JOIN, "join", 0, 1)                        \
    X(TO_STRING, "toString", 0, 0) X(TO_INTEGER, "toInteger", 0, 0) X(TO_DECIMAL, "toDecimal", 0, 0)                   \
    X(TO_BOOLEAN, "toBoolean", 0, 0)

typedef enum {
#define X(name, text, lo, hi) FN_##name,
    FN_LIST(X)
#undef X
} fn_code;

typedef struct regex regex; /* compiled; in the arena of the program */

typedef struct {
    uint8_t op;
    uint16_t dst, a, b, c;
    uint16_t y;
    uint16_t column; /* of the expression, from 1 */
    uint32_t x;
    const regex *re; /* of a constant pattern */
} insn;

#define REG_THIS 0
#define REG_RESOURCE 1
#define REG_FREE 2
#define REG_NONE UINT16_MAX

struct tw_fhirpath {
    const tw_fhir_schema *schema;
    const insn *code;
    uint32_t code_n;
    const tw_fhirpath_item *constant;
    uint32_t constant_n;
    uint16_t regs;
    uint16_t result;
    uint16_t url_name; /* "url", for extension() */
    tw_str unknown;
};

/* ---------------------------------------------------------------- values (fhirpath_value.c) */

__extension__ typedef __int128 i128;

/** m / 10^scale, at most 28 digits, scale 0 to 28. */
typedef struct {
    i128 m;
    int scale;
} decimal;
bool decimal_parse(decimal *out, tw_str s);
#define DECIMAL_TEXT 48
tw_str decimal_text(char out[DECIMAL_TEXT], decimal d);
int decimal_cmp(decimal a, decimal b);
/** op: OP_ADD and so on. false: over 28 digits, or divided by zero. */
bool decimal_calc(decimal *out, op_code op, decimal a, decimal b);

typedef enum { ORDER_LESS, ORDER_SAME, ORDER_MORE, ORDER_UNKNOWN, ORDER_NEVER } order;
/** Of two values that are no elements. NEVER: their kinds do not compare. */
order value_order(const tw_fhirpath_item *a, const tw_fhirpath_item *b);
/** SAME or LESS (different), UNKNOWN for dates that precision leaves open. like: as ~ does. */
order value_equal(const tw_fhirpath_item *a, const tw_fhirpath_item *b, bool like);
bool date_valid(tw_str s, bool time_alone);

/* ---------------------------------------------------------------- regular expressions (fhirpath_regex.c) */

#define REGEX_BYTES_MAX 1024
TW_NODISCARD tw_status regex_compile(tw_ctx *cx, const regex **out, tw_arena *keep, tw_str pattern);
TW_NODISCARD tw_status regex_match(tw_ctx *cx, bool *out, const regex *re, tw_str text);
/** $1, ${1}, ${name}, $0 as in .NET and PCRE2's extended substitution. */
TW_NODISCARD tw_status regex_replace(tw_ctx *cx, tw_str *out, const regex *re, tw_str text, tw_str with);

/* ---------------------------------------------------------------- running (fhirpath_run.c, fhirpath_call.c) */

typedef struct {
    const tw_fhirpath_item *item;
    uint32_t n;
    tw_fhirpath_item one; /* where a single item is kept */
} collection;

typedef struct {
    tw_ctx *cx;
    const tw_fhirpath *p;
    const tw_fhir_tree *t;
    collection *reg;
    uint64_t steps;
    const insn *at;
} vm;

TW_NODISCARD tw_status vm_call(vm *v);
TW_NODISCARD tw_status vm_operator(vm *v);
/** Messages begin with the column. */
#define VM_FAIL(v, code, ...) vm_fail((v), tw_fail((v)->cx, (code), __VA_ARGS__))
tw_status vm_fail(vm *v, tw_status s);
/** Counts steps; fails TW_ELIMIT. */
TW_NODISCARD tw_status vm_spend(vm *v, uint64_t steps);
/** Value of an item: what it says when it is a primitive, itself when it is complex or has no value. */
tw_fhirpath_item vm_value(vm *v, const tw_fhirpath_item *i);
/** The value of a collection of one; *has false when it is empty. Several: an error. */
TW_NODISCARD tw_status vm_single(vm *v, tw_fhirpath_item *out, bool *has, uint16_t reg);
TW_NODISCARD tw_status vm_string(vm *v, tw_str *out, bool *has, uint16_t reg);
TW_NODISCARD tw_status vm_integer(vm *v, int64_t *out, bool *has, uint16_t reg);
void vm_set(vm *v, tw_fhirpath_item i);
void vm_set_none(vm *v);
void vm_set_bool(vm *v, bool b);
void vm_set_string(vm *v, tw_str s);
TW_NODISCARD tw_status vm_set_count(vm *v, int64_t n);
TW_NODISCARD tw_status vm_set_number(vm *v, decimal d, bool whole);
void vm_set_items(vm *v, const tw_fhirpath_item *item, uint32_t n);
/** Room for n items in the arena; NULL when there is none. */
tw_fhirpath_item *vm_items(vm *v, uint32_t n);
TW_NODISCARD tw_status vm_equal(vm *v, order *out, const tw_fhirpath_item *a, const tw_fhirpath_item *b, bool like);

#endif
