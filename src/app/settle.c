/* What a source owes after a kill at any moment: envelopes to keepers, openings, batches to the ledger. Every step is
 * written to the register before its effect and found again from there. */
#include "source_internal.h"

#define IMPORT_ENTRIES_MAX 20000

/* ---------------------------------------------------------------- envelopes */

typedef struct {
    tw_reg_row *row;
    tw_patient_row *patient;
    size_t count;
} patients;

/* All keepers have acknowledged him, and this epoch is open: nothing is owed. */
static bool is_settled(tw_bytes row, uint32_t all, uint16_t epoch)
{
    return row.n >= 6 && (tw_be32(row.p) & all) == all && tw_be16(row.p + 4) >= epoch;
}

/* Rows of patients of whom something is owed, most often none: a source may have more than memory holds. p->row NULL:
 * they are counted only. Inside a transaction. */
static tw_status find_rows(tw_ctx *cx, patients *p, tw_register *r, uint32_t all, uint16_t epoch)
{
    uint8_t key[33] = { TW_REG_BUNDLE };
    bool found = true;
    bool more = true;
    p->count = 0;
    while (more) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_bytes value;
        TW_TRY(tw_register_raw_next(cx, &found, r, key));
        if (!found)
            return TW_OK;
        TW_TRY(tw_register_get_at(cx, &value, r, key));
        const bool owes = !is_settled(value, all, epoch);
        if (owes && p->row) {
            memcpy(p->row[p->count].key, key, sizeof key);
            p->row[p->count].value = value;
        } else {
            tw_arena_back(cx->arena, mark);
        }
        p->count += owes;
        more = false; /* unless some byte does not run over */
        for (size_t i = sizeof key; !more && i-- > 1;)
            more = ++key[i] != 0;
    }
    return TW_OK;
}

static tw_status load_patients(tw_ctx *cx, patients *p, tw_register *r, uint32_t all, uint16_t epoch)
{
    p->row = NULL;
    TW_TRY(tw_register_begin(cx, r, false));
    tw_status s = find_rows(cx, p, r, all, epoch);
    if (s == TW_OK) {
        p->row = tw_try_array(cx->arena, tw_reg_row, p->count + 1);
        p->patient = tw_try_array(cx->arena, tw_patient_row, p->count + 1);
        if (!p->row || !p->patient)
            s = tw_fail(cx, TW_ELIMIT, "no memory left for %zu patients", p->count);
    }
    if (s == TW_OK && p->count)
        s = find_rows(cx, p, r, all, epoch);
    TW_TRY(tw_register_end(cx, r, s));
    for (size_t i = 0; i < p->count; i++)
        TW_TRY(tw_patient_row_decode(cx, &p->patient[i], p->row[i].value));
    return TW_OK;
}

static tw_status send_import(tw_ctx *cx, uint32_t *taken, uint32_t *refused, tw_site *s, const tw_party *me,
                             uint8_t index, const tw_bundle_entry *const *entry, size_t count)
{
    tw_bytes batch;
    tw_bytes reply;
    uint8_t want[32];
    uint8_t got[32];
    TW_TRY(tw_import_encode(cx, &batch, entry, count, index));
    uint8_t *fields = tw_arena_get(cx->arena, batch.n + 4);
    tw_put_be32(fields, (uint32_t)batch.n);
    memcpy(fields + 4, batch.p, batch.n);
    TW_TRY(tw_keeper_call(cx, &reply, s, index,
                          tw_keeper_ask(cx, TW_KEEPER_IMPORT, me, (tw_bytes){ fields, batch.n + 4 })));
    tw_rd in = tw_rd_of(reply);
    tw_rd_copy(&in, got, 32);
    *taken = tw_rd_u32(&in);
    *refused = tw_rd_u32(&in);
    tw_rd_view(&in, (size_t)*refused * 32);
    TW_TRY(tw_rd_end(cx, &in, "import reply"));
    tw_sha256_of(want, batch);
    return memcmp(want, got, 32) == 0 ? TW_OK : tw_fail(cx, TW_EVERIFY, "keeper %u acknowledged another batch", index);
}

/* What all keepers are to import, and how far each came. The patients are only read while the keepers work. */
typedef struct {
    tw_site *site;
    const tw_party *me;
    const patients *p;
    size_t through[TW_SHARES_MAX]; /* patients that the keeper has acknowledged, from the first on */
    uint64_t imported[TW_SHARES_MAX];
} importing;

static bool owed(const tw_patient_row *row, uint8_t index)
{
    return !(row->acknowledged & (1u << (index - 1)));
}

/* One batch of whole patients from *i on. */
static tw_status import_batch(tw_ctx *cx, importing *m, uint8_t index, const tw_bundle_entry **entry, size_t *i)
{
    const patients *p = m->p;
    size_t n = 0;
    size_t from = *i;
    uint32_t taken;
    uint32_t refused;
    for (; *i < p->count && n + p->patient[*i].bundle.count <= IMPORT_ENTRIES_MAX; (*i)++)
        for (size_t j = 0; j < p->patient[*i].bundle.count && owed(&p->patient[*i], index); j++)
            entry[n++] = &p->patient[*i].bundle.entry[j];
    if (*i == from)
        return tw_fail(cx, TW_ELIMIT, "a bundle of more than %d compartments", IMPORT_ENTRIES_MAX);
    if (n == 0)
        return TW_OK;
    TW_TRY(send_import(cx, &taken, &refused, m->site, m->me, index, entry, n));
    if (refused)
        return tw_fail(cx, TW_EREFUSED, "keeper %u refused %u of %zu compartments", index, refused, n);
    m->imported[index - 1] += taken;
    return TW_OK;
}

/* One keeper, all patients that it has not acknowledged. */
static tw_status import_to(void *arg, tw_ctx *cx, uint8_t index)
{
    importing *m = arg;
    const tw_bundle_entry **entry = tw_try_array(cx->arena, const tw_bundle_entry *, IMPORT_ENTRIES_MAX);
    if (!entry)
        return tw_fail(cx, TW_ELIMIT, "no memory left for an import batch");
    for (size_t i = 0; i < m->p->count; m->through[index - 1] = i) {
        tw_mark mark = tw_arena_mark(cx->arena);
        TW_TRY(import_batch(cx, m, index, entry, &i));
        tw_arena_back(cx->arena, mark);
    }
    return TW_OK;
}

/* To all keepers at once. For each share a keeper draws a slot key and a nonce. */
static tw_status import_all(tw_ctx *cx, tw_enrol_report *out, tw_site *s, tw_register *r, patients *p)
{
    const uint8_t n = tw_ledger_keeper_set(tw_site_state(s))->n;
    importing m = { .site = s, .me = &r->me, .p = p };
    tw_keeper_jobs jobs = { .run = import_to, .arg = &m };
    for (uint8_t index = 1; index <= n; index++)
        for (size_t i = 0; i < p->count; i++)
            jobs.draws_max[index - 1] += owed(&p->patient[i], index) ? 2 * p->patient[i].bundle.count : 0;
    tw_status st = tw_keepers_each(cx, s, &jobs);
    for (uint8_t index = 1; index <= n; index++) {
        out->imported[index - 1] += m.imported[index - 1];
        for (size_t i = 0; i < m.through[index - 1]; i++)
            p->patient[i].acknowledged |= 1u << (index - 1);
    }
    return st;
}

static tw_status store_patients(tw_ctx *cx, tw_register *r, const patients *p, uint32_t all)
{
    TW_TRY(tw_register_begin(cx, r, true));
    tw_status s = TW_OK;
    for (size_t i = 0; i < p->count && s == TW_OK; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_bytes value;
        s = tw_patient_row_encode(cx, &value, &p->patient[i], (p->patient[i].acknowledged & all) != all);
        if (s == TW_OK && !tw_bytes_eq(value, p->row[i].value))
            s = tw_register_put_at(cx, r, p->row[i].key, value);
        tw_arena_back(cx->arena, mark);
    }
    return tw_register_end(cx, r, s);
}

static tw_status settle_imports(tw_ctx *cx, tw_enrol_report *out, tw_site *s, tw_register *r, patients *p,
                                uint32_t all)
{
    bool todo = false;
    for (size_t i = 0; i < p->count; i++)
        todo |= (p->patient[i].acknowledged & all) != all;
    if (!todo)
        return TW_OK;
    tw_status first = import_all(cx, out, s, r, p);
    tw_err err = cx->err;
    tw_crash_point(cx, "settle.imported");
    TW_TRY(store_patients(cx, r, p, all));
    if (first == TW_ENET) /* a keeper that is down is caught up next time */
        return TW_OK;
    cx->err = err;
    return first;
}

/* ---------------------------------------------------------------- openings */

static tw_status plan_opening(tw_ctx *cx, tw_register *r, patients *p, uint16_t epoch)
{
    size_t count = 0;
    size_t cap = 0;
    for (size_t i = 0; i < p->count; i++)
        cap += p->patient[i].bundle.count;
    tw_id *id = tw_try_array(cx->arena, tw_id, cap + 1);
    if (!id)
        return tw_fail(cx, TW_ELIMIT, "no memory left for an opening");
    for (size_t i = 0; i < p->count; i++) {
        tw_patient_row *row = &p->patient[i];
        for (size_t j = 0; j < row->bundle.count && row->epoch_opened < epoch; j++)
            if (row->bundle.entry[j].record.body.epoch == epoch)
                id[count++] = row->bundle.entry[j].comp;
    }
    if (count == 0)
        return TW_OK;
    tw_id *leaf;
    uint32_t n;
    uint8_t root[32];
    tw_buf b;
    TW_TRY(tw_opening_pad(cx, &leaf, &n, id, count));
    tw_opening_root(cx, root, leaf, n);
    tw_buf_init(&b, (size_t)n * 32 + 64);
    tw_buf_u8(&b, 0);
    tw_buf_u16(&b, epoch);
    tw_buf_add(&b, root, 32);
    tw_buf_var(&b, (tw_bytes){ leaf[0].b, (size_t)n * 32 });
    TW_TRY(tw_register_begin(cx, r, true));
    tw_status s = tw_register_put(cx, r, TW_REG_OPENING, TW_BYTES(root), tw_buf_view(&b));
    for (size_t i = 0; i < p->count && s == TW_OK; i++) {
        tw_bytes value;
        p->patient[i].epoch_opened = TW_MAX(p->patient[i].epoch_opened, epoch);
        s = tw_patient_row_encode(cx, &value, &p->patient[i],
                                  p->patient[i].bundle.count && p->patient[i].bundle.entry[0].n);
        if (s == TW_OK)
            s = tw_register_put_at(cx, r, p->row[i].key, value);
    }
    tw_buf_done(&b);
    return tw_register_end(cx, r, s);
}

typedef struct {
    tw_site *site;
    tw_bytes request;
} handing;

static tw_status hand_to(void *arg, tw_ctx *cx, uint8_t index)
{
    const handing *h = arg;
    tw_bytes reply;
    return tw_keeper_call(cx, &reply, h->site, index, h->request);
}

static tw_status hand_opening(tw_ctx *cx, tw_site *s, tw_bytes ids)
{
    uint8_t *fields = tw_arena_get(cx->arena, ids.n + 4);
    tw_put_be32(fields, (uint32_t)ids.n);
    memcpy(fields + 4, ids.p, ids.n);
    handing h = { s, tw_keeper_ask(cx, TW_KEEPER_OPENING, NULL, (tw_bytes){ fields, ids.n + 4 }) };
    return tw_keepers_each(cx, s, &(tw_keeper_jobs){ .run = hand_to, .arg = &h });
}

static tw_status settle_opening(tw_ctx *cx, tw_enrol_report *out, tw_site *s, tw_register *r, const tw_reg_row *row)
{
    tw_opening_body body = { .leaves = 0 };
    tw_rd in = tw_rd_of(row->value);
    uint8_t state = tw_rd_u8(&in);
    body.epoch = tw_rd_u16(&in);
    tw_rd_copy(&in, body.root, 32);
    tw_bytes ids = tw_rd_var(&in, (size_t)1 << 31);
    TW_TRY(tw_rd_end(cx, &in, "opening row"));
    if (state == 1)
        return TW_OK;
    body.leaves = (uint32_t)(ids.n / 32);
    if (!tw_ledger_opening(tw_site_state(s), body.root)) {
        tw_applied a;
        TW_TRY(tw_site_submit(cx, &a, s, &r->me, TW_ENTRY_OPENING, tw_body_opening(cx, &body)));
        out->openings++;
    }
    tw_crash_point(cx, "settle.opened");
    tw_status st = hand_opening(cx, s, ids);
    if (st == TW_ENET)
        return TW_OK; /* stays pending until every keeper has it */
    TW_TRY(st);
    uint8_t *done = (uint8_t *)(uintptr_t)tw_bytes_dup(cx->arena, row->value).p;
    done[0] = 1;
    TW_TRY(tw_register_begin(cx, r, true));
    return tw_register_end(cx, r, tw_register_put_at(cx, r, row->key, (tw_bytes){ done, row->value.n }));
}

static tw_status settle_openings(tw_ctx *cx, tw_enrol_report *out, tw_site *s, tw_register *r, patients *p)
{
    tw_reg_row *row;
    size_t count;
    TW_TRY(plan_opening(cx, r, p, tw_epoch_of(tw_ledger_time(tw_site_state(s)))));
    TW_TRY(tw_register_begin(cx, r, false));
    tw_status st = tw_register_rows(cx, &row, &count, r, TW_REG_OPENING);
    TW_TRY(tw_register_end(cx, r, st));
    for (size_t i = 0; i < count; i++)
        TW_TRY(settle_opening(cx, out, s, r, &row[i]));
    return TW_OK;
}

/* ---------------------------------------------------------------- batches */

tw_status tw_receipt_keep(tw_ctx *cx, const tw_site *s, const tw_party *source, const uint8_t root[32], uint64_t idx)
{
    tw_str proof;
    char *dir = tw_site_path(cx, s, "sources/%s/receipts", source->name);
    TW_TRY(tw_dir_make(cx, dir));
    TW_TRY(tw_solo_receipt(cx, &proof, s->log, idx));
    tw_str name = tw_strf(cx->arena, "%s.tlog-proof", tw_hex(cx->arena, (tw_bytes){ root, 32 }).p);
    return tw_file_write(cx, tw_path(cx, dir, name.p), tw_bytes_of(proof));
}

/* One batch of the journal: on the ledger, its receipt kept, its row done. */
static tw_status settle_batch(tw_ctx *cx, tw_site *s, tw_register *r, tw_batch_index *ix, const tw_reg_row *row)
{
    tw_batch_body body;
    tw_applied a;
    tw_rd in = tw_rd_of(row->value);
    uint8_t state = tw_rd_u8(&in);
    tw_rd_copy(&in, body.root, 32);
    body.leaves = tw_rd_u32(&in);
    body.bytes = tw_rd_u64(&in);
    TW_TRY(tw_rd_end(cx, &in, "batch row"));
    if (state == 1)
        return TW_OK;
    TW_TRY(tw_batch_index_scan(cx, ix, s->log));
    if (!tw_batch_index_find(ix, body.root, &a.idx))
        TW_TRY(tw_site_submit(cx, &a, s, &r->me, TW_ENTRY_BATCH, tw_body_batch(cx, &body)));
    TW_TRY(tw_receipt_keep(cx, s, &r->me, body.root, a.idx));
    uint8_t *done = (uint8_t *)(uintptr_t)tw_bytes_dup(cx->arena, row->value).p;
    done[0] = 1;
    TW_TRY(tw_register_begin(cx, r, true));
    return tw_register_end(cx, r, tw_register_put_at(cx, r, row->key, (tw_bytes){ done, row->value.n }));
}

static tw_status settle_batches(tw_ctx *cx, tw_site *s, tw_register *r)
{
    tw_reg_row *row;
    size_t count;
    tw_batch_index ix = { .by_root = NULL };
    TW_TRY(tw_register_begin(cx, r, false));
    tw_status st = tw_register_rows(cx, &row, &count, r, TW_REG_BATCH);
    TW_TRY(tw_register_end(cx, r, st));
    for (size_t i = 0; i < count && st == TW_OK; i++)
        st = settle_batch(cx, s, r, &ix, &row[i]);
    tw_batch_index_done(&ix);
    return st;
}

tw_status tw_register_settle(tw_ctx *cx, tw_enrol_report *out, tw_site *s, tw_register *r)
{
    patients p;
    const tw_keeper_set *set = tw_ledger_keeper_set(tw_site_state(s));
    const uint32_t all = set->n == 32 ? UINT32_MAX : (1u << set->n) - 1;
    TW_TRY(load_patients(cx, &p, r, all, tw_epoch_of(tw_ledger_time(tw_site_state(s)))));
    TW_TRY(settle_imports(cx, out, s, r, &p, all));
    TW_TRY(settle_openings(cx, out, s, r, &p));
    return settle_batches(cx, s, r);
}

tw_status tw_source_settle(tw_ctx *cx, tw_enrol_report *out, tw_site *s, const tw_party *source)
{
    tw_register r;
    tw_status st = tw_register_open(cx, &r, s, source->name);
    if (st == TW_OK)
        st = tw_register_settle(cx, out, s, &r);
    tw_register_close(&r);
    return st;
}
