/* Enrolment bundles, the source's side. One encoding serves the sealed bundle and the row of the register
 * (docs/formats/bundle.md). */
#include "seal/seal.h"

#include "seal/seal_internal.h"

enum { VERSION = 1 };
#define ENTRIES_MAX (256 * TW_CATEGORY_COUNT)
#define ENVELOPE_BYTES_MAX (TW_POLICY_BYTES_MAX + 512)
#define ENTRY_BYTES_MIN (2 * TW_KEY + 4 + 64 + 32 + 1)

static void put_entry(tw_buf *out, const tw_bundle_entry *e, bool with_envelopes)
{
    const uint8_t n = with_envelopes ? e->n : 0;
    tw_comp_record_encode(out, &e->record);
    tw_buf_add(out, e->proof, sizeof e->proof);
    tw_buf_add(out, e->watch, sizeof e->watch);
    tw_buf_u8(out, n);
    for (uint8_t i = 0; i < n; i++)
        tw_buf_var(out, e->envelope[i]);
}

static size_t room_of(const tw_bundle *b)
{
    size_t room = 1 + 16 + 32 + 2 + 16 + 4;
    for (size_t k = 0; k < b->count; k++) {
        room += TW_RECORD_ROOM + 64 + 32 + 1;
        for (uint8_t i = 0; i < b->entry[k].n; i++)
            room += 4 + b->entry[k].envelope[i].n;
    }
    return room;
}

tw_status tw_bundle_encode(tw_ctx *cx, tw_bytes *out, const tw_bundle *b, bool with_envelopes)
{
    tw_buf o;
    TW_TRY(tw_seal_room(cx, &o, room_of(b)));
    tw_buf_u8(&o, VERSION);
    tw_buf_add(&o, b->handle, sizeof b->handle);
    tw_buf_add(&o, b->id_key, sizeof b->id_key);
    tw_buf_u16(&o, (uint16_t)b->shift_weeks);
    tw_buf_add(&o, b->binding, sizeof b->binding);
    tw_buf_u32(&o, (uint32_t)b->count);
    for (size_t i = 0; i < b->count; i++)
        put_entry(&o, &b->entry[i], with_envelopes);
    *out = tw_buf_view(&o);
    return tw_buf_check(cx, &o, "bundle");
}

static tw_status read_entry(tw_ctx *cx, tw_bundle_entry *e, tw_rd *in)
{
    TW_TRY(tw_comp_record_read(cx, &e->record, in));
    tw_rd_copy(in, e->proof, sizeof e->proof);
    tw_rd_copy(in, e->watch, sizeof e->watch);
    e->n = tw_rd_u8(in);
    if (e->n > TW_SHARES_MAX || (e->n != 0 && e->n < e->record.body.t))
        return tw_fail(cx, TW_EPARSE, "bundle: %u envelopes", (unsigned)e->n);
    for (uint8_t i = 0; i < e->n; i++)
        e->envelope[i] = tw_rd_var(in, ENVELOPE_BYTES_MAX);
    tw_comp_record_id(&e->comp, &e->record);
    return in->bad ? tw_fail(cx, TW_EPARSE, "bundle: short at byte %zu", in->off) : TW_OK;
}

tw_status tw_bundle_decode(tw_ctx *cx, tw_bundle *out, tw_bytes bytes)
{
    *out = (tw_bundle){ 0 };
    tw_rd in = tw_rd_of(bytes);
    uint8_t version = tw_rd_u8(&in);
    if (version != VERSION)
        return tw_fail(cx, TW_EPARSE, "bundle of version %u", (unsigned)version);
    tw_rd_copy(&in, out->handle, sizeof out->handle);
    tw_rd_copy(&in, out->id_key, sizeof out->id_key);
    out->shift_weeks = (int16_t)tw_rd_u16(&in);
    tw_rd_copy(&in, out->binding, sizeof out->binding);
    uint32_t count = tw_rd_u32(&in);
    if (count > ENTRIES_MAX || count > tw_rd_left(&in) / ENTRY_BYTES_MIN)
        return tw_fail(cx, TW_EPARSE, "bundle: %u entries in %zu bytes", (unsigned)count, bytes.n);
    out->entry = tw_try_array(cx->arena, tw_bundle_entry, count);
    if (!out->entry)
        return tw_fail(cx, TW_ELIMIT, "bundle: no room for %u entries", (unsigned)count);
    for (uint32_t i = 0; i < count; i++)
        TW_TRY(read_entry(cx, &out->entry[i], &in));
    out->count = count;
    return tw_rd_end(cx, &in, "bundle");
}

static tw_status check_entry(tw_ctx *cx, const tw_bundle_entry *e, const tw_id *source, const tw_id *ledger)
{
    const tw_comp *c = &e->record.body;
    uint8_t watch_hash[32];
    tw_watch_hash(watch_hash, e->watch);
    if (!tw_id_eq(&c->source, source))
        return tw_fail(cx, TW_EVERIFY, "bundle: a record is for another source");
    if (!tw_id_eq(&c->ledger, ledger))
        return tw_fail(cx, TW_EVERIFY, "bundle: a record is for another ledger");
    if (memcmp(watch_hash, c->watch_hash, sizeof watch_hash) != 0)
        return tw_fail(cx, TW_EVERIFY, "bundle: a watch key is not that of its record");
    if (!tw_pok_ok(cx, e->proof, c->p, e->comp.b))
        return tw_fail(cx, TW_ECRYPTO, "bundle: a proof of possession does not fit its record");
    return TW_OK;
}

static tw_status check_bundle(tw_ctx *cx, const tw_bundle *b, const tw_id *source, const tw_id *ledger)
{
    uint8_t handle[16];
    tw_person_handle(handle, b->id_key);
    if (memcmp(handle, b->handle, sizeof handle) != 0)
        return tw_fail(cx, TW_EVERIFY, "bundle: the handle does not come from the id key");
    for (size_t i = 0; i < b->count; i++) {
        const tw_bundle_entry *e = &b->entry[i];
        TW_TRY(check_entry(cx, e, source, ledger));
        if (tw_bundle_find(b, (tw_category)e->record.body.category, e->record.body.epoch) != e)
            return tw_fail(cx, TW_EVERIFY, "bundle: a category and epoch come twice");
    }
    return TW_OK;
}

tw_status tw_bundle_open(tw_ctx *cx, tw_bundle *out, tw_bytes sealed, const uint8_t source_secret[32],
                         const tw_id *source,
                         const tw_id *ledger)
{
    *out = (tw_bundle){ 0 };
    uint8_t aad[64];
    tw_bytes plain;
    memcpy(aad, ledger->b, 32);
    memcpy(aad + 32, source->b, 32);
    TW_TRY(tw_box_open(cx, &plain, source_secret, sealed, TW_BYTES(aad)));
    TW_TRY(tw_bundle_decode(cx, out, plain));
    return check_bundle(cx, out, source, ledger);
}

const tw_bundle_entry *tw_bundle_find(const tw_bundle *b, tw_category category, uint16_t epoch)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->entry[i].record.body.category == category && b->entry[i].record.body.epoch == epoch)
            return &b->entry[i];
    return NULL;
}
