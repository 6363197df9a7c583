/* Codes, advice, and the two forms of an error. */
#include "cli/errors.h"

#include "format/format.h"

#define CODE_FIRST 1000u
#define CODE_STEP 10u

/* The text of a status, its exit code and its name stand in base.h, here only what a person should do. */
static const char *const advice[] = {
    [TW_OK] = "Nothing is wrong.",
    [TW_EFAILED] = "The work did not succeed; the message says where.",
    [TW_EUSAGE] = "The command line cannot be understood. twinward COMMAND --help lists its options.",
    [TW_EREFUSED] = "A policy, the ledger, or the guard of seeded sites forbids this. Nothing was released.",
    [TW_ENOTFOUND] = "A name, id or file is not here. Ids may be shortened to their first digits, at least four.",
    [TW_EVERIFY] = "Evidence does not verify: something was changed, lost or forged. The findings name the files.",
    [TW_ENET] = "A party did not answer. Try again later; nothing was lost.",
    [TW_EQUORUM] = "Too few keepers answered. Answers already given are kept; ask again when more are up.",
    [TW_ECONFLICT] = "Something of that name exists, or another process holds the site. Nothing was changed.",
    [TW_ECONFIG] = "A file of the site is not what this version expects.",
    [TW_EBUDGET] = "The project's privacy budget is spent.",
    [TW_EPARSE] = "Input is malformed; the message gives file, line and path, never a value.",
    [TW_ELIMIT] = "Input is over a limit that has a name in the documentation.",
    [TW_EIO] = "The disk refused. Check space and rights; work resumes where it stopped.",
    [TW_ECRYPTO] = "A signature, seal or proof does not fit its key.",
    [TW_EFOREIGN] = "A library gave up on this input.",
};
_Static_assert(TW_COUNT(advice) == (size_t)TW_EFOREIGN + 1, "each status has its advice");

void tw_error_code(char out[TW_ERROR_CODE_SIZE], tw_status s)
{
    TW_ASSERT((size_t)s < TW_COUNT(advice));
    snprintf(out, TW_ERROR_CODE_SIZE, "TW%u", CODE_FIRST + (unsigned)s % 100u * CODE_STEP);
}

bool tw_error_find(tw_status *out, const char *code)
{
    uint64_t n;
    bool named = (code[0] == 'T' || code[0] == 't') && (code[1] == 'W' || code[1] == 'w');
    if (!tw_parse_u64(&n, tw_str_of(named ? code + 2 : code)) || n < CODE_FIRST)
        return false;
    n -= CODE_FIRST;
    if (n % CODE_STEP != 0 || n / CODE_STEP >= TW_COUNT(advice))
        return false;
    *out = (tw_status)(n / CODE_STEP);
    return true;
}

const char *tw_error_advice(tw_status s)
{
    TW_ASSERT((size_t)s < TW_COUNT(advice));
    return advice[s];
}

bool tw_error_retryable(tw_status s)
{
    return s == TW_ENET || s == TW_EQUORUM;
}

/* U+0000 to U+001F, U+007F, and, as two bytes, U+0080 to U+009F. */
static size_t control_size(const unsigned char *p)
{
    if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)
        return 2;
    return p[0] < 0x20 || p[0] == 0x7f;
}

/* What a terminal or a JSON reader may get: valid UTF-8 without controls. Messages are cut at a fixed length, which
 * may be inside of a letter. */
static tw_str harmless(char *out, size_t size, const char *text)
{
    size_t n = strlen(text);
    TW_ASSERT(n < size);
    memcpy(out, text, n + 1);
    for (size_t i = 0; i < n; i++)
        memset(out + i, '?', control_size((const unsigned char *)out + i));
    while (n && !tw_utf8_valid((tw_str){ out, n }))
        n--;
    return (tw_str){ out, n };
}

void tw_error_text(tw_buf *out, const tw_ctx *cx, tw_status s, tw_error_style style)
{
    char code[TW_ERROR_CODE_SIZE];
    char text[sizeof cx->err.msg];
    char hint[sizeof cx->err.hint];
    tw_error_code(code, s);
    tw_str message = harmless(text, sizeof text, cx->err.msg);
    tw_str attempt = harmless(hint, sizeof hint, cx->err.hint);
    tw_buf_fmt(out, "%serror[%s]%s: ", style.colour ? "\033[31m" : "", code, style.colour ? "\033[0m" : "");
    tw_buf_str(out, message);
    tw_buf_fmt(out, "\n  why: %s\n", tw_status_text(s));
    if (attempt.n)
        tw_buf_fmt(out, "  try: " TW_FMT "\n", TW_ARG(attempt));
    if (style.where && cx->err.file)
        tw_buf_fmt(out, "  at: %s:%d\n", cx->err.file, cx->err.line);
    tw_buf_fmt(out, "  help: twinward explain %s\n", code);
}

void tw_error_json(tw_buf *out, const tw_ctx *cx, tw_status s)
{
    tw_jw w;
    char code[TW_ERROR_CODE_SIZE];
    char text[sizeof cx->err.msg];
    char hint[sizeof cx->err.hint];
    tw_error_code(code, s);
    tw_jw_init(&w, out, 0);
    tw_jw_object(&w);
    tw_jw_kv_u64(&w, "v", 1);
    tw_jw_key(&w, "error");
    tw_jw_object(&w);
    tw_jw_kv(&w, "code", tw_str_of(code));
    tw_jw_kv(&w, "message", harmless(text, sizeof text, cx->err.msg));
    tw_jw_kv(&w, "why", tw_str_of(tw_status_text(s)));
    tw_jw_kv(&w, "hint", harmless(hint, sizeof hint, cx->err.hint));
    tw_jw_key(&w, "retryable");
    tw_jw_bool(&w, tw_error_retryable(s));
    tw_jw_kv_u64(&w, "exit", (uint64_t)tw_status_exit(s));
    tw_jw_object_end(&w);
    tw_jw_object_end(&w);
    tw_buf_cstr(out, "\n");
}
