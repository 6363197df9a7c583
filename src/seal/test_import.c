#include "test_seal.h"

TEST(import__keeper_takes_what_the_wallet_dealt)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    const tw_bundle *b = enrol(w, wallet);
    const tw_keeper_share *s = import_all(w, &b->entry[0]);
    for (uint8_t i = 0; i < N; i++) {
        assert_int_equal(i + 1, s[i].index);
        assert_true(tw_id_eq(&b->entry[0].comp, &s[i].comp));
        assert_same(tw_wallet_at(wallet, 0)->policy, s[i].policy);
        assert_memory_equal(tw_wallet_at(wallet, 0)->salt, s[i].salt, 32);
        assert_memory_equal(b->entry[0].watch, s[i].watch, 32);
        for (uint8_t j = 0; j < i; j++) {
            assert_memory_not_equal(s[i].w, s[j].w, TW_SCALAR);
            assert_memory_not_equal(s[i].a, s[j].a, TW_SCALAR);
        }
    }
    tw_wallet_free(wallet);
}

TEST(import__without_a_class_grant_holds_no_share_of_a)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    const uint8_t none[TW_SCALAR] = { 0 };
    w->opts.directed = true;
    const tw_bundle *b = enrol(w, wallet);
    const tw_keeper_share *s = import_all(w, &b->entry[0]);
    assert_false(s[0].record.body.class_grant);
    assert_memory_equal(none, s[0].a, TW_SCALAR);
    tw_wallet_free(wallet);
}

/* The attack that the proof of possession answers: my A and policy, somebody's P. */
TEST(import__foreign_P_with_own_A_is_refused)
{
    world *w = world_new();
    tw_wallet *victim = wallet_new();
    tw_wallet *mallory = wallet_new();
    const tw_bundle_entry *theirs = &enrol(w, victim)->entry[0];
    const tw_bundle_entry *mine = &enrol(w, mallory)->entry[0];
    tw_keeper_share s;
    tw_import_item item = item_for(mine, 1);
    assert_ok(accept(w, &s, &item, 1));
    memcpy(item.record.body.p, theirs->record.body.p, TW_POINT);
    tw_comp_record_id(&item.comp, &item.record);
    assert_status(TW_ECRYPTO, accept(w, &s, &item, 1));
    memcpy(item.proof, theirs->proof, sizeof item.proof); /* the victim's proof is bound to the victim's id */
    assert_status(TW_ECRYPTO, accept(w, &s, &item, 1));
    tw_wallet_free(victim);
    tw_wallet_free(mallory);
}

TEST(import__from_another_source_ledger_or_set_is_refused)
{
    world *w = world_new();
    world *other = world_new();
    tw_wallet *wallet = wallet_new();
    const tw_import_item item = item_for(&enrol(w, wallet)->entry[0], 2);
    tw_keeper_share s;
    tw_keeper_set set = w->set;
    assert_status(TW_EVERIFY, tw_import_accept(cx, &s, &item, 2, w->import_secret[1], &w->set, &other->source,
                  &w->ledger));
    assert_status(TW_EVERIFY, tw_import_accept(cx, &s, &item, 2, w->import_secret[1], &w->set, &w->source,
                  &other->ledger));
    assert_status(TW_EVERIFY, tw_import_accept(cx, &s, &item, 2, w->import_secret[1], &other->set, &w->source,
                  &w->ledger));
    assert_status(TW_ECRYPTO, accept(w, &s, &item, 1)); /* sealed to keeper 2 */
    assert_status(TW_EVERIFY, tw_import_accept(cx, &s, &item, 1, w->import_secret[1], &w->set, &w->source, &w->ledger));
    assert_status(TW_EVERIFY, tw_import_accept(cx, &s, &item, N + 1, w->import_secret[1], &w->set, &w->source,
                  &w->ledger));
    set.t = 2;
    assert_status(TW_EVERIFY, tw_import_accept(cx, &s, &item, 2, w->import_secret[1], &set, &w->source, &w->ledger));
    assert_ok(accept(w, &s, &item, 2));
    tw_wallet_free(wallet);
}

TEST(import__id_that_is_not_the_records_is_refused)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    tw_import_item item = item_for(&enrol(w, wallet)->entry[0], 1);
    tw_keeper_share s;
    item.comp.b[0] ^= 1;
    assert_status(TW_EVERIFY, accept(w, &s, &item, 1));
    tw_wallet_free(wallet);
}

/* What a wallet that lies to the keepers would send: the record as changed, with a proof made anew by whoever
 * knows z. Here the checks after the proof are reached by leaving the record alone and changing the envelope. */
static tw_status accept_envelope(const world *w, const tw_import_item *good, tw_bytes plain)
{
    tw_import_item item = *good;
    tw_keeper_share s;
    assert_ok(tw_box_seal(cx, &item.envelope, w->import_public[0], plain, tw_id_bytes(&good->comp)));
    return accept(w, &s, &item, 1);
}

TEST(import__altered_envelope_is_refused_at_each_field)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    const tw_import_item item = item_for(&enrol(w, wallet)->entry[0], 1);
    tw_bytes plain;
    assert_ok(tw_box_open(cx, &plain, w->import_secret[0], item.envelope, tw_id_bytes(&item.comp)));
    assert_ok(accept_envelope(w, &item, plain));
    static const struct {
        size_t at;
        tw_status want;
    } fields[] = {
        { 0, TW_EVERIFY },   /* keeper set */
        { 32, TW_EVERIFY },  /* index */
        { 33, TW_ECRYPTO },  /* w_i */
        { 65, TW_ECRYPTO },  /* a_i */
        { 97, TW_EVERIFY },  /* watch */
        { 129, TW_EVERIFY }, /* salt: c0 */
        { 166, TW_EVERIFY }, /* policy: c0 */
    };
    for (size_t i = 0; i < TW_COUNT(fields); i++)
        assert_status(fields[i].want, accept_envelope(w, &item, flipped(plain, fields[i].at)));
    assert_status(TW_EPARSE, accept_envelope(w, &item, (tw_bytes){ plain.p, plain.n - 1 }));
    uint8_t *longer = copy_of(plain);
    assert_status(TW_EPARSE, accept_envelope(w, &item, (tw_bytes){ longer, plain.n + 1 }));
    tw_wallet_free(wallet);
}

TEST(import__any_altered_byte_of_the_sealed_envelope_is_refused)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    tw_import_item item = item_for(&enrol(w, wallet)->entry[0], 1);
    const tw_bytes good = item.envelope;
    tw_keeper_share s;
    const tw_keeper_share zero = { 0 };
    for (size_t i = 0; i < good.n; i++) {
        const tw_mark m = tw_arena_mark(cx->arena);
        item.envelope = flipped(good, i);
        if (accept(w, &s, &item, 1) == TW_OK)
            fail_msg("byte %zu of the envelope may be altered", i);
        assert_memory_equal(&zero, &s, sizeof s); /* no share is left behind */
        tw_arena_back(cx->arena, m);
    }
    tw_wallet_free(wallet);
}

/* Every commitment of the record: the id changes with it, and the proof no longer fits. */
TEST(import__altered_record_is_refused_at_every_byte)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    const tw_bundle_entry *e = &enrol(w, wallet)->entry[0];
    tw_bytes batch;
    assert_ok(tw_import_encode(cx, &batch, &e, 1, 1));
    for (size_t i = 5; i < batch.n - e->envelope[0].n; i++) {
        const tw_mark m = tw_arena_mark(cx->arena);
        tw_import_item *items;
        size_t count;
        tw_keeper_share s;
        if (tw_import_decode(cx, &items, &count, flipped(batch, i)) == TW_OK && accept(w, &s, items, 1) == TW_OK)
            fail_msg("byte %zu of the import may be altered", i);
        tw_arena_back(cx->arena, m);
    }
    tw_wallet_free(wallet);
}

/* ---------------------------------------------------------------- batches */

static tw_status decode_batch(tw_bytes in)
{
    tw_import_item *items;
    size_t count;
    return tw_import_decode(cx, &items, &count, in);
}

TEST(import_batch__is_sorted_and_complete)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    w->opts.categories = TW_CAT_ALL;
    const tw_bundle *b = enrol(w, wallet);
    const tw_bundle_entry *e[TW_CATEGORY_COUNT];
    tw_import_item *items;
    size_t count;
    tw_bytes batch;
    for (size_t i = 0; i < b->count; i++)
        e[i] = &b->entry[i];
    assert_ok(tw_import_encode(cx, &batch, e, b->count, 3));
    assert_ok(tw_import_decode(cx, &items, &count, batch));
    assert_int_equal(b->count, count);
    for (size_t i = 0; i < count; i++) {
        tw_keeper_share s;
        if (i)
            assert_true(tw_id_cmp(&items[i - 1].comp, &items[i].comp) < 0);
        assert_ok(accept(w, &s, &items[i], 3));
    }
    assert_exact(batch, decode_batch);
    tw_wallet_free(wallet);
}

TEST(import_batch__empty_one_is_a_batch)
{
    tw_import_item *items;
    size_t count;
    tw_bytes batch;
    assert_ok(tw_import_encode(cx, &batch, NULL, 0, 1));
    assert_ok(tw_import_decode(cx, &items, &count, batch));
    assert_int_equal(0, count);
}

TEST(import_batch__unsorted_or_doubled_is_refused)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    w->opts.categories |= TW_CAT_BIT(TW_CAT_NOTES);
    const tw_bundle *b = enrol(w, wallet);
    const tw_bundle_entry *e[2] = { &b->entry[0], &b->entry[0] };
    tw_bytes batch;
    assert_status(TW_ECONFLICT, tw_import_encode(cx, &batch, e, 2, 1));
    assert_status(TW_ENOTFOUND, tw_import_encode(cx, &batch, e, 1, N + 1));
    assert_status(TW_ENOTFOUND, tw_import_encode(cx, &batch, e, 1, 0));
    e[1] = &b->entry[1];
    assert_ok(tw_import_encode(cx, &batch, e, 2, 1));
    const size_t half = (batch.n - 5) / 2;
    uint8_t *p = copy_of(batch);
    memcpy(p + 5, batch.p + 5 + half, half);
    memcpy(p + 5 + half, batch.p + 5, half);
    assert_status(TW_EPARSE, decode_batch((tw_bytes){ p, batch.n }));
    memcpy(p + 5, batch.p + 5, half); /* the same twice */
    assert_status(TW_EPARSE, decode_batch((tw_bytes){ p, batch.n }));
    p = copy_of(batch);
    tw_put_be32(p + 1, UINT32_MAX);
    assert_status(TW_EPARSE, decode_batch((tw_bytes){ p, batch.n }));
    tw_wallet_free(wallet);
}

static tw_status decode_share(tw_bytes in)
{
    tw_keeper_share s;
    return tw_keeper_share_decode(cx, &s, in);
}

TEST(keeper_share__comes_back_as_it_was_stored)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    const tw_keeper_share *s = import_all(w, &enrol(w, wallet)->entry[0]);
    tw_bytes bytes;
    tw_bytes again;
    tw_keeper_share r;
    assert_ok(tw_keeper_share_encode(cx, &bytes, &s[2]));
    assert_exact(bytes, decode_share);
    assert_ok(tw_keeper_share_decode(cx, &r, bytes));
    assert_ok(tw_keeper_share_encode(cx, &again, &r));
    assert_same(bytes, again);
    assert_true(tw_id_eq(&s[2].comp, &r.comp));
    assert_int_equal(3, r.index);
    tw_wallet_free(wallet);
}
