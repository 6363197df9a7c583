/** Base: what every room stands on. Status codes, the call context, arenas, slices, growing buffers, length-checked
 *  readers, a keyed map, secrets in guarded memory, dates, hex and base64, and the effects (clock, entropy, disk, crash
 *  points) that pure code receives as parameters.
 *
 *  Invariants
 *  - Nothing here prints or exits; a broken contract aborts through TW_ASSERT, also in release builds.
 *  - A message in `tw_err` says where and why. It never holds a patient's value: pass positions, names of fields,
 * counts.
 *  - Every container has a ceiling, given when it is made. */
#ifndef TW_BASE_H
#define TW_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* ---------------------------------------------------------------- status */

/** Every code: name, text, process exit code, HTTP status. */
#define TW_STATUS_LIST(X)                                                                          \
    X(TW_OK, "ok", 0, 200)                                                                         \
    X(TW_EFAILED, "failed", 1, 500)                                                                \
    X(TW_EUSAGE, "usage", 2, 400)                                                                  \
    X(TW_EREFUSED, "refused by policy or consent", 3, 403)                                         \
    X(TW_ENOTFOUND, "not found", 4, 404)                                                           \
    X(TW_EVERIFY, "verification failed", 5, 422)                                                   \
    X(TW_ENET, "network or time-out, retry later", 6, 504)                                         \
    X(TW_EQUORUM, "quorum not reached", 7, 503)                                                    \
    X(TW_ECONFLICT, "conflict", 8, 409)                                                            \
    X(TW_ECONFIG, "configuration", 9, 500)                                                         \
    X(TW_EBUDGET, "privacy budget spent", 10, 403)                                                 \
    X(TW_EPARSE, "malformed input", 1, 400)                                                        \
    X(TW_ELIMIT, "limit exceeded", 1, 413)                                                         \
    X(TW_EIO, "input or output failed", 1, 500)                                                    \
    X(TW_ECRYPTO, "cryptographic check failed", 5, 422)                                            \
    X(TW_EFOREIGN, "a library gave up", 1, 500)

typedef enum {
#define X(name, text, exit_code, http) name,
    TW_STATUS_LIST(X)
#undef X
} tw_status;

#define TW_NODISCARD __attribute__((warn_unused_result))
#define TW_PRINTF(a, b) __attribute__((format(printf, a, b)))
#define TW_UNUSED __attribute__((unused))

const char *tw_status_name(tw_status s); /* "TW_EPARSE" */
const char *tw_status_text(tw_status s);
int tw_status_exit(tw_status s);
int tw_status_http(tw_status s);

/** Aborts with file and line when `cond` is false: broken contracts and impossible states, in every build. */
#define TW_ASSERT(cond) ((cond) ? (void)0 : tw_assert_failed(#cond, __FILE__, __LINE__))
_Noreturn void tw_assert_failed(const char *cond, const char *file, int line);

#define TW_TRY(call)                                                                               \
    do {                                                                                           \
        tw_status tw_try_s_ = (call);                                                              \
        if (tw_try_s_ != TW_OK)                                                                    \
            return tw_try_s_;                                                                      \
    } while (0)

#define TW_KIB ((size_t)1024)
#define TW_MIB ((size_t)1024 * 1024)
#define TW_COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TW_MIN(a, b) ((a) < (b) ? (a) : (b))
#define TW_MAX(a, b) ((a) > (b) ? (a) : (b))

/* ---------------------------------------------------------------- slices */

/** A borrowed run of UTF-8 text; not NUL-terminated. {NULL, 0} is the empty string. */
typedef struct {
    const char *p;
    size_t n;
} tw_str;

/** A borrowed run of bytes. */
typedef struct {
    const uint8_t *p;
    size_t n;
} tw_bytes;

#define TW_STR(lit) ((tw_str){ (lit), sizeof(lit) - 1 })
#define TW_FMT "%.*s"
#define TW_ARG(s) (int)(s).n, (s).p
/** The bytes of a fixed array. */
#define TW_BYTES(array) ((tw_bytes){ (array), sizeof(array) })

tw_str tw_str_of(const char *cstr); /* borrowed; NULL gives "" */
bool tw_str_eq(tw_str a, tw_str b);
bool tw_str_is(tw_str a, const char *cstr);
int tw_str_cmp(tw_str a, tw_str b); /* by bytes, shorter first */
bool tw_str_starts(tw_str s, const char *prefix);
bool tw_str_ends(tw_str s, const char *suffix);
tw_str tw_str_trim(tw_str s);               /* ASCII blanks off both ends */
bool tw_str_split(tw_str *head, tw_str *rest, char sep); /* takes the part of *rest before sep; false at the end */
size_t tw_str_find(tw_str s, tw_str needle); /* SIZE_MAX when absent */
static inline tw_bytes tw_bytes_of(tw_str s)
{
    return (tw_bytes){ (const uint8_t *)s.p, s.n };
}
static inline tw_str tw_str_of_bytes(tw_bytes b)
{
    return (tw_str){ (const char *)b.p, b.n };
}
bool tw_bytes_eq(tw_bytes a, tw_bytes b); /* not constant time: public data only */
static inline bool tw_is_digit(char c)
{
    return c >= '0' && c <= '9';
}
bool tw_utf8_valid(tw_str s);
/** A code point, at most 0x10ffff, as UTF-8. Returns bytes written. Source: RFC 3629 section 3. */
size_t tw_utf8_put(char out[4], uint32_t code_point);

/** Decimal text to u64 / i64 / double. false: empty, trailing bytes, overflow. Locale-free. */
bool tw_parse_u64(uint64_t *out, tw_str s);
bool tw_parse_i64(int64_t *out, tw_str s);
bool tw_parse_f64(double *out, tw_str s);

/* ---------------------------------------------------------------- memory */

/** Process heap, through one place so that a test can make the n-th allocation fail. NULL when out of memory or n is
 * over the ceiling of 4 GiB. Rooms use the arena; this is for long-lived objects. */
void *tw_mem_alloc(size_t n); /* zeroed */
void *tw_mem_resize(void *p, size_t n);
void tw_mem_free(void *p);
/** Test hook: the n-th allocation from now fails (0 = never). */
void tw_mem_fail_at(uint64_t n);

typedef struct tw_arena tw_arena;
tw_arena *tw_arena_new(size_t bytes_max); /* aborts when even the header cannot be had */
void tw_arena_free(tw_arena *a);
/** n zeroed bytes, 16-aligned; NULL over the ceiling. */
void *tw_arena_try(tw_arena *a, size_t n);
/** As tw_arena_try; aborts instead of NULL: for sizes known in the code. */
void *tw_arena_get(tw_arena *a, size_t n);
/** Everything allocated after the mark is released by tw_arena_back. */
typedef struct {
    void *chunk;
    size_t used;
    size_t total;
} tw_mark;
tw_mark tw_arena_mark(const tw_arena *a);
void tw_arena_back(tw_arena *a, tw_mark m);
size_t tw_arena_used(const tw_arena *a);

#define tw_new(arena, type) ((type *)tw_arena_get((arena), sizeof(type)))
#define tw_try_array(arena, type, count)                                                           \
    ((type *)tw_arena_try((arena), tw_array_size((count), sizeof(type))))
size_t tw_array_size(size_t count, size_t size); /* SIZE_MAX on overflow */
tw_str tw_str_dup(tw_arena *a, tw_str s);        /* NUL-terminated copy (n excludes it); aborts at the ceiling */
tw_bytes tw_bytes_dup(tw_arena *a, tw_bytes b);
char *tw_cstr(tw_arena *a, tw_str s);
/** printf into the arena. */
tw_str tw_strf(tw_arena *a, const char *fmt, ...) TW_PRINTF(2, 3);

/* ---------------------------------------------------------------- effects */

/** UTC seconds. */
typedef struct {
    uint64_t (*now_s)(void *self);
    void *self;
} tw_clock;

/** Random bytes. A seeded source makes a directory insecure; see io. */
typedef struct {
    void (*fill)(void *self, uint8_t *out, size_t n);
    void *self;
} tw_entropy;

typedef struct tw_file tw_file; /* opaque, owned by the disk that opened it */

typedef enum {
    TW_OPEN_READ,
    TW_OPEN_APPEND,
    TW_OPEN_CREATE /* truncate */,
    TW_OPEN_EDIT /* read-write, no truncate */
} tw_open_mode;

/** A disk. All paths are relative to its root or absolute; functions return TW_OK, TW_ENOTFOUND or TW_EIO without
 * message (the wrappers below add it). The real one is io; tests simulate torn writes with their own. */
typedef struct tw_disk {
    tw_status (*open)(void *self, tw_file **out, const char *path, tw_open_mode mode);
    tw_status (*size)(void *self, tw_file *f, uint64_t *out);
    tw_status (*read)(void *self, tw_file *f, uint64_t off, uint8_t *out, size_t n, size_t *got);
    tw_status (*write)(void *self, tw_file *f, uint64_t off, const uint8_t *p, size_t n);
    tw_status (*truncate)(void *self, tw_file *f, uint64_t size);
    tw_status (*sync)(void *self, tw_file *f);
    void (*close)(void *self, tw_file *f);
    tw_status (*rename)(void *self, const char *from, const char *to); /* and syncs the directory */
    tw_status (*remove)(void *self, const char *path);
    tw_status (*mkdirs)(void *self, const char *path); /* with parents, mode 0700; existing is fine */
    bool (*exists)(void *self, const char *path);
    /** Names in a directory, sorted by bytes, "." and ".." left out; directories end in '/'. */
    tw_status (*list)(void *self, const char *path, void (*each)(void *arg, const char *name), void *arg);
    void *self;
} tw_disk;

/** Ordered key-value store with atomic transactions (LMDB in io). One write transaction at a time. */
typedef struct tw_kv {
    tw_status (*begin)(void *self, bool write);
    tw_status (*commit)(void *self); /* durable when it returns */
    void (*abort)(void *self);
    /** Value borrowed until the transaction ends. TW_ENOTFOUND when absent. */
    tw_status (*get)(void *self, tw_bytes key, tw_bytes *val);
    tw_status (*put)(void *self, tw_bytes key, tw_bytes val);
    tw_status (*del)(void *self, tw_bytes key); /* absent is fine */
    /** First key >= `from` (prefix scans: check the prefix yourself). TW_ENOTFOUND at the end. */
    tw_status (*seek)(void *self, tw_bytes from, tw_bytes *key, tw_bytes *val);
    void (*close)(void *self);
    void *self;
} tw_kv;

typedef enum { TW_LOG_DEBUG, TW_LOG_INFO, TW_LOG_WARN } tw_log_level;

/** All effects that a use case may have. Copied by value into a context; pointers outlive it. */
typedef struct tw_env {
    tw_clock clock;
    tw_entropy entropy;
    const tw_disk *disk;
    void (*event)(void *self, tw_log_level level, const char *name, const char *text); /* NULL: silent */
    void *event_self;
    void (*crash)(void *self, const char *point); /* test hook: called at named crash points; NULL in production */
    void *crash_self;
    /** Opens a store in a file, made when it is not there; bytes_max: its ceiling. Codes as of a disk, without message.
     *  NULL: there are no stores. */
    tw_status (*kv_open)(void *self, tw_kv *out, const char *path, size_t bytes_max);
    void *kv_self;
} tw_env;

/* ---------------------------------------------------------------- context */

typedef struct {
    tw_status code;
    int line;
    const char *file;
    char msg[320];   /* why, prefixed by where on the way up */
    char hint[160];  /* what to do about it; may be empty */
} tw_err;

/** One per request or record: where memory comes from, what went wrong, which effects there are. */
typedef struct tw_ctx {
    tw_arena *arena;
    tw_err err;
    const tw_env *env; /* NULL in pure code's tests */
} tw_ctx;

/** A fresh arena with a ceiling; env is borrowed. tw_ctx_done frees all of it, whatever happened. */
void tw_ctx_init(tw_ctx *cx, size_t arena_bytes_max, const tw_env *env);
void tw_ctx_done(tw_ctx *cx);

/** Record an error and return `code`. The message is built once, at the origin. */
#define tw_fail(cx, code, ...) tw_fail_at((cx), (code), __FILE__, __LINE__, __VA_ARGS__)
tw_status tw_fail_at(tw_ctx *cx, tw_status code, const char *file, int line, const char *fmt, ...) TW_PRINTF(5, 6);
/** Prefix the message on the way up: "<text>: <old>". Returns the recorded code. */
tw_status tw_wrap(tw_ctx *cx, const char *fmt, ...) TW_PRINTF(2, 3);
/** Say how to mend it. Returns the recorded code. */
tw_status tw_hint(tw_ctx *cx, const char *fmt, ...) TW_PRINTF(2, 3);
void tw_err_clear(tw_ctx *cx);

void tw_event(tw_ctx *cx, tw_log_level level, const char *name, const char *fmt, ...) TW_PRINTF(4, 5);
/** A place where a test may kill the process. Names are listed in docs/crash-points.md. */
void tw_crash_point(tw_ctx *cx, const char *name);
uint64_t tw_now_s(tw_ctx *cx);                       /* env clock */
void tw_random(tw_ctx *cx, uint8_t *out, size_t n);  /* env entropy */

/* Whole-file helpers over env->disk; each records an error that names the path. */
TW_NODISCARD tw_status tw_file_read(tw_ctx *cx, tw_bytes *out /* arena, NUL after the end */, const char *path,
                                    size_t bytes_max);
/** Atomic: temporary file, sync, rename. */
TW_NODISCARD tw_status tw_file_write(tw_ctx *cx, const char *path, tw_bytes data);
/** Append and sync. */
TW_NODISCARD tw_status tw_file_append(tw_ctx *cx, const char *path, tw_bytes data);
TW_NODISCARD tw_status tw_dir_make(tw_ctx *cx, const char *path);
/** Sorted names in the arena. */
TW_NODISCARD tw_status tw_dir_list(tw_ctx *cx, tw_str **names, size_t *count, const char *path);
bool tw_path_exists(tw_ctx *cx, const char *path);
/** "a/b" from parts, in the arena. */
char *tw_path(tw_ctx *cx, const char *a, const char *b);
/** What stands behind the last slash. */
const char *tw_path_name(const char *path);

/* ---------------------------------------------------------------- growing buffers and readers */

/** A byte buffer with a ceiling. After a failed append it is empty and `failed` stays set: check once, at the end. */
typedef struct {
    uint8_t *p;
    size_t n;
    size_t cap;
    size_t max;
    bool failed;
} tw_buf;

void tw_buf_init(tw_buf *b, size_t bytes_max);
void tw_buf_done(tw_buf *b);  /* wipes and frees */
void tw_buf_clear(tw_buf *b); /* keeps the memory and `max`; failed = false */
void tw_buf_add(tw_buf *b, const void *p, size_t n);
void tw_buf_str(tw_buf *b, tw_str s);
void tw_buf_cstr(tw_buf *b, const char *s);
void tw_buf_fmt(tw_buf *b, const char *fmt, ...) TW_PRINTF(2, 3);
void tw_buf_u8(tw_buf *b, uint8_t v);
void tw_buf_u16(tw_buf *b, uint16_t v); /* big-endian, as all of these */
void tw_buf_u32(tw_buf *b, uint32_t v);
void tw_buf_u64(tw_buf *b, uint64_t v);
void tw_buf_var(tw_buf *b, tw_bytes v); /* u32 length, bytes */
static inline tw_bytes tw_buf_view(const tw_buf *b)
{
    return (tw_bytes){ b->p, b->n };
}
/** TW_ELIMIT with `what` when an append failed. */
TW_NODISCARD tw_status tw_buf_check(tw_ctx *cx, const tw_buf *b, const char *what);

/** A length-checked cursor. After a short read every further read gives zeroes and `bad` stays set: check once. */
typedef struct {
    const uint8_t *p;
    size_t n;
    size_t off;
    bool bad;
} tw_rd;

tw_rd tw_rd_of(tw_bytes b);
uint8_t tw_rd_u8(tw_rd *r);
uint16_t tw_rd_u16(tw_rd *r);
uint32_t tw_rd_u32(tw_rd *r);
uint64_t tw_rd_u64(tw_rd *r);
void tw_rd_copy(tw_rd *r, uint8_t *out, size_t n);
tw_bytes tw_rd_view(tw_rd *r, size_t n);
tw_bytes tw_rd_var(tw_rd *r, size_t bytes_max);
size_t tw_rd_left(const tw_rd *r);
/** TW_EPARSE with "<what>: ..." unless all bytes were read and none was missing. Unused bytes are refused. */
TW_NODISCARD tw_status tw_rd_end(tw_ctx *cx, const tw_rd *r, const char *what);

/** Big-endian integers in byte arrays. */
uint16_t tw_be16(const uint8_t p[2]);
uint32_t tw_be32(const uint8_t p[4]);
uint64_t tw_be64(const uint8_t p[8]);
void tw_put_be16(uint8_t p[2], uint16_t v);
void tw_put_be32(uint8_t p[4], uint32_t v);
void tw_put_be64(uint8_t p[8], uint64_t v);

/* ---------------------------------------------------------------- text encodings */

tw_str tw_hex(tw_arena *a, tw_bytes b); /* lower case */
bool tw_unhex(uint8_t *out, size_t n, tw_str hex); /* exactly 2n digits */
tw_str tw_base64(tw_arena *a, tw_bytes b); /* RFC 4648 section 4, padded */
/** Canonical only: padding present, unused bits zero, no blanks. */
bool tw_unbase64(tw_arena *a, tw_bytes *out, tw_str s);

/* ---------------------------------------------------------------- map */

/** Byte-string keys to pointers; keyed SipHash (libsodium), open addressing. Iteration is in insertion order, so
 * nothing that depends on it depends on memory. Keys are copied. */
typedef struct tw_map tw_map;
tw_map *tw_map_new(size_t count_max);
void tw_map_free(tw_map *m);
void *tw_map_get(const tw_map *m, tw_bytes key); /* NULL when absent */
/** false when count_max is reached. Replaces an old value. value must not be NULL. */
bool tw_map_put(tw_map *m, tw_bytes key, void *value);
size_t tw_map_count(const tw_map *m);
/** i in [0, count): insertion order. */
void *tw_map_at(const tw_map *m, size_t i, tw_bytes *key);

/* ---------------------------------------------------------------- secrets */

/** Guarded, locked, wiped memory (libsodium). No formatter takes it. */
typedef struct tw_secret tw_secret;
tw_secret *tw_secret_new(size_t n); /* zeroed; aborts when it cannot be had */
void tw_secret_free(tw_secret *s);  /* wipes; NULL is fine */
uint8_t *tw_secret_p(tw_secret *s);
size_t tw_secret_n(const tw_secret *s);
void tw_wipe(void *p, size_t n);
/** Call once before anything else; aborts when libsodium cannot start. */
void tw_base_start(void);

/* ---------------------------------------------------------------- dates */

/** Days since 1970-01-01, proleptic Gregorian (Hinnant, "chrono-compatible low-level date algorithms"). */
int64_t tw_days_from_civil(int64_t y, unsigned m, unsigned d);
void tw_civil_from_days(int64_t days, int64_t *y, unsigned *m, unsigned *d);
bool tw_civil_valid(int64_t y, unsigned m, unsigned d);
/** RFC 3339 "YYYY-MM-DDThh:mm:ssZ" in the arena. */
tw_str tw_time_text(tw_arena *a, uint64_t utc_s);
tw_str tw_date_text(tw_arena *a, int64_t days);
/** "YYYY-MM-DD" or RFC 3339 with zone, to UTC seconds. */
bool tw_time_parse(uint64_t *utc_s, tw_str s);

#endif
