/* HL7 v2 to FHIR, inside: the message at hand, rows of the map, writers of datatypes. JSON is written as prepared
 * pieces of text, since a message becomes several times its size: names of members stand in the rows ready to be
 * copied. */
#ifndef TW_SOURCES_HL7_MAP_H
#define TW_SOURCES_HL7_MAP_H

#include "sources/decode.h"

typedef enum {
    HL7_PID,
    HL7_PD1,
    HL7_MRG,
    HL7_PV1,
    HL7_PV2,
    HL7_NK1,
    HL7_GT1,
    HL7_IN1,
    HL7_AL1,
    HL7_DG1,
    HL7_ORC,
    HL7_OBR,
    HL7_OBX,
    HL7_NTE,
    HL7_TXA,
    HL7_SPM,
    HL7_OTHER, /* known and not mapped, or not known */
    HL7_SLOTS
} tw_hl7_slot;

/* What a value is, and so what it becomes. */
typedef enum {
    HL7_FIXED,       /* arg, as JSON */
    HL7_TEXT,        /* string */
    HL7_CODE,        /* by its words; nothing when they do not know it */
    HL7_CONCEPT,     /* CWE, CE, IS, ID: CodeableConcept */
    HL7_CODING,      /* Coding, of the first triple */
    HL7_WHEN,        /* dateTime */
    HL7_DATE,        /* date */
    HL7_INSTANT,     /* instant; nothing without a time of day */
    HL7_CX,          /* Identifier; arg: its type when CX.5 is empty */
    HL7_OLD_CX,      /* Identifier that was merged into another */
    HL7_EI,          /* Identifier; arg: its type */
    HL7_SSN,         /* Identifier of type SS */
    HL7_NAME,        /* XPN: HumanName */
    HL7_ADDRESS,     /* XAD: Address */
    HL7_TELECOM,     /* XTN: ContactPoint; arg: its use when XTN.2 is empty */
    HL7_PERSON,      /* XCN: Reference to a Practitioner, by identifier and name */
    HL7_NDL,         /* NDL: the same, of its first component */
    HL7_PARTICIPANT, /* XCN as Encounter.participant; arg: its role */
    HL7_ORG,         /* XON: Reference to an Organization, by name */
    HL7_PLACE,       /* PL: Encounter.location; arg: its status */
    HL7_YES,         /* Y, N: boolean */
    HL7_COUNT,       /* positive integer */
    HL7_LENGTH,      /* days: Duration */
    HL7_AMOUNT,      /* CQ: Quantity */
    HL7_GROUP_CODE,  /* US Core race or ethnicity; arg: its URL */
    HL7_LANGUAGE,    /* {"language": CodeableConcept} */
    HL7_REACTION,    /* AL1-5: {"manifestation": [{"text"}]} */
    HL7_RANGE,       /* OBX-7: referenceRange */
    HL7_NAMED        /* IN1-4 as Reference with a display */
} tw_hl7_kind;

typedef enum {
    HL7_ALWAYS,
    HL7_IF_MERGE,        /* the event merges MRG-1 into PID-3 */
    HL7_IF_NOT_REOPENED, /* A13 takes a discharge back */
    HL7_IF_NO_PID25,
    HL7_IF_NO_PID29,
    HL7_IF_NO_ORC2,
    HL7_IF_NO_ORC3,
    HL7_IF_NO_ORC12,
    HL7_IF_NO_OBR8,
    HL7_IF_OBR8,
    HL7_IF_NO_OBX14,
    HL7_IF_NO_OBX14_OBR8,
    HL7_IF_DELETED,   /* DG1-21 D */
    HL7_IF_NOT_ASKED, /* OBX-11 N */
    HL7_IF_REFLEX,    /* OBR-11 G */
    HL7_IF_NOT_REFLEX,
    HL7_IF_PREADMIT, /* PV1-2 P */
    HL7_IF_NOT_PREADMIT
} tw_hl7_cond;

typedef enum {
    HL7_NO_GROUP,
    HL7_PERIOD,
    HL7_STAY,       /* hospitalization */
    HL7_EFFECTIVE,  /* effectivePeriod */
    HL7_COLLECTION, /* of a specimen */
    HL7_COLLECTED,  /* collection.collectedPeriod */
    HL7_VERIFIED,   /* verificationStatus */
} tw_hl7_group;

/* Vocabularies (hl7_words.c). */
typedef enum {
    HL7_NO_WORDS,
    HL7_W_SEX,
    HL7_W_MARITAL,
    HL7_W_RELATION,
    HL7_W_ROLE,
    HL7_W_CLASS,
    HL7_W_ADMISSION,
    HL7_W_SERVICE,
    HL7_W_DISCHARGE,
    HL7_W_READMIT,
    HL7_W_ADMIT_SOURCE,
    HL7_W_DIET,
    HL7_W_COURTESY,
    HL7_W_AMBULATORY,
    HL7_W_ENCOUNTER_PRIORITY,
    HL7_W_DIAGNOSIS_USE,
    HL7_W_ALLERGY_CATEGORY,
    HL7_W_ALLERGY_TYPE,
    HL7_W_CRITICALITY,
    HL7_W_ORDER_STATUS,
    HL7_W_ORDER_PRIORITY,
    HL7_W_REPORT_STATUS,
    HL7_W_SECTION,
    HL7_W_RESULT_STATUS,
    HL7_W_FLAG,
    HL7_W_DOCUMENT_STATUS,
    HL7_W_COMPLETION,
    HL7_W_CONFIDENTIALITY,
    HL7_W_SPECIMEN,
    HL7_W_LANGUAGE,
    HL7_W_NAME_USE,
    HL7_W_ADDRESS_USE,
    HL7_W_TELECOM_USE,
    HL7_W_COUNT
} tw_hl7_vocabulary;

typedef struct {
    const char *from;
    const char *to;
    const char *system; /* NULL: that of the vocabulary */
} tw_hl7_word;
typedef struct {
    const char *table; /* URI of codes that stand without a coding system */
    const char *out;   /* URI of the words; NULL: codes without a system */
    const tw_hl7_word *word;
    size_t count;
} tw_hl7_words;
extern const tw_hl7_words tw_hl7_vocabularies[HL7_W_COUNT];
/* NULL: not known. */
const tw_hl7_word *tw_hl7_word_find(tw_hl7_vocabulary v, tw_str code);

/* One line of the map. */
typedef struct {
    const char *key; /* ,"name": */
    uint8_t key_n;
    uint8_t slot;
    uint8_t field; /* 0: none, a fixed value */
    uint8_t kind;
    uint8_t words;
    uint8_t cond;
    uint8_t group;
    bool many; /* an array; rows of one name that stand together fill one array */
    const char *arg;
} tw_hl7_row;
#define HL7_KEY(name) ",\"" name "\":", sizeof(",\"" name "\":") - 1

typedef struct {
    const tw_hl7_row *row;
    size_t count;
} tw_hl7_rows;
extern const tw_hl7_rows tw_hl7_patient, tw_hl7_encounter, tw_hl7_kin, tw_hl7_guarantor, tw_hl7_coverage,
    tw_hl7_allergy, tw_hl7_condition, tw_hl7_request, tw_hl7_report, tw_hl7_specimen, tw_hl7_specimen_segment,
    tw_hl7_observation, tw_hl7_document;

typedef enum { HL7_ADT, HL7_ORU, HL7_MDM } tw_hl7_message_kind;

typedef struct {
    bool said;         /* of a batch: its header was seen */
    uint64_t messages; /* since then */
} tw_hl7_tally;
typedef struct {
    tw_zone zone;
    bool zoned; /* the zone was given, and goes before what a message says of its own clock */
    tw_str mrn_system;
    tw_hl7_tally *batch; /* counted by `frame`, which one thread calls in order */
    tw_hl7_tally *batches;
} tw_hl7_file;

/* A result seen in this message. */
typedef struct {
    uint64_t key; /* of its id; 0: free */
    uint32_t times;
    tw_str when;
} tw_hl7_seen;

typedef struct {
    tw_ctx *cx;
    tw_buf *out;
    tw_place *place;
    const tw_hl7_file *file;
    tw_zone zone; /* of times without an offset */
    tw_hl7 m;
    tw_status status;            /* of the first thing that went wrong */
    uint32_t slot_no[HL7_SLOTS]; /* segment at hand plus one; 0: none */
    const tw_hl7_row *row;
    tw_hl7_message_kind kind;
    tw_str event;
    bool merges;
    bool reopens;
    tw_str number; /* PID-3 repetition that is the local number; p NULL: none */
    char patient[TW_LOCAL_ID];
    char encounter[TW_LOCAL_ID];
    char request[TW_LOCAL_ID];
    char report[TW_LOCAL_ID];
    char specimen[TW_LOCAL_ID];
    uint32_t specimens; /* SPM of the order at hand */
    tw_str order[3];    /* number and authority of the order at hand */
    bool has_order;
    const tw_hl7_row *result_rows;
    uint32_t result_first; /* results of the report at hand: their ids */
    char (*result)[TW_LOCAL_ID];
    uint32_t results;
    tw_hl7_seen *seen;
    size_t seen_mask;
    bool any; /* an entry was written */
} tw_hl7_x;

/* ---- reading */

static inline const tw_hl7_segment *tw_hl7_at(const tw_hl7_x *x, tw_hl7_slot slot)
{
    return x->slot_no[slot] ? &x->m.segment[x->slot_no[slot] - 1] : NULL;
}
/* Field, "" when it is absent, empty or a deletion. */
tw_str tw_hl7_get(const tw_hl7_x *x, tw_hl7_slot slot, uint32_t field);
/* First repetition, component n, first subcomponent; escapes undone, blanks off. */
tw_str tw_hl7_plain(tw_hl7_x *x, tw_str repetition, uint32_t component);
tw_str tw_hl7_undone(tw_hl7_x *x, tw_str raw);
/* A copy with other bytes for some; the text itself when none of them is in it. */
tw_str tw_hl7_replaced(tw_hl7_x *x, tw_str raw, const char *marks, size_t count, char by);
/* Text of a field whose repetitions are lines. An unescaped component separator is text: ST, TX and FT have no parts.
 */
tw_str tw_hl7_lines(tw_hl7_x *x, tw_str raw);
/* Parts that are not empty, parted by `between`; in the arena when there are several. "" without memory. */
tw_str tw_hl7_joined(tw_hl7_x *x, const tw_str *part, size_t count, const char *between);
/* Bytes in the arena; NULL, and the failure noted, when it is full. */
char *tw_hl7_memory(tw_hl7_x *x, size_t n);
/* Notes the first failure with its place; returns false. */
bool tw_hl7_bad(tw_hl7_x *x, tw_hl7_slot slot, uint32_t field, const char *rule);
void tw_hl7_note_place(tw_hl7_x *x, tw_hl7_slot slot, uint32_t field);
/* URI of an HD (or of components EI.2 to EI.4 with '^' for separator). */
tw_str tw_hl7_authority(tw_hl7_x *x, tw_str hd, char separator);
/* URI of a coding system by its name in table 0396; "" when it is not known. */
tw_str tw_hl7_system(tw_hl7_x *x, tw_str name);

/* ---- writing (hl7_types.c) */

/* Values; false: nothing was written that counts. */
bool tw_hl7_write(tw_hl7_x *x, tw_str repetition, const tw_hl7_row *row);
bool tw_hl7_write_concept(tw_hl7_x *x, tw_str repetition, tw_hl7_vocabulary words);
bool tw_hl7_write_when(tw_hl7_x *x, tw_str text, tw_when_precision at_least);
bool tw_hl7_write_number(tw_hl7_x *x, tw_str text);
bool tw_hl7_write_coding(tw_hl7_x *x, tw_str system, tw_str code, tw_str display);
bool tw_hl7_write_cx(tw_hl7_x *x, tw_str rep, const char *type_else, bool old);
bool tw_hl7_write_ei(tw_hl7_x *x, tw_str rep, const char *type);
bool tw_hl7_write_ssn(tw_hl7_x *x, tw_str rep);
bool tw_hl7_write_name(tw_hl7_x *x, tw_str rep);
bool tw_hl7_write_address(tw_hl7_x *x, tw_str rep);
bool tw_hl7_write_telecom(tw_hl7_x *x, tw_str rep, const char *use_else);
bool tw_hl7_write_person(tw_hl7_x *x, tw_str rep);
bool tw_hl7_write_participant(tw_hl7_x *x, tw_str rep, const char *role);
bool tw_hl7_write_named(tw_hl7_x *x, tw_str rep);
bool tw_hl7_write_place(tw_hl7_x *x, tw_str rep, const char *status);
/* Rows of a map into the resource that is open. */
void tw_hl7_write_rows(tw_hl7_x *x, const tw_hl7_rows *rows);
/* value[x] of OBX (hl7_value.c): members with their names; `component` for repetitions. */
void tw_hl7_write_value(tw_hl7_x *x);
/* OBX-5 as attachments of a document: items of its content. */
void tw_hl7_write_content(tw_hl7_x *x, bool *first);
/* {"contentType", "data" or "url"} of OBX-5 by OBX-2. */
bool tw_hl7_write_attachment(tw_hl7_x *x, tw_str type, tw_str value);

/* ---- records (hl7_record.c) */

bool tw_hl7_listed(const char *list, tw_str word); /* words parted by blanks */
tw_hl7_slot tw_hl7_slot_of(const char *name);
/* First segment of the kind after `at`, of the same patient and, of a visit's own kinds, before the next PV1; 0 none,
 * else its position plus one. */
uint32_t tw_hl7_ahead(const tw_hl7_x *x, uint32_t at, tw_hl7_slot slot);
void tw_hl7_use(tw_hl7_x *x, tw_hl7_slot slot, uint32_t at);
void tw_hl7_open_resource(tw_hl7_x *x, const char *type, const char *id); /* id "": none */
void tw_hl7_close_resource(tw_hl7_x *x);
void tw_hl7_refer(tw_hl7_x *x, const char *lead, const char *id); /* lead: HL7_REFERENCE; nothing for id "" */
#define HL7_REFERENCE(name, type) ",\"" name "\":{\"reference\":\"" type "/"
void tw_hl7_status(tw_hl7_x *x, const char *code);
const char *tw_hl7_worded(tw_hl7_x *x, tw_hl7_slot slot, uint32_t field, tw_hl7_vocabulary v, const char *otherwise);
tw_str tw_hl7_first(const tw_hl7_x *x, tw_hl7_slot slot, uint32_t field); /* repetition */
tw_str tw_hl7_of(tw_hl7_x *x, tw_hl7_slot slot, uint32_t field, uint32_t component);
/* Code and system of a CWE; its text when it has no code. */
void tw_hl7_code_parts(tw_hl7_x *x, tw_str out[2], tw_hl7_slot slot, uint32_t field);

/* Segment `at` and what it becomes (hl7_visit.c, hl7_orders.c). */
void tw_hl7_on_pid(tw_hl7_x *x, uint32_t at);
void tw_hl7_on_pv1(tw_hl7_x *x, uint32_t at);
void tw_hl7_on_dg1(tw_hl7_x *x, uint32_t at);
void tw_hl7_on_al1(tw_hl7_x *x, uint32_t at);
void tw_hl7_on_nk1(tw_hl7_x *x, uint32_t at);
void tw_hl7_on_gt1(tw_hl7_x *x, uint32_t at);
void tw_hl7_on_in1(tw_hl7_x *x, uint32_t at);
void tw_hl7_on_orc(tw_hl7_x *x, uint32_t at);
void tw_hl7_on_obr(tw_hl7_x *x, uint32_t at);
void tw_hl7_on_spm(tw_hl7_x *x, uint32_t at);
void tw_hl7_on_obx(tw_hl7_x *x, uint32_t at);
void tw_hl7_on_txa(tw_hl7_x *x, uint32_t at);
void tw_hl7_end_report(tw_hl7_x *x);

/* The whole message (hl7_bundle.c). */
tw_status tw_hl7_bundle(tw_ctx *cx, tw_buf *json, tw_place *place, const void *file, tw_str unit);

/* ---- pieces of JSON */

static inline void tw_hl7_raw(tw_hl7_x *x, const char *p, size_t n)
{
    tw_buf *b = x->out;
    if (b->cap - b->n >= n && !b->failed) {
        memcpy(b->p + b->n, p, n);
        b->n += n;
    } else {
        tw_buf_add(b, p, n);
    }
}
#define HL7_PUT(x, literal) tw_hl7_raw((x), literal, sizeof(literal) - 1)
static inline void tw_hl7_cstr(tw_hl7_x *x, const char *s)
{
    tw_hl7_raw(x, s, strlen(s));
}
/* A string of JSON. */
void tw_hl7_string(tw_hl7_x *x, tw_str s);
/* Lead (", "name":" and the like), then the string; nothing for "". */
static inline void tw_hl7_member(tw_hl7_x *x, const char *lead, size_t lead_n, tw_str s)
{
    if (s.n == 0)
        return;
    tw_hl7_raw(x, lead, lead_n);
    tw_hl7_string(x, s);
}
#define HL7_MEMBER(x, name, s) tw_hl7_member((x), HL7_KEY(name), (s))

/* An object under way: members begin with a comma, the first one's is overwritten at the end. */
typedef struct {
    size_t at;
} tw_hl7_object;
static inline tw_hl7_object tw_hl7_open(const tw_hl7_x *x)
{
    return (tw_hl7_object){ x->out->n };
}
/* false: it has no member, and nothing was written. */
static inline bool tw_hl7_close(tw_hl7_x *x, tw_hl7_object o)
{
    if (x->out->n <= o.at)
        return false;
    x->out->p[o.at] = '{';
    HL7_PUT(x, "}");
    return true;
}

#endif
