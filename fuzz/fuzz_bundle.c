/* What wallets, sources and keepers hand to each other. First byte: what the rest is.
 *  0  a bundle, plain text     1  an import batch          2  what a keeper stores of a compartment
 *  3  the body of a wallet file, without pass phrase       4  the plain text of a grant mail, sealed here
 *  5  length u8 (4: as it is), then a difference (xor): a genuine envelope's plain text with both applied, sealed here
 * Must hold: what decodes encodes to the same bytes; a keeper accepts exactly the genuine envelope. */
#include "support.h"

#include "seal/seal.h"

#define KEEPERS 2

static void bundle(tw_ctx *cx, tw_bytes in)
{
    tw_bundle b, bare;
    tw_bytes again;
    if (tw_bundle_decode(cx, &b, in) != TW_OK)
        return;
    FUZZ_CHECK(tw_bundle_encode(cx, &again, &b, true) == TW_OK && tw_bytes_eq(in, again));
    FUZZ_CHECK(tw_bundle_encode(cx, &again, &b, false) == TW_OK && tw_bundle_decode(cx, &bare, again) == TW_OK);
    FUZZ_CHECK(bare.count == b.count);
}

static void import(tw_ctx *cx, tw_bytes in)
{
    tw_import_item *item;
    size_t count;
    tw_bytes again;
    if (tw_import_decode(cx, &item, &count, in) != TW_OK)
        return;
    tw_bundle_entry *entry = tw_try_array(cx->arena, tw_bundle_entry, count + 1);
    const tw_bundle_entry **list = tw_try_array(cx->arena, const tw_bundle_entry *, count + 1);
    FUZZ_CHECK(entry && list);
    for (size_t i = 0; i < count; i++) {
        entry[i] = (tw_bundle_entry){ .record = item[i].record, .comp = item[i].comp, .n = 1 };
        memcpy(entry[i].proof, item[i].proof, sizeof entry[i].proof);
        entry[i].envelope[0] = item[i].envelope;
        list[i] = &entry[i];
    }
    FUZZ_CHECK(tw_import_encode(cx, &again, list, count, 1) == TW_OK && tw_bytes_eq(in, again));
}

static void keeper_share(tw_ctx *cx, tw_bytes in)
{
    tw_keeper_share s;
    tw_bytes again;
    if (tw_keeper_share_decode(cx, &s, in) == TW_OK)
        FUZZ_CHECK(tw_keeper_share_encode(cx, &again, &s) == TW_OK && tw_bytes_eq(in, again));
}

static void wallet(tw_ctx *cx, tw_bytes in)
{
    static const char head[] = "TWWALLET\1";
    uint8_t check[TW_HASH];
    tw_wallet *w;
    tw_bytes again;
    tw_buf file;
    tw_buf_init(&file, TW_MIB);
    tw_buf_add(&file, head, sizeof head); /* with its NUL: no pass phrase */
    tw_buf_add(&file, in.p, in.n);
    tw_sha256_of(check, tw_buf_view(&file));
    tw_buf_add(&file, check, sizeof check);
    tw_bytes bytes = fuzz_taken(cx, &file);
    if (tw_wallet_load(cx, &w, bytes, (tw_str){ 0 }) != TW_OK)
        return;
    FUZZ_CHECK(tw_wallet_save(cx, &again, w, true, (tw_str){ 0 }) == TW_OK && tw_bytes_eq(bytes, again));
    tw_wallet_free(w);
}

/* ---------------------------------------------------------------- sealed here */

typedef struct {
    tw_id ledger, source;
    tw_keeper_set set;
    uint8_t secret[KEEPERS][32];
    tw_import_item item;
    tw_bytes envelope; /* plain text of keeper 1's */
} enrolled;

static tw_ctx kept; /* lives as long as the process */
static enrolled one;

/* One compartment of one wallet, with class shares; entropy begins anew, so it is the same in every run. */
static void enrol(void)
{
    static uint8_t source_secret[32] = { 77 };
    uint8_t import_key[KEEPERS][TW_KEY];
    tw_policy policy = { .permission = TW_DUO_GRU, .categories = TW_CAT_ALL, .until_s = UINT64_MAX };
    tw_enrol_opts o = { .set = &one.set, .epoch_first = 2026, .epoch_count = 1, .policy = { &policy } };
    tw_wallet *w;
    tw_bytes sealed;
    tw_bundle b;
    fuzz_begin(&kept, 64 * TW_MIB);
    one.ledger.b[0] = o.ledger.b[0] = 1;
    one.source.b[0] = o.source.b[0] = 2;
    one.set = (tw_keeper_set){ .generation = 1, .t = 2, .n = KEEPERS };
    for (uint8_t i = 0; i < KEEPERS; i++) {
        one.set.party[i].b[0] = i;
        one.secret[i][0] = (uint8_t)(30 + i);
        tw_box_keys(import_key[i], one.secret[i]);
    }
    tw_box_keys(o.source_x25519, source_secret);
    o.import_key = (const uint8_t(*)[TW_KEY])import_key;
    o.categories = TW_CAT_BIT(TW_CAT_LABS);
    FUZZ_CHECK(tw_wallet_new(&kept, &w, TW_STR("fuzz")) == TW_OK);
    FUZZ_CHECK(tw_enrol_make(&kept, &sealed, w, &o) == TW_OK);
    tw_wallet_free(w);
    FUZZ_CHECK(tw_bundle_open(&kept, &b, sealed, source_secret, &one.source, &one.ledger) == TW_OK && b.count == 1);
    one.item = (tw_import_item){ .record = b.entry[0].record, .comp = b.entry[0].comp };
    memcpy(one.item.proof, b.entry[0].proof, sizeof one.item.proof);
    FUZZ_CHECK(tw_box_open(&kept, &one.envelope, one.secret[0], b.entry[0].envelope[0], tw_id_bytes(&one.item.comp)) ==
               TW_OK);
}

static tw_bytes sealed_for_keeper(tw_ctx *cx, tw_bytes plain)
{
    uint8_t key[TW_KEY];
    tw_bytes sealed;
    tw_box_keys(key, one.secret[0]);
    FUZZ_CHECK(tw_box_seal(cx, &sealed, key, plain, tw_id_bytes(&one.item.comp)) == TW_OK);
    return sealed;
}

static void mail(tw_ctx *cx, tw_bytes in)
{
    tw_mail m;
    uint8_t c[32];
    if (tw_mail_open(cx, &m, sealed_for_keeper(cx, in), one.secret[0], &one.item.record, 1) != TW_OK)
        return;
    tw_policy_commit(c, m.salt, m.policy);
    FUZZ_CHECK(tw_mail_check(cx, &m, m.version, c) == TW_OK && tw_mail_check(cx, &m, m.version - 1, c) != TW_OK);
}

static void envelope(tw_ctx *cx, tw_bytes in)
{
    tw_keeper_share s;
    tw_import_item item = one.item;
    size_t n = one.envelope.n + fuzz_take(&in) % 8u - 4;
    uint8_t *p = tw_arena_get(cx->arena, n);
    fuzz_fill(p, n, &in);
    for (size_t i = 0; i < n && i < one.envelope.n; i++)
        p[i] ^= one.envelope.p[i];
    in = (tw_bytes){ p, n };
    item.envelope = sealed_for_keeper(cx, in);
    tw_status st = tw_import_accept(cx, &s, &item, 1, one.secret[0], &one.set, &one.source, &one.ledger);
    FUZZ_CHECK((st == TW_OK) == tw_bytes_eq(in, one.envelope));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_bytes in = { data, size };
    if (!kept.arena)
        enrol();
    fuzz_begin(&cx, 64 * TW_MIB);
    switch (fuzz_take(&in) % 6) {
    case 0:
        bundle(&cx, in);
        break;
    case 1:
        import(&cx, in);
        break;
    case 2:
        keeper_share(&cx, in);
        break;
    case 3:
        wallet(&cx, in);
        break;
    case 4:
        mail(&cx, in);
        break;
    default:
        envelope(&cx, in);
        break;
    }
    fuzz_message_clean(tw_str_of(cx.err.msg), (tw_bytes){ 0 });
    tw_ctx_done(&cx);
    return 0;
}
