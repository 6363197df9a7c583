/* verify, audit, report. */
#include "cli/commands.h"

tw_status tw_cmd_verify(tw_ctx *cx, const tw_cli_args *a)
{
    tw_str what;
    const char *dir = tw_cli_get(a, "dir");
    if (dir && tw_cli_has(a, "vkey"))
        return tw_fail(cx, TW_EUSAGE, "the log's key comes from --vkey or from the site in --dir: give one");
    TW_TRY(tw_app_verify(cx, &what, a->arg[0], dir ? dir : TW_SITE_DEFAULT, tw_cli_get(a, "vkey")));
    if (a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_out_json_bool(&j, "verified", true);
        tw_jw_kv(&j.w, "what", what);
        tw_out_json_end(&j);
    } else {
        tw_out("ok: " TW_FMT "\n", TW_ARG(what));
    }
    return TW_OK;
}

static void audit_json(const tw_audit_report *r)
{
    tw_out_json j;
    tw_out_json_begin(&j);
    tw_out_json_bool(&j, "verified", r->failures == 0);
    tw_jw_kv_u64(&j.w, "entries", r->entries);
    tw_jw_kv_u64(&j.w, "packs", r->packs);
    tw_jw_kv_u64(&j.w, "objects", r->objects);
    tw_jw_kv_u64(&j.w, "releases", r->releases);
    tw_jw_kv_u64(&j.w, "sheets", r->sheets);
    tw_jw_kv_u64(&j.w, "answered_leaves", r->answered_leaves);
    tw_jw_kv_u64(&j.w, "erased", r->erased);
    tw_jw_key(&j.w, "findings");
    tw_jw_array(&j.w);
    for (size_t i = 0; i < r->finding_count; i++) {
        tw_jw_object(&j.w);
        tw_jw_kv(&j.w, "severity", tw_str_of(r->finding[i].severity));
        tw_jw_kv(&j.w, "file", r->finding[i].file);
        tw_jw_kv(&j.w, "what", r->finding[i].what);
        tw_jw_object_end(&j.w);
    }
    tw_jw_array_end(&j.w);
    tw_out_json_end(&j);
}

tw_status tw_cmd_audit(tw_ctx *cx, const tw_cli_args *a)
{
    tw_audit_report *r = tw_new(cx->arena, tw_audit_report);
    tw_status s = tw_app_audit(cx, r, a->arg[0]);
    if (s != TW_OK && s != TW_EVERIFY)
        return s;
    if (a->json) {
        audit_json(r);
        return s;
    }
    for (size_t i = 0; i < r->finding_count; i++)
        tw_out("%s: " TW_FMT ": " TW_FMT "\n", r->finding[i].severity, TW_ARG(r->finding[i].file),
               TW_ARG(r->finding[i].what));
    tw_out("log: %llu entries; packs: %llu with %llu objects; releases: %llu; sheets: %llu; answered leaves decided "
           "again: %llu; erased: %llu\n",
           (unsigned long long)r->entries, (unsigned long long)r->packs, (unsigned long long)r->objects,
           (unsigned long long)r->releases, (unsigned long long)r->sheets, (unsigned long long)r->answered_leaves,
           (unsigned long long)r->erased);
    tw_out("%s\n", r->failures ? "the audit FAILED" : "everything verifies");
    return s;
}

tw_status tw_cmd_report(tw_ctx *cx, const tw_cli_args *a)
{
    tw_site *s;
    TW_TRY(tw_cli_site(cx, &s, a));
    const char *out = tw_cli_get(a, "out");
    const char *path = out ? out : tw_site_path(cx, s, "report.html");
    tw_status st = tw_app_report(cx, s, path);
    tw_site_close(cx, s);
    TW_TRY(st);
    tw_say(a, "%s\n", path);
    if (a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_kv(&j.w, "report", tw_str_of(path));
        tw_out_json_end(&j);
    }
    return TW_OK;
}
