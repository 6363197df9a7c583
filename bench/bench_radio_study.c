/* Radiotherapy in silico: adapting weeks 4 to 6 of a course to a tumour's volumes, against the standard course and the
 * best fixed one of equal toxicity, on cohorts whose truth is known.
 * Usage: bench_radio_study [--patients N] [--draws N] [--seed N] [--svg FILE] [--patient FILE]
 *
 * Prints the Markdown tables of examples/radiotherapy; --svg writes the front of the first cohort, --patient that of
 * the patient whose decision is explained. */
#include "figure.h"
#include "io/io.h"
#include "radio/radio.h"

typedef struct {
    tw_truth truth;
    bool average;
    tw_toxicity toxicity;
    double tail;
    const char *name;
} scenario;

static const scenario scenarios[] = {
    { TW_TRUTH_DVR, true, TW_TOXICITY_BED3, 0.0, "Truth DVR, twin DVR + PSI, equal BED3, least expected risk" },
    { TW_TRUTH_PSI, true, TW_TOXICITY_BED3, 0.0, "Truth PSI, twin DVR + PSI, equal BED3, least expected risk" },
    { TW_TRUTH_DVR, true, TW_TOXICITY_NTCP, 0.0, "Truth DVR, twin DVR + PSI, equal NTCP, least expected risk" },
    { TW_TRUTH_PSI, true, TW_TOXICITY_NTCP, 0.0, "Truth PSI, twin DVR + PSI, equal NTCP, least expected risk" },
    { TW_TRUTH_CCR, true, TW_TOXICITY_BED3, 0.0, "Truth CCR, twin DVR + PSI, equal BED3, least expected risk" },
    { TW_TRUTH_DVR, true, TW_TOXICITY_BED3, 0.5, "Truth DVR, twin DVR + PSI, equal BED3, least superquantile .5" },
    { TW_TRUTH_DVR, true, TW_TOXICITY_BED3, 0.8, "Truth DVR, twin DVR + PSI, equal BED3, least superquantile .8" },
    { TW_TRUTH_DVR, false, TW_TOXICITY_BED3, 0.0, "Truth DVR, twin DVR alone, equal BED3, least expected risk" },
    { TW_TRUTH_PSI, false, TW_TOXICITY_BED3, 0.0, "Truth PSI, twin DVR alone, equal BED3, least expected risk" },
};

static void arm(const char *name, const tw_study_arm *a)
{
    printf("| %s | %.4f | %.4f | %.2f | %.2f %% | %.1f | %.0f |\n", name, a->risk, a->risk_worst, a->bed3,
           100.0 * a->ntcp, a->dose_gy, a->ttp_median);
}

static void line(const char *name, const tw_estimate *e, double scale, const char *unit)
{
    printf("- %s: %.3g%s (%.3g to %.3g)\n", name, scale * e->mean, unit, scale * e->lo, scale * e->hi);
}

static void report(const scenario *c, const tw_study *s, tw_ctx *cx, double seconds)
{
    printf("\n### %s\n\n", c->name);
    printf("| arm | risk | of the worst fifth | BED3, Gy | NTCP | dose, Gy | median TTP, d |\n"
           "|---|---|---|---|---|---|---|\n");
    arm("30 x 2 Gy", &s->standard);
    arm("best fixed plan of equal toxicity", &s->fixed);
    arm("adapted", &s->adapted);
    arm("oracle", &s->oracle);
    tw_str plan = tw_plan_text(cx, &s->fixed_plan);
    printf("\n- best fixed plan: " TW_FMT "\n", TW_ARG(plan));
    line("gain against it", &s->gain, 365.0, " days of a year");
    line("share of the oracle's gain", &s->share, 100.0, " %");
    line("regret", &s->regret, 365.0, " days of a year");
    printf("- less risk than under 30 x 2 Gy: %.0f %% of patients, more: %.0f %%\n", 100.0 * s->below_standard,
           100.0 * s->above_standard);
    printf("- time to progression: 50 %% interval holds %.3f, 90 %% %.3f (adapted plan %.3f), PIT KS %.3f\n",
           s->cover50, s->cover90, s->cover90_adapted, s->pit_ks);
    printf("- CRPS %.1f d, prior %.1f d: %.1f %% better\n", s->crps, s->crps_prior, 100.0 * s->crps_skill);
    printf("- importance sample: at least %.0f %% effective, %zu of %zu tempered; from the prior %.1f of 2,000\n",
           100.0 * s->ess_min, s->tempered, s->patients, s->prior_ess_min);
    printf("- ln evidence: median %.2f, 5 %% below %.2f, 1 %% below %.2f\n", s->evidence[2], s->evidence[1],
           s->evidence[0]);
    printf("- mean probability of PSI: %.2f\n- %.1f s on one core\n", s->psi_weight, seconds);
}

/** A chart: of a front when there is one, else of a cohort. NULL: not wanted. */
static void write_svg(tw_ctx *cx, const char *path, const tw_study *s, const tw_front *f, const tw_choice *chosen)
{
    tw_buf b;
    if (!path)
        return;
    tw_buf_init(&b, TW_MIB);
    if (f)
        tw_front_svg(&b, f, chosen, true);
    else
        tw_study_svg(&b, s, true);
    must(cx, tw_buf_check(cx, &b, "chart"));
    must(cx, tw_file_write(cx, path, tw_buf_view(&b)));
    tw_buf_done(&b);
}

/* Volumes made up: a tumour that grows, then shrinks slowly. */
static const tw_radio_obs volumes[] = { { .day = -21, .cm3 = 26.8 },
                                        { .day = 0, .cm3 = 30.2 },
                                        { .day = 7, .cm3 = 17.5 },
                                        { .day = 14, .cm3 = 6.6 },
                                        { .day = 21, .cm3 = 1.7 } };

static void influence(tw_ctx *cx, const tw_influence *e)
{
    tw_str plan = tw_plan_text(cx, &e->plan);
    printf("| day %.0f | " TW_FMT " | %+.1f | %+.4f | %+.2f | %+.2f |\n", volumes[e->obs].day, TW_ARG(plan),
           e->dose_change_gy, e->risk_change, e->shift_sd[TW_RP_RATE], e->shift_sd[TW_RP_ALPHA]);
}

static void one_patient(tw_ctx *cx, double price, size_t draws, const char *svg)
{
    enum { N = TW_COUNT(volumes) };
    tw_plan_opts o = tw_plan_opts_usual();
    tw_radio_posterior p;
    tw_front f;
    tw_influence why[N];
    tw_fraction given[TW_FRACTIONS_MAX];
    size_t n;
    o.tail = 0.0;
    tw_plan_fractions(given, &n, &o.given);
    must(cx, tw_radio_fit(cx, &p, &tw_radio_prior_glioma, volumes, N, given, n, draws, 1));
    must(cx, tw_plan_front(cx, &f, &p, &tw_radio_prior_glioma, &o));
    must(cx, tw_plan_explain(cx, why, &tw_radio_prior_glioma, volumes, N, given, n, &o, price, draws, 1));
    const tw_choice *c = tw_front_choose(&f, price);
    tw_str plan = tw_plan_text(cx, &c->plan);
    printf("\n### One patient\n\nAt the price of the first cohort (%.4f a Gy of BED3): " TW_FMT ", risk %.3f, "
           "BED3 %.1f Gy, NTCP %.2f %%; 30 x 2 Gy: risk %.3f, BED3 %.1f Gy, NTCP %.2f %%.\n\n",
           price, TW_ARG(plan), c->risk, c->bed3, 100.0 * c->ntcp, f.standard.risk, f.standard.bed3,
           100.0 * f.standard.ntcp);
    printf("| left out | plan then | dose, Gy | risk | ln rate, sd | ln alpha, sd |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < N; i++)
        influence(cx, &why[i]);
    write_svg(cx, svg, NULL, &f, c);
}

int main(int argc, char **argv)
{
    uint64_t patients = 1000, draws = 400, seed = 1;
    const char *svg = NULL, *patient = NULL;
    double price = 0.0;
    tw_env env = tw_io_env();
    for (int i = 1; i + 1 < argc; i += 2) {
        tw_str v = tw_str_of(argv[i + 1]);
        if (strcmp(argv[i], "--patients") == 0 && tw_parse_u64(&patients, v))
            continue;
        if (strcmp(argv[i], "--draws") == 0 && tw_parse_u64(&draws, v))
            continue;
        if (strcmp(argv[i], "--seed") == 0 && tw_parse_u64(&seed, v))
            continue;
        if (strcmp(argv[i], "--svg") == 0)
            svg = argv[i + 1];
        if (strcmp(argv[i], "--patient") == 0)
            patient = argv[i + 1];
    }
    tw_base_start();
    printf("%llu patients, %llu draws, seed %llu\n", (unsigned long long)patients, (unsigned long long)draws,
           (unsigned long long)seed);
    for (size_t i = 0; i < TW_COUNT(scenarios); i++) {
        static tw_study s;
        tw_ctx cx;
        tw_ctx_init(&cx, 2048 * TW_MIB, &env);
        double start = core_seconds();
        tw_study_opts o = { .patients = patients, .draws = draws, .truth = scenarios[i].truth,
                            .average = scenarios[i].average,
                            .toxicity = scenarios[i].toxicity, .tail = scenarios[i].tail, .seed = seed };
        must(&cx, tw_radio_study(&cx, &s, &o));
        report(&scenarios[i], &s, &cx, core_seconds() - start);
        write_svg(&cx, i == 0 ? svg : NULL, &s, NULL, NULL);
        price = i == 0 ? s.price : price;
        tw_ctx_done(&cx);
    }
    tw_ctx cx;
    tw_ctx_init(&cx, 512 * TW_MIB, &env);
    one_patient(&cx, price, draws, patient);
    tw_ctx_done(&cx);
    return 0;
}
