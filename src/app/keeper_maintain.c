/* A keeper's housekeeping: weekly import keys, and the deletion of shares once the ledger says erasing. */
#include "keeper_internal.h"

#define OPS_MAX 64
#define ENTRIES_A_PASS 100000

static const tw_bytes no_more = { NULL, 0 };

/* ---------------------------------------------------------------- import keys: row I + public -> slot-sealed secret,
 * then times */

typedef struct {
    uint8_t public_key[TW_KEY];
    uint8_t secret[32];
    uint64_t until;      /* of the published key */
    uint64_t replaced_s; /* when a successor was published; 0: none */
    bool found;
} import_key;

static tw_status read_import_key(tw_ctx *cx, import_key *out, tw_keeper *k, tw_bytes key, tw_bytes val)
{
    tw_bytes plain;
    uint64_t slot;
    out->found = false;
    if (key.n != 33 || val.n < 16)
        return tw_fail(cx, TW_EPARSE, "a stored import key is malformed");
    memcpy(out->public_key, key.p + 1, TW_KEY);
    out->until = tw_be64(val.p);
    out->replaced_s = tw_be64(val.p + 8);
    tw_bytes row = tw_bytes_dup(cx->arena, (tw_bytes){ val.p + 16, val.n - 16 });
    tw_status s = tw_slots_unseal(cx, &plain, &slot, &k->slots, (tw_bytes){ out->public_key, TW_KEY }, row);
    if (s == TW_ENOTFOUND)
        return TW_OK; /* wiped */
    TW_TRY(s);
    if (plain.n != 32)
        return tw_fail(cx, TW_EPARSE, "a stored import secret is malformed");
    memcpy(out->secret, plain.p, 32);
    tw_wipe((void *)(uintptr_t)plain.p, plain.n);
    out->found = true;
    return TW_OK;
}

/* Calls each for all keys; keys are few: one a week, gone after two. */
static tw_status each_import_key(tw_ctx *cx, tw_keeper *k,
                                 tw_status (*each)(tw_ctx *cx, tw_keeper *k, import_key *key, void *arg), void *arg)
{
    uint8_t from[33] = { TW_ROW_IMPORT_KEY };
    for (size_t round = 0; round < 64; round++) {
        tw_bytes key;
        tw_bytes val;
        import_key ik = { .found = false };
        tw_status s = k->kv.seek(k->kv.self, TW_BYTES(from), &key, &val);
        if (s == TW_ENOTFOUND || (s == TW_OK && (key.n != 33 || key.p[0] != TW_ROW_IMPORT_KEY)))
            return TW_OK;
        if (s != TW_OK)
            return tw_fail(cx, s, "the keeper's store cannot be read");
        memcpy(from, key.p, 33);
        TW_TRY(read_import_key(cx, &ik, k, key, val));
        s = ik.found ? each(cx, k, &ik, arg) : TW_OK;
        tw_wipe(&ik, sizeof ik);
        TW_TRY(s);
        for (size_t i = sizeof from; i-- > 1;)
            if (++from[i])
                break;
    }
    return TW_OK;
}

typedef struct {
    uint8_t (*secrets)[32];
    size_t count;
    size_t max;
} secret_list;

static tw_status add_secret(TW_UNUSED tw_ctx *cx, TW_UNUSED tw_keeper *k, import_key *key, void *arg)
{
    secret_list *l = arg;
    if (l->count < l->max)
        memcpy(l->secrets[l->count++], key->secret, 32);
    return TW_OK;
}

tw_status tw_keeper_import_secrets(tw_ctx *cx, uint8_t (*secrets)[32], size_t *count, size_t max, tw_keeper *k)
{
    secret_list l = { secrets, 0, max };
    TW_TRY(each_import_key(cx, k, add_secret, &l));
    *count = l.count;
    return TW_OK;
}

static tw_status put_import_key(tw_ctx *cx, tw_keeper *k, const uint8_t public_key[TW_KEY], uint64_t until,
                                uint64_t replaced_s, tw_bytes row)
{
    uint8_t *v = tw_arena_get(cx->arena, 16 + row.n);
    tw_put_be64(v, until);
    tw_put_be64(v + 8, replaced_s);
    memcpy(v + 16, row.p, row.n);
    return tw_row_put(cx, k, tw_row_of(TW_ROW_IMPORT_KEY, public_key, no_more), (tw_bytes){ v, 16 + row.n });
}

/* The key in force on the ledger, and when it was published. */
typedef struct {
    const uint8_t *key;
    uint64_t since_s;
} key_in_force;

/* Marks those with a successor; wipes those whose grace is over. */
static tw_status age_key(tw_ctx *cx, tw_keeper *k, import_key *key, void *arg)
{
    const key_in_force *current = arg;
    tw_row_key rk = tw_row_of(TW_ROW_IMPORT_KEY, key->public_key, no_more);
    tw_bytes row;
    TW_TRY(tw_row_get(cx, &row, k, rk));
    if (memcmp(current->key, key->public_key, TW_KEY) == 0)
        return TW_OK;
    uint64_t replaced_s = key->replaced_s ? key->replaced_s : current->since_s;
    if (tw_now_s(cx) < replaced_s + TW_IMPORT_SECRET_GRACE_S)
        return key->replaced_s ? TW_OK
                               : put_import_key(cx, k, key->public_key, key->until, replaced_s,
                                                (tw_bytes){ row.p + 16, row.n - 16 });
    TW_TRY(tw_slots_wipe(cx, &k->slots, tw_be64(row.p + 16)));
    return k->kv.del(k->kv.self, tw_row_bytes(&rk));
}

static tw_status sign_op(tw_ctx *cx, tw_bytes *op, const tw_keeper *k, tw_entry_kind kind, tw_bytes body)
{
    uint64_t now = tw_now_s(cx);
    tw_op o = { .ledger = *tw_ledger_id(tw_keeper_state(k)),
                .party = k->me.id,
                .kind = (uint8_t)kind,
                .nonce = tw_ledger_next_nonce(tw_keeper_state(k), &k->me.id, 0),
                .valid_until = now + TW_OP_LIFETIME_S,
                .body = body };
    return tw_op_sign(cx, op, &o, k->me.sign_secret);
}

/* A new key when there is none in force, or the published one is a week old. */
static tw_status renew(tw_ctx *cx, tw_bytes *ops, size_t *count, tw_keeper *k)
{
    uint64_t now = tw_now_s(cx);
    const tw_party_state *me = tw_ledger_party(tw_keeper_state(k), &k->me.id);
    TW_ASSERT(me != NULL);
    key_in_force current = { me->import_key, me->import_until - TW_IMPORT_KEY_LIFE_S };
    if (me->has_import_key)
        TW_TRY(each_import_key(cx, k, age_key, &current));
    if (me->has_import_key && now + TW_IMPORT_KEY_LIFE_S < me->import_until + TW_IMPORT_KEY_RENEW_S)
        return TW_OK;
    uint8_t secret[32];
    tw_import_key_body body = { .valid_until = now + TW_IMPORT_KEY_LIFE_S };
    tw_bytes row;
    tw_random(cx, secret, sizeof secret);
    tw_box_keys(body.key, secret);
    TW_TRY(tw_slots_seal(cx, &row, &k->slots, NULL, TW_BYTES(body.key), TW_BYTES(secret)));
    tw_wipe(secret, sizeof secret);
    TW_TRY(put_import_key(cx, k, body.key, body.valid_until, 0, row));
    return sign_op(cx, &ops[(*count)++], k, TW_ENTRY_IMPORT_KEY, tw_body_import_key(cx, &body));
}

/* ---------------------------------------------------------------- deletions */

static tw_status delete_rows(tw_ctx *cx, tw_keeper *k, tw_row kind, const tw_id *comp)
{
    tw_row_key from = tw_row_of(kind, comp->b, no_more);
    for (size_t i = 0; i < 100000; i++) {
        tw_bytes key;
        tw_bytes val;
        tw_status s = k->kv.seek(k->kv.self, tw_row_bytes(&from), &key, &val);
        if (s == TW_ENOTFOUND || (s == TW_OK && (key.n < 33 || memcmp(key.p, from.p, 33) != 0)))
            return TW_OK;
        if (s == TW_OK) {
            tw_bytes copy = tw_bytes_dup(cx->arena, key);
            s = k->kv.del(k->kv.self, copy);
        }
        if (s != TW_OK)
            return tw_fail(cx, s, "the keeper's store cannot be written");
    }
    return TW_OK;
}

/* The slot goes first: from there on nothing here opens the share, whatever happens next. Then the signed word for it.
 */
static tw_status erase_comp(tw_ctx *cx, tw_keeper *k, const tw_id *comp, uint64_t idx)
{
    tw_bytes row;
    tw_buf b;
    tw_deletion d = { .keeper = k->me.id, .comp = *comp, .idx = idx };
    tw_status s = tw_row_get(cx, &row, k, tw_row_of(TW_ROW_SHARE, comp->b, no_more));
    if (s == TW_OK && row.n >= 8)
        TW_TRY(tw_slots_wipe(cx, &k->slots, tw_be64(row.p)));
    else if (s != TW_ENOTFOUND)
        return s;
    tw_crash_point(cx, "keeper.share-wiped");
    const tw_row gone[] = { TW_ROW_SHARE, TW_ROW_POLICY, TW_ROW_DIRECTED, TW_ROW_OPENING, TW_ROW_STOP };
    for (size_t i = 0; i < TW_COUNT(gone); i++)
        TW_TRY(delete_rows(cx, k, gone[i], comp));
    tw_deletion_sign(cx, &d, k->me.sign_secret);
    tw_buf_init(&b, TW_KIB);
    tw_deletion_encode(&b, &d);
    s = tw_row_put(cx, k, tw_row_of(TW_ROW_DELETION, comp->b, no_more), tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}

static tw_status scan_entry(tw_ctx *cx, tw_keeper *k, uint64_t idx)
{
    tw_bytes bytes;
    tw_entry e;
    tw_op op;
    tw_owner_op own;
    TW_TRY(tw_solo_entry(cx, &bytes, k->log, idx));
    TW_TRY(tw_entry_decode(cx, &e, bytes));
    if (e.kind != TW_ENTRY_OWNER || e.code != TW_CODE_OK)
        return TW_OK;
    TW_TRY(tw_op_decode(cx, &op, e.op));
    TW_TRY(tw_owner_op_open(cx, &own, op.body));
    return own.kind == TW_OWN_ERASE ? erase_comp(cx, k, &own.comp, idx) : TW_OK;
}

static tw_status scan_log(tw_ctx *cx, tw_keeper *k)
{
    uint8_t v[8];
    uint64_t size = tw_keeper_log_size(k);
    for (uint64_t i = 0; k->scanned < size && i < ENTRIES_A_PASS; i++, k->scanned++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        TW_TRY(scan_entry(cx, k, k->scanned));
        tw_arena_back(cx->arena, mark);
    }
    tw_put_be64(v, k->scanned);
    return tw_row_put(cx, k, tw_row_of(TW_ROW_SCANNED, NULL, no_more), TW_BYTES(v));
}

/* Erasures that the log orders: shares wiped, words signed; nothing else. */
static tw_status erase_pass(tw_ctx *cx, tw_keeper *k)
{
    uint64_t scanned = k->scanned;
    TW_TRY(tw_keeper_follow(cx, k));
    if (scanned == tw_keeper_log_size(k))
        return TW_OK;
    if (k->kv.begin(k->kv.self, true) != TW_OK)
        return tw_fail(cx, TW_EIO, "the keeper's store cannot be opened");
    tw_status s = scan_log(cx, k);
    if (s == TW_OK)
        s = tw_slots_sync(cx, &k->slots); /* before any word for a deletion is given */
    if (s == TW_OK)
        s = k->kv.commit(k->kv.self) == TW_OK ? TW_OK : tw_fail(cx, TW_EIO, "the keeper's store cannot be written");
    else
        k->kv.abort(k->kv.self);
    if (s != TW_OK)
        k->scanned = scanned;
    return s;
}

static tw_status renew_pass(tw_ctx *cx, tw_bytes *ops, size_t *count, tw_keeper *k)
{
    if (k->kv.begin(k->kv.self, true) != TW_OK)
        return tw_fail(cx, TW_EIO, "the keeper's store cannot be opened");
    tw_status s = renew(cx, ops, count, k);
    if (s == TW_OK)
        s = tw_slots_sync(cx, &k->slots);
    if (s == TW_OK)
        return k->kv.commit(k->kv.self) == TW_OK ? TW_OK : tw_fail(cx, TW_EIO, "the keeper's store cannot be written");
    k->kv.abort(k->kv.self);
    return s;
}

tw_status tw_keeper_maintain(tw_ctx *cx, tw_bytes **ops, size_t *count, tw_keeper *k)
{
    *ops = tw_arena_get(cx->arena, OPS_MAX * sizeof **ops);
    *count = 0;
    TW_TRY(erase_pass(cx, k));
    return renew_pass(cx, *ops, count, k);
}

tw_status tw_keeper_deletions(tw_ctx *cx, tw_buf *reply, tw_keeper *k, tw_rd *in)
{
    tw_id comp;
    tw_bytes row;
    tw_rd_copy(in, comp.b, 32);
    TW_TRY(tw_rd_end(cx, in, "deletions request"));
    TW_TRY(erase_pass(cx, k));
    if (k->kv.begin(k->kv.self, false) != TW_OK)
        return tw_fail(cx, TW_EIO, "the keeper's store cannot be opened");
    tw_status s = tw_row_get(cx, &row, k, tw_row_of(TW_ROW_DELETION, comp.b, no_more));
    k->kv.abort(k->kv.self);
    if (s == TW_ENOTFOUND)
        return tw_fail(cx, TW_ENOTFOUND, "nothing was deleted of this compartment");
    TW_TRY(s);
    tw_buf_add(reply, row.p, row.n);
    return TW_OK;
}
