/** Helpers of this room's tests: a ledger id, a source, four keepers (any three open), and ways to alter things. */
#ifndef TW_TEST_SEAL_H
#define TW_TEST_SEAL_H

#include "test.h"

#include "seal/seal.h"

#include "deid_test.h"
#include "model/seal_make.h"
#include "page_test.h"

#define N 4
#define T 3
#define DAY 20454u

typedef struct {
    tw_id ledger;
    tw_id source;
    uint8_t source_secret[32];
    uint8_t source_public[TW_KEY];
    tw_keeper_set set;
    uint8_t import_secret[N][32];
    uint8_t import_public[N][TW_KEY];
    tw_policy policy;
    tw_enrol_opts opts;
} world;

/** Long-lived in the arena of the test; one category and one epoch unless the test says otherwise. */
static inline world *world_new(void)
{
    world *w = tw_new(cx->arena, world);
    tw_random(cx, w->ledger.b, 32);
    tw_random(cx, w->source.b, 32);
    tw_random(cx, w->source_secret, 32);
    tw_box_keys(w->source_public, w->source_secret);
    w->set = (tw_keeper_set){ .generation = 1, .t = T, .n = N };
    for (size_t i = 0; i < N; i++) {
        tw_random(cx, w->set.party[i].b, 32);
        tw_random(cx, w->import_secret[i], 32);
        tw_box_keys(w->import_public[i], w->import_secret[i]);
    }
    w->policy = (tw_policy){ .permission = TW_DUO_GRU, .categories = TW_CAT_ALL, .until_s = UINT64_MAX };
    w->opts = (tw_enrol_opts){ .ledger = w->ledger, .source = w->source, .set = &w->set };
    w->opts.import_key = (const uint8_t(*)[TW_KEY])w->import_public;
    w->opts.epoch_first = 2026;
    w->opts.epoch_count = 1;
    w->opts.categories = TW_CAT_BIT(TW_CAT_LABS);
    w->opts.policy[0] = &w->policy;
    memcpy(w->opts.source_x25519, w->source_public, TW_KEY);
    return w;
}

static inline tw_wallet *wallet_new(void)
{
    tw_wallet *w;
    assert_ok(tw_wallet_new(cx, &w, TW_STR("Ada's wallet")));
    return w;
}

static inline tw_bundle *enrol(const world *w, tw_wallet *wallet)
{
    tw_bundle *b = tw_new(cx->arena, tw_bundle);
    tw_bytes sealed;
    assert_ok(tw_enrol_make(cx, &sealed, wallet, &w->opts));
    assert_ok(tw_bundle_open(cx, b, sealed, w->source_secret, &w->source, &w->ledger));
    return b;
}

static inline tw_import_item item_for(const tw_bundle_entry *e, uint8_t index)
{
    tw_import_item item = { .record = e->record, .comp = e->comp, .envelope = e->envelope[index - 1] };
    memcpy(item.proof, e->proof, sizeof item.proof);
    return item;
}

static inline tw_status accept(const world *w, tw_keeper_share *out, const tw_import_item *item, uint8_t index)
{
    return tw_import_accept(cx, out, item, index, w->import_secret[index - 1], &w->set, &w->source, &w->ledger);
}

/** What all keepers hold of an entry. */
static inline tw_keeper_share *import_all(const world *w, const tw_bundle_entry *e)
{
    tw_keeper_share *shares = tw_try_array(cx->arena, tw_keeper_share, N);
    for (uint8_t i = 1; i <= N; i++) {
        tw_bytes batch;
        tw_import_item *items;
        size_t count;
        assert_ok(tw_import_encode(cx, &batch, &e, 1, i));
        assert_ok(tw_import_decode(cx, &items, &count, batch));
        assert_int_equal(count, 1);
        assert_ok(accept(w, &shares[i - 1], &items[0], i));
    }
    return shares;
}

/** One batch of one record: [0] the capsule, [1] the segment. */
static inline tw_sealed_batch seal_line(const world *w, const tw_comp_record *r, const char *line)
{
    tw_sealer *s;
    tw_sealed_batch batch;
    assert_ok(tw_sealer_new(cx, &s, &w->ledger, &w->source));
    assert_ok(tw_sealer_add(cx, s, r, deid_of(line, (tw_category)r->body.category)));
    assert_ok(tw_sealer_cut(cx, &batch, s, DAY));
    assert_int_equal(batch.count, 2);
    for (size_t i = 0; i < batch.count; i++) /* theirs ends with the sealer */
        batch.item[i] = tw_sealed_make(cx, tw_bytes_dup(cx->arena, tw_sealed_leaf(batch.item[i])),
                                       tw_bytes_dup(cx->arena, tw_sealed_object(batch.item[i])));
    tw_sealer_free(s);
    return batch;
}

static inline tw_batch_leaf leaf_of(const tw_sealed *s)
{
    tw_batch_leaf leaf;
    assert_ok(tw_batch_leaf_decode(cx, &leaf, tw_sealed_leaf(s)));
    return leaf;
}

static inline uint8_t *copy_of(tw_bytes b)
{
    uint8_t *p = tw_arena_get(cx->arena, b.n + 1);
    if (b.n)
        memcpy(p, b.p, b.n);
    return p;
}

/** A copy with bit 0 of one byte turned. */
static inline tw_bytes flipped(tw_bytes b, size_t at)
{
    uint8_t *p = copy_of(b);
    p[at] ^= 1;
    return (tw_bytes){ p, b.n };
}

static inline void assert_same(tw_bytes want, tw_bytes got)
{
    assert_int_equal(want.n, got.n);
    assert_memory_equal(want.p, got.p, want.n);
}

typedef tw_status (*decode_fn)(tw_bytes in);

/** Every strict beginning of `good` is refused, and `good` with a byte after it; `good` is not. */
static inline void assert_exact(tw_bytes good, decode_fn decode)
{
    assert_ok(decode(good));
    for (size_t n = 0; n <= good.n + 1; n++) {
        if (n == good.n)
            continue;
        uint8_t *p = tw_mem_alloc(n); /* of exactly this size: the sanitizer sees a read behind it */
        memcpy(p, good.p, TW_MIN(n, good.n));
        const tw_mark m = tw_arena_mark(cx->arena);
        if (decode((tw_bytes){ p, n }) == TW_OK)
            fail_msg("%zu of %zu bytes are taken", n, good.n);
        tw_arena_back(cx->arena, m);
        tw_mem_free(p);
    }
}

#endif
