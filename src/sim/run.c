/* The loop: lanes take instances from a queue, step together, and each goes on to the next instance when it is done. */
#include "sim/sim_internal.h"

#define COLUMN(a) ((a) + l)

/* ---------------------------------------------------------------- rows */

static size_t first_row(const tw_sim_batch *b, size_t instance)
{
    return b->time_start ? b->time_start[instance] : instance * b->n_time;
}

static void next_row(const lanes *s, lane *a, size_t row)
{
    a->row = row;
    a->row_time = row < a->row_end ? s->b->time[row - a->row_shift] : (double)INFINITY;
}

static void write_row(lanes *s, unsigned l)
{
    const code *c = &s->p->out;
    lane *a = &s->lane[l];
    double *to = s->b->out + a->row * c->n_out;
    for (uint32_t i = 0; i < c->n_out; i++)
        to[i] = REG(c->out[i]);
    next_row(s, a, a->row + 1);
}

/* Rows of now, from the state. */
static tw_sim_result write_now(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    if (a->row_time > s->t[l])
        return TW_SIM_DONE;
    if (!tw_sim_settle1(s, l, COLUMN(s->y), s->t[l]))
        return TW_SIM_NO_ROOT;
    tw_sim_vm1(&s->p->out, s->reg + l, s->width);
    while (a->row_time <= s->t[l])
        write_row(s, l);
    return TW_SIM_DONE;
}

/* Rows inside the last step of lanes that take it. */
static void write_inside(lanes *s, const kernels *v, const bool *take)
{
    for (;;) {
        double t[WIDTH_MAX];
        unsigned who[WIDTH_MAX + 1], n = 0;
        for (unsigned l = 0; l < s->width; l++) {
            double at = s->lane[l].row_time;
            s->run[l] = take[l] & (at < s->t_new[l]);
            t[l] = s->run[l] ? at : s->t[l];
            who[n] = l;
            n += s->run[l];
        }
        if (n == 0)
            return;
        v->at(s, s->y_out, t);
        tw_sim_settle(s, s->y_out, t);
        v->vm(&s->p->out, s->reg);
        for (unsigned i = 0; i < n; i++)
            write_row(s, who[i]);
    }
}

/* ---------------------------------------------------------------- start and end of an instance */

static void set_values(lanes *s, unsigned l, size_t instance)
{
    const tw_sim_program *p = s->p;
    const tw_sim_batch *b = s->b;
    for (uint32_t i = 0; i < 2 * p->n_symbol; i++)
        REG(p->base_slot + i) = p->base_value[i];
    for (uint32_t i = 0; i < b->n_set; i++) {
        double v = b->set_value[instance * b->n_set + i];
        if (isnan(v))
            continue;
        REG(p->base_slot + b->set[i]) = v;
        REG(p->base_slot + p->n_symbol + b->set[i]) = 0;
    }
}

static void start_state(lanes *s, unsigned l, size_t instance)
{
    const tw_sim_program *p = s->p;
    const double *from = s->b->from ? s->b->from + instance * tw_sim_state_size(p) : NULL;
    lane *a = &s->lane[l];
    s->t[l] = from ? from[0] : s->b->start;
    REG(p->time_reg) = s->t[l];
    set_values(s, l, instance);
    if (!from)
        tw_sim_vm1(&p->init, s->reg + l, s->width);
    for (uint32_t i = 0; i < p->n_x; i++)
        tw_sim_put(s, l, i, from ? from[1 + i] : REG(p->init.out[i]));
    for (uint32_t i = 0; i < p->n_alg; i++) {
        if (!isfinite(REG(p->alg_slot + i)))
            REG(p->alg_slot + i) = 0;
    }
    for (uint32_t e = 0; e < p->n_event; e++)
        a->trig[e] = from ? from[1 + p->n_x + e] != 0 : p->event[e].trigger_initial;
    a->n_queue = 0;
    a->n_past = 0;
    s->jumped[l] = a->look_all = true;
}

/* A first step by Hairer, Norsett, Wanner, Solving ODEs I (1993), II.4. */
static double first_step(lanes *s, unsigned l)
{
    uint32_t n = s->p->n_state;
    double d0 = 0, d1 = 0, d2 = 0;
    if (n == 0)
        return s->lane[l].h_max;
    for (uint32_t i = 0; i < n; i++) {
        double y = s->y[(size_t)i * s->width + l], k = s->k[0][(size_t)i * s->width + l];
        double scale = s->o.atol + s->o.rtol * fabs(y);
        d0 += (y / scale) * (y / scale);
        d1 += (k / scale) * (k / scale);
    }
    double h = d0 < 1e-10 || d1 < 1e-10 ? 1e-6 : 0.01 * sqrt(d0 / d1);
    h = TW_MIN(h, s->lane[l].h_max);
    for (uint32_t i = 0; i < n; i++) {
        size_t at = (size_t)i * s->width + l;
        s->y_out[at] = s->y[at] + h * s->k[0][at];
    }
    (void)tw_sim_rates1(s, l, COLUMN(s->k[1]), COLUMN(s->y_out), s->t[l] + h);
    for (uint32_t i = 0; i < n; i++) {
        size_t at = (size_t)i * s->width + l;
        double e = (s->k[1][at] - s->k[0][at]) / (s->o.atol + s->o.rtol * fabs(s->y[at]));
        d2 += e * e;
    }
    double d = TW_MAX(sqrt(d1 / n), sqrt(d2 / n) / h);
    double h1 = d <= 1e-15 ? TW_MAX(1e-6, h * 1e-3) : pow(0.01 / d, s->stiff ? 0.25 : 0.2);
    h = TW_MIN(100 * h, h1);
    return isfinite(h) && h > 0 ? TW_MIN(h, s->lane[l].h_max) : 1e-6;
}

/* After a jump: relations, the first stage. What is held is up to date. */
static tw_sim_result restart(lanes *s, unsigned l)
{
    if (!tw_sim_settle1(s, l, COLUMN(s->y), s->t[l]))
        return TW_SIM_NO_ROOT;
    (void)tw_sim_look(s, l);
    if (!tw_sim_rates1(s, l, COLUMN(s->k[0]), COLUMN(s->y), s->t[l]))
        return TW_SIM_NOT_FINITE;
    s->lane[l].stop = tw_sim_next_stop(s, l);
    s->lane[l].err_old = 1e-4;
    return TW_SIM_DONE;
}

static void grid(lanes *s, unsigned l, size_t instance)
{
    lane *a = &s->lane[l];
    const tw_sim_batch *b = s->b;
    a->instance = instance;
    a->row = first_row(b, instance);
    a->row_end = b->time_start ? b->time_start[instance + 1] : a->row + b->n_time;
    a->row_shift = b->time_start ? 0 : a->row;
    next_row(s, a, a->row);
    a->action = b->action_start ? b->action_start[instance] : 0;
    a->action_end = b->action_start ? b->action_start[instance + 1] : b->n_action;
    a->t_end = a->row < a->row_end ? b->time[a->row_end - 1 - a->row_shift] : s->t[l];
    a->t_start = s->t[l];
    double span = a->t_end - a->t_start;
    a->h_max = s->o.step_max > 0 ? s->o.step_max : (double)INFINITY;
    if (isfinite(span) && (s->p->atoms.n_out || s->p->n_state == 0))
        a->h_max = TW_MIN(a->h_max, span / 50);
    a->steps = a->events = 0;
    a->stiff_hits = a->stiff_misses = 0;
    a->rejected = a->clipped = false;
}

static tw_sim_result start(lanes *s, unsigned l, size_t instance)
{
    const tw_sim_program *p = s->p;
    tw_sim_result r;
    start_state(s, l, instance);
    grid(s, l, instance);
    tw_sim_vm1(&p->hoist, s->reg + l, s->width);
    if (p->n_delay && !tw_sim_past_add(s, l, s->t[l], 0, true))
        return TW_SIM_NO_MEMORY;
    if (!tw_sim_settle1(s, l, COLUMN(s->y), s->t[l]))
        return TW_SIM_NO_ROOT;
    if (s->b->n_reset) {
        tw_sim_vm1(&p->volumes, s->reg + l, s->width);
        if (!tw_sim_assign(s, l, s->b->reset, s->b->reset_value + instance * s->b->n_reset, s->b->n_reset, false))
            return TW_SIM_NO_ROOT;
    }
    r = tw_sim_actions(s, l);
    if (r == TW_SIM_DONE)
        r = tw_sim_events(s, l);
    if (r == TW_SIM_DONE)
        r = write_now(s, l);
    if (r == TW_SIM_DONE && s->lane[l].row < s->lane[l].row_end)
        r = restart(s, l);
    if (r == TW_SIM_DONE && s->lane[l].row < s->lane[l].row_end)
        s->h[l] = first_step(s, l);
    return r;
}

static void save(lanes *s, unsigned l)
{
    const tw_sim_program *p = s->p;
    double *to = s->b->to + s->lane[l].instance * tw_sim_state_size(p);
    to[0] = s->t[l];
    (void)tw_sim_settle1(s, l, COLUMN(s->y), s->t[l]);
    for (uint32_t i = 0; i < p->n_x; i++)
        to[1 + i] = REG(i);
    for (uint32_t e = 0; e < p->n_event; e++)
        to[1 + p->n_x + e] = s->lane[l].trig[e] ? 1 : 0;
}

static void end(lanes *s, unsigned l, tw_sim_result r)
{
    lane *a = &s->lane[l];
    for (; a->row < a->row_end; a->row++) {
        for (uint32_t i = 0; i < s->p->out.n_out; i++)
            s->b->out[a->row * s->p->out.n_out + i] = (double)NAN;
    }
    s->b->result[a->instance] = r;
    if (s->b->to)
        save(s, l);
    a->active = false;
}

static void refill(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    while (!a->active && s->next < s->n_todo) {
        size_t instance = s->todo ? s->todo[s->next] : s->next;
        s->next++;
        a->active = true;
        s->count.stiff += s->stiff;
        tw_sim_result r = start(s, l, instance);
        if (r != TW_SIM_DONE || a->row == a->row_end)
            end(s, l, r);
    }
    if (!a->active)
        s->step[l] = 0;
}

/* ---------------------------------------------------------------- a step */

static void choose_step(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    double h = TW_MIN(s->h[l], a->h_max);
    if (s->p->n_delay)
        h = TW_MIN(h, tw_sim_tau_min(s, l));
    s->t_new[l] = s->t[l] + h;
    a->clipped = s->t_new[l] * (1 + 1e-15) >= a->stop || s->t_new[l] >= a->stop;
    if (a->clipped)
        s->t_new[l] = a->stop;
    s->step[l] = s->t_new[l] - s->t[l];
}

/* x^p to some percent, which is enough to choose a step: the exponent and mantissa of x, taken as a number, are nearly
 * its logarithm. x > 0, |p| <= 1. */
static double rough_power(double x, double p)
{
    const double one = 4607182418800017408.0; /* the bits of 1.0 */
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = (int64_t)(one + p * ((double)bits - one));
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* PI control (Hairer, Norsett, Wanner, Solving ODEs I, IV.2). true: the step is good. */
static bool control(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    double err = s->norm[l], order = s->stiff ? 0.25 : 0.2;
    if (s->failed_eval[l] || !isfinite(err)) {
        s->h[l] = s->step[l] * 0.2;
        a->rejected = true;
        return false;
    }
    double beta = s->stiff ? 0 : 0.04, wish = err > 0 ? rough_power(err, order - 0.75 * beta) : 0;
    if (err > 1) {
        s->h[l] = s->step[l] / TW_MIN(10, wish / 0.9);
        a->rejected = true;
        return false;
    }
    double factor = err > 0 ? TW_MAX(0.1, TW_MIN(5, wish / (0.9 * rough_power(a->err_old, beta)))) : 0.1;
    double h = s->step[l] / factor;
    if (a->rejected)
        h = TW_MIN(h, s->step[l]);
    s->h[l] = a->clipped ? TW_MAX(h, s->h[l]) : h;
    a->err_old = TW_MAX(err, 1e-4);
    a->rejected = false;
    return true;
}

static bool looks_stiff(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    if (s->stiff || s->o.method != TW_SIM_AUTO)
        return false;
    if (s->stiffness[l] > 3.25) {
        a->stiff_misses = 0;
        return ++a->stiff_hits == 15;
    }
    if (++a->stiff_misses == 6)
        a->stiff_hits = 0;
    return false;
}

/* Small rates, and not merely because so much time has gone by: what grows with time is not steady. */
static bool is_steady(const lanes *s, unsigned l)
{
    double since = s->t[l] - s->lane[l].t_start;
    for (uint32_t i = 0; i < s->p->n_state; i++) {
        size_t at = (size_t)i * s->width + l;
        double rate = fabs(s->k[0][at]), y = fabs(s->y[at]);
        if (!(rate <= s->o.steady_rtol * y + s->o.steady_atol) ||
            !(rate * since <= 1e-3 * y + 1e3 * s->o.steady_atol))
            return false;
    }
    return true;
}

static tw_sim_result jump(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    tw_sim_result r = tw_sim_actions(s, l);
    if (r == TW_SIM_DONE)
        r = tw_sim_events(s, l);
    if (r == TW_SIM_DONE)
        r = write_now(s, l);
    return r != TW_SIM_DONE || a->row == a->row_end ? r : restart(s, l);
}

/* What happens at the end of a step that was taken. */
static tw_sim_result arrive(lanes *s, unsigned l, bool crossed)
{
    lane *a = &s->lane[l];
    bool has_jumps = s->p->n_event || a->action < a->action_end;
    bool settled = s->p->atoms.n_out > 0;
    if (settled && !tw_sim_settle1(s, l, COLUMN(s->y), s->t[l]))
        return TW_SIM_NO_ROOT;
    /* the state and the interpolant at its end may differ by rounding */
    if (settled && tw_sim_look(s, l))
        crossed = true;
    if (crossed || (s->t[l] >= a->stop && has_jumps))
        return jump(s, l);
    if (s->t[l] >= a->stop && a->stop < a->t_end)
        return restart(s, l);
    if (a->row < a->row_end && isinf(a->row_time) && is_steady(s, l)) {
        if (!settled && !tw_sim_settle1(s, l, COLUMN(s->y), s->t[l]))
            return TW_SIM_NO_ROOT;
        tw_sim_vm1(&s->p->out, s->reg + l, s->width);
        while (a->row < a->row_end)
            write_row(s, l);
        return TW_SIM_DONE;
    }
    return write_now(s, l);
}

static void redo_stiff(lanes *s, unsigned l)
{
    s->redo[s->n_redo++] = (uint32_t)s->lane[l].instance;
    s->lane[l].active = false;
}

/* The lane goes on, or is at a limit. */
static void check_limits(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    bool tiny = s->h[l] <= 4e-16 * fabs(s->t[l]) || s->h[l] < 1e-300;
    tw_sim_result r = isinf(a->t_end) ? TW_SIM_NOT_STEADY : TW_SIM_TOO_MANY_STEPS;
    if (a->rejected && tiny)
        r = TW_SIM_STEP_TOO_SMALL;
    else if (++a->steps <= s->o.steps_max && !(isinf(a->t_end) && s->t[l] > 1e15))
        return;
    if (s->o.method == TW_SIM_AUTO && !s->stiff)
        redo_stiff(s, l);
    else
        end(s, l, r);
}

static bool inside_matters(const lanes *s, const bool *take)
{
    bool any = s->p->atoms.n_out || s->p->n_delay;
    for (unsigned l = 0; l < s->width && !any; l++)
        any = take[l] && s->lane[l].row_time < s->t_new[l];
    return any;
}

/* Interpolant, crossings, rows: what lies inside the step. */
static void inside(lanes *s, const kernels *v, const bool *take, bool *crossed)
{
    if (!inside_matters(s, take))
        return;
    if (s->stiff)
        tw_sim_rodas_poly(s);
    else
        v->poly(s);
    for (unsigned l = 0; l < s->width; l++) {
        if (!take[l] || s->p->atoms.n_out == 0)
            continue;
        double at = tw_sim_crossing(s, l);
        if (isfinite(at)) {
            crossed[l] = true;
            s->t_new[l] = at;
        }
    }
    write_inside(s, v, take);
    for (unsigned l = 0; l < s->width; l++) {
        if (take[l] && crossed[l])
            tw_sim_at1(s, l, COLUMN(s->y_new), s->t_new[l]);
        if (take[l] && s->p->n_delay && !tw_sim_past_add(s, l, s->t[l], s->step[l], false))
            s->failed_eval[l] = true;
    }
}

static void step(lanes *s, const kernels *v)
{
    bool take[WIDTH_MAX] = { false }, crossed[WIDTH_MAX] = { false };
    for (unsigned l = 0; l < s->width; l++) {
        s->run[l] = s->lane[l].active;
        s->failed_eval[l] = false;
        if (s->lane[l].active)
            choose_step(s, l);
    }
    if (s->stiff)
        tw_sim_rodas(s, v);
    else
        v->tsit5(s);
    for (unsigned l = 0; l < s->width; l++) {
        if (!s->lane[l].active)
            continue;
        take[l] = control(s, l);
        s->count.steps++;
        s->count.rejected += !take[l];
        if (take[l] && looks_stiff(s, l)) {
            redo_stiff(s, l);
            take[l] = false;
        }
    }
    inside(s, v, take, crossed);
    v->commit(s, take);
    for (unsigned l = 0; l < s->width; l++) {
        if (take[l]) {
            s->t[l] = s->t_new[l];
            tw_sim_result r = s->failed_eval[l] ? TW_SIM_NO_MEMORY : arrive(s, l, crossed[l]);
            if (r != TW_SIM_DONE || s->lane[l].row == s->lane[l].row_end)
                end(s, l, r);
        }
        if (s->lane[l].active)
            check_limits(s, l);
        if (!s->lane[l].active)
            refill(s, l);
    }
}

static void loop(lanes *s, const kernels *v)
{
    bool any = true;
    for (unsigned l = 0; l < s->width; l++)
        refill(s, l);
    while (any) {
        any = false;
        for (unsigned l = 0; l < s->width; l++)
            any = any || s->lane[l].active;
        if (any)
            step(s, v);
    }
}

/* ---------------------------------------------------------------- memory and checks */

/* Starts at a cache line, so that no row of 8 lies across two. */
static double *rows(lanes *s, size_t n, bool *ok)
{
    enum { LINE = 64 };
    double *p = tw_try_array(s->cx->arena, double, n * s->width + 16);
    *ok = *ok && p;
    return p ? p + (LINE - (uintptr_t)p % LINE) % LINE / sizeof *p : NULL;
}

static bool lane_memory(lanes *s, unsigned l)
{
    lane *a = &s->lane[l];
    a->trig = tw_try_array(s->cx->arena, bool, (size_t)s->p->n_event + 1);
    a->truth = tw_try_array(s->cx->arena, bool, (size_t)s->p->atoms.n_out + 1);
    a->order = tw_try_array(s->cx->arena, uint32_t, (size_t)s->p->n_clock + 1);
    for (uint32_t i = 0; a->order && i < s->p->n_clock; i++)
        a->order[i] = i;
    for (uint32_t i = 0; i < s->p->n_const; i++)
        REG(s->p->const_reg[i]) = s->p->const_value[i];
    return a->trig && a->truth && a->order;
}

static tw_status memory(lanes *s)
{
    const tw_sim_program *p = s->p;
    uint32_t n = p->n_state, m = p->n_alg;
    bool ok = true;
    s->reg = rows(s, p->n_reg, &ok);
    s->y = rows(s, n, &ok);
    s->y_new = rows(s, n, &ok);
    s->y_out = rows(s, n, &ok);
    s->work = rows(s, n, &ok);
    for (unsigned i = 0; i < 7; i++)
        s->k[i] = rows(s, n, &ok);
    for (unsigned i = 0; i < 6; i++)
        s->u[i] = rows(s, n, &ok);
    for (unsigned i = 0; i < 5; i++)
        s->poly[i] = rows(s, n, &ok);
    s->scratch = tw_try_array(s->cx->arena, double, (size_t)p->n_reg + 1);
    s->alg_work = tw_try_array(s->cx->arena, double, m + (size_t)m * m + 1);
    s->alg_pivot = tw_try_array(s->cx->arena, uint32_t, (size_t)m + 1);
    s->value = tw_try_array(s->cx->arena, double, (size_t)p->assign_max + 1);
    s->redo = tw_try_array(s->cx->arena, uint32_t, s->b->n + 1);
    s->past_size = 5 * (size_t)n + (p->n_x - n);
    if (!ok || !s->scratch || !s->alg_work || !s->alg_pivot || !s->value || !s->redo)
        return tw_fail(s->cx, TW_ELIMIT, "memory for lanes");
    for (unsigned l = 0; l < s->width; l++) {
        if (!lane_memory(s, l))
            return tw_fail(s->cx, TW_ELIMIT, "memory for lanes");
    }
    for (uint32_t i = 0; i < p->n_const; i++)
        s->scratch[p->const_reg[i]] = p->const_value[i];
    return TW_OK;
}

static tw_status check_symbols(tw_ctx *cx, const tw_sim_program *p, const uint32_t *symbol, uint32_t n, bool held)
{
    for (uint32_t i = 0; i < n; i++) {
        if (symbol[i] >= p->n_symbol)
            return tw_fail(cx, TW_EUSAGE, "a batch sets no symbol of the model");
        if (held && p->slot_of[symbol[i]] == NONE)
            return tw_fail(cx, TW_EUSAGE, "a batch sets a symbol that a rule determines");
    }
    return TW_OK;
}

static tw_status check_batch(tw_ctx *cx, const tw_sim_program *p, const tw_sim_batch *b)
{
    size_t n_time = b->time_start ? b->time_start[b->n] : b->n_time;
    size_t n_action = b->action_start ? b->action_start[b->n] : b->n_action;
    TW_TRY(check_symbols(cx, p, b->set, b->n_set, false));
    TW_TRY(check_symbols(cx, p, b->reset, b->n_reset, true));
    for (size_t i = 0; i < n_action; i++)
        TW_TRY(check_symbols(cx, p, &b->action[i].symbol, 1, true));
    if (b->n >= UINT32_MAX)
        return tw_fail(cx, TW_ELIMIT, "a batch of %zu instances", b->n);
    if ((b->from || b->to) && !tw_sim_state_whole(p))
        return tw_fail(cx, TW_EREFUSED, "states of a model with delays");
    for (size_t i = 0; i < n_time; i++) {
        if (isnan(b->time[i]) || (!b->time_start && i && b->time[i] < b->time[i - 1]))
            return tw_fail(cx, TW_EUSAGE, "times of a batch do not ascend");
    }
    return TW_OK;
}

static void defaults(tw_sim_run_opts *o)
{
    o->rtol = o->rtol > 0 ? o->rtol : 1e-6;
    o->atol = o->atol > 0 ? o->atol : 1e-9;
    o->steps_max = o->steps_max ? o->steps_max : 10000000;
    o->events_max = o->events_max ? o->events_max : 10000000;
    o->history_max = o->history_max ? o->history_max : 64 * TW_MIB;
    o->steady_rtol = o->steady_rtol > 0 ? o->steady_rtol : 1e-8;
    o->steady_atol = o->steady_atol > 0 ? o->steady_atol : 1e-10;
    o->width = o->width ? o->width : 8;
}

/* What this processor can run; all give the same bits. */
static const kernels *kernels_for(unsigned width)
{
    if (width == 1)
        return &tw_sim_kernels_1;
#ifdef __x86_64__
    __builtin_cpu_init();
    bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
    if (width == 8 && avx512)
        return &tw_sim_kernels_8_avx512;
    if (__builtin_cpu_supports("avx2"))
        return width == 8 ? &tw_sim_kernels_8_avx2 : &tw_sim_kernels_4_avx2;
#endif
    return width == 8 ? &tw_sim_kernels_8 : &tw_sim_kernels_4;
}

static void run_all(lanes *s)
{
    const kernels *v = kernels_for(s->width);
    s->n_todo = s->b->n;
    s->stiff = s->o.method == TW_SIM_STIFF;
    loop(s, v);
    if (s->n_redo) {
        s->stiff = true;
        s->todo = s->redo;
        s->n_todo = s->n_redo;
        s->next = 0;
        loop(s, v);
    }
    for (unsigned l = 0; l < s->width; l++) {
        tw_mem_free(s->lane[l].queue);
        tw_mem_free(s->lane[l].queue_value);
        tw_mem_free(s->lane[l].past);
        tw_mem_free(s->lane[l].past_data);
    }
}

tw_status tw_sim_run(tw_ctx *cx, tw_sim_count *count, const tw_sim_program *p, const tw_sim_batch *batch,
                     const tw_sim_run_opts *opts)
{
    tw_mark mark = tw_arena_mark(cx->arena);
    lanes *s = tw_try_array(cx->arena, lanes, 1);
    if (!s)
        return tw_fail(cx, TW_ELIMIT, "memory for lanes");
    *s = (lanes){ .cx = cx, .p = p, .b = batch };
    if (opts)
        s->o = *opts;
    defaults(&s->o);
    s->width = s->o.width;
    tw_status r = s->width == 1 || s->width == 4 || s->width == 8 ? check_batch(cx, p, batch)
                                                                   : tw_fail(cx, TW_EUSAGE, "width is 1, 4 or 8");
    if (r == TW_OK)
        r = memory(s);
    if (r == TW_OK) {
        run_all(s);
        if (count)
            *count = s->count;
    }
    tw_arena_back(cx->arena, mark);
    return r;
}

const char *tw_sim_result_text(tw_sim_result r)
{
    switch (r) {
    case TW_SIM_DONE:
        return "done";
    case TW_SIM_STEP_TOO_SMALL:
        return "no step is small enough";
    case TW_SIM_NOT_FINITE:
        return "a derivative is not a number";
    case TW_SIM_TOO_MANY_STEPS:
        return "too many steps";
    case TW_SIM_TOO_MANY_EVENTS:
        return "too many events, or a loop of events";
    case TW_SIM_NO_ROOT:
        return "algebraic rules, fast reactions or delays without a solution";
    case TW_SIM_NOT_STEADY:
        return "no steady state was reached";
    case TW_SIM_BAD_DELAY:
        return "a delay that is negative or not a number";
    case TW_SIM_NO_MEMORY:
        return "too much to remember";
    }
    return "?";
}
