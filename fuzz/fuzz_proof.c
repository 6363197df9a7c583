/* Proofs that others check. First byte: what the rest is.
 *  0  key number, then the state proof of a key that is there       1  the same of a key that is not
 *  2  entry number, then the text of a log proof (C2SP tlog-proof)  3  a checkpoint note
 *  4  size u64, root 32: signed here as a checkpoint                5  a verifier key
 *  6  index, entry, then a Merkle path                              7  earlier size u8, then a consistency proof
 * Must hold: what is accepted is true of the genuine ledger, whatever its bytes; a state proof has one form. */
#include "world.h"

static const tw_ledger *ledger;

static void state_proof(tw_ctx *cx, tw_bytes in, bool there)
{
    uint8_t root[32], key[33];
    tw_bytes genuine, value;
    bool present;
    unsigned which = fuzz_take(&in) % TW_COUNT(fuzz_world()->spec);
    key[0] = TW_STATE_PARTY;
    memcpy(key + 1, fuzz_world()->spec[which].id.b, 32);
    key[32] ^= there ? 0 : 1;
    tw_ledger_state_root(root, ledger);
    FUZZ_CHECK(tw_ledger_prove_state(cx, &genuine, &value, ledger, key) == TW_OK && (value.n != 0) == there);
    tw_status s = tw_state_proof_ok(cx, &present, root, key, value, in);
    FUZZ_CHECK((s == TW_OK) == tw_bytes_eq(in, genuine));
    FUZZ_CHECK(s != TW_OK || present == there);
    if (there) /* nothing proves that it is absent */
        FUZZ_CHECK(tw_state_proof_ok(cx, &present, root, key, (tw_bytes){ 0 }, in) != TW_OK);
}

static void check_root(uint64_t size, const uint8_t root[32])
{
    uint8_t want[32];
    FUZZ_CHECK(size <= tw_ledger_size(ledger));
    tw_ledger_log_root_at(want, ledger, size);
    FUZZ_CHECK(memcmp(root, want, sizeof want) == 0);
}

static void log_proof(tw_ctx *cx, tw_bytes in)
{
    uint64_t index, size;
    uint8_t root[32];
    const tw_genesis *g = tw_ledger_genesis(ledger);
    uint64_t idx = fuzz_take(&in) % tw_ledger_size(ledger);
    if (tw_tlog_proof_open(cx, &index, &size, root, tw_str_of_bytes(in), fuzz_entry(idx), g->origin, g->log_key) !=
        TW_OK)
        return;
    FUZZ_CHECK(index == idx && index < size);
    check_root(size, root);
}

static void checkpoint(tw_ctx *cx, tw_bytes in)
{
    uint64_t size;
    uint8_t root[32];
    const tw_genesis *g = tw_ledger_genesis(ledger);
    if (tw_checkpoint_open(cx, &size, root, tw_str_of_bytes(in), g->origin, g->log_key) == TW_OK)
        check_root(size, root);
}

static void signed_checkpoint(tw_ctx *cx, tw_bytes in)
{
    uint8_t root[32], size8[8], back[32];
    uint64_t size = 0;
    tw_str note;
    const tw_genesis *g = tw_ledger_genesis(ledger);
    fuzz_fill(size8, sizeof size8, &in);
    fuzz_fill(root, sizeof root, &in);
    FUZZ_CHECK(tw_checkpoint_sign(cx, &note, g->origin, tw_be64(size8), root, fuzz_world()->log_seed) == TW_OK);
    tw_status s = tw_checkpoint_open(cx, &size, back, note, g->origin, g->log_key);
    FUZZ_CHECK(s == TW_OK && size == tw_be64(size8) && memcmp(back, root, sizeof root) == 0);
}

/* The number of a key may have capitals; we write none. */
static void verifier_key(tw_ctx *cx, tw_bytes in)
{
    tw_str name, again;
    uint8_t key[TW_KEY], back[TW_KEY];
    if (tw_note_vkey_parse(cx, &name, key, tw_str_of_bytes(in)) != TW_OK)
        return;
    tw_str text = tw_note_vkey(cx, name, key);
    FUZZ_CHECK(text.n == in.n && tw_note_vkey_parse(cx, &again, back, text) == TW_OK);
    FUZZ_CHECK(tw_str_eq(name, again) && memcmp(key, back, sizeof key) == 0);
}

static void merkle_path(tw_bytes in)
{
    uint8_t root[32];
    uint64_t size = tw_ledger_size(ledger);
    uint64_t claimed = fuzz_take(&in);
    const uint8_t *leaf = tw_ledger_leaves(ledger) + fuzz_take(&in) % size * 32;
    tw_ledger_log_root(root, ledger);
    if (tw_merkle_path_ok(root, leaf, claimed, size, in.p, in.n / 32))
        FUZZ_CHECK(claimed < size && memcmp(tw_ledger_leaves(ledger) + claimed * 32, leaf, 32) == 0);
}

/* The root that the proof itself would lead to: a true one is accepted, one with a bit changed is not. */
static void consistency(tw_ctx *cx, tw_bytes in)
{
    uint8_t root_m[32], root_n[32], *path;
    size_t count;
    uint64_t n = tw_ledger_size(ledger);
    uint64_t m = fuzz_take(&in) % (n + 1);
    tw_ledger_log_root_at(root_m, ledger, m);
    tw_ledger_log_root(root_n, ledger);
    FUZZ_CHECK(tw_merkle_consistency(cx, &path, &count, tw_ledger_leaves(ledger), m, n) == TW_OK);
    FUZZ_CHECK(tw_merkle_consistency_ok(root_m, m, root_n, n, path, count));
    bool same = in.n / 32 == count && (count == 0 || memcmp(in.p, path, count * 32) == 0);
    FUZZ_CHECK(tw_merkle_consistency_ok(root_m, m, root_n, n, in.p, in.n / 32) == same);
    root_m[in.n % 32] ^= 1;
    if (m > 0)
        FUZZ_CHECK(!tw_merkle_consistency_ok(root_m, m, root_n, n, in.p, in.n / 32));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_bytes in = { data, size };
    fuzz_begin(&cx, 16 * TW_MIB);
    ledger = fuzz_ledger();
    switch (fuzz_take(&in) % 8) {
    case 0:
        state_proof(&cx, in, true);
        break;
    case 1:
        state_proof(&cx, in, false);
        break;
    case 2:
        log_proof(&cx, in);
        break;
    case 3:
        checkpoint(&cx, in);
        break;
    case 4:
        signed_checkpoint(&cx, in);
        break;
    case 5:
        verifier_key(&cx, in);
        break;
    case 6:
        merkle_path(in);
        break;
    default:
        consistency(&cx, in);
        break;
    }
    fuzz_message_clean(tw_str_of(cx.err.msg), (tw_bytes){ 0 });
    tw_ctx_done(&cx);
    return 0;
}
