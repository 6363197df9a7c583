/* Inside of the C-CDA decoder. Docs: docs/formats/ccda.md. */
#ifndef TW_CCDA_INTERNAL_H
#define TW_CCDA_INTERNAL_H

#include "sources/decode.h"

#define TW_CCDA_SPACE "urn:hl7-org:v3"
#define TW_CCDA_SDTC "urn:hl7-org:sdtc"
#define TW_CCDA_XSI "http://www.w3.org/2001/XMLSchema-instance"
#define TW_CCDA_CODES 16 /* of one concept; more are passed over */

typedef enum {
    TW_CCDA_OTHER,
    TW_CCDA_ALLERGIES,
    TW_CCDA_MEDICATIONS,
    TW_CCDA_RESULTS,
    TW_CCDA_PROBLEMS,
    TW_CCDA_CONCERNS,
    TW_CCDA_PROCEDURES,
    TW_CCDA_ENCOUNTERS,
    TW_CCDA_VITALS,
    TW_CCDA_IMMUNIZATIONS,
    TW_CCDA_SOCIAL,
    TW_CCDA_SURVEY
} tw_ccda_section;

/* One document while it is decoded. */
typedef struct {
    tw_ctx *cx;
    tw_fhir_out out;
    const tw_xml *d;
    const tw_zone *zone;
    tw_str patient; /* id of the Patient resource */
    tw_map *used;   /* "Type/id" to the tw_str of what it says */
    tw_ccda_section section;
    tw_str encounter;  /* id, inside an Encounter's own diagnoses; else "" */
    uint32_t concern;  /* act around an observation; else TW_XML_NONE */
    tw_str last;       /* id of the resource that was opened, or repeated, last */
    tw_str *last_said; /* its row of `used` */
    uint32_t fault_at; /* element that broke a rule, of the resource being written */
    const char *fault; /* the rule; NULL: none */
} tw_ccda;

/* A span as CDA writes it: a moment, or low and high. */
typedef struct {
    tw_when at, low, high;
    bool high_unknown; /* ended, nobody knows when: high with a nullFlavor */
} tw_ccda_span;

/* ---- data types (ccda_data.c) */

void tw_ccda_fault(tw_ccda *x, uint32_t at, const char *rule); /* the first one counts */
bool tw_ccda_null(const tw_ccda *x, uint32_t elem);            /* absent, or with a nullFlavor */
tw_str tw_ccda_code(const tw_ccda *x, uint32_t elem);          /* attribute "code" */
bool tw_ccda_is_template(const tw_ccda *x, uint32_t elem, const char *root);
/* negationInd or sdtc:valueNegationInd is true; anything but an xs:boolean is a fault. */
bool tw_ccda_negated(tw_ccda *x, uint32_t elem);
/* Codes of a CD with its translations; those with a nullFlavor are left out. */
size_t tw_ccda_codes(const tw_ccda *x, tw_coded out[TW_CCDA_CODES], uint32_t elem);
/* Writes a concept; false: no code in it, nothing written. */
bool tw_ccda_concept(tw_ccda *x, const char *name, uint32_t elem);
void tw_ccda_fixed(tw_ccda *x, const char *name, const char *system, const char *code);
/* The same inside an array of concepts. */
void tw_ccda_fixed_list(tw_ccda *x, const char *name, const char *system, const char *code);
void tw_ccda_word(tw_ccda *x, const char *name, const char *word);
tw_when tw_ccda_when(tw_ccda *x, uint32_t elem); /* attribute "value" */
tw_ccda_span tw_ccda_time(tw_ccda *x, uint32_t elem);
/* "<stem>DateTime" or "<stem>Period"; nothing when no part of the span is known. */
void tw_ccda_moment(tw_ccda *x, const char *stem, const tw_ccda_span *t);
void tw_ccda_period(tw_ccda *x, const char *name, const tw_ccda_span *t);
tw_when tw_ccda_start(const tw_ccda_span *t); /* at, or low */
/* An Observation's value[x] or dataAbsentReason. */
void tw_ccda_value(tw_ccda *x, uint32_t observation);
/* PQ as Quantity; false: no number, nothing written. */
bool tw_ccda_quantity(tw_ccda *x, const char *name, uint32_t elem);
/* {"low", "high"} of an IVL. */
void tw_ccda_range(tw_ccda *x, const char *name, uint32_t ivl);
tw_when tw_ccda_recorded(tw_ccda *x, uint32_t statement); /* earliest time of its authors */

/* ---- ids and resources (ccda_write.c) */

/* Opens a resource of a statement. false: a repeat, nothing was opened. Its first code and its start tell two
 * statements apart that bear one id, and make up an id where there is none. */
bool tw_ccda_open(tw_ccda *x, const char *type, uint32_t statement, uint32_t code, const tw_ccda_span *t);
/* Closes it with its references to the patient and, if it has one, the encounter. */
void tw_ccda_close(tw_ccda *x, const char *patient_name, const char *encounter_name);
/* What is not handed on: an OperationOutcome with place and rule. error: something is broken; else it is of a kind that
 * is no fact of the patient or is not read. */
void tw_ccda_tell(tw_ccda *x, bool error, uint32_t at, const char *rule);

/* ---- recordTarget (ccda_patient.c) */

tw_status tw_ccda_patient(tw_ccda *x, uint32_t *wrong, uint32_t root, tw_str mrn_system);

/* ---- statements (ccda_acts.c, ccda_observations.c); each returns true when it wrote a resource */

bool tw_ccda_condition(tw_ccda *x, uint32_t e);
bool tw_ccda_allergy(tw_ccda *x, uint32_t e);
bool tw_ccda_observation(tw_ccda *x, uint32_t e, const char *category);
bool tw_ccda_report(tw_ccda *x, uint32_t organizer, const tw_str *result, size_t count);
bool tw_ccda_medication(tw_ccda *x, uint32_t e);
bool tw_ccda_immunization(tw_ccda *x, uint32_t e);
bool tw_ccda_procedure(tw_ccda *x, uint32_t e);
bool tw_ccda_encounter(tw_ccda *x, uint32_t e);

#endif
