/* Formulas of data generators and changes: content MathML over the names that the document declares. */
#include "sedml/sedml_internal.h"

#include <math.h>

typedef struct {
    tw_ctx *cx;
    const tw_xml *d;
    const tw_sedml_names *names;
    unsigned depth;
} reader;

#define DEPTH_MAX 100

static const struct {
    const char *name;
    tw_math_op op;
    unsigned least, most; /* arguments */
} table[] = {
    { "plus", TW_MATH_ADD, 1, 1000 },
    { "times", TW_MATH_MUL, 1, 1000 },
    { "minus", TW_MATH_SUB, 1, 2 },
    { "divide", TW_MATH_DIV, 2, 2 },
    { "power", TW_MATH_POW, 2, 2 },
    { "min", TW_MATH_MIN, 1, 1000 },
    { "max", TW_MATH_MAX, 1, 1000 },
    { "abs", TW_MATH_ABS, 1, 1 },
    { "exp", TW_MATH_EXP, 1, 1 },
    { "ln", TW_MATH_LN, 1, 1 },
    { "floor", TW_MATH_FLOOR, 1, 1 },
    { "ceiling", TW_MATH_CEIL, 1, 1 },
    { "factorial", TW_MATH_FACTORIAL, 1, 1 },
    { "sin", TW_MATH_SIN, 1, 1 },
    { "cos", TW_MATH_COS, 1, 1 },
    { "tan", TW_MATH_TAN, 1, 1 },
    { "sinh", TW_MATH_SINH, 1, 1 },
    { "cosh", TW_MATH_COSH, 1, 1 },
    { "tanh", TW_MATH_TANH, 1, 1 },
    { "arcsin", TW_MATH_ASIN, 1, 1 },
    { "arccos", TW_MATH_ACOS, 1, 1 },
    { "arctan", TW_MATH_ATAN, 1, 1 },
    { "not", TW_MATH_NOT, 1, 1 },
    { "eq", TW_MATH_EQ, 2, 2 },
    { "neq", TW_MATH_NE, 2, 2 },
    { "lt", TW_MATH_LT, 2, 2 },
    { "leq", TW_MATH_LE, 2, 2 },
    { "gt", TW_MATH_GT, 2, 2 },
    { "geq", TW_MATH_GE, 2, 2 },
    { "and", TW_MATH_AND, 1, 1000 },
    { "or", TW_MATH_OR, 1, 1000 },
    { "xor", TW_MATH_XOR, 1, 1000 },
};

static tw_status element(reader *r, tw_math **out, uint32_t e);

static tw_math *node(reader *r, tw_math_op op, const tw_math *a, const tw_math *b, const tw_math *c)
{
    tw_math *m = tw_new(r->cx->arena, tw_math);
    *m = (tw_math){ .op = op, .symbol = TW_NO_SYMBOL, .arg = { a, b, c } };
    return m;
}

static tw_math *number(reader *r, double v)
{
    tw_math *m = node(r, TW_MATH_NUMBER, NULL, NULL, NULL);
    m->number = v;
    return m;
}

static tw_status name(reader *r, tw_math **out, uint32_t e)
{
    tw_str id = tw_str_trim(tw_xml_text(r->d, e));
    for (size_t i = 0; i < r->names->n; i++)
        if (tw_str_eq(id, r->names->name[i])) {
            *out = node(r, TW_MATH_SYMBOL, NULL, NULL, NULL);
            (*out)->symbol = (uint32_t)i;
            return TW_OK;
        }
    return tw_sedml_fail(r->cx, TW_EPARSE, r->d, e, "a formula names what is declared beside it");
}

/* <cn type="e-notation">1<sep/>3</cn> comes as joined text "13": the two parts cannot be told apart, so it is refused.
 */
static tw_status literal(reader *r, tw_math **out, uint32_t e)
{
    tw_str type = tw_xml_value(r->d, e, "type");
    double v = 0.0;
    if (tw_str_is(type, "e-notation") || tw_str_is(type, "rational"))
        return tw_sedml_fail(r->cx, TW_EREFUSED, r->d, e, "numbers in two parts (sep) are not supported; write 1e3");
    if (!tw_parse_f64(&v, tw_str_trim(tw_xml_text(r->d, e))))
        return tw_sedml_fail(r->cx, TW_EPARSE, r->d, e, "cn holds a number");
    *out = number(r, v);
    return TW_OK;
}

static tw_status piecewise(reader *r, tw_math **out, uint32_t e)
{
    uint32_t otherwise = tw_xml_child(r->d, e, "otherwise");
    tw_math *rest = number(r, (double)NAN);
    const tw_math *piece[64][2];
    size_t n = 0;
    if (otherwise != TW_XML_NONE)
        TW_TRY(element(r, &rest, tw_xml_child(r->d, otherwise, NULL)));
    for (uint32_t p = tw_xml_child(r->d, e, "piece"); p != TW_XML_NONE; p = tw_xml_sibling(r->d, p, "piece")) {
        uint32_t value = tw_xml_child(r->d, p, NULL);
        uint32_t when = tw_xml_sibling(r->d, value, NULL);
        tw_math *v = NULL;
        tw_math *c = NULL;
        if (n == TW_COUNT(piece) || when == TW_XML_NONE)
            return tw_sedml_fail(r->cx, TW_EPARSE, r->d, p, "a piece is a value and a condition, at most 64 of them");
        TW_TRY(element(r, &v, value));
        TW_TRY(element(r, &c, when));
        piece[n][0] = v;
        piece[n++][1] = c;
    }
    while (n--)
        rest = node(r, TW_MATH_IF, piece[n][1], piece[n][0], rest);
    *out = rest;
    return TW_OK;
}

/* log and root: the base or degree is a child of its own and optional. */
static tw_status log_or_root(reader *r, tw_math **out, uint32_t op, bool is_log)
{
    uint32_t arg = tw_xml_sibling(r->d, op, NULL);
    tw_math *base = number(r, is_log ? 10.0 : 2.0);
    tw_math *x = NULL;
    if (arg != TW_XML_NONE && tw_str_is(r->d->elem[arg].name, is_log ? "logbase" : "degree")) {
        TW_TRY(element(r, &base, tw_xml_child(r->d, arg, NULL)));
        arg = tw_xml_sibling(r->d, arg, NULL);
    }
    TW_TRY(element(r, &x, arg));
    *out = is_log ? node(r, TW_MATH_LOG, base, x, NULL)
                  : node(r, TW_MATH_POW, x, node(r, TW_MATH_DIV, number(r, 1.0), base, NULL), NULL);
    return TW_OK;
}

static tw_status apply(reader *r, tw_math **out, uint32_t e)
{
    uint32_t op = tw_xml_child(r->d, e, NULL);
    size_t k = 0;
    unsigned n = 0;
    tw_math *sum = NULL;
    if (op == TW_XML_NONE)
        return tw_sedml_fail(r->cx, TW_EPARSE, r->d, e, "apply begins with an operator");
    tw_str what = r->d->elem[op].name;
    if (tw_str_is(what, "log") || tw_str_is(what, "root"))
        return log_or_root(r, out, op, tw_str_is(what, "log"));
    while (k < TW_COUNT(table) && !tw_str_is(what, table[k].name))
        k++;
    if (k == TW_COUNT(table))
        return tw_sedml_fail(r->cx, TW_EREFUSED, r->d, op, "this operator of MathML is not supported here");
    for (uint32_t a = tw_xml_sibling(r->d, op, NULL); a != TW_XML_NONE; a = tw_xml_sibling(r->d, a, NULL), n++) {
        tw_math *x = NULL;
        TW_TRY(element(r, &x, a));
        sum = sum ? node(r, table[k].op, sum, x, NULL) : x;
    }
    if (n < table[k].least || n > table[k].most)
        return tw_sedml_fail(r->cx, TW_EPARSE, r->d, op, "wrong number of arguments");
    if (n == 1 && table[k].op == TW_MATH_SUB)
        sum = node(r, TW_MATH_NEG, sum, NULL, NULL);
    else if (n == 1 && table[k].most == 1)
        sum = node(r, table[k].op, sum, NULL, NULL);
    *out = sum;
    return TW_OK;
}

static tw_status element(reader *r, tw_math **out, uint32_t e)
{
    static const struct {
        const char *name;
        double value;
    } constant[] = { { "pi", 3.14159265358979323846 },
                     { "exponentiale", 2.71828182845904523536 },
                     { "true", 1.0 },
                     { "false", 0.0 },
                     { "infinity", (double)INFINITY },
                     { "notanumber", (double)NAN } };
    if (e == TW_XML_NONE)
        return tw_fail(r->cx, TW_EPARSE, "a formula ends too early");
    if (++r->depth > DEPTH_MAX)
        return tw_sedml_fail(r->cx, TW_ELIMIT, r->d, e, "a formula is nested at most 100 deep");
    tw_str what = r->d->elem[e].name;
    tw_status s = TW_OK;
    *out = NULL;
    if (tw_str_is(what, "ci"))
        s = name(r, out, e);
    else if (tw_str_is(what, "cn"))
        s = literal(r, out, e);
    else if (tw_str_is(what, "apply"))
        s = apply(r, out, e);
    else if (tw_str_is(what, "piecewise"))
        s = piecewise(r, out, e);
    for (size_t i = 0; !*out && s == TW_OK && i < TW_COUNT(constant); i++)
        if (tw_str_is(what, constant[i].name))
            *out = number(r, constant[i].value);
    if (s == TW_OK && !*out)
        s = tw_sedml_fail(r->cx, TW_EREFUSED, r->d, e, "this element of MathML is not supported here");
    r->depth--;
    return s;
}

tw_status tw_sedml_math(tw_ctx *cx, const tw_math **out, const tw_xml *d, uint32_t math, const tw_sedml_names *names)
{
    reader r = { .cx = cx, .d = d, .names = names };
    tw_math *m = NULL;
    TW_TRY(element(&r, &m, math == TW_XML_NONE ? math : tw_xml_child(d, math, NULL)));
    *out = m;
    return TW_OK;
}
