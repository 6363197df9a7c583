/* Events: SBML L3V2 section 4.11. A trigger that becomes true puts an execution into the queue; at each time the one of
 * highest priority is done first, and triggers and priorities are looked at again after each. */
#include "sim/sim_internal.h"

enum { AT_ONE_TIME_MAX = 100000, QUEUE_MAX = 1000000 };

#define REG(r) s->reg[(size_t)(r)*s->width + l]

static void hold(lanes *s, unsigned l)
{
    tw_sim_vm1(&s->p->hoist, s->reg + l, s->width);
}

static bool settle(lanes *s, unsigned l)
{
    hold(s, l);
    return tw_sim_settle1(s, l, s->y + l, s->t[l]);
}

/* ---------------------------------------------------------------- queue */

static void drop(lanes *s, lane *a, uint32_t i)
{
    size_t n = s->p->assign_max;
    memmove(&a->queue[i], &a->queue[i + 1], (a->n_queue - i - 1) * sizeof *a->queue);
    memmove(&a->queue_value[i * n], &a->queue_value[(i + 1) * n], (a->n_queue - i - 1) * n * sizeof(double));
    a->n_queue--;
}

static bool queue_room(lanes *s, lane *a)
{
    if (a->n_queue < a->cap_queue)
        return true;
    uint32_t cap = a->cap_queue ? a->cap_queue * 2 : 16;
    if (cap > QUEUE_MAX)
        return false;
    void *q = tw_mem_resize(a->queue, cap * sizeof *a->queue);
    if (!q)
        return false;
    a->queue = q;
    q = tw_mem_resize(a->queue_value, (cap * (size_t)s->p->assign_max + 1) * sizeof(double));
    if (!q)
        return false;
    a->queue_value = q;
    a->cap_queue = cap;
    return true;
}

static tw_sim_result fire(lanes *s, unsigned l, uint32_t e)
{
    lane *a = &s->lane[l];
    const event_code *v = &s->p->event[e];
    double delay = 0;
    if (!queue_room(s, a))
        return TW_SIM_NO_MEMORY;
    if (v->delay != NONE || v->from_trigger_time)
        tw_sim_vm1(&v->body, s->reg + l, s->width);
    if (v->delay != NONE)
        delay = REG(v->delay);
    if (!(delay >= 0))
        return TW_SIM_BAD_DELAY;
    a->queue[a->n_queue] = (pending){ .time = s->t[l] + delay, .event = e, .has_values = v->from_trigger_time };
    for (uint32_t i = 0; v->from_trigger_time && i < v->n_assign; i++)
        a->queue_value[(size_t)a->n_queue * s->p->assign_max + i] = REG(v->body.out[i]);
    a->n_queue++;
    return TW_SIM_DONE;
}

/* Triggers that changed. */
static tw_sim_result look_at_triggers(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    if (!settle(s, l))
        return TW_SIM_NO_ROOT;
    tw_sim_vm1(&s->p->trigger, s->reg + l, s->width);
    for (uint32_t e = 0; e < s->p->n_event; e++) {
        bool now = REG(s->p->trigger.out[e]) != 0;
        if (now && !a->trig[e]) {
            tw_sim_result r = fire(s, l, e);
            if (r != TW_SIM_DONE)
                return r;
        }
        for (uint32_t i = a->n_queue; !now && a->trig[e] && !s->p->event[e].persistent && i-- > 0;) {
            if (a->queue[i].event == e)
                drop(s, a, i);
        }
        a->trig[e] = now;
    }
    return TW_SIM_DONE;
}

/* The execution whose turn it is; NONE. First of equal priority: the one that waits longest. */
static uint32_t next_due(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    uint32_t best = NONE, n = 0;
    double best_priority = 0;
    for (uint32_t i = 0; i < a->n_queue; i++) {
        if (a->queue[i].time > s->t[l])
            continue;
        if (n++ == 0)
            best = i;
    }
    if (n < 2)
        return best;
    best = NONE;
    for (uint32_t i = 0; i < a->n_queue; i++) {
        if (a->queue[i].time > s->t[l])
            continue;
        const event_code *v = &s->p->event[a->queue[i].event];
        double priority = -INFINITY;
        if (v->priority != NONE) {
            tw_sim_vm1(&v->body, s->reg + l, s->width);
            priority = REG(v->priority);
        }
        if (best == NONE || priority > best_priority) {
            best = i;
            best_priority = priority;
        }
    }
    return best;
}

/* ---------------------------------------------------------------- assignments */

static tw_sim_result execute(lanes *s, unsigned l, uint32_t at)
{
    lane *a = &s->lane[l];
    const event_code *v = &s->p->event[a->queue[at].event];
    bool sized = false;
    if (!a->queue[at].has_values)
        tw_sim_vm1(&v->body, s->reg + l, s->width);
    for (uint32_t i = 0; i < v->n_assign; i++)
        s->value[i] =
            a->queue[at].has_values ? a->queue_value[(size_t)at * s->p->assign_max + i] : REG(v->body.out[i]);
    drop(s, a, at);
    tw_sim_fold_fast(s, l);
    for (uint32_t i = 0; i < v->n_assign; i++) {
        if (v->volume[i] == NONE)
            tw_sim_put(s, l, v->slot[i], s->value[i]);
        else
            sized = true;
    }
    if (sized && !settle(s, l))
        return TW_SIM_NO_ROOT;
    if (sized)
        tw_sim_vm1(&v->volumes, s->reg + l, s->width);
    for (uint32_t i = 0; i < v->n_assign; i++) {
        if (v->volume[i] != NONE)
            tw_sim_put(s, l, v->slot[i], s->value[i] * REG(v->volumes.out[i]));
    }
    return TW_SIM_DONE;
}

bool tw_sim_assign(lanes *s, unsigned l, const uint32_t *symbol, const double *value, uint32_t n, bool add)
{
    const tw_sim_program *p = s->p;
    tw_sim_fold_fast(s, l);
    for (unsigned sized = 0; sized < 2; sized++) {
        for (uint32_t i = 0; i < n; i++) {
            uint32_t slot = p->slot_of[symbol[i]], volume = p->volume_of[symbol[i]];
            if (isnan(value[i]) || (volume != NONE) != (sized == 1))
                continue;
            double v = volume == NONE ? value[i] : value[i] * REG(p->volumes.out[volume]);
            tw_sim_put(s, l, slot, add ? REG(slot) + v : v);
        }
        if (!settle(s, l))
            return false;
        tw_sim_vm1(&p->volumes, s->reg + l, s->width);
    }
    return true;
}

tw_sim_result tw_sim_actions(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    for (; a->action < a->action_end && s->b->action[a->action].time <= s->t[l]; a->action++) {
        const tw_sim_action *d = &s->b->action[a->action];
        if (d->time == s->t[l] && !tw_sim_assign(s, l, &d->symbol, &d->value, 1, d->add))
            return TW_SIM_NO_ROOT;
    }
    return TW_SIM_DONE;
}

tw_sim_result tw_sim_events(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    for (uint32_t n = 0;; n++) {
        uint32_t at;
        tw_sim_result r = look_at_triggers(s, l);
        if (r != TW_SIM_DONE)
            return r;
        at = next_due(s, l);
        if (at == NONE)
            return TW_SIM_DONE;
        if (n >= AT_ONE_TIME_MAX || ++a->events > s->o.events_max)
            return TW_SIM_TOO_MANY_EVENTS;
        s->count.events++;
        r = execute(s, l, at);
        if (r != TW_SIM_DONE)
            return r;
    }
}

/* ---------------------------------------------------------------- when a trigger may change */

void tw_sim_look(lanes *s, unsigned l)
{
    if (s->p->n_atom == 0)
        return;
    tw_sim_vm1(&s->p->atoms, s->reg + l, s->width);
    for (uint32_t i = 0; i < s->p->n_atom; i++)
        s->lane[l].truth[i] = REG(s->p->atoms.out[s->p->atom[i].truth]);
}

/* Is any relation at t other than before? */
static bool differs(lanes *s, unsigned l, double t)
{
    tw_sim_at1(s, l, s->work, t);
    if (!tw_sim_settle1(s, l, s->work, t))
        return false;
    tw_sim_vm1(&s->p->atoms, s->reg + l, s->width);
    for (uint32_t i = 0; i < s->p->n_atom; i++) {
        if ((REG(s->p->atoms.out[s->p->atom[i].truth]) != 0) != (s->lane[l].truth[i] != 0))
            return true;
    }
    return false;
}

double tw_sim_crossing(lanes *s, unsigned l)
{
    enum { LOOKS = 4 };
    double low = s->t[l], high = low, t0 = s->t[l], span = s->t_new[l] - t0;
    bool found = false;
    for (unsigned k = 1; k <= LOOKS && !found; k++) {
        low = high;
        high = k == LOOKS ? s->t_new[l] : t0 + span * k / LOOKS;
        found = differs(s, l, high);
    }
    if (!found)
        return INFINITY;
    for (unsigned i = 0; i < 200; i++) {
        double mid = low + (high - low) / 2;
        if (mid <= low || mid >= high)
            break;
        if (differs(s, l, mid))
            high = mid;
        else
            low = mid;
    }
    return high;
}

/* Where a clock's relation changes only just after the time at which both sides are equal. */
static bool changes_after(tw_math_op op, double slope)
{
    switch ((int)op) {
    case TW_MATH_GT:
    case TW_MATH_LE:
        return slope > 0;
    case TW_MATH_LT:
    case TW_MATH_GE:
        return slope < 0;
    default:
        return true;
    }
}

double tw_sim_next_stop(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    double t = s->t[l], stop = a->t_end;
    for (uint32_t i = 0; i < s->p->n_clock; i++) {
        const clock_code *c = &s->p->clock[i];
        double slope = REG(c->slope), at = -REG(c->base) / slope;
        if (at > t && at < stop)
            stop = at;
        else if (at == t && changes_after(c->op, slope))
            stop = TW_MIN(stop, nextafter(t, INFINITY));
    }
    for (uint32_t i = 0; i < a->n_queue; i++)
        stop = TW_MIN(stop, a->queue[i].time);
    if (a->action < a->action_end)
        stop = TW_MIN(stop, s->b->action[a->action].time);
    return stop;
}
