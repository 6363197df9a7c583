/* Policies and projects as protobuf: round trips, canonical form, what is inconsistent, the page's examples. */
#include "test_model.h"

static void any_policy(tw_policy *p)
{
    *p = (tw_policy){ .status = (tw_consent_status)tw_test_below(2) };
    p->permission = (tw_duo_permission)tw_test_below(6);
    p->modifiers = (uint32_t)(tw_test_random() & ((1u << TW_MOD_COUNT) - 1));
    p->categories = (uint32_t)(tw_test_random() & TW_CAT_ALL);
    if (p->permission == TW_DUO_DS)
        any_list(&p->diseases, 1);
    const struct {
        tw_duo_modifier modifier;
        tw_list *list;
    } lists[] = { { TW_MOD_GS, &p->countries }, { TW_MOD_US, &p->users },
                  { TW_MOD_PS, &p->projects },  { TW_MOD_IS, &p->institutions } };
    for (size_t i = 0; i < TW_COUNT(lists); i++)
        if (p->modifiers >> lists[i].modifier & 1)
            any_list(lists[i].list, 1);
    if (p->modifiers >> TW_MOD_RS & 1)
        p->research_type = any_text();
    if (p->modifiers >> TW_MOD_MOR & 1)
        p->publish_after_s = 1 + tw_test_below(1u << 31);
    if (p->modifiers >> TW_MOD_TS & 1) {
        p->use_months = tw_test_below(3);
        p->use_until_s = tw_test_below(2) || p->use_months == 0 ? 1 + tw_test_below(1u << 31) : 0;
    }
    p->from_s = tw_test_below(1u << 31);
    p->until_s = tw_test_below(2) ? UINT64_MAX : tw_test_below(1u << 31);
    any_list(&p->yes, 0);
    any_list(&p->no, 0);
}

static void assert_list(const tw_list *a, const tw_list *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++)
        assert_true(tw_str_eq(a->item[i], b->item[i]));
}

static void assert_policy(const tw_policy *a, const tw_policy *b)
{
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->permission, b->permission);
    assert_int_equal(a->modifiers, b->modifiers);
    assert_int_equal(a->categories, b->categories);
    assert_list(&a->diseases, &b->diseases);
    assert_list(&a->countries, &b->countries);
    assert_list(&a->users, &b->users);
    assert_list(&a->projects, &b->projects);
    assert_list(&a->institutions, &b->institutions);
    assert_true(tw_str_eq(a->research_type, b->research_type));
    assert_true(a->publish_after_s == b->publish_after_s && a->use_months == b->use_months);
    assert_true(a->use_until_s == b->use_until_s && a->from_s == b->from_s && a->until_s == b->until_s);
    assert_list(&a->yes, &b->yes);
    assert_list(&a->no, &b->no);
}

static tw_status decode(tw_bytes in)
{
    tw_policy p;
    return tw_policy_decode(cx, &p, in);
}

TEST(policy__comes_back_as_it_was)
{
    for (int i = 0; i < 500; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_policy p;
        tw_policy back;
        tw_bytes bytes;
        tw_bytes again;
        any_policy(&p);
        assert_ok(tw_policy_encode(cx, &bytes, &p));
        assert_ok(tw_policy_decode(cx, &back, bytes));
        assert_policy(&p, &back);
        assert_ok(tw_policy_encode(cx, &again, &back));
        assert_same(bytes, again);
        tw_arena_back(cx->arena, mark);
    }
}

TEST(policy__refuses_other_lengths)
{
    for (int i = 0; i < 20; i++) {
        tw_policy p;
        tw_bytes bytes;
        any_policy(&p);
        p.yes.count = p.no.count = 1;
        p.yes.item[0] = p.no.item[0] = TW_STR("x");
        assert_ok(tw_policy_encode(cx, &bytes, &p));
        assert_exact(bytes, decode);
    }
}

/* Every change of a byte that still decodes is another policy: it encodes to the changed bytes. */
TEST(policy__flipped_bytes_are_refused_or_canonical)
{
    for (int round = 0; round < 20; round++) {
        tw_policy p;
        tw_bytes bytes;
        any_policy(&p);
        assert_ok(tw_policy_encode(cx, &bytes, &p));
        uint8_t *b = tw_arena_get(cx->arena, bytes.n);
        memcpy(b, bytes.p, bytes.n);
        for (size_t i = 0; i < bytes.n; i++) {
            tw_mark mark = tw_arena_mark(cx->arena);
            b[i] ^= (uint8_t)(1u << tw_test_below(8));
            tw_policy back;
            tw_bytes again;
            if (tw_policy_decode(cx, &back, (tw_bytes){ b, bytes.n }) == TW_OK) {
                assert_ok(tw_policy_encode(cx, &again, &back));
                assert_same((tw_bytes){ b, bytes.n }, again);
            }
            b[i] = bytes.p[i];
            tw_arena_back(cx->arena, mark);
        }
    }
}

/* The page's policy, spelled in other ways that protobuf allows or almost allows. */
TEST(policy__refuses_what_is_not_canonical)
{
    static const char good[] = "102a1a02131620800332024445708097f3d00678ffffffffffffffffff018a01024343900101";
    static const struct {
        const char *from;
        const char *to;
    } rows[] = {
        { "1a021316", "1a021613" },         /* modifiers descend */
        { "1a021316", "18131816" },         /* modifiers not packed */
        { "1a021316", "1a0113180116" },     /* modifiers in two parts */
        { "1a021316", "1a03131316" },       /* a modifier twice */
        { "1a021316", "1a021306" },         /* DUO 6 is no modifier */
        { "102a1a021316", "1a021316102a" }, /* fields out of order */
        { "102a1a", "0800102a1a" },         /* a default written */
        { "102a1a", "0802102a1a" },         /* status 2 */
        { "102a1a", "10aa001a" },           /* a long varint */
        { "102a1a", "102a102a1a" },         /* a field twice */
        { "102a1a", "102b1a" },             /* DUO 43 is no permission */
        { "102a1a", "102a101a" },           /* a number without its value */
        { "32024445", "32024400" },         /* NUL in a text */
        { "32024445", "320244ff" },         /* not UTF-8 */
        { "32024445", "33024445" },         /* a wire type that is none */
        { "900101", "900101980101" },       /* a field that is not known */
        { "900101", "900102" },             /* format 2 */
        { "900101", "" },                   /* no format */
    };
    assert_ok(decode(tw_test_unhex(tw_str_of(good))));
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        size_t at = tw_str_find(tw_str_of(good), tw_str_of(rows[i].from));
        assert_true(at != SIZE_MAX);
        const char *rest = good + at + strlen(rows[i].from);
        tw_status s = decode(tw_test_unhex(tw_strf(cx->arena, "%.*s%s%s", (int)at, good, rows[i].to, rest)));
        if (s != TW_EPARSE)
            fail_msg("row %zu: %s", i, tw_status_name(s));
    }
}

static tw_policy plain(void)
{
    return (tw_policy){ .permission = TW_DUO_GRU, .categories = 1, .until_s = UINT64_MAX };
}

static tw_status encode(const tw_policy *p)
{
    tw_bytes bytes;
    return tw_policy_encode(cx, &bytes, p);
}

static tw_list one(tw_str item)
{
    return (tw_list){ { item }, 1 };
}

TEST(policy__a_modifier_and_its_limit_come_together)
{
    static const tw_duo_modifier limited[] = { TW_MOD_GS, TW_MOD_US,  TW_MOD_PS, TW_MOD_IS,
                                               TW_MOD_RS, TW_MOD_MOR, TW_MOD_TS };
    for (size_t i = 0; i < TW_COUNT(limited); i++) {
        tw_policy p = plain();
        p.modifiers = 1u << limited[i];
        assert_status(TW_EPARSE, encode(&p));
        tw_policy q = plain();
        switch (i) {
        case 0: q.countries = one(TW_STR("DE")); break;
        case 1: q.users = one(TW_STR("u")); break;
        case 2: q.projects = one(TW_STR("p")); break;
        case 3: q.institutions = one(TW_STR("i")); break;
        case 4: q.research_type = TW_STR("r"); break;
        case 5: q.publish_after_s = 1; break;
        default: q.use_months = 1; break;
        }
        assert_status(TW_EPARSE, encode(&q));
        q.modifiers = 1u << limited[i];
        assert_ok(encode(&q));
    }
    tw_policy p = plain();
    p.diseases = one(TW_STR("DOID:4"));
    assert_status(TW_EPARSE, encode(&p));
    p.permission = TW_DUO_DS;
    assert_ok(encode(&p));
    p.diseases.count = 0;
    assert_status(TW_EPARSE, encode(&p));
}

TEST(policy__refuses_values_out_of_range)
{
    for (int i = 0; i < 9; i++) {
        tw_policy p = plain();
        switch (i) {
        case 0: p.status = (tw_consent_status)2; break;
        case 1: p.permission = (tw_duo_permission)6; break;
        case 2: p.modifiers = 1u << TW_MOD_COUNT; break;
        case 3: p.categories = TW_CAT_ALL + 1; break;
        case 4: p.from_s = 253402300800u; break;
        case 5: p.until_s = 253402300800u; break;
        case 6: p.modifiers = 1u << TW_MOD_MOR; p.publish_after_s = 253402300800u; break;
        case 7: p.modifiers = 1u << TW_MOD_TS; p.use_until_s = UINT64_MAX; break;
        default: p.modifiers = 1u << TW_MOD_TS; p.use_months = 1201; break;
        }
        assert_status(TW_EPARSE, encode(&p));
    }
    tw_policy p = plain();
    p.modifiers = 1u << TW_MOD_MOR | 1u << TW_MOD_TS;
    p.from_s = p.until_s = p.publish_after_s = p.use_until_s = 253402300799u;
    p.use_months = 1200;
    assert_ok(encode(&p));
}

TEST(policy__refuses_text_that_is_none)
{
    char letters[1001];
    memset(letters, 'a', sizeof letters);
    const tw_str bad[] = { { "", 0 }, { "a\0b", 3 }, { "\xc3", 1 }, { "\xed\xa0\x80", 3 }, { letters, 201 } };
    for (size_t i = 0; i < TW_COUNT(bad); i++) {
        tw_policy p = plain();
        p.no = one(bad[i]);
        assert_status(TW_EPARSE, encode(&p));
        p.no = one((tw_str){ letters, 200 });
        assert_ok(encode(&p));
    }
    tw_policy p = plain();
    p.modifiers = 1u << TW_MOD_RS;
    p.research_type = (tw_str){ letters, 1000 };
    assert_ok(encode(&p));
    p.research_type.n = 1001;
    assert_status(TW_EPARSE, encode(&p));
    p = plain();
    p.yes.count = TW_LIST_MAX + 1;
    assert_status(TW_EPARSE, encode(&p));
}

TEST(policy__has_a_ceiling_of_bytes)
{
    char letters[200];
    memset(letters, 'a', sizeof letters);
    tw_list full = { .count = TW_LIST_MAX };
    for (size_t i = 0; i < TW_LIST_MAX; i++)
        full.item[i] = (tw_str){ letters, sizeof letters };
    tw_policy p = plain();
    p.permission = TW_DUO_DS;
    p.modifiers = 1u << TW_MOD_GS | 1u << TW_MOD_US;
    p.diseases = p.countries = p.users = p.yes = p.no = full;
    assert_ok(encode(&p));
    p.modifiers |= 1u << TW_MOD_PS;
    p.projects = full;
    assert_status(TW_ELIMIT, encode(&p));
    uint8_t *many = tw_arena_get(cx->arena, TW_POLICY_BYTES_MAX + 1);
    assert_status(TW_EPARSE, decode((tw_bytes){ many, TW_POLICY_BYTES_MAX + 1 }));
}

TEST(policy__a_list_over_its_limit_does_not_decode)
{
    tw_buf b;
    tw_buf_init(&b, TW_KIB);
    tw_bytes head = tw_test_unhex(TW_STR("102a2001"));
    tw_bytes tail = tw_test_unhex(TW_STR("900101"));
    /* diseases, countries, users, projects, institutions, yes, no */
    static const char *const tags[] = { "\x2a", "\x32", "\x3a", "\x42", "\x4a", "\x82\x01", "\x8a\x01" };
    for (size_t list = 0; list < TW_COUNT(tags); list++) {
        for (int count = TW_LIST_MAX; count <= TW_LIST_MAX + 1; count++) {
            tw_buf_clear(&b);
            tw_buf_add(&b, head.p, head.n);
            for (int i = 0; i < count; i++) {
                tw_buf_cstr(&b, tags[list]);
                tw_buf_add(&b, "\x01x", 2);
            }
            tw_buf_add(&b, tail.p, tail.n);
            tw_status s = decode(tw_buf_view(&b));
            assert_true(s == (count <= TW_LIST_MAX && list >= 5 ? TW_OK : TW_EPARSE));
            if (count > TW_LIST_MAX)
                assert_non_null(strstr(cx->err.msg, "17 items"));
        }
    }
    tw_buf_done(&b);
}

/* ---------------------------------------------------------------- projects */

static void any_project(tw_project *p)
{
    *p = (tw_project){ 0 };
    tw_purpose *u = &p->purpose;
    u->type = (tw_purpose_type)tw_test_below(TW_PURPOSE_COUNT);
    u->organisation = (tw_organisation)tw_test_below(3);
    any_list(&u->diseases, 0);
    tw_tri *facts[] = { &u->commercial, &u->genetic, &u->ethics_approval, &u->will_publish, &u->returns_results,
                        &u->collaborates, &u->methods, &u->ancestry, &u->vulnerable_population, &u->stigmatising,
                        &u->law_enforcement, &u->insurance_or_employment };
    for (size_t i = 0; i < TW_COUNT(facts); i++)
        *facts[i] = (tw_tri)((int)tw_test_below(3) - 1);
    u->country = tw_test_below(2) ? any_text() : (tw_str){ NULL, 0 };
    u->institution = any_text();
    u->user = any_text();
    u->project = any_text();
    u->publish_from_s = tw_test_below(1u << 31);
    u->use_until_s = tw_test_below(2) ? 0 : tw_test_below(1u << 31);
    p->categories = 1 + (uint32_t)tw_test_below(TW_CAT_ALL);
    p->epoch_first = (uint16_t)tw_test_below(3000);
    p->epoch_last = (uint16_t)(p->epoch_first + tw_test_below(3));
    p->from_s = tw_test_below(1u << 31);
    p->until_s = tw_test_below(2) ? UINT64_MAX : p->from_s + 1;
    any(p->ethics_hash, 32);
    any(p->b, 32);
    any(p->r, 32);
}

static tw_status project_decode(tw_bytes in)
{
    tw_project p;
    return tw_project_decode(cx, &p, in);
}

TEST(project__comes_back_as_it_was)
{
    for (int i = 0; i < 500; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_project p;
        tw_project back;
        tw_bytes bytes;
        tw_bytes again;
        any_project(&p);
        assert_ok(tw_project_encode(cx, &bytes, &p));
        assert_ok(tw_project_decode(cx, &back, bytes));
        assert_ok(tw_project_encode(cx, &again, &back));
        assert_same(bytes, again);
        assert_int_equal(p.purpose.type, back.purpose.type);
        assert_int_equal(p.purpose.ethics_approval, back.purpose.ethics_approval);
        assert_int_equal(p.purpose.insurance_or_employment, back.purpose.insurance_or_employment);
        assert_true(tw_str_eq(p.purpose.country, back.purpose.country));
        assert_true(tw_str_eq(p.purpose.project, back.purpose.project));
        assert_list(&p.purpose.diseases, &back.purpose.diseases);
        assert_memory_equal(p.b, back.b, 32);
        assert_memory_equal(p.r, back.r, 32);
        assert_true(p.until_s == back.until_s && p.epoch_last == back.epoch_last && p.categories == back.categories);
        tw_arena_back(cx->arena, mark);
    }
}

TEST(project__refuses_other_lengths)
{
    for (int i = 0; i < 10; i++) {
        tw_project p;
        tw_bytes bytes;
        any_project(&p);
        assert_ok(tw_project_encode(cx, &bytes, &p));
        assert_exact(bytes, project_decode);
    }
}

TEST(project__refuses_values_out_of_range)
{
    char letters[201];
    memset(letters, 'a', sizeof letters);
    for (int i = 0; i < 20; i++) {
        tw_project p;
        tw_bytes bytes;
        any_project(&p);
        assert_ok(tw_project_encode(cx, &bytes, &p));
        switch (i) {
        case 0: p.purpose.type = (tw_purpose_type)TW_PURPOSE_COUNT; break;
        case 1: p.purpose.organisation = (tw_organisation)3; break;
        case 2: p.purpose.genetic = 2; break;
        case 3: p.purpose.insurance_or_employment = -2; break;
        case 4: p.purpose.diseases.count = TW_LIST_MAX + 1; break;
        case 5: p.purpose.diseases = one(TW_STR("")); break;
        case 6: p.purpose.country = (tw_str){ letters, 201 }; break;
        case 7: p.purpose.user = (tw_str){ "\xff", 1 }; break;
        case 8: p.purpose.use_until_s = UINT64_MAX; break;
        case 9: p.purpose.publish_from_s = 253402300800u; break;
        case 10: p.categories = 0; break;
        case 11: p.categories = TW_CAT_ALL + 1; break;
        case 12: p.epoch_first = (uint16_t)(p.epoch_last + 1); break;
        case 13: p.until_s = p.from_s; break;
        case 14: p.until_s = UINT64_MAX - 1; break;
        case 15: p.purpose.diseases = one((tw_str){ letters, 201 }); break;
        case 16: p.purpose.institution = (tw_str){ letters, 201 }; break;
        case 17: p.purpose.project = (tw_str){ "a\0b", 3 }; break;
        case 18: p.purpose.diseases = one((tw_str){ "\xc3", 1 }); break;
        default: p.from_s = 253402300800u; p.until_s = UINT64_MAX; break;
        }
        if (tw_project_encode(cx, &bytes, &p) != TW_EPARSE)
            fail_msg("row %d is taken", i);
    }
}

TEST(project__takes_the_last_values_of_its_ranges)
{
    char letters[200];
    memset(letters, 'a', sizeof letters);
    tw_project p;
    tw_bytes bytes;
    any_project(&p);
    p.purpose.country = (tw_str){ letters, sizeof letters };
    p.purpose.publish_from_s = p.purpose.use_until_s = p.from_s = 253402300799u;
    p.until_s = UINT64_MAX;
    p.epoch_first = p.epoch_last = UINT16_MAX;
    p.categories = TW_CAT_ALL;
    assert_ok(tw_project_encode(cx, &bytes, &p));
    assert_ok(project_decode(bytes));
    p.from_s = 1;
    p.until_s = 253402300799u;
    assert_ok(tw_project_encode(cx, &bytes, &p));
}

/* The page's project with one field changed on the wire. */
TEST(project__refuses_wire_values_out_of_range)
{
    static const struct {
        const char *from;
        const char *to;
    } rows[] = {
        { "0a0d0802", "0a0d0807" },     /* type 7 */
        { "1801", "1803" },             /* organisation 3 */
        { "20013002", "30022001" },     /* fields of the purpose out of order */
        { "18ea0f20eb0f", "20eb0f18ea0f" }, /* fields of the project out of order */
        { "18ea0f20eb0f", "18eb0f20ea0f" }, /* epochs the wrong way */
        { "20eb0f", "208080048f00" },   /* a number that is not there: breaks the form */
        { "3a20", "3a1f" },             /* a hash of 31 bytes */
        { "0a0d0802180120013002820102444510", "10" }, /* no purpose */
    };
    tw_str page = tw_hex(cx->arena, page_hex("policy.md", 1));
    assert_ok(project_decode(tw_test_unhex(page)));
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        size_t at = tw_str_find(page, tw_str_of(rows[i].from));
        assert_true(at != SIZE_MAX);
        tw_str rest = { page.p + at + strlen(rows[i].from), page.n - at - strlen(rows[i].from) };
        tw_str text = tw_strf(cx->arena, "%.*s%s" TW_FMT, (int)at, page.p, rows[i].to, TW_ARG(rest));
        assert_status(TW_EPARSE, project_decode(tw_test_unhex(text)));
    }
    /* an epoch over 16 bits, and a key of 31 bytes at the end */
    size_t at = tw_str_find(page, TW_STR("20eb0f"));
    tw_str text = tw_strf(cx->arena, "%.*s20ffff04%s", (int)at, page.p, page.p + at + 6);
    assert_status(TW_EPARSE, project_decode(tw_test_unhex(text)));
    at = tw_str_find(page, TW_STR("4a20"));
    text = tw_strf(cx->arena, "%.*s4a1f%.*s", (int)at, page.p, 62, page.p + at + 4);
    assert_status(TW_EPARSE, project_decode(tw_test_unhex(text)));
    at = tw_str_find(page, TW_STR("4220"));
    text = tw_strf(cx->arena, "%.*s421f%.*s%s", (int)at, page.p, 62, page.p + at + 4, page.p + at + 68);
    assert_status(TW_EPARSE, project_decode(tw_test_unhex(text)));
}

/* Fields 4 to 15 of a purpose: 2 is a yes, 3 is nothing. */
TEST(project__refuses_facts_that_are_neither_yes_nor_no)
{
    tw_str page = tw_hex(cx->arena, page_hex("policy.md", 1));
    size_t end = tw_str_find(page, TW_STR("10800318"));
    for (unsigned field = 4; field <= 15; field++) {
        for (unsigned value = 2; value <= 3; value++) {
            tw_str text = tw_strf(cx->arena, "0a040802%02x%02x%s", field << 3, value, page.p + end);
            assert_status(value == 2 ? TW_OK : TW_EPARSE, project_decode(tw_test_unhex(text)));
        }
    }
}

TEST(project__page_example_and_id)
{
    tw_project p = { .purpose = { .type = TW_PURPOSE_HMB, .organisation = TW_ORG_NONPROFIT } };
    tw_purpose *u = &p.purpose;
    tw_tri *unsaid[] = { &u->genetic, &u->will_publish, &u->returns_results, &u->collaborates, &u->methods,
                         &u->ancestry, &u->vulnerable_population, &u->stigmatising, &u->law_enforcement,
                         &u->insurance_or_employment };
    for (size_t i = 0; i < TW_COUNT(unsaid); i++)
        *unsaid[i] = -1;
    p.purpose.ethics_approval = 1;
    p.purpose.country = TW_STR("DE");
    p.categories = TW_CAT_BIT(TW_CAT_LABS) | TW_CAT_BIT(TW_CAT_VITALS);
    p.epoch_first = 2026;
    p.epoch_last = 2027;
    p.from_s = 20605 * 86400u;
    p.until_s = 20620 * 86400u;
    count_up(p.ethics_hash, 32, 1);
    count_up(p.b, 32, 2);
    count_up(p.r, 32, 3);
    tw_bytes bytes;
    assert_ok(tw_project_encode(cx, &bytes, &p));
    assert_same(page_hex("policy.md", 1), bytes);
    tw_id grantee;
    tw_id id;
    count_up(grantee.b, 32, 0x90);
    tw_project_id(&id, &grantee, bytes);
    assert_str("b11bd521e39987336d53ad8f34c623b500839d89736e4990e0db3d81a7b66131", tw_id_hex(cx, &id));
    assert_true(tw_str_find(tw_test_source("/docs/formats/policy.md"), tw_id_hex(cx, &id)) != SIZE_MAX);
}

/* ---------------------------------------------------------------- page */

TEST(policy__page_example_and_commitment)
{
    tw_policy p = plain();
    p.modifiers = 1u << TW_MOD_PUB | 1u << TW_MOD_GS;
    p.categories = TW_CAT_BIT(TW_CAT_LABS) | TW_CAT_BIT(TW_CAT_VITALS);
    p.countries = one(TW_STR("DE"));
    p.from_s = 20605 * 86400u;
    p.no = one(TW_STR("CC"));
    tw_bytes bytes;
    assert_ok(tw_policy_encode(cx, &bytes, &p));
    assert_same(page_hex("policy.md", 0), bytes);
    uint8_t salt[32];
    uint8_t c[32];
    count_up(salt, 32, 0x70);
    tw_policy_commit(c, salt, bytes);
    assert_hex("d7e429feff799b8250451a2e2a883c49abbb96f6486c67aec20f27955df25fba", c, 32);
}
