#include "petab/petab_internal.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

double tw_petab_scaled(tw_petab_scale scale, double value)
{
    return scale == TW_PETAB_LOG ? log(value) : scale == TW_PETAB_LOG10 ? log10(value) : value;
}

double tw_petab_unscaled(tw_petab_scale scale, double value)
{
    return scale == TW_PETAB_LOG ? exp(value) : scale == TW_PETAB_LOG10 ? pow(10, value) : value;
}

/* ---------------------------------------------------------------- densities */

static double normal(double x, double mean, double sd)
{
    double z = (x - mean) / sd;
    return -0.5 * z * z - log(sd) - 0.5 * log(2 * pi);
}

static double laplace(double x, double location, double scale)
{
    return -fabs(x - location) / scale - log(2 * scale);
}

static bool positive_law(tw_petab_law law)
{
    return law == TW_PETAB_LOG_NORMAL || law == TW_PETAB_LOG_LAPLACE || law == TW_PETAB_LOG_UNIFORM;
}

static double log_density(const tw_petab_prior *p, double x)
{
    double a = p->a, b = p->b;
    if (positive_law(p->law) && !(x > 0))
        return -(double)INFINITY;
    bool below = x < 0;
    switch (p->law) {
    case TW_PETAB_FLAT:
        return 0;
    case TW_PETAB_UNIFORM:
        return x >= a && x <= b ? -log(b - a) : -(double)INFINITY;
    case TW_PETAB_NORMAL:
        return normal(x, a, b);
    case TW_PETAB_LAPLACE:
        return laplace(x, a, b);
    case TW_PETAB_LOG_NORMAL:
        return normal(log(x), a, b) - log(x);
    case TW_PETAB_LOG_LAPLACE:
        return laplace(log(x), a, b) - log(x);
    case TW_PETAB_LOG_UNIFORM:
        return x >= a && x <= b ? -log(x) - log(log(b) - log(a)) : -(double)INFINITY;
    case TW_PETAB_CAUCHY:
        return -log(pi * b * (1 + (x - a) / b * ((x - a) / b)));
    case TW_PETAB_CHISQUARE:
        return below ? -(double)INFINITY : (a / 2 - 1) * log(x) - x / 2 - a / 2 * log(2) - lgamma(a / 2);
    case TW_PETAB_EXPONENTIAL:
        return below ? -(double)INFINITY : -x / a - log(a);
    case TW_PETAB_GAMMA:
        return below ? -(double)INFINITY : (a - 1) * log(x) - x / b - a * log(b) - lgamma(a);
    case TW_PETAB_RAYLEIGH:
        return below ? -(double)INFINITY : log(x) - 2 * log(a) - x * x / (2 * a * a);
    }
    return (double)NAN;
}

/* ---------------------------------------------------------------- probabilities up to x */

/* Regularised lower incomplete gamma: series, else Lentz's continued fraction (Numerical Recipes 6.2). */
static double gamma_share(double a, double x)
{
    double front = exp(a * log(x) - x - lgamma(a));
    if (!(x > 0))
        return 0;
    if (isinf(x))
        return 1;
    if (x < a + 1) {
        double term = 1 / a, sum = term;
        for (int n = 1; n < 10000 && fabs(term) > 1e-17 * fabs(sum); n++)
            sum += term *= x / (a + n);
        return sum * front;
    }
    double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
    for (int n = 1; n < 10000; n++) {
        double an = -n * (n - a), step;
        b += 2;
        d = 1 / (an * d + b);
        c = b + an / c;
        step = d * c;
        h *= step;
        if (fabs(step - 1) < 1e-16)
            break;
    }
    return 1 - front * h;
}

static double laplace_share(double z)
{
    return z < 0 ? 0.5 * exp(z) : 1 - 0.5 * exp(-z);
}

static double within(double x, double low, double high)
{
    return x <= low ? 0 : x >= high ? 1 : (x - low) / (high - low);
}

static double share(const tw_petab_prior *p, double x)
{
    double a = p->a, b = p->b, positive = fmax(x, 0);
    switch (p->law) {
    case TW_PETAB_FLAT:
        return (double)NAN;
    case TW_PETAB_UNIFORM:
        return within(x, a, b);
    case TW_PETAB_NORMAL:
        return 0.5 * erfc(-(x - a) / b / sqrt(2));
    case TW_PETAB_LAPLACE:
        return laplace_share((x - a) / b);
    case TW_PETAB_LOG_NORMAL:
        return 0.5 * erfc(-(log(positive) - a) / b / sqrt(2));
    case TW_PETAB_LOG_LAPLACE:
        return laplace_share((log(positive) - a) / b);
    case TW_PETAB_LOG_UNIFORM:
        return within(log(positive), log(a), log(b));
    case TW_PETAB_CAUCHY:
        return 0.5 + atan((x - a) / b) / pi;
    case TW_PETAB_CHISQUARE:
        return gamma_share(a / 2, positive / 2);
    case TW_PETAB_EXPONENTIAL:
        return -expm1(-positive / a);
    case TW_PETAB_GAMMA:
        return gamma_share(a, positive / b);
    case TW_PETAB_RAYLEIGH:
        return -expm1(-positive * positive / (2 * a * a));
    }
    return (double)NAN;
}

void tw_petab_truncate(tw_petab_parameter *p)
{
    if (p->prior.law == TW_PETAB_FLAT || isnan(p->lower) || isnan(p->upper))
        return;
    p->prior.truncated = true;
    p->prior.log_share = log(share(&p->prior, p->upper) - share(&p->prior, p->lower));
}

double tw_petab_log_prior(const tw_petab_parameter *p, double value)
{
    if (p->prior.truncated && (value < p->lower || value > p->upper))
        return -(double)INFINITY;
    double x = p->prior.on_scale ? tw_petab_scaled(p->scale, value) : value;
    return log_density(&p->prior, x) - p->prior.log_share;
}
