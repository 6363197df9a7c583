#include <math.h>

#include "test_data.h"

static double density(double x)
{
    return exp(-0.5 * x * x - 0.5 * TW_LN_2PI);
}

/** delta of a Gaussian with shift 1 / sigma by its definition: the integral of max(0, p - e^epsilon q). */
static double delta_by_integral(double epsilon, double sigma)
{
    double sum = 0.0, h = 1e-3, shift = 1.0 / sigma;
    for (double x = -30.0; x < 30.0; x += h) {
        double d = density(x - shift) - exp(epsilon) * density(x);
        sum += d > 0.0 ? d * h : 0.0;
    }
    return sum;
}

TEST(gaussian_mechanism__has_the_delta_that_was_asked_for)
{
    const double epsilon[] = { 0.5, 1.0, 4.0, 8.0 };
    for (size_t i = 0; i < TW_COUNT(epsilon); i++) {
        double sigma = tw_pop_gaussian_sigma(epsilon[i], 1e-5);
        assert_near(delta_by_integral(epsilon[i], sigma) / 1e-5, 1.0, 1e-3);
    }
    /* the classical bound asks for more */
    assert_true(tw_pop_gaussian_sigma(1.0, 1e-5) < sqrt(2.0 * log(1.25e5)));
}

static const double ref_mean[2] = { 1.0, -1.0 }, ref_cov[4] = { 0.36, 0.0, 0.0, 0.25 };

static double *people(size_t n, uint64_t seed)
{
    double *psi = NULL;
    tw_rng rng = tw_rng_of(seed, 1);
    assert_ok(tw_stat_array(cx, &psi, 2 * n));
    for (size_t i = 0; i < n; i++) {
        psi[2 * i] = 1.2 + 0.5 * tw_rng_normal(&rng);
        psi[2 * i + 1] = -1.1 + 0.3 * tw_rng_normal(&rng) + 0.3 * (psi[2 * i] - 1.2);
    }
    return psi;
}

TEST(dp__of_many_people_is_near_the_truth_and_of_few_near_the_reference)
{
    tw_pop_budget b = { .epsilon_max = 2.0, .delta_max = 2e-5 };
    double mean[2], cov[4];
    const tw_pop_dp_opts o = { .epsilon = 1.0, .delta = 1e-5, .seed = 5 };
    assert_ok(tw_pop_dp_release(cx, mean, cov, &b, people(50000, 3), 50000, 2, ref_mean, ref_cov, &o));
    assert_near(mean[0], 1.2, 0.02);
    assert_near(cov[0], 0.25, 0.02);
    assert_near(cov[1], 0.075, 0.02);
    assert_ok(tw_pop_dp_release(cx, mean, cov, &b, people(3, 3), 3, 2, ref_mean, ref_cov, &o));
    assert_near(mean[0], ref_mean[0], 0.2);
    assert_near(cov[3], ref_cov[3], 0.1);
    assert_near(b.epsilon, 2.0, 1e-12);
    assert_status(TW_EBUDGET, tw_pop_dp_release(cx, mean, cov, &b, people(3, 3), 3, 2, ref_mean, ref_cov, &o));
    assert_near(b.epsilon, 2.0, 1e-12);
}

/** Replacing one person moves the query by the sensitivity at most: with no noise to speak of, released moments of two
 *  neighbouring sets differ by that. */
TEST(dp__one_person_moves_little_however_far_out)
{
    enum { N = 50 };
    double *a = people(N, 4), *b = people(N, 4), ma[2], mb[2], ca[4], cb[4];
    tw_pop_budget budget = { .epsilon_max = 1e9, .delta_max = 1.0 };
    const tw_pop_dp_opts o = { .epsilon = 1e6, .delta = 1e-5, .clip = 2.0, .seed = 6 };
    b[0] = 1e6;
    b[1] = -1e6;
    assert_ok(tw_pop_dp_release(cx, ma, ca, &budget, a, N, 2, ref_mean, ref_cov, &o));
    assert_ok(tw_pop_dp_release(cx, mb, cb, &budget, b, N, 2, ref_mean, ref_cov, &o));
    double radius = 2.0 * sqrt(2.0), dz[2] = { (ma[0] - mb[0]) / 0.6, (ma[1] - mb[1]) / 0.5 };
    assert_true(sqrt(tw_la_square(dz, 2)) <= 2.0 * radius / N + 1e-3);
    assert_true(sqrt(tw_la_square(dz, 2)) > 0.5 * radius / N);
}

/** The sensitivity that the noise is made for, by brute force over pairs inside the unit ball. */
TEST(dp__no_pair_of_people_moves_the_query_by_more_than_its_sensitivity)
{
    tw_rng rng = tw_rng_of(tw_test_seed(), 3);
    double worst = 0.0;
    for (int r = 0; r < 200000; r++) {
        double z[2][3], change = 0.0;
        for (int k = 0; k < 2; k++) {
            double length = 0.0, radius = tw_rng_uniform(&rng) < 0.5 ? 1.0 : tw_rng_uniform(&rng);
            for (size_t i = 0; i < 3; i++)
                z[k][i] = tw_rng_normal(&rng);
            length = sqrt(tw_la_square(z[k], 3));
            for (size_t i = 0; i < 3; i++)
                z[k][i] *= radius / length;
        }
        for (size_t i = 0; i < 3; i++) {
            change += (z[0][i] - z[1][i]) * (z[0][i] - z[1][i]);
            for (size_t j = 0; j < 3; j++) {
                double d = z[0][i] * z[0][j] - z[1][i] * z[1][j];
                change += d * d;
            }
        }
        worst = TW_MAX(worst, change);
    }
    assert_true(worst <= 4.5 + 1e-12);
    assert_true(worst > 4.45);
}

TEST(dp__adds_the_noise_that_its_sensitivity_asks_for)
{
    enum { N = 2000, ROUNDS = 400 };
    double *psi = NULL, square = 0.0, radius = 3.0 * sqrt(2.0);
    double want = tw_pop_gaussian_sigma(1.0, 1e-5) * sqrt(4.5) * radius / N; /* of the whitened mean */
    assert_ok(tw_stat_array(cx, &psi, 2 * N));
    for (size_t i = 0; i < N; i++)
        memcpy(psi + 2 * i, ref_mean, sizeof ref_mean);
    for (uint64_t r = 0; r < ROUNDS; r++) {
        tw_pop_budget b = { .epsilon_max = 1.0, .delta_max = 1e-5 };
        double mean[2], cov[4];
        assert_ok(tw_pop_dp_release(cx, mean, cov, &b, psi, N, 2, ref_mean, ref_cov,
                                    &(tw_pop_dp_opts){ .epsilon = 1.0, .delta = 1e-5, .seed = r }));
        square += (mean[0] - ref_mean[0]) * (mean[0] - ref_mean[0]) / ROUNDS;
    }
    assert_near(sqrt(square) / 0.6 / want, 1.0, 0.12); /* 0.6: sd of the reference */
}

TEST(dp__refuses_bad_options)
{
    tw_pop_budget b = { .epsilon_max = 1.0, .delta_max = 1.0 };
    double mean[2], cov[4], flat[4] = { 0.0 };
    const tw_pop_dp_opts o = { .epsilon = 1.0, .delta = 1e-5 }, none = { .epsilon = 0.0, .delta = 1e-5 };
    assert_status(TW_EPARSE, tw_pop_dp_release(cx, mean, cov, &b, people(5, 1), 5, 2, ref_mean, ref_cov, &none));
    assert_status(TW_EPARSE, tw_pop_dp_release(cx, mean, cov, &b, people(5, 1), 5, 2, ref_mean, flat, &o));
    assert_status(TW_EPARSE, tw_pop_dp_release(cx, mean, cov, &b, people(5, 1), 1, 2, ref_mean, ref_cov, &o));
    assert_near(b.epsilon, 0.0, 0.0);
}

TEST(attack_attribute__sees_a_shift_and_nothing_where_there_is_none)
{
    enum { N = 400 };
    double *psi = people(N, 8);
    bool yes[N];
    tw_pop_attack a;
    for (size_t i = 0; i < N; i++)
        yes[i] = i % 4 == 0;
    assert_ok(tw_pop_attack_attribute(cx, &a, psi, N, 2, yes));
    assert_near(a.auc, 0.5, 0.12);
    assert_near(a.majority, 0.75, 1e-9);
    for (size_t i = 0; i < N; i++)
        psi[2 * i] += yes[i] ? 1.5 : 0.0;
    assert_ok(tw_pop_attack_attribute(cx, &a, psi, N, 2, yes));
    assert_true(a.auc > 0.95); /* three sds and more along the best direction */
    assert_true(a.accuracy > 0.9);
    assert_status(TW_EPARSE, tw_pop_attack_attribute(cx, &a, psi, 4, 2, (bool[4]){ true, false, false, false }));
}

TEST(attack_member__knows_members_of_a_small_mean)
{
    enum { N = 10, ROUNDS = 200 };
    double in[N], out[N], auc = 0.0;
    for (uint64_t r = 0; r < ROUNDS; r++) {
        double *a = people(N, 100 + 2 * r), *b = people(N, 101 + 2 * r), mean[2] = { 0.0 };
        for (size_t i = 0; i < N; i++)
            for (size_t k = 0; k < 2; k++)
                mean[k] += a[2 * i + k] / N;
        assert_ok(tw_pop_attack_member(cx, in, a, N, 2, mean, (double[]){ 1.2, -1.1 }, ref_cov));
        assert_ok(tw_pop_attack_member(cx, out, b, N, 2, mean, (double[]){ 1.2, -1.1 }, ref_cov));
        auc += tw_score_auc(in, N, out, N) / ROUNDS;
    }
    assert_true(auc > 0.58 && auc < 0.75); /* shift of sqrt(dim / n) sds: .62 */
}

TEST(attack_link__finds_everybody_by_exact_copies_and_nobody_by_noise)
{
    enum { N = 100 };
    double *a = people(N, 9), *b = people(N, 10), share;
    assert_ok(tw_pop_attack_link(cx, &share, a, a, N, 2, ref_cov));
    assert_near(share, 1.0, 1e-9);
    assert_ok(tw_pop_attack_link(cx, &share, a, b, N, 2, ref_cov));
    assert_true(share < 0.08);
}
