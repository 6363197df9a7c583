/* The rules for C-CDA as text, compiled to maps. */
#include "deid/ccda_internal.h"

#include "base/embed.h"

/* TW_DEID_DIR comes from room.cmake. */
TW_EMBED(ccda_embed_rules, TW_DEID_DIR "/profiles/ccda.rules");

#define ENTRIES_MAX 4000
#define KEY_MAX 256
#define OID_MAX 64
#define ARC_MAX 4 /* digits of an arc below the root: a template's number, no number of a person */

/* "a<mark>b"; "" when it is too long to be a rule's. */
static tw_bytes joined(char out[KEY_MAX], tw_str a, char mark, tw_str b)
{
    if (a.n + b.n + 1 > KEY_MAX)
        return (tw_bytes){ (const uint8_t *)out, 0 };
    if (a.n)
        memcpy(out, a.p, a.n);
    out[a.n] = mark;
    if (b.n)
        memcpy(out + a.n + 1, b.p, b.n);
    return (tw_bytes){ (const uint8_t *)out, a.n + 1 + b.n };
}

static tw_str word(tw_str *rest)
{
    tw_str w = { "", 0 };
    *rest = tw_str_trim(*rest);
    while (w.n < rest->n && rest->p[w.n] != ' ')
        w.n++;
    w.p = rest->p;
    *rest = (tw_str){ rest->p + w.n, rest->n - w.n };
    return w;
}

static ccda_act act_of(tw_str name)
{
    static const char *const names[] = {
#define X(name, text) [CCDA_##name] = text,
        CCDA_ACT_LIST(X)
#undef X
    };
    for (size_t i = 0; i < TW_COUNT(names); i++)
        if (tw_str_is(name, names[i]))
            return (ccda_act)i;
    TW_ASSERT(false);
    return CCDA_REMOVE;
}

static void element_line(ccda_rules *r, tw_str line)
{
    ccda_rule *e = tw_new(r->arena, ccda_rule);
    tw_str name = word(&line);
    e->act = act_of(word(&line));
    e->label = word(&line);
    TW_ASSERT(name.n && e->label.n && tw_map_put(r->element, tw_bytes_of(name), e));
    for (size_t i = name.n; i-- > 0;)
        if (name.p[i] == '/') {
            name = (tw_str){ name.p + i + 1, name.n - i - 1 };
            break;
        }
    TW_ASSERT(tw_map_put(r->named, tw_bytes_of(name), e));
}

static void attribute_line(ccda_rules *r, tw_str line)
{
    char key[KEY_MAX];
    tw_str name = word(&line);
    TW_ASSERT(tw_map_put(r->listed, tw_bytes_of(name), r));
    for (tw_str w = word(&line); w.n; w = word(&line))
        TW_ASSERT(tw_map_put(r->attribute, joined(key, name, ' ', w), r));
}

static void system_line(ccda_rules *r, tw_str line)
{
    ccda_system *s = tw_new(r->arena, ccda_system);
    tw_str oid = word(&line);
    s->url = word(&line);
    s->name = word(&line);
    TW_ASSERT(s->name.n && tw_map_put(r->system, tw_bytes_of(oid), s));
}

ccda_rules *ccda_rules_new(void)
{
    tw_arena *a = tw_arena_new(TW_MIB);
    ccda_rules *r = tw_new(a, ccda_rules);
    tw_str rest = TW_EMBEDDED(ccda_embed_rules);
    tw_str line;
    *r = (ccda_rules){ .arena = a,
                       .element = tw_map_new(ENTRIES_MAX),
                       .named = tw_map_new(ENTRIES_MAX),
                       .attribute = tw_map_new(ENTRIES_MAX),
                       .listed = tw_map_new(ENTRIES_MAX),
                       .system = tw_map_new(ENTRIES_MAX) };
    while (tw_str_split(&line, &rest, '\n')) {
        tw_str kind = word(&line);
        if (kind.n == 0 || kind.p[0] == '#')
            continue;
        if (tw_str_is(kind, "element")) {
            element_line(r, line);
        } else if (tw_str_is(kind, "attribute")) {
            attribute_line(r, line);
        } else if (tw_str_is(kind, "system")) {
            system_line(r, line);
        } else {
            TW_ASSERT(tw_str_is(kind, "root") && r->roots < TW_COUNT(r->root));
            r->root[r->roots++] = word(&line);
        }
    }
    return r;
}

void ccda_rules_free(struct ccda_rules *r)
{
    if (!r)
        return;
    tw_map_free(r->element);
    tw_map_free(r->named);
    tw_map_free(r->attribute);
    tw_map_free(r->listed);
    tw_map_free(r->system);
    tw_arena_free(r->arena);
}

const ccda_rule *ccda_rule_of(const ccda_rules *r, tw_str parent, tw_str name)
{
    static const ccda_rule none = { CCDA_REMOVE, { "default-deny", 12 } };
    char key[KEY_MAX];
    const ccda_rule *e = tw_map_get(r->element, joined(key, parent, '/', name));
    if (!e)
        e = tw_map_get(r->element, tw_bytes_of(name));
    return e ? e : &none;
}

bool ccda_is_named(const ccda_rules *r, tw_str name)
{
    return tw_map_get(r->named, tw_bytes_of(name)) != NULL;
}

bool ccda_word(const ccda_rules *r, tw_str element, tw_str attribute, tw_str word_)
{
    char name[KEY_MAX];
    char key[KEY_MAX];
    tw_str own = tw_str_of_bytes(joined(name, element, '.', attribute));
    tw_str list = own.n && tw_map_get(r->listed, tw_bytes_of(own)) ? own : attribute;
    tw_bytes k = joined(key, list, ' ', word_);
    return k.n && tw_map_get(r->attribute, k) != NULL;
}

static bool short_arcs(tw_str s)
{
    size_t digits = 0;
    for (size_t i = 0; i < s.n; i++) {
        digits = s.p[i] == '.' ? 0 : digits + 1;
        if (digits > ARC_MAX)
            return false;
    }
    return true;
}

bool ccda_is_template(const ccda_rules *r, tw_str oid)
{
    for (size_t i = 0; i < oid.n; i++)
        if (oid.p[i] != '.' && (oid.p[i] < '0' || oid.p[i] > '9'))
            return false;
    for (size_t i = 0; i < r->roots; i++) {
        tw_str root = r->root[i];
        if (oid.n >= root.n && memcmp(oid.p, root.p, root.n) == 0 && (oid.n == root.n || oid.p[root.n] == '.'))
            return oid.n <= OID_MAX && short_arcs((tw_str){ oid.p + root.n, oid.n - root.n });
    }
    return false;
}
