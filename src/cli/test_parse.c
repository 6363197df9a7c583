#include "test.h"

#include "cli/cli.h"

#define PARSE(...) parse((char *[]){ __VA_ARGS__, NULL })

static tw_cli_args args;

static tw_status parse(char **argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    return tw_cli_parse(cx, &args, argc, argv);
}

#define W(text) ((char *)(uintptr_t)(text)) /* getopt moves pointers only */

TEST(parse__takes_long_short_and_common_options_in_any_place)
{
    assert_ok(PARSE(W("synth"), W("--patients"), W("7"), W("-o"), W("x"), W("--json")));
    uint64_t n;
    assert_ok(tw_cli_number(cx, &n, &args, "patients", 1, 1, 10));
    assert_int_equal(7, n);
    assert_string_equal("x", tw_cli_get(&args, "out"));
    assert_true(args.json);
    assert_false(args.help);
    assert_ok(PARSE(W("collect"), W("north"), W("--dir=d"), W("a"), W("b"), W("-q")));
    assert_int_equal(3, args.arg_count);
    assert_string_equal("d", tw_cli_get(&args, "dir"));
    assert_true(args.quiet);
    assert_status(TW_EUSAGE, tw_cli_number(cx, &n, &args, "dir", 1, 0, 9));
}

TEST(parse__knows_commands_of_two_words)
{
    assert_ok(PARSE(W("twin"), W("fit"), W("abcd"), W("--seed"), W("3")));
    assert_string_equal("twin fit", args.command->name);
    assert_int_equal(1, args.arg_count);
    assert_status(TW_EUSAGE, PARSE(W("twin"), W("fat"), W("abcd")));
    assert_string_equal("did you mean: twinward twin fit", cx->err.hint);
}

TEST(parse__refuses_what_it_does_not_know)
{
    assert_status(TW_EUSAGE, PARSE(W("release"), W("x"), W("--frobnicate")));
    assert_status(TW_EUSAGE, PARSE(W("release"), W("x"), W("-Z")));
    assert_status(TW_EUSAGE, PARSE(W("release")));
    assert_status(TW_EUSAGE, PARSE(W("release"), W("x"), W("y")));
    assert_status(TW_EUSAGE, PARSE(W("release"), W("x"), W("--dir")));
    assert_status(TW_EUSAGE, PARSE(W("release"), W("x"), W("--insecure=yes")));
    assert_status(TW_EUSAGE, PARSE(W("release"), W("x"), W("--dir"), W("a"), W("--dir"), W("b")));
    assert_ok(PARSE(W("release"), W("--help")));
    assert_true(args.help);
}

#define REFUSED(hint_text, ...)                                                                                        \
    do {                                                                                                               \
        assert_status(TW_EUSAGE, PARSE(__VA_ARGS__));                                                                  \
        assert_string_equal(hint_text, cx->err.hint);                                                                  \
    } while (0)

TEST(parse__says_what_is_wrong_and_what_may_be_meant)
{
    REFUSED("did you mean --insecure", W("release"), W("x"), W("--insecur"));
    REFUSED("did you mean --insecure", W("release"), W("x"), W("--isnecure"));
    REFUSED("did you mean --dir", W("release"), W("x"), W("--dri=a"));
    assert_string_equal("release: no option --dri", cx->err.msg);
    REFUSED("twinward release --help", W("release"), W("x"), W("--frobnicate"));
    REFUSED("twinward release --help", W("release"), W("x"), W("--dir"));
    assert_string_equal("release: --dir wants DIR", cx->err.msg);
    REFUSED("twinward synth --help", W("synth"), W("-o"));
    assert_string_equal("synth: --out wants DIR", cx->err.msg);
    REFUSED("twinward release --help", W("release"), W("x"), W("--json=1"));
    assert_string_equal("release: --json takes no argument", cx->err.msg);
    REFUSED("twinward release --help", W("release"), W("x"), W("-qZ"));
    assert_string_equal("release: no option -Z", cx->err.msg);
    REFUSED("--dir=--insecure, if that is meant", W("release"), W("x"), W("--dir"), W("--insecure"));
    REFUSED("twinward release --help", W("release"));
    REFUSED("twinward init --help", W("init"), W("x"));
}

TEST(parse__says_which_command_may_be_meant)
{
    REFUSED("did you mean: twinward stop", W("stpo"), W("x"));
    REFUSED("did you mean: twinward consent set", W("consnt"), W("set"));
    REFUSED("did you mean: twinward project approve", W("project"), W("aprove"), W("x"));
    REFUSED("twinward help consent", W("consent"));
    assert_string_equal("consent goes with one of: set, dry-run, decide", cx->err.msg);
    REFUSED("twinward help", W("frobnicate"));
    REFUSED("twinward COMMAND --json", W("--json"), W("version"));
    assert_status(TW_EUSAGE, PARSE(NULL));
    assert_status(TW_EUSAGE, PARSE(W("")));
}

TEST(parse__a_shortened_option_is_not_taken_even_when_only_one_fits)
{
    assert_status(TW_EUSAGE, PARSE(W("release"), W("x"), W("--researc"), W("lab")));
    assert_status(TW_EUSAGE, PARSE(W("release"), W("x"), W("--researc=lab")));
    assert_status(TW_EUSAGE, PARSE(W("release"), W("x"), W("--verb")));
    assert_ok(PARSE(W("release"), W("x"), W("--researcher=lab"), W("--verbose")));
    assert_true(args.verbose);
}

TEST(parse__ends_options_at_two_minuses_and_takes_values_that_look_like_options_after_an_equals_sign)
{
    assert_ok(PARSE(W("release"), W("--quiet"), W("--"), W("--json")));
    assert_false(args.json);
    assert_string_equal("--json", args.arg[0]);
    assert_ok(PARSE(W("release"), W("--dir=--json"), W("x")));
    assert_string_equal("--json", tw_cli_get(&args, "dir"));
    assert_ok(PARSE(W("collect"), W("-qv"), W("a"), W("b")));
    assert_true(args.quiet && args.verbose);
    assert_ok(PARSE(W("synth"), W("-ox")));
    assert_string_equal("x", tw_cli_get(&args, "out"));
    assert_null(tw_cli_get(&args, "seed"));
    assert_false(tw_cli_has(&args, "from-psa"));
}

TEST(parse__refuses_bytes_that_are_no_text)
{
    assert_status(TW_EUSAGE, PARSE(W("release"), W("\xff")));
    assert_string_equal("word 2 of the command line is not UTF-8", cx->err.msg);
    assert_ok(PARSE(W("release"), W("\xc3\xa9")));
}

TEST(parse__gives_help_for_a_group_and_in_spite_of_missing_arguments)
{
    assert_ok(PARSE(W("consent"), W("--help")));
    assert_null(args.command);
    assert_string_equal("consent", args.group);
    assert_ok(PARSE(W("release"), W("-h")));
    assert_string_equal("release", args.command->name);
    assert_true(args.help);
}

TEST(number__keeps_to_its_bounds)
{
    uint64_t n;
    assert_ok(PARSE(W("synth"), W("--patients"), W("11")));
    assert_status(TW_EUSAGE, tw_cli_number(cx, &n, &args, "patients", 1, 1, 10));
    assert_string_equal("--patients wants 1 to 10", cx->err.msg);
    assert_ok(tw_cli_number(cx, &n, &args, "patients", 1, 1, 11));
    assert_ok(tw_cli_number(cx, &n, &args, "seed", 5, 0, 9));
    assert_int_equal(5, n);
    assert_ok(PARSE(W("synth"), W("--patients=-1")));
    assert_status(TW_EUSAGE, tw_cli_number(cx, &n, &args, "patients", 1, 0, UINT64_MAX));
}

TEST(distance__counts_edits)
{
    assert_int_equal(0, tw_cli_distance("open", "open"));
    assert_int_equal(1, tw_cli_distance("opn", "open"));
    assert_int_equal(3, tw_cli_distance("kitten", "sitting"));
    const char *const words[] = { "release", "report", "open" };
    assert_string_equal("release", tw_cli_nearest("relaese", words, 3));
    assert_null(tw_cli_nearest("zebra", words, 3));
    assert_int_equal(4, tw_cli_distance("", "open"));
    assert_int_equal(4, tw_cli_distance("open", ""));
    char lengthy[100];
    memset(lengthy, 'a', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = '\0';
    assert_true(tw_cli_distance("a", lengthy) == SIZE_MAX);
    assert_int_equal(98, tw_cli_distance(lengthy, "a"));
}

TEST(table__every_command_has_words_for_a_person_and_no_option_is_named_twice)
{
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++) {
        assert_non_null(c->run);
        assert_true(strlen(c->summary) > 10);
        for (const tw_cli_opt *o = c->opt; o->name; o++) {
            assert_true(strlen(o->help) > 3);
            for (const tw_cli_opt *p = c->opt; p != o; p++)
                assert_string_not_equal(p->name, o->name);
            for (const tw_cli_opt *p = tw_cli_common; p->name; p++) {
                assert_string_not_equal(p->name, o->name);
                assert_true(!o->letter || o->letter != p->letter);
            }
        }
    }
}
