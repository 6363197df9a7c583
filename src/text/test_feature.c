#include "test.h"

#include "text/text_internal.h"
#include "text_test.h"

typedef struct {
    tw_map *piece; /* hash to its text */
    unsigned most; /* attributes of a token */
    bool hidden;
    tw_str of; /* attributes of the token `at`, joined by blanks */
    uint32_t at;
} listener;

static void hear(void *self, uint64_t hash, tw_str text)
{
    listener *l = self;
    tw_str *s = tw_new(cx->arena, tw_str);
    *s = tw_str_dup(cx->arena, text);
    assert_int_equal(text_hash(text), hash);
    assert_true(tw_map_put(l->piece, (tw_bytes){ (const uint8_t *)&hash, sizeof hash }, s));
}

static bool hide(void *self)
{
    const listener *l = self;
    return l->hidden;
}

/* What the trainer is given in text has the hash that the engine looks up. */
static void each(void *self, uint32_t token, const text_feature *f, unsigned count)
{
    listener *l = self;
    l->most = TW_MAX(l->most, count);
    for (unsigned i = 0; i < count; i++) {
        tw_str s = tw_str_of(feature_name(f[i].name));
        for (unsigned k = 0; k < f[i].pieces; k++) {
            const tw_str *p = tw_map_get(l->piece, (tw_bytes){ (const uint8_t *)&f[i].piece[k], 8 });
            assert_non_null(p);
            s = tw_strf(cx->arena, TW_FMT "%c" TW_FMT, TW_ARG(s), k ? '|' : '=', TW_ARG(*p));
        }
        assert_int_equal(feature_hash(s), f[i].hash);
        if (token == l->at)
            l->of = tw_strf(cx->arena, TW_FMT " " TW_FMT, TW_ARG(l->of), TW_ARG(s));
    }
}

static listener listen(const char *text, uint32_t at, bool hidden)
{
    tw_text_model m;
    text_note note;
    text_token *t;
    text_view v;
    uint32_t count;
    text_marks marks = { 0 };
    listener l = { .piece = tw_map_new(100000), .hidden = hidden, .at = at };
    const feature_ear ear = { hear, hide, &l };
    assert_ok(model_read(cx, &m, text_test_model(cx, 0, text_test_english, TW_COUNT(text_test_english), NULL, 0)));
    assert_ok(note_make(cx, &note, tw_str_of(text)));
    assert_ok(note_tokens(cx, &t, &count, &note));
    assert_ok(view_make(cx, &v, &m, &note, t, count, &marks));
    assert_ok(features_of(cx, &v, each, &l, &ear));
    model_done(&m);
    return l;
}

static bool has(const listener *l, const char *attribute)
{
    tw_str padded = tw_strf(cx->arena, TW_FMT " ", TW_ARG(l->of));
    return tw_str_find(padded, tw_strf(cx->arena, " %s ", attribute)) != SIZE_MAX;
}

TEST(words_of_lists_have_an_identity_and_no_others)
{
    listener l = listen("the Zhoubert was here", 1, false);
    assert_true(has(&l, "w=(unknown)") && has(&l, "w-1=the") && has(&l, "w+1=was"));
    assert_true(has(&l, "p3=zho") && has(&l, "x3=ert") && has(&l, "s=Xx") && has(&l, "S=Xxxxxx"));
    for (size_t i = 0; i < tw_map_count(l.piece); i++) {
        tw_bytes key;
        const tw_str *s = tw_map_at(l.piece, i, &key);
        assert_true(tw_str_find(*s, TW_STR("zhou")) == SIZE_MAX && tw_str_find(*s, TW_STR("Zhou")) == SIZE_MAX);
    }
    tw_map_free(l.piece);
}

TEST(a_hidden_word_is_hidden_in_every_window)
{
    listener l = listen("the pain was here", 2, true);
    assert_true(has(&l, "w=(unknown)") && has(&l, "w-1=(unknown)") && has(&l, "w+1=(unknown)"));
    assert_true(has(&l, "w-1w=(unknown)|(unknown)"));
    tw_map_free(l.piece);
}

TEST(ranks_and_lists_are_attributes)
{
    listener l = listen("the Ann Parkinson", 1, false);
    assert_true(has(&l, "l=20x") && has(&l, "l+1=02vmx") && has(&l, "l-1=00vca"));
    tw_map_free(l.piece);
}

TEST(the_key_of_a_line_reaches_over_its_value_and_no_line_further)
{
    listener l = listen("Patient name: Zhou, Ann\nhere", 3, false);
    assert_true(has(&l, "k=key_name|1"));
    tw_map_free(l.piece);
    l = listen("Patient name: Zhou, Ann\nhere", 5, false);
    assert_true(has(&l, "k=key_name|3"));
    tw_map_free(l.piece);
    l = listen("Patient name: Zhou, Ann\nhere", 6, false);
    assert_true(tw_str_find(l.of, TW_STR(" k=")) == SIZE_MAX);
    tw_map_free(l.piece);
}

TEST(a_word_that_follows_a_title_elsewhere_is_told)
{
    listener l = listen("Zhou was here. Dr. Zhou is here", 0, false);
    assert_true(tw_str_find(l.of, TW_STR(" t=")) != SIZE_MAX);
    tw_map_free(l.piece);
    l = listen("Zhou was here. Dr. Lee is here", 0, false);
    assert_true(tw_str_find(l.of, TW_STR(" t=")) == SIZE_MAX);
    tw_map_free(l.piece);
}

TEST(pieces_never_hold_what_parts_attributes)
{
    listener l = listen("a=b|c\td\x01 e", 1, false);
    assert_true(has(&l, "w=(eq)") && has(&l, "w+2=(bar)"));
    for (size_t i = 0; i < tw_map_count(l.piece); i++) {
        tw_bytes key;
        const tw_str *s = tw_map_at(l.piece, i, &key);
        for (size_t k = 0; k < s->n; k++)
            assert_true((uint8_t)s->p[k] > ' ' && s->p[k] != '=' && s->p[k] != '|');
    }
    tw_map_free(l.piece);
}

TEST(no_token_has_more_attributes_than_there_is_room_for)
{
    static const char *const pieces[] = { "Dr. ", "Ann ", "Zhou", "-", "\n", "Patient name: ", "12 ", "MD ", ", ", "é ",
                                          "MRN: ", "a1 ", "seen by ", "漢 ", "pt. ", "w/ ", "PAIN ", "daughter " };
    for (int round = 0; round < 60; round++) {
        tw_buf b;
        tw_buf_init(&b, 4096);
        for (uint64_t n = tw_test_below(60); n > 0; n--)
            tw_buf_cstr(&b, pieces[tw_test_below(TW_COUNT(pieces))]);
        tw_buf_u8(&b, 0);
        listener l = listen((const char *)b.p, UINT32_MAX, tw_test_below(2) == 0);
        assert_true(l.most <= FEATURES_MAX);
        tw_map_free(l.piece);
        tw_buf_done(&b);
    }
}
