/* Opening a log: checkpoints are read before the segments, so that a reader beside a writer never sees a
 * checkpoint of a block that it does not see. Then the stored state, when this is the folder's own writer and the
 * state is of this log; then replay of the rest up to the first bad record; then what was read is judged; only then
 * is a torn tail cut.
 *
 * A writer keeps room ahead of itself: zeroes that were synced with an earlier block, so that the sync of the next
 * ones has no metadata to write. It gives the room back when it closes. */
#include "engine/engine_internal.h"

#define ROOM_MIN ((uint64_t)64 * TW_KIB)
#define ROOM_MAX ((uint64_t)TW_MIB)

tw_status tw_solo_usable(tw_ctx *cx, const tw_solo *s)
{
    return s->broken ? tw_fail(cx, TW_EIO, "%s: closed after an earlier failure; open it again", s->dir) : TW_OK;
}

static void close_file(const tw_solo *s, tw_file *f)
{
    if (f)
        s->disk->close(s->disk->self, f);
}

static void give_room_back(const tw_solo *s)
{
    if (s->broken || s->room_end <= s->end.off)
        return;
    (void)!s->disk->truncate(s->disk->self, s->segments.file, s->end.off); /* else it is found and used again */
}

void tw_solo_close(tw_solo *s)
{
    if (!s)
        return;
    tw_store_close(s);
    if (s->segments.file)
        give_room_back(s);
    close_file(s, s->notes_file);
    for (unsigned k = 0; k < TW_TILE_LEVELS; k++)
        close_file(s, s->tile[k]);
    tw_segments_close(&s->segments);
    tw_ledger_free(s->ledger);
    tw_secret_free(s->seed);
    tw_buf_done(&s->note);
    tw_mem_free(s->places);
    tw_arena_free(s->arena);
    tw_mem_free(s);
}

/* ---------------------------------------------------------------- blocks */

static tw_status place_room(tw_ctx *cx, tw_solo *s, uint64_t count)
{
    uint64_t room = s->place_room ? s->place_room : 256;
    while (room < count)
        room *= 2;
    if (room == s->place_room)
        return TW_OK;
    tw_entry_place *p = room > SIZE_MAX / sizeof *p ? NULL : tw_mem_resize(s->places, (size_t)room * sizeof *p);
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "no memory left for the places of %llu entries", (unsigned long long)count);
    s->places = p;
    s->place_room = room;
    return TW_OK;
}

static tw_status fill_places(tw_ctx *cx, tw_entry_place *places, const tw_block *b)
{
    tw_rd in = tw_rd_of(b->payload);
    for (uint32_t i = 0; i < b->count; i++) {
        tw_bytes entry = tw_rd_var(&in, TW_BLOCK_PAYLOAD_MAX);
        uint64_t off = b->off + TW_BLOCK_HEADER + in.off - entry.n;
        places[b->first + i] = (tw_entry_place){ off, (uint32_t)entry.n };
    }
    return tw_rd_end(cx, &in, "block");
}

tw_status tw_solo_place(tw_ctx *cx, tw_solo *s, const tw_block *b)
{
    TW_TRY(place_room(cx, s, b->first + b->count));
    return fill_places(cx, s->places, b);
}

tw_status tw_solo_place_skimmed(tw_ctx *cx, tw_solo *s, const tw_block *b)
{
    TW_TRY(place_room(cx, s, b->first + b->count));
    for (uint32_t i = 0; i < b->count; i++)
        s->places[b->first + i] = (tw_entry_place){ b->off, 0 };
    return TW_OK;
}

tw_status tw_solo_find(tw_ctx *cx, tw_entry_place *out, const tw_solo *s, uint64_t idx)
{
    tw_segments file = { .disk = s->disk, .file = s->segments.file, .size = s->segments.size };
    tw_block b;
    bool ok;
    if (s->places[idx].n == 0) {
        tw_buf_init(&file.buf, TW_BLOCK_PAYLOAD_MAX + 2 * TW_BLOCK_ALIGN);
        tw_status st = tw_block_at(cx, &b, &ok, &file, s->places[idx].off);
        if (st == TW_OK && (!ok || b.first > idx || idx - b.first >= b.count || b.first + b.count > s->end.idx))
            st = tw_fail(cx, TW_EVERIFY, "%s/segments: the block of entry %llu has changed", s->dir,
                         (unsigned long long)idx);
        if (st == TW_OK)
            st = fill_places(cx, s->places, &b);
        tw_buf_done(&file.buf);
        TW_TRY(st);
    }
    *out = s->places[idx];
    return TW_OK;
}

/* Zeroes behind the block that ends at `end`, to be synced with it. */
static tw_status make_room(tw_solo *s, uint64_t end)
{
    static const uint8_t zero[16 * TW_BLOCK_ALIGN];
    const tw_disk *d = s->disk;
    if (end <= s->room_end)
        return TW_OK;
    s->room_step = TW_MIN(TW_MAX(s->room_step * 2, ROOM_MIN), ROOM_MAX);
    for (uint64_t done = 0; done < s->room_step; done += sizeof zero)
        TW_TRY(d->write(d->self, s->segments.file, end + done, zero, sizeof zero));
    s->room_end = end + s->room_step;
    return TW_OK;
}

tw_status tw_solo_append_block(tw_ctx *cx, tw_solo *s, tw_bytes record)
{
    const tw_disk *d = s->disk;
    tw_block b = { .off = s->end.off, .end = s->end.off + record.n, .first = s->end.idx };
    b.count = tw_be32(record.p + 12);
    b.payload = (tw_bytes){ record.p + TW_BLOCK_HEADER, tw_be32(record.p + 8) };
    tw_sha256_of(b.hash, (tw_bytes){ record.p, TW_BLOCK_HEADER });
    tw_status st = tw_solo_place(cx, s, &b);
    tw_crash_point(cx, "log.before-write");
    if (st == TW_OK)
        st = d->write(d->self, s->segments.file, b.off, record.p, record.n);
    if (st == TW_OK)
        st = make_room(s, b.end);
    tw_crash_point(cx, "log.before-sync");
    if (st == TW_OK)
        st = d->sync(d->self, s->segments.file);
    if (st != TW_OK) {
        s->broken = true;
        return tw_fail(cx, st, "cannot append to %s/segments", s->dir);
    }
    tw_crash_point(cx, "log.after-sync");
    s->segments.size = b.end;
    tw_cursor_pass(&s->end, &b);
    return TW_OK;
}

/* ---------------------------------------------------------------- replay */

static tw_status replay_entry(tw_ctx *cx, tw_solo *s, tw_bytes entry)
{
    tw_entry e;
    tw_bytes again;
    if (s->ledger)
        return tw_ledger_replay(cx, s->ledger, entry);
    if (tw_entry_decode(cx, &e, entry) != TW_OK || e.kind != TW_ENTRY_GENESIS ||
        tw_ledger_new(cx, &s->ledger, &again, e.op) != TW_OK || !tw_bytes_eq(again, entry))
        return tw_fail(cx, TW_EVERIFY, "the log does not begin with a genesis");
    return TW_OK;
}

static tw_status replay_block(tw_ctx *cx, tw_solo *s, const tw_block *b)
{
    tw_rd in = tw_rd_of(b->payload);
    TW_TRY(tw_solo_place(cx, s, b));
    for (uint32_t i = 0; i < b->count; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_status st = replay_entry(cx, s, tw_rd_var(&in, TW_BLOCK_PAYLOAD_MAX));
        tw_arena_back(cx->arena, mark);
        TW_TRY(st);
    }
    return TW_OK;
}

static tw_status replay(tw_ctx *cx, tw_solo *s)
{
    tw_block b;
    tw_block_is is;
    for (;;) {
        TW_TRY(tw_block_read(cx, &b, &is, &s->segments, &s->end));
        if (is != TW_BLOCK_GOOD)
            break;
        TW_TRY(replay_block(cx, s, &b));
    }
    bool follows = false;
    if (is == TW_BLOCK_BAD)
        TW_TRY(tw_block_follows(cx, &follows, &s->segments, &s->end));
    if (follows || !s->ledger)
        return tw_fail(cx, TW_EVERIFY, "segments: the block at byte %llu is damaged, and it is not a torn end",
                       (unsigned long long)s->end.off);
    return TW_OK;
}

/* ---------------------------------------------------------------- open */

static tw_status cut_tail(tw_ctx *cx, tw_solo *s)
{
    const tw_disk *d = s->disk;
    tw_block b;
    tw_block_is is;
    if (s->segments.size == s->end.off)
        return TW_OK;
    TW_TRY(tw_block_read(cx, &b, &is, &s->segments, &s->end));
    if (is == TW_BLOCK_NONE) { /* room of a writer that was killed */
        s->room_end = s->segments.size;
        s->segments.size = s->end.off;
        return TW_OK;
    }
    tw_event(cx, TW_LOG_WARN, "log.tail-cut", "%llu bytes of a block that was not finished",
             (unsigned long long)(s->segments.size - s->end.off));
    tw_status st = d->truncate(d->self, s->segments.file, s->end.off);
    if (st == TW_OK)
        st = d->sync(d->self, s->segments.file);
    if (st != TW_OK)
        return tw_fail(cx, st, "cannot cut the torn end");
    s->segments.size = s->end.off;
    return TW_OK;
}

static tw_status take_seed(tw_ctx *cx, tw_solo *s, const uint8_t seed[32])
{
    uint8_t public_key[TW_KEY];
    s->seed = tw_secret_new(32 + 64);
    tw_sign_keys(public_key, tw_secret_p(s->seed) + 32, seed);
    memcpy(tw_secret_p(s->seed), seed, 32);
    if (memcmp(public_key, tw_ledger_genesis(s->ledger)->log_key, TW_KEY) != 0)
        return tw_fail(cx, TW_ECONFIG, "this is not the log key that the genesis names");
    return TW_OK;
}

/* The state as it was stored, or nothing; what does not fit this log is thrown away. */
static bool load_stored(tw_ctx *cx, tw_solo *s, bool trust)
{
    tw_status st = TW_ENOTFOUND;
    if (s->store && trust)
        st = tw_store_load(cx, s);
    if (s->store && st != TW_OK) {
        if (st != TW_ENOTFOUND)
            tw_event(cx, TW_LOG_WARN, "log.state-rebuilt", "%s", cx->err.msg);
        tw_err_clear(cx);
        tw_store_clear(cx, s);
    }
    return st == TW_OK;
}

static tw_status load(tw_ctx *cx, tw_solo *s, const uint8_t *log_seed, bool trust)
{
    tw_str notes;
    bool writes = s->mode != TW_SOLO_READ;
    TW_TRY(tw_notes_read(cx, &notes, s->dir));
    TW_TRY(tw_segments_open(cx, &s->segments, s->dir, writes ? TW_OPEN_EDIT : TW_OPEN_READ));
    s->store = writes ? tw_store_open(cx, s->dir) : NULL;
    bool loaded = load_stored(cx, s, trust);
    TW_TRY(replay(cx, s));
    if (s->mode == TW_SOLO_SIGN)
        TW_TRY(take_seed(cx, s, log_seed));
    TW_TRY(tw_solo_load_notes(cx, s, notes, false, writes));
    if (!writes)
        return TW_OK;
    TW_TRY(cut_tail(cx, s));
    TW_TRY(tw_solo_check_tiles(cx, s, true));
    if (s->mode == TW_SOLO_SIGN)
        TW_TRY(tw_solo_sign_note(cx, s));
    tw_store_begin(cx, s, loaded);
    return TW_OK;
}

static tw_solo *new_solo(tw_ctx *cx, const char *dir, tw_solo_mode mode)
{
    tw_solo *s = tw_mem_alloc(sizeof *s);
    if (!s)
        return NULL;
    s->mode = mode;
    s->disk = cx->env->disk;
    s->arena = tw_arena_new(TW_MIB);
    s->dir = tw_cstr(s->arena, tw_str_of(dir));
    tw_buf_init(&s->note, TW_MIB);
    return s;
}

/* A failure after state was loaded may be the state's: the log is asked alone. */
tw_status tw_solo_open_as(tw_ctx *cx, tw_solo **out, const char *dir, tw_solo_mode mode, const uint8_t *log_seed)
{
    for (bool trust = true;; trust = false) {
        tw_solo *s = new_solo(cx, dir, mode);
        if (!s)
            return tw_fail(cx, TW_ELIMIT, "no memory left for a log");
        tw_status st = load(cx, s, log_seed, trust);
        if (st == TW_OK) {
            *out = s;
            return TW_OK;
        }
        bool again = s->trusted > 0;
        tw_solo_close(s);
        if (!again) {
            tw_wrap(cx, "%s", dir);
            return st;
        }
        tw_err_clear(cx);
    }
}

tw_status tw_solo_open(tw_ctx *cx, tw_solo **out, const char *dir, const uint8_t *log_seed)
{
    return tw_solo_open_as(cx, out, dir, log_seed ? TW_SOLO_SIGN : TW_SOLO_READ, log_seed);
}
