/* Scores of probabilistic forecasts. Gneiting and Raftery, JASA 102 (2007) 359. */
#include "stat/stat.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

void tw_score_sort(double *x, size_t n)
{
    qsort(x, n, sizeof *x, by_value);
}

double tw_score_crps(double *x, size_t n, double y)
{
    TW_ASSERT(n > 0);
    tw_score_sort(x, n);
    double dist = 0.0, spread = 0.0;
    for (size_t i = 0; i < n; i++) {
        dist += fabs(x[i] - y);
        spread += (2.0 * (double)i + 1.0 - (double)n) * x[i];
    }
    double nd = (double)n;
    return dist / nd - spread / (nd * nd);
}

double tw_score_crps_normal(double mean, double sd, double y)
{
    TW_ASSERT(sd > 0.0);
    double z = (y - mean) / sd;
    double density = 0.3989422804014327 * exp(-0.5 * z * z);
    return sd * (z * (2.0 * tw_normal_cdf(z) - 1.0) + 2.0 * density - 0.5641895835477563);
}

double tw_score_pit(const double *x, size_t n, double y)
{
    TW_ASSERT(n > 0);
    double below = 0.0;
    for (size_t i = 0; i < n; i++)
        below += x[i] < y ? 1.0 : x[i] > y ? 0.0 : 0.5;
    return below / (double)n;
}

double tw_score_quantile(const double *sorted, size_t n, double p)
{
    TW_ASSERT(n > 0 && p >= 0.0 && p <= 1.0);
    double h = p * (double)(n - 1);
    size_t i = (size_t)h;
    if (i + 1 >= n)
        return sorted[n - 1];
    return sorted[i] + (h - (double)i) * (sorted[i + 1] - sorted[i]);
}

double tw_score_ks_uniform(double *u, size_t n)
{
    TW_ASSERT(n > 0);
    tw_score_sort(u, n);
    double worst = 0.0;
    for (size_t i = 0; i < n; i++) {
        double above = ((double)i + 1.0) / (double)n - u[i];
        double below = u[i] - (double)i / (double)n;
        worst = TW_MAX(worst, TW_MAX(above, below));
    }
    return worst;
}

void tw_score_interval(double *lo, double *hi, double *x, size_t n)
{
    tw_score_sort(x, n);
    *lo = tw_score_quantile(x, n, 0.025);
    *hi = tw_score_quantile(x, n, 0.975);
}

tw_calibration tw_score_calibration(double *pit, size_t n)
{
    tw_calibration c = { .ks = tw_score_ks_uniform(pit, n) };
    for (size_t i = 0; i < n; i++) {
        double u = pit[i];
        c.cover50 += u >= 0.25 && u <= 0.75 ? 1.0 : 0.0;
        c.cover90 += u >= 0.05 && u <= 0.95 ? 1.0 : 0.0;
        c.histogram[u < 1.0 ? (size_t)(10.0 * u) : 9]++;
    }
    c.cover50 /= (double)n;
    c.cover90 /= (double)n;
    return c;
}

double tw_log_density_normal(double y, double mean, double var)
{
    return -0.5 * (TW_LN_2PI + log(var) + (y - mean) * (y - mean) / var);
}

double tw_log_density_mixture(double y, const double *mean, const double *var, size_t n)
{
    double top = -HUGE_VAL, sum = 0.0;
    for (size_t i = 0; i < n; i++)
        top = TW_MAX(top, tw_log_density_normal(y, mean[i], var[i]));
    for (size_t i = 0; i < n; i++)
        sum += exp(tw_log_density_normal(y, mean[i], var[i]) - top);
    return top + log(sum / (double)n);
}
