/** Small models of text for tests: word lists and weights given in the source. */
#ifndef TW_TEXT_TEST_H
#define TW_TEXT_TEST_H

#ifndef TW_TEXT_INTERNAL_H /* tests of the room have it by its path */
#include "text_internal.h"
#endif

typedef struct {
    const char *words; /* one, or a phrase: parted by blanks, small letters */
    uint32_t flags;
} text_test_word;

typedef struct {
    const char *attribute;
    unsigned label;
    float weight;
} text_test_weight;

#define TEXT_TEST_CUE(cue) ((uint32_t)(cue) << LEX_CUE_AT)
#define TEXT_TEST_GIVEN (2u << LEX_GIVEN_AT)
#define TEXT_TEST_FAMILY (2u << LEX_FAMILY_AT)

/* Puts e where it belongs; of one hash, flags are joined. */
static TW_UNUSED void text_test_put(uint64_t *entry, size_t *n, uint64_t hash, uint32_t flags)
{
    size_t i = 0;
    while (i < *n && entry[i] >> LEX_BITS < hash >> LEX_BITS)
        i++;
    if (i < *n && entry[i] >> LEX_BITS == hash >> LEX_BITS) {
        entry[i] |= flags;
        return;
    }
    memmove(entry + i + 1, entry + i, (*n - i) * sizeof *entry);
    entry[i] = hash >> LEX_BITS << LEX_BITS | flags;
    ++*n;
}

static TW_UNUSED void text_test_words(tw_buf *out, const text_test_word *word, size_t words)
{
    uint64_t entry[512];
    size_t n = 0;
    for (size_t i = 0; i < words; i++) {
        tw_str rest = tw_str_of(word[i].words), part;
        uint64_t h = 0, first = 0;
        for (bool begun = false; tw_str_split(&part, &rest, ' '); begun = true) {
            h = begun ? text_hash_fold(h, text_hash(part)) : text_hash(part);
            first = begun ? first : h;
        }
        TW_ASSERT(n + 2 < TW_COUNT(entry));
        if (h != first)
            text_test_put(entry, &n, first, LEX_PHRASE);
        text_test_put(entry, &n, h, word[i].flags);
    }
    tw_buf_u32(out, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        tw_buf_u64(out, entry[i]);
}

static TW_UNUSED void text_test_float(tw_buf *out, float w)
{
    uint32_t bits;
    memcpy(&bits, &w, sizeof bits);
    tw_buf_u32(out, bits);
}

/** A model file in the arena: "en", both operating points as given, steps all zero. Each attribute at most once. */
static TW_UNUSED tw_bytes text_test_model(tw_ctx *c, double threshold, const text_test_word *word, size_t words,
                                          const text_test_weight *weight, size_t weights)
{
    tw_buf b;
    tw_buf_init(&b, 64 * TW_KIB);
    tw_buf_cstr(&b, MODEL_MAGIC);
    tw_buf_var(&b, tw_bytes_of(TW_STR("en")));
    tw_buf_u32(&b, (uint32_t)(threshold * 1e6));
    tw_buf_u32(&b, (uint32_t)(threshold * 1e6));
    text_test_words(&b, word, words);
    for (unsigned i = 0; i < CRF_LABELS * CRF_LABELS; i++)
        text_test_float(&b, 0);
    tw_buf_u32(&b, (uint32_t)weights);
    uint64_t last = 0;
    for (size_t k = 0; k < weights; k++) {
        size_t next = weights; /* the smallest hash after the last one */
        for (size_t i = 0; i < weights; i++) {
            uint64_t h = feature_hash(tw_str_of(weight[i].attribute));
            if (h > last && (next == weights || h < feature_hash(tw_str_of(weight[next].attribute))))
                next = i;
        }
        TW_ASSERT(next < weights);
        last = feature_hash(tw_str_of(weight[next].attribute));
        tw_buf_u64(&b, last);
        tw_buf_u8(&b, (uint8_t)(1u << weight[next].label));
        text_test_float(&b, weight[next].weight);
    }
    tw_bytes file = tw_bytes_dup(c->arena, tw_buf_view(&b));
    TW_ASSERT(!b.failed);
    tw_buf_done(&b);
    return file;
}

/** Words that tests of the finders share. */
static const text_test_word text_test_english[] = {
    { "the", LEX_WORD | LEX_COMMON },
    { "was", LEX_WORD | LEX_COMMON },
    { "by", LEX_WORD | LEX_COMMON },
    { "here", LEX_WORD | LEX_COMMON },
    { "today", LEX_WORD | LEX_COMMON },
    { "is", LEX_WORD | LEX_COMMON },
    { "to", LEX_WORD | LEX_COMMON },
    { "in", LEX_WORD | LEX_COMMON },
    { "may", LEX_WORD | LEX_COMMON | TEXT_TEST_GIVEN },
    { "will", LEX_WORD | LEX_COMMON | TEXT_TEST_GIVEN },
    { "follow", LEX_WORD | LEX_COMMON },
    { "up", LEX_WORD | LEX_COMMON },
    { "home", LEX_WORD | LEX_COMMON },
    { "sleeps", LEX_WORD },
    { "long", LEX_WORD | LEX_COMMON | TEXT_TEST_FAMILY },
    { "pain", LEX_WORD | LEX_COMMON | LEX_MEDICAL },
    { "disease", LEX_WORD | LEX_MEDICAL },
    { "parkinson", LEX_WORD | LEX_MEDICAL | TEXT_TEST_FAMILY },
    { "ann", TEXT_TEST_GIVEN },
    { "john", TEXT_TEST_GIVEN },
    { "li", TEXT_TEST_FAMILY },
    { "smith", TEXT_TEST_FAMILY },
    { "lee", TEXT_TEST_FAMILY },
    { "hospital", LEX_WORD | LEX_COMMON | LEX_ORG },
    { "general", LEX_WORD | LEX_COMMON },
    { "emergency", LEX_WORD | LEX_COMMON },
    { "dr", TEXT_TEST_CUE(CUE_TITLE) },
    { "mr", TEXT_TEST_CUE(CUE_TITLE) },
    { "drs", TEXT_TEST_CUE(CUE_TITLES) },
    { "md", TEXT_TEST_CUE(CUE_DEGREE) },
    { "m d", TEXT_TEST_CUE(CUE_DEGREE) },
    { "rn", TEXT_TEST_CUE(CUE_DEGREE) },
    { "seen by", TEXT_TEST_CUE(CUE_PERSON) },
    { "seen", LEX_WORD | LEX_COMMON },
    { "sincerely", LEX_WORD | TEXT_TEST_CUE(CUE_SIGN) },
    { "dear", LEX_WORD | TEXT_TEST_CUE(CUE_DEAR) },
    { "daughter", LEX_WORD | TEXT_TEST_CUE(CUE_KIN) },
    { "wife", LEX_WORD | TEXT_TEST_CUE(CUE_KIN) },
    { "pt", LEX_WORD | TEXT_TEST_CUE(CUE_PATIENT) },
    { "w", TEXT_TEST_CUE(CUE_WITH) },
    { "with", LEX_WORD | LEX_COMMON | TEXT_TEST_CUE(CUE_WITH) },
    { "and", LEX_WORD | LEX_COMMON | TEXT_TEST_CUE(CUE_AND) },
    { "van", TEXT_TEST_CUE(CUE_PARTICLE) },
    { "der", TEXT_TEST_CUE(CUE_PARTICLE) },
    { "patient name", TEXT_TEST_CUE(CUE_KEY_NAME) },
    { "attending", LEX_WORD | TEXT_TEST_CUE(CUE_KEY_NAME) },
    { "mrn", TEXT_TEST_CUE(CUE_KEY_ID) },
    { "dob", TEXT_TEST_CUE(CUE_KEY_DATE) },
    { "phone", LEX_WORD | TEXT_TEST_CUE(CUE_KEY_CONTACT) },
    { "address", LEX_WORD | TEXT_TEST_CUE(CUE_KEY_ADDRESS) },
    { "facility", LEX_WORD | TEXT_TEST_CUE(CUE_KEY_ORG) },
    { "age", LEX_WORD | TEXT_TEST_CUE(CUE_KEY_AGE) },
};

/** What the finders mark, as "NAME:Ann Lee|DATE:3/4" in the arena. A model without patterns; file: of a model. */
static TW_UNUSED tw_str text_test_found(tw_ctx *c, tw_bytes file, const char *text, unsigned finders)
{
    tw_text_model m;
    tw_text_work *w = NULL;
    tw_text_span *span = NULL;
    size_t count = 0;
    tw_str out = TW_STR("");
    tw_text_opts opts = { .model = &m, .finders = finders };
    if (model_read(c, &m, file) != TW_OK)
        return TW_STR("(no model)");
    tw_status s = tw_text_work_new(c, &w, &m);
    if (s == TW_OK)
        s = tw_text_find(c, &span, &count, w, tw_str_of(text), &opts);
    for (size_t i = 0; s == TW_OK && i < count; i++)
        out = tw_strf(c->arena, TW_FMT "%s%s:%.*s", TW_ARG(out), i ? "|" : "",
                      tw_text_kind_name((tw_text_kind)span[i].kind), (int)(span[i].end - span[i].start),
                      text + span[i].start);
    tw_text_work_free(w);
    model_done(&m);
    return s == TW_OK ? out : tw_str_of(tw_status_name(s));
}

#endif
