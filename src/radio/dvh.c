/* Dose-volume histograms as step functions: no interpolation between bins, so a fine bin (0.01 Gy) is the precision. */
#include "radio/radio.h"

#include <math.h>

#include "stat/stat.h"

static double total(const tw_dvh *h)
{
    double s = 0.0;
    for (size_t i = 0; i < h->n; i++)
        s += h->volume[i];
    return s;
}

tw_status tw_dvh_check(tw_ctx *cx, const tw_dvh *h)
{
    if (h->n > TW_DVH_BINS_MAX)
        return tw_fail(cx, TW_ELIMIT, "a histogram of more than %d bins", TW_DVH_BINS_MAX);
    for (size_t i = 0; i < h->n; i++) {
        if (!(h->dose_gy[i] >= 0.0) || !isfinite(h->dose_gy[i]) || (i > 0 && !(h->dose_gy[i] > h->dose_gy[i - 1])))
            return tw_fail(cx, TW_EPARSE, "bin %zu: doses must ascend from 0 on", i + 1);
        if (!(h->volume[i] >= 0.0) || !isfinite(h->volume[i]))
            return tw_fail(cx, TW_EPARSE, "bin %zu: a volume below 0", i + 1);
    }
    if (h->n == 0 || !(total(h) > 0.0))
        return tw_fail(cx, TW_EPARSE, "a histogram without volume");
    return TW_OK;
}

static tw_status bins(tw_ctx *cx, double **dose, double **volume, size_t n)
{
    if (n > TW_DVH_BINS_MAX)
        return tw_fail(cx, TW_ELIMIT, "a histogram of more than %d bins", TW_DVH_BINS_MAX);
    TW_TRY(tw_stat_array(cx, dose, n));
    return tw_stat_array(cx, volume, n);
}

tw_status tw_dvh_of_cumulative(tw_ctx *cx, tw_dvh *out, const double *at_least, size_t n, double bin_gy)
{
    double *dose, *volume;
    TW_TRY(bins(cx, &dose, &volume, n));
    for (size_t i = 0; i < n; i++) {
        double next = i + 1 < n ? at_least[i + 1] : 0.0;
        if (!(at_least[i] >= next))
            return tw_fail(cx, TW_EPARSE, "bin %zu: a cumulative histogram must not rise", i + 2);
        dose[i] = ((double)i + (i + 1 < n ? 0.5 : 0.0)) * bin_gy;
        volume[i] = at_least[i] - next;
    }
    *out = (tw_dvh){ .dose_gy = dose, .volume = volume, .n = n };
    return tw_dvh_check(cx, out);
}

tw_status tw_dvh_cumulative(tw_ctx *cx, double **at_least, size_t *n, const tw_dvh *h, double bin_gy)
{
    TW_TRY(tw_dvh_check(cx, h));
    double count = floor(h->dose_gy[h->n - 1] / bin_gy) + 2.0;
    if (!(count <= TW_DVH_BINS_MAX))
        return tw_fail(cx, TW_ELIMIT, "a histogram of more than %d bins", TW_DVH_BINS_MAX);
    *n = (size_t)count;
    TW_TRY(tw_stat_array(cx, at_least, *n));
    double above = total(h), all = above;
    for (size_t i = 0, k = 0; i < *n; i++) {
        for (; k < h->n && h->dose_gy[k] < (double)i * bin_gy; k++)
            above -= h->volume[k];
        (*at_least)[i] = k < h->n ? above / all : 0.0;
    }
    return TW_OK;
}

tw_status tw_dvh_eqd2(tw_ctx *cx, tw_dvh *out, const tw_dvh *h, double fractions, double ab_gy)
{
    double *dose, *volume;
    TW_TRY(tw_dvh_check(cx, h));
    if (!(fractions >= 1.0 && ab_gy > 0.0))
        return tw_fail(cx, TW_EPARSE, "EQD2 needs one fraction or more and alpha/beta above 0");
    TW_TRY(bins(cx, &dose, &volume, h->n));
    for (size_t i = 0; i < h->n; i++) {
        dose[i] = tw_eqd2(tw_bed(fractions, h->dose_gy[i] / fractions, ab_gy), ab_gy);
        volume[i] = h->volume[i];
    }
    *out = (tw_dvh){ .dose_gy = dose, .volume = volume, .n = h->n };
    return TW_OK;
}

double tw_dvh_mean(const tw_dvh *h)
{
    double s = 0.0;
    for (size_t i = 0; i < h->n; i++)
        s += h->volume[i] * h->dose_gy[i];
    return s / total(h);
}

double tw_dvh_hottest(const tw_dvh *h, double cm3)
{
    double above = 0.0;
    for (size_t i = h->n; i-- > 0;) {
        above += h->volume[i];
        if (above >= cm3 * (1.0 - 1e-12))
            return h->dose_gy[i];
    }
    return (double)NAN;
}

double tw_dvh_dose_to(const tw_dvh *h, double percent)
{
    return tw_dvh_hottest(h, percent / 100.0 * total(h));
}

double tw_dvh_volume_at(const tw_dvh *h, double dose_gy)
{
    double above = 0.0;
    for (size_t i = h->n; i-- > 0 && h->dose_gy[i] >= dose_gy;)
        above += h->volume[i];
    return above / total(h);
}

double tw_geud(const tw_dvh *h, double a)
{
    double s = 0.0;
    for (size_t i = 0; i < h->n; i++)
        s += h->volume[i] > 0.0 ? h->volume[i] * pow(h->dose_gy[i], a) : 0.0;
    return pow(s / total(h), 1.0 / a);
}
