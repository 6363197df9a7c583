/* Any bytes as a resource of one patient: the gate refuses, or writes a record that reads back, carries its tag, and
 * has no byte that no known form has.
 *
 * clang -std=c17 -g -O1 -fsanitize=fuzzer,address,undefined; the corpus may begin with the specimen's resources. */
#include "deid/deid.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static tw_profile *profile[2];

int LLVMFuzzerInitialize(TW_UNUSED int *argc, TW_UNUSED char ***argv)
{
    tw_ctx cx;
    tw_base_start();
    tw_ctx_init(&cx, 16 * TW_MIB, NULL);
    for (size_t i = 0; i < TW_COUNT(profile); i++)
        TW_ASSERT(tw_profile_builtin(&cx, &profile[i], tw_str_of(tw_profile_builtin_name(i))) == TW_OK);
    tw_ctx_done(&cx);
    return 0;
}

static void check_record(tw_ctx *cx, const tw_deid *d)
{
    tw_json back;
    tw_str line = tw_str_of_bytes(tw_deid_line(d));
    TW_ASSERT(tw_json_parse(cx, &back, line, NULL) == TW_OK);
    TW_ASSERT(tw_str_find(line, TW_STR("urn:twinward:person")) != SIZE_MAX);
    TW_ASSERT(tw_str_find(line, TW_STR("\n")) == SIZE_MAX && tw_str_find(line, TW_STR("\\")) == SIZE_MAX);
    for (size_t i = 0; i < line.n; i++)
        TW_ASSERT((unsigned char)line.p[i] < 0x80); /* codes, numbers, times and URLs of the profile are ASCII */
    uint32_t name = tw_json_get(&back, 0, "name"), text = tw_json_get(&back, 0, "text");
    TW_ASSERT(name == TW_JSON_NONE && text == TW_JSON_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t key[32] = { 1 };
    tw_ctx cx;
    tw_json d;
    tw_ctx_init(&cx, 64 * TW_MIB, NULL);
    if (tw_json_parse(&cx, &d, tw_str_of_bytes((tw_bytes){ data, size }), NULL) == TW_OK) {
        for (size_t i = 0; i < TW_COUNT(profile); i++) {
            tw_deid *record = NULL;
            tw_phi_parts parts = { .doc = &d, .patient = TW_STR("4711") };
            tw_gate_opts opts = { .profile = profile[i], .id_key = key, .shift_weeks = 5, .reference_day = 20454 };
            if (tw_deid_gate(&cx, &record, NULL, NULL, tw_phi_make(&cx, &parts), &opts) == TW_OK)
                check_record(&cx, record);
        }
    }
    tw_ctx_done(&cx);
    return 0;
}
