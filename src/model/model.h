/** Model: the nouns that rooms share, their bytes, and the consent decision.
 *
 *  Every encoding is fixed: integers big-endian, `var` = u32 length and bytes, a list = u32 count and items; a decoder
 *  refuses unused bytes, counts over their limits and values out of range (TW_EPARSE), so decode -> encode gives the
 *  same bytes. Field tables: docs/formats. H = SHA-256 over a label and the fields (tw_hash_label).
 *
 *  `tw_phi` is identifiable, `tw_deid` has passed the gate. Only src/deid/gate.c can make a tw_deid. */
#ifndef TW_MODEL_H
#define TW_MODEL_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "format/format.h"

typedef struct {
    uint8_t b[32];
} tw_id;

/** Ids are public: compared by bytes, not in constant time. Text is lower-case hex in the arena. */
bool tw_id_eq(const tw_id *a, const tw_id *b);
int tw_id_cmp(const tw_id *a, const tw_id *b);
tw_str tw_id_hex(tw_ctx *cx, const tw_id *id);
static inline tw_bytes tw_id_bytes(const tw_id *id)
{
    return (tw_bytes){ id->b, sizeof id->b };
}

/* ---------------------------------------------------------------- categories (architecture: data, not code) */

#define TW_CATEGORY_LIST(X)                                                                        \
    X(1, DEMOGRAPHICS, "demographics")                                                             \
    X(2, ENCOUNTERS, "encounters")                                                                 \
    X(3, CONDITIONS, "conditions")                                                                 \
    X(4, ALLERGIES, "allergies")                                                                   \
    X(5, IMMUNIZATIONS, "immunizations")                                                           \
    X(6, MEDICATIONS, "medications")                                                               \
    X(7, PROCEDURES, "procedures")                                                                 \
    X(8, LABS, "labs")                                                                             \
    X(9, VITALS, "vitals")                                                                         \
    X(10, DEVICES, "devices")                                                                      \
    X(11, IMAGING, "imaging")                                                                      \
    X(12, RADIOTHERAPY, "radiotherapy")                                                            \
    X(13, NOTES, "notes")                                                                          \
    X(14, GENOMICS, "genomics")                                                                    \
    X(15, ADMINISTRATIVE, "administrative")

typedef enum {
#define X(number, name, text) TW_CAT_##name = number,
    TW_CATEGORY_LIST(X)
#undef X
} tw_category;
#define TW_CATEGORY_COUNT 15
/** Bit (category - 1) of a set. */
#define TW_CAT_BIT(c) (1u << ((unsigned)(c)-1))
#define TW_CAT_ALL ((1u << TW_CATEGORY_COUNT) - 1)

const char *tw_category_name(tw_category c);
bool tw_category_parse(tw_category *out, tw_str name);
/** "labs,vitals" or "all" to a set; TW_EUSAGE names the unknown word. */
TW_NODISCARD tw_status tw_category_set_parse(tw_ctx *cx, uint32_t *set, tw_str list);
tw_str tw_category_set_text(tw_ctx *cx, uint32_t set);

/* ---------------------------------------------------------------- identifiable and de-identified records */

/** One identifiable FHIR R4 resource in memory: borrowed JSON, and what the source knows of it. */
typedef struct tw_phi tw_phi;
typedef struct {
    const tw_json *doc; /* borrowed */
    uint32_t resource;  /* token of the resource object */
    tw_str type;        /* resourceType */
    tw_str patient;     /* the patient's local number in this source */
    tw_str business_id; /* identity of the record in this source, e.g. "Observation/123" */
    tw_str version;     /* meta.versionId or a content hash */
} tw_phi_parts;
tw_phi *tw_phi_make(tw_ctx *cx, const tw_phi_parts *parts); /* in the arena */
const tw_phi_parts *tw_phi_view(const tw_phi *phi);

/** One record that passed the gate: an NDJSON line (without LF) of a de-identified FHIR R4 resource. */
typedef struct tw_deid tw_deid;
tw_bytes tw_deid_line(const tw_deid *d);
tw_category tw_deid_category(const tw_deid *d);
tw_str tw_deid_type(const tw_deid *d); /* FHIR resource type */

/** What `seal` made of a tw_deid: ciphertext and its batch leaf. Vault and collect take nothing else. */
typedef struct tw_sealed tw_sealed;
tw_bytes tw_sealed_leaf(const tw_sealed *s);   /* encoded tw_batch_leaf */
tw_bytes tw_sealed_object(const tw_sealed *s); /* capsule 128 + wrap 104, or a Crypt4GH body */

/* ---------------------------------------------------------------- noise metadata */

/** What de-identification did to values and times of a record or series; consumed by a twin's likelihood. All zero:
 *  nothing. */
typedef struct {
    double value_sd;          /* added zero-mean noise, in units of the value */
    double value_round_width; /* rounding width, in units of the value */
    double time_round_days;   /* rounding width of times; 365.25 when only the year was kept */
    double time_jitter_days;  /* sd of independent jitter per record */
    bool time_shift_constant; /* one constant shift for all times of a person: intervals are exact */
    bool time_dropped;
} tw_noise;
/** JSON object {"time":{"law":"constant-shift"},...} and back. */
void tw_noise_write(tw_jw *w, const tw_noise *n);
TW_NODISCARD tw_status tw_noise_read(tw_ctx *cx, tw_noise *out, const tw_json *d, uint32_t obj);

/* ---------------------------------------------------------------- compartments */

/** Record body of a compartment (protocol 2). commits_a is all zero and class_grant false for directed compartments. */
typedef struct {
    tw_id ledger;
    tw_id source;
    uint8_t category; /* tw_category */
    uint16_t epoch;   /* calendar year of sealing */
    uint8_t generation;
    uint8_t p[TW_POINT];
    uint8_t c0[32]; /* initial policy commitment */
    tw_id keeper_set;
    uint8_t watch_hash[32]; /* H("tw/watch/1", watch) */
    uint8_t t;              /* threshold */
    bool class_grant;
    uint8_t commits_w[TW_SHARES_MAX][TW_POINT]; /* t used */
    uint8_t commits_a[TW_SHARES_MAX][TW_POINT]; /* t used when class_grant */
} tw_comp;

/** Most bytes of a record body: ten fixed fields and two lists with their u32 counts. */
#define TW_COMP_BYTES_MAX (32 + 32 + 1 + 2 + 1 + 32 + 32 + 32 + 32 + 8 + 2 * TW_SHARES_MAX * 32)

/** A compartment with its public keys. */
typedef struct {
    tw_comp body;
    uint8_t a[TW_KEY]; /* owner key A, Ed25519 */
    uint8_t k[TW_KEY]; /* stop key K, Ed25519 */
} tw_comp_record;

void tw_comp_encode(tw_buf *out, const tw_comp *c);
TW_NODISCARD tw_status tw_comp_decode(tw_ctx *cx, tw_comp *out, tw_bytes in);
/** rest = H("tw/rest/1", record body); id = H("tw/comp/1", A, K, rest). */
void tw_comp_rest(uint8_t out[32], const tw_comp *c);
void tw_comp_id_of(tw_id *out, const uint8_t a[TW_KEY], const uint8_t k[TW_KEY], const uint8_t rest[32]);
void tw_comp_record_id(tw_id *out, const tw_comp_record *r);
void tw_comp_record_encode(tw_buf *out, const tw_comp_record *r); /* A, K, var body */
TW_NODISCARD tw_status tw_comp_record_read(tw_ctx *cx, tw_comp_record *out, tw_rd *in);
/** Capsule context: ledger 32, compartment id 32, source id 32, day u32 (100 bytes). */
#define TW_CAPSULE_CTX 100
void tw_capsule_ctx(uint8_t out[TW_CAPSULE_CTX], const tw_comp *c, const tw_id *comp, uint32_t day);
/** Set id = H("tw/kset/1", generation u16, t u8, n u8, (party id, index u8)*). */
typedef struct {
    uint16_t generation;
    uint8_t t;
    uint8_t n;
    tw_id party[TW_SHARES_MAX]; /* party[i] has share index i + 1 */
} tw_keeper_set;
void tw_keeper_set_id(tw_id *out, const tw_keeper_set *s);
void tw_keeper_set_encode(tw_buf *out, const tw_keeper_set *s);
TW_NODISCARD tw_status tw_keeper_set_read(tw_ctx *cx, tw_keeper_set *out, tw_rd *in);

/* ---------------------------------------------------------------- policies, projects, decision */

#define TW_LIST_MAX 16 /* diseases, countries, users ... in one policy or purpose */

/** DUO permission terms (exactly one) and modifiers (any). */
typedef enum { TW_DUO_NONE, TW_DUO_NRES, TW_DUO_GRU, TW_DUO_HMB, TW_DUO_DS, TW_DUO_POA } tw_duo_permission;
#define TW_DUO_MODIFIER_LIST(X)                                                                    \
    X(RS) X(NMDS) X(GSO) X(NPUNCU) X(PUB) X(COL) X(IRB) X(GS) X(MOR) X(TS) X(US) X(PS) X(IS)       \
    X(RTN) X(CC) X(NPOA) X(NPU) X(NCU)
typedef enum {
#define X(name) TW_MOD_##name,
    TW_DUO_MODIFIER_LIST(X)
#undef X
    TW_MOD_COUNT
} tw_duo_modifier;

typedef enum { TW_CONSENT_ACTIVE, TW_CONSENT_INACTIVE } tw_consent_status;

typedef struct {
    tw_str item[TW_LIST_MAX];
    size_t count;
} tw_list;

/** A patient's policy for a compartment. Text is borrowed or in the arena of whoever decoded it. */
typedef struct {
    tw_consent_status status;
    tw_duo_permission permission;
    uint32_t modifiers;  /* bit per tw_duo_modifier */
    uint32_t categories; /* set */
    tw_list diseases;    /* DS: e.g. "DOID:162" */
    tw_list countries;   /* GS */
    tw_list users;       /* US */
    tw_list projects;    /* PS; also directed grants: project ids in hex, matched by the ledger's id only */
    tw_list institutions; /* IS */
    tw_str research_type; /* RS: free text, always referred */
    uint64_t publish_after_s; /* MOR: no publication before it */
    uint64_t use_months;      /* TS: months of use after the decision that opens the data; 0: not said */
    uint64_t use_until_s;     /* TS: end of use as a date; 0: not said */
    uint64_t from_s;          /* half-open [from, until); 0 and UINT64_MAX: open */
    uint64_t until_s;
    tw_list yes; /* project ids in hex: what would be referred is answered; lifts no denial */
    tw_list no;  /* project ids, grantees or purposes always denied */
} tw_policy;

/** Kind of use: the DUO permission that it needs, methods development (MDS) or clinical care (CC). */
typedef enum {
    TW_PURPOSE_NONE,
    TW_PURPOSE_GRU,
    TW_PURPOSE_HMB,
    TW_PURPOSE_DS,
    TW_PURPOSE_POA,
    TW_PURPOSE_MDS,
    TW_PURPOSE_CC
} tw_purpose_type;
#define TW_PURPOSE_COUNT 7
typedef enum { TW_ORG_UNKNOWN, TW_ORG_NONPROFIT, TW_ORG_COMMERCIAL } tw_organisation;
/** unset = -1, no = 0, yes = 1 (a purpose of zeroes says no to every fact). Unset where a modifier requires a yes
 *  denies; unset where a yes would break a limit is referred. */
typedef int8_t tw_tri;

/** Purpose of a project. */
typedef struct {
    tw_purpose_type type;
    tw_list diseases;
    tw_tri commercial;
    tw_organisation organisation;
    tw_tri genetic;
    tw_tri ethics_approval;
    tw_tri will_publish;
    tw_tri returns_results;
    tw_tri collaborates;
    tw_tri methods;
    tw_tri ancestry;
    tw_tri vulnerable_population;
    tw_tri stigmatising;
    tw_tri law_enforcement;
    tw_tri insurance_or_employment;
    tw_str country;
    tw_str institution;
    tw_str user;
    tw_str project;
    uint64_t publish_from_s; /* 0: not said */
    uint64_t use_until_s;    /* 0: not said */
} tw_purpose;

/** Project body (entry kind 9). id = H("tw/project/1", grantee id, body). */
typedef struct {
    tw_purpose purpose;
    uint32_t categories;
    uint16_t epoch_first;
    uint16_t epoch_last;
    uint64_t from_s;
    uint64_t until_s;
    uint8_t ethics_hash[32];
    uint8_t b[TW_POINT]; /* directed grants */
    uint8_t r[TW_KEY];   /* X25519: answers are sealed to it */
} tw_project;

#define TW_POLICY_BYTES_MAX ((size_t)16384)

/** Protobuf (policy.proto); decode refuses bytes that would not encode the same, and both refuse what
 *  docs/formats/policy.md calls inconsistent: a list without its modifier, a modifier without its list, text that is
 *  not UTF-8 or too long. fails TW_EPARSE, TW_ELIMIT (encode: over TW_POLICY_BYTES_MAX). */
TW_NODISCARD tw_status tw_policy_encode(tw_ctx *cx, tw_bytes *out, const tw_policy *p);
TW_NODISCARD tw_status tw_policy_decode(tw_ctx *cx, tw_policy *out, tw_bytes in);
/** c = H("tw/pol/1", salt 32, policy bytes). */
void tw_policy_commit(uint8_t out[32], const uint8_t salt[32], tw_bytes policy);
TW_NODISCARD tw_status tw_project_encode(tw_ctx *cx, tw_bytes *out, const tw_project *p);
TW_NODISCARD tw_status tw_project_decode(tw_ctx *cx, tw_project *out, tw_bytes in);
void tw_project_id(tw_id *out, const tw_id *grantee, tw_bytes body);
/** JSON of a policy and of a purpose, as `consent set --file` and `project open --file` read them, in the words of DUO
 *  (docs/formats/policy.md). Members that are not known are refused (TW_EPARSE). */
TW_NODISCARD tw_status tw_policy_from_json(tw_ctx *cx, tw_policy *out, const tw_json *d, uint32_t obj);
void tw_policy_to_json(tw_ctx *cx, tw_jw *w, const tw_policy *p);
TW_NODISCARD tw_status tw_purpose_from_json(tw_ctx *cx, tw_purpose *out, const tw_json *d, uint32_t obj);
void tw_purpose_to_json(tw_ctx *cx, tw_jw *w, const tw_purpose *p);

typedef enum { TW_PERMIT, TW_DENY, TW_REFER } tw_verdict;
#define TW_REASONS_MAX 32
typedef struct {
    tw_verdict verdict;
    const char *reason[TW_REASONS_MAX]; /* sorted by bytes, distinct; constants */
    size_t reason_count;
} tw_decision;

/** Disease hierarchy: child -> parent, e.g. of DOID; is-a closure by walking. */
typedef struct {
    tw_str child;
    tw_str parent;
} tw_is_a;
typedef struct {
    const tw_is_a *edge;
    size_t count;
} tw_ontology;
/** The table compiled in (a small excerpt of DOID, CC0). */
extern const tw_ontology tw_ontology_builtin;

/** permit | deny | refer with sorted reasons: deny > refer > permit; fails closed; what it does not know it refers.
 *  Pure: `time_s` is the ledger's time. project_id and grantee (hex) feed the yes and no lists; may be empty. */
void tw_decide(tw_decision *out, const tw_policy *policy, const tw_purpose *purpose, tw_category category,
               uint64_t time_s, tw_str project_id, tw_str grantee, const tw_ontology *ontology);
/** The cases of `consent decide --cases FILE` (JSON: is_a, cases[id, consent, purpose, decision, reasons]): runs all,
 *  counts, and writes one line a differing case to `report`; a case that cannot be read differs. Foreign category names
 *  laboratory, imaging, genomic are understood. fails TW_EPARSE when the file as a whole is no case file. */
TW_NODISCARD tw_status tw_decide_cases(tw_ctx *cx, size_t *agree, size_t *differ, tw_buf *report, tw_str cases_json);

/* ---------------------------------------------------------------- owner operations, deletions, receipts, sheets */

typedef enum { TW_OWN_POLICY = 1, TW_OWN_STOP = 2, TW_OWN_ERASE = 3 } tw_owner_kind;
typedef enum { TW_BY_A = 1, TW_BY_K = 2 } tw_owner_signer;

/** Inner operation of an owner entry, signed "tw/own/1" by A or K. */
typedef struct {
    tw_id ledger;
    uint8_t kind; /* tw_owner_kind */
    tw_id comp;
    uint8_t a[TW_KEY];
    uint8_t k[TW_KEY];
    uint8_t rest[32];
    uint32_t version;
    uint8_t signer; /* tw_owner_signer */
    uint8_t c[32];   /* policy only: commitment */
    uint8_t env[32]; /* policy only: H(H(mail_1)..H(mail_n)) */
} tw_owner_op;
/** Signed bytes: fields, then sig 64. */
TW_NODISCARD tw_status tw_owner_op_sign(tw_ctx *cx, tw_bytes *out, const tw_owner_op *op, const uint8_t secret[64]);
/** Decodes and checks: id = H(A, K, rest), signature by A or K as said, shape by kind. fails TW_EPARSE, TW_ECRYPTO. */
TW_NODISCARD tw_status tw_owner_op_open(tw_ctx *cx, tw_owner_op *out, tw_bytes in);

/** Keeper's signed word that its shares of a compartment are gone ("tw/del/1"); idx = log index of the erase entry. */
typedef struct {
    tw_id keeper;
    tw_id comp;
    uint64_t idx;
    uint8_t sig[TW_SIG];
} tw_deletion;
void tw_deletion_sign(tw_ctx *cx, tw_deletion *d, const uint8_t secret[64]);
bool tw_deletion_ok(tw_ctx *cx, const tw_deletion *d, const uint8_t keeper_key[TW_KEY]);
void tw_deletion_encode(tw_buf *out, const tw_deletion *d);
void tw_deletion_read(tw_deletion *out, tw_rd *in); /* the reader says when it is short */

/** Keeper's answer to a stop that it got directly ("tw/rcpt/1"). */
typedef struct {
    tw_id keeper;
    uint8_t op_hash[32]; /* SHA-256 of the signed owner operation */
    uint64_t log_size;
    uint8_t sig[TW_SIG];
} tw_stop_receipt;
void tw_stop_receipt_sign(tw_ctx *cx, tw_stop_receipt *r, const uint8_t secret[64]);
bool tw_stop_receipt_ok(tw_ctx *cx, const tw_stop_receipt *r, const uint8_t keeper_key[TW_KEY]);
void tw_stop_receipt_encode(tw_buf *out, const tw_stop_receipt *r);
void tw_stop_receipt_read(tw_stop_receipt *out, tw_rd *in);

/** What a keeper says of each leaf, in the order of its checks (protocol 5). */
#define TW_LEAF_CODE_LIST(X)                                                                       \
    X(0, ANSWERED, "answered")                                                                     \
    X(1, UNANNOUNCED, "unannounced, closed or past its end")                                       \
    X(2, STALE, "stale ledger")                                                                    \
    X(3, LEAF_FILE, "leaf file wrong")                                                             \
    X(4, UNKNOWN, "unknown or deleted here")                                                       \
    X(5, NO_OPENING, "no opening")                                                                 \
    X(6, STOPPED, "stopped")                                                                       \
    X(7, ERASED, "erased or erasing")                                                              \
    X(8, NO_POLICY, "policy opening or share not here yet")                                        \
    X(9, PROJECT, "project not live or out of period")                                             \
    X(10, SCOPE, "category or epoch not in the project")                                           \
    X(11, DENY, "denied by the policy")                                                            \
    X(12, REFER, "referred: a person must decide")                                                 \
    X(13, BODY, "leaf is not the body that the keeper computes")                                   \
    X(14, CAPSULE, "capsule refused")
typedef enum {
#define X(number, name, text) TW_LEAF_##name = number,
    TW_LEAF_CODE_LIST(X)
#undef X
} tw_leaf_code;
#define TW_LEAF_CODE_COUNT 15
const char *tw_leaf_code_text(unsigned code);

#define TW_SHEET_LEAVES_MAX 4096
/** Sheet of a keeper: one code a leaf, signed "tw/sheet/1". `aad` of the sealed fragments = sheet without the last
 *  hash. */
typedef struct {
    tw_id keeper;
    tw_id release;
    uint64_t log_size;
    uint8_t log_root[32];
    uint32_t first;
    tw_bytes codes; /* u8 a leaf */
    uint8_t fragments_hash[32];
} tw_sheet;
void tw_sheet_aad(tw_buf *out, const tw_sheet *s);
TW_NODISCARD tw_status tw_sheet_sign(tw_ctx *cx, tw_bytes *out, const tw_sheet *s, const uint8_t secret[64]);
/** Decodes; the signature is checked when keeper_key is not NULL. */
TW_NODISCARD tw_status tw_sheet_open(tw_ctx *cx, tw_sheet *out, tw_bytes in, const uint8_t *keeper_key);

/* ---------------------------------------------------------------- leaves of trees */

/** Batch tree: 0x01 capsule leaf (101 bytes), 0x02 segment leaf (141 bytes). */
typedef struct {
    tw_id comp;
    uint8_t capsule_hash[32]; /* SHA-256 of the capsule */
    uint8_t wrap_hash[32];
    uint32_t day;
} tw_capsule_leaf;
typedef struct {
    tw_id comp;
    tw_id segment;
    uint8_t capsule_hash[32];
    uint8_t block_root[32];
    uint64_t cipher_bytes;
    uint32_t records;
} tw_segment_leaf;
typedef struct {
    uint8_t kind; /* 1 capsule, 2 segment */
    tw_capsule_leaf capsule;
    tw_segment_leaf segment;
} tw_batch_leaf;
#define TW_CAPSULE_LEAF_BYTES 101
#define TW_SEGMENT_LEAF_BYTES 141
void tw_batch_leaf_encode(tw_buf *out, const tw_batch_leaf *l);
TW_NODISCARD tw_status tw_batch_leaf_decode(tw_ctx *cx, tw_batch_leaf *out, tw_bytes in);

/** Where a compartment stands in an opening tree. */
typedef struct {
    uint64_t idx; /* log index of the opening entry */
    uint32_t pos;
    uint32_t n;
    uint8_t path[32][TW_HASH]; /* bottom first */
    uint8_t path_count;
} tw_opening_proof;

#define TW_BODY_CAPSULES_MAX 8192
typedef struct {
    uint8_t capsule_hash[32];
    uint32_t day;
} tw_body_capsule;

/** Body behind a release leaf (protocol 3). */
typedef struct {
    tw_id comp;
    tw_comp_record record;
    tw_opening_proof opening;
    uint32_t version;
    tw_bytes policy;
    uint8_t salt[32];
    uint64_t policy_idx; /* log index of the policy entry; 0 = initial */
    const tw_body_capsule *capsules; /* sorted by day, then hash */
    size_t capsule_count;
} tw_release_body;
/** Writes the capsules in the order given: a body whose capsules are unsorted has a hash, but does not decode. */
void tw_release_body_encode(tw_buf *out, const tw_release_body *b);
/** policy: borrowed; capsules: in the arena. fails TW_EPARSE (form, order of capsules), TW_EVERIFY (comp is not the id
 *  of the record). */
TW_NODISCARD tw_status tw_release_body_decode(tw_ctx *cx, tw_release_body *out, tw_bytes in);
/** tag = HMAC-SHA256(watch, "tw/tag/1", release id); leaf = tag 32, H("tw/body/1", body) 32. */
#define TW_RELEASE_LEAF 64
void tw_release_tag(uint8_t out[32], const uint8_t watch[32], const tw_id *release);
void tw_release_leaf(uint8_t out[TW_RELEASE_LEAF], const uint8_t tag[32], tw_bytes body);
/** Root over the leaves of a leaf file (n * 64 bytes), each hashed as RFC 6962 leaf. fails TW_EPARSE (no whole number
 *  of leaves), TW_EVERIFY (tags do not ascend strictly). */
TW_NODISCARD tw_status tw_release_root(tw_ctx *cx, uint8_t out[32], tw_bytes leaves);
/** Leaves of an opening tree: a power of two between these. Fewer would show how many compartments there are. */
#define TW_OPENING_MIN 256u
#define TW_OPENING_MAX (1u << 24)
/** Sort and pad opening ids: ascending, to a power of two >= TW_OPENING_MIN with random ids; *out in the arena.
 *  fails TW_ECONFLICT an id stands twice, TW_ELIMIT. */
TW_NODISCARD tw_status tw_opening_pad(tw_ctx *cx, tw_id **out, uint32_t *n, const tw_id *ids, size_t count);
/** Root over RFC 6962 leaves, as they stand. */
void tw_opening_root(tw_ctx *cx, uint8_t out[32], const tw_id *ids, uint32_t n);
/** As a keeper receives a list: a power of two within the limits, strictly ascending. fails TW_EPARSE. */
TW_NODISCARD tw_status tw_opening_check(tw_ctx *cx, const tw_id *ids, uint32_t n);
/** One proof, O(n). For many use a tree. fails TW_EPARSE when n is no padded size or pos is outside. */
TW_NODISCARD tw_status tw_opening_prove(tw_ctx *cx, tw_opening_proof *out, const tw_id *ids, uint32_t n, uint32_t pos,
                                        uint64_t idx);
/** All node hashes, in the arena (64 n bytes): node[1] is the root, node[2 i] and node[2 i + 1] are the children of
 *  node[i], node[n + pos] is the leaf hash of ids[pos]. Then each proof costs log n. */
typedef struct {
    uint8_t (*node)[TW_HASH];
    uint32_t n;
} tw_opening_tree;
TW_NODISCARD tw_status tw_opening_tree_make(tw_ctx *cx, tw_opening_tree *out, const tw_id *ids, uint32_t n);
void tw_opening_tree_prove(tw_opening_proof *out, const tw_opening_tree *t, uint32_t pos, uint64_t idx);
/** false: the proof has no form (size, position, length of the path). root (out): what the path leads to; compare it
 *  with the ledger's. */
bool tw_opening_ok(uint8_t root[32], const tw_opening_proof *p, const tw_id *comp);

#endif
