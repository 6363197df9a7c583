/** What the files of this room share and nobody else sees. */
#ifndef TW_MODEL_INTERNAL_H
#define TW_MODEL_INTERNAL_H

#include "model/model.h"

/** Bytes of a finished buffer into the arena; the buffer is done afterwards. fails TW_ELIMIT. */
TW_NODISCARD tw_status tw_model_take(tw_ctx *cx, tw_bytes *out, tw_buf *b, const char *what);

/** The facts of a purpose, in the order of their fields in policy.proto. */
#define TW_PURPOSE_FACTS(X)                                                                        \
    X(commercial) X(genetic) X(ethics_approval) X(will_publish) X(returns_results)                 \
    X(collaborates) X(methods) X(ancestry) X(vulnerable_population) X(stigmatising)                \
    X(law_enforcement) X(insurance_or_employment)

/** Ranges, limits and relations of a policy and of a purpose (docs/formats/policy.md). fails TW_EPARSE. */
TW_NODISCARD tw_status tw_policy_check(tw_ctx *cx, const tw_policy *p);
TW_NODISCARD tw_status tw_purpose_check(tw_ctx *cx, const tw_purpose *p);

/** "GRU", "HMB" ...; the name of a modifier. */
const char *tw_permission_name(tw_duo_permission p);
const char *tw_modifier_name(unsigned modifier);
const char *tw_purpose_name(tw_purpose_type t);

#define TW_TIME_MAX 253402300799u /* 9999-12-31T23:59:59Z, the last time that a date can name */
#define TW_TEXT_MAX 200           /* bytes of one item of a list, of a name */
#define TW_RESEARCH_MAX 1000      /* bytes of the free text of RS */

/** As tw_policy_from_json and tw_purpose_from_json. `foreign`: other people's case files, where categories are called
 *  laboratory and genomic and a purpose also holds `category` and `date` (returned as tokens). */
TW_NODISCARD tw_status tw_policy_read_json(tw_ctx *cx, tw_policy *out, const tw_json *d, uint32_t obj, bool foreign);
TW_NODISCARD tw_status tw_purpose_read_json(tw_ctx *cx, tw_purpose *out, const tw_json *d, uint32_t obj, bool foreign);
bool tw_category_parse_foreign(tw_category *out, tw_str name);

/** Fields of signed objects. */
void tw_model_id(tw_buf *out, const tw_id *id);
void tw_model_read_id(tw_id *out, tw_rd *in);

#endif
