#include "text/text.h"

#include "test.h"

static tw_str extract(const char *type, const char *document)
{
    tw_str out;
    assert_ok(tw_text_extract(cx, &out, tw_str_of(type), tw_bytes_of(tw_str_of(document))));
    return out;
}

TEST(html_leaves_its_text)
{
    static const char *const each[][2] = {
        { "plain", "plain" },
        { "<p>one</p><p>two</p>", "one\ntwo\n" },
        { "a<br>b<br/>c", "a\nb\nc" },
        { "<b>Ma</b>ry", "Mary" },
        { "<table><tr><td>a</td><td>b</td></tr></table>", "\ta\t\tb\t\n" },
        { "x<script>var a = '<p>';</script>y", "xy" },
        { "x<style type=\"a\">p { }</style>y", "xy" },
        { "x<!-- no <b> -->y", "xy" },
        { "<a title=\"a > b\">t</a>", "t" },
        { "&lt;p&gt; &amp; &#233; &#xe9; &eacute; &nbsp;|", "<p> & \xc3\xa9 \xc3\xa9 \xc3\xa9 \xc2\xa0|" },
        { "a & b &unknown; &#; &#xzz;", "a & b &unknown; &#; &#xzz;" },
        { "3 < 4 and 5 > 4", "3 < 4 and 5 > 4" },
        { "<![CDATA[a < b]]>", "a < b" },
        { "x<!-- open", "x" },
        { "x<script>open", "x" },
        { "x<b", "x" },
        { "&#0;&#xd800;&#99999999999;", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
        { "&#150;", "\xe2\x80\x93" },
        { "\xef\xbb\xbf"
          "a",
          "a" },
        { "caf\xe9 \x96", "caf\xc3\xa9 \xe2\x80\x93" }, /* Windows-1252 */
    };
    for (size_t i = 0; i < TW_COUNT(each); i++) {
        tw_str got = extract("text/html; charset=utf-8", each[i][0]);
        /* Tables end with line ends of their rows; one is enough. */
        assert_str(each[i][1], got);
    }
    assert_str("a", extract("application/xhtml+xml", "<html><span>a</span></html>"));
}

TEST(rtf_leaves_its_text)
{
    static const char *const each[][2] = {
        { "{\\rtf1 plain}", "plain" },
        { "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\f0 one\\par two\\tab three}", "one\ntwo\tthree" },
        { "{\\rtf1 {\\*\\generator Riched;}a{\\info{\\author Doe}}b}", "ab" },
        { "{\\rtf1 caf\\'e9 \\'96 \\{x\\}\\\\}", "caf\xc3\xa9 \xe2\x80\x93 {x}\\" },
        { "{\\rtf1\\uc1 \\u233?\\u8211?x}", "\xc3\xa9\xe2\x80\x93x" },
        { "{\\rtf1\\uc2 \\u233ab\\u-3913ab x}", "\xc3\xa9\xef\x82\xb7 x" },
        { "{\\rtf1\\u-10179?\\u-8704?}", "\xf0\x9f\x98\x80" },
        { "{\\rtf1 a\r\nb}", "ab" },
        { "{\\rtf1 a\\bin3 }}}b}", "ab" },
        { "{\\rtf1 a\\~b\\_c\\endash d}", "a\xc2\xa0"
                                          "b-c-d" },
        { "{\\rtf1 {\\b Ma}ry}", "Mary" },
    };
    for (size_t i = 0; i < TW_COUNT(each); i++)
        assert_str(each[i][1], extract(i & 1 ? "text/rtf" : "application/rtf", each[i][0]));
}

TEST(broken_rtf_is_refused)
{
    static const char *const each[] = { "", "plain", "{\\rtf1 open", "{\\rtf1 {a}", "{\\rtf1 \\'", "{\\rtf1 \\u" };
    tw_str out;
    for (size_t i = 0; i < TW_COUNT(each); i++)
        assert_status(TW_EPARSE, tw_text_extract(cx, &out, TW_STR("text/rtf"), tw_bytes_of(tw_str_of(each[i]))));
    tw_buf b;
    tw_buf_init(&b, TW_KIB);
    tw_buf_cstr(&b, "{\\rtf1 ");
    for (unsigned i = 0; i < 100; i++)
        tw_buf_u8(&b, '{');
    assert_status(TW_ELIMIT, tw_text_extract(cx, &out, TW_STR("text/rtf"), tw_buf_view(&b)));
    tw_buf_done(&b);
}

TEST(rtf_in_letters_of_another_code_page_is_left_to_the_caller)
{
    tw_str out;
    assert_status(TW_EFOREIGN, tw_text_extract(cx, &out, TW_STR("text/rtf"),
                                               tw_bytes_of(TW_STR("{\\rtf1\\ansi\\ansicpg1251 \\'ef}"))));
    assert_str("a", extract("text/rtf", "{\\rtf1\\ansi\\ansicpg1252 a}"));
}

TEST(other_types_are_left_to_the_caller)
{
    static const char *const each[] = { "application/pdf", "text/plain", "text/htmlx", "", "image/png" };
    tw_str out;
    for (size_t i = 0; i < TW_COUNT(each); i++)
        assert_status(TW_EFOREIGN, tw_text_extract(cx, &out, tw_str_of(each[i]), tw_bytes_of(TW_STR("x"))));
    assert_status(TW_EFOREIGN, tw_text_extract(cx, &out, TW_STR("text/html"), tw_bytes_of(TW_STR("\xff\xfe"))));
}

TEST(a_document_that_is_too_long_is_refused)
{
    size_t n = TW_TEXT_BYTES_MAX + 10;
    char *big = tw_arena_get(cx->arena, n);
    tw_str out;
    memset(big, 'a', n);
    assert_status(TW_ELIMIT, tw_text_extract(cx, &out, TW_STR("text/html"), (tw_bytes){ (uint8_t *)big, n }));
    n = 4 * TW_TEXT_BYTES_MAX + 1;
    uint8_t *huge = tw_arena_get(cx->arena, n);
    assert_status(TW_ELIMIT, tw_text_extract(cx, &out, TW_STR("text/html"), (tw_bytes){ huge, n }));
}
