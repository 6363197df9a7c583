/* Throughput of configurations on one core. Usage: bench_config CONFIG.json BUNDLE.json...; prints the figures
 * config.safe and config.compat, MB/s of input: minified resources of the Bundles as lines of NDJSON, read, worked on
 * and written; best of the rounds, processor time. Also config.compile, milliseconds to read the configuration. */
#include "deid/deid.h"
#include "input.h"

#define RESOURCES_MAX 100000
#define ROUNDS 9

static tw_str all[RESOURCES_MAX];
static size_t count, bytes;

static void take_bundle(tw_ctx *cx, tw_str text)
{
    tw_json d;
    must(cx, tw_json_parse(cx, &d, text, NULL));
    uint32_t entries = tw_json_get(&d, 0, "entry");
    for (uint32_t e = tw_json_first(&d, entries); e != TW_JSON_NONE; e = tw_json_next(&d, entries, e)) {
        tw_str raw = minified(cx->arena, tw_json_raw(&d, tw_json_get(&d, e, "resource")));
        if (count == RESOURCES_MAX || tw_str_find(raw, TW_STR("\"data\":\"")) != SIZE_MAX)
            continue;
        all[count++] = raw;
        bytes += raw.n;
    }
}

static double round_of(tw_ctx *cx, const tw_config *c, tw_buf *out)
{
    static const uint8_t key[32] = { 1 };
    tw_config_opts o = { .reference_day = 20600, .file = TW_STR("f"), .folder = TW_STR("g"), .key = key };
    tw_config_work *w = tw_config_work_new(c);
    double from = core_seconds();
    for (size_t i = 0; i < count; i++) {
        tw_mark m = tw_arena_mark(cx->arena);
        tw_buf_clear(out);
        must(cx, tw_config_apply(cx, out, w, all[i], &o));
        tw_arena_back(cx->arena, m);
    }
    double took = core_seconds() - from;
    tw_config_work_free(w);
    return took;
}

static void measure(tw_ctx *cx, tw_str text, bool compat)
{
    tw_config *c;
    tw_buf out;
    double best = 1e9;
    tw_buf_init(&out, 64 * TW_MIB);
    double from = core_seconds();
    must(cx, tw_config_parse(cx, &c, text, compat));
    if (!compat)
        figure("config.compile", (core_seconds() - from) * 1e3, "ms", 1);
    for (int i = 0; i < ROUNDS; i++) {
        double took = round_of(cx, c, &out);
        best = took < best ? took : best;
    }
    figure(compat ? "config.compat" : "config.safe", (double)bytes / best / 1e6, "MB/s", bytes);
    tw_buf_done(&out);
    tw_config_free(c);
}

int main(int argc, char **argv)
{
    tw_ctx cx;
    uint64_t seed = 1;
    tw_env env = { .entropy = { cheap_fill, &seed } };
    tw_base_start();
    tw_ctx_init(&cx, 2048 * TW_MIB, &env);
    if (argc < 3) {
        fprintf(stderr, "usage: bench_config CONFIG.json BUNDLE.json...\n");
        return 2;
    }
    for (int i = 2; i < argc; i++)
        take_bundle(&cx, read_file(cx.arena, argv[i]));
    tw_str config = read_file(cx.arena, argv[1]);
    measure(&cx, config, false);
    measure(&cx, config, true);
    tw_ctx_done(&cx);
    return 0;
}
