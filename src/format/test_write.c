#include "test.h"

#include "format/format.h"

static tw_str taken(tw_buf *b)
{
    assert_false(b->failed);
    tw_str s = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(b)));
    tw_buf_clear(b);
    return s;
}

static void write_some(tw_jw *w)
{
    tw_jw_object(w);
    tw_jw_kv(w, "s", TW_STR("a\"\\\n\x01\xC3\xA4"));
    tw_jw_key(w, "list");
    tw_jw_array(w);
    tw_jw_u64(w, 18446744073709551615u);
    tw_jw_i64(w, -5);
    tw_jw_f64(w, 0.25, 17);
    tw_jw_f64(w, 1.0 / 0.0, 17);
    tw_jw_bool(w, true);
    tw_jw_null(w);
    tw_jw_raw(w, TW_STR("1.00"));
    tw_jw_array_end(w);
    tw_jw_key(w, "empty");
    tw_jw_object(w);
    tw_jw_object_end(w);
    tw_jw_kv_u64(w, "n", 7);
    tw_jw_object_end(w);
}

TEST(writer__minifies)
{
    tw_buf b;
    tw_jw w;
    tw_buf_init(&b, TW_MIB);
    tw_jw_init(&w, &b, 0);
    write_some(&w);
    assert_str("{\"s\":\"a\\\"\\\\\\n\\u0001\xC3\xA4\",\"list\":[18446744073709551615,-5,0.25,null,true,null,1.00],"
               "\"empty\":{},\"n\":7}",
               taken(&b));
    tw_buf_done(&b);
}

TEST(writer__indents)
{
    tw_buf b;
    tw_jw w;
    tw_buf_init(&b, TW_MIB);
    tw_jw_init(&w, &b, 2);
    tw_jw_object(&w);
    tw_jw_key(&w, "a");
    tw_jw_array(&w);
    tw_jw_u64(&w, 1);
    tw_jw_u64(&w, 2);
    tw_jw_array_end(&w);
    tw_jw_object_end(&w);
    assert_str("{\n  \"a\": [\n    1,\n    2\n  ]\n}", taken(&b));
    tw_buf_done(&b);
}

TEST(writer__output_is_read_back)
{
    tw_buf b;
    tw_jw w;
    tw_json d;
    tw_buf_init(&b, TW_MIB);
    tw_jw_init(&w, &b, 2);
    write_some(&w);
    assert_ok(tw_json_parse(cx, &d, taken(&b), NULL));
    assert_str("a\"\\\n\x01\xC3\xA4", tw_json_member_text(cx, &d, 0, "s"));
    tw_buf_done(&b);
}

TEST(ndjson__gives_lines_without_their_ends)
{
    tw_str rest = TW_STR("{}\n\r\n[1]\r\nlast"), line;
    assert_true(tw_ndjson_next(&line, &rest));
    assert_str("{}", line);
    assert_true(tw_ndjson_next(&line, &rest));
    assert_str("", line);
    assert_true(tw_ndjson_next(&line, &rest));
    assert_str("[1]", line);
    assert_true(tw_ndjson_next(&line, &rest));
    assert_str("last", line);
    assert_false(tw_ndjson_next(&line, &rest));
}

TEST(xml__escapes_markup)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    tw_xml_escape(&b, TW_STR("<a b=\"c\" d='e'>&\x01\n\xC3\xA4</a>"));
    assert_str("&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;\xEF\xBF\xBD\n\xC3\xA4&lt;/a&gt;", taken(&b));
    tw_buf_done(&b);
}
