/* Crypt4GH v1: a header of packets, each sealed to one reader's X25519 key, and a body of 64 KiB blocks. All integers
 * are little-endian. Crypt4GH itself does not notice cut or swapped blocks, so a body here is named by the Merkle root
 * over its cipher blocks, and the root is checked before anything is opened. */
#include "crypto/crypto.h"

#include <sodium.h>

#include "crypto/crypto_internal.h"

#define BLOCK_OVERHEAD 28 /* nonce 12, tag 16 */
#define BLOCK_CIPHER ((size_t)TW_C4GH_BLOCK + BLOCK_OVERHEAD)
#define PACKETS_MAX 1000
#define PACKET_MAX 65536
#define PACKET_KEY 108 /* length 4, method 4, writer 32, nonce 12, payload 40, tag 16 */
#define PACKET_HEAD 52 /* before the payload */
#define PAYLOAD_KEY 40 /* type 4, method 4, key 32 */
#define TYPE_DATA_KEY 0
#define TYPE_EDIT_LIST 1

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_le32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

/* ---------------------------------------------------------------- body */

uint64_t tw_c4gh_body_size(uint64_t n)
{
    uint64_t blocks = n / TW_C4GH_BLOCK + (n % TW_C4GH_BLOCK != 0);
    return n + blocks * BLOCK_OVERHEAD;
}

/* One block to `out`, and its leaf into the tree while it is in the cache. The plain text may stand at out + 12. */
static bool seal_block(tw_ctx *cx, uint8_t *out, tw_merkle_range *tree, tw_bulk *b, tw_bytes block)
{
    uint8_t leaf[TW_HASH];
    tw_random(cx, out, 12);
    if (!tw_bulk_seal(b, out + 12, out, (tw_bytes){ 0 }, block))
        return false;
    tw_merkle_leaf(leaf, (tw_bytes){ out, block.n + BLOCK_OVERHEAD });
    tw_merkle_range_add(tree, leaf);
    return true;
}

tw_status tw_c4gh_body_seal_from(tw_ctx *cx, uint8_t *out, uint8_t block_root[TW_HASH], const uint8_t key[32],
                                 size_t n, tw_c4gh_plain plain, void *self)
{
    tw_merkle_range tree;
    tree.n = 0;
    memset(block_root, 0, TW_HASH);
    tw_bulk *b;
    TW_TRY(tw_bulk_new(cx, &b, key, true));
    bool ok = true;
    while (ok && n) {
        const size_t step = TW_MIN(n, (size_t)TW_C4GH_BLOCK);
        plain(self, out + 12, step);
        ok = seal_block(cx, out, &tree, b, (tw_bytes){ out + 12, step });
        if (!ok)
            tw_wipe(out + 12, step);
        out += step + BLOCK_OVERHEAD;
        n -= step;
    }
    tw_bulk_free(b);
    if (!ok)
        return tw_fail(cx, TW_EFOREIGN, "encryption of a block failed");
    tw_merkle_range_root(block_root, &tree);
    return TW_OK;
}

static void copy_plain(void *self, uint8_t *out, size_t n)
{
    const uint8_t **p = self;
    memcpy(out, *p, n);
    *p += n;
}

tw_status tw_c4gh_body_seal(tw_ctx *cx, uint8_t *out, uint8_t block_root[TW_HASH], const uint8_t key[32],
                            tw_bytes plain)
{
    const uint8_t *p = plain.p;
    return tw_c4gh_body_seal_from(cx, out, block_root, key, plain.n, copy_plain, &p);
}

void tw_c4gh_block_root(uint8_t out[TW_HASH], tw_bytes body)
{
    tw_merkle_range range;
    range.n = 0;
    for (size_t at = 0; at < body.n; at += BLOCK_CIPHER) {
        uint8_t leaf[TW_HASH];
        tw_merkle_leaf(leaf, (tw_bytes){ body.p + at, TW_MIN(body.n - at, BLOCK_CIPHER) });
        tw_merkle_range_add(&range, leaf);
    }
    tw_merkle_range_root(out, &range);
}

static tw_status open_blocks(tw_ctx *cx, uint8_t *out, const uint8_t key[32], tw_bytes body)
{
    tw_bulk *b;
    TW_TRY(tw_bulk_new(cx, &b, key, false));
    tw_status s = TW_OK;
    uint8_t *to = out;
    for (size_t at = 0; s == TW_OK && at < body.n; at += BLOCK_CIPHER) {
        size_t n = TW_MIN(body.n - at, BLOCK_CIPHER);
        if (tw_bulk_open(b, to, body.p + at, (tw_bytes){ 0 }, (tw_bytes){ body.p + at + 12, n - 12 }))
            to += n - BLOCK_OVERHEAD;
        else
            s = tw_fail(cx, TW_ECRYPTO, "block %zu does not authenticate", at / BLOCK_CIPHER);
    }
    tw_bulk_free(b);
    if (s != TW_OK)
        tw_wipe(out, (size_t)(to - out));
    return s;
}

tw_status tw_c4gh_body_open(tw_ctx *cx, tw_bytes *plain, const uint8_t key[32], tw_bytes body,
                            const uint8_t *block_root)
{
    *plain = (tw_bytes){ 0 };
    if (block_root) {
        uint8_t root[TW_HASH];
        tw_c4gh_block_root(root, body);
        if (memcmp(root, block_root, TW_HASH) != 0)
            return tw_fail(cx, TW_ECRYPTO, "body does not have its block root");
    }
    size_t last = body.n % BLOCK_CIPHER;
    if (last != 0 && last <= BLOCK_OVERHEAD)
        return tw_fail(cx, TW_EPARSE, "body ends in a block of %zu bytes", last);
    size_t n = body.n - (body.n / BLOCK_CIPHER + (last != 0)) * BLOCK_OVERHEAD;
    uint8_t *p = tw_arena_try(cx->arena, n);
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "no room for a body of %zu bytes", n);
    TW_TRY(open_blocks(cx, p, key, body));
    *plain = (tw_bytes){ p, n };
    return TW_OK;
}

/* ---------------------------------------------------------------- header */

/* BLAKE2b-512(X25519 || reader || writer), first half. */
static tw_status packet_key(tw_ctx *cx, uint8_t key[32], const uint8_t secret[32], const uint8_t other[32],
                            const uint8_t reader[32], const uint8_t writer[32])
{
    uint8_t dh[32];
    uint8_t wide[64];
    TW_TRY(tw_x25519(cx, dh, secret, other));
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, sizeof wide);
    crypto_generichash_update(&h, dh, sizeof dh);
    crypto_generichash_update(&h, reader, 32);
    crypto_generichash_update(&h, writer, 32);
    crypto_generichash_final(&h, wide, sizeof wide);
    memcpy(key, wide, 32);
    tw_wipe(dh, sizeof dh);
    tw_wipe(wide, sizeof wide);
    tw_wipe(&h, sizeof h);
    return TW_OK;
}

static tw_status seal_packet(tw_ctx *cx, uint8_t packet[PACKET_KEY], const uint8_t reader_public[TW_KEY],
                             const uint8_t data_key[32])
{
    uint8_t writer_secret[32];
    uint8_t key[32];
    uint8_t payload[PAYLOAD_KEY] = { 0 }; /* type 0: data key; method 0: ChaCha20-IETF-Poly1305 */
    put_le32(packet, PACKET_KEY);
    put_le32(packet + 4, 0);
    tw_random(cx, writer_secret, sizeof writer_secret);
    tw_box_keys(packet + 8, writer_secret);
    tw_random(cx, packet + 40, 12);
    memcpy(payload + 8, data_key, 32);
    tw_status s = packet_key(cx, key, writer_secret, reader_public, reader_public, packet + 8);
    if (s == TW_OK)
        s = tw_aead_seal(cx, packet + PACKET_HEAD, key, packet + 40, (tw_bytes){ 0 }, TW_BYTES(payload));
    tw_wipe(writer_secret, sizeof writer_secret);
    tw_wipe(key, sizeof key);
    tw_wipe(payload, sizeof payload);
    return s;
}

tw_status tw_c4gh_header_make(tw_ctx *cx, tw_bytes *out, const uint8_t reader_public[TW_KEY],
                              const uint8_t data_key[32])
{
    *out = (tw_bytes){ 0 };
    uint8_t *p = tw_arena_get(cx->arena, 16 + PACKET_KEY);
    memcpy(p, "crypt4gh", 8);
    put_le32(p + 8, 1);
    put_le32(p + 12, 1);
    TW_TRY(seal_packet(cx, p + 16, reader_public, data_key));
    *out = (tw_bytes){ p, 16 + PACKET_KEY };
    return TW_OK;
}

/* Opens one packet into `payload` (PACKET_MAX bytes); *n = 0 when it is not for this reader. */
static void open_packet(tw_ctx *cx, uint8_t *payload, size_t *n, tw_bytes packet, const uint8_t secret[32],
                        const uint8_t reader[32])
{
    uint8_t key[32];
    *n = 0;
    if (le32(packet.p + 4) != 0 || packet.n < PACKET_HEAD + TW_AEAD_TAG)
        return;
    if (packet_key(cx, key, secret, packet.p + 8, reader, packet.p + 8) == TW_OK) {
        const tw_bytes cipher = { packet.p + PACKET_HEAD, packet.n - PACKET_HEAD };
        if (tw_aead_open(cx, payload, key, packet.p + 40, (tw_bytes){ 0 }, cipher) == TW_OK)
            *n = cipher.n - TW_AEAD_TAG;
    }
    tw_wipe(key, sizeof key);
    tw_err_clear(cx); /* a packet for somebody else is no error */
}

/* What an opened packet says. The first data key stays. */
static tw_status read_payload(tw_ctx *cx, uint8_t data_key[32], bool *found, tw_bytes payload)
{
    if (payload.n < 4)
        return tw_fail(cx, TW_EPARSE, "header packet of %zu bytes", payload.n);
    uint32_t type = le32(payload.p);
    if (type == TYPE_EDIT_LIST)
        return tw_fail(cx, TW_EREFUSED, "file has an edit list: its data key opens more than the list shows");
    if (type != TYPE_DATA_KEY)
        return tw_fail(cx, TW_EPARSE, "header packet of unknown type %u", type);
    if (payload.n < PAYLOAD_KEY || le32(payload.p + 4) != 0)
        return tw_fail(cx, TW_EPARSE, "data key of an unknown method");
    if (!*found)
        memcpy(data_key, payload.p + 8, 32);
    *found = true;
    return TW_OK;
}

static tw_status walk_packets(tw_ctx *cx, uint8_t data_key[32], size_t *used, tw_bytes file, const uint8_t secret[32],
                              uint8_t *payload)
{
    if (file.n < 16 || memcmp(file.p, "crypt4gh", 8) != 0)
        return tw_fail(cx, TW_EPARSE, "not a Crypt4GH file");
    if (le32(file.p + 8) != 1)
        return tw_fail(cx, TW_EPARSE, "Crypt4GH version %u", le32(file.p + 8));
    uint32_t packets = le32(file.p + 12);
    if (packets > PACKETS_MAX)
        return tw_fail(cx, TW_ELIMIT, "%u header packets (at most %d)", packets, PACKETS_MAX);
    uint8_t reader[32];
    bool found = false;
    size_t at = 16;
    tw_box_keys(reader, secret);
    for (uint32_t i = 0; i < packets; i++) {
        size_t left = file.n - at;
        size_t length = left < 8 ? 0 : le32(file.p + at);
        if (length < 8 || length > left || length > PACKET_MAX)
            return tw_fail(cx, TW_EPARSE, "header packet %u: length %zu of %zu bytes", i, length, left);
        size_t n;
        open_packet(cx, payload, &n, (tw_bytes){ file.p + at, length }, secret, reader);
        if (n)
            TW_TRY(read_payload(cx, data_key, &found, (tw_bytes){ payload, n }));
        at += length;
    }
    *used = at;
    return found ? TW_OK : tw_fail(cx, TW_ECRYPTO, "no header packet opens with this key");
}

tw_status tw_c4gh_header_open(tw_ctx *cx, uint8_t data_key[32], size_t *used, tw_bytes file, const uint8_t secret[32])
{
    *used = 0;
    memset(data_key, 0, 32);
    tw_mark mark = tw_arena_mark(cx->arena);
    uint8_t *payload = tw_arena_try(cx->arena, PACKET_MAX);
    if (!payload)
        return tw_fail(cx, TW_ELIMIT, "no room for a header packet");
    tw_status s = walk_packets(cx, data_key, used, file, secret, payload);
    tw_arena_back(cx->arena, mark);
    if (s != TW_OK) {
        *used = 0;
        tw_wipe(data_key, 32);
    }
    return s;
}

/* ---------------------------------------------------------------- key files */

/* Base64 between the lines "-----BEGIN <kind>-----" and "-----END <kind>-----"; *kind borrowed. */
static tw_status unwrap_pem(tw_ctx *cx, tw_str *kind, tw_bytes *out, tw_str file)
{
    tw_buf b;
    tw_str line;
    bool ended = false;
    tw_str rest = tw_str_trim(file);
    if (!tw_str_split(&line, &rest, '\n'))
        return tw_fail(cx, TW_EPARSE, "key file is empty");
    line = tw_str_trim(line);
    if (!tw_str_starts(line, "-----BEGIN ") || !tw_str_ends(line, "-----") || line.n <= 16)
        return tw_fail(cx, TW_EPARSE, "key file does not begin with -----BEGIN");
    *kind = (tw_str){ line.p + 11, line.n - 16 };
    tw_buf_init(&b, 4096);
    while (!ended && tw_str_split(&line, &rest, '\n')) {
        line = tw_str_trim(line);
        ended = tw_str_starts(line, "-----END ") && line.n == kind->n + 14 &&
                tw_str_eq((tw_str){ line.p + 9, kind->n }, *kind) && tw_str_ends(line, "-----");
        if (!ended)
            tw_buf_str(&b, line);
    }
    bool ok = ended && !rest.p && !b.failed && tw_unbase64(cx->arena, out, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return ok ? TW_OK : tw_fail(cx, TW_EPARSE, "key file does not decode");
}

tw_status tw_c4gh_public_key(tw_ctx *cx, uint8_t public_key[TW_KEY], tw_str file)
{
    tw_str kind;
    tw_bytes b;
    memset(public_key, 0, TW_KEY);
    TW_TRY(unwrap_pem(cx, &kind, &b, file));
    if (!tw_str_is(kind, "CRYPT4GH PUBLIC KEY") || b.n != TW_KEY)
        return tw_fail(cx, TW_EPARSE, "not a Crypt4GH public key");
    memcpy(public_key, b.p, TW_KEY);
    return TW_OK;
}

/* A string of the key file: u16 length (big-endian, unlike the rest), bytes. */
static tw_str take_string(tw_rd *r)
{
    uint16_t n = tw_rd_u16(r);
    return tw_str_of_bytes(tw_rd_view(r, n));
}

#define SCRYPT_N 16384 /* the reference implementation's parameters; the file does not carry them */
#define SCRYPT_R 8
#define SCRYPT_P 1

static tw_status stretch(tw_ctx *cx, uint8_t key[32], tw_str kdf, tw_bytes options, tw_str pass_phrase)
{
    tw_rd r = tw_rd_of(options);
    uint32_t rounds = tw_rd_u32(&r);
    const tw_bytes salt = tw_rd_view(&r, tw_rd_left(&r));
    const tw_bytes pass = tw_bytes_of(pass_phrase);
    TW_TRY(tw_rd_end(cx, &r, "key file options"));
    if (tw_str_is(kdf, "bcrypt"))
        return tw_bcrypt_pbkdf(cx, key, pass, salt, rounds);
    if (!tw_str_is(kdf, "scrypt"))
        return tw_fail(cx, TW_EPARSE, "key file uses another derivation than scrypt or bcrypt");
    if (crypto_pwhash_scryptsalsa208sha256_ll(pass.p, pass.n, salt.p, salt.n, SCRYPT_N, SCRYPT_R, SCRYPT_P, key, 32) !=
        0)
        return tw_fail(cx, TW_ELIMIT, "no room for scrypt");
    return TW_OK;
}

static tw_status decrypt_secret(tw_ctx *cx, uint8_t secret[32], tw_str kdf, tw_bytes options, tw_bytes blob,
                                tw_str pass_phrase)
{
    uint8_t key[32];
    if (blob.n != 12 + 32 + TW_AEAD_TAG)
        return tw_fail(cx, TW_EPARSE, "key file: encrypted key of %zu bytes", blob.n);
    TW_TRY(stretch(cx, key, kdf, options, pass_phrase));
    tw_status s = tw_aead_open(cx, secret, key, blob.p, (tw_bytes){ 0 }, (tw_bytes){ blob.p + 12, blob.n - 12 });
    tw_wipe(key, sizeof key);
    return s == TW_OK ? s : tw_fail(cx, TW_ECRYPTO, "wrong pass phrase, or the key file was changed");
}

tw_status tw_c4gh_secret_key(tw_ctx *cx, uint8_t secret[32], tw_str file, tw_str pass_phrase)
{
    tw_str kind;
    tw_bytes b;
    memset(secret, 0, 32);
    TW_TRY(unwrap_pem(cx, &kind, &b, file));
    if (!tw_str_ends(kind, "PRIVATE KEY") || b.n < 7 || memcmp(b.p, "c4gh-v1", 7) != 0)
        return tw_fail(cx, TW_EPARSE, "not a Crypt4GH private key");
    tw_rd r = tw_rd_of((tw_bytes){ b.p + 7, b.n - 7 });
    tw_str kdf = take_string(&r);
    bool plain = tw_str_is(kdf, "none");
    tw_bytes options = plain ? (tw_bytes){ 0 } : tw_bytes_of(take_string(&r));
    tw_str cipher = take_string(&r);
    tw_bytes blob = tw_bytes_of(take_string(&r));
    if (tw_rd_left(&r))
        (void)take_string(&r); /* comment */
    TW_TRY(tw_rd_end(cx, &r, "key file"));
    if (!tw_str_is(cipher, plain ? "none" : "chacha20_poly1305"))
        return tw_fail(cx, TW_EPARSE, "key file: unknown cipher");
    if (!plain)
        return decrypt_secret(cx, secret, kdf, options, blob, pass_phrase);
    if (blob.n != 32)
        return tw_fail(cx, TW_EPARSE, "key file: key of %zu bytes", blob.n);
    memcpy(secret, blob.p, 32);
    return TW_OK;
}
