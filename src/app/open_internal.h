/** Private to open: answers by leaf, day secrets by capsule. */
#ifndef TW_OPEN_INTERNAL_H
#define TW_OPEN_INTERNAL_H

#include "release_internal.h"

/** Who answered a leaf: share index and fragments (per capsule F1, and F2 when directed). */
typedef struct {
    uint8_t x[TW_SHARES_MAX];
    const uint8_t *fragments[TW_SHARES_MAX];
    size_t count;
} tw_leaf_answers;

typedef struct {
    tw_leaf_list list;
    tw_release_body *body; /* a leaf */
    tw_leaf_answers *leaf;
} tw_answer_set;

/** Leaves and bodies of a release folder. */
tw_status tw_answer_set_load(tw_ctx *cx, tw_answer_set *set, const char *dir, const tw_id *release);
/** Sheets (checked) and their fragments. */
tw_status tw_answers_read(tw_ctx *cx, tw_answer_set *set, const tw_site *s, const char *dir,
                          const tw_project_keys *keys);

/** Rewrites a record's ids for a project: person, self and every id become HMACs under the project key, so that ids
 * differ between projects. out: the line without LF. *person: 32 hex digits, in the arena. */
tw_status tw_pseudonymise(tw_ctx *cx, tw_buf *out, tw_str *person, tw_str line, const uint8_t project_key[32]);

/** Where opened records go: one NDJSON file a FHIR type. */
typedef struct tw_data_writer tw_data_writer;
tw_status tw_data_writer_new(tw_ctx *cx, tw_data_writer **out, const char *dir);
tw_status tw_data_writer_add(tw_ctx *cx, tw_data_writer *w, tw_str type, tw_bytes line);
/** Writes the files and manifest.json; hash of the manifest. */
tw_status tw_data_writer_end(tw_ctx *cx, uint8_t manifest_hash[32], tw_data_writer *w, const tw_id *release,
                             uint64_t log_index, uint64_t persons);
void tw_data_writer_free(tw_data_writer *w);

#endif
