/* Problems, allergies, results, vital signs and other observations. */
#include "sources/ccda_internal.h"

#define CLINICAL "http://terminology.hl7.org/CodeSystem/condition-clinical"
#define VERIFIED "http://terminology.hl7.org/CodeSystem/condition-ver-status"
#define ALLERGY_CLINICAL "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
#define ALLERGY_VERIFIED "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
#define CATEGORY "http://terminology.hl7.org/CodeSystem/condition-category"
#define CONCERN_CATEGORY "http://hl7.org/fhir/us/core/CodeSystem/condition-category"
#define OBSERVED "http://terminology.hl7.org/CodeSystem/observation-category"

static tw_str status_of(const tw_ccda *x, uint32_t e)
{
    return tw_ccda_code(x, tw_xml_child(x->d, e, "statusCode"));
}

/* The observation inside `e` whose own code is `code`; by relationship where `type` is given. */
static uint32_t inner(const tw_ccda *x, uint32_t from, uint32_t e, const char *type, const char *code)
{
    uint32_t r = from == TW_XML_NONE ? tw_xml_child(x->d, e, "entryRelationship")
                                     : tw_xml_sibling(x->d, x->d->elem[from].parent, "entryRelationship");
    for (; r != TW_XML_NONE; r = tw_xml_sibling(x->d, r, "entryRelationship")) {
        uint32_t o = tw_xml_child(x->d, r, "observation");
        if (o != TW_XML_NONE && (!type || tw_str_is(tw_xml_value(x->d, r, "typeCode"), type)) &&
            (!code || tw_str_is(tw_ccda_code(x, tw_xml_child(x->d, o, "code")), code)))
            return o;
    }
    return TW_XML_NONE;
}

static const char *looked_up(const char *const map[][2], size_t n, tw_str key)
{
    for (size_t i = 0; i < n; i++)
        if (tw_str_is(key, map[i][0]))
            return map[i][1];
    return NULL;
}
#define LOOK_UP(map, key) looked_up((map), TW_COUNT(map), (key))

/* Status of a problem or an allergy: its own status observation, else whether it ended, else its concern. */
static const char *clinical_status(tw_ccda *x, uint32_t e, const tw_ccda_span *t)
{
    static const char *const said[][2] = { { "55561003", "active" },    { "73425007", "inactive" },
                                           { "413322009", "resolved" }, { "246455001", "recurrence" },
                                           { "263855007", "relapse" },  { "277022003", "remission" } };
    static const char *const concern[][2] = {
        { "active", "active" }, { "completed", "resolved" }, { "suspended", "inactive" }, { "aborted", "inactive" }
    };
    uint32_t o = inner(x, TW_XML_NONE, e, NULL, "33999-4");
    const char *s = o == TW_XML_NONE ? NULL : LOOK_UP(said, tw_ccda_code(x, tw_xml_child(x->d, o, "value")));
    bool ended = t->high.precision != TW_WHEN_NONE || t->high_unknown;
    if (!s && !ended)
        s = LOOK_UP(concern, status_of(x, x->concern != TW_XML_NONE ? x->concern : e));
    if (!ended)
        return s;
    return s && strcmp(s, "active") != 0 && strcmp(s, "recurrence") != 0 && strcmp(s, "relapse") != 0 ? s : "resolved";
}

/* ---------------------------------------------------------------- Condition */

static void condition_category(tw_ccda *x)
{
    if (x->encounter.n > 0)
        tw_ccda_fixed_list(x, "category", CATEGORY, "encounter-diagnosis");
    else if (x->section == TW_CCDA_PROBLEMS)
        tw_ccda_fixed_list(x, "category", CATEGORY, "problem-list-item");
    else if (x->section == TW_CCDA_CONCERNS)
        tw_ccda_fixed_list(x, "category", CONCERN_CATEGORY, "health-concern");
}

bool tw_ccda_condition(tw_ccda *x, uint32_t e)
{
    uint32_t value = tw_xml_child(x->d, e, "value");
    tw_ccda_span t = tw_ccda_time(x, tw_xml_child(x->d, e, "effectiveTime"));
    tw_when recorded = tw_ccda_recorded(x, e);
    tw_when start = tw_ccda_start(&t);
    bool negated = tw_ccda_negated(x, e);
    bool error = tw_str_is(status_of(x, e), "nullified");
    if (!tw_ccda_open(x, "Condition", e, value, &t))
        return false;
    const char *clinical = negated || error ? NULL : clinical_status(x, e, &t);
    if (clinical)
        tw_ccda_fixed(x, "clinicalStatus", CLINICAL, clinical);
    if (negated || error)
        tw_ccda_fixed(x, "verificationStatus", VERIFIED, error ? "entered-in-error" : "refuted");
    condition_category(x);
    if (!tw_ccda_concept(x, "code", value))
        tw_ccda_fault(x, value == TW_XML_NONE ? e : value, "a problem without a code");
    tw_fo_when(&x->out, "onsetDateTime", &start, x->zone);
    tw_fo_when(&x->out, "abatementDateTime", &t.high, x->zone);
    tw_fo_when(&x->out, "recordedDate", &recorded, x->zone);
    tw_ccda_close(x, "subject", "encounter");
    return true;
}

/* ---------------------------------------------------------------- AllergyIntolerance */

static const char *const allergy_type[][2] = {
    { "416098002", "allergy" },     { "419199007", "allergy" }, { "414285001", "allergy" },
    { "232347008", "allergy" },     { "426232007", "allergy" }, { "59037007", "intolerance" },
    { "235719002", "intolerance" },
};
static const char *const allergy_category[][2] = {
    { "416098002", "medication" },  { "419511003", "medication" },  { "59037007", "medication" },
    { "414285001", "food" },        { "418471000", "food" },        { "235719002", "food" },
    { "426232007", "environment" }, { "232347008", "environment" },
};
/* C-CDA on FHIR, CF-NoKnownAllergies. */
static const char *const no_known[][2] = { { "419199007", "716186003" }, { "420134006", "716186003" },
                                           { "418038007", "716186003" }, { "416098002", "409137002" },
                                           { "419511003", "409137002" }, { "414285001", "429625007" },
                                           { "418471000", "429625007" }, { "426232007", "428607008" },
                                           { "232347008", "428607008" } };
static const char *const severities[][2] = { { "255604002", "mild" },   { "371923003", "moderate" },
                                             { "6736007", "moderate" }, { "371924009", "severe" },
                                             { "24484000", "severe" },  { "399166001", "severe" } };

static const char *severity_of(const tw_ccda *x, uint32_t e)
{
    uint32_t o = inner(x, TW_XML_NONE, e, NULL, "SEV");
    return o == TW_XML_NONE ? NULL : LOOK_UP(severities, tw_ccda_code(x, tw_xml_child(x->d, o, "value")));
}

static void one_reaction(tw_ccda *x, uint32_t o, const char *outer)
{
    tw_coded c[TW_CCDA_CODES];
    size_t n = tw_ccda_codes(x, c, tw_xml_child(x->d, o, "value"));
    const char *severity = severity_of(x, o);
    tw_ccda_span t = tw_ccda_time(x, tw_xml_child(x->d, o, "effectiveTime"));
    tw_when start = tw_ccda_start(&t);
    tw_jw *w = &x->out.w;
    tw_jw_object(w);
    tw_jw_key(w, "manifestation");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_jw_key(w, "coding");
    tw_jw_array(w);
    for (size_t i = 0; i < n; i++) {
        tw_jw_object(w);
        tw_fo_text(&x->out, "system", c[i].system);
        tw_fo_text(&x->out, "code", c[i].code);
        tw_fo_text(&x->out, "display", c[i].display);
        tw_jw_object_end(w);
    }
    tw_jw_array_end(w);
    tw_jw_object_end(w);
    tw_jw_array_end(w);
    tw_fo_when(&x->out, "onset", &start, x->zone);
    if (severity || outer)
        tw_ccda_word(x, "severity", severity ? severity : outer);
    tw_jw_object_end(w);
}

static void reactions(tw_ccda *x, uint32_t e)
{
    tw_coded c[TW_CCDA_CODES];
    bool open = false;
    const char *severity = severity_of(x, e);
    for (uint32_t o = inner(x, TW_XML_NONE, e, "MFST", NULL); o != TW_XML_NONE; o = inner(x, o, e, "MFST", NULL)) {
        if (tw_ccda_negated(x, o) || tw_ccda_codes(x, c, tw_xml_child(x->d, o, "value")) == 0)
            continue;
        if (!open) {
            tw_jw_key(&x->out.w, "reaction");
            tw_jw_array(&x->out.w);
        }
        open = true;
        one_reaction(x, o, severity);
    }
    if (open)
        tw_jw_array_end(&x->out.w);
}

static void criticality(tw_ccda *x, uint32_t e)
{
    static const char *const map[][2] = { { "CRITL", "low" }, { "CRITH", "high" }, { "CRITU", "unable-to-assess" } };
    uint32_t o = inner(x, TW_XML_NONE, e, NULL, "82606-5");
    const char *s = o == TW_XML_NONE ? NULL : LOOK_UP(map, tw_ccda_code(x, tw_xml_child(x->d, o, "value")));
    if (s)
        tw_ccda_word(x, "criticality", s);
}

static void allergy_kind(tw_ccda *x, tw_str value)
{
    const char *type = LOOK_UP(allergy_type, value);
    const char *category = LOOK_UP(allergy_category, value);
    if (type)
        tw_ccda_word(x, "type", type);
    if (!category)
        return;
    tw_jw_key(&x->out.w, "category");
    tw_jw_array(&x->out.w);
    tw_jw_cstr(&x->out.w, category);
    tw_jw_array_end(&x->out.w);
}

/* A negated allergy to nothing in particular is "no known allergy", a statement of its own; to a substance, refuted. */
static bool allergy_code(tw_ccda *x, uint32_t substance, tw_str value, bool negated)
{
    if (tw_ccda_concept(x, "code", substance))
        return true;
    const char *absent = negated ? LOOK_UP(no_known, value) : NULL;
    if (absent)
        tw_ccda_fixed(x, "code", "http://snomed.info/sct", absent);
    return absent != NULL;
}

static void allergy_status(tw_ccda *x, uint32_t e, const tw_ccda_span *t, bool refuted, bool error)
{
    const char *s = clinical_status(x, e, t);
    if (s && (strcmp(s, "recurrence") == 0 || strcmp(s, "relapse") == 0))
        s = "active";
    if (s && strcmp(s, "remission") == 0)
        s = "inactive";
    if (!error && (refuted || s))
        tw_ccda_fixed(x, "clinicalStatus", ALLERGY_CLINICAL, refuted ? "inactive" : s);
    if (refuted || error)
        tw_ccda_fixed(x, "verificationStatus", ALLERGY_VERIFIED, error ? "entered-in-error" : "refuted");
}

bool tw_ccda_allergy(tw_ccda *x, uint32_t e)
{
    tw_coded c[TW_CCDA_CODES];
    uint32_t substance = tw_xml_find(x->d, e, "participant/participantRole/playingEntity/code");
    tw_str value = tw_ccda_code(x, tw_xml_child(x->d, e, "value"));
    tw_ccda_span t = tw_ccda_time(x, tw_xml_child(x->d, e, "effectiveTime"));
    tw_when start = tw_ccda_start(&t);
    tw_when recorded = tw_ccda_recorded(x, e);
    bool negated = tw_ccda_negated(x, e);
    if (!tw_ccda_open(x, "AllergyIntolerance", e, substance, &t))
        return false;
    bool named = tw_ccda_codes(x, c, substance) > 0;
    allergy_status(x, e, &t, negated && named, tw_str_is(status_of(x, e), "nullified"));
    allergy_kind(x, value);
    criticality(x, e);
    if (!allergy_code(x, substance, value, negated))
        tw_ccda_fault(x, e, "an allergy without a substance");
    tw_fo_when(&x->out, "onsetDateTime", &start, x->zone);
    tw_fo_when(&x->out, "recordedDate", &recorded, x->zone);
    if (!negated)
        reactions(x, e);
    tw_ccda_close(x, "patient", "encounter");
    return true;
}

/* ---------------------------------------------------------------- Observation */

static const char *observation_status(tw_str s)
{
    static const char *const map[][2] = { { "completed", "final" },   { "active", "preliminary" },
                                          { "aborted", "cancelled" }, { "cancelled", "cancelled" },
                                          { "held", "registered" },   { "suspended", "registered" },
                                          { "new", "registered" },    { "nullified", "entered-in-error" } };
    const char *found = LOOK_UP(map, s);
    return found ? found : "unknown";
}

static void concepts(tw_ccda *x, const char *name, uint32_t e, const char *child)
{
    tw_coded c[TW_CCDA_CODES];
    bool open = false;
    for (uint32_t i = tw_xml_child(x->d, e, child); i != TW_XML_NONE; i = tw_xml_sibling(x->d, i, child)) {
        size_t n = tw_ccda_codes(x, c, i);
        for (size_t k = 0; k < n; k++) {
            if (!open) {
                tw_jw_key(&x->out.w, name);
                tw_jw_array(&x->out.w);
            }
            open = true;
            tw_jw_object(&x->out.w);
            tw_jw_key(&x->out.w, "coding");
            tw_jw_array(&x->out.w);
            tw_jw_object(&x->out.w);
            tw_fo_text(&x->out, "system", c[k].system);
            tw_fo_text(&x->out, "code", c[k].code);
            tw_jw_object_end(&x->out.w);
            tw_jw_array_end(&x->out.w);
            tw_jw_object_end(&x->out.w);
        }
    }
    if (open)
        tw_jw_array_end(&x->out.w);
}

/* FHIR takes ranges for normal ones, so others are passed over. */
static void reference_ranges(tw_ccda *x, uint32_t e)
{
    bool open = false;
    for (uint32_t r = tw_xml_child(x->d, e, "referenceRange"); r != TW_XML_NONE;
         r = tw_xml_sibling(x->d, r, "referenceRange")) {
        uint32_t o = tw_xml_child(x->d, r, "observationRange");
        uint32_t v = tw_xml_child(x->d, o, "value");
        tw_str kind = tw_ccda_code(x, tw_xml_child(x->d, o, "interpretationCode"));
        if (v == TW_XML_NONE || (kind.n > 0 && !tw_str_is(kind, "N")))
            continue;
        if (tw_xml_value(x->d, tw_xml_child(x->d, v, "low"), "value").n == 0 &&
            tw_xml_value(x->d, tw_xml_child(x->d, v, "high"), "value").n == 0)
            continue;
        if (!open) {
            tw_jw_key(&x->out.w, "referenceRange");
            tw_jw_array(&x->out.w);
        }
        open = true;
        tw_jw_object(&x->out.w);
        tw_ccda_range(x, NULL, v);
        tw_jw_object_end(&x->out.w);
    }
    if (open)
        tw_jw_array_end(&x->out.w);
}

bool tw_ccda_observation(tw_ccda *x, uint32_t e, const char *category)
{
    uint32_t code = tw_xml_child(x->d, e, "code");
    tw_ccda_span t = tw_ccda_time(x, tw_xml_child(x->d, e, "effectiveTime"));
    if (tw_ccda_negated(x, e)) {
        tw_ccda_tell(x, false, e, "a negated observation"); /* R4 has no word for it */
        return false;
    }
    if (!tw_ccda_open(x, "Observation", e, code, &t))
        return false;
    tw_ccda_word(x, "status", observation_status(status_of(x, e)));
    if (category)
        tw_ccda_fixed_list(x, "category", OBSERVED, category);
    if (!tw_ccda_concept(x, "code", code))
        tw_ccda_fault(x, e, "an observation without a code");
    tw_ccda_moment(x, "effective", &t);
    tw_ccda_value(x, e);
    concepts(x, "interpretation", e, "interpretationCode");
    tw_ccda_concept(x, "method", tw_xml_child(x->d, e, "methodCode"));
    tw_ccda_concept(x, "bodySite", tw_xml_child(x->d, e, "targetSiteCode"));
    reference_ranges(x, e);
    tw_ccda_close(x, "subject", "encounter");
    return true;
}

/* ---------------------------------------------------------------- DiagnosticReport */

bool tw_ccda_report(tw_ccda *x, uint32_t e, const tw_str *result, size_t count)
{
    uint32_t code = tw_xml_child(x->d, e, "code");
    tw_ccda_span t = tw_ccda_time(x, tw_xml_child(x->d, e, "effectiveTime"));
    if (!tw_ccda_open(x, "DiagnosticReport", e, code, &t))
        return false;
    tw_ccda_word(x, "status", observation_status(status_of(x, e)));
    tw_ccda_fixed_list(x, "category", "http://terminology.hl7.org/CodeSystem/v2-0074", "LAB");
    if (!tw_ccda_concept(x, "code", code))
        tw_ccda_fault(x, e, "a report without a code");
    tw_ccda_moment(x, "effective", &t);
    if (count > 0) {
        tw_jw_key(&x->out.w, "result");
        tw_jw_array(&x->out.w);
        for (size_t i = 0; i < count; i++) {
            tw_jw_object(&x->out.w);
            tw_jw_kv(&x->out.w, "reference", tw_strf(x->cx->arena, "Observation/" TW_FMT, TW_ARG(result[i])));
            tw_jw_object_end(&x->out.w);
        }
        tw_jw_array_end(&x->out.w);
    }
    tw_ccda_close(x, "subject", "encounter");
    return true;
}
