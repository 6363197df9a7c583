/** What the targets of whole documents share: rooms of a thread for two profiles, each without and with a text engine,
 *  and what must hold of every document that goes through one. */
#ifndef FUZZ_DOCUMENTS_H
#define FUZZ_DOCUMENTS_H

#include "support.h"

#include "deid/deid.h"

#define FUZZ_WORKS 4

/** Of profile i / 2, with text when i is odd; made at the first call. */
tw_doc_work *fuzz_work(size_t i);
/** Whether room i has a text engine. */
bool fuzz_work_has_text(size_t i);

typedef struct {
    tw_status (*deid)(tw_ctx *cx, tw_buf *out, tw_doc_work *w, tw_str document);
    void (*same_shape)(tw_ctx *cx, tw_str in, tw_str out);
    size_t path_max; /* bytes of a path in the account, less than */
} fuzz_document;

/** One input through each room. Must hold: it is refused, without a value in its message and with nothing written, or
 *  what comes out has the shape of what came in; the same input gives the same output; without a text engine no value
 *  of the corpus passes; the account names nothing of the input. */
void fuzz_through_rooms(const fuzz_document *d, tw_bytes in);

#endif
