#include "text/text_internal.h"

/* ---------------------------------------------------------------- code points */

/* Valid UTF-8 only. */
static uint32_t decode(const char *p, size_t *size)
{
    const uint8_t *b = (const uint8_t *)p;
    if (b[0] < 0x80) {
        *size = 1;
        return b[0];
    }
    if (b[0] < 0xe0) {
        *size = 2;
        return (uint32_t)(b[0] & 0x1f) << 6 | (b[1] & 0x3f);
    }
    if (b[0] < 0xf0) {
        *size = 3;
        return (uint32_t)(b[0] & 0x0f) << 12 | (uint32_t)(b[1] & 0x3f) << 6 | (b[2] & 0x3f);
    }
    *size = 4;
    return (uint32_t)(b[0] & 0x07) << 18 | (uint32_t)(b[1] & 0x3f) << 12 | (uint32_t)(b[2] & 0x3f) << 6 | (b[3] & 0x3f);
}

#define GONE 0xffffffffu

/* The plain character that looks the same; GONE for what has no width. */
static uint32_t plain(uint32_t c)
{
    if (c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f || c == 0x3000)
        return ' ';
    if (c == 0xad || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2064) ||
        (c >= 0x2066 && c <= 0x2069) || c == 0xfeff)
        return GONE;
    if (c == 0x2018 || c == 0x2019 || c == 0x201b || c == 0x2032 || c == 0x02bc || c == 0xb4)
        return '\'';
    if (c == 0x201c || c == 0x201d || c == 0x201f || c == 0x2033)
        return '"';
    if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212)
        return '-';
    if (c == 0x2028 || c == 0x2029 || c == 0x85)
        return '\n';
    if (c >= 0xff01 && c <= 0xff5e)
        return c - 0xff01 + '!';
    return c;
}

/* Marks U+0300.. and the letters that they make, by pairs of base and composed. */
static const struct {
    uint32_t mark;
    const char *pairs;
} composed[] = {
    { 0x300, "AÀEÈIÌOÒUÙaàeèiìoòuùNǸnǹ" },
    { 0x301, "AÁEÉIÍOÓUÚYÝaáeéiíoóuúyýCĆcćLĹlĺNŃnńRŔrŕSŚsśZŹzź" },
    { 0x302, "AÂEÊIÎOÔUÛaâeêiîoôuûCĈcĉGĜgĝHĤhĥJĴjĵSŜsŝWŴwŵYŶyŷ" },
    { 0x303, "AÃNÑOÕaãnñoõIĨiĩUŨuũ" },
    { 0x304, "AĀaāEĒeēIĪiīOŌoōUŪuū" },
    { 0x306, "AĂaăEĔeĕGĞgğIĬiĭOŎoŏUŬuŭ" },
    { 0x307, "CĊcċEĖeėGĠgġIİZŻzż" },
    { 0x308, "AÄEËIÏOÖUÜYŸaäeëiïoöuüyÿ" },
    { 0x30a, "AÅaåUŮuů" },
    { 0x30b, "OŐoőUŰuű" },
    { 0x30c, "CČcčDĎdďEĚeěNŇnňRŘrřSŠsšTŤtťZŽzž" },
    { 0x327, "CÇcçSŞsşTŢtţGĢKĶkķLĻlļNŅnņ" },
    { 0x328, "AĄaąEĘeęIĮiįUŲuų" },
};

/* The letter that base and mark make; 0: none. */
static uint32_t compose(uint32_t base, uint32_t mark)
{
    for (size_t i = 0; i < TW_COUNT(composed); i++) {
        if (composed[i].mark != mark)
            continue;
        for (const char *p = composed[i].pairs; *p;) {
            size_t size;
            uint32_t from = decode(p, &size);
            p += size;
            uint32_t to = decode(p, &size);
            p += size;
            if (from == base)
                return to;
        }
    }
    return 0;
}

/* Two bytes wide before and after. */
static uint32_t lower_of(uint32_t c)
{
    if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
        return c + 0x20;
    if (c >= 0x400 && c <= 0x40f)
        return c + 0x50;
    if (c == 0x178)
        return 0xff;
    bool even = (c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14a && c <= 0x177) || (c >= 0x1de && c <= 0x1ff) ||
                (c >= 0x200 && c <= 0x21f);
    bool odd = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e);
    if ((even && !(c & 1)) || (odd && (c & 1)))
        return c + 1;
    return c;
}

static bool is_letter(uint32_t c)
{
    if (c < 0x80)
        return (c | 32) >= 'a' && (c | 32) <= 'z';
    if (c < 0xc0 || c == 0xd7 || c == 0xf7)
        return false;
    return !((c >= 0x2000 && c <= 0x2bff) || (c >= 0x3000 && c <= 0x303f) || c >= 0x1f000);
}

/* ---------------------------------------------------------------- note */

static bool is_ascii(tw_str s)
{
    uint8_t any = 0;
    for (size_t i = 0; i < s.n; i++)
        any |= (uint8_t)s.p[i];
    return any < 0x80;
}

/* No character grows: norm is at most as long as raw. */
static void normalise(char *norm, uint32_t *map, size_t *norm_n, tw_str raw)
{
    size_t n = 0, last = SIZE_MAX; /* of the last letter in norm: a mark may follow */
    uint32_t last_c = 0;
    for (size_t i = 0, size; i < raw.n; i += size) {
        uint32_t was = decode(raw.p + i, &size), c = plain(was);
        uint32_t made = last != SIZE_MAX && c >= 0x300 && c < 0x330 ? compose(last_c, c) : 0;
        if (c == GONE)
            continue;
        size_t at = n;
        uint32_t from = (uint32_t)i;
        if (made) {
            at = last;
            from = map[last];
            c = made;
        }
        n = at;
        if (c != was) {
            n += tw_utf8_put(norm + n, c);
        } else {
            memcpy(norm + n, raw.p + i, size);
            n += size;
        }
        for (size_t k = at; k < n; k++)
            map[k] = from;
        last = at;
        last_c = c;
    }
    map[n] = (uint32_t)raw.n;
    *norm_n = n;
}

static void lower_copy(char *out, tw_str norm)
{
    for (size_t i = 0; i < norm.n;) {
        uint8_t b = (uint8_t)norm.p[i];
        if (b < 0x80) {
            out[i++] = (char)(b >= 'A' && b <= 'Z' ? b | 32 : b);
            continue;
        }
        size_t size;
        uint32_t c = decode(norm.p + i, &size);
        if (size == 2)
            tw_utf8_put(out + i, lower_of(c));
        else
            memcpy(out + i, norm.p + i, size);
        i += size;
    }
}

tw_status note_make(tw_ctx *cx, text_note *out, tw_str raw)
{
    *out = (text_note){ .raw = raw, .norm = raw };
    if (raw.n > TW_TEXT_BYTES_MAX)
        return tw_fail(cx, TW_ELIMIT, "note of %zu bytes, over the limit of %zu", raw.n, TW_TEXT_BYTES_MAX);
    if (!tw_utf8_valid(raw))
        return tw_fail(cx, TW_EPARSE, "note is no UTF-8");
    if (!is_ascii(raw)) {
        char *norm = tw_arena_try(cx->arena, raw.n + 1);
        uint32_t *map = tw_try_array(cx->arena, uint32_t, raw.n + 1);
        if (!norm || !map)
            return tw_fail(cx, TW_ELIMIT, "note of %zu bytes does not fit", raw.n);
        normalise(norm, map, &out->norm.n, raw);
        out->norm.p = norm;
        out->map = map;
    }
    char *lower = tw_arena_try(cx->arena, out->norm.n + 1);
    if (!lower)
        return tw_fail(cx, TW_ELIMIT, "note of %zu bytes does not fit", raw.n);
    lower_copy(lower, out->norm);
    out->lower = (tw_str){ lower, out->norm.n };
    return TW_OK;
}

/* ---------------------------------------------------------------- tokens */

enum { UPPER_FIRST = 1, UPPER_LATER = 2, LOWER_ANY = 4, LETTER = 8, DIGIT = 16 };

/* End of the run of letters and digits that begins at i; what is in it. */
static size_t run(unsigned *has, const text_note *note, size_t i)
{
    tw_str s = note->norm;
    size_t from = i;
    *has = 0;
    while (i < s.n) {
        size_t size;
        if ((uint8_t)s.p[i] < 0x80) { /* most are */
            char low = note->lower.p[i];
            if (low >= 'a' && low <= 'z')
                *has |= LETTER | (unsigned)(s.p[i] == low ? LOWER_ANY : i == from ? UPPER_FIRST : UPPER_LATER);
            else if (low >= '0' && low <= '9')
                *has |= DIGIT;
            else
                break;
            i++;
            continue;
        }
        uint32_t c = decode(s.p + i, &size);
        if (is_letter(c) || (c >= 0x300 && c < 0x370 && i > from)) {
            bool upper = memcmp(s.p + i, note->lower.p + i, size) != 0;
            *has |= LETTER | (unsigned)(!upper ? LOWER_ANY : i == from ? UPPER_FIRST : UPPER_LATER);
        } else {
            break;
        }
        i += size;
    }
    return i;
}

static uint8_t cased_of(unsigned has)
{
    if (!(has & (UPPER_FIRST | UPPER_LATER)))
        return 0;
    if (!(has & LOWER_ANY))
        return has & UPPER_LATER ? 2 : 1;
    return has & UPPER_LATER ? 3 : 1;
}

static text_token token_at(const text_note *note, size_t i)
{
    unsigned has;
    size_t end = run(&has, note, i);
    text_token t = { .start = (uint32_t)i };
    if (end == i) {
        size_t size;
        decode(note->norm.p + i, &size);
        t.cls = TOKEN_PUNCT;
        t.end = (uint32_t)(i + size);
        return t;
    }
    t.end = (uint32_t)end;
    t.cls = (has & (LETTER | DIGIT)) == (LETTER | DIGIT) ? TOKEN_MIXED : has & LETTER ? TOKEN_WORD : TOKEN_NUMBER;
    t.cased = cased_of(has);
    return t;
}

static bool grow(tw_ctx *cx, text_token **token, uint32_t count, uint32_t *cap)
{
    uint32_t more = *cap * 2;
    text_token *p = tw_try_array(cx->arena, text_token, more);
    if (!p)
        return false;
    memcpy(p, *token, count * sizeof *p);
    *token = p;
    *cap = more;
    return true;
}

tw_status note_tokens(tw_ctx *cx, text_token **token, uint32_t *count, const text_note *note)
{
    uint32_t cap = (uint32_t)(note->norm.n / 3 + 16), n = 0;
    text_token *t = tw_try_array(cx->arena, text_token, cap);
    bool line_start = true, space = true;
    for (size_t i = 0; t && i < note->norm.n;) {
        char c = note->norm.p[i];
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            line_start |= c == '\n' || c == '\r';
            space = true;
            i++;
            continue;
        }
        if (n == cap && !grow(cx, &t, n, &cap))
            t = NULL;
        if (!t)
            break;
        t[n] = token_at(note, i);
        t[n].line_start = line_start;
        t[n].space_before = space;
        line_start = space = false;
        i = t[n++].end;
    }
    if (!t)
        return tw_fail(cx, TW_ELIMIT, "note of %zu bytes has too many tokens", note->norm.n);
    *token = t;
    *count = n;
    return TW_OK;
}
