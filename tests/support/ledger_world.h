/** A small world for ledger tests: parties with keys from fixed seeds, a genesis, and operations signed with the
 *  next nonce. */
#ifndef TW_LEDGER_WORLD_H
#define TW_LEDGER_WORLD_H

#include "base/base.h"
#include "ledger/ledger.h"

#define TW_WORLD_TIME 1767225600u /* 2026-01-01T00:00:00Z */
#define TW_WORLD_FOREVER UINT64_MAX

typedef struct {
    tw_id id;
    uint8_t public_key[TW_KEY];
    uint8_t secret[64];
    uint64_t nonce; /* last used in lane 0 */
} tw_actor;

typedef struct {
    tw_actor source, source2, grantee, grantee2, relay, clinician;
    tw_actor keeper[4];  /* t = 3 */
    tw_actor steward[3]; /* k = 2 */
    tw_party_spec spec[13];
    tw_genesis genesis;
    tw_bytes genesis_body;
    uint8_t log_seed[32];
    tw_id ledger;
} tw_world;

void tw_world_make(tw_ctx *cx, tw_world *w);
/** Encodes w->genesis (again, after a change) and takes the ledger id from it. */
void tw_world_begin(tw_ctx *cx, tw_world *w);
/** Key pair from SHA-256(name). */
void tw_actor_make(tw_actor *a, const char *name);
/** Signed operation: next nonce, lane 0, valid for ever. */
tw_bytes tw_world_op(tw_ctx *cx, const tw_world *w, tw_actor *a, tw_entry_kind kind, tw_bytes body);
/** Outcome of one operation that must be logged. */
tw_code tw_world_put(tw_ctx *cx, tw_ledger *l, tw_bytes op);
/** Operation and outcome in one. */
tw_code tw_world_do(tw_ctx *cx, tw_world *w, tw_ledger *l, tw_actor *a, tw_entry_kind kind, tw_bytes body);

/** A wallet's compartment: A, K from the name, a made-up rest. */
typedef struct {
    tw_actor a, k;
    uint8_t rest[32];
    tw_id id;
} tw_world_comp;
void tw_world_comp_make(tw_world_comp *c, const char *name);
/** Owner operation of a compartment on this ledger, inner signature only. */
tw_bytes tw_world_owner(tw_ctx *cx, const tw_world *w, const tw_world_comp *c, tw_owner_kind kind, uint32_t version,
                        tw_owner_signer by);
/** Body of kind 9 with a project of this world's grantee; period from TW_WORLD_TIME, a year. */
tw_bytes tw_world_project(tw_ctx *cx, const tw_actor *grantee, tw_id *project, uint8_t body_hash[32]);
/** Opened and approved by two stewards. */
void tw_world_live_project(tw_ctx *cx, tw_world *w, tw_ledger *l, tw_id *project);
/** Signatures of the first `count` stewards on a body encoded without any; ascending, in the arena. */
tw_steward_sig *tw_world_stewards(tw_ctx *cx, const tw_world *w, tw_entry_kind kind, tw_bytes body, size_t count);

/** A fixed sequence of operations over all kinds; `each` gets every one (NULL bytes: a tick to that second). */
void tw_world_play(tw_ctx *cx, tw_world *w, void (*each)(void *arg, uint64_t tick_s, tw_bytes op), void *arg);

#endif
