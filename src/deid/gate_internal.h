/** State of one pass through the gate, shared by gate.c (entry, resources, tags), walk.c (structure) and leaf.c
 * (values). */
#ifndef TW_DEID_GATE_INTERNAL_H
#define TW_DEID_GATE_INTERNAL_H

#include "deid/deid_internal.h"

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
    char encounter[ENCOUNTERS_MAX][TW_ID_HEX + 1];
    size_t encounter_count;
    const char *refusal; /* constant text; the pass ends */
} gate;

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
void gate_account_rest(gate *g, const tw_r4_node *node, uint32_t obj, const char *const *written, size_t n);

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
