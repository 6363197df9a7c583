/* The state map against a model written down from the definition, and proofs of presence and absence with
 * mutations. */
#include "test.h"

#include "ledger/ledger.h"
#include "ledger/ledger_internal.h"
#include "ledger_world.h"

#define KEYS 300

typedef struct {
    uint8_t key[33], value[32], path[32], leaf[32];
} item;

static const uint8_t no_nonce[16];

static item random_item(void)
{
    item it;
    for (size_t i = 0; i < 33; i++)
        it.key[i] = (uint8_t)tw_test_random();
    for (size_t i = 0; i < 32; i++)
        it.value[i] = (uint8_t)tw_test_random();
    return it;
}

static void hash_item(item *it)
{
    uint8_t b[65] = { 0 };
    tw_sha256_of(it->path, TW_BYTES(it->key));
    memcpy(b + 1, it->path, 32);
    tw_sha256_of(b + 33, TW_BYTES(it->value));
    tw_sha256_of(it->leaf, TW_BYTES(b));
}

static int by_path(const void *a, const void *b)
{
    return memcmp(((const item *)a)->path, ((const item *)b)->path, 32);
}

/* Root of the sorted items that share `depth` bits: the definition, without any cache. */
static void model_root(uint8_t out[32], const item *it, size_t n, size_t depth)
{
    if (n == 0) {
        memset(out, 0, 32);
        return;
    }
    if (n == 1) {
        memcpy(out, it->leaf, 32);
        return;
    }
    size_t left = 0;
    while (left < n && !(it[left].path[depth / 8] >> (7 - depth % 8) & 1))
        left++;
    uint8_t b[65] = { 1 };
    model_root(b + 1, it, left, depth + 1);
    model_root(b + 33, it + left, n - left, depth + 1);
    tw_sha256_of(out, TW_BYTES(b));
}

TEST(state_map__has_the_root_of_the_definition_at_every_size)
{
    item it[KEYS];
    tw_smt *t = tw_smt_new();
    for (size_t n = 0; n <= KEYS; n++) {
        uint8_t want[32], got[32];
        model_root(want, it, n, 0);
        tw_smt_root(got, t);
        assert_memory_equal(want, got, 32);
        if (n == KEYS)
            break;
        it[n] = random_item();
        hash_item(&it[n]);
        tw_smt_put(t, it[n].key, it[n].value, no_nonce);
        qsort(it, n + 1, sizeof *it, by_path);
    }
    tw_smt_free(t);
}

TEST(state_map__does_not_depend_on_the_order_of_arrival)
{
    item it[KEYS];
    uint8_t a[32], b[32];
    for (size_t i = 0; i < KEYS; i++)
        it[i] = random_item();
    tw_smt *one = tw_smt_new();
    for (size_t i = 0; i < KEYS; i++)
        tw_smt_put(one, it[i].key, it[i].value, no_nonce);
    tw_smt_root(a, one);
    tw_smt *two = tw_smt_new();
    for (size_t i = KEYS; i-- > 0;) {
        tw_smt_put(two, it[i].key, it[i].key, no_nonce); /* another value first */
        tw_smt_root(b, two);                             /* hashing in between changes nothing */
    }
    for (size_t i = 0; i < KEYS; i++)
        tw_smt_put(two, it[i].key, it[i].value, no_nonce);
    assert_memory_not_equal(a, b, 32);
    tw_smt_root(b, two);
    assert_memory_equal(a, b, 32);
    tw_smt_free(one);
    tw_smt_free(two);
}

/* ---------------------------------------------------------------- buckets */

#define MANY_KEYS 3000

static void same_leaf(const item *want, const tw_smt_leaf *got)
{
    assert_int_equal(!want, !got);
    if (want) {
        assert_memory_equal(want->key, got->key, 33);
        assert_memory_equal(want->value, got->value, 32);
    }
}

/* The steps of a present leaf lead to the root, and each turn is the one that the path takes. */
static void check_steps(const tw_smt *t, const item *it, const uint8_t root[32])
{
    tw_smt_step steps[256];
    uint8_t h[32];
    size_t n = tw_smt_steps(steps, t, it->path);
    memcpy(h, it->leaf, 32);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(tw_path_bit(it->path, n - 1 - i), steps[i].right);
        tw_merkle_node(h, steps[i].right ? steps[i].sibling : h, steps[i].right ? h : steps[i].sibling);
    }
    assert_memory_equal(root, h, 32);
}

/* All that the map says about a path, against the sorted items. */
static void check_lookup(const tw_smt *t, const item *it, size_t n, const item *probe, const uint8_t root[32])
{
    const tw_smt_leaf *below, *above;
    size_t place = 0;
    while (place < n && memcmp(it[place].path, probe->path, 32) < 0)
        place++;
    if (place < n && memcmp(it[place].path, probe->path, 32) == 0) {
        same_leaf(&it[place], tw_smt_get(t, probe->path));
        check_steps(t, &it[place], root);
        return;
    }
    assert_null(tw_smt_get(t, probe->path));
    tw_smt_neighbours(&below, &above, t, probe->path);
    same_leaf(place ? &it[place - 1] : NULL, below);
    same_leaf(place < n ? &it[place] : NULL, above);
}

/* Inserts and updates in blocks of any length, through several doublings of the buckets. crowd: keys whose paths begin
 * alike, so that one bucket holds very many. */
static void check_buckets(bool crowd)
{
    item *it = tw_arena_get(cx->arena, MANY_KEYS * sizeof *it);
    tw_smt *t = tw_smt_new();
    size_t n = 0;
    size_t most = crowd ? 250 : MANY_KEYS;
    while (n < most) {
        uint8_t want[32], got[32];
        size_t block = 1 + (size_t)tw_test_below(crowd ? 20 : 200);
        for (size_t i = 0; i < block && n < most; i++) {
            item fresh = random_item();
            item *at = n && tw_test_below(4) == 0 ? &it[tw_test_below(n)] : &fresh;
            memcpy(at->value, fresh.value, 32);
            hash_item(at);
            while (crowd && at == &fresh && tw_be16(fresh.path) >> 4) {
                tw_put_be64(fresh.key + 1, tw_test_random());
                hash_item(&fresh);
            }
            tw_smt_put(t, at->key, at->value, no_nonce);
            if (at == &fresh)
                it[n++] = fresh;
        }
        qsort(it, n, sizeof *it, by_path);
        model_root(want, it, n, 0);
        tw_smt_root(got, t);
        assert_memory_equal(want, got, 32);
        for (int i = 0; i < 10; i++) {
            item probe = random_item();
            hash_item(&probe);
            if (crowd)
                probe.path[0] = probe.path[1] = 0;
            check_lookup(t, it, n, i % 2 ? &it[tw_test_below(n)] : &probe, want);
        }
        check_lookup(t, it, n, &it[0], want);
        check_lookup(t, it, n, &it[n - 1], want);
    }
    tw_smt_free(t);
}

TEST(state_map__is_the_definition_through_all_doublings)
{
    for (int run = 0; run < 3; run++)
        check_buckets(false);
}

TEST(state_map__is_the_definition_when_a_bucket_is_crowded)
{
    check_buckets(true);
}

/* ---------------------------------------------------------------- proofs over a real ledger */

static tw_world world;

static tw_ledger *with_openings(size_t count, uint8_t keys[][33])
{
    tw_ledger *l;
    tw_world_make(cx, &world);
    assert_ok(tw_ledger_new(cx, &l, NULL, world.genesis_body));
    for (size_t i = 0; i < count; i++) {
        tw_opening_body b = { .leaves = 256, .epoch = 2026 };
        for (size_t k = 0; k < 32; k++)
            b.root[k] = (uint8_t)tw_test_random();
        assert_int_equal(TW_CODE_OK,
                         tw_world_do(cx, &world, l, &world.source, TW_ENTRY_OPENING, tw_body_opening(cx, &b)));
        keys[i][0] = TW_STATE_OPENING;
        memcpy(keys[i] + 1, b.root, 32);
    }
    return l;
}

TEST(proof__shows_every_record_and_its_salted_content)
{
    uint8_t keys[100][33], root[32], nonce[16], hash[32];
    bool present;
    tw_ledger *l = with_openings(100, keys);
    tw_ledger_state_root(root, l);
    for (size_t i = 0; i < 100; i++) {
        tw_bytes proof, value, record;
        assert_ok(tw_ledger_prove_state(cx, &proof, &value, l, keys[i]));
        assert_int_equal(32, value.n);
        assert_ok(tw_state_proof_ok(cx, &present, root, keys[i], value, proof));
        assert_true(present);
        assert_ok(tw_ledger_state_record(cx, nonce, &record, l, keys[i]));
        tw_sha256 h;
        tw_sha256_init(&h);
        tw_sha256_add(&h, nonce, 16);
        tw_sha256_add(&h, record.p, record.n);
        tw_sha256_end(&h, hash);
        assert_memory_equal(hash, value.p, 32);
    }
    tw_ledger_free(l);
}

TEST(proof__shows_absence_between_neighbours_and_at_the_edges)
{
    uint8_t keys[60][33], root[32], key[33];
    bool present;
    tw_ledger *l = with_openings(60, keys);
    tw_ledger_state_root(root, l);
    for (size_t i = 0; i < 400; i++) {
        tw_bytes proof, value;
        item it = random_item();
        memcpy(key, it.key, 33);
        assert_ok(tw_ledger_prove_state(cx, &proof, &value, l, key));
        assert_int_equal(0, value.n);
        assert_ok(tw_state_proof_ok(cx, &present, root, key, value, proof));
        assert_false(present);
        /* the same proof for another absent key between other neighbours */
        key[5] ^= 1;
        assert_int_not_equal(TW_OK, tw_state_proof_ok(cx, &present, root, key, value, proof));
    }
    tw_ledger_free(l);
}

TEST(proof__fails_with_any_bit_of_it_changed)
{
    uint8_t keys[20][33], root[32];
    bool present;
    tw_ledger *l = with_openings(20, keys);
    tw_ledger_state_root(root, l);
    for (int absent = 0; absent < 2; absent++) {
        tw_bytes proof, value;
        uint8_t key[33];
        memcpy(key, keys[3], 33);
        key[8] ^= (uint8_t)absent;
        assert_ok(tw_ledger_prove_state(cx, &proof, &value, l, key));
        assert_ok(tw_state_proof_ok(cx, &present, root, key, value, proof));
        uint8_t *copy = tw_arena_get(cx->arena, proof.n + 1);
        for (size_t bit = 0; bit < proof.n * 8; bit++) {
            memcpy(copy, proof.p, proof.n);
            copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_not_equal(TW_OK, tw_state_proof_ok(cx, &present, root, key, value, (tw_bytes){ copy, proof.n }));
        }
        for (size_t n = 0; n < proof.n; n++)
            assert_int_not_equal(TW_OK, tw_state_proof_ok(cx, &present, root, key, value, (tw_bytes){ proof.p, n }));
        memcpy(copy, proof.p, proof.n);
        copy[proof.n] = 0;
        assert_int_not_equal(TW_OK, tw_state_proof_ok(cx, &present, root, key, value, (tw_bytes){ copy, proof.n + 1 }));
        root[0] ^= 1;
        assert_int_not_equal(TW_OK, tw_state_proof_ok(cx, &present, root, key, value, proof));
        root[0] ^= 1;
    }
    tw_ledger_free(l);
}

/* What a liar would try: show that a present key is absent by two true leaves with the key between them. */
TEST(proof__of_absence_needs_neighbours_without_anything_between)
{
    uint8_t keys[40][33], root[32];
    item it[40];
    bool present;
    tw_ledger *l = with_openings(40, keys);
    tw_ledger_state_root(root, l);
    for (size_t i = 0; i < 40; i++) {
        memcpy(it[i].key, keys[i], 33);
        tw_sha256_of(it[i].path, TW_BYTES(it[i].key));
    }
    qsort(it, 40, sizeof *it, by_path);
    for (size_t i = 1; i + 1 < 40; i++) {
        tw_bytes side[2], value;
        assert_ok(tw_ledger_prove_state(cx, &side[0], &value, l, it[i - 1].key));
        assert_ok(tw_ledger_prove_state(cx, &side[1], &value, l, it[i + 1].key));
        tw_buf inner, whole;
        tw_buf_init(&inner, 65536);
        tw_buf_init(&whole, 65536);
        tw_buf_u8(&inner, 0x0a);
        tw_buf_u8(&inner, 33);
        tw_buf_add(&inner, it[i].key, 33);
        for (unsigned k = 0; k < 2; k++) { /* the tag of "exist" becomes that of "left" or "right" */
            tw_buf_u8(&inner, k ? 0x1a : 0x12);
            tw_buf_add(&inner, side[k].p + 1, side[k].n - 1);
        }
        tw_buf_u8(&whole, 0x12);
        tw_buf_u8(&whole, (uint8_t)(inner.n & 0x7f) | 0x80);
        tw_buf_u8(&whole, (uint8_t)(inner.n >> 7));
        tw_buf_add(&whole, inner.p, inner.n);
        assert_status(TW_EVERIFY,
                      tw_state_proof_ok(cx, &present, root, it[i].key, (tw_bytes){ 0 }, tw_buf_view(&whole)));
        tw_buf_done(&inner);
        tw_buf_done(&whole);
    }
    tw_ledger_free(l);
}

/* An operator who puts leaves where their paths do not lead could show a key to one and its absence to another. */
TEST(proof__of_a_leaf_in_the_wrong_place_is_refused)
{
    item low = random_item(), high = random_item();
    uint8_t root[32];
    bool present;
    for (hash_item(&low); low.path[0] & 0x80; hash_item(&low))
        low.key[0]++;
    for (hash_item(&high); !(high.path[0] & 0x80); hash_item(&high))
        high.key[0]++;
    for (int swapped = 0; swapped < 2; swapped++) {
        const item *left = swapped ? &high : &low, *right = swapped ? &low : &high;
        tw_merkle_node(root, left->leaf, right->leaf);
        tw_buf inner, whole;
        tw_buf_init(&inner, 1000);
        tw_buf_init(&whole, 1000);
        tw_buf_add(&inner, (const uint8_t[]){ 0x0a, 33 }, 2);
        tw_buf_add(&inner, left->key, 33);
        tw_buf_add(&inner, (const uint8_t[]){ 0x12, 32 }, 2);
        tw_buf_add(&inner, left->value, 32);
        tw_buf_add(&inner, (const uint8_t[]){ 0x1a, 9, 0x08, 1, 0x10, 1, 0x18, 1, 0x2a, 1, 0 }, 11);
        tw_buf_add(&inner, (const uint8_t[]){ 0x22, 39, 0x08, 1, 0x12, 1, 1, 0x1a, 32 }, 9);
        tw_buf_add(&inner, right->leaf, 32);
        tw_buf_add(&whole, (const uint8_t[]){ 0x0a, (uint8_t)inner.n }, 2); /* 121 bytes */
        tw_buf_add(&whole, inner.p, inner.n);
        tw_status st = tw_state_proof_ok(cx, &present, root, left->key, TW_BYTES(left->value), tw_buf_view(&whole));
        assert_status(swapped ? TW_EVERIFY : TW_OK, st);
        tw_buf_done(&inner);
        tw_buf_done(&whole);
    }
}
