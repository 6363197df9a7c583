/* HL7 v2 as bytes: delimiters, parts, escapes, character sets, limits, and the way back. */
#include "test.h"

#include "format/format.h"

#define MSH "MSH|^~\\&|A|B|||20240101||ADT^A01|1|P|2.5\r"

static tw_hl7 m;
static tw_hl7_place place;

static void parsed(tw_str text)
{
    assert_ok(tw_hl7_parse(cx, &m, &place, text));
}

/* Status, place and rule of what must not parse. */
static void refused(const char *path, tw_str text)
{
    tw_err_clear(cx);
    assert_status(TW_EPARSE, tw_hl7_parse(cx, &m, &place, text));
    assert_string_equal(path, place.path);
    assert_true(cx->err.msg[0] != '\0');
}

static const char *field(uint32_t segment, uint32_t n)
{
    assert_true(segment < m.segments);
    return tw_cstr(cx->arena, tw_hl7_field(&m, &m.segment[segment], n));
}

static const char *text(const char *raw)
{
    tw_str out;
    assert_ok(tw_hl7_text(cx, &out, &m, tw_str_of(raw)));
    return tw_cstr(cx->arena, out);
}

TEST(a_message_is_cut_into_segments_and_fields)
{
    parsed(TW_STR(MSH "PID|1||77^^^H^MR~88||Doe^Jane\rPV1||I\r"));
    assert_int_equal(3, m.segments);
    assert_string_equal("|", field(0, 1));
    assert_string_equal("^~\\&", field(0, 2));
    assert_string_equal("A", field(0, 3));
    assert_string_equal("2.5", field(0, 12));
    assert_string_equal("", field(0, 13));
    assert_string_equal("1", field(1, 1));
    assert_string_equal("", field(1, 2));
    assert_string_equal("77^^^H^MR~88", field(1, 3));
    assert_string_equal("Doe^Jane", field(1, 5));
    assert_string_equal("", field(1, 6));
    assert_string_equal("", field(1, 1000));
    assert_string_equal("I", field(2, 2));
    assert_string_equal("PV1", m.segment[2].name);
}

TEST(lines_end_in_cr_lf_or_both_and_blank_ones_are_passed_over)
{
    static const char *const ends[] = { "\r", "\n", "\r\n", "\r\r", "\n\n", "\r\n\r\n" };
    for (size_t i = 0; i < TW_COUNT(ends); i++) {
        parsed(tw_strf(cx->arena, "MSH|^~\\&|A%sPID|1%sZZ1|x%s", ends[i], ends[i], i % 2 ? ends[i] : ""));
        assert_int_equal(3, m.segments);
        assert_string_equal("1", field(1, 1));
        assert_string_equal("x", field(2, 1));
        assert_int_equal(2, m.segment[2].count);
    }
}

TEST(delimiters_are_those_of_the_message)
{
    parsed(TW_STR("MSH$%*!+$!E!\rPID$1$x%y*z"));
    assert_int_equal('$', m.delims.field);
    assert_int_equal('%', m.delims.component);
    assert_int_equal('*', m.delims.repetition);
    assert_int_equal('!', m.delims.escape);
    assert_int_equal('+', m.delims.sub);
    assert_int_equal(0, m.delims.truncation);
    assert_string_equal("x%y*z", field(1, 2));
    assert_string_equal("a$b%c*d!e+f", text("a!F!b!S!c!R!d!E!e!T!f"));
    parsed(TW_STR("MSH|^~\\&#|\\E\\"));
    assert_int_equal('#', m.delims.truncation);
    assert_string_equal("#", text("\\P\\"));
    refused("MSH-2", TW_STR("MSH|^~\\|A"));
    refused("MSH-2", TW_STR("MSH|^~\\&#+|A"));
    refused("MSH-2", TW_STR("MSH|^^\\&|A"));
    refused("MSH-2", TW_STR("MSH|^~\\a|A"));
    refused("MSH-2", TW_STR("MSHA^~\\&A"));
    refused("MSH-2", TW_STR("MSH"));
    refused("MSH-2", TW_STR(""));
    refused("MSH-2", TW_STR("PID|1"));
    refused("MSH-2", TW_STR("MSH|^~\\"));
}

TEST(parts_are_found_by_number_and_in_turn)
{
    tw_str rest = TW_STR("a^^c"), part;
    assert_str("a", tw_hl7_part(rest, '^', 1));
    assert_str("", tw_hl7_part(rest, '^', 2));
    assert_str("c", tw_hl7_part(rest, '^', 3));
    assert_str("", tw_hl7_part(rest, '^', 4));
    assert_str("", tw_hl7_part(TW_STR(""), '^', 1));
    for (int i = 0; i < 3; i++)
        assert_true(tw_hl7_next(&part, &rest, '^'));
    assert_str("c", part);
    assert_false(tw_hl7_next(&part, &rest, '^'));
    rest = TW_STR("a^");
    assert_true(tw_hl7_next(&part, &rest, '^') && tw_hl7_next(&part, &rest, '^'));
    assert_str("", part);
    assert_false(tw_hl7_next(&part, &rest, '^'));
    assert_true(tw_hl7_is_delete(TW_STR("\"\"")));
    assert_false(tw_hl7_is_delete(TW_STR("")));
    assert_false(tw_hl7_is_delete(TW_STR("\"")));
}

TEST(each_escape_means_what_the_standard_says)
{
    static const char *const known[][2] = {
        { "plain", "plain" },
        { "\\F\\\\S\\\\T\\\\R\\\\E\\", "|^&~\\" },
        { "a\\.br\\b", "a\nb" },
        { "a\\.sp3\\b", "a\n\n\nb" },
        { "a\\.sp\\b", "a\nb" },
        { "a\\.sp+2\\b", "a\n\nb" },
        { "a\\.ce\\b", "a\nb" },
        { "a\\.sk4\\b", "a    b" },
        { "a\\.in+4\\\\.ti-2\\\\.fi\\\\.nf\\b", "ab" },
        { "\\H\\bold\\N\\", "bold" },
        { "a\\Zxx\\b", "ab" },
        { "a\\C2842\\b", "ab" },
        { "\\X41\\\\X42\\", "AB" },
        { "\\X4142\\", "AB" },
        { "\\XC3A9\\", "\xC3\xA9" },
        { "a\\X0D0A\\b\\X0d\\c\\X0A\\d", "a\nb\nc\nd" },
        { "a\\X09\\b", "a\tb" },
        /* what is no escape stays */
        { "c:\\temp", "c:\\temp" },
        { "\\", "\\" },
        { "\\\\", "\\\\" },
        { "\\X4\\", "\\X4\\" },
        { "\\X4G\\", "\\X4G\\" },
        { "\\P\\", "\\P\\" },
        { "\\foo\\F\\", "\\foo|" },
        { "\\Za^b\\", "\\Za^b\\" },
        { "\\.xx\\", "\\.xx\\" },
    };
    parsed(TW_STR("MSH|^~\\&|A\\E\\"));
    for (size_t i = 0; i < TW_COUNT(known); i++)
        assert_string_equal(known[i][1], text(known[i][0]));
    assert_int_equal(102, strlen(text("a\\.sp4000000000\\b"))); /* never more than a hundred */
}

TEST(text_is_escaped_for_its_place)
{
    tw_buf b;
    tw_buf_init(&b, TW_KIB);
    tw_hl7_escape(&b, &tw_hl7_usual, TW_STR("a|b^c~d\\e&f#g\nh\xC3\xA9"));
    assert_str("a\\F\\b\\S\\c\\R\\d\\E\\e\\T\\f#g\\.br\\h\xC3\xA9", tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
}

TEST(escapes_that_hold_no_text_are_refused)
{
    static const char *const bad[] = { "\\M2442\\", "\\M244242\\", "\\C2D41\\", "\\X00\\",
                                       "\\X1B\\",   "\\XFF\\",     "\\XC3\\" };
    tw_str out;
    parsed(TW_STR("MSH|^~\\&|A\\E\\"));
    for (size_t i = 1; i < TW_COUNT(bad); i++)
        assert_status(TW_EPARSE, tw_hl7_text(cx, &out, &m, tw_str_of(bad[i])));
    assert_string_equal(bad[0], text(bad[0])); /* four digits are no \M..\ */
}

TEST(character_sets_become_utf8)
{
    static const struct {
        const char *set;
        const char *bytes;
        const char *utf8;
    } known[] = {
        { "", "caf\xC3\xA9", "caf\xC3\xA9" },
        { "ASCII", "cafe", "cafe" },
        { "UNICODE UTF-8", "caf\xC3\xA9", "caf\xC3\xA9" },
        { "8859/1", "caf\xE9 \xFC\xDF", "caf\xC3\xA9 \xC3\xBC\xC3\x9F" },
        { "8859/2", "\xB1", "\xC4\x85" },
        { "8859/5", "\xB0", "\xD0\x90" },
        { "8859/7", "\xE1", "\xCE\xB1" },
        { "8859/9", "\xFD", "\xC4\xB1" },
        { "8859/15", "\xA4", "\xE2\x82\xAC" },
        { "GB 18030-2000", "\x81\x7C", "\xE4\xBA\x85" }, /* the second byte looks like a separator */
        { "KS X 1001", "\xB0\xA1", "\xEA\xB0\x80" },
        { "BIG-5", "\xA4\x40", "\xE4\xB8\x80" },
        { "ASCII~ISO IR87", "\x1B$B\x46|\x1B(B!", "\xE6\x97\xA5!" },
    };
    for (size_t i = 0; i < TW_COUNT(known); i++) {
        parsed(tw_strf(cx->arena, "MSH|^~\\&|A||||20240101||ADT^A01|1|P|2.5||||||%s\rPID|%s|2", known[i].set,
                       known[i].bytes));
        assert_string_equal(known[i].utf8, field(1, 1));
        assert_string_equal("2", field(1, 2));
    }
}

TEST(character_sets_that_are_wrong_or_not_read_are_named)
{
    static const char *const bad[][2] = {
        { "", "\xE9" },           { "ASCII", "\xE9" }, { "UNICODE UTF-8", "\xE9" }, { "UNICODE UTF-16", "x" },
        { "UNICODE", "x" },       { "EBCDIC", "x" },   { "8859/6", "\xA1" },        { "BIG-5", "\xFF" },
        { "8859/1~8859/5", "x" },
    };
    for (size_t i = 0; i < TW_COUNT(bad); i++)
        refused("MSH-18",
                tw_strf(cx->arena, "MSH|^~\\&|A||||20240101||ADT^A01|1|P|2.5||||||%s\rPID|%s", bad[i][0], bad[i][1]));
}

TEST(control_bytes_and_bad_names_are_refused_with_their_line)
{
    refused("segment", TW_STR(MSH "PID|1\rPV1|a\0b"));
    assert_int_equal(2, place.line);
    assert_int_equal(6, place.column);
    refused("segment", TW_STR(MSH "PID|\x1B"));
    refused("segment", TW_STR(MSH "\r\n\r\npid|1"));
    assert_int_equal(3, place.line);
    refused("segment", TW_STR(MSH "PI|1"));
    refused("segment", TW_STR(MSH "PIDX|1"));
    refused("segment", TW_STR(MSH "1ID|1"));
    refused("segment", TW_STR(MSH "PID^1"));
    parsed(TW_STR(MSH "PID|a\tb"));
    assert_string_equal("a\tb", field(1, 1));
}

TEST(an_addendum_goes_on_where_the_segment_before_ended)
{
    parsed(TW_STR(MSH "OBX|1|TX|c||long \rADD|text|x\rADD| more\rNTE|1"));
    assert_int_equal(3, m.segments);
    assert_string_equal("long text", field(1, 5));
    assert_string_equal("x more", field(1, 6));
    assert_string_equal("NTE", m.segment[2].name);
    refused("segment", TW_STR(MSH "ADD|8859/1"));
}

TEST(limits_hold)
{
    tw_buf b;
    tw_buf_init(&b, TW_HL7_BYTES_MAX + TW_MIB);
    tw_buf_cstr(&b, MSH "PID");
    for (int i = 0; i < TW_HL7_FIELDS_MAX; i++)
        tw_buf_cstr(&b, "|");
    assert_status(TW_ELIMIT, tw_hl7_parse(cx, &m, &place, tw_str_of_bytes(tw_buf_view(&b))));
    assert_int_equal(1, place.line);
    tw_buf_clear(&b);
    tw_buf_cstr(&b, MSH);
    for (int i = 1; i < TW_HL7_SEGMENTS_MAX; i++)
        tw_buf_cstr(&b, "NTE\r");
    assert_ok(tw_hl7_parse(cx, &m, &place, tw_str_of_bytes(tw_buf_view(&b))));
    assert_int_equal(TW_HL7_SEGMENTS_MAX, m.segments);
    tw_buf_cstr(&b, "NTE\r");
    assert_status(TW_ELIMIT, tw_hl7_parse(cx, &m, &place, tw_str_of_bytes(tw_buf_view(&b))));
    while (b.n <= TW_HL7_BYTES_MAX)
        tw_buf_cstr(&b, "NTE|0123456789012345678901234567890123456789012345678901234567890123456789\r");
    assert_status(TW_ELIMIT, tw_hl7_parse(cx, &m, &place, tw_str_of_bytes(tw_buf_view(&b))));
    tw_buf_done(&b);
}

/* ---------------------------------------------------------------- there and back */

static void same_texts(const tw_hl7 *a, const tw_hl7 *b, tw_str x, tw_str y, const char *level)
{
    tw_str s, t, rest[2] = { x, y };
    if (*level == '\0') {
        assert_ok(tw_hl7_text(cx, &s, a, x));
        assert_ok(tw_hl7_text(cx, &t, b, y));
        assert_true(tw_str_eq(s, t));
        assert_int_equal(tw_hl7_is_delete(x), tw_hl7_is_delete(y));
        return;
    }
    while (tw_hl7_next(&x, &rest[0], *level)) {
        assert_true(tw_hl7_next(&y, &rest[1], *level));
        same_texts(a, b, x, y, level + 1);
    }
    assert_false(tw_hl7_next(&y, &rest[1], *level));
}

/* false: an escape in it is refused. */
static bool goes_there_and_back(tw_str message)
{
    tw_buf b;
    tw_hl7 one, two;
    assert_ok(tw_hl7_parse(cx, &one, &place, message));
    tw_buf_init(&b, 64 * TW_MIB);
    bool written = tw_hl7_encode(cx, &b, &one) == TW_OK;
    if (written) {
        const char level[] = { one.delims.repetition, one.delims.component, one.delims.sub, '\0' };
        assert_ok(tw_hl7_parse(cx, &two, &place, tw_str_of_bytes(tw_bytes_dup(cx->arena, tw_buf_view(&b)))));
        assert_int_equal(one.segments, two.segments);
        for (uint32_t i = 0; i < one.segments; i++) {
            assert_string_equal(one.segment[i].name, two.segment[i].name);
            assert_int_equal(one.segment[i].count, two.segment[i].count);
            for (uint32_t n = i == 0 ? 3 : 1; n <= one.segment[i].count; n++)
                same_texts(&one, &two, tw_hl7_field(&one, &one.segment[i], n), tw_hl7_field(&two, &two.segment[i], n),
                           level);
        }
    }
    tw_buf_done(&b);
    return written;
}

TEST(random_messages_go_there_and_back)
{
    static const char *const words[] = { "|",         "|",         "^",       "~",        "&",      "\\",
                                         "\\F\\",     "\\.br\\",   "\\X41\\", "\"\"",     "abc",    "\xC3\xA9",
                                         "\\X2222\\", "\\XC3A9\\", " ",       "\t",       "\\Zq\\", "#",
                                         "\\H\\",     "\rOBX|",    "\nNTE|",  "\r\rZ1A|", "\\E\\",  "1.5" };
    static const char *const sets[] = { "", "UNICODE UTF-8", "8859/1", "8859/15" };
    size_t written = 0;
    for (int round = 0; round < 3000; round++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_buf b;
        tw_buf_init(&b, TW_MIB);
        tw_buf_fmt(&b, "MSH|^~\\&%s|A||||2024||ADT^A01|1|P|2.5||||||%s\rPID|", round % 2 ? "#" : "",
                   sets[tw_test_below(TW_COUNT(sets))]);
        for (uint64_t n = tw_test_below(60); n > 0; n--)
            tw_buf_cstr(&b, words[tw_test_below(TW_COUNT(words))]);
        written += goes_there_and_back(tw_str_of_bytes(tw_buf_view(&b)));
        tw_buf_done(&b);
        tw_arena_back(cx->arena, mark);
    }
    assert_true(written > 2500);
}

TEST(random_bytes_never_read_past_their_end)
{
    static const char letters[] = "MSHPID|^~\\&\r\n\x0b\x1c 0\"\xE9";
    for (int round = 0; round < 20000; round++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        size_t n = tw_test_below(40);
        char *p = tw_arena_get(cx->arena, n + 9);
        memcpy(p, "MSH|^~\\&|", 9);
        for (size_t i = 9; i < n + 9; i++)
            p[i] = letters[tw_test_below(sizeof letters)];
        if (tw_hl7_parse(cx, &m, &place, (tw_str){ p, n + 9 }) == TW_OK)
            assert_true(m.segments >= 1);
        tw_arena_back(cx->arena, mark);
    }
}

TEST(real_messages_go_there_and_back)
{
    SKIP_WITHOUT_DATA();
    tw_str all = tw_test_read("sources/hl7v2/Dare_Margart_78a421b7.hl7");
    size_t messages = 0;
    while (all.n > 0) {
        const char *end = memchr(all.p, '\n', all.n);
        size_t n = end ? (size_t)(end - all.p) : all.n;
        if (n > 0) {
            assert_true(goes_there_and_back((tw_str){ all.p, n }));
            messages++;
        }
        all = end ? (tw_str){ end + 1, all.n - n - 1 } : (tw_str){ "", 0 };
    }
    assert_int_equal(23, messages);
}

/* In Big5 "\xE0|" is one character: with it gone, what was read as MSH-18 is another field. */
TEST(charset__that_moves_its_own_field_is_refused)
{
    const char *moves = "MSH|^~\\&|A\xE0|B|||20250506||ADT^A01|1|P|2.5|||||BIG-5|||\rPID|1\r";
    const char *stays = "MSH|^~\\&|A|B|||20250506||ADT^A01|1|P|2.5||||||BIG-5\rPID|1||\xE0|x\r";
    assert_status(TW_EPARSE, tw_hl7_parse(cx, &m, &place, tw_str_of(moves)));
    assert_string_equal("MSH-18", place.path);
    assert_ok(tw_hl7_parse(cx, &m, &place, tw_str_of(stays)));
    assert_int_equal(2, m.segments);
}

/* "-" in "UTF-8" may be one of the sender's own marks: the name of the set is written as it stood. */
TEST(charset__is_written_as_it_stood)
{
    tw_buf b;
    const char *text = "MSH|^~-&|A|B|||20250506||ADT^A01|1|P|2.5||||||UNICODE UTF-8\rPID|1\r";
    tw_buf_init(&b, TW_MIB);
    assert_ok(tw_hl7_parse(cx, &m, &place, tw_str_of(text)));
    assert_ok(tw_hl7_encode(cx, &b, &m));
    assert_str(text, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
}
