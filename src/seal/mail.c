/* Grant mail, the keeper's side (docs/formats/mail.md). */
#include "seal/seal.h"

#include "seal/seal_internal.h"

static void read_shares(tw_mail *m, uint8_t share[TW_SCALAR], tw_rd *in, uint8_t t)
{
    tw_rd_copy(in, share, TW_SCALAR);
    if (tw_rd_u32(in) != t)
        in->bad = true;
    m->t = t;
    tw_rd_copy(in, m->commits[0], (size_t)t * TW_POINT);
}

static tw_status read_mail(tw_ctx *cx, tw_mail *m, tw_bytes plain, uint8_t t)
{
    tw_rd in = tw_rd_of(plain);
    m->version = tw_rd_u32(&in);
    tw_rd_copy(&in, m->salt, sizeof m->salt);
    m->policy = tw_rd_var(&in, TW_POLICY_BYTES_MAX);
    m->kind = tw_rd_u8(&in);
    if (m->kind == TW_MAIL_CLASS) {
        read_shares(m, m->a, &in, t);
    } else if (m->kind == TW_MAIL_DIRECTED) {
        tw_rd_copy(&in, m->b, sizeof m->b);
        tw_rd_copy(&in, m->x, sizeof m->x);
        read_shares(m, m->share, &in, t);
    } else if (m->kind != TW_MAIL_POLICY) {
        return tw_fail(cx, TW_EPARSE, "mail: there is no kind %u", (unsigned)m->kind);
    }
    TW_TRY(tw_rd_end(cx, &in, "mail"));
    if (m->version < 2)
        return tw_fail(cx, TW_EPARSE, "mail: version 1 comes with the enrolment");
    tw_policy policy;
    return tw_policy_decode(cx, &policy, m->policy);
}

static tw_status check_shares(tw_ctx *cx, const tw_mail *m, const tw_comp *c, uint8_t index)
{
    if (m->kind == TW_MAIL_POLICY)
        return TW_OK;
    if (m->kind == TW_MAIL_CLASS && c->class_grant && memcmp(m->commits, c->commits_a, (size_t)c->t * TW_POINT) != 0)
        return tw_fail(cx, TW_EVERIFY, "mail: the commitments are not those of the record");
    if (m->kind == TW_MAIL_DIRECTED && (!tw_point_ok(m->b) || !tw_point_ok(m->x)))
        return tw_fail(cx, TW_ECRYPTO, "mail: B or X is no point");
    if (!tw_share_ok(cx, m->kind == TW_MAIL_CLASS ? m->a : m->share, index, m->commits[0], m->t))
        return tw_fail(cx, TW_ECRYPTO, "mail: the share does not fit its commitments");
    return TW_OK;
}

tw_status tw_mail_open(tw_ctx *cx, tw_mail *out, tw_bytes sealed, const uint8_t import_secret[32],
                       const tw_comp_record *record, uint8_t index)
{
    *out = (tw_mail){ 0 };
    tw_id comp;
    tw_bytes plain;
    tw_comp_record_id(&comp, record);
    TW_TRY(tw_box_open(cx, &plain, import_secret, sealed, tw_id_bytes(&comp)));
    tw_status s = read_mail(cx, out, plain, record->body.t);
    if (s == TW_OK)
        s = check_shares(cx, out, &record->body, index);
    if (s != TW_OK)
        tw_wipe(out, sizeof *out);
    return s;
}

tw_status tw_mail_check(tw_ctx *cx, const tw_mail *mail, uint32_t version, const uint8_t c[32])
{
    uint8_t own[32];
    tw_policy_commit(own, mail->salt, mail->policy);
    if (mail->version != version)
        return tw_fail(cx, TW_EVERIFY, "mail of version %u; the ledger has %u", (unsigned)mail->version,
                       (unsigned)version);
    if (memcmp(own, c, sizeof own) != 0)
        return tw_fail(cx, TW_EVERIFY, "mail: the policy is not the one committed to on the ledger");
    return TW_OK;
}
