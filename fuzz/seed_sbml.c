/* First inputs of the targets sbml, math and petab: small models, formulas and problems, invented. */
#include "seed.h"

#define L3 "<sbml xmlns='http://www.sbml.org/sbml/level3/version2/core' level='3' version='2'><model>"
#define MATH "<math xmlns='http://www.w3.org/1998/Math/MathML'>"
#define END "</model></sbml>"

static const char *const models[][2] = {
    { "decay",
      L3 "<listOfCompartments><compartment id='c' size='1' constant='false'/></listOfCompartments><listOfSpecies>"
         "<species id='S' compartment='c' initialConcentration='1' hasOnlySubstanceUnits='false' "
         "boundaryCondition='false' constant='false'/></listOfSpecies><listOfReactions><reaction id='r' "
         "reversible='false'><listOfReactants><speciesReference id='n' species='S' constant='false'/></listOfReactants>"
         "<kineticLaw>" MATH "<apply><times/><ci>k</ci><ci>S</ci><ci>n</ci></apply></math><listOfLocalParameters>"
         "<localParameter id='k' value='2'/></listOfLocalParameters></kineticLaw></reaction></listOfReactions>" END },
    { "event",
      L3 "<listOfParameters><parameter id='x' value='1' constant='false'/></listOfParameters><listOfEvents><event "
         "id='e' useValuesFromTriggerTime='true'><trigger initialValue='true' persistent='false'>" MATH
         "<apply><geq/><csymbol encoding='text' definitionURL='http://www.sbml.org/sbml/symbols/time'>t</csymbol>"
         "<cn>0</cn></apply></math></trigger><delay>" MATH "<cn>1</cn></math></delay><listOfEventAssignments>"
         "<eventAssignment variable='x'>" MATH "<cn type='e-notation'>1<sep/>-3</cn></math></eventAssignment>"
         "</listOfEventAssignments></event></listOfEvents>" END },
    { "function",
      L3 "<listOfFunctionDefinitions><functionDefinition id='f'>" MATH "<lambda><bvar><ci>a</ci></bvar><apply><plus/>"
         "<ci>a</ci><ci>a</ci></apply></lambda></math></functionDefinition></listOfFunctionDefinitions>"
         "<listOfParameters><parameter id='x' constant='false'/></listOfParameters><listOfRules><algebraicRule>" MATH
         "<apply><minus/><ci>x</ci><apply><ci>f</ci><piecewise><piece><cn>1</cn><true/></piece></piecewise></apply>"
         "</apply></math></algebraicRule></listOfRules>" END },
    { "level2",
      "<sbml xmlns='http://www.sbml.org/sbml/level2/version4' level='2' version='4'><model><listOfUnitDefinitions>"
      "<unitDefinition id='u'><listOfUnits><unit kind='litre' scale='-3' exponent='-1'/></listOfUnits></unitDefinition>"
      "</listOfUnitDefinitions><listOfParameters><parameter id='p' units='u'/></listOfParameters>" END },
    { "level1",
      "<sbml xmlns='http://www.sbml.org/sbml/level1' level='1' version='2'><model name='m'><listOfCompartments>"
      "<compartment name='c'/></listOfCompartments><listOfSpecies><species name='s' compartment='c' initialAmount='1'/>"
      "</listOfSpecies></model></sbml>" },
    { "package", "<sbml xmlns='http://www.sbml.org/sbml/level3/version1/core' level='3' version='1' "
                 "xmlns:c='http://www.sbml.org/sbml/level3/version1/comp/version1' c:required='true'><model/></sbml>" },
    { "doctype", "<!DOCTYPE a [<!ENTITY b 'c'>]><sbml>&b;</sbml>" },
};

static const char *const formulas[][2] = {
    { "operators", "1 + 2*a^-b/3 - !c" },
    { "logic", "a < b && b <= c || a == 1 && !(c != 2) || 1 >= 0.5e-3" },
    { "functions", "log(a, 10) + log10(b) + ln(c) + pow(a, 2) + min(1, 2) + arccoth(sech(time))" },
    { "piecewise", "piecewise(1, true, 2, false, sign(-inf))" },
    { "wrong", "1 + (foo(2)" },
};

/* YAML and tables of fuzz_petab; '@' stands for NUL. */
static const char *const problems[][2] = {
    { "own-yaml", "@parameterId\tlowerBound\tupperBound\tnominalValue\testimate\tpriorDistribution\tpriorParameters\n"
                  "k\t0\t10\t0.5\ttrue\tgamma\t2;3\n@conditionId\ttargetId\ttargetValue\na\tA\tA + 1\nb\tc\t3\n"
                  "@experimentId\ttime\tconditionId\nx\t-inf\t\nx\t0\ta\nx\t2\tb\n"
                  "@observableId\texperimentId\ttime\tmeasurement\tnoiseParameters\ny\tx\t1\t3\t0.5\ny\tx\tinf\t3\tk\n"
                  "@observableId\tobservableFormula\tnoiseFormula\tnoiseDistribution\n"
                  "y\tA + z\tnoiseParameter1_y\tlog-laplace\nz\tsqrt(k)\t1\t\n@petabEntityId\tmodelEntityId\nq\tA\n" },
    { "version-1",
      "format_version: 1\nparameter_file: 1\nproblems:\n- sbml_files: [m]\n  condition_files: [2]\n"
      "  measurement_files: [4]\n  observable_files: [5]\n"
      "@parameterId\tparameterScale\tlowerBound\tupperBound\tnominalValue\testimate\nk\tlog10\t1e-3\t9\t2\t1\n"
      "@conditionId\tA\tc\npre\t2\t1\npost\tNaN\tk\n@@observableId\tpreequilibrationConditionId\t"
      "simulationConditionId\ttime\tmeasurement\ny\tpre\tpost\t1\t3\n"
      "@observableId\tobservableFormula\tnoiseFormula\tobservableTransformation\ny\tA\t1\tlog10\n" },
    { "wrong", "a: [1, {b: c}]\n" },
};

static void problem(const char *name, const char *text)
{
    char copy[4 * TW_KIB];
    size_t n = strlen(text);
    FUZZ_CHECK(n < sizeof copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = text[i] == '@' ? '\0' : text[i];
    seed("petab", name, (tw_bytes){ (const uint8_t *)copy, n });
}

void seed_sbml(void)
{
    for (size_t i = 0; i < TW_COUNT(models); i++)
        seed("sbml", models[i][0], tw_bytes_of(tw_str_of(models[i][1])));
    for (size_t i = 0; i < TW_COUNT(formulas); i++)
        seed("math", formulas[i][0], tw_bytes_of(tw_str_of(formulas[i][1])));
    for (size_t i = 0; i < TW_COUNT(problems); i++)
        problem(problems[i][0], problems[i][1]);
}
