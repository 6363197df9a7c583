/* Growing buffers, length-checked readers, big-endian integers. */
#include "base/base.h"

#include <stdarg.h>

uint16_t tw_be16(const uint8_t p[2])
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t tw_be32(const uint8_t p[4])
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

uint64_t tw_be64(const uint8_t p[8])
{
    return (uint64_t)tw_be32(p) << 32 | tw_be32(p + 4);
}

void tw_put_be16(uint8_t p[2], uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

void tw_put_be32(uint8_t p[4], uint32_t v)
{
    tw_put_be16(p, (uint16_t)(v >> 16));
    tw_put_be16(p + 2, (uint16_t)v);
}

void tw_put_be64(uint8_t p[8], uint64_t v)
{
    tw_put_be32(p, (uint32_t)(v >> 32));
    tw_put_be32(p + 4, (uint32_t)v);
}

void tw_buf_init(tw_buf *b, size_t bytes_max)
{
    *b = (tw_buf){ .max = bytes_max };
}

void tw_buf_done(tw_buf *b)
{
    if (b->p)
        tw_wipe(b->p, b->n);
    tw_mem_free(b->p);
    *b = (tw_buf){ .max = b->max };
}

void tw_buf_clear(tw_buf *b)
{
    b->n = 0;
    b->failed = false;
}

static bool reserve(tw_buf *b, size_t n)
{
    if (b->failed)
        return false;
    if (n <= b->cap - b->n)
        return true;
    if (n > b->max - b->n) {
        b->failed = true;
        b->n = 0;
        return false;
    }
    size_t cap = b->cap ? b->cap : 256;
    while (cap < b->n + n)
        cap *= 2;
    uint8_t *p = tw_mem_resize(b->p, TW_MIN(cap, b->max));
    if (!p) {
        b->failed = true;
        b->n = 0;
        return false;
    }
    b->p = p;
    b->cap = TW_MIN(cap, b->max);
    return true;
}

void tw_buf_add(tw_buf *b, const void *p, size_t n)
{
    if (!reserve(b, n) || n == 0)
        return;
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

void tw_buf_str(tw_buf *b, tw_str s)
{
    tw_buf_add(b, s.p, s.n);
}

void tw_buf_cstr(tw_buf *b, const char *s)
{
    tw_buf_add(b, s, strlen(s));
}

void tw_buf_fmt(tw_buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    TW_ASSERT(n >= 0);
    if (!reserve(b, (size_t)n + 1))
        return;
    va_start(ap, fmt);
    vsnprintf((char *)b->p + b->n, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)n;
}

void tw_buf_u8(tw_buf *b, uint8_t v)
{
    tw_buf_add(b, &v, 1);
}

void tw_buf_u16(tw_buf *b, uint16_t v)
{
    uint8_t p[2];
    tw_put_be16(p, v);
    tw_buf_add(b, p, sizeof p);
}

void tw_buf_u32(tw_buf *b, uint32_t v)
{
    uint8_t p[4];
    tw_put_be32(p, v);
    tw_buf_add(b, p, sizeof p);
}

void tw_buf_u64(tw_buf *b, uint64_t v)
{
    uint8_t p[8];
    tw_put_be64(p, v);
    tw_buf_add(b, p, sizeof p);
}

void tw_buf_var(tw_buf *b, tw_bytes v)
{
    TW_ASSERT(v.n <= UINT32_MAX);
    tw_buf_u32(b, (uint32_t)v.n);
    tw_buf_add(b, v.p, v.n);
}

tw_status tw_buf_check(tw_ctx *cx, const tw_buf *b, const char *what)
{
    return b->failed ? tw_fail(cx, TW_ELIMIT, "%s exceeds %zu bytes", what, b->max) : TW_OK;
}

tw_rd tw_rd_of(tw_bytes b)
{
    return (tw_rd){ .p = b.p, .n = b.n };
}

tw_bytes tw_rd_view(tw_rd *r, size_t n)
{
    if (r->bad || n > r->n - r->off) {
        r->bad = true;
        return (tw_bytes){ NULL, 0 };
    }
    tw_bytes v = { r->p + r->off, n };
    r->off += n;
    return v;
}

void tw_rd_copy(tw_rd *r, uint8_t *out, size_t n)
{
    tw_bytes v = tw_rd_view(r, n);
    if (r->bad)
        memset(out, 0, n);
    else if (n)
        memcpy(out, v.p, n);
}

uint8_t tw_rd_u8(tw_rd *r)
{
    uint8_t v = 0;
    tw_rd_copy(r, &v, 1);
    return v;
}

uint16_t tw_rd_u16(tw_rd *r)
{
    uint8_t p[2];
    tw_rd_copy(r, p, sizeof p);
    return tw_be16(p);
}

uint32_t tw_rd_u32(tw_rd *r)
{
    uint8_t p[4];
    tw_rd_copy(r, p, sizeof p);
    return tw_be32(p);
}

uint64_t tw_rd_u64(tw_rd *r)
{
    uint8_t p[8];
    tw_rd_copy(r, p, sizeof p);
    return tw_be64(p);
}

tw_bytes tw_rd_var(tw_rd *r, size_t bytes_max)
{
    size_t n = tw_rd_u32(r);
    if (n > bytes_max)
        r->bad = true;
    return tw_rd_view(r, n);
}

size_t tw_rd_left(const tw_rd *r)
{
    return r->bad ? 0 : r->n - r->off;
}

tw_status tw_rd_end(tw_ctx *cx, const tw_rd *r, const char *what)
{
    if (r->bad)
        return tw_fail(cx, TW_EPARSE, "%s: too short, or a length over its limit, at byte %zu", what, r->off);
    if (r->off != r->n)
        return tw_fail(cx, TW_EPARSE, "%s: %zu unused bytes at byte %zu", what, r->n - r->off, r->off);
    return TW_OK;
}
