#include "simdisk.h"

#include <stdlib.h>

#define FILES_MAX 4096
#define FILE_MAX ((size_t)256 << 20)
#define SECTOR 512

typedef struct {
    char *path;
    bool folder;
    bool named;   /* the name survives a crash */
    tw_buf sure;  /* durable content */
    tw_buf seen;  /* what readers see */
} sim_file;

struct tw_file {
    size_t index;
};

struct tw_simdisk {
    sim_file *files[FILES_MAX];
    size_t count;
    tw_disk vtable;
    uint64_t calls;
    uint64_t syncs;
    uint64_t die_at; /* calls left until death, 0: never */
    bool once;
    bool dead;
};

static sim_file *find(const tw_simdisk *d, const char *path)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->files[i]->path && strcmp(d->files[i]->path, path) == 0)
            return d->files[i];
    return NULL;
}

static char *dup_text(const char *s)
{
    size_t n = strlen(s);
    char *p = tw_mem_alloc(n + 1);
    TW_ASSERT(p != NULL);
    memcpy(p, s, n);
    return p;
}

static sim_file *add(tw_simdisk *d, const char *path)
{
    TW_ASSERT(d->count < FILES_MAX);
    sim_file *f = tw_mem_alloc(sizeof *f);
    TW_ASSERT(f != NULL);
    f->path = dup_text(path);
    tw_buf_init(&f->sure, FILE_MAX);
    tw_buf_init(&f->seen, FILE_MAX);
    d->files[d->count++] = f;
    return f;
}

static void set(tw_buf *b, tw_bytes content)
{
    tw_buf_clear(b);
    tw_buf_add(b, content.p, content.n);
    TW_ASSERT(!b->failed);
}

static void resize(tw_buf *b, size_t n)
{
    static const uint8_t zero[SECTOR];
    if (n < b->n)
        b->n = n;
    while (b->n < n)
        tw_buf_add(b, zero, TW_MIN(sizeof zero, n - b->n));
    TW_ASSERT(!b->failed);
}

/* Counts a changing call; false when the disk is dead. *last: dies with this one. */
static bool alive(tw_simdisk *d, bool *last)
{
    if (last)
        *last = false;
    if (d->dead)
        return false;
    d->calls++;
    if (d->die_at == 0 || --d->die_at)
        return true;
    d->dead = !d->once;
    if (last)
        *last = true;
    return false;
}

static tw_status sim_open(void *self, tw_file **out, const char *path, tw_open_mode mode)
{
    tw_simdisk *d = self;
    sim_file *f = find(d, path);
    if ((f && f->folder) || (mode != TW_OPEN_READ && !alive(d, NULL)))
        return TW_EIO;
    if (!f && (mode == TW_OPEN_READ || mode == TW_OPEN_EDIT))
        return TW_ENOTFOUND;
    if (!f)
        f = add(d, path);
    else if (mode == TW_OPEN_CREATE)
        resize(&f->seen, 0);
    tw_file *h = tw_mem_alloc(sizeof *h);
    TW_ASSERT(h != NULL);
    while (d->files[h->index] != f)
        h->index++;
    *out = h;
    return TW_OK;
}

static tw_buf *seen_of(void *self, const tw_file *h)
{
    return &((tw_simdisk *)self)->files[h->index]->seen;
}

static tw_status sim_size(void *self, tw_file *h, uint64_t *out)
{
    *out = seen_of(self, h)->n;
    return TW_OK;
}

static tw_status sim_read(void *self, tw_file *h, uint64_t off, uint8_t *out, size_t n, size_t *got)
{
    const tw_buf *b = seen_of(self, h);
    *got = off < b->n ? TW_MIN(n, b->n - (size_t)off) : 0;
    if (*got)
        memcpy(out, b->p + off, *got);
    return TW_OK;
}

static tw_status sim_write(void *self, tw_file *h, uint64_t off, const uint8_t *p, size_t n)
{
    bool last;
    tw_buf *b = seen_of(self, h);
    bool ok = alive(self, &last);
    if (!ok && !last)
        return TW_EIO;
    size_t done = ok ? n : n / 2;
    if (b->n < off + done)
        resize(b, (size_t)off + done);
    if (done)
        memcpy(b->p + off, p, done);
    return ok ? TW_OK : TW_EIO;
}

static tw_status sim_truncate(void *self, tw_file *h, uint64_t size)
{
    if (!alive(self, NULL))
        return TW_EIO;
    resize(seen_of(self, h), (size_t)size);
    return TW_OK;
}

static tw_status sim_sync(void *self, tw_file *h)
{
    tw_simdisk *d = self;
    if (!alive(d, NULL))
        return TW_EIO;
    sim_file *f = d->files[h->index];
    set(&f->sure, tw_buf_view(&f->seen));
    f->named = true;
    d->syncs++;
    return TW_OK;
}

static void sim_close(TW_UNUSED void *self, tw_file *h)
{
    tw_mem_free(h);
}

static void forget(sim_file *f)
{
    tw_mem_free(f->path);
    f->path = NULL;
}

static tw_status sim_rename(void *self, const char *from, const char *to)
{
    tw_simdisk *d = self;
    sim_file *f = find(d, from);
    sim_file *old = find(d, to);
    if (!f)
        return TW_ENOTFOUND;
    if (!alive(d, NULL))
        return TW_EIO;
    if (old)
        forget(old);
    tw_mem_free(f->path);
    f->path = dup_text(to);
    f->named = true;
    return TW_OK;
}

static tw_status sim_remove(void *self, const char *path)
{
    tw_simdisk *d = self;
    sim_file *f = find(d, path);
    if (!f)
        return TW_ENOTFOUND;
    if (!alive(d, NULL))
        return TW_EIO;
    forget(f);
    return TW_OK;
}

static tw_status sim_mkdirs(void *self, const char *path)
{
    tw_simdisk *d = self;
    sim_file *f = find(d, path);
    if (f)
        return f->folder ? TW_OK : TW_EIO;
    if (!alive(d, NULL))
        return TW_EIO;
    f = add(d, path);
    f->folder = f->named = true;
    return TW_OK;
}

static bool sim_exists(void *self, const char *path)
{
    return find(self, path) != NULL;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static tw_status sim_list(void *self, const char *path, void (*each)(void *arg, const char *name), void *arg)
{
    const tw_simdisk *d = self;
    char *names[FILES_MAX];
    size_t n = 0;
    size_t skip = strlen(path) + 1;
    for (size_t i = 0; i < d->count; i++) {
        const sim_file *f = d->files[i];
        if (!f->path || strlen(f->path) <= skip || strncmp(f->path, path, skip - 1) != 0 || f->path[skip - 1] != '/' ||
            strchr(f->path + skip, '/'))
            continue;
        char *name = tw_mem_alloc(strlen(f->path) - skip + 2);
        TW_ASSERT(name != NULL);
        memcpy(name, f->path + skip, strlen(f->path) - skip);
        if (f->folder)
            name[strlen(name)] = '/';
        names[n++] = name;
    }
    qsort(names, n, sizeof *names, by_text);
    for (size_t i = 0; i < n; i++) {
        each(arg, names[i]);
        tw_mem_free(names[i]);
    }
    return TW_OK;
}

tw_simdisk *tw_simdisk_new(void)
{
    tw_simdisk *d = tw_mem_alloc(sizeof *d);
    TW_ASSERT(d != NULL);
    d->vtable = (tw_disk){ .open = sim_open,
                           .size = sim_size,
                           .read = sim_read,
                           .write = sim_write,
                           .truncate = sim_truncate,
                           .sync = sim_sync,
                           .close = sim_close,
                           .rename = sim_rename,
                           .remove = sim_remove,
                           .mkdirs = sim_mkdirs,
                           .exists = sim_exists,
                           .list = sim_list,
                           .self = d };
    return d;
}

void tw_simdisk_free(tw_simdisk *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->count; i++) {
        tw_buf_done(&d->files[i]->sure);
        tw_buf_done(&d->files[i]->seen);
        tw_mem_free(d->files[i]->path);
        tw_mem_free(d->files[i]);
    }
    tw_mem_free(d);
}

tw_simdisk *tw_simdisk_copy(const tw_simdisk *d)
{
    tw_simdisk *c = tw_simdisk_new();
    for (size_t i = 0; i < d->count; i++) {
        const sim_file *f = d->files[i];
        if (!f->path)
            continue;
        sim_file *g = add(c, f->path);
        g->folder = f->folder;
        g->named = f->named;
        set(&g->sure, tw_buf_view(&f->sure));
        set(&g->seen, tw_buf_view(&f->seen));
    }
    return c;
}

const tw_disk *tw_simdisk_vtable(tw_simdisk *d)
{
    return &d->vtable;
}

tw_bytes tw_simdisk_get(const tw_simdisk *d, const char *path)
{
    const sim_file *f = find(d, path);
    return f ? tw_buf_view(&f->seen) : (tw_bytes){ 0 };
}

void tw_simdisk_put(tw_simdisk *d, const char *path, tw_bytes content)
{
    sim_file *f = find(d, path);
    if (!f)
        f = add(d, path);
    set(&f->sure, content);
    set(&f->seen, content);
    f->named = true;
}

void tw_simdisk_remove(tw_simdisk *d, const char *path)
{
    sim_file *f = find(d, path);
    if (f)
        forget(f);
}

uint64_t tw_simdisk_calls(const tw_simdisk *d)
{
    return d->calls;
}

uint64_t tw_simdisk_syncs(const tw_simdisk *d)
{
    return d->syncs;
}

void tw_simdisk_die_at(tw_simdisk *d, uint64_t n)
{
    d->die_at = n;
    d->once = false;
}

void tw_simdisk_fail_at(tw_simdisk *d, uint64_t n)
{
    d->die_at = n;
    d->once = true;
}

/* ---------------------------------------------------------------- power loss */

static uint64_t next(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Size: the old one, the new one, or between; then each sector that differs: old, new, or half and half. */
static void tear(sim_file *f, uint64_t *state)
{
    size_t was = f->sure.n;
    size_t is = f->seen.n;
    size_t least = TW_MIN(was, is);
    size_t most = TW_MAX(was, is);
    size_t n = next(state) % 2 ? is : least + (size_t)(next(state) % (most - least + 1));
    resize(&f->sure, most);
    resize(&f->seen, most);
    for (size_t at = 0; at < n; at += SECTOR) {
        size_t span = TW_MIN((size_t)SECTOR, n - at);
        uint64_t choice = next(state) % 4;
        if (choice == 1)
            span = (size_t)(next(state) % (span + 1));
        if (choice)
            memcpy(f->sure.p + at, f->seen.p + at, span);
    }
    resize(&f->sure, n);
}

void tw_simdisk_crash(tw_simdisk *d, uint64_t seed)
{
    uint64_t state = seed;
    for (size_t i = 0; i < d->count; i++) {
        sim_file *f = d->files[i];
        if (!f->path || f->folder)
            continue;
        if (!f->named && next(&state) % 2) {
            forget(f);
            continue;
        }
        if (!tw_bytes_eq(tw_buf_view(&f->sure), tw_buf_view(&f->seen)))
            tear(f, &state);
        set(&f->seen, tw_buf_view(&f->sure));
        f->named = true;
    }
    d->dead = false;
    d->die_at = 0;
}
