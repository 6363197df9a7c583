/* A model with the experiments done to it, and what each measurement compares. */
#include "petab/petab_internal.h"

#include <math.h>
#include <stdlib.h>

/* ---------------------------------------------------------------- symbols that the model lacks */

static tw_sbml_symbol *table(tw_petab_part *part)
{
    union {
        const tw_sbml_symbol *given;
        tw_sbml_symbol *own;
    } u = { part->model.symbol };
    return u.own;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const tw_sbml_symbol *)a)->id, ((const tw_sbml_symbol *)b)->id);
}

/* tw_sbml_find looks in by_id: it is made anew. */
static tw_status sort_ids(tw_petab_reading *r, tw_petab_part *part)
{
    uint32_t n = part->model.n_symbol;
    uint32_t *order = tw_try_array(r->cx->arena, uint32_t, n + 1);
    tw_sbml_symbol *sorted = tw_try_array(r->cx->arena, tw_sbml_symbol, n + 1);
    if (!order || !sorted)
        return tw_petab_no_memory(r->cx);
    memcpy(sorted, part->model.symbol, n * sizeof *sorted);
    for (uint32_t i = 0; i < n; i++)
        sorted[i].item = i; /* where it was */
    if (n > 1)
        qsort(sorted, n, sizeof *sorted, by_id);
    for (uint32_t i = 0; i < n; i++)
        order[i] = sorted[i].item;
    part->model.by_id = order;
    return TW_OK;
}

/* Ids that the model may lack, added all at once. */
typedef struct {
    tw_str *id;
    uint32_t n;
} missing;

static int by_text(const void *a, const void *b)
{
    return tw_str_cmp(*(const tw_str *)a, *(const tw_str *)b);
}

static void miss(const tw_petab_reading *r, const tw_petab_part *part, missing *m, tw_str id)
{
    if (id.n && tw_petab_symbol(r, part, id) == TW_NO_SYMBOL)
        m->id[m->n++] = id;
}

static tw_status add_missing(tw_petab_reading *r, tw_petab_part *part, missing *m)
{
    if (m->n > 1)
        qsort(m->id, m->n, sizeof *m->id, by_text);
    for (uint32_t i = 0; i < m->n; i++) {
        if (i > 0 && tw_str_eq(m->id[i - 1], m->id[i]))
            continue;
        tw_str id = tw_petab_text(r->cx, TW_FMT, TW_ARG(m->id[i]));
        if (!id.p)
            return tw_petab_no_memory(r->cx);
        table(part)[part->model.n_symbol++] = (tw_sbml_symbol){ .kind = TW_SBML_PARAMETER,
                                                                .id = id.p,
                                                                .name = "",
                                                                .unit = "",
                                                                .value = (double)NAN,
                                                                .constant = true,
                                                                .item = TW_NO_SYMBOL };
    }
    return sort_ids(r, part);
}

static bool is_target(tw_str column)
{
    return !tw_str_is(column, "conditionId") && !tw_str_is(column, "conditionName");
}

static tw_status symbols(tw_petab_reading *r, tw_petab_part *part)
{
    const tw_petab_table *c = &r->conditions;
    size_t more = (size_t)r->p->n_parameter + (r->p->version == 1 ? c->n_column : c->n_row);
    tw_sbml_symbol *all = tw_try_array(r->cx->arena, tw_sbml_symbol, part->model.n_symbol + more + 1);
    if (!all)
        return tw_petab_no_memory(r->cx);
    if (part->model.n_symbol)
        memcpy(all, part->model.symbol, part->model.n_symbol * sizeof *all);
    part->model.symbol = all;
    missing m = { tw_try_array(r->cx->arena, tw_str, more + 1), 0 };
    if (!m.id)
        return tw_petab_no_memory(r->cx);
    for (uint32_t i = 0; i < r->p->n_parameter; i++)
        miss(r, part, &m, r->p->parameter[i].id);
    for (uint32_t i = 0; r->p->version == 1 && i < c->n_column; i++)
        if (is_target(c->name[i]))
            miss(r, part, &m, c->name[i]);
    for (uint32_t i = 0; r->p->version == 2 && i < c->n_row; i++)
        miss(r, part, &m, tw_petab_field(c, i, "targetId"));
    return add_missing(r, part, &m);
}

/* ---------------------------------------------------------------- changes */

static bool is_compartment(const tw_petab_part *part, const tw_petab_change *c)
{
    return part->model.symbol[c->symbol].kind == TW_SBML_COMPARTMENT;
}

/* Compartments first. */
static void sort_changes(const tw_petab_part *part, tw_petab_change *c, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t k = i; k > 0 && is_compartment(part, &c[k]) && !is_compartment(part, &c[k - 1]); k--) {
            tw_petab_change swap = c[k];
            c[k] = c[k - 1];
            c[k - 1] = swap;
        }
}

static bool blank(tw_str text)
{
    return !text.n || tw_str_is(text, "NaN") || tw_str_is(text, "nan");
}

/* A change whose value needs the state becomes an output of the program. */
static tw_status change(tw_petab_reading *r, tw_petab_part *part, tw_petab_change *to, tw_str target, tw_str text)
{
    double some = 0;
    double *any = tw_try_array(r->cx->arena, double, r->p->n_parameter + 1);
    *to = (tw_petab_change){ .symbol = tw_petab_symbol(r, part, target), .output = TW_NO_SYMBOL };
    if (!any)
        return tw_petab_no_memory(r->cx);
    if (to->symbol == TW_NO_SYMBOL)
        return tw_fail(r->cx, TW_EPARSE, "\"" TW_FMT "\" is not in the model", TW_ARG(target));
    table(part)[to->symbol].constant = false;
    if (blank(text))
        return TW_OK;
    TW_TRY(tw_petab_formula(r, part, &to->value, text, NULL, (tw_str){ "", 0 }, (tw_str){ "", 0 }));
    if (tw_petab_constant(part, r->p->n_parameter, &some, to->value, any))
        return TW_OK;
    return tw_petab_output(r, part, &to->output, (tw_str){ "", 0 }, to->value);
}

/* ---------------------------------------------------------------- version 1 */

/* A column without gaps replaces the model's own initial value; one with gaps is set after initial assignments. */
static bool whole_column(const tw_petab_table *c, uint32_t column)
{
    for (uint32_t i = 0; i < c->n_row; i++)
        if (blank(c->row[i][column]))
            return false;
    return true;
}

static void add_input(tw_petab_part *part, uint32_t symbol)
{
    if (symbol == TW_NO_SYMBOL || part->in_input[symbol])
        return;
    part->in_input[symbol] = true;
    part->input[part->n_input++] = symbol;
}

static tw_status inputs(tw_petab_reading *r, tw_petab_part *part)
{
    const tw_petab_table *c = &r->conditions;
    part->input = tw_try_array(r->cx->arena, uint32_t, r->p->n_parameter + c->n_column + 1);
    part->in_input = tw_try_array(r->cx->arena, bool, part->model.n_symbol + 1);
    if (!part->input || !part->in_input)
        return tw_petab_no_memory(r->cx);
    for (uint32_t i = 0; i < r->p->n_parameter; i++) {
        uint32_t before = part->n_input;
        add_input(part, tw_petab_symbol(r, part, r->p->parameter[i].id));
        if (part->n_input == before)
            return tw_fail(r->cx, TW_EPARSE, "parameter table, row %u: the parameter is there twice", i + 2);
    }
    for (uint32_t i = 0; r->p->version == 1 && i < c->n_column; i++)
        if (is_target(c->name[i]) && whole_column(c, i))
            add_input(part, tw_petab_symbol(r, part, c->name[i]));
    return TW_OK;
}

static tw_status condition_1(tw_petab_reading *r, tw_petab_part *part, tw_petab_period *to, tw_str id)
{
    const tw_petab_table *c = &r->conditions;
    uint32_t row = 0;
    while (row < c->n_row && !tw_str_eq(tw_petab_field(c, row, "conditionId"), id))
        row++;
    if (row == c->n_row)
        return tw_fail(r->cx, TW_EPARSE, "the condition \"" TW_FMT "\" is not in the condition table", TW_ARG(id));
    tw_petab_change *all = tw_try_array(r->cx->arena, tw_petab_change, c->n_column + 1);
    if (!all)
        return tw_petab_no_memory(r->cx);
    for (uint32_t i = 0; i < c->n_column; i++) {
        if (!is_target(c->name[i]))
            continue;
        if (change(r, part, &all[to->n_change], c->name[i], c->row[row][i]) != TW_OK)
            return tw_wrap(r->cx, "condition table, row %u", row + 2);
        if (all[to->n_change++].output != TW_NO_SYMBOL)
            return tw_fail(r->cx, TW_EREFUSED, "condition table, row %u: a value must be a number or a parameter",
                           row + 2);
    }
    sort_changes(part, all, to->n_change);
    to->change = all;
    return TW_OK;
}

static tw_status experiment_1(tw_petab_reading *r, tw_petab_part *part, tw_petab_experiment *to)
{
    to->period = tw_try_array(r->cx->arena, tw_petab_period, 2);
    if (!to->period)
        return tw_petab_no_memory(r->cx);
    if (to->before.n) {
        to->period[to->n_period].time = -(double)INFINITY;
        TW_TRY(condition_1(r, part, &to->period[to->n_period++], to->before));
    }
    to->period[to->n_period].time = 0;
    return condition_1(r, part, &to->period[to->n_period++], to->id);
}

/* ---------------------------------------------------------------- version 2 */

static tw_status condition_2(tw_petab_reading *r, tw_petab_part *part, tw_petab_change *to, uint32_t *n, tw_str id)
{
    const tw_petab_table *c = &r->conditions;
    bool found = !id.n;
    for (uint32_t i = 0; i < c->n_row && id.n; i++) {
        if (!tw_str_eq(tw_petab_field(c, i, "conditionId"), id))
            continue;
        found = true;
        if (*n >= c->n_row)
            return tw_fail(r->cx, TW_EPARSE, "condition table, row %u: a target is changed twice at one time", i + 2);
        if (change(r, part, &to[(*n)++], tw_petab_field(c, i, "targetId"), tw_petab_field(c, i, "targetValue")) !=
            TW_OK)
            return tw_wrap(r->cx, "condition table, row %u", i + 2);
    }
    return found ? TW_OK
                 : tw_fail(r->cx, TW_EPARSE, "the condition \"" TW_FMT "\" is not in the condition table", TW_ARG(id));
}

static bool changed(const tw_petab_change *c, uint32_t n, uint32_t symbol)
{
    for (uint32_t i = 0; i < n; i++)
        if (c[i].symbol == symbol)
            return true;
    return false;
}

/* A concentration that a rate rule moves is a variable itself: a condition that changes the compartment alone leaves it
 * as it is. What reactions move is an amount, which stays, and its concentration follows. */
static tw_status keep_concentrations(tw_petab_reading *r, tw_petab_part *part, tw_petab_change *to, uint32_t *n)
{
    uint32_t said = *n;
    for (uint32_t i = 0; i < part->model.n_rule; i++) {
        uint32_t s = part->model.rule[i].symbol;
        if (part->model.rule[i].kind != TW_SBML_RATE || part->model.symbol[s].kind != TW_SBML_SPECIES)
            continue;
        const tw_sbml_species *x = &part->model.species[part->model.symbol[s].item];
        if (x->only_substance || !changed(to, said, x->compartment) || changed(to, said, s))
            continue;
        TW_TRY(change(r, part, &to[(*n)++], tw_str_of(part->model.symbol[s].id), tw_str_of(part->model.symbol[s].id)));
    }
    return TW_OK;
}

static int by_time(const void *a, const void *b)
{
    double x = ((const tw_petab_period *)a)->time, y = ((const tw_petab_period *)b)->time;
    return (x > y) - (x < y);
}

/* All conditions that an experiment has at a time, together. */
static tw_status period_2(tw_petab_reading *r, tw_petab_part *part, tw_petab_period *to, tw_str id)
{
    const tw_petab_table *x = &r->experiments;
    tw_petab_change *all = tw_try_array(r->cx->arena, tw_petab_change, r->conditions.n_row + part->model.n_rule + 1);
    double time;
    if (!all)
        return tw_petab_no_memory(r->cx);
    for (uint32_t i = 0; i < x->n_row; i++)
        if (tw_str_eq(tw_petab_field(x, i, "experimentId"), id) &&
            tw_petab_number(&time, tw_petab_field(x, i, "time")) && !(time < to->time) && !(time > to->time))
            TW_TRY(condition_2(r, part, all, &to->n_change, tw_petab_field(x, i, "conditionId")));
    for (uint32_t i = 0; i < to->n_change; i++)
        for (uint32_t k = i + 1; k < to->n_change; k++)
            if (all[i].symbol == all[k].symbol)
                return tw_fail(r->cx, TW_EPARSE, "experiment \"" TW_FMT "\" changes a target twice at one time",
                               TW_ARG(id));
    TW_TRY(keep_concentrations(r, part, all, &to->n_change));
    sort_changes(part, all, to->n_change);
    to->change = all;
    return TW_OK;
}

static tw_status experiment_2(tw_petab_reading *r, tw_petab_part *part, tw_petab_experiment *to)
{
    const tw_petab_table *x = &r->experiments;
    to->period = tw_try_array(r->cx->arena, tw_petab_period, x->n_row + 2);
    if (!to->period)
        return tw_petab_no_memory(r->cx);
    for (uint32_t i = 0; i < x->n_row && to->id.n; i++) {
        double time;
        if (!tw_str_eq(tw_petab_field(x, i, "experimentId"), to->id))
            continue;
        if (!tw_petab_number(&time, tw_petab_field(x, i, "time")))
            return tw_fail(r->cx, TW_EPARSE, "experiment table, row %u: the time is no number", i + 2);
        bool known = false;
        for (uint32_t k = 0; k < to->n_period; k++)
            known = known || !(to->period[k].time < time || to->period[k].time > time);
        if (!known)
            to->period[to->n_period++] = (tw_petab_period){ .time = time };
    }
    if (to->id.n && to->n_period == 0)
        return tw_fail(r->cx, TW_EPARSE, "the experiment \"" TW_FMT "\" is not in the experiment table",
                       TW_ARG(to->id));
    if (to->n_period > 1)
        qsort(to->period, to->n_period, sizeof *to->period, by_time);
    for (uint32_t i = 0; i < to->n_period; i++)
        TW_TRY(period_2(r, part, &to->period[i], to->id));
    if (to->n_period == 0 || (to->n_period == 1 && isinf(to->period[0].time)))
        to->period[to->n_period++] = (tw_petab_period){ .time = 0 }; /* the model as it is, from 0 */
    return TW_OK;
}

/* ---------------------------------------------------------------- measurements */

static const tw_petab_observable *find_observable(const tw_petab_reading *r, tw_str id)
{
    for (uint32_t i = 0; i < r->n_observable; i++)
        if (tw_str_eq(r->observable[i].id, id))
            return &r->observable[i];
    return NULL;
}

static tw_status compared(tw_petab_reading *r, tw_petab_part *part, uint32_t row)
{
    uint32_t at = r->measured + row;
    const tw_petab_observable *o = find_observable(r, r->p->measurement[at].observable);
    tw_str parameters = tw_petab_field(&r->measurements, row, "observableParameters");
    tw_str noise = tw_petab_field(&r->measurements, row, "noiseParameters");
    const tw_math *m;
    if (!o)
        return tw_fail(r->cx, TW_EPARSE, "the observable is not in the observable table");
    parameters = blank(parameters) ? (tw_str){ "", 0 } : parameters;
    noise = blank(noise) ? (tw_str){ "", 0 } : noise;
    r->noise[at] = o->law;
    if (tw_petab_formula(r, part, &m, o->formula, o, parameters, noise) != TW_OK)
        return tw_wrap(r->cx, "formula of the observable \"" TW_FMT "\"", TW_ARG(o->id));
    tw_str key = tw_petab_text(r->cx, "o " TW_FMT " " TW_FMT, TW_ARG(o->id), TW_ARG(parameters));
    if (!key.p)
        return tw_petab_no_memory(r->cx);
    TW_TRY(tw_petab_output(r, part, &part->simulation_output[at], key, m));
    if (tw_petab_formula(r, part, &m, o->noise, o, parameters, noise) != TW_OK)
        return tw_wrap(r->cx, "noise of the observable \"" TW_FMT "\"", TW_ARG(o->id));
    key = tw_petab_text(r->cx, "n " TW_FMT " " TW_FMT " " TW_FMT, TW_ARG(o->id), TW_ARG(parameters), TW_ARG(noise));
    return key.p ? tw_petab_output(r, part, &part->noise_output[at], key, m) : tw_petab_no_memory(r->cx);
}

static tw_status experiment(tw_petab_reading *r, tw_petab_part *part, tw_petab_experiment **out, tw_str id,
                            tw_str before)
{
    for (uint32_t i = 0; i < part->n_experiment; i++)
        if (tw_str_eq(part->experiment[i].id, id) && tw_str_eq(part->experiment[i].before, before)) {
            *out = &part->experiment[i];
            return TW_OK;
        }
    *out = &part->experiment[part->n_experiment++];
    **out = (tw_petab_experiment){ .id = id, .before = before };
    return r->p->version == 1 ? experiment_1(r, part, *out) : experiment_2(r, part, *out);
}

typedef struct {
    double time;
    uint32_t at;
} moment;

static int by_moment(const void *a, const void *b)
{
    const moment *x = a, *y = b;
    return x->time < y->time ? -1 : x->time > y->time ? 1 : (x->at > y->at) - (x->at < y->at);
}

static tw_status sort_measured(tw_petab_reading *r, tw_petab_experiment *e)
{
    const tw_petab_measurement *m = r->p->measurement;
    double first = e->period[e->n_period > 1 && isinf(e->period[0].time)].time;
    moment *order = tw_try_array(r->cx->arena, moment, e->n_measured + 1);
    if (!order)
        return tw_petab_no_memory(r->cx);
    for (uint32_t i = 0; i < e->n_measured; i++)
        order[i] = (moment){ m[e->measured[i]].time, e->measured[i] };
    if (e->n_measured > 1)
        qsort(order, e->n_measured, sizeof *order, by_moment);
    for (uint32_t i = 0; i < e->n_measured; i++)
        e->measured[i] = order[i].at;
    if (e->n_measured && order[0].time < first)
        return tw_fail(r->cx, TW_EPARSE, "experiment \"" TW_FMT "\" is measured before it begins", TW_ARG(e->id));
    return TW_OK;
}

static bool of_part(const tw_petab_reading *r, const tw_petab_part *part, uint32_t row)
{
    tw_str model = tw_petab_field(&r->measurements, row, "modelId");
    return !model.n || tw_str_eq(model, part->model_id);
}

static tw_status add_measured(tw_petab_reading *r, tw_petab_experiment *e, uint32_t at, uint32_t *capacity)
{
    if (e->n_measured == *capacity) {
        uint32_t *all = tw_try_array(r->cx->arena, uint32_t, 2 * *capacity + 16);
        if (!all)
            return tw_petab_no_memory(r->cx);
        if (e->n_measured)
            memcpy(all, e->measured, e->n_measured * sizeof *all);
        e->measured = all;
        *capacity = 2 * *capacity + 16;
    }
    e->measured[e->n_measured++] = at;
    return TW_OK;
}

static tw_status measurements(tw_petab_reading *r, tw_petab_part *part)
{
    uint32_t n = r->measurements.n_row, all = r->p->n_measurement;
    uint32_t *capacity = tw_try_array(r->cx->arena, uint32_t, n + 1);
    part->experiment = tw_try_array(r->cx->arena, tw_petab_experiment, n + 1);
    part->simulation_output = tw_try_array(r->cx->arena, uint32_t, all + 1);
    part->noise_output = tw_try_array(r->cx->arena, uint32_t, all + 1);
    if (!capacity || !part->experiment || !part->simulation_output || !part->noise_output)
        return tw_petab_no_memory(r->cx);
    for (uint32_t i = 0; i < all; i++)
        part->simulation_output[i] = part->noise_output[i] = TW_NO_SYMBOL;
    for (uint32_t i = 0; i < n; i++) {
        tw_petab_experiment *e;
        if (!of_part(r, part, i))
            continue;
        tw_str before = tw_petab_field(&r->measurements, i, "preequilibrationConditionId");
        TW_TRY(experiment(r, part, &e, r->p->measurement[r->measured + i].experiment,
                          r->p->version == 2 || blank(before) ? (tw_str){ "", 0 } : before));
        if (compared(r, part, i) != TW_OK)
            return tw_wrap(r->cx, "measurement table, row %u", i + 2);
        TW_TRY(add_measured(r, e, r->measured + i, &capacity[e - part->experiment]));
    }
    for (uint32_t i = 0; i < part->n_experiment; i++)
        TW_TRY(sort_measured(r, &part->experiment[i]));
    return TW_OK;
}

/* ---------------------------------------------------------------- the whole */

tw_status tw_petab_part_make(tw_petab_reading *r, tw_petab_part *part, tw_str sbml)
{
    const tw_sbml_model *m;
    TW_TRY(tw_sbml_read(r->cx, &m, sbml, NULL));
    part->model = *m;
    TW_TRY(symbols(r, part));
    TW_TRY(inputs(r, part));
    TW_TRY(measurements(r, part));
    tw_sim_opts opts = {
        .output = part->output, .n_output = part->n_output, .input = part->input, .n_input = part->n_input
    };
    return tw_sim_compile(r->cx, &part->program, &part->model, &opts);
}
