#include "pattern_internal.h"

#include "test.h"

static const uint8_t key[32] = { 1, 2, 3 };
static const uint8_t other_key[32] = { 9, 9, 9 };

static tw_str surrogate(const char *text, tw_text_kind kind, const uint8_t *with, int32_t shift)
{
    tw_text_replace_opts opts = { TW_TEXT_SURROGATES, with, shift };
    tw_buf out;
    tw_buf_init(&out, TW_KIB);
    bool made = surrogate_write(&out, NULL, tw_str_of(text), kind, &opts);
    tw_str s = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&out)));
    tw_buf_done(&out);
    return made ? s : TW_STR("(none)");
}

/* Letters as 'a' or 'A', digits as '9'. */
static tw_str shape_of(tw_str s)
{
    char *out = tw_arena_get(cx->arena, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        out[i] = tw_is_digit(s.p[i]) ? '9' : ch_upper(s.p[i]) ? 'A' : ch_alpha(s.p[i]) ? 'a' : s.p[i];
    return (tw_str){ out, s.n };
}

TEST(dates_move_in_the_form_in_which_they_stand)
{
    static const char *const each[][2] = {
        /* ten days later */
        { "2021-03-04", "2021-03-14" },
        { "2021/3/4", "2021/3/14" },
        { "03/04/2021", "03/14/2021" },
        { "3/4/21", "3/14/21" },
        { "12/28/2020", "01/07/2021" },
        { "25/12/2020", "04/01/2021" },
        { "04.03.2021", "14.03.2021" },
        { "March 3rd, 2021", "March 13th, 2021" },
        { "March 22, 2021", "April 1, 2021" },
        { "Mar 22 '21", "Apr 1 '21" },
        { "MARCH 3, 2021", "MARCH 13, 2021" },
        { "3 Mar 21", "13 Mar 21" },
        { "10OCT2022", "20OCT2022" },
        { "21st of March 2021", "31st of March 2021" },
        { "12 de marzo de 2020", "22 de marzo de 2020" },
        { "25 de diciembre de 2020", "4 de enero de 2021" },
        { "Tuesday, March 2, 2021", "Friday, March 12, 2021" },
        { "20210304", "20210314" },
        { "20210304121530", "20210314121530" },
        { "04/26/2021 00:00", "05/06/2021 00:00" },
        { "2021-03-04T12:30:00Z", "2021-03-14T12:30:00Z" },
        { "March 2021", "March 2021" }, /* the middle of the month moved: below, as a tag */
        { "Mar 28", "Apr 7" },
        { "30.xi", "10.xii" },
    };
    for (size_t i = 0; i < TW_COUNT(each); i++) {
        tw_str got = surrogate(each[i][0], TW_TEXT_DATE, key, 10);
        if (strcmp(each[i][0], each[i][1]) == 0)
            assert_str("(none)", got);
        else
            assert_str(each[i][1], got);
    }
    assert_str("May 2021", surrogate("March 2021", TW_TEXT_DATE, key, 60));
    assert_str("05/2021", surrogate("03/2021", TW_TEXT_DATE, key, 60));
    assert_str("2020-12-25", surrogate("2021-03-04", TW_TEXT_DATE, key, -69));
}

TEST(dates_that_cannot_be_moved_become_tags)
{
    static const char *const each[] = { "Thanksgiving", "the 2nd Saturday in June", "Mar 15-19", "31-Jun", "9/20-22" };
    for (size_t i = 0; i < TW_COUNT(each); i++)
        assert_str("(none)", surrogate(each[i], TW_TEXT_DATE, key, 10));
    assert_str("(none)", surrogate("2021-03-04", TW_TEXT_DATE, key, 0));
    assert_str("(none)", surrogate("9999-12-31", TW_TEXT_DATE, key, 10));
}

TEST(a_person_has_one_name_by_its_parts)
{
    tw_str full = surrogate("Mary O'Neil", TW_TEXT_NAME, key, 0), first, last;
    assert_true(tw_str_split(&first, &full, ' '));
    last = full;
    assert_true(tw_str_eq(first, surrogate("Mary", TW_TEXT_NAME, key, 0)));
    assert_true(tw_str_eq(last, surrogate("O'Neil", TW_TEXT_NAME, key, 0)));
    tw_str turned = surrogate("O'Neil, Mary", TW_TEXT_NAME, key, 0);
    assert_true(tw_str_eq(turned, tw_strf(cx->arena, TW_FMT ", " TW_FMT, TW_ARG(last), TW_ARG(first))));
    assert_false(tw_str_eq(first, surrogate("Mary", TW_TEXT_NAME, other_key, 0)) &&
                 tw_str_eq(last, surrogate("O'Neil", TW_TEXT_NAME, other_key, 0)));
}

TEST(a_name_keeps_its_case_and_its_marks)
{
    tw_str upper = surrogate("HAVERFORD", TW_TEXT_NAME, key, 0), lower = surrogate("haverford", TW_TEXT_NAME, key, 0);
    assert_int_equal(upper.n, lower.n);
    for (size_t i = 0; i < upper.n; i++)
        assert_true(ch_upper(upper.p[i]) && upper.p[i] + 32 == lower.p[i]);
    assert_str("A.A.", shape_of(surrogate("J.S.", TW_TEXT_NAME, key, 0)));
    assert_str("AA", shape_of(surrogate("JS", TW_TEXT_NAME, key, 0)));
    assert_true(tw_str_starts(surrogate("van der Berg", TW_TEXT_NAME, key, 0), "van der "));
    assert_true(tw_str_ends(surrogate("Smith Jr", TW_TEXT_NAME, key, 0), " Jr"));
}

TEST(numbers_keep_their_shape_and_their_value_over_separators)
{
    assert_str("999-99-9999", shape_of(surrogate("738-72-2004", TW_TEXT_ID, key, 0)));
    assert_str("AA-999999", shape_of(surrogate("MR-066759", TW_TEXT_ID, key, 0)));
    assert_str("aaaa9", shape_of(surrogate("kpark7", TW_TEXT_ID, key, 0)).n == 6 ? TW_STR("aaaa9") : TW_STR("?"));
    tw_str a = surrogate("738-72-2004", TW_TEXT_ID, key, 0), b = surrogate("738722004", TW_TEXT_ID, key, 0);
    assert_str(tw_strf(cx->arena, "%.3s%.2s%.4s", a.p, a.p + 4, a.p + 7).p, b);
}

TEST(contacts_lead_nowhere)
{
    assert_true(tw_str_ends(surrogate("j.doe@mail.net", TW_TEXT_CONTACT, key, 0), "@example.org"));
    assert_true(tw_str_starts(surrogate("https://a.b.net/x", TW_TEXT_CONTACT, key, 0), "https://www.example.org/"));
    assert_true(tw_str_starts(surrogate("www.a.net", TW_TEXT_CONTACT, key, 0), "www.example.org/"));
    assert_true(tw_str_starts(surrogate("54.199.56.246", TW_TEXT_CONTACT, key, 0), "192.0.2."));
    assert_true(tw_str_starts(surrogate("2001:db9::1", TW_TEXT_CONTACT, key, 0), "2001:db8::"));
    tw_str phone = surrogate("(788) 423-0214 x12", TW_TEXT_CONTACT, key, 0);
    assert_str("(999) 999-9999 a99", shape_of(phone));
    assert_true(phone.p[15] == 'x');
    assert_true(memcmp(phone.p + 6, "555-01", 6) == 0);
    assert_str("9999", shape_of(surrogate("4417", TW_TEXT_CONTACT, key, 0)));
    assert_str("(none)", surrogate("oh seven seven", TW_TEXT_CONTACT, key, 0));
}

TEST(places_keep_their_words_of_kind)
{
    tw_str street = surrogate("714 Burton Square Apt 4", TW_TEXT_ADDRESS, key, 0);
    assert_true(tw_str_find(street, TW_STR(" Square Apt ")) != SIZE_MAX);
    assert_true(tw_str_find(street, TW_STR("Burton")) == SIZE_MAX);
    assert_str("99999-9999", shape_of(surrogate("71609-1234", TW_TEXT_ADDRESS, key, 0)));
    tw_str org = surrogate("Riverside Community Hospital", TW_TEXT_ORG, key, 0);
    assert_true(tw_str_ends(org, " Community Hospital") && !tw_str_starts(org, "Riverside"));
    assert_false(tw_str_is(surrogate("Memorial Hospital", TW_TEXT_ORG, key, 0), "Memorial Hospital"));
    assert_str("90+", surrogate("103", TW_TEXT_AGE, key, 0));
}

TEST(a_surrogate_is_never_the_value_itself)
{
    static const char *const values[] = { "Baxter", "Alma",     "fairmont", "7",   "K",
                                          "A1",     "555-0100", "x1",       "90+", "192.0.2.7" };
    for (unsigned i = 0; i < 400; i++)
        for (size_t v = 0; v < TW_COUNT(values); v++)
            for (int kind = 0; kind < TW_TEXT_KINDS; kind++) {
                uint8_t any[32] = { (uint8_t)i, (uint8_t)(i >> 8) };
                tw_str got = surrogate(values[v], (tw_text_kind)kind, any, 30);
                assert_false(tw_str_is(got, values[v]));
            }
}

static const char note[] = "Mary Doyle seen 03/04/2021 at Harbor VA.\nMRN 1234567; \xc3\xa9t\xc3\xa9.";
static const tw_text_span spans[] = {
    { 0, 10, TW_TEXT_NAME, 1 },
    { 16, 26, TW_TEXT_DATE, 1 },
    { 30, 39, TW_TEXT_ORG, 1 },
    { 45, 52, TW_TEXT_ID, 1 },
};

static tw_str replaced(tw_text_style style, int32_t shift)
{
    tw_text_replace_opts opts = { style, key, shift };
    tw_buf out;
    tw_buf_init(&out, TW_KIB);
    tw_text_replace(&out, NULL, tw_str_of(note), spans, TW_COUNT(spans), &opts);
    assert_false(out.failed);
    tw_str s = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&out)));
    tw_buf_done(&out);
    return s;
}

TEST(tags_stand_in_place_of_spans_and_the_rest_stays)
{
    assert_str("[NAME] seen [DATE] at [ORG].\nMRN [ID]; \xc3\xa9t\xc3\xa9.", replaced(TW_TEXT_TAGS, 10));
}

TEST(surrogates_stand_in_place_of_spans_and_the_rest_stays)
{
    tw_str got = replaced(TW_TEXT_SURROGATES, 10);
    assert_true(tw_str_find(got, TW_STR(" seen 03/14/2021 at ")) != SIZE_MAX);
    assert_true(tw_str_ends(got, "; \xc3\xa9t\xc3\xa9."));
    for (size_t i = 0; i < TW_COUNT(spans); i++)
        assert_true(tw_str_find(got, (tw_str){ note + spans[i].start, spans[i].end - spans[i].start }) == SIZE_MAX);
    assert_true(tw_str_eq(got, replaced(TW_TEXT_SURROGATES, 10)));
}

TEST(without_a_shift_dates_are_tags)
{
    assert_true(tw_str_find(replaced(TW_TEXT_SURROGATES, 0), TW_STR(" seen [DATE] at ")) != SIZE_MAX);
}

TEST(a_note_without_spans_is_itself)
{
    tw_text_replace_opts opts = { TW_TEXT_TAGS, NULL, 0 };
    tw_buf out;
    tw_buf_init(&out, TW_KIB);
    tw_text_replace(&out, NULL, tw_str_of(note), NULL, 0, &opts);
    assert_true(tw_str_is(tw_str_of_bytes(tw_buf_view(&out)), note));
    tw_buf_done(&out);
}

TEST(shifts_back_and_forth_give_the_date_again)
{
    for (unsigned i = 0; i < 500; i++) {
        int64_t y;
        unsigned m, d;
        tw_civil_from_days((int64_t)tw_test_below(60000) - 20000, &y, &m, &d);
        tw_str text = tw_strf(cx->arena, "%04lld-%02u-%02u", (long long)y, m, d);
        int32_t shift = 1 + (int32_t)tw_test_below(3000);
        tw_str there = surrogate(text.p, TW_TEXT_DATE, key, shift);
        assert_str(text.p, surrogate(tw_cstr(cx->arena, there), TW_TEXT_DATE, key, -shift));
    }
}
