#include "test.h"

#include "format/format.h"

static tw_xml parse(tw_str text)
{
    tw_xml d;
    assert_ok(tw_xml_parse(cx, &d, NULL, text, NULL));
    return d;
}

static void refused_by(tw_str text, const tw_xml_limits *limits, tw_status want, const char *message)
{
    tw_xml d;
    assert_status(want, tw_xml_parse(cx, &d, NULL, text, limits));
    assert_string_equal(message, cx->err.msg);
}

#define REFUSED(text, message) refused_by(TW_STR(text), NULL, TW_EPARSE, message)

static void round_trip(const tw_xml *d)
{
    tw_buf b;
    tw_xml again;
    tw_buf_init(&b, 64 * TW_MIB);
    tw_xml_write(&b, d);
    assert_ok(tw_buf_check(cx, &b, "XML"));
    assert_ok(tw_xml_parse(cx, &again, NULL, tw_str_of_bytes(tw_buf_view(&b)), NULL));
    assert_true(tw_xml_equal(d, &again));
    tw_buf_done(&b);
}

TEST(xml__gives_elements_with_names_attributes_texts_and_places)
{
    tw_xml d = parse(
        TW_STR("<?xml version=\"1.0\"?>\n<a xmlns='urn:x' k='1 &lt; 2'>\n  <b>one</b><!-- c --><b n='&#x263A;'/>\n"
               " tail<c><![CDATA[<raw>]]></c> end</a>"));
    assert_int_equal(4, d.n);
    assert_str("a", d.elem[0].name);
    assert_str("urn:x", d.elem[0].space);
    assert_str("1 < 2", tw_xml_value(&d, 0, "k"));
    assert_str("", tw_xml_value(&d, 0, "absent"));
    assert_int_equal(2, d.elem[0].line);
    assert_int_equal(1, d.elem[0].column);
    assert_str("\n  \n tail end", tw_xml_text(&d, 0));
    uint32_t b = tw_xml_child(&d, 0, "b");
    assert_str("one", tw_xml_text(&d, b));
    assert_int_equal(3, d.elem[b].line);
    assert_int_equal(3, d.elem[b].column);
    b = tw_xml_sibling(&d, b, "b");
    assert_str("\xE2\x98\xBA", tw_xml_value(&d, b, "n"));
    assert_int_equal(TW_XML_NONE, tw_xml_sibling(&d, b, "b"));
    assert_str("<raw>", tw_xml_text(&d, tw_xml_find(&d, 0, "c")));
    assert_int_equal(TW_XML_NONE, tw_xml_find(&d, 0, "c/d"));
    assert_int_equal(4, d.elem[0].next);
    round_trip(&d);
}

TEST(xml__resolves_namespaces_and_forgets_prefixes)
{
    tw_xml d = parse(TW_STR("<p:a xmlns:p='urn:1' xmlns:q='urn:2' xmlns='urn:3' q:t='x' t='y' xml:lang='de'><b/><p:b/>"
                            "<b xmlns=''><c/></b></p:a>"));
    assert_str("urn:1", d.elem[0].space);
    assert_str("x", tw_xml_value_in(&d, 0, "urn:2", "t"));
    assert_str("y", tw_xml_value(&d, 0, "t"));
    assert_str("de", tw_xml_value_in(&d, 0, "http://www.w3.org/XML/1998/namespace", "lang"));
    uint32_t b = tw_xml_child(&d, 0, "b"); /* the one in the parent's own namespace */
    assert_str("urn:1", d.elem[b].space);
    assert_str("urn:3", d.elem[tw_xml_child(&d, 0, NULL)].space);
    assert_str("", d.elem[d.n - 1].space);
    round_trip(&d);
}

TEST(xml__reads_the_encodings_it_knows_and_gives_utf_8)
{
    static const char utf16[] = "\xFF\xFE<\0a\0>\0\xFC\0<\0/\0a\0>\0";
    tw_xml d = parse(TW_STR("<?xml version='1.0' encoding='ISO-8859-1'?><a k='\xE4'>\xFC</a>"));
    assert_str("\xC3\xBC", tw_xml_text(&d, 0));
    assert_str("\xC3\xA4", tw_xml_value(&d, 0, "k"));
    d = parse((tw_str){ utf16, sizeof utf16 - 1 });
    assert_str("\xC3\xBC", tw_xml_text(&d, 0));
    d = parse(TW_STR("\xEF\xBB\xBF<a/>"));
    assert_int_equal(1, d.n);
    REFUSED("<?xml version='1.0' encoding='UTF-16'?><a/>",
            "line 1, column 31: encoding specified in XML declaration is incorrect");
    REFUSED("<?xml version='1.0' encoding='EBCDIC-X'?><a/>", "line 1, column 31: unknown encoding");
    REFUSED("<?xml version='1.0' encoding='US-ASCII'?><a>\xFC</a>",
            "line 1, column 45: not well-formed (invalid token)");
}

static void doctype(tw_str text)
{
    tw_xml d;
    assert_status(TW_EPARSE, tw_xml_parse(cx, &d, NULL, text, NULL));
    assert_true(tw_str_starts(tw_str_of(cx->err.msg), "line 2, column "));
    assert_true(tw_str_ends(tw_str_of(cx->err.msg), ": a DOCTYPE is not read"));
}

TEST(xml__refuses_a_doctype_and_with_it_every_entity)
{
    doctype(TW_STR("\n<!DOCTYPE a><a/>"));
    doctype(TW_STR("\n<!DOCTYPE a [<!ENTITY l 'lol'><!ENTITY m '&l;&l;&l;&l;'><!ENTITY n '&m;&m;&m;'>]><a>&n;</a>"));
    doctype(TW_STR("\n<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"));
    doctype(TW_STR("\n<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://127.0.0.1/x.dtd'> %x;]><a/>"));
    doctype(TW_STR("\n<!DOCTYPE a SYSTEM 'http://127.0.0.1/x.dtd'><a/>"));
    doctype(TW_STR("<?xml version='1.0'?>\n <!DOCTYPE a PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x'><a/>"));
    REFUSED("<a>&lol;</a>", "line 1, column 4: undefined entity");
}

TEST(xml__refuses_what_is_malformed_with_line_and_column)
{
    REFUSED("", "line 1, column 1: no element found");
    REFUSED("  \n ", "line 2, column 2: no element found");
    REFUSED("MSH|^~\\&|", "line 1, column 1: syntax error");
    REFUSED("<a>\n<b></a>", "line 2, column 6: mismatched tag");
    REFUSED("<a/><a/>", "line 1, column 5: junk after document element");
    REFUSED("<a k='1' k='2'/>", "line 1, column 10: duplicate attribute");
    REFUSED("<a k=1/>", "line 1, column 6: not well-formed (invalid token)");
    REFUSED("<a>\xC3\x28</a>", "line 1, column 4: not well-formed (invalid token)");
    REFUSED("<a>\xED\xA0\x80</a>", "line 1, column 4: not well-formed (invalid token)");
    REFUSED("<a>x\0y</a>", "line 1, column 5: not well-formed (invalid token)");
    REFUSED("<a>&#0;</a>", "line 1, column 4: reference to invalid character number");
    REFUSED("<a>&#xD800;</a>", "line 1, column 4: reference to invalid character number");
    REFUSED("<p:a/>", "line 1, column 1: unbound prefix");
    REFUSED("<a xmlns:p='x&#10;y'/>", "line 1, column 1: syntax error");
}

TEST(xml__bounds_depth_elements_attributes_text_and_size)
{
    char many[4096];
    size_t n = 0;
    for (size_t i = 0; i < 200; i++, n += 3)
        memcpy(many + n, "<a>", 3);
    refused_by((tw_str){ many, n }, NULL, TW_ELIMIT, "line 1, column 385: nested deeper than the limit");
    refused_by((tw_str){ many, n }, &(tw_xml_limits){ .elements_max = 10 }, TW_ELIMIT,
               "line 1, column 31: more elements than the limit");
    refused_by(TW_STR("<a b='' c='' d=''/>"), &(tw_xml_limits){ .attrs_max = 2 }, TW_ELIMIT,
               "line 1, column 1: more attributes than the limit");
    refused_by(TW_STR("<a><b>0123456789</b></a>"), &(tw_xml_limits){ .text_max = 8 }, TW_ELIMIT,
               "line 1, column 7: more text than the limit");
    refused_by(TW_STR("<a b='0123456789'/>"), &(tw_xml_limits){ .text_max = 8 }, TW_ELIMIT,
               "line 1, column 1: more text than the limit");
    refused_by(TW_STR("<a/>"), &(tw_xml_limits){ .bytes_max = 3 }, TW_ELIMIT, "a document of more than 3 bytes");
}

TEST(xml__a_document_cut_at_any_byte_is_refused)
{
    static const char text[] =
        "<?xml version='1.0'?><a xmlns='urn:x' k='v'><!-- no --><b>\xC3\xA4&amp;<![CDATA[x]]></b></a>";
    tw_xml d;
    for (size_t n = 0; n < sizeof text - 1; n++)
        assert_status(TW_EPARSE, tw_xml_parse(cx, &d, NULL, (tw_str){ text, n }, NULL));
    assert_ok(tw_xml_parse(cx, &d, NULL, (tw_str){ text, sizeof text - 1 }, NULL));
}

TEST(xml__errors_hold_no_text_of_the_document)
{
    tw_xml d;
    tw_xml_place at;
    assert_status(TW_EPARSE, tw_xml_parse(cx, &d, &at, TW_STR("<Winter>\n<Anna born='1961-04-07'></Winter>"), NULL));
    assert_string_equal("line 2, column 27: mismatched tag", cx->err.msg);
    assert_int_equal(2, at.line);
    assert_int_equal(27, at.column);
    d = parse(TW_STR("<ClinicalDocument><id/><id><Anna_Winter/></id></ClinicalDocument>"));
    assert_str("ClinicalDocument/id[2]/(name)", tw_xml_where(cx, &d, d.n - 1));
}

TEST(xml__what_is_written_parses_to_the_same_tree)
{
    tw_xml d = parse(
        TW_STR("<a k='&#9;&#10;&#13; &quot;&apos;&lt;&amp;&gt;'>]]&gt;&#13;\n&amp;amp;<b xmlns='u&amp;v'/> x </a>"));
    assert_str("\t\n\r \"'<&>", tw_xml_value(&d, 0, "k"));
    round_trip(&d);
}

static tw_str soup(char *room, size_t cap)
{
    static const char *const bit[] = { "<a>",   "</a>",     "<b xmlns='u'>", "</b>",        "<c k='v'/>",   "x", "&lt;",
                                       "&#13;", " ",        "<!--x-->",      "<![CDATA[",   "]]>",          "'", "<",
                                       ">",     "\xC3\xA9", "\xC3",          "xmlns:p='q'", "<p:d p:e=''/>" };
    size_t n = 0;
    for (uint64_t i = tw_test_below(24); i > 0; i--) {
        const char *s = bit[tw_test_below(TW_COUNT(bit))];
        size_t len = strlen(s);
        if (n + len > cap)
            break;
        memcpy(room + n, s, len);
        n += len;
    }
    return (tw_str){ room, n };
}

TEST(xml__any_soup_of_marks_is_refused_or_survives_a_round_trip)
{
    char room[512] = "<r xmlns:p='urn:p'>";
    size_t good = 0;
    for (size_t i = 0; i < 20000; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_xml d;
        tw_str s = soup(room + 19, sizeof room - 32);
        memcpy(room + 19 + s.n, "</r>", 4);
        tw_err_clear(cx);
        if (tw_xml_parse(cx, &d, NULL, (tw_str){ room, 19 + s.n + 4 }, NULL) == TW_OK) {
            round_trip(&d);
            good++;
        }
        tw_arena_back(cx->arena, mark);
    }
    assert_true(good > 200);
}
