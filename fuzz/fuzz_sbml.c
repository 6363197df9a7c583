/* An SBML document. Must hold: it is refused with a message, or every index of the model is one of its tables, every
 * formula ends, no deeper than is said, and names only symbols there are; read again, it is the same model. */
#include "support.h"

#include "sbml/sbml.h"

typedef struct {
    const tw_sbml_model *m;
    uint32_t steps; /* shared children are met again and again */
    uint32_t depth;
} walk;

static void check_math(walk *w, const tw_math *x)
{
    FUZZ_CHECK(x && (unsigned)x->op <= TW_MATH_IF && w->depth < TW_MATH_DEPTH_MAX);
    if (x->op == TW_MATH_SYMBOL || x->op == TW_MATH_RATE_OF)
        FUZZ_CHECK(x->symbol < w->m->n_symbol);
    w->depth++;
    for (unsigned i = 0; i < tw_math_arity(x->op) && w->steps < 100000; i++) {
        w->steps++;
        check_math(w, x->arg[i]);
    }
    w->depth--;
}

static void check(const tw_sbml_model *m, const tw_math *x)
{
    walk w = { .m = m };
    if (x)
        check_math(&w, x);
}

static bool is(const tw_sbml_model *m, uint32_t symbol, tw_sbml_kind kind)
{
    return symbol < m->n_symbol && m->symbol[symbol].kind == kind;
}

static void check_sides(const tw_sbml_model *m, const tw_sbml_reference *r, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        FUZZ_CHECK(is(m, r[i].species, TW_SBML_SPECIES));
        FUZZ_CHECK(r[i].symbol == TW_NO_SYMBOL || is(m, r[i].symbol, TW_SBML_REFERENCE));
        check(m, r[i].math);
    }
}

static void check_tables(const tw_sbml_model *m)
{
    for (uint32_t i = 0; i < m->n_symbol; i++)
        FUZZ_CHECK(tw_sbml_find(m, tw_str_of(m->symbol[i].id)) == i);
    for (uint32_t i = 0; i < m->n_species; i++) {
        const tw_sbml_species *s = &m->species[i];
        FUZZ_CHECK(is(m, s->symbol, TW_SBML_SPECIES) && m->symbol[s->symbol].item == i);
        FUZZ_CHECK(is(m, s->compartment, TW_SBML_COMPARTMENT));
        FUZZ_CHECK(s->conversion == TW_NO_SYMBOL || s->conversion < m->n_symbol);
    }
    for (uint32_t i = 0; i < m->n_reaction; i++) {
        const tw_sbml_reaction *r = &m->reaction[i];
        FUZZ_CHECK(is(m, r->symbol, TW_SBML_REACTION) && m->symbol[r->symbol].item == i);
        check_sides(m, r->reactant, r->n_reactant);
        check_sides(m, r->product, r->n_product);
        check(m, r->rate);
    }
}

static void check_assignments(const tw_sbml_model *m, const tw_sbml_assignment *a, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        FUZZ_CHECK(a[i].symbol < m->n_symbol && a[i].math);
        check(m, a[i].math);
    }
}

static void check_formulas(const tw_sbml_model *m)
{
    for (uint32_t i = 0; i < m->n_rule; i++) {
        FUZZ_CHECK((m->rule[i].kind == TW_SBML_ALGEBRAIC) == (m->rule[i].symbol == TW_NO_SYMBOL) && m->rule[i].math);
        check(m, m->rule[i].math);
    }
    check_assignments(m, m->initial, m->n_initial);
    for (uint32_t i = 0; i < m->n_event; i++) {
        FUZZ_CHECK(m->event[i].id && m->event[i].trigger);
        check(m, m->event[i].trigger);
        check(m, m->event[i].delay);
        check(m, m->event[i].priority);
        check_assignments(m, m->event[i].assignment, m->event[i].n_assignment);
    }
    for (uint32_t i = 0; i < m->n_constraint; i++)
        check(m, m->constraint[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    const tw_sbml_model *m, *again;
    tw_sbml_limits limits = { .bytes_max = TW_MIB, .nodes_max = 100000 };
    tw_str text = { (const char *)data, size };
    fuzz_begin(&cx, 64 * TW_MIB);
    if (tw_sbml_read(&cx, &m, text, &limits) != TW_OK) {
        FUZZ_CHECK(cx.err.msg[0] != '\0');
    } else {
        check_tables(m);
        check_formulas(m);
        FUZZ_CHECK(tw_sbml_read(&cx, &again, text, &limits) == TW_OK && again->n_symbol == m->n_symbol);
        FUZZ_CHECK(again->n_warning == m->n_warning && again->n_event == m->n_event && again->n_rule == m->n_rule);
    }
    tw_ctx_done(&cx);
    return 0;
}
