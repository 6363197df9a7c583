/* A ledger's export before Go's verifiers (tests/conform/tlog_go): the entries come from the exported bundles, the
 * earlier checkpoints from the checkpoints file, the proofs are receipts. Skipped where there is no Go. */
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/engine.h"
#include "io/io.h"
#include "ledger_world.h"
#include "test.h"

extern char **environ;

static tw_world w;
static char work[] = "/tmp/tw-ledger-go-XXXXXX";

static int run_program(char *const argv[])
{
    pid_t pid;
    int status;
    posix_spawn_file_actions_t files;
    assert_int_equal(0, posix_spawn_file_actions_init(&files));
    assert_int_equal(0, posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO));
    assert_int_equal(0, posix_spawnp(&pid, argv[0], &files, NULL, argv, environ));
    posix_spawn_file_actions_destroy(&files);
    assert_int_equal(pid, waitpid(pid, &status, 0));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static char *in_work(const char *name)
{
    return tw_path(cx, work, name);
}

static void put(void *arg, uint64_t tick_s, tw_bytes op)
{
    tw_applied a;
    tw_status st;
    assert_ok(tw_solo_block(cx, arg, tick_s, &op, op.p ? 1 : 0, &a, &st));
}

static tw_solo *make_log(void)
{
    tw_solo *s;
    tw_test_env()->disk = tw_io_disk();
    tw_world_make(cx, &w);
    assert_ok(tw_solo_create(cx, in_work("log"), w.genesis_body, w.log_seed));
    assert_ok(tw_solo_open(cx, &s, in_work("log"), w.log_seed));
    tw_world_play(cx, &w, put, s);
    for (uint64_t i = 1; i < 400; i++)
        put(s, TW_WORLD_TIME + 100000 + i, (tw_bytes){ 0 });
    assert_ok(tw_solo_export(cx, s, in_work("out")));
    return s;
}

static void join_bundles(uint64_t size)
{
    tw_buf all;
    tw_buf_init(&all, 64 * TW_MIB);
    for (uint64_t n = 0; n * 256 < size; n++) {
        tw_bytes bundle;
        uint64_t left = size - n * 256;
        tw_str name = left < 256 ? tw_strf(cx->arena, "out/tile/entries/%03u.p/%u", (unsigned)n, (unsigned)left)
                                 : tw_strf(cx->arena, "out/tile/entries/%03u", (unsigned)n);
        assert_ok(tw_file_read(cx, &bundle, in_work(name.p), 64 * TW_MIB));
        tw_buf_add(&all, bundle.p, bundle.n);
    }
    assert_ok(tw_file_write(cx, in_work("out/entries"), tw_buf_view(&all)));
    tw_buf_done(&all);
}

/* Each note of the checkpoints file: three lines, an empty one, signature lines, an empty one. */
static void split_checkpoints(void)
{
    tw_bytes file;
    assert_ok(tw_dir_make(cx, in_work("out/checkpoints")));
    assert_ok(tw_file_read(cx, &file, in_work("log/checkpoints"), 64 * TW_MIB));
    tw_str rest = tw_str_of_bytes(file);
    unsigned count = 0;
    while (rest.n) {
        size_t body = tw_str_find(rest, TW_STR("\n\n")) + 2;
        size_t n = body + tw_str_find((tw_str){ rest.p + body, rest.n - body }, TW_STR("\n\n")) + 1;
        tw_str name = tw_strf(cx->arena, "out/checkpoints/%u", count);
        if (count++ % 40 == 0)
            assert_ok(tw_file_write(cx, in_work(name.p), (tw_bytes){ file.p + (rest.p - (const char *)file.p), n }));
        rest = (tw_str){ rest.p + n + 1, rest.n - n - 1 };
    }
    assert_true(count > 500);
}

static void write_receipts(const tw_solo *s, uint64_t size)
{
    assert_ok(tw_dir_make(cx, in_work("out/proofs")));
    for (uint64_t i = 0; i < size; i += 61) {
        tw_str proof;
        assert_ok(tw_solo_receipt(cx, &proof, s, i));
        tw_str name = tw_strf(cx->arena, "out/proofs/%u.tlog-proof", (unsigned)i);
        assert_ok(tw_file_write(cx, in_work(name.p), tw_bytes_of(proof)));
    }
}

TEST(export__is_accepted_by_go_and_not_with_a_changed_entry)
{
    assert_non_null(mkdtemp(work));
    tw_solo *s = make_log();
    uint64_t size = tw_ledger_size(tw_solo_ledger(s));
    join_bundles(size);
    split_checkpoints();
    write_receipts(s, size);
    tw_solo_close(s);
    char *argv[] = { tw_cstr(cx->arena, TW_STR(TW_SOURCE_DIR "/tests/conform/tlog_go/run")), in_work("out"), NULL };
    int good = run_program(argv);
    tw_bytes entries;
    assert_ok(tw_file_read(cx, &entries, in_work("out/entries"), 64 * TW_MIB));
    uint8_t *changed = tw_arena_get(cx->arena, entries.n);
    memcpy(changed, entries.p, entries.n);
    changed[entries.n - 1] ^= 1;
    assert_ok(tw_file_write(cx, in_work("out/entries"), (tw_bytes){ changed, entries.n }));
    int bad = good == 77 ? 1 : run_program(argv);
    char *drop[] = { tw_cstr(cx->arena, TW_STR("rm")), tw_cstr(cx->arena, TW_STR("-rf")), work, NULL };
    assert_int_equal(0, run_program(drop));
    if (good == 77)
        skip();
    assert_int_equal(0, good);
    assert_int_equal(1, bad);
}
