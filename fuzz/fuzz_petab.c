/* A PEtab problem: its YAML (empty: one of ours), then its tables, a NUL between any two: parameters, conditions,
 * experiments, measurements, observables, mapping. Must hold: it is refused with a message, or evaluated within limits,
 * and the same way again. */
#include "support.h"

#include "petab/petab.h"

enum { TEXTS = 7 };

static const char model[] =
    "<sbml xmlns='http://www.sbml.org/sbml/level3/version1/core' level='3' version='1'><model><listOfCompartments>"
    "<compartment id='c' size='2' spatialDimensions='3' constant='false'/></listOfCompartments><listOfSpecies>"
    "<species id='A' compartment='c' initialConcentration='8' hasOnlySubstanceUnits='false' boundaryCondition='false' "
    "constant='false'/></listOfSpecies><listOfParameters><parameter id='k' value='1' constant='true'/>"
    "</listOfParameters><listOfRules><rateRule variable='A'><math xmlns='http://www.w3.org/1998/Math/MathML'><apply>"
    "<minus/><apply><times/><ci>k</ci><ci>A</ci></apply></apply></math></rateRule></listOfRules></model></sbml>";

static const char yaml[] =
    "format_version: 2.0.0\nparameter_files: [1]\nmodel_files: {x: {language: sbml, location: m}}\n"
    "condition_files: [2]\nexperiment_files: [3]\nmeasurement_files: [4]\n"
    "observable_files: [5]\nmapping_files: [6]\n";

/* A file is named by the place of its text; any other name is the model. */
static tw_status read_file(tw_ctx *cx, void *self, tw_str *out, tw_str name)
{
    const tw_str *text = self;
    (void)cx;
    bool table = name.n == 1 && name.p[0] > '0' && name.p[0] < '0' + TEXTS;
    *out = table ? text[name.p[0] - '0'] : tw_str_of(model);
    return TW_OK;
}

static tw_status evaluate(tw_ctx *cx, tw_petab_result *r, tw_str *text)
{
    tw_petab *p;
    tw_petab_files files = { read_file, text };
    tw_sim_run_opts opts = { .rtol = 1e-4, .steps_max = 1000, .events_max = 1000 };
    TW_TRY(tw_petab_read(cx, &p, text[0], &files));
    TW_TRY(tw_petab_evaluate(cx, r, p, NULL, &opts));
    FUZZ_CHECK(r->n_failed <= r->n_experiment);
    return TW_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_petab_result r, again;
    tw_str text[TEXTS] = { { NULL, 0 } }, rest = { (const char *)data, size };
    for (int i = 0; i < TEXTS && tw_str_split(&text[i], &rest, '\0'); i++)
        ;
    if (!text[0].n)
        text[0] = tw_str_of(yaml);
    fuzz_begin(&cx, 64 * TW_MIB);
    if (evaluate(&cx, &r, text) != TW_OK) {
        FUZZ_CHECK(cx.err.msg[0] != '\0');
    } else {
        FUZZ_CHECK(evaluate(&cx, &again, text) == TW_OK && again.n_failed == r.n_failed);
        FUZZ_CHECK(memcmp(&again.llh, &r.llh, sizeof r.llh) == 0);
    }
    tw_ctx_done(&cx);
    return 0;
}
