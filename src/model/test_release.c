/* Release bodies, tags, leaves, roots of leaf files. */
#include "test_model.h"

static tw_bytes encoded(const tw_release_body *b)
{
    tw_buf out;
    tw_buf_init(&out, TW_MIB);
    tw_release_body_encode(&out, b);
    return taken(&out);
}

static tw_status decode(tw_bytes in)
{
    tw_release_body b;
    return tw_release_body_decode(cx, &b, in);
}

static void any_body(tw_release_body *b, size_t capsules)
{
    *b = (tw_release_body){ 0 };
    any_comp(&b->record.body);
    any(b->record.a, 32);
    any(b->record.k, 32);
    tw_comp_record_id(&b->comp, &b->record);
    b->opening.path_count = (uint8_t)tw_test_below(33);
    b->opening.idx = tw_test_random();
    b->opening.pos = (uint32_t)tw_test_random();
    b->opening.n = (uint32_t)tw_test_random();
    any(b->opening.path, (size_t)b->opening.path_count * 32);
    b->version = (uint32_t)tw_test_random();
    uint8_t *policy = tw_arena_get(cx->arena, 300);
    any(policy, 300);
    b->policy = (tw_bytes){ policy, (size_t)tw_test_below(300) };
    any(b->salt, 32);
    b->policy_idx = tw_test_random();
    tw_body_capsule *c = tw_arena_get(cx->arena, (capsules + 1) * sizeof *c);
    for (size_t i = 0; i < capsules; i++) {
        any(c[i].capsule_hash, 32);
        c[i].capsule_hash[0] = (uint8_t)(i & 3); /* ascends within a day */
        c[i].day = (uint32_t)(i / 4);
    }
    b->capsules = c;
    b->capsule_count = capsules;
}

TEST(release_body__comes_back_as_it_was)
{
    for (int i = 0; i < 100; i++) {
        tw_release_body b;
        tw_release_body back;
        any_body(&b, (size_t)tw_test_below(40));
        tw_bytes bytes = encoded(&b);
        assert_ok(tw_release_body_decode(cx, &back, bytes));
        assert_same(bytes, encoded(&back));
        assert_true(tw_id_eq(&b.comp, &back.comp));
        assert_int_equal(b.capsule_count, back.capsule_count);
        assert_int_equal(b.version, back.version);
        assert_true(b.policy_idx == back.policy_idx && b.opening.idx == back.opening.idx);
        assert_same(b.policy, back.policy);
    }
}

TEST(release_body__refuses_other_lengths)
{
    tw_release_body b;
    any_body(&b, 5);
    b.record.body.t = 2;
    tw_comp_record_id(&b.comp, &b.record);
    assert_exact(encoded(&b), decode);
}

TEST(release_body__holds_its_most_capsules)
{
    tw_release_body b;
    any_body(&b, TW_BODY_CAPSULES_MAX);
    tw_bytes bytes = encoded(&b);
    assert_ok(decode(bytes));
    tw_buf out; /* one more, by hand */
    tw_buf_init(&out, TW_MIB);
    tw_buf_add(&out, bytes.p, bytes.n - (size_t)TW_BODY_CAPSULES_MAX * 36 - 4);
    tw_buf_u32(&out, TW_BODY_CAPSULES_MAX + 1);
    tw_buf_add(&out, bytes.p + bytes.n - (size_t)TW_BODY_CAPSULES_MAX * 36, (size_t)TW_BODY_CAPSULES_MAX * 36);
    for (int i = 0; i < 36; i++)
        tw_buf_u8(&out, 0xff);
    assert_status(TW_EPARSE, decode(taken(&out)));
}

TEST(release_body__refuses_capsules_out_of_order_or_twice)
{
    tw_release_body b;
    any_body(&b, 8);
    tw_body_capsule c[8];
    memcpy(c, b.capsules, sizeof c);
    b.capsules = c;
    assert_ok(decode(encoded(&b)));
    c[3] = c[2];
    assert_status(TW_EPARSE, decode(encoded(&b)));
    c[3].day--;
    assert_status(TW_EPARSE, decode(encoded(&b)));
    c[3].day = c[4].day + 1;
    assert_status(TW_EPARSE, decode(encoded(&b)));
}

TEST(release_body__refuses_a_long_path_and_a_long_policy)
{
    tw_release_body b;
    any_body(&b, 0);
    b.opening.path_count = 32;
    tw_bytes bytes = encoded(&b);
    uint8_t *p = tw_arena_get(cx->arena, bytes.n);
    memcpy(p, bytes.p, bytes.n);
    size_t at = bytes.n - 4 - 8 - 32 - b.policy.n - 4 - 4 - (size_t)32 * 32 - 1;
    assert_int_equal(32, p[at]);
    p[at] = 33;
    assert_status(TW_EPARSE, decode((tw_bytes){ p, bytes.n }));
    assert_non_null(strstr(cx->err.msg, "a path of 33 hashes"));
    b.policy = (tw_bytes){ tw_arena_get(cx->arena, TW_POLICY_BYTES_MAX + 1), TW_POLICY_BYTES_MAX };
    assert_ok(decode(encoded(&b)));
    b.policy.n++;
    assert_status(TW_EPARSE, decode(encoded(&b)));
}

TEST(release_body__refuses_the_id_of_another_record)
{
    tw_release_body b;
    any_body(&b, 1);
    b.comp.b[31] ^= 1;
    assert_status(TW_EVERIFY, decode(encoded(&b)));
    b.comp.b[31] ^= 1;
    b.record.body.generation ^= 1;
    assert_status(TW_EVERIFY, decode(encoded(&b)));
}

/* ---------------------------------------------------------------- vectors */

static void vector_body(tw_release_body *b, tw_body_capsule capsules[2])
{
    *b = (tw_release_body){ .version = 1, .capsules = capsules, .capsule_count = 2 };
    vector_record(&b->record);
    tw_comp_record_id(&b->comp, &b->record);
    tw_id *ids = tw_arena_get(cx->arena, 256 * sizeof *ids);
    for (unsigned i = 0; i < 256; i++)
        count_up(ids[i].b, 32, i);
    assert_ok(tw_opening_prove(cx, &b->opening, ids, 256, 5, 77));
    b->policy = page_hex("policy.md", 0);
    count_up(b->salt, 32, 0x70);
    count_up(capsules[0].capsule_hash, 32, 0x21);
    count_up(capsules[1].capsule_hash, 32, 0x20);
    capsules[0].day = 20605;
    capsules[1].day = 20606;
}

TEST(release_body__page_example)
{
    tw_release_body b;
    tw_release_body back;
    tw_body_capsule capsules[2];
    vector_body(&b, capsules);
    tw_bytes page = page_hex("release.md", 0);
    assert_same(page, encoded(&b));
    assert_ok(tw_release_body_decode(cx, &back, page));
    assert_same(page, encoded(&back));
}

TEST(release_leaf__page_example)
{
    uint8_t watch[32];
    uint8_t tag[32];
    uint8_t leaf[TW_RELEASE_LEAF];
    tw_id release;
    count_up(watch, 32, 0x13);
    count_up(release.b, 32, 0xe0);
    tw_release_tag(tag, watch, &release);
    assert_hex("91673cb89571102832b336fe0a0e1a75975682822984b43f62a71f59f660228a", tag, 32);
    tw_release_leaf(leaf, tag, page_hex("release.md", 0));
    assert_same(page_hex("release.md", 1), TW_BYTES(leaf));
    assert_hex("9cab6ed25905bd96c65e0e91caa2c7fa9c23915516264bfcd332b3e602dbde65", leaf + 32, 32);
}

/* ---------------------------------------------------------------- leaf files */

TEST(release_root__vector_and_order)
{
    uint8_t leaves[3 * TW_RELEASE_LEAF];
    uint8_t root[32];
    for (unsigned i = 0; i < 3; i++) {
        count_up(leaves + (size_t)i * 64, 32, i);
        count_up(leaves + (size_t)i * 64 + 32, 32, i + 1);
    }
    assert_ok(tw_release_root(cx, root, TW_BYTES(leaves)));
    assert_hex("152bc85d95cf9923a7f03ed2883056830f5a53a46165ed5d3c04f332edd3c665", root, 32);
    assert_status(TW_EPARSE, tw_release_root(cx, root, (tw_bytes){ leaves, sizeof leaves - 1 }));
    memcpy(leaves + 64, leaves, 32); /* the same tag with another body */
    assert_status(TW_EVERIFY, tw_release_root(cx, root, TW_BYTES(leaves)));
    leaves[64] = 9;
    assert_status(TW_EVERIFY, tw_release_root(cx, root, TW_BYTES(leaves)));
    leaves[128] = 10;
    assert_ok(tw_release_root(cx, root, TW_BYTES(leaves)));
}

TEST(release_root__of_no_leaf_is_that_of_an_empty_tree)
{
    uint8_t root[32];
    assert_ok(tw_release_root(cx, root, (tw_bytes){ NULL, 0 }));
    assert_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", root, 32);
}
