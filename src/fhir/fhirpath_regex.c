/* Regular expressions: PCRE2 with its memory in our arenas and limits on time, depth and memory.
 *
 * Patterns come from a configuration, texts from records: a match that would take too long is refused, not waited for.
 */
#include "fhir/fhirpath_internal.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define STEPS_MAX 1000000
#define DEPTH_MAX 2000
#define HEAP_KIB_MAX 4096
#define RESULT_MAX (16 * TW_MIB)

struct regex {
    pcre2_code *code;
};

static void *arena_get(size_t n, void *arena)
{
    return tw_arena_try(arena, n);
}

static void arena_keep(void *p, void *arena)
{
    (void)p;
    (void)arena;
}

tw_status regex_compile(tw_ctx *cx, const regex **out, tw_arena *keep, tw_str pattern)
{
    int error = 0;
    PCRE2_SIZE at = 0;
    if (pattern.n > REGEX_BYTES_MAX)
        return tw_fail(cx, TW_ELIMIT, "a regular expression over %d bytes", REGEX_BYTES_MAX);
    pcre2_general_context *general = pcre2_general_context_create(arena_get, arena_keep, keep);
    pcre2_compile_context *context = general ? pcre2_compile_context_create(general) : NULL;
    regex *re = tw_arena_try(keep, sizeof *re);
    if (!context || !re)
        return tw_fail(cx, TW_ELIMIT, "no memory for a regular expression");
    pcre2_set_parens_nest_limit(context, 50);
    re->code =
        pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n,
                      PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UCP, &error, &at, context);
    if (!re->code)
        return tw_fail(cx, TW_EPARSE, "malformed regular expression at its character %zu", (size_t)at + 1);
    *out = re;
    return TW_OK;
}

static tw_status match_context(tw_ctx *cx, const regex *re, pcre2_match_context **context, pcre2_match_data **data)
{
    pcre2_general_context *general = pcre2_general_context_create(arena_get, arena_keep, cx->arena);
    *context = general ? pcre2_match_context_create(general) : NULL;
    *data = general ? pcre2_match_data_create_from_pattern(re->code, general) : NULL;
    if (!*context || !*data)
        return tw_fail(cx, TW_ELIMIT, "no memory to match a regular expression");
    pcre2_set_match_limit(*context, STEPS_MAX);
    pcre2_set_depth_limit(*context, DEPTH_MAX);
    pcre2_set_heap_limit(*context, HEAP_KIB_MAX);
    return TW_OK;
}

tw_status regex_match(tw_ctx *cx, bool *out, const regex *re, tw_str text)
{
    pcre2_match_context *context;
    pcre2_match_data *data;
    tw_mark m = tw_arena_mark(cx->arena);
    TW_TRY(match_context(cx, re, &context, &data));
    PCRE2_SPTR p = (PCRE2_SPTR)(text.p ? text.p : "");
    int rc = pcre2_match(re->code, p, text.n, 0, PCRE2_NO_UTF_CHECK, data, context);
    tw_arena_back(cx->arena, m);
    *out = rc > 0;
    return rc > 0 || rc == PCRE2_ERROR_NOMATCH ? TW_OK
                                               : tw_fail(cx, TW_ELIMIT, "a regular expression needs too many steps");
}

tw_status regex_replace(tw_ctx *cx, tw_str *out, const regex *re, tw_str text, tw_str with)
{
    pcre2_match_context *context;
    pcre2_match_data *data;
    TW_TRY(match_context(cx, re, &context, &data));
    PCRE2_SPTR p = (PCRE2_SPTR)(text.p ? text.p : ""), w = (PCRE2_SPTR)(with.p ? with.p : "");
    uint32_t how = PCRE2_NO_UTF_CHECK | PCRE2_SUBSTITUTE_GLOBAL | PCRE2_SUBSTITUTE_UNKNOWN_UNSET |
                   PCRE2_SUBSTITUTE_UNSET_EMPTY | PCRE2_SUBSTITUTE_OVERFLOW_LENGTH;
    PCRE2_SIZE n = text.n + with.n + 64;
    for (int turn = 0; turn < 2 && n <= RESULT_MAX; turn++) {
        PCRE2_UCHAR *into = tw_arena_try(cx->arena, n);
        if (!into)
            break;
        int rc = pcre2_substitute(re->code, p, text.n, 0, how, data, context, w, with.n, into, &n);
        if (rc >= 0) {
            *out = (tw_str){ (const char *)into, n };
            return TW_OK;
        }
        if (rc == PCRE2_ERROR_BADREPLACEMENT || rc == PCRE2_ERROR_BADREPESCAPE || rc == PCRE2_ERROR_REPMISSINGBRACE ||
            rc == PCRE2_ERROR_BADSUBSTITUTION)
            return tw_fail(cx, TW_EREFUSED, "the replacement of a regular expression is malformed");
        if (rc != PCRE2_ERROR_NOMEMORY)
            break;
    }
    return tw_fail(cx, TW_ELIMIT, "a regular expression needs too many steps or too much memory");
}
