/* Everything that is printed. */
#include "cli/out.h"

#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/errors.h"

#define JSON_MAX (512 * TW_MIB)
#define PROGRESS_AFTER_MS 300
#define PROGRESS_EVERY_MS 100
#define PROGRESS_LINE_MS 30000 /* where nothing can be rewritten */

static struct {
    bool quiet;
    bool verbose;
    bool colour;
} how; /* one process, one way to print */

void tw_out_start(const tw_cli_args *a)
{
    const char *term = getenv("TERM");
    const char *no = getenv("NO_COLOR");
    how.quiet = a->quiet;
    how.verbose = a->verbose;
    how.colour = !a->plain && isatty(STDERR_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

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

tw_status tw_out_write(TW_UNUSED void *self, TW_UNUSED tw_ctx *cx, tw_str bytes)
{
    tw_out_str(bytes);
    return TW_OK;
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

const char *tw_out_ask(tw_ctx *cx, const char *question)
{
    char line[256] = "";
    if (!isatty(STDIN_FILENO))
        return "";
    fflush(stdout);
    fprintf(stderr, "%s", question);
    if (!fgets(line, sizeof line, stdin))
        return "";
    line[strcspn(line, "\r\n")] = '\0';
    return tw_cstr(cx->arena, tw_str_of(line));
}

tw_status tw_out_flush(tw_ctx *cx)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return TW_OK;
    clearerr(stdout);
    return tw_fail(cx, TW_EIO, "standard output did not take what was written");
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

/* ---------------------------------------------------------------- errors and events */

int tw_out_error(const tw_ctx *cx, bool json, tw_status s)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    if (json)
        tw_error_json(&b, cx, s);
    else
        tw_error_text(&b, cx, s, (tw_error_style){ .colour = how.colour, .where = how.verbose });
    fflush(stdout);
    if (b.n)
        fwrite(b.p, 1, b.n, stderr);
    tw_buf_done(&b);
    return tw_status_exit(s);
}

void tw_out_event(TW_UNUSED void *self, tw_log_level level, const char *name, const char *text)
{
    if (how.quiet || (level != TW_LOG_WARN && !how.verbose))
        return;
    tw_out_progress_end();
    fprintf(stderr, "%s: %s: %s\n", level == TW_LOG_WARN ? "warning" : "note", name, text);
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
    if (shown.done)
        fprintf(stderr, "%s: %llu\n", shown.name, (unsigned long long)shown.done);
    else /* a step without a count */
        fprintf(stderr, "%s\n", shown.name);
    shown.name[0] = '\0';
    shown.on_line = false;
}

static void draw(uint64_t now)
{
    shown.drawn_ms = now;
    shown.on_line = true;
    uint64_t spent = now - shown.began_ms;
    fprintf(stderr, "\r\033[K%s: %llu", shown.name, (unsigned long long)shown.done);
    if (spent)
        fprintf(stderr, ", %llu/s", (unsigned long long)(shown.done * 1000 / spent));
    if (!shown.total)
        return;
    uint64_t left = shown.done && shown.total > shown.done ? spent * (shown.total - shown.done) / shown.done / 1000 : 0;
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
    if (!isatty(STDERR_FILENO)) {
        if (now - TW_MAX(shown.began_ms, shown.drawn_ms) >= PROGRESS_LINE_MS) { /* a log: a line now and then */
            shown.drawn_ms = now;
            fprintf(stderr, "%s: %llu of %llu, %llu/s\n", name, (unsigned long long)done, (unsigned long long)total,
                    (unsigned long long)(done * 1000 / (now - shown.began_ms)));
        }
        return;
    }
    if (now - shown.began_ms >= PROGRESS_AFTER_MS && now - shown.drawn_ms >= PROGRESS_EVERY_MS)
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
