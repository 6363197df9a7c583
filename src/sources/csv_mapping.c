/* A mapping file, read and judged: docs/formats/csv-mapping.md. All that can be wrong with it is found here, so that
 * rows meet a table that holds. */
#include "sources/csv_internal.h"

#include <stdlib.h>

#define BYTES_MAX TW_MIB
#define ARENA_MAX (512 * TW_MIB) /* a mapping of many measures is some hundred times its bytes */
#define TABLES_MAX 1000
#define PARTS_MAX 64
#define FORMATS_MAX 8
#define DECLARED_MAX 128 /* settings and elements of an object */

typedef struct {
    tw_ctx *cx;
    tw_json d;
    tw_arena *a; /* of the mapping */
    tw_mapping *m;
    /* of the table at hand */
    tw_cm_table *t;
    tw_str *column;
    bool *optional;
    bool closed; /* no header: no other columns than declared */
} reader;

static const tw_str nothing = { "", 0 };

static tw_status bad(reader *r, uint32_t token, tw_str at, const char *rule)
{
    uint32_t line;
    uint32_t column;
    tw_json_place(&r->d, r->d.tok[token].off, &line, &column);
    return tw_fail(r->cx, TW_EPARSE, "mapping line %u, column %u, " TW_FMT ": %s", line, column,
                   TW_ARG(at.n ? at : TW_STR("whole")), rule);
}

static tw_str under(reader *r, tw_str at, const char *name)
{
    return at.n ? tw_strf(r->cx->arena, TW_FMT ".%s", TW_ARG(at), name) : tw_str_of(name);
}

static tw_str under_n(reader *r, tw_str at, size_t i)
{
    return tw_strf(r->cx->arena, TW_FMT ".%zu", TW_ARG(at), i);
}

static tw_json_type type_of(const reader *r, uint32_t token)
{
    return (tw_json_type)r->d.tok[token].type;
}

static tw_str keep(reader *r, uint32_t token)
{
    tw_str s = tw_json_text(r->cx, &r->d, token);
    return s.n ? tw_str_dup(r->a, s) : nothing;
}

/* Members of an object are of these lists, parted by blanks. */
static tw_status known_members(reader *r, uint32_t obj, tw_str at, const char *list, const char *list2)
{
    if (type_of(r, obj) != TW_JSON_OBJECT)
        return bad(r, obj, at, "is no object");
    for (uint32_t k = tw_json_first(&r->d, obj); k != TW_JSON_NONE; k = tw_json_next(&r->d, obj, k)) {
        tw_str name = tw_json_text(r->cx, &r->d, k);
        if (tw_cm_word_in(list, name) || tw_cm_word_in(list2, name))
            continue;
        return bad(r, k, tw_strf(r->cx->arena, TW_FMT "%s" TW_FMT, TW_ARG(at), at.n ? "." : "", TW_ARG(name)),
                   "is no member that is known here");
    }
    return TW_OK;
}

static tw_status text_member(reader *r, tw_str *out, uint32_t obj, tw_str at, const char *name, bool needed)
{
    uint32_t v = tw_json_get(&r->d, obj, name);
    *out = nothing;
    if (v == TW_JSON_NONE)
        return needed ? bad(r, obj, under(r, at, name), "is missing") : TW_OK;
    if (type_of(r, v) != TW_JSON_STRING)
        return bad(r, v, under(r, at, name), "is no text");
    *out = keep(r, v);
    return out->n > 0 || !needed ? TW_OK : bad(r, v, under(r, at, name), "is empty");
}

/* A text or an array of texts. */
static tw_status texts(reader *r, const tw_str **out, size_t *count, uint32_t v, tw_str at, size_t max)
{
    size_t n = 1;
    if (type_of(r, v) == TW_JSON_ARRAY)
        n = r->d.tok[v].count;
    if (n > max)
        return bad(r, v, at, "has too many items");
    tw_str *list = tw_arena_get(r->a, (n + 1) * sizeof *list);
    uint32_t item = type_of(r, v) == TW_JSON_ARRAY ? tw_json_first(&r->d, v) : v;
    for (size_t i = 0; i < n; i++) {
        if (type_of(r, item) != TW_JSON_STRING)
            return bad(r, item, at, "holds something that is no text");
        list[i] = keep(r, item);
        item = type_of(r, v) == TW_JSON_ARRAY ? tw_json_next(&r->d, v, item) : TW_JSON_NONE;
    }
    *out = list;
    *count = n;
    return TW_OK;
}

/* ---------------------------------------------------------------- columns of a table */

static tw_status column_of(reader *r, uint32_t *out, tw_str name, uint32_t token, tw_str at)
{
    tw_cm_table *t = r->t;
    for (size_t i = 0; i < t->columns; i++)
        if (tw_str_eq(r->column[i], name)) {
            *out = (uint32_t)i;
            return TW_OK;
        }
    if (name.n == 0)
        return bad(r, token, at, "names no column");
    if (r->closed)
        return bad(r, token, at, "names a column that \"columns\" does not list");
    if (t->columns == TW_CSV_COLUMNS_MAX)
        return bad(r, token, at, "is one column too many");
    r->column[t->columns] = name;
    *out = (uint32_t)t->columns++;
    return TW_OK;
}

static tw_status columns_list(reader *r, tw_cm_columns *out, uint32_t v, tw_str at)
{
    const tw_str *name;
    size_t n;
    TW_TRY(texts(r, &name, &n, v, at, PARTS_MAX));
    if (n == 0)
        return bad(r, v, at, "is empty");
    uint32_t *column = tw_arena_get(r->a, n * sizeof *column);
    for (size_t i = 0; i < n; i++)
        TW_TRY(column_of(r, &column[i], name[i], v, at));
    *out = (tw_cm_columns){ column, n };
    return TW_OK;
}

/* ---------------------------------------------------------------- settings */

static const char settings_list[] = "zone charset delimiter decimal thousands null dates pivot";

static tw_status one_char(reader *r, char *out, uint32_t obj, tw_str at, const char *name, const char *allowed,
                          const char *rule)
{
    tw_str s;
    TW_TRY(text_member(r, &s, obj, at, name, false));
    uint32_t v = tw_json_get(&r->d, obj, name);
    if (v == TW_JSON_NONE)
        return TW_OK;
    if (s.n != 1 || !strchr(allowed, s.p[0]))
        return bad(r, v, under(r, at, name), rule);
    *out = s.p[0];
    return TW_OK;
}

static tw_status read_dates(reader *r, const tw_cm_dates **out, uint32_t v, tw_str at, int pivot)
{
    const tw_str *text;
    size_t n;
    TW_TRY(texts(r, &text, &n, v, at, FORMATS_MAX));
    if (n == 0)
        return bad(r, v, at, "is empty");
    tw_date_format *format = tw_arena_get(r->a, n * sizeof *format);
    for (size_t i = 0; i < n; i++) {
        const char *rule = tw_date_format_read(&format[i], text[i]);
        if (rule)
            return bad(r, v, at, rule);
        if (format[i].kind == TW_DATE_PATTERN && tw_date_format_has(&format[i], "y") && pivot < 0)
            return bad(r, v, at, "a year of two digits needs \"pivot\", the last year of 20YY");
    }
    tw_cm_dates *dates = tw_new(r->a, tw_cm_dates);
    *dates = (tw_cm_dates){ format, n, pivot };
    if (tw_cm_dates_clash(dates))
        return bad(r, v, at, "two formats read one text as two different times");
    *out = dates;
    return TW_OK;
}

static tw_status read_charset(reader *r, tw_cm_settings *s, uint32_t v, tw_str at)
{
    if (v == TW_JSON_NONE)
        return TW_OK;
    tw_charset *charset = tw_new(r->a, tw_charset);
    s->charset = charset;
    tw_status st = tw_charset_open(r->cx, charset, keep(r, v));
    if (st == TW_EPARSE)
        return bad(r, v, at,
                   "is no charset that is known; known are utf-8, iso-8859-1, iso-8859-2, iso-8859-15, "
                   "windows-1250, windows-1252");
    return st;
}

static tw_status read_settings(reader *r, tw_cm_settings *s, uint32_t obj, tw_str at)
{
    const tw_json *d = &r->d;
    tw_str text;
    TW_TRY(text_member(r, &text, obj, at, "zone", false));
    uint32_t v = tw_json_get(d, obj, "zone");
    if (v != TW_JSON_NONE && tw_zone_parse(r->cx, &s->zone, text) != TW_OK)
        return bad(r, v, under(r, at, "zone"), "is no POSIX TZ text, such as CET-1CEST,M3.5.0,M10.5.0/3");
    TW_TRY(read_charset(r, s, tw_json_get(d, obj, "charset"), under(r, at, "charset")));
    TW_TRY(one_char(r, &s->delimiter, obj, at, "delimiter", ",;\t|", "is none of , ; | and a tab"));
    TW_TRY(one_char(r, &s->decimal, obj, at, "decimal", ".,", "is neither . nor ,"));
    TW_TRY(one_char(r, &s->thousands, obj, at, "thousands", "., '", "is none of . , ' and a blank"));
    if (s->thousands == s->decimal)
        return bad(r, obj, under(r, at, "thousands"), "is the decimal sign too");
    v = tw_json_get(d, obj, "null");
    if (v != TW_JSON_NONE)
        TW_TRY(texts(r, &s->null, &s->nulls, v, under(r, at, "null"), PARTS_MAX));
    v = tw_json_get(d, obj, "pivot");
    uint64_t pivot = 0;
    if (v != TW_JSON_NONE && (!tw_json_u64(d, v, &pivot) || pivot > 99))
        return bad(r, v, under(r, at, "pivot"), "is no number from 0 to 99");
    if (v != TW_JSON_NONE)
        s->pivot = (int)pivot;
    v = tw_json_get(d, obj, "dates");
    return v == TW_JSON_NONE ? TW_OK : read_dates(r, &s->dates, v, under(r, at, "dates"), s->pivot);
}

/* ---------------------------------------------------------------- fields */

static int by_word(const void *a, const void *b)
{
    return tw_str_cmp(((const tw_cm_word *)a)->from, ((const tw_cm_word *)b)->from);
}

static tw_status read_map(reader *r, tw_cm_field *f, uint32_t v, tw_str at)
{
    const tw_json *d = &r->d;
    if (v == TW_JSON_NONE)
        return TW_OK;
    if (type_of(r, v) != TW_JSON_OBJECT || d->tok[v].count == 0)
        return bad(r, v, at, "is no object with members");
    tw_cm_word *map = tw_arena_get(r->a, d->tok[v].count * sizeof *map);
    size_t n = 0;
    for (uint32_t k = tw_json_first(d, v); k != TW_JSON_NONE; k = tw_json_next(d, v, k)) {
        if (type_of(r, k + 1) != TW_JSON_STRING)
            return bad(r, k + 1, at, "holds something that is no text");
        map[n++] = (tw_cm_word){ keep(r, k), keep(r, k + 1) };
    }
    qsort(map, n, sizeof *map, by_word);
    f->map = map;
    f->map_count = n;
    return TW_OK;
}

/* "COLUMN", or an object with column or constant, map, otherwise and, for times, dates. */
static tw_status read_field(reader *r, tw_cm_field *f, uint32_t v, tw_str at, const char *more)
{
    *f = (tw_cm_field){ .column = TW_CM_CONSTANT, .constant = nothing };
    if (type_of(r, v) == TW_JSON_STRING)
        return column_of(r, &f->column, keep(r, v), v, at);
    TW_TRY(known_members(r, v, at, "column constant map otherwise", more));
    uint32_t column = tw_json_get(&r->d, v, "column");
    uint32_t constant = tw_json_get(&r->d, v, "constant");
    if ((column == TW_JSON_NONE) == (constant == TW_JSON_NONE))
        return bad(r, v, at, "needs either a column or a constant");
    uint32_t given = column == TW_JSON_NONE ? constant : column;
    if (type_of(r, given) != TW_JSON_STRING || keep(r, given).n == 0)
        return bad(r, given, at, "has a column or constant that is no text");
    if (column == TW_JSON_NONE)
        f->constant = keep(r, constant);
    else
        TW_TRY(column_of(r, &f->column, keep(r, column), column, at));
    TW_TRY(read_map(r, f, tw_json_get(&r->d, v, "map"), under(r, at, "map")));
    TW_TRY(text_member(r, &f->otherwise, v, at, "otherwise", false));
    f->has_otherwise = tw_json_get(&r->d, v, "otherwise") != TW_JSON_NONE;
    if (f->has_otherwise && f->map_count == 0)
        return bad(r, v, under(r, at, "otherwise"), "stands without a map");
    return TW_OK;
}

/* All that the field can become without looking at a cell is one of the words. */
static tw_status check_words(reader *r, const tw_cm_field *f, uint32_t v, tw_str at, const char *words)
{
    bool fits = true;
    if (!words)
        return TW_OK;
    if (f->column == TW_CM_CONSTANT)
        fits = tw_cm_word_in(words, f->constant);
    for (size_t i = 0; i < f->map_count; i++)
        fits &= f->map[i].to.n == 0 || tw_cm_word_in(words, f->map[i].to);
    if (f->has_otherwise && f->otherwise.n > 0)
        fits &= tw_cm_word_in(words, f->otherwise);
    return fits ? TW_OK : bad(r, v, at, tw_strf(r->cx->arena, "is none of: %s", words).p);
}

static tw_status read_element(reader *r, tw_cm_resource *res, tw_el e, uint32_t v, tw_str at)
{
    tw_el_kind kind = tw_el_kind_of(e);
    tw_cm_field *f = tw_new(r->a, tw_cm_field);
    if (!tw_el_allowed(e, res->type))
        return bad(r, v, at, "is no element of this type");
    TW_TRY(read_field(r, f, v, at, kind == TW_ELK_TIME ? "dates" : e == TW_EL_PATIENT ? "system" : ""));
    TW_TRY(check_words(r, f, v, at, tw_el_words(e, res->type)));
    if (e == TW_EL_PATIENT) {
        TW_TRY(text_member(r, &res->patient_system, v, at, "system", false));
        res->patient_system = res->patient_system.n ? tw_cm_system(res->patient_system) : r->m->patient_system;
        if (res->patient_system.n == 0)
            return bad(r, v, at, "has a system that is neither a URI nor an OID");
    }
    if ((kind == TW_ELK_TIME || e == TW_EL_PATIENT) && f->column == TW_CM_CONSTANT)
        return bad(r, v, at, "is a constant where only a column can be");
    if (kind == TW_ELK_TIME) {
        f->dates = r->t->set.dates;
        uint32_t dates = tw_json_get(&r->d, v, "dates");
        if (dates != TW_JSON_NONE)
            TW_TRY(read_dates(r, &f->dates, dates, under(r, at, "dates"), r->t->set.pivot));
        if (!f->dates)
            return bad(r, v, at, "is a time, and no format of dates is declared");
    }
    res->el[e] = f;
    return TW_OK;
}

static const char code_list[] = "system system_column display display_column";

static tw_status read_code(reader *r, tw_cm_code *c, uint32_t v, tw_str at, const char *more)
{
    tw_str text;
    c->system = c->display = (tw_cm_field){ .column = TW_CM_CONSTANT, .constant = nothing };
    if (type_of(r, v) == TW_JSON_STRING)
        return bad(r, v, at, "is a code: write an object with column and system");
    TW_TRY(read_field(r, &c->code, v, at, more));
    TW_TRY(text_member(r, &text, v, at, "system", false));
    c->system.constant = tw_cm_system(text);
    uint32_t sys = tw_json_get(&r->d, v, "system");
    if (sys != TW_JSON_NONE && c->system.constant.n == 0)
        return bad(r, sys, under(r, at, "system"), "is no code system that is known: give its URI");
    TW_TRY(text_member(r, &text, v, at, "system_column", false));
    if ((text.n > 0) == (sys != TW_JSON_NONE))
        return bad(r, v, at, "needs either system or system_column");
    if (text.n > 0)
        TW_TRY(column_of(r, &c->system.column, text, v, at));
    TW_TRY(text_member(r, &c->display.constant, v, at, "display", false));
    TW_TRY(text_member(r, &text, v, at, "display_column", false));
    return text.n > 0 ? column_of(r, &c->display.column, text, v, at) : TW_OK;
}

/* One code or several, of one concept. */
static tw_status read_concept(reader *r, tw_cm_resource *res, tw_cm_concept c, uint32_t v, tw_str at)
{
    size_t n = 1;
    uint32_t item = v;
    if (!tw_cm_concept_allowed(c, res->type))
        return bad(r, v, at, "is no element of this type");
    if (type_of(r, v) == TW_JSON_ARRAY) {
        n = r->d.tok[v].count;
        item = tw_json_first(&r->d, v);
    }
    if (n == 0 || n > PARTS_MAX)
        return bad(r, v, at, "is empty or has too many items");
    tw_cm_code *code = tw_arena_get(r->a, n * sizeof *code);
    for (size_t i = 0; i < n; i++) {
        TW_TRY(read_code(r, &code[i], item, n > 1 ? under_n(r, at, i) : at, code_list));
        item = tw_json_next(&r->d, v, item);
    }
    res->concept[c] = (tw_cm_codes){ code, n };
    return TW_OK;
}

static tw_status read_value(reader *r, tw_cm_resource *res, uint32_t v, tw_str at)
{
    static const char *const as[] = { "number", "text", "code", "auto" };
    tw_cm_code *c = tw_new(r->a, tw_cm_code);
    tw_str text;
    size_t k = 0;
    if (res->type != TW_CM_OBSERVATION)
        return bad(r, v, at, "is no element of this type");
    res->value = c;
    res->as = TW_CM_AS_NUMBER;
    if (type_of(r, v) == TW_JSON_STRING)
        return read_field(r, &c->code, v, at, "");
    TW_TRY(text_member(r, &text, v, at, "as", false));
    while (k < TW_COUNT(as) && text.n > 0 && !tw_str_is(text, as[k]))
        k++;
    if (k == TW_COUNT(as))
        return bad(r, v, under(r, at, "as"), "is none of number, text, code and auto");
    res->as = (tw_cm_as)k;
    if (res->as == TW_CM_AS_CODE)
        return read_code(r, c, v, at, "as system system_column display display_column");
    return read_field(r, &c->code, v, at, "as");
}

/* ---------------------------------------------------------------- lists of a resource */

static tw_status read_identifiers(reader *r, tw_cm_resource *res, uint32_t v, tw_str at)
{
    if (res->type != TW_CM_PATIENT)
        return bad(r, v, at, "is no element of this type");
    if (type_of(r, v) != TW_JSON_ARRAY || r->d.tok[v].count > PARTS_MAX)
        return bad(r, v, at, "is no array, or too long");
    tw_cm_identifier *list = tw_arena_get(r->a, (r->d.tok[v].count + 1) * sizeof *list);
    for (uint32_t i = tw_json_first(&r->d, v); i != TW_JSON_NONE; i = tw_json_next(&r->d, v, i)) {
        tw_cm_identifier *one = &list[res->identifiers];
        tw_str here = under_n(r, at, res->identifiers++);
        TW_TRY(read_field(r, &one->value, i, here, "system type"));
        TW_TRY(text_member(r, &one->system, i, here, "system", true));
        one->system = tw_cm_system(one->system);
        if (one->system.n == 0)
            return bad(r, i, here, "has a system that is neither a URI nor an OID");
        TW_TRY(text_member(r, &one->type, i, here, "type", false));
        if (tw_str_is(one->type, "MR"))
            return bad(r, i, here, "is of type MR: that is the element patient");
    }
    res->identifier = list;
    return TW_OK;
}

static tw_status read_when(reader *r, tw_cm_when *w, uint32_t v, tw_str at)
{
    tw_str name;
    TW_TRY(known_members(r, v, at, "column is not", ""));
    TW_TRY(text_member(r, &name, v, at, "column", true));
    TW_TRY(column_of(r, &w->column, name, v, at));
    uint32_t is = tw_json_get(&r->d, v, "is");
    uint32_t not = tw_json_get(&r->d, v, "not");
    if ((is == TW_JSON_NONE) == (not == TW_JSON_NONE))
        return bad(r, v, at, "needs either is or not");
    w->negate = is == TW_JSON_NONE;
    return texts(r, &w->word, &w->n, w->negate ? not : is, at, 1000);
}

static tw_status read_whens(reader *r, tw_cm_resource *res, uint32_t v, tw_str at)
{
    if (type_of(r, v) != TW_JSON_ARRAY || r->d.tok[v].count > PARTS_MAX)
        return bad(r, v, at, "is no array, or too long");
    tw_cm_when *list = tw_arena_get(r->a, (r->d.tok[v].count + 1) * sizeof *list);
    for (uint32_t i = tw_json_first(&r->d, v); i != TW_JSON_NONE; i = tw_json_next(&r->d, v, i), res->whens++)
        TW_TRY(read_when(r, &list[res->whens], i, under_n(r, at, res->whens)));
    res->when = list;
    return TW_OK;
}

/* ---------------------------------------------------------------- a resource */

static tw_status read_member(reader *r, tw_cm_resource *res, tw_str name, uint32_t v, tw_str at)
{
    static const char *const concept[] = { "code", "reason", "route" };
    if (tw_str_is(name, "type") || tw_str_is(name, "measures") || tw_str_is(name, "comment"))
        return TW_OK;
    if (tw_str_is(name, "id"))
        return columns_list(r, &res->id, v, at);
    if (tw_str_is(name, "encounter")) {
        if (res->type == TW_CM_PATIENT || res->type == TW_CM_ENCOUNTER || res->type >= TW_CM_NO_PATIENT)
            return bad(r, v, at, "is no element of this type");
        return columns_list(r, &res->encounter, v, at);
    }
    if (tw_str_is(name, "when"))
        return read_whens(r, res, v, at);
    if (tw_str_is(name, "identifiers"))
        return read_identifiers(r, res, v, at);
    if (tw_str_is(name, "value"))
        return read_value(r, res, v, at);
    for (size_t c = 0; c < TW_COUNT(concept); c++)
        if (tw_str_is(name, concept[c]))
            return read_concept(r, res, (tw_cm_concept)c, v, at);
    tw_el e = tw_el_of(name);
    return e == TW_EL_COUNT ? bad(r, v, at, "is no member that is known here") : read_element(r, res, e, v, at);
}

static tw_status read_members(reader *r, tw_cm_resource *res, uint32_t obj, tw_str at)
{
    const tw_json *d = &r->d;
    for (uint32_t k = tw_json_first(d, obj); k != TW_JSON_NONE; k = tw_json_next(d, obj, k)) {
        tw_str name = tw_json_text(r->cx, d, k);
        TW_TRY(read_member(r, res, name, k + 1, under(r, at, tw_cstr(r->cx->arena, name))));
    }
    return TW_OK;
}

static tw_status check_resource(reader *r, const tw_cm_resource *res, uint32_t obj, tw_str at)
{
    bool of_patient = res->type < TW_CM_NO_PATIENT;
    if (of_patient && !res->el[TW_EL_PATIENT])
        return bad(r, obj, under(r, at, "patient"), "is missing");
    if (res->type != TW_CM_PATIENT && res->id.n == 0)
        return bad(r, obj, under(r, at, "id"), "is missing");
    if (res->type == TW_CM_PATIENT && res->id.n > 0)
        return bad(r, obj, under(r, at, "id"), "is not for a Patient: his number names him");
    if (of_patient && res->type != TW_CM_PATIENT && res->type != TW_CM_ENCOUNTER &&
        res->concept[TW_CONCEPT_CODE].n == 0)
        return bad(r, obj, under(r, at, "code"), "is missing");
    bool status = res->type != TW_CM_PATIENT && res->type != TW_CM_CONDITION && res->type != TW_CM_ALLERGY;
    if (of_patient && status && !res->el[TW_EL_STATUS])
        return bad(r, obj, under(r, at, "status"), "is missing");
    if (res->el[TW_EL_TIME] && (res->el[TW_EL_START] || res->el[TW_EL_FINISH]))
        return bad(r, obj, under(r, at, "time"), "stands beside start or end");
    if (res->el[TW_EL_STATUS_ENDED] && !res->el[TW_EL_FINISH])
        return bad(r, obj, under(r, at, "status_ended"), "stands without end");
    if ((res->el[TW_EL_UNIT] || res->el[TW_EL_COMPARATOR]) && !res->value)
        return bad(r, obj, under(r, at, "unit"), "stands without a value");
    if (res->el[TW_EL_DOSE_UNIT] && !res->el[TW_EL_DOSE])
        return bad(r, obj, under(r, at, "dose_unit"), "stands without a dose");
    return TW_OK;
}

/* A resource, or one for each of its measures; appended to the table's list. */
static tw_status read_resource(reader *r, tw_cm_resource *list, size_t *n, size_t max, uint32_t obj, tw_str at)
{
    tw_cm_resource base = { .id_tail = nothing };
    tw_str text;
    if (type_of(r, obj) != TW_JSON_OBJECT)
        return bad(r, obj, at, "is no object");
    TW_TRY(text_member(r, &text, obj, at, "type", true));
    base.type = tw_cm_type_of(text);
    if (base.type == TW_CM_TYPES)
        return bad(r, tw_json_get(&r->d, obj, "type"), under(r, at, "type"), "is no type that rows can become");
    TW_TRY(read_members(r, &base, obj, at));
    uint32_t measures = tw_json_get(&r->d, obj, "measures");
    if (measures == TW_JSON_NONE) {
        TW_TRY(check_resource(r, &base, obj, at));
        TW_ASSERT(*n < max);
        list[(*n)++] = base;
        return TW_OK;
    }
    at = under(r, at, "measures");
    if (type_of(r, measures) != TW_JSON_ARRAY || r->d.tok[measures].count == 0)
        return bad(r, measures, at, "is no array with items");
    size_t k = 0;
    for (uint32_t i = tw_json_first(&r->d, measures); i != TW_JSON_NONE; i = tw_json_next(&r->d, measures, i), k++) {
        tw_cm_resource one = base;
        tw_str here = under_n(r, at, k);
        TW_TRY(
            known_members(r, i, here, "code value unit comparator category interpretation time start end", "status"));
        TW_TRY(read_members(r, &one, i, here));
        TW_TRY(check_resource(r, &one, i, here));
        if (!one.value || one.value->code.column == TW_CM_CONSTANT)
            return bad(r, i, here, "is a measure without a column of values");
        one.id_tail = r->column[one.value->code.column];
        TW_ASSERT(*n < max);
        list[(*n)++] = one;
    }
    return TW_OK;
}

static tw_status read_resources(reader *r, tw_cm_table *t, uint32_t v, tw_str at)
{
    const tw_json *d = &r->d;
    size_t max = 0;
    size_t k = 0;
    if (type_of(r, v) != TW_JSON_ARRAY || d->tok[v].count == 0)
        return bad(r, v, at, "is no array with items");
    for (uint32_t i = tw_json_first(d, v); i != TW_JSON_NONE; i = tw_json_next(d, v, i)) {
        uint32_t measures = tw_json_get(d, i, "measures");
        max += measures == TW_JSON_NONE ? 1 : d->tok[measures].count;
    }
    if (max > TW_CSV_COLUMNS_MAX)
        return bad(r, v, at, "has too many items");
    tw_cm_resource *list = tw_arena_get(r->a, max * sizeof *list);
    for (uint32_t i = tw_json_first(d, v); i != TW_JSON_NONE; i = tw_json_next(d, v, i), k++)
        TW_TRY(read_resource(r, list, &t->resources, max, i, under_n(r, at, k)));
    t->resource = list;
    return TW_OK;
}

/* ---------------------------------------------------------------- a table */

static const char table_list[] = "name files header columns ignore optional skip resources comment";

static tw_status flag(reader *r, bool *out, uint32_t obj, tw_str at, const char *name)
{
    uint32_t v = tw_json_get(&r->d, obj, name);
    if (v == TW_JSON_NONE)
        return TW_OK;
    if (type_of(r, v) != TW_JSON_TRUE && type_of(r, v) != TW_JSON_FALSE)
        return bad(r, v, under(r, at, name), "is neither true nor false");
    *out = type_of(r, v) == TW_JSON_TRUE;
    return TW_OK;
}

static tw_status read_declared(reader *r, tw_cm_table *t, uint32_t obj, tw_str at)
{
    uint32_t v = tw_json_get(&r->d, obj, "columns");
    const tw_str *name;
    size_t n;
    if (t->header)
        return v == TW_JSON_NONE ? TW_OK : bad(r, v, under(r, at, "columns"), "stands beside a header");
    if (v == TW_JSON_NONE)
        return bad(r, obj, under(r, at, "columns"), "is missing where no header is");
    at = under(r, at, "columns");
    TW_TRY(texts(r, &name, &n, v, at, TW_CSV_COLUMNS_MAX));
    for (size_t i = 0; i < n; i++) {
        uint32_t column;
        TW_TRY(column_of(r, &column, name[i], v, at));
        if (column != i)
            return bad(r, v, at, "lists a column twice");
    }
    t->declared = n;
    r->closed = true;
    return TW_OK;
}

static tw_status read_ignored(reader *r, tw_cm_table *t, uint32_t obj, tw_str at)
{
    uint32_t v = tw_json_get(&r->d, obj, "ignore");
    tw_cm_columns list = { NULL, 0 };
    if (v != TW_JSON_NONE && tw_json_is(&r->d, v, "*"))
        t->ignore_rest = true;
    else if (v != TW_JSON_NONE) {
        const tw_str *name;
        size_t n;
        TW_TRY(texts(r, &name, &n, v, under(r, at, "ignore"), TW_CSV_COLUMNS_MAX));
        for (size_t i = 0; i < n; i++) {
            uint32_t column;
            size_t before = t->columns;
            TW_TRY(column_of(r, &column, name[i], v, under(r, at, "ignore")));
            if (column >= before || r->closed)
                r->optional[column] |= column >= before; /* of no use: may be missing */
            else
                return bad(r, v, under(r, at, "ignore"), "names a column that is used");
        }
    }
    v = tw_json_get(&r->d, obj, "optional");
    if (v == TW_JSON_NONE)
        return TW_OK;
    TW_TRY(columns_list(r, &list, v, under(r, at, "optional")));
    for (size_t i = 0; i < list.n; i++)
        r->optional[list.column[i]] = true;
    return TW_OK;
}

static tw_status check_name(reader *r, const tw_cm_table *t, uint32_t obj, tw_str at)
{
    if (t->name.n > 64)
        return bad(r, tw_json_get(&r->d, obj, "name"), under(r, at, "name"), "is over 64 signs");
    for (size_t i = 0; i < t->name.n; i++) {
        char c = t->name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return bad(r, tw_json_get(&r->d, obj, "name"), under(r, at, "name"), "has signs besides A-Z a-z 0-9 _ -");
    }
    for (const tw_cm_table *other = r->m->table; other < t; other++)
        if (tw_str_eq(other->name, t->name))
            return bad(r, tw_json_get(&r->d, obj, "name"), under(r, at, "name"), "is the name of another table too");
    return TW_OK;
}

static tw_status read_table(reader *r, tw_cm_table *t, uint32_t obj, tw_str at)
{
    r->t = t;
    r->closed = false;
    r->column = tw_arena_get(r->cx->arena, TW_CSV_COLUMNS_MAX * sizeof *r->column);
    r->optional = tw_arena_get(r->cx->arena, TW_CSV_COLUMNS_MAX * sizeof *r->optional);
    TW_TRY(known_members(r, obj, at, table_list, settings_list));
    TW_TRY(text_member(r, &t->name, obj, at, "name", true));
    TW_TRY(check_name(r, t, obj, at));
    uint32_t files = tw_json_get(&r->d, obj, "files");
    if (files == TW_JSON_NONE)
        return bad(r, obj, under(r, at, "files"), "is missing");
    TW_TRY(texts(r, &t->file, &t->files, files, under(r, at, "files"), PARTS_MAX));
    if (t->files == 0)
        return bad(r, files, under(r, at, "files"), "is empty");
    TW_TRY(read_settings(r, &t->set, obj, at));
    t->header = true;
    TW_TRY(flag(r, &t->header, obj, at, "header"));
    TW_TRY(flag(r, &t->skip, obj, at, "skip"));
    uint32_t resources = tw_json_get(&r->d, obj, "resources");
    if (t->skip)
        return resources == TW_JSON_NONE ? TW_OK : bad(r, resources, at, "is skipped and has resources");
    if (resources == TW_JSON_NONE)
        return bad(r, obj, under(r, at, "resources"), "is missing");
    TW_TRY(read_declared(r, t, obj, at));
    TW_TRY(read_resources(r, t, resources, under(r, at, "resources")));
    TW_TRY(read_ignored(r, t, obj, at));
    tw_str *column = tw_arena_get(r->a, (t->columns + 1) * sizeof *column);
    bool *optional = tw_arena_get(r->a, (t->columns + 1) * sizeof *optional);
    memcpy(column, r->column, t->columns * sizeof *column);
    memcpy(optional, r->optional, t->columns * sizeof *optional);
    t->column = column;
    t->optional = optional;
    return TW_OK;
}

static tw_status read_whole(reader *r)
{
    tw_cm_settings set = { .delimiter = ',', .decimal = '.', .pivot = -1 };
    tw_str format;
    const tw_str top = nothing;
    TW_TRY(known_members(r, 0, top, "format patient_system tables comment", settings_list));
    TW_TRY(text_member(r, &format, 0, top, "format", true));
    if (!tw_str_is(format, "twinward-mapping/1"))
        return bad(r, tw_json_get(&r->d, 0, "format"), TW_STR("format"), "is not twinward-mapping/1");
    TW_TRY(text_member(r, &r->m->patient_system, 0, top, "patient_system", true));
    r->m->patient_system = tw_cm_system(r->m->patient_system);
    if (r->m->patient_system.n == 0)
        return bad(r, tw_json_get(&r->d, 0, "patient_system"), TW_STR("patient_system"), "is neither a URI nor an OID");
    TW_TRY(read_settings(r, &set, 0, top));
    uint32_t tables = tw_json_get(&r->d, 0, "tables");
    if (tables == TW_JSON_NONE)
        return bad(r, 0, TW_STR("tables"), "is missing");
    size_t n = r->d.tok[tables].count;
    if (type_of(r, tables) != TW_JSON_ARRAY || n == 0 || n > TABLES_MAX)
        return bad(r, tables, TW_STR("tables"), "is no array with items, or too long");
    tw_cm_table *table = tw_arena_get(r->a, n * sizeof *table);
    r->m->table = table;
    r->m->tables = n;
    uint32_t at = tw_json_first(&r->d, tables);
    for (size_t i = 0; i < n; i++, at = tw_json_next(&r->d, tables, at)) {
        tw_mark mark = tw_arena_mark(r->cx->arena);
        table[i].set = set;
        tw_str where = under_n(r, TW_STR("tables"), i);
        TW_TRY(read_table(r, &table[i], at, where));
        tw_arena_back(r->cx->arena, mark);
    }
    return TW_OK;
}

tw_status tw_mapping_read(tw_ctx *cx, tw_mapping **out, tw_str json)
{
    const tw_json_limits limits = { .bytes_max = BYTES_MAX };
    reader r = { .cx = cx };
    tw_status st = tw_json_parse(cx, &r.d, json, &limits);
    if (st != TW_OK)
        return tw_wrap(cx, "mapping");
    r.a = tw_arena_new(ARENA_MAX);
    r.m = tw_new(r.a, tw_mapping);
    r.m->arena = r.a;
    st = read_whole(&r);
    if (st != TW_OK) {
        tw_arena_free(r.a);
        return st;
    }
    *out = r.m;
    return TW_OK;
}

void tw_mapping_free(tw_mapping *m)
{
    if (m)
        tw_arena_free(m->arena);
}

tw_str tw_mapping_patient_system(const tw_mapping *m)
{
    return m->patient_system;
}
