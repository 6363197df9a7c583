#include "test_seal.h"

static void assert_same_keys(const tw_wallet *a, const tw_wallet *b, const tw_comp *c)
{
    tw_comp_keys x;
    tw_comp_keys y;
    assert_ok(tw_wallet_keys(cx, &x, a, &c->source, (tw_category)c->category, c->epoch, c->generation));
    assert_ok(tw_wallet_keys(cx, &y, b, &c->source, (tw_category)c->category, c->epoch, c->generation));
    assert_memory_equal(x.a, y.a, sizeof x.a);
    assert_memory_equal(x.sign_a, y.sign_a, sizeof x.sign_a);
    assert_memory_equal(x.public_a, y.public_a, sizeof x.public_a);
    assert_memory_equal(x.watch, y.watch, sizeof x.watch);
    if (y.has_k) {
        assert_memory_equal(x.sign_k, y.sign_k, sizeof x.sign_k);
        assert_memory_equal(x.public_k, y.public_k, sizeof x.public_k);
    }
}

static void assert_same_wallet(tw_wallet *a, tw_wallet *b)
{
    uint8_t handle_a[16];
    uint8_t handle_b[16];
    uint64_t size_a;
    uint64_t size_b;
    uint8_t root_a[32];
    uint8_t root_b[32];
    tw_wallet_handle(handle_a, a);
    tw_wallet_handle(handle_b, b);
    assert_memory_equal(handle_a, handle_b, sizeof handle_a);
    tw_wallet_seen(a, &size_a, root_a);
    tw_wallet_seen(b, &size_b, root_b);
    assert_int_equal(size_a, size_b);
    assert_memory_equal(root_a, root_b, sizeof root_a);
    assert_true(tw_str_eq(tw_wallet_label(a), tw_wallet_label(b)));
    assert_int_equal(tw_wallet_count(a), tw_wallet_count(b));
    for (size_t i = 0; i < tw_wallet_count(a); i++) {
        const tw_wallet_entry *x = tw_wallet_at(a, i);
        const tw_wallet_entry *y = tw_wallet_at(b, i);
        assert_true(tw_id_eq(&x->comp, &y->comp));
        assert_memory_equal(&x->record, &y->record, sizeof x->record);
        assert_int_equal(x->version, y->version);
        assert_int_equal(x->status, y->status);
        assert_same(x->policy, y->policy);
        assert_memory_equal(x->salt, y->salt, sizeof x->salt);
        assert_memory_equal(x->grant_x, y->grant_x, sizeof x->grant_x);
        assert_same_keys(a, b, &x->record.body);
    }
}

/* A wallet with a stopped compartment, a directed grant and a checkpoint. */
static tw_wallet *lived_in(world *w)
{
    tw_wallet *wallet = wallet_new();
    w->opts.categories = TW_CAT_BIT(TW_CAT_LABS) | TW_CAT_BIT(TW_CAT_VITALS);
    enrol(w, wallet);
    uint8_t b[TW_SCALAR];
    uint8_t b_point[TW_POINT];
    tw_bytes op;
    tw_bytes mail[N];
    tw_scalar_random(cx, b);
    assert_ok(tw_point_base(cx, b_point, b));
    assert_ok(tw_wallet_policy(cx, &op, mail, wallet, &tw_wallet_at(wallet, 0)->comp, &w->policy, TW_MAIL_DIRECTED,
              b_point,
                               &w->set, w->opts.import_key));
    assert_ok(tw_wallet_stop(cx, &op, wallet, &tw_wallet_at(wallet, 1)->comp, false));
    tw_wallet_see(wallet, 77, w->ledger.b);
    return wallet;
}

TEST(wallet__restored_from_its_file_makes_the_same_keys)
{
    world *w = world_new();
    tw_wallet *a = lived_in(w);
    const tw_str phrases[] = { TW_STR(""), TW_STR("correct horse") };
    for (size_t i = 0; i < TW_COUNT(phrases); i++) {
        tw_bytes file;
        tw_wallet *b;
        assert_ok(tw_wallet_save(cx, &file, a, true, phrases[i]));
        assert_ok(tw_wallet_load(cx, &b, file, phrases[i]));
        assert_true(tw_wallet_has_stop_root(b));
        assert_same_wallet(a, b);
        tw_wallet_free(b);
    }
    tw_wallet_free(a);
}

TEST(wallet__without_its_stop_root_cannot_stop_by_K_or_enrol)
{
    world *w = world_new();
    tw_wallet *a = lived_in(w);
    tw_wallet *b;
    tw_bytes file;
    tw_bytes op;
    assert_ok(tw_wallet_save(cx, &file, a, false, TW_STR("")));
    assert_ok(tw_wallet_load(cx, &b, file, TW_STR("")));
    assert_false(tw_wallet_has_stop_root(b));
    assert_same_wallet(a, b);
    const tw_id comp = tw_wallet_at(b, 0)->comp;
    assert_status(TW_ENOTFOUND, tw_wallet_stop(cx, &op, b, &comp, true));
    assert_status(TW_ENOTFOUND, tw_enrol_make(cx, &op, b, &w->opts));
    assert_ok(tw_wallet_stop(cx, &op, b, &comp, false));
    assert_ok(tw_wallet_stop(cx, &op, a, &comp, true));
    tw_wallet_free(a);
    tw_wallet_free(b);
}

static bool holds(tw_bytes file, tw_bytes what)
{
    return tw_str_find(tw_str_of_bytes(file), tw_str_of_bytes(what)) != SIZE_MAX;
}

TEST(wallet__stop_file_stops_and_erases_for_good_and_does_nothing_else)
{
    world *w = world_new();
    tw_wallet *a = lived_in(w);
    tw_wallet *b;
    tw_bytes whole;
    tw_bytes file;
    tw_bytes by_a;
    tw_bytes by_b;
    assert_ok(tw_wallet_save(cx, &whole, a, true, TW_STR("")));
    assert_ok(tw_wallet_save_stop(cx, &file, a, TW_STR("")));
    const tw_wallet_entry *e = tw_wallet_at(a, 0);
    const tw_bytes root = { whole.p + 10 + 4 + tw_wallet_label(a).n + 1, 32 };
    const tw_bytes stop_root = { root.p + 32, 32 };
    assert_true(holds(whole, root) && holds(whole, e->policy) && holds(whole, TW_BYTES(e->salt)));
    assert_true(holds(file, stop_root));
    assert_false(holds(file, root) || holds(file, e->policy) || holds(file, TW_BYTES(e->salt)));
    assert_ok(tw_wallet_load(cx, &b, file, TW_STR("")));
    assert_true(tw_wallet_has_stop_root(b) && !tw_wallet_has_root(b));
    assert_int_equal(tw_wallet_count(a), tw_wallet_count(b));
    const tw_id comp = e->comp;
    assert_status(TW_ENOTFOUND, tw_wallet_stop(cx, &by_b, b, &comp, false));
    assert_status(TW_ENOTFOUND, tw_wallet_erase(cx, &by_b, b, &comp, false));
    assert_status(TW_ENOTFOUND, tw_enrol_make(cx, &by_b, b, &w->opts));
    assert_ok(tw_wallet_save(cx, &by_b, b, true, TW_STR("")));
    assert_true(tw_bytes_eq(by_b, file));
    assert_ok(tw_wallet_stop(cx, &by_a, a, &comp, true));
    assert_ok(tw_wallet_stop(cx, &by_b, b, &comp, true));
    assert_true(tw_bytes_eq(by_a, by_b));
    assert_ok(tw_wallet_erase(cx, &by_a, a, &comp, true));
    assert_ok(tw_wallet_erase(cx, &by_b, b, &comp, true));
    assert_true(tw_bytes_eq(by_a, by_b));
    tw_wallet_free(a);
    tw_wallet_free(b);
}

TEST(wallet__refuses_a_wrong_pass_phrase)
{
    tw_wallet *a = wallet_new();
    tw_wallet *b;
    tw_bytes file;
    assert_ok(tw_wallet_save(cx, &file, a, true, TW_STR("correct horse")));
    assert_status(TW_ECRYPTO, tw_wallet_load(cx, &b, file, TW_STR("correct horsf")));
    assert_null(b);
    assert_status(TW_ECRYPTO, tw_wallet_load(cx, &b, file, TW_STR("")));
    assert_status(TW_ECRYPTO, tw_wallet_load(cx, &b, flipped(file, file.n - 1), TW_STR("correct horse")));
    assert_status(TW_ECRYPTO, tw_wallet_load(cx, &b, flipped(file, 12), TW_STR("correct horse")));
    assert_ok(tw_wallet_load(cx, &b, file, TW_STR("correct horse")));
    tw_wallet_free(a);
    tw_wallet_free(b);
}

TEST(wallet__file_shows_no_root_under_a_pass_phrase)
{
    tw_wallet *a = wallet_new();
    tw_bytes plain;
    tw_bytes sealed;
    assert_ok(tw_wallet_save(cx, &plain, a, true, TW_STR("")));
    assert_ok(tw_wallet_save(cx, &sealed, a, true, TW_STR("correct horse")));
    const tw_str root = { (const char *)plain.p + 10 + 4 + 12 + 1, 32 };
    assert_int_not_equal(SIZE_MAX, tw_str_find(tw_str_of_bytes(plain), root));
    assert_int_equal(SIZE_MAX, tw_str_find(tw_str_of_bytes(sealed), root));
    tw_wallet_free(a);
}

TEST(wallet__refuses_a_costly_or_odd_head)
{
    tw_wallet *a = wallet_new();
    tw_wallet *b;
    tw_bytes file;
    assert_ok(tw_wallet_save(cx, &file, a, true, TW_STR("p")));
    uint8_t *p = copy_of(file);
    tw_put_be32(p + 10 + 16 + 4, UINT32_MAX); /* memory */
    assert_status(TW_ELIMIT, tw_wallet_load(cx, &b, (tw_bytes){ p, file.n }, TW_STR("p")));
    p = copy_of(file);
    tw_put_be32(p + 10 + 16, 0); /* passes */
    assert_status(TW_ELIMIT, tw_wallet_load(cx, &b, (tw_bytes){ p, file.n }, TW_STR("p")));
    for (size_t i = 0; i < 10; i++) {
        p = copy_of(file);
        p[i] ^= 0x80;
        assert_status(TW_EPARSE, tw_wallet_load(cx, &b, (tw_bytes){ p, file.n }, TW_STR("p")));
    }
    tw_wallet_free(a);
}

static tw_status load_plain(tw_bytes file)
{
    tw_wallet *w;
    tw_status s = tw_wallet_load(cx, &w, file, TW_STR(""));
    tw_wallet_free(w);
    return s;
}

TEST(wallet__altered_at_any_byte_is_refused)
{
    world *w = world_new();
    tw_wallet *a = wallet_new();
    tw_bytes file;
    enrol(w, a);
    assert_ok(tw_wallet_save(cx, &file, a, true, TW_STR("")));
    for (size_t i = 0; i < file.n; i++) {
        const tw_mark m = tw_arena_mark(cx->arena);
        if (load_plain(flipped(file, i)) == TW_OK)
            fail_msg("byte %zu of %zu may be altered", i, file.n);
        tw_arena_back(cx->arena, m);
    }
    assert_exact(file, load_plain);
    tw_wallet_free(a);
}

TEST(wallet__whose_root_does_not_give_its_keys_is_refused)
{
    world *w = world_new();
    tw_wallet *a = wallet_new();
    tw_bytes file;
    enrol(w, a);
    assert_ok(tw_wallet_save(cx, &file, a, true, TW_STR("")));
    const size_t root_at = 10 + 4 + tw_wallet_label(a).n + 1;
    for (size_t at = root_at; at < root_at + 64; at += 32) { /* root, stop root */
        uint8_t *p = copy_of(file);
        p[at] ^= 1;
        tw_sha256_of(p + file.n - 32, (tw_bytes){ p, file.n - 32 }); /* a true hash over a false root */
        assert_status(TW_EPARSE, load_plain((tw_bytes){ p, file.n }));
    }
    tw_wallet_free(a);
}

TEST(wallet__keys_differ_with_each_part_of_their_place)
{
    tw_wallet *w = wallet_new();
    tw_comp_keys k[5];
    tw_id here = { { 1 } };
    tw_id there = { { 2 } };
    assert_ok(tw_wallet_keys(cx, &k[0], w, &here, TW_CAT_LABS, 2026, 0));
    assert_ok(tw_wallet_keys(cx, &k[1], w, &there, TW_CAT_LABS, 2026, 0));
    assert_ok(tw_wallet_keys(cx, &k[2], w, &here, TW_CAT_VITALS, 2026, 0));
    assert_ok(tw_wallet_keys(cx, &k[3], w, &here, TW_CAT_LABS, 2027, 0));
    assert_ok(tw_wallet_keys(cx, &k[4], w, &here, TW_CAT_LABS, 2026, 1));
    for (size_t i = 0; i < 5; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(k[i].a, k[j].a, 32);
            assert_memory_not_equal(k[i].public_a, k[j].public_a, 32);
            assert_memory_not_equal(k[i].public_k, k[j].public_k, 32);
            assert_memory_not_equal(k[i].watch, k[j].watch, 32);
        }
        tw_comp_keys_wipe(&k[i]);
    }
    const tw_comp_keys zero = { 0 };
    assert_memory_equal(&zero, &k[0], sizeof zero);
    assert_status(TW_EUSAGE, tw_wallet_keys(cx, &k[0], w, &here, (tw_category)16, 2026, 0));
    tw_wallet_free(w);
}

TEST(wallet__label_is_text_of_limited_size)
{
    tw_wallet *w;
    char *text = tw_arena_get(cx->arena, TW_WALLET_LABEL_MAX + 1);
    memset(text, 'x', TW_WALLET_LABEL_MAX + 1);
    assert_status(TW_ELIMIT, tw_wallet_new(cx, &w, (tw_str){ text, TW_WALLET_LABEL_MAX + 1 }));
    assert_status(TW_EPARSE, tw_wallet_new(cx, &w, TW_STR("\xff")));
    assert_ok(tw_wallet_new(cx, &w, (tw_str){ text, TW_WALLET_LABEL_MAX }));
    tw_wallet_free(w);
}

/* ---------------------------------------------------------------- owner operations */

TEST(stop__takes_the_next_version_and_verifies)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    tw_bytes op;
    tw_owner_op o;
    enrol(w, wallet);
    const tw_wallet_entry *e = tw_wallet_at(wallet, 0);
    const tw_id comp = e->comp;
    assert_ok(tw_wallet_stop(cx, &op, wallet, &comp, false));
    assert_ok(tw_owner_op_open(cx, &o, op));
    assert_int_equal(TW_OWN_STOP, o.kind);
    assert_int_equal(TW_BY_A, o.signer);
    assert_int_equal(2, o.version);
    assert_true(tw_id_eq(&comp, &o.comp));
    assert_true(tw_id_eq(&w->ledger, &o.ledger));
    assert_int_equal(2, e->version);
    assert_int_equal(2, e->status);
    assert_ok(tw_wallet_stop(cx, &op, wallet, &comp, true));
    assert_ok(tw_owner_op_open(cx, &o, op));
    assert_int_equal(TW_BY_K, o.signer);
    assert_int_equal(2, e->version);
    tw_wallet_free(wallet);
}

TEST(erase__by_either_key_and_nothing_after_it)
{
    world *w = world_new();
    for (int by_k = 0; by_k < 2; by_k++) {
        tw_wallet *wallet = wallet_new();
        tw_bytes op;
        tw_bytes mail[N];
        tw_owner_op o;
        enrol(w, wallet);
        const tw_id comp = tw_wallet_at(wallet, 0)->comp;
        assert_ok(tw_wallet_erase(cx, &op, wallet, &comp, by_k));
        assert_ok(tw_owner_op_open(cx, &o, op));
        assert_int_equal(TW_OWN_ERASE, o.kind);
        assert_int_equal(by_k ? TW_BY_K : TW_BY_A, o.signer);
        assert_int_equal(3, tw_wallet_at(wallet, 0)->status);
        assert_status(TW_ECONFLICT, tw_wallet_erase(cx, &op, wallet, &comp, by_k));
        assert_status(TW_ECONFLICT, tw_wallet_stop(cx, &op, wallet, &comp, by_k));
        assert_status(TW_ECONFLICT, tw_wallet_policy(cx, &op, mail, wallet, &comp, &w->policy, TW_MAIL_POLICY, NULL,
                      &w->set,
                                                     w->opts.import_key));
        tw_wallet_free(wallet);
    }
}

TEST(owner_operation__needs_a_compartment_of_the_wallet)
{
    tw_wallet *wallet = wallet_new();
    const tw_id nobody = { { 9 } };
    tw_bytes op;
    assert_status(TW_ENOTFOUND, tw_wallet_stop(cx, &op, wallet, &nobody, false));
    assert_status(TW_ENOTFOUND, tw_wallet_erase(cx, &op, wallet, &nobody, true));
    tw_wallet_free(wallet);
}

TEST(wallet__takes_its_stop_root_from_another_file)
{
    world *w = world_new();
    tw_wallet *a = lived_in(w);
    tw_wallet *b;
    tw_bytes file;
    assert_ok(tw_wallet_save(cx, &file, a, false, TW_STR("")));
    assert_ok(tw_wallet_load(cx, &b, file, TW_STR("")));
    tw_wallet_take_stop_root(b, a);
    assert_true(tw_wallet_has_stop_root(b));
    assert_same_wallet(a, b);
    assert_ok(tw_wallet_stop(cx, &file, b, &tw_wallet_at(b, 0)->comp, true));
    tw_wallet_free(a);
    tw_wallet_free(b);
}

TEST(wallet__forgets_one_source_and_keeps_the_others)
{
    world *here = world_new();
    world *there = world_new();
    tw_wallet *w = wallet_new();
    enrol(here, w);
    enrol(there, w);
    enrol(here, w);
    const tw_id other = tw_wallet_at(w, 1)->comp;
    assert_ok(tw_wallet_forget_source(cx, w, &here->source));
    assert_int_equal(1, tw_wallet_count(w));
    assert_true(tw_id_eq(&other, &tw_wallet_at(w, 0)->comp));
    assert_status(TW_ENOTFOUND, tw_wallet_forget_source(cx, w, &here->source));
    tw_wallet_free(w);
}
