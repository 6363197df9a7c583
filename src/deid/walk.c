/* Structure: objects and arrays are written member by member as the rules say; what ends up empty is taken back. */
#include "deid/gate_internal.h"

#define MASKED_MAX 24
/* Objects inside objects. With the arrays between them, a contained resource around and masks inside, a record stays
 * within TW_JSON_DEPTH_MAX: what passes can be read again. */
#define OBJECTS_MAX 24

static const char absent[] = "{\"extension\":[{\"url\":\"http://hl7.org/fhir/StructureDefinition/data-absent-reason\","
                             "\"valueCode\":\"masked\"}]}";

tw_str gate_text(gate *g, uint32_t i)
{
    enum { TEXT_MAX = 512 };
    if (i >= g->d->n || g->d->tok[i].type != TW_JSON_STRING || g->d->tok[i].len > TEXT_MAX)
        return (tw_str){ "", 0 };
    return tw_json_text(g->cx, g->d, i);
}

tw_str gate_member_text(gate *g, uint32_t obj, const char *name)
{
    return gate_text(g, tw_json_get(g->d, obj, name));
}

/* Name of a key token; names with escapes are none of R4's. */
static tw_str key_name(const gate *g, uint32_t k)
{
    const tw_json_tok *t = &g->d->tok[k];
    return t->escaped ? (tw_str){ "", 0 } : (tw_str){ g->d->text.p + t->off + 1, t->len - 2 };
}

static void put_key(gate *g, tw_str name)
{
    put_quoted(g, name);
    PUT_LIT(g, ":");
}

/* ---------------------------------------------------------------- required members that went */

typedef struct {
    const tw_r4_member *m[MASKED_MAX];
    size_t n;
} masks;

/* FHIR R4 data-absent-reason, code masked: "The information is not available due to security, privacy or related
 * reasons." */
static void put_masks(gate *g, const masks *k)
{
    for (size_t i = 0; i < k->n; i++) {
        const tw_r4_member *m = k->m[i];
        PUT_LIT(g, ",");
        if (m->prim == TW_PRIM_NONE) {
            put_key(g, m->name);
        } else {
            if (m->many) {
                put_key(g, m->name);
                PUT_LIT(g, "[null],");
            }
            PUT_LIT(g, "\"_");
            put_str(g, m->name);
            PUT_LIT(g, "\":");
        }
        if (m->many)
            PUT_LIT(g, "[");
        put(g, absent, sizeof absent - 1);
        if (m->many)
            PUT_LIT(g, "]");
    }
}

/* ---------------------------------------------------------------- members */

static uint32_t count_of(const gate *g, uint32_t i)
{
    const tw_json_tok *t = &g->d->tok[i];
    return t->type == TW_JSON_ARRAY ? t->count : 1;
}

static bool array(gate *g, const tw_r4_member *m, uint32_t i)
{
    bool any = false;
    PUT_LIT(g, "[");
    uint32_t end = g->d->tok[i].next;
    for (uint32_t at = i + 1; at < end && !g->refusal; at = g->d->tok[at].next) {
        size_t mark = g->out->n;
        if (any)
            PUT_LIT(g, ",");
        if (gate_value(g, m, at))
            any = true;
        else
            roll_back(g, mark);
    }
    PUT_LIT(g, "]");
    return any;
}

/* Written or taken back; what has not R4's shape (an array where one is due, or the reverse) is removed. */
static bool member(gate *g, const tw_r4_member *m, uint32_t i, bool any)
{
    bool is_array = g->d->tok[i].type == TW_JSON_ARRAY;
    if (m->action == ACT_REMOVE || is_array != m->many) {
        account_removed(g->account, m, count_of(g, i));
        if (g->doc)
            doc_tell_removed(g, g->p->rule[m->rule], i);
        return false;
    }
    size_t mark = g->out->n;
    tw_str key = g->p->key[m - g->p->table.member];
    put(g, key.p + !any, key.n - !any);
    bool wrote = is_array ? array(g, m, i) : gate_value(g, m, i);
    if (!wrote)
        roll_back(g, mark);
    return wrote;
}

/* A modifier extension that no rule names changes the meaning of what is around it in a way that the reader would not
 * see. */
static bool modifiers_known(gate *g, uint32_t i)
{
    uint32_t end = g->d->tok[i].next;
    if (g->d->tok[i].type != TW_JSON_ARRAY)
        return false;
    for (uint32_t at = i + 1; at < end; at = g->d->tok[at].next) {
        tw_str url = gate_member_text(g, at, "url");
        if (!frozen_get(&g->p->extensions, url))
            return false;
    }
    return true;
}

/* A member that R4 does not have: only `_name` beside a primitive one, for its extensions. */
static bool sibling(gate *g, const tw_r4_node *node, uint32_t obj, uint32_t k, bool any)
{
    tw_str name = key_name(g, k);
    const tw_r4_member *m = NULL;
    if (name.n > 1 && name.p[0] == '_')
        m = tw_r4_find(&g->p->table, node, (tw_str){ name.p + 1, name.n - 1 });
    if (m)
        return gate_sibling(g, m, obj, k + 1, any);
    if (node->resource && STR_IS(name, "resourceType"))
        return false;
    account_unknown(g->account, node);
    if (g->doc)
        doc_tell_removed(g, TW_STR("unknown-member"), k + 1);
    return false;
}

bool gate_members(gate *g, const tw_r4_node *node, uint32_t obj, bool *any)
{
    masks gone = { .n = 0 };
    uint32_t end = g->d->tok[obj].next, outer = g->object;
    for (uint32_t k = obj + 1; k < end && !g->refusal; k = g->d->tok[k].next) {
        tw_str name = key_name(g, k);
        const tw_r4_member *m = tw_r4_find(&g->p->table, node, name);
        if (!m) {
            if (sibling(g, node, obj, k, *any))
                *any = true;
            continue;
        }
        if (node->resource && tw_str_same(name, TW_STR("id")))
            continue; /* written by gate_resource */
        g->object = obj;
        if (m->action == ACT_MODIFIER && !modifiers_known(g, k + 1)) {
            account_removed(g->account, m, count_of(g, k + 1));
            return false;
        }
        if (member(g, m, k + 1, *any)) {
            *any = true;
        } else if (m->required) {
            if (m->action == ACT_SCRUB && !node->resource)
                return false; /* what is about a text says nothing without it */
            if (gone.n < MASKED_MAX)
                gone.m[gone.n++] = m;
        }
    }
    g->object = outer;
    if (*any)
        put_masks(g, &gone);
    return true;
}

static bool object(gate *g, const tw_r4_member *m, uint32_t i)
{
    if (g->d->tok[i].type != TW_JSON_OBJECT) {
        account_removed(g->account, m, 1);
        return false;
    }
    if (g->depth == OBJECTS_MAX) {
        g->refusal = "nested too deeply";
        return false;
    }
    bool any = false;
    g->depth++;
    PUT_LIT(g, "{");
    bool stays = gate_members(g, &g->p->table.node[m->node], i, &any);
    PUT_LIT(g, "}");
    g->depth--;
    return stays && any;
}

/* ---------------------------------------------------------------- extensions */

static bool value_fits(tw_str want, tw_str name)
{
    return STR_IS(want, "value[x]") ? tw_str_starts(name, "value") : tw_str_eq(want, name);
}

static bool extension_value(gate *g, const tw_r4_node *node, const extension_rule *rule, uint32_t obj)
{
    uint32_t end = g->d->tok[obj].next;
    for (uint32_t k = obj + 1; k < end; k = g->d->tok[k].next) {
        tw_str name = key_name(g, k);
        const tw_r4_member *m = value_fits(rule->value, name) ? tw_r4_find(&g->p->table, node, name) : NULL;
        if (!m)
            continue;
        PUT_LIT(g, ",");
        put_key(g, name);
        return gate_value(g, m, k + 1);
    }
    return false;
}

static bool extension_children(gate *g, const tw_r4_member *m, const extension_rule *rule, uint32_t obj)
{
    uint32_t list = tw_json_get(g->d, obj, "extension");
    bool any = false;
    if (list == TW_JSON_NONE || g->d->tok[list].type != TW_JSON_ARRAY)
        return false;
    PUT_LIT(g, ",\"extension\":[");
    uint32_t end = g->d->tok[list].next;
    for (uint32_t at = list + 1; at < end; at = g->d->tok[at].next) {
        size_t mark = g->out->n;
        if (any)
            PUT_LIT(g, ",");
        if (gate_extension(g, m, at, rule->url))
            any = true;
        else
            roll_back(g, mark);
    }
    PUT_LIT(g, "]");
    return any;
}

bool gate_extension(gate *g, const tw_r4_member *m, uint32_t i, tw_str parent_url)
{
    char key[1100];
    tw_str url = gate_member_text(g, i, "url"), look = url;
    if (parent_url.n) {
        TW_ASSERT(parent_url.n + 1 + url.n < sizeof key); /* both were read by gate_text */
        memcpy(key, parent_url.p, parent_url.n);
        key[parent_url.n] = '#';
        memcpy(key + parent_url.n + 1, url.p, url.n);
        look = (tw_str){ key, parent_url.n + 1 + url.n };
    }
    const extension_rule *rule = frozen_get(&g->p->extensions, look);
    const tw_r4_node *node = &g->p->table.node[m->node];
    if (rule) {
        PUT_LIT(g, "{\"url\":");
        put_quoted(g, rule->url);
        bool deep = STR_IS(rule->value, "extension") && !parent_url.n;
        bool wrote = deep ? extension_children(g, m, rule, i) : extension_value(g, node, rule, i);
        PUT_LIT(g, "}");
        if (wrote) {
            account_kept(g->account, m);
            return true;
        }
    }
    account_removed(g->account, m, 1);
    return false;
}

/* ---------------------------------------------------------------- contained resources */

bool gate_contained_passes(gate *g, uint32_t i, tw_str *type, tw_str *name)
{
    tw_category category;
    *type = gate_member_text(g, i, "resourceType");
    *name = gate_member_text(g, i, "id");
    return form_id(*name) && !STR_IS(*type, "Patient") && tw_category_of(&category, g->d, i) &&
           category == g->category;
}

uint32_t gate_contained_find(gate *g, tw_str name)
{
    uint32_t list = tw_json_get(g->d, g->root, "contained");
    for (uint32_t i = tw_json_first(g->d, list); i != TW_JSON_NONE; i = tw_json_next(g->d, list, i)) {
        tw_str type, own;
        if (gate_contained_passes(g, i, &type, &own) && tw_str_eq(own, name))
            return i;
    }
    return TW_JSON_NONE;
}

void gate_contained_id(gate *g, char out[TW_ID_HEX + 1], tw_str name)
{
    tw_str both = tw_strf(g->cx->arena, TW_FMT "#" TW_FMT, TW_ARG(g->root_id), TW_ARG(name));
    tw_deid_id(out, g->opts->id_key, g->root_type, both);
}

bool gate_contained(gate *g, const tw_r4_member *m, uint32_t i)
{
    tw_str type, name;
    char id[TW_ID_HEX + 1];
    if (g->nested || !gate_contained_passes(g, i, &type, &name)) {
        account_removed(g->account, m, 1);
        return false;
    }
    const tw_r4_node *node = &g->p->table.node[tw_r4_node_of(&g->p->table, type)];
    gate_contained_id(g, id, name);
    g->nested = true;
    bool wrote = gate_resource(g, node, i, id);
    g->nested = false;
    if (wrote)
        account_kept(g->account, m);
    else
        account_removed(g->account, m, 1);
    return wrote;
}

/* ---------------------------------------------------------------- dispatch */

bool gate_value(gate *g, const tw_r4_member *m, uint32_t i)
{
    return g->doc ? doc_tell_value(g, m, i) : gate_untold(g, m, i);
}

bool gate_untold(gate *g, const tw_r4_member *m, uint32_t i)
{
    switch ((r4_action)m->action) {
    case ACT_DESCEND:
        return object(g, m, i);
    case ACT_CODING:
        return gate_coding(g, m, i);
    case ACT_QUANTITY:
        return gate_quantity(g, m, i);
    case ACT_REFERENCE:
        return g->doc ? doc_reference(g, m, i) : gate_reference(g, m, i);
    case ACT_EXTENSION:
    case ACT_MODIFIER:
        return gate_extension(g, m, i, (tw_str){ "", 0 });
    case ACT_CONTAINED:
        return g->doc ? doc_resource(g, m, i) : gate_contained(g, m, i);
    case ACT_SCRUB:
        return gate_scrub(g, m, i);
    case ACT_ATTACH:
        return gate_attachment(g, m, i);
    case ACT_IDENT:
        return gate_identifier(g, m, i);
    case ACT_UID:
        return gate_uid(g, m, i);
    case ACT_LINK:
        return doc_link(g, m, i);
    case ACT_REMOVE:
    case ACT_KEEP:
    case ACT_CODE:
    case ACT_TIME:
    case ACT_YEAR:
    case ACT_BIRTH_YEAR:
    case ACT_ZIP3:
    case ACT_WORD:
    case ACT_SAMPLES:
        return gate_leaf(g, m, i);
    }
    return false;
}
