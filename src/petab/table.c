#include "petab/petab_internal.h"

#include <math.h>
#include <stdarg.h>

#include "format/format.h"

#define ROWS_MAX 1000000u

tw_str tw_petab_text(tw_ctx *cx, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    char *text = n < 0 ? NULL : tw_arena_try(cx->arena, (size_t)n + 1);
    if (text)
        (void)vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    va_end(ap);
    return text ? (tw_str){ text, (size_t)n } : (tw_str){ NULL, 0 };
}

static const tw_csv_opts tabs = { .delimiter = '\t' };

static uint32_t column(const tw_petab_table *t, tw_str name)
{
    for (uint32_t i = 0; i < t->n_column; i++)
        if (tw_str_eq(t->name[i], name))
            return i;
    return UINT32_MAX;
}

/* The first row of a file: where each of its columns is in the table; new ones are added. */
static tw_status header(tw_ctx *cx, tw_petab_table *t, uint32_t **to, const tw_str *field, size_t n)
{
    tw_str *name = tw_try_array(cx->arena, tw_str, t->n_column + n);
    *to = tw_try_array(cx->arena, uint32_t, n + 1);
    if (!name || !*to)
        return tw_fail(cx, TW_ELIMIT, "a table needs more memory than there is");
    if (t->n_column)
        memcpy(name, t->name, t->n_column * sizeof *name);
    t->name = name;
    for (size_t i = 0; i < n; i++) {
        tw_str called = tw_str_trim(field[i]);
        (*to)[i] = column(t, called);
        if ((*to)[i] == UINT32_MAX) {
            (*to)[i] = t->n_column;
            t->name[t->n_column++] = called;
        }
    }
    return TW_OK;
}

static size_t count_lines(tw_str text)
{
    size_t n = 2;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n' || text.p[i] == '\r';
    return n;
}

static tw_status add_row(tw_ctx *cx, tw_petab_table *t, const uint32_t *to, size_t columns, const tw_str *field,
                         size_t n)
{
    tw_str *row = tw_try_array(cx->arena, tw_str, t->n_column);
    if (!row)
        return tw_fail(cx, TW_ELIMIT, "a table needs more memory than there is");
    if (n > columns)
        return tw_fail(cx, TW_EPARSE, "has %zu fields under %zu names", n, columns);
    for (size_t i = 0; i < n; i++)
        row[to[i]] = tw_str_trim(field[i]);
    t->row[t->n_row++] = row;
    return TW_OK;
}

/* Rows of earlier files get fields for the columns that this one brought. */
static tw_status widen(tw_ctx *cx, tw_petab_table *t, uint32_t from, size_t rows)
{
    tw_str **all = tw_try_array(cx->arena, tw_str *, t->n_row + rows);
    if (!all || t->n_row + rows > ROWS_MAX)
        return tw_fail(cx, TW_ELIMIT, "a table has more than %u rows", ROWS_MAX);
    for (uint32_t i = 0; i < t->n_row; i++) {
        all[i] = t->row[i];
        if (t->n_column == from)
            continue;
        tw_str *row = tw_try_array(cx->arena, tw_str, t->n_column);
        if (!row)
            return tw_fail(cx, TW_ELIMIT, "a table needs more memory than there is");
        memcpy(row, t->row[i], from * sizeof *row);
        all[i] = row;
    }
    t->row = all;
    return TW_OK;
}

tw_status tw_petab_table_add(tw_ctx *cx, tw_petab_table *t, tw_str text, tw_str file)
{
    uint32_t *to = NULL, line = 0, before = t->n_column;
    size_t columns = 0, skip, size, n, lines = count_lines(text);
    tw_str *field;
    for (;; text = (tw_str){ text.p + skip + size, text.n - skip - size }) {
        tw_csv_cut_kind kind = tw_csv_cut(&skip, &size, text, true, &tabs);
        if (kind == TW_CSV_END)
            return to ? TW_OK : tw_fail(cx, TW_EPARSE, TW_FMT ": the table is empty", TW_ARG(file));
        if (kind != TW_CSV_ROW) {
            size = 0;
            continue;
        }
        line++;
        tw_status s = tw_csv_row(cx, &field, &n, NULL, (tw_str){ text.p + skip, size }, &tabs);
        if (s == TW_OK && !to) {
            columns = n;
            s = header(cx, t, &to, field, n);
            s = s == TW_OK ? widen(cx, t, before, lines) : s;
        } else if (s == TW_OK) {
            s = add_row(cx, t, to, columns, field, n);
        }
        if (s != TW_OK)
            return tw_wrap(cx, TW_FMT ", row %u", TW_ARG(file), line);
    }
}

tw_str tw_petab_field(const tw_petab_table *t, uint32_t row, const char *name)
{
    uint32_t at = column(t, tw_str_of(name));
    return at == UINT32_MAX ? (tw_str){ "", 0 } : t->row[row][at].p ? t->row[row][at] : (tw_str){ "", 0 };
}

bool tw_petab_number(double *out, tw_str text)
{
    if (tw_str_is(text, "inf") || tw_str_is(text, "Inf") || tw_str_is(text, "INF"))
        *out = (double)INFINITY;
    else if (tw_str_is(text, "-inf") || tw_str_is(text, "-Inf") || tw_str_is(text, "-INF"))
        *out = -(double)INFINITY;
    else
        return tw_parse_f64(out, text);
    return true;
}
