/* Collect: read, gate, seal, anchor. Identifiable bytes live in this process' memory from the reader to the gate and
 * nowhere else.
 *
 * One batch goes: pack to the vault (synced) -> idempotency keys and the batch's journal row in one transaction ->
 * batch entry on the ledger -> journal row done. A kill before the transaction leaves an orphan pack that no entry
 * names, so that its records are sealed again; a kill after it is finished by settle. Either way each record opens
 * once. */
#include "source_internal.h"

#include <stdlib.h>

#define PENDING_RECORDS_MAX 50000
#define PENDING_BYTES_MAX (128 * TW_MIB)
#define DEAD_FILE_MAX (64 * TW_MIB)
#define BOOK_MAX 1000000

typedef struct {
    tw_site *site;
    tw_register reg;
    tw_profile *profile;
    tw_account *account;
    tw_sealer *sealer;
    tw_sources *sources;
    const tw_collect_opts *opts;
    tw_collect_report *report;
    /* the patient at hand */
    tw_arena *patient_arena;
    tw_str patient;
    tw_patient_row row;
    /* the document at hand */
    tw_refbook *book;
    const char *doc_text;
    uint32_t doc_last;
    /* the batch under way */
    tw_map *pending; /* name of record -> non-NULL */
    size_t pending_bytes;
    uint64_t seen_entries;
    tw_buf dead;
} collector;

static int in_batch; /* any non-NULL pointer will do as a set member */

/* ---------------------------------------------------------------- flush */

/* Owner entries since the last batch: fresh day secrets for their compartments. */
static tw_status see_entries(tw_ctx *cx, collector *c)
{
    uint64_t size = tw_ledger_size(tw_site_state(c->site));
    for (; c->seen_entries < size; c->seen_entries++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_bytes bytes;
        tw_entry e;
        tw_op op;
        tw_owner_op own;
        TW_TRY(tw_solo_entry(cx, &bytes, c->site->log, c->seen_entries));
        TW_TRY(tw_entry_decode(cx, &e, bytes));
        if (e.kind == TW_ENTRY_OWNER && e.code == TW_CODE_OK) {
            TW_TRY(tw_op_decode(cx, &op, e.op));
            TW_TRY(tw_owner_op_open(cx, &own, op.body));
            tw_sealer_refresh(c->sealer, &own.comp);
        }
        tw_arena_back(cx->arena, mark);
    }
    return TW_OK;
}

static tw_status journal(tw_ctx *cx, collector *c, const tw_sealed_batch *b)
{
    uint8_t row[1 + 32 + 4 + 8] = { 0 };
    memcpy(row + 1, b->root, 32);
    tw_put_be32(row + 33, (uint32_t)b->count);
    tw_put_be64(row + 37, b->bytes);
    TW_TRY(tw_register_begin(cx, &c->reg, true));
    tw_status s = tw_register_put(cx, &c->reg, TW_REG_BATCH, TW_BYTES(b->root), TW_BYTES(row));
    for (size_t i = 0; i < tw_map_count(c->pending) && s == TW_OK; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_bytes name;
        tw_map_at(c->pending, i, &name);
        s = tw_register_put(cx, &c->reg, TW_REG_SEEN, name, TW_BYTES(b->root));
        tw_arena_back(cx->arena, mark);
    }
    return tw_register_end(cx, &c->reg, s);
}

static tw_status anchor(tw_ctx *cx, collector *c, const tw_sealed_batch *b)
{
    tw_applied a;
    uint8_t row[1 + 32 + 4 + 8] = { 1 };
    tw_batch_body body = { .leaves = (uint32_t)b->count, .bytes = b->bytes };
    memcpy(body.root, b->root, 32);
    TW_TRY(tw_site_submit(cx, &a, c->site, &c->reg.me, TW_ENTRY_BATCH, tw_body_batch(cx, &body)));
    tw_crash_point(cx, "collect.anchored");
    TW_TRY(tw_receipt_keep(cx, c->site, &c->reg.me, b->root, a.idx));
    memcpy(row + 1, b->root, 32);
    tw_put_be32(row + 33, body.leaves);
    tw_put_be64(row + 37, body.bytes);
    TW_TRY(tw_register_begin(cx, &c->reg, true));
    return tw_register_end(cx, &c->reg, tw_register_put(cx, &c->reg, TW_REG_BATCH, TW_BYTES(b->root), TW_BYTES(row)));
}

static void forget_pending(collector *c)
{
    tw_map_free(c->pending);
    c->pending = tw_map_new(PENDING_RECORDS_MAX + 1);
    c->pending_bytes = 0;
}

static tw_status flush(tw_ctx *cx, collector *c)
{
    tw_sealed_batch b;
    if (tw_map_count(c->pending) == 0)
        return TW_OK;
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(see_entries(cx, c));
    TW_TRY(tw_sealer_cut(cx, &b, c->sealer, (uint32_t)(tw_ledger_time(tw_site_state(c->site)) / 86400)));
    tw_crash_point(cx, "collect.sealed");
    TW_TRY(tw_pack_write(cx, tw_site_path(cx, c->site, TW_VAULT_DIR), b.root, b.item, b.count));
    tw_crash_point(cx, "collect.packed");
    TW_TRY(journal(cx, c, &b));
    tw_crash_point(cx, "collect.journaled");
    TW_TRY(anchor(cx, c, &b));
    c->report->batches++;
    c->report->bytes += b.bytes;
    for (size_t i = 0; i < b.count; i++)
        c->report->segments += tw_sealed_leaf(b.item[i]).p[0] == 2;
    tw_arena_back(cx->arena, mark);
    forget_pending(c);
    return TW_OK;
}

/* ---------------------------------------------------------------- one record */

static tw_status find_patient(tw_ctx *cx, collector *c, tw_str number)
{
    tw_bytes value;
    if (c->patient.p && tw_str_eq(c->patient, number))
        return TW_OK;
    tw_arena_free(c->patient_arena);
    c->patient_arena = tw_arena_new(64 * TW_MIB);
    c->patient = (tw_str){ NULL, 0 };
    tw_ctx own = { .arena = c->patient_arena, .env = cx->env };
    TW_TRY(tw_register_begin(cx, &c->reg, false));
    tw_status s =
        tw_register_end(cx, &c->reg, tw_register_get(&own, &value, &c->reg, TW_REG_BUNDLE, tw_bytes_of(number)));
    if (s == TW_ENOTFOUND)
        return tw_fail(cx, TW_ENOTFOUND, "the patient is not enrolled here");
    if (s == TW_OK)
        s = tw_patient_row_decode(&own, &c->row, value);
    if (s != TW_OK) {
        cx->err = own.err;
        return s == TW_ENOTFOUND || s == TW_EPARSE
                   ? tw_fail(cx, TW_EVERIFY, "a patient's row in the register is damaged")
                   : s;
    }
    c->patient = tw_str_dup(c->patient_arena, number);
    return TW_OK;
}

/* A new document: what its references mean. */
static tw_status see_document(tw_ctx *cx, collector *c, const tw_phi_parts *p)
{
    bool same = c->doc_text == p->doc->text.p && p->resource > c->doc_last;
    c->doc_text = p->doc->text.p;
    c->doc_last = p->resource;
    if (same)
        return TW_OK;
    tw_refbook_free(c->book);
    c->book = NULL;
    if (!tw_str_is(tw_json_member_text(cx, p->doc, 0, "resourceType"), "Bundle"))
        return TW_OK;
    c->book = tw_refbook_new(BOOK_MAX);
    return tw_refbook_bundle(cx, c->book, p->doc);
}

static tw_status seen_before(tw_ctx *cx, bool *seen, collector *c, tw_bytes name)
{
    tw_bytes root;
    *seen = tw_map_get(c->pending, name) != NULL;
    if (*seen)
        return TW_OK;
    TW_TRY(tw_register_begin(cx, &c->reg, false));
    tw_status s = tw_register_end(cx, &c->reg, tw_register_get(cx, &root, &c->reg, TW_REG_SEEN, name));
    *seen = s == TW_OK;
    return s == TW_ENOTFOUND ? TW_OK : s;
}

static tw_status gate(tw_ctx *cx, tw_deid **out, collector *c, const tw_phi *phi)
{
    uint8_t id_key[32]; /* two sources may number their records alike: ids are keyed by source too */
    tw_hmac_sha256(id_key, (tw_bytes){ c->row.bundle.id_key, 32 }, "tw/source-ids/1", tw_id_bytes(&c->reg.me.id));
    tw_gate_opts g = { .profile = c->profile,
                       .refs = c->book,
                       .id_key = id_key,
                       .shift_weeks = c->row.bundle.shift_weeks,
                       .reference_day = (int64_t)(tw_ledger_time(tw_site_state(c->site)) / 86400) };
    tw_sources_self self = tw_sources_self_view(c->sources);
    g.self = self.resource_id;
    g.self_reference = self.reference;
    memcpy(g.handle, c->row.bundle.handle, sizeof g.handle);
    tw_status s = tw_deid_gate(cx, out, NULL, c->account, phi, &g);
    tw_wipe(id_key, sizeof id_key);
    return s;
}

static tw_status add_sealed(tw_ctx *cx, collector *c, const tw_deid *d, tw_bytes name)
{
    uint16_t epoch = tw_epoch_of(tw_ledger_time(tw_site_state(c->site)));
    const tw_bundle_entry *e = tw_bundle_find(&c->row.bundle, tw_deid_category(d), epoch);
    if (!e)
        return tw_fail(cx, TW_ENOTFOUND, "no compartment for this category and epoch: enrol again");
    const tw_comp_state *state = tw_ledger_comp(tw_site_state(c->site), &e->comp);
    if (state && state->status >= TW_COMP_ERASING)
        return tw_fail(cx, TW_ENOTFOUND, "the compartment was erased by its owner");
    if (tw_map_count(c->pending) >= PENDING_RECORDS_MAX || c->pending_bytes > PENDING_BYTES_MAX)
        TW_TRY(flush(cx, c));
    tw_status s = tw_sealer_add(cx, c->sealer, &e->record, d);
    if (s == TW_ELIMIT) { /* 4,096 segments are in this batch */
        TW_TRY(flush(cx, c));
        s = tw_sealer_add(cx, c->sealer, &e->record, d);
    }
    TW_TRY(s);
    c->pending_bytes += tw_deid_line(d).n;
    return tw_map_put(c->pending, name, &in_batch) ? TW_OK : tw_fail(cx, TW_ELIMIT, "too many records in one batch");
}

static tw_status on_record(void *self, tw_ctx *cx, const tw_phi *phi)
{
    collector *c = self;
    const tw_phi_parts *p = tw_phi_view(phi);
    tw_deid *d;
    bool seen;
    TW_TRY(find_patient(cx, c, p->patient));
    tw_str name = tw_strf(cx->arena, TW_FMT "\n" TW_FMT "\n" TW_FMT, TW_ARG(p->patient), TW_ARG(p->business_id),
                          TW_ARG(p->version));
    TW_TRY(see_document(cx, c, p));
    TW_TRY(seen_before(cx, &seen, c, tw_bytes_of(name)));
    if (seen) {
        c->report->duplicates++;
        return TW_OK;
    }
    TW_TRY(gate(cx, &d, c, phi));
    TW_TRY(add_sealed(cx, c, d, tw_bytes_of(name)));
    const tw_sources_tally *t = tw_sources_tally_view(c->sources);
    tw_step(&c->opts->progress, "collect", t->all.read, 0);
    return TW_OK;
}

/* Reasons and places only: dead-letters.tsv may be shown to anyone who runs the source. */
static tw_status on_dead(void *self, TW_UNUSED tw_ctx *cx, const tw_dead_letter *l)
{
    collector *c = self;
    tw_buf_fmt(&c->dead, TW_FMT "\t%u\t" TW_FMT "\t%s\t%s\t" TW_FMT "\n", TW_ARG(l->label), l->line, TW_ARG(l->path),
               l->type, tw_dead_text(l->reason), TW_ARG(l->detail));
    return TW_OK;
}

/* ---------------------------------------------------------------- the whole */

static tw_status load_profile(tw_ctx *cx, tw_profile **out, const char *name)
{
    tw_bytes text;
    if (!name || !strchr(name, '/'))
        return tw_profile_builtin(cx, out, tw_str_of(name ? name : "twin"));
    TW_TRY(tw_file_read(cx, &text, name, TW_PROFILE_BYTES_MAX));
    return tw_profile_parse(cx, out, tw_str_of_bytes(text));
}

static tw_status read_path(tw_ctx *cx, tw_sources *s, const char *path, size_t number)
{
    tw_sources_form form;
    if (!tw_path_exists(cx, path))
        return tw_fail(cx, TW_ENOTFOUND, "path %zu: no such file or folder", number); /* its name may name a person */
    if (!tw_sources_form_of(&form, tw_str_of(path)))
        return tw_sources_folder(cx, s, path);
    tw_str label = tw_strf(cx->arena, "path %zu", number);
    TW_TRY(tw_sources_learn_file(cx, s, label, path, form));
    return tw_sources_read_file(cx, s, label, path, form);
}

static tw_status prepare(tw_ctx *cx, collector *c)
{
    tw_enrol_report settled = { .wallets = 0 };
    tw_sources_sink sink = { on_record, on_dead, c };
    TW_TRY(load_profile(cx, &c->profile, c->opts->profile));
    c->account = tw_account_new(c->profile);
    TW_TRY(tw_register_open(cx, &c->reg, c->site, c->opts->source));
    TW_TRY(tw_register_settle(cx, &settled, c->site, &c->reg));
    TW_TRY(tw_sealer_new(cx, &c->sealer, &c->site->ledger, &c->reg.me.id));
    c->seen_entries = tw_ledger_size(tw_site_state(c->site));
    forget_pending(c);
    return tw_sources_new(cx, &c->sources, NULL, &sink);
}

static tw_status finish(tw_ctx *cx, collector *c)
{
    tw_buf b;
    tw_jw w;
    TW_TRY(flush(cx, c));
    TW_TRY(tw_buf_check(cx, &c->dead, "dead-letters.tsv"));
    TW_TRY(tw_file_write(cx, tw_site_path(cx, c->site, "sources/%s/dead-letters.tsv", c->reg.me.name),
                         tw_buf_view(&c->dead)));
    tw_buf_init(&b, 16 * TW_MIB);
    tw_jw_init(&w, &b, 0);
    tw_account_write(&w, c->account);
    tw_status s = tw_buf_check(cx, &b, "account");
    if (s == TW_OK)
        s = tw_file_write(cx, tw_site_path(cx, c->site, "sources/%s/account.json", c->reg.me.name), tw_buf_view(&b));
    c->report->account_json = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return s;
}

static void fill_report(tw_collect_report *r, const tw_sources_tally *t)
{
    r->files = t->files;
    r->read = t->all.read;
    r->accepted = t->all.accepted;
    r->refused = t->all.refused;
    r->dead = t->all.dead;
    for (size_t i = 0; i < t->type_count && r->type_count < TW_TYPES_MAX; i++) {
        const tw_sources_type_count *from = &t->type[i];
        if (!from->count.read)
            continue;
        tw_type_count *to = &r->type[r->type_count++];
        snprintf(to->type, sizeof to->type, "%s", from->name);
        to->accepted = from->count.accepted;
        to->refused = from->count.refused;
        to->dead = from->count.dead;
    }
}

static void done(collector *c)
{
    tw_sources_free(c->sources);
    tw_refbook_free(c->book);
    tw_sealer_free(c->sealer);
    tw_account_free(c->account);
    tw_profile_free(c->profile);
    tw_register_close(&c->reg);
    tw_arena_free(c->patient_arena);
    tw_map_free(c->pending);
    tw_buf_done(&c->dead);
    tw_wipe(&c->row, sizeof c->row);
}

tw_status tw_app_collect(tw_ctx *cx, tw_collect_report *out, tw_site *s, const tw_collect_opts *opts)
{
    collector c = { .site = s, .opts = opts, .report = out };
    *out = (tw_collect_report){ .files = 0 };
    tw_buf_init(&c.dead, DEAD_FILE_MAX);
    tw_buf_cstr(&c.dead, "file\tline\tpath\ttype\treason\tdetail\n");
    tw_status st = prepare(cx, &c);
    for (size_t i = 0; i < opts->path_count && st == TW_OK; i++)
        st = read_path(cx, c.sources, opts->path[i], i + 1);
    if (st == TW_OK)
        st = finish(cx, &c);
    if (c.sources)
        fill_report(out, tw_sources_tally_view(c.sources));
    done(&c);
    return st;
}

/* ---------------------------------------------------------------- who is in these files */

typedef struct {
    tw_map *numbers;
} census;

static tw_status on_census(void *self, tw_ctx *cx, const tw_phi *phi)
{
    census *c = self;
    const tw_phi_parts *p = tw_phi_view(phi);
    if (!tw_str_is(p->type, "Patient"))
        return TW_OK;
    return tw_map_put(c->numbers, tw_bytes_of(p->patient), &in_batch) ? TW_OK
                                                                      : tw_fail(cx, TW_ELIMIT, "too many patients");
}

static int by_text(const void *a, const void *b)
{
    return tw_str_cmp(*(const tw_str *)a, *(const tw_str *)b);
}

tw_status tw_app_patients(tw_ctx *cx, tw_str **numbers, size_t *count, const char *const *path, size_t path_count)
{
    census c = { tw_map_new(1000000) };
    tw_sources *s = NULL;
    tw_sources_sink sink = { on_census, NULL, &c };
    tw_status st = tw_sources_new(cx, &s, NULL, &sink);
    for (size_t i = 0; i < path_count && st == TW_OK; i++)
        st = read_path(cx, s, path[i], i + 1);
    *count = tw_map_count(c.numbers);
    *numbers = tw_try_array(cx->arena, tw_str, *count + 1);
    if (st == TW_OK && !*numbers)
        st = tw_fail(cx, TW_ELIMIT, "no memory left for %zu patients", *count);
    for (size_t i = 0; i < *count && st == TW_OK; i++) {
        tw_bytes key;
        tw_map_at(c.numbers, i, &key);
        (*numbers)[i] = tw_str_dup(cx->arena, tw_str_of_bytes(key));
    }
    if (st == TW_OK)
        qsort(*numbers, *count, sizeof **numbers, by_text);
    tw_sources_free(s);
    tw_map_free(c.numbers);
    return st;
}
