/** Private to release and open: what a grantee holds of a release. */
#ifndef TW_RELEASE_INTERNAL_H
#define TW_RELEASE_INTERNAL_H

#include "app_internal.h"

#define TW_BODIES_MAX (2048 * TW_MIB)
#define TW_LEAVES_A_REQUEST 1024
#define TW_LEAF_FILE_MAX ((size_t)1 << 30)

/** A leaf with what is behind it. `body` empty: only its compartment is known (an attempt to be refused). */
typedef struct {
    uint8_t tag[32];
    uint8_t leaf[TW_RELEASE_LEAF];
    tw_id comp;
    tw_bytes body;
    tw_answer_kind kind;
    uint8_t x[TW_POINT];
    const tw_found_capsule *capsule;
    size_t capsule_count;
} tw_leaf_item;

typedef struct {
    tw_id id;
    tw_id project;
    tw_leaf_item *item; /* order of the leaf file */
    size_t count;
} tw_leaf_list;

/** What keepers offer this project under release id l->id, and guesses for opts->also; sorted by tag. */
tw_status tw_candidates(tw_ctx *cx, tw_leaf_list *l, uint64_t *candidates, tw_site *s, const tw_party *grantee,
                        const tw_capsules *capsules, const tw_release_opts *o);

/** Root of whole leaves, whatever their order: an unsorted file can be announced, and is refused by keepers. */
void tw_release_raw_root(tw_ctx *cx, uint8_t root[32], tw_bytes leaves);

/** Fields of an answer request for items [first, first + count). */
tw_status tw_answer_fields(tw_ctx *cx, tw_bytes *out, const tw_leaf_list *l, size_t first, size_t count);

/** bodies file: project 32, count u32, then per leaf comp 32, kind u8, X 32, body var. */
tw_status tw_bodies_write(tw_ctx *cx, const char *path, const tw_leaf_list *l);
tw_status tw_bodies_read(tw_ctx *cx, tw_leaf_list *out, const char *path);

#endif
