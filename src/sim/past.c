/* `delay`: what an expression was some time ago, from the polynomials of the steps since the start. Before the start
 * everything is as it was at the start (SBML L3V2 section 3.4.6 leaves that to the software). */
#include "sim/sim_internal.h"

enum { NESTING_MAX = 8 };

bool tw_sim_past_add(lanes *s, unsigned l, double t, double h, bool flat)
{
    lane *a = &s->lane[l];
    uint32_t n = s->p->n_state;
    if (a->n_past == a->cap_past) {
        size_t cap = a->cap_past ? a->cap_past * 2 : 64;
        size_t bytes = cap * (s->past_size * sizeof(double) + sizeof *a->past);
        if (bytes > s->o.history_max)
            return false;
        void *p = tw_mem_resize(a->past, cap * sizeof *a->past);
        if (!p)
            return false;
        a->past = p;
        p = tw_mem_resize(a->past_data, cap * s->past_size * sizeof(double) + 8);
        if (!p)
            return false;
        a->past_data = p;
        a->cap_past = cap;
    }
    a->past[a->n_past] = (past){ .t = t, .h = h };
    double *to = a->past_data + a->n_past++ * s->past_size;
    for (unsigned d = 0; d < 5; d++) {
        const double *from = flat ? s->y : s->poly[d];
        for (uint32_t i = 0; i < n; i++)
            *to++ = flat && d ? 0 : from[(size_t)i * s->width + l];
    }
    for (uint32_t i = n; i < s->p->n_x; i++)
        *to++ = REG(i);
    return true;
}

/* Puts the past at t into scratch. */
static bool recall(lanes *s, unsigned l, double t)
{
    const lane *a = &s->lane[l];
    const tw_sim_program *p = s->p;
    size_t low = 0, high = a->n_past;
    uint32_t n = p->n_state;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (a->past[mid].t <= t)
            low = mid;
        else
            high = mid;
    }
    const double *d = a->past_data + low * s->past_size;
    double x = a->past[low].h > 0 && t > a->past[low].t ? (t - a->past[low].t) / a->past[low].h : 0;
    for (uint32_t i = 0; i < n; i++)
        s->scratch[i] = (((d[4 * n + i] * x + d[3 * n + i]) * x + d[2 * n + i]) * x + d[n + i]) * x + d[i];
    memcpy(s->scratch + n, d + 5 * (size_t)n, (p->n_x - n) * sizeof(double));
    s->scratch[p->time_reg] = t;
    tw_sim_vm1(&p->hoist, s->scratch, 1);
    return tw_sim_algebra(s, s->scratch, 1);
}

/* Before the start: from the values that it starts with. */
static double before_start(lanes *s, unsigned l, uint32_t d, double t)
{
    const tw_sim_program *p = s->p;
    for (uint32_t i = 0; i < 2 * p->n_symbol; i++)
        s->scratch[p->base_slot + i] = REG(p->base_slot + i);
    s->scratch[p->time_reg] = t;
    tw_sim_vm1(&p->delay[d].before, s->scratch, 1);
    return s->scratch[p->delay[d].before.out[0]];
}

static bool value_then(lanes *s, unsigned l, double *out, uint32_t d, double t, unsigned depth)
{
    const tw_sim_program *p = s->p;
    double inner[DELAYS_NESTED_MAX];
    const uint32_t *reads = p->delay_reads[d];
    if (depth > NESTING_MAX)
        return false;
    if (t < s->lane[l].past[0].t) {
        *out = before_start(s, l, d, t);
        return true;
    }
    for (uint32_t i = 0; reads[i] != NONE; i++) {
        if (!recall(s, l, t))
            return false;
        tw_sim_vm1(&p->delay[reads[i]].tau, s->scratch, 1);
        double tau = s->scratch[p->delay[reads[i]].tau.out[0]];
        if (!(tau >= 0) || !value_then(s, l, &inner[i], reads[i], t - tau, depth + 1))
            return false;
    }
    if (!recall(s, l, t))
        return false;
    for (uint32_t i = 0; reads[i] != NONE; i++)
        s->scratch[p->delay_slot + reads[i]] = inner[i];
    tw_sim_vm1(&p->delay[d].expr, s->scratch, 1);
    *out = s->scratch[p->delay[d].expr.out[0]];
    return true;
}

bool tw_sim_delays(lanes *s, unsigned l, double t)
{
    const tw_sim_program *p = s->p;
    if (s->lane[l].n_past == 0)
        return true;
    for (uint32_t i = 0; i < p->n_delay; i++) {
        double v;
        tw_sim_vm1(&p->delay[i].tau, s->reg + l, s->width);
        double tau = REG(p->delay[i].tau.out[0]);
        if (!(tau >= 0) || !value_then(s, l, &v, i, t - tau, 0))
            return false;
        REG(p->delay_slot + i) = v;
    }
    return true;
}

double tw_sim_tau_min(lanes *s, unsigned l)
{
    double least = (double)INFINITY;
    for (uint32_t i = 0; i < s->p->n_delay; i++) {
        tw_sim_vm1(&s->p->delay[i].tau, s->reg + l, s->width);
        double tau = REG(s->p->delay[i].tau.out[0]);
        if (tau > 0 && tau < least)
            least = tau;
    }
    return least;
}
