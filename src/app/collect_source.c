/* What a source can tell of itself: status, dead letters; and the second try at those. */
#include "collect_internal.h"

#define TSV_MAX (72 * TW_MIB)
#define JSON_MAX (256 * TW_MIB)
#define COLUMNS 10

/* ---------------------------------------------------------------- dead-letters.tsv */

typedef struct {
    tw_str line;          /* as it stands */
    tw_str cell[COLUMNS]; /* file line path type reason detail offset length before id */
    uint64_t offset;
    uint64_t length;
    uint64_t before;
    file_id id;
    bool replayable;
    size_t file; /* of a replay */
} letter;

static bool parse_letter(letter *l, tw_str line)
{
    tw_str rest = line;
    uint8_t id[8 + TW_HASH];
    *l = (letter){ .line = line };
    for (size_t i = 0; i < COLUMNS; i++)
        if (!tw_str_split(&l->cell[i], &rest, '\t') && i < 6)
            return false;
    l->replayable = tw_parse_u64(&l->offset, l->cell[6]) && tw_parse_u64(&l->length, l->cell[7]) &&
                    tw_parse_u64(&l->before, l->cell[8]) && tw_unhex(id, sizeof id, l->cell[9]);
    if (l->replayable) {
        l->id.size = tw_be64(id);
        memcpy(l->id.head, id + 8, TW_HASH);
    }
    return true;
}

static tw_status read_letters(tw_ctx *cx, letter **out, size_t *count, const char *path)
{
    tw_bytes text;
    tw_str line;
    size_t lines = 0;
    *out = NULL;
    *count = 0;
    if (!tw_path_exists(cx, path))
        return TW_OK;
    TW_TRY(tw_file_read(cx, &text, path, TSV_MAX));
    for (size_t i = 0; i < text.n; i++)
        lines += text.p[i] == '\n';
    *out = tw_try_array(cx->arena, letter, lines + 1);
    if (!*out)
        return tw_fail(cx, TW_ELIMIT, "no memory for %zu dead letters", lines);
    tw_str rest = tw_str_of_bytes(text);
    for (size_t i = 0; i <= lines && tw_str_split(&line, &rest, '\n'); i++)
        if (i > 0 && line.n && parse_letter(&(*out)[*count], line))
            (*count)++;
    return TW_OK;
}

static char *tsv_path(tw_ctx *cx, const tw_site *s, const tw_party *me)
{
    return tw_site_path(cx, s, "sources/%s/dead-letters.tsv", me->name);
}

static tw_status keep_json(tw_ctx *cx, tw_str *json, tw_buf *b, tw_status s)
{
    if (s == TW_OK)
        s = tw_buf_check(cx, b, "JSON");
    if (s == TW_OK)
        *json = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(b)));
    tw_buf_done(b);
    return s;
}

static void write_letter(tw_jw *w, const letter *l)
{
    static const char *const name[] = { "file", "line", "path", "type", "reason", "detail" };
    tw_jw_object(w);
    for (size_t i = 0; i < TW_COUNT(name); i++) {
        uint64_t n;
        if (i == 1 && tw_parse_u64(&n, l->cell[1]))
            tw_jw_kv_u64(w, "line", n);
        else
            tw_jw_kv(w, name[i], l->cell[i]);
    }
    tw_jw_key(w, "replayable");
    tw_jw_bool(w, l->replayable);
    tw_jw_object_end(w);
}

tw_status tw_app_dead_letters(tw_ctx *cx, tw_str *json, tw_site *s, const char *source)
{
    tw_party me;
    letter *l;
    size_t count;
    tw_buf b;
    tw_jw w;
    TW_TRY(tw_party_load(cx, &me, s, TW_ROLE_SOURCE, source));
    char *path = tsv_path(cx, s, &me);
    tw_wipe(&me, sizeof me);
    TW_TRY(read_letters(cx, &l, &count, path));
    tw_buf_init(&b, JSON_MAX);
    tw_jw_init(&w, &b, 0);
    tw_jw_array(&w);
    for (size_t i = 0; i < count; i++)
        write_letter(&w, &l[i]);
    tw_jw_array_end(&w);
    return keep_json(cx, json, &b, TW_OK);
}

/* ---------------------------------------------------------------- status */

static void write_reasons(tw_jw *w, const letter *l, size_t count)
{
    tw_jw_key(w, "dead_letters");
    tw_jw_u64(w, count);
    tw_jw_key(w, "reasons");
    tw_jw_object(w);
    for (int r = 0; r < TW_DEAD_COUNT; r++) {
        uint64_t n = 0;
        for (size_t i = 0; i < count; i++)
            n += tw_str_is(l[i].cell[4], tw_dead_text((tw_dead_reason)r));
        if (n)
            tw_jw_kv_u64(w, tw_dead_text((tw_dead_reason)r), n);
    }
    tw_jw_object_end(w);
}

typedef struct {
    uint64_t patients;
    uint64_t owed; /* patients of whom some keeper has no share yet */
    bool unfinished;
    tw_bytes last;
    tw_bytes error;
} owing;

/* Row by row: a source may have many patients. */
static tw_status count_patients(tw_ctx *cx, owing *o, tw_register *r, uint32_t all)
{
    uint8_t key[33] = { TW_REG_BUNDLE };
    bool found;
    for (;;) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_bytes v;
        TW_TRY(tw_register_raw_next(cx, &found, r, key));
        if (!found)
            return TW_OK;
        TW_TRY(tw_register_get_at(cx, &v, r, key));
        o->patients++;
        o->owed += v.n >= 4 && (tw_be32(v.p) & all) != all;
        tw_arena_back(cx->arena, mark);
        for (size_t i = 33; i-- > 1 && ++key[i] == 0;)
            ;
    }
}

static tw_status optional(tw_status s, bool *there)
{
    *there = s == TW_OK;
    return s == TW_ENOTFOUND ? TW_OK : s;
}

static tw_status gather(tw_ctx *cx, owing *o, tw_register *r, uint32_t all)
{
    tw_bytes run;
    bool there;
    const tw_bytes none = { NULL, 0 };
    TW_TRY(optional(tw_register_get(cx, &run, r, TW_REG_RUN, none), &o->unfinished));
    TW_TRY(optional(tw_register_get(cx, &o->last, r, TW_REG_LAST, none), &there));
    o->last.n = there ? o->last.n : 0;
    TW_TRY(optional(tw_register_get(cx, &o->error, r, TW_REG_ERROR, none), &there));
    o->error.n = there ? o->error.n : 0;
    return count_patients(cx, o, r, all);
}

static void write_last(tw_ctx *cx, tw_jw *w, tw_bytes row)
{
    tw_rd r = tw_rd_of(row);
    uint8_t root[32];
    tw_rd_copy(&r, root, 32);
    uint64_t idx = tw_rd_u64(&r);
    uint64_t at = tw_rd_u64(&r);
    uint32_t leaves = tw_rd_u32(&r);
    uint64_t bytes = tw_rd_u64(&r);
    if (tw_rd_end(cx, &r, "last batch") != TW_OK)
        return;
    tw_jw_key(w, "last_batch");
    tw_jw_object(w);
    tw_jw_kv(w, "root", tw_hex(cx->arena, TW_BYTES(root)));
    tw_jw_kv_u64(w, "log_index", idx);
    tw_jw_kv(w, "time", tw_time_text(cx->arena, at));
    tw_jw_kv_u64(w, "leaves", leaves);
    tw_jw_kv_u64(w, "bytes", bytes);
    tw_jw_object_end(w);
}

static void write_error(tw_ctx *cx, tw_jw *w, tw_bytes row)
{
    tw_rd r = tw_rd_of(row);
    uint64_t at = tw_rd_u64(&r);
    tw_str name = tw_str_of_bytes(tw_rd_var(&r, 64));
    tw_str msg = tw_str_of_bytes(tw_rd_var(&r, 1024));
    if (tw_rd_end(cx, &r, "last error") != TW_OK)
        return;
    tw_jw_key(w, "last_error");
    tw_jw_object(w);
    tw_jw_kv(w, "time", tw_time_text(cx->arena, at));
    tw_jw_kv(w, "status", name);
    tw_jw_kv(w, "message", msg);
    tw_jw_object_end(w);
}

/* The members of intake.json but its version. */
static tw_status write_intake(tw_ctx *cx, tw_jw *w, const tw_site *s, const char *source)
{
    tw_bytes file;
    tw_json d;
    char *path = tw_site_path(cx, s, "sources/%s/intake.json", source);
    if (!tw_path_exists(cx, path))
        return TW_OK;
    TW_TRY(tw_file_read(cx, &file, path, TW_MIB));
    TW_TRY(tw_json_parse(cx, &d, tw_str_of_bytes(file), NULL));
    char *flat = tw_arena_get(cx->arena, file.n + 1); /* one line: no text in it holds a blank */
    size_t n = 0;
    for (size_t i = 0; i < file.n; i++)
        if (file.p[i] > ' ')
            flat[n++] = (char)file.p[i];
    tw_jw_key(w, "collected");
    tw_jw_raw(w, (tw_str){ flat, n });
    return TW_OK;
}

tw_status tw_app_source_status(tw_ctx *cx, tw_str *json, tw_site *s, const char *source)
{
    tw_register r;
    owing o = { .patients = 0 };
    letter *l = NULL;
    size_t count = 0;
    tw_buf b;
    tw_jw w;
    const tw_keeper_set *set = tw_ledger_keeper_set(tw_site_state(s));
    uint32_t all = set->n == 32 ? UINT32_MAX : (1u << set->n) - 1;
    tw_status st = tw_register_open(cx, &r, s, source);
    if (st == TW_OK)
        st = read_letters(cx, &l, &count, tsv_path(cx, s, &r.me));
    if (st == TW_OK)
        st = tw_register_begin(cx, &r, false);
    if (st == TW_OK)
        st = tw_register_end(cx, &r, gather(cx, &o, &r, all));
    tw_buf_init(&b, JSON_MAX);
    tw_jw_init(&w, &b, 0);
    tw_jw_object(&w);
    tw_jw_kv_u64(&w, "v", 1);
    tw_jw_kv(&w, "source", tw_str_of(r.me.name));
    if (st == TW_OK)
        st = write_intake(cx, &w, s, r.me.name);
    tw_register_close(&r);
    if (st == TW_OK) {
        write_reasons(&w, l, count);
        tw_jw_kv_u64(&w, "patients", o.patients);
        tw_jw_kv_u64(&w, "pending_envelopes", o.owed);
        tw_jw_key(&w, "unfinished");
        tw_jw_bool(&w, o.unfinished);
        if (o.last.n)
            write_last(cx, &w, o.last);
        if (o.error.n)
            write_error(cx, &w, o.error);
        tw_jw_object_end(&w);
    }
    return keep_json(cx, json, &b, st);
}

/* ---------------------------------------------------------------- replay */

static tw_status find_there(tw_ctx *cx, bool *found, const file_id *want, const char *path)
{
    file_id id;
    *found = tw_path_exists(cx, path) && file_identify(cx, &id, path) == TW_OK && id.size == want->size &&
             memcmp(id.head, want->head, TW_HASH) == 0;
    tw_err_clear(cx);
    return TW_OK;
}

/* Where it was, or where a watched folder moved it. NULL: gone, or changed. */
static tw_status find_file(tw_ctx *cx, char **path, const file_id *want, const char *was)
{
    const char *slash = strrchr(was, '/');
    static const char *const folder[] = { "", "done/", "dead/" };
    *path = NULL;
    for (size_t i = 0; i < TW_COUNT(folder); i++) {
        bool found;
        tw_str name = tw_strf(cx->arena, "%.*s/%s%s", (int)(slash - was), was, folder[i], slash + 1);
        char *there = tw_cstr(cx->arena, name);
        TW_TRY(find_there(cx, &found, want, there));
        if (found) {
            *path = there;
            return TW_OK;
        }
    }
    return TW_OK;
}

static tw_status look_up(tw_ctx *cx, intake_file *f, bool *found, tw_register *r, const letter *l)
{
    tw_bytes row;
    bool there;
    TW_TRY(tw_register_begin(cx, r, false));
    tw_status s = tw_register_get(cx, &row, r, TW_REG_PATH, file_id_name(cx, &l->id));
    TW_TRY(optional(tw_register_end(cx, r, s), &there));
    *found = false;
    if (!there)
        return TW_OK;
    tw_rd in = tw_rd_of(row);
    tw_str form = tw_str_of_bytes(tw_rd_var(&in, 64));
    f->label = tw_str_of_bytes(tw_rd_var(&in, 1024));
    tw_str was = tw_str_of_bytes(tw_rd_var(&in, 64 * TW_KIB));
    TW_TRY(tw_rd_end(cx, &in, "row of a file with dead letters"));
    char *path;
    TW_TRY(find_file(cx, &path, &l->id, tw_cstr(cx->arena, was)));
    *found = path && tw_sources_form_named(&f->form, form);
    f->path = path;
    f->size = l->id.size;
    f->id = l->id;
    f->has_id = true;
    return TW_OK;
}

/* A file is learned from whole; of it the units that failed are read, each once. */
static tw_status plan(tw_ctx *cx, intake_list *files, tw_register *r, letter *l, size_t count)
{
    intake_file f = { .size = 0 };
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        if (!l[i].replayable)
            continue;
        bool same = i && l[i - 1].id.size == l[i].id.size && memcmp(l[i - 1].id.head, l[i].id.head, TW_HASH) == 0;
        if (!same) {
            f = (intake_file){ .size = 0 };
            TW_TRY(look_up(cx, &f, &found, r, &l[i]));
            f.learn_only = true;
            if (found)
                TW_TRY(intake_put(cx, files, &f));
        }
        l[i].replayable = found;
        if (!found || (same && l[i - 1].offset == l[i].offset && l[i - 1].replayable))
            continue;
        intake_file unit = f;
        unit.learn_only = false;
        unit.part = true;
        unit.offset = l[i].offset;
        unit.until = l[i].offset + l[i].length;
        unit.line = (uint32_t)l[i].before;
        if (l[i].length)
            TW_TRY(intake_put(cx, files, &unit));
        else
            l[i].replayable = false;
    }
    return TW_OK;
}

static tw_status write_back(tw_ctx *cx, const char *path, const char *again, const letter *l, size_t count)
{
    tw_bytes fresh;
    tw_buf b;
    TW_TRY(tw_file_read(cx, &fresh, again, TSV_MAX));
    tw_buf_init(&b, 2 * TSV_MAX);
    tw_buf_add(&b, fresh.p, fresh.n);
    for (size_t i = 0; i < count; i++)
        if (!l[i].replayable) {
            tw_buf_str(&b, l[i].line);
            tw_buf_cstr(&b, "\n");
        }
    tw_status s = tw_buf_check(cx, &b, "dead-letters.tsv");
    if (s == TW_OK)
        s = tw_file_write(cx, path, tw_buf_view(&b));
    tw_buf_done(&b);
    if (s == TW_OK)
        s = cx->env->disk->remove(cx->env->disk->self, again);
    return s == TW_OK ? TW_OK : tw_fail(cx, s, "dead-letters.tsv cannot be written");
}

static tw_status prepare(tw_ctx *cx, intake_list *files, letter **l, size_t *count, tw_site *s, const char *source)
{
    tw_register r;
    tw_bytes run;
    bool unfinished = false;
    tw_status st = tw_register_open(cx, &r, s, source);
    if (st == TW_OK)
        st = tw_register_begin(cx, &r, false);
    if (st == TW_OK)
        st = optional(tw_register_end(cx, &r, tw_register_get(cx, &run, &r, TW_REG_RUN, (tw_bytes){ NULL, 0 })),
                      &unfinished);
    if (st == TW_OK && unfinished) {
        st = tw_fail(cx, TW_ECONFLICT, "a collection of this source is not finished");
        tw_hint(cx, "run that twinward collect again first");
    }
    if (st == TW_OK)
        st = read_letters(cx, l, count, tsv_path(cx, s, &r.me));
    if (st == TW_OK)
        st = plan(cx, files, &r, *l, *count);
    tw_register_close(&r);
    return st;
}

tw_status tw_app_replay(tw_ctx *cx, tw_collect_report *out, uint64_t *gone, tw_site *s, const tw_collect_opts *opts)
{
    intake_list files = { .count = 0 };
    letter *l = NULL;
    size_t count = 0;
    tw_party me;
    *out = (tw_collect_report){ .text = collect_text_name(opts->text) };
    *gone = 0;
    TW_TRY(tw_party_load(cx, &me, s, TW_ROLE_SOURCE, opts->source));
    char *path = tsv_path(cx, s, &me);
    char *again = tw_site_path(cx, s, "sources/%s/dead-letters.again", me.name);
    tw_wipe(&me, sizeof me);
    tw_status st = prepare(cx, &files, &l, &count, s, opts->source);
    for (size_t i = 0; i < count; i++)
        *gone += !l[i].replayable;
    const bool any = files.count > 0; /* the list is taken over */
    if (st == TW_OK && any)
        st = collect_files(cx, out, s, opts, &files, again);
    if (st == TW_OK && any && !out->stopped) /* else the letters stay as they are, for another try */
        st = write_back(cx, path, again, l, count);
    intake_done(&files);
    return st;
}
