/* A follower takes blocks byte for byte, so its own segments are a prefix of the other's and the chain of block
 * hashes shows where they part. Nothing is taken that the newest checkpoint of the log key does not cover, and
 * nothing is executed before the root over what is to be taken is the one that was signed. */
#include "engine/engine_internal.h"

typedef struct {
    const char *dir;
    tw_str note;
    uint64_t size;
    uint8_t root[32];
    tw_segments segments;
} other_log;

/* The newest complete note, judged by the genesis that we hold. */
static tw_status newest_note(tw_ctx *cx, other_log *o, tw_str notes, const tw_genesis *g)
{
    tw_str note;
    o->note = (tw_str){ 0 };
    while (tw_note_next(&note, &notes))
        o->note = note;
    if (!o->note.n)
        return tw_fail(cx, TW_EVERIFY, "%s/checkpoints: there is no checkpoint", o->dir);
    if (tw_checkpoint_open(cx, &o->size, o->root, o->note, g->origin, g->log_key) != TW_OK) {
        tw_wrap(cx, "%s/checkpoints", o->dir);
        return TW_EVERIFY;
    }
    return TW_OK;
}

static tw_status next_block(tw_ctx *cx, tw_block *b, other_log *o, tw_cursor *at)
{
    tw_block_is is;
    TW_TRY(tw_block_read(cx, b, &is, &o->segments, at));
    if (is != TW_BLOCK_GOOD)
        return tw_fail(cx, TW_EVERIFY, "%s/segments: at byte %llu is no block that continues ours", o->dir,
                       (unsigned long long)at->off);
    if (at->idx > o->size)
        return tw_fail(cx, TW_EVERIFY, "%s/checkpoints: size %llu lies inside a block", o->dir,
                       (unsigned long long)o->size);
    return TW_OK;
}

/* ---------------------------------------------------------------- first copy */

static tw_status copy_genesis(tw_ctx *cx, const char *own_dir, other_log *o, const tw_id *ledger_id)
{
    tw_cursor at = { 0 };
    tw_block b;
    tw_block_is is;
    TW_TRY(tw_block_read(cx, &b, &is, &o->segments, &at));
    if (is != TW_BLOCK_GOOD || b.count != 1)
        return tw_fail(cx, TW_EVERIFY, "%s/segments: no genesis block", o->dir);
    tw_rd in = tw_rd_of(b.payload);
    tw_bytes entry = tw_rd_var(&in, TW_BLOCK_PAYLOAD_MAX);
    TW_TRY(tw_rd_end(cx, &in, "genesis block"));
    tw_id id;
    tw_hash_label(id.b, "tw/ledger/1", &entry, 1);
    if (ledger_id && !tw_id_eq(&id, ledger_id))
        return tw_fail(cx, TW_EVERIFY, "%s is another ledger", o->dir);
    TW_TRY(tw_dir_make(cx, own_dir));
    return tw_file_write(cx, tw_path(cx, own_dir, "segments"), b.record);
}

static tw_status open_own(tw_ctx *cx, tw_solo **io, const char *own_dir, other_log *o, const tw_id *ledger_id)
{
    if (!*io) {
        if (!tw_path_exists(cx, tw_path(cx, own_dir, "segments")))
            TW_TRY(copy_genesis(cx, own_dir, o, ledger_id));
        TW_TRY(tw_solo_open_as(cx, io, own_dir, TW_SOLO_FOLLOW, NULL));
    }
    if (ledger_id && !tw_id_eq(tw_ledger_id((*io)->ledger), ledger_id))
        return tw_fail(cx, TW_EVERIFY, "%s is a copy of another ledger", (*io)->dir);
    return (*io)->mode == TW_SOLO_FOLLOW ? TW_OK : tw_fail(cx, TW_EUSAGE, "%s is not a follower's log", (*io)->dir);
}

/* ---------------------------------------------------------------- taking blocks */

/* Is the signed root the root over our leaves and theirs? */
static tw_status check_root(tw_ctx *cx, const tw_solo *s, other_log *o)
{
    tw_merkle_range *range = tw_new(cx->arena, tw_merkle_range);
    tw_cursor at = s->end;
    uint8_t root[32];
    for (uint64_t i = 0; i < s->end.idx; i++)
        tw_merkle_range_add(range, tw_ledger_leaves(s->ledger) + i * 32);
    while (at.idx < o->size) {
        tw_block b;
        TW_TRY(next_block(cx, &b, o, &at));
        tw_rd in = tw_rd_of(b.payload);
        for (uint32_t i = 0; i < b.count; i++) {
            uint8_t leaf[32];
            tw_merkle_leaf(leaf, tw_rd_var(&in, TW_BLOCK_PAYLOAD_MAX));
            tw_merkle_range_add(range, leaf);
        }
        TW_TRY(tw_rd_end(cx, &in, "block"));
    }
    tw_merkle_range_root(root, range);
    if (memcmp(root, o->root, 32) != 0)
        return tw_fail(cx, TW_EVERIFY, "%s: its checkpoint of size %llu does not fit the log that we hold", o->dir,
                       (unsigned long long)o->size);
    return TW_OK;
}

static tw_status execute_block(tw_ctx *cx, tw_solo *s, const tw_block *b)
{
    tw_rd in = tw_rd_of(b->payload);
    for (uint32_t i = 0; i < b->count; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_status st = tw_ledger_replay(cx, s->ledger, tw_rd_var(&in, TW_BLOCK_PAYLOAD_MAX));
        tw_arena_back(cx->arena, mark);
        TW_TRY(st);
    }
    return TW_OK;
}

static tw_status take_blocks(tw_ctx *cx, tw_solo *s, other_log *o)
{
    tw_cursor at = s->end;
    uint64_t before = at.idx;
    while (at.idx < o->size) {
        tw_block b;
        TW_TRY(next_block(cx, &b, o, &at));
        tw_status st = execute_block(cx, s, &b);
        if (st == TW_OK)
            st = tw_solo_append_block(cx, s, b.record);
        if (st != TW_OK) {
            s->broken = true;
            tw_wrap(cx, "%s", o->dir);
            return st;
        }
    }
    TW_TRY(tw_solo_append_tiles(cx, s));
    if (o->size > s->note_size)
        TW_TRY(tw_solo_append_note(cx, s, o->note, o->size));
    if (o->size > before)
        tw_store_block(cx, s);
    return TW_OK;
}

/* The last page of our last block stands in the other log too: one that lost it may still have its length, as room. */
static tw_status same_end(tw_ctx *cx, bool *same, const tw_solo *s, const other_log *o)
{
    uint8_t page[2][TW_BLOCK_ALIGN];
    size_t got[2];
    const tw_disk *d = s->disk;
    uint64_t off = s->end.off - TW_BLOCK_ALIGN;
    tw_status st = d->read(d->self, s->segments.file, off, page[0], TW_BLOCK_ALIGN, &got[0]);
    if (st == TW_OK)
        st = d->read(d->self, o->segments.file, off, page[1], TW_BLOCK_ALIGN, &got[1]);
    if (st != TW_OK)
        return tw_fail(cx, st, "cannot read the segments at %llu", (unsigned long long)off);
    *same = got[0] == got[1] && memcmp(page[0], page[1], got[0]) == 0;
    return TW_OK;
}

static tw_status follow(tw_ctx *cx, tw_solo **io, const char *own_dir, other_log *o, const tw_id *ledger_id)
{
    tw_str notes;
    TW_TRY(tw_notes_read(cx, &notes, o->dir)); /* before the segments: see open.c */
    TW_TRY(tw_segments_open(cx, &o->segments, o->dir, TW_OPEN_READ));
    TW_TRY(open_own(cx, io, own_dir, o, ledger_id));
    tw_solo *s = *io;
    TW_TRY(tw_solo_usable(cx, s));
    TW_TRY(newest_note(cx, o, notes, tw_ledger_genesis(s->ledger)));
    bool same;
    TW_TRY(same_end(cx, &same, s, o));
    if (o->size < s->end.idx || o->segments.size < s->end.off || !same)
        return tw_fail(cx, TW_EVERIFY, "%s: shorter than what we have seen (%llu entries), or another", o->dir,
                       (unsigned long long)s->end.idx);
    TW_TRY(check_root(cx, s, o));
    return take_blocks(cx, s, o);
}

tw_status tw_solo_follow(tw_ctx *cx, tw_solo **io, const char *own_dir, const char *from_dir, const tw_id *ledger_id)
{
    other_log o = { .dir = from_dir };
    tw_status st = follow(cx, io, own_dir, &o, ledger_id);
    tw_segments_close(&o.segments);
    return st;
}
