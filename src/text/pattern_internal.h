/** What the checkers of patterns share: the note under the cursor, words that trigger a look, dates read and written.
 *
 *  The database says where to look ("march", "mrn", the first digit of a run of digits); a checker reads forward and
 *  backward from there and decides. All of them read `l`, the note in lower case, by bytes; letters beyond ASCII count
 *  as letters. */
#ifndef TW_TEXT_PATTERN_INTERNAL_H
#define TW_TEXT_PATTERN_INTERNAL_H

#include "text_internal.h"

/* ---------------------------------------------------------------- names of hits */

#define HIT_LIST(X)                                                                                                    \
    X(HIT_DATE, "date")             /* day, month and year */                                                          \
    X(HIT_DAY_MONTH, "day-month")   /* "3 March", "04/12" in a place where only a date stands */                       \
    X(HIT_MONTH_YEAR, "month-year") /* "Mar '21", "07/2014" */                                                         \
    X(HIT_MONTH, "month")           /* "in March" */                                                                   \
    X(HIT_HOLIDAY, "holiday")                                                                                          \
    X(HIT_ORDINAL, "ordinal") /* "the 9th" */                                                                          \
    X(HIT_RATIO, "ratio")     /* "N/N" that may be either: hint */                                                     \
    X(HIT_PHONE, "phone")                                                                                              \
    X(HIT_EXTENSION, "extension") /* short numbers after "ext", "pager" */                                             \
    X(HIT_EMAIL, "email")                                                                                              \
    X(HIT_URL, "url")                                                                                                  \
    X(HIT_IP, "ip")                                                                                                    \
    X(HIT_ID_KEYED, "id-keyed")     /* after "MRN", "Acct #" */                                                        \
    X(HIT_ID_CODE, "id-code")       /* letters and many digits */                                                      \
    X(HIT_ID_DIGITS, "id-digits")   /* seven digits or more */                                                         \
    X(HIT_ID_CHECKED, "id-checked") /* SSN, card, IBAN, NHS number, VIN, UUID: a form or a check digit */              \
    X(HIT_LOGIN, "login")                                                                                              \
    X(HIT_STREET, "street")                                                                                            \
    X(HIT_UNIT, "unit")                                                                                                \
    X(HIT_ZIP, "zip")                                                                                                  \
    X(HIT_CITY, "city") /* before a state and a zip */                                                                 \
    X(HIT_AGE, "age")                                                                                                  \
    X(HIT_ORG, "org")

typedef enum {
    HIT_NONE,
#define X(name, text) name,
    HIT_LIST(X)
#undef X
        HIT_KINDS
} text_hit;

/* ---------------------------------------------------------------- words that trigger a look (pattern_words.c) */

typedef enum {
    TRIGGER_MONTH,         /* value: MONTH_ bits */
    TRIGGER_HOLIDAY,       /* value 1: only when written with a capital or after a preposition */
    TRIGGER_DAY,           /* "day", "eve" behind the name of a feast */
    TRIGGER_ID,            /* value: fewest digits of what follows */
    TRIGGER_LOGIN,         /* what follows may be letters alone */
    TRIGGER_PHONE,         /* value: fewest digits of what follows */
    TRIGGER_STREET,        /* "street", "rd" behind a number and a name */
    TRIGGER_STREET_BEFORE, /* "calle", "rua" before them */
    TRIGGER_UNIT,          /* "apt", "suite" */
    TRIGGER_POBOX,         /* "po box" */
    TRIGGER_ORG,           /* head of a name, behind it: value 1 when it must be capitalised ("General") */
    TRIGGER_ORG_BEFORE,    /* "university of", "church of" */
    TRIGGER_ORDINAL,       /* "fifteenth" */
    TRIGGER_AGE,           /* "ninety", "hundred" */
} text_trigger;

#define MONTH_SHORT 1u /* "jan" */
#define MONTH_DOUBT 2u /* also another word or name: "april", "dec" */
#define MONTH_VERB 4u  /* "may", "march" */

/** Words in lower case, parted by '|', that mean the same to a checker. */
typedef struct {
    uint8_t trigger;
    uint8_t value;
    const char *words;
} trigger_words;

/** Ends with words NULL. NULL: no such language. */
const trigger_words *trigger_words_of(tw_str language);

/* ---------------------------------------------------------------- the note under the cursor */

typedef struct {
    tw_ctx *cx;
    text_marks *marks;
    const char *t; /* as written */
    const char *l; /* lower case, as many bytes */
    uint32_t n;
    uint32_t number_end; /* digits before this are read already */
    uint32_t net_end;    /* of the last IPv6 address */
    uint32_t date_end;   /* of the last date that is sure */
    bool cased;          /* has lower and upper case: a capital says something */
    bool day_first;      /* 03/04 is the third of April */
} text_scan;

static inline bool ch_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}
/** Letters of norm and of lower; all of UTF-8 beyond ASCII. */
static inline bool ch_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}
static inline bool ch_word(char c)
{
    return tw_is_digit(c) || ch_alpha(c);
}
static inline bool ch_blank(char c)
{
    return c == ' ' || c == '\t';
}
/** Byte i of the note in lower case; 0 outside. */
static inline char at(const text_scan *s, uint32_t i)
{
    return i < s->n ? s->l[i] : '\0';
}
static inline char before(const text_scan *s, uint32_t i)
{
    return i > 0 && i <= s->n ? s->l[i - 1] : '\0';
}
/** No letter or digit on the outer sides of [start, end). */
static inline bool bordered(const text_scan *s, uint32_t start, uint32_t end)
{
    return !ch_word(before(s, start)) && !ch_word(at(s, end));
}

/** How far a checker looks for the end of a word, a token or an address: text without blanks costs no more. */
#define REACH 64u
/** The first byte at or after i that begins a character. */
uint32_t character_at(const text_scan *s, uint32_t i);
uint32_t digits_end(const text_scan *s, uint32_t i); /* end of the digits at i */
uint32_t word_end(const text_scan *s, uint32_t i);   /* end of the letters at i */
uint32_t blanks_end(const text_scan *s, uint32_t i);
/** The number in [start, end), at most 9 digits; -1 when longer. */
int32_t number_at(const text_scan *s, uint32_t start, uint32_t end);
/** The run of letters before i, over blanks and the marks in `skip`; empty when something else stands there. */
tw_str word_before(const text_scan *s, uint32_t i, const char *skip);
/** One of the words of `list`, which are parted by blanks. */
bool word_in(tw_str word, const char *list);
/** The same, of the list for its first letter; NULL: none begins so. */
bool word_in_letter(tw_str word, const char *const list[26]);
/** A word that makes a number a measure follows: "mg", "%", "mmHg", "days". */
bool unit_follows(const text_scan *s, uint32_t i);

void hit_add(text_scan *s, uint32_t start, uint32_t end, text_hit hit, bool sure);

/* ---------------------------------------------------------------- checkers: what they find they add */

/** At the first digit of a run. */
void check_number(text_scan *s, uint32_t digit);
bool check_number_date(text_scan *s, uint32_t digit); /* true: what stands there is read */
bool check_number_phone(text_scan *s, uint32_t digit);
bool check_number_id(text_scan *s, uint32_t digit);
bool check_number_place(text_scan *s, uint32_t digit);
bool check_number_age(text_scan *s, uint32_t digit);

/** The name of a system of codes stands before byte i in its line: "SNOMED 73211009; 38341003". */
bool code_system_near(const text_scan *s, uint32_t i);

/** At a word [start, end) of the list. */
void check_month(text_scan *s, uint32_t start, uint32_t end, unsigned value);
void check_holiday(text_scan *s, uint32_t start, uint32_t end, unsigned value);
void check_ordinal_word(text_scan *s, uint32_t start, uint32_t end, unsigned value);
void check_day(text_scan *s, uint32_t start, uint32_t end, unsigned value);
void check_id_key(text_scan *s, uint32_t start, uint32_t end, unsigned value);
void check_login(text_scan *s, uint32_t start, uint32_t end, unsigned value);
void check_phone_key(text_scan *s, uint32_t start, uint32_t end, unsigned value);
void check_street(text_scan *s, uint32_t start, uint32_t end, unsigned value);
void check_street_before(text_scan *s, uint32_t start, uint32_t end, unsigned value);
void check_unit(text_scan *s, uint32_t start, uint32_t end, unsigned value);
void check_pobox(text_scan *s, uint32_t start, uint32_t end, unsigned value);
void check_org(text_scan *s, uint32_t start, uint32_t end, unsigned value);
void check_org_before(text_scan *s, uint32_t start, uint32_t end, unsigned value);
void check_age_word(text_scan *s, uint32_t start, uint32_t end, unsigned value);

/** At '@', behind "http://" or "www.", inside an IPv6 address, at a UUID's end. */
void check_email(text_scan *s, uint32_t at_sign);
void check_url(text_scan *s, uint32_t end);
void check_ip6(text_scan *s, uint32_t end);
void check_uuid(text_scan *s, uint32_t end);

/* ---------------------------------------------------------------- dates (date.c) */

typedef enum { PART_YEAR, PART_MONTH, PART_DAY, PART_WEEKDAY } date_part;

typedef enum {
    DATE_FULL,
    DATE_DAY_MONTH, /* with the month's name */
    DATE_DAY_DAY,   /* "3/4": which is which is a guess */
    DATE_MONTH_YEAR,
    DATE_MONTH
} date_form;

typedef struct {
    uint32_t start, end;
    struct {
        uint8_t part;
        uint32_t start, end;
    } part[4]; /* in the order in which they stand */
    uint8_t parts;
    uint8_t form;
    bool named;         /* the month stands in letters */
    bool compact;       /* 20210304 */
    int32_t year;       /* four digits; 0: none */
    uint8_t month, day; /* 0: none */
} text_date;

/** The date that begins at byte `at` of l, in lower case: true, and where it ends. Impossible days are no dates.
 *  A time of day behind it is not read. */
bool date_read(text_date *out, tw_str l, uint32_t start, bool day_first);
/** Days moved by `days`, written in the form of the old one: text of [start, end) of `t`, as written. false: it has no
 *  month, or leaves the years 1 to 9999. */
bool date_write(tw_buf *out, const text_date *d, tw_str t, int32_t days);
/** 1 to 12 for the name of a month in English or Spanish, whole or cut off; 0: none. */
unsigned month_of(tw_str lower_word);
/** 1 (Monday) to 7; 0: none. */
unsigned weekday_of(tw_str lower_word);

/* ---------------------------------------------------------------- words folded (fold.c) */

#define FOLD_MAX 48 /* bytes of a folded word: the rest is cut off */

/** Latin letters of a word in lower case without their accents: "josé" is "jose"; other bytes stay. Length. */
size_t word_fold(char out[FOLD_MAX], tw_str lower);
uint64_t word_hash(tw_str lower); /* of the folded word */
/** At most one letter put in, left out, changed, or two beside each other swapped. */
bool word_near(tw_str a, tw_str b);
/** A surname or given name that is also a plain word: "may", "white", "long". */
bool word_common(tw_str folded);
/** "van", "de", "bin": parts of names that name nobody. */
bool word_particle(tw_str folded);
/** "dr", "md", "jr": stands beside a name. */
bool word_title(tw_str folded);
/** Calls `each` for the other forms of a given name: "bill" for "william". */
void nicknames_of(tw_str folded, void (*each)(void *arg, tw_str name), void *arg);

/* ---------------------------------------------------------------- surrogates (surrogate.c) */

/** Another value of the same kind and shape in place of `text`; false: there is none, and nothing is written.
 *  Derived by HMAC-SHA-256 from the key and the value without case, accents and separators, so that one person's
 *  values have one surrogate each in all of the person's notes. */
bool surrogate_write(tw_buf *out, const tw_text_model *m, tw_str text, tw_text_kind kind,
                     const tw_text_replace_opts *opts);

#endif
