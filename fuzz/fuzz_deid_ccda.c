/* Any bytes as a C-CDA document through the rules of two profiles, without and with a text engine. Must hold: it is
 * refused, without a value in its message and with nothing written, or what comes out is a ClinicalDocument whose
 * elements are some of the input's in their order; the same input gives the same output; without a text engine no value
 * of the corpus passes; the account names nothing of the input. */
#include "support.h"

#include "deid/deid.h"
#include "text_test.h"

#define WORKS 4 /* two profiles, without and with text */
static tw_doc_opts opts[WORKS];
static tw_doc_work *work[WORKS];

static void setup(void)
{
    static const uint8_t key[32] = { 1 };
    tw_text_model *model;
    tw_ctx cx;
    fuzz_begin(&cx, 16 * TW_MIB);
    tw_bytes file = text_test_model(&cx, 0.5, text_test_english, TW_COUNT(text_test_english), NULL, 0);
    FUZZ_CHECK(tw_text_model_parse(&cx, &model, file) == TW_OK);
    for (size_t i = 0; i < WORKS; i++) {
        tw_profile *profile;
        FUZZ_CHECK(tw_profile_builtin(&cx, &profile, tw_str_of(tw_profile_builtin_name(i / 2))) == TW_OK);
        opts[i] = (tw_doc_opts){ .profile = profile, .key = key, .reference_day = 20454 };
        opts[i].text = i % 2 ? model : NULL;
        opts[i].text_strict = opts[i].text_tags = i % 2;
        FUZZ_CHECK(tw_doc_work_new(&cx, &work[i], &opts[i]) == TW_OK);
    }
    tw_ctx_done(&cx);
}

static void same_shape(tw_ctx *cx, tw_str in, tw_str out)
{
    tw_xml a, b;
    FUZZ_CHECK(tw_xml_parse(cx, &a, NULL, in, NULL) == TW_OK);
    FUZZ_CHECK(tw_xml_parse(cx, &b, NULL, out, NULL) == TW_OK);
    uint32_t k = 0;
    for (uint32_t i = 0; i < b.n; i++, k++) {
        while (k < a.n && !(tw_str_eq(a.elem[k].name, b.elem[i].name) && tw_str_eq(a.elem[k].space, b.elem[i].space)))
            k++;
        FUZZ_CHECK(k < a.n);
    }
}

static void check_account(const tw_doc_work *w)
{
    tw_doc_row row;
    for (size_t cursor = 0; tw_doc_account_next(w, &cursor, &row);) {
        FUZZ_CHECK(row.path.n < 100 && tw_str_find(row.path, TW_STR(FUZZ_VALUE)) == SIZE_MAX);
        FUZZ_CHECK(row.kept + row.changed + row.removed > 0);
    }
}

static void through(tw_ctx *cx, size_t k, tw_bytes in)
{
    tw_buf out[2];
    tw_status s[2];
    for (int i = 0; i < 2; i++) {
        tw_buf_init(&out[i], 16 * TW_MIB);
        s[i] = tw_deid_ccda(cx, &out[i], work[k], tw_str_of_bytes(in));
        if (s[i] != TW_OK)
            fuzz_error_clean(cx, in);
        FUZZ_CHECK(s[i] == TW_OK || out[i].n == 0);
    }
    FUZZ_CHECK(s[0] == s[1] && tw_bytes_eq(tw_buf_view(&out[0]), tw_buf_view(&out[1])));
    tw_str result = tw_str_of_bytes(tw_buf_view(&out[0]));
    if (s[0] == TW_OK) {
        same_shape(cx, tw_str_of_bytes(in), result);
        check_account(work[k]);
        FUZZ_CHECK(opts[k].text || tw_str_find(result, TW_STR(FUZZ_VALUE)) == SIZE_MAX);
    }
    tw_buf_done(&out[0]);
    tw_buf_done(&out[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    if (!work[0])
        setup();
    fuzz_begin(&cx, 64 * TW_MIB);
    for (size_t i = 0; i < WORKS; i++)
        through(&cx, i, (tw_bytes){ data, size });
    tw_ctx_done(&cx);
    return 0;
}
