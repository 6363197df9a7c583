/* A watched folder. A file counts as whole when it was renamed into the folder (or stood there at the start): whoever
 * delivers writes it under another name first. */
#define _DEFAULT_SOURCE
#include "collect_internal.h"

#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#define BATCH_MAX 4096 /* files collected together */
#define ARENA_MAX (1024 * TW_MIB)
#define RETRY_MS 2000 /* while another command holds the site */

typedef struct {
    const tw_watch_opts *w;
    const tw_collect_opts *opts;
    const char *folder;
    int ino;
    /* the batch at hand */
    tw_ctx in;
    const char **path;
    size_t count;
    bool rescan;
    bool more; /* files were left for the next batch */
    bool busy; /* another command works on the site */
} watch;

static bool stopped(const watch *w)
{
    return w->opts->stop && *w->opts->stop;
}

/* ---------------------------------------------------------------- which files */

static bool wanted(const watch *w, tw_str name)
{
    tw_sources_form form;
    if (name.n == 0 || name.p[0] == '.' || tw_str_ends(name, "/") || tw_str_ends(name, ".tmp") ||
        tw_str_ends(name, ".part"))
        return false;
    return w->opts->has_form || tw_sources_form_of(&form, name);
}

static void add(watch *w, tw_str name)
{
    if (!wanted(w, name))
        return;
    if (w->count == BATCH_MAX) {
        w->more = true;
        return;
    }
    char *path = tw_path(&w->in, w->folder, tw_cstr(w->in.arena, name));
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->path[i], path) == 0)
            return;
    if (tw_path_exists(&w->in, path) && intake_is_file(path))
        w->path[w->count++] = path;
}

static tw_status scan(tw_ctx *cx, watch *w)
{
    tw_str *name;
    size_t count;
    if (tw_dir_list(&w->in, &name, &count, w->folder) != TW_OK)
        return tw_fail(cx, TW_ENOTFOUND, "the watched folder cannot be read");
    w->rescan = w->more = false;
    for (size_t i = 0; i < count; i++)
        add(w, name[i]);
    return TW_OK;
}

/* Events that are there; does not wait. */
static tw_status read_events(tw_ctx *cx, watch *w)
{
    union {
        struct inotify_event event; /* for its alignment */
        char bytes[16 * 1024];
    } buf;
    ssize_t n;
    while ((n = read(w->ino, buf.bytes, sizeof buf.bytes)) > 0) {
        for (size_t at = 0; at < (size_t)n;) {
            struct inotify_event e;
            memcpy(&e, buf.bytes + at, sizeof e);
            if (e.mask & IN_IGNORED)
                return tw_fail(cx, TW_ENOTFOUND, "the watched folder is gone");
            w->rescan |= (e.mask & IN_Q_OVERFLOW) != 0;
            if (e.len)
                add(w, tw_str_of(buf.bytes + at + sizeof e));
            at += sizeof e + e.len;
        }
    }
    return n < 0 && errno != EAGAIN && errno != EINTR ? tw_fail(cx, TW_EIO, "the folder cannot be watched") : TW_OK;
}

static void wait_for_more(const watch *w, int timeout_ms)
{
    struct pollfd fds[2] = { { .fd = w->ino, .events = POLLIN }, { .fd = w->w->stop_fd, .events = POLLIN } };
    if (!stopped(w))
        (void)poll(fds, 2, timeout_ms);
}

static bool told_to_stop(const watch *w)
{
    struct pollfd fd = { .fd = w->w->stop_fd, .events = POLLIN };
    return stopped(w) || (fd.fd >= 0 && poll(&fd, 1, 0) > 0);
}

/* ---------------------------------------------------------------- one batch */

typedef struct {
    watch *w;
    tw_ctx *cx;
    tw_status status;
} mover;

/* A name that is taken gets a number behind it. */
static tw_status move(tw_ctx *cx, const char *path, const char *folder)
{
    const tw_disk *d = cx->env->disk;
    const char *name = tw_path_name(path);
    char *to = tw_path(cx, folder, name);
    for (unsigned i = 2; tw_path_exists(cx, to) && i < 100000; i++)
        to = tw_cstr(cx->arena, tw_strf(cx->arena, "%s/%s.%u", folder, name, i));
    tw_status s = d->rename(d->self, path, to);
    if (s != TW_OK && !tw_path_exists(cx, path)) /* somebody took it back */
        return TW_OK;
    return s == TW_OK ? TW_OK : tw_fail(cx, s, "a file that was collected cannot be moved away");
}

static void on_file(void *self, const char *path, bool usable)
{
    mover *m = self;
    char *folder = tw_path(&m->w->in, m->w->folder, usable ? "done" : "dead");
    tw_status s = tw_dir_make(&m->w->in, folder);
    if (s == TW_OK)
        s = move(&m->w->in, path, folder);
    if (s != TW_OK && m->status == TW_OK) {
        m->status = s;
        m->cx->err = m->w->in.err;
    }
}

static tw_status collect_batch(tw_ctx *cx, watch *w)
{
    mover m = { w, cx, TW_OK };
    tw_site *site;
    tw_collect_report *r = tw_new(w->in.arena, tw_collect_report);
    tw_collect_opts o = *w->opts;
    o.path = w->path;
    o.path_count = w->count;
    o.file = on_file;
    o.file_self = &m;
    tw_status s = tw_site_open(&w->in, &site, w->w->site, w->w->allow_insecure);
    w->busy = s == TW_ECONFLICT;
    if (s != TW_OK)
        return s;
    s = tw_app_collect(&w->in, r, site, &o);
    tw_err err = w->in.err;
    tw_site_close(&w->in, site);
    w->in.err = err;
    if (s == TW_OK && m.status == TW_OK && w->w->batch)
        w->w->batch(w->w->self, r);
    return s == TW_OK ? m.status : s;
}

static bool any_gone(watch *w)
{
    for (size_t i = 0; i < w->count; i++)
        if (!tw_path_exists(&w->in, w->path[i]))
            return true;
    return false;
}

/* Looks, waits, collects once. *end: it was told to stop. */
static tw_status turn(tw_ctx *cx, watch *w, bool *end)
{
    w->path = tw_arena_get(w->in.arena, BATCH_MAX * sizeof *w->path);
    w->count = 0;
    TW_TRY(read_events(cx, w));
    if (w->rescan || w->more)
        TW_TRY(scan(cx, w));
    *end = told_to_stop(w);
    if (*end)
        return TW_OK;
    if (w->count == 0) {
        wait_for_more(w, -1);
        return TW_OK;
    }
    tw_status s = collect_batch(cx, w);
    if (w->busy) {
        w->rescan = true;
        wait_for_more(w, RETRY_MS);
        return TW_OK;
    }
    if (s == TW_ENOTFOUND && any_gone(w)) { /* before it was begun */
        w->rescan = true;
        return TW_OK;
    }
    if (s != TW_OK)
        cx->err = w->in.err;
    return s;
}

tw_status tw_app_watch(tw_ctx *cx, const tw_watch_opts *wo, const tw_collect_opts *opts)
{
    watch w = { .w = wo, .opts = opts, .folder = opts->path[0], .rescan = true };
    bool end = false;
    w.ino = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (w.ino < 0)
        return tw_fail(cx, TW_EIO, "the system does not watch folders (inotify)");
    tw_status s = TW_OK;
    if (inotify_add_watch(w.ino, w.folder, IN_MOVED_TO | IN_ONLYDIR) < 0)
        s = tw_fail(cx, TW_ENOTFOUND, "the folder to watch is not there");
    if (s == TW_OK && wo->ready)
        wo->ready(wo->self);
    while (s == TW_OK && !end) {
        tw_ctx_init(&w.in, ARENA_MAX, cx->env);
        s = turn(cx, &w, &end);
        tw_ctx_done(&w.in);
    }
    close(w.ino);
    return s;
}
