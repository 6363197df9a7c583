/* What a forecast must beat without a model: the man's own previous cycle, his last value, other men's curves. */
#include "twin/twin_internal.h"

#include <math.h>

size_t tw_psa_tasks(tw_psa_task *out, const tw_psa_series *man, bool off)
{
    size_t n = 0;
    for (size_t c = 1; c < man->n_cycle; c++) {
        tw_psa_task t = { .cycle = c, .seen_runs = tw_psa_cycle_run(man, c) };
        if (off)
            t.seen_runs++;
        t.runs = tw_psa_cycle_run(man, c + 1);
        if (t.seen_runs >= t.runs)
            continue;
        while (t.seen < man->n_obs && man->at[t.seen].run < t.seen_runs)
            t.seen++;
        t.end = t.seen;
        while (t.end < man->n_obs && man->at[t.end].run < t.runs)
            t.end++;
        if (t.seen > 0 && t.end > t.seen)
            out[n++] = t;
    }
    return n;
}

/** Observations of a run, [from, to). */
static bool run_obs(const tw_psa_series *s, size_t run, size_t *from, size_t *to)
{
    *from = 0;
    while (*from < s->n_obs && s->at[*from].run < run)
        (*from)++;
    *to = *from;
    while (*to < s->n_obs && s->at[*to].run == run)
        (*to)++;
    return *to > *from;
}

/** Linear between observations [from, to), constant beyond them. */
static double interpolate(const tw_psa_series *s, size_t from, size_t to, double day)
{
    if (day <= s->at[from].day)
        return s->y[from];
    for (size_t i = from + 1; i < to; i++) {
        double a = s->at[i - 1].day, b = s->at[i].day;
        if (day <= b)
            return b > a ? s->y[i - 1] + (day - a) / (b - a) * (s->y[i] - s->y[i - 1]) : s->y[i];
    }
    return s->y[to - 1];
}

double tw_psa_previous(const tw_psa_series *man, const tw_psa_task *t, size_t obs)
{
    const tw_psa_run *run = &man->run[man->at[obs].run];
    for (size_t r = t->seen_runs; r-- > 0;) {
        size_t from, to;
        if (man->run[r].on == run->on && man->run[r].cycle < run->cycle && run_obs(man, r, &from, &to))
            return interpolate(man, from, to, man->run[r].start_day + man->at[obs].day - run->start_day);
    }
    return man->y[t->seen - 1];
}

void tw_psa_baseline_sd(double *previous_sd, double *persistence_sd, const tw_psa_others *o, bool off)
{
    double previous = 0.0, persistence = 0.0, count = 0.0;
    for (size_t i = 0; i < o->n; i++) {
        tw_psa_task task[2 * TW_PSA_CYCLES_MAX];
        size_t n = tw_psa_is_other(o, i) ? tw_psa_tasks(task, &o->men[i], off) : 0;
        for (size_t t = 0; t < n; t++) {
            for (size_t k = task[t].seen; k < task[t].end; k++) {
                double y = o->men[i].y[k];
                double a = y - tw_psa_previous(&o->men[i], &task[t], k), b = y - o->men[i].y[task[t].seen - 1];
                previous += a * a;
                persistence += b * b;
                count += 1.0;
            }
        }
    }
    *previous_sd = count > 0.0 ? sqrt(previous / count) : 1.0;
    *persistence_sd = count > 0.0 ? sqrt(persistence / count) : 1.0;
}

size_t tw_psa_climatology(double *x, size_t max, const tw_psa_others *o, const tw_psa_series *man, size_t obs)
{
    const tw_psa_run *run = &man->run[man->at[obs].run];
    double day = man->at[obs].day - run->start_day;
    size_t n = 0;
    for (size_t i = 0; i < o->n; i++) {
        const tw_psa_series *s = &o->men[i];
        for (size_t r = 0; r < s->n_run && tw_psa_is_other(o, i) && n < max; r++) {
            size_t from, to;
            if (s->run[r].on == run->on && run_obs(s, r, &from, &to))
                x[n++] = interpolate(s, from, to, s->run[r].start_day + day);
        }
    }
    return n;
}
