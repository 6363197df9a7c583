/* A command line from start to exit code. */
#include "cli/cli.h"

#include <fcntl.h>
#include <unistd.h>

#include "cli/commands.h"

/* Ceiling of one command's arena; a run over a whole hospital's files stays far below. */
#define ARENA_MAX ((size_t)8 << 30)

/* A closed stdin, stdout or stderr would give its number to the next file that is opened, and what is printed would
 * then be written into that file. */
static void fill_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            TW_ASSERT(open("/dev/null", O_RDWR) == fd); /* the lowest free number */
}

/* The two words that are habits rather than commands. */
static void spell_out(int argc, char **argv)
{
    static char help_word[] = "help";
    static char version_word[] = "version";
    if (argc == 0)
        return;
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)
        argv[0] = help_word;
    else if (strcmp(argv[0], "--version") == 0)
        argv[0] = version_word;
}

static tw_status run(tw_ctx *cx, tw_cli_args *a, int argc, char **argv)
{
    spell_out(argc, argv);
    if (argc == 0) {
        tw_fail(cx, TW_EUSAGE, "no command given");
        return tw_hint(cx, "twinward help; or see it work: twinward demo");
    }
    TW_TRY(tw_cli_parse(cx, a, argc, argv));
    tw_out_start(a);
    tw_status s = a->help ? tw_cli_show_help(cx, a) : a->command->run(cx, a);
    tw_out_progress_end();
    return s == TW_OK ? tw_out_flush(cx) : s;
}

int tw_cli_run(int argc, char **argv)
{
    tw_ctx cx;
    tw_cli_args a = { .command = NULL };
    for (int i = 0; i < argc; i++) { /* errors of parsing, too, come as asked */
        a.json |= strcmp(argv[i], "--json") == 0;
        a.plain |= strcmp(argv[i], "--no-color") == 0;
    }
    bool json = a.json;
    fill_streams();
    tw_io_harden();
    tw_base_start();
    tw_env env = tw_io_env();
    env.event = tw_out_event;
    tw_out_start(&a);
    tw_ctx_init(&cx, ARENA_MAX, &env);
    tw_status s = run(&cx, &a, argc, argv);
    int code = s == TW_OK ? 0 : tw_out_error(&cx, json, s);
    tw_ctx_done(&cx);
    return code;
}
