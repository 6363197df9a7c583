/* The machine that runs FHIRPath programs over a tree of elements.
 *
 * A register holds a collection; one item is kept in the register itself, so that paths over single elements need no
 * memory. Steps are counted: an expression over a hostile resource ends in TW_ELIMIT, not in an hour. */
#include "fhir/fhirpath_internal.h"

#define STEPS_MAX 5000000

/* ---------------------------------------------------------------- registers */

tw_status vm_fail(vm *v, tw_status s)
{
    (void)s;
    return tw_wrap(v->cx, "column %u", (unsigned)v->at->column);
}

tw_status vm_spend(vm *v, uint64_t steps)
{
    v->steps += steps;
    return v->steps > STEPS_MAX ? VM_FAIL(v, TW_ELIMIT, "the expression needs too many steps") : TW_OK;
}

void vm_set_items(vm *v, const tw_fhirpath_item *item, uint32_t n)
{
    if (n == 1)
        vm_set(v, item[0]);
    else
        v->reg[v->at->dst] = (collection){ .item = item, .n = n };
}

void vm_set(vm *v, tw_fhirpath_item i)
{
    collection *c = &v->reg[v->at->dst];
    c->one = i;
    c->item = &c->one;
    c->n = 1;
}

void vm_set_none(vm *v)
{
    v->reg[v->at->dst] = (collection){ .n = 0 };
}

void vm_set_bool(vm *v, bool b)
{
    vm_set(v, (tw_fhirpath_item){ TW_FHIRPATH_BOOLEAN, TW_FHIR_NONE, b ? TW_STR("true") : TW_STR("false") });
}

void vm_set_string(vm *v, tw_str s)
{
    vm_set(v, (tw_fhirpath_item){ TW_FHIRPATH_STRING, TW_FHIR_NONE, s });
}

tw_status vm_set_number(vm *v, decimal d, bool whole)
{
    tw_fhirpath_kind kind = whole ? TW_FHIRPATH_INTEGER : TW_FHIRPATH_DECIMAL;
    char *p = tw_arena_try(v->cx->arena, DECIMAL_TEXT);
    if (!p)
        return VM_FAIL(v, TW_ELIMIT, "no memory for a number");
    vm_set(v, (tw_fhirpath_item){ kind, TW_FHIR_NONE, decimal_text(p, d) });
    return TW_OK;
}

tw_status vm_set_count(vm *v, int64_t n)
{
    return vm_set_number(v, (decimal){ n, 0 }, true);
}

tw_fhirpath_item *vm_items(vm *v, uint32_t n)
{
    return tw_try_array(v->cx->arena, tw_fhirpath_item, n ? n : 1);
}

static tw_fhirpath_item element(uint32_t i)
{
    return (tw_fhirpath_item){ TW_FHIRPATH_ELEMENT, i, TW_STR("") };
}

static void put_reg(vm *v, uint16_t r, tw_fhirpath_item i)
{
    v->reg[r].one = i;
    v->reg[r].item = &v->reg[r].one;
    v->reg[r].n = 1;
}

/* ---------------------------------------------------------------- values */

static tw_fhirpath_kind kind_of(uint8_t prim)
{
    switch ((tw_r4_prim)prim) {
    case TW_PRIM_BOOLEAN:
        return TW_FHIRPATH_BOOLEAN;
    case TW_PRIM_INTEGER:
    case TW_PRIM_POSITIVE:
    case TW_PRIM_UNSIGNED:
        return TW_FHIRPATH_INTEGER;
    case TW_PRIM_DECIMAL:
        return TW_FHIRPATH_DECIMAL;
    case TW_PRIM_DATE:
    case TW_PRIM_DATETIME:
    case TW_PRIM_INSTANT:
        return TW_FHIRPATH_DATE;
    case TW_PRIM_TIME:
        return TW_FHIRPATH_TIME;
    case TW_PRIM_CODE:
    case TW_PRIM_TEXT:
        return TW_FHIRPATH_STRING;
    case TW_PRIM_NONE:
        break;
    }
    return TW_FHIRPATH_ELEMENT;
}

tw_fhirpath_item vm_value(vm *v, const tw_fhirpath_item *i)
{
    if (i->kind != TW_FHIRPATH_ELEMENT)
        return *i;
    const tw_fhir_elem *e = &v->t->e[i->element];
    if (!e->value.p || !e->member)
        return *i;
    return (tw_fhirpath_item){ kind_of(e->member->prim), i->element, tw_fhir_text(v->t, i->element) };
}

tw_status vm_single(vm *v, tw_fhirpath_item *out, bool *has, uint16_t reg)
{
    const collection *c = &v->reg[reg];
    *has = c->n == 1;
    if (c->n > 1)
        return VM_FAIL(v, TW_EREFUSED, "one value is needed here, and there are %u", (unsigned)c->n);
    if (c->n)
        *out = vm_value(v, &c->item[0]);
    return TW_OK;
}

tw_status vm_string(vm *v, tw_str *out, bool *has, uint16_t reg)
{
    tw_fhirpath_item i = { 0 };
    TW_TRY(vm_single(v, &i, has, reg));
    if (*has && i.kind != TW_FHIRPATH_STRING && i.kind != TW_FHIRPATH_DATE && i.kind != TW_FHIRPATH_TIME)
        return VM_FAIL(v, TW_EREFUSED, "a string is needed here");
    *out = i.text;
    return TW_OK;
}

tw_status vm_integer(vm *v, int64_t *out, bool *has, uint16_t reg)
{
    tw_fhirpath_item i = { 0 };
    TW_TRY(vm_single(v, &i, has, reg));
    if (*has && (i.kind != TW_FHIRPATH_INTEGER || !tw_parse_i64(out, i.text)))
        return VM_FAIL(v, TW_EREFUSED, "a whole number is needed here");
    return TW_OK;
}

/* What a collection says as a criterion: 1 true, 0 false, -1 nothing. One item that is no boolean is true. */
static tw_status truth(vm *v, int *out, uint16_t reg)
{
    tw_fhirpath_item i = { 0 };
    bool has;
    TW_TRY(vm_single(v, &i, &has, reg));
    *out = !has ? -1 : i.kind == TW_FHIRPATH_BOOLEAN ? i.text.p[0] == 't' : 1;
    return TW_OK;
}

/* ---------------------------------------------------------------- elements */

static bool is_type(const vm *v, const tw_fhirpath_item *i, uint16_t type)
{
    const tw_fhir_schema *s = v->p->schema;
    if (i->kind == TW_FHIRPATH_ELEMENT)
        return tw_fhir_type_is(s, v->t->e[i->element].type, type);
    static const char *const names[] = { "", "boolean", "integer", "decimal", "string", "dateTime", "time" };
    tw_str want = tw_fhir_type_text(s, type);
    return tw_str_is(want, names[i->kind]) ||
           (i->kind == TW_FHIRPATH_DATE && tw_str_is(want, "date") && !memchr(i->text.p, 'T', i->text.n));
}

typedef struct {
    tw_fhirpath_item *item;
    uint32_t n, cap;
    tw_fhirpath_item few[8];
} gather;

static bool gather_add(vm *v, gather *g, tw_fhirpath_item i)
{
    if (g->n == g->cap) {
        uint32_t cap = g->cap ? 4 * g->cap : TW_COUNT(g->few);
        tw_fhirpath_item *more = g->cap ? vm_items(v, cap) : g->few;
        if (!more)
            return false;
        if (g->n)
            memcpy(more, g->item, g->n * sizeof *more);
        g->item = more;
        g->cap = cap;
    }
    g->item[g->n++] = i;
    return true;
}

static tw_status gathered(vm *v, gather *g)
{
    if (g->n > 1 && g->item == g->few) {
        tw_fhirpath_item *kept = vm_items(v, g->n);
        if (!kept)
            return VM_FAIL(v, TW_ELIMIT, "no memory for the result of an expression");
        memcpy(kept, g->few, g->n * sizeof *kept);
        g->item = kept;
    }
    vm_set_items(v, g->item, g->n);
    return TW_OK;
}

static tw_status no_memory(vm *v)
{
    return VM_FAIL(v, TW_ELIMIT, "no memory for the result of an expression");
}

static tw_status children(vm *v, uint16_t reg, uint16_t name)
{
    gather g = { .n = 0 };
    const collection *c = &v->reg[reg];
    for (uint32_t k = 0; name && k < c->n; k++) {
        if (c->item[k].element == TW_FHIR_NONE)
            continue;
        uint32_t seen = 1;
        uint32_t i = tw_fhir_first(v->t, c->item[k].element);
        for (; i != TW_FHIR_NONE; i = tw_fhir_next(v->t, i), seen++)
            if (v->t->e[i].name == name && !gather_add(v, &g, element(i)))
                return no_memory(v);
        TW_TRY(vm_spend(v, seen));
    }
    return gathered(v, &g);
}

/* A path's first name that is a type: the item itself when it is of that type. */
static tw_status self(vm *v)
{
    const collection *c = &v->reg[v->at->a];
    if (c->n && is_type(v, &c->item[0], (uint16_t)v->at->x)) {
        vm_set_items(v, c->item, c->n);
        return TW_OK;
    }
    return children(v, v->at->a, v->at->y);
}

/* nodesByType of what the tree has an index of. */
static tw_status indexed(vm *v)
{
    gather g = { .n = 0 };
    for (uint32_t i = v->t->index[v->at->x]; i != TW_FHIR_NONE; i = v->t->e[i].same)
        if (!gather_add(v, &g, element(i)))
            return no_memory(v);
    TW_TRY(vm_spend(v, g.n));
    return gathered(v, &g);
}

/* nodesByType, nodesByName. */
static tw_status nodes_by(vm *v, bool by_type)
{
    gather g = { .n = 0 };
    const collection *c = &v->reg[v->at->a];
    uint16_t want = (uint16_t)v->at->x;
    if (by_type && want && v->t->index && c->n == 1 && c->item[0].element == v->t->indexed)
        return indexed(v);
    for (uint32_t k = 0; want && k < c->n; k++) {
        uint32_t top = c->item[k].element, seen = 1;
        if (c->item[k].kind != TW_FHIRPATH_ELEMENT)
            continue;
        for (uint32_t i = top; i != TW_FHIR_NONE; i = tw_fhir_walk(v->t, top, i), seen++) {
            const tw_fhir_elem *e = &v->t->e[i];
            if ((by_type ? e->type : e->name) == want && !gather_add(v, &g, element(i)))
                return no_memory(v);
        }
        TW_TRY(vm_spend(v, seen));
    }
    return gathered(v, &g);
}

static tw_status of_type(vm *v)
{
    gather g = { .n = 0 };
    const collection *c = &v->reg[v->at->a];
    for (uint32_t k = 0; k < c->n; k++)
        if (is_type(v, &c->item[k], (uint16_t)v->at->x) && !gather_add(v, &g, c->item[k]))
            return no_memory(v);
    return gathered(v, &g);
}

static tw_status is(vm *v)
{
    const collection *c = &v->reg[v->at->a];
    if (c->n > 1)
        return VM_FAIL(v, TW_EREFUSED, "one value is needed here, and there are %u", (unsigned)c->n);
    if (c->n == 0)
        vm_set_none(v);
    else
        vm_set_bool(v, is_type(v, &c->item[0], (uint16_t)v->at->x));
    return TW_OK;
}

static tw_status item_at(vm *v)
{
    int64_t n = 0;
    bool has;
    TW_TRY(vm_integer(v, &n, &has, v->at->b));
    const collection *c = &v->reg[v->at->a];
    if (has && n >= 0 && n < c->n)
        vm_set(v, c->item[n]);
    else
        vm_set_none(v);
    return TW_OK;
}

/* ---------------------------------------------------------------- blocks */

static tw_status run(vm *v, uint32_t pc, uint32_t end);

/* One turn of where, select, all, any. *go false: the answer is known. */
static tw_status turn(vm *v, const insn *at, gather *g, const tw_fhirpath_item *item, bool *go)
{
    int is_true = 0;
    const collection *r = &v->reg[at->b];
    if (at->op == OP_SELECT) {
        for (uint32_t i = 0; i < r->n; i++)
            if (!gather_add(v, g, r->item[i]))
                return no_memory(v);
        return TW_OK;
    }
    TW_TRY(truth(v, &is_true, at->b));
    if (at->op == OP_WHERE)
        return is_true == 1 && !gather_add(v, g, *item) ? no_memory(v) : TW_OK;
    *go = at->op == OP_ALL ? is_true == 1 : is_true != 1;
    return TW_OK;
}

static tw_status block(vm *v, uint32_t pc)
{
    const insn *at = v->at;
    const collection c = v->reg[at->a];
    tw_fhirpath_item one = c.n == 1 ? c.item[0] : (tw_fhirpath_item){ 0 }; /* the register may be the block's own */
    gather g = { .n = 0 };
    bool go = true;
    for (uint32_t k = 0; k < c.n && go; k++) {
        const tw_fhirpath_item *item = c.n == 1 ? &one : &c.item[k];
        put_reg(v, at->c, *item);
        TW_TRY(run(v, pc + 1, at->x));
        v->at = at;
        TW_TRY(vm_spend(v, 1));
        TW_TRY(turn(v, at, &g, item, &go));
    }
    v->at = at;
    if (at->op == OP_WHERE || at->op == OP_SELECT)
        return gathered(v, &g);
    vm_set_bool(v, at->op == OP_ALL ? go : !go);
    return TW_OK;
}

/* ---------------------------------------------------------------- logic */

static tw_status logic(vm *v)
{
    int a = 0, b = 0, r = -1;
    TW_TRY(truth(v, &a, v->at->a));
    TW_TRY(truth(v, &b, v->at->b));
    switch (v->at->op) {
    case OP_AND:
        r = a == 0 || b == 0 ? 0 : a == 1 && b == 1 ? 1 : -1;
        break;
    case OP_OR:
        r = a == 1 || b == 1 ? 1 : a == 0 && b == 0 ? 0 : -1;
        break;
    case OP_XOR:
        r = a < 0 || b < 0 ? -1 : a != b;
        break;
    default: /* implies */
        r = a == 0 || b == 1 ? 1 : a == 1 && b == 0 ? 0 : -1;
        break;
    }
    if (r < 0)
        vm_set_none(v);
    else
        vm_set_bool(v, r);
    return TW_OK;
}

/* ---------------------------------------------------------------- the loop */

static void load_constant(vm *v)
{
    if (v->at->x == UINT32_MAX)
        vm_set_none(v);
    else
        vm_set(v, v->p->constant[v->at->x]);
}

static tw_status step(vm *v, uint32_t pc)
{
    switch ((op_code)v->at->op) {
    case OP_SELF:
        return self(v);
    case OP_CHILD:
        return children(v, v->at->a, (uint16_t)v->at->x);
    case OP_CONST:
        load_constant(v);
        return TW_OK;
    case OP_MOVE:
        vm_set_items(v, v->reg[v->at->a].item, v->reg[v->at->a].n);
        return TW_OK;
    case OP_WHERE:
    case OP_SELECT:
    case OP_ALL:
    case OP_ANY:
        return block(v, pc);
    case OP_IS:
        return is(v);
    case OP_AS:
    case OP_OF_TYPE:
        return of_type(v);
    case OP_BY_TYPE:
        return nodes_by(v, true);
    case OP_BY_NAME:
        return nodes_by(v, false);
    case OP_INDEX:
        return item_at(v);
    case OP_OR:
    case OP_AND:
    case OP_XOR:
    case OP_IMPLIES:
        return logic(v);
    case OP_CALL:
        return vm_call(v);
    case OP_JUMP:
    case OP_UNLESS:
        break; /* in the loop */
    case OP_EQ:
    case OP_NE:
    case OP_SAME:
    case OP_UNLIKE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
    case OP_IN:
    case OP_UNION:
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_IDIV:
    case OP_MOD:
    case OP_JOIN_TEXT:
    case OP_NEG:
        return vm_operator(v);
    }
    return TW_OK;
}

static tw_status run(vm *v, uint32_t pc, uint32_t end)
{
    while (pc < end) {
        v->at = &v->p->code[pc];
        TW_TRY(vm_spend(v, 1));
        uint8_t op = v->at->op;
        if (op == OP_JUMP) {
            pc = v->at->x;
            continue;
        }
        if (op == OP_UNLESS) {
            int yes = 0;
            TW_TRY(truth(v, &yes, v->at->a));
            pc = yes == 1 ? pc + 1 : v->at->x;
            continue;
        }
        uint32_t after = op >= OP_WHERE && op <= OP_ANY ? v->at->x : pc + 1;
        TW_TRY(step(v, pc));
        pc = after;
    }
    return TW_OK;
}

tw_status tw_fhirpath_run(tw_ctx *cx, tw_fhirpath_items *out, const tw_fhirpath *p, const tw_fhir_tree *t, uint32_t at)
{
    static const insn nowhere = { .column = 1 };
    vm v = { .cx = cx, .p = p, .t = t, .at = &nowhere };
    v.reg = tw_try_array(cx->arena, collection, p->regs);
    if (!v.reg)
        return no_memory(&v);
    uint32_t resource = at;
    while (!(t->e[resource].flags & TW_FHIR_RESOURCE) && t->e[resource].parent != TW_FHIR_NONE)
        resource = t->e[resource].parent;
    put_reg(&v, REG_THIS, element(at));
    put_reg(&v, REG_RESOURCE, element(resource));
    TW_TRY(run(&v, 0, p->code_n));
    *out = (tw_fhirpath_items){ v.reg[p->result].item, v.reg[p->result].n };
    return TW_OK;
}

tw_status tw_fhirpath_test(tw_ctx *cx, bool *out, const tw_fhirpath *p, const tw_fhir_tree *t, uint32_t at)
{
    tw_fhirpath_items r;
    TW_TRY(tw_fhirpath_run(cx, &r, p, t, at));
    *out = r.n == 1;
    if (r.n > 1)
        return tw_fail(cx, TW_EREFUSED, "the expression gives %u items, one was needed", (unsigned)r.n);
    if (r.n == 0)
        return TW_OK;
    const tw_fhirpath_item *i = &r.item[0];
    const tw_fhir_elem *e = i->kind == TW_FHIRPATH_ELEMENT ? &t->e[i->element] : NULL;
    if (i->kind == TW_FHIRPATH_BOOLEAN)
        *out = i->text.p[0] == 't';
    else if (e && e->member && e->member->prim == TW_PRIM_BOOLEAN)
        *out = tw_str_is(e->value, "true");
    return TW_OK;
}
