/* LMDB behind tw_kv. One environment in one file (and its "-lock"), default sync: a commit is durable when it
 * returns. The address space of the ceiling is reserved at once and the file grows with its content, so that no
 * transaction has to be given up and replayed for want of room. */
#include "io/io.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lmdb.h>

/* Pages of the file that were looked at stay mapped, and count as the process' memory, until the store is closed: after
 * so many calls it is opened anew. Linux maps up to 64 KiB around a page, so these are 16 MiB at worst, and what one
 * transaction looks at. */
#define CALLS_BEFORE_REOPEN 256

typedef struct {
    MDB_env *env; /* NULL: it could not be opened anew */
    MDB_dbi dbi;
    MDB_txn *txn;
    char *path;
    size_t bytes_max;
    uint64_t calls;
} kv_state;

static void reopen_when_due(kv_state *s);

static MDB_val val_of(tw_bytes b)
{
    union {
        const void *in;
        void *out;
    } p = { b.p }; /* LMDB does not write through it */
    return (MDB_val){ b.n, p.out };
}

static tw_bytes bytes_of(MDB_val v)
{
    return (tw_bytes){ v.mv_data, v.mv_size };
}

static tw_status of_lmdb(int rc)
{
    switch (rc) {
    case 0:
        return TW_OK;
    case MDB_NOTFOUND:
        return TW_ENOTFOUND;
    case MDB_MAP_FULL:
    case MDB_BAD_VALSIZE:
    case MDB_TXN_FULL:
        return TW_ELIMIT;
    default:
        return TW_EIO;
    }
}

static tw_status kv_begin(void *self, bool write)
{
    kv_state *s = self;
    TW_ASSERT(!s->txn);
    if (!s->env)
        return TW_EIO;
    int rc = mdb_txn_begin(s->env, NULL, write ? 0 : MDB_RDONLY, &s->txn);
    if (rc)
        s->txn = NULL;
    return of_lmdb(rc);
}

static tw_status kv_commit(void *self)
{
    kv_state *s = self;
    TW_ASSERT(s->txn);
    int rc = mdb_txn_commit(s->txn);
    s->txn = NULL;
    reopen_when_due(s);
    return of_lmdb(rc);
}

static void kv_abort(void *self)
{
    kv_state *s = self;
    if (!s->txn)
        return;
    mdb_txn_abort(s->txn);
    s->txn = NULL;
    reopen_when_due(s);
}

static tw_status kv_get(void *self, tw_bytes key, tw_bytes *val)
{
    kv_state *s = self;
    MDB_val k = val_of(key), v;
    TW_ASSERT(s->txn);
    s->calls++;
    int rc = mdb_get(s->txn, s->dbi, &k, &v);
    if (!rc)
        *val = bytes_of(v);
    return of_lmdb(rc);
}

static tw_status kv_put(void *self, tw_bytes key, tw_bytes val)
{
    kv_state *s = self;
    MDB_val k = val_of(key), v = val_of(val);
    TW_ASSERT(s->txn);
    s->calls++;
    return of_lmdb(mdb_put(s->txn, s->dbi, &k, &v, 0));
}

static tw_status kv_del(void *self, tw_bytes key)
{
    kv_state *s = self;
    MDB_val k = val_of(key);
    TW_ASSERT(s->txn);
    s->calls++;
    int rc = mdb_del(s->txn, s->dbi, &k, NULL);
    return rc == MDB_NOTFOUND ? TW_OK : of_lmdb(rc);
}

static tw_status kv_seek(void *self, tw_bytes from, tw_bytes *key, tw_bytes *val)
{
    kv_state *s = self;
    MDB_cursor *c;
    TW_ASSERT(s->txn);
    s->calls++;
    int rc = mdb_cursor_open(s->txn, s->dbi, &c);
    if (rc)
        return of_lmdb(rc);
    MDB_val k = val_of(from), v;
    rc = mdb_cursor_get(c, &k, &v, from.n ? MDB_SET_RANGE : MDB_FIRST);
    mdb_cursor_close(c);
    if (rc)
        return of_lmdb(rc);
    *key = bytes_of(k);
    *val = bytes_of(v);
    return TW_OK;
}

static void kv_close(void *self)
{
    kv_state *s = self;
    if (s->txn)
        mdb_txn_abort(s->txn);
    if (s->env)
        mdb_env_close(s->env);
    tw_mem_free(s->path);
    tw_mem_free(s);
}

/* LMDB's last page may be one that was taken and given back before it was ever written: then the file ends before it. A
 * look past the end would end the process; so the file is made as long as LMDB takes it to be. What was cut off by
 * damage reads as pages of no type, which LMDB tells. */
static int whole(MDB_env *env)
{
    MDB_stat stat;
    MDB_envinfo info;
    struct stat file;
    mdb_filehandle_t fd;
    int rc = mdb_env_stat(env, &stat);
    if (!rc)
        rc = mdb_env_info(env, &info);
    if (!rc)
        rc = mdb_env_get_fd(env, &fd);
    if (rc)
        return rc;
    if (fstat(fd, &file) < 0)
        return errno;
    uint64_t wanted = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    if ((uint64_t)file.st_size >= wanted)
        return 0;
    return ftruncate(fd, (off_t)wanted) < 0 ? errno : 0;
}

static int open_env(kv_state *s, const char *path, size_t bytes_max)
{
    MDB_txn *txn;
    int rc = mdb_env_set_mapsize(s->env, bytes_max);
    if (!rc)
        rc = mdb_env_open(s->env, path, MDB_NOSUBDIR | MDB_NOTLS, 0600);
    if (!rc)
        rc = whole(s->env);
    if (!rc)
        rc = mdb_txn_begin(s->env, NULL, 0, &txn);
    if (rc)
        return rc;
    rc = mdb_dbi_open(txn, NULL, 0, &s->dbi);
    if (rc) {
        mdb_txn_abort(txn);
        return rc;
    }
    return mdb_txn_commit(txn);
}

static void reopen_when_due(kv_state *s)
{
    if (s->calls < CALLS_BEFORE_REOPEN)
        return;
    s->calls = 0;
    mdb_env_close(s->env);
    s->env = NULL;
    if (mdb_env_create(&s->env)) {
        s->env = NULL;
    } else if (open_env(s, s->path, s->bytes_max)) {
        mdb_env_close(s->env);
        s->env = NULL; /* told by the next begin */
    }
}

/* LMDB writes a new file's first pages in place: a kill between would leave a file that is none. So a new store is made
 * under another name and renamed once it is whole. */
static int make_store(const char *path, size_t bytes_max)
{
    char made[4096];
    char lock[4096];
    kv_state s = { .env = NULL };
    const tw_disk *d = tw_io_disk();
    if (d->exists(d->self, path))
        return 0;
    if (snprintf(made, sizeof made, "%s.new", path) >= (int)sizeof made
        || snprintf(lock, sizeof lock, "%s-lock", made) >= (int)sizeof lock)
        return ENAMETOOLONG;
    (void)d->remove(d->self, made); /* of a killed run */
    (void)d->remove(d->self, lock);
    int rc = mdb_env_create(&s.env);
    if (rc)
        return rc;
    rc = open_env(&s, made, bytes_max);
    mdb_env_close(s.env);
    (void)d->remove(d->self, lock);
    if (rc)
        return rc;
    return d->rename(d->self, made, path) == TW_OK ? 0 : EIO;
}

/* 0, or an error of LMDB's or of the system. */
static int kv_open(tw_kv *out, const char *path, size_t bytes_max)
{
    kv_state *s = tw_mem_alloc(sizeof *s);
    size_t n = strlen(path) + 1;
    if (!s)
        return ENOMEM;
    s->bytes_max = bytes_max;
    s->path = tw_mem_alloc(n);
    int rc = s->path ? mdb_env_create(&s->env) : ENOMEM;
    if (!rc) {
        memcpy(s->path, path, n);
        rc = make_store(path, bytes_max);
    } else {
        s->env = NULL;
    }
    if (!rc)
        rc = open_env(s, path, bytes_max);
    if (rc) {
        kv_close(s);
        return rc;
    }
    *out = (tw_kv){ kv_begin, kv_commit, kv_abort, kv_get, kv_put, kv_del, kv_seek, kv_close, s };
    return 0;
}

static tw_status of_open(int rc)
{
    if (rc == 0)
        return TW_OK;
    return rc == ENOENT ? TW_ENOTFOUND : rc == ENOMEM ? TW_ELIMIT : TW_EIO;
}

tw_status tw_io_kv_open(tw_ctx *cx, tw_kv *out, const char *path, size_t bytes_max)
{
    int rc = kv_open(out, path, bytes_max);
    return rc ? tw_fail(cx, of_open(rc), "cannot open the store %s: %s", path, mdb_strerror(rc)) : TW_OK;
}

tw_status tw_io_kv_open_plain(TW_UNUSED void *self, tw_kv *out, const char *path, size_t bytes_max)
{
    return of_open(kv_open(out, path, bytes_max));
}
