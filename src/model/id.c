/* Ids, and the small helpers of this room's encoders. */
#include "model/model.h"

#include "model/model_internal.h"

bool tw_id_eq(const tw_id *a, const tw_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

int tw_id_cmp(const tw_id *a, const tw_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b);
}

tw_str tw_id_hex(tw_ctx *cx, const tw_id *id)
{
    return tw_hex(cx->arena, tw_id_bytes(id));
}

void tw_model_id(tw_buf *out, const tw_id *id)
{
    tw_buf_add(out, id->b, sizeof id->b);
}

void tw_model_read_id(tw_id *out, tw_rd *in)
{
    tw_rd_copy(in, out->b, sizeof out->b);
}

tw_status tw_model_take(tw_ctx *cx, tw_bytes *out, tw_buf *b, const char *what)
{
    tw_status s = tw_buf_check(cx, b, what);
    if (s == TW_OK)
        *out = tw_bytes_dup(cx->arena, tw_buf_view(b));
    tw_buf_done(b);
    return s;
}
