/* Rounds over pieces; see collect_internal.h. */
#include "collect_internal.h"

#define BOOK_MAX 1000000

/* ---------------------------------------------------------------- tasks of a round */

/* A task's own words of failure go to its slot, so that the first in order is told. */
static void settle_task(slot *s, const tw_ctx *cx, tw_status st)
{
    if (st == TW_OK || s->status != TW_OK)
        return;
    s->status = st;
    s->err = cx->err;
}

typedef struct {
    collector *c;
    bool learn_only;
} shift;

static void prepare_task(void *arg, size_t w, size_t i)
{
    const shift *sh = arg;
    collector *c = sh->c;
    tw_ctx *cx = &c->worker[w].scratch;
    tw_mark mark = tw_arena_mark(cx->arena);
    if (!c->slot[i].piece)
        return;
    settle_task(&c->slot[i], cx, tw_piece_prepare(cx, c->sources, c->slot[i].piece, sh->learn_only));
    tw_arena_back(cx->arena, mark);
}

/* The patient of the record before, in the same piece. */
typedef struct {
    tw_str number;
    tw_str patient;
    uint8_t binding[BINDING];
} keyed;

/* A number that was merged into another may have been enrolled itself: what was sealed under it stays known. */
static tw_status find_binding(tw_ctx *cx, collector *c, keyed *k, tw_str number, tw_str patient)
{
    bool found;
    if (k->number.p && tw_str_eq(k->number, number) && tw_str_eq(k->patient, patient))
        return TW_OK;
    k->number = (tw_str){ NULL, 0 };
    TW_TRY(enrolled_find(cx, &found, k->binding, c->enrolled, number));
    if (!found && !tw_str_eq(number, patient))
        TW_TRY(enrolled_find(cx, &found, k->binding, c->enrolled, patient));
    k->number = number;
    k->patient = patient;
    return TW_OK;
}

/* Name of a record: the enrolment that it is sealed for, so that after an erasure and a new enrolment it is sealed
 * anew; the patient's number as the source had it, so that a merge does not make old records new; id and version. */
static tw_status key_record(tw_ctx *cx, collector *c, keyed *k, tw_piece *p, tw_found_item *f)
{
    const tw_phi_parts *parts = tw_phi_view(f->phi);
    record *r = tw_arena_try(tw_piece_ctx(p)->arena, sizeof *r);
    uint8_t key[33];
    if (!r)
        return tw_fail(cx, TW_ELIMIT, "no memory for a round's records");
    f->mine = r;
    TW_TRY(find_binding(cx, c, k, f->self.number, parts->patient));
    tw_str name = tw_strf(cx->arena, TW_FMT "\n" TW_FMT "\n" TW_FMT "\n" TW_FMT,
                          TW_ARG(tw_hex(cx->arena, TW_BYTES(k->binding))), TW_ARG(f->self.number),
                          TW_ARG(parts->business_id), TW_ARG(parts->version));
    tw_register_key(key, &c->reg, TW_REG_SEEN, tw_bytes_of(name));
    memcpy(r->key, key + 1, sizeof r->key);
    return TW_OK;
}

static void judge_task(void *arg, size_t w, size_t i)
{
    const shift *sh = arg;
    collector *c = sh->c;
    slot *s = &c->slot[i];
    tw_ctx *cx = &c->worker[w].scratch;
    tw_mark mark = tw_arena_mark(cx->arena);
    if (!s->piece)
        return;
    keyed last = { .number = { NULL, 0 } };
    tw_status st = tw_piece_judge(cx, c->sources, s->piece);
    for (size_t k = 0; st == TW_OK && k < tw_piece_count(s->piece); k++) {
        tw_found_item *f = tw_piece_at(s->piece, k);
        if (f->fate == TW_FATE_RECORD)
            st = key_record(cx, c, &last, s->piece, f);
    }
    settle_task(s, cx, st);
    tw_arena_back(cx->arena, mark);
}

/* Nobody keys what is read to learn: it is judged alone, for known_take. */
static void judge_known_task(void *arg, size_t w, size_t i)
{
    collector *c = ((const shift *)arg)->c;
    slot *s = &c->slot[i];
    tw_ctx *cx = &c->worker[w].scratch;
    tw_mark mark = tw_arena_mark(cx->arena);
    if (!known_of_slot(c, s))
        return;
    settle_task(s, cx, tw_piece_judge(cx, c->sources, s->piece));
    tw_arena_back(cx->arena, mark);
}

/* ---------------------------------------------------------------- the gate's task */

static tw_status load_row(collector *c, worker *w, tw_str number)
{
    tw_ctx *cx = &w->scratch;
    tw_bytes value;
    pthread_mutex_lock(&c->reg_lock);
    tw_status s = tw_register_begin(cx, &c->reg, false);
    if (s == TW_OK)
        s = tw_register_end(cx, &c->reg, tw_register_get(cx, &value, &c->reg, TW_REG_BUNDLE, tw_bytes_of(number)));
    pthread_mutex_unlock(&c->reg_lock);
    if (s == TW_ENOTFOUND)
        return tw_fail(cx, TW_ENOTFOUND, "the patient is not enrolled here");
    if (s == TW_OK)
        s = tw_patient_row_decode(cx, &w->row, value);
    return s == TW_ENOTFOUND || s == TW_EPARSE ? tw_fail(cx, TW_EVERIFY, "a patient's row in the register is damaged")
                                               : s;
}

static void forget_patient(worker *w)
{
    tw_wipe(&w->row, sizeof w->row);
    w->number = (tw_str){ NULL, 0 };
    tw_arena_back(w->scratch.arena, (tw_mark){ NULL, 0, 0 });
}

/* The worker's patient at hand; its row fills the worker's scratch. */
static tw_status find_patient(collector *c, worker *w, tw_str number)
{
    tw_ctx *cx = &w->scratch;
    if (w->number.p && tw_str_eq(w->number, number))
        return w->number_status == TW_OK ? TW_OK : tw_fail(cx, w->number_status, "the patient is not enrolled here");
    forget_patient(w);
    w->entry = NULL;
    tw_status s = load_row(c, w, number);
    w->number = tw_str_dup(cx->arena, number);
    w->number_status = s;
    if (s == TW_OK) /* two sources may number their records alike: ids are keyed by source too */
        tw_hmac_sha256(w->id_key, (tw_bytes){ w->row.bundle.id_key, 32 }, "tw/source-ids/1",
                       tw_id_bytes(&c->reg.me.id));
    return s;
}

/* A new document: what its references mean. */
static tw_status see_document(tw_ctx *cx, worker *w, const tw_json *doc)
{
    if (w->doc == doc)
        return TW_OK;
    tw_refbook_free(w->book);
    w->book = NULL;
    w->doc = doc;
    if (!tw_str_is(tw_json_member_text(cx, doc, 0, "resourceType"), "Bundle"))
        return TW_OK;
    w->book = tw_refbook_new(BOOK_MAX);
    return tw_refbook_bundle(cx, w->book, doc);
}

static tw_status find_compartment(tw_ctx *cx, const collector *c, worker *w, record *r, tw_piece *p)
{
    const tw_bundle_entry *e = tw_bundle_find(&w->row.bundle, tw_deid_category(r->deid), c->epoch);
    if (!e)
        return tw_fail(cx, TW_ENOTFOUND, "no compartment for this category and epoch: enrol again");
    if (e != w->entry || p != w->piece) {
        tw_comp_record *copy = tw_arena_try(tw_piece_ctx(p)->arena, sizeof *copy);
        if (!copy)
            return tw_fail(cx, TW_ELIMIT, "no memory for a round's records");
        *copy = e->record;
        w->comp = copy;
        w->entry = e;
        w->piece = p;
    }
    r->comp = w->comp;
    r->comp_id = e->comp;
    return TW_OK;
}

static tw_status gate_record(collector *c, worker *w, tw_piece *p, const tw_found_item *f)
{
    record *r = f->mine;
    const tw_phi_parts *parts = tw_phi_view(f->phi);
    tw_ctx cx = { .arena = tw_piece_ctx(p)->arena };
    tw_deid *d = NULL;
    tw_status s = find_patient(c, w, parts->patient);
    if (s != TW_OK)
        cx.err = w->scratch.err;
    if (s == TW_OK && !r->seen) {
        s = see_document(&cx, w, parts->doc);
        tw_gate_opts g = { .profile = c->profile,
                           .refs = w->book,
                           .id_key = w->id_key,
                           .self = f->self.resource_id,
                           .self_reference = f->self.reference,
                           .shift_weeks = w->row.bundle.shift_weeks,
                           .reference_day = c->reference_day,
                           .text = w->text,
                           .text_normal = c->opts->text == TW_COLLECT_TEXT_NORMAL,
                           .people = w->people };
        memcpy(g.handle, w->row.bundle.handle, sizeof g.handle);
        known_show(c, w, parts);
        if (s == TW_OK)
            s = tw_deid_gate(&cx, &d, NULL, w->account, f->phi, &g);
        r->deid = d;
        if (s == TW_OK)
            s = find_compartment(&cx, c, w, r, p);
    }
    r->became = s;
    if (s != TW_OK)
        r->why = tw_cstr(cx.arena, tw_str_of(cx.err.msg));
    return TW_OK;
}

static void gate_task(void *arg, size_t w, size_t i)
{
    const shift *sh = arg;
    collector *c = sh->c;
    slot *s = &c->slot[i];
    worker *me = &c->worker[w];
    for (size_t k = 0; s->piece && s->status == TW_OK && k < tw_piece_count(s->piece); k++) {
        const tw_found_item *f = tw_piece_at(s->piece, k);
        if (f->fate == TW_FATE_RECORD)
            settle_task(s, &me->scratch, gate_record(c, me, s->piece, f));
    }
    known_show(c, me, NULL);
    me->doc = NULL; /* the next document may lie at the same address */
    me->piece = NULL;
    forget_patient(me);
}

/* ---------------------------------------------------------------- one round */

static tw_status first_failure(tw_ctx *cx, const collector *c)
{
    for (size_t i = 0; i < c->slots; i++)
        if (c->slot[i].status != TW_OK) {
            cx->err = c->slot[i].err;
            return c->slot[i].status;
        }
    return TW_OK;
}

static tw_status note(tw_ctx *cx, collector *c)
{
    tw_status s = TW_OK;
    for (size_t i = 0; i < c->slots && s == TW_OK; i++)
        if (c->slot[i].piece)
            s = tw_piece_note(cx, c->sources, c->slot[i].piece);
    return names_settle(cx, &c->names, s);
}

static tw_status sort_out_one(tw_ctx *cx, collector *c, tw_map *round, record *r)
{
    r->twin = tw_map_get(round, TW_BYTES(r->key));
    r->seen = r->twin || tw_map_get(c->pending, TW_BYTES(r->key));
    if (r->seen)
        return TW_OK;
    TW_TRY(seen_has(cx, &r->seen, c->seen, r->key));
    if (r->seen || tw_map_put(round, TW_BYTES(r->key), r))
        return TW_OK;
    return tw_fail(cx, TW_ELIMIT, "too many records in one round");
}

/* What is in the batch under way, in the register, or twice in this round. */
static tw_status sort_out(tw_ctx *cx, collector *c)
{
    tw_map *round = tw_map_new((size_t)1 << 24);
    tw_status st = TW_OK;
    for (size_t i = 0; i < c->slots; i++) {
        tw_piece *p = c->slot[i].piece;
        for (size_t k = 0; p && k < tw_piece_count(p) && st == TW_OK; k++) {
            record *r = tw_piece_at(p, k)->mine;
            if (r)
                st = sort_out_one(cx, c, round, r);
        }
    }
    tw_map_free(round);
    return st;
}

static void run_tasks(collector *c, void (*task)(void *arg, size_t who, size_t i), bool learn_only)
{
    shift sh = { c, learn_only };
    crew_run(c->crew, c->slots, task, &sh);
}

static tw_status learn_round(tw_ctx *cx, collector *c)
{
    run_tasks(c, prepare_task, true);
    TW_TRY(first_failure(cx, c));
    TW_TRY(note(cx, c));
    if (c->known)
        run_tasks(c, judge_known_task, true);
    TW_TRY(first_failure(cx, c));
    return known_take(cx, c);
}

static tw_status read_round(tw_ctx *cx, collector *c)
{
    run_tasks(c, prepare_task, false);
    TW_TRY(first_failure(cx, c));
    TW_TRY(note(cx, c));
    run_tasks(c, judge_task, false);
    TW_TRY(first_failure(cx, c));
    TW_TRY(sort_out(cx, c));
    TW_TRY(known_take(cx, c));
    uint64_t now = tw_ledger_time(tw_site_state(c->site));
    c->reference_day = (int64_t)(now / 86400);
    c->epoch = tw_epoch_of(now);
    run_tasks(c, gate_task, false);
    TW_TRY(first_failure(cx, c));
    for (size_t i = 0; i < c->slots; i++)
        TW_TRY(collect_commit(cx, c, &c->slot[i]));
    return TW_OK;
}

static void clear_round(collector *c)
{
    for (size_t i = 0; i < c->slots; i++)
        tw_piece_free(c->slot[i].piece);
    for (size_t i = 0; i < c->ended_count; i++)
        tw_cutter_free(c->ended[i]);
    c->slots = c->ended_count = 0;
}

/* ---------------------------------------------------------------- all rounds */

/* A file that ended has its place between the pieces. */
static bool gather(collector *c, reader *r)
{
    read_item it;
    size_t bytes = 0;
    while (c->slots < TW_ROUND_PIECES && bytes < TW_ROUND_BYTES && reader_next(r, &it)) {
        if (it.piece)
            bytes += tw_piece_span_of(it.piece).bytes * tw_piece_span_of(it.piece).weight;
        if (it.cutter)
            c->ended[c->ended_count++] = it.cutter;
        c->slot[c->slots++] = (slot){ .piece = it.piece, .file = it.file, .failed = it.failed };
    }
    return c->slots > 0;
}

static bool asked_to_stop(const collector *c)
{
    return c->opts->stop && *c->opts->stop;
}

static tw_status rounds(tw_ctx *cx, collector *c, bool learn_only)
{
    reader *r;
    tw_status s = reader_new(cx, &r, &c->files, tw_sources_opts_view(c->sources), &c->opts->stream, learn_only);
    uint64_t learned = 0;
    /* A stream that is told to stop may end inside of a unit: what was gathered meanwhile is not used. */
    while (s == TW_OK && !asked_to_stop(c) && gather(c, r) && !asked_to_stop(c)) {
        tw_mark mark = tw_arena_mark(cx->arena);
        s = learn_only ? learn_round(cx, c) : read_round(cx, c);
        for (size_t i = 0; i < c->slots; i++)
            learned += c->slot[i].piece ? tw_piece_span_of(c->slot[i].piece).bytes : 0;
        clear_round(c);
        tw_arena_back(cx->arena, mark);
        tw_step(&c->opts->progress, learn_only ? "look for patients (KiB)" : "collect (KiB)",
                (learn_only ? learned : c->bytes_done) / 1024, c->files.bytes / 1024);
    }
    clear_round(c);
    reader_free(r);
    return s;
}

tw_status collect_learn(tw_ctx *cx, collector *c)
{
    return rounds(cx, c, true);
}

tw_status collect_rounds(tw_ctx *cx, collector *c)
{
    return rounds(cx, c, false);
}
