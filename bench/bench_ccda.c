/* Throughput of C-CDA on one core: XML to a tree, and documents to FHIR. Usage: bench_ccda FILE... ; files are read
 * once, then taken `rounds` times; the figure is the best round. */
#include "decode.h"
#include "input.h"

enum { ROUNDS = 15 };

static tw_status parse(tw_ctx *cx, tw_buf *out, const void *file, tw_str text)
{
    tw_xml d;
    (void)out, (void)file;
    return tw_xml_parse(cx, &d, NULL, text, NULL);
}

static tw_status decode(tw_ctx *cx, tw_buf *out, const void *file, tw_str text)
{
    tw_place place;
    return tw_decoder_ccda.bundle(cx, out, &place, file, text);
}

static tw_status take(void *self, tw_ctx *cx, const tw_phi *phi)
{
    (void)self, (void)cx, (void)phi;
    return TW_OK;
}

static tw_status read_all(tw_ctx *cx, tw_buf *out, const void *file, tw_str text)
{
    static const tw_sources_sink sink = { take, NULL, NULL };
    tw_sources *s;
    (void)out, (void)file;
    TW_TRY(tw_sources_new(cx, &s, NULL, &sink));
    tw_status st = tw_sources_read(cx, s, TW_STR("file"), text, TW_FORM_CCDA);
    tw_sources_free(s);
    return st;
}

/* false: a file was refused. */
static bool round_of(const char *name, tw_status (*step)(tw_ctx *cx, tw_buf *out, const void *file, tw_str text),
                     const tw_str *text, size_t n, const void *file)
{
    tw_ctx cx;
    tw_buf out;
    size_t bytes = 0;
    double best = 1e9;
    tw_ctx_init(&cx, 1024 * TW_MIB, NULL);
    tw_buf_init(&out, 256 * TW_MIB);
    for (int r = 0; r < ROUNDS; r++) {
        double from = core_seconds();
        bytes = 0;
        for (size_t i = 0; i < n; i++) {
            tw_mark m = tw_arena_mark(cx.arena);
            tw_buf_clear(&out);
            if (step(&cx, &out, file, text[i]) != TW_OK) {
                fprintf(stderr, "file %zu: %s\n", i + 1, cx.err.msg);
                return false;
            }
            bytes += text[i].n;
            tw_arena_back(cx.arena, m);
        }
        best = TW_MIN(best, core_seconds() - from);
    }
    figure(name, (double)bytes / best * 1e-6, "MB/s", bytes);
    tw_buf_done(&out);
    tw_ctx_done(&cx);
    return true;
}

int main(int argc, char **argv)
{
    void *file;
    size_t used;
    tw_ctx cx;
    tw_base_start();
    tw_arena *files = tw_arena_new(1024 * TW_MIB);
    tw_ctx_init(&cx, TW_MIB, NULL);
    size_t n = argc > 1 ? (size_t)argc - 1 : 0;
    tw_str *text = tw_arena_get(files, (n + 1) * sizeof *text);
    for (size_t i = 0; i < n; i++)
        text[i] = read_file(files, argv[i + 1]);
    if (tw_decoder_ccda.open(&cx, &file, &used, NULL, TW_STR("x.xml"), (tw_str){ "", 0 }) != TW_OK)
        return 1;
    bool ok = round_of("ccda.xml", parse, text, n, file) && round_of("ccda.map", decode, text, n, file) &&
              round_of("ccda.read", read_all, text, n, file);
    tw_decoder_ccda.close(file);
    tw_ctx_done(&cx);
    tw_arena_free(files);
    return ok ? 0 : 1;
}
