#include <dirent.h>
#include <math.h>

#include "petab/petab_internal.h"
#include "test_near.h"

/* ---------------------------------------------------------------- problems from files */

static tw_status read_file(tw_ctx *c, void *self, tw_str *out, tw_str name)
{
    (void)c;
    *out = tw_test_read(tw_strf(cx->arena, "%s/" TW_FMT, (const char *)self, TW_ARG(name)).p);
    return TW_OK;
}

static tw_petab *problem(const char *folder, const char *yaml)
{
    union {
        const char *in;
        void *out;
    } u = { folder };
    tw_petab_files files = { read_file, u.out };
    tw_petab *p;
    if (tw_petab_read(cx, &p, tw_test_read(tw_strf(cx->arena, "%s/%s", folder, yaml).p), &files) != TW_OK) {
        print_error("%s: %s\n", folder, cx->err.msg);
        return NULL;
    }
    return p;
}

static double solution(const tw_yaml *y, const char *key)
{
    double v = (double)NAN;
    const tw_yaml *at = tw_yaml_get(y, key);
    return at && tw_petab_number(&v, at->text) ? v : (double)NAN;
}

static int off(const char *folder, const char *what, double got, double want, double tolerance)
{
    if (isnan(want) || fabs(got - want) <= tolerance)
        return 0;
    print_error("%s: %s is %.15g, not %.15g\n", folder, what, got, want);
    return 1;
}

static int simulations(const char *folder, const tw_petab *p, const tw_petab_result *r, double tolerance)
{
    tw_petab_table t = { 0 };
    int wrong = 0;
    double want;
    tw_str name = TW_STR("_simulations.tsv");
    assert_ok(tw_petab_table_add(cx, &t, tw_test_read(tw_strf(cx->arena, "%s/_simulations.tsv", folder).p), name));
    assert_int_equal(t.n_row, p->n_measurement);
    for (uint32_t i = 0; i < t.n_row; i++) {
        assert_true(tw_str_eq(p->measurement[i].observable, tw_petab_field(&t, i, "observableId")));
        assert_true(tw_petab_number(&want, tw_petab_field(&t, i, "simulation")));
        wrong += off(folder, tw_strf(cx->arena, "simulation %u", i).p, r->simulation[i], want, tolerance);
    }
    return wrong;
}

static int priors(const char *folder, const tw_petab *p, const tw_yaml *y)
{
    const tw_yaml *log_prior = tw_yaml_get(y, "log_prior");
    int wrong = 0;
    for (uint32_t i = 0; log_prior && i < p->n_parameter; i++) {
        const tw_petab_parameter *q = &p->parameter[i];
        wrong += off(folder, tw_cstr(cx->arena, q->id), tw_petab_log_prior(q, q->nominal),
                     solution(log_prior, tw_cstr(cx->arena, q->id)), 2e-14); /* they are printed to 14 digits */
    }
    return wrong;
}

static int check_case(const char *folder, const char *number)
{
    tw_yaml *y;
    tw_petab_result r;
    tw_petab *p = problem(folder, tw_strf(cx->arena, "_%s.yaml", number).p);
    if (!p)
        return 1;
    assert_ok(tw_yaml_read(cx, &y, tw_test_read(tw_strf(cx->arena, "%s/_%s_solution.yaml", folder, number).p)));
    if (tw_petab_evaluate(cx, &r, p, NULL, NULL) != TW_OK) {
        print_error("%s: %s\n", folder, cx->err.msg);
        return 1;
    }
    int wrong = off(folder, "llh", r.llh, solution(y, "llh"), solution(y, "tol_llh"));
    wrong += off(folder, "chi2", r.chi2, solution(y, "chi2"), solution(y, "tol_chi2"));
    wrong += off(folder, "posterior", r.llh + r.log_prior, solution(y, "unnorm_log_posterior"), 1e-3);
    wrong += simulations(folder, p, &r, solution(y, "tol_simulations"));
    return (wrong + priors(folder, p, y)) != 0;
}

static void suite(const char *version, int at_least)
{
    DIR *d = opendir(tw_strf(cx->arena, "%s/petab/%s", tw_test_data(), version).p);
    int cases = 0, failed = 0;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        if (tw_is_digit(e->d_name[0])) {
            tw_err_clear(cx);
            failed += check_case(tw_strf(cx->arena, "petab/%s/%s", version, e->d_name).p, e->d_name);
            cases++;
        }
    closedir(d);
    assert_int_equal(0, failed);
    assert_true(cases >= at_least);
}

TEST(cases__of_version_1_are_met)
{
    SKIP_WITHOUT_DATA();
    suite("v1", 11);
}

TEST(cases__of_version_2_are_met)
{
    SKIP_WITHOUT_DATA();
    suite("v2", 19);
}
