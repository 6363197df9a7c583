/** Files that benchmarks read: whole, or one behind the other. */
#ifndef TW_BENCH_INPUT_H
#define TW_BENCH_INPUT_H

#include "figure.h"

/** "" when it cannot be read. */
static TW_UNUSED tw_str read_file(tw_arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return (tw_str){ "", 0 };
    fseek(f, 0, SEEK_END);
    size_t n = (size_t)ftell(f);
    rewind(f);
    char *p = tw_arena_get(a, n + 1);
    n = fread(p, 1, n, f);
    fclose(f);
    return (tw_str){ p, n };
}

/** With a line end behind it. */
static TW_UNUSED void add_file(tw_buf *all, const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t room[4096];
    size_t n;
    while (f && (n = fread(room, 1, sizeof room, f)) > 0)
        tw_buf_add(all, room, n);
    if (f)
        fclose(f);
    tw_buf_cstr(all, "\n");
}

/** JSON without blanks between its tokens. */
static TW_UNUSED tw_str minified(tw_arena *a, tw_str s)
{
    char *out = tw_arena_get(a, s.n + 1);
    size_t n = 0;
    bool inside = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!inside && (c == ' ' || c == '\n' || c == '\r' || c == '\t'))
            continue;
        if (c == '"')
            inside = !inside;
        out[n++] = c;
        if (inside && c == '\\')
            out[n++] = s.p[++i];
    }
    return (tw_str){ out, n };
}

#endif
