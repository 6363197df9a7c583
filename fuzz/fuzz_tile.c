/* Tile files of a log, which are derived from it. First byte: which file (tile.0, tile.1, tile.2) and how it is made:
 * bit 7 clear, the rest is the file; set, the genuine file with bytes changed: (place u16, xor u8)*. Bit 6: the signer
 * opens the log anew.
 * Must hold: a reader that checks the log takes exactly the genuine bytes; the signer mends any others into them. */
#include "world.h"

#include "engine_internal.h"

static tw_bytes changed(tw_ctx *cx, tw_bytes genuine, tw_bytes in)
{
    uint8_t *p = tw_arena_get(cx->arena, genuine.n + 1);
    if (genuine.n)
        memcpy(p, genuine.p, genuine.n);
    while (in.n >= 3 && genuine.n) {
        uint8_t at[2];
        fuzz_fill(at, sizeof at, &in);
        p[tw_be16(at) % genuine.n] ^= fuzz_take(&in);
    }
    return (tw_bytes){ p, genuine.n };
}

/* The signer's side: by what opening does last, or by opening as a whole, which replays the log. */
static void mend(tw_ctx *cx, tw_solo *s, bool open)
{
    if (open) {
        FUZZ_CHECK(tw_solo_open(cx, &s, FUZZ_LOG, fuzz_world()->log_seed) == TW_OK);
        tw_solo_close(s);
    } else {
        FUZZ_CHECK(tw_solo_check_tiles(cx, s, true) == TW_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "tile.0", "tile.1", "tile.2" };
    tw_ctx cx;
    tw_bytes in = { data, size };
    fuzz_begin(&cx, 64 * TW_MIB);
    uint8_t what = fuzz_take(&in);
    const char *name = names[(what & 0x3f) % TW_COUNT(names)];
    const char *path = tw_path(&cx, FUZZ_LOG, name);
    tw_bytes genuine = fuzz_log_file(fuzz_log_long(), name);
    tw_bytes file = what & 0x80 ? changed(&cx, genuine, in) : in;
    tw_simdisk *disk = tw_simdisk_copy(fuzz_log_long()->disk);
    fuzz_env()->disk = tw_simdisk_vtable(disk);
    tw_simdisk_put(disk, path, file);
    tw_solo s = *fuzz_log_long()->solo; /* the same log, on this disk */
    s.disk = fuzz_env()->disk;

    FUZZ_CHECK((tw_solo_check(&cx, &s) == TW_OK) == tw_bytes_eq(file, genuine));
    mend(&cx, &s, what & 0x40);
    FUZZ_CHECK(tw_bytes_eq(tw_simdisk_get(disk, path), genuine));

    tw_simdisk_free(disk);
    tw_ctx_done(&cx);
    return 0;
}
