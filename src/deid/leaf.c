/* Values: what passes is copied as it stood, or written anew from parts whose form is known. */
#include "deid/gate_internal.h"

#include <float.h>

#define UCUM "http://unitsofmeasure.org"

static bool removed(gate *g, const tw_r4_member *m)
{
    account_removed(g->account, m, 1);
    return false;
}

static bool kept(gate *g, const tw_r4_member *m, tw_str text)
{
    put_str(g, text);
    account_kept(g->account, m);
    return true;
}

static bool kept_quoted(gate *g, const tw_r4_member *m, tw_str text)
{
    put_quoted(g, text);
    account_kept(g->account, m);
    return true;
}

static bool changed_quoted(gate *g, const tw_r4_member *m, tw_str text)
{
    put_quoted(g, text);
    account_changed(g->account, m);
    return true;
}

/* ---------------------------------------------------------------- plain values */

/* An observation's age in years. */
static bool is_old_integer(const gate *g, const tw_r4_member *m, uint32_t i)
{
    double v = AGE_OVER; /* what cannot be read counts as old */
    if (!g->age_observation || !STR_IS(m->name, "valueInteger"))
        return false;
    (void)tw_json_f64(g->d, i, &v);
    return v >= AGE_OVER;
}

static bool plain_value(gate *g, const tw_r4_member *m, uint32_t i)
{
    uint8_t type = g->d->tok[i].type;
    tw_str raw = tw_json_raw(g->d, i);
    if (m->prim == TW_PRIM_BOOLEAN)
        return type == TW_JSON_TRUE || type == TW_JSON_FALSE ? kept(g, m, raw) : removed(g, m);
    if (m->prim == TW_PRIM_TIME)
        return form_time_of_day(gate_text(g, i)) ? kept_quoted(g, m, gate_text(g, i)) : removed(g, m);
    if (type != TW_JSON_NUMBER || !form_number((tw_r4_prim)m->prim, raw))
        return removed(g, m);
    if (is_old_integer(g, m, i)) {
        PUT_LIT(g, "90");
        g->capped = true;
        account_changed(g->account, m);
        return true;
    }
    return kept(g, m, raw);
}

static bool in_code_set(const gate *g, const tw_r4_member *m, tw_str code)
{
    return m->codes != UINT32_MAX && tw_r4_has_code(&g->p->table.codes[m->codes], code);
}

static bool code_value(gate *g, const tw_r4_member *m, uint32_t i)
{
    tw_str code = gate_text(g, i);
    return in_code_set(g, m, code) ? kept_quoted(g, m, code) : removed(g, m);
}

static bool is_word(const gate *g, tw_str path, tw_str word)
{
    char key[256];
    if (path.n + 1 + word.n > sizeof key)
        return false;
    memcpy(key, path.p, path.n);
    key[path.n] = ' ';
    if (word.n)
        memcpy(key + path.n + 1, word.p, word.n);
    return tw_map_get(g->p->words, tw_bytes_of((tw_str){ key, path.n + 1 + word.n })) != NULL;
}

static bool word_value(gate *g, const tw_r4_member *m, uint32_t i)
{
    tw_str word = gate_text(g, i);
    return is_word(g, m->path, word) ? kept_quoted(g, m, word) : removed(g, m);
}

static bool sampled(gate *g, const tw_r4_member *m, uint32_t i)
{
    const tw_json_tok *t = &g->d->tok[i];
    if (t->type != TW_JSON_STRING || t->escaped)
        return removed(g, m);
    tw_str s = { g->d->text.p + t->off + 1, t->len - 2 };
    return form_samples(s) ? kept_quoted(g, m, s) : removed(g, m);
}

/* "The initial three digits of a zip code for all such geographic units containing 20,000 or fewer people is changed to
 * 000." */
static bool zip3_value(gate *g, const tw_r4_member *m, uint32_t i)
{
    tw_str s = gate_text(g, i), country = gate_member_text(g, g->object, "country");
    if (country.n && !is_word(g, TW_STR("Address.country"), country))
        return removed(g, m);
    if (!form_zip(s))
        return removed(g, m);
    s.n = 3;
    return changed_quoted(g, m, tw_map_get(g->p->zip3, tw_bytes_of(s)) ? TW_STR("000") : s);
}

/* ---------------------------------------------------------------- times */

static bool year_only(gate *g, const tw_r4_member *m, const when *w, int weeks)
{
    char text[WHEN_TEXT];
    if (m->prim == TW_PRIM_INSTANT)
        return removed(g, m); /* an instant has no shorter form */
    g->yeared = true;
    return changed_quoted(g, m, (tw_str){ text, when_year(text, w, weeks) });
}

/* Every time is looked at for its age: one that lies over 89 years back tells of an age over 89. */
static bool time_value(gate *g, const tw_r4_member *m, uint32_t i)
{
    char text[WHEN_TEXT];
    when w;
    if (!when_parse(&w, gate_text(g, i)) || (m->prim == TW_PRIM_DATE && w.time) ||
        (m->prim == TW_PRIM_INSTANT && !w.time))
        return removed(g, m);
    bool birth = m->action == ACT_BIRTH_YEAR;
    int weeks = g->p->times == TIMES_SHIFT ? g->opts->shift_weeks : 0;
    if (when_age(&w, g->opts->reference_day) >= AGE_OVER) {
        g->capped |= birth;
        return removed(g, m);
    }
    if (birth || m->action == ACT_YEAR || g->p->times == TIMES_YEAR)
        return year_only(g, m, &w, weeks);
    if (g->p->times == TIMES_REMOVE)
        return removed(g, m);
    if (w.d == 0)
        g->yeared = true;
    else
        g->shifted = true;
    return changed_quoted(g, m, (tw_str){ text, when_shift(text, &w, weeks) });
}

bool gate_leaf(gate *g, const tw_r4_member *m, uint32_t i)
{
    switch ((r4_action)m->action) {
    case ACT_KEEP:
        return plain_value(g, m, i);
    case ACT_CODE:
        return code_value(g, m, i);
    case ACT_TIME:
    case ACT_YEAR:
    case ACT_BIRTH_YEAR:
        return time_value(g, m, i);
    case ACT_WORD:
        return word_value(g, m, i);
    case ACT_ZIP3:
        return zip3_value(g, m, i);
    case ACT_SAMPLES:
        return sampled(g, m, i);
    case ACT_REMOVE:
    case ACT_DESCEND:
    case ACT_CODING:
    case ACT_QUANTITY:
    case ACT_REFERENCE:
    case ACT_EXTENSION:
    case ACT_MODIFIER:
    case ACT_CONTAINED:
    case ACT_SCRUB:
    case ACT_ATTACH:
    case ACT_IDENT:
    case ACT_UID:
    case ACT_LINK:
        break;
    }
    return removed(g, m);
}

/* ---------------------------------------------------------------- codings */

static bool system_has(const gate *g, tw_str system, tw_str code)
{
    const code_system *s = frozen_get(&g->p->systems, system);
    return s && code.n > 0 && (tw_r4_has_code(&s->codes, code) || form_code(s->form, code));
}

static void put_coding(gate *g, tw_str system, tw_str code)
{
    PUT_LIT(g, "\"system\":");
    put_quoted(g, system);
    PUT_LIT(g, ",\"code\":");
    put_quoted(g, code);
}

bool gate_coding(gate *g, const tw_r4_member *m, uint32_t i)
{
    static const tw_str written[] = { { "system", 6 }, { "code", 4 }, { "display", 7 } };
    uint32_t at[3];
    if (!gate_pick(g, i, written, at, 3))
        return removed(g, m);
    tw_str system = gate_text(g, at[0]), code = gate_text(g, at[1]);
    if (!system_has(g, system, code))
        return removed(g, m);
    PUT_LIT(g, "{");
    put_coding(g, system, code);
    bool displayed = g->text && gate_display(g, at[2], system, code);
    PUT_LIT(g, "}");
    gate_account_rest(g, &g->p->table.node[m->node], i, written, TW_COUNT(written) - !displayed);
    return true;
}

/* ---------------------------------------------------------------- quantities */

typedef struct {
    tw_str value, comparator, system, code, unit;
    bool has_unit;
} quantity;

static const tw_str quantity_parts[] = { { "value", 5 }, { "comparator", 10 }, { "system", 6 }, { "code", 4 },
                                          { "unit", 4 } };

static bool quantity_of(gate *g, quantity *q, uint32_t i)
{
    uint32_t at[TW_COUNT(quantity_parts)];
    *q = (quantity){ .value = { "", 0 } };
    if (!gate_pick(g, i, quantity_parts, at, TW_COUNT(at)))
        return false;
    if (at[0] != TW_JSON_NONE && g->d->tok[at[0]].type == TW_JSON_NUMBER)
        q->value = tw_json_raw(g->d, at[0]);
    q->comparator = gate_text(g, at[1]);
    q->system = gate_text(g, at[2]);
    q->code = gate_text(g, at[3]);
    q->unit = gate_text(g, at[4]);
    q->has_unit = at[3] != TW_JSON_NONE || at[4] != TW_JSON_NONE;
    return true;
}

/* Years in one unit of a time; 0 for other units. No unit counts as years. */
static double years_of(const quantity *q)
{
    tw_str u = q->code.n ? q->code : q->unit;
    static const struct {
        const char *unit;
        double years;
    } units[] = {
        { "", 1 },          { "a", 1 },           { "a_j", 1 },        { "a_g", 1 },        { "a_t", 1 },
        { "mo", 1.0 / 12 }, { "wk", 7 / 365.25 }, { "d", 1 / 365.25 }, { "h", 1 / 8766.0 }, { "min", 1 / 525960.0 }
    };
    for (size_t i = 0; i < TW_COUNT(units); i++)
        if (tw_str_is(u, units[i].unit))
            return units[i].years;
    return 0;
}

/* An Age, the value of an observation of age, or any amount of years. */
static bool is_old_age(const gate *g, const tw_r4_member *m, const quantity *q)
{
    double v = DBL_MAX, unit = years_of(q); /* what cannot be read counts as old */
    bool age = STR_IS(m->type, "Age") || g->age_observation;
    bool in_years = q->has_unit && unit == 1.0;
    (void)tw_parse_f64(&v, q->value);
    return (age || in_years) && v * unit >= AGE_OVER;
}

static bool unit_passes(const gate *g, const quantity *q)
{
    if (!q->has_unit)
        return true;
    if (q->code.n)
        return tw_str_is(q->system, UCUM) ? ucum_valid(q->code) : system_has(g, q->system, q->code);
    return ucum_valid(q->unit);
}

/* A number whose unit cannot pass would mislead: then the whole quantity goes. */
bool gate_quantity(gate *g, const tw_r4_member *m, uint32_t i)
{
    static const tw_str with_unit[] = { { "value", 5 }, { "comparator", 10 }, { "unit", 4 } };
    const tw_r4_node *node = &g->p->table.node[m->node];
    const tw_r4_member *comparator = tw_r4_find(&g->p->table, node, TW_STR("comparator"));
    quantity q;
    if (!quantity_of(g, &q, i))
        return removed(g, m);
    bool compared = comparator && in_code_set(g, comparator, q.comparator);
    if (!q.value.n || !form_number(TW_PRIM_DECIMAL, q.value) || !unit_passes(g, &q) || (q.comparator.n && !compared))
        return removed(g, m);
    if (is_old_age(g, m, &q)) {
        PUT_LIT(g, "{\"value\":90,\"comparator\":\">=\",\"system\":\"" UCUM "\",\"code\":\"a\"}");
        g->capped = true;
        account_changed(g->account, m);
        return true;
    }
    PUT_LIT(g, "{\"value\":");
    put_str(g, q.value);
    if (compared) {
        PUT_LIT(g, ",\"comparator\":");
        put_quoted(g, q.comparator);
    }
    if (q.has_unit)
        PUT_LIT(g, ",");
    if (q.code.n) {
        put_coding(g, q.system, q.code);
    } else if (q.has_unit) {
        PUT_LIT(g, "\"unit\":");
        put_quoted(g, q.unit);
    }
    PUT_LIT(g, "}");
    gate_account_rest(g, node, i, q.code.n ? quantity_parts : with_unit, q.code.n ? 4 : 3);
    return true;
}

/* ---------------------------------------------------------------- references */

/* A record names few encounters; one over the limit is removed. */
static bool add_encounter(gate *g, tw_str id)
{
    char key[TW_ID_HEX + 1];
    tw_deid_id(key, g->opts->id_key, TW_STR("Encounter"), id);
    for (size_t i = 0; i < g->encounter_count; i++)
        if (memcmp(g->encounter[i], key, sizeof key) == 0)
            return true;
    if (g->encounter_count == ENCOUNTERS_MAX)
        return false;
    memcpy(g->encounter[g->encounter_count++], key, sizeof key);
    return true;
}

static bool put_reference(gate *g, const tw_r4_member *m, uint32_t i, tw_str head, const char *id)
{
    PUT_LIT(g, "{\"reference\":\"");
    put_str(g, head);
    put_str(g, tw_str_of(id));
    PUT_LIT(g, "\"}");
    account_changed(g->account, m);
    gate_account_rest(g, &g->p->table.node[m->node], i, &TW_STR("reference"), 1);
    return true;
}

static bool is_self(const gate *g, ref_kind kind, const ref_target *t, tw_str ref)
{
    if (g->opts->self_reference.n && tw_str_eq(ref, g->opts->self_reference))
        return true;
    if (kind == REF_RECORD)
        return STR_IS(t->type, "Patient") && tw_str_eq(t->id, g->self);
    return kind == REF_UNKNOWN && tw_str_starts(ref, "urn:uuid:") &&
           tw_str_eq((tw_str){ ref.p + 9, ref.n - 9 }, g->self);
}

static bool put_record(gate *g, const tw_r4_member *m, uint32_t i, const ref_target *t)
{
    char id[TW_ID_HEX + 1];
    if (STR_IS(t->type, "Encounter") && g->category != TW_CAT_ENCOUNTERS) {
        if (!add_encounter(g, t->id))
            return removed(g, m);
        account_changed(g->account, m);
        return false;
    }
    if (t->category != (int)g->category || STR_IS(t->type, "Patient"))
        return removed(g, m);
    tw_deid_id(id, g->opts->id_key, t->type, t->id);
    return put_reference(g, m, i, tw_strf(g->cx->arena, TW_FMT "/", TW_ARG(t->type)), id);
}

bool gate_reference(gate *g, const tw_r4_member *m, uint32_t i)
{
    ref_target t;
    char id[TW_ID_HEX + 1];
    tw_str ref = gate_member_text(g, i, "reference");
    ref_kind kind = ref_parse(&t, g->refs, ref);
    if (is_self(g, kind, &t, ref))
        return put_reference(g, m, i, TW_STR("Patient/"), "self");
    if (m->subject && !g->nested) {
        g->refusal =
            kind == REF_RECORD ? "the record of another patient, or of none" : "whose record it is cannot be told";
        return removed(g, m);
    }
    if (kind == REF_CONTAINED && gate_contained_find(g, t.id) != TW_JSON_NONE) {
        gate_contained_id(g, id, t.id);
        return put_reference(g, m, i, TW_STR("#"), id);
    }
    return kind == REF_RECORD ? put_record(g, m, i, &t) : removed(g, m);
}
