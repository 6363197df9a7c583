/* Inside of the FHIR reader. */
#ifndef TW_SOURCES_INTERNAL_H
#define TW_SOURCES_INTERNAL_H

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
    tw_str number;
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

/* One document while it is read. */
typedef struct {
    tw_sources *s;
    tw_ctx *in; /* memory of the document */
    tw_json d;
    tw_map *index; /* of a Bundle: fullUrl and "Type/id" to tw_fhir_node; else NULL */
    tw_str label;
    uint32_t line0; /* lines before the document */
    uint32_t line;  /* of byte line_off, for counting on */
    uint32_t line_off;
} tw_fhir_doc;

struct tw_sources {
    tw_ctx in; /* of the document at hand */
    tw_arena *keep;
    tw_map *known; /* "r Patient/id", "u URL", "i system|value" to tw_fhir_node; "s system" issues MR numbers */
    tw_sources_opts opts;
    tw_sources_sink sink;
    tw_sources_tally tally;
    tw_sources_self self; /* of the record at hand */
    tw_sources_type_count *type;
};

/* Local number of a Patient; "" when it has none. */
tw_str tw_fhir_number(tw_fhir_doc *doc, uint32_t patient);
/* Remember a Patient: in the source, and in the document's index. false: too many. */
bool tw_fhir_learn(tw_fhir_doc *doc, uint32_t patient, tw_str full_url);
bool tw_fhir_index(tw_fhir_doc *doc, uint32_t resource, tw_str full_url);
/* The patient of a resource (not a Patient itself). `several` when two of its references lead to two people. */
tw_found tw_fhir_patient_of(tw_fhir_doc *doc, bool *several, uint32_t resource, const char *path, tw_str full_url);
/* "http://h/r4" of "http://h/r4/Type/id[/_history/v]"; false when it is no such URL. */
bool tw_fhir_url_split(tw_str *base, tw_str *type, tw_str *id, tw_str url);
/* 1 to 128 bytes without controls. */
bool tw_fhir_name_ok(tw_str s);

/* ---- texts */

tw_status tw_fhir_line(tw_ctx *cx, tw_sources *s, tw_str label, uint32_t line0, tw_str line, bool learn_only);
tw_status tw_fhir_text(tw_ctx *cx, tw_sources *s, tw_str label, tw_str text, tw_sources_form form, bool learn_only);
/* A line or file over its limit: one read, one dead letter. */
tw_status tw_fhir_oversize(tw_ctx *cx, tw_sources *s, tw_str label, uint32_t line0);

#endif
