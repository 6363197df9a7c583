/** Private to the source's files: the register of one source process. */
#ifndef TW_SOURCE_INTERNAL_H
#define TW_SOURCE_INTERNAL_H

#include "app_internal.h"

/* Rows: kind letter and HMAC-SHA256(register key, name); values sealed under the register's value key with the row key
 * as aad. */
typedef enum {
    TW_REG_BUNDLE = 'L',  /* local number -> mask of keepers that acknowledged u32, epoch opened u16, bundle var */
    TW_REG_SEEN = 'I',    /* business id, version -> batch root 32 */
    TW_REG_BATCH = 'B',   /* batch root -> state u8 (0 pending, 1 on the ledger), leaves u32, bytes u64 */
    TW_REG_OPENING = 'O', /* opening root -> state u8, epoch u16, ids var */
    TW_REG_DEAD = 'X'     /* file, place -> reason var, file var, place var */
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
