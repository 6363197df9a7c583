/* From scored points to the table: means, coverage, PIT, bootstrap over men. */
#include "twin/twin_internal.h"

#include <math.h>

const char *tw_psa_method_name(tw_psa_method m)
{
    static const char *const name[TW_PSA_NMETHOD] = {
        [TW_PSA_TWIN] = "twin",
        [TW_PSA_POPULATION] = "population",
        [TW_PSA_CLIMATOLOGY] = "climatology",
        [TW_PSA_PREVIOUS] = "previous cycle",
        [TW_PSA_PERSISTENCE] = "persistence",
        [TW_PSA_POOL] = "twin + previous cycle",
    };
    return m < TW_PSA_NMETHOD ? name[m] : "?";
}

void tw_psa_point_score(tw_psa_point *p, tw_psa_method m, double *x, size_t n, double log_score)
{
    static const double q[TW_PSA_NQ] = { 0.05, 0.25, 0.50, 0.75, 0.95 };
    p->log_score[m] = log_score;
    p->pit[m] = tw_score_pit(x, n, p->y);
    p->crps[m] = tw_score_crps(x, n, p->y);
    for (size_t k = 0; k < TW_PSA_NQ && m == TW_PSA_TWIN; k++)
        p->q[k] = tw_score_quantile(x, n, q[k]);
    for (size_t i = 0; i < n; i++)
        x[i] = tw_psa_from_log(x[i]);
    p->crps_raw[m] = tw_score_crps(x, n, tw_psa_from_log(p->y));
}

/** Sums of one man: points, and CRPS per method. */
typedef struct {
    double count;
    double crps[TW_PSA_NMETHOD];
} man_sum;

typedef struct {
    man_sum *man;
    size_t n_man;
    double *crps;  /* TW_PSA_NMETHOD * bootstraps */
    double *skill; /* the same */
    double *pit;   /* n_point */
} work;

static void group(work *w, const tw_psa_table *t)
{
    for (size_t i = 0; i < t->n_point; i++) {
        if (i == 0 || t->point[i].man != t->point[i - 1].man)
            w->n_man++;
        man_sum *s = &w->man[w->n_man - 1];
        s->count += 1.0;
        for (size_t m = 0; m < TW_PSA_NMETHOD; m++)
            s->crps[m] += t->point[i].crps[m];
    }
}

static void bootstrap(work *w, size_t bootstraps, uint64_t seed)
{
    tw_rng rng = tw_rng_of(seed, 7);
    for (size_t b = 0; b < bootstraps; b++) {
        man_sum total = { 0.0, { 0.0 } };
        for (size_t i = 0; i < w->n_man; i++) {
            const man_sum *s = &w->man[tw_rng_below(&rng, w->n_man)];
            total.count += s->count;
            for (size_t m = 0; m < TW_PSA_NMETHOD; m++)
                total.crps[m] += s->crps[m];
        }
        for (size_t m = 0; m < TW_PSA_NMETHOD; m++) {
            w->crps[m * bootstraps + b] = total.crps[m] / total.count;
            w->skill[m * bootstraps + b] = 1.0 - total.crps[m] / total.crps[TW_PSA_POPULATION];
        }
    }
}

static tw_psa_score summary(work *w, const tw_psa_table *t, tw_psa_method m)
{
    tw_psa_score s = { .crps = 0.0 };
    double n = (double)t->n_point, base = 0.0;
    for (size_t i = 0; i < t->n_point; i++) {
        const tw_psa_point *p = &t->point[i];
        w->pit[i] = p->pit[m];
        s.crps += p->crps[m] / n;
        s.crps_raw += p->crps_raw[m] / n;
        base += p->crps[TW_PSA_POPULATION] / n;
        s.log_score += p->log_score[m] / n; /* NaN stays NaN */
    }
    s.skill = 1.0 - s.crps / base;
    tw_calibration c = tw_score_calibration(w->pit, t->n_point);
    s.cover50 = c.cover50;
    s.cover90 = c.cover90;
    s.pit_ks = c.ks;
    memcpy(s.pit, c.histogram, sizeof s.pit);
    return s;
}

static tw_status finish(tw_ctx *cx, tw_psa_table *t, size_t bootstraps, uint64_t seed)
{
    work w = { .n_man = 0 };
    w.man = tw_try_array(cx->arena, man_sum, t->n_point);
    if (!w.man)
        return tw_fail(cx, TW_ELIMIT, "no room for a table of scores");
    TW_TRY(tw_stat_array(cx, &w.crps, bootstraps * TW_PSA_NMETHOD));
    TW_TRY(tw_stat_array(cx, &w.skill, bootstraps * TW_PSA_NMETHOD));
    TW_TRY(tw_stat_array(cx, &w.pit, t->n_point));
    group(&w, t);
    bootstrap(&w, bootstraps, seed);
    for (size_t m = 0; m < TW_PSA_NMETHOD; m++) {
        tw_psa_score *s = &t->score[m];
        *s = summary(&w, t, (tw_psa_method)m);
        tw_score_interval(&s->crps_lo, &s->crps_hi, w.crps + m * bootstraps, bootstraps);
        tw_score_interval(&s->skill_lo, &s->skill_hi, w.skill + m * bootstraps, bootstraps);
    }
    return TW_OK;
}

tw_status tw_psa_table_finish(tw_ctx *cx, tw_psa_table *t, uint32_t bootstraps, uint64_t seed)
{
    if (t->n_point == 0)
        return tw_fail(cx, TW_EPARSE, "PSA twin: nothing to forecast: no man has a second cycle with values");
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = finish(cx, t, bootstraps, seed);
    tw_arena_back(cx->arena, mark);
    return s;
}
