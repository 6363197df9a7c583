/* What is logged and what is not, nonces, time, replay, and roots that hold for every compiler. */
#include "test.h"

#include "ledger/ledger.h"
#include "ledger_world.h"

static tw_world w;

static tw_ledger *fresh(void)
{
    tw_ledger *l;
    tw_world_make(cx, &w);
    assert_ok(tw_ledger_new(cx, &l, NULL, w.genesis_body));
    return l;
}

static tw_bytes batch(uint32_t leaves)
{
    return tw_body_batch(cx, &(tw_batch_body){ .leaves = leaves });
}

static tw_code put_at(tw_ledger *l, tw_actor *a, uint16_t lane, uint64_t nonce)
{
    tw_bytes bytes;
    tw_op op = { .ledger = w.ledger, .party = a->id, .kind = TW_ENTRY_BATCH, .lane = lane, .nonce = nonce,
                 .valid_until = TW_WORLD_FOREVER, .body = batch(1) };
    assert_ok(tw_op_sign(cx, &bytes, &op, a->secret));
    return tw_world_put(cx, l, bytes);
}

/* ---------------------------------------------------------------- genesis */

TEST(genesis__is_entry_0_and_names_the_ledger)
{
    tw_ledger *l;
    tw_bytes entry;
    tw_entry e;
    uint8_t id[32];
    tw_world_make(cx, &w);
    assert_ok(tw_ledger_new(cx, &l, &entry, w.genesis_body));
    assert_ok(tw_entry_decode(cx, &e, entry));
    assert_int_equal(TW_ENTRY_GENESIS, e.kind);
    assert_int_equal(0, e.idx);
    assert_true(tw_bytes_eq(e.op, w.genesis_body));
    tw_hash_label(id, "tw/ledger/1", &entry, 1);
    assert_memory_equal(id, tw_ledger_id(l)->b, 32);
    assert_int_equal(1, tw_ledger_size(l));
    assert_int_equal(TW_WORLD_TIME, tw_ledger_time(l));
    assert_true(tw_ledger_genesis(l)->witness_none);
    assert_int_equal(3, tw_ledger_keeper_set(l)->t);
    assert_int_equal(TW_ROLE_KEEPER, tw_ledger_party(l, &w.keeper[2].id)->spec.role);
    tw_ledger_free(l);
}

TEST(genesis__that_makes_no_sense_is_refused)
{
    tw_bytes out;
    tw_world_make(cx, &w);
    const tw_genesis good = w.genesis;
    tw_party_spec party[TW_COUNT(w.spec)];
    assert_ok(tw_genesis_encode(cx, &out, &good));
#define REFUSED(change)                                                                            \
    do {                                                                                           \
        tw_genesis g = good;                                                                       \
        memcpy(party, w.spec, sizeof party);                                                       \
        g.party = party;                                                                           \
        change;                                                                                    \
        assert_status(TW_EPARSE, tw_genesis_encode(cx, &out, &g));                                 \
    } while (0)
    REFUSED(g.party_count = 0);
    REFUSED(party[0].id.b[0] ^= 1);
    REFUSED(party[1] = party[0]);
    REFUSED(party[0].role = 0);
    REFUSED(party[0].role = TW_ROLE_CLINICIAN + 1);
    REFUSED(party[0].url = TW_STR("https://a b"));
    REFUSED(g.steward_n = 2);
    REFUSED(g.steward_k = 0);
    REFUSED(g.steward_k = 4);
    REFUSED(g.keeper_set.party[0] = w.relay.id);
    REFUSED(g.keeper_set.party[0].b[0] ^= 1);
    REFUSED(g.keeper_set.party[0] = g.keeper_set.party[1]);
    REFUSED(g.keeper_set.t = 5);
    REFUSED(g.quota_per_day = 0);
    REFUSED(g.origin = TW_STR(""));
    REFUSED(g.origin = TW_STR("a+b"));
    REFUSED(g.origin = TW_STR("a b"));
#undef REFUSED
}

/* ---------------------------------------------------------------- what is not logged */

TEST(submit__does_not_log_what_it_cannot_read_or_authenticate)
{
    tw_ledger *l = fresh();
    tw_applied a;
    uint8_t root[32], after[32];
    tw_ledger_app_hash(root, l);
    tw_bytes good = tw_world_op(cx, &w, &w.source, TW_ENTRY_BATCH, batch(1));
    uint8_t *bad = tw_arena_get(cx->arena, good.n + 1);
    memcpy(bad, good.p, good.n);
    for (size_t n = 0; n < good.n; n++)
        assert_status(TW_EPARSE, tw_ledger_submit(cx, &a, l, (tw_bytes){ good.p, n }));
    assert_status(TW_EPARSE, tw_ledger_submit(cx, &a, l, (tw_bytes){ bad, good.n + 1 }));
    for (size_t i = 0; i < good.n; i++) {
        bad[i] ^= 1;
        assert_int_not_equal(TW_OK, tw_ledger_submit(cx, &a, l, (tw_bytes){ bad, good.n }));
        bad[i] ^= 1;
    }
    bad[0] ^= 1;
    assert_status(TW_EREFUSED, tw_ledger_submit(cx, &a, l, (tw_bytes){ bad, good.n })); /* another ledger */
    bad[0] ^= 1;
    bad[32] ^= 1;
    assert_status(TW_EREFUSED, tw_ledger_submit(cx, &a, l, (tw_bytes){ bad, good.n })); /* unknown party */
    bad[32] ^= 1;
    bad[good.n - 1] ^= 1;
    assert_status(TW_ECRYPTO, tw_ledger_submit(cx, &a, l, (tw_bytes){ bad, good.n }));
    tw_bytes body = tw_world_op(cx, &w, &w.source, TW_ENTRY_BATCH, (tw_bytes){ 0 }); /* signed, no shape */
    assert_status(TW_EPARSE, tw_ledger_submit(cx, &a, l, body));
    tw_bytes kind = tw_world_op(cx, &w, &w.source, TW_ENTRY_TICK, batch(1));
    assert_status(TW_EPARSE, tw_ledger_submit(cx, &a, l, kind));
    tw_ledger_app_hash(after, l);
    assert_memory_equal(root, after, 32);
    assert_int_equal(1, tw_ledger_size(l));
    assert_int_equal(TW_CODE_OK, tw_world_put(cx, l, good));
    tw_ledger_free(l);
}

/* ---------------------------------------------------------------- nonces, expiry, quota, time */

TEST(nonces__are_used_once_within_a_window_of_64)
{
    tw_ledger *l = fresh();
    assert_int_equal(1, tw_ledger_next_nonce(l, &w.source.id, 0));
    assert_int_equal(TW_CODE_SEQUENCE, put_at(l, &w.source, 0, 0));
    assert_int_equal(TW_CODE_SEQUENCE, put_at(l, &w.source, 0, 65)); /* too far */
    assert_int_equal(TW_CODE_OK, put_at(l, &w.source, 0, 64));
    assert_int_equal(65, tw_ledger_next_nonce(l, &w.source.id, 0));
    assert_int_equal(TW_CODE_SEQUENCE, put_at(l, &w.source, 0, 64));
    assert_int_equal(TW_CODE_OK, put_at(l, &w.source, 0, 1)); /* the last of the window */
    assert_int_equal(TW_CODE_SEQUENCE, put_at(l, &w.source, 0, 1));
    assert_int_equal(TW_CODE_OK, put_at(l, &w.source, 0, 63));
    assert_int_equal(TW_CODE_OK, put_at(l, &w.source, 0, 66));
    assert_int_equal(TW_CODE_SEQUENCE, put_at(l, &w.source, 0, 2)); /* fell out */
    assert_int_equal(TW_CODE_OK, put_at(l, &w.source, 0, 3));
    assert_int_equal(TW_CODE_OK, put_at(l, &w.source, 0, 65));
    assert_int_equal(TW_CODE_OK, put_at(l, &w.source, 0, 130));
    assert_int_equal(TW_CODE_SEQUENCE, put_at(l, &w.source, 0, 66));
    assert_int_equal(TW_CODE_OK, put_at(l, &w.source, 0, 67));
    assert_int_equal(TW_CODE_OK, put_at(l, &w.source, 7, 1)); /* lanes and parties are apart */
    assert_int_equal(TW_CODE_OK, put_at(l, &w.source2, 0, 1));
    assert_int_equal(2, tw_ledger_next_nonce(l, &w.source.id, 7));
    assert_int_equal(1, tw_ledger_next_nonce(l, &w.source.id, 8));
    tw_ledger_free(l);
}

TEST(expiry__is_half_open_and_consumes_the_nonce)
{
    tw_ledger *l = fresh();
    tw_bytes bytes;
    tw_op op = { .ledger = w.ledger, .party = w.source.id, .kind = TW_ENTRY_BATCH, .body = batch(1) };
    for (int late = 0; late < 2; late++) {
        op.nonce = (uint64_t)late + 1;
        op.valid_until = TW_WORLD_TIME + !late;
        assert_ok(tw_op_sign(cx, &bytes, &op, w.source.secret));
        assert_int_equal(late ? TW_CODE_EXPIRED : TW_CODE_OK, tw_world_put(cx, l, bytes));
        assert_int_equal(TW_CODE_SEQUENCE, tw_world_put(cx, l, bytes));
    }
    assert_int_equal(3, tw_ledger_next_nonce(l, &w.source.id, 0));
    tw_ledger_free(l);
}

TEST(quota__counts_by_utc_day_of_ticks)
{
    tw_ledger *l;
    tw_applied a;
    tw_world_make(cx, &w);
    w.genesis.quota_per_day = 3;
    tw_world_begin(cx, &w);
    assert_ok(tw_ledger_new(cx, &l, NULL, w.genesis_body));
    for (int day = 0; day < 3; day++) {
        for (int i = 0; i < 5; i++)
            assert_int_equal(i < 3 ? TW_CODE_OK : TW_CODE_QUOTA,
                             tw_world_do(cx, &w, l, &w.source, TW_ENTRY_BATCH, batch(1)));
        assert_int_equal(TW_CODE_OK, tw_world_do(cx, &w, l, &w.source2, TW_ENTRY_BATCH, batch(1)));
        assert_ok(tw_ledger_tick(cx, &a, l, TW_WORLD_TIME + (uint64_t)day * 86400 + 86399));
        assert_int_equal(TW_CODE_QUOTA, tw_world_do(cx, &w, l, &w.source, TW_ENTRY_BATCH, batch(1)));
        assert_ok(tw_ledger_tick(cx, &a, l, TW_WORLD_TIME + (uint64_t)day * 86400 + 86400));
    }
    tw_ledger_free(l);
}

TEST(tick__never_falls)
{
    tw_ledger *l = fresh();
    tw_applied a;
    assert_status(TW_EREFUSED, tw_ledger_tick(cx, &a, l, TW_WORLD_TIME - 1));
    assert_int_equal(1, tw_ledger_size(l));
    assert_ok(tw_ledger_tick(cx, &a, l, TW_WORLD_TIME));
    assert_ok(tw_ledger_tick(cx, &a, l, TW_WORLD_TIME + 5));
    assert_int_equal(TW_WORLD_TIME + 5, tw_ledger_time(l));
    assert_int_equal(3, tw_ledger_size(l));
    tw_ledger_free(l);
}

/* ---------------------------------------------------------------- the fixed sequence */

typedef struct {
    tw_ledger *l;
    tw_bytes entry[256];
    size_t count;
    unsigned codes[10];
    uint32_t kinds;
} recording;

static void record(void *arg, uint64_t tick_s, tw_bytes op)
{
    recording *r = arg;
    tw_applied a;
    if (op.p)
        assert_ok(tw_ledger_submit(cx, &a, r->l, op));
    else
        assert_ok(tw_ledger_tick(cx, &a, r->l, tick_s));
    r->codes[a.code]++;
    r->kinds |= 1u << a.entry.p[1];
    r->entry[r->count++] = a.entry;
}

static recording *play(void)
{
    recording *r = tw_new(cx->arena, recording);
    r->l = fresh();
    tw_world_play(cx, &w, record, r);
    return r;
}

/* Literals: gcc and clang, -O0 and -O3, every machine. */
TEST(fixed_sequence__gives_these_roots)
{
    recording *r = play();
    uint8_t root[32];
    assert_int_equal(151, tw_ledger_size(r->l));
    assert_hex("3bbb2f5d84c85a380a142e57c1b2d6302cff619ec5180f69f11c9975c6366ea1", tw_ledger_id(r->l)->b, 32);
    tw_ledger_log_root(root, r->l);
    assert_hex("6d93911b1137c3dddf7ad97808c939b6d03ef1e342a7bb244a6dde2ccdcb5eab", root, 32);
    tw_ledger_state_root(root, r->l);
    assert_hex("f012ccac3f7e40dbe18958bd05cf8483768956520018a96be29a3539af884ec7", root, 32);
    tw_ledger_app_hash(root, r->l);
    assert_hex("ddd900037d51ecd400e7a70c7de42b4c3101d5b31d804651c9684838cc93011d", root, 32);
    tw_ledger_free(r->l);
}

TEST(replay__repeats_every_byte_and_every_root)
{
    recording *r = play();
    tw_ledger *copy;
    uint8_t a[32], b[32];
    assert_ok(tw_ledger_new(cx, &copy, NULL, w.genesis_body));
    for (size_t i = 0; i < r->count; i++)
        assert_ok(tw_ledger_replay(cx, copy, r->entry[i]));
    tw_ledger_app_hash(a, r->l);
    tw_ledger_app_hash(b, copy);
    assert_memory_equal(a, b, 32);
    tw_ledger_log_root_at(a, copy, 57);
    tw_merkle_root(b, tw_ledger_leaves(r->l), 57);
    assert_memory_equal(a, b, 32);
    assert_status(TW_EVERIFY, tw_ledger_replay(cx, copy, r->entry[0])); /* once more: other index, other code */
    tw_ledger_free(copy);
    tw_ledger_free(r->l);
}

/* Every byte of the first entries of three kinds, each on a ledger that stands right before it. */
TEST(replay__refuses_an_entry_with_a_changed_byte)
{
    recording *r = play();
    for (size_t i = 0; i < 8; i++) {
        uint8_t *bad = tw_arena_get(cx->arena, r->entry[i].n);
        for (size_t k = 0; k < r->entry[i].n; k += i ? 7 : 1) {
            tw_ledger *copy;
            assert_ok(tw_ledger_new(cx, &copy, NULL, w.genesis_body));
            for (size_t j = 0; j < i; j++)
                assert_ok(tw_ledger_replay(cx, copy, r->entry[j]));
            memcpy(bad, r->entry[i].p, r->entry[i].n);
            bad[k] ^= 0x10;
            assert_status(TW_EVERIFY, tw_ledger_replay(cx, copy, (tw_bytes){ bad, r->entry[i].n }));
            tw_ledger_free(copy);
        }
    }
    tw_ledger_free(r->l);
}

TEST(fixed_sequence__has_every_kind_and_refusals)
{
    recording *r = play();
    uint32_t want = 0;
    for (unsigned kind = TW_ENTRY_TICK; kind <= TW_ENTRY_BREAK_GLASS; kind++)
        if (kind != TW_ENTRY_PARTY_ROTATE && kind != TW_ENTRY_PARTY_SUSPEND && kind != TW_ENTRY_ERASED)
            want |= 1u << kind;
    assert_int_equal(want, r->kinds);
    assert_true(r->codes[TW_CODE_STATE] > 1 && r->codes[TW_CODE_SEQUENCE] > 1);
    tw_ledger_free(r->l);
}
