/* Clocks, entropy, crash points, hardening. */
#include "io/io.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

static uint64_t system_now(TW_UNUSED void *self)
{
    struct timespec t;
    TW_ASSERT(clock_gettime(CLOCK_REALTIME, &t) == 0 && t.tv_sec >= 0);
    return (uint64_t)t.tv_sec;
}

tw_clock tw_io_clock(void)
{
    return (tw_clock){ system_now, NULL };
}

static uint64_t virtual_now(void *self)
{
    return ((const tw_io_virtual *)self)->now_s;
}

tw_clock tw_io_virtual_clock(tw_io_virtual *state, uint64_t start_s)
{
    state->now_s = start_s;
    return (tw_clock){ virtual_now, state };
}

static void system_fill(TW_UNUSED void *self, uint8_t *out, size_t n)
{
    randombytes_buf(out, n);
}

tw_entropy tw_io_entropy(void)
{
    return (tw_entropy){ system_fill, NULL };
}

/* One ChaCha20 stream a call, the call's number as nonce: what a call gives depends on the seed, the label and how
 * many calls came before, not on their lengths. */
static void seeded_fill(void *self, uint8_t *out, size_t n)
{
    tw_io_seeded *s = self;
    uint8_t nonce[crypto_stream_chacha20_ietf_NONCEBYTES] = { 0 };
    tw_put_be64(nonce + 4, s->counter++);
    crypto_stream_chacha20_ietf(out, n, nonce, s->seed);
}

tw_entropy tw_io_seeded_entropy(tw_io_seeded *state, uint64_t seed, const char *label)
{
    uint8_t text[8];
    tw_put_be64(text, seed);
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, sizeof state->seed);
    crypto_generichash_update(&h, text, sizeof text);
    crypto_generichash_update(&h, (const uint8_t *)label, strlen(label));
    crypto_generichash_final(&h, state->seed, sizeof state->seed);
    state->counter = 0;
    return (tw_entropy){ seeded_fill, state };
}

/* Where to die: the environment is read once. */
typedef struct {
    char name[128];
    uint64_t at;
    _Atomic uint64_t passed; /* threads pass too */
    _Atomic int log_fd;
} crash_plan;

static crash_plan plan;

static void pass_crash_point(void *self, const char *point)
{
    crash_plan *p = self;
    char line[160];
    if (p->log_fd >= 0) {
        int n = snprintf(line, sizeof line, "%s\n", point);
        if (n > 0 && write(p->log_fd, line, TW_MIN((size_t)n, sizeof line - 1)) < 0)
            p->log_fd = -1;
    }
    if (strcmp(point, p->name) == 0 && atomic_fetch_add(&p->passed, 1) + 1 == p->at)
        kill(getpid(), SIGKILL);
}

void tw_io_crash_hook(tw_env *env)
{
    const char *at = getenv("TWINWARD_CRASH_AT");
    const char *log = getenv("TWINWARD_CRASH_LOG");
    if (!(at && *at) && !(log && *log))
        return;
    memset(plan.name, 0, sizeof plan.name);
    plan.at = 1;
    plan.passed = 0;
    plan.log_fd = -1;
    tw_str name = tw_str_of(at);
    tw_str rest = name;
    if (tw_str_split(&name, &rest, ':') && rest.n && !tw_parse_u64(&plan.at, rest))
        plan.at = 1;
    memcpy(plan.name, name.p ? name.p : "", TW_MIN(name.n, sizeof plan.name - 1));
    if (log && *log)
        plan.log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    env->crash = pass_crash_point;
    env->crash_self = &plan;
}

void tw_io_harden(void)
{
    struct rlimit none = { 0, 0 };
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)umask(077);
}

tw_env tw_io_env(void)
{
    tw_env env = {
        .clock = tw_io_clock(), .entropy = tw_io_entropy(), .disk = tw_io_disk(), .kv_open = tw_io_kv_open_plain
    };
    tw_io_crash_hook(&env);
    return env;
}
