/** Small models for tests of estimation. */
#ifndef TW_ESTIMATE_TEST_DATA_H
#define TW_ESTIMATE_TEST_DATA_H

#include "estimate/estimate.h"
#include "test_near.h"

#define MATH(x) "<math xmlns='http://www.w3.org/1998/Math/MathML'>" x "</math>"
#define MODEL(parameters, rest)                                                                                        \
    "<?xml version='1.0' encoding='UTF-8'?><sbml xmlns='http://www.sbml.org/sbml/level3/version2/core' level='3' "     \
    "version='2'><model id='m'><listOfParameters>" parameters "</listOfParameters>" rest "</model></sbml>"
#define CONSTANT(id, value) "<parameter id='" id "' value='" value "' constant='true'/>"
#define VARIABLE(id, value) "<parameter id='" id "' value='" value "' constant='false'/>"
#define RATE(id, math) "<listOfRules><rateRule variable='" id "'>" MATH(math) "</rateRule></listOfRules>"
#define FIRST(id, math)                                                                                                \
    "<listOfInitialAssignments><initialAssignment symbol='" id "'>" MATH(math) "</initialAssignment>"                  \
    "</listOfInitialAssignments>"

/** y' = -k y, y(0) = y0 */
#define DECAY                                                                                                          \
    MODEL(CONSTANT("k", "0.3") CONSTANT("y0", "8") VARIABLE("y", "0"),                                                 \
          FIRST("y", "<ci>y0</ci>") RATE("y", "<apply><minus/><apply><times/><ci>k</ci><ci>y</ci></apply></apply>"))
/** y = a + b t */
#define LINE                                                                                                           \
    MODEL(CONSTANT("a", "1") CONSTANT("b", "2") VARIABLE("y", "0"),                                                    \
          FIRST("y", "<ci>a</ci>") RATE("y", "<ci>b</ci>"))
/** y' = a b: their product alone is seen */
#define PRODUCT                                                                                                        \
    MODEL(CONSTANT("a", "1") CONSTANT("b", "2") VARIABLE("y", "0"),                                                    \
          RATE("y", "<apply><times/><ci>a</ci><ci>b</ci></apply>"))

/** A model with all that points into it, in the arena. ids: of the parameters, then of what is seen. */
static TW_UNUSED tw_estimate_model *model_of(tw_str sbml, const tw_estimate_par *par, size_t dim,
                                             const tw_estimate_observable *seen, uint32_t n_seen)
{
    const tw_sbml_model *m;
    tw_estimate_model *e = tw_new(cx->arena, tw_estimate_model);
    uint32_t *symbol = tw_try_array(cx->arena, uint32_t, dim + 1);
    tw_sim_output *o = tw_try_array(cx->arena, tw_sim_output, n_seen);
    assert_ok(tw_sbml_read(cx, &m, sbml, NULL));
    for (size_t k = 0; k < dim; k++)
        symbol[k] = tw_sbml_find(m, tw_str_of(par[k].name));
    for (uint32_t k = 0; k < n_seen; k++)
        o[k] = (tw_sim_output){ .kind = TW_SIM_VALUE, .symbol = tw_sbml_find(m, tw_str_of(seen[k].name)) };
    *e = (tw_estimate_model){ .par = par, .symbol = symbol, .dim = dim, .observable = seen, .n_observable = n_seen };
    tw_sim_opts opts = { .output = o, .n_output = n_seen, .input = symbol, .n_input = (uint32_t)dim };
    assert_ok(tw_sim_compile(cx, &e->program, m, &opts));
    return e;
}

static TW_UNUSED uint32_t symbol_of(tw_str sbml, const char *id)
{
    const tw_sbml_model *m;
    assert_ok(tw_sbml_read(cx, &m, sbml, NULL));
    return tw_sbml_find(m, tw_str_of(id));
}

#endif
