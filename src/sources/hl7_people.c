/* Identifiers, names, addresses, telephones, people and places of HL7 v2 as datatypes of FHIR. Source: HL7, v2-to-FHIR
 * datatype maps CX, EI, XPN, XAD, XTN, XCN, XON, PL. */
#include "sources/hl7_map.h"

#define V2_0203 "http://terminology.hl7.org/CodeSystem/v2-0203"
#define V3_PARTICIPATION "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
#define PLACE_PARTS 4

/* ---------------------------------------------------------------- identifiers */

/* Types: of the number that the patient is known by, MR comes first. */
static void write_types(tw_hl7_x *x, tw_str type, bool local)
{
    if (type.n == 0 && !local)
        return;
    HL7_PUT(x, ",\"type\":{\"coding\":[");
    if (local && !tw_str_is(type, "MR")) {
        HL7_PUT(x, "{\"system\":\"" V2_0203 "\",\"code\":\"MR\"}");
        if (type.n > 0)
            HL7_PUT(x, ",");
    }
    if (type.n > 0)
        tw_hl7_write_coding(x, TW_STR(V2_0203), type, (tw_str){ "", 0 });
    HL7_PUT(x, "]}");
}

static void write_cx_period(tw_hl7_x *x, tw_str rep)
{
    tw_str from = tw_hl7_plain(x, rep, 7), to = tw_hl7_plain(x, rep, 8);
    size_t mark = x->out->n;
    if (from.n + to.n == 0)
        return;
    HL7_PUT(x, ",\"period\":");
    tw_hl7_object o = tw_hl7_open(x);
    if (from.n > 0) {
        HL7_PUT(x, ",\"start\":");
        tw_hl7_write_when(x, from, TW_WHEN_YEAR);
    }
    if (to.n > 0) {
        HL7_PUT(x, ",\"end\":");
        tw_hl7_write_when(x, to, TW_WHEN_YEAR);
    }
    if (!tw_hl7_close(x, o))
        x->out->n = mark;
}

bool tw_hl7_write_cx(tw_hl7_x *x, tw_str rep, const char *type_else, bool old)
{
    tw_str value = tw_hl7_plain(x, rep, 1);
    tw_str type = tw_hl7_plain(x, rep, 5);
    if (value.n == 0)
        return false;
    type = type.n > 0 ? type : tw_str_of(type_else);
    tw_hl7_object o = tw_hl7_open(x);
    if (old)
        HL7_PUT(x, ",\"use\":\"old\"");
    bool untyped = old && (type.n == 0 || tw_str_is(type, "PI"));
    write_types(x, type, (!old && x->number.p == rep.p) || untyped);
    tw_str hd = tw_hl7_part(rep, x->m.delims.component, 4);
    HL7_MEMBER(x, "system", tw_hl7_authority(x, hd, x->m.delims.sub));
    HL7_MEMBER(x, "value", value);
    write_cx_period(x, rep);
    return tw_hl7_close(x, o);
}

bool tw_hl7_write_ei(tw_hl7_x *x, tw_str rep, const char *type)
{
    char c = x->m.delims.component;
    tw_str value = tw_hl7_plain(x, rep, 1);
    size_t skip = tw_hl7_part(rep, c, 1).n + 1;
    if (value.n == 0)
        return false;
    tw_hl7_object o = tw_hl7_open(x);
    write_types(x, tw_str_of(type), false);
    tw_str rest = skip < rep.n ? (tw_str){ rep.p + skip, rep.n - skip } : (tw_str){ "", 0 };
    tw_str first = tw_hl7_part(rest, c, 1);
    bool nested = first.n > 0 && memchr(first.p, x->m.delims.sub, first.n); /* EI.2 written as an HD of its own */
    HL7_MEMBER(x, "system", nested ? tw_hl7_authority(x, first, x->m.delims.sub) : tw_hl7_authority(x, rest, c));
    HL7_MEMBER(x, "value", value);
    return tw_hl7_close(x, o);
}

bool tw_hl7_write_ssn(tw_hl7_x *x, tw_str rep)
{
    tw_str value = tw_hl7_plain(x, rep, 1);
    if (value.n == 0)
        return false;
    tw_hl7_object o = tw_hl7_open(x);
    write_types(x, TW_STR("SS"), false);
    HL7_PUT(x, ",\"system\":\"http://hl7.org/fhir/sid/us-ssn\"");
    HL7_MEMBER(x, "value", value);
    return tw_hl7_close(x, o);
}

/* ---------------------------------------------------------------- people and places */

/* ,"key":["a","b"] of the parts that are not empty. */
static void write_list(tw_hl7_x *x, const char *lead, const tw_str *part, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (part[i].n == 0)
            continue;
        if (any)
            HL7_PUT(x, ",");
        else
            tw_hl7_cstr(x, lead);
        tw_hl7_string(x, part[i]);
        any = true;
    }
    if (any)
        HL7_PUT(x, "]");
}

static void write_use(tw_hl7_x *x, tw_hl7_vocabulary v, tw_str code, const char *otherwise)
{
    const tw_hl7_word *w = tw_hl7_word_find(v, code);
    HL7_MEMBER(x, "use", tw_str_of(w ? w->to : otherwise));
}

bool tw_hl7_write_name(tw_hl7_x *x, tw_str rep)
{
    const tw_str given[] = { tw_hl7_plain(x, rep, 2), tw_hl7_plain(x, rep, 3) };
    const tw_str suffix[] = { tw_hl7_plain(x, rep, 4), tw_hl7_plain(x, rep, 6) };
    const tw_str prefix[] = { tw_hl7_plain(x, rep, 5) };
    tw_hl7_object o = tw_hl7_open(x);
    HL7_MEMBER(x, "family", tw_hl7_plain(x, rep, 1));
    write_list(x, ",\"given\":[", given, 2);
    write_list(x, ",\"prefix\":[", prefix, 1);
    write_list(x, ",\"suffix\":[", suffix, 2);
    if (x->out->n > o.at)
        write_use(x, HL7_W_NAME_USE, tw_hl7_plain(x, rep, 7), NULL);
    return tw_hl7_close(x, o);
}

bool tw_hl7_write_address(tw_hl7_x *x, tw_str rep)
{
    const tw_str line[] = { tw_hl7_plain(x, rep, 1), tw_hl7_plain(x, rep, 2) };
    tw_str type = tw_hl7_plain(x, rep, 7);
    tw_hl7_object o = tw_hl7_open(x);
    write_list(x, ",\"line\":[", line, 2);
    HL7_MEMBER(x, "city", tw_hl7_plain(x, rep, 3));
    HL7_MEMBER(x, "district", tw_hl7_plain(x, rep, 9));
    HL7_MEMBER(x, "state", tw_hl7_plain(x, rep, 4));
    HL7_MEMBER(x, "postalCode", tw_hl7_plain(x, rep, 5));
    HL7_MEMBER(x, "country", tw_hl7_plain(x, rep, 6));
    if (x->out->n > o.at) {
        write_use(x, HL7_W_ADDRESS_USE, type, NULL);
        if (tw_str_is(type, "M"))
            HL7_PUT(x, ",\"type\":\"postal\"");
    }
    return tw_hl7_close(x, o);
}

static const char *telecom_system(tw_str use, tw_str equipment)
{
    if (tw_str_is(use, "NET") || tw_str_is(equipment, "Internet") || tw_str_is(equipment, "X.400"))
        return "email";
    if (tw_str_is(equipment, "FX"))
        return "fax";
    return tw_str_is(equipment, "BP") ? "pager" : "phone";
}

static tw_str dialled(tw_hl7_x *x, tw_str rep)
{
    tw_str country = tw_hl7_plain(x, rep, 5);
    const tw_str international[] = { { "+", country.n > 0 }, country };
    const tw_str part[] = { tw_hl7_joined(x, international, 2, ""), tw_hl7_plain(x, rep, 6), tw_hl7_plain(x, rep, 7) };
    return part[2].n > 0 ? tw_hl7_joined(x, part, 3, " ") : part[2];
}

bool tw_hl7_write_telecom(tw_hl7_x *x, tw_str rep, const char *use_else)
{
    tw_str use = tw_hl7_plain(x, rep, 2), equipment = tw_hl7_plain(x, rep, 3);
    const char *system = telecom_system(use, equipment);
    tw_str value = tw_hl7_plain(x, rep, 12);
    if (value.n == 0 && strcmp(system, "email") == 0)
        value = tw_hl7_plain(x, rep, 4);
    if (value.n == 0)
        value = tw_hl7_plain(x, rep, 1);
    if (value.n == 0)
        value = dialled(x, rep);
    if (value.n == 0)
        return false;
    tw_hl7_object o = tw_hl7_open(x);
    HL7_MEMBER(x, "system", tw_str_of(system));
    HL7_MEMBER(x, "value", value);
    if (tw_str_is(equipment, "CP"))
        HL7_PUT(x, ",\"use\":\"mobile\"");
    else
        write_use(x, HL7_W_TELECOM_USE, use, use.n == 0 ? use_else : NULL);
    return tw_hl7_close(x, o);
}

/* XCN: who, by his number and his name. */
bool tw_hl7_write_person(tw_hl7_x *x, tw_str rep)
{
    tw_str number = tw_hl7_plain(x, rep, 1), family = tw_hl7_plain(x, rep, 2), given = tw_hl7_plain(x, rep, 3);
    tw_str system = { "", 0 };
    if (number.n + family.n + given.n == 0)
        return false;
    tw_hl7_object o = tw_hl7_open(x);
    HL7_PUT(x, ",\"type\":\"Practitioner\"");
    if (number.n > 0) {
        system = tw_hl7_authority(x, tw_hl7_part(rep, x->m.delims.component, 9), x->m.delims.sub);
        HL7_PUT(x, ",\"identifier\":");
        tw_hl7_object id = tw_hl7_open(x);
        HL7_MEMBER(x, "system", system);
        HL7_MEMBER(x, "value", number);
        tw_hl7_close(x, id);
    }
    const tw_str name[] = { given, family };
    HL7_MEMBER(x, "display", tw_hl7_joined(x, name, 2, " "));
    return tw_hl7_close(x, o);
}

bool tw_hl7_write_participant(tw_hl7_x *x, tw_str rep, const char *role)
{
    HL7_PUT(x, "{\"type\":[{\"coding\":[{\"system\":\"" V3_PARTICIPATION "\",\"code\":\"");
    tw_hl7_cstr(x, role);
    HL7_PUT(x, "\"}]}],\"individual\":");
    bool wrote = tw_hl7_write_person(x, rep);
    HL7_PUT(x, "}");
    return wrote;
}

bool tw_hl7_write_named(tw_hl7_x *x, tw_str rep)
{
    tw_hl7_object o = tw_hl7_open(x);
    HL7_MEMBER(x, "display", tw_hl7_plain(x, rep, 1));
    return tw_hl7_close(x, o);
}

/* PL: point of care, room, bed, facility. */
bool tw_hl7_write_place(tw_hl7_x *x, tw_str rep, const char *status)
{
    tw_str part[PLACE_PARTS];
    for (uint32_t i = 0; i < PLACE_PARTS; i++)
        part[i] = tw_hl7_plain(x, rep, i + 1);
    tw_str text = tw_hl7_joined(x, part, PLACE_PARTS, ", ");
    if (text.n == 0)
        return false;
    HL7_PUT(x, "{\"location\":{\"display\":");
    tw_hl7_string(x, text);
    HL7_PUT(x, "},\"status\":\"");
    tw_hl7_cstr(x, status);
    HL7_PUT(x, "\"}");
    return true;
}
