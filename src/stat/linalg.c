/* Dense linear algebra for a few dozen unknowns. Plain loops in a fixed order: the same bits everywhere. */
#include "stat/stat.h"

#include <math.h>

tw_status tw_stat_array(tw_ctx *cx, double **out, size_t n)
{
    *out = tw_try_array(cx->arena, double, n ? n : 1);
    if (!*out)
        return tw_fail(cx, TW_ELIMIT, "no room for %zu numbers", n);
    return TW_OK;
}

bool tw_la_chol(double *a, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        double d = a[j * n + j];
        for (size_t k = 0; k < j; k++)
            d -= a[j * n + k] * a[j * n + k];
        if (!(d > 0.0) || !isfinite(d))
            return false;
        d = sqrt(d);
        a[j * n + j] = d;
        for (size_t i = j + 1; i < n; i++) {
            double s = a[i * n + j];
            for (size_t k = 0; k < j; k++)
                s -= a[i * n + k] * a[j * n + k];
            a[i * n + j] = s / d;
        }
        for (size_t i = 0; i < j; i++)
            a[i * n + j] = 0.0;
    }
    return true;
}

void tw_la_solve_lower(const double *l, double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double s = x[i];
        for (size_t k = 0; k < i; k++)
            s -= l[i * n + k] * x[k];
        x[i] = s / l[i * n + i];
    }
}

void tw_la_solve_upper(const double *l, double *x, size_t n)
{
    for (size_t i = n; i-- > 0;) {
        double v = x[i] / l[i * n + i];
        x[i] = v;
        for (size_t k = 0; k < i; k++)
            x[k] -= l[i * n + k] * v;
    }
}

void tw_la_solve(const double *l, double *x, size_t n)
{
    tw_la_solve_lower(l, x, n);
    tw_la_solve_upper(l, x, n);
}

void tw_la_add_lower(double *x, const double *l, const double *z, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++)
            x[i] += l[i * n + j] * z[j];
}

void tw_la_inverse(double *inv, const double *l, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        double *row = inv + j * n; /* symmetric: a row serves as a column */
        for (size_t i = 0; i < n; i++)
            row[i] = i == j ? 1.0 : 0.0;
        tw_la_solve(l, row, n);
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            double v = 0.5 * (inv[i * n + j] + inv[j * n + i]);
            inv[i * n + j] = v;
            inv[j * n + i] = v;
        }
    }
}

double tw_la_logdet(const double *l, size_t n)
{
    double s = 0.0;
    for (size_t i = 0; i < n; i++)
        s += log(l[i * n + i]);
    return 2.0 * s;
}

double tw_la_square(const double *x, size_t n)
{
    double s = 0.0;
    for (size_t i = 0; i < n; i++)
        s += x[i] * x[i];
    return s;
}
