/* A follower's copy: takes what is signed, executes it itself, refuses another history. */
#include "test.h"

#include "engine/engine.h"
#include "engine/engine_internal.h"
#include "ledger_world.h"
#include "simdisk.h"

static tw_world w;
static tw_simdisk *disk;

static tw_solo *start(void)
{
    tw_solo *s;
    disk = tw_simdisk_new();
    tw_test_env()->disk = tw_simdisk_vtable(disk);
    tw_world_make(cx, &w);
    assert_ok(tw_solo_create(cx, "log", w.genesis_body, w.log_seed));
    assert_ok(tw_solo_open(cx, &s, "log", w.log_seed));
    return s;
}

static void finish(tw_solo *s, tw_solo *copy)
{
    tw_solo_close(s);
    tw_solo_close(copy);
    tw_simdisk_free(disk);
    disk = NULL;
}

/* The blocks of an open log, without the room behind them. */
static tw_bytes blocks(const tw_solo *s)
{
    tw_bytes file = tw_simdisk_get(disk, tw_path(cx, s->dir, "segments"));
    assert_true(file.n >= s->end.off);
    return (tw_bytes){ file.p, (size_t)s->end.off };
}

static void put(tw_solo *s, uint32_t leaves)
{
    tw_applied a;
    tw_bytes body = tw_body_batch(cx, &(tw_batch_body){ .leaves = leaves });
    assert_ok(tw_solo_submit(cx, &a, s, tw_ledger_time(tw_solo_ledger(s)) + 1,
                             tw_world_op(cx, &w, &w.source, TW_ENTRY_BATCH, body)));
    assert_int_equal(TW_CODE_OK, a.code);
}

static void assert_same(const tw_solo *a, const tw_solo *b)
{
    uint8_t x[32], y[32];
    tw_str m, n;
    tw_ledger_app_hash(x, tw_solo_ledger(a));
    tw_ledger_app_hash(y, tw_solo_ledger(b));
    assert_memory_equal(x, y, 32);
    assert_ok(tw_solo_checkpoint(cx, &m, a));
    assert_ok(tw_solo_checkpoint(cx, &n, b));
    assert_true(tw_str_eq(m, n));
}

TEST(follower__copies_catches_up_and_starts_again)
{
    tw_solo *copy = NULL;
    tw_solo *s = start();
    tw_id id = *tw_ledger_id(tw_solo_ledger(s));
    assert_ok(tw_solo_follow(cx, &copy, "keeper", "log", &id));
    assert_same(s, copy);
    for (uint32_t i = 1; i < 6; i++) {
        put(s, i);
        if (i % 2)
            put(s, i);
        assert_ok(tw_solo_follow(cx, &copy, "keeper", "log", &id));
        assert_same(s, copy);
        assert_ok(tw_solo_check(cx, copy));
    }
    assert_ok(tw_solo_follow(cx, &copy, "keeper", "log", &id)); /* nothing new */
    tw_solo_close(copy);
    copy = NULL;
    put(s, 9);
    assert_ok(tw_solo_follow(cx, &copy, "keeper", "log", NULL));
    assert_same(s, copy);
    assert_true(tw_bytes_eq(blocks(s), blocks(copy)));
    tw_applied a;
    assert_status(TW_EREFUSED, tw_solo_submit(cx, &a, copy, 0, (tw_bytes){ 0 })); /* it has no key */
    /* a third party follows the follower */
    tw_solo *third = NULL;
    assert_ok(tw_solo_follow(cx, &third, "auditor", "keeper", &id));
    assert_same(s, third);
    tw_solo_close(third);
    finish(s, copy);
}

TEST(follower__is_pinned_to_its_ledger)
{
    tw_solo *copy = NULL;
    tw_solo *s = start();
    tw_id id = *tw_ledger_id(tw_solo_ledger(s));
    id.b[0] ^= 1;
    assert_status(TW_EVERIFY, tw_solo_follow(cx, &copy, "keeper", "log", &id));
    assert_false(tw_path_exists(cx, "keeper/segments"));
    assert_null(copy);
    assert_ok(tw_solo_follow(cx, &copy, "keeper", "log", NULL));
    assert_status(TW_EVERIFY, tw_solo_follow(cx, &copy, "keeper", "log", &id));
    finish(s, copy);
}

TEST(follower__takes_nothing_that_no_checkpoint_covers)
{
    tw_solo *copy = NULL;
    tw_solo *s = start();
    put(s, 1);
    tw_bytes notes = tw_bytes_dup(cx->arena, tw_simdisk_get(disk, "log/checkpoints"));
    put(s, 2);
    tw_simdisk_put(disk, "log/checkpoints", notes);
    assert_ok(tw_solo_follow(cx, &copy, "keeper", "log", NULL));
    assert_int_equal(3, tw_ledger_size(tw_solo_ledger(copy)));
    tw_simdisk_put(disk, "log/checkpoints", (tw_bytes){ 0 });
    assert_status(TW_EVERIFY, tw_solo_follow(cx, &copy, "keeper", "log", NULL));
    finish(s, copy);
}

TEST(follower__refuses_a_shorter_log)
{
    tw_solo *copy = NULL;
    tw_solo *s = start();
    put(s, 1);
    tw_bytes segments = tw_bytes_dup(cx->arena, tw_simdisk_get(disk, "log/segments"));
    tw_bytes notes = tw_bytes_dup(cx->arena, tw_simdisk_get(disk, "log/checkpoints"));
    put(s, 2);
    assert_ok(tw_solo_follow(cx, &copy, "keeper", "log", NULL));
    tw_simdisk_put(disk, "log/segments", segments);
    assert_status(TW_EVERIFY, tw_solo_follow(cx, &copy, "keeper", "log", NULL));
    tw_simdisk_put(disk, "log/checkpoints", notes);
    assert_status(TW_EVERIFY, tw_solo_follow(cx, &copy, "keeper", "log", NULL));
    finish(s, copy);
}

/* The operator shows two histories, both signed. */
TEST(follower__refuses_a_fork)
{
    for (int longer = 0; longer < 2; longer++) {
        tw_solo *copy = NULL;
        tw_solo *s = start();
        tw_simdisk *other = tw_simdisk_copy(disk);
        uint64_t nonce = w.source.nonce;
        put(s, 1);
        put(s, 2);
        assert_ok(tw_solo_follow(cx, &copy, "keeper", "log", NULL));
        /* the same log from before, going another way */
        const char *const files[] = { "log/segments", "log/checkpoints", "log/tile.0" };
        for (size_t i = 0; i < TW_COUNT(files); i++) {
            tw_bytes old = tw_simdisk_get(other, files[i]);
            char path[32];
            snprintf(path, sizeof path, "fork%s", strchr(files[i], '/'));
            tw_simdisk_put(disk, path, old);
        }
        tw_simdisk_free(other);
        tw_solo *fork;
        w.source.nonce = nonce;
        assert_ok(tw_solo_open(cx, &fork, "fork", w.log_seed));
        for (int i = 0; i < 2 + longer; i++)
            put(fork, 7);
        uint64_t size = tw_ledger_size(tw_solo_ledger(copy));
        assert_status(TW_EVERIFY, tw_solo_follow(cx, &copy, "keeper", "fork", NULL));
        assert_int_equal(size, tw_ledger_size(tw_solo_ledger(copy)));
        assert_ok(tw_solo_follow(cx, &copy, "keeper", "log", NULL)); /* it holds to what it saw */
        tw_solo_close(fork);
        finish(s, copy);
    }
}

/* A checkpoint of another key over the true log, or of the log key over another root. */
TEST(follower__believes_the_log_key_and_its_root_alone)
{
    tw_solo *copy = NULL;
    tw_solo *s = start();
    tw_str note;
    uint8_t root[32], seed[32] = { 9 };
    put(s, 1);
    tw_ledger_log_root(root, tw_solo_ledger(s));
    for (int i = 0; i < 3; i++) {
        root[0] ^= i == 1;
        assert_ok(tw_checkpoint_sign(cx, &note, w.genesis.origin, 3, root, i ? w.log_seed : seed));
        root[0] ^= i == 1;
        tw_str file = tw_strf(cx->arena, TW_FMT "\n", TW_ARG(note));
        tw_simdisk_put(disk, "log/checkpoints", tw_bytes_of(file));
        tw_status st = tw_solo_follow(cx, &copy, "keeper", "log", NULL);
        assert_status(i == 2 ? TW_OK : TW_EVERIFY, st);
    }
    assert_int_equal(3, tw_ledger_size(tw_solo_ledger(copy)));
    finish(s, copy);
}

/* An operator that logs and signs a result which the rules do not give. */
TEST(follower__executes_every_entry_itself)
{
    tw_solo *copy = NULL;
    tw_solo *s = start();
    put(s, 1);
    assert_ok(tw_solo_follow(cx, &copy, "keeper", "log", NULL));
    tw_bytes op = tw_world_op(cx, &w, &w.relay, TW_ENTRY_BATCH, tw_body_batch(cx, &(tw_batch_body){ .leaves = 1 }));
    for (int lie = 1; lie >= 0; lie--) {
        tw_buf payload, entry, block;
        tw_merkle_range range = { 0 };
        uint8_t leaf[32], root[32];
        tw_str note;
        tw_solo *fresh = NULL;
        tw_buf_init(&payload, 70000);
        tw_buf_init(&entry, 70000);
        tw_buf_init(&block, 70000);
        /* a relay may not send batches: the true code is 1 */
        tw_entry e = { .kind = TW_ENTRY_BATCH, .code = lie ? TW_CODE_OK : TW_CODE_ROLE, .idx = 3, .op = op };
        tw_entry_encode(&entry, &e);
        tw_buf_var(&payload, tw_buf_view(&entry));
        tw_block_encode(&block, &copy->end, 1, tw_buf_view(&payload));
        for (uint64_t i = 0; i < 3; i++)
            tw_merkle_range_add(&range, tw_ledger_leaves(tw_solo_ledger(s)) + i * 32);
        tw_merkle_leaf(leaf, tw_buf_view(&entry));
        tw_merkle_range_add(&range, leaf);
        tw_merkle_range_root(root, &range);
        assert_ok(tw_checkpoint_sign(cx, &note, w.genesis.origin, 4, root, w.log_seed));
        tw_bytes old = blocks(s);
        tw_buf whole;
        tw_buf_init(&whole, 1 << 20);
        tw_buf_add(&whole, old.p, old.n);
        tw_buf_add(&whole, block.p, block.n);
        tw_simdisk_put(disk, "liar/segments", tw_buf_view(&whole));
        tw_simdisk_put(disk, "liar/checkpoints", tw_bytes_of(tw_strf(cx->arena, TW_FMT "\n", TW_ARG(note))));
        tw_status st = tw_solo_follow(cx, &fresh, lie ? "keeper-2" : "keeper-3", "liar", NULL);
        assert_status(lie ? TW_EVERIFY : TW_OK, st);
        if (lie) {
            assert_int_not_equal(SIZE_MAX, tw_str_find(tw_str_of(cx->err.msg), TW_STR("entry 3")));
            assert_status(TW_EIO, tw_solo_follow(cx, &fresh, "keeper-2", "log", NULL)); /* it must be opened anew */
            tw_solo_close(fresh);
            fresh = NULL;
            assert_ok(tw_solo_follow(cx, &fresh, "keeper-2", "log", NULL));
            assert_same(s, fresh);
        }
        tw_solo_close(fresh);
        tw_buf_done(&payload);
        tw_buf_done(&entry);
        tw_buf_done(&block);
        tw_buf_done(&whole);
    }
    finish(s, copy);
}
