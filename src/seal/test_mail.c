#include "test_seal.h"

typedef struct {
    world *w;
    tw_wallet *wallet;
    tw_wallet_entry *e;
    uint8_t b[TW_SCALAR];
    uint8_t b_point[TW_POINT];
    tw_bytes op;
    tw_bytes mail[N];
} post_office;

static post_office *open_office(bool directed)
{
    post_office *p = tw_new(cx->arena, post_office);
    p->w = world_new();
    p->w->opts.directed = directed;
    p->wallet = wallet_new();
    enrol(p->w, p->wallet);
    p->e = tw_wallet_at(p->wallet, 0);
    tw_scalar_random(cx, p->b);
    assert_ok(tw_point_base(cx, p->b_point, p->b));
    return p;
}

static void send(post_office *p, tw_mail_kind kind)
{
    assert_ok(tw_wallet_policy(cx, &p->op, p->mail, p->wallet, &p->e->comp, &p->w->policy, kind,
                               kind == TW_MAIL_DIRECTED ? p->b_point : NULL, &p->w->set, p->w->opts.import_key));
}

static tw_status receive(const post_office *p, tw_mail *m, tw_bytes sealed, uint8_t index)
{
    return tw_mail_open(cx, m, sealed, p->w->import_secret[index - 1], &p->e->record, index);
}

TEST(mail__and_operation_say_the_same)
{
    post_office *p = open_office(false);
    tw_owner_op op;
    uint8_t env[32];
    send(p, TW_MAIL_POLICY);
    assert_ok(tw_owner_op_open(cx, &op, p->op));
    assert_int_equal(TW_OWN_POLICY, op.kind);
    assert_int_equal(2, op.version);
    tw_mail_env(env, p->mail, N);
    assert_memory_equal(env, op.env, sizeof env);
    for (uint8_t i = 1; i <= N; i++) {
        tw_mail m;
        assert_ok(receive(p, &m, p->mail[i - 1], i));
        assert_int_equal(TW_MAIL_POLICY, m.kind);
        assert_int_equal(0, m.t);
        assert_ok(tw_mail_check(cx, &m, 2, op.c));
        assert_status(TW_EVERIFY, tw_mail_check(cx, &m, 3, op.c));
        op.c[0] ^= 1;
        assert_status(TW_EVERIFY, tw_mail_check(cx, &m, 2, op.c));
        op.c[0] ^= 1;
        assert_same(p->e->policy, m.policy);
        assert_memory_equal(p->e->salt, m.salt, 32);
    }
    assert_int_equal(2, p->e->version);
    assert_int_equal(1, p->e->status);
    tw_wallet_free(p->wallet);
}

TEST(mail__lifts_a_stop_with_the_version_after_it)
{
    post_office *p = open_office(false);
    tw_owner_op op;
    assert_ok(tw_wallet_stop(cx, &p->op, p->wallet, &p->e->comp, false));
    send(p, TW_MAIL_POLICY);
    assert_ok(tw_owner_op_open(cx, &op, p->op));
    assert_int_equal(3, op.version);
    assert_int_equal(1, p->e->status);
    tw_wallet_free(p->wallet);
}

TEST(mail__env_depends_on_each_mail_and_their_order)
{
    const tw_bytes one = tw_bytes_of(TW_STR("one"));
    const tw_bytes two = tw_bytes_of(TW_STR("two"));
    const tw_bytes forth[] = { one, two };
    const tw_bytes back[] = { two, one };
    uint8_t a[32];
    uint8_t b[32];
    tw_mail_env(a, forth, 2);
    tw_mail_env(b, back, 2);
    assert_memory_not_equal(a, b, 32);
    uint8_t both[64]; /* H(H(one) || H(two)) */
    tw_sha256_of(both, one);
    tw_sha256_of(both + 32, two);
    tw_sha256_of(b, TW_BYTES(both));
    assert_memory_equal(b, a, 32);
}

TEST(mail__directed_brings_a_share_for_one_grantee)
{
    post_office *p = open_office(true);
    const uint8_t none[TW_POINT] = { 0 };
    assert_memory_equal(none, p->e->grant_x, TW_POINT);
    send(p, TW_MAIL_DIRECTED);
    for (uint8_t i = 1; i <= N; i++) {
        tw_mail m;
        assert_ok(receive(p, &m, p->mail[i - 1], i));
        assert_int_equal(TW_MAIL_DIRECTED, m.kind);
        assert_memory_equal(p->b_point, m.b, TW_POINT);
        assert_memory_equal(p->e->grant_x, m.x, TW_POINT);
        assert_int_equal(T, m.t);
    }
    tw_wallet_free(p->wallet);
}

TEST(mail__class_on_a_class_record_brings_the_shares_of_enrolment)
{
    post_office *p = open_office(false);
    tw_wallet *again = wallet_new();
    const tw_bundle *b = enrol(p->w, again);
    const tw_keeper_share *s = import_all(p->w, &b->entry[0]);
    tw_mail m;
    tw_wallet_free(p->wallet);
    p->wallet = again;
    p->e = tw_wallet_at(again, 0);
    send(p, TW_MAIL_CLASS);
    for (uint8_t i = 1; i <= N; i++) {
        assert_ok(receive(p, &m, p->mail[i - 1], i));
        assert_memory_equal(s[i - 1].a, m.a, TW_SCALAR);
    }
    tw_wallet_free(again);
}

TEST(mail__class_on_a_directed_record_brings_its_own_commitments)
{
    post_office *p = open_office(true);
    tw_mail m;
    send(p, TW_MAIL_CLASS);
    assert_ok(receive(p, &m, p->mail[1], 2));
    assert_int_equal(T, m.t);
    assert_true(tw_share_ok(cx, m.a, 2, m.commits[0], T));
    tw_wallet_free(p->wallet);
}

TEST(mail__is_for_one_keeper_and_one_compartment)
{
    post_office *p = open_office(false);
    post_office *other = open_office(false);
    tw_mail m;
    send(p, TW_MAIL_CLASS);
    assert_status(TW_ECRYPTO, receive(p, &m, p->mail[0], 2));
    assert_status(TW_ECRYPTO,
                  tw_mail_open(cx, &m, p->mail[0], p->w->import_secret[0], &other->e->record, 1)); /* aad: the id */
    assert_status(TW_ECRYPTO, tw_mail_open(cx, &m, p->mail[0], p->w->import_secret[0], &p->e->record, 2));
    assert_status(TW_ECRYPTO, receive(p, &m, flipped(p->mail[0], 50), 1));
    assert_ok(receive(p, &m, p->mail[0], 1));
    tw_wallet_free(p->wallet);
    tw_wallet_free(other->wallet);
}

TEST(mail__for_another_keeper_set_is_not_made)
{
    post_office *p = open_office(false);
    tw_keeper_set set = p->w->set;
    set.generation++;
    assert_status(TW_EVERIFY, tw_wallet_policy(cx, &p->op, p->mail, p->wallet, &p->e->comp, &p->w->policy,
                  TW_MAIL_POLICY,
                                               NULL, &set, p->w->opts.import_key));
    assert_int_equal(1, p->e->version);
    tw_wallet_free(p->wallet);
}

/* Opens, lets `change` at the plain text, seals again. */
static tw_status receive_changed(const post_office *p, size_t at, uint8_t x, int longer)
{
    tw_bytes plain;
    tw_bytes sealed;
    tw_mail m;
    assert_ok(tw_box_open(cx, &plain, p->w->import_secret[0], p->mail[0], tw_id_bytes(&p->e->comp)));
    uint8_t *q = copy_of(plain);
    q[at] ^= x;
    plain = (tw_bytes){ q, (size_t)((int)plain.n + longer) };
    assert_ok(tw_box_seal(cx, &sealed, p->w->import_public[0], plain, tw_id_bytes(&p->e->comp)));
    const tw_mail zero = { 0 };
    tw_status s = receive(p, &m, sealed, 1);
    if (s != TW_OK)
        assert_memory_equal(&zero, &m, sizeof m);
    return s;
}

TEST(mail__of_wrong_shape_is_refused)
{
    post_office *p = open_office(true);
    send(p, TW_MAIL_DIRECTED);
    const size_t kind_at = 4 + 32 + 4 + p->e->policy.n;
    assert_ok(receive_changed(p, 0, 0, 0));
    assert_status(TW_EPARSE, receive_changed(p, 3, 2 ^ 1, 0));                            /* version 1 */
    assert_status(TW_EPARSE, receive_changed(p, kind_at, TW_MAIL_DIRECTED ^ 3, 0));       /* no such kind */
    assert_status(TW_EPARSE, receive_changed(p, kind_at, TW_MAIL_DIRECTED ^ TW_MAIL_POLICY, 0));
    assert_status(TW_EPARSE, receive_changed(p, kind_at, TW_MAIL_DIRECTED ^ TW_MAIL_CLASS, 0));
    assert_status(TW_EPARSE, receive_changed(p, kind_at + 1 + 96 + 3, 1, 0));             /* t */
    assert_status(TW_EPARSE, receive_changed(p, 0, 0, -1));
    assert_status(TW_EPARSE, receive_changed(p, 0, 0, 1));
    assert_status(TW_ECRYPTO, receive_changed(p, kind_at + 1 + 64, 1, 0));                /* share */
    assert_status(TW_ECRYPTO, receive_changed(p, kind_at + 1 + 96 + 4, 1, 0));            /* commitment */
    tw_wallet_free(p->wallet);
}

TEST(mail__class_with_other_commitments_than_the_record_is_refused)
{
    post_office *p = open_office(false);
    send(p, TW_MAIL_CLASS);
    const size_t kind_at = 4 + 32 + 4 + p->e->policy.n;
    assert_status(TW_EVERIFY, receive_changed(p, kind_at + 1 + 32 + 4, 1, 0));
    assert_status(TW_ECRYPTO, receive_changed(p, kind_at + 1, 1, 0));
    assert_ok(receive_changed(p, 0, 0, 0));
    tw_wallet_free(p->wallet);
}
