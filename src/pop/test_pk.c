#include <math.h>

#include "test_data.h"

static const tw_pop_dose doses[] = { { 0.0, 100.0, 0.0 }, { 6.0, 50.0, 0.0 }, { 7.0, 80.0, 3.0 } };

/** Runge and Kutta with small steps over depot and centre; infusions go into the centre. */
static double by_steps(const tw_pk1 *p, double time)
{
    double depot = 0.0, centre = 0.0, h = 1e-4, k = p->cl / p->v;
    bool given[3] = { false };
    for (double t = 0.0; t < time - 0.5 * h; t += h) {
        double in = 0.0;
        for (size_t i = 0; i < 3; i++) {
            double start = doses[i].time + p->lag;
            if (doses[i].duration > 0.0) {
                in += t + 0.5 * h >= start && t + 0.5 * h < start + doses[i].duration ?
                          doses[i].amount / doses[i].duration :
                          0.0;
            } else if (!given[i] && t + 0.5 * h >= start) {
                depot += p->ka > 0.0 ? doses[i].amount : 0.0;
                centre += p->ka > 0.0 ? 0.0 : doses[i].amount;
                given[i] = true;
            }
        }
        double mid_depot = depot * exp(-0.5 * p->ka * h);
        double mid = centre + 0.5 * h * (p->ka * depot - k * centre + in);
        centre += h * (p->ka * mid_depot - k * mid + in);
        depot *= exp(-p->ka * h);
    }
    return centre / p->v;
}

TEST(pk1__agrees_with_small_steps_over_repeated_doses_and_an_infusion)
{
    const tw_pk1 law[] = { { 1.3, 2.0, 30.0, 0.5 }, { 0.0, 2.0, 30.0, 0.0 }, { 0.5, 10.0, 20.0, 1.0 } };
    for (size_t i = 0; i < TW_COUNT(law); i++)
        for (double t = 3.0; t < 20.0; t += 5.5)
            assert_near(tw_pk1_at(NULL, &law[i], doses, 3, t), by_steps(&law[i], t), 2e-5);
}

TEST(pk1__has_its_gradient_also_where_absorption_equals_elimination)
{
    const tw_pk1 law[] = { { 1.3, 2.0, 30.0, 0.5 }, { 0.1, 3.0, 30.0, 0.2 }, { 0.1 + 1e-5, 3.0, 30.0, 0.2 } };
    for (size_t i = 0; i < TW_COUNT(law); i++) {
        for (double t = 1.1; t < 20.0; t += 4.3) {
            double g[4], h = 1e-6;
            (void)tw_pk1_at(g, &law[i], doses, 3, t);
            for (size_t k = 0; k < 4; k++) {
                double p[4] = { law[i].ka, law[i].cl, law[i].v, law[i].lag }, side[2];
                for (int s = 0; s < 2; s++) {
                    double q[4] = { p[0], p[1], p[2], p[3] };
                    q[k] += s ? h : -h;
                    side[s] = tw_pk1_at(NULL, &(tw_pk1){ q[0], q[1], q[2], q[3] }, doses, 3, t);
                }
                assert_near(g[k], (side[1] - side[0]) / (2.0 * h), 1e-5);
            }
        }
    }
}

TEST(pk1__is_nothing_before_its_lag)
{
    const tw_pk1 law = { 1.3, 2.0, 30.0, 0.5 };
    assert_near(tw_pk1_at(NULL, &law, doses, 3, 0.5), 0.0, 0.0);
    assert_true(tw_pk1_at(NULL, &law, doses, 3, 0.6) > 0.0);
}

/** Prothrombin activity by small steps, as the equation stands in the header. */
static double activity_by_steps(const double *phi, const tw_pop_person *p, double time)
{
    const tw_pk1 pk = { .lag = phi[0], .ka = phi[1], .cl = phi[2], .v = phi[3] };
    double r = phi[4], h = 1e-3;
    for (double t = 0.0; t < time - 0.5 * h; t += h) {
        double c = tw_pk1_at(NULL, &pk, p->dose, p->n_dose, t + 0.5 * h);
        double goal = phi[4] * (1.0 - c / (phi[5] + c));
        r = goal + (r - goal) * exp(-phi[6] * h);
    }
    return r;
}

TEST(warfarin__quadrature_follows_the_equation)
{
    const tw_pop_model *m = tw_pop_warfarin();
    const double phi[] = { 0.8, 1.2, 0.139, 8.04, 99.6, 1.09, 0.055 };
    const tw_pop_dose two[] = { { 0.0, 100.0, 0.0 }, { 50.0, 60.0, 0.0 } };
    const double hour[] = { 0.5, 5.0, 24.0, 60.0, 144.0 };
    tw_pop_obs obs[5] = { { 0 } };
    double f[5];
    for (size_t j = 0; j < 5; j++)
        obs[j] = (tw_pop_obs){ .time = hour[j], .output = 1 };
    tw_pop_person p = { .dose = two, .n_dose = 2, .obs = obs, .n_obs = 5 };
    (void)m->predict(m->self, f, NULL, phi, &p);
    for (size_t j = 0; j < 5; j++)
        assert_near(f[j], activity_by_steps(phi, &p, hour[j]), 1e-4); /* the steps are good to that */
}

TEST(models__have_the_jacobian_of_their_values)
{
    const tw_pop_model *all[] = { tw_pop_theophylline(), tw_pop_warfarin(), tw_pop_phenobarbital() };
    const tw_pop_dose d[] = { { 0.0, 100.0, 0.0 }, { 24.0, 50.0, 0.0 } };
    for (size_t i = 0; i < 3; i++) {
        const tw_pop_model *m = all[i];
        tw_pop_obs obs[4] = { { 0 } };
        double phi[TW_POP_PAR_MAX], f[4], up[4], down[4], jac[4 * TW_POP_PAR_MAX];
        tw_pop_population start = tw_pop_start(m);
        tw_pop_natural(phi, m, start.mean);
        for (size_t j = 0; j < 4; j++)
            obs[j] = (tw_pop_obs){ .time = 3.0 + 11.0 * (double)j, .output = j % 2 && m->n_output > 1 };
        tw_pop_person p = { .dose = d, .n_dose = 2, .obs = obs, .n_obs = 4 };
        assert_true(m->predict(m->self, f, jac, phi, &p));
        for (size_t k = 0; k < m->n_par; k++) {
            double keep = phi[k], h = 1e-5 * keep;
            phi[k] = keep + h;
            (void)m->predict(m->self, up, NULL, phi, &p);
            phi[k] = keep - h;
            (void)m->predict(m->self, down, NULL, phi, &p);
            phi[k] = keep;
            for (size_t j = 0; j < 4; j++)
                assert_near(jac[j * m->n_par + k] * keep, (up[j] - down[j]) / (2e-5), 2e-4 * (1.0 + fabs(f[j])));
        }
    }
}

TEST(laws__go_there_and_back)
{
    const tw_pop_par par[] = { { "a", "", TW_POP_LOG, 0.0, 0.0 },
                               { "b", "", TW_POP_NORMAL, 0.0, 0.0 },
                               { "c", "", TW_POP_LOGIT, 2.0, 5.0 } };
    const tw_pop_model m = { .id = "laws", .par = par, .n_par = 3 };
    const double phi[] = { 0.3, -4.0, 2.5 };
    double psi[3], again[3];
    tw_pop_transformed(psi, &m, phi);
    tw_pop_natural(again, &m, psi);
    for (size_t i = 0; i < 3; i++)
        assert_near(again[i], phi[i], 1e-14);
    assert_near(psi[2], log(0.5 / 2.5), 1e-14);
}

TEST(table__reads_doses_values_limits_and_people)
{
    const tw_pop_model *m = tw_pop_warfarin();
    tw_pop_person *p = NULL;
    size_t n = 0;
    assert_ok(tw_pop_read(cx, &p, &n, m,
                          TW_STR("id,time,amt,dv,dvid,evid,cens,wt,age,sex\n7,0,100,0,cp,1,0,66.7,50,male\n"
                                 "7,1,0,0.2,1,0,1,66.7,50,male\n7,24,0,49,pca,0,0,66.7,50,male\n"
                                 "9,0,120,,cp,1,,80,31,female\n9,2,,9.5,cp,0,,80,31,female\n")));
    assert_int_equal(n, 2);
    assert_int_equal(p[0].n_dose, 1);
    assert_int_equal(p[0].n_obs, 2);
    assert_int_equal(p[0].obs[0].kind, TW_POP_BELOW);
    assert_int_equal(p[0].obs[1].output, 1);
    assert_near(p[0].covariate[2], 1.0, 0.0);
    assert_near(p[1].dose[0].amount, 120.0, 0.0);
    assert_near(p[1].covariate[0], 80.0, 0.0);
    assert_status(TW_EPARSE, tw_pop_read(cx, &p, &n, m, TW_STR("id,time,amt,dv\n1,0,1,2\n")));
    assert_status(TW_EPARSE, tw_pop_read(cx, &p, &n, m, TW_STR("id,time,amt,dv,dvid\n1,x,1,2,cp\n")));
    assert_non_null(strstr(cx->err.msg, "line 2"));
    assert_status(TW_EPARSE, tw_pop_read(cx, &p, &n, m, TW_STR("id,time,amt,dv,dvid\n1,0,0,2,bp\n")));
}
