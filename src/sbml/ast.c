/* Formulas of libSBML as graphs. */
#include "sbml/sbml_internal.h"

#include <math.h>

static const double pi = 3.14159265358979323846;
static const double e = 2.71828182845904523536;
static const double avogadro = 6.02214179e23; /* the value that SBML Level 3 fixes */

typedef struct {
    tw_sbml_reading *r;
    const tw_scope *scope;
    uint32_t level; /* of recursion */
} walk;

static tw_status convert(walk *w, tw_term *out, const ASTNode_t *ast);

/* ---------------------------------------------------------------- leaves */

/* "6.02e23" is read as it was written: a mantissa times a power of ten would round twice. */
static double with_exponent(const ASTNode_t *ast)
{
    char text[64];
    double value, mantissa = ASTNode_getMantissa(ast);
    if (!isfinite(mantissa))
        return mantissa;
    int n = snprintf(text, sizeof text, "%.17ge%ld", mantissa, ASTNode_getExponent(ast));
    if (strchr(text, 'e') != strrchr(text, 'e')) /* the mantissa has an exponent itself */
        return ASTNode_getReal(ast);
    /* Seventeen digits of 6.02 are 6.0199999999999996: the shortest that is the same number was written. */
    for (int digits = 1; digits < 17; digits++) {
        char m[40];
        double same;
        int k = snprintf(m, sizeof m, "%.*g", digits, mantissa);
        if (strchr(m, 'e') || !tw_parse_f64(&same, (tw_str){ m, (size_t)k }) || !(same >= mantissa && same <= mantissa))
            continue;
        n = snprintf(text, sizeof text, "%se%ld", m, ASTNode_getExponent(ast));
        break;
    }
    return n > 0 && tw_parse_f64(&value, (tw_str){ text, (size_t)n }) ? value : ASTNode_getReal(ast);
}

static uint32_t find_local(const tw_sbml_reading *r, const char *name)
{
    for (uint32_t i = 0; i < r->n_local; i++)
        if (strcmp(r->to->symbol[r->local + i].id + r->local_prefix, name) == 0)
            return r->local + i;
    return TW_NO_SYMBOL;
}

static tw_status name_in_function(walk *w, tw_term *out, const char *name)
{
    for (uint32_t i = 0; i < w->scope->n; i++)
        if (strcmp(ASTNode_getName(FunctionDefinition_getArgument(w->scope->def, i)), name) == 0) {
            *out = w->scope->arg[i];
            return TW_OK;
        }
    return tw_fail(w->r->cx, TW_EPARSE, "function \"%.80s\" names \"%.80s\", which is none of its arguments",
                   FunctionDefinition_getId(w->scope->def), name);
}

static tw_status name(walk *w, tw_term *out, const ASTNode_t *ast)
{
    const char *called = ASTNode_getName(ast);
    if (!called)
        return tw_fail(w->r->cx, TW_EPARSE, "a name is empty");
    if (w->scope)
        return name_in_function(w, out, called);
    uint32_t symbol = find_local(w->r, called);
    if (symbol == TW_NO_SYMBOL)
        symbol = tw_ids_find(w->r->ids, w->r->n_ids, called);
    if (symbol == TW_NO_SYMBOL)
        return tw_fail(w->r->cx, TW_EPARSE, "names \"%.80s\", which the model does not have", called);
    return tw_term_leaf(&w->r->maker, out, TW_MATH_SYMBOL, symbol);
}

/* ---------------------------------------------------------------- operators */

typedef struct {
    tw_term *v;
    uint32_t n;
} terms;

static tw_status children(walk *w, terms *out, const ASTNode_t *ast)
{
    out->n = ASTNode_getNumChildren(ast);
    out->v = tw_try_array(w->r->cx->arena, tw_term, out->n + 1);
    if (!out->v)
        return tw_fail(w->r->cx, TW_ELIMIT, "formulas need more memory than there is");
    for (uint32_t i = 0; i < out->n; i++)
        TW_TRY(convert(w, &out->v[i], ASTNode_getChild(ast, i)));
    return TW_OK;
}

static tw_status count_wrong(walk *w, const char *what, uint32_t n)
{
    return tw_fail(w->r->cx, TW_EPARSE, "\"%s\" cannot have %u arguments", what, n);
}

/* Any number of arguments: none gives the neutral element, one is itself. */
static tw_status many(walk *w, tw_term *out, tw_math_op op, terms t)
{
    if (t.n == 0 && (op == TW_MATH_MIN || op == TW_MATH_MAX))
        return count_wrong(w, tw_math_name(op), 0);
    if (t.n == 0)
        return tw_term_number(&w->r->maker, out, op == TW_MATH_MUL || op == TW_MATH_AND);
    return tw_term_fold(&w->r->maker, out, op, t.v, t.n);
}

/* Truth of one argument alone is truth: 5 is 1. */
static tw_status logic(walk *w, tw_term *out, tw_math_op op, terms t)
{
    tw_term zero;
    if (t.n != 1)
        return many(w, out, op, t);
    TW_TRY(tw_term_number(&w->r->maker, &zero, 0));
    return tw_term_pair(&w->r->maker, out, TW_MATH_NE, t.v[0], zero);
}

/* a < b < c is a < b and b < c. */
static tw_status chain(walk *w, tw_term *out, tw_math_op op, terms t)
{
    tw_maker *k = &w->r->maker;
    tw_term all, next;
    if (t.n < 2)
        return tw_term_number(k, out, 1);
    if (t.n > 2 && op == TW_MATH_NE)
        return count_wrong(w, "neq", t.n);
    TW_TRY(tw_term_pair(k, &all, op, t.v[0], t.v[1]));
    for (uint32_t i = 2; i < t.n; i++) {
        TW_TRY(tw_term_pair(k, &next, op, t.v[i - 1], t.v[i]));
        TW_TRY(tw_term_pair(k, &all, TW_MATH_AND, all, next));
    }
    *out = all;
    return TW_OK;
}

static tw_status minus(walk *w, tw_term *out, terms t)
{
    if (t.n == 1)
        return tw_term_make(&w->r->maker, out, TW_MATH_NEG, t.v);
    return t.n == 2 ? tw_term_make(&w->r->maker, out, TW_MATH_SUB, t.v) : count_wrong(w, "minus", t.n);
}

static bool is_number(tw_term t, double value)
{
    return t.math->op == TW_MATH_NUMBER && t.math->number >= value && t.math->number <= value;
}

/* root(degree, x); libSBML gives the degree 2 when it was left out. */
static tw_status root(walk *w, tw_term *out, terms t)
{
    tw_term power;
    if (t.n == 1)
        return tw_term_make(&w->r->maker, out, TW_MATH_SQRT, t.v);
    if (t.n != 2)
        return count_wrong(w, "root", t.n);
    if (is_number(t.v[0], 2))
        return tw_term_make(&w->r->maker, out, TW_MATH_SQRT, t.v + 1);
    TW_TRY(tw_term_number(&w->r->maker, &power, 1));
    TW_TRY(tw_term_pair(&w->r->maker, &power, TW_MATH_DIV, power, t.v[0]));
    return tw_term_pair(&w->r->maker, out, TW_MATH_POW, t.v[1], power);
}

static tw_status logarithm(walk *w, tw_term *out, terms t)
{
    tw_term base;
    if (t.n == 2)
        return tw_term_make(&w->r->maker, out, TW_MATH_LOG, t.v);
    if (t.n != 1)
        return count_wrong(w, "log", t.n);
    TW_TRY(tw_term_number(&w->r->maker, &base, 10));
    return tw_term_pair(&w->r->maker, out, TW_MATH_LOG, base, t.v[0]);
}

static tw_status implies(walk *w, tw_term *out, terms t)
{
    tw_term no;
    if (t.n != 2)
        return count_wrong(w, "implies", t.n);
    TW_TRY(tw_term_make(&w->r->maker, &no, TW_MATH_NOT, t.v));
    return tw_term_pair(&w->r->maker, out, TW_MATH_OR, no, t.v[1]);
}

static tw_status rate_of(walk *w, tw_term *out, terms t)
{
    if (t.n != 1)
        return count_wrong(w, "rateOf", t.n);
    if (t.v[0].math->op != TW_MATH_SYMBOL)
        return tw_fail(w->r->cx, TW_EREFUSED, "rateOf of something that is not a name is not supported");
    return tw_term_leaf(&w->r->maker, out, TW_MATH_RATE_OF, t.v[0].math->symbol);
}

/* ---------------------------------------------------------------- functions of the model */

static tw_status call(walk *w, tw_term *out, const ASTNode_t *ast, terms t)
{
    tw_sbml_reading *r = w->r;
    const char *called = ASTNode_getName(ast);
    uint32_t at = tw_ids_find(r->function_id, r->n_function, called);
    if (at == TW_NO_SYMBOL)
        return tw_fail(r->cx, TW_EPARSE, "calls \"%.80s\", which is no function of the model", called ? called : "");
    tw_function *f = &r->function[at];
    tw_scope scope = { f->def, t.v, t.n };
    const ASTNode_t *body = FunctionDefinition_getBody(f->def);
    if (t.n != FunctionDefinition_getNumArguments(f->def))
        return tw_fail(r->cx, TW_EPARSE, "function \"%.80s\" has %u arguments, not %u", called,
                       FunctionDefinition_getNumArguments(f->def), t.n);
    if (!body)
        return tw_fail(r->cx, TW_EPARSE, "function \"%.80s\" is called and says nothing", called);
    if (f->active)
        return tw_fail(r->cx, TW_EPARSE, "function \"%.80s\" calls itself", called);
    if (r->calls >= r->depth_max)
        return tw_fail(r->cx, TW_ELIMIT, "functions call functions more than %u deep", r->depth_max);
    f->active = true;
    r->calls++;
    tw_status s = convert(&(walk){ r, &scope, w->level }, out, body);
    r->calls--;
    f->active = false;
    return s;
}

/* ---------------------------------------------------------------- all of it */

static const struct {
    ASTNodeType_t type;
    tw_math_op op;
} plain[] = {
    { AST_FUNCTION_ABS, TW_MATH_ABS },
    { AST_FUNCTION_FLOOR, TW_MATH_FLOOR },
    { AST_FUNCTION_CEILING, TW_MATH_CEIL },
    { AST_FUNCTION_EXP, TW_MATH_EXP },
    { AST_FUNCTION_LN, TW_MATH_LN },
    { AST_FUNCTION_FACTORIAL, TW_MATH_FACTORIAL },
    { AST_FUNCTION_SIN, TW_MATH_SIN },
    { AST_FUNCTION_COS, TW_MATH_COS },
    { AST_FUNCTION_TAN, TW_MATH_TAN },
    { AST_FUNCTION_SEC, TW_MATH_SEC },
    { AST_FUNCTION_CSC, TW_MATH_CSC },
    { AST_FUNCTION_COT, TW_MATH_COT },
    { AST_FUNCTION_SINH, TW_MATH_SINH },
    { AST_FUNCTION_COSH, TW_MATH_COSH },
    { AST_FUNCTION_TANH, TW_MATH_TANH },
    { AST_FUNCTION_SECH, TW_MATH_SECH },
    { AST_FUNCTION_CSCH, TW_MATH_CSCH },
    { AST_FUNCTION_COTH, TW_MATH_COTH },
    { AST_FUNCTION_ARCSIN, TW_MATH_ASIN },
    { AST_FUNCTION_ARCCOS, TW_MATH_ACOS },
    { AST_FUNCTION_ARCTAN, TW_MATH_ATAN },
    { AST_FUNCTION_ARCSEC, TW_MATH_ASEC },
    { AST_FUNCTION_ARCCSC, TW_MATH_ACSC },
    { AST_FUNCTION_ARCCOT, TW_MATH_ACOT },
    { AST_FUNCTION_ARCSINH, TW_MATH_ASINH },
    { AST_FUNCTION_ARCCOSH, TW_MATH_ACOSH },
    { AST_FUNCTION_ARCTANH, TW_MATH_ATANH },
    { AST_FUNCTION_ARCSECH, TW_MATH_ASECH },
    { AST_FUNCTION_ARCCSCH, TW_MATH_ACSCH },
    { AST_FUNCTION_ARCCOTH, TW_MATH_ACOTH },
    { AST_LOGICAL_NOT, TW_MATH_NOT },
    { AST_DIVIDE, TW_MATH_DIV },
    { AST_POWER, TW_MATH_POW },
    { AST_FUNCTION_POWER, TW_MATH_POW },
    { AST_FUNCTION_REM, TW_MATH_REM },
    { AST_FUNCTION_QUOTIENT, TW_MATH_QUOTIENT },
    { AST_FUNCTION_DELAY, TW_MATH_DELAY },
};

static tw_status fixed(walk *w, tw_term *out, ASTNodeType_t type, const ASTNode_t *ast, terms t)
{
    for (size_t i = 0; i < TW_COUNT(plain); i++)
        if (plain[i].type == type)
            return t.n == tw_math_arity(plain[i].op) ? tw_term_make(&w->r->maker, out, plain[i].op, t.v)
                                                     : count_wrong(w, tw_math_name(plain[i].op), t.n);
    const char *called = ASTNode_getName(ast);
    return tw_fail(w->r->cx, TW_EREFUSED, "the operator \"%.80s\" (libSBML's number %d) is not supported",
                   called ? called : "", (int)type);
}

static tw_status operator(walk *w, tw_term *out, const ASTNode_t *ast)
{
    ASTNodeType_t type = ASTNode_getType(ast);
    terms t;
    TW_TRY(children(w, &t, ast));
    switch ((int)type) {
    case AST_PLUS:
        return many(w, out, TW_MATH_ADD, t);
    case AST_TIMES:
        return many(w, out, TW_MATH_MUL, t);
    case AST_FUNCTION_MIN:
        return many(w, out, TW_MATH_MIN, t);
    case AST_FUNCTION_MAX:
        return many(w, out, TW_MATH_MAX, t);
    case AST_LOGICAL_AND:
        return logic(w, out, TW_MATH_AND, t);
    case AST_LOGICAL_OR:
        return logic(w, out, TW_MATH_OR, t);
    case AST_LOGICAL_XOR:
        return logic(w, out, TW_MATH_XOR, t);
    case AST_LOGICAL_IMPLIES:
        return implies(w, out, t);
    case AST_RELATIONAL_EQ:
        return chain(w, out, TW_MATH_EQ, t);
    case AST_RELATIONAL_NEQ:
        return chain(w, out, TW_MATH_NE, t);
    case AST_RELATIONAL_LT:
        return chain(w, out, TW_MATH_LT, t);
    case AST_RELATIONAL_LEQ:
        return chain(w, out, TW_MATH_LE, t);
    case AST_RELATIONAL_GT:
        return chain(w, out, TW_MATH_GT, t);
    case AST_RELATIONAL_GEQ:
        return chain(w, out, TW_MATH_GE, t);
    case AST_MINUS:
        return minus(w, out, t);
    case AST_FUNCTION_ROOT:
        return root(w, out, t);
    case AST_FUNCTION_LOG:
        return logarithm(w, out, t);
    case AST_FUNCTION_RATE_OF:
        return rate_of(w, out, t);
    case AST_FUNCTION_PIECEWISE:
        return tw_term_piecewise(&w->r->maker, out, t.v, t.n);
    case AST_FUNCTION:
        return call(w, out, ast, t);
    default:
        return fixed(w, out, type, ast, t);
    }
}

static tw_status any(walk *w, tw_term *out, const ASTNode_t *ast)
{
    tw_maker *k = &w->r->maker;
    switch ((int)ASTNode_getType(ast)) {
    case AST_INTEGER:
        return tw_term_number(k, out, (double)ASTNode_getInteger(ast));
    case AST_REAL:
        return tw_term_number(k, out, ASTNode_getReal(ast));
    case AST_REAL_E:
        return tw_term_number(k, out, with_exponent(ast));
    case AST_RATIONAL:
        return tw_term_number(k, out, (double)ASTNode_getNumerator(ast) / (double)ASTNode_getDenominator(ast));
    case AST_CONSTANT_E:
        return tw_term_number(k, out, e);
    case AST_CONSTANT_PI:
        return tw_term_number(k, out, pi);
    case AST_CONSTANT_TRUE:
    case AST_CONSTANT_FALSE:
        return tw_term_number(k, out, ASTNode_getType(ast) == AST_CONSTANT_TRUE);
    case AST_NAME_AVOGADRO:
        return tw_term_number(k, out, avogadro);
    case AST_NAME_TIME:
        return tw_term_leaf(k, out, TW_MATH_TIME, TW_NO_SYMBOL);
    case AST_NAME:
        return name(w, out, ast);
    default:
        return operator(w, out, ast);
    }
}

static tw_status convert(walk *w, tw_term *out, const ASTNode_t *ast)
{
    *out = (tw_term){ 0 };
    if (!ast)
        return tw_fail(w->r->cx, TW_EPARSE, "an operator lacks an argument");
    if (w->level >= 16 * w->r->depth_max) /* of nesting; each call of a function starts from where it stands */
        return tw_fail(w->r->cx, TW_ELIMIT, "a formula is nested too deep, functions inlined");
    w->level++;
    tw_status s = any(w, out, ast);
    w->level--;
    return s;
}

tw_status tw_sbml_formula(tw_sbml_reading *r, const tw_math **out, const ASTNode_t *ast, const char *where)
{
    tw_term t;
    *out = NULL;
    if (!ast)
        return TW_OK;
    tw_status s = convert(&(walk){ r, NULL, 0 }, &t, ast);
    if (s != TW_OK)
        return tw_wrap(r->cx, "%s", where);
    *out = t.math;
    return TW_OK;
}
