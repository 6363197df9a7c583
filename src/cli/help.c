/* Help, man page and completion, all from the table of commands. */
#include "cli/out.h"

static void option_line(const tw_cli_opt *o)
{
    char left[64];
    snprintf(left, sizeof left, "%c%c%s--%s%s%s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
             o->letter ? ", " : "  ", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
    tw_out("  %-28s %s\n", left, o->help);
}

void tw_out_help(const tw_cli_command *c)
{
    tw_out("twinward %s%s%s%s\n  %s\n", c->name, c->args[0] ? " " : "", c->args, " [options]", c->summary);
    if (c->about)
        tw_out("\n%s\n", c->about);
    tw_out("\noptions:\n");
    for (const tw_cli_opt *o = c->opt; o->name; o++)
        option_line(o);
    for (const tw_cli_opt *o = tw_cli_common; o->name; o++)
        option_line(o);
}

void tw_out_group(const char *group)
{
    size_t n = strlen(group);
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++)
        if (strncmp(c->name, group, n) == 0 && c->name[n] == ' ')
            tw_out("  %-18s %s\n", c->name, c->summary);
}

void tw_out_overview(void)
{
    tw_out("twinward: exchange of anonymized patient data under the patients' keys\n\nusage: twinward COMMAND "
           "[options]\n\n");
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++)
        tw_out("  %-18s %s\n", c->name, c->summary);
    tw_out("\ntwinward COMMAND --help says more. Begin with: twinward demo\n");
}

void tw_out_man(void)
{
    tw_out(".TH TWINWARD 1\n.SH NAME\ntwinward \\- exchange of anonymized patient data under the patients' keys\n");
    tw_out(".SH SYNOPSIS\n.B twinward\nCOMMAND [options]\n.SH COMMANDS\n");
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++) {
        tw_out(".SS %s %s\n%s\n", c->name, c->args, c->summary);
        for (const tw_cli_opt *o = c->opt; o->name; o++)
            tw_out(".TP\n\\-\\-%s%s%s\n%s\n", o->name, o->arg ? " " : "", o->arg ? o->arg : "", o->help);
    }
    tw_out(".SH EXIT STATUS\n");
    for (int s = 0; s <= TW_EFOREIGN; s++)
        tw_out(".TP\n%d\n%s\n", tw_status_exit((tw_status)s), tw_status_text((tw_status)s));
}

void tw_out_completion(void)
{
    tw_out("_twinward() {\n  local cur=${COMP_WORDS[COMP_CWORD]} cmd=\"${COMP_WORDS[1]}\"\n");
    tw_out("  case \"$cmd ${COMP_WORDS[2]}\" in\n");
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++) {
        tw_out("    \"%s\"%s) COMPREPLY=($(compgen -W \"", c->name, strchr(c->name, ' ') ? "" : "\\ *");
        for (const tw_cli_opt *o = c->opt; o->name; o++)
            tw_out("--%s ", o->name);
        tw_out("--help --json --quiet\" -- \"$cur\")); [ \"$COMP_CWORD\" -gt 1 ] && return;;\n");
    }
    tw_out("  esac\n  COMPREPLY=($(compgen -W \"");
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++)
        tw_out("%s ", c->name);
    tw_out("\" -- \"$cur\"))\n}\ncomplete -o default -F _twinward twinward\n");
}
