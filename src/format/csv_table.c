/* A table as a whole, for those that are small enough to be held. */
#include "format/format.h"

static size_t line_ends(tw_str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

static tw_status add_row(tw_ctx *cx, tw_csv_table *t, tw_str row, size_t line, const tw_csv_opts *opts)
{
    tw_str *field;
    size_t n;
    tw_csv_place at = { 0 };
    if (tw_csv_row(cx, &field, &n, &at, row, opts) != TW_OK)
        return tw_wrap(cx, "line %zu", line + at.line);
    if (!t->name) {
        t->name = field;
        t->columns = n;
        return TW_OK;
    }
    if (n != t->columns)
        return tw_fail(cx, TW_EPARSE, "line %zu: a row has as many fields as the first line", line);
    t->line[t->n] = line;
    t->row[t->n++] = field;
    return TW_OK;
}

tw_status tw_csv_table_read(tw_ctx *cx, tw_csv_table *out, tw_str text, size_t rows_max, const tw_csv_opts *opts)
{
    size_t skip, size, line = 1, most = line_ends(text) + 1;
    tw_csv_cut_kind kind;
    *out = (tw_csv_table){ .n = 0 };
    if (most > rows_max)
        return tw_fail(cx, TW_ELIMIT, "at most %zu rows", rows_max);
    out->row = tw_try_array(cx->arena, tw_str *, most);
    out->line = tw_try_array(cx->arena, size_t, most);
    if (!out->row || !out->line)
        return tw_fail(cx, TW_ELIMIT, "no memory left");
    while ((kind = tw_csv_cut(&skip, &size, text, true, opts)) != TW_CSV_END) {
        tw_str row = { text.p + skip, kind == TW_CSV_ROW ? size : 0 };
        line += line_ends((tw_str){ text.p, skip });
        text = (tw_str){ row.p + row.n, text.n - skip - row.n };
        if (kind == TW_CSV_ROW)
            TW_TRY(add_row(cx, out, row, line, opts));
        line += line_ends(row);
    }
    return out->name ? TW_OK : tw_fail(cx, TW_EPARSE, "line 1: a line of names, then rows");
}
