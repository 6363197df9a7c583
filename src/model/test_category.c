/* Ids and categories. */
#include "test_model.h"

TEST(category__names_go_both_ways)
{
    for (int c = 1; c <= TW_CATEGORY_COUNT; c++) {
        tw_category back;
        assert_true(tw_category_parse(&back, tw_str_of(tw_category_name((tw_category)c))));
        assert_int_equal(c, back);
    }
    tw_category none;
    assert_false(tw_category_parse(&none, TW_STR("Labs")));
    assert_false(tw_category_parse(&none, TW_STR("")));
    assert_false(tw_category_parse(&none, TW_STR("laboratory")));
    assert_string_equal("unknown", tw_category_name((tw_category)0));
    assert_string_equal("unknown", tw_category_name((tw_category)(TW_CATEGORY_COUNT + 1)));
    assert_string_equal("demographics", tw_category_name(TW_CAT_DEMOGRAPHICS));
    assert_string_equal("administrative", tw_category_name(TW_CAT_ADMINISTRATIVE));
}

TEST(category__are_numbered_as_the_page_says)
{
    tw_str page = tw_test_source("/docs/formats/compartment.md");
    for (int c = 1; c <= TW_CATEGORY_COUNT; c++)
        assert_true(tw_str_find(page, tw_strf(cx->arena, "%d %s", c, tw_category_name((tw_category)c))) != SIZE_MAX);
}

TEST(category_set__reads_lists)
{
    uint32_t set;
    assert_ok(tw_category_set_parse(cx, &set, TW_STR("all")));
    assert_int_equal(TW_CAT_ALL, set);
    assert_ok(tw_category_set_parse(cx, &set, TW_STR("labs, vitals")));
    assert_int_equal(TW_CAT_BIT(TW_CAT_LABS) | TW_CAT_BIT(TW_CAT_VITALS), set);
    assert_status(TW_EUSAGE, tw_category_set_parse(cx, &set, TW_STR("labs,lungs")));
    assert_int_equal(0, set);
    assert_string_equal("there is no category \"lungs\"", cx->err.msg);
    assert_status(TW_EUSAGE, tw_category_set_parse(cx, &set, TW_STR("labs,,vitals")));
    assert_status(TW_EUSAGE, tw_category_set_parse(cx, &set, TW_STR("labs,all")));
}

TEST(category_set__text_reads_back)
{
    assert_str("all", tw_category_set_text(cx, TW_CAT_ALL));
    assert_str("labs,genomics", tw_category_set_text(cx, TW_CAT_BIT(TW_CAT_LABS) | TW_CAT_BIT(TW_CAT_GENOMICS)));
    for (uint32_t set = 1; set <= TW_CAT_ALL; set += 1 + (uint32_t)tw_test_below(40)) {
        uint32_t back;
        tw_mark mark = tw_arena_mark(cx->arena);
        assert_ok(tw_category_set_parse(cx, &back, tw_category_set_text(cx, set)));
        assert_int_equal(set, back);
        tw_arena_back(cx->arena, mark);
    }
}

TEST(id__orders_by_bytes)
{
    tw_id a = { { 1 } };
    tw_id b = { { 1, 0, 1 } };
    assert_true(tw_id_cmp(&a, &b) < 0);
    assert_true(tw_id_cmp(&b, &a) > 0);
    assert_int_equal(0, tw_id_cmp(&a, &a));
    assert_false(tw_id_eq(&a, &b));
    assert_true(tw_id_eq(&b, &b));
    assert_str("0100010000000000000000000000000000000000000000000000000000000000", tw_id_hex(cx, &b));
    assert_int_equal(32, tw_id_bytes(&a).n);
}
