/* A proposal for a mapping: what is known of files and columns. */
#ifndef TW_CSV_SUGGEST_H
#define TW_CSV_SUGGEST_H

#include "sources/csv_internal.h"

/* What a column is for. Elements of one field, as in a mapping, come first. */
typedef enum {
    TW_ROLE_NONE = TW_EL_COUNT,
    TW_ROLE_RECORD,
    TW_ROLE_ENCOUNTER,
    TW_ROLE_CODE,
    TW_ROLE_SYSTEM,
    TW_ROLE_DISPLAY,
    TW_ROLE_REASON,
    TW_ROLE_REASON_DISPLAY,
    TW_ROLE_VALUE,
    TW_ROLE_VALUE_TYPE,
    TW_ROLE_IDENTIFIER,
    TW_ROLE_MEASURE, /* a column of results of one kind: a wide table */
    TW_ROLE_LOINC,   /* a column named after its code system, and so on */
    TW_ROLE_SNOMED,
    TW_ROLE_ICD10,
    TW_ROLE_RXNORM,
    TW_ROLE_ATC,
    TW_ROLE_CVX
} tw_role;

typedef enum { TW_SURE, TW_LIKELY, TW_UNSURE } tw_sureness;

/* Styles of dates; formats of a style differ by sign and by the time after the day. */
typedef enum { TW_STYLE_ISO, TW_STYLE_HL7, TW_STYLE_YMD, TW_STYLE_DMY, TW_STYLE_MDY, TW_STYLE_MON, TW_STYLES } tw_style;
#define TW_SUGGEST_FORMATS 48

typedef enum {
    TW_SHAPE_LOINC,
    TW_SHAPE_SNOMED,
    TW_SHAPE_ICD10,
    TW_SHAPE_ATC,
    TW_SHAPE_DIGITS,
    TW_SHAPE_UUID,
    TW_SHAPE_POINT, /* a number, with a point or without */
    TW_SHAPE_COMMA, /* a number with a comma */
    TW_SHAPE_UNIT,
    TW_SHAPE_SYSTEM,
    TW_SHAPES
} tw_shape;

typedef struct {
    tw_str name;
    tw_str norm; /* lower case, without accents and signs */
    unsigned role;
    tw_sureness sure;
    const char *why;
    const tw_str *value; /* ascending, each once */
    size_t distinct;
    size_t filled; /* cells */
    bool unique;   /* no empty cell, no value twice */
    size_t shape[TW_SHAPES];
    size_t style[TW_STYLES];
    size_t format[TW_SUGGEST_FORMATS];
    size_t with_clock; /* times of day */
    size_t with_offset;
    size_t nulls;
    const char *loinc; /* of a measure */
    const char *unit;  /* of a measure; NULL: its name does not say */
    bool used;
} tw_sug_column;

typedef struct {
    tw_str name; /* of the file, without folders */
    tw_str norm;
    char delimiter;
    const char *charset;
    tw_cm_type kind; /* TW_CM_TYPES: none */
    tw_sug_column *col;
    size_t cols;
    tw_str **row; /* cells, trimmed; words for nothing are empty */
    size_t rows;
    bool comma;          /* decimal */
    const char *skipped; /* why it is not proposed */
} tw_sug_file;

/* Lower case letters and digits of a name, accents off; in the arena. */
tw_str tw_sug_norm(tw_arena *a, tw_str name);
/* By its name alone; TW_ROLE_NONE. *exact: the whole name, not a part of it. */
unsigned tw_sug_role(bool *exact, tw_str norm, tw_cm_type kind);
/* Code and unit of a measure by the name of its column ("psa_ng_ml"); false: none that is known. */
bool tw_sug_measure(const char **loinc, const char **unit, tw_str norm);
tw_cm_type tw_sug_kind(tw_str file_norm);
const char *tw_sug_role_name(unsigned role);
bool tw_sug_is_null_word(tw_str s);
/* Class of an encounter, type of a value, a status and so on in the words of sources: pairs for a map. */
typedef struct {
    const char *from;
    const char *to;
} tw_sug_pair;
const tw_sug_pair *tw_sug_classes(size_t *n);
/* NULL: the values are no words for sex. */
const tw_sug_pair *tw_sug_sexes(size_t *n, bool *sure, const tw_sug_column *c);
/* true: numeric, false: text; *known: it is a word for a type at all */
bool tw_sug_type_word(bool *numeric, tw_str s);

/* Reads a head: delimiter, charset, columns, shapes. fails TW_ELIMIT: memory. f->skipped when it is no table. */
tw_status tw_sug_file_read(tw_ctx *cx, tw_sug_file *f, tw_str name, tw_str head);
const char *tw_sug_format(size_t i, tw_style *style); /* NULL at the end */
/* Share of the values of b that a holds, in percent. */
unsigned tw_sug_overlap(const tw_sug_column *a, const tw_sug_column *b);

/* What was found out, as a mapping. */
void tw_sug_write(tw_ctx *cx, tw_buf *json, tw_buf *reasons, tw_sug_file *f, size_t n);

#endif
