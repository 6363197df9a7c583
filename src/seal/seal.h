/** Seal: keys that patients hold, compartments, capsules, segments, shares for keepers, grants and their opening.
 *  Nothing here touches a disk; secrets live in tw_secret or are wiped before return. Protocol: docs/formats,
 *  protocol tables 1-3.
 *
 *  Key tree of a wallet (HKDF-SHA512 over root, info = label || source 32 || category u8 || epoch u16 ||
 *  generation u8): a (64 bytes reduced mod q), A (Ed25519 seed), watch (32); K from the stop root likewise. id key
 *  and date shift from the root alone, handle from the id key. w is random, dealt to the keepers at enrolment and
 *  forgotten. z = a + w, P = z G. Generation counts the compartments that a wallet made for one (source, category,
 *  epoch), from 0.
 *
 *  Failures: TW_EPARSE malformed bytes, TW_ECRYPTO a key, proof, tag or share that does not fit, TW_EVERIFY a fact
 *  that does not fit (another ledger, source, keeper set, commitment), TW_ELIMIT a ceiling. Outputs of a failed
 *  call are not to be used. Decoders borrow variable fields from the bytes they were given; sealed ones from the
 *  arena. */
#ifndef TW_SEAL_H
#define TW_SEAL_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "model/model.h"

/* ---------------------------------------------------------------- wallets */

typedef struct tw_wallet tw_wallet;

#define TW_WALLET_LABEL_MAX 256      /* bytes */
#define TW_WALLET_ENTRIES_MAX 65536

/** One compartment as its owner knows it. */
typedef struct {
    tw_comp_record record;
    tw_id comp;
    uint32_t version;    /* last policy version made */
    uint8_t status;      /* 1 live, 2 stopped, 3 erased: as last ordered by this wallet */
    tw_bytes policy;     /* opening of the last version */
    uint8_t salt[32];
    uint8_t grant_x[TW_POINT]; /* X of a directed grant; zero: none */
} tw_wallet_entry;

/** Random roots. label: UTF-8, the holder's own name for it. Heap-owned: tw_wallet_free wipes. */
TW_NODISCARD tw_status tw_wallet_new(tw_ctx *cx, tw_wallet **out, tw_str label);
void tw_wallet_free(tw_wallet *w);
/** File bytes: everything but the stop root when with_stop is false. pass_phrase empty: stored unprotected (the
 *  caller says so to the user); else XChaCha20-Poly1305 under Argon2id. docs/formats/wallet.md. */
TW_NODISCARD tw_status tw_wallet_save(tw_ctx *cx, tw_bytes *out, const tw_wallet *w, bool with_stop,
                                      tw_str pass_phrase);
/** A guardian's file: the stop root and the records of the compartments, without root, policies or salts. Whoever has
 *  it can stop and erase for good, and cannot read, consent or enrol. */
TW_NODISCARD tw_status tw_wallet_save_stop(tw_ctx *cx, tw_bytes *out, const tw_wallet *w, tw_str pass_phrase);
/** fails TW_ECRYPTO: wrong or missing pass phrase, or altered; TW_EPARSE: not a wallet, or its keys do not come
 *  from its roots. */
TW_NODISCARD tw_status tw_wallet_load(tw_ctx *cx, tw_wallet **out, tw_bytes file, tw_str pass_phrase);
tw_str tw_wallet_label(const tw_wallet *w);
bool tw_wallet_has_stop_root(const tw_wallet *w);
/** false: loaded from a guardian's file. Then only stop and erase by K work; what needs the root says TW_ENOTFOUND. */
bool tw_wallet_has_root(const tw_wallet *w);
/** Copies the stop root of another wallet file of the same person, where the two are kept apart. `from` must have
 *  one. */
void tw_wallet_take_stop_root(tw_wallet *w, const tw_wallet *from);
/** Drops what the wallet knows of the compartments of one source: only for a bundle that reached nobody, neither
 *  source nor keepers. */
TW_NODISCARD tw_status tw_wallet_forget_source(tw_ctx *cx, tw_wallet *w, const tw_id *source);
/** Person handle = HMAC-SHA256(id key, "tw/self/1"), first 16 bytes: the same at every source, and in every sealed
 *  record. */
void tw_wallet_handle(uint8_t handle[16], const tw_wallet *w);
size_t tw_wallet_count(const tw_wallet *w);
tw_wallet_entry *tw_wallet_at(tw_wallet *w, size_t i); /* order of enrolment; owned by the wallet, stays in place */
tw_wallet_entry *tw_wallet_find(tw_wallet *w, const tw_id *comp); /* NULL when absent */
/** Last checkpoint seen. */
void tw_wallet_seen(const tw_wallet *w, uint64_t *log_size, uint8_t log_root[32]);
void tw_wallet_see(tw_wallet *w, uint64_t log_size, const uint8_t log_root[32]);

/** Keys of a compartment. Wipe after use (tw_comp_keys_wipe). has_a, has_k false: the root, the
 *  stop root is not here, and its keys are zero. */
typedef struct {
    uint8_t a[TW_SCALAR];
    uint8_t sign_a[64]; /* Ed25519 secret of A */
    uint8_t sign_k[64];
    uint8_t public_a[TW_KEY];
    uint8_t public_k[TW_KEY];
    uint8_t watch[32];
    bool has_a;
    bool has_k;
} tw_comp_keys;
TW_NODISCARD tw_status tw_wallet_keys(tw_ctx *cx, tw_comp_keys *out, const tw_wallet *w, const tw_id *source,
                                      tw_category category, uint16_t epoch, uint8_t generation);
void tw_comp_keys_wipe(tw_comp_keys *k);

/** Signed owner operations. stop: version = last + 1 by A; by_k: final. The wallet entry is updated: save the
 *  wallet only once the ledger took the operation, else the next version would leave a gap. fails TW_ENOTFOUND (no
 *  such compartment, no stop root), TW_ECONFLICT (erased already). */
TW_NODISCARD tw_status tw_wallet_stop(tw_ctx *cx, tw_bytes *op, tw_wallet *w, const tw_id *comp, bool by_k);
TW_NODISCARD tw_status tw_wallet_erase(tw_ctx *cx, tw_bytes *op, tw_wallet *w, const tw_id *comp, bool by_k);

/* ---------------------------------------------------------------- enrolment */

typedef struct {
    tw_id ledger;
    tw_id source;
    uint8_t source_x25519[TW_KEY];
    const tw_keeper_set *set;
    const uint8_t (*import_key)[TW_KEY]; /* n keys, order of the set */
    uint16_t epoch_first;                /* and the next one */
    uint8_t epoch_count;                 /* 2 by default */
    uint32_t categories;                 /* the whole grid by default */
    const tw_policy *policy[TW_CATEGORY_COUNT + 1]; /* by category; NULL: the default at [0] */
    bool directed;                       /* no class shares: only projects that get a directed grant */
    uint8_t binding[16];                 /* what the enrolment desk gave, to bind the bundle to a person */
} tw_enrol_opts;
/** Makes compartments for (source, categories, epochs), remembers them in the wallet, and returns the bundle
 *  sealed to the source (docs/formats/bundle.md). All or nothing. Needs the stop root. */
TW_NODISCARD tw_status tw_enrol_make(tw_ctx *cx, tw_bytes *sealed, tw_wallet *w, const tw_enrol_opts *opts);

typedef struct {
    tw_comp_record record;
    tw_id comp;
    uint8_t proof[64];
    uint8_t watch[32];
    uint8_t n; /* envelopes; 0 once dropped */
    tw_bytes envelope[TW_SHARES_MAX];
} tw_bundle_entry;
typedef struct {
    uint8_t handle[16];
    uint8_t id_key[32];
    int16_t shift_weeks;
    uint8_t binding[16];
    tw_bundle_entry *entry;
    size_t count;
} tw_bundle;
/** Source's side: opens, and checks of each entry ledger, source, watch hash and proof, of the whole handle and
 *  that no (category, epoch) comes twice. */
TW_NODISCARD tw_status tw_bundle_open(tw_ctx *cx, tw_bundle *out, tw_bytes sealed, const uint8_t source_secret[32],
                                      const tw_id *source, const tw_id *ledger);
/** Row of the register, and the plain text of a sealed bundle. with_envelopes false once all keepers acknowledged.
 *  Decoding checks the shape only. */
TW_NODISCARD tw_status tw_bundle_encode(tw_ctx *cx, tw_bytes *out, const tw_bundle *b, bool with_envelopes);
TW_NODISCARD tw_status tw_bundle_decode(tw_ctx *cx, tw_bundle *out, tw_bytes in);
const tw_bundle_entry *tw_bundle_find(const tw_bundle *b, tw_category category, uint16_t epoch);

/** Import batch for keeper `index` (1..n): entries of all wallets sorted by compartment id; each with that
 *  keeper's envelope only. Sorts by itself; the same compartment twice is TW_ECONFLICT. The keeper's decoder
 *  refuses unsorted ones. docs/formats/import.md. */
TW_NODISCARD tw_status tw_import_encode(tw_ctx *cx, tw_bytes *out, const tw_bundle_entry *const *entry, size_t count,
                                        uint8_t index);
typedef struct {
    tw_comp_record record;
    tw_id comp;
    uint8_t proof[64];
    tw_bytes envelope;
} tw_import_item;
TW_NODISCARD tw_status tw_import_decode(tw_ctx *cx, tw_import_item **out, size_t *count, tw_bytes in);

/** What a keeper stores of a compartment. */
typedef struct {
    tw_comp_record record;
    tw_id comp;
    uint8_t index;
    uint8_t w[TW_SCALAR];
    uint8_t a[TW_SCALAR]; /* zero unless class_grant, or a class mail came: then the keeper puts mail.a here */
    uint8_t watch[32];
    tw_bytes policy; /* opening of version 1 */
    uint8_t salt[32];
} tw_keeper_share;
/** Every check of protocol 5 "On import": id, proof, shares against commitments, c0, watch hash, set, source =
 *  sender, ledger. */
TW_NODISCARD tw_status tw_import_accept(tw_ctx *cx, tw_keeper_share *out, const tw_import_item *item, uint8_t index,
                                        const uint8_t import_secret[32],
                                        const tw_keeper_set *set, const tw_id *sender, const tw_id *ledger);
TW_NODISCARD tw_status tw_keeper_share_encode(tw_ctx *cx, tw_bytes *out, const tw_keeper_share *s);
TW_NODISCARD tw_status tw_keeper_share_decode(tw_ctx *cx, tw_keeper_share *out, tw_bytes in);

/* ---------------------------------------------------------------- policies after sealing: grant mail */

typedef enum { TW_MAIL_POLICY, TW_MAIL_CLASS, TW_MAIL_DIRECTED } tw_mail_kind;
/** New policy version: the owner operation and one sealed mail a keeper (order of the set). class: shares of a go
 *  along (those of the enrolment again when the record has them); directed: shares of a/d for the grantee key B, d
 *  = H2S("shared", X, B, xB, compartment id). mail: n slots. The wallet entry is updated, as for a stop.
 *  docs/formats/mail.md. */
TW_NODISCARD tw_status tw_wallet_policy(tw_ctx *cx, tw_bytes *op, tw_bytes *mail, tw_wallet *w, const tw_id *comp,
                                        const tw_policy *policy, tw_mail_kind kind, const uint8_t *b_point,
                                        const tw_keeper_set *set, const uint8_t (*import_key)[TW_KEY]);
typedef struct {
    uint32_t version;
    uint8_t salt[32];
    tw_bytes policy;
    uint8_t kind; /* tw_mail_kind */
    uint8_t a[TW_SCALAR];       /* class */
    uint8_t b[TW_POINT];        /* directed, as x and share */
    uint8_t x[TW_POINT];
    uint8_t share[TW_SCALAR];
    uint8_t t;                  /* 0 for TW_MAIL_POLICY */
    uint8_t commits[TW_SHARES_MAX][TW_POINT]; /* class and directed: t used */
} tw_mail;
/** Opens and checks the shares against their commitments (class: those of the record, when it has them). */
TW_NODISCARD tw_status tw_mail_open(tw_ctx *cx, tw_mail *out, tw_bytes sealed, const uint8_t import_secret[32],
                                    const tw_comp_record *record, uint8_t index);
/** Does the mail belong to what the ledger says: its version, and c = H("tw/pol/1", salt, policy). fails TW_EVERIFY. */
TW_NODISCARD tw_status tw_mail_check(tw_ctx *cx, const tw_mail *mail, uint32_t version, const uint8_t c[32]);
/** env = H over the mails, as in the policy operation: SHA-256(SHA-256(mail_1) .. SHA-256(mail_n)). */
void tw_mail_env(uint8_t out[32], const tw_bytes *mail, size_t n);

/* ---------------------------------------------------------------- sealing, in the source process */

/** Day secrets of one source process; in guarded memory, gone with it, with the day, or with tw_sealer_reset.
 *  Heap-owned. */
typedef struct tw_sealer tw_sealer;

#define TW_SEGMENTS_MAX 4096                    /* in a batch; as many capsules may come on top */
#define TW_SEGMENT_BYTES_MAX (80 * TW_MIB)      /* plain, of one segment */
#define TW_BATCH_BYTES_MAX (96 * TW_MIB)        /* plain, of all segments under way, and 8 for each record */
TW_NODISCARD tw_status tw_sealer_new(tw_ctx *cx, tw_sealer **out, const tw_id *ledger, const tw_id *source);
void tw_sealer_free(tw_sealer *s);
/** Add a record to the batch under way: its compartment must be the record's category. Copies the line. fails
 *  TW_ELIMIT: the batch holds 4,096 segments or its bytes: cut first (with nothing pending: this record is too
 *  large); TW_EVERIFY: another ledger, source or category. */
TW_NODISCARD tw_status tw_sealer_add(tw_ctx *cx, tw_sealer *s, const tw_comp_record *compartment,
                                     const tw_deid *record);
/** An entry on this compartment was seen: a fresh day secret from now on. */
void tw_sealer_refresh(tw_sealer *s, const tw_id *comp);
/** Segments under way. */
size_t tw_sealer_pending(const tw_sealer *s);
/** Forgets all day secrets and what is under way: call it when a batch that was cut did not reach the vault, for
 *  its capsules are lost. */
void tw_sealer_reset(tw_sealer *s);
typedef struct {
    tw_sealed **item; /* pack order: by compartment id, so that arrival shows nothing; a capsule before its segment */
    size_t count;
    uint8_t root[32]; /* RFC 6962 root over the leaves */
    uint64_t bytes;   /* of all objects */
} tw_sealed_batch;
/** Seal what was added: one segment a compartment, new capsules where the day or the compartment is new. Leaves and
 *  objects stand until the next cut or the sealer's end, their list in the arena. day = days since 1970 UTC; another
 *  day than at the last cut wipes all day secrets. Nothing pending: count 0. */
TW_NODISCARD tw_status tw_sealer_cut(tw_ctx *cx, tw_sealed_batch *out, tw_sealer *s, uint32_t day);
/** Padmé (Nikitin et al., PETS 2019): padded size >= n, leaks O(log log n) bits. */
uint64_t tw_padme(uint64_t n);

/* ---------------------------------------------------------------- answering and opening */

/** TDH2 check of a capsule against P and context (ledger, compartment, source, day): a keeper answers for no other. */
bool tw_capsule_ok(tw_ctx *cx, const tw_comp *comp, const tw_id *id, uint32_t day, const uint8_t capsule[TW_CAPSULE]);

/** Keeper's fragments of one capsule. directed: f1 = w_i E, f2 = share E; class: f1 = (a_i + w_i) E, f2 zero.
 *  self: f1 = w_i E. The capsule was checked before. fails TW_EREFUSED: no share for this kind of answer is here. */
typedef enum { TW_ANSWER_CLASS, TW_ANSWER_DIRECTED, TW_ANSWER_SELF } tw_answer_kind;
TW_NODISCARD tw_status tw_keeper_fragment(tw_ctx *cx, uint8_t f1[TW_POINT], uint8_t f2[TW_POINT], tw_answer_kind kind,
                                          const tw_keeper_share *share,
                                          const uint8_t *directed_share, const uint8_t capsule[TW_CAPSULE]);
/** Proof on demand for f1 (and f2 when directed; else proof2 is zero) under rctx; verification needs only the
 *  record and the mail's commitments: those of a directed grant, or of a class grant to a record without
 *  commits_a; else NULL. */
TW_NODISCARD tw_status tw_keeper_prove(tw_ctx *cx, uint8_t proof1[64], uint8_t proof2[64], tw_answer_kind kind,
                                       const tw_keeper_share *share, const uint8_t *directed_share,
                                       const uint8_t *directed_commits, const uint8_t capsule[TW_CAPSULE],
                                       tw_bytes rctx);
bool tw_fragment_proof_ok(tw_ctx *cx, tw_answer_kind kind, const tw_comp *comp, const uint8_t *directed_commits,
                          uint8_t index, const uint8_t capsule[TW_CAPSULE], const uint8_t f1[TW_POINT],
                          const uint8_t f2[TW_POINT], const uint8_t proof1[64], const uint8_t proof2[64],
                          tw_bytes rctx);

typedef struct {
    tw_answer_kind kind;
    const uint8_t *xs;  /* count share indices */
    size_t count;
    const uint8_t *f1;  /* count * 32 */
    const uint8_t *f2;  /* directed */
    const uint8_t *d;   /* directed: tw_tpre_shared(b, X, compartment id) */
    const uint8_t *a;   /* self */
} tw_fragments;
/** Day secret of a capsule. TW_ECRYPTO: some fragment is false, or too few. */
TW_NODISCARD tw_status tw_capsule_open(tw_ctx *cx, uint8_t secret[32], const tw_comp *comp, const tw_id *id,
                                       uint32_t day, const uint8_t capsule[TW_CAPSULE],
                                       const uint8_t wrap[TW_WRAP], const tw_fragments *f);
/** Segment plain text (NDJSON, padding taken off), after the block root was checked. In the arena. */
TW_NODISCARD tw_status tw_segment_open(tw_ctx *cx, tw_bytes *ndjson, const uint8_t secret[32],
                                       const tw_segment_leaf *leaf, tw_bytes body);
/** Data key of a segment = BLAKE2b(key = day secret, "d", segment id). */
void tw_segment_key(uint8_t out[32], const uint8_t secret[32], const tw_id *segment);

#endif
