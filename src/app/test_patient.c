/* What a patient sees: disclosures with proofs of absence, a dry run before signing; and keepers with old folders. */
#include "test_app.h"

static uint64_t member(const char *json_path, tw_str json)
{
    tw_json d;
    uint64_t v = UINT64_MAX;
    assert_ok(tw_json_parse(cx, &d, json, NULL));
    assert_true(tw_json_u64(&d, tw_json_path(&d, 0, json_path), &v));
    return v;
}

TEST(disclosures__count_what_was_released_and_prove_the_rest_absent)
{
    world w;
    tw_id project;
    tw_release_report r;
    tw_owner_report o;
    tw_str json;
    world_ready(&w, &project);
    assert_ok(tw_app_disclosures(cx, &json, w.site, "person-001"));
    assert_int_equal(0, member("included", json));
    assert_int_equal(0, member("absent", json)); /* no release yet */
    assert_ok(try_release(&r, &w, "lab", &project, TW_HONEST));
    uint64_t mine = 0;
    for (unsigned i = 1; i <= 3; i++) {
        assert_ok(tw_app_disclosures(cx, &json, w.site, tw_strf(cx->arena, "person-00%u", i).p));
        assert_true(member("included", json) > 0);
        assert_int_equal(member("compartments", json), member("included", json) + member("absent", json));
        assert_int_equal(4, member("releases.0.mine.0.keepers_answered", json));
        mine += member("included", json);
    }
    assert_int_equal(r.leaves, mine); /* every leaf is somebody's */
    tw_scope scope = { .wallet = "person-001" };
    assert_ok(tw_app_stop(cx, &o, w.site, &scope, false));
    assert_ok(try_release(&r, &w, "lab", &project, TW_HONEST));
    assert_ok(tw_app_disclosures(cx, &json, w.site, "person-001"));
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, json, NULL));
    assert_int_equal(0, d.tok[tw_json_path(&d, 0, "releases.1.mine")].count);
    world_end(&w);
}

TEST(disclosures__do_not_believe_a_leaf_file_that_was_not_announced)
{
    world w;
    tw_id project;
    tw_release_report r;
    tw_bytes leaves;
    tw_str json;
    world_ready(&w, &project);
    assert_ok(try_release(&r, &w, "lab", &project, TW_HONEST));
    char *path = tw_path(cx, tw_release_public_dir(cx, w.site, &r.release), "leaves");
    assert_ok(tw_file_read(cx, &leaves, path, TW_MIB));
    assert_ok(tw_file_write(cx, path, (tw_bytes){ leaves.p, leaves.n - TW_RELEASE_LEAF }));
    assert_ok(tw_app_disclosures(cx, &json, w.site, "person-001"));
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, json, NULL));
    assert_int_equal(TW_JSON_FALSE, d.tok[tw_json_path(&d, 0, "releases.0.proved")].type);
    world_end(&w);
}

TEST(dry_run__says_who_could_read_what)
{
    world w;
    tw_id project;
    tw_str json;
    tw_policy policy = policy_hmb();
    tw_scope scope = { .wallet = "person-001", .categories = TW_CAT_BIT(TW_CAT_LABS) };
    world_ready(&w, &project);
    world_project(&w, "other", TW_PURPOSE_POA, TW_CAT_ALL, 2);
    world_project(&w, "other", TW_PURPOSE_HMB, TW_CAT_ALL, 1); /* not live: not listed */
    assert_ok(tw_app_consent_dry_run(cx, &json, w.site, &scope, &policy));
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, json, NULL));
    assert_int_equal(2, d.tok[0].count);
    assert_str("permit", tw_json_text(cx, &d, tw_json_path(&d, 0, "0.categories.0.decision")));
    assert_str("deny", tw_json_text(cx, &d, tw_json_path(&d, 0, "1.categories.0.decision")));
    assert_int_equal(1, d.tok[tw_json_path(&d, 0, "0.categories")].count);
    world_end(&w);
}

static void copy_folder(const char *from, const char *to)
{
    char *command = tw_cstr(cx->arena, tw_strf(cx->arena, "rm -rf %s && cp -r %s %s", to, from, to));
    assert_int_equal(0, system(command)); /* check: allow system: a test copies its own folder */
}

TEST(keeper__that_is_shown_an_older_log_than_it_saw_refuses_to_work)
{
    world w;
    tw_id project;
    tw_keeper *k;
    world_ready(&w, &project);
    char *old = tw_path(cx, w.dir, "old-log");
    char *keeper = tw_site_path(cx, w.site, "keepers/1");
    copy_folder(tw_site_path(cx, w.site, "exchange/log"), old);
    assert_ok(tw_keeper_open(cx, &k, keeper, old)); /* as new as what it saw */
    tw_keeper_close(k);
    assert_ok(tw_site_advance(cx, w.site, 100));
    assert_ok(tw_keeper_open(cx, &k, keeper, tw_site_path(cx, w.site, "exchange/log")));
    tw_keeper_close(k);
    assert_status(TW_EVERIFY, tw_keeper_open(cx, &k, keeper, old));
    world_end(&w);
}

/* A keeper's folder is put back to what it was before a stop: it reads the log anew and refuses; cut off, it is stale.
 */
TEST(keeper__restored_from_an_old_folder_catches_up_or_is_stale)
{
    world w;
    tw_id project;
    tw_owner_report o;
    tw_release_report r;
    tw_release_report again;
    tw_scope scope = { .wallet = "person-001" };
    world_ready(&w, &project);
    tw_release_opts ro = { .grantee = "lab", .project = project, .leave_open = true };
    assert_ok(tw_app_release(cx, &r, w.site, &ro));
    char *keeper = tw_site_path(cx, w.site, "keepers/1");
    char *old = tw_path(cx, w.dir, "old-keeper");
    world_reopen(&w);
    copy_folder(keeper, old);
    assert_ok(tw_app_stop(cx, &o, w.site, &scope, false));
    world_reopen(&w);
    copy_folder(old, keeper);
    assert_ok(tw_app_release_ask(cx, &again, w.site, "lab", &r.release));
    assert_true(again.codes[TW_LEAF_STOPPED] > 0);
    assert_int_equal(0, again.codes[TW_LEAF_STOPPED] % 4); /* all four agree, the restored one too */
    world_reopen(&w);
    copy_folder(old, keeper);
    tw_site_keeper_stale(w.site, 1);
    assert_ok(tw_site_advance(cx, w.site, TW_TICK_STALE_S + 1));
    assert_ok(tw_app_release_ask(cx, &again, w.site, "lab", &r.release));
    assert_int_equal(r.leaves, again.codes[TW_LEAF_STALE]);
    world_end(&w);
}

/* ---------------------------------------------------------------- a guardian's stop file */

TEST(stop__for_good_works_with_the_stop_file_alone)
{
    world w;
    tw_owner_report o;
    tw_wallet *wallet;
    tw_scope scope = { .wallet = "person-001" };
    world_make(&w);
    world_enrol(&w, 2, NULL, false);
    assert_ok(tw_app_wallet_load(cx, &wallet, w.site, "person-001", false));
    const size_t count = tw_wallet_count(wallet);
    const tw_id comp = tw_wallet_at(wallet, 0)->comp;
    tw_wallet_free(wallet);
    const char *mine = tw_site_path(cx, w.site, "wallets/person-001.wallet");
    const char *aside = tw_path(cx, w.dir, "aside");
    assert_ok(w.env.disk->rename(w.env.disk->self, mine, aside));
    assert_status(TW_ENOTFOUND, tw_app_stop(cx, &o, w.site, &scope, false));
    assert_non_null(strstr(cx->err.hint, "--final"));
    assert_status(TW_ENOTFOUND, tw_app_erase(cx, &o, w.site, &scope));
    assert_ok(tw_app_stop(cx, &o, w.site, &scope, true));
    assert_int_equal(count, o.compartments);
    assert_int_equal(4 * count, o.receipts);
    assert_int_equal(TW_COMP_STOPPED, tw_ledger_comp(tw_site_state(w.site), &comp)->status);
    assert_false(tw_path_exists(cx, mine)); /* nothing pretends to be the wallet */
    tw_app_enrol_opts again = { .line = w.line, .count = w.line_count, .custodial = true };
    assert_ok(tw_app_enrol(cx, &(tw_enrol_report){ .wallets = 0 }, w.site, &again)); /* enrolled already */
    assert_status(TW_ECONFLICT, tw_app_wallet_new(cx, w.site, "person-001"));
    world_end(&w);
}

/* ---------------------------------------------------------------- a scope without compartments */

static void assert_nothing(tw_status s, const char *counts, const char *hint)
{
    assert_status(TW_ENOTFOUND, s);
    if (!strstr(cx->err.msg, counts) || !strstr(cx->err.hint, hint))
        fail_msg("not '%s', '%s': %s (%s)", counts, hint, cx->err.msg, cx->err.hint);
}

TEST(orders__over_nothing_say_what_there_is)
{
    world w;
    tw_owner_report o;
    tw_policy policy = policy_hmb();
    tw_scope all = { .wallet = "person-001" };
    world_make(&w);
    world_enrol(&w, 1, NULL, false);
    assert_ok(tw_app_wallet_new(cx, w.site, "nobody-yet"));
    tw_scope empty = { .wallet = "nobody-yet" };
    assert_nothing(tw_app_stop(cx, &o, w.site, &empty, false), "of 0 compartments", "enrolled nowhere");
    const char *other = tw_str_is(w.line[0].source, "hospital-1") ? "hospital-2" : "hospital-1";
    tw_scope elsewhere = { .wallet = "person-001", .source = other };
    if (w.line_count == 1)
        assert_nothing(tw_app_consent_set(cx, &o, w.site, &elsewhere, &policy, NULL), "0 are of that source",
                       "--source");
    tw_scope labs = { .wallet = "person-001", .categories = TW_CAT_BIT(TW_CAT_LABS) };
    assert_ok(tw_app_erase(cx, &o, w.site, &labs));
    assert_nothing(tw_app_stop(cx, &o, w.site, &labs, false), "0 of those categories", "--category");
    assert_ok(tw_app_erase(cx, &o, w.site, &all));
    assert_nothing(tw_app_stop(cx, &o, w.site, &all, false), "0 are not erased", "was erased");
    world_end(&w);
}
