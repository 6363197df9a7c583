#include "test.h"

#include "cli/errors.h"

#include "format/format.h"

static const char *text_of(tw_status s, tw_error_style style)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    tw_error_text(&b, cx, s, style);
    const char *text = tw_cstr(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return text;
}

static tw_str json_of(tw_status s)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    tw_error_json(&b, cx, s);
    tw_str text = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return text;
}

TEST(error__text_says_what_why_and_what_to_try)
{
    tw_status s = tw_fail(cx, TW_EREFUSED, "the project is not live");
    assert_string_equal("error[TW1030]: the project is not live\n"
                        "  why: refused by policy or consent\n"
                        "  help: twinward explain TW1030\n",
                        text_of(s, (tw_error_style){ false, false }));
    s = tw_hint(cx, "twinward project approve abcd --steward NAME");
    assert_string_equal("\033[31merror[TW1030]\033[0m: the project is not live\n"
                        "  why: refused by policy or consent\n"
                        "  try: twinward project approve abcd --steward NAME\n"
                        "  help: twinward explain TW1030\n",
                        text_of(s, (tw_error_style){ true, false }));
}

TEST(error__text_says_where_in_the_source_when_asked)
{
    tw_status s = tw_fail(cx, TW_EIO, "a");
    const char *text = text_of(s, (tw_error_style){ false, true });
    assert_non_null(strstr(text, "\n  at: "));
    assert_non_null(strstr(text, "test_errors.c:"));
    assert_null(strstr(text_of(s, (tw_error_style){ false, false }), "at:"));
}

TEST(error__json_is_one_line_of_the_same)
{
    tw_status s = tw_fail(cx, TW_EQUORUM, "2 of 4 \"keepers\"");
    s = tw_hint(cx, "later");
    tw_str text = json_of(s);
    assert_string_equal("{\"v\":1,\"error\":{\"code\":\"TW1070\",\"message\":\"2 of 4 \\\"keepers\\\"\","
                        "\"why\":\"quorum not reached\",\"hint\":\"later\",\"retryable\":true,\"exit\":7}}\n",
                        text.p);
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, text, NULL));
    s = tw_fail(cx, TW_EREFUSED, "no");
    assert_non_null(strstr(json_of(s).p, "\"retryable\":false"));
}

TEST(error__no_control_character_and_no_half_letter_comes_out)
{
    tw_status s = tw_fail(cx, TW_EPARSE,
                          "a\033[2Jb\nc\x7f\xc2\x9b"
                          "d\xc3\xa9");
    s = tw_hint(cx, "x\ty");
    assert_string_equal("error[TW1110]: a?[2Jb?c???d\xc3\xa9\n  why: malformed input\n  try: x?y\n"
                        "  help: twinward explain TW1110\n",
                        text_of(s, (tw_error_style){ false, false }));
    char longer[2 * sizeof cx->err.msg];
    memset(longer, 'a', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    memcpy(longer + sizeof cx->err.msg - 2, "\xc3\xa9", 2); /* cut between its bytes */
    s = tw_fail(cx, TW_EPARSE, "%s", longer);
    tw_str text = json_of(s);
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, text, NULL));
    assert_int_equal(sizeof cx->err.msg - 2, tw_json_text(cx, &d, tw_json_path(&d, 0, "error.message")).n);
}

TEST(errors__have_a_code_each_that_leads_back)
{
    for (int s = 0; s <= TW_EFOREIGN; s++) {
        char code[TW_ERROR_CODE_SIZE];
        tw_status found = TW_EFOREIGN;
        tw_error_code(code, (tw_status)s);
        assert_true(tw_error_find(&found, code));
        assert_int_equal(s, found);
        assert_true(strlen(tw_error_advice((tw_status)s)) > 10);
    }
    tw_status found;
    assert_true(tw_error_find(&found, "tw1030") && found == TW_EREFUSED);
    assert_true(tw_error_find(&found, "1030") && found == TW_EREFUSED);
    static const char *const wrong[] = { "",       "TW",      "TW0",     "TW999", "TW1031",
                                         "TW1990", "TW10300", "TW1030 ", "T1030", "TW18446744073709551615" };
    for (size_t i = 0; i < TW_COUNT(wrong); i++)
        assert_false(tw_error_find(&found, wrong[i]));
}

/* Scripts branch on these. */
TEST(errors__exit_codes_are_the_documented_ones)
{
    static const struct {
        tw_status s;
        int code;
    } want[] = { { TW_OK, 0 },        { TW_EFAILED, 1 }, { TW_EUSAGE, 2 },   { TW_EREFUSED, 3 },
                 { TW_ENOTFOUND, 4 }, { TW_EVERIFY, 5 }, { TW_ENET, 6 },     { TW_EQUORUM, 7 },
                 { TW_ECONFLICT, 8 }, { TW_ECONFIG, 9 }, { TW_EBUDGET, 10 }, { TW_EPARSE, 1 },
                 { TW_ELIMIT, 1 },    { TW_EIO, 1 },     { TW_ECRYPTO, 5 },  { TW_EFOREIGN, 1 } };
    assert_int_equal(TW_EFOREIGN + 1, TW_COUNT(want));
    for (size_t i = 0; i < TW_COUNT(want); i++)
        assert_int_equal(want[i].code, tw_status_exit(want[i].s));
}
