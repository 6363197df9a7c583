/* Cyclic Jacobi rotations: slow and sure, for matrices of a few dozen rows. Golub and Van Loan, Matrix Computations,
 * section 8.5. */
#include "stat/stat.h"

#include <math.h>

#define SWEEPS_MAX 60

static void rotate(double *a, double *v, size_t n, size_t p, size_t q)
{
    double apq = a[p * n + q];
    if (apq == 0.0)
        return;
    double tau = (a[q * n + q] - a[p * n + p]) / (2.0 * apq);
    double t = (tau >= 0.0 ? 1.0 : -1.0) / (fabs(tau) + sqrt(1.0 + tau * tau));
    double c = 1.0 / sqrt(1.0 + t * t), s = t * c;
    for (size_t k = 0; k < n; k++) {
        double x = a[k * n + p], y = a[k * n + q];
        a[k * n + p] = c * x - s * y;
        a[k * n + q] = s * x + c * y;
    }
    for (size_t k = 0; k < n; k++) {
        double x = a[p * n + k], y = a[q * n + k];
        a[p * n + k] = c * x - s * y;
        a[q * n + k] = s * x + c * y;
        if (v) {
            x = v[p * n + k];
            y = v[q * n + k];
            v[p * n + k] = c * x - s * y;
            v[q * n + k] = s * x + c * y;
        }
    }
}

static double off_diagonal(const double *a, size_t n)
{
    double s = 0.0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            s += a[i * n + j] * a[i * n + j];
    return s;
}

void tw_la_eigen(double *value, double *vector, double *a, size_t n)
{
    double whole = tw_la_square(a, n * n);
    for (size_t i = 0; vector && i < n * n; i++)
        vector[i] = i % (n + 1) == 0 ? 1.0 : 0.0;
    for (int sweep = 0; sweep < SWEEPS_MAX && off_diagonal(a, n) > 1e-30 * whole; sweep++)
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++)
                rotate(a, vector, n, p, q);
    for (size_t i = 0; i < n; i++)
        value[i] = a[i * n + i];
    for (size_t i = 0; i < n; i++) {
        size_t top = i;
        for (size_t j = i + 1; j < n; j++)
            top = value[j] > value[top] ? j : top;
        double keep = value[i];
        value[i] = value[top];
        value[top] = keep;
        for (size_t k = 0; vector && k < n; k++) {
            keep = vector[i * n + k];
            vector[i * n + k] = vector[top * n + k];
            vector[top * n + k] = keep;
        }
    }
}
