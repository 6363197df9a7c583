/* A whole site's log before Go's verifiers (golang.org/x/mod/sumdb): exported, every checkpoint that was ever signed,
 * every receipt that a source holds. Skipped where there is no Go. */
#include "test_life.h"

#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static int go_verify(char *dir)
{
    pid_t pid;
    int status;
    char *argv[] = { tw_cstr(cx->arena, TW_STR(TW_SOURCE_DIR "/tests/conform/tlog_go/run")), dir, NULL };
    posix_spawn_file_actions_t files;
    assert_int_equal(0, posix_spawn_file_actions_init(&files));
    assert_int_equal(0, posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO));
    assert_int_equal(0, posix_spawnp(&pid, argv[0], &files, NULL, argv, environ));
    posix_spawn_file_actions_destroy(&files);
    assert_int_equal(pid, waitpid(pid, &status, 0));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* The entry bundles of the export, in one file. */
static void join_entries(const char *dir)
{
    tw_buf all;
    tw_str *name;
    size_t count;
    char *bundles = tw_path(cx, dir, "tile/entries");
    tw_buf_init(&all, 64 * TW_MIB);
    assert_ok(tw_dir_list(cx, &name, &count, bundles));
    for (size_t i = 0; i < count; i++) { /* "000", "001", "002.p/": fewer than 1,000 bundles */
        tw_bytes b;
        tw_str *part;
        size_t parts;
        char *path = tw_path(cx, bundles, tw_cstr(cx->arena, name[i]));
        if (tw_str_ends(name[i], "/")) {
            assert_ok(tw_dir_list(cx, &part, &parts, path));
            assert_int_equal(1, parts);
            path = tw_path(cx, path, part[0].p);
        }
        assert_ok(tw_file_read(cx, &b, path, 64 * TW_MIB));
        tw_buf_add(&all, b.p, b.n);
    }
    assert_ok(tw_file_write(cx, tw_path(cx, dir, "entries"), tw_buf_view(&all)));
    tw_buf_done(&all);
}

/* Signed notes, an empty line after each: one file each. */
static size_t split_checkpoints(const char *dir, const char *site)
{
    tw_bytes file;
    size_t n = 0;
    char *out = tw_path(cx, dir, "checkpoints");
    assert_ok(tw_dir_make(cx, out));
    assert_ok(tw_file_read(cx, &file, tw_path(cx, site, "exchange/log/checkpoints"), 64 * TW_MIB));
    tw_str rest = tw_str_of_bytes(file);
    while (rest.n) {
        size_t text = tw_str_find(rest, TW_STR("\n\n"));
        assert_true(text != SIZE_MAX);
        tw_str after = { rest.p + text + 2, rest.n - text - 2 };
        size_t signatures = tw_str_find(after, TW_STR("\n\n"));
        assert_true(signatures != SIZE_MAX);
        size_t note = text + 2 + signatures + 1;
        assert_ok(tw_file_write(cx, tw_path(cx, out, tw_strf(cx->arena, "%zu", n++).p),
                                (tw_bytes){ (const uint8_t *)rest.p, note }));
        rest = (tw_str){ rest.p + note + 1, rest.n - note - 1 };
    }
    return n;
}

static size_t copy_receipts(const char *dir, const char *site)
{
    tw_str *name;
    size_t count;
    char *out = tw_path(cx, dir, "proofs");
    char *receipts = tw_path(cx, site, "sources/hospital-1/receipts");
    assert_ok(tw_dir_make(cx, out));
    assert_ok(tw_dir_list(cx, &name, &count, receipts));
    for (size_t i = 0; i < count; i++) {
        tw_bytes b;
        assert_ok(tw_file_read(cx, &b, tw_path(cx, receipts, name[i].p), TW_MIB));
        assert_ok(tw_file_write(cx, tw_path(cx, out, name[i].p), b));
    }
    return count;
}

TEST(go__accepts_the_log_of_a_whole_site_and_refuses_it_altered)
{
    world w;
    tw_solo *log;
    life_make(&w, 3);
    life l = life_of(&w, site_dir(&w),
                     LIFE_ENROL | LIFE_COLLECT | LIFE_PROJECT | LIFE_RELEASE | LIFE_CONSENT | LIFE_STOP | LIFE_ERASE);
    assert_int_equal(0, life_run(&l));
    char *dir = tw_path(cx, w.dir, "export");
    assert_ok(tw_solo_open(cx, &log, tw_path(cx, l.site, "exchange/log"), NULL));
    assert_ok(tw_solo_export(cx, log, dir));
    tw_solo_close(log);
    join_entries(dir);
    assert_true(split_checkpoints(dir, l.site) > 10);
    assert_true(copy_receipts(dir, l.site) > 0);
    int code = go_verify(dir);
    char *entries = tw_path(cx, dir, "entries");
    tw_bytes b;
    assert_ok(tw_file_read(cx, &b, entries, 64 * TW_MIB));
    ((uint8_t *)(uintptr_t)b.p)[b.n / 2] ^= 4;
    assert_ok(tw_file_write(cx, entries, b));
    int altered = code == 0 ? go_verify(dir) : 1;
    world_end(&w);
    if (code == 77)
        skip();
    assert_int_equal(0, code);
    assert_int_equal(1, altered);
}
