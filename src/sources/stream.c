/* Cuts a stream into pieces of whole units. The window is filled to a fixed size before it is cut, so that the cuts do
 * not depend on how many bytes a read happens to give. */
#include "sources/sources_internal.h"

#define WINDOW TW_PIECE_BYTES
#define WEIGHT 8 /* a decoder writes about so many times what it reads: its pieces are that much smaller */
#define ARENA_SHARE 64 /* memory of a piece: this many times its longest unit; a ceiling, not a size */

struct tw_cutter {
    const tw_sources_opts *opts;
    tw_str label;
    tw_arena *keep;
    tw_sources_form form;
    tw_input input;
    tw_status (*skip)(void *self, tw_ctx *cx, uint64_t to);
    void *file; /* of the decoder */
    size_t unit_max;
    size_t piece; /* bytes after which a piece is whole */
    uint8_t *buf;
    size_t n;
    size_t cap;
    uint64_t at;   /* offset of buf[0] in the file */
    uint32_t line; /* lines before it */
    char eol;
    bool eof;
    bool begun;
    bool raw; /* units are handed on as they stand */
    char delimiter; /* of a raw table */
    bool unreadable;
    tw_str why;
};

/* ---------------------------------------------------------------- the window */

static tw_status fill(tw_ctx *cx, tw_cutter *c, size_t target)
{
    if (target > c->cap) {
        uint8_t *more = tw_mem_resize(c->buf, target);
        if (!more)
            return tw_fail(cx, TW_ELIMIT, TW_FMT ": no memory to read it", TW_ARG(c->label));
        c->buf = more;
        c->cap = target;
    }
    while (c->n < target && !c->eof) {
        size_t got = 0;
        TW_TRY(c->input.read(c->input.self, cx, c->buf + c->n, target - c->n, &got));
        c->n += got;
        c->eof = got == 0;
    }
    return TW_OK;
}

/* Ends of lines; where a file ends its segments with CR, those. */
static uint32_t count_lines(const tw_cutter *c, const uint8_t *p, size_t n)
{
    uint32_t lines = 0;
    for (const uint8_t *e = n ? memchr(p, c->eol, n) : NULL; e; lines++) {
        n -= (size_t)(e - p) + 1;
        p = e + 1;
        e = n ? memchr(p, c->eol, n) : NULL;
    }
    return lines;
}

static void consume(tw_cutter *c, size_t n)
{
    c->line += count_lines(c, c->buf, n);
    c->at += n;
    c->n -= n;
    memmove(c->buf, c->buf + n, c->n);
}

/* ---------------------------------------------------------------- units */

static tw_frame frame_line(size_t *skip, size_t *size, tw_str w, bool last)
{
    if (w.n == 0)
        return last ? TW_FRAME_END : TW_FRAME_MORE;
    const char *end = memchr(w.p, '\n', w.n);
    if (!end && !last)
        return TW_FRAME_MORE;
    size_t n = end ? (size_t)(end - w.p) : w.n;
    tw_str line = tw_str_trim((tw_str){ w.p, n });
    *skip = line.n ? (size_t)(line.p - w.p) : n + (end != NULL);
    *size = line.n;
    return line.n ? TW_FRAME_UNIT : TW_FRAME_SKIP;
}

static tw_frame frame_whole(const tw_cutter *c, size_t *skip, size_t *size, tw_str w, bool last)
{
    if (!last)
        return TW_FRAME_MORE;
    if (c->begun && w.n == 0)
        return TW_FRAME_END;
    *skip = 0;
    *size = w.n;
    return TW_FRAME_UNIT;
}

static tw_frame frame(const tw_cutter *c, size_t *skip, size_t *size, size_t from)
{
    const tw_decoder *d = tw_decoder_of(c->form);
    const tw_str w = { (const char *)c->buf + from, c->n - from };
    const bool last = c->eof;
    *skip = *size = 0;
    if (c->form == TW_FORM_NDJSON)
        return frame_line(skip, size, w, last);
    if (c->form == TW_FORM_CSV && c->raw)
        return tw_csv_frame(skip, size, w, last, &(tw_csv_opts){ .delimiter = c->delimiter });
    if (!d || (w.n == 0 && last && !c->begun && c->form == TW_FORM_CCDA))
        return frame_whole(c, skip, size, w, last);
    tw_frame f = d->frame(c->file, skip, size, w, last);
    if (f == TW_FRAME_MORE && last)
        return TW_FRAME_END;
    if ((f == TW_FRAME_UNIT || f == TW_FRAME_SKIP) && *skip + *size == 0) {
        *skip = w.n ? 1 : 0;
        return w.n ? TW_FRAME_SKIP : TW_FRAME_END;
    }
    TW_ASSERT(f == TW_FRAME_MORE || f == TW_FRAME_END || *skip + *size <= w.n);
    return f;
}

static tw_status bad_unit(tw_ctx *cx, tw_unit **out, const tw_cutter *c, tw_piece *p, tw_dead_reason reason)
{
    tw_unit *u = tw_piece_unit(p);
    if (!u)
        return tw_fail(cx, TW_ELIMIT, TW_FMT ": no memory to read it", TW_ARG(c->label));
    u->bad = true;
    u->reason = reason;
    u->offset = c->at;
    u->line0 = c->line;
    *out = u;
    return TW_OK;
}

/* Whole units of the window; *used: bytes that they take, with what is passed over. */
static tw_status cut(tw_ctx *cx, size_t *used, tw_cutter *c, tw_piece *p)
{
    size_t skip;
    size_t size;
    size_t at = 0;
    uint32_t line = c->line;
    tw_frame f = frame(c, &skip, &size, 0);
    while ((f == TW_FRAME_UNIT || f == TW_FRAME_SKIP) && at < c->piece) {
        line += count_lines(c, c->buf + at, skip);
        at += skip;
        if (f == TW_FRAME_UNIT) {
            tw_unit *u = tw_piece_unit(p);
            if (!u)
                return tw_fail(cx, TW_ELIMIT, TW_FMT ": no memory to read it", TW_ARG(c->label));
            u->at = at;
            u->n = size;
            u->offset = c->at + at;
            u->length = size;
            u->line0 = line;
            u->bad = size > c->unit_max;
            u->reason = TW_DEAD_LIMIT;
            c->begun = true;
            line += count_lines(c, c->buf + at, size);
            at += size;
            p->span.bytes += size;
        }
        f = frame(c, &skip, &size, at);
    }
    *used = f == TW_FRAME_END ? c->n : at;
    return TW_OK;
}

/* ---------------------------------------------------------------- units that are too long */

static bool begins_message(const uint8_t *p)
{
    return memcmp(p, "MSH", 3) == 0 || memcmp(p, "FHS", 3) == 0 || memcmp(p, "BHS", 3) == 0;
}

/* How many bytes of the window to pass over; *found: what comes after them is a new unit. */
static size_t pass_over(const tw_cutter *c, bool *found)
{
    const uint8_t *p = c->buf;
    *found = false;
    if (c->form == TW_FORM_DOCUMENT || c->form == TW_FORM_CCDA)
        return c->n;
    if (c->form != TW_FORM_HL7V2) {
        const uint8_t *end = memchr(p, '\n', c->n);
        *found = end != NULL;
        return end ? (size_t)(end - p) + 1 : c->n;
    }
    for (size_t i = 1; i + 3 <= c->n; i++)
        if (p[i] == 0x0b || ((p[i - 1] == '\r' || p[i - 1] == '\n') && begins_message(p + i))) {
            *found = true;
            return i;
        }
    return c->eof || c->n < 4 ? c->n : c->n - 3;
}

static tw_status drop_long(tw_ctx *cx, tw_cutter *c, tw_piece *p)
{
    tw_unit *u;
    bool found = false;
    size_t ends = 0;
    while (ends < c->n && (c->buf[ends] == '\r' || c->buf[ends] == '\n')) /* of the unit before */
        ends++;
    consume(c, ends);
    TW_TRY(bad_unit(cx, &u, c, p, TW_DEAD_LIMIT));
    c->begun = true;
    while (!found && c->n > 0) {
        size_t n = pass_over(c, &found);
        p->unit[p->units - 1].length += n;
        consume(c, n);
        if (!found && c->n < WINDOW)
            TW_TRY(fill(cx, c, WINDOW));
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- pieces */

/* Most of the window is for later: the piece gets a copy of its own. */
static tw_status hand_copy(tw_ctx *cx, tw_cutter *c, tw_piece *p, size_t used)
{
    p->bytes = tw_mem_alloc(used);
    if (!p->bytes)
        return tw_fail(cx, TW_ELIMIT, TW_FMT ": no memory to read it", TW_ARG(c->label));
    memcpy(p->bytes, c->buf, used);
    p->bytes_n = used;
    p->used = used;
    consume(c, used);
    return TW_OK;
}

/* The window becomes the piece's; what is left of it begins the next one. */
static tw_status hand_over(tw_ctx *cx, tw_cutter *c, tw_piece *p, size_t used)
{
    size_t left = c->n - used;
    size_t cap = TW_MAX(left, c->piece);
    if (used < c->cap / 2)
        return hand_copy(cx, c, p, used);
    uint8_t *next = tw_mem_alloc(cap);
    if (!next)
        return tw_fail(cx, TW_ELIMIT, TW_FMT ": no memory to read it", TW_ARG(c->label));
    memcpy(next, c->buf + used, left);
    c->line += count_lines(c, c->buf, used);
    c->at += used;
    p->bytes = c->buf;
    p->bytes_n = c->n;
    p->used = used;
    c->buf = next;
    c->cap = cap;
    c->n = left;
    return TW_OK;
}

static tw_status next_units(tw_ctx *cx, tw_cutter *c, tw_piece *p)
{
    size_t used = 0;
    for (size_t target = c->piece;;) {
        TW_TRY(fill(cx, c, target));
        TW_TRY(cut(cx, &used, c, p));
        if (p->units)
            return hand_over(cx, c, p, used);
        consume(c, used);
        if (c->eof && (used || c->n == 0))
            return TW_OK;
        if (used) {
            target = c->piece;
            continue;
        }
        if (c->n > c->unit_max)
            return drop_long(cx, c, p);
        target = TW_MIN(TW_MAX(c->n, c->piece) * 2, c->unit_max + WINDOW);
    }
}

static tw_status whole_file_is_bad(tw_ctx *cx, tw_cutter *c, tw_piece *p)
{
    tw_unit *u = NULL;
    TW_TRY(bad_unit(cx, &u, c, p, TW_DEAD_DECODE));
    u->detail = tw_str_dup(p->in.arena, c->why);
    c->begun = c->eof = true;
    c->n = 0;
    return TW_OK;
}

tw_status tw_cutter_next(tw_ctx *cx, tw_piece **out, tw_cutter *c)
{
    *out = NULL;
    if (c->eof && c->n == 0 && c->begun)
        return TW_OK;
    tw_piece *p = tw_piece_new(TW_MAX(c->unit_max, WINDOW) * ARENA_SHARE + 64 * TW_MIB);
    if (!p)
        return tw_fail(cx, TW_ELIMIT, TW_FMT ": no memory to read it", TW_ARG(c->label));
    p->label = tw_str_dup(p->in.arena, c->label);
    p->form = c->form;
    p->file = c->file;
    p->span.from = c->at;
    p->span.weight = tw_decoder_of(c->form) ? WEIGHT : 1;
    tw_status st = c->unreadable && !c->begun ? whole_file_is_bad(cx, c, p) : next_units(cx, c, p);
    c->begun = true;
    p->span.to = c->at;
    p->span.line_to = c->line;
    if (st != TW_OK || p->units == 0) {
        tw_piece_free(p);
        return st;
    }
    *out = p;
    return TW_OK;
}

/* ---------------------------------------------------------------- a raw table's delimiter */

#define SNIFF_LINES 16

/* Lines among the first that have as many of a sign outside of quotes as the first one that has any. */
static unsigned lines_alike(tw_str head, char sign)
{
    unsigned alike = 0, lines = 0, first = 0, here = 0;
    bool inside = false;
    for (size_t i = 0; i < head.n && lines < SNIFF_LINES; i++) {
        char ch = head.p[i];
        if (ch == '"')
            inside = !inside;
        else if (!inside && ch == sign)
            here++;
        if (inside || ch != '\n')
            continue;
        first = first ? first : here;
        alike += here && here == first;
        here = 0;
        lines++;
    }
    return alike + (head.n && here && (!first || here == first)); /* a last line without its end */
}

/* A quote opens a field behind a delimiter only: a row is cut right when the delimiter is known. */
static char sniff_delimiter(tw_str head)
{
    static const char signs[] = ",;\t|";
    unsigned most = 0;
    char best = ',';
    for (size_t i = 0; signs[i]; i++) {
        unsigned n = lines_alike(head, signs[i]);
        best = n > most ? signs[i] : best;
        most = TW_MAX(most, n);
    }
    return best;
}

/* ---------------------------------------------------------------- life */

static tw_status open_file(tw_ctx *cx, tw_cutter *c, tw_str name)
{
    const tw_decoder *d = tw_decoder_of(c->form);
    size_t consumed = 0;
    if (!d || (c->raw && c->form == TW_FORM_CSV))
        return TW_OK;
    tw_status st = d->open(cx, &c->file, &consumed, c->opts, name, (tw_str){ (const char *)c->buf, c->n });
    if (st == TW_EPARSE || st == TW_ENOTFOUND || st == TW_ELIMIT) {
        c->unreadable = true;
        c->why = tw_str_dup(c->keep, tw_str_of(cx->err.msg));
        tw_err_clear(cx);
        return TW_OK;
    }
    if (st == TW_OK)
        consume(c, consumed);
    return st;
}

static tw_status go_on_at(tw_ctx *cx, tw_cutter *c, const tw_cutter_opts *what)
{
    if (what->offset == 0 || what->offset < c->at)
        return TW_OK;
    if (c->skip) {
        TW_TRY(c->skip(c->input.self, cx, what->offset));
        c->n = 0;
        c->at = what->offset;
        c->eof = false;
    }
    while (c->at < what->offset && (c->n || !c->eof)) {
        TW_TRY(fill(cx, c, WINDOW));
        consume(c, (size_t)TW_MIN(what->offset - c->at, c->n));
    }
    c->line = what->line;
    c->begun = true;
    return TW_OK;
}

tw_status tw_cutter_new(tw_ctx *cx, tw_cutter **out, const tw_sources_opts *opts, const tw_cutter_opts *what)
{
    tw_cutter *c = tw_mem_alloc(sizeof *c);
    *out = NULL;
    if (!c)
        return tw_fail(cx, TW_ELIMIT, "no memory to read a file");
    c->keep = tw_arena_new(64 * TW_KIB);
    c->opts = opts;
    c->label = tw_str_dup(c->keep, what->label);
    c->form = what->form;
    c->input = what->input;
    c->skip = what->skip;
    c->raw = what->raw;
    bool whole = c->form == TW_FORM_DOCUMENT || c->form == TW_FORM_CCDA;
    c->piece = tw_decoder_of(c->form) ? WINDOW / WEIGHT : WINDOW;
    c->unit_max = whole ? opts->document_bytes_max : opts->line_bytes_max;
    tw_status st = fill(cx, c, WINDOW);
    c->eol = c->form == TW_FORM_HL7V2 && c->n && memchr(c->buf, '\r', c->n) ? '\r' : '\n';
    c->delimiter = c->raw && c->form == TW_FORM_CSV ? sniff_delimiter((tw_str){ (const char *)c->buf, c->n }) : ',';
    if (st == TW_OK)
        st = open_file(cx, c, what->name);
    if (st == TW_OK && !c->unreadable)
        st = go_on_at(cx, c, what);
    if (st != TW_OK) {
        tw_cutter_free(c);
        return st;
    }
    *out = c;
    return TW_OK;
}

void tw_cutter_free(tw_cutter *c)
{
    if (!c)
        return;
    const tw_decoder *d = tw_decoder_of(c->form);
    if (d && c->file)
        d->close(c->file);
    if (c->buf)
        tw_wipe(c->buf, c->cap);
    tw_mem_free(c->buf);
    tw_arena_free(c->keep);
    tw_mem_free(c);
}

bool tw_cutter_unreadable(const tw_cutter *c)
{
    return c->unreadable;
}
