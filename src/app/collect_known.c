/* Free text on its way into records: the text engine of each thread, and who is known of a patient.
 *
 * A document (a Bundle, a message, a C-CDA document) says itself whom it is about. A line of NDJSON or a row of a table
 * does not: what other lines say of its patient is kept by his number, first from the reading that looks for patients,
 * then line by line as they come. Two bounds keep that small; what is over them is told once, and is found by the other
 * finders or not at all. Kept in memory alone, and wiped. */
#include "collect_internal.h"

#define PERSON_BYTES_MAX ((size_t)16 * TW_KIB)
#define ALL_BYTES_MAX ((size_t)64 * TW_MIB)
#define PERSONS_MAX 1000000

struct known_row {
    uint8_t *facts;
    size_t n;
};

struct known_people {
    tw_map *by_number;
    size_t bytes;
    bool full; /* and told */
};

bool known_of_slot(const collector *c, const slot *s)
{
    tw_sources_form form = c->files.file[s->file].form;
    return c->known && s->piece && (form == TW_FORM_NDJSON || form == TW_FORM_CSV);
}

static bool speaks_of_persons(tw_str type)
{
    static const char *const types[] = { "Patient", "RelatedPerson", "CareTeam", "Coverage", "Account" };
    for (size_t i = 0; i < TW_COUNT(types); i++)
        if (tw_str_is(type, types[i]))
            return true;
    return false;
}

static void keep(tw_ctx *cx, known_people *k, tw_str number, tw_bytes facts)
{
    known_row *row = tw_map_get(k->by_number, tw_bytes_of(number));
    tw_str had = row ? (tw_str){ (const char *)row->facts, row->n } : TW_STR("");
    if (facts.n == 0 || tw_str_find(had, tw_str_of_bytes(facts)) != SIZE_MAX)
        return;
    bool fits = had.n + facts.n <= PERSON_BYTES_MAX && k->bytes + facts.n <= ALL_BYTES_MAX;
    if (fits && !row) {
        row = tw_mem_alloc(sizeof *row);
        fits = row && tw_map_put(k->by_number, tw_bytes_of(number), row);
        if (!fits)
            tw_mem_free(row);
    }
    uint8_t *more = fits ? tw_mem_alloc(row->n + facts.n) : NULL;
    if (!more) {
        if (!k->full)
            tw_event(cx, TW_LOG_WARN, "collect.known-full", "not all that is known of patients fits in memory");
        k->full = true;
        return;
    }
    if (row->n)
        memcpy(more, row->facts, row->n);
    memcpy(more + row->n, facts.p, facts.n);
    tw_wipe(row->facts, row->n);
    tw_mem_free(row->facts);
    row->facts = more;
    row->n += facts.n;
    k->bytes += facts.n;
}

static tw_status take_one(tw_ctx *cx, collector *c, const tw_phi_parts *parts)
{
    tw_buf b;
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_buf_init(&b, ALL_BYTES_MAX);
    tw_status s = tw_people_facts(cx, &b, parts->doc, parts->resource);
    if (s == TW_OK && !b.failed)
        keep(cx, c->known, parts->patient, tw_buf_view(&b));
    tw_buf_done(&b);
    tw_arena_back(cx->arena, mark);
    return s;
}

tw_status known_take(tw_ctx *cx, collector *c)
{
    for (size_t i = 0; i < c->slots; i++) {
        tw_piece *p = known_of_slot(c, &c->slot[i]) ? c->slot[i].piece : NULL;
        for (size_t k = 0; p && k < tw_piece_count(p); k++) {
            const tw_found_item *f = tw_piece_at(p, k);
            if (f->fate == TW_FATE_RECORD && speaks_of_persons(tw_phi_view(f->phi)->type))
                TW_TRY(take_one(cx, c, tw_phi_view(f->phi)));
        }
    }
    return TW_OK;
}

void known_show(const collector *c, worker *w, const tw_phi_parts *parts)
{
    if (!w->people)
        return;
    const known_row *row = parts ? tw_map_get(c->known->by_number, tw_bytes_of(parts->patient)) : NULL;
    const tw_json *doc = parts ? parts->doc : NULL;
    if (doc && w->shown_doc == doc && w->shown == row)
        return;
    tw_people_set(w->people, doc, row ? (tw_bytes){ row->facts, row->n } : (tw_bytes){ NULL, 0 });
    w->shown_doc = doc;
    w->shown = row;
}

/* ---------------------------------------------------------------- the text engine */

const char *collect_text_name(tw_collect_text text)
{
    static const char *const name[] = { [TW_COLLECT_TEXT_REMOVE] = "remove",
                                        [TW_COLLECT_TEXT_STRICT] = "strict",
                                        [TW_COLLECT_TEXT_NORMAL] = "normal" };
    return name[text];
}

tw_status collect_text_open(tw_ctx *cx, collect_text *t, const tw_collect_opts *o, const tw_profile *profile)
{
    if (o->text == TW_COLLECT_TEXT_REMOVE)
        return TW_OK;
    TW_TRY(tw_text_model_builtin(cx, &t->model, tw_str_of(o->language ? o->language : "en")));
    t->opts = (tw_doc_opts){ .profile = profile,
                             .text = t->model,
                             .key = t->key,
                             .text_strict = o->text == TW_COLLECT_TEXT_STRICT };
    return TW_OK;
}

void collect_text_close(collect_text *t)
{
    tw_text_model_free(t->model);
    tw_wipe(t, sizeof *t);
}

tw_status known_open(tw_ctx *cx, collector *c)
{
    TW_TRY(collect_text_open(cx, &c->text, c->opts, c->profile));
    if (!c->text.model)
        return TW_OK;
    tw_hmac_sha256(c->text.key, TW_BYTES(c->reg.name_key), "tw/collect/text/1", (tw_bytes){ NULL, 0 });
    c->known = tw_mem_alloc(sizeof *c->known);
    TW_ASSERT(c->known != NULL);
    c->known->by_number = tw_map_new(PERSONS_MAX);
    return TW_OK;
}

tw_status known_worker(tw_ctx *cx, collector *c, worker *w)
{
    if (!c->text.model)
        return TW_OK;
    w->people = tw_people_new();
    return tw_doc_work_new(cx, &w->text, &c->text.opts);
}

void known_worker_done(worker *w)
{
    tw_people_free(w->people);
    tw_doc_work_free(w->text);
}

void known_close(collector *c)
{
    collect_text_close(&c->text);
    if (!c->known)
        return;
    for (size_t i = 0; i < tw_map_count(c->known->by_number); i++) {
        tw_bytes key;
        known_row *row = tw_map_at(c->known->by_number, i, &key);
        tw_wipe(row->facts, row->n);
        tw_mem_free(row->facts);
        tw_mem_free(row);
    }
    tw_map_free(c->known->by_number);
    tw_mem_free(c->known);
}
