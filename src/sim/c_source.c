/* A program as C source: one function a piece of code, over one file of registers, and tables that say where things
 * are. What runs it is the caller's (fmi). */
#include "sim/sim_internal.h"

typedef struct {
    const char *before, *between, *after;
} spelling;

/* Everything that is not an operator of C is a function of the runtime, named m_... */
static spelling spelling_of(tw_math_op op)
{
    switch ((int)op) {
    case TW_MATH_NEG:
        return (spelling){ "-", "", "" };
    case TW_MATH_ADD:
        return (spelling){ "", " + ", "" };
    case TW_MATH_SUB:
        return (spelling){ "", " - ", "" };
    case TW_MATH_MUL:
        return (spelling){ "", " * ", "" };
    case TW_MATH_DIV:
        return (spelling){ "", " / ", "" };
    case TW_MATH_EQ:
        return (spelling){ "", " == ", "" };
    case TW_MATH_NE:
        return (spelling){ "", " != ", "" };
    case TW_MATH_LT:
        return (spelling){ "", " < ", "" };
    case TW_MATH_LE:
        return (spelling){ "", " <= ", "" };
    case TW_MATH_GT:
        return (spelling){ "", " > ", "" };
    case TW_MATH_GE:
        return (spelling){ "", " >= ", "" };
    default:
        return (spelling){ NULL, NULL, NULL };
    }
}

/* Names of the C library, or of the runtime. */
static const char *function_of(tw_math_op op)
{
    switch ((int)op) {
#define F(op_, name)                                                                                                   \
    case op_:                                                                                                          \
        return name;
        F(TW_MATH_NOT, "m_not")
        F(TW_MATH_ABS, "fabs")
        F(TW_MATH_FLOOR, "floor")
        F(TW_MATH_CEIL, "ceil")
        F(TW_MATH_SQRT, "sqrt")
        F(TW_MATH_EXP, "exp")
        F(TW_MATH_LN, "log")
        F(TW_MATH_FACTORIAL, "m_factorial")
        F(TW_MATH_SIN, "sin")
        F(TW_MATH_COS, "cos")
        F(TW_MATH_TAN, "tan")
        F(TW_MATH_SEC, "1.0 / cos")
        F(TW_MATH_CSC, "1.0 / sin")
        F(TW_MATH_COT, "1.0 / tan")
        F(TW_MATH_SINH, "sinh")
        F(TW_MATH_COSH, "cosh")
        F(TW_MATH_TANH, "tanh")
        F(TW_MATH_SECH, "1.0 / cosh")
        F(TW_MATH_CSCH, "1.0 / sinh")
        F(TW_MATH_COTH, "1.0 / tanh")
        F(TW_MATH_ASIN, "asin")
        F(TW_MATH_ACOS, "acos")
        F(TW_MATH_ATAN, "atan")
        F(TW_MATH_ASEC, "m_asec")
        F(TW_MATH_ACSC, "m_acsc")
        F(TW_MATH_ACOT, "m_acot")
        F(TW_MATH_ASINH, "asinh")
        F(TW_MATH_ACOSH, "acosh")
        F(TW_MATH_ATANH, "atanh")
        F(TW_MATH_ASECH, "m_asech")
        F(TW_MATH_ACSCH, "m_acsch")
        F(TW_MATH_ACOTH, "m_acoth")
        F(TW_MATH_POW, "pow")
        F(TW_MATH_LOG, "m_log")
        F(TW_MATH_MIN, "m_min")
        F(TW_MATH_MAX, "m_max")
        F(TW_MATH_REM, "m_rem")
        F(TW_MATH_QUOTIENT, "m_quotient")
        F(TW_MATH_AND, "m_and")
        F(TW_MATH_OR, "m_or")
        F(TW_MATH_XOR, "m_xor")
        F(TW_MATH_IF, "m_if")
#undef F
    default:
        return NULL;
    }
}

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
    spelling s = spelling_of(i->op);
    unsigned arity = tw_math_arity(i->op);
    const uint32_t arg[3] = { i->a, i->b, i->c };
    const char *f = function_of(i->op);
    if (!s.before && !f)
        return false;
    tw_buf_fmt(out, "    r[%u] = %s%s", i->dst, s.before ? s.before : f, s.before ? "" : "(");
    for (unsigned k = 0; k < arity; k++)
        tw_buf_fmt(out, "%sr[%u]", k == 0 ? "" : s.before ? s.between : ", ", arg[k]);
    tw_buf_fmt(out, "%s;\n", s.before ? s.after : ")");
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

static void list(tw_buf *out, const char *name, const uint32_t *v, uint32_t n)
{
    tw_buf_fmt(out, "static const unsigned %s[] = { ", name);
    for (uint32_t i = 0; i < n; i++)
        tw_buf_fmt(out, v[i] == NONE ? "NONE, " : "%u, ", v[i]);
    tw_buf_cstr(out, "0 };\n");
}

static tw_status events(tw_ctx *cx, tw_buf *out, const tw_sim_program *p)
{
    for (uint32_t e = 0; e < p->n_event; e++) {
        const event_code *v = &p->event[e];
        TW_TRY(function(cx, out, tw_cstr(cx->arena, tw_strf(cx->arena, "event_%u", e)), &v->body));
        TW_TRY(function(cx, out, tw_cstr(cx->arena, tw_strf(cx->arena, "size_%u", e)), &v->volumes));
        list(out, tw_cstr(cx->arena, tw_strf(cx->arena, "slot_%u", e)), v->slot, v->n_assign);
    }
    tw_buf_cstr(out, "static const event_code event[] = {\n");
    for (uint32_t e = 0; e < p->n_event; e++) {
        const event_code *v = &p->event[e];
        tw_buf_fmt(
            out,
            "    { f_event_%u, o_event_%u, f_size_%u, o_size_%u, slot_%u, %u, %s%u, %s%u, %d, %d, %d },\n",
            e, e, e, e, e, v->n_assign, v->delay == NONE ? "NONE + 0 * " : "", v->delay == NONE ? 0 : v->delay,
            v->priority == NONE ? "NONE + 0 * " : "", v->priority == NONE ? 0 : v->priority, v->trigger_initial,
            v->persistent, v->from_trigger_time);
    }
    tw_buf_cstr(out, "    { 0 }\n};\n");
    return TW_OK;
}

static void tables(tw_buf *out, const tw_sim_program *p)
{
    tw_buf_fmt(out,
               "enum { N_STATE = %u, N_X = %u, N_REG = %u, TIME_REG = %u, BASE = %u, N_SYMBOL = %u, N_OUT = %u, "
               "N_EVENT = %u, N_CLOCK = %u, N_ATOM = %u, ASSIGN_MAX = %u };\n",
               p->n_state, p->n_x, p->n_reg, p->time_reg, p->base_slot, p->n_symbol, p->out.n_out, p->n_event,
               p->n_clock, p->n_atom, p->assign_max);
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
        tw_buf_fmt(out, "%u, ", p->clock[i].base);
    tw_buf_cstr(out, "0 };\nstatic const unsigned clock_slope[] = { ");
    for (uint32_t i = 0; i < p->n_clock; i++)
        tw_buf_fmt(out, "%u, ", p->clock[i].slope);
    tw_buf_cstr(out, "0 };\nstatic const int clock_late[] = { ");
    for (uint32_t i = 0; i < p->n_clock;
         i++) /* -1: just after both sides are equal when time rises, 1: when it falls */
        tw_buf_cstr(out, p->clock[i].op == TW_MATH_GT || p->clock[i].op == TW_MATH_LE   ? "-1, "
                         : p->clock[i].op == TW_MATH_LT || p->clock[i].op == TW_MATH_GE ? "1, "
                                                                                        : "0, ");
    tw_buf_cstr(out, "0 };\nstatic const unsigned atom[] = { ");
    for (uint32_t i = 0; i < p->n_atom; i++)
        tw_buf_fmt(out, "%u, ", p->atoms.out[p->atom[i].truth]);
    tw_buf_cstr(out, "0 };\n\n");
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
