/* The signing node on a real disk, one thread. Usage: bench_ledger DIR [OPERATIONS] ; prints figures, wall time.
 * Signed operations of about 300 bytes (owner policies: two signatures each; batches: one) go in blocks of 1, 100
 * and 1,000, each block synced before the next; then the log is opened by a reader, with every signature checked
 * (replay), and by its signer, from the stored state (open). DIR must not exist; it stays. sodium.verify: libsodium
 * alone on the same operations, before and after. state.*: rows of compartments put into a ledger without a signature,
 * all of them and then again in blocks of 1,000 with a root each. */
#include <sodium.h>

#include "engine/engine.h"
#include "figure.h"
#include "io/io.h"

enum { BLOCK_MAX = 1000 };

static tw_ctx cx;
static tw_env env;
static tw_party_spec party[3];
static uint8_t secret[3][64];

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
    must(&cx, tw_genesis_encode(&cx, &body, &g));
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
    must(&cx, tw_owner_op_sign(&cx, &out, &op, key));
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
            must(&cx, tw_op_sign(&cx, &ops[i], &op, secret[0]));
        }
        double from = wall_seconds();
        must(&cx, tw_solo_block(&cx, s, 0, ops, block, results, status));
        spent += wall_seconds() - from;
        for (size_t i = 0; i < block; i++)
            TW_ASSERT(status[i] == TW_OK && results[i].code == TW_CODE_OK);
        tw_arena_back(cx.arena, mark);
    }
    return (double)total / spent;
}

/* Signatures a second that libsodium checks on a message as long as an operation. */
static double verify_rate(const tw_id *ledger)
{
    enum { TIMES = 4000 };
    uint8_t sig[64];
    tw_bytes op, body = batch();
    tw_op o = { .ledger = *ledger, .party = party[0].id, .kind = TW_ENTRY_BATCH, .nonce = 1, .body = body };
    must(&cx, tw_op_sign(&cx, &op, &o, secret[0]));
    crypto_sign_detached(sig, NULL, op.p, op.n, secret[0]);
    double from = wall_seconds();
    for (int i = 0; i < TIMES; i++)
        TW_ASSERT(crypto_sign_verify_detached(sig, op.p, op.n, party[0].ed25519) == 0);
    return TIMES / (wall_seconds() - from);
}

/* ---------------------------------------------------------------- the state map */

static void put_row(tw_ledger *l, uint64_t person, uint64_t value)
{
    uint8_t key[33] = { TW_STATE_COMP };
    uint8_t row[16 + 4 + 1 + 1 + 64 + 16] = { 0 };
    tw_put_be64(key + 1, person * 0x9e3779b97f4a7c15u);
    tw_put_be64(row + 24, value);
    must(&cx, tw_ledger_load_row(&cx, l, TW_BYTES(key), TW_BYTES(row)));
}

static void state_map(tw_bytes body, uint64_t rows, const char *load, const char *update)
{
    enum { BLOCKS = 100 };
    uint8_t root[32];
    uint64_t dice = 1;
    tw_ledger *l;
    must(&cx, tw_ledger_new(&cx, &l, NULL, body));
    double from = wall_seconds();
    for (uint64_t i = 0; i < rows; i++)
        put_row(l, i, i);
    tw_ledger_state_root(root, l);
    figure(load, (double)rows / (wall_seconds() - from), "rows/s", rows);
    from = wall_seconds();
    for (int i = 0; i < BLOCKS; i++) {
        for (int k = 0; k < BLOCK_MAX; k++) {
            dice = dice * 6364136223846793005u + 1442695040888963407u;
            put_row(l, (dice >> 20) % rows, dice);
        }
        tw_ledger_state_root(root, l);
    }
    figure(update, BLOCKS * BLOCK_MAX / (wall_seconds() - from), "rows/s", BLOCKS * BLOCK_MAX);
    tw_ledger_free(l);
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
    must(&cx, tw_solo_create(&cx, argv[1], genesis(log_seed), log_seed));
    must(&cx, tw_solo_open(&cx, &s, argv[1], log_seed));
    const tw_id id = *tw_ledger_id(tw_solo_ledger(s));
    double verify = verify_rate(&id);
    double one = run(s, &nonce, false, (size_t)total / 10, 1);
    double hundred = run(s, &nonce, false, (size_t)total, 100);
    double thousand = run(s, &nonce, false, (size_t)total, 1000);
    double owners = run(s, &nonce, true, (size_t)total, 1000);
    uint64_t size = tw_ledger_size(tw_solo_ledger(s));
    tw_solo_close(s);
    double from = wall_seconds();
    must(&cx, tw_solo_open(&cx, &s, argv[1], NULL));
    double replay = (double)size / (wall_seconds() - from);
    tw_solo_close(s);
    from = wall_seconds();
    must(&cx, tw_solo_open(&cx, &s, argv[1], log_seed));
    double open = (double)size / (wall_seconds() - from);
    TW_ASSERT(tw_solo_loaded(s) == size);
    tw_solo_close(s);
    verify = (verify + verify_rate(&id)) / 2;
    figure("solo.block_1", one, "operations/s", total / 10);
    figure("solo.block_100", hundred, "operations/s", total);
    figure("solo.block_1000", thousand, "operations/s", total);
    figure("solo.owner_1000", owners, "operations/s", total);
    figure("solo.replay", replay, "operations/s", size);
    figure("solo.open", open, "operations/s", size);
    figure("sodium.verify", verify, "signatures/s", 8000);
    state_map(genesis(log_seed), 100000, "state.load_1e5", "state.update_1e5");
    state_map(genesis(log_seed), 1000000, "state.load_1e6", "state.update_1e6");
    tw_ctx_done(&cx);
    return 0;
}
