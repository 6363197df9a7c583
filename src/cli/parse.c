/* A command line by the command's own table; getopt_long does the work. */
#include "cli/cli.h"

#include <getopt.h>

static const char *const common_names[] = { "help", "json", "quiet", "verbose", "no-color" };

size_t tw_cli_distance(const char *a, const char *b)
{
    size_t row[64];
    size_t n = strlen(b);
    if (n >= TW_COUNT(row))
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t best = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            best = TW_MIN(best, diagonal + 1);
            row[j + 1] = TW_MIN(best, row[j] + 1);
        }
    }
    return row[n];
}

const char *tw_cli_nearest(const char *word, const char *const *candidate, size_t count)
{
    const char *best = NULL;
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t d = tw_cli_distance(word, candidate[i]);
        if (d < least && d <= 1 + strlen(candidate[i]) / 3) {
            least = d;
            best = candidate[i];
        }
    }
    return best;
}

static size_t opt_count(const tw_cli_command *c)
{
    size_t n = 0;
    while (c->opt[n].name)
        n++;
    return n;
}

/* Commands are one or two words. */
static tw_status find_command(tw_ctx *cx, const tw_cli_command **out, int *words, int argc, char **argv)
{
    const char *name[64];
    size_t count = 0;
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++) {
        const char *space = strchr(c->name, ' ');
        size_t first = space ? (size_t)(space - c->name) : strlen(c->name);
        name[count++] = c->name;
        if (strlen(argv[0]) != first || strncmp(argv[0], c->name, first) != 0)
            continue;
        if (!space || (argc > 1 && strcmp(argv[1], space + 1) == 0)) {
            *out = c;
            *words = space ? 2 : 1;
            return TW_OK;
        }
    }
    char typed[128];
    snprintf(typed, sizeof typed, "%s%s%s", argv[0], argc > 1 && argv[1][0] != '-' ? " " : "",
             argc > 1 && argv[1][0] != '-' ? argv[1] : "");
    const char *near = tw_cli_nearest(argv[0], name, count);
    near = near ? near : tw_cli_nearest(typed, name, count);
    tw_fail(cx, TW_EUSAGE, "no command '%s'", argv[0]);
    return near ? tw_hint(cx, "did you mean: twinward %s", near) : tw_hint(cx, "twinward help");
}

static tw_status unknown_option(tw_ctx *cx, const tw_cli_command *c, const char *word)
{
    const char *name[TW_CLI_OPTS_MAX + TW_COUNT(common_names)];
    size_t n = 0;
    for (; c->opt[n].name; n++)
        name[n] = c->opt[n].name;
    for (size_t i = 0; i < TW_COUNT(common_names); i++)
        name[n++] = common_names[i];
    const char *plain = word;
    while (*plain == '-')
        plain++;
    char stem[64];
    snprintf(stem, sizeof stem, "%.*s", (int)strcspn(plain, "="), plain);
    const char *near = tw_cli_nearest(stem, name, n);
    tw_fail(cx, TW_EUSAGE, "%s: no option --%s, or its argument is missing or not wanted", c->name, stem);
    return near ? tw_hint(cx, "did you mean --%s; twinward %s --help", near, c->name)
                : tw_hint(cx, "twinward %s --help", c->name);
}

static size_t long_table(struct option *table, char *letters, const tw_cli_command *c)
{
    size_t n = opt_count(c);
    char *l = letters;
    *l++ = ':';
    for (size_t i = 0; i < n; i++) {
        table[i] =
            (struct option){ c->opt[i].name, c->opt[i].arg ? required_argument : no_argument, NULL, 256 + (int)i };
        if (c->opt[i].letter) {
            *l++ = c->opt[i].letter;
            if (c->opt[i].arg)
                *l++ = ':';
        }
    }
    for (size_t i = 0; i < TW_COUNT(common_names); i++)
        table[n + i] = (struct option){ common_names[i], no_argument, NULL, 512 + (int)i };
    memcpy(l, "hqv", 4);
    table[n + TW_COUNT(common_names)] = (struct option){ NULL, 0, NULL, 0 };
    return n;
}

static void take_common(tw_cli_args *out, bool *help, int which)
{
    *help |= which == 512;
    out->json |= which == 513;
    out->quiet |= which == 514;
    out->verbose |= which == 515;
}

static tw_status take(tw_ctx *cx, tw_cli_args *out, bool *help, int got, const char *argument)
{
    const tw_cli_command *c = out->command;
    if (got >= 512) {
        take_common(out, help, got);
        return TW_OK;
    }
    if (got == 'h' || got == 'q' || got == 'v') {
        take_common(out, help, got == 'h' ? 512 : got == 'q' ? 514 : 515);
        return TW_OK;
    }
    size_t i = got >= 256 ? (size_t)(got - 256) : 0;
    while (got < 256 && c->opt[i].name && c->opt[i].letter != got)
        i++;
    TW_ASSERT(c->opt[i].name != NULL);
    if (out->value[i])
        return tw_fail(cx, TW_EUSAGE, "%s: --%s is given twice", c->name, c->opt[i].name);
    out->value[i] = argument ? argument : "";
    return TW_OK;
}

tw_status tw_cli_parse(tw_ctx *cx, tw_cli_args *out, bool *help, int argc, char **argv)
{
    struct option table[TW_CLI_OPTS_MAX + 8];
    char letters[3 * TW_CLI_OPTS_MAX + 8];
    int words = 0;
    *out = (tw_cli_args){ .command = NULL };
    *help = false;
    TW_TRY(find_command(cx, &out->command, &words, argc, argv));
    long_table(table, letters, out->command);
    optind = 1;
    opterr = 0;
    argv += words - 1; /* getopt wants a name in argv[0] */
    argc -= words - 1;
    for (int got; (got = getopt_long(argc, argv, letters, table, NULL)) != -1;) {
        if (got == '?' || got == ':')
            return unknown_option(cx, out->command, argv[optind > 1 ? optind - 1 : 1]);
        TW_TRY(take(cx, out, help, got, optarg));
    }
    for (; optind < argc; optind++) {
        if (out->arg_count == TW_CLI_ARGS_MAX)
            return tw_fail(cx, TW_EUSAGE, "%s: more than %d arguments", out->command->name, TW_CLI_ARGS_MAX);
        out->arg[out->arg_count++] = argv[optind];
    }
    if (*help)
        return TW_OK;
    if (out->arg_count < out->command->args_min || out->arg_count > out->command->args_max) {
        tw_fail(cx, TW_EUSAGE, "%s takes %s, not %zu", out->command->name,
                out->command->args[0] ? out->command->args : "no argument", out->arg_count);
        return tw_hint(cx, "twinward %s --help", out->command->name);
    }
    return TW_OK;
}

const char *tw_cli_get(const tw_cli_args *a, const char *name)
{
    for (size_t i = 0; a->command->opt[i].name; i++)
        if (strcmp(a->command->opt[i].name, name) == 0)
            return a->value[i];
    TW_ASSERT(!"an option of the command's table");
    return NULL;
}

bool tw_cli_has(const tw_cli_args *a, const char *name)
{
    return tw_cli_get(a, name) != NULL;
}

tw_status tw_cli_number(tw_ctx *cx, uint64_t *out, const tw_cli_args *a, const char *name, uint64_t fallback)
{
    const char *text = tw_cli_get(a, name);
    *out = fallback;
    if (text && !tw_parse_u64(out, tw_str_of(text)))
        return tw_fail(cx, TW_EUSAGE, "--%s wants a whole number", name);
    return TW_OK;
}
