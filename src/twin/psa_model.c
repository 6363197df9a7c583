/* The ODE of the PSA twin and its sensitivities.
 *
 * The state is one number, P, besides e which has a closed form in each run. All sensitivities therefore share one
 * propagator: between two points the step carries dP/dP(start) and the six forced directions (ln r, ln B, ln g, ln K,
 * ln ke, b), which are composed at each point into the full row of the Jacobian. A cycle's deviation of ln B is forced
 * exactly as ln B itself, while its cycle lasts. Classical Runge-Kutta of order 4, the discrete map differentiated
 * exactly, equal steps of at most STEP_DAY between points. Cost: one logarithm a day. */
#include "twin/twin_internal.h"

#include <math.h>

#define STEP_DAY 4.0
#define ON_RATE 0.2 /* per day, rise of the treatment's effect */
#define P_MIN 1e-9
#define P_MAX 1e9

enum { W_START, W_R, W_B, W_G, W_K, W_KE, W_YEAR, W_N }; /* directions carried through a step */

typedef struct {
    double r, b, g, ln_k, ke, year; /* year: growth of B a year */
    bool on;
} rates;

typedef struct {
    double day, p;
    double e, de; /* effect, and its derivative in ln ke */
    double w[W_N];
    bool sens;
} state;

/** What a stage of a step sees. */
typedef struct {
    double e, de, b, years;
} stage;

size_t tw_psa_cycle_offset(size_t cycle)
{
    return TW_PSA_NPAR + TW_PSA_NDEV * cycle - (cycle > 0);
}

size_t tw_psa_dim(size_t n_cycle)
{
    return tw_psa_cycle_offset(n_cycle);
}

size_t tw_psa_dev_kind(size_t i)
{
    size_t k = i - TW_PSA_NPAR;
    return k < TW_PSA_J_ON ? k : (k - TW_PSA_J_ON) % TW_PSA_NDEV;
}

static double clamp(double x, double lo, double hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

/** Bounds only keep far draws of a t law inside what the step can carry. */
static rates rates_of(const double *theta, const tw_psa_run *run)
{
    const double *dev = theta + tw_psa_cycle_offset(run->cycle);
    return (rates){
        .r = exp(clamp(theta[TW_PSA_LN_R], -12.0, -0.7)),
        .b = exp(clamp(theta[TW_PSA_LN_B] + dev[TW_PSA_D_B], -18.0, 9.0)),
        .g = exp(clamp(theta[TW_PSA_LN_G] + dev[TW_PSA_D_G], -18.0, -1.2)),
        .ln_k = clamp(theta[TW_PSA_LN_K] + dev[TW_PSA_D_K], -9.0, 14.0),
        .ke = exp(clamp(theta[TW_PSA_LN_KE], -12.0, -0.7)),
        .year = clamp(theta[TW_PSA_B_YEAR], -3.0, 3.0),
        .on = run->on,
    };
}

static double rhs(const rates *q, const stage *s, double p)
{
    double gap = q->ln_k - log(TW_MAX(p, P_MIN));
    return -q->r * s->e * (p - s->b) + q->g * (1.0 - s->e) * p * gap;
}

/** The same, with the derivatives of each carried direction: dw = f_P w + forcing. */
static double rhs_sens(double *dw, const rates *q, const stage *s, double p, const double *w)
{
    double gap = q->ln_k - log(TW_MAX(p, P_MIN));
    double kill = -q->r * s->e * (p - s->b);
    double grow = q->g * (1.0 - s->e) * p;
    double f_p = -q->r * s->e + q->g * (1.0 - s->e) * (gap - 1.0);
    double f_b = q->r * s->e * s->b;
    const double force[W_N] = {
        [W_START] = 0.0,           [W_R] = kill, [W_B] = f_b,
        [W_G] = grow * gap,        [W_K] = grow, [W_KE] = (-q->r * (p - s->b) - q->g * p * gap) * s->de,
        [W_YEAR] = f_b * s->years,
    };
    for (size_t i = 0; i < W_N; i++)
        dw[i] = f_p * w[i] + force[i];
    return kill + grow * gap;
}

/** One step of Runge and Kutta over stages s[0], s[1] (middle), s[2]. */
static void step(state *st, const rates *q, const stage s[3], double h)
{
    double k1 = rhs(q, &s[0], st->p);
    double k2 = rhs(q, &s[1], st->p + 0.5 * h * k1);
    double k3 = rhs(q, &s[1], st->p + 0.5 * h * k2);
    double k4 = rhs(q, &s[2], st->p + h * k3);
    st->p = clamp(st->p + h / 6.0 * (k1 + 2.0 * (k2 + k3) + k4), P_MIN, P_MAX);
}

static void step_sens(state *st, const rates *q, const stage s[3], double h)
{
    double d1[W_N], d2[W_N], d3[W_N], d4[W_N], w[W_N];
    double k1 = rhs_sens(d1, q, &s[0], st->p, st->w);
    for (size_t i = 0; i < W_N; i++)
        w[i] = st->w[i] + 0.5 * h * d1[i];
    double k2 = rhs_sens(d2, q, &s[1], st->p + 0.5 * h * k1, w);
    for (size_t i = 0; i < W_N; i++)
        w[i] = st->w[i] + 0.5 * h * d2[i];
    double k3 = rhs_sens(d3, q, &s[1], st->p + 0.5 * h * k2, w);
    for (size_t i = 0; i < W_N; i++)
        w[i] = st->w[i] + h * d3[i];
    double k4 = rhs_sens(d4, q, &s[2], st->p + h * k3, w);
    for (size_t i = 0; i < W_N; i++)
        st->w[i] += h / 6.0 * (d1[i] + 2.0 * (d2[i] + d3[i]) + d4[i]);
    st->p = clamp(st->p + h / 6.0 * (k1 + 2.0 * (k2 + k3) + k4), P_MIN, P_MAX);
}

/** e, de and B(t) go from one half step to the next by constant factors. */
static stage stage_next(const rates *q, const stage *s, double half, double decay, double growth)
{
    stage n = { .b = s->b * growth, .years = s->years + half / TW_DAYS_PER_YEAR };
    if (q->on) {
        n.e = 1.0 - (1.0 - s->e) * decay;
        n.de = s->de * decay;
    } else {
        n.e = s->e * decay;
        n.de = (s->de - s->e * q->ke * half) * decay;
    }
    return n;
}

static void advance(state *st, const rates *q, double day)
{
    double span = day - st->day;
    if (!(span > 0.0))
        return;
    double count = ceil(span / STEP_DAY);
    double h = span / count, half = 0.5 * h;
    double decay = exp(-(q->on ? ON_RATE : q->ke) * half);
    double growth = exp(q->year * half / TW_DAYS_PER_YEAR);
    double years = st->day / TW_DAYS_PER_YEAR;
    stage s[3] = { { .e = st->e, .de = st->de, .b = q->b * exp(q->year * years), .years = years } };
    for (size_t i = 0; i < (size_t)count; i++) {
        s[1] = stage_next(q, &s[0], half, decay, growth);
        s[2] = stage_next(q, &s[1], half, decay, growth);
        if (st->sens)
            step_sens(st, q, s, h);
        else
            step(st, q, s, h);
        s[0] = s[2];
    }
    st->e = s[0].e;
    st->de = s[0].de;
    st->day = day;
}

/** Fold the carried directions into dP/dtheta and start them anew. */
static void compose(double *dp, state *st, const tw_psa_run *run, size_t dim)
{
    const double *w = st->w;
    size_t c = tw_psa_cycle_offset(run->cycle);
    for (size_t i = 0; i < dim; i++)
        dp[i] *= w[W_START];
    dp[TW_PSA_LN_R] += w[W_R];
    dp[TW_PSA_LN_B] += w[W_B];
    dp[TW_PSA_LN_G] += w[W_G];
    dp[TW_PSA_LN_K] += w[W_K];
    dp[TW_PSA_LN_KE] += w[W_KE];
    dp[TW_PSA_B_YEAR] += w[W_YEAR];
    dp[c + TW_PSA_D_B] += w[W_B];
    dp[c + TW_PSA_D_G] += w[W_G];
    dp[c + TW_PSA_D_K] += w[W_K];
    memset(st->w, 0, sizeof st->w);
    st->w[W_START] = 1.0;
}

static void jump(double *dp, state *st, const tw_psa_run *run, const double *theta, size_t dim)
{
    size_t j = tw_psa_cycle_offset(run->cycle) + (run->on ? TW_PSA_J_ON : TW_PSA_J_OFF);
    double factor = exp(clamp(theta[j], -12.0, 12.0));
    st->p = clamp(st->p * factor, P_MIN, P_MAX);
    if (!st->sens)
        return;
    for (size_t i = 0; i < dim; i++)
        dp[i] *= factor;
    dp[j] += st->p;
}

static double slope_at(const state *st, const rates *q)
{
    stage s = { .e = st->e, .b = q->b * exp(q->year * st->day / TW_DAYS_PER_YEAR) };
    return rhs(q, &s, st->p) / (st->p + TW_PSA_OFFSET);
}

void tw_psa_walk(double *lnf, double *jac, double *slope, const tw_psa_run *run, size_t n_run, const tw_psa_at *at,
                 size_t n_at, const double *theta, size_t dim)
{
    double dp[TW_PSA_DIM_MAX] = { 0.0 };
    state st = { .p = exp(clamp(theta[TW_PSA_LN_P0], -12.0, 14.0)), .sens = jac != NULL };
    TW_ASSERT(dim <= TW_PSA_DIM_MAX && dim >= tw_psa_dim(run[n_run - 1].cycle + 1));
    dp[TW_PSA_LN_P0] = st.p;
    st.w[W_START] = 1.0;
    size_t k = 0;
    for (size_t r = 0; r < n_run && k < n_at; r++) {
        rates q = rates_of(theta, &run[r]);
        if (r > 0)
            jump(dp, &st, &run[r], theta, dim);
        for (; k < n_at && at[k].run == r; k++) {
            advance(&st, &q, at[k].day);
            lnf[k] = log(st.p + TW_PSA_OFFSET);
            if (slope)
                slope[k] = slope_at(&st, &q);
            if (!jac)
                continue;
            compose(dp, &st, &run[r], dim);
            for (size_t i = 0; i < dim; i++)
                jac[k * dim + i] = dp[i] / (st.p + TW_PSA_OFFSET);
        }
        if (k < n_at && r + 1 < n_run) {
            advance(&st, &q, run[r].end_day);
            if (jac)
                compose(dp, &st, &run[r], dim);
        }
    }
}
