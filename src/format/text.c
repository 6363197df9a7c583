/* Line-wise JSON and escaping for XML, HTML and SVG. */
#include "format/format.h"

bool tw_ndjson_next(tw_str *line, tw_str *rest)
{
    if (rest->n == 0)
        return false;
    const char *end = memchr(rest->p, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->p) : rest->n;
    *line = (tw_str){ rest->p, n };
    size_t used = end ? n + 1 : n;
    *rest = (tw_str){ rest->p + used, rest->n - used };
    if (line->n > 0 && line->p[line->n - 1] == '\r')
        line->n--;
    return true;
}

/* XML 1.0 section 2.2 has no character for most controls: they become U+FFFD. */
void tw_xml_escape(tw_buf *out, tw_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '&')
            tw_buf_cstr(out, "&amp;");
        else if (c == '<')
            tw_buf_cstr(out, "&lt;");
        else if (c == '>')
            tw_buf_cstr(out, "&gt;");
        else if (c == '"')
            tw_buf_cstr(out, "&quot;");
        else if (c == '\'')
            tw_buf_cstr(out, "&#39;");
        else if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
            tw_buf_cstr(out, "\xEF\xBF\xBD");
        else
            tw_buf_u8(out, c);
    }
}
