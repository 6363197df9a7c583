#include "sedml/sedml.h"

#include "test.h"
#include "test_near.h"

#define HEAD "<sedML xmlns='http://sed-ml.org/sed-ml/level1/version4' level='1' version='4'>"
#define MODEL                                                                                                          \
    "<listOfModels><model id='m' language='urn:sedml:language:sbml' source='model.xml'><listOfChanges>"                \
    "<changeAttribute target=\"/sbml:sbml/sbml:model/sbml:listOfParameters/sbml:parameter[@id='k']/@value\" "          \
    "newValue='0.5'/></listOfChanges></model></listOfModels>"
#define COURSE                                                                                                         \
    "<listOfSimulations><uniformTimeCourse id='s' initialTime='0' outputStartTime='2' outputEndTime='10' "             \
    "numberOfSteps='4'><algorithm kisaoID='KISAO:0000019'><listOfAlgorithmParameters>"                                 \
    "<algorithmParameter kisaoID='KISAO:0000209' value='1e-8'/></listOfAlgorithmParameters></algorithm>"               \
    "</uniformTimeCourse></listOfSimulations>"
#define TASK                                                                                                           \
    "<listOfTasks><task id='t' modelReference='m' simulationReference='s'/><repeatedTask id='r' range='g' "            \
    "resetModel='true'><listOfRanges><uniformRange id='g' start='1' end='100' numberOfSteps='2' type='log'/>"          \
    "</listOfRanges><listOfChanges><setValue modelReference='m' range='g' target=\"/sbml:sbml/sbml:model/"             \
    "sbml:listOfReactions/sbml:reaction[@id='J']/sbml:kineticLaw/sbml:listOfLocalParameters/"                          \
    "sbml:localParameter[@id='k1']\"><math xmlns='http://www.w3.org/1998/Math/MathML'><apply><times/><cn>2</cn>"       \
    "<ci>g</ci></apply></math></setValue></listOfChanges><listOfSubTasks><subTask order='1' task='t'/>"                \
    "</listOfSubTasks></repeatedTask></listOfTasks>"
#define DATA                                                                                                           \
    "<listOfDataGenerators><dataGenerator id='time'><listOfVariables><variable id='x' taskReference='t' "              \
    "symbol='urn:sedml:symbol:time'/></listOfVariables><math xmlns='http://www.w3.org/1998/Math/MathML'><ci>x</ci>"    \
    "</math></dataGenerator><dataGenerator id='share' name='of S1'><listOfVariables><variable id='a' "                 \
    "taskReference='t' target=\"/sbml:sbml/sbml:model/sbml:listOfSpecies/sbml:species[@id='S1']\"/>"                   \
    "</listOfVariables><listOfParameters><parameter id='total' value='4'/></listOfParameters>"                         \
    "<math xmlns='http://www.w3.org/1998/Math/MathML'><apply><divide/><ci>a</ci><ci>total</ci></apply></math>"         \
    "</dataGenerator></listOfDataGenerators><listOfOutputs><report id='out'><listOfDataSets>"                          \
    "<dataSet id='d1' label='time' dataReference='time'/><dataSet id='d2' label='S1' dataReference='share'/>"          \
    "</listOfDataSets></report><plot2D id='p'><listOfCurves><curve id='c' logX='false' logY='true' "                   \
    "xDataReference='time' yDataReference='share'/></listOfCurves></plot2D></listOfOutputs>"

static tw_status read_text(const tw_sedml **d, const char *text)
{
    return tw_sedml_read(cx, d, tw_str_of(text));
}

TEST(an_experiment__comes_out_with_its_ids_resolved)
{
    const tw_sedml *d;
    assert_int_equal(read_text(&d, HEAD MODEL COURSE TASK DATA "</sedML>"), TW_OK);
    assert_string_equal(d->model[0].change[0].target, "k");
    assert_near(d->model[0].change[0].value, 0.5, 0);
    assert_int_equal(d->simulation[0].steps, 4);
    assert_near(d->simulation[0].output_start, 2.0, 0);
    assert_near(d->simulation[0].rtol, 1e-8, 0);
    assert_int_equal(d->n_task, 2);
    assert_int_equal(d->task[0].model, 0);
    assert_true(d->task[1].repeated && d->task[1].reset);
    assert_int_equal(d->task[1].range[0].n, 3);
    assert_near(d->task[1].range[0].value[1], 10.0, 1e-12);
    assert_string_equal(d->task[1].change[0].target, "J.k1");
    assert_int_equal(d->task[1].change[0].math->op, TW_MATH_MUL);
    assert_int_equal(d->task[1].sub[0], 0);
    assert_int_equal(d->generator[0].variable[0].what, TW_SEDML_TIME);
    assert_string_equal(d->generator[1].variable[0].target, "S1");
    assert_int_equal(d->output[0].n_column, 2);
    assert_int_equal(d->output[0].column[1].generator, 1);
    assert_true(d->output[1].plot && d->output[1].curve[0].log_y);
}

TEST(a_parameter_of_a_generator__is_a_number_in_its_formula)
{
    const tw_sedml *d;
    assert_int_equal(read_text(&d, HEAD MODEL COURSE TASK DATA "</sedML>"), TW_OK);
    const tw_math *m = d->generator[1].math;
    assert_int_equal(m->op, TW_MATH_DIV);
    assert_int_equal(m->arg[0]->op, TW_MATH_SYMBOL);
    assert_int_equal(m->arg[0]->symbol, 0);
    assert_near(m->arg[1]->number, 4.0, 0);
}

TEST(what_is_not_supported__is_refused_by_name)
{
    const tw_sedml *d;
    assert_int_equal(read_text(&d, HEAD "<listOfSimulations><steadyState id='s'/></listOfSimulations></sedML>"),
                     TW_EREFUSED);
    assert_non_null(strstr(cx->err.msg, "steadyState"));
    assert_int_equal(read_text(&d, HEAD MODEL COURSE TASK "<listOfOutputs><plot3D id='p'/></listOfOutputs></sedML>"),
                     TW_EREFUSED);
    assert_int_equal(read_text(&d, "<sedML xmlns='x' level='2' version='1'/>"), TW_EREFUSED);
}

TEST(a_wrong_reference__names_its_line)
{
    const tw_sedml *d;
    assert_int_equal(
        read_text(&d, HEAD MODEL COURSE
                  "\n<listOfTasks><task id='t' modelReference='no' simulationReference='s'/></listOfTasks></sedML>"),
        TW_EPARSE);
    assert_non_null(strstr(cx->err.msg, "line 2"));
    assert_int_equal(read_text(&d, HEAD "<listOfSimulations><uniformTimeCourse id='s' initialTime='0' "
                                        "outputStartTime='2' outputEndTime='1' numberOfSteps='4'/></listOfSimulations>"
                                        "</sedML>"),
                     TW_EPARSE);
}
