/* A flat file of 32-byte keys, one a slot. Wiping overwrites in place, and once it is synced the only copy is gone,
 * whatever the database beside it kept of the ciphertext. */
#include "keeper_internal.h"

#define SLOT 32
#define SEALED_HEAD (8 + 24)

tw_status tw_slots_open(tw_ctx *cx, tw_slots *s, const char *path)
{
    TW_ASSERT(cx->env && cx->env->disk);
    const tw_disk *d = cx->env->disk;
    uint64_t size = 0;
    *s = (tw_slots){ .disk = d };
    tw_open_mode mode = d->exists(d->self, path) ? TW_OPEN_EDIT : TW_OPEN_CREATE;
    if (d->open(d->self, &s->file, path, mode) != TW_OK || d->size(d->self, s->file, &size) != TW_OK)
        return tw_fail(cx, TW_EIO, "cannot open %s", path);
    s->count = size / SLOT; /* a torn last slot is never referred to */
    return TW_OK;
}

void tw_slots_close(tw_slots *s)
{
    if (s->file)
        s->disk->close(s->disk->self, s->file);
    s->file = NULL;
}

tw_status tw_slots_add(tw_ctx *cx, uint64_t *slot, uint8_t key[32], tw_slots *s)
{
    const tw_disk *d = s->disk;
    tw_random(cx, key, SLOT);
    if (d->write(d->self, s->file, s->count * SLOT, key, SLOT) != TW_OK)
        return tw_fail(cx, TW_EIO, "cannot write a key slot");
    *slot = s->count++;
    s->dirty = true;
    return TW_OK;
}

tw_status tw_slots_get(tw_ctx *cx, uint8_t key[32], tw_slots *s, uint64_t slot)
{
    const tw_disk *d = s->disk;
    static const uint8_t wiped[SLOT];
    size_t got = 0;
    if (slot >= s->count || d->read(d->self, s->file, slot * SLOT, key, SLOT, &got) != TW_OK || got != SLOT)
        return tw_fail(cx, TW_EIO, "cannot read key slot %llu", (unsigned long long)slot);
    return memcmp(key, wiped, SLOT) == 0 ? TW_ENOTFOUND : TW_OK;
}

tw_status tw_slots_wipe(tw_ctx *cx, tw_slots *s, uint64_t slot)
{
    const tw_disk *d = s->disk;
    static const uint8_t wiped[SLOT];
    if (slot >= s->count || d->write(d->self, s->file, slot * SLOT, wiped, SLOT) != TW_OK)
        return tw_fail(cx, TW_EIO, "cannot wipe key slot %llu", (unsigned long long)slot);
    s->dirty = true;
    return TW_OK;
}

tw_status tw_slots_sync(tw_ctx *cx, tw_slots *s)
{
    const tw_disk *d = s->disk;
    if (s->dirty && d->sync(d->self, s->file) != TW_OK)
        return tw_fail(cx, TW_EIO, "cannot sync the key slots");
    s->dirty = false;
    return TW_OK;
}

tw_status tw_slots_seal(tw_ctx *cx, tw_bytes *row, tw_slots *s, const uint64_t *slot, tw_bytes aad, tw_bytes plain)
{
    uint8_t key[SLOT];
    uint64_t at = slot ? *slot : 0;
    uint8_t *out = tw_arena_try(cx->arena, SEALED_HEAD + plain.n + TW_AEAD_TAG);
    if (!out)
        return tw_fail(cx, TW_ELIMIT, "no memory left for a sealed row");
    if (slot)
        TW_TRY(tw_slots_get(cx, key, s, at));
    else
        TW_TRY(tw_slots_add(cx, &at, key, s));
    tw_put_be64(out, at);
    tw_random(cx, out + 8, 24);
    tw_xaead_seal(out + SEALED_HEAD, key, out + 8, aad, plain);
    tw_wipe(key, sizeof key);
    *row = (tw_bytes){ out, SEALED_HEAD + plain.n + TW_AEAD_TAG };
    return TW_OK;
}

tw_status tw_slots_unseal(tw_ctx *cx, tw_bytes *plain, uint64_t *slot, tw_slots *s, tw_bytes aad, tw_bytes row)
{
    uint8_t key[SLOT];
    if (row.n < SEALED_HEAD + TW_AEAD_TAG)
        return tw_fail(cx, TW_EPARSE, "a sealed row is too short");
    *slot = tw_be64(row.p);
    TW_TRY(tw_slots_get(cx, key, s, *slot));
    size_t n = row.n - SEALED_HEAD - TW_AEAD_TAG;
    uint8_t *out = tw_arena_get(cx->arena, n + 1);
    tw_status st = tw_xaead_open(cx, out, key, row.p + 8, aad, (tw_bytes){ row.p + SEALED_HEAD, row.n - SEALED_HEAD });
    tw_wipe(key, sizeof key);
    *plain = (tw_bytes){ out, n };
    return st;
}
