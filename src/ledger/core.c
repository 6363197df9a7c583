/* The core: takes operations and ticks, says what became of them, and keeps the log's leaves and the state's map. */
#include "ledger/ledger_internal.h"

#define ITEMS_MAX ((size_t)1 << 30)
#define ARENA_MAX ((size_t)1 << 40)
#define ENTRY_BYTES_MAX (TW_OP_BYTES_MAX + 64)
#define DAY_S 86400u

/* ---------------------------------------------------------------- the log */

/* Writes the entry down: its bytes to the arena of cx, its leaf into the tree. Its effect is done: it may not fail
 * any more. */
static void append(tw_ctx *cx, tw_applied *out, tw_ledger *l, tw_entry_kind kind, tw_code code, tw_bytes op)
{
    tw_entry e = { .kind = (uint8_t)kind, .code = (uint8_t)code, .idx = l->log.n, .op = op };
    tw_buf b;
    tw_buf_init(&b, ENTRY_BYTES_MAX);
    tw_entry_encode(&b, &e);
    TW_ASSERT(!b.failed);
    *out = (tw_applied){ .idx = e.idx, .code = e.code, .entry = tw_bytes_dup(cx->arena, tw_buf_view(&b)) };
    tw_buf_done(&b);
    uint8_t *leaf = l->leaves + l->log.n * 32;
    tw_merkle_leaf(leaf, out->entry);
    tw_merkle_range_add(&l->log, leaf);
}

/* Before anything changes: room for the next leaf. */
static tw_status make_room(tw_ctx *cx, tw_ledger *l)
{
    if (l->log.n < l->leaf_room)
        return TW_OK;
    uint64_t more = l->leaf_room ? l->leaf_room * 2 : 256;
    uint8_t *p = tw_mem_resize(l->leaves, (size_t)more * 32);
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "no memory left for the log's leaves");
    l->leaves = p;
    l->leaf_room = more;
    return TW_OK;
}

/* ---------------------------------------------------------------- genesis */

static tw_ledger *new_ledger(void)
{
    tw_ledger *l = tw_mem_alloc(sizeof *l);
    TW_ASSERT(l != NULL);
    l->arena = tw_arena_new(ARENA_MAX);
    tw_map **maps[] = { &l->parties, &l->lanes, &l->sets, &l->openings, &l->projects, &l->comps, &l->releases };
    for (size_t i = 0; i < TW_COUNT(maps); i++)
        *maps[i] = tw_map_new(ITEMS_MAX);
    l->smt = tw_smt_new();
    return l;
}

void tw_ledger_free(tw_ledger *l)
{
    if (!l)
        return;
    tw_map *maps[] = { l->parties, l->lanes, l->sets, l->openings, l->projects, l->comps, l->releases };
    for (size_t i = 0; i < TW_COUNT(maps); i++)
        tw_map_free(maps[i]);
    tw_map_free(l->changed);
    tw_smt_free(l->smt);
    tw_mem_free(l->leaves);
    tw_arena_free(l->arena);
    tw_mem_free(l);
}

/* The ledger keeps its own copy of the body, which the decoded genesis borrows from. */
static tw_status keep_genesis(tw_ctx *cx, tw_ledger *l, tw_bytes body)
{
    tw_ctx own = *cx;
    own.arena = l->arena;
    tw_status s = tw_genesis_decode(&own, &l->genesis, tw_bytes_dup(l->arena, body));
    cx->err = own.err;
    return s;
}

static void enter_genesis(tw_ledger *l, tw_bytes body)
{
    static const uint8_t zero[32];
    tw_record_source from = { .count = 0 };
    tw_sha256_of(from.op_hash, body);
    tw_state_put(l, &from, TW_STATE_GENESIS, zero);
    for (size_t i = 0; i < l->genesis.party_count; i++)
        tw_party_enter(l, &from, &l->genesis.party[i]);
    tw_keeper_set_enter(l, &from, &l->genesis.keeper_set, zero, 0);
    l->time = l->genesis.time_s;
}

static tw_status start(tw_ctx *cx, tw_bytes *entry, tw_ledger *l, tw_bytes body)
{
    tw_applied first;
    if (body.n > TW_OP_BYTES_MAX)
        return tw_fail(cx, TW_EPARSE, "genesis of %zu bytes", body.n);
    TW_TRY(keep_genesis(cx, l, body));
    TW_TRY(make_room(cx, l));
    append(cx, &first, l, TW_ENTRY_GENESIS, TW_CODE_OK, body);
    tw_hash_label(l->id.b, "tw/ledger/1", &first.entry, 1);
    enter_genesis(l, body);
    if (entry)
        *entry = first.entry;
    return TW_OK;
}

tw_status tw_ledger_new(tw_ctx *cx, tw_ledger **out, tw_bytes *entry, tw_bytes genesis_body)
{
    tw_ledger *l = new_ledger();
    tw_status s = start(cx, entry, l, genesis_body);
    if (s != TW_OK) {
        tw_ledger_free(l);
        return s;
    }
    *out = l;
    return TW_OK;
}

/* ---------------------------------------------------------------- tick */

tw_status tw_ledger_tick(tw_ctx *cx, tw_applied *out, tw_ledger *l, uint64_t seconds)
{
    uint8_t body[8];
    if (seconds < l->time)
        return tw_fail(cx, TW_EREFUSED, "time would fall from %llu to %llu", (unsigned long long)l->time,
                       (unsigned long long)seconds);
    TW_TRY(make_room(cx, l));
    tw_put_be64(body, seconds);
    append(cx, out, l, TW_ENTRY_TICK, TW_CODE_OK, TW_BYTES(body));
    l->time = seconds;
    return TW_OK;
}

/* ---------------------------------------------------------------- operations */

static void lane_key(uint8_t out[34], const tw_id *party, uint16_t lane)
{
    memcpy(out, party->b, 32);
    tw_put_be16(out + 32, lane);
}

static tw_lane *lane_of(const tw_ledger *l, const tw_id *party, uint16_t lane)
{
    uint8_t key[34];
    lane_key(key, party, lane);
    return tw_map_get(l->lanes, TW_BYTES(key));
}

/* The highest nonce and a window of 64 below it: each once, and none more than 64 above the highest. */
static bool nonce_free(const tw_lane *lane, uint64_t nonce)
{
    uint64_t highest = lane ? lane->highest : 0;
    if (nonce == 0)
        return false;
    if (nonce > highest)
        return nonce - highest <= TW_NONCE_WINDOW;
    return highest - nonce < TW_NONCE_WINDOW && !(lane->seen >> (highest - nonce) & 1);
}

static void use_nonce(tw_ledger *l, const tw_op *op)
{
    tw_lane *lane = lane_of(l, &op->party, op->lane);
    uint8_t key[34];
    lane_key(key, &op->party, op->lane);
    if (!lane) {
        lane = tw_new(l->arena, tw_lane);
        TW_ASSERT(tw_map_put(l->lanes, TW_BYTES(key), lane));
    }
    if (op->nonce > lane->highest) {
        uint64_t up = op->nonce - lane->highest;
        lane->seen = up < 64 ? lane->seen << up : 0;
        lane->highest = op->nonce;
    }
    lane->seen |= (uint64_t)1 << (lane->highest - op->nonce);
    tw_ledger_note(l, TW_ROW_LANE, TW_BYTES(key));
}

/* Each operation that took a nonce counts, refused or not. */
static bool within_quota(tw_ledger *l, tw_party_entry *p)
{
    uint64_t day = l->time / DAY_S;
    tw_ledger_note(l, TW_ROW_QUOTA, TW_BYTES(p->pub.spec.id.b));
    if (p->day != day) {
        p->day = day;
        p->used = 0;
    }
    if (p->used >= l->genesis.quota_per_day)
        return false;
    p->used++;
    return true;
}

static tw_code execute(tw_ctx *cx, tw_move *m, const tw_rule *rule)
{
    const tw_party_state *by = &m->by->pub;
    if (!nonce_free(lane_of(m->l, &m->op.party, m->op.lane), m->op.nonce))
        return TW_CODE_SEQUENCE;
    use_nonce(m->l, &m->op);
    if (m->l->time >= m->op.valid_until)
        return TW_CODE_EXPIRED;
    if (!within_quota(m->l, m->by))
        return TW_CODE_QUOTA;
    if (by->suspended || !(rule->roles & TW_ROLE_BIT(by->spec.role)))
        return TW_CODE_ROLE;
    tw_code code = rule->check(cx, m);
    if (code == TW_CODE_OK && rule->effect)
        rule->effect(m);
    return code;
}

/* Form, ledger, party, signature, form of the body: what fails here is not logged. */
static tw_status authenticate(tw_ctx *cx, tw_move *m, const tw_rule **rule, tw_bytes op)
{
    tw_bytes message;
    const uint8_t *sig;
    TW_TRY(tw_op_parse(cx, &m->op, &message, &sig, op));
    *rule = tw_rule_of(m->op.kind);
    TW_ASSERT(*rule != NULL); /* tw_op_parse refuses other kinds */
    if (!tw_id_eq(&m->op.ledger, &m->l->id))
        return tw_fail(cx, TW_EREFUSED, "operation for another ledger");
    m->by = tw_ledger_get(m->l->parties, m->op.party.b);
    if (!m->by)
        return tw_fail(cx, TW_EREFUSED, "operation of a party that is not on this ledger");
    if (!tw_sign_ok(cx, sig, m->by->pub.spec.ed25519, "tw/op/1", message))
        return tw_fail(cx, TW_ECRYPTO, "operation: the signature does not verify");
    return (*rule)->read(cx, m);
}

tw_status tw_ledger_submit(tw_ctx *cx, tw_applied *out, tw_ledger *l, tw_bytes op)
{
    const tw_rule *rule;
    tw_move m = { .l = l, .idx = l->log.n };
    TW_TRY(make_room(cx, l));
    TW_TRY(authenticate(cx, &m, &rule, op));
    tw_sha256_of(m.records.op_hash, op);
    tw_code code = execute(cx, &m, rule);
    append(cx, out, l, (tw_entry_kind)m.op.kind, code, op);
    return TW_OK;
}

static tw_status replay_one(tw_ctx *cx, tw_applied *out, tw_ledger *l, const tw_entry *e)
{
    if (e->kind == TW_ENTRY_GENESIS)
        return tw_fail(cx, TW_EVERIFY, "a second genesis");
    if (e->kind != TW_ENTRY_TICK)
        return tw_ledger_submit(cx, out, l, e->op);
    if (e->op.n != 8)
        return tw_fail(cx, TW_EPARSE, "tick of %zu bytes", e->op.n);
    return tw_ledger_tick(cx, out, l, tw_be64(e->op.p));
}

tw_status tw_ledger_replay(tw_ctx *cx, tw_ledger *l, tw_bytes entry)
{
    tw_entry e;
    tw_applied again;
    uint64_t idx = l->log.n;
    tw_status s = tw_entry_decode(cx, &e, entry);
    if (s == TW_OK)
        s = replay_one(cx, &again, l, &e);
    if (s == TW_OK && !tw_bytes_eq(again.entry, entry))
        s = tw_fail(cx, TW_EVERIFY, "the log says kind %u, code %u, index %llu; execution says code %u",
                    (unsigned)e.kind, (unsigned)e.code, (unsigned long long)e.idx, (unsigned)again.code);
    if (s == TW_OK || s == TW_ELIMIT)
        return s;
    tw_wrap(cx, "entry %llu", (unsigned long long)idx);
    return TW_EVERIFY;
}

/* ---------------------------------------------------------------- what it says of itself */

const tw_id *tw_ledger_id(const tw_ledger *l)
{
    return &l->id;
}

const tw_genesis *tw_ledger_genesis(const tw_ledger *l)
{
    return &l->genesis;
}

uint64_t tw_ledger_size(const tw_ledger *l)
{
    return l->log.n;
}

uint64_t tw_ledger_time(const tw_ledger *l)
{
    return l->time;
}

const uint8_t *tw_ledger_leaves(const tw_ledger *l)
{
    return l->leaves;
}

void tw_ledger_log_root(uint8_t out[32], const tw_ledger *l)
{
    tw_merkle_range_root(out, &l->log);
}

void tw_ledger_log_root_at(uint8_t out[32], const tw_ledger *l, uint64_t size)
{
    TW_ASSERT(size <= l->log.n);
    if (size == l->log.n)
        tw_ledger_log_root(out, l);
    else
        tw_merkle_root(out, l->leaves, size);
}

void tw_ledger_state_root(uint8_t out[32], const tw_ledger *l)
{
    tw_smt_root(out, l->smt);
}

/* ICS-23 TendermintSpec: leaf = SHA-256(0x00 || len(key) || key || 0x20 || SHA-256(value)), keys in byte order. */
static void store_leaf(uint8_t out[32], const char *key, tw_bytes value)
{
    uint8_t b[64];
    size_t n = strlen(key);
    b[0] = 0x00;
    b[1] = (uint8_t)n;
    memcpy(b + 2, key, n);
    b[2 + n] = 0x20;
    tw_sha256_of(b + 3 + n, value);
    tw_sha256_of(out, (tw_bytes){ b, 3 + n + 32 });
}

void tw_ledger_app_hash(uint8_t out[32], const tw_ledger *l)
{
    uint8_t log[8 + 32];
    uint8_t state[32];
    uint8_t leaf[2][32];
    tw_put_be64(log, l->log.n);
    tw_ledger_log_root(log + 8, l);
    tw_ledger_state_root(state, l);
    store_leaf(leaf[0], "log", TW_BYTES(log));
    store_leaf(leaf[1], "state", TW_BYTES(state));
    tw_merkle_node(out, leaf[0], leaf[1]);
}

uint64_t tw_ledger_next_nonce(const tw_ledger *l, const tw_id *party, uint16_t lane)
{
    const tw_lane *w = lane_of(l, party, lane);
    return w ? w->highest + 1 : 1;
}
