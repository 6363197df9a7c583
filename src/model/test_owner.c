/* Owner operations, deletions and stop receipts: shapes, signatures, vectors. */
#include "test_model.h"

typedef struct {
    uint8_t a_secret[64];
    uint8_t k_secret[64];
    tw_owner_op op;
} owner;

static void begin(owner *o, tw_owner_kind kind, tw_owner_signer signer)
{
    uint8_t seed[32];
    *o = (owner){ .op = { .kind = (uint8_t)kind, .signer = (uint8_t)signer } };
    count_up(seed, 32, 0x09);
    tw_sign_keys(o->op.a, o->a_secret, seed);
    count_up(seed, 32, 0x0a);
    tw_sign_keys(o->op.k, o->k_secret, seed);
    count_up(o->op.ledger.b, 32, 0);
    count_up(o->op.rest, 32, 0x55);
    tw_comp_id_of(&o->op.comp, o->op.a, o->op.k, o->op.rest);
    if (kind == TW_OWN_POLICY) {
        count_up(o->op.c, 32, 0x33);
        count_up(o->op.env, 32, 0x44);
    }
}

static tw_bytes sealed(owner *o)
{
    tw_bytes out;
    assert_ok(tw_owner_op_sign(cx, &out, &o->op, o->op.signer == TW_BY_A ? o->a_secret : o->k_secret));
    return out;
}

static tw_status decode(tw_bytes in)
{
    tw_owner_op op;
    return tw_owner_op_open(cx, &op, in);
}

static const struct {
    tw_owner_kind kind;
    tw_owner_signer signer;
} shapes[] = { { TW_OWN_POLICY, TW_BY_A }, { TW_OWN_STOP, TW_BY_A }, { TW_OWN_STOP, TW_BY_K },
               { TW_OWN_ERASE, TW_BY_A },  { TW_OWN_ERASE, TW_BY_K } };

TEST(owner_op__comes_back_as_it_was)
{
    for (size_t i = 0; i < TW_COUNT(shapes); i++) {
        owner o;
        begin(&o, shapes[i].kind, shapes[i].signer);
        o.op.version = (uint32_t)tw_test_random();
        tw_owner_op back;
        tw_bytes bytes = sealed(&o);
        assert_ok(tw_owner_op_open(cx, &back, bytes));
        assert_memory_equal(&o.op, &back, sizeof back);
    }
}

TEST(owner_op__refuses_other_lengths)
{
    for (size_t i = 0; i < TW_COUNT(shapes); i++) {
        owner o;
        begin(&o, shapes[i].kind, shapes[i].signer);
        assert_exact(sealed(&o), decode);
    }
}

TEST(owner_op__refuses_every_flipped_byte)
{
    owner o;
    begin(&o, TW_OWN_POLICY, TW_BY_A);
    tw_bytes bytes = sealed(&o);
    uint8_t *p = tw_arena_get(cx->arena, bytes.n);
    memcpy(p, bytes.p, bytes.n);
    for (size_t i = 0; i < bytes.n; i++) {
        p[i] ^= 0x01;
        assert_true(decode((tw_bytes){ p, bytes.n }) != TW_OK);
        p[i] ^= 0x01;
    }
    assert_ok(decode((tw_bytes){ p, bytes.n }));
}

TEST(owner_op__a_policy_is_by_a_and_shapes_have_names)
{
    static const struct {
        uint8_t kind;
        uint8_t signer;
    } rows[] = { { TW_OWN_POLICY, TW_BY_K }, { 0, TW_BY_A }, { 4, TW_BY_A }, { TW_OWN_STOP, 0 }, { TW_OWN_STOP, 3 } };
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        owner o;
        tw_bytes out;
        begin(&o, TW_OWN_STOP, TW_BY_A);
        o.op.kind = rows[i].kind;
        o.op.signer = rows[i].signer;
        assert_status(TW_EPARSE, tw_owner_op_sign(cx, &out, &o.op, o.a_secret));
    }
}

/* What tw_owner_op_sign would not sign, signed by hand with the right key. */
TEST(owner_op__refuses_shapes_that_are_well_signed)
{
    static const struct {
        uint8_t kind;
        uint8_t signer;
        tw_status want;
    } rows[] = {
        { TW_OWN_STOP, TW_BY_K, TW_OK }, { TW_OWN_POLICY, TW_BY_K, TW_EPARSE },     { 0, TW_BY_K, TW_EPARSE },
        { TW_OWN_STOP, 0, TW_EPARSE },   { TW_OWN_ERASE + 1, TW_BY_K, TW_EPARSE }, { TW_OWN_STOP, 3, TW_EPARSE },
    };
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        owner o;
        begin(&o, TW_OWN_STOP, TW_BY_K);
        tw_bytes stop = sealed(&o);
        tw_buf b;
        tw_buf_init(&b, TW_KIB);
        tw_buf_add(&b, stop.p, stop.n - TW_SIG);
        b.p[32] = rows[i].kind;
        b.p[b.n - 1] = rows[i].signer;
        if (rows[i].kind == TW_OWN_POLICY)
            for (int k = 0; k < 64; k++)
                tw_buf_u8(&b, 0);
        uint8_t sig[TW_SIG];
        tw_sign(cx, sig, o.k_secret, "tw/own/1", tw_buf_view(&b));
        tw_buf_add(&b, sig, sizeof sig);
        assert_status(rows[i].want, decode(taken(&b)));
    }
}

TEST(owner_op__refuses_the_other_key_and_a_foreign_id)
{
    owner o;
    tw_bytes out;
    begin(&o, TW_OWN_STOP, TW_BY_A);
    assert_ok(tw_owner_op_sign(cx, &out, &o.op, o.k_secret));
    assert_status(TW_ECRYPTO, decode(out));
    begin(&o, TW_OWN_STOP, TW_BY_K);
    assert_ok(tw_owner_op_sign(cx, &out, &o.op, o.a_secret));
    assert_status(TW_ECRYPTO, decode(out));
    begin(&o, TW_OWN_ERASE, TW_BY_A); /* keys of one's own, another's compartment */
    o.op.comp.b[0] ^= 1;
    assert_status(TW_ECRYPTO, decode(sealed(&o)));
    begin(&o, TW_OWN_ERASE, TW_BY_A);
    o.op.rest[0] ^= 1;
    assert_status(TW_ECRYPTO, decode(sealed(&o)));
}

TEST(owner_op__page_examples)
{
    owner o;
    begin(&o, TW_OWN_POLICY, TW_BY_A);
    o.op.version = 2;
    assert_same(page_hex("owner.md", 0), sealed(&o));
    assert_ok(decode(page_hex("owner.md", 0)));
    begin(&o, TW_OWN_STOP, TW_BY_K);
    o.op.version = 9;
    assert_same(page_hex("owner.md", 1), sealed(&o));
    assert_ok(decode(page_hex("owner.md", 1)));
}

/* ---------------------------------------------------------------- deletions and receipts */

static tw_status deletion_decode(tw_bytes in)
{
    tw_rd rd = tw_rd_of(in);
    tw_deletion d;
    tw_deletion_read(&d, &rd);
    return tw_rd_end(cx, &rd, "deletion");
}

TEST(deletion__page_example_signature_and_lengths)
{
    owner o;
    begin(&o, TW_OWN_ERASE, TW_BY_A);
    tw_deletion d = { .comp = o.op.comp, .idx = 99 };
    count_up(d.keeper.b, 32, 1);
    tw_deletion_sign(cx, &d, o.a_secret);
    assert_true(tw_deletion_ok(cx, &d, o.op.a));
    assert_false(tw_deletion_ok(cx, &d, o.op.k));
    tw_buf b;
    tw_buf_init(&b, TW_KIB);
    tw_deletion_encode(&b, &d);
    tw_bytes bytes = taken(&b);
    assert_same(page_hex("owner.md", 2), bytes);
    tw_rd rd = tw_rd_of(bytes);
    tw_deletion back;
    tw_deletion_read(&back, &rd);
    assert_ok(tw_rd_end(cx, &rd, "deletion"));
    assert_memory_equal(&d, &back, sizeof d);
    assert_exact(bytes, deletion_decode);
    back.idx++;
    assert_false(tw_deletion_ok(cx, &back, o.op.a));
    back = d;
    back.comp.b[5] ^= 1;
    assert_false(tw_deletion_ok(cx, &back, o.op.a));
    back = d;
    back.keeper.b[5] ^= 1;
    assert_false(tw_deletion_ok(cx, &back, o.op.a));
}

static tw_status receipt_decode(tw_bytes in)
{
    tw_rd rd = tw_rd_of(in);
    tw_stop_receipt r;
    tw_stop_receipt_read(&r, &rd);
    return tw_rd_end(cx, &rd, "receipt");
}

TEST(stop_receipt__page_example_signature_and_lengths)
{
    owner o;
    begin(&o, TW_OWN_STOP, TW_BY_A);
    tw_stop_receipt r = { .log_size = 100 };
    count_up(r.keeper.b, 32, 1);
    tw_sha256_of(r.op_hash, page_hex("owner.md", 1));
    tw_stop_receipt_sign(cx, &r, o.a_secret);
    assert_true(tw_stop_receipt_ok(cx, &r, o.op.a));
    assert_false(tw_stop_receipt_ok(cx, &r, o.op.k));
    tw_buf b;
    tw_buf_init(&b, TW_KIB);
    tw_stop_receipt_encode(&b, &r);
    tw_bytes bytes = taken(&b);
    assert_same(page_hex("owner.md", 3), bytes);
    assert_exact(bytes, receipt_decode);
    tw_rd rd = tw_rd_of(bytes);
    tw_stop_receipt back;
    tw_stop_receipt_read(&back, &rd);
    assert_memory_equal(&r, &back, sizeof r);
    back.log_size++;
    assert_false(tw_stop_receipt_ok(cx, &back, o.op.a));
}

TEST(words__of_one_kind_are_not_of_the_other)
{
    owner o;
    begin(&o, TW_OWN_STOP, TW_BY_A);
    tw_deletion d = { .comp = o.op.comp, .idx = 1 };
    tw_deletion_sign(cx, &d, o.a_secret);
    tw_stop_receipt r = { .keeper = d.keeper, .log_size = 1 };
    memcpy(r.op_hash, d.comp.b, 32);
    memcpy(r.sig, d.sig, sizeof r.sig);
    assert_false(tw_stop_receipt_ok(cx, &r, o.op.a));
}
