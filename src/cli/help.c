/* Help, man page and completion, all from the table of commands. */
#include "cli/help.h"

static const char what[] = "exchange of anonymized patient data under the patients' keys";

static bool in_group(const tw_cli_command *c, const char *group)
{
    size_t n = group ? strlen(group) : 0;
    return !group || (strncmp(c->name, group, n) == 0 && c->name[n] == ' ');
}

/* ---------------------------------------------------------------- text */

static void option_line(tw_buf *out, const tw_cli_opt *o)
{
    char left[64];
    snprintf(left, sizeof left, "%c%c%s--%s%s%s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
             o->letter ? ", " : "  ", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
    tw_buf_fmt(out, "  %-28s %s\n", left, o->help);
}

void tw_help_command(tw_buf *out, const tw_cli_command *c)
{
    tw_buf_fmt(out, "twinward %s%s%s [options]\n  %s\n", c->name, c->args[0] ? " " : "", c->args, c->summary);
    if (c->about)
        tw_buf_fmt(out, "\n%s\n", c->about);
    tw_buf_cstr(out, "\noptions:\n");
    for (const tw_cli_opt *o = c->opt; o->name; o++)
        option_line(out, o);
    for (const tw_cli_opt *o = tw_cli_common; o->name; o++)
        option_line(out, o);
}

void tw_help_list(tw_buf *out, const char *group)
{
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++)
        if (in_group(c, group))
            tw_buf_fmt(out, "  %-19s %s\n", c->name, c->summary);
}

void tw_help_overview(tw_buf *out)
{
    tw_buf_fmt(out, "twinward: %s\n\nusage: twinward COMMAND [options]\n\n", what);
    tw_help_list(out, NULL);
    tw_buf_cstr(out, "\ntwinward COMMAND --help says more. Begin with: twinward demo\n");
}

/* ---------------------------------------------------------------- JSON */

static void json_option(tw_jw *w, const tw_cli_opt *o)
{
    char letter[2] = { o->letter, '\0' };
    tw_jw_object(w);
    tw_jw_kv(w, "name", tw_str_of(o->name));
    if (o->letter)
        tw_jw_kv(w, "letter", tw_str_of(letter));
    if (o->arg)
        tw_jw_kv(w, "argument", tw_str_of(o->arg));
    tw_jw_kv(w, "help", tw_str_of(o->help));
    tw_jw_object_end(w);
}

static void json_command(tw_jw *w, const tw_cli_command *c)
{
    tw_jw_object(w);
    tw_jw_kv(w, "name", tw_str_of(c->name));
    tw_jw_kv(w, "arguments", tw_str_of(c->args));
    tw_jw_kv(w, "summary", tw_str_of(c->summary));
    if (c->about)
        tw_jw_kv(w, "about", tw_str_of(c->about));
    tw_jw_key(w, "options");
    tw_jw_array(w);
    for (const tw_cli_opt *o = c->opt; o->name; o++)
        json_option(w, o);
    for (const tw_cli_opt *o = tw_cli_common; o->name; o++)
        json_option(w, o);
    tw_jw_array_end(w);
    tw_jw_object_end(w);
}

void tw_help_json(tw_buf *out, const tw_cli_command *c, const char *group)
{
    tw_jw w;
    tw_jw_init(&w, out, 0);
    tw_jw_object(&w);
    tw_jw_kv_u64(&w, "v", 1);
    tw_jw_key(&w, "commands");
    tw_jw_array(&w);
    for (const tw_cli_command *each = tw_cli_commands; each->name; each++)
        if (c ? each == c : in_group(each, group))
            json_command(&w, each);
    tw_jw_array_end(&w);
    tw_jw_object_end(&w);
    tw_buf_cstr(out, "\n");
}

/* ---------------------------------------------------------------- man page */

/* Text of a page: a backslash, a minus, and a dot or quote that would begin a request are written out. */
static void man_text(tw_buf *out, const char *text)
{
    bool begins = true;
    for (const char *p = text; *p; p++) {
        if (begins && (*p == '.' || *p == '\''))
            tw_buf_cstr(out, "\\&");
        if (*p == '\\')
            tw_buf_cstr(out, "\\e");
        else if (*p == '-')
            tw_buf_cstr(out, "\\-");
        else
            tw_buf_u8(out, (uint8_t)*p);
        begins = *p == '\n';
    }
}

static void man_option(tw_buf *out, const tw_cli_opt *o)
{
    tw_buf_cstr(out, ".TP\n");
    if (o->letter)
        tw_buf_fmt(out, "\\fB\\-%c\\fR, ", o->letter);
    tw_buf_cstr(out, "\\fB\\-\\-");
    man_text(out, o->name);
    tw_buf_cstr(out, "\\fR");
    if (o->arg) {
        tw_buf_cstr(out, " \\fI");
        man_text(out, o->arg);
        tw_buf_cstr(out, "\\fR");
    }
    tw_buf_cstr(out, "\n");
    man_text(out, o->help);
    tw_buf_cstr(out, "\n");
}

static void man_command(tw_buf *out, const tw_cli_command *c)
{
    tw_buf_fmt(out, ".SS \"");
    man_text(out, c->name);
    tw_buf_cstr(out, c->args[0] ? " " : "");
    man_text(out, c->args);
    tw_buf_cstr(out, "\"\n");
    man_text(out, c->summary);
    tw_buf_cstr(out, ".\n");
    if (c->about) {
        man_text(out, c->about);
        tw_buf_cstr(out, "\n");
    }
    for (const tw_cli_opt *o = c->opt; o->name; o++)
        man_option(out, o);
}

static void man_exit(tw_buf *out)
{
    tw_buf_cstr(out, ".SH EXIT STATUS\n");
    for (int code = 0; code <= 10; code++) {
        const char *between = "";
        tw_buf_fmt(out, ".TP\n%d\n", code);
        for (int s = 0; s <= TW_EFOREIGN; s++) {
            if (tw_status_exit((tw_status)s) != code)
                continue;
            tw_buf_fmt(out, "%s%s", between, tw_status_text((tw_status)s));
            between = "; ";
        }
        tw_buf_cstr(out, "\n");
    }
    tw_buf_cstr(out, ".TP\n130\ninterrupted (Ctrl-C); work goes on where it stopped when the command is run again\n");
}

void tw_help_man(tw_buf *out)
{
    tw_buf_fmt(out, ".TH TWINWARD 1 \"\" \"twinward %s\"\n.SH NAME\ntwinward \\- %s\n", TW_CLI_VERSION, what);
    tw_buf_cstr(out, ".SH SYNOPSIS\n\\fBtwinward\\fR \\fICOMMAND\\fR [\\fIoptions\\fR]\n.SH COMMANDS\n");
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++)
        man_command(out, c);
    tw_buf_cstr(out, ".SH OPTIONS OF EVERY COMMAND\n");
    for (const tw_cli_opt *o = tw_cli_common; o->name; o++)
        man_option(out, o);
    man_exit(out);
    tw_buf_cstr(out, ".SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fR\nwhen not empty: no colours\n"
                     ".TP\n\\fBTERM\\fR\n\\fIdumb\\fR: no colours\n");
}

/* ---------------------------------------------------------------- completion */

/* The word of a command's name that comes after `group`, or its first word. */
static void bash_word(tw_buf *out, const tw_cli_command *c, const char *group)
{
    const char *word = c->name + (group ? strlen(group) + 1 : 0);
    tw_buf_fmt(out, "%.*s ", (int)strcspn(word, " "), word);
}

/* Whether an earlier command of the table begins with the same word. */
static bool seen_before(const tw_cli_command *c)
{
    size_t n = strcspn(c->name, " ");
    for (const tw_cli_command *e = tw_cli_commands; e != c; e++)
        if (strcspn(e->name, " ") == n && strncmp(e->name, c->name, n) == 0)
            return true;
    return false;
}

static void bash_groups(tw_buf *out)
{
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++) {
        char group[32];
        size_t n = strcspn(c->name, " ");
        if (!c->name[n] || seen_before(c))
            continue;
        snprintf(group, sizeof group, "%.*s", (int)n, c->name);
        tw_buf_fmt(out, "    %s)\n        at=3\n        command=\"%s ${COMP_WORDS[2]-}\"\n        words='", group,
                   group);
        for (const tw_cli_command *e = c; e->name; e++)
            if (in_group(e, group))
                bash_word(out, e, group);
        tw_buf_cstr(out, "'\n        ;;\n");
    }
}

static void bash_options(tw_buf *out, const tw_cli_opt *o)
{
    for (; o->name; o++)
        tw_buf_fmt(out, "--%s ", o->name);
}

void tw_help_bash(tw_buf *out)
{
    tw_buf_cstr(out, "# bash completion of twinward: source <(twinward completion bash)\n"
                     "_twinward()\n{\n    local cur=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]-} at=2 words=\n"
                     "    case $command in\n");
    bash_groups(out);
    tw_buf_cstr(out, "    esac\n    if [ \"$COMP_CWORD\" = 1 ]; then\n        words='");
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++)
        if (!seen_before(c))
            bash_word(out, c, NULL);
    tw_buf_cstr(out,
                "'\n    elif [ \"$COMP_CWORD\" -ge \"$at\" ]; then\n        words=\n        case $cur in\n        -*)\n"
                "            case $command in\n");
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++) {
        tw_buf_fmt(out, "            '%s') words='", c->name);
        bash_options(out, c->opt);
        tw_buf_cstr(out, "' ;;\n");
    }
    tw_buf_cstr(out, "            esac\n            words=\"$words ");
    bash_options(out, tw_cli_common);
    tw_buf_cstr(out, "\"\n            ;;\n        esac\n    fi\n"
                     "    # shellcheck disable=SC2207\n    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
                     "complete -o default -F _twinward twinward\n");
}
