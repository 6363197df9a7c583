/* What a crash, a cut, or a changed byte leaves of a log: exactly a committed prefix, or a refusal. */
#include "test.h"

#include "engine/engine.h"
#include "engine/engine_internal.h"
#include "ledger_world.h"
#include "simdisk.h"

#define BLOCKS 6 /* genesis; tick; two pages; three pages; one page; tick */
#define PAGE TW_BLOCK_ALIGN

static tw_world w;
static tw_simdisk *disk;
static uint64_t block_off[BLOCKS + 1]; /* and the end */
static uint64_t block_size[BLOCKS + 1]; /* log size before block i */
static tw_bytes segments, notes;        /* of the whole log */

static tw_bytes big_op(size_t n)
{
    uint8_t *body = tw_arena_get(cx->arena, n);
    for (size_t i = 0; i < n; i++)
        body[i] = (uint8_t)(tw_test_random() | 1); /* no zero byte: a dropped page is a changed page */
    return tw_world_op(cx, &w, &w.clinician, TW_ENTRY_BREAK_GLASS, (tw_bytes){ body, n });
}

static void put(tw_solo *s, size_t i, const tw_bytes *op)
{
    tw_applied a;
    tw_status st;
    block_off[i] = s->end.off;
    block_size[i] = tw_ledger_size(tw_solo_ledger(s));
    assert_ok(tw_solo_block(cx, s, TW_WORLD_TIME + i, op, op ? 1 : 0, &a, &st));
}

static void start(void)
{
    tw_solo *s;
    disk = tw_simdisk_new();
    tw_test_env()->disk = tw_simdisk_vtable(disk);
    tw_world_make(cx, &w);
    assert_ok(tw_solo_create(cx, "log", w.genesis_body, w.log_seed));
    assert_ok(tw_solo_open(cx, &s, "log", w.log_seed));
    tw_bytes ops[3] = { big_op(6000), big_op(10000), big_op(10) };
    block_off[0] = block_size[0] = 0;
    put(s, 1, NULL);
    put(s, 2, &ops[0]);
    put(s, 3, &ops[1]);
    put(s, 4, &ops[2]);
    put(s, 5, NULL);
    block_off[BLOCKS] = s->end.off;
    assert_true(tw_simdisk_get(disk, "log/segments").n > s->end.off); /* room ahead, given back by the close */
    block_size[BLOCKS] = tw_ledger_size(tw_solo_ledger(s));
    tw_solo_close(s);
    segments = tw_bytes_dup(cx->arena, tw_simdisk_get(disk, "log/segments"));
    notes = tw_bytes_dup(cx->arena, tw_simdisk_get(disk, "log/checkpoints"));
    assert_int_equal(2 * PAGE, block_off[3] - block_off[2]);
    assert_int_equal(3 * PAGE, block_off[4] - block_off[3]);
    assert_int_equal(PAGE, block_off[6] - block_off[5]);
    assert_int_equal(block_off[BLOCKS], segments.n);
}

static void finish(void)
{
    tw_simdisk_free(disk);
    disk = NULL;
}

/* Opens as the signer over these files. checkpoints: the whole file, or none at all (all of it was lost). */
static tw_status reopen(uint64_t *size, tw_bytes seg, bool checkpoints)
{
    tw_solo *s;
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_simdisk_put(disk, "log/segments", seg);
    tw_simdisk_put(disk, "log/checkpoints", checkpoints ? notes : (tw_bytes){ 0 });
    tw_status st = tw_solo_open(cx, &s, "log", w.log_seed);
    if (st == TW_OK) {
        *size = tw_ledger_size(tw_solo_ledger(s));
        assert_ok(tw_solo_check(cx, s)); /* what is left is whole: tail cut, tiles and checkpoint mended */
        tw_solo_close(s);
    }
    tw_arena_back(cx->arena, mark);
    return st;
}

static void assert_prefix(uint64_t want, tw_bytes seg)
{
    uint64_t size = 0;
    assert_ok(reopen(&size, seg, false));
    assert_int_equal(want, size);
    if (want == block_size[BLOCKS])
        assert_ok(reopen(&size, seg, true));
    else
        assert_status(TW_EVERIFY, reopen(&size, seg, true)); /* a larger size was signed */
}

/* Size of the log when all from byte x on is gone or zero. */
static uint64_t prefix_at(uint64_t x, bool zeroed)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        uint64_t end = block_off[i + 1];
        while (zeroed && end > block_off[i] && segments.p[end - 1] == 0)
            end--; /* zeroing zero padding changes nothing */
        if (x < end)
            return block_size[i];
    }
    return block_size[BLOCKS];
}

/* The reader of blocks alone, at every byte: cheap. */
static uint64_t scan(tw_bytes seg)
{
    tw_segments s = { 0 };
    tw_cursor at = { 0 };
    tw_block b;
    tw_block_is is = TW_BLOCK_GOOD;
    tw_simdisk_put(disk, "scan/segments", seg);
    assert_ok(tw_segments_open(cx, &s, "scan", TW_OPEN_READ));
    while (is == TW_BLOCK_GOOD)
        assert_ok(tw_block_read(cx, &b, &is, &s, &at));
    bool follows = false;
    if (is == TW_BLOCK_BAD)
        assert_ok(tw_block_follows(cx, &follows, &s, &at));
    assert_false(follows);
    tw_segments_close(&s);
    return at.idx;
}

/* Near the ends of header and payload every byte, elsewhere some. */
static bool look_closely(uint64_t x)
{
    for (size_t i = 3; i < BLOCKS; i++) {
        uint64_t used = block_off[i] + TW_BLOCK_HEADER + tw_be32(segments.p + block_off[i] + 8);
        if ((x >= block_off[i] && x < block_off[i] + 100) || (x + 12 > used && x < used + 12))
            return true;
    }
    return x % 173 == 0;
}

TEST(recovery__from_a_cut_at_every_byte_of_the_last_three_blocks)
{
    start();
    for (uint64_t x = block_off[3]; x <= block_off[BLOCKS]; x++) {
        tw_bytes cut = { segments.p, (size_t)x };
        assert_int_equal(prefix_at(x, false), scan(cut));
        if (look_closely(x))
            assert_prefix(prefix_at(x, false), cut);
    }
    finish();
}

TEST(recovery__from_zeroes_after_every_byte_of_the_last_three_blocks)
{
    start();
    uint8_t *zeroed = tw_arena_get(cx->arena, segments.n);
    for (uint64_t x = block_off[BLOCKS]; x >= block_off[3]; x--) {
        memcpy(zeroed, segments.p, segments.n);
        memset(zeroed + x, 0, segments.n - (size_t)x);
        tw_bytes seg = { zeroed, segments.n };
        assert_int_equal(prefix_at(x, true), scan(seg));
        if (look_closely(x))
            assert_prefix(prefix_at(x, true), seg);
    }
    finish();
}

/* Each subset of the pages of the last four blocks lost: a torn tail is cut, damage before a whole block is
 * refused. */
TEST(recovery__from_every_subset_of_lost_pages)
{
    start();
    size_t pages = (size_t)(block_off[BLOCKS] - block_off[2]) / PAGE;
    size_t cut = 0, refused = 0;
    uint8_t *lost = tw_arena_get(cx->arena, segments.n);
    assert_int_equal(7, pages);
    for (unsigned set = 0; set < 1u << pages; set++) {
        size_t first = BLOCKS, last_whole = 0;
        memcpy(lost, segments.p, segments.n);
        for (size_t p = 0; p < pages; p++)
            if (set >> p & 1)
                memset(lost + block_off[2] + p * PAGE, 0, PAGE);
        for (size_t i = 0; i < BLOCKS; i++) {
            size_t n = (size_t)(block_off[i + 1] - block_off[i]);
            bool whole = memcmp(lost + block_off[i], segments.p + block_off[i], n) == 0;
            first = whole ? first : TW_MIN(first, i);
            last_whole = whole ? i : last_whole;
        }
        uint64_t size;
        if (last_whole > first) {
            assert_status(TW_EVERIFY, reopen(&size, (tw_bytes){ lost, segments.n }, false));
            refused++;
        } else {
            assert_prefix(block_size[first], (tw_bytes){ lost, segments.n });
            cut++;
        }
    }
    assert_int_equal(1u << 7, cut + refused);
    assert_true(cut > 4 && refused > 60);
    finish();
}

/* ---------------------------------------------------------------- room ahead */

/* Blocks, then zeroes to a length, as a killed writer leaves them. */
static tw_bytes with_room(uint64_t used, uint64_t room)
{
    uint8_t *p = tw_arena_get(cx->arena, (size_t)(used + room) + 1);
    memcpy(p, segments.p, (size_t)used);
    return (tw_bytes){ p, (size_t)(used + room) };
}

static tw_status read_and_check(tw_bytes seg)
{
    tw_solo *s;
    tw_simdisk_put(disk, "log/segments", seg);
    tw_status st = tw_solo_open(cx, &s, "log", NULL);
    if (st != TW_OK)
        return st;
    st = tw_solo_check(cx, s);
    tw_solo_close(s);
    return st;
}

TEST(room_ahead__is_the_end_of_the_log)
{
    static const uint64_t rooms[] = { 1, 2, 16, 40, 256 }; /* pages */
    start();
    for (size_t i = 0; i < TW_COUNT(rooms); i++) {
        tw_bytes seg = with_room(segments.n, rooms[i] * PAGE);
        assert_int_equal(block_size[BLOCKS], scan(seg));
        assert_prefix(block_size[BLOCKS], seg);
        assert_ok(read_and_check(seg)); /* what stands there is no finding of an audit */
        assert_int_equal(0, tw_simdisk_get(disk, "log/segments").n % PAGE);
        for (size_t blocks = 3; blocks < BLOCKS; blocks++)
            assert_prefix(block_size[blocks], with_room(block_off[blocks], rooms[i] * PAGE));
    }
    finish();
}

/* Room of half a page, or with a byte in it, is what a writer does not make. */
TEST(room_ahead__with_anything_in_it_is_a_torn_end)
{
    start();
    assert_ok(read_and_check(with_room(segments.n, PAGE)));
    assert_status(TW_EVERIFY, read_and_check(with_room(segments.n, PAGE + 1)));
    assert_status(TW_EVERIFY, read_and_check(with_room(segments.n, 7)));
    for (int i = 0; i < 30; i++) {
        tw_bytes seg = with_room(segments.n, 20 * PAGE);
        uint8_t *bad = tw_arena_get(cx->arena, seg.n);
        memcpy(bad, seg.p, seg.n);
        bad[segments.n + tw_test_below(20 * PAGE)] = 1;
        assert_status(TW_EVERIFY, read_and_check((tw_bytes){ bad, seg.n }));
        assert_prefix(block_size[BLOCKS], (tw_bytes){ bad, seg.n }); /* the writer cuts it */
        assert_int_equal(segments.n, tw_simdisk_get(disk, "log/segments").n);
    }
    finish();
}

/* The last block is torn where room stood before it: any subset of its pages reached the disk. */
TEST(room_ahead__leaves_a_block_whole_or_not_there)
{
    start();
    for (uint64_t block = 2; block < BLOCKS; block++) {
        size_t pages = (size_t)(block_off[block + 1] - block_off[block]) / PAGE;
        for (unsigned set = 0; set < 1u << pages; set++) {
            tw_bytes seg = with_room(block_off[block], (pages + 4) * PAGE);
            uint8_t *torn = tw_arena_get(cx->arena, seg.n);
            memcpy(torn, seg.p, seg.n);
            for (size_t p = 0; p < pages; p++)
                if (set >> p & 1)
                    memcpy(torn + block_off[block] + p * PAGE, segments.p + block_off[block] + p * PAGE, PAGE);
            bool whole = set == (1u << pages) - 1;
            assert_int_equal(block_size[block + whole], scan((tw_bytes){ torn, seg.n }));
            assert_prefix(block_size[block + whole], (tw_bytes){ torn, seg.n });
        }
    }
    finish();
}

/* ---------------------------------------------------------------- changed bytes */

static bool caught(const char *path, tw_bytes file, size_t at)
{
    tw_solo *s;
    tw_mark mark = tw_arena_mark(cx->arena);
    uint8_t *bad = tw_arena_get(cx->arena, file.n);
    memcpy(bad, file.p, file.n);
    bad[at] ^= (uint8_t)(1u << tw_test_below(8));
    tw_simdisk_put(disk, path, (tw_bytes){ bad, file.n });
    tw_status st = tw_solo_open(cx, &s, "log", NULL);
    if (st == TW_OK) {
        st = tw_solo_check(cx, s);
        tw_solo_close(s);
    }
    tw_simdisk_put(disk, path, file);
    tw_arena_back(cx->arena, mark);
    return st == TW_EVERIFY && cx->err.msg[0];
}

TEST(check__finds_any_changed_byte)
{
    static const char *const paths[] = { "log/checkpoints", "log/tile.0", "log/segments" };
    start();
    for (size_t i = 0; i < TW_COUNT(paths); i++) {
        tw_bytes file = tw_bytes_dup(cx->arena, tw_simdisk_get(disk, paths[i]));
        assert_true(file.n > 100);
        for (size_t at = 0; at < file.n; at += i == 2 && !look_closely(at) ? 13 : 1) {
            if (!caught(paths[i], file, at))
                fail_msg("%s: a change at byte %zu was not found", paths[i], at);
        }
    }
    finish();
}

TEST(check__finds_files_that_are_cut_or_gone)
{
    static const char *const paths[] = { "log/checkpoints", "log/tile.0", "log/segments" };
    tw_solo *s;
    start();
    for (size_t i = 0; i < TW_COUNT(paths); i++) {
        tw_bytes file = tw_bytes_dup(cx->arena, tw_simdisk_get(disk, paths[i]));
        size_t cuts[] = { file.n - 1, file.n / 2, 0 };
        for (size_t k = 0; k < TW_COUNT(cuts); k++) {
            tw_simdisk_put(disk, paths[i], (tw_bytes){ file.p, cuts[k] });
            tw_status st = tw_solo_open(cx, &s, "log", NULL);
            if (st == TW_OK) {
                st = tw_solo_check(cx, s);
                tw_solo_close(s);
            }
            assert_status(TW_EVERIFY, st);
        }
        tw_simdisk_put(disk, paths[i], file);
    }
    assert_ok(tw_solo_open(cx, &s, "log", NULL));
    assert_ok(tw_solo_check(cx, s));
    tw_solo_close(s);
    finish();
}

/* ---------------------------------------------------------------- power loss at every call */

/* Three blocks on a log that exists; returns how many were answered. */
static size_t work(tw_applied done[3])
{
    tw_solo *s;
    size_t n = 0;
    if (tw_solo_open(cx, &s, "log", w.log_seed) != TW_OK)
        return 0;
    for (; n < 3; n++) {
        tw_actor a = w.source;
        a.nonce = tw_ledger_next_nonce(tw_solo_ledger(s), &a.id, 0) - 1;
        uint64_t now = tw_ledger_time(tw_solo_ledger(s)) + 1;
        tw_bytes op = tw_world_op(cx, &w, &a, TW_ENTRY_BATCH, tw_body_batch(cx, &(tw_batch_body){ .leaves = 1 }));
        if (tw_solo_submit(cx, &done[n], s, now, op) != TW_OK)
            break;
    }
    if (n < 3) { /* nothing more is taken from it */
        tw_applied never;
        assert_int_not_equal(TW_OK, tw_solo_submit(cx, &never, s, UINT32_MAX, (tw_bytes){ 0 }));
    }
    tw_solo_close(s);
    return n;
}

TEST(power_loss__at_any_call_keeps_every_answer)
{
    size_t died = 0;
    start();
    uint64_t before = block_size[BLOCKS];
    for (uint64_t call = 1; call < 40; call++) {
        for (uint64_t seed = 0; seed < 6; seed++) {
            tw_mark mark = tw_arena_mark(cx->arena);
            tw_simdisk *whole = disk;
            tw_applied done[3];
            tw_solo *s;
            disk = tw_simdisk_copy(whole);
            tw_test_env()->disk = tw_simdisk_vtable(disk);
            tw_simdisk_die_at(disk, call);
            size_t n = work(done);
            died += n < 3;
            tw_simdisk_crash(disk, tw_test_random());
            assert_ok(tw_solo_open(cx, &s, "log", w.log_seed));
            uint64_t size = tw_ledger_size(tw_solo_ledger(s));
            assert_true(size == before + 2 * n || (n < 3 && size == before + 2 * n + 2));
            for (size_t i = 0; i < n; i++) {
                tw_bytes entry;
                assert_ok(tw_solo_entry(cx, &entry, s, done[i].idx));
                assert_true(tw_bytes_eq(entry, done[i].entry));
            }
            assert_ok(tw_solo_check(cx, s));
            tw_solo_close(s);
            assert_int_equal(3, work(done)); /* and it goes on */
            tw_simdisk_free(disk);
            disk = whole;
            tw_test_env()->disk = tw_simdisk_vtable(disk);
            tw_arena_back(cx->arena, mark);
        }
    }
    assert_true(died > 30);
    finish();
}

/* A write or sync that failed once may not be tried again: what the disk holds is not known. */
TEST(failed_write__stops_the_node_until_it_is_opened_again)
{
    start();
    for (uint64_t call = 1; call <= 4; call++) { /* block, sync, tile, checkpoint */
        tw_solo *s;
        assert_ok(tw_solo_open(cx, &s, "log", w.log_seed));
        uint64_t size = tw_ledger_size(tw_solo_ledger(s));
        uint64_t now = tw_ledger_time(tw_solo_ledger(s));
        assert_ok(tw_solo_tick(cx, s, now + 1)); /* its files are open now */
        tw_simdisk_fail_at(disk, call);
        assert_status(TW_EIO, tw_solo_tick(cx, s, now + 2));
        uint64_t calls = tw_simdisk_calls(disk);
        assert_status(TW_EIO, tw_solo_tick(cx, s, now + 3));
        assert_status(TW_EIO, tw_solo_check(cx, s));
        assert_int_equal(calls, tw_simdisk_calls(disk));
        tw_solo_close(s);
        tw_simdisk_crash(disk, call);
        assert_ok(tw_solo_open(cx, &s, "log", w.log_seed));
        uint64_t after = tw_ledger_size(tw_solo_ledger(s));
        assert_true(after == size + 1 || after == size + 2);
        assert_true(call <= 2 || after == size + 2); /* synced */
        assert_ok(tw_solo_check(cx, s));
        tw_solo_close(s);
    }
    finish();
}

/* ---------------------------------------------------------------- two histories */

/* Genesis, then ticks to these seconds; the files go to fresh places in the arena. */
static void ticks(const char *dir, tw_bytes *seg, tw_bytes *note_file, const uint64_t after[3])
{
    tw_solo *s;
    assert_ok(tw_solo_create(cx, dir, w.genesis_body, w.log_seed));
    assert_ok(tw_solo_open(cx, &s, dir, w.log_seed));
    for (size_t i = 0; i < 3; i++)
        assert_ok(tw_solo_tick(cx, s, TW_WORLD_TIME + after[i]));
    tw_solo_close(s);
    *seg = tw_bytes_dup(cx->arena, tw_simdisk_get(disk, tw_path(cx, dir, "segments")));
    *note_file = tw_bytes_dup(cx->arena, tw_simdisk_get(disk, tw_path(cx, dir, "checkpoints")));
}

TEST(open__refuses_signed_checkpoints_of_another_history)
{
    tw_bytes seg[2], note_file[2];
    tw_solo *s;
    start();
    ticks("a", &seg[0], &note_file[0], (const uint64_t[3]){ 1, 2, 4 });
    ticks("b", &seg[1], &note_file[1], (const uint64_t[3]){ 1, 3, 4 });
    for (int with_key = 0; with_key < 2; with_key++) {
        for (int other = 0; other < 2; other++) {
            tw_simdisk_put(disk, "a/checkpoints", note_file[other]);
            assert_status(other ? TW_EVERIFY : TW_OK, tw_solo_open(cx, &s, "a", with_key ? w.log_seed : NULL));
            if (!other)
                tw_solo_close(s);
        }
    }
    finish();
}

TEST(open__takes_no_block_that_does_not_chain)
{
    tw_bytes seg[2], note_file[2];
    tw_solo *s;
    start();
    ticks("a", &seg[0], &note_file[0], (const uint64_t[3]){ 1, 2, 4 });
    ticks("b", &seg[1], &note_file[1], (const uint64_t[3]){ 1, 3, 4 });
    for (size_t own = 1; own <= 4; own++) { /* blocks of a, then the next one of b */
        uint8_t *mixed = tw_arena_get(cx->arena, seg[0].n);
        memcpy(mixed, seg[0].p, seg[0].n);
        memcpy(mixed + own * PAGE, seg[1].p + own * PAGE, seg[0].n - own * PAGE);
        tw_simdisk_put(disk, "a/segments", (tw_bytes){ mixed, TW_MIN(seg[0].n, (own + 1) * PAGE) });
        tw_simdisk_put(disk, "a/checkpoints", (tw_bytes){ 0 });
        assert_ok(tw_solo_open(cx, &s, "a", w.log_seed));
        /* they part at block 2; block 3 of b chains to block 2 of b */
        assert_int_equal(own == 3 ? 3 : TW_MIN(own + 1, (size_t)4), tw_ledger_size(tw_solo_ledger(s)));
        tw_solo_close(s);
    }
    finish();
}
