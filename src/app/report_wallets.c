/* What the wallets of a site say, and what each project may have of them now. */
#include "report_internal.h"

#define WORDS_MAX (64 * TW_KIB)

/* ---------------------------------------------------------------- words */

static const char *permission_words(tw_duo_permission p)
{
    switch (p) {
    case TW_DUO_NONE:
        return "no permission";
    case TW_DUO_NRES:
        return "any use";
    case TW_DUO_GRU:
        return "any research";
    case TW_DUO_HMB:
        return "health research";
    case TW_DUO_DS:
        return "research on one disease";
    case TW_DUO_POA:
        return "ancestry research";
    }
    return "unknown permission";
}

tw_str tw_policy_words(tw_ctx *cx, const tw_policy *p, bool directed, uint64_t now_s)
{
    static const char *const name[] = {
#define X(modifier) #modifier,
        TW_DUO_MODIFIER_LIST(X)
#undef X
    };
    tw_buf b;
    if (p->status != TW_CONSENT_ACTIVE)
        return TW_STR("nothing");
    tw_buf_init(&b, WORDS_MAX);
    tw_buf_cstr(&b, permission_words(p->permission));
    for (size_t i = 0; i < TW_MOD_COUNT; i++) {
        if (!(p->modifiers >> i & 1))
            continue;
        if (i == TW_MOD_NPUNCU)
            tw_buf_cstr(&b, ", not for profit");
        else if (i == TW_MOD_RS)
            tw_buf_cstr(&b, ", ask first");
        else
            tw_buf_fmt(&b, ", %s", name[i]);
    }
    if (directed)
        tw_buf_cstr(&b, ", by name only");
    if (now_s >= p->until_s)
        tw_buf_cstr(&b, ", expired");
    tw_str out = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return out;
}

tw_str tw_purpose_words(tw_ctx *cx, const tw_purpose *p)
{
    static const char *const type[TW_PURPOSE_COUNT] = {
        "no stated purpose", "general research",    "health research", "research on a disease",
        "ancestry research", "methods development", "clinical care",
    };
    tw_buf b;
    tw_buf_init(&b, WORDS_MAX);
    tw_buf_cstr(&b, (unsigned)p->type < TW_PURPOSE_COUNT ? type[p->type] : "unknown purpose");
    for (size_t i = 0; i < p->diseases.count; i++)
        tw_buf_fmt(&b, "%s" TW_FMT, i ? ", " : " ", TW_ARG(p->diseases.item[i]));
    tw_buf_cstr(&b, p->organisation == TW_ORG_COMMERCIAL  ? ", for profit"
                    : p->organisation == TW_ORG_NONPROFIT ? ", not for profit"
                                                          : "");
    if (p->insurance_or_employment > 0)
        tw_buf_cstr(&b, ", insurance or employment");
    tw_str out = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return out;
}

/* ---------------------------------------------------------------- wallets */

static bool zero(const uint8_t p[TW_POINT])
{
    for (size_t i = 0; i < TW_POINT; i++)
        if (p[i])
            return false;
    return true;
}

/* What this project may have of this compartment now. */
static unsigned view(tw_ctx *cx, const tw_fact_project *p, const tw_wallet_entry *e, const tw_ledger *l)
{
    tw_policy policy;
    tw_decision d;
    const tw_comp_state *state = tw_ledger_comp(l, &e->comp);
    const tw_project_state *project = tw_ledger_project(l, &p->id);
    if ((state && state->status != TW_COMP_LIVE) || !project)
        return TW_VIEW_GONE;
    if (tw_policy_decode(cx, &policy, e->policy) != TW_OK)
        return TW_VIEW_DENIED;
    tw_decide(&d, &policy, &p->purpose, (tw_category)e->record.body.category, tw_ledger_time(l), tw_id_hex(cx, &p->id),
              tw_id_hex(cx, &project->grantee), &tw_ontology_builtin);
    if (d.verdict == TW_REFER)
        return TW_VIEW_REFERRED;
    if (d.verdict == TW_DENY)
        return TW_VIEW_DENIED;
    if (e->record.body.class_grant)
        return TW_VIEW_PERMITTED;
    return zero(e->grant_x) ? TW_VIEW_DENIED : TW_VIEW_GRANTED;
}

static void see_wallet(tw_ctx *cx, tw_facts *f, tw_wallet *w, const tw_ledger *l)
{
    uint16_t epoch = tw_epoch_of(tw_ledger_time(l));
    size_t n = tw_wallet_count(w);
    for (size_t k = 0; k < f->projects; k++) {
        tw_fact_project *p = &f->project[k];
        unsigned best = TW_VIEW_GONE;
        for (size_t i = 0; i < n; i++) {
            tw_mark mark = tw_arena_mark(cx->arena);
            const tw_wallet_entry *e = tw_wallet_at(w, i);
            bool asked = (p->categories & TW_CAT_BIT(e->record.body.category)) && e->record.body.epoch == epoch;
            if (asked && best > TW_VIEW_PERMITTED)
                best = TW_MIN(best, view(cx, p, e, l));
            tw_arena_back(cx->arena, mark);
        }
        if (n)
            p->wallets[best]++;
    }
}

static tw_status see_will(tw_ctx *cx, tw_facts *f, tw_wallet *w, uint64_t now_s)
{
    tw_policy policy;
    if (tw_wallet_count(w) == 0) {
        tw_fact_row_of(cx, &f->wills, TW_STR("not enrolled"))->count[0]++;
        return TW_OK;
    }
    const tw_wallet_entry *e = tw_wallet_at(w, 0);
    TW_TRY(tw_policy_decode(cx, &policy, e->policy));
    tw_fact_row_of(cx, &f->wills, tw_policy_words(cx, &policy, !e->record.body.class_grant, now_s))->count[0]++;
    return TW_OK;
}

tw_status tw_facts_wallets(tw_ctx *cx, tw_facts *f, tw_site *s)
{
    tw_str *name;
    size_t count;
    const tw_ledger *l = tw_site_state(s);
    TW_TRY(tw_dir_list(cx, &name, &count, tw_site_path(cx, s, "wallets")));
    for (size_t i = 0; i < count; i++) {
        tw_wallet *w;
        if (!tw_str_ends(name[i], ".wallet"))
            continue;
        tw_str stem = { name[i].p, name[i].n - 7 };
        TW_TRY(tw_app_wallet_load(cx, &w, s, tw_cstr(cx->arena, stem), false));
        tw_status st = see_will(cx, f, w, tw_ledger_time(l));
        see_wallet(cx, f, w, l);
        tw_wallet_free(w);
        TW_TRY(st);
        f->wallets++;
    }
    tw_fact_rows_sort(&f->wills);
    return TW_OK;
}
