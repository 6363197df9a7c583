/** Fmi: a model as a functional mock-up unit: FMI 2.0 for co-simulation, with its C source inside and no binary, so
 *  that it runs wherever a C compiler is. It holds the model and values that the caller gives, nothing of a person's
 *  records; individual parameters are personal data all the same: whoever exports them hands them on.
 *
 *  Source: Functional Mock-up Interface 2.0.3 (Modelica Association, 2021). */
#ifndef TW_FMI_H
#define TW_FMI_H

#include "sbml/sbml.h"
#include "sim/sim.h"

/** A value in place of the model's own. */
typedef struct {
    uint32_t symbol;
    double value;
} tw_fmi_value;

typedef struct {
    const char *name; /* of the FMU's model, NULL: the model's id */
    const tw_fmi_value *value;
    uint32_t n_value;
} tw_fmi_opts;

/** Appends the archive. Variables: every symbol of the model by its id, and "time": constants are parameters, what is
 *  held and neither a rule nor an event changes is an input, the rest is output. The same model gives the same bytes.
 *  fails  TW_EREFUSED what has no form in C source (algebraic rules, fast reactions, delay), by name */
TW_NODISCARD tw_status tw_fmi_write(tw_ctx *cx, tw_buf *out, const tw_sbml_model *model, const tw_fmi_opts *opts);

#endif
