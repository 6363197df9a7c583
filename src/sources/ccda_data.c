/* Data types of CDA R2 (abstract data types R1) as FHIR R4. */
#include "sources/ccda_internal.h"

#define NULLS "http://terminology.hl7.org/CodeSystem/data-absent-reason"

static const tw_str none = { "", 0 };

void tw_ccda_fault(tw_ccda *x, uint32_t at, const char *rule)
{
    if (x->fault)
        return;
    x->fault = rule;
    x->fault_at = at;
}

bool tw_ccda_null(const tw_ccda *x, uint32_t elem)
{
    return elem == TW_XML_NONE || tw_xml_value(x->d, elem, "nullFlavor").n > 0;
}

tw_str tw_ccda_code(const tw_ccda *x, uint32_t elem)
{
    return tw_str_trim(tw_xml_value(x->d, elem, "code"));
}

bool tw_ccda_is_template(const tw_ccda *x, uint32_t elem, const char *root)
{
    uint32_t t = tw_xml_child(x->d, elem, "templateId");
    for (; t != TW_XML_NONE; t = tw_xml_sibling(x->d, t, "templateId"))
        if (tw_str_is(tw_xml_value(x->d, t, "root"), root))
            return true;
    return false;
}

static bool truth(tw_ccda *x, uint32_t elem, tw_str s)
{
    s = tw_str_trim(s);
    if (tw_str_is(s, "true") || tw_str_is(s, "1"))
        return true;
    if (s.n > 0 && !tw_str_is(s, "false") && !tw_str_is(s, "0"))
        tw_ccda_fault(x, elem, "negationInd is neither true nor false");
    return false;
}

bool tw_ccda_negated(tw_ccda *x, uint32_t elem)
{
    bool plain = truth(x, elem, tw_xml_value(x->d, elem, "negationInd"));
    return truth(x, elem, tw_xml_value_in(x->d, elem, TW_CCDA_SDTC, "valueNegationInd")) || plain;
}

/* ---------------------------------------------------------------- codes */

static tw_str system_of(const tw_ccda *x, uint32_t elem)
{
    tw_str oid = tw_str_trim(tw_xml_value(x->d, elem, "codeSystem"));
    tw_str uri = tw_system_by_oid(oid);
    if (uri.n > 0)
        return uri;
    if (oid.n > 0)
        return tw_strf(x->cx->arena, oid.p[0] >= '0' && oid.p[0] <= '2' ? "urn:oid:" TW_FMT : TW_FMT, TW_ARG(oid));
    return tw_system_by_name(tw_xml_value(x->d, elem, "codeSystemName"));
}

size_t tw_ccda_codes(const tw_ccda *x, tw_coded out[TW_CCDA_CODES], uint32_t elem)
{
    size_t n = 0;
    if (elem == TW_XML_NONE)
        return 0;
    uint32_t at = elem;
    while (at != TW_XML_NONE && n < TW_CCDA_CODES) {
        tw_coded c = { none, tw_ccda_code(x, at), tw_xml_value(x->d, at, "displayName") };
        if (c.code.n > 0 && !tw_ccda_null(x, at)) {
            c.system = system_of(x, at);
            out[n++] = c;
        }
        at = at == elem ? tw_xml_child(x->d, elem, "translation") : tw_xml_sibling(x->d, at, "translation");
    }
    return n;
}

bool tw_ccda_concept(tw_ccda *x, const char *name, uint32_t elem)
{
    tw_coded c[TW_CCDA_CODES];
    size_t n = tw_ccda_codes(x, c, elem);
    if (n > 0)
        tw_fo_concept(&x->out, name, c, n, none);
    return n > 0;
}

void tw_ccda_fixed(tw_ccda *x, const char *name, const char *system, const char *code)
{
    tw_coded c = { tw_str_of(system), tw_str_of(code), none };
    tw_fo_concept(&x->out, name, &c, 1, none);
}

void tw_ccda_fixed_list(tw_ccda *x, const char *name, const char *system, const char *code)
{
    tw_jw *w = &x->out.w;
    tw_jw_key(w, name);
    tw_jw_array(w);
    tw_jw_object(w);
    tw_jw_key(w, "coding");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_jw_kv(w, "system", tw_str_of(system));
    tw_jw_kv(w, "code", tw_str_of(code));
    tw_jw_object_end(w);
    tw_jw_array_end(w);
    tw_jw_object_end(w);
    tw_jw_array_end(w);
}

void tw_ccda_word(tw_ccda *x, const char *name, const char *word)
{
    tw_fo_text(&x->out, name, tw_str_of(word));
}

/* ---------------------------------------------------------------- times */

tw_when tw_ccda_when(tw_ccda *x, uint32_t elem)
{
    tw_when t = { 0 };
    if (!tw_ccda_null(x, elem) && !tw_when_hl7(&t, tw_str_trim(tw_xml_value(x->d, elem, "value")))) {
        tw_ccda_fault(x, elem, "malformed time");
        t = (tw_when){ 0 };
    }
    return t;
}

tw_ccda_span tw_ccda_time(tw_ccda *x, uint32_t elem)
{
    tw_ccda_span s = { 0 };
    if (tw_ccda_null(x, elem))
        return s;
    uint32_t high = tw_xml_child(x->d, elem, "high");
    s.at = tw_ccda_when(x, elem);
    s.low = tw_ccda_when(x, tw_xml_child(x->d, elem, "low"));
    s.high = tw_ccda_when(x, high);
    s.high_unknown = high != TW_XML_NONE && tw_ccda_null(x, high);
    if (s.at.precision == TW_WHEN_NONE && s.low.precision == TW_WHEN_NONE && s.high.precision == TW_WHEN_NONE)
        s.at = tw_ccda_when(x, tw_xml_child(x->d, elem, "center"));
    return s;
}

tw_when tw_ccda_start(const tw_ccda_span *t)
{
    return t->at.precision != TW_WHEN_NONE ? t->at : t->low;
}

void tw_ccda_period(tw_ccda *x, const char *name, const tw_ccda_span *t)
{
    tw_when start = tw_ccda_start(t);
    if (start.precision == TW_WHEN_NONE && t->high.precision == TW_WHEN_NONE)
        return;
    tw_jw_key(&x->out.w, name);
    tw_jw_object(&x->out.w);
    tw_fo_when(&x->out, "start", &start, x->zone);
    tw_fo_when(&x->out, "end", t->high.precision != TW_WHEN_NONE ? &t->high : &t->at, x->zone);
    tw_jw_object_end(&x->out.w);
}

static bool same_moment(const tw_when *a, const tw_when *b)
{
    return a->precision == b->precision && a->year == b->year && a->month == b->month && a->day == b->day &&
           a->hour == b->hour && a->minute == b->minute && a->second == b->second && a->has_offset == b->has_offset &&
           a->offset_min == b->offset_min;
}

void tw_ccda_moment(tw_ccda *x, const char *stem, const tw_ccda_span *t)
{
    char name[40];
    bool moment =
        t->at.precision != TW_WHEN_NONE || (t->low.precision != TW_WHEN_NONE && same_moment(&t->low, &t->high));
    snprintf(name, sizeof name, "%s%s", stem, moment ? "DateTime" : "Period");
    tw_when start = tw_ccda_start(t);
    if (moment)
        tw_fo_when(&x->out, name, &start, x->zone);
    else
        tw_ccda_period(x, name, t);
}

/* Rank of a time without its offset: enough to find the earliest of an entry's authors. */
static int64_t rank(const tw_when *t)
{
    return (((((int64_t)t->year * 13 + t->month) * 32 + t->day) * 25 + t->hour) * 61 + t->minute) * 61 + t->second;
}

tw_when tw_ccda_recorded(tw_ccda *x, uint32_t statement)
{
    tw_when first = { 0 };
    uint32_t a = tw_xml_child(x->d, statement, "author");
    for (; a != TW_XML_NONE; a = tw_xml_sibling(x->d, a, "author")) {
        tw_when t = tw_ccda_when(x, tw_xml_child(x->d, a, "time"));
        if (t.precision != TW_WHEN_NONE && (first.precision == TW_WHEN_NONE || rank(&t) < rank(&first)))
            first = t;
    }
    return first;
}

/* ---------------------------------------------------------------- quantities */

static bool quantity(tw_ccda *x, const char *name, uint32_t elem, const char *comparator)
{
    if (tw_ccda_null(x, elem))
        return false;
    tw_str unit = tw_str_trim(tw_xml_value(x->d, elem, "unit"));
    if (tw_str_is(unit, "1"))
        unit = none;
    if (tw_fo_quantity(&x->out, name, tw_str_trim(tw_xml_value(x->d, elem, "value")), unit, tw_str_of(comparator)))
        return true;
    tw_ccda_fault(x, elem, "a quantity that is no number");
    return false;
}

bool tw_ccda_quantity(tw_ccda *x, const char *name, uint32_t elem)
{
    return quantity(x, name, elem, "");
}

static bool has_number(const tw_ccda *x, uint32_t elem)
{
    return !tw_ccda_null(x, elem) && tw_xml_value(x->d, elem, "value").n > 0;
}

void tw_ccda_range(tw_ccda *x, const char *name, uint32_t ivl)
{
    uint32_t low = tw_xml_child(x->d, ivl, "low");
    uint32_t high = tw_xml_child(x->d, ivl, "high");
    if (!has_number(x, low) && !has_number(x, high))
        return;
    if (name) {
        tw_jw_key(&x->out.w, name);
        tw_jw_object(&x->out.w);
    }
    if (has_number(x, low))
        quantity(x, "low", low, "");
    if (has_number(x, high))
        quantity(x, "high", high, "");
    if (name)
        tw_jw_object_end(&x->out.w);
}

static bool open_end(const tw_ccda *x, uint32_t end)
{
    return tw_str_is(tw_xml_value(x->d, end, "inclusive"), "false");
}

/* C-CDA on FHIR, "Ranges of Physical Quantities": one end is a comparator, two are a Range. */
static bool interval(tw_ccda *x, uint32_t v)
{
    uint32_t low = tw_xml_child(x->d, v, "low");
    uint32_t high = tw_xml_child(x->d, v, "high");
    if (has_number(x, v))
        return quantity(x, "valueQuantity", v, "");
    if (has_number(x, low) && has_number(x, high))
        tw_ccda_range(x, "valueRange", v);
    else if (has_number(x, low))
        return quantity(x, "valueQuantity", low, open_end(x, low) ? ">" : ">=");
    else if (has_number(x, high))
        return quantity(x, "valueQuantity", high, open_end(x, high) ? "<" : "<=");
    else
        return false;
    return true;
}

static bool ratio(tw_ccda *x, uint32_t v)
{
    uint32_t over = tw_xml_child(x->d, v, "numerator");
    uint32_t under = tw_xml_child(x->d, v, "denominator");
    if (!has_number(x, over) || !has_number(x, under))
        return false;
    tw_jw_key(&x->out.w, "valueRatio");
    tw_jw_object(&x->out.w);
    quantity(x, "numerator", over, "");
    quantity(x, "denominator", under, "");
    tw_jw_object_end(&x->out.w);
    return true;
}

/* ---------------------------------------------------------------- value[x] */

static bool integer(tw_ccda *x, uint32_t v)
{
    int64_t i;
    tw_str s = tw_str_trim(tw_xml_value(x->d, v, "value"));
    if (!tw_parse_i64(&i, s) || i > INT32_MAX || i < INT32_MIN) {
        tw_ccda_fault(x, v, "an INT that is no integer");
        return false;
    }
    tw_jw_key(&x->out.w, "valueInteger");
    tw_jw_i64(&x->out.w, i);
    return true;
}

static bool boolean(tw_ccda *x, uint32_t v)
{
    tw_str s = tw_str_trim(tw_xml_value(x->d, v, "value"));
    bool yes = tw_str_is(s, "true") || tw_str_is(s, "1");
    if (!yes && !tw_str_is(s, "false") && !tw_str_is(s, "0")) {
        tw_ccda_fault(x, v, "a BL that is neither true nor false");
        return false;
    }
    tw_jw_key(&x->out.w, "valueBoolean");
    tw_jw_bool(&x->out.w, yes);
    return true;
}

static bool string(tw_ccda *x, uint32_t v)
{
    tw_str s = tw_str_trim(tw_xml_text(x->d, v));
    tw_fo_text(&x->out, "valueString", s);
    return s.n > 0;
}

static bool span(tw_ccda *x, uint32_t v)
{
    tw_ccda_span t = tw_ccda_time(x, v);
    size_t before = x->out.out->n;
    tw_ccda_moment(x, "value", &t);
    return x->out.out->n > before;
}

static bool coded(tw_ccda *x, uint32_t v)
{
    return tw_ccda_concept(x, "valueCodeableConcept", v);
}

static bool measured(tw_ccda *x, uint32_t v)
{
    return has_number(x, v) && quantity(x, "valueQuantity", v, "");
}

static const struct {
    const char *type;                      /* xsi:type without prefix */
    bool (*write)(tw_ccda *x, uint32_t v); /* false: nothing was written */
} values[] = {
    { "PQ", measured },       { "REAL", measured },    { "INT", integer }, { "IVL_PQ", interval },
    { "IVL_REAL", interval }, { "IVL_INT", interval }, { "CD", coded },    { "CE", coded },
    { "CV", coded },          { "CO", coded },         { "CS", coded },    { "ST", string },
    { "ED", string },         { "BL", boolean },       { "TS", span },     { "IVL_TS", span },
    { "RTO", ratio },         { "RTO_PQ_PQ", ratio },
};

static void absent(tw_ccda *x, tw_str flavor)
{
    static const struct {
        const char *flavor, *reason;
    } map[] = { { "OTH", "unsupported" },  { "NINF", "negative-infinity" }, { "PINF", "positive-infinity" },
                { "MSK", "masked" },       { "NA", "not-applicable" },      { "ASKU", "asked-unknown" },
                { "NAV", "temp-unknown" }, { "NASK", "not-asked" },         { "-", "unsupported" } };
    const char *reason = "unknown";
    for (size_t i = 0; i < TW_COUNT(map); i++)
        if (tw_str_is(flavor, map[i].flavor))
            reason = map[i].reason;
    tw_ccda_fixed(x, "dataAbsentReason", NULLS, reason);
}

static bool write_value(tw_ccda *x, uint32_t v)
{
    tw_str type = tw_xml_value_in(x->d, v, TW_CCDA_XSI, "type");
    tw_str part;
    tw_str rest = type;
    while (tw_str_split(&part, &rest, ':'))
        type = part;
    for (size_t i = 0; i < TW_COUNT(values); i++)
        if (tw_str_is(type, values[i].type))
            return values[i].write(x, v);
    if (type.n == 0 && tw_ccda_code(x, v).n > 0)
        return coded(x, v);
    if (type.n == 0 && has_number(x, v) && tw_xml_value(x->d, v, "unit").n > 0)
        return measured(x, v);
    if (type.n == 0 && tw_xml_value(x->d, v, "nullFlavor").n == 0)
        tw_ccda_fault(x, v, "a value without xsi:type");
    return false;
}

void tw_ccda_value(tw_ccda *x, uint32_t observation)
{
    uint32_t v = tw_xml_child(x->d, observation, "value");
    if (v == TW_XML_NONE)
        return;
    if (tw_xml_sibling(x->d, v, "value") != TW_XML_NONE)
        tw_ccda_fault(x, v, "more than one value");
    if (write_value(x, v) || x->fault)
        return;
    tw_str flavor = tw_xml_value(x->d, v, "nullFlavor");
    absent(x, flavor.n > 0 ? flavor : TW_STR("-"));
}
