/* Local linear trend in continuous time by the Kalman filter. Over dt the state (level, slope) moves by F = [1 dt; 0 1]
 * and gains Q = [l dt + s dt^3 / 3, s dt^2 / 2; s dt^2 / 2, s dt], l and s the two variances (integrated random walk:
 * its smoother is a cubic spline, Wahba 1978). Start: diffuse; the first value gives the level, the second the slope,
 * exactly (Durbin and Koopman, section 5.2, for this model in closed form). */
#include "stat/stat.h"

#include <math.h>

#define VALUES_MIN 8

static void ahead(tw_trend *t, const tw_trend_law *law, double dt)
{
    double l = law->level_sd * law->level_sd, s = law->slope_sd * law->slope_sd;
    t->level += t->slope * dt;
    t->var_level += 2.0 * dt * t->cov + dt * dt * t->var_slope + l * dt + s * dt * dt * dt / 3.0;
    t->cov += dt * t->var_slope + 0.5 * s * dt * dt;
    t->var_slope += s * dt;
}

/** Level and slope from two values dt apart, each with its variance. */
static void start_slope(tw_trend *t, const tw_trend_law *law, double dt, double value, double noise)
{
    double l = law->level_sd * law->level_sd, s = law->slope_sd * law->slope_sd, before = t->var_level;
    double first = t->level;
    t->level = value;
    t->slope = (value - first) / dt;
    /* level error -e2; slope error (level noise over dt + part of slope noise + e1 - e2) / dt, seen from the end */
    t->var_level = noise;
    t->cov = noise / dt;
    t->var_slope = (noise + before + l * dt + s * dt * dt * dt / 3.0) / (dt * dt);
}

void tw_trend_update(tw_trend *t, const tw_trend_law *law, double time, double value, double extra_var)
{
    double noise = law->noise_sd * law->noise_sd + extra_var, dt = t->n ? time - t->time : 0.0;
    TW_ASSERT(dt >= 0.0);
    if (t->n == 1 && dt <= 0.0 && !isnan(value))
        return; /* a second value at the first time tells nothing of the slope */
    if (t->n >= 2)
        ahead(t, law, dt);
    if (isnan(value)) {
        if (t->n >= 2)
            t->time = time;
        return;
    }
    t->time = time;
    if (t->n == 0) {
        *t = (tw_trend){ .level = value, .var_level = noise, .time = time, .n = 1 };
        return;
    }
    if (t->n == 1) {
        start_slope(t, law, dt, value, noise);
        t->n = 2;
        return;
    }
    double total = t->var_level + noise, e = value - t->level, gain = t->var_level / total, gain_slope = t->cov / total;
    t->log_likelihood -= 0.5 * (TW_LN_2PI + log(total) + e * e / total);
    t->level += gain * e;
    t->slope += gain_slope * e;
    t->var_slope -= gain_slope * t->cov;
    t->cov -= gain * t->cov;
    t->var_level -= gain * t->var_level;
    t->n++;
}

void tw_trend_forecast(double *mean, double *var, const tw_trend *t, const tw_trend_law *law, double time)
{
    tw_trend later = *t;
    TW_ASSERT(t->n >= 2 && time >= t->time);
    ahead(&later, law, time - t->time);
    *mean = later.level;
    *var = later.var_level + law->noise_sd * law->noise_sd;
}

typedef struct {
    const double *time, *value;
    size_t n;
} series;

static double misfit(void *self, const double *x)
{
    const series *s = self;
    tw_trend_law law = { .level_sd = exp(x[0]), .slope_sd = exp(x[1]), .noise_sd = exp(x[2]) };
    tw_trend t = { .n = 0 };
    for (size_t i = 0; i < s->n; i++)
        tw_trend_update(&t, &law, s->time[i], s->value[i], 0.0);
    /* a weak pull keeps scales that the data do not need from running off to zero */
    return -t.log_likelihood + 1e-4 * (x[0] * x[0] + x[1] * x[1] + x[2] * x[2]);
}

tw_status tw_trend_fit(tw_ctx *cx, tw_trend_law *law, const double *time, const double *value, size_t n)
{
    series s = { time, value, n };
    double steps = 0.0, dt = n > 1 ? (time[n - 1] - time[0]) / ((double)n - 1.0) : 0.0;
    tw_minimise_result r;
    if (n < VALUES_MIN || !(dt > 0.0))
        return tw_fail(cx, TW_EPARSE, "a trend needs %d values at different times", VALUES_MIN);
    for (size_t i = 1; i < n; i++)
        steps += (value[i] - value[i - 1]) * (value[i] - value[i - 1]) / ((double)n - 1.0);
    if (!(steps > 0.0))
        return tw_fail(cx, TW_EFAILED, "a trend without any noise has no law");
    double x[3] = { 0.5 * log(steps / (4.0 * dt)), 0.5 * log(steps / (100.0 * dt * dt * dt)), 0.5 * log(steps / 4.0) };
    TW_TRY(tw_minimise(cx, &r, x, 3, misfit, &s, NULL));
    *law = (tw_trend_law){ .level_sd = exp(x[0]), .slope_sd = exp(x[1]), .noise_sd = exp(x[2]) };
    return TW_OK;
}
