/** Hex literals in the tests of this room. */
#ifndef TW_CRYPTO_TEST_HEX_H
#define TW_CRYPTO_TEST_HEX_H

#include "test.h"

/** As many bytes as `want` has. */
TW_UNUSED static void assert_bytes(tw_bytes want, const uint8_t *got)
{
    assert_string_equal(tw_hex(cx->arena, want).p, tw_hex(cx->arena, (tw_bytes){ got, want.n }).p);
}

/** Bytes of a hex literal. */
TW_UNUSED static tw_bytes hex(const char *text)
{
    return tw_test_unhex(tw_str_of(text));
}

#endif
