/** Engine: what orders entries and keeps them. `solo`: one signing node over an append-only segment log.
 *
 *  Folder (a disk path): `segments`, blocks of entries padded to 4 KiB; `tile.0`, `tile.1`... flat tile files;
 *  `checkpoints`, append-only signed notes; `state.mdb`, the ledger's state as of some size, when the environment has
 *  stores (kv_open). The segments are the truth; all else is derived and rebuilt. A block:
 *  header (magic, length, entries, first index, previous block's hash, SHA-256 of the payload, CRC-32C of the header),
 *  payload = entries as var, zero padding that is checked. Answers are given after one sync of the segments. Recovery
 *  stops at the first bad record; when a whole block follows it, or a stored checkpoint is larger than the log or has
 *  another root: corruption, refuse to start (TW_EVERIFY). docs/formats/log.md.
 *
 *  State lives in memory. Who opens a log decides what it is built from:
 *  - the signer (tw_solo_open with log_seed) and a follower's own copy (tw_solo_follow's own_dir) load `state.mdb` and
 *    replay the rest. The folder is their own: whoever can write state.mdb can also write the log key beside it. It is
 *    used only when it is of this log: ledger id, chain of block headers up to its last block, digest of its rows, log
 *    root over the leaves, state root over the records, and the checkpoints. Else, and when anything fails after, the
 *    whole log is replayed and the state stored anew. Bytes of old entries are then read when they are asked for,
 *    and checked against their leaf (tw_solo_entry), or all of them by tw_solo_check.
 *  - a reader (tw_solo_open without log_seed: an audit, a verification, a folder from elsewhere) never looks at
 *    state.mdb: it replays every entry with every signature check. So does a follower with the blocks that it takes.
 *  State is stored when a log is closed, and by a thread of the log's own at the end of a block when a second has
 *  passed since it was last taken; blocks wait for that thread when it is far behind. A reader opens no store and
 *  starts no thread. One tw_solo is used by one thread at a time.
 *
 *  One process writes to a folder at a time: the caller holds a lock. Readers need none.
 *  After a failed write a tw_solo does nothing more (TW_EIO): close it and open it again.
 *  Crash points: log.before-write, log.before-sync, log.after-sync, log.after-checkpoint, state.before-write,
 *  state.before-commit, state.after-commit. */
#ifndef TW_ENGINE_H
#define TW_ENGINE_H

#include "base/base.h"
#include "ledger/ledger.h"

typedef struct tw_solo tw_solo;

/** New log folder with the genesis entry. log_seed: 32-byte Ed25519 seed of the checkpoint key named in the
 *  genesis. TW_ECONFLICT when one is there. */
TW_NODISCARD tw_status tw_solo_create(tw_ctx *cx, const char *dir, tw_bytes genesis_body, const uint8_t log_seed[32]);
/** Open, from the stored state or by replay: see above. With log_seed a torn end is cut, tiles and checkpoints are
 *  mended, and the present size is signed. log_seed NULL: read-only, all is replayed; a torn end is passed over, a
 *  checkpoint that does not hold is TW_EVERIFY. Heap-owned: tw_solo_close. fails TW_ENOTFOUND, TW_ECONFIG (not the
 *  genesis' log key), TW_EVERIFY (names file and place). */
TW_NODISCARD tw_status tw_solo_open(tw_ctx *cx, tw_solo **out, const char *dir, const uint8_t *log_seed);
void tw_solo_close(tw_solo *s);
/** Borrowed; changes with each call below. */
const tw_ledger *tw_solo_ledger(const tw_solo *s);
/** Entries whose state was loaded when the log was opened; those behind them were replayed. 0: all were. */
uint64_t tw_solo_loaded(const tw_solo *s);

/** One block: an optional tick (seconds > last; 0 = none), then operations. Durable, and its checkpoint written,
 *  when it returns. status[i]: TW_OK and results[i] filled (code may be non-zero), or why it was not logged. */
TW_NODISCARD tw_status tw_solo_block(tw_ctx *cx, tw_solo *s, uint64_t tick_s, const tw_bytes *ops, size_t count,
                                     tw_applied *results, tw_status *status);
/** One operation with a tick before it when the clock moved. */
TW_NODISCARD tw_status tw_solo_submit(tw_ctx *cx, tw_applied *out, tw_solo *s, uint64_t now_s, tw_bytes op);
TW_NODISCARD tw_status tw_solo_tick(tw_ctx *cx, tw_solo *s, uint64_t now_s);

/** Bytes of entry idx, in the arena. */
TW_NODISCARD tw_status tw_solo_entry(tw_ctx *cx, tw_bytes *out, const tw_solo *s, uint64_t idx);
/** Latest checkpoint note. */
TW_NODISCARD tw_status tw_solo_checkpoint(tw_ctx *cx, tw_str *note, const tw_solo *s);
/** C2SP tlog-proof text of entry idx against the latest checkpoint. */
TW_NODISCARD tw_status tw_solo_receipt(tw_ctx *cx, tw_str *proof, const tw_solo *s, uint64_t idx);
/** All stored checkpoints, oldest first, each re-checked against the log. */
TW_NODISCARD tw_status tw_solo_check(tw_ctx *cx, const tw_solo *s);

/** A follower's own copy (keeper, auditor, wallet): reads blocks beyond its size from another log folder, replays
 *  each entry with every check, verifies the other's newest checkpoint against the genesis key, then appends to its
 *  own folder. The first call on an absent folder copies the genesis; ledger_id (may be NULL) pins it. fails
 *  TW_EVERIFY: the other log is shorter than what was seen, differs, or its checkpoint does not fit. */
TW_NODISCARD tw_status tw_solo_follow(tw_ctx *cx, tw_solo **io, const char *own_dir, const char *from_dir,
                                      const tw_id *ledger_id);

/** Writes the C2SP static layout (checkpoint, tile/..., tile/entries/...) for other people's verifiers. */
TW_NODISCARD tw_status tw_solo_export(tw_ctx *cx, const tw_solo *s, const char *dir);

#endif
