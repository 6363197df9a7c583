/* Small problems with known answers: A decays at rate k into B. */
#include <math.h>

#include "petab/petab_internal.h"
#include "test_near.h"

#define PI 3.14159265358979323846

static const char model[] =
    "<sbml xmlns='http://www.sbml.org/sbml/level3/version1/core' level='3' version='1'><model><listOfCompartments>"
    "<compartment id='c' size='1' spatialDimensions='3' constant='true'/></listOfCompartments><listOfSpecies>"
    "<species id='A' compartment='c' initialConcentration='8' hasOnlySubstanceUnits='false' boundaryCondition='false' "
    "constant='false'/><species id='B' compartment='c' initialConcentration='0' hasOnlySubstanceUnits='false' "
    "boundaryCondition='false' constant='false'/></listOfSpecies><listOfParameters><parameter id='k' value='9' "
    "constant='true'/></listOfParameters><listOfReactions><reaction id='r' reversible='false' fast='false'>"
    "<listOfReactants><speciesReference species='A' stoichiometry='1' constant='true'/></listOfReactants>"
    "<listOfProducts><speciesReference species='B' stoichiometry='1' constant='true'/></listOfProducts><kineticLaw>"
    "<math xmlns='http://www.w3.org/1998/Math/MathML'><apply><times/><ci>k</ci><ci>A</ci></apply></math></kineticLaw>"
    "</reaction></listOfReactions></model></sbml>";

static const char yaml_1[] =
    "format_version: 1\nparameter_file: p\nproblems:\n- sbml_files: [m]\n  condition_files: [c]\n"
    "  measurement_files: [d]\n  observable_files: [o]\n";
static const char yaml_2[] = "format_version: 2.0.0\nparameter_files: [p]\nmodel_files:\n  x:\n    language: sbml\n"
                             "    location: m\ncondition_files: [c]\nexperiment_files: [e]\nmeasurement_files: [d]\n"
                             "observable_files: [o]\n";

/* One text a file, named by a letter. */
typedef struct {
    const char *p, *c, *e, *d, *o;
} texts;

static tw_status read_file(tw_ctx *c, void *self, tw_str *out, tw_str name)
{
    const texts *t = self;
    const char *text = name.p[0] == 'm'   ? model
                       : name.p[0] == 'p' ? t->p
                       : name.p[0] == 'c' ? t->c
                       : name.p[0] == 'e' ? t->e
                       : name.p[0] == 'd' ? t->d
                                          : t->o;
    *out = tw_str_of(text);
    return text ? TW_OK : tw_fail(c, TW_ENOTFOUND, "no file");
}

static tw_status read_problem(tw_petab **p, const char *yaml, texts *t)
{
    tw_petab_files files = { read_file, t };
    tw_err_clear(cx);
    return tw_petab_read(cx, p, tw_str_of(yaml), &files);
}

static tw_petab_result evaluate(const char *yaml, texts *t, const double *parameter)
{
    tw_petab *p;
    tw_petab_result r;
    assert_ok(read_problem(&p, yaml, t));
    assert_ok(tw_petab_evaluate(cx, &r, p, parameter, NULL));
    return r;
}

#define PARAMETERS_1 "parameterId\tparameterScale\tlowerBound\tupperBound\tnominalValue\testimate\n"
#define OBSERVABLES "observableId\tobservableFormula\tnoiseFormula\tnoiseDistribution\n"

TEST(version_1__sets_conditions_before_the_start)
{
    texts t = { .p = PARAMETERS_1 "k\tlog10\t0.01\t10\t0.5\t1\nscale\tlin\t0\t10\t3\t0\n",
                .c = "conditionId\tconditionName\tA\nlow\t\t2\nhigh\tmore\t4\n",
                .d = "observableId\tsimulationConditionId\ttime\tmeasurement\tnoiseParameters\n"
                     "y\tlow\t1\t3\t0.5\ny\thigh\t2\t4\tscale\n",
                .o = OBSERVABLES "y\tscale * A\tnoiseParameter1_y\t\n" };
    tw_petab_result r = evaluate(yaml_1, &t, NULL);
    double a = 6 * exp(-0.5), b = 12 * exp(-1);
    assert_near(r.simulation[0], a, 1e-6);
    assert_near(r.simulation[1], b, 1e-6);
    assert_near(r.noise[0], 0.5, 0);
    assert_near(r.noise[1], 3, 0);
    assert_near(r.chi2, pow((3 - a) / 0.5, 2) + pow((4 - b) / 3, 2), 1e-6);
    assert_near(r.llh, -0.5 * r.chi2 - log(2 * PI) - log(0.5 * 3), 1e-9);
    assert_int_equal(2, r.n_experiment);
    r = evaluate(yaml_1, &t, (double[]){ 1, 1 });
    assert_near(r.simulation[0], 2 * exp(-1), 1e-6);
}

TEST(version_1__goes_on_from_a_steady_state)
{
    texts t = { .p = PARAMETERS_1 "k\tlin\t0\t10\t0.5\t1\n",
                .c = "conditionId\tA\tB\nbefore\t2\t1\nafter\t4\tNaN\n",
                .d = "observableId\tpreequilibrationConditionId\tsimulationConditionId\ttime\tmeasurement\n"
                     "y\tbefore\tafter\t0\t3\ny\tbefore\tafter\t2\t4\nz\tbefore\tafter\tinf\t7\n",
                .o = OBSERVABLES "y\tB\t1\t\nz\tA + B\t0.1 * z\t\n" };
    tw_petab_result r = evaluate(yaml_1, &t, NULL);
    assert_near(r.simulation[0], 3, 1e-6); /* all of A and B is in B */
    assert_near(r.simulation[1], 3 + 4 * (1 - exp(-1)), 1e-6);
    assert_near(r.simulation[2], 7, 1e-6);
    assert_near(r.noise[2], 0.7, 1e-6);
}

TEST(version_2__changes_the_state_at_the_times_of_periods)
{
    texts t = { .p = "parameterId\tlowerBound\tupperBound\tnominalValue\testimate\nk\t0\t10\t0.5\ttrue\n",
                .c = "conditionId\ttargetId\ttargetValue\nadd\tA\tA + B\nadd\tB\t1\nfull\tA\t5\n",
                .e = "experimentId\ttime\tconditionId\nx\t2\tadd\nx\t0\tfull\n",
                .d = "observableId\texperimentId\ttime\tmeasurement\ny\tx\t1\t3\ny\tx\t2\t3\ny\tx\t3\t3\nz\tx\t2\t0\n",
                .o = OBSERVABLES "y\tA\t1\t\nz\tB + time\t1\t\n" };
    tw_petab_result r = evaluate(yaml_2, &t, NULL);
    assert_near(r.simulation[0], 5 * exp(-0.5), 1e-6);
    assert_near(r.simulation[1], 5, 1e-6); /* what had become B is A again */
    assert_near(r.simulation[2], 5 * exp(-0.5), 1e-6);
    assert_near(r.simulation[3], 3, 1e-9);
    assert_near(r.log_prior, -log(10), 1e-12);
}

TEST(noise__may_be_laplace_and_on_a_log_scale)
{
    texts t = { .p = PARAMETERS_1 "k\tlin\t0\t10\t0\t1\n",
                .c = "conditionId\nx\n",
                .d = "observableId\tsimulationConditionId\ttime\tmeasurement\n"
                     "l\tx\t1\t6\n",
                .o = OBSERVABLES "l\tA\t0.5\tlaplace\n" };
    assert_near(evaluate(yaml_1, &t, NULL).llh, -log(2 * 0.5) - 2 / 0.5, 1e-9);
    t.o = OBSERVABLES "l\tA\t0.5\tlog-normal\n";
    double z = (log(6) - log(8)) / 0.5;
    assert_near(evaluate(yaml_1, &t, NULL).llh, -0.5 * z * z - 0.5 * log(2 * PI) - log(0.5) - log(6), 1e-9);
    t.o = "observableId\tobservableFormula\tnoiseFormula\tobservableTransformation\nl\tA\t0.5\tlog10\n";
    z /= log(10);
    assert_near(evaluate(yaml_1, &t, NULL).llh, -0.5 * z * z - 0.5 * log(2 * PI) - log(0.5) - log(6) - log(log(10)),
                1e-9);
}

TEST(read__says_what_is_wrong)
{
    static const char good_p[] = PARAMETERS_1 "k\tlin\t0\t10\t0.5\t1\n";
    static const char good_d[] = "observableId\tsimulationConditionId\ttime\tmeasurement\ny\tx\t1\t6\n";
    static const char good_o[] = OBSERVABLES "y\tA\t0.5\t\n";
    static const char good_c[] = "conditionId\nx\n";
    struct {
        texts t;
        const char *says;
    } rows[] = {
        { { good_p, good_c, NULL, good_d, OBSERVABLES "y\tA + Q\t1\t\n" }, "column 5: the name \"Q\" is unknown" },
        { { good_p, good_c, NULL, good_d, OBSERVABLES "q\tA\t1\t\n" }, "not in the observable table" },
        { { good_p, "conditionId\nz\n", NULL, good_d, good_o }, "condition \"x\" is not in the condition table" },
        { { good_p, good_c, NULL, good_d, OBSERVABLES "y\tA\t1\tweird\n" }, "noise \"weird\" is not supported" },
        { { good_p, good_c, NULL, good_d, OBSERVABLES "y\ty\t1\t\n" }, "\"y\" is unknown" },
        { { PARAMETERS_1 "k\todd\t0\t1\t1\t1\n", good_c, NULL, good_d, good_o }, "row 2: the scale \"odd\"" },
        { { PARAMETERS_1 "k\tlin\t\t\t\t0\n", good_c, NULL, good_d, good_o }, "no nominalValue" },
        { { good_p, good_c, NULL, "observableId\tsimulationConditionId\ttime\tmeasurement\ny\tx\tsoon\t6\n", good_o },
          "measurement table, row 2" },
    };
    tw_petab *p;
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        assert_true(read_problem(&p, yaml_1, &rows[i].t) != TW_OK);
        if (!strstr(cx->err.msg, rows[i].says))
            fail_msg("\"%s\" does not say \"%s\"", cx->err.msg, rows[i].says);
    }
    assert_status(TW_EREFUSED, read_problem(&p, "format_version: 3\n", &rows[0].t));
    assert_status(TW_EREFUSED, read_problem(&p, "a: &x 1\nb: *x\n", &rows[0].t));
    assert_status(TW_EPARSE, read_problem(&p, "a: [1\n", &rows[0].t));
}

/* ---------------------------------------------------------------- priors */

/* The densities that bounds cut off add up to one. */
TEST(prior__has_probability_one_between_its_bounds)
{
    static const struct {
        tw_petab_law law;
        double a, b;
    } laws[] = { { TW_PETAB_UNIFORM, 1, 8 },    { TW_PETAB_NORMAL, 4, 2 },      { TW_PETAB_LAPLACE, 3, 5 },
                 { TW_PETAB_LOG_NORMAL, 1, 2 }, { TW_PETAB_LOG_LAPLACE, 1, 2 }, { TW_PETAB_LOG_UNIFORM, 1, 5 },
                 { TW_PETAB_CAUCHY, 3, 5 },     { TW_PETAB_CHISQUARE, 4, 0 },   { TW_PETAB_EXPONENTIAL, 3, 0 },
                 { TW_PETAB_GAMMA, 3, 5 },      { TW_PETAB_GAMMA, 20, 0.2 },    { TW_PETAB_RAYLEIGH, 3, 0 } };
    for (size_t i = 0; i < TW_COUNT(laws); i++) {
        tw_petab_parameter p = { .lower = 0.5, .upper = 9, .estimate = true };
        p.prior = (tw_petab_prior){ .law = laws[i].law, .a = laws[i].a, .b = laws[i].b };
        tw_petab_truncate(&p);
        double sum = 0, step = (p.upper - p.lower) / 200000;
        for (int k = 0; k < 200000; k++)
            sum += exp(tw_petab_log_prior(&p, p.lower + (k + 0.5) * step)) * step;
        assert_near(sum, 1, 1e-4); /* densities that jump */
        assert_true(isinf(tw_petab_log_prior(&p, 9.1)));
    }
}

TEST(prior__of_version_1_may_be_on_the_parameter_s_scale)
{
    tw_petab_parameter p = { .scale = TW_PETAB_LOG10, .prior = { TW_PETAB_NORMAL, 1, 2, true, false, 0 } };
    assert_near(tw_petab_log_prior(&p, 100), -0.125 - log(2) - 0.5 * log(2 * PI), 1e-12);
    assert_near(tw_petab_unscaled(TW_PETAB_LOG10, tw_petab_scaled(TW_PETAB_LOG10, 7)), 7, 1e-12);
}

/* ---------------------------------------------------------------- many at once */

TEST(many__are_to_the_bit_what_each_is_alone)
{
    texts t = { .p = "parameterId\tlowerBound\tupperBound\tnominalValue\testimate\nk\t0\t10\t0.5\ttrue\n",
                .c = "conditionId\ttargetId\ttargetValue\nadd\tA\tA + B * k\nfull\tA\t5 * k\n",
                .e = "experimentId\ttime\tconditionId\nx\t2\tadd\nx\t-inf\t\nx\t0\tfull\n",
                .d = "observableId\texperimentId\ttime\tmeasurement\ny\tx\t1\t3\ny\tx\t2\t3\ny\tx\t3\t3\n",
                .o = OBSERVABLES "y\tA\tk\t\n" };
    enum { N = 19 };
    double k[N];
    tw_petab_result many[N], alone;
    tw_petab *p;
    assert_ok(read_problem(&p, yaml_2, &t));
    for (int i = 0; i < N; i++)
        k[i] = 0.1 + 0.2 * i;
    assert_ok(tw_petab_evaluate_many(cx, many, p, k, N, NULL));
    for (int i = 0; i < N; i++) {
        assert_ok(tw_petab_evaluate(cx, &alone, p, &k[i], NULL));
        assert_int_equal(0, alone.n_failed);
        assert_memory_equal(alone.simulation, many[i].simulation, 3 * sizeof(double));
        assert_memory_equal(&alone.llh, &many[i].llh, sizeof(double));
        assert_near(alone.simulation[0], 5 * k[i] * exp(-k[i]), 1e-6);
    }
}
