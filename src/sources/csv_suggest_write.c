/* A proposal as a mapping and as reasons. Reasons hold names of files and columns, counts and rules; no value. */
#include "sources/csv_suggest.h"

#include <stdlib.h>

#define CODES_MAX 8
#define KEY_MAX 12

typedef struct {
    tw_ctx *cx;
    tw_jw w;
    tw_buf *why;
    tw_sug_file *all;
    size_t n;
    tw_sug_file *f;            /* at hand */
    const tw_sug_column *type; /* rows count whose type of value is a number, or is none; NULL: all */
    bool numeric;
} proposal;

typedef struct {
    tw_sug_column *col;
    const char *system; /* NULL: by the column of systems */
} code;

static tw_sug_column *by_role(const tw_sug_file *f, unsigned role)
{
    for (size_t i = 0; i < f->cols; i++)
        if (f->col[i].role == role)
            return &f->col[i];
    return NULL;
}

static bool most(size_t part, size_t all)
{
    return all > 0 && part * 10 >= all * 9;
}

/* ---------------------------------------------------------------- reasons */

static void note_file(proposal *p, const char *text)
{
    tw_buf_fmt(p->why, TW_FMT ": %s\n", TW_ARG(p->f->name), text);
}

static void note(proposal *p, const tw_sug_column *c, tw_sureness sure, const char *as, const char *why)
{
    static const char *const word[] = { "sure", "likely", "NOT SURE" };
    tw_buf_fmt(p->why, TW_FMT ", column " TW_FMT ": %s (%s): %s\n", TW_ARG(p->f->name), TW_ARG(c->name), as, word[sure],
               why);
}

/* ---------------------------------------------------------------- dates */

static bool decided(const tw_sug_column *c, tw_style *style)
{
    size_t best = 0;
    for (size_t k = 0; k < TW_STYLES; k++)
        best = TW_MAX(best, c->style[k]);
    if (best == 0 || (c->style[TW_STYLE_DMY] == best && c->style[TW_STYLE_MDY] == best))
        return false;
    for (size_t k = 0; k < TW_STYLES; k++)
        if (c->style[k] == best) {
            *style = (tw_style)k;
            return true;
        }
    return false;
}

/* What columns of the file say that can tell day and month apart. */
static int leaning(const tw_sug_file *f)
{
    int days_first = 0;
    for (size_t i = 0; i < f->cols; i++) {
        tw_style style;
        if (f->skipped || !decided(&f->col[i], &style))
            continue;
        days_first += style == TW_STYLE_DMY ? 1 : style == TW_STYLE_MDY ? -1 : 0;
    }
    return days_first;
}

static tw_style style_of(proposal *p, const tw_sug_column *c, tw_sureness *sure, const char **why)
{
    tw_style style;
    int lean = leaning(p->f);
    *sure = TW_SURE;
    *why = "all values fit one order of day, month and year only";
    if (decided(c, &style))
        return style;
    if (lean != 0) {
        *sure = TW_LIKELY;
        *why = "no value tells day from month here; another column of this file does";
        return lean > 0 ? TW_STYLE_DMY : TW_STYLE_MDY;
    }
    for (size_t i = 0; i < p->n; i++)
        lean += leaning(&p->all[i]);
    *sure = TW_UNSURE;
    *why = lean != 0 ? "no value tells day from month in this file; other files do, but they may differ: check"
                     : "no value tells day from month: day first was taken; check";
    return lean >= 0 ? TW_STYLE_DMY : TW_STYLE_MDY;
}

/* Formats of the column that were seen, as indices; 0 for a column without values. */
static size_t formats_of(proposal *p, const tw_sug_column *c, size_t out[TW_SUGGEST_FORMATS], tw_style style)
{
    size_t n = 0;
    tw_style of;
    TW_UNUSED const proposal *unused = p;
    for (size_t i = 0; tw_sug_format(i, &of); i++)
        if (of == style && c->format[i] > 0)
            out[n++] = i;
    return n;
}

static const tw_sug_column *model_time(const tw_sug_file *f)
{
    for (size_t i = 0; i < f->cols; i++)
        if (f->col[i].role < TW_EL_COUNT && tw_el_kind_of((tw_el)f->col[i].role) == TW_ELK_TIME && f->col[i].filled > 0)
            return &f->col[i];
    return NULL;
}

static void write_formats(proposal *p, const size_t *format, size_t n)
{
    tw_style style;
    tw_jw_key(&p->w, "dates");
    tw_jw_array(&p->w);
    for (size_t i = 0; i < n; i++)
        tw_jw_cstr(&p->w, tw_sug_format(format[i], &style));
    tw_jw_array_end(&p->w);
}

/* A field of time; its own formats where they are not those of the table. */
static void write_time(proposal *p, const char *name, tw_sug_column *c, bool tell)
{
    size_t own[TW_SUGGEST_FORMATS], table[TW_SUGGEST_FORMATS];
    tw_sureness sure;
    tw_sureness ignored;
    const char *why;
    const char *unused;
    const tw_sug_column *model = model_time(p->f);
    c->used = true;
    size_t n = c->filled ? formats_of(p, c, own, style_of(p, c, &sure, &why)) : 0;
    size_t m = model ? formats_of(p, model, table, style_of(p, model, &ignored, &unused)) : 0;
    bool same = n == m && memcmp(own, table, n * sizeof *own) == 0;
    if (tell && n > 0)
        note(p, c, sure, name, why);
    else if (tell)
        note(p, c, TW_UNSURE, name,
             model ? "no value was seen: the formats of this table's other times were taken"
                   : "no value was seen: iso was taken; check");
    if (n == 0 || same) {
        tw_jw_kv(&p->w, name, c->name);
        return;
    }
    tw_jw_key(&p->w, name);
    tw_jw_object(&p->w);
    tw_jw_kv(&p->w, "column", c->name);
    write_formats(p, own, n);
    tw_jw_object_end(&p->w);
}

/* ---------------------------------------------------------------- codes */

static const char *system_by_shape(const tw_sug_file *f, const tw_sug_column *c, tw_sureness *sure, const char **why)
{
    *sure = TW_LIKELY;
    if (most(c->shape[TW_SHAPE_LOINC], c->filled)) {
        *why = c->shape[TW_SHAPE_LOINC] == c->filled
                   ? "all values have the check digit of LOINC"
                   : "most values have the check digit of LOINC; rows with the others will be dead letters";
        return "LOINC";
    }
    bool meds = f->kind == TW_CM_REQUEST || f->kind == TW_CM_STATEMENT || f->kind == TW_CM_ADMINISTRATION;
    if (!meds && most(c->shape[TW_SHAPE_SNOMED], c->filled)) {
        *why = "the values have the check digit of SNOMED CT";
        return "SNOMED-CT";
    }
    if (most(c->shape[TW_SHAPE_ATC], c->filled)) {
        *why = "the values look like ATC";
        return "ATC";
    }
    *sure = TW_UNSURE;
    if (most(c->shape[TW_SHAPE_ICD10], c->filled)) {
        *why = "the values look like ICD-10; which edition (I10, I10C) cannot be told: check";
        return "I10";
    }
    if (f->kind == TW_CM_IMMUNIZATION && most(c->shape[TW_SHAPE_DIGITS], c->filled)) {
        *why = "numbers in a table of vaccines are taken for CVX: check";
        return "CVX";
    }
    if (meds && most(c->shape[TW_SHAPE_DIGITS], c->filled)) {
        *why = "numbers in a table of drugs are taken for RxNorm: check";
        return "RXNORM";
    }
    *why = "the system of its codes cannot be told";
    return NULL;
}

static size_t codes_of(proposal *p, code out[CODES_MAX], bool tell)
{
    static const struct {
        unsigned role;
        const char *system;
    } named[] = { { TW_ROLE_LOINC, "LOINC" }, { TW_ROLE_SNOMED, "SNOMED-CT" }, { TW_ROLE_ICD10, "I10" },
                  { TW_ROLE_ATC, "ATC" },     { TW_ROLE_RXNORM, "RXNORM" },    { TW_ROLE_CVX, "CVX" } };
    size_t n = 0;
    tw_sug_column *c = by_role(p->f, TW_ROLE_CODE);
    tw_sug_column *system = by_role(p->f, TW_ROLE_SYSTEM);
    for (size_t i = 0; i < TW_COUNT(named); i++) {
        tw_sug_column *one = by_role(p->f, named[i].role);
        if (!one)
            continue;
        out[n++] = (code){ one, named[i].system };
        if (tell)
            note(p, one, named[i].role == TW_ROLE_ICD10 ? TW_UNSURE : TW_LIKELY, named[i].system,
                 named[i].role == TW_ROLE_ICD10 ? "by its name; which edition (I10, I10C) cannot be told: check"
                                                : "by its name");
    }
    if (!c || c->filled == 0)
        return n;
    if (system) {
        if (tell)
            note(p, c, TW_SURE, "code", "by its name, with a column of code systems");
        out[n++] = (code){ c, NULL };
        return n;
    }
    tw_sureness sure;
    const char *why;
    const char *uri = system_by_shape(p->f, c, &sure, &why);
    if (tell)
        note(p, c, sure, uri ? uri : "code", why);
    if (uri)
        out[n++] = (code){ c, uri };
    return n;
}

static void write_code(proposal *p, const code *c, tw_sug_column *display)
{
    tw_sug_column *system = by_role(p->f, TW_ROLE_SYSTEM);
    tw_jw_object(&p->w);
    tw_jw_kv(&p->w, "column", c->col->name);
    c->col->used = true;
    if (c->system) {
        tw_jw_kv(&p->w, "system", tw_str_of(c->system));
    } else {
        tw_jw_kv(&p->w, "system_column", system->name);
        system->used = true;
    }
    if (display) {
        tw_jw_kv(&p->w, "display_column", display->name);
        display->used = true;
    }
    tw_jw_object_end(&p->w);
}

static void write_codes(proposal *p, const char *name, const code *c, size_t n, tw_sug_column *display)
{
    tw_jw_key(&p->w, name);
    if (n > 1)
        tw_jw_array(&p->w);
    for (size_t i = 0; i < n; i++)
        write_code(p, &c[i], i == 0 ? display : NULL);
    if (n > 1)
        tw_jw_array_end(&p->w);
}

static void write_reason(proposal *p, bool tell)
{
    tw_sug_column *c = by_role(p->f, TW_ROLE_REASON);
    tw_sureness sure;
    const char *why;
    if (!c || c->filled == 0 || !tw_cm_concept_allowed(TW_CONCEPT_REASON, p->f->kind))
        return;
    const char *system = "SNOMED-CT";
    if (!most(c->shape[TW_SHAPE_SNOMED], c->filled))
        system = system_by_shape(p->f, c, &sure, &why);
    if (tell)
        note(p, c, system ? TW_LIKELY : TW_UNSURE, "reason",
             system ? "by its name; the system by the form of its values" : "the system of its codes cannot be told");
    if (system)
        write_codes(p, "reason", &(code){ c, system }, 1, by_role(p->f, TW_ROLE_REASON_DISPLAY));
}

/* ---------------------------------------------------------------- keys of records */

static int by_text(const void *a, const void *b)
{
    return tw_str_cmp(*(const tw_str *)a, *(const tw_str *)b);
}

/* Rows that share their key with another one. */
static size_t repeats(proposal *p, tw_sug_column *const *key, size_t n)
{
    tw_mark mark = tw_arena_mark(p->cx->arena);
    tw_str *row = tw_arena_get(p->cx->arena, (p->f->rows + 1) * sizeof *row);
    size_t rows = 0;
    size_t same = 0;
    for (size_t i = 0; i < p->f->rows; i++) {
        bool numeric = false;
        if (p->type)
            (void)tw_sug_type_word(&numeric, p->f->row[i][p->type - p->f->col]);
        if (p->type && numeric != p->numeric)
            continue;
        size_t bytes = 0;
        for (size_t k = 0; k < n; k++)
            bytes += p->f->row[i][key[k] - p->f->col].n + 1;
        char *text = tw_arena_get(p->cx->arena, bytes + 1);
        row[rows++] = (tw_str){ text, bytes };
        for (size_t k = 0; k < n; k++) {
            tw_str s = p->f->row[i][key[k] - p->f->col];
            memcpy(text, s.n ? s.p : "", s.n);
            text[s.n] = '\x1f';
            text += s.n + 1;
        }
    }
    qsort(row, rows, sizeof *row, by_text);
    for (size_t i = 1; i < rows; i++)
        same += tw_str_eq(row[i], row[i - 1]);
    tw_arena_back(p->cx->arena, mark);
    return same;
}

static size_t record_key(proposal *p, tw_sug_column *key[KEY_MAX], bool tell)
{
    static const unsigned base[] = { TW_EL_PATIENT, TW_EL_TIME,     TW_EL_START, TW_ROLE_CODE,
                                     TW_ROLE_LOINC, TW_ROLE_SNOMED, TW_ROLE_ATC };
    static const unsigned more[] = { TW_ROLE_ENCOUNTER, TW_EL_FINISH, TW_ROLE_DISPLAY, TW_ROLE_VALUE };
    tw_sug_column *own = by_role(p->f, p->f->kind == TW_CM_ENCOUNTER ? TW_ROLE_ENCOUNTER : TW_ROLE_RECORD);
    size_t n = 0;
    if (own && (own->unique || p->f->kind == TW_CM_ENCOUNTER)) {
        key[0] = own;
        if (tell)
            note(p, own, own->unique ? TW_SURE : TW_UNSURE, "id",
                 own->unique ? "no two rows share it" : "rows share it: the later one will replace the earlier");
        return 1;
    }
    for (size_t i = 0; i < TW_COUNT(base); i++)
        if (by_role(p->f, base[i]) && by_role(p->f, base[i])->filled > 0)
            key[n++] = by_role(p->f, base[i]);
    size_t same = repeats(p, key, n);
    for (size_t i = 0; i < TW_COUNT(more) && same > 0; i++) {
        tw_sug_column *c = by_role(p->f, more[i]);
        if (!c || c->filled == 0)
            continue;
        key[n] = c;
        size_t left = repeats(p, key, n + 1);
        if (left == same)
            continue;
        same = left;
        n++;
        if (more[i] == TW_ROLE_VALUE && tell)
            note(p, c, TW_UNSURE, "id",
                 "rows differ by nothing else, so it is part of the id: a corrected value will be a new "
                 "record");
    }
    if (same > 0 && tell)
        tw_buf_fmt(p->why, TW_FMT ": NOT SURE: %zu of %zu rows have the id of another one, and will replace it\n",
                   TW_ARG(p->f->name), same, p->f->rows);
    else if (tell)
        note_file(p, p->type && !p->numeric ? "the same for values that are no numbers (likely)"
                                            : "no column names the record: several together do, no two rows share "
                                              "them (likely)");
    return n;
}

static void write_key(proposal *p, tw_sug_column *const *key, size_t n)
{
    tw_jw_key(&p->w, "id");
    tw_jw_array(&p->w);
    for (size_t i = 0; i < n; i++) {
        tw_jw_str(&p->w, key[i]->name);
        key[i]->used = true;
    }
    tw_jw_array_end(&p->w);
}

/* ---------------------------------------------------------------- fields */

static void write_constant(proposal *p, const char *name, const char *word)
{
    tw_jw_key(&p->w, name);
    tw_jw_object(&p->w);
    tw_jw_kv(&p->w, "constant", tw_str_of(word));
    tw_jw_object_end(&p->w);
}

static void write_pairs(proposal *p, const char *name, tw_sug_column *c, const tw_sug_pair *pair, size_t n)
{
    c->used = true;
    tw_jw_key(&p->w, name);
    tw_jw_object(&p->w);
    tw_jw_kv(&p->w, "column", c->name);
    tw_jw_key(&p->w, "map");
    tw_jw_object(&p->w);
    for (size_t i = 0; i < n; i++)
        tw_jw_kv(&p->w, pair[i].from, tw_str_of(pair[i].to));
    tw_jw_object_end(&p->w);
    tw_jw_object_end(&p->w);
}

static void write_status(proposal *p, bool tell)
{
    static const struct {
        tw_cm_type kind;
        const char *now;
        const char *ended;
    } usual[] = { { TW_CM_ENCOUNTER, "finished", NULL },      { TW_CM_CONDITION, "active", "resolved" },
                  { TW_CM_OBSERVATION, "final", NULL },       { TW_CM_REQUEST, "active", "stopped" },
                  { TW_CM_STATEMENT, "active", "completed" }, { TW_CM_ADMINISTRATION, "completed", NULL },
                  { TW_CM_PROCEDURE, "completed", NULL },     { TW_CM_ALLERGY, "active", "resolved" },
                  { TW_CM_IMMUNIZATION, "completed", NULL } };
    tw_sug_column *c = by_role(p->f, TW_EL_STATUS);
    if (c && c->filled > 0) {
        tw_jw_kv(&p->w, "status", c->name);
        c->used = true;
        return;
    }
    for (size_t i = 0; i < TW_COUNT(usual); i++) {
        if (usual[i].kind != p->f->kind)
            continue;
        bool ended = usual[i].ended && by_role(p->f, TW_EL_FINISH);
        write_constant(p, "status", usual[i].now);
        if (ended)
            write_constant(p, "status_ended", usual[i].ended);
        if (tell)
            tw_buf_fmt(p->why, TW_FMT ": NOT SURE: no column of status: \"%s\" was taken for all%s%s%s\n",
                       TW_ARG(p->f->name), usual[i].now, ended ? ", \"" : "", ended ? usual[i].ended : "",
                       ended ? "\" for those with an end" : "");
    }
}

static bool written_apart(tw_el e)
{
    return e == TW_EL_STATUS || e == TW_EL_SEX || e == TW_EL_CLASS;
}

static void write_elements(proposal *p, bool tell)
{
    for (unsigned e = 0; e < TW_EL_COUNT; e++) {
        tw_sug_column *c = by_role(p->f, e);
        if (!c || written_apart((tw_el)e) || (e == TW_EL_UNIT && !by_role(p->f, TW_ROLE_VALUE)))
            continue;
        const char *name = tw_el_name((tw_el)e);
        if (tw_el_kind_of((tw_el)e) == TW_ELK_TIME) {
            if (model_time(p->f))
                write_time(p, name, c, tell);
            continue;
        }
        tw_jw_kv(&p->w, name, c->name);
        c->used = true;
        if (tell)
            note(p, c, c->sure, name, c->why);
    }
}

static void write_words(proposal *p, bool tell)
{
    size_t n;
    bool sure;
    tw_sug_column *c = by_role(p->f, TW_EL_SEX);
    if (c) {
        const tw_sug_pair *pair = tw_sug_sexes(&n, &sure, c);
        write_pairs(p, "sex", c, pair, n);
        if (tell)
            note(p, c, sure ? TW_SURE : TW_UNSURE, "sex",
                 sure ? "by its name and words"
                      : "by its name; M is a man in English and German, a woman in Spanish: check");
    }
    c = by_role(p->f, TW_EL_CLASS);
    if (c) {
        const tw_sug_pair *pair = tw_sug_classes(&n);
        write_pairs(p, "class", c, pair, n);
        if (tell)
            note(p, c, TW_LIKELY, "class", "by its name; all its words are known for classes of visits");
    }
}

static void write_identifiers(proposal *p, bool tell)
{
    bool open = false;
    if (p->f->kind != TW_CM_PATIENT)
        return;
    for (size_t i = 0; i < p->f->cols; i++) {
        tw_sug_column *c = &p->f->col[i];
        if (c->role != TW_ROLE_IDENTIFIER)
            continue;
        if (!open) {
            tw_jw_key(&p->w, "identifiers");
            tw_jw_array(&p->w);
        }
        open = true;
        c->used = true;
        tw_jw_object(&p->w);
        tw_jw_kv(&p->w, "column", c->name);
        tw_jw_kv(&p->w, "system", tw_strf(p->cx->arena, "urn:twinward:source:" TW_FMT, TW_ARG(c->norm)));
        tw_jw_object_end(&p->w);
        if (tell)
            note(p, c, TW_LIKELY, "another identifier", "by its name; its system is made up: give the true one");
    }
    if (open)
        tw_jw_array_end(&p->w);
}

/* ---------------------------------------------------------------- values */

static void write_when(proposal *p, tw_sug_column *type, bool numeric)
{
    tw_jw_key(&p->w, "when");
    tw_jw_array(&p->w);
    tw_jw_object(&p->w);
    tw_jw_kv(&p->w, "column", type->name);
    tw_jw_key(&p->w, "is");
    tw_jw_array(&p->w);
    for (size_t i = 0; i < type->distinct; i++) {
        bool is_numeric;
        if (tw_sug_type_word(&is_numeric, type->value[i]) && is_numeric == numeric)
            tw_jw_str(&p->w, type->value[i]); /* one of a short list of words */
    }
    if (!numeric && type->filled < p->f->rows)
        tw_jw_cstr(&p->w, "");
    tw_jw_array_end(&p->w);
    tw_jw_object_end(&p->w);
    tw_jw_array_end(&p->w);
    type->used = true;
}

static void write_value(proposal *p, const char *as, bool tell)
{
    tw_sug_column *c = by_role(p->f, TW_ROLE_VALUE);
    if (!c)
        return;
    c->used = true;
    tw_jw_key(&p->w, "value");
    tw_jw_object(&p->w);
    tw_jw_kv(&p->w, "column", c->name);
    tw_jw_kv(&p->w, "as", tw_str_of(as));
    tw_jw_object_end(&p->w);
    if (tell)
        note(p, c, TW_LIKELY, "value",
             strcmp(as, "auto") == 0
                 ? "by its name; some values are numbers and some are not: numbers where they read as one"
                 : "by its name");
}

static void write_measures(proposal *p)
{
    tw_jw_key(&p->w, "measures");
    tw_jw_array(&p->w);
    for (size_t i = 0; i < p->f->cols; i++) {
        tw_sug_column *c = &p->f->col[i];
        if (c->role != TW_ROLE_MEASURE)
            continue;
        c->used = true;
        tw_jw_object(&p->w);
        tw_jw_kv(&p->w, "value", c->name);
        if (c->unit)
            write_constant(p, "unit", c->unit);
        tw_jw_key(&p->w, "code");
        tw_jw_object(&p->w);
        tw_jw_kv(&p->w, "constant", tw_str_of(c->loinc));
        tw_jw_kv(&p->w, "system", TW_STR("LOINC"));
        tw_jw_object_end(&p->w);
        tw_jw_object_end(&p->w);
        note(p, c, c->sure, "measure", c->why);
    }
    tw_jw_array_end(&p->w);
}

/* as NULL: no Observation, or one of measures. */
static void write_resource(proposal *p, const char *as, bool tell)
{
    code c[CODES_MAX];
    tw_sug_column *key[KEY_MAX];
    tw_cm_type kind = p->f->kind;
    tw_sug_column *type = by_role(p->f, TW_ROLE_VALUE_TYPE);
    tw_sug_column *visit = by_role(p->f, TW_ROLE_ENCOUNTER);
    tw_jw_object(&p->w);
    tw_jw_kv(&p->w, "type", tw_str_of(tw_cm_type_name(kind)));
    if (as && type)
        write_when(p, type, strcmp(as, "number") == 0);
    p->type = as ? type : NULL;
    p->numeric = as && strcmp(as, "number") == 0;
    if (kind != TW_CM_PATIENT)
        write_key(p, key, record_key(p, key, tell || p->type));
    if (kind != TW_CM_PATIENT && kind != TW_CM_ENCOUNTER && visit) {
        tw_jw_kv(&p->w, "encounter", visit->name);
        visit->used = true;
        if (tell)
            note(p, visit, visit->sure, "encounter", visit->why);
    }
    size_t n = codes_of(p, c, tell);
    if (n > 0 && kind != TW_CM_PATIENT)
        write_codes(p, "code", c, n, by_role(p->f, TW_ROLE_DISPLAY));
    write_reason(p, tell);
    if (kind != TW_CM_PATIENT)
        write_status(p, tell);
    if (kind == TW_CM_CONDITION || kind == TW_CM_ALLERGY)
        write_constant(p, "verification", "confirmed");
    write_elements(p, tell);
    write_words(p, tell);
    write_identifiers(p, tell);
    if (kind == TW_CM_REQUEST && by_role(p->f, TW_EL_START) && !by_role(p->f, TW_EL_RECORDED))
        write_time(p, "recorded", by_role(p->f, TW_EL_START), false);
    if (as)
        write_value(p, as, tell);
    else if (by_role(p->f, TW_ROLE_MEASURE))
        write_measures(p);
    tw_jw_object_end(&p->w);
}

static void write_of_no_patient(proposal *p, tw_sug_column *key)
{
    tw_jw_object(&p->w);
    tw_jw_kv(&p->w, "type", tw_str_of(tw_cm_type_name(p->f->kind)));
    write_key(p, &key, 1);
    tw_jw_object_end(&p->w);
    note(p, key, TW_LIKELY, "id", "a table of no patients: its rows are counted as refused");
}

/* ---------------------------------------------------------------- tables */

static tw_sug_column *some_key(const tw_sug_file *f)
{
    tw_sug_column *own = by_role(f, TW_ROLE_RECORD);
    if (own && own->unique)
        return own;
    for (size_t i = 0; i < f->cols; i++)
        if (f->col[i].unique)
            return &f->col[i];
    return NULL;
}

/* Signs of a table's name, from the file's, made different by a number where two have one. */
static void write_names(proposal *p)
{
    tw_str stem = p->f->name;
    size_t same = 0;
    for (size_t i = stem.n; i > 0; i--)
        if (stem.p[i - 1] == '.') {
            stem.n = i - 1;
            break;
        }
    tw_str name = tw_sug_norm(p->cx->arena, stem);
    name.n = TW_MIN(name.n, (size_t)48);
    for (const tw_sug_file *f = p->all; f < p->f; f++)
        same += tw_str_starts(f->norm, tw_cstr(p->cx->arena, name));
    if (name.n == 0)
        name = TW_STR("table");
    tw_jw_kv(&p->w, "name", same ? tw_strf(p->cx->arena, TW_FMT "_%zu", TW_ARG(name), same + 1) : name);
    tw_jw_kv(&p->w, "files", p->f->name);
}

static void write_settings(proposal *p)
{
    char sign[2] = { p->f->delimiter, 0 };
    size_t nulls = 0;
    const tw_sug_column *model = model_time(p->f);
    if (p->f->delimiter != ',')
        tw_jw_kv(&p->w, "delimiter", tw_str_of(sign));
    if (strcmp(p->f->charset, "utf-8") != 0) {
        tw_jw_kv(&p->w, "charset", tw_str_of(p->f->charset));
        note_file(p, "NOT SURE: it is not UTF-8; its charset was taken for one of western Europe");
    }
    if (p->f->comma) {
        tw_jw_kv(&p->w, "decimal", TW_STR(","));
        note_file(p, "decimal commas: numbers hold them (likely)");
    }
    for (size_t i = 0; i < p->f->cols; i++)
        nulls += p->f->col[i].nulls;
    if (nulls > 0) {
        static const char *const word[] = {
            "NULL", "null", "NA", "N/A", "n/a", "n/d", "NaN", "nan", "None", "\\N", "-"
        };
        tw_jw_key(&p->w, "null");
        tw_jw_array(&p->w);
        for (size_t i = 0; i < TW_COUNT(word); i++)
            tw_jw_cstr(&p->w, word[i]);
        tw_jw_array_end(&p->w);
        note_file(p, "cells hold words for nothing, such as NULL (likely)");
    }
    if (!model) { /* times of this table may come one day */
        tw_jw_key(&p->w, "dates");
        tw_jw_array(&p->w);
        tw_jw_cstr(&p->w, "iso");
        tw_jw_array_end(&p->w);
        return;
    }
    size_t format[TW_SUGGEST_FORMATS];
    tw_sureness sure;
    const char *why;
    write_formats(p, format, formats_of(p, model, format, style_of(p, model, &sure, &why)));
    size_t clock = 0, offset = 0;
    for (size_t i = 0; i < p->f->cols; i++) {
        clock += p->f->col[i].with_clock;
        offset += p->f->col[i].with_offset;
    }
    if (offset < clock)
        note_file(p, "NOT SURE: times have no offset: set \"zone\" to the clock they were taken by (UTC until then)");
}

static void write_ignored(proposal *p)
{
    tw_jw_key(&p->w, "ignore");
    tw_jw_array(&p->w);
    for (size_t i = 0; i < p->f->cols; i++) {
        const tw_sug_column *c = &p->f->col[i];
        if (c->used)
            continue;
        tw_jw_str(&p->w, c->name);
        note(p, c, c->role == TW_ROLE_NONE ? c->sure : TW_UNSURE, "ignored",
             c->role == TW_ROLE_NONE ? c->why : "its meaning has no place in this type, or cannot be told");
    }
    tw_jw_array_end(&p->w);
}

static void write_skipped(proposal *p)
{
    tw_jw_object(&p->w);
    write_names(p);
    tw_jw_key(&p->w, "skip");
    tw_jw_bool(&p->w, true);
    tw_jw_object_end(&p->w);
    tw_buf_fmt(p->why, TW_FMT ": skipped: %s\n", TW_ARG(p->f->name), p->f->skipped);
}

static void write_table(proposal *p)
{
    tw_cm_type kind = p->f->kind;
    code c[CODES_MAX];
    tw_sug_column *key = kind >= TW_CM_NO_PATIENT ? some_key(p->f) : NULL;
    bool coded = kind == TW_CM_PATIENT || kind == TW_CM_ENCOUNTER || kind >= TW_CM_NO_PATIENT;
    if (!p->f->skipped && kind >= TW_CM_NO_PATIENT && !key)
        p->f->skipped = "no column names its rows";
    bool wide = by_role(p->f, TW_ROLE_MEASURE) != NULL;
    if (!p->f->skipped && !coded && !wide && codes_of(p, c, false) == 0)
        p->f->skipped = "no column has codes of a system that can be told";
    if (p->f->skipped) {
        write_skipped(p);
        return;
    }
    tw_buf_fmt(p->why, TW_FMT ": a table of %s, %zu rows read, by its name and columns\n", TW_ARG(p->f->name),
               tw_cm_type_name(kind), p->f->rows);
    tw_jw_object(&p->w);
    write_names(p);
    write_settings(p);
    tw_jw_key(&p->w, "resources");
    tw_jw_array(&p->w);
    const tw_sug_column *value = by_role(p->f, TW_ROLE_VALUE);
    if (kind >= TW_CM_NO_PATIENT) {
        write_of_no_patient(p, key);
    } else if (kind == TW_CM_OBSERVATION && by_role(p->f, TW_ROLE_VALUE_TYPE) && !wide) {
        write_resource(p, "number", true);
        write_resource(p, "text", false);
    } else if (kind == TW_CM_OBSERVATION && value && !wide) {
        bool numbers = value->shape[TW_SHAPE_POINT] + value->shape[TW_SHAPE_COMMA] == value->filled;
        write_resource(p, numbers ? "number" : "auto", true);
    } else {
        write_resource(p, NULL, true);
    }
    tw_jw_array_end(&p->w);
    write_ignored(p);
    tw_jw_object_end(&p->w);
}

void tw_sug_write(tw_ctx *cx, tw_buf *json, tw_buf *reasons, tw_sug_file *f, size_t n)
{
    proposal p = { .cx = cx, .why = reasons, .all = f, .n = n };
    tw_jw_init(&p.w, json, 2);
    tw_jw_object(&p.w);
    tw_jw_kv(&p.w, "format", TW_STR("twinward-mapping/1"));
    tw_jw_kv(&p.w, "patient_system", TW_STR("urn:twinward:source:patients"));
    tw_buf_cstr(reasons,
                "patient_system: NOT SURE: made up; give the URI or OID of the system that issues the numbers\n");
    tw_jw_key(&p.w, "tables");
    tw_jw_array(&p.w);
    for (size_t i = 0; i < n; i++) {
        p.f = &f[i];
        write_table(&p);
    }
    tw_jw_array_end(&p.w);
    tw_jw_object_end(&p.w);
    tw_buf_cstr(json, "\n");
}
