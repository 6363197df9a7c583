/* Members of an object by name, all in one pass. */
#include "deid/gate_internal.h"

bool gate_pick(const gate *g, uint32_t obj, const tw_str *name, uint32_t *at, size_t n)
{
    const tw_json_tok *tok = g->d->tok;
    for (size_t i = 0; i < n; i++)
        at[i] = TW_JSON_NONE;
    if (tok[obj].type != TW_JSON_OBJECT)
        return false;
    bool plain = true;
    for (uint32_t k = obj + 1; k < tok[obj].next; k = tok[k].next) {
        tw_str key = { g->d->text.p + tok[k].off + 1, tok[k].len - 2 };
        plain &= !tok[k].escaped;
        for (size_t i = 0; i < n; i++)
            if (tw_str_same(name[i], key))
                at[i] = k + 1;
    }
    return plain;
}

void gate_account_rest(gate *g, const tw_r4_node *node, uint32_t obj, const tw_str *written, size_t n)
{
    const tw_json_tok *tok = g->d->tok;
    if (!g->account)
        return;
    for (uint32_t k = obj + 1; k < tok[obj].next; k = tok[k].next) {
        tw_str key = { g->d->text.p + tok[k].off + 1, tok[k].len - 2 };
        const tw_r4_member *m = tok[k].escaped ? NULL : tw_r4_find(&g->p->table, node, key);
        bool was = false;
        for (size_t i = 0; i < n; i++)
            was |= tw_str_same(key, written[i]);
        if (!m)
            account_unknown(g->account, node);
        else if (was)
            account_kept(g->account, m);
        else
            account_removed(g->account, m, tok[k + 1].type == TW_JSON_ARRAY ? tok[k + 1].count : 1);
    }
}
