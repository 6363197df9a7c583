/* XML read by expat into flat arrays, and written back. */
#include "format/format.h"

#include <limits.h>

#include <expat.h>

#define BYTES_MAX (256 * TW_MIB)
#define ELEMENTS_MAX (4u << 20)
#define ATTRS_MAX 256
#define NAMES_MAX 65536 /* different ones in a document */
#define SLAB (64 * TW_KIB)
#define NS_SEP '\n' /* expat refuses a namespace that holds it */
#define WHERE_BYTES 240
#define POSITIONS_MAX 1024

typedef struct {
    tw_str name;
    tw_str space;
} name;

typedef struct {
    tw_ctx *cx;
    XML_Parser parser;
    tw_str text;
    tw_xml_limits limit;
    tw_xml_elem *elem;
    uint32_t n, cap;
    tw_xml_attr *attr;
    uint32_t attr_n, attr_cap;
    tw_map *names;
    tw_buf chars; /* text of the open elements, the innermost last */
    size_t *from; /* where each open element's text begins in `chars`; by depth */
    uint32_t open, depth;
    size_t kept; /* bytes of text and values */
    char *slab;
    size_t slab_left;
    size_t at; /* byte that line and line_from belong to */
    uint32_t line;
    size_t line_from;
    tw_status why; /* of our own rule; TW_OK: expat's word holds */
    const char *rule;
    tw_xml_place stopped; /* by our own rule */
} reader;

/* ---------------------------------------------------------------- places */

/* Line and column of a byte; bytes come in rising order, but for errors. */
static tw_xml_place place_of(reader *r, size_t byte)
{
    byte = TW_MIN(byte, r->text.n);
    if (byte < r->at) {
        r->at = r->line_from = 0;
        r->line = 1;
    }
    const char *p = r->text.p;
    const char *lf;
    while (r->at < byte && (lf = memchr(p + r->at, '\n', byte - r->at)) != NULL) {
        r->at = r->line_from = (size_t)(lf - p) + 1;
        r->line++;
    }
    r->at = byte;
    return (tw_xml_place){ r->line, (uint32_t)(byte - r->line_from) + 1 };
}

static tw_xml_place here(reader *r)
{
    XML_Index at = XML_GetCurrentByteIndex(r->parser);
    return place_of(r, at < 0 ? r->text.n : (size_t)at);
}

static void stop(reader *r, tw_status why, const char *rule)
{
    if (r->why != TW_OK)
        return;
    r->why = why;
    r->rule = rule;
    r->stopped = here(r);
    XML_StopParser(r->parser, XML_FALSE);
}

/* ---------------------------------------------------------------- keeping */

static char *room(reader *r, size_t n)
{
    if (n > SLAB / 4)
        return tw_arena_try(r->cx->arena, n);
    if (n > r->slab_left) {
        r->slab = tw_arena_try(r->cx->arena, SLAB);
        if (!r->slab)
            return NULL;
        r->slab_left = SLAB;
    }
    char *p = r->slab;
    r->slab += n;
    r->slab_left -= n;
    return p;
}

static tw_str keep(reader *r, const char *p, size_t n)
{
    r->kept += n;
    if (n == 0)
        return (tw_str){ "", 0 };
    char *copy = r->kept > r->limit.text_max ? NULL : room(r, n);
    if (!copy) {
        stop(r, TW_ELIMIT, "more text than the limit");
        return (tw_str){ "", 0 };
    }
    memcpy(copy, p, n);
    return (tw_str){ copy, n };
}

static name named(reader *r, const char *full)
{
    size_t n = strlen(full);
    name *known = tw_map_get(r->names, (tw_bytes){ (const uint8_t *)full, n });
    if (known)
        return *known;
    name made = { { "", 0 }, { "", 0 } };
    tw_str copy = keep(r, full, n);
    const char *sep = copy.n ? memchr(copy.p, NS_SEP, copy.n) : NULL;
    made.name = copy;
    if (sep) {
        size_t space = (size_t)(sep - copy.p);
        made.space = (tw_str){ copy.p, space };
        made.name = (tw_str){ sep + 1, copy.n - space - 1 };
    }
    known = tw_arena_try(r->cx->arena, sizeof *known);
    if (!known || !tw_map_put(r->names, tw_bytes_of(copy), known))
        stop(r, TW_ELIMIT, "more different names than the limit");
    else
        *known = made;
    return made;
}

static bool grow(void *array, uint32_t *cap, uint32_t need, size_t size)
{
    void **p = array;
    if (need <= *cap)
        return true;
    uint32_t more = *cap ? *cap * 2 : 256;
    void *bigger = tw_mem_resize(*p, (size_t)more * size);
    if (!bigger)
        return false;
    *p = bigger;
    *cap = more;
    return true;
}

/* ---------------------------------------------------------------- events */

static void add_attrs(reader *r, tw_xml_elem *e, const XML_Char **att)
{
    for (; *att; att += 2) {
        if (++e->attrs > r->limit.attrs_max || r->attr_n / 4 >= r->limit.elements_max) {
            stop(r, TW_ELIMIT, "more attributes than the limit");
            return;
        }
        void *array = r->attr;
        if (!grow(&array, &r->attr_cap, r->attr_n + 1, sizeof *r->attr)) {
            stop(r, TW_ELIMIT, "no memory for attributes");
            return;
        }
        r->attr = array;
        name called = named(r, att[0]);
        r->attr[r->attr_n++] = (tw_xml_attr){ called.name, called.space, keep(r, att[1], strlen(att[1])) };
    }
}

static void on_start(void *self, const XML_Char *full, const XML_Char **att)
{
    reader *r = self;
    if (r->why != TW_OK)
        return;
    if (r->depth >= r->limit.depth_max) {
        stop(r, TW_ELIMIT, "nested deeper than the limit");
        return;
    }
    void *array = r->elem;
    if (r->n >= r->limit.elements_max || !grow(&array, &r->cap, r->n + 1, sizeof *r->elem)) {
        stop(r, TW_ELIMIT, "more elements than the limit");
        return;
    }
    r->elem = array;
    name called = named(r, full);
    tw_xml_place at = here(r);
    tw_xml_elem *e = &r->elem[r->n];
    *e = (tw_xml_elem){ .name = called.name, .space = called.space, .text = { "", 0 }, .attr = r->attr_n };
    e->parent = r->open;
    e->line = at.line;
    e->column = at.column;
    add_attrs(r, e, att);
    r->from[r->depth++] = r->chars.n;
    r->open = r->n++;
}

static bool blank(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != ' ' && p[i] != '\t' && p[i] != '\n' && p[i] != '\r')
            return false;
    return true;
}

static void on_end(void *self, const XML_Char *full)
{
    reader *r = self;
    (void)full;
    if (r->why != TW_OK || r->depth == 0)
        return;
    tw_xml_elem *e = &r->elem[r->open];
    size_t from = r->from[--r->depth];
    if (!blank(r->chars.p + from, r->chars.n - from))
        e->text = keep(r, (const char *)r->chars.p + from, r->chars.n - from);
    r->chars.n = from;
    e->next = r->n;
    r->open = e->parent;
}

static void on_text(void *self, const XML_Char *p, int n)
{
    reader *r = self;
    if (r->why != TW_OK)
        return;
    tw_buf_add(&r->chars, p, (size_t)n);
    if (r->chars.failed)
        stop(r, TW_ELIMIT, "more text than the limit");
}

static void on_doctype(void *self, const XML_Char *root, const XML_Char *system, const XML_Char *public, int internal)
{
    (void)root, (void)system, (void)public, (void)internal;
    stop(self, TW_EPARSE, "a DOCTYPE is not read");
}

/* ---------------------------------------------------------------- parse */

static void set_limits(reader *r, const tw_xml_limits *limits)
{
    tw_xml_limits *l = &r->limit;
    if (limits)
        *l = *limits;
    l->bytes_max = l->bytes_max ? TW_MIN(l->bytes_max, (size_t)INT_MAX) : BYTES_MAX;
    l->depth_max = l->depth_max ? l->depth_max : TW_XML_DEPTH_MAX;
    l->elements_max = l->elements_max ? TW_MIN(l->elements_max, UINT32_MAX / 8) : ELEMENTS_MAX;
    l->attrs_max = l->attrs_max ? l->attrs_max : ATTRS_MAX;
    l->text_max = l->text_max ? l->text_max : 2 * l->bytes_max;
}

static tw_status told(reader *r, tw_xml_place *place, tw_status why, const char *rule)
{
    tw_xml_place at = r->why != TW_OK ? r->stopped : here(r);
    if (place)
        *place = at;
    return tw_fail(r->cx, why, "line %u, column %u: %s", at.line, at.column, rule);
}

static tw_status run(reader *r, tw_xml_place *place)
{
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_start, on_end);
    XML_SetCharacterDataHandler(r->parser, on_text);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    if (XML_Parse(r->parser, r->text.p, (int)r->text.n, 1) == XML_STATUS_OK && r->why == TW_OK)
        return TW_OK;
    if (r->why != TW_OK)
        return told(r, place, r->why, r->rule);
    enum XML_Error e = XML_GetErrorCode(r->parser);
    return told(r, place, e == XML_ERROR_NO_MEMORY ? TW_ELIMIT : TW_EPARSE, XML_ErrorString(e));
}

static tw_status hand_over(reader *r, tw_xml *out)
{
    tw_xml_elem *elem = tw_try_array(r->cx->arena, tw_xml_elem, r->n);
    tw_xml_attr *attr = tw_try_array(r->cx->arena, tw_xml_attr, r->attr_n);
    if (!elem || !attr)
        return tw_fail(r->cx, TW_ELIMIT, "no memory for the tree of a document");
    memcpy(elem, r->elem, r->n * sizeof *elem);
    if (r->attr_n > 0)
        memcpy(attr, r->attr, r->attr_n * sizeof *attr);
    *out = (tw_xml){ elem, r->n, attr, r->attr_n };
    return TW_OK;
}

tw_status tw_xml_parse(tw_ctx *cx, tw_xml *out, tw_xml_place *place, tw_str text, const tw_xml_limits *limits)
{
    static const XML_Memory_Handling_Suite heap = { tw_mem_alloc, tw_mem_resize, tw_mem_free };
    static const XML_Char sep[] = { NS_SEP, 0 };
    reader r = { .cx = cx, .text = text, .open = TW_XML_NONE, .line = 1 };
    if (place)
        *place = (tw_xml_place){ 0, 0 };
    set_limits(&r, limits);
    if (text.n > r.limit.bytes_max)
        return tw_fail(cx, TW_ELIMIT, "a document of more than %zu bytes", r.limit.bytes_max);
    if (text.n == 0)
        r.text.p = "";
    r.from = tw_try_array(cx->arena, size_t, r.limit.depth_max);
    r.parser = r.from ? XML_ParserCreate_MM(NULL, &heap, sep) : NULL;
    if (!r.parser)
        return tw_fail(cx, TW_ELIMIT, "no memory for a reader of XML");
    r.names = tw_map_new(NAMES_MAX);
    tw_buf_init(&r.chars, r.limit.text_max);
    tw_status st = run(&r, place);
    if (st == TW_OK)
        st = hand_over(&r, out);
    XML_ParserFree(r.parser);
    tw_map_free(r.names);
    tw_buf_done(&r.chars);
    tw_mem_free(r.elem);
    tw_mem_free(r.attr);
    return st;
}

/* ---------------------------------------------------------------- look */

static uint32_t look_from(const tw_xml *d, uint32_t parent, uint32_t i, const char *called)
{
    for (; i < d->elem[parent].next; i = d->elem[i].next)
        if (!called || (tw_str_is(d->elem[i].name, called) && tw_str_eq(d->elem[i].space, d->elem[parent].space)))
            return i;
    return TW_XML_NONE;
}

uint32_t tw_xml_child(const tw_xml *d, uint32_t parent, const char *called)
{
    return parent == TW_XML_NONE ? TW_XML_NONE : look_from(d, parent, parent + 1, called);
}

uint32_t tw_xml_sibling(const tw_xml *d, uint32_t child, const char *called)
{
    if (child == TW_XML_NONE || d->elem[child].parent == TW_XML_NONE)
        return TW_XML_NONE;
    return look_from(d, d->elem[child].parent, d->elem[child].next, called);
}

uint32_t tw_xml_find(const tw_xml *d, uint32_t from, const char *path)
{
    tw_str part;
    tw_str rest = tw_str_of(path);
    char called[64];
    while (from != TW_XML_NONE && tw_str_split(&part, &rest, '/')) {
        TW_ASSERT(part.n < sizeof called);
        memcpy(called, part.p, part.n);
        called[part.n] = 0;
        from = tw_xml_child(d, from, called);
    }
    return from;
}

tw_str tw_xml_value_in(const tw_xml *d, uint32_t elem, const char *space, const char *called)
{
    if (elem != TW_XML_NONE)
        for (uint32_t i = 0; i < d->elem[elem].attrs; i++) {
            const tw_xml_attr *a = &d->attr[d->elem[elem].attr + i];
            if (tw_str_is(a->name, called) && tw_str_is(a->space, space))
                return a->value;
        }
    return (tw_str){ "", 0 };
}

tw_str tw_xml_value(const tw_xml *d, uint32_t elem, const char *called)
{
    return tw_xml_value_in(d, elem, "", called);
}

tw_str tw_xml_text(const tw_xml *d, uint32_t elem)
{
    return elem == TW_XML_NONE ? (tw_str){ "", 0 } : d->elem[elem].text;
}

/* A name that a schema may give; others could be somebody's. */
static bool plain(tw_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'A' && s.p[i] <= 'Z') || (s.p[i] >= 'a' && s.p[i] <= 'z')))
            return false;
    return s.n > 0 && s.n <= 40;
}

/* Position among siblings of the same name, from 1; 0: the only one, or among too many to count each time. */
static uint32_t position(const tw_xml *d, uint32_t elem)
{
    const tw_xml_elem *e = &d->elem[elem];
    uint32_t mine = 0;
    uint32_t all = 0;
    if (e->parent == TW_XML_NONE)
        return 0;
    uint32_t seen = 0;
    for (uint32_t i = e->parent + 1; i < d->elem[e->parent].next && seen++ < POSITIONS_MAX; i = d->elem[i].next) {
        all += tw_str_eq(d->elem[i].name, e->name);
        if (i == elem)
            mine = all;
    }
    return all > 1 ? mine : 0;
}

tw_str tw_xml_where(tw_ctx *cx, const tw_xml *d, uint32_t elem)
{
    char line[WHERE_BYTES];
    size_t from = sizeof line; /* written from the end: the root may be cut off, the place not */
    for (; elem != TW_XML_NONE; elem = d->elem[elem].parent) {
        char part[64];
        uint32_t at = position(d, elem);
        tw_str called = plain(d->elem[elem].name) ? d->elem[elem].name : TW_STR("(name)");
        int n = at ? snprintf(part, sizeof part, TW_FMT "[%u]", TW_ARG(called), at)
                   : snprintf(part, sizeof part, TW_FMT, TW_ARG(called));
        if (n < 0 || (size_t)n + 1 > from)
            break;
        if (from < sizeof line)
            line[--from] = '/';
        from -= (size_t)n;
        memcpy(line + from, part, (size_t)n);
    }
    return tw_str_dup(cx->arena, (tw_str){ line + from, sizeof line - from });
}

/* ---------------------------------------------------------------- write */

static void put_text(tw_buf *out, tw_str s, bool in_attr)
{
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c != '\r' && !(in_attr && (c == '\n' || c == '\t')))
            continue;
        tw_xml_escape(out, (tw_str){ s.p + from, i - from });
        tw_buf_fmt(out, "&#%d;", c);
        from = i + 1;
    }
    tw_xml_escape(out, (tw_str){ s.p + from, s.n - from });
}

static void put_attr(tw_buf *out, const tw_xml_attr *a, uint32_t i)
{
    bool own = a->space.n > 0 && !tw_str_is(a->space, "http://www.w3.org/XML/1998/namespace");
    if (own) {
        tw_buf_fmt(out, " xmlns:n%u=\"", i);
        put_text(out, a->space, true);
        tw_buf_fmt(out, "\" n%u:", i);
    } else {
        tw_buf_cstr(out, a->space.n > 0 ? " xml:" : " ");
    }
    tw_buf_str(out, a->name);
    tw_buf_cstr(out, "=\"");
    put_text(out, a->value, true);
    tw_buf_cstr(out, "\"");
}

static void put_start(tw_buf *out, const tw_xml *d, const tw_xml_elem *e)
{
    tw_str outer = e->parent == TW_XML_NONE ? (tw_str){ "", 0 } : d->elem[e->parent].space;
    tw_buf_cstr(out, "<");
    tw_buf_str(out, e->name);
    if (!tw_str_eq(outer, e->space)) {
        tw_buf_cstr(out, " xmlns=\"");
        put_text(out, e->space, true);
        tw_buf_cstr(out, "\"");
    }
    for (uint32_t i = 0; i < e->attrs; i++)
        put_attr(out, &d->attr[e->attr + i], i);
    tw_buf_cstr(out, ">");
    put_text(out, e->text, false);
}

static void put_end(tw_buf *out, const tw_xml_elem *e)
{
    tw_buf_cstr(out, "</");
    tw_buf_str(out, e->name);
    tw_buf_cstr(out, ">");
}

void tw_xml_write(tw_buf *out, const tw_xml *d)
{
    uint32_t open = TW_XML_NONE;
    for (uint32_t i = 0; i < d->n; i++) {
        for (; open != d->elem[i].parent; open = d->elem[open].parent)
            put_end(out, &d->elem[open]);
        put_start(out, d, &d->elem[i]);
        open = i;
    }
    for (; open != TW_XML_NONE; open = d->elem[open].parent)
        put_end(out, &d->elem[open]);
}

bool tw_xml_equal(const tw_xml *a, const tw_xml *b)
{
    if (a->n != b->n || a->attr_n != b->attr_n)
        return false;
    for (uint32_t i = 0; i < a->n; i++) {
        const tw_xml_elem *x = &a->elem[i];
        const tw_xml_elem *y = &b->elem[i];
        if (!tw_str_eq(x->name, y->name) || !tw_str_eq(x->space, y->space) || !tw_str_eq(x->text, y->text) ||
            x->attrs != y->attrs || x->attr != y->attr || x->parent != y->parent || x->next != y->next)
            return false;
    }
    for (uint32_t i = 0; i < a->attr_n; i++)
        if (!tw_str_eq(a->attr[i].name, b->attr[i].name) || !tw_str_eq(a->attr[i].space, b->attr[i].space) ||
            !tw_str_eq(a->attr[i].value, b->attr[i].value))
            return false;
    return true;
}
