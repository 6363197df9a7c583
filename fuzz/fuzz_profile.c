/* A profile, a zero byte, a resource; without the zero byte our own resource. The table of R4 makes a profile costly,
 * so that of most inputs the lines alone are read: one in 256, by its bytes, is taken whole (the
 * seeds are made so). Must hold: a profile is
 * refused with a message that is text, or is taken; then whatever it says, a record and a document under it read back,
 * its account is JSON, and no value of the corpus passes, since every action checks the form of what it lets through.
 */
#include "support.h"

#include "doc_internal.h"

static const char own[] =
    "{\"resourceType\":\"Observation\",\"id\":\"Qux ley\",\"meta\":{\"tag\":[{\"code\":\"Qux "
    "ley\"}]},\"text\":{\"div\":"
    "\"Qux ley\"},\"extension\":[{\"url\":\"http://a\",\"valueString\":\"Qux "
    "ley\"},{\"url\":\"http://hl7.org/fhir/us/core/"
    "StructureDefinition/us-core-race\",\"extension\":[{\"url\":\"text\",\"valueString\":\"Qux "
    "ley\"}]}],\"status\":\"final\","
    "\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"2857-1\",\"display\":\"Qux "
    "ley\"},{\"system\":\"http://a\","
    "\"code\":\"Qux ley\"}],\"text\":\"Qux ley\"},\"subject\":{\"reference\":\"Patient/4711\",\"display\":\"Qux ley\"},"
    "\"effectiveDateTime\":\"2020-02-03T04:05:06Z\",\"valueQuantity\":{\"value\":1.5,\"unit\":\"Qux "
    "ley\",\"system\":\"http://"
    "unitsofmeasure.org\",\"code\":\"mg\"},\"identifier\":[{\"system\":\"Qux ley\",\"value\":\"Qux "
    "ley\"}],\"note\":[{\"text\":"
    "\"Qux ley\",\"authorString\":\"Qux ley\"}]}";

static const uint8_t key[32] = { 1 };

static void check(tw_ctx *cx, tw_str text)
{
    tw_json back;
    FUZZ_CHECK(tw_json_parse(cx, &back, text, NULL) == TW_OK);
    FUZZ_CHECK(tw_str_find(text, TW_STR(FUZZ_VALUE)) == SIZE_MAX);
}

static void as_record(tw_ctx *cx, const tw_profile *p, tw_str json)
{
    tw_json d;
    tw_deid *record = NULL;
    tw_buf b;
    tw_jw w;
    tw_account *account = tw_account_new(p);
    if (tw_json_parse(cx, &d, json, NULL) == TW_OK) {
        tw_phi_parts parts = { .doc = &d, .patient = TW_STR("4711") };
        tw_gate_opts opts = { .profile = p, .id_key = key, .shift_weeks = 5, .reference_day = 20454 };
        if (tw_deid_gate(cx, &record, NULL, account, tw_phi_make(cx, &parts), &opts) == TW_OK)
            check(cx, tw_str_of_bytes(tw_deid_line(record)));
    }
    tw_buf_init(&b, 16 * TW_MIB);
    tw_jw_init(&w, &b, 0);
    tw_account_write(&w, account, NULL);
    check(cx, tw_str_of_bytes(fuzz_taken(cx, &b)));
    tw_account_free(account);
}

static void as_document(tw_ctx *cx, const tw_profile *p, tw_str json)
{
    tw_doc_opts opts = { .profile = p, .key = key, .reference_day = 20454 };
    tw_doc_work *work = NULL;
    tw_buf out;
    FUZZ_CHECK(tw_doc_work_new(cx, &work, &opts) == TW_OK);
    tw_buf_init(&out, 16 * TW_MIB);
    if (tw_deid_fhir(cx, &out, work, json) == TW_OK)
        check(cx, tw_str_of_bytes(tw_buf_view(&out)));
    tw_buf_done(&out);
    tw_doc_work_free(work);
}

static bool whole(tw_str text)
{
    uint32_t h = 0;
    for (size_t i = 0; i < text.n; i++)
        h = h * 31 + (uint8_t)text.p[i];
    return h * 2654435761u >> 24 == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_profile *p = NULL;
    const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
    tw_str text = { (const char *)data, zero ? (size_t)(zero - data) : size }, json = TW_STR(own);
    if (zero)
        json = (tw_str){ (const char *)zero + 1, size - text.n - 1 };
    fuzz_begin(&cx, 64 * TW_MIB);
    tw_status lines = profile_lines(&cx, text);
    if (!whole(text)) {
        tw_ctx_done(&cx);
        return 0;
    }
    tw_err_clear(&cx);
    if (tw_profile_parse(&cx, &p, text) == TW_OK) {
        as_record(&cx, p, json);
        as_document(&cx, p, json);
    } else {
        lines = TW_OK;
        FUZZ_CHECK(p == NULL && tw_str_of(cx.err.msg).n > 0);
        FUZZ_CHECK(tw_str_find(tw_str_of(cx.err.msg), TW_STR(FUZZ_VALUE)) == SIZE_MAX);
    }
    FUZZ_CHECK(lines == TW_OK);
    tw_profile_free(p);
    tw_ctx_done(&cx);
    return 0;
}
