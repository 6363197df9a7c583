/* Writing JSON: commas and indentation from a depth counter and one bit a level. */
#include "format/format.h"

#include <math.h>

void tw_jw_init(tw_jw *w, tw_buf *out, int indent)
{
    *w = (tw_jw){ .out = out, .indent = indent };
}

static void line(tw_jw *w)
{
    if (w->indent <= 0)
        return;
    tw_buf_u8(w->out, '\n');
    for (int i = 0; i < w->depth * w->indent; i++)
        tw_buf_u8(w->out, ' ');
}

/* Of the innermost open level. */
static uint64_t bit(const tw_jw *w)
{
    return (uint64_t)1 << (w->depth - 1);
}

/* Before a value or a name. */
static void part(tw_jw *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (w->depth == 0) {
        TW_ASSERT(!w->began); /* one value a document */
        w->began = true;
        return;
    }
    if (w->comma & bit(w))
        tw_buf_u8(w->out, ',');
    w->comma |= bit(w);
    line(w);
}

static void enter(tw_jw *w, uint8_t c)
{
    part(w);
    tw_buf_u8(w->out, c);
    w->depth++;
    TW_ASSERT(w->depth <= TW_JSON_DEPTH_MAX); /* what our reader takes, and bits of `comma` */
    w->comma &= ~bit(w);
}

static void leave(tw_jw *w, uint8_t c)
{
    TW_ASSERT(w->depth > 0 && !w->after_key);
    bool any = (w->comma & bit(w)) != 0;
    w->depth--;
    if (any)
        line(w);
    tw_buf_u8(w->out, c);
}

void tw_jw_object(tw_jw *w)
{
    enter(w, '{');
}

void tw_jw_object_end(tw_jw *w)
{
    leave(w, '}');
}

void tw_jw_array(tw_jw *w)
{
    enter(w, '[');
}

void tw_jw_array_end(tw_jw *w)
{
    leave(w, ']');
}

/* RFC 8259 section 7: quotation mark, reverse solidus and controls are escaped; all else stands as it is. */
static void quoted(tw_buf *out, tw_str s)
{
    tw_buf_u8(out, '"');
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        tw_buf_add(out, s.p + from, i - from);
        from = i + 1;
        static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
        const char *at = c ? memchr(plain, c, sizeof plain - 1) : NULL;
        if (at) {
            tw_buf_u8(out, '\\');
            tw_buf_u8(out, (uint8_t)letter[at - plain]);
        } else {
            tw_buf_fmt(out, "\\u%04x", c);
        }
    }
    if (s.n > from)
        tw_buf_add(out, s.p + from, s.n - from);
    tw_buf_u8(out, '"');
}

void tw_jw_key_str(tw_jw *w, tw_str name)
{
    TW_ASSERT(w->depth > 0 && !w->after_key);
    part(w);
    quoted(w->out, name);
    tw_buf_u8(w->out, ':');
    if (w->indent > 0)
        tw_buf_u8(w->out, ' ');
    w->after_key = true;
}

void tw_jw_key(tw_jw *w, const char *name)
{
    tw_jw_key_str(w, tw_str_of(name));
}

void tw_jw_str(tw_jw *w, tw_str s)
{
    part(w);
    quoted(w->out, s);
}

void tw_jw_cstr(tw_jw *w, const char *s)
{
    tw_jw_str(w, tw_str_of(s));
}

void tw_jw_raw(tw_jw *w, tw_str json)
{
    part(w);
    tw_buf_str(w->out, json);
}

void tw_jw_u64(tw_jw *w, uint64_t v)
{
    part(w);
    tw_buf_fmt(w->out, "%llu", (unsigned long long)v);
}

void tw_jw_i64(tw_jw *w, int64_t v)
{
    part(w);
    tw_buf_fmt(w->out, "%lld", (long long)v);
}

void tw_jw_f64(tw_jw *w, double v, int digits)
{
    part(w);
    if (!isfinite(v)) {
        tw_buf_cstr(w->out, "null");
        return;
    }
    char text[64];
    int n = snprintf(text, sizeof text, "%.*g", digits, v);
    TW_ASSERT(n > 0 && (size_t)n < sizeof text);
    tw_buf_add(w->out, text, (size_t)n);
}

void tw_jw_bool(tw_jw *w, bool v)
{
    part(w);
    tw_buf_cstr(w->out, v ? "true" : "false");
}

void tw_jw_null(tw_jw *w)
{
    part(w);
    tw_buf_cstr(w->out, "null");
}

void tw_jw_kv(tw_jw *w, const char *name, tw_str value)
{
    tw_jw_key(w, name);
    tw_jw_str(w, value);
}

void tw_jw_kv_u64(tw_jw *w, const char *name, uint64_t value)
{
    tw_jw_key(w, name);
    tw_jw_u64(w, value);
}
