/* What a patient orders: new policies, stops, erasure. Each order is signed by the wallet, carried to the ledger by the
 * relay; stops also go to every keeper at once. */
#include "source_internal.h"

#define MAILS_MAX (16 * TW_MIB)

typedef struct {
    tw_site *s;
    tw_wallet *w;
    const char *name;
    tw_owner_report *report;
} owner;

/* The compartments that a scope means; source by name. */
static tw_status scope_source(tw_ctx *cx, tw_id *id, const tw_site *s, const char *name)
{
    tw_party p;
    TW_TRY(tw_party_load(cx, &p, s, TW_ROLE_SOURCE, name));
    *id = p.id;
    tw_wipe(&p, sizeof p);
    return TW_OK;
}

/* Which part of a scope was too narrow: counts only. */
typedef struct {
    uint64_t all, live, of_source, of_categories;
} scope_counts;

static tw_status nothing_matched(tw_ctx *cx, const scope_counts *n, const tw_scope *scope)
{
    tw_fail(cx, TW_ENOTFOUND,
            "nothing matched, nothing was done: of %llu compartments of this wallet %llu are not erased; of these "
            "%llu are of that source, %llu of those categories",
            (unsigned long long)n->all, (unsigned long long)n->live, (unsigned long long)n->of_source,
            (unsigned long long)n->of_categories);
    if (n->all == 0)
        return tw_hint(cx, "twinward enrol: this wallet is enrolled nowhere");
    if (n->live == 0)
        return tw_hint(cx, "all of it was erased; enrol it again to begin anew");
    return tw_hint(cx, "leave out %s", scope->source && !n->of_source ? "--source, or name another" : "--category");
}

static tw_status each_in_scope(tw_ctx *cx, owner *o, const tw_scope *scope,
                               tw_status (*each)(tw_ctx *cx, owner *o, tw_wallet_entry *e, const void *arg),
                               const void *arg)
{
    tw_id source;
    scope_counts n = { .all = tw_wallet_count(o->w) };
    if (scope->source)
        TW_TRY(scope_source(cx, &source, o->s, scope->source));
    for (size_t i = 0; i < tw_wallet_count(o->w); i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_wallet_entry *e = tw_wallet_at(o->w, i);
        const tw_comp_state *state = tw_ledger_comp(tw_site_state(o->s), &e->comp);
        bool of_source = !scope->source || tw_id_eq(&source, &e->record.body.source);
        bool of_category = !scope->categories || (scope->categories & TW_CAT_BIT(e->record.body.category));
        bool live = !state || state->status < TW_COMP_ERASING;
        n.live += live;
        n.of_source += live && of_source;
        n.of_categories += live && of_category;
        if (!live || !of_source || !of_category)
            continue;
        e->version = state ? state->version : 1; /* the ledger counts; a kill may have come between order and file */
        TW_TRY(each(cx, o, e, arg));
        o->report->compartments++;
        tw_arena_back(cx->arena, mark);
    }
    return o->report->compartments ? TW_OK : nothing_matched(cx, &n, scope);
}

static tw_status with_wallet(tw_ctx *cx, tw_owner_report *out, tw_site *s, const tw_scope *scope, bool with_stop,
                             tw_status (*each)(tw_ctx *cx, owner *o, tw_wallet_entry *e, const void *arg),
                             const void *arg)
{
    owner o = { .s = s, .name = scope->wallet, .report = out };
    *out = (tw_owner_report){ .compartments = 0 };
    TW_TRY(tw_site_maintain(cx, s));
    TW_TRY(tw_app_wallet_load(cx, &o.w, s, scope->wallet, with_stop));
    tw_status st = each_in_scope(cx, &o, scope, each, arg);
    if (st == TW_OK) {
        uint8_t root[32];
        tw_ledger_log_root(root, tw_site_state(s));
        tw_wallet_see(o.w, tw_ledger_size(tw_site_state(s)), root);
        st = tw_app_wallet_save(cx, s, o.w, scope->wallet);
    }
    tw_wallet_free(o.w);
    return st;
}

/* ---------------------------------------------------------------- mail: kept at the exchange until every keeper has it
 */

static tw_bytes mail_file(tw_ctx *cx, const tw_id *comp, const tw_bytes *mail, size_t n)
{
    tw_buf b;
    tw_buf_init(&b, MAILS_MAX);
    tw_buf_add(&b, comp->b, 32);
    tw_buf_u8(&b, (uint8_t)n);
    for (size_t i = 0; i < n; i++)
        tw_buf_var(&b, mail[i]);
    tw_bytes out = tw_bytes_dup(cx->arena, tw_buf_view(&b));
    tw_buf_done(&b);
    return out;
}

/* *all: every keeper took it, or it is no longer the mail in force. */
static tw_status deliver(tw_ctx *cx, bool *all, tw_site *s, tw_bytes file)
{
    tw_id comp;
    tw_bytes mail[TW_SHARES_MAX];
    uint8_t hashes[32 * TW_SHARES_MAX];
    tw_rd in = tw_rd_of(file);
    tw_rd_copy(&in, comp.b, 32);
    size_t n = tw_rd_u8(&in);
    for (size_t i = 0; i < n && i < TW_SHARES_MAX; i++) {
        mail[i] = tw_rd_var(&in, MAILS_MAX);
        tw_sha256_of(hashes + 32 * i, mail[i]);
    }
    TW_TRY(tw_rd_end(cx, &in, "mail file"));
    *all = true;
    for (size_t i = 0; i < n; i++) {
        tw_buf b;
        tw_bytes reply;
        tw_buf_init(&b, MAILS_MAX);
        tw_buf_add(&b, comp.b, 32);
        tw_buf_var(&b, (tw_bytes){ hashes, 32 * n });
        tw_buf_var(&b, mail[i]);
        tw_status st =
            tw_keeper_call(cx, &reply, s, (uint8_t)(i + 1), tw_keeper_ask(cx, TW_KEEPER_MAIL, NULL, tw_buf_view(&b)));
        tw_buf_done(&b);
        if (st == TW_ENET)
            *all = false;
        else if (st != TW_OK && st != TW_EREFUSED && st != TW_ENOTFOUND)
            return st;
    }
    return TW_OK;
}

tw_status tw_mail_deliver_pending(tw_ctx *cx, tw_site *s)
{
    tw_str *name;
    size_t count;
    char *dir = tw_site_path(cx, s, "exchange/mail");
    TW_TRY(tw_dir_list(cx, &name, &count, dir));
    for (size_t i = 0; i < count; i++) {
        tw_bytes file;
        bool all;
        char *path = tw_path(cx, dir, name[i].p);
        if (tw_str_ends(name[i], ".tmp"))
            continue;
        TW_TRY(tw_file_read(cx, &file, path, MAILS_MAX));
        TW_TRY(deliver(cx, &all, s, file));
        if (all && cx->env->disk->remove(cx->env->disk->self, path) != TW_OK)
            return tw_fail(cx, TW_EIO, "cannot remove %s", path);
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- policies */

typedef struct {
    const tw_policy *policy;
    bool directed;
    uint8_t b[TW_POINT];
} policy_order;

static tw_status set_policy(tw_ctx *cx, owner *o, tw_wallet_entry *e, const void *arg)
{
    const policy_order *p = arg;
    const tw_keeper_set *set = tw_ledger_keeper_set(tw_site_state(o->s));
    const uint8_t(*keys)[TW_KEY];
    tw_bytes op;
    tw_bytes mail[TW_SHARES_MAX];
    tw_applied a;
    uint8_t env[32];
    bool all;
    TW_TRY(tw_site_import_keys(cx, &keys, o->s));
    TW_TRY(tw_wallet_policy(cx, &op, mail, o->w, &e->comp, p->policy, p->directed ? TW_MAIL_DIRECTED : TW_MAIL_POLICY,
                            p->directed ? p->b : NULL, set, keys));
    tw_bytes file = mail_file(cx, &e->comp, mail, set->n);
    tw_mail_env(env, mail, set->n);
    char *path = tw_site_path(cx, o->s, "exchange/mail/%s", tw_hex(cx->arena, TW_BYTES(env)).p);
    TW_TRY(tw_file_write(cx, path, file));
    TW_TRY(tw_site_carry(cx, &a, o->s, op));
    tw_crash_point(cx, "consent.carried");
    TW_TRY(deliver(cx, &all, o->s, file));
    if (all && cx->env->disk->remove(cx->env->disk->self, path) != TW_OK)
        return tw_fail(cx, TW_EIO, "cannot remove a delivered mail");
    return TW_OK;
}

tw_status tw_app_consent_set(tw_ctx *cx, tw_owner_report *out, tw_site *s, const tw_scope *scope,
                             const tw_policy *policy, const char *project)
{
    policy_order p = { .policy = policy, .directed = project != NULL };
    if (project) {
        tw_id id;
        tw_project body;
        TW_TRY(tw_app_project_find(cx, &id, s, project));
        TW_TRY(tw_project_decode(cx, &body, tw_ledger_project(tw_site_state(s), &id)->body));
        memcpy(p.b, body.b, TW_POINT);
    }
    return with_wallet(cx, out, s, scope, false, set_policy, &p);
}

/* ---------------------------------------------------------------- stops */

static tw_status tell_keepers(tw_ctx *cx, owner *o, tw_bytes op)
{
    const tw_keeper_set *set = tw_ledger_keeper_set(tw_site_state(o->s));
    uint8_t hash[32];
    uint8_t *fields = tw_arena_get(cx->arena, op.n + 4);
    tw_put_be32(fields, (uint32_t)op.n);
    memcpy(fields + 4, op.p, op.n);
    tw_sha256_of(hash, op);
    tw_bytes request = tw_keeper_ask(cx, TW_KEEPER_STOP, NULL, (tw_bytes){ fields, op.n + 4 });
    for (uint8_t i = 1; i <= set->n; i++) {
        tw_bytes reply;
        tw_stop_receipt r;
        if (tw_keeper_call(cx, &reply, o->s, i, request) != TW_OK)
            continue; /* it sees the ledger's entry */
        tw_rd in = tw_rd_of(reply);
        tw_stop_receipt_read(&r, &in);
        TW_TRY(tw_rd_end(cx, &in, "stop receipt"));
        const tw_party_state *keeper = tw_ledger_party(tw_site_state(o->s), &set->party[i - 1]);
        if (memcmp(r.op_hash, hash, 32) != 0 || !tw_id_eq(&r.keeper, &set->party[i - 1]) ||
            !tw_stop_receipt_ok(cx, &r, keeper->spec.ed25519))
            return tw_fail(cx, TW_EVERIFY, "keeper %u gave a receipt for something else", i);
        o->report->receipts++;
    }
    return TW_OK;
}

static tw_status stop_one(tw_ctx *cx, owner *o, tw_wallet_entry *e, const void *arg)
{
    const bool *final = arg;
    tw_bytes op;
    tw_applied a;
    TW_TRY(tw_wallet_stop(cx, &op, o->w, &e->comp, *final));
    TW_TRY(tell_keepers(cx, o, op));
    tw_crash_point(cx, "stop.told");
    return tw_site_carry(cx, &a, o->s, op);
}

tw_status tw_app_stop(tw_ctx *cx, tw_owner_report *out, tw_site *s, const tw_scope *scope, bool final)
{
    return with_wallet(cx, out, s, scope, final, stop_one, &final);
}

/* ---------------------------------------------------------------- erasure */

typedef struct {
    tw_id *comp;
    size_t count;
} erased_list;

static tw_status erase_one(tw_ctx *cx, owner *o, tw_wallet_entry *e, const void *arg)
{
    erased_list *l = (erased_list *)(uintptr_t)arg;
    tw_bytes op;
    tw_applied a;
    TW_TRY(tw_wallet_erase(cx, &op, o->w, &e->comp, false));
    TW_TRY(tw_site_carry(cx, &a, o->s, op));
    l->comp[l->count++] = e->comp;
    return TW_OK;
}

/* Signed deletions of one compartment; the ledger wants n - t + 1. */
static tw_status collect_deletions(tw_ctx *cx, uint64_t *got, tw_site *s, const tw_party *relay, const tw_id *comp)
{
    const tw_keeper_set *set = tw_ledger_keeper_set(tw_site_state(s));
    tw_deletion d[TW_SHARES_MAX];
    tw_applied a;
    size_t n = 0;
    const tw_comp_state *state = tw_ledger_comp(tw_site_state(s), comp);
    if (!state || state->status != TW_COMP_ERASING)
        return TW_OK;
    for (uint8_t i = 1; i <= set->n; i++) {
        tw_bytes reply;
        if (tw_keeper_call(cx, &reply, s, i, tw_keeper_ask(cx, TW_KEEPER_DELETIONS, NULL, tw_id_bytes(comp))) != TW_OK)
            continue;
        tw_rd in = tw_rd_of(reply);
        tw_deletion_read(&d[n], &in);
        TW_TRY(tw_rd_end(cx, &in, "deletion"));
        n++;
    }
    *got += n;
    if (n < (size_t)set->n - set->t + 1)
        return tw_fail(cx, TW_EQUORUM, "%zu keepers deleted their shares, %u are needed", n, set->n - set->t + 1u);
    tw_erased_body b = { .comp = *comp, .deletion = d, .count = n };
    return tw_site_submit(cx, &a, s, relay, TW_ENTRY_ERASED, tw_body_erased(cx, &b));
}

static bool listed(const erased_list *l, const tw_id *comp)
{
    for (size_t i = 0; i < l->count; i++)
        if (tw_id_eq(&l->comp[i], comp))
            return true;
    return false;
}

/* A number that was merged into a patient's tells of him, too: its row goes with his. */
static tw_status forget_merges(tw_ctx *cx, tw_register *r, const uint8_t patient[33])
{
    tw_reg_row *row;
    size_t count;
    tw_status st = tw_register_rows(cx, &row, &count, r, TW_REG_MERGE);
    for (size_t i = 0; i < count && st == TW_OK; i++) {
        uint8_t key[33];
        tw_rd in = tw_rd_of(row[i].value);
        (void)tw_rd_u8(&in);
        tw_register_key(key, r, TW_REG_BUNDLE, tw_rd_var(&in, in.n));
        if (memcmp(key, patient, sizeof key) == 0)
            st = tw_register_del_at(cx, r, row[i].key);
    }
    return st;
}

/* The source forgets erased compartments; with the last of them, the patient's whole row, id key and shift. */
static tw_status forget_at_source(tw_ctx *cx, tw_site *s, const char *source, const erased_list *l)
{
    tw_register r;
    tw_reg_row *row;
    size_t count;
    tw_status st = tw_register_open(cx, &r, s, source);
    if (st == TW_OK)
        st = tw_register_begin(cx, &r, true);
    if (st != TW_OK) {
        tw_register_close(&r);
        return st;
    }
    st = tw_register_rows(cx, &row, &count, &r, TW_REG_BUNDLE);
    for (size_t i = 0; i < count && st == TW_OK; i++) {
        tw_patient_row p;
        tw_bytes value;
        size_t kept = 0;
        st = tw_patient_row_decode(cx, &p, row[i].value);
        if (st != TW_OK)
            break;
        for (size_t j = 0; j < p.bundle.count; j++)
            if (!listed(l, &p.bundle.entry[j].comp))
                p.bundle.entry[kept++] = p.bundle.entry[j];
        if (kept == p.bundle.count)
            continue;
        p.bundle.count = kept;
        if (kept == 0) {
            st = tw_register_del_at(cx, &r, row[i].key);
            if (st == TW_OK)
                st = forget_merges(cx, &r, row[i].key);
            continue;
        }
        st = tw_patient_row_encode(cx, &value, &p, p.bundle.entry[0].n != 0);
        if (st == TW_OK)
            st = tw_register_put_at(cx, &r, row[i].key, value);
    }
    st = tw_register_end(cx, &r, st);
    tw_register_close(&r);
    return st;
}

static tw_status finish_erase(tw_ctx *cx, tw_owner_report *out, tw_site *s, const erased_list *l)
{
    tw_party relay;
    tw_str *name;
    size_t count;
    tw_crash_point(cx, "erase.ordered");
    TW_TRY(tw_site_maintain(cx, s));
    TW_TRY(tw_party_load(cx, &relay, s, TW_ROLE_RELAY, "relay"));
    tw_status st = TW_OK;
    for (size_t i = 0; i < l->count && st == TW_OK; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        st = collect_deletions(cx, &out->deletions, s, &relay, &l->comp[i]);
        tw_arena_back(cx->arena, mark);
    }
    tw_wipe(&relay, sizeof relay);
    TW_TRY(st);
    TW_TRY(tw_vault_erase(cx, &out->objects, tw_site_path(cx, s, TW_VAULT_DIR), l->comp, l->count));
    tw_crash_point(cx, "erase.vault");
    TW_TRY(tw_party_names(cx, &name, &count, s, TW_ROLE_SOURCE));
    for (size_t i = 0; i < count; i++)
        TW_TRY(forget_at_source(cx, s, tw_cstr(cx->arena, name[i]), l));
    return TW_OK;
}

/* Compartments that were ordered to go before: a killed run may have left shares, objects or rows of them, so that the
 * same command finishes them. *open: how many the ledger does not call erased yet. */
static tw_status add_unfinished(tw_ctx *cx, erased_list *l, size_t *open, tw_site *s, const tw_scope *scope)
{
    tw_wallet *w;
    TW_TRY(tw_app_wallet_load(cx, &w, s, scope->wallet, false));
    l->comp = tw_try_array(cx->arena, tw_id, tw_wallet_count(w) + 1);
    for (size_t i = 0; l->comp && i < tw_wallet_count(w); i++) {
        const tw_wallet_entry *e = tw_wallet_at(w, i);
        const tw_comp_state *state = tw_ledger_comp(tw_site_state(s), &e->comp);
        if (!state || state->status < TW_COMP_ERASING)
            continue;
        *open += state->status == TW_COMP_ERASING;
        l->comp[l->count++] = e->comp;
    }
    tw_wallet_free(w);
    return l->comp ? TW_OK : tw_fail(cx, TW_ELIMIT, "no memory left for a wallet's compartments");
}

tw_status tw_app_erase(tw_ctx *cx, tw_owner_report *out, tw_site *s, const tw_scope *scope)
{
    erased_list l = { .count = 0 };
    size_t open = 0;
    TW_TRY(add_unfinished(cx, &l, &open, s, scope));
    size_t before = l.count;
    tw_status st = with_wallet(cx, out, s, scope, false, erase_one, &l);
    if (st != TW_OK && !(st == TW_ENOTFOUND && before))
        return st;
    tw_err nothing = cx->err;
    out->compartments = l.count - before + open;
    TW_TRY(finish_erase(cx, out, s, &l));
    if (out->compartments || out->objects)
        return TW_OK;
    cx->err = nothing;
    return st;
}
