/* A message goes back to the character set it came in (table 0211); what the set does not have becomes a question
 * mark. */
#include "deid/hl7_internal.h"

#include <iconv.h>

static const struct {
    const char *name; /* table 0211 */
    const char *set;  /* of iconv */
} sets[] = {
    { "8859/1", "ISO-8859-1" },       { "8859/2", "ISO-8859-2" },
    { "8859/3", "ISO-8859-3" },       { "8859/4", "ISO-8859-4" },
    { "8859/5", "ISO-8859-5" },       { "8859/6", "ISO-8859-6" },
    { "8859/7", "ISO-8859-7" },       { "8859/8", "ISO-8859-8" },
    { "8859/9", "ISO-8859-9" },       { "8859/15", "ISO-8859-15" },
    { "ISO IR14", "ISO-2022-JP-2" },  { "ISO IR87", "ISO-2022-JP-2" },
    { "ISO IR159", "ISO-2022-JP-2" }, { "GB 18030-2000", "GB18030" },
    { "KS X 1001", "EUC-KR" },        { "BIG-5", "BIG5" },
};

/* MSH-18 may name several: the one that needs converting reads the others too. */
static const char *set_of(const tw_hl7 *m)
{
    tw_str list = tw_hl7_field(m, &m->segment[0], 18), name;
    while (tw_hl7_next(&name, &list, m->delims.repetition))
        for (size_t i = 0; i < TW_COUNT(sets); i++)
            if (tw_str_is(tw_str_trim(name), sets[i].name))
                return sets[i].set;
    return NULL;
}

static size_t character(tw_str s)
{
    size_t n = 1;
    while (n < s.n && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n++;
    return n;
}

static void convert(tw_buf *out, iconv_t with, tw_str in)
{
    char room[4096], mark[] = "?";
    char *from = (char *)(uintptr_t)in.p; /* iconv's prototype lacks a const */
    size_t left = in.n;
    bool end = false;
    while (!end) {
        char *to = room;
        size_t free_n = sizeof room, lost = left ? iconv(with, &from, &left, &to, &free_n) : 0;
        if (left == 0) {
            (void)iconv(with, NULL, NULL, &to, &free_n); /* back to the set's first state */
            end = true;
        } else if (lost == (size_t)-1 && free_n > 16) {
            size_t skip = character((tw_str){ from, left }), one = 1;
            char *question = mark;
            (void)iconv(with, &question, &one, &to, &free_n);
            from += skip;
            left -= skip;
        }
        tw_buf_add(out, room, sizeof room - free_n);
    }
}

tw_status hl7_recode(tw_ctx *cx, tw_buf *out, size_t from, const tw_hl7 *m)
{
    const char *set = set_of(m);
    if (out->failed || !set)
        return set ? TW_OK : tw_fail(cx, TW_EPARSE, "MSH-18: a character set that is not written here");
    if (!tw_any_high((const char *)out->p + from, out->n - from))
        return TW_OK;
    tw_str text = tw_str_dup(cx->arena, (tw_str){ (const char *)out->p + from, out->n - from });
    iconv_t with = iconv_open(set, "UTF-8");
    if (with == (iconv_t)-1)
        return tw_fail(cx, TW_EPARSE, "MSH-18: the C library does not know this character set");
    out->n = from;
    convert(out, with, text);
    iconv_close(with);
    return TW_OK;
}
