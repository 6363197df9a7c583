/* Noise of the PSA twin: stationary Ornstein-Uhlenbeck process plus white noise, by the scalar Kalman filter, which for
 * a Gaussian with this covariance is the Cholesky factor applied in O(n). Verified against the dense factor in the
 * tests. */
#include "twin/twin_internal.h"

#include <math.h>

tw_status tw_psa_filter_new(tw_ctx *cx, tw_psa_filter *f, size_t n)
{
    double *a = NULL;
    TW_TRY(tw_stat_array(cx, &a, 3 * n));
    *f = (tw_psa_filter){ .n = n, .phi = a, .gain = a + n, .rsd = a + 2 * n };
    return TW_OK;
}

void tw_psa_filter_set(tw_psa_filter *f, const tw_psa_at *at, const double *extra, double ou_sd, double ou_tau_day,
                       double white_sd)
{
    double stationary = ou_sd * ou_sd, white = white_sd * white_sd;
    double var = stationary;
    f->log_det = 0.0;
    for (size_t i = 0; i < f->n; i++) {
        double phi = i == 0 ? 0.0 : exp(-(at[i].day - at[i - 1].day) / ou_tau_day);
        double before = phi * phi * var + stationary * (1.0 - phi * phi);
        double total = before + white + (extra ? extra[i] : 0.0);
        f->phi[i] = phi;
        f->gain[i] = before / total;
        f->rsd[i] = 1.0 / sqrt(total);
        f->log_det += log(total);
        var = before * (1.0 - f->gain[i]);
    }
    f->end_var = var;
}

double tw_psa_filter_apply(const tw_psa_filter *f, double *z, size_t stride)
{
    double level = 0.0;
    for (size_t i = 0; i < f->n; i++) {
        level *= f->phi[i];
        double innovation = z[i * stride] - level;
        level += f->gain[i] * innovation;
        z[i * stride] = innovation * f->rsd[i];
    }
    return level;
}

void tw_psa_filter_apply_rows(const tw_psa_filter *f, double *z, size_t cols)
{
    double level[TW_PSA_DIM_MAX] = { 0.0 };
    TW_ASSERT(cols <= TW_PSA_DIM_MAX);
    for (size_t i = 0; i < f->n; i++) {
        double *row = z + i * cols;
        for (size_t c = 0; c < cols; c++) {
            level[c] *= f->phi[i];
            double innovation = row[c] - level[c];
            level[c] += f->gain[i] * innovation;
            row[c] = innovation * f->rsd[i];
        }
    }
}

/* First order: d ln(PSA + 0.1) = dPSA / (PSA + 0.1) = slope dt. Rounding to width w has variance w^2 / 12. */
void tw_psa_noise_extra(double *extra, const tw_noise *noise, const double *lnf, const double *slope, size_t n)
{
    const tw_noise *z = noise;
    double value = z->value_sd * z->value_sd + z->value_round_width * z->value_round_width / 12.0;
    double time = z->time_jitter_days * z->time_jitter_days + z->time_round_days * z->time_round_days / 12.0;
    for (size_t i = 0; i < n; i++)
        extra[i] = value * exp(-2.0 * lnf[i]) + time * slope[i] * slope[i];
}
