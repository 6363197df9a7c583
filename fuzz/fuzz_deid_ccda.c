/* Any bytes as a C-CDA document through the rules of two profiles, without and with a text engine. Must hold: it is
 * refused, without a value in its message and with nothing written, or what comes out is a ClinicalDocument whose
 * elements are some of the input's in their order; the same input gives the same output; without a text engine no value
 * of the corpus passes; the account names nothing of the input. */
#include "documents.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const fuzz_document d = { tw_deid_ccda, same_shape, 100 };
    fuzz_through_rooms(&d, (tw_bytes){ data, size });
    return 0;
}
