/* Facts of a site: small helpers, the ledger, releases. */
#include "report_internal.h"

#include <math.h>
#include <stdlib.h>

#define ROWS_MAX 4096
#define JSON_MAX (256 * TW_MIB)

/* ---------------------------------------------------------------- rows and files */

tw_fact_row *tw_fact_row_of(tw_ctx *cx, tw_fact_rows *rows, tw_str name)
{
    for (size_t i = 0; i < rows->count; i++)
        if (tw_str_eq(rows->row[i].name, name))
            return &rows->row[i];
    if (rows->count == rows->cap) {
        size_t cap = rows->cap ? 2 * rows->cap : 32;
        tw_fact_row *bigger = tw_arena_get(cx->arena, cap * sizeof *bigger);
        TW_ASSERT(cap <= ROWS_MAX);
        if (rows->count)
            memcpy(bigger, rows->row, rows->count * sizeof *bigger);
        rows->row = bigger;
        rows->cap = cap;
    }
    rows->row[rows->count] = (tw_fact_row){ .name = tw_str_dup(cx->arena, name) };
    return &rows->row[rows->count++];
}

static uint64_t sum_of(const tw_fact_row *r)
{
    return r->count[0] + r->count[1] + r->count[2] + r->count[3];
}

static int by_sum(const void *x, const void *y)
{
    const tw_fact_row *a = x;
    const tw_fact_row *b = y;
    if (sum_of(a) != sum_of(b))
        return sum_of(a) > sum_of(b) ? -1 : 1;
    return tw_str_cmp(a->name, b->name);
}

void tw_fact_rows_sort(tw_fact_rows *rows)
{
    if (rows->count)
        qsort(rows->row, rows->count, sizeof *rows->row, by_sum);
}

tw_status tw_fact_json(tw_ctx *cx, tw_json *d, const char *path)
{
    tw_bytes file;
    *d = (tw_json){ .n = 0 };
    if (!tw_path_exists(cx, path))
        return TW_OK;
    TW_TRY(tw_file_read(cx, &file, path, JSON_MAX));
    return tw_json_parse(cx, d, tw_str_of_bytes(file), NULL) == TW_OK ? TW_OK : tw_wrap(cx, "%s", path);
}

uint64_t tw_fact_u64(const tw_json *d, uint32_t obj, const char *member)
{
    uint64_t v = 0;
    uint32_t i = tw_json_get(d, obj, member);
    return i != TW_JSON_NONE && tw_json_u64(d, i, &v) ? v : 0;
}

double tw_fact_f64(const tw_json *d, uint32_t obj, const char *member)
{
    double v;
    uint32_t i = tw_json_get(d, obj, member);
    return i != TW_JSON_NONE && tw_json_f64(d, i, &v) ? v : (double)NAN;
}

/* ---------------------------------------------------------------- the ledger */

typedef struct {
    tw_facts *f;
    tw_site *s;
    tw_ctx *keep; /* what outlives one entry */
} walker;

static tw_str party_name(const walker *k, const tw_id *id)
{
    const tw_party_state *p = tw_ledger_party(tw_site_state(k->s), id);
    return p ? p->spec.url : TW_STR("(unknown)");
}

static tw_fact_source *source_of(const walker *k, const tw_id *party)
{
    tw_str name = party_name(k, party);
    for (size_t i = 0; i < k->f->sources; i++)
        if (tw_str_eq(k->f->source[i].name, name))
            return &k->f->source[i];
    return NULL;
}

static tw_status see_batch(tw_ctx *cx, walker *k, const tw_op *op)
{
    tw_batch_body b;
    tw_fact_source *f = source_of(k, &op->party);
    TW_TRY(tw_body_batch_read(cx, &b, op->body));
    if (!f)
        return TW_OK;
    f->batches++;
    f->objects += b.leaves;
    f->bytes += b.bytes;
    return TW_OK;
}

static tw_status see_owner(tw_ctx *cx, walker *k, const tw_entry *e, const tw_op *op)
{
    tw_owner_op own;
    if (e->code != TW_CODE_OK) {
        k->f->owner_refused++;
        return TW_OK;
    }
    TW_TRY(tw_owner_op_open(cx, &own, op->body));
    k->f->policies += own.kind == TW_OWN_POLICY;
    k->f->stops += own.kind == TW_OWN_STOP;
    k->f->erasures += own.kind == TW_OWN_ERASE;
    return TW_OK;
}

static tw_status see_project(tw_ctx *cx, walker *k, const tw_entry *e, const tw_op *op)
{
    tw_project_open_body b;
    tw_project body;
    TW_TRY(tw_body_project_open_read(cx, &b, op->body));
    const tw_project_state *state = tw_ledger_project(tw_site_state(k->s), &b.project);
    TW_ASSERT(state != NULL); /* the entry was taken */
    TW_TRY(tw_project_decode(k->keep, &body, tw_bytes_dup(k->keep->arena, b.body)));
    tw_fact_project *p = &k->f->project[k->f->projects++];
    *p = (tw_fact_project){ .id = b.project, .purpose = body.purpose, .categories = body.categories, .idx = e->idx };
    p->grantee = party_name(k, &state->grantee);
    p->approvals = state->approvals;
    p->status = state->status;
    return TW_OK;
}

static tw_status see_release(tw_ctx *cx, walker *k, const tw_entry *e, const tw_op *op)
{
    tw_release_open_body b;
    TW_TRY(tw_body_release_open_read(cx, &b, op->body));
    const tw_release_state *state = tw_ledger_release(tw_site_state(k->s), &b.release);
    TW_ASSERT(state != NULL);
    tw_fact_release *r = &k->f->release[k->f->releases++];
    *r = (tw_fact_release){ .id = b.release, .project = b.project, .idx = e->idx, .leaves = b.leaves };
    r->grantee = party_name(k, &state->grantee);
    r->closed = state->closed;
    return TW_OK;
}

static tw_status see(void *arg, tw_ctx *cx, const tw_entry *e, const tw_op *op)
{
    walker *k = arg;
    bool ok = e->code == TW_CODE_OK;
    tw_fact_row_of(k->keep, &k->f->entries, tw_str_of(tw_entry_kind_name(e->kind)))->count[ok ? 0 : 1]++;
    if (e->kind == TW_ENTRY_OWNER)
        return see_owner(cx, k, e, op);
    if (!ok)
        return TW_OK;
    if (e->kind == TW_ENTRY_BATCH)
        return see_batch(cx, k, op);
    if (e->kind == TW_ENTRY_PROJECT_OPEN)
        return see_project(cx, k, e, op);
    if (e->kind == TW_ENTRY_RELEASE_OPEN)
        return see_release(cx, k, e, op);
    tw_fact_source *f = e->kind == TW_ENTRY_OPENING ? source_of(k, &op->party) : NULL;
    if (f)
        f->openings++;
    k->f->compartments_erased += e->kind == TW_ENTRY_ERASED;
    k->f->twins_published += e->kind == TW_ENTRY_TWIN_PUBLISH;
    return TW_OK;
}

static tw_status count_kind(void *arg, TW_UNUSED tw_ctx *cx, TW_UNUSED const tw_entry *e, TW_UNUSED const tw_op *op)
{
    ++*(size_t *)arg;
    return TW_OK;
}

/* The receipt of the first batch that has one, source by source. */
static tw_status find_receipt(tw_ctx *cx, tw_facts *f, const tw_site *s)
{
    for (size_t i = 0; i < f->sources && !f->receipt.n; i++) {
        tw_str *name;
        size_t count;
        tw_bytes file;
        char *dir = tw_site_path(cx, s, "sources/" TW_FMT "/receipts", TW_ARG(f->source[i].name));
        if (!tw_path_exists(cx, dir))
            continue;
        TW_TRY(tw_dir_list(cx, &name, &count, dir));
        if (count == 0)
            continue;
        TW_TRY(tw_file_read(cx, &file, tw_path(cx, dir, tw_cstr(cx->arena, name[0])), TW_MIB));
        f->receipt = tw_str_of_bytes(file);
        f->receipt_of = tw_strf(cx->arena, "sources/" TW_FMT "/receipts/" TW_FMT, TW_ARG(f->source[i].name),
                                TW_ARG(name[0]));
    }
    return TW_OK;
}

tw_status tw_facts_ledger(tw_ctx *cx, tw_facts *f, tw_site *s)
{
    tw_ctx walk;
    size_t projects = 0;
    size_t releases = 0;
    walker k = { f, s, cx };
    const tw_ledger *l = tw_site_state(s);
    f->log_size = tw_ledger_size(l);
    f->time_s = tw_ledger_time(l);
    f->origin = tw_ledger_genesis(l)->origin;
    TW_TRY(tw_log_each(cx, s->log, 0, 1u << TW_ENTRY_PROJECT_OPEN, count_kind, &projects));
    TW_TRY(tw_log_each(cx, s->log, 0, 1u << TW_ENTRY_RELEASE_OPEN, count_kind, &releases));
    f->project = tw_arena_get(cx->arena, (projects + 1) * sizeof *f->project);
    f->release = tw_arena_get(cx->arena, (releases + 1) * sizeof *f->release);
    tw_ctx_init(&walk, 64 * TW_MIB, cx->env);
    tw_status st = tw_log_each(&walk, s->log, 0, UINT32_MAX, see, &k);
    if (st != TW_OK)
        cx->err = walk.err;
    tw_ctx_done(&walk);
    TW_TRY(st);
    tw_fact_rows_sort(&f->entries);
    TW_TRY(tw_solo_checkpoint(cx, &f->checkpoint, s->log));
    return find_receipt(cx, f, s);
}

/* ---------------------------------------------------------------- releases */

static unsigned index_of_keeper(const tw_ledger *l, const tw_id *keeper)
{
    const tw_keeper_set *set = tw_ledger_keeper_set(l);
    for (unsigned i = 0; i < set->n; i++)
        if (tw_id_eq(&set->party[i], keeper))
            return i;
    return 0;
}

static tw_status read_sheets(tw_ctx *cx, tw_fact_release *r, const tw_site *s)
{
    tw_str *name;
    size_t count;
    char *dir = tw_path(cx, tw_release_public_dir(cx, s, &r->id), "sheets");
    if (!tw_path_exists(cx, dir))
        return TW_OK;
    TW_TRY(tw_dir_list(cx, &name, &count, dir));
    for (size_t i = 0; i < count; i++) {
        tw_bytes file;
        tw_sheet sheet;
        TW_TRY(tw_file_read(cx, &file, tw_path(cx, dir, tw_cstr(cx->arena, name[i])), TW_MIB));
        TW_TRY(tw_sheet_open(cx, &sheet, file, NULL));
        unsigned keeper = index_of_keeper(tw_site_state(s), &sheet.keeper);
        r->sheets++;
        for (size_t k = 0; k < sheet.codes.n; k++) {
            unsigned code = sheet.codes.p[k];
            r->codes[TW_MIN(code, TW_LEAF_CODE_COUNT - 1u)]++;
            r->answered[keeper] += code == TW_LEAF_ANSWERED;
        }
    }
    return TW_OK;
}

static tw_status read_manifest(tw_ctx *cx, tw_fact_release *r, const tw_site *s)
{
    tw_json d;
    r->folder = tw_str_of(tw_release_dir(cx, s, tw_cstr(cx->arena, r->grantee), &r->id));
    TW_TRY(tw_fact_json(cx, &d, tw_path(cx, r->folder.p, "data/manifest.json")));
    r->opened = d.n > 0;
    if (!r->opened)
        return TW_OK;
    r->persons = tw_fact_u64(&d, 0, "persons");
    uint32_t files = tw_json_get(&d, 0, "files");
    if (files == TW_JSON_NONE)
        return TW_OK;
    for (uint32_t i = tw_json_first(&d, files); i != TW_JSON_NONE; i = tw_json_next(&d, files, i)) {
        tw_str name = tw_json_member_text(cx, &d, i, "name");
        uint64_t records = tw_fact_u64(&d, i, "records");
        if (tw_str_ends(name, ".ndjson"))
            name.n -= 7;
        tw_fact_row_of(cx, &r->types, name)->count[0] += records;
        r->records += records;
    }
    tw_fact_rows_sort(&r->types);
    return TW_OK;
}

tw_status tw_facts_releases(tw_ctx *cx, tw_facts *f, tw_site *s)
{
    for (size_t i = 0; i < f->releases; i++) {
        TW_TRY(read_sheets(cx, &f->release[i], s));
        TW_TRY(read_manifest(cx, &f->release[i], s));
    }
    return TW_OK;
}

tw_status tw_facts_read(tw_ctx *cx, tw_facts *out, tw_site *s)
{
    *out = (tw_facts){ .sources = 0 };
    TW_TRY(tw_facts_intake(cx, out, s));
    TW_TRY(tw_facts_ledger(cx, out, s));
    TW_TRY(tw_facts_releases(cx, out, s));
    return tw_facts_wallets(cx, out, s);
}
