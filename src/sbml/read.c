#include "sbml/sbml_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#define WARNINGS_MAX 100u

/* ---------------------------------------------------------------- small things */

const char *tw_sbml_textf(tw_sbml_reading *r, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    char *text = n < 0 ? NULL : tw_arena_try(r->cx->arena, (size_t)n + 1);
    if (text)
        (void)vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    va_end(ap);
    r->full = r->full || !text;
    return text ? text : "";
}

void tw_sbml_warn(tw_sbml_reading *r, const char *fmt, ...)
{
    char text[300];
    va_list ap;
    if (!r->to->warning)
        r->to->warning = tw_try_array(r->cx->arena, const char *, WARNINGS_MAX);
    r->full = r->full || !r->to->warning;
    if (r->full || r->to->n_warning >= WARNINGS_MAX)
        return;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    TW_ASSERT(n >= 0);
    if (r->to->n_warning == WARNINGS_MAX - 1)
        r->to->warning[r->to->n_warning++] = "more warnings are left out";
    else
        r->to->warning[r->to->n_warning++] = tw_sbml_textf(r, "%s", text);
}

static const char *text_of(tw_sbml_reading *r, const char *s)
{
    return s && *s ? tw_sbml_textf(r, "%s", s) : "";
}

/* Arrays of a model have a ceiling only in the arena. */
static tw_status array(tw_sbml_reading *r, void **out, size_t n, size_t size)
{
    *out = tw_arena_try(r->cx->arena, tw_array_size(n + 1, size));
    return *out ? TW_OK : tw_fail(r->cx, TW_ELIMIT, "the model needs more memory than there is");
}

#define ARRAY(r, pointer, count)                                                                                       \
    do {                                                                                                               \
        void *array_p_;                                                                                                \
        TW_TRY(array((r), &array_p_, (count), sizeof *(pointer)));                                                     \
        (pointer) = array_p_;                                                                                          \
    } while (0)

/* The table as it grows; its end is in n_symbol. */
static tw_sbml_symbol *table(tw_sbml_reading *r)
{
    union {
        const tw_sbml_symbol *given;
        tw_sbml_symbol *own;
    } u = { r->to->symbol };
    return u.own;
}

static uint32_t add_symbol(tw_sbml_reading *r, tw_sbml_symbol symbol)
{
    table(r)[r->to->n_symbol] = symbol;
    return r->to->n_symbol++;
}

static tw_status need(tw_sbml_reading *r, uint32_t *out, const char *id, const char *where)
{
    *out = tw_ids_find(r->ids, r->n_ids, id);
    if (*out == TW_NO_SYMBOL)
        return tw_fail(r->cx, TW_EPARSE, "%s names \"%.80s\", which the model does not have", where, id ? id : "");
    return TW_OK;
}

/* ---------------------------------------------------------------- symbols */

static size_t count_symbols(Model_t *m)
{
    size_t n = Model_getNumCompartments(m) + Model_getNumSpecies(m) + Model_getNumParameters(m);
    for (unsigned i = 0; i < Model_getNumReactions(m); i++) {
        Reaction_t *x = Model_getReaction(m, i);
        KineticLaw_t *law = Reaction_getKineticLaw(x);
        n += 1 + Reaction_getNumReactants(x) + Reaction_getNumProducts(x);
        n += law ? KineticLaw_getNumParameters(law) + KineticLaw_getNumLocalParameters(law) : 0;
    }
    return n;
}

static const char *size_unit(tw_sbml_reading *r, const Compartment_t *c)
{
    double dimensions = Compartment_getSpatialDimensionsAsDouble(c);
    if (Compartment_isSetUnits(c))
        return tw_sbml_unit(r, Compartment_getUnits(c));
    if (dimensions > 2.5)
        return r->to->unit_volume;
    if (dimensions > 1.5)
        return r->to->level < 3 ? tw_sbml_unit(r, "area") : tw_sbml_unit(r, Model_getAreaUnits(r->from));
    if (dimensions > 0.5)
        return r->to->level < 3 ? tw_sbml_unit(r, "length") : tw_sbml_unit(r, Model_getLengthUnits(r->from));
    return "";
}

static void compartments(tw_sbml_reading *r)
{
    for (unsigned i = 0; i < Model_getNumCompartments(r->from); i++) {
        const Compartment_t *c = Model_getCompartment(r->from, i);
        add_symbol(r, (tw_sbml_symbol){ .kind = TW_SBML_COMPARTMENT,
                                        .id = text_of(r, Compartment_getId(c)),
                                        .name = text_of(r, Compartment_getName(c)),
                                        .unit = size_unit(r, c),
                                        .value = Compartment_isSetSize(c) ? Compartment_getSize(c) : (double)NAN,
                                        .constant = Compartment_getConstant(c) != 0,
                                        .item = TW_NO_SYMBOL });
    }
}

static void species_symbols(tw_sbml_reading *r)
{
    for (unsigned i = 0; i < Model_getNumSpecies(r->from); i++) {
        const Species_t *s = Model_getSpecies(r->from, i);
        add_symbol(r, (tw_sbml_symbol){ .kind = TW_SBML_SPECIES,
                                        .id = text_of(r, Species_getId(s)),
                                        .name = text_of(r, Species_getName(s)),
                                        .unit = "",
                                        .value = (double)NAN,
                                        .constant = Species_getConstant(s) != 0,
                                        .item = i });
    }
}

static void parameters(tw_sbml_reading *r)
{
    for (unsigned i = 0; i < Model_getNumParameters(r->from); i++) {
        const Parameter_t *p = Model_getParameter(r->from, i);
        add_symbol(r, (tw_sbml_symbol){ .kind = TW_SBML_PARAMETER,
                                        .id = text_of(r, Parameter_getId(p)),
                                        .name = text_of(r, Parameter_getName(p)),
                                        .unit = tw_sbml_unit(r, Parameter_getUnits(p)),
                                        .value = Parameter_isSetValue(p) ? Parameter_getValue(p) : (double)NAN,
                                        .constant = Parameter_getConstant(p) != 0,
                                        .item = TW_NO_SYMBOL });
    }
}

static double stoichiometry(const tw_sbml_reading *r, const SpeciesReference_t *s)
{
    if (r->to->level >= 3 && !SpeciesReference_isSetStoichiometry(s))
        return (double)NAN;
    return SpeciesReference_getStoichiometry(s);
}

static void reference_symbol(tw_sbml_reading *r, SpeciesReference_t *s)
{
    if (!SpeciesReference_isSetId(s))
        return;
    bool math = SpeciesReference_isSetStoichiometryMath(s) != 0;
    add_symbol(r, (tw_sbml_symbol){ .kind = TW_SBML_REFERENCE,
                                    .id = text_of(r, SpeciesReference_getId(s)),
                                    .name = text_of(r, SpeciesReference_getName(s)),
                                    .unit = "1",
                                    .value = stoichiometry(r, s),
                                    .constant = r->to->level >= 3 ? SpeciesReference_getConstant(s) != 0 : !math,
                                    .item = TW_NO_SYMBOL });
}

static void reaction_symbols(tw_sbml_reading *r)
{
    for (unsigned i = 0; i < Model_getNumReactions(r->from); i++) {
        Reaction_t *x = Model_getReaction(r->from, i);
        for (unsigned k = 0; k < Reaction_getNumReactants(x); k++)
            reference_symbol(r, Reaction_getReactant(x, k));
        for (unsigned k = 0; k < Reaction_getNumProducts(x); k++)
            reference_symbol(r, Reaction_getProduct(x, k));
        add_symbol(r, (tw_sbml_symbol){ .kind = TW_SBML_REACTION,
                                        .id = text_of(r, Reaction_getId(x)),
                                        .name = text_of(r, Reaction_getName(x)),
                                        .unit = tw_sbml_unit_over(r, r->to->unit_extent, r->to->unit_time),
                                        .value = (double)NAN,
                                        .constant = false,
                                        .item = i });
    }
}

static tw_status symbols(tw_sbml_reading *r)
{
    ARRAY(r, r->to->symbol, count_symbols(r->from));
    compartments(r);
    species_symbols(r);
    parameters(r);
    reaction_symbols(r);
    ARRAY(r, r->ids, r->to->n_symbol);
    for (uint32_t i = 0; i < r->to->n_symbol; i++)
        r->ids[i] = (tw_id){ r->to->symbol[i].id, i };
    r->n_ids = r->to->n_symbol;
    return tw_ids_sort(r->cx, r->ids, r->n_ids, "id");
}

/* ---------------------------------------------------------------- species */

/* Compartments whose species can have a concentration: all but those of no dimension without a size. */
static tw_status sizes(tw_sbml_reading *r, bool **out)
{
    uint32_t n = Model_getNumCompartments(r->from), rules = Model_getNumRules(r->from);
    ARRAY(r, *out, n);
    for (uint32_t i = 0; i < n; i++) { /* they are first in the table of symbols */
        const Compartment_t *c = Model_getCompartment(r->from, i);
        (*out)[i] = Compartment_getSpatialDimensionsAsDouble(c) > 0 || Compartment_isSetSize(c);
    }
    for (uint32_t i = 0; i < rules + Model_getNumInitialAssignments(r->from); i++) {
        const char *id = i < rules ? Rule_getVariable(Model_getRule(r->from, i))
                                   : InitialAssignment_getSymbol(Model_getInitialAssignment(r->from, i - rules));
        uint32_t at = tw_ids_find(r->ids, r->n_ids, id);
        if (at < n)
            (*out)[at] = true;
    }
    return TW_OK;
}

static const char *species_unit(tw_sbml_reading *r, const Species_t *s, const tw_sbml_species *to)
{
    const char *amount =
        Species_isSetSubstanceUnits(s) ? tw_sbml_unit(r, Species_getSubstanceUnits(s)) : r->to->unit_substance;
    return to->only_substance ? amount : tw_sbml_unit_over(r, amount, r->to->symbol[to->compartment].unit);
}

static tw_status one_species(tw_sbml_reading *r, tw_sbml_species *to, const Species_t *s, uint32_t item,
                             const bool *sized)
{
    const char *id = Species_getId(s);
    TW_TRY(need(r, &to->symbol, id, "species"));
    TW_TRY(need(r, &to->compartment, Species_getCompartment(s), id));
    if (r->to->symbol[to->compartment].kind != TW_SBML_COMPARTMENT)
        return tw_fail(r->cx, TW_EPARSE, "species \"%.80s\" is in something that is no compartment", id);
    const char *factor = Species_isSetConversionFactor(s)       ? Species_getConversionFactor(s)
                         : Model_isSetConversionFactor(r->from) ? Model_getConversionFactor(r->from)
                                                                : NULL;
    to->conversion = TW_NO_SYMBOL;
    if (factor)
        TW_TRY(need(r, &to->conversion, factor, id));
    to->initial_is_amount = Species_isSetInitialAmount(s) != 0;
    to->initial = to->initial_is_amount                  ? Species_getInitialAmount(s)
                  : Species_isSetInitialConcentration(s) ? Species_getInitialConcentration(s)
                                                         : (double)NAN;
    to->only_substance = Species_getHasOnlySubstanceUnits(s) != 0 || !sized[to->compartment];
    to->boundary = Species_getBoundaryCondition(s) != 0;
    to->constant = Species_getConstant(s) != 0;
    table(r)[to->symbol].unit = species_unit(r, s, to);
    table(r)[to->symbol].item = item;
    return TW_OK;
}

static tw_status species(tw_sbml_reading *r)
{
    tw_sbml_species *all;
    bool *sized;
    uint32_t n = Model_getNumSpecies(r->from);
    TW_TRY(sizes(r, &sized));
    ARRAY(r, all, n);
    for (uint32_t i = 0; i < n; i++)
        TW_TRY(one_species(r, &all[i], Model_getSpecies(r->from, i), i, sized));
    r->to->species = all;
    r->to->n_species = n;
    return TW_OK;
}

/* ---------------------------------------------------------------- reactions */

static tw_status reference(tw_sbml_reading *r, tw_sbml_reference *to, SpeciesReference_t *s, const char *where)
{
    TW_TRY(need(r, &to->species, SpeciesReference_getSpecies(s), where));
    if (r->to->symbol[to->species].kind != TW_SBML_SPECIES)
        return tw_fail(r->cx, TW_EPARSE, "%s turns something over that is no species", where);
    to->symbol = SpeciesReference_isSetId(s) ? tw_ids_find(r->ids, r->n_ids, SpeciesReference_getId(s)) : TW_NO_SYMBOL;
    to->stoichiometry = stoichiometry(r, s);
    if (SpeciesReference_isSetStoichiometryMath(s))
        TW_TRY(
            tw_sbml_formula(r, &to->math, StoichiometryMath_getMath(SpeciesReference_getStoichiometryMath(s)), where));
    return TW_OK;
}

/* Symbols named "reaction.parameter", at the end of the table. */
static void local_parameter(tw_sbml_reading *r, const char *reaction, const Parameter_t *p, double value)
{
    const char *own = Parameter_getId(p);
    add_symbol(r, (tw_sbml_symbol){ .kind = TW_SBML_PARAMETER,
                                    .id = tw_sbml_textf(r, "%s.%s", reaction, own ? own : ""),
                                    .name = text_of(r, Parameter_getName(p)),
                                    .unit = tw_sbml_unit(r, Parameter_getUnits(p)),
                                    .value = value,
                                    .constant = true,
                                    .item = TW_NO_SYMBOL });
    r->n_local++;
}

static void local_parameters(tw_sbml_reading *r, const char *reaction, KineticLaw_t *law)
{
    r->local = r->to->n_symbol;
    r->n_local = 0;
    r->local_prefix = strlen(reaction) + 1;
    for (unsigned i = 0; r->to->level < 3 && i < KineticLaw_getNumParameters(law); i++) {
        const Parameter_t *p = KineticLaw_getParameter(law, i);
        local_parameter(r, reaction, p, Parameter_isSetValue(p) ? Parameter_getValue(p) : (double)NAN);
    }
    for (unsigned i = 0; r->to->level >= 3 && i < KineticLaw_getNumLocalParameters(law); i++) {
        LocalParameter_t *p = KineticLaw_getLocalParameter(law, i);
        double value = LocalParameter_isSetValue(p) ? LocalParameter_getValue(p) : (double)NAN;
        local_parameter(r, reaction, (const Parameter_t *)p, value); /* its base class */
    }
}

static tw_status sides(tw_sbml_reading *r, tw_sbml_reaction *to, Reaction_t *x, const char *where)
{
    tw_sbml_reference *reactant, *product;
    to->n_reactant = Reaction_getNumReactants(x);
    to->n_product = Reaction_getNumProducts(x);
    ARRAY(r, reactant, to->n_reactant);
    ARRAY(r, product, to->n_product);
    for (uint32_t i = 0; i < to->n_reactant; i++)
        TW_TRY(reference(r, &reactant[i], Reaction_getReactant(x, i), where));
    for (uint32_t i = 0; i < to->n_product; i++)
        TW_TRY(reference(r, &product[i], Reaction_getProduct(x, i), where));
    to->reactant = reactant;
    to->product = product;
    return TW_OK;
}

static tw_status one_reaction(tw_sbml_reading *r, tw_sbml_reaction *to, Reaction_t *x)
{
    const char *id = Reaction_getId(x);
    char where[128];
    snprintf(where, sizeof where, "reaction \"%.80s\"", id ? id : "");
    TW_TRY(need(r, &to->symbol, id, "reaction"));
    to->fast = Reaction_getFast(x) != 0;
    TW_TRY(sides(r, to, x, where));
    KineticLaw_t *law = Reaction_getKineticLaw(x);
    if (law) {
        local_parameters(r, id, law);
        tw_status s = tw_sbml_formula(r, &to->rate, KineticLaw_getMath(law), where);
        r->n_local = 0;
        TW_TRY(s);
    }
    if (!to->rate)
        tw_sbml_warn(r, "%s has no rate", where);
    return TW_OK;
}

static tw_status reactions(tw_sbml_reading *r)
{
    tw_sbml_reaction *all;
    uint32_t n = Model_getNumReactions(r->from);
    ARRAY(r, all, n);
    for (uint32_t i = 0; i < n; i++)
        TW_TRY(one_reaction(r, &all[i], Model_getReaction(r->from, i)));
    r->to->reaction = all;
    r->to->n_reaction = n;
    return TW_OK;
}

/* ---------------------------------------------------------------- functions, rules, assignments */

static tw_status functions(tw_sbml_reading *r)
{
    uint32_t n = Model_getNumFunctionDefinitions(r->from);
    ARRAY(r, r->function, n);
    ARRAY(r, r->function_id, n);
    for (uint32_t i = 0; i < n; i++) {
        r->function[i].def = Model_getFunctionDefinition(r->from, i);
        r->function_id[i] = (tw_id){ text_of(r, FunctionDefinition_getId(r->function[i].def)), i };
        if (tw_ids_find(r->ids, r->n_ids, r->function_id[i].id) != TW_NO_SYMBOL)
            return tw_fail(r->cx, TW_EPARSE, "id \"%.80s\" is there twice", r->function_id[i].id);
    }
    r->n_function = n;
    return tw_ids_sort(r->cx, r->function_id, n, "function");
}

static tw_status one_rule(tw_sbml_reading *r, tw_sbml_rule *to, const Rule_t *rule)
{
    const char *variable = Rule_getVariable(rule);
    char where[128];
    to->symbol = TW_NO_SYMBOL;
    to->kind = Rule_isAlgebraic(rule) ? TW_SBML_ALGEBRAIC : Rule_isAssignment(rule) ? TW_SBML_ASSIGNMENT : TW_SBML_RATE;
    snprintf(where, sizeof where, "%s \"%.80s\"",
             to->kind == TW_SBML_ALGEBRAIC    ? "algebraic rule"
             : to->kind == TW_SBML_ASSIGNMENT ? "assignment rule"
                                              : "rate rule",
             variable ? variable : "");
    if (to->kind != TW_SBML_ALGEBRAIC)
        TW_TRY(need(r, &to->symbol, variable, where));
    return tw_sbml_formula(r, &to->math, Rule_getMath(rule), where);
}

static tw_status rules(tw_sbml_reading *r)
{
    tw_sbml_rule *all;
    uint32_t n = Model_getNumRules(r->from), kept = 0;
    ARRAY(r, all, n);
    for (uint32_t i = 0; i < n; i++) {
        TW_TRY(one_rule(r, &all[kept], Model_getRule(r->from, i)));
        kept += all[kept].math != NULL;
    }
    r->to->rule = all;
    r->to->n_rule = kept;
    return TW_OK;
}

static tw_status initial_assignments(tw_sbml_reading *r)
{
    tw_sbml_assignment *all;
    uint32_t n = Model_getNumInitialAssignments(r->from), kept = 0;
    ARRAY(r, all, n);
    for (uint32_t i = 0; i < n; i++) {
        const InitialAssignment_t *a = Model_getInitialAssignment(r->from, i);
        char where[128];
        const char *symbol = InitialAssignment_getSymbol(a);
        snprintf(where, sizeof where, "initial assignment \"%.80s\"", symbol ? symbol : "");
        TW_TRY(need(r, &all[kept].symbol, symbol, where));
        TW_TRY(tw_sbml_formula(r, &all[kept].math, InitialAssignment_getMath(a), where));
        kept += all[kept].math != NULL;
    }
    r->to->initial = all;
    r->to->n_initial = kept;
    return TW_OK;
}

/* ---------------------------------------------------------------- events */

static tw_status event_assignments(tw_sbml_reading *r, tw_sbml_event *to, Event_t *e, const char *where)
{
    tw_sbml_assignment *all;
    uint32_t n = Event_getNumEventAssignments(e), kept = 0;
    ARRAY(r, all, n);
    for (uint32_t i = 0; i < n; i++) {
        EventAssignment_t *a = Event_getEventAssignment(e, i);
        TW_TRY(need(r, &all[kept].symbol, EventAssignment_getVariable(a), where));
        TW_TRY(tw_sbml_formula(r, &all[kept].math, EventAssignment_getMath(a), where));
        kept += all[kept].math != NULL;
    }
    to->assignment = all;
    to->n_assignment = kept;
    return TW_OK;
}

/* Before Level 3 a trigger counts as true before the start and an event cannot be taken back. */
static tw_status one_event(tw_sbml_reading *r, tw_sbml_event *to, Event_t *e)
{
    char where[128];
    bool old = r->to->level < 3;
    to->id = text_of(r, Event_getId(e));
    snprintf(where, sizeof where, "event \"%.80s\"", to->id);
    Trigger_t *trigger = Event_getTrigger(e);
    Delay_t *delay = Event_getDelay(e);
    Priority_t *priority = Event_getPriority(e);
    to->trigger_initial = old || !trigger || Trigger_getInitialValue(trigger);
    to->persistent = old || !trigger || Trigger_getPersistent(trigger);
    to->values_from_trigger_time = Event_getUseValuesFromTriggerTime(e) != 0;
    if (trigger)
        TW_TRY(tw_sbml_formula(r, &to->trigger, Trigger_getMath(trigger), where));
    if (delay)
        TW_TRY(tw_sbml_formula(r, &to->delay, Delay_getMath(delay), where));
    if (priority)
        TW_TRY(tw_sbml_formula(r, &to->priority, Priority_getMath(priority), where));
    if (!to->trigger)
        tw_sbml_warn(r, "%s has no trigger: it never fires", where);
    return event_assignments(r, to, e, where);
}

static tw_status events(tw_sbml_reading *r)
{
    tw_sbml_event *all;
    uint32_t n = Model_getNumEvents(r->from), kept = 0;
    ARRAY(r, all, n);
    for (uint32_t i = 0; i < n; i++) {
        memset(&all[kept], 0, sizeof all[kept]);
        TW_TRY(one_event(r, &all[kept], Model_getEvent(r->from, i)));
        kept += all[kept].trigger != NULL;
    }
    r->to->event = all;
    r->to->n_event = kept;
    return TW_OK;
}

static tw_status constraints(tw_sbml_reading *r)
{
    uint32_t n = Model_getNumConstraints(r->from);
    ARRAY(r, r->to->constraint, n);
    for (uint32_t i = 0; i < n; i++) {
        const tw_math **m = &r->to->constraint[r->to->n_constraint];
        TW_TRY(tw_sbml_formula(r, m, Constraint_getMath(Model_getConstraint(r->from, i)), "constraint"));
        r->to->n_constraint += *m != NULL;
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- the whole */

static void head(tw_sbml_reading *r)
{
    tw_sbml_model *to = r->to;
    bool old = to->level < 3;
    to->id = text_of(r, Model_getId(r->from));
    to->name = text_of(r, Model_getName(r->from));
    to->unit_time = tw_sbml_unit(r, old ? "time" : Model_getTimeUnits(r->from));
    to->unit_substance = tw_sbml_unit(r, old ? "substance" : Model_getSubstanceUnits(r->from));
    to->unit_volume = tw_sbml_unit(r, old ? "volume" : Model_getVolumeUnits(r->from));
    to->unit_extent = tw_sbml_unit(r, old ? "substance" : Model_getExtentUnits(r->from));
}

/* Local parameters joined the table after the ids were sorted. */
static tw_status order(tw_sbml_reading *r)
{
    tw_id *ids;
    uint32_t *by_id;
    ARRAY(r, ids, r->to->n_symbol);
    ARRAY(r, by_id, r->to->n_symbol);
    for (uint32_t i = 0; i < r->to->n_symbol; i++)
        ids[i] = (tw_id){ r->to->symbol[i].id, i };
    TW_TRY(tw_ids_sort(r->cx, ids, r->to->n_symbol, "id"));
    for (uint32_t i = 0; i < r->to->n_symbol; i++)
        by_id[i] = ids[i].index;
    r->to->by_id = by_id;
    return TW_OK;
}

static tw_status model(tw_sbml_reading *r)
{
    TW_TRY(tw_sbml_units(r));
    head(r);
    TW_TRY(symbols(r));
    TW_TRY(functions(r));
    TW_TRY(species(r));
    TW_TRY(reactions(r));
    TW_TRY(rules(r));
    TW_TRY(initial_assignments(r));
    TW_TRY(events(r));
    TW_TRY(constraints(r));
    TW_TRY(order(r));
    tw_sbml_warn_model(r);
    return TW_OK;
}

/* The first thing that libSBML calls an error. */
static tw_status complaints(tw_ctx *cx, SBMLDocument_t *doc)
{
    for (unsigned i = 0; i < SBMLDocument_getNumErrors(doc); i++) {
        const SBMLError_t *e = SBMLDocument_getError(doc, i);
        const XMLError_t *x = (const XMLError_t *)e;
        if (XMLError_isError(x) || XMLError_isFatal(x))
            return tw_fail(cx, TW_EPARSE, "line %u: libSBML %u: %.160s", XMLError_getLine(x), XMLError_getErrorId(x),
                           XMLError_getShortMessage(x));
    }
    return TW_OK;
}

static tw_status document(tw_sbml_reading *r, SBMLDocument_t *doc)
{
    TW_TRY(complaints(r->cx, doc));
    if (SBMLDocument_getLevel(doc) == 1 && !SBMLDocument_setLevelAndVersionNonStrict(doc, 2, 4))
        return tw_fail(r->cx, TW_EREFUSED, "the model is SBML Level 1 and does not become Level 2");
    r->from = SBMLDocument_getModel(doc);
    if (!r->from)
        return tw_fail(r->cx, TW_EPARSE, "there is no model");
    r->to->level = SBMLDocument_getLevel(doc);
    r->to->version = SBMLDocument_getVersion(doc);
    tw_status s = model(r);
    return r->full ? tw_fail(r->cx, TW_ELIMIT, "the model needs more memory than there is") : s;
}

tw_status tw_sbml_read(tw_ctx *cx, const tw_sbml_model **out, tw_str text, const tw_sbml_limits *limits)
{
    static const tw_sbml_limits usual;
    const tw_sbml_limits *l = limits ? limits : &usual;
    tw_sbml_reading r = { .cx = cx, .to = tw_new(cx->arena, tw_sbml_model) };
    r.maker = (tw_maker){ cx, 0, l->nodes_max ? l->nodes_max : 4000000 };
    TW_TRY(tw_sbml_scan(&r, text, l));
    char *copy = tw_arena_try(cx->arena, text.n + 1);
    if (!copy)
        return tw_fail(cx, TW_ELIMIT, "the model needs more memory than there is");
    memcpy(copy, text.p, text.n);
    SBMLDocument_t *doc = readSBMLFromString(copy);
    if (!doc)
        return tw_fail(cx, TW_EFOREIGN, "libSBML could not read");
    tw_status s = document(&r, doc);
    SBMLDocument_free(doc);
    *out = r.to;
    return s;
}
