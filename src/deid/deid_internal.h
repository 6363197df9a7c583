/** What the files of this room share: compiled rules, forms of codes, units and times. */
#ifndef TW_DEID_INTERNAL_H
#define TW_DEID_INTERNAL_H

#include "base/same.h"
#include "deid/deid.h"
#include "fhir/fhir.h"

/** tw_str_is with a literal, without a call. */
#define STR_IS(s, lit) tw_str_same((s), TW_STR(lit))

#define AGE_OVER 90 /* "all ages over 89" become one category of 90 or older, 45 CFR 164.514(b)(2)(i)(C) */

/** What the gate does with a member; given by profile. */
#define ACTION_LIST(X)                                                                                                 \
    X(REMOVE, "remove")                                                                                                \
    X(KEEP, "keep")             /* booleans, numbers, times of day, of their form */                                   \
    X(DESCEND, "descend")       /* by the rules of its members */                                                      \
    X(CODE, "code")             /* member of the required value set */                                                 \
    X(CODING, "coding")         /* system listed, code of its form */                                                  \
    X(QUANTITY, "quantity")     /* value with a UCUM unit; an age over 89 becomes 90 */                                \
    X(REFERENCE, "reference")   /* inside the category, keyed */                                                       \
    X(TIME, "time")             /* as the profile's `times` line says */                                               \
    X(YEAR, "year")             /* the year of the shifted date */                                                     \
    X(BIRTH_YEAR, "birth-year") /* the year, removed when the age is over 89 */                                        \
    X(EXTENSION, "extension")   /* URL listed */                                                                       \
    X(MODIFIER, "modifier")     /* URL listed, else the element around it goes */                                      \
    X(CONTAINED, "contained")   /* resource of the same category */                                                    \
    X(ZIP3, "zip3")             /* first three digits */                                                               \
    X(WORD, "word")             /* one of the profile's `words` for this path */                                       \
    X(SAMPLES, "samples")       /* SampledData.data: numbers, E, U, L */                                               \
    X(SCRUB, "scrub")           /* through the text engine; removed when there is none */                              \
    X(ATTACH, "attach")         /* its text through the text engine; removed when it has none */                       \
    X(IDENT, "ident")           /* keyed identifier; a UID of DICOM stays one */                                       \
    X(UID, "uid")               /* keyed UID */                                                                        \
    X(LINK, "link")             /* in whole documents alone: keyed identifier, URL of a record, status of HTTP */

typedef enum {
#define X(name, text) ACT_##name,
    ACTION_LIST(X)
#undef X
} r4_action;

/* ---------------------------------------------------------------- forms of codes */

#define FORM_LIST(X)                                                                                                   \
    X(LOINC, "loinc")         /* digits-check, also LA and LP parts; Luhn check digit */                               \
    X(SNOMED, "snomed")       /* 6 to 18 digits, Verhoeff check digit */                                               \
    X(RXNORM, "rxnorm")       /* 1 to 7 digits */                                                                      \
    X(CVX, "cvx")             /* 1 to 3 digits */                                                                      \
    X(ICD10, "icd10")         /* letter, two digits or letters, up to 4 after a dot */                                 \
    X(ICD9, "icd9")           /* 3 to 5 digits with a dot, E and V codes */                                            \
    X(ICDO3, "icd-o-3")       /* C50.9, 8046/3, 80463/3 */                                                             \
    X(NCIT, "ncit")           /* C and 2 to 7 digits */                                                                \
    X(ATC, "atc")             /* A10BA02 and its heads */                                                              \
    X(CDCREC, "cdcrec")       /* race and ethnicity: dddd-d */                                                         \
    X(HGNC, "hgnc")           /* HGNC: and up to 6 digits, or the digits */                                            \
    X(NUCC, "nucc")           /* specialties of providers: 3 digits, 6 digits or letters, X */                         \
    X(UCUM, "ucum")           /* a unit as a code */                                                                   \
    X(NEVER, "never")         /* nothing passes */                                                                     \
    X(DICOM_SOP, "dicom-sop") /* urn:oid: or oid under 1.2.840.10008.5.1.4.1.1: SOP classes */                         \
    X(LISTED, "listed")       /* member of the system's listed codes */

typedef enum {
#define X(name, text) FORM_##name,
    FORM_LIST(X)
#undef X
        FORM_COUNT
} code_form;

/* ---------------------------------------------------------------- profile (profile.c) */

typedef struct {
    code_form form;
    tw_r4_codes codes; /* FORM_LISTED; searched first in any form */
} code_system;

typedef struct {
    tw_str value; /* "valueQuantity"; "value[x]" for any; "extension" when children are inside */
    tw_str url;   /* the URL or name of the child, as it is written out */
} extension_rule;

/** A map that is only read, without keyed hashing: a profile's own lines. */
typedef struct {
    tw_str *key; /* {NULL, 0}: free */
    void **value;
    uint32_t mask;
} frozen;

static inline void *frozen_get(const frozen *f, tw_str key)
{
    for (uint32_t i = tw_str_hash(key) & f->mask; f->key[i].p; i = (i + 1) & f->mask)
        if (tw_str_same(f->key[i], key))
            return f->value[i];
    return NULL;
}

#define SUBJECTS_MAX 4
/** Members of a resource that say whose it is. */
typedef struct {
    tw_str name[SUBJECTS_MAX];
    size_t n;
} subjects;

typedef enum { TIMES_REMOVE, TIMES_SHIFT, TIMES_YEAR } times_law;

#define RULES_MAX 256
struct tw_profile {
    tw_r4 table;
    tw_arena *arena;
    tw_str name;
    uint8_t hash[32];
    times_law times;
    tw_str rule[RULES_MAX]; /* labels; [0] = "default-deny" */
    uint16_t rule_count;
    tw_map *system;    /* URL -> code_system */
    tw_map *extension; /* "url" or "url#child" -> extension_rule */
    tw_map *zip3;      /* restricted prefixes */
    tw_map *words;     /* "path word" */
    tw_map *age_codes; /* "system code" of observations whose value is an age */
    frozen systems, extensions, ages; /* system, extension, age_codes again */
    frozen resources;                 /* type of a resource -> tw_r4_node */
    tw_str *key;                      /* a member: ,"name": */
    subjects *subject;                /* a node */
    const tw_r4_member *display, *concept_text, *reference_identifier;
    const tw_r4_node *element;
};

/** The lines of a profile alone, without the table of R4: what is wrong with them, if anything is. */
TW_NODISCARD tw_status profile_lines(tw_ctx *cx, tw_str text);
/** A profile compiled in; "" when there is none of that name. */
tw_str profile_text(tw_str name);

/* ---------------------------------------------------------------- forms (forms.c, ucum.c, when.c) */

bool form_code(code_form form, tw_str code);
bool form_number(tw_r4_prim prim, tw_str raw);
bool form_time_of_day(tw_str s);
bool form_samples(tw_str s);
/** A ZIP code of the US: 12345, 123456789 or 12345-6789. */
bool form_zip(tw_str s);
/** A resource id or the 64 characters of FHIR's id type. */
bool form_id(tw_str s);

/** A unit of the UCUM grammar whose atoms and annotations are known ones. */
bool ucum_valid(tw_str unit);

typedef struct {
    int64_t y;
    unsigned m, d; /* 0 when the precision ends before */
    unsigned h, mi, s;
    int offset_min; /* of the zone */
    bool time;      /* hours and later are given */
} when;
/** date, dateTime or instant of FHIR; years 1800 to 2299. */
bool when_parse(when *out, tw_str s);
/** First day that the value can mean, UTC. */
int64_t when_day(const when *w);
#define WHEN_TEXT 24
/** Shift by whole weeks; UTC, seconds; less than a day's precision gives the year. Returns bytes written. */
size_t when_shift(char out[WHEN_TEXT], const when *w, int weeks);
size_t when_year(char out[WHEN_TEXT], const when *w, int weeks);
/** Complete years from `birth` to a day, at least: a missing month or day counts as the earliest. */
int64_t when_age(const when *birth, int64_t day);

/* ---------------------------------------------------------------- references (refs.c) */

typedef struct {
    tw_str type;
    tw_str id;
    int category; /* tw_category, 0 when it depends on content that is not at hand */
} ref_target;

typedef enum { REF_UNKNOWN, REF_CONTAINED, REF_RECORD } ref_kind;
/** Splits a reference; a fragment's name is in out->id. */
ref_kind ref_parse(ref_target *out, const tw_refbook *book, tw_str ref);
/** Category that a type has whatever its content; 0 when it depends, or the type is no patient record. */
int category_of_type(tw_str type);

/* ---------------------------------------------------------------- account (account.c) */

typedef struct {
    uint64_t kept, changed, removed;
} account_counts;

struct tw_account {
    const tw_profile *profile;
    tw_arena *arena;
    account_counts *of_member;
    uint64_t *unknown; /* a node */
    uint64_t *refused; /* a node; the last is for unknown types */
    uint64_t records;
};

static inline account_counts *account_at(tw_account *a, const tw_r4_member *m)
{
    return &a->of_member[m - a->profile->table.member];
}

static inline void account_kept(tw_account *a, const tw_r4_member *m)
{
    if (a)
        account_at(a, m)->kept++;
}

static inline void account_changed(tw_account *a, const tw_r4_member *m)
{
    if (a)
        account_at(a, m)->changed++;
}

static inline void account_removed(tw_account *a, const tw_r4_member *m, uint64_t n)
{
    if (a)
        account_at(a, m)->removed += n;
}

static inline void account_unknown(tw_account *a, const tw_r4_node *node)
{
    if (a)
        a->unknown[node - a->profile->table.node]++;
}

void account_record(tw_account *a);
void account_refused(tw_account *a, tw_str type);

#endif
