/** Text: finds what identifies a person in clinical free text, and puts tags or surrogates in its place.
 *
 *  Several finders look at one note; what any of them marks is marked:
 *    patterns     dates, telephone numbers, addresses, numbers of records, e-mail, URL, IP ... (Vectorscan; each
 *                 candidate is verified by a small checker)
 *    known        what the patient's own record says: names and their variants, record numbers, telephones, address,
 *                 birth date in every form, kin, clinicians (sequences of words, by hash)
 *    cues         "Dr.", "seen by", "daughter", a signature line, a header's key
 *    CRF          a linear-chain conditional random field over tokens, trained on synthetic notes; a token is marked
 *                 when its marginal probability of being outside falls under a threshold; in a note of 40 tokens or
 *                 more in which nothing is sure it must be inside with a chance of .7 (strict: .05)
 *    propagation  a name found once is found everywhere in the note
 *
 *  A language is data: a model file holds patterns' locale, word lists, cues and weights.
 *
 *  Kinds, and what is none of them: NAME without title and degree, initials and nicknames count; DATE any part finer
 *  than a year (month and year, a month alone, a holiday), no bare year, no season, no "POD 2", no time of day; ID
 *  record, account, licence, device, vehicle and login; CONTACT telephone, fax, pager, e-mail, URL, IP; ADDRESS street,
 *  unit, city, zip, but no state and no country; ORG hospitals, wards with a name, employers, schools, pharmacies,
 *  churches; AGE over 89 only, the number alone.
 *
 *  Pure: keys and shifts are inputs. Messages never hold text of a note. */
#ifndef TW_TEXT_H
#define TW_TEXT_H

#include "base/base.h"

#define TW_TEXT_BYTES_MAX (4 * TW_MIB) /* of one note */

typedef enum {
    TW_TEXT_NAME,
    TW_TEXT_DATE,
    TW_TEXT_ID,
    TW_TEXT_CONTACT,
    TW_TEXT_ADDRESS,
    TW_TEXT_ORG,
    TW_TEXT_AGE,
    TW_TEXT_KINDS
} tw_text_kind;
/** "NAME", "DATE", ...; a constant. */
const char *tw_text_kind_name(tw_text_kind kind);

/** Finders, as bits. */
#define TW_TEXT_PATTERNS 1u
#define TW_TEXT_KNOWN 2u
#define TW_TEXT_CUES 4u
#define TW_TEXT_CRF 8u
#define TW_TEXT_PROPAGATION 16u
#define TW_TEXT_ALL 31u

typedef struct {
    uint32_t start, end; /* bytes of the note, half open, on character boundaries */
    uint8_t kind;        /* tw_text_kind */
    uint8_t found_by;    /* bits of the finders that marked any of it */
} tw_text_span;

/* ---------------------------------------------------------------- a language */

/** Everything that a language needs; immutable, read by any number of threads. */
typedef struct tw_text_model tw_text_model;

#define TW_TEXT_MODEL_BYTES_MAX (16 * TW_MIB)

/** `language`: "en" or "es". fails TW_ENOTFOUND, TW_ELIMIT. */
TW_NODISCARD tw_status tw_text_model_builtin(tw_ctx *cx, tw_text_model **out, tw_str language);
/** From the bytes of a model file (docs/formats/text-model.md); untrusted. fails TW_EPARSE, TW_ELIMIT. */
TW_NODISCARD tw_status tw_text_model_parse(tw_ctx *cx, tw_text_model **out, tw_bytes file);
void tw_text_model_free(tw_text_model *m); /* NULL is fine */
/** Languages compiled in; i from 0, NULL at the end. */
const char *tw_text_model_language(size_t i);
/** SHA-256 of the model file: names it in accounts. */
void tw_text_model_hash(uint8_t out[32], const tw_text_model *m);

/* ---------------------------------------------------------------- what is known of a person */

/** Identifiers of one patient's record, ready to be found in any writing. Wiped when freed. */
typedef struct tw_text_known tw_text_known;

typedef enum {
    TW_KNOWN_GIVEN,    /* "Mary Jane", "Mary-Jane" */
    TW_KNOWN_FAMILY,   /* "O'Neil", "van der Berg" */
    TW_KNOWN_FULL,     /* of kin, of clinicians: "Dr. Ann Lee MD" in any order; titles are passed over */
    TW_KNOWN_DATE,     /* YYYY-MM-DD or YYYYMMDD: birth, death */
    TW_KNOWN_ID,       /* record numbers, SSN, licence: with and without separators */
    TW_KNOWN_PHONE,    /* by its digits */
    TW_KNOWN_EMAIL,    /* the local part is a name too */
    TW_KNOWN_STREET,   /* "12 Long Rd Apt 4" */
    TW_KNOWN_CITY,
    TW_KNOWN_ZIP,
    TW_KNOWN_ORG
} tw_known_field;

tw_text_known *tw_text_known_new(void);
void tw_text_known_free(tw_text_known *k); /* NULL is fine */
/** Values too short to tell apart from a word (one letter, two digits) are passed over. fails TW_ELIMIT. */
TW_NODISCARD tw_status tw_text_known_add(tw_ctx *cx, tw_text_known *k, tw_known_field field, tw_str value);
/** As new, with the memory that it has: for another person. */
void tw_text_known_reset(tw_text_known *k);
/** After the last tw_text_known_add, before the first search. fails TW_ELIMIT. */
TW_NODISCARD tw_status tw_text_known_ready(tw_ctx *cx, tw_text_known *k);

/* ---------------------------------------------------------------- find */

/** Room to work in, one a thread; lent to one call at a time. */
typedef struct tw_text_work tw_text_work;
TW_NODISCARD tw_status tw_text_work_new(tw_ctx *cx, tw_text_work **out, const tw_text_model *m);
void tw_text_work_free(tw_text_work *w); /* wipes; NULL is fine */

typedef struct {
    const tw_text_model *model;
    const tw_text_known *known; /* NULL: nothing is known */
    double threshold; /* mark a token when P(outside) < 1 - threshold; 0: the model's own operating point */
    bool strict;      /* when in doubt, remove: the model's strict operating point, which says its price in its card */
    unsigned finders; /* bits; 0: all */
} tw_text_opts;

/** Spans of a note, sorted, apart from each other; in the arena. Text that is no UTF-8 is refused.
 *  fails TW_EPARSE, TW_ELIMIT */
TW_NODISCARD tw_status tw_text_find(tw_ctx *cx, tw_text_span **span, size_t *count, tw_text_work *w, tw_str text,
                                    const tw_text_opts *opts);

/* ---------------------------------------------------------------- replace */

typedef enum {
    TW_TEXT_TAGS,      /* [NAME] */
    TW_TEXT_SURROGATES /* another value of the same kind and shape, the same for the same value of the same person */
} tw_text_style;

typedef struct {
    tw_text_style style;
    const uint8_t *key; /* 32 bytes, of one person: surrogates are derived from it */
    int32_t shift_days; /* what dates in text move by, in the form in which they stand; 0: dates become tags */
} tw_text_replace_opts;

/** The note with its spans replaced, after what is in `out`. */
void tw_text_replace(tw_buf *out, const tw_text_model *m, tw_str text, const tw_text_span *span, size_t count,
                     const tw_text_replace_opts *opts);

/* ---------------------------------------------------------------- attachments */

/** Text of a document that is no plain text: text/html and XHTML (tags and scripts out), text/rtf, application/rtf.
 *  Other types, PDF among them unless a library for it is linked, are TW_EFOREIGN: the caller removes the attachment
 *  and says so. fails TW_EPARSE, TW_ELIMIT */
TW_NODISCARD tw_status tw_text_extract(tw_ctx *cx, tw_str *out, tw_str content_type, tw_bytes document);

#endif
