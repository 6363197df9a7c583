/** Deid: the gate between identifiable and de-identified. One FHIR R4 resource of one patient in, one NDJSON record
 *  out, and an account per element of what was kept, changed and removed by which rule.
 *
 *  Default deny. A table of all R4 elements (src/fhir/r4.tsv) is joined with a profile (profiles/<name>.profile, rules
 * as data) when the profile is loaded: each (type, member) gets one action, and what no rule names is removed. Hence
 * unknown members, extensions, free text, narrative, attachments, names, addresses, identifiers and URLs never pass
 * because somebody forgot them.
 *
 *  What passes (docs/formats/record.md has a worked example):
 *  - required codes that are members of their R4 value set; codings whose system the profile lists and whose code has
 *    the form of that system (LOINC and SNOMED check digits included); no display, no text, no system version;
 *  - numbers as they stood (at most 9 digits before the point), booleans, quantities with UCUM units that parse;
 *  - dates as the profile says: a whole-week shift (UTC, seconds), or the year;
 *  - references inside the record's category, with keyed ids; the patient is `Patient/self`; an encounter of another
 *    category survives as a tag only; all other references are removed;
 *  - extensions whose URL the profile lists, also beside primitive values (`_name`), contained resources of the same
 *    category;
 *  - identifiers and UIDs that the profile links, keyed; free text that the profile scrubs, when there is a text model
 *    in strict mode, or in another one by a steward's word.
 *  A required element that was removed is written with the data-absent-reason extension, `masked`.
 *
 *  Every record carries `meta.tag`:
 *    urn:twinward:person     code = person handle, 32 hex digits
 *    urn:twinward:encounter  code = keyed id of an Encounter, 32 hex digits, none or several
 *    urn:twinward:time       code = constant-shift | year (what was done to its times)
 *    urn:twinward:value      code = age-capped, when an age over 89 became 90
 *    urn:twinward:text       code = strict | normal, when free text of it stayed: how it was searched
 *  All ids of a record are 32 hex digits (in `id`, `reference` as Type/id or #id, and these tags) or `self`.
 *
 *  Pure: the reference date, keys and shift are inputs. Messages name resource types and elements, never values. */
#ifndef TW_DEID_H
#define TW_DEID_H

#include "model/model.h"
#include "text/text.h"

/* ---------------------------------------------------------------- profiles */

/** Compiled rules; long-lived, immutable, may be shared by threads. */
typedef struct tw_profile tw_profile;

#define TW_PROFILE_BYTES_MAX (256 * TW_KIB)

/** `name`: "twin", "hipaa-safe-harbor", "hipaa-expert" or "gdpr-research". fails TW_ENOTFOUND. */
TW_NODISCARD tw_status tw_profile_builtin(tw_ctx *cx, tw_profile **out, tw_str name);
/** From the text of a profile file. fails TW_EPARSE with the line. */
TW_NODISCARD tw_status tw_profile_parse(tw_ctx *cx, tw_profile **out, tw_str text);
void tw_profile_free(tw_profile *p); /* NULL is fine */
tw_str tw_profile_name(const tw_profile *p);
/** SHA-256 over the profile's text and the R4 table: names the rules in certificates and on the ledger. */
void tw_profile_hash(uint8_t out[32], const tw_profile *p);
/** Names of the profiles compiled in; i from 0, NULL at the end. */
const char *tw_profile_builtin_name(size_t i);

/* ---------------------------------------------------------------- account */

/** Counts per element path of R4; nothing of a patient. One thread each; merge afterwards. */
typedef struct tw_account tw_account;

tw_account *tw_account_new(const tw_profile *p); /* borrows the profile */
void tw_account_free(tw_account *a);
/** Adds `from` to `into`; both of the same profile. */
void tw_account_merge(tw_account *into, const tw_account *from);

typedef struct {
    uint64_t records; /* passed the gate */
    uint64_t refused; /* resources refused by type or subject */
    uint64_t kept;    /* elements */
    uint64_t changed;
    uint64_t removed;
    uint64_t unknown; /* members that R4 does not have (removed) */
} tw_account_sums;
tw_account_sums tw_account_sum(const tw_account *a);

typedef struct {
    tw_str path; /* R4 element, "Patient.name"; a type alone for members that R4 does not have; borrowed from the
                    profile */
    tw_str rule; /* label in the profile; "default-deny" when no rule names it; "unknown-member" */
    uint64_t kept, changed, removed;
} tw_account_row;
/** i from 0; rows that occurred, in the order of the table; false at the end. */
bool tw_account_next(const tw_account *a, size_t *cursor, tw_account_row *row);
/** Reasons of refused resources: R4 type name or "(unknown type)", and count. */
bool tw_account_next_refused(const tw_account *a, size_t *cursor, tw_str *type, uint64_t *count);
/** What was done to free text: "remove", "strict", "normal"; and by which model. */
typedef struct {
    tw_str what;
    const uint8_t *model_hash; /* 32 bytes; NULL: none */
} tw_account_text;
/** One JSON object: profile, profile_hash, text, text_model_hash, the sums, elements: [{path, rule, kept, changed,
 *  removed}], refused_types: [{type, count}]. text NULL: nothing is said of it. */
void tw_account_write(tw_jw *w, const tw_account *a, const tw_account_text *text);

/* ---------------------------------------------------------------- references of a source */

/** What a source's references mean: `urn:uuid:` fullUrls, conditional references, ids of records whose category depends
 * on their content. Without a book only literal Type/id references are understood. */
typedef struct tw_refbook tw_refbook;

tw_refbook *tw_refbook_new(size_t count_max);
void tw_refbook_free(tw_refbook *b);
/** Every entry of a Bundle: fullUrl and Type/id -> type, id, category. fails TW_EPARSE (not a Bundle), TW_ELIMIT. */
TW_NODISCARD tw_status tw_refbook_bundle(tw_ctx *cx, tw_refbook *b, const tw_json *bundle);
/** One resource of `d` at token `resource`; full_url may be empty. Resources without type or id are passed over. */
TW_NODISCARD tw_status tw_refbook_add(tw_ctx *cx, tw_refbook *b, const tw_json *d, uint32_t resource, tw_str full_url);

/* ---------------------------------------------------------------- the gate */

#define TW_HANDLE 16
#define TW_ID_HEX 32

/** One patient's keys and the rules; borrowed for the call. */
typedef struct {
    const tw_profile *profile;
    const tw_refbook *refs;    /* NULL: none */
    const uint8_t *id_key;     /* 32 bytes */
    uint8_t handle[TW_HANDLE]; /* person handle */
    tw_str self;               /* id of the Patient resource in the source; empty: tw_phi_parts.patient */
    tw_str self_reference;     /* a Reference.reference that the source knows to be the patient; may be empty */
    int16_t shift_weeks;       /* used by profiles that shift */
    int64_t reference_day;     /* days since 1970: ages are taken at this day */
    struct tw_doc_work *text;  /* NULL: free text is removed; else what the profile scrubs goes through its text model;
                                  its profile is this one */
    bool text_normal;          /* also when its opts are not strict, as a steward has said; else then text is removed */
    struct tw_people *people;  /* who is known; may be NULL; used with `text` alone */
} tw_gate_opts;

/** Whom the documents of a source speak of: names, numbers, telephones, addresses, birth dates, kin, clinicians. Texts
 *  of records are searched for them. One thread's. */
typedef struct tw_people tw_people;
tw_people *tw_people_new(void);
void tw_people_free(tw_people *p); /* wipes; NULL is fine */
/** From now on those of `doc` and of `facts`; both borrowed, gathered when the first text is met. doc NULL: none. */
void tw_people_set(tw_people *p, const tw_json *doc, tw_bytes facts);
/** What a resource says of persons, as bytes after what is in `out`; nothing when it names nobody. fails TW_ELIMIT */
TW_NODISCARD tw_status tw_people_facts(tw_ctx *cx, tw_buf *out, const tw_json *doc, uint32_t resource);

/** One resource through the gate.
 *  out    record, in the arena
 *  noise  what was done to its times and values; may be NULL
 *  account counts, also of refused resources; may be NULL, else of opts->profile
 *  fails  TW_EREFUSED  no patient record type, another patient's record, a modifier extension that the profile does not
 * allow TW_EPARSE    not an R4 resource; TW_ELIMIT the record outgrows TW_RECORD_BYTES_MAX */
TW_NODISCARD tw_status tw_deid_gate(tw_ctx *cx, tw_deid **out, tw_noise *noise, tw_account *account, const tw_phi *in,
                                    const tw_gate_opts *opts);
#define TW_RECORD_BYTES_MAX (64 * TW_MIB)

/** Category of a resource by type, profile and codes; false when its type is no patient record. See categories.c for
 * the table. */
bool tw_category_of(tw_category *out, const tw_json *d, uint32_t resource);

/** Keyed id: HMAC-SHA256(id key, "tw/id/1" || type || 0 || id), first 16 bytes in hex, NUL-terminated. */
void tw_deid_id(char out[TW_ID_HEX + 1], const uint8_t id_key[32], tw_str type, tw_str id);

/** Noise of a record that passed the gate, read back from its tags. */
void tw_deid_noise(tw_noise *out, const tw_json *d, uint32_t resource);

/* ---------------------------------------------------------------- whole documents */

/** Format in = format out, without a ledger: what `twinward deid` runs. A document is a unit that one thread takes
 *  whole: a FHIR resource or Bundle, an HL7 v2 message, a C-CDA document, a CSV row. Everything that is put in the
 * place of something is derived from `key` and the patient (not the document), so that references, record numbers in
 * text and header, and intervals stay right over documents of the same run and of later ones with the same key. */
typedef struct {
    const tw_profile *profile;
    const tw_text_model *text; /* NULL: free text is removed */
    const uint8_t *key;        /* 32 bytes, of the project */
    int64_t reference_day;     /* days since 1970: ages are taken at this day */
    double text_threshold;     /* as in tw_text_opts */
    bool text_strict;
    bool text_tags; /* tags in the place of surrogates */
} tw_doc_opts;

typedef enum { TW_DOC_KEPT, TW_DOC_CHANGED, TW_DOC_REMOVED } tw_doc_what;

/** What was done to one element; all borrowed for the call. */
typedef struct {
    tw_str path; /* of the schema, with positions: "Patient.name[0].family", "PID-5.1", "recordTarget/patientRole/id" */
    tw_str rule; /* label in the profile or configuration */
    tw_doc_what what;
    tw_str before; /* the patient's value: for a terminal alone, never for a log */
    tw_str after;  /* "" when removed */
} tw_doc_act;
typedef struct {
    void (*each)(void *self, const tw_doc_act *act);
    void *self;
} tw_doc_listener;

/** One thread's room to work in, with its account of (schema path, rule) and a cache of displays. */
typedef struct tw_doc_work tw_doc_work;
TW_NODISCARD tw_status tw_doc_work_new(tw_ctx *cx, tw_doc_work **out, const tw_doc_opts *opts); /* borrows opts */
void tw_doc_work_free(tw_doc_work *w);
/** Told of every element from now on (slow); NULL: nobody. */
void tw_doc_listen(tw_doc_work *w, const tw_doc_listener *listener);

/** Rows of the account that occurred, by (path, rule) in byte order; nothing of a patient in them. */
typedef struct {
    tw_str path, rule;
    uint64_t kept, changed, removed;
} tw_doc_row;
bool tw_doc_account_next(const tw_doc_work *w, size_t *cursor, tw_doc_row *row);
void tw_doc_account_merge(tw_doc_work *into, const tw_doc_work *from);

/** One JSON document, a resource or a Bundle; `contained`, `_field` siblings and choice types included; minified when
 *  it was. fails TW_EPARSE, TW_EREFUSED, TW_ELIMIT: resource, path and rule in the message */
TW_NODISCARD tw_status tw_deid_fhir(tw_ctx *cx, tw_buf *out, tw_doc_work *w, tw_str document);
/** One HL7 v2 message, in its own charset and delimiters; untouched fields stay byte for byte. */
TW_NODISCARD tw_status tw_deid_hl7(tw_ctx *cx, tw_buf *out, tw_doc_work *w, tw_str message);
/** A line of a batch's envelope: FHS, BHS, BTS or FTS, without its end. */
TW_NODISCARD tw_status tw_deid_hl7_envelope(tw_ctx *cx, tw_buf *out, tw_doc_work *w, tw_str line);
/** One note of plain text, of nobody known. fails TW_EREFUSED: there is no text model */
TW_NODISCARD tw_status tw_deid_note(tw_ctx *cx, tw_buf *out, tw_doc_work *w, tw_str note);
/** One C-CDA document. */
TW_NODISCARD tw_status tw_deid_ccda(tw_ctx *cx, tw_buf *out, tw_doc_work *w, tw_str document);

/** What a column of a table is. */
#define TW_COLUMN_ROLE_LIST(X)                                                                                         \
    X(REMOVE, "remove")       /* nothing passes; what an unknown column is */                                          \
    X(KEEP, "keep")           /* a value that cannot identify */                                                       \
    X(PATIENT, "patient-id")  /* keyed; says whose row it is */                                                        \
    X(ID, "id")               /* keyed */                                                                              \
    X(NAME, "name")           /* removed, and known to the text engine */                                              \
    X(CONTACT, "contact")     /* the same */                                                                           \
    X(ADDRESS, "address")     /* the same */                                                                           \
    X(ZIP, "zip")             /* as the profile says */                                                                \
    X(DATE, "date")           /* as the profile says */                                                                \
    X(BIRTH, "birth-date")    /* as the profile says; known to the text engine */                                      \
    X(AGE, "age")             /* over 89 becomes 90 */                                                                 \
    X(CODE, "code")           /* of the form of the code system in `system` */                                         \
    X(NUMBER, "number")       /* digits, sign, point, exponent, comparator */                                          \
    X(UNIT, "unit")           /* UCUM */                                                                               \
    X(TEXT, "text")           /* through the text engine */
typedef enum {
#define X(name, text) TW_COLUMN_##name,
    TW_COLUMN_ROLE_LIST(X)
#undef X
} tw_column_role;
typedef struct {
    tw_str name; /* in the header line */
    tw_column_role role;
    tw_str system;        /* TW_COLUMN_CODE: URL of the code system, or "" when only its shape is checked */
    size_t system_column; /* CODE: another column of the row that names its system, + 1; 0: none */
    tw_str (*system_of)(tw_str name); /* URL of a system by its name in such a column; NULL: they are URLs */
    const tw_str *word;   /* that may stand in a column of codes, numbers, units or dates besides what else may */
    size_t words;
    const tw_str *null;   /* words for an empty cell: stay in every column */
    size_t nulls;
    const tw_date_format *dates; /* DATE, BIRTH: forms that are read and written; NULL: ISO 8601 and HL7 */
    size_t date_count;
    int pivot;            /* of their years of two digits */
    bool may_be_number;   /* TEXT: a number of any length that NUMBER lets pass is a value */
    char thousands;       /* NUMBER: mark between groups of three digits; 0: none */
} tw_column;
/** Of all columns of a table; the header line stays as it is. Rows of one patient need not stand together. */
TW_NODISCARD tw_status tw_deid_csv_row(tw_ctx *cx, tw_str *out_field, tw_doc_work *w, const tw_str *field,
                                       const tw_column *column, size_t count);

/* ---------------------------------------------------------------- configurations */

/** Configurations of Microsoft's Tools for Health Data Anonymization (FHIR R4), run as they are: rules of a FHIRPath
 *  and a method (redact, keep, dateShift, cryptoHash, encrypt, substitute, perturb, generalize), in their order, the
 *  first one on an element wins; labels in meta.security; processingErrors raise or skip. What R4 does not have is left
 *  out.
 *
 *  compat false: what is unsafe there is done in a safe form, and a warning says so:
 *   dateShift  whole weeks, up to 52 either way, of the patient by HMAC-SHA256, instead of a hash that two known dates
 *              give away for everybody (linear modulo 101), and instead of one fixed offset
 *   encrypt    XChaCha20-Poly1305, base64(nonce || ciphertext), instead of AES-CBC without authentication
 *   cryptoHash with an empty key uses one that is derived from the project's
 *  compat true: as theirs, byte for byte where chance does not come in. In both an age is taken at `reference_day`.
 *
 *  A configuration may begin with a byte order mark and have comments and commas before a closing bracket. */
typedef struct tw_config tw_config;

#define TW_CONFIG_BYTES_MAX TW_MIB

/** Long-lived, immutable, may be shared by threads. fails TW_ECONFIG: line, rule and reason; TW_ELIMIT. */
TW_NODISCARD tw_status tw_config_parse(tw_ctx *cx, tw_config **out, tw_str text, bool compat);
void tw_config_free(tw_config *c); /* NULL is fine */
/** What a person should know before it runs; i from 0, NULL at the end. */
const char *tw_config_warning(const tw_config *c, size_t i);

/** Counts by rule of one thread; nothing of a patient. */
typedef struct tw_config_work tw_config_work;
tw_config_work *tw_config_work_new(const tw_config *c); /* borrows it */
void tw_config_work_free(tw_config_work *w);
/** Adds `from` to `into`; both of the same configuration. */
void tw_config_work_merge(tw_config_work *into, const tw_config_work *from);

typedef struct {
    tw_str path; /* of the rule, as the configuration has it; borrowed */
    tw_str method;
    uint64_t elements; /* on which it acted */
} tw_config_row;
/** i from 0: rules in their order; false at the end. */
bool tw_config_row_at(const tw_config_work *w, size_t i, tw_config_row *out);
typedef struct {
    uint64_t documents;
    uint64_t skipped; /* documents emptied because a rule failed and processingErrors is "skip" */
    uint64_t unknown; /* members that R4 does not have: left out */
} tw_config_sums;
tw_config_sums tw_config_sum(const tw_config_work *w);
/** Told of every value from now on (slow), and of every element that was substituted: the rule is its path, "" when no
 *  rule met it. NULL: nobody. */
void tw_config_listen(tw_config_work *w, const tw_doc_listener *listener);

typedef struct {
    int64_t reference_day; /* days since 1970: ages are taken at this day */
    tw_str file, folder;   /* names, for dateShiftScope */
    const uint8_t *key;    /* 32 bytes, of the project; NULL: the safe forms use the keys of the configuration */
} tw_config_opts;

/** One JSON document, a resource or a Bundle, minified. cx->env gives the entropy of encrypt and perturb.
 *  fails TW_EPARSE (no FHIR R4), TW_EREFUSED (a rule cannot act on what it found: element, rule and reason),
 *  TW_EUSAGE (a key is needed), TW_ELIMIT. */
TW_NODISCARD tw_status tw_config_apply(tw_ctx *cx, tw_buf *out, tw_config_work *w, tw_str document,
                                       const tw_config_opts *opts);

/* ---------------------------------------------------------------- specimen */

/** A fixed invented person for reports: resources that hold every kind of identifier the gate knows. i from 0, NULL at
 * the end. */
const char *tw_deid_specimen(size_t i);
/** The specimen's resource i through the gate under a profile with fixed keys (shift -3 weeks, reference day
 * 2026-01-01). */
TW_NODISCARD tw_status tw_deid_specimen_gate(tw_ctx *cx, tw_deid **out, tw_account *account, size_t i,
                                             const tw_profile *profile);

#endif
