/* The CSV decoder: a file finds its table by name and header; its rows are cut and handed on. */
#include "sources/csv_internal.h"

#define ARENA_MAX (64 * TW_MIB)
#define LIST_BYTES_MAX 150

/* A column's name may be told when it looks like one: a header that is missing has values in its place. */
static bool can_be_told(tw_str s)
{
    size_t digits = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool digit = c >= '0' && c <= '9';
        digits += digit;
        if (!letter && (i == 0 || (!digit && !strchr(" _.-/%()#", c))))
            return false;
    }
    return s.n > 0 && s.n <= 48 && digits <= 3;
}

static void list(char *room, size_t cap, tw_str name)
{
    size_t used = strlen(room);
    if (used > LIST_BYTES_MAX - 60) {
        if (!tw_str_ends(tw_str_of(room), "..."))
            snprintf(room + used, cap - used, ", ...");
        return;
    }
    tw_str told = can_be_told(name) ? name : TW_STR("(name)");
    snprintf(room + used, cap - used, "%s" TW_FMT, used ? ", " : "", TW_ARG(told));
}

/* ---------------------------------------------------------------- header */

typedef struct {
    tw_str *name;
    size_t n;
    size_t end; /* of the header row, from the end of the byte order mark */
} header;

static tw_status read_header(tw_ctx *cx, header *h, tw_str text, const tw_csv_opts *csv)
{
    size_t skip = 0;
    size_t size = 0;
    size_t at = 0;
    tw_csv_cut_kind kind;
    while ((kind = tw_csv_cut(&skip, &size, (tw_str){ text.p + at, text.n - at }, true, csv)) == TW_CSV_BLANK)
        at += skip;
    if (kind != TW_CSV_ROW)
        return tw_fail(cx, TW_EPARSE, "no header row: the file is empty");
    tw_str row = { text.p + at + skip, size };
    h->end = at + skip + size;
    if (tw_csv_row(cx, &h->name, &h->n, NULL, row, csv) != TW_OK)
        return tw_wrap(cx, "header row");
    for (size_t i = 0; i < h->n; i++)
        h->name[i] = tw_str_trim(h->name[i]);
    return TW_OK;
}

static bool table_knows(const tw_cm_table *t, tw_str name)
{
    for (size_t i = 0; i < t->columns; i++)
        if (tw_str_eq(t->column[i], name))
            return true;
    return false;
}

/* Where the table's columns stand; false: the table is not for this header. */
static bool bind(uint32_t *where, const tw_cm_table *t, const header *h)
{
    for (size_t c = 0; c < t->columns; c++) {
        where[c] = UINT32_MAX;
        for (size_t i = 0; i < h->n; i++) {
            if (!tw_str_eq(h->name[i], t->column[c]))
                continue;
            if (where[c] != UINT32_MAX)
                return false; /* twice: which one is meant? */
            where[c] = (uint32_t)i;
        }
        if (where[c] == UINT32_MAX && !t->optional[c])
            return false;
    }
    for (size_t i = 0; i < h->n && !t->ignore_rest; i++)
        if (!table_knows(t, h->name[i]))
            return false;
    return true;
}

static bool is_for(const tw_cm_table *t, tw_str name)
{
    for (size_t i = 0; i < t->files && name.n > 0; i++)
        if (tw_cm_name_fits(t->file[i], name))
            return true;
    return name.n == 0;
}

/* ---------------------------------------------------------------- why no table fits */

static void list_unknown(char *room, size_t cap, size_t *known, const tw_mapping *m, tw_str name, const header *h)
{
    for (size_t i = 0; i < h->n; i++) {
        bool found = false;
        bool rest = false;
        for (size_t k = 0; k < m->tables; k++) {
            found |= is_for(&m->table[k], name) && table_knows(&m->table[k], h->name[i]);
            rest |= is_for(&m->table[k], name) && m->table[k].ignore_rest;
        }
        *known += found;
        if (!found && !rest)
            list(room, cap, h->name[i]);
    }
}

/* Of the table that misses fewest. */
static void list_missing(char *room, size_t cap, const tw_mapping *m, tw_str name, const header *h)
{
    size_t fewest = SIZE_MAX;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < m->tables; k++) {
            const tw_cm_table *t = &m->table[k];
            size_t missing = 0;
            for (size_t c = 0; c < t->columns && is_for(t, name); c++) {
                size_t times = 0;
                for (size_t i = 0; i < h->n; i++)
                    times += tw_str_eq(h->name[i], t->column[c]);
                bool wrong = times > 1 || (times == 0 && !t->optional[c]);
                missing += wrong;
                if (wrong && pass == 1)
                    list(room, cap, t->column[c]);
            }
            if (pass == 0 && missing > 0)
                fewest = TW_MIN(fewest, missing);
            else if (pass == 1 && missing == fewest)
                return;
            else if (pass == 1)
                room[0] = '\0';
        }
}

static tw_status no_table(tw_ctx *cx, const tw_mapping *m, tw_str name, const header *h)
{
    char unknown[LIST_BYTES_MAX] = "";
    char missing[LIST_BYTES_MAX] = "";
    size_t known = 0;
    list_unknown(unknown, sizeof unknown, &known, m, name, h);
    list_missing(missing, sizeof missing, m, name, h);
    if (known == 0)
        return tw_fail(cx, TW_EPARSE,
                       "no table of the mapping fits: its first row has none of the columns of one "
                       "(is the header missing, or another delimiter used?)");
    if (missing[0] && unknown[0])
        return tw_fail(cx, TW_EPARSE,
                       "no table of the mapping fits: columns that no table knows: %s; missing or "
                       "twice: %s",
                       unknown, missing);
    if (missing[0])
        return tw_fail(cx, TW_EPARSE, "no table of the mapping fits: columns missing or twice: %s", missing);
    return tw_fail(cx, TW_EPARSE, "no table of the mapping fits: columns that no table knows: %s", unknown);
}

/* ---------------------------------------------------------------- open */

static tw_status strip_mark(tw_ctx *cx, size_t *mark, tw_str head)
{
    *mark = 0;
    if (tw_str_starts(head, "\xEF\xBB\xBF"))
        *mark = 3;
    if (tw_str_starts(head, "\xFF\xFE") || tw_str_starts(head, "\xFE\xFF"))
        return tw_fail(cx, TW_EPARSE, "the file is UTF-16; export it as UTF-8");
    return TW_OK;
}

/* TW_OK with f->table NULL: not this one. */
static tw_status try_table(tw_ctx *cx, tw_csv_file *f, header *h, size_t *consumed, const tw_cm_table *t, tw_str text,
                           size_t mark)
{
    tw_csv_opts csv = { .delimiter = t->set.delimiter, .charset = t->set.charset };
    if (mark > 0 && t->set.charset && t->set.charset->single_byte)
        return tw_fail(cx, TW_EPARSE, "the file begins with the mark of UTF-8, but its table has another charset");
    *h = (header){ .n = 0 };
    if (t->header && !t->skip)
        TW_TRY(read_header(cx, h, text, &csv));
    f->where = tw_arena_get(f->arena, (t->columns + 1) * sizeof *f->where);
    if (!t->header)
        for (uint32_t c = 0; c < t->columns; c++)
            f->where[c] = c;
    else if (!t->skip && !bind(f->where, t, h))
        return TW_OK;
    csv.columns = (uint32_t)(t->header ? h->n : t->declared);
    f->csv = csv;
    f->table = t;
    *consumed = mark + h->end;
    return TW_OK;
}

static tw_status find_table(tw_ctx *cx, tw_csv_file *f, size_t *consumed, tw_str name, tw_str head)
{
    const tw_mapping *m = f->mapping;
    header h = { .n = 0 };
    header seen = { .n = 0 };
    size_t mark;
    bool named = false;
    tw_status st = TW_OK;
    TW_TRY(strip_mark(cx, &mark, head));
    tw_str text = { head.p + mark, head.n - mark };
    for (size_t i = 0; i < m->tables && !f->table; i++) {
        if (!is_for(&m->table[i], name))
            continue;
        named = true;
        st = try_table(cx, f, &h, consumed, &m->table[i], text, mark);
        if (h.n > seen.n)
            seen = h;
    }
    if (f->table) {
        tw_err_clear(cx);
        return TW_OK;
    }
    if (!named)
        return tw_fail(cx, TW_ENOTFOUND, "no table of the mapping is for a file of this name");
    return st != TW_OK && seen.n == 0 ? st : no_table(cx, m, name, &seen);
}

static tw_status csv_open(tw_ctx *cx, void **file, size_t *consumed, const tw_sources_opts *opts, tw_str name,
                          tw_str head)
{
    if (!opts || !opts->mapping)
        return tw_fail(cx, TW_ENOTFOUND, "a table needs a mapping that says what its columns mean");
    tw_arena *arena = tw_arena_new(ARENA_MAX);
    tw_csv_file *f = tw_new(arena, tw_csv_file);
    f->arena = arena;
    f->mapping = opts->mapping;
    tw_status st = find_table(cx, f, consumed, name, head);
    if (st != TW_OK) {
        tw_arena_free(arena);
        return st;
    }
    *file = f;
    return TW_OK;
}

static void csv_close(void *file)
{
    if (file)
        tw_arena_free(((tw_csv_file *)file)->arena);
}

/* ---------------------------------------------------------------- rows */

tw_frame tw_csv_frame(size_t *skip, size_t *size, tw_str window, bool last, const tw_csv_opts *opts)
{
    switch (tw_csv_cut(skip, size, window, last, opts)) {
    case TW_CSV_ROW:
        return TW_FRAME_UNIT;
    case TW_CSV_BLANK:
        return TW_FRAME_SKIP;
    case TW_CSV_MORE:
        return TW_FRAME_MORE;
    case TW_CSV_END:
        return TW_FRAME_END;
    }
    tw_assert_failed("a kind of cut", __FILE__, __LINE__);
}

static tw_frame csv_frame(const void *file, size_t *skip, size_t *size, tw_str window, bool last)
{
    const tw_csv_file *f = file;
    if (f->table->skip) {
        *skip = window.n;
        *size = 0;
        if (window.n > 0)
            return TW_FRAME_SKIP;
        return last ? TW_FRAME_END : TW_FRAME_MORE;
    }
    return tw_csv_frame(skip, size, window, last, &f->csv);
}

static tw_status csv_unit(tw_ctx *cx, tw_buf *json, tw_place *place, const void *file, tw_str unit)
{
    return tw_csv_bundle(cx, json, place, file, unit);
}

const tw_decoder tw_decoder_csv = {
    .name = "csv", .suffix = ".csv .tsv", .open = csv_open, .frame = csv_frame, .bundle = csv_unit, .close = csv_close
};
