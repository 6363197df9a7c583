/* state.mdb: the ledger's state as of some size, in a store beside the log (docs/formats/state.md). Derived from the
 * log, and never more than that: it is used when it names this ledger, when the chain of block headers of this log
 * leads to the block that it was written after, when each row adds up to the digest, and when the leaves and the state
 * give the roots that it names. Anything else, and it is thrown away and the log replayed.
 *
 * One transaction holds the rows that changed and the row that says what they are the state of, so a kill leaves an
 * older state, not a mixed one. The rows are taken at the end of a block by the thread that wrote it; a thread of the
 * store's own puts them on the disk. After a failed write nothing more is stored until the log is opened again.
 *
 * LMDB checks none of its pages: a changed bit in their structure ends the process. So a byte beside the store counts
 * how many processes in a row died while they read or wrote it; after the second, the store is thrown away. */
#include "engine/engine_internal.h"

#include <pthread.h>
#include <stdlib.h>

#define STORE_BYTES_MAX ((size_t)1 << 30)
#define ROWS_BYTES_MAX ((size_t)2 << 30)
#define ROWS_SOON 65536  /* changed rows that do not wait for the second to be over */
#define ROWS_MANY 262144 /* changed rows that wait for the writer */
#define DEATHS_MAX 2
#define HEAD_BYTES 272
#define DIGESTED (HEAD_BYTES - 32)

static const uint8_t magic[8] = "TWSTATE1";
static const uint8_t head_key[1] = { 0xff }; /* behind all others */

typedef struct {
    tw_id ledger;
    uint64_t time;
    tw_cursor end; /* idx: size of the log */
    uint8_t log_root[32];
    uint8_t state_root[32];
    uint64_t notes_end; /* bytes of checkpoints */
    uint8_t notes_hash[32];
    uint64_t rows;
    uint8_t digest[32]; /* XOR of SHA-256(key, value) over the rows */
} head;

/* What is written in one go. */
typedef struct {
    head head;
    tw_buf rows;
} batch;

struct tw_store {
    tw_env env; /* a copy: the thread and the close use it */
    char *path;
    tw_kv kv;
    tw_file *mark;  /* NULL: none can be had */
    uint8_t deaths; /* what it held when the store was opened */
    bool ready;
    uint64_t taken;   /* size of the log when rows were last taken */
    uint64_t taken_s; /* and the second */
    uint64_t rows;    /* what is stored */
    uint8_t digest[32];
    pthread_t thread;
    bool running;
    pthread_mutex_t lock; /* over those below */
    pthread_cond_t changed;
    batch *waiting;
    bool stop;
    bool failed;
};

/* ---------------------------------------------------------------- the row that names the state */

static void put_head(uint8_t out[HEAD_BYTES], const head *h)
{
    tw_buf b;
    tw_buf_init(&b, HEAD_BYTES);
    tw_buf_add(&b, magic, sizeof magic);
    tw_buf_add(&b, h->ledger.b, 32);
    tw_buf_u64(&b, h->end.idx);
    tw_buf_u64(&b, h->time);
    tw_buf_u64(&b, h->end.off);
    tw_buf_add(&b, h->end.previous, 32);
    tw_buf_add(&b, h->log_root, 32);
    tw_buf_add(&b, h->state_root, 32);
    tw_buf_u64(&b, h->notes_end);
    tw_buf_add(&b, h->notes_hash, 32);
    tw_buf_u64(&b, h->rows);
    tw_buf_add(&b, h->digest, 32);
    TW_ASSERT(!b.failed && b.n == DIGESTED);
    memcpy(out, b.p, DIGESTED);
    tw_sha256_of(out + DIGESTED, tw_buf_view(&b));
    tw_buf_done(&b);
}

static tw_status get_head(tw_ctx *cx, head *h, tw_kv *kv)
{
    tw_bytes v;
    uint8_t hash[32];
    tw_status st = kv->get(kv->self, TW_BYTES(head_key), &v);
    if (st != TW_OK)
        return tw_fail(cx, st, "nothing is stored");
    if (v.n != HEAD_BYTES || memcmp(v.p, magic, sizeof magic) != 0)
        return tw_fail(cx, TW_EVERIFY, "stored state: another version");
    tw_sha256_of(hash, (tw_bytes){ v.p, DIGESTED });
    if (memcmp(hash, v.p + DIGESTED, 32) != 0)
        return tw_fail(cx, TW_EVERIFY, "stored state: its head has changed");
    tw_rd in = tw_rd_of((tw_bytes){ v.p + sizeof magic, DIGESTED - sizeof magic });
    tw_rd_copy(&in, h->ledger.b, 32);
    h->end.idx = tw_rd_u64(&in);
    h->time = tw_rd_u64(&in);
    h->end.off = tw_rd_u64(&in);
    tw_rd_copy(&in, h->end.previous, 32);
    tw_rd_copy(&in, h->log_root, 32);
    tw_rd_copy(&in, h->state_root, 32);
    h->notes_end = tw_rd_u64(&in);
    tw_rd_copy(&in, h->notes_hash, 32);
    h->rows = tw_rd_u64(&in);
    tw_rd_copy(&in, h->digest, 32);
    return tw_rd_end(cx, &in, "stored state");
}

static void add_digest(uint8_t digest[32], tw_bytes key, tw_bytes value)
{
    uint8_t hash[32];
    tw_sha256 h;
    tw_sha256_init(&h);
    tw_sha256_add(&h, key.p, key.n);
    tw_sha256_add(&h, value.p, value.n);
    tw_sha256_end(&h, hash);
    for (size_t i = 0; i < 32; i++)
        digest[i] ^= hash[i];
}

/* ---------------------------------------------------------------- opening */

static char *heap_text(const char *a, const char *b)
{
    size_t n = strlen(a) + strlen(b) + 1;
    char *p = tw_mem_alloc(n);
    if (p)
        snprintf(p, n, "%s%s", a, b);
    return p;
}

static void remove_file(const tw_store *t, const char *suffix)
{
    char *path = heap_text(t->path, suffix);
    if (path)
        (void)!t->env.disk->remove(t->env.disk->self, path);
    tw_mem_free(path);
}

static tw_status open_kv(tw_store *t)
{
    return t->env.kv_open(t->env.kv_self, &t->kv, t->path, STORE_BYTES_MAX);
}

static void set_mark(tw_store *t, unsigned deaths)
{
    uint8_t b = (uint8_t)TW_MIN(deaths, 255u);
    if (t->mark)
        (void)!t->env.disk->write(t->env.disk->self, t->mark, 0, &b, 1); /* not synced: it is about processes */
}

static void open_mark(tw_store *t)
{
    size_t got = 0;
    uint8_t b = 0;
    char *path = heap_text(t->path, "-mark");
    if (!path || t->env.disk->open(t->env.disk->self, &t->mark, path, TW_OPEN_APPEND) != TW_OK)
        t->mark = NULL;
    else if (t->env.disk->read(t->env.disk->self, t->mark, 0, &b, 1, &got) == TW_OK && got == 1)
        t->deaths = b;
    tw_mem_free(path);
}

static tw_status open_anew(tw_store *t)
{
    remove_file(t, "");
    remove_file(t, "-lock");
    t->deaths = 0;
    set_mark(t, 0);
    return open_kv(t);
}

static void free_store(tw_store *t)
{
    if (t->mark)
        t->env.disk->close(t->env.disk->self, t->mark);
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->changed);
    tw_mem_free(t->path);
    tw_mem_free(t);
}

tw_store *tw_store_open(tw_ctx *cx, const char *dir)
{
    if (!cx->env->kv_open)
        return NULL;
    tw_store *t = tw_mem_alloc(sizeof *t);
    char *path = heap_text(dir, "/state.mdb");
    if (!t || !path) {
        tw_mem_free(t);
        tw_mem_free(path);
        return NULL;
    }
    t->env = *cx->env;
    t->path = path;
    TW_ASSERT(pthread_mutex_init(&t->lock, NULL) == 0 && pthread_cond_init(&t->changed, NULL) == 0);
    open_mark(t);
    if ((t->deaths < DEATHS_MAX && open_kv(t) == TW_OK) || open_anew(t) == TW_OK)
        return t;
    tw_event(cx, TW_LOG_WARN, "log.no-state", "%s cannot be made: the log is replayed at each start", t->path);
    free_store(t);
    return NULL;
}

void tw_store_clear(tw_ctx *cx, tw_solo *s)
{
    tw_store *t = s->store;
    t->kv.close(t->kv.self);
    if (open_anew(t) == TW_OK)
        return;
    tw_event(cx, TW_LOG_WARN, "log.no-state", "%s cannot be made: the log is replayed at each start", t->path);
    free_store(t);
    s->store = NULL;
}

/* ---------------------------------------------------------------- loading */

static tw_status load_genesis(tw_ctx *cx, tw_ledger **out, tw_solo *s, const head *h, tw_cursor *at)
{
    tw_block b;
    tw_block_is is;
    tw_entry e;
    TW_TRY(tw_block_read(cx, &b, &is, &s->segments, at));
    if (is != TW_BLOCK_GOOD || b.count != 1)
        return tw_fail(cx, TW_EVERIFY, "stored state: the log has no genesis block");
    tw_rd in = tw_rd_of(b.payload);
    TW_TRY(tw_entry_decode(cx, &e, tw_rd_var(&in, TW_BLOCK_PAYLOAD_MAX)));
    TW_TRY(tw_solo_place(cx, s, &b));
    TW_TRY(tw_ledger_new(cx, out, NULL, e.op));
    return tw_id_eq(tw_ledger_id(*out), &h->ledger) ? TW_OK : tw_fail(cx, TW_EVERIFY, "stored state: another ledger");
}

/* Along the chain of headers to the block that the state was written after. */
static tw_status walk(tw_ctx *cx, tw_solo *s, const head *h, tw_cursor at)
{
    while (at.idx < h->end.idx) {
        tw_block b;
        tw_block_is is;
        TW_TRY(tw_block_skim(cx, &b, &is, &s->segments, &at));
        if (is != TW_BLOCK_GOOD)
            return tw_fail(cx, TW_EVERIFY, "stored state: of %llu entries, and the log has %llu",
                           (unsigned long long)h->end.idx, (unsigned long long)at.idx);
        TW_TRY(tw_solo_place_skimmed(cx, s, &b));
    }
    if (at.idx != h->end.idx || at.off != h->end.off || memcmp(at.previous, h->end.previous, 32) != 0)
        return tw_fail(cx, TW_EVERIFY, "stored state: its last block is not of this log");
    return TW_OK;
}

static tw_status load_rows(tw_ctx *cx, tw_ledger *l, const head *h, tw_kv *kv)
{
    uint8_t from[600] = { 0 }; /* LMDB's longest key has 511 bytes */
    size_t n = 0;
    uint64_t rows = 0;
    uint8_t digest[32] = { 0 };
    for (;;) {
        tw_bytes key, value;
        tw_bytes least = { from, n };
        tw_status st = kv->seek(kv->self, least, &key, &value);
        if (st != TW_OK || key.n + 1 > sizeof from || tw_str_cmp(tw_str_of_bytes(key), tw_str_of_bytes(least)) < 0)
            return tw_fail(cx, TW_EVERIFY, "stored state: it cannot be read to its end");
        if (tw_bytes_eq(key, TW_BYTES(head_key)))
            break;
        add_digest(digest, key, value);
        rows++;
        memcpy(from, key.p, key.n); /* the next key is at least this one and a zero byte */
        from[key.n] = 0;
        n = key.n + 1;
        tw_mark mark = tw_arena_mark(cx->arena);
        st = tw_ledger_load_row(cx, l, key, value);
        tw_arena_back(cx->arena, mark);
        TW_TRY(st);
    }
    if (rows != h->rows || memcmp(digest, h->digest, 32) != 0)
        return tw_fail(cx, TW_EVERIFY, "stored state: a row has changed");
    return TW_OK;
}

/* What tile.0 holds: unsynced, so it may be short or wrong after a power loss. */
static bool leaves_of_tile(tw_ctx *cx, uint8_t *leaves, const tw_solo *s, uint64_t size)
{
    tw_file *f;
    size_t got = 0;
    size_t n = (size_t)size * 32;
    if (s->disk->open(s->disk->self, &f, tw_path(cx, s->dir, "tile.0"), TW_OPEN_READ) != TW_OK)
        return false;
    tw_status st = s->disk->read(s->disk->self, f, 0, leaves, n, &got);
    s->disk->close(s->disk->self, f);
    return st == TW_OK && got == n;
}

/* The entries themselves: every byte of the log up to there. */
static tw_status leaves_of_log(tw_ctx *cx, uint8_t *leaves, tw_solo *s, uint64_t size)
{
    tw_cursor at = { 0 };
    while (at.idx < size) {
        tw_block b;
        tw_block_is is;
        TW_TRY(tw_block_read(cx, &b, &is, &s->segments, &at));
        if (is != TW_BLOCK_GOOD || at.idx > size)
            return tw_fail(cx, TW_EVERIFY, "stored state: the log is damaged");
        tw_rd in = tw_rd_of(b.payload);
        for (uint64_t i = b.first; i < at.idx; i++)
            tw_merkle_leaf(leaves + i * 32, tw_rd_var(&in, TW_BLOCK_PAYLOAD_MAX));
        TW_TRY(tw_rd_end(cx, &in, "block"));
    }
    return TW_OK;
}

static tw_status load_leaves(tw_ctx *cx, tw_ledger *l, tw_solo *s, const head *h)
{
    uint64_t size = h->end.idx;
    uint8_t *leaves = size > SIZE_MAX / 32 ? NULL : tw_mem_alloc((size_t)size * 32);
    if (!leaves)
        return tw_fail(cx, TW_ELIMIT, "no memory left for the log's leaves");
    tw_status st = TW_EVERIFY;
    if (leaves_of_tile(cx, leaves, s, size))
        st = tw_ledger_load_end(cx, l, leaves, size, h->time, h->log_root, h->state_root);
    if (st == TW_EVERIFY) {
        st = leaves_of_log(cx, leaves, s, size);
        if (st == TW_OK)
            st = tw_ledger_load_end(cx, l, leaves, size, h->time, h->log_root, h->state_root);
    }
    tw_mem_free(leaves);
    return st;
}

static tw_status load(tw_ctx *cx, tw_ledger **l, head *h, tw_solo *s)
{
    tw_cursor at = { 0 };
    TW_TRY(get_head(cx, h, &s->store->kv));
    TW_TRY(load_genesis(cx, l, s, h, &at));
    TW_TRY(walk(cx, s, h, at));
    TW_TRY(load_rows(cx, *l, h, &s->store->kv));
    return load_leaves(cx, *l, s, h);
}

tw_status tw_store_load(tw_ctx *cx, tw_solo *s)
{
    tw_store *t = s->store;
    tw_ledger *l = NULL;
    head h;
    if (t->kv.begin(t->kv.self, false) != TW_OK)
        return tw_fail(cx, TW_EIO, "stored state: it cannot be read");
    set_mark(t, t->deaths + 1u);
    tw_status st = load(cx, &l, &h, s);
    t->kv.abort(t->kv.self);
    set_mark(t, t->deaths);
    if (st != TW_OK) {
        tw_ledger_free(l);
        return st;
    }
    s->ledger = l;
    s->end = h.end;
    s->trusted = h.end.idx;
    s->notes_seen = h.notes_end;
    memcpy(s->notes_seen_hash, h.notes_hash, 32);
    t->rows = h.rows;
    memcpy(t->digest, h.digest, 32);
    tw_ledger_track(l, false); /* what is replayed from here on is noted */
    return TW_OK;
}

/* ---------------------------------------------------------------- writing */

typedef struct {
    tw_bytes key;
    tw_bytes value;
} row;

static int by_key(const void *a, const void *b)
{
    const row *x = a;
    const row *y = b;
    int c = memcmp(x->key.p, y->key.p, TW_MIN(x->key.n, y->key.n));
    return c ? c : (x->key.n > y->key.n) - (x->key.n < y->key.n);
}

/* The rows in the order of their keys, on the heap. */
static row *sorted_rows(size_t *count, const batch *b)
{
    tw_rd in = tw_rd_of(tw_buf_view(&b->rows));
    size_t n = 0;
    for (; tw_rd_left(&in); n++) {
        (void)tw_rd_var(&in, ROWS_BYTES_MAX);
        (void)tw_rd_var(&in, ROWS_BYTES_MAX);
    }
    row *rows = tw_mem_alloc((n + 1) * sizeof *rows);
    in = tw_rd_of(tw_buf_view(&b->rows));
    for (size_t i = 0; rows && i < n; i++) {
        rows[i].key = tw_rd_var(&in, ROWS_BYTES_MAX);
        rows[i].value = tw_rd_var(&in, ROWS_BYTES_MAX);
    }
    if (rows && n)
        qsort(rows, n, sizeof *rows, by_key);
    *count = n;
    return rows;
}

static tw_status put_row(tw_kv *kv, head *h, const row *r)
{
    tw_bytes old;
    tw_status st = kv->get(kv->self, r->key, &old);
    if (st == TW_OK)
        add_digest(h->digest, r->key, old);
    else if (st == TW_ENOTFOUND)
        h->rows++;
    else
        return st;
    add_digest(h->digest, r->key, r->value);
    return kv->put(kv->self, r->key, r->value);
}

static tw_status put_rows(tw_kv *kv, batch *b)
{
    uint8_t bytes[HEAD_BYTES];
    size_t n;
    row *rows = sorted_rows(&n, b);
    tw_status st = rows ? TW_OK : TW_ELIMIT;
    for (size_t i = 0; st == TW_OK && i < n; i++)
        st = put_row(kv, &b->head, &rows[i]);
    tw_mem_free(rows);
    put_head(bytes, &b->head);
    return st == TW_OK ? kv->put(kv->self, TW_BYTES(head_key), TW_BYTES(bytes)) : st;
}

/* One transaction. */
static tw_status write_rows(tw_ctx *cx, tw_store *t, batch *b)
{
    b->head.rows = t->rows;
    memcpy(b->head.digest, t->digest, 32);
    tw_crash_point(cx, "state.before-write");
    TW_TRY(t->kv.begin(t->kv.self, true));
    tw_status st = put_rows(&t->kv, b);
    if (st != TW_OK) {
        t->kv.abort(t->kv.self);
        return st;
    }
    tw_crash_point(cx, "state.before-commit");
    TW_TRY(t->kv.commit(t->kv.self));
    tw_crash_point(cx, "state.after-commit");
    t->rows = b->head.rows;
    memcpy(t->digest, b->head.digest, 32);
    return TW_OK;
}

static tw_status write_batch(tw_ctx *cx, tw_store *t, batch *b)
{
    set_mark(t, t->deaths + 1u);
    tw_status st = write_rows(cx, t, b);
    t->deaths = 0;
    set_mark(t, 0);
    return st;
}

static void free_batch(batch *b)
{
    if (b)
        tw_buf_done(&b->rows);
    tw_mem_free(b);
}

/* State and changed rows as they are now; NULL: no memory. */
static batch *take(tw_store *t, const tw_solo *s)
{
    batch *b = tw_mem_alloc(sizeof *b);
    if (!b)
        return NULL;
    tw_buf_init(&b->rows, ROWS_BYTES_MAX);
    b->head.ledger = *tw_ledger_id(s->ledger);
    b->head.time = tw_ledger_time(s->ledger);
    b->head.end = s->end;
    b->head.notes_end = s->notes_end;
    tw_sha256 notes = s->notes_hash;
    tw_sha256_end(&notes, b->head.notes_hash);
    tw_ledger_log_root(b->head.log_root, s->ledger);
    tw_ledger_state_root(b->head.state_root, s->ledger);
    tw_ledger_rows(&b->rows, s->ledger);
    t->taken = s->end.idx;
    if (!b->rows.failed)
        return b;
    free_batch(b);
    return NULL;
}

/* ---------------------------------------------------------------- the thread */

static void *write_on(void *arg)
{
    tw_store *t = arg;
    tw_ctx cx;
    tw_ctx_init(&cx, TW_MIB, &t->env);
    pthread_mutex_lock(&t->lock);
    for (;;) {
        while (!t->waiting && !t->stop)
            pthread_cond_wait(&t->changed, &t->lock);
        if (!t->waiting)
            break;
        batch *b = t->waiting;
        pthread_mutex_unlock(&t->lock);
        tw_status st = write_batch(&cx, t, b);
        free_batch(b);
        pthread_mutex_lock(&t->lock);
        t->waiting = NULL;
        t->failed |= st != TW_OK;
        pthread_cond_broadcast(&t->changed);
    }
    pthread_mutex_unlock(&t->lock);
    tw_ctx_done(&cx);
    return NULL;
}

/* May rows be taken now? Not when a write failed, and not while one is under way unless `wait`. */
static bool idle(tw_store *t, bool wait)
{
    pthread_mutex_lock(&t->lock);
    while (wait && t->waiting)
        pthread_cond_wait(&t->changed, &t->lock);
    bool ok = !t->waiting && !t->failed;
    pthread_mutex_unlock(&t->lock);
    return ok;
}

static void hand_over(tw_store *t, batch *b)
{
    pthread_mutex_lock(&t->lock);
    t->waiting = b;
    t->failed |= !b;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
    if (b && !t->running)
        t->running = pthread_create(&t->thread, NULL, write_on, t) == 0;
    if (b && !t->running) {
        t->waiting = NULL;
        t->failed = true;
        free_batch(b);
    }
}

void tw_store_begin(tw_ctx *cx, tw_solo *s, bool loaded)
{
    tw_store *t = s->store;
    if (!t)
        return;
    if (!loaded)
        tw_ledger_track(s->ledger, true);
    t->ready = true;
    t->taken = loaded ? s->trusted : 0;
    t->taken_s = tw_now_s(cx);
}

void tw_store_block(tw_ctx *cx, tw_solo *s)
{
    tw_store *t = s->store;
    if (!t)
        return;
    uint64_t now = tw_now_s(cx);
    uint64_t changed = tw_ledger_changed(s->ledger);
    if ((now == t->taken_s && changed < ROWS_SOON) || !idle(t, changed >= ROWS_MANY))
        return;
    hand_over(t, take(t, s));
    t->taken_s = now;
}

static void end_thread(tw_store *t)
{
    if (!t->running)
        return;
    pthread_mutex_lock(&t->lock);
    t->stop = true;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    t->running = false;
}

void tw_store_close(tw_solo *s)
{
    tw_store *t = s->store;
    if (!t)
        return;
    end_thread(t);
    if (t->ready && !t->failed && !s->broken && t->taken != s->end.idx) {
        tw_ctx cx;
        tw_ctx_init(&cx, TW_MIB, &t->env);
        batch *b = take(t, s);
        if (b)
            (void)!write_batch(&cx, t, b); /* derived: an older state stays, and the rest is replayed */
        free_batch(b);
        tw_ctx_done(&cx);
    }
    t->kv.close(t->kv.self);
    free_store(t);
    s->store = NULL;
}
