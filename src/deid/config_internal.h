/** What the files of a configuration's run share: compiled rules, one pass over one document. */
#ifndef TW_DEID_CONFIG_INTERNAL_H
#define TW_DEID_CONFIG_INTERNAL_H

#include "crypto/crypto.h"
#include "deid/deid.h"
#include "fhir/fhir.h"

#define METHOD_LIST(X)                                                                                                 \
    X(REDACT, "redact")                                                                                                \
    X(KEEP, "keep")                                                                                                    \
    X(DATE_SHIFT, "dateShift")                                                                                         \
    X(HASH, "cryptoHash")                                                                                              \
    X(ENCRYPT, "encrypt")                                                                                              \
    X(SUBSTITUTE, "substitute")                                                                                        \
    X(PERTURB, "perturb")                                                                                              \
    X(GENERALIZE, "generalize")                                                                                        \
    X(UNKNOWN, "") /* a method of somebody's own program */

typedef enum {
#define X(name, text) METHOD_##name,
    METHOD_LIST(X)
#undef X
} config_method;

typedef struct {
    tw_str key; /* as it stands there, for messages */
    tw_fhirpath *when;
    tw_fhirpath *value;
} config_case;

typedef struct {
    tw_str path, method_name;
    uint32_t line;
    config_method method;
    bool whole;      /* the resource itself */
    bool any_type;   /* else `type` alone */
    uint16_t type;   /* TW_FHIR_NO_NAME when R4 has no such resource: it never acts */
    uint16_t first_type; /* the path begins with nodesByType of it; 0 */
    uint16_t first_name; /* the path begins with this child; 0 */
    tw_fhirpath *expr;
    uint32_t replace_with; /* token, substitute */
    double span;           /* perturb */
    bool proportional;
    int round_to;
    const config_case *cases; /* generalize */
    size_t case_count;
    bool redact_others;
} config_rule;

typedef enum { SCOPE_RESOURCE, SCOPE_FILE, SCOPE_FOLDER } config_scope;

/** Numbers of names and types that methods ask for. */
typedef struct {
    uint16_t t_date, t_datetime, t_instant, t_decimal, t_integer, t_positive, t_unsigned, t_age, t_address, t_reference,
        t_quantity, t_money, t_meta, t_coding, t_patient, t_bundle;
    uint16_t n_postal, n_reference, n_value, n_id, n_meta, n_security, n_system, n_code, n_display, n_full_url,
        n_resource, n_contained;
} config_names;

struct tw_config {
    tw_arena *arena;
    tw_fhir_schema *schema;
    bool compat;
    tw_json json; /* the configuration's own text, comments blanked */
    const config_rule *rule;
    size_t rule_count;
    const uint16_t *const *by_node; /* rules of a resource type, by index of node; ends with UINT16_MAX */
    tw_str shift_key, hash_key, encrypt_key;
    bool has_fixed;
    int64_t fixed_days;
    config_scope scope;
    bool partial_ages, partial_dates, partial_zips;
    bool shifts, encrypts; /* some rule does */
    bool hashes;           /* some rule does, without a key of the configuration, and not in compat */
    const tw_str *zip;
    size_t zip_count;
    bool skip_errors;
    config_names is;
    const char *warning[64];
    size_t warning_count;
};

struct tw_config_work {
    const tw_config *config;
    tw_config_sums sums;
    uint64_t *acted;   /* by rule */
    uint32_t *index;   /* of the tree, by type */
    tw_arena *scratch; /* of expressions; released after each */
    tw_doc_listener listener; /* each is NULL when nobody listens */
};

/** What was done, as labels; bits. */
typedef enum {
    DID_REDACT = 1,
    DID_ABSTRACT = 2,
    DID_HASH = 4,
    DID_ENCRYPT = 8,
    DID_PERTURB = 16,
    DID_SUBSTITUTE = 32,
    DID_GENERALIZE = 64
} config_did;

typedef struct {
    tw_ctx *cx;
    const tw_config *c;
    tw_config_work *w;
    const tw_config_opts *opts;
    tw_fhir_tree *t;
    const config_rule *rule; /* at work */
    uint32_t resource;       /* whose rules are at work */
    unsigned did;            /* of it, so far */
    const tw_str *patient;   /* by element: whose resource it is, safe form; NULL in compat */
    uint8_t shift_secret[32], encrypt_secret[32], hash_secret[32];
    bool full; /* the memory of the call is spent: the document is refused at the end */
} pass;

/** printf into the arena; "" and `full` when there is no room. */
tw_str pass_text(pass *p, const char *fmt, ...) TW_PRINTF(2, 3);

/** A rule cannot act: element, rule and reason in the message. */
#define PASS_FAIL(p, i, ...) pass_fail((p), (i), tw_fail((p)->cx, TW_EREFUSED, __VA_ARGS__))
tw_status pass_fail(pass *p, uint32_t i, tw_status s);

static inline bool pass_visited(const pass *p, uint32_t i)
{
    return p->t->e[i].flags & TW_FHIR_MARK;
}

static inline void pass_visit(pass *p, uint32_t i)
{
    p->t->e[i].flags |= TW_FHIR_MARK;
}

static inline bool pass_has_value(const pass *p, uint32_t i)
{
    return p->t->e[i].value.p && p->t->e[i].value.n;
}

/* config_method.c: one element, without those below it */
TW_NODISCARD tw_status method_redact(pass *p, uint32_t i);
TW_NODISCARD tw_status method_hash(pass *p, uint32_t i);
TW_NODISCARD tw_status method_encrypt(pass *p, uint32_t i);
TW_NODISCARD tw_status method_perturb(pass *p, uint32_t i);
/** Sets the value of a primitive to text of another making; refused when its type cannot hold it. */
TW_NODISCARD tw_status method_set(pass *p, uint32_t i, tw_str text);

/* config_date.c */
TW_NODISCARD tw_status method_shift(pass *p, uint32_t i);
/** Year alone, or nothing. */
TW_NODISCARD tw_status method_redact_date(pass *p, uint32_t i);
bool config_is_date(const pass *p, uint32_t i);
/** The compat hash: [-50, 50]. */
int config_linear_offset(tw_str prefix, tw_str key);

/* config_patient.c: whose resource each one is */
TW_NODISCARD tw_status config_patients(pass *p);
/** Keys of the safe forms. */
TW_NODISCARD tw_status config_secrets(pass *p);

/* config_replace.c */
TW_NODISCARD tw_status method_substitute(pass *p, uint32_t i);
TW_NODISCARD tw_status method_generalize(pass *p, uint32_t i);

/* config_parse.c */
/** With a schema of the caller's, which tw_config_free takes when it comes out well. */
TW_NODISCARD tw_status config_parse_with(tw_ctx *cx, tw_config **out, tw_fhir_schema *schema, tw_str text, bool compat);
void config_warn(tw_config *c, const char *fmt, ...) TW_PRINTF(2, 3);

#endif
