/* Evaluation in lanes: state and time into registers, then delays, algebraic values, and the program asked for. */
#include "sim/sim_internal.h"

void tw_sim_put(lanes *s, unsigned l, uint32_t slot, double v)
{
    REG(slot) = v;
    if (slot < s->p->n_state)
        s->y[(size_t)slot * s->width + l] = v;
}

/* Delays may be as long as an algebraic value says, and algebraic rules read delays. */
static bool finish1(lanes *s, unsigned l, double t)
{
    const tw_sim_program *p = s->p;
    double *reg = s->reg + l;
    if (p->n_alg && s->jumped[l]) {
        if (!tw_sim_relax(s, reg, s->width))
            return false;
        s->jumped[l] = false;
    } else if (p->n_alg && !tw_sim_algebra(s, reg, s->width)) {
        return false;
    }
    if (p->n_delay == 0)
        return true;
    return tw_sim_delays(s, l, t) && (p->n_alg == 0 || tw_sim_algebra(s, reg, s->width));
}

bool tw_sim_settle1(lanes *s, unsigned l, const double *y, double t)
{
    for (uint32_t i = 0; i < s->p->n_state; i++)
        REG(i) = y[(size_t)i * s->width];
    REG(s->p->time_reg) = t;
    return finish1(s, l, t);
}

void tw_sim_settle(lanes *s, const double *y, const double *t)
{
    memcpy(s->reg, y, (size_t)s->p->n_state * s->width * sizeof *y);
    memcpy(s->reg + (size_t)s->p->time_reg * s->width, t, s->width * sizeof *t);
    if (s->p->n_alg == 0 && s->p->n_delay == 0)
        return;
    for (unsigned l = 0; l < s->width; l++) {
        if (s->run[l] && !finish1(s, l, t[l]))
            s->failed_eval[l] = true;
    }
}

void tw_sim_rates(lanes *s, const kernels *v, double *dy, const double *y, const double *t)
{
    size_t row = s->width * sizeof *y;
    tw_sim_settle(s, y, t);
    v->vm(&s->p->rate, s->reg);
    s->count.evaluations++;
    for (uint32_t i = 0; i < s->p->n_state; i++)
        memcpy(dy + (size_t)i * s->width, s->reg + (size_t)s->p->rate.out[i] * s->width, row);
}

bool tw_sim_rates1(lanes *s, unsigned l, double *dy, const double *y, double t)
{
    bool finite = tw_sim_settle1(s, l, y, t);
    tw_sim_vm1(&s->p->rate, s->reg + l, s->width);
    for (uint32_t i = 0; i < s->p->n_state; i++) {
        dy[(size_t)i * s->width] = REG(s->p->rate.out[i]);
        finite = finite && isfinite(dy[(size_t)i * s->width]);
    }
    return finite;
}

void tw_sim_at1(const lanes *s, unsigned l, double *y, double t)
{
    double x = (t - s->t[l]) / s->step[l];
    for (uint32_t i = 0; i < s->p->n_state; i++) {
        size_t at = (size_t)i * s->width + l;
        double v = s->poly[4][at];
        for (unsigned d = 4; d-- > 0;)
            v = v * x + s->poly[d][at];
        y[(size_t)i * s->width] = v;
    }
}
