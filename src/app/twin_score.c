/* Cross-validated scores of the twin on the men of a release, against five other ways to forecast. */
#include "twin_app_internal.h"

#define DIGITS 6
#define MEN_MIN 10 /* two a fold */

typedef struct {
    const tw_progress *progress;
} teller;

static void tell(void *self, uint32_t done, uint32_t total)
{
    tw_step(((const teller *)self)->progress, "score", done, total);
}

static void number(tw_jw *w, const char *name, double v)
{
    tw_jw_key(w, name);
    tw_jw_f64(w, v, DIGITS);
}

static void write_method(tw_jw *w, tw_psa_method m, const tw_psa_score *s)
{
    tw_jw_object(w);
    tw_jw_kv(w, "name", tw_str_of(tw_psa_method_name(m)));
    number(w, "crps", s->crps);
    number(w, "crps_lo", s->crps_lo);
    number(w, "crps_hi", s->crps_hi);
    number(w, "crps_ug_l", s->crps_raw);
    number(w, "skill", s->skill);
    number(w, "skill_lo", s->skill_lo);
    number(w, "skill_hi", s->skill_hi);
    number(w, "cover50", s->cover50);
    number(w, "cover90", s->cover90);
    number(w, "log_score", s->log_score);
    number(w, "pit_ks", s->pit_ks);
    tw_jw_key(w, "pit");
    tw_jw_array(w);
    for (size_t i = 0; i < TW_COUNT(s->pit); i++)
        tw_jw_u64(w, s->pit[i]);
    tw_jw_array_end(w);
    tw_jw_object_end(w);
}

static void write_table(tw_jw *w, const char *name, const tw_psa_table *t)
{
    tw_jw_key(w, name);
    tw_jw_object(w);
    tw_jw_kv_u64(w, "values", t->n_point);
    tw_jw_kv_u64(w, "forecasts", t->n_forecast);
    tw_jw_key(w, "methods");
    tw_jw_array(w);
    for (unsigned m = 0; m < TW_PSA_NMETHOD; m++)
        write_method(w, (tw_psa_method)m, &t->score[m]);
    tw_jw_array_end(w);
    tw_jw_object_end(w);
}

static void write_result(tw_ctx *cx, tw_jw *w, const tw_psa_crossval_result *r, const tw_twin_opts *opts)
{
    tw_jw_object(w);
    tw_jw_kv_u64(w, "v", 1);
    tw_jw_kv(w, "model", TW_STR(TW_PSA_MODEL_ID));
    tw_jw_kv(w, "release", tw_id_hex(cx, &opts->release));
    tw_jw_kv(w, "score", TW_STR("CRPS on ln(PSA + 0.1), PSA in ug/L; lower is better"));
    tw_jw_kv(w, "skill", TW_STR("1 - CRPS / CRPS of the population; intervals: bootstrap over men, 95 %"));
    tw_jw_kv(w, "condition", TW_STR("the true days of the treatment switches; no man's data in his own prior"));
    tw_jw_kv_u64(w, "men", r->men);
    tw_jw_kv_u64(w, "folds", r->folds);
    tw_jw_kv_u64(w, "draws", r->draws);
    tw_jw_kv_u64(w, "seed", opts->seed);
    write_table(w, "next_cycle", &r->next_cycle);
    write_table(w, "off_phase", &r->off_phase);
    tw_jw_key(w, "nadir");
    tw_jw_object(w);
    number(w, "crps_twin", r->nadir_crps_twin);
    number(w, "crps_population", r->nadir_crps_population);
    tw_jw_object_end(w);
    tw_jw_object_end(w);
}

static tw_status too_few(tw_ctx *cx, const tw_twin_study *st)
{
    tw_fail(cx, TW_EUSAGE, "scores want at least %d men with enough PSA values; here are %zu, and %zu with fewer",
            MEN_MIN, st->men, st->too_short);
    return tw_hint(cx, "make and open a release over more persons; twin fit and twin forecast work with fewer");
}

static tw_status score(tw_ctx *cx, tw_buf *json, tw_site *s, const tw_twin_opts *opts, tw_twin_score_size size)
{
    tw_twin_study st;
    tw_psa_crossval_result r;
    tw_jw w;
    teller t = { &opts->progress };
    tw_psa_crossval_opts o = { .seed = opts->seed, .progress = tell, .progress_self = &t };
    o.draws = size.draws;
    o.bootstraps = size.bootstraps;
    TW_TRY(tw_twin_study_open(cx, &st, s, opts));
    if (st.men < MEN_MIN)
        return too_few(cx, &st);
    TW_TRY(tw_psa_crossval(cx, &r, st.series, st.noise, st.men, &o));
    tw_jw_init(&w, json, 2);
    write_result(cx, &w, &r, opts);
    TW_TRY(tw_buf_check(cx, json, "scores"));
    return tw_file_write(cx, tw_path(cx, st.dir, "score.json"), tw_buf_view(json));
}

tw_status tw_twin_score_sized(tw_ctx *cx, tw_str *json, tw_site *s, const tw_twin_opts *opts, tw_twin_score_size size)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status st = score(cx, &b, s, opts, size);
    tw_arena_back(cx->arena, mark);
    if (st == TW_OK)
        *json = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return st;
}

tw_status tw_app_twin_score(tw_ctx *cx, tw_str *json, tw_site *s, const tw_twin_opts *opts)
{
    return tw_twin_score_sized(cx, json, s, opts, (tw_twin_score_size){ 0, 0 });
}
