/* Attempts that must fail, one changed fact each, on a small project over one category; the first row is the same
 * release with nothing changed. What was expected and what came goes to attempts.json. */
#include "demo_internal.h"

#define JSON_MAX (4 * TW_MIB)
#define LATE_S (TW_TICK_STALE_S + 10)

typedef struct {
    tw_demo *d;
    tw_jw j;
    tw_id small; /* project */
    uint32_t category;
    unsigned keepers;
} trier;

/* ---------------------------------------------------------------- rows */

static void row(trier *t, const char *name, const char *changed, tw_str expected, tw_str got, bool held)
{
    tw_jw_object(&t->j);
    tw_jw_kv(&t->j, "name", tw_str_of(name));
    tw_jw_kv(&t->j, "changed", tw_str_of(changed));
    tw_jw_kv(&t->j, "expected", expected);
    tw_jw_kv(&t->j, "got", got);
    tw_jw_key(&t->j, "held");
    tw_jw_bool(&t->j, held && tw_str_eq(expected, got));
    tw_jw_object_end(&t->j);
}

static tw_str code_text(tw_ctx *cx, unsigned code)
{
    return code == TW_LEAF_ANSWERED ? TW_STR("answered")
                                    : tw_strf(cx->arena, "code %u: %s", code, tw_leaf_code_text(code));
}

/* The refusal given most often; answered when there was none. */
static unsigned most_common(const tw_release_report *r)
{
    unsigned most = TW_LEAF_ANSWERED;
    for (unsigned c = 1; c < TW_LEAF_CODE_COUNT; c++)
        if (r->codes[c] > (most ? r->codes[most] : 0))
            most = c;
    return most;
}

static bool is_refusal(tw_status s)
{
    return s == TW_EREFUSED || s == TW_EQUORUM;
}

static tw_release_opts small_release(const trier *t)
{
    return (tw_release_opts){ .grantee = TW_DEMO_LAB, .project = t->small };
}

/* Every leaf of the release is refused by every keeper, with this code. */
static tw_status all_refused(tw_ctx *cx, trier *t, const char *name, const char *changed, unsigned code,
                             const tw_release_opts *o)
{
    tw_release_report r;
    tw_status s = tw_app_release(cx, &r, t->d->s, o);
    if (s != TW_OK && !is_refusal(s))
        return s;
    bool held = s != TW_OK && r.answered == 0 && r.leaves > 0 && r.codes[code] == t->keepers * r.leaves;
    row(t, name, changed, code_text(cx, code), code_text(cx, most_common(&r)), held);
    return TW_OK;
}

/* One compartment asked for beside what is offered: it alone is refused, with this code, by every keeper. */
static tw_status one_refused(tw_ctx *cx, trier *t, const char *name, const char *changed, unsigned code,
                             const tw_id *comp, const char *grantee, const tw_id *project)
{
    tw_release_report r;
    tw_release_opts o = { .grantee = grantee, .project = *project, .also = comp, .also_count = 1 };
    tw_status s = tw_app_release(cx, &r, t->d->s, &o);
    if (s != TW_OK && !is_refusal(s))
        return s;
    uint64_t refused = 0;
    for (unsigned c = 1; c < TW_LEAF_CODE_COUNT; c++)
        refused += r.codes[c];
    bool held = r.codes[code] == t->keepers && refused == t->keepers && r.answered < r.leaves;
    row(t, name, changed, code_text(cx, code), code_text(cx, most_common(&r)), held);
    return TW_OK;
}

/* ---------------------------------------------------------------- whose */

/* A compartment of a wallet; *here false: no such wallet in this group. */
static tw_status comp_of(tw_ctx *cx, tw_id *comp, bool *here, const trier *t, const char *wallet, uint32_t category,
                         unsigned years_on)
{
    tw_wallet *w;
    unsigned epoch = tw_epoch_of(tw_ledger_time(tw_site_state(t->d->s))) + years_on;
    *here = wallet[0] != '\0';
    if (!*here)
        return TW_OK;
    TW_TRY(tw_app_wallet_load(cx, &w, t->d->s, wallet, false));
    *here = false;
    for (size_t i = 0; i < tw_wallet_count(w) && !*here; i++) {
        const tw_wallet_entry *e = tw_wallet_at(w, i);
        *here = e->record.body.category == category && e->record.body.epoch == epoch;
        if (*here)
            *comp = e->comp;
    }
    tw_wallet_free(w);
    return TW_OK;
}

typedef struct {
    const char *name;
    const char *changed;
    tw_demo_will will;
    unsigned code;
    unsigned years_on;
    bool other_category;
    bool insurer;
} one_try;

static tw_status try_one(tw_ctx *cx, trier *t, const one_try *o)
{
    tw_id comp;
    bool here;
    uint32_t category = o->other_category ? TW_CAT_VITALS : o->insurer ? TW_CAT_LABS : t->category;
    TW_TRY(comp_of(cx, &comp, &here, t, tw_demo_wallet(cx, t->d, o->will, 0), category, o->years_on));
    if (!here)
        return TW_OK;
    return one_refused(cx, t, o->name, o->changed, o->code, &comp, o->insurer ? TW_DEMO_INSURER : TW_DEMO_LAB,
                       o->insurer ? &t->d->insurer : &t->small);
}

/* ---------------------------------------------------------------- the attempts */

static tw_status honest(tw_ctx *cx, trier *t)
{
    tw_release_report r;
    tw_release_opts o = small_release(t);
    TW_TRY(tw_app_release(cx, &r, t->d->s, &o));
    row(t, "the same release, honest", "nothing", TW_STR("answered"), code_text(cx, most_common(&r)),
        r.answered == r.leaves && r.leaves > 0);
    return TW_OK;
}

static tw_status consents(tw_ctx *cx, trier *t)
{
    static const one_try list[] = {
        { "no consent", "a person who permits nothing", TW_DEMO_NOBODY, TW_LEAF_DENY, 0, false, false },
        { "expired consent", "a consent that ended yesterday", TW_DEMO_EXPIRED, TW_LEAF_DENY, 0, false, false },
        { "a question for a person", "a consent that somebody must read", TW_DEMO_REFER, TW_LEAF_REFER, 0, false,
          false },
        { "no grant to this project", "a person who grants by name only", TW_DEMO_DIRECTED, TW_LEAF_NO_POLICY, 0, false,
          false },
        { "wrong purpose", "an insurer's project, approved by two stewards", TW_DEMO_HEALTH, TW_LEAF_DENY, 0, false,
          true },
        { "wrong category", "a category that the project does not have", TW_DEMO_HEALTH, TW_LEAF_SCOPE, 0, true,
          false },
        { "too early", "a compartment of next year, not opened yet", TW_DEMO_HEALTH, TW_LEAF_NO_OPENING, 1, false,
          false },
    };
    for (size_t i = 0; i < TW_COUNT(list); i++)
        TW_DEMO_STEP(try_one(cx, t, &list[i]));
    tw_id nobody;
    tw_random(cx, nobody.b, sizeof nobody.b);
    return one_refused(cx, t, "unknown compartment", "an id that nobody has", TW_LEAF_UNKNOWN, &nobody, TW_DEMO_LAB,
                       &t->small);
}

static tw_status forgeries(tw_ctx *cx, trier *t)
{
    static const struct {
        const char *name;
        const char *changed;
        tw_try attempt;
        unsigned code;
    } list[] = {
        { "not announced", "no entry on the ledger", TW_TRY_UNANNOUNCED, TW_LEAF_UNANNOUNCED },
        { "unsorted leaf file", "two leaves changed places", TW_TRY_UNSORTED, TW_LEAF_LEAF_FILE },
        { "doubled leaf", "one leaf stands twice", TW_TRY_DOUBLED, TW_LEAF_LEAF_FILE },
        { "altered leaf file", "one bit, after the announcement", TW_TRY_ALTERED_LEAF_FILE, TW_LEAF_LEAF_FILE },
        { "altered body", "leaves that commit to something else", TW_TRY_ALTERED_BODY, TW_LEAF_BODY },
        { "altered capsule", "one bit of each capsule", TW_TRY_ALTERED_CAPSULE, TW_LEAF_CAPSULE },
    };
    for (size_t i = 0; i < TW_COUNT(list); i++) {
        tw_release_opts o = small_release(t);
        o.attempt = list[i].attempt;
        TW_DEMO_STEP(all_refused(cx, t, list[i].name, list[i].changed, list[i].code, &o));
    }
    return TW_OK;
}

static tw_status unapproved(tw_ctx *cx, trier *t)
{
    tw_purpose purpose = tw_demo_purpose();
    tw_id pending;
    TW_TRY(tw_demo_project(cx, &pending, t->d, TW_DEMO_LAB, &purpose, TW_CAT_BIT(t->category), 1));
    tw_id comp;
    bool here;
    TW_TRY(comp_of(cx, &comp, &here, t, tw_demo_wallet(cx, t->d, TW_DEMO_HEALTH, 0), t->category, 0));
    if (!here)
        return TW_OK;
    tw_release_report r;
    tw_release_opts o = { .grantee = TW_DEMO_LAB, .project = pending, .also = &comp, .also_count = 1 };
    tw_status s = tw_app_release(cx, &r, t->d->s, &o);
    if (!is_refusal(s))
        return s == TW_OK ? tw_fail(cx, TW_EVERIFY, "a release of an unapproved project was answered") : s;
    row(t, "unapproved project", "one steward of three has signed", TW_STR("keeper 1: the project is not live"),
        tw_str_dup(cx->arena, tw_str_of(cx->err.msg)), r.answered == 0 && r.sheets == 0);
    return TW_OK;
}

/* ---------------------------------------------------------------- keepers */

static tw_status too_few(tw_ctx *cx, trier *t)
{
    tw_release_report r;
    tw_open_report o;
    tw_release_opts ro = small_release(t);
    tw_site_keepers_down(t->d->s, 3u << 2);
    tw_status s = tw_app_release(cx, &r, t->d->s, &ro);
    tw_status opened = s == TW_EQUORUM ? tw_app_open(cx, &o, t->d->s, TW_DEMO_LAB, &r.release) : s;
    tw_site_keepers_down(t->d->s, 0);
    if (s != TW_OK && !is_refusal(s))
        return s;
    row(t, "two keepers only", "two of four keepers are down", TW_STR("no quorum, nothing opens"),
        opened == TW_EQUORUM && o.records == 0 ? TW_STR("no quorum, nothing opens") : tw_str_of(tw_status_text(opened)),
        s == TW_EQUORUM && opened == TW_EQUORUM && o.records == 0);
    return TW_OK;
}

static tw_status liar(tw_ctx *cx, trier *t)
{
    tw_release_report r;
    tw_open_report o;
    tw_release_opts ro = small_release(t);
    ro.leave_open = true; /* keepers prove their fragments while a release is open */
    tw_site_keeper_lies(t->d->s, 2);
    tw_status s = tw_app_release(cx, &r, t->d->s, &ro);
    if (s == TW_OK)
        s = tw_app_open(cx, &o, t->d->s, TW_DEMO_LAB, &r.release);
    t->d->s->keepers_lying = 0;
    TW_TRY(s);
    bool named = o.liars == 1u << 1;
    row(t, "a lying keeper", "keeper 2 answers with false fragments",
        TW_STR("keeper 2 is named; the other three suffice"),
        named && o.failed_capsules == 0 ? TW_STR("keeper 2 is named; the other three suffice")
                                        : tw_strf(cx->arena, "named: %x, capsules not opened: %llu", o.liars,
                                                  (unsigned long long)o.failed_capsules),
        named && o.failed_capsules == 0 && o.records > 0);
    return TW_OK;
}

/* The keepers' own clocks run on; the ledger's last tick does not. */
static tw_status stale(tw_ctx *cx, trier *t)
{
    tw_release_report r;
    tw_release_report again;
    tw_io_virtual late;
    tw_site *s = t->d->s;
    tw_release_opts ro = small_release(t);
    ro.leave_open = true;
    TW_TRY(tw_app_release(cx, &r, s, &ro));
    tw_clock clock = s->env.clock;
    s->env.clock = tw_io_virtual_clock(&late, tw_now_s(cx) + LATE_S);
    tw_status st = tw_app_release_ask(cx, &again, s, TW_DEMO_LAB, &r.release);
    s->env.clock = clock;
    if (st != TW_OK && !is_refusal(st))
        return st;
    row(t, "a ledger that stands still", "the last tick is 40 s old", code_text(cx, TW_LEAF_STALE),
        code_text(cx, most_common(&again)),
        again.codes[TW_LEAF_STALE] == t->keepers * again.leaves && again.answered == 0);
    return TW_OK;
}

/* The first release of the demo was closed after its answers. */
static tw_status closed(tw_ctx *cx, trier *t)
{
    tw_release_report r;
    tw_release_report again;
    tw_release_opts ro = small_release(t);
    TW_TRY(tw_app_release(cx, &r, t->d->s, &ro));
    tw_status s = tw_app_release_ask(cx, &again, t->d->s, TW_DEMO_LAB, &r.release);
    if (s != TW_OK && !is_refusal(s))
        return s;
    row(t, "asking again", "the release was closed", code_text(cx, TW_LEAF_UNANNOUNCED),
        code_text(cx, most_common(&again)), again.codes[TW_LEAF_UNANNOUNCED] == t->keepers * again.leaves);
    return TW_OK;
}

/* ---------------------------------------------------------------- the ledger */

typedef struct {
    tw_owner_kind kind;
    tw_bytes op; /* the first of its kind */
    tw_arena *arena;
} old_order;

static tw_status find_order(void *arg, tw_ctx *cx, const tw_entry *e, const tw_op *op)
{
    old_order *o = arg;
    tw_owner_op own;
    if (e->code != TW_CODE_OK || o->op.n)
        return TW_OK;
    TW_TRY(tw_owner_op_open(cx, &own, op->body));
    if (own.kind == o->kind)
        o->op = tw_bytes_dup(o->arena, op->body);
    return TW_OK;
}

static tw_status replayed(tw_ctx *cx, trier *t, tw_owner_kind kind, const char *name, const char *changed)
{
    tw_applied a = { .code = 0 };
    old_order o = { .kind = kind, .arena = tw_arena_new(TW_MIB) };
    tw_status s = tw_log_each(cx, t->d->s->log, 0, 1u << TW_ENTRY_OWNER, find_order, &o);
    if (s == TW_OK && o.op.n) {
        s = tw_site_carry(cx, &a, t->d->s, o.op);
        bool held = s == TW_EREFUSED && a.code == TW_CODE_SEQUENCE;
        if (s == TW_EREFUSED)
            s = TW_OK;
        row(t, name, changed,
            tw_strf(cx->arena, "the ledger refuses: code %u: %s", TW_CODE_SEQUENCE, tw_code_text(TW_CODE_SEQUENCE)),
            tw_strf(cx->arena, "the ledger %s: code %u: %s", a.code ? "refuses" : "takes it", a.code,
                    tw_code_text(a.code)),
            held);
    }
    tw_arena_free(o.arena);
    return s;
}

static tw_status copy_file(tw_ctx *cx, const tw_site *s, const char *name, bool spoil)
{
    tw_bytes file;
    char *to = tw_site_path(cx, s, "attempt/exchange/log/%s", name);
    TW_TRY(tw_site_read(cx, &file, s, tw_strf(cx->arena, "exchange/log/%s", name).p));
    if (spoil && file.n)
        ((uint8_t *)(uintptr_t)file.p)[file.n / 2] ^= 1;
    return tw_file_write(cx, to, file);
}

/* A copy of the log in which one bit differs is audited; the copy goes again. */
static tw_status altered_log(tw_ctx *cx, trier *t)
{
    tw_str *name;
    size_t count;
    tw_site *s = t->d->s;
    tw_audit_report *r = tw_new(cx->arena, tw_audit_report);
    TW_TRY(tw_dir_make(cx, tw_site_path(cx, s, "attempt/exchange/log")));
    TW_TRY(tw_dir_list(cx, &name, &count, tw_site_path(cx, s, "exchange/log")));
    for (size_t i = 0; i < count; i++)
        TW_TRY(copy_file(cx, s, tw_cstr(cx->arena, name[i]), tw_str_is(name[i], "segments")));
    tw_status st = tw_app_audit(cx, r, tw_site_path(cx, s, "attempt"));
    if (st != TW_OK && st != TW_EVERIFY)
        return st;
    bool held = st == TW_EVERIFY && r->failures > 0;
    row(t, "a rewritten ledger", "one bit in the middle of the log", TW_STR("the audit fails and names the place"),
        held ? TW_STR("the audit fails and names the place") : TW_STR("the audit passes"), held);
    for (size_t i = 0; i < count; i++) {
        char *path = tw_site_path(cx, s, "attempt/exchange/log/%s", tw_cstr(cx->arena, name[i]));
        TW_TRY(cx->env->disk->remove(cx->env->disk->self, path));
    }
    static const char *const folder[] = { "attempt/exchange/log", "attempt/exchange", "attempt" };
    for (size_t i = 0; i < TW_COUNT(folder); i++)
        TW_TRY(cx->env->disk->remove(cx->env->disk->self, tw_site_path(cx, s, "%s", folder[i])));
    return TW_OK;
}

/* ---------------------------------------------------------------- stop and erase */

static tw_status order_and_try(tw_ctx *cx, trier *t, bool erase)
{
    tw_owner_report r;
    tw_id comp;
    bool here;
    tw_scope scope = { .wallet = tw_demo_wallet(cx, t->d, TW_DEMO_HEALTH, erase ? 2 : 1) };
    TW_TRY(comp_of(cx, &comp, &here, t, scope.wallet, t->category, 0));
    if (!here)
        return TW_OK;
    tw_step(&t->d->o->progress, erase ? "erase" : "stop", 0, 0);
    TW_TRY(erase ? tw_app_erase(cx, &r, t->d->s, &scope) : tw_app_stop(cx, &r, t->d->s, &scope, false));
    if (erase)
        return one_refused(cx, t, "after an erasure", "a person who has erased everything", TW_LEAF_UNKNOWN, &comp,
                           TW_DEMO_LAB, &t->small);
    return one_refused(cx, t, "after a stop", "a person who has stopped everything", TW_LEAF_STOPPED, &comp,
                       TW_DEMO_LAB, &t->small);
}

static tw_status all(tw_ctx *cx, trier *t)
{
    TW_DEMO_STEP(honest(cx, t));
    TW_DEMO_STEP(consents(cx, t));
    TW_DEMO_STEP(unapproved(cx, t));
    TW_DEMO_STEP(forgeries(cx, t));
    TW_DEMO_STEP(closed(cx, t));
    TW_DEMO_STEP(stale(cx, t));
    TW_DEMO_STEP(too_few(cx, t));
    TW_DEMO_STEP(liar(cx, t));
    TW_DEMO_STEP(order_and_try(cx, t, false));
    TW_DEMO_STEP(replayed(cx, t, TW_OWN_STOP, "a stop sent again", "a stop that the ledger has already"));
    TW_DEMO_STEP(replayed(cx, t, TW_OWN_POLICY, "an old consent sent again", "a consent that the ledger has already"));
    TW_DEMO_STEP(order_and_try(cx, t, true));
    TW_DEMO_STEP(altered_log(cx, t));
    return TW_OK;
}

/* Few have allergies in a large group; in a small one everybody has a note. */
static uint32_t small_category(const tw_demo *d)
{
    return d->lines >= 60 ? TW_CAT_ALLERGIES : TW_CAT_NOTES;
}

tw_status tw_demo_attempts(tw_ctx *cx, tw_demo *d)
{
    tw_buf b;
    trier t = { .d = d, .category = small_category(d) };
    tw_purpose purpose = tw_demo_purpose();
    t.keepers = tw_ledger_keeper_set(tw_site_state(d->s))->n;
    tw_step(&d->o->progress, "attempts", 0, 0);
    TW_TRY(tw_demo_project(cx, &t.small, d, TW_DEMO_LAB, &purpose, TW_CAT_BIT(t.category), 2));
    tw_buf_init(&b, JSON_MAX);
    tw_jw_init(&t.j, &b, 2);
    tw_jw_object(&t.j);
    tw_jw_kv_u64(&t.j, "v", 1);
    tw_jw_key(&t.j, "attempts");
    tw_jw_array(&t.j);
    tw_status s = all(cx, &t);
    if (s == TW_OK) {
        tw_jw_array_end(&t.j);
        tw_jw_object_end(&t.j);
        tw_buf_cstr(&b, "\n");
        s = tw_buf_check(cx, &b, "attempts.json");
    }
    if (s == TW_OK)
        s = tw_file_write(cx, tw_site_path(cx, d->s, "attempts.json"), tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}
