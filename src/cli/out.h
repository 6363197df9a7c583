/** Private to cli: what is printed, and how. */
#ifndef TW_CLI_OUT_H
#define TW_CLI_OUT_H

#include "cli/cli.h"

/** To stdout, formatted. */
void tw_out(const char *fmt, ...) TW_PRINTF(1, 2);
void tw_out_str(tw_str s);
/** To stderr, unless --quiet. */
void tw_note(const tw_cli_args *a, const char *fmt, ...) TW_PRINTF(2, 3);
/** A line of words for a person, or nothing with --json. */
void tw_say(const tw_cli_args *a, const char *fmt, ...) TW_PRINTF(2, 3);

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
/** "TW1040": every status has ten codes; the first is its own. */
void tw_error_code(char out[8], tw_status s);

/** Progress of long steps: on a terminal a line that is rewritten after 300 ms, else one line a step when it ends. */
tw_progress tw_out_progress(const tw_cli_args *a);
void tw_out_progress_end(void);

void tw_out_help(const tw_cli_command *c);
/** Commands of a group, such as consent. */
void tw_out_group(const char *group);
void tw_out_overview(void);
void tw_out_man(void);
void tw_out_completion(void);

#endif
