#include "test_seal.h"

/* ---------------------------------------------------------------- Padmé */

TEST(padme__gives_the_sizes_of_the_paper)
{
    /* e = floor(log2 n), s = floor(log2 e) + 1, last e - s bits zero; computed by hand for each. */
    static const uint64_t sizes[][2] = {
        { 0, 0 },     { 1, 1 },     { 2, 2 },       { 8, 8 },       { 9, 10 },      { 15, 16 },        { 17, 18 },
        { 100, 104 }, { 255, 256 }, { 256, 256 },   { 257, 272 },   { 1000, 1024 }, { 1025, 1088 },    { 65536, 65536 },
        { 65537, 67584 },           { 1000000, 1015808 },           { 1073741825, 1107296256 },
    };
    for (size_t i = 0; i < TW_COUNT(sizes); i++)
        assert_int_equal(sizes[i][1], tw_padme(sizes[i][0]));
}

TEST(padme__costs_an_eighth_at_most_and_is_stable)
{
    uint64_t last = 0;
    for (uint64_t n = 0; n < 200000; n++) {
        const uint64_t p = tw_padme(n);
        assert_true(p >= n && p >= last && tw_padme(p) == p);
        assert_true(n < 17 || (p - n) * 100 <= n * 12);
        last = p;
    }
    assert_int_equal(UINT64_MAX, tw_padme(UINT64_MAX));
    for (int i = 0; i < 1000; i++) {
        const uint64_t n = tw_test_random() >> (1 + tw_test_below(40));
        assert_true(tw_padme(n) >= n && tw_padme(tw_padme(n)) == tw_padme(n));
    }
}

/* ---------------------------------------------------------------- batches */

typedef struct {
    world *w;
    tw_wallet *wallet;
    const tw_bundle *b;
    tw_sealer *s;
} ward;

/* A patient with three compartments, and the sealer of the source. */
static ward *ward_new(void)
{
    ward *d = tw_new(cx->arena, ward);
    d->w = world_new();
    d->wallet = wallet_new();
    d->w->opts.categories = TW_CAT_BIT(TW_CAT_LABS) | TW_CAT_BIT(TW_CAT_VITALS) | TW_CAT_BIT(TW_CAT_NOTES);
    d->b = enrol(d->w, d->wallet);
    assert_ok(tw_sealer_new(cx, &d->s, &d->w->ledger, &d->w->source));
    return d;
}

static void ward_free(ward *d)
{
    tw_sealer_free(d->s);
    tw_wallet_free(d->wallet);
}

static void add(ward *d, tw_category c, const char *line)
{
    assert_ok(tw_sealer_add(cx, d->s, &tw_bundle_find(d->b, c, 2026)->record, deid_of(line, c)));
}

static void add_all(ward *d)
{
    add(d, TW_CAT_VITALS, "{\"v\":1}");
    add(d, TW_CAT_LABS, "{\"l\":1}");
    add(d, TW_CAT_NOTES, "{\"n\":1}");
    add(d, TW_CAT_LABS, "{\"l\":2}");
}

static size_t capsules_in(const tw_sealed_batch *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->count; i++)
        n += leaf_of(b->item[i]).kind == 1;
    return n;
}

TEST(batch__has_a_capsule_and_a_segment_a_compartment_in_order_of_ids)
{
    ward *d = ward_new();
    tw_sealed_batch b;
    tw_merkle_range tree = { 0 };
    uint8_t root[TW_HASH];
    uint64_t bytes = 0;
    add_all(d);
    assert_int_equal(3, tw_sealer_pending(d->s));
    assert_ok(tw_sealer_cut(cx, &b, d->s, DAY));
    assert_int_equal(0, tw_sealer_pending(d->s));
    assert_int_equal(6, b.count);
    for (size_t i = 0; i < b.count; i++) {
        const tw_batch_leaf leaf = leaf_of(b.item[i]);
        uint8_t hash[TW_HASH];
        assert_int_equal(i % 2 ? 2 : 1, leaf.kind);
        tw_merkle_leaf(hash, tw_sealed_leaf(b.item[i]));
        tw_merkle_range_add(&tree, hash);
        bytes += tw_sealed_object(b.item[i]).n;
        if (leaf.kind == 1) {
            assert_int_equal(DAY, leaf.capsule.day);
            if (i) {
                const tw_batch_leaf before = leaf_of(b.item[i - 1]);
                assert_true(tw_id_cmp(&before.segment.comp, &leaf.capsule.comp) < 0);
            }
            continue;
        }
        const tw_batch_leaf above = leaf_of(b.item[i - 1]);
        const tw_bundle_entry *labs = tw_bundle_find(d->b, TW_CAT_LABS, 2026);
        assert_true(tw_id_eq(&above.capsule.comp, &leaf.segment.comp));
        assert_memory_equal(above.capsule.capsule_hash, leaf.segment.capsule_hash, 32);
        assert_int_equal(tw_id_eq(&labs->comp, &leaf.segment.comp) ? 2 : 1, leaf.segment.records);
        assert_int_equal(tw_sealed_object(b.item[i]).n, leaf.segment.cipher_bytes);
    }
    tw_merkle_range_root(root, &tree);
    assert_memory_equal(root, b.root, sizeof root);
    assert_int_equal(bytes, b.bytes);
    ward_free(d);
}

TEST(day_secret__lasts_a_day_or_until_an_entry_or_a_reset)
{
    ward *d = ward_new();
    tw_sealed_batch b;
    add_all(d);
    assert_ok(tw_sealer_cut(cx, &b, d->s, DAY));
    assert_int_equal(3, capsules_in(&b));
    add_all(d);
    assert_ok(tw_sealer_cut(cx, &b, d->s, DAY));
    assert_int_equal(0, capsules_in(&b));
    assert_int_equal(3, b.count);
    tw_sealer_refresh(d->s, &tw_bundle_find(d->b, TW_CAT_LABS, 2026)->comp);
    tw_sealer_refresh(d->s, &d->w->ledger); /* of nobody here */
    add_all(d);
    assert_ok(tw_sealer_cut(cx, &b, d->s, DAY));
    assert_int_equal(1, capsules_in(&b));
    add_all(d);
    assert_ok(tw_sealer_cut(cx, &b, d->s, DAY + 1));
    assert_int_equal(3, capsules_in(&b));
    add_all(d);
    assert_ok(tw_sealer_cut(cx, &b, d->s, DAY)); /* back: the old secret is gone */
    assert_int_equal(3, capsules_in(&b));
    add_all(d);
    tw_sealer_reset(d->s);
    assert_int_equal(0, tw_sealer_pending(d->s));
    add_all(d);
    assert_ok(tw_sealer_cut(cx, &b, d->s, DAY));
    assert_int_equal(3, capsules_in(&b));
    ward_free(d);
}

TEST(batch__empty_one_is_nothing)
{
    ward *d = ward_new();
    tw_sealed_batch b;
    assert_ok(tw_sealer_cut(cx, &b, d->s, DAY));
    assert_int_equal(0, b.count);
    ward_free(d);
}

TEST(sealer__refuses_what_does_not_belong)
{
    ward *d = ward_new();
    world *other = world_new();
    const tw_bundle_entry *labs = tw_bundle_find(d->b, TW_CAT_LABS, 2026);
    tw_comp_record r = labs->record;
    assert_status(TW_EVERIFY, tw_sealer_add(cx, d->s, &r, deid_of("{}", TW_CAT_NOTES)));
    r.body.source = other->source;
    assert_status(TW_EVERIFY, tw_sealer_add(cx, d->s, &r, deid_of("{}", TW_CAT_LABS)));
    r = labs->record;
    r.body.ledger = other->ledger;
    assert_status(TW_EVERIFY, tw_sealer_add(cx, d->s, &r, deid_of("{}", TW_CAT_LABS)));
    assert_int_equal(0, tw_sealer_pending(d->s));
    assert_ok(tw_sealer_add(cx, d->s, &labs->record, deid_of("{}", TW_CAT_LABS)));
    ward_free(d);
}

TEST(sealer__is_full_at_4096_segments_and_takes_more_after_a_cut)
{
    ward *d = ward_new();
    tw_comp_record r = tw_bundle_find(d->b, TW_CAT_LABS, 2026)->record;
    const tw_deid *line = deid_of("{}", TW_CAT_LABS);
    tw_sealed_batch b;
    for (size_t i = 0; i < TW_SEGMENTS_MAX; i++) {
        tw_put_be32(r.k, (uint32_t)i); /* another id; P stays, so that the capsule can be made */
        assert_ok(tw_sealer_add(cx, d->s, &r, line));
    }
    assert_ok(tw_sealer_add(cx, d->s, &r, line)); /* one that is under way already */
    tw_put_be32(r.k, TW_SEGMENTS_MAX);
    assert_status(TW_ELIMIT, tw_sealer_add(cx, d->s, &r, line));
    assert_ok(tw_sealer_cut(cx, &b, d->s, DAY));
    assert_int_equal(2 * TW_SEGMENTS_MAX, b.count);
    for (size_t i = 2; i < b.count; i += 2) {
        const tw_batch_leaf before = leaf_of(b.item[i - 2]);
        const tw_batch_leaf here = leaf_of(b.item[i]);
        assert_true(tw_id_cmp(&before.capsule.comp, &here.capsule.comp) < 0);
    }
    assert_ok(tw_sealer_add(cx, d->s, &r, line));
    ward_free(d);
}

TEST(sealer__record_larger_than_a_segment_is_refused_with_nothing_pending)
{
    ward *d = ward_new();
    char *line = tw_mem_alloc(TW_SEGMENT_BYTES_MAX);
    memset(line, 'x', TW_SEGMENT_BYTES_MAX - 1);
    const tw_deid *big = deid_of(line, TW_CAT_LABS);
    tw_mem_free(line);
    assert_status(TW_ELIMIT, tw_sealer_add(cx, d->s, &tw_bundle_find(d->b, TW_CAT_LABS, 2026)->record, big));
    assert_int_equal(0, tw_sealer_pending(d->s));
    ward_free(d);
}

TEST(sealer__cut_that_found_no_memory_can_be_tried_again)
{
    ward *d = ward_new();
    tw_sealed_batch b;
    add_all(d);
    const tw_bytes line = tw_deid_line(deid_of("{\"v\":1}", TW_CAT_VITALS));
    bool done = false;
    for (size_t bytes = 100; !done; bytes += 100) {
        tw_ctx small;
        tw_ctx_init(&small, bytes, tw_test_env());
        tw_status s = tw_sealer_cut(&small, &b, d->s, DAY);
        tw_ctx_done(&small);
        done = s == TW_OK;
        assert_true(done || s == TW_ELIMIT);
        assert_int_equal(done ? 0 : 3, tw_sealer_pending(d->s));
    }
    add_all(d);
    tw_sealer_refresh(d->s, &tw_bundle_find(d->b, TW_CAT_LABS, 2026)->comp);
    tw_ctx small;
    tw_ctx_init(&small, 100, tw_test_env());
    assert_status(TW_ELIMIT, tw_sealer_cut(&small, &b, d->s, DAY)); /* what it forgot then gets capsules now */
    tw_ctx_done(&small);
    assert_ok(tw_sealer_cut(cx, &b, d->s, DAY));
    assert_int_equal(3, capsules_in(&b));
    for (size_t i = 1; i < b.count; i += 2)
        assert_int_equal(tw_c4gh_body_size(tw_padme((line.n + 1) * leaf_of(b.item[i]).segment.records)),
                         leaf_of(b.item[i]).segment.cipher_bytes);
    ward_free(d);
}

/* ---------------------------------------------------------------- capsules */

TEST(capsule__context_is_ledger_compartment_source_day)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    const tw_bundle_entry *e = &enrol(w, wallet)->entry[0];
    const tw_sealed_batch b = seal_line(w, &e->record, "{}");
    const uint8_t *capsule = tw_sealed_object(b.item[0]).p;
    uint8_t ctx[100];
    memcpy(ctx, w->ledger.b, 32);
    memcpy(ctx + 32, e->comp.b, 32);
    memcpy(ctx + 64, w->source.b, 32);
    tw_put_be32(ctx + 96, DAY);
    assert_int_equal(TW_CAPSULE + TW_WRAP, tw_sealed_object(b.item[0]).n);
    assert_true(tw_tpre_capsule_ok(cx, capsule, e->record.body.p, TW_BYTES(ctx)));
    assert_true(tw_capsule_ok(cx, &e->record.body, &e->comp, DAY, capsule));
    assert_false(tw_capsule_ok(cx, &e->record.body, &e->comp, DAY + 1, capsule));
    assert_false(tw_capsule_ok(cx, &e->record.body, &w->ledger, DAY, capsule));
    for (size_t i = 0; i < TW_CAPSULE; i++)
        assert_false(tw_capsule_ok(cx, &e->record.body, &e->comp, DAY, flipped((tw_bytes){ capsule, TW_CAPSULE },
                     i).p));
    tw_wallet_free(wallet);
}

TEST(batch__leaves_hold_the_hashes_of_capsule_and_wrap)
{
    world *w = world_new();
    tw_wallet *wallet = wallet_new();
    const tw_sealed_batch b = seal_line(w, &enrol(w, wallet)->entry[0].record, "{}");
    const tw_batch_leaf leaf = leaf_of(b.item[0]);
    const uint8_t *object = tw_sealed_object(b.item[0]).p;
    uint8_t hash[TW_HASH];
    tw_sha256_of(hash, (tw_bytes){ object, 128 });
    assert_memory_equal(hash, leaf.capsule.capsule_hash, 32);
    tw_sha256_of(hash, (tw_bytes){ object + 128, 104 });
    assert_memory_equal(hash, leaf.capsule.wrap_hash, 32);
    tw_c4gh_block_root(hash, tw_sealed_object(b.item[1]));
    assert_memory_equal(hash, leaf_of(b.item[1]).segment.block_root, 32);
    tw_wallet_free(wallet);
}
