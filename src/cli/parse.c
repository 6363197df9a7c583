/* A command line by the command's own table; getopt_long does the work. Two things that it allows are refused here:
 * shortened option names, which would change their meaning when a new option comes, and an option as the argument of
 * another. */
#include "cli/cli.h"

#include <getopt.h>

#define CODE_OWN 256    /* code of the command's first option in getopt's table */
#define CODE_COMMON 512 /* of the first common one */

static const char usage_hint[] = "twinward %s --help";

/* ---------------------------------------------------------------- did you mean */

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

/* ---------------------------------------------------------------- commands */

/* The second word of a command of two whose first word this is, or NULL. */
static const char *second_word(const tw_cli_command *c, const char *first)
{
    size_t n = strlen(first);
    return strncmp(c->name, first, n) == 0 && c->name[n] == ' ' ? c->name + n + 1 : NULL;
}

bool tw_cli_is_group(const char *word)
{
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++)
        if (second_word(c, word))
            return true;
    return false;
}

static tw_status refuse_group(tw_ctx *cx, const char *group, const char *word)
{
    const char *name[TW_CLI_ARGS_MAX];
    size_t n = 0;
    tw_str list = TW_STR("");
    for (const tw_cli_command *c = tw_cli_commands; c->name && n < TW_COUNT(name); c++) {
        const char *second = second_word(c, group);
        if (!second)
            continue;
        list = tw_strf(cx->arena, TW_FMT "%s%s", TW_ARG(list), n ? ", " : "", second);
        name[n++] = second;
    }
    const char *near = word ? tw_cli_nearest(word, name, n) : NULL;
    tw_fail(cx, TW_EUSAGE, "%s goes with one of: " TW_FMT, group, TW_ARG(list));
    return near ? tw_hint(cx, "did you mean: twinward %s %s", group, near) : tw_hint(cx, "twinward help %s", group);
}

static tw_status refuse_command(tw_ctx *cx, const char *first, const char *second)
{
    const char *name[TW_CLI_ARGS_MAX];
    size_t n = 0;
    for (const tw_cli_command *c = tw_cli_commands; c->name && n < TW_COUNT(name); c++)
        name[n++] = c->name;
    const char *both = tw_strf(cx->arena, "%s %s", first, second ? second : "").p;
    const char *near = second ? tw_cli_nearest(both, name, n) : NULL;
    near = near && strchr(near, ' ') ? near : tw_cli_nearest(first, name, n);
    tw_fail(cx, TW_EUSAGE, "no command '%s'", first);
    return near ? tw_hint(cx, "did you mean: twinward %s", near) : tw_hint(cx, "twinward help");
}

tw_status tw_cli_find(tw_ctx *cx, const tw_cli_command **out, int *words, int argc, char **argv)
{
    const char *second = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++) {
        const char *want = second_word(c, argv[0]);
        if (want ? second && strcmp(second, want) == 0 : strcmp(argv[0], c->name) == 0) {
            *out = c;
            *words = want ? 2 : 1;
            return TW_OK;
        }
    }
    if (argv[0][0] == '-') {
        tw_fail(cx, TW_EUSAGE, "the command comes first, its options after it");
        return tw_hint(cx, "twinward COMMAND %s", argv[0]);
    }
    return tw_cli_is_group(argv[0]) ? refuse_group(cx, argv[0], second) : refuse_command(cx, argv[0], second);
}

/* ---------------------------------------------------------------- options */

static const tw_cli_opt *opt_by_code(const tw_cli_command *c, int code)
{
    if (code >= CODE_COMMON)
        return &tw_cli_common[code - CODE_COMMON];
    if (code >= CODE_OWN)
        return &c->opt[code - CODE_OWN];
    for (const tw_cli_opt *o = c->opt; o->name; o++)
        if (o->letter == code)
            return o;
    for (const tw_cli_opt *o = tw_cli_common; o->name; o++)
        if (o->letter == code)
            return o;
    return NULL;
}

static size_t add_options(struct option *table, size_t n, char **letters, const tw_cli_opt *opt, int code)
{
    for (; opt->name; opt++) {
        table[n++] = (struct option){ opt->name, opt->arg ? required_argument : no_argument, NULL, code++ };
        if (!opt->letter)
            continue;
        *(*letters)++ = opt->letter;
        if (opt->arg)
            *(*letters)++ = ':';
    }
    return n;
}

static tw_status refuse_option(tw_ctx *cx, const tw_cli_command *c, const char *word)
{
    const char *name[TW_CLI_OPTS_MAX + TW_CLI_COMMON_COUNT];
    size_t n = 0;
    for (const tw_cli_opt *o = c->opt; o->name; o++)
        name[n++] = o->name;
    for (const tw_cli_opt *o = tw_cli_common; o->name; o++)
        name[n++] = o->name;
    const char *stem = tw_strf(cx->arena, "%.*s", (int)strcspn(word, "="), word).p;
    const char *near = NULL;
    for (size_t i = 0; i < n && !near; i++) /* a name that goes on as typed is nearer than any other */
        near = stem[2] && strncmp(name[i], stem + 2, strlen(stem + 2)) == 0 ? name[i] : NULL;
    near = near ? near : tw_cli_nearest(stem + 2, name, n);
    tw_fail(cx, TW_EUSAGE, "%s: no option %s", c->name, stem);
    return near ? tw_hint(cx, "did you mean --%s", near) : tw_hint(cx, usage_hint, c->name);
}

/* What getopt_long gave back. optopt is 0 for a long name that it does not know or finds more than one of; the code
 * of a known option whose argument is missing or not wanted; or a letter. */
static tw_status refuse(tw_ctx *cx, const tw_cli_command *c, int got, const char *word)
{
    const tw_cli_opt *o = optopt ? opt_by_code(c, optopt) : NULL;
    if (!optopt)
        return refuse_option(cx, c, word);
    if (!o)
        tw_fail(cx, TW_EUSAGE, "%s: no option -%c", c->name, optopt);
    else if (got == ':')
        tw_fail(cx, TW_EUSAGE, "%s: --%s wants %s", c->name, o->name, o->arg);
    else
        tw_fail(cx, TW_EUSAGE, "%s: --%s takes no argument", c->name, o->name);
    return tw_hint(cx, usage_hint, c->name);
}

static void take_common(tw_cli_args *out, const tw_cli_opt *o)
{
    switch ((tw_cli_common_opt)(o - tw_cli_common)) {
    case TW_CLI_HELP:
        out->help = true;
        return;
    case TW_CLI_JSON:
        out->json = true;
        return;
    case TW_CLI_QUIET:
        out->quiet = true;
        return;
    case TW_CLI_VERBOSE:
        out->verbose = true;
        return;
    case TW_CLI_NO_COLOR:
        out->plain = true;
        return;
    case TW_CLI_COMMON_COUNT:
        break;
    }
    TW_ASSERT(false); /* a common option */
}

/* word: as typed, "--name" or "--name=value" or a bundle of letters. apart: the argument was a word of its own. */
static tw_status take(tw_ctx *cx, tw_cli_args *out, int got, const char *word, const char *argument, bool apart)
{
    const tw_cli_command *c = out->command;
    const tw_cli_opt *o = opt_by_code(c, got);
    TW_ASSERT(o != NULL);
    if (got >= CODE_OWN &&
        (strncmp(word + 2, o->name, strlen(o->name)) != 0 || strcspn(word, "=") != strlen(o->name) + 2))
        return refuse_option(cx, c, word);
    if (got >= CODE_COMMON || (o >= tw_cli_common && o < tw_cli_common + TW_CLI_COMMON_COUNT)) {
        take_common(out, o);
        return TW_OK;
    }
    if (apart && argument[0] == '-' && argument[1] == '-' && argument[2]) {
        tw_fail(cx, TW_EUSAGE, "%s: --%s wants %s, not %s", c->name, o->name, o->arg, argument);
        return tw_hint(cx, "--%s=%s, if that is meant", o->name, argument);
    }
    if (out->value[o - c->opt])
        return tw_fail(cx, TW_EUSAGE, "%s: --%s is given twice", c->name, o->name);
    out->value[o - c->opt] = argument ? argument : "";
    return TW_OK;
}

static tw_status take_arguments(tw_ctx *cx, tw_cli_args *out, int argc, char **argv)
{
    const tw_cli_command *c = out->command;
    for (int i = 0; i < argc; i++) {
        if (out->arg_count == TW_CLI_ARGS_MAX)
            return tw_fail(cx, TW_EUSAGE, "%s: more than %d arguments", c->name, TW_CLI_ARGS_MAX);
        out->arg[out->arg_count++] = argv[i];
    }
    if (out->help || (out->arg_count >= c->args_min && out->arg_count <= c->args_max))
        return TW_OK;
    if (!c->args[0])
        tw_fail(cx, TW_EUSAGE, "%s: takes no argument, but %zu given", c->name, out->arg_count);
    else
        tw_fail(cx, TW_EUSAGE, "%s: wants %s, but %zu given", c->name, c->args, out->arg_count);
    return tw_hint(cx, usage_hint, c->name);
}

static tw_status parse_command(tw_ctx *cx, tw_cli_args *out, int argc, char **argv)
{
    struct option table[TW_CLI_OPTS_MAX + TW_CLI_COMMON_COUNT + 1];
    char letters[3 * (TW_CLI_OPTS_MAX + TW_CLI_COMMON_COUNT)];
    char *l = letters;
    *l++ = ':';
    size_t n = add_options(table, 0, &l, out->command->opt, CODE_OWN);
    n = add_options(table, n, &l, tw_cli_common, CODE_COMMON);
    table[n] = (struct option){ NULL, 0, NULL, 0 };
    *l = '\0';
    optind = 0; /* glibc: begin anew */
    opterr = 0;
    for (int got; (got = getopt_long(argc, argv, letters, table, NULL)) != -1;) {
        bool apart = got != '?' && got != ':' && optarg && optarg == argv[optind - 1];
        const char *word = argv[optind - (apart ? 2 : 1)];
        if (got == '?' || got == ':')
            return refuse(cx, out->command, got, word);
        TW_TRY(take(cx, out, got, word, optarg, apart));
    }
    return take_arguments(cx, out, argc - optind, argv + optind);
}

tw_status tw_cli_parse(tw_ctx *cx, tw_cli_args *out, int argc, char **argv)
{
    int words = 0;
    *out = (tw_cli_args){ .command = NULL };
    for (int i = 0; i < argc; i++)
        if (!tw_utf8_valid(tw_str_of(argv[i])))
            return tw_fail(cx, TW_EUSAGE, "word %d of the command line is not UTF-8", i + 1);
    if (argc == 0)
        return tw_fail(cx, TW_EUSAGE, "no command given");
    if (argc == 2 && tw_cli_is_group(argv[0]) && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        out->group = argv[0];
        out->help = true;
        return TW_OK;
    }
    TW_TRY(tw_cli_find(cx, &out->command, &words, argc, argv));
    return parse_command(cx, out, argc - words + 1, argv + words - 1); /* getopt wants a name in argv[0] */
}

const char *tw_cli_get(const tw_cli_args *a, const char *name)
{
    for (size_t i = 0; a->command->opt[i].name; i++)
        if (strcmp(a->command->opt[i].name, name) == 0)
            return a->value[i];
    TW_ASSERT(false); /* an option of the command's table */
    return NULL;
}

bool tw_cli_has(const tw_cli_args *a, const char *name)
{
    return tw_cli_get(a, name) != NULL;
}

tw_status tw_cli_number(tw_ctx *cx, uint64_t *out, const tw_cli_args *a, const char *name, uint64_t fallback,
                        uint64_t low, uint64_t high)
{
    const char *text = tw_cli_get(a, name);
    *out = fallback;
    if (!text)
        return TW_OK;
    if (!tw_parse_u64(out, tw_str_of(text)))
        return tw_fail(cx, TW_EUSAGE, "--%s wants a whole number", name);
    if (*out >= low && *out <= high)
        return TW_OK;
    return tw_fail(cx, TW_EUSAGE, "--%s wants %llu to %llu", name, (unsigned long long)low, (unsigned long long)high);
}
