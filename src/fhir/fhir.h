/** FHIR: what FHIR R4 is, as data. The table of all elements (r4.tsv) with types, cardinalities and required code sets.
 *
 *  Source: FHIR R4 (4.0.1) definitions, HL7, CC0; scripts/make-r4-table writes the table. */
#ifndef TW_FHIR_H
#define TW_FHIR_H

#include "format/format.h"

/* ---------------------------------------------------------------- elements of R4 */

#define TW_R4_NONE UINT32_MAX

typedef enum {
    TW_PRIM_NONE, /* a complex type */
    TW_PRIM_BOOLEAN,
    TW_PRIM_INTEGER,
    TW_PRIM_POSITIVE,
    TW_PRIM_UNSIGNED,
    TW_PRIM_DECIMAL,
    TW_PRIM_CODE,
    TW_PRIM_DATE,
    TW_PRIM_DATETIME,
    TW_PRIM_INSTANT,
    TW_PRIM_TIME,
    TW_PRIM_TEXT, /* string, markdown, id, uri, url, canonical, oid, uuid, base64Binary, xhtml */
} tw_r4_prim;

/** One member of a type, by its JSON name. A choice value[x] is one member a type: "valueQuantity". */
typedef struct {
    tw_str name;    /* JSON member name */
    tw_str path;    /* "Observation.valueQuantity" */
    tw_str type;    /* "Quantity" */
    uint32_t node;  /* members of a complex type; TW_R4_NONE for primitives and any resource */
    uint32_t codes; /* required code set, UINT32_MAX when none is listed */
    uint16_t rule;  /* of whom the table is: 0 at first */
    uint8_t prim;   /* tw_r4_prim */
    uint8_t action; /* of whom the table is: 0 at first */
    bool many;
    bool required;
    bool subject; /* says whose record this is */
} tw_r4_member;

/** A type with members: a resource, a datatype, or a backbone element named by its path. */
typedef struct {
    tw_str path; /* "Observation", "Observation.component", "Quantity" */
    uint32_t first;
    uint32_t count;
    uint32_t slots; /* offset into tw_r4.slot */
    uint32_t mask;
    bool resource;
} tw_r4_node;

typedef struct {
    const tw_str *code; /* sorted by tw_str_cmp */
    uint32_t count;
} tw_r4_codes;

typedef struct {
    tw_arena *arena;
    tw_r4_node *node;
    uint32_t node_count;
    tw_r4_member *member;
    uint32_t member_count;
    uint32_t *slot; /* member index + 1, 0 = free */
    tw_r4_codes *codes;
    uint32_t codes_count;
    tw_map *node_by_path; /* index + 1 */
    tw_map *codes_by_name;
    tw_map *system; /* code system URL -> set index + 1 */
} tw_r4;

/** A table of one's own, some milliseconds and MiB. Aborts when the one compiled in is malformed: it is part of the
 *  program. Read by any number of threads. */
void tw_r4_init(tw_r4 *t);
void tw_r4_done(tw_r4 *t);
/** Node of a type or a backbone element's path; TW_R4_NONE. */
uint32_t tw_r4_node_of(const tw_r4 *t, tw_str path);
/** Member of a node by JSON name, NULL when R4 has none. */
const tw_r4_member *tw_r4_find(const tw_r4 *t, const tw_r4_node *node, tw_str name);
bool tw_r4_has_code(const tw_r4_codes *set, tw_str code);
/** The table as compiled in. */
tw_str tw_r4_text(void);

/* ---------------------------------------------------------------- a resource as FHIR sees it */

/** What FHIRPath and whoever changes resources need beside the table: names of elements and types as numbers, choice
 *  types by their element's name. Some MiB; read by any number of threads. */
typedef struct tw_fhir_schema tw_fhir_schema;
tw_fhir_schema *tw_fhir_schema_new(void); /* aborts when memory cannot be had */
void tw_fhir_schema_free(tw_fhir_schema *s); /* NULL is fine */
const tw_r4 *tw_fhir_schema_table(const tw_fhir_schema *s);
#define TW_FHIR_NO_NAME 0u
/** Number of an element's name ("value" for value[x]) or of a type; TW_FHIR_NO_NAME when R4 has none. */
uint16_t tw_fhir_name_id(const tw_fhir_schema *s, tw_str name);
uint16_t tw_fhir_type_id(const tw_fhir_schema *s, tw_str type);
tw_str tw_fhir_name_text(const tw_fhir_schema *s, uint16_t name);
tw_str tw_fhir_type_text(const tw_fhir_schema *s, uint16_t type);
/** Numbers of types are below this one. */
size_t tw_fhir_schema_types(const tw_fhir_schema *s);
/** The type, or a type it stands under: Age is a Quantity, code a string, Patient a DomainResource and a Resource. */
bool tw_fhir_type_is(const tw_fhir_schema *s, uint16_t type, uint16_t above);
/** Member of a node whose element's name and type are these; NULL. */
const tw_r4_member *tw_fhir_member(const tw_fhir_schema *s, uint32_t node, uint16_t name, uint16_t type);

#define TW_FHIR_NONE UINT32_MAX

typedef enum {
    TW_FHIR_RESOURCE = 1, /* the element is a resource: the root, contained, an entry's */
    TW_FHIR_GONE = 2,     /* removed; nobody meets it any more */
    TW_FHIR_PLAIN = 8,    /* the value may have to be escaped when it is written */
    TW_FHIR_LISTED = 16,  /* stood in an array */
    TW_FHIR_MARK = 32     /* free for who works on the tree */
} tw_fhir_flag;

/** One element. Each item of an array is one; `x` and `_x` are the same one. */
typedef struct {
    const tw_r4_member *member; /* NULL for the root */
    tw_str value;    /* of a primitive, decoded; p is NULL when it has none */
    uint32_t parent; /* TW_FHIR_NONE for the root */
    uint32_t child, last, next; /* first and last child, next sibling; TW_FHIR_NONE. Removed ones stay linked. */
    uint32_t node;   /* members of a complex type; TW_R4_NONE for primitives */
    uint32_t same; /* of an index: the next element of its type; TW_FHIR_NONE */
    uint16_t name;
    uint16_t type;
    uint8_t json;    /* tw_json_type of the value */
    uint8_t flags;   /* tw_fhir_flag */
} tw_fhir_elem;

/** Elements of one document in the order they stand, [0] is the root. Lives in cx->arena. Values borrow from the text
 *  of the document. */
typedef struct {
    const tw_fhir_schema *schema;
    tw_fhir_elem *e;
    uint32_t n, cap;
    uint32_t unknown; /* members that R4 does not have, or not in that shape: left out */
    uint32_t *index;  /* by type: the first element below `indexed`, resources below left out; NULL: no index */
    uint32_t indexed;
} tw_fhir_tree;

/** The resource at token `obj`. fails TW_EPARSE when its resourceType is none of R4, TW_ELIMIT. */
TW_NODISCARD tw_status tw_fhir_tree_build(tw_ctx *cx, tw_fhir_tree *out, const tw_fhir_schema *s, const tw_json *d,
                                          uint32_t obj);
/** The value at token `tok` as a tree of its own, of the type that `like` has: what stands in its place.
 *  fails TW_EPARSE when it has not that shape, TW_ELIMIT. */
TW_NODISCARD tw_status tw_fhir_tree_value(tw_ctx *cx, tw_fhir_tree *out, const tw_fhir_schema *s,
                                          const tw_fhir_elem *like, const tw_json *d, uint32_t tok);
/** A new element without value, as a child of `parent`, beside those of the same member; else first when `front` says
 *  so, or last. Gives its number; TW_FHIR_NONE over the limit of memory. */
uint32_t tw_fhir_tree_add(tw_ctx *cx, tw_fhir_tree *t, uint32_t parent, const tw_r4_member *member, bool front);
/** A copy of element i of `from` with all below it, as tw_fhir_tree_add adds it. */
uint32_t tw_fhir_tree_graft(tw_ctx *cx, tw_fhir_tree *t, uint32_t parent, const tw_fhir_tree *from, uint32_t i);
static inline uint32_t tw_fhir_present(const tw_fhir_tree *t, uint32_t i)
{
    while (i != TW_FHIR_NONE && (t->e[i].flags & TW_FHIR_GONE))
        i = t->e[i].next;
    return i;
}
/** First child that is not gone, and the next sibling; TW_FHIR_NONE. */
static inline uint32_t tw_fhir_first(const tw_fhir_tree *t, uint32_t i)
{
    return tw_fhir_present(t, t->e[i].child);
}
static inline uint32_t tw_fhir_next(const tw_fhir_tree *t, uint32_t i)
{
    return tw_fhir_present(t, t->e[i].next);
}
/** First child of that name; TW_FHIR_NONE. */
uint32_t tw_fhir_child(const tw_fhir_tree *t, uint32_t i, uint16_t name);
/** Next element of the subtree of `top` after i, resources below left out; TW_FHIR_NONE at the end. */
uint32_t tw_fhir_walk(const tw_fhir_tree *t, uint32_t top, uint32_t i);
/** Text of a primitive; "" when it has none. */
static inline tw_str tw_fhir_text(const tw_fhir_tree *t, uint32_t i)
{
    return t->e[i].value.p ? t->e[i].value : TW_STR("");
}
/** Sets or (p NULL) takes away a primitive's value; text is borrowed. json: TW_JSON_STRING, or what it is written as.*/
void tw_fhir_set(tw_fhir_tree *t, uint32_t i, tw_str text, tw_json_type json);
/** Elements below `top` by type, so that nodesByType of it is quick. `index` has room for twice tw_fhir_schema_types
 *  numbers and outlives its use. To be made anew when elements were added or removed. */
void tw_fhir_tree_index(tw_fhir_tree *t, uint32_t *index, uint32_t top);
/** Takes out elements that have neither value nor children, bottom up; resources stay. */
void tw_fhir_tree_prune(tw_fhir_tree *t);
/** Minified JSON; members in the order they stood. Items of primitives without value become null as FHIR says. */
void tw_fhir_tree_write(tw_buf *out, const tw_fhir_tree *t);

/* ---------------------------------------------------------------- FHIRPath */

/** A FHIRPath expression as a program over registers: names and types are numbers, constants are parsed, regular
 *  expressions are compiled, once.
 *
 *  Taken: paths, `a.b`, [n], $this, %resource, %context, literals (string, number, boolean, @date, @Tdate, {}), + - * /
 *  div mod & | = != ~ !~ < <= > >= in contains and or xor implies is as, where select exists all any empty not count
 *  first last tail skip take single distinct ofType as is iif children descendants extension hasValue startsWith
 *  endsWith contains indexOf substring replace matches replaceMatches length upper lower trim toString toInteger
 *  toDecimal toBoolean join, and nodesByType('T'), nodesByName('n') of Microsoft's anonymizer (self and descendants
 *  without resources below; the type exactly).
 *  Refused by name: resolve, now, today, timeOfDay, memberOf, trace and others that need what is not at hand.
 *
 *  Where the specification lets choose: elements of a union are told apart by place, not by value, so that none is
 *  lost; a comparison of different types is an error; a regular expression is PCRE2's with limits and finds anywhere.
 *  Dates compare by precision (empty when undecided); a time without zone against one with a zone is decided only when
 *  no zone could change it. Decimals are exact to 28 digits.
 *
 *  Source: HL7 FHIRPath N1 (2.0.0). */
typedef struct tw_fhirpath tw_fhirpath;

#define TW_FHIRPATH_BYTES_MAX 4096
#define TW_FHIRPATH_DEPTH_MAX 40

/** Program in `keep`, which outlives it; nothing to free. fails TW_EPARSE "column N: ...", TW_ELIMIT. */
TW_NODISCARD tw_status tw_fhirpath_compile(tw_ctx *cx, tw_fhirpath **out, tw_arena *keep, const tw_fhir_schema *s,
                                           tw_str text);
/** First name in it that no type of R4 has, so that the path can match nothing; "" when there is none. */
tw_str tw_fhirpath_unknown(const tw_fhirpath *p);

typedef enum {
    TW_FHIRPATH_ELEMENT,
    TW_FHIRPATH_BOOLEAN,
    TW_FHIRPATH_INTEGER,
    TW_FHIRPATH_DECIMAL,
    TW_FHIRPATH_STRING,
    TW_FHIRPATH_DATE, /* date or date and time */
    TW_FHIRPATH_TIME
} tw_fhirpath_kind;

typedef struct {
    tw_fhirpath_kind kind;
    uint32_t element; /* TW_FHIRPATH_ELEMENT */
    tw_str text;      /* of the others: "true", "-1.50", "2020-01-01T00:00:00Z" */
} tw_fhirpath_item;

typedef struct {
    const tw_fhirpath_item *item; /* in cx->arena */
    uint32_t n;
} tw_fhirpath_items;

/** With element `at` as $this and %context. fails TW_EREFUSED where the expression cannot be applied to what it meets
 *  ("column N: ..."; never a value), TW_ELIMIT over the limit of steps. */
TW_NODISCARD tw_status tw_fhirpath_run(tw_ctx *cx, tw_fhirpath_items *out, const tw_fhirpath *p, const tw_fhir_tree *t,
                                       uint32_t at);
/** Whether the result is true, or one item that is no boolean; an empty one is false. */
TW_NODISCARD tw_status tw_fhirpath_test(tw_ctx *cx, bool *out, const tw_fhirpath *p, const tw_fhir_tree *t,
                                        uint32_t at);

#endif
