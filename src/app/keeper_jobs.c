/* Keepers at work side by side: one thread each, with a context, an arena and an environment of its own. A keeper
 * shares no memory with the others; of the site its thread reads folder, ledger and clock, and nobody writes them while
 * the threads run. */
#include "keeper_internal.h"

#include <pthread.h>

#define ARENA_MAX (4096 * TW_MIB)

/* Threads may warn at the same time; the sink was made for one. */
typedef struct {
    pthread_mutex_t one_at_a_time;
    const tw_env *outer;
} event_gate;

typedef struct {
    tw_ctx cx;
    tw_env env;
    tw_io_seeded stream;
    uint64_t stream_end;
    const tw_keeper_jobs *jobs;
    uint8_t index;
    pthread_t thread;
    bool started;
    tw_status status;
} worker;

static void pass_event(void *self, tw_log_level level, const char *name, const char *text)
{
    event_gate *g = self;
    TW_ASSERT(pthread_mutex_lock(&g->one_at_a_time) == 0);
    g->outer->event(g->outer->event_self, level, name, text);
    TW_ASSERT(pthread_mutex_unlock(&g->one_at_a_time) == 0);
}

static void *work(void *arg)
{
    worker *w = arg;
    w->status = w->jobs->run(w->jobs->arg, &w->cx, w->index);
    return NULL;
}

/* On a seeded site each keeper has a stretch of the site's stream, in the order of the keepers: what is drawn depends
 * on the seed alone, not on which thread came first. */
static void prepare(worker *w, tw_ctx *cx, tw_site *s, const tw_keeper_jobs *jobs, event_gate *gate)
{
    w->jobs = jobs;
    w->env = *cx->env;
    if (w->env.event) {
        w->env.event = pass_event;
        w->env.event_self = gate;
    }
    if (s->insecure) {
        uint64_t draws = jobs->draws_max[w->index - 1];
        w->stream = s->seeded;
        w->stream_end = s->seeded.counter + draws;
        w->env.entropy.self = &w->stream;
        s->seeded.counter += draws;
    }
    tw_ctx_init(&w->cx, ARENA_MAX, &w->env);
}

static void finish(worker *w)
{
    if (w->started)
        TW_ASSERT(pthread_join(w->thread, NULL) == 0);
    TW_ASSERT(w->stream.counter <= w->stream_end);
}

tw_status tw_keepers_each(tw_ctx *cx, tw_site *s, const tw_keeper_jobs *jobs)
{
    const uint8_t n = tw_ledger_keeper_set(tw_site_state(s))->n;
    event_gate gate = { PTHREAD_MUTEX_INITIALIZER, cx->env };
    worker *w = tw_mem_alloc(n * sizeof *w);
    if (!w)
        return tw_fail(cx, TW_ELIMIT, "no memory left for %u keepers", n);
    for (uint8_t i = 0; i < n; i++) {
        w[i].index = (uint8_t)(i + 1);
        prepare(&w[i], cx, s, jobs, &gate);
    }
    for (uint8_t i = 0; i < n; i++)
        w[i].started = pthread_create(&w[i].thread, NULL, work, &w[i]) == 0;
    for (uint8_t i = 0; i < n; i++)
        if (!w[i].started) /* no thread to be had: then by this one */
            work(&w[i]);
    tw_status first = TW_OK;
    for (uint8_t i = 0; i < n; i++) {
        finish(&w[i]);
        if (w[i].status != TW_OK && first == TW_OK) {
            first = w[i].status;
            cx->err = w[i].cx.err;
        }
        tw_ctx_done(&w[i].cx);
    }
    tw_wipe(w, n * sizeof *w);
    tw_mem_free(w);
    return first;
}
