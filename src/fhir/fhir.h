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

#endif
