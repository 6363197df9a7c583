/* Growth between fractions is exact, so a course costs one exponential a lane and interval, whatever its length. */
#include "radio/radio.h"

#include <math.h>

double tw_grow_exponential(double v, double rate, double dt)
{
    return v * exp(rate * dt);
}

double tw_grow_logistic(double v, double rate, double k, double dt)
{
    return k / (1.0 + (k / v - 1.0) * exp(-rate * dt));
}

double tw_grow_gompertz(double v, double rate, double k, double dt)
{
    return k * exp(log(v / k) * exp(-rate * dt));
}

const char *tw_kill_name(tw_kill k)
{
    static const char *const name[TW_KILL_COUNT] = { "dvr", "psi", "ccr" };
    return name[k];
}

void tw_lanes_grow(tw_lanes *l, double dt)
{
    if (!(dt > 0.0 || dt < 0.0))
        return;
    for (size_t i = 0; i < l->n; i++)
        l->v[i] = tw_grow_logistic(l->v[i], l->rate[i], l->k[i], dt);
}

void tw_lanes_fraction(tw_lanes *l, double dose_gy)
{
    for (size_t i = 0; i < l->n; i++) {
        double s = tw_lq_survival(l->alpha[i], l->alpha[i] / l->ab_gy, dose_gy);
        switch (l->kill) {
        case TW_KILL_DVR:
            l->v[i] *= s;
            break;
        case TW_KILL_PSI:
            l->v[i] -= (1.0 - s) * l->v[i] * (1.0 - l->v[i] / l->k[i]);
            break;
        case TW_KILL_CCR:
            l->k[i] *= s;
            break;
        }
    }
}

void tw_lanes_walk(tw_lanes *l, double *volume, double day, const double *time, size_t times,
                   const tw_fraction *fraction, size_t fractions)
{
    size_t f = 0;
    while (f < fractions && fraction[f].day < day)
        f++;
    for (size_t t = 0; t < times; t++) {
        for (; f < fractions && fraction[f].day < time[t]; f++) {
            tw_lanes_grow(l, fraction[f].day - day);
            tw_lanes_fraction(l, fraction[f].dose_gy);
            day = fraction[f].day;
        }
        tw_lanes_grow(l, time[t] - day);
        day = time[t];
        memcpy(volume + t * l->n, l->v, l->n * sizeof *l->v);
    }
}
