/* Distances of samples, and the normal law far out. */
#include "stat/stat.h"

#include <math.h>

double tw_normal_cdf(double z)
{
    return 0.5 * erfc(-z * 0.7071067811865476);
}

double tw_log_normal_cdf(double z)
{
    if (z > -10.0)
        return log(tw_normal_cdf(z));
    /* Mills' ratio, asymptotic series; relative error under 1e-7 from -10 on */
    double w = 1.0 / (z * z);
    return -0.5 * z * z - 0.5 * TW_LN_2PI - log(-z) + log1p(-w * (1.0 - w * (3.0 - 15.0 * w)));
}

static double mean_distance(const double *x, size_t n_x, const double *y, size_t n_y, size_t dim)
{
    double sum = 0.0;
    for (size_t i = 0; i < n_x; i++) {
        for (size_t j = 0; j < n_y; j++) {
            double d = 0.0;
            for (size_t k = 0; k < dim; k++)
                d += (x[i * dim + k] - y[j * dim + k]) * (x[i * dim + k] - y[j * dim + k]);
            sum += sqrt(d);
        }
    }
    return sum / ((double)n_x * (double)n_y);
}

double tw_energy_distance(const double *x, size_t n_x, const double *y, size_t n_y, size_t dim)
{
    TW_ASSERT(n_x > 0 && n_y > 0);
    double e = 2.0 * mean_distance(x, n_x, y, n_y, dim) - mean_distance(x, n_x, x, n_x, dim) -
               mean_distance(y, n_y, y, n_y, dim);
    return sqrt(TW_MAX(e, 0.0));
}

double tw_score_auc(const double *a, size_t n_a, const double *b, size_t n_b)
{
    TW_ASSERT(n_a > 0 && n_b > 0);
    double wins = 0.0;
    for (size_t i = 0; i < n_a; i++)
        for (size_t j = 0; j < n_b; j++)
            wins += a[i] > b[j] ? 1.0 : a[i] == b[j] ? 0.5 : 0.0;
    return wins / ((double)n_a * (double)n_b);
}
