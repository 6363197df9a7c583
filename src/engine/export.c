/* C2SP static layout (tlog-tiles): `checkpoint`, `tile/<L>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]`, and `vkey`,
 * the verifier key. */
#include "engine/engine_internal.h"

#define WIDTH 256

/* N in groups of three digits, all but the last with an x before it; ".p/W" for a partial tile. Makes the folders. */
static tw_status tile_file(tw_ctx *cx, char **path, const char *dir, const char *level, uint64_t n, unsigned width)
{
    tw_str name = tw_strf(cx->arena, "%03u", (unsigned)(n % 1000));
    for (n /= 1000; n; n /= 1000)
        name = tw_strf(cx->arena, "x%03u/" TW_FMT, (unsigned)(n % 1000), TW_ARG(name));
    if (width < WIDTH)
        name = tw_strf(cx->arena, TW_FMT ".p/%u", TW_ARG(name), width);
    *path = tw_cstr(cx->arena, tw_strf(cx->arena, "%s/tile/%s/" TW_FMT, dir, level, TW_ARG(name)));
    char *slash = strrchr(*path, '/');
    *slash = 0;
    tw_status st = tw_dir_make(cx, *path);
    *slash = '/';
    return st;
}

static tw_status write_level(tw_ctx *cx, const tw_solo *s, const char *dir, unsigned level)
{
    const uint8_t *hashes;
    uint64_t count;
    TW_TRY(tw_tiles_level(cx, &hashes, &count, tw_ledger_leaves(s->ledger), s->note_size, level));
    tw_str name = tw_strf(cx->arena, "%u", level);
    for (uint64_t at = 0; at < count; at += WIDTH) {
        unsigned width = (unsigned)TW_MIN(count - at, (uint64_t)WIDTH);
        char *path;
        TW_TRY(tile_file(cx, &path, dir, name.p, at / WIDTH, width));
        TW_TRY(tw_file_write(cx, path, (tw_bytes){ hashes + at * 32, (size_t)width * 32 }));
    }
    return TW_OK;
}

static tw_status write_bundle(tw_ctx *cx, const tw_solo *s, const char *dir, uint64_t first, unsigned width)
{
    char *path;
    tw_buf b;
    tw_buf_init(&b, WIDTH * 65538);
    tw_status st = tile_file(cx, &path, dir, "entries", first / WIDTH, width);
    for (unsigned i = 0; st == TW_OK && i < width; i++) {
        tw_bytes entry = { 0 };
        tw_mark mark = tw_arena_mark(cx->arena);
        st = tw_solo_entry(cx, &entry, s, first + i);
        TW_ASSERT(entry.n <= UINT16_MAX); /* TW_OP_BYTES_MAX and an entry's head */
        tw_buf_u16(&b, (uint16_t)entry.n);
        tw_buf_add(&b, entry.p, entry.n);
        tw_arena_back(cx->arena, mark);
    }
    if (st == TW_OK)
        st = tw_buf_check(cx, &b, "entry bundle");
    if (st == TW_OK)
        st = tw_file_write(cx, path, tw_buf_view(&b));
    tw_buf_done(&b);
    return st;
}

static tw_status write_entries(tw_ctx *cx, const tw_solo *s, const char *dir)
{
    for (uint64_t at = 0; at < s->note_size; at += WIDTH)
        TW_TRY(write_bundle(cx, s, dir, at, (unsigned)TW_MIN(s->note_size - at, (uint64_t)WIDTH)));
    return TW_OK;
}

tw_status tw_solo_export(tw_ctx *cx, const tw_solo *s, const char *dir)
{
    const tw_genesis *g = tw_ledger_genesis(s->ledger);
    TW_TRY(tw_solo_usable(cx, s));
    if (!s->note_size)
        return tw_fail(cx, TW_ENOTFOUND, "%s has no checkpoint", s->dir);
    TW_TRY(tw_dir_make(cx, dir));
    for (unsigned k = 0; k < TW_TILE_LEVELS; k++)
        TW_TRY(write_level(cx, s, dir, k));
    TW_TRY(write_entries(cx, s, dir));
    tw_str vkey = tw_note_vkey(cx, g->origin, g->log_key);
    TW_TRY(tw_file_write(cx, tw_path(cx, dir, "vkey"), tw_bytes_of(tw_strf(cx->arena, TW_FMT "\n", TW_ARG(vkey)))));
    return tw_file_write(cx, tw_path(cx, dir, "checkpoint"), tw_buf_view(&s->note));
}
