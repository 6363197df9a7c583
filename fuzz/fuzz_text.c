/* Free text. First byte: what the rest is.
 *  0  a note, English     1  a note, Spanish; lines behind a NUL are values known of the patient: field, value
 *  2  a date              3  HTML                4  RTF
 * Must hold: marks lie in the note, on borders of characters; what is not marked stands in the replaced note byte for
 * byte; a surrogate is never the value; a date moved there and back is the date; text of documents is UTF-8. */
#include "support.h"

#include <stdlib.h>

#include "pattern_internal.h"

static const uint8_t key[32] = { 7 };

typedef struct {
    text_patterns *patterns;
    hs_scratch_t *scratch;
} finder;

static const finder *finder_of(tw_ctx *cx, unsigned spanish)
{
    static finder all[2];
    finder *f = &all[spanish];
    if (!f->patterns) {
        FUZZ_CHECK(patterns_open(cx, &f->patterns, spanish ? TW_STR("es") : TW_STR("en")) == TW_OK);
        FUZZ_CHECK(hs_alloc_scratch(patterns_database(f->patterns), &f->scratch) == HS_SUCCESS);
    }
    return f;
}

static tw_text_known *known_of(tw_ctx *cx, tw_str lines)
{
    tw_text_known *k = tw_text_known_new();
    tw_str line;
    FUZZ_CHECK(k != NULL);
    while (tw_str_split(&line, &lines, '\n'))
        if (line.n > 1)
            (void)!tw_text_known_add(cx, k, (tw_known_field)((uint8_t)line.p[0] % (TW_KNOWN_ORG + 1)),
                                     (tw_str){ line.p + 1, line.n - 1 });
    FUZZ_CHECK(tw_text_known_ready(cx, k) == TW_OK);
    return k;
}

static int by_start(const void *a, const void *b)
{
    const text_mark *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

static bool on_border(tw_str s, uint32_t i)
{
    return i == s.n || ((uint8_t)s.p[i] & 0xc0) != 0x80;
}

/* Sure marks joined, in bytes of the note as it was. */
static size_t join(tw_text_span *span, text_marks *marks, const text_note *note)
{
    size_t n = 0;
    if (marks->n > 0)
        qsort(marks->p, marks->n, sizeof *marks->p, by_start);
    for (uint32_t i = 0; i < marks->n; i++) {
        const text_mark *m = &marks->p[i];
        FUZZ_CHECK(m->start < m->end && m->end <= note->norm.n && m->kind < TW_TEXT_KINDS);
        FUZZ_CHECK(on_border(note->norm, m->start) && on_border(note->norm, m->end));
        if (!m->sure)
            continue;
        uint32_t start = note->map ? note->map[m->start] : m->start, end = note->map ? note->map[m->end] : m->end;
        if (n > 0 && start < span[n - 1].end)
            span[n - 1].end = TW_MAX(span[n - 1].end, end);
        else if (start < end)
            span[n++] = (tw_text_span){ start, end, m->kind, m->finder };
    }
    return n;
}

static void check_replaced(tw_str text, const tw_text_span *span, size_t n, tw_text_style style)
{
    tw_text_replace_opts opts = { style, key, 40 };
    tw_buf out;
    tw_buf_init(&out, 64 * TW_MIB);
    tw_text_replace(&out, NULL, text, span, n, &opts);
    FUZZ_CHECK(!out.failed);
    tw_str got = tw_str_of_bytes(tw_buf_view(&out));
    FUZZ_CHECK(tw_utf8_valid(got));
    if (text.n == 0)
        text.p = got.p = "";
    uint32_t head = n ? span[0].start : (uint32_t)text.n;
    size_t tail = n ? text.n - span[n - 1].end : 0;
    FUZZ_CHECK(got.n >= head + tail && tw_str_eq((tw_str){ got.p, head }, (tw_str){ text.p, head }));
    FUZZ_CHECK(tw_str_eq((tw_str){ got.p + got.n - tail, tail }, (tw_str){ text.p + text.n - tail, tail }));
    tw_buf_done(&out);
    for (size_t i = 0; i < n; i++) {
        tw_str old = { text.p + span[i].start, span[i].end - span[i].start };
        tw_buf_init(&out, TW_MIB);
        bool made = surrogate_write(&out, NULL, old, (tw_text_kind)span[i].kind, &opts);
        FUZZ_CHECK(!made || !tw_bytes_eq(tw_buf_view(&out), tw_bytes_of(old)));
        tw_buf_done(&out);
    }
}

static void check_note(tw_ctx *cx, tw_str text, unsigned spanish)
{
    const finder *f = finder_of(cx, spanish);
    tw_str lines = text;
    text_note note;
    text_token *token;
    uint32_t count;
    text_marks marks = { 0 };
    tw_str_split(&text, &lines, '\0');
    tw_text_known *k = known_of(cx, lines);
    if (note_make(cx, &note, text) == TW_OK && note_tokens(cx, &token, &count, &note) == TW_OK) {
        FUZZ_CHECK(patterns_find(cx, &marks, f->patterns, f->scratch, &note) == TW_OK);
        known_find(cx, &marks, k, &note, token, count);
        tw_text_span *span = tw_arena_get(cx->arena, (marks.n + 1) * sizeof *span);
        size_t n = join(span, &marks, &note);
        check_replaced(text, span, n, TW_TEXT_TAGS);
        check_replaced(text, span, n, TW_TEXT_SURROGATES);
    }
    tw_text_known_free(k);
}

static void check_date(tw_bytes in)
{
    bool day_first = fuzz_take(&in) & 1;
    tw_str text = tw_str_of_bytes(in);
    text_date d, again;
    tw_buf there, back;
    if (!date_read(&d, text, 0, day_first))
        return;
    FUZZ_CHECK(d.start == 0 && d.end <= text.n && d.parts > 0);
    tw_buf_init(&there, TW_KIB);
    tw_buf_init(&back, TW_KIB);
    if (date_write(&there, &d, text, 400) && d.form == DATE_FULL && d.part[0].part == PART_YEAR) {
        tw_str moved = tw_str_of_bytes(tw_buf_view(&there));
        FUZZ_CHECK(date_read(&again, moved, 0, day_first) || d.year > 2097);
        if (again.parts && date_read(&again, moved, 0, day_first) && date_write(&back, &again, moved, -400)) {
            FUZZ_CHECK(date_read(&again, tw_str_of_bytes(tw_buf_view(&back)), 0, day_first));
            FUZZ_CHECK(again.year == d.year && again.month == d.month && again.day == d.day);
        }
    }
    tw_buf_done(&there);
    tw_buf_done(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_bytes in = { data, size };
    tw_str out;
    fuzz_begin(&cx, 64 * TW_MIB);
    unsigned what = fuzz_take(&in) % 5;
    if (what < 2)
        check_note(&cx, tw_str_of_bytes(in), what);
    else if (what == 2)
        check_date(in);
    else if (tw_text_extract(&cx, &out, what == 3 ? TW_STR("text/html") : TW_STR("text/rtf"), in) == TW_OK)
        FUZZ_CHECK(tw_utf8_valid(out));
    tw_ctx_done(&cx);
    return 0;
}
