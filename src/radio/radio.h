/** Radiotherapy: what dose does to tumour and tissue, what a course was, what a tumour's volumes say of its growth and
 *  sensitivity, and which doses of the weeks that are left trade recurrence against toxicity best.
 *
 *  Pure: numbers and FHIR text in, numbers and FHIR text out. Units stand in the names: Gy, days, cm3. Decision support
 *  for research; nothing here is an order.
 *
 *  Sources: LQ and BED, Fowler, Br J Radiol 62 (1989) 679; incomplete repair, Thames, Int J Radiat Biol 47 (1985) 319;
 *  TCP, Webb and Nahum, Phys Med Biol 38 (1993) 653; gEUD, Niemierko, Med Phys 26 (1999) 1100; NTCP, Lyman, Radiat Res
 *  104 (1985) S13 and Kutcher and Burman, IJROBP 16 (1989) 1623; PSI, Prokopiou and others, Radiat Oncol 10 (2015) 159;
 *  CCR, Zahid and others, IJROBP 111 (2021) 754; superquantile, Rockafellar and Uryasev, J Risk 2 (2000) 21. */
#ifndef TW_RADIO_H
#define TW_RADIO_H

#include "base/base.h"
#include "format/format.h"
#include "model/model.h"

/* ---------------------------------------------------------------- linear-quadratic model */

/** Share of cells that survive one dose: exp(-alpha d - beta d^2). alpha per Gy, beta per Gy2. */
double tw_lq_survival(double alpha, double beta, double dose_gy);
/** Biologically effective dose of n equal doses: n d (1 + d / ab). ab = alpha/beta in Gy, > 0. */
double tw_bed(double n, double dose_gy, double ab_gy);
/** Dose in fractions of 2 Gy with the same effect: bed / (1 + 2 / ab). */
double tw_eqd2(double bed_gy, double ab_gy);
/** Thames' h_m of m equal doses a day, hours apart, tissue repairing with a half time: (2/m) (q/(1-q)) (m - (1-q^m)/
 *  (1-q)), q = exp(-ln 2 gap / half). 0 for m = 1. */
double tw_lq_incomplete_repair(unsigned per_day, double gap_h, double repair_half_h);
/** n d (1 + (1 + h_m) d / ab) */
double tw_bed_incomplete(double n, double dose_gy, double ab_gy, double h_m);
/** bed - ln 2 (T - Tk) / (alpha Tpot) for T > Tk, else bed. */
double tw_bed_repopulated(double bed_gy, double alpha, double days, double kick_off_days, double doubling_days);

/* ---------------------------------------------------------------- dose-volume histograms */

/** Differential: volume[i] receives dose_gy[i]; doses ascend. Volumes in any unit; every function below divides by
 *  their sum, but for tw_dvh_hottest. Borrowed arrays. */
typedef struct {
    const double *dose_gy;
    const double *volume;
    size_t n;
} tw_dvh;
#define TW_DVH_BINS_MAX 100000

/** Checks a histogram. fails TW_EPARSE: no bins, doses not ascending or negative, negative or no volume; TW_ELIMIT */
TW_NODISCARD tw_status tw_dvh_check(tw_ctx *cx, const tw_dvh *h);
/** From a cumulative one: at_least[i] receives at least i * bin_gy; never rises. A bin's dose is its middle. What the
 *  last bin still holds is at its lower edge. Arena. fails TW_EPARSE: it rises; TW_ELIMIT */
TW_NODISCARD tw_status tw_dvh_of_cumulative(tw_ctx *cx, tw_dvh *out, const double *at_least, size_t n, double bin_gy);
/** at_least[i] (n of them, arena): share that receives at least i * bin_gy; the last one is 0. */
TW_NODISCARD tw_status tw_dvh_cumulative(tw_ctx *cx, double **at_least, size_t *n, const tw_dvh *h, double bin_gy);
/** Each bin's total dose, given in `fractions` equal parts, as EQD2. Arena. Do this before gEUD when d is not 2 Gy. */
TW_NODISCARD tw_status tw_dvh_eqd2(tw_ctx *cx, tw_dvh *out, const tw_dvh *h, double fractions, double ab_gy);
double tw_dvh_mean(const tw_dvh *h);
/** Dx%: highest dose that at least `percent` of the volume receives. percent in (0, 100]. */
double tw_dvh_dose_to(const tw_dvh *h, double percent);
/** Vx: share of the volume that receives at least dose_gy. */
double tw_dvh_volume_at(const tw_dvh *h, double dose_gy);
/** D2cc and its kin: highest dose that the hottest `cm3` receive at least; volumes are cm3. NaN: less volume than
 *  that. */
double tw_dvh_hottest(const tw_dvh *h, double cm3);
/** (sum v_i D_i^a)^(1/a), a != 0; a tumour has a < 0. */
double tw_geud(const tw_dvh *h, double a);

/* ---------------------------------------------------------------- outcome */

typedef struct {
    double clonogens; /* per unit of relative volume: all of them when volumes sum to one */
    double alpha, beta;
    double fractions;
    double days, kick_off_days, doubling_days; /* doubling_days 0: no repopulation */
} tw_tcp;
/** Poisson: exp(-sum N v_i exp(-n (a d_i + b d_i^2) + ln 2 (T - Tk) / Tpot)); h: dose a fraction. */
double tw_tcp_poisson(const tw_tcp *p, const tw_dvh *h);
/** 1 / (1 + (TCD50 / EUD)^(4 gamma50)) */
double tw_tcp_logistic(double eud_gy, double tcd50_gy, double gamma50);

typedef struct {
    double n, m, td50_gy;
} tw_lkb;
/** Lyman, Kutcher, Burman: Phi((gEUD - TD50) / (m TD50)), gEUD with a = 1 / n. */
double tw_ntcp_lkb(const tw_lkb *p, const tw_dvh *h);

/* ---------------------------------------------------------------- growth and kill */

/** Growth over dt days in closed form; dt < 0 goes back. */
double tw_grow_exponential(double v, double rate, double dt);
double tw_grow_logistic(double v, double rate, double k, double dt);
double tw_grow_gompertz(double v, double rate, double k, double dt); /* k exp(ln(v / k) exp(-rate dt)) */

/** What a fraction does. s = exp(-alpha d - beta d^2), gamma = 1 - s.
 *  DVR: V+ = s V. PSI: V+ = V - gamma V (1 - V / K). CCR: K+ = s K and V goes on: delta = gamma. */
typedef enum { TW_KILL_DVR, TW_KILL_PSI, TW_KILL_CCR } tw_kill;
#define TW_KILL_COUNT 3
const char *tw_kill_name(tw_kill k); /* "dvr" */

/** One fraction. */
typedef struct {
    double day;
    double dose_gy;
} tw_fraction;
#define TW_FRACTIONS_MAX 400

/** Logistic tumours side by side, a lane each; per-lane parameters, one common schedule. */
typedef struct {
    size_t n;
    double *v, *k;       /* state: cm3; k falls under CCR */
    const double *rate;  /* per day */
    const double *alpha; /* per Gy */
    double ab_gy;
    tw_kill kill;
} tw_lanes;
/** All lanes over dt days, or one fraction. The same bits for any n and order of lanes. */
void tw_lanes_grow(tw_lanes *l, double dt);
void tw_lanes_fraction(tw_lanes *l, double dose_gy);
/** From `day` to each time in turn: volume[t * n + lane] before what is given at that very time. Fractions and times
 *  ascend; fractions before `day` are passed over, those after the last time are left out. */
void tw_lanes_walk(tw_lanes *l, double *volume, double day, const double *time, size_t times,
                   const tw_fraction *fraction, size_t fractions);

/* ---------------------------------------------------------------- courses and volumes from FHIR */

/** Reads mCODE 4 course summaries and CodeX Radiation Therapy 2 phases, prescriptions by plan, and tumour volumes.
 *
 *  - A resource that stands several times under different ids with one official identifier is one: its newest
 *    meta.lastUpdated, then meta.versionId.
 *  - Plans that are revoked, and what is entered in error or not done, are passed over.
 *  - cGy and Gy; any other unit is refused by name.
 *  - Doses come from phases, in the order of their start; from the course summary where a volume has none.
 *  - LQ is refused, with the reason, for permanent seeds, unknown or unequal fractions, and over TW_LQ_DOSE_MAX a
 *    fraction.
 *  Text is borrowed from what was read, or in the arena. */
#define TW_LQ_DOSE_MAX 30.0
#define TW_RT_SEGMENTS_MAX 32
#define TW_RT_RESOURCES_MAX 65536

typedef struct {
    uint32_t fractions;
    double total_cgy;
    uint64_t start_s; /* of the phase, else of the course; 0: not told */
} tw_rt_segment;

typedef struct {
    tw_str patient; /* reference as it stands */
    tw_str course;  /* id of its newest snapshot */
    tw_str status;
    tw_str volume; /* id */
    tw_str modality;
    uint64_t start_s; /* 0: not told */
    tw_rt_segment segment[TW_RT_SEGMENTS_MAX];
    size_t segments;
    double total_cgy; /* of the course summary */
    uint32_t fractions;
    bool phases_agree; /* sum of phases = the summary */
    bool likely_duplicate; /* same patient, volume, start, dose as a course before it */
    const char *no_lq;     /* NULL, or why LQ must not be used */
} tw_rt_row;

/** A dose as it stands in a resource: nothing is merged, nothing left out. NaN and 0: not told. */
typedef enum { TW_RT_DELIVERED, TW_RT_PRESCRIBED, TW_RT_PLANNED } tw_rt_dose_kind;
const char *tw_rt_dose_kind_name(tw_rt_dose_kind k); /* "delivered" */
typedef struct {
    tw_rt_dose_kind kind;
    tw_str patient, type, id, status, start, volume;
    double total_cgy, fraction_cgy;
    uint32_t fractions;
} tw_rt_dose;

typedef struct {
    double day_s; /* seconds since 1970 */
    double cm3;
    tw_str patient;
} tw_rt_volume;

/** Codes of observations that are tumour volumes: "system|code", or a code alone. */
typedef struct {
    const tw_str *volume_code;
    size_t volume_codes;
    bool ndjson; /* else one Bundle or one resource */
} tw_rt_opts;

typedef struct {
    const tw_rt_row *row;
    size_t rows;
    const tw_rt_dose *dose; /* in the order they stand */
    size_t doses;
    const tw_rt_volume *volume; /* by patient, then time */
    size_t volumes;
    size_t superseded; /* snapshots that were not the newest */
    size_t passed_over; /* revoked, in error, not done */
} tw_rt;

/** fails TW_EPARSE (JSON, units: the position of the resource, never a value), TW_ELIMIT */
TW_NODISCARD tw_status tw_rt_read(tw_ctx *cx, tw_rt *out, tw_str text, const tw_rt_opts *opts);
/** EQD2 of a row, segment by segment. fails TW_EREFUSED: no_lq */
TW_NODISCARD tw_status tw_rt_eqd2(tw_ctx *cx, double *eqd2_gy, const tw_rt_row *row, double ab_gy);

/* ---------------------------------------------------------------- calibration */

struct tw_radio_obs;
/** Fractions of a row, one a weekday from each phase's start on; a phase without one follows the phase before it. Day
 *  0, a UTC day in seconds since 1970 (*day0_s), is that of the first fraction. FHIR tells each fraction's own day only
 *  in treated fractions, which few systems send: holidays and pauses are not seen.
 *  fails TW_EREFUSED no_lq; TW_ENOTFOUND no start is told; TW_ELIMIT */
TW_NODISCARD tw_status tw_rt_schedule(tw_ctx *cx, tw_fraction out[TW_FRACTIONS_MAX], size_t *n, uint64_t *day0_s,
                                      const tw_rt_row *row);
/** Volumes of a patient in days from day0_s, ready for tw_radio_fit; noise is what the release told of it, in cm3.
 *  fails TW_ELIMIT: more than TW_RADIO_OBS_MAX */
TW_NODISCARD tw_status tw_rt_observations(tw_ctx *cx, struct tw_radio_obs *out, size_t *n, const tw_rt *rt,
                                          tw_str patient, uint64_t day0_s, const tw_noise *noise);

/** Parameters of a patient, in this order; the first two on the natural log, PSI on the logit, V0 on the log. V0:
 *  volume at day 0, the first fraction; K = V0 / PSI. */
typedef enum { TW_RP_RATE, TW_RP_ALPHA, TW_RP_PSI, TW_RP_V0 } tw_radio_param;
#define TW_RADIO_DIM 4

/** Independent normals on the scales above. */
typedef struct {
    double mean[TW_RADIO_DIM];
    double sd[TW_RADIO_DIM];
    double ab_gy;    /* tumour's alpha/beta, known */
    double log_sd;   /* of a measured volume, on the log */
    tw_kill kill;
} tw_radio_prior;
/** Glioblastoma: examples/radiotherapy says where it comes from. */
extern const tw_radio_prior tw_radio_prior_glioma;

typedef struct tw_radio_obs {
    double day; /* < 0: before the first fraction */
    double cm3; /* > 0 */
    double added_sd; /* noise that the release added, cm3; 0: none */
    double rounded;  /* width to which the release rounded, cm3; 0: none. The likelihood is that of the interval */
} tw_radio_obs;
#define TW_RADIO_OBS_MAX 64

typedef struct {
    size_t draws;
    double *theta; /* draws x TW_RADIO_DIM; arena */
    double map[TW_RADIO_DIM];
    double sd[TW_RADIO_DIM]; /* of the draws */
    double ess;      /* of the importance sample, in draws of `proposals` */
    size_t proposals;
    unsigned tempered; /* steps of tempering; 0: the importance sample was good enough */
    double log_evidence; /* ln of the marginal likelihood */
    size_t by_law[TW_KILL_COUNT]; /* draws of each law, in the order of tw_kill: theta stands in that order */
    double weight[TW_KILL_COUNT]; /* probability of each law */
} tw_radio_posterior;

/** Mode by damped Gauss-Newton, then a sample: multivariate t with 6 degrees of freedom at the mode, weights truncated
 *  at mean sqrt(M), resampled; where less than a tenth of it is effective, tempered with random-walk moves between
 *  (Neal 2001; Del Moral 2006). obs may be empty: draws of the prior.
 *  fails TW_EPARSE: a volume that is not above 0, days not ascending; TW_ELIMIT; TW_EFAILED: no mode */
TW_NODISCARD tw_status tw_radio_fit(tw_ctx *cx, tw_radio_posterior *out, const tw_radio_prior *prior,
                                    const tw_radio_obs *obs, size_t n, const tw_fraction *given, size_t fractions,
                                    size_t draws, uint64_t seed);
/** Several laws at once, equally likely before the volumes are seen: each is fitted, weighed by its evidence, and gives
 *  its part of the draws (Hoeting and others, Stat Sci 14 (1999) 382). Which law holds is what volumes say least about,
 *  and a plan hangs on it. map, sd and ess are those of the likeliest law. prior->kill is not used. */
TW_NODISCARD tw_status tw_radio_fit_laws(tw_ctx *cx, tw_radio_posterior *out, const tw_radio_prior *prior,
                                         const tw_kill *law, size_t laws, const tw_radio_obs *obs, size_t n,
                                         const tw_fraction *given, size_t fractions, size_t draws, uint64_t seed);
/** Draws of the prior. */
TW_NODISCARD tw_status tw_radio_prior_draws(tw_ctx *cx, tw_radio_posterior *out, const tw_radio_prior *prior,
                                            size_t draws, uint64_t seed);
/** Days from the first fraction to the return of V0 after the last fraction, for each draw; at least the last
 *  fraction's day. fails TW_EREFUSED: CCR, whose K does not recover, has no progression */
TW_NODISCARD tw_status tw_radio_progression(tw_ctx *cx, double *days, const tw_radio_prior *law, const double *theta,
                                            size_t draws, const tw_fraction *given, size_t fractions);

/** The same for a posterior, each draw by its own law. */
TW_NODISCARD tw_status tw_radio_posterior_progression(tw_ctx *cx, double *days, const tw_radio_prior *prior,
                                                      const tw_radio_posterior *p, const tw_fraction *given,
                                                      size_t fractions);

/* ---------------------------------------------------------------- adaptive planning */

/** A week's treatment: fractions (0 to 5, from Monday on) of one dose. */
typedef struct {
    unsigned fractions;
    double dose_gy;
} tw_week;
#define TW_PLAN_WEEKS 8
typedef struct {
    tw_week week[TW_PLAN_WEEKS];
    size_t weeks;
} tw_plan;
/** 30 x 2 Gy in six weeks. */
extern const tw_plan tw_plan_standard;
/** Its fractions; day 0 is the Monday of the first week. *n <= TW_FRACTIONS_MAX. */
void tw_plan_fractions(tw_fraction out[TW_FRACTIONS_MAX], size_t *n, const tw_plan *p);
double tw_plan_dose(const tw_plan *p);
double tw_plan_bed(const tw_plan *p, double ab_gy);
/** A plan as people write it: "5x2 5x2 3x3.3". Arena. */
tw_str tw_plan_text(tw_ctx *cx, const tw_plan *p);

/** Healthy tissue: doses relative to the prescription; each bin's EQD2 is the sum over weeks. */
typedef struct {
    tw_dvh relative;
    tw_lkb lkb;
    double ab_gy;
} tw_tissue;
extern const tw_tissue tw_tissue_brain;
double tw_plan_ntcp(const tw_plan *p, const tw_tissue *t);

typedef struct {
    tw_plan given;         /* weeks that are past */
    size_t weeks;          /* of the whole plan */
    const tw_week *option; /* what a week that is left may be */
    size_t options;
    double bed3_max;
    double ntcp_max;
    double dose_min_gy, dose_max_gy; /* of the whole plan */
    const tw_tissue *tissue;
    double horizon_days;  /* of the recurrence risk */
    double tail;          /* a of the superquantile, [0, 1); 0: the mean */
} tw_plan_opts;
/** What the clinic may choose from when it says nothing else: 0, 5 x 1 to 3.6 Gy, 3 x 3 Gy. */
extern const tw_week tw_week_options[];
extern const size_t tw_week_option_count;
tw_plan_opts tw_plan_opts_usual(void);

/** Risk of a draw: share of the horizon spent after progression, max(0, H - TTP) / H. Risk of a plan: its superquantile
 *  over the draws, min_t t + E (q - t)+ / (1 - a): the mean of the worst 1 - a. */
typedef struct {
    tw_plan plan;
    double risk;
    double bed3;
    double ntcp;
    bool on_front; /* no plan within the bounds has less risk and no more BED3 */
} tw_choice;
typedef struct {
    tw_choice *choice; /* all plans within the bounds, BED3 ascending; the arena's */
    size_t n;
    tw_choice standard; /* within the bounds or not */
} tw_front;
#define TW_CHOICES_MAX 200000
/** Superquantile of n values, which are sorted. */
double tw_superquantile(double *q, size_t n, double tail);
/** All plans. The laws are those of the draws; of `prior` alpha/beta is used.
 *  fails TW_EREFUSED (CCR), TW_ELIMIT, TW_ENOTFOUND (no plan is within the bounds) */
TW_NODISCARD tw_status tw_plan_front(tw_ctx *cx, tw_front *out, const tw_radio_posterior *p,
                                     const tw_radio_prior *prior, const tw_plan_opts *opts);
/** The plan with the least risk + price * BED3; ties: the lower BED3. price >= 0 in risk per Gy. */
const tw_choice *tw_front_choose(const tw_front *f, double price);

/** What a volume did to the decision: fit and choose again without it. */
typedef struct {
    size_t obs;       /* which was left out */
    tw_plan plan;     /* chosen without it */
    double dose_change_gy; /* of the decision with it, less without */
    double risk_change; /* risk of the decision without it, as seen with all data, less that of the decision */
    double shift_sd[TW_RADIO_DIM]; /* of the posterior's mean, in sds of the one with all data */
} tw_influence;
/** out[n]. */
TW_NODISCARD tw_status tw_plan_explain(tw_ctx *cx, tw_influence *out, const tw_radio_prior *prior,
                                       const tw_radio_obs *obs, size_t n, const tw_fraction *given, size_t fractions,
                                       const tw_plan_opts *opts, double price, size_t draws, uint64_t seed);

/** SVG of a front: BED3 against risk, the standard plan and the choice marked. */
void tw_front_svg(tw_buf *out, const tw_front *f, const tw_choice *chosen, bool standalone);

/* ---------------------------------------------------------------- study in silico */

typedef enum { TW_TRUTH_DVR, TW_TRUTH_PSI, TW_TRUTH_CCR } tw_truth;
/** What must not rise: the cohort's mean BED3 in Gy, or its mean NTCP in per cent. */
typedef enum { TW_TOXICITY_BED3, TW_TOXICITY_NTCP } tw_toxicity;
typedef struct {
    size_t patients;
    size_t draws;
    tw_truth truth;
    bool average; /* the twin averages DVR and PSI; else it takes DVR for the truth */
    tw_toxicity toxicity;
    double tail;   /* of the superquantile that the twin minimises */
    double budget; /* of mean toxicity; 0: that of the standard plan */
    uint64_t seed;
    size_t bootstraps; /* 0: 2,000 */
} tw_study_opts;

/** Mean over the cohort and 95 % interval of a bootstrap over patients. */
typedef struct {
    double mean, lo, hi;
} tw_estimate;
/** One way to treat the cohort. risk: mean of the true share of a year after progression; risk_worst: of the fifth of
 *  the patients with most of it. */
typedef struct {
    double risk, risk_worst, bed3, ntcp, ttp_median, dose_gy;
} tw_study_arm;
typedef struct {
    size_t patients;
    tw_toxicity toxicity;
    tw_study_arm standard;
    tw_study_arm adapted; /* keeps the budget */
    tw_study_arm fixed;   /* best fixed plan, found with the truth in hand, of exactly adapted's mean toxicity */
    tw_study_arm oracle;  /* knows each truth; no more mean toxicity than adapted */
    tw_plan fixed_plan;
    double price; /* of toxicity, in risk a unit, at which adapted spends its budget */
    tw_estimate gain;   /* risk of fixed less adapted */
    tw_estimate share;  /* of the oracle's gain: gain / (fixed - oracle) */
    tw_estimate regret; /* adapted less oracle */
    double below_standard; /* share of patients with less risk than under the standard plan, */
    double above_standard; /* with more */
    double cover50, cover90; /* of the time to progression under the standard plan */
    double cover90_adapted;  /* the same under the plan chosen */
    double crps, crps_prior, crps_skill; /* days; standard plan */
    double pit_ks;
    double ess_min;       /* share of proposals */
    size_t tempered;      /* patients whose sample was tempered */
    double evidence[3];   /* of the volumes' logs, ln: 1 %, 5 %, 50 % of the patients have less */
    double psi_weight;    /* mean probability of PSI, where the twin averages */
    double prior_ess_min; /* what sampling from the prior would have had: effective draws of as many */
    size_t curve_n;       /* the front of the cohort: budgets of toxicity against risk */
    double curve_budget[32], curve_adapted[32], curve_fixed[32], curve_oracle[32];
} tw_study;
TW_NODISCARD tw_status tw_radio_study(tw_ctx *cx, tw_study *out, const tw_study_opts *opts);
/** SVG of the cohort's front, the standard plan marked. */
void tw_study_svg(tw_buf *out, const tw_study *s, bool standalone);

/* ---------------------------------------------------------------- FHIR out */

/** No identifiers, no dates but `when`: subject is the reference the caller gives (a pseudonym), model and data are
 *  named by digests. */
typedef struct {
    tw_str subject; /* "Patient/..." */
    tw_str when;    /* RFC 3339 */
    tw_str model;   /* name and version */
    tw_str model_digest; /* hex */
    tw_str data_digest;  /* hex */
} tw_radio_stamp;
/** RiskAssessment: probability of progression by the horizon under the plan, interval of its time, method, basis. days:
 *  draws of the time to progression, sorted here. */
TW_NODISCARD tw_status tw_radio_risk_fhir(tw_ctx *cx, tw_buf *out, double *days, size_t n, double horizon_days,
                                          const tw_radio_stamp *stamp);
/** CarePlan with intent proposal, status draft: a week an activity, risk and toxicity in its note, the standard plan
 *  beside it. */
TW_NODISCARD tw_status tw_radio_plan_fhir(tw_ctx *cx, tw_buf *out, const tw_choice *chosen, const tw_choice *standard,
                                          double horizon_days, const tw_radio_stamp *stamp);

#endif
