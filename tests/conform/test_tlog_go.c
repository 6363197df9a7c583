/* Our log files before Go's verifiers: directories with entries, checkpoints and proofs are written here and read by
 * tests/conform/tlog_go, which uses golang.org/x/mod/sumdb alone. Skipped where there is no Go. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "test.h"

#define ORIGIN TW_STR("log.example/conform")

extern char **environ;

static const uint8_t seed[32] = { 1, 2, 3 };

static void write_file(const char *dir, const char *name, tw_bytes data)
{
    FILE *f = fopen(tw_strf(cx->arena, "%s/%s", dir, name).p, "wb");
    assert_non_null(f);
    assert_int_equal(data.n, fwrite(data.p, 1, data.n, f));
    assert_int_equal(0, fclose(f));
}

static tw_str checkpoint_at(const uint8_t *leaves, uint64_t n)
{
    uint8_t root[TW_HASH];
    tw_str note;
    tw_merkle_root(root, leaves, n);
    assert_ok(tw_checkpoint_sign(cx, &note, ORIGIN, n, root, seed));
    return note;
}

static void write_proof(const char *dir, const tw_merkle_tree *tree, uint64_t i, tw_str checkpoint)
{
    uint8_t *path;
    size_t count;
    tw_str proof;
    assert_ok(tw_merkle_tree_path(cx, &path, &count, tree, i));
    assert_ok(tw_tlog_proof_make(cx, &proof, i, path, count, checkpoint));
    write_file(dir, tw_strf(cx->arena, "proofs/%llu.tlog-proof", (unsigned long long)i).p, tw_bytes_of(proof));
}

/* A log of n entries of random length, all smaller checkpoints up to a dozen, and proofs for up to a dozen entries. */
static char *write_log(const char *work, uint64_t n)
{
    char *dir = tw_cstr(cx->arena, tw_strf(cx->arena, "%s/%llu", work, (unsigned long long)n));
    assert_int_equal(0, mkdir(dir, 0700));
    assert_int_equal(0, mkdir(tw_strf(cx->arena, "%s/proofs", dir).p, 0700));
    assert_int_equal(0, mkdir(tw_strf(cx->arena, "%s/checkpoints", dir).p, 0700));
    uint8_t public_key[TW_KEY];
    uint8_t secret[64];
    uint8_t *leaves = tw_arena_get(cx->arena, (size_t)n * TW_HASH);
    tw_buf entries;
    tw_buf_init(&entries, 64 * TW_MIB);
    for (uint64_t i = 0; i < n; i++) {
        uint8_t entry[300];
        size_t entry_n = (size_t)tw_test_below(sizeof entry);
        tw_random(cx, entry, entry_n);
        tw_merkle_leaf(leaves + i * TW_HASH, (tw_bytes){ entry, entry_n });
        tw_buf_u16(&entries, (uint16_t)entry_n);
        tw_buf_add(&entries, entry, entry_n);
    }
    tw_sign_keys(public_key, secret, seed);
    write_file(dir, "vkey", tw_bytes_of(tw_note_vkey(cx, ORIGIN, public_key)));
    write_file(dir, "entries", tw_buf_view(&entries));
    tw_buf_done(&entries);
    tw_str checkpoint = checkpoint_at(leaves, n);
    write_file(dir, "checkpoint", tw_bytes_of(checkpoint));
    tw_merkle_tree tree;
    assert_ok(tw_merkle_tree_build(cx, &tree, leaves, n));
    for (uint64_t i = 0; i < TW_MIN(n, 12); i++) {
        write_proof(dir, &tree, n <= 12 ? i : tw_test_below(n), checkpoint);
        uint64_t older = n <= 12 ? i : tw_test_below(n);
        write_file(dir, tw_strf(cx->arena, "checkpoints/%llu", (unsigned long long)older).p,
                   tw_bytes_of(checkpoint_at(leaves, older)));
    }
    return dir;
}

/* Exit code of a program; its standard output goes to standard error, or nowhere. */
static int run_program(char *const argv[], bool quiet)
{
    pid_t pid;
    int status;
    posix_spawn_file_actions_t files;
    assert_int_equal(0, posix_spawn_file_actions_init(&files));
    if (quiet)
        assert_int_equal(0, posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0));
    else
        assert_int_equal(0, posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO));
    assert_int_equal(0, posix_spawnp(&pid, argv[0], &files, NULL, argv, environ));
    posix_spawn_file_actions_destroy(&files);
    assert_int_equal(pid, waitpid(pid, &status, 0));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int verify(char *dirs[], size_t count, bool quiet)
{
    char *argv[32] = { tw_cstr(cx->arena, TW_STR(TW_SOURCE_DIR "/tests/conform/tlog_go/run")) };
    TW_ASSERT(count < 31);
    for (size_t i = 0; i < count; i++)
        argv[1 + i] = dirs[i];
    return run_program(argv, quiet);
}

static void drop(char *work)
{
    char *argv[] = { tw_cstr(cx->arena, TW_STR("rm")), tw_cstr(cx->arena, TW_STR("-rf")), work, NULL };
    assert_int_equal(0, run_program(argv, true));
}

/* Flips one bit of one byte. */
static void damage(const char *dir, const char *name, long at)
{
    FILE *f = fopen(tw_strf(cx->arena, "%s/%s", dir, name).p, "r+b");
    assert_non_null(f);
    assert_int_equal(0, fseek(f, at, SEEK_SET));
    int c = fgetc(f);
    assert_true(c != EOF);
    assert_int_equal(0, fseek(f, at, SEEK_SET));
    assert_true(fputc(c ^ 1, f) != EOF);
    assert_int_equal(0, fclose(f));
}

TEST(log__of_any_size_is_accepted_by_go)
{
    static const uint64_t sizes[] = { 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 255, 256, 257, 511, 1000, 4097 };
    char work[] = "/tmp/tw-tlog-XXXXXX";
    char *dirs[TW_COUNT(sizes)];
    assert_non_null(mkdtemp(work));
    for (size_t i = 0; i < TW_COUNT(sizes); i++)
        dirs[i] = write_log(work, sizes[i]);
    int code = verify(dirs, TW_COUNT(sizes), false);
    drop(work);
    if (code == 77)
        skip();
    assert_int_equal(0, code);
}

/* The harness itself: it refuses what is changed. */
TEST(log__with_one_changed_byte_is_refused_by_go)
{
    static const struct {
        const char *name;
        long at;
    } cases[] = { { "entries", 2 },
                  { "checkpoint", 20 },
                  { "checkpoint", 100 },
                  { "checkpoints/3", 24 },
                  { "proofs/2.tlog-proof", 40 } };
    char work[] = "/tmp/tw-tlog-XXXXXX";
    assert_non_null(mkdtemp(work));
    int code = 1;
    for (size_t i = 0; i < TW_COUNT(cases) && code == 1; i++) {
        char *sub = tw_cstr(cx->arena, tw_strf(cx->arena, "%s/%zu", work, i));
        assert_int_equal(0, mkdir(sub, 0700));
        char *dir = write_log(sub, 7);
        damage(dir, cases[i].name, cases[i].at);
        code = verify(&dir, 1, true);
    }
    drop(work);
    if (code == 77)
        skip();
    assert_int_equal(1, code);
}
