#include "base/base.h"

#include <stdarg.h>
#include <stdlib.h>

#include <sodium.h>

static const struct {
    const char *name;
    const char *text;
    int exit_code;
    int http;
} statuses[] = {
#define X(name, text, exit_code, http) [name] = { #name, text, exit_code, http },
    TW_STATUS_LIST(X)
#undef X
};

const char *tw_status_name(tw_status s)
{
    TW_ASSERT((size_t)s < TW_COUNT(statuses));
    return statuses[s].name;
}

const char *tw_status_text(tw_status s)
{
    TW_ASSERT((size_t)s < TW_COUNT(statuses));
    return statuses[s].text;
}

int tw_status_exit(tw_status s)
{
    TW_ASSERT((size_t)s < TW_COUNT(statuses));
    return statuses[s].exit_code;
}

int tw_status_http(tw_status s)
{
    TW_ASSERT((size_t)s < TW_COUNT(statuses));
    return statuses[s].http;
}

_Noreturn void tw_assert_failed(const char *cond, const char *file, int line)
{
    fprintf(stderr, "twinward: %s:%d: broken: %s\n", file, line, cond);
    abort();
}

void tw_base_start(void)
{
    TW_ASSERT(sodium_init() >= 0);
}

void tw_ctx_init(tw_ctx *cx, size_t arena_bytes_max, const tw_env *env)
{
    *cx = (tw_ctx){ .arena = tw_arena_new(arena_bytes_max), .env = env };
}

void tw_ctx_done(tw_ctx *cx)
{
    tw_arena_free(cx->arena);
    cx->arena = NULL;
}

void tw_err_clear(tw_ctx *cx)
{
    cx->err = (tw_err){ .code = TW_OK };
}

tw_status tw_fail_at(tw_ctx *cx, tw_status code, const char *file, int line, const char *fmt, ...)
{
    TW_ASSERT(code != TW_OK);
    cx->err = (tw_err){ .code = code, .file = file, .line = line };
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(cx->err.msg, sizeof cx->err.msg, fmt, ap);
    va_end(ap);
    return code;
}

tw_status tw_wrap(tw_ctx *cx, const char *fmt, ...)
{
    char text[2 * sizeof cx->err.msg];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof cx->err.msg, fmt, ap);
    va_end(ap);
    size_t used = n < 0 ? 0 : TW_MIN((size_t)n, sizeof cx->err.msg - 1);
    snprintf(text + used, sizeof text - used, ": %s", cx->err.msg);
    memcpy(cx->err.msg, text, sizeof cx->err.msg - 1); /* the last byte stays NUL */
    return cx->err.code;
}

tw_status tw_hint(tw_ctx *cx, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(cx->err.hint, sizeof cx->err.hint, fmt, ap);
    va_end(ap);
    return cx->err.code;
}

void tw_event(tw_ctx *cx, tw_log_level level, const char *name, const char *fmt, ...)
{
    if (!cx->env || !cx->env->event)
        return;
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    cx->env->event(cx->env->event_self, level, name, text);
}

void tw_crash_point(tw_ctx *cx, const char *name)
{
    if (cx->env && cx->env->crash)
        cx->env->crash(cx->env->crash_self, name);
}

uint64_t tw_now_s(tw_ctx *cx)
{
    TW_ASSERT(cx->env && cx->env->clock.now_s);
    return cx->env->clock.now_s(cx->env->clock.self);
}

void tw_random(tw_ctx *cx, uint8_t *out, size_t n)
{
    TW_ASSERT(cx->env && cx->env->entropy.fill);
    cx->env->entropy.fill(cx->env->entropy.self, out, n);
}
