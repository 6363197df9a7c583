/* Batch leaves. */
#include "test_model.h"

static tw_bytes encoded(const tw_batch_leaf *l)
{
    tw_buf b;
    tw_buf_init(&b, TW_SEGMENT_LEAF_BYTES);
    tw_batch_leaf_encode(&b, l);
    return taken(&b);
}

static tw_status decode(tw_bytes in)
{
    tw_batch_leaf l;
    return tw_batch_leaf_decode(cx, &l, in);
}

static void any_leaf(tw_batch_leaf *l, uint8_t kind)
{
    *l = (tw_batch_leaf){ .kind = kind };
    if (kind == 1)
        any(&l->capsule, sizeof l->capsule);
    else
        any(&l->segment, sizeof l->segment);
}

TEST(batch_leaf__comes_back_as_it_was)
{
    for (int i = 0; i < 200; i++) {
        tw_batch_leaf l;
        tw_batch_leaf back;
        any_leaf(&l, (uint8_t)(1 + i % 2));
        tw_bytes bytes = encoded(&l);
        assert_int_equal(l.kind == 1 ? TW_CAPSULE_LEAF_BYTES : TW_SEGMENT_LEAF_BYTES, bytes.n);
        assert_ok(tw_batch_leaf_decode(cx, &back, bytes));
        assert_same(bytes, encoded(&back));
    }
}

TEST(batch_leaf__refuses_other_lengths_and_kinds)
{
    for (unsigned kind = 1; kind <= 2; kind++) {
        tw_batch_leaf l;
        any_leaf(&l, (uint8_t)kind);
        tw_bytes bytes = encoded(&l);
        assert_exact(bytes, decode);
        uint8_t p[TW_SEGMENT_LEAF_BYTES];
        memcpy(p, bytes.p, bytes.n);
        for (unsigned other = 0; other < 256; other++) {
            p[0] = (uint8_t)other;
            assert_status(other == kind ? TW_OK : TW_EPARSE, decode((tw_bytes){ p, bytes.n }));
        }
    }
}

TEST(batch_leaf__page_examples)
{
    tw_comp_record r;
    tw_batch_leaf l = { .kind = 1 };
    vector_record(&r);
    tw_comp_record_id(&l.capsule.comp, &r);
    count_up(l.capsule.capsule_hash, 32, 0x04);
    count_up(l.capsule.wrap_hash, 32, 0x05);
    l.capsule.day = 20605;
    assert_same(page_hex("batch.md", 0), encoded(&l));
    assert_ok(decode(page_hex("batch.md", 0)));
    tw_batch_leaf s = { .kind = 2 };
    s.segment.comp = l.capsule.comp;
    count_up(s.segment.segment.b, 32, 0x06);
    count_up(s.segment.capsule_hash, 32, 0x04);
    count_up(s.segment.block_root, 32, 0x07);
    s.segment.cipher_bytes = 65564;
    s.segment.records = 12;
    assert_same(page_hex("batch.md", 1), encoded(&s));
    assert_ok(decode(page_hex("batch.md", 1)));
}
