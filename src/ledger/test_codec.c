/* Every encoding: decode gives back what was encoded, and nothing shorter or longer decodes. */
#include "test.h"

#include "ledger/ledger.h"
#include "ledger_world.h"

static tw_world w;

static void fill(void *p, size_t n)
{
    tw_random(cx, p, n);
}

/* Reads `in` with a reader, encodes again: the same bytes. One byte less or more: refused. */
#define CHECK_BODY(name, bytes)                                                                    \
    do {                                                                                           \
        tw_bytes in_ = (bytes);                                                                    \
        tw_##name##_body b_;                                                                       \
        assert_ok(tw_body_##name##_read(cx, &b_, in_));                                            \
        assert_true(tw_bytes_eq(in_, tw_body_##name(cx, &b_)));                                    \
        uint8_t *more_ = tw_arena_get(cx->arena, in_.n + 1);                                       \
        memcpy(more_, in_.p, in_.n);                                                               \
        assert_status(TW_EPARSE, tw_body_##name##_read(cx, &b_, (tw_bytes){ more_, in_.n + 1 }));  \
        for (size_t n_ = 0; n_ < in_.n; n_++)                                                      \
            assert_status(TW_EPARSE, tw_body_##name##_read(cx, &b_, (tw_bytes){ in_.p, n_ }));     \
    } while (0)

static tw_steward_sig *sigs(size_t count)
{
    tw_steward_sig *s = tw_arena_get(cx->arena, (count + 1) * sizeof *s);
    fill(s, count * sizeof *s);
    for (size_t i = 0; i < count; i++)
        s[i].steward.b[0] = (uint8_t)i; /* ascending */
    return s;
}

TEST(bodies__of_parties_come_back)
{
    for (size_t count = 0; count < 4; count++) {
        tw_party_add_body add = { .spec.url = TW_STR("https://a.example/x?y=~") };
        fill(add.spec.id.b, 32);
        fill(add.spec.ed25519, 32);
        fill(add.spec.x25519, 32);
        add.spec.role = (uint8_t)(1 + tw_test_below(6));
        add.sig = sigs(count);
        add.count = count;
        CHECK_BODY(party_add, tw_body_party_add(cx, &add));
        tw_party_rotate_body rotate = { .sig = sigs(count), .count = count };
        fill(rotate.ed25519, 32);
        CHECK_BODY(party_rotate, tw_body_party_rotate(cx, &rotate));
        tw_party_suspend_body suspend = { .reason = 200, .sig = sigs(count), .count = count };
        CHECK_BODY(party_suspend, tw_body_party_suspend(cx, &suspend));
        tw_keeper_set_body set = { .set = { .generation = 9, .t = 2, .n = 3 }, .sig = sigs(count), .count = count };
        for (size_t i = 0; i < 3; i++)
            set.set.party[i].b[0] = (uint8_t)i;
        fill(set.transcript_root, 32);
        CHECK_BODY(keeper_set, tw_body_keeper_set(cx, &set));
    }
    tw_import_key_body key = { .valid_until = tw_test_random() };
    fill(key.key, 32);
    CHECK_BODY(import_key, tw_body_import_key(cx, &key));
}

TEST(bodies__of_sources_and_keepers_come_back)
{
    tw_opening_body opening = { .leaves = 1u << (8 + tw_test_below(17)), .epoch = (uint16_t)tw_test_random() };
    fill(opening.root, 32);
    CHECK_BODY(opening, tw_body_opening(cx, &opening));
    tw_batch_body batch = { .leaves = 1 + (uint32_t)tw_test_below(UINT32_MAX - 1), .bytes = tw_test_random() };
    CHECK_BODY(batch, tw_body_batch(cx, &batch));
    for (size_t count = 0; count <= 4; count++) {
        tw_deletion d[4];
        fill(d, sizeof d);
        tw_erased_body erased = { .deletion = d, .count = count };
        CHECK_BODY(erased, tw_body_erased(cx, &erased));
    }
}

TEST(bodies__of_projects_and_releases_come_back)
{
    tw_project_approve_body approve;
    tw_world_make(cx, &w);
    CHECK_BODY(project_open, tw_world_project(cx, &w.grantee, &approve.project, approve.body_hash));
    CHECK_BODY(project_approve, tw_body_project_approve(cx, &approve));
    CHECK_BODY(project_close,
               tw_body_project_close(cx, &(tw_project_close_body){ .project = approve.project, .reason = 3 }));
    tw_release_open_body open = { .leaves = 1, .until_s = tw_test_random(), .url = TW_STR("u") };
    fill(open.release.b, 32);
    CHECK_BODY(release_open, tw_body_release_open(cx, &open));
    static const uint8_t hashes[3][32] = { { 1 }, { 2 }, { 3 } };
    for (size_t count = 0; count <= 3; count++) {
        tw_release_close_body close = { .sheet_hash = hashes, .count = count };
        CHECK_BODY(release_close, tw_body_release_close(cx, &close));
        tw_id release[3];
        fill(release, sizeof release);
        tw_twin_publish_body twin = { .release = release, .count = count };
        CHECK_BODY(twin_publish, tw_body_twin_publish(cx, &twin));
    }
    tw_budget_body budget = { .epsilon = tw_test_random(), .delta = tw_test_random() };
    CHECK_BODY(budget, tw_body_budget(cx, &budget));
}

TEST(bodies__out_of_range_are_refused)
{
    tw_opening_body o = { 0 };
    static const uint32_t leaves[] = { 0, 1, 128, 255, 257, 300, 1u << 25, UINT32_MAX };
    for (size_t i = 0; i < TW_COUNT(leaves); i++) {
        tw_bytes body = tw_body_opening(cx, &(tw_opening_body){ .leaves = leaves[i] });
        assert_status(TW_EPARSE, tw_body_opening_read(cx, &o, body));
    }
    tw_batch_body b;
    assert_status(TW_EPARSE, tw_body_batch_read(cx, &b, tw_body_batch(cx, &(tw_batch_body){ 0 })));
    tw_release_open_body r;
    static const char *const urls[] = { "a b", "a\n", "\xc3\xa4", "\x7f" };
    for (size_t i = 0; i < TW_COUNT(urls); i++) {
        r = (tw_release_open_body){ .leaves = 1, .url = tw_str_of(urls[i]) };
        assert_status(TW_EPARSE, tw_body_release_open_read(cx, &r, tw_body_release_open(cx, &r)));
    }
    r = (tw_release_open_body){ .leaves = 0 };
    assert_status(TW_EPARSE, tw_body_release_open_read(cx, &r, tw_body_release_open(cx, &r)));
    char *longest = tw_arena_get(cx->arena, TW_URL_MAX + 1);
    memset(longest, 'a', TW_URL_MAX + 1);
    r = (tw_release_open_body){ .leaves = 1, .url = { longest, TW_URL_MAX } };
    assert_ok(tw_body_release_open_read(cx, &r, tw_body_release_open(cx, &r)));
    r.url = (tw_str){ longest, TW_URL_MAX + 1 };
    assert_status(TW_EPARSE, tw_body_release_open_read(cx, &r, tw_body_release_open(cx, &r)));
    const uint8_t unsorted[2][32] = { { 2 }, { 1 } }, twice[2][32] = { { 1 }, { 1 } };
    tw_release_close_body c = { .sheet_hash = unsorted, .count = 2 };
    assert_status(TW_EPARSE, tw_body_release_close_read(cx, &c, tw_body_release_close(cx, &c)));
    c = (tw_release_close_body){ .sheet_hash = twice, .count = 2 };
    assert_status(TW_EPARSE, tw_body_release_close_read(cx, &c, tw_body_release_close(cx, &c)));
    tw_steward_sig *s = sigs(2);
    s[1].steward = s[0].steward;
    tw_party_suspend_body p = { .sig = s, .count = 2 };
    assert_status(TW_EPARSE, tw_body_party_suspend_read(cx, &p, tw_body_party_suspend(cx, &p)));
}

TEST(genesis__comes_back_and_no_shorter_or_longer)
{
    tw_genesis g;
    tw_bytes again;
    tw_world_make(cx, &w);
    assert_ok(tw_genesis_decode(cx, &g, w.genesis_body));
    assert_ok(tw_genesis_encode(cx, &again, &g));
    assert_true(tw_bytes_eq(again, w.genesis_body));
    assert_int_equal(13, g.party_count);
    assert_int_equal((uint64_t)4 << 32, g.budget_epsilon);
    for (size_t n = 0; n < w.genesis_body.n; n++)
        assert_status(TW_EPARSE, tw_genesis_decode(cx, &g, (tw_bytes){ w.genesis_body.p, n }));
    uint8_t *more = tw_arena_get(cx->arena, w.genesis_body.n + 1);
    memcpy(more, w.genesis_body.p, w.genesis_body.n);
    assert_status(TW_EPARSE, tw_genesis_decode(cx, &g, (tw_bytes){ more, w.genesis_body.n + 1 }));
}

/* A bit changed anywhere: refused, or other bytes that mean themselves. */
TEST(genesis__has_one_encoding)
{
    tw_genesis g;
    tw_bytes again;
    size_t read = 0;
    tw_world_make(cx, &w);
    uint8_t *bad = tw_arena_get(cx->arena, w.genesis_body.n);
    for (size_t bit = 0; bit < w.genesis_body.n * 8; bit++) {
        memcpy(bad, w.genesis_body.p, w.genesis_body.n);
        bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (tw_genesis_decode(cx, &g, (tw_bytes){ bad, w.genesis_body.n }) != TW_OK)
            continue;
        assert_ok(tw_genesis_encode(cx, &again, &g));
        assert_true(tw_bytes_eq(again, (tw_bytes){ bad, w.genesis_body.n }));
        read++;
    }
    assert_true(read > 1000); /* the keys and times */
}

TEST(operation__and_entry_come_back)
{
    tw_op op;
    tw_entry e, f;
    tw_buf b;
    tw_world_make(cx, &w);
    tw_bytes in = tw_world_op(cx, &w, &w.source, TW_ENTRY_BATCH, tw_bytes_of(TW_STR("body")));
    assert_ok(tw_op_decode(cx, &op, in));
    assert_true(tw_id_eq(&op.ledger, &w.ledger) && tw_id_eq(&op.party, &w.source.id));
    assert_int_equal(1, op.nonce);
    assert_str("body", tw_str_of_bytes(op.body));
    for (size_t n = 0; n < in.n; n++)
        assert_status(TW_EPARSE, tw_op_decode(cx, &op, (tw_bytes){ in.p, n }));
    tw_buf_init(&b, 70000);
    e = (tw_entry){ .kind = TW_ENTRY_BATCH, .code = TW_CODE_QUOTA, .idx = tw_test_random(), .op = in };
    tw_entry_encode(&b, &e);
    assert_ok(tw_entry_decode(cx, &f, tw_buf_view(&b)));
    assert_true(f.kind == e.kind && f.code == e.code && f.idx == e.idx && tw_bytes_eq(f.op, e.op));
    for (size_t n = 0; n < b.n; n++)
        assert_status(TW_EPARSE, tw_entry_decode(cx, &f, (tw_bytes){ b.p, n }));
    for (size_t at = 0; at < 3; at++) { /* version, kind, code out of range */
        uint8_t old = b.p[at];
        b.p[at] = 200;
        assert_status(TW_EPARSE, tw_entry_decode(cx, &f, tw_buf_view(&b)));
        b.p[at] = old;
    }
    tw_buf_done(&b);
}

TEST(operation__has_at_most_65000_bytes)
{
    tw_bytes out;
    tw_op decoded;
    tw_world_make(cx, &w);
    size_t head = 32 + 32 + 1 + 2 + 8 + 8 + 4 + 64;
    tw_op op = { .ledger = w.ledger, .party = w.relay.id, .kind = TW_ENTRY_BREAK_GLASS };
    op.body = (tw_bytes){ tw_arena_get(cx->arena, TW_OP_BYTES_MAX), TW_OP_BYTES_MAX - head };
    assert_ok(tw_op_sign(cx, &out, &op, w.relay.secret));
    assert_int_equal(TW_OP_BYTES_MAX, out.n);
    assert_ok(tw_op_decode(cx, &decoded, out));
    op.body.n++;
    assert_status(TW_ELIMIT, tw_op_sign(cx, &out, &op, w.relay.secret));
}
