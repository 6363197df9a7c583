/* Erasure against an attacker who holds everything that is left: keepers' whole folders after their deletions, the
 * source's key and its registers from before, an old grantee's folder with all that he was answered, the vault and the
 * ledger from before, and the wallet file with root and stop root. He reads databases page by page, freed pages
 * included, tries every key on every sealed thing, and every choice of shares on every capsule.
 * The same attacker opens everything where enough keepers have not deleted: so he is able. */
#include "test_life.h"

#include "app/keeper_internal.h"
#include "app/open_internal.h"
#include "app/source_internal.h"

#define SHARES_SEEN_MAX 4096
#define SECRETS_MAX 4096
#define ENTRIES_SEEN_MAX 4096
#define POINTS_SEEN_MAX 4096
#define PAGE 4096 /* of LMDB, as of the system */

typedef struct {
    tw_id comp;
    uint8_t index;
    uint8_t w[TW_SCALAR];
    uint8_t a[TW_SCALAR];
} found_share;

/* A keeper's old answer for some capsule of a compartment. */
typedef struct {
    tw_id comp;
    uint8_t index;
    uint8_t f1[TW_POINT];
} found_point;

typedef struct {
    const char *site; /* for names and public facts */
    tw_keeper_set set;
    tw_id ledger;
    tw_id source;
    uint8_t (*secret)[32]; /* for sealed rows: slots, the register's key */
    size_t secrets;
    uint8_t (*box)[32]; /* for envelopes: import secrets, secrets of parties and projects */
    size_t boxes;
    found_share *share;
    size_t shares;
    tw_bundle_entry *entry; /* from registers */
    size_t entries;
    found_point *point;
    size_t points;
    tw_wallet *wallet;
    size_t envelopes_opened;
} loot;

static loot *loot_new(const char *site)
{
    loot *l = tw_new(cx->arena, loot);
    l->site = site;
    l->secret = tw_arena_get(cx->arena, SECRETS_MAX * sizeof *l->secret);
    l->box = tw_arena_get(cx->arena, SECRETS_MAX * sizeof *l->box);
    l->share = tw_arena_get(cx->arena, SHARES_SEEN_MAX * sizeof *l->share);
    l->entry = tw_arena_get(cx->arena, ENTRIES_SEEN_MAX * sizeof *l->entry);
    l->point = tw_arena_get(cx->arena, POINTS_SEEN_MAX * sizeof *l->point);
    return l;
}

static void add_to(uint8_t (*list)[32], size_t *count, const uint8_t secret[32])
{
    static const uint8_t wiped[32];
    if (memcmp(secret, wiped, 32) == 0)
        return;
    for (size_t i = 0; i < *count; i++)
        if (memcmp(list[i], secret, 32) == 0)
            return;
    assert_true(*count < SECRETS_MAX);
    memcpy(list[(*count)++], secret, 32);
}

static void add_secret(loot *l, const uint8_t secret[32])
{
    add_to(l->secret, &l->secrets, secret);
}

static void add_box(loot *l, const uint8_t secret[32])
{
    add_to(l->box, &l->boxes, secret);
}

static void add_share(loot *l, const tw_keeper_share *s)
{
    for (size_t i = 0; i < l->shares; i++)
        if (tw_id_eq(&l->share[i].comp, &s->comp) && l->share[i].index == s->index)
            return;
    assert_true(l->shares < SHARES_SEEN_MAX);
    found_share *f = &l->share[l->shares++];
    f->comp = s->comp;
    f->index = s->index;
    memcpy(f->w, s->w, TW_SCALAR);
    memcpy(f->a, s->a, TW_SCALAR);
}

/* ---------------------------------------------------------------- databases, page by page */

/* Whatever looks like a node of LMDB, live or freed: sizes, flags, key, then the value or the number of its first
 * overflow page. */
static void each_node(tw_bytes file, void (*each)(void *arg, tw_bytes key, tw_bytes value), void *arg)
{
    for (size_t at = 0; at + 8 + 33 <= file.n; at += 2) {
        const uint8_t *p = file.p + at;
        size_t n = p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
        size_t key = p[6] | (size_t)p[7] << 8;
        if ((key != 33 && key != 65) || p[5] != 0 || p[4] > 1 || !p[8] || at + 8 + key > file.n)
            continue;
        const uint8_t *value = p + 8 + key;
        size_t off = at + 8 + key;
        if (p[4] == 1) {
            uint64_t page = 0;
            for (size_t i = 0; i < 8 && off + 8 <= file.n; i++)
                page |= (uint64_t)value[i] << (8 * i);
            if (page >= file.n / PAGE)
                continue;
            off = (size_t)page * PAGE + 16;
            value = file.p + off;
        }
        if (n <= file.n - off)
            each(arg, (tw_bytes){ p + 8, key }, (tw_bytes){ value, n });
    }
}

/* nonce 24, cipher: with any secret. */
static bool open_sealed(tw_bytes *plain, const loot *l, tw_bytes aad, tw_bytes sealed)
{
    if (sealed.n < 24 + TW_AEAD_TAG)
        return false;
    uint8_t *p = tw_arena_get(cx->arena, sealed.n);
    for (size_t i = 0; i < l->secrets; i++)
        if (tw_xaead_open(cx, p, l->secret[i], sealed.p, aad, (tw_bytes){ sealed.p + 24, sealed.n - 24 }) == TW_OK) {
            *plain = (tw_bytes){ p, sealed.n - 24 - TW_AEAD_TAG };
            return true;
        }
    return false;
}

/* ---------------------------------------------------------------- a keeper's folder */

static void on_keeper_node(void *arg, tw_bytes key, tw_bytes value)
{
    loot *l = arg;
    tw_bytes plain;
    tw_keeper_share s;
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_bytes aad = { key.p + 1, 32 };
    if (key.p[0] == TW_ROW_SHARE && value.n > 8
        && open_sealed(&plain, l, aad, (tw_bytes){ value.p + 8, value.n - 8 })
        && tw_keeper_share_decode(cx, &s, plain) == TW_OK)
        add_share(l, &s);
    if (key.p[0] == TW_ROW_IMPORT_KEY && value.n > 24
        && open_sealed(&plain, l, aad, (tw_bytes){ value.p + 24, value.n - 24 }) && plain.n == 32)
        add_box(l, plain.p);
    tw_arena_back(cx->arena, mark);
}

static void take_key_file(loot *l, const char *path, tw_party *out)
{
    tw_party p;
    assert_ok(tw_party_read(cx, &p, path));
    add_box(l, p.box_secret);
    add_box(l, p.sign_secret);
    if (out)
        *out = p;
}

static void take_keeper(loot *l, const char *site, unsigned index)
{
    tw_bytes keys;
    tw_bytes db;
    char *dir = tw_path(cx, site, tw_strf(cx->arena, "keepers/%u", index).p);
    take_key_file(l, tw_path(cx, dir, "key"), NULL);
    assert_ok(tw_file_read(cx, &keys, tw_path(cx, dir, "keeper.keys"), 16 * TW_MIB));
    for (size_t i = 0; i + 32 <= keys.n; i += 32)
        add_secret(l, keys.p + i);
    assert_ok(tw_file_read(cx, &db, tw_path(cx, dir, "keeper.mdb"), 64 * TW_MIB));
    each_node(db, on_keeper_node, l);
}

/* ---------------------------------------------------------------- the source, the wallet, the grantee */

static void on_register_node(void *arg, tw_bytes key, tw_bytes value)
{
    loot *l = arg;
    tw_bytes plain;
    tw_patient_row row;
    if (key.n != 33 || key.p[0] != TW_REG_BUNDLE || !open_sealed(&plain, l, key, value)
        || tw_patient_row_decode(cx, &row, plain) != TW_OK)
        return;
    for (size_t i = 0; i < row.bundle.count; i++) {
        bool seen = false;
        for (size_t j = 0; j < l->entries; j++)
            seen |= tw_id_eq(&l->entry[j].comp, &row.bundle.entry[i].comp) && l->entry[j].n >= row.bundle.entry[i].n;
        assert_true(l->entries < ENTRIES_SEEN_MAX);
        if (!seen)
            l->entry[l->entries++] = row.bundle.entry[i];
    }
}

static void take_register(loot *l, const char *site)
{
    tw_party me;
    tw_bytes db;
    uint8_t key[32];
    char *dir = tw_path(cx, site, "sources/hospital-1");
    take_key_file(l, tw_path(cx, dir, "key"), &me);
    l->source = me.id;
    tw_hkdf_sha512(key, 32, (tw_bytes){ me.sign_secret, 32 }, (tw_bytes){ NULL, 0 },
                   tw_bytes_of(TW_STR("tw/register-value/1")));
    add_secret(l, key);
    assert_ok(tw_file_read(cx, &db, tw_path(cx, dir, "register.mdb"), 64 * TW_MIB));
    each_node(db, on_register_node, l);
}

/* Every envelope with every secret. */
static void open_envelopes(loot *l)
{
    for (size_t i = 0; i < l->entries; i++)
        for (uint8_t k = 0; k < l->entry[i].n; k++)
            for (size_t j = 0; j < l->boxes; j++) {
                tw_mark mark = tw_arena_mark(cx->arena);
                tw_keeper_share s;
                tw_import_item item = { .record = l->entry[i].record, .comp = l->entry[i].comp };
                memcpy(item.proof, l->entry[i].proof, sizeof item.proof);
                item.envelope = l->entry[i].envelope[k];
                if (tw_import_accept(cx, &s, &item, (uint8_t)(k + 1), l->box[j], &l->set, &l->source, &l->ledger)
                    == TW_OK) {
                    add_share(l, &s);
                    l->envelopes_opened++;
                }
                tw_arena_back(cx->arena, mark);
            }
}

static void take_wallet(loot *l, const char *site)
{
    tw_bytes file;
    tw_wallet *stop;
    assert_ok(tw_file_read(cx, &file, tw_path(cx, site, "wallets/person-001.wallet"), TW_MIB));
    assert_ok(tw_wallet_load(cx, &l->wallet, file, (tw_str){ NULL, 0 }));
    assert_ok(tw_file_read(cx, &file, tw_path(cx, site, "wallets/person-001.stop"), TW_MIB));
    assert_ok(tw_wallet_load(cx, &stop, file, (tw_str){ NULL, 0 }));
    tw_wallet_take_stop_root(l->wallet, stop);
    tw_wallet_free(stop);
}

/* Everything that a grantee was ever answered. */
static void take_grantee(loot *l, tw_site *s, const tw_id *release)
{
    tw_answer_set set;
    tw_project_keys keys;
    char *dir = tw_release_dir(cx, s, "lab", release);
    take_key_file(l, tw_site_path(cx, s, "grantees/lab/key"), NULL);
    assert_ok(tw_answer_set_load(cx, &set, dir, release));
    assert_ok(tw_project_keys_load(cx, &keys, s, "lab", &set.list.project));
    assert_ok(tw_answers_read(cx, &set, s, dir, &keys));
    add_box(l, keys.r);
    add_box(l, keys.b);
    for (size_t leaf = 0; leaf < set.list.count; leaf++)
        for (size_t i = 0; i < set.leaf[leaf].count; i++)
            for (size_t c = 0; c < set.body[leaf].capsule_count; c++) {
                assert_true(l->points < POINTS_SEEN_MAX);
                found_point *p = &l->point[l->points++];
                p->comp = set.list.item[leaf].comp;
                p->index = set.leaf[leaf].x[i];
                memcpy(p->f1, set.leaf[leaf].fragments[i] + c * TW_POINT, TW_POINT);
            }
}

static void take_public_facts(loot *l, tw_site *s)
{
    l->set = *tw_ledger_keeper_set(tw_site_state(s));
    l->ledger = *tw_site_ledger_id(s);
}

/* ---------------------------------------------------------------- the attack on one capsule */

typedef struct {
    const tw_comp_record *record;
    tw_id comp;
    uint32_t day;
    uint8_t capsule[TW_CAPSULE];
    uint8_t wrap[TW_WRAP];
} target;

/* A guess at one keeper's part. */
typedef struct {
    uint8_t index;
    uint8_t with_a[TW_POINT]; /* (a_i + w_i) E */
    uint8_t bare[TW_POINT];   /* w_i E */
} guess;

static bool try_points(const target *t, const guess *g, const size_t *pick, size_t count, const uint8_t *a)
{
    uint8_t xs[TW_SHARES_MAX];
    uint8_t f1[TW_SHARES_MAX * TW_POINT];
    uint8_t secret[32];
    bool opened = false;
    for (int self = 0; self < 2 && !opened; self++) {
        for (size_t i = 0; i < count; i++) {
            xs[i] = g[pick[i]].index;
            memcpy(f1 + i * TW_POINT, self ? g[pick[i]].bare : g[pick[i]].with_a, TW_POINT);
        }
        tw_fragments f = { .kind = self ? TW_ANSWER_SELF : TW_ANSWER_CLASS, .xs = xs, .count = count, .f1 = f1 };
        f.a = self ? a : NULL;
        opened = tw_capsule_open(cx, secret, &t->record->body, &t->comp, t->day, t->capsule, t->wrap, &f) == TW_OK;
    }
    return opened;
}

/* All choices of at most set.n guesses with distinct indices. */
static bool try_choices(const target *t, const guess *g, size_t count, size_t *pick, size_t picked, size_t from,
                        const uint8_t *a)
{
    if (picked && try_points(t, g, pick, picked, a))
        return true;
    for (size_t i = from; i < count && picked < TW_SHARES_MAX; i++) {
        bool doubled = false;
        for (size_t j = 0; j < picked; j++)
            doubled |= g[pick[j]].index == g[i].index;
        pick[picked] = i;
        if (!doubled && try_choices(t, g, count, pick, picked + 1, i + 1, a))
            return true;
    }
    return false;
}

/* a alone, w unknown: S = aE. */
static bool try_a(const target *t, const uint8_t *a)
{
    uint8_t s[TW_POINT];
    uint8_t kek[32];
    uint8_t secret[32];
    uint8_t ctx[TW_CAPSULE_CTX];
    tw_capsule_ctx(ctx, &t->record->body, &t->comp, t->day);
    if (tw_point_mul(cx, s, a, t->capsule) != TW_OK)
        return false;
    tw_tpre_kek(kek, s, t->capsule, t->record->body.p, TW_BYTES(ctx));
    return tw_tpre_unwrap(cx, secret, t->wrap, kek, t->capsule) == TW_OK;
}

static bool opens(const loot *l, const target *t)
{
    tw_comp_keys keys;
    guess *g = tw_arena_get(cx->arena, (l->shares + l->points + 1) * sizeof *g);
    size_t count = 0;
    size_t pick[TW_SHARES_MAX];
    const tw_comp *c = &t->record->body;
    assert_ok(tw_wallet_keys(cx, &keys, l->wallet, &c->source, (tw_category)c->category, c->epoch, c->generation));
    for (size_t i = 0; i < l->shares; i++) {
        uint8_t sum[TW_SCALAR];
        if (!tw_id_eq(&l->share[i].comp, &t->comp))
            continue;
        g[count].index = l->share[i].index;
        tw_scalar_add(sum, l->share[i].a, l->share[i].w);
        assert_ok(tw_tpre_fragment(cx, g[count].with_a, sum, t->capsule));
        assert_ok(tw_tpre_fragment(cx, g[count].bare, l->share[i].w, t->capsule));
        count++;
    }
    for (size_t i = 0; i < l->points; i++)
        if (tw_id_eq(&l->point[i].comp, &t->comp)) {
            g[count].index = l->point[i].index;
            memcpy(g[count].with_a, l->point[i].f1, TW_POINT);
            memcpy(g[count++].bare, l->point[i].f1, TW_POINT);
        }
    return try_choices(t, g, count, pick, 0, 0, keys.a) || try_a(t, keys.a);
}

/* ---------------------------------------------------------------- the stage */

/* One person at one hospital, directory by directory: `before` is everything before the erasure. */
typedef struct {
    world w;
    char *first_day; /* copy of the site on the day of enrolment, envelopes still in the register */
    char *before;
    tw_id release;
    target *answered; /* capsules that the old grantee was answered */
    size_t answered_count;
    target *unanswered;
    size_t unanswered_count;
    tw_wallet *records; /* keeps the compartments' records */
    const char *number;    /* of the patient, at the source */
} stage;

static void write_input(world *w, const char *name, const char *observation, const char *date)
{
    char *dir = tw_path(cx, w->dir, "in");
    tw_str text = tw_strf(
        cx->arena,
        "{\"resourceType\":\"Patient\",\"id\":\"p1\",\"identifier\":[{\"value\":\"L-1\"}],\"gender\":\"female\"}\n"
        "{\"resourceType\":\"Observation\",\"id\":\"%s\",\"status\":\"final\",\"code\":{\"coding\":[{\"system\":"
        "\"http://loinc.org\",\"code\":\"2857-1\"}]},\"category\":[{\"coding\":[{\"system\":"
        "\"http://terminology.hl7.org/CodeSystem/observation-category\",\"code\":\"laboratory\"}]}],"
        "\"subject\":{\"reference\":\"Patient/p1\"},\"effectiveDateTime\":\"%s\",\"valueQuantity\":{\"value\":4.5}}\n",
        observation, date);
    assert_ok(tw_dir_make(cx, dir));
    assert_ok(tw_file_write(cx, tw_path(cx, dir, name), tw_bytes_of(text)));
}

static void collect_input(world *w, const char *name)
{
    char *path = tw_path(cx, tw_path(cx, w->dir, "in"), name);
    const char *const paths[] = { path };
    tw_collect_opts o = { .source = "hospital-1", .path = paths, .path_count = 1 };
    tw_collect_report r;
    assert_ok(tw_app_collect(cx, &r, w->site, &o));
    assert_int_equal(2, r.accepted);
}

static void snapshot(world *w, const char *to)
{
    tw_site_close(cx, w->site);
    w->site = NULL;
    copy_tree(site_dir(w), to);
    assert_ok(tw_site_open(cx, &w->site, site_dir(w), true));
}

/* Keeper 4 is down on the first day, so that the register keeps every envelope for a while. */
static void enrol(stage *st)
{
    tw_policy hmb = policy_hmb();
    tw_enrol_report r;
    tw_str *number;
    size_t count;
    char *path = tw_path(cx, st->w.dir, "in/first.ndjson");
    const char *const paths[] = { path };
    assert_ok(tw_app_patients(cx, &number, &count, paths, 1));
    assert_int_equal(1, count);
    tw_enrol_line line = { TW_STR("person-001"), TW_STR("hospital-1"), number[0] };
    st->number = tw_cstr(cx->arena, number[0]);
    tw_app_enrol_opts eo = { .line = &line, .count = 1, .policy = &hmb, .custodial = true };
    tw_site_keepers_down(st->w.site, 1u << 3);
    assert_ok(tw_app_enrol(cx, &r, st->w.site, &eo));
    snapshot(&st->w, st->first_day);
    tw_site_keepers_down(st->w.site, 0);
}

static bool was_answered(const tw_answer_set *set, const uint8_t hash[32])
{
    for (size_t i = 0; i < set->list.count; i++)
        for (size_t j = 0; j < set->body[i].capsule_count; j++)
            if (memcmp(set->body[i].capsules[j].capsule_hash, hash, 32) == 0)
                return true;
    return false;
}

/* Capsules of the vault before the erasure, parted by whether the old release answered them. */
static void find_targets(stage *st)
{
    tw_capsules all;
    tw_answer_set set;
    tw_batch_index ix = { .by_root = NULL };
    assert_ok(tw_batch_index_scan(cx, &ix, tw_site_log(st->w.site)));
    assert_ok(tw_capsules_find(cx, &all, st->w.site, &ix));
    tw_batch_index_done(&ix);
    assert_ok(tw_answer_set_load(cx, &set, tw_release_dir(cx, st->w.site, "lab", &st->release), &st->release));
    assert_ok(tw_app_wallet_load(cx, &st->records, st->w.site, "person-001", false));
    st->answered = tw_arena_get(cx->arena, (all.count + 1) * sizeof *st->answered);
    st->unanswered = tw_arena_get(cx->arena, (all.count + 1) * sizeof *st->unanswered);
    for (size_t i = 0; i < all.count; i++) {
        const tw_found_capsule *c = &all.item[i];
        const tw_wallet_entry *e = tw_wallet_find(st->records, &c->comp);
        assert_non_null(e);
        target *t = was_answered(&set, c->hash) ? &st->answered[st->answered_count++]
                                                : &st->unanswered[st->unanswered_count++];
        *t = (target){ .record = &e->record, .comp = c->comp, .day = c->day };
        memcpy(t->capsule, c->capsule, TW_CAPSULE);
        memcpy(t->wrap, c->wrap, TW_WRAP);
    }
    assert_true(st->answered_count > 0);
    assert_true(st->unanswered_count > st->answered_count); /* later labs, and demographics of both times */
}

static void weeks_pass(stage *st, unsigned weeks)
{
    for (unsigned i = 0; i < weeks; i++) {
        assert_ok(tw_site_advance(cx, st->w.site, 7 * 86400));
        assert_ok(tw_site_maintain(cx, st->w.site));
    }
}

static void stage_make(stage *st)
{
    tw_release_report r;
    *st = (stage){ .first_day = NULL };
    world_make(&st->w);
    st->first_day = tw_path(cx, st->w.dir, "first-day");
    st->before = tw_path(cx, st->w.dir, "before");
    write_input(&st->w, "first.ndjson", "o1", "2025-03-02");
    write_input(&st->w, "later.ndjson", "o2", "2025-04-09");
    enrol(st);
    collect_input(&st->w, "first.ndjson");
    tw_id project = world_project(&st->w, "lab", TW_PURPOSE_HMB, TW_CAT_BIT(TW_CAT_LABS), 2);
    assert_ok(try_release(&r, &st->w, "lab", &project, TW_HONEST));
    assert_int_equal(1, r.leaves);
    st->release = r.release;
    weeks_pass(st, 3);
    char *path = tw_path(cx, st->w.dir, "in/later.ndjson");
    const char *const paths[] = { path };
    tw_collect_opts o = { .source = "hospital-1", .path = paths, .path_count = 1 };
    tw_collect_report c;
    assert_ok(tw_app_collect(cx, &c, st->w.site, &o));
    assert_int_equal(1, c.duplicates); /* the Patient; the later Observation is new */
    find_targets(st);
    snapshot(&st->w, st->before);
}

static void stage_end(stage *st)
{
    tw_wallet_free(st->records);
    world_end(&st->w);
}

/* Everything but keepers, from before the erasure. */
static loot *loot_of_all_but_keepers(stage *st)
{
    loot *l = loot_new(st->before);
    take_public_facts(l, st->w.site);
    take_register(l, st->before);
    take_register(l, st->first_day);
    take_register(l, site_dir(&st->w));
    take_wallet(l, st->before);
    take_grantee(l, st->w.site, &st->release);
    assert_true(l->entries > 0 && l->points > 0);
    size_t envelopes = 0;
    for (size_t i = 0; i < l->entries; i++)
        envelopes += l->entry[i].n;
    assert_true(envelopes >= 30 * 4); /* those of the first day */
    return l;
}

static size_t count_opened(const loot *l, const target *t, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += opens(l, &t[i]);
    return n;
}

static void erase_all(stage *st, size_t deletions_a_compartment)
{
    tw_owner_report r;
    tw_scope scope = { .wallet = "person-001" };
    assert_ok(tw_app_erase(cx, &r, st->w.site, &scope));
    assert_int_equal(30, r.compartments);
    assert_int_equal(30 * deletions_a_compartment, r.deletions);
    tw_site_close(cx, st->w.site); /* what is in memory is not to be read */
    st->w.site = NULL;
    life_audit(site_dir(&st->w));
    assert_ok(tw_site_open(cx, &st->w.site, site_dir(&st->w), true));
}

/* ---------------------------------------------------------------- */

TEST(attacker__is_able_with_three_keepers_and_not_with_two)
{
    stage st;
    stage_make(&st);
    loot *l = loot_of_all_but_keepers(&st);
    take_keeper(l, st.before, 1);
    take_keeper(l, st.before, 2);
    open_envelopes(l);
    assert_int_equal(0, count_opened(l, st.unanswered, st.unanswered_count));
    take_keeper(l, st.before, 4);
    open_envelopes(l);
    assert_int_equal(st.unanswered_count, count_opened(l, st.unanswered, st.unanswered_count));
    tw_wallet_free(l->wallet);
    stage_end(&st);
}

/* Register and keepers' folders of the first day hold envelopes and the import secrets that open them: until these are
 * wiped, about two weeks later, a backup of both is as good as the shares. */
TEST(attacker__opens_envelopes_while_the_import_secrets_of_their_week_are_there)
{
    stage st;
    stage_make(&st);
    loot *l = loot_of_all_but_keepers(&st);
    for (unsigned i = 1; i <= 3; i++)
        take_keeper(l, st.first_day, i);
    l->shares = 0; /* not by the shares themselves */
    open_envelopes(l);
    assert_true(l->envelopes_opened > 0);
    assert_int_equal(st.unanswered_count, count_opened(l, st.unanswered, st.unanswered_count));
    tw_wallet_free(l->wallet);
    loot *late = loot_of_all_but_keepers(&st);
    for (unsigned i = 1; i <= 4; i++)
        take_keeper(late, st.before, i); /* three weeks later */
    late->shares = 0;
    open_envelopes(late);
    assert_int_equal(0, late->envelopes_opened);
    assert_int_equal(0, count_opened(late, st.unanswered, st.unanswered_count));
    tw_wallet_free(late->wallet);
    stage_end(&st);
}

TEST(erased__compartments_are_opened_by_nothing_that_is_left)
{
    stage st;
    stage_make(&st);
    erase_all(&st, 4);
    loot *l = loot_of_all_but_keepers(&st);
    for (unsigned i = 1; i <= 4; i++)
        take_keeper(l, site_dir(&st.w), i);
    open_envelopes(l);
    assert_int_equal(0, l->shares);
    assert_int_equal(0, l->envelopes_opened);
    assert_int_equal(0, count_opened(l, st.unanswered, st.unanswered_count));
    /* What was fetched before cannot be taken back. */
    assert_int_equal(st.answered_count, count_opened(l, st.answered, st.answered_count));
    tw_wallet_free(l->wallet);
    stage_end(&st);
}

TEST(erased__compartments_stay_shut_when_two_keepers_have_not_deleted)
{
    stage st;
    stage_make(&st);
    tw_site_keepers_down(st.w.site, 3u << 2);
    erase_all(&st, 2);
    loot *l = loot_of_all_but_keepers(&st);
    for (unsigned i = 1; i <= 4; i++)
        take_keeper(l, i > 2 ? st.before : site_dir(&st.w), i);
    open_envelopes(l);
    assert_true(l->shares >= 2 * 30);
    assert_int_equal(0, count_opened(l, st.unanswered, st.unanswered_count));
    /* The pair: a third keeper's folder from before, and everything opens. */
    take_keeper(l, st.before, 1);
    assert_int_equal(st.unanswered_count, count_opened(l, st.unanswered, st.unanswered_count));
    tw_wallet_free(l->wallet);
    stage_end(&st);
}

static void put_merge(tw_register *r, const char *name, const char *survivor)
{
    tw_buf b;
    tw_buf_init(&b, TW_KIB);
    tw_buf_u8(&b, 0);
    tw_buf_var(&b, tw_bytes_of(tw_str_of(survivor)));
    tw_buf_var(&b, tw_bytes_of(TW_STR("")));
    assert_ok(tw_register_put(cx, r, TW_REG_MERGE, tw_bytes_of(tw_str_of(name)), tw_buf_view(&b)));
    tw_buf_done(&b);
}

static size_t merges(const stage *st)
{
    tw_register r;
    tw_reg_row *row;
    size_t count;
    assert_ok(tw_register_open(cx, &r, st->w.site, "hospital-1"));
    assert_ok(tw_register_begin(cx, &r, false));
    assert_ok(tw_register_end(cx, &r, tw_register_rows(cx, &row, &count, &r, TW_REG_MERGE)));
    tw_register_close(&r);
    return count;
}

TEST(erased__numbers_merged_into_the_patient_are_forgotten_and_no_others)
{
    stage st;
    tw_register r;
    stage_make(&st);
    assert_ok(tw_register_open(cx, &r, st.w.site, "hospital-1"));
    assert_ok(tw_register_begin(cx, &r, true));
    put_merge(&r, "m old-1", st.number);
    put_merge(&r, "m old-2", st.number);
    put_merge(&r, "m another", "somebody-else");
    assert_ok(tw_register_end(cx, &r, TW_OK));
    tw_register_close(&r);
    assert_int_equal(3, merges(&st));
    erase_all(&st, 4);
    assert_int_equal(1, merges(&st));
    stage_end(&st);
}

TEST(erased__rows_are_gone_from_the_register_and_objects_from_the_vault)
{
    stage st;
    tw_register r;
    tw_reg_row *row;
    size_t count;
    stage_make(&st);
    assert_ok(tw_register_open(cx, &r, st.w.site, "hospital-1"));
    assert_ok(tw_register_begin(cx, &r, false));
    assert_ok(tw_register_end(cx, &r, tw_register_rows(cx, &row, &count, &r, TW_REG_BUNDLE)));
    assert_int_equal(1, count);
    tw_register_close(&r);
    erase_all(&st, 4);
    assert_ok(tw_register_open(cx, &r, st.w.site, "hospital-1"));
    assert_ok(tw_register_begin(cx, &r, false));
    assert_ok(tw_register_end(cx, &r, tw_register_rows(cx, &row, &count, &r, TW_REG_BUNDLE)));
    assert_int_equal(0, count);
    tw_register_close(&r);
    tw_id *root;
    assert_ok(tw_vault_list(cx, &root, &count, tw_site_path(cx, st.w.site, "vault")));
    assert_int_equal(2, count);
    for (size_t i = 0; i < count; i++) {
        tw_pack *p;
        assert_ok(tw_pack_open(cx, &p, tw_site_path(cx, st.w.site, "vault"), root[i].b));
        for (size_t j = 0; j < tw_pack_count(p); j++)
            assert_int_equal(0, tw_pack_at(p, j)->length);
    }
    stage_end(&st);
}

/* An erased person may come back: new compartments under the next generation of keys. */
TEST(erased__person_may_enrol_again)
{
    stage st;
    tw_enrol_report r;
    tw_wallet *w;
    tw_policy hmb = policy_hmb();
    stage_make(&st);
    erase_all(&st, 4);
    tw_enrol_line line = { TW_STR("person-001"), TW_STR("hospital-1"), TW_STR("p1") };
    tw_app_enrol_opts eo = { .line = &line, .count = 1, .policy = &hmb, .custodial = true };
    assert_ok(tw_app_enrol(cx, &r, st.w.site, &eo));
    assert_int_equal(30, r.compartments);
    assert_int_equal(30, r.imported[3]);
    assert_ok(tw_app_wallet_load(cx, &w, st.w.site, "person-001", false));
    assert_int_equal(60, tw_wallet_count(w));
    assert_int_equal(1, tw_wallet_at(w, 59)->record.body.generation);
    tw_wallet_free(w);
    stage_end(&st);
}
