/** Sealed objects as `seal` would make them, of random content, for tests of the rooms behind it. */
#ifndef TW_SEALED_TEST_H
#define TW_SEALED_TEST_H

#include "test.h"

#include "model/model.h"
#include "model/seal_make.h"

static inline tw_sealed *sealed_of(tw_bytes leaf, tw_bytes object)
{
    return tw_sealed_make(cx, leaf, object);
}

static inline tw_bytes sealed_leaf_bytes(const tw_batch_leaf *leaf)
{
    tw_buf b;
    tw_buf_init(&b, TW_SEGMENT_LEAF_BYTES);
    tw_batch_leaf_encode(&b, leaf);
    tw_bytes bytes = tw_bytes_dup(cx->arena, tw_buf_view(&b));
    tw_buf_done(&b);
    return bytes;
}

static inline tw_sealed *sealed_capsule(const tw_id *comp, uint32_t day)
{
    uint8_t *object = tw_arena_get(cx->arena, TW_CAPSULE + TW_WRAP);
    tw_batch_leaf leaf = { .kind = 1, .capsule = { .comp = *comp, .day = day } };
    tw_random(cx, object, TW_CAPSULE + TW_WRAP);
    tw_sha256_of(leaf.capsule.capsule_hash, (tw_bytes){ object, TW_CAPSULE });
    tw_sha256_of(leaf.capsule.wrap_hash, (tw_bytes){ object + TW_CAPSULE, TW_WRAP });
    return sealed_of(sealed_leaf_bytes(&leaf), (tw_bytes){ object, TW_CAPSULE + TW_WRAP });
}

static inline tw_sealed *sealed_segment(const tw_id *comp, size_t plain)
{
    const size_t n = (size_t)tw_c4gh_body_size(plain);
    uint8_t *object = tw_arena_get(cx->arena, n);
    tw_batch_leaf leaf = { .kind = 2, .segment = { .comp = *comp, .cipher_bytes = n, .records = 1 } };
    tw_random(cx, object, n);
    tw_random(cx, leaf.segment.segment.b, 32);
    tw_c4gh_block_root(leaf.segment.block_root, (tw_bytes){ object, n });
    return sealed_of(sealed_leaf_bytes(&leaf), (tw_bytes){ object, n });
}

/** RFC 6962 root over their leaves. */
static inline void sealed_root(uint8_t root[32], tw_sealed *const *item, size_t count)
{
    tw_merkle_range tree = { 0 };
    for (size_t i = 0; i < count; i++) {
        uint8_t hash[TW_HASH];
        tw_merkle_leaf(hash, tw_sealed_leaf(item[i]));
        tw_merkle_range_add(&tree, hash);
    }
    tw_merkle_range_root(root, &tree);
}

#endif
