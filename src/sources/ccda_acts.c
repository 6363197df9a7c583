/* Medications, immunizations, procedures and encounters. */
#include "sources/ccda_internal.h"

#define NULLS "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"

static tw_str status_of(const tw_ccda *x, uint32_t e)
{
    return tw_ccda_code(x, tw_xml_child(x->d, e, "statusCode"));
}

static const char *mapped(const char *const map[][2], size_t n, tw_str key, const char *otherwise)
{
    for (size_t i = 0; i < n; i++)
        if (tw_str_is(key, map[i][0]))
            return map[i][1];
    return otherwise;
}
#define MAPPED(map, key, otherwise) mapped((map), TW_COUNT(map), (key), (otherwise))

static uint32_t product_of(const tw_ccda *x, uint32_t e)
{
    return tw_xml_find(x->d, e, "consumable/manufacturedProduct/manufacturedMaterial/code");
}

/* Array of the concepts of the values of observations that are the reason. */
static void reasons(tw_ccda *x, uint32_t e)
{
    uint32_t first = TW_XML_NONE;
    tw_coded c[TW_CCDA_CODES];
    for (uint32_t r = tw_xml_child(x->d, e, "entryRelationship"); r != TW_XML_NONE && first == TW_XML_NONE;
         r = tw_xml_sibling(x->d, r, "entryRelationship")) {
        uint32_t o = tw_xml_child(x->d, r, "observation");
        if (tw_str_is(tw_xml_value(x->d, r, "typeCode"), "RSON") && o != TW_XML_NONE && !tw_ccda_negated(x, o))
            first = tw_xml_child(x->d, o, "value");
    }
    if (tw_ccda_codes(x, c, first) == 0)
        return;
    tw_ccda_fixed_list(x, "reasonCode", tw_cstr(x->cx->arena, c[0].system), tw_cstr(x->cx->arena, c[0].code));
}

/* ---------------------------------------------------------------- dosage */

/* Units of time of UCUM that FHIR has too. */
static bool time_unit(tw_str u)
{
    static const char *const known[] = { "s", "min", "h", "d", "wk", "mo", "a" };
    for (size_t i = 0; i < TW_COUNT(known); i++)
        if (tw_str_is(u, known[i]))
            return true;
    return false;
}

/* PIVL_TS: once a period, the longer of two as the most. */
static void period(tw_ccda *x, uint32_t time)
{
    uint32_t p = tw_xml_child(x->d, time, "period");
    uint32_t low = tw_xml_child(x->d, p, "low");
    uint32_t high = tw_xml_child(x->d, p, "high");
    uint32_t from = low == TW_XML_NONE ? p : low;
    tw_str unit = tw_xml_value(x->d, from, "unit");
    if (tw_ccda_null(x, from) || !time_unit(unit))
        return;
    tw_jw_kv_u64(&x->out.w, "frequency", 1);
    if (!tw_fo_decimal(&x->out, "period", tw_xml_value(x->d, from, "value")))
        tw_ccda_fault(x, from, "a period that is no number");
    if (low != TW_XML_NONE && !tw_ccda_null(x, high))
        tw_fo_decimal(&x->out, "periodMax", tw_xml_value(x->d, high, "value"));
    tw_fo_text(&x->out, "periodUnit", unit);
}

static void event(tw_ccda *x, uint32_t time)
{
    tw_str when = tw_ccda_code(x, tw_xml_child(x->d, time, "event"));
    if (when.n == 0)
        return;
    tw_jw_key(&x->out.w, "when");
    tw_jw_array(&x->out.w);
    tw_jw_str(&x->out.w, when);
    tw_jw_array_end(&x->out.w);
}

/* The time that says how often: PIVL_TS or EIVL_TS. */
static uint32_t rhythm(const tw_ccda *x, uint32_t e)
{
    uint32_t t = tw_xml_child(x->d, e, "effectiveTime");
    for (; t != TW_XML_NONE; t = tw_xml_sibling(x->d, t, "effectiveTime"))
        if (tw_xml_child(x->d, t, "period") != TW_XML_NONE || tw_xml_child(x->d, t, "event") != TW_XML_NONE)
            return t;
    return TW_XML_NONE;
}

/* The time that says when: of a medication that has one. */
static uint32_t bounds(const tw_ccda *x, uint32_t e)
{
    uint32_t t = tw_xml_child(x->d, e, "effectiveTime");
    for (; t != TW_XML_NONE; t = tw_xml_sibling(x->d, t, "effectiveTime"))
        if (tw_xml_child(x->d, t, "period") == TW_XML_NONE && tw_xml_child(x->d, t, "event") == TW_XML_NONE)
            return t;
    return TW_XML_NONE;
}

/* Takes back what was opened since `w` and `from` when nothing was written into it: FHIR has no empty objects. */
static bool take_back(tw_ccda *x, const tw_jw *w, size_t from, size_t opened)
{
    if (x->out.out->n != opened || x->out.out->failed)
        return false;
    x->out.w = *w;
    x->out.out->n = from;
    return true;
}

/* `t`: bounds to write, or NULL where they stand elsewhere. */
static void timing(tw_ccda *x, uint32_t e, const tw_ccda_span *t)
{
    uint32_t often = rhythm(x, e);
    tw_jw before = x->out.w;
    size_t from = x->out.out->n;
    tw_jw_key(&x->out.w, "timing");
    tw_jw_object(&x->out.w);
    tw_jw_key(&x->out.w, "repeat");
    tw_jw_object(&x->out.w);
    size_t opened = x->out.out->n;
    if (t)
        tw_ccda_period(x, "boundsPeriod", t);
    if (often != TW_XML_NONE) {
        period(x, often);
        event(x, often);
    }
    if (take_back(x, &before, from, opened))
        return;
    tw_jw_object_end(&x->out.w);
    tw_jw_object_end(&x->out.w);
}

static void dose(tw_ccda *x, uint32_t e)
{
    uint32_t amount = tw_xml_child(x->d, e, "doseQuantity");
    uint32_t rate = tw_xml_child(x->d, e, "rateQuantity");
    bool single = tw_xml_value(x->d, amount, "value").n > 0;
    bool span = tw_xml_child(x->d, amount, "low") != TW_XML_NONE;
    if ((tw_ccda_null(x, amount) || (!single && !span)) && tw_xml_value(x->d, rate, "value").n == 0)
        return;
    tw_jw_key(&x->out.w, "doseAndRate");
    tw_jw_array(&x->out.w);
    tw_jw_object(&x->out.w);
    if (single)
        tw_ccda_quantity(x, "doseQuantity", amount);
    else if (span)
        tw_ccda_range(x, "doseRange", amount);
    if (tw_xml_value(x->d, rate, "value").n > 0)
        tw_ccda_quantity(x, "rateQuantity", rate);
    tw_jw_object_end(&x->out.w);
    tw_jw_array_end(&x->out.w);
}

static void dosage(tw_ccda *x, const char *name, uint32_t e, const tw_ccda_span *t)
{
    tw_jw before = x->out.w;
    size_t from = x->out.out->n;
    tw_jw_key(&x->out.w, name);
    tw_jw_array(&x->out.w);
    tw_jw_object(&x->out.w);
    size_t opened = x->out.out->n;
    timing(x, e, t);
    if (tw_xml_child(x->d, e, "precondition") != TW_XML_NONE) {
        tw_jw_key(&x->out.w, "asNeededBoolean");
        tw_jw_bool(&x->out.w, true);
    }
    tw_ccda_concept(x, "site", tw_xml_child(x->d, e, "approachSiteCode"));
    tw_ccda_concept(x, "route", tw_xml_child(x->d, e, "routeCode"));
    dose(x, e);
    if (take_back(x, &before, from, opened))
        return;
    tw_jw_object_end(&x->out.w);
    tw_jw_array_end(&x->out.w);
}

/* ---------------------------------------------------------------- medications */

static void statement(tw_ccda *x, uint32_t e, const tw_ccda_span *t, bool negated)
{
    static const char *const map[][2] = {
        { "completed", "completed" },       { "active", "active" }, { "aborted", "stopped" },
        { "suspended", "on-hold" },         { "held", "on-hold" },  { "cancelled", "not-taken" },
        { "nullified", "entered-in-error" }
    };
    tw_when asserted = tw_ccda_recorded(x, e);
    tw_ccda_word(x, "status", negated ? "not-taken" : MAPPED(map, status_of(x, e), "unknown"));
    if (!tw_ccda_concept(x, "medicationCodeableConcept", product_of(x, e)))
        tw_ccda_fault(x, e, "a medication without a code");
    tw_ccda_moment(x, "effective", t);
    tw_fo_when(&x->out, "dateAsserted", &asserted, x->zone);
    reasons(x, e);
    dosage(x, "dosage", e, NULL);
    tw_ccda_close(x, "subject", NULL);
}

static void request(tw_ccda *x, uint32_t e, const tw_ccda_span *t, bool negated)
{
    static const char *const map[][2] = {
        { "completed", "completed" },       { "active", "active" }, { "aborted", "stopped" },
        { "suspended", "on-hold" },         { "held", "on-hold" },  { "cancelled", "cancelled" },
        { "nullified", "entered-in-error" }
    };
    tw_when authored = tw_ccda_recorded(x, e);
    tw_ccda_word(x, "status", MAPPED(map, status_of(x, e), "unknown"));
    tw_ccda_word(x, "intent", "order");
    if (negated) {
        tw_jw_key(&x->out.w, "doNotPerform");
        tw_jw_bool(&x->out.w, true);
    }
    if (!tw_ccda_concept(x, "medicationCodeableConcept", product_of(x, e)))
        tw_ccda_fault(x, e, "a medication without a code");
    tw_fo_when(&x->out, "authoredOn", &authored, x->zone);
    reasons(x, e);
    dosage(x, "dosageInstruction", e, t);
    tw_ccda_close(x, "subject", NULL);
}

bool tw_ccda_medication(tw_ccda *x, uint32_t e)
{
    bool order = tw_str_is(tw_xml_value(x->d, e, "moodCode"), "INT");
    tw_ccda_span t = tw_ccda_time(x, bounds(x, e));
    bool negated = tw_ccda_negated(x, e);
    if (!tw_ccda_open(x, order ? "MedicationRequest" : "MedicationStatement", e, product_of(x, e), &t))
        return false;
    if (order)
        request(x, e, &t, negated);
    else
        statement(x, e, &t, negated);
    return true;
}

/* ---------------------------------------------------------------- immunizations */

/* Refusal reason: the code of the observation itself. */
static void why_not(tw_ccda *x, uint32_t e)
{
    for (uint32_t r = tw_xml_child(x->d, e, "entryRelationship"); r != TW_XML_NONE;
         r = tw_xml_sibling(x->d, r, "entryRelationship"))
        if (tw_str_is(tw_xml_value(x->d, r, "typeCode"), "RSON") &&
            tw_ccda_concept(x, "statusReason", tw_xml_find(x->d, r, "observation/code")))
            return;
}

bool tw_ccda_immunization(tw_ccda *x, uint32_t e)
{
    static const char *const map[][2] = { { "completed", "completed" },
                                          { "cancelled", "not-done" },
                                          { "aborted", "not-done" },
                                          { "nullified", "entered-in-error" } };
    tw_ccda_span t = tw_ccda_time(x, tw_xml_child(x->d, e, "effectiveTime"));
    tw_when start = tw_ccda_start(&t);
    bool negated = tw_ccda_negated(x, e);
    const char *status = negated ? "not-done" : MAPPED(map, status_of(x, e), NULL);
    if (!status) {
        tw_ccda_tell(x, false, e, "an immunization that is not completed");
        return false;
    }
    if (!tw_ccda_open(x, "Immunization", e, product_of(x, e), &t))
        return false;
    tw_ccda_word(x, "status", status);
    if (strcmp(status, "not-done") == 0)
        why_not(x, e);
    if (!tw_ccda_concept(x, "vaccineCode", product_of(x, e)))
        tw_ccda_fault(x, e, "an immunization without a code");
    if (start.precision != TW_WHEN_NONE)
        tw_fo_when(&x->out, "occurrenceDateTime", &start, x->zone);
    else
        tw_ccda_word(x, "occurrenceString", "unknown");
    tw_ccda_concept(x, "site", tw_xml_child(x->d, e, "approachSiteCode"));
    tw_ccda_concept(x, "route", tw_xml_child(x->d, e, "routeCode"));
    if (tw_xml_value(x->d, tw_xml_child(x->d, e, "doseQuantity"), "value").n > 0)
        tw_ccda_quantity(x, "doseQuantity", tw_xml_child(x->d, e, "doseQuantity"));
    tw_ccda_close(x, "patient", "encounter");
    return true;
}

/* ---------------------------------------------------------------- procedures */

bool tw_ccda_procedure(tw_ccda *x, uint32_t e)
{
    static const char *const map[][2] = { { "completed", "completed" },       { "active", "in-progress" },
                                          { "aborted", "stopped" },           { "cancelled", "not-done" },
                                          { "suspended", "on-hold" },         { "held", "on-hold" },
                                          { "nullified", "entered-in-error" } };
    uint32_t code = tw_xml_child(x->d, e, "code");
    tw_ccda_span t = tw_ccda_time(x, tw_xml_child(x->d, e, "effectiveTime"));
    bool negated = tw_ccda_negated(x, e);
    if (!tw_ccda_open(x, "Procedure", e, code, &t))
        return false;
    tw_ccda_word(x, "status", negated ? "not-done" : MAPPED(map, status_of(x, e), "unknown"));
    if (!tw_ccda_concept(x, "code", code))
        tw_ccda_fault(x, e, "a procedure without a code");
    tw_ccda_moment(x, "performed", &t);
    reasons(x, e);
    uint32_t site = tw_xml_child(x->d, e, "targetSiteCode");
    tw_coded c[TW_CCDA_CODES];
    if (tw_ccda_codes(x, c, site) > 0)
        tw_ccda_fixed_list(x, "bodySite", tw_cstr(x->cx->arena, c[0].system), tw_cstr(x->cx->arena, c[0].code));
    tw_ccda_close(x, "subject", "encounter");
    return true;
}

/* ---------------------------------------------------------------- encounters */

/* The code of ActEncounterCode among an encounter's codes; R4 wants one. */
static tw_coded class_of(const tw_coded *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (tw_str_is(c[i].system, "http://terminology.hl7.org/CodeSystem/v3-ActCode"))
            return c[i];
    return (tw_coded){ TW_STR(NULLS), TW_STR("UNK"), { "", 0 } };
}

bool tw_ccda_encounter(tw_ccda *x, uint32_t e)
{
    static const char *const map[][2] = { { "active", "in-progress" },
                                          { "aborted", "cancelled" },
                                          { "cancelled", "cancelled" },
                                          { "suspended", "onleave" },
                                          { "nullified", "entered-in-error" } };
    tw_coded c[TW_CCDA_CODES];
    uint32_t code = tw_xml_child(x->d, e, "code");
    size_t n = tw_ccda_codes(x, c, code);
    tw_ccda_span t = tw_ccda_time(x, tw_xml_child(x->d, e, "effectiveTime"));
    if (tw_ccda_negated(x, e)) {
        tw_ccda_tell(x, false, e, "a negated encounter"); /* R4 has no word for it */
        return false;
    }
    if (!tw_ccda_open(x, "Encounter", e, code, &t))
        return false;
    tw_coded kind = class_of(c, n);
    tw_ccda_word(x, "status", MAPPED(map, status_of(x, e), "finished"));
    tw_fo_coding(&x->out, "class", &kind);
    if (n > 0) {
        tw_jw_key(&x->out.w, "type");
        tw_jw_array(&x->out.w);
        tw_jw_object(&x->out.w);
        tw_jw_key(&x->out.w, "coding");
        tw_jw_array(&x->out.w);
        for (size_t i = 0; i < n; i++) {
            tw_jw_object(&x->out.w);
            tw_fo_text(&x->out, "system", c[i].system);
            tw_fo_text(&x->out, "code", c[i].code);
            tw_fo_text(&x->out, "display", c[i].display);
            tw_jw_object_end(&x->out.w);
        }
        tw_jw_array_end(&x->out.w);
        tw_jw_object_end(&x->out.w);
        tw_jw_array_end(&x->out.w);
    }
    tw_ccda_period(x, "period", &t);
    reasons(x, e);
    tw_ccda_close(x, "subject", NULL);
    return true;
}
