/** Private to cli: help, man page and completion, all from the table of commands. Each writes into a buffer. */
#ifndef TW_CLI_HELP_H
#define TW_CLI_HELP_H

#include "cli/cli.h"

/** One command: what it takes, what it does, its options. */
void tw_help_command(tw_buf *out, const tw_cli_command *c);
/** Commands, a line each: those of a group, such as consent, or all when it is NULL. */
void tw_help_list(tw_buf *out, const char *group);
/** What the program is, and all commands. */
void tw_help_overview(tw_buf *out);
/** One command, a group's, or (both NULL) all, as {"v":1,"commands":[{"name","arguments","summary","options"}]}. */
void tw_help_json(tw_buf *out, const tw_cli_command *c, const char *group);
/** The manual page, man(7). */
void tw_help_man(tw_buf *out);
/** A completion script for bash. */
void tw_help_bash(tw_buf *out);

#endif
