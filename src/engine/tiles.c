/* Flat tile files: tile.0 holds the leaf hashes, tile.L + 1 the roots of the full tiles (256 hashes) of tile.L.
 * Tile N of C2SP tlog-tiles stands at N * 8192. One append a level and block; derived, so never synced and mended
 * at the next start. */
#include "engine/engine_internal.h"

#define WIDTH 256

static uint64_t level_count(uint64_t size, unsigned level)
{
    return level ? size >> (8 * level) : size;
}

/* Hash i of a level is the root over 256^level leaves. */
tw_status tw_tiles_level(tw_ctx *cx, const uint8_t **hashes, uint64_t *count, const uint8_t *leaves, uint64_t size,
                         unsigned level)
{
    const uint8_t *below = leaves;
    for (unsigned k = 1; k <= level; k++) {
        uint64_t n = level_count(size, k);
        uint8_t *here = tw_try_array(cx->arena, uint8_t, (size_t)n * 32);
        if (!here)
            return tw_fail(cx, TW_ELIMIT, "no memory left for tiles");
        for (uint64_t i = 0; i < n; i++)
            tw_merkle_root(here + i * 32, below + i * WIDTH * 32, WIDTH);
        below = here;
    }
    *hashes = below;
    *count = level_count(size, level);
    return TW_OK;
}

static char *tile_path(tw_ctx *cx, const tw_solo *s, unsigned level)
{
    return tw_cstr(cx->arena, tw_strf(cx->arena, "%s/tile.%u", s->dir, level));
}

static tw_status open_tile(tw_ctx *cx, tw_solo *s, unsigned level)
{
    if (s->tile[level])
        return TW_OK;
    char *path = tile_path(cx, s, level);
    tw_status st = s->disk->open(s->disk->self, &s->tile[level], path, TW_OPEN_APPEND);
    if (st != TW_OK) {
        s->tile[level] = NULL;
        return tw_fail(cx, st, "cannot open %s", path);
    }
    return TW_OK;
}

static tw_status write_tile(tw_ctx *cx, tw_solo *s, unsigned level, const uint8_t *hashes, uint64_t n)
{
    TW_TRY(open_tile(cx, s, level));
    tw_status st = s->disk->write(s->disk->self, s->tile[level], s->tile_count[level] * 32, hashes, (size_t)n * 32);
    if (st != TW_OK) {
        s->broken = true;
        return tw_fail(cx, st, "cannot append to %s/tile.%u", s->dir, level);
    }
    s->tile_count[level] += n;
    return TW_OK;
}

tw_status tw_solo_append_tiles(tw_ctx *cx, tw_solo *s)
{
    const uint8_t *leaves = tw_ledger_leaves(s->ledger);
    uint64_t size = tw_ledger_size(s->ledger);
    if (s->tile_count[0] < size)
        TW_TRY(write_tile(cx, s, 0, leaves + s->tile_count[0] * 32, size - s->tile_count[0]));
    for (unsigned k = 1; k < TW_TILE_LEVELS; k++) {
        while (s->tile_count[k] < level_count(size, k)) {
            uint8_t root[32];
            uint64_t span = (uint64_t)1 << (8 * k);
            tw_merkle_root(root, leaves + s->tile_count[k] * span * 32, span);
            TW_TRY(write_tile(cx, s, k, root, 1));
        }
    }
    return TW_OK;
}

/* false: the file does not hold exactly these hashes. */
static tw_status holds(tw_ctx *cx, bool *ok, const char *path, const uint8_t *hashes, uint64_t count)
{
    tw_bytes file = { 0 };
    bool there = tw_path_exists(cx, path);
    if (there)
        TW_TRY(tw_file_read(cx, &file, path, (size_t)4 << 30));
    *ok = (there || count == 0) && tw_bytes_eq(file, (tw_bytes){ hashes, (size_t)count * 32 });
    return TW_OK;
}

static tw_status check_level(tw_ctx *cx, tw_solo *s, bool mend, unsigned level)
{
    const uint8_t *hashes;
    uint64_t count;
    bool ok;
    char *path = tile_path(cx, s, level);
    TW_TRY(tw_tiles_level(cx, &hashes, &count, tw_ledger_leaves(s->ledger), tw_ledger_size(s->ledger), level));
    TW_TRY(holds(cx, &ok, path, hashes, count));
    s->tile_count[level] = count;
    if (ok)
        return TW_OK;
    if (!mend)
        return tw_fail(cx, TW_EVERIFY, "%s is not what the log gives", path);
    return tw_file_write(cx, path, (tw_bytes){ hashes, (size_t)count * 32 });
}

tw_status tw_solo_check_tiles(tw_ctx *cx, tw_solo *s, bool mend)
{
    for (unsigned k = 0; k < TW_TILE_LEVELS; k++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_status st = check_level(cx, s, mend, k);
        tw_arena_back(cx->arena, mark);
        if (st != TW_OK)
            return st;
    }
    return TW_OK;
}
