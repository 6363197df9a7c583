/* HL7 v2: one pass counts and checks, eight bytes at a time; a second notes where segments and fields begin. No part is
 * copied. Byte tests within a word: Warren, Hacker's Delight (2nd ed.) §6-1, the exact form. */
#include "format/hl7_internal.h"

#define ONES UINT64_C(0x0101010101010101)
#define SEVENS UINT64_C(0x7F7F7F7F7F7F7F7F)

const tw_hl7_delims tw_hl7_usual = { '|', '^', '~', '\\', '&', 0 };

static tw_status at(tw_ctx *cx, tw_hl7_place *place, const char *path, uint32_t line, uint32_t column)
{
    if (place)
        *place = (tw_hl7_place){ line, column, path };
    return cx->err.code;
}

/* ---------------------------------------------------------------- words of bytes */

static inline uint64_t load(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

/* 0x80 in each byte that is zero. */
static inline uint64_t zero_bytes(uint64_t v)
{
    return ~(((v & SEVENS) + SEVENS) | v | SEVENS);
}

static inline uint64_t equal_bytes(uint64_t v, char c)
{
    return zero_bytes(v ^ (ONES * (unsigned char)c));
}

static inline uint64_t control_bytes(uint64_t v)
{
    return zero_bytes(v & (ONES * 0xE0));
}

static inline size_t first_byte(uint64_t mask)
{
    return (size_t)__builtin_ctzll(mask) / 8;
}

/* The last bytes of a text, filled up with blanks. */
static inline uint64_t load_tail(const char *p, size_t n)
{
    char room[8] = { ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ' };
    memcpy(room, p, n);
    return load(room);
}

static inline uint64_t load_at(tw_str s, size_t i)
{
    return s.n - i >= 8 ? load(s.p + i) : load_tail(s.p + i, s.n - i);
}

size_t tw_hl7_control(tw_str s, size_t from)
{
    for (size_t i = from; i < s.n; i += 8) {
        uint64_t v = load_at(s, i);
        uint64_t hit = control_bytes(v) & ~equal_bytes(v, '\t');
        if (hit)
            return i + first_byte(hit);
    }
    return s.n;
}

/* ---------------------------------------------------------------- parts */

tw_str tw_hl7_field(const tw_hl7 *m, const tw_hl7_segment *s, uint32_t n)
{
    static const char *const headers[] = { "MSH", "FHS", "BHS" };
    if (s->name[1] == 'S' || s->name[1] == 'H') /* MSH-1 is the separator itself: all others stand one to the left */
        for (size_t i = 0; i < TW_COUNT(headers); i++)
            if (memcmp(s->name, headers[i], 3) == 0) {
                if (n == 1)
                    return (tw_str){ m->text.p + s->off + 3, s->count > 1 }; /* a bare name may be the end */
                n--;
                break;
            }
    if (n >= s->count)
        return (tw_str){ "", 0 };
    uint32_t from = m->start[s->first + n];
    return (tw_str){ m->text.p + from, m->start[s->first + n + 1] - 1 - from };
}

bool tw_hl7_next(tw_str *part, tw_str *rest, char separator)
{
    if (!rest->p)
        return false;
    const char *end = rest->n > 0 ? memchr(rest->p, separator, rest->n) : NULL;
    size_t i = end ? (size_t)(end - rest->p) : rest->n;
    *part = (tw_str){ rest->p, i };
    *rest = i < rest->n ? (tw_str){ rest->p + i + 1, rest->n - i - 1 } : (tw_str){ NULL, 0 };
    return true;
}

tw_str tw_hl7_part(tw_str whole, char separator, uint32_t n)
{
    tw_str rest = whole;
    while (rest.n > 0) {
        const char *end = memchr(rest.p, separator, rest.n);
        size_t part = end ? (size_t)(end - rest.p) : rest.n;
        if (--n == 0)
            return (tw_str){ rest.p, part };
        if (!end)
            break;
        rest = (tw_str){ end + 1, rest.n - part - 1 };
    }
    return (tw_str){ "", 0 };
}

bool tw_hl7_is_delete(tw_str raw)
{
    return raw.n == 2 && raw.p[0] == '"' && raw.p[1] == '"';
}

/* ---------------------------------------------------------------- header */

static bool is_mark(char c)
{
    bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return c > ' ' && c < 0x7F && !letter && !(c >= '0' && c <= '9') && c != '"';
}

static tw_status delims_of(tw_ctx *cx, tw_hl7_delims *d, tw_str t)
{
    if (t.n < 4 || (!tw_str_starts(t, "MSH") && !tw_str_starts(t, "FHS") && !tw_str_starts(t, "BHS")))
        return tw_fail(cx, TW_EPARSE, "the text does not begin with MSH");
    size_t n = 4;
    while (n < t.n && n < 11 && t.p[n] != t.p[3] && (unsigned char)t.p[n] >= ' ')
        n++;
    if (n < 8 || n > 9)
        return tw_fail(cx, TW_EPARSE, "encoding characters are four or five");
    for (size_t i = 3; i < n; i++)
        for (size_t k = 3; k <= i; k++)
            if (!is_mark(t.p[i]) || (k < i && t.p[i] == t.p[k]))
                return tw_fail(cx, TW_EPARSE, "encoding characters are distinct punctuation marks");
    *d = (tw_hl7_delims){ t.p[3], t.p[4], t.p[5], t.p[6], t.p[7], n == 9 ? t.p[8] : '\0' };
    return TW_OK;
}

/* ---------------------------------------------------------------- counting and checking */

typedef struct {
    size_t fields;
    size_t lines;
    size_t escapes;
    bool high; /* bytes over 0x7F */
} counts;

static size_t sum_bytes(uint64_t mask)
{
    return (size_t)(((mask >> 7) * ONES) >> 56);
}

static tw_status count(tw_ctx *cx, counts *c, size_t *bad, tw_str t, const tw_hl7_delims *d)
{
    uint64_t high = 0;
    *c = (counts){ .lines = 1 };
    for (size_t i = 0; i < t.n; i += 8) {
        uint64_t v = load_at(t, i);
        high |= v;
        c->fields += sum_bytes(equal_bytes(v, d->field));
        c->escapes += sum_bytes(equal_bytes(v, d->escape));
        uint64_t low = control_bytes(v);
        if (!low)
            continue;
        uint64_t ends = equal_bytes(v, '\r') | equal_bytes(v, '\n');
        low &= ~(ends | equal_bytes(v, '\t'));
        c->lines += sum_bytes(ends);
        if (low) {
            *bad = i + first_byte(low);
            return tw_fail(cx, TW_EPARSE, "control byte 0x%02x", (unsigned char)t.p[*bad]);
        }
    }
    c->high = (high & ~SEVENS) != 0;
    return TW_OK;
}

void tw_hl7_line_of(tw_hl7_place *place, tw_str text, size_t off)
{
    uint32_t line = 0;
    size_t from = 0;
    for (size_t i = 0; i < off && i < text.n; i++) {
        bool pair = text.p[i] == '\n' && i > 0 && text.p[i - 1] == '\r';
        if (text.p[i] != '\r' && text.p[i] != '\n')
            continue;
        line += !pair;
        from = i + 1;
    }
    place->line = line;
    place->column = (uint32_t)(off - from + 1);
}

/* ---------------------------------------------------------------- noting */

typedef struct {
    tw_hl7 *m;
    tw_hl7_segment *segment;
    uint32_t *start;
    uint32_t starts;
    size_t from; /* of the line at hand */
    uint32_t first;
    bool adds;
} noter;

static bool capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool name_ok(const char *p, size_t n, char field)
{
    if (n < 3 || !capital(p[0]) || (n > 3 && p[3] != field))
        return false;
    for (size_t i = 1; i < 3; i++)
        if (!capital(p[i]) && !(p[i] >= '0' && p[i] <= '9'))
            return false;
    return true;
}

/* A line ends before `end`. */
static tw_status end_line(tw_ctx *cx, noter *x, size_t end)
{
    tw_hl7 *m = x->m;
    const char *p = m->text.p + x->from;
    if (end > x->from) {
        if (!name_ok(p, end - x->from, m->delims.field))
            return tw_fail(cx, TW_EPARSE, "a segment begins with its name, three capitals or digits");
        bool add = memcmp(p, "ADD", 3) == 0;
        if (add && m->segments == 1) /* its delimiters and character set were read already */
            return tw_fail(cx, TW_EPARSE, "ADD continues the header of a message");
        if (m->segments == TW_HL7_SEGMENTS_MAX)
            return tw_fail(cx, TW_ELIMIT, "more than %d segments", TW_HL7_SEGMENTS_MAX);
        if (x->starts - x->first > TW_HL7_FIELDS_MAX)
            return tw_fail(cx, TW_ELIMIT, "more than %d fields", TW_HL7_FIELDS_MAX);
        tw_hl7_segment *s = &x->segment[m->segments++];
        *s = (tw_hl7_segment){ { p[0], p[1], p[2], 0 }, (uint32_t)x->from, x->first, x->starts - x->first };
        x->adds |= add;
        x->start[x->starts++] = (uint32_t)end + 1;
    } else {
        x->starts = x->first;
    }
    x->from = end + 1;
    x->first = x->starts;
    x->start[x->starts++] = (uint32_t)end + 1;
    return TW_OK;
}

static tw_status note(tw_ctx *cx, noter *x)
{
    tw_str t = x->m->text;
    char field = x->m->delims.field;
    x->start[x->starts++] = 0;
    for (size_t i = 0; i < t.n; i += 8) {
        uint64_t v = load_at(t, i);
        uint64_t hit = equal_bytes(v, field) | control_bytes(v);
        for (; hit; hit &= hit - 1) {
            size_t k = i + first_byte(hit);
            if (t.p[k] == field)
                x->start[x->starts++] = (uint32_t)k + 1;
            else if (t.p[k] != '\t')
                TW_TRY(end_line(cx, x, k));
        }
    }
    return end_line(cx, x, t.n);
}

/* "ADD|rest": the rest goes on where the last field of the segment before it ended. */
static tw_status join(tw_ctx *cx, tw_str *out, const tw_hl7 *m)
{
    char *p = tw_arena_try(cx->arena, m->text.n + 1);
    size_t n = 0;
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "no memory left for a message");
    if (m->segments > 1 && memcmp(m->segment[1].name, "ADD", 3) == 0)
        return tw_fail(cx, TW_EPARSE, "a header goes on in no ADD");
    for (uint32_t i = 0; i < m->segments; i++) {
        const tw_hl7_segment *s = &m->segment[i];
        uint32_t end = m->start[s->first + s->count] - 1;
        bool add = memcmp(s->name, "ADD", 3) == 0;
        if (i > 0 && !add)
            p[n++] = '\r';
        uint32_t from = TW_MIN(end, s->off + (add ? 4 : 0));
        memcpy(p + n, m->text.p + from, end - from);
        n += end - from;
    }
    *out = (tw_str){ p, n };
    return TW_OK;
}

static tw_status index_text(tw_ctx *cx, tw_hl7 *m, tw_hl7_place *place, const counts *c)
{
    noter x = { .m = m };
    m->segments = 0;
    size_t segments = TW_MIN(c->lines, TW_HL7_SEGMENTS_MAX);
    x.segment = tw_try_array(cx->arena, tw_hl7_segment, segments);
    x.start = tw_try_array(cx->arena, uint32_t, c->fields + 2 * c->lines + 2);
    if (!x.segment || !x.start)
        return tw_fail(cx, TW_ELIMIT, "no memory left for a message");
    m->segment = x.segment;
    m->start = x.start;
    if (note(cx, &x) != TW_OK) {
        at(cx, place, "segment", 0, 0);
        if (place)
            tw_hl7_line_of(place, m->text, x.from);
        return cx->err.code;
    }
    if (!x.adds)
        return TW_OK;
    TW_TRY(join(cx, &m->text, m));
    return index_text(cx, m, place, c);
}

tw_status tw_hl7_parse(tw_ctx *cx, tw_hl7 *out, tw_hl7_place *place, tw_str message)
{
    counts c;
    size_t bad = 0;
    *out = (tw_hl7){ .text = message };
    at(cx, place, "segment", 0, 0);
    if (message.n > TW_HL7_BYTES_MAX)
        return tw_fail(cx, TW_ELIMIT, "more than %zu bytes", TW_HL7_BYTES_MAX);
    if (delims_of(cx, &out->delims, message) != TW_OK)
        return at(cx, place, "MSH-2", 0, 0);
    if (tw_hl7_charset(cx, &out->text, &out->recoded, message, &out->delims) != TW_OK)
        return at(cx, place, "MSH-18", 0, 0);
    if (count(cx, &c, &bad, out->text, &out->delims) != TW_OK) {
        at(cx, place, "segment", 0, 0);
        if (place)
            tw_hl7_line_of(place, out->text, bad);
        return cx->err.code;
    }
    if (c.high && !tw_utf8_valid(out->text)) {
        (void)tw_fail(cx, TW_EPARSE, "MSH-18 names no character set of one byte, and the bytes are not UTF-8");
        return at(cx, place, "MSH-18", 0, 0);
    }
    out->escapes = c.escapes > 1;
    return index_text(cx, out, place, &c);
}
