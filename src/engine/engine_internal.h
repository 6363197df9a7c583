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
/** Block at the cursor; moves the cursor past a good one. BAD: there are bytes but no whole, chained block. */
tw_status tw_block_read(tw_ctx *cx, tw_block *out, tw_block_is *is, tw_segments *s, tw_cursor *at);
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

/* ---------------------------------------------------------------- solo */

typedef enum { TW_SOLO_READ, TW_SOLO_SIGN, TW_SOLO_FOLLOW } tw_solo_mode;

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
    tw_entry_place *places;
    uint64_t place_room;
    tw_buf note; /* latest */
    uint64_t note_size;
    tw_file *notes_file;
    uint64_t notes_end;
    tw_file *tile[TW_TILE_LEVELS];
    uint64_t tile_count[TW_TILE_LEVELS]; /* hashes written */
    bool broken; /* memory is ahead of the disk: nothing more is done */
};

tw_status tw_solo_open_as(tw_ctx *cx, tw_solo **out, const char *dir, tw_solo_mode mode, const uint8_t *log_seed);
tw_status tw_solo_usable(tw_ctx *cx, const tw_solo *s);
/** Notes where the entries of a block stand. */
tw_status tw_solo_place(tw_ctx *cx, tw_solo *s, const tw_block *b);
/** Appends the bytes of one block and syncs; moves `end`. */
tw_status tw_solo_append_block(tw_ctx *cx, tw_solo *s, tw_bytes record);
/** Brings the tile files up to the ledger's size. */
tw_status tw_solo_append_tiles(tw_ctx *cx, tw_solo *s);
/** Compares the tile files with the log; mends them when `mend`. */
tw_status tw_solo_check_tiles(tw_ctx *cx, tw_solo *s, bool mend);
/** Reads all stored notes against the log, remembers the newest; strict: also an incomplete tail is a finding.
 *  Notes that do not hold are dropped when `mend`, else TW_EVERIFY. */
tw_status tw_solo_load_notes(tw_ctx *cx, tw_solo *s, tw_str file, bool strict, bool mend);
/** Signs the present size, unless it has a checkpoint. */
tw_status tw_solo_sign_note(tw_ctx *cx, tw_solo *s);
tw_status tw_solo_append_note(tw_ctx *cx, tw_solo *s, tw_str note, uint64_t size);

#endif
