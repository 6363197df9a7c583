/* The worked examples of docs/formats/ledger.md and state.md are what this room writes and reads. */
#include "page_test.h"
#include "test.h"

#include "ledger/ledger.h"
#include "ledger_world.h"

#define LEDGER "docs/formats/ledger.md"
#define STATE "docs/formats/state.md"

static tw_actor source, keeper, steward;

static void make(tw_actor *a, tw_party_spec *s, uint8_t fill, tw_role role)
{
    uint8_t seed[32];
    memset(seed, fill, sizeof seed);
    tw_sign_keys(a->public_key, a->secret, seed);
    tw_party_id(&a->id, a->public_key);
    *s = (tw_party_spec){ .id = a->id, .role = (uint8_t)role };
    memcpy(s->ed25519, a->public_key, TW_KEY);
    memset(s->x25519, 5, TW_KEY);
}

/* What the page says in words. */
static tw_bytes genesis_of_page(void)
{
    tw_party_spec party[3];
    uint8_t seed[32], secret[64];
    tw_bytes body;
    make(&source, &party[0], 1, TW_ROLE_SOURCE);
    make(&keeper, &party[1], 2, TW_ROLE_KEEPER);
    make(&steward, &party[2], 3, TW_ROLE_STEWARD);
    tw_genesis g = { .party = party,
                     .party_count = 3,
                     .keeper_set = { .generation = 1, .t = 1, .n = 1 },
                     .steward_k = 1,
                     .steward_n = 1,
                     .quota_per_day = 100,
                     .witness_none = true,
                     .origin = TW_STR("example.org/log"),
                     .time_s = TW_WORLD_TIME };
    g.keeper_set.party[0] = keeper.id;
    memset(seed, 4, sizeof seed);
    tw_sign_keys(g.log_key, secret, seed);
    assert_ok(tw_genesis_encode(cx, &body, &g));
    return body;
}

static void assert_page(const char *page, size_t which, tw_bytes got)
{
    tw_bytes want = page_hex(page, which);
    if (!tw_bytes_eq(want, got))
        fail_msg("%s, block %zu: %s", page, which, tw_hex(cx->arena, got).p);
}

static tw_ledger *ledger_of_page(void)
{
    tw_ledger *l;
    tw_bytes entry, signed_op;
    tw_applied a;
    assert_ok(tw_ledger_new(cx, &l, &entry, genesis_of_page()));
    assert_page(LEDGER, 0, entry);
    tw_batch_body b = { .leaves = 3, .bytes = 1000 };
    memset(b.root, 6, sizeof b.root);
    tw_op op = { .ledger = *tw_ledger_id(l), .party = source.id, .kind = TW_ENTRY_BATCH, .nonce = 1,
                 .valid_until = TW_WORLD_TIME + 86400, .body = tw_body_batch(cx, &b) };
    assert_ok(tw_op_sign(cx, &signed_op, &op, source.secret));
    assert_page(LEDGER, 1, signed_op);
    assert_ok(tw_ledger_submit(cx, &a, l, page_hex(LEDGER, 1)));
    assert_int_equal(TW_CODE_OK, a.code);
    assert_ok(tw_ledger_tick(cx, &a, l, TW_WORLD_TIME + 10));
    assert_page(LEDGER, 2, a.entry);
    return l;
}

TEST(page__ledger_examples_are_what_we_write_and_read)
{
    tw_entry e;
    tw_op op;
    tw_genesis g;
    tw_batch_body b;
    tw_bytes again;
    assert_ok(tw_entry_decode(cx, &e, page_hex(LEDGER, 0)));
    assert_ok(tw_genesis_decode(cx, &g, e.op));
    assert_str("example.org/log", g.origin);
    assert_int_equal(100, g.quota_per_day);
    assert_ok(tw_genesis_encode(cx, &again, &g));
    assert_true(tw_bytes_eq(again, e.op));
    tw_ledger *l = ledger_of_page();
    assert_ok(tw_op_decode(cx, &op, page_hex(LEDGER, 1)));
    assert_int_equal(TW_ENTRY_BATCH, op.kind);
    assert_int_equal(1, op.nonce);
    assert_int_equal(TW_WORLD_TIME + 86400, op.valid_until);
    assert_true(tw_id_eq(&op.party, &source.id) && tw_id_eq(&op.ledger, tw_ledger_id(l)));
    assert_ok(tw_body_batch_read(cx, &b, op.body));
    assert_int_equal(3, b.leaves);
    assert_int_equal(1000, b.bytes);
    assert_int_equal(6, b.root[31]);
    tw_ledger_free(l);
}

TEST(page__state_examples_are_what_we_prove)
{
    uint8_t roots[64], key[33] = { TW_STATE_PARTY }, nonce[16], hash[32];
    tw_bytes proof, value, record;
    tw_buf salted;
    bool present;
    tw_ledger *l = ledger_of_page();
    tw_ledger_state_root(roots, l);
    tw_ledger_app_hash(roots + 32, l);
    assert_page(STATE, 0, TW_BYTES(roots));
    memcpy(key + 1, source.id.b, 32);
    assert_ok(tw_ledger_prove_state(cx, &proof, &value, l, key));
    assert_page(STATE, 1, proof);
    assert_ok(tw_ledger_state_record(cx, nonce, &record, l, key));
    tw_buf_init(&salted, 1000);
    tw_buf_add(&salted, nonce, 16);
    tw_buf_add(&salted, record.p, record.n);
    assert_page(STATE, 2, tw_buf_view(&salted));
    tw_sha256_of(hash, page_hex(STATE, 2));
    assert_ok(tw_state_proof_ok(cx, &present, page_hex(STATE, 0).p, key, TW_BYTES(hash), page_hex(STATE, 1)));
    assert_true(present);
    tw_buf_done(&salted);
    key[0] = TW_STATE_COMP;
    memset(key + 1, 7, 32);
    assert_ok(tw_ledger_prove_state(cx, &proof, &value, l, key));
    assert_page(STATE, 3, proof);
    assert_ok(tw_state_proof_ok(cx, &present, page_hex(STATE, 0).p, key, (tw_bytes){ 0 }, page_hex(STATE, 3)));
    assert_false(present);
    tw_ledger_free(l);
}
