#include "petab/petab_internal.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* ---------------------------------------------------------------- one experiment */

typedef struct {
    tw_ctx *cx;
    tw_petab_result *result;
    const tw_petab *p;
    const tw_petab_part *part;
    const tw_petab_experiment *e;
    const double *parameter;
    const tw_sim_run_opts *opts;
    /* the run as it grows */
    double start;
    double *set;
    uint32_t *reset;
    double *reset_value;
    uint32_t n_reset;
    double *from; /* NULL before the steady state that an experiment may begin with */
    tw_sim_action *action;
    size_t n_action;
    double *row; /* [n_output] of the last probe */
    tw_sim_result failure;
} run;

static tw_status no_memory(tw_ctx *cx)
{
    return tw_fail(cx, TW_ELIMIT, "the evaluation needs more memory than there is");
}

/* Runs what is set up; rows of `out` by time. A failure of the instance is kept, it is no error. */
static tw_status simulate(run *r, double *out, double *to, const double *time, size_t n_time)
{
    tw_sim_result result = TW_SIM_DONE;
    tw_sim_count count = { 0 };
    tw_sim_batch batch = { .n = 1,
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
                           .n_action = r->n_action,
                           .from = r->from,
                           .out = out,
                           .to = to,
                           .result = &result };
    TW_TRY(tw_sim_run(r->cx, &count, r->part->program, &batch, r->opts));
    r->failure = result != TW_SIM_DONE ? result : r->failure;
    r->result->n_run++;
    r->result->count.steps += count.steps;
    r->result->count.rejected += count.rejected;
    r->result->count.events += count.events;
    r->result->count.evaluations += count.evaluations;
    r->result->count.stiff += count.stiff;
    return TW_OK;
}

static bool needs_state(const tw_petab_period *p)
{
    for (uint32_t i = 0; i < p->n_change; i++)
        if (p->change[i].output != TW_NO_SYMBOL)
            return true;
    return false;
}

/* What a change sets, NaN for nothing; r->row holds the outputs just before. */
static double value_of(const run *r, const tw_petab_change *c)
{
    double v = (double)NAN;
    if (!c->value)
        return v;
    if (c->output != TW_NO_SYMBOL)
        return r->row[c->output];
    return tw_petab_constant(r->part, r->p->n_parameter, &v, c->value, r->parameter) ? v : (double)NAN;
}

static void reset_to(run *r, const tw_petab_period *p)
{
    r->n_reset = 0;
    for (uint32_t i = 0; i < p->n_change; i++) {
        double v = value_of(r, &p->change[i]);
        if (isnan(v))
            continue;
        r->reset[r->n_reset] = p->change[i].symbol;
        r->reset_value[r->n_reset++] = v;
    }
}

/* The first period. Version 1 replaces what the model says of the start, as far as that is known before it. */
static tw_status first_period(run *r, const tw_petab_period *p)
{
    for (uint32_t i = 0; i < r->part->n_input; i++)
        r->set[i] = i < r->p->n_parameter ? r->parameter[i] : (double)NAN;
    if (needs_state(p))
        TW_TRY(simulate(r, r->row, NULL, &r->start, 1));
    reset_to(r, p);
    if (r->p->version != 1)
        return TW_OK;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->n_reset; i++) {
        if (!r->part->in_input[r->reset[i]]) {
            r->reset[kept] = r->reset[i];
            r->reset_value[kept++] = r->reset_value[i];
            continue;
        }
        for (uint32_t k = r->p->n_parameter; k < r->part->n_input; k++)
            if (r->part->input[k] == r->reset[i])
                r->set[k] = r->reset_value[i];
    }
    r->n_reset = kept;
    return TW_OK;
}

/* Until nothing moves; the next period goes on from there, at its own time. */
static tw_status equilibrate(run *r, const tw_petab_period *next)
{
    double forever = (double)INFINITY;
    if (!tw_sim_state_whole(r->part->program))
        return tw_fail(r->cx, TW_EREFUSED, "a steady state before the start of a model with delays is not supported");
    double *state = tw_try_array(r->cx->arena, double, tw_sim_state_size(r->part->program) + 1);
    if (!state)
        return no_memory(r->cx);
    TW_TRY(simulate(r, r->row, state, &forever, 1));
    state[0] = next->time;
    r->start = next->time;
    r->from = state;
    reset_to(r, next);
    return TW_OK;
}

/* A later period, as actions at its time; values that need the state are looked up just before. */
static tw_status later_period(run *r, const tw_petab_period *p)
{
    double before = nextafter(p->time, -(double)INFINITY);
    if (needs_state(p))
        TW_TRY(simulate(r, r->row, NULL, &before, 1));
    for (uint32_t i = 0; i < p->n_change; i++) {
        double v = value_of(r, &p->change[i]);
        if (!isnan(v))
            r->action[r->n_action++] = (tw_sim_action){ .time = p->time, .symbol = p->change[i].symbol, .value = v };
    }
    return TW_OK;
}

static tw_status prepare(run *r)
{
    tw_arena *a = r->cx->arena;
    size_t changes = 1, most = 1;
    for (uint32_t i = 0; i < r->e->n_period; i++) {
        changes += r->e->period[i].n_change;
        most = TW_MAX(most, (size_t)r->e->period[i].n_change);
    }
    r->set = tw_try_array(a, double, r->part->n_input + 1);
    r->reset = tw_try_array(a, uint32_t, most);
    r->reset_value = tw_try_array(a, double, most);
    r->action = tw_try_array(a, tw_sim_action, changes);
    r->row = tw_try_array(a, double, r->part->n_output + 1);
    return r->set && r->reset && r->reset_value && r->action && r->row ? TW_OK : no_memory(r->cx);
}

static tw_status measure(run *r)
{
    uint32_t n = r->e->n_measured, width = r->part->n_output;
    double *time = tw_try_array(r->cx->arena, double, n + 1);
    double *out = tw_try_array(r->cx->arena, double, (size_t)(n + 1) * width + 1);
    if (!time || !out)
        return no_memory(r->cx);
    for (uint32_t i = 0; i < n; i++)
        time[i] = r->p->measurement[r->e->measured[i]].time;
    TW_TRY(simulate(r, out, NULL, time, n));
    for (uint32_t i = 0; i < n && r->failure == TW_SIM_DONE; i++) {
        uint32_t at = r->e->measured[i];
        r->result->simulation[at] = out[(size_t)i * width + r->part->simulation_output[at]];
        r->result->noise[at] = out[(size_t)i * width + r->part->noise_output[at]];
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
    for (uint32_t i = steady ? 2 : 1; i < e->n_period && r->failure == TW_SIM_DONE; i++)
        TW_TRY(later_period(r, &e->period[i]));
    if (r->failure == TW_SIM_DONE)
        TW_TRY(measure(r));
    r->result->n_experiment++;
    if (r->failure != TW_SIM_DONE) {
        r->result->n_failed++;
        r->result->failure = r->failure;
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
        r->llh += log_likelihood(&p->noise[i], m, residual, sigma);
        r->chi2 += residual * residual;
    }
    if (isnan(r->llh))
        r->llh = -(double)INFINITY;
    if (isnan(r->chi2))
        r->chi2 = (double)INFINITY;
}

static tw_status parts(tw_ctx *cx, tw_petab_result *out, const tw_petab *p, const double *parameter,
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
                      .opts = opts };
            tw_mark mark = tw_arena_mark(cx->arena);
            tw_status s = one_experiment(&r);
            tw_arena_back(cx->arena, mark);
            if (s != TW_OK)
                return r.e->id.n ? tw_wrap(cx, "experiment \"" TW_FMT "\"", TW_ARG(r.e->id)) : s;
        }
    return TW_OK;
}

tw_status tw_petab_evaluate(tw_ctx *cx, tw_petab_result *out, const tw_petab *p, const double *parameter,
                            const tw_sim_run_opts *opts)
{
    static const tw_sim_run_opts usual = { .rtol = 1e-8, .atol = 1e-12 };
    double *value = tw_try_array(cx->arena, double, p->n_parameter + 1);
    *out = (tw_petab_result){ .simulation = tw_try_array(cx->arena, double, p->n_measurement + 1),
                              .noise = tw_try_array(cx->arena, double, p->n_measurement + 1) };
    if (!value || !out->simulation || !out->noise)
        return no_memory(cx);
    for (uint32_t i = 0; i < p->n_measurement; i++)
        out->simulation[i] = out->noise[i] = (double)NAN;
    for (uint32_t i = 0; i < p->n_parameter; i++) {
        value[i] = parameter ? parameter[i] : p->parameter[i].nominal;
        if (p->parameter[i].estimate)
            out->log_prior += tw_petab_log_prior(&p->parameter[i], value[i]);
    }
    TW_TRY(parts(cx, out, p, value, opts ? opts : &usual));
    compare(out, p);
    return TW_OK;
}
