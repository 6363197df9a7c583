/** Inside of tw_deid_hl7: rules compiled to arrays, the walk over a message, values, text.
 *
 *  A message is walked once. What stays is not touched: it is copied with its surroundings in one piece when the next
 *  change comes. A second walk happens only when there is free text: it gathers what the message says of people and all
 *  its text, which is searched as one note. */
#ifndef TW_DEID_HL7_INTERNAL_H
#define TW_DEID_HL7_INTERNAL_H

#include "deid/doc_internal.h"
#include "format/format.h"

/* ---------------------------------------------------------------- rules (hl7_rules.c) */

#define HL7_ACT_LIST(X)                                                                                                \
    X(REMOVE, "remove")                                                                                                \
    X(KEEP, "keep")           /* as it stands: delimiters and the name of the character set */                         \
    X(SEQ, "seq")             /* one to four digits */                                                                 \
    X(SUBID, "subid")         /* digits parted by points */                                                            \
    X(NUMBER, "number")       /* of type NM; an age over 89 becomes 90 */                                              \
    X(RANGE, "range")         /* "3.5-5.1", "<200", ">= 60" */                                                         \
    X(UNIT, "unit")           /* UCUM */                                                                               \
    X(TABLE, "table")         /* value of an HL7 table */                                                              \
    X(EVENT, "event")         /* A01 */                                                                                \
    X(STRUCTURE, "structure") /* ADT_A01 */                                                                            \
    X(TIME, "time")           /* DT, DTM, TS: as the profile says */                                                   \
    X(TOD, "tod")             /* time of day: kept where times are shifted */                                          \
    X(BIRTH, "birth")         /* the year, none over 89 */                                                             \
    X(ID, "id")               /* keyed */                                                                              \
    X(STATE, "state")         /* a word of the profile */                                                              \
    X(ZIP, "zip")             /* three digits, where the profile lets them pass */                                     \
    X(COUNTRY, "country")     /* a word of the profile */                                                              \
    X(CODE, "code")           /* of a known system and its form; with the two components after it */                   \
    X(DISPLAY, "display")     /* through the text engine */                                                            \
    X(SYSTEM, "system")       /* name of a coding system, beside a code that passed */                                 \
    X(TEXT, "text")           /* through the text engine, with everything known */                                     \
    X(BRIEF, "brief")         /* the same; what is short and clean alone is remembered, and not searched again */      \
    X(VARIES, "varies")       /* by the type that OBX-2 names */

typedef enum {
#define X(name, text) HL7_##name,
    HL7_ACT_LIST(X)
#undef X
} hl7_act;

/** What a component tells about people. The first values are tw_known_field. */
typedef enum {
    HL7_FEED_GIVEN = TW_KNOWN_GIVEN,
    HL7_FEED_FAMILY,
    HL7_FEED_FULL, /* joined with the next ones of the repetition */
    HL7_FEED_DATE,
    HL7_FEED_ID,
    HL7_FEED_PHONE,
    HL7_FEED_EMAIL,
    HL7_FEED_STREET,
    HL7_FEED_CITY,
    HL7_FEED_ZIP,
    HL7_FEED_ORG,
    HL7_FEED_AREA,   /* first part of a telephone number */
    HL7_FEED_LOCAL,  /* the rest of it */
    HL7_FEED_PERSON, /* subcomponents: id, family, given */
    HL7_FEED_NONE
} hl7_feed;

#define HL7_PARTS_MAX 24  /* components of a type that rules name */
#define HL7_FIELDS_MAX 80 /* of a segment that rules name */
#define HL7_LABELS_MAX 100
#define HL7_NOTHING UINT32_MAX

typedef struct {
    uint8_t act;   /* hl7_act */
    uint8_t feed;  /* hl7_feed */
    uint8_t table; /* 0: none, or the field's */
} hl7_leaf;

typedef struct {
    char name[24];
    hl7_leaf part[HL7_PARTS_MAX];
    uint8_t parts;   /* above it everything is removed */
    uint8_t id_type; /* component that holds the type of an identifier, from 1; 0: none */
    bool coded;
    bool text; /* a repetition is one text, whatever delimiters stand in it */
    bool feeds;
    bool gone;   /* nothing of it stays */
    bool single; /* its first component, alone, is a value */
} hl7_type;

typedef struct {
    uint16_t type; /* 0: no rule */
    uint8_t table; /* of a leaf that has none */
    uint8_t label;
    uint32_t row; /* of the account; HL7_NOTHING until it is used */
} hl7_rule;

typedef struct {
    char name[4];
    uint8_t feed[HL7_FIELDS_MAX]; /* fields that tell of people, in their order */
    uint8_t text[HL7_FIELDS_MAX]; /* that may be text */
    uint8_t feeds, texts;
    hl7_rule field[HL7_FIELDS_MAX]; /* [0]: fields beyond */
} hl7_segment_rules;

typedef struct {
    uint64_t lo, hi; /* at most 16 bytes, filled up with zeroes */
} hl7_word;

typedef struct {
    hl7_word name;
    tw_str url;
} hl7_system;

typedef struct {
    char name[24];
    hl7_word *word;
    uint32_t n, cap;
} hl7_table;

typedef struct {
    tw_arena *arena;
    hl7_type type[256]; /* [0]: none */
    uint16_t types;
    hl7_segment_rules *segment;
    uint16_t segments;
    hl7_table table[256]; /* [0]: none */
    uint16_t tables;
    hl7_system system[64];
    uint16_t systems;
    tw_str label[HL7_LABELS_MAX];
    uint8_t labels;
    uint16_t observation[32]; /* types that OBX-2 may name */
    uint16_t observations;
    hl7_word person[8]; /* identifier types that say whose message it is */
    uint16_t persons;
    uint16_t unkeyed;         /* table */
    uint16_t ucum;            /* table "UCUM": any unit */
    uint8_t at[26 * 36 * 36]; /* name of a segment -> index + 1 */
} hl7_rules;

/** The rules' text, compiled in. */
tw_str hl7_rules_text(void);
/** Lines of [common] and of the section `profile`. NULL in *out when it fails. fails TW_EPARSE with the line */
TW_NODISCARD tw_status hl7_rules_parse(tw_ctx *cx, hl7_rules **out, tw_str text, tw_str profile);
void hl7_rules_free(hl7_rules *r); /* NULL is fine */
/** -1: no rules for it. */
int hl7_rules_segment(const hl7_rules *r, const char name[4]);
bool hl7_table_has(const hl7_rules *r, uint32_t table, tw_str value);
uint32_t hl7_table_named(const hl7_rules *r, tw_str name); /* 0: none */
uint32_t hl7_type_named(const hl7_rules *r, tw_str name);  /* 0: none */
bool hl7_word_of(hl7_word *out, tw_str s);                 /* false: over 16 bytes, or empty */

/* ---------------------------------------------------------------- a thread's memories (hl7.c) */

#define HL7_IDS 4096 /* slots; powers of two */
#define HL7_CODES 4096
#define HL7_ID_BYTES 40 /* longer ones are not remembered */
#define HL7_CODE_BYTES 218
#define HL7_NAMES 512    /* slots of words known of people */
#define HL7_WORDS_MAX 54 /* of a display; one with more is removed */

typedef struct {
    uint8_t n; /* 0: empty */
    char escape; /* of the message that it was read in */
    char raw[HL7_ID_BYTES];
    char id[TW_ID_HEX];
} hl7_id_slot;

/** Verdict on code, text and system as they stand in a message. */
typedef struct {
    uint16_t n; /* 0: empty */
    uint8_t table;
    char component, escape; /* delimiters that it stood between */
    bool code, display, system, age;
    uint8_t words; /* of the display */
    uint32_t word[HL7_WORDS_MAX];
    char raw[HL7_CODE_BYTES];
} hl7_code_slot;

typedef struct hl7_room {
    hl7_rules *rules;
    tw_arena *arena; /* of one message */
    tw_mark mark;
    hl7_id_slot *id;     /* HL7_IDS */
    hl7_code_slot *code; /* HL7_CODES */
    doc_known known;     /* as of the last message with text */
    uint8_t known_hash[32];
    bool known_ready;
    tw_str person; /* whose shift is in `who`; in person_text */
    char person_text[128];
    doc_person who;
    bool who_ready;
    uint32_t unlisted; /* row of segments without rules */
} hl7_room;

/* ---------------------------------------------------------------- what a message says of people (hl7_known.c) */

typedef struct {
    tw_known_field field;
    tw_str value; /* text */
} hl7_fact;

typedef struct {
    hl7_fact *fact;
    size_t n, cap;
} hl7_facts;

/** A run of text that is searched: a repetition of a text field. */
typedef struct {
    const char *raw;
    uint32_t raw_n;
    uint32_t from, to;        /* in hl7_note.text */
    uint32_t base;            /* of its spans, in hl7_note.text */
    const tw_text_span *span; /* those that touch it */
    size_t spans;
    bool bad; /* no text: removed */
} hl7_piece;

typedef struct {
    uint32_t at, end; /* offsets in the raw text that a byte of text comes from */
} hl7_origin;

typedef struct {
    hl7_piece *piece;
    size_t pieces, piece_cap, next;
    tw_buf text;
    tw_buf origin;              /* hl7_origin, one a byte of text */
    const tw_hl7_segment *last; /* of the last piece */
} hl7_note;

/* ---------------------------------------------------------------- one message */

typedef struct {
    tw_ctx *cx;
    tw_doc_work *w;
    hl7_room *room;
    hl7_rules *rules; /* the room's */
    tw_hl7 m;
    tw_buf *out;
    const char *from; /* of the text that is not yet written */
    const doc_person *who;
    const tw_hl7_segment *segment;
    hl7_segment_rules *seg; /* rules of `segment` */
    uint32_t n;             /* of the field */
    uint32_t component;
    bool any;     /* of this repetition something is left */
    bool changed; /* of this repetition something was */
    bool age;     /* OBX-3 says that OBX-5 is an age */
    hl7_facts facts;
    bool named, gathered;     /* hl7_names, hl7_gather were called */
    uint32_t name[HL7_NAMES]; /* hashes of words known of people; 0: empty */
    uint32_t names;
    hl7_note note;
    uint8_t divides[256]; /* bytes that part repetitions, components, subcomponents */
    uint64_t day_in;      /* eight digits of the last date, and what they became */
    uint64_t day_out;
    doc_time_law day_law;
    uint32_t repetition;
} hl7_walk;

/** What became of a value. */
typedef struct {
    tw_doc_what what;
    tw_str text; /* TW_DOC_CHANGED: what it became; may be in `room` */
    char room[48];
} hl7_out;

/** A component by its leaf; all but code, display, system, text and varies. `rep`: the repetition around it. */
void hl7_value(hl7_walk *x, hl7_out *out, const hl7_type *t, const hl7_rule *rule, const hl7_leaf *leaf, tw_str value,
               tw_str rep);
void hl7_time(hl7_walk *x, hl7_out *out, tw_str value, bool birth);
/** Code, text and system; each kept as it stands or removed. */
typedef struct {
    bool code, display, system;
    bool age; /* the profile says that a value beside this code is an age */
} hl7_coded;
TW_NODISCARD tw_status hl7_code(hl7_walk *x, hl7_coded *out, tw_str code, tw_str display, tw_str system, tw_str raw,
                                uint32_t table);
tw_str hl7_system_url(const hl7_rules *r, tw_str name); /* "": none */

/** Words known of people, from the whole message; once a message. */
TW_NODISCARD tw_status hl7_names(hl7_walk *x);
/** Texts of the whole message, searched with all facts about people; once a message. */
TW_NODISCARD tw_status hl7_gather(hl7_walk *x);
typedef enum { HL7_TEXT_KEPT, HL7_TEXT_CHANGED, HL7_TEXT_REMOVED } hl7_text_fate;
/** The repetition `raw` of a text field: what is found in it is spliced. */
TW_NODISCARD tw_status hl7_text(hl7_walk *x, hl7_text_fate *fate, const hl7_type *t, tw_str raw);
/** Text and the place it came from, to be searched; of segment s. */
TW_NODISCARD tw_status hl7_note_add(hl7_walk *x, const hl7_type *t, tw_str raw, const tw_hl7_segment *s);
TW_NODISCARD tw_status hl7_note_search(hl7_walk *x);
/** Some word of the display is known of a person; after hl7_names. */
bool hl7_names_hit(const hl7_walk *x, const uint32_t *word, size_t n);
/** Hashes of the words of a text, letters and digits, three at least; false: more than `max`. */
bool hl7_words(uint32_t *word, size_t *n, size_t max, tw_str text);

/** A number or range so short that it needs no search. */
bool hl7_text_plain(tw_str raw);
bool hl7_range(tw_str s);
/** Text of a part; "" when its escapes are no text. */
tw_str hl7_plain_text(hl7_walk *x, tw_str raw);
/** Keyed identifier of the first subcomponent; false: nothing in it. */
bool hl7_ident(hl7_walk *x, char out[TW_ID_HEX], tw_str raw);
/** `text` from byte `from` on, UTF-8, becomes the set that MSH-18 of m names. */
TW_NODISCARD tw_status hl7_recode(tw_ctx *cx, tw_buf *out, size_t from, const tw_hl7 *m);

/** Type that a field's rule means here: OBX-5 by OBX-2. NULL: none, the field goes. */
const hl7_type *hl7_type_here(const hl7_rules *r, const tw_hl7 *m, const tw_hl7_segment *s, const hl7_rule *rule);
/** Rule of field n; its row is the only thing that changes in it. */
hl7_rule *hl7_rule_of(hl7_segment_rules *seg, uint32_t n);
/** 2 in header segments, whose separator is their first field; else 1. */
uint32_t hl7_first_field(const tw_hl7_segment *s);

/** tw_hl7_next, for parts that are short. */
static inline bool hl7_next(tw_str *part, tw_str *rest, char separator)
{
    enum { SHORT = 24 };
    if (!rest->p || rest->n > SHORT)
        return tw_hl7_next(part, rest, separator);
    size_t i = 0;
    while (i < rest->n && rest->p[i] != separator)
        i++;
    *part = (tw_str){ rest->p, i };
    *rest = i < rest->n ? (tw_str){ rest->p + i + 1, rest->n - i - 1 } : (tw_str){ NULL, 0 };
    return true;
}

/** The text up to `p` stands, `skip` bytes after it go, `text` comes in their place. */
void hl7_splice(hl7_walk *x, const char *p, size_t skip, tw_str text);
#endif
