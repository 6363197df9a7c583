/* Every answered leaf again: a ledger is replayed from genesis, and at the log size of each sheet the decision is
 * re-run from the evidence: announced release, live project, opening, policy in force, permit. */
#include "audit_internal.h"

#include <stdlib.h>

#define SHEETS_MAX 1000000
#define FRAGMENTS_MAX (256 * TW_MIB)

typedef struct {
    tw_id id;
    char *dir; /* exchange/releases/<id> */
    char *leaves_path;
    char *bodies_path; /* of the grantee's evidence; NULL: none is here */
    bool has_leaves;
    tw_bytes leaves;
    bool leaves_ok;
    tw_leaf_list bodies; /* from the grantee's evidence */
    bool has_bodies;
} audited_release;

typedef struct {
    audited_release *release;
    char *path;
    tw_bytes bytes;
    tw_sheet sheet;
} audited_sheet;

typedef struct {
    audited_release *release;
    size_t release_count;
    audited_sheet *sheet;
    size_t sheet_count;
} evidence;

/* ---------------------------------------------------------------- gathering */

/* The bodies of the first grantee folder that has some. */
static void take_bodies(tw_ctx *cx, tw_audit *a, audited_release *r, const char *dir)
{
    char *path = tw_path(cx, dir, "bodies");
    if (r->bodies_path || !tw_path_exists(cx, path))
        return;
    r->bodies_path = path;
    r->has_bodies = tw_bodies_read(cx, &r->bodies, path) == TW_OK;
    if (!r->has_bodies)
        tw_finding_fail(cx, a, path, "%s", cx->err.msg);
}

static tw_status same_leaves(tw_ctx *cx, tw_audit *a, const audited_release *r, const char *dir)
{
    tw_bytes copy;
    char *path = tw_path(cx, dir, "leaves");
    if (!r->has_leaves || !tw_path_exists(cx, path))
        return TW_OK;
    TW_TRY(tw_file_read(cx, &copy, path, TW_LEAF_FILE_MAX));
    if (!tw_bytes_eq(copy, r->leaves))
        tw_finding_fail(cx, a, path, "is not the leaf file that the exchange serves");
    return TW_OK;
}

typedef struct {
    const char *folder; /* of the file that differs; NULL: nothing does */
    const char *what;
    bool fails;
} copy_fault;

/* A sheet's copy is the sheet, and the sealed fragments beside it are those that it names. */
static tw_status same_sheet(tw_ctx *cx, copy_fault *out, const audited_release *r, const char *dir, tw_str name)
{
    tw_bytes copy;
    tw_bytes sheet;
    tw_bytes sealed;
    tw_sheet s;
    uint8_t hash[32];
    char *served = tw_path(cx, tw_path(cx, r->dir, "sheets"), name.p);
    char *fragments = tw_path(cx, tw_path(cx, dir, "fragments"), name.p);
    *out = (copy_fault){ .folder = NULL };
    TW_TRY(tw_file_read(cx, &copy, tw_path(cx, tw_path(cx, dir, "sheets"), name.p), TW_MIB));
    if (!tw_path_exists(cx, served)) {
        *out =
            (copy_fault){ "sheets", "the exchange does not serve this sheet: a run was killed before it did", false };
        return TW_OK;
    }
    TW_TRY(tw_file_read(cx, &sheet, served, TW_MIB));
    if (!tw_bytes_eq(copy, sheet))
        *out = (copy_fault){ "sheets", "is not the sheet that the exchange serves", true };
    if (out->folder || !tw_path_exists(cx, fragments) || tw_sheet_open(cx, &s, sheet, NULL) != TW_OK)
        return TW_OK;
    TW_TRY(tw_file_read(cx, &sealed, fragments, FRAGMENTS_MAX));
    tw_sha256_of(hash, sealed);
    if (memcmp(hash, s.fragments_hash, sizeof hash) != 0)
        *out = (copy_fault){ "fragments", "are not the fragments that the sheet names", true };
    return TW_OK;
}

static tw_status same_sheets(tw_ctx *cx, tw_audit *a, const audited_release *r, const char *dir)
{
    tw_str *name;
    size_t count;
    char *sheets = tw_path(cx, dir, "sheets");
    if (!tw_path_exists(cx, sheets))
        return TW_OK;
    TW_TRY(tw_dir_list(cx, &name, &count, sheets));
    for (size_t i = 0; i < count; i++) {
        copy_fault f;
        tw_mark mark = tw_arena_mark(cx->arena);
        if (tw_str_ends(name[i], ".tmp"))
            continue;
        TW_TRY(same_sheet(cx, &f, r, dir, name[i]));
        tw_arena_back(cx->arena, mark);
        if (f.folder && f.fails)
            tw_finding_fail(cx, a, tw_path(cx, tw_path(cx, dir, f.folder), name[i].p), "%s", f.what);
        else if (f.folder)
            tw_finding_note(cx, a, tw_path(cx, tw_path(cx, dir, f.folder), name[i].p), "%s", f.what);
    }
    return TW_OK;
}

/* What grantees keep of this release. */
static tw_status take_copies(tw_ctx *cx, tw_audit *a, audited_release *r)
{
    tw_str *name;
    size_t count;
    char *grantees = tw_audit_path(cx, a, "grantees");
    if (!tw_path_exists(cx, grantees))
        return TW_OK;
    TW_TRY(tw_dir_list(cx, &name, &count, grantees));
    for (size_t i = 0; i < count; i++) {
        char *dir = tw_audit_path(cx, a, "grantees/%s/releases/%s", name[i].p, tw_id_hex(cx, &r->id).p);
        if (!tw_path_exists(cx, dir))
            continue;
        take_bodies(cx, a, r, dir);
        TW_TRY(same_leaves(cx, a, r, dir));
        TW_TRY(same_sheets(cx, a, r, dir));
    }
    return TW_OK;
}

static tw_status load_sheets(tw_ctx *cx, tw_audit *a, evidence *ev, audited_release *r)
{
    tw_str *name;
    size_t count;
    char *dir = tw_path(cx, r->dir, "sheets");
    if (!tw_path_exists(cx, dir))
        return TW_OK;
    TW_TRY(tw_dir_list(cx, &name, &count, dir));
    for (size_t i = 0; i < count; i++) {
        audited_sheet *s = &ev->sheet[ev->sheet_count];
        if (tw_str_ends(name[i], ".tmp"))
            continue;
        s->release = r;
        s->path = tw_path(cx, dir, name[i].p);
        TW_TRY(tw_file_read(cx, &s->bytes, s->path, TW_MIB));
        if (ev->sheet_count == SHEETS_MAX)
            return tw_fail(cx, TW_ELIMIT, "more than %d sheets", SHEETS_MAX);
        if (tw_sheet_open(cx, &s->sheet, s->bytes, NULL) != TW_OK)
            tw_finding_fail(cx, a, s->path, "%s", cx->err.msg);
        else
            ev->sheet_count++;
    }
    return TW_OK;
}

static int by_log_size(const void *x, const void *y)
{
    const audited_sheet *a = x;
    const audited_sheet *b = y;
    if (a->sheet.log_size != b->sheet.log_size)
        return a->sheet.log_size < b->sheet.log_size ? -1 : 1;
    return strcmp(a->path, b->path);
}

static tw_status gather(tw_ctx *cx, tw_audit *a, evidence *ev)
{
    tw_str *name;
    size_t count;
    char *dir = tw_audit_path(cx, a, "exchange/releases");
    if (!tw_path_exists(cx, dir))
        return TW_OK;
    TW_TRY(tw_dir_list(cx, &name, &count, dir));
    ev->release = tw_try_array(cx->arena, audited_release, count + 1);
    ev->sheet = tw_try_array(cx->arena, audited_sheet, TW_MIN(count * 4096 + 16, (size_t)SHEETS_MAX + 1));
    if (!ev->release || !ev->sheet)
        return tw_fail(cx, TW_ELIMIT, "no memory left for %zu releases", count);
    for (size_t i = 0; i < count; i++) {
        audited_release *r = &ev->release[ev->release_count];
        tw_str hex = name[i];
        hex.n -= tw_str_ends(hex, "/");
        r->dir = tw_path(cx, dir, tw_cstr(cx->arena, hex));
        if (!tw_unhex(r->id.b, 32, hex)) {
            tw_finding_fail(cx, a, r->dir, "is no release");
            continue;
        }
        ev->release_count++;
        r->leaves_path = tw_path(cx, r->dir, "leaves");
        r->has_leaves = tw_file_read(cx, &r->leaves, r->leaves_path, TW_LEAF_FILE_MAX) == TW_OK;
        TW_TRY(take_copies(cx, a, r));
        TW_TRY(load_sheets(cx, a, ev, r));
    }
    qsort(ev->sheet, ev->sheet_count, sizeof *ev->sheet, by_log_size);
    return TW_OK;
}

/* ---------------------------------------------------------------- leaf files and closing */

static void check_leaf_file(tw_ctx *cx, tw_audit *a, audited_release *r)
{
    uint8_t root[32];
    const tw_release_state *state = tw_ledger_release(tw_solo_ledger(a->log), &r->id);
    if (!state) {
        tw_finding_note(cx, a, r->dir, "a release that was never announced (an attempt)");
        return;
    }
    a->report->releases++;
    if (!r->has_leaves) {
        tw_finding_fail(cx, a, r->leaves_path, "the leaf file of an announced release is missing");
        return;
    }
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_release_raw_root(cx, root, r->leaves);
    tw_arena_back(cx->arena, mark);
    if (memcmp(root, state->root, 32) != 0 || r->leaves.n != (size_t)state->leaves * TW_RELEASE_LEAF) {
        tw_finding_fail(cx, a, r->leaves_path, "is not the leaf file that was announced");
        return;
    }
    r->leaves_ok = tw_release_root(cx, root, r->leaves) == TW_OK;
    if (!r->leaves_ok)
        tw_finding_note(cx, a, r->leaves_path, "does not ascend strictly: no keeper may answer it");
}

typedef struct {
    tw_audit *a;
    evidence *ev;
} closing;

/* A close lists the hashes of all sheets, sorted. */
static tw_status check_close(void *arg, tw_ctx *cx, const tw_entry *e, const tw_op *op)
{
    closing *c = arg;
    tw_release_close_body b;
    size_t found = 0;
    size_t here = 0;
    if (e->code != TW_CODE_OK)
        return TW_OK;
    TW_TRY(tw_body_release_close_read(cx, &b, op->body));
    for (size_t i = 0; i < c->ev->sheet_count; i++) {
        uint8_t hash[32];
        const audited_sheet *s = &c->ev->sheet[i];
        if (!tw_id_eq(&s->release->id, &b.release))
            continue;
        here++;
        tw_sha256_of(hash, s->bytes);
        bool listed = false;
        for (size_t j = 0; j < b.count && !listed; j++)
            listed = memcmp(b.sheet_hash[j], hash, 32) == 0;
        found += listed;
        bool answers = memchr(s->sheet.codes.p, TW_LEAF_ANSWERED, s->sheet.codes.n) != NULL;
        if (!listed && answers)
            tw_finding_fail(cx, c->a, s->path, "answers leaves, but is not among the sheets that entry %llu lists",
                            (unsigned long long)e->idx);
    }
    if (found < b.count)
        tw_finding_fail(cx, c->a, "exchange/releases", "entry %llu lists %zu sheets, %zu of them are here (%zu files)",
                        (unsigned long long)e->idx, b.count, found, here);
    return TW_OK;
}

/* ---------------------------------------------------------------- one answered leaf */

/* NULL: the grantee's evidence is what the leaf commits to, and decoded; else what is wrong with it. */
static const char *body_fault(tw_ctx *cx, tw_release_body *b, const tw_ledger *l, const tw_release_state *state,
                              const audited_release *r, size_t leaf)
{
    static const uint8_t none[TW_POINT];
    uint8_t h[TW_RELEASE_LEAF];
    tw_id id;
    const uint8_t *bytes = r->leaves.p + leaf * TW_RELEASE_LEAF;
    if (!r->has_bodies || leaf >= r->bodies.count || r->bodies.item[leaf].body.n == 0)
        return "no evidence (body) for an answered leaf";
    const tw_leaf_item *item = &r->bodies.item[leaf];
    tw_release_leaf(h, bytes, item->body);
    if (memcmp(h, bytes, sizeof h) != 0)
        return "the body is not what the leaf commits to";
    if (tw_release_body_decode(cx, b, item->body) != TW_OK)
        return "the body cannot be decoded";
    tw_comp_record_id(&id, &b->record);
    if (!tw_id_eq(&id, &b->comp) || !tw_id_eq(&id, &item->comp) ||
        !tw_id_eq(&b->record.body.ledger, tw_ledger_id(l)))
        return "the compartment id does not follow from the record";
    if (!tw_id_eq(&r->bodies.project, &state->project))
        return "the bodies are of another project";
    bool x_fits = item->kind == TW_ANSWER_DIRECTED ? tw_point_ok(item->x) : memcmp(item->x, none, sizeof none) == 0;
    return x_fits ? NULL : "the point of a directed grant does not fit the kind of answer";
}

/* NULL: the answer was right; else the rule it broke. */
static const char *leaf_fault(tw_ctx *cx, const tw_ledger *l, const tw_release_state *state, const tw_release_body *b)
{
    tw_project project;
    tw_policy policy;
    tw_decision d;
    uint8_t root[32];
    uint8_t c[32];
    uint64_t now = tw_ledger_time(l);
    const tw_opening_state *opening = tw_opening_ok(root, &b->opening, &b->comp) ? tw_ledger_opening(l, root) : NULL;
    if (!opening || !tw_id_eq(&opening->source, &b->record.body.source) || opening->epoch != b->record.body.epoch ||
        opening->idx != b->opening.idx)
        return "the compartment is in no opening of its source and epoch";
    const tw_comp_state *s = tw_ledger_comp(l, &b->comp);
    if (s && s->status != TW_COMP_LIVE)
        return "the compartment was stopped or erased";
    if (b->version != (s ? s->version : 1) || b->policy_idx != (s ? s->policy_idx : 0))
        return "the policy version was not the one in force";
    tw_policy_commit(c, b->salt, b->policy);
    if (memcmp(c, s && s->policy_idx ? s->c : b->record.body.c0, 32) != 0)
        return "the policy is not the one committed to";
    const tw_project_state *p = tw_ledger_project(l, &state->project);
    if (!p || p->status != TW_PROJECT_LIVE || tw_project_decode(cx, &project, p->body) != TW_OK ||
        now < project.from_s || now >= project.until_s)
        return "the project was not live";
    if (!(project.categories & TW_CAT_BIT(b->record.body.category)) || b->record.body.epoch < project.epoch_first
        || b->record.body.epoch > project.epoch_last)
        return "category or epoch are not in the project";
    if (tw_policy_decode(cx, &policy, b->policy) != TW_OK)
        return "the policy cannot be decoded";
    tw_decide(&d, &policy, &project.purpose, (tw_category)b->record.body.category, now, tw_id_hex(cx, &state->project),
              tw_id_hex(cx, &p->grantee), &tw_ontology_builtin);
    return d.verdict == TW_PERMIT ? NULL : "the policy did not permit it";
}

static bool sheet_authentic(tw_ctx *cx, tw_audit *a, const tw_ledger *l, audited_sheet *s)
{
    uint8_t root[32];
    const tw_keeper_set *set = tw_ledger_keeper_set(l);
    const tw_party_state *keeper = tw_ledger_party(l, &s->sheet.keeper);
    bool member = false;
    for (size_t i = 0; i < set->n; i++)
        member |= tw_id_eq(&set->party[i], &s->sheet.keeper);
    if (!keeper || !member) {
        tw_finding_fail(cx, a, s->path, "is not signed by a keeper of the set");
        return false;
    }
    if (tw_sheet_open(cx, &s->sheet, s->bytes, keeper->spec.ed25519) != TW_OK) {
        tw_finding_fail(cx, a, s->path, "%s", cx->err.msg);
        return false;
    }
    tw_ledger_log_root(root, l);
    if (memcmp(root, s->sheet.log_root, 32) != 0 || !tw_id_eq(&s->sheet.release, &s->release->id)) {
        tw_finding_fail(cx, a, s->path, "is about another log or another release");
        return false;
    }
    return true;
}

/* l stands at the sheet's log size. */
static void check_sheet(tw_ctx *cx, tw_audit *a, const tw_ledger *l, audited_sheet *s)
{
    const audited_release *r = s->release;
    const tw_release_state *state = tw_ledger_release(l, &r->id);
    uint64_t answered = 0;
    if (!sheet_authentic(cx, a, l, s))
        return;
    a->report->sheets++;
    for (size_t i = 0; i < s->sheet.codes.n; i++) {
        if (s->sheet.codes.p[i] != TW_LEAF_ANSWERED)
            continue;
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_release_body b;
        const char *file = s->path;
        const char *fault = NULL;
        if (!state || state->closed || tw_ledger_time(l) >= state->until_s)
            fault = "the release was not announced, closed, or past its end";
        else if (!r->leaves_ok || (uint64_t)s->sheet.first + i >= state->leaves)
            fault = "the leaf file is not the one announced";
        else if ((fault = body_fault(cx, &b, l, state, r, s->sheet.first + i)) != NULL)
            file = r->bodies_path ? r->bodies_path : s->path;
        else
            fault = leaf_fault(cx, l, state, &b);
        tw_arena_back(cx->arena, mark);
        if (fault)
            tw_finding_fail(cx, a, file, "leaf %zu was answered although: %s", s->sheet.first + i, fault);
        else
            answered++;
    }
    a->report->answered_leaves += answered;
}

static tw_status replay(tw_ctx *cx, tw_audit *a, evidence *ev)
{
    tw_ledger *l;
    tw_entry e;
    tw_bytes bytes;
    size_t next = 0;
    uint64_t size = tw_ledger_size(tw_solo_ledger(a->log));
    TW_TRY(tw_solo_entry(cx, &bytes, a->log, 0));
    TW_TRY(tw_entry_decode(cx, &e, bytes));
    TW_TRY(tw_ledger_new(cx, &l, NULL, e.op));
    tw_status s = TW_OK;
    for (uint64_t at = 1; s == TW_OK; at++) { /* l holds `at` entries */
        for (; next < ev->sheet_count && ev->sheet[next].sheet.log_size <= at; next++) {
            if (ev->sheet[next].sheet.log_size < at)
                tw_finding_fail(cx, a, ev->sheet[next].path, "names a log size that cannot be");
            else
                check_sheet(cx, a, l, &ev->sheet[next]);
        }
        if (at == size)
            break;
        tw_mark mark = tw_arena_mark(cx->arena);
        s = tw_solo_entry(cx, &bytes, a->log, at);
        if (s == TW_OK)
            s = tw_ledger_replay(cx, l, bytes);
        tw_arena_back(cx->arena, mark);
    }
    for (; next < ev->sheet_count; next++)
        tw_finding_fail(cx, a, ev->sheet[next].path, "names a longer log than is here");
    tw_ledger_free(l);
    return s;
}

tw_status tw_audit_releases(tw_ctx *cx, tw_audit *a)
{
    evidence ev = { .sheet_count = 0 };
    closing c = { a, &ev };
    TW_TRY(gather(cx, a, &ev));
    for (size_t i = 0; i < ev.release_count; i++)
        check_leaf_file(cx, a, &ev.release[i]);
    TW_TRY(tw_log_each(cx, a->log, 0, 1u << TW_ENTRY_RELEASE_CLOSE, check_close, &c));
    return replay(cx, a, &ev);
}
