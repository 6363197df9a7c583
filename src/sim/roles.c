/* What determines each symbol: nothing, a rate, a rule, algebraic rules (matched to symbols that nothing else
 * determines: SBML L3V2 section 4.9.5), fast reactions; and where each is held. */
#include "sim/build.h"

/* ---------------------------------------------------------------- rules and reactions */

static tw_status role_rules(builder *b)
{
    for (uint32_t i = 0; i < b->m->n_rule; i++) {
        const tw_sbml_rule *r = &b->m->rule[i];
        if (r->kind == TW_SBML_ALGEBRAIC) {
            b->algebraic[b->n_algebraic++] = r->math;
            continue;
        }
        if (b->rule[r->symbol])
            return tw_fail(b->cx, TW_EPARSE, "two rules for '%s'", b->m->symbol[r->symbol].id);
        b->rule[r->symbol] = r->math;
        b->role[r->symbol] = r->kind == TW_SBML_RATE ? ROLE_STATE : ROLE_ASSIGNED;
    }
    return TW_OK;
}

static tw_status role_reference(builder *b, const tw_sbml_reference *r)
{
    const tw_sbml_species *s = species_of(b, r->species);
    if (!s || s->boundary || s->constant)
        return TW_OK;
    if (b->rule[r->species])
        return tw_fail(b->cx, TW_EPARSE, "both a rule and a reaction change '%s'", b->m->symbol[r->species].id);
    b->role[r->species] = ROLE_STATE;
    return TW_OK;
}

static tw_status role_reactions(builder *b)
{
    for (uint32_t i = 0; i < b->m->n_reaction; i++) {
        const tw_sbml_reaction *r = &b->m->reaction[i];
        b->role[r->symbol] = ROLE_REACTION;
        for (uint32_t j = 0; j < r->n_reactant; j++)
            TW_TRY(role_reference(b, &r->reactant[j]));
        for (uint32_t j = 0; j < r->n_product; j++)
            TW_TRY(role_reference(b, &r->product[j]));
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- algebraic rules */

static bool is_free(const builder *b, uint32_t s)
{
    return b->role[s] == ROLE_HELD && !b->m->symbol[s].constant;
}

/* Symbols that a formula reads, through rules and compartments. */
static tw_status candidates(builder *b, uint8_t *can, const tw_math *f, uint32_t tag)
{
    uint32_t *memo;
    if (tw_sim_memo(b, &memo, f, tag))
        return TW_OK;
    if (!memo || ++b->depth > DEPTH_MAX)
        return tw_fail(b->cx, TW_ELIMIT, "algebraic rules are too deep");
    for (unsigned i = 0; i < tw_math_arity(f->op); i++)
        TW_TRY(candidates(b, can, f->arg[i], tag));
    if (f->op == TW_MATH_SYMBOL || f->op == TW_MATH_RATE_OF) {
        uint32_t s = f->symbol;
        const tw_sbml_species *sp = species_of(b, s);
        if (is_free(b, s))
            can[s] = 1;
        if (sp && !sp->only_substance && is_free(b, sp->compartment))
            can[sp->compartment] = 1;
        if (b->role[s] == ROLE_ASSIGNED)
            TW_TRY(candidates(b, can, b->rule[s], tag));
        if (b->role[s] == ROLE_REACTION && b->m->reaction[b->m->symbol[s].item].rate)
            TW_TRY(candidates(b, can, b->m->reaction[b->m->symbol[s].item].rate, tag));
    }
    b->depth--;
    return TW_OK;
}

/* Kuhn's algorithm; symbols that events set are taken last. */
static bool match(builder *b, uint8_t *const *can, uint32_t *owner, uint8_t *seen, uint32_t rule)
{
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint32_t s = 0; s < b->m->n_symbol; s++) {
            if (!can[rule][s] || seen[s] || (pass == 0) == (b->in_event[s] != 0))
                continue;
            seen[s] = 1;
            if (owner[s] == NONE || match(b, can, owner, seen, owner[s])) {
                owner[s] = rule;
                return true;
            }
        }
    }
    return false;
}

static tw_status role_algebraic(builder *b)
{
    uint32_t n = b->m->n_symbol, n_a = b->n_algebraic;
    uint8_t **can = tw_try_array(b->cx->arena, uint8_t *, n_a + 1);
    uint32_t *owner = tw_try_array(b->cx->arena, uint32_t, (size_t)n + 1);
    uint8_t *seen = tw_try_array(b->cx->arena, uint8_t, (size_t)n + 1);
    if (!can || !owner || !seen || n_a > 512)
        return tw_fail(b->cx, TW_ELIMIT, "%u algebraic rules", n_a);
    memset(owner, 0xff, n * sizeof *owner);
    for (uint32_t i = 0; i < n_a; i++) {
        can[i] = tw_try_array(b->cx->arena, uint8_t, (size_t)n + 1);
        if (!can[i])
            return tw_fail(b->cx, TW_ELIMIT, "%u algebraic rules", n_a);
        TW_TRY(candidates(b, can[i], b->algebraic[i], 16 + i));
    }
    for (uint32_t i = 0; i < n_a; i++) {
        memset(seen, 0, n);
        if (!match(b, can, owner, seen, i))
            return tw_fail(b->cx, TW_EREFUSED, "an algebraic rule leaves no symbol for it to determine");
    }
    for (uint32_t s = 0, k = 0; s < n; s++) {
        if (owner[s] != NONE) {
            b->role[s] = ROLE_UNKNOWN;
            b->unknown[k++] = s;
        }
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- fast reactions */

static void fast_share(builder *b, fast_column *f, share *to, const tw_sbml_reference *r, bool product)
{
    bool plain = !r->math && r->symbol == TW_NO_SYMBOL;
    if (b->role[r->species] != ROLE_STATE)
        return;
    to[f->n_share++] = (share){ .species = r->species,
                                .n = !plain ? (double)NAN : product ? r->stoichiometry : -r->stoichiometry,
                                .product = product,
                                .reference = r };
}

/* Is column a a multiple of column c? The factor, else 0. */
static double multiple(const fast_column *a, const fast_column *c)
{
    double factor = 0;
    if (a->n_share != c->n_share)
        return 0;
    for (uint32_t i = 0; i < a->n_share; i++) {
        uint32_t j = 0;
        while (j < c->n_share && c->share[j].species != a->share[i].species)
            j++;
        if (j == c->n_share || c->share[j].n == 0)
            return 0;
        double r = a->share[i].n / c->share[j].n;
        if (isnan(r) || (i && r != factor))
            return 0;
        factor = r;
    }
    return factor;
}

static tw_status role_fast(builder *b)
{
    b->fast = tw_try_array(b->cx->arena, fast_column, (size_t)b->m->n_reaction + 1);
    if (!b->fast)
        return tw_fail(b->cx, TW_ELIMIT, "memory for fast reactions");
    for (uint32_t i = 0; i < b->m->n_reaction; i++) {
        const tw_sbml_reaction *r = &b->m->reaction[i];
        if (!r->fast || !r->rate)
            continue;
        fast_column *f = &b->fast[b->n_fast];
        share *to = tw_try_array(b->cx->arena, share, (size_t)r->n_reactant + r->n_product + 1);
        if (!to)
            return tw_fail(b->cx, TW_ELIMIT, "memory for fast reactions");
        *f = (fast_column){ .reaction = i, .share = to, .of = b->n_fast, .factor = 1 };
        for (uint32_t j = 0; j < r->n_reactant; j++)
            fast_share(b, f, to, &r->reactant[j], false);
        for (uint32_t j = 0; j < r->n_product; j++)
            fast_share(b, f, to, &r->product[j], true);
        if (f->n_share == 0)
            continue;
        for (uint32_t j = 0; j < b->n_fast && f->of == b->n_fast; j++) {
            double m = b->fast[j].of == j ? multiple(f, &b->fast[j]) : 0;
            if (m != 0) {
                f->of = j;
                f->factor = m;
            }
        }
        b->n_extent += f->of == b->n_fast;
        b->n_fast++;
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- slots */

static tw_status slots(builder *b)
{
    tw_sim_program *p = b->p;
    uint32_t n = b->m->n_symbol, at = 0;
    uint32_t *slot_of = b->slot;
    memset(slot_of, 0xff, n * sizeof *slot_of);
    for (uint32_t s = 0; s < n; s++) {
        if (b->role[s] == ROLE_STATE)
            slot_of[s] = at++;
    }
    p->n_state = at;
    p->alg_slot = at;
    for (uint32_t i = 0; i < b->n_algebraic; i++)
        slot_of[b->unknown[i]] = at++;
    for (uint32_t i = 0; i < b->n_fast; i++) {
        if (b->fast[i].of == i)
            b->fast[i].slot = at++;
    }
    p->n_alg = at - p->alg_slot;
    for (uint32_t s = 0; s < n; s++) {
        if (b->role[s] == ROLE_HELD)
            slot_of[s] = at++;
    }
    p->n_x = at;
    p->base_slot = at;
    p->delay_slot = at + 2 * n;
    p->slot_of = slot_of;
    b->slot_level = tw_try_array(b->cx->arena, uint8_t, (size_t)p->delay_slot + DELAYS_MAX);
    if (!b->slot_level)
        return tw_fail(b->cx, TW_ELIMIT, "%u symbols", n);
    memset(b->slot_level, LEVEL_HELD, p->delay_slot);
    memset(b->slot_level, LEVEL_MOVING, p->n_state + p->n_alg);
    memset(b->slot_level + p->delay_slot, LEVEL_MOVING, DELAYS_MAX);
    return TW_OK;
}

tw_status tw_sim_roles(builder *b)
{
    TW_TRY(role_rules(b));
    TW_TRY(role_reactions(b));
    for (uint32_t i = 0; i < b->m->n_event; i++) {
        for (uint32_t j = 0; j < b->m->event[i].n_assignment; j++)
            b->in_event[b->m->event[i].assignment[j].symbol] = 1;
    }
    TW_TRY(role_algebraic(b));
    TW_TRY(role_fast(b));
    return slots(b);
}
