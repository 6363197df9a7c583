/** Cli: the program. One table a command drives parsing, --help, the man page and completion; out.c is the only file
 * that prints. Data goes to stdout, messages and progress to stderr; exit codes are those of tw_status. */
#ifndef TW_CLI_H
#define TW_CLI_H

#include "app/app.h"

#define TW_CLI_OPTS_MAX 24
#define TW_CLI_ARGS_MAX 64

/** One option. arg NULL: a flag. */
typedef struct {
    const char *name; /* long */
    char letter;      /* short, or 0 */
    const char *arg;  /* name of its argument in help */
    const char *help;
} tw_cli_opt;

typedef struct tw_cli_command tw_cli_command;

/** A parsed command line. */
typedef struct {
    const tw_cli_command *command;
    const char *value[TW_CLI_OPTS_MAX]; /* by position in the command's table, then the common one; "" for a flag */
    const char *arg[TW_CLI_ARGS_MAX];
    size_t arg_count;
    bool json;
    bool quiet;
    bool verbose;
} tw_cli_args;

struct tw_cli_command {
    const char *name;    /* "wallet new" */
    const char *args;    /* synopsis of positional arguments */
    const char *summary; /* one line */
    const char *about;   /* more, or NULL */
    size_t args_min;
    size_t args_max;
    tw_status (*run)(tw_ctx *cx, const tw_cli_args *a);
    tw_cli_opt
        opt[TW_CLI_OPTS_MAX]; /* ends with a NULL name; --help, --json, --quiet, --verbose, --no-color are common */
};

/** All commands, in the order of help; NULL name at the end. */
extern const tw_cli_command tw_cli_commands[];

/** Parse argv (without the program's name). *help: --help was asked. fails TW_EUSAGE */
TW_NODISCARD tw_status tw_cli_parse(tw_ctx *cx, tw_cli_args *out, bool *help, int argc, char **argv);
/** Value of an option, NULL when not given. Asking for an option that the table lacks is a broken contract. */
const char *tw_cli_get(const tw_cli_args *a, const char *name);
bool tw_cli_has(const tw_cli_args *a, const char *name);
/** Unsigned number of an option. */
TW_NODISCARD tw_status tw_cli_number(tw_ctx *cx, uint64_t *out, const tw_cli_args *a, const char *name,
                                     uint64_t fallback);
/** Edit distance (Levenshtein), for "did you mean". */
size_t tw_cli_distance(const char *a, const char *b);
/** Nearest of the candidates within a third of its length, or NULL. */
const char *tw_cli_nearest(const char *word, const char *const *candidate, size_t count);

/** Run a whole command line; returns the exit code. */
int tw_cli_run(int argc, char **argv);

#endif
