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
    double below = 0.5 * erfc(-z * 0.7071067811865476);
    return sd * (z * (2.0 * below - 1.0) + 2.0 * density - 0.5641895835477563);
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
