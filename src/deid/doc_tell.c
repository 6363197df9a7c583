/* Tells a listener what was done to each element of a FHIR document: its path with positions, the rule, before and
 * after. Slow, and only when somebody listens: the path is found from the root anew. */
#include "deid/doc_pass.h"

#define PATH_MAX_BYTES 1024

static tw_str rule_of(const gate *g, const tw_r4_member *m)
{
    return g->p->rule[m->rule];
}

/* Child of `at` whose subtree holds token `i`; keys are passed over. */
static uint32_t child_with(const tw_json *d, uint32_t at, uint32_t i, uint32_t *index, uint32_t *key)
{
    bool object = d->tok[at].type == TW_JSON_OBJECT;
    *index = 0;
    for (uint32_t c = tw_json_first(d, at); c != TW_JSON_NONE; c = tw_json_next(d, at, c), ++*index) {
        if (i < d->tok[c].next) {
            *key = object ? c : TW_JSON_NONE;
            return object ? c + 1 : c;
        }
    }
    return TW_JSON_NONE;
}

/* Names that are no member names of R4 may be anything: they are shown as "(name)". */
static tw_str shown_name(const tw_json *d, uint32_t key)
{
    tw_str name = { d->text.p + d->tok[key].off + 1, d->tok[key].len - 2 };
    bool plain = name.n > 0 && name.n <= 64;
    for (size_t i = 0; plain && i < name.n; i++) {
        char c = name.p[i];
        plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }
    return plain ? name : TW_STR("(name)");
}

static tw_str path_of(gate *g, uint32_t i)
{
    tw_buf b;
    uint32_t at = g->doc->top, index = 0, key = TW_JSON_NONE;
    tw_buf_init(&b, PATH_MAX_BYTES);
    tw_str type = gate_member_text(g, at, "resourceType");
    tw_buf_str(&b, type);
    while (at != i && (at = child_with(g->d, at, i, &index, &key)) != TW_JSON_NONE) {
        if (key != TW_JSON_NONE) {
            tw_buf_cstr(&b, ".");
            tw_buf_str(&b, shown_name(g->d, key));
        } else {
            tw_buf_fmt(&b, "[%u]", index);
        }
    }
    tw_str path = tw_str_dup(g->cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return path;
}

/* A string without its quotes, other values as they stand. */
static tw_str bare(tw_str s)
{
    return s.n >= 2 && s.p[0] == '"' ? (tw_str){ s.p + 1, s.n - 2 } : s;
}

static void tell(gate *g, tw_str rule, uint32_t i, tw_doc_what what, tw_str after)
{
    tw_mark mark = tw_arena_mark(g->cx->arena);
    doc_act(g->doc->w, path_of(g, i), rule, what, bare(tw_json_raw(g->d, i)), bare(after));
    tw_arena_back(g->cx->arena, mark);
}

void doc_tell_removed(gate *g, tw_str rule, uint32_t i)
{
    if (g->doc->w->listener)
        tell(g, rule, i, TW_DOC_REMOVED, TW_STR(""));
}

void doc_tell_id(gate *g, const tw_r4_member *m, uint32_t i, const char *id)
{
    if (g->doc->w->listener)
        tell(g, rule_of(g, m), i, TW_DOC_CHANGED, tw_str_of(id));
}

static bool told_inside(const tw_r4_member *m)
{
    return m->action == ACT_DESCEND || m->action == ACT_CONTAINED;
}

/* Parts of objects are told for themselves; an object of one rule as a whole. */
bool doc_tell_value(gate *g, const tw_r4_member *m, uint32_t i)
{
    if (!g->doc->w->listener)
        return gate_untold(g, m, i);
    size_t mark = g->out->n;
    bool wrote = gate_untold(g, m, i);
    if (told_inside(m))
        return wrote;
    tw_str after = wrote && !g->out->failed ? (tw_str){ (const char *)g->out->p + mark, g->out->n - mark } : TW_STR("");
    bool same = tw_str_eq(after, tw_json_raw(g->d, i));
    tell(g, rule_of(g, m), i, !wrote ? TW_DOC_REMOVED : same ? TW_DOC_KEPT : TW_DOC_CHANGED, after);
    return wrote;
}
