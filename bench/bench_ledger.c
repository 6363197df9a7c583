/* The signing node on a real disk, one thread. Usage: bench_ledger DIR [OPERATIONS] ; prints one JSON object.
 * Signed operations of about 300 bytes (owner policies: two signatures each; batches: one) go in blocks of 1, 100
 * and 1,000, each block synced before the next; then the log is opened again, with every signature checked. DIR
 * must not exist; it stays. */
#include <stdlib.h>
#include <time.h>

#include "engine/engine.h"
#include "io/io.h"

enum { BLOCK_MAX = 1000 };

static tw_ctx cx;
static tw_env env;
static tw_party_spec party[3];
static uint8_t secret[3][64];

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void must(tw_status s)
{
    if (s == TW_OK)
        return;
    fprintf(stderr, "%s\n", cx.err.msg);
    exit(1);
}

static tw_bytes genesis(uint8_t log_seed[32])
{
    static const tw_role roles[3] = { TW_ROLE_SOURCE, TW_ROLE_KEEPER, TW_ROLE_STEWARD };
    uint8_t seed[32] = { 0 }, log_secret[64];
    tw_bytes body;
    for (size_t i = 0; i < 3; i++) {
        seed[0] = (uint8_t)i;
        tw_sign_keys(party[i].ed25519, secret[i], seed);
        tw_party_id(&party[i].id, party[i].ed25519);
        party[i].role = (uint8_t)roles[i];
    }
    tw_genesis g = { .party = party,
                     .party_count = 3,
                     .keeper_set = { .generation = 1, .t = 1, .n = 1 },
                     .steward_k = 1,
                     .steward_n = 1,
                     .quota_per_day = UINT32_MAX,
                     .witness_none = true,
                     .origin = TW_STR("bench.example") };
    g.keeper_set.party[0] = party[1].id;
    tw_sign_keys(g.log_key, log_secret, log_seed);
    must(tw_genesis_encode(&cx, &body, &g));
    return body;
}

static tw_bytes batch(void)
{
    return tw_body_batch(&cx, &(tw_batch_body){ .leaves = 1, .bytes = 1 });
}

/* A new compartment each time: the state map grows. */
static tw_bytes policy(const tw_id *ledger, uint64_t n)
{
    uint8_t seed[32] = { 1 }, key[64];
    tw_bytes out;
    tw_owner_op op = { .ledger = *ledger, .kind = TW_OWN_POLICY, .version = 2, .signer = TW_BY_A };
    tw_put_be64(seed + 8, n);
    tw_sign_keys(op.a, key, seed);
    tw_comp_id_of(&op.comp, op.a, op.k, op.rest);
    must(tw_owner_op_sign(&cx, &out, &op, key));
    return out;
}

/* Operations a second, signing not counted. */
static double run(tw_solo *s, uint64_t *nonce, bool owners, size_t total, size_t block)
{
    static tw_bytes ops[BLOCK_MAX];
    static tw_applied results[BLOCK_MAX];
    static tw_status status[BLOCK_MAX];
    tw_id id = *tw_ledger_id(tw_solo_ledger(s));
    double spent = 0;
    for (size_t done = 0; done < total; done += block) {
        tw_mark mark = tw_arena_mark(cx.arena);
        for (size_t i = 0; i < block; i++) {
            tw_op op = { .ledger = id, .party = party[0].id, .kind = owners ? TW_ENTRY_OWNER : TW_ENTRY_BATCH,
                         .nonce = ++*nonce, .valid_until = UINT64_MAX };
            op.body = owners ? policy(&id, *nonce) : batch();
            must(tw_op_sign(&cx, &ops[i], &op, secret[0]));
        }
        double from = seconds();
        must(tw_solo_block(&cx, s, 0, ops, block, results, status));
        spent += seconds() - from;
        for (size_t i = 0; i < block; i++)
            TW_ASSERT(status[i] == TW_OK && results[i].code == TW_CODE_OK);
        tw_arena_back(cx.arena, mark);
    }
    return (double)total / spent;
}

int main(int argc, char **argv)
{
    uint8_t log_seed[32] = { 9 };
    uint64_t total = 20000, nonce = 0;
    tw_solo *s;
    tw_base_start();
    env = tw_io_env();
    tw_ctx_init(&cx, 1024 * TW_MIB, &env);
    if (argc < 2 ||
        (argc > 2 && (!tw_parse_u64(&total, tw_str_of(argv[2])) || total < BLOCK_MAX || total % BLOCK_MAX))) {
        fprintf(stderr, "usage: bench_ledger DIR [OPERATIONS, a multiple of %d]\n", BLOCK_MAX);
        return 2;
    }
    must(tw_solo_create(&cx, argv[1], genesis(log_seed), log_seed));
    must(tw_solo_open(&cx, &s, argv[1], log_seed));
    double one = run(s, &nonce, false, (size_t)total / 10, 1);
    double hundred = run(s, &nonce, false, (size_t)total, 100);
    double thousand = run(s, &nonce, false, (size_t)total, 1000);
    double owners = run(s, &nonce, true, (size_t)total, 1000);
    uint64_t size = tw_ledger_size(tw_solo_ledger(s));
    tw_solo_close(s);
    double from = seconds();
    must(tw_solo_open(&cx, &s, argv[1], log_seed));
    double replay = (double)size / (seconds() - from);
    tw_solo_close(s);
    printf("{\"operations\":%llu,\"batch_1_per_s\":%.0f,\"batch_100_per_s\":%.0f,\"batch_1000_per_s\":%.0f,"
           "\"owner_1000_per_s\":%.0f,\"replay_per_s\":%.0f}\n",
           (unsigned long long)size, one, hundred, thousand, owners, replay);
    tw_ctx_done(&cx);
    return 0;
}
