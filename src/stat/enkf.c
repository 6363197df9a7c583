/* Ensemble Kalman update with perturbed observations: x += C_xh (C_hh + R)^-1 (y + e - h). Covariances of the ensemble
 * with n - 1; cost n_particle (n + n_obs) n_obs. */
#include "stat/stat.h"

#include <math.h>

typedef struct {
    double *mean_x, *mean_h;
    double *cross; /* n * n_obs */
    double *s;     /* n_obs * n_obs, then its factor */
    double *d;     /* n_obs */
} work;

static void covariances(work *w, const tw_particles *p, const double *h, const double *var, size_t n_obs)
{
    size_t n = p->n, m = p->n_particle;
    double share = 1.0 / ((double)m - 1.0);
    for (size_t k = 0; k < m; k++) {
        for (size_t i = 0; i < n; i++)
            w->mean_x[i] += p->x[k * n + i] / (double)m;
        for (size_t j = 0; j < n_obs; j++)
            w->mean_h[j] += h[k * n_obs + j] / (double)m;
    }
    for (size_t k = 0; k < m; k++) {
        for (size_t j = 0; j < n_obs; j++) {
            double dh = share * (h[k * n_obs + j] - w->mean_h[j]);
            for (size_t i = 0; i < n; i++)
                w->cross[i * n_obs + j] += dh * (p->x[k * n + i] - w->mean_x[i]);
            for (size_t i = 0; i < n_obs; i++)
                w->s[i * n_obs + j] += dh * (h[k * n_obs + i] - w->mean_h[i]);
        }
    }
    for (size_t j = 0; j < n_obs; j++)
        w->s[j * n_obs + j] += var[j];
}

tw_status tw_enkf(tw_ctx *cx, tw_particles *p, const double *predicted, const double *y, const double *var,
                  size_t n_obs, tw_rng *rng)
{
    work w;
    size_t n = p->n;
    TW_ASSERT(p->n_particle >= 2);
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_stat_array(cx, &w.mean_x, n + 2 * n_obs + n * n_obs + n_obs * n_obs));
    w.mean_h = w.mean_x + n;
    w.d = w.mean_h + n_obs;
    w.cross = w.d + n_obs;
    w.s = w.cross + n * n_obs;
    covariances(&w, p, predicted, var, n_obs);
    bool good = tw_la_chol(w.s, n_obs);
    for (size_t k = 0; k < p->n_particle && good; k++) {
        for (size_t j = 0; j < n_obs; j++)
            w.d[j] = y[j] + sqrt(var[j]) * tw_rng_normal(rng) - predicted[k * n_obs + j];
        tw_la_solve(w.s, w.d, n_obs);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n_obs; j++)
                p->x[k * n + i] += w.cross[i * n_obs + j] * w.d[j];
    }
    tw_arena_back(cx->arena, mark);
    return good ? TW_OK : tw_fail(cx, TW_EFAILED, "EnKF: the predicted values have no covariance");
}
