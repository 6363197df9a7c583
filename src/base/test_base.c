#include "test.h"

TEST(status__every_code_has_text_and_exit)
{
    assert_int_equal(0, tw_status_exit(TW_OK));
    assert_int_equal(5, tw_status_exit(TW_EVERIFY));
    assert_string_equal("TW_EPARSE", tw_status_name(TW_EPARSE));
}

TEST(error__is_prefixed_on_the_way_up)
{
    assert_status(TW_EPARSE, tw_fail(cx, TW_EPARSE, "byte %d", 7));
    assert_status(TW_EPARSE, tw_wrap(cx, "file %s", "a.json"));
    assert_string_equal("file a.json: byte 7", cx->err.msg);
}

TEST(arena__memory_is_zero_even_where_others_wrote_before)
{
    tw_arena *a = tw_arena_new(16 * TW_MIB);
    tw_mark empty = tw_arena_mark(a);
    for (size_t round = 0; round < 4; round++) {
        memset(tw_arena_try(a, 100), 0xA5, 100); /* the middle of a chunk, and chunks of its own */
        tw_mark m = tw_arena_mark(a);
        for (size_t n = 1; n < 100000; n = 3 * n + 1) {
            uint8_t *p = tw_arena_try(a, n);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(0, p[i]);
            memset(p, 0xA5, n);
        }
        tw_arena_back(a, round == 1 ? empty : m);
    }
    tw_arena_free(a);
}

TEST(arena__refuses_over_its_ceiling_and_goes_back_to_a_mark)
{
    tw_arena *a = tw_arena_new(64 * TW_KIB);
    assert_non_null(tw_arena_try(a, 1000));
    tw_mark m = tw_arena_mark(a);
    uint8_t *p = tw_arena_try(a, 40 * TW_KIB);
    assert_non_null(p);
    assert_null(tw_arena_try(a, 40 * TW_KIB));
    tw_arena_back(a, m);
    assert_non_null(tw_arena_try(a, 40 * TW_KIB));
    assert_null(tw_arena_try(a, SIZE_MAX));
    tw_arena_free(a);
}

TEST(reader__refuses_short_and_unused_bytes)
{
    const uint8_t b[] = { 0, 0, 0, 2, 'h', 'i', 9 };
    tw_rd r = tw_rd_of(TW_BYTES(b));
    tw_bytes v = tw_rd_var(&r, 10);
    assert_int_equal(2, v.n);
    assert_status(TW_EPARSE, tw_rd_end(cx, &r, "thing"));
    assert_int_equal(9, tw_rd_u8(&r));
    assert_ok(tw_rd_end(cx, &r, "thing"));
    assert_int_equal(0, tw_rd_u32(&r));
    assert_status(TW_EPARSE, tw_rd_end(cx, &r, "thing"));
}

TEST(buffer__keeps_its_ceiling)
{
    tw_buf b;
    tw_buf_init(&b, 8);
    tw_buf_u64(&b, 0x0102030405060708u);
    assert_hex("0102030405060708", b.p, b.n);
    tw_buf_u8(&b, 1);
    assert_true(b.failed);
    assert_status(TW_ELIMIT, tw_buf_check(cx, &b, "thing"));
    tw_buf_done(&b);
}

TEST(map__finds_what_was_put_in_order_of_insertion)
{
    tw_map *m = tw_map_new(5000);
    static int values[5000];
    for (uint32_t i = 0; i < 5000; i++) {
        uint8_t k[4];
        tw_put_be32(k, i * 2654435761u);
        assert_true(tw_map_put(m, TW_BYTES(k), &values[i]));
    }
    for (uint32_t i = 0; i < 5000; i++) {
        uint8_t k[4];
        tw_bytes key;
        tw_put_be32(k, i * 2654435761u);
        assert_ptr_equal(&values[i], tw_map_get(m, TW_BYTES(k)));
        assert_ptr_equal(&values[i], tw_map_at(m, i, &key));
    }
    assert_false(tw_map_put(m, tw_bytes_of(TW_STR("more")), &values[0]));
    assert_null(tw_map_get(m, tw_bytes_of(TW_STR("more"))));
    tw_map_free(m);
}

TEST(utf8__refuses_overlong_surrogates_and_cut_sequences)
{
    assert_true(tw_utf8_valid(TW_STR("gr\xc3\xbc\xc3\x9f \xf0\x9f\xa9\xba")));
    assert_false(tw_utf8_valid(TW_STR("\xc0\xaf")));
    assert_false(tw_utf8_valid(TW_STR("\xed\xa0\x80")));
    assert_false(tw_utf8_valid(TW_STR("\xf4\x90\x80\x80")));
    assert_false(tw_utf8_valid(TW_STR("ab\xe2\x82")));
}

TEST(utf8__every_code_point_is_written_as_it_is_read)
{
    static const struct {
        uint32_t c;
        const char *utf8;
    } edge[] = { { 0x7f, "\x7f" },
                 { 0x80, "\xc2\x80" },
                 { 0x7ff, "\xdf\xbf" },
                 { 0x800, "\xe0\xa0\x80" },
                 { 0xffff, "\xef\xbf\xbf" },
                 { 0x10000, "\xf0\x90\x80\x80" },
                 { 0x10ffff, "\xf4\x8f\xbf\xbf" } };
    char out[4];
    for (size_t i = 0; i < TW_COUNT(edge); i++)
        assert_true(tw_str_is((tw_str){ out, tw_utf8_put(out, edge[i].c) }, edge[i].utf8));
    for (uint32_t c = 1; c <= 0x10ffff; c++)
        if (c < 0xd800 || c > 0xdfff)
            assert_true(tw_utf8_valid((tw_str){ out, tw_utf8_put(out, c) }));
}

TEST(path__name_stands_behind_the_last_slash)
{
    assert_string_equal("c", tw_path_name("a/b/c"));
    assert_string_equal("c", tw_path_name("/c"));
    assert_string_equal("c", tw_path_name("c"));
    assert_string_equal("", tw_path_name("a/"));
}

TEST(base64__is_canonical_only)
{
    tw_bytes b;
    assert_true(tw_unbase64(cx->arena, &b, TW_STR("aGk=")));
    assert_int_equal(2, b.n);
    assert_false(tw_unbase64(cx->arena, &b, TW_STR("aGl=")));
    assert_false(tw_unbase64(cx->arena, &b, TW_STR("aGk")));
    assert_false(tw_unbase64(cx->arena, &b, TW_STR("aG k=")));
}

TEST(dates__go_there_and_back_over_four_centuries)
{
    for (int64_t day = -200000; day < 200000; day += 37) {
        int64_t y;
        unsigned m;
        unsigned d;
        tw_civil_from_days(day, &y, &m, &d);
        assert_int_equal(day, tw_days_from_civil(y, m, d));
    }
    assert_false(tw_civil_valid(2023, 2, 29));
    assert_true(tw_civil_valid(2024, 2, 29));
}

TEST(time__reads_rfc3339_with_zones)
{
    uint64_t t;
    assert_true(tw_time_parse(&t, TW_STR("2026-01-01T01:00:00+01:00")));
    assert_int_equal(1767225600, t);
    assert_str("2026-01-01T00:00:00Z", tw_time_text(cx->arena, t));
    assert_false(tw_time_parse(&t, TW_STR("2026-02-30")));
    assert_false(tw_time_parse(&t, TW_STR("2026-01-01T01:00:00")));
}

TEST(numbers__refuse_trailing_bytes_and_overflow)
{
    uint64_t u;
    int64_t i;
    double f;
    assert_true(tw_parse_u64(&u, TW_STR("18446744073709551615")));
    assert_false(tw_parse_u64(&u, TW_STR("18446744073709551616")));
    assert_false(tw_parse_u64(&u, TW_STR("1x")));
    assert_true(tw_parse_i64(&i, TW_STR("-42")));
    assert_int_equal(-42, i);
    assert_true(tw_parse_f64(&f, TW_STR("1.5e3")));
    assert_true(f > 1499.0 && f < 1501.0);
    assert_false(tw_parse_f64(&f, TW_STR("inf")));
    assert_false(tw_parse_f64(&f, TW_STR("1,5")));
}

TEST(strings__split_trim_and_find)
{
    tw_str rest = TW_STR("a||b");
    tw_str head;
    assert_true(tw_str_split(&head, &rest, '|'));
    assert_str("a", head);
    assert_true(tw_str_split(&head, &rest, '|'));
    assert_int_equal(0, head.n);
    assert_true(tw_str_split(&head, &rest, '|'));
    assert_str("b", head);
    assert_false(tw_str_split(&head, &rest, '|'));
    assert_str("x y", tw_str_trim(TW_STR(" x y\r\n")));
    assert_int_equal(3, tw_str_find(TW_STR("abcabd"), TW_STR("abd")));
    assert_true(tw_str_find(TW_STR("abc"), TW_STR("abd")) == SIZE_MAX);
}
