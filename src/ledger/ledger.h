/** Ledger: the deterministic core. One sequence of entries (signed operations and ticks) goes in; codes, a state
 *  map, an RFC 6962 log and their roots come out. No clock, randomness, floating point, or order that depends on
 *  memory: the same sequence gives the same bytes on every machine, and any cut of it into blocks gives the same
 *  roots at each size.
 *
 *  An entry is: version u8 = 1, kind u8, code u8, idx u64, op var. An operation is: LID 32, party id 32, kind u8,
 *  lane u16, nonce u64, valid-until u64, body var, signature 64 over "tw/op/1" and the bytes before it. `genesis`
 *  and `tick` carry their body as op, without signature. What cannot be parsed or authenticated is not logged; what
 *  is authentic but refused is logged with its code and its nonce is consumed. Field tables:
 *  docs/formats/ledger.md.
 *
 *  Order of an operation's checks: sequence (4; nothing is consumed), expiry (5), quota (6), role or suspended (1),
 *  then the row of its kind. Break-glass and recovery (18 to 20) are read as opaque bytes and refused with code 3:
 *  their signers are not on this ledger yet.
 *
 *  State map: compact sparse Merkle tree equal to ICS-23 SmtSpec (path = SHA-256(key), leaf = SHA-256(0x00 || path
 *  || SHA-256(value)), inner = SHA-256(0x01 || l || r), empty = 32 zero bytes); key = kind u8, id 32; value =
 *  SHA-256(nonce 16, record); nonce = first 16 of SHA-256("twinward/nonce/1", SHA-256(signed op), u32 record
 *  index). A genesis key (0x00, 32 zero bytes) stays for ever. App hash = ICS-23 TendermintSpec over {"log": u64
 *  size || root, "state": root}.
 *
 *  Limits: an operation and the genesis body have at most TW_OP_BYTES_MAX bytes. A ledger that cannot get memory
 *  aborts: it must not go on with a state that others do not have. */
#ifndef TW_LEDGER_H
#define TW_LEDGER_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "model/model.h"

#define TW_OP_BYTES_MAX 65000
#define TW_TICK_STALE_S 30 /* keepers refuse beyond this */
#define TW_URL_MAX 512     /* printable ASCII without blanks; may be empty */
#define TW_NONCE_WINDOW 64 /* nonces of a lane may arrive out of order within this; they start at 1 */

#define TW_ENTRY_KIND_LIST(X)                                                                      \
    X(0, GENESIS, "genesis")                                                                       \
    X(1, TICK, "tick")                                                                             \
    X(2, PARTY_ADD, "party-add")                                                                   \
    X(3, PARTY_ROTATE, "party-rotate")                                                             \
    X(4, PARTY_SUSPEND, "party-suspend")                                                           \
    X(5, KEEPER_SET, "keeper-set")                                                                 \
    X(6, IMPORT_KEY, "import-key")                                                                 \
    X(7, OPENING, "opening")                                                                       \
    X(8, BATCH, "batch")                                                                           \
    X(9, PROJECT_OPEN, "project-open")                                                             \
    X(10, PROJECT_APPROVE, "project-approve")                                                      \
    X(11, PROJECT_CLOSE, "project-close")                                                          \
    X(12, OWNER, "owner")                                                                          \
    X(13, ERASED, "erased")                                                                        \
    X(14, RELEASE_OPEN, "release-open")                                                            \
    X(15, RELEASE_CLOSE, "release-close")                                                          \
    X(16, BUDGET, "budget")                                                                        \
    X(17, TWIN_PUBLISH, "twin-publish")                                                            \
    X(18, BREAK_GLASS, "break-glass")                                                              \
    X(19, RECOVERY_START, "recovery-start")                                                        \
    X(20, RECOVERY_VETO, "recovery-veto")
typedef enum {
#define X(number, name, text) TW_ENTRY_##name = number,
    TW_ENTRY_KIND_LIST(X)
#undef X
} tw_entry_kind;
#define TW_ENTRY_KIND_COUNT 21
/** "genesis", "party-add", ...; "unknown" for other numbers. */
const char *tw_entry_kind_name(unsigned kind);

#define TW_CODE_LIST(X)                                                                            \
    X(0, OK, "ok")                                                                                 \
    X(1, ROLE, "wrong role")                                                                       \
    X(2, NOTHING, "no such thing")                                                                 \
    X(3, STATE, "wrong state")                                                                     \
    X(4, SEQUENCE, "sequence number used or too far")                                              \
    X(5, EXPIRED, "expired")                                                                       \
    X(6, QUOTA, "quota spent")                                                                     \
    X(7, PROOF, "bad proof or inner signature")                                                    \
    X(8, SIGNATURES, "not enough signatures")                                                      \
    X(9, EXISTS, "exists already")
typedef enum {
#define X(number, name, text) TW_CODE_##name = number,
    TW_CODE_LIST(X)
#undef X
} tw_code;
/** "ok", "wrong role", ...; "unknown code" for other numbers. */
const char *tw_code_text(unsigned code);

typedef enum {
    TW_ROLE_SOURCE = 1,
    TW_ROLE_KEEPER,
    TW_ROLE_STEWARD,
    TW_ROLE_GRANTEE,
    TW_ROLE_RELAY,
    TW_ROLE_CLINICIAN
} tw_role;

/* ---------------------------------------------------------------- operations */

/** Party id = H("tw/party/1", first Ed25519 key). */
void tw_party_id(tw_id *out, const uint8_t ed25519[TW_KEY]);

typedef struct {
    tw_id id;
    uint8_t role;
    uint8_t ed25519[TW_KEY];
    uint8_t x25519[TW_KEY];
    tw_str url;
} tw_party_spec;

typedef struct {
    const tw_party_spec *party;
    size_t party_count;
    tw_keeper_set keeper_set;
    uint8_t steward_k; /* signatures that make a project live */
    uint8_t steward_n;
    uint32_t quota_per_day; /* operations a party may put a UTC day */
    uint8_t log_key[TW_KEY]; /* Ed25519 of the checkpoint signer */
    bool witness_none;       /* no witness yet: keepers waive it and every screen says so */
    tw_str origin;           /* checkpoint origin, e.g. "twinward.example/demo" */
    uint64_t time_s;
    uint64_t budget_epsilon; /* what budget entries of one project may add up to, in 2^-32; 0: none is granted */
    uint64_t budget_delta;
} tw_genesis;
/** fails TW_EPARSE when it does not make sense: no party, an id that is not that of its key, a key twice, a keeper
 *  of the set that is not a keeper, steward_n not the number of stewards, 1 <= k <= n, quota 0, an origin that
 *  cannot name a log. */
TW_NODISCARD tw_status tw_genesis_encode(tw_ctx *cx, tw_bytes *out, const tw_genesis *g);
TW_NODISCARD tw_status tw_genesis_decode(tw_ctx *cx, tw_genesis *out, tw_bytes in);

/** Outer operation, ready to sign or as decoded. */
typedef struct {
    tw_id ledger;
    tw_id party;
    uint8_t kind;
    uint16_t lane;
    uint64_t nonce;
    uint64_t valid_until;
    tw_bytes body;
} tw_op;
TW_NODISCARD tw_status tw_op_sign(tw_ctx *cx, tw_bytes *out, const tw_op *op, const uint8_t secret[64]);
TW_NODISCARD tw_status tw_op_decode(tw_ctx *cx, tw_op *out, tw_bytes in); /* shape only */

/** A steward's word on a body of kind 2 to 5: signs "tw/steward/1" and LID, kind u8, the body without its signature
 *  list. */
typedef struct {
    tw_id steward;
    uint8_t sig[TW_SIG];
} tw_steward_sig;
/** body: as its encoder gives it with an empty list of signatures. */
void tw_steward_sign(tw_ctx *cx, tw_steward_sig *out, const tw_id *steward, const uint8_t secret[64],
                     const tw_id *ledger, tw_entry_kind kind, tw_bytes body);

/* Bodies: encoders for those who send, decoders for those who audit. One struct a kind. */
/* Lists of signatures ascend strictly by steward. */
typedef struct { tw_party_spec spec; const tw_steward_sig *sig; size_t count; } tw_party_add_body;
typedef struct {
    tw_id party;
    uint8_t ed25519[TW_KEY];
    uint8_t x25519[TW_KEY];
    const tw_steward_sig *sig;
    size_t count;
} tw_party_rotate_body;
typedef struct { tw_id party; uint8_t reason; const tw_steward_sig *sig; size_t count; } tw_party_suspend_body;
typedef struct {
    tw_keeper_set set;
    uint8_t transcript_root[32];
    const tw_steward_sig *sig;
    size_t count;
} tw_keeper_set_body;
typedef struct { tw_id project; uint64_t epsilon; uint64_t delta; uint8_t query_hash[32]; } tw_budget_body;
typedef struct { uint8_t key[TW_KEY]; uint64_t valid_until; } tw_import_key_body;
typedef struct { uint8_t root[32]; uint32_t leaves; uint16_t epoch; } tw_opening_body;
typedef struct { uint8_t root[32]; uint32_t leaves; uint64_t bytes; } tw_batch_body;
typedef struct { tw_id project; tw_bytes body; } tw_project_open_body;
typedef struct { tw_id project; uint8_t body_hash[32]; /* SHA-256 of the project body */ } tw_project_approve_body;
typedef struct { tw_id project; uint8_t reason; } tw_project_close_body;
typedef struct { tw_id comp; const tw_deletion *deletion; size_t count; } tw_erased_body;
typedef struct {
    tw_id release;
    tw_id project;
    uint8_t root[32];
    uint32_t leaves;
    uint64_t until_s;
    tw_str url;
} tw_release_open_body;
typedef struct { tw_id release; const uint8_t (*sheet_hash)[32]; size_t count; /* sorted */ } tw_release_close_body;
typedef struct { tw_id twin; uint8_t card_hash[32]; const tw_id *release; size_t count; } tw_twin_publish_body;
/* Encoded bodies lie in the arena. A body over TW_OP_BYTES_MAX is the caller's mistake: abort. */
tw_bytes tw_body_party_add(tw_ctx *cx, const tw_party_add_body *b);
tw_bytes tw_body_party_rotate(tw_ctx *cx, const tw_party_rotate_body *b);
tw_bytes tw_body_party_suspend(tw_ctx *cx, const tw_party_suspend_body *b);
tw_bytes tw_body_keeper_set(tw_ctx *cx, const tw_keeper_set_body *b);
tw_bytes tw_body_budget(tw_ctx *cx, const tw_budget_body *b);
tw_bytes tw_body_import_key(tw_ctx *cx, const tw_import_key_body *b);
tw_bytes tw_body_opening(tw_ctx *cx, const tw_opening_body *b);
tw_bytes tw_body_batch(tw_ctx *cx, const tw_batch_body *b);
tw_bytes tw_body_project_open(tw_ctx *cx, const tw_project_open_body *b);
tw_bytes tw_body_project_approve(tw_ctx *cx, const tw_project_approve_body *b);
tw_bytes tw_body_project_close(tw_ctx *cx, const tw_project_close_body *b);
tw_bytes tw_body_erased(tw_ctx *cx, const tw_erased_body *b);
tw_bytes tw_body_release_open(tw_ctx *cx, const tw_release_open_body *b);
tw_bytes tw_body_release_close(tw_ctx *cx, const tw_release_close_body *b);
tw_bytes tw_body_twin_publish(tw_ctx *cx, const tw_twin_publish_body *b);
/* Readers borrow from `in` or use the arena. fails TW_EPARSE: form, order of a list, a count of leaves that is no
 * padded size. */
TW_NODISCARD tw_status tw_body_party_add_read(tw_ctx *cx, tw_party_add_body *out, tw_bytes in);
TW_NODISCARD tw_status tw_body_party_rotate_read(tw_ctx *cx, tw_party_rotate_body *out, tw_bytes in);
TW_NODISCARD tw_status tw_body_party_suspend_read(tw_ctx *cx, tw_party_suspend_body *out, tw_bytes in);
TW_NODISCARD tw_status tw_body_keeper_set_read(tw_ctx *cx, tw_keeper_set_body *out, tw_bytes in);
TW_NODISCARD tw_status tw_body_budget_read(tw_ctx *cx, tw_budget_body *out, tw_bytes in);
TW_NODISCARD tw_status tw_body_import_key_read(tw_ctx *cx, tw_import_key_body *out, tw_bytes in);
TW_NODISCARD tw_status tw_body_project_close_read(tw_ctx *cx, tw_project_close_body *out, tw_bytes in);
TW_NODISCARD tw_status tw_body_opening_read(tw_ctx *cx, tw_opening_body *out, tw_bytes in);
TW_NODISCARD tw_status tw_body_batch_read(tw_ctx *cx, tw_batch_body *out, tw_bytes in);
TW_NODISCARD tw_status tw_body_project_open_read(tw_ctx *cx, tw_project_open_body *out, tw_bytes in);
TW_NODISCARD tw_status tw_body_project_approve_read(tw_ctx *cx, tw_project_approve_body *out, tw_bytes in);
TW_NODISCARD tw_status tw_body_erased_read(tw_ctx *cx, tw_erased_body *out, tw_bytes in);
TW_NODISCARD tw_status tw_body_release_open_read(tw_ctx *cx, tw_release_open_body *out, tw_bytes in);
TW_NODISCARD tw_status tw_body_release_close_read(tw_ctx *cx, tw_release_close_body *out, tw_bytes in);
TW_NODISCARD tw_status tw_body_twin_publish_read(tw_ctx *cx, tw_twin_publish_body *out, tw_bytes in);
/* owner (12): body = signed tw_owner_op bytes. */

typedef struct {
    uint8_t kind;
    uint8_t code;
    uint64_t idx;
    tw_bytes op; /* signed operation; body of genesis and tick */
} tw_entry;
/** Bytes of an entry, appended to `out`. */
void tw_entry_encode(tw_buf *out, const tw_entry *e);
TW_NODISCARD tw_status tw_entry_decode(tw_ctx *cx, tw_entry *out, tw_bytes in);

/* ---------------------------------------------------------------- the core */

typedef struct tw_ledger tw_ledger;

/** Applies the genesis body as entry 0. *entry (may be NULL): its bytes in the arena. Heap-owned: tw_ledger_free. */
TW_NODISCARD tw_status tw_ledger_new(tw_ctx *cx, tw_ledger **out, tw_bytes *entry, tw_bytes genesis_body);
void tw_ledger_free(tw_ledger *l);

typedef struct {
    uint64_t idx;
    uint8_t code;   /* tw_code */
    tw_bytes entry; /* bytes to append to the log, in the arena */
} tw_applied;
/** Seconds never fall; TW_EREFUSED when they would. */
TW_NODISCARD tw_status tw_ledger_tick(tw_ctx *cx, tw_applied *out, tw_ledger *l, uint64_t seconds);
/** Authenticate and execute. Not logged, nothing changed: TW_EPARSE, TW_ECRYPTO (outer signature), TW_EREFUSED
 *  (other ledger, unknown party). */
TW_NODISCARD tw_status tw_ledger_submit(tw_ctx *cx, tw_applied *out, tw_ledger *l, tw_bytes op);
/** Re-execute a logged entry; TW_EVERIFY when it does not decode, when the result differs in one byte, or when it
 *  is the genesis again. The ledger is spoilt after a failure: free it. */
TW_NODISCARD tw_status tw_ledger_replay(tw_ctx *cx, tw_ledger *l, tw_bytes entry);

const tw_id *tw_ledger_id(const tw_ledger *l);
const tw_genesis *tw_ledger_genesis(const tw_ledger *l);
uint64_t tw_ledger_size(const tw_ledger *l);
uint64_t tw_ledger_time(const tw_ledger *l); /* last tick, UTC s */
void tw_ledger_log_root(uint8_t out[32], const tw_ledger *l);
/** Root at an earlier size <= size. */
void tw_ledger_log_root_at(uint8_t out[32], const tw_ledger *l, uint64_t size);
void tw_ledger_state_root(uint8_t out[32], const tw_ledger *l);
void tw_ledger_app_hash(uint8_t out[32], const tw_ledger *l);
/** Leaf hashes of the log: size * 32 bytes, borrowed until the next change. */
const uint8_t *tw_ledger_leaves(const tw_ledger *l);

typedef struct {
    tw_party_spec spec;
    bool suspended;
    uint8_t import_key[TW_KEY]; /* keepers */
    uint64_t import_until;
    bool has_import_key;
} tw_party_state;
typedef struct {
    tw_id source;
    uint64_t idx;
    uint32_t leaves;
    uint16_t epoch;
} tw_opening_state;
typedef enum { TW_PROJECT_PENDING = 1, TW_PROJECT_LIVE, TW_PROJECT_CLOSED } tw_project_status;
typedef struct {
    tw_id grantee;
    uint64_t idx;
    uint8_t status;
    tw_bytes body;
    uint8_t approvals;
    uint64_t epsilon; /* spent */
    uint64_t delta;
} tw_project_state;
typedef enum { TW_COMP_LIVE = 1, TW_COMP_STOPPED, TW_COMP_ERASING, TW_COMP_ERASED } tw_comp_status;
typedef struct {
    uint32_t version;
    uint8_t status;
    bool final;
    uint8_t c[32];
    uint8_t env[32];
    uint64_t idx;        /* of the last owner entry */
    uint64_t policy_idx; /* of the last policy entry; 0 = initial */
} tw_comp_state;
typedef struct {
    tw_id project;
    tw_id grantee;
    uint8_t root[32];
    uint32_t leaves;
    uint64_t idx;
    uint64_t until_s;
    bool closed;
    tw_str url;
} tw_release_state;
/* NULL: not in state. Borrowed until the next change. */
const tw_party_state *tw_ledger_party(const tw_ledger *l, const tw_id *id);
const tw_keeper_set *tw_ledger_keeper_set(const tw_ledger *l);
const tw_opening_state *tw_ledger_opening(const tw_ledger *l, const uint8_t root[32]);
const tw_project_state *tw_ledger_project(const tw_ledger *l, const tw_id *id);
const tw_comp_state *tw_ledger_comp(const tw_ledger *l, const tw_id *id); /* NULL = version 1, live */
const tw_release_state *tw_ledger_release(const tw_ledger *l, const tw_id *id);
/** Next unused nonce of a party's lane. */
uint64_t tw_ledger_next_nonce(const tw_ledger *l, const tw_id *party, uint16_t lane);

/* ---------------------------------------------------------------- state as rows */

/** State as rows of a key and a value, for an engine that stores it and then replays the end of a log only: records
 *  with their nonces, windows of nonces, quotas (docs/formats/state.md). A store is not a second truth: whoever loads
 *  one compares the roots, and goes back to replay when they differ. */

/** From now on the ledger notes which rows change. all: every row counts as changed now. */
void tw_ledger_track(tw_ledger *l, bool all);
/** How many rows are noted. */
uint64_t tw_ledger_changed(const tw_ledger *l);
/** Appends each noted row, key var and value var, and notes none any more. */
void tw_ledger_rows(tw_buf *out, tw_ledger *l);
/** Puts a stored row into a ledger that is fresh from tw_ledger_new. fails TW_EPARSE. The ledger is spoilt after a
 *  failure of this or the next: free it. */
TW_NODISCARD tw_status tw_ledger_load_row(tw_ctx *cx, tw_ledger *l, tw_bytes key, tw_bytes value);
/** After the last row: the leaves of the log (size * 32 bytes, copied), the last tick and the roots that must come out.
 *  fails TW_EVERIFY: another genesis or another root. After another log root it may be called again with other
 *  leaves. */
TW_NODISCARD tw_status tw_ledger_load_end(tw_ctx *cx, tw_ledger *l, const uint8_t *leaves, uint64_t size,
                                          uint64_t time_s, const uint8_t log_root[32], const uint8_t state_root[32]);

/* ---------------------------------------------------------------- proofs */

/** First byte of a state key; the 32 bytes after it are the id. Records: docs/formats/state.md. */
typedef enum {
    TW_STATE_GENESIS = 0,
    TW_STATE_PARTY = 1,
    TW_STATE_KEEPER_SET = 2, /* id of the set */
    TW_STATE_OPENING = 3,    /* root of the opening tree */
    TW_STATE_PROJECT = 4,
    TW_STATE_COMP = 5,
    TW_STATE_RELEASE = 6
} tw_state_kind;

/** Record and nonce behind a key: value = SHA-256(nonce || record). *record in the arena. TW_ENOTFOUND: no such key. */
TW_NODISCARD tw_status tw_ledger_state_record(tw_ctx *cx, uint8_t nonce[16], tw_bytes *record, const tw_ledger *l,
                                              const uint8_t key[33]);

/** ICS-23 CommitmentProof bytes (existence or absence) of a state key (kind u8, id 32), in the arena. *value: 32
 *  bytes, or empty when the key is absent. */
TW_NODISCARD tw_status tw_ledger_prove_state(tw_ctx *cx, tw_bytes *proof, tw_bytes *value, const tw_ledger *l,
                                             const uint8_t key[33]);
/** *present says what was proved: that `value` stands under the key, or (value empty) that nothing does. Reads the
 *  one spelling that tw_ledger_prove_state writes. fails TW_EPARSE, TW_EVERIFY. */
TW_NODISCARD tw_status tw_state_proof_ok(tw_ctx *cx, bool *present, const uint8_t root[32], const uint8_t key[33],
                                         tw_bytes value, tw_bytes proof);

#endif
