/** Private to src/sedml. */
#ifndef TW_SEDML_INTERNAL_H
#define TW_SEDML_INTERNAL_H

#include "format/format.h"
#include "sedml/sedml.h"

/** A number that a data generator declares. */
typedef struct {
    const char *id;
    double value;
} tw_sedml_parameter;

/** What a formula's names mean: symbol i is name[i]. */
typedef struct {
    const tw_str *name;
    size_t n;
} tw_sedml_names;

/** A formula of presentation-free MathML: the `math` element of a document.
 *  fails TW_EPARSE with line and column; TW_EREFUSED names the element that is not supported */
TW_NODISCARD tw_status tw_sedml_math(tw_ctx *cx, const tw_math **out, const tw_xml *d, uint32_t math,
                                     const tw_sedml_names *names);

/** Refuses with the place of an element. */
tw_status tw_sedml_fail(tw_ctx *cx, tw_status code, const tw_xml *d, uint32_t elem, const char *rule);

#endif
