/* A piece on its way: units are decoded and parsed, judged, and counted. */
#include "sources/sources_internal.h"

#define JSON_SHARE 24 /* a decoder may write this many times what it reads */
#define JSON_MIN (4 * TW_MIB)
#define LESSON_MAX (64 * TW_MIB)

tw_piece *tw_piece_new(size_t arena_max)
{
    tw_piece *p = tw_mem_alloc(sizeof *p);
    if (!p)
        return NULL;
    tw_ctx_init(&p->in, arena_max, NULL);
    tw_buf_init(&p->json, 0);
    tw_buf_init(&p->lesson, LESSON_MAX);
    return p;
}

void tw_piece_free(tw_piece *p)
{
    if (!p)
        return;
    if (p->bytes)
        tw_wipe(p->bytes, p->bytes_n);
    tw_mem_free(p->bytes);
    tw_mem_free(p->unit);
    tw_mem_free(p->item);
    if (p->json.p)
        tw_wipe(p->json.p, p->json.cap); /* with what was taken back */
    tw_buf_done(&p->json);
    tw_buf_done(&p->lesson);
    tw_ctx_done(&p->in);
    tw_mem_free(p);
}

tw_piece_span tw_piece_span_of(const tw_piece *p)
{
    return p->span;
}

size_t tw_piece_count(const tw_piece *p)
{
    return p->items;
}

tw_found_item *tw_piece_at(tw_piece *p, size_t i)
{
    TW_ASSERT(i < p->items);
    return &p->item[i];
}

tw_ctx *tw_piece_ctx(tw_piece *p)
{
    return &p->in;
}

static bool grow(void **array, size_t *cap, size_t count, size_t size)
{
    if (count < *cap)
        return true;
    size_t more = *cap ? 2 * *cap : 64;
    void *p = tw_mem_resize(*array, tw_array_size(more, size));
    if (!p)
        return false;
    *array = p;
    *cap = more;
    return true;
}

tw_unit *tw_piece_unit(tw_piece *p)
{
    void *array = p->unit;
    if (!grow(&array, &p->units_cap, p->units, sizeof *p->unit))
        return NULL;
    p->unit = array;
    tw_unit *u = &p->unit[p->units++];
    *u = (tw_unit){ .path = { "", 0 }, .detail = { "", 0 } };
    return u;
}

tw_found_item *tw_piece_item(tw_piece *p)
{
    void *array = p->item;
    if (!grow(&array, &p->items_cap, p->items, sizeof *p->item))
        return NULL;
    p->item = array;
    tw_found_item *f = &p->item[p->items++];
    *f = (tw_found_item){ .type = SIZE_MAX };
    return f;
}

/* ---------------------------------------------------------------- as it stands */

size_t tw_piece_raw_count(const tw_piece *p)
{
    return p->units;
}

static size_t end_of(const tw_piece *p, size_t i)
{
    return p->unit[i].at + p->unit[i].n;
}

static tw_str bytes_between(const tw_piece *p, size_t from, size_t to)
{
    return p->bytes && from < to ? (tw_str){ (const char *)p->bytes + from, to - from } : (tw_str){ "", 0 };
}

tw_raw_unit tw_piece_raw(const tw_piece *p, size_t i)
{
    TW_ASSERT(i < p->units);
    const tw_unit *u = &p->unit[i];
    tw_raw_unit r = { .offset = u->offset, .line = u->line0 + 1, .bad = u->bad, .detail = u->detail };
    r.reason = u->reason;
    r.before = bytes_between(p, i ? end_of(p, i - 1) : 0, u->at);
    r.text = u->bad ? (tw_str){ "", 0 } : bytes_between(p, u->at, end_of(p, i));
    return r;
}

tw_str tw_piece_raw_tail(const tw_piece *p)
{
    return bytes_between(p, p->units ? end_of(p, p->units - 1) : 0, p->used);
}

/* ---------------------------------------------------------------- prepare */

static void spoil(tw_piece *p, tw_unit *u, const tw_place *place, tw_dead_reason reason)
{
    u->bad = true;
    u->reason = reason;
    u->line = place->line;
    u->path = tw_str_dup(p->in.arena, place->path);
    u->detail = place->column ? tw_strf(p->in.arena, "column %u: %s", place->column, p->in.err.msg)
                              : tw_str_dup(p->in.arena, tw_str_of(p->in.err.msg));
}

/* A unit as JSON, after that of the units before it. */
static tw_status decode(tw_ctx *cx, tw_piece *p, tw_unit *u, bool learn_only)
{
    const tw_decoder *d = tw_decoder_of(p->form);
    const size_t most = u->n * JSON_SHARE + JSON_MIN;
    tw_buf *json = &p->json;
    tw_place place = { .path = { "", 0 } };
    u->json_at = json->n;
    json->max = u->json_at + most;
    tw_err_clear(&p->in);
    tw_status st = d->bundle(&p->in, json, &place, p->file, (tw_str){ (const char *)p->bytes + u->at, u->n });
    if (st == TW_OK && (json->failed || json->n - u->json_at > most))
        st = tw_fail(&p->in, TW_ELIMIT, "it grows over %zu bytes as FHIR", most);
    if (st == TW_OK) {
        u->json_n = json->n - u->json_at;
        return TW_OK;
    }
    json->failed = false;
    json->n = u->json_at;
    if (learn_only)
        return TW_OK;
    if (st != TW_EPARSE && st != TW_ELIMIT && st != TW_ENOTFOUND) {
        cx->err = p->in.err;
        return st;
    }
    spoil(p, u, &place, st == TW_ELIMIT ? TW_DEAD_LIMIT : TW_DEAD_DECODE);
    return TW_OK;
}

static tw_status prepare_decoded(tw_ctx *cx, const tw_sources *s, tw_piece *p, bool learn_only)
{
    for (size_t i = 0; i < p->units; i++)
        if (!p->unit[i].bad)
            TW_TRY(decode(cx, p, &p->unit[i], learn_only));
    for (size_t i = 0; i < p->units; i++) {
        tw_unit *u = &p->unit[i];
        const tw_str text = { (const char *)p->json.p + u->json_at, u->json_n };
        if (u->json_n > 0)
            TW_TRY(tw_fhir_prepare(cx, s, p, u, text, true, learn_only));
    }
    return TW_OK;
}

tw_status tw_piece_prepare(tw_ctx *cx, const tw_sources *s, tw_piece *p, bool learn_only)
{
    if (tw_decoder_of(p->form))
        return prepare_decoded(cx, s, p, learn_only);
    for (size_t i = 0; i < p->units; i++) {
        tw_unit *u = &p->unit[i];
        tw_str text = { (const char *)p->bytes + u->at, u->n };
        if (u->bad)
            continue;
        /* Most lines of an export are no Patient: passing them over here makes learning a matter of a search. */
        if (learn_only && tw_str_find(text, TW_STR("\"Patient\"")) == SIZE_MAX)
            continue;
        TW_TRY(tw_fhir_prepare(cx, s, p, u, text, false, learn_only));
    }
    return TW_OK;
}

tw_status tw_piece_note(tw_ctx *cx, tw_sources *s, const tw_piece *p)
{
    TW_TRY(tw_buf_check(cx, &p->lesson, "names of patients in one piece"));
    return tw_known_learn(cx, &s->known, tw_buf_view(&p->lesson));
}

tw_status tw_piece_judge(tw_ctx *cx, TW_UNUSED const tw_sources *s, tw_piece *p)
{
    for (size_t i = 0; i < p->units; i++)
        TW_TRY(tw_fhir_judge(cx, p, &p->unit[i]));
    return TW_OK;
}

/* ---------------------------------------------------------------- count */

static tw_status bury(tw_ctx *cx, tw_sources *s, tw_piece *p, const tw_found_item *f, tw_dead_reason reason,
                      tw_str detail)
{
    s->tally.all.dead++;
    s->tally.dead[reason]++;
    if (f->type != SIZE_MAX)
        s->type[f->type].count.dead++;
    if (!s->sink.dead)
        return TW_OK;
    tw_dead_letter letter = {
        .label = p->label, .line = f->line, .path = f->path, .reason = reason, .detail = detail
    };
    letter.offset = f->offset;
    letter.length = f->length;
    letter.before = f->before;
    if (f->entry != UINT32_MAX)
        letter.path = tw_strf(p->in.arena, "entry.%u.resource", f->entry);
    letter.type = f->type == SIZE_MAX ? "" : tw_fhir_types[f->type].name;
    return s->sink.dead(s->sink.self, cx, &letter);
}

static tw_status count_record(tw_ctx *cx, tw_sources *s, tw_piece *p, const tw_found_item *f, tw_status became)
{
    if (became == TW_OK) {
        s->tally.all.accepted++;
        s->type[f->type].count.accepted++;
        return TW_OK;
    }
    if (became == TW_EREFUSED) {
        tw_err_clear(cx);
        s->tally.all.refused++;
        s->type[f->type].count.refused++;
        return TW_OK;
    }
    if (became != TW_EPARSE && became != TW_ELIMIT && became != TW_ENOTFOUND)
        return became;
    tw_str detail = tw_str_dup(p->in.arena, tw_str_of(cx->err.msg));
    tw_err_clear(cx);
    return bury(cx, s, p, f, TW_DEAD_SINK, detail);
}

tw_status tw_piece_count_in(tw_ctx *cx, tw_sources *s, tw_piece *p, size_t i, tw_status became)
{
    const tw_found_item *f = tw_piece_at(p, i);
    s->tally.all.read++;
    if (f->type != SIZE_MAX)
        s->type[f->type].count.read++;
    switch (f->fate) {
    case TW_FATE_RECORD:
        return count_record(cx, s, p, f, became);
    case TW_FATE_REFUSED:
        s->tally.all.refused++;
        s->type[f->type].count.refused++;
        return TW_OK;
    case TW_FATE_DEAD:
        return bury(cx, s, p, f, f->reason, f->detail);
    }
    tw_assert_failed("a fate", __FILE__, __LINE__);
}

tw_status tw_sources_no_file(tw_ctx *cx, tw_sources *s, tw_str label)
{
    s->tally.all.read++;
    s->tally.all.dead++;
    s->tally.dead[TW_DEAD_FILE]++;
    if (!s->sink.dead)
        return TW_OK;
    tw_dead_letter letter = { .label = label, .path = { "", 0 }, .type = "", .reason = TW_DEAD_FILE };
    letter.detail = (tw_str){ "", 0 };
    return s->sink.dead(s->sink.self, cx, &letter);
}

void tw_sources_count_files(tw_sources *s, uint64_t read, uint64_t skipped)
{
    s->tally.files += read;
    s->tally.files_skipped += skipped;
}

static void add_count(tw_sources_count *to, const tw_sources_count *from)
{
    to->read += from->read;
    to->accepted += from->accepted;
    to->refused += from->refused;
    to->dead += from->dead;
}

void tw_sources_tally_add(tw_sources *s, const tw_sources_tally *t)
{
    add_count(&s->tally.all, &t->all);
    s->tally.files += t->files;
    s->tally.files_skipped += t->files_skipped;
    for (size_t i = 0; i < TW_DEAD_COUNT; i++)
        s->tally.dead[i] += t->dead[i];
    for (size_t i = 0; i < t->type_count; i++) {
        size_t type = tw_fhir_type_find(tw_str_of(t->type[i].name));
        if (type != SIZE_MAX)
            add_count(&s->type[type].count, &t->type[i].count);
    }
}
