/* collect, source. */
#include "cli/commands.h"

#include <signal.h>

/* ---------------------------------------------------------------- what came of it */

static void counts_json(tw_jw *w, const tw_collect_report *r)
{
    tw_jw_kv_u64(w, "files", r->files);
    tw_jw_kv_u64(w, "read", r->read);
    tw_jw_kv_u64(w, "accepted", r->accepted);
    tw_jw_kv_u64(w, "duplicates", r->duplicates);
    tw_jw_kv_u64(w, "refused_by_type", r->refused);
    tw_jw_kv_u64(w, "dead_letters", r->dead);
    tw_jw_kv_u64(w, "unreadable_files", r->unreadable);
    tw_jw_kv_u64(w, "resumed_files", r->resumed_files);
    tw_jw_kv_u64(w, "resumed_bytes", r->resumed_bytes);
    tw_jw_kv_u64(w, "batches", r->batches);
    tw_jw_kv_u64(w, "segments", r->segments);
    tw_jw_kv_u64(w, "bytes", r->bytes);
    tw_jw_kv(w, "text", tw_str_of(r->text));
    tw_jw_key(w, "types");
    tw_jw_array(w);
    for (size_t i = 0; i < r->type_count; i++) {
        tw_jw_object(w);
        tw_jw_kv(w, "type", tw_str_of(r->type[i].type));
        tw_jw_kv_u64(w, "accepted", r->type[i].accepted);
        tw_jw_kv_u64(w, "refused", r->type[i].refused);
        tw_jw_kv_u64(w, "dead", r->type[i].dead);
        tw_jw_object_end(w);
    }
    tw_jw_array_end(w);
}

static void counts_text(const tw_cli_args *a, const tw_collect_report *r)
{
    if (r->resumed_bytes)
        tw_say(a, "went on with %llu files of a collection that was killed; %llu bytes were not read again\n",
               (unsigned long long)r->resumed_files, (unsigned long long)r->resumed_bytes);
    tw_say(a, "%llu read = %llu accepted + %llu refused by type + %llu dead letters (%llu were here already)\n",
           (unsigned long long)r->read, (unsigned long long)r->accepted, (unsigned long long)r->refused,
           (unsigned long long)r->dead, (unsigned long long)r->duplicates);
    tw_say(a, "%llu batches, %llu segments, %llu bytes sealed\n", (unsigned long long)r->batches,
           (unsigned long long)r->segments, (unsigned long long)r->bytes);
    if (strcmp(r->text, "remove") != 0)
        tw_say(a, "free text was searched and stayed without what was found: %s mode\n", r->text);
}

static void tell(const tw_cli_args *a, const tw_collect_report *r)
{
    counts_text(a, r);
    if (!a->json)
        return;
    tw_out_json j;
    tw_out_json_begin(&j);
    counts_json(&j.w, r);
    tw_out_json_end(&j);
}

/* Dead letters alone are no failure: they are told and listed. Nothing but dead letters is one. */
static tw_status verdict(tw_ctx *cx, const tw_collect_report *r, const char *source)
{
    if (r->dead == 0 || r->accepted || r->refused)
        return TW_OK;
    tw_fail(cx, TW_EPARSE, "nothing of what was read could be used: %llu dead letters", (unsigned long long)r->dead);
    return tw_hint(cx, "twinward source dead-letters %s", source);
}

/* ---------------------------------------------------------------- collect */

static tw_status text_options(tw_ctx *cx, tw_collect_opts *o, const tw_cli_args *a)
{
    static const char *const name[] = { [TW_COLLECT_TEXT_REMOVE] = "remove",
                                        [TW_COLLECT_TEXT_STRICT] = "strict",
                                        [TW_COLLECT_TEXT_NORMAL] = "normal" };
    const char *text = tw_cli_get(a, "text");
    bool known = !text;
    for (size_t i = 0; text && i < TW_COUNT(name); i++)
        if (strcmp(text, name[i]) == 0) {
            o->text = (tw_collect_text)i;
            known = true;
        }
    if (!known)
        return tw_fail(cx, TW_EUSAGE, "--text takes remove, strict or normal");
    o->language = tw_cli_get(a, "language");
    if (o->language && o->text == TW_COLLECT_TEXT_REMOVE)
        return tw_fail(cx, TW_EUSAGE, "--language goes with --text strict or normal");
    if (o->text == TW_COLLECT_TEXT_NORMAL)
        tw_note(a, "free text in normal mode: more identifiers are missed than in strict mode; each record says so\n");
    return TW_OK;
}

/* Of a source's data, whichever of it is read. */
static tw_status source_options(tw_ctx *cx, tw_collect_opts *o, const tw_cli_args *a)
{
    uint64_t jobs;
    *o = (tw_collect_opts){ .source = a->arg[0],
                            .profile = tw_cli_get(a, "profile"),
                            .mapping = tw_cli_get(a, "mapping"),
                            .zone = tw_cli_get(a, "zone"),
                            .progress = tw_out_progress(a) };
    TW_TRY(tw_cli_number(cx, &jobs, a, "jobs", 0, 1, 64));
    o->jobs = (unsigned)jobs;
    return text_options(cx, o, a);
}

static tw_status options(tw_ctx *cx, tw_collect_opts *o, const tw_cli_args *a)
{
    const char *form = tw_cli_get(a, "format");
    TW_TRY(source_options(cx, o, a));
    o->path = a->arg + 1;
    o->path_count = a->arg_count - 1;
    o->stream = tw_cli_stdin();
    o->stop = &tw_cli_asked;
    o->has_form = form != NULL;
    if (form && !tw_sources_form_named(&o->form, tw_str_of(form))) {
        tw_fail(cx, TW_EUSAGE, "--format does not know this name");
        return tw_hint(cx, "fhir, ndjson, hl7v2, csv or ccda");
    }
    return TW_OK;
}

static tw_status collect_once(tw_ctx *cx, const tw_cli_args *a, const tw_collect_opts *o)
{
    tw_site *s;
    tw_collect_report *r = tw_new(cx->arena, tw_collect_report);
    TW_TRY(tw_cli_site(cx, &s, a));
    tw_status st = tw_app_collect(cx, r, s, o);
    tw_out_progress_end();
    tw_site_close(cx, s);
    TW_TRY(st);
    tell(a, r);
    if (!r->stopped)
        return verdict(cx, r, a->arg[0]);
    tw_note(a, "stopped: run it again and it goes on\n");
    TW_TRY(tw_out_flush(cx));
    raise(SIGINT); /* once more, with the handler gone: who called sees an interruption */
    return TW_OK;
}

/* ---------------------------------------------------------------- a watched folder */

static void on_batch(void *self, const tw_collect_report *r)
{
    tw_out_progress_end();
    tell(self, r);
    fflush(stdout);
}

static void on_ready(void *self)
{
    tw_note(self, "watching; Ctrl-C ends it after the batch at hand\n");
}

static tw_status watch(tw_ctx *cx, const tw_cli_args *a, tw_collect_opts *o)
{
    const char *dir = tw_cli_get(a, "dir");
    const char *folder = tw_cli_get(a, "watch");
    const char **path = tw_new(cx->arena, const char *);
    if (o->path_count)
        return tw_fail(cx, TW_EUSAGE, "--watch takes one folder and no paths");
    *path = folder;
    o->path = path;
    o->path_count = 1;
    o->append = true;
    tw_watch_opts w = { .site = dir ? dir : TW_SITE_DEFAULT,
                        .allow_insecure = tw_cli_has(a, "insecure"),
                        .stop_fd = tw_cli_asked_fd(),
                        .batch = on_batch,
                        .ready = on_ready,
                        .self = (void *)(uintptr_t)a };
    return tw_app_watch(cx, &w, o);
}

/* ---------------------------------------------------------------- without collecting */

static void spread_text(const tw_json *d, uint32_t fields)
{
    tw_out("%-44s %-22s %8s %8s %8s  %s\n", "field", "rule", "kept", "changed", "removed", "shape; specimen");
    for (uint32_t f = tw_json_first(d, fields); f != TW_JSON_NONE; f = tw_json_next(d, fields, f)) {
        static const char *const count[] = { "kept", "changed", "removed" };
        tw_str cell[5];
        uint64_t n[3] = { 0 };
        tw_arena *scratch = tw_arena_new(TW_MIB);
        tw_ctx in = { .arena = scratch };
        uint32_t specimen = tw_json_get(d, f, "specimen");
        cell[0] = tw_json_member_text(&in, d, f, "path");
        cell[1] = tw_json_member_text(&in, d, f, "rule");
        cell[2] = tw_json_member_text(&in, d, f, "shape");
        cell[3] = tw_json_member_text(&in, d, specimen, "before");
        cell[4] = tw_json_member_text(&in, d, specimen, "after");
        for (size_t i = 0; i < 3; i++)
            (void)tw_json_u64(d, tw_json_get(d, f, count[i]), &n[i]);
        tw_out("%-44.*s %-22.*s %8llu %8llu %8llu  " TW_FMT, TW_ARG(cell[0]), TW_ARG(cell[1]),
               (unsigned long long)n[0], (unsigned long long)n[1], (unsigned long long)n[2], TW_ARG(cell[2]));
        if (cell[3].n)
            tw_out("; " TW_FMT " -> " TW_FMT, TW_ARG(cell[3]), TW_ARG(cell[4].n ? cell[4] : TW_STR("(removed)")));
        tw_out("\n");
        tw_arena_free(scratch);
    }
}

tw_status tw_cli_preview(tw_ctx *cx, const tw_cli_args *a, const tw_collect_opts *o, uint64_t sample)
{
    tw_str json;
    tw_json d;
    TW_TRY(tw_app_collect_dry_run(cx, &json, o, sample));
    if (a->json) {
        tw_out_str(json);
        tw_out("\n");
        return TW_OK;
    }
    TW_TRY(tw_json_parse(cx, &d, json, NULL));
    uint64_t n[4] = { 0 };
    static const char *const name[] = { "read", "accepted", "refused_by_type", "dead_letters" };
    for (size_t i = 0; i < 4; i++)
        (void)tw_json_u64(&d, tw_json_get(&d, 0, name[i]), &n[i]);
    tw_out("%llu read = %llu would pass + %llu refused by type + %llu dead letters; nothing was written\n",
           (unsigned long long)n[0], (unsigned long long)n[1], (unsigned long long)n[2], (unsigned long long)n[3]);
    spread_text(&d, tw_json_get(&d, 0, "fields"));
    return TW_OK;
}

tw_status tw_cli_suggest_mapping(tw_ctx *cx, const tw_cli_args *a)
{
    tw_str json;
    tw_str reasons;
    TW_TRY(tw_app_suggest_mapping(cx, &json, &reasons, a->arg, a->arg_count));
    if (a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_kv(&j.w, "mapping", json);
        tw_jw_kv(&j.w, "reasons", reasons);
        tw_out_json_end(&j);
        return TW_OK;
    }
    tw_out_str(json);
    tw_note(a, TW_FMT, TW_ARG(reasons));
    return TW_OK;
}

tw_status tw_cmd_collect(tw_ctx *cx, const tw_cli_args *a)
{
    tw_collect_opts o;
    if (tw_cli_has(a, "suggest-mapping"))
        return tw_cli_suggest_mapping(cx, a);
    if (tw_cli_has(a, "sample") && !tw_cli_has(a, "dry-run"))
        return tw_fail(cx, TW_EUSAGE, "--sample goes with --dry-run");
    TW_TRY(options(cx, &o, a));
    if (tw_cli_has(a, "watch")) {
        TW_TRY(tw_cli_listen(cx));
        return watch(cx, a, &o);
    }
    if (o.path_count == 0) {
        tw_fail(cx, TW_EUSAGE, "collect: wants SOURCE PATH..., but 1 given");
        return tw_hint(cx, "twinward collect --help");
    }
    if (tw_cli_has(a, "dry-run")) {
        uint64_t sample;
        TW_TRY(tw_cli_number(cx, &sample, a, "sample", 0, 1, UINT64_MAX));
        return tw_cli_preview(cx, a, &o, sample);
    }
    TW_TRY(tw_cli_listen(cx));
    return collect_once(cx, a, &o);
}

/* ---------------------------------------------------------------- source */

tw_status tw_cmd_source_status(tw_ctx *cx, const tw_cli_args *a)
{
    tw_site *s;
    tw_str json;
    tw_json d;
    TW_TRY(tw_cli_site(cx, &s, a));
    tw_status st = tw_app_source_status(cx, &json, s, a->arg[0]);
    tw_site_close(cx, s);
    TW_TRY(st);
    if (a->json) {
        tw_out_str(json);
        tw_out("\n");
        return TW_OK;
    }
    static const char *const count[] = { "files", "read", "accepted", "duplicates", "refused", "dead" };
    uint64_t n = 0;
    TW_TRY(tw_json_parse(cx, &d, json, NULL));
    uint32_t collected = tw_json_get(&d, 0, "collected");
    tw_out("source " TW_FMT "\n", TW_ARG(tw_json_member_text(cx, &d, 0, "source")));
    for (size_t i = 0; i < TW_COUNT(count); i++)
        if (tw_json_u64(&d, tw_json_get(&d, collected, count[i]), &n))
            tw_out("  last collection: %s %llu\n", count[i], (unsigned long long)n);
    uint32_t reasons = tw_json_get(&d, 0, "reasons");
    for (uint32_t k = tw_json_first(&d, reasons); k != TW_JSON_NONE; k = tw_json_next(&d, reasons, k))
        tw_out("  dead letters: " TW_FMT " " TW_FMT "\n", TW_ARG(tw_json_raw(&d, k + 1)),
               TW_ARG(tw_json_text(cx, &d, k)));
    (void)tw_json_u64(&d, tw_json_get(&d, 0, "patients"), &n);
    tw_out("  patients: %llu\n", (unsigned long long)n);
    (void)tw_json_u64(&d, tw_json_get(&d, 0, "pending_envelopes"), &n);
    tw_out("  patients with pending envelopes: %llu\n", (unsigned long long)n);
    uint32_t last = tw_json_get(&d, 0, "last_batch");
    if (last != TW_JSON_NONE && tw_json_u64(&d, tw_json_get(&d, last, "log_index"), &n))
        tw_out("  last batch: %.12s at %.*s, log index %llu\n", tw_json_member_text(cx, &d, last, "root").p,
               TW_ARG(tw_json_member_text(cx, &d, last, "time")), (unsigned long long)n);
    if (d.tok[tw_json_get(&d, 0, "unfinished")].type == TW_JSON_TRUE)
        tw_out("  a collection is unfinished: run it again and it goes on\n");
    uint32_t error = tw_json_get(&d, 0, "last_error");
    if (error != TW_JSON_NONE)
        tw_out("  last error: " TW_FMT " at " TW_FMT "\n", TW_ARG(tw_json_member_text(cx, &d, error, "message")),
               TW_ARG(tw_json_member_text(cx, &d, error, "time")));
    return TW_OK;
}

tw_status tw_cmd_source_dead_letters(tw_ctx *cx, const tw_cli_args *a)
{
    tw_site *s;
    tw_str json;
    tw_json d;
    TW_TRY(tw_cli_site(cx, &s, a));
    tw_status st = tw_app_dead_letters(cx, &json, s, a->arg[0]);
    tw_site_close(cx, s);
    TW_TRY(st);
    if (a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_key(&j.w, "dead_letters");
        tw_jw_raw(&j.w, json);
        tw_out_json_end(&j);
        return TW_OK;
    }
    TW_TRY(tw_json_parse(cx, &d, json, NULL));
    for (uint32_t l = tw_json_first(&d, 0); l != TW_JSON_NONE; l = tw_json_next(&d, 0, l)) {
        tw_mark mark = tw_arena_mark(cx->arena);
        uint64_t line = 0;
        tw_str path = tw_json_member_text(cx, &d, l, "path");
        tw_str detail = tw_json_member_text(cx, &d, l, "detail");
        (void)tw_json_u64(&d, tw_json_get(&d, l, "line"), &line);
        tw_out(TW_FMT ":%llu: ", TW_ARG(tw_json_member_text(cx, &d, l, "file")), (unsigned long long)line);
        tw_out(TW_FMT "%s", TW_ARG(path), path.n ? ": " : "");
        tw_out(TW_FMT "%s" TW_FMT "\n", TW_ARG(tw_json_member_text(cx, &d, l, "reason")), detail.n ? ": " : "",
               TW_ARG(detail));
        tw_arena_back(cx->arena, mark);
    }
    return TW_OK;
}

tw_status tw_cmd_source_replay(tw_ctx *cx, const tw_cli_args *a)
{
    tw_site *s;
    tw_collect_report *r = tw_new(cx->arena, tw_collect_report);
    uint64_t gone;
    tw_collect_opts o;
    TW_TRY(source_options(cx, &o, a));
    TW_TRY(tw_cli_site(cx, &s, a));
    tw_status st = tw_app_replay(cx, r, &gone, s, &o);
    tw_out_progress_end();
    tw_site_close(cx, s);
    TW_TRY(st);
    if (a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_kv_u64(&j.w, "not_there", gone);
        counts_json(&j.w, r);
        tw_out_json_end(&j);
        return TW_OK;
    }
    counts_text(a, r);
    if (gone)
        tw_out("%llu dead letters stay: their file is gone or was changed\n", (unsigned long long)gone);
    return TW_OK;
}
