/* A program as C source: one function a piece of code, over one file of registers, and tables that say where things
 * are. What runs it is the caller's (fmi). */
#include "sim/sim_internal.h"

/* An operator of C, written between its arguments. */
static bool is_infix(tw_math_op op)
{
    return op == TW_MATH_ADD || op == TW_MATH_SUB || op == TW_MATH_MUL || op == TW_MATH_DIV || is_relation(op);
}

/* Everything else is a function of the C library, or of the runtime: those are named m_... */
static const char *const function_of[] = {
    [TW_MATH_NEG] = "-",           [TW_MATH_NOT] = "m_not",       [TW_MATH_ABS] = "fabs",
    [TW_MATH_FLOOR] = "floor",     [TW_MATH_CEIL] = "ceil",       [TW_MATH_SQRT] = "sqrt",
    [TW_MATH_EXP] = "exp",         [TW_MATH_LN] = "log",          [TW_MATH_FACTORIAL] = "m_factorial",
    [TW_MATH_SIN] = "sin",         [TW_MATH_COS] = "cos",         [TW_MATH_TAN] = "tan",
    [TW_MATH_SEC] = "1.0 / cos",   [TW_MATH_CSC] = "1.0 / sin",   [TW_MATH_COT] = "1.0 / tan",
    [TW_MATH_SINH] = "sinh",       [TW_MATH_COSH] = "cosh",       [TW_MATH_TANH] = "tanh",
    [TW_MATH_SECH] = "1.0 / cosh", [TW_MATH_CSCH] = "1.0 / sinh", [TW_MATH_COTH] = "1.0 / tanh",
    [TW_MATH_ASIN] = "asin",       [TW_MATH_ACOS] = "acos",       [TW_MATH_ATAN] = "atan",
    [TW_MATH_ASEC] = "m_asec",     [TW_MATH_ACSC] = "m_acsc",     [TW_MATH_ACOT] = "m_acot",
    [TW_MATH_ASINH] = "asinh",     [TW_MATH_ACOSH] = "acosh",     [TW_MATH_ATANH] = "atanh",
    [TW_MATH_ASECH] = "m_asech",   [TW_MATH_ACSCH] = "m_acsch",   [TW_MATH_ACOTH] = "m_acoth",
    [TW_MATH_POW] = "pow",         [TW_MATH_LOG] = "m_log",       [TW_MATH_MIN] = "m_min",
    [TW_MATH_MAX] = "m_max",       [TW_MATH_REM] = "m_rem",       [TW_MATH_QUOTIENT] = "m_quotient",
    [TW_MATH_AND] = "m_and",       [TW_MATH_OR] = "m_or",         [TW_MATH_XOR] = "m_xor",
    [TW_MATH_IF] = "m_if",
};

static void number(tw_buf *out, double v)
{
    if (isnan(v))
        tw_buf_cstr(out, "NAN");
    else if (isinf(v))
        tw_buf_cstr(out, v > 0 ? "INFINITY" : "-INFINITY");
    else
        tw_buf_fmt(out, "%a", v);
}

static bool instruction(tw_buf *out, const instr *i)
{
    const uint32_t arg[3] = { i->a, i->b, i->c };
    bool infix = is_infix(i->op);
    const char *f = infix ? "" : (size_t)i->op < TW_COUNT(function_of) ? function_of[i->op] : NULL;
    if (!f)
        return false;
    tw_buf_fmt(out, "    r[%u] = %s(", i->dst, f);
    for (unsigned k = 0; k < tw_math_arity(i->op); k++) {
        if (k)
            tw_buf_fmt(out, infix ? " %s " : "%s ", infix ? tw_math_name(i->op) : ",");
        tw_buf_fmt(out, "r[%u]", arg[k]);
    }
    tw_buf_cstr(out, ");\n");
    return true;
}

static tw_status function(tw_ctx *cx, tw_buf *out, const char *name, const code *c)
{
    tw_buf_fmt(out, "static void f_%s(double *r)\n{\n    (void)r;\n", name);
    for (uint32_t i = 0; i < c->n; i++)
        if (!instruction(out, &c->i[i]))
            return tw_fail(cx, TW_EREFUSED, "%s has no form in C source", tw_math_name(c->i[i].op));
    tw_buf_fmt(out, "}\nstatic const unsigned o_%s[] = { ", name);
    for (uint32_t i = 0; i < c->n_out; i++)
        tw_buf_fmt(out, "%u, ", c->out[i]);
    tw_buf_cstr(out, "0 };\n\n");
    return TW_OK;
}

/* An item of a list of numbers. */
static void item(tw_buf *out, uint32_t v)
{
    if (v == NONE)
        tw_buf_cstr(out, "NONE, ");
    else
        tw_buf_fmt(out, "%u, ", v);
}

static void list(tw_buf *out, const char *name, const uint32_t *v, uint32_t n)
{
    tw_buf_fmt(out, "static const unsigned %s[] = { ", name);
    for (uint32_t i = 0; i < n; i++)
        item(out, v[i]);
    tw_buf_cstr(out, "0 };\n");
}

static tw_status events(tw_ctx *cx, tw_buf *out, const tw_sim_program *p)
{
    for (uint32_t e = 0; e < p->n_event; e++) {
        const event_code *v = &p->event[e];
        TW_TRY(function(cx, out, tw_strf(cx->arena, "event_%u", e).p, &v->body));
        TW_TRY(function(cx, out, tw_strf(cx->arena, "size_%u", e).p, &v->volumes));
        list(out, tw_strf(cx->arena, "slot_%u", e).p, v->slot, v->n_assign);
    }
    tw_buf_cstr(out, "static const event_code event[] = {\n");
    for (uint32_t e = 0; e < p->n_event; e++) {
        const event_code *v = &p->event[e];
        tw_buf_fmt(out, "    { f_event_%u, o_event_%u, f_size_%u, o_size_%u, slot_%u, %u, ", e, e, e, e, e,
                   v->n_assign);
        item(out, v->delay);
        item(out, v->priority);
        tw_buf_fmt(out, "%d, %d, %d },\n", v->trigger_initial, v->persistent, v->from_trigger_time);
    }
    tw_buf_cstr(out, "    { 0 }\n};\n");
    return TW_OK;
}

/* When a relation of time changes: -1 just after both sides are equal if time makes the left side larger, 1 if smaller,
 * 0 in both cases. */
static int late(tw_math_op op)
{
    if (op == TW_MATH_GT || op == TW_MATH_LE)
        return -1;
    return op == TW_MATH_LT || op == TW_MATH_GE;
}

static void tables(tw_buf *out, const tw_sim_program *p)
{
    tw_buf_fmt(out,
               "enum { N_STATE = %u, N_X = %u, N_REG = %u, TIME_REG = %u, BASE = %u, N_SYMBOL = %u, N_OUT = %u, "
               "N_EVENT = %u, N_CLOCK = %u, N_ATOM = %u, ASSIGN_MAX = %u };\n",
               p->n_state, p->n_x, p->n_reg, p->time_reg, p->base_slot, p->n_symbol, p->out.n_out, p->n_event,
               p->n_clock, p->atoms.n_out, p->assign_max);
    tw_buf_cstr(out, "static const double base_value[] = { ");
    for (uint32_t i = 0; i < 2 * p->n_symbol; i++) {
        number(out, p->base_value[i]);
        tw_buf_cstr(out, ", ");
    }
    tw_buf_cstr(out, "0 };\nstatic void constants(double *r)\n{\n    (void)r;\n");
    for (uint32_t i = 0; i < p->n_const; i++) {
        tw_buf_fmt(out, "    r[%u] = ", p->const_reg[i]);
        number(out, p->const_value[i]);
        tw_buf_cstr(out, ";\n");
    }
    tw_buf_cstr(out, "}\nstatic const unsigned clock_base[] = { ");
    for (uint32_t i = 0; i < p->n_clock; i++)
        item(out, p->clock[i].base);
    tw_buf_cstr(out, "0 };\nstatic const unsigned clock_slope[] = { ");
    for (uint32_t i = 0; i < p->n_clock; i++)
        item(out, p->clock[i].slope);
    tw_buf_cstr(out, "0 };\nstatic const int clock_late[] = { ");
    for (uint32_t i = 0; i < p->n_clock; i++)
        tw_buf_fmt(out, "%d, ", late(p->clock[i].op));
    tw_buf_cstr(out, "0 };\n");
    tw_buf_cstr(out, "\n");
}

tw_status tw_sim_c_source(tw_ctx *cx, tw_buf *out, const tw_sim_program *p)
{
    if (p->n_alg || p->n_fast || p->n_delay)
        return tw_fail(cx, TW_EREFUSED,
                       "a model with algebraic rules, fast reactions or delay has no form in C source");
    tables(out, p);
    TW_TRY(function(cx, out, "init", &p->init));
    TW_TRY(function(cx, out, "hoist", &p->hoist));
    TW_TRY(function(cx, out, "rate", &p->rate));
    TW_TRY(function(cx, out, "out", &p->out));
    TW_TRY(function(cx, out, "atoms", &p->atoms));
    TW_TRY(function(cx, out, "trigger", &p->trigger));
    TW_TRY(function(cx, out, "volumes", &p->volumes));
    list(out, "slot_of", p->slot_of, p->n_symbol);
    list(out, "volume_of", p->volume_of, p->n_symbol);
    TW_TRY(events(cx, out, p));
    return tw_buf_check(cx, out, "C source");
}
