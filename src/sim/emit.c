/* From nodes to instructions. Every node has one register for the whole program; what is held is gathered for the
 * `hoist` program. */
#include "sim/build.h"

#include <stdlib.h>

enum { CLOCKS_SORTED_MAX = 4096 };

tw_status tw_sim_emit_start(builder *b)
{
    uint32_t n = b->g.n;
    b->reg = tw_try_array(b->cx->arena, uint32_t, n);
    b->stamp = tw_try_array(b->cx->arena, uint32_t, n);
    b->work = tw_try_array(b->cx->arena, uint32_t, n);
    b->hoisted = tw_try_array(b->cx->arena, uint8_t, n);
    if (!b->reg || !b->stamp || !b->work || !b->hoisted)
        return tw_fail(b->cx, TW_ELIMIT, "expressions of %u nodes", n);
    memset(b->reg, 0xff, n * sizeof *b->reg);
    b->p->n_slot = b->p->delay_slot + b->p->n_delay;
    b->p->time_reg = b->p->n_slot;
    b->p->n_reg = b->p->n_slot + 1;
    b->reg_n = n;
    return TW_OK;
}

static void give_register(builder *b, uint32_t at)
{
    const node *n = &b->g.node[at];
    if (b->reg[at] != NONE)
        return;
    if (n->op == TW_MATH_SYMBOL)
        b->reg[at] = n->arg[0];
    else if (n->op == TW_MATH_TIME)
        b->reg[at] = b->p->time_reg;
    else
        b->reg[at] = b->p->n_reg++;
}

/* A node that is needed: a register, and its operation into work or among what is hoisted. */
static uint32_t need(builder *b, uint32_t n, uint32_t at, bool held_too)
{
    give_register(b, at);
    if (b->stamp[at] == b->stamp_now || tw_math_arity(b->g.node[at].op) == 0)
        return n;
    if (!held_too && b->g.node[at].level <= LEVEL_HELD) {
        b->hoisted[at] = 1;
        return n;
    }
    b->stamp[at] = b->stamp_now;
    b->work[n] = at;
    return n + 1;
}

/* Puts the operations below `at` into work, unsorted. */
static uint32_t gather(builder *b, uint32_t n, uint32_t at, bool held_too)
{
    uint32_t top = n, end = need(b, n, at, held_too);
    while (top < end) {
        const node *d = &b->g.node[b->work[top++]];
        for (unsigned i = 0; i < tw_math_arity(d->op); i++)
            end = need(b, end, d->arg[i], held_too);
    }
    return end;
}

static int ascending(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

tw_status tw_sim_emit(builder *b, code *out, const uint32_t *root, uint32_t n, bool held_too)
{
    uint32_t count = 0;
    TW_ASSERT(b->g.n == b->reg_n); /* no node is made after emission has started */
    b->stamp_now++;
    uint32_t *result = tw_try_array(b->cx->arena, uint32_t, (size_t)n + 1);
    if (!result)
        return tw_fail(b->cx, TW_ELIMIT, "program memory");
    for (uint32_t i = 0; i < n; i++) {
        count = gather(b, count, root[i], held_too);
        result[i] = b->reg[root[i]];
    }
    qsort(b->work, count, sizeof *b->work, ascending);
    instr *to = tw_try_array(b->cx->arena, instr, (size_t)count + 1);
    if (!to)
        return tw_fail(b->cx, TW_ELIMIT, "program memory");
    for (uint32_t i = 0; i < count; i++) {
        const node *d = &b->g.node[b->work[i]];
        unsigned arity = tw_math_arity(d->op);
        to[i] = (instr){ .op = d->op, .dst = b->reg[b->work[i]], .a = b->reg[d->arg[0]] };
        to[i].b = arity > 1 ? b->reg[d->arg[1]] : to[i].a;
        to[i].c = arity > 2 ? b->reg[d->arg[2]] : to[i].a;
    }
    *out = (code){ .i = to, .n = count, .out = result, .n_out = n };
    return TW_OK;
}

/* Which clock is the trigger of which event, when every trigger is time compared with a value that stays: then the time
 * of the clock is that value, exactly. */
static tw_status clock_events(builder *b, const uint8_t *dirty)
{
    tw_sim_program *p = b->p;
    uint32_t *event = tw_try_array(b->cx->arena, uint32_t, (size_t)p->n_clock + 1), n = 0;
    uint32_t *of_reg = tw_try_array(b->cx->arena, uint32_t, (size_t)p->n_reg + 1);
    if (!event || !of_reg)
        return tw_fail(b->cx, TW_ELIMIT, "program memory");
    memset(of_reg, 0xff, p->n_reg * sizeof *of_reg);
    for (uint32_t e = 0; e < p->n_event; e++) {
        if (of_reg[p->trigger.out[e]] != NONE)
            return TW_OK; /* two events of one trigger */
        of_reg[p->trigger.out[e]] = e;
    }
    for (uint32_t i = 0; i < p->n_clock; i++) {
        const clock_code *c = &p->clock[i];
        const instr *r = c->truth.i;
        event[i] = of_reg[c->truth.out[0]];
        n += event[i] != NONE;
        if (c->truth.n != 1 || (r->a == p->time_reg) == (r->b == p->time_reg) || dirty[r->a] || dirty[r->b] ||
            dirty[c->at] || r->op == TW_MATH_EQ || r->op == TW_MATH_NE)
            return TW_OK;
    }
    if (n == p->n_event && n && p->n_clock <= CLOCKS_SORTED_MAX)
        p->clock_event = event;
    return TW_OK;
}

/* What events and the state change, through the values held: those of them that an event may change are done again
 * after it, the others stay. */
static tw_status rehoist(builder *b)
{
    tw_sim_program *p = b->p;
    uint8_t *dirty = tw_try_array(b->cx->arena, uint8_t, (size_t)p->n_reg + 1);
    instr *to = tw_try_array(b->cx->arena, instr, (size_t)p->hoist.n + 1);
    uint32_t n = 0;
    if (!dirty || !to)
        return tw_fail(b->cx, TW_ELIMIT, "program memory");
    memset(dirty, 1, p->n_state);
    memset(dirty + p->alg_slot, 1, p->n_alg);
    memset(dirty + p->delay_slot, 1, p->n_delay);
    for (uint32_t e = 0; e < p->n_event; e++) {
        for (uint32_t i = 0; i < p->event[e].n_assign; i++)
            dirty[p->event[e].slot[i]] = 1;
    }
    for (uint32_t i = 0; i < p->n_share; i++)
        dirty[p->fast_slot[i]] = 1;
    for (uint32_t i = 0; i < p->hoist.n; i++) {
        const instr *c = &p->hoist.i[i];
        if (dirty[c->a] || dirty[c->b] || dirty[c->c]) {
            dirty[c->dst] = 1;
            to[n++] = *c;
        }
    }
    p->rehoist = (code){ .i = to, .n = n };
    for (uint32_t i = 0; i < p->trigger.n; i++) {
        const instr *c = &p->trigger.i[i];
        if (dirty[c->a] || dirty[c->b] || dirty[c->c])
            dirty[c->dst] = 1;
    }
    p->clocks_only = true;
    for (uint32_t e = 0; e < p->n_event; e++)
        p->clocks_only = p->clocks_only && !dirty[p->trigger.out[e]];
    return p->clocks_only ? clock_events(b, dirty) : TW_OK;
}

tw_status tw_sim_emit_end(builder *b)
{
    uint32_t n = 0, n_const = 0;
    uint32_t *root = tw_try_array(b->cx->arena, uint32_t, b->reg_n);
    if (!root)
        return tw_fail(b->cx, TW_ELIMIT, "program memory");
    for (uint32_t i = 0; i < b->reg_n; i++) {
        if (b->hoisted[i])
            root[n++] = i;
    }
    TW_TRY(tw_sim_emit(b, &b->p->hoist, root, n, true));
    TW_TRY(rehoist(b));
    for (uint32_t i = 0; i < b->reg_n; i++)
        n_const += b->reg[i] != NONE && b->g.node[i].op == TW_MATH_NUMBER;
    uint32_t *reg = tw_try_array(b->cx->arena, uint32_t, n_const + 1);
    double *value = tw_try_array(b->cx->arena, double, n_const + 1);
    if (!reg || !value)
        return tw_fail(b->cx, TW_ELIMIT, "program memory");
    for (uint32_t i = 0, k = 0; i < b->reg_n; i++) {
        if (b->reg[i] != NONE && b->g.node[i].op == TW_MATH_NUMBER) {
            reg[k] = b->reg[i];
            value[k++] = b->g.node[i].number;
        }
    }
    b->p->const_reg = reg;
    b->p->const_value = value;
    b->p->n_const = n_const;
    return TW_OK;
}
