/* The table of operations: one row a kind. */
#include "ledger/ledger_internal.h"

/* A reader of the row's body in the move. */
#define READER(name)                                                                               \
    static tw_status read_##name(tw_ctx *cx, tw_move *m)                                           \
    {                                                                                              \
        return tw_body_##name##_read(cx, &m->body.name, m->op.body);                               \
    }
READER(party_add)
READER(party_rotate)
READER(party_suspend)
READER(keeper_set)
READER(import_key)
READER(opening)
READER(batch)
READER(project_open)
READER(project_approve)
READER(project_close)
READER(erased)
READER(release_open)
READER(release_close)
READER(budget)
READER(twin_publish)
#undef READER

/* A bad inner signature or id is logged with code 7; a bad shape is not logged. */
static tw_status read_owner(tw_ctx *cx, tw_move *m)
{
    tw_status s = tw_owner_op_open(cx, &m->body.owner.op, m->op.body);
    m->body.owner.inner_ok = s == TW_OK;
    m->body.owner.id = m->body.owner.op.comp;
    if (s == TW_ECRYPTO)
        tw_err_clear(cx);
    return s == TW_ECRYPTO ? TW_OK : s;
}

/* Kinds whose signers (clinicians' and guardians' sets) this ledger does not know yet. */
static tw_status read_opaque(TW_UNUSED tw_ctx *cx, TW_UNUSED tw_move *m)
{
    return TW_OK;
}

static tw_code check_never(TW_UNUSED tw_ctx *cx, TW_UNUSED const tw_move *m)
{
    return TW_CODE_STATE;
}

static tw_code check_always(TW_UNUSED tw_ctx *cx, TW_UNUSED const tw_move *m)
{
    return TW_CODE_OK;
}

#define ROLE(name) TW_ROLE_BIT(TW_ROLE_##name)
#define ROW(name) read_##name, tw_check_##name, tw_effect_##name

static const tw_rule rules[TW_ENTRY_KIND_COUNT] = {
    [TW_ENTRY_PARTY_ADD] = { ROLE(STEWARD), ROW(party_add) },
    [TW_ENTRY_PARTY_ROTATE] = { TW_ROLE_ANY, ROW(party_rotate) },
    [TW_ENTRY_PARTY_SUSPEND] = { ROLE(STEWARD), ROW(party_suspend) },
    [TW_ENTRY_KEEPER_SET] = { ROLE(STEWARD), ROW(keeper_set) },
    [TW_ENTRY_IMPORT_KEY] = { ROLE(KEEPER), ROW(import_key) },
    [TW_ENTRY_OPENING] = { ROLE(SOURCE), ROW(opening) },
    [TW_ENTRY_BATCH] = { ROLE(SOURCE), read_batch, check_always, NULL },
    [TW_ENTRY_PROJECT_OPEN] = { ROLE(GRANTEE), ROW(project_open) },
    [TW_ENTRY_PROJECT_APPROVE] = { ROLE(STEWARD), ROW(project_approve) },
    [TW_ENTRY_PROJECT_CLOSE] = { ROLE(STEWARD) | ROLE(GRANTEE), ROW(project_close) },
    [TW_ENTRY_OWNER] = { TW_ROLE_ANY, ROW(owner) },
    [TW_ENTRY_ERASED] = { TW_ROLE_ANY, ROW(erased) },
    [TW_ENTRY_RELEASE_OPEN] = { ROLE(GRANTEE), ROW(release_open) },
    [TW_ENTRY_RELEASE_CLOSE] = { ROLE(GRANTEE) | ROLE(KEEPER), ROW(release_close) },
    [TW_ENTRY_BUDGET] = { ROLE(GRANTEE), ROW(budget) },
    [TW_ENTRY_TWIN_PUBLISH] = { ROLE(GRANTEE), read_twin_publish, tw_check_twin_publish, NULL },
    [TW_ENTRY_BREAK_GLASS] = { ROLE(CLINICIAN), read_opaque, check_never, NULL },
    [TW_ENTRY_RECOVERY_START] = { TW_ROLE_ANY, read_opaque, check_never, NULL },
    [TW_ENTRY_RECOVERY_VETO] = { TW_ROLE_ANY, read_opaque, check_never, NULL },
};

const tw_rule *tw_rule_of(unsigned kind)
{
    return kind < TW_ENTRY_KIND_COUNT && rules[kind].read ? &rules[kind] : NULL;
}
