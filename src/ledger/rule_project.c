/* Projects and what grantees do under them: releases, privacy budget, twins. */
#include "ledger/ledger_internal.h"

static tw_project_entry *project_of(const tw_ledger *l, const tw_id *id)
{
    return tw_ledger_get(l->projects, id->b);
}

static tw_release_entry *release_of(const tw_ledger *l, const tw_id *id)
{
    return tw_ledger_get(l->releases, id->b);
}

/* ---------------------------------------------------------------- project-open */

tw_code tw_check_project_open(TW_UNUSED tw_ctx *cx, const tw_move *m)
{
    const tw_project_open_body *b = &m->body.project_open;
    tw_id id;
    tw_project_id(&id, &m->op.party, b->body);
    if (!tw_id_eq(&id, &b->project))
        return TW_CODE_PROOF;
    return project_of(m->l, &id) ? TW_CODE_EXISTS : TW_CODE_OK;
}

void tw_effect_project_open(tw_move *m)
{
    const tw_project_open_body *b = &m->body.project_open;
    tw_project_entry *p = tw_new(m->l->arena, tw_project_entry);
    p->pub = (tw_project_state){ .grantee = m->op.party, .idx = m->idx, .status = TW_PROJECT_PENDING };
    p->pub.body = tw_bytes_dup(m->l->arena, b->body);
    tw_project project;
    tw_ctx own = { .arena = m->l->arena };
    TW_ASSERT(tw_project_decode(&own, &project, p->pub.body) == TW_OK); /* the body was read a moment ago */
    p->from_s = project.from_s;
    p->until_s = project.until_s;
    tw_ledger_set(m->l->projects, b->project.b, p);
    tw_state_put(m->l, &m->records, TW_STATE_PROJECT, b->project.b);
}

/* ---------------------------------------------------------------- project-approve, project-close */

static bool has_approved(const tw_project_entry *p, const tw_id *steward)
{
    for (size_t i = 0; i < p->pub.approvals; i++)
        if (tw_id_eq(&p->steward[i], steward))
            return true;
    return false;
}

/* A steward who signs after the project went live is recorded as well. */
tw_code tw_check_project_approve(TW_UNUSED tw_ctx *cx, const tw_move *m)
{
    const tw_project_approve_body *b = &m->body.project_approve;
    const tw_project_entry *p = project_of(m->l, &b->project);
    uint8_t hash[32];
    if (!p)
        return TW_CODE_NOTHING;
    if (p->pub.status == TW_PROJECT_CLOSED || p->pub.approvals == UINT8_MAX)
        return TW_CODE_STATE;
    tw_sha256_of(hash, p->pub.body);
    if (memcmp(hash, b->body_hash, sizeof hash) != 0)
        return TW_CODE_PROOF;
    return has_approved(p, &m->op.party) ? TW_CODE_EXISTS : TW_CODE_OK;
}

void tw_effect_project_approve(tw_move *m)
{
    const tw_id *id = &m->body.project_approve.project;
    tw_project_entry *p = project_of(m->l, id);
    p->steward[p->pub.approvals++] = m->op.party;
    if (p->pub.approvals >= m->l->genesis.steward_k)
        p->pub.status = TW_PROJECT_LIVE;
    tw_state_put(m->l, &m->records, TW_STATE_PROJECT, id->b);
}

tw_code tw_check_project_close(TW_UNUSED tw_ctx *cx, const tw_move *m)
{
    const tw_project_entry *p = project_of(m->l, &m->body.project_close.project);
    if (!p)
        return TW_CODE_NOTHING;
    if (m->by->pub.spec.role != TW_ROLE_STEWARD && !tw_id_eq(&p->pub.grantee, &m->op.party))
        return TW_CODE_ROLE;
    return p->pub.status == TW_PROJECT_CLOSED ? TW_CODE_STATE : TW_CODE_OK;
}

void tw_effect_project_close(tw_move *m)
{
    const tw_id *id = &m->body.project_close.project;
    project_of(m->l, id)->pub.status = TW_PROJECT_CLOSED;
    tw_state_put(m->l, &m->records, TW_STATE_PROJECT, id->b);
}

/* ---------------------------------------------------------------- release-open, release-close */

/* The project is the signer's, live, and in its period. */
static tw_code check_project(const tw_move *m, const tw_id *id)
{
    const tw_project_entry *p = project_of(m->l, id);
    if (!p)
        return TW_CODE_NOTHING;
    if (!tw_id_eq(&p->pub.grantee, &m->op.party))
        return TW_CODE_ROLE;
    if (p->pub.status != TW_PROJECT_LIVE || m->l->time < p->from_s)
        return TW_CODE_STATE;
    return m->l->time >= p->until_s ? TW_CODE_EXPIRED : TW_CODE_OK;
}

tw_code tw_check_release_open(TW_UNUSED tw_ctx *cx, const tw_move *m)
{
    const tw_release_open_body *b = &m->body.release_open;
    tw_code code = check_project(m, &b->project);
    if (code != TW_CODE_OK)
        return code;
    if (b->until_s <= m->l->time)
        return TW_CODE_EXPIRED;
    return release_of(m->l, &b->release) ? TW_CODE_EXISTS : TW_CODE_OK;
}

void tw_effect_release_open(tw_move *m)
{
    const tw_release_open_body *b = &m->body.release_open;
    tw_release_entry *r = tw_new(m->l->arena, tw_release_entry);
    r->pub = (tw_release_state){ .project = b->project, .grantee = m->op.party, .leaves = b->leaves, .idx = m->idx,
                                 .until_s = b->until_s };
    memcpy(r->pub.root, b->root, sizeof r->pub.root);
    r->pub.url = tw_str_dup(m->l->arena, b->url);
    tw_ledger_set(m->l->releases, b->release.b, r);
    tw_state_put(m->l, &m->records, TW_STATE_RELEASE, b->release.b);
}

tw_code tw_check_release_close(TW_UNUSED tw_ctx *cx, const tw_move *m)
{
    const tw_release_entry *r = release_of(m->l, &m->body.release_close.release);
    if (!r)
        return TW_CODE_NOTHING;
    bool keeper = m->by->pub.spec.role == TW_ROLE_KEEPER;
    if (!keeper && !tw_id_eq(&r->pub.grantee, &m->op.party))
        return TW_CODE_ROLE;
    return r->pub.closed || (keeper && m->l->time < r->pub.until_s) ? TW_CODE_STATE : TW_CODE_OK;
}

void tw_effect_release_close(tw_move *m)
{
    const tw_release_close_body *b = &m->body.release_close;
    tw_release_entry *r = release_of(m->l, &b->release);
    r->pub.closed = true;
    tw_sha256_of(r->sheets_hash, (tw_bytes){ b->count ? b->sheet_hash[0] : NULL, b->count * 32 });
    tw_state_put(m->l, &m->records, TW_STATE_RELEASE, b->release.b);
}

/* ---------------------------------------------------------------- budget, twin-publish */

static bool fits(uint64_t spent, uint64_t more, uint64_t limit)
{
    return more <= UINT64_MAX - spent && spent + more <= limit;
}

tw_code tw_check_budget(TW_UNUSED tw_ctx *cx, const tw_move *m)
{
    const tw_budget_body *b = &m->body.budget;
    tw_code code = check_project(m, &b->project);
    if (code != TW_CODE_OK)
        return code;
    const tw_project_state *p = &project_of(m->l, &b->project)->pub;
    const tw_genesis *g = &m->l->genesis;
    bool ok = fits(p->epsilon, b->epsilon, g->budget_epsilon) && fits(p->delta, b->delta, g->budget_delta);
    return ok ? TW_CODE_OK : TW_CODE_QUOTA;
}

void tw_effect_budget(tw_move *m)
{
    const tw_budget_body *b = &m->body.budget;
    tw_project_state *p = &project_of(m->l, &b->project)->pub;
    p->epsilon += b->epsilon;
    p->delta += b->delta;
    tw_state_put(m->l, &m->records, TW_STATE_PROJECT, b->project.b);
}

tw_code tw_check_twin_publish(TW_UNUSED tw_ctx *cx, const tw_move *m)
{
    const tw_twin_publish_body *b = &m->body.twin_publish;
    for (size_t i = 0; i < b->count; i++) {
        const tw_release_entry *r = release_of(m->l, &b->release[i]);
        if (!r)
            return TW_CODE_NOTHING;
        if (!tw_id_eq(&r->pub.grantee, &m->op.party))
            return TW_CODE_ROLE;
    }
    return TW_CODE_OK;
}
