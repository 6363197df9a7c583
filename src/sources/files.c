/* Texts, files and folders by one thread: piece after piece, to the reader's sink. Errors carry the label: a path may
 * hold a person's name. */
#include "sources/sources_internal.h"

#define PATH_BYTES_MAX 4096

/* ---------------------------------------------------------------- one piece */

/* How a reading goes: with resources handed on or not, and when it has enough. */
typedef struct {
    bool learn_only;
    const bool *enough; /* may be NULL */
} manner;

static bool has_enough(const manner *m)
{
    return m->enough && *m->enough;
}

static tw_status hand_on(tw_ctx *cx, tw_sources *s, tw_piece *p, const manner *m)
{
    for (size_t i = 0; i < tw_piece_count(p) && !has_enough(m); i++) {
        const tw_found_item *f = tw_piece_at(p, i);
        tw_status became = TW_OK;
        if (f->fate == TW_FATE_RECORD) {
            s->self = f->self;
            became = s->sink.record(s->sink.self, cx, f->phi);
        }
        TW_TRY(tw_piece_count_in(cx, s, p, i, became));
    }
    return TW_OK;
}

/* One unit after the other: a line's references are to Patients of earlier lines. */
static tw_status read_unit(tw_ctx *cx, tw_sources *s, tw_piece *p, tw_unit *unit, const manner *m)
{
    tw_piece one = *p;
    one.unit = unit;
    one.units = 1;
    one.item = NULL;
    one.items = one.items_cap = 0;
    tw_buf_init(&one.lesson, p->lesson.max);
    tw_status st = tw_piece_prepare(cx, s, &one, m->learn_only);
    if (st == TW_OK)
        st = tw_piece_note(cx, s, &one);
    if (st == TW_OK && !m->learn_only)
        st = tw_piece_judge(cx, s, &one);
    if (st == TW_OK && !m->learn_only)
        st = hand_on(cx, s, &one, m);
    tw_buf_done(&one.lesson);
    tw_mem_free(one.item);
    if (one.json.p)
        tw_wipe(one.json.p, one.json.n);
    tw_buf_clear(&one.json);
    p->json = one.json;
    return st;
}

static tw_status read_piece(tw_ctx *cx, tw_sources *s, tw_piece *p, const manner *m)
{
    for (size_t i = 0; i < p->units && !has_enough(m); i++) {
        tw_mark mark = tw_arena_mark(p->in.arena);
        TW_TRY(read_unit(cx, s, p, &p->unit[i], m));
        tw_arena_back(p->in.arena, mark);
    }
    return TW_OK;
}

static tw_status read_all(tw_ctx *cx, tw_sources *s, const tw_cutter_opts *what, manner m)
{
    tw_cutter *c;
    tw_piece *p;
    TW_TRY(tw_cutter_new(cx, &c, &s->opts, what));
    tw_status st = tw_cutter_next(cx, &p, c);
    while (st == TW_OK && p) {
        st = read_piece(cx, s, p, &m);
        tw_piece_free(p);
        p = NULL;
        if (st == TW_OK && !has_enough(&m))
            st = tw_cutter_next(cx, &p, c);
    }
    tw_cutter_free(c);
    return st;
}

/* ---------------------------------------------------------------- texts */

static tw_status from_text(void *self, TW_UNUSED tw_ctx *cx, uint8_t *out, size_t n, size_t *got)
{
    tw_str *rest = self;
    *got = TW_MIN(n, rest->n);
    if (*got)
        memcpy(out, rest->p, *got);
    *rest = (tw_str){ rest->p + *got, rest->n - *got };
    return TW_OK;
}

static tw_status text_all(tw_ctx *cx, tw_sources *s, tw_str label, tw_str text, tw_sources_form form, bool learn_only)
{
    tw_cutter_opts what = { .label = label, .name = label, .form = form, .input = { from_text, &text } };
    return read_all(cx, s, &what, (manner){ learn_only, NULL });
}

tw_status tw_sources_learn(tw_ctx *cx, tw_sources *s, tw_str text, tw_sources_form form)
{
    return text_all(cx, s, TW_STR("text"), text, form, true);
}

tw_status tw_sources_read(tw_ctx *cx, tw_sources *s, tw_str label, tw_str text, tw_sources_form form)
{
    s->tally.files++;
    return text_all(cx, s, label, text, form, false);
}

/* ---------------------------------------------------------------- files */

typedef struct {
    const tw_disk *disk;
    tw_file *f;
    tw_str label;
    uint64_t at;
} open_file;

static tw_status no_read(tw_ctx *cx, tw_status s, tw_str label)
{
    return tw_fail(cx, s == TW_ENOTFOUND ? s : TW_EIO, TW_FMT ": cannot be read", TW_ARG(label));
}

static tw_status from_file(void *self, tw_ctx *cx, uint8_t *out, size_t n, size_t *got)
{
    open_file *o = self;
    tw_status st = o->disk->read(o->disk->self, o->f, o->at, out, n, got);
    if (st != TW_OK)
        return no_read(cx, st, o->label);
    o->at += *got;
    return TW_OK;
}

static tw_status file(tw_ctx *cx, tw_sources *s, tw_str label, const char *path, tw_sources_form form, manner m)
{
    TW_ASSERT(cx->env && cx->env->disk);
    open_file o = { .disk = cx->env->disk, .label = label };
    tw_status st = o.disk->open(o.disk->self, &o.f, path, TW_OPEN_READ);
    if (st != TW_OK)
        return no_read(cx, st, label);
    if (!m.learn_only)
        s->tally.files++;
    tw_cutter_opts what = {
        .label = label, .name = tw_str_of(tw_path_name(path)), .form = form, .input = { from_file, &o }
    };
    st = read_all(cx, s, &what, m);
    o.disk->close(o.disk->self, o.f);
    return st;
}

tw_status tw_sources_learn_file(tw_ctx *cx, tw_sources *s, tw_str label, const char *path, tw_sources_form form)
{
    return file(cx, s, label, path, form, (manner){ true, NULL });
}

tw_status tw_sources_read_file(tw_ctx *cx, tw_sources *s, tw_str label, const char *path, tw_sources_form form)
{
    return file(cx, s, label, path, form, (manner){ false, NULL });
}

tw_status tw_sources_read_file_until(tw_ctx *cx, tw_sources *s, tw_str label, const char *path, tw_sources_form form,
                                     const bool *enough)
{
    return file(cx, s, label, path, form, (manner){ false, enough });
}

tw_status tw_sources_read_input(tw_ctx *cx, tw_sources *s, tw_str label, tw_input input, tw_sources_form form,
                                const bool *enough)
{
    s->tally.files++;
    tw_cutter_opts what = { .label = label, .name = label, .form = form, .input = input };
    return read_all(cx, s, &what, (manner){ false, enough });
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
        TW_TRY(file(cx, s, tw_str_of(label), path, form, (manner){ learn_only, NULL }));
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
