/* Names and types of R4 as numbers.
 *
 * A member of the table is told by its JSON name ("valueQuantity"); FHIRPath knows the element ("value") and its type.
 * Which members are choices is read from the table's text, since names alone do not tell (TestScript's requestId is of
 * type id and no choice). Numbers are handed out from 1. */
#include "fhir/fhirpath_internal.h"

#define NAMES_MAX 8000

static uint16_t intern(tw_map *map, tw_str *text, uint16_t *count, tw_str s)
{
    uintptr_t at = (uintptr_t)tw_map_get(map, tw_bytes_of(s));
    if (at)
        return (uint16_t)at;
    TW_ASSERT(*count < NAMES_MAX);
    text[++*count] = s;
    TW_ASSERT(tw_map_put(map, tw_bytes_of(s), (void *)(uintptr_t)*count));
    return *count;
}

static uint16_t lookup(const tw_map *map, tw_str s)
{
    return (uint16_t)(uintptr_t)tw_map_get(map, tw_bytes_of(s));
}

static uint16_t type_id(tw_fhir_schema *s, tw_str type)
{
    return intern(s->types, s->type_text, &s->type_count, type);
}

uint16_t tw_fhir_name_id(const tw_fhir_schema *s, tw_str name)
{
    return lookup(s->names, name);
}

uint16_t tw_fhir_type_id(const tw_fhir_schema *s, tw_str type)
{
    return lookup(s->types, type);
}

tw_str tw_fhir_name_text(const tw_fhir_schema *s, uint16_t name)
{
    return s->name_text[name];
}

tw_str tw_fhir_type_text(const tw_fhir_schema *s, uint16_t type)
{
    return s->type_text[type];
}

size_t tw_fhir_schema_types(const tw_fhir_schema *s)
{
    return (size_t)s->type_count + 1;
}

bool tw_fhir_type_is(const tw_fhir_schema *s, uint16_t type, uint16_t above)
{
    for (; type; type = s->base[type])
        if (type == above)
            return true;
    return false;
}

const tw_r4 *tw_fhir_schema_table(const tw_fhir_schema *s)
{
    return &s->r4;
}

const tw_r4_member *tw_fhir_member(const tw_fhir_schema *s, uint32_t node, uint16_t name, uint16_t type)
{
    if (node == TW_R4_NONE)
        return NULL;
    const tw_r4_node *n = &s->r4.node[node];
    for (uint32_t i = n->first; i < n->first + n->count; i++)
        if (s->member_name[i] == name && s->member_type[i] == type)
            return &s->r4.member[i];
    return NULL;
}

/* ---------------------------------------------------------------- making it */

static tw_str field(tw_str *rest)
{
    tw_str f = { NULL, 0 };
    TW_ASSERT(tw_str_split(&f, rest, '\t'));
    return f;
}

/* "E <parent>.<stem>[x] min max types": the members of its types are the element `stem`. */
static void choice_line(tw_fhir_schema *s, tw_str line)
{
    char key[256];
    (void)field(&line);
    tw_str path = field(&line), types, type;
    if (!tw_str_ends(path, "[x]"))
        return;
    path.n -= 3;
    (void)field(&line);
    (void)field(&line);
    types = field(&line);
    size_t dot = path.n;
    while (path.p[dot - 1] != '.')
        dot--;
    tw_str stem = { path.p + dot, path.n - dot };
    uint32_t at = tw_r4_node_of(&s->r4, (tw_str){ path.p, dot - 1 });
    TW_ASSERT(at != TW_R4_NONE);
    while (tw_str_split(&type, &types, '|')) {
        size_t n = tw_str_find(type, TW_STR("["));
        type.n = n == SIZE_MAX ? type.n : n;
        TW_ASSERT(stem.n + type.n < sizeof key);
        memcpy(key, stem.p, stem.n);
        memcpy(key + stem.n, type.p, type.n);
        if (key[stem.n] >= 'a' && key[stem.n] <= 'z')
            key[stem.n] = (char)(key[stem.n] - 'a' + 'A');
        const tw_r4_member *m = tw_r4_find(&s->r4, &s->r4.node[at], (tw_str){ key, stem.n + type.n });
        TW_ASSERT(m);
        s->member_name[m - s->r4.member] = intern(s->names, s->name_text, &s->name_count, stem);
    }
}

static void choices(tw_fhir_schema *s)
{
    tw_str rest = tw_r4_text(), line;
    while (tw_str_split(&line, &rest, '\n'))
        if (line.n > 2 && line.p[0] == 'E' && line.p[1] == '\t')
            choice_line(s, line);
}

/* System.String is what the definitions give ids and Extension.url. */
static tw_str type_of(const tw_r4_node *node, const tw_r4_member *m)
{
    if (tw_str_is(m->type, "SimpleQuantity") || tw_str_is(m->type, "MoneyQuantity"))
        return TW_STR("Quantity");
    if (!tw_str_starts(m->type, "System."))
        return m->type;
    if (tw_str_is(m->name, "url"))
        return TW_STR("uri");
    return node->resource && tw_str_is(m->name, "id") ? TW_STR("id") : TW_STR("string");
}

static void set_base(tw_fhir_schema *s, const char *type, const char *above)
{
    s->base[type_id(s, tw_str_of(type))] = type_id(s, tw_str_of(above));
}

static void bases(tw_fhir_schema *s)
{
    static const char *const pairs[][2] = {
        { "Age", "Quantity" },
        { "Count", "Quantity" },
        { "Distance", "Quantity" },
        { "Duration", "Quantity" },
        { "id", "string" },
        { "code", "string" },
        { "markdown", "string" },
        { "url", "uri" },
        { "canonical", "uri" },
        { "oid", "uri" },
        { "uuid", "uri" },
        { "positiveInt", "integer" },
        { "unsignedInt", "integer" },
        { "string", "Element" },
        { "uri", "Element" },
        { "integer", "Element" },
        { "DomainResource", "Resource" },
        { "BackboneElement", "Element" },
    };
    for (size_t i = 0; i < TW_COUNT(pairs); i++)
        set_base(s, pairs[i][0], pairs[i][1]);
    uint16_t element = type_id(s, TW_STR("Element")), resource = type_id(s, TW_STR("Resource"));
    uint16_t domain = type_id(s, TW_STR("DomainResource"));
    for (uint32_t i = 0; i < s->r4.node_count; i++) {
        const tw_r4_node *n = &s->r4.node[i];
        uint16_t type = n->resource ? type_id(s, n->path) : tw_fhir_type_id(s, n->path);
        if (n->resource && type != resource && type != domain)
            s->base[type] = tw_r4_find(&s->r4, n, TW_STR("contained")) ? domain : resource;
    }
    for (uint16_t t = 1; t <= s->type_count; t++)
        if (!s->base[t] && t != element && t != resource)
            s->base[t] = element;
}

tw_fhir_schema *tw_fhir_schema_new(void)
{
    tw_fhir_schema *s = tw_mem_alloc(sizeof *s);
    TW_ASSERT(s);
    tw_r4_init(&s->r4);
    s->names = tw_map_new(NAMES_MAX);
    s->types = tw_map_new(NAMES_MAX);
    tw_arena *a = s->r4.arena;
    s->name_text = tw_arena_get(a, (NAMES_MAX + 1) * sizeof(tw_str));
    s->type_text = tw_arena_get(a, (NAMES_MAX + 1) * sizeof(tw_str));
    s->base = tw_arena_get(a, (NAMES_MAX + 1) * sizeof(uint16_t));
    s->member_name = tw_arena_get(a, s->r4.member_count * sizeof(uint16_t));
    s->member_type = tw_arena_get(a, s->r4.member_count * sizeof(uint16_t));
    s->node_type = tw_arena_get(a, s->r4.node_count * sizeof(uint16_t));
    s->element_node = tw_r4_node_of(&s->r4, TW_STR("Element"));
    TW_ASSERT(s->element_node != TW_R4_NONE);
    choices(s);
    for (uint32_t i = 0; i < s->r4.node_count; i++) {
        const tw_r4_node *n = &s->r4.node[i];
        bool nested = memchr(n->path.p, '.', n->path.n) != NULL;
        s->node_type[i] = type_id(s, nested ? TW_STR("BackboneElement") : n->path);
        for (uint32_t k = n->first; k < n->first + n->count; k++) {
            const tw_r4_member *m = &s->r4.member[k];
            if (!s->member_name[k])
                s->member_name[k] = intern(s->names, s->name_text, &s->name_count, m->name);
            s->member_type[k] = type_id(s, type_of(n, m));
        }
    }
    bases(s);
    return s;
}

void tw_fhir_schema_free(tw_fhir_schema *s)
{
    if (!s)
        return;
    tw_map_free(s->names);
    tw_map_free(s->types);
    tw_r4_done(&s->r4);
    tw_mem_free(s);
}
