/* Reading ahead, in a thread of its own: files one after the other, cut into pieces, as many bytes ahead as a round or
 * two take. */
#include "collect_internal.h"

#define AHEAD_BYTES (2 * TW_ROUND_BYTES)
#define AHEAD_ITEMS 4096

struct reader {
    pthread_mutex_t lock;
    pthread_cond_t room;
    pthread_cond_t more;
    pthread_t thread;
    tw_ctx cx;
    tw_env env;
    intake_list *files;
    const tw_sources_opts *so;
    tw_input stream;
    bool learn_only;
    bool leave;
    bool over;
    read_item item[AHEAD_ITEMS]; /* a ring */
    size_t first;
    size_t count;
    size_t bytes;
};

static size_t weight_of(const read_item *it)
{
    tw_piece_span s = it->piece ? tw_piece_span_of(it->piece) : (tw_piece_span){ .bytes = 0 };
    return s.bytes * s.weight;
}

/* false: the reader is to leave. */
static bool hand_out(reader *r, const read_item *it)
{
    size_t bytes = weight_of(it);
    pthread_mutex_lock(&r->lock);
    while (!r->leave && (r->count == AHEAD_ITEMS || (r->bytes && r->bytes + bytes > AHEAD_BYTES)))
        pthread_cond_wait(&r->room, &r->lock);
    bool go_on = !r->leave;
    if (go_on) {
        r->item[(r->first + r->count++) % AHEAD_ITEMS] = *it;
        r->bytes += bytes;
        pthread_cond_signal(&r->more);
    }
    pthread_mutex_unlock(&r->lock);
    return go_on;
}

bool reader_next(reader *r, read_item *out)
{
    pthread_mutex_lock(&r->lock);
    while (r->count == 0 && !r->over)
        pthread_cond_wait(&r->more, &r->lock);
    bool got = r->count > 0;
    if (got) {
        *out = r->item[r->first];
        r->first = (r->first + 1) % AHEAD_ITEMS;
        r->count--;
        r->bytes -= weight_of(out);
        pthread_cond_signal(&r->room);
    }
    pthread_mutex_unlock(&r->lock);
    return got;
}

/* ---------------------------------------------------------------- one file */

typedef struct {
    const tw_disk *disk;
    tw_file *f;
    uint64_t at;
    uint64_t until;
    uint64_t part; /* becomes `until` with the first skip */
} open_file;

static tw_status read_some(void *self, tw_ctx *cx, uint8_t *out, size_t n, size_t *got)
{
    open_file *o = self;
    if (o->until && o->at >= o->until) {
        *got = 0;
        return TW_OK;
    }
    n = o->until ? (size_t)TW_MIN(n, o->until - o->at) : n;
    if (o->disk->read(o->disk->self, o->f, o->at, out, n, got) != TW_OK)
        return tw_fail(cx, TW_EIO, "cannot be read");
    o->at += *got;
    return TW_OK;
}

/* Where a part alone is read, its end counts from here on: a decoder has to see the head of the file first. */
static tw_status skip_to(void *self, TW_UNUSED tw_ctx *cx, uint64_t to)
{
    open_file *o = self;
    o->at = to;
    o->until = o->part;
    return TW_OK;
}

/* false: to leave. Its cutter goes to the one who takes the pieces, with the end. */
static bool cut_file(reader *r, size_t number, tw_input input, bool seek)
{
    const intake_file *f = &r->files->file[number];
    tw_cutter_opts what = { .label = f->label,
                            .name = tw_str_of(tw_path_name(f->path ? f->path : "")),
                            .form = f->form,
                            .input = input,
                            .raw = r->files->raw };
    read_item it = { .file = number };
    if (seek && !r->learn_only) {
        what.offset = f->offset;
        what.line = f->line;
        what.skip = skip_to;
    }
    tw_cutter *c = NULL;
    tw_status s = tw_cutter_new(&r->cx, &c, r->so, &what);
    while (s == TW_OK) {
        s = tw_cutter_next(&r->cx, &it.piece, c);
        if (s != TW_OK || !it.piece)
            break;
        if (!hand_out(r, &it)) {
            tw_piece_free(it.piece);
            tw_cutter_free(c);
            return false;
        }
    }
    it = (read_item){ .file = number, .cutter = c, .failed = s != TW_OK };
    if (hand_out(r, &it))
        return true;
    tw_cutter_free(c);
    return false;
}

static bool no_file(reader *r, size_t number)
{
    read_item it = { .file = number, .failed = true };
    return hand_out(r, &it);
}

static bool read_file(reader *r, size_t number)
{
    intake_file *f = &r->files->file[number];
    const tw_disk *d = r->env.disk;
    open_file o = { .disk = d, .part = r->learn_only ? 0 : f->until };
    o.until = f->offset ? 0 : o.part;
    tw_input input = { read_some, &o };
    if (!f->path)
        return cut_file(r, number, r->stream, false);
    if (d->open(d->self, &o.f, f->path, TW_OPEN_READ) != TW_OK)
        return no_file(r, number);
    bool go_on = cut_file(r, number, input, true);
    d->close(d->self, o.f);
    return go_on;
}

/* HL7 v2 messages and C-CDA documents say whom they are about; a FHIR file or a table may leave it to another one. */
static bool wanted(const reader *r, const intake_file *f)
{
    if (!r->learn_only)
        return !f->done_before && !f->learn_only;
    return f->path && f->form != TW_FORM_HL7V2 && f->form != TW_FORM_CCDA;
}

static void *work(void *arg)
{
    reader *r = arg;
    for (size_t i = 0; i < r->files->count; i++) {
        tw_mark mark = tw_arena_mark(r->cx.arena);
        if (wanted(r, &r->files->file[i]) && !read_file(r, i))
            break;
        tw_arena_back(r->cx.arena, mark);
    }
    pthread_mutex_lock(&r->lock);
    r->over = true;
    pthread_cond_signal(&r->more);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

tw_status reader_new(tw_ctx *cx, reader **out, intake_list *l, const tw_sources_opts *so, const tw_input *stream,
                     bool learn_only)
{
    reader *r = tw_mem_alloc(sizeof *r);
    *out = NULL;
    if (!r)
        return tw_fail(cx, TW_ELIMIT, "no memory to read ahead");
    r->env = *cx->env;
    r->env.event = NULL;
    r->env.crash = NULL;
    r->files = l;
    r->so = so;
    r->stream = *stream;
    r->learn_only = learn_only;
    tw_ctx_init(&r->cx, 64 * TW_MIB, &r->env);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->room, NULL);
    pthread_cond_init(&r->more, NULL);
    if (pthread_create(&r->thread, NULL, work, r) != 0) {
        tw_ctx_done(&r->cx);
        tw_mem_free(r);
        return tw_fail(cx, TW_ELIMIT, "the system gives no thread to read ahead");
    }
    *out = r;
    return TW_OK;
}

void reader_free(reader *r)
{
    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    r->leave = true;
    pthread_cond_signal(&r->room);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    for (size_t i = 0; i < r->count; i++) /* pieces before their cutters */
        tw_piece_free(r->item[(r->first + i) % AHEAD_ITEMS].piece);
    for (size_t i = 0; i < r->count; i++)
        tw_cutter_free(r->item[(r->first + i) % AHEAD_ITEMS].cutter);
    pthread_cond_destroy(&r->room);
    pthread_cond_destroy(&r->more);
    pthread_mutex_destroy(&r->lock);
    tw_ctx_done(&r->cx);
    tw_mem_free(r);
}
