/* Rounds over the pieces of files, and where their output goes. */
#include "deid_internal.h"

#define ROUND_PIECES 512
#define TABLE_MAX ((size_t)16 * TW_MIB) /* what is kept of a header */
#define PIECE_OUT_MAX ((size_t)1024 * TW_MIB)

typedef struct {
    uint64_t offset;
    uint32_t line;
    tw_dead_reason reason;
    tw_str detail; /* in the piece's memory */
} letter;

typedef struct {
    tw_piece *piece; /* NULL: the file ends here */
    tw_cutter *cutter;
    size_t file;
    bool failed; /* its bytes end with an error */
    deid_kind kind;
    size_t first; /* units to pass over: a table's header */
    tw_buf out;
    letter *letters;
    size_t letter_count;
    uint64_t passed;
    tw_status status; /* other than of a unit */
    tw_err err;
} unit_slot;

typedef struct {
    deid_run *run;
    unit_slot *slot;
    size_t slots;
    size_t file; /* whose pieces come now; SIZE_MAX: none yet */
    deid_kind kind;
    deid_table table;
    tw_arena *table_keep;
    tw_part_file out;
} rounds;

/* ---------------------------------------------------------------- which files */

static bool is_note(const char *path)
{
    size_t n = path ? strlen(path) : 0;
    return n > 4 && strcmp(path + n - 4, ".txt") == 0;
}

static tw_status add_file(tw_ctx *cx, deid_run *r, const char *path, tw_str label)
{
    tw_collect_opts one = { .path = &path, .path_count = 1, .has_form = r->opts->has_form, .form = r->opts->form };
    size_t at = r->files.count;
    if (r->opts->notes || is_note(path)) {
        one.has_form = true;
        one.form = TW_FORM_DOCUMENT;
    }
    TW_TRY(intake_add(cx, &r->files, &one, 0));
    if (r->files.count > at)
        r->files.file[at].label = label;
    return TW_OK;
}

static bool known_name(const deid_run *r, tw_str name)
{
    tw_sources_form form;
    return name.n && name.p[0] != '.' && name.p[name.n - 1] != '/' &&
           (r->opts->has_form || r->opts->notes || is_note(name.p) || tw_sources_form_of(&form, name));
}

static tw_status add_path(tw_ctx *cx, deid_run *r, size_t path)
{
    tw_str *name;
    size_t count;
    const char *p = r->opts->path[path];
    tw_str label = tw_strf(cx->arena, "path %zu", path + 1);
    if (strcmp(p, "-") == 0)
        return add_file(cx, r, p, TW_STR("stdin"));
    if (tw_dir_list(cx, &name, &count, p) != TW_OK) {
        tw_err_clear(cx);
        return add_file(cx, r, p, label);
    }
    for (size_t i = 0; i < count; i++) {
        if (known_name(r, name[i]))
            TW_TRY(add_file(cx, r, tw_path(cx, p, name[i].p),
                            tw_strf(cx->arena, TW_FMT " file %zu", TW_ARG(label), i + 1)));
        else
            r->files.skipped++;
    }
    return TW_OK;
}

/* Names that are kept may be those of files that are there: of another folder's, of an earlier run, of the input. */
static tw_status check_names(tw_ctx *cx, const deid_run *r)
{
    tw_map *taken = tw_map_new(r->files.count + 1);
    tw_status s = TW_OK;
    for (size_t i = 0; i < r->files.count && s == TW_OK && r->opts->out && r->opts->keep_names; i++) {
        const intake_file *f = &r->files.file[i];
        if (!f->path)
            continue;
        tw_bytes name = tw_bytes_of(tw_str_of(tw_path_name(f->path)));
        if (tw_map_get(taken, name) || tw_path_exists(cx, tw_path(cx, r->opts->out, (const char *)name.p)))
            s = tw_fail(cx, TW_EUSAGE, TW_FMT ": its output would take the place of another file", TW_ARG(f->label));
        else if (!tw_map_put(taken, name, taken))
            s = tw_fail(cx, TW_ELIMIT, "too many files");
    }
    tw_map_free(taken);
    return s;
}

/* ---------------------------------------------------------------- output */

static const char *ending_of(const intake_file *f, bool note)
{
    static const char *const ending[] = { [TW_FORM_DOCUMENT] = ".json",
                                          [TW_FORM_NDJSON] = ".ndjson",
                                          [TW_FORM_HL7V2] = ".hl7",
                                          [TW_FORM_CSV] = ".csv",
                                          [TW_FORM_CCDA] = ".xml" };
    const char *dot = f->path ? strrchr(tw_path_name(f->path), '.') : NULL;
    return note ? ".txt" : f->form == TW_FORM_HL7V2 && dot && strcmp(dot, ".mllp") == 0 ? dot : ending[f->form];
}

static tw_status open_output(tw_ctx *cx, rounds *x, const unit_slot *s)
{
    const deid_run *r = x->run;
    const intake_file *f = &r->files.file[s->file];
    if (!r->opts->out)
        return TW_OK;
    tw_str name = r->opts->keep_names && f->path
                      ? tw_str_of(tw_path_name(f->path))
                      : tw_strf(cx->arena, "%06zu%s", s->file + 1, ending_of(f, s->kind.note));
    if (tw_part_begin(cx, &x->out, tw_path(cx, r->opts->out, tw_cstr(cx->arena, name))) != TW_OK)
        return tw_fail(cx, TW_EIO, TW_FMT ": its output cannot be written", TW_ARG(f->label));
    return TW_OK;
}

static tw_status put(tw_ctx *cx, rounds *x, tw_str bytes)
{
    const tw_deid_files_opts *o = x->run->opts;
    if (bytes.n == 0)
        return TW_OK;
    x->run->report->bytes_out += bytes.n;
    if (!o->out)
        return o->write(o->write_self, cx, bytes);
    /* The name of an output may be that of an input: it is not told. */
    return tw_part_add(cx, &x->out, tw_bytes_of(bytes)) == TW_OK ? TW_OK
                                                                 : tw_fail(cx, TW_EIO, "output cannot be written");
}

static tw_status keep_output(tw_ctx *cx, rounds *x)
{
    if (x->out.file && tw_part_end(cx, &x->out, TW_OK) != TW_OK)
        return tw_fail(cx, TW_EIO, "output cannot be written");
    return TW_OK;
}

/* ---------------------------------------------------------------- letters */

static void tell(rounds *x, size_t file, const letter *l)
{
    const tw_deid_files_opts *o = x->run->opts;
    tw_dead_letter d = { .label = x->run->files.file[file].label, .line = l->line, .path = { "", 0 }, .type = "" };
    d.reason = l->reason;
    d.detail = l->detail;
    d.offset = l->offset;
    x->run->report->dead++;
    if (o->dead)
        o->dead(o->self, &d);
}

static void add_letter(unit_slot *s, const tw_raw_unit *u, tw_dead_reason reason, tw_str detail)
{
    s->letters[s->letter_count++] =
        (letter){ .offset = u->offset, .line = u->line, .reason = reason, .detail = detail };
}

/* ---------------------------------------------------------------- the task of a thread */

static tw_dead_reason reason_of(tw_status s)
{
    return s == TW_ELIMIT ? TW_DEAD_LIMIT : s == TW_EREFUSED ? TW_DEAD_SINK : TW_DEAD_DECODE;
}

/* Statuses that are about one unit; others end the run. */
static bool of_unit(tw_status s)
{
    return s == TW_EPARSE || s == TW_ELIMIT || s == TW_EREFUSED || s == TW_ENOTFOUND;
}

static tw_status take_unit(unit_slot *s, tw_ctx *cx, deid_worker *w, const tw_raw_unit *u)
{
    if (u->bad) {
        add_letter(s, u, u->reason, u->detail);
        return TW_OK;
    }
    tw_status st = deid_unit(cx, &s->out, w, &s->kind, u->text);
    if (st == TW_OK) {
        s->passed++;
        return TW_OK;
    }
    if (!of_unit(st))
        return st;
    add_letter(s, u, reason_of(st), tw_str_dup(tw_piece_ctx(s->piece)->arena, tw_str_of(cx->err.msg)));
    tw_err_clear(cx);
    return TW_OK;
}

static tw_status take_piece(unit_slot *s, tw_ctx *cx, deid_worker *w)
{
    size_t n = tw_piece_raw_count(s->piece);
    s->letters = tw_arena_get(tw_piece_ctx(s->piece)->arena, (n + 1) * sizeof *s->letters);
    for (size_t i = s->first; i < n; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_raw_unit u = tw_piece_raw(s->piece, i);
        TW_TRY(deid_between(cx, &s->out, w, &s->kind, u.before));
        TW_TRY(take_unit(s, cx, w, &u));
        tw_arena_back(cx->arena, mark);
    }
    TW_TRY(deid_between(cx, &s->out, w, &s->kind, tw_piece_raw_tail(s->piece)));
    return tw_buf_check(cx, &s->out, "what came of a piece of the file");
}

static void piece_task(void *arg, size_t who, size_t i)
{
    rounds *x = arg;
    unit_slot *s = &x->slot[i];
    deid_worker *w = &x->run->worker[who];
    tw_ctx *cx = &w->scratch;
    tw_mark mark = tw_arena_mark(cx->arena);
    if (!s->piece || s->status != TW_OK || s->kind.closed)
        return;
    s->status = take_piece(s, cx, w);
    if (s->status != TW_OK)
        s->err = cx->err;
    tw_arena_back(cx->arena, mark);
}

/* ---------------------------------------------------------------- rounds */

static tw_status begin_table(tw_ctx *cx, rounds *x, unit_slot *s)
{
    tw_arena_free(x->table_keep);
    x->table_keep = tw_arena_new(TABLE_MAX);
    tw_ctx keep = { .arena = x->table_keep, .env = cx->env };
    tw_raw_unit u = tw_piece_raw(s->piece, 0);
    tw_str first = tw_str_dup(x->table_keep, u.text);
    tw_status st = deid_table_open(&keep, &x->table, x->run, x->kind.file, first);
    if (st == TW_ENOTFOUND || st == TW_EPARSE || st == TW_EUSAGE) {
        tw_arena *its = tw_piece_ctx(s->piece)->arena;
        const char *hint = keep.err.hint;
        s->letters = tw_new(its, letter);
        add_letter(s, &u, TW_DEAD_FILE, tw_strf(its, "%s%s%s", keep.err.msg, *hint ? "; " : "", hint));
        x->kind.closed = true;
        return TW_OK;
    }
    if (st != TW_OK) {
        cx->err = keep.err;
        return st;
    }
    x->kind.table = &x->table;
    x->run->recoded += x->table.csv.charset && x->table.csv.charset->single_byte;
    s->first = x->table.header;
    tw_buf_str(&s->out, x->table.head);
    return TW_OK;
}

static void name_file(deid_kind *k, const char *path)
{
    const char *file = path ? tw_path_name(path) : "";
    k->file = tw_str_of(file);
    k->folder = path && file > path ? (tw_str){ path, (size_t)(file - path) - 1 } : TW_STR("");
    for (size_t i = k->folder.n; i-- > 0;)
        if (k->folder.p[i] == '/') {
            k->folder = (tw_str){ k->folder.p + i + 1, k->folder.n - i - 1 };
            break;
        }
}

/* The first piece of a file says what its units are. */
static tw_status begin_file(tw_ctx *cx, rounds *x, unit_slot *s)
{
    const intake_file *f = &x->run->files.file[s->file];
    x->file = s->file;
    x->kind = (deid_kind){ .form = f->form, .note = x->run->opts->notes || is_note(f->path) };
    name_file(&x->kind, f->path);
    if (!s->piece || f->form != TW_FORM_CSV || x->kind.note || tw_piece_raw_count(s->piece) == 0)
        return TW_OK;
    return begin_table(cx, x, s);
}

/* A round ends where a table begins: all its rows are read by one header. */
static bool begins_table(const rounds *x, const read_item *it)
{
    return x->slots && it->file != x->slot[x->slots - 1].file && x->run->files.file[it->file].form == TW_FORM_CSV;
}

static size_t gather(tw_ctx *cx, rounds *x, reader *in, read_item *ahead, bool *has_ahead)
{
    size_t bytes = 0;
    x->slots = 0;
    while (x->slots < ROUND_PIECES && bytes < TW_ROUND_BYTES) {
        if (!*has_ahead && !reader_next(in, ahead))
            break;
        *has_ahead = true;
        if (begins_table(x, ahead))
            break;
        unit_slot *s = &x->slot[x->slots++];
        *s =
            (unit_slot){ .piece = ahead->piece, .cutter = ahead->cutter, .file = ahead->file, .failed = ahead->failed };
        *has_ahead = false;
        tw_buf_init(&s->out, PIECE_OUT_MAX);
        if (s->file != x->file)
            s->status = begin_file(cx, x, s);
        if (s->status != TW_OK)
            s->err = cx->err;
        s->kind = x->kind;
        if (s->piece)
            bytes += tw_piece_span_of(s->piece).bytes;
    }
    return x->slots;
}

static tw_status end_file(tw_ctx *cx, rounds *x, unit_slot *s)
{
    if (s->failed || (s->cutter && tw_cutter_unreadable(s->cutter))) {
        letter l = { .line = 1, .reason = TW_DEAD_FILE, .detail = { "", 0 } };
        tell(x, s->file, &l);
        x->run->report->units++;
        tw_part_drop(cx, &x->out);
        return TW_OK;
    }
    x->run->report->files++;
    return keep_output(cx, x);
}

static tw_status write_slot(tw_ctx *cx, rounds *x, unit_slot *s)
{
    tw_deid_files_report *r = x->run->report;
    if (s->status != TW_OK) {
        cx->err = s->err;
        return tw_wrap(cx, TW_FMT, TW_ARG(x->run->files.file[s->file].label));
    }
    if (!s->piece)
        return end_file(cx, x, s);
    if (x->run->opts->out && !x->out.file && !s->kind.closed)
        TW_TRY(open_output(cx, x, s));
    for (size_t i = 0; i < s->letter_count; i++)
        tell(x, s->file, &s->letters[i]);
    r->units += s->passed + s->letter_count;
    r->passed += s->passed;
    r->bytes_in += tw_piece_span_of(s->piece).bytes;
    return put(cx, x, tw_str_of_bytes(tw_buf_view(&s->out)));
}

/* Pieces before their cutters. */
static void drop_slots(rounds *x)
{
    for (size_t i = 0; i < x->slots; i++) {
        tw_piece_free(x->slot[i].piece);
        tw_buf_done(&x->slot[i].out);
    }
    for (size_t i = 0; i < x->slots; i++)
        tw_cutter_free(x->slot[i].cutter);
    x->slots = 0;
}

static tw_status run_rounds(tw_ctx *cx, rounds *x, reader *in)
{
    read_item ahead;
    bool has_ahead = false;
    tw_status s = TW_OK;
    const tw_deid_files_opts *o = x->run->opts;
    while (s == TW_OK && gather(cx, x, in, &ahead, &has_ahead)) {
        tw_mark mark = tw_arena_mark(cx->arena);
        crew_run(x->run->crew, x->slots, piece_task, x);
        for (size_t i = 0; i < x->slots && s == TW_OK; i++)
            s = write_slot(cx, x, &x->slot[i]);
        drop_slots(x);
        if (!x->out.file)
            tw_arena_back(cx->arena, mark);
        tw_step(&o->progress, "de-identify (KiB)", x->run->report->bytes_in / TW_KIB, x->run->files.bytes / TW_KIB);
        if (o->stop && *o->stop) {
            x->run->report->stopped = true;
            break;
        }
    }
    if (has_ahead) {
        tw_piece_free(ahead.piece);
        tw_cutter_free(ahead.cutter);
    }
    return s;
}

static tw_status run_files(tw_ctx *cx, deid_run *r)
{
    reader *in = NULL;
    rounds x = { .run = r, .file = SIZE_MAX, .table_keep = tw_arena_new(TABLE_MAX) };
    tw_sources_opts so = { .document_bytes_max = 256 * TW_MIB, .line_bytes_max = 32 * TW_MIB };
    x.slot = tw_arena_get(cx->arena, ROUND_PIECES * sizeof *x.slot);
    tw_status s = r->opts->out ? tw_dir_make(cx, r->opts->out) : TW_OK;
    if (s == TW_OK)
        s = reader_new(cx, &in, &r->files, &so, &r->opts->stream, false);
    if (s == TW_OK)
        s = run_rounds(cx, &x, in);
    drop_slots(&x);
    tw_part_drop(cx, &x.out);
    reader_free(in);
    tw_arena_free(x.table_keep);
    return s;
}

tw_status tw_app_deid(tw_ctx *cx, tw_deid_files_report *out, const tw_deid_files_opts *opts)
{
    deid_run r = { .opts = opts, .report = out, .files = { .raw = true } };
    tw_status s = TW_OK;
    *out = (tw_deid_files_report){ .account_json = { "", 0 } };
    TW_ASSERT(opts->out || opts->write);
    for (size_t i = 0; i < opts->path_count && s == TW_OK; i++)
        s = add_path(cx, &r, i);
    if (s == TW_OK)
        s = check_names(cx, &r);
    if (s == TW_OK)
        s = deid_open(cx, &r);
    if (s == TW_OK)
        s = run_files(cx, &r);
    if (s == TW_OK)
        s = deid_account(cx, &r);
    deid_close(&r);
    return s;
}
