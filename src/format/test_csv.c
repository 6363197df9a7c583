/* CSV rows: known answers, refusals with their places, rows cut at every byte, and back again. */
#include "test.h"

#include "format/format.h"

static const tw_csv_opts comma = { .delimiter = ',' };

/* Fields of the row joined by '~'. */
static const char *fields(const char *row, const tw_csv_opts *o)
{
    tw_str *f;
    size_t n;
    tw_buf b;
    assert_ok(tw_csv_row(cx, &f, &n, NULL, tw_str_of(row), o));
    tw_buf_init(&b, TW_MIB);
    for (size_t i = 0; i < n; i++) {
        tw_buf_cstr(&b, i ? "~" : "");
        tw_buf_str(&b, f[i]);
    }
    const char *s = tw_cstr(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return s;
}

TEST(fields_of_a_row_are_what_rfc_4180_says)
{
    assert_string_equal(fields("a,b,c", &comma), "a~b~c");
    assert_string_equal(fields("", &comma), "");
    assert_string_equal(fields(",", &comma), "~");
    assert_string_equal(fields(" a , b ", &comma), " a ~ b ");
    assert_string_equal(fields("\"a\",\"b,c\",\"d\"\"e\"", &comma), "a~b,c~d\"e");
    assert_string_equal(fields("\"line\r\nline\",x", &comma), "line\r\nline~x");
    assert_string_equal(fields("\"\",\" x \"", &comma), "~ x ");
    assert_string_equal(fields("a;b,c", &(tw_csv_opts){ .delimiter = ';' }), "a~b,c");
    assert_string_equal(fields("a\tb c", &(tw_csv_opts){ .delimiter = '\t' }), "a~b c");
    assert_string_equal(fields("a|\"b|c\"", &(tw_csv_opts){ .delimiter = '|' }), "a~b|c");
    assert_string_equal(fields("Mu\xC3\xB1oz,1", NULL), "Mu\xC3\xB1oz~1");
}

TEST(single_byte_charsets_become_utf8)
{
    tw_charset cs;
    tw_csv_opts o = { .charset = &cs };
    assert_ok(tw_charset_open(cx, &cs, TW_STR("iso-8859-1")));
    assert_string_equal(fields("Mu\xF1oz,\xB5g", &o), "Mu\xC3\xB1oz~\xC2\xB5g");
    assert_ok(tw_charset_open(cx, &cs, TW_STR("windows-1252")));
    assert_string_equal(fields("\x80,\x96", &o), "\xE2\x82\xAC~\xE2\x80\x93");
    assert_ok(tw_charset_open(cx, &cs, TW_STR("iso-8859-15")));
    assert_string_equal(fields("\xA4", &o), "\xE2\x82\xAC");
    assert_ok(tw_charset_open(cx, &cs, TW_STR("windows-1250")));
    assert_string_equal(fields("\x9A", &o), "\xC5\xA1");
    assert_ok(tw_charset_open(cx, &cs, TW_STR("iso-8859-2")));
    assert_string_equal(fields("\xB9", &o), "\xC5\xA1");
    assert_ok(tw_charset_open(cx, &cs, TW_STR("utf-8")));
    assert_string_equal(fields("\xC3\xB1", &o), "\xC3\xB1");
    assert_status(TW_EPARSE, tw_charset_open(cx, &cs, TW_STR("utf-7")));
}

TEST(a_row_that_is_wrong_is_refused_at_its_place)
{
    static const struct {
        const char *row;
        size_t n; /* 0: its strlen */
        uint32_t line, column, field;
        const char *rule;
    } t[] = {
        { "a,b\"c,d", 0, 0, 4, 2, "inside a field" },
        { "a,\"b\"c,d", 0, 0, 6, 2, "after a closing quote" },
        { "a,\"b\" ,d", 0, 0, 6, 2, "after a closing quote" },
        { "a,\"bc", 0, 0, 6, 2, "not closed" },
        { "a,\"b\nc", 0, 1, 2, 2, "not closed" },
        { "a,\"x\ny\"z\",c", 0, 1, 3, 2, "after a closing quote" },
        { "a\0b,c", 5, 0, 2, 1, "NUL" },
        { "a,b\xC3(", 0, 0, 4, 2, "not UTF-8" },
        { "a,\"x\n\xFF\"", 0, 1, 1, 2, "not UTF-8" },
        { "\xE2\x82", 0, 0, 1, 1, "not UTF-8" },
        { "a,b", 0, 0, 0, 3, "2 fields instead of 3" },
        { "a,b,c,d", 0, 0, 0, 4, "4 fields instead of 3" },
        { "a,b,c\nd,e,f", 0, 0, 0, 0, "more than one row" },
    };
    const tw_csv_opts three = { .columns = 3 };
    for (size_t i = 0; i < TW_COUNT(t); i++) {
        tw_str *f;
        size_t n;
        tw_csv_place at = { 9, 9, 9 };
        tw_str row = { t[i].row, t[i].n ? t[i].n : strlen(t[i].row) };
        assert_status(TW_EPARSE, tw_csv_row(cx, &f, &n, &at, row, &three));
        if (!strstr(cx->err.msg, t[i].rule) || at.line != t[i].line || at.column != t[i].column ||
            at.field != t[i].field)
            fail_msg("row %zu: %s at %u:%u field %u", i, cx->err.msg, at.line, at.column, at.field);
    }
}

TEST(a_byte_that_the_charset_does_not_have_is_refused)
{
    tw_charset cs;
    tw_csv_opts o = { .charset = &cs };
    tw_csv_place at;
    tw_str *f;
    size_t n;
    assert_ok(tw_charset_open(cx, &cs, TW_STR("windows-1252")));
    assert_status(TW_EPARSE, tw_csv_row(cx, &f, &n, &at, TW_STR("a,\x81"), &o));
    assert_int_equal(at.column, 3);
    assert_int_equal(at.field, 2);
}

TEST(limits_hold)
{
    tw_csv_opts o = { .row_bytes_max = 8 };
    tw_str *f;
    size_t n;
    assert_ok(tw_csv_row(cx, &f, &n, NULL, TW_STR("12345678"), &o));
    assert_status(TW_ELIMIT, tw_csv_row(cx, &f, &n, NULL, TW_STR("123456789"), &o));
    char *many = tw_arena_get(cx->arena, TW_CSV_COLUMNS_MAX + 1);
    memset(many, ',', TW_CSV_COLUMNS_MAX);
    assert_ok(tw_csv_row(cx, &f, &n, NULL, (tw_str){ many, TW_CSV_COLUMNS_MAX - 1 }, NULL));
    assert_int_equal(n, TW_CSV_COLUMNS_MAX);
    assert_status(TW_ELIMIT, tw_csv_row(cx, &f, &n, NULL, (tw_str){ many, TW_CSV_COLUMNS_MAX }, NULL));
}

/* Rows of a text joined by '~', by windows that grow by `step` bytes. */
static const char *rows(tw_str text, size_t step, const tw_csv_opts *o)
{
    size_t at = 0;
    size_t end = TW_MIN(step, text.n);
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    for (;;) {
        size_t skip;
        size_t size;
        bool last = end == text.n;
        tw_csv_cut_kind k = tw_csv_cut(&skip, &size, (tw_str){ text.p + at, end - at }, last, o);
        if (k == TW_CSV_END)
            break;
        if (k == TW_CSV_MORE) {
            assert_false(last);
            end = TW_MIN(end + step, text.n);
            continue;
        }
        assert_true(skip + size > 0);
        if (k == TW_CSV_ROW) {
            tw_buf_cstr(&b, b.n ? "~" : "");
            tw_buf_str(&b, (tw_str){ text.p + at + skip, size });
        }
        at += skip + size;
    }
    const char *s = tw_cstr(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return s;
}

TEST(rows_are_cut_the_same_at_every_byte)
{
    static const struct {
        const char *text;
        const char *rows;
        uint32_t columns;
    } t[] = {
        { "a,b\nc,d\n", "a,b~c,d", 2 },
        { "a,b\r\nc,d", "a,b~c,d", 2 },
        { "a,b\rc,d\r", "a,b~c,d", 2 },
        { "\n\na,b\n\n\r\nc,d\n\n", "a,b~c,d", 2 },
        { "a,b\n,\n , \nc,d", "a,b~c,d", 2 },
        { "a,\"x\ny\"\nc,d", "a,\"x\ny\"~c,d", 2 },
        { "a,\"x\r\n\"\"y\"\"\"\r\nc,d", "a,\"x\r\n\"\"y\"\"\"~c,d", 2 },
        { "a,5\" pipe\nc,d", "a,5\" pipe~c,d", 2 },
        { "a,\"x\nc,d\ne,f", "a,\"x~c,d~e,f", 2 },                  /* never closed */
        { "a,\"x\nc,d\ne,\"f\"\ng,h", "a,\"x~c,d~e,\"f\"~g,h", 2 }, /* closed by another row's quote */
        { "a,\"x\nc,d\n\"e\",f\ng,h", "a,\"x~c,d~\"e\",f~g,h", 2 },
        { "a,\"x\n\",c\ne,f", "a,\"x~\",c~e,f", 2 }, /* closed, with a column too many */
        { "\"\",\n\"\"\n", "\"\",~\"\"", 0 },
        { "", "", 0 },
        { "\r\n", "", 0 },
    };
    for (size_t i = 0; i < TW_COUNT(t); i++) {
        tw_str text = tw_str_of(t[i].text);
        const tw_csv_opts o = { .columns = t[i].columns };
        for (size_t step = 1; step <= text.n + 1; step++)
            if (strcmp(rows(text, step, &o), t[i].rows) != 0)
                fail_msg("text %zu, step %zu: %s", i, step, rows(text, step, &o));
    }
}

TEST(a_quote_that_is_never_closed_costs_one_row_within_the_limit_of_rows)
{
    const tw_csv_opts o = { .columns = 2, .row_bytes_max = 16 };
    tw_str text = TW_STR("a,\"x\n1,2\n3,4\n5,6\n7,8\n9,10\n");
    for (size_t step = 1; step <= text.n; step++)
        assert_string_equal(rows(text, step, &o), "a,\"x~1,2~3,4~5,6~7,8~9,10");
}

static tw_str random_field(char delimiter)
{
    static const char *const part[] = { "a", "7",  " ", "\"",       "\n",           "\r\n",         "\r",       ",",
                                        ";", "\t", "|", "\xC3\xB1", "\xE2\x82\xAC", "\xEF\xBB\xBF", "long text" };
    char *p = tw_arena_get(cx->arena, 80);
    size_t n = 0;
    TW_UNUSED char unused = delimiter;
    for (uint64_t k = tw_test_below(6); k > 0; k--) {
        const char *s = part[tw_test_below(TW_COUNT(part))];
        memcpy(p + n, s, strlen(s));
        n += strlen(s);
    }
    return (tw_str){ p, n };
}

TEST(what_is_written_reads_back_as_the_same_fields)
{
    static const char delimiters[] = ",;\t|";
    for (int round = 0; round < 3000; round++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        const tw_csv_opts o = { .delimiter = delimiters[tw_test_below(4)], .columns = 1 + (uint32_t)tw_test_below(6) };
        tw_str field[2][6];
        tw_buf b;
        tw_buf_init(&b, TW_MIB);
        for (size_t r = 0; r < 2; r++) {
            for (size_t i = 0; i < o.columns; i++)
                field[r][i] = random_field(o.delimiter);
            tw_csv_write(&b, field[r], o.columns, &o);
        }
        tw_str text = tw_str_of_bytes(tw_buf_view(&b));
        for (size_t r = 0; r < 2; r++) {
            tw_str *got;
            size_t n, skip, size;
            assert_int_equal(TW_CSV_ROW, tw_csv_cut(&skip, &size, text, true, &o));
            assert_ok(tw_csv_row(cx, &got, &n, NULL, (tw_str){ text.p + skip, size }, &o));
            assert_int_equal(n, o.columns);
            for (size_t i = 0; i < n; i++)
                assert_true(tw_str_eq(got[i], field[r][i]));
            text = (tw_str){ text.p + skip + size, text.n - skip - size };
        }
        tw_buf_done(&b);
        tw_arena_back(cx->arena, mark);
    }
}

TEST(a_whole_table__has_its_names_its_rows_and_their_lines)
{
    tw_csv_table t;
    assert_ok(tw_csv_table_read(cx, &t, TW_STR("a,b\n\n1,\"x\ny\"\n 2,\n"), 10, NULL));
    assert_int_equal(2, t.columns);
    assert_int_equal(2, t.n);
    assert_str("b", t.name[1]);
    assert_str("x\ny", t.row[0][1]);
    assert_str(" 2", t.row[1][0]);
    assert_int_equal(3, t.line[0]);
    assert_int_equal(5, t.line[1]);
    assert_ok(tw_csv_table_read(cx, &t, TW_STR("a\tb\n"), 10, &(tw_csv_opts){ .delimiter = '\t' }));
    assert_int_equal(0, t.n);
}

TEST(a_whole_table_that_is_wrong__names_the_line)
{
    tw_csv_table t;
    assert_status(TW_EPARSE, tw_csv_table_read(cx, &t, TW_STR("a,b\n1,2\n3\n"), 10, NULL));
    assert_non_null(strstr(cx->err.msg, "line 3"));
    assert_status(TW_EPARSE, tw_csv_table_read(cx, &t, TW_STR(""), 10, NULL));
    assert_status(TW_ELIMIT, tw_csv_table_read(cx, &t, TW_STR("a\n1\n2\n3\n"), 3, NULL));
}

TEST(any_bytes_end_and_every_row_lies_in_the_text)
{
    static const char bytes[] = "ab,,\"\"\"\n\n\r \xC3\xFF\0";
    for (int round = 0; round < 20000; round++) {
        char text[40];
        size_t n = (size_t)tw_test_below(sizeof text);
        for (size_t i = 0; i < n; i++)
            text[i] = bytes[tw_test_below(sizeof bytes)];
        const tw_csv_opts o = { .columns = (uint32_t)tw_test_below(4), .row_bytes_max = 1 + tw_test_below(40) };
        tw_mark mark = tw_arena_mark(cx->arena);
        size_t at = 0;
        for (;;) {
            size_t skip, size;
            tw_csv_cut_kind k = tw_csv_cut(&skip, &size, (tw_str){ text + at, n - at }, true, &o);
            if (k == TW_CSV_END)
                break;
            assert_int_not_equal(k, TW_CSV_MORE);
            assert_true(skip + size > 0 && skip + size <= n - at);
            tw_str *f;
            size_t count;
            tw_csv_place place;
            tw_status st = tw_csv_row(cx, &f, &count, &place, (tw_str){ text + at + skip, size }, &o);
            assert_true(k == TW_CSV_BLANK || st == TW_OK || st == TW_EPARSE || st == TW_ELIMIT);
            at += skip + size;
        }
        assert_int_equal(at, n);
        tw_arena_back(cx->arena, mark);
    }
}

TEST(synthea_files_read_and_write_to_the_same_fields)
{
    static const char *const files[] = { "patients", "observations", "claims", "medications", "organizations" };
    static const size_t counts[] = { 9, 1299, 245, 106, 36 };
    SKIP_WITHOUT_DATA();
    for (size_t i = 0; i < TW_COUNT(files); i++) {
        tw_str text = tw_test_read(tw_strf(cx->arena, "sources/csv/%s.csv", files[i]).p);
        size_t rows_n = 0;
        size_t skip, size;
        tw_csv_opts o = { .columns = 0 };
        while (tw_csv_cut(&skip, &size, text, true, &o) == TW_CSV_ROW) {
            tw_str *f, *again;
            size_t n, m;
            tw_buf b;
            assert_ok(tw_csv_row(cx, &f, &n, NULL, (tw_str){ text.p + skip, size }, &o));
            o.columns = (uint32_t)n;
            tw_buf_init(&b, TW_MIB);
            tw_csv_write(&b, f, n, &o);
            assert_ok(tw_csv_row(cx, &again, &m, NULL, (tw_str){ (const char *)b.p, b.n - 1 }, &o));
            assert_int_equal(n, m);
            for (size_t k = 0; k < n; k++)
                assert_true(tw_str_eq(f[k], again[k]));
            tw_buf_done(&b);
            rows_n++;
            text = (tw_str){ text.p + skip + size, text.n - skip - size };
        }
        assert_int_equal(rows_n, counts[i]);
    }
}
