/* What state holds and the bytes of its records (docs/formats/state.md); the map commits to them by salted hashes. */
#include "ledger/ledger_internal.h"

#define RECORD_MAX ((size_t)16384)

void *tw_ledger_get(const tw_map *m, const uint8_t id[32])
{
    return tw_map_get(m, (tw_bytes){ id, 32 });
}

void tw_ledger_set(tw_map *m, const uint8_t id[32], void *value)
{
    TW_ASSERT(tw_map_put(m, (tw_bytes){ id, 32 }, value)); /* out of memory: a ledger may not go on */
}

/* ---------------------------------------------------------------- records */

static void put_id(tw_buf *b, const tw_id *id)
{
    tw_buf_add(b, id->b, sizeof id->b);
}

static void put_party(tw_buf *b, const void *record)
{
    const tw_party_state *p = &((const tw_party_entry *)record)->pub;
    tw_party_spec_encode(b, &p->spec);
    tw_buf_u8(b, p->suspended);
    tw_buf_u8(b, p->has_import_key);
    if (p->has_import_key) {
        tw_buf_add(b, p->import_key, TW_KEY);
        tw_buf_u64(b, p->import_until);
    }
}

static void put_keeper_set(tw_buf *b, const void *record)
{
    const tw_set_entry *e = record;
    tw_keeper_set_encode(b, &e->set);
    tw_buf_add(b, e->transcript_root, 32);
    tw_buf_u64(b, e->idx);
}

static void put_opening(tw_buf *b, const void *record)
{
    const tw_opening_state *o = record;
    put_id(b, &o->source);
    tw_buf_u64(b, o->idx);
    tw_buf_u32(b, o->leaves);
    tw_buf_u16(b, o->epoch);
}

static void put_project(tw_buf *b, const void *record)
{
    const tw_project_entry *p = record;
    uint8_t hash[32];
    tw_sha256_of(hash, p->pub.body);
    put_id(b, &p->pub.grantee);
    tw_buf_u64(b, p->pub.idx);
    tw_buf_u8(b, p->pub.status);
    tw_buf_add(b, hash, sizeof hash);
    tw_buf_u64(b, p->pub.epsilon);
    tw_buf_u64(b, p->pub.delta);
    tw_buf_u32(b, p->pub.approvals);
    for (size_t i = 0; i < p->pub.approvals; i++)
        put_id(b, &p->steward[i]);
}

static void put_comp(tw_buf *b, const void *record)
{
    const tw_comp_state *c = record;
    tw_buf_u32(b, c->version);
    tw_buf_u8(b, c->status);
    tw_buf_u8(b, c->final);
    tw_buf_add(b, c->c, sizeof c->c);
    tw_buf_add(b, c->env, sizeof c->env);
    tw_buf_u64(b, c->idx);
    tw_buf_u64(b, c->policy_idx);
}

static void put_release(tw_buf *b, const void *record)
{
    const tw_release_entry *r = record;
    put_id(b, &r->pub.project);
    put_id(b, &r->pub.grantee);
    tw_buf_add(b, r->pub.root, 32);
    tw_buf_u32(b, r->pub.leaves);
    tw_buf_u64(b, r->pub.idx);
    tw_buf_u64(b, r->pub.until_s);
    tw_buf_u8(b, r->pub.closed);
    tw_buf_add(b, r->sheets_hash, 32);
    tw_buf_var(b, tw_bytes_of(r->pub.url));
}

bool tw_state_record(tw_buf *out, const tw_ledger *l, tw_state_kind kind, const uint8_t id[32])
{
    static const uint8_t zero[32];
    if (kind == TW_STATE_GENESIS) {
        put_id(out, &l->id);
        return memcmp(id, zero, 32) == 0;
    }
    const struct {
        const tw_map *map;
        void (*put)(tw_buf *b, const void *record);
    } tables[] = {
        [TW_STATE_PARTY] = { l->parties, put_party },       [TW_STATE_KEEPER_SET] = { l->sets, put_keeper_set },
        [TW_STATE_OPENING] = { l->openings, put_opening },  [TW_STATE_PROJECT] = { l->projects, put_project },
        [TW_STATE_COMP] = { l->comps, put_comp },           [TW_STATE_RELEASE] = { l->releases, put_release },
    };
    if ((size_t)kind >= TW_COUNT(tables))
        return false;
    const void *record = tw_ledger_get(tables[kind].map, id);
    if (record)
        tables[kind].put(out, record);
    return record != NULL;
}

/* value = SHA-256(nonce, record). */
void tw_state_commit(tw_ledger *l, tw_state_kind kind, const uint8_t id[32], const uint8_t nonce[16])
{
    tw_buf b;
    uint8_t value[32];
    uint8_t key[33];
    tw_buf_init(&b, RECORD_MAX);
    tw_buf_add(&b, nonce, 16);
    TW_ASSERT(tw_state_record(&b, l, kind, id) && !b.failed); /* the caller has just entered it; records are small */
    tw_sha256_of(value, tw_buf_view(&b));
    tw_buf_done(&b);
    key[0] = (uint8_t)kind;
    memcpy(key + 1, id, 32);
    tw_smt_put(l->smt, key, value, nonce);
}

/* nonce = SHA-256("twinward/nonce/1", SHA-256(signed op), u32 record index)[0..16]. */
void tw_state_put(tw_ledger *l, tw_record_source *from, tw_state_kind kind, const uint8_t id[32])
{
    uint8_t index[4];
    uint8_t nonce[32];
    tw_put_be32(index, from->count++);
    tw_bytes fields[] = { TW_BYTES(from->op_hash), TW_BYTES(index) };
    tw_hash_label(nonce, "twinward/nonce/1", fields, TW_COUNT(fields));
    tw_state_commit(l, kind, id, nonce);
    tw_ledger_note(l, (uint8_t)kind, (tw_bytes){ id, 32 });
}

tw_status tw_ledger_state_record(tw_ctx *cx, uint8_t nonce[16], tw_bytes *record, const tw_ledger *l,
                                 const uint8_t key[33])
{
    uint8_t path[32];
    tw_buf b;
    tw_sha256_of(path, (tw_bytes){ key, 33 });
    const tw_smt_leaf *leaf = tw_smt_get(l->smt, path);
    if (!leaf)
        return tw_fail(cx, TW_ENOTFOUND, "there is no such record in state");
    memcpy(nonce, leaf->nonce, 16);
    tw_buf_init(&b, RECORD_MAX);
    TW_ASSERT(tw_state_record(&b, l, (tw_state_kind)key[0], key + 1) && !b.failed); /* in the map, so in state */
    *record = tw_bytes_dup(cx->arena, tw_buf_view(&b));
    tw_buf_done(&b);
    return TW_OK;
}

/* ---------------------------------------------------------------- reading state */

const tw_party_state *tw_ledger_party(const tw_ledger *l, const tw_id *id)
{
    const tw_party_entry *p = tw_ledger_get(l->parties, id->b);
    return p ? &p->pub : NULL;
}

const tw_keeper_set *tw_ledger_keeper_set(const tw_ledger *l)
{
    return &l->set->set;
}

const tw_opening_state *tw_ledger_opening(const tw_ledger *l, const uint8_t root[32])
{
    return tw_ledger_get(l->openings, root);
}

const tw_project_state *tw_ledger_project(const tw_ledger *l, const tw_id *id)
{
    const tw_project_entry *p = tw_ledger_get(l->projects, id->b);
    return p ? &p->pub : NULL;
}

const tw_comp_state *tw_ledger_comp(const tw_ledger *l, const tw_id *id)
{
    return tw_ledger_get(l->comps, id->b);
}

const tw_release_state *tw_ledger_release(const tw_ledger *l, const tw_id *id)
{
    const tw_release_entry *r = tw_ledger_get(l->releases, id->b);
    return r ? &r->pub : NULL;
}
