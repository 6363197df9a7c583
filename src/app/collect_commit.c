/* The last step of a round, by one thread and in the order of the input: count, seal, journal, anchor.
 *
 * One batch goes: pack to the vault (synced) -> keys of its records, the places up to where files are committed,
 * and the batch's journal row in one transaction -> batch entry on the ledger -> journal row done. A kill before the
 * transaction leaves an orphan pack that no entry names, so that its records are sealed again; a kill after it is
 * finished by settle. Either way each record opens once. */
#include "collect_internal.h"

#define PENDING_RECORDS_MAX 50000
#define PENDING_BYTES_MAX (16 * TW_MIB)
#define CHECKPOINT_BYTES ((uint64_t)64 << 20) /* read since the last journal */
#define SEALER_SEGMENTS_MAX 50000 /* a new sealer then: it remembers each compartment that it met */
#define DEAD_AHEAD TW_MIB
#define ROWS_BEFORE_REFRESH 100000 /* of the register */

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

static tw_status put_seen(tw_ctx *cx, collector *c)
{
    size_t count = tw_map_count(c->pending);
    c->rows_since_refresh += count;
    for (size_t i = 0; i < count; i++) {
        tw_bytes key;
        tw_map_at(c->pending, i, &key);
        TW_TRY(seen_put(cx, c->seen, key.p));
    }
    return count ? seen_store(cx, c->seen) : TW_OK;
}

/* One transaction: what may not be done again, and from where to go on. */
static tw_status journal(tw_ctx *cx, collector *c, const tw_sealed_batch *b)
{
    uint8_t row[1 + 32 + 4 + 8] = { 0 };
    TW_TRY(dead_sync(cx, &c->dead));
    TW_TRY(tw_register_begin(cx, &c->reg, true));
    tw_status s = TW_OK;
    if (b) {
        memcpy(row + 1, b->root, 32);
        tw_put_be32(row + 33, (uint32_t)b->count);
        tw_put_be64(row + 37, b->bytes);
        s = tw_register_put(cx, &c->reg, TW_REG_BATCH, TW_BYTES(b->root), TW_BYTES(row));
    }
    if (s == TW_OK)
        s = put_seen(cx, c);
    if (s == TW_OK)
        s = collect_run_store(cx, c);
    TW_TRY(tw_register_end(cx, &c->reg, s));
    c->places = 0;
    c->since_journal = 0;
    return TW_OK;
}

static tw_status put_last(tw_ctx *cx, collector *c, const tw_sealed_batch *b, uint64_t idx)
{
    uint8_t row[32 + 8 + 8 + 4 + 8];
    memcpy(row, b->root, 32);
    tw_put_be64(row + 32, idx);
    tw_put_be64(row + 40, tw_ledger_time(tw_site_state(c->site)));
    tw_put_be32(row + 48, (uint32_t)b->count);
    tw_put_be64(row + 52, b->bytes);
    return tw_register_put(cx, &c->reg, TW_REG_LAST, (tw_bytes){ NULL, 0 }, TW_BYTES(row));
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
    tw_status s = tw_register_put(cx, &c->reg, TW_REG_BATCH, TW_BYTES(b->root), TW_BYTES(row));
    if (s == TW_OK)
        s = put_last(cx, c, b, a.idx);
    return tw_register_end(cx, &c->reg, s);
}

tw_status collect_forget_pending(tw_ctx *cx, collector *c)
{
    tw_map_free(c->pending);
    c->pending = tw_map_new(PENDING_RECORDS_MAX + 1);
    c->pending_bytes = 0;
    if (c->sealer && c->sealer_segments < SEALER_SEGMENTS_MAX)
        return TW_OK;
    tw_sealer_free(c->sealer);
    c->sealer = NULL;
    c->sealer_segments = 0;
    return tw_sealer_new(cx, &c->sealer, &c->site->ledger, &c->reg.me.id);
}

tw_status collect_flush(tw_ctx *cx, collector *c)
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
    for (size_t i = 0; i < b.count; i++) {
        bool segment = tw_sealed_leaf(b.item[i]).p[0] == 2;
        c->report->segments += segment;
        c->sealer_segments += segment;
    }
    if (c->rows_since_refresh > ROWS_BEFORE_REFRESH) {
        TW_TRY(tw_register_refresh(cx, &c->reg, c->site));
        c->rows_since_refresh = 0;
    }
    tw_arena_back(cx->arena, mark);
    return collect_forget_pending(cx, c);
}

tw_status collect_checkpoint(tw_ctx *cx, collector *c)
{
    if (tw_map_count(c->pending))
        return collect_flush(cx, c);
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = journal(cx, c, NULL);
    tw_arena_back(cx->arena, mark);
    return s;
}

/* ---------------------------------------------------------------- one record */

/* What keeps a batch from being sealed is nothing that one record could answer for: the collection ends. */
static tw_status flush_now(tw_ctx *cx, collector *c)
{
    tw_status s = collect_flush(cx, c);
    if (s != TW_EPARSE && s != TW_ELIMIT && s != TW_ENOTFOUND && s != TW_EREFUSED)
        return s;
    tw_err why = cx->err;
    return tw_fail(cx, TW_EIO, "%s", why.msg);
}

static tw_status add_sealed(tw_ctx *cx, collector *c, const record *r)
{
    const tw_comp_state *state = tw_ledger_comp(tw_site_state(c->site), &r->comp_id);
    if (state && state->status >= TW_COMP_ERASING)
        return tw_fail(cx, TW_ENOTFOUND, "the compartment was erased by its owner");
    size_t most = c->opts->batch_bytes ? c->opts->batch_bytes : PENDING_BYTES_MAX;
    if (tw_map_count(c->pending) >= PENDING_RECORDS_MAX || c->pending_bytes > most)
        TW_TRY(flush_now(cx, c));
    tw_status s = tw_sealer_add(cx, c->sealer, r->comp, r->deid);
    if (s == TW_ELIMIT) { /* 4,096 segments are in this batch */
        TW_TRY(flush_now(cx, c));
        s = tw_sealer_add(cx, c->sealer, r->comp, r->deid);
    }
    TW_TRY(s);
    c->pending_bytes += tw_deid_line(r->deid).n;
    if (tw_map_put(c->pending, TW_BYTES(r->key), &in_batch))
        return TW_OK;
    return tw_fail(cx, TW_ELIMIT, "too many records in one batch");
}

static tw_status commit_record(tw_ctx *cx, collector *c, record *r)
{
    if (r->became == TW_OK && r->twin) {
        r->became = r->twin->became;
        r->why = r->twin->why;
    }
    if (r->became != TW_OK)
        return tw_fail(cx, r->became, "%s", r->why ? r->why : "");
    if (r->seen) {
        c->report->duplicates++;
        return TW_OK;
    }
    r->became = add_sealed(cx, c, r);
    if (r->became != TW_OK)
        r->why = tw_cstr(cx->arena, tw_str_of(cx->err.msg)); /* lives as long as the round */
    return r->became;
}

/* ---------------------------------------------------------------- places */

/* The last place of a file is the one that counts. */
static tw_status set_place(tw_ctx *cx, collector *c, const place *at)
{
    if (c->places && c->place[c->places - 1].file == at->file)
        c->places--;
    if (c->places == c->places_cap) {
        size_t cap = c->places_cap ? 2 * c->places_cap : 64;
        place *more = tw_mem_resize(c->place, cap * sizeof *more);
        if (!more)
            return tw_fail(cx, TW_ELIMIT, "no memory for the places of %zu files", cap);
        c->place = more;
        c->places_cap = cap;
    }
    c->place[c->places++] = *at;
    return TW_OK;
}

static tw_status piece_done(tw_ctx *cx, collector *c, const slot *s)
{
    intake_file *f = &c->files.file[s->file];
    tw_piece_span span = tw_piece_span_of(s->piece);
    place at = { .file = s->file, .offset = span.to, .line = span.line_to };
    c->since_journal += span.to - span.from;
    c->bytes_done += span.to - span.from;
    if (f->path)
        TW_TRY(set_place(cx, c, &at));
    collect_run_note(c);
    if (c->dead.ahead.n > DEAD_AHEAD)
        TW_TRY(dead_sync(cx, &c->dead));
    return c->since_journal > CHECKPOINT_BYTES ? collect_checkpoint(cx, c) : TW_OK;
}

tw_status collect_file_ended(tw_ctx *cx, collector *c, size_t file, bool failed)
{
    intake_file *f = &c->files.file[file];
    place at = { .file = file, .ended = true };
    c->now = file;
    if (failed)
        TW_TRY(tw_sources_no_file(cx, c->sources, f->label));
    else
        tw_sources_count_files(c->sources, 1, 0);
    f->ended = true;
    f->unreadable = failed || (f->bad && !f->good && !f->offset);
    c->report->unreadable += f->unreadable;
    if (f->path && !failed) {
        intake_identify(cx, f);
        at.offset = f->id.size;
        TW_TRY(set_place(cx, c, &at));
    }
    collect_run_note(c);
    return TW_OK;
}

tw_status collect_commit(tw_ctx *cx, collector *c, slot *s)
{
    if (!s->piece)
        return collect_file_ended(cx, c, s->file, s->failed);
    c->now = s->file;
    intake_identify(cx, &c->files.file[s->file]);
    for (size_t k = 0; k < tw_piece_count(s->piece); k++) {
        tw_found_item *f = tw_piece_at(s->piece, k);
        tw_status became = f->fate == TW_FATE_RECORD ? commit_record(cx, c, f->mine) : TW_OK;
        TW_TRY(tw_piece_count_in(cx, c->sources, s->piece, k, became));
        bool dead = f->fate == TW_FATE_DEAD || (became != TW_OK && became != TW_EREFUSED);
        c->files.file[s->file].good += !dead;
        c->files.file[s->file].bad += dead;
    }
    return piece_done(cx, c, s);
}
