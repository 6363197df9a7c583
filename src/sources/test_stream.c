/* Pieces of a stream: the same cuts however the bytes come, no byte lost, and a place to go on from. */
#include "test.h"

#include "sources/sources.h"

typedef struct {
    tw_str rest;
    size_t most; /* bytes a read, at random; 0: all that is asked for */
} drip;

static tw_status drip_read(void *self, TW_UNUSED tw_ctx *c, uint8_t *out, size_t n, size_t *got)
{
    drip *d = self;
    size_t most = d->most ? 1 + (size_t)tw_test_below(d->most) : n; /* a macro would ask twice */
    *got = TW_MIN(TW_MIN(n, most), d->rest.n);
    if (*got)
        memcpy(out, d->rest.p, *got);
    d->rest = (tw_str){ d->rest.p + *got, d->rest.n - *got };
    return TW_OK;
}

static const tw_sources_opts opts = { .line_bytes_max = 300000, .document_bytes_max = 400000 };

/* Spans of all pieces, a line each; *items: what was judged. */
static tw_str cuts(tw_str text, tw_sources_form form, size_t most, uint64_t from, uint32_t line, size_t *items)
{
    tw_buf b;
    tw_cutter *c;
    tw_piece *p;
    tw_sources *s;
    drip d = { text, most };
    tw_sources_sink sink = { NULL, NULL, NULL };
    tw_cutter_opts what = { .label = TW_STR("f"), .form = form, .input = { drip_read, &d }, .offset = from };
    what.line = line;
    *items = 0;
    tw_buf_init(&b, TW_MIB);
    assert_ok(tw_sources_new(cx, &s, &opts, &sink));
    assert_ok(tw_cutter_new(cx, &c, tw_sources_opts_view(s), &what));
    for (;;) {
        assert_ok(tw_cutter_next(cx, &p, c));
        if (!p)
            break;
        tw_piece_span span = tw_piece_span_of(p);
        tw_buf_fmt(&b, "%llu-%llu line %u\n", (unsigned long long)span.from, (unsigned long long)span.to, span.line_to);
        assert_ok(tw_piece_prepare(cx, s, p, false));
        assert_ok(tw_piece_judge(cx, s, p));
        *items += tw_piece_count(p);
        tw_piece_free(p);
    }
    tw_cutter_free(c);
    tw_sources_free(s);
    tw_str out = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return out;
}

/* Lines of all lengths; some blank, some longer than a piece, two too long. */
static tw_str lines(size_t *count)
{
    tw_buf b;
    tw_buf_init(&b, 64 * TW_MIB);
    *count = 0;
    for (size_t i = 0; i < 4000; i++) {
        size_t n = i == 1500 ? 290000 : i == 700 || i == 2500 ? 900000 : tw_test_below(i % 50 ? 400 : 30000);
        *count += n > 0;
        for (size_t k = 0; k < n; k++)
            tw_buf_u8(&b, (uint8_t)('!' + (i + k) % 90));
        tw_buf_cstr(&b, i % 3 ? "\n" : "\r\n");
    }
    tw_str out = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return out;
}

TEST(cuts__do_not_depend_on_how_the_bytes_come)
{
    size_t want;
    size_t n;
    tw_str text = lines(&want);
    tw_str whole = cuts(text, TW_FORM_NDJSON, 0, 0, 0, &n);
    assert_int_equal(want, n); /* each line is one dead letter, the long ones too */
    static const size_t most[] = { 1, 7000, 300000, 2000000 };
    for (size_t i = 0; i < TW_COUNT(most); i++) {
        tw_str got = cuts(text, TW_FORM_NDJSON, most[i], 0, 0, &n);
        assert_str(tw_cstr(cx->arena, whole), got);
        assert_int_equal(want, n);
    }
}

TEST(cuts__go_on_at_the_end_of_any_piece)
{
    size_t want;
    size_t n;
    size_t all;
    tw_str text = lines(&want);
    tw_str whole = cuts(text, TW_FORM_NDJSON, 0, 0, 0, &all);
    tw_str rest = whole;
    tw_str line;
    size_t pieces = 0;
    while (tw_str_split(&line, &rest, '\n') && rest.n) {
        unsigned long long from;
        unsigned long long to;
        unsigned lines_to;
        if (pieces++ % 4)
            continue;
        assert_int_equal(3, sscanf(line.p, "%llu-%llu line %u", &from, &to, &lines_to));
        (void)cuts(text, TW_FORM_NDJSON, 0, to, lines_to, &n);
        tw_str head = { text.p, (size_t)to };
        size_t before;
        (void)cuts(head, TW_FORM_NDJSON, 0, 0, 0, &before);
        assert_int_equal(all, before + n);
    }
    assert_true(pieces > 4);
}

TEST(cuts__a_document_is_one_piece_or_one_dead_letter)
{
    size_t n;
    char *text = tw_arena_get(cx->arena, 500000);
    memset(text, ' ', 500000);
    assert_str("0-0 line 0\n", cuts(TW_STR(""), TW_FORM_DOCUMENT, 0, 0, 0, &n));
    assert_int_equal(1, n);
    assert_str("0-400000 line 0\n", cuts((tw_str){ text, 400000 }, TW_FORM_DOCUMENT, 1000, 0, 0, &n));
    assert_int_equal(1, n);
    assert_str("0-400001 line 0\n", cuts((tw_str){ text, 400001 }, TW_FORM_DOCUMENT, 1000, 0, 0, &n));
    assert_int_equal(1, n);
    assert_str("", cuts(TW_STR(""), TW_FORM_NDJSON, 0, 0, 0, &n));
    assert_int_equal(0, n);
}

/* Units of a raw table, a line each, line ends in them as "/". */
static tw_str raw_rows(const char *table)
{
    tw_buf b;
    tw_cutter *c;
    tw_piece *p;
    drip d = { tw_str_of(table), 0 };
    tw_cutter_opts what = { .label = TW_STR("f"), .form = TW_FORM_CSV, .input = { drip_read, &d }, .raw = true };
    tw_buf_init(&b, TW_MIB);
    assert_ok(tw_cutter_new(cx, &c, &opts, &what));
    for (;;) {
        assert_ok(tw_cutter_next(cx, &p, c));
        if (!p)
            break;
        for (size_t i = 0; i < tw_piece_raw_count(p); i++) {
            tw_str text = tw_piece_raw(p, i).text;
            for (size_t k = 0; k < text.n; k++)
                tw_buf_u8(&b, (uint8_t)(text.p[k] == '\n' ? '/' : text.p[k]));
            tw_buf_u8(&b, '\n');
        }
        tw_piece_free(p);
    }
    tw_cutter_free(c);
    tw_str out = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return out;
}

TEST(cuts__a_raw_table_by_the_delimiter_that_it_has)
{
    assert_str("a,b,c\n1,\"x/y\",3\n4,5,6\n", raw_rows("a,b,c\n1,\"x\ny\",3\n4,5,6\n"));
    assert_str("a;b;c\n1;\"x/y\";3\n4;5;6\n", raw_rows("a;b;c\n1;\"x\ny\";3\n4;5;6\n"));
    assert_str("a\tb\n1\t\"x/y, z, z\"\n", raw_rows("a\tb\n1\t\"x\ny, z, z\"\n"));
    assert_str("a|b|c\n1|one, two, three|\"x/y\"\n2|2|2\n", raw_rows("a|b|c\n1|one, two, three|\"x\ny\"\n2|2|2\n"));
    assert_str("a;b;c\n1,5;\"x/y\";3,5\n", raw_rows("a;b;c\n1,5;\"x\ny\";3,5"));
    assert_str("a\n\"x/y\"\n", raw_rows("a\n\"x\ny\"\n")); /* of one column */
}
