#include "text/text_internal.h"

static const char *const cue_names[CUES] = {
    [CUE_NONE] = "none",
    [CUE_TITLE] = "title",
    [CUE_TITLES] = "titles",
    [CUE_DEGREE] = "degree",
    [CUE_PERSON] = "person",
    [CUE_SIGN] = "sign",
    [CUE_DEAR] = "dear",
    [CUE_KIN] = "kin",
    [CUE_PATIENT] = "patient",
    [CUE_WITH] = "with",
    [CUE_AND] = "and",
    [CUE_PARTICLE] = "particle",
    [CUE_MONTH] = "month",
    [CUE_DAY] = "day",
    [CUE_HOLIDAY] = "holiday",
    [CUE_UNIT] = "unit",
    [CUE_STREET] = "street",
    [CUE_FACILITY] = "facility",
    [CUE_KEY_NAME] = "key_name",
    [CUE_KEY_DATE] = "key_date",
    [CUE_KEY_ID] = "key_id",
    [CUE_KEY_CONTACT] = "key_contact",
    [CUE_KEY_ADDRESS] = "key_address",
    [CUE_KEY_ORG] = "key_org",
    [CUE_KEY_AGE] = "key_age",
};

const char *lexicon_cue_name(text_cue cue)
{
    return (unsigned)cue < CUES ? cue_names[cue] : NULL;
}

uint64_t text_hash(tw_str s)
{
    uint64_t h = TEXT_HASH_SEED;
    for (size_t i = 0; i < s.n; i++)
        h = text_hash_more(h, (uint8_t)s.p[i]);
    return text_hash_end(h);
}

tw_status lexicon_make(tw_ctx *cx, text_lexicon *out, const uint8_t *entry_be, uint32_t count)
{
    uint32_t size = 16;
    while (size < 2 * count)
        size *= 2;
    uint64_t *slot = tw_mem_alloc(size * sizeof *slot), last = 0;
    if (!slot)
        return tw_fail(cx, TW_ELIMIT, "no memory for %u words", count);
    for (uint32_t k = 0; k < count; k++) {
        uint64_t e = tw_be64(entry_be + (size_t)k * 8);
        uint32_t flags = (uint32_t)e & ((1u << LEX_BITS) - 1);
        if (e >> LEX_BITS <= last || !flags || LEX_CUE(flags) >= CUES) {
            tw_mem_free(slot);
            return tw_fail(cx, TW_EPARSE, "word %u is out of order or has unknown flags", k);
        }
        last = e >> LEX_BITS;
        uint32_t i = (uint32_t)(e >> LEX_BITS) & (size - 1);
        while (slot[i])
            i = (i + 1) & (size - 1);
        slot[i] = e;
    }
    *out = (text_lexicon){ .slot = slot, .mask = size - 1 };
    return TW_OK;
}

void lexicon_free(text_lexicon *l)
{
    tw_mem_free(l->slot);
    *l = (text_lexicon){ 0 };
}
