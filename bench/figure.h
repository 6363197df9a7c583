/** What benchmarks share: clocks, a cheap deterministic entropy, and the line that scripts/bench reads: one JSON object
 *  a figure, {"name":...,"value":...,"unit":...,"n":...}. n: operations or bytes behind the figure. */
#ifndef TW_BENCH_FIGURE_H
#define TW_BENCH_FIGURE_H

#include <stdlib.h>
#include <time.h>

#include "base/base.h"

static inline double seconds_of(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/** On the wall. */
static TW_UNUSED double wall_seconds(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

/** Of a processor, by this process: what "a core" means in a figure. */
static TW_UNUSED double core_seconds(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

static TW_UNUSED void figure(const char *name, double value, const char *unit, uint64_t n)
{
    printf("{\"name\":\"%s\",\"value\":%.4g,\"unit\":\"%s\",\"n\":%llu}\n", name, value, unit, (unsigned long long)n);
    fflush(stdout);
}

/** Ends the program with the context's message unless the status is good. */
static TW_UNUSED void must(const tw_ctx *cx, tw_status s)
{
    if (s == TW_OK)
        return;
    fprintf(stderr, "%s: %s\n", tw_status_name(s), cx->err.msg);
    exit(1);
}

/** Entropy for benchmarks: fast, and the same every time. self: a uint64_t. */
static TW_UNUSED void cheap_fill(void *self, uint8_t *out, size_t n)
{
    uint64_t *state = self;
    for (size_t i = 0; i < n; i++) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        out[i] = (uint8_t)(*state >> 56);
    }
}

#endif
