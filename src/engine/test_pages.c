/* The worked examples of docs/formats/log.md: the first block and the first checkpoint of the ledger in ledger.md. */
#include "page_test.h"
#include "test.h"

#include "engine/engine.h"
#include "simdisk.h"

TEST(page__log_examples_are_what_we_write_and_read)
{
    uint8_t seed[32];
    tw_entry genesis;
    tw_solo *s;
    tw_simdisk *disk = tw_simdisk_new();
    tw_test_env()->disk = tw_simdisk_vtable(disk);
    memset(seed, 4, sizeof seed);
    assert_ok(tw_entry_decode(cx, &genesis, page_hex("docs/formats/ledger.md", 0)));
    assert_ok(tw_solo_create(cx, "log", genesis.op, seed));
    tw_bytes segments = tw_simdisk_get(disk, "log/segments");
    tw_bytes block = page_hex("docs/formats/log.md", 0);
    assert_int_equal(4096, segments.n);
    assert_true(block.n < segments.n);
    if (memcmp(block.p, segments.p, block.n) != 0)
        fail_msg("the block is %s", tw_hex(cx->arena, segments).p);
    for (size_t i = block.n; i < segments.n; i++)
        assert_int_equal(0, segments.p[i]);
    assert_true(tw_bytes_eq(page_hex("docs/formats/log.md", 1), tw_simdisk_get(disk, "log/checkpoints")));
    assert_ok(tw_solo_open(cx, &s, "log", NULL));
    assert_ok(tw_solo_check(cx, s));
    tw_solo_close(s);
    tw_simdisk_free(disk);
}
