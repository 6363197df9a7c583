/* CSV rows: where one ends is found here, its fields by libcsv, one row at a time. */
#include "format/format.h"

#include <csv.h>
#include <iconv.h>

static const tw_csv_opts plain = { .delimiter = ',' };

static char delimiter_of(const tw_csv_opts *o)
{
    return o->delimiter ? o->delimiter : ',';
}

static size_t row_max_of(const tw_csv_opts *o)
{
    return o->row_bytes_max ? o->row_bytes_max : TW_CSV_ROW_BYTES_MAX;
}

/* ---------------------------------------------------------------- charsets */

static bool load_high(tw_charset *out, iconv_t conv)
{
    for (unsigned i = 0; i < 128; i++) {
        char in[1] = { (char)(128 + i) };
        char utf8[8];
        char *from = in;
        char *to = utf8;
        size_t left = 1;
        size_t room = sizeof utf8;
        bool known = iconv(conv, &from, &left, &to, &room) != (size_t)-1 && left == 0;
        size_t n = sizeof utf8 - room;
        if (!known) { /* no character of the charset */
            iconv(conv, NULL, NULL, NULL, NULL);
            continue;
        }
        if (n > sizeof out->high[i].utf8)
            return false;
        out->high[i].n = (uint8_t)n;
        memcpy(out->high[i].utf8, utf8, n);
    }
    return true;
}

tw_status tw_charset_open(tw_ctx *cx, tw_charset *out, tw_str name)
{
    static const char *const known[] = { "iso-8859-1", "iso-8859-2", "iso-8859-15", "windows-1250", "windows-1252" };
    *out = (tw_charset){ .single_byte = false };
    if (tw_str_is(name, "utf-8"))
        return TW_OK;
    for (size_t i = 0; i < TW_COUNT(known); i++) {
        if (!tw_str_is(name, known[i]))
            continue;
        iconv_t conv = iconv_open("UTF-8", known[i]);
        if (conv == (iconv_t)-1) /* NOLINT: as POSIX has it */
            return tw_fail(cx, TW_EFOREIGN, "the system cannot read the charset %s", known[i]);
        bool loaded = load_high(out, conv);
        iconv_close(conv);
        out->single_byte = true;
        return loaded ? TW_OK : tw_fail(cx, TW_EFOREIGN, "the charset %s is not of single bytes", known[i]);
    }
    return tw_fail(cx, TW_EPARSE,
                   "unknown charset; known are utf-8, iso-8859-1, iso-8859-2, iso-8859-15, "
                   "windows-1250, windows-1252");
}

/* ---------------------------------------------------------------- where a row ends */

typedef enum { FIELD_BEGIN, BARE, QUOTED, QUOTE_SEEN } place_in_row;
typedef struct {
    place_in_row at;
    bool bad;     /* a quote is where none may be */
    bool content; /* something but delimiters and blanks */
    uint32_t fields;
    size_t first_end; /* of the first line; 0: the row is on one line so far */
} walk;

static bool is_end(char c)
{
    return c == '\n' || c == '\r';
}

static void step(walk *w, char c, char delimiter)
{
    if (w->at == QUOTED) {
        if (c == '"')
            w->at = QUOTE_SEEN;
        return;
    }
    if (c == delimiter) {
        w->fields++;
        w->at = FIELD_BEGIN;
        return;
    }
    w->content |= c != ' ' && c != '\t';
    if (c == '"' && (w->at == FIELD_BEGIN || w->at == QUOTE_SEEN)) {
        w->at = QUOTED;
        return;
    }
    w->bad |= w->at == QUOTE_SEEN || c == '"';
    w->at = BARE;
}

/* Bytes that step() would pass over without a change. */
static size_t run_of(const walk *w, const char *p, size_t n, char delimiter)
{
    size_t i = 0;
    if (w->at == QUOTED) {
        while (i < n && p[i] != '"' && !is_end(p[i]))
            i++;
    } else if (w->at == BARE && w->content) {
        while (i < n && p[i] != delimiter && p[i] != '"' && !is_end(p[i]))
            i++;
    }
    return i;
}

static bool row_fits(const walk *w, const tw_csv_opts *o)
{
    return !w->bad && w->at != QUOTED && (o->columns == 0 || w->fields == o->columns);
}

static tw_csv_cut_kind end_row(size_t *skip, size_t *size, const walk *w, size_t from, size_t end, const tw_csv_opts *o)
{
    if (w->first_end > 0 && !row_fits(w, o))
        end = w->first_end;
    if (!w->content && w->first_end == 0) {
        *skip = end;
        return TW_CSV_BLANK;
    }
    *skip = from;
    *size = end - from;
    return TW_CSV_ROW;
}

tw_csv_cut_kind tw_csv_cut(size_t *skip, size_t *size, tw_str window, bool last, const tw_csv_opts *opts)
{
    const tw_csv_opts *o = opts ? opts : &plain;
    const char *p = window.p;
    char delimiter = delimiter_of(o);
    size_t from = 0;
    while (from < window.n && is_end(p[from]))
        from++;
    *skip = from;
    *size = 0;
    if (from == window.n) {
        if (from > 0)
            return TW_CSV_BLANK;
        return last ? TW_CSV_END : TW_CSV_MORE;
    }
    walk w = { .at = FIELD_BEGIN, .fields = 1 };
    for (size_t i = from; i < window.n; i++) {
        size_t run = run_of(&w, p + i, window.n - i, delimiter);
        i += run;
        if (i == window.n)
            break;
        if (is_end(p[i]) && w.at != QUOTED)
            return end_row(skip, size, &w, from, i, o);
        if (is_end(p[i]) && w.first_end == 0)
            w.first_end = i;
        if (w.first_end > 0 && (w.bad || i - from > row_max_of(o)))
            return end_row(skip, size, &(walk){ .bad = true, .content = true, .first_end = w.first_end }, from, i, o);
        step(&w, p[i], delimiter);
    }
    if (!last)
        return TW_CSV_MORE;
    return end_row(skip, size, &w, from, window.n, o);
}

/* ---------------------------------------------------------------- fields of a row */

typedef struct {
    char *text; /* of the fields, one after the other */
    size_t used;
    size_t room;
    tw_str *field;
    size_t count;
    size_t fields_max;
    uint32_t rows;
    bool over;
} taking;

static void take_field(void *p, size_t n, void *self)
{
    taking *t = self;
    if (t->over || t->count == t->fields_max || n > t->room - t->used) {
        t->over = true;
        return;
    }
    char *to = t->text + t->used;
    if (n > 0)
        memcpy(to, p, n);
    t->field[t->count++] = (tw_str){ to, n };
    t->used += n;
}

static void end_of_row(TW_UNUSED int end, void *self)
{
    ((taking *)self)->rows++;
}

/* Blanks belong to fields. */
static int no_space(TW_UNUSED unsigned char c)
{
    return 0;
}

/* rule NULL: a quote is wrong. */
static tw_status bad_at(tw_ctx *cx, tw_csv_place *place, tw_str row, size_t off, char delimiter, const char *rule)
{
    walk w = { .at = FIELD_BEGIN, .fields = 1 };
    uint32_t line = 0;
    size_t begin = 0;
    for (size_t i = 0; i < off && i < row.n; i++) {
        if (row.p[i] == '\n') {
            line++;
            begin = i + 1;
        }
        step(&w, row.p[i], delimiter);
    }
    if (place)
        *place = (tw_csv_place){ line, (uint32_t)(off - begin) + 1, w.fields };
    if (!rule)
        rule =
            w.at == QUOTE_SEEN ? "text after a closing quote" : "a quote inside a field that does not begin with one";
    return tw_fail(cx, TW_EPARSE, "%s", rule);
}

static tw_status bad_row(tw_ctx *cx, tw_csv_place *place, tw_status code, const char *rule)
{
    if (place)
        *place = (tw_csv_place){ 0 };
    return tw_fail(cx, code, "%s", rule);
}

/* Bytes of the character at the front; 0: none, or no UTF-8. */
static size_t char_size(tw_str s)
{
    for (size_t n = 1; n <= 4 && n <= s.n; n++)
        if (tw_utf8_valid((tw_str){ s.p, n }))
            return n;
    return 0;
}

/* The row in UTF-8. */
static tw_status to_utf8(tw_ctx *cx, tw_str *out, tw_csv_place *place, tw_str row, const tw_csv_opts *o)
{
    const tw_charset *cs = o->charset;
    if (!cs || !cs->single_byte) {
        *out = row;
        if (tw_utf8_valid(row))
            return TW_OK;
        size_t off = 0;
        for (size_t n = char_size(row); n > 0; n = char_size((tw_str){ row.p + off, row.n - off }))
            off += n;
        return bad_at(cx, place, row, off, delimiter_of(o), "bytes are not UTF-8");
    }
    char *p = tw_arena_try(cx->arena, 3 * row.n + 1);
    size_t n = 0;
    if (!p)
        return bad_row(cx, place, TW_ELIMIT, "no memory for the row");
    for (size_t i = 0; i < row.n; i++) {
        uint8_t c = (uint8_t)row.p[i];
        if (c < 128) {
            p[n++] = (char)c;
            continue;
        }
        if (cs->high[c - 128].n == 0)
            return bad_at(cx, place, row, i, delimiter_of(o), "a byte is no character of the charset");
        memcpy(p + n, cs->high[c - 128].utf8, sizeof cs->high[0].utf8);
        n += cs->high[c - 128].n;
    }
    *out = (tw_str){ p, n };
    return TW_OK;
}

static tw_status parse(tw_ctx *cx, taking *t, tw_csv_place *place, tw_str row, char delimiter)
{
    struct csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return bad_row(cx, place, TW_EFOREIGN, "libcsv does not start");
    csv_set_delim(&parser, (unsigned char)delimiter);
    csv_set_space_func(&parser, no_space);
    csv_set_realloc_func(&parser, tw_mem_resize);
    csv_set_free_func(&parser, tw_mem_free);
    csv_set_blk_size(&parser, row.n + 1);
    size_t done = csv_parse(&parser, row.p, row.n, take_field, end_of_row, t);
    bool ended = done == row.n && csv_fini(&parser, take_field, end_of_row, t) == 0;
    int error = csv_error(&parser);
    csv_free(&parser);
    if (t->rows > 1)
        return bad_row(cx, place, TW_EPARSE, "the text is more than one row");
    if (t->over)
        return bad_row(cx, place, TW_ELIMIT, "the row has too many columns");
    if (error == CSV_ENOMEM || error == CSV_ETOOBIG)
        return bad_row(cx, place, TW_ELIMIT, "no memory for the row");
    if (done < row.n)
        return bad_at(cx, place, row, done, delimiter, NULL);
    return ended ? TW_OK : bad_at(cx, place, row, row.n, delimiter, "a quote is not closed");
}

tw_status tw_csv_row(tw_ctx *cx, tw_str **field, size_t *count, tw_csv_place *place, tw_str row,
                     const tw_csv_opts *opts)
{
    const tw_csv_opts *o = opts ? opts : &plain;
    char delimiter = delimiter_of(o);
    if (row.n > row_max_of(o))
        return bad_row(cx, place, TW_ELIMIT, "the row is over its limit of bytes");
    const char *nul = row.n ? memchr(row.p, 0, row.n) : NULL;
    if (nul)
        return bad_at(cx, place, row, (size_t)(nul - row.p), delimiter, "NUL");
    TW_TRY(to_utf8(cx, &row, place, row, o));
    size_t fields = 1;
    for (size_t i = 0; i < row.n; i++)
        fields += row.p[i] == delimiter;
    taking t = { .room = row.n + 1, .fields_max = TW_MIN(fields, (size_t)TW_CSV_COLUMNS_MAX) };
    t.text = tw_arena_try(cx->arena, t.room);
    t.field = tw_try_array(cx->arena, tw_str, t.fields_max);
    if (!t.text || !t.field)
        return bad_row(cx, place, TW_ELIMIT, "no memory for the row");
    TW_TRY(parse(cx, &t, place, row, delimiter));
    if (o->columns > 0 && t.count != o->columns) {
        if (place)
            *place = (tw_csv_place){ 0, 0, (uint32_t)TW_MIN(t.count, (size_t)o->columns) + 1 };
        return tw_fail(cx, TW_EPARSE, "the row has %zu fields instead of %u", t.count, o->columns);
    }
    *field = t.field;
    *count = t.count;
    return TW_OK;
}

tw_csv_place tw_csv_place_of(tw_str row, uint32_t field, const tw_csv_opts *opts)
{
    char delimiter = delimiter_of(opts ? opts : &plain);
    walk w = { .at = FIELD_BEGIN, .fields = 1 };
    tw_csv_place place = { 0, 1, field };
    for (size_t i = 0; i < row.n && w.fields < field; i++) {
        step(&w, row.p[i], delimiter);
        place.line += row.p[i] == '\n';
        place.column = row.p[i] == '\n' ? 1 : place.column + 1;
    }
    return place;
}

/* ---------------------------------------------------------------- writing */

static bool needs_quotes(tw_str s, char delimiter)
{
    if (s.n == 0)
        return false;
    if (s.p[0] == ' ' || s.p[0] == '\t' || (uint8_t)s.p[0] == 0xEF)
        return true;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == delimiter || s.p[i] == '"' || is_end(s.p[i]))
            return true;
    return false;
}

void tw_csv_write(tw_buf *out, const tw_str *field, size_t count, const tw_csv_opts *opts)
{
    char delimiter = delimiter_of(opts ? opts : &plain);
    bool empty = true;
    for (size_t i = 0; i < count; i++)
        empty &= field[i].n == 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            tw_buf_u8(out, (uint8_t)delimiter);
        if (!(empty && i == 0) && !needs_quotes(field[i], delimiter)) {
            tw_buf_str(out, field[i]);
            continue;
        }
        size_t n = csv_write(NULL, 0, field[i].p ? field[i].p : "", field[i].n);
        char *p = tw_mem_alloc(n + 1);
        if (!p) {
            out->failed = true;
            return;
        }
        csv_write(p, n, field[i].p ? field[i].p : "", field[i].n);
        tw_buf_add(out, p, n);
        tw_wipe(p, n);
        tw_mem_free(p);
    }
    tw_buf_u8(out, '\n');
}
