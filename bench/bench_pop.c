/* Population fits, their precision, and forecasts of published patients; the tables of models/theophylline,
 * models/warfarin and models/phenobarbital.
 * Usage: bench_pop MODEL TABLE.csv [--population] [--cov FACTOR] [--noise FACTOR_OF_OUTPUT_1 [FACTOR_OF_OUTPUT_2]]
 *
 * --population prints the population that forecasts use and stops, as in models/MODEL/population.tsv: by FOCEI, for
 * warfarin by EM. --cov and --noise: calibration of the forecasts (tw_pop_calibration); else none. */
#include <math.h>

#include "input.h"
#include "pop/pop.h"

static tw_ctx cx;

static void show_population(const char *title, const tw_pop_model *m, const tw_pop_population *p,
                            const tw_pop_person *people, double seconds)
{
    double phi[TW_POP_PAR_MAX], exact;
    must(&cx, tw_pop_exact(&cx, &exact, m, p, people, p->people, 5000, 1));
    printf("\n%s: %u people, %u values, objective %.4f (without approximation %.2f), %.0f ms\n\n"
           "| parameter | typical | transformed | variance of eta |\n|---|---|---|---|\n",
           title, p->people, p->obs, p->ofv, exact, 1e3 * seconds);
    tw_pop_natural(phi, m, p->mean);
    for (size_t i = 0; i < m->n_par; i++)
        printf("| %s (%s) | %.4g | %.5f | %.5f |\n", m->par[i].name, m->par[i].unit, phi[i], p->mean[i],
               p->cov[i * (m->n_par + 1)]);
    printf("\n");
    for (size_t o = 0; o < m->n_output; o++)
        printf("Error of %s: additive %.4f, proportional %.4f\n", m->output[o], p->add[o], p->prop[o]);
    fflush(stdout);
}

static void show_precision(const tw_pop_model *m, const tw_pop_population *p, const tw_pop_person *people)
{
    tw_pop_precision r;
    must(&cx, tw_pop_precision_of(&cx, &r, m, p, people, p->people));
    printf("\nCondition %.0f, %sidentified; standard errors:", r.condition, r.identified ? "" : "not ");
    for (size_t i = 0; i < r.n; i++)
        printf(" %.3f", r.se[i]);
    printf("\n");
}

/** Directions that each person's data tell. */
static void show_identity(const tw_pop_model *m, const tw_pop_population *p, const tw_pop_person *people, size_t n)
{
    double told = 0.0, shrinkage[TW_POP_PAR_MAX] = { 0.0 };
    size_t variable = 0;
    for (size_t i = 0; i < n; i++) {
        tw_pop_identity id;
        must(&cx, tw_pop_identify(&cx, &id, m, p, &people[i]));
        variable = id.n;
        told += (double)id.told / (double)n;
        for (size_t k = 0; k < id.n; k++)
            shrinkage[k] += id.shrinkage[k] / (double)n;
    }
    printf("\nOf %zu directions a person's data tell %.1f in the mean; share of variance removed, by parameter:",
           variable, told);
    for (size_t k = 0; k < variable; k++)
        printf(" %.2f", shrinkage[k]);
    printf("\n");
}

static void show_scores(const tw_pop_model *m, const tw_pop_crossval_result *r)
{
    for (uint32_t o = 0; o < m->n_output; o++) {
        printf("\n%s, %zu values forecast\n\n", m->output[o], r->score[o][0].n);
        printf("| method | CRPS | skill (95 %%) | RMSE | in 50 %% | in 90 %% | log score | PIT KS |\n");
        printf("|---|---|---|---|---|---|---|---|\n");
        for (size_t k = 0; k < TW_POP_NMETHOD; k++) {
            const tw_pop_score *s = &r->score[o][k];
            printf("| %s | %.3f | %.1f %% (%.1f to %.1f) | %.3f | %.2f | %.3f | %.2f | %.2f |\n",
                   tw_pop_method_name((tw_pop_method)k), s->crps, 100.0 * s->skill, 100.0 * s->skill_lo,
                   100.0 * s->skill_hi, s->rmse, s->cover50, s->cover90, s->log_score, s->pit_ks);
        }
        printf("\nPIT histogram of the twin:");
        for (size_t b = 0; b < 10; b++)
            printf(" %u", r->score[o][TW_POP_TWIN].pit[b]);
        printf("\n");
    }
}

/** By output 1 and origin: where the gain comes from. */
static void show_origins(const tw_pop_model *m, const tw_pop_crossval_result *r, const tw_pop_crossval_opts *o)
{
    printf("\n| origin | ");
    for (size_t k = 0; k < m->n_output; k++)
        printf("skill of %s | ", m->output[k]);
    printf("\n|---|%s\n", m->n_output > 1 ? "---|---|" : "---|");
    for (uint32_t k = 0; k < o->n_origin; k++) {
        printf("| %g |", o->origin[k]);
        for (uint32_t out = 0; out < m->n_output; out++) {
            double twin = 0.0, pop = 0.0;
            for (size_t i = 0; i < r->n_point; i++) {
                if (r->point[i].origin != k || r->point[i].output != out)
                    continue;
                twin += r->point[i].crps[TW_POP_TWIN];
                pop += r->point[i].crps[TW_POP_POPULATION];
            }
            printf(" %.1f %% |", 100.0 * (1.0 - twin / pop));
        }
        printf("\n");
    }
}

static void crossval(const tw_pop_model *m, const tw_pop_person *p, size_t n, const tw_pop_calibration *c)
{
    static const double origin_w[] = { 36.0, 48.0, 72.0, 96.0 }, origin_t[] = { 4.0, 8.0 }, origin_p[] = { 24.0, 72.0 };
    tw_pop_crossval_opts o = { .seed = 1, .start = tw_pop_start(m), .calibration = *c };
    tw_pop_crossval_result r;
    bool w = m == tw_pop_warfarin(), t = m == tw_pop_theophylline();
    o.origin = w ? origin_w : t ? origin_t : origin_p;
    o.n_origin = w ? TW_COUNT(origin_w) : 2;
    double begin = core_seconds();
    must(&cx, tw_pop_crossval(&cx, &r, m, p, n, &o));
    printf("\nFive-fold by person, fitted by EM, covariance x %g, noise x %g and %g, %.1f s\n", c->cov, c->noise[0],
           c->noise[1], core_seconds() - begin);
    show_scores(m, &r);
    show_origins(m, &r, &o);
}

/** Calibration found without the people it is tried on: five folds, and five within each. */
static void nested(const tw_pop_model *m, const tw_pop_person *p, size_t n, double cov)
{
    static const double origin[] = { 36.0, 48.0, 72.0, 96.0 };
    tw_pop_crossval_result all = { .n_point = 0 };
    size_t room = 0;
    for (size_t i = 0; i < n; i++)
        room += p[i].n_obs * TW_COUNT(origin);
    all.point = tw_try_array(cx.arena, tw_pop_point, room);
    printf("\nCalibration found within the other folds (noise of each output):");
    for (size_t fold = 0; fold < 5; fold++) {
        tw_pop_person *train = tw_try_array(cx.arena, tw_pop_person, n);
        tw_pop_person *test = tw_try_array(cx.arena, tw_pop_person, n);
        size_t n_train = 0, n_test = 0;
        tw_pop_crossval_opts o = { .origin = origin, .n_origin = TW_COUNT(origin), .seed = 1, .start = tw_pop_start(m),
                                   .calibration = { .cov = cov } };
        tw_pop_crossval_result r;
        for (size_t i = 0; i < n; i++) {
            if (i % 5 == fold)
                test[n_test++] = p[i];
            else
                train[n_train++] = p[i];
        }
        must(&cx, tw_pop_calibrate(&cx, &o.calibration, m, train, n_train, &o));
        must(&cx, tw_pop_em(&cx, &o.start, m, train, n_train, NULL));
        o.folds = 1;
        must(&cx, tw_pop_crossval(&cx, &r, m, test, n_test, &o));
        printf(" %g and %g;", o.calibration.noise[0], o.calibration.noise[1]);
        for (size_t i = 0; i < r.n_point; i++) {
            r.point[i].person = (uint32_t)(fold * n + r.point[i].person);
            all.point[all.n_point++] = r.point[i];
        }
    }
    printf("\n");
    for (uint32_t out = 0; out < m->n_output; out++)
        for (int k = 0; k < TW_POP_NMETHOD; k++)
            must(&cx, tw_pop_score_of(&cx, &all.score[out][k], all.point, all.n_point, out, (tw_pop_method)k, 0, 1));
    show_scores(m, &all);
}

static void fits(const tw_pop_model *m, const tw_pop_person *p, size_t n)
{
    tw_pop_population em = tw_pop_start(m), focei = em, saem = em;
    double t0 = core_seconds();
    must(&cx, tw_pop_em(&cx, &em, m, p, n, NULL));
    double t1 = core_seconds();
    show_population("EM with a Laplace step", m, &em, p, t1 - t0);
    double t2 = core_seconds();
    must(&cx, tw_pop_focei(&cx, &focei, m, p, n, NULL));
    double t3 = core_seconds();
    show_population("FOCEI", m, &focei, p, t3 - t2);
    show_precision(m, &focei, p);
    show_identity(m, &em, p, n);
    double t4 = core_seconds();
    must(&cx, tw_pop_saem(&cx, &saem, m, p, n, NULL));
    show_population("SAEM", m, &saem, p, core_seconds() - t4);
}

static void population(const tw_pop_model *m, const tw_pop_person *p, size_t n)
{
    tw_pop_population pop = tw_pop_start(m);
    tw_buf b;
    must(&cx, (m == tw_pop_warfarin() ? tw_pop_em : tw_pop_focei)(&cx, &pop, m, p, n, NULL));
    tw_buf_init(&b, TW_MIB);
    tw_pop_population_write(&b, m, &pop);
    (void)fwrite(b.p, 1, b.n, stdout);
    tw_buf_done(&b);
}

int main(int argc, char **argv)
{
    bool only_population = false;
    tw_base_start();
    tw_ctx_init(&cx, 512 * TW_MIB, NULL);
    const tw_pop_model *m = argc > 2 ? tw_pop_model_by_id(tw_str_of(argv[1])) : NULL;
    tw_pop_calibration c = { .cov = 1.0, .noise = { 1.0, 1.0 } };
    tw_pop_person *p = NULL;
    size_t n = 0;
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--cov") == 0 && i + 1 < argc && tw_parse_f64(&c.cov, tw_str_of(argv[i + 1])))
            i++;
        else if (strcmp(argv[i], "--population") == 0)
            only_population = true;
        else if (strcmp(argv[i], "--noise") == 0)
            for (size_t o = 0; o < 2 && i + 1 < argc && tw_parse_f64(&c.noise[o], tw_str_of(argv[i + 1])); o++)
                i++;
        else
            m = NULL;
    }
    if (!m) {
        fprintf(stderr, "usage: bench_pop MODEL TABLE.csv [--population] [--cov FACTOR] [--noise FACTOR [FACTOR]]\n");
        return 2;
    }
    must(&cx, tw_pop_read(&cx, &p, &n, m, read_file(cx.arena, argv[2])));
    if (only_population) {
        population(m, p, n);
    } else {
        fits(m, p, n);
        crossval(m, p, n, &c);
        if (m == tw_pop_warfarin())
            nested(m, p, n, c.cov);
    }
    tw_ctx_done(&cx);
    return 0;
}
