/* A walk over the entries of a log. */
#include "app_internal.h"

tw_status tw_log_each(tw_ctx *cx, const tw_solo *log, uint64_t from, uint32_t kinds,
                      tw_status (*each)(void *arg, tw_ctx *cx, const tw_entry *e, const tw_op *op), void *arg)
{
    uint64_t size = tw_ledger_size(tw_solo_ledger(log));
    for (uint64_t i = from; i < size; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_bytes bytes;
        tw_entry e;
        tw_op op = { .kind = 0 };
        TW_TRY(tw_solo_entry(cx, &bytes, log, i));
        TW_TRY(tw_entry_decode(cx, &e, bytes));
        if (kinds & (1u << e.kind)) {
            if (e.kind != TW_ENTRY_GENESIS && e.kind != TW_ENTRY_TICK)
                TW_TRY(tw_op_decode(cx, &op, e.op));
            TW_TRY(each(arg, cx, &e, &op));
        }
        tw_arena_back(cx->arena, mark);
    }
    return TW_OK;
}
