/** Private to cli: the commands, and what several of them need. */
#ifndef TW_CLI_COMMANDS_H
#define TW_CLI_COMMANDS_H

#include "cli/out.h"

#define TW_SITE_DEFAULT "twinward-site"
#define TW_OPT_DIR                                                                                                     \
    {                                                                                                                  \
        "dir", 0, "DIR", "site folder (default twinward-site)"                                                         \
    }
#define TW_OPT_INSECURE                                                                                                \
    {                                                                                                                  \
        "insecure", 0, NULL, "allow a site that was made from a seed"                                                  \
    }

tw_status tw_cmd_init(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_synth(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_wallet_new(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_enrol(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_collect(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_deid(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_source_status(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_source_dead_letters(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_source_replay(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_consent_set(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_consent_dry_run(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_consent_decide(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_stop(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_erase(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_project_open(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_project_approve(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_release(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_open(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_twin_fit(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_twin_forecast(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_twin_score(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_twin_check(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_twin_simulate(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_twin_estimate(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_twin_run(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_twin_export(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_disclosures(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_audit(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_verify(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_report(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_demo(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_help(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_version(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_explain(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_completion(tw_ctx *cx, const tw_cli_args *a);
tw_status tw_cmd_man(tw_ctx *cx, const tw_cli_args *a);

/** What --help asks for: the command's options, or the commands of a group. */
TW_NODISCARD tw_status tw_cli_show_help(tw_ctx *cx, const tw_cli_args *a);
/** What the gate would do with these files, as text or JSON. */
TW_NODISCARD tw_status tw_cli_preview(tw_ctx *cx, const tw_cli_args *a, const tw_collect_opts *o, uint64_t sample);
/** A mapping for the tables that are the command's arguments: JSON on stdout, reasons on stderr. */
TW_NODISCARD tw_status tw_cli_suggest_mapping(tw_ctx *cx, const tw_cli_args *a);
/** SIGINT or SIGTERM came, once tw_cli_listen was called: the first one sets this and lets the work end in order, the
 * second one kills. */
extern volatile sig_atomic_t tw_cli_asked;
TW_NODISCARD tw_status tw_cli_listen(tw_ctx *cx);
/** Can be read once a signal came; -1 before tw_cli_listen. */
int tw_cli_asked_fd(void);
/** Standard input; a signal is an end, too. */
tw_input tw_cli_stdin(void);
/** Opens the site of --dir, and says on stderr that no witness cosigns its log. Close with tw_site_close. */
TW_NODISCARD tw_status tw_cli_site(tw_ctx *cx, tw_site **out, const tw_cli_args *a);
/** --researcher, or the only one of the site. */
TW_NODISCARD tw_status tw_cli_researcher(tw_ctx *cx, const char **name, const tw_cli_args *a, const tw_site *s);
/** Policy of --policy FILE, --permit TERM or --deny; *given false: none of them. */
TW_NODISCARD tw_status tw_cli_policy(tw_ctx *cx, tw_policy *out, bool *given, const tw_cli_args *a);
/** "labs,vitals" or "all" to a set of categories; the error's hint names them all. */
TW_NODISCARD tw_status tw_cli_categories(tw_ctx *cx, uint32_t *out, const char *list);
/** "a,b,c" to an array. */
TW_NODISCARD tw_status tw_cli_names(tw_ctx *cx, const char *const **out, size_t *count, const char *list);
/** First 12 digits of an id. */
const char *tw_cli_short(tw_ctx *cx, const tw_id *id);

#endif
