/* The worked examples of docs/formats are what this room reads: one patient's compartment on its way through all
 * of them. */
#include "test_seal.h"

static void count_up(uint8_t *p, size_t n, unsigned first)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(first + i);
}

static const tw_id *ledger(void)
{
    tw_id *id = tw_new(cx->arena, tw_id);
    count_up(id->b, 32, 0x40);
    return id;
}

static const tw_id *source(void)
{
    tw_id *id = tw_new(cx->arena, tw_id);
    count_up(id->b, 32, 0x60);
    return id;
}

static const uint8_t *import_secret(void)
{
    uint8_t *p = tw_arena_get(cx->arena, 32);
    count_up(p, 32, 0xc0);
    return p;
}

/* The share of the one keeper, from import.md. */
static tw_keeper_share share_of_page(void)
{
    tw_keeper_set set = { .generation = 1, .t = 1, .n = 1 };
    tw_import_item *item;
    size_t count;
    tw_keeper_share s;
    count_up(set.party[0].b, 32, 0xa0);
    assert_ok(tw_import_decode(cx, &item, &count, page_hex("docs/formats/import.md", 0)));
    assert_int_equal(1, count);
    assert_ok(tw_import_accept(cx, &s, item, 1, import_secret(), &set, source(), ledger()));
    return s;
}

TEST(page__wallet_without_protection_loads_and_saves_to_the_same_bytes)
{
    const tw_bytes file = page_hex("docs/formats/wallet.md", 0);
    const uint8_t *root = file.p + 10 + 4 + 3 + 1;
    uint8_t roots[64];
    tw_wallet *w;
    tw_bytes again;
    count_up(roots, 64, 0);
    assert_memory_equal(roots, root, 64);
    assert_ok(tw_wallet_load(cx, &w, file, TW_STR("")));
    assert_str("Ada", tw_wallet_label(w));
    assert_int_equal(1, tw_wallet_count(w));
    const tw_keeper_share s = share_of_page();
    assert_true(tw_id_eq(&s.comp, &tw_wallet_at(w, 0)->comp));
    assert_ok(tw_wallet_save(cx, &again, w, true, TW_STR("")));
    assert_same(file, again);
    assert_ok(tw_wallet_save_stop(cx, &again, w, TW_STR("")));
    assert_same(page_hex("docs/formats/wallet.md", 2), again);
    tw_wallet_free(w);
}

/* The key tree, by the table of the page and not by the room's own code. */
TEST(page__wallet_keys_are_those_of_its_table)
{
    tw_wallet *w;
    tw_comp_keys k;
    uint8_t info[64];
    uint8_t out[64];
    uint8_t scalar[TW_SCALAR];
    const tw_bytes root = { page_hex("docs/formats/wallet.md", 0).p + 18, 32 };
    const tw_bytes stop_root = { root.p + 32, 32 };
    static const struct {
        const char *label;
        bool stop;
        size_t n;
    } rows[] = { { "tw/key/a/1", false, 64 },
                 { "tw/key/A/1", false, 32 },
                 { "tw/key/K/1", true, 32 },
                 { "tw/key/watch/1", false, 32 } };
    assert_ok(tw_wallet_load(cx, &w, page_hex("docs/formats/wallet.md", 0), TW_STR("")));
    assert_ok(tw_wallet_keys(cx, &k, w, source(), TW_CAT_LABS, 2026, 0));
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        const size_t n = strlen(rows[i].label);
        memcpy(info, rows[i].label, n);
        memcpy(info + n, source()->b, 32);
        memcpy(info + n + 32, "\x08\x07\xea\x00", 4); /* labs, 2026, generation 0 */
        tw_hkdf_sha512(out, rows[i].n, rows[i].stop ? stop_root : root, (tw_bytes){ 0 }, (tw_bytes){ info, n + 36 });
        if (i == 0) {
            tw_scalar_reduce(scalar, out);
            assert_memory_equal(scalar, k.a, 32);
        } else {
            assert_memory_equal(out, i == 1 ? k.sign_a : i == 2 ? k.sign_k : k.watch, 32);
        }
    }
    tw_wallet_free(w);
}

TEST(page__wallet_with_a_pass_phrase_opens)
{
    const tw_bytes file = page_hex("docs/formats/wallet.md", 1);
    tw_wallet *w;
    uint8_t roots[64];
    tw_bytes plain;
    count_up(roots, 64, 0);
    assert_status(TW_ECRYPTO, tw_wallet_load(cx, &w, file, TW_STR("wrong horse")));
    assert_ok(tw_wallet_load(cx, &w, file, TW_STR("correct horse")));
    assert_int_equal(0, tw_wallet_count(w));
    assert_ok(tw_wallet_save(cx, &plain, w, true, TW_STR("")));
    assert_memory_equal(roots, plain.p + 18, 64);
    tw_wallet_free(w);
}

TEST(page__bundle_row_is_of_the_wallet)
{
    const tw_bytes row = page_hex("docs/formats/bundle.md", 0);
    tw_bundle b;
    tw_bytes again;
    tw_wallet *w;
    uint8_t handle[16];
    assert_ok(tw_bundle_decode(cx, &b, row));
    assert_ok(tw_bundle_encode(cx, &again, &b, true));
    assert_same(row, again);
    assert_int_equal(1, b.count);
    assert_int_equal(0xb0, b.binding[0]);
    assert_ok(tw_wallet_load(cx, &w, page_hex("docs/formats/wallet.md", 0), TW_STR("")));
    tw_wallet_handle(handle, w);
    assert_memory_equal(handle, b.handle, sizeof handle);
    assert_true(tw_id_eq(&b.entry[0].comp, &tw_wallet_at(w, 0)->comp));
    assert_true(tw_pok_ok(cx, b.entry[0].proof, b.entry[0].record.body.p, b.entry[0].comp.b));
    tw_wallet_free(w);
}

TEST(page__envelope_opens_to_the_fields_shown)
{
    tw_import_item *item;
    size_t count;
    tw_bytes plain;
    assert_ok(tw_import_decode(cx, &item, &count, page_hex("docs/formats/import.md", 0)));
    assert_ok(tw_box_open(cx, &plain, import_secret(), item->envelope, tw_id_bytes(&item->comp)));
    assert_same(page_hex("docs/formats/import.md", 1), plain);
    const tw_keeper_share s = share_of_page();
    assert_int_equal(1, s.index);
    assert_memory_equal(plain.p + 33, s.w, 32);
    assert_memory_equal(plain.p + 65, s.a, 32);
}

TEST(page__mail_opens_and_its_grantee_has_the_key)
{
    const tw_bytes sealed = page_hex("docs/formats/mail.md", 1);
    const tw_keeper_share s = share_of_page();
    uint8_t b[TW_SCALAR];
    uint8_t b_point[TW_POINT];
    tw_bytes plain;
    tw_mail m;
    assert_ok(tw_box_open(cx, &plain, import_secret(), sealed, tw_id_bytes(&s.comp)));
    assert_same(page_hex("docs/formats/mail.md", 0), plain);
    assert_ok(tw_mail_open(cx, &m, sealed, import_secret(), &s.record, 1));
    assert_int_equal(2, m.version);
    assert_int_equal(TW_MAIL_DIRECTED, m.kind);
    count_up(b, 32, 1);
    b[31] = 0;
    assert_ok(tw_point_base(cx, b_point, b));
    assert_memory_equal(b_point, m.b, TW_POINT);
}

TEST(page__capsule_opens_by_the_fragment_to_the_day_secret)
{
    const tw_bytes object = page_hex("docs/formats/capsule.md", 0);
    const tw_bytes fragment = page_hex("docs/formats/capsule.md", 1);
    const tw_keeper_share s = share_of_page();
    const uint8_t xs[] = { 1 };
    uint8_t f1[TW_POINT];
    uint8_t f2[TW_POINT];
    uint8_t secret[32];
    assert_int_equal(TW_CAPSULE + TW_WRAP, object.n);
    assert_true(tw_capsule_ok(cx, &s.record.body, &s.comp, 20454, object.p));
    assert_ok(tw_keeper_fragment(cx, f1, f2, TW_ANSWER_CLASS, &s, NULL, object.p));
    assert_memory_equal(fragment.p, f1, TW_POINT);
    const tw_fragments f = { .kind = TW_ANSWER_CLASS, .xs = xs, .count = 1, .f1 = f1 };
    assert_ok(tw_capsule_open(cx, secret, &s.record.body, &s.comp, 20454, object.p, object.p + TW_CAPSULE, &f));
    assert_memory_equal(page_hex("docs/formats/capsule.md", 2).p, secret, 32);
}

TEST(page__capsule_opens_for_the_grantee_of_the_mail)
{
    const tw_bytes object = page_hex("docs/formats/capsule.md", 0);
    const tw_keeper_share s = share_of_page();
    const uint8_t xs[] = { 1 };
    uint8_t f1[TW_POINT];
    uint8_t f2[TW_POINT];
    uint8_t b[TW_SCALAR];
    uint8_t d[TW_SCALAR];
    uint8_t secret[32];
    tw_mail m;
    count_up(b, 32, 1);
    b[31] = 0;
    assert_ok(tw_mail_open(cx, &m, page_hex("docs/formats/mail.md", 1), import_secret(), &s.record, 1));
    assert_ok(tw_tpre_shared(cx, d, b, m.x, tw_id_bytes(&s.comp)));
    assert_ok(tw_keeper_fragment(cx, f1, f2, TW_ANSWER_DIRECTED, &s, m.share, object.p));
    const tw_fragments f = { .kind = TW_ANSWER_DIRECTED, .xs = xs, .count = 1, .f1 = f1, .f2 = f2, .d = d };
    assert_ok(tw_capsule_open(cx, secret, &s.record.body, &s.comp, 20454, object.p, object.p + TW_CAPSULE, &f));
    assert_memory_equal(page_hex("docs/formats/capsule.md", 2).p, secret, 32);
}

TEST(page__segment_opens_with_the_day_secret)
{
    const tw_bytes secret = page_hex("docs/formats/capsule.md", 2);
    const tw_bytes capsule = { page_hex("docs/formats/capsule.md", 0).p, TW_CAPSULE };
    tw_batch_leaf leaf;
    tw_bytes ndjson;
    uint8_t hash[TW_HASH];
    assert_ok(tw_batch_leaf_decode(cx, &leaf, page_hex("docs/formats/segment.md", 0)));
    tw_sha256_of(hash, capsule);
    assert_memory_equal(hash, leaf.segment.capsule_hash, 32);
    assert_ok(tw_segment_open(cx, &ndjson, secret.p, &leaf.segment, page_hex("docs/formats/segment.md", 1)));
    assert_str("{\"resourceType\":\"Observation\"}\n", tw_str_of_bytes(ndjson));
}
