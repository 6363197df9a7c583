/* What a modeller should know before running: triggers that are true at the start. */
#include "sbml/sbml_internal.h"

#include <math.h>

#define STEPS_MAX 1000000u /* for all events; past this nothing is said */
#define LEVELS_MAX 501u

static const tw_math *assigned(const tw_sbml_model *m, uint32_t symbol)
{
    for (uint32_t i = 0; i < m->n_initial; i++)
        if (m->initial[i].symbol == symbol)
            return m->initial[i].math;
    for (uint32_t i = 0; i < m->n_rule; i++)
        if (m->rule[i].kind == TW_SBML_ASSIGNMENT && m->rule[i].symbol == symbol)
            return m->rule[i].math;
    return NULL;
}

static bool symbol_at_start(tw_math_walk *w, double *out, uint32_t at)
{
    const tw_sbml_model *m = w->user;
    const tw_sbml_symbol *symbol = &m->symbol[at];
    const tw_math *math = assigned(m, at);
    double size;
    w->steps_left -= TW_MIN(w->steps_left, m->n_initial + m->n_rule);
    if (math)
        return tw_math_eval(out, w, math);
    *out = symbol->value;
    if (symbol->kind != TW_SBML_SPECIES)
        return true;
    const tw_sbml_species *sp = &m->species[symbol->item];
    *out = sp->initial;
    if (sp->only_substance == sp->initial_is_amount)
        return true;
    if (!symbol_at_start(w, &size, sp->compartment))
        return false;
    *out = sp->only_substance ? sp->initial * size : sp->initial / size;
    return true;
}

/* Rates and the past are what only a run can say. */
static bool at_start(tw_math_walk *w, double *out, const tw_math *m)
{
    *out = 0;
    return m->op == TW_MATH_TIME || (m->op == TW_MATH_SYMBOL && symbol_at_start(w, out, m->symbol));
}

static bool fixed(const tw_sbml_model *m, const tw_math *x)
{
    return x->op == TW_MATH_NUMBER || (x->op == TW_MATH_SYMBOL && m->symbol[x->symbol].constant);
}

/* time >= a constant: once true, always true. */
static bool stays(const tw_sbml_model *m, const tw_math *t)
{
    bool up = (t->op == TW_MATH_GE || t->op == TW_MATH_GT) && t->arg[0]->op == TW_MATH_TIME && fixed(m, t->arg[1]);
    bool down = (t->op == TW_MATH_LE || t->op == TW_MATH_LT) && t->arg[1]->op == TW_MATH_TIME && fixed(m, t->arg[0]);
    return up || down;
}

void tw_sbml_warn_model(tw_sbml_reading *r)
{
    const tw_sbml_model *m = r->to;
    tw_math_walk w = { .leaf = at_start, .user = m, .steps_left = STEPS_MAX, .levels_left = LEVELS_MAX };
    for (uint32_t i = 0; i < m->n_event; i++) {
        const tw_sbml_event *e = &m->event[i];
        double v;
        if (!e->trigger_initial || !tw_math_eval(&v, &w, e->trigger) || isnan(v) || v == 0)
            continue;
        if (stays(m, e->trigger))
            tw_sbml_warn(r,
                         "event \"%.80s\" never fires: its trigger is true from the start on, and initialValue is true",
                         e->id);
        else
            tw_sbml_warn(r,
                         "event \"%.80s\" does not fire at the start though its trigger is true then: initialValue is "
                         "true, so it must become false first",
                         e->id);
    }
    if (m->n_constraint)
        tw_sbml_warn(r, "%u constraints are read, and not enforced", m->n_constraint);
}
