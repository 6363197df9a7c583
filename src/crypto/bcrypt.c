/* bcrypt_pbkdf, the pass-phrase derivation of OpenSSH keys, which older Crypt4GH key files use. Neither libsodium nor
 * OpenSSL has it. Blowfish starts from the fraction of pi in hexadecimal: 18 words of P, then four boxes of 256. They
 * are computed here (Machin: pi = 16 arctan 1/5 - 4 arctan 1/239), which takes a few milliseconds a call; the
 * derivation itself is meant to be slow.
 *
 * Sources: Schneier, "Description of a new variable-length key, 64-bit block cipher", FSE 1993; Provos and Mazieres, "A
 * future-adaptable password scheme", USENIX 1999; OpenBSD bcrypt_pbkdf(3). */
#include "crypto/crypto.h"

#include <sodium.h>

#include "crypto/crypto_internal.h"

#define ROUNDS_MAX 100000
#define P_WORDS 18
#define BOX_WORDS 1024
#define PI_WORDS (P_WORDS + BOX_WORDS)
#define GUARD_WORDS 4 /* the series' rounding errors stay in here */
#define FIX_WORDS (1 + PI_WORDS + GUARD_WORDS)

/* Boxes are indexed by secret data, as Blowfish does; the pass phrase of a key file is read on its owner's machine. */
typedef struct {
    uint32_t p[P_WORDS];
    uint32_t s[4][256];
} blowfish;

/* ---------------------------------------------------------------- pi */

/* Fixed point: word 0 is the integer part, the rest the fraction, most significant first. */
typedef struct {
    uint32_t w[FIX_WORDS];
} fix;

/* x /= d, from word `from` on (those before are zero); true while x is not zero. */
static bool fix_div(fix *x, uint32_t d, size_t from)
{
    uint64_t rest = 0;
    uint32_t any = 0;
    for (size_t i = from; i < FIX_WORDS; i++) {
        uint64_t v = rest << 32 | x->w[i];
        x->w[i] = (uint32_t)(v / d);
        rest = v % d;
        any |= x->w[i];
    }
    return any != 0;
}

static void fix_add(fix *x, const fix *y)
{
    uint64_t carry = 0;
    for (size_t i = FIX_WORDS; i-- > 0;) {
        carry += (uint64_t)x->w[i] + y->w[i];
        x->w[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static void fix_sub(fix *x, const fix *y)
{
    uint64_t borrow = 0;
    for (size_t i = FIX_WORDS; i-- > 0;) {
        uint64_t v = (uint64_t)x->w[i] - y->w[i] - borrow;
        x->w[i] = (uint32_t)v;
        borrow = v >> 63;
    }
}

/* sum += or -= factor * arctan(1 / d) = factor * (1/d - 1/(3 d^3) + 1/(5 d^5) - ...) */
static void add_arctan(fix *sum, uint32_t factor, uint32_t d, bool minus)
{
    fix power = { .w = { factor } };
    size_t from = 0;
    bool more = fix_div(&power, d, 0);
    for (uint32_t k = 1; more; k += 2) {
        fix term = power;
        fix_div(&term, k, from);
        if (minus)
            fix_sub(sum, &term);
        else
            fix_add(sum, &term);
        minus = !minus;
        more = fix_div(&power, d * d, from);
        while (from < FIX_WORDS - 1 && power.w[from] == 0)
            from++;
    }
}

static void blowfish_start(blowfish *b)
{
    fix pi = { .w = { 0 } };
    add_arctan(&pi, 16, 5, false);
    add_arctan(&pi, 4, 239, true);
    TW_ASSERT(pi.w[0] == 3 && pi.w[1] == 0x243f6a88); /* P_1 as published */
    memcpy(b->p, pi.w + 1, sizeof b->p);
    memcpy(b->s, pi.w + 1 + P_WORDS, sizeof b->s);
}

/* ---------------------------------------------------------------- bcrypt */

static void encipher(const blowfish *b, uint32_t *left, uint32_t *right)
{
    uint32_t l = *left ^ b->p[0];
    uint32_t r = *right;
    for (unsigned i = 1; i <= 16; i += 2) {
        r ^= (((b->s[0][l >> 24] + b->s[1][l >> 16 & 255]) ^ b->s[2][l >> 8 & 255]) + b->s[3][l & 255]) ^ b->p[i];
        l ^= (((b->s[0][r >> 24] + b->s[1][r >> 16 & 255]) ^ b->s[2][r >> 8 & 255]) + b->s[3][r & 255]) ^ b->p[i + 1];
    }
    *left = r ^ b->p[17];
    *right = l;
}

/* The key schedule: P xor key (64 bytes, repeated), then P and boxes become a chain of ciphertexts, with `salt` (64
 * bytes, repeated) or zero mixed in. */
static void expand(blowfish *b, const uint8_t *salt, const uint8_t key[64])
{
    uint32_t l = 0;
    uint32_t r = 0;
    unsigned at = 0;
    for (unsigned i = 0; i < P_WORDS; i++)
        b->p[i] ^= tw_be32(key + 4 * (i % 16));
    for (unsigned i = 0; i < PI_WORDS; i += 2, at = (at + 8) % 64) {
        if (salt) {
            l ^= tw_be32(salt + at);
            r ^= tw_be32(salt + at + 4);
        }
        encipher(b, &l, &r);
        uint32_t *to = i < P_WORDS ? &b->p[i] : &b->s[(i - P_WORDS) / 256][(i - P_WORDS) % 256];
        to[0] = l;
        to[1] = r;
    }
}

/* 64 rounds of keying, then "OxychromaticBlowfishSwatDynamite" enciphered 64 times; words come out little-endian. */
static void bcrypt_hash(uint8_t out[32], const blowfish *start, const uint8_t pass[64], const uint8_t salt[64])
{
    static const uint8_t magic[] = "OxychromaticBlowfishSwatDynamite";
    blowfish b = *start;
    expand(&b, salt, pass);
    for (unsigned i = 0; i < 64; i++) {
        expand(&b, NULL, salt);
        expand(&b, NULL, pass);
    }
    for (unsigned i = 0; i < 8; i += 2) {
        uint32_t l = tw_be32(magic + 4 * i);
        uint32_t r = tw_be32(magic + 4 * i + 4);
        for (unsigned k = 0; k < 64; k++)
            encipher(&b, &l, &r);
        for (unsigned k = 0; k < 4; k++) {
            out[4 * i + k] = (uint8_t)(l >> (8 * k));
            out[4 * i + 4 + k] = (uint8_t)(r >> (8 * k));
        }
    }
    tw_wipe(&b, sizeof b);
}

/* One block of 32 bytes: PBKDF2's chain with bcrypt_hash over SHA-512 of pass phrase and salt. */
tw_status tw_bcrypt_pbkdf(tw_ctx *cx, uint8_t out[32], tw_bytes pass, tw_bytes salt, uint32_t rounds)
{
    static const uint8_t block_index[4] = { 0, 0, 0, 1 };
    memset(out, 0, 32);
    if (pass.n == 0 || salt.n == 0 || rounds < 1 || rounds > ROUNDS_MAX)
        return tw_fail(cx, TW_EPARSE, "bcrypt: empty pass phrase or salt, or %u rounds", rounds);
    blowfish start;
    uint8_t pass_hash[64];
    uint8_t salt_hash[64];
    uint8_t t[32];
    crypto_hash_sha512_state h;
    blowfish_start(&start);
    crypto_hash_sha512(pass_hash, pass.p, pass.n);
    crypto_hash_sha512_init(&h);
    crypto_hash_sha512_update(&h, salt.p, salt.n);
    crypto_hash_sha512_update(&h, block_index, sizeof block_index);
    crypto_hash_sha512_final(&h, salt_hash);
    bcrypt_hash(t, &start, pass_hash, salt_hash);
    memcpy(out, t, sizeof t);
    for (uint32_t i = 1; i < rounds; i++) {
        crypto_hash_sha512(salt_hash, t, sizeof t);
        bcrypt_hash(t, &start, pass_hash, salt_hash);
        for (unsigned k = 0; k < 32; k++)
            out[k] ^= t[k];
    }
    tw_wipe(t, sizeof t);
    tw_wipe(pass_hash, sizeof pass_hash);
    tw_wipe(&h, sizeof h);
    return TW_OK;
}
