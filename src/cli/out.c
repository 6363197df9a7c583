/* Everything that is printed. */
#include "cli/out.h"

#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define JSON_MAX (512 * TW_MIB)
#define PROGRESS_AFTER_MS 300
#define PROGRESS_EVERY_MS 100

void tw_out(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vfprintf(stdout, fmt, ap);
    va_end(ap);
}

void tw_out_str(tw_str s)
{
    if (s.n)
        fwrite(s.p, 1, s.n, stdout);
}

void tw_note(const tw_cli_args *a, const char *fmt, ...)
{
    va_list ap;
    if (a->quiet)
        return;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
}

void tw_say(const tw_cli_args *a, const char *fmt, ...)
{
    va_list ap;
    if (a->json)
        return;
    va_start(ap, fmt);
    vfprintf(stdout, fmt, ap);
    va_end(ap);
}

void tw_out_json_begin(tw_out_json *j)
{
    tw_buf_init(&j->buf, JSON_MAX);
    tw_jw_init(&j->w, &j->buf, 0);
    tw_jw_object(&j->w);
    tw_jw_kv_u64(&j->w, "v", 1);
}

void tw_out_json_end(tw_out_json *j)
{
    tw_jw_object_end(&j->w);
    tw_out_str(tw_str_of_bytes(tw_buf_view(&j->buf)));
    tw_out("\n");
    tw_buf_done(&j->buf);
}

void tw_out_json_id(tw_ctx *cx, tw_out_json *j, const char *name, const tw_id *id)
{
    tw_jw_kv(&j->w, name, tw_id_hex(cx, id));
}

void tw_out_json_bool(tw_out_json *j, const char *name, bool value)
{
    tw_jw_key(&j->w, name);
    tw_jw_bool(&j->w, value);
}

/* ---------------------------------------------------------------- errors */

void tw_error_code(char out[8], tw_status s)
{
    snprintf(out, 8, "TW%u", 1000u + (unsigned)s % 100u * 10u);
}

static int json_error(const tw_ctx *cx, tw_status s)
{
    tw_out_json j;
    char code[8];
    tw_error_code(code, s);
    tw_buf_init(&j.buf, TW_MIB);
    tw_jw_init(&j.w, &j.buf, 0);
    tw_jw_object(&j.w);
    tw_jw_kv_u64(&j.w, "v", 1);
    tw_jw_key(&j.w, "error");
    tw_jw_object(&j.w);
    tw_jw_kv(&j.w, "code", tw_str_of(code));
    tw_jw_kv(&j.w, "message", tw_str_of(cx->err.msg));
    tw_jw_kv(&j.w, "why", tw_str_of(tw_status_text(s)));
    tw_jw_kv(&j.w, "hint", tw_str_of(cx->err.hint));
    tw_out_json_bool(&j, "retryable", s == TW_ENET || s == TW_EQUORUM);
    tw_jw_object_end(&j.w);
    tw_jw_object_end(&j.w);
    fprintf(stderr, TW_FMT "\n", (int)j.buf.n, (const char *)j.buf.p);
    tw_buf_done(&j.buf);
    return tw_status_exit(s);
}

static bool colour(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && !getenv("NO_COLOR") && term && strcmp(term, "dumb") != 0;
}

int tw_out_error(const tw_ctx *cx, bool json, tw_status s)
{
    char code[8];
    fflush(stdout);
    if (json)
        return json_error(cx, s);
    tw_error_code(code, s);
    const char *on = colour() ? "\033[31m" : "";
    const char *off = colour() ? "\033[0m" : "";
    fprintf(stderr, "%serror[%s]%s: %s\n", on, code, off, cx->err.msg);
    fprintf(stderr, "  why: %s\n", tw_status_text(s));
    if (cx->err.hint[0])
        fprintf(stderr, "  try: %s\n", cx->err.hint);
    fprintf(stderr, "  help: twinward explain %s\n", code);
    return tw_status_exit(s);
}

/* ---------------------------------------------------------------- progress */

static struct {
    char name[64];
    uint64_t done;
    uint64_t total;
    uint64_t began_ms;
    uint64_t drawn_ms;
    bool on_line;
} shown; /* one process, one terminal */

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void finish_step(void)
{
    if (!shown.name[0])
        return;
    if (shown.on_line)
        fprintf(stderr, "\r\033[K");
    fprintf(stderr, "%s: %llu\n", shown.name, (unsigned long long)shown.done);
    shown.name[0] = '\0';
    shown.on_line = false;
}

static void draw(uint64_t now)
{
    shown.drawn_ms = now;
    shown.on_line = true;
    fprintf(stderr, "\r\033[K%s: %llu", shown.name, (unsigned long long)shown.done);
    if (!shown.total)
        return;
    uint64_t spent = now - shown.began_ms;
    uint64_t left = shown.done ? spent * (shown.total - shown.done) / shown.done / 1000 : 0;
    fprintf(stderr, " of %llu, %llu s left", (unsigned long long)shown.total, (unsigned long long)left);
}

static void step(TW_UNUSED void *self, const char *name, uint64_t done, uint64_t total)
{
    uint64_t now = now_ms();
    if (strcmp(name, shown.name) != 0) {
        finish_step();
        snprintf(shown.name, sizeof shown.name, "%s", name);
        shown.began_ms = now;
        shown.drawn_ms = 0;
    }
    shown.done = done;
    shown.total = total;
    if (isatty(STDERR_FILENO) && now - shown.began_ms >= PROGRESS_AFTER_MS && now - shown.drawn_ms >= PROGRESS_EVERY_MS)
        draw(now);
}

tw_progress tw_out_progress(const tw_cli_args *a)
{
    return a->quiet ? (tw_progress){ NULL, NULL } : (tw_progress){ step, NULL };
}

void tw_out_progress_end(void)
{
    finish_step();
}
