/** Private to cli: what is printed, and how. */
#ifndef TW_CLI_OUT_H
#define TW_CLI_OUT_H

#include "cli/cli.h"

/** How this run prints: --quiet, --verbose, --json, --no-color, and whether stderr is a terminal that takes colours
 * (NO_COLOR, TERM). Before it is called, nothing is quiet and nothing has a colour. */
void tw_out_start(const tw_cli_args *a);
/** To stdout, formatted. */
void tw_out(const char *fmt, ...) TW_PRINTF(1, 2);
void tw_out_str(tw_str s);
/** The same as a sink of a use case. */
tw_status tw_out_write(void *self, tw_ctx *cx, tw_str bytes);
/** To stderr, unless --quiet. */
void tw_note(const tw_cli_args *a, const char *fmt, ...) TW_PRINTF(2, 3);
/** A line of words for a person, or nothing with --json. */
void tw_say(const tw_cli_args *a, const char *fmt, ...) TW_PRINTF(2, 3);
/** Asks on the terminal and reads one line of the answer, without its end, into the arena; "" when stdin is none. */
const char *tw_out_ask(tw_ctx *cx, const char *question);
/** Everything is with the system: TW_EIO when stdout did not take it (a full disk, a closed pipe). */
TW_NODISCARD tw_status tw_out_flush(tw_ctx *cx);

/** JSON object on stdout with "v":1; call between begin and end only when a->json. */
typedef struct {
    tw_buf buf;
    tw_jw w;
} tw_out_json;
void tw_out_json_begin(tw_out_json *j);
void tw_out_json_end(tw_out_json *j);
void tw_out_json_id(tw_ctx *cx, tw_out_json *j, const char *name, const tw_id *id);
void tw_out_json_bool(tw_out_json *j, const char *name, bool value);

/** Error on stderr, as text or JSON; the exit code. */
int tw_out_error(const tw_ctx *cx, bool json, tw_status s);
/** For tw_env.event: warnings go to stderr unless --quiet, other events only with --verbose. */
void tw_out_event(void *self, tw_log_level level, const char *name, const char *text);

/** Progress of long steps: on a terminal a line that is rewritten after 300 ms, else one line a step when it ends. */
tw_progress tw_out_progress(const tw_cli_args *a);
void tw_out_progress_end(void);

#endif
