/* Infix formulas. From the loosest: && ||, comparison, + -, * /, unary + - !, ^ (right), calls and parentheses;
 * operators of one line have one precedence. Source: PEtab data format specification 2.0.0, "Math expressions syntax".
 */
#include "sbml/sbml_internal.h"

#include <math.h>

#define NESTED_MAX 256u
#define NODES_MAX 1000000u
#define ARGUMENTS_MAX 512u

typedef struct {
    tw_maker maker;
    tw_str text;
    size_t at;
    uint32_t nested;
    tw_math_resolve resolve;
    void *user;
} infix;

static tw_status any(infix *p, tw_term *out);
static tw_status unary(infix *p, tw_term *out);

/* ---------------------------------------------------------------- characters */

static void blanks(infix *p)
{
    while (p->at < p->text.n && strchr(" \t\r\n", p->text.p[p->at]) && p->text.p[p->at])
        p->at++;
}

static char peek(infix *p, size_t ahead)
{
    return p->at + ahead < p->text.n ? p->text.p[p->at + ahead] : '\0';
}

/* The token when it comes next; a longer operator that begins like it is another. */
static bool take(infix *p, const char *token)
{
    size_t n = strlen(token);
    blanks(p);
    if (p->text.n - p->at < n || memcmp(p->text.p + p->at, token, n) != 0)
        return false;
    if ((strcmp(token, "<") == 0 || strcmp(token, ">") == 0 || strcmp(token, "!") == 0) && peek(p, 1) == '=')
        return false;
    p->at += n;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static tw_status expected(infix *p, const char *what)
{
    blanks(p);
    return tw_fail(p->maker.cx, TW_EPARSE, "column %zu: expected %s%s", p->at + 1, what,
                   p->at >= p->text.n ? ", found the end" : "");
}

/* ---------------------------------------------------------------- numbers and names */

static size_t digits(const infix *p, size_t at)
{
    size_t n = 0;
    while (at + n < p->text.n && tw_is_digit(p->text.p[at + n]))
        n++;
    return n;
}

/* 12, 1.5, .5, 1e3, 1.5E-3; not "1.", and an "e" without digits is no exponent. */
static tw_status number(infix *p, tw_term *out)
{
    size_t end = p->at + digits(p, p->at);
    double value;
    if (end < p->text.n && p->text.p[end] == '.' && digits(p, end + 1))
        end += 1 + digits(p, end + 1);
    if (end == p->at)
        return expected(p, "a number");
    size_t e = end + 1;
    if (end < p->text.n && (p->text.p[end] == 'e' || p->text.p[end] == 'E')) {
        e += e < p->text.n && (p->text.p[e] == '+' || p->text.p[e] == '-');
        end = digits(p, e) ? e + digits(p, e) : end;
    }
    if (!tw_parse_f64(&value, (tw_str){ p->text.p + p->at, end - p->at }))
        return tw_fail(p->maker.cx, TW_EPARSE, "column %zu: the number is out of range", p->at + 1);
    p->at = end;
    return tw_term_number(&p->maker, out, value);
}

static tw_str name(infix *p)
{
    size_t from = p->at;
    while (p->at < p->text.n && (is_letter(p->text.p[p->at]) || tw_is_digit(p->text.p[p->at])))
        p->at++;
    return (tw_str){ p->text.p + from, p->at - from };
}

/* How deep a graph of the caller goes, as far as that matters. */
static uint32_t depth_of(const tw_math *m, uint32_t *left)
{
    uint32_t depth = 0;
    if (*left == 0)
        return TW_MATH_DEPTH_MAX;
    --*left;
    for (unsigned i = 0; i < tw_math_arity(m->op); i++) {
        uint32_t d = depth_of(m->arg[i], left);
        depth = TW_MAX(depth, d);
    }
    return TW_MIN(depth + 1, (uint32_t)TW_MATH_DEPTH_MAX);
}

static tw_status named(infix *p, tw_term *out, tw_str called, size_t column)
{
    uint32_t left = 100000;
    if (tw_str_is(called, "true") || tw_str_is(called, "false"))
        return tw_term_number(&p->maker, out, tw_str_is(called, "true"));
    if (tw_str_is(called, "inf"))
        return tw_term_number(&p->maker, out, (double)INFINITY);
    if (tw_str_is(called, "time"))
        return tw_term_leaf(&p->maker, out, TW_MATH_TIME, TW_NO_SYMBOL);
    const tw_math *m = p->resolve ? p->resolve(p->maker.cx, p->user, called) : NULL;
    if (!m)
        return tw_fail(p->maker.cx, TW_EPARSE, "column %zu: the name \"%.*s\" is unknown", column,
                       (int)TW_MIN(called.n, (size_t)80), called.p);
    *out = (tw_term){ m, depth_of(m, &left) };
    return TW_OK;
}

/* ---------------------------------------------------------------- functions */

/* Functions of one argument have the names of their operations; some operations are none. */
static bool of_one_argument(tw_math_op *op, tw_str f)
{
    for (*op = TW_MATH_ABS; *op <= TW_MATH_ACOTH; ++*op) {
        bool missing = *op == TW_MATH_FLOOR || *op == TW_MATH_CEIL || *op == TW_MATH_FACTORIAL;
        if (!missing && tw_str_is(f, tw_math_name(*op)))
            return true;
    }
    return false;
}

static const struct {
    const char *name;
    tw_math_op op;
} two_arguments[] = { { "pow", TW_MATH_POW }, { "min", TW_MATH_MIN }, { "max", TW_MATH_MAX } };

static tw_status arguments(infix *p, tw_term *arg, size_t *n)
{
    *n = 0;
    do {
        if (*n == ARGUMENTS_MAX)
            return tw_fail(p->maker.cx, TW_ELIMIT, "column %zu: more than %u arguments", p->at + 1, ARGUMENTS_MAX);
        TW_TRY(any(p, &arg[(*n)++]));
    } while (take(p, ","));
    return take(p, ")") ? TW_OK : expected(p, "an operator, \",\" or \")\"");
}

static tw_status logarithm(infix *p, tw_term *out, double base, tw_term x)
{
    tw_term b;
    TW_TRY(tw_term_number(&p->maker, &b, base));
    return tw_term_pair(&p->maker, out, TW_MATH_LOG, b, x);
}

/* 1 above zero, -1 below it, else 0. */
static tw_status sign(infix *p, tw_term *out, tw_term x)
{
    tw_maker *k = &p->maker;
    tw_term zero, up, down, above, below;
    TW_TRY(tw_term_number(k, &zero, 0));
    TW_TRY(tw_term_number(k, &up, 1));
    TW_TRY(tw_term_make(k, &down, TW_MATH_NEG, &up));
    TW_TRY(tw_term_pair(k, &above, TW_MATH_GT, x, zero));
    TW_TRY(tw_term_pair(k, &below, TW_MATH_LT, x, zero));
    return tw_term_piecewise(k, out, (tw_term[]){ up, above, down, below, zero }, 5);
}

static tw_status apply(infix *p, tw_term *out, tw_str f, const tw_term *arg, size_t n, size_t column)
{
    tw_math_op op;
    if (n == 1 && of_one_argument(&op, f))
        return tw_term_make(&p->maker, out, op, arg);
    for (size_t i = 0; i < TW_COUNT(two_arguments); i++)
        if (tw_str_is(f, two_arguments[i].name) && n == 2)
            return tw_term_make(&p->maker, out, two_arguments[i].op, arg);
    if (tw_str_is(f, "log") && n == 2)
        return tw_term_pair(&p->maker, out, TW_MATH_LOG, arg[1], arg[0]);
    if (tw_str_is(f, "log") && n == 1)
        return tw_term_make(&p->maker, out, TW_MATH_LN, arg);
    if ((tw_str_is(f, "log2") || tw_str_is(f, "log10")) && n == 1)
        return logarithm(p, out, tw_str_is(f, "log2") ? 2 : 10, arg[0]);
    if (tw_str_is(f, "sign") && n == 1)
        return sign(p, out, arg[0]);
    if (tw_str_is(f, "piecewise") && n % 2 == 1 && n >= 3)
        return tw_term_piecewise(&p->maker, out, arg, n);
    return tw_fail(p->maker.cx, TW_EPARSE, "column %zu: there is no function \"%.*s\" of %zu arguments", column,
                   (int)TW_MIN(f.n, (size_t)40), f.p, n);
}

static tw_status call(infix *p, tw_term *out, tw_str f, size_t column)
{
    size_t n;
    tw_term *arg = tw_try_array(p->maker.cx->arena, tw_term, ARGUMENTS_MAX);
    if (!arg)
        return tw_fail(p->maker.cx, TW_ELIMIT, "the formula needs more memory than there is");
    TW_TRY(arguments(p, arg, &n));
    return apply(p, out, f, arg, n, column);
}

/* ---------------------------------------------------------------- operators */

static tw_status primary(infix *p, tw_term *out)
{
    if (take(p, "(")) {
        TW_TRY(any(p, out));
        return take(p, ")") ? TW_OK : expected(p, "an operator or \")\"");
    }
    char c = peek(p, 0);
    if (tw_is_digit(c) || c == '.')
        return number(p, out);
    if (!is_letter(c))
        return expected(p, "a number, a name or \"(\"");
    size_t column = p->at + 1;
    tw_str called = name(p);
    return take(p, "(") ? call(p, out, called, column) : named(p, out, called, column);
}

static tw_status power(infix *p, tw_term *out)
{
    tw_term exponent;
    TW_TRY(primary(p, out));
    if (!take(p, "^"))
        return TW_OK;
    TW_TRY(unary(p, &exponent));
    return tw_term_pair(&p->maker, out, TW_MATH_POW, *out, exponent);
}

static tw_status prefixed(infix *p, tw_term *out)
{
    if (take(p, "+"))
        return unary(p, out);
    tw_math_op op = take(p, "-") ? TW_MATH_NEG : take(p, "!") ? TW_MATH_NOT : TW_MATH_NUMBER;
    if (op == TW_MATH_NUMBER)
        return power(p, out);
    TW_TRY(unary(p, out));
    return tw_term_make(&p->maker, out, op, (tw_term[]){ *out });
}

static tw_status unary(infix *p, tw_term *out)
{
    *out = (tw_term){ 0 };
    if (p->nested >= NESTED_MAX)
        return tw_fail(p->maker.cx, TW_ELIMIT, "column %zu: nested more than %u deep", p->at + 1, NESTED_MAX);
    p->nested++;
    tw_status s = prefixed(p, out);
    p->nested--;
    return s;
}

typedef struct {
    const char *token;
    tw_math_op op;
} binary;

/* The operators that bind like each other, loosest first; what follows the last row is unary. */
static const binary levels[4][7] = {
    { { "&&", TW_MATH_AND }, { "||", TW_MATH_OR } },
    { { "<=", TW_MATH_LE },
      { ">=", TW_MATH_GE },
      { "==", TW_MATH_EQ },
      { "!=", TW_MATH_NE },
      { "<", TW_MATH_LT },
      { ">", TW_MATH_GT } },
    { { "+", TW_MATH_ADD }, { "-", TW_MATH_SUB } },
    { { "*", TW_MATH_MUL }, { "/", TW_MATH_DIV } },
};

static const binary *next_operator(infix *p, const binary *row)
{
    for (; row->token; row++)
        if (take(p, row->token))
            return row;
    return NULL;
}

static tw_status level(infix *p, tw_term *out, size_t i)
{
    tw_term right;
    if (i == TW_COUNT(levels))
        return unary(p, out);
    TW_TRY(level(p, out, i + 1));
    for (const binary *b; (b = next_operator(p, levels[i])) != NULL;) {
        TW_TRY(level(p, &right, i + 1));
        TW_TRY(tw_term_pair(&p->maker, out, b->op, *out, right));
    }
    return TW_OK;
}

static tw_status any(infix *p, tw_term *out)
{
    return level(p, out, 0);
}

tw_status tw_math_parse(tw_ctx *cx, const tw_math **out, tw_str text, tw_math_resolve resolve, void *user)
{
    infix p = { .maker = { cx, 0, NODES_MAX }, .text = text, .resolve = resolve, .user = user };
    tw_term t;
    *out = NULL;
    TW_TRY(any(&p, &t));
    blanks(&p);
    if (p.at < text.n)
        return expected(&p, "an operator or the end");
    *out = t.math;
    return TW_OK;
}
