#include <math.h>

#include "test_data.h"

static tw_pop_population fitted(tw_pop_person **p, size_t *n)
{
    const tw_pop_model *m = tw_pop_theophylline();
    tw_pop_population pop = tw_pop_start(m);
    *n = real_people(p, m);
    assert_ok(tw_pop_focei(cx, &pop, m, *p, *n, NULL));
    return pop;
}

TEST(focei__meets_the_known_objective_of_theophylline)
{
    SKIP_WITHOUT_DATA();
    tw_pop_person *p = NULL;
    size_t n = 0;
    tw_pop_population pop = fitted(&p, &n);
    assert_int_equal(n, 12);
    assert_int_equal(pop.obs, 132);
    assert_near(pop.ofv, 116.80, 0.02);
    assert_near(pop.mean[0], 0.46389, 1e-3);
    assert_near(pop.mean[1], 1.01216, 1e-3);
    assert_near(pop.mean[2], 3.45975, 1e-3);
    assert_near(pop.add[0], 0.69441, 1e-3);
    assert_near(pop.cov[0], 0.40237, 2e-3);
    assert_near(pop.cov[4], 0.06910, 5e-4);
    assert_near(pop.cov[8], 0.01916, 2e-4);
}

TEST(saem__lands_beside_focei_and_a_little_above_in_exact_likelihood)
{
    SKIP_WITHOUT_DATA();
    const tw_pop_model *m = tw_pop_theophylline();
    tw_pop_person *p = NULL;
    size_t n = 0;
    tw_pop_population focei = fitted(&p, &n), saem = tw_pop_start(m);
    double exact_focei, exact_saem;
    assert_ok(tw_pop_saem(cx, &saem, m, p, n, NULL));
    for (size_t i = 0; i < 3; i++) {
        assert_near(exp(saem.mean[i] - focei.mean[i]), 1.0, 0.02);
        assert_near(sqrt(saem.cov[4 * i] / focei.cov[4 * i]), 1.0, 0.02);
    }
    assert_near(saem.add[0] / focei.add[0], 1.0, 0.02);
    assert_ok(tw_pop_exact(cx, &exact_focei, m, &focei, p, n, 20000, 1));
    assert_ok(tw_pop_exact(cx, &exact_saem, m, &saem, p, n, 20000, 1));
    assert_true(exact_saem < exact_focei);
}

TEST(fit__is_as_precise_as_its_curvature_says)
{
    SKIP_WITHOUT_DATA();
    tw_pop_person *p = NULL;
    size_t n = 0;
    tw_pop_population pop = fitted(&p, &n);
    tw_pop_precision precision;
    assert_ok(tw_pop_precision_of(cx, &precision, tw_pop_theophylline(), &pop, p, n));
    assert_int_equal(precision.n, 7);
    assert_true(precision.identified);
    assert_true(precision.condition < 100.0);
    /* sd of eta over root 12, and the error of 132 values of which 36 went into people */
    assert_near(precision.se[0], sqrt(pop.cov[0] / 12.0), 0.05);
    assert_near(precision.se[6], 1.0 / sqrt(2.0 * (132.0 - 36.0)), 0.015);
}

static void synthetic(tw_pop_person *p, size_t n, const tw_pop_population *pop)
{
    double psi[3];
    for (size_t i = 0; i < n; i++)
        p[i] = test_person(psi, pop, 500 + i);
}

TEST(fits__find_the_population_that_made_the_people)
{
    enum { N = 150 };
    const tw_pop_model *m = tw_pop_theophylline();
    tw_pop_population truth = test_population(), pop[3] = { tw_pop_start(m), tw_pop_start(m), tw_pop_start(m) };
    tw_pop_person p[N];
    synthetic(p, N, &truth);
    assert_ok(tw_pop_em(cx, &pop[0], m, p, N, NULL));
    assert_ok(tw_pop_focei(cx, &pop[1], m, p, N, NULL));
    assert_ok(tw_pop_saem(cx, &pop[2], m, p, N, &(tw_pop_saem_opts){ .seed = 3, .explore = 150, .smooth = 150 }));
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < 3; i++) { /* four standard errors */
            assert_near(pop[k].mean[i], truth.mean[i], 4.0 * sqrt(1.3 * truth.cov[4 * i] / N));
            assert_near(pop[k].cov[4 * i] / truth.cov[4 * i], 1.0, 4.0 * 1.3 * sqrt(2.0 / N));
        }
        assert_near(pop[k].add[0], truth.add[0], 0.06);
    }
    assert_true(pop[1].ofv <= pop[0].ofv + 1e-6);
}

/** An effect of weight on clearance, estimated. */
static const tw_pop_model *with_effect(void)
{
    static const tw_pop_effect effect[] = { { 1, 0, 70.0, true } };
    static tw_pop_model m;
    m = *tw_pop_theophylline();
    m.effect = effect;
    m.n_effect = 1;
    return &m;
}

TEST(fits__find_the_effect_of_a_covariate_and_correlations)
{
    enum { N = 120 };
    const tw_pop_model *m = with_effect();
    tw_pop_population truth = test_population(), start;
    tw_pop_person p[N];
    truth.beta[0] = 0.75;
    truth.cov[5] = truth.cov[7] = 0.6 * sqrt(truth.cov[4] * truth.cov[8]);
    synthetic(p, N, &truth);
    for (size_t i = 0; i < N; i++) {
        double psi[3], y[10], *wt = tw_new(cx->arena, double);
        tw_pop_obs *o = tw_try_array(cx->arena, tw_pop_obs, p[i].n_obs);
        *wt = 50.0 + 0.4 * (double)i;
        p[i].covariate = wt;
        assert_ok(tw_pop_simulate(cx, psi, y, m, &truth, &p[i], 900 + i));
        for (size_t j = 0; j < p[i].n_obs; j++) {
            o[j] = p[i].obs[j];
            o[j].y = y[j];
        }
        p[i].obs = o;
    }
    for (int k = 0; k < 3; k++) {
        start = tw_pop_start(m);
        start.mean[0] = 0.4;
        start.mean[1] = 1.1;
        start.mean[2] = 3.4;
        start.add[0] = 0.7;
        const tw_pop_fit_opts opts = { .full_cov = true };
        const tw_pop_saem_opts saem = { .full_cov = true, .seed = 2, .explore = 150, .smooth = 150 };
        assert_ok(k == 0 ? tw_pop_em(cx, &start, m, p, N, &opts) :
                  k == 1 ? tw_pop_focei(cx, &start, m, p, N, &opts) :
                           tw_pop_saem(cx, &start, m, p, N, &saem));
        assert_near(start.beta[0], 0.75, 0.4); /* sd of clearance .26, of ln weight .2: error .12 */
        assert_near(start.cov[5] / sqrt(start.cov[4] * start.cov[8]), 0.6, 0.25);
    }
}

TEST(fits__of_values_below_a_limit_use_their_probability)
{
    enum { N = 60 };
    const tw_pop_model *m = tw_pop_theophylline();
    tw_pop_population truth = test_population(), kept = tw_pop_start(m), cut = kept;
    tw_pop_person p[N], q[N];
    synthetic(p, N, &truth);
    for (size_t i = 0; i < N; i++) {
        tw_pop_obs *o = tw_try_array(cx->arena, tw_pop_obs, p[i].n_obs), *few = o;
        q[i] = p[i];
        q[i].n_obs = 0;
        tw_pop_obs *left = tw_try_array(cx->arena, tw_pop_obs, p[i].n_obs);
        for (size_t j = 0; j < p[i].n_obs; j++) {
            few[j] = p[i].obs[j];
            if (few[j].y < 3.0)
                few[j] = (tw_pop_obs){ .time = few[j].time, .y = 3.0, .kind = TW_POP_BELOW };
            else
                left[q[i].n_obs++] = few[j];
        }
        p[i].obs = o;
        q[i].obs = left;
    }
    assert_ok(tw_pop_focei(cx, &kept, m, p, N, NULL));
    assert_ok(tw_pop_focei(cx, &cut, m, q, N, NULL));
    assert_near(kept.mean[1], truth.mean[1], 0.14);
    assert_true(fabs(kept.mean[1] - truth.mean[1]) < fabs(cut.mean[1] - truth.mean[1]));
}

TEST(fits__refuse_two_people_and_parameters_that_do_not_vary)
{
    const tw_pop_model *m = tw_pop_theophylline();
    tw_pop_population truth = test_population(), pop = truth;
    tw_pop_person p[3];
    synthetic(p, 3, &truth);
    assert_status(TW_EPARSE, tw_pop_focei(cx, &pop, m, p, 2, NULL));
    pop.cov[8] = 0.0;
    assert_status(TW_EPARSE, tw_pop_saem(cx, &pop, m, p, 3, NULL));
    assert_ok(tw_pop_em(cx, &pop, m, p, 3, NULL));
    assert_near(pop.cov[8], 0.0, 0.0);
}

TEST(warfarin_and_phenobarbital__fit)
{
    SKIP_WITHOUT_DATA();
    const tw_pop_model *w = tw_pop_warfarin(), *b = tw_pop_phenobarbital();
    tw_pop_person *p = NULL;
    tw_pop_population pop = tw_pop_start(w);
    size_t n = real_people(&p, w);
    assert_int_equal(n, 20);
    assert_ok(tw_pop_em(cx, &pop, w, p, n, NULL));
    assert_near(exp(pop.mean[2]), 0.139, 0.01);
    assert_near(exp(pop.mean[3]), 8.04, 0.3);
    assert_near(exp(pop.mean[5]), 1.09, 0.15);
    assert_near(exp(pop.mean[6]), 0.055, 0.005);
    pop = tw_pop_start(b);
    n = real_people(&p, b);
    assert_int_equal(n, 39);
    assert_ok(tw_pop_focei(cx, &pop, b, p, n, NULL));
    assert_near(exp(pop.mean[0]), 0.0047, 0.001); /* L/h/kg, Grasela and Donn 1985 */
    assert_near(exp(pop.mean[1]), 0.96, 0.12);
}

TEST(population__is_read_as_it_was_written)
{
    const tw_pop_model *m = tw_pop_warfarin();
    tw_pop_population p = tw_pop_start(m), q;
    tw_buf b;
    p.cov[1] = p.cov[7] = 0.1 / 3.0;
    p.people = 20;
    tw_buf_init(&b, TW_MIB);
    tw_pop_population_write(&b, m, &p);
    tw_str text = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    assert_ok(tw_pop_population_read(cx, &q, m, text));
    assert_memory_equal(&p, &q, sizeof p);
    assert_status(TW_EPARSE, tw_pop_population_read(cx, &q, tw_pop_theophylline(), text));
    assert_status(TW_EPARSE, tw_pop_population_read(cx, &q, m, TW_STR("mean.lag\t1\n")));
    assert_non_null(strstr(cx->err.msg, "mean.ka"));
    assert_status(TW_EPARSE,
                  tw_pop_population_read(cx, &q, m, tw_strf(cx->arena, TW_FMT "mean.ka\t1\n", TW_ARG(text))));
}

/** What a card's numbers rest on stands beside it. */
TEST(populations__of_the_library_are_those_of_the_fits)
{
    const tw_pop_model *all[] = { tw_pop_theophylline(), tw_pop_warfarin(), tw_pop_phenobarbital() };
    for (size_t i = 0; i < 3; i++) {
        tw_pop_population p, fit = tw_pop_start(all[i]);
        tw_pop_person *people = NULL;
        assert_ok(tw_pop_population_read(cx, &p, all[i],
                                         tw_test_source(tw_strf(cx->arena, "models/%s/population.tsv", all[i]->id).p)));
        if (!tw_test_data())
            continue;
        size_t n = real_people(&people, all[i]);
        assert_ok((i == 1 ? tw_pop_em : tw_pop_focei)(cx, &fit, all[i], people, n, NULL));
        assert_int_equal(p.people, n);
        assert_near(p.ofv, fit.ofv, 1e-3);
        for (size_t k = 0; k < all[i]->n_par; k++)
            assert_near(p.mean[k], fit.mean[k], 1e-4);
    }
}
