/* A cohort whose truth is known: what adapting is worth when nobody gets more toxicity for it. All arms are compared at
 * exactly the adapted arm's cohort-mean toxicity; the fixed plan and the oracle are chosen with the truth in hand, so
 * both comparisons are as hard as they can be. The twin never sees a truth, only five volumes. */
#include "radio/radio.h"

#include <math.h>

#include "radio/radio_internal.h"
#include "stat/stat.h"

#define D TW_RADIO_DIM
#define OBS 5
#define HORIZON 365.0
#define CCR_RECOVERY 0.01 /* per day: declared */
#define CCR_DAYS_MAX 3000
#define GIVEN_WEEKS 3
#define WORST 0.8
#define CURVE 16

static const double obs_day[OBS] = { -21, 0, 7, 14, 21 };
static const tw_kill twin_laws[] = { TW_KILL_DVR, TW_KILL_PSI };

typedef struct {
    const tw_study_opts *o;
    size_t n, plans;
    tw_plan_opts plan_opts;
    tw_radio_prior twin, truth;
    double *theta;   /* n x D: the truth */
    tw_choice *plan; /* within the bounds, the same for all; risk is not used */
    double *seen;    /* n x plans: what the twin thinks of each */
    double *risk;    /* n x plans: what is true */
    double *ttp;     /* n: scratch */
    double *tox;     /* plans: BED3 in Gy or NTCP in per cent */
    tw_radio_posterior prior;
    size_t *pick, *pick_hi;
    double budget, price;
} study;

/* ---------------------------------------------------------------- truth */

/** CCR, with a capacity that recovers towards K0 after the last fraction: daily steps, K constant within a day. */
static double ccr_progression(const double *theta, double ab, const tw_fraction *f, size_t n)
{
    double rate = exp(theta[TW_RP_RATE]), alpha = exp(theta[TW_RP_ALPHA]), v0 = exp(theta[TW_RP_V0]);
    double k0 = v0 * (1.0 + exp(-theta[TW_RP_PSI])), v = v0, k = k0, grow = exp(-rate), heal = exp(-CCR_RECOVERY);
    double last = n > 0 ? f[n - 1].day : 0.0;
    size_t i = 0;
    for (int day = 0; day < CCR_DAYS_MAX; day++) {
        for (; i < n && f[i].day <= (double)day; i++)
            k *= tw_lq_survival(alpha, alpha / ab, f[i].dose_gy);
        if ((double)day >= last && v >= v0)
            return (double)day;
        v = k / (1.0 + (k / v - 1.0) * grow);
        if ((double)day >= last)
            k = k0 - (k0 - k) * heal;
    }
    return CCR_DAYS_MAX;
}

/** s->ttp: the true time to progression of everybody under a plan. */
static tw_status truth_ttp(tw_ctx *cx, study *s, const tw_plan *p)
{
    tw_fraction f[TW_FRACTIONS_MAX];
    size_t n;
    tw_plan_fractions(f, &n, p);
    if (s->o->truth != TW_TRUTH_CCR)
        return tw_radio_progression(cx, s->ttp, &s->truth, s->theta, s->n, f, n);
    for (size_t i = 0; i < s->n; i++)
        s->ttp[i] = ccr_progression(s->theta + i * D, s->truth.ab_gy, f, n);
    return TW_OK;
}

static double risk_of(double ttp)
{
    return TW_MAX(0.0, HORIZON - ttp) / HORIZON;
}

static tw_status true_volumes(tw_ctx *cx, tw_radio_obs *obs, const study *s, size_t i, tw_rng *rng)
{
    tw_fraction f[TW_FRACTIONS_MAX];
    size_t n;
    double logv[OBS];
    tw_radio_data d;
    tw_plan_fractions(f, &n, &tw_plan_standard);
    for (size_t t = 0; t < OBS; t++)
        obs[t] = (tw_radio_obs){ .day = obs_day[t], .cm3 = 1.0 };
    TW_TRY(tw_radio_data_new(cx, &d, &s->truth, obs, OBS, f, n, 1));
    tw_radio_predict(&d, logv, s->theta + i * D, 1);
    for (size_t t = 0; t < OBS; t++)
        obs[t].cm3 = exp(logv[t] + s->twin.log_sd * tw_rng_normal(rng));
    return TW_OK;
}

/* ---------------------------------------------------------------- one patient */

typedef struct {
    double pit, pit_adapted, crps, crps_prior, ess, prior_ess, psi_weight, evidence;
    bool tempered;
} score;

static tw_status prior_ess(tw_ctx *cx, double *out, const study *s, const tw_radio_obs *obs)
{
    tw_fraction f[TW_FRACTIONS_MAX];
    size_t n;
    double *w;
    tw_radio_data d;
    tw_plan_fractions(f, &n, &tw_plan_standard);
    TW_TRY(tw_radio_data_new(cx, &d, &s->twin, obs, OBS, f, n, s->prior.draws));
    TW_TRY(tw_stat_array(cx, &w, s->prior.draws));
    tw_radio_loglik(&d, w, s->prior.theta, s->prior.draws);
    (void)tw_weights_of_logs(w, s->prior.draws);
    *out = tw_weights_ess(w, s->prior.draws);
    return TW_OK;
}

static tw_status score_forecast(tw_ctx *cx, score *out, const study *s, const tw_radio_posterior *p, double truth)
{
    tw_fraction f[TW_FRACTIONS_MAX];
    size_t n;
    double *days;
    tw_plan_fractions(f, &n, &tw_plan_standard);
    TW_TRY(tw_stat_array(cx, &days, TW_MAX(p->draws, s->prior.draws)));
    TW_TRY(tw_radio_posterior_progression(cx, days, &s->twin, p, f, n));
    out->pit = tw_score_pit(days, p->draws, truth);
    out->crps = tw_score_crps(days, p->draws, truth);
    TW_TRY(tw_radio_posterior_progression(cx, days, &s->twin, &s->prior, f, n));
    out->crps_prior = tw_score_crps(days, s->prior.draws, truth);
    return TW_OK;
}

static tw_status one_patient(tw_ctx *cx, score *out, study *s, size_t i, tw_radio_posterior *p, double truth)
{
    tw_rng rng = tw_rng_of(s->o->seed, 1000 + i);
    tw_radio_obs obs[OBS];
    tw_fraction f[TW_FRACTIONS_MAX];
    size_t n;
    tw_front front;
    TW_TRY(true_volumes(cx, obs, s, i, &rng));
    tw_plan_fractions(f, &n, &tw_plan_standard);
    TW_TRY(tw_radio_fit_laws(cx, p, &s->twin, twin_laws, s->o->average ? 2 : 1, obs, OBS, f, n, s->o->draws,
                             s->o->seed + i));
    out->psi_weight = p->weight[TW_KILL_PSI];
    out->evidence = p->log_evidence;
    for (size_t t = 0; t < OBS; t++)
        out->evidence += log(obs[t].cm3); /* of the logs: not of the tumour's size */
    TW_TRY(tw_plan_front(cx, &front, p, &s->twin, &s->plan_opts));
    TW_ASSERT(front.n == s->plans);
    for (size_t k = 0; k < s->plans; k++)
        s->seen[i * s->plans + k] = front.choice[k].risk;
    out->ess = p->ess / (double)p->proposals;
    out->tempered = p->tempered > 0;
    TW_TRY(prior_ess(cx, &out->prior_ess, s, obs));
    return score_forecast(cx, out, s, p, truth);
}

/* ---------------------------------------------------------------- policies */

/** Each patient's plan at a price of toxicity; the mean toxicity. */
static double choose(const study *s, size_t *pick, const double *risk, double price)
{
    double sum = 0.0;
    for (size_t i = 0; i < s->n; i++) {
        const double *r = risk + i * s->plans;
        size_t best = 0;
        for (size_t k = 1; k < s->plans; k++)
            if (r[k] + price * s->tox[k] < r[best] + price * s->tox[best])
                best = k;
        pick[i] = best;
        sum += s->tox[best];
    }
    return sum / (double)s->n;
}

/** Prices on both sides of a budget: pick keeps it, pick_hi does not. share: what part of pick_hi makes the mean exact,
 *  in [0, 1]. A budget over all that anybody wants is not spent. */
static double at_budget(study *s, const double *risk, double budget)
{
    double lo = 0.0, hi = 10.0;
    for (int i = 0; i < 60; i++) {
        double mid = 0.5 * (lo + hi);
        if (choose(s, s->pick, risk, mid) > budget)
            lo = mid;
        else
            hi = mid;
    }
    s->price = hi;
    double high = choose(s, s->pick_hi, risk, lo), low = choose(s, s->pick, risk, hi);
    return high > low ? TW_MAX(0.0, TW_MIN(1.0, (budget - low) / (high - low))) : 0.0;
}

/** True risk of each patient under pick, mixed with pick_hi. */
static void risks(const study *s, double *out, double share)
{
    for (size_t i = 0; i < s->n; i++) {
        const double *r = s->risk + i * s->plans;
        out[i] = (1.0 - share) * r[s->pick[i]] + share * r[s->pick_hi[i]];
    }
}

static double mean(const double *x, size_t n)
{
    double s = 0.0;
    for (size_t i = 0; i < n; i++)
        s += x[i];
    return s / (double)n;
}

static double toxicity(const study *s, const tw_plan *p)
{
    if (s->o->toxicity == TW_TOXICITY_NTCP)
        return 100.0 * tw_plan_ntcp(p, s->plan_opts.tissue);
    return tw_plan_bed(p, 3.0);
}

/** One of the last weeks' dose so that the plan has that toxicity; false: no dose in bounds does. */
static bool solve_week(const study *s, tw_plan *p, size_t w, double budget)
{
    double lo = 1.0, hi = 3.6;
    for (int i = 0; i < 60; i++) {
        p->week[w].dose_gy = 0.5 * (lo + hi);
        if (toxicity(s, p) > budget)
            hi = p->week[w].dose_gy;
        else
            lo = p->week[w].dose_gy;
    }
    return fabs(toxicity(s, p) - budget) < 1e-6 && tw_plan_ntcp(p, s->plan_opts.tissue) <= s->plan_opts.ntcp_max &&
           tw_plan_bed(p, 3.0) <= s->plan_opts.bed3_max + 1e-6;
}

/** The fixed plan that is best for this very cohort, of exactly that toxicity: all plans whose two other weeks come
 *  from the options. out[n]: true risks. */
static tw_status best_fixed(tw_ctx *cx, study *s, double *out, tw_plan *best, double budget)
{
    const size_t m = tw_week_option_count;
    double least = (double)INFINITY;
    for (size_t c = 0; c < 3 * m * m; c++) {
        size_t w = GIVEN_WEEKS + c / (m * m), a = c / m % m, b = c % m;
        tw_plan p = tw_plan_standard;
        for (size_t k = GIVEN_WEEKS, other = 0; k < p.weeks; k++)
            if (k != w)
                p.week[k] = tw_week_options[other++ ? b : a];
        if (!solve_week(s, &p, w, budget))
            continue;
        TW_TRY(truth_ttp(cx, s, &p));
        double sum = 0.0;
        for (size_t i = 0; i < s->n; i++)
            sum += risk_of(s->ttp[i]);
        if (sum >= least)
            continue;
        least = sum;
        *best = p;
        for (size_t i = 0; i < s->n; i++)
            out[i] = risk_of(s->ttp[i]);
    }
    if (!isfinite(least))
        return tw_fail(cx, TW_ENOTFOUND, "no fixed plan has that toxicity");
    return TW_OK;
}

/* ---------------------------------------------------------------- results */

static double median(double *x, size_t n)
{
    tw_score_sort(x, n);
    return tw_score_quantile(x, n, 0.5);
}

static tw_status fixed_arm(tw_ctx *cx, study *s, tw_study_arm *out, const tw_plan *p)
{
    TW_TRY(truth_ttp(cx, s, p));
    *out = (tw_study_arm){ .bed3 = tw_plan_bed(p, 3.0), .ntcp = tw_plan_ntcp(p, s->plan_opts.tissue),
                           .dose_gy = tw_plan_dose(p), .ttp_median = median(s->ttp, s->n) };
    for (size_t i = 0; i < s->n; i++)
        s->ttp[i] = risk_of(s->ttp[i]);
    out->risk = mean(s->ttp, s->n);
    out->risk_worst = tw_superquantile(s->ttp, s->n, WORST);
    return TW_OK;
}

/** Each patient's own plan; a mixture counts by its share, its median time is that of the part that keeps the
 *  budget. */
static tw_status own_arm(tw_ctx *cx, study *s, tw_study_arm *out, double *ttp, const double *risk, double share)
{
    double n = (double)s->n;
    *out = (tw_study_arm){ .risk = mean(risk, s->n) };
    for (size_t i = 0; i < s->n; i++) {
        const tw_choice *a = &s->plan[s->pick[i]], *b = &s->plan[s->pick_hi[i]];
        out->bed3 += ((1.0 - share) * a->bed3 + share * b->bed3) / n;
        out->ntcp += ((1.0 - share) * a->ntcp + share * b->ntcp) / n;
        out->dose_gy += ((1.0 - share) * tw_plan_dose(&a->plan) + share * tw_plan_dose(&b->plan)) / n;
    }
    for (size_t k = 0; k < s->plans; k++) {
        bool used = false;
        for (size_t i = 0; i < s->n && !used; i++)
            used = s->pick[i] == k;
        if (!used)
            continue;
        TW_TRY(truth_ttp(cx, s, &s->plan[k].plan));
        for (size_t i = 0; i < s->n; i++)
            if (s->pick[i] == k)
                ttp[i] = s->ttp[i];
    }
    double *sorted;
    TW_TRY(tw_stat_array(cx, &sorted, s->n));
    memcpy(sorted, ttp, s->n * sizeof *ttp);
    out->ttp_median = median(sorted, s->n);
    memcpy(sorted, risk, s->n * sizeof *risk);
    out->risk_worst = tw_superquantile(sorted, s->n, WORST);
    return TW_OK;
}

typedef struct {
    double *standard, *fixed, *adapted, *oracle;
} arms;

static tw_estimate estimate(double point, double *draw, size_t n)
{
    tw_estimate e = { .mean = point };
    tw_score_interval(&e.lo, &e.hi, draw, n);
    return e;
}

static tw_status bootstrap(tw_ctx *cx, tw_study *out, const study *s, const arms *a)
{
    size_t b = s->o->bootstraps ? s->o->bootstraps : 2000, n = s->n;
    double *draw[3], point[3];
    tw_rng rng = tw_rng_of(s->o->seed, 0x626f6f74u);
    for (size_t k = 0; k < 3; k++)
        TW_TRY(tw_stat_array(cx, &draw[k], b));
    for (size_t t = 0; t <= b; t++) { /* the last turn is the cohort itself */
        double f = 0.0, ad = 0.0, o = 0.0;
        for (size_t i = 0; i < n; i++) {
            size_t k = t < b ? tw_rng_below(&rng, n) : i;
            f += a->fixed[k] / (double)n;
            ad += a->adapted[k] / (double)n;
            o += a->oracle[k] / (double)n;
        }
        double v[3] = { f - ad, (f - ad) / (f - o), ad - o };
        for (size_t k = 0; k < 3; k++)
            *(t < b ? &draw[k][t] : &point[k]) = v[k];
    }
    out->gain = estimate(point[0], draw[0], b);
    out->share = estimate(point[1], draw[1], b);
    out->regret = estimate(point[2], draw[2], b);
    return TW_OK;
}

static void forecast_scores(tw_study *out, const score *sc, double *u, double *ev, size_t n)
{
    out->ess_min = out->prior_ess_min = (double)INFINITY;
    for (size_t i = 0; i < n; i++) {
        double one = 1.0 / (double)n;
        out->crps += sc[i].crps * one;
        out->crps_prior += sc[i].crps_prior * one;
        out->tempered += sc[i].tempered ? 1 : 0;
        out->psi_weight += sc[i].psi_weight * one;
        ev[i] = sc[i].evidence;
        out->ess_min = TW_MIN(out->ess_min, sc[i].ess);
        out->prior_ess_min = TW_MIN(out->prior_ess_min, sc[i].prior_ess);
        u[i] = sc[i].pit_adapted;
    }
    out->crps_skill = 1.0 - out->crps / out->crps_prior;
    out->cover90_adapted = tw_score_calibration(u, n).cover90;
    for (size_t i = 0; i < n; i++)
        u[i] = sc[i].pit;
    tw_calibration c = tw_score_calibration(u, n);
    out->cover50 = c.cover50;
    out->cover90 = c.cover90;
    out->pit_ks = c.ks;
    static const double p[] = { 0.01, 0.05, 0.5 };
    tw_score_sort(ev, n);
    for (size_t i = 0; i < TW_COUNT(p); i++)
        out->evidence[i] = tw_score_quantile(ev, n, p[i]);
}

/* ---------------------------------------------------------------- the study */

/** The plans within the bounds, in the order of every front. */
static tw_status plan_list(tw_ctx *cx, study *s)
{
    tw_front f;
    tw_radio_posterior one = s->prior;
    one.draws = one.by_law[TW_KILL_DVR] = 1;
    TW_TRY(tw_plan_front(cx, &f, &one, &s->twin, &s->plan_opts));
    s->plan = f.choice;
    s->plans = f.n;
    TW_TRY(tw_stat_array(cx, &s->tox, s->plans));
    for (size_t k = 0; k < s->plans; k++)
        s->tox[k] = toxicity(s, &s->plan[k].plan);
    return TW_OK;
}

static tw_status true_risks(tw_ctx *cx, study *s)
{
    for (size_t k = 0; k < s->plans; k++) {
        TW_TRY(truth_ttp(cx, s, &s->plan[k].plan));
        for (size_t i = 0; i < s->n; i++)
            s->risk[i * s->plans + k] = risk_of(s->ttp[i]);
    }
    return TW_OK;
}

static tw_status study_new(tw_ctx *cx, study *s, const tw_study_opts *o)
{
    if (o->patients < 2 || o->patients > 5000 || o->draws < 10 || o->draws > 100000)
        return tw_fail(cx, TW_EUSAGE, "a study has 2 to 5,000 patients and 10 to 100,000 draws");
    s->plan_opts = tw_plan_opts_usual();
    s->plan_opts.tail = o->tail;
    s->plan_opts.horizon_days = HORIZON;
    s->twin = s->truth = tw_radio_prior_glioma;
    s->truth.kill = o->truth == TW_TRUTH_PSI ? TW_KILL_PSI : o->truth == TW_TRUTH_CCR ? TW_KILL_CCR : TW_KILL_DVR;
    s->budget = o->budget > 0.0 ? o->budget : toxicity(s, &tw_plan_standard);
    TW_TRY(tw_radio_prior_draws(cx, &s->prior, &s->twin, 2000, o->seed ^ 0x5a5a));
    TW_TRY(plan_list(cx, s));
    if (o->average)
        s->prior.by_law[TW_KILL_DVR] = s->prior.by_law[TW_KILL_PSI] = s->prior.draws / 2;
    TW_TRY(tw_stat_array(cx, &s->theta, s->n * D));
    TW_TRY(tw_stat_array(cx, &s->ttp, s->n));
    TW_TRY(tw_stat_array(cx, &s->seen, s->n * s->plans));
    TW_TRY(tw_stat_array(cx, &s->risk, s->n * s->plans));
    s->pick = tw_try_array(cx->arena, size_t, s->n);
    s->pick_hi = tw_try_array(cx->arena, size_t, s->n);
    if (!s->pick || !s->pick_hi)
        return tw_fail(cx, TW_ELIMIT, "no room for %zu patients", s->n);
    for (size_t i = 0; i < s->n; i++) {
        tw_rng rng = tw_rng_of(o->seed, 1 + 10000000 + i);
        for (size_t k = 0; k < D; k++)
            s->theta[i * D + k] = s->truth.mean[k] + s->truth.sd[k] * tw_rng_normal(&rng);
    }
    return true_risks(cx, s);
}

static tw_status arms_new(tw_ctx *cx, arms *a, size_t n)
{
    TW_TRY(tw_stat_array(cx, &a->standard, n));
    TW_TRY(tw_stat_array(cx, &a->fixed, n));
    TW_TRY(tw_stat_array(cx, &a->adapted, n));
    return tw_stat_array(cx, &a->oracle, n);
}

static tw_status curve(tw_ctx *cx, study *s, tw_study *out, arms *a)
{
    double lo = 0.75 * s->budget, hi = 1.15 * s->budget;
    tw_plan p;
    for (size_t i = 0; i < CURVE; i++) {
        double b = lo + (hi - lo) * (double)i / (CURVE - 1);
        size_t k = out->curve_n;
        if (best_fixed(cx, s, a->fixed, &p, b) != TW_OK)
            continue; /* beyond the bounds */
        out->curve_n++;
        out->curve_budget[k] = b;
        out->curve_fixed[k] = mean(a->fixed, s->n);
        risks(s, a->adapted, at_budget(s, s->seen, b));
        out->curve_adapted[k] = mean(a->adapted, s->n);
        risks(s, a->oracle, at_budget(s, s->risk, b));
        out->curve_oracle[k] = mean(a->oracle, s->n);
    }
    tw_err_clear(cx);
    return TW_OK;
}

/** Coverage of the forecast under the plan that was chosen for each patient. */
static tw_status adapted_coverage(tw_ctx *cx, study *s, score *sc, const tw_radio_posterior *posterior,
                                  const double *ttp)
{
    double *days;
    TW_TRY(tw_stat_array(cx, &days, s->o->draws));
    for (size_t i = 0; i < s->n; i++) {
        tw_fraction f[TW_FRACTIONS_MAX];
        size_t n;
        tw_plan_fractions(f, &n, &s->plan[s->pick[i]].plan);
        TW_TRY(tw_radio_posterior_progression(cx, days, &s->twin, &posterior[i], f, n));
        sc[i].pit_adapted = tw_score_pit(days, s->o->draws, ttp[i]);
    }
    return TW_OK;
}

static tw_status patients(tw_ctx *cx, study *s, score *sc, tw_radio_posterior *posterior, arms *a)
{
    double *truth;
    TW_TRY(tw_stat_array(cx, &truth, s->n));
    TW_TRY(truth_ttp(cx, s, &tw_plan_standard));
    memcpy(truth, s->ttp, s->n * sizeof *truth);
    for (size_t i = 0; i < s->n; i++) {
        double *theta;
        TW_TRY(tw_stat_array(cx, &theta, s->o->draws * D));
        a->standard[i] = risk_of(truth[i]);
        tw_mark mark = tw_arena_mark(cx->arena);
        TW_TRY(one_patient(cx, &sc[i], s, i, &posterior[i], truth[i]));
        memcpy(theta, posterior[i].theta, s->o->draws * D * sizeof *theta);
        posterior[i].theta = theta;
        tw_arena_back(cx->arena, mark);
    }
    return TW_OK;
}

static tw_status compare(tw_ctx *cx, study *s, tw_study *out, arms *a, score *sc, const tw_radio_posterior *posterior)
{
    double *ttp;
    TW_TRY(tw_stat_array(cx, &ttp, s->n));
    (void)at_budget(s, s->seen, s->budget);
    out->price = s->price;
    risks(s, a->adapted, 0.0); /* plans that people get: no mixture */
    TW_TRY(own_arm(cx, s, &out->adapted, ttp, a->adapted, 0.0));
    TW_TRY(adapted_coverage(cx, s, sc, posterior, ttp));
    double spent = s->o->toxicity == TW_TOXICITY_NTCP ? 100.0 * out->adapted.ntcp : out->adapted.bed3;
    TW_TRY(best_fixed(cx, s, a->fixed, &out->fixed_plan, spent));
    TW_TRY(fixed_arm(cx, s, &out->fixed, &out->fixed_plan));
    double share = at_budget(s, s->risk, spent);
    risks(s, a->oracle, share);
    TW_TRY(own_arm(cx, s, &out->oracle, ttp, a->oracle, share));
    TW_TRY(fixed_arm(cx, s, &out->standard, &tw_plan_standard));
    for (size_t i = 0; i < s->n; i++) {
        double one = 1.0 / (double)s->n;
        out->below_standard += a->adapted[i] < a->standard[i] ? one : 0.0;
        out->above_standard += a->adapted[i] > a->standard[i] ? one : 0.0;
    }
    TW_TRY(bootstrap(cx, out, s, a));
    forecast_scores(out, sc, ttp, s->ttp, s->n);
    return curve(cx, s, out, a);
}

tw_status tw_radio_study(tw_ctx *cx, tw_study *out, const tw_study_opts *opts)
{
    study s = { .o = opts, .n = opts->patients };
    arms a;
    *out = (tw_study){ .patients = opts->patients, .toxicity = opts->toxicity };
    TW_TRY(study_new(cx, &s, opts));
    TW_TRY(arms_new(cx, &a, s.n));
    score *sc = tw_try_array(cx->arena, score, s.n);
    tw_radio_posterior *posterior = tw_try_array(cx->arena, tw_radio_posterior, s.n);
    if (!sc || !posterior)
        return tw_fail(cx, TW_ELIMIT, "no room for %zu patients", s.n);
    TW_TRY(patients(cx, &s, sc, posterior, &a));
    return compare(cx, &s, out, &a, sc, posterior);
}

void tw_study_svg(tw_buf *out, const tw_study *s, bool standalone)
{
    static const tw_svg_key key[] = { { "best fixed plan", TW_SVG_GREY, TW_SVG_DASHES },
                                      { "adapted", TW_SVG_A, TW_SVG_LINE },
                                      { "oracle", TW_SVG_B, TW_SVG_LINE },
                                      { "30 x 2 Gy", TW_SVG_E, TW_SVG_DOT } };
    bool ntcp = s->toxicity == TW_TOXICITY_NTCP;
    double lo = s->standard.risk, hi = s->standard.risk, least = (double)INFINITY, most = 0.0;
    double standard = ntcp ? 100.0 * s->standard.ntcp : s->standard.bed3;
    tw_svg g;
    for (size_t i = 0; i < s->curve_n; i++) {
        lo = TW_MIN(lo, s->curve_oracle[i]);
        hi = TW_MAX(hi, s->curve_fixed[i]);
        least = TW_MIN(least, s->curve_budget[i]);
        most = TW_MAX(most, s->curve_budget[i]);
    }
    double pad = TW_MAX(0.005, 0.05 * (hi - lo));
    tw_svg_begin(&g, out,
                 &(tw_svg_opts){ .title = "Risk of the cohort against its mean toxicity", .width = 640, .height = 360,
                                 .x = { .min = least, .max = most,
                                        .label = ntcp ? "cohort-mean NTCP, %" : "cohort-mean BED3, Gy" },
                                 .y = { .min = TW_MAX(0.0, lo - pad), .max = hi + pad,
                                        .label = "share of a year after progression" },
                                 .standalone = standalone });
    tw_svg_line(&g, s->curve_budget, s->curve_fixed, s->curve_n, TW_SVG_GREY, true);
    tw_svg_line(&g, s->curve_budget, s->curve_adapted, s->curve_n, TW_SVG_A, false);
    tw_svg_line(&g, s->curve_budget, s->curve_oracle, s->curve_n, TW_SVG_B, false);
    tw_svg_points(&g, &standard, &s->standard.risk, 1, TW_SVG_E, false);
    tw_svg_legend(&g, key, TW_COUNT(key));
    tw_svg_end(&g);
}
