/* Inside of the generator. One person after the other; within a person one hospital after the other. Randomness comes
 * from streams named by (seed, person, hospital, matter), so that a change in one matter moves nothing else. */
#ifndef TW_SYNTH_INTERNAL_H
#define TW_SYNTH_INTERNAL_H

#include "sources/sources.h"

/* ---- chance (SplitMix64: Steele, Lea, Flood, OOPSLA 2014)
 * At most one draw a statement: arguments are evaluated in no order, and TW_ARG evaluates its own twice. */

typedef struct {
    uint64_t state;
} tw_chance;

typedef enum {
    TW_FOR_PERSON = 1,
    TW_FOR_MEMBER,
    TW_FOR_PATIENT,
    TW_FOR_CARE,
    TW_FOR_SERIES,
    TW_FOR_MESS,
    TW_FOR_HOSPITAL,
    TW_FOR_IDS
} tw_chance_matter;
tw_chance tw_chance_of(uint64_t seed, uint64_t person, uint64_t hospital, tw_chance_matter matter);
uint64_t tw_chance_next(tw_chance *c);
uint32_t tw_chance_below(tw_chance *c, uint32_t n); /* n > 0 */
/* from .. from + n - 1, as text "12.3" of tenths */
tw_str tw_chance_tenths(tw_arena *a, tw_chance *c, uint32_t from, uint32_t n);
/* `digits` decimal digits, at most 9 */
tw_str tw_chance_digits(tw_arena *a, tw_chance *c, unsigned digits);
bool tw_chance_one_in(tw_chance *c, uint32_t n);

/* ---- words; no word of 8 or more letters that are all hex digits, so that a scan for one does not hit hashes */

extern const char *const tw_synth_men[];
extern const size_t tw_synth_men_count;
extern const char *const tw_synth_women[];
extern const size_t tw_synth_women_count;
extern const char *const tw_synth_families[];
extern const size_t tw_synth_families_count;
extern const char *const tw_synth_streets[];
extern const size_t tw_synth_streets_count;
typedef struct {
    const char *town, *state, *zip;
} tw_synth_town;
extern const tw_synth_town tw_synth_towns[];
extern const size_t tw_synth_towns_count;
extern const char *const tw_synth_house_names[TW_SYNTH_HOSPITALS_MAX]; /* of hospitals */
/* "Zoë O'Neill" to "ZOE ONEILL" */
tw_str tw_synth_plain(tw_arena *a, tw_str name);

/* ---- times */

/* Local minute of a day, as the hospital writes it: Eastern time with its offset, or UTC. */
tw_str tw_synth_time(tw_arena *a, int64_t day, int minute, bool utc, bool second_pass);
/* The Sunday in November when clocks go back, in the year of `day`. */
int64_t tw_synth_clock_night(int64_t day);
/* v >= 0 with at most `decimals` digits after the point, half up, no trailing zeroes. */
tw_str tw_synth_decimal(tw_arena *a, double v, unsigned decimals);

/* ---- people and hospitals */

typedef struct {
    tw_str given, family, name, npi;
} tw_synth_provider;

#define TW_SYNTH_PROVIDERS 6
#define TW_SYNTH_TABLES 9 /* of a hospital that exports CSV: synth_table.c */

typedef enum {
    TW_SECTION_ALLERGIES,
    TW_SECTION_MEDICATIONS,
    TW_SECTION_PROBLEMS,
    TW_SECTION_PROCEDURES,
    TW_SECTION_RESULTS,
    TW_SECTION_VITALS,
    TW_SECTION_ENCOUNTERS,
    TW_SECTION_IMMUNIZATIONS,
    TW_SYNTH_SECTIONS
} tw_synth_section; /* of a C-CDA document */
typedef enum {
    TW_STYLE_SEARCHSET,
    TW_STYLE_TRANSACTION,
    TW_STYLE_COLLECTION
} tw_synth_style; /* hospital number mod 3 */

typedef struct {
    uint32_t index;
    tw_synth_style style;
    tw_str folder, name, host, mrn_system, id; /* id of its Organization */
    tw_synth_provider provider[TW_SYNTH_PROVIDERS];
    tw_synth_format format;
    uint32_t messages;    /* numbered so far, or documents */
    tw_map *numbers;      /* local numbers given out */
    tw_buf late;          /* what comes late: lines, messages or rows */
    tw_buf table[TW_SYNTH_TABLES];
} tw_synth_hospital;

typedef struct {
    tw_synth_hospital *h;
    tw_str mrn;
    tw_str patient_id;
    tw_str given, family; /* as this hospital spells them */
} tw_synth_member;

typedef struct {
    uint32_t index;
    bool woman;
    tw_str given, middle, family, maiden, kin, kin_phone;
    tw_str street, town, state, zip, phone, phone_plain, email, ssn;
    tw_str birth, birth_us; /* 1947-05-03, 05/03/1947 */
    int64_t birth_day;
    int64_t first_day; /* of care */
    int64_t last_day;
    tw_synth_series series;
    tw_synth_member member[3];
    uint32_t members;
} tw_synth_person;

typedef struct {
    tw_ctx *cx;
    tw_ctx in; /* of the person at hand */
    tw_synth_opts opts;
    tw_synth_sink sink;
    tw_synth_report report;
    tw_synth_hospital hospital[TW_SYNTH_HOSPITALS_MAX];
    tw_arena *keep;
    tw_buf planted, people, bundle, resource;
    tw_buf section[TW_SYNTH_SECTIONS];
    tw_map *planted_seen;
} tw_synth;

void tw_synth_plant(tw_synth *y, const char *kind, tw_str value, uint32_t person /* from 1; 0: of none */,
                    const char *place);
void tw_synth_hospital_make(tw_synth *y, uint32_t index);
/* Identity, places of care and days; series is set. */
void tw_synth_person_make(tw_synth *y, tw_synth_person *p, uint32_t index, tw_synth_series series);
/* A number of the hospital's form with one digit wrong, that nobody has. */
tw_str tw_synth_mistype(tw_synth *y, tw_synth_hospital *h, tw_str mrn, tw_chance *c);

/* ---- a person at a hospital, while its Bundle is written */

typedef struct {
    tw_synth *y;
    const tw_synth_person *p;
    const tw_synth_member *m;
    tw_synth_hospital *h;
    tw_jw out; /* the Bundle */
    tw_jw w;   /* the resource */
    uint32_t next_id;
    tw_str id; /* of the resource at hand */
    const char *type;
    tw_str *history; /* what comes late, turned round at the end */
    size_t lines, lines_max;
    tw_status failed; /* of a file written on the way */
} tw_desk;

typedef enum {
    TW_TO_BUNDLE = 1,
    TW_TO_BUNDLE_TWICE = 2,
    TW_TO_LATE = 4,
    TW_IS_REFUSED = 8,
    TW_IS_DEAD = 16,
    TW_IS_STRANGER = 32,
    TW_IN_A_BUNDLE = 64 /* a late line that is a Bundle of one */
} tw_desk_flags;

tw_status tw_desk_open(tw_desk *d);
tw_status tw_desk_close(tw_desk *d);
/* A resource with a fresh id, or with `id`; version counts from 1. */
tw_jw *tw_desk_begin(tw_desk *d, const char *type, tw_str id, uint32_t version, int64_t day);
void tw_desk_end(tw_desk *d, unsigned flags);
/* A line that is no resource. */
void tw_desk_broken_line(tw_desk *d, tw_str line);
/* Something that comes late: a line with its LF, a message. */
void tw_desk_late(tw_desk *d, tw_str bytes);
tw_str tw_desk_new_id(tw_desk *d);
bool tw_desk_utc(const tw_desk *d);

void tw_desk_coding(tw_jw *w, const char *system, const char *code, const char *display);
/* "code": {"coding": [..], "text": ..}; text may be "" */
void tw_desk_concept(tw_jw *w, const char *key, const char *system, const char *code, const char *display, tw_str text);
void tw_desk_subject(tw_desk *d, const char *key, bool late);
void tw_desk_ref(tw_desk *d, const char *key, const char *type, tw_str id, bool late);
void tw_desk_category(tw_jw *w, const char *system, const char *code);
void tw_desk_time(tw_desk *d, const char *key, int64_t day, int minute);
void tw_desk_period(tw_desk *d, const char *key, int64_t day, int minute, int minutes);
void tw_desk_quantity(tw_jw *w, tw_str value, const char *unit, const char *ucum);
/* Someone of the staff, by name. */
void tw_desk_provider(tw_desk *d, const char *key, tw_chance *c);
void tw_desk_plant(tw_desk *d, const char *kind, tw_str value, const char *place);
tw_arena *tw_desk_arena(tw_desk *d);

#define TW_LOINC "http://loinc.org"
#define TW_SNOMED "http://snomed.info/sct"
#define TW_UCUM "http://unitsofmeasure.org"
#define TW_RXNORM "http://www.nlm.nih.gov/research/umls/rxnorm"
#define TW_ICD10 "http://hl7.org/fhir/sid/icd-10-cm"
#define TW_V2_0203 "http://terminology.hl7.org/CodeSystem/v2-0203"

void tw_synth_write_patient(tw_desk *d);
void tw_synth_write_care(tw_desk *d);
void tw_synth_write_series(tw_desk *d);
void tw_synth_write_mess(tw_desk *d);
/* The hospital's Organization, Location and staff. */
tw_status tw_synth_write_directory(tw_synth *y, tw_synth_hospital *h);
void tw_synth_write_weight(tw_desk *d, tw_chance *c, int64_t day, tw_str encounter, const char *status, unsigned flags,
                           tw_str other_mrn);

#endif
