/** Cli: the program. One table a command drives parsing, --help, the man page and completion; out.c is the only file
 * that prints. Data goes to stdout, messages and progress to stderr; exit codes are those of tw_status. */
#ifndef TW_CLI_H
#define TW_CLI_H

#include "app/app.h"

#define TW_CLI_VERSION "0.1.0"
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
    const char *group;                  /* "consent" when help was asked for its commands; command is NULL then */
    const char *value[TW_CLI_OPTS_MAX]; /* by position in the command's table; "" for a flag that is given */
    const char *arg[TW_CLI_ARGS_MAX];
    size_t arg_count;
    bool help;
    bool json;
    bool quiet;
    bool verbose;
    bool plain; /* --no-color */
} tw_cli_args;

struct tw_cli_command {
    const char *name;    /* "wallet new" */
    const char *args;    /* synopsis of positional arguments */
    const char *summary; /* one line */
    const char *about;   /* more, or NULL */
    size_t args_min;
    size_t args_max;
    tw_status (*run)(tw_ctx *cx, const tw_cli_args *a);
    tw_cli_opt opt[TW_CLI_OPTS_MAX]; /* ends with a NULL name; the common ones are not in it */
};

/** All commands, in the order of help; NULL name at the end. */
extern const tw_cli_command tw_cli_commands[];

/** Options that every command has; NULL name at the end. */
typedef enum {
    TW_CLI_HELP,
    TW_CLI_JSON,
    TW_CLI_QUIET,
    TW_CLI_VERBOSE,
    TW_CLI_NO_COLOR,
    TW_CLI_COMMON_COUNT
} tw_cli_common_opt;
extern const tw_cli_opt tw_cli_common[TW_CLI_COMMON_COUNT + 1];

/** Command of one or two words at the start of argv; *words says how many it has. A group alone, or a word that no
 *  command starts with, is TW_EUSAGE with the nearest name as hint. */
TW_NODISCARD tw_status tw_cli_find(tw_ctx *cx, const tw_cli_command **out, int *words, int argc, char **argv);
/** Whether some command's first of two words is this one. */
bool tw_cli_is_group(const char *word);
/** Parse argv (without the program's name). Nothing is passed over: unknown and shortened options, missing, unwanted
 *  and doubled arguments, and bytes that are no UTF-8 are TW_EUSAGE with a hint. */
TW_NODISCARD tw_status tw_cli_parse(tw_ctx *cx, tw_cli_args *out, int argc, char **argv);
/** Value of an option, NULL when not given. Asking for an option that the table lacks is a broken contract. */
const char *tw_cli_get(const tw_cli_args *a, const char *name);
bool tw_cli_has(const tw_cli_args *a, const char *name);
/** Whole number of an option, low <= *out <= high; `fallback` when not given. */
TW_NODISCARD tw_status tw_cli_number(tw_ctx *cx, uint64_t *out, const tw_cli_args *a, const char *name,
                                     uint64_t fallback, uint64_t low, uint64_t high);
/** Edit distance (Levenshtein), for "did you mean". SIZE_MAX when b has 64 bytes or more. */
size_t tw_cli_distance(const char *a, const char *b);
/** Nearest of the candidates within a third of its length and one, or NULL. */
const char *tw_cli_nearest(const char *word, const char *const *candidate, size_t count);

/** Run a whole command line; returns the exit code. */
int tw_cli_run(int argc, char **argv);

#endif
