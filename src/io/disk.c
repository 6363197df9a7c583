/* POSIX disk: pread, pwrite, fdatasync; a rename syncs the folder, and so does the first sync of a file that this
 * process created, so that the name survives a crash together with the bytes. Not so for a name that ends in ".tmp":
 * it need not survive, for what is written under it counts once it is renamed. Interrupted and short calls are taken up
 * again. */
#include "io/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_MAX ((size_t)1 << 22)

struct tw_file {
    int fd;
    char *dir; /* folder to sync with the first sync; NULL: the name is durable already */
};

static tw_status of_errno(void)
{
    return errno == ENOENT || errno == ENOTDIR ? TW_ENOTFOUND : TW_EIO;
}

/* The folder part of a path, on the heap; NULL when out of memory. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 1;
    if (slash == path)
        n = 1;
    char *dir = tw_mem_alloc(n + 1);
    if (dir)
        memcpy(dir, slash ? path : ".", n);
    return dir;
}

static tw_status sync_fd(int fd, int (*sync_call)(int))
{
    int r;
    do
        r = sync_call(fd);
    while (r < 0 && errno == EINTR);
    return r < 0 ? TW_EIO : TW_OK;
}

static tw_status sync_folder(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return of_errno();
    tw_status s = sync_fd(fd, fsync);
    close(fd);
    return s;
}

static tw_status sync_folder_of(const char *path)
{
    char *dir = folder_of(path);
    if (!dir)
        return TW_EIO;
    tw_status s = sync_folder(dir);
    tw_mem_free(dir);
    return s;
}

static int open_retry(const char *path, int flags)
{
    int fd;
    do
        fd = open(path, flags | O_CLOEXEC, 0600);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* Opens, and says whether the name is new. */
static int open_as(bool *fresh, const char *path, tw_open_mode mode)
{
    *fresh = false;
    switch (mode) {
    case TW_OPEN_READ:
        return open_retry(path, O_RDONLY);
    case TW_OPEN_EDIT:
        return open_retry(path, O_RDWR);
    case TW_OPEN_APPEND:
    case TW_OPEN_CREATE:
        break;
    }
    int keep = mode == TW_OPEN_CREATE ? O_TRUNC : 0;
    int fd = open_retry(path, O_RDWR | O_CREAT | O_EXCL);
    *fresh = fd >= 0;
    if (fd < 0 && errno == EEXIST)
        fd = open_retry(path, O_RDWR | O_CREAT | keep);
    return fd;
}

static tw_status disk_open(TW_UNUSED void *self, tw_file **out, const char *path, tw_open_mode mode)
{
    bool fresh;
    int fd = open_as(&fresh, path, mode);
    if (fd < 0)
        return of_errno();
    tw_file *f = tw_mem_alloc(sizeof *f);
    fresh = fresh && !tw_str_ends(tw_str_of(path), ".tmp");
    char *dir = fresh && f ? folder_of(path) : NULL;
    if (!f || (fresh && !dir)) {
        tw_mem_free(f);
        close(fd);
        return TW_EIO;
    }
    *f = (tw_file){ .fd = fd, .dir = dir };
    *out = f;
    return TW_OK;
}

static tw_status disk_size(TW_UNUSED void *self, tw_file *f, uint64_t *out)
{
    struct stat st;
    if (fstat(f->fd, &st) < 0 || st.st_size < 0 || S_ISDIR(st.st_mode))
        return TW_EIO;
    *out = (uint64_t)st.st_size;
    return TW_OK;
}

static tw_status disk_read(TW_UNUSED void *self, tw_file *f, uint64_t off, uint8_t *out, size_t n, size_t *got)
{
    size_t at = 0;
    while (at < n) {
        ssize_t r = pread(f->fd, out + at, TW_MIN(n - at, (size_t)1 << 30), (off_t)(off + at));
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return TW_EIO;
        if (r == 0)
            break;
        at += (size_t)r;
    }
    *got = at;
    return TW_OK;
}

static tw_status disk_write(TW_UNUSED void *self, tw_file *f, uint64_t off, const uint8_t *p, size_t n)
{
    size_t at = 0;
    while (at < n) {
        ssize_t w = pwrite(f->fd, p + at, TW_MIN(n - at, (size_t)1 << 30), (off_t)(off + at));
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return TW_EIO;
        at += (size_t)w;
    }
    return TW_OK;
}

static tw_status disk_truncate(TW_UNUSED void *self, tw_file *f, uint64_t size)
{
    int r;
    do
        r = ftruncate(f->fd, (off_t)size);
    while (r < 0 && errno == EINTR);
    return r < 0 ? TW_EIO : TW_OK;
}

static tw_status disk_sync(TW_UNUSED void *self, tw_file *f)
{
    TW_TRY(sync_fd(f->fd, fdatasync));
    if (!f->dir)
        return TW_OK;
    TW_TRY(sync_folder(f->dir));
    tw_mem_free(f->dir);
    f->dir = NULL;
    return TW_OK;
}

static void disk_close(TW_UNUSED void *self, tw_file *f)
{
    if (!f)
        return;
    close(f->fd);
    tw_mem_free(f->dir);
    tw_mem_free(f);
}

static tw_status disk_rename(TW_UNUSED void *self, const char *from, const char *to)
{
    if (rename(from, to) < 0)
        return of_errno();
    return sync_folder_of(to);
}

static tw_status disk_remove(TW_UNUSED void *self, const char *path)
{
    if (remove(path) < 0)
        return of_errno();
    return sync_folder_of(path);
}

static tw_status make_one(const char *path)
{
    struct stat st;
    if (mkdir(path, 0700) == 0)
        return sync_folder_of(path);
    if (errno != EEXIST)
        return TW_EIO;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? TW_OK : TW_EIO;
}

static tw_status disk_mkdirs(TW_UNUSED void *self, const char *path)
{
    char part[PATH_MAX];
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    if (n == 0 || n >= sizeof part)
        return TW_EIO;
    for (size_t i = 1; i <= n; i++) {
        if (i < n && path[i] != '/')
            continue;
        if (i < n && path[i - 1] == '/')
            continue;
        memcpy(part, path, i);
        part[i] = 0;
        TW_TRY(make_one(part));
    }
    return TW_OK;
}

static bool disk_exists(TW_UNUSED void *self, const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

typedef struct {
    char **p;
    size_t n;
    size_t cap;
} names;

static void names_done(names *l)
{
    for (size_t i = 0; i < l->n; i++)
        tw_mem_free(l->p[i]);
    tw_mem_free(l->p);
}

static bool names_add(names *l, const char *name, bool folder)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;
        char **p = cap > NAMES_MAX ? NULL : tw_mem_resize(l->p, cap * sizeof *p);
        if (!p)
            return false;
        l->p = p;
        l->cap = cap;
    }
    size_t n = strlen(name);
    char *copy = tw_mem_alloc(n + 2);
    if (!copy)
        return false;
    memcpy(copy, name, n);
    copy[n] = folder ? '/' : 0;
    l->p[l->n++] = copy;
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static tw_status read_names(names *l, DIR *d)
{
    for (;;) {
        errno = 0;
        struct dirent *e = readdir(d);
        if (!e)
            return errno ? TW_EIO : TW_OK;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        struct stat st;
        if (fstatat(dirfd(d), e->d_name, &st, 0) < 0)
            memset(&st, 0, sizeof st); /* removed in between, or a dangling link: a name all the same */
        if (!names_add(l, e->d_name, S_ISDIR(st.st_mode)))
            return TW_EIO;
    }
}

static tw_status disk_list(TW_UNUSED void *self, const char *path, void (*each)(void *arg, const char *name), void *arg)
{
    DIR *d = opendir(path);
    if (!d)
        return of_errno();
    names l = { 0 };
    tw_status s = read_names(&l, d);
    closedir(d);
    if (s == TW_OK && l.n) {
        qsort(l.p, l.n, sizeof *l.p, by_bytes);
        for (size_t i = 0; i < l.n; i++)
            each(arg, l.p[i]);
    }
    names_done(&l);
    return s;
}

static const tw_disk disk = {
    .open = disk_open,
    .size = disk_size,
    .read = disk_read,
    .write = disk_write,
    .truncate = disk_truncate,
    .sync = disk_sync,
    .close = disk_close,
    .rename = disk_rename,
    .remove = disk_remove,
    .mkdirs = disk_mkdirs,
    .exists = disk_exists,
    .list = disk_list,
};

const tw_disk *tw_io_disk(void)
{
    return &disk;
}
