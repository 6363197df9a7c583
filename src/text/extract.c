/* Text of HTML and RTF attachments. No library in common use reads RTF in C; HTML here needs no tree: what stands
 * between tags is text, whatever a browser would make of it, so that nothing is missed. */
#include "text/text.h"

#define TEXT_MAX TW_TEXT_BYTES_MAX

static char lower_char(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool starts_with(tw_str s, size_t at, const char *lower)
{
    size_t n = strlen(lower);
    if (at > s.n || s.n - at < n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (lower_char(s.p[at + i]) != lower[i])
            return false;
    return true;
}

static void put_code_point(tw_buf *out, uint32_t c)
{
    char utf8[4];
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        c = 0xfffd;
    tw_buf_add(out, utf8, tw_utf8_put(utf8, c));
}

/* Windows-1252, which includes Latin-1 where that has letters (WHATWG Encoding, index windows-1252). */
static uint32_t code_point_1252(uint8_t b)
{
    static const uint16_t high[32] = { 0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                       0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
                                       0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                       0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178 };
    return b >= 0x80 && b < 0xa0 ? high[b - 0x80] : b;
}

/* ---------------------------------------------------------------- HTML */

static const struct {
    const char *name;
    uint16_t code;
} entities[] = {
    { "amp", '&' },       { "lt", '<' },       { "gt", '>' },       { "quot", '"' },     { "apos", '\'' },
    { "nbsp", 0xa0 },     { "copy", 0xa9 },    { "reg", 0xae },     { "deg", 0xb0 },     { "plusmn", 0xb1 },
    { "micro", 0xb5 },    { "middot", 0xb7 },  { "frac12", 0xbd },  { "times", 0xd7 },   { "divide", 0xf7 },
    { "Agrave", 0xc0 },   { "Aacute", 0xc1 },  { "Acirc", 0xc2 },   { "Atilde", 0xc3 },  { "Auml", 0xc4 },
    { "Aring", 0xc5 },    { "AElig", 0xc6 },   { "Ccedil", 0xc7 },  { "Egrave", 0xc8 },  { "Eacute", 0xc9 },
    { "Ecirc", 0xca },    { "Euml", 0xcb },    { "Igrave", 0xcc },  { "Iacute", 0xcd },  { "Icirc", 0xce },
    { "Iuml", 0xcf },     { "Ntilde", 0xd1 },  { "Ograve", 0xd2 },  { "Oacute", 0xd3 },  { "Ocirc", 0xd4 },
    { "Otilde", 0xd5 },   { "Ouml", 0xd6 },    { "Oslash", 0xd8 },  { "Ugrave", 0xd9 },  { "Uacute", 0xda },
    { "Ucirc", 0xdb },    { "Uuml", 0xdc },    { "Yacute", 0xdd },  { "szlig", 0xdf },   { "agrave", 0xe0 },
    { "aacute", 0xe1 },   { "acirc", 0xe2 },   { "atilde", 0xe3 },  { "auml", 0xe4 },    { "aring", 0xe5 },
    { "aelig", 0xe6 },    { "ccedil", 0xe7 },  { "egrave", 0xe8 },  { "eacute", 0xe9 },  { "ecirc", 0xea },
    { "euml", 0xeb },     { "igrave", 0xec },  { "iacute", 0xed },  { "icirc", 0xee },   { "iuml", 0xef },
    { "ntilde", 0xf1 },   { "ograve", 0xf2 },  { "oacute", 0xf3 },  { "ocirc", 0xf4 },   { "otilde", 0xf5 },
    { "ouml", 0xf6 },     { "oslash", 0xf8 },  { "ugrave", 0xf9 },  { "uacute", 0xfa },  { "ucirc", 0xfb },
    { "uuml", 0xfc },     { "yacute", 0xfd },  { "yuml", 0xff },    { "ndash", 0x2013 }, { "mdash", 0x2014 },
    { "lsquo", 0x2018 },  { "rsquo", 0x2019 }, { "ldquo", 0x201c }, { "rdquo", 0x201d }, { "bull", 0x2022 },
    { "hellip", 0x2026 }, { "euro", 0x20ac },  { "trade", 0x2122 }, { "rarr", 0x2192 },  { "le", 0x2264 },
    { "ge", 0x2265 },     { "shy", 0xad },     { "ensp", 0x2002 },  { "emsp", 0x2003 },  { "thinsp", 0x2009 },
};

/* "&eacute;", "&#233;", "&#xe9;": bytes read; 0: an ampersand as it stands. */
static size_t put_entity(tw_buf *out, tw_str s, size_t at)
{
    size_t i = at + 1, end = i;
    while (end < s.n && end < at + 32 && s.p[end] != ';' && s.p[end] != '&' && s.p[end] != '<' && s.p[end] != ' ')
        end++;
    if (end >= s.n || s.p[end] != ';')
        return 0;
    if (s.p[i] == '#') {
        bool hex = i + 1 < end && lower_char(s.p[i + 1]) == 'x';
        uint32_t v = 0;
        i += hex ? 2 : 1;
        if (i >= end)
            return 0;
        for (; i < end; i++) {
            char c = lower_char(s.p[i]);
            bool letter = hex && c >= 'a' && c <= 'f';
            if (!letter && !(c >= '0' && c <= '9'))
                return 0;
            v = TW_MIN(v * (hex ? 16 : 10) + (uint32_t)(letter ? c - 'a' + 10 : c - '0'), 0x110000u);
        }
        put_code_point(out, v >= 0x80 && v < 0xa0 ? code_point_1252((uint8_t)v) : v);
        return end + 1 - at;
    }
    for (size_t k = 0; k < TW_COUNT(entities); k++)
        if (tw_str_is((tw_str){ s.p + i, end - i }, entities[k].name)) {
            put_code_point(out, entities[k].code);
            return end + 1 - at;
        }
    return 0;
}

/* Behind the tag at `at`, quoted values with '>' in them skipped. */
static size_t tag_end(tw_str s, size_t at)
{
    char quote = '\0';
    for (size_t i = at + 1; i < s.n; i++) {
        char c = s.p[i];
        if (quote) {
            if (c == quote)
                quote = '\0';
        } else if ((c == '"' || c == '\'') && s.p[i - 1] == '=') {
            quote = c;
        } else if (c == '>') {
            return i + 1;
        }
    }
    return s.n;
}

static size_t find_from(tw_str s, size_t at, const char *lower)
{
    for (size_t i = at; i < s.n; i++)
        if (starts_with(s, i, lower))
            return i;
    return s.n;
}

static bool is_tag(tw_str s, size_t name, const char *tag)
{
    size_t n = strlen(tag);
    if (!starts_with(s, name, tag))
        return false;
    char c = name + n < s.n ? s.p[name + n] : '>';
    return !((lower_char(c) >= 'a' && lower_char(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == ':');
}

/* What a tag leaves in the text: a line's end, a tab, or nothing. */
static void put_tag(tw_buf *out, tw_str s, size_t name)
{
    static const char *const lines[] = { "br",        "p",      "div",        "tr",      "li",    "ul",      "ol",
                                         "h1",        "h2",     "h3",         "h4",      "h5",    "h6",      "table",
                                         "dt",        "dd",     "dl",         "pre",     "hr",    "section", "article",
                                         "header",    "footer", "blockquote", "caption", "thead", "tbody",   "title",
                                         "paragraph", "item",   "list",       "body" };
    if (name < s.n && s.p[name] == '/')
        name++;
    if (is_tag(s, name, "td") || is_tag(s, name, "th")) {
        tw_buf_u8(out, '\t');
        return;
    }
    for (size_t i = 0; i < TW_COUNT(lines); i++)
        if (is_tag(s, name, lines[i])) {
            if (out->n > 0 && out->p[out->n - 1] != '\n')
                tw_buf_u8(out, '\n');
            return;
        }
}

static size_t skip_markup(tw_buf *out, tw_str s, size_t i)
{
    if (starts_with(s, i, "<!--"))
        return TW_MIN(find_from(s, i + 4, "-->") + 3, s.n);
    if (starts_with(s, i, "<![cdata[")) {
        size_t end = find_from(s, i + 9, "]]>");
        tw_buf_add(out, s.p + i + 9, TW_MIN(end, s.n) - TW_MIN(i + 9, s.n));
        return TW_MIN(end + 3, s.n);
    }
    if (is_tag(s, i + 1, "script"))
        return tag_end(s, find_from(s, i, "</script"));
    if (is_tag(s, i + 1, "style"))
        return tag_end(s, find_from(s, i, "</style"));
    put_tag(out, s, i + 1);
    return tag_end(s, i);
}

static void html_text(tw_buf *out, tw_str s)
{
    for (size_t i = 0; i < s.n && !out->failed;) {
        char c = s.p[i], next = i + 1 < s.n ? lower_char(s.p[i + 1]) : '\0';
        if (c == '<' && (next == '/' || next == '!' || next == '?' || (next >= 'a' && next <= 'z'))) {
            i = skip_markup(out, s, i);
        } else if (c == '&') {
            size_t n = put_entity(out, s, i);
            if (n == 0)
                tw_buf_u8(out, '&');
            i += n ? n : 1;
        } else {
            tw_buf_u8(out, (uint8_t)c);
            i++;
        }
    }
}

/* ---------------------------------------------------------------- RTF (Microsoft, RTF 1.9.1) */

#define DEPTH_MAX 64

typedef struct {
    tw_str s;
    size_t i;
    unsigned depth;
    struct {
        bool hidden;  /* a destination that is no text */
        uint8_t skip; /* \ucN */
    } group[DEPTH_MAX];
    unsigned fallback; /* characters still to skip behind \u */
    uint32_t high;     /* first half of a surrogate pair */
    bool foreign;      /* letters of a code page that is not Windows-1252 */
    tw_buf *out;
} rtf;

static void rtf_put(rtf *r, uint32_t c)
{
    if (r->fallback > 0) {
        r->fallback--;
        return;
    }
    if (!r->group[r->depth].hidden)
        put_code_point(r->out, c);
}

static void rtf_unicode(rtf *r, int32_t v)
{
    uint32_t c = (uint32_t)(v < 0 ? v + 65536 : v) & 0xffff;
    r->fallback = 0;
    if (c >= 0xd800 && c < 0xdc00) {
        r->high = c;
    } else {
        if (c >= 0xdc00 && c < 0xe000 && r->high)
            c = 0x10000 + ((r->high - 0xd800) << 10) + (c - 0xdc00);
        r->high = 0;
        rtf_put(r, c);
    }
    r->fallback = r->group[r->depth].skip;
}

static bool word_is_one_of(tw_str word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (tw_str_is(word, list[i]))
            return true;
    return false;
}

static void rtf_word(rtf *r, tw_str word, int32_t value, bool has_value)
{
    static const char *const hidden[] = { "fonttbl", "colortbl",  "stylesheet", "info",      "pict",
                                          "object",  "themedata", "datastore",  "listtable", "listoverridetable",
                                          "rsidtbl", "generator", "xmlnstbl",   "fldinst",   "latentstyles",
                                          "filetbl", "revtbl" };
    static const char *const lines[] = { "par", "line", "row", "sect", "page", "column" };
    if (word_is_one_of(word, hidden, TW_COUNT(hidden)))
        r->group[r->depth].hidden = true;
    else if (word_is_one_of(word, lines, TW_COUNT(lines)))
        rtf_put(r, '\n');
    else if (tw_str_is(word, "tab") || tw_str_is(word, "cell"))
        rtf_put(r, '\t');
    else if (tw_str_is(word, "u") && has_value)
        rtf_unicode(r, value);
    else if (tw_str_is(word, "uc") && has_value && value >= 0 && value < 16)
        r->group[r->depth].skip = (uint8_t)value;
    else if (tw_str_is(word, "ansicpg") && has_value)
        r->foreign = value != 1252 && value != 0;
    else if (tw_str_is(word, "bin") && has_value && value > 0)
        r->i += TW_MIN((size_t)value, r->s.n - r->i);
    else if (tw_str_is(word, "emdash") || tw_str_is(word, "endash"))
        rtf_put(r, '-');
    else if (tw_str_is(word, "lquote") || tw_str_is(word, "rquote"))
        rtf_put(r, '\'');
    else if (tw_str_is(word, "ldblquote") || tw_str_is(word, "rdblquote"))
        rtf_put(r, '"');
    else if (tw_str_is(word, "bullet"))
        rtf_put(r, 0x2022);
}

static int hex_of(char c)
{
    c = lower_char(c);
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind a backslash. */
static void rtf_control(rtf *r)
{
    if (r->i >= r->s.n)
        return;
    char c = r->s.p[r->i];
    if (!(lower_char(c) >= 'a' && lower_char(c) <= 'z')) {
        r->i++;
        if (c == '\'') {
            int a = r->i < r->s.n ? hex_of(r->s.p[r->i]) : -1, b = r->i + 1 < r->s.n ? hex_of(r->s.p[r->i + 1]) : -1;
            if (a < 0 || b < 0)
                return;
            r->i += 2;
            rtf_put(r, code_point_1252((uint8_t)(a * 16 + b)));
        } else if (c == '*') {
            r->group[r->depth].hidden = true;
        } else if (c == '~') {
            rtf_put(r, 0xa0);
        } else if (c == '\\' || c == '{' || c == '}') {
            rtf_put(r, (uint8_t)c);
        } else if (c == '_') {
            rtf_put(r, '-');
        } else if (c == '\n' || c == '\r') {
            rtf_put(r, '\n');
        }
        return;
    }
    size_t start = r->i;
    while (r->i < r->s.n && lower_char(r->s.p[r->i]) >= 'a' && lower_char(r->s.p[r->i]) <= 'z')
        r->i++;
    tw_str word = { r->s.p + start, r->i - start };
    bool minus = r->i < r->s.n && r->s.p[r->i] == '-';
    int32_t value = 0;
    size_t digits = r->i + minus;
    while (digits < r->s.n && r->s.p[digits] >= '0' && r->s.p[digits] <= '9' && digits < r->i + 10) {
        value = value < 100000000 ? value * 10 + (r->s.p[digits] - '0') : value;
        digits++;
    }
    bool has_value = digits > r->i + minus;
    if (has_value)
        r->i = digits;
    if (r->i < r->s.n && r->s.p[r->i] == ' ')
        r->i++;
    rtf_word(r, word, minus ? -value : value, has_value);
}

static tw_status rtf_text(tw_ctx *cx, tw_buf *out, tw_str s)
{
    rtf r = { .s = s, .out = out };
    r.group[0].skip = 1;
    if (!starts_with(s, 0, "{\\rtf"))
        return tw_fail(cx, TW_EPARSE, "no RTF: it does not begin with {\\rtf");
    while (r.i < s.n && !out->failed) {
        char c = s.p[r.i++];
        if (c == '{') {
            if (r.depth + 1 == DEPTH_MAX)
                return tw_fail(cx, TW_ELIMIT, "RTF of more than %d groups within each other, at byte %zu", DEPTH_MAX,
                               r.i);
            r.group[r.depth + 1] = r.group[r.depth];
            r.depth++;
            r.fallback = 0;
        } else if (c == '}') {
            if (r.depth == 0)
                return tw_fail(cx, TW_EPARSE, "RTF: a group ends that none began, at byte %zu", r.i);
            r.depth--;
            r.fallback = 0;
            if (r.depth == 0)
                return r.foreign ? tw_fail(cx, TW_EFOREIGN, "RTF in letters of another code page than 1252") : TW_OK;
        } else if (c == '\\') {
            rtf_control(&r);
        } else if (c != '\r' && c != '\n') {
            rtf_put(&r, code_point_1252((uint8_t)c));
        }
    }
    return out->failed ? TW_OK : tw_fail(cx, TW_EPARSE, "RTF: %u groups do not end", r.depth);
}

/* ---------------------------------------------------------------- types */

/* The type without its parameters. */
static bool type_is(tw_str type, const char *want)
{
    size_t n = strlen(want);
    return starts_with(type, 0, want) && (type.n == n || type.p[n] == ';' || type.p[n] == ' ');
}

/* The document as UTF-8: what is none is taken for Windows-1252. */
static tw_status as_utf8(tw_ctx *cx, tw_str *out, tw_str s)
{
    tw_buf b;
    if (s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
        s = (tw_str){ s.p + 3, s.n - 3 };
    *out = s;
    if (s.n >= 2 && (memcmp(s.p, "\xff\xfe", 2) == 0 || memcmp(s.p, "\xfe\xff", 2) == 0))
        return tw_fail(cx, TW_EFOREIGN, "document in UTF-16");
    if (tw_utf8_valid(s))
        return TW_OK;
    tw_buf_init(&b, 4 * TEXT_MAX);
    for (size_t i = 0; i < s.n; i++)
        put_code_point(&b, code_point_1252((uint8_t)s.p[i]));
    tw_status status = tw_buf_check(cx, &b, "document");
    if (status == TW_OK)
        *out = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return status;
}

tw_status tw_text_extract(tw_ctx *cx, tw_str *out, tw_str content_type, tw_bytes document)
{
    bool html = type_is(content_type, "text/html") || type_is(content_type, "application/xhtml+xml");
    bool is_rtf = type_is(content_type, "text/rtf") || type_is(content_type, "application/rtf");
    tw_str s = tw_str_of_bytes(document);
    tw_buf b;
    *out = TW_STR("");
    if (!html && !is_rtf)
        return tw_fail(cx, TW_EFOREIGN, "no text can be taken from documents of this type");
    if (document.n > 4 * TEXT_MAX)
        return tw_fail(cx, TW_ELIMIT, "document of %zu bytes", document.n);
    if (html)
        TW_TRY(as_utf8(cx, &s, s));
    tw_buf_init(&b, TEXT_MAX);
    tw_status status = TW_OK;
    if (html)
        html_text(&b, s);
    else
        status = rtf_text(cx, &b, s);
    if (status == TW_OK)
        status = tw_buf_check(cx, &b, "text of a document");
    char *text = status == TW_OK ? tw_arena_try(cx->arena, b.n + 1) : NULL;
    if (status == TW_OK && !text)
        status = tw_fail(cx, TW_ELIMIT, "text of %zu bytes does not fit", b.n);
    if (text) {
        memcpy(text, b.p ? b.p : (const uint8_t *)"", b.n);
        *out = (tw_str){ text, b.n };
    }
    tw_buf_done(&b);
    return status;
}
