/* Synthetic men with a known truth: parameters from a population, measured values with its noise, treatment decided by
 * what was measured, as in the trials of intermittent suppression (Bruchovsky 2006: 36 weeks on, restart at 10 ug/L).
 */
#include "twin/twin_internal.h"

#include <math.h>

#define ON_DAY_MIN 224.0 /* 32 weeks */
#define ON_DAY_SPAN 28.0
#define ON_DAY_MAX 364.0
#define ON_GOAL_UG_L 4.0
#define STOP_LAG_DAY 14.0
#define GAP_DAY 28.0

typedef struct {
    const tw_psa_population *pop;
    tw_psa_simulate_opts opts;
    tw_rng rng;
    double level, day; /* OU process at its last day */
    double stop_after; /* planned days of this run on treatment */
    bool next_on;
    size_t visits_max;
} sim;

/** Enter (t, on) into the runs. false: a cycle too many. */
static bool enter(tw_psa_synthetic *s, sim *m, double t)
{
    if (s->n_run == 0) {
        s->run[s->n_run++] = (tw_psa_run){ .start_day = 0.0, .on = true };
        return true;
    }
    tw_psa_run *last = &s->run[s->n_run - 1];
    if (last->on == m->next_on)
        return true;
    if (m->next_on && last->cycle + 1 >= m->opts.cycles_max)
        return false;
    double start = m->next_on ? t : TW_MIN(t, s->visit[s->n_visit - 1].day + STOP_LAG_DAY);
    last->end_day = start;
    s->run[s->n_run++] =
        (tw_psa_run){ .start_day = start, .cycle = last->cycle + (m->next_on ? 1 : 0), .on = m->next_on };
    m->stop_after = ON_DAY_MIN + ON_DAY_SPAN * tw_rng_uniform(&m->rng);
    return true;
}

static double measure(tw_psa_synthetic *s, sim *m, double t)
{
    const tw_psa_population *p = m->pop;
    tw_psa_at at = { t, s->n_run - 1 };
    double lnf = 0.0;
    double phi = s->n_visit == 0 ? 0.0 : exp(-(t - m->day) / p->ou_tau_day);
    m->level = phi * m->level + p->ou_sd * sqrt(1.0 - phi * phi) * tw_rng_normal(&m->rng);
    m->day = t;
    tw_psa_walk(&lnf, NULL, NULL, s->run, s->n_run, &at, 1, s->theta, s->dim);
    s->true_psa_ug_l[s->n_visit] = tw_psa_from_log(lnf);
    return tw_psa_from_log(lnf + m->level + p->white_sd * tw_rng_normal(&m->rng));
}

static void decide(const tw_psa_synthetic *s, sim *m, double t, double psa)
{
    double spent = t - s->run[s->n_run - 1].start_day;
    if (m->next_on)
        m->next_on = !(spent >= m->stop_after && (psa <= ON_GOAL_UG_L || spent >= ON_DAY_MAX));
    else
        m->next_on = psa > m->opts.restart_ug_l;
}

static double gap(sim *m)
{
    if (m->opts.regular)
        return GAP_DAY;
    double u = tw_rng_uniform(&m->rng), v = tw_rng_uniform(&m->rng);
    double late = u < 0.2 ? floor(v * 63.0) : floor(v * 7.0) - 3.0; /* to 90 days, or three days around four weeks */
    return GAP_DAY + late;
}

static void run(tw_psa_synthetic *s, sim *m)
{
    double t = 0.0;
    m->next_on = true;
    m->stop_after = ON_DAY_MIN + ON_DAY_SPAN * tw_rng_uniform(&m->rng);
    while (t <= m->opts.days_max && s->n_visit < m->visits_max && enter(s, m, t)) {
        double psa = measure(s, m, t);
        bool missed = !m->opts.regular && s->n_visit > 0 && tw_rng_uniform(&m->rng) < 0.06;
        s->visit[s->n_visit++] = (tw_psa_visit){ .day = t, .psa_ug_l = missed ? (double)NAN : psa, .on = m->next_on };
        s->run[s->n_run - 1].end_day = t;
        if (!missed)
            decide(s, m, t, psa);
        t += gap(m);
    }
    s->n_cycle = s->run[s->n_run - 1].cycle + 1;
    s->dim = tw_psa_dim(s->n_cycle);
}

static tw_status options(tw_ctx *cx, sim *m, const tw_psa_simulate_opts *opts)
{
    if (opts)
        m->opts = *opts;
    if (m->opts.cycles_max == 0)
        m->opts.cycles_max = 4;
    if (!(m->opts.days_max > 0.0))
        m->opts.days_max = 2300.0;
    if (!(m->opts.restart_ug_l > 0.0))
        m->opts.restart_ug_l = 10.0;
    if (m->opts.cycles_max > TW_PSA_CYCLES_MAX || m->opts.days_max > 36525.0)
        return tw_fail(cx, TW_EUSAGE, "synthetic man: at most %d cycles and 100 years", TW_PSA_CYCLES_MAX);
    m->visits_max = TW_MIN((size_t)TW_PSA_VISITS_MAX, (size_t)(m->opts.days_max / 20.0) + 2);
    return TW_OK;
}

tw_status tw_psa_simulate(tw_ctx *cx, tw_psa_synthetic *out, const tw_psa_population *pop,
                          const tw_psa_simulate_opts *opts, uint64_t seed)
{
    tw_psa_prior prior;
    tw_psa_synthetic s = { .n_visit = 0 };
    sim m = { .pop = pop, .rng = tw_rng_of(seed, 11) };
    TW_TRY(options(cx, &m, opts));
    TW_TRY(tw_psa_prior_make(cx, &prior, pop));
    s.dim = tw_psa_dim(m.opts.cycles_max);
    s.visit = tw_try_array(cx->arena, tw_psa_visit, m.visits_max);
    s.run = tw_try_array(cx->arena, tw_psa_run, 2 * m.opts.cycles_max);
    if (!s.visit || !s.run)
        return tw_fail(cx, TW_ELIMIT, "no room for a synthetic man");
    TW_TRY(tw_stat_array(cx, &s.theta, s.dim));
    TW_TRY(tw_stat_array(cx, &s.true_psa_ug_l, m.visits_max));
    tw_psa_prior_draw(s.theta, s.dim, &prior, &m.rng);
    run(&s, &m);
    *out = s;
    return TW_OK;
}
