/* Wallets: two roots in guarded memory, and what their owner knows of each compartment. All keys are derived when they
 * are needed: HKDF-SHA512(root, label || place), one label a purpose. */
#include "seal/seal.h"

#include "seal/seal_internal.h"

#define ROOT 32

/* Where a key belongs: source 32, category u8, epoch u16, generation u8. */
#define PLACE_BYTES (32 + 1 + 2 + 1)
#define INFO_MAX (32 + PLACE_BYTES + 1)

typedef struct {
    uint8_t p[INFO_MAX];
    size_t n;
} key_info;

static key_info info_of(const char *label)
{
    key_info info = { .n = strlen(label) };
    TW_ASSERT(info.n <= 32);
    memcpy(info.p, label, info.n);
    return info;
}

static key_info info_at(const char *label, const tw_id *source, tw_category category, uint16_t epoch,
                        uint8_t generation)
{
    key_info info = info_of(label);
    memcpy(info.p + info.n, source->b, 32);
    info.p[info.n + 32] = (uint8_t)category;
    tw_put_be16(info.p + info.n + 33, epoch);
    info.p[info.n + 35] = generation;
    info.n += PLACE_BYTES;
    return info;
}

static tw_bytes root_of(const tw_wallet *w)
{
    return (tw_bytes){ tw_secret_p(w->roots), ROOT };
}

static tw_bytes stop_root_of(const tw_wallet *w)
{
    return (tw_bytes){ tw_secret_p(w->roots) + ROOT, ROOT };
}

static void derive(uint8_t *out, size_t n, tw_bytes root, const key_info *info)
{
    tw_hkdf_sha512(out, n, root, (tw_bytes){ 0 }, (tw_bytes){ info->p, info->n });
}

static void derive_scalar(uint8_t out[TW_SCALAR], tw_bytes root, const key_info *info)
{
    uint8_t wide[64];
    derive(wide, sizeof wide, root, info);
    tw_scalar_reduce(out, wide);
    tw_wipe(wide, sizeof wide);
}

static void derive_sign(uint8_t public_key[TW_KEY], uint8_t secret[64], tw_bytes root, const key_info *info)
{
    uint8_t seed[32];
    derive(seed, sizeof seed, root, info);
    tw_sign_keys(public_key, secret, seed);
    tw_wipe(seed, sizeof seed);
}

/* ---------------------------------------------------------------- life */

tw_status tw_wallet_make(tw_ctx *cx, tw_wallet **out, tw_str label)
{
    if (label.n > TW_WALLET_LABEL_MAX)
        return tw_fail(cx, TW_ELIMIT, "wallet label of more than %d bytes", TW_WALLET_LABEL_MAX);
    if (!tw_utf8_valid(label))
        return tw_fail(cx, TW_EPARSE, "wallet label is not UTF-8");
    tw_wallet *w = tw_mem_alloc(sizeof *w);
    if (!w)
        return tw_fail(cx, TW_ELIMIT, "no memory for a wallet");
    w->roots = tw_secret_new(2 * (size_t)ROOT);
    w->label_n = label.n;
    if (label.n)
        memcpy(w->label, label.p, label.n);
    *out = w;
    return TW_OK;
}

tw_status tw_wallet_new(tw_ctx *cx, tw_wallet **out, tw_str label)
{
    TW_TRY(tw_wallet_make(cx, out, label));
    tw_random(cx, tw_secret_p((*out)->roots), 2 * (size_t)ROOT);
    (*out)->has_root = true;
    (*out)->has_stop = true;
    return TW_OK;
}

void tw_wallet_free(tw_wallet *w)
{
    if (!w)
        return;
    tw_wallet_cut(w, 0);
    tw_mem_free(w->entry);
    tw_secret_free(w->roots);
    tw_mem_free(w);
}

/* ---------------------------------------------------------------- entries */

/* Policies of entries are heap copies that the entry owns; the public field is const to others. */
static void drop_policy(tw_wallet_entry *e)
{
    union {
        const uint8_t *view;
        void *own;
    } policy = { e->policy.p };
    tw_mem_free(policy.own);
    e->policy = (tw_bytes){ 0 };
}

tw_status tw_wallet_set_policy(tw_ctx *cx, tw_wallet_entry *e, tw_bytes policy)
{
    uint8_t *p = policy.n <= TW_POLICY_BYTES_MAX ? tw_mem_alloc(TW_MAX(policy.n, (size_t)1)) : NULL;
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "policy of %zu bytes", policy.n);
    if (policy.n)
        memcpy(p, policy.p, policy.n);
    drop_policy(e);
    e->policy = (tw_bytes){ p, policy.n };
    return TW_OK;
}

static bool make_room(tw_wallet *w)
{
    if (w->count < w->cap)
        return true;
    size_t cap = w->cap ? 2 * w->cap : 32;
    tw_wallet_entry **entry = tw_mem_resize(w->entry, cap * sizeof *entry);
    if (!entry)
        return false;
    w->entry = entry;
    w->cap = cap;
    return true;
}

tw_status tw_wallet_push(tw_ctx *cx, tw_wallet *w, const tw_wallet_entry *entry)
{
    if (w->count >= TW_WALLET_ENTRIES_MAX)
        return tw_fail(cx, TW_ELIMIT, "a wallet holds %d compartments at most", TW_WALLET_ENTRIES_MAX);
    tw_wallet_entry *e = make_room(w) ? tw_mem_alloc(sizeof *e) : NULL;
    if (!e)
        return tw_fail(cx, TW_ELIMIT, "no memory for a compartment");
    *e = *entry;
    e->policy = (tw_bytes){ 0 };
    tw_status s = tw_wallet_set_policy(cx, e, entry->policy);
    if (s != TW_OK) {
        tw_mem_free(e);
        return s;
    }
    w->entry[w->count++] = e;
    return TW_OK;
}

void tw_wallet_cut(tw_wallet *w, size_t count)
{
    while (w->count > count) {
        tw_wallet_entry *e = w->entry[--w->count];
        drop_policy(e);
        tw_mem_free(e);
    }
}

size_t tw_wallet_count(const tw_wallet *w)
{
    return w->count;
}

tw_wallet_entry *tw_wallet_at(tw_wallet *w, size_t i)
{
    TW_ASSERT(i < w->count);
    return w->entry[i];
}

tw_wallet_entry *tw_wallet_find(tw_wallet *w, const tw_id *comp)
{
    for (size_t i = 0; i < w->count; i++)
        if (tw_id_eq(&w->entry[i]->comp, comp))
            return w->entry[i];
    return NULL;
}

tw_status tw_wallet_forget_source(tw_ctx *cx, tw_wallet *w, const tw_id *source)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->count; i++) {
        tw_wallet_entry *e = w->entry[i];
        if (!tw_id_eq(&e->record.body.source, source)) {
            w->entry[kept++] = e;
            continue;
        }
        drop_policy(e);
        tw_mem_free(e);
    }
    if (kept == w->count)
        return tw_fail(cx, TW_ENOTFOUND, "no compartment of this source in this wallet");
    w->count = kept;
    return TW_OK;
}

/* ---------------------------------------------------------------- facts */

tw_str tw_wallet_label(const tw_wallet *w)
{
    return (tw_str){ w->label, w->label_n };
}

bool tw_wallet_has_stop_root(const tw_wallet *w)
{
    return w->has_stop;
}

bool tw_wallet_has_root(const tw_wallet *w)
{
    return w->has_root;
}

void tw_wallet_take_stop_root(tw_wallet *w, const tw_wallet *from)
{
    TW_ASSERT(from->has_stop);
    memcpy(tw_secret_p(w->roots) + ROOT, tw_secret_p(from->roots) + ROOT, ROOT);
    w->has_stop = true;
}

void tw_wallet_seen(const tw_wallet *w, uint64_t *log_size, uint8_t log_root[32])
{
    *log_size = w->seen_size;
    memcpy(log_root, w->seen_root, 32);
}

void tw_wallet_see(tw_wallet *w, uint64_t log_size, const uint8_t log_root[32])
{
    w->seen_size = log_size;
    memcpy(w->seen_root, log_root, 32);
}

/* ---------------------------------------------------------------- keys */

void tw_wallet_person(uint8_t id_key[32], int16_t *shift_weeks, const tw_wallet *w)
{
    TW_ASSERT(w->has_root);
    uint8_t wide[8];
    const key_info id = info_of("tw/key/id/1");
    const key_info shift = info_of("tw/key/shift/1");
    derive(id_key, 32, root_of(w), &id);
    derive(wide, sizeof wide, root_of(w), &shift);
    *shift_weeks = (int16_t)(-1 - (int)(tw_be64(wide) % 52));
    tw_wipe(wide, sizeof wide);
}

void tw_person_handle(uint8_t handle[16], const uint8_t id_key[32])
{
    uint8_t mac[TW_HASH];
    tw_hmac_sha256(mac, (tw_bytes){ id_key, 32 }, "tw/self/1", (tw_bytes){ 0 });
    memcpy(handle, mac, 16);
}

void tw_wallet_handle(uint8_t handle[16], const tw_wallet *w)
{
    uint8_t id_key[32];
    int16_t shift;
    tw_wallet_person(id_key, &shift, w);
    tw_person_handle(handle, id_key);
    tw_wipe(id_key, sizeof id_key);
}

tw_status tw_wallet_keys(tw_ctx *cx, tw_comp_keys *out, const tw_wallet *w, const tw_id *source, tw_category category,
                         uint16_t epoch, uint8_t generation)
{
    *out = (tw_comp_keys){ 0 };
    if (category < 1 || category > TW_CATEGORY_COUNT)
        return tw_fail(cx, TW_EUSAGE, "there is no category %d", (int)category);
    const key_info a = info_at("tw/key/a/1", source, category, epoch, generation);
    const key_info sign_a = info_at("tw/key/A/1", source, category, epoch, generation);
    const key_info sign_k = info_at("tw/key/K/1", source, category, epoch, generation);
    const key_info watch = info_at("tw/key/watch/1", source, category, epoch, generation);
    if (w->has_root) {
        derive_scalar(out->a, root_of(w), &a);
        derive_sign(out->public_a, out->sign_a, root_of(w), &sign_a);
        derive(out->watch, sizeof out->watch, root_of(w), &watch);
    }
    out->has_a = w->has_root;
    if (w->has_stop)
        derive_sign(out->public_k, out->sign_k, stop_root_of(w), &sign_k);
    out->has_k = w->has_stop;
    return TW_OK;
}

void tw_comp_keys_wipe(tw_comp_keys *k)
{
    tw_wipe(k, sizeof *k);
}

tw_status tw_wallet_deal_a(tw_ctx *cx, uint8_t *shares, uint8_t *commits, const tw_wallet *w, const tw_comp *c,
                           const uint8_t a[TW_SCALAR], unsigned n)
{
    TW_ASSERT(w->has_root);
    uint8_t coefs[TW_SHARES_MAX * TW_SCALAR];
    key_info info = info_at("tw/key/a-poly/1", &c->source, (tw_category)c->category, c->epoch, c->generation);
    info.n++;
    for (unsigned j = 1; j < c->t; j++) {
        info.p[info.n - 1] = (uint8_t)j;
        derive_scalar(coefs + (size_t)(j - 1) * TW_SCALAR, root_of(w), &info);
    }
    tw_status s = tw_share_deal(cx, shares, commits, a, c->t, n, coefs);
    tw_wipe(coefs, sizeof coefs);
    return s;
}

void tw_watch_hash(uint8_t out[32], const uint8_t watch[32])
{
    const tw_bytes field = { watch, 32 };
    tw_hash_label(out, "tw/watch/1", &field, 1);
}

/* ---------------------------------------------------------------- bytes */

tw_status tw_seal_room(tw_ctx *cx, tw_buf *out, size_t bytes_max)
{
    tw_buf_init(out, bytes_max);
    out->p = tw_arena_try(cx->arena, bytes_max);
    if (!out->p)
        return tw_fail(cx, TW_ELIMIT, "no room for %zu bytes", bytes_max);
    out->cap = bytes_max;
    return TW_OK;
}

void tw_seal_id(tw_buf *out, const tw_id *id)
{
    tw_buf_add(out, id->b, sizeof id->b);
}
