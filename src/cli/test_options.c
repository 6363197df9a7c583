#include "test.h"

#include "cli/commands.h"

static tw_cli_args args;

static void parse(char *const *word, int count)
{
    char *argv[16];
    memcpy(argv, word, (size_t)count * sizeof *argv);
    argv[count] = NULL;
    assert_ok(tw_cli_parse(cx, &args, count, argv));
}
#define W(text) ((char *)(uintptr_t)(text))
#define PARSE(...) parse((char *[]){ __VA_ARGS__ }, (int)TW_COUNT(((char *[]){ __VA_ARGS__ })))

static tw_policy policy_of_args(bool *given)
{
    tw_policy p;
    assert_ok(tw_cli_policy(cx, &p, given, &args));
    return p;
}

TEST(policy__terms_stand_for_a_permission_over_all_categories)
{
    bool given;
    PARSE(W("consent"), W("set"), W("ada"), W("--permit"), W("HMB"));
    tw_policy p = policy_of_args(&given);
    assert_true(given);
    assert_int_equal(TW_DUO_HMB, p.permission);
    assert_int_equal(TW_CONSENT_ACTIVE, p.status);
    assert_int_equal(TW_CAT_ALL, p.categories);
    PARSE(W("consent"), W("set"), W("ada"), W("--deny"));
    p = policy_of_args(&given);
    assert_true(given);
    assert_int_equal(TW_CONSENT_INACTIVE, p.status);
    PARSE(W("consent"), W("set"), W("ada"));
    p = policy_of_args(&given);
    assert_false(given);
}

TEST(policy__terms_that_need_more_than_a_word_are_refused)
{
    bool given;
    tw_policy p;
    static const char *const wrong[] = { "DS", "hmb", "", "HMBX" };
    for (size_t i = 0; i < TW_COUNT(wrong); i++) {
        PARSE(W("consent"), W("set"), W("ada"), W("--permit"), W(wrong[i]));
        assert_status(TW_EUSAGE, tw_cli_policy(cx, &p, &given, &args));
    }
    PARSE(W("consent"), W("set"), W("ada"), W("--permit"), W("HMB"), W("--deny"));
    assert_status(TW_EUSAGE, tw_cli_policy(cx, &p, &given, &args));
}

TEST(names__are_split_at_commas_and_none_is_empty)
{
    const char *const *name;
    size_t count;
    assert_ok(tw_cli_names(cx, &name, &count, "north, river,hill"));
    assert_int_equal(3, count);
    assert_string_equal("river", name[1]);
    assert_string_equal("hill", name[2]);
    static const char *const wrong[] = { "a,,b", ",a", " , ", "" };
    for (size_t i = 0; i < TW_COUNT(wrong); i++)
        assert_status(TW_EUSAGE, tw_cli_names(cx, &name, &count, wrong[i]));
}

TEST(ids__are_shown_by_their_first_twelve_digits)
{
    tw_id id = { { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd } };
    assert_string_equal("0123456789ab", tw_cli_short(cx, &id));
}
