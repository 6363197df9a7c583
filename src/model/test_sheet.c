/* Sheets: round trips, refusals, the page's example. */
#include "test_model.h"

static uint8_t secret[64];
static uint8_t key[TW_KEY];

static void keys(void)
{
    uint8_t seed[32];
    count_up(seed, 32, 0x09);
    tw_sign_keys(key, secret, seed);
}

static tw_status decode(tw_bytes in)
{
    tw_sheet s;
    return tw_sheet_open(cx, &s, in, key);
}

static void any_sheet(tw_sheet *s, size_t codes)
{
    *s = (tw_sheet){ .log_size = tw_test_random(), .first = (uint32_t)tw_test_below(1u << 30) };
    any(s->keeper.b, 32);
    any(s->release.b, 32);
    any(s->log_root, 32);
    any(s->fragments_hash, 32);
    uint8_t *p = tw_arena_get(cx->arena, codes + 1);
    for (size_t i = 0; i < codes; i++)
        p[i] = (uint8_t)tw_test_below(TW_LEAF_CODE_COUNT);
    s->codes = (tw_bytes){ p, codes };
}

TEST(sheet__comes_back_as_it_was)
{
    static const size_t sizes[] = { 0, 1, 7, 4095, TW_SHEET_LEAVES_MAX };
    keys();
    for (size_t i = 0; i < TW_COUNT(sizes); i++) {
        tw_sheet s;
        tw_sheet back;
        tw_bytes bytes;
        tw_bytes again;
        any_sheet(&s, sizes[i]);
        assert_ok(tw_sheet_sign(cx, &bytes, &s, secret));
        assert_ok(tw_sheet_open(cx, &back, bytes, key));
        assert_ok(tw_sheet_sign(cx, &again, &back, secret));
        assert_same(bytes, again);
        assert_int_equal(s.first, back.first);
        assert_true(s.log_size == back.log_size);
        assert_same(s.codes, back.codes);
    }
}

TEST(sheet__refuses_other_lengths_and_flipped_bytes)
{
    tw_sheet s;
    tw_bytes bytes;
    keys();
    any_sheet(&s, 4);
    assert_ok(tw_sheet_sign(cx, &bytes, &s, secret));
    assert_exact(bytes, decode);
    uint8_t *p = tw_arena_get(cx->arena, bytes.n);
    memcpy(p, bytes.p, bytes.n);
    for (size_t i = 0; i < bytes.n; i++) {
        p[i] ^= 0x80;
        assert_true(decode((tw_bytes){ p, bytes.n }) != TW_OK);
        p[i] ^= 0x80;
    }
}

TEST(sheet__signature_is_checked_only_with_a_key)
{
    tw_sheet s;
    tw_sheet back;
    tw_bytes bytes;
    uint8_t other[TW_KEY];
    keys();
    memcpy(other, key, sizeof other);
    other[0] ^= 1;
    any_sheet(&s, 4);
    assert_ok(tw_sheet_sign(cx, &bytes, &s, secret));
    assert_status(TW_ECRYPTO, tw_sheet_open(cx, &back, bytes, other));
    assert_ok(tw_sheet_open(cx, &back, bytes, NULL));
}

TEST(sheet__refuses_codes_that_do_not_exist_and_too_many)
{
    tw_sheet s;
    tw_bytes bytes;
    keys();
    any_sheet(&s, TW_SHEET_LEAVES_MAX + 1);
    assert_status(TW_EPARSE, tw_sheet_sign(cx, &bytes, &s, secret));
    any_sheet(&s, 3);
    uint8_t codes[] = { 0, TW_LEAF_CODE_COUNT, 1 };
    s.codes = TW_BYTES(codes);
    assert_status(TW_EPARSE, tw_sheet_sign(cx, &bytes, &s, secret));
    codes[1] = TW_LEAF_CODE_COUNT - 1;
    s.first = UINT32_MAX - 2;
    assert_status(TW_EPARSE, tw_sheet_sign(cx, &bytes, &s, secret));
    s.first--;
    assert_ok(tw_sheet_sign(cx, &bytes, &s, secret));
}

TEST(sheet__refuses_a_code_that_does_not_exist_though_well_signed)
{
    tw_sheet s;
    tw_bytes bytes;
    keys();
    any_sheet(&s, 3);
    assert_ok(tw_sheet_sign(cx, &bytes, &s, secret));
    for (unsigned code = TW_LEAF_CODE_COUNT - 1; code <= TW_LEAF_CODE_COUNT; code++) {
        tw_buf b;
        tw_buf_init(&b, TW_KIB);
        tw_buf_add(&b, bytes.p, bytes.n - TW_SIG);
        b.p[32 + 32 + 8 + 32 + 4 + 4 + 1] = (uint8_t)code;
        uint8_t sig[TW_SIG];
        tw_sign(cx, sig, secret, "tw/sheet/1", tw_buf_view(&b));
        tw_buf_add(&b, sig, sizeof sig);
        assert_status(code < TW_LEAF_CODE_COUNT ? TW_OK : TW_EPARSE, decode(taken(&b)));
    }
}

TEST(sheet__page_example)
{
    static const uint8_t codes[] = { TW_LEAF_ANSWERED, TW_LEAF_DENY, TW_LEAF_STOPPED, TW_LEAF_CAPSULE };
    keys();
    tw_sheet s = { .log_size = 1234, .first = 4096, .codes = TW_BYTES(codes) };
    count_up(s.keeper.b, 32, 0x01);
    count_up(s.release.b, 32, 0xe0);
    count_up(s.log_root, 32, 0x02);
    count_up(s.fragments_hash, 32, 0x03);
    tw_bytes page = page_hex("sheet.md", 0);
    tw_bytes bytes;
    assert_ok(tw_sheet_sign(cx, &bytes, &s, secret));
    assert_same(page, bytes);
    assert_ok(decode(page));
    tw_buf b;
    tw_buf_init(&b, TW_KIB);
    tw_sheet_aad(&b, &s);
    assert_same((tw_bytes){ page.p, page.n - 32 - TW_SIG }, taken(&b));
}

TEST(leaf_code__has_a_text_of_its_own_as_the_page_says)
{
    tw_str page = tw_test_source("/docs/formats/sheet.md");
    for (unsigned i = 0; i < TW_LEAF_CODE_COUNT; i++)
        assert_true(tw_str_find(page, tw_strf(cx->arena, "\n| %u | %s |\n", i, tw_leaf_code_text(i))) != SIZE_MAX);
    assert_string_equal("no such code", tw_leaf_code_text(TW_LEAF_CODE_COUNT));
    assert_string_equal("no such code", tw_leaf_code_text(UINT32_MAX));
}
