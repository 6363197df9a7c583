#include "test.h"

#include "text/text_internal.h"
#include "text_test.h"

static const text_test_weight weights[] = {
    { "ds=00", 0, 3 }, /* a note without dates, titles, kin */
    { "w=(unknown)", 1, 6 }, /* a word that no list holds is a name */
    { "w=(year)", 2, 6 },
    { "w=;", 1, 9 },
    { "S=Xxx", 6, 2.5f }, /* with less chance an organisation */
};

static tw_str found(double threshold, const char *text, unsigned finders)
{
    tw_bytes file = text_test_model(cx, threshold, text_test_english, TW_COUNT(text_test_english), weights,
                                    TW_COUNT(weights));
    return text_test_found(cx, file, text, finders);
}

TEST(kinds_have_names)
{
    assert_string_equal("NAME", tw_text_kind_name(TW_TEXT_NAME));
    assert_string_equal("AGE", tw_text_kind_name(TW_TEXT_AGE));
    assert_null(tw_text_kind_name(TW_TEXT_KINDS));
}

TEST(the_crf_marks_runs_of_one_label)
{
    assert_str("NAME:Zzyx Qwert|DATE:1999", found(0, "the Zzyx Qwert was here in 1999 today", TW_TEXT_CRF));
}

TEST(punctuation_belongs_to_a_mark_only_inside)
{
    assert_str("NAME:Zzyx;Qwert", found(0, "the ; Zzyx;Qwert; was", TW_TEXT_CRF));
    assert_str("", found(0, "the ; was ;;", TW_TEXT_CRF));
}

TEST(a_threshold_marks_what_the_best_labelling_leaves_out)
{
    /* "May": outside 3, ORG 2.5, so that the chance of being outside is .52. */
    assert_str("", found(0, "the May was here", TW_TEXT_CRF));
    assert_str("", found(.5, "the May was here", TW_TEXT_CRF));
    assert_str("ORG:May", found(.4, "the May was here", TW_TEXT_CRF));
}

/* In a long note in which nothing is sure a name must be rather in than out; one sure name is enough for the rest. */
TEST(where_nothing_is_sure_more_is_asked_of_a_name)
{
    static const char plain[] = "the was here the was here the was here the was here the was here the was here ";
    const char *may = "here May was here the was here the was here the was here the was here the was here";
    assert_str("ORG:May", found(.4, may, TW_TEXT_CRF));
    assert_str("", found(.4, tw_strf(cx->arena, "%s%s%s", plain, plain, may).p, TW_TEXT_CRF));
    const char *both = tw_strf(cx->arena, "%s%sZzyx;Qwert %s", plain, plain, may).p;
    assert_str("NAME:Zzyx;Qwert|ORG:May", found(.4, both, TW_TEXT_CRF));
}

/* Spans are bytes of the note that was given, not of its normal form. */
TEST(spans_are_of_the_note_as_it_stands)
{
    assert_str("NAME:Zz\u200byx", found(0, "the\u00a0\u00a0Zz\u200byx was", TW_TEXT_CRF));
    assert_str("NAME:O\u2019Neil", found(0, "\u201cDr. O\u2019Neil\u201d was", TW_TEXT_CUES));
    assert_str("NAME:Jose\u0301", found(0, "the Jose\u0301 was", TW_TEXT_CRF));
}

TEST(marks_that_overlap_are_one_span_of_the_better_kind)
{
    /* The cue says ID, the CRF sees a year. */
    assert_str("DATE:1999", found(0, "MRN: 1999", TW_TEXT_CRF));
    assert_str("ID:1999-44", found(0, "MRN: 1999-44", TW_TEXT_CRF | TW_TEXT_CUES));
}

TEST(a_number_with_a_point_goes_as_a_whole)
{
    assert_str("DATE:4.1999", found(0, "was 4.1999 here", TW_TEXT_CRF));
    assert_str("DATE:1999.25", found(0, "was 1999.25 here", TW_TEXT_CRF));
    assert_str("DATE:1999", found(0, "was here in 1999. 25 was", TW_TEXT_CRF));
}

TEST(a_model_without_weights_marks_nothing_by_the_crf)
{
    tw_bytes file = text_test_model(cx, .5, text_test_english, TW_COUNT(text_test_english), NULL, 0);
    assert_str("", text_test_found(cx, file, "Zzyx Qwert", TW_TEXT_CRF));
}

TEST(text_that_is_no_utf8_is_refused)
{
    assert_str("TW_EPARSE", found(0, "Dr. \xff", 0));
}

/* Longer than the scores that wait at once: the same words get the same labels everywhere. */
TEST(long_notes_are_labelled_throughout)
{
    tw_text_model m;
    tw_text_work *w;
    tw_text_span *span;
    size_t count;
    tw_buf b;
    tw_bytes file = text_test_model(cx, .5, text_test_english, TW_COUNT(text_test_english), weights,
                                    TW_COUNT(weights));
    tw_buf_init(&b, TW_MIB);
    for (int i = 0; i < 3000; i++)
        tw_buf_cstr(&b, i % 7 ? "the Zzyx was " : "the Zzyx was\n");
    assert_ok(model_read(cx, &m, file));
    assert_ok(tw_text_work_new(cx, &w, &m));
    tw_text_opts opts = { .model = &m };
    assert_ok(tw_text_find(cx, &span, &count, w, tw_str_of_bytes(tw_buf_view(&b)), &opts));
    assert_int_equal(3000, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(13 * i + 4, span[i].start);
        assert_int_equal(13 * i + 8, span[i].end);
        assert_true(span[i].found_by & TW_TEXT_CRF);
    }
    tw_text_work_free(w);
    tw_text_work_free(NULL);
    model_done(&m);
    tw_buf_done(&b);
}

TEST(a_note_that_does_not_fit_is_refused)
{
    tw_text_model m;
    tw_text_work *w;
    tw_bytes file = text_test_model(cx, .5, text_test_english, TW_COUNT(text_test_english), weights,
                                    TW_COUNT(weights));
    assert_ok(model_read(cx, &m, file));
    assert_ok(tw_text_work_new(cx, &w, &m));
    char *text = tw_arena_get(cx->arena, 100000);
    memset(text, '.', 100000);
    for (size_t room = 16 * TW_KIB; room < 32 * TW_MIB; room *= 2) {
        tw_ctx small;
        tw_text_span *span;
        size_t count;
        tw_text_opts opts = { .model = &m };
        tw_ctx_init(&small, room, NULL);
        tw_status s = tw_text_find(&small, &span, &count, w, (tw_str){ text, 100000 }, &opts);
        assert_true(s == TW_OK || s == TW_ELIMIT);
        assert_true(s == TW_ELIMIT || room > 100000);
        tw_ctx_done(&small);
    }
    tw_text_work_free(w);
    model_done(&m);
}
