/* SED-ML experiments: documents and archives in, reports and plots out. */
#include "app/app_internal.h"

#include <math.h>

#define ARCHIVE_BYTES_MAX (512 * TW_MIB)
#define CELLS_MAX 50000000u

/* One task done: values of the variables that generators ask of it. */
typedef struct {
    bool done;
    const uint32_t *asked; /* symbols of the model, TW_NO_SYMBOL: time */
    uint32_t n_asked;
    double *value; /* [rows][n_asked] */
    size_t rows;
    const tw_sbml_model *model;
} task_result;

typedef struct {
    const tw_experiment_opts *opts;
    tw_experiment_report *report;
    const tw_sedml *d;
    tw_zip_entry *entry; /* of an archive */
    size_t n_entry;
    char *folder; /* of the document, "" at an archive's top */
    task_result *task;
} experiment;

/* ---------------------------------------------------------------- files */

static tw_status from_archive(tw_ctx *cx, tw_bytes *out, const experiment *x, tw_str name)
{
    for (size_t i = 0; i < x->n_entry; i++)
        if (tw_str_eq(x->entry[i].name, name)) {
            *out = x->entry[i].data;
            return TW_OK;
        }
    return tw_fail(cx, TW_ENOTFOUND, "the archive has no " TW_FMT, TW_ARG(name));
}

static tw_status file_beside(tw_ctx *cx, tw_bytes *out, const experiment *x, const char *source)
{
    tw_str name = tw_str_of(source);
    if (tw_str_starts(name, "./"))
        name = (tw_str){ name.p + 2, name.n - 2 };
    if (tw_str_find(name, TW_STR("..")) != SIZE_MAX || tw_str_find(name, TW_STR(":")) != SIZE_MAX ||
        tw_str_starts(name, "/"))
        return tw_fail(cx, TW_EREFUSED, "a model's source is a file beside the document, not an address");
    if (x->entry)
        return from_archive(cx, out, x, tw_strf(cx->arena, "%s" TW_FMT, x->folder, TW_ARG(name)));
    return tw_file_read(cx, out, tw_path(cx, x->folder, tw_cstr(cx->arena, name)), ARCHIVE_BYTES_MAX);
}

/* The SED-ML document of an archive: what manifest.xml calls master, else the first that it lists. */
static tw_status master(tw_ctx *cx, tw_str *out, const experiment *x)
{
    tw_bytes manifest = { NULL, 0 };
    tw_xml m;
    bool found = false;
    TW_TRY(from_archive(cx, &manifest, x, TW_STR("manifest.xml")));
    TW_TRY(tw_xml_parse(cx, &m, NULL, tw_str_of_bytes(manifest), NULL));
    for (uint32_t e = tw_xml_child(&m, 0, "content"); e != TW_XML_NONE; e = tw_xml_sibling(&m, e, "content")) {
        bool is_master = tw_str_is(tw_xml_value(&m, e, "master"), "true");
        if (tw_str_find(tw_xml_value(&m, e, "format"), TW_STR("sed-ml")) == SIZE_MAX || (found && !is_master))
            continue;
        *out = tw_xml_value(&m, e, "location");
        found = true;
        if (is_master)
            break;
    }
    if (!found)
        return tw_fail(cx, TW_EPARSE, "manifest.xml lists no SED-ML document");
    if (tw_str_starts(*out, "./"))
        *out = (tw_str){ out->p + 2, out->n - 2 };
    return TW_OK;
}

static char *folder_of(tw_ctx *cx, tw_str path, const char *none)
{
    size_t n = path.n;
    while (n > 0 && path.p[n - 1] != '/')
        n--;
    return n ? tw_cstr(cx->arena, (tw_str){ path.p, n }) : tw_cstr(cx->arena, tw_str_of(none));
}

static tw_status read_document(tw_ctx *cx, experiment *x)
{
    tw_bytes file;
    tw_str name = tw_str_of(x->opts->path);
    TW_TRY(tw_file_read(cx, &file, x->opts->path, ARCHIVE_BYTES_MAX));
    if (file.n > 4 && memcmp(file.p, "PK\3\4", 4) == 0) {
        TW_TRY(tw_zip_read(cx, &x->entry, &x->n_entry, file, ARCHIVE_BYTES_MAX));
        TW_TRY(master(cx, &name, x));
        TW_TRY(from_archive(cx, &file, x, name));
        x->folder = folder_of(cx, name, "");
    } else {
        x->folder = folder_of(cx, name, ".");
    }
    if (tw_sedml_read(cx, &x->d, tw_str_of_bytes(file)) != TW_OK)
        return tw_wrap(cx, TW_FMT, TW_ARG(name));
    return TW_OK;
}

/* ---------------------------------------------------------------- models */

/* A model's own changes come after those of the model that it is made from. */
typedef struct {
    uint32_t *symbol;
    double *value;
    uint32_t n;
} override_set;

static tw_status overrides(tw_ctx *cx, override_set *o, const tw_sbml_model *m, const tw_sedml_change *c, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t symbol = tw_sbml_find(m, tw_str_of(c[i].target));
        uint32_t k = 0;
        if (symbol == TW_NO_SYMBOL)
            return tw_fail(cx, TW_EPARSE, "a change names %s, which the model has not", c[i].target);
        while (k < o->n && o->symbol[k] != symbol)
            k++;
        o->symbol[k] = symbol;
        o->value[k] = c[i].value;
        o->n += k == o->n;
    }
    return TW_OK;
}

static tw_status read_model(tw_ctx *cx, const tw_sbml_model **out, override_set *o, const experiment *x, uint32_t at)
{
    const tw_sedml_model *chain[32];
    size_t n = 0;
    tw_bytes file;
    for (;;) {
        uint32_t base = 0;
        if (n == TW_COUNT(chain))
            return tw_fail(cx, TW_EPARSE, "model %s: made from itself", x->d->model[at].id);
        chain[n++] = &x->d->model[at];
        if (chain[n - 1]->source[0] != '#')
            break;
        while (base < x->d->n_model && strcmp(x->d->model[base].id, chain[n - 1]->source + 1) != 0)
            base++;
        if (base == x->d->n_model)
            return tw_fail(cx, TW_EPARSE, "model %s: its source is not there", chain[n - 1]->id);
        at = base;
    }
    TW_TRY(file_beside(cx, &file, x, chain[n - 1]->source));
    if (tw_sbml_read(cx, out, tw_str_of_bytes(file), NULL) != TW_OK)
        return tw_wrap(cx, "%s", chain[n - 1]->source);
    /* Twice: values of a repeat may stand behind the model's. */
    o->symbol = tw_try_array(cx->arena, uint32_t, 2 * (size_t)(*out)->n_symbol + 1);
    o->value = tw_try_array(cx->arena, double, 2 * (size_t)(*out)->n_symbol + 1);
    if (!o->symbol || !o->value)
        return tw_fail(cx, TW_ELIMIT, "no memory for the changes");
    o->n = 0;
    while (n--)
        TW_TRY(overrides(cx, o, *out, chain[n]->change, chain[n]->n_change));
    return TW_OK;
}

/* ---------------------------------------------------------------- tasks */

static tw_status asked_of(tw_ctx *cx, task_result *r, const experiment *x, uint32_t task)
{
    uint32_t most = 0;
    for (uint32_t g = 0; g < x->d->n_generator; g++)
        most += x->d->generator[g].n_variable;
    uint32_t *asked = tw_try_array(cx->arena, uint32_t, most + 1);
    if (!asked)
        return tw_fail(cx, TW_ELIMIT, "no memory for the variables");
    r->asked = asked;
    for (uint32_t g = 0; g < x->d->n_generator; g++)
        for (uint32_t v = 0; v < x->d->generator[g].n_variable; v++) {
            const tw_sedml_variable *var = &x->d->generator[g].variable[v];
            uint32_t symbol = TW_NO_SYMBOL;
            if (var->task != task)
                continue;
            if (var->what == TW_SEDML_OBJECT)
                symbol = tw_sbml_find(r->model, tw_str_of(var->target));
            if (var->what == TW_SEDML_OBJECT && symbol == TW_NO_SYMBOL)
                return tw_fail(cx, TW_EPARSE, "data generator %s: the model has no %s", x->d->generator[g].id,
                               var->target);
            asked[r->n_asked++] = symbol;
        }
    return TW_OK;
}

static tw_status compile(tw_ctx *cx, const tw_sim_program **out, const task_result *r, const override_set *o)
{
    tw_sim_output *output = tw_try_array(cx->arena, tw_sim_output, r->n_asked + 1);
    tw_math *time = tw_new(cx->arena, tw_math);
    *time = (tw_math){ .op = TW_MATH_TIME, .symbol = TW_NO_SYMBOL };
    if (!output)
        return tw_fail(cx, TW_ELIMIT, "no memory for the variables");
    for (uint32_t i = 0; i < r->n_asked; i++)
        output[i] = r->asked[i] == TW_NO_SYMBOL
                        ? (tw_sim_output){ .kind = TW_SIM_FORMULA, .symbol = TW_NO_SYMBOL, .math = time }
                        : (tw_sim_output){ .kind = TW_SIM_VALUE, .symbol = r->asked[i] };
    return tw_sim_compile(
        cx, out, r->model,
        &(tw_sim_opts){ .output = output, .n_output = r->n_asked, .input = o->symbol, .n_input = o->n });
}

/* What runs again and again: one sub-task, its program, its grid. */
typedef struct {
    const tw_sedml_simulation *sim;
    const tw_sim_program *program;
    override_set set;
    uint32_t n_model_set; /* of `set`, from the document's model */
    double *time;
    size_t n_time;
    double *state; /* to go on from; NULL: none */
    bool has_state;
} course;

static tw_status grid(tw_ctx *cx, course *c, bool first)
{
    const tw_sedml_simulation *s = c->sim;
    if (!c->time) {
        c->n_time = s->kind == TW_SEDML_ONE_STEP ? 1 : (size_t)s->steps + 1;
        c->time = tw_try_array(cx->arena, double, c->n_time);
    }
    if (!c->time)
        return tw_fail(cx, TW_ELIMIT, "no memory for the times");
    if (s->kind == TW_SEDML_ONE_STEP)
        c->time[0] = first ? s->step : c->time[0] + s->step;
    else
        for (size_t i = 0; i < c->n_time; i++)
            c->time[i] = s->output_start + (s->output_end - s->output_start) * ((double)i / s->steps);
    return TW_OK;
}

static tw_status run_once(tw_ctx *cx, course *c, double *out)
{
    tw_sim_result result;
    tw_sim_batch b = { .n = 1,
                       .start = c->sim->initial_time,
                       .time = c->time,
                       .n_time = c->n_time,
                       .out = out,
                       .to = c->state,
                       .result = &result };
    if (c->has_state) {
        b.from = c->state;
        b.reset = c->set.symbol + c->n_model_set;
        b.n_reset = c->set.n - c->n_model_set;
        b.reset_value = c->set.value + c->n_model_set;
    } else {
        b.set = c->set.symbol;
        b.n_set = c->set.n;
        b.set_value = c->set.value;
    }
    TW_TRY(tw_sim_run(cx, NULL, c->program, &b, &(tw_sim_run_opts){ .rtol = c->sim->rtol, .atol = c->sim->atol }));
    if (result != TW_SIM_DONE)
        return tw_fail(cx, TW_EFAILED, "simulation %s: %s", c->sim->id, tw_sim_result_text(result));
    c->has_state = c->state != NULL;
    return TW_OK;
}

static tw_status prepare(tw_ctx *cx, course *c, task_result *r, const experiment *x, uint32_t plain, uint32_t task)
{
    *c = (course){ .sim = &x->d->simulation[x->d->task[plain].simulation] };
    TW_TRY(read_model(cx, &r->model, &c->set, x, x->d->task[plain].model));
    c->n_model_set = c->set.n;
    TW_TRY(asked_of(cx, r, x, task));
    if (c->sim->algorithm[0] && strcmp(c->sim->algorithm, "KISAO:0000019") != 0)
        x->report->note =
            tw_strf(cx->arena, "algorithm %s of simulation %s: ours was taken", c->sim->algorithm, c->sim->id);
    return TW_OK;
}

/* ---------------------------------------------------------------- formulas */

typedef struct {
    const double *v; /* first row's value */
    size_t stride;
    size_t rows;
} series;

typedef struct {
    const series *s; /* a symbol each */
    size_t row;
} place;

static bool value_at(tw_math_walk *w, double *out, const tw_math *m)
{
    const place *at = w->user;
    if (m->op != TW_MATH_SYMBOL)
        return false;
    const series *s = &at->s[m->symbol];
    *out = at->row < s->rows ? s->v[at->row * s->stride] : (double)NAN;
    return true;
}

static double formula(const tw_math *m, const series *s, size_t row)
{
    double v;
    tw_math_walk w = { value_at, &(place){ s, row }, UINT32_MAX, TW_MATH_DEPTH_MAX };
    return tw_math_eval(&v, &w, m) ? v : (double)NAN;
}

/* ---------------------------------------------------------------- repeats */

/* Values of this repeat take the place of, or stand behind, those of the model. */
static tw_status repeat_changes(tw_ctx *cx, course *c, const task_result *r, const tw_sedml_task *t, uint32_t i,
                                bool behind)
{
    uint32_t n = c->n_model_set;
    c->set.n = n;
    for (uint32_t k = 0; k < t->n_change; k++) {
        const tw_sedml_change *change = &t->change[k];
        const tw_sedml_range *g = change->range == TW_NO_SYMBOL ? NULL : &t->range[change->range];
        uint32_t symbol = tw_sbml_find(r->model, tw_str_of(change->target));
        uint32_t at = behind ? n : 0;
        if (symbol == TW_NO_SYMBOL)
            return tw_fail(cx, TW_EPARSE, "task %s: setValue names %s, which the model has not", t->id, change->target);
        if (g && i >= g->n)
            return tw_fail(cx, TW_EPARSE, "task %s: range %s is shorter than the range that is counted", t->id, g->id);
        while (at < c->set.n && c->set.symbol[at] != symbol)
            at++;
        c->set.symbol[at] = symbol;
        c->set.value[at] = formula(change->math, &(series){ g ? &g->value[i] : NULL, 1, g ? 1 : 0 }, 0);
        c->set.n += at == c->set.n;
    }
    return TW_OK;
}

static tw_status check_repeated(tw_ctx *cx, const tw_sedml_task *t)
{
    if (t->repeated && t->n_sub != 1)
        return tw_fail(cx, TW_EREFUSED, "task %s: repeated tasks with several sub-tasks are not supported", t->id);
    return TW_OK;
}

static tw_status inputs_of(tw_ctx *cx, override_set *all, const course *c, const task_result *r, const tw_sedml_task *t)
{
    all->symbol = tw_try_array(cx->arena, uint32_t, (size_t)c->set.n + t->n_change + 1);
    if (!all->symbol)
        return tw_fail(cx, TW_ELIMIT, "no memory for the changes");
    memcpy(all->symbol, c->set.symbol, c->set.n * sizeof *all->symbol);
    all->n = c->set.n;
    for (uint32_t k = 0; k < t->n_change; k++) {
        uint32_t symbol = tw_sbml_find(r->model, tw_str_of(t->change[k].target));
        uint32_t at = 0;
        while (at < all->n && all->symbol[at] != symbol)
            at++;
        all->symbol[at] = symbol;
        all->n += at == all->n && symbol != TW_NO_SYMBOL;
    }
    return TW_OK;
}

static tw_status run_task(tw_ctx *cx, experiment *x, uint32_t task)
{
    const tw_sedml_task *t = &x->d->task[task];
    task_result *r = &x->task[task];
    course c;
    override_set all = { NULL, NULL, 0 };
    TW_TRY(check_repeated(cx, t));
    TW_TRY(prepare(cx, &c, r, x, t->repeated ? t->sub[0] : task, task));
    TW_TRY(inputs_of(cx, &all, &c, r, t));
    TW_TRY(compile(cx, &c.program, r, &all));
    uint32_t repeats = t->repeated ? t->range[t->master].n : 1;
    bool goes_on = t->repeated && !t->reset && c.sim->kind == TW_SEDML_ONE_STEP;
    if (t->repeated && !t->reset && !goes_on)
        return tw_fail(cx, TW_EREFUSED, "task %s: time courses that go on from the last one are not supported", t->id);
    TW_TRY(grid(cx, &c, true));
    r->rows = repeats * c.n_time;
    if ((uint64_t)r->rows * (r->n_asked + 1) > CELLS_MAX)
        return tw_fail(cx, TW_ELIMIT, "task %s: more than %u numbers", t->id, CELLS_MAX);
    r->value = tw_try_array(cx->arena, double, r->rows * r->n_asked + 1);
    if (goes_on)
        c.state = tw_try_array(cx->arena, double, tw_sim_state_size(c.program));
    if (!r->value || (goes_on && !c.state))
        return tw_fail(cx, TW_ELIMIT, "no memory for the results");
    for (uint32_t i = 0; i < repeats; i++) {
        TW_TRY(repeat_changes(cx, &c, r, t, i, c.has_state));
        TW_TRY(grid(cx, &c, !goes_on || i == 0));
        TW_TRY(run_once(cx, &c, r->value + i * c.n_time * r->n_asked));
    }
    r->done = true;
    x->report->tasks++;
    return TW_OK;
}

/* ---------------------------------------------------------------- data generators */

static series variable_series(const experiment *x, uint32_t g, uint32_t v)
{
    const tw_sedml_variable *var = &x->d->generator[g].variable[v];
    const task_result *r = &x->task[var->task];
    uint32_t column = 0;
    for (uint32_t i = 0; i < g; i++) /* asked_of went the same way */
        for (uint32_t k = 0; k < x->d->generator[i].n_variable; k++)
            column += x->d->generator[i].variable[k].task == var->task;
    for (uint32_t k = 0; k < v; k++)
        column += x->d->generator[g].variable[k].task == var->task;
    return (series){ r->value + column, r->n_asked, r->rows };
}

static tw_status generate(tw_ctx *cx, double **out, size_t *rows, experiment *x, uint32_t g)
{
    const tw_sedml_generator *gen = &x->d->generator[g];
    series *s = tw_try_array(cx->arena, series, gen->n_variable + 1);
    if (!s)
        return tw_fail(cx, TW_ELIMIT, "no memory for a data generator");
    *rows = gen->n_variable ? 0 : 1;
    for (uint32_t v = 0; v < gen->n_variable; v++) {
        uint32_t task = gen->variable[v].task;
        if (!x->task[task].done)
            TW_TRY(run_task(cx, x, task));
        s[v] = variable_series(x, g, v);
        *rows = TW_MAX(*rows, s[v].rows);
    }
    *out = tw_try_array(cx->arena, double, *rows + 1);
    if (!*out)
        return tw_fail(cx, TW_ELIMIT, "no memory for a data generator");
    for (size_t i = 0; i < *rows; i++)
        (*out)[i] = formula(gen->math, s, i);
    return TW_OK;
}

/* ---------------------------------------------------------------- outputs */

static tw_status write_output(tw_ctx *cx, const experiment *x, const char *id, const char *ending, tw_buf *b)
{
    tw_str name = tw_strf(cx->arena, "%s%s", id, ending);
    if (!id[0] || tw_str_find(name, TW_STR("/")) != SIZE_MAX)
        return tw_fail(cx, TW_EPARSE, "an output has an id that can name a file");
    TW_TRY(tw_buf_check(cx, b, "an output"));
    return tw_file_write(cx, tw_path(cx, x->opts->out, tw_cstr(cx->arena, name)), tw_buf_view(b));
}

static tw_status report(tw_ctx *cx, tw_buf *b, experiment *x, const tw_sedml_output *o)
{
    double **column = tw_try_array(cx->arena, double *, o->n_column + 1);
    size_t *rows = tw_try_array(cx->arena, size_t, o->n_column + 1);
    tw_str *label = tw_try_array(cx->arena, tw_str, o->n_column + 1);
    size_t most = 0;
    if (!column || !rows || !label)
        return tw_fail(cx, TW_ELIMIT, "no memory for a report");
    for (uint32_t c = 0; c < o->n_column; c++) {
        TW_TRY(generate(cx, &column[c], &rows[c], x, o->column[c].generator));
        label[c] = tw_str_of(o->column[c].label);
        most = TW_MAX(most, rows[c]);
    }
    tw_csv_write(b, label, o->n_column, NULL);
    for (size_t i = 0; i < most; i++)
        for (uint32_t c = 0; c < o->n_column; c++) {
            if (i < rows[c])
                tw_buf_fmt(b, "%.15g", column[c][i]);
            tw_buf_u8(b, c + 1 < o->n_column ? ',' : '\n');
        }
    x->report->reports++;
    return write_output(cx, x, o->id, ".csv", b);
}

static void widen(tw_svg_axis *a, const double *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isfinite(v[i]) && (!a->log || v[i] > 0)) {
            a->min = TW_MIN(a->min, v[i]);
            a->max = TW_MAX(a->max, v[i]);
        }
}

static void settle(tw_svg_axis *a)
{
    if (!(a->max > a->min)) {
        double at = isfinite(a->min) ? a->min : 1.0;
        a->min = a->log ? at / 2.0 : at - 1.0;
        a->max = a->log ? at * 2.0 : at + 1.0;
    }
}

static tw_status plot(tw_ctx *cx, tw_buf *b, experiment *x, const tw_sedml_output *o)
{
    static const tw_svg_colour colour[] = { TW_SVG_A, TW_SVG_B, TW_SVG_C, TW_SVG_D, TW_SVG_E };
    double **v = tw_try_array(cx->arena, double *, 2 * (size_t)o->n_curve + 1);
    size_t *n = tw_try_array(cx->arena, size_t, 2 * (size_t)o->n_curve + 1);
    tw_svg_key *key = tw_try_array(cx->arena, tw_svg_key, o->n_curve + 1);
    tw_svg_opts opts = { .title = o->name[0] ? o->name : o->id, .width = 720, .height = 420, .standalone = true };
    tw_svg s;
    opts.x = opts.y = (tw_svg_axis){ .min = (double)INFINITY, .max = -(double)INFINITY };
    if (!v || !n || !key)
        return tw_fail(cx, TW_ELIMIT, "no memory for a plot");
    for (uint32_t c = 0; c < o->n_curve; c++) {
        TW_TRY(generate(cx, &v[2 * c], &n[2 * c], x, o->curve[c].x));
        TW_TRY(generate(cx, &v[2 * c + 1], &n[2 * c + 1], x, o->curve[c].y));
        opts.x.log |= o->curve[c].log_x;
        opts.y.log |= o->curve[c].log_y;
        opts.x.label = o->curve[c].x_label[0] ? o->curve[c].x_label : NULL;
        key[c] = (tw_svg_key){ o->curve[c].label, colour[c % TW_COUNT(colour)], TW_SVG_LINE };
    }
    for (uint32_t c = 0; c < 2 * o->n_curve; c++)
        widen(c % 2 ? &opts.y : &opts.x, v[c], n[c]);
    settle(&opts.x);
    settle(&opts.y);
    tw_svg_begin(&s, b, &opts);
    for (uint32_t c = 0; c < o->n_curve; c++)
        tw_svg_line(&s, v[2 * c], v[2 * c + 1], TW_MIN(n[2 * c], n[2 * c + 1]), key[c].colour, false);
    tw_svg_legend(&s, key, o->n_curve);
    tw_svg_end(&s);
    x->report->plots++;
    return write_output(cx, x, o->id, ".svg", b);
}

tw_status tw_app_experiment(tw_ctx *cx, tw_experiment_report *out, const tw_experiment_opts *opts)
{
    experiment *x = tw_new(cx->arena, experiment);
    const tw_disk *d = cx->env->disk;
    *out = (tw_experiment_report){ .note = { "", 0 } };
    *x = (experiment){ .opts = opts, .report = out };
    TW_TRY(read_document(cx, x));
    x->task = tw_try_array(cx->arena, task_result, x->d->n_task + 1);
    if (!x->task || d->mkdirs(d->self, opts->out) != TW_OK)
        return tw_fail(cx, TW_EIO, "%s: cannot be made", opts->out);
    for (uint32_t i = 0; i < x->d->n_output; i++) {
        const tw_sedml_output *o = &x->d->output[i];
        tw_buf b;
        tw_buf_init(&b, ARCHIVE_BYTES_MAX);
        tw_status s = o->plot ? plot(cx, &b, x, o) : report(cx, &b, x, o);
        tw_buf_done(&b);
        TW_TRY(s);
    }
    return TW_OK;
}
