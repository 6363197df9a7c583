/* RFC 6962 Merkle trees over leaf hashes. A tree is kept as levels: each level pairs the one below from the left, and
 * an odd last node moves up unchanged. That is the tree of RFC 6962 2.1 (split at the largest power of two below n),
 * and the subtree over leaves [lo, hi), hi - lo <= 2^k, lo a multiple of 2^k, hi complete or the end, is node lo / 2^k
 * of level k. Verification follows RFC 9162 2.1.3.2 and 2.1.4.2. */
#include "crypto/crypto.h"

#include "crypto/crypto_internal.h"

void tw_merkle_leaf(uint8_t out[TW_HASH], tw_bytes data)
{
    static const uint8_t prefix = 0x00;
    tw_sha256 h;
    tw_sha256_init(&h);
    tw_sha256_add(&h, &prefix, 1);
    tw_sha256_add(&h, data.p, data.n);
    tw_sha256_end(&h, out);
}

void tw_merkle_node(uint8_t out[TW_HASH], const uint8_t left[TW_HASH], const uint8_t right[TW_HASH])
{
    uint8_t both[1 + 2 * TW_HASH];
    both[0] = 0x01;
    memcpy(both + 1, left, TW_HASH);
    memcpy(both + 1 + TW_HASH, right, TW_HASH);
    tw_sha256_of(out, TW_BYTES(both));
}

void tw_merkle_range_add(tw_merkle_range *r, const uint8_t leaf[TW_HASH])
{
    TW_ASSERT(r->n < UINT64_MAX);
    uint8_t h[TW_HASH];
    memcpy(h, leaf, TW_HASH);
    unsigned k = 0;
    for (; r->n >> k & 1; k++)
        tw_merkle_node(h, r->node[k], h);
    memcpy(r->node[k], h, TW_HASH);
    r->n++;
}

void tw_merkle_range_root(uint8_t out[TW_HASH], const tw_merkle_range *r)
{
    if (r->n == 0) {
        tw_sha256_of(out, (tw_bytes){ 0 });
        return;
    }
    unsigned k = 0;
    while (!(r->n >> k & 1))
        k++;
    uint8_t h[TW_HASH];
    memcpy(h, r->node[k], TW_HASH);
    for (k++; k < 64; k++) {
        if (r->n >> k & 1)
            tw_merkle_node(h, r->node[k], h);
    }
    memcpy(out, h, TW_HASH);
}

void tw_merkle_root(uint8_t out[TW_HASH], const uint8_t *leaves, uint64_t n)
{
    tw_merkle_range r;
    r.n = 0; /* its nodes are read only where a bit of n is set */
    for (uint64_t i = 0; i < n; i++)
        tw_merkle_range_add(&r, leaves + i * TW_HASH);
    tw_merkle_range_root(out, &r);
}

tw_status tw_merkle_tree_build(tw_ctx *cx, tw_merkle_tree *out, const uint8_t *leaves, uint64_t n)
{
    memset(out, 0, sizeof *out);
    out->n = n;
    out->level[0] = leaves;
    uint64_t width = n;
    for (unsigned k = 0; width > 1; k++) {
        const uint8_t *below = out->level[k];
        uint64_t pairs = width / 2;
        uint64_t up = pairs + (width & 1);
        uint8_t *level = up < SIZE_MAX / TW_HASH ? tw_arena_try(cx->arena, (size_t)up * TW_HASH) : NULL;
        if (!level)
            return tw_fail(cx, TW_ELIMIT, "no room for a Merkle tree of %llu leaves", (unsigned long long)n);
        for (uint64_t i = 0; i < pairs; i++)
            tw_merkle_node(level + i * TW_HASH, below + 2 * i * TW_HASH, below + (2 * i + 1) * TW_HASH);
        if (width & 1)
            memcpy(level + pairs * TW_HASH, below + 2 * pairs * TW_HASH, TW_HASH);
        out->level[k + 1] = level;
        width = up;
    }
    return TW_OK;
}

/* Least k with 2^k >= n. */
static unsigned height_of(uint64_t n)
{
    unsigned k = 0;
    while (k < 63 && (uint64_t)1 << k < n)
        k++;
    return k;
}

void tw_merkle_tree_root(uint8_t out[TW_HASH], const tw_merkle_tree *tree)
{
    if (tree->n == 0)
        tw_sha256_of(out, (tw_bytes){ 0 });
    else
        memcpy(out, tree->level[height_of(tree->n)], TW_HASH);
}

tw_status tw_merkle_tree_path(tw_ctx *cx, uint8_t **path, size_t *count, const tw_merkle_tree *tree, uint64_t i)
{
    if (i >= tree->n)
        return tw_fail(cx, TW_ENOTFOUND, "leaf %llu of a tree of %llu", (unsigned long long)i,
                       (unsigned long long)tree->n);
    uint8_t *p = tw_arena_try(cx->arena, (size_t)64 * TW_HASH);
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "no room for an audit path");
    size_t at = 0;
    uint64_t width = tree->n;
    for (unsigned k = 0; width > 1; k++, i >>= 1, width = width / 2 + (width & 1)) {
        uint64_t sibling = i ^ 1;
        if (sibling < width)
            memcpy(p + TW_HASH * at++, tree->level[k] + sibling * TW_HASH, TW_HASH);
    }
    *path = p;
    *count = at;
    return TW_OK;
}

tw_status tw_merkle_path(tw_ctx *cx, uint8_t **path, size_t *count, const uint8_t *leaves, uint64_t i, uint64_t n)
{
    tw_merkle_tree tree;
    TW_TRY(tw_merkle_tree_build(cx, &tree, leaves, n));
    return tw_merkle_tree_path(cx, path, count, &tree, i);
}

bool tw_merkle_path_ok(const uint8_t root[TW_HASH], const uint8_t leaf[TW_HASH], uint64_t i, uint64_t n,
                       const uint8_t *path, size_t count)
{
    if (i >= n)
        return false;
    uint64_t fn = i;
    uint64_t sn = n - 1;
    uint8_t r[TW_HASH];
    memcpy(r, leaf, TW_HASH);
    for (size_t at = 0; at < count; at++) {
        const uint8_t *p = path + at * TW_HASH;
        if (sn == 0)
            return false;
        if ((fn & 1) || fn == sn) {
            tw_merkle_node(r, p, r);
            while (!(fn & 1) && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            tw_merkle_node(r, r, p);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && memcmp(r, root, TW_HASH) == 0;
}

/* SUBPROOF(m, D[lo:hi], whole) of RFC 6962 2.1.2, bottom first. `whole`: the first m leaves of the range are the whole
 * old tree, whose root the verifier has. */
static void subproof(uint8_t *p, size_t *at, const tw_merkle_tree *tree, uint64_t lo, uint64_t hi, uint64_t m,
                     bool whole)
{
    unsigned height = height_of(hi - lo);
    if (m == hi - lo) {
        if (!whole)
            memcpy(p + TW_HASH * (*at)++, tree->level[height] + (lo >> height) * TW_HASH, TW_HASH);
        return;
    }
    uint64_t k = (uint64_t)1 << (height - 1); /* largest power of two below hi - lo, which is over 1 here */
    uint64_t from = lo + k;
    uint64_t to = hi;
    if (m <= k) {
        subproof(p, at, tree, lo, lo + k, m, whole);
    } else {
        subproof(p, at, tree, lo + k, hi, m - k, false);
        from = lo;
        to = lo + k;
    }
    height = height_of(to - from);
    memcpy(p + TW_HASH * (*at)++, tree->level[height] + (from >> height) * TW_HASH, TW_HASH);
}

tw_status tw_merkle_tree_consistency(tw_ctx *cx, uint8_t **path, size_t *count, const tw_merkle_tree *tree, uint64_t m)
{
    if (m > tree->n)
        return tw_fail(cx, TW_ENOTFOUND, "size %llu in a tree of %llu", (unsigned long long)m,
                       (unsigned long long)tree->n);
    uint8_t *p = tw_arena_try(cx->arena, (size_t)65 * TW_HASH);
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "no room for a consistency proof");
    size_t at = 0;
    if (m > 0)
        subproof(p, &at, tree, 0, tree->n, m, true);
    *path = p;
    *count = at;
    return TW_OK;
}

tw_status tw_merkle_consistency(tw_ctx *cx, uint8_t **path, size_t *count, const uint8_t *leaves, uint64_t m,
                                uint64_t n)
{
    tw_merkle_tree tree;
    TW_TRY(tw_merkle_tree_build(cx, &tree, leaves, n));
    return tw_merkle_tree_consistency(cx, path, count, &tree, m);
}

/* The walk of RFC 9162 2.1.4.2 from step 3 on, with `first` = the first hash of the (perhaps completed) path. */
static bool consistency_walk(const uint8_t root_m[TW_HASH], uint64_t m, const uint8_t root_n[TW_HASH], uint64_t n,
                             const uint8_t first[TW_HASH], const uint8_t *path, size_t count)
{
    uint64_t fn = m - 1;
    uint64_t sn = n - 1;
    for (; fn & 1; fn >>= 1)
        sn >>= 1;
    uint8_t fr[TW_HASH];
    uint8_t sr[TW_HASH];
    memcpy(fr, first, TW_HASH);
    memcpy(sr, first, TW_HASH);
    for (size_t at = 0; at < count; at++) {
        const uint8_t *c = path + at * TW_HASH;
        if (sn == 0)
            return false;
        if ((fn & 1) || fn == sn) {
            tw_merkle_node(fr, c, fr);
            tw_merkle_node(sr, c, sr);
            while (!(fn & 1) && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            tw_merkle_node(sr, sr, c);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && memcmp(fr, root_m, TW_HASH) == 0 && memcmp(sr, root_n, TW_HASH) == 0;
}

bool tw_merkle_consistency_ok(const uint8_t root_m[TW_HASH], uint64_t m, const uint8_t root_n[TW_HASH], uint64_t n,
                              const uint8_t *path, size_t count)
{
    if (m > n)
        return false;
    if (m == n)
        return count == 0 && memcmp(root_m, root_n, TW_HASH) == 0;
    if (m == 0) {
        uint8_t empty[TW_HASH];
        tw_sha256_of(empty, (tw_bytes){ 0 });
        return count == 0 && memcmp(root_m, empty, TW_HASH) == 0;
    }
    bool power_of_two = (m & (m - 1)) == 0;
    if (power_of_two)
        return consistency_walk(root_m, m, root_n, n, root_m, path, count);
    return count > 0 && consistency_walk(root_m, m, root_n, n, path, path + TW_HASH, count - 1);
}
