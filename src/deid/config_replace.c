/* substitute and generalize.
 *
 * A substituted element takes the members of what is put in its place. What an earlier rule has worked on below it
 * stays as that rule left it, and so do the elements around it, without other values of their own. */
#include "deid/config_internal.h"

static bool worked_on(const pass *p, uint32_t i)
{
    if (pass_visited(p, i))
        return true;
    for (uint32_t c = tw_fhir_first(p->t, i); c != TW_FHIR_NONE; c = tw_fhir_next(p->t, c))
        if (worked_on(p, c))
            return true;
    return false;
}

static void visit_all(pass *p, uint32_t i)
{
    pass_visit(p, i);
    for (uint32_t c = tw_fhir_first(p->t, i); c != TW_FHIR_NONE; c = tw_fhir_next(p->t, c))
        visit_all(p, c);
}

static tw_status put_in_place(pass *p, uint32_t i, const tw_fhir_tree *f, uint32_t fi);

/* The same member's next child of the replacement; TW_FHIR_NONE. */
static uint32_t next_target(const tw_fhir_tree *f, uint32_t fi, const tw_r4_member *m)
{
    while (fi != TW_FHIR_NONE && f->e[fi].member != m)
        fi = tw_fhir_next(f, fi);
    return fi;
}

/* Children that were there of member `m`, then those that the replacement has more of; `fc` its first. */
static tw_status one_member(pass *p, uint32_t i, const tw_fhir_tree *f, uint32_t fc, const tw_r4_member *m)
{
    uint32_t next;
    for (uint32_t c = tw_fhir_first(p->t, i); c != TW_FHIR_NONE; c = next) {
        next = tw_fhir_next(p->t, c);
        if (p->t->e[c].member != m)
            continue;
        uint32_t with = fc;
        if (fc != TW_FHIR_NONE)
            fc = next_target(f, tw_fhir_next(f, fc), m);
        if (pass_visited(p, c))
            continue;
        if (with != TW_FHIR_NONE || worked_on(p, c))
            TW_TRY(put_in_place(p, c, f, with));
        else
            p->t->e[c].flags |= TW_FHIR_GONE;
    }
    for (; fc != TW_FHIR_NONE; fc = next_target(f, tw_fhir_next(f, fc), m))
        if (tw_fhir_tree_graft(p->cx, p->t, i, f, fc) == TW_FHIR_NONE)
            return tw_fail(p->cx, TW_ELIMIT, "no memory to substitute a value");
    return TW_OK;
}

static bool first_of_member(const tw_fhir_tree *t, uint32_t parent, uint32_t c)
{
    return next_target(t, tw_fhir_first(t, parent), t->e[c].member) == c;
}

/* Members that were there and are not in the replacement. */
static tw_status others(pass *p, uint32_t i, const tw_fhir_tree *f, uint32_t fi)
{
    for (uint32_t c = tw_fhir_first(p->t, i); c != TW_FHIR_NONE; c = tw_fhir_next(p->t, c)) {
        const tw_r4_member *m = p->t->e[c].member;
        if (fi != TW_FHIR_NONE && next_target(f, tw_fhir_first(f, fi), m) != TW_FHIR_NONE)
            continue;
        if (pass_visited(p, c))
            continue;
        if (worked_on(p, c))
            TW_TRY(put_in_place(p, c, f, TW_FHIR_NONE));
        else
            p->t->e[c].flags |= TW_FHIR_GONE;
    }
    return TW_OK;
}

/* fi TW_FHIR_NONE: nothing in its place, but what has been worked on stays. */
static tw_status put_in_place(pass *p, uint32_t i, const tw_fhir_tree *f, uint32_t fi)
{
    if (pass_visited(p, i))
        return TW_OK;
    TW_TRY(others(p, i, f, fi));
    for (uint32_t c = fi == TW_FHIR_NONE ? fi : tw_fhir_first(f, fi); c != TW_FHIR_NONE; c = tw_fhir_next(f, c))
        if (first_of_member(f, fi, c))
            TW_TRY(one_member(p, i, f, c, f->e[c].member));
    tw_fhir_elem *e = &p->t->e[i];
    const tw_fhir_elem *with = fi == TW_FHIR_NONE ? NULL : &f->e[fi];
    e->value = with ? with->value : (tw_str){ NULL, 0 };
    e->json = with ? with->json : (uint8_t)TW_JSON_NULL;
    e->flags |= TW_FHIR_PLAIN;
    return TW_OK;
}

tw_status method_substitute(pass *p, uint32_t i)
{
    tw_fhir_tree f;
    const tw_fhir_elem *e = &p->t->e[i];
    tw_status s = tw_fhir_tree_value(p->cx, &f, p->c->schema, e, &p->c->json, p->rule->replace_with);
    if (s != TW_OK)
        return s == TW_EPARSE ? PASS_FAIL(p, i, "replaceWith does not have the shape of the element") : s;
    if (e->node == TW_R4_NONE) { /* its type is checked, its text is decoded */
        TW_TRY(method_set(p, i, tw_fhir_text(&f, 0)));
        f.e[0].value = p->t->e[i].value;
        f.e[0].json = p->t->e[i].json;
        f.e[0].flags = TW_FHIR_PLAIN;
    }
    TW_TRY(put_in_place(p, i, &f, 0));
    visit_all(p, i);
    p->did |= DID_SUBSTITUTE;
    return TW_OK;
}

/* ---------------------------------------------------------------- generalize */

static tw_status case_fails(pass *p, uint32_t i, size_t k)
{
    (void)tw_wrap(p->cx, "case %zu", k + 1);
    return pass_fail(p, i, p->cx->err.code);
}

/* Text that the value of the case gives; empty when it gives nothing. */
static tw_status take_case(pass *p, uint32_t i, size_t k, tw_str *text)
{
    tw_fhirpath_items r;
    if (tw_fhirpath_run(p->cx, &r, p->rule->cases[k].value, p->t, i) != TW_OK)
        return case_fails(p, i, k);
    if (r.n > 1)
        return PASS_FAIL(p, i, "case %zu gives %u values", k + 1, (unsigned)r.n);
    if (r.n)
        *text = r.item[0].kind == TW_FHIRPATH_ELEMENT ? tw_fhir_text(p->t, r.item[0].element) : r.item[0].text;
    return TW_OK;
}

/* The first case that holds; *text is "" without one, or what stood there when others are kept. */
static tw_status choose(pass *p, uint32_t i, tw_str *text)
{
    *text = TW_STR("");
    for (size_t k = 0; k < p->rule->case_count; k++) {
        bool yes = false;
        if (tw_fhirpath_test(p->cx, &yes, p->rule->cases[k].when, p->t, i) != TW_OK)
            return case_fails(p, i, k);
        if (yes)
            return take_case(p, i, k, text);
    }
    if (!p->rule->redact_others)
        *text = tw_fhir_text(p->t, i);
    return TW_OK;
}

tw_status method_generalize(pass *p, uint32_t i)
{
    tw_str text;
    if (!pass_has_value(p, i) || p->t->e[i].node != TW_R4_NONE)
        return TW_OK;
    tw_arena *arena = p->cx->arena;
    tw_mark m = tw_arena_mark(p->w->scratch);
    p->cx->arena = p->w->scratch;
    tw_status s = choose(p, i, &text);
    p->cx->arena = arena;
    bool same = s == TW_OK && text.p == p->t->e[i].value.p && text.n == p->t->e[i].value.n;
    if (s == TW_OK && !same)
        text = pass_text(p, TW_FMT, TW_ARG(text));
    tw_arena_back(p->w->scratch, m);
    TW_TRY(s);
    p->did |= DID_GENERALIZE;
    if (text.n)
        return same ? TW_OK : method_set(p, i, text);
    tw_fhir_set(p->t, i, (tw_str){ NULL, 0 }, TW_JSON_NULL);
    return TW_OK;
}
