/** A disk in memory that can die: every file has what is durable and what was written since its last sync. A crash
 *  keeps, drops or tears each unsynced sector by a seeded choice; a name that was never synced may vanish. Renames
 *  and removals are durable at once, as the real disk makes them. */
#ifndef TW_SIMDISK_H
#define TW_SIMDISK_H

#include "base/base.h"

typedef struct tw_simdisk tw_simdisk;

tw_simdisk *tw_simdisk_new(void);
void tw_simdisk_free(tw_simdisk *d);
const tw_disk *tw_simdisk_vtable(tw_simdisk *d);
/** Another disk with the same durable and unsynced content. */
tw_simdisk *tw_simdisk_copy(const tw_simdisk *d);

/** Content of a file as a reader sees it, borrowed until the next change; {NULL, 0} when it is not there. */
tw_bytes tw_simdisk_get(const tw_simdisk *d, const char *path);
/** Sets a file's content, durable. */
void tw_simdisk_put(tw_simdisk *d, const char *path, tw_bytes content);
void tw_simdisk_remove(tw_simdisk *d, const char *path);

/** Changing calls so far (open for writing, write, truncate, sync, rename, remove, mkdirs). */
uint64_t tw_simdisk_calls(const tw_simdisk *d);
uint64_t tw_simdisk_syncs(const tw_simdisk *d);
/** The n-th changing call from now fails with TW_EIO (a write of it is done in part), and so do all after it: the
 *  process is dead or the device is. 0: never. */
void tw_simdisk_die_at(tw_simdisk *d, uint64_t n);
/** The same, once: calls after the n-th work again. */
void tw_simdisk_fail_at(tw_simdisk *d, uint64_t n);
/** Power loss: what was not synced is decided by the seed; the disk works again. */
void tw_simdisk_crash(tw_simdisk *d, uint64_t seed);

#endif
