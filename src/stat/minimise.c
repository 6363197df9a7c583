/* BFGS on the inverse Hessian. Gradients by central differences: for objectives that are themselves searches, as those
 * of population fits, with a few dozen unknowns. */
#include "stat/stat.h"

#include <math.h>

#define ITERATIONS 200
#define TOLERANCE 1e-7
#define STEP 1e-3
#define HALVINGS 30

typedef struct {
    tw_objective f;
    void *self;
    size_t n;
    double h;
    uint32_t calls;
    double *inv; /* n * n */
    double *grad, *next_grad, *dir, *trial, *hy;
} search;

static double call(search *s, const double *x)
{
    s->calls++;
    double v = s->f(s->self, x);
    return isnan(v) ? HUGE_VAL : v;
}

/** One-sided where the other side is not defined. */
static void gradient(search *s, double *grad, double *x, double here)
{
    for (size_t i = 0; i < s->n; i++) {
        double keep = x[i];
        x[i] = keep + s->h;
        double up = call(s, x);
        x[i] = keep - s->h;
        double down = call(s, x);
        x[i] = keep;
        if (isfinite(up) && isfinite(down))
            grad[i] = (up - down) / (2.0 * s->h);
        else if (isfinite(up))
            grad[i] = (up - here) / s->h;
        else
            grad[i] = isfinite(down) ? (here - down) / s->h : 0.0;
    }
}

static double dot(const double *a, const double *b, size_t n)
{
    double v = 0.0;
    for (size_t i = 0; i < n; i++)
        v += a[i] * b[i];
    return v;
}

static void identity(search *s)
{
    memset(s->inv, 0, s->n * s->n * sizeof(double));
    for (size_t i = 0; i < s->n; i++)
        s->inv[i * s->n + i] = 1.0;
}

/** Direction -H g; no step over 1 in any unknown, so that a poor start does not throw the search out. */
static double direction(search *s)
{
    double slope = 0.0, longest = 0.0;
    for (size_t i = 0; i < s->n; i++) {
        s->dir[i] = -dot(s->inv + i * s->n, s->grad, s->n);
        slope += s->dir[i] * s->grad[i];
        longest = TW_MAX(longest, fabs(s->dir[i]));
    }
    if (longest > 1.0) {
        for (size_t i = 0; i < s->n; i++)
            s->dir[i] /= longest;
        slope /= longest;
    }
    return slope;
}

static double backtrack(search *s, const double *x, double here, double slope)
{
    double t = 1.0;
    for (int k = 0; k < HALVINGS; k++, t *= 0.5) {
        for (size_t i = 0; i < s->n; i++)
            s->trial[i] = x[i] + t * s->dir[i];
        double v = call(s, s->trial);
        if (v <= here + 1e-4 * t * slope)
            return v;
    }
    return here;
}

/** H := (I - r s y') H (I - r y s') + r s s' with r = 1 / y's; left alone where the curvature is not positive. */
static void update(search *s, const double *x)
{
    size_t n = s->n;
    double ys = 0.0, yhy = 0.0;
    double *y = s->next_grad, *step = s->dir;
    for (size_t i = 0; i < n; i++) {
        step[i] = s->trial[i] - x[i];
        y[i] -= s->grad[i];
        ys += y[i] * step[i];
    }
    if (!(ys > 1e-12))
        return;
    for (size_t i = 0; i < n; i++)
        s->hy[i] = dot(s->inv + i * n, y, n);
    yhy = dot(y, s->hy, n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            s->inv[i * n + j] +=
                (1.0 + yhy / ys) * step[i] * step[j] / ys - (s->hy[i] * step[j] + step[i] * s->hy[j]) / ys;
}

static void run(search *s, tw_minimise_result *out, double *x, uint32_t iterations, double tolerance)
{
    bool fresh = true;
    gradient(s, s->grad, x, out->value);
    while (out->iterations < iterations) {
        double slope = direction(s);
        double next = slope < 0.0 ? backtrack(s, x, out->value, slope) : out->value;
        out->iterations++;
        if (!(out->value - next > tolerance)) {
            if (next < out->value)
                memcpy(x, s->trial, s->n * sizeof(double));
            out->value = TW_MIN(out->value, next);
            out->converged = fresh;
            if (fresh)
                return;
            identity(s); /* once more along the gradient before giving up */
            fresh = true;
            gradient(s, s->grad, x, out->value);
            continue;
        }
        gradient(s, s->next_grad, s->trial, next);
        update(s, x);
        memcpy(x, s->trial, s->n * sizeof(double));
        for (size_t i = 0; i < s->n; i++)
            s->grad[i] += s->next_grad[i]; /* next_grad holds the difference now */
        out->value = next;
        fresh = false;
    }
}

tw_status tw_minimise(tw_ctx *cx, tw_minimise_result *out, double *x, size_t n, tw_objective f, void *self,
                      const tw_minimise_opts *opts)
{
    search s = { .f = f, .self = self, .n = n, .h = opts && opts->step > 0.0 ? opts->step : STEP };
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_stat_array(cx, &s.inv, n * n + 5 * n));
    s.grad = s.inv + n * n;
    s.next_grad = s.grad + n;
    s.dir = s.next_grad + n;
    s.trial = s.dir + n;
    s.hy = s.trial + n;
    identity(&s);
    *out = (tw_minimise_result){ .value = call(&s, x) };
    if (!isfinite(out->value)) {
        tw_arena_back(cx->arena, mark);
        return tw_fail(cx, TW_EFAILED, "a search starts where its objective is not defined");
    }
    run(&s, out, x, opts && opts->iterations_max ? opts->iterations_max : ITERATIONS,
        opts && opts->tolerance > 0.0 ? opts->tolerance : TOLERANCE);
    out->calls = s.calls;
    tw_arena_back(cx->arena, mark);
    return TW_OK;
}
