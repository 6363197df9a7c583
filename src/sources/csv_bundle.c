/* A row to resources: every field of the table's program is taken from its cell, by its words, dates or numbers. */
#include "sources/csv_internal.h"

#define ID_PARTS_MAX 66

typedef struct {
    tw_ctx *cx;
    const tw_csv_file *f;
    const tw_cm_resource *r; /* at hand */
    const tw_str *cell;
    tw_fhir_out *o;
    uint32_t wrong; /* column of the table; UINT32_MAX: none in particular */
} row;

static const tw_str nothing = { "", 0 };

/* ---------------------------------------------------------------- cells */

static tw_status bad(row *w, uint32_t column, const char *rule)
{
    w->wrong = column;
    return tw_fail(w->cx, TW_EPARSE, "%s", rule);
}

static tw_str cell_of(const row *w, uint32_t column)
{
    const tw_cm_settings *set = &w->f->table->set;
    uint32_t at = w->f->where[column];
    if (at == UINT32_MAX)
        return nothing;
    tw_str s = tw_str_trim(w->cell[at]);
    for (size_t i = 0; i < set->nulls; i++)
        if (tw_str_eq(s, set->null[i]))
            return nothing;
    return s;
}

static const tw_cm_word *word_of(const tw_cm_field *f, tw_str s)
{
    size_t from = 0;
    size_t to = f->map_count;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        int order = tw_str_cmp(f->map[mid].from, s);
        if (order == 0)
            return &f->map[mid];
        if (order < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return NULL;
}

static tw_status take(row *w, tw_str *out, const tw_cm_field *f)
{
    *out = nothing;
    if (!f)
        return TW_OK;
    tw_str s = f->column == TW_CM_CONSTANT ? f->constant : cell_of(w, f->column);
    *out = s;
    if (f->map_count == 0)
        return TW_OK;
    const tw_cm_word *word = word_of(f, s);
    if (word)
        *out = word->to;
    else if (s.n > 0 && !f->has_otherwise)
        return bad(w, f->column, "a word that the map does not hold");
    else if (s.n > 0)
        *out = f->otherwise;
    return TW_OK;
}

static tw_status el(row *w, tw_str *out, tw_el e)
{
    const tw_cm_field *f = w->r->el[e];
    TW_TRY(take(w, out, f));
    if (!f || f->map_count > 0 || f->column == TW_CM_CONSTANT || out->n == 0)
        return TW_OK;
    const char *words = tw_el_words(e, w->r->type);
    return !words || tw_cm_word_in(words, *out) ? TW_OK : bad(w, f->column, "a word that the element does not have");
}

static tw_status when(row *w, tw_when *out, tw_el e)
{
    const tw_cm_field *f = w->r->el[e];
    tw_str s;
    *out = (tw_when){ .precision = TW_WHEN_NONE };
    if (!f)
        return TW_OK;
    TW_TRY(take(w, &s, f));
    return tw_cm_dates_take(out, f->dates, s) ? TW_OK : bad(w, f->column, "a time in none of the declared formats");
}

/* Signs between thousands part groups of three digits before the point: "1,5" is no way to write 15. */
static bool grouped_well(tw_str s, char thousands)
{
    bool seen = false;
    size_t digits = 0, i = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+');
    for (; i < s.n && (s.p[i] == thousands || (s.p[i] >= '0' && s.p[i] <= '9')); i++) {
        digits++;
        if (s.p[i] != thousands)
            continue;
        if (digits < 2 || digits > 4 || (seen && digits != 4))
            return false;
        seen = true;
        digits = 0;
    }
    return (!seen || digits == 3) && (i == s.n || !memchr(s.p + i, thousands, s.n - i));
}

/* With a point, without signs between thousands. As it stands when there is nothing to do. */
static tw_status plain_number(row *w, tw_str *out, tw_str s, uint32_t column)
{
    const tw_cm_settings *set = &w->f->table->set;
    *out = s;
    if (set->decimal == '.' && set->thousands == 0)
        return TW_OK;
    if (set->thousands != 0 && !grouped_well(s, set->thousands))
        return bad(w, column, "a sign between thousands that does not part groups of three digits");
    char *p = tw_arena_try(w->cx->arena, s.n + 1);
    size_t n = 0;
    if (!p)
        return tw_fail(w->cx, TW_ELIMIT, "no memory for the row");
    for (size_t i = 0; i < s.n; i++) {
        if (set->thousands != 0 && s.p[i] == set->thousands)
            continue;
        if (set->decimal == ',' && s.p[i] == '.')
            return bad(w, column, "a point in a number with a decimal comma");
        p[n++] = s.p[i];
        if (s.p[i] == set->decimal)
            p[n - 1] = '.';
    }
    *out = (tw_str){ p, n };
    return TW_OK;
}

/* ---------------------------------------------------------------- ids */

static tw_status parts_of(row *w, char id[TW_LOCAL_ID], const tw_cm_columns *c, const char *label, bool needed)
{
    tw_str part[ID_PARTS_MAX];
    bool any = false;
    size_t n = 0;
    for (; n < c->n; n++) {
        part[n] = cell_of(w, c->column[n]);
        any |= part[n].n > 0;
    }
    id[0] = '\0';
    if (!any)
        return needed ? bad(w, c->column[0], "no id of the record") : TW_OK;
    if (w->r->id_tail.n > 0 && needed)
        part[n++] = w->r->id_tail;
    tw_local_id(id, label, part, n);
    return TW_OK;
}

/* Visits are numbered through the source, all other records within their table. */
static tw_status record_id(row *w, char id[TW_LOCAL_ID])
{
    char label[128];
    const char *type = tw_cm_type_name(w->r->type);
    if (w->r->type == TW_CM_ENCOUNTER)
        snprintf(label, sizeof label, "csv %s", type);
    else
        snprintf(label, sizeof label, "csv %s " TW_FMT, type, TW_ARG(w->f->table->name));
    return parts_of(w, id, &w->r->id, label, true);
}

/* Signs of a query or a reference, by their number. */
static size_t escape(char *to, tw_str s)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c > ' ' && !strchr("%&|#?+", c)) {
            to[n++] = (char)c;
            continue;
        }
        to[n++] = '%';
        to[n++] = hex[c >> 4];
        to[n++] = hex[c & 15];
    }
    return n;
}

/* A conditional reference (R4 http.html): unlike a logical one it is a text that the gate can know again. */
static tw_status refer_to(row *w, const char *name, tw_str system, tw_str number)
{
    static const char head[] = "Patient?identifier=";
    size_t n = sizeof head - 1;
    char *p = tw_arena_try(w->cx->arena, n + 3 * (system.n + number.n) + 1);
    if (!p)
        return tw_fail(w->cx, TW_ELIMIT, "no memory for the row");
    memcpy(p, head, n);
    n += escape(p + n, system);
    p[n++] = '|';
    n += escape(p + n, number);
    tw_jw_key(&w->o->w, name);
    tw_jw_object(&w->o->w);
    tw_jw_kv(&w->o->w, "reference", (tw_str){ p, n });
    tw_jw_object_end(&w->o->w);
    return TW_OK;
}

static tw_status subject(row *w, const char *name)
{
    tw_str number;
    TW_TRY(el(w, &number, TW_EL_PATIENT));
    if (number.n == 0)
        return bad(w, w->r->el[TW_EL_PATIENT]->column, "no number of a patient");
    return refer_to(w, name, w->r->patient_system, number);
}

static tw_status encounter(row *w, const char *name)
{
    char id[TW_LOCAL_ID];
    if (w->r->encounter.n == 0)
        return TW_OK;
    TW_TRY(parts_of(w, id, &w->r->encounter, "csv Encounter", false));
    tw_fo_reference(w->o, name, "Encounter", tw_str_of(id));
    return TW_OK;
}

/* ---------------------------------------------------------------- codes */

static tw_status take_code(row *w, tw_coded *out, const tw_cm_code *c)
{
    TW_TRY(take(w, &out->code, &c->code));
    TW_TRY(take(w, &out->display, &c->display));
    out->system = c->system.constant;
    if (out->code.n == 0)
        return TW_OK;
    if (c->system.column != TW_CM_CONSTANT) {
        tw_str s;
        TW_TRY(take(w, &s, &c->system));
        out->system = tw_cm_system(s);
        if (out->system.n == 0)
            return bad(w, c->system.column, "a code system that is not known");
    }
    if (tw_str_is(out->system, "http://loinc.org") && !tw_csv_is_loinc(out->code))
        return bad(w, c->code.column, "not a code of LOINC: its check digit does not fit");
    if (tw_str_is(out->system, "http://snomed.info/sct") && !tw_csv_is_snomed(out->code))
        return bad(w, c->code.column, "not a code of SNOMED CT: its check digit does not fit");
    return TW_OK;
}

/* list: the element holds an array of concepts. */
static tw_status concept(row *w, const char *name, tw_cm_concept which, bool list)
{
    const tw_cm_codes *all = &w->r->concept[which];
    tw_coded *code = tw_arena_get(w->cx->arena, (all->n + 1) * sizeof *code);
    tw_str text = nothing;
    bool any = false;
    for (size_t i = 0; i < all->n; i++) {
        TW_TRY(take_code(w, &code[i], &all->code[i]));
        any |= code[i].code.n > 0;
        if (text.n == 0)
            text = code[i].display;
    }
    if (!any && which == TW_CONCEPT_CODE)
        return all->n ? bad(w, all->code[0].code.column, "no code") : TW_OK;
    if (!any && text.n == 0)
        return TW_OK;
    if (!list) {
        tw_fo_concept(w->o, name, code, all->n, text);
        return TW_OK;
    }
    tw_jw_key(&w->o->w, name);
    tw_jw_array(&w->o->w);
    tw_jw_object(&w->o->w);
    if (any) {
        tw_jw_key(&w->o->w, "coding");
        tw_jw_array(&w->o->w);
        for (size_t i = 0; i < all->n; i++) {
            if (code[i].code.n == 0)
                continue;
            tw_jw_object(&w->o->w);
            tw_fo_text(w->o, "system", code[i].system);
            tw_fo_text(w->o, "code", code[i].code);
            tw_fo_text(w->o, "display", code[i].display);
            tw_jw_object_end(&w->o->w);
        }
        tw_jw_array_end(&w->o->w);
    }
    tw_fo_text(w->o, "text", text);
    tw_jw_object_end(&w->o->w);
    tw_jw_array_end(&w->o->w);
    return TW_OK;
}

/* A word as a concept of a system of HL7's; list as above. */
static tw_status word_concept(row *w, const char *name, tw_el e, const char *system, bool list)
{
    tw_coded c = { tw_str_of(system), nothing, nothing };
    TW_TRY(el(w, &c.code, e));
    if (c.code.n == 0)
        return TW_OK;
    if (!list) {
        tw_fo_concept(w->o, name, &c, 1, nothing);
        return TW_OK;
    }
    tw_jw_key(&w->o->w, name);
    tw_jw_array(&w->o->w);
    tw_jw_object(&w->o->w);
    tw_jw_key(&w->o->w, "coding");
    tw_jw_array(&w->o->w);
    tw_jw_object(&w->o->w);
    tw_fo_text(w->o, "system", c.system);
    tw_fo_text(w->o, "code", c.code);
    tw_jw_object_end(&w->o->w);
    tw_jw_array_end(&w->o->w);
    tw_jw_object_end(&w->o->w);
    tw_jw_array_end(&w->o->w);
    return TW_OK;
}

/* The status; when the record has an end and the mapping says what that means, that. */
static tw_status status_word(row *w, tw_str *out)
{
    tw_when end;
    TW_TRY(el(w, out, TW_EL_STATUS));
    TW_TRY(when(w, &end, TW_EL_FINISH));
    if (end.precision != TW_WHEN_NONE && w->r->el[TW_EL_STATUS_ENDED])
        return el(w, out, TW_EL_STATUS_ENDED);
    if (out->n == 0 && w->r->el[TW_EL_STATUS] && w->r->type != TW_CM_CONDITION && w->r->type != TW_CM_ALLERGY)
        return bad(w, w->r->el[TW_EL_STATUS]->column, "no status");
    return TW_OK;
}

static tw_status status(row *w)
{
    tw_str s;
    TW_TRY(status_word(w, &s));
    tw_fo_text(w->o, "status", s);
    return TW_OK;
}

static tw_status clinical_status(row *w, const char *system)
{
    tw_coded c = { tw_str_of(system), nothing, nothing };
    TW_TRY(status_word(w, &c.code));
    tw_fo_concept(w->o, "clinicalStatus", &c, 1, nothing);
    return TW_OK;
}

/* ---------------------------------------------------------------- times and amounts */

static tw_status put_when(row *w, const char *name, tw_el e)
{
    tw_when t;
    TW_TRY(when(w, &t, e));
    tw_fo_when(w->o, name, &t, &w->f->table->set.zone);
    return TW_OK;
}

/* start and end as a Period; nothing when both are empty. */
static tw_status period(row *w, const char *name)
{
    tw_when start;
    tw_when end;
    TW_TRY(when(w, &start, TW_EL_START));
    TW_TRY(when(w, &end, TW_EL_FINISH));
    if (start.precision == TW_WHEN_NONE && end.precision == TW_WHEN_NONE)
        return TW_OK;
    tw_jw_key(&w->o->w, name);
    tw_jw_object(&w->o->w);
    tw_fo_when(w->o, "start", &start, &w->f->table->set.zone);
    tw_fo_when(w->o, "end", &end, &w->f->table->set.zone);
    tw_jw_object_end(&w->o->w);
    return TW_OK;
}

static tw_status point_or_period(row *w, const char *point, const char *span)
{
    if (w->r->el[TW_EL_TIME])
        return put_when(w, point, TW_EL_TIME);
    return period(w, span);
}

static tw_status dose(row *w, const char *name)
{
    tw_str amount;
    tw_str unit;
    TW_TRY(el(w, &amount, TW_EL_DOSE));
    TW_TRY(el(w, &unit, TW_EL_DOSE_UNIT));
    if (amount.n == 0)
        return TW_OK;
    TW_TRY(plain_number(w, &amount, amount, w->r->el[TW_EL_DOSE]->column));
    if (!tw_fo_quantity(w->o, name, amount, unit, nothing))
        return bad(w, w->r->el[TW_EL_DOSE]->column, "a dose that is no number");
    return TW_OK;
}

/* "<0.1" without a comparator of its own: the sign goes before. */
static tw_str cut_comparator(tw_str *value)
{
    static const struct {
        const char *text;
        const char *sign;
    } signs[] = { { "<=", "<=" }, { ">=", ">=" }, { "<", "<" }, { ">", ">" }, { "\u2264", "<=" }, { "\u2265", ">=" } };
    for (size_t i = 0; i < TW_COUNT(signs); i++) {
        if (!tw_str_starts(*value, signs[i].text))
            continue;
        size_t n = strlen(signs[i].text);
        *value = tw_str_trim((tw_str){ value->p + n, value->n - n });
        return tw_str_of(signs[i].sign);
    }
    return nothing;
}

static tw_status value(row *w)
{
    const tw_cm_code *v = w->r->value;
    tw_coded c;
    tw_str s;
    tw_str unit;
    tw_str sign;
    if (!v)
        return TW_OK;
    if (w->r->as == TW_CM_AS_CODE) {
        TW_TRY(take_code(w, &c, v));
        tw_fo_concept(w->o, "valueCodeableConcept", &c, 1, c.display);
        return TW_OK;
    }
    TW_TRY(take(w, &s, &v->code));
    if (s.n == 0)
        return TW_OK;
    if (w->r->as == TW_CM_AS_TEXT) {
        tw_fo_text(w->o, "valueString", s);
        return TW_OK;
    }
    tw_str number = s;
    TW_TRY(el(w, &unit, TW_EL_UNIT));
    TW_TRY(el(w, &sign, TW_EL_COMPARATOR));
    if (sign.n == 0)
        sign = cut_comparator(&number);
    tw_status st = plain_number(w, &number, number, v->code.column);
    if (st == TW_OK && tw_fo_quantity(w->o, "valueQuantity", number, unit, sign))
        return TW_OK;
    if (w->r->as == TW_CM_AS_NUMBER)
        return st != TW_OK ? st : bad(w, v->code.column, "a value that is no number");
    tw_err_clear(w->cx);
    tw_fo_text(w->o, "valueString", s);
    return TW_OK;
}

/* ---------------------------------------------------------------- types */

#define CAT "http://terminology.hl7.org/CodeSystem/"

static tw_status texts(row *w, const char *const *name, const tw_el *e, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        tw_str s;
        TW_TRY(el(w, &s, e[i]));
        tw_fo_text(w->o, name[i], s);
    }
    return TW_OK;
}

/* A cell that cannot be taken counts: who writes it fails with its rule. */
static bool any_of(row *w, const tw_el *e, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        tw_str s;
        if (w->r->el[e[i]] && (take(w, &s, w->r->el[e[i]]) != TW_OK || s.n > 0))
            return true;
    }
    return false;
}

static tw_status array_of_texts(row *w, const char *name, const tw_el *e, size_t n)
{
    if (!any_of(w, e, n))
        return TW_OK;
    tw_jw_key(&w->o->w, name);
    tw_jw_array(&w->o->w);
    for (size_t i = 0; i < n; i++) {
        tw_str s;
        TW_TRY(el(w, &s, e[i]));
        if (s.n > 0)
            tw_jw_str(&w->o->w, s);
    }
    tw_jw_array_end(&w->o->w);
    return TW_OK;
}

static tw_status name_and_address(row *w)
{
    static const tw_el names[] = { TW_EL_FAMILY, TW_EL_GIVEN, TW_EL_MIDDLE, TW_EL_PREFIX, TW_EL_SUFFIX };
    static const tw_el places[] = { TW_EL_STREET, TW_EL_CITY,        TW_EL_DISTRICT,
                                    TW_EL_STATE,  TW_EL_POSTAL_CODE, TW_EL_COUNTRY };
    static const char *const place_name[] = { "line", "city", "district", "state", "postalCode", "country" };
    tw_jw *j = &w->o->w;
    if (any_of(w, names, TW_COUNT(names))) {
        tw_jw_key(j, "name");
        tw_jw_array(j);
        tw_jw_object(j);
        TW_TRY(texts(w, (const char *const[]){ "family" }, names, 1));
        TW_TRY(array_of_texts(w, "given", names + 1, 2));
        TW_TRY(array_of_texts(w, "prefix", names + 3, 1));
        TW_TRY(array_of_texts(w, "suffix", names + 4, 1));
        tw_jw_object_end(j);
        tw_jw_array_end(j);
    }
    if (any_of(w, places, TW_COUNT(places))) {
        tw_jw_key(j, "address");
        tw_jw_array(j);
        tw_jw_object(j);
        TW_TRY(array_of_texts(w, "line", places, 1));
        TW_TRY(texts(w, place_name + 1, places + 1, TW_COUNT(places) - 1));
        tw_jw_object_end(j);
        tw_jw_array_end(j);
    }
    return TW_OK;
}

static tw_status telecom(row *w)
{
    static const tw_el e[] = { TW_EL_PHONE, TW_EL_EMAIL };
    tw_jw *j = &w->o->w;
    if (!any_of(w, e, TW_COUNT(e)))
        return TW_OK;
    tw_jw_key(j, "telecom");
    tw_jw_array(j);
    for (size_t i = 0; i < TW_COUNT(e); i++) {
        tw_str s;
        TW_TRY(el(w, &s, e[i]));
        if (s.n == 0)
            continue;
        tw_jw_object(j);
        tw_jw_kv(j, "system", tw_str_of(i == 0 ? "phone" : "email"));
        tw_jw_kv(j, "value", s);
        tw_jw_object_end(j);
    }
    tw_jw_array_end(j);
    return TW_OK;
}

static tw_status deceased(row *w)
{
    tw_when t;
    tw_str s;
    TW_TRY(when(w, &t, TW_EL_DEATH));
    TW_TRY(el(w, &s, TW_EL_DECEASED));
    if (t.precision != TW_WHEN_NONE) {
        tw_fo_when(w->o, "deceasedDateTime", &t, &w->f->table->set.zone);
    } else if (s.n > 0) {
        tw_jw_key(&w->o->w, "deceasedBoolean");
        tw_jw_bool(&w->o->w, tw_str_is(s, "true"));
    }
    return TW_OK;
}

static tw_status patient(row *w)
{
    tw_str number;
    tw_str sex;
    tw_when birth;
    TW_TRY(el(w, &number, TW_EL_PATIENT));
    tw_jw_key(&w->o->w, "identifier");
    tw_jw_array(&w->o->w);
    tw_fo_identifier(w->o, nothing, TW_STR("MR"), w->r->patient_system, number);
    for (size_t i = 0; i < w->r->identifiers; i++) {
        const tw_cm_identifier *one = &w->r->identifier[i];
        tw_str s;
        TW_TRY(take(w, &s, &one->value));
        tw_fo_identifier(w->o, nothing, one->type, one->system, s);
    }
    tw_jw_array_end(&w->o->w);
    TW_TRY(name_and_address(w));
    TW_TRY(telecom(w));
    TW_TRY(el(w, &sex, TW_EL_SEX));
    tw_fo_text(w->o, "gender", sex);
    TW_TRY(when(w, &birth, TW_EL_BIRTH_DATE));
    tw_fo_date(w->o, "birthDate", &birth);
    TW_TRY(deceased(w));
    return word_concept(w, "maritalStatus", TW_EL_MARITAL, CAT "v3-MaritalStatus", false);
}

static tw_status visit(row *w)
{
    tw_coded class = { TW_STR(CAT "v3-ActCode"), nothing, nothing };
    TW_TRY(status(w));
    TW_TRY(el(w, &class.code, TW_EL_CLASS));
    tw_fo_coding(w->o, "class", &class);
    if (w->r->concept[TW_CONCEPT_CODE].n > 0)
        TW_TRY(concept(w, "type", TW_CONCEPT_CODE, true));
    TW_TRY(subject(w, "subject"));
    TW_TRY(period(w, "period"));
    return concept(w, "reasonCode", TW_CONCEPT_REASON, true);
}

static tw_status condition(row *w)
{
    TW_TRY(clinical_status(w, CAT "condition-clinical"));
    TW_TRY(word_concept(w, "verificationStatus", TW_EL_VERIFICATION, CAT "condition-ver-status", false));
    TW_TRY(word_concept(w, "category", TW_EL_CATEGORY, CAT "condition-category", true));
    TW_TRY(concept(w, "code", TW_CONCEPT_CODE, false));
    TW_TRY(subject(w, "subject"));
    TW_TRY(encounter(w, "encounter"));
    TW_TRY(put_when(w, "onsetDateTime", TW_EL_START));
    TW_TRY(put_when(w, "abatementDateTime", TW_EL_FINISH));
    return put_when(w, "recordedDate", TW_EL_RECORDED);
}

static tw_status observation(row *w)
{
    tw_when issued;
    TW_TRY(status(w));
    TW_TRY(word_concept(w, "category", TW_EL_CATEGORY, CAT "observation-category", true));
    TW_TRY(concept(w, "code", TW_CONCEPT_CODE, false));
    TW_TRY(subject(w, "subject"));
    TW_TRY(encounter(w, "encounter"));
    TW_TRY(point_or_period(w, "effectiveDateTime", "effectivePeriod"));
    TW_TRY(when(w, &issued, TW_EL_RECORDED));
    if (issued.precision >= TW_WHEN_MINUTE) /* an instant, nothing less */
        tw_fo_when(w->o, "issued", &issued, &w->f->table->set.zone);
    TW_TRY(value(w));
    return word_concept(w, "interpretation", TW_EL_INTERPRETATION, CAT "v3-ObservationInterpretation", true);
}

/* {"timing", "route", "doseAndRate"} in an array, or for an administration {"route", "dose"}. */
static tw_status dosage(row *w, const char *name)
{
    static const tw_el parts[] = { TW_EL_DOSE };
    tw_jw *j = &w->o->w;
    static const tw_el times[] = { TW_EL_START, TW_EL_FINISH };
    const tw_cm_codes *route = &w->r->concept[TW_CONCEPT_ROUTE];
    tw_coded c = { nothing, nothing, nothing };
    bool timed = w->r->type == TW_CM_REQUEST && any_of(w, times, TW_COUNT(times));
    bool given = w->r->type == TW_CM_ADMINISTRATION;
    bool amount = any_of(w, parts, TW_COUNT(parts));
    bool routed = false;
    for (size_t i = 0; i < route->n && !routed; i++) {
        TW_TRY(take_code(w, &c, &route->code[i]));
        routed = c.code.n > 0 || c.display.n > 0;
    }
    if (!timed && !amount && !routed)
        return TW_OK;
    tw_jw_key(j, name);
    if (!given)
        tw_jw_array(j);
    tw_jw_object(j);
    if (timed) {
        tw_jw_key(j, "timing");
        tw_jw_object(j);
        tw_jw_key(j, "repeat");
        tw_jw_object(j);
        TW_TRY(period(w, "boundsPeriod"));
        tw_jw_object_end(j);
        tw_jw_object_end(j);
    }
    TW_TRY(concept(w, "route", TW_CONCEPT_ROUTE, false));
    if (given) {
        TW_TRY(dose(w, "dose"));
    } else if (amount) {
        tw_jw_key(j, "doseAndRate");
        tw_jw_array(j);
        tw_jw_object(j);
        TW_TRY(dose(w, "doseQuantity"));
        tw_jw_object_end(j);
        tw_jw_array_end(j);
    }
    tw_jw_object_end(j);
    if (!given)
        tw_jw_array_end(j);
    return TW_OK;
}

static tw_status medication(row *w)
{
    bool request = w->r->type == TW_CM_REQUEST;
    bool given = w->r->type == TW_CM_ADMINISTRATION;
    TW_TRY(status(w));
    if (request)
        tw_jw_kv(&w->o->w, "intent", TW_STR("order"));
    TW_TRY(concept(w, "medicationCodeableConcept", TW_CONCEPT_CODE, false));
    TW_TRY(subject(w, "subject"));
    TW_TRY(encounter(w, request ? "encounter" : "context"));
    if (!request)
        TW_TRY(point_or_period(w, "effectiveDateTime", "effectivePeriod"));
    if (!given)
        TW_TRY(put_when(w, request ? "authoredOn" : "dateAsserted", TW_EL_RECORDED));
    TW_TRY(concept(w, "reasonCode", TW_CONCEPT_REASON, true));
    return dosage(w, request ? "dosageInstruction" : "dosage");
}

static tw_status procedure(row *w)
{
    TW_TRY(status(w));
    TW_TRY(concept(w, "code", TW_CONCEPT_CODE, false));
    TW_TRY(subject(w, "subject"));
    TW_TRY(encounter(w, "encounter"));
    TW_TRY(point_or_period(w, "performedDateTime", "performedPeriod"));
    return concept(w, "reasonCode", TW_CONCEPT_REASON, true);
}

static tw_status allergy(row *w)
{
    static const tw_el category[] = { TW_EL_CATEGORY };
    TW_TRY(clinical_status(w, CAT "allergyintolerance-clinical"));
    TW_TRY(word_concept(w, "verificationStatus", TW_EL_VERIFICATION, CAT "allergyintolerance-verification", false));
    TW_TRY(texts(w, (const char *const[]){ "type", "criticality" },
                 (const tw_el[]){ TW_EL_ALLERGY_TYPE, TW_EL_CRITICALITY }, 2));
    TW_TRY(array_of_texts(w, "category", category, 1));
    TW_TRY(concept(w, "code", TW_CONCEPT_CODE, false));
    TW_TRY(subject(w, "patient"));
    TW_TRY(encounter(w, "encounter"));
    static const tw_el end[] = { TW_EL_FINISH };
    if (any_of(w, end, 1))
        TW_TRY(period(w, "onsetPeriod"));
    else
        TW_TRY(put_when(w, "onsetDateTime", TW_EL_START));
    return put_when(w, "recordedDate", TW_EL_RECORDED);
}

static tw_status immunization(row *w)
{
    TW_TRY(status(w));
    TW_TRY(concept(w, "vaccineCode", TW_CONCEPT_CODE, false));
    TW_TRY(subject(w, "patient"));
    TW_TRY(encounter(w, "encounter"));
    TW_TRY(put_when(w, "occurrenceDateTime", TW_EL_TIME));
    TW_TRY(put_when(w, "recorded", TW_EL_RECORDED));
    TW_TRY(texts(w, (const char *const[]){ "lotNumber" }, (const tw_el[]){ TW_EL_LOT }, 1));
    TW_TRY(concept(w, "route", TW_CONCEPT_ROUTE, false));
    return dose(w, "doseQuantity");
}

static tw_status no_patient(TW_UNUSED row *w)
{
    return TW_OK;
}

static tw_status (*const writer[TW_CM_TYPES])(row *) = {
    [TW_CM_PATIENT] = patient,           [TW_CM_ENCOUNTER] = visit,         [TW_CM_CONDITION] = condition,
    [TW_CM_OBSERVATION] = observation,   [TW_CM_REQUEST] = medication,      [TW_CM_STATEMENT] = medication,
    [TW_CM_ADMINISTRATION] = medication, [TW_CM_PROCEDURE] = procedure,     [TW_CM_ALLERGY] = allergy,
    [TW_CM_IMMUNIZATION] = immunization, [TW_CM_ORGANIZATION] = no_patient, [TW_CM_PRACTITIONER] = no_patient,
    [TW_CM_LOCATION] = no_patient,       [TW_CM_MEDICATION] = no_patient,
};

/* ---------------------------------------------------------------- a row */

static bool applies(const row *w)
{
    for (size_t i = 0; i < w->r->whens; i++) {
        const tw_cm_when *c = &w->r->when[i];
        tw_str s = cell_of(w, c->column);
        bool among = false;
        for (size_t k = 0; k < c->n && !among; k++)
            among = tw_str_eq(s, c->word[k]);
        if (among == c->negate)
            return false;
    }
    /* A measure that was not taken is none. */
    return w->r->id_tail.n == 0 || cell_of(w, w->r->value->code.column).n > 0;
}

static tw_status resource(row *w)
{
    char id[TW_LOCAL_ID];
    if (w->r->type == TW_CM_PATIENT) {
        tw_str part[2] = { w->r->patient_system, nothing };
        TW_TRY(el(w, &part[1], TW_EL_PATIENT));
        if (part[1].n == 0)
            return bad(w, w->r->el[TW_EL_PATIENT]->column, "no number of a patient");
        tw_local_id(id, "Patient", part, 2);
    } else {
        TW_TRY(record_id(w, id));
    }
    tw_fo_resource(w->o, tw_cm_type_name(w->r->type), tw_str_of(id), nothing);
    TW_TRY(writer[w->r->type](w));
    tw_fo_resource_end(w->o);
    return TW_OK;
}

static tw_status all(row *w, tw_buf *json, tw_csv_place *at, tw_str unit)
{
    const tw_cm_table *t = w->f->table;
    tw_fhir_out o;
    tw_str *cell;
    size_t n;
    w->o = &o;
    TW_TRY(tw_csv_row(w->cx, &cell, &n, at, unit, &w->f->csv));
    *at = (tw_csv_place){ 0 };
    w->cell = cell;
    tw_fo_begin(&o, json);
    for (size_t i = 0; i < t->resources; i++) {
        w->r = &t->resource[i];
        if (applies(w))
            TW_TRY(resource(w));
    }
    tw_fo_end(&o);
    return tw_buf_check(w->cx, json, "resources of the row");
}

tw_status tw_csv_bundle(tw_ctx *cx, tw_buf *json, tw_place *place, const tw_csv_file *f, tw_str unit)
{
    row w = { .cx = cx, .f = f, .wrong = UINT32_MAX };
    tw_csv_place at = { 0 };
    const tw_mark mark = tw_arena_mark(cx->arena);
    tw_status st = all(&w, json, &at, unit);
    tw_arena_back(cx->arena, mark);
    if (st == TW_OK)
        return TW_OK;
    if (w.wrong < f->table->columns && f->where[w.wrong] != UINT32_MAX)
        at = tw_csv_place_of(unit, f->where[w.wrong] + 1, &f->csv);
    *place = (tw_place){ .line = at.line, .column = at.column, .path = TW_STR("row") };
    if (w.wrong < f->table->columns)
        place->path = tw_strf(cx->arena, "column " TW_FMT, TW_ARG(f->table->column[w.wrong]));
    for (uint32_t c = 0; at.field > 0 && c < f->table->columns; c++)
        if (f->where[c] == at.field - 1)
            place->path = tw_strf(cx->arena, "column " TW_FMT, TW_ARG(f->table->column[c]));
    return st;
}
