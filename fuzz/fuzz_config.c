/* A first byte, then a configuration and a resource parted by a zero byte; a missing one is our own. Must hold: a
 * configuration is refused with a message or runs; a run writes a resource that R4 has in all its members, or ends with
 * a message; under our own configuration a message holds no value, and our own resource comes out without its values.
 */
#include "support.h"

#include "config_internal.h"

static tw_fhir_schema *schema;

static const char own_config[] =
    "{\"fhirVersion\":\"R4\",\"fhirPathRules\":[{\"path\":\"nodesByType('HumanName').use\",\"method\":\"keep\"},"
    "{\"path\":\"Resource.id\",\"method\":\"cryptoHash\"},{\"path\":\"nodesByType('Reference').reference\",\"method\":"
    "\"cryptoHash\"},{\"path\":\"nodesByType('dateTime')\",\"method\":\"dateShift\"},{\"path\":\"nodesByType('date')\","
    "\"method\":\"dateShift\"},{\"path\":\"nodesByType('Quantity')\",\"method\":\"perturb\",\"span\":2},{\"path\":"
    "\"nodesByType('Period')\",\"method\":\"substitute\",\"replaceWith\":{\"start\":\"2020\"}},{\"path\":"
    "\"nodesByType('integer')\",\"method\":\"generalize\",\"cases\":{\"$this<10\":\"$this div 5 * 5\"}},{\"path\":"
    "\"nodesByType('Coding').display\",\"method\":\"encrypt\"},{\"path\":\"Resource\",\"method\":\"redact\"}],"
    "\"parameters\":{\"cryptoHashKey\":\"k\",\"dateShiftKey\":\"k\",\"encryptKey\":\"0123456789abcdef\","
    "\"enablePartialDatesForRedact\":true,\"enablePartialZipCodesForRedact\":true,\"enablePartialAgesForRedact\":true}"
    "}";

static const char own[] =
    "{\"resourceType\":\"Bundle\",\"entry\":[{\"fullUrl\":\"urn:uuid:1\",\"resource\":{\"resourceType\":\"Patient\","
    "\"id\":"
    "\"p\",\"name\":[{\"use\":\"usual\",\"family\":\"Qux ley\",\"given\":[\"Qux ley\"]}],\"birthDate\":\"1970-05-06\","
    "\"multipleBirthInteger\":2,\"address\":[{\"postalCode\":\"12345\"}]}},{\"resource\":{\"resourceType\":"
    "\"Observation\",\"subject\":{\"reference\":\"urn:uuid:1\"},\"valueQuantity\":{\"value\":4.30},"
    "\"effectiveDateTime\":"
    "\"2020-01-01T10:00:00Z\"}}]}";

static tw_status apply(tw_ctx *cx, tw_bytes *out, const tw_config *c, tw_str document)
{
    static const uint8_t key[32] = { 1 };
    tw_config_opts o = { .reference_day = 20000, .file = TW_STR("f"), .folder = TW_STR("g"), .key = key };
    tw_buf b;
    tw_config_work *w = tw_config_work_new(c);
    tw_buf_init(&b, 16 * TW_MIB);
    tw_status s = tw_config_apply(cx, &b, w, document, &o);
    if (s == TW_OK)
        *out = fuzz_taken(cx, &b);
    else
        tw_buf_done(&b);
    tw_config_work_free(w);
    return s;
}

static void check_output(tw_ctx *cx, tw_bytes out, bool clean)
{
    tw_json d;
    tw_fhir_tree t;
    FUZZ_CHECK(tw_json_parse(cx, &d, tw_str_of_bytes(out), NULL) == TW_OK);
    FUZZ_CHECK(tw_fhir_tree_build(cx, &t, schema, &d, 0) == TW_OK && t.unknown == 0);
    if (clean)
        FUZZ_CHECK(tw_str_find(tw_str_of_bytes(out), TW_STR(FUZZ_VALUE)) == SIZE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_config *c;
    tw_bytes in = { data, size }, out;
    fuzz_begin(&cx, 64 * TW_MIB);
    if (!schema)
        schema = tw_fhir_schema_new();
    bool compat = fuzz_take(&in) & 1;
    tw_str document = tw_str_of_bytes(in), config = { NULL, 0 };
    (void)tw_str_split(&config, &document, '\0');
    bool ours = config.n == 0;
    if (config_parse_with(&cx, &c, schema, ours ? TW_STR(own_config) : config, compat) != TW_OK) {
        FUZZ_CHECK(!ours && cx.err.msg[0] != '\0');
        tw_ctx_done(&cx);
        return 0;
    }
    tw_status s = apply(&cx, &out, c, document.n ? document : TW_STR(own));
    if (s == TW_OK)
        check_output(&cx, out, ours && !document.n);
    else if (ours)
        fuzz_error_clean(&cx, (tw_bytes){ data, size });
    else
        FUZZ_CHECK(cx.err.msg[0] != '\0');
    c->schema = NULL; /* kept for the next input */
    tw_config_free(c);
    tw_ctx_done(&cx);
    return 0;
}
