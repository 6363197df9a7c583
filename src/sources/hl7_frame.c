/* A file of HL7 v2 messages cut into messages: bare ones, MLLP blocks (0x0B message 0x1C 0x0D), batches (FHS, BHS, BTS,
 * FTS). A message ends where a line begins with MSH or a header or trailer of a batch, or at an edge of a block. What a
 * trailer counts wrongly, and what is no message, is a unit that does not decode.
 *
 * Source: HL7 v2.8.2 chapter 2.10.3 (batches); MLLP release 1. */
#include "sources/hl7_map.h"

#define BLOCK_BEGIN '\x0b'
#define BLOCK_END '\x1c'

static bool is_blank(char c)
{
    return c == '\r' || c == '\n' || c == ' ' || c == '\t' || c == BLOCK_END;
}

static bool is_line(const char *p, const char *name)
{
    bool letter = (p[3] >= 'A' && p[3] <= 'Z') || (p[3] >= '0' && p[3] <= '9') || p[3] <= ' ';
    return memcmp(p, name, 3) == 0 && !letter;
}

typedef enum { LINE_OTHER, LINE_MESSAGE, LINE_HEADER, LINE_FILE_HEADER, LINE_TRAILER, LINE_FILE_TRAILER } line_kind;

/* At least four bytes are there; a trailer may stand without fields. */
static line_kind line_at(const char *p)
{
    if (is_line(p, "MSH"))
        return LINE_MESSAGE;
    if (is_line(p, "BHS"))
        return LINE_HEADER;
    if (is_line(p, "FHS"))
        return LINE_FILE_HEADER;
    bool ends = p[3] == '\r' || p[3] == '\n' || is_line(p, "BTS") || is_line(p, "FTS");
    if (ends && memcmp(p, "BTS", 3) == 0)
        return LINE_TRAILER;
    return ends && memcmp(p, "FTS", 3) == 0 ? LINE_FILE_TRAILER : LINE_OTHER;
}

/* ---------------------------------------------------------------- one file */

static tw_status looks_right(tw_ctx *cx, tw_str head)
{
    if (tw_str_starts(head, "\xFE\xFF") || tw_str_starts(head, "\xFF\xFE"))
        return tw_fail(cx, TW_EPARSE, "HL7 v2 in UTF-16 is not read");
    for (size_t i = 0; i + 4 <= head.n; i++) {
        bool begins = i == 0 || is_blank(head.p[i - 1]) || head.p[i - 1] == BLOCK_BEGIN;
        if (begins && line_at(head.p + i) != LINE_OTHER)
            return TW_OK;
    }
    return tw_fail(cx, TW_EPARSE, "no line begins with MSH, FHS or BHS");
}

static tw_status open_file(tw_ctx *cx, void **file, size_t *consumed, const tw_sources_opts *opts,
                           TW_UNUSED tw_str name, tw_str head)
{
    size_t bom = tw_str_starts(head, "\xEF\xBB\xBF") ? 3 : 0;
    tw_zone zone;
    head = (tw_str){ head.p + bom, head.n - bom };
    TW_TRY(tw_zone_parse(cx, &zone, opts->zone));
    if (tw_str_trim(head).n > 0)
        TW_TRY(looks_right(cx, head));
    tw_hl7_file *f = tw_mem_alloc(sizeof *f + 2 * sizeof *f->batch + opts->mrn_system.n + 1);
    if (!f)
        return tw_fail(cx, TW_ELIMIT, "no memory for a file");
    f->zone = zone;
    f->zoned = opts->zone.n > 0;
    f->batch = (tw_hl7_tally *)(void *)(f + 1);
    f->batches = f->batch + 1;
    char *system = (char *)(f->batches + 1);
    if (opts->mrn_system.n > 0)
        memcpy(system, opts->mrn_system.p, opts->mrn_system.n);
    f->mrn_system = (tw_str){ system, opts->mrn_system.n };
    *file = f;
    *consumed = bom;
    return TW_OK;
}

static void close_file(void *file)
{
    tw_mem_free(file);
}

/* ---------------------------------------------------------------- units */

/* Where the line that begins at `from` ends; w.n when it does not end here. */
static size_t line_end(tw_str w, size_t from)
{
    return tw_hl7_control(w, from);
}

/* End of the unit that begins at `from`: before the next begin of a line that starts another one, or before an edge of
 * a block (the end of a block belongs to its unit). *sure false: it is only where the window ends. */
static size_t unit_end(bool *sure, tw_str w, size_t from)
{
    bool block = w.p[from] == BLOCK_BEGIN;
    size_t i = from + block;
    *sure = true;
    while ((i = line_end(w, i)) < w.n) {
        char c = w.p[i];
        if (c == BLOCK_END)
            return i + 1;
        if (c == BLOCK_BEGIN)
            return i;
        i++;
        if (c != '\r' && c != '\n')
            continue;
        if (i + 4 <= w.n && line_at(w.p + i) != LINE_OTHER)
            return i;
    }
    *sure = false;
    return w.n;
}

/* Number of a trailer's first field; false: it has none. */
static bool said_count(uint64_t *out, tw_str line)
{
    tw_str field =
        line.n > 4 ? tw_str_trim(tw_hl7_part((tw_str){ line.p + 4, line.n - 4 }, line.p[3], 1)) : (tw_str){ "", 0 };
    return tw_parse_u64(out, field);
}

static bool counted_right(tw_hl7_tally *t, tw_str line)
{
    uint64_t said;
    bool right = !t->said || !said_count(&said, line) || said == t->messages;
    *t = (tw_hl7_tally){ .said = false };
    return right;
}

static tw_frame header_or_trailer(const tw_hl7_file *f, line_kind kind, tw_str line)
{
    bool right = true;
    if (kind == LINE_FILE_HEADER) {
        *f->batches = (tw_hl7_tally){ .said = true };
    } else if (kind == LINE_HEADER) {
        *f->batch = (tw_hl7_tally){ .said = true };
        f->batches->messages++;
    } else if (kind == LINE_TRAILER) {
        right = counted_right(f->batch, line);
    } else {
        right = counted_right(f->batches, line);
    }
    return right ? TW_FRAME_SKIP : TW_FRAME_UNIT;
}

static tw_frame frame(const void *file, size_t *skip, size_t *size, tw_str w, bool last)
{
    const tw_hl7_file *f = file;
    size_t at = 0;
    bool sure;
    *skip = *size = 0;
    while (at < w.n && is_blank(w.p[at]))
        at++;
    if (at == w.n) {
        *skip = w.n;
        return w.n > 0 ? TW_FRAME_SKIP : last ? TW_FRAME_END : TW_FRAME_MORE;
    }
    size_t text = at + (w.p[at] == BLOCK_BEGIN);
    if (text + 4 > w.n && !last)
        return TW_FRAME_MORE;
    line_kind kind = text + 4 <= w.n ? line_at(w.p + text) : LINE_OTHER;
    size_t end;
    if (kind == LINE_OTHER || kind == LINE_MESSAGE) {
        end = unit_end(&sure, w, at);
    } else {
        end = line_end(w, text);
        sure = end < w.n;
    }
    if (!sure && !last)
        return TW_FRAME_MORE;
    if (kind != LINE_OTHER && kind != LINE_MESSAGE &&
        header_or_trailer(f, kind, (tw_str){ w.p + text, end - text }) == TW_FRAME_SKIP) {
        *skip = end;
        return TW_FRAME_SKIP;
    }
    f->batch->messages += kind == LINE_MESSAGE || kind == LINE_OTHER;
    *skip = at;
    *size = end - at;
    return TW_FRAME_UNIT;
}

const tw_decoder tw_decoder_hl7v2 = {
    .name = "hl7v2",
    .suffix = ".hl7 .mllp",
    .open = open_file,
    .frame = frame,
    .bundle = tw_hl7_bundle,
    .close = close_file,
};
