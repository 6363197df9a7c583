#include "sbml/sbml_internal.h"

#include <math.h>
#include <stdlib.h>

/* ---------------------------------------------------------------- nodes */

static tw_status node(tw_maker *k, tw_math **out)
{
    if (k->nodes >= k->nodes_max)
        return tw_fail(k->cx, TW_ELIMIT, "formulas have more than %u nodes, functions inlined", k->nodes_max);
    k->nodes++;
    *out = tw_try_array(k->cx->arena, tw_math, 1);
    if (!*out)
        return tw_fail(k->cx, TW_ELIMIT, "formulas need more memory than there is");
    (*out)->symbol = TW_NO_SYMBOL;
    return TW_OK;
}

tw_status tw_term_number(tw_maker *k, tw_term *out, double value)
{
    tw_math *m;
    TW_TRY(node(k, &m));
    m->op = TW_MATH_NUMBER;
    m->number = value;
    *out = (tw_term){ m, 1 };
    return TW_OK;
}

tw_status tw_term_leaf(tw_maker *k, tw_term *out, tw_math_op op, uint32_t symbol)
{
    tw_math *m;
    TW_TRY(node(k, &m));
    m->op = op;
    m->symbol = symbol;
    *out = (tw_term){ m, 1 };
    return TW_OK;
}

tw_status tw_term_make(tw_maker *k, tw_term *out, tw_math_op op, const tw_term *arg)
{
    tw_math *m;
    uint32_t depth = 0;
    TW_TRY(node(k, &m));
    m->op = op;
    for (unsigned i = 0; i < tw_math_arity(op); i++) {
        m->arg[i] = arg[i].math;
        depth = TW_MAX(depth, arg[i].depth);
    }
    if (depth >= TW_MATH_DEPTH_MAX)
        return tw_fail(k->cx, TW_ELIMIT, "a formula is more than %d operators deep, functions inlined",
                       TW_MATH_DEPTH_MAX);
    *out = (tw_term){ m, depth + 1 };
    return TW_OK;
}

tw_status tw_term_pair(tw_maker *k, tw_term *out, tw_math_op op, tw_term a, tw_term b)
{
    return tw_term_make(k, out, op, (tw_term[]){ a, b });
}

tw_status tw_term_fold(tw_maker *k, tw_term *out, tw_math_op op, const tw_term *arg, size_t n)
{
    TW_ASSERT(n > 0);
    tw_term all = arg[0];
    for (size_t i = 1; i < n; i++)
        TW_TRY(tw_term_pair(k, &all, op, all, arg[i]));
    *out = all;
    return TW_OK;
}

tw_status tw_term_piecewise(tw_maker *k, tw_term *out, const tw_term *arg, size_t n)
{
    tw_term rest;
    if (n % 2)
        rest = arg[n - 1];
    else
        TW_TRY(tw_term_number(k, &rest, (double)NAN));
    for (size_t i = n / 2; i-- > 0;)
        TW_TRY(tw_term_make(k, &rest, TW_MATH_IF, (tw_term[]){ arg[2 * i + 1], arg[2 * i], rest }));
    *out = rest;
    return TW_OK;
}

/* ---------------------------------------------------------------- ids */

static int by_id(const void *a, const void *b)
{
    return strcmp(((const tw_id *)a)->id, ((const tw_id *)b)->id);
}

tw_status tw_ids_sort(tw_ctx *cx, tw_id *ids, uint32_t n, const char *what)
{
    if (n > 1)
        qsort(ids, n, sizeof *ids, by_id);
    for (uint32_t i = 1; i < n; i++)
        if (strcmp(ids[i - 1].id, ids[i].id) == 0)
            return tw_fail(cx, TW_EPARSE, "%s \"%.80s\" is there twice", what, ids[i].id);
    return TW_OK;
}

uint32_t tw_ids_find(const tw_id *ids, uint32_t n, const char *id)
{
    tw_id key = { id, 0 };
    if (!id || n == 0)
        return TW_NO_SYMBOL;
    const tw_id *found = bsearch(&key, ids, n, sizeof *ids, by_id);
    return found ? found->index : TW_NO_SYMBOL;
}

const char *tw_sbml_kind_name(tw_sbml_kind kind)
{
    static const char *const name[] = { "compartment", "species", "parameter", "stoichiometry", "reaction" };
    return name[kind];
}

uint32_t tw_sbml_find(const tw_sbml_model *m, tw_str id)
{
    uint32_t low = 0, high = m->n_symbol;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int c = tw_str_cmp(tw_str_of(m->symbol[m->by_id[middle]].id), id);
        if (c == 0)
            return m->by_id[middle];
        if (c < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return TW_NO_SYMBOL;
}
