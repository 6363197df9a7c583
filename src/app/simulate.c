/* A model run for every patient of a table, in blocks: threads simulate and write text, one puts it out in order. */
#include "app/app_internal.h"

#include <math.h>

#include "app/collect_internal.h"
#include "fmi/fmi.h"

#define MODEL_BYTES_MAX (256 * TW_MIB)
#define TABLE_BYTES_MAX (1024 * TW_MIB)
#define VALUES_MAX 200000000u /* of a table: patients times columns */
#define CHUNK 64              /* patients that a thread takes at once */
#define BLOCK_CHUNKS 32       /* chunks between two writes */
#define ID_BYTES_MAX (4 * TW_MIB)
#define CHUNK_ROWS_MAX 4000000u

typedef struct {
    tw_buf text;
    tw_sim_count count;
    tw_status status;
    tw_err err;
} chunk_result;

typedef struct {
    const tw_simulate_opts *opts;
    tw_simulate_report *report;
    const tw_sbml_model *model;
    const tw_sim_program *program;
    const char **column; /* of the output */
    uint32_t n_column;
    uint32_t *set; /* symbols of the table's columns */
    uint32_t n_set;
    tw_str *who;   /* ids */
    double *value; /* [patients][n_set] */
    size_t n;      /* patients */
    size_t first;  /* of this part */
    double *time;
    size_t n_time;
    tw_sim_result *result;
    chunk_result chunk[BLOCK_CHUNKS];
    size_t block;      /* first patient of the block at hand */
    size_t end;        /* after the last patient of this part */
    tw_part_file file; /* where there is one */
} simulation;

/* ---------------------------------------------------------------- models */

tw_status tw_model_of_file(tw_ctx *cx, const tw_sbml_model **out, const char *path)
{
    tw_bytes file;
    TW_TRY(tw_file_read(cx, &file, path, MODEL_BYTES_MAX));
    if (tw_sbml_read(cx, out, tw_str_of_bytes(file), NULL) != TW_OK)
        return tw_wrap(cx, "%s", path);
    return TW_OK;
}

tw_status tw_app_model_check(tw_ctx *cx, tw_model_report *out, const char *path)
{
    const tw_sim_program *p;
    *out = (tw_model_report){ .refused = { "", 0 } };
    TW_TRY(tw_model_of_file(cx, &out->model, path));
    if (tw_sim_compile(cx, &p, out->model, &(tw_sim_opts){ 0 }) == TW_OK)
        out->info = tw_sim_describe(p);
    else
        out->refused = tw_str_dup(cx->arena, tw_str_of(cx->err.msg));
    return TW_OK;
}

/* ---------------------------------------------------------------- what to observe */

static bool observed_by_default(const tw_sbml_symbol *s)
{
    return s->kind == TW_SBML_SPECIES || (!s->constant && s->kind != TW_SBML_REACTION);
}

static tw_status observe_named(tw_ctx *cx, tw_sim_output *o, simulation *s, tw_str list)
{
    tw_str id;
    while (tw_str_split(&id, &list, ',')) {
        uint32_t symbol = tw_sbml_find(s->model, tw_str_trim(id));
        if (symbol == TW_NO_SYMBOL) {
            tw_fail(cx, TW_EUSAGE, "the model has no " TW_FMT, TW_ARG(id));
            return tw_hint(cx, "twinward twin check MODEL lists what it has");
        }
        s->column[s->n_column] = s->model->symbol[symbol].id;
        o[s->n_column++] = (tw_sim_output){ .kind = TW_SIM_VALUE, .symbol = symbol };
    }
    return TW_OK;
}

static tw_status observe(tw_ctx *cx, tw_sim_output **out, simulation *s)
{
    tw_str list = tw_str_of(s->opts->observe);
    size_t room = s->model->n_symbol + 1;
    for (size_t i = 0; i < list.n; i++)
        room += list.p[i] == ',';
    *out = tw_try_array(cx->arena, tw_sim_output, room);
    s->column = tw_try_array(cx->arena, const char *, room);
    if (!*out || !s->column)
        return tw_fail(cx, TW_ELIMIT, "no memory for the columns of the output");
    if (s->opts->observe)
        return observe_named(cx, *out, s, list);
    for (uint32_t i = 0; i < s->model->n_symbol; i++)
        if (observed_by_default(&s->model->symbol[i])) {
            s->column[s->n_column] = s->model->symbol[i].id;
            (*out)[s->n_column++] = (tw_sim_output){ .kind = TW_SIM_VALUE, .symbol = i };
        }
    return TW_OK;
}

/* ---------------------------------------------------------------- the table of patients */

static tw_status table_fail(tw_ctx *cx, const simulation *s, size_t line, size_t column, const char *rule)
{
    return tw_fail(cx, TW_EPARSE, "%s: line %zu, column %zu: %s", s->opts->patients, line, column, rule);
}

/* Columns: symbol of each, TW_NO_SYMBOL for the id. */
static tw_status header(tw_ctx *cx, simulation *s, uint32_t **role, const tw_str *field, size_t n)
{
    bool has_id = false;
    *role = tw_try_array(cx->arena, uint32_t, n + 1);
    s->set = tw_try_array(cx->arena, uint32_t, n + 1);
    if (!*role || !s->set)
        return tw_fail(cx, TW_ELIMIT, "no memory for the columns of the table");
    for (size_t i = 0; i < n; i++) {
        (*role)[i] = TW_NO_SYMBOL;
        if (tw_str_is(field[i], "id")) {
            if (has_id)
                return table_fail(cx, s, 1, i + 1, "id stands twice");
            has_id = true;
            continue;
        }
        (*role)[i] = tw_sbml_find(s->model, field[i]);
        if ((*role)[i] == TW_NO_SYMBOL)
            return table_fail(cx, s, 1, i + 1, "the model has no symbol of this name");
        for (uint32_t k = 0; k < s->n_set; k++)
            if (s->set[k] == (*role)[i])
                return table_fail(cx, s, 1, i + 1, "a name stands twice");
        s->set[s->n_set++] = (*role)[i];
    }
    return has_id ? TW_OK : table_fail(cx, s, 1, 1, "a table of patients has a column id");
}

static tw_status patient_row(tw_ctx *cx, simulation *s, const uint32_t *role, const tw_csv_table *t, size_t row)
{
    double *v = s->value + row * s->n_set;
    for (size_t i = 0; i < t->columns; i++) {
        tw_str text = tw_str_trim(t->row[row][i]);
        if (role[i] == TW_NO_SYMBOL) {
            s->who[row] = t->row[row][i];
            continue;
        }
        *v = (double)NAN;
        if (text.n && (!tw_parse_f64(v, text) || !isfinite(*v)))
            return table_fail(cx, s, t->line[row], i + 1, "not a number");
        v++;
    }
    return TW_OK;
}

static tw_status read_patients(tw_ctx *cx, simulation *s)
{
    tw_bytes file;
    tw_csv_table t;
    uint32_t *role;
    static tw_str one = { "1", 1 };
    if (!s->opts->patients) {
        s->who = &one;
        s->n = 1;
        return TW_OK;
    }
    TW_TRY(tw_file_read(cx, &file, s->opts->patients, TABLE_BYTES_MAX));
    if (tw_csv_table_read(cx, &t, tw_str_of_bytes(file), VALUES_MAX, NULL) != TW_OK)
        return tw_wrap(cx, "%s", s->opts->patients);
    TW_TRY(header(cx, s, &role, t.name, t.columns));
    if (t.n == 0)
        return table_fail(cx, s, 1, 1, "a table of patients has a line of names and a row a patient");
    if ((uint64_t)t.n * (s->n_set + 1) > VALUES_MAX)
        return tw_fail(cx, TW_ELIMIT, "%s: at most %u values", s->opts->patients, VALUES_MAX);
    s->n = t.n;
    s->who = tw_try_array(cx->arena, tw_str, t.n);
    s->value = tw_try_array(cx->arena, double, t.n *(s->n_set + 1));
    if (!s->who || !s->value)
        return tw_fail(cx, TW_ELIMIT, "%s: no memory left", s->opts->patients);
    for (size_t i = 0; i < t.n; i++)
        TW_TRY(patient_row(cx, s, role, &t, i));
    return TW_OK;
}

/* ---------------------------------------------------------------- text */

static void number_text(tw_buf *b, double v)
{
    if (isfinite(v))
        tw_buf_fmt(b, "%.12g", v);
    else
        tw_buf_cstr(b, isnan(v) ? "NaN" : v > 0 ? "INF" : "-INF");
}

static void csv_rows(tw_buf *b, const simulation *s, size_t i, const double *out)
{
    tw_buf id;
    tw_buf_init(&id, ID_BYTES_MAX);
    tw_csv_write(&id, &s->who[i], 1, NULL);
    tw_str field = { (const char *)id.p, id.n ? id.n - 1 : 0 }; /* without the end of its line */
    for (size_t t = 0; t < s->n_time; t++) {
        tw_buf_str(b, field);
        tw_buf_u8(b, ',');
        number_text(b, s->time[t]);
        for (uint32_t k = 0; k < s->n_column; k++) {
            tw_buf_u8(b, ',');
            number_text(b, out[t * s->n_column + k]);
        }
        tw_buf_u8(b, '\n');
    }
    b->failed |= id.failed;
    tw_buf_done(&id);
}

/* A line a patient: {"id":..,"result":..,"time":[..],"S1":[..]} */
static void ndjson_row(tw_buf *b, const simulation *s, size_t i, const double *out)
{
    tw_jw w;
    tw_jw_init(&w, b, 0);
    tw_jw_object(&w);
    tw_jw_kv(&w, "id", s->who[i]);
    tw_jw_kv(&w, "result", tw_str_of(tw_sim_result_text(s->result[i - s->first])));
    for (uint32_t k = 0; k <= s->n_column; k++) {
        tw_jw_key(&w, k ? s->column[k - 1] : "time");
        tw_jw_array(&w);
        for (size_t t = 0; t < s->n_time; t++)
            tw_jw_f64(&w, k ? out[t * s->n_column + k - 1] : s->time[t], 12);
        tw_jw_array_end(&w);
    }
    tw_jw_object_end(&w);
    tw_buf_u8(b, '\n');
}

/* ---------------------------------------------------------------- running */

static tw_status run_patients(tw_ctx *cx, simulation *s, chunk_result *r, size_t from, size_t n)
{
    size_t cells = n * s->n_time * s->n_column;
    double *out = tw_try_array(cx->arena, double, cells + 1);
    if (!out)
        return tw_fail(cx, TW_ELIMIT, "no memory for %zu results", cells);
    tw_sim_batch batch = { .n = n,
                           .start = s->opts->start,
                           .set = s->set,
                           .n_set = s->n_set,
                           .set_value = s->n_set ? s->value + from * s->n_set : NULL,
                           .time = s->time,
                           .n_time = s->n_time,
                           .out = out,
                           .result = s->result + (from - s->first) };
    TW_TRY(tw_sim_run(cx, &r->count, s->program, &batch, &s->opts->run));
    for (size_t i = 0; i < n; i++)
        if (s->opts->form == TW_SIMULATED_NDJSON)
            ndjson_row(&r->text, s, from + i, out + i * s->n_time * s->n_column);
        else
            csv_rows(&r->text, s, from + i, out + i * s->n_time * s->n_column);
    return tw_buf_check(cx, &r->text, "results");
}

/* A thread's own context: its arena goes when the text is written. */
static void run_chunk(void *arg, TW_UNUSED size_t who, size_t i)
{
    simulation *s = arg;
    chunk_result *r = &s->chunk[i];
    size_t from = s->block + i * CHUNK;
    tw_arena *arena = tw_arena_new(2048 * TW_MIB);
    tw_ctx in = { .arena = arena };
    r->status = run_patients(&in, s, r, from, TW_MIN((size_t)CHUNK, s->end - from));
    r->err = in.err;
    tw_arena_free(arena);
}

static tw_status put(tw_ctx *cx, simulation *s, tw_bytes bytes)
{
    return s->file.file ? tw_part_add(cx, &s->file, bytes) : s->opts->write(s->opts->self, cx, tw_str_of_bytes(bytes));
}

static void add_count(tw_sim_count *sum, const tw_sim_count *c)
{
    sum->steps += c->steps;
    sum->rejected += c->rejected;
    sum->events += c->events;
    sum->evaluations += c->evaluations;
    sum->stiff += c->stiff;
}

static tw_status finish_chunks(tw_ctx *cx, simulation *s, size_t chunks)
{
    tw_status all = TW_OK;
    for (size_t i = 0; i < chunks; i++) {
        chunk_result *r = &s->chunk[i];
        if (all == TW_OK && r->status != TW_OK) {
            cx->err = r->err;
            all = r->status;
        }
        if (all == TW_OK)
            all = put(cx, s, tw_buf_view(&r->text));
        add_count(&s->report->count, &r->count);
        r->count = (tw_sim_count){ 0 };
        tw_buf_clear(&r->text);
    }
    return all;
}

static tw_status run_blocks(tw_ctx *cx, simulation *s, crew *c)
{
    tw_progress p = s->opts->progress;
    for (s->block = s->first; s->block < s->end; s->block += CHUNK * BLOCK_CHUNKS) {
        size_t left = s->end - s->block;
        size_t chunks = TW_MIN((left + CHUNK - 1) / CHUNK, (size_t)BLOCK_CHUNKS);
        crew_run(c, chunks, run_chunk, s);
        TW_TRY(finish_chunks(cx, s, chunks));
        if (p.step)
            p.step(p.self, "simulated", TW_MIN(s->block + chunks * CHUNK, s->end) - s->first, s->end - s->first);
        if (s->opts->stop && *s->opts->stop)
            return tw_fail(cx, TW_EFAILED, "interrupted");
    }
    return TW_OK;
}

static tw_status head(tw_ctx *cx, simulation *s)
{
    tw_buf b;
    tw_buf_init(&b, 64 * TW_MIB);
    tw_buf_cstr(&b, "id,time");
    for (uint32_t k = 0; k < s->n_column; k++) {
        tw_buf_u8(&b, ',');
        tw_buf_cstr(&b, s->column[k]);
    }
    tw_buf_u8(&b, '\n');
    tw_status st = put(cx, s, tw_buf_view(&b));
    tw_buf_done(&b);
    return st;
}

static tw_status run_all(tw_ctx *cx, simulation *s)
{
    crew *c;
    if (s->opts->form == TW_SIMULATED_CSV && s->opts->part <= 1)
        TW_TRY(head(cx, s));
    TW_TRY(crew_new(cx, &c, tw_threads_of(s->opts->jobs)));
    for (size_t i = 0; i < BLOCK_CHUNKS; i++)
        tw_buf_init(&s->chunk[i].text, 2048 * TW_MIB);
    tw_status st = run_blocks(cx, s, c);
    for (size_t i = 0; i < BLOCK_CHUNKS; i++)
        tw_buf_done(&s->chunk[i].text);
    crew_free(c);
    return st;
}

/* ---------------------------------------------------------------- the use case */

static tw_status grid(tw_ctx *cx, simulation *s)
{
    const tw_simulate_opts *o = s->opts;
    s->n_time = (size_t)o->intervals + 1;
    if (!(o->to > o->start) || !isfinite(o->to) || !isfinite(o->start) || o->intervals == 0)
        return tw_fail(cx, TW_EUSAGE, "the end lies after the start, with at least one interval between");
    if (s->n_time * (s->n_column + 1) > CHUNK_ROWS_MAX)
        return tw_fail(cx, TW_ELIMIT, "at most %u numbers a patient: fewer points, or fewer columns", CHUNK_ROWS_MAX);
    s->time = tw_try_array(cx->arena, double, s->n_time);
    if (!s->time)
        return tw_fail(cx, TW_ELIMIT, "no memory for the times");
    for (size_t i = 0; i < s->n_time; i++)
        s->time[i] = o->start + (o->to - o->start) * ((double)i / o->intervals);
    return TW_OK;
}

static tw_status share(tw_ctx *cx, simulation *s)
{
    uint64_t part = s->opts->parts ? s->opts->part - 1 : 0;
    uint64_t parts = TW_MAX(s->opts->parts, 1u);
    if (s->opts->parts && (s->opts->part < 1 || s->opts->part > s->opts->parts))
        return tw_fail(cx, TW_EUSAGE, "a part is a number from 1 to the number of parts");
    s->first = (size_t)(s->n * part / parts);
    s->end = (size_t)(s->n * (part + 1) / parts);
    s->result = tw_try_array(cx->arena, tw_sim_result, s->end - s->first + 1);
    return s->result ? TW_OK : tw_fail(cx, TW_ELIMIT, "no memory for %zu patients", s->n);
}

static tw_status to_file(tw_ctx *cx, simulation *s, const char *out)
{
    TW_TRY(tw_part_begin(cx, &s->file, out));
    return tw_part_end(cx, &s->file, run_all(cx, s));
}

/* ---------------------------------------------------------------- parts of one job */

static char *share_path(tw_ctx *cx, const tw_simulate_opts *o, uint32_t part)
{
    return tw_cstr(cx->arena, tw_strf(cx->arena, "%s.%s.%u", o->out, o->job, part));
}

static char *lock_path(tw_ctx *cx, const tw_simulate_opts *o)
{
    return tw_cstr(cx->arena, tw_strf(cx->arena, "%s.%s.lock", o->out, o->job));
}

static tw_status append_share(tw_ctx *cx, tw_part_file *to, const char *path)
{
    const tw_disk *d = cx->env->disk;
    tw_file *from;
    static const size_t piece = 4 * TW_MIB;
    tw_mark mark = tw_arena_mark(cx->arena);
    uint8_t *bytes = tw_arena_try(cx->arena, piece);
    size_t got = 0;
    uint64_t off = 0;
    if (!bytes || d->open(d->self, &from, path, TW_OPEN_READ) != TW_OK)
        return tw_fail(cx, TW_EIO, "%s: cannot be read", path);
    tw_status s;
    while ((s = d->read(d->self, from, off, bytes, piece, &got)) == TW_OK && got > 0) {
        s = tw_part_add(cx, to, (tw_bytes){ bytes, got });
        if (s != TW_OK)
            break;
        off += got;
    }
    d->close(d->self, from);
    tw_arena_back(cx->arena, mark);
    return s == TW_OK ? TW_OK : tw_fail(cx, TW_EIO, "%s: cannot be put to the others", path);
}

/* Under the job's lock: whoever sees all shares puts them together; the one that ends last does. */
static tw_status join(tw_ctx *cx, const tw_simulate_opts *o)
{
    const tw_disk *d = cx->env->disk;
    tw_part_file to;
    for (uint32_t k = 1; k <= o->parts; k++)
        if (!tw_path_exists(cx, share_path(cx, o, k)))
            return TW_OK;
    TW_TRY(tw_part_begin(cx, &to, o->out));
    tw_status s = TW_OK;
    for (uint32_t k = 1; s == TW_OK && k <= o->parts; k++)
        s = append_share(cx, &to, share_path(cx, o, k));
    TW_TRY(tw_part_end(cx, &to, s));
    for (uint32_t k = 1; k <= o->parts; k++)
        (void)d->remove(d->self, share_path(cx, o, k));
    (void)d->remove(d->self, lock_path(cx, o)); /* who still waits for it finds no shares and is done */
    return TW_OK;
}

static tw_status to_job(tw_ctx *cx, simulation *s)
{
    const tw_simulate_opts *o = s->opts;
    tw_io_lock *lock;
    TW_TRY(to_file(cx, s, share_path(cx, o, o->part)));
    TW_TRY(tw_io_lock_take(cx, &lock, lock_path(cx, o), 600000));
    tw_status st = join(cx, o);
    tw_io_lock_drop(lock);
    return st;
}

static void count_results(simulation *s)
{
    tw_simulate_report *r = s->report;
    r->patients = s->end - s->first;
    for (size_t i = s->first; i < s->end; i++) {
        tw_sim_result result = s->result[i - s->first];
        r->failed[result]++;
        if (result != TW_SIM_DONE && !r->first_failed)
            r->first_failed = i + 1;
    }
    r->done = r->failed[TW_SIM_DONE];
    r->failed[TW_SIM_DONE] = 0;
}

tw_status tw_app_simulate(tw_ctx *cx, tw_simulate_report *out, const tw_simulate_opts *opts)
{
    simulation *s = tw_new(cx->arena, simulation);
    tw_sim_output *o;
    *out = (tw_simulate_report){ 0 };
    *s = (simulation){ .opts = opts, .report = out };
    TW_TRY(tw_model_of_file(cx, &s->model, opts->model));
    TW_TRY(observe(cx, &o, s));
    TW_TRY(grid(cx, s));
    TW_TRY(read_patients(cx, s));
    TW_TRY(share(cx, s));
    if (tw_sim_compile(cx, &s->program, s->model,
                       &(tw_sim_opts){ .output = o, .n_output = s->n_column, .input = s->set, .n_input = s->n_set }) !=
        TW_OK)
        return tw_wrap(cx, "%s", opts->model);
    TW_TRY(!opts->out ? run_all(cx, s) : opts->job && opts->parts ? to_job(cx, s) : to_file(cx, s, opts->out));
    count_results(s);
    return TW_OK;
}

/* ---------------------------------------------------------------- export */

static tw_status fmu_values(tw_ctx *cx, tw_fmi_opts *o, const tw_sbml_model *m, const char *path)
{
    tw_simulate_opts opts = { .patients = path };
    simulation s = { .opts = &opts, .model = m };
    TW_TRY(read_patients(cx, &s));
    if (s.n != 1)
        return tw_fail(cx, TW_EUSAGE, "%s: an FMU is of one patient: one row", path);
    tw_fmi_value *v = tw_try_array(cx->arena, tw_fmi_value, (size_t)s.n_set + 1);
    if (!v)
        return tw_fail(cx, TW_ELIMIT, "no memory for the values");
    o->value = v;
    for (uint32_t i = 0; i < s.n_set; i++)
        if (!isnan(s.value[i]))
            v[o->n_value++] = (tw_fmi_value){ s.set[i], s.value[i] };
    return TW_OK;
}

tw_status tw_app_model_fmu(tw_ctx *cx, const char *model, const char *values, const char *out)
{
    const tw_sbml_model *m;
    tw_fmi_opts o = { 0 };
    tw_buf b;
    TW_TRY(tw_model_of_file(cx, &m, model));
    if (values)
        TW_TRY(fmu_values(cx, &o, m, values));
    tw_buf_init(&b, 64 * TW_MIB);
    tw_status s = tw_fmi_write(cx, &b, m, &o);
    if (s == TW_OK)
        s = tw_file_write(cx, out, tw_buf_view(&b));
    else
        s = tw_wrap(cx, "%s", model);
    tw_buf_done(&b);
    return s;
}
