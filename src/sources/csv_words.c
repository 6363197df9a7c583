/* What a mapping may speak of: types, elements, words; check digits of codes. */
#include "sources/csv_internal.h"

#define BIT(t) (1u << TW_CM_##t)
#define MEDS (BIT(REQUEST) | BIT(STATEMENT) | BIT(ADMINISTRATION))
#define CLINICAL                                                                                                       \
    (BIT(CONDITION) | BIT(OBSERVATION) | MEDS | BIT(PROCEDURE) | BIT(ALLERGY) | BIT(IMMUNIZATION) | BIT(ENCOUNTER))

static const char *const type_name[] = {
#define X(name, text) text,
    TW_CM_TYPE_LIST(X)
#undef X
};

static const struct {
    const char *name;
    tw_el_kind kind;
} element[] = {
#define X(name, text, kind) { text, TW_ELK_##kind },
    TW_EL_LIST(X)
#undef X
};

/* Elements that are not of a Patient alone. */
static const unsigned element_types[TW_EL_COUNT] = {
    [TW_EL_PATIENT] = CLINICAL | BIT(PATIENT),
    [TW_EL_STATUS] = CLINICAL,
    [TW_EL_STATUS_ENDED] = BIT(ENCOUNTER) | BIT(CONDITION) | MEDS | BIT(PROCEDURE) | BIT(ALLERGY),
    [TW_EL_VERIFICATION] = BIT(CONDITION) | BIT(ALLERGY),
    [TW_EL_CATEGORY] = BIT(CONDITION) | BIT(OBSERVATION) | BIT(ALLERGY),
    [TW_EL_CLASS] = BIT(ENCOUNTER),
    [TW_EL_ALLERGY_TYPE] = BIT(ALLERGY),
    [TW_EL_CRITICALITY] = BIT(ALLERGY),
    [TW_EL_INTERPRETATION] = BIT(OBSERVATION),
    [TW_EL_TIME] = BIT(OBSERVATION) | BIT(STATEMENT) | BIT(ADMINISTRATION) | BIT(PROCEDURE) | BIT(IMMUNIZATION),
    [TW_EL_START] = CLINICAL & ~BIT(IMMUNIZATION),
    [TW_EL_FINISH] = CLINICAL & ~BIT(IMMUNIZATION),
    [TW_EL_RECORDED] =
        BIT(CONDITION) | BIT(OBSERVATION) | BIT(REQUEST) | BIT(STATEMENT) | BIT(ALLERGY) | BIT(IMMUNIZATION),
    [TW_EL_UNIT] = BIT(OBSERVATION),
    [TW_EL_COMPARATOR] = BIT(OBSERVATION),
    [TW_EL_DOSE] = MEDS | BIT(IMMUNIZATION),
    [TW_EL_DOSE_UNIT] = MEDS | BIT(IMMUNIZATION),
    [TW_EL_LOT] = BIT(IMMUNIZATION),
};

/* FHIR R4: the required value sets; of the rest those words that a source may have. */
static const struct {
    tw_el el;
    tw_cm_type type; /* TW_CM_TYPES: any */
    const char *words;
} word_list[] = {
    { TW_EL_STATUS, TW_CM_ENCOUNTER,
      "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown" },
    { TW_EL_STATUS, TW_CM_CONDITION, "active recurrence relapse inactive remission resolved" },
    { TW_EL_STATUS, TW_CM_OBSERVATION,
      "registered preliminary final amended corrected cancelled entered-in-error unknown" },
    { TW_EL_STATUS, TW_CM_REQUEST, "active on-hold cancelled completed entered-in-error stopped draft unknown" },
    { TW_EL_STATUS, TW_CM_STATEMENT, "active completed entered-in-error intended stopped on-hold unknown not-taken" },
    { TW_EL_STATUS, TW_CM_ADMINISTRATION, "in-progress not-done on-hold completed entered-in-error stopped unknown" },
    { TW_EL_STATUS, TW_CM_PROCEDURE,
      "preparation in-progress not-done on-hold stopped completed entered-in-error unknown" },
    { TW_EL_STATUS, TW_CM_ALLERGY, "active inactive resolved" },
    { TW_EL_STATUS, TW_CM_IMMUNIZATION, "completed entered-in-error not-done" },
    { TW_EL_VERIFICATION, TW_CM_CONDITION, "unconfirmed provisional differential confirmed refuted entered-in-error" },
    { TW_EL_VERIFICATION, TW_CM_ALLERGY, "unconfirmed confirmed refuted entered-in-error" },
    { TW_EL_CATEGORY, TW_CM_CONDITION, "problem-list-item encounter-diagnosis" },
    { TW_EL_CATEGORY, TW_CM_OBSERVATION,
      "social-history vital-signs imaging laboratory procedure survey exam therapy activity" },
    { TW_EL_CATEGORY, TW_CM_ALLERGY, "food medication environment biologic" },
    { TW_EL_CLASS, TW_CM_ENCOUNTER, "AMB EMER FLD HH IMP ACUTE NONAC OBSENC PRENC SS VR" },
    { TW_EL_ALLERGY_TYPE, TW_CM_ALLERGY, "allergy intolerance" },
    { TW_EL_CRITICALITY, TW_CM_ALLERGY, "low high unable-to-assess" },
    { TW_EL_INTERPRETATION, TW_CM_OBSERVATION, "N L LL H HH A AA < > U D POS NEG IND S I R DET ND" },
    { TW_EL_COMPARATOR, TW_CM_TYPES, "< <= >= >" },
    { TW_EL_DECEASED, TW_CM_TYPES, "true false" },
    { TW_EL_SEX, TW_CM_TYPES, "male female other unknown" },
    { TW_EL_MARITAL, TW_CM_TYPES, "A D I L M P S T U W" },
};

const char *tw_cm_type_name(tw_cm_type t)
{
    return type_name[t];
}

tw_cm_type tw_cm_type_of(tw_str name)
{
    unsigned t = 0;
    while (t < TW_CM_TYPES && !tw_str_is(name, type_name[t]))
        t++;
    return (tw_cm_type)t;
}

const char *tw_el_name(tw_el e)
{
    return element[e].name;
}

tw_el tw_el_of(tw_str name)
{
    unsigned e = 0;
    while (e < TW_EL_COUNT && !tw_str_is(name, element[e].name))
        e++;
    return (tw_el)e;
}

tw_el_kind tw_el_kind_of(tw_el e)
{
    return element[e].kind;
}

bool tw_el_allowed(tw_el e, tw_cm_type t)
{
    unsigned types = element_types[e] ? element_types[e] : BIT(PATIENT);
    return types & 1u << t;
}

bool tw_cm_concept_allowed(tw_cm_concept c, tw_cm_type t)
{
    static const unsigned types[TW_CONCEPT_COUNT] = {
        [TW_CONCEPT_CODE] = CLINICAL,
        [TW_CONCEPT_REASON] = BIT(ENCOUNTER) | MEDS | BIT(PROCEDURE),
        [TW_CONCEPT_ROUTE] = MEDS | BIT(IMMUNIZATION),
    };
    return types[c] & 1u << t;
}

const char *tw_el_words(tw_el e, tw_cm_type t)
{
    if (e == TW_EL_STATUS_ENDED)
        e = TW_EL_STATUS;
    for (size_t i = 0; i < TW_COUNT(word_list); i++)
        if (word_list[i].el == e && (word_list[i].type == t || word_list[i].type == TW_CM_TYPES))
            return word_list[i].words;
    return NULL;
}

bool tw_cm_word_in(const char *list, tw_str word)
{
    tw_str rest = tw_str_of(list);
    tw_str one;
    while (tw_str_split(&one, &rest, ' '))
        if (tw_str_eq(one, word))
            return true;
    return false;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool tw_cm_name_fits(tw_str pattern, tw_str name)
{
    for (size_t i = name.n; i > 0; i--)
        if (name.p[i - 1] == '/') {
            name = (tw_str){ name.p + i, name.n - i };
            break;
        }
    size_t p = 0;
    size_t n = 0;
    size_t star = SIZE_MAX;
    size_t again = 0;
    while (n < name.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = ++p;
            again = n;
        } else if (p < pattern.n && (pattern.p[p] == '?' || lower(pattern.p[p]) == lower(name.p[n]))) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star;
            n = ++again;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

static bool is_oid(tw_str s)
{
    size_t dots = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '.' && (s.p[i] < '0' || s.p[i] > '9'))
            return false;
        dots += s.p[i] == '.';
    }
    return dots >= 2;
}

tw_str tw_cm_system(tw_str text)
{
    if (tw_str_starts(text, "http://") || tw_str_starts(text, "https://"))
        return text;
    if (tw_str_starts(text, "urn:oid:") || is_oid(text)) {
        tw_str known = tw_system_by_oid(text);
        return known.n > 0 || is_oid(text) ? known : text;
    }
    return tw_str_starts(text, "urn:") ? text : tw_system_by_name(text);
}

/* ---------------------------------------------------------------- check digits */

static bool digits_only(tw_str s, size_t min, size_t max)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n >= min && s.n <= max;
}

/* LOINC Users' Guide, "Calculating Mod 10 check digits"; parts and answers begin with LP and LA, whose letters count as
 * their distance from '0'. */
bool tw_csv_is_loinc(tw_str s)
{
    size_t from = tw_str_starts(s, "LA") || tw_str_starts(s, "LP") ? 2 : 0;
    if (s.n < from + 3 || s.p[s.n - 2] != '-' || !digits_only((tw_str){ s.p + s.n - 1, 1 }, 1, 1) ||
        !digits_only((tw_str){ s.p + from, s.n - 2 - from }, 1, 8))
        return false;
    int sum = 0;
    for (size_t i = 0; i < s.n - 2; i++) {
        int d = s.p[s.n - 3 - i] - '0';
        sum += i % 2 ? d : 2 * d - d / 5 * 9;
    }
    return (10 - sum % 10) % 10 == s.p[s.n - 1] - '0';
}

/* SNOMED CT Technical Implementation Guide, "Check-digit": Verhoeff, by the dihedral group of ten. */
bool tw_csv_is_snomed(tw_str s)
{
    static const uint8_t first[10] = { 1, 5, 7, 6, 2, 8, 3, 0, 9, 4 };
    if (!digits_only(s, 6, 18) || s.p[0] == '0')
        return false;
    unsigned c = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned v = (unsigned)(s.p[s.n - 1 - i] - '0');
        for (size_t k = 0; k < i % 8; k++)
            v = first[v];
        /* c * v: rotations are 0..4, reflections 5..9. */
        unsigned turn = c < 5 ? c + v % 5 : c + 5 - v % 5;
        c = turn % 5 + ((c < 5) == (v < 5) ? 0 : 5);
    }
    return c == 0;
}
