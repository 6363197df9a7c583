/* What formulas and symbols mean, as nodes of the graph. A species is held as amount; where formulas mean its
 * concentration, it is divided by the size of its compartment (SBML L3V2 section 4.6.5). */
#include "sim/build.h"

#define BUSY (NONE - 1)

/* ---------------------------------------------------------------- memory of formulas */

static bool memo_grow(builder *b)
{
    uint32_t cap = b->memo_cap ? b->memo_cap * 2 : 1024;
    memo_entry *old = b->memo, *to = tw_try_array(b->cx->arena, memo_entry, cap);
    if (!to)
        return false;
    for (uint32_t i = 0; i < b->memo_cap; i++) {
        if (!old[i].key)
            continue;
        size_t at = (((uintptr_t)old[i].key >> 4) * 31 + old[i].tag) & (cap - 1);
        while (to[at].key)
            at = (at + 1) & (cap - 1);
        to[at] = old[i];
    }
    b->memo = to;
    b->memo_cap = cap;
    return true;
}

bool tw_sim_memo(builder *b, uint32_t **value, const tw_math *key, uint32_t tag)
{
    *value = NULL;
    if (b->memo_n * 2 >= b->memo_cap && !memo_grow(b))
        return false;
    size_t at = (((uintptr_t)key >> 4) * 31 + tag) & (b->memo_cap - 1);
    for (; b->memo[at].key; at = (at + 1) & (b->memo_cap - 1)) {
        if (b->memo[at].key == key && b->memo[at].tag == tag) {
            *value = &b->memo[at].value;
            return true;
        }
    }
    b->memo[at] = (memo_entry){ .key = key, .tag = tag };
    b->memo_n++;
    *value = &b->memo[at].value;
    return false;
}

/* ---------------------------------------------------------------- formulas */

static tw_status import_delay(builder *b, uint32_t *out, when w, const tw_math *f)
{
    uint32_t expr, tau, before, i = 0;
    if (w != RUNNING) /* the past before the start is as the start */
        return tw_sim_import(b, out, BEFORE, f->arg[0]);
    TW_TRY(tw_sim_import(b, &expr, w, f->arg[0]));
    TW_TRY(tw_sim_import(b, &before, BEFORE, f->arg[0]));
    TW_TRY(tw_sim_import(b, &tau, w, f->arg[1]));
    const node *n = &b->g.node[tau];
    if ((n->op == TW_MATH_NUMBER && n->number == 0) || b->g.node[expr].level == LEVEL_CONST) {
        *out = expr;
        return TW_OK;
    }
    while (i < b->p->n_delay && (b->delay_expr[i] != expr || b->delay_tau[i] != tau || b->delay_before[i] != before))
        i++;
    if (i == DELAYS_MAX)
        return tw_fail(b->cx, TW_ELIMIT, "more than %d different delays", DELAYS_MAX);
    if (i == b->p->n_delay) {
        b->delay_expr[i] = expr;
        b->delay_tau[i] = tau;
        b->delay_before[i] = before;
        b->p->n_delay++;
    }
    *out = tw_sim_slot(&b->g, b->p->delay_slot + i);
    return TW_OK;
}

static tw_status import_new(builder *b, uint32_t *out, when w, const tw_math *f)
{
    uint32_t arg[3] = { 0 };
    switch ((int)f->op) {
    case TW_MATH_NUMBER:
        *out = tw_sim_number(&b->g, f->number);
        return TW_OK;
    case TW_MATH_TIME:
        *out = tw_sim_time(&b->g);
        return TW_OK;
    case TW_MATH_SYMBOL:
        return tw_sim_value(b, out, w, f->symbol);
    case TW_MATH_RATE_OF:
        return tw_sim_rate_of(b, out, w, f->symbol);
    case TW_MATH_DELAY:
        return import_delay(b, out, w, f);
    default:
        for (unsigned i = 0; i < tw_math_arity(f->op); i++)
            TW_TRY(tw_sim_import(b, &arg[i], w, f->arg[i]));
        *out = tw_sim_node(&b->g, f->op, arg[0], arg[1], arg[2]);
        return TW_OK;
    }
}

tw_status tw_sim_import(builder *b, uint32_t *out, when w, const tw_math *f)
{
    uint32_t *memo;
    if (tw_sim_memo(b, &memo, f, (uint32_t)w)) {
        *out = *memo;
        if (*out == BUSY)
            return tw_fail(b->cx, TW_EPARSE, "a formula depends on itself");
        return TW_OK;
    }
    if (!memo)
        return tw_fail(b->cx, TW_ELIMIT, "memory for formulas");
    *memo = BUSY;
    if (++b->depth > DEPTH_MAX)
        return tw_fail(b->cx, TW_ELIMIT, "formulas depend on each other more than %d deep", DEPTH_MAX);
    TW_TRY(import_new(b, out, w, f));
    b->depth--;
    (void)tw_sim_memo(b, &memo, f, (uint32_t)w); /* it may have moved */
    *memo = *out;
    return b->g.failed ? tw_fail(b->cx, TW_ELIMIT, "expressions of more than %u nodes", b->g.max) : TW_OK;
}

/* ---------------------------------------------------------------- symbols */

tw_status tw_sim_size(builder *b, uint32_t *out, when w, uint32_t symbol)
{
    const tw_sbml_species *s = species_of(b, symbol);
    *out = NONE;
    return !s || s->only_substance ? TW_OK : tw_sim_value(b, out, w, s->compartment);
}

static tw_status stoichiometry(builder *b, uint32_t *out, when w, const tw_sbml_reference *r)
{
    if (r->math)
        return tw_sim_import(b, out, w, r->math);
    if (r->symbol != TW_NO_SYMBOL)
        return tw_sim_value(b, out, w, r->symbol);
    *out = tw_sim_number(&b->g, r->stoichiometry);
    return TW_OK;
}

tw_status tw_sim_share(builder *b, uint32_t *out, const share *s)
{
    const tw_sbml_species *sp = species_of(b, s->species);
    uint32_t c;
    TW_TRY(stoichiometry(b, out, RUNNING, s->reference));
    if (!s->product)
        *out = tw_sim_node(&b->g, TW_MATH_NEG, *out, 0, 0);
    if (sp && sp->conversion != TW_NO_SYMBOL) {
        TW_TRY(tw_sim_value(b, &c, RUNNING, sp->conversion));
        *out = tw_sim_node(&b->g, TW_MATH_MUL, *out, c, 0);
    }
    return TW_OK;
}

/* As it is held: plus what fast reactions moved since. */
static tw_status held_amount(builder *b, uint32_t *out, uint32_t symbol)
{
    graph *g = &b->g;
    *out = tw_sim_slot(g, b->slot[symbol]);
    for (uint32_t i = 0; i < b->n_fast; i++) {
        const fast_column *f = &b->fast[i];
        for (uint32_t j = 0; f->of == i && j < f->n_share; j++) {
            uint32_t by;
            if (f->share[j].species != symbol)
                continue;
            TW_TRY(tw_sim_share(b, &by, &f->share[j]));
            by = tw_sim_node(g, TW_MATH_MUL, by, tw_sim_slot(g, f->slot), 0);
            *out = tw_sim_node(g, TW_MATH_ADD, *out, by, 0);
        }
    }
    return TW_OK;
}

/* A species or other symbol at the start, without rule: initial assignment, else the value of the batch or model. */
static tw_status start_amount(builder *b, uint32_t *out, when w, uint32_t symbol)
{
    graph *g = &b->g;
    const tw_sbml_species *s = species_of(b, symbol);
    uint32_t size, as_meant;
    uint32_t base = tw_sim_slot(g, b->p->base_slot + symbol);
    TW_TRY(tw_sim_size(b, &size, w, symbol));
    if (b->initial[symbol]) {
        TW_TRY(tw_sim_import(b, &as_meant, w, b->initial[symbol]));
        *out = size == NONE ? as_meant : tw_sim_node(g, TW_MATH_MUL, as_meant, size, 0);
        return TW_OK;
    }
    if (!s || size == NONE) {
        *out = base;
        return TW_OK;
    }
    uint32_t is_amount = tw_sim_slot(g, b->p->base_slot + b->m->n_symbol + symbol);
    *out = tw_sim_node(g, TW_MATH_IF, is_amount, base, tw_sim_node(g, TW_MATH_MUL, base, size, 0));
    return TW_OK;
}

tw_status tw_sim_amount(builder *b, uint32_t *out, when w, uint32_t symbol)
{
    uint32_t size;
    role r = b->role[symbol];
    if (r == ROLE_HELD || r == ROLE_STATE)
        return w != RUNNING ? start_amount(b, out, w, symbol) : held_amount(b, out, symbol);
    TW_TRY(tw_sim_value(b, out, w, symbol));
    TW_TRY(tw_sim_size(b, &size, w, symbol));
    if (size != NONE)
        *out = tw_sim_node(&b->g, TW_MATH_MUL, *out, size, 0);
    return TW_OK;
}

static tw_status value_new(builder *b, uint32_t *out, when w, uint32_t symbol)
{
    const tw_math *rate;
    uint32_t size;
    switch (b->role[symbol]) {
    case ROLE_REACTION:
        rate = b->m->reaction[b->m->symbol[symbol].item].rate;
        if (rate)
            return tw_sim_import(b, out, w, rate);
        *out = tw_sim_number(&b->g, (double)NAN);
        return TW_OK;
    case ROLE_ASSIGNED:
        return tw_sim_import(b, out, w, b->rule[symbol]);
    case ROLE_UNKNOWN:
        if (w == RUNNING) {
            *out = tw_sim_slot(&b->g, b->slot[symbol]);
            return TW_OK;
        }
        break;
    case ROLE_STATE:
    case ROLE_HELD:
        break;
    }
    if (w != RUNNING && b->initial[symbol])
        return tw_sim_import(b, out, w, b->initial[symbol]);
    if (w != RUNNING)
        TW_TRY(start_amount(b, out, w, symbol));
    else
        TW_TRY(held_amount(b, out, symbol));
    TW_TRY(tw_sim_size(b, &size, w, symbol));
    if (size != NONE)
        *out = tw_sim_node(&b->g, TW_MATH_DIV, *out, size, 0);
    return TW_OK;
}

tw_status tw_sim_value(builder *b, uint32_t *out, when w, uint32_t symbol)
{
    uint32_t *memo = &b->value[w][symbol];
    if (*memo == BUSY)
        return tw_fail(b->cx, TW_EPARSE, "'%s' depends on itself", b->m->symbol[symbol].id);
    if (*memo == NONE) {
        *memo = BUSY;
        TW_TRY(value_new(b, memo, w, symbol));
    }
    *out = *memo;
    return TW_OK;
}

/* ---------------------------------------------------------------- rates */

static tw_status add_side(builder *b, uint32_t *sum, when w, uint32_t symbol, const tw_sbml_reaction *r, bool product)
{
    const tw_sbml_reference *ref = product ? r->product : r->reactant;
    uint32_t n = product ? r->n_product : r->n_reactant;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t by, v;
        if (ref[i].species != symbol)
            continue;
        TW_TRY(stoichiometry(b, &by, w, &ref[i]));
        TW_TRY(tw_sim_value(b, &v, w, r->symbol));
        v = tw_sim_node(&b->g, TW_MATH_MUL, v, by, 0);
        *sum = tw_sim_node(&b->g, product ? TW_MATH_ADD : TW_MATH_SUB, *sum, v, 0);
    }
    return TW_OK;
}

static tw_status reaction_rate(builder *b, uint32_t *out, when w, uint32_t symbol)
{
    uint32_t sum = b->g.zero, c;
    const tw_sbml_species *s = species_of(b, symbol);
    for (uint32_t i = 0; i < b->m->n_reaction; i++) {
        const tw_sbml_reaction *r = &b->m->reaction[i];
        if (r->fast || !r->rate)
            continue;
        TW_TRY(add_side(b, &sum, w, symbol, r, false));
        TW_TRY(add_side(b, &sum, w, symbol, r, true));
    }
    if (s && s->conversion != TW_NO_SYMBOL) {
        TW_TRY(tw_sim_value(b, &c, w, s->conversion));
        sum = tw_sim_times(&b->g, sum, c);
    }
    *out = sum;
    return TW_OK;
}

tw_status tw_sim_slot_rate(builder *b, uint32_t *out, when w, uint32_t symbol)
{
    uint32_t size, by, value, size_rate;
    graph *g = &b->g;
    if (!b->rule[symbol])
        return reaction_rate(b, out, w, symbol);
    TW_TRY(tw_sim_import(b, &by, w, b->rule[symbol]));
    TW_TRY(tw_sim_size(b, &size, w, symbol));
    *out = by;
    if (size == NONE)
        return TW_OK;
    /* the rule is of the concentration: A' = V c' + c V' */
    TW_TRY(tw_sim_value(b, &value, w, symbol));
    TW_TRY(tw_sim_rate_of(b, &size_rate, w, species_of(b, symbol)->compartment));
    *out = tw_sim_node(g, TW_MATH_ADD, tw_sim_times(g, by, size), tw_sim_times(g, value, size_rate), 0);
    return TW_OK;
}

static tw_status rate_of_state(builder *b, uint32_t *out, when w, uint32_t symbol)
{
    uint32_t size, value, size_rate, amount_rate;
    graph *g = &b->g;
    TW_TRY(tw_sim_size(b, &size, w, symbol));
    if (b->rule[symbol])
        return tw_sim_import(b, out, w, b->rule[symbol]);
    for (uint32_t i = 0; i < b->n_fast; i++) {
        for (uint32_t j = 0; j < b->fast[i].n_share; j++) {
            if (b->fast[i].share[j].species == symbol)
                return tw_fail(b->cx, TW_EREFUSED, "the rate of '%s', which a fast reaction changes",
                               b->m->symbol[symbol].id);
        }
    }
    amount_rate = g->zero;
    if (b->role[symbol] == ROLE_STATE)
        TW_TRY(tw_sim_slot_rate(b, &amount_rate, w, symbol));
    *out = amount_rate;
    if (size == NONE)
        return TW_OK;
    TW_TRY(tw_sim_value(b, &value, w, symbol));
    TW_TRY(tw_sim_rate_of(b, &size_rate, w, species_of(b, symbol)->compartment));
    *out = tw_sim_node(g, TW_MATH_SUB, amount_rate, tw_sim_times(g, value, size_rate), 0);
    *out = tw_sim_node(g, TW_MATH_DIV, *out, size, 0);
    return TW_OK;
}

/* An assigned symbol: by the chain rule over the slots that it reads. */
static tw_status rate_of_assigned(builder *b, uint32_t *out, when w, uint32_t symbol)
{
    uint32_t value, *d = tw_try_array(b->cx->arena, uint32_t, b->p->n_x + 1);
    uint8_t *read = tw_try_array(b->cx->arena, uint8_t, b->p->n_state + 1);
    if (!d || !read)
        return tw_fail(b->cx, TW_ELIMIT, "memory for rates");
    memset(d, 0xff, b->p->n_x * sizeof *d);
    TW_TRY(tw_sim_value(b, &value, w, symbol));
    if (w != RUNNING || tw_sim_reads(&b->g, value, b->p->alg_slot, b->p->alg_slot + b->p->n_alg) ||
        tw_sim_reads(&b->g, value, b->p->delay_slot, b->p->delay_slot + DELAYS_MAX))
        return tw_fail(b->cx, TW_EREFUSED, "the rate of '%s', which a rule determines", b->m->symbol[symbol].id);
    tw_sim_slots_read(&b->g, read, value, 0, b->p->n_state);
    for (uint32_t s = 0; s < b->m->n_symbol; s++) {
        if (b->role[s] == ROLE_STATE && read[b->slot[s]])
            TW_TRY(tw_sim_slot_rate(b, &d[b->slot[s]], w, s));
    }
    tw_sim_diff(&b->g, out, &value, 1, d, b->p->n_x, b->g.one);
    if (*out == NONE)
        return tw_fail(b->cx, TW_EREFUSED, "the rate of '%s': its rule has no derivative here",
                       b->m->symbol[symbol].id);
    return TW_OK;
}

static tw_status rate_new(builder *b, uint32_t *out, when w, uint32_t symbol)
{
    switch (b->role[symbol]) {
    case ROLE_STATE:
    case ROLE_HELD:
        return rate_of_state(b, out, w, symbol);
    case ROLE_ASSIGNED:
        return rate_of_assigned(b, out, w, symbol);
    case ROLE_UNKNOWN:
    case ROLE_REACTION:
        break;
    }
    return tw_fail(b->cx, TW_EREFUSED, "the rate of '%s', which an algebraic rule or a reaction determines",
                   b->m->symbol[symbol].id);
}

tw_status tw_sim_rate_of(builder *b, uint32_t *out, when w, uint32_t symbol)
{
    uint32_t *memo = &b->rate[w][symbol];
    if (w == BEFORE) {
        *out = b->g.zero;
        return TW_OK;
    }
    if (*memo == BUSY)
        return tw_fail(b->cx, TW_EPARSE, "the rate of '%s' depends on itself", b->m->symbol[symbol].id);
    if (*memo == NONE) {
        *memo = BUSY;
        TW_TRY(rate_new(b, memo, w, symbol));
    }
    *out = *memo;
    return TW_OK;
}
