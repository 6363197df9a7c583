/** Crypto: groups, signatures, encryption, key derivation, Merkle trees and signed notes. Primitives come from
 *  libsodium and OpenSSL; what is written here is their composition: the threshold re-encryption algebra (suite
 *  TWTPRE-R255-S512-v1), HPKE base mode, HKDF, RFC 6962 trees and C2SP notes.
 *
 *  Rules: secrets are constant-time; a check that fails returns TW_ECRYPTO and leaves outputs zeroed; no function keeps
 *  state; randomness comes from cx->env (tw_random). Scalars and points are 32 bytes little-endian, canonical; points
 *  are ristretto255 encodings (RFC 9496), the identity is refused as a key. Hash outputs are 32 bytes.
 *
 *  Sources: RFC 9496 (ristretto255), RFC 9497 mode 0 (OPRF), RFC 8032 (Ed25519), RFC 5869 (HKDF), RFC 8439
 *  (ChaCha20-Poly1305), RFC 9180 (HPKE), RFC 6962 (Merkle trees), C2SP signed-note, tlog-checkpoint, tlog-proof;
 *  Shoup and Gennaro, "Securing threshold cryptosystems against chosen ciphertext attack", J. Cryptology 15 (2002). */
#ifndef TW_CRYPTO_H
#define TW_CRYPTO_H

#include "base/base.h"

#define TW_HASH 32
#define TW_KEY 32
#define TW_SIG 64
#define TW_POINT 32
#define TW_SCALAR 32
#define TW_CAPSULE 128   /* E, E-bar, h, s */
#define TW_WRAP 104      /* nonce 24, ciphertext 48, commitment 32 */
#define TW_SHARES_MAX 32 /* most keepers, and most threshold */
#define TW_AEAD_TAG 16

/* ---------------------------------------------------------------- hashes */

/** SHA-256, streaming. The struct is a value: no allocation, no free. */
typedef struct {
    uint64_t opaque[16];
} tw_sha256;
void tw_sha256_init(tw_sha256 *h);
void tw_sha256_add(tw_sha256 *h, const void *p, size_t n);
void tw_sha256_end(tw_sha256 *h, uint8_t out[TW_HASH]);
void tw_sha256_of(uint8_t out[TW_HASH], tw_bytes data);

/** H(label, fields...) of the protocol: SHA-256(label || fields), fields of fixed size in the order given.
 *  Label: ASCII, without NUL. */
void tw_hash_label(uint8_t out[TW_HASH], const char *label, const tw_bytes *fields, size_t count);
void tw_hmac_sha256(uint8_t out[TW_HASH], tw_bytes key, const char *label, tw_bytes data); /* over label || data */
void tw_blake2b(uint8_t out[32], tw_bytes key /* may be empty */, const char *label,
                tw_bytes data); /* 256-bit, label || data */

/** RFC 5869, extract and expand: n <= 255 hashes (64 bytes each for SHA-512, 32 for SHA-256); an empty salt is that of
 *  the RFC. */
void tw_hkdf_sha512(uint8_t *out, size_t n, tw_bytes ikm, tw_bytes salt, tw_bytes info);
void tw_hkdf_sha256(uint8_t *out, size_t n, tw_bytes ikm, tw_bytes salt, tw_bytes info);

/* ---------------------------------------------------------------- signatures */

/** Ed25519 key pair from a 32-byte seed. secret: 64 bytes in libsodium's form (seed, public). */
void tw_sign_keys(uint8_t public_key[TW_KEY], uint8_t secret[64], const uint8_t seed[32]);
/** Signs label || message. With a label, a message over 500 bytes is copied into cx->arena for the time of the call;
 *  the arena must have room (signing aborts without it, checking gives false). */
void tw_sign(tw_ctx *cx, uint8_t sig[TW_SIG], const uint8_t secret[64], const char *label, tw_bytes message);
/** libsodium's single-verify rule (small-order and non-canonical refused). false: does not verify. */
bool tw_sign_ok(tw_ctx *cx, const uint8_t sig[TW_SIG], const uint8_t public_key[TW_KEY], const char *label,
                tw_bytes message);

/* ---------------------------------------------------------------- encryption */

/** ChaCha20-Poly1305 (RFC 8439), 12-byte nonce. out: n + 16 bytes. */
TW_NODISCARD tw_status tw_aead_seal(tw_ctx *cx, uint8_t *out, const uint8_t key[32], const uint8_t nonce[12],
                                    tw_bytes aad, tw_bytes plain);
/** out: n - 16 bytes. TW_ECRYPTO when the tag does not fit. */
TW_NODISCARD tw_status tw_aead_open(tw_ctx *cx, uint8_t *out, const uint8_t key[32], const uint8_t nonce[12],
                                    tw_bytes aad, tw_bytes cipher);
/** XChaCha20-Poly1305, 24-byte nonce. */
void tw_xaead_seal(uint8_t *out, const uint8_t key[32], const uint8_t nonce[24], tw_bytes aad, tw_bytes plain);
TW_NODISCARD tw_status tw_xaead_open(tw_ctx *cx, uint8_t *out, const uint8_t key[32], const uint8_t nonce[24],
                                     tw_bytes aad, tw_bytes cipher);

/** AES in CBC mode with PKCS #7 padding (NIST SP 800-38A), key of 16, 24 or 32 bytes. It has no authentication: for the
 *  exchange with a tool that uses it, and for nothing else. out: n + 16 bytes at most, *out_n those written. Opening
 *  fails TW_ECRYPTO when the padding is wrong. */
TW_NODISCARD tw_status tw_aes_cbc_seal(tw_ctx *cx, uint8_t *out, size_t *out_n, tw_bytes key, const uint8_t iv[16],
                                       tw_bytes plain);
TW_NODISCARD tw_status tw_aes_cbc_open(tw_ctx *cx, uint8_t *out, size_t *out_n, tw_bytes key, const uint8_t iv[16],
                                       tw_bytes cipher);

/** X25519 key pair from 32 secret bytes. */
void tw_box_keys(uint8_t public_key[TW_KEY], const uint8_t secret[32]);
/** seal(K, x; aad) of the protocol: HPKE base mode (RFC 9180), DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
 *  ChaCha20-Poly1305, info = "tw/seal/1", one message. Output = enc 32 || ciphertext, in the arena. */
TW_NODISCARD tw_status tw_box_seal(tw_ctx *cx, tw_bytes *out, const uint8_t public_key[TW_KEY], tw_bytes plain,
                                   tw_bytes aad);
TW_NODISCARD tw_status tw_box_open(tw_ctx *cx, tw_bytes *out, const uint8_t secret[32], tw_bytes sealed, tw_bytes aad);
/** The same with a given ephemeral secret: for published vectors only. */
TW_NODISCARD tw_status tw_hpke_seal_with(tw_ctx *cx, tw_bytes *out, const uint8_t public_key[TW_KEY],
                                         const uint8_t ephemeral_secret[32], tw_bytes info, tw_bytes plain,
                                         tw_bytes aad);
TW_NODISCARD tw_status tw_hpke_open(tw_ctx *cx, tw_bytes *out, const uint8_t secret[32], tw_bytes info, tw_bytes sealed,
                                    tw_bytes aad);
/** X25519 shared secret; TW_ECRYPTO when all-zero (small-order peer). */
TW_NODISCARD tw_status tw_x25519(tw_ctx *cx, uint8_t out[32], const uint8_t secret[32],
                                 const uint8_t public_key[TW_KEY]);

/* ---------------------------------------------------------------- ristretto255 */

void tw_scalar_random(tw_ctx *cx, uint8_t out[TW_SCALAR]); /* never 0 */
void tw_scalar_reduce(uint8_t out[TW_SCALAR], const uint8_t wide[64]);
bool tw_scalar_ok(const uint8_t s[TW_SCALAR]); /* canonical; 0 is canonical */
void tw_scalar_add(uint8_t out[TW_SCALAR], const uint8_t a[TW_SCALAR], const uint8_t b[TW_SCALAR]);
void tw_scalar_sub(uint8_t out[TW_SCALAR], const uint8_t a[TW_SCALAR], const uint8_t b[TW_SCALAR]);
void tw_scalar_mul(uint8_t out[TW_SCALAR], const uint8_t a[TW_SCALAR], const uint8_t b[TW_SCALAR]);
TW_NODISCARD tw_status tw_scalar_invert(tw_ctx *cx, uint8_t out[TW_SCALAR], const uint8_t a[TW_SCALAR]); /* 0 refused */
/** Canonical encoding, not the identity. Also refuses a set top bit, which libsodium 1.0.18 ignores. */
bool tw_point_ok(const uint8_t p[TW_POINT]);
/** Products: TW_ECRYPTO for a zero or non-canonical factor. Sums: the identity (zero bytes) may go in and come out. */
TW_NODISCARD tw_status tw_point_base(tw_ctx *cx, uint8_t out[TW_POINT], const uint8_t s[TW_SCALAR]);
TW_NODISCARD tw_status tw_point_mul(tw_ctx *cx, uint8_t out[TW_POINT], const uint8_t s[TW_SCALAR],
                                    const uint8_t p[TW_POINT]);
TW_NODISCARD tw_status tw_point_add(tw_ctx *cx, uint8_t out[TW_POINT], const uint8_t a[TW_POINT],
                                    const uint8_t b[TW_POINT]);
void tw_point_from_hash(uint8_t out[TW_POINT], const uint8_t wide[64]);

/** RFC 9497 OPRF mode 0, suite ristretto255-SHA512: blind, evaluate, finalize (output 64 bytes). */
TW_NODISCARD tw_status tw_oprf_blind(tw_ctx *cx, uint8_t blinded[TW_POINT], const uint8_t blind[TW_SCALAR],
                                     tw_bytes input);
TW_NODISCARD tw_status tw_oprf_evaluate(tw_ctx *cx, uint8_t out[TW_POINT], const uint8_t key[TW_SCALAR],
                                        const uint8_t blinded[TW_POINT]);
TW_NODISCARD tw_status tw_oprf_finalize(tw_ctx *cx, uint8_t out[64], const uint8_t blind[TW_SCALAR],
                                        const uint8_t evaluated[TW_POINT], tw_bytes input);

/* ---------------------------------------------------------------- threshold re-encryption: TWTPRE-R255-S512-v1 */

/** H2S(tag, parts): scalar from a hash; H2G("U"), H2G("Gbar"): generators with unknown logarithms. */
void tw_tpre_h2s(uint8_t out[TW_SCALAR], const char *tag, const tw_bytes *parts, size_t count);
const uint8_t *tw_tpre_u(void);
const uint8_t *tw_tpre_gbar(void);

/** Encapsulate to P under context ctx: capsule 128 bytes and the key-encryption key (KEK) of the wrap. */
TW_NODISCARD tw_status tw_tpre_encap(tw_ctx *cx, uint8_t capsule[TW_CAPSULE], uint8_t kek[32],
                                     const uint8_t p[TW_POINT], tw_bytes ctx);
/** The same with given r, k: for known answers. */
TW_NODISCARD tw_status tw_tpre_encap_with(tw_ctx *cx, uint8_t capsule[TW_CAPSULE], uint8_t kek[32],
                                          const uint8_t p[TW_POINT], tw_bytes ctx, const uint8_t r[TW_SCALAR],
                                          const uint8_t k[TW_SCALAR]);
/** TDH2 check of a capsule against P and ctx. */
bool tw_tpre_capsule_ok(tw_ctx *cx, const uint8_t capsule[TW_CAPSULE], const uint8_t p[TW_POINT], tw_bytes ctx);
/** KEK from the shared point S = z E. */
void tw_tpre_kek(uint8_t kek[32], const uint8_t s[TW_POINT], const uint8_t e[TW_POINT], const uint8_t p[TW_POINT],
                 tw_bytes ctx);

/** Wrap of a day secret: XChaCha20-Poly1305(KEK, secret; aad = capsule), then BLAKE2b("commit", KEK). */
void tw_tpre_wrap(tw_ctx *cx, uint8_t wrap[TW_WRAP], const uint8_t kek[32], const uint8_t secret[32],
                  const uint8_t capsule[TW_CAPSULE]);
/** TW_ECRYPTO: the commitment differs (a wrong KEK: some fragment lied), or the tag does. */
TW_NODISCARD tw_status tw_tpre_unwrap(tw_ctx *cx, uint8_t secret[32], const uint8_t wrap[TW_WRAP],
                                      const uint8_t kek[32], const uint8_t capsule[TW_CAPSULE]);

/** Shamir share of `secret` for n keepers, threshold t, with Feldman commitments in base U: shares[i] = f(i+1),
 *  commits[j] = f_j U. coefs: t - 1 scalars f_1.., or NULL for random. shares: n * 32, commits: t * 32 bytes. 1 <= t <=
 *  n <= TW_SHARES_MAX. */
TW_NODISCARD tw_status tw_share_deal(tw_ctx *cx, uint8_t *shares, uint8_t *commits, const uint8_t secret[TW_SCALAR],
                                     unsigned t, unsigned n, const uint8_t *coefs);
/** share_i U == sum i^j C_j. index from 1. */
bool tw_share_ok(tw_ctx *cx, const uint8_t share[TW_SCALAR], unsigned index, const uint8_t *commits, unsigned t);
/** C(i) = sum i^j C_j. */
TW_NODISCARD tw_status tw_share_commit_at(tw_ctx *cx, uint8_t out[TW_POINT], unsigned index, const uint8_t *commits,
                                          unsigned t);
/** Lagrange coefficient at 0 of xs[which] among count distinct xs (1..255). */
TW_NODISCARD tw_status tw_share_lambda(tw_ctx *cx, uint8_t out[TW_SCALAR], const uint8_t *xs, size_t count,
                                       size_t which);

/** Directed grant of a to B: X = xG, d = H2S("shared", X, B, xB, gctx), f_0 = a/d; shares and commitments as
 *  tw_share_deal. x, coefs NULL: random. */
TW_NODISCARD tw_status tw_tpre_grant(tw_ctx *cx, uint8_t x_point[TW_POINT], uint8_t *shares, uint8_t *commits,
                                     const uint8_t a[TW_SCALAR], const uint8_t b_point[TW_POINT], tw_bytes gctx,
                                     unsigned t, unsigned n, const uint8_t *x, const uint8_t *coefs);
/** d = H2S("shared", X, B, bX, gctx) on the grantee's side. */
TW_NODISCARD tw_status tw_tpre_shared(tw_ctx *cx, uint8_t d[TW_SCALAR], const uint8_t b[TW_SCALAR],
                                      const uint8_t x_point[TW_POINT], tw_bytes gctx);
/** Fragment E1 = share * E. */
TW_NODISCARD tw_status tw_tpre_fragment(tw_ctx *cx, uint8_t out[TW_POINT], const uint8_t share[TW_SCALAR],
                                        const uint8_t capsule[TW_CAPSULE]);
/** DLEQ proof (c 32, z 32) that log_E E1 == log_U C; rctx binds request, leaf, log size, keeper. nonce NULL: hedged. */
TW_NODISCARD tw_status tw_tpre_prove(tw_ctx *cx, uint8_t proof[64], const uint8_t share[TW_SCALAR],
                                     const uint8_t capsule[TW_CAPSULE], const uint8_t fragment[TW_POINT],
                                     const uint8_t commit_at[TW_POINT], tw_bytes rctx, const uint8_t *nonce);
bool tw_tpre_fragment_ok(tw_ctx *cx, const uint8_t proof[64], const uint8_t capsule[TW_CAPSULE],
                         const uint8_t fragment[TW_POINT], const uint8_t commit_at[TW_POINT], tw_bytes rctx);
/** S = sum lambda_i * F1_i (+ d * sum lambda_i * F2_i when f2 and d are given; + a E when a is given: a wallet reading
 *  its own). xs: count distinct keeper indices; f1, f2: count * 32 bytes, one of them may be NULL; f2 and d come
 *  together. With fewer than t fragments, or a false one, another point comes out: tw_tpre_unwrap notices,
 *  tw_tpre_fragment_ok names the keeper. */
TW_NODISCARD tw_status tw_tpre_combine(tw_ctx *cx, uint8_t s[TW_POINT], const uint8_t *xs, size_t count,
                                       const uint8_t *f1, const uint8_t *f2, const uint8_t *d, const uint8_t *a,
                                       const uint8_t capsule[TW_CAPSULE]);

/** Schnorr proof of possession of z for P, bound to the compartment id: R 32, s 32; challenge H2S("pok", P, R, id). */
TW_NODISCARD tw_status tw_pok_make(tw_ctx *cx, uint8_t proof[64], const uint8_t z[TW_SCALAR], const uint8_t p[TW_POINT],
                                   const uint8_t id[TW_HASH]);
bool tw_pok_ok(tw_ctx *cx, const uint8_t proof[64], const uint8_t p[TW_POINT], const uint8_t id[TW_HASH]);

/* ---------------------------------------------------------------- Merkle trees, RFC 6962 */

void tw_merkle_leaf(uint8_t out[TW_HASH], tw_bytes data); /* SHA-256(0x00 || data) */
void tw_merkle_node(uint8_t out[TW_HASH], const uint8_t left[TW_HASH], const uint8_t right[TW_HASH]);
/** Root of n leaf hashes (n * 32 bytes); n = 0: SHA-256(""). */
void tw_merkle_root(uint8_t out[TW_HASH], const uint8_t *leaves, uint64_t n);
/** Audit path of leaf i among n, bottom first, in the arena; count <= 64. */
TW_NODISCARD tw_status tw_merkle_path(tw_ctx *cx, uint8_t **path, size_t *count, const uint8_t *leaves, uint64_t i,
                                      uint64_t n);
bool tw_merkle_path_ok(const uint8_t root[TW_HASH], const uint8_t leaf[TW_HASH], uint64_t i, uint64_t n,
                       const uint8_t *path, size_t count);
/** Consistency proof between sizes m and n (RFC 6962 2.1.2). */
TW_NODISCARD tw_status tw_merkle_consistency(tw_ctx *cx, uint8_t **path, size_t *count, const uint8_t *leaves,
                                             uint64_t m, uint64_t n);
bool tw_merkle_consistency_ok(const uint8_t root_m[TW_HASH], uint64_t m, const uint8_t root_n[TW_HASH], uint64_t n,
                              const uint8_t *path, size_t count);
/** A whole tree kept as levels, for many proofs from one set of leaves: building costs n hashes, a path none. level[0]
 *  borrows the leaves; the levels above (about n * 32 bytes) are in the arena. fails TW_ELIMIT (memory), TW_ENOTFOUND
 *  (no such leaf). */
typedef struct {
    uint64_t n;
    const uint8_t *level[65]; /* level[k]: ceil(n / 2^k) nodes */
} tw_merkle_tree;
TW_NODISCARD tw_status tw_merkle_tree_build(tw_ctx *cx, tw_merkle_tree *out, const uint8_t *leaves, uint64_t n);
void tw_merkle_tree_root(uint8_t out[TW_HASH], const tw_merkle_tree *tree);
TW_NODISCARD tw_status tw_merkle_tree_path(tw_ctx *cx, uint8_t **path, size_t *count, const tw_merkle_tree *tree,
                                           uint64_t i);
TW_NODISCARD tw_status tw_merkle_tree_consistency(tw_ctx *cx, uint8_t **path, size_t *count, const tw_merkle_tree *tree,
                                                  uint64_t m);
/** Incremental root: at most 64 node hashes. */
typedef struct {
    uint64_t n;
    uint8_t node[64][TW_HASH]; /* node[k] = root of the complete subtree of 2^k leaves, when bit k of n is set */
} tw_merkle_range;
void tw_merkle_range_add(tw_merkle_range *r, const uint8_t leaf[TW_HASH]);
void tw_merkle_range_root(uint8_t out[TW_HASH], const tw_merkle_range *r);

/* ---------------------------------------------------------------- signed notes (C2SP) */

#define TW_NOTE_NAME_MAX 128

/** Checkpoint body "<origin>\n<size>\n<base64 root>\n" with one Ed25519 signature line of key `name` = origin, in the
 *  arena. */
TW_NODISCARD tw_status tw_checkpoint_sign(tw_ctx *cx, tw_str *out, tw_str origin, uint64_t size,
                                          const uint8_t root[TW_HASH], const uint8_t seed[32]);
/** Checks the signature line of the log key (others are ignored) and reads the body. fails TW_EPARSE, TW_ECRYPTO. */
TW_NODISCARD tw_status tw_checkpoint_open(tw_ctx *cx, uint64_t *size, uint8_t root[TW_HASH], tw_str note, tw_str origin,
                                          const uint8_t public_key[TW_KEY]);
/** Verifier key text "name+hex8+base64(0x01 || pk)". */
tw_str tw_note_vkey(tw_ctx *cx, tw_str name, const uint8_t public_key[TW_KEY]);
TW_NODISCARD tw_status tw_note_vkey_parse(tw_ctx *cx, tw_str *name, uint8_t public_key[TW_KEY], tw_str vkey);
/** C2SP tlog-proof@v1 text: index, hash lines, checkpoint verbatim. */
TW_NODISCARD tw_status tw_tlog_proof_make(tw_ctx *cx, tw_str *out, uint64_t index, const uint8_t *path, size_t count,
                                          tw_str checkpoint);
/** Verifies an entry's proof against the log key: returns size and root of its checkpoint. */
TW_NODISCARD tw_status tw_tlog_proof_open(tw_ctx *cx, uint64_t *index, uint64_t *size, uint8_t root[TW_HASH],
                                          tw_str proof, tw_bytes entry, tw_str origin,
                                          const uint8_t public_key[TW_KEY]);

/* ---------------------------------------------------------------- Crypt4GH v1 (GA4GH file encryption standard) */

#define TW_C4GH_BLOCK 65536
/** Cipher bytes of a body of n plain bytes: 28 more for each block of 64 KiB. */
uint64_t tw_c4gh_body_size(uint64_t n);
/** Body: blocks of nonce 12, ciphertext, tag 16 under `key` (random nonces from cx). out: tw_c4gh_body_size bytes. One
 *  pass also gives the SHA-256 Merkle root over the cipher blocks (RFC 6962 leaves = blocks). */
TW_NODISCARD tw_status tw_c4gh_body_seal(tw_ctx *cx, uint8_t *out, uint8_t block_root[TW_HASH], const uint8_t key[32],
                                         tw_bytes plain);
/** The same of plain text that stands in pieces: `plain` is asked for the next n bytes, up to a block at a time and n
 *  bytes in all; they are sealed where it writes them. */
typedef void (*tw_c4gh_plain)(void *self, uint8_t *out, size_t n);
TW_NODISCARD tw_status tw_c4gh_body_seal_from(tw_ctx *cx, uint8_t *out, uint8_t block_root[TW_HASH],
                                              const uint8_t key[32], size_t n, tw_c4gh_plain plain, void *self);
/** Verifies the block root first, then opens. *plain in the arena. */
TW_NODISCARD tw_status tw_c4gh_body_open(tw_ctx *cx, tw_bytes *plain, const uint8_t key[32], tw_bytes body,
                                         const uint8_t *block_root /* NULL: none */);
void tw_c4gh_block_root(uint8_t out[TW_HASH], tw_bytes body);
/** Header for one reader's X25519 key, one data key, ephemeral writer. */
TW_NODISCARD tw_status tw_c4gh_header_make(tw_ctx *cx, tw_bytes *out, const uint8_t reader_public[TW_KEY],
                                           const uint8_t data_key[32]);
/** First data key that `secret` can open; *used = header length. Edit lists are refused (TW_EREFUSED). */
TW_NODISCARD tw_status tw_c4gh_header_open(tw_ctx *cx, uint8_t data_key[32], size_t *used, tw_bytes file,
                                           const uint8_t secret[32]);
/** Key files "-----BEGIN CRYPT4GH ...": public; private with pass phrase (scrypt, bcrypt or none).
 *  fails TW_EPARSE, TW_ECRYPTO (wrong pass phrase), TW_ELIMIT (scrypt's 16 MiB). */
TW_NODISCARD tw_status tw_c4gh_public_key(tw_ctx *cx, uint8_t public_key[TW_KEY], tw_str file);
TW_NODISCARD tw_status tw_c4gh_secret_key(tw_ctx *cx, uint8_t secret[32], tw_str file, tw_str pass_phrase);

#endif
