#include "api/api.h"

#include <math.h>

#include "base/base.h"
#include "test.h"
#include "test_near.h"

static const char decay[] =
    "<?xml version='1.0' encoding='UTF-8'?><sbml xmlns='http://www.sbml.org/sbml/level3/version2/core' level='3' "
    "version='2'>"
    "<model id='decay'><listOfParameters><parameter id='k' value='0.1' constant='true'/>"
    "<parameter id='x' value='10' constant='false'/></listOfParameters><listOfRules><rateRule variable='x'>"
    "<math xmlns='http://www.w3.org/1998/Math/MathML'><apply><minus/><apply><times/><ci>k</ci><ci>x</ci></apply>"
    "</apply></math></rateRule></listOfRules></model></sbml>";

static twin_model *model(void)
{
    twin_model *m;
    assert_int_equal(TWIN_OK, twin_open(&m, decay, sizeof decay - 1, NULL, 0));
    return m;
}

TEST(patients__are_run_in_place_with_any_number_of_threads)
{
    enum { N = 100 };
    static double k[N], out[N * 3], again[N * 3];
    int32_t result[N];
    const double time[] = { 0, 5, 10 };
    twin_model *m = model();
    uint32_t set = twin_symbol_find(m, "k");
    uint32_t observe = twin_symbol_find(m, "x");
    for (size_t i = 0; i < N; i++)
        k[i] = 0.01 * (double)(i + 1);
    twin_run r = { .patients = N,
                   .time = time,
                   .times = 3,
                   .set = &set,
                   .sets = 1,
                   .set_value = k,
                   .observe = &observe,
                   .observed = 1,
                   .rtol = 1e-9,
                   .atol = 1e-12,
                   .out = out,
                   .result = result };
    assert_int_equal(TWIN_OK, twin_simulate(m, &r));
    for (size_t i = 0; i < N * 3; i++)
        assert_near(out[i], 10.0 * exp(-k[i / 3] * time[i % 3]), 1e-6);
    r.threads = 7;
    r.out = again;
    assert_int_equal(TWIN_OK, twin_simulate(m, &r));
    assert_memory_equal(out, again, sizeof out);
    assert_int_equal(0, result[N - 1]);
    twin_close(m);
}

TEST(what_is_wrong__is_told)
{
    char error[200];
    twin_model *m;
    double out[1];
    const double time[] = { 0 };
    uint32_t bad = 77;
    assert_true(twin_open(&m, "<nothing/>", 10, error, sizeof error) != TWIN_OK);
    assert_null(m);
    assert_true(error[0] != '\0');
    m = model();
    assert_int_equal(UINT32_MAX, twin_symbol_find(m, "no"));
    twin_run r = { .patients = 1, .time = time, .times = 1, .observe = &bad, .observed = 1, .out = out };
    assert_int_equal(TWIN_USAGE, twin_simulate(m, &r));
    assert_non_null(strstr(twin_error(m), "observe[0]"));
    assert_string_equal("parameter", twin_symbol_kind(m, twin_symbol_find(m, "k")));
    assert_int_equal(1, twin_symbol_constant(m, twin_symbol_find(m, "k")));
    twin_close(m);
}
