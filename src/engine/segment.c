/* Block records of the segment file:
 *  magic 8 "TWBLOCK1", payload length u32, entries u32, first index u64, previous block's hash 32,
 *    SHA-256(payload) 32,
 *  CRC-32C of the 88 bytes before it u32; payload = entries as var; zeroes up to a multiple of 4 KiB. A block's
 *    hash is SHA-256 of its header. A record is whole or it is not there: what a crash leaves of the last one is
 *    found by the hashes, and since a block is synced before the next is written, a whole block behind a bad one
 *    means damage. Behind the last block may stand whole pages of zeroes: room made ahead (open.c). */
#include "engine/engine_internal.h"

static const uint8_t magic[8] = "TWBLOCK1";

/* CRC-32C (Castagnoli), reflected, bit by bit: a header has 88 bytes. */
static uint32_t crc32c(const uint8_t *p, size_t n)
{
    uint32_t c = 0xffffffffu;
    for (size_t i = 0; i < n; i++) {
        c ^= p[i];
        for (int k = 0; k < 8; k++)
            c = c & 1 ? c >> 1 ^ 0x82f63b78u : c >> 1;
    }
    return ~c;
}

static uint64_t padded(uint64_t n)
{
    return (n + TW_BLOCK_ALIGN - 1) / TW_BLOCK_ALIGN * TW_BLOCK_ALIGN;
}

void tw_block_encode(tw_buf *out, const tw_cursor *at, uint32_t count, tw_bytes payload)
{
    static const uint8_t zero[TW_BLOCK_ALIGN];
    uint8_t h[TW_BLOCK_HEADER];
    memcpy(h, magic, 8);
    tw_put_be32(h + 8, (uint32_t)payload.n);
    tw_put_be32(h + 12, count);
    tw_put_be64(h + 16, at->idx);
    memcpy(h + 24, at->previous, 32);
    tw_sha256_of(h + 56, payload);
    tw_put_be32(h + 88, crc32c(h, 88));
    tw_buf_add(out, h, sizeof h);
    tw_buf_add(out, payload.p, payload.n);
    size_t n = sizeof h + payload.n;
    tw_buf_add(out, zero, (size_t)padded(n) - n);
}

void tw_cursor_pass(tw_cursor *at, const tw_block *b)
{
    at->off = b->end;
    at->idx = b->first + b->count;
    memcpy(at->previous, b->hash, 32);
}

tw_status tw_segments_open(tw_ctx *cx, tw_segments *s, const char *dir, tw_open_mode mode)
{
    char *path = tw_path(cx, dir, "segments");
    s->disk = cx->env->disk;
    tw_status st = s->disk->open(s->disk->self, &s->file, path, mode);
    if (st != TW_OK) {
        s->file = NULL;
        return tw_fail(cx, st, "cannot open %s", path);
    }
    tw_buf_init(&s->buf, TW_BLOCK_PAYLOAD_MAX + 2 * TW_BLOCK_ALIGN);
    st = s->disk->size(s->disk->self, s->file, &s->size);
    return st == TW_OK ? TW_OK : tw_fail(cx, st, "cannot size %s", path);
}

void tw_segments_close(tw_segments *s)
{
    if (!s->file)
        return;
    s->disk->close(s->disk->self, s->file);
    s->file = NULL;
    tw_buf_done(&s->buf);
}

/* n bytes at an offset into the buffer; *got may be less at the end of the file. */
static tw_status fetch(tw_ctx *cx, tw_segments *s, uint64_t off, size_t n, size_t *got)
{
    static const uint8_t zero[TW_BLOCK_ALIGN];
    tw_buf_clear(&s->buf);
    while (s->buf.n < n && !s->buf.failed)
        tw_buf_add(&s->buf, zero, TW_MIN(sizeof zero, n - s->buf.n));
    TW_TRY(tw_buf_check(cx, &s->buf, "block"));
    tw_status st = s->disk->read(s->disk->self, s->file, off, s->buf.p, n, got);
    return st == TW_OK ? TW_OK : tw_fail(cx, st, "cannot read the segments at %llu", (unsigned long long)off);
}

/* What a header says, when its magic, CRC and length hold. */
static bool header_ok(tw_block *out, uint64_t off, const uint8_t h[TW_BLOCK_HEADER])
{
    uint32_t n = tw_be32(h + 8);
    if (memcmp(h, magic, 8) != 0 || tw_be32(h + 88) != crc32c(h, 88) || n > TW_BLOCK_PAYLOAD_MAX)
        return false;
    *out = (tw_block){ .off = off, .first = tw_be64(h + 16), .count = tw_be32(h + 12) };
    out->end = off + padded(TW_BLOCK_HEADER + (uint64_t)n);
    tw_sha256_of(out->hash, (tw_bytes){ h, TW_BLOCK_HEADER });
    out->payload.n = n;
    return true;
}

static bool all_zero(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

/* The whole record behind a header that holds: payload hash, zero padding. */
static tw_status body_ok(tw_ctx *cx, bool *ok, tw_block *b, tw_segments *s)
{
    size_t n = (size_t)(b->end - b->off);
    size_t got;
    uint8_t hash[32];
    *ok = false;
    if (b->end > s->size)
        return TW_OK;
    TW_TRY(fetch(cx, s, b->off, n, &got));
    if (got != n)
        return TW_OK;
    b->record = tw_buf_view(&s->buf);
    b->payload.p = s->buf.p + TW_BLOCK_HEADER;
    size_t used = TW_BLOCK_HEADER + b->payload.n;
    tw_sha256_of(hash, b->payload);
    *ok = memcmp(hash, s->buf.p + 56, 32) == 0 && all_zero(s->buf.p + used, n - used);
    return TW_OK;
}

/* Nothing but whole pages of zeroes up to the end: room that a writer made ahead of itself. */
static tw_status room_ahead(tw_ctx *cx, bool *is, tw_segments *s, uint64_t off)
{
    *is = (s->size - off) % TW_BLOCK_ALIGN == 0;
    while (*is && off < s->size) {
        size_t got;
        TW_TRY(fetch(cx, s, off, (size_t)TW_MIN(s->size - off, (uint64_t)16 * TW_BLOCK_ALIGN), &got));
        if (got == 0)
            break; /* its writer has just given the room back */
        *is = all_zero(s->buf.p, got);
        off += got;
    }
    return TW_OK;
}

/* The header at the cursor: its form, its place in the chain, and that the file holds the rest. */
static tw_status header_at(tw_ctx *cx, tw_block *out, bool *ok, tw_segments *s, const tw_cursor *at)
{
    size_t got;
    TW_TRY(fetch(cx, s, at->off, TW_BLOCK_HEADER, &got));
    *ok = got == TW_BLOCK_HEADER && header_ok(out, at->off, s->buf.p) && out->first == at->idx && out->count > 0 &&
          memcmp(s->buf.p + 24, at->previous, 32) == 0 && out->end <= s->size;
    return TW_OK;
}

static tw_status read_block(tw_ctx *cx, tw_block *out, tw_block_is *is, tw_segments *s, tw_cursor *at, bool body)
{
    bool ok;
    bool room = false;
    *is = TW_BLOCK_NONE;
    if (at->off >= s->size)
        return TW_OK;
    TW_TRY(header_at(cx, out, &ok, s, at));
    if (!ok)
        TW_TRY(room_ahead(cx, &room, s, at->off));
    if (ok && body)
        TW_TRY(body_ok(cx, &ok, out, s));
    *is = ok ? TW_BLOCK_GOOD : room ? TW_BLOCK_NONE : TW_BLOCK_BAD;
    if (ok)
        tw_cursor_pass(at, out);
    return TW_OK;
}

tw_status tw_block_read(tw_ctx *cx, tw_block *out, tw_block_is *is, tw_segments *s, tw_cursor *at)
{
    return read_block(cx, out, is, s, at, true);
}

tw_status tw_block_skim(tw_ctx *cx, tw_block *out, tw_block_is *is, tw_segments *s, tw_cursor *at)
{
    return read_block(cx, out, is, s, at, false);
}

tw_status tw_block_at(tw_ctx *cx, tw_block *out, bool *ok, tw_segments *s, uint64_t off)
{
    size_t got;
    TW_TRY(fetch(cx, s, off, TW_BLOCK_HEADER, &got));
    *ok = got == TW_BLOCK_HEADER && header_ok(out, off, s->buf.p);
    return *ok ? body_ok(cx, ok, out, s) : TW_OK;
}

tw_status tw_block_follows(tw_ctx *cx, bool *found, tw_segments *s, const tw_cursor *at)
{
    tw_block b;
    size_t got;
    *found = false;
    for (uint64_t off = at->off + TW_BLOCK_ALIGN; off < s->size && !*found; off += TW_BLOCK_ALIGN) {
        TW_TRY(fetch(cx, s, off, TW_BLOCK_HEADER, &got));
        if (got == TW_BLOCK_HEADER && header_ok(&b, off, s->buf.p) && b.first > at->idx)
            TW_TRY(body_ok(cx, found, &b, s));
    }
    return TW_OK;
}
