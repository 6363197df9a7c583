/** Genuine objects that targets hold inputs against: a ledger with every kind of operation, and log folders. Made once
 *  a process, always the same. */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "engine/engine.h"
#include "ledger/ledger.h"
#include "ledger_world.h"
#include "simdisk.h"
#include "support.h"

/** The parties and genesis of the test world. */
const tw_world *fuzz_world(void);
/** Its ledger after a fixed sequence of operations over all kinds. */
const tw_ledger *fuzz_ledger(void);
/** Bytes of an entry of that ledger, from 0. */
tw_bytes fuzz_entry(uint64_t idx);

#define FUZZ_LOG "log" /* the folder on the disks below */
#define FUZZ_BLOCKS 3  /* behind that of the genesis */
/** A log of a genesis and of ticks in FUZZ_BLOCKS blocks, as its signer left it. */
typedef struct {
    unsigned ticks;
    tw_simdisk *disk; /* read only: copy it */
    tw_solo *solo;
} fuzz_log;
/** A short one, for speed, or one with a full tile. */
const fuzz_log *fuzz_log_short(void);
const fuzz_log *fuzz_log_long(void);
/** A file of a log: "segments", "tile.0". */
tw_bytes fuzz_log_file(const fuzz_log *l, const char *name);

#endif
