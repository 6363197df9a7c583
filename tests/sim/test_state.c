/* The stored state of a log in LMDB, on a real disk: written by a thread while blocks come, by a process that is killed
 * anywhere, and read back after damage. What it must be is what a reader gets who replays. */
#include "test.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "engine/engine.h"
#include "io/io.h"
#include "ledger_world.h"

static tw_world w;
static tw_env env;
static tw_io_virtual now;
static char dir[64];
static char *log_dir;

static void start(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%.40s/tw-state-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(dir));
    log_dir = tw_path(cx, dir, "log");
    env = tw_io_env();
    env.clock = tw_io_virtual_clock(&now, 1000);
    cx->env = &env;
    tw_world_make(cx, &w);
    assert_ok(tw_solo_create(cx, log_dir, w.genesis_body, w.log_seed));
}

static void finish(void)
{
    tw_str *names;
    size_t n;
    assert_ok(tw_dir_list(cx, &names, &n, log_dir));
    for (size_t i = 0; i < n; i++)
        assert_int_equal(0, unlink(tw_path(cx, log_dir, names[i].p)));
    assert_int_equal(0, rmdir(log_dir));
    assert_int_equal(0, rmdir(dir));
    cx->env = tw_test_env();
}

static char *state_path(void)
{
    return tw_path(cx, log_dir, "state.mdb");
}

static tw_bytes owner(unsigned person)
{
    tw_world_comp c;
    char name[24];
    snprintf(name, sizeof name, "person %u", person);
    tw_world_comp_make(&c, name);
    return tw_world_owner(cx, &w, &c, TW_OWN_POLICY, 2, TW_BY_A);
}

/* A block of policies of new people; the relay's nonces go on where the log stands. */
static tw_status put(tw_solo *s, size_t count)
{
    tw_bytes ops[64];
    tw_applied results[64];
    tw_status status[64];
    w.relay.nonce = tw_ledger_next_nonce(tw_solo_ledger(s), &w.relay.id, 0) - 1;
    for (size_t i = 0; i < count; i++)
        ops[i] = tw_world_op(cx, &w, &w.relay, TW_ENTRY_OWNER, owner((unsigned)w.relay.nonce));
    return tw_solo_block(cx, s, tw_ledger_time(tw_solo_ledger(s)) + 1, ops, count, results, status);
}

/* Opens as the writer, compares with replay, closes. *trusted: how much was loaded. */
static uint64_t reopen(uint64_t *trusted)
{
    tw_solo *s, *r;
    uint8_t x[32], y[32];
    assert_ok(tw_solo_open(cx, &s, log_dir, w.log_seed));
    assert_ok(tw_solo_open(cx, &r, log_dir, NULL));
    uint64_t size = tw_ledger_size(tw_solo_ledger(s));
    assert_int_equal(size, tw_ledger_size(tw_solo_ledger(r)));
    tw_ledger_app_hash(x, tw_solo_ledger(s));
    tw_ledger_app_hash(y, tw_solo_ledger(r));
    assert_memory_equal(x, y, 32);
    assert_int_equal(tw_ledger_next_nonce(tw_solo_ledger(r), &w.relay.id, 0),
                     tw_ledger_next_nonce(tw_solo_ledger(s), &w.relay.id, 0));
    for (unsigned i = 0; i < 6; i++) {
        tw_bytes a, b;
        uint64_t at = tw_test_below(size);
        assert_ok(tw_solo_entry(cx, &a, s, at));
        assert_ok(tw_solo_entry(cx, &b, r, at));
        assert_true(tw_bytes_eq(a, b));
    }
    *trusted = tw_solo_loaded(s);
    tw_solo_close(r);
    tw_solo_close(s);
    return size;
}

/* ---------------------------------------------------------------- the thread */

static atomic_uint commits;

static void count_commits(TW_UNUSED void *self, const char *point)
{
    if (strcmp(point, "state.after-commit") == 0)
        atomic_fetch_add(&commits, 1);
}

TEST(writer__stores_once_a_second_and_at_the_end)
{
    tw_solo *s;
    uint64_t trusted;
    start();
    env.crash = count_commits;
    assert_ok(tw_solo_open(cx, &s, log_dir, w.log_seed));
    atomic_store(&commits, 0);
    assert_ok(put(s, 20)); /* in the second of the opening */
    assert_ok(put(s, 20));
    assert_int_equal(0, atomic_load(&commits));
    now.now_s++;
    assert_ok(put(s, 20)); /* the thread takes it */
    assert_ok(put(s, 20)); /* the same second */
    tw_solo_close(s);      /* waits for the thread, then stores the rest */
    assert_int_equal(2, atomic_load(&commits));
    uint64_t size = reopen(&trusted);
    assert_int_equal(size, trusted);
    assert_int_equal(2, atomic_load(&commits)); /* nothing changed */
    finish();
}

/* Blocks go on while the thread writes; what is stored is of one moment. */
TEST(writer__keeps_up_with_many_blocks)
{
    tw_solo *s;
    uint64_t trusted;
    start();
    for (int round = 0; round < 3; round++) {
        assert_ok(tw_solo_open(cx, &s, log_dir, w.log_seed));
        for (int i = 0; i < 60; i++) {
            tw_mark mark = tw_arena_mark(cx->arena);
            now.now_s += i % 3 != 0;
            assert_ok(put(s, 1 + tw_test_below(8)));
            tw_arena_back(cx->arena, mark);
        }
        tw_solo_close(s);
        uint64_t size = reopen(&trusted);
        assert_int_equal(size, trusted);
    }
    finish();
}

/* ---------------------------------------------------------------- kills */

static int some_blocks(void *arg)
{
    tw_solo *s;
    const tw_env *outer = cx->env;
    tw_io_crash_hook(&env);
    int code = tw_solo_open(cx, &s, log_dir, w.log_seed) != TW_OK;
    for (int i = 0; !code && i < 6; i++) {
        now.now_s++;
        code = put(s, *(size_t *)arg) != TW_OK;
    }
    if (!code)
        tw_solo_close(s);
    cx->env = outer;
    return code;
}

TEST(kill__at_each_point_of_the_writer_leaves_an_older_state)
{
    static const char *const points[] = { "state.before-write",   "state.before-commit",   "state.after-commit",
                                          "state.before-write:2", "state.before-commit:2", "state.after-commit:2" };
    uint64_t trusted;
    size_t count = 5;
    start();
    for (size_t i = 0; i < TW_COUNT(points); i++) {
        uint64_t before = reopen(&trusted);
        child_end end = child_run(&(child_plan){ .crash_at = points[i] }, some_blocks, &count);
        assert_true(end.killed);
        uint64_t size = reopen(&trusted);
        assert_true(size > before && trusted >= before && trusted <= size);
        reopen(&trusted);
        assert_int_equal(size, trusted);
    }
    finish();
}

TEST(kill__in_the_middle_of_any_write_leaves_a_state_of_the_log)
{
    uint64_t trusted;
    size_t count = 3;
    size_t kills = 0;
    start();
    child_end calm = child_run(&(child_plan){ .crash_at = NULL }, some_blocks, &count);
    assert_int_equal(0, calm.code);
    uint64_t size = reopen(&trusted);
    for (int i = 0; i < 40; i++) {
        child_plan plan = { .write_at = 1 + tw_test_below(calm.writes) };
        kills += child_run(&plan, some_blocks, &count).killed;
        uint64_t after = reopen(&trusted);
        assert_true(after >= size && trusted <= after);
        size = after;
        reopen(&trusted);
        assert_int_equal(size, trusted);
    }
    assert_true(kills > 20);
    finish();
}

/* ---------------------------------------------------------------- damage */

static void overwrite(tw_bytes content)
{
    assert_ok(tw_file_write(cx, state_path(), content));
}

TEST(damage__of_the_whole_file_is_mended)
{
    tw_solo *s;
    tw_bytes whole;
    uint64_t trusted;
    start();
    assert_ok(tw_solo_open(cx, &s, log_dir, w.log_seed));
    for (int i = 0; i < 4; i++)
        assert_ok(put(s, 60));
    tw_solo_close(s);
    uint64_t size = reopen(&trusted);
    assert_int_equal(size, trusted);
    assert_ok(tw_file_read(cx, &whole, state_path(), 64 * TW_MIB));
    uint8_t *noise = tw_arena_get(cx->arena, whole.n);
    for (size_t i = 0; i < whole.n; i++)
        noise[i] = (uint8_t)tw_test_random();
    tw_bytes bad[] = { { whole.p, 0 },    { whole.p, 4096 }, { whole.p, whole.n / 2 }, { whole.p, whole.n - 4096 },
                       { noise, whole.n }, { noise, 100 } };
    for (size_t i = 0; i < TW_COUNT(bad); i++) {
        overwrite(bad[i]);
        reopen(&trusted);
        bool last_page = bad[i].n == whole.n - 4096; /* it may hold nothing in use: the rest is whole, and proves it */
        assert_true(trusted == 0 || (last_page && trusted == size));
        reopen(&trusted);
        assert_int_equal(size, trusted);
    }
    finish();
}

/* Opens and closes, in a process of its own; false: it died. */
static bool open_in_child(void)
{
    static const int deadly[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
    int status;
    tw_solo *s;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (size_t i = 0; i < TW_COUNT(deadly); i++)
            signal(deadly[i], SIG_DFL);
        if (!freopen("/dev/null", "w", stderr) || tw_solo_open(cx, &s, log_dir, w.log_seed) != TW_OK)
            _exit(1);
        tw_solo_close(s);
        _exit(0);
    }
    assert_int_equal(child, waitpid(child, &status, 0));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0; /* sanitizers turn a signal into a code */
}

/* Any bit of the file, also those that LMDB trusts: the process may die, twice at most, and then all is well. */
TEST(damage__of_any_bit_is_mended_in_the_end)
{
    tw_solo *s;
    tw_bytes whole;
    uint64_t trusted;
    size_t deaths = 0;
    start();
    assert_ok(tw_solo_open(cx, &s, log_dir, w.log_seed));
    for (int i = 0; i < 4; i++)
        assert_ok(put(s, 60));
    tw_solo_close(s);
    uint64_t size = reopen(&trusted);
    assert_ok(tw_file_read(cx, &whole, state_path(), 64 * TW_MIB));
    uint8_t *bad = tw_arena_get(cx->arena, whole.n);
    for (int i = 0; i < 60; i++) { /* half of them where a page says what it is */
        size_t at = i % 2 ? tw_test_below(whole.n) : tw_test_below(whole.n / 4096) * 4096 + tw_test_below(64);
        memcpy(bad, whole.p, whole.n);
        bad[at] ^= (uint8_t)(1u << tw_test_below(8));
        overwrite((tw_bytes){ bad, whole.n });
        int tries = 0;
        for (; tries < 4 && !open_in_child(); tries++)
            deaths++;
        assert_true(tries <= 2);
        assert_int_equal(size, reopen(&trusted));
    }
    print_message("# %zu deaths\n", deaths);
    finish();
}

/* A changed bit of a record's value is found by the digest of the rows, and by the root. */
TEST(damage__of_a_value_is_mended)
{
    tw_solo *s;
    tw_bytes whole;
    start();
    assert_ok(tw_solo_open(cx, &s, log_dir, w.log_seed));
    for (int i = 0; i < 4; i++)
        assert_ok(put(s, 60));
    tw_solo_close(s);
    assert_ok(tw_file_read(cx, &whole, state_path(), 64 * TW_MIB));
    size_t tried = 0;
    for (size_t at = 0; at + 32 < whole.n && tried < 40; at++) { /* env of a policy is 32 bytes of 0x55 */
        static const uint8_t env_bytes[] = { 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55 };
        if (memcmp(whole.p + at, env_bytes, sizeof env_bytes) != 0)
            continue;
        uint8_t *bad = tw_arena_get(cx->arena, whole.n);
        memcpy(bad, whole.p, whole.n);
        bad[at + tw_test_below(8)] ^= (uint8_t)(1u << tw_test_below(8));
        overwrite((tw_bytes){ bad, whole.n });
        /* pages that LMDB no longer uses hold old copies: then it is loaded, and right */
        uint64_t trusted;
        reopen(&trusted);
        tried += trusted == 0;
        at += 600;
    }
    assert_true(tried > 5);
    finish();
}
