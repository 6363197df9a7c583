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

/* Elements below `list` of the parent, all of them; listOf elements may be absent. */
static uint32_t children(const reader *r, uint32_t parent, const char *list, uint32_t *first)
{
    uint32_t l = tw_xml_child(&r->d, parent, list);
    uint32_t n = 0;
    *first = l == TW_XML_NONE ? l : tw_xml_child(&r->d, l, NULL);
    for (uint32_t e = *first; e != TW_XML_NONE; e = tw_xml_sibling(&r->d, e, NULL))
        n++;
    return n;
}

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

static tw_status change_of_attribute(reader *r, tw_sedml_change *c, uint32_t e)
{
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

static tw_status models(reader *r)
{
    uint32_t e;
    uint32_t n = children(r, 0, "listOfModels", &e);
    tw_sedml_model *m = tw_try_array(r->cx->arena, tw_sedml_model, n + 1);
    if (!m)
        return tw_fail(r->cx, TW_ELIMIT, "no memory for the models");
    r->out->model = m;
    for (; e != TW_XML_NONE; e = tw_xml_sibling(&r->d, e, NULL), m++) {
        tw_str language = tw_xml_value(&r->d, e, "language");
        uint32_t c;
        uint32_t changes = children(r, e, "listOfChanges", &c);
        tw_sedml_change *change = tw_try_array(r->cx->arena, tw_sedml_change, changes + 1);
        if (language.n && tw_str_find(language, TW_STR("sbml")) == SIZE_MAX)
            return refuse(r, e, "a model in a language other than SBML");
        if (!change)
            return tw_fail(r->cx, TW_ELIMIT, "no memory for the changes");
        *m = (tw_sedml_model){ text_of(r, e, "id"), text_of(r, e, "source"), change, changes };
        for (; c != TW_XML_NONE; c = tw_xml_sibling(&r->d, c, NULL))
            TW_TRY(change_of_attribute(r, change++, c));
        r->out->n_model++;
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- simulations */

static tw_status tolerances(reader *r, tw_sedml_simulation *s, uint32_t e)
{
    uint32_t algorithm = tw_xml_child(&r->d, e, "algorithm");
    uint32_t p;
    s->algorithm = algorithm == TW_XML_NONE ? "" : text_of(r, algorithm, "kisaoID");
    if (algorithm == TW_XML_NONE)
        return TW_OK;
    (void)children(r, algorithm, "listOfAlgorithmParameters", &p);
    for (; p != TW_XML_NONE; p = tw_xml_sibling(&r->d, p, NULL)) {
        tw_str id = tw_xml_value(&r->d, p, "kisaoID");
        if (tw_str_is(id, "KISAO:0000209"))
            TW_TRY(number_of(r, &s->rtol, p, "value", (double)NAN));
        else if (tw_str_is(id, "KISAO:0000211"))
            TW_TRY(number_of(r, &s->atol, p, "value", (double)NAN));
    }
    return TW_OK;
}

static tw_status simulation(reader *r, tw_sedml_simulation *s, uint32_t e)
{
    double none = (double)NAN;
    *s = (tw_sedml_simulation){ .id = text_of(r, e, "id") };
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

static tw_status simulations(reader *r)
{
    uint32_t e;
    uint32_t n = children(r, 0, "listOfSimulations", &e);
    tw_sedml_simulation *s = tw_try_array(r->cx->arena, tw_sedml_simulation, n + 1);
    if (!s)
        return tw_fail(r->cx, TW_ELIMIT, "no memory for the simulations");
    r->out->simulation = s;
    for (; e != TW_XML_NONE; e = tw_xml_sibling(&r->d, e, NULL)) {
        TW_TRY(simulation(r, s++, e));
        r->out->n_simulation++;
    }
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

static tw_status ranges(reader *r, tw_sedml_task *t, uint32_t e)
{
    uint32_t c;
    uint32_t n = children(r, e, "listOfRanges", &c);
    tw_sedml_range *g = tw_try_array(r->cx->arena, tw_sedml_range, n + 1);
    if (!g)
        return tw_fail(r->cx, TW_ELIMIT, "no memory for the ranges");
    t->range = g;
    for (; c != TW_XML_NONE; c = tw_xml_sibling(&r->d, c, NULL), g++) {
        *g = (tw_sedml_range){ .id = text_of(r, c, "id") };
        if (is(r, c, "uniformRange"))
            TW_TRY(uniform(r, g, c));
        else if (is(r, c, "vectorRange"))
            TW_TRY(vector(r, g, c));
        else
            return refuse(r, c, "of ranges uniformRange and vectorRange are supported");
        t->n_range++;
    }
    t->master = find_range(t, tw_xml_value(&r->d, e, "range"));
    if (t->master == TW_NO_SYMBOL)
        return fail(r, e, "range names one of the ranges of this task");
    return TW_OK;
}

/* setValue: its formula sees the range that it names, and the numbers declared beside it. */
static tw_status set_value(reader *r, tw_sedml_change *c, const tw_sedml_task *t, uint32_t e)
{
    tw_str range = tw_xml_value(&r->d, e, "range");
    uint32_t other;
    if (!is(r, e, "setValue"))
        return refuse(r, e, "of changes in a repeated task only setValue is supported");
    if (children(r, e, "listOfVariables", &other) || children(r, e, "listOfParameters", &other))
        return refuse(r, e, "setValue with variables or parameters of its own is not supported");
    *c = (tw_sedml_change){ .range = range.n ? find_range(t, range) : TW_NO_SYMBOL };
    if (range.n && c->range == TW_NO_SYMBOL)
        return fail(r, e, "range names one of the ranges of this task");
    TW_TRY(object_of(r, &c->target, e, tw_xml_value(&r->d, e, "target")));
    return tw_sedml_math(r->cx, &c->math, &r->d, tw_xml_child(&r->d, e, NULL),
                         &(tw_sedml_names){ &range, range.n ? 1 : 0 });
}

static tw_status sub_tasks(reader *r, tw_sedml_task *t, uint32_t e)
{
    uint32_t c;
    uint32_t n = children(r, e, "listOfSubTasks", &c);
    uint32_t *sub = tw_try_array(r->cx->arena, uint32_t, n + 1);
    double *order = tw_try_array(r->cx->arena, double, n + 1);
    if (!sub || !order || n == 0)
        return fail(r, e, "a repeated task has sub-tasks");
    t->sub = sub;
    for (; c != TW_XML_NONE; c = tw_xml_sibling(&r->d, c, NULL)) {
        uint32_t task = find_task(r->out, tw_xml_value(&r->d, c, "task"));
        uint32_t at = t->n_sub++;
        double place;
        TW_TRY(number_of(r, &place, c, "order", (double)at));
        if (task == TW_NO_SYMBOL || r->out->task[task].repeated)
            return refuse(r, c, "a sub-task is a plain task that stands before");
        for (; at > 0 && order[at - 1] > place; at--) {
            order[at] = order[at - 1];
            sub[at] = sub[at - 1];
        }
        order[at] = place;
        sub[at] = task;
    }
    return TW_OK;
}

static tw_status repeated(reader *r, tw_sedml_task *t, uint32_t e)
{
    uint32_t c;
    uint32_t n = children(r, e, "listOfChanges", &c);
    tw_sedml_change *change = tw_try_array(r->cx->arena, tw_sedml_change, n + 1);
    if (!change)
        return tw_fail(r->cx, TW_ELIMIT, "no memory for the changes");
    t->repeated = true;
    t->reset = !tw_str_is(tw_xml_value(&r->d, e, "resetModel"), "false");
    TW_TRY(ranges(r, t, e));
    t->change = change;
    t->n_change = n;
    for (; c != TW_XML_NONE; c = tw_xml_sibling(&r->d, c, NULL))
        TW_TRY(set_value(r, change++, t, c));
    return sub_tasks(r, t, e);
}

static tw_status tasks(reader *r)
{
    uint32_t e;
    uint32_t n = children(r, 0, "listOfTasks", &e);
    tw_sedml_task *t = tw_try_array(r->cx->arena, tw_sedml_task, n + 1);
    if (!t)
        return tw_fail(r->cx, TW_ELIMIT, "no memory for the tasks");
    r->out->task = t;
    for (; e != TW_XML_NONE; e = tw_xml_sibling(&r->d, e, NULL), t++) {
        *t = (tw_sedml_task){ .id = text_of(r, e, "id"), .master = TW_NO_SYMBOL };
        if (is(r, e, "repeatedTask")) {
            TW_TRY(repeated(r, t, e));
        } else if (is(r, e, "task")) {
            t->model = find_model(r->out, tw_xml_value(&r->d, e, "modelReference"));
            t->simulation = find_simulation(r->out, tw_xml_value(&r->d, e, "simulationReference"));
            if (t->model == TW_NO_SYMBOL || t->simulation == TW_NO_SYMBOL)
                return fail(r, e, "modelReference and simulationReference name what stands above");
        } else {
            return refuse(r, e, "of tasks task and repeatedTask are supported");
        }
        r->out->n_task++;
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- data generators and outputs */

static tw_status variable(reader *r, tw_sedml_variable *v, uint32_t e)
{
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

static tw_math *substitute(tw_ctx *cx, const tw_math *m, size_t variables, const double *value)
{
    tw_math *out = tw_new(cx->arena, tw_math);
    *out = *m;
    if (m->op == TW_MATH_SYMBOL && m->symbol >= variables)
        *out = (tw_math){ .op = TW_MATH_NUMBER, .symbol = TW_NO_SYMBOL, .number = value[m->symbol - variables] };
    for (unsigned i = 0; i < 3; i++)
        if (m->arg[i])
            out->arg[i] = substitute(cx, m->arg[i], variables, value);
    return out;
}

static tw_status generator(reader *r, tw_sedml_generator *g, uint32_t e)
{
    uint32_t v, p;
    uint32_t n_v = children(r, e, "listOfVariables", &v);
    uint32_t n_p = children(r, e, "listOfParameters", &p);
    tw_str *name = tw_try_array(r->cx->arena, tw_str, (size_t)n_v + n_p + 1);
    double *value = tw_try_array(r->cx->arena, double, (size_t)n_p + 1);
    tw_sedml_variable *var = tw_try_array(r->cx->arena, tw_sedml_variable, n_v + 1);
    uint32_t math = tw_xml_child(&r->d, e, NULL);
    if (!name || !value || !var)
        return tw_fail(r->cx, TW_ELIMIT, "no memory for the data generators");
    *g = (tw_sedml_generator){
        .id = text_of(r, e, "id"), .name = text_of(r, e, "name"), .variable = var, .n_variable = n_v
    };
    for (uint32_t i = 0; v != TW_XML_NONE; v = tw_xml_sibling(&r->d, v, NULL)) {
        name[i++] = tw_xml_value(&r->d, v, "id");
        TW_TRY(variable(r, var++, v));
    }
    for (uint32_t i = 0; p != TW_XML_NONE; p = tw_xml_sibling(&r->d, p, NULL)) {
        name[n_v + i] = tw_xml_value(&r->d, p, "id");
        TW_TRY(number_of(r, &value[i++], p, "value", (double)NAN));
    }
    while (math != TW_XML_NONE && !is(r, math, "math"))
        math = tw_xml_sibling(&r->d, math, NULL);
    if (math == TW_XML_NONE)
        return fail(r, e, "a data generator has a formula");
    TW_TRY(tw_sedml_math(r->cx, &g->math, &r->d, math, &(tw_sedml_names){ name, (size_t)n_v + n_p }));
    g->math = substitute(r->cx, g->math, n_v, value);
    return TW_OK;
}

static tw_status generators(reader *r)
{
    uint32_t e;
    uint32_t n = children(r, 0, "listOfDataGenerators", &e);
    tw_sedml_generator *g = tw_try_array(r->cx->arena, tw_sedml_generator, n + 1);
    if (!g)
        return tw_fail(r->cx, TW_ELIMIT, "no memory for the data generators");
    r->out->generator = g;
    for (; e != TW_XML_NONE; e = tw_xml_sibling(&r->d, e, NULL)) {
        TW_TRY(generator(r, g++, e));
        r->out->n_generator++;
    }
    return TW_OK;
}

static tw_status reference(reader *r, uint32_t *out, uint32_t e, const char *attr)
{
    *out = find_generator(r->out, tw_xml_value(&r->d, e, attr));
    return *out == TW_NO_SYMBOL ? fail(r, e, "a reference names a data generator") : TW_OK;
}

static tw_status report(reader *r, tw_sedml_output *o, uint32_t e)
{
    uint32_t c;
    uint32_t n = children(r, e, "listOfDataSets", &c);
    tw_sedml_column *column = tw_try_array(r->cx->arena, tw_sedml_column, n + 1);
    if (!column)
        return tw_fail(r->cx, TW_ELIMIT, "no memory for the report");
    o->column = column;
    o->n_column = n;
    for (; c != TW_XML_NONE; c = tw_xml_sibling(&r->d, c, NULL), column++) {
        column->id = text_of(r, c, "id");
        column->label = text_of(r, c, tw_xml_value(&r->d, c, "label").n ? "label" : "id");
        TW_TRY(reference(r, &column->generator, c, "dataReference"));
    }
    return TW_OK;
}

static tw_status plot(reader *r, tw_sedml_output *o, uint32_t e)
{
    uint32_t c;
    uint32_t n = children(r, e, "listOfCurves", &c);
    tw_sedml_curve *curve = tw_try_array(r->cx->arena, tw_sedml_curve, n + 1);
    if (!curve)
        return tw_fail(r->cx, TW_ELIMIT, "no memory for the plot");
    o->plot = true;
    o->curve = curve;
    o->n_curve = n;
    for (; c != TW_XML_NONE; c = tw_xml_sibling(&r->d, c, NULL), curve++) {
        TW_TRY(reference(r, &curve->x, c, "xDataReference"));
        TW_TRY(reference(r, &curve->y, c, "yDataReference"));
        curve->log_x = tw_str_is(tw_xml_value(&r->d, c, "logX"), "true");
        curve->log_y = tw_str_is(tw_xml_value(&r->d, c, "logY"), "true");
        curve->label =
            r->out->generator[curve->y].name[0] ? r->out->generator[curve->y].name : r->out->generator[curve->y].id;
        curve->x_label = r->out->generator[curve->x].name;
    }
    return TW_OK;
}

static tw_status outputs(reader *r)
{
    uint32_t e;
    uint32_t n = children(r, 0, "listOfOutputs", &e);
    tw_sedml_output *o = tw_try_array(r->cx->arena, tw_sedml_output, n + 1);
    if (!o)
        return tw_fail(r->cx, TW_ELIMIT, "no memory for the outputs");
    r->out->output = o;
    for (; e != TW_XML_NONE; e = tw_xml_sibling(&r->d, e, NULL), o++) {
        *o = (tw_sedml_output){ .id = text_of(r, e, "id"), .name = text_of(r, e, "name") };
        if (is(r, e, "report"))
            TW_TRY(report(r, o, e));
        else if (is(r, e, "plot2D"))
            TW_TRY(plot(r, o, e));
        else
            return refuse(r, e, "of outputs report and plot2D are supported");
        r->out->n_output++;
    }
    return TW_OK;
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
    TW_TRY(models(&r));
    TW_TRY(simulations(&r));
    TW_TRY(tasks(&r));
    TW_TRY(generators(&r));
    TW_TRY(outputs(&r));
    *out = r.out;
    return TW_OK;
}
