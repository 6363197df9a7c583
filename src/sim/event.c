/* Events: SBML L3V2 section 4.11. A trigger that becomes true puts an execution into the queue; at each time the one of
 * highest priority is done first, and triggers and priorities are looked at again after each. */
#include "sim/sim_internal.h"

enum { AT_ONE_TIME_MAX = 100000, QUEUE_MAX = 1000000 };

static bool settle(lanes *s, unsigned l, const code *held)
{
    tw_sim_vm1(held, s->reg + l, s->width);
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

static tw_sim_result look_at(lanes *s, unsigned l, uint32_t e)
{
    lane *a = &s->lane[l];
    bool now = REG(s->p->trigger.out[e]) != 0, before = a->trig[e];
    a->trig[e] = now;
    if (now && !before)
        return fire(s, l, e);
    for (uint32_t i = a->n_queue; !now && before && !s->p->event[e].persistent && i-- > 0;) {
        if (a->queue[i].event == e)
            drop(s, a, i);
    }
    return TW_SIM_DONE;
}

static tw_sim_result look_at_all(lanes *s, unsigned l)
{
    tw_sim_vm1(&s->p->trigger, s->reg + l, s->width);
    for (uint32_t e = 0; e < s->p->n_event; e++) {
        tw_sim_result r = look_at(s, l, e);
        if (r != TW_SIM_DONE)
            return r;
    }
    return TW_SIM_DONE;
}

static double clock_at(const lanes *s, unsigned l, uint32_t clock)
{
    double at = REG(s->p->clock[clock].at);
    return isnan(at) ? (double)INFINITY : at;
}

/* They are nearly sorted: the instance before had much the same times. */
static void sort_clocks(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    for (uint32_t i = 1; i < s->p->n_clock; i++) {
        uint32_t c = a->order[i], k = i;
        for (; k > 0 && clock_at(s, l, a->order[k - 1]) > clock_at(s, l, c); k--)
            a->order[k] = a->order[k - 1];
        a->order[k] = c;
    }
    a->next_clock = 0;
}

/* Triggers whose time has come since the last look, in the order of events. */
static tw_sim_result look_at_due(lanes *s, unsigned l)
{
    enum { MANY = 16 };
    const tw_sim_program *p = s->p;
    const lane *a = &s->lane[l];
    uint32_t due[MANY], n = 0;
    for (uint32_t i = a->next_clock; i < p->n_clock && clock_at(s, l, a->order[i]) <= s->t[l]; i++) {
        uint32_t e = p->clock_event[a->order[i]], k = n;
        if (e == NONE)
            continue;
        if (n == MANY)
            return look_at_all(s, l);
        tw_sim_vm1(&p->clock[a->order[i]].truth, s->reg + l, s->width);
        for (n++; k > 0 && due[k - 1] > e; k--)
            due[k] = due[k - 1];
        due[k] = e;
    }
    for (uint32_t i = 0; i < n; i++) {
        tw_sim_result r = look_at(s, l, due[i]);
        if (r != TW_SIM_DONE)
            return r;
    }
    return TW_SIM_DONE;
}

/* Triggers that changed. */
static tw_sim_result look_at_triggers(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    tw_sim_result r;
    if (!s->p->clock_event)
        return look_at_all(s, l);
    if (a->look_all) {
        sort_clocks(s, l);
        r = look_at_all(s, l);
    } else {
        r = look_at_due(s, l);
    }
    a->look_all = false;
    while (a->next_clock < s->p->n_clock && clock_at(s, l, a->order[a->next_clock]) < s->t[l])
        a->next_clock++;
    return r;
}

static double priority_of(lanes *s, unsigned l, uint32_t at)
{
    const event_code *v = &s->p->event[s->lane[l].queue[at].event];
    if (v->priority == NONE)
        return -(double)INFINITY;
    tw_sim_vm1(&v->body, s->reg + l, s->width);
    return REG(v->priority);
}

/* A number below n that looks random and is the same in every run (splitmix64). */
static uint32_t pick(uint64_t seed, uint32_t n)
{
    uint64_t z = seed * 0x9e3779b97f4a7c15u + 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) % n);
}

/* The execution whose turn it is; NONE. "If multiple events have the same priority, they are executed in random
 * order": an order that is drawn from the number of executions so far. */
static uint32_t next_due(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    uint32_t last = NONE, n = 0, n_due = 0;
    double best = 0;
    for (uint32_t i = 0; i < a->n_queue; i++) {
        if (a->queue[i].time <= s->t[l]) {
            n_due++;
            last = i;
        }
    }
    if (n_due < 2)
        return last;
    for (uint32_t i = 0; i < a->n_queue; i++) {
        if (a->queue[i].time > s->t[l])
            continue;
        a->queue[i].priority = priority_of(s, l, i);
        if (n == 0 || a->queue[i].priority > best) {
            best = a->queue[i].priority;
            n = 1;
        } else if (a->queue[i].priority == best) {
            n++;
        }
    }
    n = pick(a->events, n);
    for (uint32_t i = 0; i < a->n_queue; i++) {
        if (a->queue[i].time <= s->t[l] && a->queue[i].priority == best && n-- == 0)
            return i;
    }
    return last;
}

/* ---------------------------------------------------------------- assignments */

/* All assignments of an event are made at once: sizes that turn a concentration into an amount are those before. */
static void execute(lanes *s, unsigned l, uint32_t at)
{
    lane *a = &s->lane[l];
    const event_code *v = &s->p->event[a->queue[at].event];
    if (!a->queue[at].has_values)
        tw_sim_vm1(&v->body, s->reg + l, s->width);
    tw_sim_vm1(&v->volumes, s->reg + l, s->width);
    for (uint32_t i = 0; i < v->n_assign; i++) {
        s->value[i] =
            a->queue[at].has_values ? a->queue_value[(size_t)at * s->p->assign_max + i] : REG(v->body.out[i]);
        s->value[i] *= REG(v->volumes.out[i]);
    }
    drop(s, a, at);
    tw_sim_fold_fast(s, l);
    for (uint32_t i = 0; i < v->n_assign; i++)
        tw_sim_put(s, l, v->slot[i], s->value[i]);
    s->jumped[l] = true;
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
        if (!settle(s, l, &p->hoist))
            return false;
        tw_sim_vm1(&p->volumes, s->reg + l, s->width);
    }
    s->jumped[l] = s->lane[l].look_all = true;
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
        tw_sim_result r = TW_SIM_DONE;
        if (!settle(s, l, &s->p->rehoist))
            return TW_SIM_NO_ROOT;
        if (n == 0 || !s->p->clocks_only)
            r = look_at_triggers(s, l);
        if (r != TW_SIM_DONE)
            return r;
        at = next_due(s, l);
        if (at == NONE)
            return TW_SIM_DONE;
        if (n >= AT_ONE_TIME_MAX || ++a->events > s->o.events_max)
            return TW_SIM_TOO_MANY_EVENTS;
        s->count.events++;
        execute(s, l, at);
    }
}

/* ---------------------------------------------------------------- when a trigger may change */

bool tw_sim_look(lanes *s, unsigned l)
{
    bool changed = false;
    tw_sim_vm1(&s->p->atoms, s->reg + l, s->width);
    for (uint32_t i = 0; i < s->p->atoms.n_out; i++) {
        bool truth = REG(s->p->atoms.out[i]) != 0;
        changed = changed || truth != s->lane[l].truth[i];
        s->lane[l].truth[i] = truth;
    }
    return changed;
}

/* Is any relation at t other than before? */
static bool differs(lanes *s, unsigned l, double t)
{
    tw_sim_at1(s, l, s->work, t);
    if (!tw_sim_settle1(s, l, s->work, t))
        return false;
    tw_sim_vm1(&s->p->atoms, s->reg + l, s->width);
    for (uint32_t i = 0; i < s->p->atoms.n_out; i++) {
        if ((REG(s->p->atoms.out[i]) != 0) != s->lane[l].truth[i])
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
        return (double)INFINITY;
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

/* Truth of a clock's relation at a time. */
static bool clock_truth(lanes *s, unsigned l, uint32_t clock, double t)
{
    const code *c = &s->p->clock[clock].truth;
    REG(s->p->time_reg) = t;
    tw_sim_vm1(c, s->reg + l, s->width);
    return REG(c->out[0]) != 0;
}

/* The first number near `at` at which the relation is other than now; rounding, and relations that leave equality out,
 * move it on a little. INFINITY: none. */
static double clock_change(lanes *s, unsigned l, uint32_t clock, double at)
{
    bool now = clock_truth(s, l, clock, s->t[l]);
    for (unsigned i = 0; i < 8; i++) {
        if (at > s->t[l] && clock_truth(s, l, clock, at) != now)
            return at;
        at = nextafter(at, (double)INFINITY);
    }
    return (double)INFINITY;
}

double tw_sim_next_stop(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    double t = s->t[l], stop = a->t_end;
    for (uint32_t i = a->next_clock; s->p->clock_event && i < s->p->n_clock; i++) {
        double at = clock_at(s, l, a->order[i]);
        if (at >= stop)
            break;
        stop = TW_MIN(stop, clock_change(s, l, a->order[i], at));
    }
    for (uint32_t i = 0; !s->p->clock_event && i < s->p->n_clock; i++) {
        double at = REG(s->p->clock[i].at);
        if (at >= t * (1 - 1e-15) && at < stop)
            stop = TW_MIN(stop, clock_change(s, l, i, at));
    }
    for (uint32_t i = 0; i < a->n_queue; i++)
        stop = TW_MIN(stop, a->queue[i].time);
    if (a->action < a->action_end)
        stop = TW_MIN(stop, s->b->action[a->action].time);
    return stop;
}
