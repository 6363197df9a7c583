/* The real disk, store, lock, clocks, entropy and crash points, in a folder of their own. */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/io.h"

static char dir[64];

static char *in_dir(const char *name)
{
    return tw_path(cx, dir, name);
}

static void start(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%.40s/tw-io-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(dir));
    tw_test_env()->disk = tw_io_disk();
}

static void remove_tree(const char *path)
{
    tw_str *names;
    size_t n;
    assert_ok(tw_dir_list(cx, &names, &n, path));
    for (size_t i = 0; i < n; i++) {
        char *child = tw_path(cx, path, names[i].p);
        if (tw_str_ends(names[i], "/")) {
            child[strlen(child) - 1] = 0;
            remove_tree(child);
        } else {
            assert_int_equal(0, unlink(child));
        }
    }
    assert_int_equal(0, rmdir(path));
}

TEST(disk__opens_in_the_four_ways)
{
    const tw_disk *d = tw_io_disk();
    tw_file *f;
    uint64_t size;
    uint8_t got[16];
    size_t n;
    start();
    char *path = in_dir("a");
    assert_int_equal(TW_ENOTFOUND, d->open(d->self, &f, path, TW_OPEN_READ));
    assert_int_equal(TW_ENOTFOUND, d->open(d->self, &f, path, TW_OPEN_EDIT));
    assert_int_equal(TW_ENOTFOUND, d->open(d->self, &f, in_dir("none/a"), TW_OPEN_APPEND));
    assert_int_equal(TW_OK, d->open(d->self, &f, path, TW_OPEN_APPEND));
    assert_int_equal(TW_OK, d->write(d->self, f, 3, (const uint8_t *)"xyz", 3));
    assert_int_equal(TW_OK, d->sync(d->self, f));
    assert_int_equal(TW_OK, d->sync(d->self, f));
    assert_int_equal(TW_OK, d->size(d->self, f, &size));
    assert_int_equal(6, size);
    d->close(d->self, f);
    assert_int_equal(TW_OK, d->open(d->self, &f, path, TW_OPEN_EDIT));
    assert_int_equal(TW_OK, d->write(d->self, f, 0, (const uint8_t *)"ab", 2));
    assert_int_equal(TW_OK, d->read(d->self, f, 0, got, sizeof got, &n));
    assert_int_equal(6, n);
    assert_memory_equal("ab\0xyz", got, 6);
    assert_int_equal(TW_OK, d->read(d->self, f, 99, got, sizeof got, &n));
    assert_int_equal(0, n);
    assert_int_equal(TW_OK, d->truncate(d->self, f, 1));
    d->close(d->self, f);
    assert_int_equal(TW_OK, d->open(d->self, &f, path, TW_OPEN_READ));
    assert_int_equal(TW_EIO, d->write(d->self, f, 0, got, 1));
    assert_int_equal(TW_OK, d->size(d->self, f, &size));
    assert_int_equal(1, size);
    d->close(d->self, f);
    assert_int_equal(TW_OK, d->open(d->self, &f, path, TW_OPEN_CREATE));
    assert_int_equal(TW_OK, d->size(d->self, f, &size));
    assert_int_equal(0, size);
    d->close(d->self, f);
    struct stat st;
    assert_int_equal(0, stat(path, &st));
    assert_int_equal(0600, st.st_mode & 0777);
    remove_tree(dir);
}

TEST(disk__lists_sorted_makes_folders_and_renames)
{
    tw_str *names;
    size_t n;
    struct stat st;
    start();
    assert_ok(tw_dir_make(cx, in_dir("x/y//z/")));
    assert_ok(tw_dir_make(cx, in_dir("x/y")));
    assert_int_equal(0, stat(in_dir("x/y/z"), &st));
    assert_int_equal(0700, st.st_mode & 0777);
    assert_ok(tw_file_write(cx, in_dir("x/b"), tw_bytes_of(TW_STR("1"))));
    assert_ok(tw_file_write(cx, in_dir("x/a"), tw_bytes_of(TW_STR("2"))));
    assert_ok(tw_file_append(cx, in_dir("x/a"), tw_bytes_of(TW_STR("3"))));
    assert_ok(tw_dir_list(cx, &names, &n, in_dir("x")));
    assert_int_equal(3, n);
    assert_str("a", names[0]);
    assert_str("b", names[1]);
    assert_str("y/", names[2]);
    tw_bytes got;
    assert_ok(tw_file_read(cx, &got, in_dir("x/a"), 10));
    assert_str("23", tw_str_of_bytes(got));
    const tw_disk *d = tw_io_disk();
    assert_int_equal(TW_OK, d->rename(d->self, in_dir("x/a"), in_dir("x/b")));
    assert_false(tw_path_exists(cx, in_dir("x/a")));
    assert_int_equal(TW_ENOTFOUND, d->rename(d->self, in_dir("x/a"), in_dir("x/b")));
    assert_int_equal(TW_ENOTFOUND, d->remove(d->self, in_dir("x/a")));
    assert_int_equal(TW_OK, d->remove(d->self, in_dir("x/b")));
    assert_status(TW_EIO, tw_dir_make(cx, "/dev/null/x"));
    assert_status(TW_ENOTFOUND, tw_dir_list(cx, &names, &n, in_dir("none")));
    remove_tree(dir);
}

TEST(disk__reports_a_full_device)
{
    const tw_disk *d = tw_io_disk();
    tw_file *f;
    if (d->open(d->self, &f, "/dev/full", TW_OPEN_EDIT) != TW_OK)
        skip();
    assert_int_equal(TW_EIO, d->write(d->self, f, 0, (const uint8_t *)"x", 1));
    d->close(d->self, f);
}

/* ---------------------------------------------------------------- store */

static tw_bytes b(const char *s)
{
    return tw_bytes_of(tw_str_of(s));
}

TEST(store__commits_aborts_and_seeks)
{
    tw_kv kv;
    tw_bytes key, val;
    start();
    assert_ok(tw_io_kv_open(cx, &kv, in_dir("kv"), 64 * TW_MIB));
    assert_int_equal(TW_OK, kv.begin(kv.self, true));
    assert_int_equal(TW_OK, kv.put(kv.self, b("b"), b("2")));
    assert_int_equal(TW_OK, kv.put(kv.self, b("a"), b("1")));
    assert_int_equal(TW_OK, kv.put(kv.self, b("a"), b("one")));
    assert_int_equal(TW_OK, kv.commit(kv.self));
    assert_int_equal(TW_OK, kv.begin(kv.self, true));
    assert_int_equal(TW_OK, kv.del(kv.self, b("a")));
    assert_int_equal(TW_OK, kv.del(kv.self, b("nothing")));
    assert_int_equal(TW_ENOTFOUND, kv.get(kv.self, b("a"), &val));
    kv.abort(kv.self);
    kv.close(kv.self);
    assert_ok(tw_io_kv_open(cx, &kv, in_dir("kv"), 64 * TW_MIB));
    assert_int_equal(TW_OK, kv.begin(kv.self, false));
    assert_int_equal(TW_OK, kv.get(kv.self, b("a"), &val));
    assert_str("one", tw_str_of_bytes(val));
    assert_int_equal(TW_OK, kv.seek(kv.self, (tw_bytes){ 0 }, &key, &val));
    assert_str("a", tw_str_of_bytes(key));
    assert_int_equal(TW_OK, kv.seek(kv.self, b("aa"), &key, &val));
    assert_str("b", tw_str_of_bytes(key));
    assert_int_equal(TW_ENOTFOUND, kv.seek(kv.self, b("c"), &key, &val));
    kv.abort(kv.self);
    kv.close(kv.self);
    remove_tree(dir);
}

TEST(store__grows_with_its_content_up_to_its_ceiling)
{
    tw_kv kv;
    struct stat st;
    uint8_t key[4];
    uint8_t *big = tw_arena_get(cx->arena, 65536);
    start();
    assert_ok(tw_io_kv_open(cx, &kv, in_dir("kv"), 16 * TW_MIB));
    assert_int_equal(0, stat(in_dir("kv"), &st));
    assert_true(st.st_size < (off_t)TW_MIB);
    tw_status s = TW_OK;
    uint32_t kept = 0;
    for (uint32_t i = 0; s == TW_OK && i < 1000; i++) {
        tw_put_be32(key, i);
        assert_int_equal(TW_OK, kv.begin(kv.self, true));
        s = kv.put(kv.self, TW_BYTES(key), (tw_bytes){ big, 65536 });
        if (s == TW_OK) {
            assert_int_equal(TW_OK, kv.commit(kv.self));
            kept++;
        } else {
            kv.abort(kv.self);
        }
    }
    assert_int_equal(TW_ELIMIT, s);
    assert_true(kept > 200 && kept < 256);
    kv.close(kv.self);
    assert_ok(tw_io_kv_open(cx, &kv, in_dir("kv"), 64 * TW_MIB)); /* a higher ceiling */
    assert_int_equal(TW_OK, kv.begin(kv.self, true));
    assert_int_equal(TW_OK, kv.put(kv.self, TW_BYTES(key), (tw_bytes){ big, 65536 }));
    assert_int_equal(TW_OK, kv.commit(kv.self));
    kv.close(kv.self);
    remove_tree(dir);
}

/* LMDB would end the process at the first look at a page that is not there. */
/* KiB of mapped files that are in this process' memory. */
static uint64_t rss_file(void)
{
    char line[128];
    unsigned long long kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "RssFile: %llu", &kib) == 1)
            break;
    fclose(f);
    return kib;
}

TEST(store__does_not_stay_in_memory_as_it_grows)
{
    static uint8_t value[1024];
    tw_kv kv;
    tw_bytes val;
    start();
    assert_ok(tw_io_kv_open(cx, &kv, in_dir("kv"), 1024 * TW_MIB));
    uint64_t before = rss_file();
    for (uint64_t i = 0; i < 200000; i += 2000) { /* 200 MB */
        assert_int_equal(TW_OK, kv.begin(kv.self, true));
        for (uint64_t k = i; k < i + 2000; k++)
            assert_int_equal(TW_OK, kv.put(kv.self, (tw_bytes){ (const uint8_t *)&k, 8 }, TW_BYTES(value)));
        assert_int_equal(TW_OK, kv.commit(kv.self));
        assert_int_equal(TW_OK, kv.begin(kv.self, false));
        for (uint64_t k = 0; k < i + 2000; k += 97)
            assert_int_equal(TW_OK, kv.get(kv.self, (tw_bytes){ (const uint8_t *)&k, 8 }, &val));
        kv.abort(kv.self);
        if (rss_file() > before + 128 * 1024)
            fail_msg("%llu KiB before, %llu after %llu rows", (unsigned long long)before,
                     (unsigned long long)rss_file(), (unsigned long long)i);
    }
    kv.close(kv.self);
}

/* What a transaction takes and gives back at the end of the file is never written: the file is shorter than LMDB
 * counts. */
TEST(store__opens_again_after_rows_came_and_went)
{
    tw_kv kv;
    static uint8_t value[9000];
    uint8_t key[4];
    start();
    assert_ok(tw_io_kv_open(cx, &kv, in_dir("kv"), 64 * TW_MIB));
    for (uint32_t round = 0; round < 40; round++) {
        assert_int_equal(TW_OK, kv.begin(kv.self, true));
        for (uint32_t i = 0; i < 50 + round; i++) {
            tw_put_be32(key, i * 7919u);
            assert_int_equal(TW_OK, kv.put(kv.self, TW_BYTES(key), (tw_bytes){ value, 100 + 8000 * (i % 2) }));
        }
        for (uint32_t i = round; i < 50 + round; i++) {
            tw_put_be32(key, i * 7919u);
            assert_int_equal(TW_OK, kv.del(kv.self, TW_BYTES(key)));
        }
        assert_int_equal(TW_OK, kv.commit(kv.self));
        kv.close(kv.self);
        assert_ok(tw_io_kv_open(cx, &kv, in_dir("kv"), 64 * TW_MIB));
    }
    kv.close(kv.self);
    remove_tree(dir);
}

TEST(store__that_lost_its_end_is_told_of_and_ends_nobody)
{
    tw_kv kv;
    tw_bytes file;
    uint8_t key[4];
    tw_bytes val;
    unsigned refused = 0;
    start();
    assert_ok(tw_io_kv_open(cx, &kv, in_dir("kv"), 16 * TW_MIB));
    assert_int_equal(TW_OK, kv.begin(kv.self, true));
    for (uint32_t i = 0; i < 2000; i++) {
        tw_put_be32(key, i);
        assert_int_equal(TW_OK, kv.put(kv.self, TW_BYTES(key), b("some value")));
    }
    assert_int_equal(TW_OK, kv.commit(kv.self));
    kv.close(kv.self);
    assert_ok(tw_file_read(cx, &file, in_dir("kv"), 16 * TW_MIB));
    for (size_t n = file.n - 1; n > 3 * file.n / 4; n -= 5000) {
        assert_ok(tw_file_write(cx, in_dir("kv"), (tw_bytes){ file.p, n }));
        if (tw_io_kv_open(cx, &kv, in_dir("kv"), 16 * TW_MIB) != TW_OK) {
            refused++;
            continue;
        }
        assert_int_equal(TW_OK, kv.begin(kv.self, false));
        bool lost = false;
        for (uint32_t i = 0; i < 2000; i++) {
            tw_put_be32(key, i);
            lost |= kv.get(kv.self, TW_BYTES(key), &val) == TW_EIO;
        }
        refused += lost;
        kv.close(kv.self);
    }
    assert_true(refused > 0);
    assert_ok(tw_file_write(cx, in_dir("kv"), file));
    assert_int_equal(TW_OK, tw_io_kv_open_plain(NULL, &kv, in_dir("kv"), 16 * TW_MIB));
    kv.close(kv.self);
    remove_tree(dir);
}

/* ---------------------------------------------------------------- lock */

TEST(lock__is_held_by_one)
{
    tw_io_lock *one, *two;
    start();
    assert_ok(tw_io_lock_take(cx, &one, in_dir("lock"), 0));
    assert_status(TW_ECONFLICT, tw_io_lock_take(cx, &two, in_dir("lock"), 0));
    assert_status(TW_ECONFLICT, tw_io_lock_take(cx, &two, in_dir("lock"), 30));
    tw_io_lock_drop(one);
    assert_ok(tw_io_lock_take(cx, &two, in_dir("lock"), 0));
    tw_io_lock_drop(two);
    assert_status(TW_ENOTFOUND, tw_io_lock_take(cx, &two, in_dir("none/lock"), 0));
    remove_tree(dir);
}

TEST(lock__is_free_when_its_holder_was_killed)
{
    tw_io_lock *l;
    int ready[2];
    char c;
    start();
    assert_int_equal(0, pipe(ready));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (tw_io_lock_take(cx, &l, in_dir("lock"), 0) == TW_OK && write(ready[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    assert_int_equal(1, read(ready[0], &c, 1));
    assert_status(TW_ECONFLICT, tw_io_lock_take(cx, &l, in_dir("lock"), 0));
    assert_int_equal(0, kill(child, SIGKILL));
    assert_int_equal(child, waitpid(child, NULL, 0));
    assert_ok(tw_io_lock_take(cx, &l, in_dir("lock"), 0));
    tw_io_lock_drop(l);
    close(ready[0]);
    close(ready[1]);
    remove_tree(dir);
}

/* ---------------------------------------------------------------- the rest */

TEST(seeded_entropy__repeats_and_differs_by_seed_label_and_call)
{
    tw_io_seeded a, c;
    uint8_t x[40], y[40];
    tw_entropy e = tw_io_seeded_entropy(&a, 7, "demo");
    tw_entropy f = tw_io_seeded_entropy(&c, 7, "demo");
    e.fill(e.self, x, 40);
    f.fill(f.self, y, 40);
    assert_memory_equal(x, y, 40);
    /* a literal: the same bytes on every machine */
    assert_hex("5c29f36fae1d43cb4616c855846cd6bd", x, 16);
    e.fill(e.self, y, 40);
    assert_memory_not_equal(x, y, 40);
    f = tw_io_seeded_entropy(&c, 8, "demo");
    f.fill(f.self, y, 40);
    assert_memory_not_equal(x, y, 40);
    f = tw_io_seeded_entropy(&c, 7, "other");
    f.fill(f.self, y, 40);
    assert_memory_not_equal(x, y, 40);
    e = tw_io_entropy();
    e.fill(e.self, x, 40);
    e.fill(e.self, y, 40);
    assert_memory_not_equal(x, y, 40);
}

TEST(clocks__tell_their_time)
{
    tw_io_virtual v;
    tw_clock c = tw_io_virtual_clock(&v, 5);
    assert_int_equal(5, c.now_s(c.self));
    v.now_s = 9;
    assert_int_equal(9, c.now_s(c.self));
    c = tw_io_clock();
    assert_true(c.now_s(c.self) > 1700000000);
}

TEST(crash_point__kills_at_the_pass_it_says)
{
    int status;
    start();
    for (int at = 0; at < 3; at++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            static const char *const plans[] = { "p", "p:3", "q" };
            tw_env env = { 0 };
            setenv("TWINWARD_CRASH_AT", plans[at], 1);
            setenv("TWINWARD_CRASH_LOG", in_dir("passed"), 1);
            tw_io_crash_hook(&env);
            for (int i = 0; i < 4; i++) {
                env.crash(env.crash_self, "other");
                env.crash(env.crash_self, "p");
            }
            _exit(0);
        }
        assert_int_equal(child, waitpid(child, &status, 0));
        assert_int_equal(at < 2, WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    }
    tw_bytes passed;
    assert_ok(tw_file_read(cx, &passed, in_dir("passed"), 1000));
    size_t lines = 0;
    for (size_t i = 0; i < passed.n; i++)
        lines += passed.p[i] == '\n';
    assert_int_equal(2 + 6 + 8, lines);
    tw_env env = { 0 };
    unsetenv("TWINWARD_CRASH_AT");
    unsetenv("TWINWARD_CRASH_LOG");
    tw_io_crash_hook(&env);
    assert_null(env.crash);
    remove_tree(dir);
}

TEST(harden__forbids_core_files_and_reading_by_others)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit r;
        tw_io_harden();
        bool ok = getrlimit(RLIMIT_CORE, &r) == 0 && r.rlim_cur == 0 && r.rlim_max == 0 && umask(0) == 077;
        _exit(ok ? 0 : 1);
    }
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
