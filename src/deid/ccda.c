/* A C-CDA document: what its rules name goes into a new tree, which is written out. Two walks: the first gathers what
 * the document says of people, so that free text can be searched for it. */
#include "deid/ccda_internal.h"

#define PATH_MAX_BYTES 96
#define XSI "http://www.w3.org/2001/XMLSchema-instance"

typedef struct {
    tw_ctx *cx;
    tw_doc_work *w;
    const ccda_rules *rules;
    const tw_xml *in;
    doc_person person;
    doc_known known;
    tw_map *ids;       /* extensions of all ids, as doc_plain has them: a number in a text may be one */
    tw_xml_elem *elem; /* of what comes out */
    tw_xml_attr *attr;
    uint32_t n, attr_n;
} ccda;

static const tw_str nothing = { "", 0 };

/* ---------------------------------------------------------------- what the document says of people */

static bool named(const ccda *c, uint32_t i, const char *name)
{
    return i != TW_XML_NONE && tw_str_is(c->in->elem[i].name, name);
}

static bool one_of(tw_str s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (tw_str_is(s, list[i]))
            return true;
    return false;
}

/* Names of things: drugs, devices, entities that take part. */
static bool names_a_thing(tw_str parent)
{
    static const char *const things[] = { "manufacturedMaterial", "manufacturedLabeledDrug", "playingEntity",
                                          "playingDevice", "specimenPlayingEntity" };
    return one_of(parent, things, TW_COUNT(things));
}

static bool names_an_organisation(tw_str parent)
{
    static const char *const places[] = { "representedOrganization", "providerOrganization",
                                          "representedCustodianOrganization", "receivedOrganization",
                                          "scopingOrganization", "wholeOrganization", "manufacturerOrganization",
                                          "serviceProviderOrganization", "location", "place", "scopingEntity" };
    return one_of(parent, places, TW_COUNT(places));
}

static tw_status know(ccda *c, tw_known_field field, tw_str value)
{
    value = tw_str_trim(value);
    return value.n ? doc_known_add(c->cx, &c->known, field, value) : TW_OK;
}

static tw_status know_name(ccda *c, uint32_t i)
{
    const tw_xml *d = c->in;
    tw_str parent = d->elem[i].parent == TW_XML_NONE ? nothing : d->elem[d->elem[i].parent].name;
    if (names_a_thing(parent))
        return TW_OK;
    TW_TRY(know(c, names_an_organisation(parent) ? TW_KNOWN_ORG : TW_KNOWN_FULL, tw_xml_text(d, i)));
    for (uint32_t k = tw_xml_child(d, i, NULL); k != TW_XML_NONE; k = tw_xml_sibling(d, k, NULL)) {
        if (named(c, k, "given"))
            TW_TRY(know(c, TW_KNOWN_GIVEN, tw_xml_text(d, k)));
        if (named(c, k, "family"))
            TW_TRY(know(c, TW_KNOWN_FAMILY, tw_xml_text(d, k)));
    }
    return TW_OK;
}

static tw_status know_address(ccda *c, uint32_t i)
{
    const tw_xml *d = c->in;
    for (uint32_t k = tw_xml_child(d, i, NULL); k != TW_XML_NONE; k = tw_xml_sibling(d, k, NULL)) {
        if (named(c, k, "streetAddressLine"))
            TW_TRY(know(c, TW_KNOWN_STREET, tw_xml_text(d, k)));
        if (named(c, k, "city"))
            TW_TRY(know(c, TW_KNOWN_CITY, tw_xml_text(d, k)));
        if (named(c, k, "postalCode"))
            TW_TRY(know(c, TW_KNOWN_ZIP, tw_xml_text(d, k)));
    }
    return TW_OK;
}

static tw_status know_telecom(ccda *c, tw_str value)
{
    if (tw_str_starts(value, "mailto:"))
        return know(c, TW_KNOWN_EMAIL, (tw_str){ value.p + 7, value.n - 7 });
    if (tw_str_starts(value, "tel:"))
        value = (tw_str){ value.p + 4, value.n - 4 };
    return know(c, TW_KNOWN_PHONE, value);
}

/* Ids of people; those of acts are no words of a text. */
static tw_status know_id(ccda *c, uint32_t i)
{
    static const char *const people[] = { "patientRole", "assignedAuthor", "assignedEntity", "relatedEntity",
                                          "associatedEntity" };
    tw_str parent = c->in->elem[c->in->elem[i].parent].name;
    if (!one_of(parent, people, TW_COUNT(people)))
        return TW_OK;
    return know(c, TW_KNOWN_ID, tw_xml_value(c->in, i, "extension"));
}

static tw_status gather(ccda *c)
{
    const tw_xml *d = c->in;
    for (uint32_t i = 1; i < d->n; i++) {
        if (named(c, i, "name"))
            TW_TRY(know_name(c, i));
        else if (named(c, i, "addr"))
            TW_TRY(know_address(c, i));
        else if (named(c, i, "telecom"))
            TW_TRY(know_telecom(c, tw_xml_value(d, i, "value")));
        else if (named(c, i, "birthTime"))
            TW_TRY(know(c, TW_KNOWN_DATE, tw_xml_value(d, i, "value")));
        else if (named(c, i, "id"))
            TW_TRY(know_id(c, i));
    }
    return doc_known_ready(c->cx, &c->known);
}

static tw_status gather_ids(ccda *c)
{
    char room[DOC_ID_BYTES_MAX];
    for (uint32_t i = 1; i < c->in->n; i++) {
        tw_str extension = named(c, i, "id") ? tw_xml_value(c->in, i, "extension") : nothing;
        tw_bytes key = { (const uint8_t *)room, doc_plain(room, extension) };
        if (key.n && !tw_map_put(c->ids, key, c))
            return tw_fail(c->cx, TW_ELIMIT, "too many ids in one document");
    }
    return TW_OK;
}

/* The first id of the patient that says something: its extension, or its root when that is all of it. */
static tw_str patient_of(const ccda *c)
{
    uint32_t role = tw_xml_find(c->in, 0, "recordTarget/patientRole");
    for (uint32_t id = tw_xml_child(c->in, role, "id"); id != TW_XML_NONE; id = tw_xml_sibling(c->in, id, "id")) {
        tw_str extension = tw_str_trim(tw_xml_value(c->in, id, "extension"));
        tw_str root = tw_str_trim(tw_xml_value(c->in, id, "root"));
        if (extension.n || root.n)
            return extension.n ? extension : root;
    }
    return nothing;
}

/* ---------------------------------------------------------------- the account */

static tw_str path_of(const ccda *c, uint32_t i, char path[PATH_MAX_BYTES])
{
    const tw_xml_elem *e = &c->in->elem[i];
    tw_str parent = e->parent == TW_XML_NONE ? nothing : c->in->elem[e->parent].name;
    bool plain = ccda_is_named(c->rules, parent) && ccda_is_named(c->rules, e->name);
    int n = plain ? snprintf(path, PATH_MAX_BYTES, TW_FMT "/" TW_FMT, TW_ARG(parent), TW_ARG(e->name))
                  : snprintf(path, PATH_MAX_BYTES, "(other)");
    return (tw_str){ path, TW_MIN((size_t)TW_MAX(n, 0), PATH_MAX_BYTES - 1) };
}

static void told(ccda *c, uint32_t i, const ccda_rule *r, tw_doc_what what, tw_str before, tw_str after)
{
    char path[PATH_MAX_BYTES];
    doc_count(c->w, path_of(c, i, path), r->label, what);
    if (c->w->listener)
        doc_act(c->w, tw_xml_where(c->cx, c->in, i), r->label, what, before, after);
}

/* ---------------------------------------------------------------- what comes out */

static void put_attr(ccda *c, const char *name, tw_str value)
{
    tw_xml_elem *e = &c->elem[c->n - 1];
    for (uint32_t k = e->attr; k < e->attr + e->attrs; k++)
        if (tw_str_is(c->attr[k].name, name))
            return; /* a word that is there already */
    c->attr[c->attr_n++] = (tw_xml_attr){ .name = tw_str_of(name), .space = nothing, .value = value };
    e->attrs++;
}

static bool known_space(tw_str space)
{
    static const char *const spaces[] = { "", "urn:hl7-org:v3", "urn:hl7-org:sdtc", XSI };
    return one_of(space, spaces, TW_COUNT(spaces));
}

/* A word of a list on any attribute of the element; xsi:type and its kin keep their namespace. */
static void put_words(ccda *c, uint32_t i)
{
    const tw_xml_elem *e = &c->in->elem[i];
    for (uint32_t k = e->attr; k < e->attr + e->attrs; k++) {
        const tw_xml_attr *a = &c->in->attr[k];
        if (!known_space(a->space) || !ccda_word(c->rules, e->name, a->name, a->value))
            continue;
        c->attr[c->attr_n++] = *a;
        c->elem[c->n - 1].attrs++;
    }
}

static void put_element(ccda *c, uint32_t i, uint32_t parent)
{
    const tw_xml_elem *e = &c->in->elem[i];
    c->elem[c->n++] = (tw_xml_elem){
        .name = e->name, .space = e->space, .text = nothing, .attr = c->attr_n, .parent = parent, .next = 0
    };
}

static bool has_null(const ccda *c)
{
    const tw_xml_elem *e = &c->elem[c->n - 1];
    for (uint32_t k = e->attr; k < e->attr + e->attrs; k++)
        if (tw_str_is(c->attr[k].name, "nullFlavor"))
            return true;
    return false;
}

static void put_masked(ccda *c)
{
    if (!has_null(c))
        put_attr(c, "nullFlavor", TW_STR("MSK"));
}

/* Attributes that did not pass, whose own name says nothing: one row for all of an element. Those that hold the
 * element's value are told of with it. */
static void tell_attributes(ccda *c, uint32_t i, const tw_xml_elem *made)
{
    static const tw_str label = { "default-deny", 12 };
    static const char *const values[] = { "value", "code", "root", "ID" };
    const tw_xml_elem *e = &c->in->elem[i];
    char path[PATH_MAX_BYTES], at[PATH_MAX_BYTES + 2];
    for (uint32_t k = e->attr; k < e->attr + e->attrs; k++) {
        const tw_xml_attr *a = &c->in->attr[k];
        bool there = a->value.n == 0 || one_of(a->name, values, TW_COUNT(values));
        for (uint32_t m = made->attr; m < made->attr + made->attrs && !there; m++)
            there = tw_str_eq(c->attr[m].name, a->name);
        if (there)
            continue;
        int n = snprintf(at, sizeof at, TW_FMT "/@", TW_ARG(path_of(c, i, path)));
        doc_count(c->w, (tw_str){ at, (size_t)TW_MAX(n, 0) }, label, TW_DOC_REMOVED);
        if (c->w->listener)
            doc_act(c->w, tw_xml_where(c->cx, c->in, i), label, TW_DOC_REMOVED, a->value, nothing);
    }
}

/* ---------------------------------------------------------------- values */

static tw_str kept(ccda *c, const char *s)
{
    return tw_str_dup(c->cx->arena, tw_str_of(s));
}

static void id(ccda *c, uint32_t i, const ccda_rule *r)
{
    char uid[DOC_UID_TEXT];
    char hex[TW_ID_HEX + 1];
    tw_str root = tw_xml_value(c->in, i, "root");
    tw_str extension = tw_xml_value(c->in, i, "extension");
    if (root.n) {
        doc_uid(uid, c->w->id_key, root);
        put_attr(c, "root", kept(c, uid));
    }
    if (extension.n) {
        doc_ident(hex, c->w, extension);
        put_attr(c, "extension", kept(c, hex));
    }
    if (root.n || extension.n)
        told(c, i, r, TW_DOC_CHANGED, extension.n ? extension : root, kept(c, extension.n ? hex : uid));
}

static void template_id(ccda *c, uint32_t i, const ccda_rule *r)
{
    tw_str root = tw_xml_value(c->in, i, "root");
    bool fine = ccda_is_template(c->rules, root);
    if (fine)
        put_attr(c, "root", root);
    if (!fine)
        put_masked(c);
    told(c, i, r, fine ? TW_DOC_KEPT : TW_DOC_REMOVED, root, fine ? root : nothing);
}

static tw_status code(ccda *c, uint32_t i, const ccda_rule *r)
{
    tw_str value = tw_xml_value(c->in, i, "code");
    tw_str oid = tw_xml_value(c->in, i, "codeSystem");
    tw_str display = tw_xml_value(c->in, i, "displayName");
    const ccda_system *s = tw_map_get(c->rules->system, tw_bytes_of(oid));
    tw_str clean = nothing;
    if (value.n == 0) {
        if (display.n)
            put_masked(c);
        return TW_OK; /* tell_attributes tells of it */
    }
    if (!s && ccda_word(c->rules, c->in->elem[i].name, TW_STR("code"), value)) {
        told(c, i, r, TW_DOC_KEPT, value, value); /* put_words wrote it */
        return TW_OK;
    }
    if (!s || !doc_code(c->w, s->url, value)) {
        put_masked(c);
        told(c, i, r, TW_DOC_REMOVED, value, nothing);
        return TW_OK;
    }
    put_attr(c, "code", value);
    put_attr(c, "codeSystem", oid);
    put_attr(c, "codeSystemName", s->name);
    TW_TRY(doc_display(c->cx, &clean, c->w, s->url, value, display, &c->known, &c->person));
    if (clean.n)
        put_attr(c, "displayName", clean);
    told(c, i, r, TW_DOC_KEPT, value, value);
    return TW_OK;
}

static void time_value(ccda *c, uint32_t i, const ccda_rule *r, bool birth)
{
    tw_str value = tw_xml_value(c->in, i, "value");
    if (value.n == 0)
        return;
    tw_str out = doc_stamp(c->cx, c->w, &c->person, value, birth);
    if (out.n)
        put_attr(c, "value", out);
    else
        put_masked(c);
    told(c, i, r, out.n ? TW_DOC_CHANGED : TW_DOC_REMOVED, value, out);
}

/* More years than 89, in whatever unit of time: nothing in a record but an age is so long. */
static bool is_old(tw_str value, tw_str unit)
{
    static const struct {
        const char *unit;
        double years;
    } units[] = { { "a", 1 },         { "a_j", 1 },       { "a_g", 1 },         { "a_t", 1 },
                  { "mo", 1.0 / 12 }, { "mo_j", 1.0 / 12 }, { "wk", 7 / 365.25 }, { "d", 1 / 365.25 } };
    double v = 0;
    while (value.n && (value.p[0] == '<' || value.p[0] == '>' || value.p[0] == '=' || value.p[0] == ' '))
        value = (tw_str){ value.p + 1, value.n - 1 };
    for (size_t k = 0; k < TW_COUNT(units); k++)
        if (tw_str_is(unit, units[k].unit))
            return !tw_parse_f64(&v, value) || v * units[k].years >= AGE_OVER;
    return false;
}

/* The value of an observation of an age. */
static bool is_age(const ccda *c, uint32_t i)
{
    char key[256];
    uint32_t code = tw_xml_child(c->in, c->in->elem[i].parent, "code");
    const ccda_system *s = tw_map_get(c->rules->system, tw_bytes_of(tw_xml_value(c->in, code, "codeSystem")));
    tw_str value = tw_xml_value(c->in, code, "code");
    int n = s ? snprintf(key, sizeof key, TW_FMT " " TW_FMT, TW_ARG(s->url), TW_ARG(value)) : 0;
    return n > 0 && (size_t)n < sizeof key &&
           frozen_get(&c->w->opts->profile->ages, (tw_str){ key, (size_t)n }) != NULL;
}

static void quantity(ccda *c, uint32_t i, const ccda_rule *r)
{
    tw_str value = tw_xml_value(c->in, i, "value");
    tw_str unit = tw_xml_value(c->in, i, "unit");
    if (value.n == 0)
        return;
    tw_str clean = unit.n ? doc_unit(c->cx, unit) : nothing;
    bool fine = doc_is_number(value) && (clean.n || !unit.n); /* 4.5 of nothing known is no quantity */
    bool old = fine && is_old(value, clean.n || !is_age(c, i) ? clean : TW_STR("a"));
    tw_str out = old ? TW_STR("90") : fine ? value : nothing;
    if (fine)
        put_attr(c, "value", out);
    else
        put_masked(c);
    if (fine && unit.n)
        put_attr(c, "unit", old ? TW_STR("a") : clean);
    bool same = fine && !old && tw_str_eq(clean, unit);
    told(c, i, r, same ? TW_DOC_KEPT : fine ? TW_DOC_CHANGED : TW_DOC_REMOVED, value, out);
}

/* A number of a table's cell, and no id that stands somewhere in the document. */
static bool plain_number(const ccda *c, tw_str s)
{
    char room[DOC_ID_BYTES_MAX];
    s = tw_str_trim(s);
    return doc_is_small_number(s) &&
           !tw_map_get(c->ids, (tw_bytes){ (const uint8_t *)room, doc_plain(room, s) });
}

/* Text right inside an element. */
static tw_status text(ccda *c, uint32_t i, const ccda_rule *r)
{
    tw_str value = tw_xml_text(c->in, i);
    tw_str clean = nothing;
    if (value.n == 0)
        return TW_OK;
    if (plain_number(c, value))
        clean = value;
    else
        TW_TRY(doc_text(c->cx, &clean, c->w, value, &c->known, &c->person));
    c->elem[c->n - 1].text = clean;
    told(c, i, r, clean.n == 0 ? TW_DOC_REMOVED : tw_str_eq(clean, value) ? TW_DOC_KEPT : TW_DOC_CHANGED, value, clean);
    return TW_OK;
}

/* Names of places inside the narrative: "#a1" leads from a reference to the ID of a cell. */
static void local_name(ccda *c, tw_str name, const char *attribute, bool hash)
{
    char hex[TW_ID_HEX + 1];
    if (name.n == 0)
        return;
    doc_id(hex, c->w, TW_STR("narrative"), name);
    put_attr(c, attribute, tw_strf(c->cx->arena, "%sn%.16s", hash ? "#" : "", hex));
}

/* ---------------------------------------------------------------- the walk */

/* What an element's children that inherit are. */
static ccda_act by_type(const ccda *c, uint32_t i)
{
    static const struct {
        const char *type;
        ccda_act act;
    } types[] = { { "CD", CCDA_CODE },         { "CE", CCDA_CODE },        { "CS", CCDA_CODE },
                  { "CV", CCDA_CODE },         { "CR", CCDA_CODE },        { "PQ", CCDA_QUANTITY },
                  { "INT", CCDA_QUANTITY },    { "REAL", CCDA_QUANTITY },  { "MO", CCDA_QUANTITY },
                  { "IVL_PQ", CCDA_QUANTITY }, { "IVL_INT", CCDA_QUANTITY }, { "RTO", CCDA_DESCEND },
                  { "RTO_PQ_PQ", CCDA_DESCEND }, { "TS", CCDA_TIME },      { "IVL_TS", CCDA_INTERVAL },
                  { "ST", CCDA_TEXT },         { "ED", CCDA_TEXT },        { "II", CCDA_ID } };
    tw_str type = tw_xml_value_in(c->in, i, XSI, "type");
    for (size_t k = 0; k < TW_COUNT(types); k++)
        if (tw_str_is(type, types[k].type))
            return types[k].act;
    return CCDA_DESCEND;
}

static tw_status value_of(ccda *c, uint32_t i, const ccda_rule *r, ccda_act act)
{
    switch (act) {
    case CCDA_ID:
        id(c, i, r);
        return TW_OK;
    case CCDA_CODE:
        return code(c, i, r);
    case CCDA_TIME:
    case CCDA_INTERVAL:
        time_value(c, i, r, false);
        return TW_OK;
    case CCDA_BIRTH:
        time_value(c, i, r, true);
        return TW_OK;
    case CCDA_QUANTITY:
        quantity(c, i, r);
        return TW_OK;
    case CCDA_TEXT:
        return text(c, i, r);
    case CCDA_NARRATIVE:
        local_name(c, tw_xml_value(c->in, i, "ID"), "ID", false);
        return text(c, i, r);
    case CCDA_TEMPLATE:
        template_id(c, i, r);
        return TW_OK;
    case CCDA_MASK:
        put_masked(c);
        told(c, i, r, TW_DOC_REMOVED, tw_xml_text(c->in, i), nothing);
        return TW_OK;
    case CCDA_DESCEND:
    case CCDA_REMOVE:
    case CCDA_VALUE:
    case CCDA_INHERIT:
        break;
    }
    return TW_OK;
}

/* A reference of an entry to a place in the narrative. */
static void reference(ccda *c, uint32_t i, uint32_t parent)
{
    static const ccda_rule rule = { CCDA_TEXT, { "text", 4 } };
    tw_str value = tw_xml_value(c->in, i, "value");
    if (value.n < 2 || value.p[0] != '#' || !known_space(c->in->elem[i].space)) {
        told(c, i, &rule, TW_DOC_REMOVED, value, nothing);
        return;
    }
    put_element(c, i, parent);
    local_name(c, (tw_str){ value.p + 1, value.n - 1 }, "value", true);
}

static tw_status walk(ccda *c, uint32_t i, uint32_t parent, ccda_act inherited)
{
    const tw_xml_elem *e = &c->in->elem[i];
    tw_str above = e->parent == TW_XML_NONE ? nothing : c->in->elem[e->parent].name;
    const ccda_rule *r = ccda_rule_of(c->rules, above, e->name);
    ccda_act act = r->act == CCDA_VALUE ? by_type(c, i) : r->act == CCDA_INHERIT ? inherited : r->act;
    if (tw_str_is(e->name, "reference") && (inherited == CCDA_TEXT || inherited == CCDA_NARRATIVE)) {
        reference(c, i, parent);
        return TW_OK;
    }
    if (act == CCDA_REMOVE || !known_space(e->space)) {
        told(c, i, r, TW_DOC_REMOVED, tw_xml_text(c->in, i), nothing);
        return TW_OK;
    }
    uint32_t me = c->n;
    put_element(c, i, parent);
    put_words(c, i);
    TW_TRY(value_of(c, i, r, act));
    tell_attributes(c, i, &c->elem[me]);
    if (act == CCDA_MASK)
        return TW_OK;
    for (uint32_t k = i + 1; k < e->next; k = c->in->elem[k].next)
        TW_TRY(walk(c, k, me, act));
    return TW_OK;
}

static tw_status document(ccda *c, tw_buf *out)
{
    static const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    const tw_xml *d = c->in;
    if (!tw_str_is(d->elem[0].name, "ClinicalDocument") || !tw_str_is(d->elem[0].space, "urn:hl7-org:v3"))
        return tw_fail(c->cx, TW_EREFUSED, "not a ClinicalDocument of HL7 CDA");
    c->elem = tw_try_array(c->cx->arena, tw_xml_elem, d->n + 1);
    c->attr = tw_try_array(c->cx->arena, tw_xml_attr, (size_t)d->attr_n + 4 * (size_t)d->n + 8);
    if (!c->elem || !c->attr)
        return tw_fail(c->cx, TW_ELIMIT, "no memory for what comes of it");
    doc_person_of(&c->person, c->w, patient_of(c));
    if (c->w->text)
        TW_TRY(gather(c));
    TW_TRY(gather_ids(c));
    TW_TRY(walk(c, 0, TW_XML_NONE, CCDA_DESCEND));
    tw_buf_cstr(out, head);
    tw_xml_write(out, &(tw_xml){ .elem = c->elem, .n = c->n, .attr = c->attr, .attr_n = c->attr_n });
    tw_buf_cstr(out, "\n");
    return tw_buf_check(c->cx, out, "document");
}

tw_status tw_deid_ccda(tw_ctx *cx, tw_buf *out, tw_doc_work *w, tw_str text_in)
{
    tw_xml d;
    TW_TRY(tw_xml_parse(cx, &d, NULL, text_in, NULL));
    if (!w->ccda)
        w->ccda = ccda_rules_new();
    ccda c = { .cx = cx, .w = w, .rules = w->ccda, .in = &d };
    doc_known_init(&c.known);
    doc_cache_person(w);
    c.ids = tw_map_new(d.n + 1);
    tw_status s = document(&c, out);
    doc_known_done(&c.known);
    tw_map_free(c.ids);
    return s;
}
