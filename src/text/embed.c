/* Model files compiled in: room.cmake names the languages in TW_TEXT_MODELS, as X(en) X(es) ..., and the folder. */
#include "text/text_internal.h"

/* A file's bytes between two symbols; the assembler reads it. */
#define X(language)                                                                                                    \
    __asm__(".section .rodata\n"                                                                                       \
            ".balign 16\n"                                                                                             \
            "text_model_" #language ":\n"                                                                              \
            ".incbin \"" TW_TEXT_DIR "/models/" #language ".model\"\n"                                                 \
            "text_model_" #language "_end:\n"                                                                          \
            ".byte 0\n"                                                                                                \
            ".previous\n");                                                                                            \
    extern const uint8_t text_model_##language[], text_model_##language##_end[];
TW_TEXT_MODELS
#undef X

static const struct {
    const char *language;
    const uint8_t *from, *end;
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
            return tw_text_model_parse(cx, out,
                                       (tw_bytes){ models[i].from, (size_t)(models[i].end - models[i].from) });
    return tw_fail(cx, TW_ENOTFOUND, "no text model of that language is compiled in");
}
