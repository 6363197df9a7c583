#include "world.h"

#include "engine_internal.h"

#define ENTRIES_MAX 512

static tw_ctx cx; /* lives as long as the process */
static tw_env env;
static tw_world world;
static tw_ledger *played;
static tw_bytes entry[ENTRIES_MAX];
static fuzz_log short_log = { .ticks = 12 };
static fuzz_log long_log = { .ticks = 300 };

const tw_world *fuzz_world(void)
{
    if (!cx.arena) {
        tw_base_start();
        tw_ctx_init(&cx, 256 * TW_MIB, &env);
        tw_world_make(&cx, &world);
    }
    return &world;
}

/* ---------------------------------------------------------------- every kind of operation */

static void put(TW_UNUSED void *arg, uint64_t tick_s, tw_bytes op)
{
    tw_applied a;
    FUZZ_CHECK((op.n ? tw_ledger_submit(&cx, &a, played, op) : tw_ledger_tick(&cx, &a, played, tick_s)) == TW_OK);
    FUZZ_CHECK(a.idx < ENTRIES_MAX);
    entry[a.idx] = a.entry;
}

const tw_ledger *fuzz_ledger(void)
{
    if (!played) {
        tw_world w = *fuzz_world(); /* the play counts nonces up */
        FUZZ_CHECK(tw_ledger_new(&cx, &played, &entry[0], w.genesis_body) == TW_OK);
        tw_world_play(&cx, &w, put, NULL);
    }
    return played;
}

tw_bytes fuzz_entry(uint64_t idx)
{
    FUZZ_CHECK(idx < tw_ledger_size(fuzz_ledger()));
    return entry[idx];
}

/* ---------------------------------------------------------------- a log folder */

static void add_block(tw_buf *segments, tw_cursor *at, uint32_t count, tw_buf *payload)
{
    size_t before = segments->n;
    tw_block_encode(segments, at, count, tw_buf_view(payload));
    FUZZ_CHECK(!segments->failed && !payload->failed);
    at->off = segments->n;
    at->idx += count;
    tw_sha256_of(at->previous, (tw_bytes){ segments->p + before, TW_BLOCK_HEADER });
    tw_buf_clear(payload);
}

/* Blocks of many ticks: a node makes one a block, a reader takes them all the same. */
static void write_segments(tw_buf *out, unsigned ticks)
{
    const uint32_t in_block = ticks / FUZZ_BLOCKS;
    tw_cursor at = { 0 };
    tw_ledger *l;
    tw_bytes genesis;
    tw_buf payload;
    tw_buf_init(&payload, TW_MIB);
    FUZZ_CHECK(tw_ledger_new(&cx, &l, &genesis, fuzz_world()->genesis_body) == TW_OK);
    tw_buf_var(&payload, genesis);
    add_block(out, &at, 1, &payload);
    for (unsigned i = 1; i <= ticks; i++) {
        tw_applied a;
        FUZZ_CHECK(tw_ledger_tick(&cx, &a, l, TW_WORLD_TIME + i) == TW_OK);
        tw_buf_var(&payload, a.entry);
        if (i % in_block == 0)
            add_block(out, &at, in_block, &payload);
    }
    tw_buf_done(&payload);
    tw_ledger_free(l);
}

static const fuzz_log *make_log(fuzz_log *l)
{
    tw_buf segments;
    if (l->disk)
        return l;
    const tw_world *w = fuzz_world();
    tw_buf_init(&segments, TW_MIB);
    write_segments(&segments, l->ticks);
    l->disk = tw_simdisk_new();
    env.disk = tw_simdisk_vtable(l->disk);
    FUZZ_CHECK(tw_dir_make(&cx, FUZZ_LOG) == TW_OK);
    tw_simdisk_put(l->disk, FUZZ_LOG "/segments", tw_buf_view(&segments));
    tw_buf_done(&segments);
    /* Signs a checkpoint and writes the tiles. */
    FUZZ_CHECK(tw_solo_open(&cx, &l->solo, FUZZ_LOG, w->log_seed) == TW_OK);
    return l;
}

const fuzz_log *fuzz_log_short(void)
{
    return make_log(&short_log);
}

const fuzz_log *fuzz_log_long(void)
{
    return make_log(&long_log);
}

tw_bytes fuzz_log_file(const fuzz_log *l, const char *name)
{
    return tw_simdisk_get(l->disk, tw_path(&cx, FUZZ_LOG, name));
}
