/* From what FHIR says to what the calibration needs: fractions and volumes on one clock of days. */
#include "radio/radio.h"

#define DAY_S 86400u

static uint64_t weekday_from(uint64_t day)
{
    uint64_t w = (day + 3) % 7; /* 1970-01-01 was a Thursday; Monday is 0 */
    return w < 5 ? day : day + 7 - w;
}

tw_status tw_rt_schedule(tw_ctx *cx, tw_fraction out[TW_FRACTIONS_MAX], size_t *n, uint64_t *day0_s,
                         const tw_rt_row *row)
{
    uint64_t day = 0, first = 0;
    *n = 0;
    if (row->no_lq)
        return tw_fail(cx, TW_EREFUSED, "no schedule: %s", row->no_lq);
    for (size_t i = 0; i < row->segments; i++) {
        const tw_rt_segment *g = &row->segment[i];
        if (*n == 0 && g->start_s == 0)
            return tw_fail(cx, TW_ENOTFOUND, "a course without a start");
        if (g->fractions > TW_FRACTIONS_MAX - *n)
            return tw_fail(cx, TW_ELIMIT, "more than %d fractions", TW_FRACTIONS_MAX);
        day = TW_MAX(day, g->start_s / DAY_S);
        for (uint32_t f = 0; f < g->fractions; f++) {
            if (!(*n == 0 && f == 0)) /* treatment may well begin on a Saturday */
                day = weekday_from(day);
            first = *n == 0 ? day : first;
            out[(*n)++] = (tw_fraction){ (double)(day - first), g->total_cgy / 100.0 / (double)g->fractions };
            day++;
        }
    }
    *day0_s = first * DAY_S;
    return TW_OK;
}

tw_status tw_rt_observations(tw_ctx *cx, tw_radio_obs *out, size_t *n, const tw_rt *rt, tw_str patient,
                             uint64_t day0_s, const tw_noise *noise)
{
    *n = 0;
    for (size_t i = 0; i < rt->volumes; i++) {
        if (!tw_str_eq(rt->volume[i].patient, patient))
            continue;
        if (*n == TW_RADIO_OBS_MAX)
            return tw_fail(cx, TW_ELIMIT, "more than %d volumes", TW_RADIO_OBS_MAX);
        out[(*n)++] = (tw_radio_obs){ .day = (rt->volume[i].day_s - (double)day0_s) / DAY_S, .cm3 = rt->volume[i].cm3,
                                      .added_sd = noise ? noise->value_sd : 0.0,
                                      .rounded = noise ? noise->value_round_width : 0.0 };
    }
    return TW_OK;
}
