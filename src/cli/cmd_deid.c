/* deid. */
#include "cli/commands.h"

#include <signal.h>

#define DAY_S 86400

/* ---------------------------------------------------------------- what came of it */

static void account_text(const tw_cli_args *a, const tw_json *d, uint32_t elements)
{
    tw_note(a, "%-52s %-24s %9s %9s %9s\n", "element", "rule", "kept", "changed", "removed");
    for (uint32_t e = tw_json_first(d, elements); e != TW_JSON_NONE; e = tw_json_next(d, elements, e)) {
        static const char *const count[] = { "kept", "changed", "removed" };
        uint64_t n[3] = { 0 };
        tw_arena *scratch = tw_arena_new(TW_MIB);
        tw_ctx in = { .arena = scratch };
        tw_str path = tw_json_member_text(&in, d, e, "path");
        tw_str rule = tw_json_member_text(&in, d, e, "rule");
        for (size_t i = 0; i < 3; i++)
            (void)tw_json_u64(d, tw_json_get(d, e, count[i]), &n[i]);
        tw_note(a, "%-52.*s %-24.*s %9llu %9llu %9llu\n", TW_ARG(path), TW_ARG(rule), (unsigned long long)n[0],
                (unsigned long long)n[1], (unsigned long long)n[2]);
        tw_arena_free(scratch);
    }
}

static void sums(uint64_t n[3], const tw_json *d, uint32_t elements)
{
    static const char *const count[] = { "kept", "removed", "changed", "acted_on" };
    for (uint32_t e = tw_json_first(d, elements); e != TW_JSON_NONE; e = tw_json_next(d, elements, e))
        for (size_t i = 0; i < TW_COUNT(count); i++) {
            uint64_t one = 0;
            (void)tw_json_u64(d, tw_json_get(d, e, count[i]), &one);
            n[TW_MIN(i, 2)] += one;
        }
}

/* With --out, --json is a report on stdout; without it stdout is the data's. */
static tw_status tell(tw_ctx *cx, const tw_cli_args *a, const tw_deid_files_report *r)
{
    const char *file = tw_cli_get(a, "account");
    tw_json d;
    uint64_t n[3] = { 0 };
    if (file)
        TW_TRY(tw_file_write(cx, file, tw_bytes_of(r->account_json)));
    if (a->json && tw_cli_has(a, "out")) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_kv_u64(&j.w, "files", r->files);
        tw_jw_kv_u64(&j.w, "units", r->units);
        tw_jw_kv_u64(&j.w, "passed", r->passed);
        tw_jw_kv_u64(&j.w, "left_out", r->dead);
        tw_jw_kv_u64(&j.w, "bytes_in", r->bytes_in);
        tw_jw_kv_u64(&j.w, "bytes_out", r->bytes_out);
        tw_jw_key(&j.w, "account");
        tw_jw_raw(&j.w, r->account_json);
        tw_out_json_end(&j);
        return TW_OK;
    }
    TW_TRY(tw_json_parse(cx, &d, r->account_json, NULL));
    uint32_t elements = tw_json_get(&d, 0, "elements");
    sums(n, &d, elements);
    if (a->verbose)
        account_text(a, &d, elements);
    tw_note(a,
            "%llu files: %llu units = %llu passed + %llu left out; elements: %llu kept, %llu changed, %llu removed\n",
            (unsigned long long)r->files, (unsigned long long)r->units, (unsigned long long)r->passed,
            (unsigned long long)r->dead, (unsigned long long)n[0], (unsigned long long)n[2], (unsigned long long)n[1]);
    return TW_OK;
}

static void on_dead(void *self, const tw_dead_letter *l)
{
    tw_out_progress_end();
    tw_note(self, "left out: " TW_FMT ":%u: %s%s" TW_FMT "\n", TW_ARG(l->label), l->line, tw_dead_text(l->reason),
            l->detail.n ? ": " : "", TW_ARG(l->detail));
}

static void on_warn(void *self, tw_str text)
{
    tw_note(self, "warning: " TW_FMT "\n", TW_ARG(text));
}

/* One line an element: what, where, by which rule, before and after. For a terminal alone: values stand in it. */
static void on_act(TW_UNUSED void *self, const tw_doc_act *act)
{
    static const char *const what[] = {
        [TW_DOC_KEPT] = "kept", [TW_DOC_CHANGED] = "changed", [TW_DOC_REMOVED] = "removed"
    };
    tw_out("%-8s " TW_FMT "  (" TW_FMT ")", what[act->what], TW_ARG(act->path), TW_ARG(act->rule));
    if (act->what == TW_DOC_CHANGED)
        tw_out("  " TW_FMT " -> " TW_FMT, TW_ARG(act->before), TW_ARG(act->after));
    else if (act->before.n)
        tw_out("  " TW_FMT, TW_ARG(act->before));
    tw_out("\n");
}

static tw_status drop(TW_UNUSED void *self, TW_UNUSED tw_ctx *cx, TW_UNUSED tw_str bytes)
{
    return TW_OK;
}

/* ---------------------------------------------------------------- options */

static tw_status form_option(tw_ctx *cx, tw_deid_files_opts *o, const tw_cli_args *a)
{
    const char *form = tw_cli_get(a, "format");
    if (!form)
        return TW_OK;
    o->notes = strcmp(form, "text") == 0;
    o->has_form = o->notes || tw_sources_form_named(&o->form, tw_str_of(form));
    if (o->notes)
        o->form = TW_FORM_DOCUMENT;
    if (o->has_form)
        return TW_OK;
    tw_fail(cx, TW_EUSAGE, "--format does not know this name");
    return tw_hint(cx, "fhir, ndjson, hl7v2, csv, ccda or text");
}

static tw_status text_options(tw_ctx *cx, tw_deid_files_opts *o, const tw_cli_args *a)
{
    static const char *const name[] = { [TW_DEID_TEXT_STRICT] = "strict",
                                        [TW_DEID_TEXT_NORMAL] = "normal",
                                        [TW_DEID_TEXT_REMOVE] = "remove" };
    const char *text = tw_cli_get(a, "text");
    const char *threshold = tw_cli_get(a, "threshold");
    bool known = !text;
    for (size_t i = 0; text && i < TW_COUNT(name); i++)
        if (strcmp(text, name[i]) == 0) {
            o->text = (tw_deid_text)i;
            known = true;
        }
    if (!known)
        return tw_fail(cx, TW_EUSAGE, "--text takes strict, normal or remove");
    if (threshold && (!tw_parse_f64(&o->threshold, tw_str_of(threshold)) || o->threshold <= 0 || o->threshold >= 1))
        return tw_fail(cx, TW_EUSAGE, "--threshold is a probability between 0 and 1");
    o->tags = tw_cli_has(a, "tags");
    o->language = tw_cli_get(a, "language");
    return TW_OK;
}

static tw_status date_option(tw_ctx *cx, tw_deid_files_opts *o, const tw_cli_args *a)
{
    const char *date = tw_cli_get(a, "reference-date");
    uint64_t s = tw_now_s(cx);
    if (date && !tw_time_parse(&s, tw_str_of(date)))
        return tw_fail(cx, TW_EUSAGE, "--reference-date is YYYY-MM-DD");
    o->reference_day = (int64_t)(s / DAY_S);
    return TW_OK;
}

static tw_status options(tw_ctx *cx, tw_deid_files_opts *o, const tw_cli_args *a)
{
    static const tw_doc_listener listener = { on_act, NULL };
    uint64_t jobs;
    *o = (tw_deid_files_opts){ .path = a->arg,
                               .path_count = a->arg_count,
                               .stream = tw_cli_stdin(),
                               .out = tw_cli_get(a, "out"),
                               .keep_names = tw_cli_has(a, "keep-names"),
                               .write = tw_out_write,
                               .profile = tw_cli_get(a, "profile"),
                               .config = tw_cli_get(a, "config"),
                               .compat = tw_cli_has(a, "compat"),
                               .mapping = tw_cli_get(a, "mapping"),
                               .key = tw_cli_get(a, "key"),
                               .dead = on_dead,
                               .warn = on_warn,
                               .self = (void *)(uintptr_t)a,
                               .stop = &tw_cli_asked,
                               .progress = tw_out_progress(a) };
    if (tw_cli_has(a, "explain")) {
        o->explain = &listener;
        o->out = NULL;
        o->write = drop;
    }
    if (o->config && o->profile)
        return tw_fail(cx, TW_EUSAGE, "give --profile or --config, not both");
    if (o->config && o->explain)
        return tw_fail(cx, TW_EUSAGE, "--explain goes with a profile");
    if (o->compat && !o->config)
        return tw_fail(cx, TW_EUSAGE, "--compat goes with --config");
    TW_TRY(tw_cli_number(cx, &jobs, a, "jobs", 0, 1, 64));
    o->jobs = (unsigned)jobs;
    TW_TRY(form_option(cx, o, a));
    TW_TRY(text_options(cx, o, a));
    return date_option(cx, o, a);
}

/* ---------------------------------------------------------------- the command */

static tw_status preview(tw_ctx *cx, const tw_cli_args *a, const tw_deid_files_opts *o)
{
    uint64_t sample;
    tw_collect_opts c = { .path = o->path,
                          .path_count = o->path_count,
                          .stream = o->stream,
                          .has_form = o->has_form,
                          .form = o->form,
                          .profile = o->profile ? o->profile : TW_DEID_PROFILE,
                          .mapping = o->mapping };
    if (o->config || o->notes)
        return tw_fail(cx, TW_EUSAGE, "--dry-run is for records under a profile; --explain shows what else is done");
    TW_TRY(tw_cli_number(cx, &sample, a, "sample", 0, 1, UINT64_MAX));
    return tw_cli_preview(cx, a, &c, sample);
}

tw_status tw_cmd_deid(tw_ctx *cx, const tw_cli_args *a)
{
    tw_deid_files_opts o;
    tw_deid_files_report r;
    if (tw_cli_has(a, "suggest-mapping"))
        return tw_cli_suggest_mapping(cx, a);
    if (tw_cli_has(a, "sample") && !tw_cli_has(a, "dry-run"))
        return tw_fail(cx, TW_EUSAGE, "--sample goes with --dry-run");
    TW_TRY(options(cx, &o, a));
    if (tw_cli_has(a, "dry-run"))
        return preview(cx, a, &o);
    TW_TRY(tw_cli_listen(cx));
    if (!o.key && !tw_cli_has(a, "explain"))
        tw_note(a, "a key for this run alone: ids and shifts of another run will differ (--key FILE keeps one)\n");
    tw_status s = tw_app_deid(cx, &r, &o);
    tw_out_progress_end();
    TW_TRY(s);
    TW_TRY(tw_out_flush(cx));
    TW_TRY(tell(cx, a, &r));
    if (r.stopped) {
        tw_note(a, "stopped: the file at hand was not finished\n");
        TW_TRY(tw_out_flush(cx));
        raise(SIGINT); /* once more, with the handler gone: who called sees an interruption */
    }
    if (r.dead && r.passed == 0)
        return tw_fail(cx, TW_EPARSE, "nothing of what was read could be used: %llu units are left out",
                       (unsigned long long)r.dead);
    return TW_OK;
}
