/* Datatypes of HL7 v2 as datatypes of FHIR, and the walk over the rows of a map. Source: HL7, v2-to-FHIR datatype maps.
 */
#include "sources/hl7_map.h"

#define WHOLE_MAX 18 /* digits before the point: readers of JSON take whole numbers of 64 bits */

/* ---------------------------------------------------------------- reading */

tw_str tw_hl7_get(const tw_hl7_x *x, tw_hl7_slot slot, uint32_t field)
{
    const tw_hl7_segment *s = tw_hl7_at(x, slot);
    tw_str raw = s ? tw_hl7_field(&x->m, s, field) : (tw_str){ "", 0 };
    return tw_hl7_is_delete(raw) ? (tw_str){ "", 0 } : raw;
}

tw_str tw_hl7_undone(tw_hl7_x *x, tw_str raw)
{
    tw_str text = raw;
    if (x->m.escapes && tw_hl7_text(x->cx, &text, &x->m, raw) != TW_OK) {
        if (x->status == TW_OK)
            x->status = x->cx->err.code;
        return (tw_str){ "", 0 };
    }
    return text.n > 0 && (text.p[0] <= ' ' || text.p[text.n - 1] <= ' ') ? tw_str_trim(text) : text;
}

char *tw_hl7_memory(tw_hl7_x *x, size_t n)
{
    char *p = tw_arena_try(x->cx->arena, n + 1);
    if (!p && x->status == TW_OK)
        x->status = tw_fail(x->cx, TW_ELIMIT, "no memory left for a message");
    return p;
}

tw_str tw_hl7_joined(tw_hl7_x *x, const tw_str *part, size_t count, const char *between)
{
    tw_str only = { "", 0 };
    size_t n = 0, some = 0, gap = strlen(between);
    for (size_t i = 0; i < count; i++) {
        n += part[i].n + gap;
        some += part[i].n > 0;
        only = part[i].n > 0 ? part[i] : only;
    }
    if (some < 2)
        return only;
    char *p = tw_hl7_memory(x, n);
    n = 0;
    for (size_t i = 0; p && i < count; i++) {
        if (part[i].n == 0)
            continue;
        memcpy(p + n, between, n > 0 ? gap : 0);
        n += n > 0 ? gap : 0;
        memcpy(p + n, part[i].p, part[i].n);
        n += part[i].n;
    }
    return (tw_str){ p ? p : "", n };
}

tw_str tw_hl7_replaced(tw_hl7_x *x, tw_str raw, const char *marks, size_t count, char by)
{
    char *p = NULL;
    for (size_t i = 0; i < raw.n; i++) {
        if (!memchr(marks, raw.p[i], count))
            continue;
        if (!p) {
            p = tw_hl7_memory(x, raw.n);
            if (!p)
                return (tw_str){ "", 0 };
            memcpy(p, raw.p, raw.n);
        }
        p[i] = by;
    }
    return p ? (tw_str){ p, raw.n } : raw;
}

tw_str tw_hl7_lines(tw_hl7_x *x, tw_str raw)
{
    return tw_hl7_undone(x, tw_hl7_replaced(x, raw, &x->m.delims.repetition, 1, '\n'));
}

tw_str tw_hl7_plain(tw_hl7_x *x, tw_str repetition, uint32_t component)
{
    tw_str part = tw_hl7_part(repetition, x->m.delims.component, component);
    if (part.n == 0 || tw_hl7_is_delete(part))
        return (tw_str){ "", 0 };
    return tw_hl7_undone(x, tw_hl7_part(part, x->m.delims.sub, 1));
}

void tw_hl7_note_place(tw_hl7_x *x, tw_hl7_slot slot, uint32_t field)
{
    const tw_hl7_segment *s = tw_hl7_at(x, slot);
    if (!s || !x->place)
        return;
    x->place->line = x->slot_no[slot] - 1;
    x->place->column = 0;
    x->place->path = (tw_str){ s->name, 3 };
    char *path = field ? tw_arena_try(x->cx->arena, 16) : NULL;
    if (path)
        x->place->path = (tw_str){ path, (size_t)snprintf(path, 16, "%s-%u", s->name, field) };
}

bool tw_hl7_bad(tw_hl7_x *x, tw_hl7_slot slot, uint32_t field, const char *rule)
{
    if (x->status != TW_OK)
        return false;
    x->status = tw_fail(x->cx, TW_EPARSE, "%s", rule);
    tw_hl7_note_place(x, slot, field);
    return false;
}

static tw_str unreserved(tw_hl7_x *x, const char *lead, tw_str s)
{
    size_t lead_n = strlen(lead), n = lead_n;
    char *p = tw_hl7_memory(x, lead_n + 3 * s.n);
    if (!p)
        return (tw_str){ "", 0 };
    memcpy(p, lead, lead_n);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                     c == '.' || c == '_' || c == '~';
        if (plain) {
            p[n++] = (char)c;
            continue;
        }
        p[n++] = '%';
        p[n++] = "0123456789ABCDEF"[c >> 4];
        p[n++] = "0123456789ABCDEF"[c & 15];
    }
    return (tw_str){ p, n };
}

tw_str tw_hl7_authority(tw_hl7_x *x, tw_str hd, char separator)
{
    tw_str name = tw_hl7_undone(x, tw_hl7_part(hd, separator, 1));
    tw_str id = tw_hl7_undone(x, tw_hl7_part(hd, separator, 2));
    tw_str type = tw_hl7_undone(x, tw_hl7_part(hd, separator, 3));
    if (id.n > 0 && tw_str_is(type, "ISO"))
        return unreserved(x, "urn:oid:", id);
    if (id.n > 0 && (tw_str_is(type, "UUID") || tw_str_is(type, "GUID")))
        return unreserved(x, "urn:uuid:", id);
    if (id.n > 0 && tw_str_is(type, "URI"))
        return id;
    if (name.n > 0)
        return unreserved(x, "urn:twinward:authority:", name);
    return id.n > 0 ? unreserved(x, "urn:twinward:authority:", id) : id;
}

static bool is_table(tw_str name)
{
    bool ok = name.n == 7 && tw_str_starts(name, "HL7");
    for (size_t i = 3; ok && i < 7; i++)
        ok = name.p[i] >= '0' && name.p[i] <= '9';
    return ok;
}

tw_str tw_hl7_system(tw_hl7_x *x, tw_str name)
{
    tw_str uri = tw_system_by_name(name);
    if (uri.n > 0 || !is_table(name))
        return uri;
    const tw_str part[] = { TW_STR("http://terminology.hl7.org/CodeSystem/v2"), { name.p + 3, 4 } };
    return tw_hl7_joined(x, part, 2, "-");
}

/* ---------------------------------------------------------------- strings and numbers */

void tw_hl7_string(tw_hl7_x *x, tw_str s)
{
    size_t from = 0;
    HL7_PUT(x, "\"");
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        tw_hl7_raw(x, s.p + from, i - from);
        from = i + 1;
        if (c == '\n')
            HL7_PUT(x, "\\n");
        else if (c == '\t')
            HL7_PUT(x, "\\t");
        else if (c >= 0x20)
            tw_hl7_raw(x, (char[]){ '\\', (char)c }, 2);
        else
            tw_buf_fmt(x->out, "\\u%04x", c);
    }
    tw_hl7_raw(x, s.p + from, s.n - from);
    HL7_PUT(x, "\"");
}

static size_t digits(tw_str s, size_t from)
{
    size_t i = from;
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
        i++;
    return i - from;
}

/* NM: [+-]digits[.digits]; as JSON it has no plus, no bare point and no leading zeroes. */
bool tw_hl7_write_number(tw_hl7_x *x, tw_str s)
{
    size_t i = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+');
    size_t lead = digits(s, i), point = i + lead;
    size_t frac = point < s.n && s.p[point] == '.' ? digits(s, point + 1) : 0;
    size_t end = point + (point < s.n && s.p[point] == '.') + frac;
    for (; lead > 1 && s.p[i] == '0'; lead--)
        i++;
    if (lead + frac == 0 || end != s.n || s.n > 64 || lead > WHOLE_MAX)
        return false;
    if (s.p[0] == '-')
        HL7_PUT(x, "-");
    if (lead == 0)
        HL7_PUT(x, "0");
    tw_hl7_raw(x, s.p + i, lead);
    if (frac > 0)
        tw_hl7_raw(x, s.p + point, frac + 1);
    return true;
}

/* Usual times in one go; what is not usual goes to the shared reader. */
static bool write_usual(tw_hl7_x *x, tw_str s)
{
    bool plain = (s.n == 8 || s.n == 14) && digits(s, 0) == s.n && s.p[0] != '0';
    tw_when t;
    char buf[TW_WHEN_TEXT];
    if (!plain || !tw_when_hl7(&t, s))
        return false;
    memcpy(buf, "\"yyyy-mm-ddThh:mm:ss", 20);
    memcpy(buf + 1, s.p, 4);
    memcpy(buf + 6, s.p + 4, 2);
    memcpy(buf + 9, s.p + 6, 2);
    if (s.n == 8) {
        buf[11] = '"';
        tw_hl7_raw(x, buf, 12);
        return true;
    }
    memcpy(buf + 12, s.p + 8, 2);
    memcpy(buf + 15, s.p + 10, 2);
    memcpy(buf + 18, s.p + 12, 2);
    int32_t second = t.hour * 3600 + t.minute * 60 + t.second;
    int32_t offset = tw_zone_offset(&x->zone, tw_days_from_civil(t.year, t.month, t.day), second);
    if (offset == 0) {
        memcpy(buf + 20, "Z\"", 2);
        tw_hl7_raw(x, buf, 22);
        return s.p[12] != '6';
    }
    return false;
}

bool tw_hl7_write_when(tw_hl7_x *x, tw_str text, tw_when_precision at_least)
{
    tw_when t;
    char buf[TW_WHEN_TEXT];
    size_t mark = x->out->n;
    if ((at_least <= TW_WHEN_DAY || text.n == 14) && write_usual(x, text))
        return true;
    x->out->n = mark;
    if (!tw_when_hl7(&t, text))
        return tw_hl7_bad(x, (tw_hl7_slot)x->row->slot, x->row->field,
                          "not a time: YYYY[MM[DD[HH[MM[SS[.S]]]]]][+ZZZZ]");
    if (t.precision == TW_WHEN_NONE || t.precision < at_least)
        return false;
    tw_str s = tw_when_text(buf, &t, &x->zone);
    HL7_PUT(x, "\"");
    tw_hl7_raw(x, s.p, s.n);
    HL7_PUT(x, "\"");
    return true;
}

static bool write_date(tw_hl7_x *x, tw_str text)
{
    tw_when t;
    char buf[TW_WHEN_TEXT];
    if (!tw_when_hl7(&t, text))
        return tw_hl7_bad(x, (tw_hl7_slot)x->row->slot, x->row->field, "not a date: YYYY[MM[DD]]");
    tw_str s = tw_when_date_text(buf, &t);
    if (s.n == 0)
        return false;
    HL7_PUT(x, "\"");
    tw_hl7_raw(x, s.p, s.n);
    HL7_PUT(x, "\"");
    return true;
}

/* ---------------------------------------------------------------- codes */

bool tw_hl7_write_coding(tw_hl7_x *x, tw_str system, tw_str code, tw_str display)
{
    tw_hl7_object o = tw_hl7_open(x);
    if (code.n == 0)
        return false;
    HL7_MEMBER(x, "system", system);
    HL7_MEMBER(x, "code", code);
    HL7_MEMBER(x, "display", display);
    return tw_hl7_close(x, o);
}

#define CWE_PARTS 12

/* The components of a repetition, once; the number of them. */
static uint32_t split(const tw_hl7_x *x, tw_str part[CWE_PARTS], tw_str rep)
{
    uint32_t n = 0;
    while (n < CWE_PARTS && tw_hl7_next(&part[n], &rep, x->m.delims.component))
        n++;
    for (uint32_t i = n; i < CWE_PARTS; i++)
        part[i] = (tw_str){ "", 0 };
    return n;
}

static tw_str text_of(tw_hl7_x *x, tw_str part)
{
    if (part.n == 0 || tw_hl7_is_delete(part))
        return (tw_str){ "", 0 };
    return tw_hl7_undone(x, tw_hl7_part(part, x->m.delims.sub, 1));
}

/* Codes of table 0078 are those of v3-ObservationInterpretation, those of ISO 639 are tags of BCP 47. */
static tw_str system_of(tw_hl7_x *x, tw_str name, tw_hl7_vocabulary v)
{
    bool same = name.n == 0 || (v == HL7_W_FLAG && tw_str_is(name, "HL70078")) ||
                (v == HL7_W_LANGUAGE && (tw_str_starts(name, "ISO639") || tw_str_is(name, "HL70296")));
    return same ? tw_str_of(tw_hl7_vocabularies[v].table) : tw_hl7_system(x, name);
}

/* A code, its text and its system. */
static bool write_triple(tw_hl7_x *x, const tw_str part[3], tw_hl7_vocabulary v)
{
    tw_str code = text_of(x, part[0]);
    if (code.n == 0)
        return false;
    tw_str display = text_of(x, part[1]), name = text_of(x, part[2]);
    const tw_hl7_words *w = &tw_hl7_vocabularies[v];
    const tw_hl7_word *word = w->count ? tw_hl7_word_find(v, code) : NULL;
    if (word)
        return tw_hl7_write_coding(x, tw_str_of(word->system ? word->system : w->out), tw_str_of(word->to), display);
    return tw_hl7_write_coding(x, system_of(x, name, v), code, display);
}

bool tw_hl7_write_concept(tw_hl7_x *x, tw_str rep, tw_hl7_vocabulary v)
{
    static const uint32_t triple[] = { 0, 3, 9 };
    tw_str part[CWE_PARTS];
    tw_hl7_object o = tw_hl7_open(x);
    uint32_t parts = split(x, part, rep);
    bool any = false;
    for (size_t i = 0; i < TW_COUNT(triple) && triple[i] < parts; i++) {
        size_t mark = x->out->n;
        if (any)
            HL7_PUT(x, ",");
        else
            HL7_PUT(x, ",\"coding\":[");
        if (write_triple(x, part + triple[i], v))
            any = true;
        else
            x->out->n = mark;
    }
    if (any)
        HL7_PUT(x, "]");
    tw_str text = text_of(x, part[8]);
    HL7_MEMBER(x, "text", text.n > 0 || any ? text : text_of(x, part[1]));
    return tw_hl7_close(x, o);
}

static bool write_one_coding(tw_hl7_x *x, tw_str rep, tw_hl7_vocabulary v)
{
    tw_str part[CWE_PARTS];
    split(x, part, rep);
    return write_triple(x, part, v);
}

static bool write_code(tw_hl7_x *x, tw_str rep, tw_hl7_vocabulary v)
{
    const tw_hl7_word *word = tw_hl7_word_find(v, tw_hl7_plain(x, rep, 1));
    if (word)
        tw_hl7_string(x, tw_str_of(word->to));
    return word != NULL;
}

/* Categories of OMB Directive 15, as US Core has them. */
static bool write_group_code(tw_hl7_x *x, tw_str rep, const char *url)
{
    tw_str code = tw_hl7_plain(x, rep, 1);
    if (code.n != 6 || code.p[4] != '-' || digits(code, 0) != 4)
        return false;
    HL7_PUT(x, "{\"url\":\"");
    tw_hl7_cstr(x, url);
    HL7_PUT(x, "\",\"extension\":[{\"url\":\"ombCategory\",\"valueCoding\":");
    tw_hl7_write_coding(x, TW_STR("urn:oid:2.16.840.1.113883.6.238"), code, tw_hl7_plain(x, rep, 2));
    HL7_PUT(x, "}]}");
    return true;
}

/* ---------------------------------------------------------------- other values */

static bool write_yes(tw_hl7_x *x, tw_str rep)
{
    tw_str v = tw_hl7_plain(x, rep, 1);
    if (!tw_str_is(v, "Y") && !tw_str_is(v, "N"))
        return false;
    tw_hl7_cstr(x, v.p[0] == 'Y' ? "true" : "false");
    return true;
}

static bool write_count(tw_hl7_x *x, tw_str rep)
{
    tw_str v = tw_hl7_plain(x, rep, 1);
    uint64_t n;
    return tw_parse_u64(&n, v) && n > 0 && n <= INT32_MAX && v.p[0] != '0' && tw_hl7_write_number(x, v);
}

static bool write_length(tw_hl7_x *x, tw_str rep)
{
    HL7_PUT(x, "{\"value\":");
    bool wrote = tw_hl7_write_number(x, tw_hl7_plain(x, rep, 1));
    HL7_PUT(x, ",\"unit\":\"d\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"d\"}");
    return wrote;
}

static bool write_amount(tw_hl7_x *x, tw_str rep)
{
    tw_str unit = tw_hl7_plain(x, rep, 2);
    HL7_PUT(x, "{\"value\":");
    bool wrote = tw_hl7_write_number(x, tw_hl7_plain(x, rep, 1));
    if (unit.n > 0) {
        HL7_MEMBER(x, "unit", unit);
        HL7_PUT(x, ",\"system\":\"http://unitsofmeasure.org\"");
        HL7_MEMBER(x, "code", unit);
    }
    HL7_PUT(x, "}");
    return wrote;
}

static bool write_reaction(tw_hl7_x *x, tw_str rep)
{
    const tw_hl7_segment *s = tw_hl7_at(x, HL7_AL1);
    tw_str severity = tw_hl7_plain(x, tw_hl7_field(&x->m, s, 4), 1);
    tw_str text = tw_hl7_undone(x, rep);
    if (text.n == 0)
        return false;
    HL7_PUT(x, "{\"manifestation\":[{\"text\":");
    tw_hl7_string(x, text);
    HL7_PUT(x, "}]");
    HL7_MEMBER(x, "severity",
               tw_str_of(tw_str_is(severity, "SV")   ? "severe"
                         : tw_str_is(severity, "MO") ? "moderate"
                         : tw_str_is(severity, "MI") ? "mild"
                                                     : NULL));
    HL7_PUT(x, "}");
    return true;
}

static bool write_bound(tw_hl7_x *x, const char *lead, tw_str number)
{
    size_t mark = x->out->n;
    tw_hl7_cstr(x, lead);
    if (!tw_hl7_write_number(x, tw_str_trim(number))) {
        x->out->n = mark;
        return false;
    }
    HL7_PUT(x, "}");
    return true;
}

/* "3.5-5.0", "<4", ">60": bounds as numbers beside the text. */
static bool write_range(tw_hl7_x *x, tw_str rep)
{
    tw_str text = tw_hl7_undone(x, rep);
    if (text.n == 0)
        return false;
    tw_hl7_object o = tw_hl7_open(x);
    size_t dash = 1;
    while (dash < text.n && text.p[dash] != '-')
        dash++;
    tw_str rest = { text.p + 1, text.n - 1 };
    size_t mark = x->out->n;
    if (text.p[0] == '<')
        write_bound(x, ",\"high\":{\"value\":", rest);
    else if (text.p[0] == '>')
        write_bound(x, ",\"low\":{\"value\":", rest);
    else if (dash + 1 < text.n &&
             (!write_bound(x, ",\"low\":{\"value\":", (tw_str){ text.p, dash }) ||
              !write_bound(x, ",\"high\":{\"value\":", (tw_str){ text.p + dash + 1, text.n - dash - 1 })))
        x->out->n = mark;
    HL7_MEMBER(x, "text", text);
    return tw_hl7_close(x, o);
}

static bool write_text(tw_hl7_x *x, tw_str rep)
{
    tw_str text = tw_hl7_plain(x, rep, 1);
    if (text.n > 0)
        tw_hl7_string(x, text);
    return text.n > 0;
}

static bool write_language(tw_hl7_x *x, tw_str rep, tw_hl7_vocabulary v)
{
    HL7_PUT(x, "{\"language\":");
    bool wrote = tw_hl7_write_concept(x, rep, v);
    HL7_PUT(x, "}");
    return wrote;
}

bool tw_hl7_write(tw_hl7_x *x, tw_str rep, const tw_hl7_row *r)
{
    x->row = r;
    switch ((tw_hl7_kind)r->kind) {
    case HL7_FIXED:
        tw_hl7_cstr(x, r->arg);
        return true;
    case HL7_TEXT:
        return write_text(x, rep);
    case HL7_CODE:
        return write_code(x, rep, (tw_hl7_vocabulary)r->words);
    case HL7_CONCEPT:
        return tw_hl7_write_concept(x, rep, (tw_hl7_vocabulary)r->words);
    case HL7_CODING:
        return write_one_coding(x, rep, (tw_hl7_vocabulary)r->words);
    case HL7_WHEN:
        return tw_hl7_write_when(x, tw_hl7_plain(x, rep, 1), TW_WHEN_YEAR);
    case HL7_DATE:
        return write_date(x, tw_hl7_plain(x, rep, 1));
    case HL7_INSTANT:
        return tw_hl7_write_when(x, tw_hl7_plain(x, rep, 1), TW_WHEN_MINUTE);
    case HL7_CX:
        return tw_hl7_write_cx(x, rep, r->arg, false);
    case HL7_OLD_CX:
        return tw_hl7_write_cx(x, rep, r->arg, true);
    case HL7_EI:
        return tw_hl7_write_ei(x, rep, r->arg);
    case HL7_SSN:
        return tw_hl7_write_ssn(x, rep);
    case HL7_NAME:
        return tw_hl7_write_name(x, rep);
    case HL7_ADDRESS:
        return tw_hl7_write_address(x, rep);
    case HL7_TELECOM:
        return tw_hl7_write_telecom(x, rep, r->arg);
    case HL7_PERSON:
        return tw_hl7_write_person(x, rep);
    case HL7_NDL:
        return tw_hl7_write_person(x, tw_hl7_replaced(x, tw_hl7_part(rep, x->m.delims.component, 1), &x->m.delims.sub,
                                                      1, x->m.delims.component));
    case HL7_PARTICIPANT:
        return tw_hl7_write_participant(x, rep, r->arg);
    case HL7_ORG:
    case HL7_NAMED:
        return tw_hl7_write_named(x, rep);
    case HL7_PLACE:
        return tw_hl7_write_place(x, rep, r->arg);
    case HL7_YES:
        return write_yes(x, rep);
    case HL7_COUNT:
        return write_count(x, rep);
    case HL7_LENGTH:
        return write_length(x, rep);
    case HL7_AMOUNT:
        return write_amount(x, rep);
    case HL7_GROUP_CODE:
        return write_group_code(x, rep, r->arg);
    case HL7_LANGUAGE:
        return write_language(x, rep, (tw_hl7_vocabulary)r->words);
    case HL7_REACTION:
        return write_reaction(x, rep);
    case HL7_RANGE:
        return write_range(x, rep);
    }
    tw_assert_failed("a kind of value", __FILE__, __LINE__);
}
