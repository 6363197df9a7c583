/* Candidates, the leaf file of a release, answers and proofs. The keeper recomputes every leaf from its own store; of
 * the grantee it takes capsules only. */
#include "keeper_internal.h"

#define LEAVES_MAX (16u * 1024 * 1024)

static const tw_bytes no_more = { NULL, 0 };

/* ---------------------------------------------------------------- candidates */

static void put_opening(tw_buf *out, const tw_opening_proof *o)
{
    tw_buf_u64(out, o->idx);
    tw_buf_u32(out, o->pos);
    tw_buf_u32(out, o->n);
    tw_buf_u8(out, o->path_count);
    for (size_t i = 0; i < o->path_count; i++)
        tw_buf_add(out, o->path[i], TW_HASH);
}

static void put_candidate(tw_buf *out, const tw_comp_view *v, const tw_id *release)
{
    uint8_t tag[32];
    tw_release_tag(tag, v->share.watch, release);
    tw_buf_add(out, tag, 32);
    tw_comp_record_encode(out, &v->share.record);
    tw_buf_u32(out, v->version);
    tw_buf_var(out, v->policy);
    tw_buf_add(out, v->salt, 32);
    put_opening(out, &v->opening);
    tw_buf_u64(out, v->policy_idx);
    tw_buf_u8(out, (uint8_t)v->kind);
    tw_buf_add(out, v->x, TW_POINT);
}

static tw_status list_page(tw_ctx *cx, tw_buf *items, uint32_t *count, tw_id *cursor, bool *more, tw_keeper *k,
                           const tw_id *project_id, const tw_project_state *project, const tw_id *release)
{
    tw_row_key from = tw_row_of(TW_ROW_SHARE, cursor->b, no_more);
    for (*more = true; *count < TW_CANDIDATES_PAGE;) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_bytes key;
        tw_bytes val;
        tw_comp_view v;
        tw_leaf_code code;
        tw_status s = k->kv.seek(k->kv.self, tw_row_bytes(&from), &key, &val);
        if (s == TW_ENOTFOUND || (s == TW_OK && (key.n != 33 || key.p[0] != TW_ROW_SHARE))) {
            *more = false;
            return TW_OK;
        }
        if (s != TW_OK)
            return tw_fail(cx, s, "the keeper's store cannot be read");
        memcpy(cursor->b, key.p + 1, 32);
        TW_TRY(tw_keeper_verdict(cx, &code, &v, k, cursor, project_id, project));
        if (code == TW_LEAF_ANSWERED) {
            put_candidate(items, &v, release);
            (*count)++;
        }
        tw_wipe(&v, sizeof v);
        tw_arena_back(cx->arena, mark);
        for (size_t i = 32; i-- > 0;)
            if (++cursor->b[i])
                break;
        from = tw_row_of(TW_ROW_SHARE, cursor->b, no_more);
    }
    return TW_OK;
}

/* project 32, release 32, cursor 32 -> keeper 32, log size u64, more u8, next cursor 32, count u32, items. */
tw_status tw_keeper_candidates(tw_ctx *cx, tw_buf *reply, tw_keeper *k, const tw_party_state *from, tw_rd *in)
{
    tw_id project_id;
    tw_id release;
    tw_id cursor;
    uint32_t count = 0;
    bool more;
    tw_buf items;
    tw_rd_copy(in, project_id.b, 32);
    tw_rd_copy(in, release.b, 32);
    tw_rd_copy(in, cursor.b, 32);
    TW_TRY(tw_rd_end(cx, in, "candidates request"));
    const tw_project_state *project = tw_ledger_project(tw_keeper_state(k), &project_id);
    if (!project || !tw_id_eq(&project->grantee, &from->spec.id))
        return tw_fail(cx, TW_ENOTFOUND, "no such project of this grantee");
    if (project->status != TW_PROJECT_LIVE)
        return tw_fail(cx, TW_EREFUSED, "the project is not live");
    if (k->kv.begin(k->kv.self, false) != TW_OK)
        return tw_fail(cx, TW_EIO, "the keeper's store cannot be opened");
    tw_buf_init(&items, 64 * TW_MIB);
    tw_status s = list_page(cx, &items, &count, &cursor, &more, k, &project_id, project, &release);
    k->kv.abort(k->kv.self);
    tw_buf_add(reply, k->me.id.b, 32);
    tw_buf_u64(reply, tw_keeper_log_size(k));
    tw_buf_u8(reply, more);
    tw_buf_add(reply, cursor.b, 32);
    tw_buf_u32(reply, count);
    tw_buf_add(reply, items.p, items.n);
    if (s == TW_OK)
        s = tw_buf_check(cx, &items, "candidates");
    tw_buf_done(&items);
    return s;
}

/* ---------------------------------------------------------------- leaf file */

static char *leaf_path(tw_ctx *cx, const tw_keeper *k, const tw_id *release)
{
    return tw_path(cx, tw_path(cx, k->dir, "releases"), tw_id_hex(cx, release).p);
}

/* release 32, leaves var. Checked once, whole: root, count, strict order; then kept and served. */
tw_status tw_keeper_leaves(tw_ctx *cx, tw_buf *reply, tw_keeper *k, const tw_party_state *from, tw_rd *in)
{
    tw_id release;
    uint8_t root[32];
    tw_rd_copy(in, release.b, 32);
    tw_bytes leaves = tw_rd_var(in, (size_t)LEAVES_MAX * TW_RELEASE_LEAF);
    TW_TRY(tw_rd_end(cx, in, "leaf file"));
    const tw_release_state *r = tw_ledger_release(tw_keeper_state(k), &release);
    if (!r || !tw_id_eq(&r->grantee, &from->spec.id))
        return tw_fail(cx, TW_ENOTFOUND, "no such release of this grantee on the ledger");
    if (leaves.n != (size_t)r->leaves * TW_RELEASE_LEAF)
        return tw_fail(cx, TW_EREFUSED, "the leaf file has another count than was announced");
    TW_TRY(tw_release_root(cx, root, leaves));
    if (memcmp(root, r->root, 32) != 0)
        return tw_fail(cx, TW_EREFUSED, "the leaf file has another root than was announced");
    TW_TRY(tw_file_write(cx, leaf_path(cx, k, &release), leaves));
    tw_buf_u8(reply, 1);
    return TW_OK;
}

/* ---------------------------------------------------------------- answers */

typedef struct {
    tw_id comp;
    const uint8_t *capsules; /* count times: day u32, capsule 128 */
    uint32_t count;
} asked;

#define ASKED_CAPSULE (4 + TW_CAPSULE)

typedef struct {
    tw_id release;
    uint32_t first;
    asked *item;
    uint32_t count;
} answer_request;

static tw_status read_request(tw_ctx *cx, answer_request *out, tw_rd *in)
{
    tw_rd_copy(in, out->release.b, 32);
    out->first = tw_rd_u32(in);
    out->count = tw_rd_u32(in);
    if (in->bad || out->count > TW_SHEET_LEAVES_MAX)
        return tw_fail(cx, TW_EPARSE, "an answer request is short or asks for more than %d leaves",
                       TW_SHEET_LEAVES_MAX);
    out->item = tw_arena_get(cx->arena, (out->count + 1) * sizeof *out->item);
    for (uint32_t i = 0; i < out->count; i++) {
        asked *a = &out->item[i];
        tw_rd_copy(in, a->comp.b, 32);
        a->count = tw_rd_u32(in);
        if (a->count > TW_BODY_CAPSULES_MAX)
            return tw_fail(cx, TW_EPARSE, "leaf %u has more than %d capsules", out->first + i, TW_BODY_CAPSULES_MAX);
        a->capsules = tw_rd_view(in, (size_t)a->count * ASKED_CAPSULE).p;
    }
    return tw_rd_end(cx, in, "answer request");
}

/* Checks 1 to 3, the same for every leaf. leaves: the file accepted here. */
static tw_leaf_code release_code(tw_ctx *cx, tw_bytes *leaves, tw_keeper *k, const answer_request *q,
                                 const tw_party_state *from)
{
    const tw_ledger *l = tw_keeper_state(k);
    const tw_release_state *r = tw_ledger_release(l, &q->release);
    if (!r || r->closed || tw_ledger_time(l) >= r->until_s || !tw_id_eq(&r->grantee, &from->spec.id))
        return TW_LEAF_UNANNOUNCED;
    if (tw_now_s(cx) > tw_ledger_time(l) + TW_TICK_STALE_S)
        return TW_LEAF_STALE;
    char *path = leaf_path(cx, k, &q->release);
    if (!tw_path_exists(cx, path) || tw_file_read(cx, leaves, path, (size_t)LEAVES_MAX * TW_RELEASE_LEAF) != TW_OK)
        return TW_LEAF_LEAF_FILE;
    if ((uint64_t)q->first + q->count > r->leaves || leaves->n != (size_t)r->leaves * TW_RELEASE_LEAF)
        return TW_LEAF_LEAF_FILE;
    return TW_LEAF_ANSWERED;
}

static int by_day_then_hash(const tw_body_capsule *a, const tw_body_capsule *b)
{
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    return memcmp(a->capsule_hash, b->capsule_hash, 32);
}

/* Body as this keeper computes it, and whether the leaf is it. The capsules must come in the body's order. */
static tw_status leaf_fits(tw_ctx *cx, bool *fits, const tw_comp_view *v, const asked *a, const tw_id *release,
                           const uint8_t *leaf)
{
    uint8_t tag[32];
    uint8_t want[TW_RELEASE_LEAF];
    tw_buf b;
    tw_body_capsule *c = tw_arena_get(cx->arena, (a->count + 1) * sizeof *c);
    *fits = true;
    for (uint32_t i = 0; i < a->count; i++) {
        const uint8_t *p = a->capsules + (size_t)i * ASKED_CAPSULE;
        c[i].day = tw_be32(p);
        tw_sha256_of(c[i].capsule_hash, (tw_bytes){ p + 4, TW_CAPSULE });
        if (i && by_day_then_hash(&c[i - 1], &c[i]) >= 0)
            *fits = false;
    }
    tw_release_body body = { .comp = v->share.comp,
                             .record = v->share.record,
                             .opening = v->opening,
                             .version = v->version,
                             .policy = v->policy,
                             .policy_idx = v->policy_idx,
                             .capsules = c,
                             .capsule_count = a->count };
    memcpy(body.salt, v->salt, 32);
    tw_buf_init(&b, 4 * TW_MIB);
    tw_release_body_encode(&b, &body);
    tw_status s = tw_buf_check(cx, &b, "release body");
    tw_release_tag(tag, v->share.watch, release);
    tw_release_leaf(want, tag, tw_buf_view(&b));
    tw_buf_done(&b);
    *fits = *fits && memcmp(want, leaf, sizeof want) == 0;
    return s;
}

static bool capsules_fit(tw_ctx *cx, const tw_comp_view *v, const asked *a)
{
    for (uint32_t i = 0; i < a->count; i++) {
        const uint8_t *p = a->capsules + (size_t)i * ASKED_CAPSULE;
        if (!tw_capsule_ok(cx, &v->share.record.body, &v->share.comp, tw_be32(p), p + 4))
            return false;
    }
    return true;
}

/* A lying keeper, for tests: its fragments are of another scalar. */
static void falsify(tw_ctx *cx, uint8_t f[TW_POINT])
{
    uint8_t s[TW_SCALAR];
    tw_scalar_random(cx, s);
    TW_ASSERT(tw_point_base(cx, f, s) == TW_OK);
}

/* kind u8, then f1 (and f2) for each capsule. */
static tw_status put_fragments(tw_ctx *cx, tw_buf *out, tw_keeper *k, const tw_comp_view *v, const asked *a)
{
    tw_buf_u8(out, v->kind == TW_ANSWER_CLASS ? 1 : 2);
    for (uint32_t i = 0; i < a->count; i++) {
        uint8_t f1[TW_POINT];
        uint8_t f2[TW_POINT];
        TW_TRY(tw_keeper_fragment(cx, f1, f2, v->kind, &v->share, v->directed_share,
                                  a->capsules + (size_t)i * ASKED_CAPSULE + 4));
        if (k->lies)
            falsify(cx, f1);
        tw_buf_add(out, f1, TW_POINT);
        if (v->kind == TW_ANSWER_DIRECTED)
            tw_buf_add(out, f2, TW_POINT);
    }
    return TW_OK;
}

static tw_status answer_leaf(tw_ctx *cx, uint8_t *code_out, tw_buf *fragments, tw_keeper *k, const answer_request *q,
                             uint32_t j, const uint8_t *leaf)
{
    const tw_release_state *r = tw_ledger_release(tw_keeper_state(k), &q->release);
    const tw_project_state *project = tw_ledger_project(tw_keeper_state(k), &r->project);
    const asked *a = &q->item[j];
    tw_comp_view v;
    tw_leaf_code code;
    bool fits;
    TW_ASSERT(project != NULL);
    TW_TRY(tw_keeper_verdict(cx, &code, &v, k, &a->comp, &r->project, project));
    if (code == TW_LEAF_ANSWERED) {
        TW_TRY(leaf_fits(cx, &fits, &v, a, &q->release, leaf));
        code = !fits ? TW_LEAF_BODY : capsules_fit(cx, &v, a) ? TW_LEAF_ANSWERED : TW_LEAF_CAPSULE;
    }
    *code_out = (uint8_t)code;
    tw_status s = TW_OK;
    if (code == TW_LEAF_ANSWERED)
        s = put_fragments(cx, fragments, k, &v, a);
    else
        tw_buf_u8(fragments, 0);
    tw_wipe(&v, sizeof v);
    return s;
}

static tw_status answer_leaves(tw_ctx *cx, uint8_t *codes, tw_buf *fragments, tw_keeper *k, const answer_request *q,
                               tw_bytes leaves)
{
    if (k->kv.begin(k->kv.self, false) != TW_OK)
        return tw_fail(cx, TW_EIO, "the keeper's store cannot be opened");
    tw_status s = TW_OK;
    for (uint32_t j = 0; j < q->count && s == TW_OK; j++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        s = answer_leaf(cx, &codes[j], fragments, k, q, j, leaves.p + (size_t)(q->first + j) * TW_RELEASE_LEAF);
        tw_arena_back(cx->arena, mark);
    }
    k->kv.abort(k->kv.self);
    return s;
}

/* Seal to the project's R, sign the sheet. Without a project to seal to (unannounced), the fragments are empty. */
static tw_status sheet_and_fragments(tw_ctx *cx, tw_buf *reply, tw_keeper *k, const answer_request *q, tw_bytes codes,
                                     tw_bytes fragments)
{
    tw_sheet sheet = {
        .keeper = k->me.id, .release = q->release, .log_size = tw_keeper_log_size(k), .first = q->first, .codes = codes
    };
    tw_bytes sealed = { NULL, 0 };
    tw_bytes signed_sheet;
    tw_buf aad;
    tw_ledger_log_root(sheet.log_root, tw_keeper_state(k));
    const tw_release_state *r = tw_ledger_release(tw_keeper_state(k), &q->release);
    const tw_project_state *project = r ? tw_ledger_project(tw_keeper_state(k), &r->project) : NULL;
    tw_buf_init(&aad, TW_SHEET_LEAVES_MAX + TW_KIB);
    tw_sheet_aad(&aad, &sheet);
    tw_status s = TW_OK;
    if (project && fragments.n) {
        tw_project body;
        s = tw_project_decode(cx, &body, project->body);
        if (s == TW_OK)
            s = tw_box_seal(cx, &sealed, body.r, fragments, tw_buf_view(&aad));
    }
    tw_buf_done(&aad);
    TW_TRY(s);
    tw_sha256_of(sheet.fragments_hash, sealed);
    TW_TRY(tw_sheet_sign(cx, &signed_sheet, &sheet, k->me.sign_secret));
    tw_buf_var(reply, signed_sheet);
    tw_buf_var(reply, sealed);
    return TW_OK;
}

tw_status tw_keeper_answer(tw_ctx *cx, tw_buf *reply, tw_keeper *k, const tw_party_state *from, tw_rd *in)
{
    answer_request q;
    tw_bytes leaves;
    tw_buf fragments;
    TW_TRY(read_request(cx, &q, in));
    uint8_t *codes = tw_arena_get(cx->arena, q.count + 1);
    tw_leaf_code whole = release_code(cx, &leaves, k, &q, from);
    memset(codes, (int)whole, q.count);
    tw_buf_init(&fragments, 256 * TW_MIB);
    tw_status s = TW_OK;
    if (whole == TW_LEAF_ANSWERED)
        s = answer_leaves(cx, codes, &fragments, k, &q, leaves);
    if (s == TW_OK)
        s = tw_buf_check(cx, &fragments, "fragments");
    if (s == TW_OK)
        s = sheet_and_fragments(cx, reply, k, &q, (tw_bytes){ codes, q.count }, tw_buf_view(&fragments));
    tw_buf_done(&fragments);
    return s;
}

/* ---------------------------------------------------------------- proofs on demand */

/* rctx = release id, leaf u32, log size u64, keeper id. */
static void rctx_of(uint8_t out[76], const tw_id *release, uint32_t leaf, uint64_t log_size, const tw_id *keeper)
{
    memcpy(out, release->b, 32);
    tw_put_be32(out + 32, leaf);
    tw_put_be64(out + 36, log_size);
    memcpy(out + 44, keeper->b, 32);
}

/* As an answer request of one leaf -> per capsule: proof 64 (and a second one when directed), after kind u8, log size
 * u64, t u8 and the commitments of a directed grant. */
tw_status tw_keeper_prove_fragments(tw_ctx *cx, tw_buf *reply, tw_keeper *k, const tw_party_state *from, tw_rd *in)
{
    answer_request q;
    tw_bytes leaves;
    uint8_t code;
    uint8_t rctx[76];
    tw_buf none;
    tw_comp_view v;
    tw_leaf_code again;
    TW_TRY(read_request(cx, &q, in));
    if (q.count != 1 || release_code(cx, &leaves, k, &q, from) != TW_LEAF_ANSWERED)
        return tw_fail(cx, TW_EREFUSED, "proofs are for one answered leaf of an open release");
    const tw_release_state *r = tw_ledger_release(tw_keeper_state(k), &q.release);
    if (k->kv.begin(k->kv.self, false) != TW_OK)
        return tw_fail(cx, TW_EIO, "the keeper's store cannot be opened");
    tw_buf_init(&none, 4 * TW_MIB);
    tw_status s = answer_leaf(cx, &code, &none, k, &q, 0, leaves.p + (size_t)q.first * TW_RELEASE_LEAF);
    if (s == TW_OK && code == TW_LEAF_ANSWERED)
        s = tw_keeper_verdict(cx, &again, &v, k, &q.item[0].comp, &r->project,
                              tw_ledger_project(tw_keeper_state(k), &r->project));
    k->kv.abort(k->kv.self);
    tw_buf_done(&none);
    TW_TRY(s);
    if (code != TW_LEAF_ANSWERED)
        return tw_fail(cx, TW_EREFUSED, "this leaf is not answered: %s", tw_leaf_code_text(code));
    rctx_of(rctx, &q.release, q.first, tw_keeper_log_size(k), &k->me.id);
    tw_buf_u8(reply, v.kind == TW_ANSWER_CLASS ? 1 : 2);
    tw_buf_u64(reply, tw_keeper_log_size(k));
    tw_buf_u8(reply, v.share.record.body.t);
    tw_buf_add(reply, v.directed_commits, (size_t)v.share.record.body.t * TW_POINT);
    for (uint32_t i = 0; i < q.item[0].count && s == TW_OK; i++) {
        uint8_t p1[64];
        uint8_t p2[64];
        s = tw_keeper_prove(cx, p1, p2, v.kind, &v.share, v.directed_share, v.directed_commits,
                            q.item[0].capsules + (size_t)i * ASKED_CAPSULE + 4, TW_BYTES(rctx));
        tw_buf_add(reply, p1, 64);
        if (v.kind == TW_ANSWER_DIRECTED)
            tw_buf_add(reply, p2, 64);
    }
    tw_wipe(&v, sizeof v);
    return s;
}
