/* Reading tokens: children, members, text, numbers. */
#include "format/json_internal.h"

static bool is_container(const tw_json *d, uint32_t i)
{
    return i < d->n && (d->tok[i].type == TW_JSON_OBJECT || d->tok[i].type == TW_JSON_ARRAY);
}

uint32_t tw_json_first(const tw_json *d, uint32_t parent)
{
    return is_container(d, parent) && d->tok[parent].count > 0 ? parent + 1 : TW_JSON_NONE;
}

uint32_t tw_json_next(const tw_json *d, uint32_t parent, uint32_t i)
{
    if (!is_container(d, parent) || i >= d->n)
        return TW_JSON_NONE;
    uint32_t next = d->tok[i].next;
    return next < d->tok[parent].next ? next : TW_JSON_NONE;
}

tw_str tw_json_raw(const tw_json *d, uint32_t i)
{
    if (i >= d->n)
        return (tw_str){ NULL, 0 };
    return (tw_str){ d->text.p + d->tok[i].off, d->tok[i].len };
}

static tw_str inside(const tw_json *d, uint32_t i)
{
    return (tw_str){ d->text.p + d->tok[i].off + 1, d->tok[i].len - 2 };
}

/* ---------------------------------------------------------------- text */

/* One escape at s.p[i] (a backslash); the document is valid, so pairs are whole. Returns bytes read. */
static size_t unescape(char *out, size_t *n, tw_str s, size_t i)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = s.p[i + 1];
    if (c != 'u') {
        const char *at = memchr(from, c, sizeof from - 1);
        TW_ASSERT(at);
        out[(*n)++] = to[at - from];
        return 2;
    }
    uint32_t unit = 0, low = 0;
    TW_ASSERT(tw_json_unit(&unit, s.p + i + 2, s.n - i - 2));
    if (unit < 0xD800 || unit > 0xDFFF) {
        *n += tw_utf8_put(out + *n, unit);
        return 6;
    }
    TW_ASSERT(s.n - i >= 12 && tw_json_unit(&low, s.p + i + 8, s.n - i - 8));
    *n += tw_utf8_put(out + *n, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
    return 12;
}

size_t tw_json_decode(char *out, tw_str s)
{
    size_t n = 0;
    for (size_t at = 0; at < s.n;) {
        if (s.p[at] == '\\')
            at += unescape(out, &n, s, at);
        else
            out[n++] = s.p[at++];
    }
    return n;
}

tw_str tw_json_text(tw_ctx *cx, const tw_json *d, uint32_t i)
{
    if (i >= d->n || d->tok[i].type != TW_JSON_STRING)
        return (tw_str){ "", 0 };
    tw_str s = inside(d, i);
    if (!d->tok[i].escaped)
        return s;
    char *out = tw_arena_get(cx->arena, s.n + 1); /* an escape is never shorter than its UTF-8 */
    return (tw_str){ out, tw_json_decode(out, s) };
}

bool tw_json_is(const tw_json *d, uint32_t i, const char *cstr)
{
    if (i >= d->n || d->tok[i].type != TW_JSON_STRING)
        return false;
    tw_str s = inside(d, i);
    if (!d->tok[i].escaped)
        return tw_str_is(s, cstr);
    size_t want = strlen(cstr), have = 0;
    for (size_t at = 0; at < s.n;) {
        char piece[4];
        size_t n = 0;
        if (s.p[at] == '\\')
            at += unescape(piece, &n, s, at);
        else
            piece[n++] = s.p[at++];
        if (want - have < n || memcmp(cstr + have, piece, n) != 0)
            return false;
        have += n;
    }
    return have == want;
}

uint32_t tw_json_get(const tw_json *d, uint32_t obj, const char *name)
{
    if (obj >= d->n || d->tok[obj].type != TW_JSON_OBJECT)
        return TW_JSON_NONE;
    for (uint32_t k = tw_json_first(d, obj); k != TW_JSON_NONE; k = tw_json_next(d, obj, k))
        if (tw_json_is(d, k, name))
            return k + 1;
    return TW_JSON_NONE;
}

static uint32_t item(const tw_json *d, uint32_t array, uint64_t index)
{
    uint32_t i = tw_json_first(d, array);
    while (i != TW_JSON_NONE && index-- > 0)
        i = tw_json_next(d, array, i);
    return i;
}

uint32_t tw_json_path(const tw_json *d, uint32_t from, const char *path)
{
    tw_str rest = tw_str_of(path), part;
    uint32_t at = from;
    while (at < d->n && tw_str_split(&part, &rest, '.')) {
        uint64_t index = 0;
        char name[128];
        if (d->tok[at].type == TW_JSON_ARRAY) {
            at = tw_parse_u64(&index, part) ? item(d, at, index) : TW_JSON_NONE;
        } else if (part.n < sizeof name) {
            memcpy(name, part.p, part.n);
            name[part.n] = '\0';
            at = tw_json_get(d, at, name);
        } else {
            return TW_JSON_NONE;
        }
    }
    return at < d->n ? at : TW_JSON_NONE;
}

tw_str tw_json_member_text(tw_ctx *cx, const tw_json *d, uint32_t obj, const char *name)
{
    return tw_json_text(cx, d, tw_json_get(d, obj, name));
}

/* ---------------------------------------------------------------- numbers and places */

bool tw_json_u64(const tw_json *d, uint32_t i, uint64_t *out)
{
    return i < d->n && d->tok[i].type == TW_JSON_NUMBER && tw_parse_u64(out, tw_json_raw(d, i));
}

bool tw_json_f64(const tw_json *d, uint32_t i, double *out)
{
    return i < d->n && d->tok[i].type == TW_JSON_NUMBER && tw_parse_f64(out, tw_json_raw(d, i));
}

void tw_json_place(const tw_json *d, uint32_t off, uint32_t *line, uint32_t *column)
{
    uint32_t start = 0;
    *line = 1;
    for (uint32_t i = 0; i < off && i < d->text.n; i++) {
        if (d->text.p[i] == '\n') {
            (*line)++;
            start = i + 1;
        }
    }
    *column = off - start + 1;
}
