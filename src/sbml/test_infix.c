#include <math.h>

#include "sbml/sbml.h"
#include "test_near.h"

/* ---------------------------------------------------------------- walking a formula */

static double symbol_value[8];

static bool leaf(tw_math_walk *w, double *out, const tw_math *m)
{
    (void)w;
    *out = m->op == TW_MATH_SYMBOL ? symbol_value[m->symbol] : 7;
    return m->op == TW_MATH_SYMBOL || m->op == TW_MATH_TIME;
}

static double value(const tw_math *m)
{
    tw_math_walk w = { .leaf = leaf, .steps_left = 100000, .levels_left = TW_MATH_DEPTH_MAX };
    double v;
    assert_true(tw_math_eval(&v, &w, m));
    return v;
}

/* "a" is symbol 0, "b" is symbol 1. */
static const tw_math *resolve(tw_ctx *c, void *user, tw_str name)
{
    tw_math *m;
    (void)user;
    if (name.n != 1 || name.p[0] < 'a' || name.p[0] > 'b')
        return NULL;
    m = tw_new(c->arena, tw_math);
    m->op = TW_MATH_SYMBOL;
    m->symbol = (uint32_t)(name.p[0] - 'a');
    return m;
}

static tw_status parse(const tw_math **m, const char *text)
{
    tw_err_clear(cx);
    return tw_math_parse(cx, m, tw_str_of(text), resolve, NULL);
}

static double evaluate(const char *text)
{
    const tw_math *m;
    if (parse(&m, text) != TW_OK)
        fail_msg("%s: %s", text, cx->err.msg);
    return value(m);
}

/* ---------------------------------------------------------------- values */

TEST(parse__binds_as_the_specification_says)
{
    static const struct {
        const char *text;
        double want;
    } rows[] = {
        { "1 + 2 * 3", 7 },   { "8 - 2 - 1", 5 },     { "8 / 2 / 2", 2 },
        { "2^3^2", 512 },     { "-2^2", -4 },         { "2 ^ -1 * 4", 2 },
        { "-(1 - 3)", 2 },    { "+-+2", -2 },         { "1 - -1", 2 },
        { "!0 + 1", 2 },      { "1 < 2 < 3", 1 },     { "3 > 2 > 1", 0 },
        { "1 || 0 && 0", 0 }, { "1 || (0 && 0)", 1 }, { "1 + 1 == 2 && 3 != 4", 1 },
        { "2 <= 2", 1 },      { "2 >= 3", 0 },        { "(((4)))", 4 },
        { " 1\t+\r\n1 ", 2 }, { "true - false", 1 },  { "time * 2", 14 },
    };
    for (size_t i = 0; i < TW_COUNT(rows); i++)
        if (evaluate(rows[i].text) != rows[i].want)
            fail_msg("%s is %g, not %g", rows[i].text, evaluate(rows[i].text), rows[i].want);
}

TEST(parse__knows_the_functions)
{
    assert_near(evaluate("log(8, 2)"), 3, 1e-15);
    assert_near(evaluate("log(exp(2)) + ln(exp(1))"), 3, 1e-15);
    assert_near(evaluate("log2(8) + log10(0.001)"), 0, 1e-15);
    assert_near(evaluate("pow(2, 0.5) - sqrt(2)"), 0, 1e-15);
    assert_near(evaluate("min(3, 2) + max(5, 4) + abs(-1)"), 8, 0);
    assert_near(evaluate("sign(-3) + 10 * sign(4) + 100 * sign(0)"), 9, 0);
    assert_near(evaluate("piecewise(1, 2 < 1, 2, 1 < 2, 3)"), 2, 0);
    assert_near(evaluate("piecewise(1, false, 2)"), 2, 0);
    assert_near(evaluate("arccot(2) - arctan(0.5)"), 0, 1e-15);
    assert_near(evaluate("arcsech(0.5) - arccosh(2)"), 0, 1e-15);
    assert_near(evaluate("cosh(1)^2 - sinh(1)^2"), 1, 1e-14);
    assert_true(evaluate("-inf") < -1e308 && evaluate("log(0)") < -1e308);
}

TEST(parse__reads_numbers_as_they_are_written)
{
    assert_true(evaluate("6.02214179e23") == 6.02214179e23);
    assert_true(evaluate("1E-3") == 1e-3);
    assert_true(evaluate(".5") == .5);
    assert_true(evaluate("0.1") == 0.1);
}

TEST(parse__asks_for_names_and_shares_what_it_gets)
{
    symbol_value[0] = 3;
    symbol_value[1] = 4;
    assert_near(evaluate("sqrt(a^2 + b^2)"), 5, 0);
}

TEST(parse__says_where_it_does_not_understand)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        { "", "column 1: expected a number" },
        { "1 +", "column 4: expected a number" },
        { "1 2", "column 3: expected an operator" },
        { "1e", "column 2: expected an operator" },
        { "1.", "column 2: expected an operator" },
        { "a b", "column 3: expected an operator" },
        { "(1", "column 3: expected an operator or \")\"" },
        { "1)", "column 2: expected an operator" },
        { "c + 1", "column 1: the name \"c\" is unknown" },
        { "1 + foo(2)", "column 5: there is no function \"foo\" of 1 arguments" },
        { "log(1, 2, 3)", "no function \"log\" of 3 arguments" },
        { "piecewise(1, true)", "no function \"piecewise\" of 2 arguments" },
        { "sin()", "column 5: expected a number" },
        { "2 ** 3", "column 4: expected a number" },
        { "a = b", "column 3: expected an operator" },
        { "1 & 1", "column 3: expected an operator" },
        { "0x10", "column 2: expected an operator" },
        { "nan", "the name \"nan\" is unknown" },
        { "1e999", "column 1: the number is out of range" },
        { "$", "column 1: expected a number" },
    };
    const tw_math *m;
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        assert_status(TW_EPARSE, parse(&m, rows[i].text));
        if (!strstr(cx->err.msg, rows[i].says))
            fail_msg("%s: %s", rows[i].text, cx->err.msg);
    }
}

TEST(parse__has_limits)
{
    const tw_math *m;
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    for (int i = 0; i < 300; i++)
        tw_buf_cstr(&b, "(");
    assert_status(TW_ELIMIT, tw_math_parse(cx, &m, tw_str_of_bytes(tw_buf_view(&b)), NULL, NULL));
    tw_buf_clear(&b);
    for (int i = 0; i < 5000; i++)
        tw_buf_cstr(&b, "1+");
    tw_buf_cstr(&b, "1");
    assert_ok(tw_math_parse(cx, &m, tw_str_of_bytes(tw_buf_view(&b)), NULL, NULL));
    assert_near(value(m), 5001, 0);
    for (int i = 0; i < 5000; i++)
        tw_buf_cstr(&b, "+1");
    assert_status(TW_ELIMIT, tw_math_parse(cx, &m, tw_str_of_bytes(tw_buf_view(&b)), NULL, NULL));
    tw_buf_done(&b);
}

/* ---------------------------------------------------------------- the specification's own cases */

static tw_str field(tw_str line, const char *name)
{
    size_t at = tw_str_find(line, tw_str_of(name));
    if (at == SIZE_MAX)
        return (tw_str){ 0 };
    tw_str v = tw_str_trim((tw_str){ line.p + at + strlen(name), line.n - at - strlen(name) });
    if (v.n >= 2 && v.p[0] == '"' && v.p[v.n - 1] == '"')
        v = (tw_str){ v.p + 1, v.n - 2 };
    return v;
}

static int run_case(tw_str expression, tw_str want_text)
{
    const tw_math *m;
    double want = 0;
    tw_err_clear(cx);
    tw_status s = tw_math_parse(cx, &m, expression, resolve, NULL);
    if (tw_str_is(want_text, "inf") || tw_str_is(want_text, "-inf"))
        want = want_text.p[0] == '-' ? -(double)INFINITY : (double)INFINITY;
    else if (!tw_parse_f64(&want, want_text)) /* a formula with names, or a failure is wanted */
        return tw_str_eq(expression, want_text) ? s != TW_OK : s == TW_OK;
    double got = s == TW_OK ? value(m) : (double)NAN;
    if ((isinf(want) && got == want) || fabs(got - want) <= 1e-12 * fmax(1, fabs(want)))
        return 0;
    print_error(TW_FMT ": %g, not %g; %s\n", TW_ARG(expression), got, want, cx->err.msg);
    return 1;
}

TEST(parse__gives_what_the_cases_of_petab_expect)
{
    SKIP_WITHOUT_DATA();
    tw_str rest = tw_test_read("petab/v2/math_tests.yaml"), line, expression = { 0 };
    int failed = 0, cases = 0;
    while (tw_str_split(&line, &rest, '\n')) {
        tw_str e = field(line, "- expression:"), want = field(line, "expected:");
        if (e.n)
            expression = e;
        if (!want.n)
            continue;
        failed += run_case(expression, want);
        cases++;
    }
    assert_int_equal(0, failed);
    assert_true(cases >= 90);
}

/* ---------------------------------------------------------------- evaluation */

TEST(eval__goes_no_further_than_it_may)
{
    enum { DOUBLINGS = 10 };
    const tw_math *m;
    tw_math twice[DOUBLINGS];
    double v;
    assert_ok(parse(&m, "a"));
    symbol_value[0] = 3;
    for (int i = 0; i < DOUBLINGS; i++) {
        twice[i] = (tw_math){ .op = TW_MATH_ADD, .arg = { m, m } };
        m = &twice[i];
    }
    tw_math_walk w = { .leaf = leaf, .steps_left = (2 << DOUBLINGS) - 1, .levels_left = DOUBLINGS + 1 };
    assert_true(tw_math_eval(&v, &w, m));
    assert_near(v, 3 * (1 << DOUBLINGS), 0);
    assert_int_equal(0, w.steps_left);
    assert_int_equal(DOUBLINGS + 1, w.levels_left);
    w.steps_left = (2 << DOUBLINGS) - 2;
    assert_false(tw_math_eval(&v, &w, m));
    w = (tw_math_walk){ .leaf = leaf, .steps_left = 100000, .levels_left = DOUBLINGS };
    assert_false(tw_math_eval(&v, &w, m));
    assert_int_equal(DOUBLINGS, w.levels_left);
    twice[0].arg[1] = &(tw_math){ .op = TW_MATH_RATE_OF };
    assert_false(tw_math_eval(&v, &(tw_math_walk){ .leaf = leaf, .steps_left = 100000, .levels_left = 100 }, m));
}
