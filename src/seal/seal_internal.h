/** What the files of this room share and nobody else sees. */
#ifndef TW_SEAL_INTERNAL_H
#define TW_SEAL_INTERNAL_H

#include "seal/seal.h"

struct tw_wallet {
    tw_secret *roots; /* root 32, stop root 32 (each zero when it is not here) */
    bool has_root;
    bool has_stop;
    char label[TW_WALLET_LABEL_MAX];
    size_t label_n;
    tw_wallet_entry **entry; /* each on the heap, so that a pointer to one stays good */
    size_t count;
    size_t cap;
    uint64_t seen_size;
    uint8_t seen_root[32];
};

/** Copies the entry and its policy to the end. */
TW_NODISCARD tw_status tw_wallet_push(tw_ctx *cx, tw_wallet *w, const tw_wallet_entry *entry);
/** Drops all entries from `count` on. */
void tw_wallet_cut(tw_wallet *w, size_t count);
/** Replaces the policy of an entry by a copy. */
TW_NODISCARD tw_status tw_wallet_set_policy(tw_ctx *cx, tw_wallet_entry *e, tw_bytes policy);
/** Empty wallet with room for both roots (zero). */
TW_NODISCARD tw_status tw_wallet_make(tw_ctx *cx, tw_wallet **out, tw_str label);
/** id key 32, and the date shift in whole weeks, -52..-1. */
void tw_wallet_person(uint8_t id_key[32], int16_t *shift_weeks, const tw_wallet *w);
/** handle = HMAC-SHA256(id key, "tw/self/1"), first 16 bytes. */
void tw_person_handle(uint8_t handle[16], const uint8_t id_key[32]);
/** Shares of `a` for the n keepers of a record, and commitments: the same every time, because coefficients come
 *  from the root. shares: n * 32, commits: t * 32. */
TW_NODISCARD tw_status tw_wallet_deal_a(tw_ctx *cx, uint8_t *shares, uint8_t *commits, const tw_wallet *w,
                                        const tw_comp *c,
                                        const uint8_t a[TW_SCALAR], unsigned n);

/** A buffer of exactly `bytes_max` in the arena: it never moves, so secrets written to it leave no copy behind,
 *  and the arena wipes it. Never call tw_buf_done on it. */
TW_NODISCARD tw_status tw_seal_room(tw_ctx *cx, tw_buf *out, size_t bytes_max);
/** Bytes of an encoded tw_comp_record, at most. */
#define TW_RECORD_ROOM (2 * TW_KEY + 4 + TW_COMP_BYTES_MAX + 64)
void tw_seal_id(tw_buf *out, const tw_id *id);
/** H("tw/watch/1", watch) */
void tw_watch_hash(uint8_t out[32], const uint8_t watch[32]);

#endif
