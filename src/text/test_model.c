#include "test.h"

#include "page_test.h"
#include "text/text_internal.h"
#include "text_test.h"

static const text_test_word words[] = {
    { "patient", LEX_WORD | LEX_COMMON | TEXT_TEST_CUE(CUE_PATIENT) },
    { "ann", TEXT_TEST_GIVEN },
    { "seen by", TEXT_TEST_CUE(CUE_PERSON) },
    { "seen", LEX_WORD },
};
/* docs/formats/text-model.md shows this model. */
static const text_test_weight weights[] = { { "w=patient", 0, 2 }, { "s=Xx", 1, 1.5f }, { "w-1=seen", 3, -0.5f } };

static tw_bytes file_of(void)
{
    return text_test_model(cx, 0.2, words, TW_COUNT(words), weights, TW_COUNT(weights));
}

static uint32_t known(const tw_text_model *m, const char *word)
{
    return lexicon_get(&m->lexicon, text_hash(tw_str_of(word)));
}

TEST(a_model_file_is_read)
{
    tw_text_model m;
    assert_ok(model_read(cx, &m, file_of()));
    assert_string_equal("en", m.language);
    assert_true(m.threshold > 0.1999 && m.threshold < 0.2001);
    assert_int_equal(words[0].flags, known(&m, "patient"));
    assert_int_equal(LEX_WORD | LEX_PHRASE, known(&m, "seen"));
    assert_int_equal(2, LEX_GIVEN(known(&m, "ann")));
    assert_int_equal(0, known(&m, "anna"));
    uint64_t phrase = text_hash_fold(text_hash(TW_STR("seen")), text_hash(TW_STR("by")));
    assert_int_equal(CUE_PERSON, LEX_CUE(lexicon_get(&m.lexicon, phrase)));
    const float *shape = crf_row(&m.crf, feature_hash(TW_STR("s=Xx")));
    const float *before = crf_row(&m.crf, feature_hash(TW_STR("w-1=seen")));
    assert_true(shape[1] == 1.5f && shape[0] == 0 && shape[7] == 0);
    assert_true(before[3] == -0.5f && before[1] == 0);
    assert_null(crf_row(&m.crf, feature_hash(TW_STR("w-1=none"))));
    model_done(&m);
}

/* The example of the page is the file of this test. */
TEST(the_page_tells_the_truth)
{
    tw_bytes file = file_of(), page = page_hex("docs/formats/text-model.md", 0);
    assert_int_equal(file.n, page.n);
    assert_memory_equal(file.p, page.p, file.n);
}

TEST(a_model_cut_anywhere_is_refused)
{
    tw_bytes file = file_of();
    for (size_t n = 0; n < file.n; n++) {
        tw_text_model m;
        assert_status(TW_EPARSE, model_read(cx, &m, (tw_bytes){ file.p, n }));
    }
}

TEST(bytes_after_a_model_are_refused)
{
    tw_text_model m;
    tw_bytes file = file_of();
    uint8_t *longer = tw_arena_get(cx->arena, file.n + 1);
    memcpy(longer, file.p, file.n);
    assert_status(TW_EPARSE, model_read(cx, &m, (tw_bytes){ longer, file.n + 1 }));
    assert_status(TW_ELIMIT, model_read(cx, &m, (tw_bytes){ file.p, TW_TEXT_MODEL_BYTES_MAX + 1 }));
}

/* Offsets in the file of this test. */
enum {
    AT_LANGUAGE = 8 + 4,
    AT_THRESHOLD = AT_LANGUAGE + 2,
    AT_WORDS = AT_THRESHOLD + 8,
    AT_STEPS = AT_WORDS + 4 + 4 * 8,
    AT_ATTRIBUTES = AT_STEPS + 4 * CRF_LABELS * CRF_LABELS,
    AT_FIRST = AT_ATTRIBUTES + 4
};

static tw_status with(size_t at, const void *bytes, size_t n)
{
    tw_text_model m;
    tw_bytes file = tw_bytes_dup(cx->arena, file_of());
    uint8_t *p = tw_arena_get(cx->arena, file.n);
    memcpy(p, file.p, file.n);
    assert_true(at + n <= file.n);
    memcpy(p + at, bytes, n);
    tw_status s = model_read(cx, &m, (tw_bytes){ p, file.n });
    if (s == TW_OK)
        model_done(&m);
    return s;
}

TEST(what_no_packer_writes_is_refused)
{
    static const uint8_t nan[] = { 0x7f, 0xc0, 0, 0 }, large[] = { 0x47, 0, 0, 0 }, zero[8] = { 0 };
    tw_bytes file = file_of();
    assert_ok(with(AT_STEPS, "\0\0\0\0", 4));
    assert_status(TW_EPARSE, with(0, "X", 1));
    assert_status(TW_EPARSE, with(AT_LANGUAGE, "E", 1));
    assert_status(TW_EPARSE, with(AT_THRESHOLD, "\x00\x0f\x42\x40", 4));
    assert_status(TW_EPARSE, with(AT_WORDS, "\xff\xff\xff\xff", 4));
    assert_status(TW_EPARSE, with(AT_WORDS + 4, file.p + AT_WORDS + 12, 8)); /* a word twice */
    assert_status(TW_EPARSE, with(AT_WORDS + 4, zero, 8));
    assert_status(TW_EPARSE, with(AT_WORDS + 4 + 24, "\xff\xff\xff\xff\xff\xff\xff\xff", 8)); /* no such cue */
    assert_status(TW_EPARSE, with(AT_STEPS, nan, 4));
    assert_status(TW_EPARSE, with(AT_STEPS, large, 4));
    assert_status(TW_EPARSE, with(AT_ATTRIBUTES, "\xff\xff\xff\xff", 4));
    assert_status(TW_EPARSE, with(AT_FIRST, file.p + AT_FIRST + 13, 8)); /* an attribute twice */
    uint8_t swapped[26];
    memcpy(swapped, file.p + AT_FIRST + 13, 13);
    memcpy(swapped + 13, file.p + AT_FIRST, 13);
    assert_status(TW_EPARSE, with(AT_FIRST, swapped, sizeof swapped));
    assert_status(TW_EPARSE, with(AT_FIRST + 8, zero, 1));               /* without a label */
    assert_status(TW_EPARSE, with(AT_FIRST + 9, nan, 4));
}

TEST(memory_that_cannot_be_had_is_an_error)
{
    for (uint64_t n = 1; n <= 3; n++) {
        tw_text_model m;
        tw_bytes file = file_of();
        tw_mem_fail_at(n);
        assert_status(TW_ELIMIT, model_read(cx, &m, file));
        tw_mem_fail_at(0);
    }
}

TEST(every_class_of_cues_has_a_name)
{
    for (unsigned c = 0; c < CUES; c++) {
        assert_non_null(lexicon_cue_name((text_cue)c));
        for (unsigned d = 0; d < c; d++)
            assert_string_not_equal(lexicon_cue_name((text_cue)c), lexicon_cue_name((text_cue)d));
    }
    assert_null(lexicon_cue_name(CUES));
}

TEST(models_compiled_in_are_whole)
{
    tw_text_model *m;
    for (size_t i = 0; tw_text_model_language(i); i++) {
        uint8_t hash[32];
        assert_ok(tw_text_model_builtin(cx, &m, tw_str_of(tw_text_model_language(i))));
        tw_text_model_hash(hash, m);
        assert_memory_equal(hash, m->hash, sizeof hash);
        assert_string_equal(tw_text_model_language(i), m->language);
        assert_true(m->weighted);
        assert_true(m->strict > 0 && m->strict < m->threshold);
        tw_text_model_free(m);
    }
    assert_status(TW_ENOTFOUND, tw_text_model_builtin(cx, &m, TW_STR("xx")));
    tw_text_model_free(NULL);
}
