/* Who takes part: party-add, -rotate, -suspend, keeper-set, import-key. All but the last carry the words of k
 * stewards. */
#include "ledger/ledger_internal.h"

/* ---------------------------------------------------------------- k of n stewards */

static bool is_active(const tw_party_entry *p, unsigned role)
{
    return p && !p->pub.suspended && p->pub.spec.role == role;
}

/* Any signature that is not an active steward's is a bad proof; then k of them are wanted. The list is strictly
 * ascending. */
static tw_code stewards_agree(tw_ctx *cx, const tw_move *m, const tw_steward_sig *sig, size_t count)
{
    tw_bytes message = tw_steward_message(cx, &m->l->id, m->op.kind, m->op.body, count);
    TW_ASSERT(tw_arena_try(cx->arena, message.n + 64) != NULL); /* room to verify: a code may not depend on memory */
    for (size_t i = 0; i < count; i++) {
        const tw_party_entry *p = tw_ledger_get(m->l->parties, sig[i].steward.b);
        if (!is_active(p, TW_ROLE_STEWARD) || !tw_sign_ok(cx, sig[i].sig, p->pub.spec.ed25519, "tw/steward/1", message))
            return TW_CODE_PROOF;
    }
    return count < m->l->genesis.steward_k ? TW_CODE_SIGNATURES : TW_CODE_OK;
}

static bool key_in_use(const tw_ledger *l, const uint8_t ed25519[TW_KEY])
{
    for (size_t i = 0; i < tw_map_count(l->parties); i++) {
        const tw_party_entry *p = tw_map_at(l->parties, i, NULL);
        if (memcmp(p->pub.spec.ed25519, ed25519, TW_KEY) == 0)
            return true;
    }
    return false;
}

/* ---------------------------------------------------------------- party-add */

void tw_party_enter(tw_ledger *l, tw_record_source *from, const tw_party_spec *spec)
{
    tw_party_entry *p = tw_new(l->arena, tw_party_entry);
    p->pub.spec = *spec;
    p->pub.spec.url = tw_str_dup(l->arena, spec->url);
    tw_ledger_set(l->parties, spec->id.b, p);
    tw_state_put(l, from, TW_STATE_PARTY, spec->id.b);
}

tw_code tw_check_party_add(tw_ctx *cx, const tw_move *m)
{
    const tw_party_add_body *b = &m->body.party_add;
    tw_id id;
    tw_party_id(&id, b->spec.ed25519);
    if (!tw_id_eq(&id, &b->spec.id))
        return TW_CODE_PROOF;
    if (tw_ledger_get(m->l->parties, id.b) || key_in_use(m->l, b->spec.ed25519))
        return TW_CODE_EXISTS;
    return stewards_agree(cx, m, b->sig, b->count);
}

void tw_effect_party_add(tw_move *m)
{
    tw_party_enter(m->l, &m->records, &m->body.party_add.spec);
}

/* ---------------------------------------------------------------- party-rotate */

/* The outer signature is by the old key. A party keeps its id. */
tw_code tw_check_party_rotate(tw_ctx *cx, const tw_move *m)
{
    const tw_party_rotate_body *b = &m->body.party_rotate;
    if (!tw_id_eq(&b->party, &m->op.party))
        return TW_CODE_ROLE;
    if (key_in_use(m->l, b->ed25519))
        return TW_CODE_EXISTS;
    return stewards_agree(cx, m, b->sig, b->count);
}

void tw_effect_party_rotate(tw_move *m)
{
    tw_party_spec *spec = &m->by->pub.spec;
    memcpy(spec->ed25519, m->body.party_rotate.ed25519, TW_KEY);
    memcpy(spec->x25519, m->body.party_rotate.x25519, TW_KEY);
    tw_state_put(m->l, &m->records, TW_STATE_PARTY, spec->id.b);
}

/* ---------------------------------------------------------------- party-suspend */

tw_code tw_check_party_suspend(tw_ctx *cx, const tw_move *m)
{
    const tw_party_suspend_body *b = &m->body.party_suspend;
    const tw_party_entry *p = tw_ledger_get(m->l->parties, b->party.b);
    if (!p)
        return TW_CODE_NOTHING;
    if (p->pub.suspended)
        return TW_CODE_STATE;
    return stewards_agree(cx, m, b->sig, b->count);
}

void tw_effect_party_suspend(tw_move *m)
{
    const tw_id *id = &m->body.party_suspend.party;
    tw_party_entry *p = tw_ledger_get(m->l->parties, id->b);
    p->pub.suspended = true;
    tw_state_put(m->l, &m->records, TW_STATE_PARTY, id->b);
}

/* ---------------------------------------------------------------- keeper-set */

void tw_keeper_set_enter(tw_ledger *l, tw_record_source *from, const tw_keeper_set *set,
                         const uint8_t transcript_root[32], uint64_t idx)
{
    tw_set_entry *e = tw_new(l->arena, tw_set_entry);
    tw_id id;
    e->set = *set;
    e->idx = idx;
    memcpy(e->transcript_root, transcript_root, 32);
    tw_keeper_set_id(&id, set);
    tw_ledger_set(l->sets, id.b, e);
    l->set = e;
    tw_state_put(l, from, TW_STATE_KEEPER_SET, id.b);
}

tw_code tw_check_keeper_set(tw_ctx *cx, const tw_move *m)
{
    const tw_keeper_set_body *b = &m->body.keeper_set;
    if (b->set.generation != m->l->set->set.generation + 1)
        return TW_CODE_SEQUENCE;
    for (size_t i = 0; i < b->set.n; i++) {
        const tw_party_entry *p = tw_ledger_get(m->l->parties, b->set.party[i].b);
        if (!p)
            return TW_CODE_NOTHING;
        if (!is_active(p, TW_ROLE_KEEPER))
            return TW_CODE_STATE;
    }
    return stewards_agree(cx, m, b->sig, b->count);
}

void tw_effect_keeper_set(tw_move *m)
{
    const tw_keeper_set_body *b = &m->body.keeper_set;
    tw_keeper_set_enter(m->l, &m->records, &b->set, b->transcript_root, m->idx);
}

/* ---------------------------------------------------------------- import-key */

tw_code tw_check_import_key(TW_UNUSED tw_ctx *cx, const tw_move *m)
{
    const tw_import_key_body *b = &m->body.import_key;
    const tw_party_state *p = &m->by->pub;
    if (b->valid_until <= m->l->time)
        return TW_CODE_EXPIRED;
    if (p->has_import_key && memcmp(p->import_key, b->key, TW_KEY) == 0)
        return TW_CODE_EXISTS;
    return TW_CODE_OK;
}

void tw_effect_import_key(tw_move *m)
{
    tw_party_state *p = &m->by->pub;
    memcpy(p->import_key, m->body.import_key.key, TW_KEY);
    p->import_until = m->body.import_key.valid_until;
    p->has_import_key = true;
    tw_state_put(m->l, &m->records, TW_STATE_PARTY, p->spec.id.b);
}
