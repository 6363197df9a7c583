/** What the files of this room share and nobody else sees. */
#ifndef TW_LEDGER_INTERNAL_H
#define TW_LEDGER_INTERNAL_H

#include "ledger/ledger.h"

/* ---------------------------------------------------------------- state map */

typedef struct tw_smt tw_smt;

typedef struct {
    uint8_t key[33]; /* path = SHA-256(key) */
    uint8_t value[32];
    uint8_t nonce[16];
} tw_smt_leaf;

/** One step from a leaf towards the root: the other child of the node, and on which side the path goes on. */
typedef struct {
    uint8_t sibling[32];
    bool right; /* the path is the right child */
} tw_smt_step;

tw_smt *tw_smt_new(void);
void tw_smt_free(tw_smt *t);
/** Sets a key's value. Hashes are brought up to date by tw_smt_root. */
void tw_smt_put(tw_smt *t, const uint8_t key[33], const uint8_t value[32], const uint8_t nonce[16]);
void tw_smt_root(uint8_t out[32], tw_smt *t);
/** NULL when absent. */
const tw_smt_leaf *tw_smt_get(const tw_smt *t, const uint8_t path[32]);
/** Steps of a present leaf, leaf first; returns their number. Call tw_smt_root first. */
size_t tw_smt_steps(tw_smt_step steps[256], const tw_smt *t, const uint8_t path[32]);
/** Nearest leaves below and above an absent path; NULL at the edge. */
void tw_smt_neighbours(const tw_smt_leaf **below, const tw_smt_leaf **above, const tw_smt *t, const uint8_t path[32]);
/** Bit i of a path, the most significant first. */
static inline bool tw_path_bit(const uint8_t path[32], size_t i)
{
    return path[i / 8] >> (7 - i % 8) & 1;
}
void tw_smt_leaf_hash(uint8_t out[32], const uint8_t path[32], const uint8_t value[32]);

/* ---------------------------------------------------------------- the ledger */

typedef struct {
    tw_party_state pub;
    uint64_t day; /* UTC day of `used` */
    uint32_t used;
} tw_party_entry;

typedef struct {
    uint64_t highest;
    uint64_t seen; /* bit k: highest - k was used */
} tw_lane;

typedef struct {
    tw_project_state pub;
    uint64_t from_s; /* period of the project */
    uint64_t until_s;
    tw_id steward[UINT8_MAX];
} tw_project_entry;

typedef struct {
    tw_keeper_set set;
    uint8_t transcript_root[32];
    uint64_t idx;
} tw_set_entry;

typedef struct {
    tw_release_state pub;
    uint8_t sheets_hash[32]; /* SHA-256 over the list of sheet hashes; zero until closed */
} tw_release_entry;

struct tw_ledger {
    tw_arena *arena;
    tw_genesis genesis;
    tw_id id;
    uint64_t time;
    uint8_t *leaves;
    uint64_t leaf_room; /* leaves that fit */
    tw_merkle_range log;
    tw_map *parties;  /* id -> tw_party_entry */
    tw_map *lanes;    /* id, lane u16 -> tw_lane */
    tw_map *sets;     /* set id -> tw_set_entry */
    tw_map *openings; /* root -> tw_opening_state */
    tw_map *projects; /* id -> tw_project_entry */
    tw_map *comps;    /* id -> tw_comp_state */
    tw_map *releases; /* id -> tw_release_entry */
    const tw_set_entry *set; /* the current one */
    tw_smt *smt;
    tw_map *changed; /* keys of rows; NULL: nobody stores them */
};

/** Where new state records come from: gives each its nonce. */
typedef struct {
    uint8_t op_hash[32];
    uint32_t count;
} tw_record_source;

/* First byte of a row's key; below these it is a tw_state_kind and the rest is the id. */
#define TW_ROW_LANE 0x10  /* party 32, lane u16 */
#define TW_ROW_QUOTA 0x11 /* party 32 */

/** Notes that a row changed, when rows are tracked. */
void tw_ledger_note(tw_ledger *l, uint8_t kind, tw_bytes id);
/** Sets the value of a record that is in state, under a nonce. */
void tw_state_commit(tw_ledger *l, tw_state_kind kind, const uint8_t id[32], const uint8_t nonce[16]);

void tw_state_put(tw_ledger *l, tw_record_source *from, tw_state_kind kind, const uint8_t id[32]);
/** Record bytes of a key that is in state. false: it is not. */
bool tw_state_record(tw_buf *out, const tw_ledger *l, tw_state_kind kind, const uint8_t id[32]);
void *tw_ledger_get(const tw_map *m, const uint8_t id[32]);
void tw_ledger_set(tw_map *m, const uint8_t id[32], void *value);

/* ---------------------------------------------------------------- one operation */

typedef struct {
    tw_id id; /* of the compartment, also when inner_ok is false */
    bool inner_ok;
    tw_owner_op op;
} tw_owner_body;

/** An operation on its way through the table. */
typedef struct {
    tw_ledger *l;
    tw_op op;
    tw_party_entry *by;
    uint64_t idx; /* of the entry that it becomes */
    tw_record_source records;
    union {
        tw_party_add_body party_add;
        tw_party_rotate_body party_rotate;
        tw_party_suspend_body party_suspend;
        tw_keeper_set_body keeper_set;
        tw_import_key_body import_key;
        tw_opening_body opening;
        tw_batch_body batch;
        tw_project_open_body project_open;
        tw_project_approve_body project_approve;
        tw_project_close_body project_close;
        tw_owner_body owner;
        tw_erased_body erased;
        tw_release_open_body release_open;
        tw_release_close_body release_close;
        tw_budget_body budget;
        tw_twin_publish_body twin_publish;
    } body;
} tw_move;

/** One row a kind: who may sign, how the body is read (shape only), what must hold (changes nothing), what changes
 *  (cannot fail). */
typedef struct {
    uint32_t roles;
    tw_status (*read)(tw_ctx *cx, tw_move *m);
    tw_code (*check)(tw_ctx *cx, const tw_move *m);
    void (*effect)(tw_move *m); /* NULL: the log is enough */
} tw_rule;

#define TW_ROLE_BIT(r) (1u << (unsigned)(r))
#define TW_ROLE_ANY (~0u)

/** NULL: no operation has this kind. */
const tw_rule *tw_rule_of(unsigned kind);

/* Rows by subject: parties, projects with releases, compartments with what sources anchor. */
tw_code tw_check_party_add(tw_ctx *cx, const tw_move *m);
tw_code tw_check_party_rotate(tw_ctx *cx, const tw_move *m);
tw_code tw_check_party_suspend(tw_ctx *cx, const tw_move *m);
tw_code tw_check_keeper_set(tw_ctx *cx, const tw_move *m);
tw_code tw_check_import_key(tw_ctx *cx, const tw_move *m);
void tw_effect_party_add(tw_move *m);
void tw_effect_party_rotate(tw_move *m);
void tw_effect_party_suspend(tw_move *m);
void tw_effect_keeper_set(tw_move *m);
void tw_effect_import_key(tw_move *m);
/** Also used by genesis. */
void tw_party_enter(tw_ledger *l, tw_record_source *from, const tw_party_spec *spec);
void tw_keeper_set_enter(tw_ledger *l, tw_record_source *from, const tw_keeper_set *set,
                         const uint8_t transcript_root[32], uint64_t idx);

tw_code tw_check_opening(tw_ctx *cx, const tw_move *m);
tw_code tw_check_owner(tw_ctx *cx, const tw_move *m);
tw_code tw_check_erased(tw_ctx *cx, const tw_move *m);
void tw_effect_opening(tw_move *m);
void tw_effect_owner(tw_move *m);
void tw_effect_erased(tw_move *m);

tw_code tw_check_project_open(tw_ctx *cx, const tw_move *m);
tw_code tw_check_project_approve(tw_ctx *cx, const tw_move *m);
tw_code tw_check_project_close(tw_ctx *cx, const tw_move *m);
tw_code tw_check_release_open(tw_ctx *cx, const tw_move *m);
tw_code tw_check_release_close(tw_ctx *cx, const tw_move *m);
tw_code tw_check_budget(tw_ctx *cx, const tw_move *m);
tw_code tw_check_twin_publish(tw_ctx *cx, const tw_move *m);
void tw_effect_project_open(tw_move *m);
void tw_effect_project_approve(tw_move *m);
void tw_effect_project_close(tw_move *m);
void tw_effect_release_open(tw_move *m);
void tw_effect_release_close(tw_move *m);
void tw_effect_budget(tw_move *m);

/* ---------------------------------------------------------------- bytes */

void tw_party_spec_encode(tw_buf *out, const tw_party_spec *s);
/** fails TW_EPARSE: form, role, url. */
tw_status tw_party_spec_read(tw_ctx *cx, tw_party_spec *out, tw_rd *in);
bool tw_url_ok(tw_str url);
/** Shape of an operation and its signed part. */
tw_status tw_op_parse(tw_ctx *cx, tw_op *out, tw_bytes *message, const uint8_t **sig, tw_bytes in);
/** The bytes that stewards sign: in the arena. */
tw_bytes tw_steward_message(tw_ctx *cx, const tw_id *ledger, unsigned kind, tw_bytes body, size_t signatures);
#define TW_STEWARD_SIG_BYTES (32 + TW_SIG)

#endif
