/** What the drivers of whole documents share (doc_fhir.c, hl7*.c, ccda*.c, csv*.c): keys of a person, keyed ids, what
 * is known of a person, text, times, codes, and the account by (path, rule).
 *
 *  Identity. A patient's business id (FHIR Patient.id, v2 PID-3.1, C-CDA recordTarget id/@extension, the CSV column
 *  patient-id) gives a doc_person; so the same id in two formats has the same shift. Ids: doc_id for ids of records,
 *  doc_ident for identifiers (record numbers, accounts). Both are 32 hex digits, keyed with the project's key alone,
 *  and the same for a UUID, however it stands there. */
#ifndef TW_DEID_DOC_INTERNAL_H
#define TW_DEID_DOC_INTERNAL_H

#include "deid/deid_internal.h"

#define DOC_SHIFT_WEEKS_MAX 52
#define DOC_UID_TEXT 48 /* "2.25." and at most 39 digits, NUL */
#define DOC_ID_BYTES_MAX 512

typedef struct {
    uint8_t handle[TW_HANDLE];
    uint8_t surrogate_key[32]; /* of tw_text_replace */
    const uint8_t *id_key;     /* of identifiers in text; NULL: the work's */
    int shift_weeks;           /* -52 to 52, never 0 */
} doc_person;

/** Counts of a row of the account. */
typedef struct {
    uint64_t n[3]; /* by tw_doc_what */
} doc_counts;

/** What tw_text_known will be made of, when a text is met that may hold any of it; and which values are identifiers:
 *  those become doc_ident in text, as in the header. */
typedef struct {
    tw_text_known *text; /* of the values when ready; NULL: never needed */
    bool ready;
    tw_map *idents;    /* normalised values; NULL: none */
    size_t n;          /* values added */
    uint64_t word[64]; /* bits of the hashes of their words */
    tw_buf facts;      /* field, length, value */
} doc_known;

void doc_known_init(doc_known *k);
void doc_known_done(doc_known *k);
/** As new, with the memory that it has. */
void doc_known_reset(doc_known *k);
/** What to search for; when ready. NULL: nothing is known. */
static inline const tw_text_known *doc_known_text(const doc_known *k)
{
    return k && k->n ? k->text : NULL;
}

typedef struct doc_rows doc_rows;
typedef struct doc_cache doc_cache;

struct tw_doc_work {
    const tw_doc_opts *opts;
    const tw_doc_listener *listener; /* NULL: nobody */
    doc_rows *rows;
    tw_account *fhir; /* of FHIR elements; part of the account */
    tw_text_work *text;
    doc_cache *cache;
    struct hl7_room *hl7;    /* of hl7.c; NULL until the first message */
    struct ccda_rules *ccda; /* of ccda.c; NULL until the first document */
    uint8_t id_key[32];
    uint8_t person_key[32];
    tw_buf scratch;
    doc_known known; /* of the FHIR document at hand */
    struct doc_ids *ids; /* those of the last records met */
    doc_person person;   /* of person_id: the last one's, which costs some hashes */
    char person_id[DOC_ID_BYTES_MAX];
    size_t person_id_n;
    bool has_person;
};

void hl7_room_free(struct hl7_room *r);     /* NULL is fine */
void ccda_rules_free(struct ccda_rules *r); /* NULL is fine */

/* ---------------------------------------------------------------- keys and ids */

/** Of a patient's business id; "" is a person too: nobody's documents share one shift. */
void doc_person_of(doc_person *out, const tw_doc_work *w, tw_str patient);
/** Keyed id of a record: of type and id, of the UUID alone when the id is one. Ids over DOC_ID_BYTES_MAX are cut off
 *  before hashing. */
void doc_id(char out[TW_ID_HEX + 1], const tw_doc_work *w, tw_str type, tw_str id);
/** Keyed identifier of a value, whatever blanks, dashes and case it is written with. */
void doc_ident(char out[TW_ID_HEX + 1], const tw_doc_work *w, tw_str value);
void doc_ident_with(char out[TW_ID_HEX + 1], const uint8_t key[32], tw_str value); /* doc_ident: w->id_key */
/** What of a value counts for doc_ident: letters and digits, in lower case. Returns bytes. */
size_t doc_plain(char out[DOC_ID_BYTES_MAX], tw_str value);
/** "2.25.<128 bits>" for a UID of DICOM or an OID of an object; the standard's own SOP classes stay. */
void doc_uid(char out[DOC_UID_TEXT], const uint8_t key[32], tw_str uid); /* key: w->id_key */
/** 8-4-4-4-12 hex digits, any case: its 32 digits in lower case. */
bool doc_is_uuid(char digits[TW_ID_HEX + 1], tw_str s);

/* ---------------------------------------------------------------- account */

/** Row of (path, rule); kept over documents: look it up once and count by index. The path names elements of the schema,
 *  without positions or values. */
uint32_t doc_row(tw_doc_work *w, tw_str path, tw_str rule);
/** Rows so far; each new (path, rule) is one more. */
uint32_t doc_rows_count(const tw_doc_work *w);
void doc_count_row(tw_doc_work *w, uint32_t row, tw_doc_what what, uint64_t n);
void doc_count(tw_doc_work *w, tw_str path, tw_str rule, tw_doc_what what);
/** Tells the listener, if there is one; `path` with positions. Does not count. */
void doc_act(const tw_doc_work *w, tw_str path, tw_str rule, tw_doc_what what, tw_str before, tw_str after);

/* ---------------------------------------------------------------- what is known of a person, and text */

/** Empty values are passed over. */
TW_NODISCARD tw_status doc_known_add(tw_ctx *cx, doc_known *k, tw_known_field field, tw_str value);
/** What stands in the `facts` of another one. */
TW_NODISCARD tw_status doc_known_add_facts(tw_ctx *cx, doc_known *k, tw_bytes facts);
/** After the last add, for those who search with `text` themselves; doc_text and doc_display do it when they must. */
TW_NODISCARD tw_status doc_known_ready(tw_ctx *cx, doc_known *k);

/** Adds what the resource at a token says of persons, with all that is inside of it (doc_gather.c). */
TW_NODISCARD tw_status doc_gather_from(tw_ctx *cx, doc_known *known, const tw_json *d, uint32_t resource);
/** What `p` was set to, gathered; NULL when that is nothing (people.c). */
TW_NODISCARD tw_status people_known(tw_ctx *cx, doc_known **out, tw_doc_work *w, tw_people *p);

/** Free text as it may leave: identifiers replaced as opts say, in the arena. "" when there is no text model, or the
 *  engine refuses the text (no UTF-8, over its limit): then it is removed. `known` may be NULL. */
TW_NODISCARD tw_status doc_text(tw_ctx *cx, tw_str *out, tw_doc_work *w, tw_str in, doc_known *known,
                                const doc_person *person);
void doc_cache_free(doc_cache *c); /* NULL is fine */
/** When what is known of a person has changed: documents of one person may know different things. */
void doc_cache_person(tw_doc_work *w);
/** The same for a short text beside a code, remembered by (system, code, text). */
TW_NODISCARD tw_status doc_display(tw_ctx *cx, tw_str *out, tw_doc_work *w, tw_str system, tw_str code, tw_str in,
                                   doc_known *known, const doc_person *person);

/* ---------------------------------------------------------------- rules of a profile that all formats share */

typedef enum {
    DOC_TIME_REMOVE,
    DOC_TIME_YEAR, /* the year that when_year(out, w, weeks) gives */
    DOC_TIME_SHIFT /* when_shift(out, w, weeks), or the format's own writing of it */
} doc_time_law;
/** What the profile does with a time; `birth`: a date of birth. A time over 89 years back is removed. */
doc_time_law doc_time(int *weeks, const tw_doc_work *w, const doc_person *person, const when *t, bool birth);
/** A code of a system that the profile lists, in that system's form. */
bool doc_code(const tw_doc_work *w, tw_str system, tw_str code);
/** Three digits of a US ZIP code, "000" for small units; false: no ZIP code, or the profile lets none pass. */
bool doc_zip3(char out[4], const tw_doc_work *w, tw_str zip);
/** Member `word` of the profile's `words PATH`. */
bool doc_word(const tw_doc_work *w, const char *path, tw_str word);

/* ---------------------------------------------------------------- values as text (doc_stamp.c) */

/** A time as YYYY[-MM[-DD[...]]] or YYYY[MM[DD[...]]], in the same form, as the profile says; "" when it goes. In the
 *  arena. */
tw_str doc_stamp(tw_ctx *cx, const tw_doc_work *w, const doc_person *person, tw_str s, bool birth);
/** The same by the forms of a column. */
tw_str doc_stamp_as(tw_ctx *cx, const tw_doc_work *w, const doc_person *person, tw_str s, bool birth,
                    const tw_column *forms);
/** The unit as it may stand: a UCUM unit, without annotations of its own; "" when it goes. */
tw_str doc_unit(tw_ctx *cx, tw_str unit);
/** Comparator, sign, digits (nine at most before the point or comma), exponent. */
bool doc_is_number(tw_str s);
/** A number that may stand where text may: at most four digits before the point, six when there is a point. Longer ones
 *  are searched as text is, for they may be somebody's. */
bool doc_is_small_number(tw_str s);

#endif
