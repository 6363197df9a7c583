/* An FMU as its user has it: unpacked, compiled by the system's compiler, loaded, stepped; beside the engine. */
#include "fmi/fmi.h"

#include <dlfcn.h>
#include <math.h>
#include <unistd.h>

#include "format/format.h"
#include "test.h"
#include "test_near.h"

#define SBML                                                                                                           \
    "<?xml version='1.0' encoding='UTF-8'?><sbml xmlns='http://www.sbml.org/sbml/level3/version2/core' level='3' "     \
    "version='2'><model id='sizes'><listOfCompartments><compartment id='c' size='1' constant='false'/>"                \
    "</listOfCompartments><listOfSpecies><species id='S' compartment='c' initialConcentration='10' "                   \
    "hasOnlySubstanceUnits='false' boundaryCondition='false' constant='false'/></listOfSpecies><listOfParameters>"     \
    "<parameter id='k' value='0.1' constant='true'/><parameter id='u' value='0' constant='false'/></listOfParameters>" \
    "<listOfReactions><reaction id='J' reversible='false'><listOfReactants><speciesReference species='S' "             \
    "stoichiometry='1' constant='true'/></listOfReactants><kineticLaw>" MATH "<apply><minus/><apply><times/>"          \
    "<ci>k</ci><ci>S</ci></apply><ci>u</ci></apply></math></kineticLaw></reaction></listOfReactions><listOfEvents>"    \
    "<event useValuesFromTriggerTime='true'><trigger initialValue='false' persistent='true'>" MATH "<apply><lt/>"      \
    "<ci>S</ci><cn>9</cn></apply></math></trigger><delay>" MATH "<cn>0.5</cn></math></delay>"                          \
    "<listOfEventAssignments><eventAssignment variable='c'>" MATH "<cn>2</cn></math></eventAssignment>"                \
    "<eventAssignment variable='S'>" MATH "<cn>3</cn></math></eventAssignment></listOfEventAssignments></event>"       \
    "</listOfEvents></model></sbml>"
#define MATH "<math xmlns='http://www.w3.org/1998/Math/MathML'>"

typedef struct {
    void (*logger)(void *, const char *, int, const char *, const char *, ...);
    void *(*allocate)(size_t, size_t);
    void (*release)(void *);
    void (*finished)(void *, int);
    void *environment;
} callbacks;

typedef struct {
    char dir[64];
    void *library, *c;
    int (*step)(void *, double, double, int);
    int (*get)(void *, const unsigned *, size_t, double *);
    int (*set)(void *, const unsigned *, size_t, const double *);
    int (*take)(void *, void **);
    int (*put)(void *, void *);
    int (*drop)(void *, void **);
    void (*end)(void *);
} fmu;

static const tw_sbml_model *model;

static void *allocate(size_t n, size_t size)
{
    return tw_mem_alloc(n * size);
}

static void *symbol(const fmu *f, const char *name)
{
    void *p = dlsym(f->library, name);
    assert_non_null(p);
    return p;
}

static void unpack(const fmu *f, tw_bytes archive)
{
    tw_zip_entry *e;
    size_t n;
    assert_ok(tw_zip_read(cx, &e, &n, archive, 64 * TW_MIB));
    assert_int_equal(3, n);
    for (size_t i = 0; i < n; i++) {
        const char *slash = strrchr(tw_cstr(cx->arena, e[i].name), '/');
        FILE *out = fopen(tw_strf(cx->arena, "%s/%s", f->dir, slash ? slash + 1 : "modelDescription.xml").p, "wb");
        assert_non_null(out);
        assert_int_equal(e[i].data.n, fwrite(e[i].data.p, 1, e[i].data.n, out));
        fclose(out);
    }
}

static char *guid_in(const fmu *f)
{
    static char guid[64];
    char text[4096] = { 0 };
    FILE *in = fopen(tw_strf(cx->arena, "%s/modelDescription.xml", f->dir).p, "rb");
    assert_non_null(in);
    assert_true(fread(text, 1, sizeof text - 1, in) > 0);
    fclose(in);
    const char *at = strstr(text, "guid=\"");
    assert_non_null(at);
    memcpy(guid, at + 6, 38);
    guid[38] = '\0';
    return guid;
}

#define LOAD(member, name) *(void **)(&f->member) = symbol(f, name)

static void load(fmu *f, const tw_fmi_opts *opts)
{
    static const callbacks call = { .allocate = allocate, .release = tw_mem_free };
    void *(*make)(const char *, int, const char *, const char *, const callbacks *, int, int);
    tw_buf b;
    assert_ok(tw_sbml_read(cx, &model, tw_str_of(SBML), NULL));
    strcpy(f->dir, "/tmp/tw-test-XXXXXX"); /* check: allow strcpy: a constant into a larger array */
    assert_non_null(mkdtemp(f->dir));
    tw_buf_init(&b, 16 * TW_MIB);
    assert_ok(tw_fmi_write(cx, &b, model, opts));
    unpack(f, tw_buf_view(&b));
    tw_buf_done(&b);
    const char *compile = tw_strf(cx->arena, "cc -shared -fPIC -O1 -o %s/twin.so %s/twin.c -lm", f->dir, f->dir).p;
    assert_int_equal(0, system(compile)); /* check: allow system: what a user of an FMU does */
    f->library = dlopen(tw_strf(cx->arena, "%s/twin.so", f->dir).p, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(f->library);
    *(void **)(&make) = symbol(f, "fmi2Instantiate");
    LOAD(step, "fmi2DoStep");
    LOAD(get, "fmi2GetReal");
    LOAD(set, "fmi2SetReal");
    LOAD(take, "fmi2GetFMUstate");
    LOAD(put, "fmi2SetFMUstate");
    LOAD(drop, "fmi2FreeFMUstate");
    LOAD(end, "fmi2FreeInstance");
    assert_null(make("x", 1, "{another}", "", &call, 0, 0));
    f->c = make("x", 1, guid_in(f), "", &call, 0, 0);
    assert_non_null(f->c);
}

static void start(const fmu *f)
{
    int (*enter)(void *), (*leave)(void *);
    *(void **)(&enter) = symbol(f, "fmi2EnterInitializationMode");
    *(void **)(&leave) = symbol(f, "fmi2ExitInitializationMode");
    assert_int_equal(0, enter(f->c));
    assert_int_equal(0, leave(f->c));
}

static void unload(fmu *f)
{
    f->end(f->c);
    dlclose(f->library);
    const char *clear = tw_strf(cx->arena, "rm -rf %s", f->dir).p;
    assert_int_equal(0, system(clear)); /* check: allow system: a test clears its own folder */
}

static double value(const fmu *f, const char *id)
{
    double v;
    unsigned vr = tw_sbml_find(model, tw_str_of(id));
    assert_int_equal(0, f->get(f->c, &vr, 1, &v));
    return v;
}

TEST(an_fmu__steps_as_the_engine_does_over_events_with_sizes_and_delays)
{
    fmu f;
    enum { N = 21 };
    double time[N], out[2 * N];
    const tw_sim_program *p;
    tw_sim_result result;
    load(&f, &(tw_fmi_opts){ 0 });
    start(&f);
    tw_sim_output o[] = { { .kind = TW_SIM_VALUE, .symbol = tw_sbml_find(model, TW_STR("S")) },
                          { .kind = TW_SIM_VALUE, .symbol = tw_sbml_find(model, TW_STR("c")) } };
    assert_ok(tw_sim_compile(cx, &p, model, &(tw_sim_opts){ .output = o, .n_output = 2 }));
    for (size_t i = 0; i < N; i++)
        time[i] = 0.17 * (double)i;
    tw_sim_batch b = { .n = 1, .time = time, .n_time = N, .out = out, .result = &result };
    assert_ok(tw_sim_run(cx, NULL, p, &b, NULL));
    for (size_t i = 0; i < N; i++) {
        assert_near(value(&f, "S"), out[2 * i], 1e-5);
        assert_near(value(&f, "c"), out[2 * i + 1], 0);
        if (i + 1 < N)
            assert_int_equal(0, f.step(f.c, time[i], time[i + 1] - time[i], 1));
    }
    assert_near(value(&f, "c"), 2.0, 0); /* the event was among it */
    unload(&f);
}

TEST(a_state__is_taken_and_set_and_an_input_acts_at_once)
{
    fmu f;
    void *taken = NULL;
    double inflow = 1.0;
    unsigned u;
    load(&f, &(tw_fmi_opts){ 0 });
    start(&f);
    u = tw_sbml_find(model, TW_STR("u"));
    assert_int_equal(0, f.step(f.c, 0, 0.5, 1));
    assert_int_equal(0, f.take(f.c, &taken));
    assert_int_equal(0, f.step(f.c, 0.5, 0.25, 1));
    double without = value(&f, "S");
    assert_int_equal(0, f.put(f.c, taken));
    assert_int_equal(0, f.set(f.c, &u, 1, &inflow));
    assert_int_equal(0, f.step(f.c, 0.5, 0.25, 1));
    assert_near(value(&f, "S") - without, 10 * (1 - exp(-0.025)), 1e-5);
    assert_int_equal(0, f.put(f.c, taken));
    assert_int_equal(0, f.step(f.c, 0.5, 0.25, 1));
    assert_near(value(&f, "S"), without, 0);
    assert_int_equal(0, f.drop(f.c, &taken));
    unload(&f);
}

TEST(values_of_a_patient__stand_in_the_unit)
{
    fmu f;
    assert_ok(tw_sbml_read(cx, &model, tw_str_of(SBML), NULL));
    tw_fmi_value k = { tw_sbml_find(model, TW_STR("k")), 0.0 };
    load(&f, &(tw_fmi_opts){ .value = &k, .n_value = 1 });
    start(&f);
    assert_int_equal(0, f.step(f.c, 0, 5, 1));
    assert_near(value(&f, "S"), 10.0, 0);
    unload(&f);
}

TEST(what_has_no_form_in_c__is_refused)
{
    static const char algebraic[] =
        "<?xml version='1.0' encoding='UTF-8'?><sbml xmlns='http://www.sbml.org/sbml/level3/version2/core' level='3' "
        "version='2'><model id='a'><listOfParameters><parameter id='x' value='1' constant='false'/></listOfParameters>"
        "<listOfRules><algebraicRule>" MATH "<apply><minus/><apply><exp/><ci>x</ci></apply><cn>2</cn></apply></math>"
        "</algebraicRule></listOfRules></model></sbml>";
    tw_buf b;
    assert_ok(tw_sbml_read(cx, &model, tw_str_of(algebraic), NULL));
    tw_buf_init(&b, TW_MIB);
    assert_status(TW_EREFUSED, tw_fmi_write(cx, &b, model, &(tw_fmi_opts){ 0 }));
    tw_buf_done(&b);
}
