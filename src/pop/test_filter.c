#include <math.h>

#include "test_data.h"

/** Moments of psi by importance sampling with many draws: what every sampler must agree with. */
static void reference(double *mean, double *sd, const tw_pop_population *pop, const tw_pop_person *p)
{
    tw_pop_posterior post;
    assert_ok(tw_pop_fit_person(cx, &post, tw_pop_theophylline(), pop, p, 20000, 77));
    for (size_t k = 0; k < 3; k++) {
        mean[k] = sd[k] = 0.0;
        for (size_t d = 0; d < post.n_draw; d++)
            mean[k] += post.draw[3 * d + k] / 20000.0;
        for (size_t d = 0; d < post.n_draw; d++)
            sd[k] += (post.draw[3 * d + k] - mean[k]) * (post.draw[3 * d + k] - mean[k]) / 20000.0;
        sd[k] = sqrt(sd[k]);
    }
}

static tw_particles particles(tw_pop_target *t, size_t n, uint64_t seed)
{
    tw_particles p = { .n_particle = n, .n = 3 };
    assert_ok(tw_stat_array(cx, &p.x, 3 * n));
    assert_ok(tw_stat_array(cx, &p.weight, n));
    for (size_t i = 0; i < n; i++)
        p.weight[i] = 1.0 / (double)n;
    tw_pop_prior_draws(p.x, t, n, seed);
    return p;
}

/** Means within `shift` sds, sds within `stretch`. */
static void assert_agrees(const tw_particles *p, const double *mean, const double *sd, double shift, double stretch)
{
    double m[3], c[9];
    tw_particles_moments(m, c, p);
    for (size_t k = 0; k < 3; k++) {
        assert_near((m[k] - mean[k]) / sd[k], 0.0, shift);
        assert_near(sqrt(c[4 * k]) / sd[k], 1.0, stretch);
    }
}

TEST(samplers__agree_on_a_persons_parameters)
{
    tw_pop_population pop = test_population();
    double psi[3], mean[3], sd[3], start[12], evidence;
    tw_pop_person p = test_person(psi, &pop, 21);
    tw_pop_target *t = NULL;
    tw_mcmc_result chains;
    tw_smc_result tempered;
    reference(mean, sd, &pop, &p);
    assert_ok(tw_pop_target_make(cx, &t, tw_pop_theophylline(), &pop, &p));
    tw_pop_prior_draws(start, t, 4, 3);
    assert_ok(tw_mcmc(cx, &chains, start, 3, tw_pop_log_posterior, t, &(tw_mcmc_opts){ .kept = 5000, .seed = 4 }));
    assert_true(chains.rhat_max < 1.02);
    assert_true(chains.ess_min > 600.0);
    tw_particles all = { chains.draw, NULL, 20000, 3 }, some = particles(t, 2000, 5), many = particles(t, 8000, 6);
    assert_ok(tw_stat_array(cx, &all.weight, 20000));
    for (size_t i = 0; i < 20000; i++)
        all.weight[i] = 1.0 / 20000.0;
    assert_agrees(&all, mean, sd, 0.15, 0.12);
    assert_ok(tw_smc(cx, &tempered, &some, tw_pop_log_prior, tw_pop_log_likelihood, t, &(tw_smc_opts){ .seed = 5 }));
    assert_agrees(&some, mean, sd, 0.2, 0.15);
    assert_ok(tw_pop_filter(cx, &evidence, &many, tw_pop_theophylline(), &pop, &p, TW_POP_PARTICLES, 6));
    assert_agrees(&many, mean, sd, 0.5, 0.3); /* jitter at every value costs something */
    /* both estimate the same evidence; the target leaves out n ln(2 pi) / 2 */
    assert_near(evidence, tempered.log_evidence - 5.0 * TW_LN_2PI, 0.7);
}

TEST(ensemble__comes_near_and_refuses_limits)
{
    tw_pop_population pop = test_population();
    double psi[3], mean[3], sd[3], evidence;
    tw_pop_person p = test_person(psi, &pop, 22);
    tw_pop_target *t = NULL;
    reference(mean, sd, &pop, &p);
    assert_ok(tw_pop_target_make(cx, &t, tw_pop_theophylline(), &pop, &p));
    tw_particles e = particles(t, 2000, 7);
    assert_ok(tw_pop_filter(cx, &evidence, &e, tw_pop_theophylline(), &pop, &p, TW_POP_ENSEMBLE, 7));
    assert_true(isnan(evidence));
    assert_agrees(&e, mean, sd, 2.0, 0.8); /* Gaussian updates of a curve that is none: near, no more */
    tw_pop_obs below = { .time = 24.0, .y = 3.0, .kind = TW_POP_BELOW };
    p.obs = &below;
    p.n_obs = 1;
    assert_status(TW_EUSAGE,
                  tw_pop_filter(cx, &evidence, &e, tw_pop_theophylline(), &pop, &p, TW_POP_ENSEMBLE, 7));
    assert_ok(tw_pop_filter(cx, &evidence, &e, tw_pop_theophylline(), &pop, &p, TW_POP_PARTICLES, 7));
}
