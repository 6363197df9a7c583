/* All parameter vectors of a call run through an experiment together: they are the instances of one batch. */
#include "petab/petab_internal.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* ---------------------------------------------------------------- one experiment */

typedef struct {
    tw_ctx *cx;
    tw_petab_result *result; /* [n] */
    const tw_petab *p;
    const tw_petab_part *part;
    const tw_petab_experiment *e;
    const double *parameter; /* [n][n_parameter] */
    size_t n;
    const tw_sim_run_opts *opts;
    /* the run as it grows; rows are instances */
    double start;
    double *set; /* [n][n_input] */
    uint32_t *reset;
    double *reset_value; /* [n][n_reset] */
    uint32_t n_reset;
    double *from;          /* [n][state size]; NULL before the steady state that an experiment may begin with */
    tw_sim_action *action; /* [n][n_action] */
    size_t n_action;
    size_t *action_start;
    double *row;            /* [n][n_output] of the last probe */
    tw_sim_result *failure; /* [n] */
    tw_sim_result *now;
} run;

static tw_status no_memory(tw_ctx *cx)
{
    return tw_fail(cx, TW_ELIMIT, "the evaluation needs more memory than there is");
}

static void count_run(run *r, const tw_sim_count *count)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->now[i] != TW_SIM_DONE)
            r->failure[i] = r->now[i];
        r->result[i].n_run++;
    }
    r->result[0].count.steps += count->steps;
    r->result[0].count.rejected += count->rejected;
    r->result[0].count.events += count->events;
    r->result[0].count.evaluations += count->evaluations;
    r->result[0].count.stiff += count->stiff;
}

/* Runs what is set up; rows of `out` by instance and time. A failure of an instance is kept, it is no error. */
static tw_status simulate(run *r, double *out, double *to, const double *time, size_t n_time)
{
    tw_sim_count count = { 0 };
    tw_sim_batch batch = { .n = r->n,
                           .start = r->start,
                           .set = r->part->input,
                           .n_set = r->part->n_input,
                           .set_value = r->set,
                           .reset = r->reset,
                           .n_reset = r->n_reset,
                           .reset_value = r->reset_value,
                           .time = time,
                           .n_time = n_time,
                           .action = r->action,
                           .action_start = r->action_start,
                           .from = r->from,
                           .out = out,
                           .to = to,
                           .result = r->now };
    for (size_t i = 0; i <= r->n; i++)
        r->action_start[i] = i * r->n_action;
    TW_TRY(tw_sim_run(r->cx, &count, r->part->program, &batch, r->opts));
    count_run(r, &count);
    return TW_OK;
}

static bool needs_state(const tw_petab_period *p)
{
    for (uint32_t i = 0; i < p->n_change; i++)
        if (p->change[i].output != TW_NO_SYMBOL)
            return true;
    return false;
}

static const double *parameters_of(const run *r, size_t instance)
{
    return r->parameter + instance * r->p->n_parameter;
}

/* What a change sets, NaN for nothing; r->row holds the outputs just before. */
static double value_of(const run *r, size_t instance, const tw_petab_change *c)
{
    double v = (double)NAN;
    if (!c->value)
        return v;
    if (c->output != TW_NO_SYMBOL)
        return r->row[instance * r->part->n_output + c->output];
    bool known = tw_petab_constant(r->part, r->p->n_parameter, &v, c->value, parameters_of(r, instance));
    return known ? v : (double)NAN;
}

static bool by_reset(const run *r, const tw_petab_change *c, bool but_inputs)
{
    return c->value && !(but_inputs && r->part->in_input[c->symbol]);
}

/* Changes that come by `reset`; in version 1 those of the start that `set` does not do. */
static void reset_to(run *r, const tw_petab_period *p, bool but_inputs)
{
    r->n_reset = 0;
    for (uint32_t i = 0; i < p->n_change; i++)
        if (by_reset(r, &p->change[i], but_inputs))
            r->reset[r->n_reset++] = p->change[i].symbol;
    for (size_t k = 0; k < r->n; k++) {
        double *to = r->reset_value + k * r->n_reset;
        for (uint32_t i = 0; i < p->n_change; i++)
            if (by_reset(r, &p->change[i], but_inputs))
                *to++ = value_of(r, k, &p->change[i]);
    }
}

static void set_inputs(run *r, const tw_petab_period *p)
{
    uint32_t width = r->part->n_input, parameters = r->p->n_parameter;
    for (size_t k = 0; k < r->n; k++) {
        double *set = r->set + k * width;
        memcpy(set, parameters_of(r, k), parameters * sizeof *set);
        for (uint32_t i = parameters; i < width; i++) {
            set[i] = (double)NAN;
            for (uint32_t c = 0; c < p->n_change; c++)
                if (p->change[c].symbol == r->part->input[i])
                    set[i] = value_of(r, k, &p->change[c]);
        }
    }
}

/* The first period. Version 1 replaces what the model says of the start, as far as that is known before it. */
static tw_status first_period(run *r, const tw_petab_period *p)
{
    bool v1 = r->p->version == 1;
    set_inputs(r, p);
    if (needs_state(p))
        TW_TRY(simulate(r, r->row, NULL, &r->start, 1));
    reset_to(r, p, v1);
    return TW_OK;
}

/* Until nothing moves; the next period goes on from there, at its own time. */
static tw_status equilibrate(run *r, const tw_petab_period *next)
{
    double forever = (double)INFINITY;
    size_t size = tw_sim_state_size(r->part->program);
    if (!tw_sim_state_whole(r->part->program))
        return tw_fail(r->cx, TW_EREFUSED, "a steady state before the start of a model with delays is not supported");
    double *state = tw_try_array(r->cx->arena, double, r->n *size + 1);
    if (!state)
        return no_memory(r->cx);
    TW_TRY(simulate(r, r->row, state, &forever, 1));
    for (size_t k = 0; k < r->n; k++)
        state[k * size] = next->time; /* a state begins with its time */
    r->start = next->time;
    r->from = state;
    reset_to(r, next, false);
    return TW_OK;
}

/* A later period, as actions at its time; values that need the state are looked up just before. */
static tw_status later_period(run *r, const tw_petab_period *p)
{
    double before = nextafter(p->time, -(double)INFINITY);
    size_t old = r->n_action, all = old + p->n_change;
    tw_sim_action *action = tw_try_array(r->cx->arena, tw_sim_action, r->n * all + 1);
    if (!action)
        return no_memory(r->cx);
    if (needs_state(p))
        TW_TRY(simulate(r, r->row, NULL, &before, 1));
    for (size_t k = 0; k < r->n; k++) {
        if (old)
            memcpy(action + k * all, r->action + k * old, old * sizeof *action);
        for (uint32_t i = 0; i < p->n_change; i++)
            action[k * all + old + i] = (tw_sim_action){ .time = p->time,
                                                         .symbol = p->change[i].symbol,
                                                         .value = value_of(r, k, &p->change[i]) };
    }
    r->action = action;
    r->n_action = all;
    return TW_OK;
}

static tw_status prepare(run *r)
{
    tw_arena *a = r->cx->arena;
    size_t most = 1;
    for (uint32_t i = 0; i < r->e->n_period; i++)
        most = TW_MAX(most, (size_t)r->e->period[i].n_change);
    r->set = tw_try_array(a, double, r->n * r->part->n_input + 1);
    r->reset = tw_try_array(a, uint32_t, most);
    r->reset_value = tw_try_array(a, double, r->n *most);
    r->action_start = tw_try_array(a, size_t, r->n + 1);
    r->row = tw_try_array(a, double, r->n * r->part->n_output + 1);
    r->failure = tw_try_array(a, tw_sim_result, r->n);
    r->now = tw_try_array(a, tw_sim_result, r->n);
    bool fine = r->set && r->reset && r->reset_value && r->action_start && r->row && r->failure && r->now;
    return fine ? TW_OK : no_memory(r->cx);
}

static tw_status measure(run *r)
{
    size_t n = r->e->n_measured, width = r->part->n_output;
    double *time = tw_try_array(r->cx->arena, double, n + 1);
    double *out = tw_try_array(r->cx->arena, double, r->n *n *width + 1);
    if (!time || !out)
        return no_memory(r->cx);
    for (size_t i = 0; i < n; i++)
        time[i] = r->p->measurement[r->e->measured[i]].time;
    TW_TRY(simulate(r, out, NULL, time, n));
    for (size_t k = 0; k < r->n; k++)
        for (size_t i = 0; i < n && r->failure[k] == TW_SIM_DONE; i++) {
            uint32_t at = r->e->measured[i];
            const double *row = out + (k * n + i) * width;
            r->result[k].simulation[at] = row[r->part->simulation_output[at]];
            r->result[k].noise[at] = row[r->part->noise_output[at]];
        }
    return TW_OK;
}

static tw_status one_experiment(run *r)
{
    const tw_petab_experiment *e = r->e;
    bool steady = isinf(e->period[0].time);
    TW_TRY(prepare(r));
    r->start = steady ? 0 : e->period[0].time;
    TW_TRY(first_period(r, &e->period[0]));
    if (steady)
        TW_TRY(equilibrate(r, &e->period[1]));
    for (uint32_t i = steady ? 2 : 1; i < e->n_period; i++)
        TW_TRY(later_period(r, &e->period[i]));
    TW_TRY(measure(r));
    for (size_t k = 0; k < r->n; k++) {
        r->result[k].n_experiment++;
        if (r->failure[k] != TW_SIM_DONE) {
            r->result[k].n_failed++;
            r->result[k].failure = r->failure[k];
        }
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- likelihood */

static double log_likelihood(const tw_petab_noise *n, double m, double residual, double sigma)
{
    double jacobian = n->scale == TW_PETAB_LIN ? 0 : log(m) + (n->scale == TW_PETAB_LOG10 ? log(log(10)) : 0);
    if (n->law == TW_PETAB_NOISE_LAPLACE)
        return -log(2 * sigma) - fabs(residual) - jacobian;
    return -0.5 * log(2 * pi * sigma * sigma) - 0.5 * residual * residual - jacobian;
}

static void compare(tw_petab_result *r, const tw_petab *p)
{
    for (uint32_t i = 0; i < p->n_measurement; i++) {
        double m = p->measurement[i].value, sigma = r->noise[i];
        tw_petab_scale scale = p->noise[i].scale;
        double residual = (tw_petab_scaled(scale, m) - tw_petab_scaled(scale, r->simulation[i])) / sigma;
        r->llh += sigma > 0 ? log_likelihood(&p->noise[i], m, residual, sigma) : -(double)INFINITY;
        r->chi2 += residual * residual;
    }
    if (isnan(r->llh))
        r->llh = -(double)INFINITY;
    if (isnan(r->chi2))
        r->chi2 = (double)INFINITY;
}

static tw_status parts(tw_ctx *cx, tw_petab_result *out, const tw_petab *p, const double *parameter, size_t n,
                       const tw_sim_run_opts *opts)
{
    for (uint32_t i = 0; i < p->n_part; i++)
        for (uint32_t k = 0; k < p->part[i].n_experiment; k++) {
            run r = { .cx = cx,
                      .result = out,
                      .p = p,
                      .part = &p->part[i],
                      .e = &p->part[i].experiment[k],
                      .parameter = parameter,
                      .n = n,
                      .opts = opts };
            tw_mark mark = tw_arena_mark(cx->arena);
            tw_status s = one_experiment(&r);
            tw_arena_back(cx->arena, mark);
            if (s != TW_OK)
                return r.e->id.n ? tw_wrap(cx, "experiment \"" TW_FMT "\"", TW_ARG(r.e->id)) : s;
        }
    return TW_OK;
}

static tw_status begin(tw_ctx *cx, tw_petab_result *out, const tw_petab *p, const double *parameter)
{
    *out = (tw_petab_result){ .simulation = tw_try_array(cx->arena, double, p->n_measurement + 1),
                              .noise = tw_try_array(cx->arena, double, p->n_measurement + 1) };
    if (!out->simulation || !out->noise)
        return no_memory(cx);
    for (uint32_t i = 0; i < p->n_measurement; i++)
        out->simulation[i] = out->noise[i] = (double)NAN;
    for (uint32_t i = 0; i < p->n_parameter; i++)
        if (p->parameter[i].estimate)
            out->log_prior += tw_petab_log_prior(&p->parameter[i], parameter[i]);
    return TW_OK;
}

tw_status tw_petab_evaluate_many(tw_ctx *cx, tw_petab_result *out, const tw_petab *p, const double *parameter, size_t n,
                                 const tw_sim_run_opts *opts)
{
    static const tw_sim_run_opts usual = { .rtol = 1e-8, .atol = 1e-10 };
    if (n == 0)
        return TW_OK;
    for (size_t i = 0; i < n; i++)
        TW_TRY(begin(cx, &out[i], p, parameter + i * p->n_parameter));
    TW_TRY(parts(cx, out, p, parameter, n, opts ? opts : &usual));
    for (size_t i = 0; i < n; i++)
        compare(&out[i], p);
    return TW_OK;
}

tw_status tw_petab_evaluate(tw_ctx *cx, tw_petab_result *out, const tw_petab *p, const double *parameter,
                            const tw_sim_run_opts *opts)
{
    double *value = tw_try_array(cx->arena, double, p->n_parameter + 1);
    if (!value)
        return no_memory(cx);
    for (uint32_t i = 0; i < p->n_parameter; i++)
        value[i] = parameter ? parameter[i] : p->parameter[i].nominal;
    return tw_petab_evaluate_many(cx, out, p, value, 1, opts);
}
