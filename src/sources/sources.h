/** Sources: what hospitals hold, to FHIR R4 resources with a known patient; and a generator of hospitals.
 *
 *  Reader. Takes Bundles (any R4 type), single resources and NDJSON of either, and hands on one `tw_phi` a resource:
 * its type, the patient's local number in this source, what record it is and which version. Nothing is dropped in
 * silence: accepted + refused by type + dead letters = read
 *  - refused by type: a resource of no patient (Organization, Practitioner, Medication, ...), by a table of the R4
 * types.
 *  - dead letter: malformed, of an unknown type, or its patient cannot be found. A reason and a place; never a value. A
 *    document or line that cannot be parsed counts as one.
 *  Files are read one at a time, NDJSON one line at a time; memory is bounded by `document_bytes_max` and
 * `patients_max`.
 *
 *  Local number of a Patient: the first of: identifier under `mrn_system`, identifier of type MR (HL7 v2-0203),
 * Patient.id. Old identifiers (use "old") are no local number, but references by them are understood. Record:
 * "Type/id"; without an id "Type/<fullUrl>"; without both "Type/sha256:<hex>" of its bytes. Version: meta.versionId,
 * else meta.lastUpdated, else the first 16 hex digits of SHA-256 of its bytes.
 *
 *  References to the patient: contained (#p), urn:uuid and urn:oid (inside one Bundle), relative, absolute,
 *  conditional (Patient?identifier=system|value), logical (Reference.identifier). A conditional reference to a number
 * that no Patient here bears is believed when its system issues MR numbers here, else it is a dead letter. An absolute
 * URL is not matched by its tail: another server's Patient/1 is another person. One source is one server; set
 * `base_url` for Bundles that mix servers.
 *
 *  Sources: HL7 FHIR R4 (4.0.1): bundle.html "Resolving references in Bundles", references.html, http.html "Conditional
 *  references", compartmentdefinition-patient.html; FHIR Bulk Data Access 2.0 (NDJSON). */
#ifndef TW_SOURCES_H
#define TW_SOURCES_H

#include "base/base.h"
#include "format/format.h"
#include "model/model.h"

/* ---------------------------------------------------------------- reader */

#define TW_DEAD_LIST(X)                                                                                                \
    X(JSON, "not valid JSON")                                                                                          \
    X(SHAPE, "not a FHIR resource")                                                                                    \
    X(TYPE, "resourceType is not one of R4")                                                                           \
    X(BUNDLE, "Bundle is malformed or inside a Bundle")                                                                \
    X(ENTRY, "Bundle entry without a resource")                                                                        \
    X(ID, "id is malformed")                                                                                           \
    X(NO_NUMBER, "Patient without a local number")                                                                     \
    X(NO_PATIENT, "no reference to a patient")                                                                         \
    X(NOT_PATIENT, "is about something else than a patient")                                                           \
    X(UNKNOWN, "refers to a patient not known here")                                                                   \
    X(AMBIGUOUS, "reference fits more than one patient")                                                               \
    X(SEVERAL, "is about more than one patient")                                                                       \
    X(REFERENCE, "reference is malformed")                                                                             \
    X(LIMIT, "over a limit")                                                                                           \
    X(DECODE, "not well-formed in its format")                                                                         \
    X(FILE, "file cannot be read")                                                                                     \
    X(SINK, "refused further on")
typedef enum {
#define X(name, text) TW_DEAD_##name,
    TW_DEAD_LIST(X)
#undef X
        TW_DEAD_COUNT
} tw_dead_reason;
/** The text beside the reason; a constant. */
const char *tw_dead_text(tw_dead_reason r);

/** Where and why; nothing of the patient. */
typedef struct {
    tw_str label;     /* of the file, as given */
    uint32_t line;    /* from 1; where the resource begins */
    tw_str path;      /* "entry.3.resource"; "" for a resource on its own */
    const char *type; /* resourceType when it is one of R4, else "" */
    tw_dead_reason reason;
    tw_str detail; /* more, from the parser or from the sink; may be empty */
    uint64_t offset; /* of its line, message, row or document, in the file */
    uint64_t length;
    uint32_t before; /* lines before it */
} tw_dead_letter;

/** Takes what was read. Views live until the call returns.
 *  record  TW_OK: accepted. TW_EREFUSED: counted as refused by type. TW_EPARSE, TW_ELIMIT, TW_ENOTFOUND: a dead letter
 * with cx->err's message, which must hold no value. Any other status ends the reading and is returned. dead    may be
 * NULL. TW_OK, or a status that ends the reading. */
typedef struct {
    tw_status (*record)(void *self, tw_ctx *cx, const tw_phi *phi);
    tw_status (*dead)(void *self, tw_ctx *cx, const tw_dead_letter *letter);
    void *self;
} tw_sources_sink;

/** How the CSV files of a source become resources (docs/formats/csv-mapping.md). Not changed once read: several readers
 *  and threads may use one. */
typedef struct tw_mapping tw_mapping;
/** out   free with tw_mapping_free
 *  fails TW_EPARSE with line, column, path and rule; TW_EFOREIGN: a charset that the system lacks */
TW_NODISCARD tw_status tw_mapping_read(tw_ctx *cx, tw_mapping **out, tw_str json);
void tw_mapping_free(tw_mapping *m); /* NULL is fine */
/** Identifier system of the patient numbers in this source. */
tw_str tw_mapping_patient_system(const tw_mapping *m);
/** What a mapping takes a column for; of several uses the one that says most of a person. */
typedef enum {
    TW_MAPPED_UNUSED, /* ignored, or not named */
    TW_MAPPED_WORD,   /* of a closed list: status, sex, class */
    TW_MAPPED_NUMBER,
    TW_MAPPED_UNIT,
    TW_MAPPED_CODE, /* see `system` */
    TW_MAPPED_TIME,
    TW_MAPPED_TEXT,
    TW_MAPPED_PLACE, /* state, country */
    TW_MAPPED_ZIP,
    TW_MAPPED_ADDRESS,
    TW_MAPPED_CONTACT,
    TW_MAPPED_ID,
    TW_MAPPED_BIRTH,
    TW_MAPPED_NAME,
    TW_MAPPED_PATIENT
} tw_mapped_use;
typedef struct {
    tw_str name; /* of the column in the mapping; "": the mapping does not name it (ignore: "*") */
    tw_mapped_use use;
    tw_str system;               /* CODE: URI of the system when it is the same in every row, else "" */
    const tw_date_format *dates; /* TIME, BIRTH: its formats */
    size_t date_count;
    int pivot;          /* of years of two digits; -1: none */
    const tw_str *word; /* that the mapping itself lists for the column: of maps and conditions */
    size_t words;
    uint32_t system_at; /* CODE: column of the file that names the system; UINT32_MAX: none */
    bool may_be_number; /* TEXT: a value that is a number or else text */
} tw_mapped;
/** A file's table, as its mapping has it; borrows from the mapping. */
typedef struct {
    tw_mapped *column; /* in the order of the file, in the arena */
    tw_str *field;     /* of the first row, UTF-8, trimmed */
    size_t count;
    bool header;        /* the first row is names of columns, and not a record */
    tw_csv_opts csv;    /* of its rows: delimiter, charset, columns */
    char thousands;     /* between groups of three digits; 0: none */
    const tw_str *null; /* words for an empty cell */
    size_t nulls;
} tw_mapped_table;
/** URI of a system by name, OID or URI, as mappings and their tables have it; "" when it is none. */
tw_str tw_mapping_system(tw_str text);
/** The table of a file by its name (without folders; "": any) and its first row, with or without a byte order mark.
 *  fails TW_ENOTFOUND: no table of the mapping fits */
TW_NODISCARD tw_status tw_mapping_columns(tw_ctx *cx, tw_mapped_table *out, const tw_mapping *m, tw_str file,
                                          tw_str first_row);
/** A mapping for CSV files, for a person to check: from names of columns (English, Spanish, German) and shapes of
 *  values. What the reader would refuse is not proposed; where the evidence does not decide, the reasons say so.
 *  in    name[i]  of the file, head[i] its first bytes, 64 KiB or more, or all of it
 *  out   json     a mapping as tw_mapping_read takes it, in cx->arena
 *        reasons  a line a column: what it is taken for, why, how sure; no value of a record; in cx->arena
 *  fails TW_ENOTFOUND: none of the files looks like a table of patients' records */
TW_NODISCARD tw_status tw_mapping_suggest(tw_ctx *cx, tw_str *json, tw_str *reasons, const tw_str *name,
                                          const tw_str *head, size_t count);

/** Zero or empty: the default. Text is copied. */
typedef struct {
    tw_str mrn_system;         /* "": any identifier of type MR */
    tw_str base_url;           /* of this source's server, without the last slash */
    const tw_mapping *mapping; /* for tables; outlives the reader. Its system of patients is mrn_system's default */
    size_t document_bytes_max; /* of a file that is one document: 256 MiB */
    size_t line_bytes_max;     /* of a line of NDJSON: 32 MiB */
    size_t patients_max;       /* names of patients remembered: 16 Mi; about four a patient */
    tw_str zone;               /* clock of times without an offset, POSIX TZ text (decode.h); "": UTC */
} tw_sources_opts;

typedef struct {
    uint64_t read;
    uint64_t accepted;
    uint64_t refused;
    uint64_t dead;
} tw_sources_count;

/** type[i] is one row of the R4 table, in order of names; what has no known type is only in `all`. */
typedef struct {
    const char *name;
    tw_sources_count count;
} tw_sources_type_count;
typedef struct {
    tw_sources_count all;
    const tw_sources_type_count *type;
    size_t type_count;
    uint64_t dead[TW_DEAD_COUNT]; /* by reason */
    uint64_t files;               /* read */
    uint64_t files_skipped;       /* of a folder: neither .json nor .ndjson nor .jsonl; folders count too */
} tw_sources_tally;

/** A reader of one source: remembers the patients it saw, in memory only. fails TW_EPARSE: zone */
typedef struct tw_sources tw_sources;
TW_NODISCARD tw_status tw_sources_new(tw_ctx *cx, tw_sources **out, const tw_sources_opts *opts,
                                      const tw_sources_sink *sink);
void tw_sources_free(tw_sources *s); /* wipes; NULL is fine */
const tw_sources_tally *tw_sources_tally_view(const tw_sources *s);
/** Its options, with the defaults filled in. */
const tw_sources_opts *tw_sources_opts_view(const tw_sources *s);

/** The patient of the record that is being handed on, as its resources and references call him; valid inside `record`.
 *  A gate needs both to know its own patient again. */
typedef struct {
    tw_str resource_id; /* id of the Patient resource; "" when none was seen */
    tw_str reference;   /* Reference.reference that led to him, as it stood; "" for a Patient or a logical reference */
    tw_str number;      /* local number as the source had it, before merges */
} tw_sources_self;
tw_sources_self tw_sources_self_view(const tw_sources *s);

typedef enum {
    TW_FORM_DOCUMENT, /* one JSON document */
    TW_FORM_NDJSON,   /* one a line; empty lines are passed over */
    TW_FORM_HL7V2,    /* HL7 v2 messages, bare, in MLLP frames or in a batch */
    TW_FORM_CSV,      /* a table; opts->mapping says what its columns mean */
    TW_FORM_CCDA,     /* one C-CDA document */
    TW_FORM_COUNT
} tw_sources_form;
/** By the end of its name: .json .ndjson .jsonl .hl7 .mllp .csv .xml. false: not a file for this reader. */
bool tw_sources_form_of(tw_sources_form *out, tw_str file_name);
/** By its own name: fhir, ndjson, hl7v2, csv, ccda. */
bool tw_sources_form_named(tw_sources_form *out, tw_str name);
const char *tw_sources_form_name(tw_sources_form form);

/** Where the bytes of a file come from. *got 0: the end. May be short. Any status but TW_OK ends the file. */
typedef struct {
    tw_status (*read)(void *self, tw_ctx *cx, uint8_t *out, size_t n, size_t *got);
    void *self;
} tw_input;

/** Note the Patients of a text without handing anything on, so that references from other files, or from earlier lines,
 *  find them. Malformed parts are passed over: reading tells of them. */
TW_NODISCARD tw_status tw_sources_learn(tw_ctx *cx, tw_sources *s, tw_str text, tw_sources_form form);
/** Read a text and hand its resources on. Learns its Patients too; those of earlier lines or units only.
 *  in    label  names the text in dead letters and errors. Names of files often hold names of people: give a number. */
TW_NODISCARD tw_status tw_sources_read(tw_ctx *cx, tw_sources *s, tw_str label, tw_str text, tw_sources_form form);
/** The same from cx->env->disk. fails TW_ENOTFOUND, TW_EIO: with the label, not with the path */
TW_NODISCARD tw_status tw_sources_learn_file(tw_ctx *cx, tw_sources *s, tw_str label, const char *path,
                                             tw_sources_form form);
TW_NODISCARD tw_status tw_sources_read_file(tw_ctx *cx, tw_sources *s, tw_str label, const char *path,
                                            tw_sources_form form);
/** The same, and from any input; ends early once *enough is true (may be NULL): looked at after each resource. */
TW_NODISCARD tw_status tw_sources_read_file_until(tw_ctx *cx, tw_sources *s, tw_str label, const char *path,
                                                  tw_sources_form form, const bool *enough);
TW_NODISCARD tw_status tw_sources_read_input(tw_ctx *cx, tw_sources *s, tw_str label, tw_input input,
                                             tw_sources_form form, const bool *enough);
/** A folder: learns from all its files, then reads them, in order of names. Labels are "file N", N from 1 in that order
 *  over all names in the folder. */
TW_NODISCARD tw_status tw_sources_folder(tw_ctx *cx, tw_sources *s, const char *path);

/* ---------------------------------------------------------------- pieces: one reader, several threads */

/** Cuts a file into pieces: whole units (lines, messages, rows, documents), about TW_PIECE_BYTES of them (an eighth
 *  where a decoder reads), at least one. What is cut does not depend on how many bytes a read gives. A unit over
 *  its limit is passed over and stands in the piece as one that is too long. Memory is bounded by twice the longest
 *  unit. */
typedef struct tw_cutter tw_cutter;
typedef struct tw_piece tw_piece;
#define TW_PIECE_BYTES (256 * TW_KIB)

typedef struct {
    tw_str label; /* in dead letters */
    tw_str name;  /* of the file, for what it means to its decoder */
    tw_sources_form form;
    tw_input input;
    uint64_t offset; /* go on here: bytes to pass over, by `skip` where it is given, else by reading */
    uint32_t line;   /* lines before them */
    tw_status (*skip)(void *self, tw_ctx *cx, uint64_t to); /* the input goes on at this offset */
    bool raw; /* a table needs no mapping: its header is a unit like any other; pieces are for tw_piece_raw alone */
} tw_cutter_opts;
/** Reads the head of the file. Texts are copied. A file that its decoder cannot read at all gives one piece with one
 *  dead letter. fails what the input fails with */
TW_NODISCARD tw_status tw_cutter_new(tw_ctx *cx, tw_cutter **out, const tw_sources_opts *opts,
                                     const tw_cutter_opts *what);
/** *out NULL: nothing is left. Pieces must be freed before their cutter. */
TW_NODISCARD tw_status tw_cutter_next(tw_ctx *cx, tw_piece **out, tw_cutter *c);
void tw_cutter_free(tw_cutter *c);
/** true when the decoder could not read the file at all. */
bool tw_cutter_unreadable(const tw_cutter *c);

/** The place of a piece in its file: from, to in bytes; lines before its end. */
typedef struct {
    uint64_t from;
    uint64_t to;
    uint32_t line_to;
    size_t bytes;  /* of its units */
    size_t weight; /* times bytes: about what it takes once it is FHIR */
} tw_piece_span;
tw_piece_span tw_piece_span_of(const tw_piece *p);
void tw_piece_free(tw_piece *p); /* wipes; NULL is fine */

/** Units as they stand, for who takes them by himself and not as resources. */
typedef struct {
    tw_str before;   /* bytes between the unit before, in this piece, and this one */
    tw_str text;     /* "" when bad */
    uint64_t offset; /* in the file */
    uint32_t line;   /* from 1 */
    bool bad;        /* over its limit, or the file cannot be read */
    tw_dead_reason reason;
    tw_str detail;
} tw_raw_unit;
size_t tw_piece_raw_count(const tw_piece *p);
tw_raw_unit tw_piece_raw(const tw_piece *p, size_t i);
/** Bytes behind the last unit. */
tw_str tw_piece_raw_tail(const tw_piece *p);

/** The way of a piece, each step by one thread at a time; steps 1 and 3 of different pieces at once:
 *   1 prepare: decode, parse, and note who its Patients are;
 *   2 note: remember them (the thread that owns the reader, pieces in order);
 *   3 judge: whom each resource is about. */
TW_NODISCARD tw_status tw_piece_prepare(tw_ctx *cx, const tw_sources *s, tw_piece *p, bool learn_only);
TW_NODISCARD tw_status tw_piece_note(tw_ctx *cx, tw_sources *s, const tw_piece *p);
TW_NODISCARD tw_status tw_piece_judge(tw_ctx *cx, const tw_sources *s, tw_piece *p);

typedef enum { TW_FATE_RECORD, TW_FATE_REFUSED, TW_FATE_DEAD } tw_fate;
/** One resource, or what stands in the place of one. Views live as long as the piece. */
typedef struct {
    tw_fate fate;
    size_t type;          /* row of the tally; SIZE_MAX: unknown */
    const tw_phi *phi;    /* RECORD */
    tw_sources_self self; /* RECORD */
    uint64_t offset;      /* of its unit, in the file */
    uint64_t length;
    uint32_t before; /* lines before it */
    uint32_t line; /* from 1; where the resource begins */
    uint32_t entry; /* of a Bundle in FHIR's own forms; else UINT32_MAX */
    tw_str path;    /* DEAD */
    tw_dead_reason reason;
    tw_str detail;
    void *mine; /* of the caller */
} tw_found_item;
size_t tw_piece_count(const tw_piece *p);
tw_found_item *tw_piece_at(tw_piece *p, size_t i);
/** Memory of the piece, for what the caller wants to keep as long. */
tw_ctx *tw_piece_ctx(tw_piece *p);
/** Counts item i by what became of its record (as a sink's answer), and hands dead letters to the reader's sink. */
TW_NODISCARD tw_status tw_piece_count_in(tw_ctx *cx, tw_sources *s, tw_piece *p, size_t i, tw_status became);
/** A file that cannot be opened, or whose bytes end with an error: one read, one dead letter. */
TW_NODISCARD tw_status tw_sources_no_file(tw_ctx *cx, tw_sources *s, tw_str label);
/** Files read, and files of a folder that have no known form. */
void tw_sources_count_files(tw_sources *s, uint64_t read, uint64_t skipped);
/** Counts a tally in that was written down before (a reading that goes on). */
void tw_sources_tally_add(tw_sources *s, const tw_sources_tally *t);

/** Names of patients beyond what memory holds, and for good the numbers that were merged into others. get: of several
 *  threads, TW_ENOTFOUND without a message; value in the arena of cx. put: of the reader's own thread. */
typedef struct {
    tw_status (*get)(void *self, tw_ctx *cx, tw_bytes *value, tw_bytes name);
    tw_status (*put)(void *self, tw_ctx *cx, tw_bytes name, tw_bytes value, bool for_good);
    void *self;
    size_t names_max; /* in memory; more go to put */
} tw_names_store;
void tw_sources_store(tw_sources *s, const tw_names_store *store);

/** "1234 read = 1200 accepted + 30 refused by type + 4 dead letters", then a line a type and a line a reason. */
void tw_sources_tally_text(tw_buf *out, const tw_sources_tally *t);

/* ---------------------------------------------------------------- generator */

/** One visit of a man under intermittent androgen suppression. Units of the series, whatever a hospital writes. */
typedef struct {
    int32_t day;                /* ascending; any origin: intervals count */
    double psa_ug_l;            /* NaN: not measured; kept to 3 decimals */
    double testosterone_nmol_l; /* NaN: not measured; written as ng/dL to 1 decimal */
    double leuprolide_mg;       /* NaN or 0: none given at this visit */
    double cyproterone_mg;      /* NaN or 0: none prescribed; a day */
    bool on_treatment;
} tw_synth_visit;

/** n = 0: a person without the disease. Borrowed until tw_synth_make returns. */
typedef struct {
    const tw_synth_visit *visit;
    size_t n;
} tw_synth_series;

#define TW_SYNTH_PATIENTS_MAX 100000
#define TW_SYNTH_HOSPITALS_MAX 9
/** What a hospital's records are written in. */
typedef enum {
    TW_SYNTH_FHIR,
    TW_SYNTH_HL7V2, /* ADT, ORU, MDM; medications, procedures and vaccines as CSV beside them */
    TW_SYNTH_CCDA,
    TW_SYNTH_CSV
} tw_synth_format;
/** Clock of the generator's hospitals: US Eastern, 15 U.S.C. 260a. */
#define TW_SYNTH_ZONE "EST5EDT,M3.2.0,M11.1.0"
/** "fhir,hl7v2,ccda": a format a hospital, in turn. fails TW_EUSAGE with the word that is none. */
TW_NODISCARD tw_status tw_synth_formats_parse(tw_ctx *cx, tw_synth_format out[TW_SYNTH_HOSPITALS_MAX], size_t *count,
                                              tw_str list);
typedef struct {
    uint64_t seed;
    uint32_t patients;  /* 0: 120 */
    uint32_t hospitals; /* 0: 3 */
    int64_t today;      /* days since 1970: the last visits lie within the 400 days before it. 0: 2025-12-01 */
    tw_synth_format format[TW_SYNTH_HOSPITALS_MAX]; /* of hospitals in turn */
    size_t formats;                                 /* 0: all FHIR */
    tw_status (*series)(void *self, tw_ctx *cx, tw_synth_series *out, uint32_t patient /* from 0 */);
    void *series_self;
} tw_synth_opts;

/** Receives whole files; paths are relative, with '/'. */
typedef struct {
    tw_status (*file)(void *self, tw_ctx *cx, const char *path, tw_bytes data);
    void *self;
} tw_synth_sink;

/** What was written, for the reader to be held against. */
typedef struct {
    uint64_t files;
    uint64_t bytes;
    uint64_t resources;   /* of hospitals that write FHIR: = read by a reader of their folders */
    uint64_t units;       /* of the others: messages, rows, documents */
    uint64_t dead_units;  /* of these: not to be placed, or torn */
    uint64_t refused;     /* = refused by type */
    uint64_t dead;        /* = dead letters */
    uint64_t strangers;   /* records under mistyped numbers that belong to nobody in people.tsv */
    uint64_t planted;     /* lines of planted.tsv */
    uint64_t memberships; /* lines of people.tsv: (person, hospital) */
} tw_synth_report;

/** A group of hospitals with messy records of synthetic people. Same options, same bytes, on any machine.
 *
 *  Files: hospital-N/ with a Bundle for each of its patients and one late-results.ndjson; people.tsv (person, wallet
 * name, hospital folder, local number, name: what the desks that enrol know); planted.tsv (kind, value, person or 0,
 * place: every identifier written except ids of records, distinct by kind, value and person). Hospitals differ: N mod 3
 * = 1 writes transactions with urn:uuid, versionId and local time; 2 collections with absolute fullUrls, relative
 * references, lastUpdated and UTC; 0 searchsets with conditional references, without versions, and file names that hold
 * the patient's name. A person with a series has every visit at one of one to three hospitals, under another number in
 * each. A visit is an Encounter; PSA is an Observation (LOINC 2857-1, ng/mL = ug/L), testosterone LOINC 2986-8.
 * Treatment is a MedicationStatement for each run of visits on treatment, from the day of its first visit to the day of
 * its last, both included; injections are MedicationAdministrations. No result of the series is lost: it may come late,
 * out of order, twice, or corrected (the wrong value first, then "corrected" under a later version), but the last
 * version of each is the truth. Messy: duplicates, late and corrected results, missing fields, given and family name
 * swapped, spellings that differ between hospitals, numbers mistyped by one digit (they are extra copies of weights
 * under the number of a stranger), nights when clocks change, truncated lines, free text and odd places (extension,
 * display, title, contained, narrative, file name) with identifiers in them. out   report  may be NULL fails TW_EUSAGE
 * no series, too many patients; what the sink or `series` returned */
TW_NODISCARD tw_status tw_synth_make(tw_ctx *cx, tw_synth_report *report, const tw_synth_opts *opts,
                                     const tw_synth_sink *sink);

/** The men of a table "patient,day,cpa_mg,leu_mg,psa_ug_l,testosterone_nmol_l,cycle,on_treatment" as series, in order
 * of their first lines; lines of one man stand together. A dose of another agent ("FLU 250") is left out. fails
 * TW_EPARSE with line and column name; TW_ELIMIT */
TW_NODISCARD tw_status tw_synth_psa_csv(tw_ctx *cx, tw_synth_series **out, size_t *count, tw_str csv);
/** tw_synth_make with these men: opts->patients and opts->series are not used. */
TW_NODISCARD tw_status tw_synth_wrap_psa(tw_ctx *cx, tw_synth_report *report, const tw_synth_opts *opts, tw_str csv,
                                         const tw_synth_sink *sink);

#endif
