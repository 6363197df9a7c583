/* recordTarget as Patient. */
#include "sources/ccda_internal.h"

static const tw_str none = { "", 0 };

/* Numbers that other offices than the hospital give a person, by the root of the id; a dot at the end: all below it. */
static const struct {
    const char *root, *type; /* HL7 v2-0203 */
} foreign[] = {
    { "2.16.840.1.113883.4.1", "SS" },   { "2.16.840.1.113883.4.3.", "DL" },  { "2.16.840.1.113883.4.330.", "PPN" },
    { "2.16.840.1.113883.4.572", "MC" }, { "2.16.840.1.113883.4.927", "MC" }, { "2.16.840.1.113883.4.6", "NPI" },
    { "2.16.840.1.113883.4.338", "MC" },
};

static const char *foreign_type(tw_str root)
{
    for (size_t i = 0; i < TW_COUNT(foreign); i++)
        if (tw_str_is(root, foreign[i].root) ||
            (tw_str_ends(tw_str_of(foreign[i].root), ".") && tw_str_starts(root, foreign[i].root)))
            return foreign[i].type;
    return NULL;
}

typedef struct {
    tw_str system, value;
    const char *foreign;
    bool known;
} number;

/* As the reader of FHIR wants a number: 1 to 128 bytes without controls. */
static bool is_number(tw_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return s.n > 0 && s.n <= 128;
}

/* C-CDA on FHIR, "CDA id to FHIR identifier": root is the system; a root alone is the value. */
static number read_id(tw_ccda *x, uint32_t id)
{
    tw_arena *a = x->cx->arena;
    number n = { none, tw_str_trim(tw_xml_value(x->d, id, "extension")), NULL, false };
    tw_str root = tw_str_trim(tw_xml_value(x->d, id, "root"));
    if (tw_ccda_null(x, id) || root.n == 0 || root.n > 64)
        return n;
    const char *kind = tw_str_find(root, TW_STR("-")) == SIZE_MAX ? "oid" : "uuid";
    n.foreign = foreign_type(root);
    if (n.value.n > 0) {
        n.system = tw_strf(a, "urn:%s:" TW_FMT, kind, TW_ARG(root));
    } else {
        n.system = TW_STR("urn:ietf:rfc:3986");
        n.value = tw_strf(a, "urn:%s:" TW_FMT, kind, TW_ARG(root));
    }
    n.known = is_number(n.value);
    return n;
}

/* The local number: the id under mrn_system, else the first that no other office gave. */
static uint32_t choose(tw_ccda *x, uint32_t role, tw_str mrn_system)
{
    uint32_t best = TW_XML_NONE;
    for (uint32_t i = tw_xml_child(x->d, role, "id"); i != TW_XML_NONE; i = tw_xml_sibling(x->d, i, "id")) {
        number n = read_id(x, i);
        if (n.known && mrn_system.n > 0 &&
            (tw_str_eq(n.system, mrn_system) || tw_str_eq(tw_str_trim(tw_xml_value(x->d, i, "root")), mrn_system)))
            return i;
        if (n.known && !n.foreign && best == TW_XML_NONE)
            best = i;
    }
    return best;
}

static void identifiers(tw_ccda *x, uint32_t role, uint32_t chosen)
{
    tw_jw_key(&x->out.w, "identifier");
    tw_jw_array(&x->out.w);
    for (uint32_t i = tw_xml_child(x->d, role, "id"); i != TW_XML_NONE; i = tw_xml_sibling(x->d, i, "id")) {
        number n = read_id(x, i);
        const char *type = i == chosen ? "MR" : n.foreign;
        if (n.known)
            tw_fo_identifier(&x->out, none, tw_str_of(type), n.system, n.value);
    }
    tw_jw_array_end(&x->out.w);
}

/* ---------------------------------------------------------------- name, address, telecom */

static void texts(tw_ccda *x, const char *name, uint32_t parent, const char *child)
{
    bool open = false;
    for (uint32_t i = tw_xml_child(x->d, parent, child); i != TW_XML_NONE; i = tw_xml_sibling(x->d, i, child)) {
        tw_str s = tw_str_trim(tw_xml_text(x->d, i));
        if (s.n == 0 || tw_ccda_null(x, i))
            continue;
        if (!open) {
            tw_jw_key(&x->out.w, name);
            tw_jw_array(&x->out.w);
        }
        open = true;
        tw_jw_str(&x->out.w, s);
    }
    if (open)
        tw_jw_array_end(&x->out.w);
}

static void text_of(tw_ccda *x, const char *name, uint32_t parent, const char *child)
{
    tw_fo_text(&x->out, name, tw_str_trim(tw_xml_text(x->d, tw_xml_child(x->d, parent, child))));
}

static const char *use_of(tw_str use)
{
    static const char *const map[][2] = { { "L", "official" }, { "P", "nickname" }, { "HP", "home" },
                                          { "H", "home" },     { "HV", "home" },    { "WP", "work" },
                                          { "MC", "mobile" },  { "TMP", "temp" } };
    for (size_t i = 0; i < TW_COUNT(map); i++)
        if (tw_str_is(use, map[i][0]))
            return map[i][1];
    return "";
}

static void one_name(tw_ccda *x, uint32_t e)
{
    tw_ccda_word(x, "use", use_of(tw_xml_value(x->d, e, "use")));
    text_of(x, "family", e, "family");
    texts(x, "given", e, "given");
    texts(x, "prefix", e, "prefix");
    texts(x, "suffix", e, "suffix");
}

static void one_address(tw_ccda *x, uint32_t e)
{
    tw_ccda_word(x, "use", use_of(tw_xml_value(x->d, e, "use")));
    texts(x, "line", e, "streetAddressLine");
    text_of(x, "city", e, "city");
    text_of(x, "state", e, "state");
    text_of(x, "postalCode", e, "postalCode");
    text_of(x, "country", e, "country");
}

static void one_telecom(tw_ccda *x, uint32_t e)
{
    static const char *const map[][2] = {
        { "tel:", "phone" }, { "mailto:", "email" }, { "fax:", "fax" }, { "http", "url" }
    };
    tw_str v = tw_xml_value(x->d, e, "value");
    for (size_t i = 0; i < TW_COUNT(map); i++)
        if (tw_str_starts(v, map[i][0])) {
            tw_ccda_word(x, "system", map[i][1]);
            size_t skip = i < 3 ? strlen(map[i][0]) : 0;
            v = (tw_str){ v.p + skip, v.n - skip };
            break;
        }
    tw_fo_text(&x->out, "value", v);
    tw_ccda_word(x, "use", use_of(tw_xml_value(x->d, e, "use")));
}

static void each(tw_ccda *x, const char *name, uint32_t parent, const char *child, void (*one)(tw_ccda *x, uint32_t e))
{
    bool open = false;
    for (uint32_t i = tw_xml_child(x->d, parent, child); i != TW_XML_NONE; i = tw_xml_sibling(x->d, i, child)) {
        if (tw_ccda_null(x, i))
            continue;
        if (!open) {
            tw_jw_key(&x->out.w, name);
            tw_jw_array(&x->out.w);
        }
        open = true;
        tw_jw_object(&x->out.w);
        one(x, i);
        tw_jw_object_end(&x->out.w);
    }
    if (open)
        tw_jw_array_end(&x->out.w);
}

/* ---------------------------------------------------------------- the person */

static void gender(tw_ccda *x, uint32_t person)
{
    uint32_t e = tw_xml_child(x->d, person, "administrativeGenderCode");
    tw_str code = tw_ccda_code(x, e);
    if (e == TW_XML_NONE)
        return;
    if (tw_str_is(code, "M"))
        tw_ccda_word(x, "gender", "male");
    else if (tw_str_is(code, "F"))
        tw_ccda_word(x, "gender", "female");
    else
        tw_ccda_word(x, "gender", code.n > 0 && !tw_ccda_null(x, e) ? "other" : "unknown");
}

static void deceased(tw_ccda *x, uint32_t person)
{
    for (uint32_t i = tw_xml_child(x->d, person, NULL); i != TW_XML_NONE; i = tw_xml_sibling(x->d, i, NULL)) {
        const tw_xml_elem *e = &x->d->elem[i];
        if (!tw_str_is(e->space, TW_CCDA_SDTC))
            continue;
        tw_when t = { 0 };
        if (tw_str_is(e->name, "deceasedTime"))
            t = tw_ccda_when(x, i);
        if (t.precision != TW_WHEN_NONE) {
            tw_fo_when(&x->out, "deceasedDateTime", &t, x->zone);
            return;
        }
    }
    for (uint32_t i = tw_xml_child(x->d, person, NULL); i != TW_XML_NONE; i = tw_xml_sibling(x->d, i, NULL))
        if (tw_str_is(x->d->elem[i].space, TW_CCDA_SDTC) && tw_str_is(x->d->elem[i].name, "deceasedInd") &&
            tw_str_is(tw_xml_value(x->d, i, "value"), "true")) {
            tw_jw_key(&x->out.w, "deceasedBoolean");
            tw_jw_bool(&x->out.w, true);
            return;
        }
}

static bool us_core(tw_ccda *x, bool open, uint32_t person, const char *child, const char *url)
{
    tw_coded c[TW_CCDA_CODES];
    if (tw_ccda_codes(x, c, tw_xml_child(x->d, person, child)) == 0)
        return open;
    tw_jw *w = &x->out.w;
    if (!open) {
        tw_jw_key(w, "extension");
        tw_jw_array(w);
    }
    tw_jw_object(w);
    tw_ccda_word(x, "url", url);
    tw_jw_key(w, "extension");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_ccda_word(x, "url", "ombCategory");
    tw_fo_coding(&x->out, "valueCoding", &c[0]);
    tw_jw_object_end(w);
    tw_jw_array_end(w);
    tw_jw_object_end(w);
    return true;
}

static void person_of(tw_ccda *x, uint32_t person)
{
    tw_when birth = tw_ccda_when(x, tw_xml_child(x->d, person, "birthTime"));
    bool open = us_core(x, false, person, "raceCode", "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race");
    open = us_core(x, open, person, "ethnicGroupCode",
                   "http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity");
    if (open)
        tw_jw_array_end(&x->out.w);
    each(x, "name", person, "name", one_name);
    gender(x, person);
    tw_fo_date(&x->out, "birthDate", &birth);
    deceased(x, person);
    tw_ccda_concept(x, "maritalStatus", tw_xml_child(x->d, person, "maritalStatusCode"));
}

tw_status tw_ccda_patient(tw_ccda *x, uint32_t *wrong, uint32_t root, tw_str mrn_system)
{
    uint32_t target = tw_xml_child(x->d, root, "recordTarget");
    uint32_t role = tw_xml_child(x->d, target, "patientRole");
    *wrong = root;
    if (role == TW_XML_NONE || tw_ccda_null(x, role))
        return tw_fail(x->cx, TW_EPARSE, "a document without a patient");
    *wrong = tw_xml_sibling(x->d, target, "recordTarget");
    if (*wrong != TW_XML_NONE)
        return tw_fail(x->cx, TW_EPARSE, "a document of more than one patient");
    *wrong = role;
    uint32_t chosen = choose(x, role, mrn_system);
    if (chosen == TW_XML_NONE)
        return tw_fail(x->cx, TW_EPARSE, "no id that is the hospital's own number");
    number n = read_id(x, chosen);
    char id[TW_LOCAL_ID];
    tw_local_id(id, "ccda-patient", (const tw_str[]){ n.system, n.value }, 2);
    x->patient = tw_str_dup(x->cx->arena, tw_str_of(id));
    tw_fo_resource(&x->out, "Patient", x->patient, none);
    identifiers(x, role, chosen);
    person_of(x, tw_xml_child(x->d, role, "patient"));
    each(x, "address", role, "addr", one_address);
    each(x, "telecom", role, "telecom", one_telecom);
    tw_fo_resource_end(&x->out);
    if (!x->fault)
        return TW_OK;
    *wrong = x->fault_at;
    return tw_fail(x->cx, TW_EPARSE, "%s", x->fault);
}
