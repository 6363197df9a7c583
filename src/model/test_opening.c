/* Opening trees: padding, proofs, and what a proof must not prove. */
#include "test_model.h"

static tw_id *any_ids(size_t count)
{
    tw_id *ids = tw_arena_get(cx->arena, (count + 1) * sizeof *ids);
    any(ids, count * sizeof *ids);
    return ids;
}

TEST(opening_pad__goes_up_to_a_power_of_two_and_keeps_every_id)
{
    static const struct {
        size_t count;
        uint32_t want;
    } rows[] = { { 0, 256 }, { 1, 256 }, { 256, 256 }, { 257, 512 }, { 1000, 1024 } };
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        tw_id *ids = any_ids(rows[i].count);
        tw_id *all;
        uint32_t n;
        assert_ok(tw_opening_pad(cx, &all, &n, ids, rows[i].count));
        assert_int_equal(rows[i].want, n);
        assert_ok(tw_opening_check(cx, all, n));
        for (size_t k = 0; k < rows[i].count; k++) {
            size_t at = 0;
            while (at < n && !tw_id_eq(&all[at], &ids[k]))
                at++;
            assert_true(at < n);
        }
    }
}

TEST(opening_pad__refuses_an_id_twice)
{
    tw_id *ids = any_ids(3);
    tw_id *all;
    uint32_t n;
    ids[2] = ids[0];
    assert_status(TW_ECONFLICT, tw_opening_pad(cx, &all, &n, ids, 3));
    assert_status(TW_ELIMIT, tw_opening_pad(cx, &all, &n, ids, (size_t)TW_OPENING_MAX + 1));
}

TEST(opening_check__refuses_sizes_and_order)
{
    tw_id *all;
    uint32_t n;
    assert_ok(tw_opening_pad(cx, &all, &n, any_ids(300), 300));
    static const uint32_t sizes[] = { 0, 1, 128, 255, 257, 511, 1u << 25 };
    for (size_t i = 0; i < TW_COUNT(sizes); i++)
        assert_status(TW_EPARSE, tw_opening_check(cx, all, sizes[i]));
    assert_ok(tw_opening_check(cx, all, 256));
    tw_id keep = all[100];
    all[100] = all[101];
    assert_status(TW_EPARSE, tw_opening_check(cx, all, n));
    all[101] = keep;
    assert_status(TW_EPARSE, tw_opening_check(cx, all, n));
}

TEST(opening__every_position_proves_to_the_root)
{
    tw_id *all;
    uint32_t n;
    assert_ok(tw_opening_pad(cx, &all, &n, any_ids(300), 300));
    uint8_t root[32];
    uint8_t got[32];
    tw_opening_root(cx, root, all, n);
    tw_opening_tree tree;
    assert_ok(tw_opening_tree_make(cx, &tree, all, n));
    assert_memory_equal(root, tree.node[1], 32);
    uint8_t *leaves = tw_arena_get(cx->arena, (size_t)n * 32);
    for (uint32_t i = 0; i < n; i++)
        tw_merkle_leaf(leaves + (size_t)i * 32, tw_id_bytes(&all[i]));
    for (uint32_t i = 0; i < n; i++) {
        tw_opening_proof p;
        tw_opening_tree_prove(&p, &tree, i, 7);
        assert_true(tw_opening_ok(got, &p, &all[i]));
        assert_memory_equal(root, got, 32);
        /* the room below knows the same tree */
        assert_true(tw_merkle_path_ok(root, leaves + (size_t)i * 32, i, n, p.path[0], p.path_count));
    }
}

TEST(opening_prove__gives_what_the_tree_gives)
{
    tw_id *all;
    uint32_t n;
    assert_ok(tw_opening_pad(cx, &all, &n, any_ids(10), 10));
    tw_opening_tree tree;
    tw_opening_proof a;
    tw_opening_proof b;
    assert_ok(tw_opening_tree_make(cx, &tree, all, n));
    tw_opening_tree_prove(&a, &tree, 77, 1u << 20);
    size_t used = tw_arena_used(cx->arena);
    assert_ok(tw_opening_prove(cx, &b, all, n, 77, 1u << 20));
    assert_int_equal(used, tw_arena_used(cx->arena));
    assert_memory_equal(&a, &b, sizeof a);
    assert_status(TW_EPARSE, tw_opening_prove(cx, &b, all, n, n, 0));
    assert_status(TW_EPARSE, tw_opening_prove(cx, &b, all, n - 1, 0, 0));
}

TEST(opening_ok__another_id_position_or_path_leads_elsewhere)
{
    tw_id *all;
    uint32_t n;
    assert_ok(tw_opening_pad(cx, &all, &n, any_ids(10), 10));
    uint8_t root[32];
    uint8_t got[32];
    tw_opening_root(cx, root, all, n);
    tw_opening_proof p;
    assert_ok(tw_opening_prove(cx, &p, all, n, 77, 0));
    assert_true(tw_opening_ok(got, &p, &all[78]));
    assert_memory_not_equal(root, got, 32);
    for (unsigned bit = 0; bit < 8; bit++) {
        tw_opening_proof q = p;
        q.pos ^= 1u << bit;
        assert_true(tw_opening_ok(got, &q, &all[77]));
        assert_memory_not_equal(root, got, 32);
        q = p;
        q.path[bit][bit] ^= 1;
        assert_true(tw_opening_ok(got, &q, &all[77]));
        assert_memory_not_equal(root, got, 32);
    }
}

TEST(opening_ok__refuses_proofs_without_form)
{
    tw_id *all;
    uint32_t n;
    uint8_t got[32];
    assert_ok(tw_opening_pad(cx, &all, &n, any_ids(10), 10));
    tw_opening_proof p;
    assert_ok(tw_opening_prove(cx, &p, all, n, 77, 0));
    tw_opening_proof q = p;
    q.pos = n;
    assert_false(tw_opening_ok(got, &q, &all[77]));
    q = p;
    q.path_count--;
    assert_false(tw_opening_ok(got, &q, &all[77]));
    q.n /= 2; /* 128: a subtree of the tree is no opening */
    assert_false(tw_opening_ok(got, &q, &all[77]));
    q = p;
    q.path_count = 200;
    assert_false(tw_opening_ok(got, &q, &all[77]));
    q = p;
    q.n = 300;
    assert_false(tw_opening_ok(got, &q, &all[77]));
}

TEST(opening__says_when_memory_does_not_do)
{
    tw_ctx small;
    tw_ctx_init(&small, 4096, tw_test_env());
    tw_id *all;
    uint32_t n;
    tw_opening_tree tree;
    assert_status(TW_ELIMIT, tw_opening_pad(&small, &all, &n, NULL, 0));
    assert_ok(tw_opening_pad(cx, &all, &n, NULL, 0));
    assert_status(TW_ELIMIT, tw_opening_tree_make(&small, &tree, all, n));
    tw_ctx_done(&small);
}

TEST(opening__vector)
{
    tw_id ids[256];
    uint8_t root[32];
    for (unsigned i = 0; i < 256; i++)
        count_up(ids[i].b, 32, i);
    tw_opening_root(cx, root, ids, 256);
    assert_hex("e14015e8718810c9379b7e68c7ca70bc41184f9e0e4d8918c3a6b7c86b2e657c", root, 32);
    tw_opening_proof p;
    assert_ok(tw_opening_prove(cx, &p, ids, 256, 5, 77));
    assert_int_equal(8, p.path_count);
    assert_hex("b6b2ca8df889cc435fe87db3774eeaaf6de5c78836747d435d494c082f9e80bc", p.path[0], 32);
    assert_hex("5ff568032f99a9cdb071cbe4ddd53b55bd723c7d2c6eb90e5fd511ec4308a6b8", p.path[7], 32);
}
