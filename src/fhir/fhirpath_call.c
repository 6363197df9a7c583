/* Operators and functions of FHIRPath over collections. */
#include "fhir/fhirpath_internal.h"

#define RESULT_MAX (16 * TW_MIB)

/* ---------------------------------------------------------------- equality */

/* Elements: by type of value, value and children in order. */
static tw_status elements_equal(vm *v, order *out, uint32_t a, uint32_t b, bool like)
{
    tw_fhirpath_item x = { TW_FHIRPATH_ELEMENT, a, TW_STR("") }, y = { TW_FHIRPATH_ELEMENT, b, TW_STR("") };
    TW_TRY(vm_spend(v, 1));
    uint32_t i = tw_fhir_first(v->t, a), k = tw_fhir_first(v->t, b);
    tw_fhirpath_item p = vm_value(v, &x), q = vm_value(v, &y);
    *out = ORDER_LESS;
    if ((p.kind == TW_FHIRPATH_ELEMENT) != (q.kind == TW_FHIRPATH_ELEMENT))
        return TW_OK;
    *out = p.kind == TW_FHIRPATH_ELEMENT ? ORDER_SAME : value_equal(&p, &q, like);
    for (; *out == ORDER_SAME && i != TW_FHIR_NONE && k != TW_FHIR_NONE;
         i = tw_fhir_next(v->t, i), k = tw_fhir_next(v->t, k)) {
        if (v->t->e[i].name != v->t->e[k].name)
            *out = ORDER_LESS;
        else
            TW_TRY(elements_equal(v, out, i, k, like));
    }
    if (*out == ORDER_SAME && i != k)
        *out = ORDER_LESS;
    return TW_OK;
}

tw_status vm_equal(vm *v, order *out, const tw_fhirpath_item *a, const tw_fhirpath_item *b, bool like)
{
    TW_TRY(vm_spend(v, 1));
    tw_fhirpath_item x = vm_value(v, a), y = vm_value(v, b);
    if (x.kind == TW_FHIRPATH_ELEMENT && y.kind == TW_FHIRPATH_ELEMENT)
        return elements_equal(v, out, x.element, y.element, like);
    *out = x.kind == TW_FHIRPATH_ELEMENT || y.kind == TW_FHIRPATH_ELEMENT ? ORDER_LESS : value_equal(&x, &y, like);
    return TW_OK;
}

/* Item by item; ~ without regard to order. */
static tw_status collections_equal(vm *v, order *out, const collection *a, const collection *b, bool like)
{
    *out = ORDER_LESS;
    if (a->n != b->n)
        return TW_OK;
    *out = ORDER_SAME;
    for (uint32_t i = 0; i < a->n && *out == ORDER_SAME; i++) {
        TW_TRY(vm_equal(v, out, &a->item[i], &b->item[i], like));
        for (uint32_t k = 0; like && *out != ORDER_SAME && k < b->n; k++)
            TW_TRY(vm_equal(v, out, &a->item[i], &b->item[k], like));
    }
    return TW_OK;
}

static tw_status equality(vm *v)
{
    const collection *a = &v->reg[v->at->a], *b = &v->reg[v->at->b];
    bool like = v->at->op == OP_SAME || v->at->op == OP_UNLIKE, turned = v->at->op == OP_NE || v->at->op == OP_UNLIKE;
    order o = ORDER_SAME;
    if (!like && (a->n == 0 || b->n == 0)) {
        vm_set_none(v);
        return TW_OK;
    }
    TW_TRY(collections_equal(v, &o, a, b, like));
    if (o == ORDER_UNKNOWN)
        vm_set_none(v);
    else
        vm_set_bool(v, (o == ORDER_SAME) != turned);
    return TW_OK;
}

static tw_status is_member(vm *v, bool *out, const tw_fhirpath_item *i, const tw_fhirpath_item *of, uint32_t n)
{
    *out = false;
    for (uint32_t k = 0; k < n && !*out; k++) {
        order o = ORDER_LESS;
        TW_TRY(vm_equal(v, &o, i, &of[k], false));
        *out = o == ORDER_SAME;
    }
    return TW_OK;
}

static tw_status in(vm *v)
{
    const collection *a = &v->reg[v->at->a], *b = &v->reg[v->at->b];
    bool found = false;
    if (a->n > 1)
        return VM_FAIL(v, TW_EREFUSED, "one value is needed here, and there are %u", (unsigned)a->n);
    if (a->n == 0) {
        vm_set_none(v);
        return TW_OK;
    }
    TW_TRY(is_member(v, &found, &a->item[0], b->item, b->n));
    vm_set_bool(v, found);
    return TW_OK;
}

typedef struct {
    tw_fhirpath_item *item;
    uint32_t n;
    uint8_t *seen; /* bit per element of the tree; NULL: elements are told apart by value too */
} distinct;

/* Whether item i is there already. */
static tw_status is_there(vm *v, bool *out, distinct *d, const tw_fhirpath_item *i)
{
    if (d->seen && i->kind == TW_FHIRPATH_ELEMENT) {
        uint8_t *at = &d->seen[i->element / 8], bit = (uint8_t)(1u << i->element % 8);
        *out = *at & bit;
        *at |= bit;
        return vm_spend(v, 1);
    }
    *out = false;
    for (uint32_t k = 0; k < d->n && !*out; k++) {
        order o = ORDER_LESS;
        if (d->seen && d->item[k].kind == TW_FHIRPATH_ELEMENT)
            continue;
        TW_TRY(vm_equal(v, &o, i, &d->item[k], false));
        *out = o == ORDER_SAME;
    }
    return TW_OK;
}

static tw_status add_distinct(vm *v, distinct *d, const collection *c)
{
    for (uint32_t i = 0; i < c->n; i++) {
        bool there = false;
        TW_TRY(is_there(v, &there, d, &c->item[i]));
        if (!there)
            d->item[d->n++] = c->item[i];
    }
    return TW_OK;
}

/* Elements by place (or by value), other values by value. */
static tw_status unite(vm *v, const collection *a, const collection *b, bool by_value)
{
    distinct d = { .item = vm_items(v, a->n + (b ? b->n : 0)) };
    size_t bytes = v->t->n / 8 + 1;
    TW_TRY(vm_spend(v, bytes / 64));
    if (!by_value)
        d.seen = tw_arena_try(v->cx->arena, bytes);
    if (!d.item || (!by_value && !d.seen))
        return VM_FAIL(v, TW_ELIMIT, "no memory for the result of an expression");
    TW_TRY(add_distinct(v, &d, a));
    if (b)
        TW_TRY(add_distinct(v, &d, b));
    vm_set_items(v, d.item, d.n);
    return TW_OK;
}

/* ---------------------------------------------------------------- order and arithmetic */

static tw_status compare(vm *v)
{
    tw_fhirpath_item a = { 0 }, b = { 0 };
    bool has_a, has_b;
    TW_TRY(vm_single(v, &a, &has_a, v->at->a));
    TW_TRY(vm_single(v, &b, &has_b, v->at->b));
    if (!has_a || !has_b) {
        vm_set_none(v);
        return TW_OK;
    }
    order o = value_order(&a, &b);
    if (o == ORDER_NEVER)
        return VM_FAIL(v, TW_EREFUSED, "values of these types do not compare");
    if (o == ORDER_UNKNOWN) {
        vm_set_none(v);
        return TW_OK;
    }
    uint8_t op = v->at->op;
    bool less = op == OP_LT || op == OP_LE, same = op == OP_LE || op == OP_GE;
    vm_set_bool(v, o == ORDER_SAME ? same : (o == ORDER_LESS) == less);
    return TW_OK;
}

static tw_status concat(vm *v, tw_str a, tw_str b)
{
    if (a.n + b.n > RESULT_MAX)
        return VM_FAIL(v, TW_ELIMIT, "a string outgrows %zu bytes", (size_t)RESULT_MAX);
    TW_TRY(vm_spend(v, (a.n + b.n) / 64));
    char *p = tw_arena_try(v->cx->arena, a.n + b.n + 1);
    if (!p)
        return VM_FAIL(v, TW_ELIMIT, "no memory for a string");
    if (a.n)
        memcpy(p, a.p, a.n);
    if (b.n)
        memcpy(p + a.n, b.p, b.n);
    vm_set_string(v, (tw_str){ p, a.n + b.n });
    return TW_OK;
}

static bool is_number(const tw_fhirpath_item *i)
{
    return i->kind == TW_FHIRPATH_INTEGER || i->kind == TW_FHIRPATH_DECIMAL;
}

static tw_status arithmetic(vm *v)
{
    tw_fhirpath_item a = { 0 }, b = { 0 };
    bool has_a, has_b;
    decimal x, y, r;
    op_code op = (op_code)v->at->op;
    TW_TRY(vm_single(v, &a, &has_a, v->at->a));
    TW_TRY(vm_single(v, &b, &has_b, v->at->b));
    if (op == OP_JOIN_TEXT)
        return concat(v, has_a ? a.text : TW_STR(""), has_b ? b.text : TW_STR(""));
    if (!has_a || !has_b) {
        vm_set_none(v);
        return TW_OK;
    }
    if (op == OP_ADD && a.kind == TW_FHIRPATH_STRING && b.kind == TW_FHIRPATH_STRING)
        return concat(v, a.text, b.text);
    if (!is_number(&a) || !is_number(&b))
        return VM_FAIL(v, TW_EREFUSED, "an operator does not take values of these types");
    if (!decimal_parse(&x, a.text) || !decimal_parse(&y, b.text) || !decimal_calc(&r, op, x, y)) {
        vm_set_none(v); /* as the standard says of overflow and of division by zero */
        return TW_OK;
    }
    bool whole = a.kind == TW_FHIRPATH_INTEGER && b.kind == TW_FHIRPATH_INTEGER && op != OP_DIV;
    return vm_set_number(v, r, whole || op == OP_IDIV);
}

static tw_status negate(vm *v)
{
    tw_fhirpath_item a = { 0 };
    bool has;
    decimal d;
    TW_TRY(vm_single(v, &a, &has, v->at->a));
    if (has && !is_number(&a))
        return VM_FAIL(v, TW_EREFUSED, "a number is needed here");
    if (!has || !decimal_parse(&d, a.text)) {
        vm_set_none(v);
        return TW_OK;
    }
    d.m = -d.m;
    return vm_set_number(v, d, a.kind == TW_FHIRPATH_INTEGER);
}

tw_status vm_operator(vm *v)
{
    switch (v->at->op) {
    case OP_EQ:
    case OP_NE:
    case OP_SAME:
    case OP_UNLIKE:
        return equality(v);
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
        return compare(v);
    case OP_IN:
        return in(v);
    case OP_UNION:
        return unite(v, &v->reg[v->at->a], &v->reg[v->at->b], false);
    case OP_NEG:
        return negate(v);
    default:
        return arithmetic(v);
    }
}

/* ---------------------------------------------------------------- functions over collections */

static tw_status slice(vm *v, int64_t from, int64_t n)
{
    const collection *c = &v->reg[v->at->a];
    from = TW_MAX(from, 0);
    n = TW_MIN(n, (int64_t)c->n - from);
    if (n <= 0)
        vm_set_none(v);
    else if (n == 1)
        vm_set(v, c->item[from]);
    else
        vm_set_items(v, c->item + from, (uint32_t)n);
    return TW_OK;
}

static tw_status skip_or_take(vm *v)
{
    int64_t n = 0;
    bool has;
    TW_TRY(vm_integer(v, &n, &has, v->at->b));
    if (!has)
        return slice(v, 0, 0);
    return v->at->x == FN_SKIP ? slice(v, n, INT32_MAX) : slice(v, 0, n);
}

static tw_status negation(vm *v)
{
    tw_fhirpath_item i = { 0 };
    bool has;
    TW_TRY(vm_single(v, &i, &has, v->at->a));
    if (!has)
        vm_set_none(v);
    else
        vm_set_bool(v, i.kind == TW_FHIRPATH_BOOLEAN && i.text.p[0] == 'f');
    return TW_OK;
}

/* children(), descendants(): resources below are theirs too, as the standard says. */
static tw_status below(vm *v, bool all)
{
    const collection *c = &v->reg[v->at->a];
    uint32_t cap = 16, n = 0;
    tw_fhirpath_item *item = vm_items(v, cap);
    for (uint32_t k = 0; k < c->n; k++) {
        uint32_t top = c->item[k].element, i = top == TW_FHIR_NONE ? top : tw_fhir_first(v->t, top);
        while (i != TW_FHIR_NONE) {
            TW_TRY(vm_spend(v, 1));
            if (item && n == cap) {
                tw_fhirpath_item *more = vm_items(v, 4 * cap);
                if (more)
                    memcpy(more, item, n * sizeof *more);
                item = more;
                cap *= 4;
            }
            if (!item)
                return VM_FAIL(v, TW_ELIMIT, "no memory for the result of an expression");
            item[n++] = (tw_fhirpath_item){ TW_FHIRPATH_ELEMENT, i, TW_STR("") };
            uint32_t next = all ? tw_fhir_first(v->t, i) : TW_FHIR_NONE;
            for (; next == TW_FHIR_NONE && i != top; i = v->t->e[i].parent)
                next = tw_fhir_next(v->t, i);
            i = next;
        }
    }
    vm_set_items(v, item, n);
    return TW_OK;
}

static tw_status extension(vm *v)
{
    const collection *c = &v->reg[v->at->a];
    tw_str url = { 0 };
    bool has;
    TW_TRY(vm_string(v, &url, &has, v->at->b));
    uint16_t name = tw_fhir_name_id(v->p->schema, TW_STR("extension"));
    uint32_t n = 0, most = 0;
    for (uint32_t k = 0; k < c->n; k++) {
        uint32_t i = c->item[k].element == TW_FHIR_NONE ? TW_FHIR_NONE : tw_fhir_first(v->t, c->item[k].element);
        for (; i != TW_FHIR_NONE; i = tw_fhir_next(v->t, i))
            most++;
    }
    TW_TRY(vm_spend(v, 2 * (uint64_t)most));
    tw_fhirpath_item *item = vm_items(v, most);
    if (!item)
        return VM_FAIL(v, TW_ELIMIT, "no memory for the result of an expression");
    for (uint32_t k = 0; has && k < c->n; k++) {
        uint32_t i = c->item[k].element == TW_FHIR_NONE ? TW_FHIR_NONE : tw_fhir_first(v->t, c->item[k].element);
        for (; i != TW_FHIR_NONE; i = tw_fhir_next(v->t, i)) {
            uint32_t u = v->t->e[i].name == name ? tw_fhir_child(v->t, i, v->p->url_name) : TW_FHIR_NONE;
            if (u != TW_FHIR_NONE && tw_str_eq(tw_fhir_text(v->t, u), url))
                item[n++] = (tw_fhirpath_item){ TW_FHIRPATH_ELEMENT, i, TW_STR("") };
        }
    }
    vm_set_items(v, item, n);
    return TW_OK;
}

static tw_status join(vm *v)
{
    const collection *c = &v->reg[v->at->a];
    tw_str with = TW_STR("");
    bool has;
    tw_buf b;
    if (v->at->b != REG_NONE)
        TW_TRY(vm_string(v, &with, &has, v->at->b));
    tw_buf_init(&b, RESULT_MAX);
    for (uint32_t i = 0; i < c->n; i++) {
        if (i)
            tw_buf_str(&b, with);
        tw_buf_str(&b, vm_value(v, &c->item[i]).text);
    }
    tw_str text = tw_str_of_bytes(tw_buf_view(&b));
    char *p = b.failed ? NULL : tw_arena_try(v->cx->arena, text.n + 1);
    if (p && text.n)
        memcpy(p, text.p, text.n);
    tw_buf_done(&b);
    if (!p)
        return VM_FAIL(v, TW_ELIMIT, "no memory for a string");
    vm_set_string(v, (tw_str){ p, text.n });
    return TW_OK;
}

/* ---------------------------------------------------------------- functions over strings */

/* Bytes of the first n characters. */
static size_t bytes_of(tw_str s, int64_t n)
{
    size_t i = 0;
    for (; i < s.n && n > 0; n--)
        for (i++; i < s.n && ((unsigned char)s.p[i] & 0xC0) == 0x80; i++)
            ;
    return i;
}

static int64_t characters(tw_str s)
{
    int64_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

static tw_status substring(vm *v, tw_str s)
{
    int64_t from = 0, n = INT32_MAX;
    bool has, has_n;
    TW_TRY(vm_integer(v, &from, &has, v->at->b));
    if (v->at->c != REG_NONE) {
        TW_TRY(vm_integer(v, &n, &has_n, v->at->c));
        n = has_n ? n : INT32_MAX;
    }
    if (!has || from < 0 || from >= characters(s)) {
        vm_set_none(v);
        return TW_OK;
    }
    size_t head = bytes_of(s, from);
    s = (tw_str){ s.p + head, s.n - head };
    vm_set_string(v, (tw_str){ s.p, bytes_of(s, n) });
    return TW_OK;
}

static tw_status change_case(vm *v, tw_str s)
{
    char *p = tw_arena_try(v->cx->arena, s.n + 1);
    bool up = v->at->x == FN_UPPER;
    if (!p)
        return VM_FAIL(v, TW_ELIMIT, "no memory for a string");
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        p[i] = up && c >= 'a' && c <= 'z' ? (char)(c - 32) : !up && c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    vm_set_string(v, (tw_str){ p, s.n });
    return TW_OK;
}

static tw_status replace(vm *v, tw_str s, tw_str what, tw_str with)
{
    tw_buf b;
    size_t at;
    if (what.n == 0) {
        vm_set_string(v, s);
        return TW_OK;
    }
    tw_buf_init(&b, RESULT_MAX);
    while ((at = tw_str_find(s, what)) != SIZE_MAX) {
        tw_buf_str(&b, (tw_str){ s.p, at });
        tw_buf_str(&b, with);
        s = (tw_str){ s.p + at + what.n, s.n - at - what.n };
    }
    tw_buf_str(&b, s);
    char *p = b.failed ? NULL : tw_arena_try(v->cx->arena, b.n + 1);
    size_t n = b.n;
    if (p && n)
        memcpy(p, b.p, n);
    tw_buf_done(&b);
    if (!p)
        return VM_FAIL(v, TW_ELIMIT, "no memory for a string");
    vm_set_string(v, (tw_str){ p, n });
    return TW_OK;
}

static tw_status pattern(vm *v, tw_str s, tw_str what, tw_str with)
{
    const regex *re = v->at->re;
    bool found = false;
    TW_TRY(vm_spend(v, 10 + s.n / 16));
    tw_status status = re ? TW_OK : regex_compile(v->cx, &re, v->cx->arena, what);
    if (status == TW_OK && v->at->x == FN_MATCHES)
        status = regex_match(v->cx, &found, re, s);
    else if (status == TW_OK)
        status = regex_replace(v->cx, &with, re, s, with);
    if (status != TW_OK)
        return vm_fail(v, status);
    if (v->at->x == FN_MATCHES)
        vm_set_bool(v, found);
    else
        vm_set_string(v, with);
    return TW_OK;
}

static tw_status one_argument(vm *v, tw_str s, tw_str a)
{
    size_t at = a.n ? tw_str_find(s, a) : 0;
    if (v->at->x == FN_INDEX_OF)
        return vm_set_count(v, at == SIZE_MAX ? -1 : characters((tw_str){ s.p, at }));
    if (v->at->x == FN_STARTS)
        vm_set_bool(v, s.n >= a.n && (a.n == 0 || memcmp(s.p, a.p, a.n) == 0));
    else if (v->at->x == FN_ENDS)
        vm_set_bool(v, s.n >= a.n && (a.n == 0 || memcmp(s.p + s.n - a.n, a.p, a.n) == 0));
    else
        vm_set_bool(v, at != SIZE_MAX);
    return TW_OK;
}

static tw_status string_call(vm *v)
{
    tw_str s = { 0 }, a = { 0 }, b = { 0 };
    bool has = false, has_a = true, has_b = true;
    TW_TRY(vm_string(v, &s, &has, v->at->a));
    if (!has) {
        vm_set_none(v);
        return TW_OK;
    }
    TW_TRY(vm_spend(v, s.n / 64));
    switch (v->at->x) {
    case FN_SUBSTRING:
        return substring(v, s);
    case FN_LENGTH:
        return vm_set_count(v, characters(s));
    case FN_UPPER:
    case FN_LOWER:
        return change_case(v, s);
    case FN_TRIM:
        vm_set_string(v, tw_str_trim(s));
        return TW_OK;
    default:
        break;
    }
    TW_TRY(vm_string(v, &a, &has_a, v->at->b));
    if (v->at->c != REG_NONE)
        TW_TRY(vm_string(v, &b, &has_b, v->at->c));
    if (!has_a || !has_b) {
        vm_set_none(v);
        return TW_OK;
    }
    if (v->at->x == FN_REPLACE)
        return replace(v, s, a, b);
    if (v->at->x == FN_MATCHES || v->at->x == FN_REPLACE_MATCHES)
        return pattern(v, s, a, b);
    return one_argument(v, s, a);
}

/* ---------------------------------------------------------------- conversions */

static void to_boolean(vm *v, const tw_fhirpath_item *i)
{
    static const char *const yes[] = { "true", "t", "yes", "y", "1", "1.0" };
    static const char *const no[] = { "false", "f", "no", "n", "0", "0.0" };
    for (size_t k = 0; k < TW_COUNT(yes); k++) {
        if (tw_str_is(i->text, yes[k]) || tw_str_is(i->text, no[k])) {
            vm_set_bool(v, tw_str_is(i->text, yes[k]));
            return;
        }
    }
    vm_set_none(v);
}

static tw_status to_number(vm *v, const tw_fhirpath_item *i, bool whole)
{
    decimal d;
    bool boolean = i->kind == TW_FHIRPATH_BOOLEAN, date = i->kind == TW_FHIRPATH_DATE || i->kind == TW_FHIRPATH_TIME;
    tw_str s = boolean ? (i->text.p[0] == 't' ? TW_STR("1") : TW_STR("0")) : i->text;
    if (!date && decimal_parse(&d, s) && !(whole && d.scale))
        return vm_set_number(v, d, whole);
    vm_set_none(v);
    return TW_OK;
}

static tw_status convert(vm *v)
{
    tw_fhirpath_item i = { 0 };
    bool has;
    TW_TRY(vm_single(v, &i, &has, v->at->a));
    if (has && i.kind != TW_FHIRPATH_ELEMENT && (v->at->x == FN_TO_INTEGER || v->at->x == FN_TO_DECIMAL))
        return to_number(v, &i, v->at->x == FN_TO_INTEGER);
    if (!has || i.kind == TW_FHIRPATH_ELEMENT)
        vm_set_none(v);
    else if (v->at->x == FN_TO_STRING)
        vm_set_string(v, i.text);
    else
        to_boolean(v, &i);
    return TW_OK;
}

static tw_status has_value(vm *v)
{
    const collection *c = &v->reg[v->at->a];
    vm_set_bool(v, c->n == 1 && vm_value(v, &c->item[0]).kind != TW_FHIRPATH_ELEMENT);
    return TW_OK;
}

tw_status vm_call(vm *v)
{
    const collection *c = &v->reg[v->at->a];
    switch (v->at->x) {
    case FN_EXISTS:
        vm_set_bool(v, c->n > 0);
        return TW_OK;
    case FN_EMPTY:
        vm_set_bool(v, c->n == 0);
        return TW_OK;
    case FN_NOT:
        return negation(v);
    case FN_COUNT:
        return vm_set_count(v, c->n);
    case FN_FIRST:
        return slice(v, 0, 1);
    case FN_LAST:
        return slice(v, (int64_t)c->n - 1, 1);
    case FN_TAIL:
        return slice(v, 1, INT32_MAX);
    case FN_SINGLE:
        if (c->n > 1)
            return VM_FAIL(v, TW_EREFUSED, "one value is needed here, and there are %u", (unsigned)c->n);
        return slice(v, 0, 1);
    case FN_SKIP:
    case FN_TAKE:
        return skip_or_take(v);
    case FN_DISTINCT:
        return unite(v, c, NULL, true);
    case FN_CHILDREN:
    case FN_DESCENDANTS:
        return below(v, v->at->x == FN_DESCENDANTS);
    case FN_EXTENSION:
        return extension(v);
    case FN_HAS_VALUE:
        return has_value(v);
    case FN_JOIN:
        return join(v);
    case FN_TO_STRING:
    case FN_TO_INTEGER:
    case FN_TO_DECIMAL:
    case FN_TO_BOOLEAN:
        return convert(v);
    default:
        return string_call(v);
    }
}
