/* What came in, from whom: intake.json, account.json and dead-letters.tsv of each source. */
#include "report_internal.h"

#define JSON_MAX (16 * TW_MIB)

/* ---------------------------------------------------------------- to disk */

tw_status tw_intake_write(tw_ctx *cx, const tw_site *s, const char *source, const tw_collect_report *r)
{
    tw_buf b;
    tw_jw w;
    tw_buf_init(&b, TW_MIB);
    tw_jw_init(&w, &b, 2);
    tw_jw_object(&w);
    tw_jw_kv_u64(&w, "v", 1);
    tw_jw_kv_u64(&w, "files", r->files);
    tw_jw_kv_u64(&w, "read", r->read);
    tw_jw_kv_u64(&w, "accepted", r->accepted);
    tw_jw_kv_u64(&w, "duplicates", r->duplicates);
    tw_jw_kv_u64(&w, "refused", r->refused);
    tw_jw_kv_u64(&w, "dead", r->dead);
    tw_jw_key(&w, "types");
    tw_jw_array(&w);
    for (size_t i = 0; i < r->type_count; i++) {
        tw_jw_object(&w);
        tw_jw_kv(&w, "type", tw_str_of(r->type[i].type));
        tw_jw_kv_u64(&w, "accepted", r->type[i].accepted);
        tw_jw_kv_u64(&w, "refused", r->type[i].refused);
        tw_jw_kv_u64(&w, "dead", r->type[i].dead);
        tw_jw_object_end(&w);
    }
    tw_jw_array_end(&w);
    tw_jw_object_end(&w);
    tw_buf_cstr(&b, "\n");
    tw_status st = tw_buf_check(cx, &b, "intake.json");
    if (st == TW_OK)
        st = tw_file_write(cx, tw_site_path(cx, s, "sources/%s/intake.json", source), tw_buf_view(&b));
    tw_buf_done(&b);
    return st;
}

/* ---------------------------------------------------------------- from disk */

static tw_status read_intake(tw_ctx *cx, tw_fact_source *f, const tw_site *s)
{
    tw_json d;
    TW_TRY(tw_fact_json(cx, &d, tw_site_path(cx, s, "sources/" TW_FMT "/intake.json", TW_ARG(f->name))));
    f->told = d.n > 0;
    if (!f->told)
        return TW_OK;
    f->files = tw_fact_u64(&d, 0, "files");
    f->read = tw_fact_u64(&d, 0, "read");
    f->accepted = tw_fact_u64(&d, 0, "accepted");
    f->duplicates = tw_fact_u64(&d, 0, "duplicates");
    f->refused = tw_fact_u64(&d, 0, "refused");
    f->dead = tw_fact_u64(&d, 0, "dead");
    uint32_t types = tw_json_get(&d, 0, "types");
    if (types == TW_JSON_NONE)
        return TW_OK;
    for (uint32_t t = tw_json_first(&d, types); t != TW_JSON_NONE; t = tw_json_next(&d, types, t)) {
        tw_fact_row *row = tw_fact_row_of(cx, &f->types, tw_json_member_text(cx, &d, t, "type"));
        row->count[0] += tw_fact_u64(&d, t, "accepted");
        row->count[1] += tw_fact_u64(&d, t, "refused");
        row->count[2] += tw_fact_u64(&d, t, "dead");
    }
    tw_fact_rows_sort(&f->types);
    return TW_OK;
}

static tw_status read_account(tw_ctx *cx, tw_facts *all, tw_fact_source *f, const tw_site *s)
{
    tw_json d;
    TW_TRY(tw_fact_json(cx, &d, tw_site_path(cx, s, "sources/" TW_FMT "/account.json", TW_ARG(f->name))));
    if (d.n == 0)
        return TW_OK;
    f->profile = tw_json_member_text(cx, &d, 0, "profile");
    f->records = tw_fact_u64(&d, 0, "records");
    f->kept = tw_fact_u64(&d, 0, "kept");
    f->changed = tw_fact_u64(&d, 0, "changed");
    f->removed = tw_fact_u64(&d, 0, "removed");
    f->unknown = tw_fact_u64(&d, 0, "unknown");
    uint32_t list = tw_json_get(&d, 0, "elements");
    if (list == TW_JSON_NONE)
        return TW_OK;
    for (uint32_t e = tw_json_first(&d, list); e != TW_JSON_NONE; e = tw_json_next(&d, list, e)) {
        tw_fact_row *row = tw_fact_row_of(cx, &all->rules, tw_json_member_text(cx, &d, e, "rule"));
        row->count[0] += tw_fact_u64(&d, e, "kept");
        row->count[1] += tw_fact_u64(&d, e, "changed");
        row->count[2] += tw_fact_u64(&d, e, "removed");
    }
    return TW_OK;
}

/* Fifth column: the reason. */
static tw_status read_dead(tw_ctx *cx, tw_fact_source *f, const tw_site *s)
{
    tw_bytes file;
    tw_str line;
    char *path = tw_site_path(cx, s, "sources/" TW_FMT "/dead-letters.tsv", TW_ARG(f->name));
    if (!tw_path_exists(cx, path))
        return TW_OK;
    TW_TRY(tw_file_read(cx, &file, path, 64 * TW_MIB));
    tw_str rest = tw_str_of_bytes(file);
    for (size_t no = 0; tw_ndjson_next(&line, &rest); no++) {
        tw_str cell = { NULL, 0 };
        bool here = true;
        for (size_t i = 0; i < 5 && here; i++)
            here = tw_str_split(&cell, &line, '\t');
        if (no > 0 && here)
            tw_fact_row_of(cx, &f->reasons, cell)->count[0]++;
    }
    tw_fact_rows_sort(&f->reasons);
    return TW_OK;
}

tw_status tw_facts_intake(tw_ctx *cx, tw_facts *f, tw_site *s)
{
    tw_str *name;
    TW_TRY(tw_party_names(cx, &name, &f->sources, s, TW_ROLE_SOURCE));
    f->source = tw_arena_get(cx->arena, (f->sources + 1) * sizeof *f->source);
    for (size_t i = 0; i < f->sources; i++) {
        f->source[i].name = name[i];
        TW_TRY(read_intake(cx, &f->source[i], s));
        TW_TRY(read_account(cx, f, &f->source[i], s));
        TW_TRY(read_dead(cx, &f->source[i], s));
    }
    tw_fact_rows_sort(&f->rules);
    return TW_OK;
}
