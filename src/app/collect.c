/* Collect: read, gate, seal, anchor. Identifiable bytes live in this process' memory from the reader to the gate and
 * nowhere else. The way of the work is told in collect_internal.h, what is written when in collect_commit.c. */
#include "collect_internal.h"

#define JOBS_MAX 64
#define DOCUMENT_BYTES_MAX (64 * TW_MIB)
#define LINE_BYTES_MAX (32 * TW_MIB)
#define SCRATCH_MAX (1024 * TW_MIB)
#define MAPPING_MAX (4 * TW_MIB)

static tw_status no_record(TW_UNUSED void *self, TW_UNUSED tw_ctx *cx, TW_UNUSED const tw_phi *phi)
{
    return TW_OK; /* records are taken from their pieces */
}

static tw_status on_dead(void *self, TW_UNUSED tw_ctx *cx, const tw_dead_letter *l)
{
    collector *c = self;
    intake_file *f = &c->files.file[c->now];
    f->has_dead = true;
    dead_add(&c->dead, l, f);
    return TW_OK;
}

tw_status collect_load_profile(tw_ctx *cx, tw_profile **out, const char *name)
{
    tw_bytes text;
    if (!name || !strchr(name, '/'))
        return tw_profile_builtin(cx, out, tw_str_of(name ? name : "twin"));
    TW_TRY(tw_file_read(cx, &text, name, TW_PROFILE_BYTES_MAX));
    return tw_profile_parse(cx, out, tw_str_of_bytes(text));
}

tw_status collect_load_mapping(tw_ctx *cx, tw_mapping **out, const char *path)
{
    tw_bytes text;
    *out = NULL;
    if (!path)
        return TW_OK;
    TW_TRY(tw_file_read(cx, &text, path, MAPPING_MAX));
    return tw_mapping_read(cx, out, tw_str_of_bytes(text)) == TW_OK ? TW_OK : tw_wrap(cx, "%s", path);
}

static tw_status make_reader(tw_ctx *cx, collector *c)
{
    tw_sources_sink sink = { no_record, on_dead, c };
    TW_TRY(collect_load_mapping(cx, &c->mapping, c->opts->mapping));
    tw_sources_opts o = { .document_bytes_max = DOCUMENT_BYTES_MAX,
                          .line_bytes_max = LINE_BYTES_MAX,
                          .mapping = c->mapping,
                          .zone = tw_str_of(c->opts->zone) };
    TW_TRY(tw_sources_new(cx, &c->sources, &o, &sink));
    tw_names_store store = names_store(&c->names);
    tw_sources_store(c->sources, &store);
    return TW_OK;
}

static tw_status make_workers(tw_ctx *cx, collector *c)
{
    size_t n = TW_MIN(tw_threads_of(c->opts->jobs), (size_t)JOBS_MAX);
    c->worker = tw_mem_alloc(n * sizeof *c->worker);
    c->slot = tw_mem_alloc(TW_ROUND_PIECES * sizeof *c->slot);
    c->ended = tw_mem_alloc(TW_ROUND_PIECES * sizeof(tw_cutter *));
    if (!c->worker || !c->slot || !c->ended)
        return tw_fail(cx, TW_ELIMIT, "no memory for %zu threads", n);
    for (; c->workers < n; c->workers++) {
        tw_ctx_init(&c->worker[c->workers].scratch, SCRATCH_MAX, NULL);
        c->worker[c->workers].account = tw_account_new(c->profile);
        TW_TRY(known_worker(cx, c, &c->worker[c->workers]));
    }
    return crew_new(cx, &c->crew, n);
}

static tw_status open_source(tw_ctx *cx, collector *c)
{
    tw_enrol_report settled = { .wallets = 0 };
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_register_open(cx, &c->reg, c->site, c->opts->source));
    TW_TRY(tw_register_settle(cx, &settled, c->site, &c->reg));
    TW_TRY(collect_sweep(cx, c));
    tw_arena_back(cx->arena, mark);
    c->names = (names){ .r = &c->reg, .lock = &c->reg_lock };
    TW_TRY(names_open(cx, &c->names));
    TW_TRY(enrolled_new(cx, &c->enrolled, &c->reg, &c->reg_lock));
    TW_TRY(seen_open(cx, &c->seen, &c->reg));
    c->seen_entries = tw_ledger_size(tw_site_state(c->site));
    return collect_forget_pending(cx, c);
}

static tw_status prepare(tw_ctx *cx, collector *c)
{
    uint64_t keep = 0;
    TW_TRY(collect_load_profile(cx, &c->profile, c->opts->profile));
    for (size_t i = 0; !c->again && i < c->opts->path_count; i++)
        TW_TRY(intake_add(cx, &c->files, c->opts, i));
    TW_TRY(open_source(cx, c));
    TW_TRY(make_reader(cx, c));
    TW_TRY(known_open(cx, c));
    TW_TRY(make_workers(cx, c));
    TW_TRY(collect_run_load(cx, c, &keep));
    if (!c->resumed)
        tw_sources_count_files(c->sources, 0, c->files.skipped);
    char *dead = c->again ? tw_cstr(cx->arena, tw_str_of(c->again))
                          : tw_site_path(cx, c->site, "sources/%s/dead-letters.tsv", c->reg.me.name);
    bool goes_on = c->resumed || c->opts->append || c->again;
    TW_TRY(dead_open(cx, &c->dead, dead, c->opts->append && !c->resumed && !c->again ? UINT64_MAX : keep));
    return goes_on ? TW_OK : tw_register_clear(cx, &c->reg, TW_REG_PATH); /* of letters that are gone now */
}

static tw_status write_account(tw_ctx *cx, collector *c)
{
    tw_buf b;
    tw_jw w;
    uint8_t hash[32];
    for (size_t i = 1; i < c->workers; i++)
        tw_account_merge(c->worker[0].account, c->worker[i].account);
    tw_buf_init(&b, 16 * TW_MIB);
    tw_jw_init(&w, &b, 0);
    tw_account_text said = { .what = tw_str_of(collect_text_name(c->opts->text)) };
    if (c->text.model) {
        tw_text_model_hash(hash, c->text.model);
        said.model_hash = hash;
    }
    tw_account_write(&w, c->worker[0].account, &said);
    tw_status s = tw_buf_check(cx, &b, "account");
    if (s == TW_OK)
        s = tw_file_write(cx, tw_site_path(cx, c->site, "sources/%s/account.json", c->reg.me.name), tw_buf_view(&b));
    c->report->account_json = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return s;
}

static void fill_report(tw_collect_report *r, const tw_sources_tally *t)
{
    r->files = t->files;
    r->read = t->all.read;
    r->accepted = t->all.accepted;
    r->refused = t->all.refused;
    r->dead = t->all.dead;
    for (size_t i = 0; i < t->type_count && r->type_count < TW_TYPES_MAX; i++) {
        const tw_sources_type_count *from = &t->type[i];
        if (!from->count.read)
            continue;
        tw_type_count *to = &r->type[r->type_count++];
        snprintf(to->type, sizeof to->type, "%s", from->name);
        to->accepted = from->count.accepted;
        to->refused = from->count.refused;
        to->dead = from->count.dead;
    }
}

/* What was stopped keeps its place, so that the next collection goes on. */
static tw_status finish(tw_ctx *cx, collector *c)
{
    c->report->stopped = c->opts->stop && *c->opts->stop;
    TW_TRY(collect_checkpoint(cx, c));
    fill_report(c->report, tw_sources_tally_view(c->sources));
    if (c->dead.untold)
        tw_event(cx, TW_LOG_WARN, "collect.dead-letters-untold", "%llu dead letters do not stand in dead-letters.tsv",
                 (unsigned long long)c->dead.untold);
    if (c->again)
        return TW_OK;
    TW_TRY(write_account(cx, c));
    TW_TRY(tw_intake_write(cx, c->site, c->reg.me.name, c->report));
    if (!c->report->stopped)
        TW_TRY(collect_run_forget(cx, c));
    for (size_t i = 0; i < c->files.count; i++)
        if (c->files.file[i].ended && c->opts->file)
            c->opts->file(c->opts->file_self, c->files.file[i].path, !c->files.file[i].unreadable);
    return TW_OK;
}

/* For `source status`; a message holds no value of a patient. */
static void remember_error(tw_ctx *cx, collector *c, tw_status st)
{
    tw_buf b;
    uint8_t key[33];
    if (!c->reg.kv.self)
        return;
    tw_buf_init(&b, 4 * TW_KIB);
    tw_buf_u64(&b, tw_now_s(cx));
    tw_buf_var(&b, tw_bytes_of(tw_str_of(tw_status_name(st))));
    tw_buf_var(&b, tw_bytes_of(tw_str_of(cx->err.msg)));
    tw_register_key(key, &c->reg, TW_REG_ERROR, (tw_bytes){ NULL, 0 });
    tw_status s = tw_register_begin(cx, &c->reg, true);
    if (s == TW_OK) {
        s = tw_register_end(cx, &c->reg, tw_register_put_at(cx, &c->reg, key, tw_buf_view(&b)));
    }
    if (s != TW_OK)
        tw_event(cx, TW_LOG_WARN, "collect.error-not-kept", "%s", cx->err.msg);
    tw_buf_done(&b);
}

static void done(tw_ctx *cx, collector *c)
{
    crew_free(c->crew);
    dead_close(cx, &c->dead);
    for (size_t i = 0; i < c->workers; i++) {
        tw_account_free(c->worker[i].account);
        tw_refbook_free(c->worker[i].book);
        known_worker_done(&c->worker[i]);
        tw_ctx_done(&c->worker[i].scratch);
        tw_wipe(&c->worker[i], sizeof c->worker[i]);
    }
    tw_mem_free(c->worker);
    tw_mem_free(c->slot);
    tw_mem_free(c->ended);
    tw_mem_free(c->place);
    tw_buf_done(&c->saved);
    tw_sources_free(c->sources);
    tw_mapping_free(c->mapping);
    tw_sealer_free(c->sealer);
    known_close(c);
    tw_profile_free(c->profile);
    seen_free(c->seen);
    enrolled_free(c->enrolled);
    tw_register_close(&c->reg);
    tw_map_free(c->pending);
    intake_done(&c->files);
    pthread_mutex_destroy(&c->reg_lock);
}

tw_status collect_files(tw_ctx *cx, tw_collect_report *out, tw_site *s, const tw_collect_opts *opts, intake_list *list,
                        const char *again)
{
    collector c = { .site = s, .opts = opts, .report = out, .again = again };
    *out = (tw_collect_report){ .text = collect_text_name(opts->text) };
    if (list) {
        c.files = *list;
        *list = (intake_list){ .count = 0 };
    }
    pthread_mutex_init(&c.reg_lock, NULL);
    tw_buf_init(&c.saved, 256 * TW_KIB);
    tw_status st = prepare(cx, &c);
    if (st == TW_OK)
        st = collect_learn(cx, &c);
    if (st == TW_OK)
        st = collect_rounds(cx, &c);
    if (st == TW_OK)
        st = finish(cx, &c);
    else if (c.sources)
        fill_report(out, tw_sources_tally_view(c.sources));
    tw_err err = cx->err;
    if (st != TW_OK)
        remember_error(cx, &c, st);
    done(cx, &c);
    cx->err = err;
    return st;
}

tw_status tw_app_collect(tw_ctx *cx, tw_collect_report *out, tw_site *s, const tw_collect_opts *opts)
{
    return collect_files(cx, out, s, opts, NULL, NULL);
}
