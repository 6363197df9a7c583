/* Project Wycheproof's vectors for the primitives that crypto offers: valid ones give the published bytes, invalid ones
 * are refused. Skipped without TWINWARD_DATA. */
#include "crypto/crypto.h"
#include "vectors.h"

/* "invalid" in these files is a length over 255 blocks, which is a broken contract here. */
static void run_hkdf(const char *path, size_t bytes_max, void (*hkdf)(uint8_t *, size_t, tw_bytes, tw_bytes, tw_bytes))
{
    static uint8_t out[255 * 64];
    tw_json d = load_json(path);
    size_t ran = 0;
    EACH(group, &d, member(&d, 0, "testGroups")) {
        EACH(test, &d, member(&d, group, "tests")) {
            size_t n = number_at(&d, test, "size");
            bool valid = tw_str_is(text_at(&d, test, "result"), "valid");
            assert_int_equal(valid, n <= bytes_max);
            ran++;
            if (!valid)
                continue;
            hkdf(out, n, hex_at(&d, test, "ikm"), hex_at(&d, test, "salt"), hex_at(&d, test, "info"));
            assert_bytes(hex_at(&d, test, "okm"), out);
        }
    }
    assert_int_equal(number_at(&d, 0, "numberOfTests"), ran);
}

TEST(hkdf_sha256__passes_wycheproof)
{
    SKIP_WITHOUT_DATA();
    run_hkdf("crypto/wycheproof/hkdf_sha256_test.json", 255 * 32, tw_hkdf_sha256);
}

TEST(hkdf_sha512__passes_wycheproof)
{
    SKIP_WITHOUT_DATA();
    run_hkdf("crypto/wycheproof/hkdf_sha512_test.json", 255 * 64, tw_hkdf_sha512);
}

TEST(hmac_sha256__passes_wycheproof)
{
    SKIP_WITHOUT_DATA();
    tw_json d = load_json("crypto/wycheproof/hmac_sha256_test.json");
    size_t ran = 0;
    EACH(group, &d, member(&d, 0, "testGroups")) {
        EACH(test, &d, member(&d, group, "tests")) {
            uint8_t out[TW_HASH];
            tw_bytes tag = hex_at(&d, test, "tag"); /* cut to 16 bytes in some groups */
            tw_hmac_sha256(out, hex_at(&d, test, "key"), "", hex_at(&d, test, "msg"));
            assert_int_equal(tw_str_is(text_at(&d, test, "result"), "valid"), memcmp(out, tag.p, tag.n) == 0);
            ran++;
        }
    }
    assert_int_equal(number_at(&d, 0, "numberOfTests"), ran);
}

static bool all_zero(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i])
            return false;
    }
    return true;
}

typedef struct {
    const char *path;
    size_t iv_bits;
    bool extended;
} suite;

static tw_status open_with(const suite *s, uint8_t *out, tw_bytes key, tw_bytes iv, tw_bytes aad, tw_bytes cipher)
{
    if (s->extended)
        return tw_xaead_open(cx, out, key.p, iv.p, aad, cipher);
    return tw_aead_open(cx, out, key.p, iv.p, aad, cipher);
}

static void seal_with(const suite *s, uint8_t *out, tw_bytes key, tw_bytes iv, tw_bytes aad, tw_bytes plain)
{
    if (s->extended)
        tw_xaead_seal(out, key.p, iv.p, aad, plain);
    else
        assert_ok(tw_aead_seal(cx, out, key.p, iv.p, aad, plain));
}

static void run_case(const suite *s, const tw_json *d, uint32_t test)
{
    tw_bytes plain = hex_at(d, test, "msg");
    tw_bytes ct = hex_at(d, test, "ct");
    tw_bytes tag = hex_at(d, test, "tag");
    tw_bytes key = hex_at(d, test, "key");
    tw_bytes iv = hex_at(d, test, "iv");
    tw_bytes aad = hex_at(d, test, "aad");
    assert_int_equal(TW_AEAD_TAG, tag.n);
    uint8_t *joined = tw_arena_get(cx->arena, ct.n + tag.n);
    uint8_t *out = tw_arena_get(cx->arena, ct.n + tag.n);
    memcpy(joined, ct.p, ct.n);
    memcpy(joined + ct.n, tag.p, tag.n);
    tw_status got = open_with(s, out, key, iv, aad, (tw_bytes){ joined, ct.n + tag.n });
    if (tw_str_is(text_at(d, test, "result"), "valid")) {
        assert_status(TW_OK, got);
        assert_bytes(plain, out);
        seal_with(s, out, key, iv, aad, plain);
        assert_bytes((tw_bytes){ joined, ct.n + tag.n }, out);
    } else {
        assert_status(TW_ECRYPTO, got);
        assert_true(all_zero(out, ct.n));
    }
}

/* Groups with another nonce size are all "invalid": the types here cannot express them. */
static void run_wycheproof(const suite *s)
{
    tw_json d = load_json(s->path);
    size_t seen = 0;
    size_t ran = 0;
    EACH(group, &d, member(&d, 0, "testGroups")) {
        bool ours = number_at(&d, group, "ivSize") == s->iv_bits;
        EACH(test, &d, member(&d, group, "tests")) {
            seen++;
            if (ours) {
                run_case(s, &d, test);
                ran++;
            } else {
                assert_str("invalid", text_at(&d, test, "result"));
            }
        }
    }
    assert_int_equal(number_at(&d, 0, "numberOfTests"), seen);
    assert_true(ran > 200);
}

TEST(aead__passes_wycheproof)
{
    SKIP_WITHOUT_DATA();
    run_wycheproof(&(suite){ "crypto/wycheproof/chacha20_poly1305_test.json", 96, false });
}

TEST(xaead__passes_wycheproof)
{
    SKIP_WITHOUT_DATA();
    run_wycheproof(&(suite){ "crypto/wycheproof/xchacha20_poly1305_test.json", 192, true });
}

TEST(sign__passes_wycheproof)
{
    SKIP_WITHOUT_DATA();
    tw_json d = load_json("crypto/wycheproof/ed25519_test.json");
    size_t ran = 0;
    EACH(group, &d, member(&d, 0, "testGroups")) {
        tw_bytes key = hex_at(&d, member(&d, group, "publicKey"), "pk");
        assert_int_equal(TW_KEY, key.n);
        EACH(test, &d, member(&d, group, "tests")) {
            tw_bytes sig = hex_at(&d, test, "sig");
            bool valid = tw_str_is(text_at(&d, test, "result"), "valid");
            /* A signature of another length cannot be given to tw_sign_ok; callers read exactly 64 bytes. */
            bool got = sig.n == TW_SIG && tw_sign_ok(cx, sig.p, key.p, "", hex_at(&d, test, "msg"));
            if (valid != got)
                fail_msg("tcId %u", (unsigned)number_at(&d, test, "tcId"));
            ran++;
        }
    }
    assert_int_equal(number_at(&d, 0, "numberOfTests"), ran);
}

/* "acceptable" marks keys of small order and other odd inputs; those with a zero shared secret are refused here. */
TEST(x25519__passes_wycheproof)
{
    SKIP_WITHOUT_DATA();
    static const uint8_t zero[32];
    tw_json d = load_json("crypto/wycheproof/x25519_test.json");
    size_t ran = 0;
    size_t refused = 0;
    EACH(group, &d, member(&d, 0, "testGroups")) {
        EACH(test, &d, member(&d, group, "tests")) {
            uint8_t out[32];
            tw_bytes want = hex_at(&d, test, "shared");
            tw_status s = tw_x25519(cx, out, hex_at(&d, test, "private").p, hex_at(&d, test, "public").p);
            if (memcmp(want.p, zero, 32) == 0) {
                assert_status(TW_ECRYPTO, s);
                assert_str("acceptable", text_at(&d, test, "result"));
                refused++;
            } else {
                assert_status(TW_OK, s);
            }
            assert_bytes(want, out);
            ran++;
        }
    }
    assert_int_equal(number_at(&d, 0, "numberOfTests"), ran);
    assert_true(refused > 0);
}
