#include "petab/petab_internal.h"

#include <math.h>

#define NESTED_OBSERVABLES_MAX 16u
#define STEPS_MAX 100000u

typedef struct {
    tw_petab_reading *r;
    tw_petab_part *part;
    const tw_petab_observable *observable;
    tw_str parameters, noise;
    uint32_t nested;
} scope;

/* ---------------------------------------------------------------- names */

uint32_t tw_petab_symbol(const tw_petab_reading *r, const tw_petab_part *part, tw_str id)
{
    for (uint32_t i = 0; i < r->mapping.n_row; i++)
        if (tw_str_eq(tw_petab_field(&r->mapping, i, "petabEntityId"), id) &&
            tw_petab_field(&r->mapping, i, "modelEntityId").n)
            return tw_sbml_find(&part->model, tw_petab_field(&r->mapping, i, "modelEntityId"));
    return tw_sbml_find(&part->model, id);
}

static const tw_math *leaf(tw_ctx *cx, tw_math_op op, uint32_t symbol, double number)
{
    tw_math *m = tw_try_array(cx->arena, tw_math, 1);
    if (m)
        *m = (tw_math){ .op = op, .symbol = symbol, .number = number };
    return m;
}

/* A number or the id of a parameter: what stands for a placeholder. */
static const tw_math * override(scope *s, tw_str text)
{
    double value;
    if (tw_petab_number(&value, text))
        return leaf(s->r->cx, TW_MATH_NUMBER, TW_NO_SYMBOL, value);
    uint32_t symbol = tw_petab_symbol(s->r, s->part, text);
    return symbol == TW_NO_SYMBOL ? NULL : leaf(s->r->cx, TW_MATH_SYMBOL, symbol, 0);
}

/* The i-th of values that ';' separates, from 1. */
static bool nth(tw_str *out, tw_str list, uint64_t i)
{
    tw_str part = { NULL, 0 };
    for (uint64_t k = 0; k < i; k++)
        if (!tw_str_split(&part, &list, ';'))
            return false;
    *out = tw_str_trim(part);
    return out->n > 0;
}

/* "observableParameter3_obs": 3. 0 when it is no such name. */
static uint64_t numbered(tw_str name, const char *kind, tw_str observable)
{
    uint64_t n;
    size_t k = strlen(kind), end = name.n - observable.n;
    if (!tw_str_starts(name, kind) || name.n < k + 2 + observable.n || name.p[end - 1] != '_' ||
        memcmp(name.p + end, observable.p, observable.n) != 0)
        return 0;
    return tw_parse_u64(&n, (tw_str){ name.p + k, end - 1 - k }) ? n : 0;
}

/* Place of a name in a list of placeholders, from 1. */
static uint64_t listed(tw_str name, tw_str list)
{
    tw_str part;
    for (uint64_t i = 1; tw_str_split(&part, &list, ';'); i++)
        if (tw_str_eq(tw_str_trim(part), name))
            return i;
    return 0;
}

static uint64_t place(tw_str name, tw_str list, const char *kind, tw_str observable)
{
    uint64_t i = listed(name, list);
    return i ? i : numbered(name, kind, observable);
}

static const tw_math *placeholder(scope *s, tw_str name, bool *is)
{
    const tw_petab_observable *o = s->observable;
    tw_str text;
    uint64_t i = place(name, o->placeholder, "observableParameter", o->id);
    uint64_t k = i ? 0 : place(name, o->noise_placeholder, "noiseParameter", o->id);
    *is = i || k;
    if (!*is || !nth(&text, i ? s->parameters : s->noise, i ? i : k))
        return NULL;
    return override(s, text);
}

static const tw_math *resolve(tw_ctx *cx, void *user, tw_str name);

/* An observable in a formula is its formula. */
static const tw_math *observable(scope *s, tw_str name)
{
    const tw_math *m;
    for (uint32_t i = 0; i < s->r->n_observable; i++) {
        const tw_petab_observable *o = &s->r->observable[i];
        if (!tw_str_eq(o->id, name))
            continue;
        scope inner = *s;
        inner.nested++;
        inner.observable = o;
        if (inner.nested > NESTED_OBSERVABLES_MAX || tw_math_parse(s->r->cx, &m, o->formula, resolve, &inner) != TW_OK)
            return NULL;
        return m;
    }
    return NULL;
}

static const tw_math *resolve(tw_ctx *cx, void *user, tw_str name)
{
    scope *s = user;
    bool is = false;
    const tw_math *m = s->observable ? placeholder(s, name, &is) : NULL;
    if (is)
        return m;
    uint32_t symbol = tw_petab_symbol(s->r, s->part, name);
    return symbol == TW_NO_SYMBOL ? observable(s, name) : leaf(cx, TW_MATH_SYMBOL, symbol, 0);
}

tw_status tw_petab_formula(tw_petab_reading *r, tw_petab_part *part, const tw_math **out, tw_str text,
                           const tw_petab_observable *observable_of, tw_str parameters, tw_str noise)
{
    scope s = { r, part, observable_of, parameters, noise, 0 };
    double value;
    if (tw_petab_number(&value, text)) {
        *out = leaf(r->cx, TW_MATH_NUMBER, TW_NO_SYMBOL, value);
        return *out ? TW_OK : tw_petab_no_memory(r->cx);
    }
    return tw_math_parse(r->cx, out, text, resolve, &s);
}

/* ---------------------------------------------------------------- outputs */

tw_status tw_petab_output(tw_petab_reading *r, tw_petab_part *part, uint32_t *out, tw_str key, const tw_math *math)
{
    for (uint32_t i = 0; key.n && i < part->n_output; i++)
        if (tw_str_eq(part->output_key[i], key)) {
            *out = i;
            return TW_OK;
        }
    if (part->n_output == part->output_max) {
        uint32_t more = 2 * part->output_max + 16;
        tw_sim_output *o = tw_try_array(r->cx->arena, tw_sim_output, more);
        tw_str *k = tw_try_array(r->cx->arena, tw_str, more);
        if (!o || !k)
            return tw_petab_no_memory(r->cx);
        if (part->n_output) {
            memcpy(o, part->output, part->n_output * sizeof *o);
            memcpy(k, part->output_key, part->n_output * sizeof *k);
        }
        part->output = o;
        part->output_key = k;
        part->output_max = more;
    }
    part->output[part->n_output] = (tw_sim_output){ TW_SIM_FORMULA, TW_NO_SYMBOL, math };
    part->output_key[part->n_output] = key;
    *out = part->n_output++;
    return TW_OK;
}

/* ---------------------------------------------------------------- values without a state */

typedef struct {
    const tw_petab_part *part;
    uint32_t n_parameter;
    const double *parameter;
} constants;

static bool constant(tw_math_walk *w, double *out, const tw_math *m)
{
    const constants *c = w->user;
    for (uint32_t i = 0; m->op == TW_MATH_SYMBOL && i < c->n_parameter; i++)
        if (c->part->input[i] == m->symbol) {
            *out = c->parameter[i];
            return true;
        }
    return false;
}

bool tw_petab_constant(const tw_petab_part *part, uint32_t n_parameter, double *out, const tw_math *m,
                       const double *parameter)
{
    constants c = { part, n_parameter, parameter };
    tw_math_walk w = { .leaf = constant, .user = &c, .steps_left = STEPS_MAX, .levels_left = TW_MATH_DEPTH_MAX };
    return tw_math_eval(out, &w, m);
}
