/* Where the names of patients go that memory does not hold, and the merges that outlive a collection. */
#include "collect_internal.h"

#define PUTS_AT_ONCE 4096 /* rows in one transaction: each may touch a page of its own */
#define NAMES_IN_MEMORY 60000

static tw_reg_kind kind_of(tw_bytes name)
{
    return name.p[0] == 'm' ? TW_REG_MERGE : TW_REG_NAME;
}

static tw_status get(void *self, tw_ctx *cx, tw_bytes *value, tw_bytes name)
{
    names *n = self;
    if (name.p[0] == 'm' && !n->has_merges)
        return TW_ENOTFOUND;
    if (n->writing) /* while names are noted, by the one thread that notes them */
        return tw_register_get(cx, value, n->r, kind_of(name), name);
    pthread_mutex_lock(n->lock);
    tw_status s = tw_register_begin(cx, n->r, false);
    if (s == TW_OK)
        s = tw_register_end(cx, n->r, tw_register_get(cx, value, n->r, kind_of(name), name));
    pthread_mutex_unlock(n->lock);
    return s;
}

static tw_status put(void *self, tw_ctx *cx, tw_bytes name, tw_bytes value, TW_UNUSED bool for_good)
{
    names *n = self;
    if (!n->writing)
        TW_TRY(tw_register_begin(cx, n->r, true));
    n->writing = true;
    n->has_merges |= name.p[0] == 'm';
    tw_status s = tw_register_put(cx, n->r, kind_of(name), name, value);
    if (s == TW_OK && ++n->written % PUTS_AT_ONCE != 0)
        return TW_OK;
    n->writing = false;
    return tw_register_end(cx, n->r, s);
}

tw_names_store names_store(names *n)
{
    return (tw_names_store){ .get = get, .put = put, .self = n, .names_max = NAMES_IN_MEMORY };
}

tw_status names_open(tw_ctx *cx, names *n)
{
    uint8_t key[33] = { TW_REG_MERGE };
    TW_TRY(tw_register_clear(cx, n->r, TW_REG_NAME));
    TW_TRY(tw_register_begin(cx, n->r, false));
    return tw_register_end(cx, n->r, tw_register_raw_next(cx, &n->has_merges, n->r, key));
}

tw_status names_settle(tw_ctx *cx, names *n, tw_status s)
{
    if (!n->writing)
        return s;
    n->writing = false;
    return tw_register_end(cx, n->r, s);
}
