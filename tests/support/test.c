#include "test.h"

#include <time.h>
#include <unistd.h>

#define TESTS_MAX 512

static struct CMUnitTest tests[TESTS_MAX];
static size_t test_count;
static tw_ctx test_cx;
static tw_env test_env;
static uint64_t seed;
static uint64_t random_state;

tw_ctx *cx = &test_cx;
uint64_t tw_test_now = 1767225600; /* 2026-01-01T00:00:00Z */

static uint64_t now_s(void *self)
{
    return *(uint64_t *)self;
}

static void fill(TW_UNUSED void *self, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(tw_test_random() >> 56);
}

static int setup(TW_UNUSED void **state)
{
    random_state = seed;
    tw_test_now = 1767225600;
    test_env = (tw_env){ .clock = { now_s, &tw_test_now }, .entropy = { fill, NULL } };
    tw_ctx_init(cx, 256 * TW_MIB, &test_env);
    return 0;
}

static int teardown(TW_UNUSED void **state)
{
    tw_ctx_done(cx);
    return 0;
}

void tw_test_register(const char *name, void (*fn)(void **state))
{
    TW_ASSERT(test_count < TESTS_MAX);
    tests[test_count++] =
        (struct CMUnitTest){ .name = name, .test_func = fn, .setup_func = setup, .teardown_func = teardown };
}

tw_env *tw_test_env(void)
{
    return &test_env;
}

uint64_t tw_test_seed(void)
{
    return seed;
}

uint64_t tw_test_random(void)
{
    uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t tw_test_below(uint64_t n)
{
    return n ? tw_test_random() % n : 0;
}

const char *tw_test_data(void)
{
    const char *dir = getenv("TWINWARD_DATA");
    return dir && *dir ? dir : NULL;
}

static tw_str read_all(const char *dir, const char *path)
{
    char full[4096];
    snprintf(full, sizeof full, "%s/%s", dir, path);
    FILE *f = fopen(full, "rb");
    if (!f)
        fail_msg("cannot open %s", full);
    tw_buf b;
    tw_buf_init(&b, 128 * TW_MIB);
    uint8_t chunk[65536];
    size_t got;
    while ((got = fread(chunk, 1, sizeof chunk, f)) > 0)
        tw_buf_add(&b, chunk, got);
    fclose(f);
    tw_str s = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return s;
}

tw_str tw_test_read(const char *path)
{
    const char *dir = tw_test_data();
    if (!dir)
        fail_msg("TWINWARD_DATA is not set");
    return read_all(dir, path);
}

tw_str tw_test_source(const char *path)
{
    return read_all(TW_SOURCE_DIR, path);
}

tw_bytes tw_test_unhex(tw_str hex)
{
    uint8_t *p = tw_arena_get(cx->arena, hex.n / 2 + 1);
    if (!tw_unhex(p, hex.n / 2, hex))
        fail_msg("bad hex in a test");
    return (tw_bytes){ p, hex.n / 2 };
}

int main(int argc, char **argv)
{
    tw_base_start();
    const char *text = getenv("TWINWARD_TEST_SEED");
    if (!text || !tw_parse_u64(&seed, tw_str_of(text)))
        seed = (uint64_t)time(NULL) ^ ((uint64_t)getpid() << 32);
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    if (test_count == 0)
        return 1;
    int failed = _cmocka_run_group_tests(argv[0], tests, test_count, NULL, NULL);
    if (failed)
        fprintf(stderr, "# seed: TWINWARD_TEST_SEED=%llu\n", (unsigned long long)seed);
    return failed ? 1 : 0;
}
