/* Inside of the FHIR reader. */
#ifndef TW_SOURCES_INTERNAL_H
#define TW_SOURCES_INTERNAL_H

#include "sources/decode.h"
#include "sources/sources.h"

/* ---- types of R4 */

typedef enum {
    TW_FHIR_SELF,   /* Patient */
    TW_FHIR_ALWAYS, /* has to have a patient */
    TW_FHIR_MAYBE,  /* of no patient when its element does not lead to one */
    TW_FHIR_NEVER   /* of no patient */
} tw_fhir_kind;

typedef struct {
    const char *name;
    tw_fhir_kind kind;
    const char *path; /* element that refers to the patient; dots lead through arrays */
} tw_fhir_type;

extern const tw_fhir_type tw_fhir_types[]; /* ascending names */
extern const size_t tw_fhir_type_count;
/* SIZE_MAX: not of R4. */
size_t tw_fhir_type_find(tw_str name);

/* ---- patients known */

typedef enum {
    TW_FOUND_NONE,
    TW_FOUND_OK,
    TW_FOUND_OTHER,
    TW_FOUND_UNKNOWN,
    TW_FOUND_AMBIGUOUS,
    TW_FOUND_MALFORMED
} tw_found_kind;
typedef struct {
    tw_found_kind kind;
    tw_str number;    /* after merges */
    tw_str stood;     /* before them */
    tw_str id;        /* of the Patient resource; may be "" */
    tw_str reference; /* as it stood */
} tw_found;

typedef struct {
    tw_str number;  /* of a Patient; may be "" */
    tw_str id;      /* of the resource; may be "" */
    size_t type;    /* row of tw_fhir_types */
    uint32_t token; /* of the resource, inside its document */
    bool is_patient;
    bool ambiguous;
    bool followed;    /* `patient` was looked up */
    tw_found patient; /* of a resource that is no Patient */
} tw_fhir_node;

/* Names of patients: in memory, and behind them a store. Only the reader's own thread changes them. */
typedef struct {
    tw_arena *keep;
    /* "r Patient/id", "u URL", "i system|value", "m number" to tw_fhir_node; "s system" issues MR numbers */
    tw_map *map;
    size_t max;
    bool spilled;         /* the store has some */
    tw_names_store store; /* get NULL: none */
} tw_known;

/* One document while it is read. */
typedef struct {
    const tw_sources *s;
    tw_ctx *in; /* memory of the document */
    tw_json d;
    tw_map *index;  /* of a Bundle: fullUrl and "Type/id" to tw_fhir_node; else NULL */
    tw_buf *lesson; /* where its Patients are noted */
    uint32_t line0; /* lines before the document */
    uint32_t line;  /* of byte line_off, for counting on */
    uint32_t line_off;
    bool decoded;    /* the text was made by a decoder: lines in it mean nothing, and nothing in it points forward */
    tw_str last_ref; /* of a decoded one: the reference looked up last, and what was found */
    tw_found last_found;
} tw_fhir_doc;

/* A line, message, row or document. */
typedef struct {
    size_t at; /* in the piece's bytes */
    size_t n;
    uint64_t offset; /* in the file */
    uint64_t length;
    uint32_t line0; /* lines before it */
    bool bad;       /* it is a dead letter as a whole */
    tw_dead_reason reason;
    uint32_t line; /* from 0, inside the unit */
    tw_str path;
    tw_str detail;
    size_t json_at; /* what a decoder made of it, in the piece's json; 0 bytes: nothing */
    size_t json_n;
    tw_fhir_doc *doc; /* once it was parsed; NULL: nothing in it */
} tw_unit;

struct tw_piece {
    tw_ctx in;
    tw_str label;
    tw_sources_form form;
    const void *file; /* state of its decoder; the cutter's */
    uint8_t *bytes;
    size_t bytes_n;
    size_t used; /* bytes up to the end of the piece; what is behind them belongs to the next one */
    tw_piece_span span;
    tw_unit *unit;
    size_t units;
    size_t units_cap;
    tw_buf json; /* of its units; it does not move once the first of them was parsed */
    tw_buf lesson;
    tw_found_item *item;
    size_t items;
    size_t items_cap;
};

struct tw_sources {
    tw_known known;
    tw_arena *keep;
    tw_sources_opts opts;
    tw_sources_sink sink;
    tw_sources_tally tally;
    tw_sources_self self; /* of the record at hand */
    tw_sources_type_count *type;
};

/* ---- names (known.c) */

void tw_known_init(tw_known *k, size_t max);
void tw_known_done(tw_known *k);
/* From memory or from the store; NULL. `in` gives memory for what comes from the store. */
const tw_fhir_node *tw_known_find(const tw_known *k, tw_ctx *in, tw_bytes key);
/* The number that lives on after merges; `number` itself when it was not merged. */
tw_str tw_known_survivor(const tw_known *k, tw_ctx *in, tw_str number);
/* Adds to a lesson; learns a whole lesson. */
void tw_lesson_name(tw_buf *lesson, tw_bytes key, tw_str number, tw_str id);
void tw_lesson_merge(tw_buf *lesson, tw_bytes key, tw_str old, tw_str survivor);
tw_status tw_known_learn(tw_ctx *cx, tw_known *k, tw_bytes lesson);

/* ---- pieces (piece.c) */

tw_piece *tw_piece_new(size_t arena_max); /* NULL: no memory */
tw_unit *tw_piece_unit(tw_piece *p);      /* one more, zeroed; NULL: no memory */
tw_found_item *tw_piece_item(tw_piece *p);
const tw_decoder *tw_decoder_of(tw_sources_form form); /* NULL: FHIR's own forms, or not built in */

/* Local number of a Patient; "" when it has none. */
tw_str tw_fhir_number(tw_fhir_doc *doc, uint32_t patient);
/* Note a Patient in the document's lesson, and any resource in its index. false: no memory. */
bool tw_fhir_learn(tw_fhir_doc *doc, uint32_t patient, tw_str full_url);
bool tw_fhir_index(tw_fhir_doc *doc, uint32_t resource, tw_str full_url);
/* The patient of a resource (not a Patient itself). `several` when two of its references lead to two people. */
tw_found tw_fhir_patient_of(tw_fhir_doc *doc, bool *several, uint32_t resource, const char *path, tw_str full_url);
/* "http://h/r4" of "http://h/r4/Type/id[/_history/v]"; false when it is no such URL. */
bool tw_fhir_url_split(tw_str *base, tw_str *type, tw_str *id, tw_str url);
/* 1 to 128 bytes without controls. */
bool tw_fhir_name_ok(tw_str s);
/* One text of three, in the arena: what is made for every record, hence without printf. */
tw_str tw_fhir_joined(tw_arena *a, tw_str first, const char *between, tw_str second);

/* ---- documents (fhir_read.c) */

/* The text of a unit is parsed and its Patients are noted. What does not parse makes the unit bad. */
tw_status tw_fhir_prepare(tw_ctx *cx, const tw_sources *s, tw_piece *p, tw_unit *u, tw_str text, bool decoded,
                          bool learn_only);
/* An item for each of its resources. */
tw_status tw_fhir_judge(tw_ctx *cx, tw_piece *p, const tw_unit *u);

#endif
