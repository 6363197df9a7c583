/* One compartment in closed form. With k = cl / v, t since the dose and its lag:
 *     oral      D ka / v  e^-kt (1 - e^-(ka - k)t) / (ka - k)
 *     at once   D / v  e^-kt
 *     infusion  D / (T cl)  (e^-k max(t - T, 0) - e^-kt)
 * (1 - e^-xt) / x is taken by its series where x t is small, so that ka = k is an ordinary point. */
#include "pop/pop.h"

#include <math.h>

/** g(x, t) = (1 - e^-xt) / x and its derivative by x. */
static double rise(double *by_x, double x, double t)
{
    double z = x * t;
    if (fabs(z) < 1e-3) {
        *by_x = t * t * (-0.5 + z * (1.0 / 3.0 - z * 0.125));
        return t * (1.0 - z * (0.5 - z * (1.0 / 6.0 - z / 24.0)));
    }
    double e = exp(-z), g = (1.0 - e) / x;
    *by_x = (t * e - g) / x;
    return g;
}

typedef struct {
    double value, by_ka, by_k, by_t;
} part;

/** Per dose and 1 / v. */
static part oral(double ka, double k, double t)
{
    double by_x, g = rise(&by_x, ka - k, t), e = exp(-k * t);
    return (part){ .value = ka * e * g,
                   .by_ka = e * (g + ka * by_x),
                   .by_k = -ka * e * (t * g + by_x),
                   .by_t = ka * e * (exp(-(ka - k) * t) - k * g) };
}

static part infusion(double k, double t, double duration)
{
    double after = TW_MAX(t - duration, 0.0), during = t - after, by_k;
    double e = exp(-k * after), g = rise(&by_k, k, during);
    double running = t < duration ? exp(-k * during) : 0.0;
    return (part){ .value = e * g / duration,
                   .by_k = e * (by_k - after * g) / duration,
                   .by_t = (t < duration ? running : -k * e * g) / duration };
}

double tw_pk1_at(double *grad, const tw_pk1 *p, const tw_pop_dose *dose, size_t n_dose, double time)
{
    double k = p->cl / p->v, sum = 0.0, by_ka = 0.0, by_k = 0.0, by_t = 0.0;
    for (size_t i = 0; i < n_dose; i++) {
        double t = time - dose[i].time - p->lag;
        if (t < 0.0 || (t <= 0.0 && dose[i].duration <= 0.0 && p->ka > 0.0))
            continue;
        part a;
        if (dose[i].duration > 0.0) {
            a = infusion(k, t, dose[i].duration);
        } else if (p->ka > 0.0) {
            a = oral(p->ka, k, t);
        } else {
            double e = exp(-k * t);
            a = (part){ .value = e, .by_k = -t * e, .by_t = -k * e };
        }
        sum += dose[i].amount * a.value;
        by_ka += dose[i].amount * a.by_ka;
        by_k += dose[i].amount * a.by_k;
        by_t += dose[i].amount * a.by_t;
    }
    if (grad) {
        grad[0] = by_ka / p->v;
        grad[1] = by_k / (p->v * p->v);
        grad[2] = -(sum + by_k * k) / (p->v * p->v);
        grad[3] = -by_t / p->v;
    }
    return sum / p->v;
}
