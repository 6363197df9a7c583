/* The auditor: from a directory alone. Log and checkpoints, packs, receipts, releases. */
#include "audit_internal.h"

#include <stdarg.h>

/* Path below the audited folder; names of folders come with their slash, so that two may stand side by side. */
static tw_str relative(tw_ctx *cx, const tw_audit *a, const char *file)
{
    size_t n = 0;
    size_t from = tw_str_starts(tw_str_of(file), a->dir) ? strlen(a->dir) : 0;
    while (from && file[from] == '/')
        from++;
    char *out = tw_cstr(cx->arena, tw_str_of(file + from));
    for (size_t i = 0; out[i]; i++)
        if (out[i] != '/' || n == 0 || out[n - 1] != '/')
            out[n++] = out[i];
    out[n] = '\0';
    return (tw_str){ out, n };
}

TW_PRINTF(5, 0)
static void add(tw_ctx *cx, tw_audit *a, const char *severity, const char *file, const char *fmt, va_list ap)
{
    char text[512];
    tw_audit_report *r = a->report;
    vsnprintf(text, sizeof text, fmt, ap);
    r->failures += severity[0] == 'f';
    if (r->finding_count == TW_FINDINGS_MAX)
        return;
    tw_finding *f = &r->finding[r->finding_count++];
    f->severity = severity;
    f->file = relative(cx, a, file);
    f->what = tw_str_dup(cx->arena, tw_str_of(text));
}

void tw_finding_fail(tw_ctx *cx, tw_audit *a, const char *file, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    add(cx, a, "fail", file, fmt, ap);
    va_end(ap);
}

void tw_finding_note(tw_ctx *cx, tw_audit *a, const char *file, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    add(cx, a, "note", file, fmt, ap);
    va_end(ap);
}

char *tw_audit_path(tw_ctx *cx, const tw_audit *a, const char *fmt, ...)
{
    char rest[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(rest, sizeof rest, fmt, ap);
    va_end(ap);
    return tw_path(cx, a->dir, rest);
}

/* ---------------------------------------------------------------- log */

static tw_status audit_log(tw_ctx *cx, tw_audit *a)
{
    char *dir = tw_audit_path(cx, a, "exchange/log");
    if (!tw_path_exists(cx, dir))
        return tw_fail(cx, TW_ENOTFOUND, "no exchange/log in %s", a->dir);
    if (tw_solo_open(cx, &a->log, dir, NULL) != TW_OK) {
        tw_finding_fail(cx, a, dir, "%s", cx->err.msg);
        return TW_EVERIFY;
    }
    const tw_ledger *l = tw_solo_ledger(a->log);
    a->report->entries = tw_ledger_size(l);
    if (tw_solo_check(cx, a->log) != TW_OK)
        tw_finding_fail(cx, a, dir, "%s", cx->err.msg);
    if (tw_ledger_genesis(l)->witness_none)
        tw_finding_note(cx, a, dir, "no witness cosigns this log: its operator could show two histories");
    return TW_OK;
}

static tw_status count_erased(void *arg, tw_ctx *cx, const tw_entry *e, const tw_op *op)
{
    tw_audit *a = arg;
    tw_owner_op own;
    if (e->code != TW_CODE_OK)
        return TW_OK;
    TW_TRY(tw_owner_op_open(cx, &own, op->body));
    if (own.kind != TW_OWN_ERASE)
        return TW_OK;
    const tw_comp_state *s = tw_ledger_comp(tw_solo_ledger(a->log), &own.comp);
    if (s &&
        s->status == TW_COMP_ERASED) /* the ledger took it only with n - t + 1 signed deletions; replay checked them */
        a->report->erased++;
    else
        tw_finding_note(cx, a, "exchange/log", "entry %llu orders an erasure that too few keepers have confirmed yet",
                        (unsigned long long)e->idx);
    return TW_OK;
}

/* ---------------------------------------------------------------- receipts */

static tw_status audit_receipt(tw_ctx *cx, tw_audit *a, const char *path)
{
    tw_bytes file;
    tw_bytes entry;
    uint64_t index = 0;
    uint64_t size;
    uint8_t root[32];
    uint8_t ours[32];
    const tw_ledger *l = tw_solo_ledger(a->log);
    const tw_genesis *g = tw_ledger_genesis(l);
    TW_TRY(tw_file_read(cx, &file, path, TW_MIB));
    tw_str text = tw_str_of_bytes(file);
    size_t at = tw_str_find(text, TW_STR("index "));
    tw_str number = at == SIZE_MAX ? (tw_str){ NULL, 0 } : (tw_str){ text.p + at + 6, text.n - at - 6 };
    tw_str line;
    if (!tw_str_split(&line, &number, '\n') || !tw_parse_u64(&index, line) || index >= tw_ledger_size(l)) {
        tw_finding_fail(cx, a, path, "not a receipt, or of an entry that the log does not have");
        return TW_OK;
    }
    TW_TRY(tw_solo_entry(cx, &entry, a->log, index));
    if (tw_tlog_proof_open(cx, &index, &size, root, text, entry, g->origin, g->log_key) != TW_OK) {
        tw_finding_fail(cx, a, path, "%s", cx->err.msg);
        return TW_OK;
    }
    if (size > tw_ledger_size(l)) {
        tw_finding_fail(cx, a, path, "is against a checkpoint of %llu entries; the log has fewer",
                        (unsigned long long)size);
        return TW_OK;
    }
    tw_ledger_log_root_at(ours, l, size);
    if (memcmp(root, ours, 32) != 0)
        tw_finding_fail(cx, a, path, "its checkpoint names another root than the log has at that size");
    return TW_OK;
}

tw_status tw_audit_receipts(tw_ctx *cx, tw_audit *a)
{
    tw_str *source;
    size_t sources;
    char *dir = tw_audit_path(cx, a, "sources");
    if (!tw_path_exists(cx, dir))
        return TW_OK;
    TW_TRY(tw_dir_list(cx, &source, &sources, dir));
    for (size_t i = 0; i < sources; i++) {
        tw_str *name;
        size_t count;
        char *receipts = tw_audit_path(cx, a, "sources/%s/receipts", source[i].p);
        if (!tw_path_exists(cx, receipts))
            continue;
        TW_TRY(tw_dir_list(cx, &name, &count, receipts));
        for (size_t j = 0; j < count; j++)
            if (!tw_str_ends(name[j], ".tmp"))
                TW_TRY(audit_receipt(cx, a, tw_path(cx, receipts, name[j].p)));
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- packs */

static bool erased(const tw_audit *a, const tw_id *comp)
{
    const tw_comp_state *s = tw_ledger_comp(tw_solo_ledger(a->log), comp);
    return s && s->status >= TW_COMP_ERASING;
}

static tw_status audit_pack(tw_ctx *cx, tw_audit *a, const char *vault, const tw_id *root)
{
    tw_pack *p;
    char *path = tw_audit_path(cx, a, "vault/packs/%s.pack", tw_id_hex(cx, root).p);
    if (!tw_batch_index_find(&a->batches, root->b, NULL)) {
        tw_finding_note(cx, a, path,
                        "no entry names this pack: an orphan of a killed run; nothing in it is ever released");
        return TW_OK;
    }
    a->report->packs++;
    if (tw_pack_open(cx, &p, vault, root->b) != TW_OK || tw_pack_check(cx, vault, root->b) != TW_OK) {
        tw_finding_fail(cx, a, path, "%s", cx->err.msg);
        return TW_OK;
    }
    for (size_t i = 0; i < tw_pack_count(p); i++) {
        const tw_pack_item *item = tw_pack_at(p, i);
        const tw_id *comp = item->leaf.kind == 1 ? &item->leaf.capsule.comp : &item->leaf.segment.comp;
        a->report->objects++;
        if (item->length == 0 && !erased(a, comp))
            tw_finding_fail(cx, a, path, "object %zu is gone, but its compartment was never erased", i);
        if (item->length != 0 && erased(a, comp))
            tw_finding_note(cx, a, path, "object %zu of an erased compartment is still here (no key opens it)", i);
    }
    return TW_OK;
}

tw_status tw_audit_packs(tw_ctx *cx, tw_audit *a)
{
    tw_id *root;
    size_t count;
    char *vault = tw_audit_path(cx, a, TW_VAULT_DIR);
    TW_TRY(tw_batch_index_scan(cx, &a->batches, a->log));
    TW_TRY(tw_vault_list(cx, &root, &count, vault));
    for (size_t i = 0; i < count; i++)
        TW_TRY(audit_pack(cx, a, vault, &root[i]));
    size_t named = a->batches.by_root ? tw_map_count(a->batches.by_root) : 0;
    for (size_t i = 0; i < named; i++) {
        tw_bytes want;
        bool here = false;
        tw_map_at(a->batches.by_root, i, &want);
        for (size_t j = 0; j < count && !here; j++)
            here = memcmp(root[j].b, want.p, 32) == 0;
        if (!here)
            tw_finding_fail(cx, a, "vault/packs", "the pack of batch %s is missing", tw_hex(cx->arena, want).p);
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- the whole */

static tw_status run(tw_ctx *cx, tw_audit *a)
{
    TW_TRY(audit_log(cx, a));
    TW_TRY(tw_log_each(cx, a->log, 0, 1u << TW_ENTRY_OWNER, count_erased, a));
    TW_TRY(tw_audit_packs(cx, a));
    TW_TRY(tw_audit_receipts(cx, a));
    return tw_audit_releases(cx, a);
}

tw_status tw_app_audit(tw_ctx *cx, tw_audit_report *out, const char *dir)
{
    tw_audit a = { .dir = dir, .report = out };
    *out = (tw_audit_report){ .entries = 0 };
    tw_status s = run(cx, &a);
    if (s != TW_OK && s != TW_ENOTFOUND && out->failures == 0)
        tw_finding_fail(cx, &a, dir, "the audit could not go on: %s", cx->err.msg);
    tw_batch_index_done(&a.batches);
    if (a.log)
        tw_solo_close(a.log);
    if (s == TW_ENOTFOUND && out->failures == 0)
        return s;
    return out->failures ? tw_fail(cx, TW_EVERIFY, "%zu things do not verify", out->failures) : TW_OK;
}
