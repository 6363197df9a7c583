/* Model files of the free-text engine. Must hold: a file is read whole or refused, with a message that says nothing of
 * it; what is read can be asked for any word; a note looked at with it gives spans in order, apart, on borders of
 * characters, under the best labelling and under any threshold, and the same ones again. */
#include "support.h"

#include "text_internal.h"

static const char note_text[] =
    "Patient name: Qux ley, Ann\tMRN: 4711-22\nSeen by Dr. Jos\xc3\xa9 O\xe2\x80\x99Neil, MD in May 2021.\n"
    "DAUGHTER ANN CALLED. pt. x seen w/ y\xc2\xa0today; age: 93. Sincerely,\nA. Qux RN";

static void look(const tw_text_model *m, double threshold, unsigned finders)
{
    tw_ctx cx;
    tw_text_work *w;
    tw_text_span *span, *again;
    size_t count, count_again;
    tw_str note = TW_STR(note_text);
    tw_text_opts opts = { .model = m, .threshold = threshold, .finders = finders };
    fuzz_begin(&cx, 16 * TW_MIB);
    FUZZ_CHECK(tw_text_work_new(&cx, &w, m) == TW_OK);
    FUZZ_CHECK(tw_text_find(&cx, &span, &count, w, note, &opts) == TW_OK);
    FUZZ_CHECK(tw_text_find(&cx, &again, &count_again, w, note, &opts) == TW_OK);
    FUZZ_CHECK(count == count_again);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        FUZZ_CHECK(span[i].start >= at && span[i].start < span[i].end && span[i].end <= note.n);
        FUZZ_CHECK(span[i].kind < TW_TEXT_KINDS && span[i].found_by && !(span[i].found_by & ~TW_TEXT_ALL));
        FUZZ_CHECK(((uint8_t)note.p[span[i].start] & 0xc0) != 0x80);
        FUZZ_CHECK(span[i].end == note.n || ((uint8_t)note.p[span[i].end] & 0xc0) != 0x80);
        FUZZ_CHECK(memcmp(&span[i], &again[i], sizeof span[i]) == 0);
        at = span[i].end;
    }
    tw_text_work_free(w);
    tw_ctx_done(&cx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_text_model m;
    tw_bytes in = { data, size };
    fuzz_begin(&cx, TW_MIB);
    tw_status s = model_read(&cx, &m, in);
    if (s != TW_OK) {
        fuzz_error_clean(&cx, in);
        tw_ctx_done(&cx);
        return 0;
    }
    (void)lexicon_get(&m.lexicon, text_hash(TW_STR("Qux")));
    (void)lexicon_get(&m.lexicon, UINT64_MAX);
    (void)lexicon_get(&m.lexicon, 0);
    look(&m, 0, 0);
    look(&m, 0.3, TW_TEXT_CRF);
    look(&m, 0.999, 0);
    look(&m, -1, TW_TEXT_CUES | TW_TEXT_PROPAGATION);
    model_done(&m);
    tw_ctx_done(&cx);
    return 0;
}
