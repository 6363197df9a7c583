/** Decoders: what other formats than FHIR hold, as FHIR R4. Private to this room.
 *
 *  A decoder cuts a file into units (an HL7 v2 message, a row of a table, a C-CDA document) and writes each unit as one
 *  Bundle of type `collection`, compact JSON. From there on all formats go one way: the reader of fhir_read.c finds the
 *  patient, counts, and hands on. A unit that does not decode is one dead letter with a place and the rule that it
 * broke, never a value.
 *
 *  Identity: a resource's id is made of what the source calls the record (order numbers, visit numbers, codes and
 *  times), so that a repeat or a correction bears the same id. A resource without versionId has the hash of its bytes
 *  for a version: a repeat is seen to be one, a correction is new. Hence nothing of the transport (time of the message,
 *  its control number) may stand in a resource. */
#ifndef TW_SOURCES_DECODE_H
#define TW_SOURCES_DECODE_H

#include "format/format.h"
#include "sources/sources.h"

/* ---------------------------------------------------------------- the decoder */

/** Where in a unit something is wrong. path: "PID-3.1", "column birth_date", "ClinicalDocument/component/..."; a
 *  constant, or in the arena; no value of the record. */
typedef struct {
    uint32_t line;   /* from 0, inside the unit */
    uint32_t column; /* from 1, in bytes; 0: unknown */
    tw_str path;
} tw_place;

typedef enum {
    TW_FRAME_UNIT, /* a unit: *skip bytes to pass over, then *size bytes */
    TW_FRAME_SKIP, /* nothing that counts: *skip bytes to pass over (blank lines, batch headers) */
    TW_FRAME_MORE, /* the window is too short to tell */
    TW_FRAME_END   /* nothing is left; only when `last` */
} tw_frame;

/** State of one file that is being decoded: made by `open`, not changed by the others, so that units of a file may be
 *  decoded by several threads at once. */
typedef struct tw_decoder {
    const char *name;   /* "hl7v2", "csv", "ccda" */
    const char *suffix; /* names of files it reads, parted by blanks: ".hl7 .mllp" */
    /** name: of the file, for what its name means (a mapping names files); head: its first bytes, at least 64 KiB or
     *  the whole file. *consumed: bytes of the head that are no unit (a header line). fails TW_EPARSE, TW_ENOTFOUND:
     * the file as a whole cannot be read by this decoder, with the rule in cx->err. */
    tw_status (*open)(tw_ctx *cx, void **file, size_t *consumed, const tw_sources_opts *opts, tw_str name, tw_str head);
    /** First unit of the window. `last`: no bytes will follow it. Called by one thread, in the order of the file: a
     * batch is counted here. */
    tw_frame (*frame)(const void *file, size_t *skip, size_t *size, tw_str window, bool last);
    /** A unit as a Bundle, appended to `json`. A part that cannot be handed on stands in it as an OperationOutcome
     * whose first issue says severity, rule (`diagnostics`) and place (`expression`): an error becomes a dead letter,
     * the rest is counted as refused. fails TW_EPARSE, TW_ELIMIT: place says where, cx->err which rule; nothing in
     * `json` counts then. */
    tw_status (*bundle)(tw_ctx *cx, tw_buf *json, tw_place *place, const void *file, tw_str unit);
    void (*close)(void *file); /* NULL is fine */
} tw_decoder;

/** First row of a window of a table. */
tw_frame tw_csv_frame(size_t *skip, size_t *size, tw_str window, bool last, const tw_csv_opts *opts);

extern const tw_decoder tw_decoder_hl7v2;
extern const tw_decoder tw_decoder_csv;
extern const tw_decoder tw_decoder_ccda;

/* ---------------------------------------------------------------- times */

/** A source's clock, for times that stand without an offset. POSIX TZ text (IEEE 1003.1-2017 §8.3; RFC 8536 §3.3):
 *  "UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT,M3.2.0,M11.1.0"; "" is UTC. */
typedef struct {
    int32_t standard_s; /* east of UTC, seconds */
    int32_t summer_s;
    bool has_summer;
    struct {
        uint8_t kind; /* 'M' month.week.day, 'J' day 1..365 without the leap day, 'D' day 0..365 */
        uint16_t month, week, day;
        int32_t at_s; /* local time of the change */
    } begin, end;
} tw_zone;
TW_NODISCARD tw_status tw_zone_parse(tw_ctx *cx, tw_zone *out, tw_str text);
/** Offset east of UTC in seconds of a local time (days since 1970, second of the day). An hour that happens twice is
 * the first; one that does not happen is taken by the offset before the change. */
int32_t tw_zone_offset(const tw_zone *z, int64_t day, int32_t second);

typedef enum {
    TW_WHEN_NONE,
    TW_WHEN_YEAR,
    TW_WHEN_MONTH,
    TW_WHEN_DAY,
    TW_WHEN_MINUTE,
    TW_WHEN_SECOND
} tw_when_precision;
/** A time as it stood: with its precision and its offset, if it had one. */
typedef struct {
    tw_when_precision precision;
    int16_t year;
    uint8_t month, day, hour, minute, second;
    bool has_offset;
    int16_t offset_min; /* east of UTC */
} tw_when;
/** HL7 v2 DTM and CDA TS: YYYY[MM[DD[HH[MM[SS[.S...]]]]]][+/-ZZZZ]. Hours without minutes are read as the full hour.
 *  Empty text: precision NONE. false: malformed or no such day. */
bool tw_when_hl7(tw_when *out, tw_str text);
/** ISO 8601 as FHIR and most exports write it: 2024-03-31, 2024-03-31T02:30[:SS[.S]][Z|+01:00], a blank for the T. */
bool tw_when_iso(tw_when *out, tw_str text);
/** FHIR date or dateTime; a time without offset gets that of the zone. Buffer of at least TW_WHEN_TEXT. */
#define TW_WHEN_TEXT 40
tw_str tw_when_text(char *buf, const tw_when *t, const tw_zone *z);
/** As a FHIR date: cut after the day. */
tw_str tw_when_date_text(char *buf, const tw_when *t);

/* ---------------------------------------------------------------- code systems */

/** URI of a code system by its name in HL7 table 0396 ("LN", "SCT", "I10C"...), or by its OID ("2.16.840.1.113883.6.1",
 *  with or without "urn:oid:"); "" when it is not known. Sources: HL7 table 0396; FHIR R4 terminologies-systems.html.
 */
tw_str tw_system_by_name(tw_str name);
tw_str tw_system_by_oid(tw_str oid);

/* ---------------------------------------------------------------- writing resources */

/** Writes a Bundle. An element whose value is empty is not written. */
typedef struct {
    tw_jw w;
    tw_buf *out;
    size_t resources;
} tw_fhir_out;

void tw_fo_begin(tw_fhir_out *o, tw_buf *out);
void tw_fo_end(tw_fhir_out *o);
/** Opens an entry (fullUrl "urn:twinward:local:Type/id") and its resource; version may be empty: the hash of the bytes.
 */
void tw_fo_resource(tw_fhir_out *o, const char *type, tw_str id, tw_str version);
void tw_fo_resource_end(tw_fhir_out *o);
void tw_fo_text(tw_fhir_out *o, const char *name, tw_str value);
void tw_fo_when(tw_fhir_out *o, const char *name, const tw_when *t, const tw_zone *z);
void tw_fo_date(tw_fhir_out *o, const char *name, const tw_when *t);
/** Number as FHIR decimal: the text as it stood when it is a JSON number or becomes one by dropping '+', leading zeroes
 * or a bare point; otherwise nothing is written and false returned. */
bool tw_fo_decimal(tw_fhir_out *o, const char *name, tw_str number);

typedef struct {
    tw_str system; /* URI; may be empty */
    tw_str code;
    tw_str display;
} tw_coded;
/** {"coding": [...], "text": ...}; codes without code are passed over. */
void tw_fo_concept(tw_fhir_out *o, const char *name, const tw_coded *coded, size_t count, tw_str text);
/** A Coding alone. */
void tw_fo_coding(tw_fhir_out *o, const char *name, const tw_coded *coded);
/** {"value", "comparator", "unit", "system": UCUM, "code": unit}; false: value is no number, nothing written. */
bool tw_fo_quantity(tw_fhir_out *o, const char *name, tw_str value, tw_str unit, tw_str comparator);
/** {"reference": "Type/id"}. */
void tw_fo_reference(tw_fhir_out *o, const char *name, const char *type, tw_str id);
/** {"identifier": {type MR, system, value}}: the patient by his local number, when no Patient stands in the Bundle. */
void tw_fo_patient_number(tw_fhir_out *o, const char *name, tw_str system, tw_str number);
/** One Identifier object inside an open array: use (may be empty), type code of HL7 v2-0203 (may be empty), system,
 *  value. */
void tw_fo_identifier(tw_fhir_out *o, tw_str use, tw_str type, tw_str system, tw_str value);

/** Id of a record from what the source calls it: 40 hex digits of SHA-256 over the label and the parts, each with its
 *  length. NUL-terminated. */
#define TW_LOCAL_ID 41
void tw_local_id(char out[TW_LOCAL_ID], const char *label, const tw_str *part, size_t count);

#endif
