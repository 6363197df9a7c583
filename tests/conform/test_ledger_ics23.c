/* State proofs before the published ICS-23 verifier (tests/conform/ics23_go). Skipped where there is no Go or no
 * module. */
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/io.h"
#include "ledger/ledger.h"
#include "ledger_world.h"
#include "test.h"

#define OPENINGS 300

extern char **environ;

static tw_world w;

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

static void put_hex(tw_buf *b, tw_bytes bytes)
{
    tw_buf_str(b, tw_hex(cx->arena, bytes));
    tw_buf_cstr(b, " ");
}

static void put_proof(tw_buf *b, const tw_ledger *l, const uint8_t key[33])
{
    uint8_t root[32];
    tw_bytes proof, value;
    tw_ledger_state_root(root, l);
    assert_ok(tw_ledger_prove_state(cx, &proof, &value, l, key));
    put_hex(b, TW_BYTES(root));
    put_hex(b, (tw_bytes){ key, 33 });
    if (value.n)
        put_hex(b, value);
    else
        tw_buf_cstr(b, "- ");
    put_hex(b, proof);
    tw_buf_cstr(b, "\n");
}

/* Proofs at every size: of the newest record, of an older one, and of two absent keys. */
static tw_bytes proofs(void)
{
    tw_ledger *l;
    tw_buf b;
    uint8_t keys[OPENINGS][33], absent[33];
    tw_world_make(cx, &w);
    assert_ok(tw_ledger_new(cx, &l, NULL, w.genesis_body));
    tw_buf_init(&b, 64 * TW_MIB);
    for (size_t i = 0; i < OPENINGS; i++) {
        tw_opening_body o = { .leaves = 256 };
        tw_random(cx, o.root, 32);
        assert_int_equal(TW_CODE_OK,
                         tw_world_do(cx, &w, l, &w.source, TW_ENTRY_OPENING, tw_body_opening(cx, &o)));
        keys[i][0] = TW_STATE_OPENING;
        memcpy(keys[i] + 1, o.root, 32);
        put_proof(&b, l, keys[i]);
        put_proof(&b, l, keys[tw_test_below(i + 1)]);
        for (int k = 0; k < 2; k++) {
            tw_random(cx, absent, sizeof absent);
            put_proof(&b, l, absent);
        }
    }
    tw_ledger_free(l);
    assert_false(b.failed);
    tw_bytes out = tw_bytes_dup(cx->arena, tw_buf_view(&b));
    tw_buf_done(&b);
    return out;
}

TEST(state_proofs__are_accepted_by_the_published_verifier)
{
    char dir[] = "/tmp/tw-ics23-XXXXXX";
    assert_non_null(mkdtemp(dir));
    tw_test_env()->disk = tw_io_disk();
    char *file = tw_path(cx, dir, "proofs");
    assert_ok(tw_file_write(cx, file, proofs()));
    char *argv[] = { tw_cstr(cx->arena, TW_STR(TW_SOURCE_DIR "/tests/conform/ics23_go/run")), file, NULL };
    int code = run_program(argv);
    assert_int_equal(0, unlink(file));
    assert_int_equal(0, rmdir(dir));
    if (code == 77)
        skip();
    assert_int_equal(0, code);
}
