/* The site's end of the wire to its keepers: bytes out, bytes in. */
#include "keeper_internal.h"

void tw_site_keepers_down(tw_site *s, uint32_t mask)
{
    s->keepers_down = mask;
}

void tw_site_keeper_lies(tw_site *s, uint8_t index)
{
    s->keepers_lying |= 1u << (index - 1);
}

void tw_site_keeper_stale(tw_site *s, uint8_t index)
{
    s->keepers_stale |= 1u << (index - 1);
    if (s->keeper[index - 1])
        s->keeper[index - 1]->from_log[0] = '\0';
}

static tw_status keeper_of(tw_ctx *cx, tw_keeper **out, tw_site *s, uint8_t index)
{
    const tw_keeper_set *set = tw_ledger_keeper_set(tw_site_state(s));
    if (index < 1 || index > set->n)
        return tw_fail(cx, TW_ENOTFOUND, "no keeper %u", index);
    uint32_t bit = 1u << (index - 1);
    if (s->keepers_down & bit)
        return tw_fail(cx, TW_ENET, "keeper %u does not answer", index);
    tw_keeper **k = &s->keeper[index - 1];
    if (!*k) {
        bool stale = s->keepers_stale & bit;
        TW_TRY(tw_keeper_open(cx, k, tw_site_path(cx, s, "keepers/%u", index),
                              stale ? NULL : tw_site_path(cx, s, "exchange/log")));
    }
    tw_keeper_lie(*k, s->keepers_lying & bit);
    *out = *k;
    return TW_OK;
}

static tw_status unwrap(tw_ctx *cx, tw_bytes *body, tw_bytes reply)
{
    tw_rd r = tw_rd_of(reply);
    if (tw_rd_u8(&r) == 1) {
        *body = tw_rd_view(&r, tw_rd_left(&r));
        return TW_OK;
    }
    uint8_t code = tw_rd_u8(&r);
    tw_bytes msg = tw_rd_var(&r, 1024);
    TW_TRY(tw_rd_end(cx, &r, "keeper's reply"));
    if (code == TW_OK || code > TW_EFOREIGN || !tw_utf8_valid(tw_str_of_bytes(msg)))
        return tw_fail(cx, TW_EPARSE, "a keeper's reply is malformed");
    return tw_fail(cx, (tw_status)code, TW_FMT, TW_ARG(tw_str_of_bytes(msg)));
}

tw_status tw_keeper_call(tw_ctx *cx, tw_bytes *reply, tw_site *s, uint8_t index, tw_bytes request)
{
    tw_keeper *k = NULL;
    tw_bytes raw;
    TW_TRY(keeper_of(cx, &k, s, index));
    TW_TRY(tw_keeper_handle(cx, &raw, k, request));
    if (unwrap(cx, reply, raw) != TW_OK)
        return tw_wrap(cx, "keeper %u", index);
    return TW_OK;
}

tw_status tw_site_maintain(tw_ctx *cx, tw_site *s)
{
    const tw_keeper_set *set = tw_ledger_keeper_set(tw_site_state(s));
    for (uint8_t i = 1; i <= set->n; i++) {
        tw_keeper *k = NULL;
        tw_bytes *ops;
        size_t count;
        if (s->keepers_down & (1u << (i - 1)))
            continue;
        TW_TRY(keeper_of(cx, &k, s, i));
        TW_TRY(tw_keeper_maintain(cx, &ops, &count, k));
        for (size_t j = 0; j < count; j++) {
            tw_applied a;
            TW_TRY(tw_solo_submit(cx, &a, s->log, tw_now_s(cx), ops[j]));
            if (a.code != TW_CODE_OK)
                return tw_fail(cx, TW_EREFUSED, "the ledger refused an operation of keeper %u: %s", i,
                               tw_code_text(a.code));
        }
    }
    return tw_mail_deliver_pending(cx, s);
}
