/* help, version, explain, completion, man. */
#include "cli/commands.h"

#include <sodium.h>

#include "cli/errors.h"
#include "cli/help.h"

#define TEXT_MAX TW_MIB

/* Prints a buffer and frees it; with --json as {"v":1,"text":...}, or as it is when it is JSON already. */
static tw_status print_text(tw_ctx *cx, tw_buf *b, const tw_cli_args *a, bool is_json)
{
    tw_status s = tw_buf_check(cx, b, "text");
    tw_str text = tw_str_of_bytes(tw_buf_view(b));
    if (s == TW_OK && a->json && !is_json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_kv(&j.w, "text", text);
        tw_out_json_end(&j);
    } else if (s == TW_OK) {
        tw_out_str(text);
    }
    tw_buf_done(b);
    return s;
}

static tw_status show(tw_ctx *cx, const tw_cli_args *a, const tw_cli_command *c, const char *group)
{
    tw_buf b;
    tw_buf_init(&b, TEXT_MAX);
    if (a->json)
        tw_help_json(&b, c, group);
    else if (c)
        tw_help_command(&b, c);
    else if (group)
        tw_help_list(&b, group);
    else
        tw_help_overview(&b);
    return print_text(cx, &b, a, a->json);
}

tw_status tw_cli_show_help(tw_ctx *cx, const tw_cli_args *a)
{
    return show(cx, a, a->command, a->group);
}

tw_status tw_cmd_help(tw_ctx *cx, const tw_cli_args *a)
{
    const tw_cli_command *c = NULL;
    int words;
    char *word[2] = { NULL, NULL };
    for (size_t i = 0; i < a->arg_count; i++)
        word[i] = tw_cstr(cx->arena, tw_str_of(a->arg[i]));
    if (a->arg_count == 0)
        return show(cx, a, NULL, NULL);
    if (a->arg_count == 1 && tw_cli_is_group(word[0]))
        return show(cx, a, NULL, word[0]);
    TW_TRY(tw_cli_find(cx, &c, &words, (int)a->arg_count, word));
    return show(cx, a, c, NULL);
}

tw_status tw_cmd_version(TW_UNUSED tw_ctx *cx, const tw_cli_args *a)
{
    if (!a->json) {
        tw_out("twinward %s (libsodium %s)\n", TW_CLI_VERSION, sodium_version_string());
        return TW_OK;
    }
    tw_out_json j;
    tw_out_json_begin(&j);
    tw_jw_kv(&j.w, "version", TW_STR(TW_CLI_VERSION));
    tw_jw_kv(&j.w, "libsodium", tw_str_of(sodium_version_string()));
    tw_out_json_end(&j);
    return TW_OK;
}

/* ---------------------------------------------------------------- explain */

static void explain_json(tw_jw *w, tw_status s)
{
    char code[TW_ERROR_CODE_SIZE];
    tw_error_code(code, s);
    tw_jw_object(w);
    tw_jw_kv(w, "code", tw_str_of(code));
    tw_jw_kv(w, "why", tw_str_of(tw_status_text(s)));
    tw_jw_kv_u64(w, "exit", (uint64_t)tw_status_exit(s));
    tw_jw_key(w, "retryable");
    tw_jw_bool(w, tw_error_retryable(s));
    tw_jw_kv(w, "advice", tw_str_of(tw_error_advice(s)));
    tw_jw_object_end(w);
}

static void explain_text(tw_status s)
{
    char code[TW_ERROR_CODE_SIZE];
    tw_error_code(code, s);
    tw_out("%s: %s (exit %d)\n%s\n", code, tw_status_text(s), tw_status_exit(s), tw_error_advice(s));
}

tw_status tw_cmd_explain(tw_ctx *cx, const tw_cli_args *a)
{
    tw_status only = TW_OK;
    tw_out_json j;
    bool all = a->arg_count == 0;
    if (!all && !tw_error_find(&only, a->arg[0])) {
        tw_fail(cx, TW_ENOTFOUND, "no error code of this name");
        return tw_hint(cx, "twinward explain");
    }
    if (a->json) {
        tw_out_json_begin(&j);
        tw_jw_key(&j.w, "codes");
        tw_jw_array(&j.w);
    }
    for (int s = all ? TW_EFAILED : (int)only; s <= (all ? TW_EFOREIGN : (int)only); s++) {
        if (a->json)
            explain_json(&j.w, (tw_status)s);
        else
            explain_text((tw_status)s);
    }
    if (a->json) {
        tw_jw_array_end(&j.w);
        tw_out_json_end(&j);
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- for shells and readers */

tw_status tw_cmd_completion(tw_ctx *cx, const tw_cli_args *a)
{
    tw_buf b;
    if (strcmp(a->arg[0], "bash") != 0)
        return tw_fail(cx, TW_EUSAGE, "completion is written for bash");
    tw_buf_init(&b, TEXT_MAX);
    tw_help_bash(&b);
    return print_text(cx, &b, a, false);
}

tw_status tw_cmd_man(tw_ctx *cx, const tw_cli_args *a)
{
    tw_buf b;
    tw_buf_init(&b, TEXT_MAX);
    tw_help_man(&b);
    return print_text(cx, &b, a, false);
}
