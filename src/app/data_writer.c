/* Opened data: one NDJSON file a FHIR type, and a manifest that a twin can name. */
#include "open_internal.h"

#define TYPE_FILE_MAX ((size_t)4 << 30)
#define TYPES_OPEN_MAX 160

typedef struct {
    char type[48];
    tw_buf buf;
    uint64_t records;
} type_file;

/* What the gate says of a record in its tags, and what of it is not there. */
static const struct {
    const char *member, *system, *code;
} saying[] = {
    { "time_constant_shift", "urn:twinward:time", "constant-shift" },
    { "time_year", "urn:twinward:time", "year" },
    { "age_capped", "urn:twinward:value", "age-capped" },
    { "text_strict", "urn:twinward:text", "strict" },
    { "text_normal", "urn:twinward:text", "normal" },
};
#define SAYINGS TW_COUNT(saying)

struct tw_data_writer {
    char dir[1200];
    uint64_t said[SAYINGS]; /* records */
    uint64_t masked;        /* elements */
    type_file file[TYPES_OPEN_MAX];
    size_t count;
};

tw_status tw_data_writer_new(tw_ctx *cx, tw_data_writer **out, const char *dir)
{
    tw_data_writer *w = tw_mem_alloc(sizeof *w);
    TW_ASSERT(w != NULL);
    snprintf(w->dir, sizeof w->dir, "%s", dir);
    *out = w;
    return tw_dir_make(cx, dir);
}

void tw_data_writer_free(tw_data_writer *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->count; i++)
        tw_buf_done(&w->file[i].buf);
    tw_mem_free(w);
}

/* Records were parsed before; one that cannot be now says nothing. */
static void read_sayings(tw_ctx *cx, tw_data_writer *w, tw_bytes line)
{
    tw_json d;
    tw_mark mark = tw_arena_mark(cx->arena);
    if (tw_json_parse(cx, &d, tw_str_of_bytes(line), NULL) == TW_OK) {
        uint32_t tags = tw_json_get(&d, tw_json_get(&d, 0, "meta"), "tag");
        for (uint32_t t = tw_json_first(&d, tags); t != TW_JSON_NONE; t = tw_json_next(&d, tags, t))
            for (size_t i = 0; i < SAYINGS; i++)
                w->said[i] += tw_json_is(&d, tw_json_get(&d, t, "system"), saying[i].system) &&
                              tw_json_is(&d, tw_json_get(&d, t, "code"), saying[i].code);
        for (uint32_t i = 0; i < d.n; i++)
            w->masked += !d.tok[i].is_key && tw_json_is(&d, i, "masked");
    }
    tw_err_clear(cx);
    tw_arena_back(cx->arena, mark);
}

tw_status tw_data_writer_add(tw_ctx *cx, tw_data_writer *w, tw_str type, tw_bytes line)
{
    type_file *f = NULL;
    read_sayings(cx, w, line);
    for (size_t i = 0; i < w->count && !f; i++)
        if (tw_str_is(type, w->file[i].type))
            f = &w->file[i];
    if (!f) {
        if (w->count == TYPES_OPEN_MAX || type.n >= sizeof f->type || type.n == 0 ||
            tw_str_find(type, TW_STR("/")) != SIZE_MAX)
            return tw_fail(cx, TW_EPARSE, "a record's type is not one of FHIR");
        f = &w->file[w->count++];
        memcpy(f->type, type.p, type.n);
        tw_buf_init(&f->buf, TYPE_FILE_MAX);
    }
    tw_buf_add(&f->buf, line.p, line.n);
    tw_buf_u8(&f->buf, '\n');
    f->records++;
    return tw_buf_check(cx, &f->buf, "opened data of one type");
}

static tw_status write_files(tw_ctx *cx, tw_jw *j, tw_data_writer *w)
{
    tw_jw_key(j, "files");
    tw_jw_array(j);
    for (size_t i = 0; i < w->count; i++) {
        type_file *f = &w->file[i];
        uint8_t hash[32];
        tw_str name = tw_strf(cx->arena, "%s.ndjson", f->type);
        TW_TRY(tw_file_write(cx, tw_path(cx, w->dir, name.p), tw_buf_view(&f->buf)));
        tw_sha256_of(hash, tw_buf_view(&f->buf));
        tw_jw_object(j);
        tw_jw_kv(j, "name", name);
        tw_jw_kv_u64(j, "records", f->records);
        tw_jw_kv_u64(j, "bytes", f->buf.n);
        tw_jw_kv(j, "sha256", tw_hex(cx->arena, TW_BYTES(hash)));
        tw_jw_object_end(j);
    }
    tw_jw_array_end(j);
    return TW_OK;
}

/* Of these records alone: the sources' accounts count those of people, too, who did not consent. */
static void write_gate(tw_jw *j, const tw_data_writer *w)
{
    tw_jw_key(j, "gate");
    tw_jw_object(j);
    for (size_t i = 0; i < SAYINGS; i++)
        tw_jw_kv_u64(j, saying[i].member, w->said[i]);
    tw_jw_kv_u64(j, "masked_elements", w->masked);
    tw_jw_object_end(j);
}

tw_status tw_data_writer_end(tw_ctx *cx, uint8_t manifest_hash[32], tw_data_writer *w, const tw_id *release,
                             uint64_t log_index, uint64_t persons)
{
    tw_buf b;
    tw_jw j;
    tw_buf_init(&b, TW_MIB);
    tw_jw_init(&j, &b, 2);
    tw_jw_object(&j);
    tw_jw_kv_u64(&j, "v", 1);
    tw_jw_kv(&j, "release", tw_id_hex(cx, release));
    tw_jw_kv_u64(&j, "log_index", log_index);
    tw_jw_kv_u64(&j, "persons", persons);
    tw_status s = write_files(cx, &j, w);
    write_gate(&j, w);
    tw_jw_object_end(&j);
    tw_buf_cstr(&b, "\n");
    if (s == TW_OK)
        s = tw_buf_check(cx, &b, "manifest");
    tw_sha256_of(manifest_hash, tw_buf_view(&b));
    if (s == TW_OK)
        s = tw_file_write(cx, tw_path(cx, w->dir, "manifest.json"), tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}
