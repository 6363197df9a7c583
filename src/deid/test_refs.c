/* What references mean, the book of a source, and keyed ids. */
#include "test.h"

#include "deid/deid_internal.h"

static tw_refbook *book;

static tw_status add(const char *json, tw_str full_url)
{
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, tw_str_of(json), NULL));
    return tw_refbook_add(cx, book, &d, 0, full_url);
}

static tw_status add_specimen(unsigned n, const char *full_url)
{
    return add(tw_strf(cx->arena, "{\"resourceType\":\"Specimen\",\"id\":\"s%u\"}", n).p, tw_str_of(full_url));
}

static tw_status bundle(const char *json)
{
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, tw_str_of(json), NULL));
    return tw_refbook_bundle(cx, book, &d);
}

static ref_kind kind_of(const char *ref)
{
    ref_target t;
    return ref_parse(&t, book, tw_str_of(ref));
}

/* A text of n letters between two others. */
static const char *with_long(const char *before, size_t n, const char *after)
{
    char *letters = tw_arena_get(cx->arena, n + 1);
    memset(letters, 'a', n);
    return tw_strf(cx->arena, "%s%s%s", before, letters, after).p;
}

TEST(parse__takes_a_type_and_an_id_and_nothing_near_it)
{
    ref_target t;
    book = NULL;
    assert_int_equal(REF_RECORD, ref_parse(&t, book, TW_STR("CarePlan/c-1.2")));
    assert_str("CarePlan", t.type);
    assert_str("c-1.2", t.id);
    assert_int_equal(TW_CAT_PROCEDURES, t.category);
    assert_int_equal(REF_RECORD, kind_of("CarePlan/c1/_history/7"));
    static const char *const unknown[] = {
        "",         "CarePlan", "/c1",      "CarePlan/",    "carePlan/c1",   "{arePlan/c1",    "1arePlan/c1",
        "Care7/c1", "Care{/c1", "Care[/c1", "CarePlan/c 1", "a/CarePlan/c1", "CarePlan?id=c1", "CarePlan/c1?x",
    };
    for (size_t i = 0; i < TW_COUNT(unknown); i++)
        assert_int_equal(REF_UNKNOWN, kind_of(unknown[i]));
    assert_int_equal(REF_RECORD, kind_of(with_long("C", 63, "/c1")));
    assert_int_equal(REF_UNKNOWN, kind_of(with_long("C", 64, "/c1")));
    assert_int_equal(REF_CONTAINED, ref_parse(&t, book, TW_STR("#med")));
    assert_str("med", t.id);
    assert_int_equal(REF_CONTAINED, kind_of(with_long("#", 2047, "")));
    assert_int_equal(REF_UNKNOWN, kind_of(with_long("#", 2048, "")));
}

TEST(book__passes_over_what_no_reference_can_name)
{
    book = tw_refbook_new(10);
    assert_ok(add("{\"resourceType\":\"Specimen\"}", TW_STR("urn:a")));
    assert_ok(add("{\"resourceType\":\"Specimen\",\"id\":\"a b\"}", TW_STR("urn:b")));
    assert_ok(add("{\"id\":\"s1\"}", TW_STR("urn:c")));
    assert_ok(add(with_long("{\"resourceType\":\"", 65, "\",\"id\":\"s1\"}"), TW_STR("urn:d")));
    static const char *const names[] = { "urn:a", "urn:b", "urn:c", "urn:d" };
    for (size_t i = 0; i < TW_COUNT(names); i++)
        assert_int_equal(REF_UNKNOWN, kind_of(names[i]));
    /* too long a URL is not learned, the record is */
    assert_ok(add_specimen(1, with_long("", 2048, "")));
    assert_int_equal(REF_UNKNOWN, kind_of(with_long("", 2048, "")));
    ref_target t;
    assert_ok(add("{\"resourceType\":\"Observation\",\"id\":\"o1\",\"category\":[{\"coding\":[{\"code\":\"exam\"}]}]}",
                  TW_STR("")));
    assert_int_equal(REF_RECORD, ref_parse(&t, book, TW_STR("Observation/o1")));
    assert_int_equal(TW_CAT_VITALS, t.category);
    assert_ok(add("{\"resourceType\":\"Practitioner\",\"id\":\"dr\"}", TW_STR("urn:dr")));
    assert_int_equal(REF_RECORD, ref_parse(&t, book, TW_STR("urn:dr")));
    assert_int_equal(0, t.category); /* in no record's category */
    tw_refbook_free(book);
    tw_refbook_free(NULL);
}

/* `count_max` records, each by two names. */
TEST(book__is_full_at_its_ceiling)
{
    book = tw_refbook_new(1);
    assert_ok(add_specimen(1, "urn:1"));
    assert_status(TW_ELIMIT, add_specimen(2, ""));
    assert_string_equal("too many references", cx->err.msg);
    assert_int_equal(REF_UNKNOWN, kind_of("urn:2"));
    tw_refbook_free(book);
    book = tw_refbook_new(1);
    assert_ok(add_specimen(1, ""));
    assert_status(TW_ELIMIT, add_specimen(2, "urn:2"));
    assert_int_equal(REF_UNKNOWN, kind_of("urn:2"));
    tw_refbook_free(book);
}

TEST(book__says_when_there_is_no_memory)
{
    book = tw_refbook_new(10);
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, TW_STR("{\"resourceType\":\"Specimen\",\"id\":\"s1\"}"), NULL));
    tw_mem_fail_at(1);
    tw_status s = tw_refbook_add(cx, book, &d, 0, TW_STR("urn:1"));
    tw_mem_fail_at(0);
    assert_status(TW_ELIMIT, s);
    assert_int_equal(REF_UNKNOWN, kind_of("urn:1"));
    tw_refbook_free(book);
}

TEST(book__reads_bundles_alone_and_stops_at_its_ceiling)
{
    book = tw_refbook_new(1);
    assert_status(TW_EPARSE, bundle("{\"resourceType\":\"Specimen\",\"id\":\"s1\"}"));
    assert_string_equal("not a Bundle", cx->err.msg);
    assert_ok(bundle("{\"resourceType\":\"Bundle\",\"entry\":[{\"fullUrl\":\"urn:0\"},{\"fullUrl\":\"urn:1\","
                     "\"resource\":{\"resourceType\":\"Specimen\",\"id\":\"s1\"}}]}"));
    assert_int_equal(REF_UNKNOWN, kind_of("urn:0"));
    assert_int_equal(REF_RECORD, kind_of("urn:1"));
    assert_status(TW_ELIMIT, bundle("{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"resourceType\":"
                                    "\"Specimen\",\"id\":\"s2\"}}]}"));
    tw_refbook_free(book);
}

TEST(id__of_no_id_is_one_of_the_type)
{
    /* python: hmac.new(bytes([7])+bytes(31), b'tw/id/1'+b'Observation\0', 'sha256').hexdigest()[:32] */
    static const uint8_t id_key[32] = { 7 };
    char id[TW_ID_HEX + 1];
    tw_deid_id(id, id_key, TW_STR("Observation"), (tw_str){ NULL, 0 });
    assert_string_equal("01ec1f6551ac11c9c91f9d333bb2cd98", id);
}
