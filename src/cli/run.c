/* A command line from start to exit code. */
#include "cli/commands.h"

#define ARENA_MAX ((size_t)8 << 30)

static tw_status run(tw_ctx *cx, tw_cli_args *a, int argc, char **argv)
{
    if (argc == 0 || strcmp(argv[0], "help") == 0 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) {
        tw_out_overview();
        return argc == 0 ? tw_fail(cx, TW_EUSAGE, "no command given") : TW_OK;
    }
    if (strcmp(argv[0], "--version") == 0)
        return tw_cmd_version(cx, a);
    tw_status s = tw_cli_parse(cx, a, argc, argv);
    if (s != TW_OK)
        return s;
    if (a->help) {
        if (a->command)
            tw_out_help(a->command);
        else
            tw_out_group(a->group);
        return TW_OK;
    }
    s = a->command->run(cx, a);
    tw_out_progress_end();
    return s;
}

int tw_cli_run(int argc, char **argv)
{
    tw_ctx cx;
    tw_cli_args a = { .command = NULL };
    bool json = false;
    for (int i = 0; i < argc; i++) /* errors of parsing, too, come as asked */
        json |= strcmp(argv[i], "--json") == 0;
    tw_base_start();
    tw_io_harden();
    tw_env env = tw_io_env();
    tw_io_crash_hook(&env);
    tw_ctx_init(&cx, ARENA_MAX, &env);
    tw_status s = run(&cx, &a, argc, argv);
    int code = s == TW_OK ? 0 : tw_out_error(&cx, json, s);
    tw_ctx_done(&cx);
    return code;
}
