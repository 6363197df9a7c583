#include <math.h>

#include "sbml/sbml.h"
#include "test_near.h"

/* ---------------------------------------------------------------- small models */

#define MATH(inner) "<math xmlns='http://www.w3.org/1998/Math/MathML'>" inner "</math>"
#define TIME_SYMBOL "<csymbol encoding='text' definitionURL='http://www.sbml.org/sbml/symbols/time'>t</csymbol>"
#define PARAMETER(id, value) "<parameter id='" id "' value='" value "' constant='false'/>"

static tw_str l3(const char *inner)
{
    return tw_strf(
        cx->arena,
        "<?xml version='1.0' encoding='UTF-8'?>\n<sbml xmlns='http://www.sbml.org/sbml/level3/version2/core' "
        "level='3' version='2'><model>%s</model></sbml>",
        inner);
}

static const tw_sbml_model *read_ok(tw_str text)
{
    const tw_sbml_model *m;
    assert_ok(tw_sbml_read(cx, &m, text, NULL));
    return m;
}

static void read_fails(tw_status want, const char *says, tw_str text)
{
    const tw_sbml_model *m;
    tw_err_clear(cx);
    assert_status(want, tw_sbml_read(cx, &m, text, NULL));
    if (!strstr(cx->err.msg, says))
        fail_msg("\"%s\" does not say \"%s\"", cx->err.msg, says);
}

static bool leaf(tw_math_walk *w, double *out, const tw_math *m)
{
    const tw_sbml_model *model = w->user;
    *out = m->op == TW_MATH_SYMBOL ? model->symbol[m->symbol].value : 100;
    return m->op == TW_MATH_SYMBOL || m->op == TW_MATH_TIME;
}

static double value(const tw_sbml_model *model, const tw_math *m)
{
    tw_math_walk w = { .leaf = leaf, .user = model, .steps_left = 100000, .levels_left = TW_MATH_DEPTH_MAX };
    double v;
    assert_true(tw_math_eval(&v, &w, m));
    return v;
}

/* What a formula over x = 3 and y = 4 is. */
static double formula(const char *mathml)
{
    tw_str text =
        l3(tw_strf(cx->arena,
                   "<listOfParameters>" PARAMETER("x", "3") PARAMETER("y", "4")
                       PARAMETER("z", "0") "</listOfParameters><listOfRules><assignmentRule variable='z'>" MATH(
                           "%s") "</assignmentRule></listOfRules>",
                   mathml)
               .p);
    const tw_sbml_model *m = read_ok(text);
    assert_int_equal(1, m->n_rule);
    return value(m, m->rule[0].math);
}

/* ---------------------------------------------------------------- formulas */

#define CI(name) "<ci>" name "</ci>"
#define CN(number) "<cn>" number "</cn>"
#define APPLY(op, args) "<apply><" op "/>" args "</apply>"

TEST(formula__takes_any_number_of_arguments)
{
    assert_near(formula(APPLY("plus", CI("x") CI("y") CN("1"))), 8, 0);
    assert_near(formula(APPLY("plus", "")), 0, 0);
    assert_near(formula(APPLY("times", "")), 1, 0);
    assert_near(formula(APPLY("and", "")), 1, 0);
    assert_near(formula(APPLY("or", "")), 0, 0);
    assert_near(formula(APPLY("and", CN("5"))), 1, 0);
    assert_near(formula(APPLY("xor", "<true/><true/><true/>")), 1, 0);
    assert_near(formula(APPLY("xor", "<true/><true/>")), 0, 0);
    assert_near(formula(APPLY("max", CI("x") CI("y") CN("-9"))), 4, 0);
    assert_near(formula(APPLY("min", CI("x") CI("y") CN("-9"))), -9, 0);
}

TEST(formula__reads_a_chain_of_relations_as_all_of_its_pairs)
{
    assert_near(formula(APPLY("lt", CN("1") CN("2") CN("3"))), 1, 0);
    assert_near(formula(APPLY("lt", CN("1") CN("3") CN("2"))), 0, 0);
    assert_near(formula(APPLY("gt", CN("3") CN("2") CN("1"))), 1, 0);
    assert_near(formula(APPLY("eq", CN("3") CN("3") CN("1"))), 0, 0);
    assert_near(formula(APPLY("neq", CI("x") CI("y"))), 1, 0);
}

TEST(formula__knows_what_level_3_version_2_added)
{
    assert_near(formula(APPLY("rem", CN("-7") CN("2"))), -1, 0);
    assert_near(formula(APPLY("quotient", CN("7") CN("2"))), 3, 0);
    assert_near(formula(APPLY("quotient", CN("-7") CN("2"))), -3, 0);
    assert_near(formula(APPLY("implies", "<true/><false/>")), 0, 0);
    assert_near(formula(APPLY("implies", "<false/><false/>")), 1, 0);
    assert_near(formula(APPLY("plus", "<true/>" CN("2"))), 3, 0);
    assert_near(formula("<piecewise><piece>" CN("2") CN("5") "</piece></piecewise>"), 2, 0);
}

TEST(formula__reads_numbers_to_the_last_bit)
{
    assert_true(formula("<cn type='e-notation'>6.02214179<sep/>23</cn>") == 6.02214179e23);
    assert_true(formula("<cn type='e-notation'>1.1<sep/>-7</cn>") == 1.1e-7);
    assert_true(formula("<cn type='rational'>1<sep/>3</cn>") == 1.0 / 3);
    assert_true(
        formula("<csymbol encoding='text' definitionURL='http://www.sbml.org/sbml/symbols/avogadro'>n</csymbol>") ==
        6.02214179e23);
    assert_true(isinf(formula("<infinity/>")) && isnan(formula("<notanumber/>")));
}

TEST(formula__has_roots_logarithms_and_piecewise)
{
    assert_near(formula(APPLY("root", CN("9"))), 3, 0);
    assert_near(formula(APPLY("root", "<degree>" CN("3") "</degree>" CN("27"))), 3, 1e-15);
    assert_near(formula(APPLY("log", CN("1000"))), 3, 0);
    assert_near(formula(APPLY("log", "<logbase>" CN("2") "</logbase>" CN("8"))), 3, 0);
    assert_near(formula(APPLY("minus", CI("x"))), -3, 0);
    assert_near(formula("<piecewise><piece>" CN("1") APPLY("lt", TIME_SYMBOL CN("1")) "</piece><piece>" CN(
                    "2") "<true/></piece><otherwise>" CN("3") "</otherwise></piecewise>"),
                2, 0);
    assert_true(isnan(formula("<piecewise><piece>" CN("1") "<false/></piece></piecewise>")));
}

TEST(apply__keeps_not_a_number)
{
    assert_true(isnan(tw_math_apply(TW_MATH_MIN, (double)NAN, 1, 0)));
    assert_true(isnan(tw_math_apply(TW_MATH_MIN, 1, (double)NAN, 0)));
    assert_true(isnan(tw_math_apply(TW_MATH_MAX, (double)NAN, 1, 0)));
    assert_true(isnan(tw_math_apply(TW_MATH_MAX, 1, (double)NAN, 0)));
    assert_near(tw_math_apply(TW_MATH_FACTORIAL, 10, 0, 0), 3628800, 0);
    assert_near(tw_math_apply(TW_MATH_FACTORIAL, 0.5, 0, 0), 0.8862269254527580, 1e-15);
    assert_true(isinf(tw_math_apply(TW_MATH_FACTORIAL, 171, 0, 0)));
    assert_true(isnan(tw_math_apply(TW_MATH_FACTORIAL, -2, 0, 0)));
    assert_near(tw_math_apply(TW_MATH_IF, 0.5, 2, 3), 2, 0);
    assert_near(tw_math_apply(TW_MATH_ACOT, 0, 0, 0), acos(0), 1e-15);
}

/* ---------------------------------------------------------------- functions */

#define FUNCTION(id, argument, body)                                                                                   \
    "<functionDefinition id='" id                                                                                      \
    "'>" MATH("<lambda><bvar>" CI(argument) "</bvar>" body "</lambda>") "</functionDefinition>"

static tw_str with_functions(const char *functions, const char *mathml)
{
    return l3(tw_strf(cx->arena,
                      "<listOfFunctionDefinitions>%s</listOfFunctionDefinitions><listOfParameters>" PARAMETER("x", "3")
                          PARAMETER("z", "0") "</listOfParameters><listOfRules><assignmentRule variable='z'>" MATH(
                              "%s") "</assignmentRule></listOfRules>",
                      functions, mathml)
                  .p);
}

TEST(function__is_inlined_and_its_arguments_are_shared)
{
    const char *twice = FUNCTION("twice", "x", APPLY("plus", CI("x") CI("x")))
        FUNCTION("four", "y", "<apply>" CI("twice") "<apply>" CI("twice") CI("y") "</apply></apply>");
    const tw_sbml_model *m = read_ok(with_functions(twice, "<apply>" CI("four") CI("x") "</apply>"));
    const tw_math *top = m->rule[0].math;
    assert_near(value(m, top), 12, 0);
    assert_ptr_equal(top->arg[0], top->arg[1]);
    assert_ptr_equal(top->arg[0]->arg[0], top->arg[0]->arg[1]);
}

TEST(function__that_is_wrong_is_refused_by_name)
{
    const char *cycle = FUNCTION("f", "a", "<apply>" CI("g") CI("a") "</apply>")
        FUNCTION("g", "a", "<apply>" CI("f") CI("a") "</apply>");
    read_fails(TW_EPARSE, "function \"f\" calls itself", with_functions(cycle, "<apply>" CI("f") CI("x") "</apply>"));
    const char *outside = FUNCTION("f", "a", CI("x"));
    read_fails(TW_EPARSE, "function \"f\" names \"x\"", with_functions(outside, "<apply>" CI("f") CI("x") "</apply>"));
    read_fails(TW_EPARSE, "has 1 arguments, not 2",
               with_functions(outside, "<apply>" CI("f") CI("x") CI("x") "</apply>"));
    read_fails(TW_EPARSE, "names \"nobody\"", with_functions("", CI("nobody")));
}

/* Each doubles what the one before makes: 2^40 nodes. */
TEST(function__that_grows_without_end_meets_the_limit)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    tw_buf_cstr(&b, FUNCTION("f0", "a", APPLY("plus", CI("a") CN("1"))));
    for (int i = 1; i < 40; i++)
        tw_buf_fmt(&b,
                   "<functionDefinition id='f%d'>" MATH(
                       "<lambda><bvar>" CI("a") "</bvar>" APPLY("plus", "%s") "</lambda>") "</functionDefinition>",
                   i,
                   tw_strf(cx->arena, "<apply><ci>f%d</ci>" CI("a") "</apply><apply><ci>f%d</ci>" CI("a") "</apply>",
                           i - 1, i - 1)
                       .p);
    tw_str all = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    tw_str text = with_functions(all.p, "<apply>" CI("f39") CI("x") "</apply>");
    const tw_sbml_model *m;
    assert_status(TW_ELIMIT, tw_sbml_read(cx, &m, text, &(tw_sbml_limits){ .nodes_max = 100000 }));
    assert_non_null(strstr(cx->err.msg, "more than 100000 nodes"));
}

/* ---------------------------------------------------------------- symbols */

TEST(symbols__may_be_called_like_constants)
{
    tw_str text =
        l3("<listOfParameters>" PARAMETER("time", "1") PARAMETER("pi", "2") PARAMETER("nan", "3") PARAMETER("inf", "4")
               PARAMETER("false", "5") PARAMETER(
                   "avogadro", "6") "</listOfParameters>"
                                    "<listOfInitialAssignments><initialAssignment symbol='time'>" MATH(APPLY(
                                        "plus", CI("pi") CI("nan") CI("inf") CI("false") CI("avogadro")
                                                    CI("time"))) "</initialAssignment></listOfInitialAssignments>");
    const tw_sbml_model *m = read_ok(text);
    assert_near(value(m, m->initial[0].math), 21, 0);
    assert_int_equal(tw_sbml_find(m, TW_STR("nan")), 2);
    assert_int_equal(tw_sbml_find(m, TW_STR("none")), TW_NO_SYMBOL);
}

static const char reaction_model[] =
    "<listOfUnitDefinitions><unitDefinition id='h'><listOfUnits><unit kind='second' exponent='1' scale='0' "
    "multiplier='3600'/></listOfUnits></unitDefinition><unitDefinition id='mL'><listOfUnits><unit kind='litre' "
    "exponent='1' scale='-3' multiplier='1'/></listOfUnits></unitDefinition><unitDefinition id='cl'><listOfUnits>"
    "<unit kind='litre' exponent='1' scale='0' multiplier='1'/><unit kind='second' exponent='-1' scale='0' "
    "multiplier='3600'/></listOfUnits></unitDefinition></listOfUnitDefinitions>"
    "<listOfCompartments><compartment id='c' spatialDimensions='3' size='2' units='mL' constant='true'/>"
    "<compartment id='point' spatialDimensions='0' constant='true'/></listOfCompartments>"
    "<listOfSpecies><species id='S' compartment='c' initialConcentration='5' substanceUnits='mole' "
    "hasOnlySubstanceUnits='false' boundaryCondition='false' constant='false' conversionFactor='k'/>"
    "<species id='P' compartment='point' initialAmount='1' hasOnlySubstanceUnits='false' boundaryCondition='true' "
    "constant='false'/></listOfSpecies>"
    "<listOfParameters><parameter id='k' value='7' units='cl' constant='true'/></listOfParameters>"
    "<listOfReactions><reaction id='r' reversible='false'><listOfReactants><speciesReference id='n' species='S' "
    "constant='false'/></listOfReactants><listOfProducts><speciesReference species='P' stoichiometry='2' "
    "constant='true'/></listOfProducts><kineticLaw>" MATH(
        APPLY("times", CI("k") CI("S") CI("n"))) "<listOfLocalParameters><localParameter id='k' value='11' "
                                                 "units='h'/></listOfLocalParameters></kineticLaw>"
                                                 "</reaction></listOfReactions>";

TEST(reaction__has_references_factors_and_parameters_of_its_own)
{
    const tw_sbml_model *m = read_ok(l3(reaction_model));
    const tw_sbml_reaction *r = &m->reaction[0];
    uint32_t k = tw_sbml_find(m, TW_STR("k")), own = tw_sbml_find(m, TW_STR("r.k")), n = tw_sbml_find(m, TW_STR("n"));
    assert_int_equal(m->species[0].conversion, k);
    assert_int_equal(m->species[1].conversion, TW_NO_SYMBOL);
    assert_int_equal(r->rate->arg[0]->arg[0]->symbol, own);
    assert_int_equal(r->rate->arg[1]->symbol, n);
    assert_near(m->symbol[own].value, 11, 0);
    assert_true(m->symbol[own].constant && !m->symbol[n].constant);
    assert_int_equal(r->reactant[0].symbol, n);
    assert_true(isnan(r->reactant[0].stoichiometry));
    assert_near(r->product[0].stoichiometry, 2, 0);
    assert_int_equal(r->product[0].symbol, TW_NO_SYMBOL);
    assert_true(m->species[1].boundary && m->species[1].only_substance && !m->species[0].only_substance);
}

TEST(units__are_readable)
{
    const tw_sbml_model *m = read_ok(l3(reaction_model));
    assert_string_equal("mL", m->symbol[tw_sbml_find(m, TW_STR("c"))].unit);
    assert_string_equal("mol/mL", m->symbol[tw_sbml_find(m, TW_STR("S"))].unit);
    assert_string_equal("L/h", m->symbol[tw_sbml_find(m, TW_STR("k"))].unit);
    assert_string_equal("h", m->symbol[tw_sbml_find(m, TW_STR("r.k"))].unit);
    assert_string_equal("", m->symbol[tw_sbml_find(m, TW_STR("P"))].unit);
}

/* ---------------------------------------------------------------- Level 2 */

TEST(level_2__has_its_defaults)
{
    const tw_sbml_model *m = read_ok(TW_STR(
        "<sbml xmlns='http://www.sbml.org/sbml/level2/version4' level='2' version='4'><model><listOfCompartments>"
        "<compartment id='c' size='1'/></listOfCompartments><listOfSpecies><species id='S' compartment='c' "
        "initialAmount='1'/></listOfSpecies><listOfReactions><reaction id='r'><listOfReactants><speciesReference "
        "species='S'><stoichiometryMath>" MATH(
            CN("3")) "</stoichiometryMath></speciesReference></listOfReactants>"
                     "<listOfProducts><speciesReference "
                     "species='S'/></listOfProducts></reaction></listOfReactions><listOfEvents>"
                     "<event id='e'><trigger>" MATH(
                         "<true/>") "</trigger><listOfEventAssignments><eventAssignment "
                                    "variable='S'>" MATH(CN("1")) "</eventAssignment></listOfEventAssignments></"
                                                                  "event></listOfEvents></model></sbml>"));
    assert_int_equal(2, m->level);
    assert_true(m->event[0].trigger_initial && m->event[0].persistent && m->event[0].values_from_trigger_time);
    assert_near(m->reaction[0].reactant[0].math->number, 3, 0);
    assert_near(m->reaction[0].product[0].stoichiometry, 1, 0);
    assert_string_equal("mol/L", m->symbol[m->species[0].symbol].unit);
    assert_string_equal("s", m->unit_time);
}

/* ---------------------------------------------------------------- events, warnings */

#define EVENT(id, initial, trigger)                                                                                    \
    "<event id='" id "' useValuesFromTriggerTime='false'><trigger initialValue='" initial                              \
    "' persistent='false'>" MATH(trigger) "</trigger></event>"

static bool warns(const tw_sbml_model *m, const char *text)
{
    for (uint32_t i = 0; i < m->n_warning; i++)
        if (strstr(m->warning[i], text))
            return true;
    return false;
}

TEST(event__that_cannot_fire_is_warned_of)
{
    const tw_sbml_model *m = read_ok(l3(
        "<listOfParameters>" PARAMETER("x", "3") "</listOfParameters><listOfEvents>" EVENT(
            "never", "true", APPLY("geq", TIME_SYMBOL CN("0")))
            EVENT("start", "false", APPLY("geq", TIME_SYMBOL CN("0")))
                EVENT("later", "true", APPLY("geq", TIME_SYMBOL CN("1"))) EVENT(
                    "maybe", "true",
                    APPLY("gt", CI("x") CN("1"))) "<event id='none' useValuesFromTriggerTime='true'/></listOfEvents>"));
    assert_int_equal(4, m->n_event);
    assert_true(warns(m, "event \"never\" never fires"));
    assert_true(warns(m, "event \"maybe\" does not fire at the start"));
    assert_true(warns(m, "event \"none\" has no trigger"));
    assert_false(warns(m, "\"start\"") || warns(m, "\"later\""));
    assert_false(m->event[0].persistent || m->event[0].values_from_trigger_time);
}

TEST(math__that_is_missing_says_nothing)
{
    const tw_sbml_model *m = read_ok(l3("<listOfParameters>" PARAMETER(
        "x", "3") "</listOfParameters>"
                  "<listOfInitialAssignments><initialAssignment symbol='x'/>"
                  "</listOfInitialAssignments><listOfRules><rateRule variable='x'/></listOfRules>"));
    assert_int_equal(0, m->n_rule + m->n_initial);
}

/* ---------------------------------------------------------------- what is refused */

TEST(read__refuses_by_name)
{
    read_fails(TW_EPARSE, "empty", TW_STR(""));
    read_fails(TW_EPARSE, "not XML", TW_STR("<sbml"));
    read_fails(TW_EPARSE, "libSBML", TW_STR("<html/>"));
    read_fails(TW_EREFUSED, "document type", TW_STR("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"));
    read_fails(TW_EREFUSED, "\"comp\"",
               TW_STR("<sbml xmlns='http://www.sbml.org/sbml/level3/version1/core' level='3' version='1' "
                      "xmlns:comp='http://www.sbml.org/sbml/level3/version1/comp/version1' comp:required='true'>"
                      "<model/></sbml>"));
    const tw_sbml_model *m = read_ok(
        TW_STR("<sbml xmlns='http://www.sbml.org/sbml/level3/version1/core' level='3' version='1' "
               "xmlns:layout='http://www.sbml.org/sbml/level3/version1/layout/version1' layout:required='false'>"
               "<model/></sbml>"));
    assert_true(warns(m, "\"layout\""));
    read_fails(TW_EPARSE, "id \"x\" is there twice",
               l3("<listOfParameters>" PARAMETER("x", "3") PARAMETER("x", "3") "</listOfParameters>"));
}

TEST(read__has_limits_before_the_library_sees_anything)
{
    tw_buf b;
    const tw_sbml_model *m;
    tw_buf_init(&b, TW_MIB);
    for (int i = 0; i < 300; i++)
        tw_buf_cstr(&b, "<apply>");
    read_fails(TW_ELIMIT, "nested more than", tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    tw_str text = l3(reaction_model);
    assert_status(TW_ELIMIT, tw_sbml_read(cx, &m, text, &(tw_sbml_limits){ .bytes_max = 100 }));
    assert_status(TW_ELIMIT, tw_sbml_read(cx, &m, text, &(tw_sbml_limits){ .bytes_max = 3000 }));
    assert_status(TW_ELIMIT, tw_sbml_read(cx, &m, text, &(tw_sbml_limits){ .nodes_max = 2 }));
}

/* Whatever fits, it is a model or a named error, and libSBML's memory is given back either way. */
TEST(read__ends_well_in_any_memory)
{
    const tw_sbml_model *m;
    tw_str text = l3(reaction_model);
    int fitted = 0, refused = 0;
    for (size_t bytes = TW_KIB; bytes < 64 * TW_KIB; bytes += 100) {
        tw_ctx small;
        tw_ctx_init(&small, bytes, NULL);
        tw_status s = tw_sbml_read(&small, &m, text, NULL);
        assert_true(s == TW_OK || s == TW_ELIMIT);
        fitted += s == TW_OK;
        refused += s != TW_OK;
        tw_ctx_done(&small);
    }
    assert_true(fitted > 0 && refused > 0);
}
