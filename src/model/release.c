/* Release tree: bodies, tags, leaves and the root of a leaf file. */
#include "model/model.h"

#include "model/model_internal.h"

static void put_opening(tw_buf *out, const tw_opening_proof *p)
{
    TW_ASSERT(p->path_count <= 32);
    tw_buf_u64(out, p->idx);
    tw_buf_u32(out, p->pos);
    tw_buf_u32(out, p->n);
    tw_buf_u32(out, p->path_count);
    tw_buf_add(out, p->path, (size_t)p->path_count * TW_HASH);
}

void tw_release_body_encode(tw_buf *out, const tw_release_body *b)
{
    TW_ASSERT(b->capsule_count <= TW_BODY_CAPSULES_MAX);
    tw_model_id(out, &b->comp);
    tw_comp_record_encode(out, &b->record);
    put_opening(out, &b->opening);
    tw_buf_u32(out, b->version);
    tw_buf_var(out, b->policy);
    tw_buf_add(out, b->salt, sizeof b->salt);
    tw_buf_u64(out, b->policy_idx);
    tw_buf_u32(out, (uint32_t)b->capsule_count);
    for (size_t i = 0; i < b->capsule_count; i++) {
        tw_buf_add(out, b->capsules[i].capsule_hash, 32);
        tw_buf_u32(out, b->capsules[i].day);
    }
}

static tw_status read_opening(tw_ctx *cx, tw_opening_proof *out, tw_rd *in)
{
    out->idx = tw_rd_u64(in);
    out->pos = tw_rd_u32(in);
    out->n = tw_rd_u32(in);
    uint32_t count = tw_rd_u32(in);
    if (count > 32)
        return tw_fail(cx, TW_EPARSE, "release body: a path of %u hashes", (unsigned)count);
    out->path_count = (uint8_t)count;
    tw_rd_copy(in, out->path[0], (size_t)count * TW_HASH);
    return TW_OK;
}

static int capsule_cmp(const tw_body_capsule *a, const tw_body_capsule *b)
{
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    return memcmp(a->capsule_hash, b->capsule_hash, 32);
}

#define BODY_CAPSULE_BYTES 36

static tw_status read_capsules(tw_ctx *cx, tw_release_body *out, tw_rd *in)
{
    uint32_t count = tw_rd_u32(in);
    if (count > TW_BODY_CAPSULES_MAX || count > tw_rd_left(in) / BODY_CAPSULE_BYTES)
        return tw_fail(cx, TW_EPARSE, "release body: too short for %u capsules, or too many", (unsigned)count);
    tw_body_capsule *capsules = tw_try_array(cx->arena, tw_body_capsule, TW_MAX(count, 1u));
    if (!capsules)
        return tw_fail(cx, TW_ELIMIT, "release body: %u capsules", (unsigned)count);
    for (uint32_t i = 0; i < count; i++) {
        tw_rd_copy(in, capsules[i].capsule_hash, 32);
        capsules[i].day = tw_rd_u32(in);
        if (i > 0 && capsule_cmp(&capsules[i - 1], &capsules[i]) >= 0)
            return tw_fail(cx, TW_EPARSE, "release body: capsule %u does not ascend by day and hash", (unsigned)i);
    }
    out->capsules = capsules;
    out->capsule_count = count;
    return TW_OK;
}

tw_status tw_release_body_decode(tw_ctx *cx, tw_release_body *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    *out = (tw_release_body){ 0 };
    tw_model_read_id(&out->comp, &in);
    TW_TRY(tw_comp_record_read(cx, &out->record, &in));
    TW_TRY(read_opening(cx, &out->opening, &in));
    out->version = tw_rd_u32(&in);
    out->policy = tw_rd_var(&in, TW_POLICY_BYTES_MAX);
    tw_rd_copy(&in, out->salt, sizeof out->salt);
    out->policy_idx = tw_rd_u64(&in);
    TW_TRY(read_capsules(cx, out, &in));
    TW_TRY(tw_rd_end(cx, &in, "release body"));
    tw_id id;
    tw_comp_record_id(&id, &out->record);
    if (!tw_id_eq(&id, &out->comp))
        return tw_fail(cx, TW_EVERIFY, "release body: the compartment id is not that of its record");
    return TW_OK;
}

void tw_release_tag(uint8_t out[32], const uint8_t watch[32], const tw_id *release)
{
    tw_hmac_sha256(out, (tw_bytes){ watch, 32 }, "tw/tag/1", tw_id_bytes(release));
}

void tw_release_leaf(uint8_t out[TW_RELEASE_LEAF], const uint8_t tag[32], tw_bytes body)
{
    memmove(out, tag, 32);
    tw_hash_label(out + 32, "tw/body/1", &body, 1);
}

tw_status tw_release_root(tw_ctx *cx, uint8_t out[32], tw_bytes leaves)
{
    memset(out, 0, 32);
    if (leaves.n % TW_RELEASE_LEAF)
        return tw_fail(cx, TW_EPARSE, "leaf file: %zu bytes are no whole number of leaves", leaves.n);
    tw_merkle_range range = { 0 };
    for (size_t at = 0; at < leaves.n; at += TW_RELEASE_LEAF) {
        const uint8_t *leaf = leaves.p + at;
        if (at > 0 && memcmp(leaf - TW_RELEASE_LEAF, leaf, 32) >= 0)
            return tw_fail(cx, TW_EVERIFY, "leaf file: tag %zu does not ascend", at / TW_RELEASE_LEAF);
        uint8_t hash[TW_HASH];
        tw_merkle_leaf(hash, (tw_bytes){ leaf, TW_RELEASE_LEAF });
        tw_merkle_range_add(&range, hash);
    }
    if (leaves.n == 0)
        tw_sha256_of(out, (tw_bytes){ NULL, 0 });
    else
        tw_merkle_range_root(out, &range);
    return TW_OK;
}
