/* Files de-identified, format in = format out.
 *
 * A thread reads ahead and cuts files into pieces of whole units. A round of pieces is shared out to all threads, each
 * with room of its own; then one thread writes what came of them, in the order of the input. */
#include "deid_internal.h"

#define JOBS_MAX 64
#define SCRATCH_MAX ((size_t)2048 * TW_MIB)
#define KEY_TEXT 64

/* ---------------------------------------------------------------- what all files share */

static tw_status load_key(tw_ctx *cx, deid_run *r)
{
    tw_bytes text;
    const char *path = r->opts->key;
    if (!path) {
        tw_random(cx, r->key, sizeof r->key);
        return TW_OK;
    }
    if (!tw_path_exists(cx, path)) {
        tw_random(cx, r->key, sizeof r->key);
        tw_str hex = tw_hex(cx->arena, (tw_bytes){ r->key, sizeof r->key });
        tw_str line = tw_strf(cx->arena, TW_FMT "\n", TW_ARG(hex));
        tw_status s = tw_file_write(cx, path, tw_bytes_of(line));
        tw_wipe((void *)(uintptr_t)hex.p, hex.n);
        tw_wipe((void *)(uintptr_t)line.p, line.n);
        return s;
    }
    TW_TRY(tw_file_read(cx, &text, path, TW_KIB));
    bool fine = tw_unhex(r->key, sizeof r->key, tw_str_trim(tw_str_of_bytes(text)));
    tw_wipe((void *)(uintptr_t)text.p, text.n);
    if (fine)
        return TW_OK;
    tw_fail(cx, TW_EPARSE, "%s: a key is %d hex digits", path, KEY_TEXT);
    return tw_hint(cx, "name a file that is not there, and a key is made in it");
}

static tw_status load_rules(tw_ctx *cx, deid_run *r)
{
    const tw_deid_files_opts *o = r->opts;
    TW_TRY(collect_load_profile(cx, &r->profile, o->profile ? o->profile : TW_DEID_PROFILE));
    TW_TRY(collect_load_mapping(cx, &r->mapping, o->mapping));
    if (o->text != TW_DEID_TEXT_REMOVE && !o->config)
        TW_TRY(tw_text_model_builtin(cx, &r->text, tw_str_of(o->language ? o->language : "en")));
    r->doc = (tw_doc_opts){ .profile = r->profile,
                            .text = r->text,
                            .key = r->key,
                            .reference_day = o->reference_day,
                            .text_threshold = o->threshold,
                            .text_strict = o->text == TW_DEID_TEXT_STRICT,
                            .text_tags = o->tags };
    return TW_OK;
}

static tw_status make_worker(tw_ctx *cx, deid_run *r)
{
    deid_worker *w = &r->worker[r->workers];
    TW_TRY(tw_doc_work_new(cx, &w->doc, &r->doc));
    tw_ctx_init(&w->scratch, SCRATCH_MAX, cx->env);
    if (r->config)
        w->config = tw_config_work_new(r->config);
    w->config_opts = (tw_config_opts){ .reference_day = r->opts->reference_day, .key = r->key };
    r->workers++;
    return TW_OK;
}

static tw_status make_workers(tw_ctx *cx, deid_run *r)
{
    size_t n = r->opts->explain ? 1 : TW_MIN(tw_threads_of(r->opts->jobs), (size_t)JOBS_MAX);
    r->worker = tw_arena_get(cx->arena, n * sizeof *r->worker);
    while (r->workers < n)
        TW_TRY(make_worker(cx, r));
    if (r->opts->explain)
        tw_doc_listen(r->worker[0].doc, r->opts->explain);
    return crew_new(cx, &r->crew, n);
}

tw_status deid_open(tw_ctx *cx, deid_run *r)
{
    TW_TRY(load_key(cx, r));
    TW_TRY(load_rules(cx, r));
    if (r->opts->config)
        TW_TRY(deid_config_open(cx, r));
    return make_workers(cx, r);
}

void deid_close(deid_run *r)
{
    crew_free(r->crew);
    for (size_t i = 0; i < r->workers; i++) {
        tw_doc_work_free(r->worker[i].doc);
        tw_config_work_free(r->worker[i].config);
        tw_ctx_done(&r->worker[i].scratch);
    }
    tw_config_free(r->config);
    tw_profile_free(r->profile);
    tw_text_model_free(r->text);
    tw_mapping_free(r->mapping);
    intake_done(&r->files);
    tw_wipe(r->key, sizeof r->key);
}

/* ---------------------------------------------------------------- account */

static void row_json(tw_jw *w, tw_str path, tw_str rule, const uint64_t n[3])
{
    tw_jw_object(w);
    tw_jw_kv(w, "path", path);
    tw_jw_kv(w, "rule", rule);
    tw_jw_kv_u64(w, "kept", n[0]);
    tw_jw_kv_u64(w, "changed", n[1]);
    tw_jw_kv_u64(w, "removed", n[2]);
    tw_jw_object_end(w);
}

static void rows_json(tw_jw *w, const deid_run *r)
{
    tw_doc_row row;
    size_t cursor = 0;
    for (size_t i = 1; i < r->workers; i++)
        tw_doc_account_merge(r->worker[0].doc, r->worker[i].doc);
    while (tw_doc_account_next(r->worker[0].doc, &cursor, &row))
        row_json(w, row.path, row.rule, (const uint64_t[]){ row.kept, row.changed, row.removed });
}

static void rules_json(tw_ctx *cx, tw_jw *w, const deid_run *r)
{
    uint8_t hash[32];
    if (r->config) {
        tw_jw_kv(w, "configuration_hash", tw_hex(cx->arena, (tw_bytes){ r->config_hash, sizeof r->config_hash }));
        return;
    }
    tw_jw_kv(w, "profile", tw_profile_name(r->profile));
    tw_profile_hash(hash, r->profile);
    tw_jw_kv(w, "profile_hash", tw_hex(cx->arena, (tw_bytes){ hash, sizeof hash }));
    if (!r->text)
        return;
    tw_text_model_hash(hash, r->text);
    tw_jw_kv(w, "text_model_hash", tw_hex(cx->arena, (tw_bytes){ hash, sizeof hash }));
}

tw_status deid_account(tw_ctx *cx, deid_run *r)
{
    tw_buf b;
    tw_jw w;
    const tw_deid_files_report *n = r->report;
    tw_buf_init(&b, 64 * TW_MIB);
    tw_jw_init(&w, &b, 0);
    tw_jw_object(&w);
    tw_jw_kv_u64(&w, "v", 1);
    rules_json(cx, &w, r);
    tw_jw_kv_u64(&w, "units", n->units);
    tw_jw_kv_u64(&w, "passed", n->passed);
    tw_jw_kv_u64(&w, "left_out", n->dead);
    if (r->recoded)
        tw_jw_kv_u64(&w, "tables_recoded_to_utf8", r->recoded);
    tw_jw_key(&w, "elements");
    tw_jw_array(&w);
    if (r->config)
        deid_config_rows(&w, r);
    else
        rows_json(&w, r);
    tw_jw_array_end(&w);
    tw_jw_object_end(&w);
    tw_status s = tw_buf_check(cx, &b, "account");
    if (s == TW_OK)
        r->report->account_json = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return s;
}
