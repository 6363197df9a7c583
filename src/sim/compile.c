/* A model becomes a program: first all meanings as nodes, then instructions. */
#include "sim/build.h"

/* Nodes of everything that runs, until all are known. */
typedef struct {
    uint32_t *init, *rate, *out, *alg, *jac, *atom, *clock, *clock_truth, *clock_at, *trigger, *volume, *share;
    uint32_t n_atom, n_jac, n_volume; /* n_jac 0: no symbolic Jacobian */
    uint32_t **event, **event_volume;
} roots;

#define ARRAY(to, type, count)                                                                                         \
    do {                                                                                                               \
        (to) = tw_try_array(b->cx->arena, type, (size_t)(count) + 1);                                                  \
        if (!(to))                                                                                                     \
            return tw_fail(b->cx, TW_ELIMIT, "program memory");                                                        \
    } while (0)

/* ---------------------------------------------------------------- start */

static tw_status start_values(builder *b, roots *r)
{
    tw_sim_program *p = b->p;
    double *base;
    ARRAY(r->init, uint32_t, p->n_x);
    ARRAY(base, double, 2 * (size_t)b->m->n_symbol);
    for (uint32_t i = 0; i < p->n_x; i++)
        r->init[i] = b->g.zero; /* extents of fast reactions */
    for (uint32_t s = 0; s < b->m->n_symbol; s++) {
        const tw_sbml_species *sp = species_of(b, s);
        base[s] = sp ? sp->initial : b->m->symbol[s].value;
        base[b->m->n_symbol + s] = sp && sp->initial_is_amount ? 1 : 0;
        if (b->slot[s] == NONE)
            continue;
        if (b->role[s] == ROLE_UNKNOWN)
            TW_TRY(tw_sim_value(b, &r->init[b->slot[s]], AT_START, s));
        else
            TW_TRY(tw_sim_amount(b, &r->init[b->slot[s]], AT_START, s));
    }
    p->base_value = base;
    return TW_OK;
}

/* ---------------------------------------------------------------- rates, algebra, Jacobians */

static tw_status rates(builder *b, roots *r)
{
    ARRAY(r->rate, uint32_t, b->p->n_state);
    for (uint32_t s = 0; s < b->m->n_symbol; s++) {
        if (b->role[s] == ROLE_STATE)
            TW_TRY(tw_sim_slot_rate(b, &r->rate[b->slot[s]], RUNNING, s));
    }
    return TW_OK;
}

static tw_status algebra(builder *b, roots *r)
{
    tw_sim_program *p = b->p;
    uint32_t n = p->n_alg, k = 0, *column, *d;
    ARRAY(r->alg, uint32_t, n + (size_t)n * n);
    ARRAY(column, uint32_t, n);
    ARRAY(d, uint32_t, p->n_x);
    for (uint32_t i = 0; i < b->n_algebraic; i++)
        TW_TRY(tw_sim_import(b, &r->alg[k++], RUNNING, b->algebraic[i]));
    for (uint32_t i = 0; i < b->n_fast; i++) {
        uint32_t v;
        TW_TRY(tw_sim_value(b, &v, RUNNING, b->m->reaction[b->fast[i].reaction].symbol));
        uint32_t row = b->fast[b->fast[i].of].slot - p->alg_slot;
        v = tw_sim_times(&b->g, v, tw_sim_number(&b->g, b->fast[i].factor));
        r->alg[row] = tw_sim_node(&b->g, TW_MATH_ADD, r->alg[row], v, 0);
    }
    for (uint32_t j = 0; j < n; j++) {
        memset(d, 0xff, p->n_x * sizeof *d);
        d[p->alg_slot + j] = b->g.one;
        tw_sim_diff(&b->g, column, r->alg, n, d, p->n_x, b->g.zero);
        for (uint32_t i = 0; i < n; i++) {
            if (column[i] == NONE)
                return tw_fail(b->cx, TW_EREFUSED, "an algebraic rule or fast reaction has no derivative here");
            r->alg[n + i * n + j] = column[i];
        }
    }
    return TW_OK;
}

enum { JACOBIAN_MAX = 40 };

static tw_status jacobian(builder *b, roots *r)
{
    tw_sim_program *p = b->p;
    uint32_t n = p->n_state, *column, *d, limit = b->g.n * 24 + 20000;
    if (n == 0 || n > JACOBIAN_MAX || p->n_alg || p->n_delay)
        return TW_OK;
    ARRAY(r->jac, uint32_t, (size_t)n * n + n);
    ARRAY(column, uint32_t, n);
    ARRAY(d, uint32_t, p->n_x);
    for (uint32_t j = 0; j <= n; j++) {
        memset(d, 0xff, p->n_x * sizeof *d);
        if (j < n)
            d[j] = b->g.one;
        tw_sim_diff(&b->g, column, r->rate, n, d, p->n_x, j < n ? b->g.zero : b->g.one);
        if (b->g.n > limit)
            return TW_OK;
        for (uint32_t i = 0; i < n; i++) {
            if (column[i] == NONE)
                return TW_OK;
            r->jac[j < n ? i * n + j : n * n + i] = column[i];
        }
    }
    r->n_jac = n * n + n;
    return TW_OK;
}

/* ---------------------------------------------------------------- events */

/* Linear in time alone? Then where it changes is known beforehand. */
static bool clock_of(builder *b, roots *r, uint32_t relation)
{
    graph *g = &b->g;
    node n = g->node[relation];
    uint32_t slope, gap = tw_sim_node(g, TW_MATH_SUB, n.arg[0], n.arg[1], 0);
    if (g->node[gap].level != LEVEL_MOVING || tw_sim_reads(g, gap, 0, b->p->alg_slot + b->p->n_alg) ||
        tw_sim_reads(g, gap, b->p->delay_slot, b->p->delay_slot + DELAYS_MAX))
        return false;
    tw_sim_diff(g, &slope, &gap, 1, NULL, 0, g->one);
    if (slope == NONE || g->node[slope].level == LEVEL_MOVING)
        return false;
    uint32_t i = b->p->n_clock++, base = tw_sim_at_zero(g, gap);
    r->clock_truth[i] = relation;
    r->clock_at[i] = tw_sim_node(g, TW_MATH_DIV, tw_sim_node(g, TW_MATH_NEG, base, 0, 0), slope, 0);
    r->clock[2 * i] = base;
    r->clock[2 * i + 1] = slope;
    return true;
}

static bool is_logic(tw_math_op op)
{
    return op == TW_MATH_AND || op == TW_MATH_OR || op == TW_MATH_XOR || op == TW_MATH_NOT;
}

/* Clocks: relations that a trigger or a rate reads. Atoms: the others that a trigger reads, and triggers that are
 * numbers. */
static tw_status relations(builder *b, roots *r)
{
    graph *g = &b->g;
    enum { READ = 1, BY_TRIGGER = 2, TRIGGER = 4 };
    uint32_t n = g->n, k = 0;
    uint8_t *mark;
    ARRAY(mark, uint8_t, n);
    for (uint32_t i = 0; i < b->m->n_event; i++)
        mark[r->trigger[i]] = READ | BY_TRIGGER | TRIGGER;
    for (uint32_t i = 0; i < b->p->n_state; i++)
        mark[r->rate[i]] |= READ;
    for (uint32_t i = n; i-- > 0;) {
        if (!mark[i])
            continue;
        for (unsigned j = 0; j < tw_math_arity(g->node[i].op); j++)
            mark[g->node[i].arg[j]] |= mark[i] & (READ | BY_TRIGGER);
        k += is_relation(g->node[i].op);
    }
    ARRAY(r->clock, uint32_t, 2 * (size_t)k);
    ARRAY(r->clock_truth, uint32_t, k);
    ARRAY(r->clock_at, uint32_t, k);
    ARRAY(r->atom, uint32_t, k + b->m->n_event);
    for (uint32_t i = 0; i < n; i++) {
        tw_math_op op = g->node[i].op;
        bool relation = is_relation(op);
        if (!mark[i] || g->node[i].level != LEVEL_MOVING || (relation && clock_of(b, r, i)))
            continue;
        if (!(mark[i] & BY_TRIGGER) || !(relation || (mark[i] & TRIGGER && !is_logic(op))))
            continue;
        if (op == TW_MATH_EQ || op == TW_MATH_NE)
            return tw_fail(b->cx, TW_EREFUSED, "a trigger that asks whether a quantity that changes equals a value");
        r->atom[r->n_atom++] = i;
    }
    return TW_OK;
}

static tw_status event_nodes(builder *b, roots *r, event_code *e, uint32_t i)
{
    const tw_sbml_event *v = &b->m->event[i];
    uint32_t *slot, n = v->n_assignment, k = n;
    *e = (event_code){ .n_assign = n,
                       .delay = NONE,
                       .priority = NONE,
                       .trigger_initial = v->trigger_initial,
                       .persistent = v->persistent,
                       .from_trigger_time = v->values_from_trigger_time };
    ARRAY(r->event[i], uint32_t, (size_t)n + 2);
    ARRAY(r->event_volume[i], uint32_t, n);
    ARRAY(slot, uint32_t, n);
    TW_TRY(tw_sim_import(b, &r->trigger[i], RUNNING, v->trigger));
    for (uint32_t j = 0; j < n; j++) {
        uint32_t s = v->assignment[j].symbol;
        if (b->slot[s] == NONE)
            return tw_fail(b->cx, TW_EPARSE, "event '%s' sets '%s', which a rule determines", v->id,
                           b->m->symbol[s].id);
        slot[j] = b->slot[s];
        TW_TRY(tw_sim_import(b, &r->event[i][j], RUNNING, v->assignment[j].math));
        uint32_t size = NONE;
        if (b->role[s] != ROLE_UNKNOWN)
            TW_TRY(tw_sim_size(b, &size, RUNNING, s));
        r->event_volume[i][j] = size == NONE ? b->g.one : size;
    }
    if (v->delay) {
        e->delay = k;
        TW_TRY(tw_sim_import(b, &r->event[i][k++], RUNNING, v->delay));
    }
    if (v->priority) {
        e->priority = k;
        TW_TRY(tw_sim_import(b, &r->event[i][k++], RUNNING, v->priority));
    }
    e->body.n_out = k;
    e->slot = slot;
    b->p->assign_max = TW_MAX(b->p->assign_max, n);
    return TW_OK;
}

static tw_status events(builder *b, roots *r, event_code **out)
{
    event_code *e;
    uint32_t n = b->m->n_event;
    ARRAY(e, event_code, n);
    ARRAY(r->event, uint32_t *, n);
    ARRAY(r->event_volume, uint32_t *, n);
    ARRAY(r->trigger, uint32_t, n);
    for (uint32_t i = 0; i < n; i++)
        TW_TRY(event_nodes(b, r, &e[i], i));
    b->p->event = e;
    b->p->n_event = n;
    *out = e;
    return TW_OK;
}

/* ---------------------------------------------------------------- what is seen */

static tw_status output(builder *b, uint32_t *out, const tw_sim_output *o)
{
    uint32_t size;
    if (o->kind == TW_SIM_FORMULA)
        return tw_sim_import(b, out, RUNNING, o->math);
    if (o->symbol >= b->m->n_symbol)
        return tw_fail(b->cx, TW_EUSAGE, "an output names no symbol");
    const tw_sbml_species *s = species_of(b, o->symbol);
    if (o->kind == TW_SIM_VALUE || (!s && o->kind != TW_SIM_RATE_OF))
        return tw_sim_value(b, out, RUNNING, o->symbol);
    if (o->kind == TW_SIM_RATE_OF)
        return tw_sim_rate_of(b, out, RUNNING, o->symbol);
    TW_TRY(tw_sim_amount(b, out, RUNNING, o->symbol));
    if (o->kind == TW_SIM_AMOUNT)
        return TW_OK;
    if (isnan(b->m->symbol[s->compartment].value) && s->only_substance && b->role[s->compartment] == ROLE_HELD &&
        !b->initial[s->compartment])
        return TW_OK; /* a compartment without size */
    TW_TRY(tw_sim_value(b, &size, RUNNING, s->compartment));
    *out = tw_sim_node(&b->g, TW_MATH_DIV, *out, size, 0);
    return TW_OK;
}

static tw_status outputs(builder *b, roots *r)
{
    uint32_t *volume_of, size;
    ARRAY(r->out, uint32_t, b->o->n_output);
    for (uint32_t i = 0; i < b->o->n_output; i++)
        TW_TRY(output(b, &r->out[i], &b->o->output[i]));
    ARRAY(r->volume, uint32_t, b->m->n_symbol);
    ARRAY(volume_of, uint32_t, b->m->n_symbol);
    for (uint32_t s = 0; s < b->m->n_symbol; s++) {
        volume_of[s] = NONE;
        if (b->slot[s] == NONE || b->role[s] == ROLE_UNKNOWN)
            continue;
        TW_TRY(tw_sim_size(b, &size, RUNNING, s));
        if (size != NONE) {
            volume_of[s] = r->n_volume;
            r->volume[r->n_volume++] = size;
        }
    }
    b->p->volume_of = volume_of;
    return TW_OK;
}

static tw_status fast_shares(builder *b, roots *r)
{
    tw_sim_program *p = b->p;
    uint32_t *slot, *alg, n = 0;
    for (uint32_t i = 0; i < b->n_fast; i++)
        n += b->fast[i].n_share;
    ARRAY(slot, uint32_t, n);
    ARRAY(alg, uint32_t, n);
    ARRAY(r->share, uint32_t, n);
    for (uint32_t i = 0; i < b->n_fast; i++) {
        for (uint32_t j = 0; b->fast[i].of == i && j < b->fast[i].n_share; j++) {
            const share *s = &b->fast[i].share[j];
            TW_TRY(tw_sim_share(b, &r->share[p->n_share], s));
            slot[p->n_share] = b->slot[s->species];
            alg[p->n_share] = b->fast[i].slot;
            p->n_share++;
        }
    }
    p->fast_slot = slot;
    p->fast_alg = alg;
    p->n_fast = b->n_extent;
    return TW_OK;
}

/* ---------------------------------------------------------------- instructions */

static tw_status emit_events(builder *b, const roots *r, event_code *e)
{
    for (uint32_t i = 0; i < b->p->n_event; i++) {
        TW_TRY(tw_sim_emit(b, &e[i].body, r->event[i], e[i].body.n_out, false));
        TW_TRY(tw_sim_emit(b, &e[i].volumes, r->event_volume[i], e[i].n_assign, false));
        if (e[i].delay != NONE)
            e[i].delay = e[i].body.out[e[i].delay];
        if (e[i].priority != NONE)
            e[i].priority = e[i].body.out[e[i].priority];
    }
    return TW_OK;
}

static tw_status emit_delays(builder *b)
{
    delay_code *d;
    const uint32_t **reads;
    uint8_t *read;
    ARRAY(read, uint8_t, b->p->n_delay);
    ARRAY(d, delay_code, b->p->n_delay);
    ARRAY(reads, const uint32_t *, b->p->n_delay);
    for (uint32_t i = 0; i < b->p->n_delay; i++) {
        uint32_t k = 0, *list;
        ARRAY(list, uint32_t, b->p->n_delay);
        memset(read, 0, b->p->n_delay);
        tw_sim_slots_read(&b->g, read, b->delay_expr[i], b->p->delay_slot, b->p->delay_slot + b->p->n_delay);
        for (uint32_t j = 0; j < b->p->n_delay; j++) {
            if (read[j])
                list[k++] = j;
        }
        if (b->g.failed)
            return tw_fail(b->cx, TW_ELIMIT, "program memory");
        if (k > DELAYS_NESTED_MAX)
            return tw_fail(b->cx, TW_EREFUSED, "more than %d delays inside a delay", DELAYS_NESTED_MAX);
        list[k] = NONE;
        reads[i] = list;
        TW_TRY(tw_sim_emit(b, &d[i].expr, &b->delay_expr[i], 1, true)); /* in registers of its own: with all it needs */
        TW_TRY(tw_sim_emit(b, &d[i].tau, &b->delay_tau[i], 1, true));
        TW_TRY(tw_sim_emit(b, &d[i].before, &b->delay_before[i], 1, true));
    }
    b->p->delay = d;
    b->p->delay_reads = reads;
    return TW_OK;
}

static tw_status emit_all(builder *b, const roots *r, event_code *e)
{
    tw_sim_program *p = b->p;
    code clocks, at;
    clock_code *clock;
    TW_TRY(tw_sim_emit_start(b));
    TW_TRY(tw_sim_emit(b, &p->init, r->init, p->n_x, true));
    TW_TRY(tw_sim_emit(b, &p->rate, r->rate, p->n_state, false));
    TW_TRY(tw_sim_emit(b, &p->out, r->out, b->o->n_output, false));
    TW_TRY(tw_sim_emit(b, &p->alg, r->alg, p->n_alg + p->n_alg * p->n_alg, false));
    TW_TRY(tw_sim_emit(b, &p->jac, r->jac, r->n_jac, false));
    TW_TRY(tw_sim_emit(b, &p->atoms, r->atom, r->n_atom, false));
    TW_TRY(tw_sim_emit(b, &p->trigger, r->trigger, p->n_event, false));
    TW_TRY(tw_sim_emit(b, &p->volumes, r->volume, r->n_volume, false));
    TW_TRY(tw_sim_emit(b, &p->fast, r->share, p->n_share, false));
    TW_TRY(tw_sim_emit(b, &clocks, r->clock, 2 * p->n_clock, false));
    TW_TRY(tw_sim_emit(b, &at, r->clock_at, p->n_clock, false));
    ARRAY(clock, clock_code, p->n_clock);
    for (uint32_t i = 0; i < p->n_clock; i++) {
        clock[i] = (clock_code){ .base = clocks.out[2 * i],
                                 .slope = clocks.out[2 * i + 1],
                                 .at = at.out[i],
                                 .op = b->g.node[r->clock_truth[i]].op };
        TW_TRY(tw_sim_emit(b, &clock[i].truth, &r->clock_truth[i], 1, false));
    }
    p->clock = clock;
    TW_TRY(emit_events(b, r, e));
    TW_TRY(emit_delays(b));
    TW_TRY(tw_sim_emit_end(b));
    p->n_node = b->g.n;
    return TW_OK;
}

static tw_status tables(builder *b)
{
    uint32_t n = b->m->n_symbol;
    ARRAY(b->role, role, n);
    ARRAY(b->rule, const tw_math *, n);
    ARRAY(b->initial, const tw_math *, n);
    ARRAY(b->in_event, uint8_t, n);
    ARRAY(b->slot, uint32_t, n);
    ARRAY(b->algebraic, const tw_math *, b->m->n_rule);
    ARRAY(b->unknown, uint32_t, b->m->n_rule);
    for (unsigned w = 0; w < TW_COUNT(b->value); w++) {
        ARRAY(b->value[w], uint32_t, n);
        ARRAY(b->rate[w], uint32_t, n);
        memset(b->value[w], 0xff, n * sizeof(uint32_t));
        memset(b->rate[w], 0xff, n * sizeof(uint32_t));
    }
    for (uint32_t i = 0; i < b->m->n_initial; i++)
        b->initial[b->m->initial[i].symbol] = b->m->initial[i].math;
    for (uint32_t i = 0; i < b->o->n_input; i++) {
        if (b->o->input[i] >= n)
            return tw_fail(b->cx, TW_EUSAGE, "an input names no symbol");
        b->initial[b->o->input[i]] = NULL;
    }
    return TW_OK;
}

tw_status tw_sim_compile(tw_ctx *cx, const tw_sim_program **out, const tw_sbml_model *model, const tw_sim_opts *opts)
{
    tw_sim_program *p = tw_try_array(cx->arena, tw_sim_program, 1);
    builder *b = tw_try_array(cx->arena, builder, 1);
    roots r = { 0 };
    event_code *e = NULL;
    if (!p || !b)
        return tw_fail(cx, TW_ELIMIT, "program memory");
    *b = (builder){ .cx = cx, .m = model, .o = opts, .p = p };
    p->n_symbol = model->n_symbol;
    TW_TRY(tables(b));
    TW_TRY(tw_sim_roles(b));
    if (!tw_sim_graph_init(&b->g, cx, opts->nodes_max ? opts->nodes_max : 8000000, b->slot_level))
        return tw_fail(cx, TW_ELIMIT, "program memory");
    TW_TRY(start_values(b, &r));
    TW_TRY(rates(b, &r));
    TW_TRY(events(b, &r, &e));
    TW_TRY(outputs(b, &r));
    TW_TRY(fast_shares(b, &r));
    TW_TRY(algebra(b, &r));
    TW_TRY(jacobian(b, &r));
    TW_TRY(relations(b, &r));
    if (b->g.failed)
        return tw_fail(cx, TW_ELIMIT, "expressions of more than %u nodes", b->g.max);
    TW_TRY(emit_all(b, &r, e));
    *out = p;
    return TW_OK;
}

/* ---------------------------------------------------------------- what a program is */

tw_sim_info tw_sim_describe(const tw_sim_program *p)
{
    return (tw_sim_info){ .n_state = p->n_state,
                          .n_algebraic = p->n_alg - p->n_fast,
                          .n_fast = p->n_fast,
                          .n_delay = p->n_delay,
                          .n_event = p->n_event,
                          .n_output = p->out.n_out,
                          .n_node = p->n_node,
                          .n_rate_code = p->rate.n,
                          .n_hoisted = p->hoist.n,
                          .has_jacobian = p->jac.n_out > 0 };
}

size_t tw_sim_state_size(const tw_sim_program *p)
{
    return 1 + (size_t)p->n_x + p->n_event;
}

size_t tw_sim_state_index(const tw_sim_program *p, uint32_t symbol)
{
    TW_ASSERT(symbol < p->n_symbol);
    return p->slot_of[symbol] == NONE ? SIZE_MAX : 1 + (size_t)p->slot_of[symbol];
}

bool tw_sim_state_whole(const tw_sim_program *p)
{
    bool delayed = p->n_delay > 0;
    for (uint32_t e = 0; e < p->n_event; e++)
        delayed = delayed || p->event[e].delay != NONE;
    return !delayed;
}
