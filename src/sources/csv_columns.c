/* What a mapping takes the columns of a table for. */
#include "sources/csv_internal.h"

typedef struct {
    const tw_cm_table *table;
    tw_arena *arena;
    tw_mapped *use;  /* of the file's columns */
    uint32_t *where; /* column of the table to column of the file; UINT32_MAX */
} uses;

static tw_mapped *column_of(const uses *u, uint32_t column)
{
    bool none = column == TW_CM_CONSTANT || column >= u->table->columns || u->where[column] == UINT32_MAX;
    return none ? NULL : &u->use[u->where[column]];
}

static bool has_word(const tw_mapped *m, tw_str word)
{
    for (size_t i = 0; i < m->words; i++)
        if (tw_str_eq(m->word[i], word))
            return true;
    return false;
}

/* Measures of one table may share a map: its words are listed once. */
static void add_words(const uses *u, tw_mapped *m, const tw_str *word, size_t stride, size_t n)
{
    size_t fresh = 0;
    for (size_t i = 0; i < n; i++)
        fresh += !has_word(m, *(const tw_str *)(const void *)((const char *)word + i * stride));
    if (!fresh)
        return;
    tw_str *more = tw_arena_get(u->arena, (m->words + fresh) * sizeof *more);
    size_t count = m->words;
    if (count)
        memcpy(more, m->word, count * sizeof *more);
    for (size_t i = 0; i < n; i++) {
        tw_str w = *(const tw_str *)(const void *)((const char *)word + i * stride);
        if (!has_word(m, w))
            more[count++] = w;
    }
    m->word = more;
    m->words = count;
}

static void used(const uses *u, uint32_t column, tw_mapped_use as, tw_str system)
{
    tw_mapped *m = column_of(u, column);
    if (!m)
        return;
    if (as == TW_MAPPED_CODE && m->use == TW_MAPPED_CODE && !tw_str_eq(m->system, system))
        m->system = (tw_str){ "", 0 };
    if (as > m->use) {
        m->use = as;
        m->system = system;
    }
}

static void used_field(const uses *u, const tw_cm_field *f, tw_mapped_use as)
{
    tw_mapped *m = f ? column_of(u, f->column) : NULL;
    if (!m)
        return;
    used(u, f->column, as, (tw_str){ "", 0 });
    if (f->map_count)
        add_words(u, m, &f->map[0].from, sizeof f->map[0], f->map_count);
    if (f->dates && !m->date_count) {
        m->dates = f->dates->format;
        m->date_count = f->dates->n;
        m->pivot = f->dates->pivot;
    }
}

static tw_mapped_use of_element(tw_el e)
{
    static const tw_mapped_use said[TW_EL_COUNT] = {
        [TW_EL_PATIENT] = TW_MAPPED_PATIENT,  [TW_EL_FAMILY] = TW_MAPPED_NAME,   [TW_EL_GIVEN] = TW_MAPPED_NAME,
        [TW_EL_MIDDLE] = TW_MAPPED_NAME,      [TW_EL_PREFIX] = TW_MAPPED_NAME,   [TW_EL_SUFFIX] = TW_MAPPED_NAME,
        [TW_EL_STREET] = TW_MAPPED_ADDRESS,   [TW_EL_CITY] = TW_MAPPED_ADDRESS,  [TW_EL_DISTRICT] = TW_MAPPED_ADDRESS,
        [TW_EL_STATE] = TW_MAPPED_PLACE,      [TW_EL_COUNTRY] = TW_MAPPED_PLACE, [TW_EL_POSTAL_CODE] = TW_MAPPED_ZIP,
        [TW_EL_PHONE] = TW_MAPPED_CONTACT,    [TW_EL_EMAIL] = TW_MAPPED_CONTACT, [TW_EL_LOT] = TW_MAPPED_ID,
        [TW_EL_BIRTH_DATE] = TW_MAPPED_BIRTH, [TW_EL_UNIT] = TW_MAPPED_UNIT,     [TW_EL_DOSE_UNIT] = TW_MAPPED_UNIT,
    };
    static const tw_mapped_use of_kind[] = { [TW_ELK_WORD] = TW_MAPPED_WORD,
                                             [TW_ELK_TIME] = TW_MAPPED_TIME,
                                             [TW_ELK_NUMBER] = TW_MAPPED_NUMBER,
                                             [TW_ELK_TEXT] = TW_MAPPED_TEXT };
    return said[e] ? said[e] : of_kind[tw_el_kind_of(e)];
}

static void used_code(const uses *u, const tw_cm_code *c)
{
    tw_str system = c->system.column == TW_CM_CONSTANT ? c->system.constant : (tw_str){ "", 0 };
    used_field(u, &c->code, TW_MAPPED_UNUSED);
    used(u, c->code.column, TW_MAPPED_CODE, system);
    used_field(u, &c->system, TW_MAPPED_WORD);
    tw_mapped *m = column_of(u, c->code.column);
    if (m && column_of(u, c->system.column))
        m->system_at = u->where[c->system.column];
    used_field(u, &c->display, TW_MAPPED_TEXT);
}

/* Columns that name a record, after all other uses: a time, a code or a value among them is still one. */
static void used_columns(const uses *u, const tw_cm_columns *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const tw_mapped *m = column_of(u, c->column[i]);
        if (m && m->use == TW_MAPPED_UNUSED)
            used(u, c->column[i], TW_MAPPED_ID, (tw_str){ "", 0 });
    }
}

static void used_value(const uses *u, const tw_cm_resource *r)
{
    static const tw_mapped_use as[] = { [TW_CM_AS_NUMBER] = TW_MAPPED_NUMBER,
                                        [TW_CM_AS_TEXT] = TW_MAPPED_TEXT,
                                        [TW_CM_AS_CODE] = TW_MAPPED_CODE,
                                        [TW_CM_AS_AUTO] = TW_MAPPED_TEXT };
    if (!r->value)
        return;
    if (r->as == TW_CM_AS_CODE)
        used_code(u, r->value);
    else
        used_field(u, &r->value->code, as[r->as]);
    tw_mapped *m = column_of(u, r->value->code.column);
    if (m && (r->as == TW_CM_AS_AUTO || r->as == TW_CM_AS_NUMBER))
        m->may_be_number = true;
}

static void used_when(const uses *u, const tw_cm_when *w)
{
    tw_mapped *m = column_of(u, w->column);
    used(u, w->column, TW_MAPPED_WORD, (tw_str){ "", 0 });
    if (m && w->n)
        add_words(u, m, w->word, sizeof w->word[0], w->n);
}

static void used_resource(const uses *u, const tw_cm_resource *r)
{
    for (int e = 0; e < TW_EL_COUNT; e++)
        used_field(u, r->el[e], of_element((tw_el)e));
    for (int k = 0; k < TW_CONCEPT_COUNT; k++)
        for (size_t i = 0; i < r->concept[k].n; i++)
            used_code(u, &r->concept[k].code[i]);
    used_value(u, r);
    for (size_t i = 0; i < r->identifiers; i++)
        used_field(u, &r->identifier[i].value, TW_MAPPED_ID);
    for (size_t i = 0; i < r->whens; i++)
        used_when(u, &r->when[i]);
}

/* false: a column that the table does not know, or one that it needs is missing or stands twice. */
static bool place_columns(uses *u, const tw_str *header, size_t count)
{
    for (size_t c = 0; c < u->table->columns; c++) {
        size_t times = 0;
        u->where[c] = UINT32_MAX;
        for (size_t i = 0; i < count; i++) {
            if (!tw_str_eq(header[i], u->table->column[c]))
                continue;
            u->where[c] = (uint32_t)i;
            u->use[i].name = u->table->column[c];
            times++;
        }
        if (times > 1 || (times == 0 && !u->table->optional[c]))
            return false;
    }
    for (size_t i = 0; i < count && !u->table->ignore_rest; i++)
        if (u->use[i].name.n == 0)
            return false;
    return true;
}

/* A file without a header has its columns in the order in which the mapping names them. */
static bool declared_columns(uses *u, size_t count)
{
    if (count != u->table->declared)
        return false;
    for (size_t c = 0; c < u->table->columns; c++) {
        u->where[c] = c < count ? (uint32_t)c : UINT32_MAX;
        if (c < count)
            u->use[c].name = u->table->column[c];
    }
    return true;
}

static bool fits(const tw_cm_table *t, tw_str file)
{
    if (file.n == 0)
        return !t->skip;
    for (size_t f = 0; f < t->files; f++)
        if (tw_cm_name_fits(t->file[f], file))
            return !t->skip;
    return false;
}

static bool try_table(tw_ctx *cx, tw_mapped_table *out, const tw_cm_table *t, tw_str row)
{
    uses u = { .table = t, .arena = cx->arena };
    *out = (tw_mapped_table){ .header = t->header, .thousands = t->set.thousands, .null = t->set.null };
    out->nulls = t->set.nulls;
    out->csv = (tw_csv_opts){ .delimiter = t->set.delimiter, .charset = t->set.charset };
    if (tw_csv_row(cx, &out->field, &out->count, NULL, row, &out->csv) != TW_OK) {
        tw_err_clear(cx);
        return false;
    }
    out->csv.columns = (uint32_t)out->count;
    out->column = u.use = tw_arena_get(cx->arena, (out->count + 1) * sizeof *u.use);
    u.where = tw_arena_get(cx->arena, (t->columns + 1) * sizeof *u.where);
    for (size_t i = 0; i < out->count; i++) {
        out->field[i] = tw_str_trim(out->field[i]);
        u.use[i] = (tw_mapped){ .name = { "", 0 }, .system = { "", 0 }, .pivot = -1, .system_at = UINT32_MAX };
    }
    if (t->header ? !place_columns(&u, out->field, out->count) : !declared_columns(&u, out->count))
        return false;
    for (size_t r = 0; r < t->resources; r++)
        used_resource(&u, &t->resource[r]);
    for (size_t r = 0; r < t->resources; r++) {
        used_columns(&u, &t->resource[r].id);
        used_columns(&u, &t->resource[r].encounter);
    }
    return true;
}

tw_str tw_mapping_system(tw_str text)
{
    return tw_cm_system(text);
}

tw_status tw_mapping_columns(tw_ctx *cx, tw_mapped_table *out, const tw_mapping *m, tw_str file, tw_str first_row)
{
    if (tw_str_starts(first_row, "\xef\xbb\xbf"))
        first_row = (tw_str){ first_row.p + 3, first_row.n - 3 };
    for (size_t t = 0; t < m->tables; t++)
        if (fits(&m->table[t], file) && try_table(cx, out, &m->table[t], first_row))
            return TW_OK;
    return tw_fail(cx, TW_ENOTFOUND, "no table of the mapping has this file's name and columns");
}
