/* Throughput of HL7 v2 on one core. Usage: bench_hl7 [--show] FILE...
 *
 * The messages of all files are repeated until they make 16 MiB. Figures in MB/s of v2, best of the rounds, processor
 * time: hl7.frame (cutting alone), hl7.decode (segments and fields noted, charset checked), hl7.map (decode, and FHIR
 * Bundles written), hl7.read (the whole reader: the Bundles read back, patients found, records handed on) and hl7.gate
 * (the reader, and each record through the gate); hl7.fhir_bytes is what a byte of v2 becomes. --show prints the
 * Bundles instead, once, a line each. */
#include "decode.h"
#include "deid/deid.h"
#include "input.h"

#define ROUNDS 7
#define WANTED (16 * TW_MIB)

typedef enum { FRAME, DECODE, MAP, SHOW } what;

static tw_status one(tw_ctx *cx, tw_buf *json, const void *file, tw_str unit, what w)
{
    tw_place place;
    tw_hl7 m;
    if (w == FRAME)
        return TW_OK;
    if (w == DECODE)
        return tw_hl7_parse(cx, &m, NULL, unit.p[0] == '\x0b' ? (tw_str){ unit.p + 1, unit.n - 2 } : unit);
    tw_buf_clear(json);
    tw_status s = tw_decoder_hl7v2.bundle(cx, json, &place, file, unit);
    if (w == SHOW && s == TW_OK)
        printf(TW_FMT "\n", TW_ARG(tw_str_of_bytes(tw_buf_view(json))));
    else if (w == SHOW)
        fprintf(stderr, "line %u, " TW_FMT ": %s\n", place.line, TW_ARG(place.path), cx->err.msg);
    return s;
}

static size_t dead, units, json_bytes;

static void through(tw_ctx *cx, tw_buf *json, tw_str all, what w)
{
    const tw_decoder *d = &tw_decoder_hl7v2;
    tw_sources_opts opts = { 0 };
    void *file;
    size_t skip, size;
    dead = units = json_bytes = 0;
    if (d->open(cx, &file, &skip, &opts, TW_STR("bench.hl7"), all) != TW_OK)
        return;
    all = (tw_str){ all.p + skip, all.n - skip };
    for (tw_frame f; (f = d->frame(file, &skip, &size, all, true)) != TW_FRAME_END;) {
        if (f == TW_FRAME_UNIT) {
            tw_mark mark = tw_arena_mark(cx->arena);
            units++;
            dead += one(cx, json, file, (tw_str){ all.p + skip, size }, w) != TW_OK;
            json_bytes += json->n;
            tw_arena_back(cx->arena, mark);
        }
        all = (tw_str){ all.p + skip + size, all.n - skip - size };
    }
    d->close(file);
}

typedef struct {
    tw_sources *reader;
    const tw_profile *profile; /* NULL: records are only handed on */
    size_t handed;
} taker;

static tw_status on_record(void *self, tw_ctx *cx, const tw_phi *phi)
{
    static const uint8_t key[32] = { 1 };
    taker *t = self;
    tw_deid *record;
    t->handed++;
    if (!t->profile)
        return TW_OK;
    tw_sources_self me = tw_sources_self_view(t->reader);
    tw_gate_opts o = { .profile = t->profile, .id_key = key, .shift_weeks = -3, .reference_day = 20089 };
    o.self = me.resource_id;
    o.self_reference = me.reference;
    return tw_deid_gate(cx, &record, NULL, NULL, phi, &o);
}

static void whole(tw_ctx *cx, taker *t, tw_str all)
{
    const tw_sources_sink sink = { on_record, NULL, t };
    t->handed = 0;
    must(cx, tw_sources_new(cx, &t->reader, NULL, &sink));
    must(cx, tw_sources_read(cx, t->reader, TW_STR("1"), all, TW_FORM_HL7V2));
    const tw_sources_tally *tally = tw_sources_tally_view(t->reader);
    if (tally->all.dead)
        fprintf(stderr, "%llu of %llu resources are dead letters\n", (unsigned long long)tally->all.dead,
                (unsigned long long)tally->all.read);
    tw_sources_free(t->reader);
}

/* t NULL: decoding as `w` says, else the whole reader. */
static double best(tw_ctx *cx, tw_buf *json, tw_str all, what w, taker *t)
{
    double least = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        double from = core_seconds();
        if (t)
            whole(cx, t, all);
        else
            through(cx, json, all, w);
        least = TW_MIN(least, core_seconds() - from);
    }
    return (double)all.n / 1e6 / least;
}

static void measure(tw_ctx *cx, tw_buf *json, tw_str all)
{
    tw_profile *profile;
    taker t = { .profile = NULL };
    must(cx, tw_profile_builtin(cx, &profile, TW_STR("twin")));
    figure("hl7.frame", best(cx, json, all, FRAME, NULL), "MB/s", all.n);
    figure("hl7.decode", best(cx, json, all, DECODE, NULL), "MB/s", all.n);
    figure("hl7.map", best(cx, json, all, MAP, NULL), "MB/s", all.n);
    figure("hl7.fhir_bytes", (double)json_bytes / (double)all.n, "bytes a byte", json_bytes);
    if (dead)
        fprintf(stderr, "%zu of %zu messages are dead letters\n", dead, units);
    figure("hl7.read", best(cx, json, all, MAP, &t), "MB/s", all.n);
    t.profile = profile;
    figure("hl7.gate", best(cx, json, all, MAP, &t), "MB/s", all.n);
}

int main(int argc, char **argv)
{
    tw_ctx cx;
    tw_buf files, all, json;
    tw_base_start();
    tw_ctx_init(&cx, 1024 * TW_MIB, NULL);
    tw_buf_init(&files, 256 * TW_MIB);
    tw_buf_init(&all, 512 * TW_MIB);
    tw_buf_init(&json, 256 * TW_MIB);
    bool show = argc > 1 && strcmp(argv[1], "--show") == 0;
    for (int i = 1 + show; i < argc; i++)
        add_file(&files, argv[i]);
    do
        tw_buf_add(&all, files.p, files.n);
    while (!show && files.n > 1 && all.n < WANTED);
    tw_str text = tw_str_of_bytes(tw_buf_view(&all));
    if (show)
        through(&cx, &json, text, SHOW);
    else
        measure(&cx, &json, text);
    tw_buf_done(&files);
    tw_buf_done(&all);
    tw_buf_done(&json);
    tw_ctx_done(&cx);
    return 0;
}
