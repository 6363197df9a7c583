/* Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-proof), for one log key. A note is text, an
 * empty line, and signature lines "- <name> <base64(key id 4, signature)>" that begin with an em dash. Accepts what
 * Go's sumdb/note accepts, and less where a second spelling of the same note would be possible (base64). */
#include "crypto/crypto.h"

#include "crypto/crypto_internal.h"

#define NOTE_MAX (1 * TW_MIB)
#define SIGNATURES_MAX 100
#define DASH "\xe2\x80\x94 " /* U+2014, blank */
#define ALG_ED25519 0x01
#define PROOF_HEAD "c2sp.org/tlog-proof@v1"
#define PATH_MAX_HASHES 64

/* Not empty, valid UTF-8, no blank and no '+'. */
static bool name_ok(tw_str name)
{
    if (name.n == 0 || name.n > TW_NOTE_NAME_MAX || !tw_utf8_valid(name))
        return false;
    for (size_t i = 0; i < name.n; i++) {
        if ((uint8_t)name.p[i] <= ' ' || name.p[i] == '+' || name.p[i] == 0x7f)
            return false;
    }
    /* Unicode's other blanks, which sumdb/note refuses as well: U+0085, U+00A0, U+1680, U+2000..200A, U+2028, U+2029,
     * U+202F, U+205F, U+3000. */
    static const char *const blanks[] = {
        "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83",
        "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a",
        "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
    };
    for (size_t i = 0; i < TW_COUNT(blanks); i++) {
        if (tw_str_find(name, tw_str_of(blanks[i])) != SIZE_MAX)
            return false;
    }
    return true;
}

/* SHA-256(name || "\n" || 0x01 || public key), first four bytes. */
static void key_id(uint8_t out[4], tw_str name, const uint8_t public_key[TW_KEY])
{
    static const uint8_t middle[2] = { '\n', ALG_ED25519 };
    uint8_t hash[TW_HASH];
    tw_sha256 h;
    tw_sha256_init(&h);
    tw_sha256_add(&h, name.p, name.n);
    tw_sha256_add(&h, middle, sizeof middle);
    tw_sha256_add(&h, public_key, TW_KEY);
    tw_sha256_end(&h, hash);
    memcpy(out, hash, 4);
}

tw_str tw_note_vkey(tw_ctx *cx, tw_str name, const uint8_t public_key[TW_KEY])
{
    TW_ASSERT(name_ok(name));
    uint8_t id[4];
    uint8_t key[1 + TW_KEY] = { ALG_ED25519 };
    key_id(id, name, public_key);
    memcpy(key + 1, public_key, TW_KEY);
    tw_str hex = tw_hex(cx->arena, TW_BYTES(id));
    tw_str b64 = tw_base64(cx->arena, TW_BYTES(key));
    return tw_strf(cx->arena, TW_FMT "+" TW_FMT "+" TW_FMT, TW_ARG(name), TW_ARG(hex), TW_ARG(b64));
}

tw_status tw_note_vkey_parse(tw_ctx *cx, tw_str *name, uint8_t public_key[TW_KEY], tw_str vkey)
{
    tw_str rest = vkey;
    tw_str head;
    tw_str hex;
    tw_bytes key;
    uint8_t id[4];
    uint8_t want[4];
    *name = (tw_str){ 0 };
    memset(public_key, 0, TW_KEY);
    if (!tw_str_split(&head, &rest, '+') || !name_ok(head) || !tw_str_split(&hex, &rest, '+'))
        return tw_fail(cx, TW_EPARSE, "verifier key is not name+id+key");
    if (!tw_unhex(id, sizeof id, hex) || !tw_unbase64(cx->arena, &key, rest))
        return tw_fail(cx, TW_EPARSE, "verifier key: id or key does not decode");
    if (key.n != 1 + TW_KEY || key.p[0] != ALG_ED25519)
        return tw_fail(cx, TW_EPARSE, "verifier key is not Ed25519");
    key_id(want, head, key.p + 1);
    if (memcmp(id, want, sizeof id) != 0)
        return tw_fail(cx, TW_ECRYPTO, "verifier key: id is not that of the key");
    *name = head;
    memcpy(public_key, key.p + 1, TW_KEY);
    return TW_OK;
}

tw_status tw_checkpoint_sign(tw_ctx *cx, tw_str *out, tw_str origin, uint64_t size, const uint8_t root[TW_HASH],
                             const uint8_t seed[32])
{
    *out = (tw_str){ 0 };
    if (!name_ok(origin))
        return tw_fail(cx, TW_EUSAGE, "log origin: 1 to %d bytes without blanks and '+'", TW_NOTE_NAME_MAX);
    uint8_t public_key[TW_KEY];
    uint8_t secret[64];
    uint8_t line[4 + TW_SIG];
    tw_sign_keys(public_key, secret, seed);
    tw_str hash = tw_base64(cx->arena, (tw_bytes){ root, TW_HASH });
    tw_str body =
        tw_strf(cx->arena, TW_FMT "\n%llu\n" TW_FMT "\n", TW_ARG(origin), (unsigned long long)size, TW_ARG(hash));
    key_id(line, origin, public_key);
    tw_sign(cx, line + 4, secret, "", tw_bytes_of(body));
    tw_wipe(secret, sizeof secret);
    tw_str sig = tw_base64(cx->arena, TW_BYTES(line));
    *out = tw_strf(cx->arena, TW_FMT "\n" DASH TW_FMT " " TW_FMT "\n", TW_ARG(body), TW_ARG(origin), TW_ARG(sig));
    return TW_OK;
}

/* body (with its last newline) and signature lines; the last empty line divides them. */
static tw_status split_note(tw_ctx *cx, tw_str *body, tw_str *lines, tw_str note)
{
    if (note.n > NOTE_MAX)
        return tw_fail(cx, TW_ELIMIT, "note of %zu bytes", note.n);
    if (!tw_utf8_valid(note))
        return tw_fail(cx, TW_EPARSE, "note is not UTF-8");
    for (size_t i = 0; i < note.n; i++) {
        if ((uint8_t)note.p[i] < ' ' && note.p[i] != '\n')
            return tw_fail(cx, TW_EPARSE, "note: control character at byte %zu", i);
    }
    size_t i = note.n;
    while (i >= 2 && !(note.p[i - 2] == '\n' && note.p[i - 1] == '\n'))
        i--;
    if (i < 2 || i == note.n || note.p[note.n - 1] != '\n')
        return tw_fail(cx, TW_EPARSE, "note without signature lines");
    *body = (tw_str){ note.p, i - 1 };
    *lines = (tw_str){ note.p + i, note.n - i };
    return TW_OK;
}

/* One signature line into name, key id and signature (of any kind). */
static bool parse_line(tw_ctx *cx, tw_str *name, tw_bytes *sig, tw_str line)
{
    if (!tw_str_starts(line, DASH))
        return false;
    tw_str rest = { line.p + strlen(DASH), line.n - strlen(DASH) };
    return tw_str_split(name, &rest, ' ') && name_ok(*name) && tw_unbase64(cx->arena, sig, rest) && sig->n >= 5;
}

/* All lines must be well formed; the first one of the log's key decides. */
static tw_status check_lines(tw_ctx *cx, tw_str body, tw_str lines, tw_str origin, const uint8_t public_key[TW_KEY])
{
    uint8_t id[4];
    bool found = false;
    size_t count = 0;
    tw_str line;
    key_id(id, origin, public_key);
    while (lines.n && tw_str_split(&line, &lines, '\n')) {
        tw_str name;
        tw_bytes sig;
        if (++count > SIGNATURES_MAX)
            return tw_fail(cx, TW_ELIMIT, "note with over %d signatures", SIGNATURES_MAX);
        if (!parse_line(cx, &name, &sig, line))
            return tw_fail(cx, TW_EPARSE, "note: signature line %zu is malformed", count);
        if (found || !tw_str_eq(name, origin) || memcmp(sig.p, id, sizeof id) != 0)
            continue;
        found = true;
        if (sig.n != 4 + TW_SIG || !tw_sign_ok(cx, sig.p + 4, public_key, "", tw_bytes_of(body)))
            return tw_fail(cx, TW_ECRYPTO, "note: the signature of the log does not verify");
    }
    return found ? TW_OK : tw_fail(cx, TW_ECRYPTO, "note is not signed by the key of the log");
}

/* Decimal without leading zeros. */
static bool parse_decimal(uint64_t *out, tw_str s)
{
    if (s.n == 0 || s.p[0] < '0' || s.p[0] > '9' || (s.p[0] == '0' && s.n > 1))
        return false;
    return tw_parse_u64(out, s);
}

static bool parse_hash(tw_ctx *cx, uint8_t out[TW_HASH], tw_str line)
{
    tw_bytes b;
    if (!tw_unbase64(cx->arena, &b, line) || b.n != TW_HASH)
        return false;
    memcpy(out, b.p, TW_HASH);
    return true;
}

/* tlog-checkpoint: origin, size, root; then extension lines, which must not be empty and mean nothing here. */
static tw_status parse_body(tw_ctx *cx, uint64_t *size, uint8_t root[TW_HASH], tw_str body, tw_str origin)
{
    tw_str line;
    if (!tw_str_split(&line, &body, '\n') || !tw_str_eq(line, origin))
        return tw_fail(cx, TW_EPARSE, "checkpoint of another log");
    if (!tw_str_split(&line, &body, '\n') || !parse_decimal(size, line))
        return tw_fail(cx, TW_EPARSE, "checkpoint: size is not a number");
    if (!tw_str_split(&line, &body, '\n') || !parse_hash(cx, root, line))
        return tw_fail(cx, TW_EPARSE, "checkpoint: root is not a hash");
    while (body.n && tw_str_split(&line, &body, '\n')) {
        if (line.n == 0)
            return tw_fail(cx, TW_EPARSE, "checkpoint: empty extension line");
    }
    return TW_OK;
}

static tw_status open_checkpoint(tw_ctx *cx, uint64_t *size, uint8_t root[TW_HASH], tw_str note, tw_str origin,
                                 const uint8_t public_key[TW_KEY])
{
    tw_str body;
    tw_str lines;
    TW_TRY(split_note(cx, &body, &lines, note));
    TW_TRY(check_lines(cx, body, lines, origin, public_key));
    return parse_body(cx, size, root, body, origin);
}

tw_status tw_checkpoint_open(tw_ctx *cx, uint64_t *size, uint8_t root[TW_HASH], tw_str note, tw_str origin,
                             const uint8_t public_key[TW_KEY])
{
    uint64_t got_size = 0;
    uint8_t got_root[TW_HASH] = { 0 };
    tw_status s = open_checkpoint(cx, &got_size, got_root, note, origin, public_key);
    *size = s == TW_OK ? got_size : 0;
    memset(root, 0, TW_HASH);
    if (s == TW_OK)
        memcpy(root, got_root, TW_HASH);
    return s;
}

tw_status tw_tlog_proof_make(tw_ctx *cx, tw_str *out, uint64_t index, const uint8_t *path, size_t count,
                             tw_str checkpoint)
{
    *out = (tw_str){ 0 };
    TW_ASSERT(count <= PATH_MAX_HASHES);
    tw_buf b;
    tw_buf_init(&b, NOTE_MAX + 64 * TW_KIB);
    tw_buf_fmt(&b, PROOF_HEAD "\nindex %llu\n", (unsigned long long)index);
    for (size_t i = 0; i < count; i++) {
        tw_buf_str(&b, tw_base64(cx->arena, (tw_bytes){ path + i * TW_HASH, TW_HASH }));
        tw_buf_u8(&b, '\n');
    }
    tw_buf_u8(&b, '\n');
    tw_buf_str(&b, checkpoint);
    tw_status s = tw_buf_check(cx, &b, "log proof");
    if (s == TW_OK)
        *out = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return s;
}

/* Head, optional "extra", index and hashes; *rest = the checkpoint. */
static tw_status parse_proof(tw_ctx *cx, uint64_t *index, uint8_t *path, size_t *count, tw_str *rest, tw_str proof)
{
    tw_str line;
    tw_bytes extra;
    *rest = proof;
    if (!tw_str_split(&line, rest, '\n') || !tw_str_is(line, PROOF_HEAD))
        return tw_fail(cx, TW_EPARSE, "log proof: first line is not " PROOF_HEAD);
    bool more = tw_str_split(&line, rest, '\n');
    if (more && tw_str_starts(line, "extra ")) {
        if (!tw_unbase64(cx->arena, &extra, (tw_str){ line.p + 6, line.n - 6 }))
            return tw_fail(cx, TW_EPARSE, "log proof: extra line does not decode");
        more = tw_str_split(&line, rest, '\n');
    }
    if (!more || !tw_str_starts(line, "index ") || !parse_decimal(index, (tw_str){ line.p + 6, line.n - 6 }))
        return tw_fail(cx, TW_EPARSE, "log proof: no index");
    for (*count = 0; tw_str_split(&line, rest, '\n') && line.n; (*count)++) {
        if (*count == PATH_MAX_HASHES || !parse_hash(cx, path + *count * TW_HASH, line))
            return tw_fail(cx, TW_EPARSE, "log proof: hash line %zu is malformed", *count + 1);
    }
    return TW_OK;
}

static tw_status open_proof(tw_ctx *cx, uint64_t *index, uint64_t *size, uint8_t root[TW_HASH], tw_str proof,
                            tw_bytes entry, tw_str origin, const uint8_t public_key[TW_KEY])
{
    uint8_t path[PATH_MAX_HASHES * TW_HASH];
    uint8_t leaf[TW_HASH];
    size_t count = 0;
    tw_str checkpoint;
    TW_TRY(parse_proof(cx, index, path, &count, &checkpoint, proof));
    TW_TRY(tw_checkpoint_open(cx, size, root, checkpoint, origin, public_key));
    tw_merkle_leaf(leaf, entry);
    if (!tw_merkle_path_ok(root, leaf, *index, *size, path, count))
        return tw_fail(cx, TW_ECRYPTO, "log proof: the entry is not at index %llu of the checkpoint",
                       (unsigned long long)*index);
    return TW_OK;
}

tw_status tw_tlog_proof_open(tw_ctx *cx, uint64_t *index, uint64_t *size, uint8_t root[TW_HASH], tw_str proof,
                             tw_bytes entry, tw_str origin, const uint8_t public_key[TW_KEY])
{
    tw_status s = open_proof(cx, index, size, root, proof, entry, origin, public_key);
    if (s != TW_OK) {
        *index = *size = 0;
        memset(root, 0, TW_HASH);
    }
    return s;
}
