/* Weighted draws: weights from their logs, truncation, effective size, systematic resampling; the t law that importance
 * samples are drawn from. */
#include "stat/stat.h"

#include <math.h>

double tw_weights_of_logs(double *w, size_t n)
{
    double top = -HUGE_VAL;
    for (size_t i = 0; i < n; i++)
        top = TW_MAX(top, w[i]);
    for (size_t i = 0; i < n; i++)
        w[i] = exp(w[i] - top);
    return top;
}

void tw_weights_truncate(double *w, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += w[i];
    double cap = sum / (double)n * sqrt((double)n);
    for (size_t i = 0; i < n; i++)
        w[i] = TW_MIN(w[i], cap);
}

double tw_weights_ess(const double *w, size_t n)
{
    double sum = 0.0, square = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += w[i];
        square += w[i] * w[i];
    }
    return square > 0.0 ? sum * sum / square : 0.0;
}

tw_resampling tw_resampling_of(const double *w, size_t n, size_t draws, tw_rng *rng)
{
    tw_resampling r = { .w = w, .n = n, .draws = draws, .u = tw_rng_uniform(rng) };
    for (size_t i = 0; i < n; i++)
        r.total += w[i];
    return r;
}

size_t tw_resampling_next(tw_resampling *r)
{
    double goal = (r->u + (double)r->drawn++) / (double)r->draws * r->total;
    while (r->at + 1 < r->n && r->passed + r->w[r->at] < goal)
        r->passed += r->w[r->at++];
    return r->at;
}

double tw_t6_log_kernel(double square, size_t n)
{
    return -0.5 * (TW_T6 + (double)n) * log1p(square / TW_T6);
}

double tw_t6_log_density(const double *l, const double *x, size_t n)
{
    double square = 0.0;
    for (size_t i = 0; i < n; i++) { /* L' x */
        double s = 0.0;
        for (size_t j = i; j < n; j++)
            s += l[j * n + i] * x[j];
        square += s * s;
    }
    return tw_t6_log_kernel(square, n);
}

double tw_t6_log_constant(const double *l, size_t n)
{
    double d = (double)n;
    return lgamma(0.5 * (TW_T6 + d)) - lgamma(0.5 * TW_T6) - 0.5 * d * log(TW_T6 * 3.14159265358979324) +
           0.5 * tw_la_logdet(l, n);
}
