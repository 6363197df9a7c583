/* Compact sparse Merkle tree of ICS-23's SmtSpec, in memory: a binary trie over SHA-256(key), most significant bit
 * first. A subtree with one leaf is that leaf, an empty one is 32 zero bytes, so the root depends on the set of
 * keys and values alone and not on the order of their arrival.
 *
 * The top levels are flat arrays, whose last level is one bucket a prefix: its leaves sorted by path, 4 to 8 of them
 * on average; the number of prefixes doubles as keys come. An update marks its bucket; tw_smt_root hashes marked
 * buckets and what is above them once, however many updates came before. Nothing is ever removed: no kind of entry
 * takes a record out of state. Who grinds keys into one bucket pays 2^bits hashes a key and makes its updates slower,
 * nobody else's. */
#include "ledger/ledger_internal.h"

#include <stdlib.h>

#define PER_BUCKET 8 /* from this on average there are twice as many buckets */
#define BITS_MAX 28
#define MANY 2 /* two leaves or more */

typedef struct {
    uint8_t path[32];
    uint8_t hash[32]; /* SHA-256(0x00 || path || SHA-256(value)) */
    uint32_t leaf;
} item;

typedef struct {
    item *items; /* sorted by path */
    uint32_t count;
    uint32_t room;
    bool marked;
} bucket;

/* Nodes of the top levels stand in the order of a heap: the root is 1, the children of i are 2i and 2i + 1, bucket b is
 * node 2^bits + b. */
struct tw_smt {
    unsigned bits;
    bucket *buckets;
    uint8_t (*hash)[32];
    uint8_t *count; /* leaves below: 0, 1, MANY */
    uint32_t *marked;
    uint32_t marked_count;
    uint32_t marked_room;
    tw_smt_leaf *leaves;
    uint32_t leaf_count;
    uint32_t leaf_room;
};

/* The ledger may not go on without memory. */
static void *resize(void *p, size_t count, size_t size)
{
    p = tw_mem_resize(p, count * size);
    TW_ASSERT(p != NULL);
    return p;
}

/* Room for one more. */
static void *room(void *p, uint32_t count, uint32_t *capacity, uint32_t more, size_t size)
{
    if (count < *capacity)
        return p;
    TW_ASSERT(more > *capacity);
    *capacity = more;
    return resize(p, more, size);
}

static void set_levels(tw_smt *t, unsigned bits)
{
    size_t nodes = (size_t)2 << bits;
    t->bits = bits;
    t->hash = resize(t->hash, nodes, sizeof *t->hash);
    t->count = resize(t->count, nodes, sizeof *t->count);
    memset(t->hash + nodes / 2, 0, nodes / 2 * sizeof *t->hash);
    memset(t->count + nodes / 2, 0, nodes / 2);
}

tw_smt *tw_smt_new(void)
{
    tw_smt *t = tw_mem_alloc(sizeof *t);
    TW_ASSERT(t != NULL);
    t->buckets = resize(NULL, 1, sizeof *t->buckets);
    t->buckets[0] = (bucket){ .count = 0 };
    set_levels(t, 0);
    return t;
}

void tw_smt_free(tw_smt *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < (size_t)1 << t->bits; i++)
        tw_mem_free(t->buckets[i].items);
    tw_mem_free(t->buckets);
    tw_mem_free(t->hash);
    tw_mem_free(t->count);
    tw_mem_free(t->marked);
    tw_mem_free(t->leaves);
    tw_mem_free(t);
}

/* ---------------------------------------------------------------- hashes */

void tw_smt_leaf_hash(uint8_t out[32], const uint8_t path[32], const uint8_t value[32])
{
    uint8_t b[1 + 32 + 32] = { 0x00 };
    memcpy(b + 1, path, 32);
    tw_sha256_of(b + 33, (tw_bytes){ value, 32 });
    tw_sha256_of(out, TW_BYTES(b));
}

/* How many of the sorted items, which share `depth` bits, go left there. */
static uint32_t left_of(const item *it, uint32_t n, size_t depth)
{
    uint32_t k = 0;
    while (k < n && !tw_path_bit(it[k].path, depth))
        k++;
    return k;
}

/* Root over sorted items that share `depth` bits; at most 256 deep: a path has no more. */
static void hash_items(uint8_t out[32], const item *it, uint32_t n, size_t depth)
{
    uint8_t left[32], right[32];
    if (n == 0) {
        memset(out, 0, 32);
    } else if (n == 1) {
        memcpy(out, it->hash, 32);
    } else {
        uint32_t k = left_of(it, n, depth);
        hash_items(left, it, k, depth + 1);
        hash_items(right, it + k, n - k, depth + 1);
        tw_merkle_node(out, left, right);
    }
}

static void hash_bucket(tw_smt *t, uint32_t b)
{
    size_t node = ((size_t)1 << t->bits) + b;
    hash_items(t->hash[node], t->buckets[b].items, t->buckets[b].count, t->bits);
    t->count[node] = (uint8_t)TW_MIN(t->buckets[b].count, (uint32_t)MANY);
}

/* A node from its children: of one leaf or none it is that child. */
static void hash_node(tw_smt *t, uint32_t node)
{
    const uint8_t *left = t->hash[2 * node];
    const uint8_t *right = t->hash[2 * node + 1];
    unsigned leaves = (unsigned)t->count[2 * node] + t->count[2 * node + 1];
    if (leaves >= MANY)
        tw_merkle_node(t->hash[node], left, right);
    else
        memcpy(t->hash[node], t->count[2 * node] ? left : right, 32);
    t->count[node] = (uint8_t)TW_MIN(leaves, (unsigned)MANY);
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void tw_smt_root(uint8_t out[32], tw_smt *t)
{
    uint32_t n = t->marked_count;
    if (n)
        qsort(t->marked, n, sizeof *t->marked, by_number);
    for (uint32_t i = 0; i < n; i++) {
        hash_bucket(t, t->marked[i]);
        t->buckets[t->marked[i]].marked = false;
        t->marked[i] += (uint32_t)1 << t->bits; /* its node from here on */
    }
    for (unsigned level = t->bits; level > 0; level--) {
        uint32_t parents = 0;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t parent = t->marked[i] / 2;
            if (parents && t->marked[parents - 1] == parent)
                continue;
            t->marked[parents++] = parent;
            hash_node(t, parent);
        }
        n = parents;
    }
    t->marked_count = 0;
    memcpy(out, t->hash[1], 32);
}

/* ---------------------------------------------------------------- changes */

static uint32_t bucket_of(const tw_smt *t, const uint8_t path[32])
{
    return t->bits ? tw_be32(path) >> (32 - t->bits) : 0;
}

/* First item that is not below the path. */
static uint32_t place_of(const bucket *b, const uint8_t path[32])
{
    uint32_t lo = 0;
    uint32_t hi = b->count;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (memcmp(b->items[mid].path, path, 32) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool stands_at(const bucket *b, uint32_t place, const uint8_t path[32])
{
    return place < b->count && memcmp(b->items[place].path, path, 32) == 0;
}

static void mark(tw_smt *t, uint32_t b)
{
    if (t->buckets[b].marked)
        return;
    t->buckets[b].marked = true;
    t->marked = room(t->marked, t->marked_count, &t->marked_room, t->marked_room * 2 + 64, sizeof *t->marked);
    t->marked[t->marked_count++] = b;
}

/* Half of a bucket as a bucket of its own. */
static bucket half(const item *it, uint32_t n)
{
    bucket b = { .count = n, .room = n + 2 };
    b.items = resize(NULL, b.room, sizeof *b.items);
    if (n)
        memcpy(b.items, it, n * sizeof *it);
    return b;
}

/* Twice as many buckets: what was the lowest level becomes inner nodes, with the hashes that they have. Halves of a
 * marked bucket are marked, so that a load without roots hashes everything once, at its end. */
static void grow(tw_smt *t)
{
    uint32_t old = (uint32_t)1 << t->bits;
    bucket *before = t->buckets;
    t->buckets = resize(NULL, (size_t)old * 2, sizeof *t->buckets);
    t->marked_count = 0;
    set_levels(t, t->bits + 1);
    for (uint32_t i = 0; i < old; i++) {
        bucket *b = &before[i];
        uint32_t k = left_of(b->items, b->count, t->bits - 1);
        t->buckets[2 * i] = half(b->items, k);
        t->buckets[2 * i + 1] = half(b->items + k, b->count - k);
        for (uint32_t j = 2 * i; j <= 2 * i + 1; j++) {
            if (b->marked)
                mark(t, j);
            else
                hash_bucket(t, j);
        }
        tw_mem_free(b->items);
    }
    tw_mem_free(before);
}

static void insert(tw_smt *t, bucket *b, uint32_t place, const uint8_t path[32])
{
    b->items = room(b->items, b->count, &b->room, b->count + 2 + b->count / 4, sizeof *b->items);
    item *at = b->items + place;
    memmove(at + 1, at, (b->count++ - place) * sizeof *at);
    t->leaves = room(t->leaves, t->leaf_count, &t->leaf_room, t->leaf_room * 2 + 64, sizeof *t->leaves);
    at->leaf = t->leaf_count++;
    memcpy(at->path, path, 32);
}

void tw_smt_put(tw_smt *t, const uint8_t key[33], const uint8_t value[32], const uint8_t nonce[16])
{
    uint8_t path[32];
    tw_sha256_of(path, (tw_bytes){ key, 33 });
    uint32_t i = bucket_of(t, path);
    bucket *b = &t->buckets[i];
    uint32_t place = place_of(b, path);
    mark(t, i);
    if (!stands_at(b, place, path))
        insert(t, b, place, path);
    tw_smt_leaf *leaf = &t->leaves[b->items[place].leaf];
    memcpy(leaf->key, key, 33);
    memcpy(leaf->value, value, 32);
    memcpy(leaf->nonce, nonce, 16);
    tw_smt_leaf_hash(b->items[place].hash, path, value);
    if (t->leaf_count >> t->bits >= PER_BUCKET && t->bits < BITS_MAX)
        grow(t);
}

/* ---------------------------------------------------------------- reading */

const tw_smt_leaf *tw_smt_get(const tw_smt *t, const uint8_t path[32])
{
    const bucket *b = &t->buckets[bucket_of(t, path)];
    uint32_t place = place_of(b, path);
    return stands_at(b, place, path) ? &t->leaves[b->items[place].leaf] : NULL;
}

static void reverse(tw_smt_step *steps, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        tw_smt_step swap = steps[i];
        steps[i] = steps[n - 1 - i];
        steps[n - 1 - i] = swap;
    }
}

size_t tw_smt_steps(tw_smt_step steps[256], const tw_smt *t, const uint8_t path[32])
{
    const bucket *b = &t->buckets[bucket_of(t, path)];
    const item *it = b->items;
    uint32_t left = b->count;
    size_t node = 1;
    size_t n = 0;
    TW_ASSERT(t->marked_count == 0); /* the caller asked for the root first */
    for (; n < t->bits && t->count[node] == MANY; n++) {
        steps[n].right = tw_path_bit(path, n);
        memcpy(steps[n].sibling, t->hash[2 * node + !steps[n].right], 32);
        node = 2 * node + steps[n].right;
    }
    for (; n >= t->bits && left > 1; n++) { /* n < bits: alone below a node */
        uint32_t k = left_of(it, left, n);
        TW_ASSERT(n < 256);
        steps[n].right = tw_path_bit(path, n);
        if (steps[n].right)
            hash_items(steps[n].sibling, it, k, n + 1);
        else
            hash_items(steps[n].sibling, it + k, left - k, n + 1);
        it += steps[n].right ? k : 0;
        left = steps[n].right ? left - k : k;
    }
    reverse(steps, n);
    return n;
}

void tw_smt_neighbours(const tw_smt_leaf **below, const tw_smt_leaf **above, const tw_smt *t, const uint8_t path[32])
{
    uint32_t last = ((uint32_t)1 << t->bits) - 1;
    uint32_t lo = bucket_of(t, path);
    uint32_t hi = lo;
    uint32_t place = place_of(&t->buckets[lo], path);
    uint32_t next = place;
    while (place == 0 && lo > 0)
        place = t->buckets[--lo].count;
    while (next == t->buckets[hi].count && hi < last) {
        hi++;
        next = 0;
    }
    *below = place ? &t->leaves[t->buckets[lo].items[place - 1].leaf] : NULL;
    *above = next < t->buckets[hi].count ? &t->leaves[t->buckets[hi].items[next].leaf] : NULL;
}
