/* Heap, arenas and guarded secrets. An arena is a list of chunks that doubles up to 1 MiB a chunk; freeing walks it. */
#include "base/base.h"

#include <stdarg.h>
#include <stdlib.h>

#include <sodium.h>

#define HEAP_MAX ((size_t)4 << 30)
#define CHUNK_MIN (16 * TW_KIB)
#define CHUNK_MAX (1 * TW_MIB)

static uint64_t fail_at;

static bool heap_refuses(size_t n)
{
    return n > HEAP_MAX || (fail_at && --fail_at == 0);
}

void *tw_mem_alloc(size_t n)
{
    return heap_refuses(n) ? NULL : calloc(1, n ? n : 1);
}

void *tw_mem_resize(void *p, size_t n)
{
    return heap_refuses(n) ? NULL : realloc(p, n ? n : 1);
}

void tw_mem_free(void *p)
{
    free(p);
}

void tw_mem_fail_at(uint64_t n)
{
    fail_at = n;
}

typedef struct chunk {
    struct chunk *older;
    size_t size;
    size_t used;
    size_t pad;
} chunk;

_Static_assert(sizeof(chunk) % 16 == 0, "payload stays 16-aligned");

struct tw_arena {
    chunk *top;
    chunk *spare; /* empty and wiped: a call that goes back over a chunk's edge each time does not ask the heap */
    size_t total; /* bytes of all chunks */
    size_t max;
};

static uint8_t *chunk_bytes(chunk *c)
{
    return (uint8_t *)(c + 1);
}

tw_arena *tw_arena_new(size_t bytes_max)
{
    tw_arena *a = tw_mem_alloc(sizeof *a);
    TW_ASSERT(a != NULL);
    a->max = bytes_max;
    return a;
}

static void drop_top(tw_arena *a)
{
    chunk *c = a->top;
    a->top = c->older;
    a->total -= c->size;
    sodium_memzero(chunk_bytes(c), c->used);
    c->used = 0;
    if (c->size <= CHUNK_MAX) {
        chunk *old = a->spare;
        a->spare = c;
        c = old;
    }
    tw_mem_free(c);
}

/* The spare one, when n bytes fit into it and it under the ceiling. */
static chunk *take_spare(tw_arena *a, size_t n)
{
    chunk *c = a->spare;
    if (!c || c->size < n || c->size > a->max - a->total)
        return NULL;
    a->spare = NULL;
    return c;
}

void tw_arena_free(tw_arena *a)
{
    if (!a)
        return;
    while (a->top)
        drop_top(a);
    tw_mem_free(a->spare);
    tw_mem_free(a);
}

static bool grow(tw_arena *a, size_t n)
{
    size_t size = a->top ? TW_MIN(a->top->size * 2, CHUNK_MAX) : CHUNK_MIN;
    size = TW_MAX(size, n);
    if (size > a->max - a->total)
        size = n;
    if (n > a->max - a->total)
        return false;
    chunk *c = take_spare(a, n);
    if (!c) {
        c = tw_mem_alloc(sizeof *c + size);
        if (!c)
            return false;
        c->size = size;
    }
    c->older = a->top;
    a->top = c;
    a->total += c->size;
    return true;
}

void *tw_arena_try(tw_arena *a, size_t n)
{
    if (n > HEAP_MAX)
        return NULL;
    n = (n + 15) & ~(size_t)15;
    if (n == 0)
        n = 16;
    if ((!a->top || a->top->size - a->top->used < n) && !grow(a, n))
        return NULL;
    uint8_t *p = chunk_bytes(a->top) + a->top->used; /* zero: a chunk begins so, and what goes back is wiped */
    a->top->used += n;
    return p;
}

void *tw_arena_get(tw_arena *a, size_t n)
{
    void *p = tw_arena_try(a, n);
    TW_ASSERT(p != NULL);
    return p;
}

tw_mark tw_arena_mark(const tw_arena *a)
{
    return (tw_mark){ a->top, a->top ? a->top->used : 0, a->total };
}

void tw_arena_back(tw_arena *a, tw_mark m)
{
    while (a->top && a->top != m.chunk)
        drop_top(a);
    if (a->top) {
        sodium_memzero(chunk_bytes(a->top) + m.used, a->top->used - m.used);
        a->top->used = m.used;
    }
}

size_t tw_arena_used(const tw_arena *a)
{
    return a->total;
}

size_t tw_array_size(size_t count, size_t size)
{
    return size && count > HEAP_MAX / size ? SIZE_MAX : count * size;
}

tw_str tw_str_dup(tw_arena *a, tw_str s)
{
    char *p = tw_arena_get(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    return (tw_str){ p, s.n };
}

tw_bytes tw_bytes_dup(tw_arena *a, tw_bytes b)
{
    return tw_bytes_of(tw_str_dup(a, tw_str_of_bytes(b)));
}

char *tw_cstr(tw_arena *a, tw_str s)
{
    char *p = tw_arena_get(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    return p;
}

tw_str tw_strf(tw_arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    TW_ASSERT(n >= 0);
    char *p = tw_arena_get(a, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return (tw_str){ p, (size_t)n };
}

struct tw_secret {
    size_t n;
    uint8_t *p;
};

tw_secret *tw_secret_new(size_t n)
{
    tw_secret *s = tw_mem_alloc(sizeof *s);
    TW_ASSERT(s != NULL);
    s->n = n;
    s->p = sodium_malloc(n);
    TW_ASSERT(s->p != NULL);
    sodium_memzero(s->p, n);
    return s;
}

void tw_secret_free(tw_secret *s)
{
    if (!s)
        return;
    sodium_free(s->p);
    tw_mem_free(s);
}

uint8_t *tw_secret_p(tw_secret *s)
{
    return s->p;
}

size_t tw_secret_n(const tw_secret *s)
{
    return s->n;
}

void tw_wipe(void *p, size_t n)
{
    sodium_memzero(p, n);
}
