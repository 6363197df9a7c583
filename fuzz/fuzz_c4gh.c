/* Crypt4GH. First byte: what the rest is.
 *  0  a file: header and body        1  plain texts of header packets (length u8 each), sealed here to the reader
 *  2  a plain text, sealed here      3  a public key file       4  a secret key file
 *  5  what stands in a secret key file after its magic, without a key derivation
 * Must hold: a header that opens gives a key that a header made anew gives again; a body opens to what was sealed and,
 * with a byte changed, not at all; a failure leaves a key of zeroes. */
#include "support.h"

#include <sodium.h>

#include "crypto/crypto.h"

static const uint8_t secret[32] = { 0xa1, 0xb2, 0xc3 };
static const uint8_t writer[32] = { 0x11, 0x22, 0x33 };

static void check_header(tw_ctx *cx, tw_bytes file)
{
    static const uint8_t zero[32];
    uint8_t key[32], again[32], reader[32];
    size_t used;
    tw_bytes header, plain;
    if (tw_c4gh_header_open(cx, key, &used, file, secret) != TW_OK) {
        FUZZ_CHECK(used == 0 && memcmp(key, zero, sizeof key) == 0);
        return;
    }
    FUZZ_CHECK(used >= 16 && used <= file.n);
    tw_box_keys(reader, secret);
    FUZZ_CHECK(tw_c4gh_header_make(cx, &header, reader, key) == TW_OK);
    FUZZ_CHECK(tw_c4gh_header_open(cx, again, &used, header, secret) == TW_OK && used == header.n);
    FUZZ_CHECK(memcmp(key, again, sizeof key) == 0);
    (void)!tw_c4gh_body_open(cx, &plain, key, (tw_bytes){ file.p + used % (file.n + 1), file.n - used % (file.n + 1) },
                             NULL);
}

static void put_le32(tw_buf *b, size_t v)
{
    for (unsigned i = 0; i < 4; i++)
        tw_buf_u8(b, (uint8_t)(v >> (8 * i)));
}

/* One packet as the standard has it: X25519, BLAKE2b-512(shared, reader, writer), ChaCha20-Poly1305. */
static void put_packet(tw_ctx *cx, tw_buf *b, tw_bytes plain)
{
    static const uint8_t nonce[12];
    uint8_t shared[32], wide[64], reader[32], from[32], cipher[256 + TW_AEAD_TAG];
    crypto_generichash_state h;
    tw_box_keys(reader, secret);
    tw_box_keys(from, writer);
    FUZZ_CHECK(tw_x25519(cx, shared, writer, reader) == TW_OK);
    crypto_generichash_init(&h, NULL, 0, sizeof wide);
    crypto_generichash_update(&h, shared, sizeof shared);
    crypto_generichash_update(&h, reader, sizeof reader);
    crypto_generichash_update(&h, from, sizeof from);
    crypto_generichash_final(&h, wide, sizeof wide);
    FUZZ_CHECK(tw_aead_seal(cx, cipher, wide, nonce, (tw_bytes){ 0 }, plain) == TW_OK);
    put_le32(b, 52 + plain.n + TW_AEAD_TAG);
    put_le32(b, 0);
    tw_buf_add(b, from, sizeof from);
    tw_buf_add(b, nonce, sizeof nonce);
    tw_buf_add(b, cipher, plain.n + TW_AEAD_TAG);
}

static void sealed_packets(tw_ctx *cx, tw_bytes in)
{
    tw_buf packets, file;
    size_t count = 0;
    tw_buf_init(&packets, TW_MIB);
    tw_buf_init(&file, TW_MIB);
    while (in.n > 0 && count < 8) {
        size_t length = fuzz_take(&in), n = TW_MIN(length, in.n);
        put_packet(cx, &packets, (tw_bytes){ in.p, n });
        in = (tw_bytes){ in.p + n, in.n - n };
        count++;
    }
    tw_buf_cstr(&file, "crypt4gh");
    put_le32(&file, 1);
    put_le32(&file, count);
    tw_buf_add(&file, packets.p, packets.n);
    tw_buf_done(&packets);
    check_header(cx, fuzz_taken(cx, &file));
}

static void body(tw_ctx *cx, tw_bytes in)
{
    static const uint8_t key[32] = { 7 };
    uint8_t root[32], own[32];
    tw_bytes plain;
    size_t n = (size_t)tw_c4gh_body_size(in.n);
    uint8_t *p = tw_arena_get(cx->arena, n + 1);
    FUZZ_CHECK(tw_c4gh_body_seal(cx, p, root, key, in) == TW_OK);
    tw_bytes sealed = { p, n };
    tw_c4gh_block_root(own, sealed);
    FUZZ_CHECK(memcmp(root, own, sizeof root) == 0);
    FUZZ_CHECK(tw_c4gh_body_open(cx, &plain, key, sealed, root) == TW_OK && tw_bytes_eq(plain, in));
    if (n == 0)
        return;
    p[(size_t)in.p[0] * 131 % n] ^= 1;
    FUZZ_CHECK(tw_c4gh_body_open(cx, &plain, key, sealed, NULL) != TW_OK && plain.n == 0);
    FUZZ_CHECK(tw_c4gh_body_open(cx, &plain, key, sealed, root) != TW_OK && plain.n == 0);
}

static void check_secret_key(tw_ctx *cx, tw_str file)
{
    static const uint8_t zero[32];
    uint8_t key[32];
    if (tw_c4gh_secret_key(cx, key, file, TW_STR("phrase")) != TW_OK)
        FUZZ_CHECK(memcmp(key, zero, sizeof key) == 0);
}

/* Derivations of keys are slow by design and other people's code: left out. */
static void secret_key(tw_ctx *cx, tw_bytes in)
{
    tw_buf b;
    if (tw_str_find(tw_str_of_bytes(in), TW_STR("crypt")) != SIZE_MAX)
        return;
    tw_buf_init(&b, TW_MIB);
    tw_buf_cstr(&b, "c4gh-v1");
    tw_buf_add(&b, in.p, in.n);
    tw_str text = tw_base64(cx->arena, fuzz_taken(cx, &b));
    check_secret_key(
        cx, tw_strf(cx->arena, "-----BEGIN CRYPT4GH PRIVATE KEY-----\n" TW_FMT "\n-----END CRYPT4GH PRIVATE KEY-----\n",
                    TW_ARG(text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_bytes in = { data, size };
    uint8_t key[32];
    fuzz_begin(&cx, 16 * TW_MIB);
    switch (fuzz_take(&in) % 6) {
    case 0:
        check_header(&cx, in);
        break;
    case 1:
        sealed_packets(&cx, in);
        break;
    case 2:
        body(&cx, in);
        break;
    case 3:
        (void)!tw_c4gh_public_key(&cx, key, tw_str_of_bytes(in));
        break;
    case 4:
        check_secret_key(&cx, tw_str_of_bytes(in));
        break;
    default:
        secret_key(&cx, in);
        break;
    }
    fuzz_message_clean(tw_str_of(cx.err.msg), (tw_bytes){ 0 });
    tw_ctx_done(&cx);
    return 0;
}
