#include "test.h"

#include "text/text_internal.h"

static text_note note_of(const char *s)
{
    text_note note;
    assert_ok(note_make(cx, &note, tw_str_of(s)));
    return note;
}

TEST(plain_ascii_is_its_own_normal_form)
{
    const char *s = "Seen by Dr. O'Neil-Smith, 3/4.";
    text_note note = note_of(s);
    assert_ptr_equal(note.norm.p, s);
    assert_null(note.map);
    assert_str("seen by dr. o'neil-smith, 3/4.", note.lower);
}

TEST(characters_that_look_plain_become_plain)
{
    text_note note = note_of("Ann\u00a0Lee\u2019s \u201cMRN\u201d\u2009\uff11\uff12\u20113\u200b4\u00ad5");
    assert_str("Ann Lee's \"MRN\" 12-345", note.norm);
}

TEST(a_letter_and_its_mark_become_one_letter)
{
    text_note note = note_of("Jose\u0301 Nun\u0303ez Mu\u0308ller x\u0301");
    assert_str("José Nuñez Müller x\u0301", note.norm);
    assert_str("josé nuñez müller x\u0301", note.lower);
}

TEST(the_map_leads_back_to_the_bytes_of_the_note)
{
    const char *s = "a\u00a0\u200bb\u2019e\u0301z";
    text_note note = note_of(s);
    static const uint32_t want[] = { 0, 1, 6, 7, 10, 10, 13, 14 };
    assert_str("a b'éz", note.norm);
    assert_memory_equal(want, note.map, sizeof want);
}

TEST(small_letters_have_as_many_bytes)
{
    assert_str("äöüß ñç ÿ łž иван αβγ İı", note_of("ÄÖÜß ÑÇ Ÿ ŁŽ ИВАН ΑΒΓ İı").lower);
}

TEST(what_is_no_utf8_or_too_long_is_refused)
{
    text_note note;
    assert_status(TW_EPARSE, note_make(cx, &note, TW_STR("Ann \xff Lee")));
    assert_status(TW_EPARSE, note_make(cx, &note, TW_STR("Ann \xc3")));
    assert_null(strstr(cx->err.msg, "Ann"));
    assert_status(TW_ELIMIT, note_make(cx, &note, (tw_str){ "", TW_TEXT_BYTES_MAX + 1 }));
}

typedef struct {
    const char *text;
    uint8_t cls, cased;
    bool line_start, space_before;
} want_token;

static void check(const char *s, const want_token *want, uint32_t wants)
{
    text_note note = note_of(s);
    text_token *t;
    uint32_t count;
    assert_ok(note_tokens(cx, &t, &count, &note));
    assert_int_equal(wants, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_str(want[i].text, ((tw_str){ note.norm.p + t[i].start, t[i].end - t[i].start }));
        assert_int_equal(want[i].cls, t[i].cls);
        assert_int_equal(want[i].cased, t[i].cased);
        assert_int_equal(want[i].line_start, t[i].line_start);
        assert_int_equal(want[i].space_before, t[i].space_before);
    }
}

TEST(words_numbers_and_marks_are_tokens)
{
    static const want_token want[] = {
        { "Élan", TOKEN_WORD, 1, true, true },     { "MRN", TOKEN_WORD, 2, false, true },
        { "#", TOKEN_PUNCT, 0, false, true },      { "12", TOKEN_NUMBER, 0, false, false },
        { "-", TOKEN_PUNCT, 0, false, false },     { "4a", TOKEN_MIXED, 0, false, false },
        { "McLean", TOKEN_WORD, 3, true, true },   { "'", TOKEN_PUNCT, 0, false, false },
        { "s", TOKEN_WORD, 0, false, false },      { "X", TOKEN_WORD, 1, false, true },
        { "º", TOKEN_PUNCT, 0, false, false },
    };
    check("Élan MRN #12-4a\r\n McLean's X\u00ba", want, TW_COUNT(want));
}

TEST(an_empty_note_has_no_tokens)
{
    check("", NULL, 0);
    check(" \n\t\r\n ", NULL, 0);
}

/* Any text: the map never goes back, tokens do not overlap and leave out blanks alone. */
TEST(tokens_cover_all_but_blanks_of_any_text)
{
    static const char *const pieces[] = { "a", "Z", "9", " ", "\n", "é", "É", "e\u0301", "\u00a0", "\u2019", "\u200b",
                                          "-", "\uff15", "\u0301", "漢", "😀", "Ж", "\u00ad", "º", "\t" };
    for (int round = 0; round < 2000; round++) {
        tw_buf b;
        text_token *t;
        uint32_t count;
        tw_buf_init(&b, 4096);
        for (uint64_t n = tw_test_below(40); n > 0; n--)
            tw_buf_cstr(&b, pieces[tw_test_below(TW_COUNT(pieces))]);
        text_note note;
        assert_ok(note_make(cx, &note, tw_str_of_bytes(tw_buf_view(&b))));
        assert_ok(note_tokens(cx, &t, &count, &note));
        assert_int_equal(note.norm.n, note.lower.n);
        assert_true(tw_utf8_valid(note.norm) && tw_utf8_valid(note.lower));
        for (size_t i = 0; note.map && i < note.norm.n; i++)
            assert_true(note.map[i] <= note.map[i + 1]);
        if (note.map)
            assert_int_equal(b.n, note.map[note.norm.n]);
        uint32_t at = 0;
        for (uint32_t i = 0; i <= count; i++) {
            uint32_t to = i < count ? t[i].start : (uint32_t)note.norm.n;
            assert_true(at <= to);
            for (; at < to; at++)
                assert_non_null(strchr(" \n\t", note.norm.p[at]));
            at = i < count ? t[i].end : at;
            assert_true(i == count || t[i].end > t[i].start);
        }
        tw_buf_done(&b);
    }
}
