#include "seed.h"

#include "seal/seal.h"
#include "world.h"

static tw_ctx cx;

/* ---------------------------------------------------------------- ledger */

/* Bodies of the played ledger by kind, and entries and operations as they stand. */
static void operations(void)
{
    static const uint8_t which[TW_ENTRY_KIND_COUNT] = {
        [TW_ENTRY_PARTY_ADD] = 1,      [TW_ENTRY_PARTY_ROTATE] = 2, [TW_ENTRY_PARTY_SUSPEND] = 3,
        [TW_ENTRY_KEEPER_SET] = 4,     [TW_ENTRY_IMPORT_KEY] = 5,   [TW_ENTRY_OPENING] = 6,
        [TW_ENTRY_BATCH] = 7,          [TW_ENTRY_PROJECT_OPEN] = 8, [TW_ENTRY_PROJECT_APPROVE] = 9,
        [TW_ENTRY_PROJECT_CLOSE] = 10, [TW_ENTRY_ERASED] = 11,      [TW_ENTRY_RELEASE_OPEN] = 12,
        [TW_ENTRY_RELEASE_CLOSE] = 13, [TW_ENTRY_BUDGET] = 14,      [TW_ENTRY_TWIN_PUBLISH] = 15
    };
    uint32_t done = 0;
    for (uint64_t i = 0; i < tw_ledger_size(fuzz_ledger()); i++) {
        tw_entry e;
        tw_op op;
        FUZZ_CHECK(tw_entry_decode(&cx, &e, fuzz_entry(i)) == TW_OK);
        if (done & 1u << e.kind)
            continue;
        done |= 1u << e.kind;
        const char *name = tw_entry_kind_name(e.kind);
        if (e.kind == TW_ENTRY_GENESIS)
            seed_of("op", name, 15, e.op);
        if (e.kind == TW_ENTRY_GENESIS || e.kind == TW_ENTRY_TICK || e.kind == TW_ENTRY_OWNER)
            seed_of("op", tw_strf(cx.arena, "entry-%s", name).p, 16, fuzz_entry(i));
        if (e.kind <= TW_ENTRY_TICK)
            continue;
        FUZZ_CHECK(tw_op_decode(&cx, &op, e.op) == TW_OK);
        if (which[e.kind])
            seed_of("op", name, which[e.kind] - 1, op.body);
        if (e.kind == TW_ENTRY_BATCH)
            seed_of("op", "operation", 17, e.op);
    }
}

/* Kinds that the play does not have, and owners' operations. */
static void more_operations(void)
{
    const tw_world *w = fuzz_world();
    tw_party_rotate_body rotate = { .party = w->source.id };
    tw_party_suspend_body suspend = { .party = w->source.id, .reason = 1 };
    tw_deletion deletion[2] = { { .keeper = { { 1 } } }, { .keeper = { { 2 } } } };
    tw_erased_body erased = { .comp = { { 5 } }, .deletion = deletion, .count = 2 };
    rotate.ed25519[0] = 3;
    seed_of("op", "party-rotate", 1, tw_body_party_rotate(&cx, &rotate));
    seed_of("op", "party-suspend", 2, tw_body_party_suspend(&cx, &suspend));
    seed_of("op", "erased", 10, tw_body_erased(&cx, &erased));
    for (uint8_t kind = TW_OWN_POLICY; kind <= TW_OWN_ERASE; kind++) {
        uint8_t fields[3] = { kind, TW_BY_A, kind == TW_OWN_ERASE ? 0 : 2 };
        seed_of("op", tw_strf(cx.arena, "owner-%u", (unsigned)kind).p, 18, TW_BYTES(fields));
    }
}

static void proofs(void)
{
    const tw_ledger *l = fuzz_ledger();
    uint8_t key[33], root[32], *path;
    tw_bytes proof, value;
    size_t count;
    tw_str note, text;
    const uint64_t size = tw_ledger_size(l);
    for (uint8_t i = 0; i < 3; i++) {
        uint8_t numbered[4 * TW_KIB] = { i };
        key[0] = TW_STATE_PARTY;
        memcpy(key + 1, fuzz_world()->spec[i].id.b, 32);
        for (uint8_t absent = 0; absent < 2; absent++) {
            key[32] ^= absent;
            FUZZ_CHECK(tw_ledger_prove_state(&cx, &proof, &value, l, key) == TW_OK && proof.n < sizeof numbered);
            memcpy(numbered + 1, proof.p, proof.n);
            seed_of("proof", tw_strf(cx.arena, "%s-%u", absent ? "absent" : "present", (unsigned)i).p, absent,
                    (tw_bytes){ numbered, proof.n + 1 });
        }
    }
    tw_ledger_log_root(root, l);
    FUZZ_CHECK(tw_checkpoint_sign(&cx, &note, tw_ledger_genesis(l)->origin, size, root, fuzz_world()->log_seed) ==
               TW_OK);
    seed_of("proof", "checkpoint", 3, tw_bytes_of(note));
    FUZZ_CHECK(tw_merkle_path(&cx, &path, &count, tw_ledger_leaves(l), 9, size) == TW_OK);
    FUZZ_CHECK(tw_tlog_proof_make(&cx, &text, 9, path, count, note) == TW_OK);
    text = tw_strf(cx.arena, "\t" TW_FMT, TW_ARG(text)); /* entry 9 */
    seed_of("proof", "log-proof", 2, tw_bytes_of(text));
    uint8_t with[2 + 64 * 32] = { 9, 9 };
    memcpy(with + 2, path, count * 32);
    seed_of("proof", "path", 6, (tw_bytes){ with, 2 + count * 32 });
    FUZZ_CHECK(tw_merkle_consistency(&cx, &path, &count, tw_ledger_leaves(l), 21, size) == TW_OK);
    with[1] = 21;
    memcpy(with + 2, path, count * 32);
    seed_of("proof", "consistency", 7, (tw_bytes){ with + 1, 1 + count * 32 });
    seed_of("proof", "size-root", 4, (tw_bytes){ root, 32 });
    seed_of("proof", "vkey", 5,
            tw_bytes_of(tw_note_vkey(&cx, TW_STR("example.org/log"), fuzz_world()->source.public_key)));
}

static void logs(void)
{
    static const uint8_t ticks[] = { 0, 0, 0, 0, 19, 1, 1, 0, 0, 0, 0, 0, 0, 1, 45, 0, 0, 0, 0 };
    static const uint8_t change[] = { 0x10, 0x05, 0x01 };
    tw_bytes segments = fuzz_log_file(fuzz_log_short(), "segments");
    seed_of("block", "genesis", 0, (tw_bytes){ segments.p, 4000 });
    seed_of("block", "payload", 1, TW_BYTES(ticks));
    seed_of("block", "checkpoints", 2, fuzz_log_file(fuzz_log_short(), "checkpoints"));
    seed_of("block", "change", 3, TW_BYTES(change));
    seed_of("block", "as-it-is", 0x83, (tw_bytes){ 0 });
    seed_of("block", "payload-signer", 0x81, TW_BYTES(ticks));
    seed_of("block", "genesis-signer", 0x80, (tw_bytes){ segments.p, 4000 });
    seed_of("tile", "empty", 0, (tw_bytes){ 0 });
    seed_of("tile", "level-1", 1, fuzz_log_file(fuzz_log_long(), "tile.1"));
    seed_of("tile", "level-2", 2, (tw_bytes){ segments.p, 32 });
    for (uint8_t i = 0; i < 3; i++)
        seed_of("tile", tw_strf(cx.arena, "change-%u", (unsigned)i).p, 0x80 + i, TW_BYTES(change));
    seed_of("tile", "open", 0xc0, TW_BYTES(change));
    seed_of("tile", "as-it-is", 0x80, (tw_bytes){ 0 });
}

/* ---------------------------------------------------------------- seals */

static void any_record(tw_comp_record *r, uint8_t t, bool class_grant)
{
    *r = (tw_comp_record){ .a = { 1 }, .k = { 2 } };
    r->body = (tw_comp){ .category = TW_CAT_LABS, .epoch = 2026, .t = t, .class_grant = class_grant };
    tw_random(&cx, r->body.commits_w[0], (size_t)t * TW_POINT);
    if (class_grant)
        tw_random(&cx, r->body.commits_a[0], (size_t)t * TW_POINT);
}

static tw_bytes policy_bytes(void)
{
    tw_bytes out;
    tw_policy p = { .permission = TW_DUO_HMB, .categories = TW_CAT_ALL, .until_s = 1800000000 };
    p.modifiers = 1u << TW_MOD_GS | 1u << TW_MOD_IRB;
    p.countries = (tw_list){ .item = { TW_STR("FI"), TW_STR("SE") }, .count = 2 };
    FUZZ_CHECK(tw_policy_encode(&cx, &out, &p) == TW_OK);
    return out;
}

static void wallets(void)
{
    tw_wallet *w;
    tw_bytes file;
    FUZZ_CHECK(tw_wallet_new(&cx, &w, TW_STR("seed")) == TW_OK);
    FUZZ_CHECK(tw_wallet_save(&cx, &file, w, true, (tw_str){ 0 }) == TW_OK);
    seed_of("bundle", "wallet", 3, (tw_bytes){ file.p + 10, file.n - 10 - TW_HASH });
    FUZZ_CHECK(tw_wallet_save(&cx, &file, w, false, (tw_str){ 0 }) == TW_OK);
    seed_of("bundle", "wallet-no-stop", 3, (tw_bytes){ file.p + 10, file.n - 10 - TW_HASH });
    tw_wallet_free(w);
}

static void bundles(void)
{
    tw_bundle_entry e[2] = { { .n = 3 }, { .n = 0 } };
    tw_bundle b = { .handle = { 1 }, .shift_weeks = -7, .entry = e, .count = 2 };
    const tw_bundle_entry *list[] = { &e[0] };
    tw_keeper_share s = { .index = 2, .policy = policy_bytes() };
    tw_bytes out;
    tw_buf m;
    any_record(&e[0].record, 2, true);
    any_record(&e[1].record, 3, false);
    for (size_t i = 0; i < 3; i++)
        e[0].envelope[i] = tw_bytes_of(TW_STR("sealed"));
    for (size_t i = 0; i < 2; i++)
        tw_comp_record_id(&e[i].comp, &e[i].record);
    FUZZ_CHECK(tw_bundle_encode(&cx, &out, &b, true) == TW_OK);
    seed_of("bundle", "bundle", 0, out);
    FUZZ_CHECK(tw_import_encode(&cx, &out, list, 1, 1) == TW_OK);
    seed_of("bundle", "import", 1, out);
    s.record = e[0].record;
    FUZZ_CHECK(tw_keeper_share_encode(&cx, &out, &s) == TW_OK);
    seed_of("bundle", "share", 2, out);
    wallets();
    for (uint8_t kind = TW_MAIL_POLICY; kind <= TW_MAIL_DIRECTED; kind++) {
        static const uint8_t zero[2 * TW_POINT];
        tw_buf_init(&m, TW_MIB);
        tw_buf_u32(&m, 2);
        tw_buf_add(&m, zero, 32);
        tw_buf_var(&m, policy_bytes());
        tw_buf_u8(&m, kind);
        if (kind == TW_MAIL_DIRECTED)
            tw_buf_add(&m, zero, 2 * TW_POINT);
        if (kind != TW_MAIL_POLICY) {
            tw_buf_add(&m, zero, TW_SCALAR);
            tw_buf_u32(&m, 2);
            tw_buf_add(&m, zero, 2 * TW_POINT);
        }
        seed_of("bundle", tw_strf(cx.arena, "mail-%u", (unsigned)kind).p, 4, fuzz_taken(&cx, &m));
    }
    seed_of("bundle", "envelope", 5, tw_bytes_of(TW_STR("\4")));
}

static void capsules(void)
{
    tw_batch_leaf l = { .kind = 1, .capsule = { .comp = { { 1 } }, .day = 20454 } };
    tw_buf b;
    for (uint8_t i = 0; i < 7; i++)
        seed_of("capsule", tw_strf(cx.arena, "genuine-%u", (unsigned)i).p, i, tw_bytes_of(TW_STR("\0\1")));
    for (l.kind = 1; l.kind <= 2; l.kind++) {
        l.segment = (tw_segment_leaf){ .comp = { { 1 } }, .cipher_bytes = 93, .records = 1 };
        tw_buf_init(&b, TW_SEGMENT_LEAF_BYTES);
        tw_batch_leaf_encode(&b, &l);
        seed_of("capsule", tw_strf(cx.arena, "leaf-%u", (unsigned)l.kind).p, 4, fuzz_taken(&cx, &b));
    }
}

static void crypt4gh(void)
{
    static const uint8_t secret[32] = { 0xa1, 0xb2, 0xc3 }, key[32] = { 7 };
    /* Plain texts: a data key, an edit list, an unknown type, an empty packet. */
    uint8_t packets[64] = { 40, 0, 0, 0, 0, 0, 0, 0, 0, 9 };
    uint8_t reader[32], root[32], body[128];
    tw_bytes header;
    tw_buf file;
    tw_box_keys(reader, secret);
    FUZZ_CHECK(tw_c4gh_header_make(&cx, &header, reader, key) == TW_OK);
    FUZZ_CHECK(tw_c4gh_body_seal(&cx, body, root, key, tw_bytes_of(TW_STR("plain"))) == TW_OK);
    tw_buf_init(&file, TW_MIB);
    tw_buf_add(&file, header.p, header.n);
    tw_buf_add(&file, body, (size_t)tw_c4gh_body_size(5));
    seed_of("c4gh", "file", 0, fuzz_taken(&cx, &file));
    seed_of("c4gh", "data-key", 1, (tw_bytes){ packets, 41 });
    packets[41] = 8;
    packets[42] = 1;
    seed_of("c4gh", "edit-list", 1, (tw_bytes){ packets, 50 });
    packets[42] = 2;
    seed_of("c4gh", "unknown-type", 1, (tw_bytes){ packets, 50 });
    seed_of("c4gh", "body", 2, tw_bytes_of(TW_STR("{\"resourceType\":\"Observation\"}\n")));
    seed_of("c4gh", "public", 3,
            tw_bytes_of(TW_STR("-----BEGIN CRYPT4GH PUBLIC KEY-----\n"
                               "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=\n"
                               "-----END CRYPT4GH PUBLIC KEY-----\n")));
    seed_of("c4gh", "secret", 4,
            tw_bytes_of(TW_STR("-----BEGIN CRYPT4GH PRIVATE KEY-----\n"
                               "YzRnaC12MQAEbm9uZQAEbm9uZQAgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=\n"
                               "-----END CRYPT4GH PRIVATE KEY-----\n")));
    uint8_t bare[2 + 4 + 2 + 4 + 2 + 32] = "\0\4none\0\4none\0 ";
    seed_of("c4gh", "secret-bare", 5, TW_BYTES(bare));
}

static void models(void)
{
    tw_comp_record r;
    tw_buf b;
    tw_bytes out, comp;
    any_record(&r, 2, true);
    tw_buf_init(&b, TW_MIB);
    tw_comp_encode(&b, &r.body);
    seed_of("model", "comp", 0, fuzz_taken(&cx, &b));
    tw_buf_init(&b, TW_MIB);
    tw_comp_record_encode(&b, &r);
    comp = fuzz_taken(&cx, &b);
    seed_of("model", "record", 1, comp);
    tw_buf_init(&b, TW_MIB);
    tw_keeper_set_encode(&b, &fuzz_world()->genesis.keeper_set);
    seed_of("model", "keeper-set", 2, fuzz_taken(&cx, &b));
    seed_of("model", "policy", 3, policy_bytes());
    tw_project p = { .categories = TW_CAT_ALL, .epoch_first = 2026, .epoch_last = 2027, .from_s = 1, .until_s = 2 };
    p.purpose = (tw_purpose){ .type = TW_PURPOSE_HMB, .country = TW_STR("FI"), .ethics_approval = 1 };
    FUZZ_CHECK(tw_point_base(&cx, p.b, (const uint8_t[32]){ 5 }) == TW_OK && tw_project_encode(&cx, &out, &p) == TW_OK);
    seed_of("model", "project", 4, out);
    tw_sheet s = { .log_size = 9, .codes = tw_bytes_of(TW_STR("\0\1\2\13")) };
    FUZZ_CHECK(tw_sheet_sign(&cx, &out, &s, fuzz_world()->keeper[0].secret) == TW_OK);
    seed_of("model", "sheet", 5, out);
    tw_body_capsule capsules[2] = { { .day = 1 }, { .day = 2 } };
    tw_release_body body = {
        .record = r, .version = 1, .policy = policy_bytes(), .capsules = capsules, .capsule_count = 2
    };
    body.opening = (tw_opening_proof){ .idx = 5, .pos = 3, .n = 256, .path_count = 8 };
    tw_comp_record_id(&body.comp, &r);
    tw_buf_init(&b, TW_MIB);
    tw_release_body_encode(&b, &body);
    out = fuzz_taken(&cx, &b);
    seed_of("model", "release-body", 6, (tw_bytes){ out.p + 32, out.n - 32 });
    seed_of("model", "deletion", 7, (tw_bytes){ comp.p, 32 + 32 + 8 + 64 });
    seed_of("model", "receipt", 8, (tw_bytes){ comp.p, 32 + 32 + 8 + 64 });
}

static void manifests(void)
{
    tw_buf b;
    uint64_t offset = 0;
    tw_buf_init(&b, TW_MIB);
    for (unsigned i = 0; i < 2; i++) {
        tw_batch_leaf l = { .kind = 1, .capsule = { .comp = { { 1 } }, .day = i } };
        tw_batch_leaf_encode(&b, &l);
        tw_buf_u64(&b, offset);
        tw_buf_u64(&b, i ? TW_CAPSULE + TW_WRAP : 0);
        offset += TW_CAPSULE + TW_WRAP;
    }
    tw_bytes items = fuzz_taken(&cx, &b);
    seed_of("manifest", "items", 2, items);
    tw_buf_init(&b, TW_MIB);
    tw_buf_add(&b, "TWPK\1\0\0\0\2", 9);
    tw_buf_add(&b, items.p, items.n);
    seed_of("manifest", "index", 3, fuzz_taken(&cx, &b));
}

void seed_objects(void)
{
    fuzz_begin(&cx, 256 * TW_MIB);
    operations();
    more_operations();
    proofs();
    logs();
    bundles();
    capsules();
    crypt4gh();
    models();
    manifests();
    tw_ctx_done(&cx);
}
