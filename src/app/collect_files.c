/* Which files there are, and what each is known by. A path may hold a person's name: messages give its number. */
#define _DEFAULT_SOURCE /* realpath, PATH_MAX */
#include "collect_internal.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

static tw_status no_file(tw_ctx *cx, tw_status s, size_t path)
{
    return tw_fail(cx, s == TW_ENOTFOUND ? s : TW_EIO, "path %zu: %s", path + 1,
                   s == TW_ENOTFOUND ? "no such file or folder" : "cannot be read");
}

tw_status intake_put(tw_ctx *cx, intake_list *l, const intake_file *f)
{
    if (l->count == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 64;
        intake_file *more = tw_mem_resize(l->file, cap * sizeof *more);
        if (!more)
            return tw_fail(cx, TW_ELIMIT, "no memory for %zu files", cap);
        l->file = more;
        l->cap = cap;
    }
    l->file[l->count++] = *f;
    l->bytes += f->size;
    return TW_OK;
}

/* 0 when it cannot be told: opening it will say why. */
static uint64_t size_of(tw_ctx *cx, const char *path)
{
    const tw_disk *d = cx->env->disk;
    tw_file *f;
    uint64_t size = 0;
    if (d->open(d->self, &f, path, TW_OPEN_READ) != TW_OK)
        return 0;
    if (d->size(d->self, f, &size) != TW_OK)
        size = 0;
    d->close(d->self, f);
    return size;
}

bool intake_is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) != 0 || S_ISREG(st.st_mode); /* opening it will say what is wrong */
}

static tw_status add_folder(tw_ctx *cx, intake_list *l, const tw_collect_opts *opts, size_t path)
{
    tw_str *name;
    size_t count;
    const char *folder = opts->path[path];
    if (tw_dir_list(cx, &name, &count, folder) != TW_OK)
        return no_file(cx, cx->err.code, path);
    for (size_t i = 0; i < count; i++) {
        intake_file f = { .size = 0 };
        f.path = tw_path(cx, folder, name[i].p);
        if (!tw_sources_form_of(&f.form, name[i]) || name[i].p[0] == '.' || !intake_is_file(f.path)) {
            l->skipped++;
            continue;
        }
        if (opts->has_form)
            f.form = opts->form;
        f.label = opts->path_count == 1 ? tw_strf(cx->arena, "file %zu", i + 1)
                                        : tw_strf(cx->arena, "path %zu file %zu", path + 1, i + 1);
        f.size = size_of(cx, f.path);
        TW_TRY(intake_put(cx, l, &f));
    }
    return TW_OK;
}

tw_status intake_add(tw_ctx *cx, intake_list *l, const tw_collect_opts *opts, size_t path)
{
    intake_file f = { .path = opts->path[path], .form = opts->form };
    f.label = tw_strf(cx->arena, "path %zu", path + 1);
    if (strcmp(f.path, "-") == 0) {
        f.path = NULL;
        f.label = TW_STR("stdin");
        if (!opts->has_form)
            return tw_fail(cx, TW_EUSAGE, "standard input has no name that tells its format: give --format");
        return intake_put(cx, l, &f);
    }
    if (!tw_path_exists(cx, f.path))
        return no_file(cx, TW_ENOTFOUND, path);
    if (tw_dir_list(cx, &(tw_str *){ NULL }, &(size_t){ 0 }, f.path) == TW_OK)
        return add_folder(cx, l, opts, path);
    tw_err_clear(cx);
    if (!intake_is_file(f.path)) {
        tw_fail(cx, TW_EUSAGE, "path %zu: a pipe or a device, not a file", path + 1);
        return tw_hint(cx, "feed it to standard input, and give - for it");
    }
    if (!opts->has_form && !tw_sources_form_of(&f.form, tw_str_of(f.path))) {
        tw_fail(cx, TW_EUSAGE, "path %zu: the end of its name tells no format", path + 1);
        return tw_hint(cx, "give --format: fhir, ndjson, hl7v2, csv or ccda");
    }
    f.size = size_of(cx, f.path);
    return intake_put(cx, l, &f);
}

void intake_done(intake_list *l)
{
    tw_mem_free(l->file);
    *l = (intake_list){ .file = NULL };
}

void file_id_text(char out[FILE_ID_TEXT], const file_id *id)
{
    snprintf(out, FILE_ID_TEXT, "%016llx", (unsigned long long)id->size);
    for (size_t i = 0; i < TW_HASH; i++)
        snprintf(out + 16 + 2 * i, 3, "%02x", id->head[i]);
}

tw_bytes file_id_name(tw_ctx *cx, const file_id *id)
{
    uint8_t *p = tw_arena_get(cx->arena, 8 + TW_HASH);
    tw_put_be64(p, id->size);
    memcpy(p + 8, id->head, TW_HASH);
    return (tw_bytes){ p, 8 + TW_HASH };
}

static tw_status hash_part(tw_ctx *cx, uint8_t out[TW_HASH], uint64_t *size, const char *path, uint64_t from, size_t n)
{
    const tw_disk *d = cx->env->disk;
    tw_mark mark = tw_arena_mark(cx->arena);
    uint8_t *part = tw_arena_get(cx->arena, n);
    tw_file *f;
    size_t got = 0;
    tw_status s = d->open(d->self, &f, path, TW_OPEN_READ);
    if (s == TW_OK) {
        s = d->size(d->self, f, size);
        if (s == TW_OK)
            s = d->read(d->self, f, from, part, n, &got);
        d->close(d->self, f);
    }
    if (s == TW_OK)
        tw_sha256_of(out, (tw_bytes){ part, got });
    tw_arena_back(cx->arena, mark);
    return s == TW_OK ? TW_OK : tw_fail(cx, s == TW_ENOTFOUND ? s : TW_EIO, "a file cannot be read");
}

tw_status file_identify(tw_ctx *cx, file_id *out, const char *path)
{
    return hash_part(cx, out->head, &out->size, path, 0, TW_HEAD_BYTES);
}

void intake_identify(tw_ctx *cx, intake_file *f)
{
    char whole[PATH_MAX];
    if (f->has_id || !f->path)
        return;
    f->has_id = file_identify(cx, &f->id, f->path) == TW_OK;
    tw_err_clear(cx);
    tw_sha256_of(f->where, tw_bytes_of(tw_str_of(realpath(f->path, whole) ? whole : f->path)));
}

tw_status file_tail(tw_ctx *cx, uint8_t out[TW_HASH], const char *path, uint64_t offset)
{
    uint64_t size;
    size_t n = (size_t)TW_MIN(offset, TW_TAIL_BYTES);
    return hash_part(cx, out, &size, path, offset - n, n);
}
