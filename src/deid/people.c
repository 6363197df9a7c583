/* Whom the documents of a source speak of, for free text in records of the gate: gathered when the first text of a
 * document is met, because most have none. */
#include "deid/doc_internal.h"

struct tw_people {
    doc_known known;
    const tw_json *doc;
    tw_bytes facts;
    bool gathered;
};

tw_people *tw_people_new(void)
{
    tw_people *p = tw_mem_alloc(sizeof *p);
    TW_ASSERT(p != NULL);
    *p = (tw_people){ .doc = NULL };
    doc_known_init(&p->known);
    return p;
}

void tw_people_free(tw_people *p)
{
    if (!p)
        return;
    doc_known_done(&p->known);
    tw_wipe(p, sizeof *p);
    tw_mem_free(p);
}

void tw_people_set(tw_people *p, const tw_json *doc, tw_bytes facts)
{
    doc_known_reset(&p->known);
    p->doc = doc;
    p->facts = facts;
    p->gathered = false;
}

tw_status tw_people_facts(tw_ctx *cx, tw_buf *out, const tw_json *doc, uint32_t resource)
{
    doc_known known;
    doc_known_init(&known);
    tw_status s = doc_gather_from(cx, &known, doc, resource);
    if (s == TW_OK && known.n)
        tw_buf_add(out, known.facts.p, known.facts.n);
    doc_known_done(&known);
    return s;
}

static tw_status gather(tw_ctx *cx, tw_people *p)
{
    if (p->doc)
        TW_TRY(doc_gather_from(cx, &p->known, p->doc, 0));
    return doc_known_add_facts(cx, &p->known, p->facts);
}

tw_status people_known(tw_ctx *cx, doc_known **out, tw_doc_work *w, tw_people *p)
{
    *out = NULL;
    if (!p->gathered) {
        doc_cache_person(w); /* what was remembered of a person is of another document's */
        TW_TRY(gather(cx, p));
        p->gathered = true;
    }
    *out = p->known.n ? &p->known : NULL;
    return TW_OK;
}
