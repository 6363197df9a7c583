/* Which batch roots the log holds: one pass over the entries, continued from where it stopped. */
#include "app_internal.h"

#define BATCHES_MAX 10000000

tw_status tw_batch_index_scan(tw_ctx *cx, tw_batch_index *ix, const tw_solo *log)
{
    uint64_t size = tw_ledger_size(tw_solo_ledger(log));
    if (!ix->by_root)
        ix->by_root = tw_map_new(BATCHES_MAX);
    for (; ix->scanned < size; ix->scanned++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_bytes bytes;
        tw_entry e;
        tw_op op;
        tw_batch_body b;
        TW_TRY(tw_solo_entry(cx, &bytes, log, ix->scanned));
        TW_TRY(tw_entry_decode(cx, &e, bytes));
        if (e.kind == TW_ENTRY_BATCH && e.code == TW_CODE_OK) {
            TW_TRY(tw_op_decode(cx, &op, e.op));
            TW_TRY(tw_body_batch_read(cx, &b, op.body));
            if (!tw_map_get(ix->by_root, TW_BYTES(b.root))
                && !tw_map_put(ix->by_root, TW_BYTES(b.root), (void *)(uintptr_t)(ix->scanned + 1)))
                return tw_fail(cx, TW_ELIMIT, "more than %d batches", BATCHES_MAX);
        }
        tw_arena_back(cx->arena, mark);
    }
    return TW_OK;
}

bool tw_batch_index_find(const tw_batch_index *ix, const uint8_t root[32], uint64_t *idx)
{
    void *at = ix->by_root ? tw_map_get(ix->by_root, (tw_bytes){ root, 32 }) : NULL;
    if (at && idx)
        *idx = (uint64_t)(uintptr_t)at - 1;
    return at != NULL;
}

void tw_batch_index_done(tw_batch_index *ix)
{
    tw_map_free(ix->by_root);
    *ix = (tw_batch_index){ .by_root = NULL };
}
