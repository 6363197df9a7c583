/* OBX-5 by OBX-2: value[x] of an Observation, its components where the field repeats, and the content of a document.
 * Source: HL7, v2-to-FHIR maps OBX[Observation], OBX[Observation-Component], OBX[DocumentReference]. */
#include "sources/hl7_map.h"

#define VALUE_EXTENSION "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.value"

typedef enum {
    NUMBER,     /* NM */
    STRUCTURED, /* SN */
    TEXT,       /* ST, TX, FT and what is not known */
    CODED,
    BARE_CODE,   /* IS, ID */
    DAY_OR_TIME, /* DT, TS, DTM */
    CLOCK,       /* TM */
    SPAN,        /* DR */
    RANGE,       /* NR */
    ATTACHED,    /* ED, RP */
} value_kind;

static value_kind kind_of(tw_str t)
{
    static const struct {
        const char *type;
        value_kind kind;
    } types[] = {
        { "NM", NUMBER },    { "ST", TEXT },        { "TX", TEXT },        { "FT", TEXT },         { "CE", CODED },
        { "CWE", CODED },    { "CNE", CODED },      { "CF", CODED },       { "SN", STRUCTURED },   { "IS", BARE_CODE },
        { "ID", BARE_CODE }, { "DT", DAY_OR_TIME }, { "TS", DAY_OR_TIME }, { "DTM", DAY_OR_TIME }, { "TM", CLOCK },
        { "DR", SPAN },      { "NR", RANGE },       { "ED", ATTACHED },    { "RP", ATTACHED },
    };
    for (size_t i = 0; i < TW_COUNT(types); i++)
        if (tw_str_is(t, types[i].type))
            return types[i].kind;
    return TEXT;
}

static bool bad_value(tw_hl7_x *x, const char *rule)
{
    return tw_hl7_bad(x, HL7_OBX, 5, rule);
}

/* ---------------------------------------------------------------- quantities */

/* A unit is taken as UCUM unless OBX-6 names another system. */
static void write_unit(tw_hl7_x *x)
{
    tw_str raw = tw_hl7_get(x, HL7_OBX, 6);
    tw_str code = tw_hl7_plain(x, raw, 1), text = tw_hl7_plain(x, raw, 2), system = tw_hl7_plain(x, raw, 3);
    bool ucum =
        system.n == 0 || tw_str_is(system, "UCUM") || tw_str_starts(system, "ISO+") || tw_str_starts(system, "ANS+");
    HL7_MEMBER(x, "unit", text.n > 0 ? text : code);
    if (!ucum || code.n == 0)
        return;
    HL7_PUT(x, ",\"system\":\"http://unitsofmeasure.org\"");
    HL7_MEMBER(x, "code", code);
}

static bool write_quantity(tw_hl7_x *x, tw_str comparator, tw_str number)
{
    HL7_PUT(x, "{\"value\":");
    if (!tw_hl7_write_number(x, number))
        return false;
    HL7_MEMBER(x, "comparator", comparator);
    write_unit(x);
    HL7_PUT(x, "}");
    return true;
}

/* "<0.01", ">= 60": what laboratories write into a number. */
static tw_str comparator_of(tw_str *number)
{
    size_t n = 0;
    tw_str s = *number;
    if (s.n > 1 && (s.p[0] == '<' || s.p[0] == '>'))
        n = 1 + (s.p[1] == '=');
    *number = tw_str_trim((tw_str){ s.p + n, s.n - n });
    return (tw_str){ s.p, n };
}

static bool named_string(tw_hl7_x *x, tw_str text)
{
    HL7_MEMBER(x, "valueString", text);
    return text.n > 0;
}

static bool write_nm(tw_hl7_x *x, tw_str rep)
{
    tw_str text = tw_hl7_plain(x, rep, 1), number = text;
    tw_str comparator = comparator_of(&number);
    size_t mark = x->out->n;
    if (text.n == 0)
        return false;
    HL7_PUT(x, ",\"valueQuantity\":");
    if (write_quantity(x, comparator, number))
        return true;
    x->out->n = mark;
    return named_string(x, text); /* "see comment" */
}

/* The text of a value whose parts have no place in FHIR: separators become blanks. */
static tw_str joined(tw_hl7_x *x, tw_str rep, bool unit)
{
    const char marks[] = { x->m.delims.component, x->m.delims.sub };
    tw_str text = tw_hl7_undone(x, tw_hl7_replaced(x, rep, marks, sizeof marks, ' '));
    tw_str u = unit ? tw_hl7_plain(x, tw_hl7_get(x, HL7_OBX, 6), 1) : (tw_str){ "", 0 };
    const tw_str part[] = { text, u };
    return text.n > 0 ? tw_hl7_joined(x, part, 2, " ") : text;
}

static bool two_quantities(tw_hl7_x *x, const char *first, tw_str comparator, tw_str a, const char *second, tw_str b)
{
    tw_hl7_cstr(x, first);
    if (!write_quantity(x, comparator, a))
        return false;
    tw_hl7_cstr(x, second);
    if (!write_quantity(x, (tw_str){ "", 0 }, b))
        return false;
    HL7_PUT(x, "}");
    return true;
}

/* "=" says nothing; false: FHIR has no such comparator. */
static bool comparator_ok(tw_str *comparator)
{
    static const char *const known[] = { "", "<", "<=", ">", ">=" };
    if (tw_str_is(*comparator, "="))
        *comparator = (tw_str){ "", 0 };
    for (size_t i = 0; i < TW_COUNT(known); i++)
        if (tw_str_is(*comparator, known[i]))
            return true;
    return false;
}

/* comparator ^ number ^ separator ^ number. A titre over 1:128 is a ratio whose numerator bears the comparator; a span
 * with one is text, since a Range has no place for it. */
static bool write_sn(tw_hl7_x *x, tw_str rep)
{
    const tw_str no_sign = { "", 0 };
    tw_str comparator = tw_hl7_plain(x, rep, 1), a = tw_hl7_plain(x, rep, 2), sign = tw_hl7_plain(x, rep, 3),
           b = tw_hl7_plain(x, rep, 4);
    size_t mark = x->out->n;
    bool wrote = false;
    if (!comparator_ok(&comparator))
        return named_string(x, joined(x, rep, true));
    if (tw_str_is(sign, ":") || tw_str_is(sign, "/")) {
        wrote = two_quantities(x, ",\"valueRatio\":{\"numerator\":", comparator, a, ",\"denominator\":", b);
    } else if (tw_str_is(sign, "-") && comparator.n == 0) {
        wrote = two_quantities(x, ",\"valueRange\":{\"low\":", no_sign, a, ",\"high\":", b);
    } else if (sign.n == 0) {
        HL7_PUT(x, ",\"valueQuantity\":");
        wrote = write_quantity(x, comparator, a);
    }
    if (wrote)
        return true;
    x->out->n = mark;
    return named_string(x, joined(x, rep, true));
}

/* ---------------------------------------------------------------- times */

/* HH[MM[SS[.S]]] */
static bool write_clock(tw_hl7_x *x, tw_str rep)
{
    tw_str t = tw_hl7_plain(x, rep, 1);
    char text[] = "00:00:00";
    size_t n = 0;
    while (n < t.n && t.p[n] >= '0' && t.p[n] <= '9')
        n++;
    if (t.n == 0)
        return false;
    if ((n != 2 && n != 4 && n != 6) || (n < t.n && t.p[n] != '.' && t.p[n] != '+' && t.p[n] != '-'))
        return bad_value(x, "not a time of day: HH[MM[SS]]");
    for (size_t i = 0; i < n; i++)
        text[i + i / 2] = t.p[i];
    if (memcmp(text, "24", 2) >= 0 || text[3] > '5' || text[6] > '5')
        return bad_value(x, "not a time of day: HH[MM[SS]]");
    HL7_MEMBER(x, "valueTime", tw_str_of(text));
    return true;
}

static const tw_hl7_row value_row = { .slot = HL7_OBX, .field = 5 };

static bool write_span(tw_hl7_x *x, tw_str rep)
{
    tw_str from = tw_hl7_plain(x, rep, 1), to = tw_hl7_plain(x, rep, 2);
    if (from.n + to.n == 0)
        return false;
    HL7_PUT(x, ",\"valuePeriod\":{");
    if (from.n > 0) {
        HL7_PUT(x, "\"start\":");
        tw_hl7_write_when(x, from, TW_WHEN_YEAR);
    }
    if (to.n > 0) {
        tw_hl7_cstr(x, from.n > 0 ? ",\"end\":" : "\"end\":");
        tw_hl7_write_when(x, to, TW_WHEN_YEAR);
    }
    HL7_PUT(x, "}");
    return true;
}

/* ---------------------------------------------------------------- attachments */

static bool base64_ok(tw_str s)
{
    size_t n = s.n;
    while (n > 0 && s.p[n - 1] == '=' && s.n - n < 2)
        n--;
    for (size_t i = 0; i < n; i++) {
        char c = s.p[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/'))
            return false;
    }
    return n > 0 && s.n % 4 == 0;
}

/* RFC 4648 section 4. */
static void write_base64(tw_hl7_x *x, tw_str s)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    HL7_PUT(x, ",\"data\":\"");
    for (size_t i = 0; i < s.n; i += 3) {
        uint32_t v = 0;
        size_t n = TW_MIN(s.n - i, (size_t)3);
        for (size_t k = 0; k < 3; k++)
            v = v << 8 | (k < n ? (unsigned char)s.p[i + k] : 0);
        char four[4] = { digit[v >> 18], digit[v >> 12 & 63], digit[v >> 6 & 63], digit[v & 63] };
        memset(four + n + 1, '=', 3 - n);
        tw_hl7_raw(x, four, 4);
    }
    HL7_PUT(x, "\"");
}

static const char *media(tw_str type, tw_str subtype)
{
    static const struct {
        const char *name;
        const char *mime;
    } known[] = { { "PDF", "application/pdf" }, { "RTF", "application/rtf" }, { "HTML", "text/html" },
                  { "XML", "application/xml" }, { "JPEG", "image/jpeg" },     { "PNG", "image/png" },
                  { "GIF", "image/gif" },       { "TIFF", "image/tiff" },     { "DICOM", "application/dicom" } };
    for (size_t i = 0; i < TW_COUNT(known); i++)
        if (tw_str_is(subtype, known[i].name))
            return known[i].mime;
    if (tw_str_is(type, "TEXT") || tw_str_is(type, "text") || tw_str_is(type, "TX") || tw_str_is(type, "FT") ||
        tw_str_is(type, "ST"))
        return "text/plain; charset=utf-8";
    return "application/octet-stream";
}

/* ED: source ^ type ^ subtype ^ encoding ^ data. RP: pointer ^ application ^ type ^ subtype. */
bool tw_hl7_write_attachment(tw_hl7_x *x, tw_str type, tw_str rep)
{
    bool pointer = tw_str_is(type, "RP");
    bool data = tw_str_is(type, "ED");
    tw_str kind = pointer ? tw_hl7_plain(x, rep, 3) : data ? tw_hl7_plain(x, rep, 2) : type;
    tw_str subtype = pointer ? tw_hl7_plain(x, rep, 4) : data ? tw_hl7_plain(x, rep, 3) : (tw_str){ "", 0 };
    HL7_PUT(x, "{\"contentType\":\"");
    tw_hl7_cstr(x, media(kind, subtype));
    HL7_PUT(x, "\"");
    if (pointer) {
        HL7_MEMBER(x, "url", tw_hl7_plain(x, rep, 1));
    } else if (data) {
        tw_str encoding = tw_hl7_plain(x, rep, 4), bytes = tw_hl7_plain(x, rep, 5);
        if (tw_str_is(encoding, "Base64") && base64_ok(bytes))
            HL7_MEMBER(x, "data", bytes);
        else if (tw_str_is(encoding, "A"))
            write_base64(x, bytes);
    } else {
        write_base64(x, rep);
    }
    HL7_PUT(x, "}");
    return true;
}

static bool write_attached(tw_hl7_x *x, tw_str type, tw_str rep)
{
    HL7_PUT(x, ",\"extension\":[{\"url\":\"" VALUE_EXTENSION "\",\"valueAttachment\":");
    tw_hl7_write_attachment(x, type, rep);
    HL7_PUT(x, "}]");
    return true;
}

/* ---------------------------------------------------------------- one value, many values */

static bool write_one(tw_hl7_x *x, tw_str type, tw_str rep)
{
    switch (kind_of(type)) {
    case NUMBER:
        return write_nm(x, rep);
    case STRUCTURED:
        return write_sn(x, rep);
    case TEXT:
        return named_string(x, joined(x, rep, false));
    case CODED:
        HL7_PUT(x, ",\"valueCodeableConcept\":");
        return tw_hl7_write_concept(x, rep, HL7_NO_WORDS);
    case BARE_CODE:
        HL7_PUT(x, ",\"valueCodeableConcept\":");
        return tw_hl7_write_concept(x, tw_hl7_part(rep, x->m.delims.component, 1), HL7_NO_WORDS);
    case DAY_OR_TIME:
        HL7_PUT(x, ",\"valueDateTime\":");
        return tw_hl7_write_when(x, tw_hl7_plain(x, rep, 1), TW_WHEN_YEAR);
    case CLOCK:
        return write_clock(x, rep);
    case SPAN:
        return write_span(x, rep);
    case RANGE:
        return two_quantities(x, ",\"valueRange\":{\"low\":", (tw_str){ "", 0 }, tw_hl7_plain(x, rep, 1),
                              ",\"high\":", tw_hl7_plain(x, rep, 2));
    case ATTACHED:
        return write_attached(x, type, rep);
    }
    tw_assert_failed("a kind of value", __FILE__, __LINE__);
}

static void write_components(tw_hl7_x *x, tw_str type, tw_str raw)
{
    tw_str rep;
    bool any = false;
    size_t start = x->out->n;
    HL7_PUT(x, ",\"component\":[");
    while (tw_hl7_next(&rep, &raw, x->m.delims.repetition)) {
        size_t mark = x->out->n;
        tw_hl7_cstr(x, any ? ",{\"code\":" : "{\"code\":");
        bool wrote = tw_hl7_write_concept(x, tw_hl7_get(x, HL7_OBX, 3), HL7_NO_WORDS) && write_one(x, type, rep);
        HL7_PUT(x, "}");
        any |= wrote;
        if (!wrote)
            x->out->n = mark;
    }
    HL7_PUT(x, "]");
    if (!any)
        x->out->n = start;
}

void tw_hl7_write_value(tw_hl7_x *x)
{
    tw_str raw = tw_hl7_get(x, HL7_OBX, 5);
    tw_str type = tw_hl7_get(x, HL7_OBX, 2);
    size_t mark = x->out->n;
    if (raw.n == 0)
        return;
    x->row = &value_row;
    bool text = tw_str_is(type, "ST") || tw_str_is(type, "TX") || tw_str_is(type, "FT");
    if (text)
        named_string(x, tw_hl7_lines(x, raw));
    else if (memchr(raw.p, x->m.delims.repetition, raw.n))
        write_components(x, type, raw);
    else if (!write_one(x, type, raw))
        x->out->n = mark;
}

void tw_hl7_write_content(tw_hl7_x *x, bool *first)
{
    tw_str raw = tw_hl7_get(x, HL7_OBX, 5), type = tw_hl7_get(x, HL7_OBX, 2), rep;
    bool attached = kind_of(type) == ATTACHED;
    if (raw.n == 0)
        return;
    tw_str rest = attached ? raw : tw_hl7_lines(x, raw);
    while (attached ? tw_hl7_next(&rep, &rest, x->m.delims.repetition) : rest.n > 0) {
        tw_hl7_cstr(x, *first ? "{\"attachment\":" : ",{\"attachment\":");
        tw_hl7_write_attachment(x, type, attached ? rep : rest);
        HL7_PUT(x, "}");
        *first = false;
        if (!attached)
            break;
    }
}
