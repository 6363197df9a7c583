/** What the files of this room share and nobody else sees. */
#ifndef TW_ENGINE_INTERNAL_H
#define TW_ENGINE_INTERNAL_H

#include "engine/engine.h"

/* ---------------------------------------------------------------- blocks (segment.c) */

#define TW_BLOCK_HEADER 92
#define TW_BLOCK_ALIGN 4096
#define TW_BLOCK_PAYLOAD_MAX ((size_t)64 << 20)

/** Where the next block is expected. All zero: the start of a log. */
typedef struct {
    uint64_t off;
    uint64_t idx;
    uint8_t previous[32];
} tw_cursor;

typedef struct {
    uint64_t off;
    uint64_t end; /* offset of the next block */
    uint64_t first;
    uint32_t count;
    uint8_t hash[32];  /* SHA-256 of the header */
    tw_bytes record;   /* header, payload, padding: borrowed from the reader's buffer */
    tw_bytes payload;
} tw_block;

typedef enum { TW_BLOCK_GOOD, TW_BLOCK_BAD, TW_BLOCK_NONE } tw_block_is;

/** A segment file open for reading, and the buffer that blocks are read into. */
typedef struct {
    const tw_disk *disk;
    tw_file *file;
    uint64_t size;
    tw_buf buf;
} tw_segments;

/** Opens and takes the size. fails TW_ENOTFOUND, TW_EIO. */
tw_status tw_segments_open(tw_ctx *cx, tw_segments *s, const char *dir, tw_open_mode mode);
void tw_segments_close(tw_segments *s);
/** Block at the cursor; moves the cursor past a good one. NONE: the end, or nothing but room made ahead. BAD: other
 *  bytes, but no whole, chained block. */
tw_status tw_block_read(tw_ctx *cx, tw_block *out, tw_block_is *is, tw_segments *s, tw_cursor *at);
/** The same by the header alone: no record, no payload. */
tw_status tw_block_skim(tw_ctx *cx, tw_block *out, tw_block_is *is, tw_segments *s, tw_cursor *at);
/** A whole block at an offset, wherever it belongs in the chain. */
tw_status tw_block_at(tw_ctx *cx, tw_block *out, bool *ok, tw_segments *s, uint64_t off);
/** Is there a whole block somewhere behind a bad one? Then the bad one is no torn tail. */
tw_status tw_block_follows(tw_ctx *cx, bool *found, tw_segments *s, const tw_cursor *at);
/** Bytes of a block, padded, appended to `out`. */
void tw_block_encode(tw_buf *out, const tw_cursor *at, uint32_t count, tw_bytes payload);
void tw_cursor_pass(tw_cursor *at, const tw_block *b);

/* ---------------------------------------------------------------- checkpoints (notes.c) */

/** Next note in a checkpoints file: text up to the empty line after its signatures. false: none that is complete. */
bool tw_note_next(tw_str *note, tw_str *rest);
/** The whole file; empty when it is not there. */
tw_status tw_notes_read(tw_ctx *cx, tw_str *out, const char *dir);

/* ---------------------------------------------------------------- tiles (tiles.c) */

#define TW_TILE_LEVELS 8 /* 256^8 leaves */

/** Hashes of a tile level for a log of `size` leaves, in the arena. Level 0 borrows the leaves. */
tw_status tw_tiles_level(tw_ctx *cx, const uint8_t **hashes, uint64_t *count, const uint8_t *leaves, uint64_t size,
                         unsigned level);

/* ---------------------------------------------------------------- the stored state (store.c) */

typedef struct tw_store tw_store;

/** state.mdb of a folder; NULL when the environment has no stores or none can be had here: state is derived, so that
 *  is no error. */
tw_store *tw_store_open(tw_ctx *cx, const char *dir);
/** Ledger, places and end as they were stored. On any failure s is left as it was, but for places. fails TW_ENOTFOUND
 *  (nothing is stored), TW_EVERIFY, TW_EPARSE, TW_EIO: it is not of this log, or damaged. */
tw_status tw_store_load(tw_ctx *cx, tw_solo *s);
/** Throws away what is stored. */
void tw_store_clear(tw_ctx *cx, tw_solo *s);
/** The log is open: from here on changes are noted. loaded: the store holds the state at s->trusted. */
void tw_store_begin(tw_ctx *cx, tw_solo *s, bool loaded);
/** After a block is durable. At most once a second the changed rows go to the writer's thread; when it is far behind,
 *  this waits for it. */
void tw_store_block(tw_ctx *cx, tw_solo *s);
/** Ends the thread, stores the last state unless s is broken, closes. */
void tw_store_close(tw_solo *s);

/* ---------------------------------------------------------------- solo */

typedef enum { TW_SOLO_READ, TW_SOLO_SIGN, TW_SOLO_FOLLOW } tw_solo_mode;

/** n = 0: the entry stands in the block at `off`, which was not read yet. */
typedef struct {
    uint64_t off;
    uint32_t n;
} tw_entry_place;

struct tw_solo {
    tw_solo_mode mode;
    const tw_disk *disk;
    tw_arena *arena; /* paths */
    const char *dir;
    tw_ledger *ledger;
    tw_secret *seed; /* SIGN only */
    tw_segments segments;
    tw_cursor end;
    uint64_t room_end;  /* zeroes stand in the file from `end` to here; 0: none */
    uint64_t room_step; /* bytes of the next room */
    tw_store *store;    /* NULL: no state is stored */
    uint64_t trusted;   /* entries that were not replayed: their state was loaded */
    tw_entry_place *places;
    uint64_t place_room;
    tw_buf note; /* latest */
    uint64_t note_size;
    tw_file *notes_file;
    uint64_t notes_end;
    tw_sha256 notes_hash; /* running, over the file */
    uint64_t notes_seen;  /* bytes of it that were checked before the loaded state was stored, and their hash */
    uint8_t notes_seen_hash[32];
    tw_file *tile[TW_TILE_LEVELS];
    uint64_t tile_count[TW_TILE_LEVELS]; /* hashes written */
    bool broken; /* memory is ahead of the disk: nothing more is done */
};

tw_status tw_solo_open_as(tw_ctx *cx, tw_solo **out, const char *dir, tw_solo_mode mode, const uint8_t *log_seed);
tw_status tw_solo_usable(tw_ctx *cx, const tw_solo *s);
/** Notes where the entries of a block stand. */
tw_status tw_solo_place(tw_ctx *cx, tw_solo *s, const tw_block *b);
/** The same for a block that was skimmed; and where an entry stands, after reading its block if need be. */
tw_status tw_solo_place_skimmed(tw_ctx *cx, tw_solo *s, const tw_block *b);
tw_status tw_solo_find(tw_ctx *cx, tw_entry_place *out, const tw_solo *s, uint64_t idx);
/** Appends the bytes of one block, with room behind it when there is none left, and syncs; moves `end`. */
tw_status tw_solo_append_block(tw_ctx *cx, tw_solo *s, tw_bytes record);
/** Brings the tile files up to the ledger's size. */
tw_status tw_solo_append_tiles(tw_ctx *cx, tw_solo *s);
/** Compares the tile files with the log; mends them when `mend`. */
tw_status tw_solo_check_tiles(tw_ctx *cx, tw_solo *s, bool mend);
/** Reads all stored notes against the log (of those that a loaded state has seen only the newest), remembers the
 *  newest; strict: also an incomplete tail is a finding. Notes that do not hold are dropped when `mend`, else
 *  TW_EVERIFY. */
tw_status tw_solo_load_notes(tw_ctx *cx, tw_solo *s, tw_str file, bool strict, bool mend);
/** Signs the present size, unless it has a checkpoint. */
tw_status tw_solo_sign_note(tw_ctx *cx, tw_solo *s);
tw_status tw_solo_append_note(tw_ctx *cx, tw_solo *s, tw_str note, uint64_t size);

#endif
