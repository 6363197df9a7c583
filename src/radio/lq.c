/* LQ and what follows from it in closed form. Formulas stand in radio.h. */
#include "radio/radio.h"

#include <math.h>

#include "stat/stat.h"

#define LN2 0.69314718055994530942

double tw_lq_survival(double alpha, double beta, double dose_gy)
{
    return exp(-alpha * dose_gy - beta * dose_gy * dose_gy);
}

double tw_bed(double n, double dose_gy, double ab_gy)
{
    return n * dose_gy * (1.0 + dose_gy / ab_gy);
}

double tw_eqd2(double bed_gy, double ab_gy)
{
    return bed_gy / (1.0 + 2.0 / ab_gy);
}

double tw_lq_incomplete_repair(unsigned per_day, double gap_h, double repair_half_h)
{
    double m = (double)per_day, q = exp(-LN2 * gap_h / repair_half_h);
    if (per_day < 2)
        return 0.0;
    if (q >= 1.0)
        return m - 1.0; /* no time to repair: one dose of m d */
    return 2.0 / m * (q / (1.0 - q)) * (m - (1.0 - pow(q, m)) / (1.0 - q));
}

double tw_bed_incomplete(double n, double dose_gy, double ab_gy, double h_m)
{
    return n * dose_gy * (1.0 + (1.0 + h_m) * dose_gy / ab_gy);
}

double tw_bed_repopulated(double bed_gy, double alpha, double days, double kick_off_days, double doubling_days)
{
    double late = days - kick_off_days;
    return late > 0.0 ? bed_gy - LN2 * late / (alpha * doubling_days) : bed_gy;
}

double tw_tcp_poisson(const tw_tcp *p, const tw_dvh *h)
{
    double late = p->days - p->kick_off_days, grown = 0.0, left = 0.0;
    if (p->doubling_days > 0.0 && late > 0.0)
        grown = LN2 * late / p->doubling_days;
    for (size_t i = 0; i < h->n; i++) {
        double d = h->dose_gy[i];
        left += p->clonogens * h->volume[i] * exp(-p->fractions * (p->alpha * d + p->beta * d * d) + grown);
    }
    return exp(-left);
}

double tw_tcp_logistic(double eud_gy, double tcd50_gy, double gamma50)
{
    return 1.0 / (1.0 + pow(tcd50_gy / eud_gy, 4.0 * gamma50));
}

double tw_ntcp_lkb(const tw_lkb *p, const tw_dvh *h)
{
    double t = (tw_geud(h, 1.0 / p->n) - p->td50_gy) / (p->m * p->td50_gy);
    return tw_normal_cdf(t);
}
