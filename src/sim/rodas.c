/* Rodas4: a stiffly accurate Rosenbrock method of order 4 with an embedded one of order 3 and an interpolant. The
 * Jacobian is symbolic where the program has one, else by forward differences; each lane solves its own systems.
 * Source: Hairer and Wanner, Solving ODEs II (1996), IV.7 and IV.10, coefficients of the code RODAS (METH = 1). */
#include "sim/sim_internal.h"

static const double gamma_ = 0.25;
static const double alpha[6] = { 0, 0.386, 0.21, 0.63, 1, 1 };
static const double d_t[6] = { 0.25, -0.1043, 0.1035, -0.0362, 0, 0 };
static const double a_[6][5] = {
    { 0 },
    { 1.544 },
    { 0.9466785280815826, 0.2557011698983284 },
    { 3.314825187068521, 2.896124015972201, 0.9986419139977817 },
    { 1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950 },
    { 1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1 },
};
static const double c_[6][5] = {
    { 0 },
    { -5.6688 },
    { -2.430093356833875, -0.2063599157091915 },
    { -0.1073529058151375, -9.594562251023355, -20.47028614809616 },
    { 7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160 },
    { 8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054 },
};
static const double dense[2][5] = {
    { 10.12623508344586, -7.487995877610167, -34.80091861555747, -7.992771707568823, 1.025137723295662 },
    { -0.6762803392801253, 6.087714651680015, 16.43084320892478, 24.76722511418386, -6.594389125716872 },
};

static bool memory(lanes *s)
{
    size_t n = s->p->n_state;
    if (s->lu)
        return true;
    s->jac = tw_try_array(s->cx->arena, double, n * n + n + 1);
    s->lu = tw_try_array(s->cx->arena, double, s->width * n * n + 1);
    s->pivot = tw_try_array(s->cx->arena, uint32_t, s->width * n + 1);
    s->f_t = tw_try_array(s->cx->arena, double, s->width * n + 1);
    return s->jac && s->lu && s->pivot && s->f_t;
}

/* By forward differences; column n is the derivative by time. */
static void differences(lanes *s, unsigned l)
{
    uint32_t n = s->p->n_state;
    size_t w = s->width;
    for (uint32_t j = 0; j <= n; j++) {
        double t = s->t[l], d, *y = j < n ? &s->y[(size_t)j * w + l] : NULL, old = y ? *y : 0;
        d = y ? sqrt(2.2e-16 * TW_MAX(1e-5, fabs(old))) : sqrt(2.2e-16 * TW_MAX(1e-5, fabs(t)));
        if (y)
            *y = old + d;
        else
            t += d;
        (void)tw_sim_rates1(s, l, s->work, s->y + l, t);
        if (y)
            *y = old;
        for (uint32_t i = 0; i < n; i++) {
            double v = (s->work[(size_t)i * w] - s->k[0][(size_t)i * w + l]) / d;
            s->jac[j < n ? i * (size_t)n + j : (size_t)n * n + i] = v;
        }
    }
}

/* 1 / (gamma h) - J, factorised. */
static bool factorise(lanes *s, unsigned l)
{
    size_t n = s->p->n_state;
    const code *c = &s->p->jac;
    if (c->n_out) {
        (void)tw_sim_settle1(s, l, s->y + l, s->t[l]);
        tw_sim_vm1(c, s->reg + l, s->width);
        for (uint32_t i = 0; i < c->n_out; i++)
            s->jac[i] = REG(c->out[i]);
    } else {
        differences(s, l);
    }
    double *lu = s->lu + l * n * n;
    for (size_t i = 0; i < n * n; i++)
        lu[i] = -s->jac[i];
    for (size_t i = 0; i < n; i++) {
        lu[i * n + i] += 1 / (gamma_ * s->step[l]);
        s->f_t[l * n + i] = s->jac[n * n + i];
    }
    return tw_sim_lu(lu, s->pivot + l * n, (uint32_t)n);
}

static void stage(lanes *s, const kernels *v, unsigned at)
{
    uint32_t n = s->p->n_state;
    size_t w = s->width;
    double t[WIDTH_MAX];
    for (unsigned l = 0; l < w; l++)
        t[l] = alpha[at] == 1 ? s->t_new[l] : s->t[l] + alpha[at] * s->step[l];
    for (size_t i = 0; i < n * w; i++) {
        double y = s->y[i];
        for (unsigned j = 0; j < at; j++)
            y += a_[at][j] * s->u[j][i];
        s->y_new[i] = y;
    }
    if (at)
        tw_sim_rates(s, v, s->k[1], s->y_new, t);
    const double *f = at ? s->k[1] : s->k[0];
    for (unsigned l = 0; l < w; l++) {
        if (!s->run[l] || s->failed_eval[l])
            continue;
        for (uint32_t i = 0; i < n; i++) {
            size_t k = i * w + l;
            double sum = 0;
            for (unsigned j = 0; j < at; j++)
                sum += c_[at][j] * s->u[j][k];
            s->work[i] = f[k] + sum / s->step[l] + s->step[l] * d_t[at] * s->f_t[(size_t)l * n + i];
        }
        tw_sim_lu_solve(s->lu + (size_t)l * n * n, s->pivot + (size_t)l * n, s->work, n);
        for (uint32_t i = 0; i < n; i++)
            s->u[at][i * w + l] = s->work[i];
    }
}

static double norm(const lanes *s, unsigned l)
{
    uint32_t n = s->p->n_state;
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        size_t k = (size_t)i * s->width + l;
        double e = s->u[5][k] / (s->o.atol + s->o.rtol * fmax(fabs(s->y[k]), fabs(s->y_new[k])));
        sum += e * e;
    }
    return n ? sqrt(sum / n) : 0;
}

void tw_sim_rodas(lanes *s, const kernels *v)
{
    size_t all = (size_t)s->p->n_state * s->width;
    bool room = memory(s);
    for (unsigned l = 0; l < s->width; l++) {
        if (s->run[l] && (!room || !factorise(s, l)))
            s->failed_eval[l] = true;
    }
    for (unsigned i = 0; room && i < 6; i++)
        stage(s, v, i);
    for (size_t i = 0; i < all; i++)
        s->y_new[i] += s->u[5][i];
    tw_sim_rates(s, v, s->k[6], s->y_new, s->t_new);
    for (unsigned l = 0; l < s->width; l++) {
        s->norm[l] = norm(s, l);
        s->stiffness[l] = 0;
    }
}

void tw_sim_rodas_poly(lanes *s)
{
    for (size_t i = 0; i < (size_t)s->p->n_state * s->width; i++) {
        double k3 = 0, k4 = 0, d = s->y_new[i] - s->y[i];
        for (unsigned j = 0; j < 5; j++) {
            k3 += dense[0][j] * s->u[j][i];
            k4 += dense[1][j] * s->u[j][i];
        }
        s->poly[0][i] = s->y[i];
        s->poly[1][i] = d + k3;
        s->poly[2][i] = k4 - k3;
        s->poly[3][i] = -k4;
        s->poly[4][i] = 0;
    }
}
