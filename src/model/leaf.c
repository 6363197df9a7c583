/* Leaves of the batch tree. */
#include "model/model.h"

#include "model/model_internal.h"

enum { LEAF_CAPSULE = 1, LEAF_SEGMENT = 2 };

void tw_batch_leaf_encode(tw_buf *out, const tw_batch_leaf *l)
{
    TW_ASSERT(l->kind == LEAF_CAPSULE || l->kind == LEAF_SEGMENT);
    tw_buf_u8(out, l->kind);
    if (l->kind == LEAF_CAPSULE) {
        tw_model_id(out, &l->capsule.comp);
        tw_buf_add(out, l->capsule.capsule_hash, 32);
        tw_buf_add(out, l->capsule.wrap_hash, 32);
        tw_buf_u32(out, l->capsule.day);
        return;
    }
    tw_model_id(out, &l->segment.comp);
    tw_model_id(out, &l->segment.segment);
    tw_buf_add(out, l->segment.capsule_hash, 32);
    tw_buf_add(out, l->segment.block_root, 32);
    tw_buf_u64(out, l->segment.cipher_bytes);
    tw_buf_u32(out, l->segment.records);
}

tw_status tw_batch_leaf_decode(tw_ctx *cx, tw_batch_leaf *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    *out = (tw_batch_leaf){ 0 };
    out->kind = tw_rd_u8(&in);
    if (out->kind == LEAF_CAPSULE) {
        tw_model_read_id(&out->capsule.comp, &in);
        tw_rd_copy(&in, out->capsule.capsule_hash, 32);
        tw_rd_copy(&in, out->capsule.wrap_hash, 32);
        out->capsule.day = tw_rd_u32(&in);
    } else if (out->kind == LEAF_SEGMENT) {
        tw_model_read_id(&out->segment.comp, &in);
        tw_model_read_id(&out->segment.segment, &in);
        tw_rd_copy(&in, out->segment.capsule_hash, 32);
        tw_rd_copy(&in, out->segment.block_root, 32);
        out->segment.cipher_bytes = tw_rd_u64(&in);
        out->segment.records = tw_rd_u32(&in);
    } else {
        return tw_fail(cx, TW_EPARSE, "batch leaf: empty, or of kind %u", (unsigned)out->kind);
    }
    return tw_rd_end(cx, &in, "batch leaf");
}
