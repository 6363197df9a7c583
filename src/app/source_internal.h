/** Private to the source's files: the register of one source process. */
#ifndef TW_SOURCE_INTERNAL_H
#define TW_SOURCE_INTERNAL_H

#include "app_internal.h"

/* Rows: kind letter and HMAC-SHA256(register key, name); values sealed under the register's value key with the row key
 * as aad. */
typedef enum {
    TW_REG_BUNDLE = 'L',  /* local number -> mask of keepers that acknowledged u32, epoch opened u16, bundle var */
    TW_REG_SEEN = 'I',    /* generation u16, 30 bytes of HMAC of (binding, number, business id, version) -> nothing */
    TW_REG_BLOOM = 'J',   /* generation u16 -> Bloom filter over its rows */
    TW_REG_HEAD = 'K',    /* "" -> generation that is being filled u16, its rows u32 */
    TW_REG_NAME = 'N',    /* name of a patient, while a collection runs -> ambiguous u8, number var, id var */
    TW_REG_MERGE = 'M',   /* "m " number that was merged into another -> the same */
    TW_REG_FILE = 'F',    /* file and path, of a collection that is not finished -> how far it is committed */
    TW_REG_RUN = 'R',     /* "" -> the collection that is not finished: its counts, size of dead-letters.tsv */
    TW_REG_BATCH = 'B',   /* batch root -> state u8 (0 pending, 1 on the ledger), leaves u32, bytes u64 */
    TW_REG_OPENING = 'O', /* opening root -> state u8, epoch u16, ids var */
    TW_REG_LAST = 'T',    /* "" -> last batch: root 32, log index u64, time u64, leaves u32, bytes u64 */
    TW_REG_ERROR = 'E',   /* "" -> why the last collection ended early: time u64, status var, message var */
    TW_REG_PATH = 'X'     /* file with dead letters -> form var, label var, path var */
} tw_reg_kind;

typedef struct {
    tw_party me;
    tw_kv kv;
    uint8_t name_key[32];
    uint8_t value_key[32];
    bool writing;
} tw_register;

tw_status tw_register_open(tw_ctx *cx, tw_register *r, const tw_site *s, const char *source);
void tw_register_close(tw_register *r);
/** Closes and opens the store: pages of the file that were looked at leave this process' memory. Outside of a
 *  transaction. */
tw_status tw_register_refresh(tw_ctx *cx, tw_register *r, const tw_site *s);
tw_status tw_register_begin(tw_ctx *cx, tw_register *r, bool write);
/** Commits when s is TW_OK, else aborts; returns s or the commit's failure. */
tw_status tw_register_end(tw_ctx *cx, tw_register *r, tw_status s);
/** TW_ENOTFOUND without message when absent. Inside a transaction. */
tw_status tw_register_get(tw_ctx *cx, tw_bytes *out, tw_register *r, tw_reg_kind kind, tw_bytes name);
tw_status tw_register_put(tw_ctx *cx, tw_register *r, tw_reg_kind kind, tw_bytes name, tw_bytes value);
/** All rows of a kind, in key order: key 33 bytes (as put_at takes it) and opened value, copied into the arena first.
 */
typedef struct {
    uint8_t key[33];
    tw_bytes value;
} tw_reg_row;
tw_status tw_register_rows(tw_ctx *cx, tw_reg_row **rows, size_t *count, tw_register *r, tw_reg_kind kind);
tw_status tw_register_put_at(tw_ctx *cx, tw_register *r, const uint8_t key[33], tw_bytes value);
tw_status tw_register_del_at(tw_ctx *cx, tw_register *r, const uint8_t key[33]);
void tw_register_key(uint8_t key[33], const tw_register *r, tw_reg_kind kind, tw_bytes name);
tw_status tw_register_get_at(tw_ctx *cx, tw_bytes *out, tw_register *r, const uint8_t key[33]);
/** Rows whose names are keyed already and whose values say nothing: as they are. Inside a transaction. */
tw_status tw_register_raw_get(tw_ctx *cx, tw_bytes *out, tw_register *r, const uint8_t key[33]);
tw_status tw_register_raw_put(tw_ctx *cx, tw_register *r, const uint8_t key[33], tw_bytes value);
/** First raw key at or after `from` of the same kind; false at the end. */
tw_status tw_register_raw_next(tw_ctx *cx, bool *found, tw_register *r, uint8_t key[33]);
/** Removes all rows of a kind, in transactions of its own. */
tw_status tw_register_clear(tw_ctx *cx, tw_register *r, tw_reg_kind kind);

/** Row of a patient. */
typedef struct {
    uint32_t acknowledged; /* bit index-1 */
    uint16_t epoch_opened;
    tw_bundle bundle;
} tw_patient_row;
tw_status tw_patient_row_encode(tw_ctx *cx, tw_bytes *out, const tw_patient_row *p, bool with_envelopes);
tw_status tw_patient_row_decode(tw_ctx *cx, tw_patient_row *out, tw_bytes in);


/** The source's receipt of a batch, sources/<name>/receipts/<root>.tlog-proof: anyone can check with other people's
 *  verifiers that the batch is in the log. */
tw_status tw_receipt_keep(tw_ctx *cx, const tw_site *s, const tw_party *source, const uint8_t root[32], uint64_t idx);

/** As tw_source_settle, on an open register. */
tw_status tw_register_settle(tw_ctx *cx, tw_enrol_report *out, tw_site *s, tw_register *r);

#endif
