/* Throughput of HL7 v2 through the rules of a profile, on one core.
 * Usage: bench_hl7_deid [--show PROFILE | --text] FILE...
 *
 * Messages are parted where a line begins with MSH, before the clock starts. Those of all files are repeated until they
 * make 16 MiB. Figures in MB/s of v2, best of the rounds, processor time: hl7_deid.twin (all messages, free text
 * removed), hl7_deid.structured (without segments NTE and OBX of type FT, TX and ST: messages that have no free text),
 * and with --text the same with the English text engine: hl7_deid.structured_display, hl7_deid.text. --show prints the
 * messages instead, once. */
#include "deid/deid.h"
#include "format/format.h"
#include "hl7_messages.h"
#include "input.h"

#define ROUNDS 7
#define WANTED (16 * TW_MIB)

static bool is_text(tw_str segment)
{
    tw_str type = tw_hl7_part(segment, '|', 3);
    return tw_str_starts(segment, "NTE") ||
           (tw_str_starts(segment, "OBX") && (tw_str_is(type, "FT") || tw_str_is(type, "TX") || tw_str_is(type, "ST")));
}

static void structured(tw_buf *out, tw_str all)
{
    tw_str message, segment;
    while (hl7_next_message(&message, &all))
        while (tw_str_split(&segment, &message, '\r'))
            if (!is_text(segment)) {
                tw_buf_str(out, segment);
                tw_buf_u8(out, '\r');
            }
}

#define MESSAGES_MAX 200000
static tw_str message[MESSAGES_MAX];
static size_t dead, messages;

static void part(tw_str all)
{
    messages = 0;
    while (messages < MESSAGES_MAX && hl7_next_message(&message[messages], &all))
        messages++;
}

static void through(tw_ctx *cx, tw_buf *out, tw_doc_work *w)
{
    dead = 0;
    tw_buf_clear(out);
    for (size_t i = 0; i < messages; i++) {
        tw_status s = tw_deid_hl7(cx, out, w, message[i]);
        if (s != TW_OK && dead++ == 0)
            fprintf(stderr, "message %zu: %s\n", i + 1, cx->err.msg);
    }
}

static void measure(tw_ctx *cx, tw_buf *out, const char *name, const tw_doc_opts *o, tw_str all)
{
    tw_doc_work *w;
    double least = 1e9;
    if (all.n == 0)
        return;
    part(all);
    must(cx, tw_doc_work_new(cx, &w, o));
    for (int i = 0; i < ROUNDS; i++) {
        double from = core_seconds();
        through(cx, out, w);
        least = TW_MIN(least, core_seconds() - from);
    }
    tw_doc_work_free(w);
    figure(name, (double)all.n / 1e6 / least, "MB/s", all.n);
    if (dead)
        fprintf(stderr, "%zu of %zu messages are dead letters\n", dead, messages);
}

/* Until there is enough of it. */
static tw_str repeated(tw_arena *a, const tw_buf *b)
{
    size_t times = b->n > 1 ? WANTED / b->n + 1 : 0;
    char *p = tw_arena_get(a, times * b->n + 1);
    for (size_t i = 0; i < times; i++)
        memcpy(p + i * b->n, b->p, b->n);
    return (tw_str){ p, times * b->n };
}

int main(int argc, char **argv)
{
    static const uint8_t key[32] = { 1 };
    tw_ctx cx;
    tw_buf files, plain, out;
    tw_profile *profile;
    tw_doc_work *w;
    tw_base_start();
    tw_ctx_init(&cx, 1024 * TW_MIB, NULL);
    tw_buf_init(&files, 512 * TW_MIB);
    tw_buf_init(&plain, 512 * TW_MIB);
    tw_buf_init(&out, 512 * TW_MIB);
    bool show = argc > 2 && strcmp(argv[1], "--show") == 0, text = argc > 1 && strcmp(argv[1], "--text") == 0;
    for (int i = 1 + 2 * show + text; i < argc; i++)
        add_file(&files, argv[i]);
    must(&cx, tw_profile_builtin(&cx, &profile, tw_str_of(show ? argv[2] : "twin")));
    tw_doc_opts o = { .profile = profile, .key = key, .reference_day = 20089, .text_strict = true };
    tw_text_model *model = NULL;
    if (show || text)
        must(&cx, tw_text_model_builtin(&cx, &model, TW_STR("en")));
    if (show) {
        o.text = model;
        must(&cx, tw_doc_work_new(&cx, &w, &o));
        part(tw_str_of_bytes(tw_buf_view(&files)));
        through(&cx, &out, w);
        fwrite(out.p, 1, out.n, stdout);
        tw_doc_work_free(w);
        return dead > 0;
    }
    structured(&plain, tw_str_of_bytes(tw_buf_view(&files)));
    tw_str all = repeated(cx.arena, &files), no_text = repeated(cx.arena, &plain);
    measure(&cx, &out, "hl7_deid.twin", &o, all);
    measure(&cx, &out, "hl7_deid.structured", &o, no_text);
    o.text = model;
    if (text) {
        measure(&cx, &out, "hl7_deid.structured_display", &o, no_text);
        measure(&cx, &out, "hl7_deid.text", &o, all);
    }
    tw_text_model_free(model);
    return 0;
}
