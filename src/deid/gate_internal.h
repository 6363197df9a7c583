/** State of one pass through the gate, shared by gate.c (entry, resources, tags), walk.c (structure) and leaf.c
 * (values). */
#ifndef TW_DEID_GATE_INTERNAL_H
#define TW_DEID_GATE_INTERNAL_H

#include "deid/doc_internal.h"

#define ENCOUNTERS_MAX 64

typedef struct {
    tw_ctx *cx;
    const tw_gate_opts *opts;
    const tw_profile *p;
    const tw_refbook *refs;
    tw_account *account;
    const tw_json *d;
    tw_buf *out;
    uint32_t root; /* token of the resource */
    tw_str root_type;
    tw_str root_id; /* id of the resource, else its business id */
    tw_str self;    /* id of the Patient resource */
    tw_category category;
    uint32_t object; /* token of the object whose members are being written */
    bool nested;     /* inside a contained resource */
    unsigned depth;  /* objects around it */
    bool age_observation;
    bool shifted, yeared, capped; /* what was done to times and ages */
    bool worded;                  /* free text stayed */
    char encounter[ENCOUNTERS_MAX][TW_ID_HEX + 1];
    size_t encounter_count;
    const char *refusal; /* constant text; the pass ends */
    tw_doc_work *text;   /* NULL: free text goes */
    doc_known *known;
    doc_person person;
    struct doc_pass *doc; /* of a whole document; NULL in the gate */
} gate;

/** Free text of a record of the gate, as its opts say. */
void gate_text_open(gate *g);
/** Free text, attachments, identifiers (doc_values.c); each as below. */
bool gate_scrub(gate *g, const tw_r4_member *m, uint32_t i);
bool gate_attachment(gate *g, const tw_r4_member *m, uint32_t i);
bool gate_identifier(gate *g, const tw_r4_member *m, uint32_t i);
bool gate_uid(gate *g, const tw_r4_member *m, uint32_t i);
/** ,"display":"..." of a coding that passes, or nothing. */
bool gate_display(gate *g, uint32_t display, tw_str system, tw_str code);
/** The sibling `_name` of a primitive member: its listed extensions. `m`: the member `name`. */
bool gate_sibling(gate *g, const tw_r4_member *m, uint32_t obj, uint32_t i, bool any);

/** Whole documents (doc_fhir.c, doc_refs.c): what is different there. */
bool doc_reference(gate *g, const tw_r4_member *m, uint32_t i);
bool doc_link(gate *g, const tw_r4_member *m, uint32_t i);
bool doc_resource(gate *g, const tw_r4_member *m, uint32_t i);
/** gate_value and removals with a path, told to the listener (doc_tell.c). */
bool doc_tell_value(gate *g, const tw_r4_member *m, uint32_t i);
void doc_tell_removed(gate *g, tw_str rule, uint32_t i);
void doc_tell_id(gate *g, const tw_r4_member *m, uint32_t i, const char *id); /* the id of a resource */

/** Each writes one value and returns true, or writes nothing and returns false; both are in the account. */
bool gate_value(gate *g, const tw_r4_member *m, uint32_t i);
bool gate_leaf(gate *g, const tw_r4_member *m, uint32_t i);
bool gate_reference(gate *g, const tw_r4_member *m, uint32_t i);
bool gate_coding(gate *g, const tw_r4_member *m, uint32_t i);
bool gate_quantity(gate *g, const tw_r4_member *m, uint32_t i);
bool gate_extension(gate *g, const tw_r4_member *m, uint32_t i, tw_str parent_url);
bool gate_contained(gate *g, const tw_r4_member *m, uint32_t i);

/** Members of the object at `obj` that pass, parted by commas; `*any`: something stands before. false: the object must
 * go. */
bool gate_members(gate *g, const tw_r4_node *node, uint32_t obj, bool *any);
/** A whole resource; `id` is already keyed. */
bool gate_resource(gate *g, const tw_r4_node *node, uint32_t obj, const char *id);
/** The contained resource that "#name" means, when it may pass; TW_JSON_NONE. */
uint32_t gate_contained_find(gate *g, tw_str name);
bool gate_contained_passes(gate *g, uint32_t i, tw_str *type, tw_str *name);
void gate_contained_id(gate *g, char out[TW_ID_HEX + 1], tw_str name);
/** Counts the members of an object that a leaf did not write as removed. */
void gate_account_rest(gate *g, const tw_r4_node *node, uint32_t obj, const tw_str *written, size_t n);
/** Values of the members `name` of an object, TW_JSON_NONE for those that are not there. false: no object, or a name
 *  that is written with escapes (none of R4's is). */
bool gate_pick(const gate *g, uint32_t obj, const tw_str *name, uint32_t *at, size_t n);

/** gate_value without telling. */
bool gate_untold(gate *g, const tw_r4_member *m, uint32_t i);
/** An observation whose code the profile lists as one of ages. */
bool gate_measures_age(gate *g);

/** Decoded text of a short string (512 bytes), else empty. */
tw_str gate_text(gate *g, uint32_t i);
/** Text of member `name`. */
tw_str gate_member_text(gate *g, uint32_t obj, const char *name);

static inline void put(gate *g, const void *p, size_t n)
{
    tw_buf *b = g->out;
    if (!b->failed && b->cap - b->n >= n) {
        memcpy(b->p + b->n, p, n);
        b->n += n;
    } else {
        tw_buf_add(b, p, n);
    }
}

static inline void put_str(gate *g, tw_str s)
{
    put(g, s.p, s.n);
}

#define PUT_LIT(g, lit) put((g), (lit), sizeof(lit) - 1)

/** s needs no escape: all that pass have such forms. */
static inline void put_quoted(gate *g, tw_str s)
{
    PUT_LIT(g, "\"");
    put_str(g, s);
    PUT_LIT(g, "\"");
}

static inline void roll_back(gate *g, size_t mark)
{
    if (!g->out->failed)
        g->out->n = mark;
}

#endif
