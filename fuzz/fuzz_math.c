/* An infix formula. Must hold: it is refused with a message, or becomes a graph that, written with all its parentheses
 * and read again, is the same graph. Names of one letter are symbols. */
#include "support.h"

#include <math.h>

#include "sbml/sbml.h"

static const tw_math *resolve(tw_ctx *cx, void *user, tw_str name)
{
    (void)user;
    if (name.n != 1)
        return NULL;
    tw_math *m = tw_new(cx->arena, tw_math);
    m->op = TW_MATH_SYMBOL;
    m->symbol = (uint8_t)name.p[0];
    return m;
}

static void write(tw_buf *b, const tw_math *m);

static void write_call(tw_buf *b, const char *name, const tw_math *x, const tw_math *y, const tw_math *z)
{
    const tw_math *arg[3] = { x, y, z };
    tw_buf_fmt(b, "%s(", name);
    for (int i = 0; i < 3 && arg[i]; i++) {
        tw_buf_cstr(b, i ? "," : "");
        write(b, arg[i]);
    }
    tw_buf_cstr(b, ")");
}

static void write_pair(tw_buf *b, const tw_math *m, const char *operator)
{
    tw_buf_cstr(b, "(");
    write(b, m->arg[0]);
    tw_buf_cstr(b, operator);
    write(b, m->arg[1]);
    tw_buf_cstr(b, ")");
}

static void write_leaf(tw_buf *b, const tw_math *m)
{
    if (m->op == TW_MATH_TIME)
        tw_buf_cstr(b, "time");
    else if (m->op == TW_MATH_SYMBOL)
        tw_buf_fmt(b, "%c", (int)m->symbol);
    else if (isinf(m->number))
        tw_buf_cstr(b, "inf");
    else
        tw_buf_fmt(b, "%.17g", m->number);
}

static void write(tw_buf *b, const tw_math *m)
{
    if (b->failed)
        return;
    if (tw_math_arity(m->op) == 0)
        write_leaf(b, m);
    else if (m->op == TW_MATH_NEG || m->op == TW_MATH_NOT)
        write_call(b, m->op == TW_MATH_NEG ? "-" : "!", m->arg[0], NULL, NULL);
    else if (m->op == TW_MATH_IF)
        write_call(b, "piecewise", m->arg[1], m->arg[0], m->arg[2]);
    else if (m->op == TW_MATH_LOG)
        write_call(b, "log", m->arg[1], m->arg[0], NULL);
    else if (m->op == TW_MATH_AND || m->op == TW_MATH_OR)
        write_pair(b, m, m->op == TW_MATH_AND ? "&&" : "||");
    else if (tw_math_arity(m->op) == 1 || m->op == TW_MATH_MIN || m->op == TW_MATH_MAX)
        write_call(b, tw_math_name(m->op), m->arg[0], m->arg[1], NULL);
    else
        write_pair(b, m, tw_math_name(m->op));
}

static bool same(const tw_math *a, const tw_math *b, uint32_t *steps)
{
    if (++*steps > 100000)
        return true;
    if (a->op != b->op || a->number < b->number || a->number > b->number || a->symbol != b->symbol)
        return false;
    for (unsigned i = 0; i < tw_math_arity(a->op); i++)
        if (!same(a->arg[i], b->arg[i], steps))
            return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_buf b;
    const tw_math *m, *again;
    uint32_t steps = 0;
    fuzz_begin(&cx, 64 * TW_MIB);
    if (tw_math_parse(&cx, &m, (tw_str){ (const char *)data, size }, resolve, NULL) != TW_OK) {
        FUZZ_CHECK(cx.err.msg[0] != '\0');
        tw_ctx_done(&cx);
        return 0;
    }
    tw_buf_init(&b, 64 * TW_KIB);
    write(&b, m);
    tw_str text = tw_str_dup(cx.arena, tw_str_of_bytes(tw_buf_view(&b)));
    bool whole = !b.failed;
    tw_buf_done(&b);
    tw_status s = whole ? tw_math_parse(&cx, &again, text, resolve, NULL) : TW_ELIMIT;
    FUZZ_CHECK(s == TW_OK || s == TW_ELIMIT);
    FUZZ_CHECK(s != TW_OK || same(m, again, &steps));
    tw_ctx_done(&cx);
    return 0;
}
