/* What a FHIR document says of persons: names, telephones, addresses, birth dates, identifiers, for the text engine. */
#include "deid/doc_pass.h"

typedef struct {
    const doc_pass *p; /* NULL: references are literal ones */
    doc_known *known;
    const tw_json *d;
    tw_ctx *cx;
} gatherer;

static tw_status add(gatherer *t, tw_known_field field, uint32_t i)
{
    if (i == TW_JSON_NONE || t->d->tok[i].type != TW_JSON_STRING || t->d->tok[i].len > DOC_ID_BYTES_MAX)
        return TW_OK;
    return doc_known_add(t->cx, t->known, field, tw_json_text(t->cx, t->d, i));
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
    return doc_known_add(t->cx, t->known, TW_KNOWN_DATE, day);
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

static bool is_person(tw_str type)
{
    return STR_IS(type, "Patient") || STR_IS(type, "RelatedPerson") || STR_IS(type, "Practitioner") ||
           STR_IS(type, "Person");
}

static bool is_place(tw_str type)
{
    return STR_IS(type, "Organization") || STR_IS(type, "Location") || STR_IS(type, "HealthcareService");
}

static tw_status resource(gatherer *t, uint32_t i, uint32_t key)
{
    if (t->d->tok[key + 1].type != TW_JSON_STRING)
        return TW_OK;
    tw_str type = tw_json_text(t->cx, t->d, key + 1);
    TW_TRY(each(t, tw_json_get(t->d, i, "identifier"), identifier));
    if (is_person(type))
        return person(t, i);
    return is_place(type) ? organization(t, i) : TW_OK;
}

/* ---------------------------------------------------------------- whom a Reference shows */

static bool one_of(tw_str s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (tw_str_is(s, list[i]))
            return true;
    return false;
}

/* Type that a Reference says it is of: by its own member, or by its URL; "" when neither does. */
static tw_str type_of(gatherer *t, uint32_t obj)
{
    ref_target target;
    tw_str ref = tw_json_member_text(t->cx, t->d, obj, "reference"),
           type = tw_json_member_text(t->cx, t->d, obj, "type");
    size_t query = tw_str_find(ref, TW_STR("?"));
    if (type.n)
        return type;
    if (query == SIZE_MAX) {
        bool record = t->p ? doc_target(&target, t->p, ref) : ref_parse(&target, NULL, ref) == REF_RECORD;
        return record ? target.type : TW_STR("");
    }
    size_t from = query;
    while (from > 0 && ref.p[from - 1] != '/')
        from--;
    return (tw_str){ ref.p + from, query - from };
}

/* Where its URL says no type, the member's name tells whether it is a person. Names of drugs and findings stand beside
 * references too, and are no names. */
static tw_status shown(gatherer *t, uint32_t key, uint32_t obj, uint32_t display)
{
    static const char *const members[] = {
        "subject",   "patient",     "beneficiary",        "individual",    "actor",
        "author",    "performer",   "practitioner",       "recorder",      "asserter",
        "requester", "who",         "provider",           "member",        "sender",
        "recipient", "enterer",     "informant",          "party",         "collector",
        "operator",  "subscriber",  "policyHolder",       "assessor",      "generalPractitioner",
        "careTeam",  "interpreter", "resultsInterpreter", "authenticator", "source"
    };
    if (tw_json_get(t->d, obj, "code") != TW_JSON_NONE) /* a Coding */
        return TW_OK;
    tw_str type = type_of(t, obj);
    if (is_place(type))
        return add(t, TW_KNOWN_ORG, display);
    bool person = type.n ? is_person(type) || STR_IS(type, "PractitionerRole")
                         : one_of(tw_json_text(t->cx, t->d, key), members, TW_COUNT(members));
    return person ? add(t, TW_KNOWN_FULL, display) : TW_OK;
}

/* Values of extensions that name somebody. */
static tw_status extension(gatherer *t, uint32_t obj)
{
    tw_str url = tw_json_member_text(t->cx, t->d, obj, "url");
    if (tw_str_ends(url, "mothersMaidenName"))
        TW_TRY(add(t, TW_KNOWN_FULL, tw_json_get(t->d, obj, "valueString")));
    TW_TRY(each(t, tw_json_get(t->d, obj, "valueAddress"), address));
    TW_TRY(each(t, tw_json_get(t->d, obj, "valueContactPoint"), telecom));
    return each(t, tw_json_get(t->d, obj, "valueHumanName"), name);
}

/* ---------------------------------------------------------------- all of a document */

typedef struct {
    uint32_t object, end;
    uint32_t key; /* of the member whose value it is, or in whose array it stands */
} place;

static bool is_key(const gatherer *t, uint32_t i, const char *name, size_t n)
{
    const tw_json_tok *k = &t->d->tok[i];
    return k->len == n + 2 && tw_same_bytes(t->d->text.p + k->off + 1, name, n);
}
#define IS_KEY(t, i, lit) is_key((t), (i), (lit), sizeof(lit) - 1)

/* What a member says of the object it stands in. */
static tw_status member(gatherer *t, const place *in, uint32_t key)
{
    if (IS_KEY(t, key, "resourceType"))
        return resource(t, in->object, key);
    if (IS_KEY(t, key, "display"))
        return IS_KEY(t, in->key, "coding") ? TW_OK : shown(t, in->key, in->object, key + 1);
    return IS_KEY(t, key, "url") ? extension(t, in->object) : TW_OK;
}

static tw_status gather(gatherer *t, uint32_t from)
{
    place open[TW_JSON_DEPTH_MAX + 1] = { { from, t->d->tok[from].next, 0 } };
    uint32_t depth = 0, key = 0;
    for (uint32_t i = from; i < open[0].end; i++) {
        const tw_json_tok *tok = &t->d->tok[i];
        if (!tok->is_key && tok->type != TW_JSON_OBJECT && tok->type != TW_JSON_ARRAY)
            continue;
        while (depth && i >= open[depth].end)
            key = open[depth--].key;
        if (tok->is_key) {
            key = i;
            TW_TRY(member(t, &open[depth], i));
        } else {
            open[++depth] = (place){ i, tok->next, key };
        }
    }
    return TW_OK;
}

tw_status doc_gather(doc_pass *p)
{
    gatherer t = { p, &p->w->known, p->g.d, p->g.cx };
    doc_known_reset(&p->w->known);
    return gather(&t, 0);
}

tw_status doc_gather_from(tw_ctx *cx, doc_known *known, const tw_json *d, uint32_t resource)
{
    gatherer t = { NULL, known, d, cx };
    return resource < d->n ? gather(&t, resource) : TW_OK;
}
