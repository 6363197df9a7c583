/* Every (kind, code) pair that can happen, each beside its success. */
#include "test.h"

#include "ledger/ledger_internal.h"
#include "ledger_world.h"

static tw_world w;
static tw_ledger *l;
static uint32_t quota; /* 0: as the world has it */

static void start(void)
{
    tw_world_make(cx, &w);
    if (quota) {
        w.genesis.quota_per_day = quota;
        tw_world_begin(cx, &w);
    }
    tw_ledger_free(l);
    assert_ok(tw_ledger_new(cx, &l, NULL, w.genesis_body));
}

static void finish(void)
{
    tw_ledger_free(l);
    l = NULL;
}

static void tick_to(uint64_t s)
{
    tw_applied a;
    assert_ok(tw_ledger_tick(cx, &a, l, s));
}

#define assert_code(want, kind, actor, body)                                                       \
    assert_int_equal(TW_CODE_##want, tw_world_do(cx, &w, l, (actor), TW_ENTRY_##kind, (body)))

/* ---------------------------------------------------------------- one good operation of each kind */

static tw_bytes good_party_add(tw_actor *fresh, size_t stewards)
{
    tw_actor_make(fresh, "newcomer");
    tw_party_add_body b = { .spec = { .id = fresh->id, .role = TW_ROLE_RELAY, .url = TW_STR("https://new.example/") } };
    memcpy(b.spec.ed25519, fresh->public_key, TW_KEY);
    b.sig = tw_world_stewards(cx, &w, TW_ENTRY_PARTY_ADD, tw_body_party_add(cx, &b), stewards);
    b.count = stewards;
    return tw_body_party_add(cx, &b);
}

static tw_bytes rotate(const tw_actor *who, const uint8_t key[32], size_t stewards)
{
    tw_party_rotate_body b = { .party = who->id };
    memcpy(b.ed25519, key, TW_KEY);
    b.sig = tw_world_stewards(cx, &w, TW_ENTRY_PARTY_ROTATE, tw_body_party_rotate(cx, &b), stewards);
    b.count = stewards;
    return tw_body_party_rotate(cx, &b);
}

static tw_bytes suspend(const tw_id *who, size_t stewards)
{
    tw_party_suspend_body b = { .party = *who, .reason = 1 };
    b.sig = tw_world_stewards(cx, &w, TW_ENTRY_PARTY_SUSPEND, tw_body_party_suspend(cx, &b), stewards);
    b.count = stewards;
    return tw_body_party_suspend(cx, &b);
}

static tw_bytes keeper_set(tw_keeper_set set, size_t stewards)
{
    tw_keeper_set_body b = { .set = set };
    b.sig = tw_world_stewards(cx, &w, TW_ENTRY_KEEPER_SET, tw_body_keeper_set(cx, &b), stewards);
    b.count = stewards;
    return tw_body_keeper_set(cx, &b);
}

static tw_keeper_set next_set(void)
{
    tw_keeper_set s = *tw_ledger_keeper_set(l);
    s.generation++;
    return s;
}

static tw_bytes import_key(uint8_t fill, uint64_t until)
{
    tw_import_key_body b = { .valid_until = until };
    memset(b.key, fill, sizeof b.key);
    return tw_body_import_key(cx, &b);
}

static tw_bytes opening(uint8_t fill)
{
    tw_opening_body b = { .leaves = 256, .epoch = 2026 };
    memset(b.root, fill, sizeof b.root);
    return tw_body_opening(cx, &b);
}

static tw_bytes batch(void)
{
    return tw_body_batch(cx, &(tw_batch_body){ .leaves = 3, .bytes = 99 });
}

static tw_id release_id(uint8_t fill)
{
    tw_id id;
    memset(id.b, fill, sizeof id.b);
    return id;
}

static tw_bytes release_open(const tw_id *project, uint8_t fill, uint64_t until)
{
    tw_release_open_body b = { .release = release_id(fill), .project = *project, .leaves = 1, .until_s = until };
    return tw_body_release_open(cx, &b);
}

static tw_bytes release_close(uint8_t fill)
{
    return tw_body_release_close(cx, &(tw_release_close_body){ .release = release_id(fill) });
}

static tw_bytes budget(const tw_id *project, uint64_t epsilon, uint64_t delta)
{
    return tw_body_budget(cx, &(tw_budget_body){ .project = *project, .epsilon = epsilon, .delta = delta });
}

static tw_bytes twin(const tw_id *release, size_t count)
{
    return tw_body_twin_publish(cx, &(tw_twin_publish_body){ .release = release, .count = count });
}

static tw_bytes erased(const tw_world_comp *c, size_t first, size_t count)
{
    tw_deletion d[4];
    for (size_t i = 0; i < count; i++) {
        d[i] = (tw_deletion){ .keeper = w.keeper[first + i].id, .comp = c->id, .idx = tw_ledger_comp(l, &c->id)->idx };
        tw_deletion_sign(cx, &d[i], w.keeper[first + i].secret);
    }
    return tw_body_erased(cx, &(tw_erased_body){ .comp = c->id, .deletion = d, .count = count });
}

static tw_bytes owner(const tw_world_comp *c, tw_owner_kind kind, uint32_t version, tw_owner_signer by)
{
    return tw_world_owner(cx, &w, c, kind, version, by);
}

/* Party operations on a fresh ledger; an empty body for other kinds. */
static tw_bytes prepare_party(unsigned kind, tw_actor **who)
{
    tw_actor fresh;
    *who = &w.steward[0];
    if (kind == TW_ENTRY_PARTY_ADD)
        return good_party_add(&fresh, 2);
    if (kind == TW_ENTRY_PARTY_SUSPEND)
        return suspend(&w.source2.id, 2);
    if (kind == TW_ENTRY_KEEPER_SET)
        return keeper_set(next_set(), 2);
    if (kind == TW_ENTRY_PARTY_ROTATE) {
        tw_actor_make(&fresh, "new key");
        *who = &w.source;
        return rotate(&w.source, fresh.public_key, 2);
    }
    *who = &w.keeper[0];
    return kind == TW_ENTRY_IMPORT_KEY ? import_key(1, TW_WORLD_TIME + 100) : (tw_bytes){ 0 };
}

/* Operations of grantees and stewards under a live project. */
static tw_bytes prepare_project(unsigned kind, tw_actor **who)
{
    tw_project_approve_body approve;
    *who = kind == TW_ENTRY_PROJECT_APPROVE ? &w.steward[2] : &w.grantee;
    if (kind == TW_ENTRY_PROJECT_OPEN)
        return tw_world_project(cx, &w.grantee, &approve.project, approve.body_hash);
    tw_world_live_project(cx, &w, l, &approve.project);
    tw_sha256_of(approve.body_hash, tw_ledger_project(l, &approve.project)->body);
    if (kind == TW_ENTRY_PROJECT_APPROVE)
        return tw_body_project_approve(cx, &approve);
    if (kind == TW_ENTRY_PROJECT_CLOSE)
        return tw_body_project_close(cx, &(tw_project_close_body){ .project = approve.project });
    if (kind == TW_ENTRY_BUDGET)
        return budget(&approve.project, 1, 1);
    if (kind == TW_ENTRY_TWIN_PUBLISH)
        return twin(NULL, 0);
    tw_bytes open = release_open(&approve.project, 1, TW_WORLD_TIME + 100);
    if (kind == TW_ENTRY_RELEASE_OPEN)
        return open;
    assert_int_equal(TW_ENTRY_RELEASE_CLOSE, kind);
    assert_code(OK, RELEASE_OPEN, &w.grantee, open);
    return release_close(1);
}

/* Brings a fresh ledger to where an operation of this kind succeeds (18 to 20: is refused by the table alone). */
static tw_bytes prepare(unsigned kind, tw_actor **who, tw_actor **wrong_role)
{
    tw_world_comp c;
    start();
    *wrong_role = &w.relay;
    tw_world_comp_make(&c, "somebody");
    if (kind <= TW_ENTRY_IMPORT_KEY)
        return prepare_party(kind, who);
    if (kind == TW_ENTRY_OPENING || kind == TW_ENTRY_BATCH) {
        *who = &w.source;
        return kind == TW_ENTRY_OPENING ? opening(1) : batch();
    }
    *who = kind == TW_ENTRY_BREAK_GLASS ? &w.clinician : &w.relay;
    if (kind >= TW_ENTRY_BREAK_GLASS)
        return tw_bytes_of(TW_STR("x"));
    if (kind == TW_ENTRY_OWNER)
        return owner(&c, TW_OWN_POLICY, 2, TW_BY_A);
    if (kind != TW_ENTRY_ERASED)
        return prepare_project(kind, who);
    assert_code(OK, OWNER, &w.source, owner(&c, TW_OWN_ERASE, 0, TW_BY_A));
    return erased(&c, 0, 2);
}

static bool any_role(unsigned kind)
{
    return kind == TW_ENTRY_PARTY_ROTATE || kind == TW_ENTRY_OWNER || kind == TW_ENTRY_ERASED ||
           kind >= TW_ENTRY_RECOVERY_START;
}

static tw_code good_code(unsigned kind)
{
    return kind >= TW_ENTRY_BREAK_GLASS ? TW_CODE_STATE : TW_CODE_OK;
}

static tw_code run(unsigned kind, tw_actor *who, tw_bytes body, uint64_t valid_until, uint64_t nonce)
{
    tw_bytes bytes;
    tw_op op = { .ledger = w.ledger,
                 .party = who->id,
                 .kind = (uint8_t)kind,
                 .nonce = nonce,
                 .valid_until = valid_until,
                 .body = body };
    assert_ok(tw_op_sign(cx, &bytes, &op, who->secret));
    return tw_world_put(cx, l, bytes);
}

static void state_root(uint8_t out[32])
{
    tw_ledger_state_root(out, l);
}

TEST(each_kind__succeeds_once_and_every_common_check_refuses_it)
{
    for (unsigned kind = TW_ENTRY_PARTY_ADD; kind < TW_ENTRY_KIND_COUNT; kind++) {
        tw_actor *who, *wrong;
        uint8_t before[32], after[32];
        tw_bytes body = prepare(kind, &who, &wrong);
        state_root(before);
        assert_int_equal(TW_CODE_EXPIRED, run(kind, who, body, TW_WORLD_TIME, who->nonce + 1));
        if (!any_role(kind))
            assert_int_equal(TW_CODE_ROLE, run(kind, wrong, body, TW_WORLD_FOREVER, wrong->nonce + 1));
        assert_int_equal(TW_CODE_SEQUENCE, run(kind, who, body, TW_WORLD_FOREVER, who->nonce + 1));
        state_root(after);
        assert_memory_equal(before, after, 32); /* a refusal changes nothing */
        assert_int_equal(good_code(kind), run(kind, who, body, TW_WORLD_FOREVER, who->nonce + 2));
        state_root(after);
        bool silent = kind == TW_ENTRY_BATCH || kind == TW_ENTRY_TWIN_PUBLISH || good_code(kind) != TW_CODE_OK;
        assert_int_equal(silent, memcmp(before, after, 32) == 0);
        assert_string_not_equal("unknown", tw_entry_kind_name(kind));
    }
    finish();
}

static tw_actor *of_role(unsigned role)
{
    tw_actor *const actors[] = { &w.source, &w.keeper[0], &w.steward[2], &w.grantee, &w.relay, &w.clinician };
    return actors[role - TW_ROLE_SOURCE];
}

TEST(each_kind__is_open_to_these_roles_alone)
{
    /* source keeper steward grantee relay clinician */
    static const char *const may[TW_ENTRY_KIND_COUNT] = {
        [TW_ENTRY_PARTY_ADD] = "..x...", [TW_ENTRY_PARTY_SUSPEND] = "..x...",
        [TW_ENTRY_KEEPER_SET] = "..x...", [TW_ENTRY_IMPORT_KEY] = ".x....",
        [TW_ENTRY_OPENING] = "x.....", [TW_ENTRY_BATCH] = "x.....",
        [TW_ENTRY_PROJECT_OPEN] = "...x..", [TW_ENTRY_PROJECT_APPROVE] = "..x...",
        [TW_ENTRY_PROJECT_CLOSE] = "..xx..", [TW_ENTRY_OWNER] = "xxxxxx",
        [TW_ENTRY_ERASED] = "xxxxxx", [TW_ENTRY_RELEASE_OPEN] = "...x..",
        [TW_ENTRY_RELEASE_CLOSE] = ".x.x..", [TW_ENTRY_BUDGET] = "...x..",
        [TW_ENTRY_TWIN_PUBLISH] = "...x..", [TW_ENTRY_BREAK_GLASS] = ".....x",
        [TW_ENTRY_RECOVERY_START] = "xxxxxx", [TW_ENTRY_RECOVERY_VETO] = "xxxxxx",
    };
    for (unsigned kind = TW_ENTRY_PARTY_ADD; kind < TW_ENTRY_KIND_COUNT; kind++) {
        if (kind == TW_ENTRY_PARTY_ROTATE) /* everybody, for himself alone: a test of its own */
            continue;
        for (unsigned role = TW_ROLE_SOURCE; role <= TW_ROLE_CLINICIAN; role++) {
            tw_actor *who, *wrong;
            tw_bytes body = prepare(kind, &who, &wrong);
            tw_actor *a = of_role(role);
            tw_code code = run(kind, a, body, TW_WORLD_FOREVER, a->nonce + 1);
            assert_int_equal(may[kind][role - 1] == 'x', code != TW_CODE_ROLE);
        }
    }
    finish();
}

TEST(each_kind__is_refused_from_a_suspended_party)
{
    for (unsigned kind = TW_ENTRY_PARTY_ADD; kind < TW_ENTRY_KIND_COUNT; kind++) {
        tw_actor *who, *wrong;
        tw_bytes body = prepare(kind, &who, &wrong);
        if (who == &w.steward[0]) /* the two signers stay active: the third sends */
            who = &w.steward[2];
        tw_actor *steward = &w.steward[1];
        assert_int_equal(TW_CODE_OK, tw_world_do(cx, &w, l, steward, TW_ENTRY_PARTY_SUSPEND, suspend(&who->id, 2)));
        assert_int_equal(TW_CODE_ROLE, run(kind, who, body, TW_WORLD_FOREVER, who->nonce + 1));
    }
    finish();
}

TEST(each_kind__is_refused_when_the_day_s_quota_is_spent)
{
    quota = 8;
    for (unsigned kind = TW_ENTRY_PARTY_ADD; kind < TW_ENTRY_KIND_COUNT; kind++) {
        tw_actor *who, *wrong;
        tw_bytes body = prepare(kind, &who, &wrong);
        uint64_t n = who->nonce;
        tw_code code = TW_CODE_OK;
        for (size_t i = 0; i <= 20 && code != TW_CODE_QUOTA; i++)
            code = run(TW_ENTRY_BATCH, who, batch(), TW_WORLD_FOREVER, ++n); /* refused ones count as well */
        assert_int_equal(TW_CODE_QUOTA, code);
        assert_int_equal(TW_CODE_QUOTA, run(kind, who, body, TW_WORLD_FOREVER, n + 1));
        tick_to(TW_WORLD_TIME + 86400); /* the next UTC day */
        tw_code next_day = run(kind, who, body, TW_WORLD_FOREVER, n + 2);
        assert_int_equal(
            kind == TW_ENTRY_IMPORT_KEY || kind == TW_ENTRY_RELEASE_OPEN ? TW_CODE_EXPIRED : good_code(kind), next_day);
    }
    quota = 0;
    finish();
}

TEST(table__has_a_row_for_what_a_party_may_send_and_no_other)
{
    assert_null(tw_rule_of(TW_ENTRY_TICK));
    assert_null(tw_rule_of(TW_ENTRY_KIND_COUNT));
    assert_null(tw_rule_of(UINT32_MAX));
    for (unsigned kind = TW_ENTRY_PARTY_ADD; kind < TW_ENTRY_KIND_COUNT; kind++)
        assert_non_null(tw_rule_of(kind));
}

/* ---------------------------------------------------------------- parties */

/* A list of signatures must ascend. */
static void swap_into_order(tw_steward_sig sig[2])
{
    if (tw_id_cmp(&sig[0].steward, &sig[1].steward) > 0) {
        tw_steward_sig swap = sig[0];
        sig[0] = sig[1];
        sig[1] = swap;
    }
}

TEST(party_add__wants_k_stewards_a_new_id_and_true_signatures)
{
    tw_actor fresh;
    start();
    assert_code(SIGNATURES, PARTY_ADD, &w.steward[0], good_party_add(&fresh, 1));
    assert_code(SIGNATURES, PARTY_ADD, &w.steward[0], good_party_add(&fresh, 0));
    tw_party_add_body b;
    assert_ok(tw_body_party_add_read(cx, &b, good_party_add(&fresh, 2)));
    b.spec.role = TW_ROLE_STEWARD; /* not what was signed */
    assert_code(PROOF, PARTY_ADD, &w.steward[0], tw_body_party_add(cx, &b));
    b.spec.role = TW_ROLE_RELAY;
    b.spec.id.b[0] ^= 1;
    assert_code(PROOF, PARTY_ADD, &w.steward[0], tw_body_party_add(cx, &b));
    assert_null(tw_ledger_party(l, &fresh.id));
    assert_code(OK, PARTY_ADD, &w.steward[0], good_party_add(&fresh, 2));
    assert_int_equal(TW_ROLE_RELAY, tw_ledger_party(l, &fresh.id)->spec.role);
    assert_code(EXISTS, PARTY_ADD, &w.steward[0], good_party_add(&fresh, 2));
    /* a signature of a party that is no steward */
    start();
    assert_ok(tw_body_party_add_read(cx, &b, good_party_add(&fresh, 2)));
    tw_steward_sig sig[2] = { b.sig[0], b.sig[1] };
    size_t at = memcmp(sig[1].steward.b, w.relay.id.b, 32) < 0;
    sig[at].steward = w.relay.id;
    swap_into_order(sig);
    b.sig = sig;
    assert_code(PROOF, PARTY_ADD, &w.steward[0], tw_body_party_add(cx, &b));
    /* and of nobody that the ledger knows */
    sig[0].steward = (tw_id){ { 1 } };
    swap_into_order(sig);
    assert_code(PROOF, PARTY_ADD, &w.steward[0], tw_body_party_add(cx, &b));
    finish();
}

/* Its id would be new, since the party that turned to the key kept its old one. */
TEST(party_add__refuses_a_key_that_another_party_turned_to)
{
    tw_actor fresh;
    start();
    tw_bytes add = good_party_add(&fresh, 2);
    assert_code(OK, PARTY_ROTATE, &w.source, rotate(&w.source, fresh.public_key, 2));
    assert_null(tw_ledger_party(l, &fresh.id));
    assert_code(EXISTS, PARTY_ADD, &w.steward[0], add);
    assert_null(tw_ledger_party(l, &fresh.id));
    finish();
}

TEST(party_rotate__changes_the_key_and_keeps_the_id)
{
    tw_actor fresh;
    start();
    tw_actor_make(&fresh, "new key");
    assert_code(ROLE, PARTY_ROTATE, &w.source2, rotate(&w.source, fresh.public_key, 2));
    assert_code(EXISTS, PARTY_ROTATE, &w.source, rotate(&w.source, w.relay.public_key, 2));
    assert_code(SIGNATURES, PARTY_ROTATE, &w.source, rotate(&w.source, fresh.public_key, 1));
    tw_party_rotate_body b;
    assert_ok(tw_body_party_rotate_read(cx, &b, rotate(&w.source, fresh.public_key, 2)));
    b.x25519[0] ^= 1;
    assert_code(PROOF, PARTY_ROTATE, &w.source, tw_body_party_rotate(cx, &b));
    assert_code(OK, PARTY_ROTATE, &w.source, rotate(&w.source, fresh.public_key, 2));
    tw_applied a;
    assert_status(TW_ECRYPTO, tw_ledger_submit(cx, &a, l, tw_world_op(cx, &w, &w.source, TW_ENTRY_BATCH, batch())));
    memcpy(w.source.secret, fresh.secret, sizeof fresh.secret);
    assert_code(OK, BATCH, &w.source, batch());
    finish();
}

TEST(party_suspend__is_final_and_silences_a_steward_s_word)
{
    tw_actor fresh;
    tw_id nobody = { { 1 } };
    start();
    assert_code(NOTHING, PARTY_SUSPEND, &w.steward[0], suspend(&nobody, 2));
    assert_code(SIGNATURES, PARTY_SUSPEND, &w.steward[0], suspend(&w.source.id, 1));
    tw_party_suspend_body b;
    assert_ok(tw_body_party_suspend_read(cx, &b, suspend(&w.source.id, 2)));
    b.reason ^= 1;
    assert_code(PROOF, PARTY_SUSPEND, &w.steward[0], tw_body_party_suspend(cx, &b));
    assert_code(OK, PARTY_SUSPEND, &w.steward[0], suspend(&w.source.id, 2));
    assert_true(tw_ledger_party(l, &w.source.id)->suspended);
    assert_code(STATE, PARTY_SUSPEND, &w.steward[0], suspend(&w.source.id, 2));
    assert_code(OK, PARTY_SUSPEND, &w.steward[0], suspend(&w.steward[1].id, 2));
    assert_code(PROOF, PARTY_ADD, &w.steward[0], good_party_add(&fresh, 2));
    finish();
}

TEST(keeper_set__counts_generations_and_names_active_keepers)
{
    start();
    tw_keeper_set set = next_set();
    set.generation++;
    assert_code(SEQUENCE, KEEPER_SET, &w.steward[0], keeper_set(set, 2));
    set = *tw_ledger_keeper_set(l);
    assert_code(SEQUENCE, KEEPER_SET, &w.steward[0], keeper_set(set, 2));
    set = next_set();
    set.party[0].b[0] ^= 1;
    assert_code(NOTHING, KEEPER_SET, &w.steward[0], keeper_set(set, 2));
    set = next_set();
    set.party[0] = w.relay.id;
    assert_code(STATE, KEEPER_SET, &w.steward[0], keeper_set(set, 2));
    set = next_set();
    set.party[0] = set.party[1]; /* no shape for a set: not logged */
    tw_applied not_logged;
    assert_status(TW_EPARSE,
                  tw_ledger_submit(cx, &not_logged, l,
                                   tw_world_op(cx, &w, &w.steward[0], TW_ENTRY_KEEPER_SET, keeper_set(set, 2))));
    assert_code(SIGNATURES, KEEPER_SET, &w.steward[0], keeper_set(next_set(), 1));
    tw_keeper_set_body b;
    assert_ok(tw_body_keeper_set_read(cx, &b, keeper_set(next_set(), 2)));
    b.transcript_root[0] ^= 1;
    assert_code(PROOF, KEEPER_SET, &w.steward[0], tw_body_keeper_set(cx, &b));
    set = next_set();
    set.n = 3;
    set.t = 2;
    assert_code(OK, KEEPER_SET, &w.steward[0], keeper_set(set, 2));
    assert_int_equal(3, tw_ledger_keeper_set(l)->n);
    finish();
}

TEST(import_key__is_new_and_has_an_end_ahead)
{
    start();
    assert_code(EXPIRED, IMPORT_KEY, &w.keeper[0], import_key(1, TW_WORLD_TIME));
    assert_code(OK, IMPORT_KEY, &w.keeper[0], import_key(1, TW_WORLD_TIME + 1));
    assert_int_equal(1, tw_ledger_party(l, &w.keeper[0].id)->import_key[0]);
    assert_code(EXISTS, IMPORT_KEY, &w.keeper[0], import_key(1, TW_WORLD_TIME + 2));
    assert_code(OK, IMPORT_KEY, &w.keeper[0], import_key(2, TW_WORLD_TIME + 2));
    assert_int_equal(2, tw_ledger_party(l, &w.keeper[0].id)->import_key[0]);
    finish();
}

/* ---------------------------------------------------------------- sources, owners */

TEST(opening__of_one_root_is_entered_once)
{
    start();
    assert_code(OK, OPENING, &w.source, opening(1));
    assert_code(EXISTS, OPENING, &w.source2, opening(1));
    assert_code(OK, OPENING, &w.source2, opening(2));
    uint8_t root[32];
    memset(root, 2, 32);
    const tw_opening_state *o = tw_ledger_opening(l, root);
    assert_true(tw_id_eq(&o->source, &w.source2.id));
    assert_int_equal(3, o->idx);
    assert_int_equal(2026, o->epoch);
    assert_int_equal(256, o->leaves);
    finish();
}

static const tw_comp_state *comp(const tw_world_comp *c)
{
    return tw_ledger_comp(l, &c->id);
}

TEST(owner__policy_takes_the_next_version)
{
    tw_world_comp c;
    start();
    tw_world_comp_make(&c, "p");
    assert_null(comp(&c));
    assert_code(SEQUENCE, OWNER, &w.relay, owner(&c, TW_OWN_POLICY, 1, TW_BY_A));
    assert_code(SEQUENCE, OWNER, &w.relay, owner(&c, TW_OWN_POLICY, 3, TW_BY_A));
    assert_null(comp(&c));
    assert_code(OK, OWNER, &w.relay, owner(&c, TW_OWN_POLICY, 2, TW_BY_A));
    assert_int_equal(2, comp(&c)->version);
    assert_int_equal(TW_COMP_LIVE, comp(&c)->status);
    assert_int_equal(2, comp(&c)->c[0]);
    assert_int_equal(0x55, comp(&c)->env[0]);
    assert_int_equal(3, comp(&c)->policy_idx);
    assert_int_equal(3, comp(&c)->idx);
    assert_code(SEQUENCE, OWNER, &w.relay, owner(&c, TW_OWN_POLICY, 2, TW_BY_A));
    assert_code(OK, OWNER, &w.source, owner(&c, TW_OWN_POLICY, 3, TW_BY_A));
    finish();
}

TEST(owner__stop_by_a_is_lifted_by_the_next_policy)
{
    tw_world_comp c;
    start();
    tw_world_comp_make(&c, "p");
    assert_code(SEQUENCE, OWNER, &w.relay, owner(&c, TW_OWN_STOP, 1, TW_BY_A));
    tw_bytes stop = owner(&c, TW_OWN_STOP, 2, TW_BY_A);
    assert_code(OK, OWNER, &w.relay, stop);
    assert_int_equal(TW_COMP_STOPPED, comp(&c)->status);
    assert_int_equal(2, comp(&c)->version);
    assert_false(comp(&c)->final);
    assert_int_equal(0, comp(&c)->policy_idx);
    assert_code(OK, OWNER, &w.relay, owner(&c, TW_OWN_POLICY, 3, TW_BY_A));
    assert_int_equal(TW_COMP_LIVE, comp(&c)->status);
    assert_code(SEQUENCE, OWNER, &w.relay, stop); /* replayed */
    assert_int_equal(TW_COMP_LIVE, comp(&c)->status);
    finish();
}

TEST(owner__stop_by_k_is_final)
{
    tw_world_comp c;
    start();
    tw_world_comp_make(&c, "p");
    assert_code(OK, OWNER, &w.relay, owner(&c, TW_OWN_POLICY, 2, TW_BY_A));
    tw_bytes stop = owner(&c, TW_OWN_STOP, 77, TW_BY_K); /* its version is ignored */
    assert_code(OK, OWNER, &w.relay, stop);
    assert_int_equal(TW_COMP_STOPPED, comp(&c)->status);
    assert_int_equal(2, comp(&c)->version);
    assert_true(comp(&c)->final);
    assert_code(STATE, OWNER, &w.relay, stop);
    assert_code(STATE, OWNER, &w.relay, owner(&c, TW_OWN_POLICY, 3, TW_BY_A));
    assert_code(STATE, OWNER, &w.relay, owner(&c, TW_OWN_STOP, 3, TW_BY_A));
    assert_code(OK, OWNER, &w.relay, owner(&c, TW_OWN_ERASE, 0, TW_BY_K));
    assert_int_equal(TW_COMP_ERASING, comp(&c)->status);
    /* after a stop by A, K may still make it final */
    tw_world_comp_make(&c, "q");
    assert_code(OK, OWNER, &w.relay, owner(&c, TW_OWN_STOP, 2, TW_BY_A));
    assert_code(OK, OWNER, &w.relay, owner(&c, TW_OWN_STOP, 0, TW_BY_K));
    assert_true(comp(&c)->final);
    finish();
}

TEST(owner__erase_is_final_for_everything)
{
    for (int by = TW_BY_A; by <= TW_BY_K; by++) {
        tw_world_comp c;
        start();
        tw_world_comp_make(&c, "p");
        assert_code(OK, OWNER, &w.relay, owner(&c, TW_OWN_ERASE, 9, (tw_owner_signer)by));
        for (int done = 0; done < 2; done++) {
            assert_int_equal(done ? TW_COMP_ERASED : TW_COMP_ERASING, comp(&c)->status);
            assert_true(comp(&c)->final);
            assert_code(STATE, OWNER, &w.relay, owner(&c, TW_OWN_POLICY, 2, TW_BY_A));
            assert_code(STATE, OWNER, &w.relay, owner(&c, TW_OWN_STOP, 2, TW_BY_A));
            assert_code(STATE, OWNER, &w.relay, owner(&c, TW_OWN_STOP, 2, TW_BY_K));
            assert_code(STATE, OWNER, &w.relay, owner(&c, TW_OWN_ERASE, 2, TW_BY_A));
            assert_code(STATE, OWNER, &w.relay, owner(&c, TW_OWN_ERASE, 2, TW_BY_K));
            if (!done)
                assert_code(OK, ERASED, &w.relay, erased(&c, 1, 3));
        }
    }
    finish();
}

TEST(owner__versions_do_not_wrap)
{
    tw_world_comp c;
    start();
    tw_world_comp_make(&c, "p");
    assert_code(OK, OWNER, &w.relay, owner(&c, TW_OWN_POLICY, 2, TW_BY_A));
    tw_comp_state *now = tw_ledger_get(l->comps, c.id.b);
    now->version = UINT32_MAX;
    assert_code(SEQUENCE, OWNER, &w.relay, owner(&c, TW_OWN_POLICY, 0, TW_BY_A));
    assert_code(SEQUENCE, OWNER, &w.relay, owner(&c, TW_OWN_POLICY, UINT32_MAX, TW_BY_A));
    now->version = UINT32_MAX - 1;
    assert_code(OK, OWNER, &w.relay, owner(&c, TW_OWN_POLICY, UINT32_MAX, TW_BY_A));
    finish();
}

/* The reader refuses such a kind; if one came through, it must not open anything. */
TEST(owner__a_kind_that_is_none_of_ours_changes_no_status)
{
    tw_world_comp c;
    start();
    tw_world_comp_make(&c, "p");
    assert_code(OK, OWNER, &w.relay, owner(&c, TW_OWN_STOP, 0, TW_BY_K));
    tw_comp_state before = *comp(&c);
    tw_move m = { .l = l, .idx = before.idx };
    m.body.owner.id = c.id;
    m.body.owner.op.kind = 99;
    tw_effect_owner(&m);
    assert_memory_equal(&before, comp(&c), sizeof before);
    finish();
}

TEST(owner__needs_its_own_ledger_id_and_signature)
{
    tw_world_comp c, other;
    start();
    tw_world_comp_make(&c, "p");
    tw_world_comp_make(&other, "q");
    tw_bytes good = owner(&c, TW_OWN_POLICY, 2, TW_BY_A);
    uint8_t *bad = tw_arena_get(cx->arena, good.n);
    static const size_t places[] = { 0, 33, 65, 97, 129, 230 }; /* ledger, id, A, K, rest, signature */
    for (size_t i = 0; i < TW_COUNT(places); i++) {
        memcpy(bad, good.p, good.n);
        bad[places[i]] ^= 1;
        assert_code(PROOF, OWNER, &w.relay, ((tw_bytes){ bad, good.n }));
    }
    tw_world_comp mixed = c; /* somebody else's A under this id's name */
    mixed.a = other.a;
    assert_code(PROOF, OWNER, &w.relay, owner(&mixed, TW_OWN_POLICY, 2, TW_BY_A));
    tw_world wrong = w;
    wrong.ledger.b[0] ^= 1;
    assert_code(PROOF, OWNER, &w.relay, tw_world_owner(cx, &wrong, &c, TW_OWN_POLICY, 2, TW_BY_A));
    assert_null(comp(&c));
    assert_code(OK, OWNER, &w.relay, good);
    tw_applied a;
    uint64_t size = tw_ledger_size(l);
    assert_status(TW_EPARSE, tw_ledger_submit(cx, &a, l, tw_world_op(cx, &w, &w.relay, TW_ENTRY_OWNER,
                                                                     (tw_bytes){ good.p, good.n - 1 })));
    assert_int_equal(size, tw_ledger_size(l));
    finish();
}

TEST(erased__wants_enough_true_deletions_of_this_erase)
{
    tw_world_comp c;
    tw_erased_body b;
    start();
    tw_world_comp_make(&c, "p");
    assert_code(NOTHING, ERASED, &w.relay, tw_body_erased(cx, &(tw_erased_body){ .comp = c.id }));
    assert_code(OK, OWNER, &w.relay, owner(&c, TW_OWN_STOP, 2, TW_BY_A));
    assert_code(STATE, ERASED, &w.relay, erased(&c, 0, 2));
    tw_bytes early = erased(&c, 0, 2);
    assert_code(OK, OWNER, &w.relay, owner(&c, TW_OWN_ERASE, 0, TW_BY_A));
    assert_code(PROOF, ERASED, &w.relay, early); /* they name the index of the stop */
    assert_code(SIGNATURES, ERASED, &w.relay, erased(&c, 0, 1));
    assert_code(SIGNATURES, ERASED, &w.relay, erased(&c, 0, 0));
    assert_ok(tw_body_erased_read(cx, &b, erased(&c, 0, 2)));
    tw_deletion d[2] = { b.deletion[0], b.deletion[0] };
    b.deletion = d;
    assert_code(PROOF, ERASED, &w.relay, tw_body_erased(cx, &b)); /* one keeper twice */
    d[1].keeper = w.relay.id;
    tw_deletion_sign(cx, &d[1], w.relay.secret);
    assert_code(PROOF, ERASED, &w.relay, tw_body_erased(cx, &b)); /* no keeper */
    d[1].keeper = (tw_id){ { 1 } };
    assert_code(PROOF, ERASED, &w.relay, tw_body_erased(cx, &b)); /* nobody that the ledger knows */
    d[1].keeper = w.keeper[1].id;
    d[1].comp.b[0] ^= 1;
    tw_deletion_sign(cx, &d[1], w.keeper[1].secret);
    assert_code(PROOF, ERASED, &w.relay, tw_body_erased(cx, &b)); /* another compartment */
    d[1].comp = c.id;
    tw_deletion_sign(cx, &d[1], w.keeper[2].secret);
    assert_code(PROOF, ERASED, &w.relay, tw_body_erased(cx, &b)); /* another's signature */
    assert_int_equal(TW_COMP_ERASING, comp(&c)->status);
    assert_code(OK, ERASED, &w.relay, erased(&c, 0, 2));
    assert_int_equal(TW_COMP_ERASED, comp(&c)->status);
    assert_code(STATE, ERASED, &w.relay, erased(&c, 0, 2));
    finish();
}

/* ---------------------------------------------------------------- projects, releases */

TEST(project__is_live_with_k_approvals_of_its_body)
{
    tw_project_approve_body a;
    start();
    tw_bytes body = tw_world_project(cx, &w.grantee, &a.project, a.body_hash);
    assert_code(NOTHING, PROJECT_APPROVE, &w.steward[0], tw_body_project_approve(cx, &a));
    assert_code(PROOF, PROJECT_OPEN, &w.grantee2, body); /* the id names the other grantee */
    assert_code(OK, PROJECT_OPEN, &w.grantee, body);
    assert_code(EXISTS, PROJECT_OPEN, &w.grantee, body);
    assert_int_equal(TW_PROJECT_PENDING, tw_ledger_project(l, &a.project)->status);
    a.body_hash[0] ^= 1;
    assert_code(PROOF, PROJECT_APPROVE, &w.steward[0], tw_body_project_approve(cx, &a));
    a.body_hash[0] ^= 1;
    assert_code(OK, PROJECT_APPROVE, &w.steward[0], tw_body_project_approve(cx, &a));
    assert_code(EXISTS, PROJECT_APPROVE, &w.steward[0], tw_body_project_approve(cx, &a));
    assert_int_equal(TW_PROJECT_PENDING, tw_ledger_project(l, &a.project)->status);
    assert_code(OK, PROJECT_APPROVE, &w.steward[1], tw_body_project_approve(cx, &a));
    assert_int_equal(TW_PROJECT_LIVE, tw_ledger_project(l, &a.project)->status);
    assert_int_equal(2, tw_ledger_project(l, &a.project)->approvals);
    assert_code(OK, PROJECT_APPROVE, &w.steward[2], tw_body_project_approve(cx, &a));
    tw_bytes close = tw_body_project_close(cx, &(tw_project_close_body){ .project = a.project });
    assert_code(ROLE, PROJECT_CLOSE, &w.grantee2, close);
    assert_code(OK, PROJECT_CLOSE, &w.steward[0], close);
    assert_int_equal(TW_PROJECT_CLOSED, tw_ledger_project(l, &a.project)->status);
    assert_code(STATE, PROJECT_CLOSE, &w.grantee, close);
    assert_code(STATE, PROJECT_APPROVE, &w.steward[0], tw_body_project_approve(cx, &a));
    tw_id nothing = { { 9 } };
    assert_code(NOTHING, PROJECT_CLOSE, &w.grantee,
                tw_body_project_close(cx, &(tw_project_close_body){ .project = nothing }));
    finish();
}

/* The count of approvals is one byte of the state. */
TEST(project__takes_no_more_approvals_than_its_state_can_count)
{
    tw_project_approve_body a;
    start();
    assert_code(OK, PROJECT_OPEN, &w.grantee, tw_world_project(cx, &w.grantee, &a.project, a.body_hash));
    tw_project_entry *p = tw_ledger_get(l->projects, a.project.b);
    p->pub.approvals = UINT8_MAX;
    assert_code(STATE, PROJECT_APPROVE, &w.steward[0], tw_body_project_approve(cx, &a));
    p->pub.approvals = UINT8_MAX - 1;
    assert_code(OK, PROJECT_APPROVE, &w.steward[0], tw_body_project_approve(cx, &a));
    assert_int_equal(UINT8_MAX, tw_ledger_project(l, &a.project)->approvals);
    finish();
}

TEST(release__opens_under_a_live_project_of_its_grantee_in_its_period)
{
    tw_id project, nothing = { { 9 } };
    tw_project_approve_body a;
    start();
    assert_code(OK, PROJECT_OPEN, &w.grantee, tw_world_project(cx, &w.grantee, &a.project, a.body_hash));
    assert_code(STATE, RELEASE_OPEN, &w.grantee, release_open(&a.project, 1, TW_WORLD_TIME + 100)); /* pending */
    start();
    tw_world_live_project(cx, &w, l, &project);
    assert_code(NOTHING, RELEASE_OPEN, &w.grantee, release_open(&nothing, 1, TW_WORLD_TIME + 100));
    assert_code(ROLE, RELEASE_OPEN, &w.grantee2, release_open(&project, 1, TW_WORLD_TIME + 100));
    assert_code(EXPIRED, RELEASE_OPEN, &w.grantee, release_open(&project, 1, TW_WORLD_TIME));
    assert_code(OK, RELEASE_OPEN, &w.grantee, release_open(&project, 1, TW_WORLD_TIME + 1));
    assert_code(EXISTS, RELEASE_OPEN, &w.grantee, release_open(&project, 1, TW_WORLD_TIME + 100));
    tw_id id = release_id(1);
    const tw_release_state *r = tw_ledger_release(l, &id);
    assert_true(tw_id_eq(&r->project, &project) && tw_id_eq(&r->grantee, &w.grantee.id) && !r->closed);
    tick_to(TW_WORLD_TIME + 365 * 86400 - 1);
    assert_code(OK, RELEASE_OPEN, &w.grantee, release_open(&project, 2, UINT64_MAX));
    tick_to(TW_WORLD_TIME + 365 * 86400); /* half-open */
    assert_code(EXPIRED, RELEASE_OPEN, &w.grantee, release_open(&project, 3, UINT64_MAX));
    start();
    tw_world_live_project(cx, &w, l, &project);
    assert_code(OK, PROJECT_CLOSE, &w.grantee,
                tw_body_project_close(cx, &(tw_project_close_body){ .project = project }));
    assert_code(STATE, RELEASE_OPEN, &w.grantee, release_open(&project, 1, TW_WORLD_TIME + 100));
    finish();
}

TEST(release__waits_for_the_project_s_period_to_begin)
{
    tw_project_open_body b;
    tw_project p;
    tw_project_approve_body a;
    start();
    assert_ok(tw_body_project_open_read(cx, &b, tw_world_project(cx, &w.grantee, &a.project, a.body_hash)));
    assert_ok(tw_project_decode(cx, &p, b.body));
    p.from_s += 10;
    assert_ok(tw_project_encode(cx, &b.body, &p));
    tw_project_id(&a.project, &w.grantee.id, b.body);
    b.project = a.project;
    tw_sha256_of(a.body_hash, b.body);
    assert_code(OK, PROJECT_OPEN, &w.grantee, tw_body_project_open(cx, &b));
    assert_code(OK, PROJECT_APPROVE, &w.steward[0], tw_body_project_approve(cx, &a));
    assert_code(OK, PROJECT_APPROVE, &w.steward[1], tw_body_project_approve(cx, &a));
    tick_to(TW_WORLD_TIME + 9);
    assert_code(STATE, RELEASE_OPEN, &w.grantee, release_open(&a.project, 1, UINT64_MAX));
    tick_to(TW_WORLD_TIME + 10);
    assert_code(OK, RELEASE_OPEN, &w.grantee, release_open(&a.project, 1, UINT64_MAX));
    finish();
}

TEST(release__is_closed_by_its_grantee_or_by_a_keeper_after_its_end)
{
    tw_id project;
    start();
    tw_world_live_project(cx, &w, l, &project);
    assert_code(NOTHING, RELEASE_CLOSE, &w.grantee, release_close(1));
    assert_code(OK, RELEASE_OPEN, &w.grantee, release_open(&project, 1, TW_WORLD_TIME + 100));
    assert_code(OK, RELEASE_OPEN, &w.grantee, release_open(&project, 2, TW_WORLD_TIME + 100));
    assert_code(ROLE, RELEASE_CLOSE, &w.grantee2, release_close(1));
    assert_code(STATE, RELEASE_CLOSE, &w.keeper[0], release_close(1));
    assert_code(OK, RELEASE_CLOSE, &w.grantee, release_close(1));
    assert_code(STATE, RELEASE_CLOSE, &w.grantee, release_close(1));
    tick_to(TW_WORLD_TIME + 99);
    assert_code(STATE, RELEASE_CLOSE, &w.keeper[0], release_close(2));
    tick_to(TW_WORLD_TIME + 100);
    assert_code(OK, RELEASE_CLOSE, &w.keeper[0], release_close(2));
    tw_id id = release_id(2);
    assert_true(tw_ledger_release(l, &id)->closed);
    finish();
}

TEST(budget__adds_up_to_the_genesis_limit_and_not_over)
{
    tw_id project, nothing = { { 9 } };
    start();
    tw_world_live_project(cx, &w, l, &project);
    assert_code(NOTHING, BUDGET, &w.grantee, budget(&nothing, 1, 0));
    assert_code(ROLE, BUDGET, &w.grantee2, budget(&project, 1, 0));
    assert_code(OK, BUDGET, &w.grantee, budget(&project, (uint64_t)3 << 32, 999));
    assert_code(QUOTA, BUDGET, &w.grantee, budget(&project, ((uint64_t)1 << 32) + 1, 0));
    assert_code(QUOTA, BUDGET, &w.grantee, budget(&project, 0, 2));
    assert_code(QUOTA, BUDGET, &w.grantee, budget(&project, UINT64_MAX, 0));
    assert_code(OK, BUDGET, &w.grantee, budget(&project, (uint64_t)1 << 32, 1));
    assert_int_equal((uint64_t)4 << 32, tw_ledger_project(l, &project)->epsilon);
    assert_int_equal(1000, tw_ledger_project(l, &project)->delta);
    tick_to(TW_WORLD_TIME + 365 * 86400);
    assert_code(EXPIRED, BUDGET, &w.grantee, budget(&project, 0, 0));
    assert_code(OK, PROJECT_CLOSE, &w.grantee,
                tw_body_project_close(cx, &(tw_project_close_body){ .project = project }));
    assert_code(STATE, BUDGET, &w.grantee, budget(&project, 0, 0));
    finish();
}

TEST(twin_publish__names_releases_of_its_grantee)
{
    tw_id project;
    tw_id release = release_id(1);
    start();
    tw_world_live_project(cx, &w, l, &project);
    assert_code(NOTHING, TWIN_PUBLISH, &w.grantee, twin(&release, 1));
    assert_code(OK, RELEASE_OPEN, &w.grantee, release_open(&project, 1, TW_WORLD_TIME + 100));
    assert_code(ROLE, TWIN_PUBLISH, &w.grantee2, twin(&release, 1));
    assert_code(OK, TWIN_PUBLISH, &w.grantee, twin(&release, 1));
    finish();
}
