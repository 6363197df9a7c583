/* Compartments and keeper sets: round trips, refusals, vectors of tests/conform/model_vectors.py. */
#include "test_model.h"

static tw_bytes encoded(const tw_comp *c)
{
    tw_buf b;
    tw_buf_init(&b, TW_COMP_BYTES_MAX);
    tw_comp_encode(&b, c);
    return taken(&b);
}

static tw_status decode(tw_bytes in)
{
    tw_comp c;
    return tw_comp_decode(cx, &c, in);
}

TEST(comp__comes_back_as_it_was)
{
    for (int i = 0; i < 200; i++) {
        tw_comp c;
        tw_comp back;
        any_comp(&c);
        tw_bytes bytes = encoded(&c);
        assert_true(bytes.n <= TW_COMP_BYTES_MAX);
        assert_ok(tw_comp_decode(cx, &back, bytes));
        assert_same(bytes, encoded(&back));
        assert_memory_equal(&c, &back, sizeof c);
    }
}

TEST(comp__fills_its_ceiling)
{
    tw_comp c;
    any_comp(&c);
    c.t = TW_SHARES_MAX;
    c.class_grant = true;
    assert_int_equal(TW_COMP_BYTES_MAX, encoded(&c).n);
}

TEST(comp__refuses_other_lengths)
{
    tw_comp c;
    any_comp(&c);
    c.t = 3;
    assert_exact(encoded(&c), decode);
    c.class_grant = !c.class_grant;
    assert_exact(encoded(&c), decode);
}

/* Offsets: category 64, commitments' count 196, then t * 32, then the second count. */
TEST(comp__refuses_values_out_of_range)
{
    static const struct {
        size_t at;
        uint8_t value;
    } rows[] = { { 64, 0 },  { 64, TW_CATEGORY_COUNT + 1 }, { 199, 0 }, { 199, 1 }, { 199, TW_SHARES_MAX + 1 },
                 { 196, 1 }, { 267, 1 } };
    tw_comp_record r;
    vector_record(&r);
    assert_ok(decode(encoded(&r.body)));
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        tw_bytes bytes = encoded(&r.body);
        uint8_t *p = tw_arena_get(cx->arena, bytes.n);
        memcpy(p, bytes.p, bytes.n);
        p[rows[i].at] = rows[i].value;
        assert_status(TW_EPARSE, decode((tw_bytes){ p, bytes.n }));
    }
}

TEST(comp__refuses_no_commitment_and_a_class_of_other_size)
{
    tw_comp_record r;
    vector_record(&r);
    tw_bytes bytes = encoded(&r.body);
    tw_buf b;
    tw_buf_init(&b, TW_KIB);
    tw_buf_add(&b, bytes.p, 196);
    tw_buf_u32(&b, 0);
    tw_buf_u32(&b, 0);
    assert_status(TW_EPARSE, decode(tw_buf_view(&b)));
    tw_buf_clear(&b);
    tw_buf_add(&b, bytes.p, 196 + 4 + 64);
    tw_buf_u32(&b, 1);
    tw_buf_add(&b, bytes.p, 32);
    assert_status(TW_EPARSE, decode(tw_buf_view(&b)));
    tw_buf_done(&b);
}

TEST(comp__vectors)
{
    tw_comp_record r;
    vector_record(&r);
    uint8_t rest[32];
    tw_id id;
    tw_comp_rest(rest, &r.body);
    tw_comp_record_id(&id, &r);
    assert_hex("b2ce6162938393b8464df9c097920186f706077f06c9e5b660ce26cecaafee95", rest, 32);
    assert_hex("d6ba22077d9667713f5b08fac69f5c5069f35fdd47c81ae35bc385ccd90b182e", id.b, 32);
    tw_id same;
    tw_comp_id_of(&same, r.a, r.k, rest);
    assert_true(tw_id_eq(&id, &same));
    uint8_t ctx[TW_CAPSULE_CTX];
    tw_capsule_ctx(ctx, &r.body, &id, 20605);
    assert_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
               "d6ba22077d9667713f5b08fac69f5c5069f35fdd47c81ae35bc385ccd90b182e"
               "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f0000507d",
               ctx, sizeof ctx);
}

TEST(comp__id_changes_with_every_part)
{
    tw_comp_record r;
    vector_record(&r);
    tw_id id;
    tw_comp_record_id(&id, &r);
    uint8_t *const parts[] = { r.a, r.k, r.body.ledger.b, r.body.source.b, &r.body.generation, r.body.p, r.body.c0,
                               r.body.keeper_set.b, r.body.watch_hash, r.body.commits_w[1], r.body.commits_a[1] };
    for (size_t i = 0; i < TW_COUNT(parts); i++) {
        tw_id other;
        parts[i][0] ^= 1;
        tw_comp_record_id(&other, &r);
        assert_false(tw_id_eq(&id, &other));
        parts[i][0] ^= 1;
    }
}

static tw_bytes record_encoded(const tw_comp_record *r)
{
    tw_buf b;
    tw_buf_init(&b, TW_COMP_BYTES_MAX + 68);
    tw_comp_record_encode(&b, r);
    return taken(&b);
}

static tw_status record_decode(tw_bytes in)
{
    tw_rd rd = tw_rd_of(in);
    tw_comp_record r;
    TW_TRY(tw_comp_record_read(cx, &r, &rd));
    return tw_rd_end(cx, &rd, "record");
}

TEST(comp_record__comes_back_as_it_was)
{
    for (int i = 0; i < 100; i++) {
        tw_comp_record r;
        tw_comp_record back;
        any_comp(&r.body);
        any(r.a, sizeof r.a);
        any(r.k, sizeof r.k);
        tw_bytes bytes = record_encoded(&r);
        tw_rd rd = tw_rd_of(bytes);
        assert_ok(tw_comp_record_read(cx, &back, &rd));
        assert_ok(tw_rd_end(cx, &rd, "record"));
        assert_same(bytes, record_encoded(&back));
    }
}

TEST(comp_record__refuses_other_lengths)
{
    tw_comp_record r;
    vector_record(&r);
    assert_exact(record_encoded(&r), record_decode);
}

TEST(comp_record__page_example)
{
    tw_comp_record r;
    vector_record(&r);
    assert_same(page_hex("compartment.md", 0), record_encoded(&r));
}

/* ---------------------------------------------------------------- keeper sets */

static tw_bytes set_encoded(const tw_keeper_set *s)
{
    tw_buf b;
    tw_buf_init(&b, 4 * TW_KIB);
    tw_keeper_set_encode(&b, s);
    return taken(&b);
}

static tw_status set_decode(tw_bytes in)
{
    tw_rd rd = tw_rd_of(in);
    tw_keeper_set s;
    TW_TRY(tw_keeper_set_read(cx, &s, &rd));
    return tw_rd_end(cx, &rd, "set");
}

static void any_set(tw_keeper_set *s)
{
    *s = (tw_keeper_set){ .generation = (uint16_t)tw_test_below(65536) };
    s->n = (uint8_t)(1 + tw_test_below(TW_SHARES_MAX));
    s->t = (uint8_t)(1 + tw_test_below(s->n));
    any(s->party, s->n * sizeof s->party[0]);
}

TEST(keeper_set__comes_back_as_it_was)
{
    for (int i = 0; i < 100; i++) {
        tw_keeper_set s;
        tw_keeper_set back;
        any_set(&s);
        tw_bytes bytes = set_encoded(&s);
        tw_rd rd = tw_rd_of(bytes);
        assert_ok(tw_keeper_set_read(cx, &back, &rd));
        assert_ok(tw_rd_end(cx, &rd, "set"));
        assert_same(bytes, set_encoded(&back));
        tw_id a;
        tw_id b;
        tw_keeper_set_id(&a, &s);
        tw_keeper_set_id(&b, &back);
        assert_true(tw_id_eq(&a, &b));
    }
}

static void vector_set(tw_keeper_set *s)
{
    *s = (tw_keeper_set){ .generation = 3, .t = 2, .n = 3 };
    for (unsigned i = 0; i < 3; i++)
        count_up(s->party[i].b, 32, 16 * i);
}

TEST(keeper_set__vector_and_page_example)
{
    tw_keeper_set s;
    tw_id id;
    vector_set(&s);
    assert_same(page_hex("compartment.md", 1), set_encoded(&s));
    tw_keeper_set_id(&id, &s);
    assert_hex("6d521ba3470e83aa60bb017423dca1d57e8b99d5f2e6b95c64e9f9cb7c7ae932", id.b, 32);
    assert_exact(set_encoded(&s), set_decode);
}

TEST(keeper_set__refuses_bad_numbers_and_a_party_twice)
{
    /* offsets: t 2, n 3, index of the first 36, of the second 69 */
    static const struct {
        size_t at;
        uint8_t value;
    } rows[] = { { 2, 0 }, { 2, 4 }, { 3, 0 }, { 3, 33 }, { 36, 0 }, { 36, 2 }, { 69, 1 } };
    tw_keeper_set s;
    vector_set(&s);
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        tw_bytes bytes = set_encoded(&s);
        uint8_t *p = tw_arena_get(cx->arena, bytes.n);
        memcpy(p, bytes.p, bytes.n);
        p[rows[i].at] = rows[i].value;
        assert_status(TW_EPARSE, set_decode((tw_bytes){ p, bytes.n }));
    }
    s.party[2] = s.party[0];
    assert_status(TW_EPARSE, set_decode(set_encoded(&s)));
}
