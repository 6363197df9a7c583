/* A few threads that take tasks from one counter. */
#define _DEFAULT_SOURCE /* _SC_NPROCESSORS_ONLN */
#include "collect_internal.h"

#include <stdatomic.h>
#include <unistd.h>

size_t tw_threads_of(unsigned jobs)
{
    long here = sysconf(_SC_NPROCESSORS_ONLN);
    return jobs ? jobs : here > 0 ? (size_t)here : 1;
}

typedef struct {
    crew *crew;
    size_t number;
    pthread_t thread;
    bool started;
} hand;

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t begin;
    pthread_cond_t end;
    hand *hand;
    size_t threads;
    uint64_t shift; /* how many runs were begun */
    size_t busy;
    bool leave;
    void (*task)(void *arg, size_t who, size_t i);
    void *arg;
    size_t count;
    atomic_size_t next;
};

static void take_tasks(crew *c, size_t who)
{
    for (size_t i = atomic_fetch_add(&c->next, 1); i < c->count; i = atomic_fetch_add(&c->next, 1))
        c->task(c->arg, who, i);
}

static void *work(void *arg)
{
    hand *h = arg;
    crew *c = h->crew;
    uint64_t done = 0;
    pthread_mutex_lock(&c->lock);
    while (!c->leave) {
        if (c->shift == done) {
            pthread_cond_wait(&c->begin, &c->lock);
            continue;
        }
        done = c->shift;
        pthread_mutex_unlock(&c->lock);
        take_tasks(c, h->number);
        pthread_mutex_lock(&c->lock);
        if (--c->busy == 0)
            pthread_cond_signal(&c->end);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

tw_status crew_new(tw_ctx *cx, crew **out, size_t threads)
{
    crew *c = tw_mem_alloc(sizeof *c);
    hand *hands = c ? tw_mem_alloc(threads * sizeof *hands) : NULL;
    if (!hands) {
        tw_mem_free(c);
        return tw_fail(cx, TW_ELIMIT, "no memory for %zu threads", threads);
    }
    c->hand = hands;
    c->threads = threads;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->begin, NULL);
    pthread_cond_init(&c->end, NULL);
    *out = c;
    for (size_t i = 1; i < threads; i++) {
        hands[i] = (hand){ .crew = c, .number = i };
        if (pthread_create(&hands[i].thread, NULL, work, &hands[i]) != 0) {
            crew_free(c);
            *out = NULL;
            return tw_fail(cx, TW_ELIMIT, "the system gives no more than %zu threads", i);
        }
        hands[i].started = true;
    }
    return TW_OK;
}

void crew_free(crew *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->leave = true;
    pthread_cond_broadcast(&c->begin);
    pthread_mutex_unlock(&c->lock);
    for (size_t i = 1; i < c->threads; i++)
        if (c->hand[i].started)
            pthread_join(c->hand[i].thread, NULL);
    pthread_cond_destroy(&c->begin);
    pthread_cond_destroy(&c->end);
    pthread_mutex_destroy(&c->lock);
    tw_mem_free(c->hand);
    tw_mem_free(c);
}

void crew_run(crew *c, size_t count, void (*task)(void *arg, size_t who, size_t i), void *arg)
{
    pthread_mutex_lock(&c->lock);
    c->task = task;
    c->arg = arg;
    c->count = count;
    atomic_store(&c->next, 0);
    c->busy = c->threads - 1;
    c->shift++;
    pthread_cond_broadcast(&c->begin);
    pthread_mutex_unlock(&c->lock);
    take_tasks(c, 0);
    pthread_mutex_lock(&c->lock);
    while (c->busy)
        pthread_cond_wait(&c->end, &c->lock);
    pthread_mutex_unlock(&c->lock);
}
