/* What the gate would do with these files, for a steward. Fixed keys, no site, nothing written: what comes out of the
 * gate is looked at for its counts and thrown away. */
#include "collect_internal.h"

#define SHAPES_MAX 20000
#define SHAPE_BYTES 40
#define JSON_MAX (64 * TW_MIB)
#define MAPPING_MAX (4 * TW_MIB)

typedef struct {
    tw_sources *sources;
    tw_profile *profile;
    tw_account *account;
    tw_refbook *book;
    const tw_collect_opts *opts;
    collect_text words;
    tw_doc_work *text; /* NULL: free text is removed */
    tw_people *people;
    const tw_json *doc;
    tw_map *shape;  /* path as the account has it, or ".member" -> shape */
    tw_arena *keep; /* of the shapes */
    uint64_t sample;
    uint64_t taken;
    bool whole;
    uint64_t reason[TW_DEAD_COUNT];
} dry;

/* ---------------------------------------------------------------- shapes */

/* Letters as "a" or "A", digits as "9", other letters as "a"; marks stand. */
static char shape_of(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return '9';
    if (c >= 'A' && c <= 'Z')
        return 'A';
    return (c >= 'a' && c <= 'z') || c >= 0x80 ? 'a' : (char)(c < 0x20 ? ' ' : c);
}

static void note_shape(dry *d, tw_ctx *cx, tw_str key, tw_str value)
{
    if (tw_map_get(d->shape, tw_bytes_of(key)) || tw_map_count(d->shape) >= SHAPES_MAX)
        return;
    char *text = tw_arena_get(d->keep, SHAPE_BYTES + 4);
    size_t n = TW_MIN(value.n, SHAPE_BYTES);
    for (size_t i = 0; i < n; i++)
        text[i] = shape_of((unsigned char)value.p[i]);
    if (value.n > n)
        memcpy(text + n, "...", 4);
    if (!tw_map_put(d->shape, tw_bytes_of(key), text))
        tw_err_clear(cx);
}

/* Members of the resource by their path; deeper ones by their name, as the account names them by their type. */
static void walk(dry *d, tw_ctx *cx, const tw_json *j, uint32_t at, tw_str type, int depth)
{
    for (uint32_t k = tw_json_first(j, at); k != TW_JSON_NONE; k = tw_json_next(j, at, k)) {
        uint32_t v = j->tok[at].type == TW_JSON_OBJECT ? k + 1 : k;
        if (j->tok[v].type == TW_JSON_OBJECT || j->tok[v].type == TW_JSON_ARRAY) {
            if (depth < 8)
                walk(d, cx, j, v, type, j->tok[v].type == TW_JSON_OBJECT ? depth + 1 : depth);
            continue;
        }
        if (j->tok[at].type != TW_JSON_OBJECT)
            continue;
        tw_str name = tw_json_text(cx, j, k);
        tw_str key = depth == 0 ? tw_strf(cx->arena, TW_FMT "." TW_FMT, TW_ARG(type), TW_ARG(name))
                                : tw_strf(cx->arena, "." TW_FMT, TW_ARG(name));
        note_shape(d, cx, key, j->tok[v].type == TW_JSON_STRING ? tw_json_text(cx, j, v) : tw_json_raw(j, v));
    }
}

static const char *shape_at(const dry *d, tw_ctx *cx, tw_str path)
{
    const char *whole = tw_map_get(d->shape, tw_bytes_of(path));
    size_t dot = path.n;
    while (dot > 0 && path.p[dot - 1] != '.')
        dot--;
    if (whole || dot == 0)
        return whole;
    return tw_map_get(d->shape, tw_bytes_of(tw_strf(cx->arena, "." TW_FMT, (int)(path.n - dot), path.p + dot)));
}

/* ---------------------------------------------------------------- one record */

static tw_status on_record(void *self, tw_ctx *cx, const tw_phi *phi)
{
    static const uint8_t key[33] = "a dry run's key, known to anyone";
    dry *d = self;
    const tw_phi_parts *p = tw_phi_view(phi);
    tw_sources_self who = tw_sources_self_view(d->sources);
    tw_deid *out;
    tw_arena *scratch = tw_arena_new(512 * TW_MIB);
    tw_ctx in = { .arena = scratch };
    if (d->doc != p->doc) {
        tw_refbook_free(d->book);
        d->book = NULL;
        d->doc = p->doc;
        if (d->people)
            tw_people_set(d->people, p->doc, (tw_bytes){ NULL, 0 });
        if (tw_str_is(tw_json_member_text(&in, p->doc, 0, "resourceType"), "Bundle")) {
            d->book = tw_refbook_new(1000000);
            if (tw_refbook_bundle(&in, d->book, p->doc) != TW_OK)
                tw_err_clear(&in); /* references of a damaged Bundle are not understood, and go */
        }
    }
    tw_gate_opts g = { .profile = d->profile, .refs = d->book, .id_key = key, .shift_weeks = -3 };
    g.reference_day = tw_days_from_civil(2026, 1, 1);
    g.self = who.resource_id;
    g.self_reference = who.reference;
    g.text = d->text;
    g.text_normal = d->opts->text == TW_COLLECT_TEXT_NORMAL;
    g.people = d->people;
    walk(d, &in, p->doc, p->resource, p->type, 0);
    tw_status s = tw_deid_gate(&in, &out, NULL, d->account, phi, &g);
    cx->err = in.err;
    tw_arena_free(scratch);
    d->taken++;
    if (s == TW_OK && d->sample && d->taken >= d->sample)
        d->whole = true;
    return s;
}

static tw_status on_dead(void *self, TW_UNUSED tw_ctx *cx, const tw_dead_letter *l)
{
    ((dry *)self)->reason[l->reason]++;
    return TW_OK;
}

/* ---------------------------------------------------------------- the invented person */

typedef struct {
    tw_str before;
    tw_str after;
} specimen;

static void find_specimen(tw_ctx *cx, specimen *out, tw_str path, const dry *d)
{
    *out = (specimen){ { NULL, 0 }, { NULL, 0 } };
    for (size_t i = 0; tw_deid_specimen(i); i++) {
        tw_json in;
        tw_json clean;
        tw_deid *deid;
        if (tw_json_parse(cx, &in, tw_str_of(tw_deid_specimen(i)), NULL) != TW_OK)
            continue;
        tw_str type = tw_json_member_text(cx, &in, 0, "resourceType");
        if (path.n <= type.n || memcmp(path.p, type.p, type.n) != 0 || path.p[type.n] != '.')
            continue;
        const char *member = tw_cstr(cx->arena, (tw_str){ path.p + type.n + 1, path.n - type.n - 1 });
        uint32_t at = tw_json_get(&in, 0, member);
        if (at == TW_JSON_NONE)
            continue;
        out->before = tw_json_raw(&in, at);
        if (tw_deid_specimen_gate(cx, &deid, NULL, i, d->profile) == TW_OK &&
            tw_json_parse(cx, &clean, tw_str_of_bytes(tw_deid_line(deid)), NULL) == TW_OK) {
            uint32_t now = tw_json_get(&clean, 0, member);
            out->after = now == TW_JSON_NONE ? (tw_str){ NULL, 0 } : tw_json_raw(&clean, now);
        }
        return;
    }
}

/* ---------------------------------------------------------------- the whole */

static void write_field(tw_ctx *cx, tw_jw *w, const dry *d, const tw_account_row *row)
{
    specimen s;
    const char *shape = shape_at(d, cx, row->path);
    tw_jw_object(w);
    tw_jw_kv(w, "path", row->path);
    tw_jw_kv(w, "rule", row->rule);
    tw_jw_kv_u64(w, "kept", row->kept);
    tw_jw_kv_u64(w, "changed", row->changed);
    tw_jw_kv_u64(w, "removed", row->removed);
    tw_jw_kv(w, "shape", tw_str_of(shape));
    find_specimen(cx, &s, row->path, d);
    if (s.before.n) {
        tw_jw_key(w, "specimen");
        tw_jw_object(w);
        tw_jw_kv(w, "before", s.before);
        tw_jw_kv(w, "after", s.after);
        tw_jw_object_end(w);
    }
    tw_jw_object_end(w);
}

static void write_all(tw_ctx *cx, tw_jw *w, const dry *d, bool sampled)
{
    const tw_sources_tally *t = tw_sources_tally_view(d->sources);
    tw_account_row row;
    size_t cursor = 0;
    tw_jw_object(w);
    tw_jw_kv_u64(w, "v", 1);
    tw_jw_kv(w, "profile", tw_profile_name(d->profile));
    tw_jw_kv(w, "text", tw_str_of(collect_text_name(d->opts->text)));
    tw_jw_kv_u64(w, "files", t->files);
    tw_jw_kv_u64(w, "read", t->all.read);
    tw_jw_kv_u64(w, "accepted", t->all.accepted);
    tw_jw_kv_u64(w, "refused_by_type", t->all.refused);
    tw_jw_kv_u64(w, "dead_letters", t->all.dead);
    tw_jw_key(w, "sampled");
    tw_jw_bool(w, sampled);
    tw_jw_key(w, "reasons");
    tw_jw_object(w);
    for (size_t i = 0; i < TW_DEAD_COUNT; i++)
        if (d->reason[i])
            tw_jw_kv_u64(w, tw_dead_text((tw_dead_reason)i), d->reason[i]);
    tw_jw_object_end(w);
    tw_jw_key(w, "fields");
    tw_jw_array(w);
    while (tw_account_next(d->account, &cursor, &row)) {
        tw_mark mark = tw_arena_mark(cx->arena);
        write_field(cx, w, d, &row);
        tw_arena_back(cx->arena, mark);
    }
    tw_jw_array_end(w);
    tw_jw_object_end(w);
}

static tw_status read_files(tw_ctx *cx, dry *d, const intake_list *l)
{
    for (int reading = 0; reading < 2; reading++)
        for (size_t i = 0; i < l->count && !d->whole; i++) {
            const intake_file *f = &l->file[i];
            tw_mark mark = tw_arena_mark(cx->arena);
            tw_status s = TW_OK;
            if (!f->path && reading)
                s = tw_sources_read_input(cx, d->sources, f->label, d->opts->stream, f->form, &d->whole);
            else if (reading)
                s = tw_sources_read_file_until(cx, d->sources, f->label, f->path, f->form, &d->whole);
            else if (f->path && f->form != TW_FORM_HL7V2 && f->form != TW_FORM_CCDA)
                s = tw_sources_learn_file(cx, d->sources, f->label, f->path, f->form);
            tw_arena_back(cx->arena, mark);
            TW_TRY(s);
        }
    return TW_OK;
}

static tw_status run(tw_ctx *cx, tw_str *json, dry *d, const intake_list *l)
{
    tw_buf b;
    tw_jw w;
    TW_TRY(read_files(cx, d, l));
    tw_buf_init(&b, JSON_MAX);
    tw_jw_init(&w, &b, 0);
    write_all(cx, &w, d, d->whole);
    tw_status s = tw_buf_check(cx, &b, "dry run");
    if (s == TW_OK)
        *json = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return s;
}

/* Who is known: those of the document at hand. */
static tw_status open_text(tw_ctx *cx, dry *d)
{
    TW_TRY(collect_text_open(cx, &d->words, d->opts, d->profile));
    if (!d->words.model)
        return TW_OK;
    d->people = tw_people_new();
    return tw_doc_work_new(cx, &d->text, &d->words.opts);
}

tw_status tw_app_collect_dry_run(tw_ctx *cx, tw_str *json, const tw_collect_opts *opts, uint64_t sample)
{
    dry d = {
        .opts = opts, .sample = sample, .shape = tw_map_new(SHAPES_MAX), .keep = tw_arena_new(16 * TW_MIB)
    };
    intake_list l = { .count = 0 };
    tw_mapping *mapping = NULL;
    tw_sources_sink sink = { on_record, on_dead, &d };
    tw_status s = collect_load_profile(cx, &d.profile, opts->profile);
    if (s == TW_OK)
        s = collect_load_mapping(cx, &mapping, opts->mapping);
    for (size_t i = 0; i < opts->path_count && s == TW_OK; i++)
        s = intake_add(cx, &l, opts, i);
    tw_sources_opts o = { .mapping = mapping, .zone = tw_str_of(opts->zone) };
    if (s == TW_OK)
        s = tw_sources_new(cx, &d.sources, &o, &sink);
    if (s == TW_OK) {
        d.account = tw_account_new(d.profile);
        s = open_text(cx, &d);
    }
    if (s == TW_OK)
        s = run(cx, json, &d, &l);
    tw_refbook_free(d.book);
    tw_people_free(d.people);
    tw_doc_work_free(d.text);
    collect_text_close(&d.words);
    tw_account_free(d.account);
    tw_sources_free(d.sources);
    tw_profile_free(d.profile);
    tw_mapping_free(mapping);
    tw_map_free(d.shape);
    tw_arena_free(d.keep);
    intake_done(&l);
    return s;
}

/* ---------------------------------------------------------------- a mapping */

tw_status tw_app_suggest_mapping(tw_ctx *cx, tw_str *json, tw_str *reasons, const char *const *path, size_t count)
{
    tw_str *name = tw_arena_get(cx->arena, (count + 1) * sizeof *name);
    tw_str *head = tw_arena_get(cx->arena, (count + 1) * sizeof *head);
    const tw_disk *disk = cx->env->disk;
    for (size_t i = 0; i < count; i++) {
        tw_file *f;
        size_t got = 0;
        uint8_t *p = tw_arena_get(cx->arena, TW_PIECE_BYTES);
        tw_status s = disk->open(disk->self, &f, path[i], TW_OPEN_READ);
        if (s == TW_OK) {
            s = disk->read(disk->self, f, 0, p, TW_PIECE_BYTES, &got);
            disk->close(disk->self, f);
        }
        if (s != TW_OK)
            return tw_fail(cx, s == TW_ENOTFOUND ? s : TW_EIO, "path %zu cannot be read", i + 1);
        name[i] = tw_str_of(tw_path_name(path[i]));
        head[i] = (tw_str){ (const char *)p, got };
    }
    return tw_mapping_suggest(cx, json, reasons, name, head, count);
}
