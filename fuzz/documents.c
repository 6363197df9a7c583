#include "documents.h"

#include "doc_internal.h"
#include "text_test.h"

static tw_doc_opts opts[FUZZ_WORKS];
static tw_doc_work *work[FUZZ_WORKS];
static uint32_t rows_seen[FUZZ_WORKS];

static void setup(void)
{
    static const uint8_t key[32] = { 1 };
    tw_text_model *model;
    tw_ctx cx;
    fuzz_begin(&cx, 16 * TW_MIB);
    tw_bytes file = text_test_model(&cx, 0.5, text_test_english, TW_COUNT(text_test_english), NULL, 0);
    FUZZ_CHECK(tw_text_model_parse(&cx, &model, file) == TW_OK);
    for (size_t i = 0; i < FUZZ_WORKS; i++) {
        tw_profile *profile;
        FUZZ_CHECK(tw_profile_builtin(&cx, &profile, tw_str_of(tw_profile_builtin_name(i / 2))) == TW_OK);
        opts[i] = (tw_doc_opts){ .profile = profile, .key = key, .reference_day = 20454 };
        opts[i].text = i % 2 ? model : NULL;
        opts[i].text_strict = opts[i].text_tags = i % 2;
        FUZZ_CHECK(tw_doc_work_new(&cx, &work[i], &opts[i]) == TW_OK);
    }
    tw_ctx_done(&cx);
}

tw_doc_work *fuzz_work(size_t i)
{
    if (!work[0])
        setup();
    return work[i];
}

bool fuzz_work_has_text(size_t i)
{
    return i % 2;
}

/* Rows stay: those that were looked at need no second look. */
static void check_account(const tw_doc_work *w, uint32_t *seen, size_t path_max)
{
    tw_doc_row row;
    if (doc_rows_count(w) == *seen)
        return;
    *seen = doc_rows_count(w);
    for (size_t cursor = 0; tw_doc_account_next(w, &cursor, &row);) {
        FUZZ_CHECK(row.path.n < path_max && tw_str_find(row.path, TW_STR(FUZZ_VALUE)) == SIZE_MAX);
        FUZZ_CHECK(row.kept + row.changed + row.removed > 0);
    }
}

static void through(tw_ctx *cx, const fuzz_document *d, size_t k, tw_bytes in)
{
    tw_buf out[2];
    tw_status s[2];
    for (int i = 0; i < 2; i++) {
        tw_buf_init(&out[i], 16 * TW_MIB);
        s[i] = d->deid(cx, &out[i], fuzz_work(k), tw_str_of_bytes(in));
        if (s[i] != TW_OK)
            fuzz_error_clean(cx, in);
        FUZZ_CHECK(s[i] == TW_OK || out[i].n == 0);
    }
    FUZZ_CHECK(s[0] == s[1] && tw_bytes_eq(tw_buf_view(&out[0]), tw_buf_view(&out[1])));
    tw_str result = tw_str_of_bytes(tw_buf_view(&out[0]));
    if (s[0] == TW_OK) {
        d->same_shape(cx, tw_str_of_bytes(in), result);
        check_account(fuzz_work(k), &rows_seen[k], d->path_max);
        FUZZ_CHECK(fuzz_work_has_text(k) || tw_str_find(result, TW_STR(FUZZ_VALUE)) == SIZE_MAX);
    }
    tw_buf_done(&out[0]);
    tw_buf_done(&out[1]);
}

void fuzz_through_rooms(const fuzz_document *d, tw_bytes in)
{
    tw_ctx cx;
    (void)fuzz_work(0); /* setup begins the entropy anew, and so does each input */
    fuzz_begin(&cx, 64 * TW_MIB);
    for (size_t k = 0; k < FUZZ_WORKS; k++)
        through(&cx, d, k, in);
    tw_ctx_done(&cx);
}
