/* Decoders of the ledger and the reader of log folders. The first byte picks one; what decodes must encode to the
 * same bytes.
 *  clang -fsanitize=fuzzer,address,undefined, linked with twinward_lib and tests/support/simdisk.c */
#include <stdint.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "ledger/ledger.h"
#include "simdisk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static tw_ctx cx;

/* Reads, encodes again, compares. */
#define BODY(number, name)                                                                         \
    case number: {                                                                                 \
        tw_##name##_body b;                                                                        \
        if (tw_body_##name##_read(&cx, &b, in) == TW_OK)                                           \
            TW_ASSERT(tw_bytes_eq(in, tw_body_##name(&cx, &b)));                                   \
        break;                                                                                     \
    }

static void bodies(unsigned which, tw_bytes in)
{
    switch (which) {
        BODY(0, party_add)
        BODY(1, party_rotate)
        BODY(2, party_suspend)
        BODY(3, keeper_set)
        BODY(4, import_key)
        BODY(5, opening)
        BODY(6, batch)
        BODY(7, project_open)
        BODY(8, project_approve)
        BODY(9, project_close)
        BODY(10, erased)
        BODY(11, release_open)
        BODY(12, release_close)
        BODY(13, budget)
        BODY(14, twin_publish)
    }
}

static void genesis(tw_bytes in)
{
    tw_genesis g;
    tw_bytes again;
    if (tw_genesis_decode(&cx, &g, in) == TW_OK)
        TW_ASSERT(tw_genesis_encode(&cx, &again, &g) == TW_OK && tw_bytes_eq(in, again));
}

static void entry(tw_bytes in)
{
    tw_entry e;
    tw_op op;
    tw_buf b;
    if (tw_entry_decode(&cx, &e, in) != TW_OK)
        return;
    tw_buf_init(&b, 70000);
    tw_entry_encode(&b, &e);
    TW_ASSERT(tw_bytes_eq(in, tw_buf_view(&b)));
    tw_buf_done(&b);
    (void)!tw_op_decode(&cx, &op, e.op);
}

static void proof(tw_bytes in)
{
    static const uint8_t root[32], key[33];
    bool present;
    TW_ASSERT(tw_state_proof_ok(&cx, &present, root, key, (tw_bytes){ 0 }, in) != TW_OK);
}

/* A folder whose segments, or checkpoints, are these bytes: opening ends, and what opened checks or says why not. */
static void folder(tw_bytes in, bool notes)
{
    tw_simdisk *disk = tw_simdisk_new();
    tw_env env = { .disk = tw_simdisk_vtable(disk) };
    tw_solo *s;
    cx.env = &env;
    tw_simdisk_put(disk, notes ? "log/checkpoints" : "log/segments", in);
    if (notes)
        tw_simdisk_put(disk, "log/segments", (tw_bytes){ 0 });
    if (tw_solo_open(&cx, &s, "log", NULL) == TW_OK) {
        (void)!tw_solo_check(&cx, s);
        tw_solo_close(s);
    }
    tw_simdisk_free(disk);
    cx.env = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_bytes in = { data + 1, size - 1 };
    if (size == 0)
        return 0;
    tw_base_start();
    tw_ctx_init(&cx, 64 * TW_MIB, NULL);
    unsigned which = data[0] % 20;
    if (which < 15)
        bodies(which, in);
    else if (which == 15)
        genesis(in);
    else if (which == 16)
        entry(in);
    else if (which == 17)
        proof(in);
    else
        folder(in, which == 19);
    tw_ctx_done(&cx);
    return 0;
}
