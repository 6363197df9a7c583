/* The consent decision: each rule alone, near misses, properties over random policies, and the shared cases. */
#include "test_model.h"

#define NOON 1780315200u /* 2026-06-01T12:00:00Z */
#define DAY 86400u

static tw_policy policy;
static tw_purpose purpose;
static tw_category category;
static uint64_t now;
static tw_str project_id;
static tw_str grantee;

static const char id_7[] = "0707070707070707070707070707070707070707070707070707070707070707";
static const char id_8[] = "0808080808080808080808080808080808080808080808080808080808080808";

/* A permit: general research on labs, and a purpose that says every fact harmlessly. */
static void begin(void)
{
    policy = (tw_policy){ .permission = TW_DUO_GRU, .categories = TW_CAT_ALL, .until_s = UINT64_MAX };
    purpose = (tw_purpose){ .type = TW_PURPOSE_HMB, .organisation = TW_ORG_NONPROFIT };
    category = TW_CAT_LABS;
    now = NOON;
    project_id = (tw_str){ NULL, 0 };
    grantee = (tw_str){ NULL, 0 };
}

static void put(tw_list *l, const char *item)
{
    l->item[l->count++] = tw_str_of(item);
}

static void set(tw_duo_modifier m)
{
    policy.modifiers |= 1u << m;
}

static const char *decided(void)
{
    static const char *const words[] = { [TW_PERMIT] = "permit", [TW_DENY] = "deny", [TW_REFER] = "refer" };
    tw_decision d;
    tw_decide(&d, &policy, &purpose, category, now, project_id, grantee, &tw_ontology_builtin);
    tw_str s = tw_str_of(words[d.verdict]);
    for (size_t i = 0; i < d.reason_count; i++)
        s = tw_strf(cx->arena, TW_FMT " %s", TW_ARG(s), d.reason[i]);
    return tw_cstr(cx->arena, s);
}

#define DECIDED(want) assert_string_equal(want, decided())

TEST(decide__permits_what_nothing_stands_against)
{
    begin();
    DECIDED("permit");
}

TEST(decide__wants_an_active_consent)
{
    begin();
    policy.status = TW_CONSENT_INACTIVE;
    DECIDED("deny consent-not-active");
}

TEST(decide__measures_the_period_half_open)
{
    begin();
    policy.from_s = NOON;
    policy.until_s = NOON + 1;
    DECIDED("permit");
    now = NOON - 1;
    DECIDED("deny consent-not-yet-valid");
    now = NOON + 1;
    DECIDED("deny consent-expired");
    policy.from_s = NOON + 2;
    DECIDED("deny consent-expired consent-not-yet-valid");
    policy = (tw_policy){ 0 };
    DECIDED("deny category-not-consented consent-expired no-permission-term");
}

TEST(decide__wants_the_category)
{
    begin();
    policy.categories = TW_CAT_BIT(TW_CAT_IMAGING);
    DECIDED("deny category-not-consented");
    category = TW_CAT_IMAGING;
    DECIDED("permit");
    policy.categories = 0;
    DECIDED("deny category-not-consented");
    for (int c = 1; c <= TW_CATEGORY_COUNT; c++) {
        category = (tw_category)c;
        policy.categories = TW_CAT_BIT(c);
        DECIDED("permit");
        policy.categories = ~TW_CAT_BIT(c);
        DECIDED("deny category-not-consented");
    }
    policy.categories = UINT32_MAX;
    category = (tw_category)0;
    DECIDED("deny category-not-consented");
    category = (tw_category)(TW_CATEGORY_COUNT + 1);
    DECIDED("deny category-not-consented");
}

/* Rows: permission NONE, NRES, GRU, HMB, DS; columns: purpose GRU, HMB, DS, POA, MDS, CC. */
TEST(decide__permission_by_purpose)
{
    static const char *const want[6][6] = {
        { "deny no-permission-term", "deny no-permission-term", "deny no-permission-term", "deny no-permission-term",
          "deny no-permission-term", "deny clinical-care-not-permitted" },
        { "permit", "permit", "permit", "permit", "permit", "deny clinical-care-not-permitted" },
        { "permit", "permit", "permit", "permit", "permit", "deny clinical-care-not-permitted" },
        { "deny not-health-research", "permit", "permit", "deny not-health-research", "permit",
          "deny clinical-care-not-permitted" },
        { "deny not-disease-specific", "deny not-disease-specific", "permit", "deny not-disease-specific", "permit",
          "deny clinical-care-not-permitted" },
        { "deny only-ancestry-research", "deny only-ancestry-research", "deny only-ancestry-research", "permit",
          "deny only-ancestry-research", "deny clinical-care-not-permitted" },
    };
    for (int permission = TW_DUO_NONE; permission <= TW_DUO_POA; permission++) {
        for (int type = TW_PURPOSE_GRU; type <= TW_PURPOSE_CC; type++) {
            begin();
            policy.permission = (tw_duo_permission)permission;
            purpose.type = (tw_purpose_type)type;
            if (permission == TW_DUO_DS)
                put(&policy.diseases, "DOID:162");
            if (type == TW_PURPOSE_DS || type == TW_PURPOSE_MDS)
                put(&purpose.diseases, "DOID:9256");
            DECIDED(want[permission][type - TW_PURPOSE_GRU]);
        }
    }
}

TEST(decide__care_needs_its_modifier_and_some_permission)
{
    begin();
    purpose.type = TW_PURPOSE_CC;
    set(TW_MOD_CC);
    for (int permission = TW_DUO_NRES; permission <= TW_DUO_POA; permission++) {
        policy.permission = (tw_duo_permission)permission;
        DECIDED("permit");
    }
    policy.permission = TW_DUO_NONE;
    DECIDED("deny no-permission-term");
}

TEST(decide__refers_a_purpose_that_does_not_say_its_kind)
{
    begin();
    purpose.type = TW_PURPOSE_NONE;
    DECIDED("refer purpose-unknown");
    policy.permission = TW_DUO_NONE;
    DECIDED("deny no-permission-term purpose-unknown");
}

static const char *disease(const char *consented, const char *wanted)
{
    begin();
    policy.permission = TW_DUO_DS;
    purpose.type = TW_PURPOSE_DS;
    put(&policy.diseases, consented);
    put(&purpose.diseases, wanted);
    return decided();
}

TEST(decide__disease_is_the_consented_one_or_below_it)
{
    assert_string_equal("permit", disease("DOID:9256", "DOID:9256"));
    assert_string_equal("permit", disease("DOID:4", "DOID:9256"));
    assert_string_equal("permit", disease("DOID:162", "DOID:10283"));
    assert_string_equal("deny disease-outside-consent", disease("DOID:9256", "DOID:162"));
    assert_string_equal("deny disease-outside-consent", disease("DOID:9351", "DOID:162"));
    assert_string_equal("deny disease-outside-consent", disease("DOID:162", "DOID:unheard"));
    assert_string_equal("permit", disease("DOID:unheard", "DOID:unheard"));
    disease("DOID:9351", "DOID:9352");
    put(&purpose.diseases, "DOID:1612");
    DECIDED("deny disease-outside-consent");
    put(&policy.diseases, "DOID:162");
    DECIDED("permit");
    disease("DOID:162", "DOID:9351"); /* one inside does not make up for one outside */
    put(&purpose.diseases, "DOID:162");
    DECIDED("deny disease-outside-consent");
    purpose.diseases.count = 0;
    DECIDED("deny not-disease-specific");
    purpose.type = TW_PURPOSE_MDS;
    DECIDED("deny not-disease-specific");
}

TEST(decide__follows_a_hierarchy_with_several_parents_and_with_rings)
{
    static const tw_is_a edges[] = {
        { { "b", 1 }, { "a", 1 } }, { { "c", 1 }, { "a", 1 } }, { { "d", 1 }, { "b", 1 } },
        { { "d", 1 }, { "c", 1 } }, { { "a", 1 }, { "d", 1 } }, { { "e", 1 }, { "x", 1 } },
    };
    const tw_ontology ring = { edges, TW_COUNT(edges) };
    static const struct {
        const char *wanted;
        tw_verdict verdict;
    } rows[] = { { "d", TW_PERMIT }, { "b", TW_PERMIT }, { "e", TW_DENY } };
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        tw_decision d;
        disease("c", rows[i].wanted);
        tw_decide(&d, &policy, &purpose, category, now, project_id, grantee, &ring);
        assert_int_equal(rows[i].verdict, d.verdict);
        tw_decide(&d, &policy, &purpose, category, now, project_id, grantee, NULL);
        assert_int_equal(TW_DENY, d.verdict);
    }
}

TEST(decide__gives_up_on_endless_ancestors)
{
    enum { CHAIN = 300 };
    tw_is_a edges[CHAIN];
    for (int i = 0; i < CHAIN; i++) {
        edges[i].child = tw_strf(cx->arena, "n%d", i);
        edges[i].parent = tw_strf(cx->arena, "n%d", i + 1);
    }
    const tw_ontology chain = { edges, CHAIN };
    tw_decision d;
    disease("n255", "n0");
    tw_decide(&d, &policy, &purpose, category, now, project_id, grantee, &chain);
    assert_int_equal(TW_PERMIT, d.verdict);
    disease("n256", "n0");
    tw_decide(&d, &policy, &purpose, category, now, project_id, grantee, &chain);
    assert_int_equal(TW_DENY, d.verdict);
}

TEST(decide__ancestry_is_outside_health_and_disease_research)
{
    begin();
    purpose.ancestry = 1;
    DECIDED("permit");
    policy.permission = TW_DUO_HMB;
    DECIDED("deny ancestry-outside-HMB");
    purpose.type = TW_PURPOSE_POA;
    DECIDED("deny ancestry-outside-HMB not-health-research");
    disease("DOID:162", "DOID:9256");
    purpose.ancestry = 1;
    DECIDED("deny ancestry-outside-DS");
    purpose.ancestry = -1;
    DECIDED("permit");
}

/* NPU, NCU and both together look at two facts that must not be confused. */
TEST(decide__profit_of_the_organisation_and_of_the_use)
{
    static const struct {
        tw_duo_modifier modifier;
        tw_organisation organisation;
        tw_tri commercial;
        const char *want;
    } rows[] = {
        { TW_MOD_NPU, TW_ORG_NONPROFIT, 1, "permit" },
        { TW_MOD_NPU, TW_ORG_COMMERCIAL, 0, "deny NPU" },
        { TW_MOD_NPU, TW_ORG_UNKNOWN, 0, "refer organisation-unknown" },
        { TW_MOD_NCU, TW_ORG_COMMERCIAL, 0, "permit" },
        { TW_MOD_NCU, TW_ORG_NONPROFIT, 1, "deny NCU" },
        { TW_MOD_NCU, TW_ORG_UNKNOWN, -1, "refer commercial-unknown" },
        { TW_MOD_NPUNCU, TW_ORG_NONPROFIT, 0, "permit" },
        { TW_MOD_NPUNCU, TW_ORG_COMMERCIAL, 1, "deny NCU NPU" },
        { TW_MOD_NPUNCU, TW_ORG_UNKNOWN, 1, "deny NCU organisation-unknown" },
        { TW_MOD_NPUNCU, TW_ORG_UNKNOWN, -1, "refer commercial-unknown organisation-unknown" },
        { TW_MOD_PUB, TW_ORG_UNKNOWN, -1, "deny PUB" },
    };
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        begin();
        set(rows[i].modifier);
        purpose.organisation = rows[i].organisation;
        purpose.commercial = rows[i].commercial;
        DECIDED(rows[i].want);
    }
}

TEST(decide__methods_and_ancestry_by_fact_or_by_kind)
{
    begin();
    set(TW_MOD_NMDS);
    DECIDED("permit");
    purpose.methods = 1;
    DECIDED("deny NMDS");
    purpose.methods = 0;
    purpose.type = TW_PURPOSE_MDS;
    DECIDED("deny NMDS");
    begin();
    set(TW_MOD_NPOA);
    DECIDED("permit");
    purpose.ancestry = 1;
    DECIDED("deny NPOA");
    purpose.ancestry = 0;
    purpose.type = TW_PURPOSE_POA;
    DECIDED("deny NPOA");
}

TEST(decide__duties_must_be_said)
{
    static const struct {
        tw_duo_modifier modifier;
        tw_tri *fact;
        const char *want;
    } rows[] = {
        { TW_MOD_GSO, &purpose.genetic, "deny GSO" },         { TW_MOD_IRB, &purpose.ethics_approval, "deny IRB" },
        { TW_MOD_COL, &purpose.collaborates, "deny COL" },    { TW_MOD_PUB, &purpose.will_publish, "deny PUB" },
        { TW_MOD_RTN, &purpose.returns_results, "deny RTN" },
    };
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        begin();
        *rows[i].fact = 1;
        DECIDED("permit");
        set(rows[i].modifier);
        DECIDED("permit");
        *rows[i].fact = 0;
        DECIDED(rows[i].want);
        *rows[i].fact = -1;
        DECIDED(rows[i].want);
    }
}

TEST(decide__places_must_be_on_the_list)
{
    const struct {
        tw_duo_modifier modifier;
        tw_list *list;
        tw_str *fact;
        const char *want;
    } rows[] = {
        { TW_MOD_GS, &policy.countries, &purpose.country, "deny GS" },
        { TW_MOD_US, &policy.users, &purpose.user, "deny US" },
        { TW_MOD_PS, &policy.projects, &purpose.project, "deny PS" },
        { TW_MOD_IS, &policy.institutions, &purpose.institution, "deny IS" },
    };
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        begin();
        set(rows[i].modifier);
        DECIDED(rows[i].want);
        put(rows[i].list, ""); /* what is not said is on no list */
        DECIDED(rows[i].want);
        put(rows[i].list, "one");
        put(rows[i].list, "two");
        DECIDED(rows[i].want);
        *rows[i].fact = TW_STR("two");
        DECIDED("permit");
        *rows[i].fact = TW_STR("Two");
        DECIDED(rows[i].want);
        policy.modifiers = 0;
        DECIDED("permit");
    }
}

TEST(decide__an_id_on_a_list_is_matched_by_the_ledger_and_not_by_the_purpose)
{
    begin();
    set(TW_MOD_PS);
    put(&policy.projects, id_7);
    purpose.project = tw_str_of(id_7);
    DECIDED("deny PS");
    project_id = tw_str_of(id_8);
    DECIDED("deny PS");
    project_id = tw_str_of(id_7);
    DECIDED("permit");
    purpose.project = (tw_str){ NULL, 0 };
    DECIDED("permit");
    set(TW_MOD_US);
    put(&policy.users, id_8);
    purpose.user = tw_str_of(id_8);
    DECIDED("deny US");
    grantee = tw_str_of(id_8);
    DECIDED("permit");
}

TEST(decide__moratorium_ends_on_its_day)
{
    begin();
    set(TW_MOD_MOR);
    DECIDED("deny MOR");
    purpose.publish_from_s = NOON; /* the policy names no day */
    DECIDED("deny MOR");
    purpose.publish_from_s = 0;
    policy.publish_after_s = NOON;
    DECIDED("deny MOR");
    purpose.publish_from_s = NOON - 1;
    DECIDED("deny MOR");
    purpose.publish_from_s = NOON;
    DECIDED("permit");
}

TEST(decide__term_of_use_by_date)
{
    begin();
    set(TW_MOD_TS);
    purpose.use_until_s = NOON;
    DECIDED("deny TS");
    policy.use_until_s = NOON;
    DECIDED("permit");
    purpose.use_until_s = NOON + 1;
    DECIDED("deny TS");
    purpose.use_until_s = 0;
    DECIDED("deny TS");
}

static uint64_t at(const char *time)
{
    uint64_t s;
    assert_true(tw_time_parse(&s, tw_str_of(time)));
    return s;
}

TEST(decide__term_of_use_by_months)
{
    static const struct {
        const char *now;
        uint64_t months;
        const char *last;
    } rows[] = {
        { "2026-06-01T12:00:00Z", 1, "2026-07-01T12:00:00Z" },  { "2026-01-31", 1, "2026-02-28" },
        { "2028-01-31T23:59:59Z", 1, "2028-02-29T23:59:59Z" },  { "2026-11-30", 3, "2027-02-28" },
        { "2026-12-01", 1, "2027-01-01" },                      { "2026-08-31", 13, "2027-09-30" },
    };
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        begin();
        set(TW_MOD_TS);
        now = at(rows[i].now);
        policy.use_months = rows[i].months;
        purpose.use_until_s = at(rows[i].last);
        DECIDED("permit");
        purpose.use_until_s++;
        DECIDED("deny TS");
        policy.use_until_s = UINT64_MAX; /* both must hold */
        DECIDED("deny TS");
        policy.use_months = 0;
        DECIDED("permit");
        policy.use_months = 1200;
        policy.use_until_s = purpose.use_until_s - 1;
        DECIDED("deny TS");
    }
}

TEST(decide__months_without_end_do_not_wrap)
{
    begin();
    set(TW_MOD_TS);
    purpose.use_until_s = NOON;
    policy.use_months = UINT64_MAX;
    DECIDED("permit");
    policy.use_months = 1;
    now = UINT64_MAX - 1;
    DECIDED("permit");
}

TEST(decide__refers_free_text_and_what_it_does_not_know)
{
    begin();
    set(TW_MOD_RS);
    DECIDED("refer RS-free-text");
    set(TW_MOD_IRB);
    DECIDED("deny IRB RS-free-text");
    begin();
    policy.modifiers = 1u << TW_MOD_COUNT;
    DECIDED("refer modifier-unknown");
    policy.modifiers = 1u << 31;
    DECIDED("refer modifier-unknown");
}

TEST(decide__topics)
{
    static const struct {
        tw_tri *fact;
        const char *want;
    } rows[] = {
        { &purpose.law_enforcement, "deny law_enforcement" },
        { &purpose.insurance_or_employment, "deny insurance_or_employment" },
        { &purpose.stigmatising, "refer stigmatising" },
        { &purpose.vulnerable_population, "refer vulnerable_population" },
    };
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        begin();
        policy.permission = TW_DUO_NRES;
        *rows[i].fact = 1;
        DECIDED(rows[i].want);
        *rows[i].fact = -1;
        DECIDED("permit");
    }
}

TEST(decide__no_list_denies_by_any_name)
{
    const struct {
        tw_str *fact;
        const char *want;
    } rows[] = {
        { &project_id, "deny project-on-no-list" },      { &purpose.project, "deny project-on-no-list" },
        { &grantee, "deny grantee-on-no-list" },         { &purpose.user, "deny grantee-on-no-list" },
        { &purpose.institution, "deny grantee-on-no-list" },
    };
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        begin();
        put(&policy.no, "someone else");
        put(&policy.no, id_7);
        DECIDED("permit");
        *rows[i].fact = tw_str_of(id_7);
        DECIDED(rows[i].want);
    }
    begin();
    put(&policy.no, "HMB");
    DECIDED("deny purpose-on-no-list");
    purpose.type = TW_PURPOSE_GRU;
    DECIDED("permit");
}

TEST(decide__yes_list_answers_questions_and_lifts_no_denial)
{
    begin();
    set(TW_MOD_RS);
    set(TW_MOD_NPU);
    set(TW_MOD_NCU);
    purpose.stigmatising = 1;
    purpose.vulnerable_population = 1;
    purpose.organisation = TW_ORG_UNKNOWN;
    purpose.commercial = -1;
    static const char asked[] = "refer RS-free-text commercial-unknown organisation-unknown stigmatising "
                                "vulnerable_population";
    put(&policy.yes, "");
    DECIDED(asked);
    put(&policy.yes, id_7);
    project_id = tw_str_of(id_8);
    DECIDED(asked);
    purpose.project = tw_str_of(id_7); /* what a purpose says of itself is no yes */
    DECIDED(asked);
    project_id = tw_str_of(id_7);
    DECIDED("permit");
    set(TW_MOD_IRB);
    DECIDED("deny IRB");
    policy.modifiers = 1u << TW_MOD_COUNT;
    DECIDED("refer modifier-unknown");
    purpose.type = TW_PURPOSE_NONE;
    DECIDED("refer modifier-unknown purpose-unknown");
    put(&policy.no, id_7);
    DECIDED("deny modifier-unknown project-on-no-list purpose-unknown");
}

/* ---------------------------------------------------------------- properties */

static tw_str any_of(const char *const *words, size_t count)
{
    return tw_str_of(words[tw_test_below(count)]);
}

static void any_case(void)
{
    static const char *const diseases[] = { "DOID:162", "DOID:9256", "DOID:9351", "DOID:4" };
    static const char *const places[] = { "", "DE", "FR" };
    static const char *const ids[] = { "", id_7, id_8 };
    begin();
    policy.status = tw_test_below(8) ? TW_CONSENT_ACTIVE : TW_CONSENT_INACTIVE;
    policy.permission = (tw_duo_permission)tw_test_below(6);
    policy.modifiers = (uint32_t)(tw_test_random() & tw_test_random() & tw_test_random()) & ((1u << TW_MOD_COUNT) - 1);
    policy.categories = tw_test_below(4) ? TW_CAT_ALL : 0;
    put(&policy.diseases, any_of(diseases, 4).p);
    put(&policy.countries, "DE");
    policy.publish_after_s = policy.use_until_s = NOON + DAY;
    purpose.type = (tw_purpose_type)tw_test_below(TW_PURPOSE_COUNT);
    put(&purpose.diseases, any_of(diseases, 4).p);
    purpose.organisation = (tw_organisation)tw_test_below(3);
    tw_tri *facts[] = { &purpose.commercial, &purpose.genetic, &purpose.ethics_approval, &purpose.will_publish,
                        &purpose.returns_results, &purpose.collaborates, &purpose.methods, &purpose.ancestry,
                        &purpose.vulnerable_population, &purpose.stigmatising };
    for (size_t i = 0; i < TW_COUNT(facts); i++)
        *facts[i] = (tw_tri)((int)tw_test_below(3) - 1);
    purpose.country = any_of(places, 3);
    purpose.publish_from_s = NOON + DAY * tw_test_below(3);
    purpose.use_until_s = NOON + DAY * tw_test_below(3);
    project_id = any_of(ids, 3);
    if (tw_test_below(2))
        put(&policy.yes, id_7);
    if (!tw_test_below(4))
        put(&policy.no, id_8);
}

static int strictness(const tw_decision *d)
{
    return d->verdict == TW_PERMIT ? 0 : d->verdict == TW_REFER ? 1 : 2;
}

static tw_decision run(void)
{
    tw_decision d;
    tw_decide(&d, &policy, &purpose, category, now, project_id, grantee, &tw_ontology_builtin);
    return d;
}

TEST(decide__reasons_are_sorted_and_distinct_and_there_when_it_does_not_permit)
{
    for (int i = 0; i < 20000; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        any_case();
        tw_decision d = run();
        assert_int_equal(d.verdict == TW_PERMIT, d.reason_count == 0);
        for (size_t k = 1; k < d.reason_count; k++)
            assert_true(strcmp(d.reason[k - 1], d.reason[k]) < 0);
        tw_arena_back(cx->arena, mark);
    }
}

/* More limits never open anything: only CC, which allows, and the yes list may. */
TEST(decide__a_further_limit_never_relaxes)
{
    for (int i = 0; i < 20000; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        any_case();
        tw_decision before = run();
        unsigned m = (unsigned)tw_test_below(TW_MOD_COUNT);
        if (m != TW_MOD_CC)
            set((tw_duo_modifier)m);
        if (tw_test_below(2))
            put(&policy.no, id_7);
        if (!tw_test_below(3))
            policy.until_s = NOON + (tw_test_below(2) ? 1 : 0);
        if (!tw_test_below(3))
            policy.categories &= (uint32_t)tw_test_random();
        tw_decision after = run();
        assert_true(strictness(&after) >= strictness(&before));
        assert_true(after.reason_count >= before.reason_count);
        tw_arena_back(cx->arena, mark);
    }
}

/* Decoders refuse such values; if one came through, it must not open anything. */
TEST(decide__values_outside_their_ranges_fail_closed)
{
    begin();
    policy.permission = (tw_duo_permission)99;
    DECIDED("deny no-permission-term");
    begin();
    purpose.type = (tw_purpose_type)TW_PURPOSE_COUNT;
    DECIDED("refer purpose-unknown");
    begin();
    policy.status = (tw_consent_status)99;
    DECIDED("deny consent-not-active");
    begin();
    set(TW_MOD_NPUNCU);
    purpose.organisation = (tw_organisation)99;
    purpose.commercial = 99;
    DECIDED("deny NCU NPU");
    begin();
    set(TW_MOD_IRB);
    purpose.ethics_approval = 99;
    purpose.law_enforcement = 99;
    DECIDED("deny IRB law_enforcement");
}

TEST(decide__fits_all_reasons_that_can_meet)
{
    begin();
    policy = (tw_policy){ .status = TW_CONSENT_INACTIVE, .permission = TW_DUO_DS, .modifiers = UINT32_MAX };
    policy.from_s = UINT64_MAX;
    purpose = (tw_purpose){ .type = TW_PURPOSE_POA, .organisation = TW_ORG_COMMERCIAL, .commercial = 1 };
    purpose.methods = purpose.ancestry = purpose.law_enforcement = purpose.insurance_or_employment = 1;
    purpose.stigmatising = purpose.vulnerable_population = 1;
    project_id = tw_str_of(id_7);
    grantee = tw_str_of(id_8);
    put(&policy.no, id_7);
    put(&policy.no, id_8);
    put(&policy.no, "POA");
    tw_decision d = run();
    assert_int_equal(TW_DENY, d.verdict);
    assert_int_equal(30, d.reason_count);
}

/* ---------------------------------------------------------------- case files */

static const char small_file[] =
    "{'is_a':[['b','a']],'cases':["
    "{'id':'one','consent':{'status':'active','categories':['laboratory','genomic'],'permission':'DS',"
    "'diseases':['a'],'modifiers':{'TS':'2026-07-01'}},'purpose':{'type':'DS','category':'genomic',"
    "'diseases':['b'],'date':'2026-06-01','use_until':'2026-07-01'},'decision':'%s','reasons':[%s]}]}";

static void run_cases(size_t want_agree, size_t want_differ, const char *want_report, tw_str file)
{
    size_t agree;
    size_t differ;
    tw_buf report;
    tw_buf_init(&report, TW_MIB);
    assert_ok(tw_decide_cases(cx, &agree, &differ, &report, file));
    tw_str text = tw_str_of_bytes(taken(&report));
    assert_str(want_report, text);
    assert_int_equal(want_agree, agree);
    assert_int_equal(want_differ, differ);
}

static tw_str filled(const char *decision, const char *reasons)
{
    tw_str s = tw_str_of(small_file);
    size_t a = tw_str_find(s, TW_STR("%s"));
    tw_str rest = { s.p + a + 2, s.n - a - 2 };
    size_t b = tw_str_find(rest, TW_STR("%s"));
    return json(tw_strf(cx->arena, "%.*s%s%.*s%s%s", (int)a, s.p, decision, (int)b, rest.p, reasons, rest.p + b + 2).p);
}

TEST(cases__agree_and_differ_with_a_line)
{
    run_cases(1, 0, "", filled("permit", ""));
    run_cases(0, 1, "case one: permit [], expected deny\n", filled("deny", ""));
    run_cases(0, 1, "case one: permit [], expected permit\n", filled("permit", "'TS'"));
    run_cases(0, 1, "case r: deny [consent-not-active], expected deny\n",
              json("{'cases':[{'id':'r','consent':{'status':'revoked','permission':'GRU','categories':'all'},"
                   "'purpose':{'type':'GRU','category':'imaging','date':'2026-06-01'},'decision':'deny',"
                   "'reasons':['consent-expired']}]}"));
    run_cases(1, 0, "",
              json("{'cases':[{'id':'s','consent':{'status':'active','permission':'GRU','categories':'all'},"
                   "'purpose':{'type':'CC','category':'imaging','date':'2026-06-01'},'decision':'deny',"
                   "'reasons':['clinical-care-not-permitted']}]}"));
    run_cases(0, 1, "case q: not readable: purpose: not an object, expected deny\n",
              json("{'cases':[{'id':'q','consent':{'status':'active','permission':'GRU','categories':[]},"
                     "'decision':'deny'}]}"));
}

TEST(cases__say_why_one_cannot_be_read_and_go_on)
{
    run_cases(0, 1, "case x: not readable: policy: not an object, expected deny\n",
              json("{'cases':[{'id':'x','decision':'deny'}]}"));
    run_cases(0, 2,
              "case x: not readable: policy: permission is missing, expected permit\n"
              "case y: deny [category-not-consented, consent-not-active, no-permission-term], expected permit\n",
              json("{'cases':[{'id':'x','consent':{'status':'active'},'decision':'permit'},"
                     "{'id':'y','consent':{'status':'x','permission':null,'categories':[]},"
                     "'purpose':{'type':'GRU','category':'labs','date':'2026-06-01'},'decision':'permit',"
                     "'reasons':['a']}]}"));
    static const char *const purposes[] = { "{'type':'GRU'}", "{'type':'GRU','category':'dreams'}",
                                            "{'type':'GRU','category':'labs','date':'2026-13-01'}" };
    static const char *const why[] = { "purpose: no category, or one that is not known",
                                       "purpose: no category, or one that is not known", "purpose: no date" };
    for (size_t i = 0; i < TW_COUNT(purposes); i++) {
        tw_str report = tw_strf(cx->arena, "case z: not readable: %s, expected permit\n", why[i]);
        tw_str file = tw_strf(cx->arena,
                              "{'cases':[{'id':'z','consent':{'status':'active','permission':'GRU','categories':'all'},"
                              "'purpose':%s,'decision':'permit','reasons':[]}]}",
                              purposes[i]);
        run_cases(0, 1, report.p, json(file.p));
    }
}

TEST(cases__refuse_files_without_any)
{
    static const char *const files[] = {
        "[]", "{}", "{'cases':[]}", "{'cases':{}}", "{'cases':[1]", "{'is_a':1,'cases':[1]}",
        "{'is_a':[[]],'cases':[1]}", "{'is_a':[['a']],'cases':[1]}", "{'is_a':[['a','b','c']],'cases':[1]}",
    };
    for (size_t i = 0; i < TW_COUNT(files); i++) {
        size_t agree;
        size_t differ;
        tw_buf report;
        tw_buf_init(&report, TW_KIB);
        assert_status(TW_EPARSE, tw_decide_cases(cx, &agree, &differ, &report, json(files[i])));
        tw_buf_done(&report);
    }
}

/* The file's tokens fit, the list of pairs beside them does not. */
TEST(cases__refuse_a_hierarchy_without_room)
{
    enum { PAIRS = 10000 };
    tw_buf file;
    tw_buf_init(&file, TW_MIB);
    tw_buf_cstr(&file, "{\"is_a\":[1");
    for (int i = 1; i < PAIRS; i++)
        tw_buf_cstr(&file, ",1");
    tw_buf_cstr(&file, "],\"cases\":[1]}");
    tw_ctx small;
    tw_ctx_init(&small, PAIRS * (sizeof(tw_json_tok) + sizeof(tw_is_a) / 2), NULL);
    size_t agree, differ;
    assert_status(TW_ELIMIT, tw_decide_cases(&small, &agree, &differ, &file, tw_str_of_bytes(taken(&file))));
    assert_string_equal("is_a of 10000 pairs", small.err.msg);
    tw_ctx_done(&small);
}

TEST(cases__of_the_data_use_ontology_all_agree)
{
    SKIP_WITHOUT_DATA();
    size_t agree;
    size_t differ;
    tw_buf report;
    tw_buf_init(&report, TW_MIB);
    assert_ok(tw_decide_cases(cx, &agree, &differ, &report, tw_test_read("consent/duo_decisions.json")));
    assert_str("", tw_str_of_bytes(taken(&report)));
    assert_int_equal(0, differ);
    assert_true(agree >= 232);
}
