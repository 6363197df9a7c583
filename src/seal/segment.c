/* Segments: padding, data keys, and the way back to records. */
#include "seal/seal.h"

#include "seal/seal_internal.h"

/* floor(log2(n)), n > 0 */
static unsigned log2_floor(uint64_t n)
{
    unsigned k = 0;
    while (n >>= 1)
        k++;
    return k;
}

/* Nikitin, Barman, Lueks, Underwood, Hubaux, Ford, "Reducing metadata leakage from encrypted files and
 * communication with PURBs", PoPETs 2019(4), algorithm 1: keep as many leading bits as the exponent has digits,
 * round up to the next. */
uint64_t tw_padme(uint64_t n)
{
    if (n < 2)
        return n;
    const unsigned e = log2_floor(n);
    const unsigned s = log2_floor(e ? e : 1) + 1;
    const unsigned zeroes = e > s ? e - s : 0;
    const uint64_t mask = ((uint64_t)1 << zeroes) - 1;
    return n > UINT64_MAX - mask ? UINT64_MAX : (n + mask) & ~mask;
}

void tw_segment_key(uint8_t out[32], const uint8_t secret[32], const tw_id *segment)
{
    tw_blake2b(out, (tw_bytes){ secret, 32 }, "d", tw_id_bytes(segment));
}

/* Lines without the padding; false when the last one has no end. */
static bool unpad(tw_bytes *lines, uint32_t *count)
{
    size_t n = lines->n;
    while (n > 1 && lines->p[n - 1] == '\n' && lines->p[n - 2] == '\n')
        n--;
    if (n < 2 || lines->p[n - 1] != '\n')
        return false;
    lines->n = n;
    *count = 0;
    for (const uint8_t *p = lines->p; p < lines->p + n; ++*count)
        p = (const uint8_t *)memchr(p, '\n', (size_t)(lines->p + n - p)) + 1; /* found: the last byte is one */
    return true;
}

tw_status tw_segment_open(tw_ctx *cx, tw_bytes *ndjson, const uint8_t secret[32], const tw_segment_leaf *leaf,
                          tw_bytes body)
{
    *ndjson = (tw_bytes){ 0 };
    if (body.n != leaf->cipher_bytes)
        return tw_fail(cx, TW_EVERIFY, "segment of %zu bytes; its leaf says %llu", body.n,
                       (unsigned long long)leaf->cipher_bytes);
    uint8_t key[32];
    tw_bytes plain;
    tw_segment_key(key, secret, &leaf->segment);
    tw_status s = tw_c4gh_body_open(cx, &plain, key, body, leaf->block_root);
    tw_wipe(key, sizeof key);
    TW_TRY(s);
    uint32_t count;
    if (!unpad(&plain, &count) || count != leaf->records)
        return tw_fail(cx, TW_EVERIFY, "segment does not hold the %u records of its leaf", (unsigned)leaf->records);
    *ndjson = plain;
    return TW_OK;
}

bool tw_capsule_ok(tw_ctx *cx, const tw_comp *comp, const tw_id *id, uint32_t day, const uint8_t capsule[TW_CAPSULE])
{
    uint8_t ctx[TW_CAPSULE_CTX];
    tw_capsule_ctx(ctx, comp, id, day);
    return tw_tpre_capsule_ok(cx, capsule, comp->p, TW_BYTES(ctx));
}

tw_status tw_capsule_open(tw_ctx *cx, uint8_t secret[32], const tw_comp *comp, const tw_id *id, uint32_t day,
                          const uint8_t capsule[TW_CAPSULE], const uint8_t wrap[TW_WRAP], const tw_fragments *f)
{
    uint8_t ctx[TW_CAPSULE_CTX];
    uint8_t shared[TW_POINT];
    uint8_t kek[32];
    const bool directed = f->kind == TW_ANSWER_DIRECTED;
    const bool self = f->kind == TW_ANSWER_SELF;
    TW_ASSERT(f->f1 && (!directed || (f->f2 && f->d)) && (!self || f->a));
    memset(secret, 0, 32);
    if (f->count < comp->t)
        return tw_fail(cx, TW_ECRYPTO, "capsule: %zu of %u fragments", f->count, (unsigned)comp->t);
    TW_TRY(tw_tpre_combine(cx, shared, f->xs, f->count, f->f1, directed ? f->f2 : NULL, directed ? f->d : NULL,
                           self ? f->a : NULL, capsule));
    tw_capsule_ctx(ctx, comp, id, day);
    tw_tpre_kek(kek, shared, capsule, comp->p, TW_BYTES(ctx));
    tw_status s = tw_tpre_unwrap(cx, secret, wrap, kek, capsule);
    tw_wipe(shared, sizeof shared);
    tw_wipe(kek, sizeof kek);
    return s;
}
