/* project, release, open, twin. */
#include "cli/commands.h"

static tw_status purpose_of(tw_ctx *cx, tw_purpose *out, const tw_cli_args *a)
{
    static const struct {
        const char *name;
        tw_purpose_type type;
    } terms[] = { { "GRU", TW_PURPOSE_GRU }, { "HMB", TW_PURPOSE_HMB }, { "DS", TW_PURPOSE_DS },
                  { "POA", TW_PURPOSE_POA }, { "MDS", TW_PURPOSE_MDS }, { "CC", TW_PURPOSE_CC } };
    const char *file = tw_cli_get(a, "purpose-file");
    const char *term = tw_cli_get(a, "purpose");
    bool commercial = tw_cli_has(a, "commercial");
    if (file && (term || commercial))
        return tw_fail(cx, TW_EUSAGE, "--purpose-file says it all: --purpose and --commercial do not go with it");
    if (file) {
        tw_bytes text;
        tw_json d;
        TW_TRY(tw_file_read(cx, &text, file, TW_MIB));
        if (tw_json_parse(cx, &d, tw_str_of_bytes(text), NULL) != TW_OK ||
            tw_purpose_from_json(cx, out, &d, 0) != TW_OK)
            return tw_wrap(cx, "%s", file);
        return TW_OK;
    }
    *out = (tw_purpose){ .commercial = commercial,
                         .organisation = commercial ? TW_ORG_COMMERCIAL : TW_ORG_NONPROFIT,
                         .genetic = -1,
                         .will_publish = -1,
                         .returns_results = -1,
                         .collaborates = -1,
                         .ethics_approval = tw_cli_has(a, "ethics") };
    for (size_t i = 0; term && i < TW_COUNT(terms); i++)
        if (strcmp(term, terms[i].name) == 0)
            out->type = terms[i].type;
    return out->type ? TW_OK
                     : tw_fail(cx, TW_EUSAGE, "--purpose takes GRU, HMB, DS, POA, MDS or CC (or give --purpose-file)");
}

tw_status tw_cmd_project_open(tw_ctx *cx, const tw_cli_args *a)
{
    tw_site *s;
    tw_id id;
    tw_project_opts o = { .ethics_file = tw_cli_get(a, "ethics") };
    const char *categories = tw_cli_get(a, "categories");
    const char *until = tw_cli_get(a, "until");
    TW_TRY(purpose_of(cx, &o.purpose, a));
    if (!categories)
        return tw_fail(cx, TW_EUSAGE, "give --categories LIST, or all");
    TW_TRY(tw_cli_categories(cx, &o.categories, categories));
    if (until && !tw_time_parse(&o.until_s, tw_str_of(until)))
        return tw_fail(cx, TW_EUSAGE, "--until wants a date, YYYY-MM-DD");
    TW_TRY(tw_cli_site(cx, &s, a));
    tw_status st = tw_cli_researcher(cx, &o.grantee, a, s);
    if (st == TW_OK)
        st = tw_app_project_open(cx, &id, s, &o);
    tw_site_close(cx, s);
    TW_TRY(st);
    tw_say(a, "project %s waits for its stewards\n", tw_cli_short(cx, &id));
    if (a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_out_json_id(cx, &j, "project", &id);
        tw_out_json_end(&j);
    }
    return TW_OK;
}

tw_status tw_cmd_project_approve(tw_ctx *cx, const tw_cli_args *a)
{
    tw_site *s;
    tw_id id;
    bool live = false;
    const char *steward = tw_cli_get(a, "steward");
    if (!steward)
        return tw_fail(cx, TW_EUSAGE, "say which steward: --steward NAME");
    TW_TRY(tw_cli_site(cx, &s, a));
    tw_status st = tw_app_project_find(cx, &id, s, a->arg[0]);
    if (st == TW_OK)
        st = tw_app_project_approve(cx, &live, s, steward, &id);
    tw_site_close(cx, s);
    TW_TRY(st);
    tw_say(a, "project %s: %s\n", tw_cli_short(cx, &id), live ? "live" : "approved, more stewards are needed");
    if (a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_out_json_id(cx, &j, "project", &id);
        tw_out_json_bool(&j, "live", live);
        tw_out_json_end(&j);
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- releases */

static void release_report(tw_ctx *cx, const tw_cli_args *a, const tw_release_report *r)
{
    tw_say(a, "release %s: %llu leaves, %llu answered by enough keepers, %u sheets (announced by entry %llu)\n",
           tw_cli_short(cx, &r->release), (unsigned long long)r->leaves, (unsigned long long)r->answered, r->sheets,
           (unsigned long long)r->opened_idx);
    for (unsigned c = 1; c < TW_LEAF_CODE_COUNT; c++)
        if (r->codes[c])
            tw_say(a, "  %llu refusals: %s\n", (unsigned long long)r->codes[c], tw_leaf_code_text(c));
    if (!a->json)
        return;
    tw_out_json j;
    tw_out_json_begin(&j);
    tw_out_json_id(cx, &j, "release", &r->release);
    tw_jw_kv_u64(&j.w, "leaves", r->leaves);
    tw_jw_kv_u64(&j.w, "answered", r->answered);
    tw_jw_kv_u64(&j.w, "sheets", r->sheets);
    tw_jw_kv_u64(&j.w, "log_index", r->opened_idx);
    tw_jw_key(&j.w, "codes");
    tw_jw_array(&j.w);
    for (unsigned c = 0; c < TW_LEAF_CODE_COUNT; c++)
        tw_jw_u64(&j.w, r->codes[c]);
    tw_jw_array_end(&j.w);
    tw_out_json_end(&j);
}

/* What to do when the keepers refused because too few stewards have approved. */
static void hint_approval(tw_ctx *cx, const tw_site *s, const tw_id *project)
{
    const tw_project_state *state = tw_ledger_project(tw_site_state(s), project);
    if (state && state->status == TW_PROJECT_PENDING && !cx->err.hint[0])
        (void)tw_hint(cx, "twinward project approve %s --steward NAME", tw_cli_short(cx, project));
}

tw_status tw_cmd_release(tw_ctx *cx, const tw_cli_args *a)
{
    tw_site *s;
    tw_release_report r;
    tw_release_opts o = { .progress = tw_out_progress(a) };
    TW_TRY(tw_cli_site(cx, &s, a));
    tw_status st = tw_cli_researcher(cx, &o.grantee, a, s);
    if (st == TW_OK)
        st = tw_app_project_find(cx, &o.project, s, a->arg[0]);
    if (st == TW_OK)
        st = tw_app_release(cx, &r, s, &o);
    if (st == TW_EREFUSED)
        hint_approval(cx, s, &o.project);
    tw_out_progress_end();
    tw_site_close(cx, s);
    if (st == TW_OK)
        release_report(cx, a, &r);
    return st;
}

/* Site, researcher and release of a command about one release. */
static tw_status with_release(tw_ctx *cx, tw_site **s, const char **who, tw_id *release, const tw_cli_args *a)
{
    TW_TRY(tw_cli_site(cx, s, a));
    tw_status st = tw_cli_researcher(cx, who, a, *s);
    if (st == TW_OK)
        st = tw_app_release_find(cx, release, *s, *who, a->arg[0]);
    if (st != TW_OK)
        tw_site_close(cx, *s);
    return st;
}

tw_status tw_cmd_open(tw_ctx *cx, const tw_cli_args *a)
{
    tw_site *s;
    const char *who;
    tw_id id;
    tw_open_report r;
    TW_TRY(with_release(cx, &s, &who, &id, a));
    tw_status st = tw_app_open(cx, &r, s, who, &id);
    tw_site_close(cx, s);
    TW_TRY(st);
    tw_say(a, "%llu records of %llu persons in %s\n", (unsigned long long)r.records, (unsigned long long)r.persons,
           r.data_dir);
    for (unsigned i = 0; i < TW_SHARES_MAX; i++)
        if (r.liars & (1u << i))
            tw_say(a, "keeper %u gave fragments that it could not prove\n", i + 1);
    if (a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_kv_u64(&j.w, "persons", r.persons);
        tw_jw_kv_u64(&j.w, "records", r.records);
        tw_jw_kv_u64(&j.w, "capsules", r.capsules);
        tw_jw_kv_u64(&j.w, "failed_capsules", r.failed_capsules);
        tw_jw_kv_u64(&j.w, "liars", r.liars);
        tw_jw_kv(&j.w, "data", tw_str_of(r.data_dir));
        tw_jw_kv(&j.w, "manifest", tw_hex(cx->arena, TW_BYTES(r.manifest_hash)));
        tw_out_json_end(&j);
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- twins */

static tw_status twin_run(tw_ctx *cx, const tw_cli_args *a,
                          tw_status (*use)(tw_ctx *cx, tw_twin_report *out, tw_site *s, const tw_twin_opts *o),
                          const char *done)
{
    tw_site *s;
    tw_twin_report r;
    tw_twin_opts o = { .prior = tw_cli_get(a, "prior"), .progress = tw_out_progress(a) };
    TW_TRY(tw_cli_number(cx, &o.seed, a, "seed", 1, 0, UINT64_MAX));
    TW_TRY(with_release(cx, &s, &o.grantee, &o.release, a));
    tw_status st = use(cx, &r, s, &o);
    tw_out_progress_end();
    tw_site_close(cx, s);
    TW_TRY(st);
    tw_say(a, "%s: %llu persons (%llu with too few values) in %s\n", done, (unsigned long long)r.persons,
           (unsigned long long)r.too_short, r.dir);
    if (a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_kv_u64(&j.w, "persons", r.persons);
        tw_jw_kv_u64(&j.w, "too_short", r.too_short);
        tw_jw_kv(&j.w, "dir", tw_str_of(r.dir));
        tw_out_json_end(&j);
    }
    return TW_OK;
}

tw_status tw_cmd_twin_fit(tw_ctx *cx, const tw_cli_args *a)
{
    return twin_run(cx, a, tw_app_twin_fit, "twins");
}

tw_status tw_cmd_twin_forecast(tw_ctx *cx, const tw_cli_args *a)
{
    return twin_run(cx, a, tw_app_twin_forecast, "forecasts");
}

static tw_status print_scores(tw_ctx *cx, tw_str json)
{
    tw_json d;
    TW_TRY(tw_json_parse(cx, &d, json, NULL));
    uint32_t rows = tw_json_path(&d, 0, "next_cycle.methods");
    tw_out("next cycle, ln(PSA + 0.1)   CRPS    skill   in 50 %%  in 90 %%\n");
    for (uint32_t r = tw_json_first(&d, rows); r != TW_JSON_NONE; r = tw_json_next(&d, rows, r)) {
        static const char *const column[] = { "crps", "skill", "cover50", "cover90" };
        tw_out("  %-24s", tw_cstr(cx->arena, tw_json_member_text(cx, &d, r, "name")));
        for (size_t i = 0; i < TW_COUNT(column); i++) {
            double v = 0;
            tw_json_f64(&d, tw_json_get(&d, r, column[i]), &v);
            tw_out(" %7.3f ", v);
        }
        tw_out("\n");
    }
    return TW_OK;
}

tw_status tw_cmd_twin_score(tw_ctx *cx, const tw_cli_args *a)
{
    tw_site *s;
    tw_str json;
    tw_twin_opts o = { .progress = tw_out_progress(a) };
    TW_TRY(tw_cli_number(cx, &o.seed, a, "seed", 1, 0, UINT64_MAX));
    TW_TRY(with_release(cx, &s, &o.grantee, &o.release, a));
    tw_status st = tw_app_twin_score(cx, &json, s, &o);
    tw_out_progress_end();
    tw_site_close(cx, s);
    TW_TRY(st);
    if (!a->json)
        return print_scores(cx, json);
    tw_out(TW_FMT "\n", TW_ARG(json));
    return TW_OK;
}
