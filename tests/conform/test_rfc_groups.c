/* Vectors of RFC 9496 (ristretto255), RFC 9497 (OPRF) and RFC 9180 (HPKE) as published files. Skipped without
 * TWINWARD_DATA; the tests beside the units have some of them retyped. */
#include <sodium.h>

#include "crypto/crypto.h"
#include "vectors.h"

TEST(point__passes_rfc_9496)
{
    SKIP_WITHOUT_DATA();
    tw_json d = load_json("crypto/ristretto255_rfc9496.json");
    uint8_t k = 0;
    EACH(i, &d, member(&d, 0, "base_multiples")) {
        uint8_t out[TW_POINT];
        uint8_t s[TW_SCALAR] = { k };
        tw_bytes want = tw_test_unhex(tw_json_text(cx, &d, i));
        assert_int_equal(k != 0, tw_point_ok(want.p)); /* 0 G is the identity */
        if (k != 0) {
            assert_ok(tw_point_base(cx, out, s));
            assert_bytes(want, out);
        }
        k++;
    }
    assert_int_equal(16, k);
    size_t refused = 0;
    EACH(i, &d, member(&d, 0, "invalid_encodings")) {
        uint8_t out[TW_POINT];
        const uint8_t one[TW_SCALAR] = { 1 };
        tw_bytes bad = tw_test_unhex(tw_json_text(cx, &d, i));
        assert_false(tw_point_ok(bad.p));
        assert_status(TW_ECRYPTO, tw_point_mul(cx, out, one, bad.p));
        refused++;
    }
    assert_int_equal(29, refused);
    size_t mapped = 0;
    EACH(i, &d, member(&d, 0, "hash_to_group")) {
        uint8_t wide[64];
        uint8_t out[TW_POINT];
        tw_str label = text_at(&d, i, "label");
        crypto_hash_sha512(wide, tw_bytes_of(label).p, label.n);
        assert_bytes(hex_at(&d, i, "sha512"), wide);
        tw_point_from_hash(out, wide);
        assert_bytes(hex_at(&d, i, "element"), out);
        mapped++;
    }
    assert_int_equal(7, mapped);
}

static void run_vector(tw_bytes key, tw_bytes blind, tw_bytes input, tw_bytes blinded, tw_bytes evaluated,
                       tw_bytes output)
{
    uint8_t b[TW_POINT];
    uint8_t e[TW_POINT];
    uint8_t out[64];
    assert_ok(tw_oprf_blind(cx, b, blind.p, input));
    assert_bytes(blinded, b);
    assert_ok(tw_oprf_evaluate(cx, e, key.p, b));
    assert_bytes(evaluated, e);
    assert_ok(tw_oprf_finalize(cx, out, blind.p, e, input));
    assert_bytes(output, out);
}

TEST(oprf__passes_rfc_9497_mode_0)
{
    SKIP_WITHOUT_DATA();
    tw_json d = load_json("crypto/rfc9497_ristretto255_sha512.json");
    size_t ran = 0;
    EACH(suite, &d, 0) {
        if (number_at(&d, suite, "mode") != 0)
            continue;
        tw_bytes key = hex_at(&d, suite, "skSm");
        EACH(v, &d, member(&d, suite, "vectors")) {
            run_vector(key, hex_at(&d, v, "Blind"), hex_at(&d, v, "Input"), hex_at(&d, v, "BlindedElement"),
                       hex_at(&d, v, "EvaluationElement"), hex_at(&d, v, "Output"));
            ran++;
        }
    }
    assert_int_equal(2, ran);
}

/* The first message of each vector of base mode with ChaCha20Poly1305; later messages are tested beside the unit. */
TEST(hpke__passes_rfc_9180)
{
    SKIP_WITHOUT_DATA();
    tw_json d = load_json("crypto/rfc9180_x25519.json");
    size_t ran = 0;
    EACH(v, &d, 0) {
        if (!tw_str_is(text_at(&d, v, "mode"), "0") || !tw_str_is(text_at(&d, v, "aead_id"), "3"))
            continue;
        uint32_t first = tw_json_first(&d, member(&d, v, "encryptions"));
        tw_bytes plain = hex_at(&d, first, "pt");
        tw_bytes aad = hex_at(&d, first, "aad");
        tw_bytes ct = hex_at(&d, first, "ct");
        tw_bytes info = hex_at(&d, v, "info");
        tw_bytes sealed;
        tw_bytes opened;
        assert_str("0", text_at(&d, first, "sequence number"));
        assert_ok(tw_hpke_seal_with(cx, &sealed, hex_at(&d, v, "pkRm").p, hex_at(&d, v, "skEm").p, info, plain, aad));
        assert_int_equal(32 + ct.n, sealed.n);
        assert_bytes(hex_at(&d, v, "enc"), sealed.p);
        assert_bytes(ct, sealed.p + 32);
        assert_ok(tw_hpke_open(cx, &opened, hex_at(&d, v, "skRm").p, info, sealed, aad));
        assert_bytes(plain, opened.p);
        ran++;
    }
    assert_int_equal(1, ran);
}
