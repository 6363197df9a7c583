#include "crypto/crypto.h"

#include "test_hex.h"

/* The reference tree of Certificate Transparency (its merkletree tests): eight entries, the roots at sizes 0 to 8, and
 * proofs. */
static const char *const ct_entries[] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
};
static const char *const ct_roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};
/* PATH(0, D[8]), bottom first; also PROOF(1, D[8]). */
static const char ct_path_0_8[] = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
                                  "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
                                  "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
static const char ct_proof_6_8[] = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
                                   "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
                                   "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7";
static const char ct_proof_2_5[] = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
                                   "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";

static void ct_leaves(uint8_t leaves[8 * TW_HASH])
{
    for (size_t i = 0; i < 8; i++)
        tw_merkle_leaf(leaves + i * TW_HASH, hex(ct_entries[i]));
}

/* n different leaf hashes. */
static uint8_t *some_leaves(uint64_t n)
{
    uint8_t *leaves = tw_arena_get(cx->arena, (size_t)n * TW_HASH);
    for (uint64_t i = 0; i < n; i++) {
        uint8_t data[8];
        tw_put_be64(data, i);
        tw_merkle_leaf(leaves + i * TW_HASH, TW_BYTES(data));
    }
    return leaves;
}

/* RFC 6962 2.1, word by word. */
static void root_by_definition(uint8_t out[TW_HASH], const uint8_t *leaves, uint64_t n)
{
    if (n == 0) {
        tw_sha256_of(out, (tw_bytes){ 0 });
    } else if (n == 1) {
        memcpy(out, leaves, TW_HASH);
    } else {
        uint8_t left[TW_HASH];
        uint8_t right[TW_HASH];
        uint64_t k = 1;
        while (2 * k < n)
            k *= 2;
        root_by_definition(left, leaves, k);
        root_by_definition(right, leaves + k * TW_HASH, n - k);
        tw_merkle_node(out, left, right);
    }
}

TEST(root__gives_the_published_roots)
{
    uint8_t leaves[8 * TW_HASH];
    tw_merkle_range r = { 0 };
    ct_leaves(leaves);
    for (uint64_t n = 0; n <= 8; n++) {
        uint8_t root[TW_HASH];
        tw_merkle_tree tree;
        tw_merkle_root(root, leaves, n);
        assert_hex(ct_roots[n], root, TW_HASH);
        tw_merkle_range_root(root, &r);
        assert_hex(ct_roots[n], root, TW_HASH);
        assert_ok(tw_merkle_tree_build(cx, &tree, leaves, n));
        tw_merkle_tree_root(root, &tree);
        assert_hex(ct_roots[n], root, TW_HASH);
        if (n < 8)
            tw_merkle_range_add(&r, leaves + n * TW_HASH);
    }
}

TEST(proofs__are_the_published_ones)
{
    uint8_t leaves[8 * TW_HASH];
    uint8_t *path;
    size_t count;
    ct_leaves(leaves);
    assert_ok(tw_merkle_path(cx, &path, &count, leaves, 0, 8));
    assert_hex(ct_path_0_8, path, count * TW_HASH);
    assert_ok(tw_merkle_consistency(cx, &path, &count, leaves, 1, 8));
    assert_hex(ct_path_0_8, path, count * TW_HASH);
    assert_ok(tw_merkle_consistency(cx, &path, &count, leaves, 6, 8));
    assert_hex(ct_proof_6_8, path, count * TW_HASH);
    assert_ok(tw_merkle_consistency(cx, &path, &count, leaves, 2, 5));
    assert_hex(ct_proof_2_5, path, count * TW_HASH);
}

TEST(root__follows_the_definition_at_every_size)
{
    const uint8_t *leaves = some_leaves(600);
    tw_merkle_range r = { 0 };
    for (uint64_t n = 0; n < 600; n++) {
        uint8_t want[TW_HASH];
        uint8_t got[TW_HASH];
        root_by_definition(want, leaves, n);
        tw_merkle_root(got, leaves, n);
        assert_memory_equal(want, got, TW_HASH);
        tw_merkle_range_root(got, &r);
        assert_memory_equal(want, got, TW_HASH);
        tw_merkle_range_add(&r, leaves + n * TW_HASH);
    }
}

TEST(path__of_every_leaf_verifies_at_its_place_alone)
{
    const uint8_t *leaves = some_leaves(70);
    for (uint64_t n = 1; n <= 70; n++) {
        uint8_t root[TW_HASH];
        tw_merkle_tree tree;
        tw_merkle_root(root, leaves, n);
        assert_ok(tw_merkle_tree_build(cx, &tree, leaves, n));
        for (uint64_t i = 0; i < n; i++) {
            uint8_t *path;
            size_t count;
            const uint8_t *leaf = leaves + i * TW_HASH;
            assert_ok(tw_merkle_tree_path(cx, &path, &count, &tree, i));
            for (uint64_t at = 0; at <= n; at++)
                assert_int_equal(at == i, tw_merkle_path_ok(root, leaf, at, n, path, count));
            if (count > 0)
                assert_false(tw_merkle_path_ok(root, leaf, i, n, path, count - 1));
            uint8_t longer[8 * TW_HASH] = { 0 };
            memcpy(longer, path, count * TW_HASH);
            assert_false(tw_merkle_path_ok(root, leaf, i, n, longer, count + 1));
            if (count > 0) {
                longer[tw_test_below(count * TW_HASH)] ^= 1;
                assert_false(tw_merkle_path_ok(root, leaf, i, n, longer, count));
            }
            assert_false(tw_merkle_path_ok(root, root, i, n, path, count) && n > 1);
        }
    }
}

/* A root alone does not fix the size: that is why checkpoints sign it together with the size. */
TEST(path__binds_the_size_only_through_its_length)
{
    const uint8_t *leaves = some_leaves(3);
    uint8_t root[TW_HASH];
    uint8_t *path;
    size_t count;
    tw_merkle_root(root, leaves, 3);
    assert_ok(tw_merkle_path(cx, &path, &count, leaves, 2, 3));
    assert_int_equal(1, count);
    assert_true(tw_merkle_path_ok(root, leaves + 2 * TW_HASH, 2, 3, path, count));
    assert_true(tw_merkle_path_ok(root, leaves + 2 * TW_HASH, 1, 2, path, count));
}

TEST(consistency__of_every_pair_of_sizes_verifies_and_no_other)
{
    enum { MAX = 40 };
    const uint8_t *leaves = some_leaves(MAX);
    uint8_t roots[MAX + 1][TW_HASH];
    for (uint64_t n = 0; n <= MAX; n++)
        tw_merkle_root(roots[n], leaves, n);
    for (uint64_t n = 1; n <= MAX; n++) {
        tw_merkle_tree tree;
        assert_ok(tw_merkle_tree_build(cx, &tree, leaves, n));
        for (uint64_t m = 0; m <= n; m++) {
            uint8_t *path;
            size_t count;
            assert_ok(tw_merkle_tree_consistency(cx, &path, &count, &tree, m));
            assert_true(tw_merkle_consistency_ok(roots[m], m, roots[n], n, path, count));
            assert_false(tw_merkle_consistency_ok(roots[m], m, roots[n], n, path, count + 1));
            if (count > 0) {
                assert_false(tw_merkle_consistency_ok(roots[m], m, roots[n], n, path, count - 1));
                assert_false(tw_merkle_consistency_ok(leaves + (MAX - 1) * TW_HASH, m, roots[n], n, path, count));
                path[tw_test_below(count * TW_HASH)] ^= 4;
                assert_false(tw_merkle_consistency_ok(roots[m], m, roots[n], n, path, count));
            }
        }
    }
}

TEST(consistency__refuses_a_rewritten_leaf_and_a_shrunk_tree)
{
    uint8_t *leaves = some_leaves(9);
    uint8_t old_root[TW_HASH];
    uint8_t new_root[TW_HASH];
    uint8_t *path;
    size_t count;
    tw_merkle_root(old_root, leaves, 5);
    leaves[3 * TW_HASH] ^= 1;
    tw_merkle_root(new_root, leaves, 9);
    assert_ok(tw_merkle_consistency(cx, &path, &count, leaves, 5, 9));
    assert_false(tw_merkle_consistency_ok(old_root, 5, new_root, 9, path, count));
    assert_false(tw_merkle_consistency_ok(new_root, 9, old_root, 5, path, count));
    assert_false(tw_merkle_consistency_ok(old_root, 5, new_root, 5, NULL, 0));
    assert_status(TW_ENOTFOUND, tw_merkle_consistency(cx, &path, &count, leaves, 10, 9));
    assert_status(TW_ENOTFOUND, tw_merkle_path(cx, &path, &count, leaves, 9, 9));
    assert_status(TW_ENOTFOUND, tw_merkle_path(cx, &path, &count, leaves, 0, 0));
}

TEST(tree__over_the_memory_ceiling_is_an_error)
{
    const uint8_t *leaves = some_leaves(1000);
    tw_ctx small;
    tw_merkle_tree tree;
    tw_ctx_init(&small, 16 * TW_KIB, NULL);
    assert_status(TW_ELIMIT, tw_merkle_tree_build(&small, &tree, leaves, 1000));
    tw_ctx_done(&small);
}
