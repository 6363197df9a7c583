#include "test.h"

#include <math.h>

#include "format/format.h"

static tw_str taken(tw_buf *b)
{
    assert_false(b->failed);
    tw_str s = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(b)));
    tw_buf_done(b);
    return s;
}

static tw_str number(double v, int digits)
{
    tw_buf b;
    tw_buf_init(&b, TW_KIB);
    tw_svg_number(&b, v, digits);
    return taken(&b);
}

TEST(number__is_short_and_grouped)
{
    assert_str("0", number(0.0, 4));
    assert_str("0", number(-0.00001, 2));
    assert_str("0.25", number(0.25, 4));
    assert_str("12,345", number(12345.0, 4));
    assert_str("-1,234,567", number(-1234567.0, 4));
    assert_str("100", number(100.0, 4));
    assert_str("3.142", number(3.14159, 4));
    assert_str("-", number((double)NAN, 4));
    assert_str("-", number((double)INFINITY, 4));
}

static tw_svg_opts small(void)
{
    tw_svg_opts o = { .title = "a < b & \"c\"", .width = 200, .height = 120 };
    o.x = (tw_svg_axis){ .min = 0, .max = 10, .bare = true };
    o.y = (tw_svg_axis){ .min = 0, .max = 1, .bare = true };
    return o;
}

static tw_str drawn(bool labels)
{
    static const double x[] = { 0, 5, 10 };
    static const double y[] = { 0, 0.5, 2 }; /* the last lies above the axis: drawn at its edge */
    static const double gap[] = { 0.5, (double)NAN, 1 };
    tw_buf b;
    tw_svg s;
    tw_svg_opts o = small();
    tw_buf_init(&b, TW_MIB);
    tw_svg_begin(&s, &b, &o);
    tw_svg_span(&s, 2, 4, TW_SVG_GREY);
    tw_svg_band(&s, x, y, y, 3, TW_SVG_A, 2);
    tw_svg_line(&s, x, gap, 3, TW_SVG_B, true);
    tw_svg_points(&s, x, gap, 3, TW_SVG_C, true);
    tw_svg_rule(&s, 9, labels ? "<now>" : NULL);
    tw_svg_level(&s, 0.5);
    tw_svg_end(&s);
    return taken(&b);
}

TEST(chart__has_these_bytes)
{
    assert_str("<svg class=\"tw\" role=\"img\" viewBox=\"0 0 200 120\">\n"
               "<title>a &lt; b &amp; &quot;c&quot;</title>\n"
               "<line class=\"x\" x1=\"48\" y1=\"94\" x2=\"186\" y2=\"94\"/>\n"
               "<rect class=\"v0 fg\" x=\"75.6\" y=\"46\" width=\"27.6\" height=\"48\"/>\n"
               "<polygon class=\"v2 fa\" points=\"48,94 117,70 186,46 186,46 117,70 48,94 \"/>\n"
               "<polyline class=\"n w m sb\" points=\"48,70 186,46 \"/>\n"
               "<circle class=\"o sc\" cx=\"48\" cy=\"70\" r=\"3.2\"/>\n"
               "<circle class=\"o sc\" cx=\"186\" cy=\"46\" r=\"3.2\"/>\n"
               "<line class=\"x m\" x1=\"172.2\" y1=\"46\" x2=\"172.2\" y2=\"94\"/>\n"
               "<line class=\"x m\" x1=\"48\" y1=\"70\" x2=\"186\" y2=\"70\"/>\n"
               "</svg>\n",
               drawn(false));
}

TEST(chart__escapes_labels_and_keeps_them_inside)
{
    tw_str svg = drawn(true);
    assert_true(tw_str_find(svg, TW_STR("text-anchor=\"end\">&lt;now&gt;</text>")) != SIZE_MAX);
    assert_true(tw_str_find(svg, TW_STR("<now>")) == SIZE_MAX);
}

TEST(chart__has_round_ticks_on_both_scales)
{
    tw_buf b;
    tw_svg s;
    tw_svg_opts o = small();
    o.x = (tw_svg_axis){ .min = 0, .max = 11, .label = "years" };
    o.y = (tw_svg_axis){ .min = 0.1, .max = 10, .log = true };
    tw_buf_init(&b, TW_MIB);
    tw_svg_begin(&s, &b, &o);
    tw_svg_end(&s);
    tw_str svg = taken(&b);
    static const char *const want[] = { ">0<", ">2<", ">10<", ">0.1<", ">0.5<", ">5<", ">years<" };
    for (size_t i = 0; i < TW_COUNT(want); i++)
        assert_true(tw_str_find(svg, tw_str_of(want[i])) != SIZE_MAX);
    assert_true(tw_str_find(svg, TW_STR(">11<")) == SIZE_MAX);
}

TEST(bars__part_their_rows_in_proportion)
{
    static const tw_svg_key key[] = { { "in", TW_SVG_A, TW_SVG_BOX }, { "out", TW_SVG_B, TW_SVG_BOX } };
    static const tw_svg_row row[] = { { "one", { 30, 10 } }, { "two & more", { 20, 0 } } };
    tw_buf b;
    tw_svg_bars_opts o = { .title = "t", .key = key, .part_count = 2, .width = 264, .label_width = 100 };
    tw_buf_init(&b, TW_MIB);
    tw_svg_bars(&b, &o, row, 2);
    tw_str svg = taken(&b);
    assert_true(tw_str_find(svg, TW_STR("<rect class=\"v3 fa\" x=\"100\" y=\"36\" width=\"75\"")) != SIZE_MAX);
    assert_true(tw_str_find(svg, TW_STR("<rect class=\"v3 fb\" x=\"175\" y=\"36\" width=\"25\"")) != SIZE_MAX);
    assert_true(tw_str_find(svg, TW_STR("<rect class=\"v3 fa\" x=\"100\" y=\"62\" width=\"50\"")) != SIZE_MAX);
    assert_true(tw_str_find(svg, TW_STR(">two &amp; more<")) != SIZE_MAX);
    assert_true(tw_str_find(svg, TW_STR(">40<")) != SIZE_MAX);
}

TEST(intervals__leave_out_what_is_not_known)
{
    static const tw_svg_interval row[] = { { "known", 1, 2, 3, TW_SVG_A }, { "unknown", 0, (double)NAN, 0, TW_SVG_A } };
    tw_buf b;
    tw_svg_intervals_opts o = { .title = "t", .zero = 0, .width = 214, .label_width = 100 };
    o.x = (tw_svg_axis){ .min = 0, .max = 10 };
    tw_buf_init(&b, TW_MIB);
    tw_svg_intervals(&b, &o, row, 2);
    tw_str svg = taken(&b);
    assert_true(tw_str_find(svg, TW_STR("<line class=\"w sa\" x1=\"110\" y1=\"19\" x2=\"130\"")) != SIZE_MAX);
    assert_true(tw_str_find(svg, TW_STR("<circle class=\"p fa\" cx=\"120\"")) != SIZE_MAX);
    size_t circles = 0;
    for (size_t i = 0; i + 7 < svg.n; i++)
        circles += memcmp(svg.p + i, "<circle", 7) == 0;
    assert_int_equal(1, circles);
}

/* A file of its own brings its colours, light and dark; nothing else is fetched. */
TEST(standalone__carries_its_style)
{
    tw_buf b;
    tw_svg s;
    tw_svg_opts o = small();
    o.standalone = true;
    tw_buf_init(&b, TW_MIB);
    tw_svg_begin(&s, &b, &o);
    tw_svg_end(&s);
    tw_str svg = taken(&b);
    assert_true(tw_str_find(svg, TW_STR("xmlns=\"http://www.w3.org/2000/svg\"")) != SIZE_MAX);
    assert_true(tw_str_find(svg, TW_STR("prefers-color-scheme:dark")) != SIZE_MAX);
    assert_true(tw_str_find(svg, TW_STR("<script")) == SIZE_MAX);
    assert_true(tw_str_find(svg, TW_STR("url(")) == SIZE_MAX);
}
