/* Segments and checkpoints of a log. First byte: what the rest is.
 *  0  a segments file                         1  the payload of one more block behind a genuine log
 *  2  a checkpoints file beside a genuine log 3  a genuine log with bytes changed: (place u16, xor u8)*
 * Bit 7 of it: the signer opens the log too.
 * Must hold: opening ends, as a reader and as the signer; a block reads back as it was written; in a log with the
 * genuine genesis what opens is a beginning of it, or goes on from it, and has its roots; what a signer opened and
 * mended, a reader opens and finds whole. */
#include "world.h"

#include "engine_internal.h"

/* Both histories agree as far as both go. */
static void check_roots(const tw_ledger *l)
{
    uint8_t root[32], want[32];
    const tw_ledger *genuine = tw_solo_ledger(fuzz_log_short()->solo);
    if (!tw_id_eq(tw_ledger_id(l), tw_ledger_id(genuine)))
        return;
    uint64_t n = TW_MIN(tw_ledger_size(l), tw_ledger_size(genuine));
    tw_ledger_log_root_at(root, l, n);
    tw_ledger_log_root_at(want, genuine, n);
    FUZZ_CHECK(n > 0 && memcmp(root, want, sizeof root) == 0);
}

static void read_entries(tw_ctx *cx, const tw_solo *s)
{
    uint64_t size = tw_ledger_size(tw_solo_ledger(s));
    for (uint64_t i = size > 8 ? size - 8 : 0; i < size; i++) {
        tw_bytes entry;
        FUZZ_CHECK(tw_solo_entry(cx, &entry, s, i) == TW_OK);
    }
}

static void open_log(tw_ctx *cx, const tw_simdisk *from, bool roots, bool signer)
{
    tw_simdisk *disk = tw_simdisk_copy(from);
    tw_solo *s;
    fuzz_env()->disk = tw_simdisk_vtable(disk);
    if (tw_solo_open(cx, &s, FUZZ_LOG, NULL) == TW_OK) {
        if (roots)
            check_roots(tw_solo_ledger(s));
        read_entries(cx, s);
        (void)!tw_solo_check(cx, s);
        tw_solo_close(s);
    }
    if (signer && tw_solo_open(cx, &s, FUZZ_LOG, fuzz_world()->log_seed) == TW_OK) {
        uint64_t size = tw_ledger_size(tw_solo_ledger(s));
        tw_solo_close(s);
        FUZZ_CHECK(tw_solo_open(cx, &s, FUZZ_LOG, NULL) == TW_OK && tw_solo_check(cx, s) == TW_OK);
        FUZZ_CHECK(tw_ledger_size(tw_solo_ledger(s)) == size);
        tw_solo_close(s);
    }
    fuzz_env()->disk = NULL;
    tw_simdisk_free(disk);
}

/* A block whose payload is the input, behind the genuine ones. */
static void one_more(tw_ctx *cx, tw_simdisk *disk, tw_bytes in)
{
    tw_segments s;
    tw_block b = { 0 };
    tw_block_is is = TW_BLOCK_GOOD;
    tw_cursor at = { 0 };
    tw_buf more;
    tw_bytes genuine = fuzz_log_file(fuzz_log_short(), "segments");
    uint32_t count = 1 + fuzz_take(&in) % 4;
    fuzz_env()->disk = tw_simdisk_vtable(disk);
    FUZZ_CHECK(tw_segments_open(cx, &s, FUZZ_LOG, TW_OPEN_READ) == TW_OK);
    for (unsigned i = 0; i <= FUZZ_BLOCKS; i++)
        FUZZ_CHECK(tw_block_read(cx, &b, &is, &s, &at) == TW_OK && is == TW_BLOCK_GOOD);
    tw_segments_close(&s);
    tw_buf_init(&more, TW_MIB);
    tw_buf_add(&more, genuine.p, genuine.n);
    tw_block_encode(&more, &at, count, in);
    FUZZ_CHECK(!more.failed);
    tw_simdisk_put(disk, FUZZ_LOG "/segments", tw_buf_view(&more));
    tw_buf_done(&more);
    FUZZ_CHECK(tw_segments_open(cx, &s, FUZZ_LOG, TW_OPEN_READ) == TW_OK);
    FUZZ_CHECK(tw_block_read(cx, &b, &is, &s, &at) == TW_OK && is == TW_BLOCK_GOOD);
    FUZZ_CHECK(b.count == count && tw_bytes_eq(b.payload, in));
    FUZZ_CHECK(tw_block_read(cx, &b, &is, &s, &at) == TW_OK && is == TW_BLOCK_NONE);
    tw_segments_close(&s);
}

static void change(tw_ctx *cx, tw_simdisk *disk, tw_bytes in)
{
    tw_bytes genuine = tw_simdisk_get(disk, FUZZ_LOG "/segments");
    uint8_t *p = tw_arena_get(cx->arena, genuine.n);
    memcpy(p, genuine.p, genuine.n);
    while (in.n >= 3) {
        uint8_t at[2];
        fuzz_fill(at, sizeof at, &in);
        p[tw_be16(at) % genuine.n] ^= fuzz_take(&in);
    }
    tw_simdisk_put(disk, FUZZ_LOG "/segments", (tw_bytes){ p, genuine.n });
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_bytes in = { data, size };
    fuzz_begin(&cx, 64 * TW_MIB);
    uint8_t first = fuzz_take(&in);
    unsigned what = (first & 0x7f) % 4;
    tw_simdisk *disk = tw_simdisk_copy(fuzz_log_short()->disk);
    if (what == 0)
        tw_simdisk_put(disk, FUZZ_LOG "/segments", in);
    else if (what == 1)
        one_more(&cx, disk, in);
    else if (what == 2)
        tw_simdisk_put(disk, FUZZ_LOG "/checkpoints", in);
    else
        change(&cx, disk, in);
    open_log(&cx, disk, what != 0, first & 0x80);
    tw_simdisk_free(disk);
    tw_ctx_done(&cx);
    return 0;
}
