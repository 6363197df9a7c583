/** Inside of tw_deid_ccda: the rules, compiled. */
#ifndef TW_DEID_CCDA_INTERNAL_H
#define TW_DEID_CCDA_INTERNAL_H

#include "deid/doc_internal.h"

#define CCDA_ACT_LIST(X)                                                                                               \
    X(REMOVE, "remove")                                                                                                \
    X(DESCEND, "descend")                                                                                              \
    X(MASK, "mask")                                                                                                    \
    X(ID, "id")                                                                                                        \
    X(CODE, "code")                                                                                                    \
    X(TIME, "time")                                                                                                    \
    X(BIRTH, "birth")                                                                                                  \
    X(INTERVAL, "interval")                                                                                            \
    X(QUANTITY, "quantity")                                                                                            \
    X(VALUE, "value")                                                                                                  \
    X(INHERIT, "inherit")                                                                                              \
    X(TEXT, "text")                                                                                                    \
    X(NARRATIVE, "narrative")                                                                                          \
    X(TEMPLATE, "template")
typedef enum {
#define X(name, text) CCDA_##name,
    CCDA_ACT_LIST(X)
#undef X
} ccda_act;

typedef struct {
    ccda_act act;
    tw_str label;
} ccda_rule;

typedef struct {
    tw_str url, name;
} ccda_system;

typedef struct ccda_rules {
    tw_arena *arena;
    tw_map *element;   /* "NAME" or "PARENT/NAME" -> ccda_rule */
    tw_map *named;     /* last parts of those */
    tw_map *attribute; /* "NAME word" or "ELEMENT.NAME word" */
    tw_map *listed;    /* "NAME" or "ELEMENT.NAME": has words of its own */
    tw_map *system;    /* OID -> ccda_system */
    tw_str root[32];
    size_t roots;
} ccda_rules;

/** The rules compiled in; they are part of the program: a bad line aborts. */
ccda_rules *ccda_rules_new(void);
/** Never NULL: what no line names is removed. */
const ccda_rule *ccda_rule_of(const ccda_rules *r, tw_str parent, tw_str name);
/** Some line speaks of elements of this name. */
bool ccda_is_named(const ccda_rules *r, tw_str name);
/** Whether an attribute may hold a word. */
bool ccda_word(const ccda_rules *r, tw_str element, tw_str attribute, tw_str word);
bool ccda_is_template(const ccda_rules *r, tw_str oid);

#endif
