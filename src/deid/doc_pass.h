/** State of one document of FHIR on its way through the gate's walk: whose records are in it, where its references
 *  lead. */
#ifndef TW_DEID_DOC_PASS_H
#define TW_DEID_DOC_PASS_H

#include "deid/gate_internal.h"

typedef struct doc_pass {
    gate g;
    tw_doc_work *w;
    tw_gate_opts opts; /* of the resource that is being walked */
    tw_map *by_uuid;   /* fullUrl's UUID -> ref_target, where the resource has another id; NULL: nowhere */
    tw_str patient;    /* id of the only Patient of a Bundle; "" when there are none or several */
    tw_str full_url;   /* of the entry that is being walked */
    uint32_t top;      /* token of the outermost resource */
    bool gathered;
} doc_pass;

/** Type and id that a reference or URL of a record names: [base/]Type/id[/_history/v], urn:uuid:. false: neither. */
bool doc_target(ref_target *out, const doc_pass *p, tw_str ref);
/** Fills p->w->known from the whole document (doc_gather.c). fails TW_ELIMIT */
TW_NODISCARD tw_status doc_gather(doc_pass *p);

/** A line break after the first bracket: somebody's eyes read it. */
bool doc_is_indented(tw_str document);
/** The JSON in `out` from byte `from` on, with two blanks a level. */
TW_NODISCARD tw_status doc_indent(tw_ctx *cx, tw_buf *out, tw_doc_work *w, size_t from);

#endif
