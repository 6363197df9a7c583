#include "ledger_world.h"

#include <stdlib.h>

void tw_actor_make(tw_actor *a, const char *name)
{
    uint8_t seed[32];
    tw_sha256_of(seed, tw_bytes_of(tw_str_of(name)));
    tw_sign_keys(a->public_key, a->secret, seed);
    tw_party_id(&a->id, a->public_key);
    a->nonce = 0;
}

static void add_party(tw_world *w, size_t *n, tw_actor *a, tw_role role, const char *name)
{
    tw_actor_make(a, name);
    tw_party_spec *s = &w->spec[(*n)++];
    *s = (tw_party_spec){ .id = a->id, .role = (uint8_t)role, .url = TW_STR("https://example.org/") };
    memcpy(s->ed25519, a->public_key, TW_KEY);
    tw_box_keys(s->x25519, a->secret);
}

void tw_world_make(tw_ctx *cx, tw_world *w)
{
    static const char *const keepers[] = { "keeper 1", "keeper 2", "keeper 3", "keeper 4" };
    static const char *const stewards[] = { "steward 1", "steward 2", "steward 3" };
    uint8_t secret[64];
    size_t n = 0;
    memset(w, 0, sizeof *w);
    add_party(w, &n, &w->source, TW_ROLE_SOURCE, "source 1");
    add_party(w, &n, &w->source2, TW_ROLE_SOURCE, "source 2");
    for (size_t i = 0; i < 4; i++) {
        add_party(w, &n, &w->keeper[i], TW_ROLE_KEEPER, keepers[i]);
        w->genesis.keeper_set.party[i] = w->keeper[i].id;
    }
    for (size_t i = 0; i < 3; i++)
        add_party(w, &n, &w->steward[i], TW_ROLE_STEWARD, stewards[i]);
    add_party(w, &n, &w->grantee, TW_ROLE_GRANTEE, "grantee 1");
    add_party(w, &n, &w->grantee2, TW_ROLE_GRANTEE, "grantee 2");
    add_party(w, &n, &w->relay, TW_ROLE_RELAY, "relay");
    add_party(w, &n, &w->clinician, TW_ROLE_CLINICIAN, "clinician");
    TW_ASSERT(n == TW_COUNT(w->spec));
    tw_genesis *g = &w->genesis;
    g->party = w->spec;
    g->party_count = n;
    g->keeper_set.generation = 1;
    g->keeper_set.t = 3;
    g->keeper_set.n = 4;
    g->steward_k = 2;
    g->steward_n = 3;
    g->quota_per_day = 1000;
    g->witness_none = true;
    g->origin = TW_STR("twinward.example/test");
    g->time_s = TW_WORLD_TIME;
    g->budget_epsilon = (uint64_t)4 << 32;
    g->budget_delta = 1000;
    tw_sha256_of(w->log_seed, tw_bytes_of(TW_STR("log")));
    tw_sign_keys(g->log_key, secret, w->log_seed);
    tw_world_begin(cx, w);
}

void tw_world_begin(tw_ctx *cx, tw_world *w)
{
    tw_ledger *l;
    TW_ASSERT(tw_genesis_encode(cx, &w->genesis_body, &w->genesis) == TW_OK);
    TW_ASSERT(tw_ledger_new(cx, &l, NULL, w->genesis_body) == TW_OK);
    w->ledger = *tw_ledger_id(l);
    tw_ledger_free(l);
}

tw_bytes tw_world_op(tw_ctx *cx, const tw_world *w, tw_actor *a, tw_entry_kind kind, tw_bytes body)
{
    tw_bytes out;
    tw_op op = { .ledger = w->ledger, .party = a->id, .kind = (uint8_t)kind, .nonce = ++a->nonce,
                 .valid_until = TW_WORLD_FOREVER, .body = body };
    TW_ASSERT(tw_op_sign(cx, &out, &op, a->secret) == TW_OK);
    return out;
}

tw_code tw_world_put(tw_ctx *cx, tw_ledger *l, tw_bytes op)
{
    tw_applied a;
    tw_status s = tw_ledger_submit(cx, &a, l, op);
    if (s != TW_OK)
        fprintf(stderr, "%s: %s\n", tw_status_name(s), cx->err.msg);
    TW_ASSERT(s == TW_OK);
    return (tw_code)a.code;
}

tw_code tw_world_do(tw_ctx *cx, tw_world *w, tw_ledger *l, tw_actor *a, tw_entry_kind kind, tw_bytes body)
{
    return tw_world_put(cx, l, tw_world_op(cx, w, a, kind, body));
}

void tw_world_comp_make(tw_world_comp *c, const char *name)
{
    char text[64];
    snprintf(text, sizeof text, "A of %s", name);
    tw_actor_make(&c->a, text);
    snprintf(text, sizeof text, "K of %s", name);
    tw_actor_make(&c->k, text);
    snprintf(text, sizeof text, "rest of %s", name);
    tw_sha256_of(c->rest, tw_bytes_of(tw_str_of(text)));
    tw_comp_id_of(&c->id, c->a.public_key, c->k.public_key, c->rest);
}

tw_bytes tw_world_owner(tw_ctx *cx, const tw_world *w, const tw_world_comp *c, tw_owner_kind kind, uint32_t version,
                        tw_owner_signer by)
{
    tw_bytes out;
    tw_owner_op op = { .ledger = w->ledger, .kind = (uint8_t)kind, .comp = c->id, .version = version,
                       .signer = (uint8_t)by };
    memcpy(op.a, c->a.public_key, TW_KEY);
    memcpy(op.k, c->k.public_key, TW_KEY);
    memcpy(op.rest, c->rest, 32);
    if (kind == TW_OWN_POLICY) {
        memset(op.c, (int)version, sizeof op.c);
        memset(op.env, 0x55, sizeof op.env);
    }
    TW_ASSERT(tw_owner_op_sign(cx, &out, &op, by == TW_BY_A ? c->a.secret : c->k.secret) == TW_OK);
    return out;
}

tw_bytes tw_world_project(tw_ctx *cx, const tw_actor *grantee, tw_id *project, uint8_t body_hash[32])
{
    tw_bytes body;
    tw_project p = { .categories = TW_CAT_BIT(TW_CAT_LABS), .epoch_first = 2026, .epoch_last = 2026,
                     .from_s = TW_WORLD_TIME, .until_s = TW_WORLD_TIME + 365 * 86400u };
    p.purpose.type = TW_PURPOSE_HMB;
    memset(p.ethics_hash, 7, sizeof p.ethics_hash);
    tw_box_keys(p.r, grantee->secret);
    TW_ASSERT(tw_point_base(cx, p.b, (const uint8_t[32]){ 5 }) == TW_OK);
    TW_ASSERT(tw_project_encode(cx, &body, &p) == TW_OK);
    tw_project_id(project, &grantee->id, body);
    tw_sha256_of(body_hash, body);
    return tw_body_project_open(cx, &(tw_project_open_body){ .project = *project, .body = body });
}

void tw_world_live_project(tw_ctx *cx, tw_world *w, tw_ledger *l, tw_id *project)
{
    tw_project_approve_body approve;
    tw_bytes body = tw_world_project(cx, &w->grantee, project, approve.body_hash);
    approve.project = *project;
    TW_ASSERT(tw_world_do(cx, w, l, &w->grantee, TW_ENTRY_PROJECT_OPEN, body) == TW_CODE_OK);
    for (size_t i = 0; i < 2; i++)
        TW_ASSERT(tw_world_do(cx, w, l, &w->steward[i], TW_ENTRY_PROJECT_APPROVE,
                              tw_body_project_approve(cx, &approve)) == TW_CODE_OK);
}

static int by_steward(const void *a, const void *b)
{
    return tw_id_cmp(&((const tw_steward_sig *)a)->steward, &((const tw_steward_sig *)b)->steward);
}

tw_steward_sig *tw_world_stewards(tw_ctx *cx, const tw_world *w, tw_entry_kind kind, tw_bytes body, size_t count)
{
    tw_steward_sig *sig = tw_arena_get(cx->arena, (count + 1) * sizeof *sig);
    for (size_t i = 0; i < count; i++)
        tw_steward_sign(cx, &sig[i], &w->steward[i].id, w->steward[i].secret, &w->ledger, kind, body);
    qsort(sig, count, sizeof *sig, by_steward);
    return sig;
}

/* ---------------------------------------------------------------- a fixed sequence */

typedef struct {
    tw_ctx *cx;
    tw_world *w;
    void (*each)(void *arg, uint64_t tick_s, tw_bytes op);
    void *arg;
} play;

static void send(play *p, tw_actor *a, tw_entry_kind kind, tw_bytes body)
{
    p->each(p->arg, 0, tw_world_op(p->cx, p->w, a, kind, body));
}

static void tick(play *p, uint64_t after)
{
    p->each(p->arg, TW_WORLD_TIME + after, (tw_bytes){ 0 });
}

static void play_parties(play *p)
{
    tw_actor fresh;
    tw_actor_make(&fresh, "late source");
    tw_party_add_body add = { .spec = { .id = fresh.id, .role = TW_ROLE_SOURCE } };
    memcpy(add.spec.ed25519, fresh.public_key, TW_KEY);
    add.sig = tw_world_stewards(p->cx, p->w, TW_ENTRY_PARTY_ADD, tw_body_party_add(p->cx, &add), 2);
    add.count = 2;
    send(p, &p->w->steward[0], TW_ENTRY_PARTY_ADD, tw_body_party_add(p->cx, &add));
    tw_keeper_set_body set = { .set = p->w->genesis.keeper_set };
    set.set.generation++;
    set.sig = tw_world_stewards(p->cx, p->w, TW_ENTRY_KEEPER_SET, tw_body_keeper_set(p->cx, &set), 2);
    set.count = 2;
    send(p, &p->w->steward[0], TW_ENTRY_KEEPER_SET, tw_body_keeper_set(p->cx, &set));
    for (size_t i = 0; i < 4; i++) {
        tw_import_key_body key = { .valid_until = TW_WORLD_TIME + 604800 };
        memset(key.key, (int)(i + 1), sizeof key.key);
        send(p, &p->w->keeper[i], TW_ENTRY_IMPORT_KEY, tw_body_import_key(p->cx, &key));
    }
}

static void play_source(play *p)
{
    tw_opening_body opening = { .leaves = 256, .epoch = 2026 };
    memset(opening.root, 9, sizeof opening.root);
    send(p, &p->w->source, TW_ENTRY_OPENING, tw_body_opening(p->cx, &opening));
    for (unsigned i = 0; i < 40; i++) {
        tw_batch_body batch = { .leaves = i + 1, .bytes = 1000 * (i + 1) };
        memset(batch.root, (int)i, sizeof batch.root);
        tick(p, 100 + 10 * i);
        send(p, i % 2 ? &p->w->source : &p->w->source2, TW_ENTRY_BATCH, tw_body_batch(p->cx, &batch));
    }
}

static void play_release(play *p)
{
    tw_project_approve_body approve;
    tw_bytes body = tw_world_project(p->cx, &p->w->grantee, &approve.project, approve.body_hash);
    send(p, &p->w->grantee, TW_ENTRY_PROJECT_OPEN, body);
    for (size_t i = 0; i < 3; i++)
        send(p, &p->w->steward[i], TW_ENTRY_PROJECT_APPROVE, tw_body_project_approve(p->cx, &approve));
    tw_release_open_body open = { .project = approve.project, .leaves = 12, .until_s = TW_WORLD_TIME + 4000,
                                  .url = TW_STR("https://example.org/leaves") };
    memset(open.release.b, 3, 32);
    memset(open.root, 4, 32);
    send(p, &p->w->grantee, TW_ENTRY_RELEASE_OPEN, tw_body_release_open(p->cx, &open));
    tw_budget_body budget = { .project = approve.project, .epsilon = 1u << 31, .delta = 10 };
    send(p, &p->w->grantee, TW_ENTRY_BUDGET, tw_body_budget(p->cx, &budget));
    tick(p, 5000);
    static const uint8_t sheets[2][32] = { { 1 }, { 2 } };
    tw_release_close_body close = { .release = open.release, .sheet_hash = sheets, .count = 2 };
    send(p, &p->w->keeper[0], TW_ENTRY_RELEASE_CLOSE, tw_body_release_close(p->cx, &close));
    tw_twin_publish_body twin = { .release = &open.release, .count = 1 };
    send(p, &p->w->grantee, TW_ENTRY_TWIN_PUBLISH, tw_body_twin_publish(p->cx, &twin));
    tw_project_close_body done = { .project = approve.project, .reason = 1 };
    send(p, &p->w->grantee, TW_ENTRY_PROJECT_CLOSE, tw_body_project_close(p->cx, &done));
}

static void play_owners(play *p)
{
    for (unsigned i = 0; i < 30; i++) {
        tw_world_comp c;
        char name[16];
        snprintf(name, sizeof name, "person %u", i);
        tw_world_comp_make(&c, name);
        send(p, &p->w->relay, TW_ENTRY_OWNER, tw_world_owner(p->cx, p->w, &c, TW_OWN_POLICY, 2, TW_BY_A));
        if (i % 3 == 0)
            send(p, &p->w->relay, TW_ENTRY_OWNER, tw_world_owner(p->cx, p->w, &c, TW_OWN_STOP, 3, TW_BY_A));
        if (i % 5 == 0)
            send(p, &p->w->source, TW_ENTRY_OWNER, tw_world_owner(p->cx, p->w, &c, TW_OWN_ERASE, 0, TW_BY_K));
        if (i % 7 == 0) /* refused: the version is used */
            send(p, &p->w->relay, TW_ENTRY_OWNER, tw_world_owner(p->cx, p->w, &c, TW_OWN_POLICY, 2, TW_BY_A));
    }
    send(p, &p->w->clinician, TW_ENTRY_BREAK_GLASS, tw_bytes_of(TW_STR("later")));
}

void tw_world_play(tw_ctx *cx, tw_world *w, void (*each)(void *arg, uint64_t tick_s, tw_bytes op), void *arg)
{
    play p = { cx, w, each, arg };
    play_parties(&p);
    play_source(&p);
    play_release(&p);
    play_owners(&p);
    tick(&p, 90000);
}
