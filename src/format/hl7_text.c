/* Escapes of HL7 v2 (chapter 2.7) undone and made, and whole messages written. */
#include "format/hl7_internal.h"

#define LINES_MAX 100 /* of one \.sp\ or \.sk\ */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool all_hex(tw_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (hex_digit(s.p[i]) < 0)
            return false;
    return true;
}

typedef struct {
    const tw_hl7 *m;
    char *p;
    size_t n;
    size_t cap;
    bool bytes; /* \X..\ gave bytes that must be looked at */
} undone;

static void put(undone *u, char c)
{
    if (u->n < u->cap)
        u->p[u->n] = c;
    u->n++;
}

static void put_many(undone *u, char c, tw_str number)
{
    uint64_t n = 1;
    if (number.n > 0 && number.p[0] == '+')
        number = (tw_str){ number.p + 1, number.n - 1 };
    if (number.n > 0 && !tw_parse_u64(&n, number))
        n = 1;
    for (uint64_t i = 0; i < TW_MIN(n, (uint64_t)LINES_MAX); i++)
        put(u, c);
}

/* ".br", ".sp3", ".in+4": lines and blanks are kept, layout is not. */
static bool format_command(undone *u, tw_str e)
{
    static const char *const silent[] = { ".in", ".ti", ".fi", ".nf" };
    tw_str number = { e.p + 3, e.n - 3 };
    if (tw_str_starts(e, ".br") || tw_str_starts(e, ".ce"))
        put(u, '\n');
    else if (tw_str_starts(e, ".sp"))
        put_many(u, '\n', number);
    else if (tw_str_starts(e, ".sk"))
        put_many(u, ' ', number);
    else
        for (size_t i = 0; i < TW_COUNT(silent); i++)
            if (tw_str_starts(e, silent[i]))
                return true;
    return tw_str_starts(e, ".br") || tw_str_starts(e, ".ce") || tw_str_starts(e, ".sp") || tw_str_starts(e, ".sk");
}

static bool delimiter(undone *u, char letter)
{
    const tw_hl7_delims *d = &u->m->delims;
    const char marks[] = { d->field, d->component, d->sub, d->repetition, d->escape, d->truncation };
    const char *at = letter ? memchr("FSTREP", letter, sizeof marks) : NULL;
    char c = at ? marks[at - "FSTREP"] : '\0';
    if (c)
        put(u, c);
    return c != '\0';
}

/* An escape does not reach over the end of a part. */
static bool within_part(const tw_hl7_delims *d, tw_str e)
{
    const char ends[] = { d->field, d->component, d->sub, d->repetition };
    for (size_t i = 0; i < e.n; i++)
        if (memchr(ends, e.p[i], sizeof ends))
            return false;
    return true;
}

/* What stands between two escape characters. *known false: no escape at all. */
static tw_status undo(tw_ctx *cx, bool *known, undone *u, tw_str e)
{
    tw_str tail = { e.p + 1, e.n - 1 };
    *known = true;
    if (e.n == 1) {
        *known = e.p[0] == 'H' || e.p[0] == 'N' || delimiter(u, e.p[0]);
        return TW_OK;
    }
    switch (e.p[0]) {
    case 'X':
        *known = tail.n % 2 == 0 && all_hex(tail);
        for (size_t i = 0; *known && i < tail.n; i += 2)
            put(u, (char)(hex_digit(tail.p[i]) << 4 | hex_digit(tail.p[i + 1])));
        u->bytes |= *known;
        return TW_OK;
    case 'C':
    case 'M':
        *known = tail.n == (e.p[0] == 'C' ? 4u : 6u) && all_hex(tail);
        if (*known && !tw_str_is(tail, "2842") && !tw_str_is(tail, "284A"))
            return tw_fail(cx, TW_EPARSE, "an escape to another character set is not read");
        return TW_OK;
    case '.':
        *known = e.n >= 3 && format_command(u, e);
        return TW_OK;
    case 'Z':
        return TW_OK;
    default:
        *known = false;
        return TW_OK;
    }
}

static tw_status undo_all(tw_ctx *cx, undone *u, tw_str raw)
{
    char escape = u->m->delims.escape;
    for (size_t i = 0; i < raw.n; i++) {
        const char *end = NULL;
        bool known = false;
        if (raw.p[i] == escape)
            end = memchr(raw.p + i + 1, escape, raw.n - i - 1);
        tw_str inside = { raw.p + i + 1, end ? (size_t)(end - raw.p) - i - 1 : 0 };
        if (inside.n > 0 && within_part(&u->m->delims, inside))
            TW_TRY(undo(cx, &known, u, inside));
        if (known)
            i = (size_t)(end - raw.p);
        else
            put(u, raw.p[i]);
    }
    return TW_OK;
}

/* Bytes from \X..\: CR LF and CR are line ends; what is no UTF-8 is refused, whatever MSH-18 says. */
static tw_status look_at_bytes(tw_ctx *cx, tw_str *text)
{
    char *p = tw_arena_try(cx->arena, text->n + 1);
    size_t n = 0;
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "no memory left for a text");
    for (size_t i = 0; i < text->n; i++) {
        unsigned char c = (unsigned char)text->p[i];
        bool pair = c == '\r' && i + 1 < text->n && text->p[i + 1] == '\n';
        if (pair)
            continue;
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
            return tw_fail(cx, TW_EPARSE, "an escape \\X..\\ holds a control byte");
        p[n++] = c == '\r' ? '\n' : (char)c;
    }
    *text = (tw_str){ p, n };
    return tw_utf8_valid(*text) ? TW_OK : tw_fail(cx, TW_EPARSE, "an escape \\X..\\ is no text in UTF-8");
}

tw_status tw_hl7_text(tw_ctx *cx, tw_str *out, const tw_hl7 *m, tw_str raw)
{
    *out = raw;
    if (!m->escapes || raw.n == 0 || !memchr(raw.p, m->delims.escape, raw.n))
        return TW_OK;
    undone u = { .m = m };
    TW_TRY(undo_all(cx, &u, raw)); /* how much room */
    u.cap = u.n;
    u.p = tw_arena_try(cx->arena, u.n + 1);
    if (!u.p)
        return tw_fail(cx, TW_ELIMIT, "no memory left for a text");
    u.n = 0;
    TW_TRY(undo_all(cx, &u, raw));
    *out = (tw_str){ u.p, u.n };
    return u.bytes ? look_at_bytes(cx, out) : TW_OK;
}

/* ---------------------------------------------------------------- writing */

static void escape_bytes(tw_buf *out, char escape, tw_str bytes)
{
    tw_buf_fmt(out, "%cX", escape);
    for (size_t i = 0; i < bytes.n; i++)
        tw_buf_fmt(out, "%02X", (unsigned char)bytes.p[i]);
    tw_buf_u8(out, (uint8_t)escape);
}

static size_t high_run(tw_str s, size_t from)
{
    size_t i = from;
    while (i < s.n && (unsigned char)s.p[i] >= 0x80)
        i++;
    return i - from;
}

static void escape_text(tw_buf *out, const tw_hl7_delims *d, tw_str text, bool ascii)
{
    const char marks[] = { d->field, d->component, d->sub, d->repetition, d->escape, d->truncation };
    size_t from = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        const char *at = c ? memchr(marks, c, sizeof marks) : NULL;
        size_t run = ascii && c >= 0x80 ? high_run(text, i) : 1;
        if (!at && (c < 0x80 || !ascii) && (c >= 0x20 || c == '\t'))
            continue;
        tw_buf_add(out, text.p + from, i - from);
        from = i + run;
        if (at)
            tw_buf_fmt(out, "%c%c%c", d->escape, "FSTREP"[at - marks], d -> escape);
        else if (c == '\n')
            tw_buf_fmt(out, "%c.br%c", d->escape, d->escape);
        else
            escape_bytes(out, d->escape, (tw_str){ text.p + i, run });
        i += run - 1;
    }
    tw_buf_add(out, text.p + from, text.n - from);
}

void tw_hl7_escape(tw_buf *out, const tw_hl7_delims *d, tw_str text)
{
    escape_text(out, d, text, false);
}

/* A part and the parts inside it, by the separators of this level and below. */
static tw_status encode_part(tw_ctx *cx, tw_buf *out, const tw_hl7 *m, tw_str raw, const char *level)
{
    tw_str part, text;
    if (*level == '\0') {
        TW_TRY(tw_hl7_text(cx, &text, m, raw));
        if (tw_hl7_is_delete(text) && !tw_hl7_is_delete(raw))
            escape_bytes(out, m->delims.escape, text); /* two quotation marks as text */
        else
            escape_text(out, &m->delims, text, m->recoded);
        return TW_OK;
    }
    for (bool first = true; tw_hl7_next(&part, &raw, *level); first = false) {
        if (!first)
            tw_buf_u8(out, (uint8_t)*level);
        TW_TRY(encode_part(cx, out, m, part, level + 1));
    }
    return TW_OK;
}

static bool is_ascii(tw_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

tw_status tw_hl7_encode(tw_ctx *cx, tw_buf *out, const tw_hl7 *m)
{
    const tw_hl7_delims *d = &m->delims;
    const char level[] = { d->repetition, d->component, d->sub, '\0' };
    for (uint32_t i = 0; i < m->segments; i++) {
        const tw_hl7_segment *s = &m->segment[i];
        tw_buf_cstr(out, s->name);
        for (uint32_t k = 1; k < s->count; k++) {
            uint32_t from = m->start[s->first + k];
            tw_str raw = { m->text.p + from, m->start[s->first + k + 1] - 1 - from };
            tw_buf_u8(out, (uint8_t)d->field);
            bool marks = k == 1 && (i == 0 || memcmp(s->name + 1, "HS", 2) == 0);
            bool charset = i == 0 && k == 17; /* MSH-18 is read before anything is unescaped */
            if (marks && i > 0 && m->recoded && !is_ascii(raw))
                return tw_fail(cx, TW_EPARSE, "marks of a batch header that are not ASCII");
            if (marks || charset)
                tw_buf_str(out, raw);
            else
                TW_TRY(encode_part(cx, out, m, raw, level));
        }
        tw_buf_u8(out, '\r');
    }
    return tw_buf_check(cx, out, "an HL7 v2 message");
}
