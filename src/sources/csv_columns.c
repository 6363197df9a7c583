/* What a mapping takes the columns of a table for. */
#include "sources/csv_internal.h"

typedef struct {
    const tw_cm_table *table;
    tw_mapped *use;    /* of the file's columns */
    uint32_t *where;   /* column of the table to column of the file; UINT32_MAX */
} uses;

static void used(const uses *u, uint32_t column, tw_mapped_use as, tw_str system)
{
    if (column == TW_CM_CONSTANT || column >= u->table->columns || u->where[column] == UINT32_MAX)
        return;
    tw_mapped *m = &u->use[u->where[column]];
    if (as == TW_MAPPED_CODE && m->use == TW_MAPPED_CODE && !tw_str_eq(m->system, system))
        m->system = (tw_str){ "", 0 };
    if (as > m->use)
        *m = (tw_mapped){ .use = as, .system = system };
}

static void used_field(const uses *u, const tw_cm_field *f, tw_mapped_use as)
{
    if (f)
        used(u, f->column, as, (tw_str){ "", 0 });
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
    used(u, c->code.column, TW_MAPPED_CODE, system);
    used_field(u, &c->system, TW_MAPPED_WORD);
    used_field(u, &c->display, TW_MAPPED_TEXT);
}

static void used_columns(const uses *u, const tw_cm_columns *c)
{
    for (size_t i = 0; i < c->n; i++)
        used(u, c->column[i], TW_MAPPED_ID, (tw_str){ "", 0 });
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
        used(u, r->when[i].column, TW_MAPPED_WORD, (tw_str){ "", 0 });
    used_columns(u, &r->id);
    used_columns(u, &r->encounter);
}

/* false: a column that the table does not know. */
static bool place_columns(uses *u, const tw_str *header, size_t count)
{
    for (size_t c = 0; c < u->table->columns; c++)
        u->where[c] = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        bool found = u->table->ignore_rest;
        for (size_t c = 0; c < u->table->columns; c++)
            if (tw_str_eq(tw_str_trim(header[i]), u->table->column[c])) {
                u->where[c] = (uint32_t)i;
                found = true;
            }
        if (!found)
            return false;
    }
    return true;
}

tw_status tw_mapping_columns(tw_ctx *cx, tw_mapped **use, char *delimiter, const tw_mapping *m, tw_str file,
                             const tw_str *header, size_t count)
{
    for (size_t t = 0; t < m->tables; t++) {
        uses u = { .table = &m->table[t] };
        bool fits = false;
        for (size_t f = 0; f < u.table->files; f++)
            fits |= tw_cm_name_fits(u.table->file[f], file);
        if (!fits || u.table->skip)
            continue;
        u.where = tw_arena_get(cx->arena, (u.table->columns + 1) * sizeof *u.where);
        u.use = tw_arena_get(cx->arena, (count + 1) * sizeof *u.use);
        if (!place_columns(&u, header, count))
            continue;
        for (size_t i = 0; i < count; i++)
            u.use[i].system = (tw_str){ "", 0 };
        for (size_t r = 0; r < u.table->resources; r++)
            used_resource(&u, &u.table->resource[r]);
        *use = u.use;
        *delimiter = u.table->set.delimiter;
        return TW_OK;
    }
    return tw_fail(cx, TW_ENOTFOUND, "no table of the mapping has this file's name and columns");
}
