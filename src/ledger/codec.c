/* Bytes of the genesis body, of operations and of entries. Field tables: docs/formats/ledger.md. */
#include "ledger/ledger_internal.h"

#define ENTRY_VERSION 1
#define PARTIES_MAX 1024
#define ORIGIN_MAX TW_NOTE_NAME_MAX

/* Moves a finished buffer into the arena. */
static tw_status take(tw_ctx *cx, tw_bytes *out, tw_buf *b, const char *what)
{
    tw_status s = tw_buf_check(cx, b, what);
    if (s == TW_OK)
        *out = tw_bytes_dup(cx->arena, tw_buf_view(b));
    tw_buf_done(b);
    return s;
}

/* ---------------------------------------------------------------- parties */

void tw_party_id(tw_id *out, const uint8_t ed25519[TW_KEY])
{
    tw_bytes field = { ed25519, TW_KEY };
    tw_hash_label(out->b, "tw/party/1", &field, 1);
}

static bool printable(tw_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~')
            return false;
    return true;
}

bool tw_url_ok(tw_str url)
{
    return url.n <= TW_URL_MAX && printable(url);
}

static bool role_ok(unsigned role)
{
    return role >= TW_ROLE_SOURCE && role <= TW_ROLE_CLINICIAN;
}

void tw_party_spec_encode(tw_buf *out, const tw_party_spec *s)
{
    tw_buf_add(out, s->id.b, sizeof s->id.b);
    tw_buf_u8(out, s->role);
    tw_buf_add(out, s->ed25519, sizeof s->ed25519);
    tw_buf_add(out, s->x25519, sizeof s->x25519);
    tw_buf_var(out, tw_bytes_of(s->url));
}

static tw_status check_spec(tw_ctx *cx, const tw_party_spec *s)
{
    if (!role_ok(s->role))
        return tw_fail(cx, TW_EPARSE, "party: there is no role %u", (unsigned)s->role);
    if (!tw_url_ok(s->url))
        return tw_fail(cx, TW_EPARSE, "party: its url is not printable or over %d bytes", TW_URL_MAX);
    return TW_OK;
}

tw_status tw_party_spec_read(tw_ctx *cx, tw_party_spec *out, tw_rd *in)
{
    tw_rd_copy(in, out->id.b, sizeof out->id.b);
    out->role = tw_rd_u8(in);
    tw_rd_copy(in, out->ed25519, sizeof out->ed25519);
    tw_rd_copy(in, out->x25519, sizeof out->x25519);
    out->url = tw_str_of_bytes(tw_rd_var(in, TW_URL_MAX));
    if (in->bad)
        return tw_rd_end(cx, in, "party");
    return check_spec(cx, out);
}

/* ---------------------------------------------------------------- genesis */

static const tw_party_spec *party_of(const tw_genesis *g, const tw_id *id)
{
    for (size_t i = 0; i < g->party_count; i++)
        if (tw_id_eq(&g->party[i].id, id))
            return &g->party[i];
    return NULL;
}

static tw_status check_parties(tw_ctx *cx, const tw_genesis *g)
{
    if (g->party_count == 0 || g->party_count > PARTIES_MAX)
        return tw_fail(cx, TW_EPARSE, "genesis: %zu parties", g->party_count);
    for (size_t i = 0; i < g->party_count; i++) {
        tw_id id;
        tw_party_id(&id, g->party[i].ed25519);
        TW_TRY(check_spec(cx, &g->party[i]));
        if (!tw_id_eq(&id, &g->party[i].id))
            return tw_fail(cx, TW_EPARSE, "genesis: the id of party %zu is not that of its key", i + 1);
        if (party_of(g, &id) != &g->party[i])
            return tw_fail(cx, TW_EPARSE, "genesis: party %zu stands twice", i + 1);
    }
    return TW_OK;
}

static tw_status check_roles(tw_ctx *cx, const tw_genesis *g)
{
    const tw_keeper_set *k = &g->keeper_set;
    size_t stewards = 0;
    for (size_t i = 0; i < g->party_count; i++)
        stewards += g->party[i].role == TW_ROLE_STEWARD;
    if (stewards != g->steward_n || g->steward_k < 1 || g->steward_k > g->steward_n)
        return tw_fail(cx, TW_EPARSE, "genesis: %u of %u stewards, and %zu are named", (unsigned)g->steward_k,
                       (unsigned)g->steward_n, stewards);
    if (k->n < 1 || k->n > TW_SHARES_MAX || k->t < 1 || k->t > k->n)
        return tw_fail(cx, TW_EPARSE, "genesis: %u of %u keepers", (unsigned)k->t, (unsigned)k->n);
    for (size_t i = 0; i < k->n; i++) {
        const tw_party_spec *p = party_of(g, &k->party[i]);
        if (!p || p->role != TW_ROLE_KEEPER)
            return tw_fail(cx, TW_EPARSE, "genesis: member %zu of the keeper set is no keeper", i + 1);
        for (size_t j = 0; j < i; j++)
            if (tw_id_eq(&k->party[i], &k->party[j]))
                return tw_fail(cx, TW_EPARSE, "genesis: member %zu of the keeper set stands twice", i + 1);
    }
    return TW_OK;
}

static tw_status check_genesis(tw_ctx *cx, const tw_genesis *g)
{
    TW_TRY(check_parties(cx, g));
    TW_TRY(check_roles(cx, g));
    if (g->quota_per_day == 0)
        return tw_fail(cx, TW_EPARSE, "genesis: a quota of 0 lets nobody write");
    if (g->origin.n == 0 || g->origin.n > ORIGIN_MAX || !printable(g->origin) || memchr(g->origin.p, '+', g->origin.n))
        return tw_fail(cx, TW_EPARSE, "genesis: the origin is not 1 to %d printable bytes without '+'", ORIGIN_MAX);
    return TW_OK;
}

tw_status tw_genesis_encode(tw_ctx *cx, tw_bytes *out, const tw_genesis *g)
{
    TW_TRY(check_genesis(cx, g));
    tw_buf b;
    tw_buf_init(&b, TW_OP_BYTES_MAX);
    tw_buf_u32(&b, (uint32_t)g->party_count);
    for (size_t i = 0; i < g->party_count; i++)
        tw_party_spec_encode(&b, &g->party[i]);
    tw_keeper_set_encode(&b, &g->keeper_set);
    tw_buf_u8(&b, g->steward_k);
    tw_buf_u8(&b, g->steward_n);
    tw_buf_u32(&b, g->quota_per_day);
    tw_buf_add(&b, g->log_key, sizeof g->log_key);
    tw_buf_u8(&b, g->witness_none);
    tw_buf_var(&b, tw_bytes_of(g->origin));
    tw_buf_u64(&b, g->time_s);
    tw_buf_u64(&b, g->budget_epsilon);
    tw_buf_u64(&b, g->budget_delta);
    return take(cx, out, &b, "genesis");
}

static tw_status read_parties(tw_ctx *cx, tw_genesis *out, tw_rd *in)
{
    out->party_count = tw_rd_u32(in);
    if (out->party_count > PARTIES_MAX)
        return tw_fail(cx, TW_EPARSE, "genesis: %zu parties", out->party_count);
    tw_party_spec *party = tw_try_array(cx->arena, tw_party_spec, out->party_count);
    if (!party)
        return tw_fail(cx, TW_ELIMIT, "genesis: no memory left for its parties");
    for (size_t i = 0; i < out->party_count; i++)
        TW_TRY(tw_party_spec_read(cx, &party[i], in));
    out->party = party;
    return TW_OK;
}

tw_status tw_genesis_decode(tw_ctx *cx, tw_genesis *out, tw_bytes bytes)
{
    if (bytes.n > TW_OP_BYTES_MAX)
        return tw_fail(cx, TW_EPARSE, "genesis of %zu bytes", bytes.n);
    tw_rd in = tw_rd_of(bytes);
    *out = (tw_genesis){ 0 };
    TW_TRY(read_parties(cx, out, &in));
    TW_TRY(tw_keeper_set_read(cx, &out->keeper_set, &in));
    out->steward_k = tw_rd_u8(&in);
    out->steward_n = tw_rd_u8(&in);
    out->quota_per_day = tw_rd_u32(&in);
    tw_rd_copy(&in, out->log_key, sizeof out->log_key);
    uint8_t witness_none = tw_rd_u8(&in);
    out->witness_none = witness_none != 0;
    out->origin = tw_str_of_bytes(tw_rd_var(&in, ORIGIN_MAX));
    out->time_s = tw_rd_u64(&in);
    out->budget_epsilon = tw_rd_u64(&in);
    out->budget_delta = tw_rd_u64(&in);
    TW_TRY(tw_rd_end(cx, &in, "genesis"));
    if (witness_none > 1)
        return tw_fail(cx, TW_EPARSE, "genesis: witness mark %u", (unsigned)witness_none);
    return check_genesis(cx, out);
}

/* ---------------------------------------------------------------- operations */

tw_status tw_op_sign(tw_ctx *cx, tw_bytes *out, const tw_op *op, const uint8_t secret[64])
{
    tw_buf b;
    tw_buf_init(&b, TW_OP_BYTES_MAX);
    tw_buf_add(&b, op->ledger.b, sizeof op->ledger.b);
    tw_buf_add(&b, op->party.b, sizeof op->party.b);
    tw_buf_u8(&b, op->kind);
    tw_buf_u16(&b, op->lane);
    tw_buf_u64(&b, op->nonce);
    tw_buf_u64(&b, op->valid_until);
    tw_buf_var(&b, op->body);
    uint8_t sig[TW_SIG] = { 0 };
    if (!b.failed)
        tw_sign(cx, sig, secret, "tw/op/1", tw_buf_view(&b));
    tw_buf_add(&b, sig, sizeof sig);
    return take(cx, out, &b, "operation");
}

tw_status tw_op_parse(tw_ctx *cx, tw_op *out, tw_bytes *message, const uint8_t **sig, tw_bytes bytes)
{
    if (bytes.n > TW_OP_BYTES_MAX)
        return tw_fail(cx, TW_EPARSE, "operation of %zu bytes", bytes.n);
    tw_rd in = tw_rd_of(bytes);
    tw_rd_copy(&in, out->ledger.b, sizeof out->ledger.b);
    tw_rd_copy(&in, out->party.b, sizeof out->party.b);
    out->kind = tw_rd_u8(&in);
    out->lane = tw_rd_u16(&in);
    out->nonce = tw_rd_u64(&in);
    out->valid_until = tw_rd_u64(&in);
    out->body = tw_rd_var(&in, TW_OP_BYTES_MAX);
    *message = (tw_bytes){ bytes.p, in.off };
    *sig = tw_rd_view(&in, TW_SIG).p;
    TW_TRY(tw_rd_end(cx, &in, "operation"));
    if (out->kind <= TW_ENTRY_TICK || out->kind >= TW_ENTRY_KIND_COUNT)
        return tw_fail(cx, TW_EPARSE, "operation: no party may send kind %u", (unsigned)out->kind);
    return TW_OK;
}

tw_status tw_op_decode(tw_ctx *cx, tw_op *out, tw_bytes in)
{
    tw_bytes message;
    const uint8_t *sig;
    return tw_op_parse(cx, out, &message, &sig, in);
}

tw_bytes tw_steward_message(tw_ctx *cx, const tw_id *ledger, unsigned kind, tw_bytes body, size_t signatures)
{
    size_t list = 4 + signatures * TW_STEWARD_SIG_BYTES;
    TW_ASSERT(body.n >= list);
    tw_buf b;
    tw_buf_init(&b, 33 + body.n);
    tw_buf_add(&b, ledger->b, sizeof ledger->b);
    tw_buf_u8(&b, (uint8_t)kind);
    tw_buf_add(&b, body.p, body.n - list);
    TW_ASSERT(!b.failed);
    tw_bytes m = tw_bytes_dup(cx->arena, tw_buf_view(&b));
    tw_buf_done(&b);
    return m;
}

void tw_steward_sign(tw_ctx *cx, tw_steward_sig *out, const tw_id *steward, const uint8_t secret[64],
                     const tw_id *ledger, tw_entry_kind kind, tw_bytes body)
{
    out->steward = *steward;
    tw_sign(cx, out->sig, secret, "tw/steward/1", tw_steward_message(cx, ledger, kind, body, 0));
}

/* ---------------------------------------------------------------- entries */

void tw_entry_encode(tw_buf *out, const tw_entry *e)
{
    tw_buf_u8(out, ENTRY_VERSION);
    tw_buf_u8(out, e->kind);
    tw_buf_u8(out, e->code);
    tw_buf_u64(out, e->idx);
    tw_buf_var(out, e->op);
}

tw_status tw_entry_decode(tw_ctx *cx, tw_entry *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    uint8_t version = tw_rd_u8(&in);
    out->kind = tw_rd_u8(&in);
    out->code = tw_rd_u8(&in);
    out->idx = tw_rd_u64(&in);
    out->op = tw_rd_var(&in, TW_OP_BYTES_MAX);
    TW_TRY(tw_rd_end(cx, &in, "entry"));
    if (version != ENTRY_VERSION)
        return tw_fail(cx, TW_EPARSE, "entry of version %u", (unsigned)version);
    if (out->kind >= TW_ENTRY_KIND_COUNT || out->code > TW_CODE_EXISTS)
        return tw_fail(cx, TW_EPARSE, "entry of kind %u with code %u", (unsigned)out->kind, (unsigned)out->code);
    return TW_OK;
}
