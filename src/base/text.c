/* Slices, numbers, hex, base64. */
#include "base/base.h"

#include <math.h>
#include <stdlib.h>

#include <sodium.h>

tw_str tw_str_of(const char *cstr)
{
    return (tw_str){ cstr, cstr ? strlen(cstr) : 0 };
}

bool tw_str_eq(tw_str a, tw_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool tw_str_is(tw_str a, const char *cstr)
{
    return tw_str_eq(a, tw_str_of(cstr));
}

int tw_str_cmp(tw_str a, tw_str b)
{
    size_t n = TW_MIN(a.n, b.n);
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool tw_str_starts(tw_str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

bool tw_str_ends(tw_str s, const char *suffix)
{
    size_t n = strlen(suffix);
    return s.n >= n && memcmp(s.p + s.n - n, suffix, n) == 0;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

tw_str tw_str_trim(tw_str s)
{
    while (s.n && blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool tw_str_split(tw_str *head, tw_str *rest, char sep)
{
    if (!rest->p)
        return false;
    const char *at = rest->n ? memchr(rest->p, sep, rest->n) : NULL;
    if (!at) {
        *head = *rest;
        *rest = (tw_str){ NULL, 0 };
        return true;
    }
    *head = (tw_str){ rest->p, (size_t)(at - rest->p) };
    rest->n -= head->n + 1;
    rest->p = at + 1;
    return true;
}

size_t tw_str_find(tw_str s, tw_str needle)
{
    if (needle.n == 0)
        return 0;
    for (size_t i = 0; i + needle.n <= s.n; i++) {
        const char *at = memchr(s.p + i, needle.p[0], s.n - needle.n - i + 1);
        if (!at)
            return SIZE_MAX;
        i = (size_t)(at - s.p);
        if (memcmp(at, needle.p, needle.n) == 0)
            return i;
    }
    return SIZE_MAX;
}

bool tw_bytes_eq(tw_bytes a, tw_bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Unicode 15, table 3-7: well-formed UTF-8 byte sequences. */
static size_t utf8_step(const uint8_t *p, size_t n)
{
    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 0;
    size_t need = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (n < need)
        return 0;
    uint8_t low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
    uint8_t high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < need; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return need;
}

size_t tw_utf8_put(char out[4], uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

bool tw_utf8_valid(tw_str s)
{
    const uint8_t *p = (const uint8_t *)s.p;
    for (size_t i = 0; i < s.n;) {
        size_t step = utf8_step(p + i, s.n - i);
        if (!step)
            return false;
        i += step;
    }
    return true;
}

bool tw_parse_u64(uint64_t *out, tw_str s)
{
    uint64_t v = 0;
    if (s.n == 0 || s.n > 20)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *out = v;
    return true;
}

bool tw_parse_i64(int64_t *out, tw_str s)
{
    bool minus = s.n && s.p[0] == '-';
    uint64_t v;
    if (!tw_parse_u64(&v, minus ? (tw_str){ s.p + 1, s.n - 1 } : s) || v > (uint64_t)INT64_MAX)
        return false;
    *out = minus ? -(int64_t)v : (int64_t)v;
    return true;
}

bool tw_parse_f64(double *out, tw_str s)
{
    char copy[64];
    if (s.n == 0 || s.n >= sizeof copy)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("0123456789+-.eE", s.p[i]) || s.p[i] == '\0')
            return false;
    memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    char *end;
    *out = strtod(copy, &end); /* the process never leaves the "C" locale */
    return end == copy + s.n && isfinite(*out); /* too small is 0 or next to it */
}

tw_str tw_hex(tw_arena *a, tw_bytes b)
{
    char *p = tw_arena_get(a, 2 * b.n + 1);
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < b.n; i++) {
        p[2 * i] = digits[b.p[i] >> 4];
        p[2 * i + 1] = digits[b.p[i] & 15];
    }
    return (tw_str){ p, 2 * b.n };
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool tw_unhex(uint8_t *out, size_t n, tw_str hex)
{
    if (hex.n != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int high = hex_digit(hex.p[2 * i]);
        int low = hex_digit(hex.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

tw_str tw_base64(tw_arena *a, tw_bytes b)
{
    size_t n = sodium_base64_encoded_len(b.n, sodium_base64_VARIANT_ORIGINAL);
    char *p = tw_arena_get(a, n);
    sodium_bin2base64(p, n, b.p, b.n, sodium_base64_VARIANT_ORIGINAL);
    return tw_str_of(p);
}

bool tw_unbase64(tw_arena *a, tw_bytes *out, tw_str s)
{
    size_t max = s.n / 4 * 3;
    uint8_t *p = tw_arena_try(a, max + 1);
    size_t n;
    const char *end;
    if (!p || s.n % 4 != 0)
        return false;
    if (sodium_base642bin(p, max, s.p, s.n, NULL, &n, &end, sodium_base64_VARIANT_ORIGINAL) != 0)
        return false;
    if (end != s.p + s.n)
        return false;
    *out = (tw_bytes){ p, n };
    return tw_str_eq(tw_base64(a, *out), s); /* unused bits zero */
}
