#include "sbml/sbml.h"

#include <math.h>

/* ---------------------------------------------------------------- names and arity */

static const struct {
    const char *name;
    unsigned arity;
} ops[] = {
    [TW_MATH_NUMBER] = { "number", 0 }, [TW_MATH_SYMBOL] = { "symbol", 0 },
    [TW_MATH_TIME] = { "time", 0 },     [TW_MATH_RATE_OF] = { "rateOf", 0 },
    [TW_MATH_DELAY] = { "delay", 2 },   [TW_MATH_NEG] = { "neg", 1 },
    [TW_MATH_NOT] = { "not", 1 },       [TW_MATH_ABS] = { "abs", 1 },
    [TW_MATH_FLOOR] = { "floor", 1 },   [TW_MATH_CEIL] = { "ceil", 1 },
    [TW_MATH_SQRT] = { "sqrt", 1 },     [TW_MATH_EXP] = { "exp", 1 },
    [TW_MATH_LN] = { "ln", 1 },         [TW_MATH_FACTORIAL] = { "factorial", 1 },
    [TW_MATH_SIN] = { "sin", 1 },       [TW_MATH_COS] = { "cos", 1 },
    [TW_MATH_TAN] = { "tan", 1 },       [TW_MATH_SEC] = { "sec", 1 },
    [TW_MATH_CSC] = { "csc", 1 },       [TW_MATH_COT] = { "cot", 1 },
    [TW_MATH_SINH] = { "sinh", 1 },     [TW_MATH_COSH] = { "cosh", 1 },
    [TW_MATH_TANH] = { "tanh", 1 },     [TW_MATH_SECH] = { "sech", 1 },
    [TW_MATH_CSCH] = { "csch", 1 },     [TW_MATH_COTH] = { "coth", 1 },
    [TW_MATH_ASIN] = { "arcsin", 1 },   [TW_MATH_ACOS] = { "arccos", 1 },
    [TW_MATH_ATAN] = { "arctan", 1 },   [TW_MATH_ASEC] = { "arcsec", 1 },
    [TW_MATH_ACSC] = { "arccsc", 1 },   [TW_MATH_ACOT] = { "arccot", 1 },
    [TW_MATH_ASINH] = { "arcsinh", 1 }, [TW_MATH_ACOSH] = { "arccosh", 1 },
    [TW_MATH_ATANH] = { "arctanh", 1 }, [TW_MATH_ASECH] = { "arcsech", 1 },
    [TW_MATH_ACSCH] = { "arccsch", 1 }, [TW_MATH_ACOTH] = { "arccoth", 1 },
    [TW_MATH_ADD] = { "+", 2 },         [TW_MATH_SUB] = { "-", 2 },
    [TW_MATH_MUL] = { "*", 2 },         [TW_MATH_DIV] = { "/", 2 },
    [TW_MATH_POW] = { "^", 2 },         [TW_MATH_LOG] = { "log", 2 },
    [TW_MATH_MIN] = { "min", 2 },       [TW_MATH_MAX] = { "max", 2 },
    [TW_MATH_REM] = { "rem", 2 },       [TW_MATH_QUOTIENT] = { "quotient", 2 },
    [TW_MATH_EQ] = { "==", 2 },         [TW_MATH_NE] = { "!=", 2 },
    [TW_MATH_LT] = { "<", 2 },          [TW_MATH_LE] = { "<=", 2 },
    [TW_MATH_GT] = { ">", 2 },          [TW_MATH_GE] = { ">=", 2 },
    [TW_MATH_AND] = { "and", 2 },       [TW_MATH_OR] = { "or", 2 },
    [TW_MATH_XOR] = { "xor", 2 },       [TW_MATH_IF] = { "piecewise", 3 },
};

unsigned tw_math_arity(tw_math_op op)
{
    TW_ASSERT((unsigned)op < TW_COUNT(ops));
    return ops[op].arity;
}

const char *tw_math_name(tw_math_op op)
{
    TW_ASSERT((unsigned)op < TW_COUNT(ops));
    return ops[op].name;
}

/* ---------------------------------------------------------------- values */

/* Whole numbers are multiplied out, so that they are exact as long as a double can be. */
static double factorial(double a)
{
    double f = 1;
    if (a < 0 || a > 170 || a != floor(a))
        return a < 0 && a == floor(a) ? (double)NAN : tgamma(a + 1);
    for (double i = 2; i <= a; i++)
        f *= i;
    return f;
}

static double log_base(double base, double x)
{
    if (base == 10)
        return log10(x);
    return base == 2 ? log2(x) : log(x) / log(base);
}

/* quotient is the whole part of a / b, towards zero; rem has the sign of a (MathML 2.0 §4.4.3.1, as SBML reads it). */
static double quotient(double a, double b)
{
    double q = trunc(a / b);
    return isfinite(q) ? trunc((a - fmod(a, b)) / b) : q;
}

/* A NaN is not lost: fmin and fmax would drop it. */
static double least(double a, double b)
{
    return isnan(a) || a < b ? a : b;
}

static double most(double a, double b)
{
    return isnan(a) || a > b ? a : b;
}

static double trigonometry(tw_math_op op, double a)
{
    switch ((int)op) {
    case TW_MATH_SIN:
        return sin(a);
    case TW_MATH_COS:
        return cos(a);
    case TW_MATH_TAN:
        return tan(a);
    case TW_MATH_SEC:
        return 1 / cos(a);
    case TW_MATH_CSC:
        return 1 / sin(a);
    case TW_MATH_COT:
        return 1 / tan(a);
    case TW_MATH_ASIN:
        return asin(a);
    case TW_MATH_ACOS:
        return acos(a);
    case TW_MATH_ATAN:
        return atan(a);
    case TW_MATH_ASEC:
        return acos(1 / a);
    case TW_MATH_ACSC:
        return asin(1 / a);
    default: /* ACOT: at 0 it is pi / 2 */
        return atan(1 / a);
    }
}

static double hyperbolic(tw_math_op op, double a)
{
    switch ((int)op) {
    case TW_MATH_SINH:
        return sinh(a);
    case TW_MATH_COSH:
        return cosh(a);
    case TW_MATH_TANH:
        return tanh(a);
    case TW_MATH_SECH:
        return 1 / cosh(a);
    case TW_MATH_CSCH:
        return 1 / sinh(a);
    case TW_MATH_COTH:
        return 1 / tanh(a);
    case TW_MATH_ASINH:
        return asinh(a);
    case TW_MATH_ACOSH:
        return acosh(a);
    case TW_MATH_ATANH:
        return atanh(a);
    case TW_MATH_ASECH:
        return acosh(1 / a);
    case TW_MATH_ACSCH:
        return asinh(1 / a);
    default: /* ACOTH */
        return atanh(1 / a);
    }
}

static double one(tw_math_op op, double a)
{
    switch ((int)op) {
    case TW_MATH_NEG:
        return -a;
    case TW_MATH_NOT:
        return a == 0;
    case TW_MATH_ABS:
        return fabs(a);
    case TW_MATH_FLOOR:
        return floor(a);
    case TW_MATH_CEIL:
        return ceil(a);
    case TW_MATH_SQRT:
        return sqrt(a);
    case TW_MATH_EXP:
        return exp(a);
    case TW_MATH_LN:
        return log(a);
    case TW_MATH_FACTORIAL:
        return factorial(a);
    case TW_MATH_SINH:
    case TW_MATH_COSH:
    case TW_MATH_TANH:
    case TW_MATH_SECH:
    case TW_MATH_CSCH:
    case TW_MATH_COTH:
    case TW_MATH_ASINH:
    case TW_MATH_ACOSH:
    case TW_MATH_ATANH:
    case TW_MATH_ASECH:
    case TW_MATH_ACSCH:
    case TW_MATH_ACOTH:
        return hyperbolic(op, a);
    default:
        return trigonometry(op, a);
    }
}

static double arithmetic(tw_math_op op, double a, double b)
{
    switch ((int)op) {
    case TW_MATH_ADD:
        return a + b;
    case TW_MATH_SUB:
        return a - b;
    case TW_MATH_MUL:
        return a * b;
    case TW_MATH_DIV:
        return a / b;
    case TW_MATH_POW:
        return pow(a, b);
    case TW_MATH_LOG:
        return log_base(a, b);
    case TW_MATH_MIN:
        return least(a, b);
    case TW_MATH_MAX:
        return most(a, b);
    case TW_MATH_REM:
        return fmod(a, b);
    default:
        return quotient(a, b);
    }
}

static bool relation(tw_math_op op, double a, double b)
{
    switch ((int)op) {
    case TW_MATH_EQ:
        return a == b;
    case TW_MATH_NE:
        return a != b;
    case TW_MATH_LT:
        return a < b;
    case TW_MATH_LE:
        return a <= b;
    case TW_MATH_GT:
        return a > b;
    case TW_MATH_GE:
        return a >= b;
    case TW_MATH_AND:
        return a != 0 && b != 0;
    case TW_MATH_OR:
        return a != 0 || b != 0;
    default: /* XOR */
        return (a != 0) != (b != 0);
    }
}

double tw_math_apply(tw_math_op op, double a, double b, double c)
{
    unsigned n = tw_math_arity(op);
    TW_ASSERT(n > 0 && op != TW_MATH_DELAY);
    if (op == TW_MATH_IF)
        return a != 0 ? b : c;
    if (n == 1)
        return one(op, a);
    return op >= TW_MATH_EQ ? (double)relation(op, a, b) : arithmetic(op, a, b);
}

bool tw_math_eval(double *out, tw_math_walk *w, const tw_math *m)
{
    double a[3] = { 0 };
    unsigned n = m->op == TW_MATH_DELAY ? 0 : tw_math_arity(m->op);
    bool known = true;
    if (w->steps_left == 0 || w->levels_left == 0)
        return false;
    w->steps_left--;
    if (m->op == TW_MATH_NUMBER) {
        *out = m->number;
        return true;
    }
    w->levels_left--;
    for (unsigned i = 0; i < n && known; i++)
        known = tw_math_eval(&a[i], w, m->arg[i]);
    if (n == 0)
        known = w->leaf(w, out, m);
    else if (known)
        *out = tw_math_apply(m->op, a[0], a[1], a[2]);
    w->levels_left++;
    return known;
}
