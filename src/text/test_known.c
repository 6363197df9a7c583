#include "pattern_internal.h"

#include "test.h"

typedef struct {
    tw_known_field field;
    const char *value;
} known_row;

static const known_row person[] = {
    { TW_KNOWN_GIVEN, "Mary-Jane" },
    { TW_KNOWN_FAMILY, "O'Neil-Haverford" },
    { TW_KNOWN_FULL, "Dr. Wilhelm van der Berg MD" },
    { TW_KNOWN_GIVEN, "William" },
    { TW_KNOWN_FAMILY, "Long" },
    { TW_KNOWN_DATE, "1957-03-04" },
    { TW_KNOWN_ID, "MR-066759" },
    { TW_KNOWN_ID, "738-72-2004" },
    { TW_KNOWN_PHONE, "+1 (788) 455-0214" },
    { TW_KNOWN_PHONE, "+44 7700 900211" },
    { TW_KNOWN_EMAIL, "cbibi@mail.net" },
    { TW_KNOWN_STREET, "714 Burton Square Apt 4" },
    { TW_KNOWN_CITY, "Port Lindsey" },
    { TW_KNOWN_CITY, "Yumouth" },
    { TW_KNOWN_ZIP, "71609-1234" },
    { TW_KNOWN_ORG, "Riverside Community Hospital" },
    { TW_KNOWN_GIVEN, "Jos\xc3\xa9" },
};

/* Braces: what is found, sure; the rest is not. */
static const char *const rows[] = {
    "{Mary} was here",
    "saw {Mary-Jane} today",
    "saw {MARY JANE} today",
    "saw {maryjane} today",
    "saw {Jane} today",
    "{O'Neil-Haverford}, {Mary-Jane} here",
    "{O'Neil}'s daughter",
    "Mrs {Haverford} here",
    "Mrs {Haverfrd} here",
    "Mrs {Havreford} here",
    "Mrs {Oneil} here",
    "Dr {van der Berg} here", /* the parts in one */
    "Dr {Berg} here",
    "{Wilhelm} here",
    "{Bill} and {Willie} are here",
    "Mr {Long} here, all night long",
    "Mr {W. Long} here",
    "{Long, W} here",
    "signed {J.L.}",
    "born {03/04/1957}.",
    "born {4 March 1957}.",
    "born {4.3.57}.",
    "born {19570304}.",
    "born {March 4}, she",
    "born 03/05/1957.",
    "MRN {066759}.",
    "MRN {MR066759}.",
    "MRN {MR 066-759}.",
    "MRN {66759}.",
    "MRN 0667591.",
    "SSN {738722004}, or",
    "SSN {738 72 2004}, or",
    "call {(788) 455-0214} now",
    "call {788.455.0214} now",
    "call {455-0214} now",
    "call {7884550214} now",
    "call {07700 900 211} now",
    "mail {cbibi@mail.net} now",
    "portal name {cbibi} now",
    "at {714 Burton Square Apt 4}.",
    "at {714 Burton} Sq.",
    "at {Burton Square} now",
    "to {Port Lindsey} now",
    "to {yumouth} now",
    "to {71609} now",
    "at {Riverside Community Hospital}.",
    "ask {Jose} or {jos\xc3\xa9}",
    "no such person here",
};

static tw_text_known *known_of(const known_row *values, size_t count)
{
    tw_text_known *k = tw_text_known_new();
    for (size_t i = 0; i < count; i++)
        assert_ok(tw_text_known_add(cx, k, values[i].field, tw_str_of(values[i].value)));
    assert_ok(tw_text_known_ready(cx, k));
    return k;
}

static void find(text_marks *marks, text_note *note, const tw_text_known *k, tw_str text)
{
    text_token *token;
    uint32_t count;
    *marks = (text_marks){ 0 };
    assert_ok(note_make(cx, note, text));
    assert_ok(note_tokens(cx, &token, &count, note));
    known_find(cx, marks, k, note, token, count);
}

static void check_row(const tw_text_known *k, const char *row)
{
    uint8_t want[256] = { 0 }, got[256] = { 0 };
    char text[256];
    size_t n = 0;
    uint8_t in = 0;
    text_marks marks;
    text_note note;
    for (const char *p = row; *p; p++) {
        if (*p == '{' || *p == '}') {
            in = *p == '{';
            continue;
        }
        want[n] = in;
        text[n++] = *p;
    }
    find(&marks, &note, k, (tw_str){ text, n });
    for (uint32_t i = 0; i < marks.n; i++) {
        assert_int_equal(TW_TEXT_KNOWN, marks.p[i].finder);
        if (marks.p[i].sure)
            memset(got + marks.p[i].start, 1, marks.p[i].end - marks.p[i].start);
    }
    for (size_t i = 0; i < n; i++)
        if (ch_word(text[i]) && want[i] != got[i])
            fail_msg("'%s': byte %zu, %s", row, i, got[i] ? "marked" : "not marked");
}

TEST(known_values_are_found_in_any_writing)
{
    tw_text_known *k = known_of(person, TW_COUNT(person));
    for (size_t i = 0; i < TW_COUNT(rows); i++)
        check_row(k, rows[i]);
    tw_text_known_free(k);
}

TEST(kinds_are_those_of_the_fields)
{
    static const struct {
        const char *text;
        tw_text_kind kind;
    } each[] = {
        { "Haverford", TW_TEXT_NAME },  { "1957-03-04", TW_TEXT_DATE },
        { "MR-066759", TW_TEXT_ID },    { "788-455-0214", TW_TEXT_CONTACT },
        { "Yumouth", TW_TEXT_ADDRESS }, { "Riverside Community Hospital", TW_TEXT_ORG },
    };
    tw_text_known *k = known_of(person, TW_COUNT(person));
    for (size_t i = 0; i < TW_COUNT(each); i++) {
        text_marks marks;
        text_note note;
        find(&marks, &note, k, tw_str_of(each[i].text));
        assert_int_equal(1, marks.n);
        assert_int_equal(each[i].kind, marks.p[0].kind);
    }
    tw_text_known_free(k);
}

TEST(a_plain_word_that_is_a_name_too_is_a_hint_in_lower_case)
{
    tw_text_known *k = known_of(person, TW_COUNT(person));
    text_marks marks;
    text_note note;
    find(&marks, &note, k, TW_STR("Slept all night long here"));
    assert_int_equal(1, marks.n);
    assert_false(marks.p[0].sure);
    tw_text_known_free(k);
}

TEST(values_that_are_too_short_are_passed_over)
{
    static const known_row tiny[] = { { TW_KNOWN_GIVEN, "J" }, { TW_KNOWN_ID, "12" },     { TW_KNOWN_PHONE, "123" },
                                      { TW_KNOWN_FAMILY, "" }, { TW_KNOWN_DATE, "1957" }, { TW_KNOWN_ID, "2019" } };
    tw_text_known *k = known_of(tiny, TW_COUNT(tiny));
    check_row(k, "J took 12 of 123 in 1957 and 2019");
    tw_text_known_free(k);
}

TEST(nothing_is_known_of_nobody)
{
    tw_text_known *k = known_of(NULL, 0);
    check_row(k, "Mary Jane 12345678");
    tw_text_known_free(k);
    k = tw_text_known_new(); /* not made ready: finds nothing */
    check_row(k, "Mary Jane 12345678");
    tw_text_known_free(k);
    tw_text_known_free(NULL);
}

TEST(a_value_that_is_too_long_or_no_text_is_refused)
{
    char long_value[2048];
    memset(long_value, 'a', sizeof long_value);
    tw_text_known *k = tw_text_known_new();
    assert_status(TW_ELIMIT, tw_text_known_add(cx, k, TW_KNOWN_GIVEN, (tw_str){ long_value, sizeof long_value }));
    assert_status(TW_EPARSE, tw_text_known_add(cx, k, TW_KNOWN_GIVEN, TW_STR("\xff\xfe")));
    tw_text_known_free(k);
}

TEST(too_many_values_are_refused_when_they_are_made_ready)
{
    tw_text_known *k = tw_text_known_new();
    for (unsigned i = 0; i < 20000; i++)
        assert_ok(tw_text_known_add(cx, k, TW_KNOWN_FAMILY, tw_strf(cx->arena, "Name%u", i)));
    assert_status(TW_ELIMIT, tw_text_known_ready(cx, k));
    tw_text_known_free(k);
}

TEST(words_are_near_when_one_letter_differs)
{
    static const struct {
        const char *a, *b;
        bool near;
    } each[] = {
        { "haverford", "haverford", true }, { "haverford", "haverfod", true },   { "haverford", "haverforrd", true },
        { "haverford", "haverfold", true }, { "haverford", "havreford", true },  { "haverford", "hvareford", false },
        { "haverford", "haverf", false },   { "haverford", "averforde", false }, { "abcdef", "abcfed", false },
    };
    for (size_t i = 0; i < TW_COUNT(each); i++)
        if (word_near(tw_str_of(each[i].a), tw_str_of(each[i].b)) != each[i].near)
            fail_msg("%s, %s", each[i].a, each[i].b);
}

TEST(words_are_folded_to_letters_without_accents)
{
    char out[FOLD_MAX];
    size_t n = word_fold(out, TW_STR("\xc3\x89\xc3\xb1\xc5\x81\xc4\x8d\xc3\x9f"
                                     "A"));
    assert_str("enlcsa", ((tw_str){ out, n }));
    char *wide = tw_arena_get(cx->arena, 200);
    memset(wide, 'a', 200);
    assert_int_equal(FOLD_MAX, word_fold(out, (tw_str){ wide, 200 }));
}
