/* A fitted twin as JSON and back. */
#include "twin/twin_internal.h"

#include <math.h>

#define EXACT 17
#define SHORT 9
#define RUNS_MAX (2 * TW_PSA_CYCLES_MAX + 1)

static void numbers(tw_jw *w, const char *key, const double *x, size_t n, int digits)
{
    tw_jw_key(w, key);
    tw_jw_array(w);
    for (size_t i = 0; i < n; i++)
        tw_jw_f64(w, x[i], digits);
    tw_jw_array_end(w);
}

static void number(tw_jw *w, const char *key, double x)
{
    tw_jw_key(w, key);
    tw_jw_f64(w, x, EXACT);
}

static void write_population(tw_jw *w, const tw_psa_population *p)
{
    tw_jw_key(w, "population");
    tw_jw_object(w);
    numbers(w, "mean", p->mean, TW_PSA_NPAR, EXACT);
    numbers(w, "cov", p->cov, TW_PSA_NPAR * TW_PSA_NPAR, EXACT);
    numbers(w, "cycle_sd", p->dev_sd, TW_PSA_NDEV, EXACT);
    number(w, "ou_sd", p->ou_sd);
    number(w, "ou_tau_day", p->ou_tau_day);
    number(w, "white_sd", p->white_sd);
    tw_jw_kv_u64(w, "men", p->men);
    tw_jw_kv_u64(w, "observations", p->obs);
    number(w, "log_marginal", p->log_marginal);
    tw_jw_object_end(w);
}

static void write_runs(tw_jw *w, const tw_psa_posterior *p)
{
    tw_jw_key(w, "runs");
    tw_jw_array(w);
    for (size_t i = 0; i < p->n_run; i++) {
        tw_jw_object(w);
        number(w, "start", p->run[i].start_day);
        number(w, "end", p->run[i].end_day);
        tw_jw_kv_u64(w, "cycle", p->run[i].cycle);
        tw_jw_key(w, "on");
        tw_jw_bool(w, p->run[i].on);
        tw_jw_object_end(w);
    }
    tw_jw_array_end(w);
}

tw_status tw_psa_twin_write(tw_ctx *cx, tw_buf *out, const tw_psa_twin *t)
{
    const tw_psa_posterior *p = &t->posterior;
    tw_jw w;
    tw_jw_init(&w, out, 0);
    tw_jw_object(&w);
    tw_jw_kv(&w, "model", TW_STR(TW_PSA_MODEL_ID));
    tw_jw_kv_u64(&w, "version", TW_PSA_MODEL_VERSION);
    tw_jw_kv(&w, "data_hash", tw_hex(cx->arena, TW_BYTES(t->data_hash)));
    tw_jw_kv_u64(&w, "release_log_index", t->release_log_index);
    tw_jw_kv_u64(&w, "seed", t->seed);
    tw_jw_key(&w, "noise");
    tw_noise_write(&w, &t->noise);
    write_population(&w, &p->prior);
    write_runs(&w, p);
    number(&w, "last_day", p->last_day);
    tw_jw_kv_u64(&w, "observations", p->n_obs);
    number(&w, "log_marginal", p->log_marginal);
    number(&w, "effective_draws", p->ess);
    number(&w, "ou_var", p->ou_var);
    numbers(&w, "map", p->map, p->dim, SHORT);
    numbers(&w, "cov", p->cov, p->dim * p->dim, SHORT);
    numbers(&w, "ou_mean", p->ou_mean, p->n_draw, SHORT);
    numbers(&w, "draws", p->draw, p->n_draw * p->dim, SHORT);
    tw_jw_object_end(&w);
    return tw_buf_check(cx, out, "twin");
}

static tw_status get_array(tw_ctx *cx, double *out, const tw_json *d, uint32_t obj, const char *name, size_t n)
{
    uint32_t a = tw_json_get(d, obj, name);
    if (a == TW_JSON_NONE || d->tok[a].type != TW_JSON_ARRAY || d->tok[a].count != n)
        return tw_fail(cx, TW_EPARSE, "twin: %s is not an array of %zu numbers", name, n);
    size_t i = 0;
    for (uint32_t k = tw_json_first(d, a); k != TW_JSON_NONE; k = tw_json_next(d, a, k), i++)
        if (!tw_json_f64(d, k, &out[i]) || !isfinite(out[i]))
            return tw_fail(cx, TW_EPARSE, "twin: %s.%zu is not a number", name, i);
    return TW_OK;
}

static tw_status new_array(tw_ctx *cx, double **out, const tw_json *d, const char *name, size_t n)
{
    TW_TRY(tw_stat_array(cx, out, n));
    return get_array(cx, *out, d, 0, name, n);
}

static tw_status get_number(tw_ctx *cx, double *out, const tw_json *d, uint32_t obj, const char *name)
{
    uint32_t v = tw_json_get(d, obj, name);
    if (v == TW_JSON_NONE || !tw_json_f64(d, v, out) || !isfinite(*out))
        return tw_fail(cx, TW_EPARSE, "twin: %s is not a number", name);
    return TW_OK;
}

static tw_status get_u64(tw_ctx *cx, uint64_t *out, const tw_json *d, uint32_t obj, const char *name, uint64_t max)
{
    uint32_t v = tw_json_get(d, obj, name);
    if (v == TW_JSON_NONE || !tw_json_u64(d, v, out) || *out > max)
        return tw_fail(cx, TW_EPARSE, "twin: %s is not a whole number in range", name);
    return TW_OK;
}

static tw_status read_population(tw_ctx *cx, tw_psa_population *p, const tw_json *d)
{
    tw_psa_prior check;
    uint64_t men, obs;
    uint32_t o = tw_json_get(d, 0, "population");
    if (o == TW_JSON_NONE)
        return tw_fail(cx, TW_EPARSE, "twin: population is missing");
    TW_TRY(get_array(cx, p->mean, d, o, "mean", TW_PSA_NPAR));
    TW_TRY(get_array(cx, p->cov, d, o, "cov", TW_PSA_NPAR * TW_PSA_NPAR));
    TW_TRY(get_array(cx, p->dev_sd, d, o, "cycle_sd", TW_PSA_NDEV));
    TW_TRY(get_number(cx, &p->ou_sd, d, o, "ou_sd"));
    TW_TRY(get_number(cx, &p->ou_tau_day, d, o, "ou_tau_day"));
    TW_TRY(get_number(cx, &p->white_sd, d, o, "white_sd"));
    TW_TRY(get_number(cx, &p->log_marginal, d, o, "log_marginal"));
    TW_TRY(get_u64(cx, &men, d, o, "men", UINT32_MAX));
    TW_TRY(get_u64(cx, &obs, d, o, "observations", UINT32_MAX));
    p->men = (uint32_t)men;
    p->obs = (uint32_t)obs;
    return tw_psa_prior_make(cx, &check, p);
}

static tw_status read_run(tw_ctx *cx, tw_psa_posterior *p, const tw_json *d, uint32_t k, size_t i)
{
    tw_psa_run *r = &p->run[i];
    const tw_psa_run *before = i > 0 ? &p->run[i - 1] : NULL;
    uint64_t cycle;
    uint32_t on = tw_json_get(d, k, "on");
    TW_TRY(get_number(cx, &r->start_day, d, k, "start"));
    TW_TRY(get_number(cx, &r->end_day, d, k, "end"));
    TW_TRY(get_u64(cx, &cycle, d, k, "cycle", TW_PSA_CYCLES_MAX - 1));
    if (on == TW_JSON_NONE || (d->tok[on].type != TW_JSON_TRUE && d->tok[on].type != TW_JSON_FALSE))
        return tw_fail(cx, TW_EPARSE, "twin: runs.%zu.on is not true or false", i);
    r->cycle = (size_t)cycle;
    r->on = d->tok[on].type == TW_JSON_TRUE;
    size_t expected = before ? before->cycle + (r->on ? 1 : 0) : 0;
    if (r->cycle != expected || r->end_day < r->start_day || r->start_day < (before ? before->end_day : 0.0) ||
        (before && before->on == r->on))
        return tw_fail(cx, TW_EPARSE, "twin: runs.%zu does not follow the run before", i);
    return TW_OK;
}

static tw_status read_runs(tw_ctx *cx, tw_psa_posterior *p, const tw_json *d)
{
    uint32_t a = tw_json_get(d, 0, "runs");
    if (a == TW_JSON_NONE || d->tok[a].type != TW_JSON_ARRAY || d->tok[a].count > RUNS_MAX || d->tok[a].count == 0)
        return tw_fail(cx, TW_EPARSE, "twin: runs is not an array of 1 to %d runs", RUNS_MAX);
    p->n_run = d->tok[a].count;
    p->run = tw_try_array(cx->arena, tw_psa_run, p->n_run);
    if (!p->run)
        return tw_fail(cx, TW_ELIMIT, "no room for a twin");
    size_t i = 0;
    for (uint32_t k = tw_json_first(d, a); k != TW_JSON_NONE; k = tw_json_next(d, a, k), i++)
        TW_TRY(read_run(cx, p, d, k, i));
    p->n_cycle = p->run[p->n_run - 1].cycle + 1;
    p->dim = tw_psa_dim(p->n_cycle);
    return TW_OK;
}

static tw_status read_posterior(tw_ctx *cx, tw_psa_posterior *p, const tw_json *d)
{
    uint64_t obs;
    TW_TRY(read_population(cx, &p->prior, d));
    TW_TRY(read_runs(cx, p, d));
    TW_TRY(get_number(cx, &p->last_day, d, 0, "last_day"));
    TW_TRY(get_u64(cx, &obs, d, 0, "observations", TW_PSA_VISITS_MAX));
    TW_TRY(get_number(cx, &p->log_marginal, d, 0, "log_marginal"));
    TW_TRY(get_number(cx, &p->ess, d, 0, "effective_draws"));
    TW_TRY(get_number(cx, &p->ou_var, d, 0, "ou_var"));
    if (p->ou_var < 0.0 || p->last_day < 0.0)
        return tw_fail(cx, TW_EPARSE, "twin: ou_var or last_day out of range");
    p->n_obs = (size_t)obs;
    uint32_t mean = tw_json_get(d, 0, "ou_mean");
    p->n_draw = mean == TW_JSON_NONE ? 0 : d->tok[mean].count;
    if (p->n_draw == 0 || p->n_draw > TW_PSA_DRAWS_MAX)
        return tw_fail(cx, TW_EPARSE, "twin: ou_mean is not an array of 1 to %d numbers", TW_PSA_DRAWS_MAX);
    TW_TRY(new_array(cx, &p->map, d, "map", p->dim));
    TW_TRY(new_array(cx, &p->cov, d, "cov", p->dim * p->dim));
    TW_TRY(new_array(cx, &p->ou_mean, d, "ou_mean", p->n_draw));
    return new_array(cx, &p->draw, d, "draws", p->n_draw * p->dim);
}

tw_status tw_psa_twin_read(tw_ctx *cx, tw_psa_twin *out, tw_str json)
{
    tw_json d;
    uint64_t version = 0;
    tw_psa_twin t = { .seed = 0 };
    TW_TRY(tw_json_parse(cx, &d, json, NULL));
    if (!tw_str_is(tw_json_member_text(cx, &d, 0, "model"), TW_PSA_MODEL_ID))
        return tw_fail(cx, TW_EPARSE, "twin: model is not %s", TW_PSA_MODEL_ID);
    TW_TRY(get_u64(cx, &version, &d, 0, "version", UINT32_MAX));
    if (version != TW_PSA_MODEL_VERSION)
        return tw_fail(cx, TW_EPARSE, "twin: version of the model is not %d", TW_PSA_MODEL_VERSION);
    if (!tw_unhex(t.data_hash, sizeof t.data_hash, tw_json_member_text(cx, &d, 0, "data_hash")))
        return tw_fail(cx, TW_EPARSE, "twin: data_hash is not 64 hex digits");
    TW_TRY(get_u64(cx, &t.release_log_index, &d, 0, "release_log_index", UINT64_MAX));
    TW_TRY(get_u64(cx, &t.seed, &d, 0, "seed", UINT64_MAX));
    uint32_t noise = tw_json_get(&d, 0, "noise");
    if (noise == TW_JSON_NONE)
        return tw_fail(cx, TW_EPARSE, "twin: noise is missing");
    TW_TRY(tw_noise_read(cx, &t.noise, &d, noise));
    TW_TRY(read_posterior(cx, &t.posterior, &d));
    *out = t;
    return TW_OK;
}
