/* Categories: one table, read both ways. */
#include "model/model.h"

#include "model/model_internal.h"

static const char *const names[TW_CATEGORY_COUNT + 1] = {
#define X(number, name, text) [number] = text,
    TW_CATEGORY_LIST(X)
#undef X
};

const char *tw_category_name(tw_category c)
{
    return c >= 1 && c <= TW_CATEGORY_COUNT ? names[c] : "unknown";
}

bool tw_category_parse(tw_category *out, tw_str name)
{
    for (int c = 1; c <= TW_CATEGORY_COUNT; c++) {
        if (tw_str_is(name, names[c])) {
            *out = (tw_category)c;
            return true;
        }
    }
    return false;
}

bool tw_category_parse_foreign(tw_category *out, tw_str name)
{
    if (tw_str_is(name, "laboratory"))
        name = TW_STR("labs");
    else if (tw_str_is(name, "genomic"))
        name = TW_STR("genomics");
    return tw_category_parse(out, name);
}

tw_status tw_category_set_parse(tw_ctx *cx, uint32_t *set, tw_str list)
{
    *set = 0;
    if (tw_str_is(list, "all")) {
        *set = TW_CAT_ALL;
        return TW_OK;
    }
    tw_str word;
    while (tw_str_split(&word, &list, ',')) {
        tw_category c;
        word = tw_str_trim(word);
        if (!tw_category_parse(&c, word)) {
            *set = 0;
            return tw_fail(cx, TW_EUSAGE, "there is no category \"" TW_FMT "\"", TW_ARG(word));
        }
        *set |= TW_CAT_BIT(c);
    }
    return TW_OK;
}

tw_str tw_category_set_text(tw_ctx *cx, uint32_t set)
{
    if (set == TW_CAT_ALL)
        return TW_STR("all");
    tw_str text = { "", 0 };
    for (int c = 1; c <= TW_CATEGORY_COUNT; c++)
        if (set & TW_CAT_BIT(c))
            text = tw_strf(cx->arena, TW_FMT "%s%s", TW_ARG(text), text.n ? "," : "", names[c]);
    return text;
}
