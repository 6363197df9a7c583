/* Any bytes as a resource of one patient, through the gate under each profile. Must hold: the gate refuses, without a
 * value in its message, or writes a record that reads back, carries its tag, is ASCII without free text and without a
 * value of the corpus; written again from its tokens the record is the same; the same input gives the same record. The
 * same bytes as a whole document: refused, or written so that it reads back, without a value of the corpus. */
#include "support.h"

#include "deid/deid.h"

static tw_profile *profile[4];

static void setup(void)
{
    tw_ctx cx;
    fuzz_begin(&cx, 16 * TW_MIB);
    for (size_t i = 0; i < TW_COUNT(profile); i++)
        FUZZ_CHECK(tw_profile_builtin(&cx, &profile[i], tw_str_of(tw_profile_builtin_name(i))) == TW_OK);
    tw_ctx_done(&cx);
}

static void check_record(tw_ctx *cx, tw_str line)
{
    tw_json back;
    tw_buf b;
    tw_jw w;
    FUZZ_CHECK(tw_json_parse(cx, &back, line, NULL) == TW_OK);
    FUZZ_CHECK(tw_str_find(line, TW_STR("urn:twinward:person")) != SIZE_MAX);
    FUZZ_CHECK(tw_str_find(line, TW_STR("\n")) == SIZE_MAX && tw_str_find(line, TW_STR("\\")) == SIZE_MAX);
    FUZZ_CHECK(tw_str_find(line, TW_STR(FUZZ_VALUE)) == SIZE_MAX);
    for (size_t i = 0; i < line.n; i++)
        FUZZ_CHECK((unsigned char)line.p[i] < 0x80); /* codes, numbers, times and URLs of the profile are ASCII */
    FUZZ_CHECK(tw_json_get(&back, 0, "name") == TW_JSON_NONE && tw_json_get(&back, 0, "text") == TW_JSON_NONE);
    tw_buf_init(&b, 16 * TW_MIB);
    tw_jw_init(&w, &b, 0);
    fuzz_json_write(cx, &w, &back, 0);
    FUZZ_CHECK(tw_bytes_eq(fuzz_taken(cx, &b), tw_bytes_of(line)));
}

static void through(tw_ctx *cx, const tw_json *d, const tw_profile *p, tw_bytes in)
{
    static const uint8_t key[32] = { 1 };
    tw_deid *record = NULL, *again = NULL;
    tw_noise noise;
    tw_category category;
    tw_account *account = tw_account_new(p);
    tw_phi_parts parts = { .doc = d, .patient = TW_STR("4711") };
    tw_gate_opts opts = { .profile = p, .id_key = key, .shift_weeks = 5, .reference_day = 20454 };
    tw_status s = tw_deid_gate(cx, &record, &noise, account, tw_phi_make(cx, &parts), &opts);
    tw_account_sums sums = tw_account_sum(account);
    FUZZ_CHECK(sums.records + sums.refused == 1 || s == TW_EPARSE || s == TW_ELIMIT);
    if (s == TW_OK) {
        FUZZ_CHECK(tw_category_of(&category, d, 0) && category == tw_deid_category(record));
        check_record(cx, tw_str_of_bytes(tw_deid_line(record)));
        FUZZ_CHECK(tw_deid_gate(cx, &again, NULL, NULL, tw_phi_make(cx, &parts), &opts) == TW_OK);
        FUZZ_CHECK(tw_bytes_eq(tw_deid_line(record), tw_deid_line(again)));
    } else {
        fuzz_error_clean(cx, in);
    }
    tw_account_free(account);
}

/* The same bytes as a whole document. */
static void as_document(tw_ctx *cx, const tw_profile *p, tw_bytes in)
{
    static const uint8_t key[32] = { 1 };
    tw_doc_opts opts = { .profile = p, .key = key, .reference_day = 20454 };
    tw_doc_work *work = NULL;
    tw_buf out;
    tw_json back;
    FUZZ_CHECK(tw_doc_work_new(cx, &work, &opts) == TW_OK);
    tw_buf_init(&out, 16 * TW_MIB);
    if (tw_deid_fhir(cx, &out, work, tw_str_of_bytes(in)) == TW_OK) {
        tw_str text = tw_str_of_bytes(fuzz_taken(cx, &out));
        FUZZ_CHECK(tw_json_parse(cx, &back, text, NULL) == TW_OK);
        FUZZ_CHECK(tw_str_find(text, TW_STR(FUZZ_VALUE)) == SIZE_MAX);
        FUZZ_CHECK(tw_str_find(text, TW_STR("\\")) == SIZE_MAX);
    } else {
        FUZZ_CHECK(out.n == 0);
        tw_buf_done(&out);
        fuzz_error_clean(cx, in);
    }
    tw_doc_work_free(work);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_json d;
    tw_bytes in = { data, size };
    if (!profile[0])
        setup();
    fuzz_begin(&cx, 64 * TW_MIB);
    if (tw_json_parse(&cx, &d, tw_str_of_bytes(in), NULL) == TW_OK) {
        tw_refbook *book = tw_refbook_new(1024);
        (void)!tw_refbook_bundle(&cx, book, &d);
        (void)!tw_refbook_add(&cx, book, &d, 0, (tw_str){ 0 });
        tw_refbook_free(book);
        for (size_t i = 0; i < TW_COUNT(profile); i++) {
            through(&cx, &d, profile[i], in);
            as_document(&cx, profile[i], in);
        }
    }
    tw_ctx_done(&cx);
    return 0;
}
