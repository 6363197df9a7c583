/* Throughput of the JSON reader on one core. Usage: bench_json FILE... ; prints a figure. Files are read once,
 * then parsed `rounds` times; the figure is the best round. */
#include "input.h"
#include "format/format.h"

int main(int argc, char **argv)
{
    enum { ROUNDS = 15 };
    tw_base_start();
    tw_arena *files = tw_arena_new(1024 * TW_MIB);
    tw_ctx cx;
    tw_ctx_init(&cx, 1024 * TW_MIB, NULL);
    size_t bytes = 0, tokens = 0;
    double best = 1e9;
    tw_str *text = tw_arena_get(files, (size_t)argc * sizeof *text);
    for (int i = 1; i < argc; i++)
        text[i] = read_file(files, argv[i]);
    for (int r = 0; r < ROUNDS; r++) {
        bytes = tokens = 0;
        double from = core_seconds();
        for (int i = 1; i < argc; i++) {
            tw_str rest = text[i], line;
            bool ndjson = tw_str_ends(tw_str_of(argv[i]), ".ndjson");
            while (ndjson ? tw_ndjson_next(&line, &rest) : rest.n > 0) {
                if (!ndjson) {
                    line = rest;
                    rest.n = 0;
                }
                tw_mark m = tw_arena_mark(cx.arena);
                tw_json d;
                if (tw_json_parse(&cx, &d, line, NULL) != TW_OK) {
                    fprintf(stderr, "%s: %s\n", argv[i], cx.err.msg);
                    return 1;
                }
                tokens += d.n;
                bytes += line.n;
                tw_arena_back(cx.arena, m);
            }
        }
        best = TW_MIN(best, core_seconds() - from);
    }
    figure("json.read", (double)bytes / best * 1e-6, "MB/s", bytes);
    figure("json.tokens", (double)tokens / best * 1e-6, "M/s", tokens);
    tw_ctx_done(&cx);
    tw_arena_free(files);
    return 0;
}
