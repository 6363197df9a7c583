/* Import batches from a source to one keeper, and what the keeper makes of them (docs/formats/import.md). */
#include "seal/seal.h"

#include <stdlib.h>

#include "seal/seal_internal.h"

enum { VERSION = 1 };
#define ITEMS_MAX 1000000u
#define ENVELOPE_BYTES_MAX (TW_POLICY_BYTES_MAX + 512)
#define ITEM_BYTES_MIN (2 * TW_KEY + 4 + 64 + 4)

static int by_comp(const void *a, const void *b)
{
    const tw_bundle_entry *const *x = a;
    const tw_bundle_entry *const *y = b;
    return tw_id_cmp(&(*x)->comp, &(*y)->comp);
}

/* Sorted pointers; fails when a compartment comes twice or has no envelope for this keeper. */
static tw_status sorted(tw_ctx *cx, const tw_bundle_entry ***out, const tw_bundle_entry *const *entry, size_t count,
                        uint8_t index)
{
    const tw_bundle_entry **e = tw_try_array(cx->arena, const tw_bundle_entry *, count);
    if (!e || count > ITEMS_MAX)
        return tw_fail(cx, TW_ELIMIT, "import batch of %zu entries", count);
    for (size_t i = 0; i < count; i++) {
        if (index < 1 || index > entry[i]->n)
            return tw_fail(cx, TW_ENOTFOUND, "import batch: no envelope for keeper %u", (unsigned)index);
        e[i] = entry[i];
    }
    if (count)
        qsort(e, count, sizeof(const tw_bundle_entry *), by_comp);
    for (size_t i = 1; i < count; i++)
        if (tw_id_eq(&e[i - 1]->comp, &e[i]->comp))
            return tw_fail(cx, TW_ECONFLICT, "import batch: a compartment comes twice");
    *out = e;
    return TW_OK;
}

tw_status tw_import_encode(tw_ctx *cx, tw_bytes *out, const tw_bundle_entry *const *entry, size_t count, uint8_t index)
{
    const tw_bundle_entry **e = NULL; /* gcc 12 at -O2 does not see that `sorted` sets it */
    TW_TRY(sorted(cx, &e, entry, count, index));
    size_t room = 1 + 4;
    for (size_t i = 0; i < count; i++)
        room += TW_RECORD_ROOM + 64 + 4 + e[i]->envelope[index - 1].n;
    tw_buf o;
    TW_TRY(tw_seal_room(cx, &o, room));
    tw_buf_u8(&o, VERSION);
    tw_buf_u32(&o, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        tw_comp_record_encode(&o, &e[i]->record);
        tw_buf_add(&o, e[i]->proof, sizeof e[i]->proof);
        tw_buf_var(&o, e[i]->envelope[index - 1]);
    }
    *out = tw_buf_view(&o);
    return tw_buf_check(cx, &o, "import batch");
}

static tw_status read_items(tw_ctx *cx, tw_import_item *item, uint32_t count, tw_rd *in)
{
    for (uint32_t i = 0; i < count; i++) {
        TW_TRY(tw_comp_record_read(cx, &item[i].record, in));
        tw_rd_copy(in, item[i].proof, sizeof item[i].proof);
        item[i].envelope = tw_rd_var(in, ENVELOPE_BYTES_MAX);
        tw_comp_record_id(&item[i].comp, &item[i].record);
        if (i && tw_id_cmp(&item[i - 1].comp, &item[i].comp) >= 0)
            return tw_fail(cx, TW_EPARSE, "import batch: item %u is out of order", (unsigned)i);
    }
    return tw_rd_end(cx, in, "import batch");
}

tw_status tw_import_decode(tw_ctx *cx, tw_import_item **out, size_t *count, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    uint8_t version = tw_rd_u8(&in);
    uint32_t n = tw_rd_u32(&in);
    if (in.bad || version != VERSION)
        return tw_fail(cx, TW_EPARSE, "import batch of version %u", (unsigned)version);
    if (n > ITEMS_MAX || n > tw_rd_left(&in) / ITEM_BYTES_MIN)
        return tw_fail(cx, TW_EPARSE, "import batch: %u items in %zu bytes", (unsigned)n, bytes.n);
    *out = tw_try_array(cx->arena, tw_import_item, n);
    if (!*out)
        return tw_fail(cx, TW_ELIMIT, "import batch: no room for %u items", (unsigned)n);
    TW_TRY(read_items(cx, *out, n, &in));
    *count = n;
    return TW_OK;
}

/* ---------------------------------------------------------------- acceptance */

static tw_status check_record(tw_ctx *cx, const tw_import_item *item, uint8_t index, const tw_keeper_set *set,
                              const tw_id *sender, const tw_id *ledger)
{
    const tw_comp *c = &item->record.body;
    tw_id comp;
    tw_id set_id;
    tw_comp_record_id(&comp, &item->record);
    tw_keeper_set_id(&set_id, set);
    if (!tw_id_eq(&comp, &item->comp))
        return tw_fail(cx, TW_EVERIFY, "import: the id is not that of the record");
    if (!tw_id_eq(&c->source, sender))
        return tw_fail(cx, TW_EVERIFY, "import: the sender is not the source of the record");
    if (!tw_id_eq(&c->ledger, ledger))
        return tw_fail(cx, TW_EVERIFY, "import: the record is for another ledger");
    if (!tw_id_eq(&c->keeper_set, &set_id) || c->t != set->t || index < 1 || index > set->n)
        return tw_fail(cx, TW_EVERIFY, "import: the record is for another keeper set");
    if (!tw_pok_ok(cx, item->proof, c->p, comp.b))
        return tw_fail(cx, TW_ECRYPTO, "import: the proof of possession does not fit the record");
    return TW_OK;
}

static tw_status read_envelope(tw_ctx *cx, tw_keeper_share *out, tw_bytes plain)
{
    tw_rd in = tw_rd_of(plain);
    tw_id set_id;
    tw_rd_copy(&in, set_id.b, sizeof set_id.b);
    uint8_t index = tw_rd_u8(&in);
    tw_rd_copy(&in, out->w, sizeof out->w);
    if (out->record.body.class_grant)
        tw_rd_copy(&in, out->a, sizeof out->a);
    tw_rd_copy(&in, out->watch, sizeof out->watch);
    tw_rd_copy(&in, out->salt, sizeof out->salt);
    out->policy = tw_rd_var(&in, TW_POLICY_BYTES_MAX);
    TW_TRY(tw_rd_end(cx, &in, "envelope"));
    if (index != out->index || !tw_id_eq(&set_id, &out->record.body.keeper_set))
        return tw_fail(cx, TW_EVERIFY, "import: the envelope is for another keeper or keeper set");
    return TW_OK;
}

static tw_status check_share(tw_ctx *cx, const tw_keeper_share *s)
{
    const tw_comp *c = &s->record.body;
    uint8_t hash[32];
    if (!tw_share_ok(cx, s->w, s->index, c->commits_w[0], c->t))
        return tw_fail(cx, TW_ECRYPTO, "import: the share of w does not fit its commitments");
    if (c->class_grant && !tw_share_ok(cx, s->a, s->index, c->commits_a[0], c->t))
        return tw_fail(cx, TW_ECRYPTO, "import: the share of a does not fit its commitments");
    tw_watch_hash(hash, s->watch);
    if (memcmp(hash, c->watch_hash, sizeof hash) != 0)
        return tw_fail(cx, TW_EVERIFY, "import: the watch key is not that of the record");
    tw_policy_commit(hash, s->salt, s->policy);
    if (memcmp(hash, c->c0, sizeof hash) != 0)
        return tw_fail(cx, TW_EVERIFY, "import: the policy is not the one committed to");
    tw_policy policy;
    return tw_policy_decode(cx, &policy, s->policy);
}

tw_status tw_import_accept(tw_ctx *cx, tw_keeper_share *out, const tw_import_item *item, uint8_t index,
                           const uint8_t import_secret[32], const tw_keeper_set *set, const tw_id *sender,
                           const tw_id *ledger)
{
    *out = (tw_keeper_share){ .index = index };
    TW_TRY(check_record(cx, item, index, set, sender, ledger));
    out->record = item->record;
    out->comp = item->comp;
    tw_bytes plain;
    tw_status s = tw_box_open(cx, &plain, import_secret, item->envelope, tw_id_bytes(&item->comp));
    if (s == TW_OK)
        s = read_envelope(cx, out, plain);
    if (s == TW_OK)
        s = check_share(cx, out);
    if (s != TW_OK)
        tw_wipe(out, sizeof *out);
    return s;
}

/* ---------------------------------------------------------------- what a keeper stores */

tw_status tw_keeper_share_encode(tw_ctx *cx, tw_bytes *out, const tw_keeper_share *s)
{
    tw_buf o;
    TW_TRY(tw_seal_room(cx, &o, 1 + TW_RECORD_ROOM + 1 + 32 + 32 + 32 + 32 + 4 + s->policy.n));
    tw_buf_u8(&o, VERSION);
    tw_comp_record_encode(&o, &s->record);
    tw_buf_u8(&o, s->index);
    tw_buf_add(&o, s->w, sizeof s->w);
    tw_buf_add(&o, s->a, sizeof s->a);
    tw_buf_add(&o, s->watch, sizeof s->watch);
    tw_buf_add(&o, s->salt, sizeof s->salt);
    tw_buf_var(&o, s->policy);
    *out = tw_buf_view(&o);
    return tw_buf_check(cx, &o, "keeper share");
}

tw_status tw_keeper_share_decode(tw_ctx *cx, tw_keeper_share *out, tw_bytes bytes)
{
    *out = (tw_keeper_share){ 0 };
    tw_rd in = tw_rd_of(bytes);
    if (tw_rd_u8(&in) != VERSION)
        return tw_fail(cx, TW_EPARSE, "keeper share of another version");
    TW_TRY(tw_comp_record_read(cx, &out->record, &in));
    out->index = tw_rd_u8(&in);
    tw_rd_copy(&in, out->w, sizeof out->w);
    tw_rd_copy(&in, out->a, sizeof out->a);
    tw_rd_copy(&in, out->watch, sizeof out->watch);
    tw_rd_copy(&in, out->salt, sizeof out->salt);
    out->policy = tw_rd_var(&in, TW_POLICY_BYTES_MAX);
    TW_TRY(tw_rd_end(cx, &in, "keeper share"));
    tw_comp_record_id(&out->comp, &out->record);
    return TW_OK;
}
