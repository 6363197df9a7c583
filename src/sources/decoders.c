/* The forms that a file may have: their names, their endings, and who decodes them. */
#include "sources/decode.h"

#include "sources/sources_internal.h"

static const struct {
    const char *name;
    const char *suffix; /* parted by blanks */
    const tw_decoder *decoder;
} forms[] = {
    [TW_FORM_DOCUMENT] = { "fhir", ".json", NULL },
    [TW_FORM_NDJSON] = { "ndjson", ".ndjson .jsonl", NULL },
    [TW_FORM_HL7V2] = { "hl7v2", ".hl7 .mllp", &tw_decoder_hl7v2 },
    [TW_FORM_CSV] = { "csv", ".csv", &tw_decoder_csv },
    [TW_FORM_CCDA] = { "ccda", ".xml", &tw_decoder_ccda },
};
_Static_assert(TW_COUNT(forms) == TW_FORM_COUNT, "each form has its row");

const tw_decoder *tw_decoder_of(tw_sources_form form)
{
    TW_ASSERT(form >= 0 && form < TW_FORM_COUNT);
    return forms[form].decoder;
}

bool tw_sources_form_of(tw_sources_form *out, tw_str name)
{
    for (size_t i = 0; i < TW_FORM_COUNT; i++) {
        tw_str rest = tw_str_of(forms[i].suffix);
        tw_str end;
        while (tw_str_split(&end, &rest, ' ')) {
            tw_str tail = { name.p + name.n - TW_MIN(end.n, name.n), TW_MIN(end.n, name.n) };
            if (!tw_str_eq(tail, end))
                continue;
            *out = (tw_sources_form)i;
            return true;
        }
    }
    return false;
}

bool tw_sources_form_named(tw_sources_form *out, tw_str name)
{
    for (size_t i = 0; i < TW_FORM_COUNT; i++)
        if (tw_str_is(name, forms[i].name)) {
            *out = (tw_sources_form)i;
            return true;
        }
    return false;
}

const char *tw_sources_form_name(tw_sources_form form)
{
    TW_ASSERT(form >= 0 && form < TW_FORM_COUNT);
    return forms[form].name;
}
