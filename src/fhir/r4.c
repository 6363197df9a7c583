/* The table of all R4 elements, from the text compiled in to nodes and members with hashed names.
 *
 * A node is a type with members: a resource, a datatype, or a backbone element named by its path. A choice value[x]
 * becomes one member a type. Elements are told apart by (node, JSON name), which is all that the gate needs on its way
 * down. */
#include "fhir/fhir.h"

#include "base/embed.h"
#include "base/same.h"

/* TW_FHIR_DIR comes from room.cmake. */
TW_EMBED(fhir_embed_r4, TW_FHIR_DIR "/r4.tsv");

#define ARENA_MAX (64 * TW_MIB)
#define NAMES_MAX 20000

typedef struct {
    tw_str path, min, max, types, codes;
} row;

tw_str tw_r4_text(void)
{
    return TW_EMBEDDED(fhir_embed_r4);
}

static tw_str field(tw_str *rest)
{
    tw_str f = { NULL, 0 };
    TW_ASSERT(tw_str_split(&f, rest, '\t'));
    return f;
}

static void put_index(tw_map *m, tw_str key, uint32_t index)
{
    TW_ASSERT(tw_map_put(m, tw_bytes_of(key), (void *)((uintptr_t)index + 1)));
}

static uint32_t get_index(const tw_map *m, tw_str key)
{
    uintptr_t v = (uintptr_t)tw_map_get(m, tw_bytes_of(key));
    return v ? (uint32_t)(v - 1) : UINT32_MAX;
}

uint32_t tw_r4_node_of(const tw_r4 *t, tw_str path)
{
    return get_index(t->node_by_path, path);
}

/* ---------------------------------------------------------------- names */

const tw_r4_member *tw_r4_find(const tw_r4 *t, const tw_r4_node *node, tw_str name)
{
    for (uint32_t i = tw_str_hash(name) & node->mask;; i = (i + 1) & node->mask) {
        uint32_t at = t->slot[node->slots + i];
        if (at == 0)
            return NULL;
        if (tw_str_same(t->member[at - 1].name, name))
            return &t->member[at - 1];
    }
}

static uint32_t slots_for(uint32_t members)
{
    uint32_t n = 4;
    while (n < 2 * members)
        n *= 2;
    return n;
}

static void hash_names(tw_r4 *t)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < t->node_count; i++) {
        t->node[i].slots = total;
        t->node[i].mask = slots_for(t->node[i].count) - 1;
        total += t->node[i].mask + 1;
    }
    t->slot = tw_arena_get(t->arena, total * sizeof *t->slot);
    for (uint32_t i = 0; i < t->node_count; i++) {
        const tw_r4_node *node = &t->node[i];
        for (uint32_t k = node->first; k < node->first + node->count; k++) {
            uint32_t at = tw_str_hash(t->member[k].name) & node->mask;
            while (t->slot[node->slots + at])
                at = (at + 1) & node->mask;
            t->slot[node->slots + at] = k + 1;
        }
    }
}

/* ---------------------------------------------------------------- rows to nodes and members */

static tw_str parent_of(tw_str path)
{
    while (path.n > 0 && path.p[path.n - 1] != '.')
        path.n--;
    path.n -= path.n > 0;
    return path;
}

static tw_str last_of(tw_str path)
{
    tw_str up = parent_of(path);
    return (tw_str){ path.p + up.n + 1, path.n - up.n - 1 };
}

static tw_r4_prim prim_of(tw_str type)
{
    static const struct {
        const char *name;
        tw_r4_prim prim;
    } names[] = {
        { "boolean", TW_PRIM_BOOLEAN },
        { "integer", TW_PRIM_INTEGER },
        { "positiveInt", TW_PRIM_POSITIVE },
        { "unsignedInt", TW_PRIM_UNSIGNED },
        { "decimal", TW_PRIM_DECIMAL },
        { "code", TW_PRIM_CODE },
        { "date", TW_PRIM_DATE },
        { "dateTime", TW_PRIM_DATETIME },
        { "instant", TW_PRIM_INSTANT },
        { "time", TW_PRIM_TIME },
    };
    for (size_t i = 0; i < TW_COUNT(names); i++)
        if (tw_str_is(type, names[i].name))
            return names[i].prim;
    return TW_PRIM_TEXT;
}

/* "Reference[Patient,Group]" without its targets. */
static tw_str bare(tw_str type)
{
    for (size_t i = 0; i < type.n; i++)
        if (type.p[i] == '[')
            return (tw_str){ type.p, i };
    return type;
}

static void resolve_type(const tw_r4 *t, tw_r4_member *m, tw_str type, tw_str path)
{
    m->type = type;
    m->node = TW_R4_NONE;
    m->prim = TW_PRIM_NONE;
    if (tw_str_starts(type, "@")) {
        m->type = TW_STR("BackboneElement");
        m->node = tw_r4_node_of(t, (tw_str){ type.p + 1, type.n - 1 });
        TW_ASSERT(m->node != TW_R4_NONE);
    } else if (tw_str_is(type, "BackboneElement") || tw_str_is(type, "Element")) {
        m->node = tw_r4_node_of(t, path);
    } else if (!tw_str_is(type, "Resource")) {
        m->node = tw_r4_node_of(t, type);
        if (m->node == TW_R4_NONE)
            m->prim = (uint8_t)prim_of(type);
    }
}

static tw_str choice_name(tw_r4 *t, tw_str stem, tw_str type)
{
    char *p = tw_arena_get(t->arena, stem.n + type.n + 1);
    memcpy(p, stem.p, stem.n);
    memcpy(p + stem.n, type.p, type.n);
    if (p[stem.n] >= 'a' && p[stem.n] <= 'z')
        p[stem.n] = (char)(p[stem.n] - 'a' + 'A');
    return (tw_str){ p, stem.n + type.n };
}

static void add_member(tw_r4 *t, tw_r4_node *node, const row *r, tw_str name, tw_str type)
{
    tw_r4_member *m = &t->member[node->first + node->count++];
    m->name = name;
    m->path = tw_strf(t->arena, TW_FMT "." TW_FMT, TW_ARG(node->path), TW_ARG(name));
    m->codes = tw_str_is(r->codes, "-") ? UINT32_MAX : get_index(t->codes_by_name, r->codes);
    m->many = tw_str_is(r->max, "*");
    m->required = !tw_str_is(r->min, "0");
    resolve_type(t, m, bare(type), r->path);
}

static bool is_choice(tw_str name)
{
    return tw_str_ends(name, "[x]");
}

static void add_row(tw_r4 *t, const row *r)
{
    tw_r4_node *node = &t->node[tw_r4_node_of(t, parent_of(r->path))];
    tw_str name = last_of(r->path), types = r->types, type;
    if (!is_choice(name)) {
        add_member(t, node, r, name, types);
        return;
    }
    name.n -= 3;
    while (tw_str_split(&type, &types, '|'))
        add_member(t, node, r, choice_name(t, name, bare(type)), type);
}

static row row_of(tw_str line)
{
    row r;
    r.path = field(&line);
    r.min = field(&line);
    r.max = field(&line);
    r.types = field(&line);
    r.codes = field(&line);
    return r;
}

static uint32_t members_of(const row *r)
{
    uint32_t n = 1;
    for (size_t i = 0; is_choice(last_of(r->path)) && i < r->types.n; i++)
        n += r->types.p[i] == '|';
    return n;
}

/* ---------------------------------------------------------------- lines */

/* Runs `each` over the lines of one kind. */
static void lines(tw_r4 *t, char kind, void (*each)(tw_r4 *t, tw_str line))
{
    tw_str rest = tw_r4_text(), line;
    while (tw_str_split(&line, &rest, '\n'))
        if (line.n > 2 && line.p[0] == kind && line.p[1] == '\t')
            each(t, (tw_str){ line.p + 2, line.n - 2 });
}

static void primitive_line(tw_r4 *t, tw_str line)
{
    tw_str name = field(&line);
    if (tw_str_is(line, "primitive"))
        put_index(t->system, name, 0); /* borrowed for the time of loading: names of primitive types */
}

static void count_line(tw_r4 *t, tw_str line)
{
    row r = row_of(line);
    tw_str parent = parent_of(r.path);
    if (tw_map_get(t->system, tw_bytes_of(parent)))
        return;
    uint32_t at = tw_r4_node_of(t, parent);
    if (at == TW_R4_NONE) {
        TW_ASSERT(t->node_count < NAMES_MAX);
        at = t->node_count++;
        t->node[at].path = parent;
        put_index(t->node_by_path, parent, at);
    }
    t->node[at].count += members_of(&r);
    t->member_count += members_of(&r);
}

static void member_line(tw_r4 *t, tw_str line)
{
    row r = row_of(line);
    if (!tw_map_get(t->system, tw_bytes_of(parent_of(r.path))))
        add_row(t, &r);
}

static void kind_line(tw_r4 *t, tw_str line)
{
    uint32_t at = tw_r4_node_of(t, field(&line));
    if (at != TW_R4_NONE)
        t->node[at].resource = tw_str_is(line, "resource");
}

static void codes_line(tw_r4 *t, tw_str line)
{
    tw_str name = field(&line), code;
    uint32_t n = 0;
    for (size_t i = 0; i <= line.n; i++)
        n += i == line.n || line.p[i] == '\t';
    tw_str *codes = tw_arena_get(t->arena, n * sizeof *codes);
    for (uint32_t i = 0; i < n; i++) {
        code = field(&line);
        codes[i] = code;
        TW_ASSERT(i == 0 || tw_str_cmp(codes[i - 1], code) < 0);
    }
    TW_ASSERT(t->codes_count < NAMES_MAX);
    put_index(t->codes_by_name, name, t->codes_count);
    t->codes[t->codes_count++] = (tw_r4_codes){ codes, n };
}

static void system_line(tw_r4 *t, tw_str line)
{
    tw_str url = field(&line);
    uint32_t set = get_index(t->codes_by_name, line);
    TW_ASSERT(set != UINT32_MAX);
    put_index(t->system, url, set);
}

static void subject_line(tw_r4 *t, tw_str line)
{
    tw_str type = field(&line), path = field(&line);
    uint32_t at = tw_r4_node_of(t, type);
    TW_ASSERT(at != TW_R4_NONE);
    const tw_r4_member *m = tw_r4_find(t, &t->node[at], last_of(path));
    if (m && tw_str_is(line, "s"))
        t->member[m - t->member].subject = true;
}

bool tw_r4_has_code(const tw_r4_codes *set, tw_str code)
{
    enum { FEW = 16 };
    uint32_t lo = 0, hi = set->count;
    if (hi <= FEW) {
        while (lo < hi && !tw_str_same(set->code[lo], code))
            lo++;
        return lo < hi;
    }
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int c = tw_str_cmp(set->code[mid], code);
        if (c == 0)
            return true;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

void tw_r4_init(tw_r4 *t)
{
    *t = (tw_r4){ .arena = tw_arena_new(ARENA_MAX) };
    t->node_by_path = tw_map_new(NAMES_MAX);
    t->codes_by_name = tw_map_new(NAMES_MAX);
    t->system = tw_map_new(NAMES_MAX);
    t->node = tw_arena_get(t->arena, NAMES_MAX * sizeof *t->node);
    t->codes = tw_arena_get(t->arena, NAMES_MAX * sizeof *t->codes);
    lines(t, 'V', codes_line);
    lines(t, 'K', primitive_line);
    lines(t, 'E', count_line);
    t->member = tw_arena_get(t->arena, t->member_count * sizeof *t->member);
    uint32_t first = 0;
    for (uint32_t i = 0; i < t->node_count; i++) {
        t->node[i].first = first;
        first += t->node[i].count;
        t->node[i].count = 0;
    }
    lines(t, 'E', member_line);
    tw_map_free(t->system);
    t->system = tw_map_new(NAMES_MAX);
    lines(t, 'K', kind_line);
    lines(t, 'S', system_line);
    hash_names(t);
    lines(t, 'P', subject_line);
}

void tw_r4_done(tw_r4 *t)
{
    tw_map_free(t->node_by_path);
    tw_map_free(t->codes_by_name);
    tw_map_free(t->system);
    tw_arena_free(t->arena);
}
