/* Algebraic rules and equilibria of fast reactions: Newton's method with the symbolic Jacobian, for one lane. A linear
 * system takes one step and one to see that it has ended. */
#include "sim/sim_internal.h"

bool tw_sim_lu(double *a, uint32_t *pivot, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) {
        uint32_t p = k;
        for (uint32_t i = k + 1; i < n; i++) {
            if (fabs(a[i * n + k]) > fabs(a[p * n + k]))
                p = i;
        }
        pivot[k] = p;
        if (!(fabs(a[p * n + k]) > 0) || !isfinite(a[p * n + k]))
            return false;
        for (uint32_t j = 0; p != k && j < n; j++) {
            double t = a[k * n + j];
            a[k * n + j] = a[p * n + j];
            a[p * n + j] = t;
        }
        for (uint32_t i = k + 1; i < n; i++) {
            double f = a[i * n + k] /= a[k * n + k];
            if (f == 0)
                continue;
            for (uint32_t j = k + 1; j < n; j++)
                a[i * n + j] -= f * a[k * n + j];
        }
    }
    return true;
}

void tw_sim_lu_solve(const double *a, const uint32_t *pivot, double *x, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) {
        double t = x[pivot[k]];
        x[pivot[k]] = x[k];
        x[k] = t;
    }
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < i; j++)
            x[i] -= a[i * n + j] * x[j];
    }
    for (uint32_t i = n; i-- > 0;) {
        for (uint32_t j = i + 1; j < n; j++)
            x[i] -= a[i * n + j] * x[j];
        x[i] /= a[i * n + i];
    }
}

/* A fast reaction that stands still whatever its extent is: any extent will do. */
static void free_rows(const tw_sim_program *p, const double *r, double *j)
{
    uint32_t n = p->n_alg;
    for (uint32_t i = n - p->n_fast; i < n; i++) {
        bool zero = r[i] == 0;
        for (uint32_t k = 0; zero && k < n; k++)
            zero = j[i * n + k] == 0;
        if (zero)
            j[i * n + i] = 1;
    }
}

/* One step of Newton; of fast reactions a step `pace` of implicit Euler (0: the equilibrium at once). -1: none, 0: on,
 * 1: there. */
static int newton(lanes *s, double *reg, size_t stride, double pace)
{
    const tw_sim_program *p = s->p;
    uint32_t n = p->n_alg;
    double *r = s->alg_work, *j = r + n;
    bool small = true;
    tw_sim_vm1(&p->alg, reg, stride);
    for (uint32_t i = 0; i < n + n * n; i++)
        r[i] = reg[(size_t)p->alg.out[i] * stride];
    for (uint32_t i = n - p->n_fast; pace > 0 && i < n; i++)
        j[i * n + i] -= 1 / pace;
    free_rows(p, r, j);
    if (!tw_sim_lu(j, s->alg_pivot, n))
        return -1;
    tw_sim_lu_solve(j, s->alg_pivot, r, n);
    for (uint32_t i = 0; i < n; i++) {
        double *u = &reg[(size_t)(p->alg_slot + i) * stride];
        if (!isfinite(r[i]))
            return -1;
        *u -= r[i];
        small = small && fabs(r[i]) <= 1e-10 * fabs(*u) + 1e-4 * s->o.atol;
    }
    return small;
}

bool tw_sim_relax(lanes *s, double *reg, size_t stride)
{
    const tw_sim_program *p = s->p;
    uint32_t n = p->n_alg;
    double fastest = 1e-9;
    if (p->n_fast == 0)
        return tw_sim_algebra(s, reg, stride);
    tw_sim_vm1(&p->alg, reg, stride);
    for (uint32_t i = n - p->n_fast; i < n; i++)
        fastest = fmax(fastest, fabs(reg[(size_t)p->alg.out[n + i * n + i] * stride]));
    double pace = 0.05 / fastest;
    for (unsigned i = 0; i < 200; i++, pace *= 1.5) {
        if (newton(s, reg, stride, pace) < 0)
            return false;
    }
    return tw_sim_algebra(s, reg, stride);
}

static bool solve(lanes *s, double *reg, size_t stride)
{
    int end = 0;
    for (unsigned i = 0; i < 100 && !end; i++)
        end = newton(s, reg, stride, 0);
    return end == 1;
}

bool tw_sim_algebra(lanes *s, double *reg, size_t stride)
{
    static const double again[] = { 0, 1, -1, 0.01, 100 };
    if (s->p->n_alg == 0 || solve(s, reg, stride))
        return true;
    for (size_t k = 0; k < TW_COUNT(again); k++) {
        for (uint32_t i = 0; i < s->p->n_alg; i++)
            reg[(size_t)(s->p->alg_slot + i) * stride] = again[k];
        if (solve(s, reg, stride))
            return true;
    }
    return false;
}

void tw_sim_fold_fast(lanes *s, unsigned l)
{
    const tw_sim_program *p = s->p;
    double *reg = s->reg + l;
    size_t w = s->width;
    tw_sim_vm1(&p->fast, reg, w);
    for (uint32_t i = 0; i < p->n_share; i++) {
        double moved = reg[p->fast.out[i] * w] * reg[p->fast_alg[i] * w];
        tw_sim_put(s, l, p->fast_slot[i], reg[p->fast_slot[i] * w] + moved);
    }
    for (uint32_t i = 0; i < p->n_share; i++)
        reg[p->fast_alg[i] * w] = 0;
}
