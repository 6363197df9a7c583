/* What a modeller should know before running: triggers that are true at the start. */
#include "sbml/sbml_internal.h"

#include <math.h>

#define STEPS_MAX 1000000u /* for all events; shared children are walked again and again: past this nothing is said */
#define DEPTH_MAX 500u

typedef struct {
    const tw_sbml_model *m;
    uint32_t steps;
    uint32_t depth;
    bool unknown; /* needs what only a run can say */
} start;

static double value_at_start(start *s, const tw_math *m);

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

static double symbol_at_start(start *s, uint32_t at)
{
    const tw_sbml_symbol *symbol = &s->m->symbol[at];
    const tw_math *math = assigned(s->m, at);
    s->steps += s->m->n_initial + s->m->n_rule;
    if (math)
        return value_at_start(s, math);
    if (symbol->kind != TW_SBML_SPECIES)
        return symbol->value;
    const tw_sbml_species *sp = &s->m->species[symbol->item];
    if (sp->only_substance == sp->initial_is_amount)
        return sp->initial;
    double size = symbol_at_start(s, sp->compartment);
    return sp->only_substance ? sp->initial * size : sp->initial / size;
}

static double apply_at_start(start *s, const tw_math *m)
{
    double a[3] = { 0 };
    for (unsigned i = 0; i < tw_math_arity(m->op); i++)
        a[i] = value_at_start(s, m->arg[i]);
    return tw_math_apply(m->op, a[0], a[1], a[2]);
}

static double value_at_start(start *s, const tw_math *m)
{
    if (++s->steps > STEPS_MAX || s->depth > DEPTH_MAX || m->op == TW_MATH_RATE_OF || m->op == TW_MATH_DELAY) {
        s->unknown = true;
        return (double)NAN;
    }
    if (m->op == TW_MATH_NUMBER)
        return m->number;
    if (m->op == TW_MATH_TIME)
        return 0;
    s->depth++;
    double v = m->op == TW_MATH_SYMBOL ? symbol_at_start(s, m->symbol) : apply_at_start(s, m);
    s->depth--;
    return v;
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
    start s = { .m = m };
    for (uint32_t i = 0; i < m->n_event; i++) {
        const tw_sbml_event *e = &m->event[i];
        s.unknown = false;
        double v = e->trigger_initial ? value_at_start(&s, e->trigger) : 0;
        if (s.unknown || isnan(v) || v == 0)
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
