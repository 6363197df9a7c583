/** Io: the real effects behind the vtables of base. Files, clock, entropy, LMDB, event sink, crash points, process
 *  hardening. */
#ifndef TW_IO_H
#define TW_IO_H

#include "base/base.h"

/** POSIX disk; relative paths are relative to the working directory. Static storage. */
const tw_disk *tw_io_disk(void);
tw_clock tw_io_clock(void);
tw_entropy tw_io_entropy(void); /* libsodium */

/** Seeded entropy (ChaCha20 stream of libsodium over a counter) and a virtual clock for reproducible, INSECURE
 *  runs. */
typedef struct {
    uint8_t seed[32];
    uint64_t counter;
} tw_io_seeded;
tw_entropy tw_io_seeded_entropy(tw_io_seeded *state, uint64_t seed, const char *label);
typedef struct {
    uint64_t now_s;
} tw_io_virtual;
tw_clock tw_io_virtual_clock(tw_io_virtual *state, uint64_t start_s);

/** LMDB environment in one file with default sync; grows on demand. bytes_max: ceiling of the map. */
TW_NODISCARD tw_status tw_io_kv_open(tw_ctx *cx, tw_kv *out, const char *path, size_t bytes_max);
/** The same without a message: kv_open of an environment. */
tw_status tw_io_kv_open_plain(void *self, tw_kv *out, const char *path, size_t bytes_max);

/** Exclusive advisory lock on a file, waits up to timeout_ms (0: try once). TW_ECONFLICT when held by another
 *  process. */
typedef struct tw_io_lock tw_io_lock;
TW_NODISCARD tw_status tw_io_lock_take(tw_ctx *cx, tw_io_lock **out, const char *path, unsigned timeout_ms);
void tw_io_lock_drop(tw_io_lock *l);

/** Crash points for tests: TWINWARD_CRASH_AT="name" or "name:n" kills this process with SIGKILL at the n-th pass.
 *  NULL when not set. TWINWARD_CRASH_LOG=FILE appends each passed name. */
void tw_io_crash_hook(tw_env *env);

/** No core file, not dumpable, umask 077. Called once by the program before it reads a secret. */
void tw_io_harden(void);

/** A complete environment of the above. */
tw_env tw_io_env(void);

#endif
