#include "crypto/crypto.h"

#include "test_hex.h"

/* Key and note of the example in Go's golang.org/x/mod/sumdb/note, and of the checksum database. */
#define VKEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define SEED "810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173"
#define SUM_VKEY "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
#define EXAMPLE_TEXT \
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
#define EXAMPLE_SIG "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="

/* Written by that package (note.Sign, tlog.TreeHash, tlog.ProveRecord) over the entries "entry 0" .. "entry 4". */
#define BODY "PeterNeumann\n5\nfKo0Xb2JKmZFTWxlEuo8PqPw0+whvj/C4jdXBf049nI=\n"
#define SIG \
    "\xe2\x80\x94 PeterNeumann " \
    "x08go6+ppVTztWGpLOiLcY3c8WOhAVlTBOF02t1cqU9JLWGYMgTEmdT07t52cnYcCsJQ3XRYu03G0Lcts5Y3xM+G2Qs=\n"
#define PROOF_3 \
    "c2sp.org/tlog-proof@v1\nindex 3\nV8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE=\n" \
    "WkdmL9ijF9lgSaP59HxV3GfKZgUbqjaD27GbL+CaB7A=\nSFM123z+yWXxX/dF/GJcQdXqJkaTaTAWWCj3PdS2iFQ=\n\n" BODY "\n" SIG

#define ORIGIN TW_STR("PeterNeumann")

static uint64_t size;
static uint8_t root[TW_HASH];

static const uint8_t *peter(void)
{
    static uint8_t key[TW_KEY];
    tw_str name;
    assert_ok(tw_note_vkey_parse(cx, &name, key, TW_STR(VKEY)));
    assert_str("PeterNeumann", name);
    return key;
}

static tw_status open_note(tw_str note)
{
    return tw_checkpoint_open(cx, &size, root, note, ORIGIN, peter());
}

TEST(vkey__of_published_keys_is_read_and_written)
{
    static const char *const keys[] = { VKEY, SUM_VKEY };
    for (size_t i = 0; i < TW_COUNT(keys); i++) {
        tw_str name;
        uint8_t key[TW_KEY];
        assert_ok(tw_note_vkey_parse(cx, &name, key, tw_str_of(keys[i])));
        assert_str(keys[i], tw_note_vkey(cx, name, key));
    }
    uint8_t public_key[TW_KEY];
    uint8_t secret[64];
    tw_sign_keys(public_key, secret, hex(SEED).p);
    assert_memory_equal(peter(), public_key, TW_KEY);
}

TEST(vkey__malformed_or_with_a_foreign_id_is_refused)
{
    static const struct {
        const char *text;
        tw_status want;
    } cases[] = {
        { "", TW_EPARSE },
        { "PeterNeumann", TW_EPARSE },
        { "PeterNeumann+c74f20a3", TW_EPARSE },
        { "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", TW_ECRYPTO },
        { "PeterNeumenn+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", TW_ECRYPTO },
        { "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX", TW_ECRYPTO },
        { "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", TW_EPARSE }, /* algorithm 2 */
        { "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10Q=", TW_EPARSE },
        { "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", TW_EPARSE },
        { "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", TW_EPARSE },
    };
    for (size_t i = 0; i < TW_COUNT(cases); i++) {
        tw_str name;
        uint8_t key[TW_KEY];
        assert_status(cases[i].want, tw_note_vkey_parse(cx, &name, key, tw_str_of(cases[i].text)));
    }
}

TEST(note__signature_of_the_published_example_verifies)
{
    tw_bytes sig;
    assert_true(tw_unbase64(cx->arena, &sig, TW_STR(EXAMPLE_SIG)));
    assert_int_equal(4 + TW_SIG, sig.n);
    assert_true(tw_sign_ok(cx, sig.p + 4, peter(), "", tw_bytes_of(TW_STR(EXAMPLE_TEXT))));
    assert_status(TW_EPARSE,
                  open_note(TW_STR(EXAMPLE_TEXT "\n\xe2\x80\x94 PeterNeumann " EXAMPLE_SIG "\n"))); /* no checkpoint */
}

TEST(checkpoint__is_byte_equal_to_gos)
{
    uint8_t leaves[5 * TW_HASH];
    tw_str note;
    for (size_t i = 0; i < 5; i++)
        tw_merkle_leaf(leaves + i * TW_HASH, tw_bytes_of(tw_strf(cx->arena, "entry %zu", i)));
    tw_merkle_root(root, leaves, 5);
    assert_ok(tw_checkpoint_sign(cx, &note, ORIGIN, 5, root, hex(SEED).p));
    assert_str(BODY "\n" SIG, note);
    uint8_t *path;
    size_t count;
    tw_str proof;
    assert_ok(tw_merkle_path(cx, &path, &count, leaves, 3, 5));
    assert_ok(tw_tlog_proof_make(cx, &proof, 3, path, count, note));
    assert_str(PROOF_3, proof);
}

TEST(checkpoint__opens_with_foreign_signatures_and_extensions_around)
{
    static const char foreign[] = "\xe2\x80\x94 witness.example AAAAAAA=\n";
    assert_ok(open_note(TW_STR(BODY "\n" SIG)));
    assert_int_equal(5, size);
    assert_hex("7caa345dbd892a66454d6c6512ea3c3ea3f0d3ec21be3fc2e2375705fd38f672", root, TW_HASH);
    assert_ok(open_note(tw_strf(cx->arena, "%s\n%s%s%s", BODY, foreign, SIG, foreign)));
    assert_ok(open_note(TW_STR(BODY "\n" SIG SIG))); /* the same line twice */
    /* With an extension line, signed here by hand. */
    uint8_t public_key[TW_KEY];
    uint8_t secret[64];
    uint8_t line[4 + TW_SIG] = { 0xc7, 0x4f, 0x20, 0xa3 };
    tw_sign_keys(public_key, secret, hex(SEED).p);
    tw_sign(cx, line + 4, secret, "", tw_bytes_of(TW_STR(BODY "extension\n")));
    assert_ok(open_note(tw_strf(cx->arena, BODY "extension\n\n\xe2\x80\x94 PeterNeumann %s\n",
                                tw_base64(cx->arena, TW_BYTES(line)).p)));
    assert_int_equal(5, size);
}

/* The body signed by the right key, so that only the reader of the body can refuse. */
static tw_str signed_body(const char *body)
{
    uint8_t public_key[TW_KEY];
    uint8_t secret[64];
    uint8_t line[4 + TW_SIG] = { 0xc7, 0x4f, 0x20, 0xa3 };
    tw_sign_keys(public_key, secret, hex(SEED).p);
    tw_sign(cx, line + 4, secret, "", tw_bytes_of(tw_str_of(body)));
    return tw_strf(cx->arena, "%s\n\xe2\x80\x94 PeterNeumann %s\n", body, tw_base64(cx->arena, TW_BYTES(line)).p);
}

#define ROOT_LINE "fKo0Xb2JKmZFTWxlEuo8PqPw0+whvj/C4jdXBf049nI=\n"

TEST(checkpoint__well_signed_but_malformed_is_refused)
{
    static const char *const bodies[] = {
        "other.log\n5\n" ROOT_LINE,
        "PeterNeumann\n05\n" ROOT_LINE,
        "PeterNeumann\n+5\n" ROOT_LINE,
        "PeterNeumann\n-1\n" ROOT_LINE,
        "PeterNeumann\n\n" ROOT_LINE,
        "PeterNeumann\n5 \n" ROOT_LINE,
        "PeterNeumann\n18446744073709551616\n" ROOT_LINE,
        "PeterNeumann\n5\nfKo0Xb2JKmZFTWxlEuo8PqPw0+whvj/C4jdXBf049nJ=\n", /* unused bits set */
        "PeterNeumann\n5\nfKo0Xb2JKmZFTWxlEuo8PqPw0+whvj/C4jdXBf049g==\n",
        "PeterNeumann\n5\n",
        "PeterNeumann\n",
    };
    assert_ok(open_note(signed_body("PeterNeumann\n5\n" ROOT_LINE)));
    assert_ok(open_note(signed_body("PeterNeumann\n18446744073709551615\n" ROOT_LINE)));
    assert_true(size == UINT64_MAX);
    for (size_t i = 0; i < TW_COUNT(bodies); i++) {
        assert_status(TW_EPARSE, open_note(signed_body(bodies[i])));
        assert_int_equal(0, size);
    }
    assert_status(TW_EPARSE, open_note(signed_body("PeterNeumann\n5\n" ROOT_LINE "\nafter an empty line\n")));
}

TEST(checkpoint__any_changed_byte_is_refused)
{
    tw_str good = TW_STR(BODY "\n" SIG);
    assert_ok(open_note(good));
    for (size_t i = 0; i < good.n; i++) {
        char *bad = tw_cstr(cx->arena, good);
        bad[i] = (char)(bad[i] ^ (char)(1u << tw_test_below(7)));
        tw_status s = open_note((tw_str){ bad, good.n });
        if (s != TW_EPARSE && s != TW_ECRYPTO)
            fail_msg("byte %zu changed: %s", i, tw_status_name(s));
    }
    for (size_t n = 0; n < good.n; n++)
        assert_true(open_note((tw_str){ good.p, n }) != TW_OK);
}

TEST(checkpoint__bad_signature_of_the_log_spoils_the_note)
{
    static const char bad[] = "\xe2\x80\x94 PeterNeumann "
                              "x08go6+ppVTztWGpLOiLcY3c8WOhAVlTBOF02t1cqU9JLWGYMgTEmdT07t52cnYcCsJQ3XRYu03G0Lcts5Y3xM+"
                              "G2Qo=\n";
    assert_status(TW_ECRYPTO, open_note(tw_strf(cx->arena, "%s\n%s%s", BODY, bad, SIG)));
    assert_ok(open_note(tw_strf(cx->arena, "%s\n%s%s", BODY, SIG, bad))); /* the first line decides */
    assert_status(TW_EPARSE, open_note(TW_STR(BODY "\n" SIG "no signature line\n")));
    assert_status(TW_EPARSE, open_note(TW_STR(BODY "\n" SIG "\xe2\x80\x94 short AAAA\n")));
    assert_status(TW_EPARSE, open_note(TW_STR(BODY SIG)));
    uint8_t other[TW_KEY] = { 9 };
    assert_status(TW_ECRYPTO, tw_checkpoint_open(cx, &size, root, TW_STR(BODY "\n" SIG), ORIGIN, other));
    assert_status(TW_ECRYPTO, tw_checkpoint_open(cx, &size, root, TW_STR(BODY "\n" SIG), TW_STR("other.log"), peter()));
    assert_int_equal(0, size);
}

TEST(checkpoint__more_signatures_than_the_limit_are_refused)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    tw_buf_cstr(&b, BODY "\n");
    for (int i = 0; i < 99; i++)
        tw_buf_cstr(&b, "\xe2\x80\x94 witness.example AAAAAAA=\n");
    tw_buf_cstr(&b, SIG);
    assert_ok(open_note(tw_str_of_bytes(tw_buf_view(&b))));
    tw_buf_cstr(&b, SIG);
    assert_status(TW_ELIMIT, open_note(tw_str_of_bytes(tw_buf_view(&b))));
    tw_buf_done(&b);
}

TEST(checkpoint__origin_that_cannot_be_a_key_name_is_refused)
{
    static const char *const names[] = { "", "a b", "a+b", "a\nb", "a\xc2\xa0z", "a\xe3\x80\x80z", "bad\xff" };
    tw_str note;
    const uint8_t seed[32] = { 1 };
    for (size_t i = 0; i < TW_COUNT(names); i++)
        assert_status(TW_EUSAGE, tw_checkpoint_sign(cx, &note, tw_str_of(names[i]), 1, root, seed));
    assert_ok(tw_checkpoint_sign(cx, &note, TW_STR("gr\xc3\xbc\xc3\x9f.example/log"), 1, root, seed));
}

static tw_status open_proof(tw_str proof, const char *entry)
{
    uint64_t index;
    tw_status s = tw_tlog_proof_open(cx, &index, &size, root, proof, tw_bytes_of(tw_str_of(entry)), ORIGIN, peter());
    assert_int_equal(s == TW_OK ? 3 : 0, index);
    return s;
}

TEST(proof__made_by_go_opens_for_its_entry_alone)
{
    assert_ok(open_proof(TW_STR(PROOF_3), "entry 3"));
    assert_int_equal(5, size);
    assert_status(TW_ECRYPTO, open_proof(TW_STR(PROOF_3), "entry 2"));
    tw_str rest = TW_STR(PROOF_3);
    tw_str head;
    assert_true(tw_str_split(&head, &rest, '\n'));
    assert_ok(open_proof(tw_strf(cx->arena, TW_FMT "\nextra aGk=\n" TW_FMT, TW_ARG(head), TW_ARG(rest)), "entry 3"));
    assert_status(TW_EPARSE,
                  open_proof(tw_strf(cx->arena, TW_FMT "\nextra aGl=\n" TW_FMT, TW_ARG(head), TW_ARG(rest)), "entry "
                                                                                                             "3"));
}

TEST(proof__any_changed_byte_is_refused)
{
    tw_str good = TW_STR(PROOF_3);
    for (size_t i = 0; i < good.n; i++) {
        char *bad = tw_cstr(cx->arena, good);
        bad[i] = (char)(bad[i] ^ (char)(1u << tw_test_below(7)));
        assert_true(open_proof((tw_str){ bad, good.n }, "entry 3") != TW_OK);
    }
    for (size_t n = 0; n < good.n; n++)
        assert_true(open_proof((tw_str){ good.p, n }, "entry 3") != TW_OK);
}
