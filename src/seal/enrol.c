/* Enrolment, the wallet's side. For each compartment: keys from the roots, w at random, shares of w (and of a, for
 * class grants) dealt to the keepers, a record that commits to all of it, a proof of possession of z = a + w, and
 * one sealed envelope a keeper. w is wiped before the function returns, and nothing can derive it again. */
#include "seal/seal.h"

#include "seal/seal_internal.h"

/* What must be forgotten when a compartment is made. */
typedef struct {
    tw_comp_keys keys;
    uint8_t w[TW_SCALAR];
    uint8_t z[TW_SCALAR];
    uint8_t w_shares[TW_SHARES_MAX * TW_SCALAR];
    uint8_t a_shares[TW_SHARES_MAX * TW_SCALAR];
    uint8_t salt[32];
} dealing;

static tw_status check_opts(tw_ctx *cx, const tw_wallet *w, const tw_enrol_opts *o)
{
    if (!w->has_stop)
        return tw_fail(cx, TW_ENOTFOUND, "enrolment: the stop root is not in this wallet");
    if (!w->has_root)
        return tw_fail(cx, TW_ENOTFOUND, "enrolment: the root is not in this wallet");
    if (o->set->t < 1 || o->set->t > o->set->n || o->set->n > TW_SHARES_MAX)
        return tw_fail(cx, TW_EUSAGE, "enrolment: %u of %u keepers", (unsigned)o->set->t, (unsigned)o->set->n);
    if ((o->categories & ~TW_CAT_ALL) != 0 || o->epoch_count < 1 || o->epoch_first > UINT16_MAX - o->epoch_count)
        return tw_fail(cx, TW_EUSAGE, "enrolment: categories or epochs out of range");
    return TW_OK;
}

static const tw_policy *policy_for(const tw_enrol_opts *o, tw_category category)
{
    const tw_policy *p = o->policy[category] ? o->policy[category] : o->policy[0];
    TW_ASSERT(p != NULL);
    return p;
}

/* One more than the highest that this wallet made for the place. */
static tw_status next_generation(tw_ctx *cx, uint8_t *out, const tw_wallet *w, const tw_id *source,
                                 tw_category category,
                                 uint16_t epoch)
{
    unsigned next = 0;
    for (size_t i = 0; i < w->count; i++) {
        const tw_comp *c = &w->entry[i]->record.body;
        if (c->category == category && c->epoch == epoch && tw_id_eq(&c->source, source))
            next = TW_MAX(next, c->generation + 1u);
    }
    if (next > UINT8_MAX)
        return tw_fail(cx, TW_ELIMIT, "enrolment: 256 compartments were made for one category and epoch");
    *out = (uint8_t)next;
    return TW_OK;
}

/* Commitments and P of the record, from a (known) and w (new). */
static tw_status deal(tw_ctx *cx, tw_comp *c, dealing *d, const tw_wallet *w, const tw_enrol_opts *o)
{
    tw_scalar_random(cx, d->w);
    tw_scalar_add(d->z, d->keys.a, d->w);
    TW_TRY(tw_point_base(cx, c->p, d->z));
    TW_TRY(tw_share_deal(cx, d->w_shares, c->commits_w[0], d->w, c->t, o->set->n, NULL));
    if (!c->class_grant)
        return TW_OK;
    return tw_wallet_deal_a(cx, d->a_shares, c->commits_a[0], w, c, d->keys.a, o->set->n);
}

static tw_status make_record(tw_ctx *cx, tw_wallet_entry *e, dealing *d, const tw_wallet *w, const tw_enrol_opts *o,
                             tw_category category, uint16_t epoch)
{
    tw_comp *c = &e->record.body;
    c->ledger = o->ledger;
    c->source = o->source;
    c->category = (uint8_t)category;
    c->epoch = epoch;
    c->t = o->set->t;
    c->class_grant = !o->directed;
    tw_keeper_set_id(&c->keeper_set, o->set);
    TW_TRY(next_generation(cx, &c->generation, w, &o->source, category, epoch));
    TW_TRY(tw_wallet_keys(cx, &d->keys, w, &o->source, category, epoch, c->generation));
    tw_watch_hash(c->watch_hash, d->keys.watch);
    memcpy(e->record.a, d->keys.public_a, TW_KEY);
    memcpy(e->record.k, d->keys.public_k, TW_KEY);
    tw_random(cx, d->salt, sizeof d->salt);
    TW_TRY(tw_policy_encode(cx, &e->policy, policy_for(o, category)));
    tw_policy_commit(c->c0, d->salt, e->policy);
    TW_TRY(deal(cx, c, d, w, o));
    tw_comp_record_id(&e->comp, &e->record);
    memcpy(e->salt, d->salt, sizeof e->salt);
    e->version = 1;
    e->status = 1;
    return TW_OK;
}

/* set id 32, index u8, w_i 32, [a_i 32], watch 32, salt 32, policy var */
static tw_status make_envelope(tw_ctx *cx, tw_bytes *out, const tw_wallet_entry *e, const dealing *d, uint8_t i,
                               const uint8_t import_key[TW_KEY])
{
    tw_buf plain;
    TW_TRY(tw_seal_room(cx, &plain, 32 + 1 + 32 + 32 + 32 + 32 + 4 + e->policy.n));
    tw_seal_id(&plain, &e->record.body.keeper_set);
    tw_buf_u8(&plain, (uint8_t)(i + 1));
    tw_buf_add(&plain, d->w_shares + (size_t)i * TW_SCALAR, TW_SCALAR);
    if (e->record.body.class_grant)
        tw_buf_add(&plain, d->a_shares + (size_t)i * TW_SCALAR, TW_SCALAR);
    tw_buf_add(&plain, d->keys.watch, sizeof d->keys.watch);
    tw_buf_add(&plain, e->salt, sizeof e->salt);
    tw_buf_var(&plain, e->policy);
    TW_TRY(tw_buf_check(cx, &plain, "envelope"));
    tw_status s = tw_box_seal(cx, out, import_key, tw_buf_view(&plain), tw_id_bytes(&e->comp));
    tw_wipe(plain.p, plain.n);
    return s;
}

static tw_status make_entry(tw_ctx *cx, tw_bundle_entry *out, dealing *d, tw_wallet *w, const tw_enrol_opts *o,
                            tw_category category, uint16_t epoch)
{
    tw_wallet_entry e = { 0 };
    TW_TRY(make_record(cx, &e, d, w, o, category, epoch));
    out->record = e.record;
    out->comp = e.comp;
    out->n = o->set->n;
    memcpy(out->watch, d->keys.watch, sizeof out->watch);
    TW_TRY(tw_pok_make(cx, out->proof, d->z, e.record.body.p, e.comp.b));
    for (uint8_t i = 0; i < out->n; i++)
        TW_TRY(make_envelope(cx, &out->envelope[i], &e, d, i, o->import_key[i]));
    return tw_wallet_push(cx, w, &e);
}

static tw_status make_entries(tw_ctx *cx, tw_bundle *b, tw_wallet *w, const tw_enrol_opts *o)
{
    tw_status s = TW_OK;
    for (uint16_t k = 0; k < o->epoch_count; k++) {
        for (unsigned category = 1; category <= TW_CATEGORY_COUNT && s == TW_OK; category++) {
            if (!(o->categories & TW_CAT_BIT(category)))
                continue;
            dealing d = { 0 };
            s = make_entry(cx, &b->entry[b->count++], &d, w, o, (tw_category)category, (uint16_t)(o->epoch_first + k));
            tw_wipe(&d, sizeof d);
        }
    }
    return s;
}

static tw_status seal_bundle(tw_ctx *cx, tw_bytes *sealed, const tw_bundle *b, const tw_enrol_opts *o)
{
    uint8_t aad[64];
    tw_bytes plain;
    memcpy(aad, o->ledger.b, 32);
    memcpy(aad + 32, o->source.b, 32);
    TW_TRY(tw_bundle_encode(cx, &plain, b, true));
    return tw_box_seal(cx, sealed, o->source_x25519, plain, TW_BYTES(aad));
}

tw_status tw_enrol_make(tw_ctx *cx, tw_bytes *sealed, tw_wallet *w, const tw_enrol_opts *opts)
{
    *sealed = (tw_bytes){ 0 };
    TW_TRY(check_opts(cx, w, opts));
    tw_bundle b = { 0 };
    b.entry = tw_try_array(cx->arena, tw_bundle_entry, (size_t)opts->epoch_count * TW_CATEGORY_COUNT);
    if (!b.entry)
        return tw_fail(cx, TW_ELIMIT, "enrolment: no room for %u epochs", (unsigned)opts->epoch_count);
    tw_wallet_person(b.id_key, &b.shift_weeks, w);
    tw_person_handle(b.handle, b.id_key);
    memcpy(b.binding, opts->binding, sizeof b.binding);
    const size_t before = w->count;
    tw_status s = make_entries(cx, &b, w, opts);
    if (s == TW_OK)
        s = seal_bundle(cx, sealed, &b, opts);
    if (s != TW_OK)
        tw_wallet_cut(w, before);
    tw_wipe(b.id_key, sizeof b.id_key);
    return s;
}
