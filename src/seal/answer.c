/* A keeper's fragments of a capsule, and their proofs. One share and one commitment an answer: a + w for a class
 * grant, w for a directed grant or the owner, and the share of a/d beside it. */
#include "seal/seal.h"

#include "seal/seal_internal.h"

/* The secret behind f1. */
static tw_status first_share(tw_ctx *cx, uint8_t out[TW_SCALAR], tw_answer_kind kind, const tw_keeper_share *s)
{
    static const uint8_t none[TW_SCALAR];
    memcpy(out, s->w, TW_SCALAR);
    if (kind != TW_ANSWER_CLASS)
        return TW_OK;
    if (memcmp(s->a, none, sizeof none) == 0)
        return tw_fail(cx, TW_EREFUSED, "no class share of this compartment is here");
    tw_scalar_add(out, s->w, s->a);
    return TW_OK;
}

tw_status tw_keeper_fragment(tw_ctx *cx, uint8_t f1[TW_POINT], uint8_t f2[TW_POINT], tw_answer_kind kind,
                             const tw_keeper_share *share, const uint8_t *directed_share,
                             const uint8_t capsule[TW_CAPSULE])
{
    uint8_t s[TW_SCALAR];
    memset(f1, 0, TW_POINT);
    memset(f2, 0, TW_POINT);
    if (kind == TW_ANSWER_DIRECTED && !directed_share)
        return tw_fail(cx, TW_EREFUSED, "no directed share of this compartment is here");
    TW_TRY(first_share(cx, s, kind, share));
    tw_status status = tw_tpre_fragment(cx, f1, s, capsule);
    tw_wipe(s, sizeof s);
    if (status == TW_OK && kind == TW_ANSWER_DIRECTED)
        status = tw_tpre_fragment(cx, f2, directed_share, capsule);
    return status;
}

/* What f1 of this keeper must be proved against: Cw(i), for a class grant Cw(i) + Ca(i). */
static tw_status first_commit(tw_ctx *cx, uint8_t out[TW_POINT], tw_answer_kind kind, const tw_comp *c,
                              const uint8_t *mail_commits, uint8_t index)
{
    uint8_t a[TW_POINT];
    TW_TRY(tw_share_commit_at(cx, out, index, c->commits_w[0], c->t));
    if (kind != TW_ANSWER_CLASS)
        return TW_OK;
    const uint8_t *commits_a = c->class_grant ? c->commits_a[0] : mail_commits;
    if (!commits_a)
        return tw_fail(cx, TW_EREFUSED, "the compartment has no class grant");
    TW_TRY(tw_share_commit_at(cx, a, index, commits_a, c->t));
    return tw_point_add(cx, out, out, a);
}

tw_status tw_keeper_prove(tw_ctx *cx, uint8_t proof1[64], uint8_t proof2[64], tw_answer_kind kind,
                          const tw_keeper_share *share, const uint8_t *directed_share, const uint8_t *directed_commits,
                          const uint8_t capsule[TW_CAPSULE], tw_bytes rctx)
{
    const tw_comp *c = &share->record.body;
    uint8_t f1[TW_POINT];
    uint8_t f2[TW_POINT];
    uint8_t commit[TW_POINT];
    uint8_t s[TW_SCALAR];
    memset(proof1, 0, 64);
    memset(proof2, 0, 64);
    TW_TRY(tw_keeper_fragment(cx, f1, f2, kind, share, directed_share, capsule));
    TW_TRY(first_commit(cx, commit, kind, c, directed_commits, share->index));
    TW_TRY(first_share(cx, s, kind, share));
    tw_status status = tw_tpre_prove(cx, proof1, s, capsule, f1, commit, rctx, NULL);
    tw_wipe(s, sizeof s);
    if (status != TW_OK || kind != TW_ANSWER_DIRECTED)
        return status;
    TW_ASSERT(directed_commits != NULL);
    TW_TRY(tw_share_commit_at(cx, commit, share->index, directed_commits, c->t));
    return tw_tpre_prove(cx, proof2, directed_share, capsule, f2, commit, rctx, NULL);
}

bool tw_fragment_proof_ok(tw_ctx *cx, tw_answer_kind kind, const tw_comp *comp, const uint8_t *directed_commits,
                          uint8_t index, const uint8_t capsule[TW_CAPSULE], const uint8_t f1[TW_POINT],
                          const uint8_t f2[TW_POINT], const uint8_t proof1[64], const uint8_t proof2[64], tw_bytes rctx)
{
    uint8_t commit[TW_POINT];
    if (first_commit(cx, commit, kind, comp, directed_commits, index) != TW_OK ||
        !tw_tpre_fragment_ok(cx, proof1, capsule, f1, commit, rctx))
        return false;
    if (kind != TW_ANSWER_DIRECTED)
        return true;
    return directed_commits && tw_share_commit_at(cx, commit, index, directed_commits, comp->t) == TW_OK &&
           tw_tpre_fragment_ok(cx, proof2, capsule, f2, commit, rctx);
}
