/* Any bytes as an HL7 v2 file. Must hold: a message that parses, written and parsed again, has the same segments,
 * fields and texts, and is written the same a third time; what fuzz_decoder says, for the decoder of HL7 v2. */
#include "decoder.h"

/* The parts of both, by repetitions, components and subcomponents: the same texts, or neither has one. */
static void same_part(tw_ctx *cx, const tw_hl7 *a, const tw_hl7 *b, tw_str x, tw_str y, unsigned level)
{
    const char separator[] = { a->delims.repetition, a->delims.component, a->delims.sub };
    tw_str left, right;
    FUZZ_CHECK(tw_hl7_is_delete(x) == tw_hl7_is_delete(y));
    if (level == sizeof separator) {
        tw_status read = tw_hl7_text(cx, &left, a, x);
        FUZZ_CHECK(read == tw_hl7_text(cx, &right, b, y));
        FUZZ_CHECK(read != TW_OK || tw_str_eq(left, right));
        return;
    }
    for (;;) {
        bool more = tw_hl7_next(&left, &x, separator[level]);
        FUZZ_CHECK(more == tw_hl7_next(&right, &y, separator[level]));
        if (!more)
            return;
        same_part(cx, a, b, left, right, level + 1);
    }
}

static void same_message(tw_ctx *cx, const tw_hl7 *a, const tw_hl7 *b)
{
    FUZZ_CHECK(a->segments == b->segments);
    for (uint32_t i = 0; i < a->segments; i++) {
        const tw_hl7_segment *s = &a->segment[i], *t = &b->segment[i];
        FUZZ_CHECK(s->count == t->count && strcmp(s->name, t->name) == 0);
        for (uint32_t n = i == 0 ? 3 : 1; n < s->count + 1; n++) {
            tw_mark mark = tw_arena_mark(cx->arena);
            same_part(cx, a, b, tw_hl7_field(a, s, n), tw_hl7_field(b, t, n), 0);
            tw_arena_back(cx->arena, mark);
        }
    }
}

/* false: a text in it has an escape that is refused. */
static bool written(tw_ctx *cx, tw_bytes *out, const tw_hl7 *m)
{
    tw_buf b;
    tw_buf_init(&b, 16 * TW_MIB);
    tw_status s = tw_hl7_encode(cx, &b, m);
    FUZZ_CHECK(s == TW_OK || s == TW_EPARSE);
    if (s == TW_OK)
        *out = fuzz_taken(cx, &b);
    tw_buf_done(&b);
    return s == TW_OK;
}

static void message(tw_bytes in)
{
    tw_ctx cx;
    tw_hl7 m, again;
    tw_hl7_place place = { 0 };
    tw_bytes bytes, third;
    fuzz_begin(&cx, 64 * TW_MIB);
    if (tw_hl7_parse(&cx, &m, &place, tw_str_of_bytes(in)) != TW_OK) {
        FUZZ_CHECK(place.path != NULL);
    } else if (written(&cx, &bytes, &m)) {
        FUZZ_CHECK(tw_hl7_parse(&cx, &again, NULL, tw_str_of_bytes(bytes)) == TW_OK);
        same_message(&cx, &m, &again);
        FUZZ_CHECK(written(&cx, &third, &again) && tw_bytes_eq(bytes, third));
    }
    fuzz_error_clean(&cx, in);
    tw_ctx_done(&cx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_sources_opts opts = { .document_bytes_max = TW_MIB, .zone = TW_STR("CET-1CEST,M3.5.0,M10.5.0/3") };
    tw_bytes in = { data, size };
    message(in);
    fuzz_decoder(&tw_decoder_hl7v2, &opts, TW_STR("file.hl7"), in, false);
    return 0;
}
