/* Models run for tables of patients, and experiments: what comes out is right, the same for any number of threads and
 * parts, and a bad table names its place. */
#include "test_models.h"

static tw_simulate_opts opts(const char *patients)
{
    return (tw_simulate_opts){ .model = file("m.xml", SBML),
                               .patients = patients ? file("people.csv", patients) : NULL,
                               .to = 10,
                               .intervals = 2,
                               .out = tw_path(cx, w.dir, "out.csv"),
                               .jobs = 1 };
}

TEST(patients__have_their_own_values_and_the_models_where_a_field_is_empty)
{
    tw_simulate_report r;
    folder_make();
    tw_simulate_opts o = opts("id,k,S\na,0.2,5\n\"b,c\",,\n");
    assert_ok(tw_app_simulate(cx, &r, &o));
    assert_int_equal(2, r.done);
    tw_str line, rest = text_of(o.out);
    assert_true(tw_str_split(&line, &rest, '\n'));
    assert_str("id,time,S", line);
    const struct {
        const char *head;
        double value;
    } want[] = { { "a,0,", 5.0 },        { "a,5,", 5.0 * exp(-1.0) },        { "a,10,", 5.0 * exp(-2.0) },
                 { "\"b,c\",0,", 10.0 }, { "\"b,c\",5,", 10.0 * exp(-0.5) }, { "\"b,c\",10,", 10.0 * exp(-1.0) } };
    for (size_t i = 0; i < TW_COUNT(want); i++) {
        double v;
        size_t n = strlen(want[i].head);
        assert_true(tw_str_split(&line, &rest, '\n'));
        assert_true(tw_str_starts(line, want[i].head));
        assert_true(tw_parse_f64(&v, (tw_str){ line.p + n, line.n - n }));
        assert_near(v, want[i].value, 1e-5);
    }
    folder_end();
}

static char *many(size_t n)
{
    tw_buf b;
    tw_buf_init(&b, 16 * TW_MIB);
    tw_buf_cstr(&b, "id,k\n");
    for (size_t i = 0; i < n; i++)
        tw_buf_fmt(&b, "p%zu,%.6f\n", i, 0.01 + 0.0001 * (double)(tw_test_random() % 10000));
    char *text = tw_cstr(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return text;
}

TEST(threads_lanes_and_parts__give_the_same_bytes)
{
    tw_simulate_report r;
    folder_make();
    tw_simulate_opts o = opts(many(3000));
    assert_ok(tw_app_simulate(cx, &r, &o));
    tw_str one = text_of(o.out);
    o.jobs = 3;
    for (o.run.width = 1; o.run.width <= 8; o.run.width = o.run.width == 1 ? 4 : o.run.width * 2) {
        assert_ok(tw_app_simulate(cx, &r, &o));
        assert_true(tw_str_eq(one, text_of(o.out)));
    }
    o.run.width = 0;
    tw_buf all;
    tw_buf_init(&all, 64 * TW_MIB);
    o.parts = 7;
    for (o.part = 1; o.part <= o.parts; o.part++) {
        assert_ok(tw_app_simulate(cx, &r, &o));
        tw_buf_str(&all, text_of(o.out));
    }
    assert_true(tw_str_eq(one, tw_str_of_bytes(tw_buf_view(&all))));
    tw_buf_done(&all);
    folder_end();
}

static void count_name(void *arg, const char *name)
{
    (void)name;
    ++*(size_t *)arg;
}

TEST(parts_of_a_job__are_one_file_when_the_last_one_ends)
{
    tw_simulate_report r;
    size_t files = 0;
    folder_make();
    tw_simulate_opts o = opts(many(100));
    assert_ok(tw_app_simulate(cx, &r, &o));
    tw_str one = text_of(o.out);
    o.out = tw_path(cx, w.dir, "job.csv");
    o.job = "j";
    o.parts = 3;
    static const uint32_t order[] = { 2, 3, 1 };
    for (size_t i = 0; i < 3; i++) {
        assert_false(tw_path_exists(cx, o.out));
        o.part = order[i];
        assert_ok(tw_app_simulate(cx, &r, &o));
    }
    assert_true(tw_str_eq(one, text_of(o.out)));
    assert_ok(w.env.disk->list(w.env.disk->self, w.dir, count_name, &files));
    assert_int_equal(4, files); /* model, table, both results */
    folder_end();
}

TEST(a_bad_table__names_its_line_and_never_the_value_and_leaves_no_file)
{
    static const struct {
        const char *table, *place;
    } bad[] = { { "id,k\na,0.1\nb,secret\n", "line 3, column 2" },
                { "id,k\na\n", "line 2" },
                { "id,nothing\na,1\n", "line 1, column 2" },
                { "id,k,k\na,1,1\n", "line 1, column 3" },
                { "k\n1\n", "line 1" },
                { "id,k\n", "line 1" } };
    folder_make();
    for (size_t i = 0; i < TW_COUNT(bad); i++) {
        tw_simulate_report r;
        tw_simulate_opts o = opts(bad[i].table);
        assert_status(TW_EPARSE, tw_app_simulate(cx, &r, &o));
        assert_non_null(strstr(cx->err.msg, bad[i].place));
        assert_null(strstr(cx->err.msg, "secret"));
        assert_false(tw_path_exists(cx, o.out));
    }
    folder_end();
}

TEST(ndjson__is_a_line_a_patient)
{
    tw_simulate_report r;
    folder_make();
    tw_simulate_opts o = opts("id,k\na,0.2\n");
    o.form = TW_SIMULATED_NDJSON;
    assert_ok(tw_app_simulate(cx, &r, &o));
    tw_json d;
    tw_str line, rest = text_of(o.out);
    assert_true(tw_ndjson_next(&line, &rest));
    assert_ok(tw_json_parse(cx, &d, line, NULL));
    assert_str("a", tw_json_member_text(cx, &d, 0, "id"));
    assert_true(tw_json_get(&d, 0, "S") != TW_JSON_NONE);
    folder_end();
}

/* ---------------------------------------------------------------- experiments */

#define SEDML                                                                                                          \
    "<sedML xmlns='http://sed-ml.org/sed-ml/level1/version4' level='1' version='4'><listOfModels>"                     \
    "<model id='m' language='urn:sedml:language:sbml' source='m.xml'/><model id='m2' source='#m'><listOfChanges>"      \
    "<changeAttribute target=\"/sbml:sbml/sbml:model/sbml:listOfParameters/sbml:parameter[@id='k']/@value\" "          \
    "newValue='0.2'/></listOfChanges></model></listOfModels><listOfSimulations><uniformTimeCourse id='s' "             \
    "initialTime='0' outputStartTime='0' outputEndTime='10' numberOfSteps='2'/><oneStep id='one' step='5'/>"           \
    "</listOfSimulations><listOfTasks><task id='t' modelReference='m2' simulationReference='s'/>"                      \
    "<task id='u' modelReference='m' simulationReference='one'/><repeatedTask id='r' range='g' resetModel='false'>"    \
    "<listOfRanges><uniformRange id='g' start='0' end='1' numberOfSteps='2'/></listOfRanges><listOfSubTasks>"          \
    "<subTask order='1' task='u'/></listOfSubTasks></repeatedTask></listOfTasks><listOfDataGenerators>" GENERATORS     \
    "</listOfDataGenerators><listOfOutputs><report id='rep'><listOfDataSets><dataSet id='a' label='t' "                \
    "dataReference='time'/><dataSet id='b' label='half' dataReference='half'/><dataSet id='c' label='again' "          \
    "dataReference='again'/></listOfDataSets></report><plot2D id='p'><listOfCurves><curve id='c1' logX='false' "       \
    "logY='false' xDataReference='time' yDataReference='half'/></listOfCurves></plot2D></listOfOutputs></sedML>"
#define OF_S "target=\"/sbml:sbml/sbml:model/sbml:listOfSpecies/sbml:species[@id='S']\"/></listOfVariables>"
#define MATH "<math xmlns='http://www.w3.org/1998/Math/MathML'>"
#define GENERATORS                                                                                                     \
    "<dataGenerator id='time'><listOfVariables><variable id='x' taskReference='t' symbol='urn:sedml:symbol:time'/>"    \
    "</listOfVariables>" MATH "<ci>x</ci></math></dataGenerator><dataGenerator id='half'><listOfVariables>"            \
    "<variable id='a' taskReference='t' " OF_S MATH "<apply><divide/><ci>a</ci><cn>2</cn></apply></math>"              \
    "</dataGenerator><dataGenerator id='again'><listOfVariables><variable id='a' taskReference='r' " OF_S MATH         \
    "<ci>a</ci></math></dataGenerator>"

static void assert_report(const char *path)
{
    tw_str line, rest = text_of(path);
    assert_true(tw_str_split(&line, &rest, '\n'));
    assert_str("t,half,again", line);
    for (size_t i = 0; i < 3; i++) {
        tw_str *field;
        size_t n;
        double v[3];
        assert_true(tw_str_split(&line, &rest, '\n'));
        assert_ok(tw_csv_row(cx, &field, &n, NULL, line, NULL));
        for (size_t k = 0; k < 3; k++)
            assert_true(tw_parse_f64(&v[k], field[k]));
        assert_near(v[0], 5.0 * (double)i, 1e-12);
        assert_near(v[1], 5.0 * exp(-0.2 * v[0]), 1e-5);
        assert_near(v[2], 10.0 * exp(-0.5 * (double)(i + 1)), 1e-5);
    }
}

TEST(an_experiment__makes_its_reports_and_plots)
{
    tw_experiment_report r;
    folder_make();
    (void)file("m.xml", SBML);
    assert_ok(tw_app_experiment(cx, &r, &(tw_experiment_opts){ file("e.sedml", SEDML), tw_path(cx, w.dir, "o") }));
    assert_int_equal(2, r.tasks);
    assert_report(tw_path(cx, tw_path(cx, w.dir, "o"), "rep.csv"));
    assert_true(tw_str_starts(text_of(tw_path(cx, tw_path(cx, w.dir, "o"), "p.svg")), "<svg"));
    folder_end();
}

TEST(an_archive__runs_as_its_document_would)
{
    static const char manifest[] =
        "<omexManifest xmlns='http://identifiers.org/combine.specifications/omex-manifest'>"
        "<content location='./sub/e.sedml' format='http://identifiers.org/combine.specifications/sed-ml' "
        "master='true'/></omexManifest>";
    tw_zip_entry e[] = { { TW_STR("manifest.xml"), tw_bytes_of(tw_str_of(manifest)) },
                         { TW_STR("sub/e.sedml"), tw_bytes_of(tw_str_of(SEDML)) },
                         { TW_STR("sub/m.xml"), tw_bytes_of(tw_str_of(SBML)) } };
    tw_experiment_report r;
    tw_buf b;
    folder_make();
    char *path = tw_path(cx, w.dir, "e.omex");
    tw_buf_init(&b, TW_MIB);
    assert_ok(tw_zip_write(cx, &b, e, TW_COUNT(e)));
    assert_ok(tw_file_write(cx, path, tw_buf_view(&b)));
    tw_buf_done(&b);
    assert_ok(tw_app_experiment(cx, &r, &(tw_experiment_opts){ path, tw_path(cx, w.dir, "o") }));
    assert_report(tw_path(cx, tw_path(cx, w.dir, "o"), "rep.csv"));
    folder_end();
}
