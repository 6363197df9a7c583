/* Ids of statements, resources opened and closed, and what is not handed on. */
#include "sources/ccda_internal.h"

static const tw_str none = { "", 0 };

static bool id_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
}

static bool fits_id(tw_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!id_char(s.p[i]))
            return false;
    return s.n > 0 && s.n <= 64;
}

static tw_str lower(tw_arena *a, tw_str s)
{
    char *p = tw_arena_get(a, s.n + 1); /* at most 64 */
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 'a' - 'A') : s.p[i];
    return (tw_str){ p, s.n };
}

static tw_str made_id(tw_ccda *x, const char *label, const tw_str *part, size_t count)
{
    char id[TW_LOCAL_ID];
    tw_local_id(id, label, part, count);
    return tw_str_dup(x->cx->arena, tw_str_of(id));
}

/* The first id that is known; UUIDs are compared without regard to case (RFC 4122). */
static tw_str own_id(tw_ccda *x, uint32_t statement)
{
    uint32_t i = tw_xml_child(x->d, statement, "id");
    for (; i != TW_XML_NONE; i = tw_xml_sibling(x->d, i, "id")) {
        tw_str root = tw_str_trim(tw_xml_value(x->d, i, "root"));
        tw_str part[2] = { root, tw_str_trim(tw_xml_value(x->d, i, "extension")) };
        if (root.n == 0 || tw_ccda_null(x, i))
            continue;
        if (part[1].n == 0 && fits_id(root))
            return lower(x->cx->arena, root);
        return made_id(x, "ccda-id", part, 2);
    }
    return none;
}

/* What a statement says: its first code, and when. */
static tw_str gist(tw_ccda *x, uint32_t statement, uint32_t code, const tw_ccda_span *t)
{
    tw_coded c[TW_CCDA_CODES];
    char text[TW_WHEN_TEXT];
    tw_when start = tw_ccda_start(t);
    tw_str when = tw_when_text(text, &start, x->zone);
    if (tw_ccda_codes(x, c, code) == 0)
        c[0] = (tw_coded){ none, none, none };
    const char *no = tw_ccda_negated(x, statement) ? "-" : "+";
    return tw_strf(x->cx->arena, "%s" TW_FMT "|" TW_FMT "|" TW_FMT, no, TW_ARG(c[0].system), TW_ARG(c[0].code),
                   TW_ARG(when));
}

/* What tells two statements of one id apart: the gist, the end and the value, without its unit: a score may stand with
 * and without one. */
static tw_str saying(tw_ccda *x, uint32_t statement, tw_str gist_of, const tw_ccda_span *t)
{
    char text[TW_WHEN_TEXT];
    tw_str end = tw_when_text(text, &t->high, x->zone);
    uint32_t v = tw_xml_child(x->d, statement, "value");
    tw_str low = tw_xml_value(x->d, tw_xml_child(x->d, v, "low"), "value");
    tw_str high = tw_xml_value(x->d, tw_xml_child(x->d, v, "high"), "value");
    tw_str part[] = { gist_of, end, tw_xml_value(x->d, v, "value"), tw_xml_value(x->d, v, "code"), tw_xml_text(x->d, v),
                      low,     high };
    return made_id(x, "ccda-says", part, TW_COUNT(part));
}

/* One id, one record: a second statement of the same id that says something else gets an id of its own, and one that
 * says the same is a repeat. */
static bool claim(tw_ccda *x, tw_str *id, const char *type, uint32_t statement, tw_str what)
{
    for (int turn = 0; turn < 2; turn++) {
        tw_str key = tw_strf(x->cx->arena, "%s/" TW_FMT, type, TW_ARG(*id));
        tw_str *said = tw_map_get(x->used, tw_bytes_of(key));
        x->last = *id;
        x->last_said = said;
        if (!said) {
            said = tw_new(x->cx->arena, tw_str);
            *said = what;
            x->last_said = said;
            if (!tw_map_put(x->used, tw_bytes_of(key), said))
                tw_ccda_fault(x, statement, "more statements than the limit");
            return true;
        }
        if (tw_str_eq(*said, what))
            return false;
        tw_str part[2] = { *id, what };
        *id = made_id(x, "ccda-again", part, 2);
    }
    return false;
}

static tw_str id_of(tw_ccda *x, const char *type, uint32_t statement, tw_str what)
{
    tw_str id = own_id(x, statement);
    return id.n > 0 ? id : made_id(x, type, &what, 1);
}

bool tw_ccda_open(tw_ccda *x, const char *type, uint32_t statement, uint32_t code, const tw_ccda_span *t)
{
    tw_str what = gist(x, statement, code, t);
    tw_str id = id_of(x, type, statement, what);
    if (!claim(x, &id, type, statement, saying(x, statement, what, t))) {
        tw_ccda_tell(x, false, statement, "a repeat of another statement");
        return false;
    }
    tw_fo_resource(&x->out, type, id, none);
    return true;
}

void tw_ccda_close(tw_ccda *x, const char *patient_name, const char *encounter_name)
{
    tw_fo_reference(&x->out, patient_name, "Patient", x->patient);
    if (encounter_name)
        tw_fo_reference(&x->out, encounter_name, "Encounter", x->encounter);
    tw_fo_resource_end(&x->out);
}

void tw_ccda_tell(tw_ccda *x, bool error, uint32_t at, const char *rule)
{
    const tw_xml_elem *e = &x->d->elem[at];
    tw_jw *w = &x->out.w;
    tw_str place = tw_strf(x->cx->arena, "line %u, column %u: %s", e->line, e->column, rule);
    tw_fo_resource(&x->out, "OperationOutcome", tw_strf(x->cx->arena, "line-%u-%u", e->line, e->column), none);
    tw_jw_key(w, "issue");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_ccda_word(x, "severity", error ? "error" : "information");
    tw_ccda_word(x, "code", error ? "invalid" : "not-supported");
    tw_jw_kv(w, "diagnostics", place);
    tw_jw_key(w, "expression");
    tw_jw_array(w);
    tw_jw_str(w, tw_xml_where(x->cx, x->d, at));
    tw_jw_array_end(w);
    tw_jw_object_end(w);
    tw_jw_array_end(w);
    tw_fo_resource_end(&x->out);
}
