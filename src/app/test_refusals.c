/* No entry, no key: every code that a keeper can give, each beside a run in which only that fact differs and access
 * succeeds. */
#include "test_app.h"

#define ONE_HOUR 3600

static uint64_t count(const tw_release_report *r, tw_leaf_code code)
{
    return r->codes[code];
}

static tw_id comp_of(world *w, const char *wallet, tw_category category, unsigned epoch)
{
    tw_wallet *wallet_of;
    tw_id id = { { 0 } };
    assert_ok(tw_app_wallet_load(cx, &wallet_of, w->site, wallet, false));
    for (size_t i = 0; i < tw_wallet_count(wallet_of); i++) {
        const tw_wallet_entry *e = tw_wallet_at(wallet_of, i);
        if (e->record.body.category == category && e->record.body.epoch == epoch) {
            id = e->comp;
            break;
        }
    }
    tw_wallet_free(wallet_of);
    return id;
}

/* Asks for one compartment that no keeper offers; returns the code that all reachable keepers gave it. */
static tw_leaf_code code_of(world *w, const char *grantee, const tw_id *project, const tw_id *comp)
{
    tw_release_report r;
    tw_release_opts o = { .grantee = grantee, .project = *project, .also = comp, .also_count = 1 };
    tw_status s = tw_app_release(cx, &r, w->site, &o);
    assert_true(s == TW_OK || s == TW_EREFUSED);
    unsigned found = TW_LEAF_CODE_COUNT;
    for (unsigned c = 1; c < TW_LEAF_CODE_COUNT; c++)
        if (r.codes[c]) {
            assert_int_equal(TW_LEAF_CODE_COUNT, found); /* one kind of refusal only */
            assert_int_equal(4, r.codes[c]);
            found = c;
        }
    return (tw_leaf_code)found;
}

TEST(refused__unannounced_and_answered_once_announced)
{
    world w;
    tw_id project;
    tw_release_report r;
    world_ready(&w, &project);
    assert_status(TW_EREFUSED, try_release(&r, &w, "lab", &project, TW_TRY_UNANNOUNCED));
    assert_int_equal(4 * r.leaves, count(&r, TW_LEAF_UNANNOUNCED));
    tw_open_report o;
    assert_status(TW_EQUORUM, tw_app_open(cx, &o, w.site, "lab", &r.release));
    assert_int_equal(0, o.records);
    assert_ok(try_release(&r, &w, "lab", &project, TW_HONEST));
    world_end(&w);
}

TEST(refused__after_close_and_after_its_end_but_not_before)
{
    world w;
    tw_id project;
    tw_release_report r;
    tw_release_report again;
    world_ready(&w, &project);
    assert_ok(try_release(&r, &w, "lab", &project, TW_HONEST));
    assert_status(TW_EREFUSED, tw_app_release_ask(cx, &again, w.site, "lab", &r.release));
    assert_int_equal(4 * r.leaves, count(&again, TW_LEAF_UNANNOUNCED));
    tw_release_opts o = { .grantee = "lab", .project = project, .leave_open = true, .window_s = ONE_HOUR };
    assert_ok(tw_app_release(cx, &r, w.site, &o));
    assert_ok(tw_app_release_ask(cx, &again, w.site, "lab", &r.release));
    assert_ok(tw_site_advance(cx, w.site, ONE_HOUR));
    assert_status(TW_EREFUSED, tw_app_release_ask(cx, &again, w.site, "lab", &r.release));
    assert_int_equal(4 * r.leaves, count(&again, TW_LEAF_UNANNOUNCED));
    world_end(&w);
}

TEST(refused__by_a_keeper_whose_ledger_is_stale)
{
    world w;
    tw_id project;
    tw_release_report r;
    tw_release_report again;
    world_ready(&w, &project);
    tw_release_opts o = { .grantee = "lab", .project = project, .leave_open = true };
    assert_ok(tw_app_release(cx, &r, w.site, &o));
    tw_site_keeper_stale(w.site, 3);
    assert_ok(tw_app_release_ask(cx, &again, w.site, "lab", &r.release)); /* still within 30 s */
    assert_int_equal(0, count(&again, TW_LEAF_STALE));
    assert_ok(tw_site_advance(cx, w.site, TW_TICK_STALE_S + 1));
    assert_ok(tw_app_release_ask(cx, &again, w.site, "lab", &r.release)); /* the other three answer */
    assert_int_equal(r.leaves, count(&again, TW_LEAF_STALE));
    assert_int_equal(3 * r.leaves, count(&again, TW_LEAF_ANSWERED));
    world_end(&w);
}

TEST(refused__leaf_files_unsorted_doubled_or_altered)
{
    static const tw_try attempt[] = { TW_TRY_UNSORTED, TW_TRY_DOUBLED, TW_TRY_ALTERED_LEAF_FILE };
    world w;
    tw_id project;
    tw_release_report r;
    world_ready(&w, &project);
    for (size_t i = 0; i < TW_COUNT(attempt); i++) {
        assert_status(TW_EREFUSED, try_release(&r, &w, "lab", &project, attempt[i]));
        assert_int_equal(4 * r.leaves, count(&r, TW_LEAF_LEAF_FILE));
    }
    assert_ok(try_release(&r, &w, "lab", &project, TW_HONEST));
    world_end(&w);
}

TEST(refused__altered_bodies_and_altered_capsules)
{
    world w;
    tw_id project;
    tw_release_report r;
    world_ready(&w, &project);
    assert_status(TW_EREFUSED, try_release(&r, &w, "lab", &project, TW_TRY_ALTERED_BODY));
    assert_int_equal(4 * r.leaves, count(&r, TW_LEAF_BODY));
    assert_status(TW_EREFUSED, try_release(&r, &w, "lab", &project, TW_TRY_ALTERED_CAPSULE));
    assert_int_equal(4 * r.leaves, count(&r, TW_LEAF_CAPSULE));
    assert_ok(try_release(&r, &w, "lab", &project, TW_HONEST));
    assert_int_equal(4 * r.leaves, count(&r, TW_LEAF_ANSWERED));
    world_end(&w);
}

TEST(refused__unknown_compartments_unopened_epochs_and_other_categories)
{
    world w;
    tw_id all;
    world_ready(&w, &all);
    tw_id labs = world_project(&w, "lab", TW_PURPOSE_HMB, TW_CAT_BIT(TW_CAT_LABS), 2);
    tw_id nobody = { { 1, 2, 3 } };
    tw_id next = comp_of(&w, "person-001", TW_CAT_LABS, 2027);
    tw_id vitals = comp_of(&w, "person-001", TW_CAT_VITALS, 2026);
    assert_int_equal(TW_LEAF_UNKNOWN, code_of(&w, "lab", &labs, &nobody));
    assert_int_equal(TW_LEAF_NO_OPENING, code_of(&w, "lab", &labs, &next));
    assert_int_equal(TW_LEAF_SCOPE, code_of(&w, "lab", &labs, &vitals));
    assert_int_equal(TW_LEAF_CODE_COUNT,
                     code_of(&w, "lab", &all, &vitals)); /* the project over all categories gets it */
    world_end(&w);
}

TEST(refused__wrong_purpose_denied_or_referred)
{
    world w;
    tw_id project;
    world_ready(&w, &project);
    tw_id labs = comp_of(&w, "person-001", TW_CAT_LABS, 2026);
    tw_id ancestry = world_project(&w, "other", TW_PURPOSE_POA, TW_CAT_ALL, 2);
    assert_int_equal(TW_LEAF_DENY, code_of(&w, "other", &ancestry, &labs));
    tw_policy refers = policy_hmb();
    refers.modifiers = 1u << TW_MOD_RS;
    refers.research_type = TW_STR("only what I understand");
    tw_owner_report o;
    tw_scope scope = { .wallet = "person-001", .categories = TW_CAT_BIT(TW_CAT_LABS) };
    assert_ok(tw_app_consent_set(cx, &o, w.site, &scope, &refers, NULL));
    assert_int_equal(TW_LEAF_REFER, code_of(&w, "lab", &project, &labs));
    tw_policy permits = policy_hmb();
    assert_ok(tw_app_consent_set(cx, &o, w.site, &scope, &permits, NULL));
    assert_int_equal(TW_LEAF_CODE_COUNT, code_of(&w, "lab", &project, &labs));
    world_end(&w);
}

TEST(refused__no_consent_and_expired_consent)
{
    world w;
    tw_release_report r;
    tw_policy none = { .status = TW_CONSENT_INACTIVE, .categories = TW_CAT_ALL, .until_s = UINT64_MAX };
    world_make(&w);
    world_enrol(&w, 2, &none, false);
    world_collect(&w, "hospital-1");
    tw_id project = world_project(&w, "lab", TW_PURPOSE_HMB, TW_CAT_ALL, 2);
    tw_id labs = comp_of(&w, "person-001", TW_CAT_LABS, 2026);
    assert_status(TW_EREFUSED, try_release(&r, &w, "lab", &project, TW_HONEST)); /* nothing is even offered */
    assert_int_equal(0, r.leaves);
    assert_int_equal(TW_LEAF_DENY, code_of(&w, "lab", &project, &labs));
    tw_policy brief = policy_hmb();
    brief.until_s = tw_ledger_time(tw_site_state(w.site)) + ONE_HOUR;
    tw_owner_report o;
    tw_scope scope = { .wallet = "person-001" };
    assert_ok(tw_app_consent_set(cx, &o, w.site, &scope, &brief, NULL));
    assert_int_equal(TW_LEAF_CODE_COUNT, code_of(&w, "lab", &project, &labs));
    assert_ok(tw_site_advance(cx, w.site, ONE_HOUR));
    assert_int_equal(TW_LEAF_DENY, code_of(&w, "lab", &project, &labs));
    world_end(&w);
}

TEST(refused__stopped_by_the_ledger_until_a_new_policy_lifts_it)
{
    world w;
    tw_id project;
    tw_owner_report o;
    tw_policy permits = policy_hmb();
    tw_scope scope = { .wallet = "person-001", .categories = TW_CAT_BIT(TW_CAT_LABS) };
    world_ready(&w, &project);
    tw_id labs = comp_of(&w, "person-001", TW_CAT_LABS, 2026);
    assert_ok(tw_app_stop(cx, &o, w.site, &scope, false));
    assert_int_equal(4 * o.compartments, o.receipts);
    assert_int_equal(TW_LEAF_STOPPED, code_of(&w, "lab", &project, &labs));
    assert_ok(tw_app_consent_set(cx, &o, w.site, &scope, &permits, NULL));
    assert_int_equal(TW_LEAF_CODE_COUNT, code_of(&w, "lab", &project, &labs));
    assert_ok(tw_app_stop(cx, &o, w.site, &scope, true)); /* by the stop root: final */
    assert_int_equal(TW_LEAF_STOPPED, code_of(&w, "lab", &project, &labs));
    assert_status(TW_EREFUSED, tw_app_consent_set(cx, &o, w.site, &scope, &permits, NULL));
    world_end(&w);
}

/* A stop told to one keeper alone binds that keeper at once, and a replay of it after it was lifted binds nobody. */
TEST(refused__stopped_on_receipt_and_a_replayed_stop_is_refused)
{
    world w;
    tw_id project;
    tw_wallet *wallet;
    tw_bytes op;
    tw_bytes reply;
    tw_applied a;
    tw_release_report r;
    tw_release_report again;
    world_ready(&w, &project);
    tw_id labs = comp_of(&w, "person-001", TW_CAT_LABS, 2026);
    assert_ok(tw_app_wallet_load(cx, &wallet, w.site, "person-001", false));
    assert_ok(tw_wallet_stop(cx, &op, wallet, &labs, false));
    tw_wallet_free(wallet);
    uint8_t *fields = tw_arena_get(cx->arena, op.n + 4);
    tw_put_be32(fields, (uint32_t)op.n);
    memcpy(fields + 4, op.p, op.n);
    tw_bytes request = tw_keeper_ask(cx, TW_KEEPER_STOP, NULL, (tw_bytes){ fields, op.n + 4 });
    tw_release_opts o = { .grantee = "lab", .project = project, .leave_open = true };
    assert_ok(tw_app_release(cx, &r, w.site, &o));
    assert_ok(tw_keeper_call(cx, &reply, w.site, 2, request));
    assert_ok(tw_app_release_ask(cx, &again, w.site, "lab", &r.release));
    assert_int_equal(1, count(&again, TW_LEAF_STOPPED)); /* keeper 2 only */
    assert_int_equal(4 * r.leaves - 1, count(&again, TW_LEAF_ANSWERED));
    assert_ok(tw_site_carry(cx, &a, w.site, op));
    assert_ok(tw_app_release_ask(cx, &again, w.site, "lab", &r.release));
    assert_int_equal(4, count(&again, TW_LEAF_STOPPED));
    tw_owner_report lifted;
    tw_policy permits = policy_hmb();
    tw_scope scope = { .wallet = "person-001", .categories = TW_CAT_BIT(TW_CAT_LABS) };
    assert_ok(tw_app_consent_set(cx, &lifted, w.site, &scope, &permits, NULL));
    assert_status(TW_EREFUSED, tw_keeper_call(cx, &reply, w.site, 2, request));
    assert_status(TW_EREFUSED, tw_site_carry(cx, &a, w.site, op));
    assert_int_equal(TW_LEAF_CODE_COUNT, code_of(&w, "lab", &project, &labs));
    world_end(&w);
}

TEST(refused__while_erasing_and_after_the_deletion)
{
    world w;
    tw_id project;
    tw_wallet *wallet;
    tw_bytes op;
    tw_applied a;
    tw_owner_report o;
    world_ready(&w, &project);
    tw_id labs = comp_of(&w, "person-001", TW_CAT_LABS, 2026);
    assert_int_equal(TW_LEAF_CODE_COUNT, code_of(&w, "lab", &project, &labs));
    assert_ok(tw_app_wallet_load(cx, &wallet, w.site, "person-001", false));
    assert_ok(tw_wallet_erase(cx, &op, wallet, &labs, false));
    tw_wallet_free(wallet);
    assert_ok(tw_site_carry(cx, &a, w.site, op));
    assert_int_equal(TW_LEAF_ERASED, code_of(&w, "lab", &project, &labs));
    tw_scope scope = { .wallet = "person-001", .categories = TW_CAT_BIT(TW_CAT_LABS) };
    assert_ok(tw_app_erase(cx, &o, w.site, &scope)); /* finishes what is under way */
    assert_int_equal(TW_LEAF_UNKNOWN, code_of(&w, "lab", &project, &labs));
    world_end(&w);
}

TEST(refused__by_the_keeper_that_has_no_opening_of_the_policy_yet)
{
    world w;
    tw_id project;
    tw_release_report r;
    tw_owner_report o;
    tw_policy permits = policy_hmb();
    tw_scope scope = { .wallet = "person-001", .categories = TW_CAT_BIT(TW_CAT_LABS), .source = "hospital-1" };
    world_ready(&w, &project);
    tw_site_keepers_down(w.site, 1u << 3);
    assert_ok(tw_app_consent_set(cx, &o, w.site, &scope, &permits, NULL));
    tw_site_keepers_down(w.site, 0);
    assert_ok(try_release(&r, &w, "lab", &project, TW_HONEST));
    assert_int_equal(1, count(&r, TW_LEAF_NO_POLICY));
    assert_int_equal(4 * r.leaves - 1, count(&r, TW_LEAF_ANSWERED));
    assert_ok(tw_site_maintain(cx, w.site)); /* the mail waited at the exchange */
    assert_ok(try_release(&r, &w, "lab", &project, TW_HONEST));
    assert_int_equal(4 * r.leaves, count(&r, TW_LEAF_ANSWERED));
    world_end(&w);
}

TEST(refused__directed_compartments_until_their_owner_grants_this_project)
{
    world w;
    tw_release_report r;
    tw_open_report op;
    tw_owner_report o;
    tw_policy permits = policy_hmb();
    world_make(&w);
    world_enrol(&w, 2, NULL, true);
    world_collect(&w, "hospital-1");
    tw_id mine = world_project(&w, "lab", TW_PURPOSE_HMB, TW_CAT_ALL, 2);
    tw_id other = world_project(&w, "other", TW_PURPOSE_HMB, TW_CAT_ALL, 2);
    tw_id labs = comp_of(&w, "person-001", TW_CAT_LABS, 2026);
    assert_int_equal(TW_LEAF_NO_POLICY, code_of(&w, "lab", &mine, &labs));
    tw_scope scope = { .wallet = "person-001", .categories = TW_CAT_BIT(TW_CAT_LABS), .source = "hospital-1" };
    assert_ok(tw_app_consent_set(cx, &o, w.site, &scope, &permits, tw_id_hex(cx, &mine).p));
    assert_ok(try_release(&r, &w, "lab", &mine, TW_HONEST));
    assert_int_equal(1, r.leaves);
    assert_ok(tw_app_open(cx, &op, w.site, "lab", &r.release));
    assert_true(op.records > 0);
    assert_int_equal(TW_LEAF_NO_POLICY, code_of(&w, "other", &other, &labs)); /* the grant is to one project's key */
    world_end(&w);
}

TEST(refused__projects_pending_or_out_of_their_period)
{
    world w;
    tw_id project;
    tw_release_report r;
    tw_release_report again;
    world_ready(&w, &project);
    tw_id pending = world_project(&w, "lab", TW_PURPOSE_HMB, TW_CAT_ALL, 1);
    assert_status(TW_EREFUSED, try_release(&r, &w, "lab", &pending, TW_HONEST));
    bool live;
    assert_ok(tw_app_project_approve(cx, &live, w.site, "steward-3", &pending));
    assert_true(live);
    assert_ok(try_release(&r, &w, "lab", &pending, TW_HONEST));
    tw_id brief;
    tw_project_opts po = { .grantee = "lab",
                           .categories = TW_CAT_ALL,
                           .until_s = tw_ledger_time(tw_site_state(w.site)) + 600 };
    po.purpose = (tw_purpose){ .type = TW_PURPOSE_HMB, .organisation = TW_ORG_NONPROFIT };
    assert_ok(tw_app_project_open(cx, &brief, w.site, &po));
    assert_ok(tw_app_project_approve(cx, &live, w.site, "steward-1", &brief));
    assert_ok(tw_app_project_approve(cx, &live, w.site, "steward-2", &brief));
    tw_release_opts o = { .grantee = "lab", .project = brief, .leave_open = true, .window_s = ONE_HOUR };
    assert_ok(tw_app_release(cx, &r, w.site, &o));
    assert_ok(tw_site_advance(cx, w.site, 601));
    assert_status(TW_EREFUSED, tw_app_release_ask(cx, &again, w.site, "lab", &r.release));
    assert_int_equal(4 * r.leaves, count(&again, TW_LEAF_PROJECT));
    world_end(&w);
}

TEST(refused__two_of_three_keepers_open_nothing_and_three_open_all)
{
    world w;
    tw_id project;
    tw_release_report r;
    tw_open_report o;
    world_ready(&w, &project);
    tw_site_keepers_down(w.site, 3u << 2);
    assert_status(TW_EQUORUM, try_release(&r, &w, "lab", &project, TW_HONEST));
    assert_status(TW_EQUORUM, tw_app_open(cx, &o, w.site, "lab", &r.release));
    assert_int_equal(0, o.records);
    tw_site_keepers_down(w.site, 1u << 3);
    assert_ok(try_release(&r, &w, "lab", &project, TW_HONEST));
    assert_ok(tw_app_open(cx, &o, w.site, "lab", &r.release));
    assert_true(o.records > 0);
    world_end(&w);
}

TEST(liar__is_named_and_the_honest_three_still_open_everything)
{
    world w;
    tw_id project;
    tw_release_report r;
    tw_open_report honest;
    tw_open_report lied;
    world_ready(&w, &project);
    assert_ok(try_release(&r, &w, "lab", &project, TW_HONEST));
    assert_ok(tw_app_open(cx, &honest, w.site, "lab", &r.release));
    assert_int_equal(0, honest.liars);
    tw_site_keeper_lies(w.site, 2);
    tw_release_opts o = { .grantee = "lab", .project = project, .leave_open = true };
    assert_ok(tw_app_release(cx, &r, w.site, &o));
    assert_ok(tw_app_open(cx, &lied, w.site, "lab", &r.release));
    assert_int_equal(1u << 1, lied.liars);
    assert_int_equal(honest.records, lied.records);
    assert_int_equal(0, lied.failed_capsules);
    world_end(&w);
}
