/* leakscan PLANTED FOLDER...: exit 0 nothing found, 1 found (a line each, never the value), 2 could not look.
 * PLANTED: lines "kind TAB value TAB ..." after a header. */
#include "leakscan.h"

#define LINES_MAX 100

typedef struct {
    size_t shown;
} output;

static void show(void *arg, const char *file, size_t offset, const char *kind, const char *how, size_t line)
{
    output *o = arg;
    if (o->shown++ < LINES_MAX)
        printf("%s:%zu: %s (value %zu) %s\n", file, offset, kind, line - 1, how);
}

static bool read_planted(tw_buf *out, const char *path)
{
    uint8_t chunk[65536];
    size_t got;
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    while ((got = fread(chunk, 1, sizeof chunk, f)) > 0)
        tw_buf_add(out, chunk, got);
    bool ok = !ferror(f) && !out->failed;
    fclose(f);
    return ok;
}

int main(int argc, char **argv)
{
    output o = { 0 };
    leakscan_total t = { 0 };
    tw_buf planted;
    bool ok = argc > 2;
    tw_base_start();
    tw_buf_init(&planted, (size_t)1 << 30);
    ok = ok && read_planted(&planted, argv[1]);
    leakscan *s = leakscan_new();
    size_t values = ok ? leakscan_add_planted(s, tw_str_of_bytes(tw_buf_view(&planted))) : 0;
    leakscan_build(s);
    for (int i = 2; ok && i < argc; i++)
        ok = leakscan_tree(&t, s, argv[i], show, &o);
    printf("%zu values, %llu files, %llu bytes: %llu hits\n", values, (unsigned long long)t.files,
           (unsigned long long)t.bytes, (unsigned long long)t.hits);
    leakscan_free(s);
    tw_buf_done(&planted);
    if (!ok || values == 0 || t.files == 0) {
        fprintf(stderr, "leakscan: usage: leakscan PLANTED FOLDER... (all must be readable)\n");
        return 2;
    }
    return t.hits ? 1 : 0;
}
