/* What a keeper knows of a compartment, and whether it would answer: checks 4 to 12 of the protocol's list, in its
 * order. */
#include "keeper_internal.h"

static tw_status load_share(tw_ctx *cx, tw_comp_view *v, tw_keeper *k, const tw_id *comp)
{
    tw_bytes row;
    tw_bytes plain;
    TW_TRY(tw_row_get(cx, &row, k, tw_row_of(TW_ROW_SHARE, comp->b, (tw_bytes){ NULL, 0 })));
    TW_TRY(tw_slots_unseal(cx, &plain, &v->slot, &k->slots, tw_id_bytes(comp), row));
    return tw_keeper_share_decode(cx, &v->share, plain);
}

static tw_status load_opening(tw_ctx *cx, tw_comp_view *v, tw_keeper *k, const tw_id *comp)
{
    tw_bytes row;
    tw_opening_proof *o = &v->opening;
    TW_TRY(tw_row_get(cx, &row, k, tw_row_of(TW_ROW_OPENING, comp->b, (tw_bytes){ NULL, 0 })));
    tw_rd r = tw_rd_of(row);
    o->idx = tw_rd_u64(&r);
    o->pos = tw_rd_u32(&r);
    o->n = tw_rd_u32(&r);
    o->path_count = tw_rd_u8(&r);
    if (o->path_count > TW_COUNT(o->path))
        return tw_fail(cx, TW_EPARSE, "a stored opening's path is too long");
    for (size_t i = 0; i < o->path_count; i++)
        tw_rd_copy(&r, o->path[i], TW_HASH);
    return tw_rd_end(cx, &r, "stored opening");
}

/* A stop that came here first binds until the ledger says more: its mark is the version that the stop takes. */
static tw_status stopped_here(tw_ctx *cx, bool *stopped, tw_keeper *k, const tw_id *comp, uint32_t version)
{
    tw_bytes row;
    tw_status s = tw_row_get(cx, &row, k, tw_row_of(TW_ROW_STOP, comp->b, (tw_bytes){ NULL, 0 }));
    *stopped = s == TW_OK && row.n == 4 && tw_be32(row.p) >= version;
    return s == TW_ENOTFOUND ? TW_OK : s;
}

/* The opening of the version in force: from enrolment for version 1, else from mail; it must be the one committed to.
 */
static tw_status load_policy(tw_ctx *cx, bool *here, tw_comp_view *v, tw_keeper *k, const tw_id *comp,
                             const uint8_t commitment[32])
{
    uint8_t ver[4];
    uint8_t c[32];
    tw_bytes row;
    *here = false;
    tw_put_be32(ver, v->version);
    tw_status s = tw_row_get(cx, &row, k, tw_row_of(TW_ROW_POLICY, comp->b, TW_BYTES(ver)));
    if (s == TW_ENOTFOUND)
        return TW_OK;
    TW_TRY(s);
    tw_rd r = tw_rd_of(row);
    tw_rd_copy(&r, v->salt, 32);
    v->policy = tw_rd_var(&r, 65536);
    TW_TRY(tw_rd_end(cx, &r, "stored policy"));
    tw_policy_commit(c, v->salt, v->policy);
    *here = memcmp(c, commitment, 32) == 0;
    return TW_OK;
}

/* Class shares, or a directed grant to this project's key. */
static tw_status load_grant(tw_ctx *cx, bool *here, tw_comp_view *v, tw_keeper *k, const tw_id *comp,
                            const tw_project *project)
{
    tw_bytes row;
    tw_bytes plain;
    uint64_t slot;
    *here = v->share.record.body.class_grant;
    v->kind = TW_ANSWER_CLASS;
    if (*here)
        return TW_OK;
    tw_status s = tw_row_get(cx, &row, k, tw_row_of(TW_ROW_DIRECTED, comp->b, TW_BYTES(project->b)));
    if (s == TW_ENOTFOUND)
        return TW_OK;
    TW_TRY(s);
    TW_TRY(tw_slots_unseal(cx, &plain, &slot, &k->slots, tw_id_bytes(comp), row));
    tw_rd r = tw_rd_of(plain);
    tw_rd_copy(&r, v->x, TW_POINT);
    tw_rd_copy(&r, v->directed_share, TW_SCALAR);
    tw_rd_copy(&r, v->directed_commits, (size_t)v->share.record.body.t * TW_POINT);
    TW_TRY(tw_rd_end(cx, &r, "stored grant"));
    v->kind = TW_ANSWER_DIRECTED;
    *here = true;
    return TW_OK;
}

static bool in_scope(const tw_comp *c, const tw_project *p)
{
    return (p->categories & TW_CAT_BIT(c->category)) && c->epoch >= p->epoch_first && c->epoch <= p->epoch_last;
}

static tw_status decide(tw_ctx *cx, tw_leaf_code *code, const tw_comp_view *v, const tw_project *project,
                        const tw_id *project_id, const tw_id *grantee, uint64_t time_s)
{
    tw_policy policy;
    tw_decision d;
    TW_TRY(tw_policy_decode(cx, &policy, v->policy));
    tw_decide(&d, &policy, &project->purpose, (tw_category)v->share.record.body.category, time_s,
              tw_id_hex(cx, project_id), tw_id_hex(cx, grantee), &tw_ontology_builtin);
    *code = d.verdict == TW_PERMIT ? TW_LEAF_ANSWERED : d.verdict == TW_DENY ? TW_LEAF_DENY : TW_LEAF_REFER;
    return TW_OK;
}

/* Checks 5 to 7, and 8's policy. */
static tw_status check_state(tw_ctx *cx, tw_leaf_code *code, tw_comp_view *v, tw_keeper *k, const tw_id *comp)
{
    const tw_comp_state *state = tw_ledger_comp(tw_keeper_state(k), comp);
    v->version = state ? state->version : 1;
    v->policy_idx = state ? state->policy_idx : 0;
    tw_status s = load_opening(cx, v, k, comp);
    if (s == TW_ENOTFOUND) {
        *code = TW_LEAF_NO_OPENING;
        return TW_OK;
    }
    TW_TRY(s);
    bool stopped;
    TW_TRY(stopped_here(cx, &stopped, k, comp, v->version));
    if ((state && state->status == TW_COMP_STOPPED) || (stopped && (!state || state->status == TW_COMP_LIVE))) {
        *code = TW_LEAF_STOPPED;
        return TW_OK;
    }
    if (state && state->status != TW_COMP_LIVE) {
        *code = TW_LEAF_ERASED;
        return TW_OK;
    }
    bool here;
    bool initial = !state || state->policy_idx == 0;
    TW_TRY(load_policy(cx, &here, v, k, comp, initial ? v->share.record.body.c0 : state->c));
    *code = here ? TW_LEAF_ANSWERED : TW_LEAF_NO_POLICY;
    return TW_OK;
}

tw_status tw_keeper_verdict(tw_ctx *cx, tw_leaf_code *code, tw_comp_view *out, tw_keeper *k, const tw_id *comp,
                            const tw_id *project_id, const tw_project_state *project)
{
    tw_project body;
    bool here;
    uint64_t now = tw_ledger_time(tw_keeper_state(k));
    *out = (tw_comp_view){ .version = 0 };
    tw_status s = load_share(cx, out, k, comp);
    *code = TW_LEAF_UNKNOWN;
    if (s == TW_ENOTFOUND)
        return TW_OK;
    TW_TRY(s);
    TW_TRY(check_state(cx, code, out, k, comp));
    if (*code != TW_LEAF_ANSWERED)
        return TW_OK;
    TW_TRY(tw_project_decode(cx, &body, project->body));
    TW_TRY(load_grant(cx, &here, out, k, comp, &body));
    if (!here)
        *code = TW_LEAF_NO_POLICY;
    else if (project->status != TW_PROJECT_LIVE || now < body.from_s || now >= body.until_s)
        *code = TW_LEAF_PROJECT;
    else if (!in_scope(&out->share.record.body, &body))
        *code = TW_LEAF_SCOPE;
    else
        return decide(cx, code, out, &body, project_id, &project->grantee, now);
    return TW_OK;
}
