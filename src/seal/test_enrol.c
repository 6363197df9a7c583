#include "test_seal.h"

TEST(enrolment__makes_the_whole_grid_and_the_source_opens_it)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    uint8_t handle[16];
    w->opts.categories = TW_CAT_ALL;
    w->opts.epoch_count = 2;
    memset(w->opts.binding, 7, sizeof w->opts.binding);
    const tw_bundle *b = enrol(w, wallet);
    tw_wallet_handle(handle, wallet);
    assert_int_equal(2 * TW_CATEGORY_COUNT, b->count);
    assert_int_equal(2 * TW_CATEGORY_COUNT, tw_wallet_count(wallet));
    assert_memory_equal(handle, b->handle, sizeof handle);
    assert_memory_equal(w->opts.binding, b->binding, sizeof b->binding);
    assert_in_range(-b->shift_weeks, 1, 52);
    for (size_t i = 0; i < b->count; i++) {
        const tw_comp *c = &b->entry[i].record.body;
        assert_int_equal(N, b->entry[i].n);
        assert_true(c->class_grant);
        assert_ptr_equal(&b->entry[i], tw_bundle_find(b, (tw_category)c->category, c->epoch));
        assert_non_null(tw_wallet_find(wallet, &b->entry[i].comp));
    }
    assert_null(tw_bundle_find(b, TW_CAT_LABS, 2028));
    tw_wallet_free(wallet);
}

TEST(enrolment__gives_every_source_the_same_person_and_other_keys)
{
    world *here = world_new();
    world *there = world_new();
    tw_wallet *wallet = wallet_new();
    const tw_bundle *a = enrol(here, wallet);
    const tw_bundle *b = enrol(there, wallet);
    assert_memory_equal(a->handle, b->handle, sizeof a->handle);
    assert_memory_equal(a->id_key, b->id_key, sizeof a->id_key);
    assert_int_equal(a->shift_weeks, b->shift_weeks);
    assert_memory_not_equal(a->entry[0].record.a, b->entry[0].record.a, TW_KEY);
    assert_memory_not_equal(a->entry[0].record.body.p, b->entry[0].record.body.p, TW_POINT);
    tw_wallet_free(wallet);
}

TEST(enrolment__again_is_the_next_generation)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    for (unsigned g = 0; g < 3; g++)
        assert_int_equal(g, enrol(w, wallet)->entry[0].record.body.generation);
    tw_wallet_free(wallet);
}

TEST(enrolment__that_fails_leaves_the_wallet_as_it_was)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    tw_bytes sealed;
    enrol(w, wallet);
    w->opts.categories = TW_CAT_ALL;
    tw_policy long_one = w->policy; /* fails after a dozen compartments were made */
    long_one.research_type = (tw_str){ tw_arena_get(cx->arena, TW_POLICY_BYTES_MAX), TW_POLICY_BYTES_MAX };
    w->opts.policy[TW_CAT_NOTES] = &long_one;
    assert_true(tw_enrol_make(cx, &sealed, wallet, &w->opts) != TW_OK);
    assert_int_equal(1, tw_wallet_count(wallet));
    w->opts.policy[TW_CAT_NOTES] = NULL;
    memset(w->import_public[N - 1], 0, TW_KEY); /* of small order: HPKE refuses it */
    assert_status(TW_ECRYPTO, tw_enrol_make(cx, &sealed, wallet, &w->opts));
    assert_int_equal(1, tw_wallet_count(wallet));
    w->opts.epoch_count = 0;
    assert_status(TW_EUSAGE, tw_enrol_make(cx, &sealed, wallet, &w->opts));
    tw_wallet_free(wallet);
}

TEST(enrolment__uses_the_policy_of_each_category)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    tw_policy other = w->policy;
    other.permission = TW_DUO_HMB;
    w->opts.categories |= TW_CAT_BIT(TW_CAT_NOTES);
    w->opts.policy[TW_CAT_NOTES] = &other;
    enrol(w, wallet);
    tw_policy p;
    assert_ok(tw_policy_decode(cx, &p, tw_wallet_at(wallet, 0)->policy));
    assert_int_equal(TW_DUO_GRU, p.permission);
    assert_ok(tw_policy_decode(cx, &p, tw_wallet_at(wallet, 1)->policy));
    assert_int_equal(TW_DUO_HMB, p.permission);
    tw_wallet_free(wallet);
}

/* ---------------------------------------------------------------- bundles */

TEST(bundle__opens_for_its_source_and_ledger_only)
{
    world *w = world_new();
    world *other = world_new();
    tw_wallet *wallet = wallet_new();
    tw_bytes sealed;
    tw_bundle b;
    assert_ok(tw_enrol_make(cx, &sealed, wallet, &w->opts));
    assert_ok(tw_bundle_open(cx, &b, sealed, w->source_secret, &w->source, &w->ledger));
    assert_status(TW_ECRYPTO, tw_bundle_open(cx, &b, sealed, other->source_secret, &w->source, &w->ledger));
    assert_status(TW_ECRYPTO, tw_bundle_open(cx, &b, sealed, w->source_secret, &other->source, &w->ledger));
    assert_status(TW_ECRYPTO, tw_bundle_open(cx, &b, sealed, w->source_secret, &w->source, &other->ledger));
    assert_status(TW_ECRYPTO, tw_bundle_open(cx, &b, flipped(sealed, 40), w->source_secret, &w->source, &w->ledger));
    tw_wallet_free(wallet);
}

/* Seals a bundle as a hostile wallet could, and lets the source open it. */
static tw_status reopen(const world *w, const tw_bundle *b)
{
    tw_bytes plain;
    tw_bytes sealed;
    tw_bundle out;
    uint8_t aad[64];
    memcpy(aad, w->ledger.b, 32);
    memcpy(aad + 32, w->source.b, 32);
    assert_ok(tw_bundle_encode(cx, &plain, b, true));
    assert_ok(tw_box_seal(cx, &sealed, w->source_public, plain, TW_BYTES(aad)));
    return tw_bundle_open(cx, &out, sealed, w->source_secret, &w->source, &w->ledger);
}

TEST(bundle__of_a_hostile_wallet_is_refused)
{
    world *w = world_new();
    world *other = world_new();
    tw_wallet *wallet = wallet_new();
    tw_wallet *victim = wallet_new();
    tw_bundle *b = enrol(w, wallet);
    const tw_bundle_entry good = b->entry[0];
    assert_ok(reopen(w, b));
    b->entry[0].record.body.source = other->source;
    assert_status(TW_EVERIFY, reopen(w, b));
    b->entry[0] = good;
    b->entry[0].record.body.ledger = other->ledger;
    assert_status(TW_EVERIFY, reopen(w, b));
    b->entry[0] = good;
    b->entry[0].watch[0] ^= 1;
    assert_status(TW_EVERIFY, reopen(w, b));
    b->entry[0] = good;
    memcpy(b->entry[0].record.body.p, enrol(w, victim)->entry[0].record.body.p, TW_POINT);
    assert_status(TW_ECRYPTO, reopen(w, b));
    b->entry[0] = good;
    b->handle[0] ^= 1;
    assert_status(TW_EVERIFY, reopen(w, b));
    b->handle[0] ^= 1;
    tw_bundle_entry twice[2] = { good, enrol(w, wallet)->entry[0] }; /* two generations of one place */
    b->entry = twice;
    b->count = 2;
    assert_status(TW_EVERIFY, reopen(w, b));
    tw_wallet_free(wallet);
    tw_wallet_free(victim);
}

static tw_status decode_bundle(tw_bytes in)
{
    tw_bundle b;
    return tw_bundle_decode(cx, &b, in);
}

TEST(bundle_row__keeps_all_but_envelopes)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    const tw_bundle *b = enrol(w, wallet);
    tw_bundle r;
    tw_bytes with;
    tw_bytes without;
    tw_bytes again;
    assert_ok(tw_bundle_encode(cx, &with, b, true));
    assert_ok(tw_bundle_encode(cx, &without, b, false));
    assert_exact(with, decode_bundle);
    assert_exact(without, decode_bundle);
    assert_ok(tw_bundle_decode(cx, &r, with));
    assert_ok(tw_bundle_encode(cx, &again, &r, true));
    assert_same(with, again);
    assert_ok(tw_bundle_decode(cx, &r, without));
    assert_int_equal(b->count, r.count);
    assert_int_equal(0, r.entry[0].n);
    assert_int_equal(b->shift_weeks, r.shift_weeks);
    assert_true(tw_id_eq(&b->entry[0].comp, &r.entry[0].comp));
    assert_memory_equal(b->entry[0].watch, r.entry[0].watch, 32);
    tw_wallet_free(wallet);
}

TEST(bundle__costs_what_the_design_says)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    tw_bytes sealed;
    w->opts.categories = TW_CAT_ALL;
    assert_ok(tw_enrol_make(cx, &sealed, wallet, &w->opts));
    print_message("bundle: %zu bytes a compartment\n", sealed.n / TW_CATEGORY_COUNT);
    assert_in_range(sealed.n / TW_CATEGORY_COUNT, 1000, 1900); /* 1.8 kB, four keepers */
    tw_wallet_free(wallet);
}
