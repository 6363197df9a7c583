/* Model files compiled in: room.cmake names the languages in TW_TEXT_MODELS, as X(en) X(es) ..., and the folder. */
#include "text/text_internal.h"

#include "base/embed.h"

#define X(language) TW_EMBED(text_model_##language, TW_TEXT_DIR "/models/" #language ".model");
TW_TEXT_MODELS
#undef X

static const struct {
    const char *language;
    const char *from, *end;
} models[] = {
#define X(language) { #language, text_model_##language, text_model_##language##_end },
    TW_TEXT_MODELS
#undef X
    { NULL, NULL, NULL },
};

const char *tw_text_model_language(size_t i)
{
    return i < TW_COUNT(models) ? models[i].language : NULL;
}

tw_status tw_text_model_builtin(tw_ctx *cx, tw_text_model **out, tw_str language)
{
    for (size_t i = 0; i + 1 < TW_COUNT(models); i++)
        if (tw_str_is(language, models[i].language))
            return tw_text_model_parse(
                cx, out, tw_bytes_of((tw_str){ models[i].from, (size_t)(models[i].end - models[i].from) }));
    return tw_fail(cx, TW_ENOTFOUND, "no text model of that language is compiled in");
}
