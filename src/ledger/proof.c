/* ICS-23 proofs of the state map (github.com/cosmos/ics23, proofs.proto), for its SmtSpec:
 *   CommitmentProof { exist 1 | nonexist 2 }, ExistenceProof { key 1, value 2, leaf 3, path 4* },
 *   NonExistenceProof { key 1, left 2, right 3 },
 *   LeafOp { hash 1 = SHA256, prehash_key 2 = SHA256, prehash_value 3 = SHA256, length 4 = NO_PREFIX, prefix 5 = 00 },
 *   InnerOp { hash 1 = SHA256, prefix 2, suffix 3 }, path from the leaf to the root.
 * Absence is two present neighbours in the order of paths with nothing between them; one is missing at the edge.
 * The reader takes the one spelling that the writer gives, so that a proof has one form. */
#include "ledger/ledger_internal.h"

#define PROOF_MAX ((size_t)65536)
#define KEY_BYTES 33
#define LEAF_OP_BYTES 9

static const uint8_t leaf_op[LEAF_OP_BYTES] = { 0x08, 1, 0x10, 1, 0x18, 1, 0x2a, 1, 0x00 };
static const uint8_t empty_child[32];

typedef struct {
    uint8_t key[KEY_BYTES];
    uint8_t path[32];
    uint8_t value[32];
    tw_smt_step step[256]; /* leaf first */
    size_t steps;
} exist;

/* ---------------------------------------------------------------- writing */

static void put_varint(tw_buf *b, uint64_t v)
{
    while (v >= 0x80) {
        tw_buf_u8(b, (uint8_t)(v | 0x80));
        v >>= 7;
    }
    tw_buf_u8(b, (uint8_t)v);
}

static void put_field(tw_buf *b, unsigned number, tw_bytes bytes)
{
    put_varint(b, number << 3 | 2);
    put_varint(b, bytes.n);
    tw_buf_add(b, bytes.p, bytes.n);
}

/* 39 bytes for a left child, 37 for a right one. */
static void put_step(tw_buf *b, const tw_smt_step *s)
{
    uint8_t op[39] = { 0x08, 1, 0x12 };
    size_t n = 3;
    op[n++] = s->right ? 33 : 1;
    op[n++] = 0x01;
    if (!s->right) {
        op[n++] = 0x1a;
        op[n++] = 32;
    }
    memcpy(op + n, s->sibling, 32);
    put_field(b, 4, (tw_bytes){ op, n + 32 });
}

static void put_exist(tw_buf *b, const tw_smt *t, const tw_smt_leaf *leaf)
{
    tw_smt_step steps[256];
    uint8_t path[32];
    tw_sha256_of(path, TW_BYTES(leaf->key));
    size_t n = tw_smt_steps(steps, t, path);
    put_field(b, 1, TW_BYTES(leaf->key));
    put_field(b, 2, TW_BYTES(leaf->value));
    put_field(b, 3, TW_BYTES(leaf_op));
    for (size_t i = 0; i < n; i++)
        put_step(b, &steps[i]);
}

static void put_neighbour(tw_buf *b, unsigned number, const tw_smt *t, const tw_smt_leaf *leaf)
{
    if (!leaf)
        return;
    tw_buf inner;
    tw_buf_init(&inner, PROOF_MAX);
    put_exist(&inner, t, leaf);
    b->failed |= inner.failed;
    put_field(b, number, tw_buf_view(&inner));
    tw_buf_done(&inner);
}

static void put_absent(tw_buf *b, const tw_smt *t, const uint8_t key[KEY_BYTES], const uint8_t path[32])
{
    const tw_smt_leaf *below;
    const tw_smt_leaf *above;
    tw_smt_neighbours(&below, &above, t, path);
    put_field(b, 1, (tw_bytes){ key, KEY_BYTES });
    put_neighbour(b, 2, t, below);
    put_neighbour(b, 3, t, above);
}

tw_status tw_ledger_prove_state(tw_ctx *cx, tw_bytes *proof, tw_bytes *value, const tw_ledger *l,
                                const uint8_t key[KEY_BYTES])
{
    uint8_t path[32];
    uint8_t root[32];
    tw_sha256_of(path, (tw_bytes){ key, KEY_BYTES });
    tw_smt_root(root, l->smt);
    const tw_smt_leaf *leaf = tw_smt_get(l->smt, path);
    tw_buf inner;
    tw_buf whole;
    tw_buf_init(&inner, PROOF_MAX);
    tw_buf_init(&whole, PROOF_MAX);
    if (leaf)
        put_exist(&inner, l->smt, leaf);
    else
        put_absent(&inner, l->smt, key, path);
    put_field(&whole, leaf ? 1 : 2, tw_buf_view(&inner));
    whole.failed |= inner.failed;
    tw_status s = tw_buf_check(cx, &whole, "state proof");
    if (s == TW_OK) {
        *proof = tw_bytes_dup(cx->arena, tw_buf_view(&whole));
        *value = leaf ? tw_bytes_dup(cx->arena, TW_BYTES(leaf->value)) : (tw_bytes){ 0 };
    }
    tw_buf_done(&inner);
    tw_buf_done(&whole);
    return s;
}

/* ---------------------------------------------------------------- reading */

/* Smallest spelling only, below 2^21: a proof has at most 64 KiB. */
static uint32_t get_varint(tw_rd *r)
{
    uint32_t v = 0;
    for (unsigned shift = 0; shift < 21; shift += 7) {
        uint8_t b = tw_rd_u8(r);
        v |= (uint32_t)(b & 0x7f) << shift;
        if (!(b & 0x80)) {
            r->bad |= b == 0 && shift > 0;
            return v;
        }
    }
    r->bad = true;
    return 0;
}

static tw_rd get_field(tw_rd *r, unsigned number)
{
    if (get_varint(r) != (number << 3 | 2))
        r->bad = true;
    return tw_rd_of(tw_rd_view(r, get_varint(r)));
}

static void get_bytes(tw_rd *r, unsigned number, uint8_t *out, size_t n)
{
    tw_rd f = get_field(r, number);
    if (f.n != n)
        r->bad = true;
    tw_rd_copy(&f, out, n);
}

static bool next_is(const tw_rd *r, unsigned number)
{
    return !r->bad && tw_rd_left(r) && r->p[r->off] == (number << 3 | 2);
}

static void get_step(tw_rd *r, tw_smt_step *s)
{
    uint8_t head[5];
    tw_rd f = get_field(r, 4);
    tw_rd_copy(&f, head, sizeof head);
    s->right = head[3] == 33;
    bool ok = head[0] == 0x08 && head[1] == 1 && head[2] == 0x12 && head[4] == 0x01;
    if (!s->right)
        ok = ok && head[3] == 1 && tw_rd_u8(&f) == 0x1a && tw_rd_u8(&f) == 32;
    tw_rd_copy(&f, s->sibling, 32);
    if (!ok || f.bad || tw_rd_left(&f))
        r->bad = true;
}

static void get_exist(tw_rd *r, exist *e)
{
    uint8_t op[LEAF_OP_BYTES];
    get_bytes(r, 1, e->key, sizeof e->key);
    get_bytes(r, 2, e->value, sizeof e->value);
    get_bytes(r, 3, op, sizeof op);
    if (memcmp(op, leaf_op, sizeof op) != 0)
        r->bad = true;
    e->steps = 0;
    while (next_is(r, 4) && e->steps < 256)
        get_step(r, &e->step[e->steps++]);
    tw_sha256_of(e->path, TW_BYTES(e->key));
    if (tw_rd_left(r))
        r->bad = true;
}

/* ---------------------------------------------------------------- checking */

/* Leads to the root, and every turn is the one that the path takes there. */
static bool exist_ok(const exist *e, const uint8_t root[32])
{
    uint8_t h[32];
    tw_smt_leaf_hash(h, e->path, e->value);
    for (size_t i = 0; i < e->steps; i++) {
        const tw_smt_step *s = &e->step[i];
        if (s->right != tw_path_bit(e->path, e->steps - 1 - i))
            return false;
        if (s->right)
            tw_merkle_node(h, s->sibling, h);
        else
            tw_merkle_node(h, h, s->sibling);
    }
    return memcmp(h, root, 32) == 0;
}

/* Nothing lies on that side of the leaf below the step `top` (counted from the leaf). */
static bool outermost(const exist *e, size_t top, bool right)
{
    for (size_t i = 0; i < top; i++)
        if (e->step[i].right != right && memcmp(e->step[i].sibling, empty_child, 32) != 0)
            return false;
    return true;
}

/* They part at one node, left to the left, and between them all is empty. */
static bool adjacent(const exist *left, const exist *right)
{
    size_t a = left->steps;
    size_t b = right->steps;
    while (a && b && left->step[a - 1].right == right->step[b - 1].right) {
        a--;
        b--;
    }
    if (!a || !b || left->step[a - 1].right || !right->step[b - 1].right)
        return false;
    return outermost(left, a - 1, true) && outermost(right, b - 1, false);
}

static bool absent_ok(const exist *left, const exist *right, const uint8_t root[32], const uint8_t path[32])
{
    if (!left && !right)
        return false; /* an empty tree: the genesis key is always there */
    if (left && (!exist_ok(left, root) || memcmp(left->path, path, 32) >= 0))
        return false;
    if (right && (!exist_ok(right, root) || memcmp(right->path, path, 32) <= 0))
        return false;
    if (left && right)
        return adjacent(left, right);
    return left ? outermost(left, left->steps, true) : outermost(right, right->steps, false);
}

static tw_status check_absent(tw_ctx *cx, const uint8_t root[32], const uint8_t key[KEY_BYTES], tw_bytes value,
                              tw_rd *r)
{
    uint8_t named[KEY_BYTES];
    uint8_t path[32];
    get_bytes(r, 1, named, sizeof named);
    exist *side[2] = { NULL, NULL };
    for (unsigned i = 0; i < 2; i++) {
        if (!next_is(r, 2 + i))
            continue;
        tw_rd f = get_field(r, 2 + i);
        side[i] = tw_new(cx->arena, exist);
        get_exist(&f, side[i]);
        r->bad |= f.bad;
    }
    TW_TRY(tw_rd_end(cx, r, "proof of absence"));
    tw_sha256_of(path, (tw_bytes){ key, KEY_BYTES });
    if (value.n || memcmp(named, key, KEY_BYTES) != 0 || !absent_ok(side[0], side[1], root, path))
        return tw_fail(cx, TW_EVERIFY, "proof of absence does not fit");
    return TW_OK;
}

static tw_status check_exist(tw_ctx *cx, const uint8_t root[32], const uint8_t key[KEY_BYTES], tw_bytes value, tw_rd *r)
{
    exist *e = tw_new(cx->arena, exist);
    get_exist(r, e);
    TW_TRY(tw_rd_end(cx, r, "state proof"));
    if (memcmp(e->key, key, KEY_BYTES) != 0 || !tw_bytes_eq(value, TW_BYTES(e->value)) || !exist_ok(e, root))
        return tw_fail(cx, TW_EVERIFY, "state proof does not fit");
    return TW_OK;
}

tw_status tw_state_proof_ok(tw_ctx *cx, bool *present, const uint8_t root[32], const uint8_t key[KEY_BYTES],
                            tw_bytes value, tw_bytes proof)
{
    if (proof.n > PROOF_MAX)
        return tw_fail(cx, TW_EPARSE, "state proof of %zu bytes", proof.n);
    tw_rd whole = tw_rd_of(proof);
    *present = next_is(&whole, 1);
    tw_rd inner = get_field(&whole, *present ? 1 : 2);
    TW_TRY(tw_rd_end(cx, &whole, "state proof"));
    return *present ? check_exist(cx, root, key, value, &inner) : check_absent(cx, root, key, value, &inner);
}
