/* Forecasts of a person, synthetic people. */
#include "pop/pop_internal.h"

#include <math.h>

static double widening(const tw_pop_calibration *c, uint32_t output)
{
    return c && c->noise[output] > 0.0 ? c->noise[output] : 1.0;
}

/** As the release would have written it: rounded. Added noise is in the variance. */
static double as_told(double x, const tw_noise *noise, uint32_t output)
{
    double width = noise ? noise[output].value_round_width : 0.0;
    return width > 0.0 ? width * floor(x / width + 0.5) : x;
}

static tw_status fill(tw_ctx *cx, tw_pop_forecast *out, const tw_pop_posterior *post, const tw_pop_person *at,
                      const tw_pop_calibration *calibration, uint64_t seed)
{
    tw_pop_map w;
    size_t nd = post->n_draw;
    tw_rng rng = tw_rng_of(seed, 3);
    TW_TRY(tw_pop_map_new(cx, &w, post->model, at));
    for (size_t d = 0; d < nd; d++) {
        const double *psi = post->draw + d * post->n_par;
        if (!tw_pop_map_predict(&w, w.trial_f, w.trial_v, &post->pop, psi))
            return tw_fail(cx, TW_EFAILED, "%s: a draw has no forecast", post->model->id);
        for (size_t j = 0; j < at->n_obs; j++) {
            double wide = widening(calibration, at->obs[j].output);
            double mean = w.trial_f[j], var = w.trial_v[j] * wide * wide;
            out->mean[j * nd + d] = mean;
            out->var[j * nd + d] = var;
            out->x[j * nd + d] = as_told(mean + sqrt(var) * tw_rng_normal(&rng), at->noise, at->obs[j].output);
        }
    }
    return TW_OK;
}

tw_status tw_pop_forecast_make(tw_ctx *cx, tw_pop_forecast *out, const tw_pop_posterior *post, const tw_pop_person *at,
                               const tw_pop_calibration *calibration, uint64_t seed)
{
    TW_TRY(tw_pop_check(cx, post->model, &post->pop, at, 1));
    size_t n = at->n_obs * post->n_draw;
    *out = (tw_pop_forecast){ .n_draw = post->n_draw, .n_obs = at->n_obs };
    TW_TRY(tw_stat_array(cx, &out->x, 3 * n));
    out->mean = out->x + n;
    out->var = out->mean + n;
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = fill(cx, out, post, at, calibration, seed);
    tw_arena_back(cx->arena, mark);
    return s;
}

tw_status tw_pop_simulate(tw_ctx *cx, double *psi, double *y, const tw_pop_model *m, const tw_pop_population *pop,
                          const tw_pop_person *p, uint64_t seed)
{
    tw_pop_target *t = NULL;
    tw_pop_map w;
    tw_mark mark = tw_arena_mark(cx->arena);
    TW_TRY(tw_pop_target_make(cx, &t, m, pop, p));
    TW_TRY(tw_pop_map_new(cx, &w, m, p));
    tw_pop_prior_draws(psi, t, 1, seed);
    tw_rng rng = tw_rng_of(seed, 4);
    bool good = tw_pop_map_predict(&w, w.f, w.v, pop, psi);
    for (size_t j = 0; j < p->n_obs && good; j++)
        y[j] = as_told(w.f[j] + sqrt(w.v[j]) * tw_rng_normal(&rng), p->noise, p->obs[j].output);
    tw_arena_back(cx->arena, mark);
    return good ? TW_OK : tw_fail(cx, TW_EFAILED, "%s: a person drawn has no prediction", m->id);
}
