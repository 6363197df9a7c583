/* One signing node: executes, writes the block, syncs, then tiles and checkpoint. */
#include "engine/engine_internal.h"

static tw_status log_key_ok(tw_ctx *cx, const tw_genesis *g, const uint8_t seed[32])
{
    uint8_t public_key[TW_KEY];
    uint8_t secret[64];
    tw_sign_keys(public_key, secret, seed);
    tw_wipe(secret, sizeof secret);
    if (memcmp(public_key, g->log_key, TW_KEY) != 0)
        return tw_fail(cx, TW_ECONFIG, "this is not the log key that the genesis names");
    return TW_OK;
}

/* ---------------------------------------------------------------- create */

static tw_status write_genesis(tw_ctx *cx, const char *path, tw_bytes entry)
{
    tw_buf payload;
    tw_buf block;
    tw_cursor start = { 0 };
    tw_buf_init(&payload, TW_BLOCK_PAYLOAD_MAX);
    tw_buf_init(&block, TW_BLOCK_PAYLOAD_MAX);
    tw_buf_var(&payload, entry);
    tw_block_encode(&block, &start, 1, tw_buf_view(&payload));
    tw_status s = tw_buf_check(cx, &block, "genesis block");
    if (s == TW_OK)
        s = tw_file_write(cx, path, tw_buf_view(&block));
    tw_buf_done(&payload);
    tw_buf_done(&block);
    return s;
}

tw_status tw_solo_create(tw_ctx *cx, const char *dir, tw_bytes genesis_body, const uint8_t log_seed[32])
{
    tw_ledger *l;
    tw_bytes entry;
    tw_solo *s;
    char *path = tw_path(cx, dir, "segments");
    TW_TRY(tw_dir_make(cx, dir));
    if (tw_path_exists(cx, path))
        return tw_fail(cx, TW_ECONFLICT, "there is a log in %s", dir);
    TW_TRY(tw_ledger_new(cx, &l, &entry, genesis_body));
    tw_status st = log_key_ok(cx, tw_ledger_genesis(l), log_seed);
    tw_ledger_free(l);
    if (st == TW_OK)
        st = write_genesis(cx, path, entry);
    if (st != TW_OK)
        return st;
    TW_TRY(tw_solo_open(cx, &s, dir, log_seed)); /* signs the first checkpoint, writes the tiles */
    tw_solo_close(s);
    return TW_OK;
}

/* ---------------------------------------------------------------- blocks */

static tw_status check_room(tw_ctx *cx, const tw_bytes *ops, size_t count)
{
    size_t n = 64;
    for (size_t i = 0; i < count; i++) {
        n += TW_MIN(ops[i].n, (size_t)TW_OP_BYTES_MAX) + 32;
        if (n > TW_BLOCK_PAYLOAD_MAX)
            return tw_fail(cx, TW_ELIMIT, "operation %zu does not fit into one block any more", i + 1);
    }
    return TW_OK;
}

static tw_status write_block(tw_ctx *cx, tw_solo *s, uint32_t entries, tw_bytes payload)
{
    tw_buf record;
    tw_buf_init(&record, TW_BLOCK_PAYLOAD_MAX + 2 * TW_BLOCK_ALIGN);
    tw_block_encode(&record, &s->end, entries, payload);
    tw_status st = tw_buf_check(cx, &record, "block");
    if (st == TW_OK)
        st = tw_solo_append_block(cx, s, tw_buf_view(&record));
    else
        s->broken = true;
    tw_buf_done(&record);
    TW_TRY(st);
    TW_TRY(tw_solo_append_tiles(cx, s));
    TW_TRY(tw_solo_sign_note(cx, s));
    tw_crash_point(cx, "log.after-checkpoint");
    tw_store_block(cx, s);
    return TW_OK;
}

/* The tick, then each operation; what is logged goes into the payload. An error stays in cx->err. */
static tw_status execute(tw_ctx *cx, tw_buf *payload, uint32_t *entries, tw_solo *s, uint64_t tick_s,
                         const tw_bytes *ops, size_t count, tw_applied *results, tw_status *status)
{
    *entries = 0;
    if (tick_s && tick_s != tw_ledger_time(s->ledger)) {
        tw_applied tick;
        TW_TRY(tw_ledger_tick(cx, &tick, s->ledger, tick_s));
        tw_buf_var(payload, tick.entry);
        ++*entries;
    }
    for (size_t i = 0; i < count; i++) {
        results[i] = (tw_applied){ 0 };
        status[i] = tw_ledger_submit(cx, &results[i], s->ledger, ops[i]);
        if (status[i] != TW_OK)
            continue;
        tw_buf_var(payload, results[i].entry);
        ++*entries;
    }
    return TW_OK;
}

static tw_status put_block(tw_ctx *cx, tw_solo *s, uint64_t tick_s, const tw_bytes *ops, size_t count,
                           tw_applied *results, tw_status *status)
{
    tw_buf payload;
    uint32_t entries;
    TW_TRY(tw_solo_usable(cx, s));
    if (s->mode != TW_SOLO_SIGN)
        return tw_fail(cx, TW_EREFUSED, "%s was opened without its log key", s->dir);
    TW_TRY(check_room(cx, ops, count));
    tw_buf_init(&payload, TW_BLOCK_PAYLOAD_MAX);
    tw_status st = execute(cx, &payload, &entries, s, tick_s, ops, count, results, status);
    if (st == TW_OK && entries)
        st = payload.failed ? tw_buf_check(cx, &payload, "block") : write_block(cx, s, entries, tw_buf_view(&payload));
    s->broken |= payload.failed;
    tw_buf_done(&payload);
    return st;
}

tw_status tw_solo_block(tw_ctx *cx, tw_solo *s, uint64_t tick_s, const tw_bytes *ops, size_t count, tw_applied *results,
                        tw_status *status)
{
    TW_TRY(put_block(cx, s, tick_s, ops, count, results, status));
    tw_err_clear(cx);
    return TW_OK;
}

static uint64_t tick_for(const tw_solo *s, uint64_t now_s)
{
    return now_s > tw_ledger_time(s->ledger) ? now_s : 0;
}

tw_status tw_solo_submit(tw_ctx *cx, tw_applied *out, tw_solo *s, uint64_t now_s, tw_bytes op)
{
    tw_status status = TW_OK;
    TW_TRY(put_block(cx, s, tick_for(s, now_s), &op, 1, out, &status));
    return status;
}

tw_status tw_solo_tick(tw_ctx *cx, tw_solo *s, uint64_t now_s)
{
    return put_block(cx, s, tick_for(s, now_s), NULL, 0, NULL, NULL);
}

/* ---------------------------------------------------------------- reading */

const tw_ledger *tw_solo_ledger(const tw_solo *s)
{
    return s->ledger;
}

uint64_t tw_solo_loaded(const tw_solo *s)
{
    return s->trusted;
}

tw_status tw_solo_entry(tw_ctx *cx, tw_bytes *out, const tw_solo *s, uint64_t idx)
{
    uint8_t leaf[32];
    size_t got = 0;
    TW_TRY(tw_solo_usable(cx, s));
    if (idx >= tw_ledger_size(s->ledger))
        return tw_fail(cx, TW_ENOTFOUND, "there is no entry %llu", (unsigned long long)idx);
    tw_entry_place at;
    TW_TRY(tw_solo_find(cx, &at, s, idx));
    uint8_t *p = tw_try_array(cx->arena, uint8_t, at.n);
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "no memory left for entry %llu", (unsigned long long)idx);
    tw_status st = s->disk->read(s->disk->self, s->segments.file, at.off, p, at.n, &got);
    if (st != TW_OK)
        return tw_fail(cx, st, "cannot read entry %llu", (unsigned long long)idx);
    tw_merkle_leaf(leaf, (tw_bytes){ p, got });
    if (memcmp(leaf, tw_ledger_leaves(s->ledger) + idx * 32, 32) != 0)
        return tw_fail(cx, TW_EVERIFY, "%s/segments: entry %llu has changed", s->dir, (unsigned long long)idx);
    *out = (tw_bytes){ p, got };
    return TW_OK;
}

tw_status tw_solo_checkpoint(tw_ctx *cx, tw_str *note, const tw_solo *s)
{
    if (!s->note_size)
        return tw_fail(cx, TW_ENOTFOUND, "%s has no checkpoint", s->dir);
    *note = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&s->note)));
    return TW_OK;
}

tw_status tw_solo_receipt(tw_ctx *cx, tw_str *proof, const tw_solo *s, uint64_t idx)
{
    uint8_t *path;
    size_t count;
    if (idx >= s->note_size)
        return tw_fail(cx, TW_ENOTFOUND, "entry %llu is under no checkpoint", (unsigned long long)idx);
    TW_TRY(tw_merkle_path(cx, &path, &count, tw_ledger_leaves(s->ledger), idx, s->note_size));
    return tw_tlog_proof_make(cx, proof, idx, path, count, tw_str_of_bytes(tw_buf_view(&s->note)));
}

/* ---------------------------------------------------------------- check */

static tw_status check_entries(tw_ctx *cx, const tw_solo *s, const tw_block *b)
{
    tw_rd in = tw_rd_of(b->payload);
    for (uint64_t i = b->first; i < b->first + b->count; i++) {
        uint8_t leaf[32];
        tw_merkle_leaf(leaf, tw_rd_var(&in, TW_BLOCK_PAYLOAD_MAX));
        if (i >= tw_ledger_size(s->ledger) || memcmp(leaf, tw_ledger_leaves(s->ledger) + i * 32, 32) != 0)
            return tw_fail(cx, TW_EVERIFY, "%s/segments: entry %llu has changed", s->dir, (unsigned long long)i);
    }
    return tw_rd_end(cx, &in, "block");
}

static tw_status check_segments(tw_ctx *cx, const tw_solo *s)
{
    tw_segments file = { 0 };
    tw_cursor at = { 0 };
    tw_block b;
    tw_block_is is = TW_BLOCK_GOOD;
    tw_status st = tw_segments_open(cx, &file, s->dir, TW_OPEN_READ);
    while (st == TW_OK) {
        st = tw_block_read(cx, &b, &is, &file, &at);
        if (st != TW_OK || is != TW_BLOCK_GOOD)
            break;
        st = check_entries(cx, s, &b);
    }
    if (st == TW_OK && (is != TW_BLOCK_NONE || at.idx != tw_ledger_size(s->ledger)))
        st = tw_fail(cx, TW_EVERIFY, "%s/segments: no whole block at byte %llu", s->dir, (unsigned long long)at.off);
    tw_segments_close(&file);
    return st;
}

tw_status tw_solo_check(tw_ctx *cx, const tw_solo *s)
{
    tw_str notes;
    tw_solo look = *s; /* what the checks remember stays out of the caller's */
    look.trusted = 0;
    memset(look.tile_count, 0, sizeof look.tile_count);
    TW_TRY(tw_solo_usable(cx, s));
    TW_TRY(check_segments(cx, s));
    TW_TRY(tw_notes_read(cx, &notes, s->dir));
    tw_buf_init(&look.note, TW_MIB);
    tw_status st = tw_solo_load_notes(cx, &look, notes, true, false);
    if (st == TW_OK && look.note_size != tw_ledger_size(s->ledger))
        st = tw_fail(cx, TW_EVERIFY, "checkpoints: the newest covers %llu of %llu entries",
                     (unsigned long long)look.note_size, (unsigned long long)tw_ledger_size(s->ledger));
    tw_buf_done(&look.note);
    if (st != TW_OK) {
        tw_wrap(cx, "%s", s->dir);
        return st;
    }
    return tw_solo_check_tiles(cx, &look, false);
}
