/* From visits with treatment flags to runs, cycles and observations. */
#include "twin/twin_internal.h"

#include <math.h>

#define STOP_LAG_DAY 14.0 /* treatment is taken to act until two weeks after the last visit on it */

double tw_psa_to_log(double psa_ug_l)
{
    return log(psa_ug_l + TW_PSA_OFFSET);
}

double tw_psa_from_log(double y)
{
    double v = exp(y) - TW_PSA_OFFSET;
    return v > 0.0 ? v : 0.0;
}

static tw_status check_visits(tw_ctx *cx, size_t *n_run, size_t *n_obs, const tw_psa_visit *v, size_t n)
{
    if (n == 0)
        return tw_fail(cx, TW_EPARSE, "PSA series: no visits");
    if (n > TW_PSA_VISITS_MAX)
        return tw_fail(cx, TW_ELIMIT, "PSA series: %zu visits, at most %d", n, TW_PSA_VISITS_MAX);
    *n_run = 1;
    *n_obs = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(v[i].day) || (i > 0 && v[i].day < v[i - 1].day))
            return tw_fail(cx, TW_EPARSE, "PSA series: day of visit %zu is not in order", i + 1);
        if (isinf(v[i].psa_ug_l) || v[i].psa_ug_l < 0.0)
            return tw_fail(cx, TW_EPARSE, "PSA series: value of visit %zu is negative or infinite", i + 1);
        *n_run += i > 0 && v[i].on != v[i - 1].on;
        *n_obs += isnan(v[i].psa_ug_l) ? 0 : 1;
    }
    if (*n_obs == 0)
        return tw_fail(cx, TW_EPARSE, "PSA series: no visit has a PSA value");
    return TW_OK;
}

/** The moment of the switch between visits i - 1 and i. */
static double switch_day(const tw_psa_visit *v, size_t i, tw_psa_restart restart)
{
    if (v[i].on)
        return restart == TW_PSA_RESTART_LAST_OFF ? v[i - 1].day : v[i].day;
    return TW_MIN(v[i - 1].day + STOP_LAG_DAY, v[i].day);
}

static void fill(tw_psa_series *s, const tw_psa_visit *v, size_t n, tw_psa_restart restart)
{
    size_t run = 0, obs = 0, cycle = 0;
    s->run[0] = (tw_psa_run){ .start_day = 0.0, .on = v[0].on };
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && v[i].on != v[i - 1].on) {
            double day = switch_day(v, i, restart) - v[0].day;
            s->run[run].end_day = day;
            cycle += v[i].on;
            s->run[++run] = (tw_psa_run){ .start_day = day, .cycle = cycle, .on = v[i].on };
        }
        if (isnan(v[i].psa_ug_l))
            continue;
        s->at[obs] = (tw_psa_at){ v[i].day - v[0].day, run };
        s->y[obs++] = tw_psa_to_log(v[i].psa_ug_l);
    }
    s->run[run].end_day = v[n - 1].day - v[0].day;
    s->n_cycle = cycle + 1;
}

tw_status tw_psa_series_make(tw_ctx *cx, tw_psa_series *out, const tw_psa_visit *visit, size_t n,
                             tw_psa_restart restart)
{
    tw_psa_series s = { .n_run = 0 };
    TW_TRY(check_visits(cx, &s.n_run, &s.n_obs, visit, n));
    s.run = tw_try_array(cx->arena, tw_psa_run, s.n_run);
    s.at = tw_try_array(cx->arena, tw_psa_at, s.n_obs);
    if (!s.run || !s.at)
        return tw_fail(cx, TW_ELIMIT, "no room for a PSA series");
    TW_TRY(tw_stat_array(cx, &s.y, s.n_obs));
    s.origin_day = visit[0].day;
    fill(&s, visit, n, restart);
    if (s.n_cycle > TW_PSA_CYCLES_MAX)
        return tw_fail(cx, TW_ELIMIT, "PSA series: %zu cycles, at most %d", s.n_cycle, TW_PSA_CYCLES_MAX);
    *out = s;
    return TW_OK;
}

tw_psa_series tw_psa_series_cut(const tw_psa_series *in, size_t n_run)
{
    TW_ASSERT(n_run >= 1 && n_run <= in->n_run);
    tw_psa_series s = *in;
    s.n_run = n_run;
    s.n_cycle = in->run[n_run - 1].cycle + 1;
    while (s.n_obs > 0 && s.at[s.n_obs - 1].run >= n_run)
        s.n_obs--;
    return s;
}

size_t tw_psa_cycle_run(const tw_psa_series *s, size_t cycle)
{
    for (size_t i = 0; i < s->n_run; i++)
        if (s->run[i].cycle == cycle)
            return i;
    return s->n_run;
}

tw_status tw_psa_grid(tw_ctx *cx, tw_psa_at **at, size_t *n_at, const tw_psa_run *run, size_t n_run, double from,
                      double to, double step_day)
{
    TW_ASSERT(n_run > 0 && step_day > 0.0);
    double count = floor((to - from) / step_day) + 1.0;
    if (!(count >= 1.0) || count > TW_PSA_VISITS_MAX)
        return tw_fail(cx, TW_ELIMIT, "grid of a forecast: 1 to %d points", TW_PSA_VISITS_MAX);
    size_t n = (size_t)count, r = 0;
    *at = tw_try_array(cx->arena, tw_psa_at, n);
    if (!*at)
        return tw_fail(cx, TW_ELIMIT, "no room for a forecast grid");
    for (size_t i = 0; i < n; i++) {
        double day = from + (double)i * step_day;
        while (r + 1 < n_run && day >= run[r + 1].start_day)
            r++;
        (*at)[i] = (tw_psa_at){ day, r };
    }
    *n_at = n;
    return TW_OK;
}
