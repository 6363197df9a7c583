/* Any bytes as an HL7 v2 message through the rules of each profile, without and with a text engine. Must hold: it is
 * refused, without a value in its message and with nothing written, or what comes out is a message with as many fields
 * in each segment that stays; the same input gives the same output; without a text engine no value of the corpus
 * passes; the account names nothing of the input. */
#include "documents.h"

static bool header(tw_str s)
{
    return tw_str_starts(s, "MSH") || tw_str_starts(s, "FHS") || tw_str_starts(s, "BHS");
}

/* Segments of the output are some of the input's, in their order. */
static void same_shape(tw_ctx *cx, tw_str in, tw_str out)
{
    tw_hl7 a, b;
    if (!header(in) || tw_hl7_parse(cx, &a, NULL, in) != TW_OK)
        return;
    FUZZ_CHECK(tw_hl7_parse(cx, &b, NULL, out) == TW_OK);
    uint32_t k = 0;
    for (uint32_t i = 0; i < b.segments; i++, k++) {
        while (k < a.segments &&
               (memcmp(a.segment[k].name, b.segment[i].name, 3) != 0 || a.segment[k].count != b.segment[i].count))
            k++;
        FUZZ_CHECK(k < a.segments);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const fuzz_document d = { tw_deid_hl7, same_shape, 16 };
    fuzz_through_rooms(&d, (tw_bytes){ data, size });
    return 0;
}
