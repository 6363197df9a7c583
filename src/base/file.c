/* Whole-file helpers over the disk of the environment. */
#include "base/base.h"

static const tw_disk *disk_of(tw_ctx *cx)
{
    TW_ASSERT(cx->env && cx->env->disk);
    return cx->env->disk;
}

static tw_status file_fail(tw_ctx *cx, tw_status s, const char *verb, const char *path)
{
    return tw_fail(cx, s, "cannot %s %s", verb, path);
}

char *tw_path(tw_ctx *cx, const char *a, const char *b)
{
    size_t n = strlen(a);
    const char *sep = n && a[n - 1] != '/' ? "/" : "";
    return tw_cstr(cx->arena, tw_strf(cx->arena, "%s%s%s", a, sep, b));
}

const char *tw_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool tw_path_exists(tw_ctx *cx, const char *path)
{
    const tw_disk *d = disk_of(cx);
    return d->exists(d->self, path);
}

tw_status tw_dir_make(tw_ctx *cx, const char *path)
{
    const tw_disk *d = disk_of(cx);
    tw_status s = d->mkdirs(d->self, path);
    return s == TW_OK ? TW_OK : file_fail(cx, s, "make the folder", path);
}

tw_status tw_file_read(tw_ctx *cx, tw_bytes *out, const char *path, size_t bytes_max)
{
    const tw_disk *d = disk_of(cx);
    tw_file *f;
    tw_status s = d->open(d->self, &f, path, TW_OPEN_READ);
    if (s != TW_OK)
        return file_fail(cx, s, "open", path);
    uint64_t size = 0;
    size_t got = 0;
    uint8_t *p = NULL;
    s = d->size(d->self, f, &size);
    if (s == TW_OK && size > bytes_max)
        s = tw_fail(cx, TW_ELIMIT, "%s has more than %zu bytes", path, bytes_max);
    else if (s == TW_OK && !(p = tw_arena_try(cx->arena, (size_t)size + 1)))
        s = tw_fail(cx, TW_ELIMIT, "no memory left for %s", path);
    else if (s == TW_OK)
        s = d->read(d->self, f, 0, p, (size_t)size, &got);
    d->close(d->self, f);
    if (s == TW_ELIMIT)
        return s;
    if (s != TW_OK)
        return file_fail(cx, s, "read", path);
    *out = (tw_bytes){ p, got };
    return TW_OK;
}

static tw_status write_sync(const tw_disk *d, const char *path, tw_open_mode mode, tw_bytes data)
{
    tw_file *f;
    uint64_t off = 0;
    TW_TRY(d->open(d->self, &f, path, mode));
    tw_status s = mode == TW_OPEN_APPEND ? d->size(d->self, f, &off) : TW_OK;
    if (s == TW_OK)
        s = d->write(d->self, f, off, data.p, data.n);
    if (s == TW_OK)
        s = d->sync(d->self, f);
    d->close(d->self, f);
    return s;
}

tw_status tw_file_write(tw_ctx *cx, const char *path, tw_bytes data)
{
    const tw_disk *d = disk_of(cx);
    char *tmp = tw_cstr(cx->arena, tw_strf(cx->arena, "%s.tmp", path));
    tw_status s = write_sync(d, tmp, TW_OPEN_CREATE, data);
    tw_crash_point(cx, "file.before-rename");
    if (s == TW_OK)
        s = d->rename(d->self, tmp, path);
    return s == TW_OK ? TW_OK : file_fail(cx, s, "write", path);
}

tw_status tw_file_append(tw_ctx *cx, const char *path, tw_bytes data)
{
    const tw_disk *d = disk_of(cx);
    tw_status s = write_sync(d, path, TW_OPEN_APPEND, data);
    return s == TW_OK ? TW_OK : file_fail(cx, s, "append to", path);
}

typedef struct {
    tw_ctx *cx;
    tw_str *names;
    size_t count;
    size_t cap;
} listing;

static void add_name(void *arg, const char *name)
{
    listing *l = arg;
    if (l->count == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;
        tw_str *names = tw_try_array(l->cx->arena, tw_str, cap);
        TW_ASSERT(names != NULL);
        if (l->count)
            memcpy(names, l->names, l->count * sizeof *names);
        l->names = names;
        l->cap = cap;
    }
    l->names[l->count++] = tw_str_dup(l->cx->arena, tw_str_of(name));
}

tw_status tw_dir_list(tw_ctx *cx, tw_str **names, size_t *count, const char *path)
{
    const tw_disk *d = disk_of(cx);
    listing l = { .cx = cx };
    tw_status s = d->list(d->self, path, add_name, &l);
    if (s != TW_OK)
        return file_fail(cx, s, "list", path);
    *names = l.names;
    *count = l.count;
    return TW_OK;
}
