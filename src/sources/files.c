/* Files and folders by the caller's disk. Errors carry the label: a path may hold a person's name. */
#include "sources/sources_internal.h"

#define CHUNK (1 * TW_MIB)
#define PATH_BYTES_MAX 4096

bool tw_sources_form_of(tw_sources_form *out, tw_str name)
{
    *out = tw_str_ends(name, ".json") ? TW_FORM_DOCUMENT : TW_FORM_NDJSON;
    return tw_str_ends(name, ".json") || tw_str_ends(name, ".ndjson") || tw_str_ends(name, ".jsonl");
}

typedef struct {
    const tw_disk *disk;
    tw_file *f;
    tw_str label;
    bool learn_only;
} reading;

static tw_status no_read(tw_ctx *cx, tw_status s, tw_str label)
{
    return tw_fail(cx, s == TW_ENOTFOUND ? s : TW_EIO, TW_FMT ": cannot be read", TW_ARG(label));
}

static tw_status read_document(tw_ctx *cx, tw_sources *s, reading *r)
{
    uint64_t size;
    size_t got = 0;
    tw_status st = r->disk->size(r->disk->self, r->f, &size);
    if (st != TW_OK)
        return no_read(cx, st, r->label);
    if (size > s->opts.document_bytes_max)
        return r->learn_only ? TW_OK : tw_fhir_oversize(cx, s, r->label, 0);
    tw_mark mark = tw_arena_mark(s->in.arena);
    uint8_t *p = tw_arena_try(s->in.arena, (size_t)size + 1);
    if (!p)
        return tw_fail(cx, TW_ELIMIT, TW_FMT ": no memory for its bytes", TW_ARG(r->label));
    st = r->disk->read(r->disk->self, r->f, 0, p, (size_t)size, &got);
    if (st == TW_OK && got == size)
        st = tw_fhir_text(cx, s, r->label, (tw_str){ (const char *)p, got }, TW_FORM_DOCUMENT, r->learn_only);
    else
        st = no_read(cx, TW_EIO, r->label);
    tw_arena_back(s->in.arena, mark);
    return st;
}

/* The line at hand; `over` while the rest of a line that is too long passes by. */
typedef struct {
    tw_buf line;
    uint32_t number; /* lines before it */
    bool over;
} splitter;

static tw_status end_line(tw_ctx *cx, tw_sources *s, const reading *r, splitter *p)
{
    tw_status st = TW_OK;
    tw_str line = tw_str_of_bytes(tw_buf_view(&p->line));
    if (p->number == 0 && tw_str_starts(line, "\xEF\xBB\xBF"))
        line = (tw_str){ line.p + 3, line.n - 3 };
    if (!p->over)
        st = tw_fhir_line(cx, s, r->label, p->number, line, r->learn_only);
    else if (!r->learn_only)
        st = tw_fhir_oversize(cx, s, r->label, p->number);
    tw_buf_clear(&p->line);
    p->over = false;
    p->number++;
    return st;
}

static tw_status feed(tw_ctx *cx, tw_sources *s, const reading *r, splitter *p, const uint8_t *at, size_t n)
{
    while (n > 0) {
        const uint8_t *end = memchr(at, '\n', n);
        size_t part = end ? (size_t)(end - at) : n;
        if (!p->over) {
            tw_buf_add(&p->line, at, part);
            p->over = p->line.failed;
        }
        if (!end)
            return TW_OK;
        TW_TRY(end_line(cx, s, r, p));
        at += part + 1;
        n -= part + 1;
    }
    return TW_OK;
}

static tw_status read_lines(tw_ctx *cx, tw_sources *s, reading *r)
{
    splitter p = { .number = 0 };
    uint64_t off = 0;
    size_t got = 0;
    tw_status st = TW_OK;
    uint8_t *chunk = tw_mem_alloc(CHUNK);
    if (!chunk)
        return tw_fail(cx, TW_ELIMIT, TW_FMT ": no memory to read it", TW_ARG(r->label));
    tw_buf_init(&p.line, s->opts.line_bytes_max);
    do {
        st = r->disk->read(r->disk->self, r->f, off, chunk, CHUNK, &got);
        if (st != TW_OK) {
            st = no_read(cx, st, r->label);
            break;
        }
        off += got;
        st = feed(cx, s, r, &p, chunk, got);
    } while (st == TW_OK && got > 0);
    if (st == TW_OK && (p.line.n > 0 || p.over))
        st = end_line(cx, s, r, &p);
    tw_buf_done(&p.line);
    tw_wipe(chunk, CHUNK);
    tw_mem_free(chunk);
    return st;
}

static tw_status file(tw_ctx *cx, tw_sources *s, tw_str label, const char *path, tw_sources_form form, bool learn_only)
{
    TW_ASSERT(cx->env && cx->env->disk);
    reading r = { .disk = cx->env->disk, .label = label, .learn_only = learn_only };
    tw_status st = r.disk->open(r.disk->self, &r.f, path, TW_OPEN_READ);
    if (st != TW_OK)
        return no_read(cx, st, label);
    if (!learn_only)
        s->tally.files++;
    st = form == TW_FORM_DOCUMENT ? read_document(cx, s, &r) : read_lines(cx, s, &r);
    r.disk->close(r.disk->self, r.f);
    return st;
}

tw_status tw_sources_learn_file(tw_ctx *cx, tw_sources *s, tw_str label, const char *path, tw_sources_form form)
{
    return file(cx, s, label, path, form, true);
}

tw_status tw_sources_read_file(tw_ctx *cx, tw_sources *s, tw_str label, const char *path, tw_sources_form form)
{
    return file(cx, s, label, path, form, false);
}

typedef struct {
    tw_buf names; /* NUL after each */
    size_t count;
} listing;

static void list_one(void *arg, const char *name)
{
    listing *l = arg;
    tw_buf_add(&l->names, name, strlen(name) + 1);
    l->count++;
}

static tw_status pass(tw_ctx *cx, tw_sources *s, const char *folder, const listing *l, bool learn_only)
{
    const char *name = (const char *)l->names.p;
    for (size_t i = 0; i < l->count; i++, name += strlen(name) + 1) {
        char path[PATH_BYTES_MAX];
        char label[32];
        tw_sources_form form;
        if (!tw_sources_form_of(&form, tw_str_of(name))) {
            s->tally.files_skipped += !learn_only;
            continue;
        }
        int n = snprintf(path, sizeof path, "%s/%s", folder, name);
        int m = snprintf(label, sizeof label, "file %zu", i + 1);
        if (n < 0 || (size_t)n >= sizeof path || m < 0)
            return tw_fail(cx, TW_ELIMIT, "file %zu: path over %d bytes", i + 1, PATH_BYTES_MAX);
        TW_TRY(file(cx, s, tw_str_of(label), path, form, learn_only));
    }
    return TW_OK;
}

tw_status tw_sources_folder(tw_ctx *cx, tw_sources *s, const char *path)
{
    TW_ASSERT(cx->env && cx->env->disk);
    listing l = { .count = 0 };
    tw_buf_init(&l.names, 256 * TW_MIB);
    tw_status st = cx->env->disk->list(cx->env->disk->self, path, list_one, &l);
    if (st != TW_OK)
        st = tw_fail(cx, st == TW_ENOTFOUND ? st : TW_EIO, "the folder of the source cannot be read");
    else
        st = tw_buf_check(cx, &l.names, "names in the folder");
    if (st == TW_OK)
        st = pass(cx, s, path, &l, true);
    if (st == TW_OK)
        st = pass(cx, s, path, &l, false);
    tw_buf_done(&l.names);
    return st;
}
