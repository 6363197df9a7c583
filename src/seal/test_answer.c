#include "test_seal.h"

/* One record on its whole way, and what each party holds. */
typedef struct {
    world *w;
    tw_wallet *wallet;
    tw_comp_record record;
    tw_id comp;
    tw_keeper_share *share; /* N */
    tw_sealed_batch batch;
    const uint8_t *capsule;
    const uint8_t *wrap;
    tw_segment_leaf leaf;
    tw_bytes body;
} path;

static const char line[] = "{\"resourceType\":\"Observation\",\"subject\":{\"reference\":\"Patient/self\"}}";

static path *path_of(const char *text, bool directed)
{
    path *p = tw_new(cx->arena, path);
    p->w = world_new();
    p->w->opts.directed = directed;
    p->wallet = wallet_new();
    const tw_bundle_entry *e = &enrol(p->w, p->wallet)->entry[0];
    p->record = e->record;
    p->comp = e->comp;
    p->share = import_all(p->w, e);
    p->batch = seal_line(p->w, &p->record, text);
    p->capsule = tw_sealed_object(p->batch.item[0]).p;
    p->wrap = p->capsule + TW_CAPSULE;
    p->leaf = leaf_of(p->batch.item[1]).segment;
    p->body = tw_sealed_object(p->batch.item[1]);
    assert_true(tw_capsule_ok(cx, &p->record.body, &p->comp, DAY, p->capsule));
    return p;
}

typedef struct {
    uint8_t xs[N];
    uint8_t f1[N * TW_POINT];
    uint8_t f2[N * TW_POINT];
    tw_fragments f;
} answers;

/* Fragments of the keepers in `who` (bit i: keeper i + 1). mail: directed shares, or NULL. */
static answers ask(const path *p, unsigned who, tw_answer_kind kind, const tw_mail *mail)
{
    answers a = { .f = { .kind = kind } };
    size_t n = 0;
    for (uint8_t i = 0; i < N; i++) {
        if (!(who >> i & 1))
            continue;
        a.xs[n] = p->share[i].index;
        assert_ok(tw_keeper_fragment(cx, a.f1 + n * TW_POINT, a.f2 + n * TW_POINT, kind, &p->share[i],
                                     mail ? mail[i].share : NULL, p->capsule));
        n++;
    }
    a.f.count = n;
    return a;
}

static tw_status open_secret(const path *p, uint8_t secret[32], answers *a)
{
    a->f.xs = a->xs;
    a->f.f1 = a->f1;
    a->f.f2 = a->f2;
    return tw_capsule_open(cx, secret, &p->record.body, &p->comp, DAY, p->capsule, p->wrap, &a->f);
}

static void assert_reads(const path *p, answers *a, const char *text)
{
    uint8_t secret[32];
    tw_bytes ndjson;
    assert_ok(open_secret(p, secret, a));
    assert_ok(tw_segment_open(cx, &ndjson, secret, &p->leaf, p->body));
    assert_int_equal(strlen(text) + 1, ndjson.n);
    assert_memory_equal(text, ndjson.p, strlen(text));
    assert_int_equal('\n', ndjson.p[ndjson.n - 1]);
}

static void assert_shut(const path *p, answers *a)
{
    uint8_t secret[32];
    const uint8_t zero[32] = { 0 };
    assert_status(TW_ECRYPTO, open_secret(p, secret, a));
    assert_memory_equal(zero, secret, sizeof secret);
}

/* ---------------------------------------------------------------- class */

TEST(class__any_three_of_four_keepers_open_and_no_two_do)
{
    path *p = path_of(line, false);
    for (unsigned who = 0; who < 1u << N; who++) {
        answers a = ask(p, who, TW_ANSWER_CLASS, NULL);
        if (a.f.count >= T)
            assert_reads(p, &a, line);
        else
            assert_shut(p, &a);
    }
    tw_wallet_free(p->wallet);
}

/* The count check of tw_capsule_open is a courtesy; the algebra itself gives nothing to two. */
TEST(class__two_fragments_do_not_combine_to_the_key)
{
    path *p = path_of(line, false);
    answers a = ask(p, 3, TW_ANSWER_CLASS, NULL);
    tw_comp two = p->record.body;
    uint8_t secret[32];
    two.t = 2;
    a.f.xs = a.xs;
    a.f.f1 = a.f1;
    assert_status(TW_ECRYPTO, tw_capsule_open(cx, secret, &two, &p->comp, DAY, p->capsule, p->wrap, &a.f));
    tw_wallet_free(p->wallet);
}

TEST(class__one_fragment_given_thrice_opens_nothing)
{
    path *p = path_of(line, false);
    answers a = ask(p, 7, TW_ANSWER_CLASS, NULL);
    answers same = a;
    assert_reads(p, &a, line);
    for (size_t i = 1; i < T; i++) {
        same.xs[i] = same.xs[0];
        memcpy(same.f1 + i * TW_POINT, same.f1, TW_POINT);
    }
    uint8_t secret[32];
    assert_true(open_secret(p, secret, &same) != TW_OK);
    tw_wallet_free(p->wallet);
}

static tw_bytes request(void)
{
    return tw_bytes_of(TW_STR("release, leaf, log size, keeper"));
}

static bool proof_holds(const path *p, const answers *a, size_t i, tw_answer_kind kind, const uint8_t *commits,
                        const uint8_t proof1[64], const uint8_t proof2[64], tw_bytes rctx)
{
    return tw_fragment_proof_ok(cx, kind, &p->record.body, commits, a->xs[i], p->capsule, a->f1 + i * TW_POINT,
                                a->f2 + i * TW_POINT, proof1, proof2, rctx);
}

TEST(class__a_lying_keeper_is_named_by_the_proofs)
{
    path *p = path_of(line, false);
    p->share[1].w[0] ^= 1; /* keeper 2 answers with another share; its record is the true one */
    answers a = ask(p, 7, TW_ANSWER_CLASS, NULL);
    assert_shut(p, &a);
    for (uint8_t i = 0; i < T; i++) {
        uint8_t proof1[64];
        uint8_t proof2[64];
        assert_ok(tw_keeper_prove(cx, proof1, proof2, TW_ANSWER_CLASS, &p->share[i], NULL, NULL, p->capsule,
                  request()));
        assert_int_equal(i != 1, proof_holds(p, &a, i, TW_ANSWER_CLASS, NULL, proof1, proof2, request()));
    }
    p->share[1].w[0] ^= 1;
    a = ask(p, 7, TW_ANSWER_CLASS, NULL);
    assert_reads(p, &a, line);
    tw_wallet_free(p->wallet);
}

TEST(proof__holds_for_its_request_capsule_and_keeper_only)
{
    path *p = path_of(line, false);
    answers a = ask(p, 15, TW_ANSWER_CLASS, NULL);
    uint8_t proof1[64];
    uint8_t proof2[64];
    const uint8_t none[64] = { 0 };
    assert_ok(tw_keeper_prove(cx, proof1, proof2, TW_ANSWER_CLASS, &p->share[0], NULL, NULL, p->capsule, request()));
    assert_memory_equal(none, proof2, sizeof none);
    assert_true(proof_holds(p, &a, 0, TW_ANSWER_CLASS, NULL, proof1, proof2, request()));
    assert_false(proof_holds(p, &a, 0, TW_ANSWER_CLASS, NULL, proof1, proof2, tw_bytes_of(TW_STR("another"))));
    assert_false(proof_holds(p, &a, 0, TW_ANSWER_SELF, NULL, proof1, proof2, request()));
    assert_false(proof_holds(p, &a, 1, TW_ANSWER_CLASS, NULL, proof1, proof2, request()));
    for (size_t i = 0; i < 64; i++) {
        proof1[i] ^= 1;
        assert_false(proof_holds(p, &a, 0, TW_ANSWER_CLASS, NULL, proof1, proof2, request()));
        proof1[i] ^= 1;
    }
    tw_wallet_free(p->wallet);
}

/* ---------------------------------------------------------------- directed */

typedef struct {
    uint8_t b[TW_SCALAR];
    uint8_t b_point[TW_POINT];
    tw_mail mail[N];
    uint8_t d[TW_SCALAR];
} grant;

/* A new policy version for a fresh grantee key, as each keeper opens it. */
static grant grant_to_somebody(path *p, tw_mail_kind kind)
{
    grant g = { 0 };
    tw_bytes op;
    tw_bytes mail[N];
    tw_scalar_random(cx, g.b);
    assert_ok(tw_point_base(cx, g.b_point, g.b));
    assert_ok(tw_wallet_policy(cx, &op, mail, p->wallet, &p->comp, &p->w->policy, kind,
                               kind == TW_MAIL_DIRECTED ? g.b_point : NULL, &p->w->set, p->w->opts.import_key));
    for (uint8_t i = 0; i < N; i++)
        assert_ok(tw_mail_open(cx, &g.mail[i], mail[i], p->w->import_secret[i], &p->record, i + 1));
    if (kind == TW_MAIL_DIRECTED)
        assert_ok(tw_tpre_shared(cx, g.d, g.b, tw_wallet_find(p->wallet, &p->comp)->grant_x, tw_id_bytes(&p->comp)));
    return g;
}

TEST(directed__mail_after_sealing_opens_for_its_grantee_only)
{
    path *p = path_of(line, true);
    const grant g = grant_to_somebody(p, TW_MAIL_DIRECTED);
    answers a = ask(p, 7, TW_ANSWER_DIRECTED, g.mail);
    a.f.d = g.d;
    assert_reads(p, &a, line);
    a = ask(p, 3, TW_ANSWER_DIRECTED, g.mail);
    a.f.d = g.d;
    assert_shut(p, &a);
    const grant other = grant_to_somebody(p, TW_MAIL_DIRECTED);
    a = ask(p, 7, TW_ANSWER_DIRECTED, g.mail);
    a.f.d = other.d; /* another grantee with the first one's fragments */
    assert_shut(p, &a);
    a.f.d = g.d;
    assert_reads(p, &a, line);
    tw_wallet_free(p->wallet);
}

TEST(directed__keepers_alone_have_nothing_to_combine)
{
    path *p = path_of(line, true);
    const grant g = grant_to_somebody(p, TW_MAIL_DIRECTED);
    uint8_t f1[TW_POINT];
    uint8_t f2[TW_POINT];
    const uint8_t one[TW_SCALAR] = { 1 };
    assert_status(TW_EREFUSED, tw_keeper_fragment(cx, f1, f2, TW_ANSWER_CLASS, &p->share[0], NULL, p->capsule));
    assert_status(TW_EREFUSED, tw_keeper_fragment(cx, f1, f2, TW_ANSWER_DIRECTED, &p->share[0], NULL, p->capsule));
    answers a = ask(p, 15, TW_ANSWER_DIRECTED, g.mail);
    a.f.d = one; /* all keepers together, without d */
    assert_shut(p, &a);
    a = ask(p, 15, TW_ANSWER_SELF, NULL);
    a.f.kind = TW_ANSWER_CLASS; /* w E alone */
    assert_shut(p, &a);
    tw_wallet_free(p->wallet);
}

TEST(directed__a_lie_in_either_fragment_is_named)
{
    path *p = path_of(line, true);
    const grant g = grant_to_somebody(p, TW_MAIL_DIRECTED);
    for (int lie = 0; lie < 3; lie++) {
        grant told = g;
        uint8_t proof1[64];
        uint8_t proof2[64];
        p->share[2].w[0] ^= lie == 1;
        told.mail[2].share[0] ^= lie == 2;
        answers a = ask(p, 7, TW_ANSWER_DIRECTED, told.mail);
        a.f.d = g.d;
        assert_ok(tw_keeper_prove(cx, proof1, proof2, TW_ANSWER_DIRECTED, &p->share[2], told.mail[2].share,
                                  g.mail[2].commits[0], p->capsule, request()));
        assert_int_equal(lie == 0,
                         proof_holds(p, &a, 2, TW_ANSWER_DIRECTED, g.mail[0].commits[0], proof1, proof2, request()));
        if (lie)
            assert_shut(p, &a);
        else
            assert_reads(p, &a, line);
        p->share[2].w[0] ^= lie == 1;
    }
    tw_wallet_free(p->wallet);
}

TEST(class_mail__turns_a_directed_compartment_into_a_class_one)
{
    path *p = path_of(line, true);
    const grant g = grant_to_somebody(p, TW_MAIL_CLASS);
    uint8_t proof1[64];
    uint8_t proof2[64];
    for (uint8_t i = 0; i < N; i++)
        memcpy(p->share[i].a, g.mail[i].a, TW_SCALAR);
    answers a = ask(p, 14, TW_ANSWER_CLASS, NULL);
    assert_reads(p, &a, line);
    assert_ok(tw_keeper_prove(cx, proof1, proof2, TW_ANSWER_CLASS, &p->share[1], NULL, g.mail[1].commits[0], p->capsule,
                              request()));
    assert_true(proof_holds(p, &a, 0, TW_ANSWER_CLASS, g.mail[3].commits[0], proof1, proof2, request()));
    assert_false(proof_holds(p, &a, 0, TW_ANSWER_CLASS, NULL, proof1, proof2, request()));
    tw_wallet_free(p->wallet);
}

/* ---------------------------------------------------------------- the owner, and after erasure */

static tw_comp_keys keys_of(const path *p, const tw_wallet *w)
{
    tw_comp_keys k;
    const tw_comp *c = &p->record.body;
    assert_ok(tw_wallet_keys(cx, &k, w, &c->source, (tw_category)c->category, c->epoch, c->generation));
    return k;
}

TEST(self__the_owner_reads_with_the_keepers_of_either_kind)
{
    for (int directed = 0; directed < 2; directed++) {
        path *p = path_of(line, directed);
        tw_comp_keys k = keys_of(p, p->wallet);
        answers a = ask(p, 7, TW_ANSWER_SELF, NULL);
        a.f.a = k.a;
        assert_reads(p, &a, line);
        k.a[0] ^= 1;
        assert_shut(p, &a);
        tw_wallet_free(p->wallet);
    }
}

TEST(self__proofs_hold_for_w_alone)
{
    path *p = path_of(line, false);
    answers a = ask(p, 7, TW_ANSWER_SELF, NULL);
    uint8_t proof1[64];
    uint8_t proof2[64];
    assert_ok(tw_keeper_prove(cx, proof1, proof2, TW_ANSWER_SELF, &p->share[1], NULL, NULL, p->capsule, request()));
    assert_true(proof_holds(p, &a, 1, TW_ANSWER_SELF, NULL, proof1, proof2, request()));
    assert_false(proof_holds(p, &a, 0, TW_ANSWER_SELF, NULL, proof1, proof2, request()));
    tw_wallet_free(p->wallet);
}

/* After erasure t - 1 shares of w are left somewhere, and both roots. Everything that can be made of them is
 * tried: each kind of combination, and enrolling again from the same roots. The third share makes the same
 * attempts succeed. */
TEST(erased__roots_and_too_few_shares_open_nothing)
{
    path *p = path_of(line, false);
    tw_comp_keys k = keys_of(p, p->wallet);
    for (int whole = 0; whole < 2; whole++) {
        const unsigned who = whole ? 7 : 3;
        tw_comp c = p->record.body;
        uint8_t shared[TW_POINT];
        uint8_t kek[32];
        uint8_t ctx[TW_CAPSULE_CTX];
        uint8_t secret[32];
        tw_capsule_ctx(ctx, &c, &p->comp, DAY);
        const tw_status want = whole ? TW_OK : TW_ECRYPTO;
        answers a = ask(p, who, TW_ANSWER_SELF, NULL);
        assert_ok(tw_tpre_combine(cx, shared, a.xs, a.f.count, a.f1, NULL, NULL, k.a, p->capsule)); /* w' E + a E */
        tw_tpre_kek(kek, shared, p->capsule, c.p, TW_BYTES(ctx));
        assert_status(want, tw_tpre_unwrap(cx, secret, p->wrap, kek, p->capsule));
        a = ask(p, who, TW_ANSWER_CLASS, NULL);
        assert_ok(tw_tpre_combine(cx, shared, a.xs, a.f.count, a.f1, NULL, NULL, NULL, p->capsule));
        tw_tpre_kek(kek, shared, p->capsule, c.p, TW_BYTES(ctx));
        assert_status(want, tw_tpre_unwrap(cx, secret, p->wrap, kek, p->capsule));
    }
    uint8_t own[TW_POINT];
    uint8_t kek[32];
    uint8_t secret[32];
    uint8_t ctx[TW_CAPSULE_CTX];
    tw_capsule_ctx(ctx, &p->record.body, &p->comp, DAY);
    assert_ok(tw_tpre_fragment(cx, own, k.a, p->capsule)); /* a E: the root alone */
    tw_tpre_kek(kek, own, p->capsule, p->record.body.p, TW_BYTES(ctx));
    assert_status(TW_ECRYPTO, tw_tpre_unwrap(cx, secret, p->wrap, kek, p->capsule));
    tw_wallet_free(p->wallet);
}

TEST(erased__the_same_roots_deal_another_w)
{
    path *p = path_of(line, false);
    tw_bytes file;
    tw_wallet *again;
    assert_ok(tw_wallet_save(cx, &file, p->wallet, true, TW_STR("")));
    assert_ok(tw_wallet_load(cx, &again, file, TW_STR("")));
    assert_ok(tw_wallet_forget_source(cx, again, &p->w->source)); /* so that the place and its keys are the same */
    const tw_bundle_entry *e = &enrol(p->w, again)->entry[0];
    assert_memory_equal(p->record.a, e->record.a, TW_KEY);
    assert_memory_equal(p->record.body.commits_a, e->record.body.commits_a, T * TW_POINT);
    assert_memory_not_equal(p->record.body.p, e->record.body.p, TW_POINT);
    assert_memory_not_equal(p->record.body.commits_w, e->record.body.commits_w, TW_POINT);
    path later = *p;
    later.share = import_all(p->w, e);
    answers a = ask(&later, 15, TW_ANSWER_CLASS, NULL);
    assert_shut(p, &a);
    tw_wallet_free(p->wallet);
    tw_wallet_free(again);
}

/* ---------------------------------------------------------------- wraps and segments */

TEST(wrap__or_capsule_or_context_altered_opens_nothing)
{
    path *p = path_of(line, false);
    answers a = ask(p, 7, TW_ANSWER_CLASS, NULL);
    uint8_t secret[32];
    a.f.xs = a.xs;
    a.f.f1 = a.f1;
    const tw_bytes wrap = { p->wrap, TW_WRAP };
    const tw_bytes capsule = { p->capsule, TW_CAPSULE };
    const tw_comp *c = &p->record.body;
    for (size_t i = 0; i < TW_WRAP; i++)
        assert_status(TW_ECRYPTO,
                      tw_capsule_open(cx, secret, c, &p->comp, DAY, p->capsule, flipped(wrap, i).p, &a.f));
    for (size_t i = 0; i < TW_CAPSULE; i++)
        assert_status(TW_ECRYPTO, tw_capsule_open(cx, secret, c, &p->comp, DAY, flipped(capsule, i).p, p->wrap, &a.f));
    assert_status(TW_ECRYPTO, tw_capsule_open(cx, secret, c, &p->comp, DAY + 1, p->capsule, p->wrap, &a.f));
    assert_ok(tw_capsule_open(cx, secret, c, &p->comp, DAY, p->capsule, p->wrap, &a.f));
    tw_wallet_free(p->wallet);
}

static void day_secret(const path *p, uint8_t secret[32])
{
    answers a = ask(p, 7, TW_ANSWER_CLASS, NULL);
    assert_ok(open_secret(p, secret, &a));
}

/* Three blocks of 64 KiB and a bit. */
static path *long_path(void)
{
    char *text = tw_arena_get(cx->arena, 200001);
    for (size_t i = 0; i < 200000; i++)
        text[i] = (char)('a' + tw_test_below(26));
    return path_of(text, false);
}

TEST(segment__cut_swapped_or_flipped_is_refused)
{
    path *p = long_path();
    uint8_t secret[32];
    tw_bytes out;
    day_secret(p, secret);
    assert_ok(tw_segment_open(cx, &out, secret, &p->leaf, p->body));
    const size_t block = TW_C4GH_BLOCK + 28;
    assert_true(p->body.n > 3 * block);
    tw_segment_leaf cut = p->leaf; /* cut at a block: refused by the size, and by the root if the size is lied about */
    assert_status(TW_EVERIFY, tw_segment_open(cx, &out, secret, &cut, (tw_bytes){ p->body.p, 3 * block }));
    cut.cipher_bytes = 3 * block;
    assert_true(tw_segment_open(cx, &out, secret, &cut, (tw_bytes){ p->body.p, 3 * block }) != TW_OK);
    uint8_t *swapped = copy_of(p->body);
    memcpy(swapped, p->body.p + block, block);
    memcpy(swapped + block, p->body.p, block);
    assert_true(tw_segment_open(cx, &out, secret, &p->leaf, (tw_bytes){ swapped, p->body.n }) != TW_OK);
    for (int i = 0; i < 20; i++) {
        const tw_mark m = tw_arena_mark(cx->arena);
        const size_t at = (size_t)tw_test_below(p->body.n);
        if (tw_segment_open(cx, &out, secret, &p->leaf, flipped(p->body, at)) == TW_OK)
            fail_msg("byte %zu of the segment may be altered", at);
        tw_arena_back(cx->arena, m);
    }
    tw_wallet_free(p->wallet);
}

TEST(segment__of_a_wrong_secret_id_or_count_is_refused)
{
    path *p = path_of(line, false);
    uint8_t secret[32];
    tw_bytes out;
    day_secret(p, secret);
    tw_segment_leaf leaf = p->leaf;
    leaf.segment.b[0] ^= 1;
    assert_status(TW_ECRYPTO, tw_segment_open(cx, &out, secret, &leaf, p->body));
    leaf = p->leaf;
    leaf.records++;
    assert_status(TW_EVERIFY, tw_segment_open(cx, &out, secret, &leaf, p->body));
    secret[0] ^= 1;
    assert_status(TW_ECRYPTO, tw_segment_open(cx, &out, secret, &p->leaf, p->body));
    tw_wallet_free(p->wallet);
}

/* Anyone's Crypt4GH reader opens a segment, once its reader made a header for it. */
TEST(segment__with_a_header_is_a_crypt4gh_file)
{
    path *p = long_path();
    uint8_t secret[32];
    uint8_t key[32];
    uint8_t found[32];
    uint8_t reader[32];
    uint8_t reader_public[TW_KEY];
    tw_bytes header;
    tw_bytes plain;
    size_t used;
    day_secret(p, secret);
    tw_segment_key(key, secret, &p->leaf.segment);
    tw_random(cx, reader, sizeof reader);
    tw_box_keys(reader_public, reader);
    assert_ok(tw_c4gh_header_make(cx, &header, reader_public, key));
    uint8_t *file = tw_arena_get(cx->arena, header.n + p->body.n);
    memcpy(file, header.p, header.n);
    memcpy(file + header.n, p->body.p, p->body.n);
    assert_ok(tw_c4gh_header_open(cx, found, &used, (tw_bytes){ file, header.n + p->body.n }, reader));
    assert_memory_equal(key, found, sizeof key);
    assert_ok(tw_c4gh_body_open(cx, &plain, found, (tw_bytes){ file + used, p->body.n }, NULL));
    assert_int_equal(tw_padme(200001), plain.n);
    assert_int_equal('\n', plain.p[200000]);
    tw_wallet_free(p->wallet);
}
