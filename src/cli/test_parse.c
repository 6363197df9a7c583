#include "test.h"

#include "cli/commands.h"
#include "cli/errors.h"

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
    assert_ok(tw_cli_number(cx, &n, &args, "dir", 1, 0, 9) == TW_EUSAGE ? TW_OK : TW_EFAILED);
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

TEST(distance__counts_edits)
{
    assert_int_equal(0, tw_cli_distance("open", "open"));
    assert_int_equal(1, tw_cli_distance("opn", "open"));
    assert_int_equal(3, tw_cli_distance("kitten", "sitting"));
    const char *const words[] = { "release", "report", "open" };
    assert_string_equal("release", tw_cli_nearest("relaese", words, 3));
    assert_null(tw_cli_nearest("zebra", words, 3));
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
        }
    }
}

TEST(errors__have_a_code_each)
{
    char a[8];
    char b[8];
    for (int s = 1; s <= TW_EFOREIGN; s++) {
        tw_error_code(a, (tw_status)s);
        tw_error_code(b, (tw_status)(s - 1));
        assert_string_not_equal(a, b);
    }
    tw_error_code(a, TW_EREFUSED);
    assert_string_equal("TW1030", a);
}
