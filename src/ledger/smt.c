/* Compact sparse Merkle tree of ICS-23's SmtSpec, in memory: a binary trie over SHA-256(key), most significant bit
 * first. A subtree with one leaf is that leaf, an empty one is 32 zero bytes, so the root depends on the set of
 * keys and values alone and not on the order of their arrival. An update marks the nodes on its way (about log2
 * n); tw_smt_root hashes what is marked once, however many updates came before. Nothing is ever removed: no kind
 * of entry takes a record out of state. */
#include "ledger/ledger_internal.h"

#define LEAF_FLAG 0x80000000u
#define EMPTY 0u /* node 0 is never used */

typedef struct {
    uint8_t hash[32];
    uint32_t child[2];
    bool stale;
} node;

struct tw_smt {
    node *nodes;
    uint32_t node_count;
    uint32_t node_room;
    tw_smt_leaf *leaves;
    uint32_t leaf_count;
    uint32_t leaf_room;
    uint32_t root;
};

static const uint8_t empty_hash[32];

tw_smt *tw_smt_new(void)
{
    tw_smt *t = tw_mem_alloc(sizeof *t);
    TW_ASSERT(t != NULL);
    t->node_count = 1;
    return t;
}

void tw_smt_free(tw_smt *t)
{
    if (!t)
        return;
    tw_mem_free(t->nodes);
    tw_mem_free(t->leaves);
    tw_mem_free(t);
}

static bool is_leaf(uint32_t ref)
{
    return (ref & LEAF_FLAG) != 0;
}

static tw_smt_leaf *leaf_of(const tw_smt *t, uint32_t ref)
{
    return &t->leaves[ref & ~LEAF_FLAG];
}

/* Room for one more item; the ledger may not go on without. */
static void *room(void *p, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity)
        return p;
    uint32_t more = *capacity ? *capacity * 2 : 64;
    TW_ASSERT(more < LEAF_FLAG);
    p = tw_mem_resize(p, more * size);
    TW_ASSERT(p != NULL);
    *capacity = more;
    return p;
}

static uint32_t new_node(tw_smt *t)
{
    t->nodes = room(t->nodes, t->node_count, &t->node_room, sizeof *t->nodes);
    t->nodes[t->node_count] = (node){ .stale = true };
    return t->node_count++;
}

void tw_smt_leaf_hash(uint8_t out[32], const uint8_t path[32], const uint8_t value[32])
{
    uint8_t b[1 + 32 + 32] = { 0x00 };
    memcpy(b + 1, path, 32);
    tw_sha256_of(b + 33, (tw_bytes){ value, 32 });
    tw_sha256_of(out, TW_BYTES(b));
}

static void fill_leaf(tw_smt_leaf *f, const uint8_t path[32], const uint8_t key[33], const uint8_t value[32],
                      const uint8_t nonce[16])
{
    memcpy(f->path, path, 32);
    memcpy(f->key, key, 33);
    memcpy(f->value, value, 32);
    memcpy(f->nonce, nonce, 16);
    tw_smt_leaf_hash(f->hash, path, value);
}

static uint32_t new_leaf(tw_smt *t)
{
    t->leaves = room(t->leaves, t->leaf_count, &t->leaf_room, sizeof *t->leaves);
    return t->leaf_count++ | LEAF_FLAG;
}

/* Where a reference stands: in the tree's root or in a node's child. */
static void attach(tw_smt *t, uint32_t parent, bool right, uint32_t ref)
{
    if (parent == EMPTY)
        t->root = ref;
    else
        t->nodes[parent].child[right] = ref;
}

/* Puts inner nodes between `parent` and an old leaf until the new path leaves it; both hang there. */
static void split(tw_smt *t, uint32_t parent, bool side, size_t depth, uint32_t old, const uint8_t path[32],
                  uint32_t fresh)
{
    for (;; depth++) {
        uint32_t n = new_node(t);
        attach(t, parent, side, n);
        bool old_side = tw_path_bit(leaf_of(t, old)->path, depth);
        side = tw_path_bit(path, depth);
        if (side != old_side) {
            t->nodes[n].child[side] = fresh;
            t->nodes[n].child[old_side] = old;
            return;
        }
        parent = n;
    }
}

void tw_smt_put(tw_smt *t, const uint8_t key[33], const uint8_t value[32], const uint8_t nonce[16])
{
    uint8_t path[32];
    tw_sha256_of(path, (tw_bytes){ key, 33 });
    uint32_t parent = EMPTY;
    uint32_t ref = t->root;
    bool side = false;
    size_t depth = 0;
    while (ref != EMPTY && !is_leaf(ref)) {
        t->nodes[ref].stale = true;
        side = tw_path_bit(path, depth++);
        parent = ref;
        ref = t->nodes[ref].child[side];
    }
    if (ref != EMPTY && memcmp(leaf_of(t, ref)->path, path, 32) == 0) {
        fill_leaf(leaf_of(t, ref), path, key, value, nonce);
        return;
    }
    uint32_t fresh = new_leaf(t);
    fill_leaf(leaf_of(t, fresh), path, key, value, nonce);
    if (ref == EMPTY)
        attach(t, parent, side, fresh);
    else
        split(t, parent, side, depth, ref, path, fresh);
}

/* At most 256 deep: a path has no more bits. */
static const uint8_t *hash_of(tw_smt *t, uint32_t ref)
{
    if (ref == EMPTY)
        return empty_hash;
    if (is_leaf(ref))
        return leaf_of(t, ref)->hash;
    node *n = &t->nodes[ref];
    if (n->stale) {
        tw_merkle_node(n->hash, hash_of(t, n->child[0]), hash_of(t, n->child[1]));
        n->stale = false;
    }
    return n->hash;
}

void tw_smt_root(uint8_t out[32], tw_smt *t)
{
    memcpy(out, hash_of(t, t->root), 32);
}

const tw_smt_leaf *tw_smt_get(const tw_smt *t, const uint8_t path[32])
{
    uint32_t ref = t->root;
    for (size_t depth = 0; ref != EMPTY && !is_leaf(ref); depth++)
        ref = t->nodes[ref].child[tw_path_bit(path, depth)];
    if (ref == EMPTY || memcmp(leaf_of(t, ref)->path, path, 32) != 0)
        return NULL;
    return leaf_of(t, ref);
}

static const uint8_t *known_hash(const tw_smt *t, uint32_t ref)
{
    if (ref == EMPTY)
        return empty_hash;
    if (is_leaf(ref))
        return leaf_of(t, ref)->hash;
    TW_ASSERT(!t->nodes[ref].stale); /* the caller asked for the root first */
    return t->nodes[ref].hash;
}

size_t tw_smt_steps(tw_smt_step steps[256], const tw_smt *t, const uint8_t path[32])
{
    size_t n = 0;
    for (uint32_t ref = t->root; ref != EMPTY && !is_leaf(ref); n++) {
        TW_ASSERT(n < 256);
        bool right = tw_path_bit(path, n);
        memcpy(steps[n].sibling, known_hash(t, t->nodes[ref].child[!right]), 32);
        steps[n].right = right;
        ref = t->nodes[ref].child[right];
    }
    for (size_t i = 0; i < n / 2; i++) {
        tw_smt_step swap = steps[i];
        steps[i] = steps[n - 1 - i];
        steps[n - 1 - i] = swap;
    }
    return n;
}

/* Outermost leaf of a subtree that is not empty. */
static const tw_smt_leaf *outermost(const tw_smt *t, uint32_t ref, bool right)
{
    while (!is_leaf(ref)) {
        const node *n = &t->nodes[ref];
        ref = n->child[right] != EMPTY ? n->child[right] : n->child[!right];
    }
    return leaf_of(t, ref);
}

void tw_smt_neighbours(const tw_smt_leaf **below, const tw_smt_leaf **above, const tw_smt *t, const uint8_t path[32])
{
    const tw_smt_leaf **side[2] = { below, above };
    uint32_t nearest[2] = { EMPTY, EMPTY }; /* subtrees just below and above */
    uint32_t ref = t->root;
    for (size_t depth = 0; ref != EMPTY && !is_leaf(ref); depth++) {
        bool right = tw_path_bit(path, depth);
        uint32_t other = t->nodes[ref].child[!right];
        if (other != EMPTY)
            nearest[!right] = other;
        ref = t->nodes[ref].child[right];
    }
    if (ref != EMPTY)
        nearest[memcmp(leaf_of(t, ref)->path, path, 32) > 0] = ref;
    for (int i = 0; i < 2; i++)
        *side[i] = nearest[i] == EMPTY ? NULL : outermost(t, nearest[i], i == 0);
}
