/* Case files of the consent decision: run all, say which differ. */
#include "model/model.h"

#include "model/model_internal.h"

typedef struct {
    const tw_json *d;
    uint32_t at; /* the case */
    tw_ontology ontology;
} one_case;

static tw_status read_is_a(tw_ctx *cx, tw_ontology *out, const tw_json *d, uint32_t list)
{
    *out = (tw_ontology){ NULL, 0 };
    if (list == TW_JSON_NONE)
        return TW_OK;
    if (d->tok[list].type != TW_JSON_ARRAY)
        return tw_fail(cx, TW_EPARSE, "is_a is not a list");
    tw_is_a *edges = tw_try_array(cx->arena, tw_is_a, d->tok[list].count + (size_t)1);
    if (!edges)
        return tw_fail(cx, TW_ELIMIT, "is_a of %u pairs", (unsigned)d->tok[list].count);
    size_t n = 0;
    for (uint32_t i = tw_json_first(d, list); i != TW_JSON_NONE; i = tw_json_next(d, list, i)) {
        uint32_t child = tw_json_path(d, i, "0");
        uint32_t parent = tw_json_path(d, i, "1");
        if (child == TW_JSON_NONE || parent == TW_JSON_NONE || d->tok[i].count != 2)
            return tw_fail(cx, TW_EPARSE, "is_a: item %zu is no pair", n + 1);
        edges[n++] = (tw_is_a){ tw_json_text(cx, d, child), tw_json_text(cx, d, parent) };
    }
    *out = (tw_ontology){ edges, n };
    return TW_OK;
}

static tw_status decide_case(tw_ctx *cx, tw_decision *out, const one_case *c)
{
    tw_policy policy;
    tw_purpose purpose;
    uint32_t u = tw_json_get(c->d, c->at, "purpose");
    TW_TRY(tw_policy_read_json(cx, &policy, c->d, tw_json_get(c->d, c->at, "consent"), true));
    TW_TRY(tw_purpose_read_json(cx, &purpose, c->d, u, true));
    tw_category category;
    if (!tw_category_parse_foreign(&category, tw_json_member_text(cx, c->d, u, "category")))
        return tw_fail(cx, TW_EPARSE, "purpose: no category, or one that is not known");
    uint64_t time_s;
    if (!tw_time_parse(&time_s, tw_json_member_text(cx, c->d, u, "date")))
        return tw_fail(cx, TW_EPARSE, "purpose: no date");
    tw_str none = { NULL, 0 };
    tw_decide(out, &policy, &purpose, category, time_s, none, none, &c->ontology);
    return TW_OK;
}

static const char *const verdict_names[] = { [TW_PERMIT] = "permit", [TW_DENY] = "deny", [TW_REFER] = "refer" };

static bool as_expected(const tw_decision *got, const one_case *c)
{
    if (!tw_json_is(c->d, tw_json_get(c->d, c->at, "decision"), verdict_names[got->verdict]))
        return false;
    uint32_t list = tw_json_get(c->d, c->at, "reasons");
    size_t n = 0;
    for (uint32_t i = tw_json_first(c->d, list); i != TW_JSON_NONE; i = tw_json_next(c->d, list, i), n++)
        if (n >= got->reason_count || !tw_json_is(c->d, i, got->reason[n]))
            return false;
    return n == got->reason_count;
}

static void say_decision(tw_buf *report, const tw_decision *got)
{
    tw_buf_fmt(report, "%s [", verdict_names[got->verdict]);
    for (size_t i = 0; i < got->reason_count; i++)
        tw_buf_fmt(report, "%s%s", i ? ", " : "", got->reason[i]);
    tw_buf_cstr(report, "]");
}

/* Takes the arena back afterwards: a file may hold any number of cases. */
static bool run_case(tw_ctx *cx, tw_buf *report, const one_case *c)
{
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_decision got;
    bool readable = decide_case(cx, &got, c) == TW_OK;
    bool agree = readable && as_expected(&got, c);
    if (!agree) {
        tw_buf_fmt(report, "case " TW_FMT ": ", TW_ARG(tw_json_member_text(cx, c->d, c->at, "id")));
        if (readable)
            say_decision(report, &got);
        else
            tw_buf_fmt(report, "not readable: %s", cx->err.msg);
        tw_buf_fmt(report, ", expected " TW_FMT "\n", TW_ARG(tw_json_member_text(cx, c->d, c->at, "decision")));
    }
    tw_err_clear(cx);
    tw_arena_back(cx->arena, mark);
    return agree;
}

tw_status tw_decide_cases(tw_ctx *cx, size_t *agree, size_t *differ, tw_buf *report, tw_str cases_json)
{
    *agree = 0;
    *differ = 0;
    tw_json d;
    TW_TRY(tw_json_parse(cx, &d, cases_json, NULL));
    one_case c = { .d = &d };
    TW_TRY(read_is_a(cx, &c.ontology, &d, tw_json_get(&d, 0, "is_a")));
    uint32_t list = tw_json_get(&d, 0, "cases");
    if (list == TW_JSON_NONE || d.tok[list].type != TW_JSON_ARRAY || d.tok[list].count == 0)
        return tw_fail(cx, TW_EPARSE, "there are no cases");
    for (c.at = tw_json_first(&d, list); c.at != TW_JSON_NONE; c.at = tw_json_next(&d, list, c.at))
        *(run_case(cx, report, &c) ? agree : differ) += 1;
    return tw_buf_check(cx, report, "report of the cases");
}
