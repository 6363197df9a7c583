/* The signing node: what it stores and gives back, cuts into blocks, receipts, export. */
#include "test.h"

#include "engine/engine.h"
#include "ledger_world.h"
#include "simdisk.h"

static tw_world w;
static tw_simdisk *disk;

static void start(void)
{
    disk = tw_simdisk_new();
    tw_test_env()->disk = tw_simdisk_vtable(disk);
    tw_world_make(cx, &w);
}

static void finish(void)
{
    tw_simdisk_free(disk);
    disk = NULL;
}

static tw_solo *create(const char *dir)
{
    tw_solo *s;
    assert_ok(tw_solo_create(cx, dir, w.genesis_body, w.log_seed));
    assert_ok(tw_solo_open(cx, &s, dir, w.log_seed));
    return s;
}

static tw_bytes batch_op(tw_actor *a)
{
    return tw_world_op(cx, &w, a, TW_ENTRY_BATCH, tw_body_batch(cx, &(tw_batch_body){ .leaves = 1 }));
}

static tw_str note_of(const tw_solo *s)
{
    tw_str note;
    assert_ok(tw_solo_checkpoint(cx, &note, s));
    return note;
}

TEST(solo__keeps_what_it_answered)
{
    tw_solo *s;
    tw_applied a, b;
    tw_bytes entry;
    uint8_t root[32], again[32];
    start();
    s = create("log");
    assert_ok(tw_solo_submit(cx, &a, s, TW_WORLD_TIME + 1, batch_op(&w.source)));
    assert_ok(tw_solo_submit(cx, &b, s, TW_WORLD_TIME + 1, batch_op(&w.source)));
    assert_int_equal(2, a.idx); /* after genesis and a tick */
    assert_int_equal(3, b.idx); /* the clock did not move */
    assert_ok(tw_solo_tick(cx, s, TW_WORLD_TIME + 9));
    assert_ok(tw_solo_tick(cx, s, TW_WORLD_TIME + 3)); /* behind: nothing */
    assert_int_equal(5, tw_ledger_size(tw_solo_ledger(s)));
    assert_int_equal(TW_WORLD_TIME + 9, tw_ledger_time(tw_solo_ledger(s)));
    tw_ledger_app_hash(root, tw_solo_ledger(s));
    tw_str note = note_of(s);
    assert_ok(tw_solo_check(cx, s));
    tw_solo_close(s);
    for (int writes = 0; writes < 2; writes++) {
        assert_ok(tw_solo_open(cx, &s, "log", writes ? w.log_seed : NULL));
        tw_ledger_app_hash(again, tw_solo_ledger(s));
        assert_memory_equal(root, again, 32);
        assert_true(tw_str_eq(note, note_of(s)));
        assert_ok(tw_solo_entry(cx, &entry, s, a.idx));
        assert_true(tw_bytes_eq(entry, a.entry));
        assert_status(TW_ENOTFOUND, tw_solo_entry(cx, &entry, s, 5));
        assert_ok(tw_solo_check(cx, s));
        tw_solo_close(s);
    }
    finish();
}

TEST(solo__says_per_operation_why_it_was_not_logged)
{
    tw_solo *s;
    tw_applied a[3];
    tw_status status[3];
    start();
    s = create("log");
    tw_bytes ops[3] = { batch_op(&w.source), batch_op(&w.source), batch_op(&w.relay) };
    ops[1].n--;
    assert_ok(tw_solo_block(cx, s, 0, ops, 3, a, status));
    assert_int_equal(TW_OK, status[0]);
    assert_int_equal(TW_EPARSE, status[1]);
    assert_int_equal(TW_OK, status[2]);
    assert_int_equal(TW_CODE_ROLE, a[2].code);
    assert_int_equal(3, tw_ledger_size(tw_solo_ledger(s)));
    assert_status(TW_EPARSE, tw_solo_submit(cx, a, s, 0, ops[1]));
    assert_string_not_equal("", cx->err.msg);
    uint64_t calls = tw_simdisk_calls(disk);
    assert_ok(tw_solo_block(cx, s, 0, ops + 1, 1, a, status)); /* nothing logged: no block */
    assert_int_equal(calls, tw_simdisk_calls(disk));
    assert_status(TW_EREFUSED, tw_solo_block(cx, s, TW_WORLD_TIME - 1, NULL, 0, NULL, NULL));
    assert_ok(tw_solo_check(cx, s));
    tw_solo_close(s);
    finish();
}

TEST(solo__syncs_once_a_block_before_it_answers)
{
    tw_solo *s;
    tw_applied a;
    start();
    s = create("log");
    for (int i = 0; i < 5; i++) {
        uint64_t syncs = tw_simdisk_syncs(disk);
        assert_ok(tw_solo_submit(cx, &a, s, TW_WORLD_TIME + (uint64_t)i, batch_op(&w.source)));
        assert_int_equal(syncs + 1, tw_simdisk_syncs(disk));
    }
    tw_solo_close(s);
    finish();
}

TEST(solo__wants_its_own_key_and_an_empty_place)
{
    tw_solo *s;
    tw_applied a;
    uint8_t other[32] = { 1 };
    start();
    assert_status(TW_ECONFIG, tw_solo_create(cx, "log", w.genesis_body, other));
    assert_status(TW_ENOTFOUND, tw_solo_open(cx, &s, "log", w.log_seed));
    assert_status(TW_EPARSE, tw_solo_create(cx, "log", (tw_bytes){ w.genesis_body.p, 40 }, w.log_seed));
    s = create("log");
    assert_status(TW_ECONFLICT, tw_solo_create(cx, "log", w.genesis_body, w.log_seed));
    tw_solo_close(s);
    assert_status(TW_ECONFIG, tw_solo_open(cx, &s, "log", other));
    assert_ok(tw_solo_open(cx, &s, "log", NULL));
    assert_status(TW_EREFUSED, tw_solo_submit(cx, &a, s, 0, batch_op(&w.source)));
    tw_solo_close(s);
    finish();
}

/* ---------------------------------------------------------------- any cut into blocks */

#define STEPS_MAX 256

typedef struct {
    uint64_t tick_s;
    tw_bytes op;
} step;

static step steps[STEPS_MAX];
static size_t step_count;

static void add_step(TW_UNUSED void *arg, uint64_t tick_s, tw_bytes op)
{
    TW_ASSERT(step_count < STEPS_MAX);
    steps[step_count++] = (step){ tick_s, op };
}

typedef struct {
    uint8_t log[32], state[32], app[32];
    tw_str body; /* of the checkpoint */
} roots;

static roots roots_of(const tw_solo *s)
{
    roots r;
    tw_ledger_log_root(r.log, tw_solo_ledger(s));
    tw_ledger_state_root(r.state, tw_solo_ledger(s));
    tw_ledger_app_hash(r.app, tw_solo_ledger(s));
    r.body = note_of(s); /* Ed25519 signs the same bytes with the same signature */
    return r;
}

/* Plays the steps; a block ends before a tick and after an operation wherever `cut` says so. */
static void play(tw_solo *s, bool (*cut)(void), void (*at_block)(const tw_solo *s))
{
    size_t i = 0;
    while (i < step_count) {
        tw_bytes ops[STEPS_MAX];
        tw_applied results[STEPS_MAX];
        tw_status status[STEPS_MAX];
        uint64_t tick = steps[i].tick_s;
        size_t n = 0;
        i += tick != 0;
        while (i < step_count && !steps[i].tick_s && !(n && cut()))
            ops[n++] = steps[i++].op;
        assert_ok(tw_solo_block(cx, s, tick, ops, n, results, status));
        for (size_t k = 0; k < n; k++)
            assert_int_equal(TW_OK, status[k]);
        at_block(s);
    }
}

static bool always(void)
{
    return true;
}

static bool never(void)
{
    return false;
}

static bool sometimes(void)
{
    return tw_test_below(3) == 0;
}

static roots at_size[STEPS_MAX + 2];

static void remember(const tw_solo *s)
{
    at_size[tw_ledger_size(tw_solo_ledger(s))] = roots_of(s);
}

static size_t compared;

static void compare(const tw_solo *s)
{
    uint64_t size = tw_ledger_size(tw_solo_ledger(s));
    roots r = roots_of(s);
    if (!at_size[size].body.n)
        return; /* inside a block of the reference: a tick and its first operation */
    assert_memory_equal(r.log, at_size[size].log, 32);
    assert_memory_equal(r.state, at_size[size].state, 32);
    assert_memory_equal(r.app, at_size[size].app, 32);
    assert_true(tw_str_eq(r.body, at_size[size].body));
    compared++;
}

TEST(blocks__of_any_cut_give_the_same_roots_and_checkpoints)
{
    bool (*const cuts[])(void) = { never, sometimes, sometimes, sometimes };
    start();
    step_count = compared = 0;
    memset(at_size, 0, sizeof at_size);
    tw_world_play(cx, &w, add_step, NULL);
    tw_solo *s = create("one");
    play(s, always, remember);
    uint64_t size = tw_ledger_size(tw_solo_ledger(s));
    tw_solo_close(s);
    for (size_t i = 0; i < TW_COUNT(cuts); i++) {
        char dir[16];
        snprintf(dir, sizeof dir, "cut-%zu", i);
        s = create(dir);
        play(s, cuts[i], compare);
        assert_int_equal(size, tw_ledger_size(tw_solo_ledger(s)));
        assert_ok(tw_solo_check(cx, s));
        tw_solo_close(s);
    }
    assert_true(compared > 150);
    finish();
}

/* ---------------------------------------------------------------- receipts, export */

static tw_solo *with_ticks(const char *dir, uint64_t size)
{
    tw_solo *s = create(dir);
    while (tw_ledger_size(tw_solo_ledger(s)) < size) {
        tw_mark mark = tw_arena_mark(cx->arena);
        assert_ok(tw_solo_tick(cx, s, tw_ledger_time(tw_solo_ledger(s)) + 1));
        tw_arena_back(cx->arena, mark);
    }
    return s;
}

TEST(receipt__of_every_entry_verifies_and_of_no_other)
{
    start();
    tw_solo *s = with_ticks("log", 70);
    const tw_genesis *g = tw_ledger_genesis(tw_solo_ledger(s));
    for (uint64_t i = 0; i < 70; i++) {
        tw_str proof;
        tw_bytes entry, other;
        uint64_t idx, size;
        uint8_t root[32], want[32];
        assert_ok(tw_solo_receipt(cx, &proof, s, i));
        assert_ok(tw_solo_entry(cx, &entry, s, i));
        assert_ok(tw_tlog_proof_open(cx, &idx, &size, root, proof, entry, g->origin, g->log_key));
        assert_int_equal(i, idx);
        assert_int_equal(70, size);
        tw_ledger_log_root(want, tw_solo_ledger(s));
        assert_memory_equal(want, root, 32);
        assert_ok(tw_solo_entry(cx, &other, s, (i + 1) % 70));
        assert_int_not_equal(TW_OK, tw_tlog_proof_open(cx, &idx, &size, root, proof, other, g->origin, g->log_key));
    }
    tw_str proof;
    assert_status(TW_ENOTFOUND, tw_solo_receipt(cx, &proof, s, 70));
    tw_solo_close(s);
    finish();
}

static void assert_tile(const tw_solo *s, const char *path, uint64_t first, uint64_t n)
{
    tw_bytes file = tw_simdisk_get(disk, path);
    assert_int_equal(n * 32, file.n);
    assert_memory_equal(tw_ledger_leaves(tw_solo_ledger(s)) + first * 32, file.p, file.n);
}

TEST(export__writes_tiles_and_entries_as_c2sp_says)
{
    start();
    tw_solo *s = with_ticks("log", 600);
    assert_ok(tw_solo_export(cx, s, "out"));
    assert_tile(s, "out/tile/0/000", 0, 256);
    assert_tile(s, "out/tile/0/001", 256, 256);
    assert_tile(s, "out/tile/0/002.p/88", 512, 88);
    assert_false(tw_path_exists(cx, "out/tile/0/003.p/0"));
    tw_bytes up = tw_simdisk_get(disk, "out/tile/1/000.p/2");
    uint8_t root[32];
    assert_int_equal(64, up.n);
    tw_merkle_root(root, tw_ledger_leaves(tw_solo_ledger(s)) + 256 * 32, 256);
    assert_memory_equal(root, up.p + 32, 32);
    assert_true(tw_str_eq(note_of(s), tw_str_of_bytes(tw_simdisk_get(disk, "out/checkpoint"))));
    tw_rd in = tw_rd_of(tw_simdisk_get(disk, "out/tile/entries/002.p/88"));
    for (uint64_t i = 512; i < 600; i++) {
        uint8_t leaf[32];
        size_t n = tw_rd_u16(&in);
        tw_merkle_leaf(leaf, tw_rd_view(&in, n));
        assert_memory_equal(tw_ledger_leaves(tw_solo_ledger(s)) + i * 32, leaf, 32);
    }
    assert_ok(tw_rd_end(cx, &in, "bundle"));
    /* the flat files hold the same */
    assert_tile(s, "log/tile.0", 0, 600);
    assert_true(tw_bytes_eq(up, tw_simdisk_get(disk, "log/tile.1")));
    tw_solo_close(s);
    finish();
}
