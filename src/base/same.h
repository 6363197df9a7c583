/** tw_str_eq and a hash, inlined and without a call of memcmp: for the short names of inner loops. */
#ifndef TW_BASE_SAME_H
#define TW_BASE_SAME_H

#include "base/base.h"

static inline uint64_t tw_load64(const char *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return v;
}

static inline uint32_t tw_load32(const char *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

/** n bytes equal; the tail is compared by a load that overlaps the one before. */
static inline bool tw_same_bytes(const char *a, const char *b, size_t n)
{
    if (n >= 8) {
        size_t i = 0;
        for (; i + 8 <= n; i += 8)
            if (tw_load64(a + i) != tw_load64(b + i))
                return false;
        return tw_load64(a + n - 8) == tw_load64(b + n - 8);
    }
    if (n >= 4)
        return tw_load32(a) == tw_load32(b) && tw_load32(a + n - 4) == tw_load32(b + n - 4);
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

/** A byte over 127 is among n. */
static inline bool tw_any_high(const char *p, size_t n)
{
    uint64_t high = 0;
    size_t i = 0;
    for (; i + 32 <= n; i += 32)
        high |= (tw_load64(p + i) | tw_load64(p + i + 8)) | (tw_load64(p + i + 16) | tw_load64(p + i + 24));
    for (; i + 8 <= n; i += 8)
        high |= tw_load64(p + i);
    for (; i < n; i++)
        high |= (uint64_t)(uint8_t)p[i];
    return (high & 0x8080808080808080u) != 0;
}

static inline bool tw_str_same(tw_str a, tw_str b)
{
    return a.n == b.n && tw_same_bytes(a.p, b.p, a.n);
}

/** Not keyed: for tables that are filled by the program alone. */
static inline uint32_t tw_str_hash(tw_str s)
{
    uint64_t h = s.n * 0x9e3779b97f4a7c15u, tail = 0;
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        h = (h ^ tw_load64(s.p + i)) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    if (s.n >= 8 && s.n > i) {
        tail = tw_load64(s.p + s.n - 8);
    } else if (s.n >= 4 && s.n > i) {
        tail = (uint64_t)tw_load32(s.p) << 32 | tw_load32(s.p + s.n - 4);
    } else {
        for (; i < s.n; i++)
            tail = tail << 8 | (uint8_t)s.p[i];
    }
    h = (h ^ tail) * 0xff51afd7ed558ccdu;
    return (uint32_t)(h >> 32);
}

#endif
