/* What a FHIR document says of persons: names, telephones, addresses, birth dates, identifiers, for the text engine. */
#include "deid/doc_pass.h"

typedef struct {
    doc_pass *p;
    const tw_json *d;
    tw_ctx *cx;
} gatherer;

static tw_status add(gatherer *t, tw_known_field field, uint32_t i)
{
    if (i == TW_JSON_NONE || t->d->tok[i].type != TW_JSON_STRING || t->d->tok[i].len > DOC_ID_BYTES_MAX)
        return TW_OK;
    return doc_known_add(t->cx, &t->p->known, field, tw_json_text(t->cx, t->d, i));
}

/* One value, or each of an array. */
static tw_status each(gatherer *t, uint32_t i, tw_status (*one)(gatherer *t, uint32_t i))
{
    if (i == TW_JSON_NONE || t->d->tok[i].type != TW_JSON_ARRAY)
        return i == TW_JSON_NONE ? TW_OK : one(t, i);
    for (uint32_t at = tw_json_first(t->d, i); at != TW_JSON_NONE; at = tw_json_next(t->d, i, at))
        TW_TRY(one(t, at));
    return TW_OK;
}

static tw_status given(gatherer *t, uint32_t i)
{
    return add(t, TW_KNOWN_GIVEN, i);
}

static tw_status street(gatherer *t, uint32_t i)
{
    return add(t, TW_KNOWN_STREET, i);
}

static tw_status name(gatherer *t, uint32_t i)
{
    TW_TRY(add(t, TW_KNOWN_FAMILY, tw_json_get(t->d, i, "family")));
    TW_TRY(each(t, tw_json_get(t->d, i, "given"), given));
    return add(t, TW_KNOWN_FULL, tw_json_get(t->d, i, "text"));
}

static tw_status telecom(gatherer *t, uint32_t i)
{
    bool mail = tw_json_is(t->d, tw_json_get(t->d, i, "system"), "email");
    return add(t, mail ? TW_KNOWN_EMAIL : TW_KNOWN_PHONE, tw_json_get(t->d, i, "value"));
}

static tw_status address(gatherer *t, uint32_t i)
{
    TW_TRY(each(t, tw_json_get(t->d, i, "line"), street));
    TW_TRY(add(t, TW_KNOWN_STREET, tw_json_get(t->d, i, "text")));
    TW_TRY(add(t, TW_KNOWN_CITY, tw_json_get(t->d, i, "city")));
    return add(t, TW_KNOWN_ZIP, tw_json_get(t->d, i, "postalCode"));
}

static tw_status identifier(gatherer *t, uint32_t i)
{
    return add(t, TW_KNOWN_ID, tw_json_get(t->d, i, "value"));
}

static tw_status date(gatherer *t, uint32_t i)
{
    if (i == TW_JSON_NONE || t->d->tok[i].type != TW_JSON_STRING || t->d->tok[i].len < 12)
        return TW_OK;
    tw_str day = tw_json_text(t->cx, t->d, i);
    day.n = TW_MIN(day.n, 10);
    return doc_known_add(t->cx, &t->p->known, TW_KNOWN_DATE, day);
}

static tw_status person(gatherer *t, uint32_t i)
{
    TW_TRY(each(t, tw_json_get(t->d, i, "name"), name));
    TW_TRY(each(t, tw_json_get(t->d, i, "telecom"), telecom));
    TW_TRY(each(t, tw_json_get(t->d, i, "address"), address));
    TW_TRY(date(t, tw_json_get(t->d, i, "birthDate")));
    TW_TRY(date(t, tw_json_get(t->d, i, "deceasedDateTime")));
    return each(t, tw_json_get(t->d, i, "contact"), person);
}

static tw_status organization(gatherer *t, uint32_t i)
{
    TW_TRY(add(t, TW_KNOWN_ORG, tw_json_get(t->d, i, "name")));
    TW_TRY(each(t, tw_json_get(t->d, i, "telecom"), telecom));
    return each(t, tw_json_get(t->d, i, "address"), address);
}

static tw_status resource(gatherer *t, uint32_t i)
{
    static const char *const persons[] = { "Patient", "RelatedPerson", "Practitioner", "Person" };
    static const char *const places[] = { "Organization", "Location", "HealthcareService" };
    uint32_t type = tw_json_get(t->d, i, "resourceType");
    if (type == TW_JSON_NONE)
        return TW_OK;
    TW_TRY(each(t, tw_json_get(t->d, i, "identifier"), identifier));
    for (size_t k = 0; k < TW_COUNT(persons); k++)
        if (tw_json_is(t->d, type, persons[k]))
            TW_TRY(person(t, i));
    for (size_t k = 0; k < TW_COUNT(places); k++)
        if (tw_json_is(t->d, type, places[k]))
            TW_TRY(organization(t, i));
    return TW_OK;
}

/* "Practitioner/7", "Practitioner?identifier=...", "http://host/Practitioner/7". */
static bool names_type(tw_str ref, const char *type)
{
    size_t at = tw_str_find(ref, tw_str_of(type)), n = strlen(type);
    return at != SIZE_MAX && at + n < ref.n && (ref.p[at + n] == '/' || ref.p[at + n] == '?');
}

/* Whom a Reference shows: an organisation or place when its URL or its member's name says so, else a person; names of
 * drugs and findings are no person's, but they too are shown beside references of their types. */
static tw_status shown(gatherer *t, uint32_t obj, uint32_t display)
{
    static const char *const things[] = { "Medication",  "Condition", "Observation",    "Procedure", "Device",
                                          "Substance",   "Specimen",  "DiagnosticReport", "BodyStructure" };
    tw_str ref = tw_json_member_text(t->cx, t->d, obj, "reference");
    if (names_type(ref, "Organization") || names_type(ref, "Location"))
        return add(t, TW_KNOWN_ORG, display);
    for (size_t i = 0; i < TW_COUNT(things); i++)
        if (tw_str_starts(ref, things[i]))
            return TW_OK;
    return add(t, TW_KNOWN_FULL, display);
}

tw_status doc_gather(doc_pass *p)
{
    gatherer t = { p, p->g.d, p->g.cx };
    doc_known_init(&p->known);
    for (uint32_t i = 0; i < t.d->n; i++) {
        if (t.d->tok[i].type != TW_JSON_OBJECT)
            continue;
        uint32_t display = tw_json_get(t.d, i, "display");
        TW_TRY(resource(&t, i));
        if (display != TW_JSON_NONE && tw_json_get(t.d, i, "reference") != TW_JSON_NONE)
            TW_TRY(shown(&t, i, display));
    }
    return doc_known_ready(t.cx, &p->known);
}
