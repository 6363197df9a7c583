/* A population as lines of text. One list of names serves writing and reading. */
#include "pop/pop_internal.h"

#include <math.h>

#define NAME_MAX_BYTES 96
#define ENTRIES_MAX                                                                                \
    (TW_POP_PAR_MAX + TW_POP_EFFECT_MAX + TW_POP_PAR_MAX * (TW_POP_PAR_MAX + 1) / 2 + 2 * TW_POP_OUT_MAX + 1)

typedef struct {
    char name[NAME_MAX_BYTES];
    double *value;
    double *mirror; /* the other half of cov, or NULL */
    bool optional;  /* not written when zero */
    bool seen;
} entry;

static entry *add(entry *list, size_t *n, double *value, double *mirror, bool optional)
{
    list[*n] = (entry){ .value = value, .mirror = mirror, .optional = optional };
    return &list[(*n)++];
}

#define NAME(e, ...) (void)snprintf((e)->name, sizeof(e)->name, __VA_ARGS__)

static size_t entries(entry *list, const tw_pop_model *m, tw_pop_population *p)
{
    size_t n = 0, np = m->n_par;
    NAME(add(list, &n, &p->ofv, NULL, true), "ofv");
    for (size_t i = 0; i < np; i++)
        NAME(add(list, &n, &p->mean[i], NULL, false), "mean.%s", m->par[i].name);
    for (size_t i = 0; i < m->n_effect; i++)
        NAME(add(list, &n, &p->beta[i], NULL, false), "beta.%s.%s", m->par[m->effect[i].par].name,
             m->covariate[m->effect[i].covariate]);
    for (size_t i = 0; i < np; i++)
        for (size_t j = 0; j <= i; j++)
            NAME(add(list, &n, &p->cov[i * np + j], i == j ? NULL : &p->cov[j * np + i], true), "cov.%s.%s",
                 m->par[i].name, m->par[j].name);
    for (size_t o = 0; o < m->n_output; o++) {
        NAME(add(list, &n, &p->add[o], NULL, true), "add.%s", m->output[o]);
        NAME(add(list, &n, &p->prop[o], NULL, true), "prop.%s", m->output[o]);
    }
    return n;
}

void tw_pop_population_write(tw_buf *out, const tw_pop_model *m, const tw_pop_population *pop)
{
    tw_pop_population p = *pop;
    entry list[ENTRIES_MAX];
    size_t n = entries(list, m, &p);
    tw_buf_fmt(out, "model\t%s\npeople\t%u\nobs\t%u\n", m->id, p.people, p.obs);
    for (size_t i = 0; i < n; i++)
        if (!list[i].optional || *list[i].value != 0.0)
            tw_buf_fmt(out, "%s\t%.17g\n", list[i].name, *list[i].value);
}

static tw_status count(tw_ctx *cx, uint32_t *out, tw_str value, size_t line)
{
    uint64_t v = 0;
    if (!tw_parse_u64(&v, value) || v > UINT32_MAX)
        return tw_fail(cx, TW_EPARSE, "population: line %zu: not a count", line);
    *out = (uint32_t)v;
    return TW_OK;
}

static tw_status take(tw_ctx *cx, entry *list, size_t n, tw_pop_population *p, const tw_pop_model *m, tw_str name,
                      tw_str value, size_t line)
{
    if (tw_str_is(name, "model"))
        return tw_str_is(value, m->id) ? TW_OK :
                                         tw_fail(cx, TW_EPARSE, "population: of another model than %s", m->id);
    if (tw_str_is(name, "people"))
        return count(cx, &p->people, value, line);
    if (tw_str_is(name, "obs"))
        return count(cx, &p->obs, value, line);
    for (size_t i = 0; i < n; i++) {
        entry *e = &list[i];
        if (!tw_str_is(name, e->name))
            continue;
        if (e->seen || !tw_parse_f64(e->value, value) || !isfinite(*e->value))
            return tw_fail(cx, TW_EPARSE, "population: line %zu: %s twice or not a number", line, e->name);
        e->seen = true;
        if (e->mirror)
            *e->mirror = *e->value;
        return TW_OK;
    }
    return tw_fail(cx, TW_EPARSE, "population: line %zu: a name that %s does not have", line, m->id);
}

tw_status tw_pop_population_read(tw_ctx *cx, tw_pop_population *out, const tw_pop_model *m, tw_str text)
{
    tw_pop_population p = { .people = 0 };
    entry list[ENTRIES_MAX];
    size_t n = entries(list, m, &p), line = 0;
    tw_str row, name;
    while (tw_str_split(&row, &text, '\n')) {
        line++;
        row = tw_str_trim(row);
        if (row.n == 0 || row.p[0] == '#')
            continue;
        if (!tw_str_split(&name, &row, '\t'))
            return tw_fail(cx, TW_EPARSE, "population: line %zu: no name", line);
        TW_TRY(take(cx, list, n, &p, m, name, tw_str_trim(row), line));
    }
    for (size_t i = 0; i < n; i++)
        if (!list[i].seen && !list[i].optional)
            return tw_fail(cx, TW_EPARSE, "population: %s is missing", list[i].name);
    TW_TRY(tw_pop_check(cx, m, &p, NULL, 0));
    *out = p;
    return TW_OK;
}
