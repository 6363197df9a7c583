/** Tests: a TEST registers itself; one program a file; output as cmocka's (TAP when CMOCKA_MESSAGE_OUTPUT=TAP). */
#ifndef TW_TEST_H
#define TW_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/base.h"

/** A context with a 256 MiB arena, fresh for every test, freed after it. Its env has a seeded entropy, a settable clock
 *  (tw_test_now) and no disk; see tw_test_env. */
extern tw_ctx *cx;
extern uint64_t tw_test_now;

#define TEST(name)                                                                                 \
    static void name(void **state);                                                                \
    __attribute__((constructor)) static void register_##name(void)                                \
    {                                                                                              \
        tw_test_register(#name, name);                                                             \
    }                                                                                              \
    static void name(TW_UNUSED void **state)

void tw_test_register(const char *name, void (*fn)(void **state));
/** Environment of `cx`; a test may change its copy. */
tw_env *tw_test_env(void);
/** Seed of this run: TWINWARD_TEST_SEED, else from the system; printed on failure. */
uint64_t tw_test_seed(void);
uint64_t tw_test_random(void); /* splitmix64 over the seed */
uint64_t tw_test_below(uint64_t n);

/** Folder of real data (TWINWARD_DATA) or NULL. */
const char *tw_test_data(void);
/** A whole file in the arena of `cx`, path relative to TWINWARD_DATA; fails the test when absent. */
tw_str tw_test_read(const char *path);
/** The same, relative to the source tree. */
tw_str tw_test_source(const char *path);
#define SKIP_WITHOUT_DATA()                                                                        \
    do {                                                                                           \
        if (!tw_test_data())                                                                       \
            skip();                                                                                \
    } while (0)

#define assert_ok(call)                                                                            \
    do {                                                                                           \
        tw_status assert_ok_s_ = (call);                                                           \
        if (assert_ok_s_ != TW_OK)                                                                 \
            fail_msg("%s: %s: %s", #call, tw_status_name(assert_ok_s_), cx->err.msg);              \
    } while (0)
#define assert_status(want, call) assert_string_equal(tw_status_name(want), tw_status_name(call))
#define assert_str(want_cstr, got_str)                                                             \
    assert_string_equal(want_cstr, tw_cstr(cx->arena, (got_str)))
/** Bytes equal to hex text. */
#define assert_hex(want_hex, bytes, size)                                                          \
    assert_string_equal(want_hex, tw_hex(cx->arena, (tw_bytes){ (bytes), (size) }).p)
/** n bytes of hex into the arena. */
tw_bytes tw_test_unhex(tw_str hex);

#endif
