/* Files and keys written by the Crypt4GH reference implementation. Skipped without TWINWARD_DATA. */
#include "crypto/crypto.h"
#include "vectors.h"

TEST(files__of_the_reference_implementation_open)
{
    SKIP_WITHOUT_DATA();
    tw_json d = load_json("crypto/crypt4gh/manifest.json");
    size_t opened = 0;
    size_t refused = 0;
    EACH(f, &d, member(&d, 0, "files")) {
        tw_str name = text_at(&d, f, "file");
        tw_bytes file = tw_bytes_of(tw_test_read(tw_strf(cx->arena, "crypto/crypt4gh/" TW_FMT, TW_ARG(name)).p));
        uint8_t key[32];
        uint8_t sum[TW_HASH];
        size_t used;
        tw_bytes plain;
        tw_status s = tw_c4gh_header_open(cx, key, &used, file, hex_at(&d, 0, "recipient_a_sk").p);
        if (tw_str_is(name, "editlist.c4gh")) {
            assert_status(TW_EREFUSED, s);
            refused++;
            continue;
        }
        assert_status(TW_OK, s);
        assert_ok(tw_c4gh_body_open(cx, &plain, key, (tw_bytes){ file.p + used, file.n - used }, NULL));
        assert_int_equal(number_at(&d, f, "plain_len"), plain.n);
        tw_sha256_of(sum, plain);
        assert_bytes(hex_at(&d, f, "plain_sha256"), sum);
        assert_status(TW_ECRYPTO, tw_c4gh_header_open(cx, key, &used, file, hex_at(&d, 0, "writer_sk").p));
        opened++;
    }
    assert_int_equal(5, opened);
    assert_int_equal(1, refused);
}

TEST(keys__of_the_reference_implementation_open)
{
    SKIP_WITHOUT_DATA();
    static const char *const names[] = { "alice", "bob" };
    for (size_t i = 0; i < TW_COUNT(names); i++) {
        uint8_t secret[32];
        uint8_t public_key[32];
        uint8_t derived[32];
        tw_str pub = tw_test_read(tw_strf(cx->arena, "crypto/crypt4gh/%s.pub", names[i]).p);
        tw_str sec = tw_test_read(tw_strf(cx->arena, "crypto/crypt4gh/%s.sec", names[i]).p);
        assert_ok(tw_c4gh_public_key(cx, public_key, pub));
        assert_ok(tw_c4gh_secret_key(cx, secret, sec, tw_str_of(names[i])));
        tw_box_keys(derived, secret);
        assert_memory_equal(public_key, derived, 32);
        assert_status(TW_ECRYPTO, tw_c4gh_secret_key(cx, secret, sec, tw_str_of(names[1 - i])));
    }
}
