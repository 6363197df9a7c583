/* CSV: a mapping as it is read (docs/formats/csv-mapping.md), and what rows are made into by it. */
#ifndef TW_CSV_INTERNAL_H
#define TW_CSV_INTERNAL_H

#include "sources/decode.h"

/* ---- what a mapping may speak of */

#define TW_CM_TYPE_LIST(X)                                                                                             \
    X(PATIENT, "Patient")                                                                                              \
    X(ENCOUNTER, "Encounter")                                                                                          \
    X(CONDITION, "Condition")                                                                                          \
    X(OBSERVATION, "Observation")                                                                                      \
    X(REQUEST, "MedicationRequest")                                                                                    \
    X(STATEMENT, "MedicationStatement")                                                                                \
    X(ADMINISTRATION, "MedicationAdministration")                                                                      \
    X(PROCEDURE, "Procedure")                                                                                          \
    X(ALLERGY, "AllergyIntolerance")                                                                                   \
    X(IMMUNIZATION, "Immunization")                                                                                    \
    X(ORGANIZATION, "Organization")                                                                                    \
    X(PRACTITIONER, "Practitioner")                                                                                    \
    X(LOCATION, "Location")                                                                                            \
    X(MEDICATION, "Medication")
typedef enum {
#define X(name, text) TW_CM_##name,
    TW_CM_TYPE_LIST(X)
#undef X
        TW_CM_TYPES
} tw_cm_type;
/* Types from here on are of no patient: a row of them has an id alone and is counted as refused. */
#define TW_CM_NO_PATIENT TW_CM_ORGANIZATION

typedef enum { TW_ELK_TEXT, TW_ELK_WORD, TW_ELK_TIME, TW_ELK_NUMBER } tw_el_kind;
/* Elements of one field. Codes, ids, identifiers and references to encounters have more than one and stand apart. */
#define TW_EL_LIST(X)                                                                                                  \
    X(PATIENT, "patient", TEXT)                                                                                        \
    X(STATUS, "status", WORD)                                                                                          \
    X(STATUS_ENDED, "status_ended", WORD)                                                                              \
    X(VERIFICATION, "verification", WORD)                                                                              \
    X(CATEGORY, "category", WORD)                                                                                      \
    X(CLASS, "class", WORD)                                                                                            \
    X(ALLERGY_TYPE, "allergy_type", WORD)                                                                              \
    X(CRITICALITY, "criticality", WORD)                                                                                \
    X(INTERPRETATION, "interpretation", WORD)                                                                          \
    X(TIME, "time", TIME)                                                                                              \
    X(START, "start", TIME)                                                                                            \
    X(FINISH, "end", TIME)                                                                                             \
    X(RECORDED, "recorded", TIME)                                                                                      \
    X(UNIT, "unit", TEXT)                                                                                              \
    X(COMPARATOR, "comparator", WORD)                                                                                  \
    X(DOSE, "dose", NUMBER)                                                                                            \
    X(DOSE_UNIT, "dose_unit", TEXT)                                                                                    \
    X(LOT, "lot", TEXT)                                                                                                \
    X(BIRTH_DATE, "birth_date", TIME)                                                                                  \
    X(DEATH, "death", TIME)                                                                                            \
    X(DECEASED, "deceased", WORD)                                                                                      \
    X(SEX, "sex", WORD)                                                                                                \
    X(MARITAL, "marital", WORD)                                                                                        \
    X(FAMILY, "family", TEXT)                                                                                          \
    X(GIVEN, "given", TEXT)                                                                                            \
    X(MIDDLE, "middle", TEXT)                                                                                          \
    X(PREFIX, "prefix", TEXT)                                                                                          \
    X(SUFFIX, "suffix", TEXT)                                                                                          \
    X(STREET, "street", TEXT)                                                                                          \
    X(CITY, "city", TEXT)                                                                                              \
    X(DISTRICT, "district", TEXT)                                                                                      \
    X(STATE, "state", TEXT)                                                                                            \
    X(POSTAL_CODE, "postal_code", TEXT)                                                                                \
    X(COUNTRY, "country", TEXT)                                                                                        \
    X(PHONE, "phone", TEXT)                                                                                            \
    X(EMAIL, "email", TEXT)
typedef enum {
#define X(name, text, kind) TW_EL_##name,
    TW_EL_LIST(X)
#undef X
        TW_EL_COUNT
} tw_el;
typedef enum { TW_CONCEPT_CODE, TW_CONCEPT_REASON, TW_CONCEPT_ROUTE, TW_CONCEPT_COUNT } tw_cm_concept;

const char *tw_cm_type_name(tw_cm_type t);
tw_cm_type tw_cm_type_of(tw_str name); /* TW_CM_TYPES: unknown */
const char *tw_el_name(tw_el e);
tw_el tw_el_of(tw_str name); /* TW_EL_COUNT: unknown */
tw_el_kind tw_el_kind_of(tw_el e);
bool tw_el_allowed(tw_el e, tw_cm_type t);
bool tw_cm_concept_allowed(tw_cm_concept c, tw_cm_type t);
/* Words that an element of this type may be, parted by blanks; NULL: any. */
const char *tw_el_words(tw_el e, tw_cm_type t);
/* One of the words of a list parted by blanks. */
bool tw_cm_word_in(const char *list, tw_str word);

/* ---- dates */

typedef struct {
    const tw_date_format *format;
    size_t n;
    int pivot; /* two-digit years up to it are 20YY; -1: there are none */
} tw_cm_dates;
/* Two formats that read one text as two different times. */
bool tw_cm_dates_clash(const tw_cm_dates *d);
/* By the first format that fits; empty text: precision NONE. */
bool tw_cm_dates_take(tw_when *out, const tw_cm_dates *d, tw_str text);

/* ---- a mapping */

#define TW_CM_CONSTANT UINT32_MAX
typedef struct {
    tw_str from, to;
} tw_cm_word;
typedef struct {
    uint32_t column; /* of the table's columns; TW_CM_CONSTANT: none */
    tw_str constant;
    const tw_cm_word *map; /* ascending */
    size_t map_count;
    bool has_otherwise;
    tw_str otherwise;
    const tw_cm_dates *dates;
} tw_cm_field;
typedef struct {
    tw_cm_field code;
    tw_cm_field system; /* a constant is a URI */
    tw_cm_field display;
} tw_cm_code;
typedef struct {
    const tw_cm_code *code;
    size_t n;
} tw_cm_codes;
typedef struct {
    tw_cm_field value;
    tw_str system;
    tw_str type; /* of HL7 v2-0203 */
} tw_cm_identifier;
typedef struct {
    uint32_t column;
    bool negate;
    const tw_str *word;
    size_t n;
} tw_cm_when;
typedef struct {
    const uint32_t *column;
    size_t n;
} tw_cm_columns;

typedef enum { TW_CM_AS_NUMBER, TW_CM_AS_TEXT, TW_CM_AS_CODE, TW_CM_AS_AUTO } tw_cm_as;
typedef struct {
    tw_cm_type type;
    const tw_cm_field *el[TW_EL_COUNT]; /* NULL: absent */
    tw_cm_codes concept[TW_CONCEPT_COUNT];
    const tw_cm_code *value; /* of an Observation; system and display for codes alone */
    tw_cm_as as;
    const tw_cm_identifier *identifier;
    size_t identifiers;
    const tw_cm_when *when;
    size_t whens;
    tw_cm_columns id;
    tw_str id_tail; /* of a measure: its name */
    tw_cm_columns encounter;
    tw_str patient_system;
} tw_cm_resource;

typedef struct {
    tw_str zone_text;
    tw_str charset_name;
    tw_zone zone;
    const tw_charset *charset;
    char delimiter;
    char decimal;
    char thousands; /* 0: none */
    const tw_str *null;
    size_t nulls;
    const tw_cm_dates *dates; /* NULL: a field of time has to name its own */
    int pivot;
} tw_cm_settings;

typedef struct {
    tw_str name;
    const tw_str *file;
    size_t files;
    tw_cm_settings set;
    bool header;
    bool skip;
    bool ignore_rest;
    const tw_str *column; /* all that the table knows; with header false: in the order of the file, from 0 */
    const bool *optional; /* may be missing in a header */
    size_t columns;
    size_t declared; /* of a file without header: columns it has */
    const tw_cm_resource *resource;
    size_t resources;
} tw_cm_table;

struct tw_mapping {
    tw_arena *arena;
    tw_str patient_system;
    const tw_cm_table *table;
    size_t tables;
};

/* '*' and '?' against a file's name without folders; ASCII case does not count. */
bool tw_cm_name_fits(tw_str pattern, tw_str name);
/* URI of a system by name, OID or URI; "" when it is none. */
tw_str tw_cm_system(tw_str text);

/* ---- a file */

typedef struct {
    tw_arena *arena;
    const tw_mapping *mapping;
    const tw_cm_table *table;
    tw_csv_opts csv;
    uint32_t *where; /* column of the table to field of the row; UINT32_MAX: not in this file */
} tw_csv_file;

tw_status tw_csv_bundle(tw_ctx *cx, tw_buf *json, tw_place *place, const tw_csv_file *f, tw_str unit);

/* ---- check digits */

bool tw_csv_is_loinc(tw_str s);
bool tw_csv_is_snomed(tw_str s);

#endif
