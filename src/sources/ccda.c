/* C-CDA documents: one ClinicalDocument a file, to a Bundle. What it says in narrative is not read. */
#include "sources/ccda_internal.h"

#define T "2.16.840.1.113883.10.20.22.4."
#define STATEMENTS_MAX (1u << 20) /* with an id of their own, in a document */
#define DEPTH_MAX 16              /* of statements inside statements */

typedef struct {
    tw_zone zone;
    size_t bytes_max;
    size_t mrn_n;
    char mrn_system[]; /* without NUL */
} file_state;

/* ---------------------------------------------------------------- sections */

static const struct {
    const char *loinc, *templates[2];
    tw_ccda_section section;
} sections[] = {
    { "48765-2", { "2.16.840.1.113883.10.20.22.2.6", "2.16.840.1.113883.10.20.22.2.6.1" }, TW_CCDA_ALLERGIES },
    { "10160-0", { "2.16.840.1.113883.10.20.22.2.1", "2.16.840.1.113883.10.20.22.2.1.1" }, TW_CCDA_MEDICATIONS },
    { "10183-2", { "2.16.840.1.113883.10.20.22.2.11", "2.16.840.1.113883.10.20.22.2.11.1" }, TW_CCDA_MEDICATIONS },
    { "29549-3", { "2.16.840.1.113883.10.20.22.2.38", "" }, TW_CCDA_MEDICATIONS },
    { "30954-2", { "2.16.840.1.113883.10.20.22.2.3", "2.16.840.1.113883.10.20.22.2.3.1" }, TW_CCDA_RESULTS },
    { "11450-4", { "2.16.840.1.113883.10.20.22.2.5", "2.16.840.1.113883.10.20.22.2.5.1" }, TW_CCDA_PROBLEMS },
    { "75310-3", { "2.16.840.1.113883.10.20.22.2.58", "" }, TW_CCDA_CONCERNS },
    { "47519-4", { "2.16.840.1.113883.10.20.22.2.7", "2.16.840.1.113883.10.20.22.2.7.1" }, TW_CCDA_PROCEDURES },
    { "46240-8", { "2.16.840.1.113883.10.20.22.2.22", "2.16.840.1.113883.10.20.22.2.22.1" }, TW_CCDA_ENCOUNTERS },
    { "8716-3", { "2.16.840.1.113883.10.20.22.2.4", "2.16.840.1.113883.10.20.22.2.4.1" }, TW_CCDA_VITALS },
    { "11369-6", { "2.16.840.1.113883.10.20.22.2.2", "2.16.840.1.113883.10.20.22.2.2.1" }, TW_CCDA_IMMUNIZATIONS },
    { "29762-2", { "2.16.840.1.113883.10.20.22.2.17", "" }, TW_CCDA_SOCIAL },
    { "47420-5", { "2.16.840.1.113883.10.20.22.2.14", "" }, TW_CCDA_SURVEY },
    { "10190-7", { "2.16.840.1.113883.10.20.22.2.56", "" }, TW_CCDA_SURVEY },
};

static tw_ccda_section section_of(const tw_ccda *x, uint32_t s)
{
    tw_str code = tw_ccda_code(x, tw_xml_child(x->d, s, "code"));
    for (size_t i = 0; i < TW_COUNT(sections); i++)
        if (tw_str_is(code, sections[i].loinc) || tw_ccda_is_template(x, s, sections[i].templates[0]) ||
            (sections[i].templates[1][0] && tw_ccda_is_template(x, s, sections[i].templates[1])))
            return sections[i].section;
    return TW_CCDA_OTHER;
}

static const char *category_of(tw_ccda_section s)
{
    switch (s) {
    case TW_CCDA_RESULTS:
        return "laboratory";
    case TW_CCDA_VITALS:
        return "vital-signs";
    case TW_CCDA_SOCIAL:
        return "social-history";
    case TW_CCDA_SURVEY:
        return "survey";
    case TW_CCDA_OTHER:
    case TW_CCDA_ALLERGIES:
    case TW_CCDA_MEDICATIONS:
    case TW_CCDA_PROBLEMS:
    case TW_CCDA_CONCERNS:
    case TW_CCDA_PROCEDURES:
    case TW_CCDA_ENCOUNTERS:
    case TW_CCDA_IMMUNIZATIONS:
        return NULL;
    }
    return NULL;
}

/* ---------------------------------------------------------------- statements */

typedef enum {
    S_UNKNOWN,
    S_WRAP,
    S_PROBLEM,
    S_ALLERGY,
    S_RESULT,
    S_VITAL,
    S_SOCIAL,
    S_SURVEY,
    S_GROUP,
    S_REPORT,
    S_MEDICATION,
    S_IMMUNIZATION,
    S_PROCEDURE,
    S_ENCOUNTER,
    S_NO_FACT
} kind;

/* By template. */
static const struct {
    const char *root;
    kind kind;
} templates[] = {
    { T "3", S_WRAP },
    { T "30", S_WRAP },
    { T "132", S_WRAP },
    { T "80", S_WRAP },
    { T "131", S_WRAP },
    { T "4", S_PROBLEM },
    { T "7", S_ALLERGY },
    { T "1", S_REPORT },
    { T "26", S_GROUP },
    { T "66", S_GROUP },
    { T "75", S_GROUP },
    { T "2", S_RESULT },
    { T "27", S_VITAL },
    { T "38", S_SOCIAL },
    { T "78", S_SOCIAL },
    { T "85", S_SOCIAL },
    { T "69", S_SURVEY },
    { T "67", S_SURVEY },
    { T "74", S_SURVEY },
    { T "16", S_MEDICATION },
    { T "52", S_IMMUNIZATION },
    { T "12", S_PROCEDURE },
    { T "13", S_PROCEDURE },
    { T "14", S_PROCEDURE },
    { T "49", S_ENCOUNTER },
    { T "136", S_NO_FACT },
    /* at risk of */ { T "122", S_NO_FACT }, /* a pointer */
    { T "5", S_NO_FACT },
    { T "6", S_NO_FACT },
    { T "8", S_NO_FACT },
    { T "28", S_NO_FACT },
    { T "64", S_NO_FACT },
    { T "143", S_NO_FACT }, /* statuses, severity, comment, priority: read where they belong */
};

/* By section, for statements of no template that is known here. */
static const struct {
    tw_ccda_section section;
    const char *element;
    kind kind;
} plain[] = {
    { TW_CCDA_PROBLEMS, "act", S_WRAP },
    { TW_CCDA_PROBLEMS, "observation", S_PROBLEM },
    { TW_CCDA_ALLERGIES, "act", S_WRAP },
    { TW_CCDA_ALLERGIES, "observation", S_ALLERGY },
    { TW_CCDA_RESULTS, "organizer", S_REPORT },
    { TW_CCDA_RESULTS, "observation", S_RESULT },
    { TW_CCDA_VITALS, "organizer", S_GROUP },
    { TW_CCDA_VITALS, "observation", S_VITAL },
    { TW_CCDA_SOCIAL, "observation", S_SOCIAL },
    { TW_CCDA_SURVEY, "organizer", S_GROUP },
    { TW_CCDA_SURVEY, "observation", S_SURVEY },
    { TW_CCDA_MEDICATIONS, "substanceAdministration", S_MEDICATION },
    { TW_CCDA_IMMUNIZATIONS, "substanceAdministration", S_IMMUNIZATION },
    { TW_CCDA_PROCEDURES, "procedure", S_PROCEDURE },
    { TW_CCDA_PROCEDURES, "act", S_PROCEDURE },
    { TW_CCDA_PROCEDURES, "observation", S_PROCEDURE },
    { TW_CCDA_ENCOUNTERS, "encounter", S_ENCOUNTER },
};

static kind kind_of(const tw_ccda *x, uint32_t e)
{
    bool other = false; /* a template of C-CDA that is none of ours */
    for (uint32_t t = tw_xml_child(x->d, e, "templateId"); t != TW_XML_NONE;
         t = tw_xml_sibling(x->d, t, "templateId")) {
        tw_str root = tw_xml_value(x->d, t, "root");
        for (size_t i = 0; i < TW_COUNT(templates); i++)
            if (tw_str_is(root, templates[i].root))
                return templates[i].kind;
        other |= tw_str_starts(root, T);
    }
    for (size_t i = 0; i < TW_COUNT(plain) && !other; i++)
        if (x->section == plain[i].section && tw_str_is(x->d->elem[e].name, plain[i].element))
            return plain[i].kind;
    return S_UNKNOWN;
}

static void statement(tw_ccda *x, uint32_t e, uint32_t depth);

static bool is_statement(const tw_ccda *x, uint32_t e)
{
    static const char *const names[] = { "act",       "encounter", "observation",      "observationMedia",
                                         "organizer", "procedure", "regionOfInterest", "substanceAdministration",
                                         "supply" };
    for (size_t i = 0; i < TW_COUNT(names); i++)
        if (tw_str_is(x->d->elem[e].name, names[i]) && tw_str_is(x->d->elem[e].space, TW_CCDA_SPACE))
            return true;
    return false;
}

/* What stands in an element that joins statements. */
static void one_child(tw_ccda *x, uint32_t join, uint32_t depth)
{
    for (uint32_t s = tw_xml_child(x->d, join, NULL); s != TW_XML_NONE; s = tw_xml_sibling(x->d, s, NULL))
        if (is_statement(x, s))
            statement(x, s, depth + 1);
}

/* Statements inside another, by the element that joins them. */
static void children(tw_ccda *x, uint32_t e, const char *join, uint32_t depth)
{
    for (uint32_t r = tw_xml_child(x->d, e, join); r != TW_XML_NONE; r = tw_xml_sibling(x->d, r, join))
        one_child(x, r, depth);
}

typedef struct {
    tw_jw w;
    size_t bytes, resources;
} mark;

static mark mark_of(const tw_ccda *x)
{
    return (mark){ x->out.w, x->out.out->n, x->out.resources };
}

/* A resource that broke a rule is taken back, and its place told of. */
static bool settle(tw_ccda *x, const mark *m, bool written)
{
    if (!x->fault)
        return written;
    const char *rule = x->fault;
    x->fault = NULL;
    x->last = (tw_str){ "", 0 };
    if (!x->out.out->failed) {
        x->out.w = m->w;
        x->out.out->n = m->bytes;
        x->out.resources = m->resources;
    }
    if (x->last_said)
        *x->last_said = (tw_str){ "", 0 };
    tw_ccda_tell(x, true, x->fault_at, rule);
    return false;
}

static bool observation(tw_ccda *x, uint32_t e, const char *category)
{
    mark m = mark_of(x);
    x->last_said = NULL;
    return settle(x, &m, tw_ccda_observation(x, e, category));
}

/* Observations first, then the report that refers to them. */
static void report(tw_ccda *x, uint32_t e, uint32_t depth)
{
    size_t n = 0;
    size_t cap = 0;
    for (uint32_t c = tw_xml_child(x->d, e, "component"); c != TW_XML_NONE; c = tw_xml_sibling(x->d, c, "component"))
        cap++;
    tw_str *ids = tw_try_array(x->cx->arena, tw_str, cap);
    for (uint32_t c = tw_xml_child(x->d, e, "component"); c != TW_XML_NONE; c = tw_xml_sibling(x->d, c, "component")) {
        uint32_t o = tw_xml_child(x->d, c, "observation");
        x->last = (tw_str){ "", 0 };
        if (o == TW_XML_NONE) { /* a group inside the group, how the specimen was taken */
            one_child(x, c, depth);
            continue;
        }
        statement(x, o, depth + 1);
        if (ids && x->last.n > 0)
            ids[n++] = x->last;
    }
    mark m = mark_of(x);
    x->last_said = NULL;
    settle(x, &m, tw_ccda_report(x, e, ids, n));
}

static void encounter(tw_ccda *x, uint32_t e, uint32_t depth)
{
    mark m = mark_of(x);
    x->last_said = NULL;
    if (!settle(x, &m, tw_ccda_encounter(x, e)))
        return;
    x->encounter = x->last;
    for (uint32_t r = tw_xml_child(x->d, e, "entryRelationship"); r != TW_XML_NONE;
         r = tw_xml_sibling(x->d, r, "entryRelationship")) {
        uint32_t a = tw_xml_child(x->d, r, "act");
        if (tw_ccda_is_template(x, a, T "80"))
            statement(x, a, depth + 1);
    }
    x->encounter = (tw_str){ "", 0 };
}

static void one(tw_ccda *x, uint32_t e, bool (*write)(tw_ccda *x, uint32_t e))
{
    mark m = mark_of(x);
    x->last_said = NULL;
    settle(x, &m, write(x, e));
}

static void wrapped(tw_ccda *x, uint32_t e, const char *join, uint32_t depth)
{
    uint32_t outer = x->concern;
    x->concern = e;
    children(x, e, join, depth);
    x->concern = outer;
}

/* Why a statement is no fact of the patient; NULL: it may be one. */
static const char *no_fact(tw_ccda *x, uint32_t e, kind k)
{
    tw_str mood = tw_xml_value(x->d, e, "moodCode");
    if (tw_xml_value(x->d, e, "nullFlavor").n > 0)
        return "a statement with a nullFlavor";
    if (tw_xml_child(x->d, e, "subject") != TW_XML_NONE)
        return "a statement about somebody else";
    if (mood.n > 0 && !tw_str_is(mood, "EVN") && !(k == S_MEDICATION && tw_str_is(mood, "INT")))
        return "a plan, not a fact";
    if ((k == S_WRAP || k == S_GROUP || k == S_REPORT) && tw_ccda_negated(x, e))
        return "a negated group of statements";
    if (k == S_NO_FACT)
        return "a statement that is no fact of its own";
    return k == S_UNKNOWN ? "a statement of a kind that is not read" : NULL;
}

static void dispatch(tw_ccda *x, uint32_t e, kind k, uint32_t depth)
{
    const char *category = category_of(x->section);
    switch (k) {
    case S_WRAP:
        wrapped(x, e, "entryRelationship", depth);
        return;
    case S_GROUP:
        wrapped(x, e, "component", depth);
        return;
    case S_REPORT:
        report(x, e, depth);
        return;
    case S_ENCOUNTER:
        encounter(x, e, depth);
        return;
    case S_PROBLEM:
        one(x, e, tw_ccda_condition);
        return;
    case S_ALLERGY:
        one(x, e, tw_ccda_allergy);
        return;
    case S_MEDICATION:
        one(x, e, tw_ccda_medication);
        return;
    case S_IMMUNIZATION:
        one(x, e, tw_ccda_immunization);
        return;
    case S_PROCEDURE:
        one(x, e, tw_ccda_procedure);
        return;
    case S_RESULT:
        observation(x, e, "laboratory");
        return;
    case S_VITAL:
        observation(x, e, "vital-signs");
        return;
    case S_SOCIAL:
        observation(x, e, "social-history");
        return;
    case S_SURVEY:
        observation(x, e, "survey");
        return;
    case S_NO_FACT:
    case S_UNKNOWN:
        observation(x, e, category);
        return;
    }
}

static void statement(tw_ccda *x, uint32_t e, uint32_t depth)
{
    kind k = kind_of(x, e);
    const char *why = depth > DEPTH_MAX ? "statements nested deeper than the limit" : no_fact(x, e, k);
    if (x->fault) {
        mark m = mark_of(x);
        x->last_said = NULL;
        settle(x, &m, false);
    } else if (why) {
        tw_ccda_tell(x, false, e, why);
    } else {
        dispatch(x, e, k, depth);
    }
}

/* ---------------------------------------------------------------- the body */

static void section(tw_ccda *x, uint32_t s, uint32_t depth)
{
    if (depth > DEPTH_MAX || tw_xml_child(x->d, s, "subject") != TW_XML_NONE) {
        tw_ccda_tell(x, false, s,
                     depth > DEPTH_MAX ? "sections nested deeper than the limit" : "a section about somebody else");
        return;
    }
    tw_ccda_section outer = x->section;
    x->section = section_of(x, s);
    children(x, s, "entry", 0);
    x->section = outer;
    for (uint32_t c = tw_xml_child(x->d, s, "component"); c != TW_XML_NONE; c = tw_xml_sibling(x->d, c, "component"))
        for (uint32_t i = tw_xml_child(x->d, c, "section"); i != TW_XML_NONE; i = tw_xml_sibling(x->d, i, "section"))
            section(x, i, depth + 1);
}

static void body(tw_ccda *x)
{
    uint32_t own = tw_xml_find(x->d, 0, "componentOf/encompassingEncounter");
    if (own != TW_XML_NONE && !tw_ccda_null(x, own))
        one(x, own, tw_ccda_encounter);
    for (uint32_t c = tw_xml_child(x->d, 0, "component"); c != TW_XML_NONE; c = tw_xml_sibling(x->d, c, "component")) {
        uint32_t b = tw_xml_child(x->d, c, "structuredBody");
        uint32_t text = tw_xml_child(x->d, c, "nonXMLBody");
        if (text != TW_XML_NONE)
            tw_ccda_tell(x, false, text, "a body without structure");
        for (uint32_t i = tw_xml_child(x->d, b, "component"); i != TW_XML_NONE;
             i = tw_xml_sibling(x->d, i, "component"))
            for (uint32_t s = tw_xml_child(x->d, i, "section"); s != TW_XML_NONE;
                 s = tw_xml_sibling(x->d, s, "section"))
                section(x, s, 0);
    }
}

/* ---------------------------------------------------------------- the decoder */

static tw_status ccda_open(tw_ctx *cx, void **file, size_t *consumed, const tw_sources_opts *opts, tw_str name,
                           tw_str head)
{
    static const tw_sources_opts defaults = { 0 };
    tw_zone zone;
    (void)name, (void)head;
    opts = opts ? opts : &defaults;
    *consumed = 0;
    TW_TRY(tw_zone_parse(cx, &zone, opts->zone));
    file_state *f = tw_mem_alloc(sizeof *f + opts->mrn_system.n);
    if (!f)
        return tw_fail(cx, TW_ELIMIT, "no memory for a decoder");
    f->zone = zone;
    f->bytes_max = opts->document_bytes_max;
    f->mrn_n = opts->mrn_system.n;
    if (f->mrn_n > 0)
        memcpy(f->mrn_system, opts->mrn_system.p, f->mrn_n);
    *file = f;
    return TW_OK;
}

static bool blank(tw_str s)
{
    return tw_str_trim(s).n == 0;
}

static tw_frame ccda_frame(const void *file, size_t *skip, size_t *size, tw_str window, bool last)
{
    (void)file;
    *skip = 0;
    *size = window.n;
    if (!last)
        return TW_FRAME_MORE;
    return blank(window) ? TW_FRAME_END : TW_FRAME_UNIT;
}

static tw_status root_of(tw_ctx *cx, const tw_xml *d)
{
    if (!tw_str_is(d->elem[0].name, "ClinicalDocument") || !tw_str_is(d->elem[0].space, TW_CCDA_SPACE))
        return tw_fail(cx, TW_EPARSE, "the root is no ClinicalDocument of urn:hl7-org:v3");
    return TW_OK;
}

static tw_status decode(tw_ccda *x, tw_place *place, tw_str mrn_system)
{
    uint32_t wrong = 0;
    tw_status st = root_of(x->cx, x->d);
    if (st == TW_OK)
        st = tw_ccda_patient(x, &wrong, 0, mrn_system);
    if (st == TW_OK) {
        body(x);
        return TW_OK;
    }
    const tw_xml_elem *e = &x->d->elem[wrong];
    *place = (tw_place){ e->line - 1, e->column, tw_xml_where(x->cx, x->d, wrong) };
    return st;
}

/* The mapping takes memory in bounded bites that are not checked one by one: so that there is enough is seen to at
 * once. What a document of a megabyte needs, every context has. */
static tw_status headroom(tw_ctx *cx, const tw_xml *d, size_t bytes)
{
    tw_mark m = tw_arena_mark(cx->arena);
    if (bytes <= TW_MIB)
        return TW_OK;
    void *enough = tw_arena_try(cx->arena, 6 * bytes + 256 * (size_t)d->n);
    tw_arena_back(cx->arena, m);
    return enough ? TW_OK : tw_fail(cx, TW_ELIMIT, "no memory for a document of %zu bytes", bytes);
}

static tw_status ccda_bundle(tw_ctx *cx, tw_buf *json, tw_place *place, const void *file, tw_str unit)
{
    const file_state *f = file;
    tw_xml d;
    tw_xml_place at;
    *place = (tw_place){ 0, 0, { "", 0 } };
    tw_status st = tw_xml_parse(cx, &d, &at, unit, &(tw_xml_limits){ .bytes_max = f->bytes_max });
    if (st != TW_OK) {
        *place = (tw_place){ at.line ? at.line - 1 : 0, at.column, { "", 0 } };
        return st;
    }
    TW_TRY(headroom(cx, &d, unit.n));
    tw_ccda x = {
        .cx = cx, .d = &d, .zone = &f->zone, .patient = { "", 0 }, .encounter = { "", 0 }, .concern = TW_XML_NONE
    };
    x.used = tw_map_new(STATEMENTS_MAX);
    tw_fo_begin(&x.out, json);
    st = decode(&x, place, (tw_str){ f->mrn_system, f->mrn_n });
    tw_fo_end(&x.out);
    tw_map_free(x.used);
    TW_TRY(st);
    return tw_buf_check(cx, json, "a document as FHIR");
}

static void ccda_close(void *file)
{
    tw_mem_free(file);
}

const tw_decoder tw_decoder_ccda = { "ccda", ".xml", ccda_open, ccda_frame, ccda_bundle, ccda_close };
