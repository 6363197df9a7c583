/* Ed25519 over label || message. The label keeps a signature of one kind of message from being taken for another's.
 * Ed25519 reads its message twice, so both are joined first: on the stack when short, else in the arena. */
#include "crypto/crypto.h"

#include <sodium.h>

#define SHORT_MAX 512

void tw_sign_keys(uint8_t public_key[TW_KEY], uint8_t secret[64], const uint8_t seed[32])
{
    crypto_sign_seed_keypair(public_key, secret, seed);
}

/* label || message, in `room` or the arena; borrowed when there is no label. {NULL, 1} when the arena is full. */
static tw_bytes join(tw_ctx *cx, uint8_t room[SHORT_MAX], const char *label, tw_bytes message)
{
    size_t label_n = strlen(label);
    if (label_n == 0)
        return message;
    TW_ASSERT(message.n < SIZE_MAX - label_n);
    size_t n = label_n + message.n;
    uint8_t *p = n <= SHORT_MAX ? room : tw_arena_try(cx->arena, n);
    if (!p)
        return (tw_bytes){ NULL, 1 };
    memcpy(p, label, label_n);
    if (message.n)
        memcpy(p + label_n, message.p, message.n);
    return (tw_bytes){ p, n };
}

void tw_sign(tw_ctx *cx, uint8_t sig[TW_SIG], const uint8_t secret[64], const char *label, tw_bytes message)
{
    uint8_t room[SHORT_MAX];
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_bytes m = join(cx, room, label, message);
    TW_ASSERT(m.p != NULL || m.n == 0); /* the caller made the message in this arena; it must leave room for a copy */
    crypto_sign_detached(sig, NULL, m.p, m.n, secret);
    tw_arena_back(cx->arena, mark);
}

bool tw_sign_ok(tw_ctx *cx, const uint8_t sig[TW_SIG], const uint8_t public_key[TW_KEY], const char *label,
                tw_bytes message)
{
    uint8_t room[SHORT_MAX];
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_bytes m = join(cx, room, label, message);
    bool ok = (m.p != NULL || m.n == 0) && crypto_sign_verify_detached(sig, m.p, m.n, public_key) == 0;
    tw_arena_back(cx->arena, mark);
    return ok;
}
