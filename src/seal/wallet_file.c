/* The wallet file (docs/formats/wallet.md): a head, and a body that is either plain with a hash after it, or sealed by
 * XChaCha20-Poly1305 under a key that Argon2id makes of a pass phrase. The head is the associated data. */
#include "seal/seal.h"

#include <sodium.h>

#include "seal/seal_internal.h"

static const char magic[8] = { 'T', 'W', 'W', 'A', 'L', 'L', 'E', 'T' };
enum { VERSION = 1, PLAIN = 0, ARGON2ID = 1 };
/* Which roots a file has: its own, both, or the stop root alone. */
typedef enum { ROOT_ONLY = 0, BOTH_ROOTS = 1, STOP_ONLY = 2 } parts;

#define HEAD_PLAIN (sizeof magic + 2)
#define HEAD_SEALED (HEAD_PLAIN + 16 + 4 + 4 + 24)
/* RFC 9106 section 4, second recommended option, with the one lane that libsodium has. */
#define PASSES 3
#define MEMORY_KIB (64 * 1024)
#define PASSES_MAX 16
#define MEMORY_KIB_MAX (1024 * 1024)

typedef struct {
    uint8_t salt[16];
    uint32_t passes;
    uint32_t memory_kib;
    uint8_t nonce[24];
} lock;

static void put_head(tw_buf *out, uint8_t protection, const lock *k)
{
    tw_buf_add(out, magic, sizeof magic);
    tw_buf_u8(out, VERSION);
    tw_buf_u8(out, protection);
    if (protection == PLAIN)
        return;
    tw_buf_add(out, k->salt, sizeof k->salt);
    tw_buf_u32(out, k->passes);
    tw_buf_u32(out, k->memory_kib);
    tw_buf_add(out, k->nonce, sizeof k->nonce);
}

static tw_status stretch(tw_ctx *cx, uint8_t key[32], const lock *k, tw_str pass_phrase)
{
    if (k->passes < 1 || k->passes > PASSES_MAX || k->memory_kib < 8 || k->memory_kib > MEMORY_KIB_MAX)
        return tw_fail(cx, TW_ELIMIT, "wallet: Argon2id with %u passes over %u KiB", (unsigned)k->passes,
                       (unsigned)k->memory_kib);
    if (crypto_pwhash(key, 32, pass_phrase.p, pass_phrase.n, k->salt, k->passes, (size_t)k->memory_kib * TW_KIB,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return tw_fail(cx, TW_ELIMIT, "wallet: no memory for Argon2id");
    return TW_OK;
}

/* ---------------------------------------------------------------- body */

static void put_entry(tw_buf *out, const tw_wallet_entry *e, parts which)
{
    static const uint8_t nothing[32];
    const bool all = which != STOP_ONLY;
    tw_comp_record_encode(out, &e->record);
    tw_buf_u32(out, e->version);
    tw_buf_u8(out, e->status);
    tw_buf_add(out, all ? e->salt : nothing, sizeof e->salt);
    tw_buf_var(out, all ? e->policy : (tw_bytes){ NULL, 0 });
    tw_buf_add(out, all ? e->grant_x : nothing, sizeof e->grant_x);
}

static void put_body(tw_buf *out, const tw_wallet *w, parts which)
{
    tw_buf_var(out, tw_bytes_of(tw_wallet_label(w)));
    tw_buf_u8(out, (uint8_t)which);
    tw_buf_add(out, tw_secret_p(w->roots) + (which == STOP_ONLY ? 32 : 0), which == BOTH_ROOTS ? 64 : 32);
    tw_buf_u64(out, w->seen_size);
    tw_buf_add(out, w->seen_root, sizeof w->seen_root);
    tw_buf_u32(out, (uint32_t)w->count);
    for (size_t i = 0; i < w->count; i++)
        put_entry(out, w->entry[i], which);
}

static size_t body_room(const tw_wallet *w)
{
    size_t n = 4 + TW_WALLET_LABEL_MAX + 1 + 64 + 8 + 32 + 4;
    for (size_t i = 0; i < w->count; i++)
        n += TW_RECORD_ROOM + 4 + 1 + 32 + 4 + w->entry[i]->policy.n + TW_POINT;
    return n;
}

static tw_status save(tw_ctx *cx, tw_bytes *out, const tw_wallet *w, parts which, tw_str pass_phrase)
{
    tw_buf body;
    tw_buf file;
    TW_TRY(tw_seal_room(cx, &body, body_room(w)));
    put_body(&body, w, which);
    TW_TRY(tw_buf_check(cx, &body, "wallet"));
    TW_TRY(tw_seal_room(cx, &file, HEAD_SEALED + body.n + TW_HASH));
    if (pass_phrase.n == 0) {
        put_head(&file, PLAIN, NULL);
        tw_buf_add(&file, body.p, body.n);
        uint8_t check[TW_HASH];
        tw_sha256_of(check, tw_buf_view(&file));
        tw_buf_add(&file, check, sizeof check);
    } else {
        lock k = { .passes = PASSES, .memory_kib = MEMORY_KIB };
        tw_random(cx, k.salt, sizeof k.salt);
        tw_random(cx, k.nonce, sizeof k.nonce);
        put_head(&file, ARGON2ID, &k);
        uint8_t key[32];
        TW_TRY(stretch(cx, key, &k, pass_phrase));
        tw_xaead_seal(file.p + file.n, key, k.nonce, tw_buf_view(&file), tw_buf_view(&body));
        file.n += body.n + TW_AEAD_TAG;
        tw_wipe(key, sizeof key);
    }
    tw_wipe(body.p, body.n);
    *out = tw_buf_view(&file);
    return TW_OK;
}

tw_status tw_wallet_save(tw_ctx *cx, tw_bytes *out, const tw_wallet *w, bool with_stop, tw_str pass_phrase)
{
    if (!w->has_root)
        return tw_wallet_save_stop(cx, out, w, pass_phrase);
    return save(cx, out, w, with_stop && w->has_stop ? BOTH_ROOTS : ROOT_ONLY, pass_phrase);
}

tw_status tw_wallet_save_stop(tw_ctx *cx, tw_bytes *out, const tw_wallet *w, tw_str pass_phrase)
{
    if (!w->has_stop)
        return tw_fail(cx, TW_ENOTFOUND, "the stop root is not in this wallet");
    return save(cx, out, w, STOP_ONLY, pass_phrase);
}

/* ---------------------------------------------------------------- loading */

/* The entry's public keys must be those that the roots give: an altered root is found here. */
static tw_status check_entry(tw_ctx *cx, const tw_wallet *w, const tw_wallet_entry *e)
{
    const tw_comp *c = &e->record.body;
    tw_comp_keys keys;
    TW_TRY(tw_wallet_keys(cx, &keys, w, &c->source, (tw_category)c->category, c->epoch, c->generation));
    bool same = true;
    if (keys.has_a)
        same = memcmp(keys.public_a, e->record.a, TW_KEY) == 0;
    if (keys.has_k)
        same = same && memcmp(keys.public_k, e->record.k, TW_KEY) == 0;
    tw_comp_keys_wipe(&keys);
    return same ? TW_OK : tw_fail(cx, TW_EPARSE, "wallet: a compartment's keys do not come from this root");
}

static tw_status read_entry(tw_ctx *cx, tw_wallet *w, tw_rd *in)
{
    tw_wallet_entry e = { 0 };
    TW_TRY(tw_comp_record_read(cx, &e.record, in));
    e.version = tw_rd_u32(in);
    e.status = tw_rd_u8(in);
    tw_rd_copy(in, e.salt, sizeof e.salt);
    e.policy = tw_rd_var(in, TW_POLICY_BYTES_MAX);
    tw_rd_copy(in, e.grant_x, sizeof e.grant_x);
    if (in->bad || e.version < 1 || e.status < 1 || e.status > 3)
        return tw_fail(cx, TW_EPARSE, "wallet: compartment %zu is short or out of range", w->count);
    tw_comp_record_id(&e.comp, &e.record);
    TW_TRY(check_entry(cx, w, &e));
    return tw_wallet_push(cx, w, &e);
}

static tw_status read_rest(tw_ctx *cx, tw_wallet *w, tw_rd *in)
{
    uint32_t count = tw_rd_u32(in);
    for (uint32_t i = 0; i < count; i++)
        TW_TRY(read_entry(cx, w, in));
    return tw_rd_end(cx, in, "wallet");
}

static tw_status read_body(tw_ctx *cx, tw_wallet **out, tw_bytes body)
{
    tw_rd in = tw_rd_of(body);
    tw_str label = tw_str_of_bytes(tw_rd_var(&in, TW_WALLET_LABEL_MAX));
    uint8_t which = tw_rd_u8(&in);
    if (in.bad || which > STOP_ONLY)
        return tw_fail(cx, TW_EPARSE, "wallet: short or out of range");
    tw_wallet *w;
    TW_TRY(tw_wallet_make(cx, &w, label));
    w->has_root = which != STOP_ONLY;
    w->has_stop = which != ROOT_ONLY;
    tw_rd_copy(&in, tw_secret_p(w->roots) + (w->has_root ? 0 : 32), which == BOTH_ROOTS ? 64 : 32);
    w->seen_size = tw_rd_u64(&in);
    tw_rd_copy(&in, w->seen_root, sizeof w->seen_root);
    tw_status s = read_rest(cx, w, &in);
    if (s == TW_OK)
        *out = w;
    else
        tw_wallet_free(w);
    return s;
}

static tw_status open_plain(tw_ctx *cx, tw_wallet **out, tw_bytes file)
{
    uint8_t check[TW_HASH];
    if (file.n < HEAD_PLAIN + TW_HASH)
        return tw_fail(cx, TW_EPARSE, "wallet: short");
    size_t n = file.n - TW_HASH;
    tw_sha256_of(check, (tw_bytes){ file.p, n });
    if (memcmp(check, file.p + n, TW_HASH) != 0)
        return tw_fail(cx, TW_ECRYPTO, "wallet: the file was altered or cut");
    return read_body(cx, out, (tw_bytes){ file.p + HEAD_PLAIN, n - HEAD_PLAIN });
}

static tw_status open_sealed(tw_ctx *cx, tw_wallet **out, tw_bytes file, tw_str pass_phrase)
{
    if (file.n < HEAD_SEALED + TW_AEAD_TAG)
        return tw_fail(cx, TW_EPARSE, "wallet: short");
    if (pass_phrase.n == 0)
        return tw_fail(cx, TW_ECRYPTO, "wallet: protected by a pass phrase, and none was given");
    tw_rd in = tw_rd_of((tw_bytes){ file.p + HEAD_PLAIN, file.n - HEAD_PLAIN });
    lock k;
    tw_rd_copy(&in, k.salt, sizeof k.salt);
    k.passes = tw_rd_u32(&in);
    k.memory_kib = tw_rd_u32(&in);
    tw_rd_copy(&in, k.nonce, sizeof k.nonce);
    const tw_bytes cipher = { file.p + HEAD_SEALED, file.n - HEAD_SEALED };
    uint8_t *body = tw_arena_try(cx->arena, cipher.n);
    if (!body)
        return tw_fail(cx, TW_ELIMIT, "no room for a wallet of %zu bytes", file.n);
    uint8_t key[32];
    TW_TRY(stretch(cx, key, &k, pass_phrase));
    tw_status s = tw_xaead_open(cx, body, key, k.nonce, (tw_bytes){ file.p, HEAD_SEALED }, cipher);
    tw_wipe(key, sizeof key);
    if (s != TW_OK)
        return tw_fail(cx, TW_ECRYPTO, "wallet: wrong pass phrase, or the file was altered");
    s = read_body(cx, out, (tw_bytes){ body, cipher.n - TW_AEAD_TAG });
    tw_wipe(body, cipher.n);
    return s;
}

tw_status tw_wallet_load(tw_ctx *cx, tw_wallet **out, tw_bytes file, tw_str pass_phrase)
{
    *out = NULL;
    if (file.n < HEAD_PLAIN || memcmp(file.p, magic, sizeof magic) != 0)
        return tw_fail(cx, TW_EPARSE, "not a wallet file");
    if (file.p[sizeof magic] != VERSION)
        return tw_fail(cx, TW_EPARSE, "wallet of version %u; this program reads %d", (unsigned)file.p[sizeof magic],
                       VERSION);
    uint8_t protection = file.p[sizeof magic + 1];
    if (protection == PLAIN)
        return open_plain(cx, out, file);
    if (protection == ARGON2ID)
        return open_sealed(cx, out, file, pass_phrase);
    return tw_fail(cx, TW_EPARSE, "wallet: unknown protection %u", (unsigned)protection);
}
