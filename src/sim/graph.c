/* Expressions as a graph in which equal ones are one node. Arguments are made before what uses them, so that a sweep by
 * index replaces recursion. */
#include "sim/sim_internal.h"

static uint32_t hash_of(const node *n)
{
    uint64_t bits, h = (uint64_t)n->op * 0x9e3779b97f4a7c15u;
    memcpy(&bits, &n->number, sizeof bits);
    const uint64_t part[] = { n->arg[0], n->arg[1], n->arg[2], bits };
    for (size_t i = 0; i < TW_COUNT(part); i++) {
        h = (h ^ part[i]) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    return (uint32_t)h;
}

static bool same(const node *a, const node *b)
{
    return a->op == b->op && a->arg[0] == b->arg[0] && a->arg[1] == b->arg[1] && a->arg[2] == b->arg[2] &&
           memcmp(&a->number, &b->number, sizeof a->number) == 0;
}

static void put(graph *g, uint32_t at)
{
    uint32_t i = hash_of(&g->node[at]) & (g->hash_cap - 1);
    while (g->hash[i])
        i = (i + 1) & (g->hash_cap - 1);
    g->hash[i] = at + 1;
}

static bool grow(graph *g)
{
    if (g->n >= g->max)
        return false;
    uint32_t cap = g->cap ? g->cap * 2 : 256;
    node *to = tw_try_array(g->cx->arena, node, cap);
    uint32_t *hash = tw_try_array(g->cx->arena, uint32_t, (size_t)cap * 2);
    if (!to || !hash)
        return false;
    if (g->n)
        memcpy(to, g->node, g->n * sizeof *to);
    g->node = to;
    g->cap = cap;
    g->hash = hash;
    g->hash_cap = cap * 2;
    for (uint32_t i = 0; i < g->n; i++)
        put(g, i);
    return true;
}

static uint32_t add(graph *g, node n)
{
    if (g->hash_cap) {
        uint32_t i = hash_of(&n) & (g->hash_cap - 1);
        for (; g->hash[i]; i = (i + 1) & (g->hash_cap - 1)) {
            if (same(&g->node[g->hash[i] - 1], &n))
                return g->hash[i] - 1;
        }
    }
    if (g->n == g->cap && !grow(g)) {
        g->failed = true;
        return 0;
    }
    g->node[g->n] = n;
    put(g, g->n);
    return g->n++;
}

bool tw_sim_graph_init(graph *g, tw_ctx *cx, uint32_t max, const uint8_t *slot_level)
{
    *g = (graph){ .cx = cx, .max = max, .slot_level = slot_level };
    g->zero = tw_sim_number(g, 0);
    g->one = tw_sim_number(g, 1);
    return !g->failed;
}

uint32_t tw_sim_number(graph *g, double v)
{
    return add(g, (node){ .op = TW_MATH_NUMBER, .number = v, .level = LEVEL_CONST });
}

uint32_t tw_sim_slot(graph *g, uint32_t slot)
{
    return add(g, (node){ .op = TW_MATH_SYMBOL, .arg = { slot }, .level = g->slot_level[slot] });
}

uint32_t tw_sim_time(graph *g)
{
    return add(g, (node){ .op = TW_MATH_TIME, .level = LEVEL_MOVING });
}

static bool is(const graph *g, uint32_t n, double v)
{
    return g->node[n].op == TW_MATH_NUMBER && g->node[n].number == v;
}

static bool held(const graph *g, uint32_t n)
{
    return g->node[n].level <= LEVEL_HELD;
}

/* Held factors gather at the end of a product, where they are worked out once: x p q -> x (p q), x p y -> x y p. */
static uint32_t product(graph *g, uint32_t a, uint32_t b)
{
    if (is(g, a, 1))
        return b;
    if (is(g, b, 1))
        return a;
    if (held(g, a) && !held(g, b)) {
        uint32_t t = a;
        a = b;
        b = t;
    }
    node na = g->node[a], nb = g->node[b];
    if (na.op == TW_MATH_MUL && na.level == LEVEL_MOVING && held(g, na.arg[1])) {
        if (held(g, b))
            return product(g, na.arg[0], product(g, na.arg[1], b));
        return product(g, product(g, na.arg[0], b), na.arg[1]);
    }
    if (nb.op == TW_MATH_MUL && nb.level == LEVEL_MOVING && held(g, nb.arg[1]))
        return product(g, product(g, a, nb.arg[0]), nb.arg[1]);
    if (na.level == nb.level && a > b) {
        uint32_t t = a;
        a = b;
        b = t;
    }
    return add(g, (node){ .op = TW_MATH_MUL, .arg = { a, b }, .level = TW_MAX(na.level, nb.level) });
}

static uint32_t power(graph *g, uint32_t a, uint32_t b, node n)
{
    if (g->node[b].op == TW_MATH_NUMBER) {
        double e = g->node[b].number;
        if (e == 0)
            return g->one;
        if (e == 1)
            return a;
        if (e == 2)
            return product(g, a, a);
        if (e == 3)
            return product(g, product(g, a, a), a);
        if (e == 4) {
            uint32_t q = product(g, a, a);
            return product(g, q, q);
        }
        if (e == -1)
            return tw_sim_node(g, TW_MATH_DIV, g->one, a, 0);
        if (e == 0.5)
            return tw_sim_node(g, TW_MATH_SQRT, a, 0, 0);
    }
    return add(g, n);
}

static uint32_t fold(graph *g, const node *n, unsigned arity)
{
    double v[3] = { 0 };
    for (unsigned i = 0; i < arity; i++)
        v[i] = g->node[n->arg[i]].number;
    return tw_sim_number(g, tw_math_apply(n->op, v[0], v[1], v[2]));
}

uint32_t tw_sim_node(graph *g, tw_math_op op, uint32_t a, uint32_t b, uint32_t c)
{
    if (g->failed)
        return 0;
    unsigned arity = tw_math_arity(op);
    node n = { .op = op, .arg = { a, arity > 1 ? b : 0, arity > 2 ? c : 0 } };
    for (unsigned i = 0; i < arity; i++)
        n.level = TW_MAX(n.level, g->node[n.arg[i]].level);
    if (n.level == LEVEL_CONST)
        return fold(g, &n, arity);
    switch ((int)op) {
    case TW_MATH_ADD:
        if (is(g, a, 0))
            return b;
        if (is(g, b, 0))
            return a;
        if (a > b) {
            n.arg[0] = b;
            n.arg[1] = a;
        }
        return add(g, n);
    case TW_MATH_SUB:
        if (is(g, b, 0))
            return a;
        return is(g, a, 0) ? tw_sim_node(g, TW_MATH_NEG, b, 0, 0) : add(g, n);
    case TW_MATH_MUL:
        return product(g, a, b);
    case TW_MATH_DIV:
        if (is(g, b, 1))
            return a;
        /* by a held value: its reciprocal is worked out once */
        if (held(g, b) && !held(g, a))
            return product(g, a, tw_sim_node(g, TW_MATH_DIV, g->one, b, 0));
        return add(g, n);
    case TW_MATH_NEG:
        return g->node[a].op == TW_MATH_NEG ? g->node[a].arg[0] : add(g, n);
    case TW_MATH_POW:
        return power(g, a, b, n);
    case TW_MATH_IF:
        if (g->node[a].level == LEVEL_CONST)
            return g->node[a].number != 0 ? b : c;
        return b == c ? b : add(g, n);
    default:
        return add(g, n);
    }
}

uint32_t tw_sim_times(graph *g, uint32_t a, uint32_t b)
{
    return is(g, a, 0) || is(g, b, 0) ? g->zero : tw_sim_node(g, TW_MATH_MUL, a, b, 0);
}

/* ---------------------------------------------------------------- sweeps */

/* Marks what a node reads. NULL: no memory. */
static uint8_t *reach_all(graph *g, const uint32_t *of, uint32_t n_of, uint32_t last)
{
    uint8_t *mark = tw_try_array(g->cx->arena, uint8_t, (size_t)last + 1);
    if (!mark) {
        g->failed = true;
        return NULL;
    }
    for (uint32_t i = 0; i < n_of; i++)
        mark[of[i]] = 1;
    for (uint32_t i = last + 1; i-- > 0;) {
        if (!mark[i])
            continue;
        unsigned arity = tw_math_arity(g->node[i].op);
        for (unsigned j = 0; j < arity; j++)
            mark[g->node[i].arg[j]] = 1;
    }
    return mark;
}

static uint8_t *reach(graph *g, uint32_t of)
{
    return reach_all(g, &of, 1, of);
}

static bool is_slot(const node *n, uint32_t first, uint32_t end)
{
    return n->op == TW_MATH_SYMBOL && n->arg[0] >= first && n->arg[0] < end;
}

bool tw_sim_reads(graph *g, uint32_t of, uint32_t first, uint32_t end)
{
    tw_mark m = tw_arena_mark(g->cx->arena);
    uint8_t *mark = reach(g, of);
    bool found = false;
    for (uint32_t i = 0; mark && i <= of && !found; i++)
        found = mark[i] && is_slot(&g->node[i], first, end);
    tw_arena_back(g->cx->arena, m);
    return found;
}

void tw_sim_slots_read(graph *g, uint8_t *read, uint32_t of, uint32_t first, uint32_t end)
{
    tw_mark m = tw_arena_mark(g->cx->arena);
    uint8_t *mark = reach(g, of);
    for (uint32_t i = 0; mark && i <= of; i++)
        if (mark[i] && is_slot(&g->node[i], first, end))
            read[g->node[i].arg[0] - first] = 1;
    tw_arena_back(g->cx->arena, m);
}

uint32_t tw_sim_at_zero(graph *g, uint32_t of)
{
    uint8_t *mark = reach(g, of);
    uint32_t *to = tw_try_array(g->cx->arena, uint32_t, (size_t)of + 1);
    if (!mark || !to) {
        g->failed = true;
        return 0;
    }
    for (uint32_t i = 0; i <= of; i++) {
        node n = g->node[i];
        if (!mark[i])
            continue;
        if (n.op == TW_MATH_TIME)
            to[i] = g->zero;
        else if (tw_math_arity(n.op) == 0)
            to[i] = i;
        else
            to[i] = tw_sim_node(g, n.op, to[n.arg[0]], to[n.arg[1]], to[n.arg[2]]);
    }
    return to[of];
}

#define N(op, a, b) tw_sim_node(g, TW_MATH_##op, (a), (b), 0)

static uint32_t square(graph *g, uint32_t a)
{
    return N(MUL, a, a);
}

/* Outer derivative of an operation of one argument, at node `at`; NONE: not known. */
static uint32_t outer(graph *g, tw_math_op op, uint32_t a, uint32_t at)
{
    uint32_t two = tw_sim_number(g, 2), s;
    switch ((int)op) {
    case TW_MATH_SQRT:
        return N(DIV, g->one, N(MUL, two, at));
    case TW_MATH_EXP:
        return at;
    case TW_MATH_LN:
        return N(DIV, g->one, a);
    case TW_MATH_SIN:
        return N(COS, a, 0);
    case TW_MATH_COS:
        return N(NEG, N(SIN, a, 0), 0);
    case TW_MATH_TAN:
        return N(ADD, g->one, square(g, at));
    case TW_MATH_SINH:
        return N(COSH, a, 0);
    case TW_MATH_COSH:
        return N(SINH, a, 0);
    case TW_MATH_TANH:
        return N(SUB, g->one, square(g, at));
    case TW_MATH_ASIN:
        return N(DIV, g->one, N(SQRT, N(SUB, g->one, square(g, a)), 0));
    case TW_MATH_ACOS:
        return N(NEG, N(DIV, g->one, N(SQRT, N(SUB, g->one, square(g, a)), 0)), 0);
    case TW_MATH_ATAN:
        return N(DIV, g->one, N(ADD, g->one, square(g, a)));
    case TW_MATH_SEC:
        return N(MUL, at, N(TAN, a, 0));
    case TW_MATH_CSC:
        return N(NEG, N(MUL, at, N(COT, a, 0)), 0);
    case TW_MATH_COT:
        return N(NEG, N(ADD, g->one, square(g, at)), 0);
    case TW_MATH_ASINH:
        return N(DIV, g->one, N(SQRT, N(ADD, square(g, a), g->one), 0));
    case TW_MATH_ACOSH:
        return N(DIV, g->one, N(SQRT, N(SUB, square(g, a), g->one), 0));
    case TW_MATH_ATANH:
        return N(DIV, g->one, N(SUB, g->one, square(g, a)));
    case TW_MATH_ABS:
        s = N(GE, a, g->zero);
        return tw_sim_node(g, TW_MATH_IF, s, g->one, tw_sim_number(g, -1));
    default:
        return NONE;
    }
}

/* d(a^b) */
static uint32_t diff_power(graph *g, uint32_t a, uint32_t b, uint32_t at, uint32_t da, uint32_t db)
{
    uint32_t sum = g->zero;
    if (!is(g, da, 0))
        sum = tw_sim_times(g, da, N(MUL, b, N(POW, a, N(SUB, b, g->one))));
    if (!is(g, db, 0))
        sum = N(ADD, sum, tw_sim_times(g, db, N(MUL, at, N(LN, a, 0))));
    return sum;
}

static uint32_t diff_two(graph *g, const node *n, uint32_t at, uint32_t da, uint32_t db)
{
    uint32_t a = n->arg[0], b = n->arg[1];
    switch ((int)n->op) {
    case TW_MATH_ADD:
        return N(ADD, da, db);
    case TW_MATH_SUB:
        return N(SUB, da, db);
    case TW_MATH_MUL:
        return N(ADD, tw_sim_times(g, da, b), tw_sim_times(g, a, db));
    case TW_MATH_DIV:
        if (is(g, db, 0))
            return N(DIV, da, b);
        return N(DIV, N(SUB, da, tw_sim_times(g, at, db)), b);
    case TW_MATH_POW:
        return diff_power(g, a, b, at, da, db);
    case TW_MATH_MIN:
        return tw_sim_node(g, TW_MATH_IF, N(LT, a, b), da, db);
    case TW_MATH_MAX:
        return tw_sim_node(g, TW_MATH_IF, N(GT, a, b), da, db);
    case TW_MATH_LOG:
        if (!is(g, da, 0))
            return NONE;
        return N(DIV, db, N(MUL, b, N(LN, a, 0)));
    case TW_MATH_REM:
        return N(SUB, da, tw_sim_times(g, N(QUOTIENT, a, b), db));
    default:
        return g->zero; /* relations, logic, quotient: steps */
    }
}

static uint32_t diff_node(graph *g, uint32_t at, const uint32_t *d, const uint32_t *d_slot, uint32_t n_slot,
                          uint32_t d_time)
{
    node n = g->node[at];
    unsigned arity = tw_math_arity(n.op);
    if (n.op == TW_MATH_TIME)
        return d_time;
    if (n.op == TW_MATH_SYMBOL)
        return n.arg[0] < n_slot && d_slot[n.arg[0]] != NONE ? d_slot[n.arg[0]] : g->zero;
    if (arity == 0)
        return g->zero;
    bool flat = true;
    for (unsigned i = 0; i < arity; i++) {
        if (d[n.arg[i]] == NONE)
            return NONE;
        flat = flat && is(g, d[n.arg[i]], 0);
    }
    if (flat)
        return g->zero;
    if (arity == 3)
        return tw_sim_node(g, TW_MATH_IF, n.arg[0], d[n.arg[1]], d[n.arg[2]]);
    if (arity == 2)
        return diff_two(g, &n, at, d[n.arg[0]], d[n.arg[1]]);
    if (n.op == TW_MATH_NEG)
        return N(NEG, d[n.arg[0]], 0);
    if (n.op == TW_MATH_NOT || n.op == TW_MATH_FLOOR || n.op == TW_MATH_CEIL)
        return g->zero;
    uint32_t o = outer(g, n.op, n.arg[0], at);
    return o == NONE ? NONE : tw_sim_times(g, d[n.arg[0]], o);
}

void tw_sim_diff(graph *g, uint32_t *out, const uint32_t *of, uint32_t n_of, const uint32_t *d_slot, uint32_t n_slot,
                 uint32_t d_time)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < n_of; i++)
        last = TW_MAX(last, of[i]);
    uint8_t *mark = reach_all(g, of, n_of, last);
    uint32_t *d = tw_try_array(g->cx->arena, uint32_t, (size_t)last + 1);
    if (!mark || !d)
        g->failed = true;
    for (uint32_t i = 0; !g->failed && i <= last; i++) {
        if (mark[i])
            d[i] = diff_node(g, i, d, d_slot, n_slot, d_time);
    }
    for (uint32_t i = 0; i < n_of; i++)
        out[i] = g->failed ? 0 : d[of[i]];
}
