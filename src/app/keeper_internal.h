/** Private to the keeper's files. A keeper knows: its key, its store, its own copy of the log. */
#ifndef TW_KEEPER_INTERNAL_H
#define TW_KEEPER_INTERNAL_H

#include "app_internal.h"

#define TW_CANDIDATES_PAGE 512
#define REPLY_BATCH_MAX (256 * TW_MIB)
#define TW_IMPORT_KEY_LIFE_S (8u * 86400)   /* of a published key */
#define TW_IMPORT_KEY_RENEW_S (7u * 86400)  /* a successor is published at this age */
#define TW_IMPORT_SECRET_GRACE_S (8u * 86400) /* kept after the successor came */

/* Slots: 32-byte keys that can be overwritten in place, so that what they seal is gone with them; a database's freed
 * pages would keep the bytes. */
typedef struct {
    const tw_disk *disk;
    tw_file *file;
    uint64_t count;
    bool dirty;
} tw_slots;
tw_status tw_slots_open(tw_ctx *cx, tw_slots *s, const char *path);
void tw_slots_close(tw_slots *s);
tw_status tw_slots_add(tw_ctx *cx, uint64_t *slot, uint8_t key[32], tw_slots *s);
tw_status tw_slots_get(tw_ctx *cx, uint8_t key[32], tw_slots *s, uint64_t slot); /* TW_ENOTFOUND once wiped */
tw_status tw_slots_wipe(tw_ctx *cx, tw_slots *s, uint64_t slot);
/** Slots added and wiped so far are durable: before the transaction that speaks of them is committed. */
tw_status tw_slots_sync(tw_ctx *cx, tw_slots *s);
/** slot u64, nonce 24, XChaCha20-Poly1305 under the slot's key with aad: into the arena. */
tw_status tw_slots_seal(tw_ctx *cx, tw_bytes *row, tw_slots *s, const uint64_t *slot /* NULL: a new one */,
                        tw_bytes aad, tw_bytes plain);
tw_status tw_slots_unseal(tw_ctx *cx, tw_bytes *plain, uint64_t *slot, tw_slots *s, tw_bytes aad, tw_bytes row);

struct tw_keeper {
    char dir[1024];
    char from_log[1024]; /* empty: does not follow */
    tw_party me;
    uint8_t index; /* share index */
    tw_kv kv;
    tw_slots slots;
    tw_solo *log;
    uint64_t scanned; /* log entries looked through for erasures */
    bool lies;
};

const tw_ledger *tw_keeper_state(const tw_keeper *k);
tw_status tw_keeper_follow(tw_ctx *cx, tw_keeper *k);

/* Rows of the store: kind letter, id, more. */
typedef enum {
    TW_ROW_SHARE = 'S',
    TW_ROW_POLICY = 'P',
    TW_ROW_DIRECTED = 'D',
    TW_ROW_OPENING = 'O',
    TW_ROW_STOP = 'T',
    TW_ROW_DELETION = 'X',
    TW_ROW_IMPORT_KEY = 'I',
    TW_ROW_SCANNED = 'N'
} tw_row;
typedef struct {
    uint8_t p[80];
    size_t n;
} tw_row_key;
tw_row_key tw_row_of(tw_row kind, const uint8_t id[32], tw_bytes more);
static inline tw_bytes tw_row_bytes(const tw_row_key *k)
{
    return (tw_bytes){ k->p, k->n };
}
/** Copy of a row's value into the arena, inside a running transaction. TW_ENOTFOUND without message when absent. */
tw_status tw_row_get(tw_ctx *cx, tw_bytes *out, tw_keeper *k, tw_row_key key);
tw_status tw_row_put(tw_ctx *cx, tw_keeper *k, tw_row_key key, tw_bytes value);

/** What this keeper knows of a compartment for one project at its log's time; filled as far as the code says. */
typedef struct {
    tw_keeper_share share;
    uint64_t slot;
    uint32_t version;
    uint64_t policy_idx;
    tw_bytes policy;
    uint8_t salt[32];
    tw_opening_proof opening;
    tw_answer_kind kind;
    uint8_t x[TW_POINT];
    uint8_t directed_share[TW_SCALAR];
    uint8_t directed_commits[TW_SHARES_MAX * TW_POINT];
} tw_comp_view;
/** Protocol 5, checks 4 to 12, in a running transaction. *code = 0: would be answered. */
tw_status tw_keeper_verdict(tw_ctx *cx, tw_leaf_code *code, tw_comp_view *out, tw_keeper *k, const tw_id *comp,
                            const tw_id *project_id, const tw_project_state *project);

/* One handler a message; fields after the kind byte (and, when signed, before party id and signature). */
tw_status tw_keeper_import(tw_ctx *cx, tw_buf *reply, tw_keeper *k, const tw_party_state *from, tw_rd *in);
tw_status tw_keeper_opening(tw_ctx *cx, tw_buf *reply, tw_keeper *k, tw_rd *in);
tw_status tw_keeper_mail(tw_ctx *cx, tw_buf *reply, tw_keeper *k, tw_rd *in);
tw_status tw_keeper_stop(tw_ctx *cx, tw_buf *reply, tw_keeper *k, tw_rd *in);
tw_status tw_keeper_candidates(tw_ctx *cx, tw_buf *reply, tw_keeper *k, const tw_party_state *from, tw_rd *in);
tw_status tw_keeper_leaves(tw_ctx *cx, tw_buf *reply, tw_keeper *k, const tw_party_state *from, tw_rd *in);
tw_status tw_keeper_answer(tw_ctx *cx, tw_buf *reply, tw_keeper *k, const tw_party_state *from, tw_rd *in);
tw_status tw_keeper_prove_fragments(tw_ctx *cx, tw_buf *reply, tw_keeper *k, const tw_party_state *from, tw_rd *in);
tw_status tw_keeper_deletions(tw_ctx *cx, tw_buf *reply, tw_keeper *k, tw_rd *in);

/** Secret of a published import key; tries all that are still here. */
tw_status tw_keeper_import_secrets(tw_ctx *cx, uint8_t (*secrets)[32], size_t *count, size_t max, tw_keeper *k);

#endif
