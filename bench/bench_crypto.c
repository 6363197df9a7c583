/* Cost of the cryptographic operations on one core. Usage: bench_crypto; prints figures: microseconds an
 * operation, and MB/s for bulk. Best of five rounds, processor time. tpre.reencrypt is a keeper's fragment with its
 * proof; tpre.open_t4 all that a reader does for a capsule of a directed grant once four fragments are there: shared
 * scalar, combination, key, unwrapping; tpre.open_class_t4 the same for a class grant. */
#include "crypto/crypto.h"
#include "figure.h"

#define BULK (8 * TW_MIB)
#define LEAVES 4096
#define T 4
#define N 7

static struct {
    tw_ctx cx;
    uint8_t *bulk;
    uint8_t *sealed;
    uint8_t key[32];
    uint8_t a[32];
    uint8_t p[32];
    uint8_t b[32];
    uint8_t b_point[32];
    uint8_t capsule[TW_CAPSULE];
    uint8_t kek[32];
    uint8_t shares[N * 32];
    uint8_t commits[T * 32];
    uint8_t fragments[T * 32];
    uint8_t commit_at[32];
    uint8_t proof[64];
    uint8_t wrap[TW_WRAP]; /* of a secret, under the key of `capsule` */
    uint8_t x_point[32];
    uint8_t w_f[T * 32];
    uint8_t grant_f[T * 32];
    uint8_t class_f[T * 32];
    uint8_t public_key[32];
    uint8_t secret[64];
    uint8_t sig[64];
    uint8_t root[32];
    uint8_t leaves[LEAVES * TW_HASH];
} s;

static const uint8_t xs[T] = { 1, 2, 3, 4 };

static void ok(tw_status status)
{
    TW_ASSERT(status == TW_OK);
}

static tw_bytes some(size_t n)
{
    return (tw_bytes){ s.bulk, n };
}

static void node(void)
{
    tw_merkle_node(s.root, s.root, s.key);
}

static void hmac(void)
{
    tw_hmac_sha256(s.root, TW_BYTES(s.key), "tw/tag/1", some(32));
}

static void sign(void)
{
    tw_sign(&s.cx, s.sig, s.secret, "tw/op/1", some(256));
}

static void sign_check(void)
{
    TW_ASSERT(tw_sign_ok(&s.cx, s.sig, s.public_key, "tw/op/1", some(256)));
}

static void box(void)
{
    tw_bytes out;
    tw_mark m = tw_arena_mark(s.cx.arena);
    ok(tw_box_seal(&s.cx, &out, s.public_key, some(200), some(32)));
    tw_arena_back(s.cx.arena, m);
}

static void encap(void)
{
    ok(tw_tpre_encap(&s.cx, s.capsule, s.kek, s.p, some(32)));
}

static void capsule_check(void)
{
    TW_ASSERT(tw_tpre_capsule_ok(&s.cx, s.capsule, s.p, some(32)));
}

static void deal(void)
{
    ok(tw_share_deal(&s.cx, s.shares, s.commits, s.a, T, N, NULL));
}

static void share_check(void)
{
    TW_ASSERT(tw_share_ok(&s.cx, s.shares + 2 * 32, 3, s.commits, T));
}

static void grant(void)
{
    uint8_t x_point[32];
    uint8_t shares[N * 32];
    uint8_t commits[T * 32];
    ok(tw_tpre_grant(&s.cx, x_point, shares, commits, s.a, s.b_point, some(32), T, N, NULL, NULL));
}

static void fragment(void)
{
    ok(tw_tpre_fragment(&s.cx, s.fragments, s.shares, s.capsule));
}

static void prove(void)
{
    ok(tw_tpre_prove(&s.cx, s.proof, s.shares, s.capsule, s.fragments, s.commit_at, some(32), NULL));
}

static void fragment_check(void)
{
    TW_ASSERT(tw_tpre_fragment_ok(&s.cx, s.proof, s.capsule, s.fragments, s.commit_at, some(32)));
}

static void combine(void)
{
    uint8_t point[32];
    ok(tw_tpre_combine(&s.cx, point, xs, T, s.fragments, NULL, NULL, NULL, s.capsule));
}

static void combine_directed(void)
{
    uint8_t point[32];
    ok(tw_tpre_combine(&s.cx, point, xs, T, s.fragments, s.fragments, s.b, NULL, s.capsule));
}

static void reencrypt(void)
{
    fragment();
    prove();
}

static void unwrap(const uint8_t shared[32])
{
    uint8_t kek[32], secret[32];
    tw_tpre_kek(kek, shared, s.capsule, s.p, some(32));
    ok(tw_tpre_unwrap(&s.cx, secret, s.wrap, kek, s.capsule));
}

static void open_class(void)
{
    uint8_t point[32];
    ok(tw_tpre_combine(&s.cx, point, xs, T, s.class_f, NULL, NULL, NULL, s.capsule));
    unwrap(point);
}

static void open_directed(void)
{
    uint8_t point[32], d[32];
    ok(tw_tpre_shared(&s.cx, d, s.b, s.x_point, some(32)));
    ok(tw_tpre_combine(&s.cx, point, xs, T, s.w_f, s.grant_f, d, NULL, s.capsule));
    unwrap(point);
}

static void checkpoint(void)
{
    tw_str out;
    tw_mark m = tw_arena_mark(s.cx.arena);
    ok(tw_checkpoint_sign(&s.cx, &out, TW_STR("log.example"), 1000, s.root, s.key));
    tw_arena_back(s.cx.arena, m);
}

static void tree(void)
{
    tw_merkle_tree t;
    tw_mark m = tw_arena_mark(s.cx.arena);
    ok(tw_merkle_tree_build(&s.cx, &t, s.leaves, LEAVES));
    tw_arena_back(s.cx.arena, m);
}

static void sha256(void)
{
    tw_sha256_of(s.root, some(BULK));
}

static void body_seal(void)
{
    ok(tw_c4gh_body_seal(&s.cx, s.sealed, s.root, s.key, some(BULK)));
}

static void body_open(void)
{
    tw_bytes plain;
    tw_mark m = tw_arena_mark(s.cx.arena);
    ok(tw_c4gh_body_open(&s.cx, &plain, s.key, (tw_bytes){ s.sealed, (size_t)tw_c4gh_body_size(BULK) }, s.root));
    tw_arena_back(s.cx.arena, m);
}

static void aead_64k(void)
{
    ok(tw_aead_seal(&s.cx, s.sealed + BULK, s.key, s.key, (tw_bytes){ 0 }, some(65536)));
}

/* In this order: some need what others leave behind. */
static const struct {
    const char *name;
    void (*run)(void);
    unsigned times;
    double bytes; /* 0: an operation, else MB/s */
} cases[] = {
    { "merkle_node", node, 20000, 0 },
    { "hmac_sha256_40", hmac, 20000, 0 },
    { "sign_263", sign, 500, 0 },
    { "sign_check_263", sign_check, 200, 0 },
    { "box_seal_200", box, 200, 0 },
    { "encap", encap, 100, 0 },
    { "tpre.open_t4", open_directed, 50, 0 },
    { "tpre.open_class_t4", open_class, 50, 0 },
    { "capsule_check", capsule_check, 100, 0 },
    { "deal_4_of_7", deal, 50, 0 },
    { "share_check_t4", share_check, 100, 0 },
    { "grant_4_of_7", grant, 50, 0 },
    { "fragment", fragment, 200, 0 },
    { "prove", prove, 100, 0 },
    { "tpre.reencrypt", reencrypt, 100, 0 },
    { "fragment_check", fragment_check, 100, 0 },
    { "combine_class_t4", combine, 50, 0 },
    { "combine_directed_t4", combine_directed, 50, 0 },
    { "checkpoint_sign", checkpoint, 200, 0 },
    { "merkle_tree_4096", tree, 20, 0 },
    { "sha256", sha256, 2, BULK },
    { "aead_seal_64k", aead_64k, 100, 65536 },
    { "c4gh_body_seal", body_seal, 2, BULK },
    { "c4gh_body_open", body_open, 2, BULK },
};

static void set_up(void)
{
    tw_random(&s.cx, s.key, 32);
    tw_scalar_random(&s.cx, s.a);
    tw_scalar_random(&s.cx, s.b);
    ok(tw_point_base(&s.cx, s.p, s.a));
    ok(tw_point_base(&s.cx, s.b_point, s.b));
    tw_sign_keys(s.public_key, s.secret, s.key);
    s.bulk = tw_arena_get(s.cx.arena, BULK);
    s.sealed = tw_arena_get(s.cx.arena, 2 * BULK);
}

/* Before "tpre.open": P = (a + w) G as of a compartment, a dealt to the grant and to the class, w to the keepers. */
static void set_up_opening(void)
{
    uint8_t w[32], z[32], kek[32], secret[32] = { 7 };
    uint8_t w_share[N * 32], a_share[N * 32], g_share[N * 32], commits[T * 32];
    tw_scalar_random(&s.cx, w);
    tw_scalar_add(z, s.a, w);
    ok(tw_point_base(&s.cx, s.p, z));
    ok(tw_tpre_encap(&s.cx, s.capsule, kek, s.p, some(32)));
    tw_tpre_wrap(&s.cx, s.wrap, kek, secret, s.capsule);
    ok(tw_share_deal(&s.cx, w_share, commits, w, T, N, NULL));
    ok(tw_share_deal(&s.cx, a_share, commits, s.a, T, N, NULL));
    ok(tw_tpre_grant(&s.cx, s.x_point, g_share, commits, s.a, s.b_point, some(32), T, N, NULL, NULL));
    for (size_t i = 0; i < T * 32; i += 32) {
        uint8_t both[32];
        tw_scalar_add(both, w_share + i, a_share + i);
        ok(tw_tpre_fragment(&s.cx, s.w_f + i, w_share + i, s.capsule));
        ok(tw_tpre_fragment(&s.cx, s.grant_f + i, g_share + i, s.capsule));
        ok(tw_tpre_fragment(&s.cx, s.class_f + i, both, s.capsule));
    }
}

/* Before "fragment_check" and "combine": fragments of the shares just dealt, and the commitment of keeper 1. */
static void set_up_fragments(void)
{
    for (size_t i = 0; i < T; i++)
        ok(tw_tpre_fragment(&s.cx, s.fragments + i * 32, s.shares + i * 32, s.capsule));
    ok(tw_share_commit_at(&s.cx, s.commit_at, 1, s.commits, T));
}

int main(void)
{
    uint64_t state = 1;
    tw_env env = { .entropy = { cheap_fill, &state } };
    tw_base_start();
    tw_ctx_init(&s.cx, 64 * TW_MIB, &env);
    set_up();
    for (size_t i = 0; i < TW_COUNT(cases); i++) {
        double best = 1e9;
        if (cases[i].run == open_directed)
            set_up_opening();
        if (cases[i].run == fragment)
            set_up_fragments();
        for (int round = 0; round < 5; round++) {
            double from = core_seconds();
            for (unsigned k = 0; k < cases[i].times; k++)
                cases[i].run();
            best = TW_MIN(best, (core_seconds() - from) / cases[i].times);
        }
        bool bulk = cases[i].bytes > 0;
        const char *name = strchr(cases[i].name, '.') ? cases[i].name
                                                      : tw_strf(s.cx.arena, "crypto.%s", cases[i].name).p;
        figure(name, bulk ? cases[i].bytes / best * 1e-6 : best * 1e6, bulk ? "MB/s" : "us", cases[i].times);
    }
    tw_ctx_done(&s.cx);
    return 0;
}
