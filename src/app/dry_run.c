/* Who could read what, if this policy were signed. */
#include "app_internal.h"

typedef struct {
    tw_site *s;
    const tw_scope *scope;
    const tw_policy *policy;
    tw_jw *j;
} trial;

static tw_status decide_category(tw_ctx *cx, trial *t, const tw_project *p, const tw_id *id, const tw_id *grantee,
                                 tw_category c)
{
    static const char *const verdict[] = { [TW_PERMIT] = "permit", [TW_DENY] = "deny", [TW_REFER] = "refer" };
    tw_decision d;
    tw_decide(&d, t->policy, &p->purpose, c, tw_ledger_time(tw_site_state(t->s)), tw_id_hex(cx, id),
              tw_id_hex(cx, grantee), &tw_ontology_builtin);
    tw_jw_object(t->j);
    tw_jw_kv(t->j, "category", tw_str_of(tw_category_name(c)));
    tw_jw_kv(t->j, "decision", tw_str_of(verdict[d.verdict]));
    tw_jw_key(t->j, "reasons");
    tw_jw_array(t->j);
    for (size_t i = 0; i < d.reason_count; i++)
        tw_jw_cstr(t->j, d.reason[i]);
    tw_jw_array_end(t->j);
    tw_jw_object_end(t->j);
    return TW_OK;
}

static tw_status try_project(void *arg, tw_ctx *cx, const tw_entry *e, const tw_op *op)
{
    trial *t = arg;
    tw_project_open_body b;
    tw_project p;
    if (e->code != TW_CODE_OK)
        return TW_OK;
    TW_TRY(tw_body_project_open_read(cx, &b, op->body));
    const tw_project_state *state = tw_ledger_project(tw_site_state(t->s), &b.project);
    if (!state || state->status != TW_PROJECT_LIVE)
        return TW_OK;
    TW_TRY(tw_project_decode(cx, &p, state->body));
    const tw_party_state *grantee = tw_ledger_party(tw_site_state(t->s), &state->grantee);
    tw_jw_object(t->j);
    tw_jw_kv(t->j, "project", tw_id_hex(cx, &b.project));
    tw_jw_kv(t->j, "researcher", grantee ? grantee->spec.url : (tw_str){ NULL, 0 });
    tw_jw_key(t->j, "purpose");
    tw_purpose_to_json(cx, t->j, &p.purpose);
    tw_jw_key(t->j, "categories");
    tw_jw_array(t->j);
    uint32_t asked = p.categories & (t->scope->categories ? t->scope->categories : TW_CAT_ALL);
    for (unsigned c = 1; c <= TW_CATEGORY_COUNT; c++)
        if (asked & TW_CAT_BIT(c))
            TW_TRY(decide_category(cx, t, &p, &b.project, &state->grantee, (tw_category)c));
    tw_jw_array_end(t->j);
    tw_jw_object_end(t->j);
    return TW_OK;
}

tw_status tw_app_consent_dry_run(tw_ctx *cx, tw_str *json, tw_site *s, const tw_scope *scope, const tw_policy *policy)
{
    tw_buf b;
    tw_jw j;
    trial t = { .s = s, .scope = scope, .policy = policy, .j = &j };
    tw_buf_init(&b, 64 * TW_MIB);
    tw_jw_init(&j, &b, 0);
    tw_jw_array(&j);
    tw_status st = tw_log_each(cx, s->log, 0, 1u << TW_ENTRY_PROJECT_OPEN, try_project, &t);
    if (st == TW_OK) {
        tw_jw_array_end(&j);
        st = tw_buf_check(cx, &b, "dry run");
    }
    if (st == TW_OK)
        *json = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return st;
}
