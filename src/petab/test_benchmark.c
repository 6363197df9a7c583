/* Published problems: the simulations of their authors, at the parameters they give. */
#include <dirent.h>
#include <math.h>

#include "petab/petab_internal.h"
#include "test_near.h"

static tw_status read_file(tw_ctx *c, void *self, tw_str *out, tw_str name)
{
    (void)c;
    *out = tw_test_read(tw_strf(cx->arena, TW_FMT "/" TW_FMT, TW_ARG(*(tw_str *)self), TW_ARG(name)).p);
    return TW_OK;
}

static const char *starting(tw_str folder, const char *with, const char *ending)
{
    DIR *d = opendir(tw_strf(cx->arena, "%s/" TW_FMT, tw_test_data(), TW_ARG(folder)).p);
    const char *found = NULL;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        if (tw_str_starts(tw_str_of(e->d_name), with) && tw_str_ends(tw_str_of(e->d_name), ending))
            found = tw_strf(cx->arena, TW_FMT "/%s", TW_ARG(folder), e->d_name).p;
    if (d)
        closedir(d);
    return found;
}

/* The largest difference to the published simulations, in standard deviations of the noise. */
static double difference(const tw_petab *p, const tw_petab_result *r, tw_str folder)
{
    tw_petab_table t = { 0 };
    double want, worst = 0;
    assert_ok(tw_petab_table_add(cx, &t, tw_test_read(starting(folder, "simulatedData", ".tsv")), folder));
    assert_int_equal(t.n_row, p->n_measurement);
    for (uint32_t i = 0; i < t.n_row; i++)
        if (tw_petab_number(&want, tw_petab_field(&t, i, "simulation"))) {
            tw_petab_scale scale = p->noise[i].scale;
            double d = fabs(tw_petab_scaled(scale, r->simulation[i]) - tw_petab_scaled(scale, want)) / r->noise[i];
            worst = d <= worst ? worst : d;
        }
    return worst;
}

static void compare(const char *name, double atol, double tolerance)
{
    tw_petab *p;
    tw_petab_result r;
    tw_str folder = tw_strf(cx->arena, "petab/benchmark/%s", name);
    tw_petab_files files = { read_file, &folder };
    tw_sim_run_opts opts = { .rtol = 1e-8, .atol = atol };
    assert_ok(tw_petab_read(cx, &p, tw_test_read(starting(folder, name, ".yaml")), &files));
    assert_ok(tw_petab_evaluate(cx, &r, p, NULL, &opts));
    double d = difference(p, &r, folder);
    print_message(
        "%s: llh %.6f, chi2 %.4f, %u measurements, %u experiments (%u failed), %u runs, %llu steps, %llu stiff, "
        "worst difference %.2g sd\n",
        name, r.llh, r.chi2, p->n_measurement, r.n_experiment, r.n_failed, r.n_run, (unsigned long long)r.count.steps,
        (unsigned long long)r.count.stiff, d);
    assert_int_equal(0, r.n_failed);
    assert_true(d <= tolerance);
}

TEST(benchmark__is_met_as_its_authors_simulated_it)
{
    static const struct {
        const char *name;
        double atol, tolerance;
    } rows[] = {
        { "Boehm_JProteomeRes2014", 1e-10, 1e-3 },
        { "Brannmark_JBC2010", 1e-10, 1e-3 }, /* from a steady state */
        { "Crauste_CellSystems2017", 1e-10, 1e-3 },
        { "Fujita_SciSignal2010", 1e-6, 0.2 }, /* receptors count in tens of millions */
        { "Perelson_Science1996", 1e-10, 1e-3 },
        { "Rahman_MBS2016", 1e-10, 1e-3 },
        { "Weber_BMC2015", 1e-10, 1e-3 },
    };
    SKIP_WITHOUT_DATA();
    for (size_t i = 0; i < TW_COUNT(rows); i++)
        compare(rows[i].name, rows[i].atol, rows[i].tolerance);
}
