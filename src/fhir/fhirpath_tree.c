/* A resource as a tree of typed elements, from JSON tokens and back.
 *
 * Arrays are taken apart, `x` and `_x` are put together. What R4 does not have, or not in that shape, is left out and
 * counted: nothing that nobody knows comes out again. Children of one member stand side by side; what is added keeps
 * to that, so that writing is one pass. */
#include "fhir/fhirpath_internal.h"

typedef struct {
    tw_ctx *cx;
    tw_fhir_tree *t;
    const tw_json *d;
    bool full; /* memory of the call is spent */
} build;

static bool grow(tw_ctx *cx, tw_fhir_tree *t)
{
    uint32_t cap = t->cap ? 2 * t->cap : 64;
    tw_fhir_elem *e = cap > t->cap ? tw_try_array(cx->arena, tw_fhir_elem, cap) : NULL;
    if (!e)
        return false;
    if (t->n)
        memcpy(e, t->e, t->n * sizeof *e);
    t->e = e;
    t->cap = cap;
    return true;
}

static uint32_t add(tw_ctx *cx, tw_fhir_tree *t, uint32_t parent, const tw_r4_member *m)
{
    if (t->n == t->cap && !grow(cx, t))
        return TW_FHIR_NONE;
    const tw_fhir_schema *s = t->schema;
    tw_fhir_elem *e = &t->e[t->n];
    *e = (tw_fhir_elem){ .member = m,
                         .parent = parent,
                         .child = TW_FHIR_NONE,
                         .last = TW_FHIR_NONE,
                         .next = TW_FHIR_NONE,
                         .node = m ? m->node : TW_R4_NONE,
                         .name = m ? s->member_name[m - s->r4.member] : 0,
                         .type = m ? s->member_type[m - s->r4.member] : 0,
                         .json = TW_JSON_NULL };
    return t->n++;
}

static void link_last(tw_fhir_tree *t, uint32_t parent, uint32_t i)
{
    tw_fhir_elem *p = &t->e[parent];
    if (p->last == TW_FHIR_NONE)
        p->child = i;
    else
        t->e[p->last].next = i;
    p->last = i;
}

static uint32_t add_last(build *b, uint32_t parent, const tw_r4_member *m, bool listed)
{
    uint32_t i = add(b->cx, b->t, parent, m);
    if (i == TW_FHIR_NONE) {
        b->full = true;
        return i;
    }
    b->t->e[i].flags = listed ? TW_FHIR_LISTED : 0;
    link_last(b->t, parent, i);
    return i;
}

/* ---------------------------------------------------------------- reading */

static void members(build *b, uint32_t i, uint32_t obj);

static bool is_scalar(uint8_t type)
{
    return type != TW_JSON_OBJECT && type != TW_JSON_ARRAY && type != TW_JSON_NULL;
}

static void set_value(build *b, uint32_t i, uint32_t tok)
{
    const tw_json_tok *k = &b->d->tok[tok];
    tw_fhir_elem *e = &b->t->e[i];
    tw_str raw = tw_json_raw(b->d, tok);
    e->json = k->type;
    if (k->type == TW_JSON_STRING)
        raw = (tw_str){ raw.p + 1, raw.n - 2 };
    if (k->escaped) {
        tw_mark m = tw_arena_mark(b->cx->arena);
        b->full |= !tw_arena_try(b->cx->arena, raw.n + 1); /* what decoding will ask for, and must get */
        tw_arena_back(b->cx->arena, m);
        raw = b->full ? TW_STR("") : tw_json_text(b->cx, b->d, tok);
        e->flags |= TW_FHIR_PLAIN;
    }
    e->value = raw;
}

/* One element of a primitive: `tok` its value, `side` the object of `_x`; either may be TW_JSON_NONE or null. */
static void primitive(build *b, uint32_t parent, const tw_r4_member *m, uint32_t tok, uint32_t side, bool listed)
{
    bool has_value = tok != TW_JSON_NONE && is_scalar(b->d->tok[tok].type);
    bool has_side = side != TW_JSON_NONE && b->d->tok[side].type == TW_JSON_OBJECT;
    b->t->unknown += tok != TW_JSON_NONE && !has_value && b->d->tok[tok].type != TW_JSON_NULL;
    if (!has_value && !has_side && !listed)
        return;
    uint32_t i = add_last(b, parent, m, listed);
    if (i == TW_FHIR_NONE)
        return;
    if (has_value)
        set_value(b, i, tok);
    if (has_side) {
        b->t->e[i].node = b->t->schema->element_node;
        members(b, i, side);
        b->t->e[i].node = TW_R4_NONE;
    }
}

static bool is_array(const build *b, uint32_t tok)
{
    return tok != TW_JSON_NONE && b->d->tok[tok].type == TW_JSON_ARRAY;
}

static void primitives(build *b, uint32_t parent, const tw_r4_member *m, uint32_t tok, uint32_t side)
{
    if (!is_array(b, tok) && !is_array(b, side)) {
        primitive(b, parent, m, tok, side, false);
        return;
    }
    uint32_t v = is_array(b, tok) ? tw_json_first(b->d, tok) : TW_JSON_NONE;
    uint32_t s = is_array(b, side) ? tw_json_first(b->d, side) : TW_JSON_NONE;
    while ((v != TW_JSON_NONE || s != TW_JSON_NONE) && !b->full) {
        primitive(b, parent, m, v, s, true);
        v = v == TW_JSON_NONE ? v : tw_json_next(b->d, tok, v);
        s = s == TW_JSON_NONE ? s : tw_json_next(b->d, side, s);
    }
}

static uint32_t resource_node(build *b, uint32_t obj)
{
    tw_str type = tw_json_member_text(b->cx, b->d, obj, "resourceType");
    uint32_t node = tw_r4_node_of(&b->t->schema->r4, type);
    return node != TW_R4_NONE && b->t->schema->r4.node[node].resource ? node : TW_R4_NONE;
}

static void complex_item(build *b, uint32_t parent, const tw_r4_member *m, uint32_t tok, bool listed)
{
    uint32_t node = m->node;
    bool resource = node == TW_R4_NONE;
    if (b->d->tok[tok].type == TW_JSON_OBJECT && resource)
        node = resource_node(b, tok);
    if (b->d->tok[tok].type != TW_JSON_OBJECT || node == TW_R4_NONE) {
        b->t->unknown++;
        return;
    }
    uint32_t i = add_last(b, parent, m, listed);
    if (i == TW_FHIR_NONE)
        return;
    b->t->e[i].node = node;
    if (resource) {
        b->t->e[i].flags |= TW_FHIR_RESOURCE;
        b->t->e[i].type = b->t->schema->node_type[node];
    }
    members(b, i, tok);
}

static void complexes(build *b, uint32_t parent, const tw_r4_member *m, uint32_t tok)
{
    if (!is_array(b, tok)) {
        complex_item(b, parent, m, tok, false);
        return;
    }
    for (uint32_t v = tw_json_first(b->d, tok); v != TW_JSON_NONE && !b->full; v = tw_json_next(b->d, tok, v))
        complex_item(b, parent, m, v, true);
}

/* Token of the value of member `name` of `obj`, or of "_name" when side is set. */
static uint32_t twin_of(const tw_json *d, uint32_t obj, tw_str name, bool side)
{
    for (uint32_t k = tw_json_first(d, obj); k != TW_JSON_NONE; k = tw_json_next(d, obj, k)) {
        tw_str raw = tw_json_raw(d, k);
        raw = (tw_str){ raw.p + 1, raw.n - 2 };
        if (side && (raw.n == 0 || raw.p[0] != '_'))
            continue;
        if (tw_str_eq(side ? (tw_str){ raw.p + 1, raw.n - 1 } : raw, name))
            return k + 1;
    }
    return TW_JSON_NONE;
}

static void one_member(build *b, uint32_t i, uint32_t obj, uint32_t key, bool sides)
{
    tw_str name = tw_json_text(b->cx, b->d, key);
    const tw_r4_node *node = &b->t->schema->r4.node[b->t->e[i].node];
    if ((b->t->e[i].flags & TW_FHIR_RESOURCE) && tw_str_is(name, "resourceType"))
        return;
    bool side = name.n > 1 && name.p[0] == '_';
    if (side)
        name = (tw_str){ name.p + 1, name.n - 1 };
    const tw_r4_member *m = tw_r4_find(&b->t->schema->r4, node, name);
    if (!m || (side && m->prim == TW_PRIM_NONE)) {
        b->t->unknown++;
    } else if (m->prim == TW_PRIM_NONE) {
        complexes(b, i, m, key + 1);
    } else if (side) {
        if (twin_of(b->d, obj, name, false) == TW_JSON_NONE) /* else it went with the value */
            primitives(b, i, m, TW_JSON_NONE, key + 1);
    } else {
        primitives(b, i, m, key + 1, sides ? twin_of(b->d, obj, name, true) : TW_JSON_NONE);
    }
}

static void members(build *b, uint32_t i, uint32_t obj)
{
    bool sides = false;
    for (uint32_t k = tw_json_first(b->d, obj); k != TW_JSON_NONE; k = tw_json_next(b->d, obj, k))
        sides |= b->d->text.p[b->d->tok[k].off + 1] == '_';
    for (uint32_t k = tw_json_first(b->d, obj); k != TW_JSON_NONE && !b->full; k = tw_json_next(b->d, obj, k))
        one_member(b, i, obj, k, sides);
}

tw_status tw_fhir_tree_build(tw_ctx *cx, tw_fhir_tree *out, const tw_fhir_schema *s, const tw_json *d, uint32_t obj)
{
    *out = (tw_fhir_tree){ .schema = s };
    build b = { .cx = cx, .t = out, .d = d };
    if (d->tok[obj].type != TW_JSON_OBJECT)
        return tw_fail(cx, TW_EPARSE, "not a FHIR resource: no object");
    uint32_t node = resource_node(&b, obj);
    if (node == TW_R4_NONE)
        return tw_fail(cx, TW_EPARSE, "not a FHIR R4 resource: resourceType");
    uint32_t root = add(cx, out, TW_FHIR_NONE, NULL);
    if (root != TW_FHIR_NONE) {
        out->e[root].node = node;
        out->e[root].type = s->node_type[node];
        out->e[root].flags = TW_FHIR_RESOURCE;
        members(&b, root, obj);
    }
    if (root == TW_FHIR_NONE || b.full)
        return tw_fail(cx, TW_ELIMIT, "the resource has more elements than the memory of this call");
    return TW_OK;
}

tw_status tw_fhir_tree_value(tw_ctx *cx, tw_fhir_tree *out, const tw_fhir_schema *s, const tw_fhir_elem *like,
                             const tw_json *d, uint32_t tok)
{
    *out = (tw_fhir_tree){ .schema = s };
    build b = { .cx = cx, .t = out, .d = d };
    uint32_t i = add(cx, out, TW_FHIR_NONE, like->member);
    if (i == TW_FHIR_NONE)
        return tw_fail(cx, TW_ELIMIT, "no memory for a value");
    bool object = d->tok[tok].type == TW_JSON_OBJECT, complex = like->node != TW_R4_NONE;
    if (complex ? !object : !is_scalar(d->tok[tok].type))
        return tw_fail(cx, TW_EPARSE, "the value does not have the shape of %s",
                       complex ? "a complex type" : "a primitive");
    out->e[i].node = like->node;
    out->e[i].type = like->type;
    out->e[i].flags = like->flags & TW_FHIR_RESOURCE;
    if (object)
        members(&b, i, tok);
    else
        set_value(&b, i, tok);
    if (out->unknown)
        return tw_fail(cx, TW_EPARSE, "the value has members that R4 does not have there");
    return b.full ? tw_fail(cx, TW_ELIMIT, "no memory for a value") : TW_OK;
}

/* ---------------------------------------------------------------- going about */

uint32_t tw_fhir_child(const tw_fhir_tree *t, uint32_t i, uint16_t name)
{
    for (uint32_t c = tw_fhir_first(t, i); c != TW_FHIR_NONE; c = tw_fhir_next(t, c))
        if (t->e[c].name == name)
            return c;
    return TW_FHIR_NONE;
}

/* i, or the first after it, that is no resource. */
static uint32_t no_resource(const tw_fhir_tree *t, uint32_t i)
{
    while (i != TW_FHIR_NONE && (t->e[i].flags & TW_FHIR_RESOURCE))
        i = tw_fhir_next(t, i);
    return i;
}

uint32_t tw_fhir_walk(const tw_fhir_tree *t, uint32_t top, uint32_t i)
{
    uint32_t c = no_resource(t, tw_fhir_first(t, i));
    while (c == TW_FHIR_NONE && i != top) {
        c = no_resource(t, tw_fhir_next(t, i));
        i = t->e[i].parent;
    }
    return c;
}

void tw_fhir_tree_index(tw_fhir_tree *t, uint32_t *index, uint32_t top)
{
    uint32_t *last = index + tw_fhir_schema_types(t->schema);
    memset(index, 0xff, 2 * tw_fhir_schema_types(t->schema) * sizeof *index);
    for (uint32_t i = top; i != TW_FHIR_NONE; i = tw_fhir_walk(t, top, i)) {
        tw_fhir_elem *e = &t->e[i];
        e->same = TW_FHIR_NONE;
        if (last[e->type] == TW_FHIR_NONE)
            index[e->type] = i;
        else
            t->e[last[e->type]].same = i;
        last[e->type] = i;
    }
    t->index = index;
    t->indexed = top;
}

/* ---------------------------------------------------------------- changing */

void tw_fhir_set(tw_fhir_tree *t, uint32_t i, tw_str text, tw_json_type json)
{
    tw_fhir_elem *e = &t->e[i];
    e->value = text;
    e->json = (uint8_t)json;
    e->flags |= TW_FHIR_PLAIN;
}

/* Where a child of `m` goes: after the last of its kind, else at the front or at the end. */
static void link_beside(tw_fhir_tree *t, uint32_t parent, uint32_t i, bool front)
{
    tw_fhir_elem *p = &t->e[parent];
    uint32_t after = TW_FHIR_NONE;
    for (uint32_t c = p->child; c != TW_FHIR_NONE; c = t->e[c].next)
        if (t->e[c].member == t->e[i].member)
            after = c;
    if (after == TW_FHIR_NONE && !front) {
        link_last(t, parent, i);
    } else if (after == TW_FHIR_NONE) {
        t->e[i].next = p->child;
        p->child = i;
        p->last = p->last == TW_FHIR_NONE ? i : p->last;
    } else {
        t->e[i].next = t->e[after].next;
        t->e[after].next = i;
        p->last = p->last == after ? i : p->last;
    }
}

static uint32_t copy_one(tw_ctx *cx, tw_fhir_tree *t, uint32_t parent, const tw_fhir_elem *from)
{
    uint32_t i = add(cx, t, parent, from->member);
    if (i == TW_FHIR_NONE)
        return i;
    tw_fhir_elem *e = &t->e[i];
    e->value = from->value;
    e->node = from->node;
    e->type = from->type;
    e->json = from->json;
    e->flags = from->flags & (uint8_t)~TW_FHIR_MARK;
    return i;
}

static bool copy_children(tw_ctx *cx, tw_fhir_tree *t, uint32_t to, const tw_fhir_tree *from, uint32_t i)
{
    for (uint32_t c = tw_fhir_first(from, i); c != TW_FHIR_NONE; c = tw_fhir_next(from, c)) {
        uint32_t k = copy_one(cx, t, to, &from->e[c]);
        if (k == TW_FHIR_NONE)
            return false;
        link_last(t, to, k);
        if (!copy_children(cx, t, k, from, c))
            return false;
    }
    return true;
}

uint32_t tw_fhir_tree_add(tw_ctx *cx, tw_fhir_tree *t, uint32_t parent, const tw_r4_member *member, bool front)
{
    uint32_t i = add(cx, t, parent, member);
    if (i != TW_FHIR_NONE)
        link_beside(t, parent, i, front);
    return i;
}

uint32_t tw_fhir_tree_graft(tw_ctx *cx, tw_fhir_tree *t, uint32_t parent, const tw_fhir_tree *from, uint32_t i)
{
    uint32_t k = copy_one(cx, t, parent, &from->e[i]);
    if (k == TW_FHIR_NONE)
        return k;
    link_beside(t, parent, k, false);
    return copy_children(cx, t, k, from, i) ? k : TW_FHIR_NONE;
}

static void prune(tw_fhir_tree *t, uint32_t i)
{
    for (uint32_t c = tw_fhir_first(t, i); c != TW_FHIR_NONE; c = tw_fhir_next(t, c))
        prune(t, c);
    const tw_fhir_elem *e = &t->e[i];
    if (!(e->flags & TW_FHIR_RESOURCE) && (!e->value.p || e->value.n == 0) && tw_fhir_first(t, i) == TW_FHIR_NONE)
        t->e[i].flags |= TW_FHIR_GONE;
}

void tw_fhir_tree_prune(tw_fhir_tree *t)
{
    prune(t, 0);
}

/* ---------------------------------------------------------------- writing */

static void put(tw_buf *b, const void *p, size_t n)
{
    if (!b->failed && b->cap - b->n >= n) {
        memcpy(b->p + b->n, p, n);
        b->n += n;
    } else {
        tw_buf_add(b, p, n);
    }
}

#define PUT(b, lit) put((b), (lit), sizeof(lit) - 1)

static void write_value(tw_buf *b, const tw_fhir_elem *e)
{
    if (!e->value.p) {
        PUT(b, "null");
    } else if (e->json != TW_JSON_STRING) {
        put(b, e->value.p, e->value.n);
    } else if (e->flags & TW_FHIR_PLAIN) {
        tw_jw w;
        tw_jw_init(&w, b, 0);
        tw_jw_str(&w, e->value);
    } else {
        PUT(b, "\"");
        put(b, e->value.p, e->value.n);
        PUT(b, "\"");
    }
}

static void write_object(tw_buf *b, const tw_fhir_tree *t, uint32_t i);

static void write_key(tw_buf *b, bool *any, bool side, tw_str name)
{
    if (*any)
        PUT(b, ",");
    *any = true;
    if (side)
        PUT(b, "\"_");
    else
        PUT(b, "\"");
    put(b, name.p, name.n);
    PUT(b, "\":");
}

typedef struct {
    uint32_t first, end; /* children [first, end) of one member, by their links */
    uint32_t count;
    bool values, sides;
} run;

static run run_of(const tw_fhir_tree *t, uint32_t first)
{
    run r = { .first = first };
    uint32_t c = first;
    for (; c != TW_FHIR_NONE && t->e[c].member == t->e[first].member; c = tw_fhir_next(t, c)) {
        r.count++;
        r.values |= t->e[c].value.p != NULL;
        r.sides |= tw_fhir_first(t, c) != TW_FHIR_NONE;
    }
    r.end = c;
    return r;
}

/* The values (or, side, the objects of `_x`) of a run. */
static void write_run(tw_buf *b, const tw_fhir_tree *t, const run *r, bool list, bool side)
{
    if (list)
        PUT(b, "[");
    for (uint32_t c = r->first; c != r->end; c = tw_fhir_next(t, c)) {
        if (c != r->first)
            PUT(b, ",");
        bool object = side || t->e[c].member->prim == TW_PRIM_NONE;
        if (!object)
            write_value(b, &t->e[c]);
        else if (side && tw_fhir_first(t, c) == TW_FHIR_NONE)
            PUT(b, "null");
        else
            write_object(b, t, c);
    }
    if (list)
        PUT(b, "]");
}

static void write_object(tw_buf *b, const tw_fhir_tree *t, uint32_t i)
{
    bool any = false;
    PUT(b, "{");
    if (t->e[i].flags & TW_FHIR_RESOURCE) {
        tw_str type = t->schema->type_text[t->e[i].type];
        PUT(b, "\"resourceType\":\"");
        put(b, type.p, type.n);
        PUT(b, "\"");
        any = true;
    }
    for (uint32_t c = tw_fhir_first(t, i); c != TW_FHIR_NONE;) {
        run r = run_of(t, c);
        const tw_r4_member *m = t->e[c].member;
        bool list = m->many || r.count > 1 || (t->e[c].flags & TW_FHIR_LISTED);
        if (m->prim == TW_PRIM_NONE || r.values) {
            write_key(b, &any, false, m->name);
            write_run(b, t, &r, list, false);
        }
        if (m->prim != TW_PRIM_NONE && r.sides) {
            write_key(b, &any, true, m->name);
            write_run(b, t, &r, list, true);
        }
        c = r.end;
    }
    PUT(b, "}");
}

void tw_fhir_tree_write(tw_buf *out, const tw_fhir_tree *t)
{
    write_object(out, t, 0);
}
