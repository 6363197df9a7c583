/* A document to tables: ids resolved to indices, ranges made, everything else refused by name. */
#include "sedml/sedml.h"

#include <math.h>

#include "sedml/sedml_internal.h"

#define POINTS_MAX 1000000u

typedef struct {
    tw_ctx *cx;
    tw_xml d;
    tw_sedml *out;
} reader;

tw_status tw_sedml_fail(tw_ctx *cx, tw_status code, const tw_xml *d, uint32_t elem, const char *rule)
{
    return tw_fail(cx, code, "line %u, column %u, element %.*s: %s", d->elem[elem].line, d->elem[elem].column,
                   TW_ARG(d->elem[elem].name), rule);
}

static tw_status fail(reader *r, uint32_t e, const char *rule)
{
    return tw_sedml_fail(r->cx, TW_EPARSE, &r->d, e, rule);
}

static tw_status refuse(reader *r, uint32_t e, const char *rule)
{
    return tw_sedml_fail(r->cx, TW_EREFUSED, &r->d, e, rule);
}

/* First element below `list` of the parent; listOf elements may be absent. */
static uint32_t first_of(const reader *r, uint32_t parent, const char *list)
{
    uint32_t l = tw_xml_child(&r->d, parent, list);
    return l == TW_XML_NONE ? l : tw_xml_child(&r->d, l, NULL);
}

/* Zeroed room for a table of the elements below `list`; NULL: no memory. */
static void *room(reader *r, uint32_t parent, const char *list, size_t size)
{
    size_t n = 1;
    for (uint32_t e = first_of(r, parent, list); e != TW_XML_NONE; e = tw_xml_sibling(&r->d, e, NULL))
        n++;
    return tw_arena_try(r->cx->arena, tw_array_size(n, size));
}

/* One element to its row; `owner` is the thing that the list belongs to. */
typedef tw_status (*row_fn)(reader *r, void *row, uint32_t e, const void *owner);

/* All elements below `list`, in their order; *n counts those that are done. The table is ours until it is read. */
static tw_status fill(reader *r, uint32_t parent, const char *list, const void *table, size_t size, uint32_t *n,
                      row_fn row, const void *owner)
{
    char *at = (char *)(uintptr_t)table;
    *n = 0;
    if (!table)
        return tw_fail(r->cx, TW_ELIMIT, "no memory for %s", list);
    for (uint32_t e = first_of(r, parent, list); e != TW_XML_NONE; e = tw_xml_sibling(&r->d, e, NULL), ++*n)
        TW_TRY(row(r, at + *n * size, e, owner));
    return TW_OK;
}

/* A table of what is read, and its count. */
#define FILL(r, parent, list, table, n, row, owner)                                                                    \
    fill(r, parent, list, (table) = room(r, parent, list, sizeof *(table)), sizeof *(table), &(n), row, owner)

static const char *text_of(reader *r, uint32_t e, const char *attr)
{
    return tw_cstr(r->cx->arena, tw_xml_value(&r->d, e, attr));
}

static bool is(const reader *r, uint32_t e, const char *name)
{
    return tw_str_is(r->d.elem[e].name, name);
}

static tw_status number_of(reader *r, double *out, uint32_t e, const char *attr, double otherwise)
{
    tw_str s = tw_xml_value(&r->d, e, attr);
    *out = otherwise;
    if (s.n && !tw_parse_f64(out, tw_str_trim(s)))
        return fail(r, e, "an attribute that is a number is not one");
    if (!s.n && isnan(otherwise))
        return fail(r, e, "an attribute that must be there is missing");
    return TW_OK;
}

static tw_status count_of(reader *r, uint32_t *out, uint32_t e, const char *attr)
{
    uint64_t v = 0;
    if (!tw_parse_u64(&v, tw_str_trim(tw_xml_value(&r->d, e, attr))) || v > POINTS_MAX)
        return fail(r, e, "numberOfSteps (or numberOfPoints) is a whole number, at most 1000000");
    *out = (uint32_t)v;
    return TW_OK;
}

/* The next [@id='...'] of an XPath, from *path on, which moves behind it; "" when there is none. */
static tw_str next_id(tw_str *path)
{
    size_t at = tw_str_find(*path, TW_STR("[@id="));
    if (at == SIZE_MAX || at + 6 >= path->n)
        return (tw_str){ NULL, 0 };
    char quote = path->p[at + 5];
    tw_str id = { path->p + at + 6, 0 };
    size_t left = path->n - at - 6;
    while (id.n < left && id.p[id.n] != quote)
        id.n++;
    if (id.n == left || (quote != '\'' && quote != '"'))
        return (tw_str){ NULL, 0 };
    *path = (tw_str){ id.p + id.n, left - id.n };
    return id;
}

/* The object of an XPath such as /sbml:sbml/sbml:model/sbml:listOfSpecies/sbml:species[@id='S1']/@initialAmount: its
 * id; of a local parameter "reaction.parameter", as the table of symbols calls it. */
static tw_status object_of(reader *r, const char **out, uint32_t e, tw_str path)
{
    tw_str id = next_id(&path);
    tw_str inner = next_id(&path);
    tw_buf b;
    if (!id.n)
        return refuse(r, e, "a target is an XPath that names an object by [@id='...']");
    tw_buf_init(&b, TW_KIB);
    tw_buf_fmt(&b, "%.*s%s%.*s", TW_ARG(id), inner.n ? "." : "", TW_ARG(inner));
    *out = tw_cstr(r->cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return TW_OK;
}

#define FIND(table, count, name_)                                                                                      \
    static uint32_t name_(const tw_sedml *m, tw_str id)                                                                \
    {                                                                                                                  \
        for (uint32_t i = 0; i < m->count; i++)                                                                        \
            if (tw_str_is(id, m->table[i].id))                                                                         \
                return i;                                                                                              \
        return TW_NO_SYMBOL;                                                                                           \
    }
FIND(model, n_model, find_model)
FIND(simulation, n_simulation, find_simulation)
FIND(task, n_task, find_task)
FIND(generator, n_generator, find_generator)

/* ---------------------------------------------------------------- models */

static tw_status change_of_attribute(reader *r, void *row, uint32_t e, TW_UNUSED const void *owner)
{
    tw_sedml_change *c = row;
    static const char *const value[] = { "@value", "@initialAmount", "@initialConcentration", "@size" };
    tw_str target = tw_xml_value(&r->d, e, "target");
    bool known = false;
    if (!is(r, e, "changeAttribute"))
        return refuse(r, e, "of changes of a model only changeAttribute is supported");
    for (size_t i = 0; i < TW_COUNT(value); i++)
        known |= tw_str_ends(target, value[i]);
    if (!known)
        return refuse(r, e, "an attribute other than value, size, initialAmount and initialConcentration");
    *c = (tw_sedml_change){ .range = TW_NO_SYMBOL };
    TW_TRY(object_of(r, &c->target, e, target));
    return number_of(r, &c->value, e, "newValue", (double)NAN);
}

static tw_status model(reader *r, void *row, uint32_t e, TW_UNUSED const void *owner)
{
    tw_sedml_model *m = row;
    tw_str language = tw_xml_value(&r->d, e, "language");
    if (language.n && tw_str_find(language, TW_STR("sbml")) == SIZE_MAX)
        return refuse(r, e, "a model in a language other than SBML");
    m->id = text_of(r, e, "id");
    m->source = text_of(r, e, "source");
    return FILL(r, e, "listOfChanges", m->change, m->n_change, change_of_attribute, NULL);
}

/* ---------------------------------------------------------------- simulations */

static tw_status tolerances(reader *r, tw_sedml_simulation *s, uint32_t e)
{
    uint32_t algorithm = tw_xml_child(&r->d, e, "algorithm");
    s->algorithm = algorithm == TW_XML_NONE ? "" : text_of(r, algorithm, "kisaoID");
    if (algorithm == TW_XML_NONE)
        return TW_OK;
    for (uint32_t p = first_of(r, algorithm, "listOfAlgorithmParameters"); p != TW_XML_NONE;
         p = tw_xml_sibling(&r->d, p, NULL)) {
        tw_str id = tw_xml_value(&r->d, p, "kisaoID");
        if (tw_str_is(id, "KISAO:0000209"))
            TW_TRY(number_of(r, &s->rtol, p, "value", (double)NAN));
        else if (tw_str_is(id, "KISAO:0000211"))
            TW_TRY(number_of(r, &s->atol, p, "value", (double)NAN));
    }
    return TW_OK;
}

static tw_status simulation(reader *r, void *row, uint32_t e, TW_UNUSED const void *owner)
{
    tw_sedml_simulation *s = row;
    double none = (double)NAN;
    s->id = text_of(r, e, "id");
    TW_TRY(tolerances(r, s, e));
    if (is(r, e, "oneStep")) {
        s->kind = TW_SEDML_ONE_STEP;
        return number_of(r, &s->step, e, "step", none);
    }
    if (!is(r, e, "uniformTimeCourse"))
        return refuse(r, e, "of simulations uniformTimeCourse and oneStep are supported");
    TW_TRY(number_of(r, &s->initial_time, e, "initialTime", none));
    TW_TRY(number_of(r, &s->output_start, e, "outputStartTime", none));
    TW_TRY(number_of(r, &s->output_end, e, "outputEndTime", none));
    TW_TRY(count_of(r, &s->steps, e, tw_xml_value(&r->d, e, "numberOfSteps").n ? "numberOfSteps" : "numberOfPoints"));
    if (!(s->initial_time <= s->output_start && s->output_start <= s->output_end) || s->steps == 0)
        return fail(r, e, "initialTime <= outputStartTime <= outputEndTime, and at least one step");
    return TW_OK;
}

/* ---------------------------------------------------------------- tasks */

static tw_status uniform(reader *r, tw_sedml_range *g, uint32_t e)
{
    double from, to;
    bool log_scale = tw_str_is(tw_xml_value(&r->d, e, "type"), "log");
    TW_TRY(number_of(r, &from, e, "start", (double)NAN));
    TW_TRY(number_of(r, &to, e, "end", (double)NAN));
    TW_TRY(count_of(r, &g->n, e, tw_xml_value(&r->d, e, "numberOfSteps").n ? "numberOfSteps" : "numberOfPoints"));
    double *v = tw_try_array(r->cx->arena, double, (size_t)g->n + 1);
    if (!v || (log_scale && !(from > 0 && to > 0)))
        return fail(r, e, "a logarithmic range lies above 0");
    for (uint32_t i = 0; i <= g->n; i++) {
        double share = g->n ? (double)i / g->n : 0.0;
        v[i] = log_scale ? from * pow(to / from, share) : from + share * (to - from);
    }
    g->value = v;
    g->n++;
    return TW_OK;
}

static tw_status vector(reader *r, tw_sedml_range *g, uint32_t e)
{
    uint32_t n = 0;
    for (uint32_t c = tw_xml_child(&r->d, e, "value"); c != TW_XML_NONE; c = tw_xml_sibling(&r->d, c, "value"))
        n++;
    double *v = tw_try_array(r->cx->arena, double, (size_t)n + 1);
    if (!v || n == 0)
        return fail(r, e, "a vectorRange has values");
    g->value = v;
    g->n = n;
    for (uint32_t c = tw_xml_child(&r->d, e, "value"); c != TW_XML_NONE; c = tw_xml_sibling(&r->d, c, "value"))
        if (!tw_parse_f64(v++, tw_str_trim(tw_xml_text(&r->d, c))))
            return fail(r, c, "a value of a range is a number");
    return TW_OK;
}

static uint32_t find_range(const tw_sedml_task *t, tw_str id)
{
    for (uint32_t i = 0; i < t->n_range; i++)
        if (tw_str_is(id, t->range[i].id))
            return i;
    return TW_NO_SYMBOL;
}

static tw_status range(reader *r, void *row, uint32_t e, TW_UNUSED const void *owner)
{
    tw_sedml_range *g = row;
    g->id = text_of(r, e, "id");
    if (is(r, e, "uniformRange"))
        return uniform(r, g, e);
    if (is(r, e, "vectorRange"))
        return vector(r, g, e);
    return refuse(r, e, "of ranges uniformRange and vectorRange are supported");
}

/* setValue: its formula sees the range that it names, and the numbers declared beside it. */
static tw_status set_value(reader *r, void *row, uint32_t e, const void *owner)
{
    tw_sedml_change *c = row;
    const tw_sedml_task *t = owner;
    tw_str range_id = tw_xml_value(&r->d, e, "range");
    if (!is(r, e, "setValue"))
        return refuse(r, e, "of changes in a repeated task only setValue is supported");
    if (first_of(r, e, "listOfVariables") != TW_XML_NONE || first_of(r, e, "listOfParameters") != TW_XML_NONE)
        return refuse(r, e, "setValue with variables or parameters of its own is not supported");
    *c = (tw_sedml_change){ .range = range_id.n ? find_range(t, range_id) : TW_NO_SYMBOL };
    if (range_id.n && c->range == TW_NO_SYMBOL)
        return fail(r, e, "range names one of the ranges of this task");
    TW_TRY(object_of(r, &c->target, e, tw_xml_value(&r->d, e, "target")));
    return tw_sedml_math(r->cx, &c->math, &r->d, tw_xml_child(&r->d, e, NULL),
                         &(tw_sedml_names){ &range_id, range_id.n ? 1 : 0 });
}

typedef struct {
    uint32_t task;
    double order;
} sub_task;

static tw_status one_sub_task(reader *r, void *row, uint32_t e, const void *owner)
{
    sub_task *s = row;
    const sub_task *first = owner; /* of its list */
    s->task = find_task(r->out, tw_xml_value(&r->d, e, "task"));
    if (s->task == TW_NO_SYMBOL || r->out->task[s->task].repeated)
        return refuse(r, e, "a sub-task is a plain task that stands before");
    return number_of(r, &s->order, e, "order", (double)(s - first));
}

/* By their order; equal ones as they stand. */
static tw_status sub_tasks(reader *r, tw_sedml_task *t, uint32_t e)
{
    sub_task *s = room(r, e, "listOfSubTasks", sizeof *s);
    TW_TRY(fill(r, e, "listOfSubTasks", s, sizeof *s, &t->n_sub, one_sub_task, s));
    uint32_t *sub = tw_try_array(r->cx->arena, uint32_t, t->n_sub + 1);
    if (!sub || t->n_sub == 0)
        return fail(r, e, "a repeated task has sub-tasks");
    for (uint32_t i = 0; i < t->n_sub; i++)
        for (uint32_t k = i; k > 0 && s[k - 1].order > s[k].order; k--) {
            sub_task swap = s[k];
            s[k] = s[k - 1];
            s[k - 1] = swap;
        }
    for (uint32_t i = 0; i < t->n_sub; i++)
        sub[i] = s[i].task;
    t->sub = sub;
    return TW_OK;
}

static tw_status repeated(reader *r, tw_sedml_task *t, uint32_t e)
{
    t->repeated = true;
    t->reset = !tw_str_is(tw_xml_value(&r->d, e, "resetModel"), "false");
    TW_TRY(FILL(r, e, "listOfRanges", t->range, t->n_range, range, NULL));
    t->master = find_range(t, tw_xml_value(&r->d, e, "range"));
    if (t->master == TW_NO_SYMBOL)
        return fail(r, e, "range names one of the ranges of this task");
    TW_TRY(FILL(r, e, "listOfChanges", t->change, t->n_change, set_value, t));
    return sub_tasks(r, t, e);
}

static tw_status task(reader *r, void *row, uint32_t e, TW_UNUSED const void *owner)
{
    tw_sedml_task *t = row;
    t->id = text_of(r, e, "id");
    t->master = TW_NO_SYMBOL;
    if (is(r, e, "repeatedTask"))
        return repeated(r, t, e);
    if (!is(r, e, "task"))
        return refuse(r, e, "of tasks task and repeatedTask are supported");
    t->model = find_model(r->out, tw_xml_value(&r->d, e, "modelReference"));
    t->simulation = find_simulation(r->out, tw_xml_value(&r->d, e, "simulationReference"));
    if (t->model == TW_NO_SYMBOL || t->simulation == TW_NO_SYMBOL)
        return fail(r, e, "modelReference and simulationReference name what stands above");
    return TW_OK;
}

/* ---------------------------------------------------------------- data generators and outputs */

static tw_status variable(reader *r, void *row, uint32_t e, TW_UNUSED const void *owner)
{
    tw_sedml_variable *v = row;
    tw_str symbol = tw_xml_value(&r->d, e, "symbol");
    *v = (tw_sedml_variable){ .id = text_of(r, e, "id"), .what = TW_SEDML_OBJECT, .target = "" };
    v->task = find_task(r->out, tw_xml_value(&r->d, e, "taskReference"));
    if (v->task == TW_NO_SYMBOL)
        return fail(r, e, "taskReference names a task");
    if (tw_str_ends(symbol, "symbol:time") || tw_str_is(symbol, "KISAO:0000832")) {
        v->what = TW_SEDML_TIME;
        return TW_OK;
    }
    if (symbol.n)
        return refuse(r, e, "of symbols only time is supported");
    return object_of(r, &v->target, e, tw_xml_value(&r->d, e, "target"));
}

/* Names of parameters, which stand behind the variables, become their values. */
static tw_math *substitute(tw_ctx *cx, const tw_math *m, size_t variables, const tw_sedml_parameter *p)
{
    tw_math *out = tw_new(cx->arena, tw_math);
    *out = *m;
    if (m->op == TW_MATH_SYMBOL && m->symbol >= variables)
        *out = (tw_math){ .op = TW_MATH_NUMBER, .symbol = TW_NO_SYMBOL, .number = p[m->symbol - variables].value };
    for (unsigned i = 0; i < 3; i++)
        if (m->arg[i])
            out->arg[i] = substitute(cx, m->arg[i], variables, p);
    return out;
}

static tw_status parameter(reader *r, void *row, uint32_t e, TW_UNUSED const void *owner)
{
    tw_sedml_parameter *p = row;
    p->id = text_of(r, e, "id");
    return number_of(r, &p->value, e, "value", (double)NAN);
}

static uint32_t math_of(const reader *r, uint32_t e)
{
    uint32_t math = tw_xml_child(&r->d, e, NULL);
    while (math != TW_XML_NONE && !is(r, math, "math"))
        math = tw_xml_sibling(&r->d, math, NULL);
    return math;
}

static tw_status generator(reader *r, void *row, uint32_t e, TW_UNUSED const void *owner)
{
    tw_sedml_generator *g = row;
    tw_sedml_parameter *p = room(r, e, "listOfParameters", sizeof *p);
    uint32_t n_p, math = math_of(r, e);
    g->id = text_of(r, e, "id");
    g->name = text_of(r, e, "name");
    TW_TRY(FILL(r, e, "listOfVariables", g->variable, g->n_variable, variable, NULL));
    TW_TRY(fill(r, e, "listOfParameters", p, sizeof *p, &n_p, parameter, NULL));
    if (math == TW_XML_NONE)
        return fail(r, e, "a data generator has a formula");
    tw_str *name = tw_try_array(r->cx->arena, tw_str, (size_t)g->n_variable + n_p + 1);
    if (!name)
        return tw_fail(r->cx, TW_ELIMIT, "no memory for the data generators");
    for (uint32_t i = 0; i < g->n_variable + n_p; i++)
        name[i] = tw_str_of(i < g->n_variable ? g->variable[i].id : p[i - g->n_variable].id);
    TW_TRY(tw_sedml_math(r->cx, &g->math, &r->d, math, &(tw_sedml_names){ name, (size_t)g->n_variable + n_p }));
    g->math = substitute(r->cx, g->math, g->n_variable, p);
    return TW_OK;
}

static tw_status reference(reader *r, uint32_t *out, uint32_t e, const char *attr)
{
    *out = find_generator(r->out, tw_xml_value(&r->d, e, attr));
    return *out == TW_NO_SYMBOL ? fail(r, e, "a reference names a data generator") : TW_OK;
}

static tw_status column(reader *r, void *row, uint32_t e, TW_UNUSED const void *owner)
{
    tw_sedml_column *c = row;
    c->id = text_of(r, e, "id");
    c->label = text_of(r, e, tw_xml_value(&r->d, e, "label").n ? "label" : "id");
    return reference(r, &c->generator, e, "dataReference");
}

static tw_status curve(reader *r, void *row, uint32_t e, TW_UNUSED const void *owner)
{
    tw_sedml_curve *c = row;
    TW_TRY(reference(r, &c->x, e, "xDataReference"));
    TW_TRY(reference(r, &c->y, e, "yDataReference"));
    const tw_sedml_generator *y = &r->out->generator[c->y];
    c->log_x = tw_str_is(tw_xml_value(&r->d, e, "logX"), "true");
    c->log_y = tw_str_is(tw_xml_value(&r->d, e, "logY"), "true");
    c->label = y->name[0] ? y->name : y->id;
    c->x_label = r->out->generator[c->x].name;
    return TW_OK;
}

static tw_status output(reader *r, void *row, uint32_t e, TW_UNUSED const void *owner)
{
    tw_sedml_output *o = row;
    o->id = text_of(r, e, "id");
    o->name = text_of(r, e, "name");
    o->plot = is(r, e, "plot2D");
    if (o->plot)
        return FILL(r, e, "listOfCurves", o->curve, o->n_curve, curve, NULL);
    if (is(r, e, "report"))
        return FILL(r, e, "listOfDataSets", o->column, o->n_column, column, NULL);
    return refuse(r, e, "of outputs report and plot2D are supported");
}

tw_status tw_sedml_read(tw_ctx *cx, const tw_sedml **out, tw_str text)
{
    reader r = { .cx = cx, .out = tw_new(cx->arena, tw_sedml) };
    uint64_t level = 0;
    uint64_t version = 0;
    TW_TRY(tw_xml_parse(cx, &r.d, NULL, text, NULL));
    if (!is(&r, 0, "sedML"))
        return fail(&r, 0, "a SED-ML document begins with sedML");
    (void)tw_parse_u64(&level, tw_xml_value(&r.d, 0, "level"));
    (void)tw_parse_u64(&version, tw_xml_value(&r.d, 0, "version"));
    if (level != 1 || version < 1 || version > 4)
        return refuse(&r, 0, "Level 1, Versions 1 to 4 are read");
    *r.out = (tw_sedml){ .level = (unsigned)level, .version = (unsigned)version };
    tw_sedml *d = r.out;
    TW_TRY(FILL(&r, 0, "listOfModels", d->model, d->n_model, model, NULL));
    TW_TRY(FILL(&r, 0, "listOfSimulations", d->simulation, d->n_simulation, simulation, NULL));
    TW_TRY(FILL(&r, 0, "listOfTasks", d->task, d->n_task, task, NULL));
    TW_TRY(FILL(&r, 0, "listOfDataGenerators", d->generator, d->n_generator, generator, NULL));
    TW_TRY(FILL(&r, 0, "listOfOutputs", d->output, d->n_output, output, NULL));
    *out = r.out;
    return TW_OK;
}
