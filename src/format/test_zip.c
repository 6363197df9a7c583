#include "format/format.h"

#include "test.h"

static const uint8_t hello[] = "hello, hello, hello, hello";
static const tw_zip_entry files[] = { { { "a/b.txt", 7 }, { hello, sizeof hello } }, { { "empty", 5 }, { hello, 0 } } };

static tw_bytes archive(tw_buf *b, const tw_zip_entry *e, size_t n)
{
    tw_buf_init(b, TW_MIB);
    assert_ok(tw_zip_write(cx, b, e, n));
    return tw_buf_view(b);
}

TEST(an_archive__reads_back_and_is_the_same_each_time)
{
    tw_buf one, two;
    tw_zip_entry *e;
    size_t n;
    tw_bytes a = archive(&one, files, 2);
    assert_true(tw_bytes_eq(a, archive(&two, files, 2)));
    assert_ok(tw_zip_read(cx, &e, &n, a, TW_MIB));
    assert_int_equal(n, 2);
    assert_str("a/b.txt", e[0].name);
    assert_true(tw_bytes_eq(e[0].data, files[0].data));
    assert_int_equal(e[1].data.n, 0);
    tw_buf_done(&one);
    tw_buf_done(&two);
}

TEST(a_damaged_archive__is_refused)
{
    tw_buf one;
    tw_zip_entry *e;
    size_t n;
    tw_bytes a = archive(&one, files, 1);
    uint8_t *bad = tw_arena_get(cx->arena, a.n);
    size_t refused = 0;
    for (size_t cut = 0; cut < a.n; cut++)
        assert_true(tw_zip_read(cx, &e, &n, (tw_bytes){ a.p, cut }, TW_MIB) != TW_OK);
    for (size_t at = 40; at < 50; at++) { /* inside the deflated bytes */
        memcpy(bad, a.p, a.n);
        bad[at] ^= 0x55;
        refused += tw_zip_read(cx, &e, &n, (tw_bytes){ bad, a.n }, TW_MIB) != TW_OK;
    }
    assert_int_equal(refused, 10);
    tw_buf_done(&one);
}

TEST(too_much__is_refused_before_it_is_unpacked)
{
    tw_buf one;
    tw_zip_entry *e;
    size_t n;
    assert_status(TW_ELIMIT, tw_zip_read(cx, &e, &n, archive(&one, files, 2), sizeof hello - 1));
    tw_buf_done(&one);
}

TEST(a_name_that_leaves_the_archive__is_refused)
{
    static const char *const bad[] = { "../x", "/x", "a/../../x", "a\\b" };
    for (size_t i = 0; i < TW_COUNT(bad); i++) {
        tw_buf b;
        tw_zip_entry e = { tw_str_of(bad[i]), files[0].data };
        tw_buf_init(&b, TW_MIB);
        assert_true(tw_zip_write(cx, &b, &e, 1) != TW_OK);
        tw_buf_done(&b);
    }
}

TEST(a_name_that_leaves_an_archive_of_others__is_refused)
{
    tw_buf b;
    tw_zip_entry *e;
    size_t n;
    tw_zip_entry in = { TW_STR("aa/x"), files[0].data };
    tw_bytes a = archive(&b, &in, 1);
    uint8_t *bad = tw_arena_get(cx->arena, a.n);
    memcpy(bad, a.p, a.n);
    for (size_t i = 0; i + 4 <= a.n; i++)
        if (memcmp(bad + i, "aa/x", 4) == 0)
            memcpy(bad + i, "../x", 4);
    assert_status(TW_EREFUSED, tw_zip_read(cx, &e, &n, (tw_bytes){ bad, a.n }, TW_MIB));
    tw_buf_done(&b);
}
