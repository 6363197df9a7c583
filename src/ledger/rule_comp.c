/* Compartments: openings by sources, operations of owners, erasure. The state of a compartment is an exception:
 * absent means version 1, live. What an owner may do, in the order of the checks:
 *
 *           | live, stopped by A          | stopped by K (final)     | erasing, erased
 *  policy   | by A, version last + 1: live | 3                        | 3
 *  stop, A  | version last + 1: stopped    | 3                        | 3
 *  stop, K  | stopped, final               | 3                        | 3
 *  erase    | by A or K: erasing, final    | by A or K: erasing       | 3
 *
 * A version that is not last + 1 is code 4. Versions of a stop by K and of an erase are ignored and stay as they
 * were. */
#include "ledger/ledger_internal.h"

/* ---------------------------------------------------------------- opening */

tw_code tw_check_opening(TW_UNUSED tw_ctx *cx, const tw_move *m)
{
    return tw_ledger_get(m->l->openings, m->body.opening.root) ? TW_CODE_EXISTS : TW_CODE_OK;
}

void tw_effect_opening(tw_move *m)
{
    const tw_opening_body *b = &m->body.opening;
    tw_opening_state *o = tw_new(m->l->arena, tw_opening_state);
    *o = (tw_opening_state){ .source = m->op.party, .idx = m->idx, .leaves = b->leaves, .epoch = b->epoch };
    tw_ledger_set(m->l->openings, b->root, o);
    tw_state_put(m->l, &m->records, TW_STATE_OPENING, b->root);
}

/* ---------------------------------------------------------------- owner */

static tw_code check_version(const tw_comp_state *c, uint32_t version)
{
    uint32_t last = c ? c->version : 1;
    return version > last && version - last == 1 ? TW_CODE_OK : TW_CODE_SEQUENCE;
}

tw_code tw_check_owner(TW_UNUSED tw_ctx *cx, const tw_move *m)
{
    const tw_owner_body *b = &m->body.owner;
    if (!b->inner_ok || !tw_id_eq(&b->op.ledger, &m->l->id))
        return TW_CODE_PROOF;
    const tw_comp_state *c = tw_ledger_get(m->l->comps, b->id.b);
    if (c && (c->status == TW_COMP_ERASING || c->status == TW_COMP_ERASED))
        return TW_CODE_STATE;
    if (b->op.kind == TW_OWN_ERASE)
        return TW_CODE_OK;
    if (c && c->final)
        return TW_CODE_STATE;
    if (b->op.kind == TW_OWN_STOP && b->op.signer == TW_BY_K)
        return TW_CODE_OK;
    return check_version(c, b->op.version);
}

static void apply_owner(tw_comp_state *c, const tw_owner_op *op, uint64_t idx)
{
    bool by_k = op->signer == TW_BY_K;
    switch ((tw_owner_kind)op->kind) {
    case TW_OWN_POLICY:
        c->version = op->version;
        c->status = TW_COMP_LIVE;
        memcpy(c->c, op->c, sizeof c->c);
        memcpy(c->env, op->env, sizeof c->env);
        c->policy_idx = idx;
        break;
    case TW_OWN_STOP:
        c->version = by_k ? c->version : op->version;
        c->status = TW_COMP_STOPPED;
        c->final = by_k;
        break;
    case TW_OWN_ERASE:
        c->status = TW_COMP_ERASING;
        c->final = true;
        break;
    }
    c->idx = idx;
}

void tw_effect_owner(tw_move *m)
{
    const tw_owner_body *b = &m->body.owner;
    tw_comp_state *c = tw_ledger_get(m->l->comps, b->id.b);
    if (!c) {
        c = tw_new(m->l->arena, tw_comp_state);
        *c = (tw_comp_state){ .version = 1, .status = TW_COMP_LIVE };
        tw_ledger_set(m->l->comps, b->id.b, c);
    }
    apply_owner(c, &b->op, m->idx);
    tw_state_put(m->l, &m->records, TW_STATE_COMP, b->id.b);
}

/* ---------------------------------------------------------------- erased */

static bool in_set(const tw_keeper_set *set, const tw_id *party)
{
    for (size_t i = 0; i < set->n; i++)
        if (tw_id_eq(&set->party[i], party))
            return true;
    return false;
}

/* A keeper of the current set, about this compartment and this erase entry, each keeper once. */
static bool deletion_ok(tw_ctx *cx, const tw_move *m, const tw_comp_state *c, size_t i)
{
    const tw_erased_body *b = &m->body.erased;
    const tw_deletion *d = &b->deletion[i];
    const tw_party_entry *p = tw_ledger_get(m->l->parties, d->keeper.b);
    if (!p || !in_set(&m->l->set->set, &d->keeper) || !tw_id_eq(&d->comp, &b->comp) || d->idx != c->idx)
        return false;
    for (size_t j = 0; j < i; j++)
        if (tw_id_eq(&b->deletion[j].keeper, &d->keeper))
            return false;
    return tw_deletion_ok(cx, d, p->pub.spec.ed25519);
}

/* With n - t + 1 keepers' shares gone, the rest are fewer than t. */
tw_code tw_check_erased(tw_ctx *cx, const tw_move *m)
{
    const tw_erased_body *b = &m->body.erased;
    const tw_comp_state *c = tw_ledger_get(m->l->comps, b->comp.b);
    const tw_keeper_set *set = &m->l->set->set;
    if (!c)
        return TW_CODE_NOTHING;
    if (c->status != TW_COMP_ERASING)
        return TW_CODE_STATE;
    for (size_t i = 0; i < b->count; i++)
        if (!deletion_ok(cx, m, c, i))
            return TW_CODE_PROOF;
    return b->count < (size_t)(set->n - set->t + 1) ? TW_CODE_SIGNATURES : TW_CODE_OK;
}

void tw_effect_erased(tw_move *m)
{
    tw_comp_state *c = tw_ledger_get(m->l->comps, m->body.erased.comp.b);
    c->status = TW_COMP_ERASED;
    tw_state_put(m->l, &m->records, TW_STATE_COMP, m->body.erased.comp.b);
}
