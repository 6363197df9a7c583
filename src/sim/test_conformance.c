/* The cases of the SBML Test Suite: each is passed or refused by name, none is wrong. */
#include <math.h>

#include "sim/sim.h"
#include "test.h"

enum { VARIABLES_MAX = 256 };

typedef struct {
    double start, duration, absolute, relative;
    uint64_t steps;
    tw_str variables, amount, concentration;
} settings;

typedef enum { PASSED, REFUSED, WRONG } verdict;

static bool in_list(tw_str list, tw_str id)
{
    tw_str item, rest = list;
    while (tw_str_split(&item, &rest, ',')) {
        if (tw_str_eq(tw_str_trim(item), id))
            return true;
    }
    return false;
}

static settings read_settings(tw_str text)
{
    settings s = { 0 };
    tw_str line, rest = text;
    while (tw_str_split(&line, &rest, '\n')) {
        tw_str key, value = line;
        if (!tw_str_split(&key, &value, ':'))
            continue;
        key = tw_str_trim(key);
        value = tw_str_trim(value);
        if (tw_str_is(key, "start"))
            assert_true(tw_parse_f64(&s.start, value));
        else if (tw_str_is(key, "duration"))
            assert_true(tw_parse_f64(&s.duration, value));
        else if (tw_str_is(key, "absolute"))
            assert_true(tw_parse_f64(&s.absolute, value));
        else if (tw_str_is(key, "relative"))
            assert_true(tw_parse_f64(&s.relative, value));
        else if (tw_str_is(key, "steps"))
            assert_true(tw_parse_u64(&s.steps, value));
        else if (tw_str_is(key, "variables"))
            s.variables = value;
        else if (tw_str_is(key, "amount"))
            s.amount = value;
        else if (tw_str_is(key, "concentration"))
            s.concentration = value;
    }
    return s;
}

static double number(tw_str s)
{
    double v;
    s = tw_str_trim(s);
    if (tw_str_is(s, "INF") || tw_str_is(s, "inf"))
        return (double)INFINITY;
    if (tw_str_is(s, "-INF") || tw_str_is(s, "-inf"))
        return -(double)INFINITY;
    if (tw_str_is(s, "NaN") || tw_str_is(s, "nan"))
        return (double)NAN;
    assert_true(tw_parse_f64(&v, s));
    return v;
}

static bool agrees(double got, double want, const settings *s)
{
    if (isnan(want))
        return isnan(got);
    if (isinf(want))
        return got == want;
    return fabs(got - want) <= s->absolute + s->relative * fabs(want);
}

static tw_str case_file(const char *id, const char *name)
{
    return tw_test_read(tw_strf(cx->arena, "sbml/%s/%s", id, name).p);
}

static verdict complain(const char *id, const char *step)
{
    print_message("%s: %s: %s\n", id, step, cx->err.msg);
    return REFUSED;
}

static uint32_t want_outputs(tw_sim_output *o, const tw_sbml_model *m, const settings *s, tw_str header)
{
    uint32_t n = 0;
    tw_str item, rest = header;
    assert_true(tw_str_split(&item, &rest, ','));
    while (tw_str_split(&item, &rest, ',')) {
        tw_str id = tw_str_trim(item);
        assert_true(n < VARIABLES_MAX);
        o[n] = (tw_sim_output){ .kind = TW_SIM_VALUE, .symbol = tw_sbml_find(m, id) };
        if (in_list(s->amount, id))
            o[n].kind = TW_SIM_AMOUNT;
        if (in_list(s->concentration, id))
            o[n].kind = TW_SIM_CONCENTRATION;
        n++;
    }
    return n;
}

static verdict compare(const char *id, const double *out, uint32_t n_out, tw_str results, const settings *s)
{
    tw_str line, rest = results, item;
    assert_true(tw_str_split(&line, &rest, '\n'));
    for (size_t row = 0; row <= s->steps; row++) {
        assert_true(tw_str_split(&line, &rest, '\n'));
        assert_true(tw_str_split(&item, &line, ','));
        double time = number(item);
        for (uint32_t i = 0; i < n_out; i++) {
            assert_true(tw_str_split(&item, &line, ','));
            double want = number(item), got = out[row * n_out + i];
            if (agrees(got, want, s))
                continue;
            print_message("%s: time %g, column %u: %.10g instead of %.10g\n", id, time, i + 1, got, want);
            return WRONG;
        }
    }
    return PASSED;
}

static verdict run_case(const char *id, const char *model)
{
    const tw_sbml_model *m;
    const tw_sim_program *p;
    tw_sim_output o[VARIABLES_MAX];
    settings s = read_settings(case_file(id, tw_strf(cx->arena, "%s-settings.txt", id).p));
    tw_str results = case_file(id, tw_strf(cx->arena, "%s-results.csv", id).p), header, rest = results;
    assert_true(tw_str_split(&header, &rest, '\n'));
    if (tw_sbml_read(cx, &m, case_file(id, model), &(tw_sbml_limits){ 0 }) != TW_OK)
        return complain(id, "reading");
    uint32_t n = want_outputs(o, m, &s, header);
    if (tw_sim_compile(cx, &p, m, &(tw_sim_opts){ .output = o, .n_output = n }) != TW_OK)
        return complain(id, "compiling");
    double *time = tw_try_array(cx->arena, double, s.steps + 1);
    double *out = tw_try_array(cx->arena, double, (s.steps + 1) * n);
    for (size_t i = 0; i <= s.steps; i++)
        time[i] = s.start + s.duration * (double)i / (double)s.steps;
    tw_sim_result result;
    tw_sim_batch b = { .n = 1, .time = time, .n_time = s.steps + 1, .out = out, .result = &result };
    tw_sim_run_opts ro = { .rtol = s.relative * 1e-4, .atol = s.absolute * 1e-4, .width = 1 };
    assert_ok(tw_sim_run(cx, NULL, p, &b, &ro));
    if (result != TW_SIM_DONE)
        print_message("%s: %s\n", id, tw_sim_result_text(result));
    return compare(id, out, n, results, &s);
}

TEST(suite__every_case_passes_or_is_refused_by_name)
{
    SKIP_WITHOUT_DATA();
    size_t count[3] = { 0 }, cases = 0;
    tw_str line, rest = tw_test_read("sbml/manifest.tsv");
    assert_true(tw_str_split(&line, &rest, '\n'));
    while (tw_str_split(&line, &rest, '\n')) {
        tw_str id, model;
        if (!tw_str_split(&id, &line, '\t') || !tw_str_split(&model, &line, '\t'))
            continue;
        tw_mark mark = tw_arena_mark(cx->arena);
        count[run_case(tw_cstr(cx->arena, id), tw_cstr(cx->arena, model))]++;
        tw_arena_back(cx->arena, mark);
        tw_err_clear(cx);
        cases++;
    }
    print_message("%zu cases: %zu passed, %zu refused, %zu wrong\n", cases, count[PASSED], count[REFUSED],
                  count[WRONG]);
    assert_true(cases >= 1000);
    assert_int_equal(count[WRONG], 0);
    assert_true(count[REFUSED] * 100 <= cases);
}
