/* State as rows of a key and a value: what an engine stores so that it need not replay a whole log. A record's row is
 * its nonce and its bytes (docs/formats/state.md), before which a project has its body; loading reads the bytes into
 * the structs and commits to what it reads back from them, so a row that says something else gives another root. */
#include "ledger/ledger_internal.h"

#define ROW_MAX ((size_t)TW_OP_BYTES_MAX + 32768)

/* ---------------------------------------------------------------- which ones changed */

void tw_ledger_note(tw_ledger *l, uint8_t kind, tw_bytes id)
{
    uint8_t key[1 + 34];
    if (!l->changed)
        return;
    TW_ASSERT(id.n < sizeof key);
    key[0] = kind;
    memcpy(key + 1, id.p, id.n);
    TW_ASSERT(tw_map_put(l->changed, (tw_bytes){ key, 1 + id.n }, l)); /* any pointer */
}

static void note_all(tw_ledger *l, uint8_t kind, const tw_map *map)
{
    for (size_t i = 0; i < tw_map_count(map); i++) {
        tw_bytes id;
        (void)tw_map_at(map, i, &id);
        tw_ledger_note(l, kind, id);
    }
}

static void note_none(tw_ledger *l)
{
    tw_map_free(l->changed);
    l->changed = tw_map_new((size_t)1 << 30);
}

void tw_ledger_track(tw_ledger *l, bool all)
{
    note_none(l);
    if (!all)
        return;
    note_all(l, TW_STATE_PARTY, l->parties);
    note_all(l, TW_STATE_KEEPER_SET, l->sets);
    note_all(l, TW_STATE_OPENING, l->openings);
    note_all(l, TW_STATE_PROJECT, l->projects);
    note_all(l, TW_STATE_COMP, l->comps);
    note_all(l, TW_STATE_RELEASE, l->releases);
    note_all(l, TW_ROW_LANE, l->lanes);
    for (size_t i = 0; i < tw_map_count(l->parties); i++) {
        const tw_party_entry *p = tw_map_at(l->parties, i, NULL);
        if (p->used) /* a day with none is as good as no day */
            tw_ledger_note(l, TW_ROW_QUOTA, TW_BYTES(p->pub.spec.id.b));
    }
}

uint64_t tw_ledger_changed(const tw_ledger *l)
{
    return l->changed ? tw_map_count(l->changed) : 0;
}

/* ---------------------------------------------------------------- writing */

static void put_record(tw_buf *b, const tw_ledger *l, const uint8_t key[33])
{
    uint8_t path[32];
    tw_sha256_of(path, (tw_bytes){ key, 33 });
    const tw_smt_leaf *leaf = tw_smt_get(l->smt, path);
    TW_ASSERT(leaf != NULL); /* what is noted is in state */
    tw_buf_add(b, leaf->nonce, sizeof leaf->nonce);
    if (key[0] == TW_STATE_PROJECT)
        tw_buf_var(b, ((const tw_project_entry *)tw_ledger_get(l->projects, key + 1))->pub.body);
    TW_ASSERT(tw_state_record(b, l, (tw_state_kind)key[0], key + 1));
}

static void put_value(tw_buf *b, const tw_ledger *l, tw_bytes key)
{
    if (key.p[0] == TW_ROW_LANE) {
        const tw_lane *lane = tw_map_get(l->lanes, (tw_bytes){ key.p + 1, key.n - 1 });
        tw_buf_u64(b, lane->highest);
        tw_buf_u64(b, lane->seen);
    } else if (key.p[0] == TW_ROW_QUOTA) {
        const tw_party_entry *p = tw_ledger_get(l->parties, key.p + 1);
        tw_buf_u64(b, p->day);
        tw_buf_u32(b, p->used);
    } else {
        put_record(b, l, key.p);
    }
}

void tw_ledger_rows(tw_buf *out, tw_ledger *l)
{
    tw_buf value;
    tw_buf_init(&value, ROW_MAX);
    for (size_t i = 0; l->changed && i < tw_map_count(l->changed); i++) {
        tw_bytes key;
        (void)tw_map_at(l->changed, i, &key);
        tw_buf_clear(&value);
        if (key.p[0] == TW_STATE_GENESIS)
            continue; /* comes with the genesis */
        put_value(&value, l, key);
        TW_ASSERT(!value.failed); /* an operation's bytes and a record */
        tw_buf_var(out, key);
        tw_buf_var(out, tw_buf_view(&value));
    }
    tw_buf_done(&value);
    if (l->changed)
        note_none(l);
}

/* ---------------------------------------------------------------- loading */

static void get_id(tw_rd *in, tw_id *id)
{
    tw_rd_copy(in, id->b, sizeof id->b);
}

/* 0 or 1: what is read must be written back the same. */
static bool get_flag(tw_rd *in)
{
    uint8_t v = tw_rd_u8(in);
    in->bad |= v > 1;
    return v == 1;
}

static tw_status load_party(tw_ctx *own, tw_ledger *l, const uint8_t id[32], tw_rd *in)
{
    tw_party_entry *p = tw_ledger_get(l->parties, id);
    if (!p) {
        p = tw_new(l->arena, tw_party_entry);
        tw_ledger_set(l->parties, id, p);
    }
    p->pub = (tw_party_state){ .suspended = false };
    TW_TRY(tw_party_spec_read(own, &p->pub.spec, in));
    p->pub.spec.url = tw_str_dup(l->arena, p->pub.spec.url);
    p->pub.suspended = get_flag(in);
    p->pub.has_import_key = get_flag(in);
    if (p->pub.has_import_key) {
        tw_rd_copy(in, p->pub.import_key, TW_KEY);
        p->pub.import_until = tw_rd_u64(in);
    }
    return TW_OK;
}

static tw_status load_keeper_set(tw_ctx *own, tw_ledger *l, const uint8_t id[32], tw_rd *in)
{
    tw_set_entry *e = tw_new(l->arena, tw_set_entry);
    TW_TRY(tw_keeper_set_read(own, &e->set, in));
    tw_rd_copy(in, e->transcript_root, 32);
    e->idx = tw_rd_u64(in);
    tw_ledger_set(l->sets, id, e);
    if (e->set.generation >= l->set->set.generation) /* each is the last one's plus 1 */
        l->set = e;
    return TW_OK;
}

static tw_status load_opening(TW_UNUSED tw_ctx *own, tw_ledger *l, const uint8_t id[32], tw_rd *in)
{
    tw_opening_state *o = tw_new(l->arena, tw_opening_state);
    get_id(in, &o->source);
    o->idx = tw_rd_u64(in);
    o->leaves = tw_rd_u32(in);
    o->epoch = tw_rd_u16(in);
    tw_ledger_set(l->openings, id, o);
    return TW_OK;
}

static tw_status load_project(tw_ctx *own, tw_ledger *l, const uint8_t id[32], tw_rd *in)
{
    tw_project_entry *p = tw_new(l->arena, tw_project_entry);
    tw_project project;
    p->pub.body = tw_bytes_dup(l->arena, tw_rd_var(in, TW_OP_BYTES_MAX));
    TW_TRY(tw_project_decode(own, &project, p->pub.body));
    p->from_s = project.from_s;
    p->until_s = project.until_s;
    get_id(in, &p->pub.grantee);
    p->pub.idx = tw_rd_u64(in);
    p->pub.status = tw_rd_u8(in);
    (void)tw_rd_view(in, 32); /* hash of the body */
    p->pub.epsilon = tw_rd_u64(in);
    p->pub.delta = tw_rd_u64(in);
    uint32_t approvals = tw_rd_u32(in);
    in->bad |= approvals > UINT8_MAX;
    p->pub.approvals = (uint8_t)approvals;
    for (size_t i = 0; !in->bad && i < approvals; i++)
        get_id(in, &p->steward[i]);
    tw_ledger_set(l->projects, id, p);
    return TW_OK;
}

static tw_status load_comp(TW_UNUSED tw_ctx *own, tw_ledger *l, const uint8_t id[32], tw_rd *in)
{
    tw_comp_state *c = tw_new(l->arena, tw_comp_state);
    c->version = tw_rd_u32(in);
    c->status = tw_rd_u8(in);
    c->final = get_flag(in);
    tw_rd_copy(in, c->c, sizeof c->c);
    tw_rd_copy(in, c->env, sizeof c->env);
    c->idx = tw_rd_u64(in);
    c->policy_idx = tw_rd_u64(in);
    tw_ledger_set(l->comps, id, c);
    return TW_OK;
}

static tw_status load_release(TW_UNUSED tw_ctx *own, tw_ledger *l, const uint8_t id[32], tw_rd *in)
{
    tw_release_entry *r = tw_new(l->arena, tw_release_entry);
    get_id(in, &r->pub.project);
    get_id(in, &r->pub.grantee);
    tw_rd_copy(in, r->pub.root, 32);
    r->pub.leaves = tw_rd_u32(in);
    r->pub.idx = tw_rd_u64(in);
    r->pub.until_s = tw_rd_u64(in);
    r->pub.closed = get_flag(in);
    tw_rd_copy(in, r->sheets_hash, 32);
    r->pub.url = tw_str_dup(l->arena, tw_str_of_bytes(tw_rd_var(in, TW_URL_MAX)));
    tw_ledger_set(l->releases, id, r);
    return TW_OK;
}

static tw_status load_record(tw_ctx *cx, tw_ctx *own, tw_ledger *l, tw_bytes key, tw_rd *in)
{
    static tw_status (*const load[])(tw_ctx *own, tw_ledger *l, const uint8_t id[32], tw_rd *in) = {
        [TW_STATE_PARTY] = load_party,     [TW_STATE_KEEPER_SET] = load_keeper_set, [TW_STATE_OPENING] = load_opening,
        [TW_STATE_PROJECT] = load_project, [TW_STATE_COMP] = load_comp,             [TW_STATE_RELEASE] = load_release,
    };
    uint8_t nonce[16];
    if (key.n != 33 || key.p[0] >= TW_COUNT(load) || !load[key.p[0]])
        return tw_fail(cx, TW_EPARSE, "stored state: a key of kind %u and %zu bytes", (unsigned)key.p[0], key.n);
    tw_rd_copy(in, nonce, sizeof nonce);
    tw_status s = load[key.p[0]](own, l, key.p + 1, in);
    cx->err = own->err;
    if (s == TW_OK)
        s = tw_rd_end(cx, in, "stored state");
    if (s == TW_OK)
        tw_state_commit(l, (tw_state_kind)key.p[0], key.p + 1, nonce);
    return s;
}

static tw_status load_lane(tw_ctx *cx, tw_ledger *l, tw_bytes key, tw_rd *in)
{
    tw_lane *lane = tw_new(l->arena, tw_lane);
    lane->highest = tw_rd_u64(in);
    lane->seen = tw_rd_u64(in);
    if (key.n != 1 + 34)
        return tw_fail(cx, TW_EPARSE, "stored state: a lane's key of %zu bytes", key.n);
    TW_ASSERT(tw_map_put(l->lanes, (tw_bytes){ key.p + 1, 34 }, lane));
    return tw_rd_end(cx, in, "stored lane");
}

static tw_status load_quota(tw_ctx *cx, tw_ledger *l, tw_bytes key, tw_rd *in)
{
    tw_party_entry *p = key.n == 33 ? tw_ledger_get(l->parties, key.p + 1) : NULL;
    if (!p)
        return tw_fail(cx, TW_EPARSE, "stored state: a quota of nobody");
    p->day = tw_rd_u64(in);
    p->used = tw_rd_u32(in);
    return tw_rd_end(cx, in, "stored quota");
}

tw_status tw_ledger_load_row(tw_ctx *cx, tw_ledger *l, tw_bytes key, tw_bytes value)
{
    tw_rd in = tw_rd_of(value);
    tw_ctx own = *cx;
    own.arena = l->arena;
    if (key.n == 0)
        return tw_fail(cx, TW_EPARSE, "stored state: an empty key");
    if (key.p[0] == TW_ROW_LANE)
        return load_lane(cx, l, key, &in);
    if (key.p[0] == TW_ROW_QUOTA)
        return load_quota(cx, l, key, &in);
    return load_record(cx, &own, l, key, &in);
}

tw_status tw_ledger_load_end(tw_ctx *cx, tw_ledger *l, const uint8_t *leaves, uint64_t size, uint64_t time_s,
                             const uint8_t log_root[32], const uint8_t state_root[32])
{
    tw_merkle_range range = { .n = 0 };
    uint8_t root[32];
    if (size == 0 || size > SIZE_MAX / 64 || memcmp(leaves, l->leaves, 32) != 0)
        return tw_fail(cx, TW_EVERIFY, "stored state: another genesis");
    while (range.n < size)
        tw_merkle_range_add(&range, leaves + range.n * 32);
    tw_merkle_range_root(root, &range);
    if (memcmp(root, log_root, 32) != 0)
        return tw_fail(cx, TW_EVERIFY, "stored state: the log's root is another");
    uint8_t *p = tw_mem_resize(l->leaves, (size_t)size * 32);
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "no memory left for the log's leaves");
    memcpy(p, leaves, (size_t)size * 32);
    l->leaves = p;
    l->leaf_room = size;
    l->log = range;
    l->time = time_s;
    tw_ledger_state_root(root, l);
    if (memcmp(root, state_root, 32) != 0)
        return tw_fail(cx, TW_EVERIFY, "stored state: the root of the state is another");
    return TW_OK;
}
