/* version, explain, completion, man, verify, audit, report. */
#include "cli/commands.h"

#include <sodium.h>

#define VERSION "0.1.0"

tw_status tw_cmd_version(TW_UNUSED tw_ctx *cx, const tw_cli_args *a)
{
    if (a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_kv(&j.w, "version", TW_STR(VERSION));
        tw_jw_kv(&j.w, "libsodium", tw_str_of(sodium_version_string()));
        tw_out_json_end(&j);
    } else {
        tw_out("twinward " VERSION " (libsodium %s)\n", sodium_version_string());
    }
    return TW_OK;
}

static const char *advice(tw_status s)
{
    switch (s) {
    case TW_OK:
        return "Nothing is wrong.";
    case TW_EFAILED:
        return "The work did not succeed; the message says where.";
    case TW_EUSAGE:
        return "The command line cannot be understood. twinward COMMAND --help lists its options.";
    case TW_EREFUSED:
        return "A rule forbids this: a patient's policy, the ledger, or a guard such as the one for seeded sites. "
               "Nothing was released.";
    case TW_ENOTFOUND:
        return "A name, id or file is not here. Ids may be shortened to their first digits, at least four.";
    case TW_EVERIFY:
        return "Evidence does not verify: something was changed, lost or forged. The findings name the files.";
    case TW_ENET:
        return "A party did not answer. Try again later; nothing was lost.";
    case TW_EQUORUM:
        return "Too few keepers answered. Answers already given are kept; ask again when more are up.";
    case TW_ECONFLICT:
        return "Something of that name exists, or another process holds the site. Nothing was changed.";
    case TW_ECONFIG:
        return "A file of the site is not what this version expects.";
    case TW_EBUDGET:
        return "The project's privacy budget is spent.";
    case TW_EPARSE:
        return "Input is malformed; the message gives file, line and path, never a value.";
    case TW_ELIMIT:
        return "Input is over a limit that has a name in the documentation.";
    case TW_EIO:
        return "The disk refused. Check space and rights; work resumes where it stopped.";
    case TW_ECRYPTO:
        return "A signature, seal or proof does not fit its key.";
    case TW_EFOREIGN:
        return "A library gave up on this input.";
    }
    return "";
}

tw_status tw_cmd_explain(tw_ctx *cx, const tw_cli_args *a)
{
    for (int s = 0; s <= TW_EFOREIGN; s++) {
        char code[8];
        tw_error_code(code, (tw_status)s);
        if (strcmp(code, a->arg[0]) != 0)
            continue;
        tw_out("%s: %s (exit %d)\n%s\n", code, tw_status_text((tw_status)s), tw_status_exit((tw_status)s),
               advice((tw_status)s));
        return TW_OK;
    }
    return tw_fail(cx, TW_ENOTFOUND, "no error code of this name");
}

tw_status tw_cmd_completion(tw_ctx *cx, const tw_cli_args *a)
{
    if (strcmp(a->arg[0], "bash") != 0)
        return tw_fail(cx, TW_EUSAGE, "completion is written for bash");
    tw_out_completion();
    return TW_OK;
}

tw_status tw_cmd_man(TW_UNUSED tw_ctx *cx, TW_UNUSED const tw_cli_args *a)
{
    tw_out_man();
    return TW_OK;
}

tw_status tw_cmd_verify(tw_ctx *cx, const tw_cli_args *a)
{
    tw_str what;
    const char *dir = tw_cli_get(a, "dir");
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
    if (st == TW_OK)
        tw_say(a, "%s\n", path);
    return st;
}
