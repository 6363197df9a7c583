/* Plans for the weeks that are left: all of them, as a tree, so that plans with the same first weeks share their walk.
 * The state of a lane is w = K / V: growth is w - 1 <- (w - 1) exp(-rate dt), direct kill w <- w / s. */
#include "radio/radio.h"

#include <math.h>
#include <stdlib.h>

#include "stat/stat.h"

#define D TW_RADIO_DIM

const tw_plan tw_plan_standard = { .week = { { 5, 2 }, { 5, 2 }, { 5, 2 }, { 5, 2 }, { 5, 2 }, { 5, 2 } }, .weeks = 6 };

const tw_week tw_week_options[] = { { 0, 0 },   { 5, 1 },   { 5, 1.4 }, { 5, 1.8 }, { 5, 2 },   { 5, 2.2 },
                                    { 5, 2.6 }, { 5, 3 },   { 5, 3.3 }, { 5, 3.6 }, { 3, 3 } };
const size_t tw_week_option_count = TW_COUNT(tw_week_options);

/* Doses of a declared, partial irradiation of the brain; Lyman's parameters: Burman and others, IJROBP 21 (1991)
 * 123. */
static const double brain_dose[] = { 0.08, 0.25, 0.50, 0.75, 0.90, 1.00 };
static const double brain_volume[] = { 0.40, 0.20, 0.15, 0.10, 0.07, 0.08 };
const tw_tissue tw_tissue_brain = { .relative = { brain_dose, brain_volume, TW_COUNT(brain_dose) },
                                    .lkb = { .n = 0.25, .m = 0.15, .td50_gy = 60.0 },
                                    .ab_gy = 3.0 };

tw_plan_opts tw_plan_opts_usual(void)
{
    tw_plan_opts o = { .weeks = 6, .option = tw_week_options, .options = tw_week_option_count, .bed3_max = 120.0,
                       .ntcp_max = 0.05, .dose_min_gy = 40.0, .dose_max_gy = 76.0, .tissue = &tw_tissue_brain,
                       .horizon_days = 365.0, .tail = 0.8 };
    o.given = tw_plan_standard;
    o.given.weeks = 3;
    return o;
}

void tw_plan_fractions(tw_fraction out[TW_FRACTIONS_MAX], size_t *n, const tw_plan *p)
{
    *n = 0;
    for (size_t w = 0; w < p->weeks; w++)
        for (unsigned f = 0; f < p->week[w].fractions; f++)
            out[(*n)++] = (tw_fraction){ 7.0 * (double)w + (double)f, p->week[w].dose_gy };
}

double tw_plan_dose(const tw_plan *p)
{
    double s = 0.0;
    for (size_t w = 0; w < p->weeks; w++)
        s += (double)p->week[w].fractions * p->week[w].dose_gy;
    return s;
}

double tw_plan_bed(const tw_plan *p, double ab_gy)
{
    double s = 0.0;
    for (size_t w = 0; w < p->weeks; w++)
        s += tw_bed((double)p->week[w].fractions, p->week[w].dose_gy, ab_gy);
    return s;
}

tw_str tw_plan_text(tw_ctx *cx, const tw_plan *p)
{
    tw_str s = TW_STR("");
    for (size_t w = 0; w < p->weeks; w++) {
        const tw_week *k = &p->week[w];
        if (k->fractions == 0)
            s = tw_strf(cx->arena, TW_FMT "%s0", TW_ARG(s), w ? " " : "");
        else
            s = tw_strf(cx->arena, TW_FMT "%s%ux%.4g", TW_ARG(s), w ? " " : "", k->fractions, k->dose_gy);
    }
    return s;
}

double tw_plan_ntcp(const tw_plan *p, const tw_tissue *t)
{
    double dose[64];
    TW_ASSERT(t->relative.n <= TW_COUNT(dose));
    for (size_t i = 0; i < t->relative.n; i++) {
        dose[i] = 0.0;
        for (size_t w = 0; w < p->weeks; w++)
            dose[i] += tw_eqd2(tw_bed((double)p->week[w].fractions, p->week[w].dose_gy * t->relative.dose_gy[i],
                                      t->ab_gy),
                               t->ab_gy);
    }
    return tw_ntcp_lkb(&t->lkb, &(tw_dvh){ dose, t->relative.volume, t->relative.n });
}

/* ---------------------------------------------------------------- risk */

/** The k largest of q come first (Hoare's selection). */
static void select_top(double *q, size_t n, size_t k)
{
    size_t lo = 0, hi = n;
    while (hi - lo > 1) {
        double pivot = q[lo + (hi - lo) / 2];
        size_t i = lo, j = hi - 1;
        for (;;) {
            while (q[i] > pivot)
                i++;
            while (q[j] < pivot)
                j--;
            if (i >= j)
                break;
            double t = q[i];
            q[i++] = q[j];
            q[j--] = t;
        }
        size_t cut = j + 1; /* [lo, cut) >= pivot >= [cut, hi) */
        if (cut >= hi)
            cut = hi - 1;
        if (k <= cut)
            hi = cut;
        else
            lo = cut;
        if (k == cut)
            return;
    }
}

double tw_superquantile(double *q, size_t n, double tail)
{
    TW_ASSERT(n > 0 && tail >= 0.0 && tail < 1.0);
    double mass = (1.0 - tail) * (double)n, sum = 0.0;
    size_t whole = TW_MIN((size_t)mass, n);
    if (whole < n)
        select_top(q, n, whole);
    for (size_t i = 0; i < whole; i++)
        sum += q[i];
    double rest = mass - (double)whole, next = 0.0;
    for (size_t i = whole; i < n; i++)
        next = i == whole ? q[i] : TW_MAX(next, q[i]);
    return (sum + rest * next) / mass;
}

/* ---------------------------------------------------------------- tree of plans */

typedef struct {
    const tw_plan_opts *o;
    double ab_gy;           /* of the tumour */
    size_t n;               /* draws */
    size_t psi_from;        /* draws from here on follow PSI, those before it DVR */
    double *rate, *offset;  /* per draw; offset = ln(K / V0 - 1) */
    double *decay[8];       /* decay[k] = exp(-k rate) */
    double **kill;          /* of an option: survival */
    double *level[TW_PLAN_WEEKS + 1]; /* w of each draw, at the start of each week */
    double *q;
    tw_plan plan;
    tw_front *front;
    size_t room;
} tree;

static void week(const tree *t, double *out, const double *in, size_t option)
{
    unsigned f = t->o->option[option].fractions;
    const double *s = t->kill[option], *day = t->decay[1], *rest = t->decay[f > 0 ? 8 - f : 7];
    memcpy(out, in, t->n * sizeof *out);
    for (unsigned k = 0; k < f; k++) {
        const double *e = k + 1 < f ? day : rest;
        for (size_t i = 0; i < t->psi_from; i++)
            out[i] = 1.0 + (out[i] / s[i] - 1.0) * e[i];
        for (size_t i = t->psi_from; i < t->n; i++) /* V+ = V (1 - gamma (1 - 1 / w)) */
            out[i] = 1.0 + (out[i] / (1.0 - (1.0 - s[i]) * (1.0 - 1.0 / out[i])) - 1.0) * e[i];
    }
    for (size_t i = 0; f == 0 && i < t->n; i++)
        out[i] = 1.0 + (out[i] - 1.0) * rest[i];
}

static double risk_of(const tree *t, const double *w)
{
    double end = 7.0 * (double)t->plan.weeks, last = 0.0, h = t->o->horizon_days;
    for (size_t k = t->plan.weeks; k > 0 && !(last > 0.0); k--)
        if (t->plan.week[k - 1].fractions > 0)
            last = 7.0 * (double)(k - 1) + (double)(t->plan.week[k - 1].fractions - 1);
    for (size_t i = 0; i < t->n; i++) {
        double ttp = TW_MAX(last, end + (log(w[i] - 1.0) - t->offset[i]) / t->rate[i]);
        t->q[i] = TW_MAX(0.0, h - ttp) / h;
    }
    return tw_superquantile(t->q, t->n, t->o->tail);
}

static tw_choice measure(const tree *t)
{
    return (tw_choice){ .plan = t->plan, .bed3 = tw_plan_bed(&t->plan, 3.0),
                        .ntcp = tw_plan_ntcp(&t->plan, t->o->tissue) };
}

static bool within(const tree *t, const tw_choice *c)
{
    double gy = tw_plan_dose(&c->plan), slack = 1e-9;
    return c->bed3 <= t->o->bed3_max + slack && c->ntcp <= t->o->ntcp_max + slack &&
           gy >= t->o->dose_min_gy - slack && gy <= t->o->dose_max_gy + slack;
}

static tw_status leaf(tw_ctx *cx, tree *t, size_t depth)
{
    tw_choice c = measure(t);
    if (!within(t, &c))
        return TW_OK;
    if (t->front->n == t->room)
        return tw_fail(cx, TW_ELIMIT, "more than %zu plans", t->room);
    c.risk = risk_of(t, t->level[depth]);
    t->front->choice[t->front->n++] = c;
    return TW_OK;
}

/* Depth is at most TW_PLAN_WEEKS. */
static tw_status grow_tree(tw_ctx *cx, tree *t, size_t depth)
{
    if (depth == t->o->weeks)
        return leaf(cx, t, depth);
    for (size_t k = 0; k < t->o->options; k++) {
        t->plan.week[depth] = t->o->option[k];
        week(t, t->level[depth + 1], t->level[depth], k);
        TW_TRY(grow_tree(cx, t, depth + 1));
    }
    return TW_OK;
}

static tw_status tree_arrays(tw_ctx *cx, tree *t)
{
    TW_TRY(tw_stat_array(cx, &t->rate, t->n));
    TW_TRY(tw_stat_array(cx, &t->offset, t->n));
    TW_TRY(tw_stat_array(cx, &t->q, t->n));
    for (size_t k = 0; k < TW_COUNT(t->decay); k++)
        TW_TRY(tw_stat_array(cx, &t->decay[k], t->n));
    for (size_t k = 0; k <= t->o->weeks; k++)
        TW_TRY(tw_stat_array(cx, &t->level[k], t->n));
    t->kill = tw_try_array(cx->arena, double *, t->o->options);
    for (size_t k = 0; t->kill && k < t->o->options; k++)
        TW_TRY(tw_stat_array(cx, &t->kill[k], t->n));
    return t->kill ? TW_OK : tw_fail(cx, TW_ELIMIT, "no room for plans");
}

static tw_status tree_new(tw_ctx *cx, tree *t, const double *theta)
{
    TW_TRY(tree_arrays(cx, t));
    for (size_t i = 0; i < t->n; i++) {
        const double *p = theta + i * D;
        double alpha = exp(p[TW_RP_ALPHA]);
        t->rate[i] = exp(p[TW_RP_RATE]);
        t->offset[i] = -p[TW_RP_PSI]; /* K / V0 - 1 = exp(-logit PSI) */
        for (size_t k = 0; k < TW_COUNT(t->decay); k++)
            t->decay[k][i] = exp(-(double)k * t->rate[i]);
        for (size_t k = 0; k < t->o->options; k++)
            t->kill[k][i] = tw_lq_survival(alpha, alpha / t->ab_gy, t->o->option[k].dose_gy);
        t->level[t->o->given.weeks][i] = 1.0 + exp(-p[TW_RP_PSI]);
    }
    return TW_OK;
}

/** Weeks that are past, with a tree of their own. */
static tw_status walk_given(tw_ctx *cx, double *w, const tree *as, const double *theta, const tw_plan *plan)
{
    tw_plan_opts o = *as->o;
    size_t n = as->n;
    o.option = plan->week;
    o.options = plan->weeks;
    o.given.weeks = 0;
    o.weeks = plan->weeks;
    tree t = { .o = &o, .ab_gy = as->ab_gy, .n = n, .psi_from = as->psi_from };
    if (plan->weeks == 0) {
        for (size_t i = 0; i < n; i++)
            w[i] = 1.0 + exp(-theta[i * D + TW_RP_PSI]);
        return TW_OK;
    }
    TW_TRY(tree_new(cx, &t, theta));
    for (size_t k = 0; k < plan->weeks; k++)
        week(&t, t.level[k + 1], t.level[k], k);
    memcpy(w, t.level[plan->weeks], n * sizeof *w);
    return TW_OK;
}

static tw_status standard_risk(tw_ctx *cx, tree *t, const double *theta)
{
    t->plan = tw_plan_standard;
    TW_TRY(walk_given(cx, t->level[t->o->weeks], t, theta, &tw_plan_standard));
    t->front->standard = measure(t);
    t->front->standard.risk = risk_of(t, t->level[t->o->weeks]);
    return TW_OK;
}

static tw_status check_opts(tw_ctx *cx, const tw_radio_posterior *p, const tw_plan_opts *o, size_t *plans)
{
    if (p->by_law[TW_KILL_CCR] > 0)
        return tw_fail(cx, TW_EREFUSED, "under the CCR law capacity does not recover: there is no risk to plan for");
    if (o->weeks > TW_PLAN_WEEKS || o->given.weeks > o->weeks || o->options == 0 || !(o->horizon_days > 0.0) ||
        !(o->tail >= 0.0 && o->tail < 1.0) || !o->tissue)
        return tw_fail(cx, TW_EUSAGE, "options of a plan that cannot be");
    for (size_t k = 0; k < o->options; k++)
        if (o->option[k].fractions > 5 || !(o->option[k].dose_gy >= 0.0 && o->option[k].dose_gy <= TW_LQ_DOSE_MAX))
            return tw_fail(cx, TW_EUSAGE, "option %zu: at most 5 fractions a week, of at most %g Gy", k + 1,
                           TW_LQ_DOSE_MAX);
    *plans = 1;
    for (size_t w = o->given.weeks; w < o->weeks; w++) {
        if (*plans > TW_CHOICES_MAX / o->options)
            return tw_fail(cx, TW_ELIMIT, "more than %d plans", TW_CHOICES_MAX);
        *plans *= o->options;
    }
    return TW_OK;
}

/** By toxicity; equal ones by the plan itself, so that the order does not depend on the patient. */
static int by_bed(const void *a, const void *b)
{
    const tw_choice *x = (const tw_choice *)a, *y = (const tw_choice *)b;
    if (x->bed3 < y->bed3 || x->bed3 > y->bed3)
        return x->bed3 < y->bed3 ? -1 : 1;
    for (size_t w = 0; w < x->plan.weeks; w++) {
        const tw_week *p = &x->plan.week[w], *q = &y->plan.week[w];
        if (p->dose_gy < q->dose_gy || p->dose_gy > q->dose_gy)
            return p->dose_gy < q->dose_gy ? -1 : 1;
        if (p->fractions != q->fractions)
            return p->fractions < q->fractions ? -1 : 1;
    }
    return 0;
}

static void mark_front(tw_front *f)
{
    double best = (double)INFINITY;
    for (size_t i = 0; i < f->n;) {
        size_t next = i + 1, least = i;
        for (; next < f->n && f->choice[next].bed3 <= f->choice[i].bed3 + 1e-9; next++)
            if (f->choice[next].risk < f->choice[least].risk)
                least = next;
        if (f->choice[least].risk < best) {
            f->choice[least].on_front = true;
            best = f->choice[least].risk;
        }
        i = next;
    }
}

tw_status tw_plan_front(tw_ctx *cx, tw_front *out, const tw_radio_posterior *p, const tw_radio_prior *prior,
                        const tw_plan_opts *opts)
{
    size_t plans = 0;
    *out = (tw_front){ .choice = NULL };
    TW_TRY(check_opts(cx, p, opts, &plans));
    out->choice = tw_try_array(cx->arena, tw_choice, plans);
    if (!out->choice)
        return tw_fail(cx, TW_ELIMIT, "no room for %zu plans", plans);
    tw_mark mark = tw_arena_mark(cx->arena);
    tree t = { .o = opts, .ab_gy = prior->ab_gy, .n = p->draws, .psi_from = p->by_law[TW_KILL_DVR], .plan = opts->given,
               .front = out, .room = plans };
    t.plan.weeks = opts->weeks;
    TW_TRY(tree_new(cx, &t, p->theta));
    TW_TRY(walk_given(cx, t.level[opts->given.weeks], &t, p->theta, &opts->given));
    TW_TRY(grow_tree(cx, &t, opts->given.weeks));
    TW_TRY(standard_risk(cx, &t, p->theta));
    tw_arena_back(cx->arena, mark);
    if (out->n == 0)
        return tw_fail(cx, TW_ENOTFOUND, "no plan is within the bounds");
    qsort(out->choice, out->n, sizeof *out->choice, by_bed);
    mark_front(out);
    return TW_OK;
}

const tw_choice *tw_front_choose(const tw_front *f, double price)
{
    const tw_choice *best = &f->choice[0];
    for (size_t i = 1; i < f->n; i++)
        if (f->choice[i].risk + price * f->choice[i].bed3 < best->risk + price * best->bed3)
            best = &f->choice[i];
    return best;
}

/* ---------------------------------------------------------------- why */

static void mean_of(double *mean, const tw_radio_posterior *p)
{
    memset(mean, 0, D * sizeof *mean);
    for (size_t i = 0; i < p->draws * D; i++)
        mean[i % D] += p->theta[i] / (double)p->draws;
}

static const tw_choice *same_plan(const tw_front *f, const tw_choice *c)
{
    for (size_t i = 0; i < f->n; i++)
        if (by_bed(&f->choice[i], c) == 0)
            return &f->choice[i];
    return NULL;
}

static tw_status leave_out(tw_ctx *cx, tw_influence *out, const tw_radio_prior *prior, const tw_radio_obs *obs,
                           size_t n, const tw_fraction *given, size_t fractions, const tw_plan_opts *opts,
                           double price, const tw_radio_posterior *full, const tw_front *all, uint64_t seed)
{
    tw_radio_obs kept[TW_RADIO_OBS_MAX];
    tw_radio_posterior p;
    tw_front f;
    double with[D], without[D];
    size_t left = 0;
    for (size_t i = 0; i < n; i++)
        if (i != out->obs)
            kept[left++] = obs[i];
    TW_TRY(tw_radio_fit(cx, &p, prior, kept, left, given, fractions, full->draws, seed));
    TW_TRY(tw_plan_front(cx, &f, &p, prior, opts));
    const tw_choice *mine = tw_front_choose(all, price), *other = tw_front_choose(&f, price);
    const tw_choice *seen = same_plan(all, other);
    TW_ASSERT(seen); /* bounds do not depend on the data */
    mean_of(with, full);
    mean_of(without, &p);
    out->plan = other->plan;
    out->dose_change_gy = tw_plan_dose(&mine->plan) - tw_plan_dose(&other->plan);
    out->risk_change = seen->risk - mine->risk;
    for (size_t k = 0; k < D; k++)
        out->shift_sd[k] = (with[k] - without[k]) / full->sd[k];
    return TW_OK;
}

tw_status tw_plan_explain(tw_ctx *cx, tw_influence *out, const tw_radio_prior *prior, const tw_radio_obs *obs,
                          size_t n, const tw_fraction *given, size_t fractions, const tw_plan_opts *opts,
                          double price, size_t draws, uint64_t seed)
{
    tw_radio_posterior full;
    tw_front all;
    TW_TRY(tw_radio_fit(cx, &full, prior, obs, n, given, fractions, draws, seed));
    TW_TRY(tw_plan_front(cx, &all, &full, prior, opts));
    for (size_t i = 0; i < n; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        out[i] = (tw_influence){ .obs = i };
        TW_TRY(leave_out(cx, &out[i], prior, obs, n, given, fractions, opts, price, &full, &all, seed));
        tw_arena_back(cx->arena, mark);
    }
    return TW_OK;
}

void tw_front_svg(tw_buf *out, const tw_front *f, const tw_choice *chosen, bool standalone)
{
    static const tw_svg_key key[] = { { "best plan for its toxicity", TW_SVG_A, TW_SVG_LINE },
                                      { "30 x 2 Gy", TW_SVG_E, TW_SVG_DOT },
                                      { "chosen", TW_SVG_B, TW_SVG_DOT } };
    double least = (double)INFINITY, most = 0.0, lo = (double)INFINITY, hi = 0.0;
    tw_svg s;
    for (size_t i = 0; i <= f->n; i++) {
        const tw_choice *c = i < f->n ? &f->choice[i] : &f->standard;
        if (i < f->n && !c->on_front)
            continue;
        least = TW_MIN(least, c->bed3);
        most = TW_MAX(most, c->bed3);
        lo = TW_MIN(lo, c->risk);
        hi = TW_MAX(hi, c->risk);
    }
    double pad = TW_MAX(0.02, 0.05 * (hi - lo));
    tw_svg_begin(&s, out, &(tw_svg_opts){ .title = "Recurrence risk against toxicity", .width = 640, .height = 360,
                                          .x = { .min = least - 2, .max = most + 2, .label = "BED3, Gy" },
                                          .y = { .min = lo - pad, .max = hi + pad, .label = "recurrence risk" },
                                          .standalone = standalone });
    const tw_choice *before = NULL;
    for (size_t i = 0; i < f->n; i++) {
        const tw_choice *c = &f->choice[i];
        if (!c->on_front)
            continue;
        if (before)
            tw_svg_line(&s, (double[]){ before->bed3, c->bed3 }, (double[]){ before->risk, c->risk }, 2, TW_SVG_A,
                        false);
        tw_svg_points(&s, &c->bed3, &c->risk, 1, TW_SVG_A, true);
        before = c;
    }
    tw_svg_points(&s, &f->standard.bed3, &f->standard.risk, 1, TW_SVG_E, false);
    if (chosen)
        tw_svg_points(&s, &chosen->bed3, &chosen->risk, 1, TW_SVG_B, false);
    tw_svg_legend(&s, key, chosen ? 3 : 2);
    tw_svg_end(&s);
}
