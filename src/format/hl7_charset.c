/* Character sets of HL7 v2 (table 0211) to UTF-8. The whole message is converted before it is cut, since the second
 * bytes of some sets look like delimiters. Latin-1 is done here, the rest by the C library. */
#include "format/hl7_internal.h"

#include <iconv.h>

#include "base/same.h"

#define TW_HL7_CHARSET_FIELD 18

static const struct {
    const char *name; /* table 0211 */
    const char *set;  /* of iconv; "": nothing to do; NULL: refused */
} sets[] = {
    { "ASCII", "" },
    { "UNICODE UTF-8", "" },
    { "UTF-8", "" },
    { "8859/1", "ISO-8859-1" },
    { "8859/2", "ISO-8859-2" },
    { "8859/3", "ISO-8859-3" },
    { "8859/4", "ISO-8859-4" },
    { "8859/5", "ISO-8859-5" },
    { "8859/6", "ISO-8859-6" },
    { "8859/7", "ISO-8859-7" },
    { "8859/8", "ISO-8859-8" },
    { "8859/9", "ISO-8859-9" },
    { "8859/15", "ISO-8859-15" },
    { "ISO IR6", "" },
    { "ISO IR14", "ISO-2022-JP-2" },
    { "ISO IR87", "ISO-2022-JP-2" },
    { "ISO IR159", "ISO-2022-JP-2" },
    { "GB 18030-2000", "GB18030" },
    { "KS X 1001", "EUC-KR" },
    { "BIG-5", "BIG5" },
    { "UNICODE", NULL },
    { "UNICODE UTF-16", NULL },
    { "UNICODE UTF-32", NULL },
};

static tw_str header_field(tw_str message, char field)
{
    size_t end = tw_hl7_control(message, 0);
    return tw_hl7_part((tw_str){ message.p, end }, field, TW_HL7_CHARSET_FIELD);
}

/* The set of one repetition. */
static tw_status find(tw_ctx *cx, const char **set, tw_str name)
{
    name = tw_str_trim(name);
    for (size_t i = 0; i < TW_COUNT(sets); i++) {
        if (!tw_str_is(name, sets[i].name))
            continue;
        if (!sets[i].set)
            return tw_fail(cx, TW_EPARSE, "UTF-16 and UTF-32 are no character sets of a message here");
        *set = sets[i].set;
        return TW_OK;
    }
    if (name.n > 0)
        return tw_fail(cx, TW_EPARSE, "not a character set of table 0211 that is read here");
    *set = "";
    return TW_OK;
}

/* ISO 8859-1 is the first 256 characters of Unicode. */
static tw_status latin1(tw_ctx *cx, tw_str *out, tw_str in)
{
    char *p = tw_arena_try(cx->arena, 2 * in.n);
    size_t n = 0;
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "no memory left for a message");
    for (size_t i = 0; i < in.n; i++) {
        unsigned char c = (unsigned char)in.p[i];
        if (c >= 0x80) {
            p[n++] = (char)(0xC0 | c >> 6);
            c = 0x80 | (c & 0x3F);
        }
        p[n++] = (char)c;
    }
    *out = (tw_str){ p, n };
    return TW_OK;
}

static tw_status convert(tw_ctx *cx, tw_str *out, tw_str in, const char *set)
{
    size_t room = 3 * in.n + 16, left = room, from_n = in.n;
    char *p = tw_arena_try(cx->arena, room);
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "no memory left for a message");
    iconv_t with = iconv_open("UTF-8", set);
    if (with == (iconv_t)-1)
        return tw_fail(cx, TW_EPARSE, "the C library does not know this character set");
    char *to = p;
    char *from = (char *)(uintptr_t)in.p; /* iconv's prototype lacks a const */
    size_t lost = iconv(with, &from, &from_n, &to, &left);
    iconv_close(with);
    if (lost != 0 || from_n != 0)
        return tw_fail(cx, TW_EPARSE, "bytes that the character set does not have");
    *out = (tw_str){ p, room - left };
    return TW_OK;
}

tw_status tw_hl7_charset(tw_ctx *cx, tw_str *out, bool *recoded, tw_str message, const tw_hl7_delims *d)
{
    tw_str rest = header_field(message, d->field), name;
    const char *set = "";
    *out = message;
    /* Repetitions name sets that escape sequences switch to: the last that needs converting knows the ones before it.
     */
    while (tw_hl7_next(&name, &rest, d->repetition)) {
        const char *one = "";
        TW_TRY(find(cx, &one, name));
        if (*one && *set && strcmp(one, set) != 0)
            return tw_fail(cx, TW_EPARSE, "character sets that are not read together");
        set = *one ? one : set;
    }
    *recoded = *set != '\0';
    if (!*recoded)
        return TW_OK;
    bool shifts = strcmp(set, "ISO-2022-JP-2") == 0;
    if (!shifts && !tw_any_high(message.p, message.n))
        return TW_OK;
    TW_TRY(strcmp(set, "ISO-8859-1") == 0 ? latin1(cx, out, message) : convert(cx, out, message, set));
    /* A second byte that looked like a delimiter is none: the field that was read must still be MSH-18. */
    if (!tw_str_eq(header_field(*out, d->field), header_field(message, d->field)))
        return tw_fail(cx, TW_EPARSE, "a character before it hides a delimiter");
    return TW_OK;
}
