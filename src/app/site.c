/* A site: one folder, every party in its own place. Opening it takes the exchange's lock, replays the log and, for a
 * seeded site, replaces clock and entropy by reproducible ones. */
#include "app_internal.h"

#include <stdarg.h>

#define SITE_VERSION 1
#define START_DEFAULT_S 1772438400u /* 2026-03-02T08:00:00Z */
#define COMMAND_GAP_S 10
#define UNFINISHED "init.unfinished"
#define FILES_MAX 1000000
#define LOCK_WAIT_MS 10000

char *tw_site_path(tw_ctx *cx, const tw_site *s, const char *fmt, ...)
{
    char rest[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(rest, sizeof rest, fmt, ap);
    va_end(ap);
    return tw_path(cx, s->dir, rest);
}

const char *tw_site_dir(const tw_site *s)
{
    return s->dir;
}

bool tw_site_insecure(const tw_site *s)
{
    return s->insecure;
}

const tw_id *tw_site_ledger_id(const tw_site *s)
{
    return &s->ledger;
}

tw_solo *tw_site_log(tw_site *s)
{
    return s->log;
}

const tw_ledger *tw_site_state(const tw_site *s)
{
    return tw_solo_ledger(s->log);
}

void tw_step(const tw_progress *p, const char *name, uint64_t done, uint64_t total)
{
    if (p && p->step)
        p->step(p->self, name, done, total);
}

/* Install the environment of the site into cx. */
static void enter(tw_ctx *cx, tw_site *s)
{
    TW_ASSERT(cx->env != NULL);
    s->outer_env = cx->env;
    s->env = *cx->env;
    if (s->insecure) {
        char label[32];
        snprintf(label, sizeof label, "command %llu", (unsigned long long)s->draws);
        s->env.entropy = tw_io_seeded_entropy(&s->seeded, s->seed, label);
        s->env.clock = tw_io_virtual_clock(&s->clock, s->clock.now_s);
    }
    cx->env = &s->env;
}

static tw_status save(tw_ctx *cx, const tw_site *s)
{
    tw_buf b;
    tw_jw w;
    tw_buf_init(&b, 64 * TW_KIB);
    tw_jw_init(&w, &b, 2);
    tw_jw_object(&w);
    tw_jw_kv_u64(&w, "v", SITE_VERSION);
    tw_jw_kv(&w, "ledger", tw_id_hex(cx, &s->ledger));
    tw_jw_kv(&w, "witness", TW_STR("none"));
    tw_jw_key(&w, "insecure");
    tw_jw_bool(&w, s->insecure);
    if (s->insecure) {
        tw_jw_kv_u64(&w, "seed", s->seed);
        tw_jw_kv_u64(&w, "commands", s->draws);
        tw_jw_kv_u64(&w, "clock", s->clock.now_s);
    }
    tw_jw_object_end(&w);
    tw_buf_cstr(&b, "\n");
    tw_status st = tw_buf_check(cx, &b, "site.json");
    if (st == TW_OK)
        st = tw_file_write(cx, tw_site_path(cx, s, "site.json"), tw_buf_view(&b));
    tw_buf_done(&b);
    return st;
}

static tw_status load(tw_ctx *cx, tw_site *s)
{
    tw_bytes file;
    tw_json d;
    uint64_t v = 0;
    char *path = tw_site_path(cx, s, "site.json");
    if (tw_file_read(cx, &file, path, 64 * TW_KIB) != TW_OK) {
        tw_fail(cx, TW_ENOTFOUND, "no site in %s", s->dir);
        return tw_hint(cx, "twinward init --dir %s", s->dir);
    }
    if (tw_json_parse(cx, &d, tw_str_of_bytes(file), NULL) != TW_OK)
        return tw_wrap(cx, "%s", path);
    if (!tw_json_u64(&d, tw_json_get(&d, 0, "v"), &v) || v != SITE_VERSION)
        return tw_fail(cx, TW_ECONFIG, "%s: version %llu is not known here", path, (unsigned long long)v);
    if (!tw_unhex(s->ledger.b, 32, tw_json_member_text(cx, &d, 0, "ledger")))
        return tw_fail(cx, TW_ECONFIG, "%s: no ledger id", path);
    uint32_t insecure = tw_json_get(&d, 0, "insecure");
    s->insecure = insecure != TW_JSON_NONE && d.tok[insecure].type == TW_JSON_TRUE;
    if (s->insecure && (!tw_json_u64(&d, tw_json_get(&d, 0, "seed"), &s->seed) ||
                        !tw_json_u64(&d, tw_json_get(&d, 0, "commands"), &s->draws) ||
                        !tw_json_u64(&d, tw_json_get(&d, 0, "clock"), &s->clock.now_s)))
        return tw_fail(cx, TW_ECONFIG, "%s: seed, commands or clock is missing", path);
    return TW_OK;
}

/* ---------------------------------------------------------------- creation */

static tw_status remove_all(tw_ctx *cx, const char *path, unsigned depth)
{
    tw_str *name;
    size_t count;
    TW_TRY(tw_dir_list(cx, &name, &count, path));
    if (count > FILES_MAX || depth > 8)
        return tw_fail(cx, TW_ELIMIT, "%s is larger than what is removed here", path);
    for (size_t i = 0; i < count; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        char *child = tw_path(cx, path, tw_cstr(cx->arena, name[i]));
        bool folder = tw_str_ends(name[i], "/");
        if (folder)
            child[strlen(child) - 1] = '\0';
        if (folder)
            TW_TRY(remove_all(cx, child, depth + 1));
        else if (cx->env->disk->remove(cx->env->disk->self, child) != TW_OK)
            return tw_fail(cx, TW_EIO, "cannot remove %s", child);
        tw_arena_back(cx->arena, mark);
    }
    if (cx->env->disk->remove(cx->env->disk->self, path) != TW_OK)
        return tw_fail(cx, TW_EIO, "cannot remove %s", path);
    return TW_OK;
}

tw_status tw_folder_remove(tw_ctx *cx, const char *path)
{
    return remove_all(cx, path, 0);
}

static tw_status store_new(tw_ctx *cx, tw_genesis *g, const tw_site *s, tw_role role, const char *name)
{
    tw_party p;
    const char *folder = tw_role_folder(role);
    TW_TRY(tw_party_make(cx, &p, role, name));
    char *dir = role == TW_ROLE_RELAY ? tw_site_path(cx, s, "exchange") : tw_site_path(cx, s, "%s/%s", folder, name);
    TW_TRY(tw_dir_make(cx, dir));
    TW_TRY(tw_party_store(cx, &p, tw_path(cx, dir, role == TW_ROLE_RELAY ? "relay.key" : "key")));
    tw_party_spec *spec = (tw_party_spec *)(uintptr_t)g->party + g->party_count++;
    *spec = (tw_party_spec){ .id = p.id, .role = (uint8_t)role, .url = tw_str_dup(cx->arena, tw_str_of(name)) };
    memcpy(spec->ed25519, p.sign_public, TW_KEY);
    memcpy(spec->x25519, p.box_public, TW_KEY);
    if (role == TW_ROLE_KEEPER)
        g->keeper_set.party[g->keeper_set.n++] = p.id;
    tw_wipe(&p, sizeof p);
    return TW_OK;
}

static tw_status make_numbered(tw_ctx *cx, tw_genesis *g, const tw_site *s, tw_role role, const char *stem, unsigned n)
{
    for (unsigned i = 1; i <= n; i++)
        TW_TRY(store_new(cx, g, s, role, tw_strf(cx->arena, "%s%u", stem, i).p));
    return TW_OK;
}

static tw_status check_names(tw_ctx *cx, const char *const *name, size_t count, const char *what)
{
    for (size_t i = 0; i < count; i++) {
        TW_TRY(tw_party_name_check(cx, name[i]));
        for (size_t j = 0; j < i; j++)
            if (strcmp(name[i], name[j]) == 0)
                return tw_fail(cx, TW_EUSAGE, "two %s of one name", what);
    }
    return TW_OK;
}

/* Before anything is made. */
static tw_status check_opts(tw_ctx *cx, const tw_init_opts *o)
{
    unsigned keepers = o->keepers ? o->keepers : 4;
    unsigned stewards = o->stewards ? o->stewards : 3;
    if (keepers > TW_SHARES_MAX || (o->threshold ? o->threshold : 3u) > keepers ||
        (o->approvals ? o->approvals : 2u) > stewards)
        return tw_fail(cx, TW_EUSAGE, "threshold above the number of keepers or stewards (at most %u keepers)",
                       TW_SHARES_MAX);
    TW_TRY(check_names(cx, o->source, o->source_count, "sources"));
    return check_names(cx, o->grantee, o->grantee_count, "researchers");
}

static tw_status make_parties(tw_ctx *cx, tw_genesis *g, const tw_site *s, const tw_init_opts *o)
{
    unsigned keepers = o->keepers ? o->keepers : 4;
    unsigned stewards = o->stewards ? o->stewards : 3;
    size_t count = keepers + stewards + o->source_count + o->grantee_count + 1;
    tw_party_spec *spec = tw_try_array(cx->arena, tw_party_spec, count);
    if (!spec)
        return tw_fail(cx, TW_ELIMIT, "%zu parties", count);
    g->party = spec;
    g->keeper_set = (tw_keeper_set){ .generation = 1, .t = o->threshold ? o->threshold : 3 };
    g->steward_k = o->approvals ? o->approvals : 2;
    g->steward_n = (uint8_t)stewards;
    TW_TRY(make_numbered(cx, g, s, TW_ROLE_KEEPER, "", keepers));
    TW_TRY(make_numbered(cx, g, s, TW_ROLE_STEWARD, "steward-", stewards));
    for (size_t i = 0; i < o->source_count; i++)
        TW_TRY(store_new(cx, g, s, TW_ROLE_SOURCE, o->source[i]));
    for (size_t i = 0; i < o->grantee_count; i++)
        TW_TRY(store_new(cx, g, s, TW_ROLE_GRANTEE, o->grantee[i]));
    return store_new(cx, g, s, TW_ROLE_RELAY, "relay");
}

static tw_status make_log(tw_ctx *cx, tw_site *s, tw_genesis *g, const tw_init_opts *o)
{
    uint8_t seed[32];
    uint8_t secret[64];
    tw_bytes body;
    tw_random(cx, seed, sizeof seed);
    tw_sign_keys(g->log_key, secret, seed);
    tw_wipe(secret, sizeof secret);
    tw_str short_key = tw_hex(cx->arena, (tw_bytes){ g->log_key, 4 });
    g->origin = o->origin ? tw_str_of(o->origin) : tw_strf(cx->arena, "twinward.example/" TW_FMT, TW_ARG(short_key));
    g->quota_per_day = 1000000;
    g->witness_none = true;
    g->time_s = tw_now_s(cx);
    tw_status st = tw_genesis_encode(cx, &body, g);
    if (st == TW_OK)
        st = tw_file_write(cx, tw_site_path(cx, s, "exchange/key"), TW_BYTES(seed));
    if (st == TW_OK)
        st = tw_solo_create(cx, tw_site_path(cx, s, "exchange/log"), body, seed);
    if (st == TW_OK)
        st = tw_solo_open(cx, &s->log, tw_site_path(cx, s, "exchange/log"), seed);
    tw_wipe(seed, sizeof seed);
    if (st == TW_OK)
        s->ledger = *tw_ledger_id(tw_site_state(s));
    return st;
}

/* What a killed run left: all of it is made anew, for nobody has used it. The mark is written first, removed last. */
static tw_status clear_unfinished(tw_ctx *cx, const tw_site *s)
{
    static const char *const made[] = { "exchange", "vault", "wallets", "sources", "keepers", "stewards", "grantees" };
    for (size_t i = 0; i < TW_COUNT(made); i++) {
        char *path = tw_site_path(cx, s, "%s", made[i]);
        if (tw_path_exists(cx, path))
            TW_TRY(tw_folder_remove(cx, path));
    }
    return TW_OK;
}

static tw_status begin_making(tw_ctx *cx, const tw_site *s)
{
    char *mark = tw_site_path(cx, s, UNFINISHED);
    if (tw_path_exists(cx, mark))
        return clear_unfinished(cx, s);
    if (tw_path_exists(cx, tw_site_path(cx, s, "exchange")))
        return tw_fail(cx, TW_ECONFLICT, "%s holds a folder exchange already, and no site", s->dir);
    TW_TRY(tw_dir_make(cx, s->dir));
    return tw_file_write(cx, mark, tw_bytes_of(TW_STR("twinward init is not finished\n")));
}

static tw_status finish_making(tw_ctx *cx, const tw_site *s)
{
    char *mark = tw_site_path(cx, s, UNFINISHED);
    TW_TRY(save(cx, s));
    if (cx->env->disk->remove(cx->env->disk->self, mark) != TW_OK)
        return tw_fail(cx, TW_EIO, "cannot remove %s", mark);
    return TW_OK;
}

static tw_status create_in(tw_ctx *cx, tw_site *s, const tw_init_opts *o)
{
    tw_genesis g = { .party_count = 0 };
    TW_TRY(begin_making(cx, s));
    const char *folder[] = { "exchange/releases", "exchange/mail", "vault/packs", "wallets" };
    for (size_t i = 0; i < TW_COUNT(folder); i++)
        TW_TRY(tw_dir_make(cx, tw_site_path(cx, s, "%s", folder[i])));
    TW_TRY(make_parties(cx, &g, s, o));
    TW_TRY(make_log(cx, s, &g, o));
    TW_TRY(tw_site_maintain(cx, s));
    return finish_making(cx, s);
}

static tw_site *site_at(const char *dir)
{
    tw_site *s = tw_mem_alloc(sizeof *s);
    TW_ASSERT(s != NULL);
    snprintf(s->dir, sizeof s->dir, "%s", dir);
    return s;
}

tw_status tw_site_create(tw_ctx *cx, const char *dir, const tw_init_opts *opts)
{
    if (strlen(dir) >= sizeof((tw_site *)0)->dir)
        return tw_fail(cx, TW_EUSAGE, "the folder's name is too long");
    if (tw_path_exists(cx, tw_path(cx, dir, "site.json"))) {
        tw_fail(cx, TW_ECONFLICT, "there is a site in %s already", dir);
        return tw_hint(cx, "choose another --dir, or remove that folder");
    }
    TW_TRY(check_opts(cx, opts));
    tw_site *s = site_at(dir);
    s->insecure = opts->seeded;
    s->seed = opts->seed;
    s->clock.now_s = opts->start_s ? opts->start_s : START_DEFAULT_S;
    enter(cx, s);
    tw_status st = create_in(cx, s, opts);
    tw_site_close(cx, s);
    return st;
}

/* ---------------------------------------------------------------- opening */

static tw_status open_log(tw_ctx *cx, tw_site *s)
{
    tw_bytes seed;
    TW_TRY(tw_io_lock_take(cx, &s->lock, tw_site_path(cx, s, "exchange/lock"), LOCK_WAIT_MS));
    TW_TRY(tw_site_read(cx, &seed, s, "exchange/key"));
    if (seed.n != 32)
        return tw_fail(cx, TW_ECONFIG, "exchange/key has %zu bytes, not 32", seed.n);
    TW_TRY(tw_solo_open(cx, &s->log, tw_site_path(cx, s, "exchange/log"), seed.p));
    if (!tw_id_eq(&s->ledger, tw_ledger_id(tw_site_state(s))))
        return tw_fail(cx, TW_EVERIFY, "site.json and the log name different ledgers");
    return TW_OK;
}

static tw_status open_in(tw_ctx *cx, tw_site *s, bool allow_insecure)
{
    TW_TRY(load(cx, s));
    if (s->insecure && !allow_insecure) {
        tw_fail(cx, TW_EREFUSED, "%s was made from a seed: its keys can be recomputed by anyone", s->dir);
        return tw_hint(cx, "add --insecure to use it all the same (never for real data)");
    }
    s->draws++;
    s->clock.now_s += COMMAND_GAP_S;
    enter(cx, s);
    TW_TRY(open_log(cx, s));
    if (s->insecure) {
        s->clock.now_s = TW_MAX(s->clock.now_s, tw_ledger_time(tw_site_state(s)) + 1);
        TW_TRY(save(cx, s));
    }
    return tw_site_tick(cx, s);
}

tw_status tw_site_open(tw_ctx *cx, tw_site **out, const char *dir, bool allow_insecure)
{
    if (strlen(dir) >= sizeof((tw_site *)0)->dir)
        return tw_fail(cx, TW_EUSAGE, "the folder's name is too long");
    tw_site *s = site_at(dir);
    tw_status st = open_in(cx, s, allow_insecure);
    if (st != TW_OK) {
        tw_err err = cx->err;
        tw_site_close(cx, s);
        cx->err = err;
        return st;
    }
    *out = s;
    return TW_OK;
}

void tw_site_close(tw_ctx *cx, tw_site *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < TW_SHARES_MAX; i++)
        if (s->keeper[i])
            tw_keeper_close(s->keeper[i]);
    if (s->log) {
        tw_solo_close(s->log);
        if (s->insecure && save(cx, s) != TW_OK)
            tw_event(cx, TW_LOG_WARN, "site.not-saved", "%s", cx->err.msg);
    }
    tw_io_lock_drop(s->lock);
    if (s->outer_env)
        cx->env = s->outer_env;
    tw_wipe(s, sizeof *s);
    tw_mem_free(s);
}

tw_status tw_site_advance(tw_ctx *cx, tw_site *s, uint64_t seconds)
{
    if (!s->insecure)
        return tw_fail(cx, TW_EREFUSED, "this site has a real clock");
    s->clock.now_s += seconds;
    return tw_site_tick(cx, s);
}

tw_status tw_site_tick(tw_ctx *cx, tw_site *s)
{
    uint64_t now = tw_now_s(cx);
    return now > tw_ledger_time(tw_site_state(s)) ? tw_solo_tick(cx, s->log, now) : TW_OK;
}

tw_status tw_site_read(tw_ctx *cx, tw_bytes *out, const tw_site *s, const char *path)
{
    return tw_file_read(cx, out, tw_site_path(cx, s, "%s", path), TW_FILE_MAX);
}

tw_status tw_site_import_keys(tw_ctx *cx, const uint8_t (**keys)[TW_KEY], tw_site *s)
{
    const tw_keeper_set *set = tw_ledger_keeper_set(tw_site_state(s));
    uint8_t(*k)[TW_KEY] = tw_arena_get(cx->arena, (size_t)set->n * TW_KEY);
    for (size_t i = 0; i < set->n; i++) {
        const tw_party_state *p = tw_ledger_party(tw_site_state(s), &set->party[i]);
        if (!p || !p->has_import_key || p->import_until <= tw_ledger_time(tw_site_state(s)))
            return tw_fail(cx, TW_EQUORUM, "keeper %zu has no import key in force", i + 1);
        memcpy(k[i], p->import_key, TW_KEY);
    }
    *keys = (const uint8_t(*)[TW_KEY])k;
    return TW_OK;
}
